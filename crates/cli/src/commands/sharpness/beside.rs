//! What training is compared with: the gradient flow and the central flow at the same times.

use serde_json::{Value, json};
use shadowflow_numerics::{
    CentralFlow, CentralMoment, Objective, Optimizer, Outcome, Record, Training, flow_records,
};

use crate::args::SharpnessArgs;
use crate::commands::dynamics::number;
use crate::commands::stability::short;

/// Two flows, each with what was found or why it was not.
pub(super) struct Beside {
    /// The time of a step.
    pub(super) unit: f64,
    pub(super) gradient: Result<Vec<Record>, String>,
    pub(super) central: Result<Vec<CentralMoment>, String>,
}

impl Beside {
    /// Over the time of the run.
    pub(super) fn of<V: Objective>(
        args: &SharpnessArgs,
        optimizer: &Optimizer,
        f: &V,
        start: &[f64],
        run: &Training,
    ) -> Beside {
        let last = match run.outcome() {
            Outcome::Completed => args.steps,
            Outcome::NotFinite { step } | Outcome::Escaped { step } => step,
        };
        let steps = last - last % args.every;
        let Some(speed) = optimizer.speed() else {
            let reason = "steps of an adaptive method follow the flow of another field".to_owned();
            return Beside { unit: args.h, gradient: Err(reason.clone()), central: Err(reason) };
        };
        let unit = args.h * speed;
        let gradient = flow_records(f, unit, start, steps, args.every).map_err(|error| error.to_string());
        let central = match speed == 1.0 {
            true => CentralFlow::new(f, args.h)
                .map_err(|error| error.to_string())
                .and_then(|flow| flow.follow(start, steps, args.every).map_err(|error| error.to_string())),
            false => Err("it is that of gradient descent, not of momentum".to_owned()),
        };
        Beside { unit, gradient, central }
    }

    pub(super) fn json(&self) -> Value {
        let times = |steps: Vec<usize>| -> Vec<f64> { steps.iter().map(|k| *k as f64 * self.unit).collect() };
        let gradient = match &self.gradient {
            Err(reason) => json!({ "missing": reason }),
            Ok(records) => json!({
                "time": times(records.iter().map(|record| record.step).collect()),
                "loss": records.iter().map(|record| number(record.loss)).collect::<Vec<_>>(),
                "sharpness": records.iter().map(|record| number(record.sharpness)).collect::<Vec<_>>(),
            }),
        };
        let central = match &self.central {
            Err(reason) => json!({ "missing": reason }),
            Ok(moments) => {
                let of = |quantity: fn(&CentralMoment) -> f64| -> Vec<Value> {
                    moments.iter().map(|moment| number(quantity(moment))).collect()
                };
                json!({
                    "time": times(moments.iter().map(|moment| moment.step).collect()),
                    "loss": of(|moment| moment.loss),
                    "mean_loss": of(CentralMoment::mean_loss),
                    "sharpness": of(|moment| moment.sharpness),
                    "variance": of(|moment| moment.variance),
                    "at_edge": moments.iter().map(|moment| moment.oscillations.len()).collect::<Vec<_>>(),
                })
            }
        };
        json!({ "gradient_flow": gradient, "central_flow": central })
    }

    pub(super) fn lines(&self) -> Vec<String> {
        let mut lines = Vec::new();
        match &self.gradient {
            Err(reason) => lines.push(format!("gradient flow  none: {reason}")),
            Ok(records) => {
                if let Some(last) = records.last() {
                    lines.push(format!(
                        "gradient flow  loss {}, sharpness {} at time {}",
                        short(last.loss),
                        short(last.sharpness),
                        short(last.step as f64 * self.unit)
                    ));
                }
            }
        }
        match &self.central {
            Err(reason) => lines.push(format!("central flow   none: {reason}")),
            Ok(moments) => {
                if let Some(last) = moments.last() {
                    let (mean, sharpness) = (short(last.mean_loss()), short(last.sharpness));
                    lines.push(format!("central flow   mean loss {mean}, sharpness {sharpness} then"));
                }
                let most = moments.iter().map(|moment| moment.oscillations.len()).max().unwrap_or(0);
                lines.push(match (most, moments.iter().find(|moment| !moment.oscillations.is_empty())) {
                    (1, Some(first)) => format!(
                        "               one eigenvalue is held at the edge, for the first time at step {} or just before",
                        first.step
                    ),
                    (most, Some(first)) => format!(
                        "               up to {most} eigenvalues are held at the edge, the first at step {} or just before",
                        first.step
                    ),
                    (_, None) => "               no eigenvalue is held at the edge".to_owned(),
                });
            }
        }
        lines
    }
}
