//! Order stars: where |R(z)| exceeds |exp(z)|, with the zeros and poles of R.

use std::f64::consts::TAU;

use num_complex::Complex64;
use serde_json::{Value, json};
use shadowflow_methods::{Method, StabilityFunction};
use shadowflow_numerics::zeros;

use super::complex_plane::{self, Ends, Shown};
use crate::canvas::geometry::Rect;
use crate::canvas::text::{HAlign, TextStyle, VAlign};
use crate::data::{Cell, Data, Table};
use crate::error::{DrawError, FigureError};
use crate::figure::{Check, Drawing, Figure, Progress};
use crate::grid::Grid;
use crate::page::Page;
use crate::style::{BLACK, Colour, DOUBLE_COLUMN_MM, Marker, ORANGE, SMALL_SIZE, Stroke, VERMILION};

/// Order stars of explicit and implicit methods.
pub(super) struct OrderStars;

/// Name in the catalogue, name in print, colour.
const METHODS: [(&str, &str, Colour); 8] = [
    ("euler", "Euler, order 1", VERMILION),
    ("kutta3", "3 stages, order 3", VERMILION),
    ("rk4", "4 stages, order 4", VERMILION),
    ("cooper-verner-8", "Cooper–Verner, order 8", VERMILION),
    ("implicit-euler", "implicit Euler, order 1", ORANGE),
    ("gauss6", "Gauss, order 6", ORANGE),
    ("radau-iia-5", "Radau IIA, order 5", ORANGE),
    ("lobatto-iiic-6", "Lobatto IIIC, order 6", ORANGE),
];

const REAL: (f64, f64) = (-7.5, 7.5);
const RESOLUTION: usize = 321;
const COLUMNS: usize = 4;
const PAGE_MM: f64 = 100.0;
const LEFT: f64 = 26.0;
const RIGHT: f64 = 5.0;
const TOP: f64 = 14.0;
const BOTTOM: f64 = 27.0;
const BETWEEN_COLUMNS: f64 = 9.0;
const BETWEEN_ROWS: f64 = 15.0;

struct Star {
    method: Method,
    title: &'static str,
    colour: Colour,
    field: Grid,
    zeros: Vec<Complex64>,
    poles: Vec<Complex64>,
}

impl Figure for OrderStars {
    fn id(&self) -> &'static str {
        "order-stars"
    }

    fn title(&self) -> &'static str {
        "Order stars with the zeros and poles of the stability functions"
    }

    fn source(&self) -> &'static str {
        "after Wanner, Hairer & Nørsett (1978)"
    }

    fn parameters(&self) -> Value {
        json!({ "real": [REAL.0, REAL.1], "resolution": RESOLUTION, "methods": METHODS.map(|method| method.0) })
    }

    fn make(&self, progress: &dyn Progress) -> Result<Drawing, FigureError> {
        let mut page = Page::new(DOUBLE_COLUMN_MM, PAGE_MM);
        let width =
            (page.size().0 - LEFT - RIGHT - BETWEEN_COLUMNS * (COLUMNS as f64 - 1.0)) / COLUMNS as f64;
        let rows = METHODS.len().div_ceil(COLUMNS);
        let height = (page.size().1 - TOP - BOTTOM - BETWEEN_ROWS * (rows as f64 - 1.0)) / rows as f64;
        let place = |i: usize| {
            let (row, column) = ((i / COLUMNS) as f64, (i % COLUMNS) as f64);
            Rect::new(
                LEFT + column * (width + BETWEEN_COLUMNS),
                TOP + row * (height + BETWEEN_ROWS),
                width,
                height,
            )
        };
        let mut stars = Vec::new();
        for (i, (name, title, colour)) in METHODS.into_iter().enumerate() {
            let method = Method::named(name).map_err(FigureError::computation)?;
            let function = method.tableau().stability_function();
            let field = Shown::OrderStar.sample(function, REAL, place(i), RESOLUTION);
            let (zeros, poles) = (zeros(function.numerator()), zeros(function.denominator()));
            stars.push(Star { title, colour, field, zeros, poles, method });
            progress.checkpoint(i as f64 / METHODS.len() as f64)?;
        }
        let mut table = Table::new(["method", "kind", "re", "im"]);
        for (i, star) in stars.iter().enumerate() {
            draw_star(&mut page, star, i, rows, place(i))?;
            for (kind, points) in [("zero", &star.zeros), ("pole", &star.poles)] {
                for z in points {
                    table.push([
                        Cell::from(star.method.name()),
                        Cell::from(kind),
                        Cell::from(z.re),
                        Cell::from(z.im),
                    ]);
                }
            }
        }
        let name = |star: &Star| format!("order_star_{}", star.method.name().replace('-', "_"));
        let fields = stars.iter().map(|star| (name(star), star.field.clone())).collect();
        Ok(Drawing { data: Data { table: Some(table), fields }, checks: checks(&stars), page })
    }
}

fn draw_star(page: &mut Page, star: &Star, index: usize, rows: usize, place: Rect) -> Result<(), DrawError> {
    let below = index / COLUMNS + 1 == rows;
    let left = index.is_multiple_of(COLUMNS);
    let ends = Ends { imaginary: left.then_some(&[-5.0, 0.0, 5.0]), real: below, titled: below };
    let mut panel = complex_plane::open(page, place, &star.field, ends)?;
    Shown::OrderStar.draw(&mut panel, &star.field, star.colour)?;
    let (real, imaginary) = star.field.intervals();
    let inside = |z: &&Complex64| z.re.abs() < real.1 && z.im.abs() < imaginary.1;
    let at = |points: &[Complex64]| points.iter().filter(inside).map(|z| (z.re, z.im)).collect::<Vec<_>>();
    panel.points(at(&star.zeros), &Marker::ring(BLACK).radius(1.6))?;
    for (x, y) in at(&star.poles) {
        // A cross, as poles are drawn.
        let arm = 0.016 * (real.1 - real.0);
        for sign in [-1.0, 1.0] {
            panel.line(
                [(x - arm, y - sign * arm), (x + arm, y + sign * arm)],
                &Stroke::new(BLACK).width(0.8),
            )?;
        }
    }
    let style = TextStyle::new(SMALL_SIZE).anchor(HAlign::Left, VAlign::Baseline);
    panel.label((real.0, imaginary.1), (0.0, -4.0), star.title, &style)
}

fn checks(stars: &[Star]) -> Vec<Check> {
    let mut checks = Vec::new();
    for star in stars {
        let (name, function) = (star.method.name(), star.method.tableau().stability_function());
        // Near 0 an order star of order p has p + 1 fingers, each bounded by two changes.
        let order = f64::from(star.method.tableau().order());
        checks.push(Check::near(
            format!("fingers of {name} at 0"),
            fingers(function) as f64,
            order + 1.0,
            0.0,
        ));
        // The star meets the imaginary axis exactly where |R(iy)| > 1.
        let on_axis =
            (1..=700).map(|k| Shown::OrderStar.value(function, Complex64::new(0.0, f64::from(k) / 100.0)));
        let worst = on_axis.fold(0.0, f64::max);
        if function.is_a_stable() {
            // A-stability: no part of the star on the axis, no pole on the left. A few roundings.
            checks.push(Check::at_most(format!("|R(iy)| of {name}"), worst, 1.0 + 1e-12));
            let leftmost = star.poles.iter().map(|z| z.re).fold(f64::INFINITY, f64::min);
            checks.push(Check::at_least(format!("the leftmost pole of {name}"), leftmost, 0.0));
        } else {
            checks.push(Check::at_least(format!("|R(iy)| of {name}"), worst, 1.0));
        }
        // Every zero lies outside the star, every pole inside.
        let value = |z: &Complex64| Shown::OrderStar.value(function, *z);
        checks.push(Check::at_most(
            format!("the star at the zeros of {name}"),
            star.zeros.iter().map(value).fold(0.0, f64::max),
            1e-6,
        ));
        let poles = star.poles.iter().map(value).fold(f64::INFINITY, f64::min);
        checks.push(Check::at_least(format!("the star at the poles of {name}"), poles, 1e6));
    }
    checks
}

/// Half the number of changes of sign of |R(z)| - |exp(z)| around a small circle about 0.
fn fingers(function: &StabilityFunction) -> usize {
    // As small as rounding lets it be: the difference is C|z|ᵖ⁺¹ with p up to 8.
    let value = |i: usize| {
        let angle = (i as f64 + 0.37) / 720.0 * TAU;
        Shown::OrderStar.value(function, Complex64::from_polar(0.7, angle)) > 1.0
    };
    (0..720).filter(|&i| value(i) != value((i + 1) % 720)).count() / 2
}
