//! `shadowflow lyapunov`: how fast neighbouring orbits part.

use serde_json::json;
use shadowflow_figures::data::{Cell, Table};
use shadowflow_figures::style::{BLUE, GREY, PALETTE, Stroke};
use shadowflow_figures::{Chart, ChartAxis, ChartLayer};
use shadowflow_numerics::{Lyapunov, Map, OrbitError};

use super::dynamics::{Dynamics, check_ending, draw, failed, number, rates};
use super::orbit::{ROUNDING, extent};
use super::stability::short;
use crate::args::LyapunovArgs;
use crate::error::CliError;
use crate::terminal::{is_cancelled, print, print_json, stop_by_myself};

/// Steps measured, at one learning rate and at each of many.
const STEPS: usize = 100_000;
const STEPS_OF_MANY: usize = 4000;

pub(crate) fn run(args: &LyapunovArgs) -> Result<(), CliError> {
    check_ending(args.out.as_deref(), &["svg", "pdf", "png", "csv"])?;
    let dynamics = Dynamics::of(&args.map)?;
    let start = dynamics.start("--start", &args.start)?;
    match (args.h, &args.rates) {
        (Some(_), _) if args.out.is_some() => Err(CliError::OnlyWithRates),
        (Some(h), _) => at_one(args, &dynamics, &start, h),
        (None, Some(given)) => over_many(args, &dynamics, &start, &rates(given, args.columns)?),
        (None, None) => Err(CliError::Step { h: f64::NAN }),
    }
}

fn at_one(args: &LyapunovArgs, dynamics: &Dynamics, start: &[f64], h: f64) -> Result<(), CliError> {
    let steps = args.steps.unwrap_or(STEPS);
    let found = Lyapunov::of(&dynamics.map, h, start, args.transient, steps).map_err(failed)?;
    if args.json {
        return print_json(&json!({
            "method": dynamics.method,
            "formula": dynamics.formula,
            "h": h,
            "steps": steps,
            "exponents": found.exponents(),
            "errors": found.errors(),
            "kaplan_yorke": found.kaplan_yorke(),
        }));
    }
    let mut lines = vec![
        format!("{} with h = {} on {}", dynamics.method, short(h), dynamics.formula),
        String::new(),
        format!("Lyapunov exponents per step, over {steps} steps:"),
    ];
    for (value, error) in found.exponents().iter().zip(found.errors()) {
        lines.push(format!("  {} +- {}", short(*value), short(*error)));
    }
    lines.push(format!("Kaplan-Yorke dimension: {}", short(found.kaplan_yorke())));
    let (value, error) = (found.exponents()[0], found.errors()[0]);
    lines.push(match () {
        () if closes(dynamics, h, found.last()) => {
            "The orbit has closed: these are the exponents of a periodic orbit, attracting or repelling."
                .to_owned()
        }
        () if value > (4.0 * error).max(ROUNDING) => "The largest is positive: chaos.".to_owned(),
        () if value < -4.0 * error => "All are negative: the orbit settles.".to_owned(),
        () => "The largest is 0 as far as this many steps tell.".to_owned(),
    });
    print(&(lines.join("\n") + "\n"))
}

/// Whether the orbit from here comes back to where it was within 32 steps, to nearly all digits.
fn closes(dynamics: &Dynamics, h: f64, x: &[f64]) -> bool {
    let size = x.iter().fold(f64::MIN_POSITIVE, |size: f64, x| size.max(x.abs()));
    let (mut point, mut next) = (x.to_vec(), vec![0.0; x.len()]);
    (0..32).any(|_| {
        dynamics.map.step(h, &point, &mut next);
        std::mem::swap(&mut point, &mut next);
        point.iter().zip(x).all(|(a, b)| (a - b).abs() <= 1e-12 * size)
    })
}

fn over_many(args: &LyapunovArgs, dynamics: &Dynamics, start: &[f64], all: &[f64]) -> Result<(), CliError> {
    let steps = args.steps.unwrap_or(STEPS_OF_MANY);
    stop_by_myself();
    // None where the orbit leaves the finite numbers.
    let mut found: Vec<Option<Lyapunov>> = Vec::with_capacity(all.len());
    for &h in all {
        if is_cancelled() {
            return Err(CliError::Interrupted);
        }
        found.push(match Lyapunov::of(&dynamics.map, h, start, args.transient, steps) {
            Ok(found) => Some(found),
            Err(OrbitError::Step { .. }) => None,
            Err(error) => return Err(failed(error)),
        });
    }
    let dim = start.len();
    let columns: Vec<String> = ["h".to_owned()]
        .into_iter()
        .chain((1..=dim).flat_map(|k| [format!("exponent_{k}"), format!("error_{k}")]))
        .collect();
    let mut table = Table::of_columns(&columns);
    for (&h, found) in all.iter().zip(&found) {
        let mut row = vec![Cell::from(h)];
        for k in 0..dim {
            let (value, error) =
                found.as_ref().map_or((f64::NAN, f64::NAN), |f| (f.exponents()[k], f.errors()[k]));
            row.extend([Cell::from(value), Cell::from(error)]);
        }
        table.push_row(&row);
    }
    let curve = |k: usize| -> Vec<(f64, f64)> {
        let value = |f: &Option<Lyapunov>| f.as_ref().map_or(f64::NAN, |f| f.exponents()[k]);
        all.iter().zip(&found).map(|(&h, found)| (h, value(found))).collect()
    };
    if let Some(file) = &args.out {
        // Superstable orbits would stretch the picture downwards without end.
        let shown = (0..dim).flat_map(|k| curve(k).into_iter().map(|p| p.1.max(-3.0)));
        let range = extent(shown.chain([0.1]));
        let ends = (all[0], all[all.len() - 1]);
        let mut layers =
            vec![ChartLayer::Line { points: vec![(ends.0, 0.0), (ends.1, 0.0)], stroke: Stroke::thin(GREY) }];
        layers.extend((0..dim).rev().map(|k| ChartLayer::Line {
            points: curve(k),
            stroke: Stroke::new(if k == 0 { BLUE } else { PALETTE[k % PALETTE.len()] }).width(0.8),
        }));
        let chart = Chart {
            id: "lyapunov".to_owned(),
            title: "Lyapunov exponents over the learning rate".to_owned(),
            heading: dynamics.method.clone(),
            parameters: json!({ "method": dynamics.method, "formula": dynamics.formula, "start": args.start, "steps": steps }),
            x: ChartAxis::linear("$h$", ends),
            y: ChartAxis::linear("Lyapunov exponents", range),
            layers,
            keys: Vec::new(),
            table: Some(table),
            fields: Vec::new(),
        };
        draw(&chart, file)?;
    }
    let chaotic = |f: &&Option<Lyapunov>| {
        f.as_ref().is_some_and(|f| f.exponents()[0] > (4.0 * f.errors()[0]).max(ROUNDING))
    };
    let (chaos, gone) = (found.iter().filter(chaotic).count(), found.iter().filter(|f| f.is_none()).count());
    if args.json {
        let one = |(&h, found): (&f64, &Option<Lyapunov>)| match found {
            Some(found) => {
                json!({ "h": h, "exponents": found.exponents().iter().map(|&x| number(x)).collect::<Vec<_>>(), "errors": found.errors(), "kaplan_yorke": found.kaplan_yorke() })
            }
            None => json!({ "h": h, "exponents": null, "errors": null, "kaplan_yorke": null }),
        };
        return print_json(&json!({
            "method": dynamics.method,
            "formula": dynamics.formula,
            "steps": steps,
            "rates": all.iter().zip(&found).map(one).collect::<Vec<_>>(),
        }));
    }
    print(&format!(
        "{} on {}\nOf {} learning rates from {} to {}, {} are chaotic (exponent above 4 standard errors), {} diverge.\n",
        dynamics.method,
        dynamics.formula,
        all.len(),
        short(all[0]),
        short(all[all.len() - 1]),
        chaos,
        gone
    ))
}
