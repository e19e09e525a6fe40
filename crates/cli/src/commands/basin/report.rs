//! What `shadowflow basin` says and draws.

use std::collections::BTreeMap;

use num_complex::Complex64;
use serde_json::{Map as Object, Value, json};
use shadowflow_figures::data::Table;
use shadowflow_figures::grid::Grid;
use shadowflow_figures::style::{BLACK, BLUE, Colour, GREEN, Marker, ORANGE, PURPLE, SKY, VERMILION, WHITE};
use shadowflow_figures::{Chart, ChartAxis, ChartLayer};
use shadowflow_numerics::statistics::Fraction;
use shadowflow_numerics::{
    Attractor, BasinGeometry, Basins, InvariantLine, Label, Map as _, invariant_lines,
};

use super::super::orbit::complex;
use super::{Dynamics, decoded, encoded, failed, label, number, short, tex};
use crate::args::BasinArgs;
use crate::error::CliError;

/// Normal quantile of the confidence intervals, 95 %.
const CONFIDENCE: f64 = 1.96;

/// Attractors that are printed, and named beside the picture, at the most.
const PRINTED: usize = 12;
const NAMED: usize = 10;

/// A step this small, as a share of the size of the point, is none.
const AT_REST: f64 = 1e-14;

/// A label with the number of the attractor, 0 if there is none.
type Fate = (Label, u32);

pub(super) struct Report<'a> {
    args: &'a BasinArgs,
    dynamics: &'a Dynamics,
    basins: &'a Basins,
    side: usize,
    lines: Vec<InvariantLine>,
    /// Starts that are fixed points and do not attract.
    at_rest: usize,
    /// Of every start, as it is drawn and measured: starts on invariant lines count to their neighbours.
    fates: Vec<Fate>,
    /// For each invariant line how many starts are unlike both neighbours.
    unlike: Vec<usize>,
}

impl<'a> Report<'a> {
    pub(super) fn of(
        args: &'a BasinArgs,
        dynamics: &'a Dynamics,
        basins: &'a Basins,
        (x, y): (&[f64], &[f64]),
    ) -> Result<Report<'a>, CliError> {
        let state = |x, y| dynamics.map.start(&[x, y]);
        let lines = invariant_lines(&dynamics.map, args.h, state, x, y).map_err(failed)?;
        let found: Vec<Fate> =
            basins.labels().iter().copied().zip(basins.numbers().iter().copied()).collect();
        let mut fates = found.clone();
        let mut unlike = Vec::with_capacity(lines.len());
        for line in &lines {
            let starts: Vec<usize> = line.unlike(&found).collect();
            for &start in &starts {
                if let Some(other) = line.beside(start).into_iter().flatten().next() {
                    fates[start] = found[other];
                }
            }
            unlike.push(starts.len());
        }
        let rests = |&(start, _): &(usize, &Label)| {
            let from = state(x[start % x.len()], y[start / x.len()]);
            let mut next = vec![0.0; from.len()];
            dynamics.map.step(args.h, &from, &mut next);
            from.iter().zip(&next).all(|(x, next)| (x - next).abs() <= AT_REST * x.abs())
        };
        let undecided = basins.labels().iter().enumerate().filter(|(_, label)| **label == Label::Undecided);
        let at_rest = undecided.filter(rests).count();
        Ok(Report { args, dynamics, basins, side: x.len(), lines, at_rest, fates, unlike })
    }

    /// How many starts have each label, periods first, then the others, and how many come to each attractor.
    fn counts(&self) -> (BTreeMap<u8, u64>, Vec<u64>) {
        let (mut labels, mut attractors) = (BTreeMap::new(), vec![0; self.basins.attractors().len()]);
        for (&label, &number) in self.basins.labels().iter().zip(self.basins.numbers()) {
            *labels.entry(encoded(label)).or_default() += 1;
            if let Some(count) = (number as usize).checked_sub(1).and_then(|place| attractors.get_mut(place))
            {
                *count += 1;
            }
        }
        (labels, attractors)
    }

    fn share(&self, count: u64) -> Result<(f64, (f64, f64)), CliError> {
        let fraction = Fraction::new(count, self.basins.labels().len() as u64).map_err(failed)?;
        Ok((fraction.value(), fraction.interval(CONFIDENCE)))
    }

    /// Of the basins of attractors, with starts that are undecided counted to their neighbours: those on the stable line of a saddle
    /// would pass for a boundary.
    fn geometry(&self) -> Option<BasinGeometry> {
        let mut fates = self.fates.clone();
        for row in fates.chunks_mut(self.side) {
            for k in 1..row.len() {
                if row[k].0 == Label::Undecided {
                    row[k] = row[k - 1];
                }
            }
            for k in (1..row.len()).rev() {
                if row[k - 1].0 == Label::Undecided {
                    row[k - 1] = row[k];
                }
            }
        }
        BasinGeometry::of(&fates, self.side).ok()
    }

    /// The part of a state that is a point of the plane.
    fn plane<'b>(&self, point: &'b [f64]) -> &'b [f64] {
        &point[..self.dynamics.variables.len().min(point.len())]
    }

    /// With the names of the variables: x = 1/2, x + y = 0.
    fn equation(&self, line: &InvariantLine) -> String {
        let (x, y) = (&self.dynamics.variables[0], &self.dynamics.variables[1]);
        let level = short(line.level());
        match line.normal() {
            [1, 0] => format!("{x} = {level}"),
            [0, 1] => format!("{y} = {level}"),
            [1, 1] => format!("{x} + {y} = {level}"),
            _ => format!("{x} - {y} = {level}"),
        }
    }

    pub(super) fn document(&self) -> Result<Value, CliError> {
        let (labels, counts) = self.counts();
        let (mut fractions, mut confidence) = (Object::new(), Object::new());
        for (byte, count) in labels {
            let (share, (low, high)) = self.share(count)?;
            fractions.insert(name(decoded(byte)), json!(share));
            confidence.insert(name(decoded(byte)), json!([low, high]));
        }
        let mut attractors = Vec::new();
        for (attractor, count) in self.basins.attractors().iter().zip(counts) {
            let (share, (low, high)) = self.share(count)?;
            attractors.push(json!({
                "number": attractors.len() + 1,
                "period": attractor.period(),
                "isolated": attractor.is_isolated(),
                "points": attractor.points().iter().map(|point| self.plane(point)).collect::<Vec<_>>(),
                "multipliers": attractor.multipliers().iter().map(|m| [m.re, m.im]).collect::<Vec<_>>(),
                "fraction": share,
                "confidence": [low, high],
            }));
        }
        let lines = self.lines.iter().zip(&self.unlike).map(|(line, unlike)| {
            json!({ "equation": self.equation(line), "starts": line.starts().len(), "unlike_neighbours": unlike })
        });
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
            "attractors": attractors,
            "invariant_lines": lines.collect::<Vec<_>>(),
            "starts_at_rest": self.at_rest,
            "boundary_of": "attractors",
            "basin_entropy": geometry.map(|g| g.entropy),
            "boundary_entropy": geometry.map(|g| g.boundary_entropy),
            "boundary_dimension": geometry.map(|g| number(g.dimension.value)),
            "boundary_dimension_error": geometry.map(|g| number(g.dimension.error)),
            "uncertainty_exponent": geometry.map(|g| number(g.uncertainty.value)),
            "uncertainty_exponent_error": geometry.map(|g| number(g.uncertainty.error)),
        }))
    }

    pub(super) fn text(&self) -> Result<String, CliError> {
        let (args, n) = (self.args, self.basins.labels().len());
        let mut lines = vec![
            format!("{} with h = {} on {}", self.dynamics.method, short(args.h), self.dynamics.formula),
            format!(
                "{n} starts in [{}, {}] x [{}, {}]",
                args.window[0], args.window[1], args.window[2], args.window[3]
            ),
            String::new(),
        ];
        let (labels, counts) = self.counts();
        for (byte, count) in labels {
            let (share, (low, high)) = self.share(count)?;
            lines.push(format!(
                "  {:<10} {count:>9}  {share:.4} of the window (95 %: {low:.4} to {high:.4})",
                name(decoded(byte)),
            ));
        }
        let attractors = self.basins.attractors();
        if !attractors.is_empty() {
            lines.extend([String::new(), "  attractors".to_owned()]);
        }
        for (place, (attractor, count)) in attractors.iter().zip(counts).take(PRINTED).enumerate() {
            let (share, (low, high)) = self.share(count)?;
            lines.push(format!(
                "  {:>3}  {share:.4} (95 %: {low:.4} to {high:.4})  {}",
                place + 1,
                self.description(attractor)
            ));
        }
        if attractors.len() > PRINTED {
            lines.push(format!("       and {} more, which --json names", attractors.len() - PRINTED));
        }
        if let Some(g) = self.geometry().filter(|g| g.dimension.value.is_finite()) {
            lines.push(String::new());
            lines.push(format!(
                "  boundary between basins of attractors: box dimension {:.3} +- {:.3}, uncertainty exponent {:.3} +- {:.3}",
                g.dimension.value, g.dimension.error, g.uncertainty.value, g.uncertainty.error
            ));
            let fractal = if g.is_fractal() { ": fractal, it is above ln 2" } else { "" };
            lines.push(format!(
                "  basin entropy {:.4}, at the boundary {:.4}{fractal}",
                g.entropy, g.boundary_entropy
            ));
        }
        lines.extend(self.null_sets());
        Ok(lines.join("\n") + "\n")
    }

    /// Period, points and what multiplies errors most.
    fn description(&self, attractor: &Attractor) -> String {
        let period = attractor.period();
        if !attractor.is_isolated() {
            return format!("period {period}, not isolated: orbits that fill curves, all of them");
        }
        let point = |point: &Vec<f64>| {
            let numbers: Vec<String> = self.plane(point).iter().map(|&x| short(x)).collect();
            format!("({})", numbers.join(", "))
        };
        let shown: Vec<String> = attractor.points().iter().take(2).map(point).collect();
        let more = if period > 2 { ", …" } else { "" };
        let largest = attractor.multipliers().first().copied().unwrap_or_default();
        format!("period {period}, {}{more}, largest multiplier {}", shown.join(", "), multiplier(largest))
    }

    /// Of starts that say nothing of those beside them.
    fn null_sets(&self) -> Vec<String> {
        let mut lines = Vec::new();
        for (line, unlike) in self.lines.iter().zip(&self.unlike).filter(|(_, unlike)| **unlike > 0) {
            lines.extend([
                String::new(),
                format!("  {unlike} of {} starts on the line {}, which the map keeps, come to something else than", line.starts().len(), self.equation(line)),
                "  those on both sides. The line is a null set: in the picture and in what is said of boundaries they count".to_owned(),
                "  to their neighbours, in the shares above as they are. With another --window no start lies on it.".to_owned(),
            ]);
        }
        if self.at_rest > 0 {
            let starts = if self.at_rest == 1 { "start is a fixed point" } else { "starts are fixed points" };
            lines.extend([
                String::new(),
                format!(
                    "  {} {starts} of the map that no orbit beside comes to: undecided, a null set as well",
                    self.at_rest
                ),
            ]);
        }
        lines
    }

    pub(super) fn chart(&self) -> Chart {
        let [x0, x1, y0, y1] = self.args.window[..] else { return self.empty() };
        // Pixel centres lie half a pixel inside.
        let inset = |from: f64, to: f64| {
            let half = 0.5 * (to - from) / self.side as f64;
            (from + half, to - half)
        };
        let grid_of = |values: Vec<f64>| Grid::of_values(inset(x0, x1), inset(y0, y1), self.side, values);
        // Attractors by number, then the other labels.
        let attractors = self.basins.attractors();
        let others = [Label::Aperiodic, Label::Undecided, Label::Diverged];
        let place = |&(label, number): &Fate| match number {
            0 => attractors.len() + others.iter().position(|&other| other == label).unwrap_or(0),
            number => number as usize - 1,
        };
        let colours: Vec<Colour> = (0..attractors.len()).map(colour_of).chain(others.map(colour)).collect();
        let places = grid_of(self.fates.iter().map(|fate| place(fate) as f64).collect());
        let codes = grid_of(self.basins.labels().iter().map(|&label| f64::from(encoded(label))).collect());
        let numbers = grid_of(self.basins.numbers().iter().map(|&number| f64::from(number)).collect());
        let mut keys: Vec<(Colour, String)> = Vec::new();
        for (k, attractor) in attractors.iter().enumerate().take(NAMED) {
            let period = attractor.period();
            keys.push((
                colour_of(k),
                match attractor.is_isolated() {
                    true => format!("{}: period {period}", k + 1),
                    false => format!("{}: period {period}, not isolated", k + 1),
                },
            ));
        }
        if attractors.len() > NAMED {
            keys.push((colour_of(NAMED), format!("and {} more", attractors.len() - NAMED)));
        }
        let seen = others.into_iter().filter(|other| self.fates.iter().any(|fate| fate.0 == *other));
        keys.extend(seen.map(|other| (colour(other), name(other))));
        let points = attractors.iter().flat_map(Attractor::points);
        let points: Vec<(f64, f64)> =
            points.filter_map(|point| Some((*point.first()?, *point.get(1)?))).collect();
        let inside = |p: &(f64, f64)| (x0..=x1).contains(&p.0) && (y0..=y1).contains(&p.1);
        let points: Vec<(f64, f64)> = points.into_iter().filter(inside).collect();
        let mut layers: Vec<ChartLayer> =
            places.into_iter().map(|grid| ChartLayer::Labels { grid, colours: colours.clone() }).collect();
        // Seen on every colour.
        layers.push(ChartLayer::Points { points: points.clone(), marker: Marker::disk(WHITE).radius(1.7) });
        layers.push(ChartLayer::Points { points, marker: Marker::disk(BLACK).radius(1.0) });
        let fields = [("label", codes), ("attractor", numbers)];
        Chart {
            x: ChartAxis::linear(&label(&self.dynamics.variables[0]), (x0, x1)),
            y: ChartAxis::linear(&label(&self.dynamics.variables[1]), (y0, y1)),
            layers,
            keys,
            table: Some(self.table()),
            fields: fields.into_iter().filter_map(|(name, grid)| Some((name.to_owned(), grid?))).collect(),
            ..self.empty()
        }
    }

    /// The points of all attractors, and the shares of their basins.
    fn table(&self) -> Table {
        let (x, y) = (&self.dynamics.variables[0], &self.dynamics.variables[1]);
        let mut table = Table::new(["attractor", "period", "point", x, y, "starts"]);
        let (_, counts) = self.counts();
        for (k, (attractor, count)) in self.basins.attractors().iter().zip(counts).enumerate() {
            let mut row = |point: usize, x: f64, y: f64| {
                let numbers = [(k + 1) as f64, attractor.period() as f64, point as f64, x, y, count as f64];
                table.push(numbers.map(Into::into));
            };
            for (number, point) in attractor.points().iter().enumerate() {
                if let [x, y, ..] = point[..] {
                    row(number + 1, x, y);
                }
            }
            if !attractor.is_isolated() {
                row(0, f64::NAN, f64::NAN);
            }
        }
        table
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
                "attractors": "by number from 1, 0 for none",
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
        _ => Colour(150, 150, 150),
    }
}

/// The colour of the attractor at a place: six, then lighter and darker ones, then the same again.
fn colour_of(place: usize) -> Colour {
    let base = [BLUE, ORANGE, GREEN, PURPLE, SKY, VERMILION][place % 6];
    match place / 6 % 4 {
        0 => base,
        1 => base.mix(WHITE, 0.5),
        2 => base.mix(BLACK, 0.45),
        _ => base.mix(WHITE, 0.75),
    }
}

/// What is rounding beside the real part is no imaginary one.
fn multiplier(m: Complex64) -> String {
    complex(m.re, if m.im.abs() <= 1e-12 * m.re.abs() { 0.0 } else { m.im })
}
