//! RMSProp and Adam: gradients averaged, and divided by the root of their averaged squares.

use crate::VectorField;

/// The state of Adam: the averages m of gradients and v of their squares, at first 0, and how much of an average of
/// ones has been taken in, 1 - βᵏ, by which bias correction divides.
#[derive(Clone, Debug)]
pub(super) struct Adaptive {
    beta1: f64,
    beta2: f64,
    epsilon: f64,
    bias_correction: bool,
    mean: Vec<f64>,
    square: Vec<f64>,
    remembered: [f64; 2],
}

impl Adaptive {
    pub(super) fn new(beta1: f64, beta2: f64, epsilon: f64, bias_correction: bool, dim: usize) -> Adaptive {
        let zeros = || vec![0.0; dim];
        Adaptive {
            beta1,
            beta2,
            epsilon,
            bias_correction,
            mean: zeros(),
            square: zeros(),
            remembered: [0.0; 2],
        }
    }

    /// With the slope f = -∇V in place of the gradient m changes its sign and v does not.
    pub(super) fn step<F: VectorField + ?Sized>(&mut self, field: &F, h: f64, x: &[f64], out: &mut [f64]) {
        field.eval(x, out);
        let [mean_share, square_share] = &mut self.remembered;
        *mean_share = average(self.beta1, *mean_share, 1.0);
        *square_share = average(self.beta2, *square_share, 1.0);
        let (mean_share, square_share) =
            if self.bias_correction { (*mean_share, *square_share) } else { (1.0, 1.0) };
        for (((out, x), m), v) in out.iter_mut().zip(x).zip(&mut self.mean).zip(&mut self.square) {
            *m = average(self.beta1, *m, *out);
            *v = average(self.beta2, *v, *out * *out);
            *out = x + h * (*m / mean_share) / (*v / square_share + self.epsilon).sqrt();
        }
    }
}

fn average(beta: f64, past: f64, present: f64) -> f64 {
    beta * past + (1.0 - beta) * present
}
