//! V = (μ - x₁x₂…x_N)²/2, a deep linear network of one unit a layer.

use super::{Definition, Given};
use crate::error::{InputError, check_dimension, check_finite, check_order, check_positive};
use crate::{GradientFlow, Objective, Scalar, VectorField};

/// V = (μ - x₁x₂…x_N)²/2 with μ > 0 and N layers. For N = 2 it is
/// [`ScalarFactorization`](super::ScalarFactorization).
///
/// Its minima fill the surface x₁x₂…x_N = μ. There the Hessian is ggᵀ with gᵢ = μ/xᵢ, so that the sharpness is μ² Σ 1/xᵢ²,
/// and least, Nμ^(2 - 2/N), where all |xᵢ| are equal. In 0 the gradient vanishes, and for N > 2 the Hessian as well.
///
/// ```
/// use shadowflow_numerics::{Objective, problems::DeepProduct};
/// let problem = DeepProduct::new(3, 8.0)?;
/// assert_eq!((problem.value(&[2.0, 2.0, 2.0]), problem.value(&[1.0, 1.0, 1.0])), (0.0, 24.5));
/// // At the balanced minimizer the sharpness is 3·8²/2² = 48, the least of all.
/// assert_eq!(problem.sharpness_of_minimizer(&[2.0, 2.0, 2.0])?, 48.0);
/// assert!((problem.largest_critical_step() - 2.0 / 48.0).abs() < 1e-16);
/// # Ok::<(), shadowflow_numerics::InputError>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct DeepProduct {
    layers: usize,
    target: f64,
}

impl Default for DeepProduct {
    /// Three layers and μ = 1.
    fn default() -> DeepProduct {
        DeepProduct { layers: 3, target: 1.0 }
    }
}

impl DeepProduct {
    /// The family of three layers as text.
    pub const DEFINITION: Definition = Definition {
        name: "deep-product",
        title: "a number mu as a product of three, a deep linear network of one unit a layer",
        source: "scalar deep linear networks; compare Saxe, McClelland & Ganguli (2014); answers of this project",
        variables: &["x", "y", "z"],
        parameters: &[("mu", "1")],
        formula: Given::Objective("(mu - x*y*z)^2/2"),
        field: |x, out| GradientFlow(DeepProduct::default()).eval(x, out),
    };

    /// With N = `layers` factors and the number μ = `target`.
    ///
    /// # Errors
    /// If there are no factors, or μ is not positive and finite.
    pub fn new(layers: usize, target: f64) -> Result<DeepProduct, InputError> {
        check_order("the number of factors", layers, 1, 1 << 20)?;
        check_positive("the number mu to be factored", target)?;
        Ok(DeepProduct { layers, target })
    }

    /// N.
    pub fn layers(&self) -> usize {
        self.layers
    }

    /// μ.
    pub fn target(&self) -> f64 {
        self.target
    }

    /// μ^(1/N), the factor that is the same in all layers of a balanced minimizer.
    pub fn balanced_factor(&self) -> f64 {
        self.target.powf(1.0 / self.layers as f64)
    }

    /// μ² Σ 1/xᵢ², the sharpness where x₁x₂…x_N = μ. Elsewhere it is no curvature.
    ///
    /// # Errors
    /// If the number of variables is wrong or one is not finite.
    pub fn sharpness_of_minimizer(&self, x: &[f64]) -> Result<f64, InputError> {
        check_dimension("the minimizer", self.layers, x)?;
        check_finite("the minimizer", x)?;
        Ok(x.iter().map(|x| (self.target / x).powi(2)).sum())
    }

    /// The learning rate 2/(Nμ^(2 - 2/N)) beyond which gradient descent finds every minimum unstable: by the inequality of
    /// the arithmetic and the geometric mean, Σ 1/xᵢ² is least where all |xᵢ| are equal.
    pub fn largest_critical_step(&self) -> f64 {
        let n = self.layers as f64;
        2.0 / (n * self.target.powf(2.0 - 2.0 / n))
    }
}

impl Objective for DeepProduct {
    fn variables(&self) -> usize {
        self.layers
    }

    fn value<S: Scalar>(&self, x: &[S]) -> S {
        let residual = -x.iter().fold(S::from(1.0), |product, &x| product * x) + self.target;
        residual * residual * 0.5
    }

    /// Products of the factors before and after each, so that none is divided by.
    fn gradient<S: Scalar>(&self, x: &[S], out: &mut [S]) {
        let mut before = S::from(1.0);
        for (out, &x) in out.iter_mut().zip(x) {
            *out = before;
            before = before * x;
        }
        let residual = before - self.target;
        let mut after = residual;
        for (out, &x) in out.iter_mut().zip(x).rev() {
            *out = *out * after;
            after = after * x;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::objective::check;
    use crate::problems::ScalarFactorization;
    use crate::{Curvature, flow};
    use proptest::prelude::*;

    #[test]
    fn derivatives_and_two_layers() {
        check::derivatives_agree(&DeepProduct::default(), &[1.3, -0.4, 0.9]);
        check::derivatives_agree(&DeepProduct::new(5, 2.0).unwrap(), &[1.3, -0.4, 0.9, 0.0, 2.0]);
        check::derivatives_agree(&DeepProduct::new(1, 2.0).unwrap(), &[0.3]);
        let (two, known) = (DeepProduct::new(2, 1.5).unwrap(), ScalarFactorization { target: 1.5 });
        let (mut found, mut expected) = ([0.0; 2], [0.0; 2]);
        two.gradient(&[2.0, 0.3], &mut found);
        known.gradient(&[2.0, 0.3], &mut expected);
        assert_eq!(two.value(&[2.0, 0.3]), known.value(&[2.0, 0.3]));
        // The same products in another order.
        assert!((found[0] - expected[0]).abs() < 1e-15 && (found[1] - expected[1]).abs() < 1e-15);
        assert_eq!(two.largest_critical_step(), known.critical_step(&[1.2, 1.2]));
    }

    proptest! {
        /// The whole spectrum as the oracle.
        #[test]
        fn sharpness_on_the_minima(x in prop::collection::vec(0.3..2.0f64, 4), n in 2usize..5) {
            let target = x[..n].iter().product();
            let problem = DeepProduct::new(n, target).unwrap();
            let sharpness = problem.sharpness_of_minimizer(&x[..n]).unwrap();
            let spectrum = Curvature::at(&problem, &x[..n]).unwrap();
            prop_assert!((sharpness - spectrum.sharpness()).abs() < 1e-12 * sharpness);
            // Rounding of some powers.
            prop_assert!(sharpness * problem.largest_critical_step() > 2.0 - 1e-12);
            let balanced = vec![problem.balanced_factor(); n];
            let least = problem.sharpness_of_minimizer(&balanced).unwrap();
            prop_assert!((least * problem.largest_critical_step() - 2.0).abs() < 1e-12);
        }
    }

    #[test]
    fn the_flow_keeps_differences_of_squares() {
        let (problem, start) = (DeepProduct::default(), [1.5, 0.4, -0.9]);
        let end = flow(&GradientFlow(problem), &start, 3.0).unwrap();
        for (i, j) in [(0, 1), (1, 2)] {
            let difference = |x: &[f64]| x[i] * x[i] - x[j] * x[j];
            // The accuracy of the reference flow.
            assert!((difference(&end) - difference(&start)).abs() < 1e-12);
        }
    }

    #[test]
    fn wrong_numbers_are_refused() {
        assert!(matches!(DeepProduct::new(0, 1.0), Err(InputError::Order { .. })));
        for target in [0.0, -1.0, f64::NAN, f64::INFINITY] {
            assert!(matches!(DeepProduct::new(2, target), Err(InputError::Number { .. })));
        }
        assert!(DeepProduct::default().sharpness_of_minimizer(&[1.0]).is_err());
    }
}
