//! Optimizers with memory follow fields, too: heavy ball, RMSProp and Adam against the fields measured from their orbits.

use serde_json::{Value, json};
use shadowflow_numerics::problems::ScalarFactorization;
use shadowflow_numerics::{
    GradientFlow, InputError, Objective, ObservedOrder, Optimizer, VectorField, flow_at, observed_order,
    shadow_of_orbit,
};

use crate::axis::Axis;
use crate::canvas::geometry::{Point, Rect};
use crate::canvas::text::{HAlign, TextStyle, VAlign};
use crate::data::{Cell, Data, Table};
use crate::error::{DrawError, FigureError};
use crate::figure::{Check, Drawing, Figure, Progress};
use crate::grid::Grid;
use crate::legend::{Corner, Key};
use crate::page::{Margins, Page};
use crate::style::{
    BLACK, BLUE, Colour, ColourMap, DOUBLE_COLUMN_MM, GREEN, GREY, Marker, POINTS_PER_MM, SMALL_SIZE, Stroke,
    VERMILION, WHITE,
};

/// Orbits of three optimizers on (1 - xy)²/2 with the flows of their fields of order 0 and 1, and how far those fields are
/// from the measured one.
pub(super) struct ShadowOfAdam;

const PROBLEM: ScalarFactorization = ScalarFactorization { target: 1.0 };
const START: [f64; 2] = [1.8, -1.5];
const EPSILON: f64 = 0.1;
/// Equal units on both axes.
const WINDOW: ((f64, f64), (f64, f64)) = ((0.25, 1.95), (-1.6, 1.0));

/// An optimizer with what is shown of it.
struct Case {
    heading: &'static str,
    make: fn() -> Result<Optimizer, InputError>,
    /// The learning rate of the orbit drawn, the largest of those measured.
    h: f64,
    /// Steps after which the flows start: of the transient a hundredth or less is left.
    settled: usize,
    steps: usize,
    /// Steps from one iterate drawn to the next, and between points compared at equal times.
    spacing: (usize, usize),
    /// The times between which the fields are compared.
    times: (f64, f64),
}

const CASES: [Case; 3] = [
    Case {
        heading: "heavy ball, $\\beta=\\frac{1}{2}$, $h=0.02$",
        make: || Optimizer::heavy_ball(0.5),
        h: 0.02,
        settled: 10,
        steps: 58,
        spacing: (1, 8),
        times: (0.4, 1.0),
    },
    Case {
        heading: "RMSProp, $\\beta=0.9$, $h=0.015$",
        make: || Optimizer::rmsprop(0.9, EPSILON),
        h: 0.015,
        settled: 46,
        steps: 206,
        spacing: (4, 20),
        times: (1.2, 2.0),
    },
    Case {
        heading: "Adam, $\\beta_1=0.8$, $\\beta_2=0.9$, $h=0.01$",
        make: || Optimizer::adam(0.8, 0.9, EPSILON),
        h: 0.01,
        settled: 50,
        steps: 290,
        spacing: (6, 30),
        times: (1.2, 2.0),
    },
];

/// Halvings of the learning rate.
const HALVINGS: i32 = 7;
/// Points of an orbit at which fields are compared.
const COMPARED: usize = 21;
/// Differences of a measurement.
const DIFFERENCES: usize = 8;
/// Learning rates in a fit, the smallest.
const FITTED: usize = 5;
/// Points of a flow between two iterates.
const FINE: usize = 2;

/// What is found for one optimizer. Index 0 and 1: the field of that order.
struct Found {
    case: &'static Case,
    iterates: Vec<Point>,
    /// From the settled iterate on, [`FINE`] points a step.
    flows: [Vec<Point>; 2],
    /// (h, largest distance from the measured field along the orbit).
    errors: [Vec<Point>; 2],
    /// (h, largest estimate of the error of the measurement).
    uncertainty: Vec<Point>,
    fits: [ObservedOrder; 2],
}

type Computed<T> = Result<T, Box<dyn std::error::Error + Send + Sync>>;

impl Figure for ShadowOfAdam {
    fn id(&self) -> &'static str {
        "shadow-of-adam"
    }

    fn title(&self) -> &'static str {
        "Heavy ball, RMSProp and Adam on (1-xy)²/2 follow the fields that are measured from their orbits, and these the formulas"
    }

    fn source(&self) -> &'static str {
        "Cattaneo, Klusowski & Shigida (2024); Kovachki & Stuart (2021); measured after Gelfreich & Vieiro (2018)"
    }

    fn parameters(&self) -> Value {
        let case = |case: &Case| {
            json!({
                "optimizer": (case.make)().map(|optimizer| optimizer.to_string()).unwrap_or_default(),
                "h": case.h, "settled": case.settled, "steps": case.steps, "spacing": case.spacing, "times": case.times,
            })
        };
        json!({
            "target": PROBLEM.target, "start": START, "window": WINDOW, "halvings": HALVINGS, "compared": COMPARED,
            "differences": DIFFERENCES, "fitted": FITTED, "cases": CASES.iter().map(case).collect::<Vec<_>>(),
        })
    }

    fn make(&self, progress: &dyn Progress) -> Result<Drawing, FigureError> {
        let mut found = Vec::new();
        for case in &CASES {
            found.push(compute(case).map_err(FigureError::computation)?);
            progress.checkpoint(found.len() as f64 / (CASES.len() + 1) as f64)?;
        }
        let data = Data { table: Some(table(&found)), fields: Vec::new() };
        Ok(Drawing { data, checks: checks(&found), page: page(&found)? })
    }
}

fn compute(case: &'static Case) -> Computed<Found> {
    let (field, optimizer) = (GradientFlow(PROBLEM), (case.make)()?);
    let path = optimizer.orbit(&field, case.h, &START, case.steps, f64::INFINITY)?;
    let iterates: Vec<Point> = path.points().map(|x| (x[0], x[1])).collect();

    let settled = iterates[case.settled];
    let fine = case.h / FINE as f64;
    let times: Vec<f64> = (0..=(case.steps - case.settled) * FINE).map(|i| i as f64 * fine).collect();
    let flow_of = |order| -> Computed<Vec<Point>> {
        let formula = optimizer.modified(PROBLEM, case.h, order)?;
        let flow = flow_at(&formula, &[settled.0, settled.1], &times)?;
        Ok(flow.into_iter().map(|x| (x[0], x[1])).collect())
    };
    let flows = [flow_of(0)?, flow_of(1)?];

    let mut errors = [Vec::new(), Vec::new()];
    let mut uncertainty = Vec::new();
    for k in 0..=HALVINGS {
        let h = case.h * 0.5f64.powi(k);
        let (largest, own) = compare(&optimizer, case, h)?;
        errors.iter_mut().zip(largest).for_each(|(errors, largest)| errors.push((h, largest)));
        uncertainty.push((h, own));
    }
    let fit = |errors: &[Point]| observed_order(&errors[errors.len() - FITTED..], 0.0);
    let fits = [fit(&errors[0])?, fit(&errors[1])?];
    Ok(Found { case, iterates, flows, errors, uncertainty, fits })
}

/// The largest distances of the measured field from the formulas of order 0 and 1 at points of the orbit, and the largest
/// estimate of the error of the measurement.
fn compare(optimizer: &Optimizer, case: &Case, h: f64) -> Computed<([f64; 2], f64)> {
    let step_at = |t: f64| (t / h).round() as usize;
    let last = step_at(case.times.1) + DIFFERENCES;
    let path = optimizer.orbit(&GradientFlow(PROBLEM), h, &START, last, f64::INFINITY)?;
    let points: Vec<&[f64]> = path.points().collect();
    let formulas = [optimizer.modified(PROBLEM, h, 0)?, optimizer.modified(PROBLEM, h, 1)?];
    let (mut largest, mut own) = ([0.0_f64; 2], 0.0_f64);
    for i in 0..COMPARED {
        let share = i as f64 / (COMPARED - 1) as f64;
        let n = step_at(case.times.0 + share * (case.times.1 - case.times.0));
        let measured = shadow_of_orbit(&points[n..=n + DIFFERENCES], h)?;
        own = own.max(measured.error);
        for (largest, formula) in largest.iter_mut().zip(&formulas) {
            let mut value = [0.0; 2];
            formula.eval(points[n], &mut value);
            *largest = largest.max((measured.field[0] - value[0]).hypot(measured.field[1] - value[1]));
        }
    }
    Ok((largest, own))
}

/// The largest distance between iterates and a flow at equal times.
fn largest_gap(found: &Found, order: usize) -> f64 {
    let iterates = found.iterates.iter().skip(found.case.settled);
    let flow = found.flows[order].iter().step_by(FINE);
    iterates.zip(flow).map(|(p, q)| (p.0 - q.0).hypot(p.1 - q.1)).fold(0.0, f64::max)
}

fn checks(found: &[Found]) -> Vec<Check> {
    let mut checks = Vec::new();
    for one in found {
        let name = one.case.heading.split(',').next().unwrap_or_default();
        for (order, fit) in one.fits.iter().enumerate() {
            // The next power of h bends slopes by a hundredth; a wrong coefficient of h would give 1 for 2.
            let slope = format!("{name}: slope of the error of order {order}");
            checks.push(Check::near(slope, fit.order, (order + 1) as f64, 0.05));
        }
        let share = one.uncertainty.iter().zip(&one.errors[1]).map(|(own, error)| own.1 / error.1);
        checks.push(Check::at_most(
            format!("{name}: error of the measurement relative to that of the formula of order 1"),
            share.fold(0.0, f64::max),
            0.01,
        ));
        checks.push(Check::at_least(
            format!("{name}: largest distance from the flow of order 0 over that from order 1"),
            largest_gap(one, 0) / largest_gap(one, 1),
            3.0,
        ));
    }
    checks
}

fn table(found: &[Found]) -> Table {
    let mut table = Table::new(["optimizer", "series", "h", "t", "x", "y", "distance"]);
    let none = || Cell::from("");
    for one in found {
        let name = one.case.heading.split(',').next().unwrap_or_default();
        let (h, from) = (one.case.h, one.case.settled as f64 * one.case.h);
        let paths = [
            ("iterates", &one.iterates, 0.0, h),
            ("flow of order 0", &one.flows[0], from, h / FINE as f64),
            ("flow of order 1", &one.flows[1], from, h / FINE as f64),
        ];
        for (series, points, begin, spacing) in paths {
            for (i, &(x, y)) in points.iter().enumerate() {
                let t = begin + i as f64 * spacing;
                table.push([name.into(), series.into(), h.into(), t.into(), x.into(), y.into(), none()]);
            }
        }
        for (series, points) in [
            ("error of order 0", &one.errors[0]),
            ("error of order 1", &one.errors[1]),
            ("error of the measurement", &one.uncertainty),
        ] {
            for &(h, distance) in points {
                table.push([name.into(), series.into(), h.into(), none(), none(), none(), distance.into()]);
            }
        }
    }
    table
}

const ORDERS: [Colour; 2] = [BLUE, VERMILION];
const ITERATE: Marker = Marker::disk(BLACK).radius(0.6);
/// An iterate compared with the flows: where they meet it, their disks lie inside.
const COMPARED_ITERATE: Marker = Marker::ring(BLACK).radius(2.3);
/// The height of a panel of errors, in points.
const ERROR_HEIGHT: f64 = 118.0;

fn page(found: &[Found]) -> Result<Page, DrawError> {
    let ((left, right), (bottom, top)) = WINDOW;
    let margins = Margins { between_columns: 18.0, between_rows: 44.0, ..Margins::default() };
    let width = Page::new(DOUBLE_COLUMN_MM, 1.0).grid(1, 3, &margins)[0].width;
    let map_height = width * (top - bottom) / (right - left);
    let height = margins.top + map_height + margins.between_rows + ERROR_HEIGHT + margins.bottom;
    let mut page = Page::new(DOUBLE_COLUMN_MM, height / POINTS_PER_MM);
    let columns = page.grid(1, 3, &margins);
    let f = Grid::sample((left, right), (bottom, top), 171, 261, |x, y| PROBLEM.value(&[x, y]));
    for (i, (one, column)) in found.iter().zip(columns).enumerate() {
        let upper = Rect::new(column.x, margins.top, width, map_height);
        let lower = Rect::new(column.x, upper.bottom() + margins.between_rows, width, ERROR_HEIGHT);
        plane_panel(&mut page, upper, one, i, &f)?;
        error_panel(&mut page, lower, one, i)?;
    }
    Ok(page)
}

fn plane_panel(page: &mut Page, place: Rect, found: &Found, index: usize, f: &Grid) -> Result<(), DrawError> {
    let ((left, right), (bottom, top)) = WINDOW;
    let (x, mut y) = (Axis::linear(left, right)?.title("$x$"), Axis::linear(bottom, top)?);
    y = if index == 0 { y.title("$y$") } else { y.bare() };
    let mut panel = page.framed_panel(place, x, y)?;
    panel.heading(["a", "b", "c"][index], found.case.heading)?;
    for i in 1..=14 {
        // Levels that grow like squares are evenly spaced where f is the square of a distance.
        let level = 0.04 * f64::from(i * i);
        let shade = ColourMap::Viridis.at(0.95 - f64::from(i) / 16.0);
        panel.contour(f, level, &Stroke::thin(shade.mix(WHITE, 0.6)))?;
    }
    panel.line((0..=100).map(|i| 0.9 + f64::from(i) / 90.0).map(|x| (x, 1.0 / x)), &Stroke::new(GREEN))?;
    let style = TextStyle::new(SMALL_SIZE).colour(GREEN).anchor(HAlign::Left, VAlign::Bottom).halo(1.0);
    panel.label((1.45, 1.0 / 1.45), (2.0, -1.0), "$xy=1$", &style)?;

    let (every, compared) = found.case.spacing;
    for (flow, colour) in found.flows.iter().zip(ORDERS) {
        panel.line(flow.iter().copied(), &Stroke::new(colour))?;
    }
    let shown = found.iterates.iter().enumerate().filter(|(k, _)| k % every == 0);
    panel.points(shown.map(|(_, point)| *point), &ITERATE)?;
    for k in (found.case.settled..=found.case.steps).step_by(compared) {
        let at = found.iterates[k];
        let there = found.flows.each_ref().map(|flow| flow[(k - found.case.settled) * FINE]);
        panel.line([at, there[0]], &Stroke::thin(BLACK))?;
        panel.points([at], &COMPARED_ITERATE)?;
        for (point, colour) in there.into_iter().zip(ORDERS) {
            panel.points([point], &Marker::disk(colour).radius(1.4))?;
        }
    }
    if index == 0 {
        panel.legend(
            Corner::BottomLeft,
            &[
                (Key::Marker(COMPARED_ITERATE), "iterates"),
                (Key::Line(Stroke::new(BLUE)), "flow of $F_0$"),
                (Key::Line(Stroke::new(VERMILION)), "flow of $F_0+hF_1$"),
            ],
        )?;
    }
    if index == 1 {
        let style = TextStyle::new(SMALL_SIZE).colour(GREY).anchor(HAlign::Left, VAlign::Baseline).halo(1.0);
        panel.remark((0.04, 0.03), "rings, disks: at equal times", &style)?;
    }
    Ok(())
}

fn error_panel(page: &mut Page, place: Rect, found: &Found, index: usize) -> Result<(), DrawError> {
    let x = Axis::log(3e-5, 3e-2)?.title("learning rate $h$");
    let mut y = Axis::log(1e-13, 1e1)?;
    y = if index == 0 { y.title("distance from the measured $\\widetilde F$") } else { y.bare() };
    let mut panel = page.panel(place, x, y)?;
    panel.heading(["d", "e", "f"][index], "errors of $F_0$ and $F_0+hF_1$")?;
    panel.points(found.uncertainty.iter().copied(), &Marker::disk(GREY.mix(WHITE, 0.3)).radius(1.2))?;
    let labels = ["$|\\widetilde F-F_0|$", "$|\\widetilde F-F_0-hF_1|$"];
    for (order, colour) in ORDERS.into_iter().enumerate() {
        let (points, fit) = (&found.errors[order], &found.fits[order]);
        let (end, value) = points[points.len() - 1];
        let line = |h: f64| (h, value * (h / end).powf(fit.order));
        panel.line([line(end), line(found.case.h)], &Stroke::thin(colour))?;
        panel.points(points.iter().copied(), &Marker::disk(colour).radius(1.4))?;
        let text = format!("{}, slope ${:.2}$", labels[order], fit.order);
        let style = TextStyle::new(SMALL_SIZE).colour(colour);
        let (anchor, at, offset) = match order {
            0 => ((HAlign::Right, VAlign::Bottom), points[2], (0.0, -4.0)),
            _ => ((HAlign::Left, VAlign::Top), points[6], (2.0, 4.0)),
        };
        panel.label(at, offset, &text, &style.anchor(anchor.0, anchor.1))?;
    }
    let style = TextStyle::new(SMALL_SIZE).colour(GREY).anchor(HAlign::Left, VAlign::Bottom);
    let last = found.uncertainty[found.uncertainty.len() - 1];
    panel.label(last, (0.0, -5.0), "error of $\\widetilde F$ itself", &style)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_left_of_the_transient_when_flows_start_is_small() {
        // The largest memory of each, to the number of steps; Adam's counts too.
        for (case, beta) in CASES.iter().zip([0.5f64, 0.9, 0.9]) {
            assert!(beta.powi(case.settled as i32) < 0.01, "{}", case.heading);
            // Where fields are compared less is left, at the largest h already; in a fit, at h/8, nothing.
            assert!(beta.powf(case.times.0 / case.h) < 3e-4, "{}", case.heading);
        }
    }
}
