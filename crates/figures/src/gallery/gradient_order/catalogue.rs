//! The gradient orders of the whole catalogue on one page: a line a method, three columns of them.

use shadowflow_bseries::Gradient;
use shadowflow_methods::{Kind, Method};

use super::Computed;
use crate::canvas::geometry::Rect;
use crate::canvas::text::{HAlign, TextStyle, VAlign};
use crate::error::DrawError;
use crate::page::Page;
use crate::style::{
    BLACK, BLUE, Colour, Fill, GREY, LABEL_SIZE, SMALL_SIZE, Stroke, TICK_SIZE, VERMILION, WHITE,
};

/// Free trees are examined up to this many vertices.
pub(super) const EXAMINED: usize = 8;
/// The least order at which a class can fail to be constant: smaller free trees have one rooting.
const FIRST: usize = 3;
/// Members of families that join the catalogue because they gain a power of h.
const MEMBERS: &[&str] = &["rk2(c2=1/3)", "gradient3(c2=1/6)"];
/// The author of methods that were sought for their gradient order.
const THIS_PROJECT: &str = "shadowflow";

/// A method in the table.
pub(super) struct Row {
    pub(super) name: String,
    pub(super) kind: Kind,
    pub(super) accuracy: u32,
    /// Whether it is here for its gradient order.
    pub(super) sought: bool,
    /// The gradient order, or [`EXAMINED`] if it is at least that.
    pub(super) gradient: usize,
    /// Free trees with 1, 2, … vertices on which b is not constant, and all free trees.
    pub(super) nonconstant: [usize; EXAMINED],
    free_trees: [usize; EXAMINED],
}

/// The methods of the table.
pub(super) fn methods() -> Vec<Method> {
    let members = MEMBERS.iter().filter_map(|name| Method::named(name).ok());
    let mut methods: Vec<Method> = Method::all().into_iter().chain(members).collect();
    let order = |method: &Method| method.tableau().order();
    methods.sort_by(|x, y| order(x).cmp(&order(y)).then_with(|| x.name().cmp(y.name())));
    methods
}

impl Row {
    pub(super) fn of(method: &Method) -> Computed<Row> {
        let gradient = Gradient::of(method.tableau(), EXAMINED)?;
        Ok(Row {
            name: method.name().to_owned(),
            kind: method.tableau().kind(),
            accuracy: method.tableau().order(),
            sought: MEMBERS.contains(&method.name())
                || method.citation().is_some_and(|citation| citation.authors == THIS_PROJECT),
            gradient: gradient.gradient_order(),
            nonconstant: std::array::from_fn(|i| {
                gradient.classes(i + 1).iter().filter(|class| !class.is_constant()).count()
            }),
            free_trees: std::array::from_fn(|i| gradient.classes(i + 1).len()),
        })
    }

    /// The gradient order that the accuracy alone brings.
    pub(super) fn expected(&self) -> usize {
        (self.accuracy as usize).clamp(2, EXAMINED)
    }
}

const COLUMNS: usize = 3;
const GAP: f64 = 12.0;
const LINE: f64 = 7.9;
/// Room of the heading of a column.
const HEAD: f64 = 13.0;
/// Width of the cell of an order.
const CELL: f64 = 10.4;
const NOTE_LINE: f64 = 8.5;

/// What is printed in a line of a column.
enum Item<'a> {
    Group(&'static str),
    Method(&'a Row),
}

fn items(rows: &[Row]) -> Vec<Item<'_>> {
    let mut items = Vec::new();
    for (kind, title) in [
        (Kind::Explicit, "explicit"),
        (Kind::DiagonallyImplicit, "diagonally implicit"),
        (Kind::Implicit, "fully implicit"),
    ] {
        items.push(Item::Group(title));
        items.extend(rows.iter().filter(|row| row.kind == kind).map(Item::Method));
    }
    items
}

fn lines(rows: &[Row]) -> usize {
    items(rows).len().div_ceil(COLUMNS)
}

/// The height of the table with its notes, in points.
pub(super) fn height(rows: &[Row], notes: usize) -> f64 {
    HEAD + lines(rows) as f64 * LINE + notes as f64 * NOTE_LINE + 12.0
}

/// What is said below the table, line by line.
pub(super) fn notes(methods: usize, left_out: &[String]) -> Vec<String> {
    if left_out.is_empty() {
        return vec![format!("{methods} methods, all with exact coefficients.")];
    }
    /// Characters in a line.
    const WIDTH: usize = 180;
    let text = format!(
        "{methods} methods with exact coefficients. Known to a number of digits only, and left out: {}.",
        left_out.join(", ")
    );
    let mut lines: Vec<String> = vec![String::new()];
    for word in text.split(' ') {
        let last = lines.last_mut().expect("there is a line from the start");
        if last.is_empty() {
            last.push_str(word);
        } else if last.chars().count() + 1 + word.chars().count() <= WIDTH {
            last.push(' ');
            last.push_str(word);
        } else {
            lines.push(word.to_owned());
        }
    }
    lines
}

/// The heading of the table, and how it is read.
pub(super) fn key(page: &mut Page, place: Rect, rows: &[Row]) -> Result<(), DrawError> {
    page.text(
        (place.x, place.y - 5.0),
        "$\\textbf{b}\\enspace$ The catalogue: accuracy $p$ and gradient order $g$",
        &TextStyle::new(LABEL_SIZE),
    )?;
    let style = TextStyle::new(TICK_SIZE);
    let text = [
        "For $\\dot x=-\\nabla V$ the modified equation has a potential",
        "through $h^{g-1}$, for every $V$: its coefficient $b$ is",
        "constant on every free tree of at most $g$ vertices.",
        "",
        "The cell of $n$ counts the free trees with $n$ vertices",
        "on which $b$ varies; its shade is their share of all:",
    ];
    let mut y = place.y + 14.0;
    for line in text {
        if !line.is_empty() {
            page.text((place.x, y), line, &style)?;
        }
        y += if line.is_empty() { 5.0 } else { 10.5 };
    }
    let count: [usize; EXAMINED] = [1, 1, 1, 2, 3, 6, 11, 23];
    y += 5.0;
    let centred = style.anchor(HAlign::Centre, VAlign::Baseline);
    page.text((place.x, y), "vertices $n$", &style)?;
    page.text((place.x, y + 11.0), "free trees", &style)?;
    for n in FIRST..=EXAMINED {
        let x = place.x + 62.0 + (n - FIRST) as f64 * 15.0;
        page.text((x, y), &format!("${n}$"), &centred)?;
        page.text((x, y + 11.0), &format!("${}$", count[n - 1]), &centred)?;
    }
    y += 26.0;
    let steps = 5;
    page.text((place.x, y), "share", &style)?;
    for k in 0..=steps {
        let share = f64::from(k) / f64::from(steps);
        let x = place.x + 62.0 + f64::from(k) * 15.0;
        page.block(Rect::new(x - 7.5, y - 7.0, 15.0, 9.0), &Fill::new(shade(share)));
        let ink = centred.colour(if share > 0.7 { WHITE } else { BLACK });
        page.text((x, y), &format!("${share}$"), &ink)?;
    }
    y += 18.0;
    let others = rows.iter().filter(|row| !row.sought).count();
    page.text(
        (place.x, y),
        &format!("$g=\\max(p,2)$ for {others} exact methods of the literature;"),
        &style,
    )?;
    let sought = "in colour, methods sought for a higher $g$";
    page.text((place.x, y + 10.5), sought, &style.colour(VERMILION))?;
    Ok(())
}

fn shade(share: f64) -> Colour {
    WHITE.mix(BLUE, if share == 0.0 { 0.0 } else { 0.12 + 0.78 * share })
}

/// The table in columns, and its notes.
pub(super) fn draw(page: &mut Page, place: Rect, rows: &[Row], notes: &[String]) -> Result<(), DrawError> {
    let items = items(rows);
    let per_column = lines(rows);
    let width = (place.width - GAP * (COLUMNS as f64 - 1.0)) / COLUMNS as f64;
    for (k, items) in items.chunks(per_column).enumerate() {
        let left = place.x + k as f64 * (width + GAP);
        column(page, Rect::new(left, place.y, width, place.height), items)?;
    }
    let mut y = place.y + HEAD + per_column as f64 * LINE + NOTE_LINE + 2.0;
    for note in notes {
        page.text((place.x, y), note, &TextStyle::new(SMALL_SIZE - 0.5).colour(GREY))?;
        y += NOTE_LINE;
    }
    Ok(())
}

fn column(page: &mut Page, place: Rect, items: &[Item]) -> Result<(), DrawError> {
    let cell = |n: usize| place.right() - CELL * (EXAMINED - n) as f64 - CELL / 2.0;
    let (accuracy, gradient) = (cell(FIRST) - 29.0, cell(FIRST) - 15.0);
    let small = TextStyle::new(SMALL_SIZE);
    let centred = small.anchor(HAlign::Centre, VAlign::Baseline);
    let rule = |page: &mut Page, y: f64, stroke: &Stroke| page.rule((place.x, y), (place.right(), y), stroke);
    rule(page, place.y, &Stroke::thin(BLACK).width(0.8));
    page.text((place.x, place.y + 8.2), "method", &small)?;
    page.text((accuracy, place.y + 8.2), "$p$", &centred)?;
    page.text((gradient, place.y + 8.2), "$g$", &centred)?;
    for n in FIRST..=EXAMINED {
        page.text((cell(n), place.y + 8.2), &format!("${n}$"), &centred.colour(GREY))?;
    }
    rule(page, place.y + 11.0, &Stroke::thin(BLACK));
    let mut y = place.y + HEAD;
    for item in items {
        let baseline = y + LINE - 2.2;
        match item {
            Item::Group(title) => {
                page.text((place.x, baseline), &format!("$\\textit{{{title}}}$"), &small.colour(GREY))?;
            }
            Item::Method(row) => {
                let ink = if row.gradient > row.expected() { VERMILION } else { BLACK };
                page.text((place.x, baseline), &row.name, &small.colour(ink))?;
                page.text((accuracy, baseline), &format!("${}$", row.accuracy), &centred.colour(ink))?;
                let order = match row.gradient {
                    EXAMINED => format!("$\\geq\\!{EXAMINED}$"),
                    g => format!("${g}$"),
                };
                page.text((gradient, baseline), &order, &centred.colour(ink))?;
                for n in FIRST..=EXAMINED {
                    let (found, all) = (row.nonconstant[n - 1], row.free_trees[n - 1]);
                    if found > 0 {
                        let share = found as f64 / all as f64;
                        page.block(Rect::new(cell(n) - CELL / 2.0, y, CELL, LINE), &Fill::new(shade(share)));
                        let ink = if share > 0.7 { WHITE } else { BLACK };
                        let style = TextStyle::new(SMALL_SIZE - 0.8).anchor(HAlign::Centre, VAlign::Baseline);
                        page.text((cell(n), baseline - 0.3), &format!("${found}$"), &style.colour(ink))?;
                    }
                }
            }
        }
        y += LINE;
    }
    rule(page, y + 1.0, &Stroke::thin(BLACK).width(0.8));
    Ok(())
}
