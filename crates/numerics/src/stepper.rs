//! One Runge–Kutta step as a map of points.

use std::ops::Range;

use nalgebra::{DMatrix, DVector};

use crate::error::{InputError, StepError, check_dimension, check_field, check_step};
use crate::{RungeKutta, VectorField, mul_add};

/// The most Newton iterations spent on one block of stages.
const MAX_ITERATIONS: u32 = 50;

/// Newton increments below this, relative to the stages, that no longer shrink are rounding.
const ROUNDING_REACHED: f64 = 1e-9;

/// A method applied to a field with a fixed step h: the map x ↦ Φ(x). Made by [`RungeKutta::on`].
///
/// Explicit stages cost one evaluation each. Implicit ones are found by Newton's method from Y = x, on all stages
/// of a block at once (Hairer & Wanner 1996, §IV.8, with the full Jacobian at every stage), until increments reach
/// rounding.
#[derive(Debug)]
pub struct Stepper<'a, F: VectorField + ?Sized> {
    method: &'a RungeKutta,
    field: &'a F,
    h: f64,
    dim: usize,
    /// The slopes k₁ … kₛ of the stages, d numbers each.
    slopes: Vec<f64>,
    stage: Vec<f64>,
}

impl<'a, F: VectorField + ?Sized> Stepper<'a, F> {
    pub(crate) fn new(method: &'a RungeKutta, field: &'a F, h: f64) -> Result<Stepper<'a, F>, InputError> {
        check_step(h)?;
        let dim = check_field(field.dim())?;
        Ok(Stepper { method, field, h, dim, slopes: vec![0.0; method.stages() * dim], stage: vec![0.0; dim] })
    }

    /// The step h.
    pub fn h(&self) -> f64 {
        self.h
    }

    /// The slopes k₁ … kₛ of the last step, d numbers each.
    pub(crate) fn slopes(&self) -> &[f64] {
        &self.slopes
    }

    /// Writes Φ(x) to `out`.
    ///
    /// # Errors
    /// If a dimension is wrong, the result is not finite, or implicit stages were not found. Then `out` is of no use.
    pub fn step(&mut self, x: &[f64], out: &mut [f64]) -> Result<(), StepError> {
        check_dimension("the point", self.dim, x)?;
        check_dimension("the space for the result", self.dim, out)?;
        for block in self.method.blocks() {
            if block.explicit {
                let i = block.stages.start;
                let (known, slope) = self.slopes.split_at_mut(i * self.dim);
                advance(x, self.h, self.method.row(i), known, &mut self.stage);
                self.field.eval(&self.stage, &mut slope[..self.dim]);
            } else {
                self.solve(block.stages.clone(), x)?;
            }
        }
        advance(x, self.h, self.method.weights(), &self.slopes, out);
        if out.iter().all(|value| value.is_finite()) { Ok(()) } else { Err(self.not_finite(x)) }
    }

    /// Finds the slopes of a block of m coupled stages: Newton on Yᵢ - baseᵢ - h Σⱼ aᵢⱼ f(Yⱼ) = 0, m·d equations.
    fn solve(&mut self, block: Range<usize>, x: &[f64]) -> Result<(), StepError> {
        let (d, m) = (self.dim, block.len());
        let coefficient = |i: usize, j: usize| self.method.row(block.start + i)[block.start + j];

        let (known, slopes) = self.slopes.split_at_mut(block.start * d);
        let slopes = &mut slopes[..m * d];
        let mut base = vec![0.0; m * d];
        for (i, base) in base.chunks_mut(d).enumerate() {
            advance(x, self.h, &self.method.row(block.start + i)[..block.start], known, base);
        }

        let mut stages: Vec<f64> = x.repeat(m);
        let mut jacobians = vec![0.0; m * d * d];
        let (mut iterations, mut remaining, mut last_change) = (0, f64::INFINITY, f64::INFINITY);
        while iterations < MAX_ITERATIONS {
            iterations += 1;
            for j in 0..m {
                let stage = &stages[j * d..(j + 1) * d];
                self.field.eval(stage, &mut slopes[j * d..(j + 1) * d]);
                self.field.jacobian(stage, &mut jacobians[j * d * d..(j + 1) * d * d]);
            }
            let residual = DVector::from_fn(m * d, |row, _| {
                let (i, c) = (row / d, row % d);
                let sum: f64 = (0..m).map(|j| coefficient(i, j) * slopes[j * d + c]).sum();
                stages[row] - mul_add(self.h, sum, base[row])
            });
            let matrix = DMatrix::from_fn(m * d, m * d, |row, column| {
                let (i, c, j, e) = (row / d, row % d, column / d, column % d);
                let identity = f64::from(u8::from(row == column));
                identity - self.h * coefficient(i, j) * jacobians[j * d * d + c * d + e]
            });
            remaining = residual.amax();
            let Some(increment) = matrix.lu().solve(&residual) else { break };
            for (stage, change) in stages.iter_mut().zip(increment.iter()) {
                *stage -= change;
            }
            if !stages.iter().all(|y| y.is_finite()) {
                return Err(self.not_finite(x));
            }

            let (size, change) = (largest(&stages), increment.amax());
            let at_rounding = change <= 4.0 * f64::EPSILON * size;
            let stagnates = change <= ROUNDING_REACHED * size && change >= 0.5 * last_change;
            if at_rounding || stagnates {
                for (stage, slope) in stages.chunks(d).zip(slopes.chunks_mut(d)) {
                    self.field.eval(stage, slope);
                }
                return Ok(());
            }
            last_change = change;
        }
        Err(StepError::NewtonFailed { h: self.h, iterations, residual: remaining, at: x.to_vec() })
    }

    fn not_finite(&self, x: &[f64]) -> StepError {
        StepError::NotFinite { h: self.h, at: x.to_vec() }
    }
}

/// x + h Σ wⱼ kⱼ over the slopes k that are given, d numbers each.
pub(crate) fn advance(x: &[f64], h: f64, weights: &[f64], slopes: &[f64], out: &mut [f64]) {
    out.fill(0.0);
    for (&weight, slope) in weights.iter().zip(slopes.chunks_exact(x.len())) {
        if weight != 0.0 {
            for (sum, &k) in out.iter_mut().zip(slope) {
                *sum = mul_add(weight, k, *sum);
            }
        }
    }
    for (sum, &x) in out.iter_mut().zip(x) {
        *sum = mul_add(h, *sum, x);
    }
}

fn largest(x: &[f64]) -> f64 {
    x.iter().fold(0.0, |size, x| x.abs().max(size))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::problems::{Blowup, HarmonicOscillator, LotkaVolterra, Pendulum, Quadratic};
    use crate::{GradientFlow, flow, from_fn, observed_order};
    use shadowflow_methods::Method;

    fn step(name: &str, field: &dyn VectorField, h: f64, x: &[f64]) -> Result<Vec<f64>, StepError> {
        let mut out = vec![0.0; x.len()];
        RungeKutta::new(Method::named(name).unwrap().tableau()).step(field, h, x, &mut out).map(|()| out)
    }

    fn distance(x: &[f64], y: &[f64]) -> f64 {
        x.iter().zip(y).fold(0.0, |norm: f64, (x, y)| norm.hypot(x - y))
    }

    #[test]
    fn every_method_has_its_order() {
        for method in Method::exact() {
            let order = method.tableau().order();
            let start = [1.2, 0.3];
            let errors: Vec<(f64, f64)> = (0..7)
                .map(|k| 0.4 * 0.75f64.powi(k))
                .map(|h| {
                    let exact = flow(&Pendulum, &start, h).unwrap();
                    (h, distance(&step(method.name(), &Pendulum, h, &start).unwrap(), &exact))
                })
                .collect();
            // The reference and rounding err by a few 10⁻¹⁶. High orders sink there soon: two points may remain.
            match observed_order(&errors, 2e-14) {
                // h from 0.4 to 0.07 is not asymptotic: the next term tilts the slope, by about as much as it drifts.
                Ok(fit) => assert!(
                    fit.order + fit.drift > f64::from(order) + 0.5,
                    "{}: order {order}, slope {:.3}, drift {:.3}",
                    method.name(),
                    fit.order,
                    fit.drift
                ),
                Err(_) => assert!(order >= 8, "{}: {errors:?}", method.name()),
            }
        }
    }

    #[test]
    fn explicit_euler_is_gradient_descent_to_the_last_bit() {
        let field = GradientFlow(Quadratic::new(&[1.0, 0.5]));
        let found = step("euler", &field, 0.25, &[3.0, -1.0]).unwrap();
        assert_eq!(found, [3.0 - 0.25 * 3.0, -1.0 + 0.25 * 0.5]);
    }

    #[test]
    fn implicit_steps_undo_explicit_ones() {
        // Implicit Euler with step h is inverse to explicit Euler with step h on the reversed field.
        let reversed = from_fn(2, |x, out| {
            LotkaVolterra.eval(x, out);
            out.iter_mut().for_each(|slope| *slope = -*slope);
        });
        let x = [1.4, 2.5];
        let forth = step("implicit-euler", &LotkaVolterra, 0.1, &x).unwrap();
        let back = step("euler", &reversed, 0.1, &forth).unwrap();
        assert!(distance(&back, &x) < 1e-15, "rounding of a well-conditioned 2 by 2 system: {back:?}");
    }

    #[test]
    fn implicit_stages_are_solved_to_rounding() {
        // Implicit Euler on ẏ = y² solves Y = x + hY²: Y = 2x/(1 + √(1 - 4hx)), with condition number 1/√(1 - 4hx).
        for x in [0.01, 0.1, 0.2, 0.24, 0.249, 0.2499, -3.0, -40.0] {
            let root = f64::sqrt(1.0 - 4.0 * x);
            let (found, exact) =
                (step("implicit-euler", &Blowup, 1.0, &[x]).unwrap()[0], 2.0 * x / (1.0 + root));
            let rounding = f64::EPSILON * (1.0 + exact.abs() + exact * exact);
            assert!(
                (found - exact).abs() < 4.0 * rounding * root.recip().max(1.0),
                "from {x}: {found}, {exact}"
            );
        }
    }

    #[test]
    fn symmetric_methods_undo_themselves() {
        let reversed = from_fn(2, |x, out| {
            Pendulum.eval(x, out);
            out.iter_mut().for_each(|slope| *slope = -*slope);
        });
        for name in ["implicit-midpoint", "trapezoidal", "gauss4", "gauss6", "lobatto-iiia-4"] {
            let x = [2.0, 0.5];
            let forth = step(name, &Pendulum, 0.5, &x).unwrap();
            // The reversed field has its Jacobian by differences, so Newton stops when increments stagnate at
            // rounding.
            let back = step(name, &reversed, 0.5, &forth).unwrap();
            assert!(distance(&back, &x) < 1e-14, "{name}: {back:?}");
        }
    }

    #[test]
    fn gauss_methods_keep_quadratic_invariants_of_long_steps() {
        for name in ["implicit-midpoint", "gauss4", "gauss6"] {
            let end = step(name, &HarmonicOscillator { frequency: 3.0 }, 2.0, &[0.6, 0.8]).unwrap();
            // Cooper 1987; exact up to rounding of the linear solve.
            assert!((end[0].hypot(end[1]) - 1.0).abs() < 1e-14, "{name}: {end:?}");
        }
    }

    #[test]
    fn stiff_linear_steps_follow_the_stability_function() {
        let field = GradientFlow(Quadratic::new(&[1e6]));
        for name in ["implicit-euler", "radau-iia-5", "gauss4", "trapezoidal"] {
            let r = Method::named(name).unwrap();
            let exact = r.tableau().stability_function().eval((-1e4).into()).re;
            let found = step(name, &field, 0.01, &[1.0]).unwrap()[0];
            // Slopes are evaluated at the stages, whose rounding hλ = 10⁴ magnifies: 10⁴ × 10⁻¹⁶ × a few.
            assert!((found - exact).abs() < 1e-11, "{name}: {found} against {exact}");
        }
    }

    #[test]
    fn failures_carry_their_numbers() {
        // Y = x + hY² has no real solution for 4hx > 1.
        let failure = step("implicit-euler", &Blowup, 1.0, &[3.0]).unwrap_err();
        let StepError::NewtonFailed { h, iterations, residual, ref at } = failure else {
            panic!("{failure}")
        };
        assert_eq!((h, iterations, at.as_slice()), (1.0, MAX_ITERATIONS, [3.0].as_slice()));
        assert!(residual > 0.1 && failure.to_string().contains("smaller h"), "{failure}");

        // At hY' = 1/2 the equation's own derivative vanishes at the start.
        let failure = step("implicit-euler", &Blowup, 1.0, &[0.5]).unwrap_err();
        assert!(matches!(failure, StepError::NewtonFailed { iterations: 1, .. }), "{failure}");

        let overflow = StepError::NotFinite { h: 1.0, at: vec![1e200] };
        assert_eq!(step("euler", &Blowup, 1.0, &[1e200]), Err(overflow));
    }

    #[test]
    fn bad_arguments_are_refused() {
        for h in [0.0, -0.1, f64::NAN, f64::INFINITY] {
            assert!(matches!(
                step("euler", &Blowup, h, &[1.0]),
                Err(StepError::Input(InputError::Step { .. }))
            ));
        }
        let expected = InputError::Dimension { what: "the point", expected: 1, found: 2 };
        assert_eq!(step("euler", &Blowup, 0.1, &[1.0, 2.0]), Err(StepError::Input(expected)));
        let nothing = from_fn(0, |_, _| ());
        assert_eq!(step("euler", &nothing, 0.1, &[]), Err(StepError::Input(InputError::NoVariables)));
    }
}
