//! How far it pays to go in a modified equation that diverges: over N the defect falls, and rises again.

use std::f64::consts::TAU;

use serde_json::{Value, json};
use shadowflow_numerics::power_law::{modified_coefficients, one_step_errors};

use crate::axis::Axis;
use crate::canvas::geometry::{Point, Rect};
use crate::canvas::text::{HAlign, TextStyle, VAlign};
use crate::data::{Data, Table};
use crate::error::{DrawError, FigureError};
use crate::figure::{Check, Drawing, Figure, Progress};
use crate::page::{Margins, Page};
use crate::panel::Panel;
use crate::style::{
    BLACK, BLUE, Colour, ColourMap, DOUBLE_COLUMN_MM, GREY, LABEL_SIZE, Marker, SMALL_SIZE, Stroke, VERMILION,
};

/// Defects of one step of explicit Euler against the truncation order, at several steps, and how the least of them depends
/// on the step.
pub(super) struct OptimalTruncation;

/// Numbers of steps in a unit of time whose curves are drawn.
const DRAWN: [i64; 6] = [4, 6, 8, 10, 12, 14];
/// Numbers of steps to which lines are fitted; to larger steps the least defect is not yet exponential.
const FITTED: std::ops::RangeInclusive<i64> = 6..=14;
/// Powers of h through which coefficients are computed: past the best truncation of the smallest step.
const LAST: usize = 124;
/// Truncations over whose defects a mean is taken.
const NEIGHBOURS: usize = 11;

/// The defects for N = 0, 1, … at h = 1/steps.
struct Curve {
    steps: i64,
    defects: Vec<f64>,
}

impl Curve {
    /// The truncation with the least defect, and that.
    fn best(&self) -> (usize, f64) {
        let best = (0..self.defects.len()).min_by(|&i, &j| self.defects[i].total_cmp(&self.defects[j]));
        best.map_or((0, f64::NAN), |best| (best, self.defects[best]))
    }

    /// The floor of the valley: the least geometric mean of the defects of neighbouring truncations, with the N in their
    /// middle. Single defects fall far below it where they change sign.
    fn floor(&self) -> (f64, f64) {
        let means = self
            .defects
            .windows(NEIGHBOURS)
            .map(|near| (near.iter().map(|defect| defect.ln()).sum::<f64>() / NEIGHBOURS as f64).exp());
        let middles = (NEIGHBOURS / 2..).map(|n| n as f64);
        middles.zip(means).min_by(|a, b| a.1.total_cmp(&b.1)).unwrap_or((f64::NAN, f64::NAN))
    }

    /// Whether the least defect lies tenfold below the first and the last.
    fn is_valley(&self) -> bool {
        let (best, least) = self.best();
        self.defects[0] > 10.0 * least && self.defects[self.defects.len() - 1] > 10.0 * least && best > 0
    }

    fn points(&self) -> impl Iterator<Item = Point> + '_ {
        self.defects.iter().zip(0u32..).map(|(&defect, n)| (f64::from(n), defect))
    }
}

/// A line fitted by least squares.
#[derive(Clone, Copy)]
struct Line {
    slope: f64,
    intercept: f64,
}

struct Results {
    /// ẏ = y², by growing 1/h from the smallest drawn to the largest fitted.
    curves: Vec<Curve>,
    /// ẏ = y, whose modified equation converges.
    control: Vec<Curve>,
    /// ln of the floor, and its N, against 1/h.
    floor: Line,
    best: Line,
}

impl Figure for OptimalTruncation {
    fn id(&self) -> &str {
        "optimal-truncation"
    }

    fn title(&self) -> &str {
        "The defect of a truncated modified equation against its order: a valley whose floor is exponentially low"
    }

    fn source(&self) -> &str {
        "Hairer, Lubich & Wanner (2006), §IX.7; the constant 2π after Écalle (1981)"
    }

    fn parameters(&self) -> Value {
        json!({
            "fields": ["y^2", "y"], "start": 1.0, "steps_drawn": DRAWN,
            "steps_fitted": [FITTED.start(), FITTED.end()], "last_power": LAST,
        })
    }

    fn make(&self, progress: &dyn Progress) -> Result<Drawing, FigureError> {
        let series = modified_coefficients(2, LAST);
        progress.checkpoint(0.4)?;
        let mut steps: Vec<i64> = DRAWN.into_iter().chain(FITTED).collect();
        steps.sort_unstable();
        steps.dedup();
        let mut curves = Vec::new();
        for steps in steps {
            curves.push(Curve { steps, defects: one_step_errors(&series, 2, steps) });
            progress.checkpoint(0.4 + 0.04 * curves.len() as f64)?;
        }
        let series = modified_coefficients(1, LAST);
        let control: Vec<Curve> =
            DRAWN.map(|steps| Curve { steps, defects: one_step_errors(&series, 1, steps) }).into();
        let fitted = || curves.iter().filter(|curve| FITTED.contains(&curve.steps));
        let floor = line(fitted().map(|curve| (curve.steps as f64, curve.floor().1.ln())));
        let best = line(fitted().map(|curve| (curve.steps as f64, curve.floor().0)));
        let results = Results { curves, control, floor, best };
        Ok(Drawing { data: data(&results), checks: checks(&results), page: page(&results)? })
    }
}

fn line(points: impl Iterator<Item = Point>) -> Line {
    let points: Vec<Point> = points.collect();
    let n = points.len() as f64;
    let mean = points.iter().fold((0.0, 0.0), |sum, p| (sum.0 + p.0 / n, sum.1 + p.1 / n));
    let moments = points.iter().fold((0.0, 0.0), |(spread, common), (x, y)| {
        (spread + (x - mean.0).powi(2), common + (x - mean.0) * (y - mean.1))
    });
    let slope = moments.1 / moments.0;
    Line { slope, intercept: mean.1 - slope * mean.0 }
}

fn checks(results: &Results) -> Vec<Check> {
    let share = |curves: &[Curve]| {
        curves.iter().filter(|curve| curve.is_valley()).count() as f64 / curves.len() as f64
    };
    let of = |steps: i64| results.curves.iter().find(|curve| curve.steps == steps).map(Curve::best);
    // From an independent computation with 60 digits, in another language.
    let [six, eight] = [6, 8].map(|steps| of(steps).map_or(f64::NAN, |best| best.1));
    vec![
        Check::near(
            "share of steps whose defect falls tenfold over N and rises tenfold again",
            share(&results.curves),
            1.0,
            0.0,
        ),
        // A factor h² before the exponential tilts the fit by 0.2.
        Check::near(
            "c of the floor e^(-c/h), fitted to 1/h = 6 … 14, against 2π",
            -results.floor.slope,
            TAU,
            0.3,
        ),
        Check::near("N of the floor against 1/h, slope, against 2π", results.best.slope, TAU, 0.5),
        Check::near("least defect at h = 1/6 over 2.8218e-14", six / 2.8218e-14, 1.0, 1e-4),
        Check::near("least defect at h = 1/8 over 8.3898e-20", eight / 8.3898e-20, 1.0, 1e-4),
        Check::near(
            "share of the same on ẏ = y, where the series converges",
            share(&results.control),
            0.0,
            0.0,
        ),
    ]
}

fn data(results: &Results) -> Data {
    let mut table = Table::new(["field", "h", "N", "defect", "best"]);
    for (name, curves) in [("y^2", &results.curves), ("y", &results.control)] {
        for curve in curves {
            let best = curve.best().0;
            for (n, defect) in curve.points() {
                let mark = if n == best as f64 { "yes" } else { "no" };
                table.push([
                    name.into(),
                    (1.0 / curve.steps as f64).into(),
                    n.into(),
                    defect.into(),
                    mark.into(),
                ]);
            }
        }
    }
    Data { table: Some(table), fields: Vec::new() }
}

const DEFECTS: (f64, f64) = (1e-42, 10.0);

fn page(results: &Results) -> Result<Page, DrawError> {
    let mut page = Page::new(DOUBLE_COLUMN_MM, 74.0);
    let places = page.grid(1, 3, &Margins { between_columns: 38.0, left: 38.0, ..Margins::default() });
    let drawn: Vec<&Curve> = results.curves.iter().filter(|curve| DRAWN.contains(&curve.steps)).collect();
    let mut panel = defects(&mut page, places[0], 162.0, "truncation order $N$")?;
    panel.heading("a", "$\\dot y=y^2$: the series diverges")?;
    curves(&mut panel, &drawn)?;
    for (curve, colour) in drawn.iter().zip(shades()) {
        panel.points([curve.floor()], &Marker::ring(BLACK).radius(2.1))?;
        // Curves end high where the series does, and at the side where coefficients do.
        let end = (curve.defects.len() - 1, curve.defects[curve.defects.len() - 1]);
        let (anchor, offset) = if end.0 < LAST {
            ((HAlign::Centre, VAlign::Bottom), (0.0, -4.0))
        } else {
            ((HAlign::Left, VAlign::Middle), (3.0, 0.0))
        };
        let style = TextStyle::new(SMALL_SIZE).colour(colour).anchor(anchor.0, anchor.1);
        panel.label((end.0 as f64, end.1), offset, &format!("$h=1/{}$", curve.steps), &style)?;
    }
    let style = TextStyle::new(SMALL_SIZE).anchor(HAlign::Right, VAlign::Middle);
    panel.remark((0.98, 0.035), "$\\circ$ floor, at $N$ near $2\\pi/h$", &style)?;

    let mut panel = defects(&mut page, places[1], 80.0, "truncation order $N$")?;
    panel.heading("b", "$\\dot y=y$: it converges for $h<1$")?;
    let control: Vec<&Curve> = results.control.iter().collect();
    curves(&mut panel, &control)?;
    let style = TextStyle::new(SMALL_SIZE).colour(GREY).anchor(HAlign::Right, VAlign::Middle);
    panel.remark((0.98, 0.94), "the steps $h$ of panel a", &style)?;
    least_panel(&mut page, places[2], results)?;
    Ok(page)
}

fn shades() -> [Colour; 6] {
    [0.8, 0.68, 0.54, 0.4, 0.22, 0.05].map(|t| ColourMap::Viridis.at(t))
}

fn defects<'a>(page: &'a mut Page, place: Rect, end: f64, title: &str) -> Result<Panel<'a>, DrawError> {
    let x = Axis::linear(0.0, end)?.title(title);
    let y = Axis::log(DEFECTS.0, DEFECTS.1)?.title("defect after one step");
    page.panel(place, x, y)
}

fn curves(panel: &mut Panel<'_>, curves: &[&Curve]) -> Result<(), DrawError> {
    for (curve, colour) in curves.iter().zip(shades()) {
        panel.line(curve.points(), &Stroke::new(colour).width(0.9))?;
        panel.points(curve.points(), &Marker::disk(colour).radius(0.8))?;
    }
    Ok(())
}

fn least_panel(page: &mut Page, place: Rect, results: &Results) -> Result<(), DrawError> {
    let x = Axis::linear(3.0, 17.0)?.title("$1/h$");
    let y = Axis::log(DEFECTS.0, DEFECTS.1)?.title("floor");
    let mut panel = page.panel(place, x, y)?;
    panel.heading("c", "Floors of the valleys in a")?;
    let fit = |n: f64| (n, (results.floor.intercept + results.floor.slope * n).exp());
    panel.line([fit(3.5), fit(14.5)], &Stroke::new(VERMILION).width(0.9))?;
    for curve in &results.curves {
        let marker = Marker::disk(BLUE).radius(if FITTED.contains(&curve.steps) { 1.8 } else { 1.2 });
        panel.points([(curve.steps as f64, curve.floor().1)], &marker)?;
        if curve.steps % 2 == 0 {
            let style = TextStyle::new(SMALL_SIZE).colour(GREY).anchor(HAlign::Left, VAlign::Bottom);
            let label = format!("$N={}$", curve.floor().0);
            panel.label((curve.steps as f64, curve.floor().1), (3.5, 0.0), &label, &style)?;
        }
    }
    let style = TextStyle::new(LABEL_SIZE).colour(VERMILION).anchor(HAlign::Right, VAlign::Top);
    let label = format!("$e^{{-c/h}}$, $c={:.2}$", -results.floor.slope);
    panel.label(fit(10.0), (-5.0, 2.0), &label, &style)?;
    let style = TextStyle::new(SMALL_SIZE).colour(GREY).anchor(HAlign::Right, VAlign::Top);
    panel.label(fit(11.3), (-5.0, 3.0), "theory: $2\\pi=6.28$", &style)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn valleys_are_told_from_slopes() {
        let curve = |defects: &[f64]| Curve { steps: 4, defects: defects.to_vec() };
        assert!(curve(&[1.0, 0.05, 0.6]).is_valley());
        assert_eq!(curve(&[1.0, 0.05, 0.6]).best(), (1, 0.05));
        assert!(!curve(&[1.0, 0.1, 0.01]).is_valley());
        assert!(!curve(&[1.0, 0.5, 0.9]).is_valley());
    }

    #[test]
    fn the_floor_is_the_least_mean() {
        // ln of the defects is |n - 20| but for a dip at 30, which the mean over 11 dilutes.
        let defects = (0..50).map(|n: i32| if n == 30 { -5.0 } else { f64::from((n - 20).abs()) });
        let curve = Curve { steps: 4, defects: defects.map(f64::exp).collect() };
        let (n, least) = curve.floor();
        assert_eq!((n, curve.best().0), (20.0, 30));
        // 2·(1 + … + 5)/11.
        assert!((least.ln() - 30.0 / 11.0).abs() < 1e-14);
    }

    #[test]
    fn a_line_is_fitted() {
        let line = line([(0.0, 1.0), (1.0, 3.0), (2.0, 5.0)].into_iter());
        assert_eq!((line.slope, line.intercept), (2.0, 1.0));
    }
}
