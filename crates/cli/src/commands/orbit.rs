//! `shadowflow orbit`: one orbit, and what it comes to.

use serde_json::{Value, json};
use shadowflow_figures::data::{Cell, Table};
use shadowflow_figures::style::{BLUE, GREY, Marker, Stroke, VERMILION};
use shadowflow_figures::{Chart, ChartAxis, ChartLayer};
use shadowflow_numerics::{Approach, Destiny, Judge, Lyapunov, Map, PeriodicOrbit};

use super::dynamics::{Dynamics, check_ending, draw, failed, label, number, tex};
use super::stability::{point, short};
use crate::args::OrbitArgs;
use crate::error::CliError;
use crate::terminal::{print, print_json};

/// Points of the orbit that are drawn at the most.
const DRAWN: usize = 20_000;

/// The most steps.
const MOST: usize = 100_000_000;

/// Exponents below this are 0 up to rounding.
pub(super) const ROUNDING: f64 = 1e-9;

/// Steps that are drawn of one variable over the step.
const STEPS_DRAWN: usize = 300;

pub(crate) fn run(args: &OrbitArgs) -> Result<(), CliError> {
    check_ending(args.out.as_deref())?;
    let dynamics = Dynamics::of(&args.map)?;
    let start = dynamics.start("--start", &args.start)?;
    if args.cobweb && dynamics.map.dim() != 1 {
        return Err(CliError::NeedsOneNumber { found: dynamics.map.dim() });
    }
    let window = match args.window[..] {
        [] => None,
        _ => Some(dynamics.sides("--window", &args.window, (0.0, 0.0))?),
    };
    let judge = Judge { steps: args.steps, window, ..Judge::default() };
    let d = dynamics.variables.len();
    let mut points: Vec<Vec<f64>> = Vec::new();
    // f at the start, the largest value on the way, and the last.
    let mut values: Option<(f64, f64, f64)> = None;
    let mut last = start.clone();
    if args.steps > MOST {
        return Err(CliError::Range { argument: "--steps", found: args.steps, least: 256, most: MOST });
    }
    // The text shows no points, the document the first ones, a file all.
    let needed = match (&args.out, args.json) {
        (Some(_), _) => usize::MAX,
        (None, true) => args.points,
        (None, false) => 0,
    };
    let (mut destiny, taken) = judge
        .settle(&dynamics.map, args.h, &start, needed, |_, x| {
            if points.len() < needed {
                points.push(x[..d].to_vec());
            }
            if let Some(f) = dynamics.f(x) {
                values = Some(values.map_or((f, f, f), |(first, most, _)| (first, most.max(f), f)));
            }
            last.copy_from_slice(x);
        })
        .map_err(failed)?;
    let exponent = match destiny {
        Destiny::Aperiodic => Lyapunov::of(&dynamics.map, args.h, &last, 0, 20_000).ok(),
        _ => None,
    };
    // What draws neighbours together is no chaos: the period is beyond those looked for.
    if exponent.as_ref().is_some_and(|found| found.exponents()[0] < -4.0 * found.errors()[0]) {
        destiny = Destiny::Undecided;
    }
    let no_value = matches!(destiny, Destiny::Diverged { .. }) && {
        let mut next = vec![0.0; last.len()];
        dynamics.map.step(args.h, &last, &mut next);
        next.iter().any(|x| x.is_nan())
    };
    let report =
        Report { args, dynamics: &dynamics, destiny, taken, no_value, values, last, exponent, points };
    if let Some(file) = &args.out {
        draw(&if args.cobweb { report.cobweb() } else { report.chart() }, file)?;
    }
    if args.json { print_json(&report.document()) } else { print(&report.text()) }
}

struct Report<'a> {
    args: &'a OrbitArgs,
    dynamics: &'a Dynamics,
    destiny: Destiny,
    /// The number of steps.
    taken: usize,
    /// Whether the orbit ends where the map has no value, as √x and ln x have none for x < 0.
    no_value: bool,
    values: Option<(f64, f64, f64)>,
    last: Vec<f64>,
    exponent: Option<Lyapunov>,
    points: Vec<Vec<f64>>,
}

impl Report<'_> {
    fn orbit(&self) -> Option<&PeriodicOrbit> {
        match &self.destiny {
            Destiny::Fixed(orbit) | Destiny::Periodic(orbit) => Some(orbit),
            _ => None,
        }
    }

    /// Whether f rose above its start on the way to lower values.
    fn is_catapult(&self) -> bool {
        self.orbit().is_some()
            && self
                .values
                .is_some_and(|(first, most, last)| last < first && most - first > 0.01 * (first - last))
    }

    fn document(&self) -> Value {
        let (name, step) = match &self.destiny {
            Destiny::Fixed(_) => ("fixed", None),
            Destiny::Periodic(_) => ("periodic", None),
            Destiny::Aperiodic => ("aperiodic", None),
            Destiny::Diverged { step } if self.no_value => ("undefined", Some(step)),
            Destiny::Diverged { step } => ("diverged", Some(step)),
            Destiny::LeftWindow { step } => ("left-window", Some(step)),
            Destiny::Undecided => ("undecided", None),
        };
        let approach = match self.orbit().and_then(PeriodicOrbit::approach) {
            Some(Approach::Monotone) => "monotone",
            Some(Approach::Alternating) => "alternating",
            Some(Approach::Spiral) => "spiral",
            None => "none",
        };
        let d = self.dynamics.variables.len();
        let cycle: Vec<&[f64]> =
            self.orbit().map_or(&[][..], PeriodicOrbit::points).iter().map(|x| &x[..d]).collect();
        let multipliers = self.orbit().map_or(&[][..], PeriodicOrbit::multipliers);
        let shown = &self.points[..self.points.len().min(self.args.points)];
        json!({
            "method": self.dynamics.method,
            "formula": self.dynamics.formula,
            "variables": self.dynamics.variables,
            "h": self.args.h,
            "steps": self.args.steps,
            "steps_taken": self.taken,
            "classification": name,
            "period": self.orbit().map(PeriodicOrbit::period),
            "convergence": approach,
            "catapult": self.is_catapult(),
            "cycle": cycle,
            "multipliers": multipliers.iter().map(|m| [m.re, m.im]).collect::<Vec<_>>(),
            "ended_at_step": step,
            "lyapunov": self.exponent.as_ref().map(|found| found.exponents()[0]),
            "lyapunov_error": self.exponent.as_ref().map(|found| found.errors()[0]),
            "value_at_start": self.values.map(|values| number(values.0)),
            "value_at_end": self.values.map(|values| number(values.2)),
            "points": shown,
        })
    }

    fn text(&self) -> String {
        let (args, d) = (self.args, self.dynamics.variables.len());
        let mut lines = vec![
            format!("{} with h = {} on {}", self.dynamics.method, short(args.h), self.dynamics.formula),
            format!("from ({}) = {}", self.dynamics.variables.join(", "), point(&args.start)),
            String::new(),
        ];
        let multipliers = |orbit: &PeriodicOrbit| {
            let all: Vec<String> = orbit.multipliers().iter().map(|m| complex(m.re, m.im)).collect();
            format!("{} {}", if all.len() == 1 { "multiplier" } else { "multipliers" }, all.join(", "))
        };
        let how = |orbit: &PeriodicOrbit| match orbit.approach() {
            Some(Approach::Monotone) => ", from one side",
            Some(Approach::Alternating) => ", from both sides in turn",
            Some(Approach::Spiral) => ", round and round",
            None => "",
        };
        match &self.destiny {
            Destiny::Fixed(orbit) => {
                lines.push(format!("It comes to rest at {}{}.", point(&orbit.points()[0][..d]), how(orbit)));
                lines.push(format!("  {}", multipliers(orbit)));
                if !orbit.is_isolated() {
                    lines.push("  One is 1: the point lies on a curve of such points.".to_owned());
                }
            }
            Destiny::Periodic(orbit) => {
                lines.push(format!("It comes to an orbit of period {}{}:", orbit.period(), how(orbit)));
                lines.extend(orbit.points().iter().map(|x| format!("  {}", point(&x[..d]))));
                lines.push(format!("  {}", multipliers(orbit)));
            }
            Destiny::Aperiodic => {
                let exponent = self.exponent.as_ref().map_or(String::new(), |found| {
                    let (value, error) = (found.exponents()[0], found.errors()[0]);
                    let word = if value > (4.0 * error).max(ROUNDING) { ": chaos" } else { "" };
                    format!(" Its Lyapunov exponent is {} +- {}{word}.", short(value), short(error))
                });
                lines.push(format!(
                    "It stays bounded and does not repeat itself within {} steps.{exponent}",
                    args.steps
                ));
            }
            Destiny::Diverged { step } if self.no_value => lines.push(format!(
                "It leaves the domain after {}, at {}: the next step is no number there, as with the root or logarithm of a negative number.",
                steps(*step - 1),
                point(&self.last[..d])
            )),
            Destiny::Diverged { step } => lines.push(format!("It diverges: gone after {}.", steps(*step))),
            Destiny::LeftWindow { step } => {
                lines.push(format!("It leaves the window after {}, at {}.", steps(*step), point(&self.last[..d])));
            }
            Destiny::Undecided => lines.push(format!(
                "Undecided after {} steps, at {}: it still changes, or has closed where no attracting orbit is. More --steps may tell.",
                args.steps,
                point(&self.last[..d])
            )),
        }
        if self.taken < args.steps && self.orbit().is_some() {
            lines.push(format!(
                "  settled to rounding within {}, and not followed further",
                steps(self.taken)
            ));
        }
        if let Some((first, most, last)) = self.values {
            let way = if self.is_catapult() {
                format!(", by way of {}: a catapult", short(most))
            } else {
                String::new()
            };
            lines.push(format!("  f went from {} to {}{way}", short(first), short(last)));
        }
        lines.join("\n") + "\n"
    }

    fn chart(&self) -> Chart {
        let variables = &self.dynamics.variables;
        let columns: Vec<String> = ["step".to_owned()]
            .into_iter()
            .chain(variables.iter().cloned())
            .chain(self.values.map(|_| "f".to_owned()))
            .collect();
        let mut table = Table::of_columns(&columns);
        for (step, x) in self.points.iter().enumerate() {
            let mut row = vec![Cell::from(step as f64)];
            row.extend(x.iter().map(|&x| Cell::from(x)));
            row.extend(self.dynamics.f(x).map(Cell::from));
            table.push_row(&row);
        }
        let plane = variables.len() == 2;
        let drawn = &self.points[..self.points.len().min(if plane { DRAWN } else { STEPS_DRAWN })];
        let places: Vec<(f64, f64)> = match plane {
            true => drawn.iter().map(|x| (x[0], x[1])).collect(),
            false => drawn.iter().enumerate().map(|(k, x)| (k as f64, x[0])).collect(),
        };
        let (x, y) = (extent(places.iter().map(|p| p.0)), extent(places.iter().map(|p| p.1)));
        let (x_title, y_title) = match plane {
            true => (label(&variables[0]), label(&variables[1])),
            false => ("step".to_owned(), label(&variables[0])),
        };
        let cycle = self.orbit().filter(|_| plane).map_or(&[][..], PeriodicOrbit::points);
        Chart {
            id: "orbit".to_owned(),
            title: "An orbit".to_owned(),
            heading: format!("{}, $h={}$", self.dynamics.method, tex(self.args.h)),
            parameters: json!({
                "method": self.dynamics.method, "formula": self.dynamics.formula,
                "h": self.args.h, "start": self.args.start, "steps": self.args.steps,
            }),
            x: ChartAxis::linear(&x_title, x),
            y: ChartAxis::linear(&y_title, y),
            layers: vec![
                ChartLayer::Line { points: places.clone(), stroke: Stroke::thin(BLUE).opacity(0.35) },
                ChartLayer::Points { points: places, marker: Marker::disk(BLUE).radius(0.8) },
                ChartLayer::Points {
                    points: cycle.iter().map(|x| (x[0], x[1])).collect(),
                    marker: Marker::disk(VERMILION).radius(1.8),
                },
            ],
            keys: Vec::new(),
            table: Some(table),
            fields: Vec::new(),
        }
    }
}

impl Report<'_> {
    /// The graph of the map, the diagonal, and the path (x₀, x₀), (x₀, x₁), (x₁, x₁), … between them.
    fn cobweb(&self) -> Chart {
        let chart = self.chart();
        let places: Vec<f64> = self.points.iter().take(STEPS_DRAWN).map(|x| x[0]).collect();
        let range = extent(places.iter().copied());
        let image = |x: f64| {
            let mut next = [0.0];
            self.dynamics.map.step(self.args.h, &[x], &mut next);
            next[0]
        };
        let graph = (0..=400).map(|k| range.0 + (range.1 - range.0) * f64::from(k) / 400.0);
        let path = places.windows(2).flat_map(|pair| [(pair[0], pair[0]), (pair[0], pair[1])]);
        let name = label(&self.dynamics.variables[0]);
        let bare = name.trim_matches('$').to_owned();
        Chart {
            id: "cobweb".to_owned(),
            title: "A cobweb".to_owned(),
            x: ChartAxis::linear(&format!("${bare}_k$"), range),
            y: ChartAxis::linear(&format!("${bare}_{{k+1}}$"), range),
            layers: vec![
                ChartLayer::Line {
                    points: vec![(range.0, range.0), (range.1, range.1)],
                    stroke: Stroke::thin(GREY),
                },
                ChartLayer::Line { points: path.collect(), stroke: Stroke::thin(BLUE).opacity(0.6) },
                ChartLayer::Line {
                    points: graph.map(|x| (x, image(x))).collect(),
                    stroke: Stroke::new(VERMILION),
                },
            ],
            ..chart
        }
    }
}

/// The least interval that holds the finite ones of some numbers, with a little room.
pub(super) fn extent(values: impl Iterator<Item = f64>) -> (f64, f64) {
    let (low, high) = values
        .filter(|x| x.is_finite())
        .fold((f64::INFINITY, f64::NEG_INFINITY), |(a, b), x| (a.min(x), b.max(x)));
    if low > high {
        return (-1.0, 1.0);
    }
    let room = 0.04 * (high - low);
    (low - room, high + room)
}

/// A number of steps in words.
pub(super) fn steps(n: usize) -> String {
    if n == 1 { "1 step".to_owned() } else { format!("{n} steps") }
}

/// A complex number in words of a terminal.
pub(super) fn complex(re: f64, im: f64) -> String {
    match im {
        0.0 => short(re),
        im => format!("{} {} {}i", short(re), if im < 0.0 { "-" } else { "+" }, short(im.abs())),
    }
}
