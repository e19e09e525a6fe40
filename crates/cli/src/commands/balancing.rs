//! `shadowflow balancing`: gradient descent on a matrix factorisation, from unequal factors.

use serde_json::{Value, json};
use shadowflow_figures::data::{Cell, Table};
use shadowflow_figures::style::{BLACK, BLUE, Marker, Stroke};
use shadowflow_figures::{Chart, ChartAxis, ChartLayer};
use shadowflow_numerics::problems::{MatrixFactorization, ScalarFactorization};
use shadowflow_numerics::{Balanced, BalancingError, Generator, Objective};

use super::dynamics::{check_ending, draw, failed, number, rates, tex};
use super::orbit::{extent, steps};
use super::stability::short;
use super::table;
use crate::args::BalancingArgs;
use crate::error::CliError;
use crate::terminal::{print, print_json};

/// Steps of the way in the JSON document; all of them go into files.
const SHOWN: usize = 1000;

/// What came of one learning rate.
struct Run {
    h: f64,
    limit: Result<Balanced, BalancingError>,
    /// Loss, imbalance and drift of the step to come, at every iterate.
    path: Vec<[f64; 3]>,
}

pub(crate) fn run(args: &BalancingArgs) -> Result<(), CliError> {
    check_ending(args.out.as_deref())?;
    if let Some(h) = args.h.filter(|h| *h <= 0.0) {
        return Err(CliError::Step { h });
    }
    let problem = problem(args)?;
    let start = start(args, &problem)?;
    let all = match (&args.rates, args.h) {
        (Some(given), _) => rates(given, args.columns)?,
        (None, Some(h)) => vec![h],
        (None, None) => Vec::new(),
    };
    let keeps_path = all.len() == 1 && (args.json || args.out.is_some());
    let mut runs = Vec::new();
    for h in all {
        let mut path = Vec::new();
        let limit = Balanced::watched(&problem, h, &start, args.steps, |_, x| {
            if keeps_path {
                let of = |value: Result<f64, _>| value.unwrap_or(f64::NAN);
                path.push([problem.value(x), of(problem.imbalance(x)), of(problem.drift(x, h))]);
            }
        });
        if let Err(BalancingError::Input(error)) = limit {
            return Err(failed(error));
        }
        runs.push(Run { h, limit, path });
    }
    // Of the scalar problem it is known exactly.
    let critical = args.mu.and_then(|target| match start[..] {
        [x, y] => Some(ScalarFactorization { target }.critical_step(&[x, y])),
        _ => None,
    });
    let norms = problem.norms(&start).map_err(failed)?;
    if let Some(file) = &args.out {
        draw(&chart(args, &runs), file)?;
    }
    let (m, n, r) = problem.shape();
    if args.json {
        return print_json(&json!({
            "shape": [m, r, n],
            "start": start,
            "norms_at_start": norms,
            "least_sharpness": problem.least_sharpness(),
            "critical_step": critical,
            "runs": runs.iter().map(document).collect::<Vec<_>>(),
        }));
    }
    let mut lines = vec![match args.mu {
        Some(mu) => format!("({} - x*y)^2/2 from ({}, {})", short(mu), short(start[0]), short(start[1])),
        None => format!("|A - X Y^T|^2/2 with A {m}x{n}, X {m}x{r}, Y {n}x{r}"),
    }];
    lines.push(String::new());
    lines.push(format!("|X|_2^2 + |Y|_2^2 at the start   {}", short(norms)));
    lines.push(format!("least sharpness of a minimum     {} (balanced)", short(problem.least_sharpness())));
    if let Some(critical) = critical {
        lines.push(format!(
            "critical step                    {} (exact; beyond it hardly any start settles)",
            short(critical)
        ));
    }
    lines.push(String::new());
    let heading =
        ["h", "steps", "imbalance before", "at the limit", "|X|_2^2 + |Y|_2^2", "edge 2/h", "|A - X Y^T|"];
    let mut rows = vec![heading.map(str::to_owned).to_vec()];
    for run in &runs {
        rows.push(match &run.limit {
            Ok(limit) => vec![
                short(run.h),
                limit.steps.to_string(),
                short(limit.imbalance_before),
                short(limit.imbalance),
                short(limit.sharpness),
                short(limit.edge),
                short(limit.distance),
            ],
            Err(BalancingError::Diverges { step, .. }) => {
                vec![short(run.h), format!("diverges, after {}", steps(*step))]
            }
            Err(_) => vec![short(run.h), format!("not settled after {}", steps(args.steps))],
        });
    }
    print(&format!("{}\n{}", lines.join("\n"), table(&rows)))
}

fn problem(args: &BalancingArgs) -> Result<MatrixFactorization, CliError> {
    if let Some(mu) = args.mu {
        if mu <= 0.0 {
            return Err(CliError::Factored { mu });
        }
        return MatrixFactorization::diagonal((1, 1, 1), &[mu]).map_err(failed);
    }
    let text = args.shape.as_deref().unwrap_or_default();
    let malformed = || CliError::Shape { text: text.chars().take(60).collect() };
    let sizes: Vec<usize> = text
        .split(['x', 'X'])
        .map(|size| size.trim().parse().ok().filter(|size| (1..=64).contains(size)).ok_or_else(malformed))
        .collect::<Result<_, _>>()?;
    let [m, r, n] = sizes[..] else { return Err(malformed()) };
    let values = if args.singular_values.is_empty() { &[1.0][..] } else { &args.singular_values };
    MatrixFactorization::diagonal((m, r, n), values)
        .map_err(|error| CliError::Option { argument: "--singular-values", reason: error.to_string() })
}

fn start(args: &BalancingArgs, problem: &MatrixFactorization) -> Result<Vec<f64>, CliError> {
    let (m, _, r) = problem.shape();
    let expected = problem.variables();
    if args.start.is_empty() {
        if !(1e-6..=1e6).contains(&args.scale) {
            return Err(CliError::Scale { scale: args.scale });
        }
        let mut generator = Generator::new(args.seed, 0);
        let factor = |k: usize| if k < m * r { args.scale } else { 1.0 / args.scale };
        return Ok((0..expected).map(|k| generator.normal() * factor(k)).collect());
    }
    match args.start.len() {
        found if found == expected => Ok(args.start.clone()),
        found => Err(CliError::Count { argument: "--start", found, expected }),
    }
}

fn document(run: &Run) -> Value {
    let mut document = match &run.limit {
        Ok(limit) => json!({
            "h": run.h,
            "end": "settled",
            "steps": limit.steps,
            "imbalance_before": limit.imbalance_before,
            "imbalance": limit.imbalance,
            "sharpness": limit.sharpness,
            "edge": limit.edge,
            "distance": limit.distance,
            "point": limit.point,
        }),
        Err(error) => json!({
            "h": run.h,
            "end": if matches!(error, BalancingError::Diverges { .. }) { "diverged" } else { "not-settled" },
            "edge": 2.0 / run.h,
            "reason": error.to_string(),
        }),
    };
    if !run.path.is_empty() {
        let shown = &run.path[..run.path.len().min(SHOWN)];
        let column = |k: usize| shown.iter().map(|row| number(row[k])).collect::<Vec<_>>();
        document["path"] = json!({ "loss": column(0), "imbalance": column(1), "drift": column(2) });
    }
    document
}

fn chart(args: &BalancingArgs, runs: &[Run]) -> Chart {
    let id = "balancing-of-shape".to_owned();
    let parameters = json!({
        "shape": args.shape, "mu": args.mu, "singular_values": args.singular_values, "start": args.start,
        "scale": args.scale, "seed": args.seed, "h": args.h, "rates": args.rates, "columns": args.columns,
        "steps": args.steps,
    });
    if let [run] = runs {
        let mut table = Table::new(["step", "loss", "imbalance", "drift"]);
        for (step, row) in run.path.iter().enumerate() {
            table.push([Cell::from(step as f64), Cell::from(row[0]), Cell::from(row[1]), Cell::from(row[2])]);
        }
        let points: Vec<(f64, f64)> =
            run.path.iter().enumerate().map(|(k, row)| (k as f64, row[1])).collect();
        // Where it has come to rest there is nothing more to see.
        let last = points.last().map_or(0.0, |p| p.1);
        let (low, high) = extent(points.iter().map(|p| p.1).chain([0.0]));
        let moves = points.iter().rposition(|p| p.1.is_nan() || (p.1 - last).abs() > 1e-3 * (high - low));
        let end = (1.25 * (moves.unwrap_or(0) + 2) as f64).min(points.len().max(2) as f64 - 1.0).max(1.0);
        return Chart {
            id,
            title: "Imbalance of the factors along gradient descent".to_owned(),
            heading: format!("$h={}$", tex(run.h)),
            parameters,
            x: ChartAxis::linear("step", (0.0, end)),
            y: ChartAxis::linear(if args.mu.is_some() { "$x^2-y^2$" } else { "$|X|^2-|Y|^2$" }, (low, high)),
            layers: vec![ChartLayer::Line { points, stroke: Stroke::new(BLUE).width(0.8) }],
            keys: Vec::new(),
            table: Some(table),
            fields: Vec::new(),
        };
    }
    let mut table = Table::new(["h", "sharpness", "edge", "imbalance_before", "imbalance", "steps"]);
    let (mut points, mut edge) = (Vec::new(), Vec::new());
    for run in runs {
        edge.push((run.h, 2.0 / run.h));
        match &run.limit {
            Ok(limit) => {
                points.push((run.h, limit.sharpness));
                table.push(
                    [
                        run.h,
                        limit.sharpness,
                        limit.edge,
                        limit.imbalance_before,
                        limit.imbalance,
                        limit.steps as f64,
                    ]
                    .map(Cell::from),
                );
            }
            Err(_) => {
                let none = f64::NAN;
                table.push([run.h, none, 2.0 / run.h, none, none, none].map(Cell::from));
            }
        }
    }
    let across = extent(edge.iter().map(|p| p.0));
    // The curve 2/h rises without bound towards h = 0; the limits are what is to be seen.
    let top = points.iter().map(|p| p.1).fold(0.0, f64::max);
    Chart {
        id,
        title: "Limits of gradient descent on a matrix factorisation against 2/h".to_owned(),
        heading: "limits of descent".to_owned(),
        parameters,
        x: ChartAxis::linear("$h$", across),
        y: ChartAxis::linear("sharpness", (0.0, if top > 0.0 { 1.25 * top } else { 1.0 })),
        layers: vec![
            ChartLayer::Line { points: edge, stroke: Stroke::thin(BLACK) },
            ChartLayer::Points { points, marker: Marker::disk(BLUE).radius(1.0) },
        ],
        keys: vec![(BLUE, "limit".to_owned()), (BLACK, "$2/h$".to_owned())],
        table: Some(table),
        fields: Vec::new(),
    }
}
