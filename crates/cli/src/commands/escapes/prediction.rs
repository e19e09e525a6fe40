//! What theory says of escape times, and where it does not hold.

use shadowflow_numerics::{Extrema, Gibbs, InputError, LargeStep, Objective as _, kramers_rate};
use shadowflow_symbolic::NumericObjective;

use super::{Model, Run};
use crate::commands::dynamics::{input, rounded};
use crate::commands::stability::short;
use crate::error::CliError;

/// Barriers of fewer T are no barriers to Kramers.
const LOW: f64 = 3.0;

/// Predictions for one well; times are in steps.
pub(super) struct Prediction {
    /// From the minimum to the lowest top beside it.
    pub(super) barrier: f64,
    /// The quasi-potential of the cheapest climb; infinite where there is none.
    pub(super) climb: f64,
    /// The mean time that Langevin's equation needs, exactly.
    pub(super) langevin: Option<f64>,
    pub(super) kramers: Option<f64>,
    /// Langevin's time with the quasi-potential in the exponent in place of the barrier.
    pub(super) quasi_potential: Option<f64>,
}

/// For every well.
///
/// # Errors
/// If there is no Gibbs law, or h or the length of the ripples cannot be used.
pub(super) fn all(
    f: &NumericObjective,
    wells: &Extrema,
    model: Model,
    h: f64,
) -> Result<Vec<Prediction>, CliError> {
    let gibbs = Gibbs::new(f, model.temperature(h)).map_err(input)?;
    let epsilon = if let Model::Ripples { epsilon } = model { epsilon } else { 1.0 };
    let map = LargeStep::new(f, epsilon, h).map_err(input)?;
    let of = |well| of_well(f, &gibbs, &map, wells, well, model).map_err(input);
    (0..wells.minima().len()).map(of).collect()
}

fn of_well(
    f: &NumericObjective,
    gibbs: &Gibbs<&NumericObjective>,
    map: &LargeStep<&NumericObjective>,
    wells: &Extrema,
    well: usize,
    model: Model,
) -> Result<Prediction, InputError> {
    let (minimum, h, temperature) = (wells.minima()[well], map.h(), gibbs.temperature());
    let (left, right) = wells.territory(well);
    // Escapes at each side a unit of time; where f is too high for Gibbs' law there is no answer.
    let exits: Option<[f64; 2]> = match (left.is_finite(), right.is_finite()) {
        (true, true) => {
            gibbs.exit(minimum, (left, right)).ok().map(|(time, share)| [(1.0 - share) / time, share / time])
        }
        (true, false) => gibbs.passage_time(minimum, left).ok().map(|time| [1.0 / time, 0.0]),
        (false, true) => gibbs.passage_time(minimum, right).ok().map(|time| [0.0, 1.0 / time]),
        (false, false) => None,
    };
    let tops = [well.checked_sub(1).map(|k| wells.tops()[k]), wells.tops().get(well).copied()];
    let (mut barrier, mut climb) = (f64::INFINITY, f64::INFINITY);
    let (mut kramers, mut corrected) = (Some(0.0), exits.map(|_| 0.0));
    for (side, top) in tops.into_iter().enumerate() {
        let Some(top) = top else { continue };
        let height = f.value(&[top]) - f.value(&[minimum]);
        let cost = map.quasi_potential(minimum, top)?;
        barrier = barrier.min(height);
        climb = climb.min(cost);
        let rate = kramers_rate(f, minimum, top, temperature)?;
        kramers = kramers.zip(rate).map(|(sum, rate)| sum + rate);
        corrected = corrected.zip(exits).map(|(sum, exits)| {
            sum + if cost.is_finite() { exits[side] * (-(cost - 4.0 * height) / h).exp() } else { 0.0 }
        });
    }
    // From rates in a unit of time to numbers of steps.
    let steps = |rate: f64| (rate > 0.0 && (1.0 / rate).is_finite()).then(|| 1.0 / (rate * h));
    let quasi_potential = match model {
        Model::Langevin { .. } => None,
        Model::Ripples { .. } | Model::Map => corrected.and_then(steps),
    };
    let langevin = exits.and_then(|exits| steps(exits[0] + exits[1]));
    Ok(Prediction { barrier, climb, langevin, kramers: kramers.and_then(steps), quasi_potential })
}

/// What is to be said about them, and about what was seen.
pub(super) fn notes(f: &NumericObjective, model: Model, runs: &[Run]) -> Vec<String> {
    let wells = runs[0].seen.extrema();
    let mut notes = Vec::new();
    let names = |chosen: &dyn Fn(&Run) -> bool| {
        let found: Vec<String> = runs.iter().filter(|run| chosen(run)).map(|run| short(run.h)).collect();
        let all = found.len() == runs.len() && runs.len() > 1;
        (!found.is_empty())
            .then(|| if all { "at every h".to_owned() } else { format!("at h = {}", found.join(", ")) })
    };
    let curvature = |x: f64| {
        let mut out = [0.0];
        f.hessian(&[x], &mut out);
        out[0].abs()
    };
    let steepest = wells.minima().iter().map(|&x| curvature(x)).fold(0.0, f64::max);
    let silent = |run: &Run| (0..wells.minima().len()).any(|k| run.seen.escapes(k) == 0);
    if let Some(at) = names(&silent) {
        notes.push(format!(
            "No escape was seen from some well {at}: \"at least\" is the mean time below which so long a silence has a chance of \
             5 %, for exponential waiting times. More --steps see more."
        ));
    }
    let low = |run: &Run| run.predicted.iter().any(|p| p.barrier < LOW * model.temperature(run.h));
    if let Some(at) = names(&low) {
        notes.push(format!(
            "Kramers' formula asks for barriers of many T; {at} the lowest is less than {LOW} T, and it does not hold."
        ));
    }
    if runs.iter().any(|run| run.predicted.iter().any(|p| p.kramers.is_none())) {
        notes.push("Kramers' formula needs f'' > 0 at the minimum and f'' < 0 at the top, which is not so everywhere here.".to_owned());
    }
    if runs.iter().any(|run| run.predicted.iter().any(|p| p.langevin.is_none())) {
        notes.push("A well or a top lies more than 40 T above the lowest well: Langevin's time is not computed there.".to_owned());
    }
    let coarse = |run: &Run| run.h * steepest > 0.5;
    if let Some(at) = names(&coarse) {
        notes.push(format!(
            "Steps are not small {at}: h f'' is above 1/2 in a well, and all predictions are limits of small h."
        ));
    }
    match model {
        Model::Langevin { .. } => notes.push(
            "Langevin is the exact mean time of the equation; the scheme with the step h looks for escapes once a step and has \
             errors of its own, of the order of the square root of h."
                .to_owned(),
        ),
        Model::Map | Model::Ripples { .. } => of_bounded_kicks(runs, &mut notes),
    }
    if let Model::Ripples { epsilon } = model {
        // f'' is at most 1/ε and what f₀ adds.
        let settles = |run: &Run| run.h * (1.0 / epsilon + steepest) < 2.0;
        let near = |run: &Run| !settles(run) && run.h < 30.0 * epsilon;
        if let Some(at) = names(&settles) {
            notes.push(format!(
                "{at} every step descends the ripples: h is below 2/(1/epsilon + f''), orbits settle in the next ripple, and no \
                 prediction of this table holds."
            ));
        }
        if let Some(at) = names(&near) {
            notes.push(format!(
                "{at} the step is not large against epsilon: successive phases are not independent, as all predictions assume."
            ));
        }
    }
    notes
}

fn of_bounded_kicks(runs: &[Run], notes: &mut Vec<String>) {
    let excess = |run: &Run| {
        let each = run.predicted.iter().map(|p| (p.climb - 4.0 * p.barrier) / run.h);
        each.filter(|x| x.is_finite()).fold(0.0, f64::max)
    };
    let largest = runs.iter().map(excess).fold(0.0, f64::max);
    if runs.iter().any(|run| run.predicted.iter().any(|p| p.climb == f64::INFINITY)) {
        notes.push(
            "Somewhere on the way f0' is above 0.96: kicks of at most h do not climb slopes of 1, and the quasi-potential is \
             infinite. Langevin's equation and Kramers' formula know nothing of this."
                .to_owned(),
        );
    }
    if largest > 0.25 {
        notes.push(format!(
            "Langevin and Kramers at T = h/4 have the exponent 4 Delta f/h, which is not the one of bounded kicks: the \
             quasi-potential adds up to {} to it here, a factor of {} in time.",
            rounded(largest, 3),
            rounded(largest.exp(), 3)
        ));
    }
    notes.push(
        "quasi-potential is Langevin's time with that exponent: right to leading order as h -> 0, up to factors of order one."
            .to_owned(),
    );
}
