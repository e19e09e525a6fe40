//! How large a step momentum allows: spectral radius of heavy ball and of Nesterov's method over hλ and β.

use num_complex::Complex64;
use serde_json::{Value, json};
use shadowflow_numerics::{InputError, Momentum};

use crate::axis::Axis;
use crate::canvas::geometry::{Point, Rect};
use crate::canvas::text::{HAlign, TextStyle, VAlign};
use crate::data::{Cell, Data, Table};
use crate::error::{DrawError, FigureError};
use crate::figure::{Check, Drawing, Figure, Progress};
use crate::grid::Grid;
use crate::page::{Margins, Page};
use crate::style::{BLACK, ColourMap, DOUBLE_COLUMN_MM, Dash, SMALL_SIZE, Stroke, VERMILION, WHITE};

/// Spectral radii of momentum methods.
pub(super) struct MomentumStability;

/// hλ and β.
const STEPS: (f64, f64) = (0.0, 4.4);
const BETAS: (f64, f64) = (-1.0, 1.0);
const RESOLUTION: (usize, usize) = (441, 401);
const PAGE_MM: f64 = 82.0;
const BAR: f64 = 8.0;
/// Levels drawn as thin lines.
const LEVELS: [f64; 4] = [0.3, 0.5, 0.7, 0.9];

/// A method as a function of β.
struct Family {
    heading: &'static str,
    name: &'static str,
    of: fn(f64) -> Result<Momentum, InputError>,
    /// The edge as formulas, and where they are written.
    edges: &'static [(&'static str, Point)],
    /// A place with complex roots.
    complex: Point,
}

const FAMILIES: [Family; 2] = [
    Family {
        heading: "heavy ball; dashed: equal roots",
        name: "heavy_ball",
        of: Momentum::heavy_ball,
        edges: &[("$h\\lambda=2(1+\\beta)$", (2.62, 0.2))],
        complex: (0.9, 0.36),
    },
    Family {
        heading: "Nesterov's method",
        name: "nesterov",
        of: Momentum::nesterov,
        edges: &[
            ("$h\\lambda=\\frac{2(1+\\beta)}{1+2\\beta}$", (1.85, 0.45)),
            ("$h\\lambda=\\frac{1-\\beta}{|\\beta|}$", (2.75, -0.62)),
        ],
        complex: (0.28, 0.45),
    },
];

impl Figure for MomentumStability {
    fn id(&self) -> &'static str {
        "momentum-stability"
    }

    fn title(&self) -> &'static str {
        "Spectral radius of heavy ball and of Nesterov's method on a quadratic"
    }

    fn source(&self) -> &'static str {
        "Polyak (1964); Nesterov (1983); this project"
    }

    fn parameters(&self) -> Value {
        json!({ "h_lambda": [STEPS.0, STEPS.1], "beta": [BETAS.0, BETAS.1], "resolution": [RESOLUTION.0, RESOLUTION.1] })
    }

    fn make(&self, progress: &dyn Progress) -> Result<Drawing, FigureError> {
        let margins = Margins { right: 52.0, between_columns: 40.0, ..Margins::default() };
        let mut page = Page::new(DOUBLE_COLUMN_MM, PAGE_MM);
        let places = page.grid(1, 2, &margins);
        let mut checks = Vec::new();
        let mut fields = Vec::new();
        let mut table = Table::new(["method", "curve", "h_lambda", "beta"]);
        for (k, (family, &place)) in FAMILIES.iter().zip(&places).enumerate() {
            let radius = |step: f64, beta: f64| {
                (family.of)(beta).map_or(f64::NAN, |method| method.spectral_radius(Complex64::from(step)))
            };
            let field = Grid::sample(STEPS, BETAS, RESOLUTION.0, RESOLUTION.1, radius);
            progress.checkpoint(0.5 * k as f64 + 0.3)?;
            let edge = edge(family)?;
            let double = double_roots(family);
            let [smaller, larger] = &double;
            for (name, curve) in [("edge", &edge), ("double roots", smaller), ("double roots", larger)] {
                for &(step, beta) in curve {
                    table.push([
                        Cell::from(family.name),
                        Cell::from(name),
                        Cell::from(step),
                        Cell::from(beta),
                    ]);
                }
            }
            draw_panel(&mut page, place, family, k == 0, &field, (&edge, &double))?;
            checks.extend(family_checks(family, &field)?);
            fields.push((format!("spectral_radius_{}", family.name), field));
        }
        let beside = Rect::new(places[1].right() + 9.0, places[1].y, BAR, places[1].height);
        let axis = Axis::linear(0.0, 1.0)?.title("spectral radius, where stable");
        page.colour_bar(beside, ColourMap::Viridis, &axis)?;
        Ok(Drawing { data: Data { table: Some(table), fields }, checks, page })
    }
}

/// The largest stable hλ against β.
fn edge(family: &Family) -> Result<Vec<Point>, FigureError> {
    let mut points = Vec::new();
    for k in 1..400 {
        let beta = BETAS.0 + (BETAS.1 - BETAS.0) * f64::from(k) / 400.0;
        let method = (family.of)(beta).map_err(FigureError::computation)?;
        if let Some((_, high)) = method.stable_interval() {
            points.push((high, beta));
        }
    }
    Ok(points)
}

/// Where both roots are equal: (1 + β - hλ(1 + γ))² = 4(β - hλγ), as the changes of sign of the difference along rows. Between
/// the two curves the roots are complex.
fn double_roots(family: &Family) -> [Vec<Point>; 2] {
    let discriminant = |step: f64, beta: f64| {
        let gamma = (family.of)(beta).map_or(f64::NAN, |method| method.gamma());
        let trace = 1.0 + beta - step * (1.0 + gamma);
        trace * trace - 4.0 * (beta - step * gamma)
    };
    let samples = 4000;
    let at = |i: u32| STEPS.1 * f64::from(i) / f64::from(samples);
    let mut curves = [Vec::new(), Vec::new()];
    for k in 1..400 {
        let beta = BETAS.1 * f64::from(k) / 400.0;
        let is_complex = |step: f64| discriminant(step, beta) < 0.0;
        let changes = (1..samples).filter(|&i| is_complex(at(i)) != is_complex(at(i - 1)));
        for (curve, i) in curves.iter_mut().zip(changes) {
            let (mut low, mut high) = (at(i - 1), at(i));
            let before = is_complex(low);
            for _ in 0..60 {
                let middle = 0.5 * (low + high);
                if is_complex(middle) == before { low = middle } else { high = middle }
            }
            curve.push((0.5 * (low + high), beta));
        }
    }
    curves
}

fn draw_panel(
    page: &mut Page,
    place: Rect,
    family: &Family,
    first: bool,
    field: &Grid,
    (edge, double): (&[Point], &[Vec<Point>; 2]),
) -> Result<(), DrawError> {
    let x = Axis::linear(STEPS.0, STEPS.1)?.title("$h\\lambda$");
    let y = Axis::linear(BETAS.0, BETAS.1)?.title("$\\beta$");
    let mut panel = page.framed_panel(place, x, y)?;
    // Beyond the edge there is no rate to show.
    panel.raster(
        &field.map(|radius| if radius > 1.0 { f64::NAN } else { radius }),
        (0.0, 1.0),
        ColourMap::Viridis,
    )?;
    for level in LEVELS {
        panel.contour(field, level, &Stroke::thin(WHITE).width(0.4))?;
    }
    for curve in double {
        panel.line(curve.iter().copied(), &Stroke::new(WHITE).width(1.1).dash(Dash::Dashed))?;
    }
    panel.line(edge.iter().copied(), &Stroke::new(VERMILION).width(1.6))?;
    panel.heading(if first { "a" } else { "b" }, family.heading)?;
    let style = TextStyle::new(SMALL_SIZE).anchor(HAlign::Left, VAlign::Middle).colour(BLACK);
    for (formula, at) in family.edges {
        panel.label(*at, (4.0, 0.0), formula, &style)?;
    }
    let style = TextStyle::new(SMALL_SIZE).anchor(HAlign::Left, VAlign::Middle).colour(WHITE);
    panel.label(family.complex, (0.0, 0.0), "complex", &style)
}

fn family_checks(family: &Family, field: &Grid) -> Result<Vec<Check>, FigureError> {
    let mut checks = Vec::new();
    let (columns, rows) = field.shape();
    let cell = (STEPS.1 - STEPS.0) / (columns - 1) as f64;
    // The edge as the colours show it, row by row, against the closed form.
    let mut worst = 0.0f64;
    for row in 1..rows - 1 {
        let beta = field.y(row as f64);
        let Some((_, high)) = (family.of)(beta).map_err(FigureError::computation)?.stable_interval() else {
            continue;
        };
        if high < STEPS.1 - cell {
            let seen = (1..columns).rev().find(|&column| field.value(column, row) < 1.0).unwrap_or(0);
            worst = worst.max((field.x(seen as f64) - high).abs());
        }
    }
    checks.push(Check::at_most(
        format!("edge of {} as coloured, in cells", family.name),
        worst / cell,
        1.0 + 1e-9,
    ));
    // From an independent computation in high precision: the limit at β = 1/2, and the radius at 1% below it.
    let (limit, radius) =
        if family.name == "heavy_ball" { (3.0, 0.935561711201316) } else { (1.5, 0.975970599539088) };
    let method = (family.of)(0.5).map_err(FigureError::computation)?;
    let found = method.stable_interval().map_or(f64::NAN, |interval| interval.1);
    checks.push(Check::near(format!("limit of {} at beta = 1/2", family.name), found, limit, 1e-15));
    let found = method.spectral_radius(Complex64::from(0.99 * limit));
    checks.push(Check::near(format!("radius of {} at 0.99 of it", family.name), found, radius, 1e-14));
    Ok(checks)
}
