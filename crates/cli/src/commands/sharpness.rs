//! `shadowflow sharpness`: training beside the edge of stability.

mod beside;

use serde_json::json;
use shadowflow_figures::data::{Cell, Table};
use shadowflow_figures::style::{BLACK, BLUE, GREEN, GREY, Stroke, VERMILION};
use shadowflow_figures::{Chart, ChartAxis, ChartLayer};
use shadowflow_numerics::problems::SmallNetwork;
use shadowflow_numerics::{Objective, Optimizer, Outcome, Training};

use self::beside::Beside;
use super::dynamics::{check_ending, check_numbers, draw, failed, number, objective, tex};
use super::orbit::{extent, steps};
use super::stability::short;
use crate::args::SharpnessArgs;
use crate::error::CliError;
use crate::terminal::{print, print_json};

pub(crate) fn run(args: &SharpnessArgs) -> Result<(), CliError> {
    check_ending(args.out.as_deref())?;
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
    check_numbers("--start", &args.start, &variables)?;
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
    let beside = args.flow.then(|| Beside::of(args, optimizer, f, start, &run));
    if let Some(file) = &args.out {
        draw(&chart(args, optimizer, &run, beside.as_ref(), what), file)?;
    }
    if args.json {
        let mut document = json!({
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
        });
        if let Some(beside) = &beside {
            document["time"] = records.iter().map(|record| record.step as f64 * beside.unit).collect();
            document["flow"] = beside.json();
        }
        return print_json(&document);
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
        (Outcome::NotFinite { step } | Outcome::Escaped { step }, _) => {
            format!("It diverges: gone after {}.", steps(step))
        }
        (Outcome::Completed, Some(step)) => format!(
            "It meets the edge at step {step} and goes on from there: {} the loss jumps by half or more.",
            match run.catapults(1.5) {
                0 => "never".to_owned(),
                1 => "once".to_owned(),
                times => format!("{times} times"),
            }
        ),
        (Outcome::Completed, None) => "It does not meet the edge.".to_owned(),
    });
    if let Some(beside) = &beside {
        lines.push(String::new());
        lines.extend(beside.lines());
    }
    print(&(lines.join("\n") + "\n"))
}

fn chart(
    args: &SharpnessArgs,
    optimizer: &Optimizer,
    run: &Training,
    beside: Option<&Beside>,
    what: &str,
) -> Chart {
    // With flows beside it time is what the curves share.
    let unit = beside.map_or(1.0, |beside| beside.unit);
    let records = run.records();
    let points: Vec<(f64, f64)> = records.iter().map(|r| (r.step as f64 * unit, r.sharpness)).collect();
    let last = points.last().map_or(1.0, |p| if p.0 > 0.0 { p.0 } else { 1.0 });
    let mut curves = vec![(points, BLUE, "descent")];
    if let Some(Ok(records)) = beside.map(|beside| &beside.gradient) {
        let points = records.iter().map(|record| (record.step as f64 * unit, record.sharpness));
        curves.push((points.collect(), GREEN, "gradient flow"));
    }
    if let Some(Ok(moments)) = beside.map(|beside| &beside.central) {
        let points = moments.iter().map(|moment| (moment.step as f64 * unit, moment.sharpness));
        curves.push((points.collect(), VERMILION, "central flow"));
    }
    let heights = curves.iter().flat_map(|(points, ..)| points.iter().map(|p| p.1));
    let range = extent(heights.chain(run.edge()).chain([0.0]));
    let mut layers = Vec::new();
    let mut keys = Vec::new();
    if let Some(edge) = run.edge() {
        let stroke = Stroke::thin(if beside.is_some() { BLACK } else { GREY });
        layers.push(ChartLayer::Line { points: vec![(0.0, edge), (last, edge)], stroke });
    }
    for (points, colour, name) in curves {
        layers.push(ChartLayer::Line { points, stroke: Stroke::new(colour).width(0.8) });
        if beside.is_some() {
            keys.push((colour, name.to_owned()));
        }
    }
    if beside.is_some() && run.edge().is_some() {
        keys.push((BLACK, "edge".to_owned()));
    }
    Chart {
        id: "sharpness".to_owned(),
        title: "Sharpness along training".to_owned(),
        heading: format!("{optimizer}, $h={}$", tex(args.h)),
        parameters: json!({
            "method": optimizer.to_string(), "objective": what, "h": args.h, "steps": args.steps, "flow": args.flow,
        }),
        x: ChartAxis::linear(if beside.is_some() { "time" } else { "step" }, (0.0, last)),
        y: ChartAxis::linear("sharpness", range),
        layers,
        keys,
        table: Some(table(run, beside)),
        fields: Vec::new(),
    }
}

fn table(run: &Training, beside: Option<&Beside>) -> Table {
    let Some(beside) = beside else {
        let mut table = Table::new(["step", "loss", "sharpness"]);
        for record in run.records() {
            table.push([
                Cell::from(record.step as f64),
                Cell::from(record.loss),
                Cell::from(record.sharpness),
            ]);
        }
        return table;
    };
    let mut table = Table::new([
        "step",
        "loss",
        "sharpness",
        "time",
        "gradient_flow_loss",
        "gradient_flow_sharpness",
        "central_flow_loss",
        "central_flow_mean_loss",
        "central_flow_sharpness",
        "central_flow_variance",
        "central_flow_at_edge",
    ]);
    for (k, record) in run.records().iter().enumerate() {
        let gradient = beside.gradient.as_ref().ok().and_then(|records| records.get(k));
        let central = beside.central.as_ref().ok().and_then(|moments| moments.get(k));
        let [loss, sharpness] = gradient.map_or([f64::NAN; 2], |record| [record.loss, record.sharpness]);
        let held = central.map_or([f64::NAN; 5], |moment| {
            let at_edge = moment.oscillations.len() as f64;
            [moment.loss, moment.mean_loss(), moment.sharpness, moment.variance, at_edge]
        });
        let step = record.step as f64;
        let row = [step, record.loss, record.sharpness, step * beside.unit, loss, sharpness];
        table.push_row(&row.into_iter().chain(held).map(Cell::from).collect::<Vec<_>>());
    }
    table
}
