//! A Runge–Kutta method in floating point, and its step as a power series in h.

use std::ops::Range;

use shadowflow_methods::Tableau;

use crate::error::{InputError, StepError};
use crate::{Formula, Jet, Stepper, VectorField};

/// The coefficients of a Runge–Kutta method as doubles, its stages grouped into blocks to be solved one after the
/// other.
///
/// ```
/// use shadowflow_methods::Method;
/// use shadowflow_numerics::{RungeKutta, problems::HarmonicOscillator};
///
/// let rk4 = RungeKutta::new(Method::named("rk4")?.tableau());
/// let mut next = [0.0; 2];
/// rk4.step(&HarmonicOscillator { frequency: 1.0 }, 0.1, &[1.0, 0.0], &mut next)?;
/// assert!((next[0] - 0.1f64.cos()).abs() < 1e-8);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug)]
pub struct RungeKutta {
    stages: usize,
    a: Vec<f64>,
    b: Vec<f64>,
    blocks: Vec<Block>,
}

/// Consecutive stages that depend on none after them, to be found together once those before them are known.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Block {
    pub(crate) stages: Range<usize>,
    /// Whether this is a single stage that does not use itself.
    pub(crate) explicit: bool,
}

impl RungeKutta {
    /// The method of this tableau, its entries rounded to doubles.
    pub fn new(tableau: &Tableau) -> RungeKutta {
        let (stages, a) = (tableau.stages(), tableau.a_f64());
        RungeKutta { stages, b: tableau.b_f64(), blocks: blocks_of(stages, &a), a }
    }

    /// The number of stages.
    pub fn stages(&self) -> usize {
        self.stages
    }

    /// The method applied to a field with step `h`: a map x ↦ Φ(x), to be iterated without allocation.
    ///
    /// # Errors
    /// If h is not positive and finite.
    pub fn on<'a, F: VectorField + ?Sized>(
        &'a self,
        field: &'a F,
        h: f64,
    ) -> Result<Stepper<'a, F>, InputError> {
        Stepper::new(self, field, h)
    }

    /// Writes one step Φ(x) of size `h` to `out`; for many steps use [`RungeKutta::on`].
    ///
    /// # Errors
    /// If h or a dimension is wrong, the result is not finite, or implicit stages were not found.
    pub fn step<F: VectorField + ?Sized>(
        &self,
        field: &F,
        h: f64,
        x: &[f64],
        out: &mut [f64],
    ) -> Result<(), StepError> {
        self.on(field, h)?.step(x, out)
    }

    /// One step Φ(x) as a power series in its size h, from a point that may itself be a series in h.
    ///
    /// The result has the order of x, the smallest of its components. Implicit stages are found by fixed-point
    /// iteration, exact because every sweep settles one more power of h.
    ///
    /// # Errors
    /// If x has the wrong dimension.
    pub fn step_series<F: Formula>(&self, field: &F, x: &[Jet]) -> Result<Vec<Jet>, InputError> {
        let d = field.variables();
        if x.len() != d {
            return Err(InputError::Dimension { what: "the point", expected: d, found: x.len() });
        }
        let order = x.iter().map(Jet::order).min().unwrap_or(0);
        let mut slopes = vec![vec![Jet::from(0.0); d]; self.stages];
        for block in &self.blocks {
            // Slopes enter multiplied by h, so they matter through one power less than the order.
            let sweeps = if block.explicit { 1 } else { order.max(1) };
            for _ in 0..sweeps {
                for i in block.stages.clone() {
                    let stage = advance(x, self.row(i), &slopes);
                    field.at(&stage, &mut slopes[i]);
                }
            }
        }
        Ok(advance(x, &self.b, &slopes))
    }

    /// The method whose step, with the same h, undoes that of this one: Aᵢⱼ - bⱼ and -b, from Yᵢ written with the
    /// end of the step in place of its start (Hairer, Nørsett & Wanner 1993, §II.8, with -h for h).
    pub(crate) fn inverse(&self) -> RungeKutta {
        let a: Vec<f64> = self.a.iter().zip(self.b.iter().cycle()).map(|(a, b)| a - b).collect();
        let b = self.b.iter().map(|b| -b).collect();
        RungeKutta { stages: self.stages, b, blocks: blocks_of(self.stages, &a), a }
    }

    #[inline]
    pub(crate) fn row(&self, i: usize) -> &[f64] {
        &self.a[i * self.stages..(i + 1) * self.stages]
    }

    #[inline]
    pub(crate) fn weights(&self) -> &[f64] {
        &self.b
    }

    #[inline]
    pub(crate) fn blocks(&self) -> &[Block] {
        &self.blocks
    }
}

/// The shortest such blocks. Explicit and diagonally implicit methods have blocks of one stage; an explicit first
/// stage, as in the Lobatto IIIA methods, is a block of its own.
fn blocks_of(stages: usize, a: &[f64]) -> Vec<Block> {
    let last_used = |i: usize| (0..stages).rev().find(|&j| a[i * stages + j] != 0.0);
    let mut blocks = Vec::new();
    let (mut start, mut end) = (0, 0);
    for i in 0..stages {
        end = end.max(i + 1).max(last_used(i).map_or(0, |j| j + 1));
        if end == i + 1 {
            let explicit = end == start + 1 && a[i * stages + i] == 0.0;
            blocks.push(Block { stages: start..end, explicit });
            start = end;
        }
    }
    blocks
}

/// x + h Σ wⱼ kⱼ with h the variable of the series.
fn advance(x: &[Jet], weights: &[f64], slopes: &[Vec<Jet>]) -> Vec<Jet> {
    let component = |c: usize| {
        let terms = weights.iter().zip(slopes).filter(|(weight, _)| **weight != 0.0);
        let sum = terms.fold(Jet::from(0.0), |sum, (&weight, slope)| sum + slope[c] * weight);
        x[c] + sum.times_h()
    };
    (0..x.len()).map(component).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::problems::{Blowup, HarmonicOscillator, Pendulum};
    use shadowflow_methods::Method;

    fn method(name: &str) -> RungeKutta {
        RungeKutta::new(Method::named(name).unwrap().tableau())
    }

    #[test]
    fn stages_are_grouped_by_dependence() {
        let blocks = |name: &str| -> Vec<(usize, bool)> {
            method(name).blocks.iter().map(|block| (block.stages.len(), block.explicit)).collect()
        };
        assert_eq!(blocks("rk4"), [(1, true); 4]);
        assert_eq!(blocks("gauss6"), [(3, false)]);
        assert_eq!(blocks("trapezoidal"), [(1, true), (1, false)]);
        assert_eq!(blocks("lobatto-iiia-4"), [(1, true), (2, false)]);
    }

    #[test]
    fn the_series_of_a_linear_step_is_the_stability_function() {
        // On q̇ = p, ṗ = -q, z = q + ip moves by R(-ih): even coefficients of R multiply q, odd ones -ip.
        for name in ["heun", "rk4", "implicit-midpoint", "gauss4", "radau-iia-5", "lobatto-iiia-4"] {
            let r = Method::named(name).unwrap().tableau().stability_function().clone();
            let series = |c: &[f64]| c.iter().zip(0..).fold(Jet::from(0.0), |s, (&c, k)| s + power(k) * c);
            let quotient = series(r.numerator_f64()) / series(r.denominator_f64());

            let start = [Jet::constant(1.0, 9), Jet::constant(0.0, 9)];
            let end = method(name).step_series(&HarmonicOscillator { frequency: 1.0 }, &start).unwrap();
            for k in 0..=9 {
                let sign = if k % 4 < 2 { 1.0 } else { -1.0 };
                let (component, sign) = if k % 2 == 0 { (end[0], sign) } else { (end[1], -sign) };
                let (found, expected) = (component.coefficient(k), sign * quotient.coefficient(k));
                // Rounding of some tens of operations on numbers of size 1.
                assert!((found - expected).abs() < 1e-14, "{name}, h^{k}: {found} against {expected}");
            }
        }
    }

    fn power(k: i32) -> Jet {
        use crate::Scalar;
        Jet::variable(0.0, 9).powi(k)
    }

    #[test]
    fn the_series_of_a_step_sums_to_the_step() {
        for name in ["euler", "rk4", "implicit-euler", "gauss4", "lobatto-iiia-4", "radau-iia-5"] {
            let method = method(name);
            let x = [0.7, -0.4];
            let series = method.step_series(&Pendulum, &x.map(|x| Jet::constant(x, 15))).unwrap();
            let mut step = [0.0; 2];
            let h = 0.05;
            method.step(&Pendulum, h, &x, &mut step).unwrap();
            for (series, step) in series.iter().zip(step) {
                // Coefficients are below 2ᵏ here: 0.1¹⁶ is cut off, the rest is rounding.
                assert!((series.at(h) - step).abs() < 1e-15, "{name}: {} against {step}", series.at(h));
            }
        }
    }

    /// The Taylor series of the flow, by Picard iteration: every sweep settles one more power of h.
    fn flow_series<F: Formula>(field: &F, x: &[f64]) -> Vec<Jet> {
        let start: Vec<Jet> = x.iter().map(|&x| Jet::constant(x, 15)).collect();
        let mut series = start.clone();
        let mut slope = start.clone();
        for _ in 0..15 {
            field.at(&series, &mut slope);
            for ((series, slope), start) in series.iter_mut().zip(&slope).zip(&start) {
                *series = *start + slope.integral();
            }
        }
        series
    }

    #[test]
    fn a_step_has_the_taylor_series_of_the_flow_through_its_order() {
        let x = [1.2, 0.3];
        let exact = flow_series(&Pendulum, &x);
        for method in Method::exact() {
            let order = method.tableau().order() as usize;
            let step = RungeKutta::new(method.tableau())
                .step_series(&Pendulum, &x.map(|x| Jet::constant(x, 15)))
                .unwrap();
            let error = |k: usize| {
                let component = |c: usize| step[c].coefficient(k) - exact[c].coefficient(k);
                component(0).hypot(component(1))
            };
            // Rounding of coefficients below 1 on one side, error constants of at least 10⁻⁸ on the other.
            assert!((0..=order).all(|k| error(k) < 1e-14), "{}: order {order}", method.name());
            assert!(
                error(order + 1) > 1e-9,
                "{}: order {order}, error {:e}",
                method.name(),
                error(order + 1)
            );
        }
    }

    #[test]
    fn the_inverse_method_undoes_a_step() {
        let start = [0.7, -0.4].map(|x| Jet::constant(x, 12));
        for method in Method::all() {
            let method = RungeKutta::new(method.tableau());
            let end = method.step_series(&Pendulum, &start).unwrap();
            let back = method.inverse().step_series(&Pendulum, &end).unwrap();
            for (back, start) in back.iter().zip(start) {
                let error =
                    (*back - start).coefficients().iter().fold(0.0, |error: f64, c| error.max(c.abs()));
                // Rounding of coefficients below 10.
                assert!(error < 1e-13, "{method:?}: {back:?}");
            }
        }
    }

    #[test]
    fn a_series_of_the_wrong_dimension_is_refused() {
        let expected = InputError::Dimension { what: "the point", expected: 1, found: 2 };
        assert_eq!(method("rk4").step_series(&Blowup, &[Jet::from(1.0); 2]).unwrap_err(), expected);
    }
}
