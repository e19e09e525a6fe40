//! Which starts of gradient descent on (1 - xy)²/2 stay bounded: those in an ellipse, whatever they do inside.

use serde_json::{Value, json};
use shadowflow_numerics::families::Factorization;
use shadowflow_numerics::problems::ScalarFactorization;
use shadowflow_numerics::{Basin, Family, Label, Window};

use crate::axis::Axis;
use crate::canvas::geometry::{Point, Rect};
use crate::canvas::text::{HAlign, TextStyle, VAlign};
use crate::data::Data;
use crate::error::{DrawError, FigureError};
use crate::figure::{Check, Drawing, Figure, Progress};
use crate::grid::Grid;
use crate::page::{Margins, Page};
use crate::style::{
    BLUE, Colour, ColourMap, DOUBLE_COLUMN_MM, GREEN, GREY, ORANGE, POINTS_PER_MM, PURPLE, SMALL_SIZE,
    Stroke, VERMILION,
};

/// Bounded starts and escape times at three learning rates, with the ellipse.
pub(super) struct BasinEllipse;

const PROBLEM: ScalarFactorization = ScalarFactorization { target: 1.0 };
const SIDE: (f64, f64) = (-3.0, 3.0);
/// Starts along a side: even, so that the diagonals pass through pixel centres in exact pairs.
const STARTS: usize = 500;
/// Where an orbit is taken to have escaped, and the most steps waited for it.
const FAR: f64 = 100.0;
const PATIENCE: usize = 2000;
/// Steps of an escape at the ends of the colours.
const SHADES: (f64, f64) = (1.0, 12.0);

/// A learning rate and what bounded starts come to.
struct Case {
    h: f64,
    heading: &'static str,
    /// The label that almost all of them have.
    fate: Label,
}

const CASES: [Case; 3] = [
    Case { h: 0.5, heading: "$h=0.5$: to the minima", fate: Label::Period(1) },
    Case { h: 1.1, heading: "$h=1.1$: to an orbit of period 2", fate: Label::Period(2) },
    Case { h: 1.9, heading: "$h=1.9$: to none of period $\\leq 8$", fate: Label::Aperiodic },
];

impl Figure for BasinEllipse {
    fn id(&self) -> &'static str {
        "basin-ellipse"
    }

    fn title(&self) -> &'static str {
        "Bounded starts of gradient descent on (1-xy)²/2 fill an invariant ellipse; the others escape"
    }

    fn source(&self) -> &'static str {
        "this project"
    }

    fn parameters(&self) -> Value {
        json!({
            "target": PROBLEM.target, "rates": CASES.iter().map(|case| case.h).collect::<Vec<_>>(), "side": SIDE,
            "starts": STARTS, "far": FAR, "patience": PATIENCE, "steps": Basin::default().steps,
        })
    }

    fn make(&self, progress: &dyn Progress) -> Result<Drawing, FigureError> {
        let mut found = Vec::new();
        for case in &CASES {
            found.push(compute(case)?);
            progress.checkpoint(found.len() as f64 / (CASES.len() + 1) as f64)?;
        }
        let page = page(&found)?;
        let checks = found.iter().flat_map(checks).collect();
        let fields = found.into_iter().flat_map(|one| {
            let h = one.case.h;
            [(format!("escape_{h}"), one.escape), (format!("class_{h}"), one.classes)]
        });
        Ok(Drawing { data: Data { table: None, fields: fields.collect() }, checks, page })
    }
}

struct Found {
    case: &'static Case,
    labels: Vec<Label>,
    /// The number of the colour of each bounded start, NaN of the others.
    classes: Grid,
    /// Steps until an orbit is far away; infinite of those that are not after so many, NaN of those in the ellipse.
    escape: Grid,
    /// G of each start.
    inside: Vec<f64>,
    /// Whether a start lies on the stable line of the saddle, y = -x.
    on_line: Vec<bool>,
}

fn compute(case: &'static Case) -> Result<Found, FigureError> {
    let window = Window::new(SIDE, SIDE).map_err(FigureError::computation)?;
    let (x, y) = window.centres(STARTS, STARTS).map_err(FigureError::computation)?;
    let labels = Basin::default().labels(&Factorization, &[case.h, PROBLEM.target], &x, &y);
    let labels = labels.map_err(FigureError::computation)?;
    let starts: Vec<[f64; 2]> = y.iter().flat_map(|&y| x.iter().map(move |&x| [x, y])).collect();
    let inside: Vec<f64> = starts.iter().map(|start| PROBLEM.ellipse(start, case.h)).collect();
    let escape = shadowflow_numerics::Grid::sample(window, STARTS, STARTS, |x, y| {
        if PROBLEM.ellipse(&[x, y], case.h) > 0.0 { f64::NAN } else { escape_time(case.h, [x, y]) }
    });
    let escape = escape.map_err(FigureError::computation)?.values().to_vec();
    let nodes = (x[0], x[STARTS - 1]);
    let grid = |values: Vec<f64>| {
        Grid::of_values(nodes, nodes, STARTS, values).expect("a value for each of the starts")
    };
    let on_line = starts.iter().map(|[x, y]| x + y == 0.0).collect();
    let classes = grid(labels.iter().map(|label| class(*label)).collect());
    Ok(Found { case, classes, escape: grid(escape), labels, inside, on_line })
}

/// Steps until |x| + |y| > [`FAR`]; infinite if they are too many.
fn escape_time(h: f64, mut x: [f64; 2]) -> f64 {
    for step in 0..=PATIENCE {
        let size = x[0].abs() + x[1].abs();
        if size > FAR || size.is_nan() {
            return step as f64;
        }
        x = Factorization.step(&[h, PROBLEM.target], &x);
    }
    f64::INFINITY
}

/// Colours of minima, period 2, other periods, no period, and what is not decided.
const COLOURS: [Colour; 5] = [GREEN, BLUE, PURPLE, ORANGE, GREY];

fn class(label: Label) -> f64 {
    match label {
        Label::Diverged => f64::NAN,
        Label::Period(1) => 0.0,
        Label::Period(2) => 1.0,
        Label::Period(_) => 2.0,
        Label::Aperiodic => 3.0,
        Label::Undecided => 4.0,
    }
}

fn checks(found: &Found) -> Vec<Check> {
    let h = found.case.h;
    // On y = -x rounding decides whether an orbit stays on the line to the saddle.
    let compared =
        || found.labels.iter().zip(&found.inside).zip(&found.on_line).filter(|one| !one.1).map(|one| one.0);
    let mismatches = compared().filter(|(label, inside)| (**inside > 0.0) != (**label != Label::Diverged));
    let nearest = compared().map(|(_, inside)| inside.abs()).fold(f64::INFINITY, f64::min);
    let left =
        found.escape.values().iter().zip(&found.on_line).filter(|one| !one.1 && *one.0 == f64::INFINITY);
    let bounded = compared().filter(|(label, _)| **label != Label::Diverged).count() as f64;
    let alike = compared().filter(|(label, _)| **label == found.case.fate).count() as f64;

    let is_bounded = |k: usize| found.labels[k] != Label::Diverged;
    let pixel = ((SIDE.1 - SIDE.0) / STARTS as f64).powi(2);
    let area = (0..found.labels.len()).filter(|&k| is_bounded(k)).count() as f64 * pixel;
    // Pixels on the boundary err by half at most, uniformly and nearly independently: 1/√12 each; four of these are allowed.
    let edge = (0..STARTS * (STARTS - 1)).filter(|&k| is_bounded(k) != is_bounded(k + STARTS)).count()
        + (0..STARTS * STARTS)
            .filter(|k| (k + 1) % STARTS > 0 && is_bounded(*k) != is_bounded(k + 1))
            .count();
    let tolerance = 4.0 * (edge as f64 / 12.0).sqrt() * pixel;
    vec![
        Check::at_most(
            format!("starts where G > 0 and boundedness differ, h = {h}"),
            mismatches.count() as f64,
            0.0,
        ),
        // G is some ten operations on numbers below 20: its sign is right when it is above 10⁻¹³.
        Check::at_least(format!("smallest |G| of a start, h = {h}"), nearest, 1e-13),
        Check::at_most(format!("starts outside that have not escaped, h = {h}"), left.count() as f64, 0.0),
        Check::near(format!("area of the bounded starts, h = {h}"), area, PROBLEM.ellipse_area(h), tolerance),
        Check::at_least(
            format!("share of the bounded starts with the fate named, h = {h}"),
            alike / bounded,
            0.999,
        ),
    ]
}

fn page(found: &[Found]) -> Result<Page, DrawError> {
    let margins = Margins { right: 46.0, between_columns: 14.0, ..Margins::default() };
    let width = Page::new(DOUBLE_COLUMN_MM, 1.0).grid(1, found.len(), &margins)[0].width;
    let mut page = Page::new(DOUBLE_COLUMN_MM, (margins.top + width + margins.bottom) / POINTS_PER_MM);
    let places = page.grid(1, found.len(), &margins);
    for ((one, &place), letter) in found.iter().zip(&places).zip(["a", "b", "c"]) {
        panel(&mut page, place, one, letter)?;
    }
    let last = places[places.len() - 1];
    let axis = Axis::linear(SHADES.0, SHADES.1)?
        .ticks_at([1, 4, 8, 12].map(|n| (f64::from(n), format!("${n}$"))))
        .title("steps to $|x|+|y|>100$");
    page.colour_bar(Rect::new(last.right() + 8.0, last.y, 7.0, last.height), ColourMap::Blues, &axis)?;
    Ok(page)
}

fn panel(page: &mut Page, place: Rect, found: &Found, letter: &str) -> Result<(), DrawError> {
    let h = found.case.h;
    let (x, y) = (Axis::linear(SIDE.0, SIDE.1)?.title("$x$"), Axis::linear(SIDE.0, SIDE.1)?);
    let y = if letter == "a" { y.title("$y$") } else { y.bare() };
    let mut panel = page.framed_panel(place, x, y)?;
    panel.raster(&found.escape, SHADES, ColourMap::Blues)?;
    panel.labels(&found.classes, &COLOURS.map(Colour::pale))?;
    for side in [-1.0, 1.0] {
        let hyperbola = |stable: bool| {
            (0..=400).map(move |k| (f64::from(k - 200) / 180.0).exp() * side).map(move |x| {
                let is_stable = x * x + 1.0 / (x * x) < 2.0 / h;
                (x, if is_stable || !stable { 1.0 / x } else { f64::NAN })
            })
        };
        panel.line(hyperbola(false), &Stroke::thin(GREY))?;
        panel.line(hyperbola(true), &Stroke::new(GREEN).width(1.4))?;
    }
    panel.line(ellipse(h), &Stroke::new(VERMILION).width(0.9))?;
    let style = TextStyle::new(SMALL_SIZE).anchor(HAlign::Left, VAlign::Bottom);
    match letter {
        "a" => panel.label((1.1, 1.0 / 1.1), (3.0, -1.0), "$xy=1$", &style.colour(GREEN))?,
        "b" => panel.label((1.85, 1.25), (3.0, 0.0), "$G=0$", &style.colour(VERMILION).halo(1.2))?,
        _ => {}
    }
    panel.heading(letter, found.case.heading)
}

/// The curve G = 0: x + y = 2√((2 + hμ)/h) cos θ, x - y = 2√((2 - hμ)/h) sin θ.
fn ellipse(h: f64) -> impl Iterator<Item = Point> {
    let step = h * PROBLEM.target;
    let (long, short) = (((2.0 + step) / h).sqrt(), ((2.0 - step) / h).sqrt());
    (0..=240).map(move |k| {
        let (sin, cos) = (std::f64::consts::TAU * f64::from(k) / 240.0).sin_cos();
        (long * cos + short * sin, long * cos - short * sin)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_curve_is_where_g_vanishes_and_a_step_stays_on_it() {
        for case in &CASES {
            for (x, y) in ellipse(case.h) {
                // Some ten roundings of terms below 20, which a step magnifies by its derivative, below 30.
                assert!(PROBLEM.ellipse(&[x, y], case.h).abs() < 1e-13 * 20.0);
                let image = Factorization.step(&[case.h, PROBLEM.target], &[x, y]);
                assert!(PROBLEM.ellipse(&image, case.h).abs() < 1e-11);
            }
        }
    }

    #[test]
    fn escape_is_told_from_staying() {
        assert_eq!(escape_time(0.5, [200.0, 0.0]), 0.0);
        assert_eq!(escape_time(0.5, [1.0, 1.0]), f64::INFINITY);
        assert!(escape_time(0.5, [2.5, 2.5]) < 20.0);
    }
}
