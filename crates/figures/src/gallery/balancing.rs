//! Balancing: a large learning rate leaves sharp minima for flat ones, where x and y are more equal.

use std::f64::consts::TAU;

use serde_json::{Value, json};
use shadowflow_numerics::problems::{MatrixFactorization, ScalarFactorization};
use shadowflow_numerics::{Balanced, GradientFlow, Objective, Optimizer};

use crate::axis::Axis;
use crate::canvas::geometry::{Point, Rect};
use crate::canvas::text::{HAlign, TextStyle, VAlign};
use crate::data::{Data, Table};
use crate::error::{DrawError, FigureError};
use crate::figure::{Check, Drawing, Figure, Progress};
use crate::page::{Margins, Page};
use crate::style::{
    BLACK, BLUE, DOUBLE_COLUMN_MM, Dash, Fill, GREEN, GREY, LIGHT_GREY, Marker, POINTS_PER_MM, SKY,
    SMALL_SIZE, Stroke, VERMILION, WHITE,
};

/// The journey to balance and where it ends.
pub(super) struct Balancing;

const PROBLEM: ScalarFactorization = ScalarFactorization { target: 1.0 };
const START: [f64; 2] = [6.0, 0.16];
/// |(x, y)|² at the start, which is nearly the sharpness there.
const SQUARE: f64 = START[0] * START[0] + START[1] * START[1];
/// h times that, of the journey drawn.
const DRAWN: f64 = 3.5;
/// Those of the limits, and their number.
const RATES: (f64, f64) = (0.02, 4.0);
const LIMITS: usize = 1200;
const MOST_STEPS: usize = 1_000_000;
/// Where the limit was known before, and what it was.
const KNOWN: [Point; 5] = [(2.5, 18.5), (3.0, 3.15), (3.5, 7.25), (3.8, 5.18), (3.95, 9.80)];
/// Equal units on both axes.
const WINDOW: (Point, Point) = ((-2.2, 6.4), (-5.0, 5.0));

/// A limit of descent: h times the square of the start, the sharpness there, and the imbalance.
struct Limit {
    product: f64,
    sharpness: f64,
    imbalance: f64,
    distance: f64,
}

/// Everything computed.
struct Found {
    path: Vec<Point>,
    limits: Vec<Limit>,
    known: Vec<Limit>,
}

impl Figure for Balancing {
    fn id(&self) -> &'static str {
        "balancing"
    }

    fn title(&self) -> &'static str {
        "Gradient descent on (1-xy)²/2 from (6, 0.16): large learning rates end in balanced, flat minima"
    }

    fn source(&self) -> &'static str {
        "Wang, Chen, Zhao & Tao (2022); limits against the bound: this project"
    }

    fn parameters(&self) -> Value {
        json!({
            "target": PROBLEM.target, "start": START, "drawn": DRAWN, "rates": RATES, "limits": LIMITS, "known": KNOWN,
            "window": WINDOW,
        })
    }

    fn make(&self, progress: &dyn Progress) -> Result<Drawing, FigureError> {
        let path = journey(DRAWN / SQUARE)?;
        progress.checkpoint(0.05)?;
        let problem =
            MatrixFactorization::new(&[vec![PROBLEM.target]], 1).map_err(FigureError::computation)?;
        let limit = |product: f64| -> Result<Limit, FigureError> {
            let found = Balanced::by_descent(&problem, product / SQUARE, &START, MOST_STEPS);
            let found = found.map_err(FigureError::computation)?;
            let (sharpness, imbalance, distance) = (found.sharpness, found.imbalance, found.distance);
            Ok(Limit { product, sharpness, imbalance, distance })
        };
        let mut limits = Vec::new();
        for k in 0..LIMITS {
            // Midpoints: neither end, beyond which starts run away, is met.
            limits.push(limit(RATES.0 + (RATES.1 - RATES.0) * (k as f64 + 0.5) / LIMITS as f64)?);
            if k % 50 == 0 {
                progress.checkpoint(0.05 + 0.9 * k as f64 / LIMITS as f64)?;
            }
        }
        let known = KNOWN.into_iter().map(|(product, _)| limit(product)).collect::<Result<Vec<_>, _>>()?;
        let found = Found { path, limits, known };
        let data = Data { table: Some(table(&found)), fields: Vec::new() };
        Ok(Drawing { data, checks: checks(&found), page: page(&found)? })
    }
}

/// The iterates until they settle.
fn journey(h: f64) -> Result<Vec<Point>, FigureError> {
    let field = GradientFlow(PROBLEM);
    let orbit = Optimizer::gradient_descent()
        .orbit(&field, h, &START, 400, f64::INFINITY)
        .map_err(FigureError::computation)?;
    let mut points: Vec<Point> = orbit.points().map(|x| (x[0], x[1])).collect();
    let settled = points.iter().position(|point| residual(*point).abs() < 1e-9 && square(*point) < 2.0 / h);
    points.truncate(settled.map_or(points.len(), |k| k + 1));
    Ok(points)
}

fn residual((x, y): Point) -> f64 {
    PROBLEM.target - x * y
}

fn square((x, y): Point) -> f64 {
    x * x + y * y
}

fn table(found: &Found) -> Table {
    let mut table = Table::new(["series", "step", "x", "y", "h_q0", "sharpness", "imbalance", "loss"]);
    for (k, &point) in found.path.iter().enumerate() {
        let loss = PROBLEM.value(&[point.0, point.1]);
        table.push([
            "journey".into(),
            (k as f64).into(),
            point.0.into(),
            point.1.into(),
            DRAWN.into(),
            square(point).into(),
            PROBLEM.imbalance(&[point.0, point.1]).into(),
            loss.into(),
        ]);
    }
    for limit in &found.limits {
        table.push([
            "limit".into(),
            "".into(),
            "".into(),
            "".into(),
            limit.product.into(),
            limit.sharpness.into(),
            limit.imbalance.into(),
            "".into(),
        ]);
    }
    table
}

fn checks(found: &Found) -> Vec<Check> {
    let mut checks = Vec::new();
    for (limit, (product, expected)) in found.known.iter().zip(KNOWN) {
        // Known to the digits given.
        let name = format!("sharpness of the limit at h q0 = {product}");
        checks.push(Check::near(name, limit.sharpness, expected, 0.05));
    }
    let share = |limit: &Limit| limit.sharpness * limit.product / (2.0 * SQUARE);
    let largest = found.limits.iter().map(share).fold(0.0, f64::max);
    // Limits are minima, stable or on the edge of it, up to where rounding holds them.
    checks.push(Check::at_most("largest sharpness of a limit over 2/h", largest, 1.0 + 1e-9));
    let least = found.limits.iter().map(|limit| limit.sharpness).fold(f64::INFINITY, f64::min);
    checks.push(Check::at_least("least sharpness of a limit, which is 2 in balance", least, 2.0 - 1e-9));
    let apart = found.limits.iter().map(|limit| limit.distance).fold(0.0, f64::max);
    checks.push(Check::at_most("largest |1 - xy| of a limit", apart, 1e-11));
    // Above 2 the minimum near the start is unstable: nothing may stay there. Below 1/2 descent goes there hardly moved.
    let fallen = found.limits.iter().filter(|limit| limit.product > 2.02);
    checks.push(Check::at_most(
        "largest sharpness of a limit with h q0 > 2.02 over that of the start",
        fallen.map(|limit| limit.sharpness / SQUARE).fold(0.0, f64::max),
        0.99,
    ));
    let gentle = found.limits.iter().filter(|limit| limit.product < 0.5);
    checks.push(Check::at_least(
        "least sharpness of a limit with h q0 < 1/2 over that of the start",
        gentle.map(|limit| limit.sharpness / SQUARE).fold(f64::INFINITY, f64::min),
        0.999,
    ));
    // The point of the figure: the bound falls with h, the limit does not.
    let large: Vec<&Limit> = found.limits.iter().filter(|limit| limit.product > 2.02).collect();
    let rises = large.windows(2).filter(|pair| pair[1].sharpness > pair[0].sharpness + 0.5).count();
    checks.push(Check::at_least("neighbours whose limit rises by more than 1/2 with h", rises as f64, 5.0));
    checks
}

fn page(found: &Found) -> Result<Page, DrawError> {
    let ((left, right), (bottom, top)) = WINDOW;
    let margins = Margins { between_columns: 40.0, ..Margins::default() };
    let narrow = Page::new(DOUBLE_COLUMN_MM, 1.0).grid(1, 3, &margins)[0].width;
    let height = narrow * (top - bottom) / (right - left);
    let mut page = Page::new(DOUBLE_COLUMN_MM, (height + margins.top + margins.bottom) / POINTS_PER_MM);
    let places = page.grid(1, 3, &margins);
    plane(&mut page, places[0], found)?;
    over_steps(&mut page, places[1], found)?;
    limits(&mut page, places[2], found)?;
    Ok(page)
}

fn plane(page: &mut Page, place: Rect, found: &Found) -> Result<(), DrawError> {
    let ((left, right), (bottom, top)) = WINDOW;
    let (x, y) = (Axis::linear(left, right)?.title("$x$"), Axis::linear(bottom, top)?.title("$y$"));
    let mut panel = page.framed_panel(place, x, y)?;
    panel.heading("a", "$h=3.5/(x_0^2+y_0^2)$")?;
    let radius = (2.0 * SQUARE / DRAWN).sqrt();
    let disc = || (0..=240).map(|k| TAU * f64::from(k) / 240.0).map(|t| (radius * t.cos(), radius * t.sin()));
    panel.polygon(disc(), &Fill::new(SKY.mix(WHITE, 0.8)))?;
    panel.line(disc(), &Stroke::thin(SKY))?;
    for sign in [1.0, -1.0] {
        let branch = (1..=320).map(|k| sign * 0.02 * f64::from(k)).map(|x| (x, 1.0 / x));
        panel.line(branch, &Stroke::new(GREEN))?;
    }
    panel.line(found.path.iter().copied(), &Stroke::thin(BLACK).width(0.35))?;
    panel.points(found.path.iter().copied(), &Marker::disk(BLACK).radius(0.9))?;
    panel.points([found.path[0]], &Marker::ring(BLACK).radius(2.2))?;
    panel.points(found.path.last().copied(), &Marker::disk(VERMILION).radius(2.2))?;
    let style = TextStyle::new(SMALL_SIZE).colour(BLUE).anchor(HAlign::Left, VAlign::Baseline);
    panel.label((0.9, -2.0), (0.0, 0.0), "stable:", &style)?;
    panel.label((0.9, -2.0), (0.0, 9.0), "$x^2+y^2<2/h$", &style)?;
    let style = style.colour(GREEN).anchor(HAlign::Left, VAlign::Bottom).halo(1.0);
    panel.label((3.6, 1.0 / 3.6), (0.0, -2.0), "$xy=1$", &style)
}

fn over_steps(page: &mut Page, place: Rect, found: &Found) -> Result<(), DrawError> {
    let last = (found.path.len() - 1) as f64;
    let x = Axis::linear(0.0, last)?.title("step $k$");
    let y = Axis::log(1e-6, 1e3)?;
    let mut panel = page.panel(place, x, y)?;
    panel.heading("b", "the journey")?;
    let edge = 2.0 * SQUARE / DRAWN;
    panel.line([(0.0, edge), (last, edge)], &Stroke::thin(GREY).dash(Dash::Dashed))?;
    let steps = || found.path.iter().enumerate();
    let squares = steps().map(|(k, &point)| (k as f64, square(point)));
    panel.line(squares, &Stroke::new(BLUE))?;
    let losses = steps().map(|(k, &(x, y))| (k as f64, PROBLEM.value(&[x, y])));
    panel.line(losses, &Stroke::new(VERMILION).width(0.8))?;
    let style = TextStyle::new(SMALL_SIZE).anchor(HAlign::Left, VAlign::Baseline);
    panel.remark((0.04, 0.20), "$x^2+y^2$", &style.colour(BLUE))?;
    panel.remark((0.04, 0.12), "loss", &style.colour(VERMILION))?;
    panel.remark((0.04, 0.04), "$2/h$, dashed", &style.colour(GREY))
}

fn limits(page: &mut Page, place: Rect, found: &Found) -> Result<(), DrawError> {
    let x = Axis::linear(0.0, 4.0)?.title("$h\\,(x_0^2+y_0^2)$");
    let y = Axis::linear(0.0, 40.0)?.title("sharpness of the limit");
    let mut panel = page.panel(place, x, y)?;
    panel.heading("c", "where it ends")?;
    let bound = (0..=200).map(|k| 1.6 + 2.4 * f64::from(k) / 200.0).map(|p| (p, 2.0 * SQUARE / p));
    panel.line(bound, &Stroke::new(GREY).dash(Dash::Dashed).width(0.9))?;
    panel.line([(0.0, 2.0), (4.0, 2.0)], &Stroke::thin(LIGHT_GREY))?;
    let limits = found.limits.iter().map(|limit| (limit.product, limit.sharpness));
    panel.points(limits, &Marker::disk(BLUE).radius(0.55))?;
    let known = found.known.iter().map(|limit| (limit.product, limit.sharpness));
    panel.points(known, &Marker::ring(VERMILION).radius(1.8))?;
    let style = TextStyle::new(SMALL_SIZE).colour(GREY).anchor(HAlign::Left, VAlign::Bottom);
    panel.label((2.6, 2.0 * SQUARE / 2.6), (2.0, -2.0), "bound $2/h$", &style)?;
    let style = style.anchor(HAlign::Left, VAlign::Bottom);
    panel.label((0.0, 2.0), (3.0, -1.0), "balance: $2$", &style)
}
