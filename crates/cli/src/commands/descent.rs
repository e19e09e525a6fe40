//! `shadowflow descent`: rules for the steps of steepest descent side by side.

use serde_json::{Value, json};
use shadowflow_figures::data::{Cell, Table};
use shadowflow_figures::style::{BLACK, BLUE, Colour, GREEN, GREY, ORANGE, PURPLE, SKY, Stroke, VERMILION};
use shadowflow_figures::{Chart, ChartAxis, ChartLayer};
use shadowflow_numerics::{
    Armijo, DescentEnd, DescentIterate, Minimum, Objective, Schedule, Sharpness, SteepestDescent, StepRule,
    Wolfe,
};

use super::dynamics::{check_ending, check_numbers, draw, failed, number, objective};
use super::orbit::steps;
use super::stability::short;
use super::table;
use crate::args::DescentArgs;
use crate::error::CliError;
use crate::terminal::{print, print_json};

const COLOURS: [Colour; 8] = [BLUE, VERMILION, GREEN, PURPLE, ORANGE, SKY, BLACK, GREY];

/// Iterates of a run in the JSON document; all of them go into files.
const SHOWN: usize = 1000;

/// A rule and what came of it.
struct Run {
    rule: String,
    found: SteepestDescent,
    minimum: Option<Minimum>,
    /// f - f* at every iterate.
    excess: Vec<f64>,
}

impl Run {
    fn last(&self) -> Option<(&DescentIterate, f64)> {
        self.found.iterates.last().zip(self.excess.last().copied())
    }
}

pub(crate) fn run(args: &DescentArgs) -> Result<(), CliError> {
    check_ending(args.out.as_deref())?;
    if let Some(h) = args.h.filter(|h| *h <= 0.0) {
        return Err(CliError::Step { h });
    }
    let (f, formula, variables) = objective(&args.system)?;
    check_numbers("--start", &args.start, &variables)?;
    let largest = match args.largest {
        Some(largest) => largest,
        None => Sharpness::at(&f, &args.start).map_err(failed)?.value(),
    };
    let mut runs = Vec::new();
    for text in &args.rule {
        let rule = rule(text, args.h, largest)?;
        let found =
            SteepestDescent::run(&f, &rule, &args.start, args.tolerance, args.steps).map_err(failed)?;
        runs.push(compared(&f, text.trim().to_lowercase(), found));
    }
    if let Some(file) = &args.out {
        draw(&chart(args, &runs, &formula), file)?;
    }
    if args.json {
        return print_json(&json!({
            "objective": formula,
            "variables": variables,
            "start": args.start,
            "largest_curvature": number(largest),
            "tolerance": args.tolerance,
            "runs": runs.iter().map(document).collect::<Vec<_>>(),
        }));
    }
    let heading = ["rule", "steps", "values of f", "gradients", "f - f*", "f*", "end"];
    let mut rows = vec![heading.map(str::to_owned).to_vec()];
    for run in &runs {
        let Some((last, excess)) = run.last() else { continue };
        rows.push(vec![
            run.rule.clone(),
            (run.found.iterates.len() - 1).to_string(),
            last.cost.values.to_string(),
            last.cost.gradients.to_string(),
            if run.minimum.is_some() { short(excess) } else { "-".to_owned() },
            run.minimum.as_ref().map_or_else(|| "none found".to_owned(), |minimum| short(minimum.value)),
            words(run.found.end).to_owned(),
        ]);
    }
    print(&format!(
        "Steepest descent on {formula} from {:?}, until the gradient is {} of that at the start or for {}; L = {}\n\n{}",
        args.start,
        short(args.tolerance),
        steps(args.steps),
        short(largest),
        table(&rows)
    ))
}

/// The rule that was typed.
fn rule(text: &str, h: Option<f64>, largest: f64) -> Result<StepRule, CliError> {
    let shown: String = text.chars().take(60).collect();
    let malformed = || CliError::StepRule { text: shown.clone() };
    let told = |error: shadowflow_numerics::InputError| CliError::Option {
        argument: "--rule",
        reason: error.to_string(),
    };
    let text = text.trim().to_lowercase();
    let (family, rest) = text.split_once('(').unwrap_or((&text, ""));
    let inside = if rest.is_empty() { "" } else { rest.strip_suffix(')').ok_or_else(malformed)? };
    let mut given = Vec::new();
    for argument in inside.split(',').filter(|argument| !argument.trim().is_empty()) {
        let (key, value) = argument.split_once('=').ok_or_else(malformed)?;
        given.push((key.trim(), value.trim().parse::<f64>().map_err(|_| malformed())?));
    }
    let accepted: &[&str] = match family {
        "fixed" => &["h"],
        "armijo" => &["c1"],
        "wolfe" => &["c1", "c2"],
        "silver" => &["n"],
        "chebyshev" => &["n", "kappa"],
        _ => return Err(malformed()),
    };
    if given.iter().any(|(key, _)| !accepted.contains(key)) {
        return Err(malformed());
    }
    let of = |key: &str| given.iter().find(|(name, _)| *name == key).map(|(_, value)| *value);
    let whole = |key: &str, default: usize| match of(key) {
        None => Ok(default),
        Some(n) if n.fract() == 0.0 && (1.0..=1e6).contains(&n) => Ok(n as usize),
        Some(_) => Err(malformed()),
    };
    let curvature = || match largest > 0.0 && largest.is_finite() {
        true => Ok(largest),
        false => Err(CliError::LargestCurvature { found: largest }),
    };
    Ok(match family {
        "fixed" => match of("h").or(h) {
            Some(h) => StepRule::Fixed(h),
            None => StepRule::Fixed(1.0 / curvature()?),
        },
        "armijo" => StepRule::Armijo(Armijo::new(of("c1").unwrap_or(1e-4), 0.1).map_err(told)?),
        "wolfe" => {
            StepRule::Wolfe(Wolfe::new(of("c1").unwrap_or(1e-4), of("c2").unwrap_or(0.9)).map_err(told)?)
        }
        "silver" => StepRule::Schedule(Schedule::silver(whole("n", 7)?, curvature()?).map_err(told)?),
        _ => {
            let (n, largest, kappa) = (whole("n", 16)?, curvature()?, of("kappa").unwrap_or(100.0));
            StepRule::Schedule(Schedule::chebyshev(n, largest / kappa, largest).map_err(told)?)
        }
    })
}

/// A run with the minimum it leads to, if it does, or f itself above the least value seen.
fn compared<V: Objective>(f: &V, rule: String, found: SteepestDescent) -> Run {
    let mut minimum = None;
    if let (Some(first), Some(last), true) =
        (found.iterates.first(), found.iterates.last(), found.end != DescentEnd::Diverged)
    {
        let way: f64 = first.point.iter().zip(&last.point).map(|(a, b)| (a - b).powi(2)).sum::<f64>().sqrt();
        let length = if way > 0.0 { way } else { 1.0 };
        minimum = Minimum::near(f, &last.point, length).ok().flatten();
    }
    let excess = match &minimum {
        Some(minimum) => found.iterates.iter().map(|iterate| minimum.excess(f, &iterate.point)).collect(),
        None => vec![f64::NAN; found.iterates.len()],
    };
    Run { rule, found, minimum, excess }
}

fn words(end: DescentEnd) -> &'static str {
    match end {
        DescentEnd::Reached => "reached",
        DescentEnd::MostSteps => "out of steps",
        DescentEnd::Stalled => "no step found",
        DescentEnd::Diverged => "diverged",
    }
}

fn document(run: &Run) -> Value {
    let iterates = &run.found.iterates;
    let stride = iterates.len().div_ceil(SHOWN);
    let shown: Vec<usize> = (0..iterates.len()).step_by(stride).collect();
    let end = match run.found.end {
        DescentEnd::Reached => "reached",
        DescentEnd::MostSteps => "most-steps",
        DescentEnd::Stalled => "stalled",
        DescentEnd::Diverged => "diverged",
    };
    let last = iterates.last();
    json!({
        "rule": run.rule,
        "end": end,
        "steps": iterates.len() - 1,
        "values": last.map(|last| last.cost.values),
        "gradients": last.map(|last| last.cost.gradients),
        "point": last.map(|last| last.point.clone()),
        "f": last.map(|last| number(last.value)),
        "excess": run.excess.last().map(|excess| number(*excess)),
        "minimum": run.minimum.as_ref().map(|minimum| json!({ "point": minimum.point, "f": minimum.value })),
        "curve": {
            "step": shown,
            "values": shown.iter().map(|&k| iterates[k].cost.values).collect::<Vec<_>>(),
            "gradients": shown.iter().map(|&k| iterates[k].cost.gradients).collect::<Vec<_>>(),
            "length": shown.iter().map(|&k| number(iterates[k].step)).collect::<Vec<_>>(),
            "excess": shown.iter().map(|&k| number(run.excess[k])).collect::<Vec<_>>(),
        },
    })
}

fn chart(args: &DescentArgs, runs: &[Run], formula: &str) -> Chart {
    let mut table =
        Table::new(["rule", "run", "step", "length", "values", "gradients", "f", "excess", "slope"]);
    let (mut layers, mut keys, mut most) = (Vec::new(), Vec::new(), 1.0f64);
    let mut heights = Vec::new();
    for (k, run) in runs.iter().enumerate() {
        let mut points = Vec::new();
        for (step, (iterate, excess)) in run.found.iterates.iter().zip(&run.excess).enumerate() {
            let (values, gradients) = (iterate.cost.values as f64, iterate.cost.gradients as f64);
            let numbers = [
                k as f64,
                step as f64,
                iterate.step,
                values,
                gradients,
                iterate.value,
                *excess,
                iterate.slope,
            ];
            table.push_row(
                &[Cell::from(run.rule.as_str())]
                    .into_iter()
                    .chain(numbers.map(Cell::from))
                    .collect::<Vec<_>>(),
            );
            if *excess > 0.0 && excess.is_finite() {
                points.push((values + gradients, *excess));
                heights.push(*excess);
                most = most.max(values + gradients);
            }
        }
        let colour = COLOURS[k % COLOURS.len()];
        layers.push(ChartLayer::Line { points, stroke: Stroke::new(colour).width(0.8) });
        // What is in parentheses is in the data.
        keys.push((colour, run.rule.split('(').next().unwrap_or_default().to_owned()));
    }
    let (low, high) = heights.iter().fold((f64::INFINITY, 0.0f64), |(a, b), x| (a.min(*x), b.max(*x)));
    let range = if low <= high { (low, high) } else { (0.1, 1.0) };
    Chart {
        id: "descent".to_owned(),
        title: format!("Steepest descent on {formula}"),
        heading: "rules for steps".to_owned(),
        parameters: json!({
            "objective": formula, "start": args.start, "rules": args.rule, "h": args.h, "tolerance": args.tolerance,
            "steps": args.steps,
        }),
        x: ChartAxis::linear("values and gradients", (0.0, 1.04 * most)),
        y: ChartAxis::logarithmic("$f-f^*$", range),
        layers,
        keys,
        table: Some(table),
        fields: Vec::new(),
    }
}
