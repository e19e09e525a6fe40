//! Where |R(z)| ≤ 1: a page of the catalogue, explicit methods and pairs, stabilised ones, implicit ones.

use num_complex::Complex64;
use serde_json::{Value, json};
use shadowflow_methods::{Extent, Method, StabilityFunction};

use super::complex_plane::{self, Ends, Shown};
use crate::canvas::geometry::Rect;
use crate::canvas::text::{HAlign, TextStyle, VAlign};
use crate::data::Data;
use crate::error::{DrawError, FigureError};
use crate::figure::{Check, Drawing, Figure, Progress};
use crate::grid::Grid;
use crate::page::Page;
use crate::style::{
    BLUE, Colour, DOUBLE_COLUMN_MM, GREEN, LABEL_SIZE, ORANGE, PURPLE, SMALL_SIZE, Stroke, VERMILION,
};

/// A page of stability regions.
pub(super) struct StabilityRegions;

/// Rows of panels with a common window.
struct Group {
    heading: &'static str,
    colour: Colour,
    /// Interval of Re z; that of Im z follows from equal units on both axes.
    real: (f64, f64),
    columns: usize,
    height: f64,
    /// Numbers on the imaginary axis.
    imaginary: &'static [f64],
    /// Name in the catalogue, and in print.
    methods: &'static [(&'static str, &'static str)],
}

const GROUPS: [Group; 5] = [
    Group {
        heading: "Explicit, as many stages as orders; dashed, here and below: the embedded method",
        colour: BLUE,
        real: (-6.4, 3.8),
        columns: 4,
        height: 66.0,
        imaginary: &[-2.0, 0.0, 2.0],
        methods: &[
            ("euler", "Euler"),
            ("heun", "order 2, 2 stages"),
            ("kutta3", "order 3, 3 stages"),
            ("rk4", "order 4, 4 stages"),
        ],
    },
    Group {
        heading: "Explicit of higher order",
        colour: PURPLE,
        real: (-9.8, 5.6),
        columns: 4,
        height: 69.0,
        imaginary: &[-4.0, 0.0, 4.0],
        methods: &[
            ("fehlberg", "Fehlberg 4(5)"),
            ("cash-karp", "Cash–Karp 5(4)"),
            ("dormand-prince", "Dormand–Prince 5(4)"),
            ("tsitouras", "Tsitouras 5(4)"),
            ("lawson5", "Lawson, order 5"),
            ("verner6", "Verner 6(5)"),
            ("cooper-verner-8", "Cooper–Verner, order 8"),
            ("prince-dormand-8", "Prince–Dormand 8(7)"),
        ],
    },
    Group {
        heading: "Strong stability preserving",
        colour: VERMILION,
        real: (-21.0, 9.5),
        columns: 4,
        height: 62.0,
        imaginary: &[-5.0, 0.0, 5.0],
        methods: &[
            ("ssp33", "3 stages, order 3"),
            ("ssp43", "4 stages, order 3"),
            ("ssp54", "5 stages, order 4"),
            ("ssp104", "10 stages, order 4"),
        ],
    },
    Group {
        heading: "Stabilised, 7 stages",
        colour: GREEN,
        real: (-112.0, 14.0),
        columns: 3,
        height: 23.0,
        imaginary: &[0.0],
        methods: &[
            ("rkc(s=7,damping=1/20)", "Chebyshev 1, damped"),
            ("rkl1(s=7)", "Legendre 1"),
            ("rkg1(s=7)", "Gegenbauer 1"),
            ("rkc2(s=7)", "Chebyshev 2"),
            ("rkl2(s=7)", "Legendre 2"),
            ("rkg2(s=7)", "Gegenbauer 2"),
        ],
    },
    Group {
        heading: "Implicit",
        colour: ORANGE,
        real: (-14.0, 16.0),
        columns: 4,
        height: 66.0,
        imaginary: &[-5.0, 0.0, 5.0],
        methods: &[
            ("implicit-euler", "Euler"),
            ("implicit-midpoint", "midpoint, and all Gauss"),
            ("sdirk2", "SDIRK 2"),
            ("crouzeix3", "Crouzeix 3"),
            ("radau-iia-3", "Radau IIA 3"),
            ("radau-iia-5", "Radau IIA 5"),
            ("lobatto-iiic-4", "Lobatto IIIC 4"),
            ("radau-i-5", "Radau I 5"),
        ],
    },
];

/// Nodes across a panel.
const RESOLUTION: usize = 281;

const LEFT: f64 = 26.0;
const RIGHT: f64 = 5.0;
const GAP: f64 = 9.0;
/// Above the first panels of a group: its heading, and that of the panel.
const HEAD: f64 = 25.0;
/// Between rows of a group, and below it.
const BELOW: f64 = 13.0;
const FOOT: f64 = 16.0;
const PAGE_MM: f64 = 247.0;

/// A panel computed.
struct Computed {
    group: usize,
    index: usize,
    title: &'static str,
    method: Method,
    place: Rect,
    field: Grid,
    embedded: Option<Grid>,
}

impl Group {
    fn rows(&self) -> usize {
        self.methods.len().div_ceil(self.columns)
    }
}

impl Figure for StabilityRegions {
    fn id(&self) -> &'static str {
        "stability-regions"
    }

    fn title(&self) -> &'static str {
        "Stability regions of explicit methods and pairs, of stabilised and of implicit methods"
    }

    fn source(&self) -> &'static str {
        "after Hairer & Wanner (1996), chapter IV"
    }

    fn parameters(&self) -> Value {
        let group = |group: &Group| {
            json!({
                "real": [group.real.0, group.real.1],
                "methods": group.methods.iter().map(|method| method.0).collect::<Vec<_>>(),
            })
        };
        json!({ "resolution": RESOLUTION, "groups": GROUPS.iter().map(group).collect::<Vec<_>>() })
    }

    fn make(&self, progress: &dyn Progress) -> Result<Drawing, FigureError> {
        let mut page = Page::new(DOUBLE_COLUMN_MM, PAGE_MM);
        let mut panels = Vec::new();
        let mut top = 2.0;
        for (g, group) in GROUPS.iter().enumerate() {
            let heading = format!("$\\textbf{{{}}}$", group.heading);
            page.text((LEFT, top + 9.0), &heading, &TextStyle::new(LABEL_SIZE))?;
            let n = group.columns as f64;
            let width = (page.size().0 - LEFT - RIGHT - GAP * (n - 1.0)) / n;
            for (index, (name, title)) in group.methods.iter().enumerate() {
                let (row, column) = ((index / group.columns) as f64, (index % group.columns) as f64);
                let corner = (LEFT + column * (width + GAP), top + HEAD + row * (group.height + BELOW));
                let place = Rect::new(corner.0, corner.1, width, group.height);
                let method = Method::named(name).map_err(FigureError::computation)?;
                let sample = |function: &StabilityFunction| {
                    Shown::Region.sample(function, group.real, place, RESOLUTION)
                };
                let field = sample(method.tableau().stability_function());
                let embedded =
                    method.tableau().embedded_tableau().map(|embedded| sample(embedded.stability_function()));
                panels.push(Computed { group: g, index, title, method, place, field, embedded });
                progress.checkpoint(
                    (g as f64 + index as f64 / group.methods.len() as f64) / GROUPS.len() as f64,
                )?;
            }
            top += HEAD + group.rows() as f64 * (group.height + BELOW) - BELOW + FOOT;
        }
        for panel in &panels {
            draw_panel(&mut page, panel)?;
        }
        let name = |panel: &Computed| {
            format!("modulus_{}", panel.method.name().replace(|c: char| !c.is_ascii_alphanumeric(), "_"))
        };
        let fields = panels.iter().map(|panel| (name(panel), panel.field.clone())).collect();
        Ok(Drawing { data: Data { table: None, fields }, checks: checks(&panels), page })
    }
}

fn draw_panel(page: &mut Page, panel: &Computed) -> Result<(), DrawError> {
    let group = &GROUPS[panel.group];
    let below = panel.index / group.columns + 1 == group.rows();
    let ends = Ends {
        imaginary: panel.index.is_multiple_of(group.columns).then_some(group.imaginary),
        real: below,
        titled: below && panel.group + 1 == GROUPS.len(),
    };
    let function = panel.method.tableau().stability_function();
    let (real, imaginary) = panel.field.intervals();
    let mut drawn = complex_plane::open(page, panel.place, &panel.field, ends)?;
    Shown::Region.draw(&mut drawn, &panel.field, group.colour)?;
    if let Some(embedded) = &panel.embedded {
        Shown::Region.outline(&mut drawn, embedded, group.colour)?;
    }
    // On the axes the intervals of stability are known exactly; they are drawn as such.
    let strong = Stroke::new(group.colour).width(1.5);
    if let Extent::Bounded(reach) = function.real_interval() {
        drawn.line([(-reach, 0.0), (0.0, 0.0)], &strong)?;
    }
    if let Extent::Bounded(reach) = function.imaginary_interval() {
        drawn.line([(0.0, -reach), (0.0, reach)], &strong)?;
    }
    let style = TextStyle::new(SMALL_SIZE);
    drawn.label(
        (real.0, imaginary.1),
        (0.0, -4.0),
        panel.title,
        &style.anchor(HAlign::Left, VAlign::Baseline),
    )?;
    if let Some(remark) = remark(function) {
        let style = style.anchor(HAlign::Right, VAlign::Baseline);
        drawn.label((real.1, imaginary.1), (0.0, -4.0), &remark, &style)?;
    }
    if (panel.group, panel.index) == (0, 0) {
        let style = style.anchor(HAlign::Left, VAlign::Top);
        drawn.label((real.0, imaginary.1), (4.0, 4.0), "$|R(z)|\\leq 1$", &style)?;
    }
    Ok(())
}

/// What the stability function says exactly about the region.
fn remark(function: &StabilityFunction) -> Option<String> {
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
        let (real, _) = panel.field.intervals();
        if let Extent::Bounded(expected) = function.real_interval() {
            let cell = (real.1 - real.0) / (panel.field.shape().0 - 1) as f64;
            let measured = boundary_on_real_axis(&panel.field);
            checks.push(Check::near(format!("real interval of {name} as drawn"), measured, expected, cell));
        }
        if function.is_a_stable() {
            let worst = largest_on_the_left(&panel.field);
            // |R| of a rational function of low degree in doubles: a few roundings.
            checks.push(Check::at_most(
                format!("largest |R| of {name} in the left half-plane"),
                worst,
                1.0 + 1e-12,
            ));
        }
    }
    let known = [("euler", 2.0), ("kutta3", 2.512_745_326_618_329), ("rk4", 2.785_293_563_405_282)];
    for (name, value) in known {
        let found = panels.iter().find(|panel| panel.method.name() == name);
        let real = found.map(|panel| panel.method.tableau().stability_function().real_interval());
        if let Some(Extent::Bounded(x)) = real {
            // Hairer & Wanner 1996, §IV.2, to the digits of a double.
            checks.push(Check::near(format!("real interval of {name}"), x, value, 1e-15));
        }
    }
    // Nowhere on the left is |R| of Gauss and of the midpoint rule above 1, nowhere on the right below.
    let midpoint = |x: f64| {
        let gauss = Method::named("gauss4").ok().map(|m| m.tableau().stability_function().clone());
        gauss.map_or(f64::NAN, |r| r.eval(Complex64::new(x, 1.3)).norm())
    };
    checks.push(Check::at_least("|R| of Gauss 4 just right of the imaginary axis", midpoint(1e-6), 1.0));
    checks.push(Check::at_most("|R| of Gauss 4 just left of the imaginary axis", midpoint(-1e-6), 1.0));
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
