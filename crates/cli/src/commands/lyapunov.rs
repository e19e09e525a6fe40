//! `shadowflow lyapunov`: how fast neighbouring orbits part.

mod plane;
mod rates;

use serde_json::{Value, json};
use shadowflow_figures::Progress;
use shadowflow_numerics::{Iteration, Lyapunov, Motion, OrbitError, PeriodicOrbit, ZeroOne};

use super::dynamics::{Dynamics, Flow, check_ending, failed, number};
use super::orbit::steps as steps_in_words;
use super::stability::{point, short};
use crate::args::LyapunovArgs;
use crate::error::CliError;
use crate::terminal::{Bar, is_cancelled, print, print_json, stop_by_myself};

/// Steps measured at one learning rate.
const STEPS: usize = 100_000;

/// Observations of the 0-1 test.
const OBSERVATIONS: usize = 4000;

pub(crate) fn run(args: &LyapunovArgs) -> Result<(), CliError> {
    check_ending(args.out.as_deref())?;
    match (args.h, &args.rates, &args.plane) {
        (Some(_), ..) if args.out.is_some() => Err(CliError::OnlyWithRates),
        (Some(h), ..) => at_one(args, h),
        (None, Some(rates), Some(range)) => plane::run(args, rates, range),
        (None, Some(rates), None) => rates::run(args, rates),
        (None, None, _) => Err(CliError::Step { h: f64::NAN }),
    }
}

/// Why there are no exponents.
enum Stopped {
    Orbit(OrbitError),
    Interrupted,
}

impl From<OrbitError> for Stopped {
    fn from(error: OrbitError) -> Stopped {
        Stopped::Orbit(error)
    }
}

/// The exponents, telling what share is done.
fn measured(
    map: &Iteration<Flow>,
    h: f64,
    start: &[f64],
    (transient, steps): (usize, usize),
    advance: impl Fn(f64),
) -> Result<Lyapunov, Stopped> {
    Lyapunov::reporting(map, h, start, transient, steps, |share| {
        advance(share);
        if is_cancelled() { Err(Stopped::Interrupted) } else { Ok(()) }
    })
}

fn at_one(args: &LyapunovArgs, h: f64) -> Result<(), CliError> {
    let dynamics = Dynamics::of(&args.map)?;
    let start = dynamics.start("--start", &args.start)?;
    let steps = args.steps.unwrap_or(STEPS);
    stop_by_myself();
    let bar = Bar::new(1);
    let found = measured(&dynamics.map, h, &start, (args.transient, steps), |share| bar.advance(share));
    bar.finish();
    let found = match found {
        Ok(found) => found,
        Err(Stopped::Interrupted) => return Err(CliError::Interrupted),
        Err(Stopped::Orbit(error @ OrbitError::Input(_))) => return Err(failed(error)),
        Err(Stopped::Orbit(error)) => {
            let end = Motion::leaving(&dynamics.map, h, &start, args.transient.saturating_add(steps));
            return Err(end.map_or_else(|| failed(error), |(motion, step)| has_none(h, motion, step)));
        }
    };
    let test = ZeroOne::of_orbit(&dynamics.map, h, found.last(), OBSERVATIONS).ok();
    let report = Report { dynamics: &dynamics, h, steps, found, test };
    if args.json { print_json(&report.document()) } else { print(&report.text()) }
}

fn has_none(h: f64, motion: Motion, step: usize) -> CliError {
    let (h, after) = (short(h), steps_in_words(step));
    let what = match motion {
        Motion::LeftDomain => {
            format!("leaves the domain at h = {h}: after {after} it has no number for a point")
        }
        _ => format!("diverges at h = {h}: after {after} it is beyond 1e6"),
    };
    CliError::Measurement {
        reason: format!(
            "the orbit {what}, and so has no exponents; a smaller --h or another --start may stay"
        ),
    }
}

struct Report<'a> {
    dynamics: &'a Dynamics,
    h: f64,
    steps: usize,
    found: Lyapunov,
    /// None if the orbit leaves behind the steps of the exponents.
    test: Option<ZeroOne>,
}

/// The result of a 0-1 test.
fn of_test(test: &ZeroOne) -> Value {
    json!({
        "k": test.k(),
        "quartiles": [test.quartiles().0, test.quartiles().1],
        "verdict": test.motion().name(),
        "observations": test.observations(),
        "stride": test.stride(),
    })
}

fn of_orbit(orbit: &PeriodicOrbit) -> Value {
    json!({
        "period": orbit.period(),
        "stable": orbit.is_stable(),
        "multipliers": orbit.multipliers().iter().map(|m| [m.re, m.im]).collect::<Vec<_>>(),
        "exponents": orbit.exponents().map(number).collect::<Vec<_>>(),
    })
}

impl Report<'_> {
    fn document(&self) -> Value {
        let found = &self.found;
        json!({
            "method": self.dynamics.method,
            "formula": self.dynamics.formula,
            "h": self.h,
            "steps": self.steps,
            "exponents": found.exponents(),
            "errors": found.errors(),
            "kaplan_yorke": found.kaplan_yorke(),
            "kaplan_yorke_defined": found.has_kaplan_yorke(),
            "periodic": found.closed().map(of_orbit),
            "zero_one": self.test.as_ref().map(of_test),
            "motion": found.motion(self.test.as_ref()).name(),
        })
    }

    fn text(&self) -> String {
        let found = &self.found;
        let mut lines = vec![
            format!("{} with h = {} on {}", self.dynamics.method, short(self.h), self.dynamics.formula),
            String::new(),
            format!("Lyapunov exponents per step, over {} steps:", self.steps),
        ];
        for (value, error) in found.exponents().iter().zip(found.errors()) {
            lines.push(format!("  {} +- {}", short(*value), short(*error)));
        }
        lines.push(self.dimension());
        lines.push(self.zero_one());
        lines.push(self.verdict());
        lines.join("\n") + "\n"
    }

    fn dimension(&self) -> String {
        let dimension = short(self.found.kaplan_yorke());
        let (first, room) = (self.found.exponents()[0], 4.0 * self.found.errors()[0]);
        let why = match first {
            first if first.abs() <= room && self.found.exponents().len() > 1 => {
                " (not to be relied on: the largest exponent is 0 as far as this many steps tell, where the formula jumps)"
            }
            _ if self.found.has_kaplan_yorke() => "",
            first if first < 0.0 => {
                " (by convention: all exponents are negative, where the formula is not defined)"
            }
            _ => {
                " (by convention, that of the state: the sum of all exponents is not negative, where the formula is not defined)"
            }
        };
        format!("Kaplan-Yorke dimension: {dimension}{why}")
    }

    fn zero_one(&self) -> String {
        let Some(test) = &self.test else {
            return "0-1 test: none, the orbit leaves before enough of it is seen".to_owned();
        };
        let (low, high) = test.quartiles();
        let verdict = match test.motion() {
            Motion::Chaotic => "near 1: chaotic",
            Motion::Regular => "near 0: regular",
            _ if test.stride().is_none() => "undecided: the orbit changes too slowly to be tested",
            _ => "undecided: near neither 0 nor 1 at most frequencies",
        };
        let every = match test.stride() {
            Some(stride) if stride > 1 => format!(", one every {stride} steps"),
            _ => String::new(),
        };
        format!(
            "0-1 test: K = {:.3} ({verdict}); half of the frequencies between {low:.3} and {high:.3}, {} observations{every}",
            test.k(),
            test.observations()
        )
    }

    fn verdict(&self) -> String {
        let (value, room) = (self.found.exponents()[0], 4.0 * self.found.errors()[0]);
        let sign = match () {
            () if value > room => "positive",
            () if value < -room => "negative",
            () => "0 as far as this many steps tell",
        };
        let of_test = self.test.as_ref().map(ZeroOne::motion);
        match (self.found.motion(self.test.as_ref()), self.found.closed()) {
            (Motion::Periodic, Some(orbit)) => closed(orbit),
            (Motion::Diverged, _) => {
                "It runs away: the orbit ends beyond 1e6, and the numbers above are not those of a bounded one."
                    .to_owned()
            }
            (Motion::Chaotic, _) => "The largest is positive, and the 0-1 test agrees: chaos.".to_owned(),
            (Motion::Regular, _) if value >= -room => {
                "The largest is 0 as far as this many steps tell, and the 0-1 test says regular: no chaos, as in quasi-periodic motion."
                    .to_owned()
            }
            (Motion::Regular, _) if of_test == Some(Motion::Regular) => {
                "All are negative, and the 0-1 test agrees: the orbit settles.".to_owned()
            }
            (Motion::Regular, _) => {
                "All are negative: the orbit settles; the 0-1 test does not decide.".to_owned()
            }
            _ => {
                let says = match of_test {
                    Some(Motion::Chaotic) => "the 0-1 test says chaotic",
                    Some(Motion::Regular) => "the 0-1 test says regular",
                    _ => "the 0-1 test does not decide",
                };
                format!("Undecided: the largest is {sign}, and {says}. More --steps or a longer --transient may tell.")
            }
        }
    }
}

fn closed(orbit: &PeriodicOrbit) -> String {
    let all: Vec<f64> = orbit.exponents().collect();
    let kind = match () {
        () if orbit.is_stable() => "an attracting",
        () if orbit.is_neutral() => "a neutral",
        () => "a repelling",
    };
    format!(
        "The orbit has closed, on {kind} orbit of period {}: its multipliers give exactly {}.",
        orbit.period(),
        point(&all)
    )
}
