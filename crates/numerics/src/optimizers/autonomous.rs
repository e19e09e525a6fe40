//! Optimizers as maps of their whole state, in any numbers.

use crate::{Formula, Scalar};

/// A rule whose next state depends on the state alone.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Autonomous {
    /// (x, x₋) ↦ (x + h f(x + a(x - x₋)) + β(x - x₋), x); without β and a the state is x.
    Momentum { beta: f64, lookahead: f64 },
    /// (x, m, v) ↦ (x + h m'/√(v' + ε), m', v') with m' = β₁m + (1 - β₁)f and v' = β₂v + (1 - β₂)f².
    Adaptive { beta1: f64, beta2: f64, epsilon: f64 },
}

impl Autonomous {
    /// How many numbers of state there are for each variable.
    pub(crate) fn parts(&self) -> usize {
        match *self {
            Autonomous::Momentum { beta: 0.0, lookahead: 0.0 } => 1,
            Autonomous::Momentum { .. } => 2,
            Autonomous::Adaptive { .. } => 3,
        }
    }

    /// The state at rest in x.
    pub(crate) fn start(&self, x: &[f64]) -> Vec<f64> {
        match self {
            Autonomous::Momentum { .. } => x.repeat(self.parts()),
            Autonomous::Adaptive { .. } => {
                x.iter().copied().chain(std::iter::repeat_n(0.0, 2 * x.len())).collect()
            }
        }
    }

    pub(crate) fn step<F: Formula, S: Scalar>(&self, field: &F, h: S, state: &[S], next: &mut [S]) {
        let d = field.variables();
        match *self {
            Autonomous::Momentum { beta: 0.0, lookahead: 0.0 } => {
                field.at(state, next);
                next.iter_mut().zip(state).for_each(|(next, &x)| *next = x + h * *next);
            }
            Autonomous::Momentum { beta, lookahead } => {
                let (x, before) = state.split_at(d);
                let (next, now) = next.split_at_mut(d);
                for ((now, &x), &before) in now.iter_mut().zip(x).zip(before) {
                    *now = x + (x - before) * lookahead;
                }
                field.at(now, next);
                for ((next, &x), &before) in next.iter_mut().zip(x).zip(before) {
                    *next = x + h * *next + (x - before) * beta;
                }
                now.copy_from_slice(x);
            }
            Autonomous::Adaptive { beta1, beta2, epsilon } => {
                field.at(&state[..d], &mut next[..d]);
                for k in 0..d {
                    let slope = next[k];
                    let mean = state[d + k] * beta1 + slope * (1.0 - beta1);
                    let square = state[2 * d + k] * beta2 + slope * slope * (1.0 - beta2);
                    next[k] = state[k] + h * mean / (square + epsilon).sqrt();
                    (next[d + k], next[2 * d + k]) = (mean, square);
                }
            }
        }
    }
}
