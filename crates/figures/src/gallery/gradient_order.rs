//! When a Runge–Kutta method on a gradient flow follows a gradient flow itself, and through which power of the step.

use serde_json::{Value, json};
use shadowflow_bseries::{Gradient, Series};
use shadowflow_methods::Method;

use crate::axis::Axis;
use crate::canvas::geometry::{Point, Rect};
use crate::canvas::text::{HAlign, TextStyle, VAlign};
use crate::data::{Data, Table};
use crate::error::{DrawError, FigureError};
use crate::figure::{Check, Drawing, Figure, Progress};
use crate::page::{Margins, Page};
use crate::style::{
    BLACK, BLUE, DOUBLE_COLUMN_MM, GREY, LABEL_SIZE, LIGHT_GREY, Marker, SMALL_SIZE, Shape, Stroke,
    TICK_SIZE, VERMILION,
};

/// b(cherry) - b(tall) over the explicit second-order methods of two stages, and the gradient orders of the catalogue.
pub(super) struct GradientOrder;

/// c₂ runs over the multiples of 1/30 up to 36/30: all nodes with a name are among them.
const DENOMINATOR: i64 = 30;
const LAST: i64 = 36;

/// The methods with a name on the line: numerator of c₂ over [`DENOMINATOR`], name, and how its label stands off.
const NAMED: [(i64, &str, (f64, f64)); 3] =
    [(15, "midpoint", (6.0, 5.0)), (20, "Ralston", (6.0, 5.0)), (30, "Heun", (6.0, 5.0))];

/// The rows of the table, in groups: name in the catalogue and in print.
const ROWS: [&[(&str, &str)]; 3] = [
    &[
        ("euler", "Euler (gradient descent)"),
        ("heun", "Heun, midpoint, Ralston"),
        ("rk2(c2=1/3)", "two stages, $c_2=\\frac{1}{3}$"),
        ("kutta3", "Kutta 3"),
        ("rk4", "classical Runge–Kutta"),
        ("dormand-prince", "Dormand–Prince 5"),
    ],
    &[
        ("implicit-euler", "implicit Euler (proximal point)"),
        ("implicit-midpoint", "implicit midpoint"),
        ("trapezoidal", "trapezoidal rule"),
    ],
    &[
        ("gauss4", "Gauss 4"),
        ("radau-iia-3", "Radau IIA 3"),
        ("radau-iia-5", "Radau IIA 5"),
        ("lobatto-iiia-4", "Lobatto IIIA 4"),
        ("lobatto-iiic-4", "Lobatto IIIC 4"),
    ],
];

/// What the figure shows.
struct Results {
    /// (c₂, b(cherry), b(tall)) along the family.
    family: Vec<(f64, f64, f64)>,
    /// Order and gradient order by row of the table.
    orders: Vec<Vec<(u32, usize)>>,
    /// Gradient orders of midpoint, Ralston and Heun.
    named: Vec<usize>,
}

impl Figure for GradientOrder {
    fn id(&self) -> &'static str {
        "gradient-order"
    }

    fn title(&self) -> &'static str {
        "The one explicit second-order method of two stages that keeps a modified potential, and gradient orders"
    }

    fn source(&self) -> &'static str {
        "this project"
    }

    fn parameters(&self) -> Value {
        json!({
            "c2": { "denominator": DENOMINATOR, "numerators": [1, LAST] },
            "methods": ROWS.concat().iter().map(|row| row.0).collect::<Vec<_>>(),
        })
    }

    fn make(&self, progress: &dyn Progress) -> Result<Drawing, FigureError> {
        let results = compute(progress).map_err(FigureError::computation)?;
        progress.checkpoint(0.8)?;
        let data = Data { table: Some(table(&results)), fields: Vec::new() };
        Ok(Drawing { data, checks: checks(&results), page: page(&results)? })
    }
}

type Computed<T> = Result<T, Box<dyn std::error::Error + Send + Sync>>;

fn compute(progress: &dyn Progress) -> Computed<Results> {
    let mut family = Vec::new();
    for numerator in 1..=LAST {
        let method = family_member(numerator)?;
        let modified = Series::modified(method.tableau(), 3)?;
        let coefficient = |levels: &[u8]| -> Computed<f64> {
            Ok(modified.coefficient(modified.trees().find(levels)?).to_f64())
        };
        let c2 = numerator as f64 / DENOMINATOR as f64;
        family.push((c2, coefficient(&[1, 2, 2])?, coefficient(&[1, 2, 3])?));
        progress.checkpoint(0.5 * numerator as f64 / LAST as f64)?;
    }
    let mut orders = Vec::new();
    for group in ROWS {
        let mut rows = Vec::new();
        for (name, _) in group {
            let method = Method::named(name)?;
            rows.push((method.tableau().order(), gradient_order(&method)?));
        }
        orders.push(rows);
    }
    let named = NAMED
        .iter()
        .map(|&(numerator, ..)| gradient_order(&family_member(numerator)?))
        .collect::<Computed<_>>()?;
    Ok(Results { family, orders, named })
}

fn family_member(numerator: i64) -> Computed<Method> {
    Ok(Method::named(&format!("rk2(c2={numerator}/{DENOMINATOR})"))?)
}

fn gradient_order(method: &Method) -> Computed<usize> {
    let tableau = method.tableau();
    Ok(Gradient::of(tableau, Gradient::telling_order(tableau))?.gradient_order())
}

fn table(results: &Results) -> Table {
    let mut table = Table::new(["kind", "name", "c2", "b_cherry", "b_tall", "order", "gradient_order"]);
    let empty = || "".into();
    for &(c2, cherry, tall) in &results.family {
        table.push(["family".into(), "rk2".into(), c2.into(), cherry.into(), tall.into(), empty(), empty()]);
    }
    for (group, orders) in ROWS.iter().zip(&results.orders) {
        for ((name, _), &(order, gradient)) in group.iter().zip(orders) {
            let (order, gradient) = (f64::from(order).into(), (gradient as f64).into());
            table.push(["method".into(), (*name).into(), empty(), empty(), empty(), order, gradient]);
        }
    }
    table
}

fn checks(results: &Results) -> Vec<Check> {
    let gap = |(_, cherry, tall): &(f64, f64, f64)| cherry - tall;
    let zeros: Vec<f64> =
        results.family.iter().filter(|point| gap(point) == 0.0).map(|point| point.0).collect();
    let deviation =
        results.family.iter().map(|p| (gap(p) - (p.0 / 2.0 - 1.0 / 6.0)).abs()).fold(0.0, f64::max);
    let mut checks = vec![
        Check::near("number of zeros of b(cherry) - b(tall)", zeros.len() as f64, 1.0, 0.0),
        Check::near("c2 at the zero", zeros.first().copied().unwrap_or(f64::NAN), 1.0 / 3.0, 1e-15),
        // Both exact coefficients and the line are rounded once or twice.
        Check::at_most("largest distance from the line c2/2 - 1/6", deviation, 1e-15),
        Check::near("gradient order of gradient descent", results.orders[0][0].1 as f64, 2.0, 0.0),
        Check::near("gradient order at c2 = 1/3", results.orders[0][2].1 as f64, 3.0, 0.0),
    ];
    for (&(_, name, _), &order) in NAMED.iter().zip(&results.named) {
        checks.push(Check::near(format!("gradient order of {name}"), order as f64, 2.0, 0.0));
    }
    for ((name, _), &(order, gradient)) in ROWS.concat().iter().zip(results.orders.iter().flatten()) {
        // Through its order a method has the modified equation of the exact flow, whose potential is V itself.
        checks.push(Check::at_least(format!("gradient order of {name}"), gradient as f64, f64::from(order)));
    }
    checks
}

fn page(results: &Results) -> Result<Page, DrawError> {
    let mut page = Page::new(DOUBLE_COLUMN_MM, 76.0);
    let margins = Margins { right: 236.0, left: 30.0, ..Margins::default() };
    let place = page.grid(1, 1, &margins)[0];
    family_panel(&mut page, place, results)?;
    let (width, _) = page.size();
    orders_table(&mut page, Rect::new(width - 196.0, place.y, 190.0, place.height), results)?;
    Ok(page)
}

fn family_panel(page: &mut Page, place: Rect, results: &Results) -> Result<(), DrawError> {
    let end = LAST as f64 / DENOMINATOR as f64;
    let x = Axis::linear(0.0, end)?.title("node $c_2$ of the second stage");
    let y = Axis::linear(-0.2, 0.5)?;
    let mut panel = page.panel(place, x, y)?;
    panel.heading("a", "Explicit methods of two stages and order 2")?;
    panel.line([(0.0, 0.0), (end, 0.0)], &Stroke::thin(LIGHT_GREY))?;
    panel.line(results.family.iter().map(|&(c2, cherry, tall)| (c2, cherry - tall)), &Stroke::new(BLUE))?;
    let style = TextStyle::new(LABEL_SIZE).anchor(HAlign::Left, VAlign::Middle);
    for (numerator, name, offset) in NAMED {
        let (c2, cherry, tall) = results.family[numerator as usize - 1];
        panel.points([(c2, cherry - tall)], &Marker::disk(BLUE).radius(2.0))?;
        panel.label((c2, cherry - tall), offset, name, &style)?;
    }
    let zero = (1.0 / 3.0, 0.0);
    panel.points([zero], &Marker::disk(VERMILION).radius(2.6).shape(Shape::Diamond))?;
    let text = style.colour(VERMILION);
    panel.label(zero, (5.0, 9.0), "$c_2=\\frac{1}{3}$, $b=(-\\frac{1}{2},\\frac{3}{2})$:", &text)?;
    panel.label(
        zero,
        (5.0, 20.0),
        "$\\widetilde V=V-\\frac{h^2}{12}\\,\\nabla V^{\\mathsf T}\\nabla^2V\\,\\nabla V$",
        &text,
    )?;
    quantity(page, (place.x + 7.0, place.y + 17.0))
}

/// Names the quantity on the vertical axis, with its trees drawn, and says what its zero means.
fn quantity(page: &mut Page, at: Point) -> Result<(), DrawError> {
    let style = TextStyle::new(LABEL_SIZE + 1.0);
    let mut x = at.0;
    for (text, tree) in [("$b($", &[1, 2, 2][..]), ("$)-b($", &[1, 2, 3]), ("$)$", &[])] {
        x = page.text((x, at.1), text, &style)?.right() + 1.0;
        if !tree.is_empty() {
            x += page.tree((x, at.1 + 1.0), tree, 4.4) + 1.0;
        }
    }
    let note = TextStyle::new(SMALL_SIZE).colour(GREY);
    page.text((at.0, at.1 + 13.0), "0 iff the $h^2$ term is a gradient for every $V$", &note)?;
    Ok(())
}

fn orders_table(page: &mut Page, place: Rect, results: &Results) -> Result<(), DrawError> {
    let (left, right) = (place.x, place.right());
    let columns = (right - 58.0, right - 16.0);
    page.text(
        (left, place.y - 5.0),
        "$\\textbf{b}\\enspace$ Orders $p$ and gradient orders $g$",
        &TextStyle::new(LABEL_SIZE),
    )?;
    let head = TextStyle::new(TICK_SIZE);
    let count = ROWS.concat().len() as f64;
    let row = (place.height + 12.0) / (count + 2.4);
    let mut y = place.y + row * 0.9;
    page.rule((left, y - row * 0.85), (right, y - row * 0.85), &Stroke::thin(BLACK).width(0.8));
    page.text((left, y), "method", &head)?;
    for (x, text) in [(columns.0, "$p$"), (columns.1, "$g$")] {
        page.text((x, y), text, &head.anchor(HAlign::Centre, VAlign::Baseline))?;
    }
    y += row * 0.35;
    page.rule((left, y), (right, y), &Stroke::thin(BLACK));
    for (i, (group, orders)) in ROWS.iter().zip(&results.orders).enumerate() {
        if i > 0 {
            y += row * 0.3;
            page.rule((left, y), (right, y), &Stroke::thin(LIGHT_GREY));
        }
        for (&(_, name), &(order, gradient)) in group.iter().zip(orders) {
            y += row;
            let style = TextStyle::new(TICK_SIZE);
            page.text((left, y - row * 0.2), name, &style)?;
            // A gradient order beyond the order is no matter of course.
            let marked = style.colour(if gradient > order as usize { VERMILION } else { BLACK });
            for (x, value, style) in [(columns.0, order as usize, style), (columns.1, gradient, marked)] {
                let style = style.anchor(HAlign::Centre, VAlign::Baseline);
                page.text((x, y - row * 0.2), &format!("${value}$"), &style)?;
            }
        }
    }
    y += row * 0.15;
    page.rule((left, y), (right, y), &Stroke::thin(BLACK).width(0.8));
    Ok(())
}
