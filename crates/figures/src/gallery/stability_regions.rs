//! Where |R(z)| ≤ 1: the catalogue's stability regions, explicit, stabilised and implicit, and three order stars.

use num_complex::Complex64;
use serde_json::{Value, json};
use shadowflow_methods::{Extent, Method};

use crate::axis::Axis;
use crate::canvas::geometry::Rect;
use crate::canvas::text::{HAlign, TextStyle, VAlign};
use crate::data::Data;
use crate::error::{DrawError, FigureError};
use crate::figure::{Check, Drawing, Figure, Progress};
use crate::grid::Grid;
use crate::page::Page;
use crate::style::{
    BLUE, Colour, DOUBLE_COLUMN_MM, Fill, GREEN, GREY, ORANGE, SMALL_SIZE, Stroke, VERMILION,
};

/// A grid of stability regions and order stars.
pub(super) struct StabilityRegions;

/// What a panel shows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Shown {
    /// The set |R(z)| ≤ 1.
    Region,
    /// The set |R(z)| > |exp(z)| (Wanner, Hairer & Nørsett 1978).
    OrderStar,
}

/// One row of panels with a common window.
struct Row {
    heading: &'static str,
    shown: Shown,
    colour: Colour,
    /// Interval of Re z; that of Im z follows from equal units on both axes.
    real: (f64, f64),
    height: f64,
    /// Name in the catalogue, and in print.
    methods: &'static [(&'static str, &'static str)],
}

const ROWS: [Row; 4] = [
    Row {
        heading: "Explicit",
        shown: Shown::Region,
        colour: BLUE,
        real: (-6.0, 1.8),
        height: 92.0,
        methods: &[
            ("euler", "Euler"),
            ("heun", "order 2, 2 stages"),
            ("kutta3", "order 3, 3 stages"),
            ("rk4", "order 4, 4 stages"),
        ],
    },
    Row {
        heading: "Stabilised",
        shown: Shown::Region,
        colour: GREEN,
        real: (-51.0, 3.0),
        height: 84.0,
        methods: &[("rkc(s=5,damping=1/20)", "Chebyshev, 5 stages, damping 0.05")],
    },
    Row {
        heading: "Implicit",
        shown: Shown::Region,
        colour: ORANGE,
        real: (-12.0, 18.0),
        height: 92.0,
        methods: &[
            ("implicit-euler", "Euler"),
            ("implicit-midpoint", "midpoint"),
            ("radau-iia-3", "Radau IIA 3"),
            ("sdirk2", "SDIRK 2"),
        ],
    },
    Row {
        heading: "Order stars",
        shown: Shown::OrderStar,
        colour: VERMILION,
        real: (-6.0, 6.0),
        height: 92.0,
        methods: &[
            ("euler", "Euler"),
            ("rk4", "order 4, 4 stages"),
            ("gauss4", "Gauss 4"),
            ("radau-iia-3", "Radau IIA 3"),
        ],
    },
];

/// Nodes across a panel.
const RESOLUTION: usize = 241;

const LEFT: f64 = 34.0;
const RIGHT: f64 = 6.0;
const GAP: f64 = 26.0;
const PAGE_MM: f64 = 181.0;

/// The quantity whose sublevel or superlevel set 1 is drawn.
fn amplification(method: &Method, shown: Shown, z: Complex64) -> f64 {
    let modulus = method.tableau().stability_function().eval(z).norm();
    match shown {
        Shown::Region => modulus,
        Shown::OrderStar => modulus / z.re.exp(),
    }
}

/// A panel computed: its method and |R| on the grid.
struct Computed {
    row: usize,
    title: &'static str,
    method: Method,
    place: Rect,
    field: Grid,
}

impl Figure for StabilityRegions {
    fn id(&self) -> &'static str {
        "stability-regions"
    }

    fn title(&self) -> &'static str {
        "Stability regions of explicit, stabilised and implicit methods, and order stars"
    }

    fn source(&self) -> &'static str {
        "Hairer & Wanner (1996), chapter IV; order stars after Wanner, Hairer & Nørsett (1978)"
    }

    fn parameters(&self) -> Value {
        let row = |row: &Row| {
            json!({
                "shown": if row.shown == Shown::Region { "|R(z)| <= 1" } else { "|R(z)| > |exp(z)|" },
                "real": [row.real.0, row.real.1],
                "methods": row.methods.iter().map(|method| method.0).collect::<Vec<_>>(),
            })
        };
        json!({ "resolution": RESOLUTION, "rows": ROWS.iter().map(row).collect::<Vec<_>>() })
    }

    fn make(&self, progress: &dyn Progress) -> Result<Drawing, FigureError> {
        let mut page = Page::new(DOUBLE_COLUMN_MM, PAGE_MM);
        let mut panels = Vec::new();
        let mut top = 18.0;
        for (i, row) in ROWS.iter().enumerate() {
            let n = row.methods.len() as f64;
            let width = (page.size().0 - LEFT - RIGHT - GAP * (n - 1.0)) / n;
            for (j, (name, title)) in row.methods.iter().enumerate() {
                let place = Rect::new(LEFT + j as f64 * (width + GAP), top, width, row.height);
                let method = Method::named(name).map_err(FigureError::computation)?;
                let field = sample(&method, row, place);
                panels.push(Computed { row: i, title, method, place, field });
                progress.checkpoint((i as f64 + j as f64 / n) / ROWS.len() as f64)?;
            }
            top += row.height + 36.0;
        }
        for panel in &panels {
            draw_panel(&mut page, panel)?;
        }
        let name = |panel: &Computed| {
            let kind = if ROWS[panel.row].shown == Shown::Region { "modulus" } else { "order_star" };
            format!("{kind}_{}", panel.method.name().replace(|c: char| !c.is_ascii_alphanumeric(), "_"))
        };
        let fields = panels.iter().map(|panel| (name(panel), panel.field.clone())).collect();
        Ok(Drawing { data: Data { table: None, fields }, checks: checks(&panels), page })
    }
}

fn sample(method: &Method, row: &Row, place: Rect) -> Grid {
    let half = (row.real.1 - row.real.0) * place.height / place.width / 2.0;
    let columns = if row.methods.len() == 1 { 4 * RESOLUTION } else { RESOLUTION };
    // An odd number, so that the real axis is a row of nodes.
    let rows = (columns as f64 * place.height / place.width).round() as usize | 1;
    Grid::sample(row.real, (-half, half), columns, rows, |x, y| {
        amplification(method, row.shown, Complex64::new(x, y))
    })
}

fn draw_panel(page: &mut Page, panel: &Computed) -> Result<(), DrawError> {
    let row = &ROWS[panel.row];
    let (real, imaginary) = panel.field.intervals();
    let (mut x, mut y) = (Axis::linear(real.0, real.1)?, Axis::linear(imaginary.0, imaginary.1)?);
    let first = panel.place.x == LEFT;
    if first {
        y = y.title("$\\operatorname{Im}z$");
    }
    if panel.row + 1 == ROWS.len() {
        x = x.title("$\\operatorname{Re}z$");
    }
    let function = panel.method.tableau().stability_function();
    let mut drawn = page.framed_panel(panel.place, x, y)?;
    // A region is a sublevel set of the modulus, an order star a superlevel set.
    let sign = if row.shown == Shown::Region { -1.0 } else { 1.0 };
    // Poles are infinite; a large number keeps interpolation next to them meaningful.
    let field = panel.field.map(|v| sign * v.min(1e9));
    drawn.region(&field, sign, &Fill::new(row.colour.pale()));
    drawn.contour(&field, sign, &Stroke::new(row.colour).width(0.9))?;
    let guide = Stroke::thin(GREY).width(0.4);
    drawn.line([(real.0, 0.0), (real.1, 0.0)], &guide)?;
    drawn.line([(0.0, imaginary.0), (0.0, imaginary.1)], &guide)?;
    for (along, extent) in
        [((1.0, 0.0), function.real_interval()), ((0.0, 1.0), function.imaginary_interval())]
    {
        // On the axes the intervals of stability are known exactly; they are drawn as such.
        if let (Shown::Region, Extent::Bounded(reach)) = (row.shown, extent) {
            let from = if along.1 > 0.0 { reach } else { 0.0 };
            drawn.line(
                [(0.0, from), (-reach * along.0, -reach * along.1)],
                &Stroke::new(row.colour).width(1.8),
            )?;
        }
    }
    let group = if first { format!("$\\textbf{{{}}}\\enspace$ ", row.heading) } else { String::new() };
    drawn.heading("", &format!("{group}{}", panel.title))?;
    let style = TextStyle::new(SMALL_SIZE);
    if first {
        let shaded = if row.shown == Shown::Region { "$|R(z)|\\leq 1$" } else { "$|R(z)|>|e^z|$" };
        let style = style.anchor(HAlign::Left, VAlign::Top);
        drawn.label((real.0, imaginary.1), (4.0, 4.0), shaded, &style)?;
    }
    if let Some(remark) = remark(panel) {
        let style = style.anchor(HAlign::Left, VAlign::Bottom);
        drawn.label((real.0, imaginary.0), (4.0, -4.0), &remark, &style)?;
    }
    Ok(())
}

/// What the stability function says exactly about the region.
fn remark(panel: &Computed) -> Option<String> {
    if ROWS[panel.row].shown == Shown::OrderStar {
        return Some(format!("order {}", panel.method.tableau().order()));
    }
    let function = panel.method.tableau().stability_function();
    match function.real_interval() {
        _ if function.is_l_stable() => Some("L-stable".to_owned()),
        _ if function.is_a_stable() => Some("A-stable".to_owned()),
        Extent::Bounded(x) => {
            let digits = format!("{x:.3}");
            Some(format!("$[-{},\\,0]$", digits.trim_end_matches('0').trim_end_matches('.')))
        }
        Extent::Unbounded => None,
    }
}

fn checks(panels: &[Computed]) -> Vec<Check> {
    let mut checks = Vec::new();
    for panel in panels {
        let name = panel.method.name();
        let function = panel.method.tableau().stability_function();
        match ROWS[panel.row].shown {
            Shown::Region => {
                if let Extent::Bounded(expected) = function.real_interval() {
                    // The drawn boundary nearest to the exact end, on a grid whose cells are a fiftieth of a unit or more.
                    let measured = boundary_on_real_axis(&panel.field);
                    let (real, _) = panel.field.intervals();
                    let cell = (real.1 - real.0) / (panel.field.shape().0 - 1) as f64;
                    checks.push(Check::near(
                        format!("real interval of {name} as drawn"),
                        measured,
                        expected,
                        cell,
                    ));
                }
                if function.is_a_stable() {
                    let worst = largest_on_the_left(&panel.field);
                    // |R| of a rational function of degree 2 in doubles: a few roundings.
                    checks.push(Check::at_most(
                        format!("largest |R| of {name} in the left half-plane"),
                        worst,
                        1.0 + 1e-12,
                    ));
                }
            }
            Shown::OrderStar => {
                // Near 0 an order star of order p has p + 1 fingers, each bounded by two changes.
                let order = f64::from(panel.method.tableau().order());
                let fingers = fingers(&panel.method);
                checks.push(Check::near(
                    format!("fingers of the order star of {name}"),
                    fingers as f64,
                    order + 1.0,
                    0.0,
                ));
            }
        }
    }
    let known = [("euler", 2.0), ("rk4", 2.785_293_563_405_282)];
    for (name, value) in known {
        let found = panels.iter().find(|panel| panel.method.name() == name && panel.row == 0);
        if let Some(Extent::Bounded(x)) =
            found.map(|p| p.method.tableau().stability_function().real_interval())
        {
            // Hairer & Wanner 1996, §IV.2, to the digits of a double.
            checks.push(Check::near(format!("real interval of {name}"), x, value, 1e-15));
        }
    }
    checks
}

/// Minus the leftmost crossing of 1 along the row of the real axis, walking left from 0.
fn boundary_on_real_axis(field: &Grid) -> f64 {
    let (columns, rows) = field.shape();
    let row = rows / 2;
    let inside = |column: usize| field.value(column, row) <= 1.0;
    let start = (0..columns).rev().find(|&column| field.x(column as f64) < 0.0 && inside(column));
    start
        .and_then(|start| (0..start).rev().find(|&column| !inside(column)))
        .map_or(f64::NAN, |column| -field.x(column as f64 + 0.5))
}

fn largest_on_the_left(field: &Grid) -> f64 {
    let (columns, rows) = field.shape();
    let left = (0..columns).filter(|&column| field.x(column as f64) <= 0.0);
    left.flat_map(|column| (0..rows).map(move |row| field.value(column, row))).fold(0.0, f64::max)
}

/// Half the number of sign changes of |R(z)| - |exp(z)| around a small circle about 0.
fn fingers(method: &Method) -> usize {
    let inside = |i: usize| {
        // An odd number of points per finger keeps the zeros, which are near multiples of π/(p+1), off the samples.
        let angle = (i as f64 + 0.37) / 720.0 * std::f64::consts::TAU;
        amplification(method, Shown::OrderStar, Complex64::from_polar(0.3, angle)) > 1.0
    };
    (0..720).filter(|&i| inside(i) != inside((i + 1) % 720)).count() / 2
}
