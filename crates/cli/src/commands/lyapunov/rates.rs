//! All exponents over a range of learning rates.

use serde_json::json;
use shadowflow_figures::data::{Cell, Table};
use shadowflow_figures::grid::Grid;
use shadowflow_figures::style::{BLUE, Colour, GREY, LIGHT_GREY, PALETTE, Stroke};
use shadowflow_figures::{Chart, ChartAxis, ChartLayer, Progress};
use shadowflow_numerics::{Lyapunov, Motion, OrbitError, ZeroOne};

use super::{Stopped, measured};
use crate::args::LyapunovArgs;
use crate::commands::dynamics::{Dynamics, draw, failed, number, rates};
use crate::commands::orbit::extent;
use crate::commands::stability::short;
use crate::error::CliError;
use crate::terminal::{Bar, print, print_json, stop_by_myself};

/// Steps measured at each of many learning rates, and observations of the 0-1 test there.
const STEPS: usize = 4000;
const OBSERVATIONS: usize = 1000;

/// Where orbits left the domain.
const DARK: Colour = Colour(70, 70, 70);

/// What was found at one learning rate.
struct Found {
    h: f64,
    /// None where the orbit leaves.
    exponents: Option<Lyapunov>,
    /// None where the orbit leaves or has closed.
    test: Option<ZeroOne>,
    motion: Motion,
}

impl Found {
    fn at(
        dynamics: &Dynamics,
        h: f64,
        start: &[f64],
        (transient, steps): (usize, usize),
        advance: impl Fn(f64),
    ) -> Result<Found, CliError> {
        match measured(&dynamics.map, h, start, (transient, steps), advance) {
            Ok(found) => {
                let test = match found.closed() {
                    Some(_) => None,
                    None => ZeroOne::of_orbit(&dynamics.map, h, found.last(), OBSERVATIONS).ok(),
                };
                Ok(Found { h, motion: found.motion(test.as_ref()), exponents: Some(found), test })
            }
            Err(Stopped::Interrupted) => Err(CliError::Interrupted),
            Err(Stopped::Orbit(error @ OrbitError::Input(_))) => Err(failed(error)),
            Err(Stopped::Orbit(_)) => {
                let end = Motion::leaving(&dynamics.map, h, start, transient.saturating_add(steps));
                let motion = end.map_or(Motion::Undecided, |(motion, _)| motion);
                Ok(Found { h, exponents: None, test: None, motion })
            }
        }
    }

    /// The exponent k and its error.
    fn exponent(&self, k: usize) -> (f64, f64) {
        self.exponents.as_ref().map_or((f64::NAN, f64::NAN), |f| (f.exponents()[k], f.errors()[k]))
    }
}

pub(super) fn run(args: &LyapunovArgs, given: &[f64]) -> Result<(), CliError> {
    let dynamics = Dynamics::of(&args.map)?;
    let start = dynamics.start("--start", &args.start)?;
    let all = rates(given, args.columns)?;
    let steps = args.steps.unwrap_or(STEPS);
    stop_by_myself();
    let bar = Bar::new(1);
    let mut found = Vec::with_capacity(all.len());
    for (k, &h) in all.iter().enumerate() {
        let advance = |share: f64| bar.advance((k as f64 + share) / all.len() as f64);
        bar.checkpoint(k as f64 / all.len() as f64)?;
        found.push(Found::at(&dynamics, h, &start, (args.transient, steps), advance)?);
    }
    bar.finish();
    let report = Report { args, dynamics: &dynamics, found, dim: start.len(), steps };
    if let Some(file) = &args.out {
        draw(&report.chart(), file)?;
    }
    if args.json { print_json(&report.document()) } else { print(&report.text()) }
}

struct Report<'a> {
    args: &'a LyapunovArgs,
    dynamics: &'a Dynamics,
    found: Vec<Found>,
    dim: usize,
    steps: usize,
}

impl Report<'_> {
    fn count(&self, motion: Motion) -> usize {
        self.found.iter().filter(|found| found.motion == motion).count()
    }

    fn document(&self) -> serde_json::Value {
        let one = |found: &Found| {
            let exponents = found.exponents.as_ref();
            json!({
                "h": found.h,
                "exponents": exponents.map(|f| f.exponents().iter().map(|&x| number(x)).collect::<Vec<_>>()),
                "errors": exponents.map(Lyapunov::errors),
                "kaplan_yorke": exponents.map(Lyapunov::kaplan_yorke),
                "zero_one": found.test.as_ref().map(super::of_test),
                "motion": found.motion.name(),
            })
        };
        json!({
            "method": self.dynamics.method,
            "formula": self.dynamics.formula,
            "steps": self.steps,
            "rates": self.found.iter().map(one).collect::<Vec<_>>(),
        })
    }

    fn text(&self) -> String {
        let n = self.found.len();
        let mut lines = vec![
            format!("{} on {}", self.dynamics.method, self.dynamics.formula),
            format!("{n} learning rates from {} to {}:", short(self.found[0].h), short(self.found[n - 1].h)),
        ];
        for (motion, words) in [
            (
                Motion::Chaotic,
                "chaotic: the largest exponent is positive by 4 standard errors, and the 0-1 test agrees",
            ),
            (Motion::Periodic, "have closed, on a periodic orbit"),
            (Motion::Regular, "regular, not closed"),
            (Motion::Undecided, "undecided: exponent and 0-1 test disagree, or neither decides"),
            (Motion::Diverged, "diverge"),
            (Motion::LeftDomain, "leave the domain: a point has no number for its image"),
        ] {
            match self.count(motion) {
                0 => {}
                count => lines.push(format!("  {count:>6}  {words}")),
            }
        }
        let gone = |motion: Motion| matches!(motion, Motion::Diverged | Motion::LeftDomain);
        for stretch in self.found.chunk_by(|a, b| a.motion == b.motion).filter(|s| gone(s[0].motion)) {
            let word = if stretch[0].motion == Motion::Diverged { "diverges" } else { "leaves the domain" };
            let (first, last) = (short(stretch[0].h), short(stretch[stretch.len() - 1].h));
            lines.push(match stretch.len() {
                1 => format!("At h = {first} the orbit {word}."),
                _ => format!("From h = {first} to {last} the orbit {word}."),
            });
        }
        // A riddled boundary would fill the terminal.
        const MOST: usize = 24;
        if lines.len() > MOST {
            let rest = lines.len() - MOST;
            lines.truncate(MOST);
            lines.push(format!("and so on, {rest} more stretches; --json has every rate"));
        }
        lines.join("\n") + "\n"
    }

    fn chart(&self) -> Chart {
        let (args, dim, found) = (self.args, self.dim, &self.found);
        let columns: Vec<String> = ["h".to_owned()]
            .into_iter()
            .chain((1..=dim).flat_map(|k| [format!("exponent_{k}"), format!("error_{k}")]))
            .chain(["zero_one_k", "motion"].map(str::to_owned))
            .collect();
        let mut table = Table::of_columns(&columns);
        for one in found {
            let mut row = vec![Cell::from(one.h)];
            for k in 0..dim {
                let (value, error) = one.exponent(k);
                row.extend([Cell::from(value), Cell::from(error)]);
            }
            row.push(one.test.map_or(f64::NAN, |test| test.k()).into());
            row.push(one.motion.name().into());
            table.push_row(&row);
        }
        let curve = |k: usize| found.iter().map(|one| (one.h, one.exponent(k).0)).collect::<Vec<_>>();
        // Superstable orbits would stretch the picture downwards without end.
        let finite = (0..dim).flat_map(|k| curve(k).into_iter().map(|p| p.1)).filter(|y| y.is_finite());
        let shown = finite.map(|y| y.max(-3.0));
        let range = extent(shown.chain([0.1]));
        let ends = (found[0].h, found[found.len() - 1].h);
        let colour = |k: usize| if k == 0 { BLUE } else { PALETTE[k % PALETTE.len()] };
        let mut layers =
            vec![ChartLayer::Line { points: vec![(ends.0, 0.0), (ends.1, 0.0)], stroke: Stroke::thin(GREY) }];
        let mut keys = Vec::new();
        if dim > 1 {
            keys.extend((0..dim).map(|k| (colour(k), format!("$\\lambda_{{{}}}$", k + 1))));
        }
        for (motion, colour) in [(Motion::Diverged, LIGHT_GREY), (Motion::LeftDomain, DARK)] {
            if self.count(motion) > 0 {
                layers.push(self.strip(motion, colour, ends, range));
                keys.push((colour, motion.name().to_owned()));
            }
        }
        layers.extend(
            (0..dim)
                .rev()
                .map(|k| ChartLayer::Line { points: curve(k), stroke: Stroke::new(colour(k)).width(0.8) }),
        );
        // A row for each exponent, then one for each error.
        let rows = (0..2 * dim).flat_map(|row| {
            found.iter().map(move |one| match row < dim {
                true => one.exponent(row).0,
                false => one.exponent(row - dim).1,
            })
        });
        let grid = Grid::of_values(ends, (1.0, 2.0 * dim as f64), found.len(), rows.collect());
        Chart {
            id: "lyapunov".to_owned(),
            title: "Lyapunov exponents over the learning rate".to_owned(),
            heading: self.dynamics.method.clone(),
            parameters: json!({
                "method": self.dynamics.method, "formula": self.dynamics.formula, "start": args.start,
                "transient": args.transient, "steps": self.steps,
            }),
            x: ChartAxis::linear("$h$", ends),
            y: ChartAxis::linear("Lyapunov exponents", range),
            layers,
            keys,
            table: Some(table),
            fields: grid.into_iter().map(|grid| ("exponents_then_errors".to_owned(), grid)).collect(),
        }
    }

    /// A bar at the foot of the panel over the rates with this motion.
    fn strip(&self, motion: Motion, colour: Colour, ends: (f64, f64), range: (f64, f64)) -> ChartLayer {
        let half = 0.5 * (ends.1 - ends.0) / (self.found.len() - 1) as f64;
        let y = range.0 + 0.015 * (range.1 - range.0);
        let mut points = Vec::new();
        for stretch in self.found.chunk_by(|a, b| a.motion == b.motion) {
            if stretch[0].motion == motion {
                let (from, to) = (stretch[0].h - half, stretch[stretch.len() - 1].h + half);
                points.extend([(from.max(ends.0), y), (to.min(ends.1), y), (f64::NAN, f64::NAN)]);
            }
        }
        ChartLayer::Line { points, stroke: Stroke::new(colour).width(4.0) }
    }
}
