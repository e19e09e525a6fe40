//! A network of one hidden layer, small enough to know everything about its training.

use crate::error::{InputError, check_dimension, check_finite, check_order};
use crate::{Objective, Scalar};

/// L = (1/2n) Σᵢ (f(xᵢ) - yᵢ)² of the network f(x) = Σⱼ aⱼ tanh(wⱼx + bⱼ) + c with m hidden units and one
/// input.
///
/// Its 3m + 1 variables are (w₁ … w_m, b₁ … b_m, a₁ … a_m, c).
///
/// ```
/// use shadowflow_numerics::{Objective, Sharpness, problems::SmallNetwork};
/// let (network, start) = (SmallNetwork::miniature(), SmallNetwork::start(12));
/// assert_eq!(network.variables(), 37);
/// // Gradient descent with learning rate h is stable there while the sharpness is below 2/h.
/// assert!(Sharpness::at(&network, &start)?.value() < 2.0 / 0.4);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct SmallNetwork {
    width: usize,
    data: Vec<(f64, f64)>,
}

impl SmallNetwork {
    /// With `width` hidden units and data (xᵢ, yᵢ).
    ///
    /// # Errors
    /// If there are no units or no data, or a number is not finite.
    pub fn new(width: usize, data: Vec<(f64, f64)>) -> Result<SmallNetwork, InputError> {
        // Three variables a unit and one more must be countable.
        check_order("the number of hidden units", width, 1, usize::MAX / 3 - 1)?;
        check_order("the number of data", data.len(), 1, usize::MAX)?;
        for (x, y) in &data {
            check_finite("a datum (x, y)", &[*x, *y])?;
        }
        Ok(SmallNetwork { width, data })
    }

    /// The edge of stability in miniature: twelve units, and the twenty values of sin πx + 0.3 cos 3πx at
    /// xᵢ = -1 + 2i/19. Data of this project.
    ///
    /// From [`SmallNetwork::start`] the gradient flow sharpens it beyond 6; gradient descent with h = 0.4
    /// meets 2/h = 5 on the way and stays there, with h = 0.05 it never meets 2/h, and with h = 0.7 it
    /// diverges.
    pub fn miniature() -> SmallNetwork {
        use std::f64::consts::PI;
        let datum = |i: usize| {
            let x = -1.0 + 2.0 * i as f64 / 19.0;
            (x, (PI * x).sin() + 0.3 * (3.0 * PI * x).cos())
        };
        SmallNetwork { width: 12, data: (0..20).map(datum).collect() }
    }

    /// The start wⱼ = 2 sin 1.7j, bⱼ = ½ cos 2.3j, aⱼ = 0.8 sin(0.9j + 0.4), j = 1 … m, c = 0, for m hidden
    /// units: numbers without pattern that need no generator. Empty for no units.
    pub fn start(width: usize) -> Vec<f64> {
        if width == 0 {
            return Vec::new();
        }
        let units = |f: fn(f64) -> f64| (1..=width).map(move |j| f(j as f64));
        units(|j| 2.0 * (1.7 * j).sin())
            .chain(units(|j| 0.5 * (2.3 * j).cos()))
            .chain(units(|j| 0.8 * (0.9 * j + 0.4).sin()))
            .chain([0.0])
            .collect()
    }

    /// The number m of hidden units.
    pub fn width(&self) -> usize {
        self.width
    }

    /// The data (xᵢ, yᵢ).
    pub fn data(&self) -> &[(f64, f64)] {
        &self.data
    }

    /// The output f(x) of the network with the given variables.
    ///
    /// # Errors
    /// If their number is wrong.
    pub fn output(&self, variables: &[f64], x: f64) -> Result<f64, InputError> {
        check_dimension("the variables", self.variables(), variables)?;
        Ok(self.evaluate(variables, x, |_, _| {}))
    }

    /// f(x), showing tanh(wⱼx + bⱼ) of each unit j on the way.
    fn evaluate<S: Scalar>(&self, variables: &[S], x: f64, mut see: impl FnMut(usize, S)) -> S {
        let m = self.width;
        let mut sum = variables[3 * m];
        for j in 0..m {
            let active = (variables[j] * x + variables[m + j]).tanh();
            sum += variables[2 * m + j] * active;
            see(j, active);
        }
        sum
    }
}

impl Objective for SmallNetwork {
    fn variables(&self) -> usize {
        3 * self.width + 1
    }

    fn value<S: Scalar>(&self, variables: &[S]) -> S {
        let squares = self.data.iter().map(|&(x, y)| {
            let residual = self.evaluate(variables, x, |_, _| {}) - y;
            residual * residual
        });
        squares.fold(S::from(0.0), |sum, square| sum + square) / (2.0 * self.data.len() as f64)
    }

    fn gradient<S: Scalar>(&self, variables: &[S], out: &mut [S]) {
        let m = self.width;
        out.fill(S::from(0.0));
        let mut active = vec![S::from(0.0); m];
        for &(x, y) in &self.data {
            let residual = (self.evaluate(variables, x, |j, t| active[j] = t) - y) / self.data.len() as f64;
            for (j, &t) in active.iter().enumerate() {
                // tanh' = 1 - tanh².
                let inner = residual * variables[2 * m + j] * (-(t * t) + 1.0);
                out[j] += inner * x;
                out[m + j] += inner;
                out[2 * m + j] += residual * t;
            }
            out[3 * m] += residual;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::objective::check::derivatives_agree;

    #[test]
    fn derivatives_agree_for_any_width_and_data() {
        derivatives_agree(&SmallNetwork::miniature(), &SmallNetwork::start(12));
        for width in [1, 3] {
            let network = SmallNetwork::new(width, vec![(0.3, -1.0), (-2.0, 0.7), (1.1, 4.0)]).unwrap();
            derivatives_agree(&network, &SmallNetwork::start(width));
        }
    }

    #[test]
    fn one_unit_and_one_datum_are_the_formula() {
        let network = SmallNetwork::new(1, vec![(0.5, 2.0)]).unwrap();
        let v = [1.2, -0.4, 0.7, 0.1];
        let output = 0.7 * (1.2f64 * 0.5 - 0.4).tanh() + 0.1;
        assert!((network.output(&v, 0.5).unwrap() - output).abs() < 1e-16);
        assert!((network.value(&v) - 0.5 * (output - 2.0).powi(2)).abs() < 1e-15);
    }

    /// The units are interchangeable, and tanh is odd: (w, b, a) ↦ (-w, -b, -a) of one unit changes nothing.
    #[test]
    fn the_symmetries_of_the_network_are_those_of_the_loss() {
        let (network, start) = (SmallNetwork::miniature(), SmallNetwork::start(12));
        let mut other = start.clone();
        for block in 0..3 {
            other.swap(12 * block, 12 * block + 7);
            other[12 * block + 3] *= -1.0;
        }
        // Rounding of sums of size 1.
        assert!((network.value(&start) - network.value(&other)).abs() < 1e-14);
        assert_ne!(start, other);
    }

    #[test]
    fn bad_networks_are_refused() {
        assert!(matches!(SmallNetwork::new(0, vec![(0.0, 0.0)]), Err(InputError::Order { .. })));
        assert!(matches!(SmallNetwork::new(1, vec![]), Err(InputError::Order { .. })));
        assert!(matches!(SmallNetwork::new(1, vec![(0.0, f64::NAN)]), Err(InputError::NotFinite { .. })));
        assert!(SmallNetwork::new(2, vec![(0.0, 0.0)]).unwrap().output(&[0.0; 6], 0.0).is_err());
    }
}
