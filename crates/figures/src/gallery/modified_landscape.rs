//! Gradient descent descends another landscape than the one it is given: f + (h/4)|∇f|².

use serde_json::{Value, json};
use shadowflow_methods::Method;
use shadowflow_numerics::problems::ScalarFactorization;
use shadowflow_numerics::{
    GradientFlow, ModifiedEquation, Objective, RungeKutta, VectorField, flow_at, orbit,
};

use crate::axis::Axis;
use crate::canvas::geometry::{Point, Rect};
use crate::canvas::text::{HAlign, TextStyle, VAlign};
use crate::data::{Data, Table};
use crate::error::{DrawError, FigureError};
use crate::figure::{Check, Drawing, Figure, Progress};
use crate::grid::Grid;
use crate::legend::{Corner, Key};
use crate::page::{Margins, Page};
use crate::panel::Panel;
use crate::style::{
    BLACK, BLUE, ColourMap, DOUBLE_COLUMN_MM, GREEN, GREY, LABEL_SIZE, Marker, POINTS_PER_MM, SMALL_SIZE,
    Shape, Stroke, VERMILION, WHITE,
};

/// Level lines of f and of its modification, with gradient descent and both flows from one start.
pub(super) struct ModifiedLandscape;

const PROBLEM: ScalarFactorization = ScalarFactorization { target: 1.0 };
const START: [f64; 2] = [1.8, -1.5];
const STEP: f64 = 0.1;
const STEPS: usize = 40;
/// Points of a flow between two iterates.
const FINE: usize = 8;
const WINDOW: ((f64, f64), (f64, f64)) = ((0.0, 2.2), (-1.7, 1.6));

/// The three ways down, point by point: iterate k, or time k·h/FINE.
struct Results {
    descent: Vec<Point>,
    gradient_flow: Vec<Point>,
    modified_flow: Vec<Point>,
    /// The largest relative distance of the modified field from -∇(f + (h/4)|∇f|²) along the way.
    field_gap: f64,
    f: Grid,
    modified: Grid,
}

type Computed<T> = Result<T, Box<dyn std::error::Error + Send + Sync>>;

impl Figure for ModifiedLandscape {
    fn id(&self) -> &'static str {
        "modified-landscape"
    }

    fn title(&self) -> &'static str {
        "Gradient descent on (1-xy)²/2 follows the gradient flow of a modified objective"
    }

    fn source(&self) -> &'static str {
        "after Tao & Wang; Barrett & Dherin (2021); Hairer, Lubich & Wanner (2006), chapter IX"
    }

    fn parameters(&self) -> Value {
        json!({ "target": PROBLEM.target, "start": START, "h": STEP, "steps": STEPS, "points_per_step": FINE })
    }

    fn make(&self, progress: &dyn Progress) -> Result<Drawing, FigureError> {
        let results = compute().map_err(FigureError::computation)?;
        progress.checkpoint(0.7)?;
        let fields =
            vec![("f".to_owned(), results.f.clone()), ("modified_f".to_owned(), results.modified.clone())];
        let data = Data { table: Some(table(&results)), fields };
        Ok(Drawing { data, checks: checks(&results), page: page(&results)? })
    }
}

fn compute() -> Computed<Results> {
    let field = GradientFlow(PROBLEM);
    let euler = Method::named("euler")?;
    let method = RungeKutta::new(euler.tableau());
    let mut descent = method.on(&field, STEP)?;
    let path = orbit(|x, out| descent.step(x, out), &START, STEPS, 1e3)?;
    let descent: Vec<Point> = path.points().map(|x| (x[0], x[1])).collect();

    let times: Vec<f64> = (0..=STEPS * FINE).map(|i| i as f64 * STEP / FINE as f64).collect();
    let points = |path: Vec<Vec<f64>>| path.into_iter().map(|x| (x[0], x[1])).collect::<Vec<Point>>();
    let gradient_flow = points(flow_at(&field, &START, &times)?);
    let equation = ModifiedEquation::new(field, euler.tableau(), 1)?;
    let modified_field = equation.at_step(STEP)?;
    let modified_flow = points(flow_at(&modified_field, &START, &times)?);

    let mut field_gap: f64 = 0.0;
    for &(x, y) in &modified_flow {
        let (mut found, expected) = ([0.0; 2], minus_modified_gradient(x, y));
        modified_field.eval(&[x, y], &mut found);
        let gap = (found[0] - expected[0]).hypot(found[1] - expected[1]);
        field_gap = field_gap.max(gap / (1.0 + expected[0].hypot(expected[1])));
    }
    let ((left, right), (bottom, top)) = WINDOW;
    let sample = |f: fn(f64, f64) -> f64| Grid::sample((left, right), (bottom, top), 177, 265, f);
    Ok(Results {
        descent,
        gradient_flow,
        modified_flow,
        field_gap,
        f: sample(objective),
        modified: sample(modified_objective),
    })
}

fn objective(x: f64, y: f64) -> f64 {
    PROBLEM.value(&[x, y])
}

/// f + (h/4)|∇f|² with |∇f|² = (x² + y²)(1 - xy)².
fn modified_objective(x: f64, y: f64) -> f64 {
    let mut gradient = [0.0; 2];
    PROBLEM.gradient(&[x, y], &mut gradient);
    objective(x, y) + STEP / 4.0 * (gradient[0] * gradient[0] + gradient[1] * gradient[1])
}

/// -∇(f + (h/4)|∇f|²) by hand, with r = 1 - xy and q = x² + y²: ∂ₓ(r²q) = 2r²x - 2rqy.
fn minus_modified_gradient(x: f64, y: f64) -> [f64; 2] {
    let (r, q) = (PROBLEM.target - x * y, x * x + y * y);
    [r * y - STEP / 2.0 * (r * r * x - r * q * y), r * x - STEP / 2.0 * (r * r * y - r * q * x)]
}

/// Distances of the iterates from a flow at the same times.
fn distances<'a>(results: &'a Results, flow: &'a [Point]) -> impl Iterator<Item = (f64, f64)> + 'a {
    let at_iterates = flow.iter().step_by(FINE);
    results
        .descent
        .iter()
        .zip(at_iterates)
        .zip(0..)
        .map(|((p, q), k)| (f64::from(k) * STEP, (p.0 - q.0).hypot(p.1 - q.1)))
}

fn table(results: &Results) -> Table {
    let mut table = Table::new(["series", "t", "x", "y"]);
    for (series, points, spacing) in [
        ("gradient descent", &results.descent, STEP),
        ("gradient flow", &results.gradient_flow, STEP / FINE as f64),
        ("modified flow", &results.modified_flow, STEP / FINE as f64),
    ] {
        for (i, &(x, y)) in points.iter().enumerate() {
            table.push([series.into(), (i as f64 * spacing).into(), x.into(), y.into()]);
        }
    }
    table
}

fn checks(results: &Results) -> Vec<Check> {
    let last = |flow: &[Point]| distances(results, flow).last().map_or(f64::NAN, |(_, d)| d);
    let largest = |flow: &[Point]| distances(results, flow).map(|(_, d)| d).fold(0.0, f64::max);
    let (x, y) = results.descent[STEPS];
    vec![
        Check::at_most("|1 - xy| at the end of gradient descent", (1.0 - x * y).abs(), 1e-2),
        // The series arithmetic and the formula each round some ten times.
        Check::at_most("relative distance of the modified field from its formula", results.field_gap, 1e-13),
        Check::at_least(
            "largest distance from the gradient flow over that from the modified flow",
            largest(&results.gradient_flow) / largest(&results.modified_flow),
            1.8,
        ),
        Check::at_least(
            "final distance from the gradient flow over that from the modified flow",
            last(&results.gradient_flow) / last(&results.modified_flow),
            3.0,
        ),
    ]
}

fn page(results: &Results) -> Result<Page, DrawError> {
    // Units are equal on both axes, so that flows cross level lines at right angles.
    let ((left, right), (bottom, top)) = WINDOW;
    let margins = Margins { between_columns: 40.0, ..Margins::default() };
    let width = Page::new(DOUBLE_COLUMN_MM, 1.0).grid(1, 3, &margins)[0].width;
    let height = margins.top + margins.bottom + width * (top - bottom) / (right - left);
    let mut page = Page::new(DOUBLE_COLUMN_MM, height / POINTS_PER_MM);
    let places = page.grid(1, 3, &margins);
    let mut panel = map(&mut page, places[0], "a", "$f=\\frac{1}{2}(1-xy)^2$", &results.f)?;
    panel.line(results.gradient_flow.iter().copied(), &Stroke::new(BLUE).width(1.4))?;
    iterates(&mut panel, results)?;
    panel.legend(
        Corner::TopLeft,
        &[
            (Key::Marker(DESCENT), "gradient descent"),
            (Key::Line(Stroke::new(BLUE).width(1.4)), "flow of $-\\nabla f$"),
        ],
    )?;
    let mut panel = map(
        &mut page,
        places[1],
        "b",
        "$\\widetilde f=f+\\frac{h}{4}|\\nabla f|^2$, $h=0.1$",
        &results.modified,
    )?;
    panel.line(results.modified_flow.iter().copied(), &Stroke::new(VERMILION).width(1.4))?;
    iterates(&mut panel, results)?;
    panel.legend(
        Corner::TopLeft,
        &[
            (Key::Marker(DESCENT), "gradient descent"),
            (Key::Line(Stroke::new(VERMILION).width(1.4)), "flow of $-\\nabla\\widetilde f$"),
        ],
    )?;
    distance_panel(&mut page, places[2], results)?;
    Ok(page)
}

const DESCENT: Marker = Marker::ring(BLACK).radius(1.6);

fn iterates(panel: &mut Panel<'_>, results: &Results) -> Result<(), DrawError> {
    panel.points(results.descent.iter().copied(), &DESCENT)?;
    panel.points([(START[0], START[1])], &Marker::disk(BLACK).radius(2.2).shape(Shape::Square))
}

fn map<'a>(
    page: &'a mut Page,
    place: Rect,
    letter: &str,
    heading: &str,
    field: &Grid,
) -> Result<Panel<'a>, DrawError> {
    let ((left, right), (bottom, top)) = WINDOW;
    let (x, y) = (Axis::linear(left, right)?.title("$x$"), Axis::linear(bottom, top)?.title("$y$"));
    let mut panel = page.framed_panel(place, x, y)?;
    panel.heading(letter, heading)?;
    // Levels that grow like squares are evenly spaced where f is a square of a distance.
    for i in 1..=12 {
        let level = 0.04 * f64::from(i * i);
        let shade = ColourMap::Viridis.at(0.95 - f64::from(i) / 14.0);
        panel.contour(field, level, &Stroke::thin(shade.mix(WHITE, 0.35)).width(0.6))?;
    }
    let minima = (0..=200).map(|i| 0.4 + 2.0 * f64::from(i) / 200.0).map(|x| (x, 1.0 / x));
    panel.line(minima, &Stroke::new(GREEN).width(1.0))?;
    let style = TextStyle::new(SMALL_SIZE).colour(GREEN).anchor(HAlign::Left, VAlign::Bottom).halo(1.0);
    panel.label((1.55, 1.0 / 1.55), (2.0, -2.0), "$xy=1$", &style)?;
    Ok(panel)
}

fn distance_panel(page: &mut Page, place: Rect, results: &Results) -> Result<(), DrawError> {
    let x = Axis::linear(0.0, STEP * STEPS as f64)?.title("$t=kh$");
    let y = Axis::log(1e-2, 1.0)?.title("distance of gradient descent");
    let mut panel = page.panel(place, x, y)?;
    panel.heading("c", "How far from either flow")?;
    let style = TextStyle::new(LABEL_SIZE).anchor(HAlign::Right, VAlign::Top);
    for (flow, colour, text) in [
        (&results.gradient_flow, BLUE, "from the flow of $-\\nabla f$"),
        (&results.modified_flow, VERMILION, "from the flow of $-\\nabla\\widetilde f$"),
    ] {
        let curve: Vec<Point> = distances(results, flow).skip(1).collect();
        panel.line(curve.iter().copied(), &Stroke::thin(colour))?;
        panel.points(curve.iter().copied(), &Marker::disk(colour).radius(1.3))?;
        let end = curve[curve.len() - 1];
        panel.label(end, (0.0, 6.0), text, &style.colour(colour))?;
    }
    let note = TextStyle::new(SMALL_SIZE).colour(GREY).anchor(HAlign::Left, VAlign::Baseline);
    panel.remark((0.06, 0.95), "at equal times", &note)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_gradient_by_hand_is_that_of_the_modified_objective() {
        // Central differences of a quartic with step 1e-4: an error of about 1e-8 times fourth derivatives near 1.
        let d = 1e-4;
        for (x, y) in [(1.8, -1.5), (0.3, 0.9)] {
            let slope = minus_modified_gradient(x, y);
            let dx = (modified_objective(x + d, y) - modified_objective(x - d, y)) / (2.0 * d);
            let dy = (modified_objective(x, y + d) - modified_objective(x, y - d)) / (2.0 * d);
            assert!((slope[0] + dx).abs() < 1e-6 && (slope[1] + dy).abs() < 1e-6);
        }
    }
}
