//! `shadowflow basin`: what becomes of every start in a window.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use serde_json::{Map as Object, Value, json};
use shadowflow_figures::grid::Grid;
use shadowflow_figures::style::{BLACK, BLUE, Colour, GREEN, ORANGE, PURPLE, SKY, VERMILION, WHITE};
use shadowflow_figures::{Chart, ChartAxis, ChartLayer, Progress};
use shadowflow_numerics::statistics::Fraction;
use shadowflow_numerics::{Basin, BasinGeometry, Judge, Label, OrbitSearch, StartsError, Window};
use shadowflow_symbolic::StepProgram;

use super::dynamics::{Dynamics, check_ending, draw, failed, label, number, tex};
use super::stability::short;
use crate::args::BasinArgs;
use crate::error::CliError;
use crate::terminal::{Bar, print, print_json, say, stop_by_myself};

/// Starts computed between looks at Ctrl-C.
const STRIP: usize = 1 << 16;

/// Steps of all orbits between looks at Ctrl-C, at the most.
const WORK: usize = 200_000_000;

/// The most steps of an orbit.
const MOST: usize = 1_000_000;

/// An orbit farther out than this has diverged.
const RADIUS: f64 = 1e6;

/// Normal quantile of the confidence intervals, 95 %.
const CONFIDENCE: f64 = 1.96;

pub(crate) fn run(args: &BasinArgs) -> Result<(), CliError> {
    check_ending(args.out.as_deref(), &["svg", "pdf", "png", "npz"])?;
    if args.h <= 0.0 {
        return Err(CliError::Step { h: args.h });
    }
    let least = 8 * args.period.clamp(1, OrbitSearch::LONGEST);
    if args.period == 0 || args.period > OrbitSearch::LONGEST {
        return Err(CliError::Range {
            argument: "--period",
            found: args.period,
            least: 1,
            most: OrbitSearch::LONGEST,
        });
    }
    // With fewer nothing could be told from what has not settled yet.
    if args.steps < least || args.steps > MOST {
        return Err(CliError::Range { argument: "--steps", found: args.steps, least, most: MOST });
    }
    let dynamics = Dynamics::of(&args.map)?;
    if dynamics.variables.len() != 2 {
        return Err(CliError::NeedsPlane { found: dynamics.variables.len() });
    }
    let [x0, x1, y0, y1] = args.window[..] else {
        return Err(CliError::Count { argument: "--window", found: args.window.len(), expected: 4 });
    };
    let window = Window::new((x0, x1), (y0, y1)).map_err(CliError::Window)?;
    let side = usize::from(args.resolution);
    let (x, y) = window.centres(side, side).map_err(CliError::Window)?;
    stop_by_myself();
    let labels = computed(args, &dynamics, &x, &y)?;
    let report = Report { args, dynamics: &dynamics, labels: &labels, side };
    if let Some(file) = &args.out {
        draw(&report.chart(), file)?;
    }
    if args.json { print_json(&report.document()?) } else { print(&report.text()?) }
}

/// The labels, strip by strip; with `--out` what is finished is kept beside the file until the picture is drawn.
fn computed(args: &BasinArgs, dynamics: &Dynamics, x: &[f64], y: &[f64]) -> Result<Vec<Label>, CliError> {
    let key = json!({
        "method": dynamics.method, "formula": dynamics.formula, "variables": dynamics.variables, "h": args.h,
        "window": args.window, "resolution": args.resolution, "steps": args.steps, "period": args.period,
    });
    let part = args.out.as_deref().map(|file| Part { file: part_of(file), key: key.to_string() });
    let mut labels = part.as_ref().map_or_else(Vec::new, Part::read);
    labels.truncate(labels.len() / x.len() * x.len());
    if !labels.is_empty() {
        say(&format!("shadowflow: going on after {} of {} rows", labels.len() / x.len(), y.len()));
    }
    let bar = Bar::new(1);
    let rows = (STRIP.min(WORK / args.steps) / x.len()).max(1);
    while labels.len() < x.len() * y.len() {
        let first = labels.len() / x.len();
        let strip = &y[first..(first + rows).min(y.len())];
        labels.extend(of_strip(args, dynamics, x, strip).map_err(failed)?);
        bar.advance(labels.len() as f64 / (x.len() * y.len()) as f64);
        if bar.is_cancelled() && labels.len() < x.len() * y.len() {
            bar.finish();
            if let Some(part) = &part {
                part.write(&labels)?;
                say(&format!(
                    "shadowflow: interrupted; {} keeps what is done, the same command goes on",
                    part.file.display()
                ));
            }
            return Err(CliError::Interrupted);
        }
    }
    bar.finish();
    if let Some(part) = part {
        // Nothing is lost if it cannot be removed.
        let _ = fs::remove_file(part.file);
    }
    Ok(labels)
}

fn of_strip(args: &BasinArgs, dynamics: &Dynamics, x: &[f64], y: &[f64]) -> Result<Vec<Label>, StartsError> {
    if let Some(family) = StepProgram::<2>::of(&dynamics.map) {
        let basin = Basin { radius: RADIUS, steps: args.steps, longest: args.period };
        return basin.labels(&family, &[args.h], x, y);
    }
    // With memory, or steps that solve equations.
    let judge = Judge { steps: args.steps, longest: args.period, radius: RADIUS, window: None };
    judge.labels(&dynamics.map, args.h, |x, y| dynamics.map.start(&[x, y]), x, y)
}

/// Labels that were finished before an interruption, with what they belong to.
struct Part {
    file: PathBuf,
    key: String,
}

fn part_of(file: &Path) -> PathBuf {
    let name = file.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
    file.with_file_name(format!(".{name}.part"))
}

impl Part {
    /// What was kept, if it belongs to the same question.
    fn read(&self) -> Vec<Label> {
        let Ok(bytes) = fs::read(&self.file) else { return Vec::new() };
        let header = self.key.len();
        match bytes.get(..header) {
            Some(key) if key == self.key.as_bytes() && bytes.get(header) == Some(&b'\n') => {
                bytes[header + 1..].iter().map(|&byte| decoded(byte)).collect()
            }
            _ => Vec::new(),
        }
    }

    fn write(&self, labels: &[Label]) -> Result<(), CliError> {
        let mut bytes = self.key.clone().into_bytes();
        bytes.push(b'\n');
        bytes.extend(labels.iter().map(|&label| encoded(label)));
        fs::write(&self.file, bytes)
            .map_err(|source| CliError::Unwritable { path: self.file.clone(), source })
    }
}

/// Periods stand for themselves, 64 at most; 0 is aperiodic, 254 undecided, 255 diverged.
fn encoded(label: Label) -> u8 {
    match label {
        Label::Period(p) => p,
        Label::Aperiodic => 0,
        Label::Undecided => 254,
        Label::Diverged => 255,
    }
}

fn decoded(byte: u8) -> Label {
    match byte {
        0 => Label::Aperiodic,
        254 => Label::Undecided,
        255 => Label::Diverged,
        p => Label::Period(p),
    }
}

fn name(label: Label) -> String {
    match label {
        Label::Period(p) => format!("period-{p}"),
        Label::Aperiodic => "aperiodic".to_owned(),
        Label::Undecided => "undecided".to_owned(),
        Label::Diverged => "diverged".to_owned(),
    }
}

/// Diverged starts are white, as paper outside.
fn colour(label: Label) -> Colour {
    match label {
        Label::Diverged => WHITE,
        Label::Aperiodic => BLACK,
        Label::Undecided => Colour(150, 150, 150),
        Label::Period(p) => [BLUE, ORANGE, GREEN, PURPLE, SKY, VERMILION][usize::from(p - 1) % 6],
    }
}

struct Report<'a> {
    args: &'a BasinArgs,
    dynamics: &'a Dynamics,
    labels: &'a [Label],
    side: usize,
}

impl Report<'_> {
    /// How many starts have each label: periods first, then the others.
    fn counts(&self) -> BTreeMap<u8, u64> {
        let mut counts = BTreeMap::new();
        for &label in self.labels {
            *counts.entry(encoded(label)).or_default() += 1;
        }
        counts
    }

    /// Of the basins, with starts that are undecided counted to their neighbours: those on the stable line of a saddle would
    /// pass for a boundary.
    fn geometry(&self) -> Option<BasinGeometry> {
        let mut labels = self.labels.to_vec();
        for row in labels.chunks_mut(self.side) {
            for k in 1..row.len() {
                if row[k] == Label::Undecided {
                    row[k] = row[k - 1];
                }
            }
            for k in (1..row.len()).rev() {
                if row[k - 1] == Label::Undecided {
                    row[k - 1] = row[k];
                }
            }
        }
        BasinGeometry::of(&labels, self.side).ok()
    }

    fn document(&self) -> Result<Value, CliError> {
        let (mut fractions, mut confidence) = (Object::new(), Object::new());
        for (byte, count) in self.counts() {
            let fraction = Fraction::new(count, self.labels.len() as u64).map_err(failed)?;
            let (low, high) = fraction.interval(CONFIDENCE);
            fractions.insert(name(decoded(byte)), json!(fraction.value()));
            confidence.insert(name(decoded(byte)), json!([low, high]));
        }
        let geometry = self.geometry();
        Ok(json!({
            "method": self.dynamics.method,
            "formula": self.dynamics.formula,
            "variables": self.dynamics.variables,
            "h": self.args.h,
            "window": self.args.window,
            "resolution": self.args.resolution,
            "fractions": fractions,
            "confidence": confidence,
            "basin_entropy": geometry.map(|g| g.entropy),
            "boundary_entropy": geometry.map(|g| g.boundary_entropy),
            "boundary_dimension": geometry.map(|g| number(g.dimension.value)),
            "boundary_dimension_error": geometry.map(|g| number(g.dimension.error)),
            "uncertainty_exponent": geometry.map(|g| number(g.uncertainty.value)),
            "uncertainty_exponent_error": geometry.map(|g| number(g.uncertainty.error)),
        }))
    }

    fn text(&self) -> Result<String, CliError> {
        let (args, n) = (self.args, self.labels.len() as u64);
        let mut lines = vec![
            format!("{} with h = {} on {}", self.dynamics.method, short(args.h), self.dynamics.formula),
            format!(
                "{n} starts in [{}, {}] x [{}, {}]",
                args.window[0], args.window[1], args.window[2], args.window[3]
            ),
            String::new(),
        ];
        for (byte, count) in self.counts() {
            let fraction = Fraction::new(count, n).map_err(failed)?;
            let (low, high) = fraction.interval(CONFIDENCE);
            lines.push(format!(
                "  {:<10} {:>9}  {:.4} of the window (95 %: {low:.4} to {high:.4})",
                name(decoded(byte)),
                count,
                fraction.value()
            ));
        }
        if let Some(g) = self.geometry().filter(|g| g.dimension.value.is_finite()) {
            lines.push(String::new());
            lines.push(format!(
                "  boundary: box dimension {:.3} +- {:.3}, uncertainty exponent {:.3} +- {:.3}",
                g.dimension.value, g.dimension.error, g.uncertainty.value, g.uncertainty.error
            ));
            let fractal = if g.is_fractal() { ": fractal, it is above ln 2" } else { "" };
            lines.push(format!(
                "  basin entropy {:.4}, at the boundary {:.4}{fractal}",
                g.entropy, g.boundary_entropy
            ));
        }
        Ok(lines.join("\n") + "\n")
    }

    fn chart(&self) -> Chart {
        let kinds: Vec<u8> = self.counts().into_keys().collect();
        let place = |label: Label| kinds.iter().position(|&kind| kind == encoded(label)).unwrap_or(0);
        let [x0, x1, y0, y1] = self.args.window[..] else { return self.empty() };
        // Pixel centres lie half a pixel inside.
        let inset = |from: f64, to: f64| {
            let half = 0.5 * (to - from) / self.side as f64;
            (from + half, to - half)
        };
        let grid_of = |values: Vec<f64>| Grid::of_values(inset(x0, x1), inset(y0, y1), self.side, values);
        let places = grid_of(self.labels.iter().map(|&label| place(label) as f64).collect());
        let codes = grid_of(self.labels.iter().map(|&label| f64::from(encoded(label))).collect());
        let colours: Vec<Colour> = kinds.iter().map(|&kind| colour(decoded(kind))).collect();
        let keys = kinds.iter().filter(|&&kind| decoded(kind) != Label::Diverged);
        Chart {
            x: ChartAxis::linear(&label(&self.dynamics.variables[0]), (x0, x1)),
            y: ChartAxis::linear(&label(&self.dynamics.variables[1]), (y0, y1)),
            layers: places
                .into_iter()
                .map(|grid| ChartLayer::Labels { grid, colours: colours.clone() })
                .collect(),
            keys: keys.map(|&kind| (colour(decoded(kind)), name(decoded(kind)).replace('-', " "))).collect(),
            fields: codes.into_iter().map(|grid| ("label".to_owned(), grid)).collect(),
            ..self.empty()
        }
    }

    fn empty(&self) -> Chart {
        Chart {
            id: "basin".to_owned(),
            title: "What becomes of every start".to_owned(),
            heading: format!("{}, $h={}$", self.dynamics.method, tex(self.args.h)),
            parameters: json!({
                "method": self.dynamics.method, "formula": self.dynamics.formula, "h": self.args.h,
                "window": self.args.window, "resolution": self.args.resolution, "steps": self.args.steps,
                "labels": "periods stand for themselves, 0 aperiodic, 254 undecided, 255 diverged",
            }),
            x: ChartAxis::linear("", (0.0, 1.0)),
            y: ChartAxis::linear("", (0.0, 1.0)),
            layers: Vec::new(),
            keys: Vec::new(),
            table: None,
            fields: Vec::new(),
        }
    }
}
