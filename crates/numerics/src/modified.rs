//! The modified equation of a method, truncated, evaluated without trees.
//!
//! A Runge–Kutta method follows the flow of f̃ = f₀ + h f₁ + h² f₂ + … with f₀ = f, in the sense of formal power
//! series in h (Hairer, Lubich & Wanner 2006, chapter IX). So its orbit …, x₋₁, x₀, x₁, … lies on a curve x(k) with
//!
//! h·f̃(x₀) = dx/dk at k = 0,
//!
//! and as x(k) is the flow of h·f̃ at time k, its coefficient of hʲ is a polynomial in k of degree at most j. Steps
//! taken in power series, m forward and m backward, give the derivative of such a polynomial exactly for j ≤ 2m.

use shadowflow_methods::Tableau;

use crate::error::{InputError, check_dimension, check_field, check_finite, check_order, check_step};
use crate::{Formula, Jet, RungeKutta, VectorField};

/// The modified equation of a method for a field, through h^order.
///
/// ```
/// use shadowflow_methods::Method;
/// use shadowflow_numerics::{ModifiedEquation, problems::Blowup};
///
/// // Explicit Euler on ẏ = y² follows ẏ = y² - h y³ + (3/2) h² y⁴ - …
/// let euler = Method::named("euler")?;
/// let modified = ModifiedEquation::new(Blowup, euler.tableau(), 2)?;
/// for (found, exact) in modified.coefficients(&[2.0])?.iter().zip([4.0, -8.0, 24.0]) {
///     assert!((found[0] - exact).abs() < 1e-13);
/// }
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug)]
pub struct ModifiedEquation<F> {
    field: F,
    method: RungeKutta,
    inverse: RungeKutta,
    order: usize,
}

impl<F: Formula> ModifiedEquation<F> {
    /// The highest truncation order N.
    pub const MAX_ORDER: usize = Jet::MAX_ORDER - 1;

    /// The modified equation of the method `tableau` for ẋ = field(x), truncated after h^order.
    ///
    /// # Errors
    /// If the order exceeds [`ModifiedEquation::MAX_ORDER`], or the field has no variables.
    pub fn new(field: F, tableau: &Tableau, order: usize) -> Result<ModifiedEquation<F>, InputError> {
        check_order("the truncation order", order, 0, Self::MAX_ORDER)?;
        check_field(field.variables())?;
        let method = RungeKutta::new(tableau);
        Ok(ModifiedEquation { field, inverse: method.inverse(), method, order })
    }

    /// The truncation order N.
    pub fn order(&self) -> usize {
        self.order
    }

    /// The values f₀(x) … f_N(x), one vector for each power of h.
    ///
    /// Rounding grows with the order. On ẏ = y² with explicit Euler it takes all but 13 digits at order 8 and all
    /// but 8 at order 14.
    ///
    /// # Errors
    /// If x has the wrong dimension or is not finite, or the field has no finite derivatives there.
    pub fn coefficients(&self, x: &[f64]) -> Result<Vec<Vec<f64>>, InputError> {
        check_dimension("the point", self.field.variables(), x)?;
        check_finite("the point", x)?;
        let coefficients = self.evaluate(x)?;
        if coefficients.iter().flatten().all(|value| value.is_finite()) {
            Ok(coefficients)
        } else {
            Err(InputError::Undefined { at: x.to_vec() })
        }
    }

    /// The field f₀ + h f₁ + … + h^N f_N at a fixed step.
    ///
    /// # Errors
    /// If h is not positive and finite.
    pub fn at_step(&self, h: f64) -> Result<ModifiedField<'_, F>, InputError> {
        check_step(h)?;
        Ok(ModifiedField { equation: self, h })
    }

    fn evaluate(&self, x: &[f64]) -> Result<Vec<Vec<f64>>, InputError> {
        let n = self.order + 1;
        let start: Vec<Jet> = x.iter().map(|&x| Jet::constant(x, n)).collect();
        let orbit = |method: &RungeKutta| -> Result<Vec<Vec<Jet>>, InputError> {
            let mut points: Vec<Vec<Jet>> = Vec::with_capacity(n.div_ceil(2));
            for _ in 0..n.div_ceil(2) {
                let next = method.step_series(&self.field, points.last().unwrap_or(&start))?;
                points.push(next);
            }
            Ok(points)
        };
        let (forward, backward) = (orbit(&self.method)?, orbit(&self.inverse)?);
        Ok((1..=n)
            .map(|j| {
                // As few points as the degree needs, because each further one adds rounding.
                let weights = central_weights(j.div_ceil(2));
                let slope = |c: usize| {
                    let points = weights.iter().zip(&forward).zip(&backward);
                    points.map(|((w, f), b)| w * (f[c].coefficient(j) - b[c].coefficient(j))).sum()
                };
                (0..x.len()).map(slope).collect()
            })
            .collect())
    }
}

/// The truncated modified field f₀ + h f₁ + … + h^N f_N; made by [`ModifiedEquation::at_step`].
///
/// Where it is undefined its value is NaN or infinite.
#[derive(Clone, Copy, Debug)]
pub struct ModifiedField<'a, F> {
    equation: &'a ModifiedEquation<F>,
    h: f64,
}

impl<F: Formula> VectorField for ModifiedField<'_, F> {
    fn dim(&self) -> usize {
        self.equation.field.variables()
    }

    fn eval(&self, x: &[f64], out: &mut [f64]) {
        let Ok(coefficients) = self.equation.evaluate(x) else { return out.fill(f64::NAN) };
        for (c, value) in out.iter_mut().enumerate() {
            *value = coefficients.iter().rev().fold(0.0, |sum, term| sum * self.h + term[c]);
        }
    }
}

/// The weights w₁ … wₘ of Σ wₖ (p(k) - p(-k)), which is p'(0) for polynomials p of degree at most 2m:
/// wₖ = (-1)ᵏ⁺¹ m!² / (k (m - k)! (m + k)!).
fn central_weights(m: usize) -> Vec<f64> {
    // (-1)ᵏ m!²/((m - k)! (m + k)!), from one k to the next.
    let mut ratio = 1.0;
    (1..=m)
        .map(|k| {
            ratio *= -((m + 1 - k) as f64) / (m + k) as f64;
            -ratio / k as f64
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::problems::{Blowup, LotkaVolterra, Pendulum, Quadratic, ScalarFactorization};
    use crate::{GradientFlow, Objective, flow, observed_order};
    use proptest::prelude::*;
    use shadowflow_methods::Method;

    fn modified<F: Formula>(name: &str, field: F, order: usize) -> ModifiedEquation<F> {
        ModifiedEquation::new(field, Method::named(name).unwrap().tableau(), order).unwrap()
    }

    fn distance(x: &[f64], y: &[f64]) -> f64 {
        x.iter().zip(y).fold(0.0, |norm: f64, (x, y)| norm.hypot(x - y))
    }

    #[test]
    fn euler_on_the_blowup_has_the_printed_coefficients() {
        // GNI Example IX.1.1. Coefficients of the orbit of 5 steps each way reach 10³ times the result before they
        // cancel.
        let found = modified("euler", Blowup, 8).coefficients(&[1.0]).unwrap();
        for (found, expected) in found.iter().zip(Blowup::EULER_MODIFIED) {
            assert!((found[0] - expected).abs() < 1e-12 * expected.abs(), "{} against {expected}", found[0]);
        }
        assert_eq!(found.len(), 9);
    }

    #[test]
    fn on_linear_problems_it_is_the_logarithm_of_the_stability_function() {
        // ẋ = -λx becomes ẋ = (log R(-hλ)/h) x; for Euler the coefficient of hʲ is -λʲ⁺¹/(j + 1).
        let curvature = 1.7;
        let field = GradientFlow(Quadratic::new(&[curvature]));
        let found = modified("euler", &field, 8).coefficients(&[2.0]).unwrap();
        for (j, found) in found.iter().enumerate() {
            let expected = -2.0 * f64::powi(curvature, j as i32 + 1) / (j + 1) as f64;
            assert!(
                (found[0] - expected).abs() < 1e-13 * expected.abs(),
                "h^{j}: {} against {expected}",
                found[0]
            );
        }
        for name in ["implicit-euler", "implicit-midpoint", "rk4", "gauss4", "radau-iia-3"] {
            let r = Method::named(name).unwrap();
            let h = 0.05;
            let exact = r.tableau().stability_function().eval((-h * curvature).into()).re.ln() / h;
            let equation = modified(name, &field, 9);
            let mut value = [0.0];
            equation.at_step(h).unwrap().eval(&[1.0], &mut value);
            // Cut off is a multiple of (hλ)¹⁰ ≈ 2·10⁻¹¹ times coefficients below 1/10.
            assert!((value[0] - exact).abs() < 1e-11, "{name}: {} against {exact}", value[0]);
        }
    }

    #[test]
    fn the_first_correction_of_descent_is_the_implicit_gradient_penalty() {
        // f₁ = -∇(¼|∇V|²) = -½ ∇²V ∇V (Barrett & Dherin 2021).
        let problem = ScalarFactorization { target: 1.0 };
        let x = [2.0, 0.7];
        let (mut gradient, mut hessian) = ([0.0; 2], [0.0; 4]);
        problem.gradient(&x, &mut gradient);
        problem.hessian(&x, &mut hessian);
        let found = &modified("euler", GradientFlow(problem), 1).coefficients(&x).unwrap()[1];
        for c in 0..2 {
            let expected = -0.5 * (hessian[2 * c] * gradient[0] + hessian[2 * c + 1] * gradient[1]);
            assert!((found[c] - expected).abs() < 1e-15, "{found:?}: rounding of numbers of size 1");
        }
    }

    #[test]
    fn the_second_correction_of_descent_is_no_gradient() {
        // For (1 - xy)²/2 its curl is -(x² - y²)(x² + y²)(xy - 1)/3, 1295/729 at (2, 1/3): by formulas,
        // independently.
        let equation = modified("euler", GradientFlow(ScalarFactorization { target: 1.0 }), 2);
        let (x, y, delta) = (2.0, 1.0 / 3.0, 1e-4);
        let second = |x: f64, y: f64| equation.coefficients(&[x, y]).unwrap().remove(2);
        let along_x = (second(x + delta, y)[1] - second(x - delta, y)[1]) / (2.0 * delta);
        let along_y = (second(x, y + delta)[0] - second(x, y - delta)[0]) / (2.0 * delta);
        // Differences: δ² times third derivatives of some tens, over 6; rounding 10⁻¹⁵/δ is less.
        assert!((along_x - along_y - 1295.0 / 729.0).abs() < 1e-6, "{}", along_x - along_y);
    }

    #[test]
    fn explicit_euler_and_implicit_euler_are_adjoint() {
        // The adjoint has the modified equation with -h for h: fⱼ* = (-1)ʲ fⱼ (Hairer, Lubich & Wanner 2006, §IX.2).
        let x = [1.5, 2.5];
        let explicit = modified("euler", LotkaVolterra, 7).coefficients(&x).unwrap();
        let implicit = modified("implicit-euler", LotkaVolterra, 7).coefficients(&x).unwrap();
        for (j, (e, i)) in explicit.iter().zip(&implicit).enumerate() {
            for (e, i) in e.iter().zip(i) {
                let expected = if j % 2 == 0 { *e } else { -e };
                // Cancellation as for the blow-up.
                assert!((i - expected).abs() < 1e-12 * (1.0 + e.abs()), "h^{j}: {i} against {expected}");
            }
        }
    }

    proptest! {
        /// A method of order p has f₁ = … = f_{p-1} = 0; a symmetric one has no odd terms at all.
        #[test]
        fn order_and_symmetry_show(q in -1.0..1.0, p in -1.0..1.0) {
            for (name, vanishing) in [("heun", vec![1]), ("rk4", vec![1, 2, 3]), ("gauss4", vec![1, 2, 3, 5]),
                ("implicit-midpoint", vec![1, 3, 5]), ("trapezoidal", vec![1, 3, 5])] {
                let coefficients = modified(name, Pendulum, 5).coefficients(&[q, p]).unwrap();
                for j in vanishing {
                    // Rounding of coefficients of size 1, taken three steps each way.
                    prop_assert!(distance(&coefficients[j], &[0.0, 0.0]) < 1e-13, "{name}, h^{j}: {coefficients:?}");
                }
            }
        }
    }

    #[test]
    fn a_step_meets_the_truncated_flow_with_defect_of_order_n_plus_two() {
        let start = [1.5, 2.5];
        for (name, orders) in [("euler", 0..=4), ("rk4", 4..=6), ("implicit-midpoint", 2..=5)] {
            let rk = RungeKutta::new(Method::named(name).unwrap().tableau());
            for order in orders {
                let equation = modified(name, LotkaVolterra, order);
                let defects: Vec<(f64, f64)> = (0..6)
                    .map(|k| 0.1 * 0.7f64.powi(k))
                    .map(|h| {
                        let mut step = [0.0; 2];
                        rk.step(&LotkaVolterra, h, &start, &mut step).unwrap();
                        let shadow = flow(&equation.at_step(h).unwrap(), &start, h).unwrap();
                        (h, distance(&step, &shadow))
                    })
                    .collect();
                // A symmetric method has no odd terms, so an even truncation is as good as the next odd one.
                let gained = usize::from(name == "implicit-midpoint" && order % 2 == 0);
                let expected = (order + gained + 2) as f64;
                let fit = observed_order(&defects, 1e-13).unwrap();
                // Steps down to 0.017: the next power of h tilts the slope by some per cent.
                assert!(
                    (fit.order - expected).abs() < 0.3,
                    "{name}, N = {order}: slope {:.3} ± {:.3}, expected {expected}: {defects:?}",
                    fit.order,
                    fit.standard_error
                );
            }
        }
    }

    #[test]
    fn weights_differentiate_polynomials_at_zero() {
        for m in 1..=8 {
            let weights = central_weights(m);
            for degree in 1..=2 * m as i32 {
                let power = |k: usize| f64::powi(k as f64, degree) - f64::powi(-(k as f64), degree);
                let terms: Vec<f64> = weights.iter().zip(1..).map(|(w, k)| w * power(k)).collect();
                let size: f64 = terms.iter().map(|term| term.abs()).sum();
                let expected = if degree == 1 { 1.0 } else { 0.0 };
                let found: f64 = terms.iter().sum();
                // Rounding relative to what cancels.
                assert!((found - expected).abs() <= 1e-14 * size, "m = {m}, degree {degree}: {found}");
            }
        }
    }

    #[test]
    fn bad_arguments_are_refused() {
        let rk4 = Method::named("rk4").unwrap();
        let limit = ModifiedEquation::<Blowup>::MAX_ORDER;
        assert!(ModifiedEquation::new(Blowup, rk4.tableau(), limit).is_ok());
        assert!(matches!(
            ModifiedEquation::new(Blowup, rk4.tableau(), limit + 1),
            Err(InputError::Order { most, .. }) if most == limit
        ));
        let equation = modified("rk4", Blowup, 2);
        assert!(matches!(equation.coefficients(&[1.0, 2.0]), Err(InputError::Dimension { .. })));
        assert!(matches!(equation.coefficients(&[f64::NAN]), Err(InputError::NotFinite { .. })));
        assert!(matches!(equation.coefficients(&[1e200]), Err(InputError::Undefined { .. })));
        assert!(matches!(equation.at_step(-0.1), Err(InputError::Step { .. })));
        let mut value = [0.0];
        equation.at_step(0.1).unwrap().eval(&[1e200], &mut value);
        assert!(!value[0].is_finite());
    }
}
