//! A residual network with shared weights, x ← x + h g(x): explicit Euler on ẋ = g(x) (Haber & Ruthotto 2017; E 2017;
//! Chen, Rubanova, Bettencourt & Duvenaud 2018).

use crate::error::{InputError, check_dimension, check_field, check_finite, check_step};
use crate::{Formula, Scalar, mul_add};

/// The block g(x) = A tanh(Wx + b) of a residual network of any depth: `layers` blocks with h = 1/`layers`, all with the
/// same weights, lead from x(0) to about x(1) of ẋ = g(x).
///
/// As a [`Formula`] it is the field g.
///
/// ```
/// use shadowflow_numerics::{ResidualNetwork, Skip};
///
/// // Learn x ↦ tanh 4x on [-1, 1] with eight layers.
/// let samples: Vec<(Vec<f64>, Vec<f64>)> = (-10..=10)
///     .map(|i| f64::from(i) / 10.0)
///     .map(|x| (vec![x], vec![(4.0 * x).tanh()]))
///     .collect();
/// let mut network = ResidualNetwork::seeded(1, 8, 1)?;
/// let losses = network.train(&samples, 8, 0.5, 500)?;
/// assert!(losses[500] < 0.05 * losses[0]);
/// let end = network.forward(&[0.5], 8, Skip::Identity)?.pop().expect("the last layer");
/// assert!((end[0] - 0.96).abs() < 0.1);
/// # Ok::<(), shadowflow_numerics::InputError>(())
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct ResidualNetwork {
    dim: usize,
    width: usize,
    /// A (d × m), W (m × d) and b (m), row by row, one after another.
    weights: Vec<f64>,
}

/// What a layer adds h g(x) to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Skip {
    /// x, as in a residual network.
    Identity,
    /// Nothing, as in a plain network.
    None,
}

impl ResidualNetwork {
    /// A network on ℝᵈ with `width` hidden units, its weights drawn evenly from ±√(3/d) (W), ±1 (b) and ±√(3/m)/4 (A) by a
    /// generator with the given seed (SplitMix64, Steele, Lea & Flood 2014).
    ///
    /// # Errors
    /// If the dimension or the width is 0.
    pub fn seeded(dim: usize, width: usize, seed: u64) -> Result<ResidualNetwork, InputError> {
        check_field(dim)?;
        if width == 0 {
            return Err(InputError::Number { what: "the width", value: 0.0, expected: "1 or more" });
        }
        let mut state = seed;
        let mut uniform = |scale: f64| {
            state = state.wrapping_add(0x9e37_79b9_7f4a_7c15);
            let mut z = state;
            z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
            z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
            z ^= z >> 31;
            // 53 bits are all that a double can hold.
            scale * ((z >> 11) as f64 / (1u64 << 52) as f64 - 1.0)
        };
        let scales = [
            (dim * width, 0.25 * (3.0 / width as f64).sqrt()),
            (width * dim, (3.0 / dim as f64).sqrt()),
            (width, 1.0),
        ];
        let weights =
            scales.into_iter().flat_map(|(count, scale)| vec![scale; count]).map(&mut uniform).collect();
        Ok(ResidualNetwork { dim, width, weights })
    }

    /// The states x₀ = x, x₁, …, x_layers of a forward pass with h = 1/`layers`.
    ///
    /// # Errors
    /// If the input has the wrong dimension or is not finite, or there are no layers.
    pub fn forward(&self, x: &[f64], layers: usize, skip: Skip) -> Result<Vec<Vec<f64>>, InputError> {
        check_dimension("the input", self.dim, x)?;
        check_finite("the input", x)?;
        let h = step(layers)?;
        let mut states = vec![x.to_vec()];
        let mut slope = vec![0.0; self.dim];
        for layer in 0..layers {
            self.at(&states[layer], &mut slope);
            let next = states[layer].iter().zip(&slope).map(|(&x, &g)| match skip {
                Skip::Identity => mul_add(h, g, x),
                Skip::None => h * g,
            });
            let next = next.collect();
            states.push(next);
        }
        Ok(states)
    }

    /// The loss (1/2n) Σ |x_layers(input) - target|² and its gradient with respect to A, W and b, by reverse
    /// differentiation: exact up to rounding.
    ///
    /// # Errors
    /// If there are no samples or layers, or a sample has the wrong dimension.
    pub fn loss(
        &self,
        samples: &[(Vec<f64>, Vec<f64>)],
        layers: usize,
    ) -> Result<(f64, Vec<f64>), InputError> {
        if samples.is_empty() {
            return Err(InputError::Number {
                what: "the number of samples",
                value: 0.0,
                expected: "1 or more",
            });
        }
        let (h, n) = (step(layers)?, samples.len() as f64);
        let (mut loss, mut gradient) = (0.0, vec![0.0; self.weights.len()]);
        for (input, target) in samples {
            check_dimension("a target", self.dim, target)?;
            let states = self.forward(input, layers, Skip::Identity)?;
            let end = &states[layers];
            let mut adjoint: Vec<f64> = end.iter().zip(target).map(|(x, y)| (x - y) / n).collect();
            loss += end.iter().zip(target).map(|(x, y)| (x - y).powi(2)).sum::<f64>() / (2.0 * n);
            for state in states[..layers].iter().rev() {
                self.pull_back(state, h, &mut adjoint, &mut gradient);
            }
        }
        Ok((loss, gradient))
    }

    /// From the adjoint of x + h g(x) to that of x, adding the share of this layer to the gradient.
    fn pull_back(&self, x: &[f64], h: f64, adjoint: &mut [f64], gradient: &mut [f64]) {
        let (d, m) = (self.dim, self.width);
        let (outer, inner) = (d * m, m * d);
        let before = adjoint.to_vec();
        for j in 0..m {
            let unit = self.argument(x, j).tanh();
            let mut from_above = 0.0;
            for (i, up) in before.iter().enumerate() {
                gradient[i * m + j] += h * up * unit;
                from_above += self.weights[i * m + j] * up;
            }
            let slope = h * from_above * (1.0 - unit * unit);
            gradient[outer + inner + j] += slope;
            for (k, below) in adjoint.iter_mut().enumerate() {
                gradient[outer + j * d + k] += slope * x[k];
                *below += slope * self.weights[outer + j * d + k];
            }
        }
    }

    /// The argument of hidden unit j.
    fn argument<S: Scalar>(&self, x: &[S], j: usize) -> S {
        let (d, m) = (self.dim, self.width);
        let row = &self.weights[d * m + j * d..][..d];
        let sum = row.iter().zip(x).fold(S::from(0.0), |sum, (&w, &x)| sum + x * w);
        sum + self.weights[2 * d * m + j]
    }

    /// Gradient descent on the loss with all samples: `steps` steps of learning rate `rate`. Returns the losses before
    /// and after every step.
    ///
    /// # Errors
    /// As for [`ResidualNetwork::loss`], or if the learning rate is not positive and finite.
    pub fn train(
        &mut self,
        samples: &[(Vec<f64>, Vec<f64>)],
        layers: usize,
        rate: f64,
        steps: usize,
    ) -> Result<Vec<f64>, InputError> {
        check_step(rate)?;
        let mut losses = Vec::with_capacity(steps + 1);
        for _ in 0..steps {
            let (loss, gradient) = self.loss(samples, layers)?;
            losses.push(loss);
            for (weight, slope) in self.weights.iter_mut().zip(gradient) {
                *weight -= rate * slope;
            }
        }
        losses.push(self.loss(samples, layers)?.0);
        Ok(losses)
    }
}

/// h = 1/layers.
fn step(layers: usize) -> Result<f64, InputError> {
    if layers == 0 {
        return Err(InputError::Number { what: "the number of layers", value: 0.0, expected: "1 or more" });
    }
    Ok(1.0 / layers as f64)
}

impl Formula for ResidualNetwork {
    fn variables(&self) -> usize {
        self.dim
    }

    fn at<S: Scalar>(&self, x: &[S], out: &mut [S]) {
        out.fill(S::from(0.0));
        for j in 0..self.width {
            let unit = self.argument(x, j).tanh();
            for (i, component) in out.iter_mut().enumerate() {
                *component += unit * self.weights[i * self.width + j];
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::RungeKutta;
    use proptest::prelude::*;
    use shadowflow_methods::Method;

    fn samples() -> Vec<(Vec<f64>, Vec<f64>)> {
        vec![
            (vec![0.3, -0.5], vec![0.6, 0.1]),
            (vec![-1.0, 0.2], vec![-0.4, -0.7]),
            (vec![0.7, 0.9], vec![0.0, 1.1]),
        ]
    }

    proptest! {
        #[test]
        fn the_gradient_is_that_of_the_loss(seed in 0u64..1000, layers in 1usize..6) {
            let network = ResidualNetwork::seeded(2, 3, seed).unwrap();
            let (_, gradient) = network.loss(&samples(), layers).unwrap();
            for (i, slope) in gradient.iter().enumerate() {
                let loss = |delta: f64| {
                    let mut moved = network.clone();
                    moved.weights[i] += delta;
                    moved.loss(&samples(), layers).unwrap().0
                };
                let delta = f64::EPSILON.cbrt();
                let found = (loss(delta) - loss(-delta)) / (2.0 * delta);
                // Central differences of a smooth function of size 1 have ten digits.
                prop_assert!((found - slope).abs() < 1e-9, "weight {i}: {slope}, by differences {found}");
            }
        }

        #[test]
        fn a_forward_pass_is_eulers_orbit_to_the_last_bit(
            seed in 0u64..1000, layers in 1usize..9, x in -2.0..2.0, y in -2.0..2.0
        ) {
            let network = ResidualNetwork::seeded(2, 5, seed).unwrap();
            let euler = RungeKutta::new(Method::named("euler").unwrap().tableau());
            let (mut point, mut next) = ([x, y], [0.0; 2]);
            for state in network.forward(&[x, y], layers, Skip::Identity).unwrap() {
                prop_assert_eq!(&state[..], &point[..]);
                euler.step(&network, 1.0 / layers as f64, &point, &mut next).unwrap();
                point = next;
            }
        }
    }

    #[test]
    fn training_lowers_the_loss_and_repeats_itself() {
        let trained = || {
            let mut network = ResidualNetwork::seeded(2, 6, 3).unwrap();
            let losses = network.train(&samples(), 4, 0.1, 300).unwrap();
            (network, losses)
        };
        let (network, losses) = trained();
        assert_eq!(losses.len(), 301);
        assert!(losses.windows(2).all(|pair| pair[1] < pair[0]), "the rate is far below 2/L");
        assert_eq!((network, losses), trained());
    }

    #[test]
    fn bad_arguments_are_refused() {
        assert_eq!(ResidualNetwork::seeded(0, 3, 1), Err(InputError::NoVariables));
        assert!(matches!(ResidualNetwork::seeded(2, 0, 1), Err(InputError::Number { .. })));
        let mut network = ResidualNetwork::seeded(2, 3, 1).unwrap();
        assert!(matches!(network.forward(&[1.0], 4, Skip::None), Err(InputError::Dimension { .. })));
        assert!(matches!(
            network.forward(&[1.0, f64::NAN], 4, Skip::None),
            Err(InputError::NotFinite { .. })
        ));
        assert!(matches!(network.loss(&samples(), 0), Err(InputError::Number { .. })));
        assert!(matches!(network.loss(&[], 2), Err(InputError::Number { .. })));
        assert!(matches!(network.train(&samples(), 2, -0.1, 5), Err(InputError::Step { .. })));
    }
}
