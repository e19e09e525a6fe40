//! Modified fields of optimizers through h, as the literature gives them and as the tests confirm.

use super::{Optimizer, Rule, momentum};
use crate::error::{InputError, check_field, check_order, check_step};
use crate::{Objective, VectorField};

impl Optimizer {
    /// The field that the optimizer follows on `objective` after its transient, through h^order, order 0 or 1.
    ///
    /// * Momentum: ẋ = -∇(V + κh|∇V|²)/(1 - β), κ = [`Optimizer::penalty`] (Kovachki & Stuart 2021; heavy ball also Ghosh,
    ///   Lyu, Zhang & Wang 2023).
    /// * RMSProp and Adam: ẋⱼ = -Rⱼ⁻¹(gⱼ + (h/2)(T₁ - T₂ + T₂ε/Rⱼ²) ∂ⱼ‖g‖), with g = ∇V, Rⱼ = √(gⱼ² + ε),
    ///   ‖g‖ = Σᵢ Rᵢ and T = (1 + β)/(1 - β) (Cattaneo, Klusowski & Shigida 2024). This is no gradient in general.
    ///
    /// # Errors
    /// If h is not positive and finite, the order is above 1, or there are no variables.
    pub fn modified<V: Objective>(
        &self,
        objective: V,
        h: f64,
        order: usize,
    ) -> Result<OptimizerField<V>, InputError> {
        check_step(h)?;
        check_order("the order of the modified field", order, 0, 1)?;
        check_field(objective.variables())?;
        Ok(OptimizerField { rule: self.rule, objective, h: if order == 0 { 0.0 } else { h } })
    }

    /// κ in the modified potential V + κh|∇V|² of a momentum method: (1 + β)/(4(1 - β)²) for the heavy ball,
    /// (1 - β + 2β²)/(4(1 - β)²) for Nesterov's method, 1/4 for gradient descent. `None` for RMSProp and Adam.
    ///
    /// ```
    /// use shadowflow_numerics::Optimizer;
    /// assert_eq!(Optimizer::heavy_ball(0.5)?.penalty(), Some(1.5));
    /// assert_eq!(Optimizer::nesterov(0.5)?.penalty(), Some(1.0));
    /// # Ok::<(), shadowflow_numerics::InputError>(())
    /// ```
    pub fn penalty(&self) -> Option<f64> {
        match self.rule {
            Rule::Momentum { beta, lookahead } => Some(momentum::penalty(beta, lookahead)),
            Rule::Adaptive { .. } => None,
        }
    }
}

/// The modified field of an optimizer through h⁰ or h¹; made by [`Optimizer::modified`].
#[derive(Clone, Debug)]
pub struct OptimizerField<V> {
    rule: Rule,
    objective: V,
    /// 0 for order 0.
    h: f64,
}

impl<V: Objective> VectorField for OptimizerField<V> {
    fn dim(&self) -> usize {
        self.objective.variables()
    }

    fn eval(&self, x: &[f64], out: &mut [f64]) {
        let d = x.len();
        let (mut gradient, mut hessian) = (vec![0.0; d], vec![0.0; d * d]);
        self.objective.gradient(x, &mut gradient);
        if self.h > 0.0 {
            self.objective.hessian(x, &mut hessian);
        }
        let along = |direction: &[f64], j: usize| -> f64 {
            hessian[j * d..(j + 1) * d].iter().zip(direction).map(|(second, u)| second * u).sum()
        };
        match self.rule {
            Rule::Momentum { beta, lookahead } => {
                let penalty = momentum::penalty(beta, lookahead);
                for (j, out) in out.iter_mut().enumerate() {
                    *out = -(gradient[j] + 2.0 * penalty * self.h * along(&gradient, j)) / (1.0 - beta);
                }
            }
            Rule::Adaptive { beta1, beta2, epsilon, .. } => {
                let roots: Vec<f64> = gradient.iter().map(|g| (g * g + epsilon).sqrt()).collect();
                let direction: Vec<f64> = gradient.iter().zip(&roots).map(|(g, root)| g / root).collect();
                let [t1, t2] = [beta1, beta2].map(|beta| (1.0 + beta) / (1.0 - beta));
                for (j, out) in out.iter_mut().enumerate() {
                    let factor = t1 - t2 + t2 * epsilon / (roots[j] * roots[j]);
                    *out = -(gradient[j] + 0.5 * self.h * factor * along(&direction, j)) / roots[j];
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::problems::Quadratic;

    fn value(optimizer: Optimizer, curvature: f64, h: f64, order: usize, x: f64) -> f64 {
        let mut out = [0.0];
        optimizer.modified(Quadratic::new(&[curvature]), h, order).unwrap().eval(&[x], &mut out);
        out[0]
    }

    #[test]
    fn gradient_descent_has_the_first_terms_of_its_logarithm() {
        // -(λ + hλ²/2)x; all numbers are exact in binary.
        assert_eq!(value(Optimizer::gradient_descent(), 2.0, 0.25, 1, 4.0), -4.0 * (2.0 + 0.5));
        assert_eq!(value(Optimizer::gradient_descent(), 2.0, 0.25, 0, 4.0), -8.0);
    }

    #[test]
    fn signed_descent_by_hand() {
        // Without memory and ε = 0 the step is -h sign g and so is the flow; with β₁ only, T₁ - T₂ = 3 - 1 at β₁ = 1/2:
        // -(1 + (h/2)·2·λ/g) for g = λx > 0.
        let signed = Optimizer::adam(0.0, 0.0, 0.0).unwrap();
        assert_eq!(value(signed, 2.0, 0.25, 1, 4.0), -1.0);
        let averaged = Optimizer::adam(0.5, 0.0, 0.0).unwrap();
        assert_eq!(value(averaged, 2.0, 0.25, 1, 4.0), -(1.0 + 0.25 * 2.0 / 8.0));
    }
}
