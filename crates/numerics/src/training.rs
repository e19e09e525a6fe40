//! Training beside the edge of stability: loss and sharpness along a run.
//!
//! While gradient descent follows the gradient flow the sharpness of a network tends to rise (progressive
//! sharpening); when it reaches what the learning rate allows, it stays there, and the loss falls on in waves
//! (Cohen, Kaur, Li, Kolter & Talwalkar 2021, *Gradient descent on neural networks typically occurs at the
//! edge of stability*).

use std::ops::Range;

use crate::error::{InputError, StepError, check_dimension, check_finite, check_order, check_step};
use crate::{FlowError, GradientFlow, Objective, Optimizer, Outcome, Sharpness, SharpnessError, flow_at};

/// Why training could not be followed.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
pub enum TrainingError {
    /// An argument cannot be used.
    #[error(transparent)]
    Input(#[from] InputError),
    /// A step failed other than by running away.
    #[error("step {step} of the training failed: {source}")]
    Step {
        /// The step, counted from 1.
        step: usize,
        /// What went wrong.
        source: StepError,
    },
    /// The sharpness was not found at a point.
    #[error("after {step} steps: {source}")]
    Sharpness {
        /// The steps taken.
        step: usize,
        /// What went wrong.
        source: SharpnessError,
    },
    /// The gradient flow could not be followed.
    #[error(transparent)]
    Flow(#[from] FlowError),
}

/// Loss and sharpness at one moment.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Record {
    /// The number of steps k; the time is kh.
    pub step: usize,
    /// f there.
    pub loss: f64,
    /// The largest eigenvalue of the Hessian there.
    pub sharpness: f64,
}

/// A run of an optimizer: the loss at every step, the sharpness at some.
///
/// ```
/// use shadowflow_numerics::{Optimizer, Training, problems::SmallNetwork};
/// // Training with h = 0.4 sharpens a small network up to 2/h = 5, and no further.
/// let (network, start) = (SmallNetwork::miniature(), SmallNetwork::start(12));
/// let run = Training::run(&network, &Optimizer::gradient_descent(), 0.4, &start, 4000, 20)?;
/// assert_eq!(run.edge(), Some(5.0));
/// assert!(run.records()[0].sharpness < 4.5);
/// let late = run.mean_sharpness(run.last_quarter()).expect("records every 20 steps");
/// assert!((late - 5.0).abs() < 0.1);
/// # Ok::<(), shadowflow_numerics::TrainingError>(())
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct Training {
    losses: Vec<f64>,
    records: Vec<Record>,
    outcome: Outcome,
    edge: Option<f64>,
    end: Vec<f64>,
}

impl Training {
    /// An optimizer from rest at `x0` with learning rate `h`: at most `steps` steps, with the sharpness at
    /// steps 0, `every`, 2·`every`, … It ends early where loss, point or Hessian leave the finite numbers.
    ///
    /// # Errors
    /// If h, the start or `every` = 0 cannot be used, f or its Hessian is undefined at the start, or the
    /// sharpness does not converge somewhere.
    pub fn run<V: Objective>(
        objective: &V,
        optimizer: &Optimizer,
        h: f64,
        x0: &[f64],
        steps: usize,
        every: usize,
    ) -> Result<Training, TrainingError> {
        check_order("the distance of records", every, 1, usize::MAX)?;
        let field = GradientFlow(objective);
        let mut descent = optimizer.on(&field, h)?;
        check_dimension("the start", objective.variables(), x0)?;
        check_finite("the start", x0)?;
        let edge = (!optimizer.is_adaptive()).then(|| optimizer.edge() / h);
        let (mut x, mut next) = (x0.to_vec(), vec![0.0; x0.len()]);
        let mut training = Training {
            losses: Vec::new(),
            records: Vec::new(),
            outcome: Outcome::Completed,
            edge,
            end: vec![],
        };
        let mut direction: Option<Vec<f64>> = None;
        for step in 0..=steps {
            let loss = objective.value(&x);
            let mut is_finite = loss.is_finite();
            if is_finite && step % every == 0 {
                match record(objective, &x, step, loss, &mut direction) {
                    Ok(record) => training.records.push(record),
                    // Finite losses whose Hessian is not: the run is on its way out.
                    Err(TrainingError::Sharpness {
                        source: SharpnessError::Input(InputError::Undefined { .. }),
                        ..
                    }) if step > 0 => is_finite = false,
                    Err(error) => return Err(error),
                }
            }
            if !is_finite {
                if step == 0 {
                    return Err(InputError::Undefined { at: x }.into());
                }
                training.outcome = Outcome::NotFinite { step };
                break;
            }
            training.losses.push(loss);
            if step == steps {
                break;
            }
            match descent.step(&x, &mut next) {
                Ok(()) => std::mem::swap(&mut x, &mut next),
                Err(StepError::NotFinite { .. }) => {
                    training.outcome = Outcome::NotFinite { step: step + 1 };
                    break;
                }
                Err(source) => return Err(TrainingError::Step { step: step + 1, source }),
            }
        }
        training.end = x;
        Ok(training)
    }

    /// The loss after 0, 1, 2, … steps.
    pub fn losses(&self) -> &[f64] {
        &self.losses
    }

    /// Loss and sharpness every so many steps.
    pub fn records(&self) -> &[Record] {
        &self.records
    }

    /// How the run ended.
    pub fn outcome(&self) -> Outcome {
        self.outcome
    }

    /// The sharpness at which a quadratic is on the edge of stability: 2/h for gradient descent, (2 + 2β)/h
    /// for heavy ball, (2 + 2β)/((1 + 2β)h) for Nesterov's method. `None` for adaptive methods, whose edge is
    /// one of another matrix.
    pub fn edge(&self) -> Option<f64> {
        self.edge
    }

    /// The last point with a finite loss, or the first without.
    pub fn end(&self) -> &[f64] {
        &self.end
    }

    /// The steps of the last quarter of the run.
    pub fn last_quarter(&self) -> Range<usize> {
        let n = self.losses.len();
        n - n.div_ceil(4)..n
    }

    /// The mean of the loss over a range of steps; `None` if there are none in it.
    pub fn mean_loss(&self, steps: Range<usize>) -> Option<f64> {
        let end = steps.end.min(self.losses.len());
        mean(self.losses.get(steps.start..end)?.iter().copied())
    }

    /// The mean of the sharpness over the records in a range of steps; `None` if there are none in it.
    pub fn mean_sharpness(&self, steps: Range<usize>) -> Option<f64> {
        mean(self.records.iter().filter(|record| steps.contains(&record.step)).map(|record| record.sharpness))
    }

    /// The first recorded step at which the sharpness is at the edge or beyond; `None` if it never is, or for
    /// adaptive methods.
    pub fn meets_edge(&self) -> Option<usize> {
        let edge = self.edge?;
        self.records.iter().find(|record| record.sharpness >= edge).map(|record| record.step)
    }

    /// The number of catapults (Lewkowycz, Bahri, Dyer, Sohl-Dickstein & Gur-Ari 2020): times that the loss,
    /// which is to be positive, rises above `factor` > 1 times the least before and then falls below that
    /// least. One that is still up at the end does not count.
    pub fn catapults(&self, factor: f64) -> usize {
        let (mut least, mut is_up, mut count) = (f64::INFINITY, false, 0);
        for &loss in &self.losses {
            if loss < least {
                least = loss;
                count += usize::from(is_up);
                is_up = false;
            } else if loss > factor * least {
                is_up = true;
            }
        }
        count
    }
}

/// Loss and sharpness along the gradient flow from `x0` at the times kh, k = 0, `every`, 2·`every`, … up to
/// `steps`: what gradient descent with learning rate h is to be compared with, step by step.
///
/// # Errors
/// As for [`Training::run`], and if the flow cannot be followed.
pub fn flow_records<V: Objective>(
    objective: &V,
    h: f64,
    x0: &[f64],
    steps: usize,
    every: usize,
) -> Result<Vec<Record>, TrainingError> {
    check_step(h)?;
    check_order("the distance of records", every, 1, usize::MAX)?;
    let at: Vec<usize> = (0..=steps).step_by(every).collect();
    let times: Vec<f64> = at.iter().map(|&k| k as f64 * h).collect();
    let points = flow_at(&GradientFlow(objective), x0, &times)?;
    let mut direction = None;
    at.iter()
        .zip(&points)
        .map(|(&step, x)| record(objective, x, step, objective.value(x), &mut direction))
        .collect()
}

/// The record at a point; the direction of the last one is the guess for this one.
fn record<V: Objective>(
    objective: &V,
    x: &[f64],
    step: usize,
    loss: f64,
    direction: &mut Option<Vec<f64>>,
) -> Result<Record, TrainingError> {
    let found = match direction {
        Some(guess) => Sharpness::near(objective, x, guess),
        None => Sharpness::at(objective, x),
    };
    let found = found.map_err(|source| TrainingError::Sharpness { step, source })?;
    *direction = Some(found.direction().to_vec());
    Ok(Record { step, loss, sharpness: found.value() })
}

fn mean(values: impl Iterator<Item = f64>) -> Option<f64> {
    let (sum, count) = values.fold((0.0, 0usize), |(sum, count), value| (sum + value, count + 1));
    (count > 0).then(|| sum / count as f64)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::problems::{Quadratic, ScalarFactorization, SmallNetwork};

    fn miniature(name: &str, h: f64, steps: usize, every: usize) -> Training {
        let (network, start) = (SmallNetwork::miniature(), SmallNetwork::start(12));
        Training::run(&network, &Optimizer::named(name).unwrap(), h, &start, steps, every).unwrap()
    }

    #[test]
    fn training_stops_sharpening_at_the_edge() {
        for (h, edge) in [(0.4, 5.0), (0.5, 4.0)] {
            let run = miniature("gradient-descent", h, 8000, 20);
            assert_eq!((run.outcome(), run.edge()), (Outcome::Completed, Some(edge)));
            assert!(run.meets_edge().is_some() && run.catapults(1.5) > 3);
            let late = run.mean_sharpness(run.last_quarter()).unwrap();
            // Oscillations about the edge by some hundredths are averaged: 0.3 % were measured.
            assert!((late / edge - 1.0).abs() < 0.006, "h = {h}: {late}");
            assert!(run.losses()[8000] < 0.01 * run.losses()[0]);
        }
        let wild = miniature("gradient-descent", 0.7, 8000, 10);
        let Outcome::NotFinite { step } = wild.outcome() else { panic!("diverges") };
        assert!(step < 1000 && wild.losses().len() <= step);
    }

    #[test]
    fn a_small_learning_rate_sharpens_on_and_meets_no_edge() {
        let run = miniature("gradient-descent", 0.05, 24_000, 400);
        assert_eq!((run.meets_edge(), run.catapults(1.5)), (None, 0));
        // After the first transient, 20 units of time.
        assert!(run.records()[1..].windows(2).all(|pair| pair[1].sharpness > pair[0].sharpness));
        let last = run.records().last().unwrap();
        assert!(last.sharpness > 6.5 && last.sharpness < 6.6, "{last:?}");
        assert!(run.losses().windows(2).all(|pair| pair[1] < pair[0]), "the descent lemma: 6.6 < 2/0.05");
    }

    #[test]
    fn momentum_has_its_own_edge() {
        for (name, h, edge) in [
            ("heavy-ball(beta=0.5)", 0.6, 5.0),
            ("heavy-ball(beta=0.5)", 0.5, 6.0),
            ("nesterov(beta=0.5)", 0.3, 5.0),
            ("nesterov(beta=0.5)", 0.25, 6.0),
        ] {
            let run = miniature(name, h, 8000, 40);
            assert!((run.edge().unwrap() - edge).abs() < 1e-14);
            let late = run.mean_sharpness(run.last_quarter()).unwrap();
            // Long waves about the edge: 0.5 % were measured. 2/h alone would be 3.3, 4, 6.7 and 8.
            assert!((late / edge - 1.0).abs() < 0.01, "{name} {h}: {late}");
        }
    }

    #[test]
    fn the_gradient_flow_goes_on_where_descent_stops() {
        let (network, start) = (SmallNetwork::miniature(), SmallNetwork::start(12));
        let (slow, fast) = (
            miniature("gradient-descent", 0.025, 16_000, 3200),
            miniature("gradient-descent", 0.05, 8000, 1600),
        );
        let flow = flow_records(&network, 0.05, &start, 8000, 1600).unwrap();
        assert_eq!(
            flow.iter().map(|record| record.step).collect::<Vec<_>>(),
            [0, 1600, 3200, 4800, 6400, 8000]
        );
        // Distances to the flow are proportional to h: the order of Euler's method.
        let records = slow.records().iter().zip(fast.records()).zip(&flow);
        for ((slow, fast), flow) in records.skip(1) {
            let [near, far] = [slow, fast].map(|record| (record.sharpness - flow.sharpness).abs());
            assert!(near < 1e-3 && (far / near - 2.0).abs() < 0.15, "{near} {far}");
        }
        let bound = miniature("gradient-descent", 0.4, 1000, 1000);
        assert!(flow[5].sharpness > 5.8 && bound.edge() == Some(5.0));
    }

    #[test]
    fn a_quadratic_has_one_sharpness() {
        let f = Quadratic::new(&[1.0, 4.0]);
        let run = Training::run(&f, &Optimizer::gradient_descent(), 0.1, &[1.0, 1.0], 10, 3).unwrap();
        assert_eq!(run.records().iter().map(|record| record.step).collect::<Vec<_>>(), [0, 3, 6, 9]);
        for record in run.records() {
            assert!((record.sharpness - 4.0).abs() < 1e-13);
            let exact = f.value(&f.descent(&[1.0, 1.0], 0.1, record.step as i32));
            assert!((record.loss - exact).abs() < 1e-15 && record.loss == run.losses()[record.step]);
        }
        assert!((run.mean_loss(0..2).unwrap() - 0.5 * (run.losses()[0] + run.losses()[1])).abs() < 1e-16);
        assert_eq!((run.mean_loss(11..20), run.mean_sharpness(1..3)), (None, None));
        assert_eq!(run.last_quarter(), 8..11);
    }

    #[test]
    fn catapults_are_rises_that_pay() {
        let with = |losses: &[f64]| Training {
            losses: losses.to_vec(),
            records: vec![],
            outcome: Outcome::Completed,
            edge: None,
            end: vec![],
        };
        assert_eq!(with(&[4.0, 2.0, 1.0, 0.5]).catapults(1.5), 0);
        assert_eq!(with(&[4.0, 2.0, 9.0, 8.0, 1.0, 2.0, 0.5]).catapults(1.5), 2);
        assert_eq!(with(&[4.0, 2.0, 2.5, 1.0]).catapults(1.5), 0, "too low");
        assert_eq!(with(&[4.0, 2.0, 9.0, 3.0]).catapults(1.5), 0, "still up");
        // (1 - xy)²/2 beyond 2/sharpness = 2/36 but within the critical step: one jump into a flat minimum.
        let f = ScalarFactorization::default();
        let run = Training::run(&f, &Optimizer::gradient_descent(), 0.1, &[6.0, 0.16], 200, 1).unwrap();
        assert!(run.catapults(2.0) >= 1 && run.records()[0].sharpness > run.edge().unwrap());
        assert!(run.records().last().unwrap().sharpness < run.edge().unwrap());
    }

    #[test]
    fn bad_arguments_are_refused() {
        let f = Quadratic::new(&[1.0, 4.0]);
        let run = |h, x0: &[f64], every| {
            Training::run(&f, &Optimizer::gradient_descent(), h, x0, 10, every).unwrap_err()
        };
        assert!(matches!(run(0.0, &[1.0, 1.0], 1), TrainingError::Input(InputError::Step { .. })));
        assert!(matches!(run(0.1, &[1.0], 1), TrainingError::Input(InputError::Dimension { .. })));
        assert!(matches!(run(0.1, &[f64::NAN, 0.0], 1), TrainingError::Input(InputError::NotFinite { .. })));
        assert!(matches!(run(0.1, &[1.0, 1.0], 0), TrainingError::Input(InputError::Order { .. })));
        assert!(matches!(run(0.1, &[1e200, 1.0], 1), TrainingError::Input(InputError::Undefined { .. })));
        assert!(
            flow_records(&f, 0.1, &[1.0], 3, 1).is_err() && flow_records(&f, 0.1, &[1.0, 1.0], 3, 0).is_err()
        );
        let adam = Optimizer::named("adam").unwrap();
        assert_eq!(Training::run(&f, &adam, 0.1, &[1.0, 1.0], 3, 1).unwrap().edge(), None);
    }
}
