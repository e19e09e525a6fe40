//! Pictures and tables of escapes.

use serde_json::json;
use shadowflow_figures::data::{Cell, Table};
use shadowflow_figures::style::{BLACK, BLUE, Dash, GREEN, GREY, Marker, PALETTE, Stroke, VERMILION};
use shadowflow_figures::{Chart, ChartAxis, ChartLayer};

use super::{Model, Report, Run};
use crate::commands::dynamics::{rows, tex};

/// Points of a survival curve.
const POINTS: usize = 400;

/// The lowest share that is drawn.
const LEAST: f64 = 1e-3;

/// Keys of wells, at the most: more do not fit beside the panel.
const KEYS: usize = 6;

/// A time in steps that is predicted for a well.
type Time = fn(&Run, usize) -> Option<f64>;

impl Report<'_> {
    pub(super) fn chart(&self) -> Chart {
        if self.args.rates.is_some() { self.over_steps() } else { self.law() }
    }

    fn parameters(&self) -> serde_json::Value {
        json!({
            "objective": self.formula,
            "model": self.model.name(),
            "epsilon": self.args.epsilon,
            "temperature": self.args.temperature,
            "h": self.runs.iter().map(|run| run.h).collect::<Vec<_>>(),
            "steps": self.args.steps,
            "seed": self.args.seed,
        })
    }

    /// The share of stays that are longer than so many steps, at one h.
    fn law(&self) -> Chart {
        let run = &self.runs[0];
        let (n, wells) = (run.predicted.len(), run.seen.extrema());
        let means: Vec<Option<f64>> =
            (0..n).map(|k| run.seen.escape_time(k).map(|time| time.value)).collect();
        // Down to e⁻⁷ of the stays, or as far as was looked.
        let farthest = means.iter().flatten().fold(0.0, |far: f64, mean| far.max(6.5 * mean));
        let end = if farthest > 0.0 { farthest.min(self.args.steps as f64) } else { self.args.steps as f64 };
        let place = |k: usize| end * k as f64 / (POINTS - 1) as f64;
        let mut table = Table::new(["well", "steps", "share", "exponential"]);
        let (mut layers, mut keys, mut field) = (Vec::new(), Vec::new(), Vec::new());
        for well in 0..n {
            let curve = run.seen.survival(well);
            let share = |steps: f64| {
                let behind = curve.partition_point(|&(length, _)| length as f64 <= steps);
                curve.get(behind.saturating_sub(1)).map_or(1.0, |point| point.1)
            };
            let exponential = |steps: f64| means[well].map_or(f64::NAN, |mean| (-steps / mean).exp());
            let colour = PALETTE[well % PALETTE.len()];
            let drawn = |value: &dyn Fn(f64) -> f64| {
                (0..POINTS).map(|k| (place(k), value(place(k)))).filter(|p| p.1 >= LEAST).collect::<Vec<_>>()
            };
            for k in 0..POINTS {
                let steps = place(k);
                let cells = [wells.minima()[well], steps, share(steps), exponential(steps)];
                table.push(cells.map(Cell::from));
            }
            field.push((0..POINTS).map(|k| share(place(k))).collect::<Vec<f64>>());
            layers.push(ChartLayer::Line { points: drawn(&share), stroke: Stroke::new(colour) });
            layers.push(ChartLayer::Line {
                points: drawn(&exponential),
                stroke: Stroke::thin(BLACK).dash(Dash::Dashed),
            });
            if well < KEYS {
                keys.push((colour, format!("from ${}$", tex(wells.minima()[well]))));
            }
        }
        keys.push((BLACK, "exponential".to_owned()));
        let counts: Vec<Vec<f64>> =
            (0..n).map(|from| (0..n).map(|to| run.seen.count(from, to) as f64).collect()).collect();
        let last = n as f64 - 1.0;
        Chart {
            id: "escapes".to_owned(),
            title: "How long orbits stay in the wells".to_owned(),
            heading: self.heading(Some(run.h)),
            parameters: self.parameters(),
            x: ChartAxis::linear("steps in a well, $k$", (0.0, end)),
            y: ChartAxis::logarithmic("share of stays longer than $k$", (LEAST, 1.0)),
            layers,
            keys,
            table: Some(table),
            fields: rows("survival", (0.0, end), &field)
                .into_iter()
                .chain(rows("transitions", (0.0, last), &counts))
                .collect(),
        }
    }

    fn heading(&self, h: Option<f64>) -> String {
        let numbers = match self.model {
            Model::Ripples { epsilon } => format!("$\\varepsilon={}$", tex(epsilon)),
            Model::Map => "stochastic map".to_owned(),
            Model::Langevin { temperature } => format!("$T={}$", tex(temperature)),
        };
        match h {
            Some(h) => format!("$h={}$, {numbers}", tex(h)),
            None => numbers,
        }
    }

    /// Rates over 1/h.
    fn over_steps(&self) -> Chart {
        let langevin = matches!(self.model, Model::Langevin { .. });
        let at = |run: &Run| if langevin { run.h } else { 1.0 / run.h };
        let n = self.runs[0].predicted.len();
        let wells = self.runs[0].seen.extrema();
        let mut table = Table::new([
            "h",
            "well",
            "escapes",
            "steps",
            "escape_time",
            "error",
            "rate_low",
            "rate_high",
            "langevin",
            "kramers",
            "quasi_potential",
        ]);
        let mut layers = Vec::new();
        let missing = |x: Option<f64>| x.unwrap_or(f64::NAN);
        // A unit of time is 1/h steps.
        let mut rates = Vec::new();
        let predictions: [(&str, Stroke, Time); 3] = [
            ("Langevin", Stroke::new(BLUE), |run, k| run.predicted[k].langevin),
            ("Kramers", Stroke::thin(GREEN).dash(Dash::Dashed).width(0.9), |run, k| run.predicted[k].kramers),
            ("quasi-potential", Stroke::new(VERMILION), |run, k| run.predicted[k].quasi_potential),
        ];
        for well in 0..n {
            for (_, stroke, time) in predictions.iter().take(if langevin { 2 } else { 3 }) {
                let points: Vec<(f64, f64)> =
                    self.runs.iter().map(|run| (at(run), 1.0 / (missing(time(run, well)) * run.h))).collect();
                rates.extend(points.iter().map(|point| point.1));
                layers.push(ChartLayer::Line { points, stroke: *stroke });
            }
        }
        let (mut seen, mut limits) = (Vec::new(), Vec::new());
        for well in 0..n {
            for run in &self.runs {
                let (time, rate) = (run.seen.escape_time(well), run.seen.rate(well));
                let (low, high) = rate.map_or((f64::NAN, f64::NAN), |rate| rate.interval(super::CONFIDENCE));
                let p = &run.predicted[well];
                let (value, error) = time.map_or((f64::NAN, f64::NAN), |time| (time.value, time.error));
                table.push(
                    [
                        run.h,
                        wells.minima()[well],
                        run.seen.escapes(well) as f64,
                        run.seen.time(well) as f64,
                        value,
                        error,
                        low,
                        high,
                        missing(p.langevin),
                        missing(p.kramers),
                        missing(p.quasi_potential),
                    ]
                    .map(Cell::from),
                );
                let x = at(run);
                match time {
                    Some(time) => {
                        let rate = 1.0 / (time.value * run.h);
                        // Two standard errors, no further down than an axis of logarithms shows.
                        let share = (2.0 * time.error / time.value).min(0.95);
                        layers.push(ChartLayer::Line {
                            points: vec![(x, rate * (1.0 - share)), (x, rate * (1.0 + share))],
                            stroke: Stroke::thin(BLACK),
                        });
                        rates.push(rate);
                        seen.push((x, rate));
                    }
                    None if high.is_finite() => {
                        let most = 1.0 / (run.seen.at_least(well) * run.h);
                        rates.push(most);
                        limits.push((x, most));
                    }
                    None => {}
                }
            }
        }
        let mut keys = vec![(BLACK, "seen".to_owned())];
        if !limits.is_empty() {
            keys.push((GREY, "at most".to_owned()));
        }
        layers.push(ChartLayer::Points { points: seen, marker: Marker::disk(BLACK) });
        layers.push(ChartLayer::Points { points: limits, marker: Marker::ring(GREY) });
        for (name, stroke, _) in predictions.iter().take(if langevin { 2 } else { 3 }) {
            keys.push((stroke.colour, (*name).to_owned()));
        }
        let finite = || rates.iter().copied().filter(|rate| rate.is_finite() && *rate > 0.0);
        let (low, high) = (finite().fold(f64::INFINITY, f64::min), finite().fold(0.0, f64::max));
        let ends =
            self.runs.iter().map(at).fold((f64::INFINITY, 0.0), |(a, b): (f64, f64), x| (a.min(x), b.max(x)));
        let room = 0.05 * (ends.1 - ends.0);
        let field = |name: &str, value: &dyn Fn(&Run, usize) -> f64| {
            let all: Vec<Vec<f64>> =
                (0..n).map(|well| self.runs.iter().map(|run| value(run, well)).collect()).collect();
            rows(name, (0.0, self.runs.len() as f64 - 1.0), &all)
        };
        let fields = [
            field("h", &|run, _| run.h),
            field("escapes", &|run, well| run.seen.escapes(well) as f64),
            field("steps", &|run, well| run.seen.time(well) as f64),
            field("escape_time", &|run, well| missing(run.seen.escape_time(well).map(|time| time.value))),
            field("error", &|run, well| missing(run.seen.escape_time(well).map(|time| time.error))),
            field("langevin", &|run, well| missing(run.predicted[well].langevin)),
            field("kramers", &|run, well| missing(run.predicted[well].kramers)),
            field("quasi_potential", &|run, well| missing(run.predicted[well].quasi_potential)),
        ];
        Chart {
            id: "escape-rates".to_owned(),
            title: "Rates of escape over the step".to_owned(),
            heading: self.heading(None),
            parameters: self.parameters(),
            x: ChartAxis::linear(if langevin { "$h$" } else { "$1/h$" }, (ends.0 - room, ends.1 + room)),
            y: ChartAxis::logarithmic(
                "escapes in a unit of time $kh$",
                if low < high { (low, high) } else { (1e-3, 1.0) },
            ),
            layers,
            keys,
            table: Some(table),
            fields: fields.into_iter().flatten().collect(),
        }
    }
}
