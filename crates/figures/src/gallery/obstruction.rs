//! Why gradient descent is a gradient flow through h and no further: the h² field split, and the curl that stays.

use serde_json::{Value, json};
use shadowflow_bseries::Series;
use shadowflow_methods::{Exact, Method};
use shadowflow_numerics::problems::ScalarFactorization;
use shadowflow_numerics::{GradientFlow, InputError, ModifiedEquation};

use crate::axis::Axis;
use crate::canvas::geometry::{Point, Rect};
use crate::canvas::text::{HAlign, TextStyle, VAlign};
use crate::data::{Data, Table};
use crate::error::{DrawError, FigureError};
use crate::figure::{Check, Drawing, Figure, Progress};
use crate::grid::Grid;
use crate::page::{Margins, Page};
use crate::panel::Panel;
use crate::streamline::streamlines;
use crate::style::{
    BLACK, ColourMap, DOUBLE_COLUMN_MM, GREEN, Marker, ORANGE, POINTS_PER_MM, SMALL_SIZE, Stroke, WHITE,
};

/// The h² field of gradient descent on (1 - xy)²/2, its potential part, the residual, and the curl.
pub(super) struct Obstruction;

const PROBLEM: ScalarFactorization = ScalarFactorization { target: 1.0 };
const WINDOW: (f64, f64) = (-2.2, 2.2);
/// Nodes of the fields along a side.
const RESOLUTION: usize = 221;
/// Distance of streamlines over the side of the window.
const SEPARATION: f64 = 0.05;
/// Where the curl is named.
const PLACE: Point = (2.0, 1.0 / 3.0);
/// Colours run from 10^LOW to 10^HIGH.
const MAGNITUDES: (f64, f64) = (-3.0, 4.0);
/// The curl is shown by its inverse hyperbolic sine in units of this, evenly spaced near 0 and by decades beyond.
const CURL_UNIT: f64 = 0.1;
const CURL_END: f64 = 100.0;

type Plane = (f64, f64);
type Computed<T> = Result<T, Box<dyn std::error::Error + Send + Sync>>;

/// F(tall) = f'f'f and F(cherry) = f''(f, f) for f = -∇V: -HHg and -D³V(g, g), with g = ∇V and H = ∇²V.
///
/// With r = 1 - xy: g = -r(y, x), H = [[y², 2xy - 1], [2xy - 1, x²]], V_xxx = V_yyy = 0, V_xxy = 2y and V_xyy = 2x.
fn differentials(x: f64, y: f64) -> (Plane, Plane) {
    let r = 1.0 - x * y;
    let g = (-r * y, -r * x);
    let mixed = 2.0 * x * y - 1.0;
    let hessian = |v: Plane| (y * y * v.0 + mixed * v.1, mixed * v.0 + x * x * v.1);
    let (tall, (p, q)) = (hessian(hessian(g)), g);
    ((-tall.0, -tall.1), (-4.0 * y * p * q - 2.0 * x * q * q, -2.0 * y * p * p - 4.0 * x * p * q))
}

/// The h² field Σ b(t)/σ(t) F(t) over the trees of three vertices, from b of the tall tree and of the cherry.
fn second(x: f64, y: f64, [tall, cherry]: [f64; 2]) -> Plane {
    let (t, c) = differentials(x, y);
    // σ(tall) = 1, σ(cherry) = 2.
    (tall * t.0 + 0.5 * cherry * c.0, tall * t.1 + 0.5 * cherry * c.1)
}

/// b of explicit Euler for the tall tree and the cherry.
const EULER: [f64; 2] = [1.0 / 3.0, 1.0 / 6.0];
/// Their mean over the roots of the path of three vertices: its ends give the tall tree, its middle the cherry.
const MEAN: f64 = 5.0 / 18.0;

fn whole(x: f64, y: f64) -> Plane {
    second(x, y, EULER)
}

fn potential_part(x: f64, y: f64) -> Plane {
    second(x, y, [MEAN, MEAN])
}

fn residual(x: f64, y: f64) -> Plane {
    second(x, y, EULER.map(|b| b - MEAN))
}

/// The potential (5/36) ∇VᵀH∇V of the potential part.
fn potential(x: f64, y: f64) -> f64 {
    let r = 1.0 - x * y;
    -5.0 / 36.0 * (2.0 * x * y - x.powi(4) - 4.0 * x * x * y * y - y.powi(4)) * r * r
}

/// The curl ∂(ẏ)/∂x - ∂(ẋ)/∂y of the h² field.
fn curl(x: f64, y: f64) -> f64 {
    -(x * x - y * y) * (x * x + y * y) * (x * y - 1.0) / 3.0
}

/// What the checks compare.
struct Measured {
    /// b(tall), b(cherry) and their mean over roots, by trees.
    coefficients: [f64; 3],
    /// The curl at [`PLACE`], from power series and differences.
    curl_at_place: f64,
    /// The largest relative gaps over a grid: of the split from the series, of the potential part from -∇ of its
    /// potential, of both curls from the formula; and the largest curl on the zero lines.
    split_gap: f64,
    potential_gap: f64,
    curl_gap: f64,
    residual_curl_gap: f64,
    curl_on_lines: f64,
}

impl Figure for Obstruction {
    fn id(&self) -> &str {
        "obstruction"
    }

    fn title(&self) -> &str {
        "The h² field of gradient descent on (1-xy)²/2: its potential part, the residual that has none, and the curl"
    }

    fn source(&self) -> &str {
        "this project"
    }

    fn parameters(&self) -> Value {
        json!({
            "target": PROBLEM.target, "window": WINDOW, "resolution": RESOLUTION, "separation": SEPARATION,
            "place": PLACE, "magnitudes": MAGNITUDES, "curl_unit": CURL_UNIT, "curl_end": CURL_END,
        })
    }

    fn make(&self, progress: &dyn Progress) -> Result<Drawing, FigureError> {
        let measured = measure().map_err(FigureError::computation)?;
        progress.checkpoint(0.4)?;
        let lines =
            [whole, potential_part, residual].map(|field| streamlines(field, WINDOW, WINDOW, SEPARATION));
        progress.checkpoint(0.7)?;
        Ok(Drawing { data: data(&lines), checks: checks(&measured), page: page(&lines)? })
    }
}

fn measure() -> Computed<Measured> {
    let euler = Method::named("euler")?;
    let series = Series::modified(euler.tableau(), 3)?;
    let of_order_three = || series.terms().filter(|(t, _)| series.trees().vertices(*t) == 3);
    let b = |symmetry: u64| -> Exact {
        let mut terms = of_order_three().filter(|(t, _)| series.trees().symmetry(*t) == symmetry);
        terms.next().map_or(Exact::ZERO, |(_, b)| b.clone())
    };
    // The path with three vertices has automorphisms 1 and 2: |Aut|/σ(t) vertices are roots of t.
    let (tall, cherry) = (b(1), b(2));
    let mean = &(&(&tall * &Exact::from(2)) + &cherry) * &Exact::ratio(1, 3);

    let equation = ModifiedEquation::new(GradientFlow(PROBLEM), euler.tableau(), 2)?;
    let by_series = |x: f64, y: f64| -> Result<Plane, InputError> {
        let term = equation.coefficients(&[x, y])?.remove(2);
        Ok((term[0], term[1]))
    };
    let by_residual = |x: f64, y: f64| Ok(residual(x, y));
    let mut measured = Measured {
        coefficients: [tall.to_f64(), cherry.to_f64(), mean.to_f64()],
        curl_at_place: curl_of(by_series, PLACE)?,
        split_gap: 0.0,
        potential_gap: 0.0,
        curl_gap: 0.0,
        residual_curl_gap: 0.0,
        curl_on_lines: 0.0,
    };
    let nodes = (0..=20).map(|i| WINDOW.0 + (WINDOW.1 - WINDOW.0) * f64::from(i) / 20.0);
    for (x, y) in nodes.clone().flat_map(|x| nodes.clone().map(move |y| (x, y))) {
        let (found, p, r) = (by_series(x, y)?, potential_part(x, y), residual(x, y));
        let size = 1.0 + found.0.hypot(found.1);
        let gap = (found.0 - p.0 - r.0).hypot(found.1 - p.1 - r.1) / size;
        measured.split_gap = measured.split_gap.max(gap);
        let slope = (derivative(|x| potential(x, y), x), derivative(|y| potential(x, y), y));
        let gap = (p.0 + slope.0).hypot(p.1 + slope.1) / size;
        measured.potential_gap = measured.potential_gap.max(gap);
        let exact = curl(x, y);
        let gap = (curl_of(by_series, (x, y))? - exact).abs() / size;
        measured.curl_gap = measured.curl_gap.max(gap);
        let gap = (curl_of(by_residual, (x, y))? - exact).abs() / size;
        measured.residual_curl_gap = measured.residual_curl_gap.max(gap);
    }
    for t in (1..=20).map(|i| 0.11 * f64::from(i)) {
        for line in [(t, t), (t, -t), (t, 1.0 / t)] {
            measured.curl_on_lines = measured.curl_on_lines.max(curl_of(by_series, line)?.abs());
        }
    }
    Ok(measured)
}

/// A derivative by the five-point formula: δ⁴/30 of the fifth derivative, and rounding over δ.
fn derivative(f: impl Fn(f64) -> f64, at: f64) -> f64 {
    let d = 1e-3;
    (8.0 * (f(at + d) - f(at - d)) - (f(at + 2.0 * d) - f(at - 2.0 * d))) / (12.0 * d)
}

/// The curl of a field by the same formula.
fn curl_of(field: impl Fn(f64, f64) -> Result<Plane, InputError>, (x, y): Point) -> Result<f64, InputError> {
    field(x, y)?;
    let value = |x: f64, y: f64| field(x, y).unwrap_or((f64::NAN, f64::NAN));
    Ok(derivative(|x| value(x, y).1, x) - derivative(|y| value(x, y).0, y))
}

fn checks(measured: &Measured) -> Vec<Check> {
    let [tall, cherry, mean] = measured.coefficients;
    // Rounding of a coefficient of size 1, of fields relative to their size with some tens of operations, and of
    // differences, which lose three digits more.
    vec![
        Check::near("curl of the h² field at (2, 1/3)", measured.curl_at_place, 1295.0 / 729.0, 1e-9),
        Check::near("b of the tall tree", tall, EULER[0], 1e-15),
        Check::near("b of the cherry", cherry, EULER[1], 1e-15),
        Check::near("mean of b over the roots of the free tree", mean, MEAN, 1e-15),
        Check::at_most(
            "relative gap of the two parts from the h² field by power series",
            measured.split_gap,
            1e-12,
        ),
        Check::at_most(
            "relative gap of the potential part from minus the gradient of its potential",
            measured.potential_gap,
            1e-9,
        ),
        Check::at_most("relative gap of the curl of the h² field from its formula", measured.curl_gap, 1e-9),
        Check::at_most(
            "relative gap of the curl of the residual from the same formula",
            measured.residual_curl_gap,
            1e-9,
        ),
        Check::at_most("largest curl on x = y, x = -y and xy = 1", measured.curl_on_lines, 1e-6),
    ]
}

fn data(lines: &[Vec<Vec<Point>>; 3]) -> Data {
    let mut table = Table::new(["field", "line", "x", "y"]);
    for (name, lines) in ["h2", "potential part", "residual"].into_iter().zip(lines) {
        for (line, number) in lines.iter().zip(1u32..) {
            for &(x, y) in line {
                table.push([name.into(), f64::from(number).into(), x.into(), y.into()]);
            }
        }
    }
    let component = |name: &str, f: fn(f64, f64) -> f64| (name.to_owned(), sample(f));
    let fields = vec![
        component("h2_x", |x, y| whole(x, y).0),
        component("h2_y", |x, y| whole(x, y).1),
        component("potential_part_x", |x, y| potential_part(x, y).0),
        component("potential_part_y", |x, y| potential_part(x, y).1),
        component("residual_x", |x, y| residual(x, y).0),
        component("residual_y", |x, y| residual(x, y).1),
        component("potential", potential),
        component("curl", curl),
    ];
    Data { table: Some(table), fields }
}

fn sample(f: impl Fn(f64, f64) -> f64) -> Grid {
    Grid::sample(WINDOW, WINDOW, RESOLUTION, RESOLUTION, f)
}

const BAR: f64 = 8.0;

fn page(lines: &[Vec<Vec<Point>>; 3]) -> Result<Page, DrawError> {
    let margins = Margins { right: 52.0, between_columns: 40.0, between_rows: 34.0, ..Margins::default() };
    let side = Page::new(DOUBLE_COLUMN_MM, 1.0).grid(2, 2, &margins)[0].width;
    let height = margins.top + margins.bottom + margins.between_rows + 2.0 * side;
    let mut page = Page::new(DOUBLE_COLUMN_MM, height / POINTS_PER_MM);
    let places = page.grid(2, 2, &margins);

    let mut panel = field_panel(&mut page, places[0], ("a", "the field at $h^2$"), whole, &lines[0])?;
    let style =
        TextStyle::new(SMALL_SIZE).colour(GREEN.mix(BLACK, 0.25)).anchor(HAlign::Left, VAlign::Bottom);
    panel.label((0.62, 1.0 / 0.62), (3.0, -1.0), "$xy=1$", &style.halo(1.5))?;
    let heading = "potential part $-\\nabla U$, with levels of $U$";
    let mut panel = field_panel(&mut page, places[1], ("b", heading), potential_part, &lines[1])?;
    let levels = sample(potential);
    for level in [-0.003, 0.003, 0.03, 0.3, 3.0, 30.0] {
        panel.contour(&levels, level, &Stroke::new(ORANGE).width(0.8))?;
    }
    let heading = "residual, which has no potential";
    field_panel(&mut page, places[2], ("c", heading), residual, &lines[2])?;
    curl_panel(&mut page, places[3])?;

    let beside = |place: Rect| Rect::new(place.right() + 9.0, place.y, BAR, place.height);
    let decades =
        (MAGNITUDES.0 as i32..=MAGNITUDES.1 as i32).map(|k| (f64::from(k), format!("$10^{{{k}}}$")));
    let axis =
        Axis::linear(MAGNITUDES.0, MAGNITUDES.1)?.ticks_at(decades).title("size of the field in a, b, c");
    page.colour_bar(beside(places[1]), ColourMap::Blues, &axis)?;
    let end = shown(CURL_END);
    let numbers = [-100.0, -10.0, -1.0, -0.1, 0.0, 0.1, 1.0, 10.0, 100.0];
    let axis = Axis::linear(-end, end)?
        .ticks_at(numbers.map(|number| (shown(number), format!("${number}$"))))
        .title("curl");
    page.colour_bar(beside(places[3]), ColourMap::RedBlue, &axis)?;
    Ok(page)
}

/// Where a curl stands on the colour bar.
fn shown(curl: f64) -> f64 {
    (curl / CURL_UNIT).asinh()
}

fn axes() -> Result<(Axis, Axis), DrawError> {
    let axis = |title: &str| Ok::<_, DrawError>(Axis::linear(WINDOW.0, WINDOW.1)?.title(title));
    Ok((axis("$x$")?, axis("$y$")?))
}

fn field_panel<'a>(
    page: &'a mut Page,
    place: Rect,
    (letter, heading): (&str, &str),
    field: fn(f64, f64) -> Plane,
    lines: &[Vec<Point>],
) -> Result<Panel<'a>, DrawError> {
    let (x, y) = axes()?;
    let mut panel = page.framed_panel(place, x, y)?;
    panel.heading(letter, heading)?;
    let size = sample(|x, y| {
        let (u, v) = field(x, y);
        u.hypot(v).log10()
    });
    panel.raster(&size, MAGNITUDES, ColourMap::Blues)?;
    panel.streamlines(lines, &Stroke::thin(BLACK).width(0.45))?;
    minima(&mut panel)?;
    Ok(panel)
}

/// Both branches of xy = 1, where V is least and every field of the modified equation vanishes.
fn minima(panel: &mut Panel<'_>) -> Result<(), DrawError> {
    for sign in [1.0, -1.0] {
        let branch = (0..=200).map(|i| sign * (0.4 + 2.0 * f64::from(i) / 200.0)).map(|x| (x, 1.0 / x));
        panel.line(branch, &Stroke::new(GREEN).width(1.3))?;
    }
    Ok(())
}

fn curl_panel(page: &mut Page, place: Rect) -> Result<(), DrawError> {
    let (x, y) = axes()?;
    let mut panel = page.framed_panel(place, x, y)?;
    panel.heading("d", "curl of a and of c: $-\\frac{1}{3}(x^2-y^2)(x^2+y^2)(xy-1)$")?;
    let end = shown(CURL_END);
    panel.raster(&sample(|x, y| shown(curl(x, y))), (-end, end), ColourMap::RedBlue)?;
    let thin = Stroke::thin(BLACK).width(0.6);
    panel.line([(WINDOW.0, WINDOW.0), (WINDOW.1, WINDOW.1)], &thin)?;
    panel.line([(WINDOW.0, WINDOW.1), (WINDOW.1, WINDOW.0)], &thin)?;
    minima(&mut panel)?;
    let label = |colour, horizontal, vertical| {
        TextStyle::new(SMALL_SIZE).colour(colour).anchor(horizontal, vertical).halo(1.2)
    };
    let beside = label(BLACK, HAlign::Left, VAlign::Middle);
    panel.label((-1.55, -1.55), (5.0, 4.0), "$x=y$", &beside)?;
    panel.label((-1.55, 1.55), (5.0, -4.0), "$x=-y$", &beside)?;
    let style = label(GREEN.mix(BLACK, 0.25), HAlign::Left, VAlign::Bottom);
    panel.label((0.62, 1.0 / 0.62), (3.0, -1.0), "$xy=1$", &style)?;
    panel.points([PLACE], &Marker::disk(BLACK).radius(1.8))?;
    let style = label(BLACK, HAlign::Right, VAlign::Middle);
    panel.label(PLACE, (-5.0, 5.0), "$\\frac{1295}{729}$ at $(2,\\frac{1}{3})$", &style)?;
    panel.points([PLACE], &Marker::disk(WHITE).radius(0.7))
}

#[cfg(test)]
mod tests {
    use super::*;
    use shadowflow_numerics::Objective;

    #[test]
    fn differentials_agree_with_the_objective() {
        // H from the objective; D³V(g, g) as the second derivative of the gradient along g, by differences.
        for (x, y) in [(2.0, 1.0 / 3.0), (-0.7, 1.4)] {
            let (mut g, mut h) = ([0.0; 2], [0.0; 4]);
            PROBLEM.gradient(&[x, y], &mut g);
            PROBLEM.hessian(&[x, y], &mut h);
            let apply = |v: [f64; 2]| [h[0] * v[0] + h[1] * v[1], h[2] * v[0] + h[3] * v[1]];
            let (expected, (tall, cherry)) = (apply(apply(g)), differentials(x, y));
            assert!((tall.0 + expected[0]).hypot(tall.1 + expected[1]) < 1e-13);
            let along = |t: f64| {
                let mut slope = [0.0; 2];
                PROBLEM.gradient(&[x + t * g[0], y + t * g[1]], &mut slope);
                slope
            };
            let (t, middle) = (1e-3, along(0.0));
            let bend = |i: usize| (along(t)[i] - 2.0 * middle[i] + along(-t)[i]) / (t * t);
            // The gradient is cubic along a line, so this is exact up to 1e-15/t².
            assert!((cherry.0 + bend(0)).hypot(cherry.1 + bend(1)) < 1e-8);
        }
    }

    #[test]
    fn the_parts_sum_to_the_whole_and_the_curl_has_its_value() {
        let (x, y) = (1.3, -0.4);
        let (w, p, r) = (whole(x, y), potential_part(x, y), residual(x, y));
        assert!((w.0 - p.0 - r.0).abs() < 1e-15 && (w.1 - p.1 - r.1).abs() < 1e-15);
        assert!((curl(PLACE.0, PLACE.1) - 1295.0 / 729.0).abs() < 1e-15);
    }
}
