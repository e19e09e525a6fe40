//! `shadowflow escapes`: how long it takes to leave a well, and what that is compared with.

mod picture;
mod prediction;

use std::f64::consts::TAU;

use serde_json::{Value, json};
use shadowflow_figures::Progress;
use shadowflow_numerics::{Extrema, InputError, LargeStep, Transitions};
use shadowflow_symbolic::NumericObjective;

use super::dynamics::{
    check_ending, check_range, draw, failed, input, number, objective, pair, rounded, statistics, wrong,
};
use super::gibbs::plus_minus;
use super::stability::{short, wrapped};
use crate::args::{EscapeModel, EscapesArgs};
use crate::error::CliError;
use crate::terminal::{Bar, print, print_json, stop_by_myself};
use prediction::Prediction;

/// Steps of each orbit between looks at Ctrl-C, at the most.
const CHUNK: u64 = 100_000;

/// The most steps of an orbit.
const MOST: usize = 150_000_000;

/// Normal quantile of the confidence intervals, 95 %.
const CONFIDENCE: f64 = 1.96;

/// What moves, with its numbers.
#[derive(Clone, Copy)]
enum Model {
    Ripples { epsilon: f64 },
    Map,
    Langevin { temperature: f64 },
}

impl Model {
    fn of(args: &EscapesArgs) -> Result<Model, CliError> {
        if args.model != EscapeModel::Ripples && args.epsilon.is_some() {
            return wrong(
                "--epsilon",
                "only --model ripples has ripples; leave it out, or choose that model",
            );
        }
        if args.model != EscapeModel::Langevin && args.temperature.is_some() {
            return wrong(
                "--temperature",
                "this model has the temperature h/4; leave it out, or choose --model langevin",
            );
        }
        match (args.model, args.epsilon, args.temperature) {
            (EscapeModel::Ripples, Some(epsilon), _) => Ok(Model::Ripples { epsilon }),
            (EscapeModel::Ripples, None, _) => wrong(
                "--epsilon",
                "the model ripples needs their length, as in --epsilon 1e-5; --model stochastic-map and --model langevin do without",
            ),
            (EscapeModel::StochasticMap, _, _) => Ok(Model::Map),
            (EscapeModel::Langevin, _, Some(temperature)) if temperature > 0.0 => {
                Ok(Model::Langevin { temperature })
            }
            (EscapeModel::Langevin, _, Some(_)) => {
                wrong("--temperature", "escapes need noise; a positive, finite number is accepted")
            }
            (EscapeModel::Langevin, _, None) => {
                wrong("--temperature", "Langevin's equation needs one, as in --temperature 0.05")
            }
        }
    }

    fn name(self) -> &'static str {
        match self {
            Model::Ripples { .. } => "ripples",
            Model::Map => "stochastic-map",
            Model::Langevin { .. } => "langevin",
        }
    }

    fn temperature(self, h: f64) -> f64 {
        match self {
            Model::Langevin { temperature } => temperature,
            Model::Ripples { .. } | Model::Map => 0.25 * h,
        }
    }
}

/// What is found at one h.
struct Run {
    h: f64,
    seen: Transitions,
    predicted: Vec<Prediction>,
}

struct Report<'a> {
    args: &'a EscapesArgs,
    model: Model,
    formula: String,
    variable: String,
    runs: Vec<Run>,
    notes: Vec<String>,
}

pub(crate) fn run(args: &EscapesArgs) -> Result<(), CliError> {
    check_ending(args.out.as_deref())?;
    let model = Model::of(args)?;
    let all = steps_asked_for(args)?;
    check_range("--steps", args.steps, 1, MOST)?;
    let (f, formula, variables) = objective(&args.system)?;
    let [variable] = &variables[..] else { return Err(CliError::OneVariable { found: variables.len() }) };
    let window = args.window.as_deref().map(|given| pair("--window", given)).transpose()?;
    let wells = match Extrema::find(&f, window) {
        Ok(wells) if wells.minima().len() > 1 => wells,
        Ok(wells) => return Err(CliError::Wells { found: wells.minima().len() }),
        Err(InputError::Order { found, .. }) => return Err(CliError::Wells { found }),
        Err(error) => return Err(failed(error)),
    };
    // Before any work is done: what has no law has no wells either.
    let predictions = all
        .iter()
        .map(|&h| prediction::all(&f, &wells, model, h))
        .collect::<Result<Vec<Vec<Prediction>>, _>>()?;
    stop_by_myself();
    let mut bar = Bar::new(all.len());
    let mut runs = Vec::new();
    for (k, (&h, predicted)) in all.iter().zip(predictions).enumerate() {
        bar.begin(k, &format!("h = {}", short(h)));
        let seen = watched(args, &f, model, h, wells.clone(), &bar);
        if seen.is_err() {
            bar.finish();
        }
        runs.push(Run { h, seen: seen?, predicted });
    }
    bar.finish();
    let notes = prediction::notes(&f, model, &runs);
    let report = Report { args, model, formula, variable: variable.clone(), runs, notes };
    if let Some(file) = &args.out {
        draw(&report.chart(), file)?;
    }
    if args.json { print_json(&report.document()) } else { print(&report.text()) }
}

/// One h, or several evenly in 1/h, the smallest first.
fn steps_asked_for(args: &EscapesArgs) -> Result<Vec<f64>, CliError> {
    let given = match (args.h, &args.rates) {
        (Some(h), _) => (h, h),
        (None, Some(given)) => pair("--rates", given)?,
        (None, None) => (f64::NAN, f64::NAN),
    };
    if !(given.0 > 0.0 && given.1.is_finite()) {
        return Err(CliError::Step { h: given.0 });
    }
    if args.h.is_some() {
        return Ok(vec![given.0]);
    }
    check_range("--columns", args.columns, 2, 1000)?;
    let (from, to) = (1.0 / given.0, 1.0 / given.1);
    let last = args.columns - 1;
    let inverse = |k: usize| from + (to - from) * k as f64 / last as f64;
    // The ends as they were typed.
    let at = |k: usize| match k {
        0 => given.0,
        k if k == last => given.1,
        k => 1.0 / inverse(k),
    };
    Ok((0..args.columns).map(at).collect())
}

fn watched(
    args: &EscapesArgs,
    f: &NumericObjective,
    model: Model,
    h: f64,
    wells: Extrema,
    bar: &Bar,
) -> Result<Transitions, CliError> {
    use shadowflow_numerics::Objective as _;
    let mut seen = Transitions::new(wells, args.seed);
    let steps = args.steps as u64;
    let chunk = CHUNK.min(steps.div_ceil(20));
    // Maps that draw random numbers and maps that do not go the same way.
    let epsilon = if let Model::Ripples { epsilon } = model { epsilon } else { 1.0 };
    let map = LargeStep::new(f, epsilon, h).map_err(input)?;
    while seen.steps() < steps {
        let some = chunk.min(steps - seen.steps());
        let outcome = match model {
            Model::Ripples { .. } => seen.advance(some, |x, _| map.step(x)),
            Model::Map => seen.advance(some, |x, random| map.stochastic_step(x, TAU * random.uniform())),
            Model::Langevin { temperature } => {
                let kick = (2.0 * temperature * h).sqrt();
                seen.advance(some, |x, random| {
                    let mut slope = [0.0];
                    f.gradient(&[x], &mut slope);
                    x - h * slope[0] + kick * random.normal()
                })
            }
        };
        statistics(outcome)?;
        bar.advance(seen.steps() as f64 / steps as f64);
        if bar.is_cancelled() {
            return Err(CliError::Interrupted);
        }
    }
    Ok(seen)
}

impl Report<'_> {
    fn title(&self) -> String {
        match self.model {
            Model::Ripples { epsilon } => format!(
                "Gradient descent on {} + epsilon sin({v}/epsilon), epsilon = {}",
                self.formula,
                short(epsilon),
                v = self.variable
            ),
            Model::Map => format!("The stochastic map x - h f0'(x) - h cos U of f0 = {}", self.formula),
            Model::Langevin { temperature } => {
                format!("Langevin's equation with f = {}, T = {}", self.formula, short(temperature))
            }
        }
    }

    fn text(&self) -> String {
        let wells = self.runs[0].seen.extrema();
        let list = |places: &[f64]| places.iter().map(|&x| short(x)).collect::<Vec<_>>().join(", ");
        let mut lines = vec![
            self.title(),
            format!("wells at {}; tops between them at {}", list(wells.minima()), list(wells.tops())),
            format!("{} orbits of {} steps for each h", self.runs[0].seen.orbits(), self.args.steps),
        ];
        let mut heading: Vec<String> =
            ["h", "well", "escapes", "mean escape time", "95 %", "Langevin", "Kramers"]
                .map(str::to_owned)
                .to_vec();
        if !matches!(self.model, Model::Langevin { .. }) {
            heading.push("quasi-potential".to_owned());
        }
        let mut rows = vec![heading];
        let steps = |time: Option<f64>| time.map_or("-".to_owned(), |time| rounded(time, 4));
        for run in &self.runs {
            for (well, predicted) in run.predicted.iter().enumerate() {
                let (time, interval) = run.measured(well);
                let mut row = vec![
                    short(run.h),
                    short(wells.minima()[well]),
                    run.seen.escapes(well).to_string(),
                    time,
                    interval,
                    steps(predicted.langevin),
                    steps(predicted.kramers),
                ];
                if !matches!(self.model, Model::Langevin { .. }) {
                    row.push(steps(predicted.quasi_potential));
                }
                rows.push(row);
            }
        }
        lines.push(String::new());
        lines.push(super::table(&rows).trim_end().to_owned());
        lines.push("times in steps; the last columns are predictions, - where one does not apply".to_owned());
        for run in &self.runs {
            lines.push(String::new());
            let n = wells.minima().len();
            let mut table = vec![vec![
                format!("h = {}: from", short(run.h)),
                "barrier".to_owned(),
                "barrier/T".to_owned(),
            ]];
            if !matches!(self.model, Model::Langevin { .. }) {
                table[0].push("quasi-potential/h".to_owned());
            }
            table[0].extend((0..n).map(|to| format!("to {}", short(wells.minima()[to]))));
            for (well, predicted) in run.predicted.iter().enumerate() {
                let mut row = vec![
                    short(wells.minima()[well]),
                    rounded(predicted.barrier, 4),
                    rounded(predicted.barrier / self.model.temperature(run.h), 4),
                ];
                if !matches!(self.model, Model::Langevin { .. }) {
                    row.push(rounded(predicted.climb / run.h, 4));
                }
                row.extend(
                    (0..n).map(
                        |to| if to == well { "".to_owned() } else { run.seen.count(well, to).to_string() },
                    ),
                );
                table.push(row);
            }
            lines.push(super::table(&table).trim_end().to_owned());
        }
        if !self.notes.is_empty() {
            lines.push(String::new());
        }
        lines.extend(self.notes.iter().map(|note| format!("*{}", &wrapped(&format!("  {note}"))[1..])));
        lines.join("\n") + "\n"
    }

    fn document(&self) -> Value {
        let wells = self.runs[0].seen.extrema();
        let one = |run: &Run| {
            let n = wells.minima().len();
            let well = |(k, predicted): (usize, &Prediction)| {
                let (seen, time) = (&run.seen, run.seen.escape_time(k));
                let rate = seen.rate(k);
                json!({
                    "at": wells.minima()[k],
                    "escapes": seen.escapes(k),
                    "steps": seen.time(k),
                    "censored": seen.censored(k),
                    "to": (0..n).map(|to| seen.count(k, to)).collect::<Vec<_>>(),
                    "escape_time": time.map(|time| time.value),
                    "escape_time_error": time.map(|time| time.error),
                    "escape_time_at_least": if time.is_none() && seen.time(k) > 0 { Some(seen.at_least(k)) } else { None },
                    "rate": rate.map(|rate| rate.value()),
                    "rate_interval": rate.map(|rate| [rate.interval(CONFIDENCE).0, rate.interval(CONFIDENCE).1]),
                    "barrier": predicted.barrier,
                    "barrier_over_temperature": predicted.barrier / self.model.temperature(run.h),
                    "quasi_potential": match self.model {
                        Model::Langevin { .. } => Value::Null,
                        _ => number(predicted.climb),
                    },
                    "langevin": predicted.langevin,
                    "kramers": predicted.kramers,
                    "quasi_potential_time": predicted.quasi_potential,
                })
            };
            json!({
                "h": run.h,
                "temperature": self.model.temperature(run.h),
                "wells": run.predicted.iter().enumerate().map(well).collect::<Vec<_>>(),
            })
        };
        let epsilon = if let Model::Ripples { epsilon } = self.model { Some(epsilon) } else { None };
        json!({
            "objective": self.formula,
            "model": self.model.name(),
            "epsilon": epsilon,
            "seed": self.args.seed,
            "orbits": self.runs[0].seen.orbits(),
            "steps": self.args.steps,
            "minima": wells.minima(),
            "tops": wells.tops(),
            "runs": self.runs.iter().map(one).collect::<Vec<_>>(),
            "notes": self.notes,
        })
    }
}

impl Run {
    /// The mean escape time and its interval, or what is known of it.
    fn measured(&self, well: usize) -> (String, String) {
        let (Some(rate), time) = (self.seen.rate(well), self.seen.escape_time(well)) else {
            return ("no orbit was there".to_owned(), String::new());
        };
        match time {
            Some(time) => {
                let (low, high) = rate.interval(CONFIDENCE);
                (plus_minus(time), format!("{} to {}", rounded(1.0 / high, 4), rounded(1.0 / low, 4)))
            }
            None => (format!("at least {}", rounded(self.seen.at_least(well), 3)), "no escape".to_owned()),
        }
    }
}
