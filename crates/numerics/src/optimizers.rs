//! Optimizers with memory, as maps: momentum and adaptive methods, shuffled batches, noisy gradients.
//!
//! An optimizer applied to a field f = -∇V is a map of points with an inner state: where the last step led, or
//! averages of past gradients. After a transient the state is a function of the point, and the positions are an orbit
//! of a near-identity map, whose modified field [`shadow_of_orbit`](crate::shadow_of_orbit) measures and
//! [`Optimizer::modified`] gives through h.

mod adaptive;
mod autonomous;
mod error;
mod modified;
mod momentum;
mod name;
mod noisy;
mod random;
mod shuffled;

use std::fmt;

pub(crate) use autonomous::Autonomous;
pub use error::OptimizerError;
pub use modified::OptimizerField;
pub use noisy::NoisyDescent;
pub use shuffled::{Epoch, EpochField, seeded_order};

use crate::error::{InputError, StepError, check_dimension, check_field, check_least, check_step};
use crate::{Orbit, OrbitError, VectorField, orbit};
use adaptive::Adaptive;
use momentum::Momentum;

/// An optimizer with its parameters: gradient descent, heavy ball, Nesterov's method, RMSProp or Adam.
///
/// To become a map it needs a field and a learning rate h ([`Optimizer::on`]); [`Optimizer::orbit`] is the short way
/// to positions.
///
/// ```
/// use shadowflow_numerics::{GradientFlow, Optimizer, VectorField, problems::ScalarFactorization, shadow_of_orbit};
///
/// // The field that Adam follows on (1 - xy)²/2, measured behind the transient and by the formula through h.
/// let (h, objective) = (0.002, ScalarFactorization { target: 1.0 });
/// let adam = Optimizer::named("adam(beta1=0.8,beta2=0.9,epsilon=0.1)")?;
/// let settled = adam.transient();
/// let path = adam.orbit(&GradientFlow(objective), h, &[1.8, -1.5], settled + 8, f64::INFINITY)?;
/// let points: Vec<&[f64]> = path.points().skip(settled).collect();
/// let measured = shadow_of_orbit(&points, h)?.field;
///
/// let mut formula = [0.0; 2];
/// adam.modified(objective, h, 1)?.eval(points[0], &mut formula);
/// assert!((measured[0] - formula[0]).abs() < 1e-3 && (measured[1] - formula[1]).abs() < 1e-3);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Optimizer {
    rule: Rule,
}

/// What is done with past gradients; parameters checked.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Rule {
    /// x₊ = x + h f(x + a(x - x₋)) + β(x - x₋), with a = 0 (heavy ball) or a = β (Nesterov).
    Momentum { beta: f64, lookahead: f64 },
    /// x₊ = x - h m/√(v + ε).
    Adaptive { beta1: f64, beta2: f64, epsilon: f64, bias_correction: bool },
}

impl Optimizer {
    /// Gradient descent, x₊ = x - h∇V(x): the heavy ball without memory.
    pub fn gradient_descent() -> Optimizer {
        Optimizer { rule: Rule::Momentum { beta: 0.0, lookahead: 0.0 } }
    }

    /// The heavy ball x₊ = x - h∇V(x) + β(x - x₋) (Polyak 1964).
    ///
    /// # Errors
    /// Unless 0 ≤ β < 1.
    pub fn heavy_ball(beta: f64) -> Result<Optimizer, InputError> {
        check_decay("beta", beta)?;
        Ok(Optimizer { rule: Rule::Momentum { beta, lookahead: 0.0 } })
    }

    /// Nesterov's method with constant momentum, x₊ = y - h∇V(y) with y = x + β(x - x₋) (Nesterov 1983).
    ///
    /// # Errors
    /// Unless 0 ≤ β < 1.
    pub fn nesterov(beta: f64) -> Result<Optimizer, InputError> {
        check_decay("beta", beta)?;
        Ok(Optimizer { rule: Rule::Momentum { beta, lookahead: beta } })
    }

    /// RMSProp (Tieleman & Hinton 2012): each component takes x₊ = x - h g/√(v + ε), where v is first moved to
    /// βv + (1 - β)g².
    ///
    /// # Errors
    /// Unless 0 ≤ β < 1 and ε ≥ 0 is finite.
    pub fn rmsprop(beta: f64, epsilon: f64) -> Result<Optimizer, InputError> {
        check_decay("beta", beta)?;
        check_least("epsilon", epsilon)?;
        Ok(Optimizer { rule: Rule::Adaptive { beta1: 0.0, beta2: beta, epsilon, bias_correction: false } })
    }

    /// Adam (Kingma & Ba 2015) with ε inside the root: each component takes x₊ = x - h m/√(v + ε), where m is first
    /// moved to β₁m + (1 - β₁)g and v to β₂v + (1 - β₂)g².
    ///
    /// m and v begin at 0. Without bias correction, as here, the first steps differ from those in print, the later ones
    /// do not; [`Optimizer::with_bias_correction`] puts it in.
    ///
    /// # Errors
    /// Unless 0 ≤ β₁ < 1, 0 ≤ β₂ < 1 and ε ≥ 0 is finite.
    pub fn adam(beta1: f64, beta2: f64, epsilon: f64) -> Result<Optimizer, InputError> {
        check_decay("beta1", beta1)?;
        check_decay("beta2", beta2)?;
        check_least("epsilon", epsilon)?;
        Ok(Optimizer { rule: Rule::Adaptive { beta1, beta2, epsilon, bias_correction: false } })
    }

    /// The same with m/(1 - β₁ᵏ) for m and v/(1 - β₂ᵏ) for v in step k. Momentum methods have nothing to correct.
    pub fn with_bias_correction(self) -> Optimizer {
        match self.rule {
            Rule::Adaptive { beta1, beta2, epsilon, .. } => {
                Optimizer { rule: Rule::Adaptive { beta1, beta2, epsilon, bias_correction: true } }
            }
            Rule::Momentum { .. } => self,
        }
    }

    /// The number of steps after which what came before has faded to rounding, to leading order in h: βⁿ ≤ 2⁻⁵³ for the
    /// largest β. 0 without memory.
    ///
    /// At larger h memory fades more slowly. [`Shadow::error`](crate::Shadow::error) tells whether it has.
    pub fn transient(&self) -> usize {
        let beta = match self.rule {
            Rule::Momentum { beta, .. } => beta,
            Rule::Adaptive { beta1, beta2, .. } => beta1.max(beta2),
        };
        // β < 1 gives a negative logarithm, -∞ for 0; it cannot be so small that the quotient leaves the integers.
        (-53.0 / beta.log2()).ceil() as usize
    }

    /// The momentum of its linear recurrence, and the share of h that a gradient moves it by.
    pub(crate) fn linear_part(&self) -> (crate::Momentum, f64) {
        let (beta, gamma, share) = match self.rule {
            Rule::Momentum { beta, lookahead } => (beta, lookahead, 1.0),
            Rule::Adaptive { beta1, .. } => (beta1, 0.0, 1.0 - beta1),
        };
        (crate::Momentum::checked(beta, gamma), share)
    }

    /// Whether steps are scaled by running means of squared gradients.
    pub fn is_adaptive(&self) -> bool {
        matches!(self.rule, Rule::Adaptive { .. })
    }

    /// How far along the gradient flow a step goes, in units of h, to leading order and once the method has come up to
    /// speed: 1/(1 - β), a geometric series of gradients. `None` for adaptive methods, which follow another field.
    pub fn speed(&self) -> Option<f64> {
        match self.rule {
            Rule::Momentum { beta, .. } => Some(1.0 / (1.0 - beta)),
            Rule::Adaptive { .. } => None,
        }
    }

    /// As a map of its state, without bias correction.
    pub(crate) fn autonomous(&self) -> Autonomous {
        match self.rule {
            Rule::Momentum { beta, lookahead } => Autonomous::Momentum { beta, lookahead },
            Rule::Adaptive { beta1, beta2, epsilon, .. } => Autonomous::Adaptive { beta1, beta2, epsilon },
        }
    }

    /// The optimizer on a field ẋ = f(x) with learning rate h: f is -∇V, so that the same field serves Runge–Kutta
    /// methods and optimizers.
    ///
    /// # Errors
    /// If h is not positive and finite, or the field has no variables.
    pub fn on<'a, F: VectorField + ?Sized>(
        &self,
        field: &'a F,
        h: f64,
    ) -> Result<Descent<'a, F>, InputError> {
        check_step(h)?;
        let dim = check_field(field.dim())?;
        let memory = match self.rule {
            Rule::Momentum { beta, lookahead } => Memory::Momentum(Momentum::new(beta, lookahead, dim)),
            Rule::Adaptive { beta1, beta2, epsilon, bias_correction } => {
                Memory::Adaptive(Adaptive::new(beta1, beta2, epsilon, bias_correction, dim))
            }
        };
        Ok(Descent { field, h, dim, memory })
    }

    /// The positions x₀, x₁, … from rest on a field f = -∇V: at most `steps` steps, ending early where they leave the
    /// ball |x| ≤ `radius` or the finite numbers, as [`orbit`] does.
    ///
    /// # Errors
    /// If h, the field, the start or the radius cannot be used.
    pub fn orbit<F: VectorField + ?Sized>(
        &self,
        field: &F,
        h: f64,
        x0: &[f64],
        steps: usize,
        radius: f64,
    ) -> Result<Orbit, OrbitError> {
        let mut descent = self.on(field, h)?;
        check_dimension("the start", descent.dim, x0)?;
        orbit(|x, out| descent.step(x, out), x0, steps, radius)
    }
}

/// As it is typed, with all parameters: `adam(beta1=0.9,beta2=0.999,epsilon=0.00000001)`.
impl fmt::Display for Optimizer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.rule {
            Rule::Momentum { beta: 0.0, .. } => f.write_str("gradient-descent"),
            Rule::Momentum { beta, lookahead: 0.0 } => write!(f, "heavy-ball(beta={beta})"),
            Rule::Momentum { beta, .. } => write!(f, "nesterov(beta={beta})"),
            Rule::Adaptive { beta1: 0.0, beta2, epsilon, bias_correction: false } => {
                write!(f, "rmsprop(beta={beta2},epsilon={epsilon})")
            }
            Rule::Adaptive { beta1, beta2, epsilon, bias_correction } => {
                let correction = if bias_correction { ",bias_correction=1" } else { "" };
                write!(f, "adam(beta1={beta1},beta2={beta2},epsilon={epsilon}{correction})")
            }
        }
    }
}

/// An optimizer applied to a field with a fixed learning rate: a map with inner state. Made by [`Optimizer::on`].
///
/// It begins at rest. Each step must start where the one before ended, as in an [`orbit`]; for another orbit make
/// another one.
#[derive(Clone, Debug)]
pub struct Descent<'a, F: VectorField + ?Sized> {
    field: &'a F,
    h: f64,
    dim: usize,
    memory: Memory,
}

#[derive(Clone, Debug)]
enum Memory {
    Momentum(Momentum),
    Adaptive(Adaptive),
}

impl<F: VectorField + ?Sized> Descent<'_, F> {
    /// The learning rate h.
    pub fn h(&self) -> f64 {
        self.h
    }

    /// Writes the next position to `out` and moves the inner state on.
    ///
    /// # Errors
    /// If a dimension is wrong or the result is not finite. Then `out` and the state are of no use.
    pub fn step(&mut self, x: &[f64], out: &mut [f64]) -> Result<(), StepError> {
        check_dimension("the point", self.dim, x)?;
        check_dimension("the space for the result", self.dim, out)?;
        match &mut self.memory {
            Memory::Momentum(momentum) => momentum.step(self.field, self.h, x, out),
            Memory::Adaptive(adaptive) => adaptive.step(self.field, self.h, x, out),
        }
        if out.iter().all(|value| value.is_finite()) {
            Ok(())
        } else {
            Err(StepError::NotFinite { h: self.h, at: x.to_vec() })
        }
    }
}

fn check_decay(what: &'static str, value: f64) -> Result<(), InputError> {
    if (0.0..1.0).contains(&value) {
        Ok(())
    } else {
        Err(InputError::Number { what, value, expected: "a number from 0 to less than 1" })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::problems::{Blowup, Quadratic, ScalarFactorization};
    use crate::{GradientFlow, observed_order, shadow_of_orbit};

    const FACTORIZATION: ScalarFactorization = ScalarFactorization { target: 1.0 };
    const START: [f64; 2] = [1.8, -1.5];

    /// With memories of at most 0.6: of a transient 96 steps leave 0.6⁹⁶ = 10⁻²¹.
    fn four() -> [Optimizer; 4] {
        [
            Optimizer::heavy_ball(0.5).unwrap(),
            Optimizer::nesterov(0.5).unwrap(),
            Optimizer::rmsprop(0.6, 0.1).unwrap(),
            Optimizer::adam(0.5, 0.6, 0.1).unwrap(),
        ]
    }

    fn distance(x: &[f64], y: &[f64]) -> f64 {
        x.iter().zip(y).fold(0.0, |norm: f64, (x, y)| norm.hypot(x - y))
    }

    /// The larger root z of z² - (1 + β - hλ(1 + a))z + β - hλa, by which a component with curvature λ is multiplied in
    /// a step once the other has died out, as log z/h.
    fn slow_rate(beta: f64, lookahead: f64, product: f64, h: f64) -> f64 {
        let (trace, determinant) = (1.0 + beta - product * (1.0 + lookahead), beta - product * lookahead);
        (0.5 * (trace + (trace * trace - 4.0 * determinant).sqrt())).ln() / h
    }

    #[test]
    fn measured_fields_of_momentum_on_quadratics_have_the_order_of_the_number_of_differences() {
        let curvatures = [1.0, 0.4];
        let field = GradientFlow(Quadratic::new(&curvatures));
        for (optimizer, beta, lookahead) in
            [(Optimizer::heavy_ball(0.5), 0.5, 0.0), (Optimizer::nesterov(0.5), 0.5, 0.5)]
        {
            for differences in 1..=5 {
                let errors: Vec<(f64, f64)> = (0..6)
                    .map(|k| 0.04 * 0.7f64.powi(k))
                    .map(|h| {
                        let path =
                            optimizer.clone().unwrap().orbit(&field, h, &[1.0, -1.0], 80, 9.0).unwrap();
                        // At h = 0.04 the fast root is below 0.55: 0.55⁷⁰ = 10⁻¹⁸ of the transient remains.
                        let points: Vec<&[f64]> = path.points().skip(70).take(differences + 1).collect();
                        let measured = shadow_of_orbit(&points, h).unwrap().field;
                        // Relative to the point, which is another one for each h.
                        let exact = curvatures.map(|curvature| slow_rate(beta, lookahead, h * curvature, h));
                        let found: Vec<f64> = measured.iter().zip(points[0]).map(|(f, x)| f / x).collect();
                        (h, distance(&found, &exact))
                    })
                    .collect();
                // Rounding of the differences, at most 2⁵·10⁻¹⁶, over the smallest h of 0.007.
                let fit = observed_order(&errors, 1e-12).unwrap();
                assert!(
                    (fit.order - differences as f64).abs() < 0.35,
                    "β = {beta}, a = {lookahead}, N = {differences}: {fit:?}: {errors:?}"
                );
            }
        }
    }

    /// Central differences, h f̃ = Σ wₖ(x(k) - x(-k)) with wₖ = (-1)ᵏ⁺¹ m!²/(k (m - k)! (m + k)!), here m = 4: an error
    /// of order 8, by another formula than the logarithm of the step.
    fn central(points: &[&[f64]], h: f64) -> Vec<f64> {
        let weights = [4.0 / 5.0, -1.0 / 5.0, 4.0 / 105.0, -1.0 / 280.0];
        let component = |c: usize| {
            let terms = weights.iter().zip(1..).map(|(w, k)| w * (points[4 + k][c] - points[4 - k][c]));
            terms.sum::<f64>() / h
        };
        (0..points[0].len()).map(component).collect()
    }

    #[test]
    fn measured_fields_of_all_have_the_order_of_the_number_of_differences() {
        let field = GradientFlow(FACTORIZATION);
        for optimizer in four() {
            for differences in 1..=4 {
                // At time 1/2, after 96 steps and more.
                let errors: Vec<(f64, f64)> = [96, 136, 192, 272, 384]
                    .map(|n: u32| {
                        let (h, n) = (0.5 / f64::from(n), n as usize);
                        let path = optimizer.orbit(&field, h, &START, n + 8, 9.0).unwrap();
                        let points: Vec<&[f64]> = path.points().skip(n - 4).take(9).collect();
                        let measured = shadow_of_orbit(&points[4..=4 + differences], h).unwrap().field;
                        (h, distance(&measured, &central(&points, h)))
                    })
                    .to_vec();
                // Rounding of the differences, at most 2⁴·10⁻¹⁶, over the smallest h of 0.0013.
                let fit = observed_order(&errors, 1e-12).unwrap();
                assert!(
                    (fit.order - differences as f64).abs() < 0.2,
                    "{optimizer}, N = {differences}: {fit:?}: {errors:?}"
                );
            }
        }
    }

    #[test]
    fn formulas_of_order_0_and_1_err_by_orders_1_and_2() {
        let field = GradientFlow(FACTORIZATION);
        for optimizer in four() {
            for order in [0, 1] {
                let errors: Vec<(f64, f64)> = [128, 256, 512, 1024]
                    .map(|n: u32| {
                        let (h, n) = (0.5 / f64::from(n), n as usize);
                        let path = optimizer.orbit(&field, h, &START, n + 8, 9.0).unwrap();
                        let points: Vec<&[f64]> = path.points().skip(n).collect();
                        let measured = shadow_of_orbit(&points, h).unwrap().field;
                        let mut formula = [0.0; 2];
                        optimizer.modified(FACTORIZATION, h, order).unwrap().eval(points[0], &mut formula);
                        (h, distance(&measured, &formula))
                    })
                    .to_vec();
                // Relative to the leading term the next is a few h ≤ 0.004. A wrong constant would give slope 1.
                let fit = observed_order(&errors, 1e-11).unwrap();
                assert!(
                    (fit.order - (order + 1) as f64).abs() < 0.06,
                    "{optimizer}, order {order}: {fit:?}: {errors:?}"
                );
            }
        }
    }

    #[test]
    fn without_memory_momentum_is_gradient_descent_to_the_last_bit() {
        let field = GradientFlow(FACTORIZATION);
        let descent = Optimizer::gradient_descent();
        let path = descent.orbit(&field, 0.25, &[2.0, 0.5], 1, 9.0).unwrap();
        // xy = 1 is a minimum; from (2, 1) the gradient is (1, 2).
        assert_eq!(path.last(), [2.0, 0.5]);
        let path = descent.orbit(&field, 0.25, &[2.0, 1.0], 1, 9.0).unwrap();
        assert_eq!(path.last(), [1.75, 0.5]);
        assert_eq!(Optimizer::heavy_ball(0.0), Ok(descent));
        assert_eq!(Optimizer::nesterov(0.0), Ok(descent));
        assert_eq!(Optimizer::adam(0.0, 0.9, 0.1), Optimizer::rmsprop(0.9, 0.1));
    }

    #[test]
    fn first_steps_by_hand() {
        // V = x²/2 from 1, h = 1/4, β = 1/2. Heavy ball: 3/4, then 3/4 - 3/16 - 1/8. Nesterov: y = 3/4 - 1/8 = 5/8.
        let field = GradientFlow(Quadratic::new(&[1.0]));
        let second = |optimizer: Optimizer| optimizer.orbit(&field, 0.25, &[1.0], 2, 9.0).unwrap().last()[0];
        assert_eq!(second(Optimizer::heavy_ball(0.5).unwrap()), 7.0 / 16.0);
        assert_eq!(second(Optimizer::nesterov(0.5).unwrap()), 0.75 * 0.625);
        // Adam's first step: m = (1 - β₁)g and v = (1 - β₂)g², corrected to g and g².
        let first = |optimizer: Optimizer| optimizer.orbit(&field, 0.25, &[1.0], 1, 9.0).unwrap().last()[0];
        let adam = Optimizer::adam(0.5, 0.75, 0.75).unwrap();
        assert_eq!(first(adam), 1.0 - 0.25 * 0.5);
        let corrected = 1.0 - 0.25 / 1.75f64.sqrt();
        assert!((first(adam.with_bias_correction()) - corrected).abs() < 1e-15, "one division's rounding");
    }

    #[test]
    fn bias_correction_fades_with_the_transient() {
        // Its factors tend to 1 like βᵏ. Both orbits end on one curve, some steps apart, so fields are compared with
        // the formula at their own places.
        let field = GradientFlow(FACTORIZATION);
        let plain = Optimizer::adam(0.5, 0.6, 0.1).unwrap();
        let h = 1e-3;
        for optimizer in [plain, plain.with_bias_correction()] {
            let path = optimizer.orbit(&field, h, &START, 208, 9.0).unwrap();
            let points: Vec<&[f64]> = path.points().skip(200).collect();
            let measured = shadow_of_orbit(&points, h).unwrap().field;
            let mut formula = [0.0; 2];
            optimizer.modified(FACTORIZATION, h, 1).unwrap().eval(points[0], &mut formula);
            // Second order: h² times a constant of about 10.
            assert!(distance(&measured, &formula) < 3e-5, "{optimizer}: {measured:?} {formula:?}");
        }
    }

    #[test]
    fn momentum_is_stable_up_to_its_bound() {
        // Heavy ball: hλ < 2(1 + β); Nesterov: hλ < 2(1 + β)/(1 + 2β).
        let beta = 0.6;
        for (optimizer, bound) in [
            (Optimizer::heavy_ball(beta).unwrap(), 2.0 * (1.0 + beta)),
            (Optimizer::nesterov(beta).unwrap(), 2.0 * (1.0 + beta) / (1.0 + 2.0 * beta)),
        ] {
            let end = |product: f64| {
                let field = GradientFlow(Quadratic::new(&[product]));
                optimizer.orbit(&field, 1.0, &[1.0], 4000, f64::INFINITY).unwrap().last()[0].abs()
            };
            // A per cent off, the multiplier is off 1 by about as much: e^±40 and more after 4000 steps.
            assert!(end(0.99 * bound) < 1e-10, "{optimizer}: {}", end(0.99 * bound));
            assert!(end(1.01 * bound) > 1e10, "{optimizer}: {}", end(1.01 * bound));
        }
    }

    #[test]
    fn transients_are_counted() {
        assert_eq!(Optimizer::gradient_descent().transient(), 0);
        // 2⁻⁵³ itself, after 53 halvings.
        assert_eq!(Optimizer::heavy_ball(0.5).unwrap().transient(), 53);
        assert_eq!(Optimizer::adam(0.5, 0.999, 0.1).unwrap().transient(), 36_719);
    }

    #[test]
    fn divergence_and_bad_arguments_are_told() {
        let adam = Optimizer::adam(0.9, 0.99, 0.0).unwrap();
        // 0/0 where nothing has been averaged yet.
        let rest = adam.on(&Blowup, 0.1).unwrap().step(&[0.0], &mut [0.0]);
        assert_eq!(rest, Err(StepError::NotFinite { h: 0.1, at: vec![0.0] }));
        assert!(matches!(adam.on(&Blowup, 0.0), Err(InputError::Step { h: 0.0 })));
        for beta in [1.0, -0.1, f64::NAN, f64::INFINITY] {
            for refused in
                [Optimizer::heavy_ball(beta), Optimizer::nesterov(beta), Optimizer::rmsprop(beta, 0.1)]
            {
                assert!(matches!(refused, Err(InputError::Number { what: "beta", .. })));
            }
            assert!(matches!(Optimizer::adam(0.9, beta, 0.1), Err(InputError::Number { what: "beta2", .. })));
        }
        let error = Optimizer::rmsprop(0.9, -1e-8).unwrap_err();
        assert_eq!(
            error.to_string(),
            "epsilon = -0.00000001 cannot be used; expected a finite number, 0 or more"
        );
        let wrong = adam.orbit(&Blowup, 0.1, &[1.0, 2.0], 3, 9.0);
        assert!(matches!(wrong, Err(OrbitError::Input(InputError::Dimension { found: 2, .. }))));
        let wrong = adam.on(&Blowup, 0.1).unwrap().step(&[1.0], &mut []);
        assert!(matches!(wrong, Err(StepError::Input(InputError::Dimension { .. }))));
        assert!(matches!(
            adam.modified(FACTORIZATION, 0.1, 2),
            Err(InputError::Order { found: 2, most: 1, .. })
        ));
    }
}
