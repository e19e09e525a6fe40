//! `shadowflow diagram`: where orbits go, learning rate by learning rate.

use serde_json::json;
use shadowflow_figures::data::{Cell, Table};
use shadowflow_figures::grid::Grid;
use shadowflow_figures::style::ColourMap;
use shadowflow_figures::{Chart, ChartAxis, ChartLayer, Progress};
use shadowflow_numerics::OrbitDiagram;

use super::dynamics::{Dynamics, Flow, check_ending, check_range, draw, failed, label, number, pair, rates};
use super::orbit::extent;
use super::stability::short;
use crate::args::DiagramArgs;
use crate::error::CliError;
use crate::terminal::{Bar, print, print_json, stop_by_myself};

/// Last points of each orbit, from which periods are read.
const LAST: usize = 64;

/// Points this near, as a share of their size, are the same.
const SAME: f64 = 1e-7;

/// Points smaller than this share of the start are at 0: an orbit that comes to rest there is never as near itself as its size.
const SMALL: f64 = 1e-9;

/// An interval narrower than this, as a share of its distance from 0, has no numbers along its axis that could be told apart.
const NARROW: f64 = 1e-6;

/// An orbit that is this far out has diverged, though its numbers may be finite for some steps more.
const FAR: f64 = 1e12;

/// Steps between looks at Ctrl-C, about, of orbits that go side by side, and one by one.
const STEPS: usize = 20_000_000;
const STEPS_ALONE: usize = 200_000;

/// Orbits that go side by side.
const LANES: usize = 8;

/// The most steps that are counted.
const MOST: usize = 100_000_000;

/// What was found at one learning rate.
struct Column {
    h: f64,
    /// The last first coordinates.
    last: Vec<f64>,
    counts: Vec<u32>,
    diverged: bool,
    /// Numbers this small are 0.
    small: f64,
}

impl Column {
    /// The period that the last points show, 32 at most, not confirmed.
    fn period(&self) -> Option<usize> {
        let size = self.last.iter().fold(f64::MIN_POSITIVE, |size: f64, x| size.max(x.abs()));
        let size = size.max(self.small);
        let same = |p: usize| (p..LAST).all(|k| (self.last[k] - self.last[k - p]).abs() <= SAME * size);
        if self.diverged { None } else { (1..=LAST / 2).find(|&p| same(p)) }
    }

    fn name(&self) -> &'static str {
        match self.period() {
            _ if self.diverged => "diverged",
            Some(1) => "fixed",
            Some(_) => "periodic",
            None => "aperiodic",
        }
    }
}

pub(crate) fn run(args: &DiagramArgs) -> Result<(), CliError> {
    check_ending(args.out.as_deref())?;
    let dynamics = Dynamics::of(&args.map)?;
    let start = dynamics.start("--start", &args.start)?;
    let all = rates(&args.rates, args.columns)?;
    let iterates = u32::try_from(args.iterates)
        .ok()
        .filter(|_| args.iterates <= MOST)
        .ok_or(CliError::Range { argument: "--iterates", found: args.iterates, least: 1, most: MOST })?;
    check_range("--transient", args.transient, 0, MOST)?;
    check_range("--bins", args.bins, 2, 8192)?;
    let range = args.range.as_deref().map(|given| pair("--range", given)).transpose()?;
    stop_by_myself();
    let diagram = OrbitDiagram { map: &dynamics.map, start: &start, transient: args.transient };
    let (columns, range) = columns(&diagram, &all, (iterates, args.bins), range)?;
    if let Some(file) = &args.out {
        draw(&chart(args, &dynamics, &columns, range), file)?;
    }
    if args.json {
        let one = |column: &Column| {
            json!({
                "h": column.h,
                "classification": column.name(),
                "period": column.period(),
                "last": column.last.iter().map(|&x| number(x)).collect::<Vec<_>>(),
            })
        };
        return print_json(&json!({
            "method": dynamics.method,
            "formula": dynamics.formula,
            "variable": dynamics.variables[0],
            "range": [range.0, range.1],
            "transient": args.transient,
            "iterates": args.iterates,
            "columns": columns.iter().map(one).collect::<Vec<_>>(),
        }));
    }
    print(&text(&dynamics, &columns))
}

/// All columns, and the interval of the first variable that is shown.
fn columns(
    diagram: &OrbitDiagram<'_, Flow>,
    all: &[f64],
    (iterates, bins): (u32, usize),
    range: Option<(f64, f64)>,
) -> Result<(Vec<Column>, (f64, f64)), CliError> {
    let bar = Bar::new(1);
    let work = if diagram.is_one_by_one() { STEPS_ALONE } else { STEPS };
    let strip = |steps: usize| (work / steps.max(1)).clamp(LANES, 512).next_multiple_of(LANES);
    let (short, long) = (strip(diagram.transient), strip(diagram.transient + iterates as usize));
    let mut last = Vec::with_capacity(LAST * all.len());
    for (k, rates) in all.chunks(short).enumerate() {
        bar.checkpoint(0.3 * (k * short) as f64 / all.len() as f64)?;
        last.extend(diagram.points(rates, LAST).map_err(failed)?);
    }
    let range = range.unwrap_or_else(|| wide(extent(last.iter().copied().filter(|x| x.abs() < 1e6))));
    let small = SMALL * diagram.start.iter().fold(0.0, |size: f64, x| size.max(x.abs()));
    let mut columns = Vec::with_capacity(all.len());
    for (k, rates) in all.chunks(long).enumerate() {
        bar.checkpoint(0.3 + 0.7 * (k * long) as f64 / all.len() as f64)?;
        let density = diagram.density(rates, iterates, range, bins).map_err(failed)?;
        for ((&h, counts), diverged) in rates.iter().zip(density.rows()).zip(density.diverged()) {
            let at = columns.len() * LAST;
            let last = last[at..at + LAST].to_vec();
            let diverged = diverged || last.iter().any(|x| x.abs() > FAR);
            columns.push(Column { h, last, counts: counts.to_vec(), diverged, small });
        }
    }
    bar.finish();
    Ok((columns, range))
}

/// An interval that shows more than rounding, where all orbits come to one point.
fn wide((from, to): (f64, f64)) -> (f64, f64) {
    let size = from.abs().max(to.abs()).max(f64::MIN_POSITIVE);
    if to - from > NARROW * size { (from, to) } else { (from - 0.5 * size, to + 0.5 * size) }
}

/// The stretches of learning rates with the same kind of orbit, the short ones left out.
fn text(dynamics: &Dynamics, columns: &[Column]) -> String {
    let kind = |column: &Column| match column.period() {
        Some(1) => "comes to rest".to_owned(),
        Some(p) => format!("period {p}"),
        None if column.diverged => "diverges".to_owned(),
        None => "does not repeat itself".to_owned(),
    };
    let mut lines = vec![
        format!("{} on {}, by learning rate", dynamics.method, dynamics.formula),
        "(as the last 64 points show; `shadowflow orbit` confirms a period)".to_owned(),
        String::new(),
    ];
    let mut left_out = 0;
    for stretch in columns.chunk_by(|a, b| kind(a) == kind(b)) {
        let (first, end) = (&stretch[0], &stretch[stretch.len() - 1]);
        if stretch.len() * 100 < columns.len() {
            left_out += 1;
            continue;
        }
        lines.push(format!("  h = {} to {}: {}", short(first.h), short(end.h), kind(first)));
    }
    if left_out > 0 {
        lines.push(format!("  and {left_out} shorter stretches"));
    }
    lines.join("\n") + "\n"
}

fn chart(args: &DiagramArgs, dynamics: &Dynamics, columns: &[Column], range: (f64, f64)) -> Chart {
    let variable = &dynamics.variables[0];
    let mut table = Table::new(["h", variable]);
    for column in columns.iter().filter(|column| !column.diverged) {
        for &x in &column.last {
            table.push([Cell::from(column.h), Cell::from(x)]);
        }
    }
    // Rows from the lowest bin; the share of the fullest bin of a column, on a scale on which few counts are seen too.
    let bins = args.bins;
    let mut values = vec![f64::NAN; bins * columns.len()];
    let mut counts = vec![0.0; bins * columns.len()];
    for (k, column) in columns.iter().enumerate() {
        let most = column.counts.iter().copied().max().unwrap_or(0);
        for (bin, &count) in column.counts.iter().enumerate() {
            counts[bin * columns.len() + k] = f64::from(count);
            if count > 0 {
                values[bin * columns.len() + k] =
                    0.25 + 0.75 * (f64::from(count) / f64::from(most)).powf(0.35);
            }
        }
    }
    let ends = (columns[0].h, columns[columns.len() - 1].h);
    let half = 0.5 * (range.1 - range.0) / bins as f64;
    let inner = (range.0 + half, range.1 - half);
    let grid = Grid::of_values(ends, inner, columns.len(), values);
    let counts = Grid::of_values(ends, inner, columns.len(), counts);
    Chart {
        id: "diagram".to_owned(),
        title: "Where orbits go, over the learning rate".to_owned(),
        heading: dynamics.method.clone(),
        parameters: json!({
            "method": dynamics.method, "formula": dynamics.formula, "start": args.start,
            "transient": args.transient, "iterates": args.iterates, "columns": args.columns, "bins": args.bins,
        }),
        x: ChartAxis::linear("$h$", ends),
        y: ChartAxis::linear(&label(variable), range),
        layers: grid
            .into_iter()
            .map(|grid| ChartLayer::Field { grid, range: (0.0, 1.0), map: ColourMap::Blues })
            .collect(),
        keys: Vec::new(),
        table: Some(table),
        fields: counts.into_iter().map(|grid| ("count".to_owned(), grid)).collect(),
    }
}
