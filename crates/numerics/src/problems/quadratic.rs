//! V = ½ Σ λᵢxᵢ².

use super::{Definition, Given};
use crate::{GradientFlow, Objective, Scalar, VectorField};

/// V = ½ Σ λᵢxᵢ² with given curvatures λᵢ, the problem on which everything is known in closed form.
#[derive(Clone, Debug)]
pub struct Quadratic {
    curvatures: Vec<f64>,
}

impl Quadratic {
    /// The family as text, in two variables.
    pub const DEFINITION: Definition = Definition {
        name: "quadratic",
        title: "a bowl with curvatures a and b",
        source: "the test problem of every method; compare Rosca et al. (2023)",
        variables: &["x", "y"],
        parameters: &[("a", "1"), ("b", "10")],
        formula: Given::Objective("(a*x^2 + b*y^2)/2"),
        field: |x, out| GradientFlow(Quadratic::new(&[1.0, 10.0])).eval(x, out),
    };

    /// The quadratic with the given curvatures λᵢ, of any sign, one for each variable.
    pub fn new(curvatures: &[f64]) -> Quadratic {
        Quadratic { curvatures: curvatures.to_vec() }
    }

    /// The curvatures λᵢ.
    pub fn curvatures(&self) -> &[f64] {
        &self.curvatures
    }

    /// The learning rate 2/λ of the largest curvature λ, up to which gradient descent converges to the minimizer 0. `None` if a
    /// curvature is not positive: then there is no minimizer, or more than one.
    pub fn critical_step(&self) -> Option<f64> {
        let largest = self.curvatures.iter().copied().fold(0.0, f64::max);
        (largest > 0.0 && self.curvatures.iter().all(|&curvature| curvature > 0.0)).then(|| 2.0 / largest)
    }

    /// The gradient flow at time `t`: xᵢ exp(-λᵢt), component by component.
    pub fn flow(&self, x0: &[f64], t: f64) -> Vec<f64> {
        self.map(x0, |curvature| (-curvature * t).exp())
    }

    /// Gradient descent after `k` steps of learning rate `h`: (1 - hλᵢ)ᵏ xᵢ.
    pub fn descent(&self, x0: &[f64], h: f64, k: i32) -> Vec<f64> {
        self.map(x0, |curvature| (1.0 - h * curvature).powi(k))
    }

    /// The flow of the modified equation of gradient descent truncated after hⁿ, at time kh:
    /// xᵢ exp(-k Σ_{j ≤ n+1} (hλᵢ)ʲ/j). As n → ∞ it tends to [`Quadratic::descent`] where |hλᵢ| < 1.
    pub fn modified_flow(&self, x0: &[f64], h: f64, n: i32, k: f64) -> Vec<f64> {
        self.map(x0, |curvature| {
            let sum: f64 = (1..=n + 1).map(|j| (h * curvature).powi(j) / f64::from(j)).sum();
            (-k * sum).exp()
        })
    }

    fn map(&self, x0: &[f64], factor: impl Fn(f64) -> f64) -> Vec<f64> {
        self.curvatures.iter().zip(x0).map(|(&curvature, x)| factor(curvature) * x).collect()
    }
}

impl Objective for Quadratic {
    fn variables(&self) -> usize {
        self.curvatures.len()
    }

    fn value<S: Scalar>(&self, x: &[S]) -> S {
        let terms = x.iter().zip(&self.curvatures).map(|(&x, &curvature)| x * x * (0.5 * curvature));
        terms.fold(S::from(0.0), |sum, term| sum + term)
    }

    fn gradient<S: Scalar>(&self, x: &[S], out: &mut [S]) {
        for ((out, &x), &curvature) in out.iter_mut().zip(x).zip(&self.curvatures) {
            *out = x * curvature;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::flow;
    use crate::objective::check;

    const START: [f64; 3] = [1.0, -2.0, 0.5];

    fn problem() -> Quadratic {
        Quadratic::new(&[1.0, 0.25, -0.5])
    }

    fn close(found: &[f64], exact: &[f64], tolerance: f64) {
        for (f, e) in found.iter().zip(exact) {
            assert!((f - e).abs() < tolerance, "{found:?} against {exact:?}");
        }
    }

    #[test]
    fn derivatives_and_flow() {
        check::derivatives_agree(&problem(), &START);
        let end = flow(&GradientFlow(problem()), &START, 2.0).unwrap();
        close(&end, &problem().flow(&START, 2.0), 1e-13); // the reference flow's accuracy
    }

    #[test]
    fn descent_converges_below_the_critical_step() {
        let bowl = Quadratic::new(&[1.0, 4.0]);
        assert_eq!(bowl.critical_step(), Some(0.5));
        let size = |h| bowl.descent(&[1.0, 1.0], h, 4000).iter().map(|x: &f64| x.abs()).fold(0.0, f64::max);
        assert!(size(0.49) < 1e-30 && size(0.51) > 1e30, "(1 - 4h)⁴⁰⁰⁰ = 0.96⁴⁰⁰⁰ and 1.04⁴⁰⁰⁰");
        assert!(problem().critical_step().is_none() && Quadratic::new(&[0.0]).critical_step().is_none());
    }

    #[test]
    fn modified_flows_lead_from_the_gradient_flow_to_descent() {
        let (h, k) = (0.4, 3);
        let at_order = |n| problem().modified_flow(&START, h, n, f64::from(k));
        close(&at_order(0), &problem().flow(&START, 1.2), 1e-15);
        // The series of log(1 - hλ) with hλ ≤ 0.4 cut after 40 terms: 0.4⁴¹ < 10⁻¹⁶.
        close(&at_order(40), &problem().descent(&START, h, k), 1e-15);
    }
}
