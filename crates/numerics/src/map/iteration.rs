//! A method or an optimizer on a field, as a map of its state.

use nalgebra::DMatrix;
use shadowflow_methods::{Kind, Tableau};

use super::Map;
use crate::optimizers::Autonomous;
use crate::stepper::advance;
use crate::{Formula, Optimizer, RungeKutta, Scalar, VectorField};

/// Corrections by which an implicit step takes on derivatives: each is right to one order more, so that these give derivatives
/// through the third.
const LIFTS: usize = 3;

/// A method or an optimizer on a field f = -∇V, as a [`Map`] in the learning rate h.
///
/// The state of a Runge–Kutta method is the point x. Of momentum it is (x, x₋), the point and the one before; of adaptive methods
/// (x, m, v), the point and the averages of gradients and their squares. [`Iteration::start`] makes it from a point.
///
/// ```
/// use shadowflow_methods::Method;
/// use shadowflow_numerics::{GradientFlow, Iteration, Optimizer, Tangent, problems::ScalarFactorization};
/// let field = GradientFlow(ScalarFactorization { target: 1.0 });
/// // At the minimum (1, 1) gradient descent multiplies by 1 - 2h across the valley: 1/2 along each axis at h = 1/2.
/// let descent = Iteration::method(Method::named("euler")?.tableau(), field);
/// assert_eq!(Tangent::at(&descent, 0.5, &[1.0, 1.0])?.jacobian(), [0.5, -0.5, -0.5, 0.5]);
/// // Implicit Euler's multiplier is 1/(1 + 2h).
/// let implicit = Iteration::method(Method::named("implicit-euler")?.tableau(), field);
/// let jacobian = Tangent::at(&implicit, 0.5, &[1.0, 1.0])?;
/// assert!((jacobian.jacobian()[0] - 0.75).abs() < 1e-15);
/// let heavy_ball = Iteration::optimizer(&Optimizer::named("heavy-ball(beta=0.5)")?, field);
/// assert_eq!(heavy_ball.start(&[2.0, 0.5]), [2.0, 0.5, 2.0, 0.5]);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug)]
pub struct Iteration<F> {
    field: F,
    rule: Rule,
}

#[derive(Clone, Debug)]
enum Rule {
    RungeKutta { method: RungeKutta, implicit: bool },
    Optimizer(Autonomous),
}

impl<F: Formula> Iteration<F> {
    /// A Runge–Kutta method, explicit or implicit, on a field.
    pub fn method(tableau: &Tableau, field: F) -> Iteration<F> {
        let implicit = tableau.kind() != Kind::Explicit;
        // Euler's method is gradient descent, which needs no stages.
        if !implicit && tableau.b_f64() == [1.0] {
            return Iteration::optimizer(&Optimizer::gradient_descent(), field);
        }
        Iteration { field, rule: Rule::RungeKutta { method: RungeKutta::new(tableau), implicit } }
    }

    /// An optimizer on a field. Bias correction, which depends on the number of steps taken, is left out: with it there is no
    /// map.
    pub fn optimizer(optimizer: &Optimizer, field: F) -> Iteration<F> {
        Iteration { field, rule: Rule::Optimizer(optimizer.autonomous()) }
    }

    /// The number of variables of the field.
    pub fn variables(&self) -> usize {
        self.field.variables()
    }

    /// The field.
    pub fn field(&self) -> &F {
        &self.field
    }

    /// Whether a step solves equations.
    pub fn is_implicit(&self) -> bool {
        matches!(self.rule, Rule::RungeKutta { implicit: true, .. })
    }

    /// The state with which the method begins at a point, which are its first numbers.
    pub fn start(&self, x: &[f64]) -> Vec<f64> {
        match &self.rule {
            Rule::RungeKutta { .. } => x.to_vec(),
            Rule::Optimizer(rule) => rule.start(x),
        }
    }

    /// Stage slopes of an implicit step, in plain numbers, and the inverse of the derivative of their equations; `None` if they
    /// are not found.
    fn solved(&self, method: &RungeKutta, h: f64, x: &[f64]) -> Option<(Vec<f64>, DMatrix<f64>)> {
        let (d, stages) = (x.len(), method.stages());
        let mut stepper = method.on(&self.field, h).ok()?;
        let mut stage = vec![0.0; d];
        stepper.step(x, &mut stage).ok()?;
        let slopes = stepper.slopes().to_vec();
        let mut jacobian = vec![0.0; d * d];
        let mut matrix = DMatrix::<f64>::identity(stages * d, stages * d);
        for i in 0..stages {
            advance(x, h, method.row(i), &slopes, &mut stage);
            self.field.jacobian(&stage, &mut jacobian);
            for (c, j, e) in
                (0..d).flat_map(|c| (0..stages).flat_map(move |j| (0..d).map(move |e| (c, j, e))))
            {
                matrix[(i * d + c, j * d + e)] -= h * method.row(i)[j] * jacobian[c * d + e];
            }
        }
        Some((slopes, matrix.try_inverse()?))
    }
}

impl<F: Formula + Sync> Map for Iteration<F> {
    fn dim(&self) -> usize {
        let d = self.field.variables();
        match &self.rule {
            Rule::RungeKutta { .. } => d,
            Rule::Optimizer(rule) => rule.parts() * d,
        }
    }

    fn is_formula(&self) -> bool {
        !self.is_implicit()
    }

    fn step<S: Scalar>(&self, h: S, x: &[S], next: &mut [S]) {
        let d = self.field.variables();
        match &self.rule {
            Rule::RungeKutta { method, implicit } => {
                let stages = method.stages();
                let mut slopes = vec![S::from(0.0); stages * d];
                let mut stage = vec![S::from(0.0); d];
                let at = |slopes: &[S], weights: &[f64], out: &mut [S]| {
                    out.copy_from_slice(x);
                    for (&weight, slope) in weights.iter().zip(slopes.chunks_exact(d)) {
                        if weight != 0.0 {
                            out.iter_mut().zip(slope).for_each(|(y, &k)| *y += h * k * weight);
                        }
                    }
                };
                if *implicit {
                    let plain: Vec<f64> = x.iter().map(Scalar::leading).collect();
                    let Some((found, inverse)) = self.solved(method, h.leading(), &plain) else {
                        next.fill(S::from(f64::NAN));
                        return;
                    };
                    slopes = found.into_iter().map(S::from).collect();
                    let mut residual = slopes.clone();
                    for _ in 0..LIFTS {
                        for i in 0..stages {
                            at(&slopes, method.row(i), &mut stage);
                            self.field.at(&stage, &mut residual[i * d..(i + 1) * d]);
                        }
                        for (residual, &slope) in residual.iter_mut().zip(&slopes) {
                            *residual = slope - *residual;
                        }
                        for (row, slope) in slopes.iter_mut().enumerate() {
                            for (column, &residual) in residual.iter().enumerate() {
                                *slope -= residual * inverse[(row, column)];
                            }
                        }
                    }
                } else {
                    for i in 0..stages {
                        let (known, rest) = slopes.split_at_mut(i * d);
                        at(known, &method.row(i)[..i], &mut stage);
                        self.field.at(&stage, &mut rest[..d]);
                    }
                }
                at(&slopes, method.weights(), next);
            }
            Rule::Optimizer(rule) => rule.step(&self.field, h, x, next),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::problems::{Pendulum, ScalarFactorization};
    use crate::{GradientFlow, Tangent};
    use shadowflow_methods::Method;

    fn factorization() -> GradientFlow<ScalarFactorization> {
        GradientFlow(ScalarFactorization { target: 1.0 })
    }

    #[test]
    fn steps_are_those_of_the_methods() {
        for name in
            ["euler", "heun", "rk4", "implicit-euler", "implicit-midpoint", "gauss4", "radau-iia-5", "sdirk2"]
        {
            let method = Method::named(name).unwrap();
            let mut expected = [0.0; 2];
            RungeKutta::new(method.tableau()).step(&Pendulum, 0.3, &[1.2, 0.3], &mut expected).unwrap();
            let mut found = [0.0; 2];
            Iteration::method(method.tableau(), Pendulum).step(0.3, &[1.2, 0.3], &mut found);
            for (found, expected) in found.iter().zip(expected) {
                assert!((found - expected).abs() < 1e-14, "{name}: {found} {expected}");
            }
        }
    }

    #[test]
    fn implicit_methods_come_to_rest() {
        for name in ["implicit-euler", "implicit-midpoint", "trapezoidal", "sdirk2", "radau-iia-5"] {
            for h in [0.5, 1.0, 5.0] {
                let map = Iteration::method(Method::named(name).unwrap().tableau(), factorization());
                let (mut x, mut next) = (vec![1.2, 0.9], vec![0.0; 2]);
                for _ in 0..400 {
                    map.step(h, &x, &mut next);
                    std::mem::swap(&mut x, &mut next);
                }
                // The symmetric methods go back and forth across the valley, ever less.
                assert!((x[0] * x[1] - 1.0).abs() < 1e-6, "{name} at {h}: {x:?}");
            }
        }
    }

    #[test]
    fn optimizers_take_the_steps_of_their_orbits() {
        let start = [1.8, -1.5];
        for name in [
            "gradient-descent",
            "heavy-ball(beta=0.8)",
            "nesterov(beta=0.7)",
            "rmsprop(beta=0.9,epsilon=0.01)",
            "adam(beta1=0.8,beta2=0.9,epsilon=0.1)",
        ] {
            let optimizer = Optimizer::named(name).unwrap();
            let orbit = optimizer.orbit(&factorization(), 0.05, &start, 20, f64::INFINITY).unwrap();
            let map = Iteration::optimizer(&optimizer, factorization());
            let mut state = map.start(&start);
            assert_eq!(state.len(), map.dim());
            let mut next = state.clone();
            for point in orbit.points().skip(1) {
                map.step(0.05, &state, &mut next);
                std::mem::swap(&mut state, &mut next);
                for (found, expected) in state.iter().zip(point) {
                    assert!((found - expected).abs() < 1e-13, "{name}: {found} {expected}");
                }
            }
        }
    }

    #[test]
    fn derivatives_are_those_of_differences() {
        let maps = ["euler", "rk4", "implicit-euler", "gauss4"]
            .map(|name| Iteration::method(Method::named(name).unwrap().tableau(), factorization()))
            .into_iter()
            .chain(
                ["heavy-ball(beta=0.8)", "nesterov", "adam(beta1=0.8,beta2=0.9,epsilon=0.1)"]
                    .map(|name| Iteration::optimizer(&Optimizer::named(name).unwrap(), factorization())),
            );
        for map in maps {
            let x = map
                .start(&[1.3, 0.6])
                .iter()
                .enumerate()
                .map(|(k, x)| x + 0.01 * (k + 1) as f64)
                .collect::<Vec<_>>();
            let (h, step, d) = (0.2, 1e-6, x.len());
            let tangent = Tangent::at(&map, h, &x).unwrap();
            let image = |h: f64, x: &[f64]| {
                let mut next = vec![0.0; d];
                map.step(h, x, &mut next);
                next
            };
            assert!(image(h, &x).iter().zip(tangent.image()).all(|(a, b)| (a - b).abs() < 1e-14));
            // Differences of second order: 10⁻¹² from curvature, 10⁻¹⁰ from rounding.
            let (up, down) = (image(h + step, &x), image(h - step, &x));
            for k in 0..d {
                assert!(((up[k] - down[k]) / (2.0 * step) - tangent.by_h()[k]).abs() < 1e-8);
                let moved = |by: f64| {
                    let mut y = x.clone();
                    y[k] += by;
                    image(h, &y)
                };
                let (up, down) = (moved(step), moved(-step));
                for row in 0..d {
                    let difference = (up[row] - down[row]) / (2.0 * step);
                    assert!((difference - tangent.jacobian()[row * d + k]).abs() < 1e-8, "{difference}");
                }
            }
        }
    }
}
