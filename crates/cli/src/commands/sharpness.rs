//! `shadowflow sharpness`: training beside the edge of stability.

use serde_json::json;
use shadowflow_figures::data::{Cell, Table};
use shadowflow_figures::style::{BLUE, GREY, Stroke};
use shadowflow_figures::{Chart, ChartAxis, ChartLayer};
use shadowflow_numerics::problems::SmallNetwork;
use shadowflow_numerics::{Objective, Optimizer, Outcome, Training};

use super::dynamics::{check_ending, draw, failed, number, objective, tex};
use super::orbit::{extent, steps};
use super::stability::short;
use crate::args::SharpnessArgs;
use crate::error::CliError;
use crate::terminal::{print, print_json};

pub(crate) fn run(args: &SharpnessArgs) -> Result<(), CliError> {
    check_ending(args.out.as_deref(), &["svg", "pdf", "png", "csv"])?;
    if args.h <= 0.0 {
        return Err(CliError::Step { h: args.h });
    }
    let name = args.map.method.trim();
    let optimizer = match name {
        "euler" => Optimizer::gradient_descent(),
        name => Optimizer::named(name).map_err(CliError::MethodOption)?,
    };
    let given = !(args.map.system.objective.is_empty() && args.map.system.field.is_empty());
    if !given {
        if !args.start.is_empty() {
            return Err(CliError::OnlyWithSystem { argument: "--start" });
        }
        let network = SmallNetwork::miniature();
        let start = SmallNetwork::start(network.width());
        return report(args, &optimizer, &network, &start, "a tanh network of 12 units on 20 points");
    }
    let (f, formula, variables) = objective(&args.map.system)?;
    if args.start.len() != variables.len() {
        let (found, expected) = (args.start.len(), variables.len());
        return Err(CliError::Numbers {
            argument: "--start",
            found,
            expected,
            variables: variables.join(", "),
        });
    }
    report(args, &optimizer, &f, &args.start, &formula)
}

fn report<V: Objective>(
    args: &SharpnessArgs,
    optimizer: &Optimizer,
    f: &V,
    start: &[f64],
    what: &str,
) -> Result<(), CliError> {
    let run = Training::run(f, optimizer, args.h, start, args.steps, args.every).map_err(failed)?;
    // Of a run that ends early there is no last quarter to speak of.
    let late = run.mean_sharpness(run.last_quarter()).filter(|_| run.outcome() == Outcome::Completed);
    let records = run.records();
    if let Some(file) = &args.out {
        draw(&chart(args, optimizer, &run, what), file)?;
    }
    if args.json {
        return print_json(&json!({
            "method": optimizer.to_string(),
            "objective": what,
            "h": args.h,
            "steps": records.iter().map(|record| record.step).collect::<Vec<_>>(),
            "loss": records.iter().map(|record| number(record.loss)).collect::<Vec<_>>(),
            "sharpness": records.iter().map(|record| number(record.sharpness)).collect::<Vec<_>>(),
            "late_mean": late,
            "edge": run.edge(),
            "meets_edge": run.meets_edge(),
            "catapults": run.catapults(1.5),
            "completed": run.outcome() == Outcome::Completed,
        }));
    }
    let mut lines = vec![format!("{optimizer} with h = {} on {what}", short(args.h)), String::new()];
    if let (Some(first), Some(last)) = (records.first(), records.last()) {
        lines.push(format!(
            "loss       from {} to {} at step {}",
            short(first.loss),
            short(last.loss),
            last.step
        ));
        lines.push(format!("sharpness  from {} to {}", short(first.sharpness), short(last.sharpness)));
    }
    if let Some(late) = late {
        lines.push(format!("           {} on average over the last quarter", short(late)));
    }
    match run.edge() {
        Some(edge) => {
            lines.push(format!("edge       {} (the sharpness beyond which steps grow)", short(edge)))
        }
        None => lines.push("edge       depends on the preconditioner, so none is given".to_owned()),
    }
    lines.push(match (run.outcome(), run.meets_edge()) {
        (Outcome::NotFinite { step } | Outcome::Escaped { step }, _) => format!("It diverges: gone after {}.", steps(step)),
        (Outcome::Completed, Some(step)) => format!(
            "It meets the edge at step {step} and goes on from there: {} times the loss jumps by half or more.",
            run.catapults(1.5)
        ),
        (Outcome::Completed, None) => "It does not meet the edge.".to_owned(),
    });
    print(&(lines.join("\n") + "\n"))
}

fn chart(args: &SharpnessArgs, optimizer: &Optimizer, run: &Training, what: &str) -> Chart {
    let mut table = Table::new(["step", "loss", "sharpness"]);
    for record in run.records() {
        table.push([Cell::from(record.step as f64), Cell::from(record.loss), Cell::from(record.sharpness)]);
    }
    let points: Vec<(f64, f64)> = run.records().iter().map(|r| (r.step as f64, r.sharpness)).collect();
    let last = points.last().map_or(1.0, |p| p.0.max(1.0));
    let range = extent(points.iter().map(|p| p.1).chain(run.edge()).chain([0.0]));
    let mut layers = Vec::new();
    if let Some(edge) = run.edge() {
        layers.push(ChartLayer::Line { points: vec![(0.0, edge), (last, edge)], stroke: Stroke::thin(GREY) });
    }
    layers.push(ChartLayer::Line { points, stroke: Stroke::new(BLUE).width(0.8) });
    Chart {
        id: "sharpness".to_owned(),
        title: "Sharpness along training".to_owned(),
        heading: format!("{optimizer}, $h={}$", tex(args.h)),
        parameters: json!({ "method": optimizer.to_string(), "objective": what, "h": args.h, "steps": args.steps }),
        x: ChartAxis::linear("step", (0.0, last)),
        y: ChartAxis::linear("sharpness", range),
        layers,
        keys: Vec::new(),
        table: Some(table),
        fields: Vec::new(),
    }
}
