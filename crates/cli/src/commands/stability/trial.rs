//! What gradient descent is seen to do at a learning rate.

use serde_json::{Value, json};
use shadowflow_numerics::{Destiny, GradientFlow, Iteration, Judge, Optimizer};
use shadowflow_symbolic::NumericObjective;

use super::objective::{point, short_to};
use crate::commands::dynamics::failed;
use crate::error::CliError;

/// Steps of each trial.
pub(super) const STEPS: usize = 20_000;

/// Farther than this many times the size of the start an orbit has left.
const FAR: f64 = 1e6;

/// A learning rate tried, and what was seen.
pub(super) struct Trial {
    pub(super) h: f64,
    destiny: Destiny,
    last: Vec<f64>,
    /// The least and the largest value of each coordinate in the second half.
    ranges: Vec<(f64, f64)>,
}

impl Trial {
    /// Of gradient descent from a start.
    pub(super) fn of(f: &NumericObjective, h: f64, start: &[f64]) -> Result<Trial, CliError> {
        let descent = Iteration::optimizer(&Optimizer::gradient_descent(), GradientFlow(f));
        let size = start.iter().fold(1.0, |size: f64, x| size.max(x.abs()));
        let judge = Judge { steps: STEPS, radius: FAR * size, ..Judge::default() };
        let mut last = start.to_vec();
        let mut ranges = vec![(f64::INFINITY, f64::NEG_INFINITY); start.len()];
        let destiny = judge.follow(&descent, h, start, |step, x| {
            last.copy_from_slice(x);
            if step > STEPS / 2 {
                ranges.iter_mut().zip(x).for_each(|(r, &x)| *r = (r.0.min(x), r.1.max(x)));
            }
        });
        Ok(Trial { h, destiny: destiny.map_err(failed)?, last, ranges })
    }

    pub(super) fn in_words(&self) -> String {
        match &self.destiny {
            Destiny::Fixed(orbit) => format!("settles at {}", point(&orbit.points()[0])),
            Destiny::Periodic(orbit) => match orbit.points() {
                [one, other] => format!("jumps between {} and {}", point(one), point(other)),
                points => format!("repeats {} points, among them {}", points.len(), point(&points[0])),
            },
            Destiny::Aperiodic => {
                let ranges: Vec<String> = self
                    .ranges
                    .iter()
                    .map(|(low, high)| format!("[{}, {}]", short_to(*low, 4), short_to(*high, 4)))
                    .collect();
                format!("stays within {} without repeating itself", ranges.join(" x "))
            }
            Destiny::Undecided => format!("still changes slowly, near {}", point(&self.last)),
            Destiny::Diverged { step } | Destiny::LeftWindow { step } => {
                format!("is gone after {step} steps")
            }
        }
    }

    pub(super) fn document(&self) -> Value {
        let h = self.h;
        match &self.destiny {
            Destiny::Fixed(orbit) => json!({ "h": h, "fate": "settles", "at": orbit.points()[0] }),
            Destiny::Periodic(orbit) => {
                json!({ "h": h, "fate": "cycles", "period": orbit.period(), "points": orbit.points() })
            }
            Destiny::Aperiodic => json!({ "h": h, "fate": "wanders", "ranges": self.ranges }),
            Destiny::Undecided => json!({ "h": h, "fate": "undecided", "at": self.last }),
            Destiny::Diverged { step } | Destiny::LeftWindow { step } => {
                json!({ "h": h, "fate": "diverges", "step": step })
            }
        }
    }
}
