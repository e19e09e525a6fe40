//! When a Runge–Kutta method on a gradient flow follows a gradient flow itself, and through which power of the step.

mod catalogue;

use serde_json::{Value, json};
use shadowflow_bseries::Series;
use shadowflow_methods::Method;

use self::catalogue::{EXAMINED, Row};
use crate::axis::Axis;
use crate::canvas::geometry::{Point, Rect};
use crate::canvas::text::{HAlign, TextStyle, VAlign};
use crate::data::{Data, Table};
use crate::error::{DrawError, FigureError};
use crate::figure::{Check, Drawing, Figure, Progress};
use crate::page::{Margins, Page};
use crate::style::{
    BLUE, DOUBLE_COLUMN_MM, GREY, LABEL_SIZE, LIGHT_GREY, Marker, POINTS_PER_MM, SMALL_SIZE, Shape, Stroke,
    VERMILION,
};

/// b(cherry) - b(tall) over the explicit second-order methods of two stages, and the gradient orders of the catalogue.
pub(super) struct GradientOrder;

/// c₂ runs over the multiples of 1/30 up to 36/30: all nodes with a name are among them.
const DENOMINATOR: i64 = 30;
const LAST: i64 = 36;

/// The methods with a name on the line: numerator of c₂ over [`DENOMINATOR`], name, and how its label stands off.
const NAMED: [(i64, &str, (f64, f64)); 3] =
    [(15, "midpoint", (6.0, 5.0)), (20, "Ralston", (6.0, 5.0)), (30, "Heun", (6.0, 5.0))];

/// What the figure shows.
struct Results {
    /// (c₂, b(cherry), b(tall)) along the family.
    family: Vec<(f64, f64, f64)>,
    rows: Vec<Row>,
    /// Methods of the catalogue that are known to a number of digits only.
    left_out: Vec<String>,
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
            "order": EXAMINED,
            "methods": catalogue::methods().iter().map(Method::name).collect::<Vec<_>>(),
        })
    }

    fn make(&self, progress: &dyn Progress) -> Result<Drawing, FigureError> {
        let results = compute(progress).map_err(FigureError::computation)?;
        progress.checkpoint(0.9)?;
        let data = Data { table: Some(table(&results)), fields: Vec::new() };
        Ok(Drawing { data, checks: checks(&results), page: page(&results)? })
    }
}

type Computed<T> = Result<T, Box<dyn std::error::Error + Send + Sync>>;

fn compute(progress: &dyn Progress) -> Computed<Results> {
    let mut family = Vec::new();
    for numerator in 1..=LAST {
        let method = Method::named(&format!("rk2(c2={numerator}/{DENOMINATOR})"))?;
        let modified = Series::modified(method.tableau(), 3)?;
        let coefficient = |levels: &[u8]| -> Computed<f64> {
            Ok(modified.coefficient(modified.trees().find(levels)?).to_f64())
        };
        let c2 = numerator as f64 / DENOMINATOR as f64;
        family.push((c2, coefficient(&[1, 2, 2])?, coefficient(&[1, 2, 3])?));
    }
    progress.checkpoint(0.1)?;
    let (exact, approximate): (Vec<Method>, Vec<Method>) =
        catalogue::methods().into_iter().partition(|method| method.tableau().digits().is_none());
    let mut rows = Vec::new();
    for (done, method) in exact.iter().enumerate() {
        rows.push(Row::of(method)?);
        progress.checkpoint(0.1 + 0.8 * done as f64 / exact.len() as f64)?;
    }
    let left_out = approximate.iter().map(|method| method.name().to_owned()).collect();
    Ok(Results { family, rows, left_out })
}

fn table(results: &Results) -> Table {
    let mut table = Table::new([
        "kind",
        "name",
        "c2",
        "b_cherry",
        "b_tall",
        "order",
        "gradient_order",
        "varying_1",
        "varying_2",
        "varying_3",
        "varying_4",
        "varying_5",
        "varying_6",
        "varying_7",
        "varying_8",
    ]);
    for &(c2, cherry, tall) in &results.family {
        table.push(["family".into(), "rk2".into(), c2.into(), cherry.into(), tall.into()]);
    }
    for row in &results.rows {
        let empty = || "".into();
        let (order, gradient) = (f64::from(row.accuracy).into(), (row.gradient as f64).into());
        let [n1, n2, n3, n4, n5, n6, n7, n8] = row.nonconstant.map(|count| (count as f64).into());
        table.push([
            row.kind.name().into(),
            row.name.as_str().into(),
            empty(),
            empty(),
            empty(),
            order,
            gradient,
            n1,
            n2,
            n3,
            n4,
            n5,
            n6,
            n7,
            n8,
        ]);
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
    ];
    for (name, order) in
        [("euler", 2.0), ("midpoint", 2.0), ("ralston", 2.0), ("heun", 2.0), ("rk2(c2=1/3)", 3.0)]
    {
        let found =
            results.rows.iter().find(|row| row.name == name).map_or(f64::NAN, |row| row.gradient as f64);
        checks.push(Check::near(format!("gradient order of {name}"), found, order, 0.0));
    }
    // Through its order a method has the modified equation of the exact flow, whose potential is V itself.
    let below = results.rows.iter().filter(|row| row.gradient < row.expected()).count();
    checks.push(Check::near("methods whose gradient order is less than their order", below as f64, 0.0, 0.0));
    let (sought, others): (Vec<&Row>, Vec<&Row>) = results.rows.iter().partition(|row| row.sought);
    let gain = |rows: &[&Row]| rows.iter().filter(|row| row.gradient > row.expected()).count() as f64;
    let all = sought.len() as f64;
    checks.push(Check::near(
        "methods sought for a higher gradient order that have one",
        gain(&sought),
        all,
        0.0,
    ));
    checks.push(Check::near("other methods that have one", gain(&others), 0.0, 0.0));
    checks.push(Check::at_least("methods in the table", results.rows.len() as f64, 40.0));
    checks
}

/// Height of the upper panels, in millimetres.
const UPPER_MM: f64 = 62.0;

fn page(results: &Results) -> Result<Page, DrawError> {
    let upper = UPPER_MM * POINTS_PER_MM;
    let notes = catalogue::notes(results.rows.len(), &results.left_out);
    let lower = catalogue::height(&results.rows, notes.len());
    let mut page = Page::new(DOUBLE_COLUMN_MM, (upper + lower) / POINTS_PER_MM);
    let (width, _) = page.size();
    let margins = Margins { right: 216.0, left: 30.0, bottom: lower + 29.0, ..Margins::default() };
    let place = page.grid(1, 1, &margins)[0];
    family_panel(&mut page, place, results)?;
    catalogue::key(&mut page, Rect::new(width - 196.0, place.y, 190.0, place.height), &results.rows)?;
    catalogue::draw(&mut page, Rect::new(6.0, upper, width - 12.0, lower), &results.rows, &notes)?;
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
