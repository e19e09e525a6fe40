//! The page of a landscape: two maps and the distances.

use super::{Ending, Landscape, Traces};
use crate::axis::Axis;
use crate::canvas::geometry::{Point, Rect};
use crate::canvas::label::typeset;
use crate::canvas::text::{HAlign, TextStyle, VAlign};
use crate::error::DrawError;
use crate::grid::Grid;
use crate::legend::{Corner, Key};
use crate::page::{Margins, Page};
use crate::panel::Panel;
use crate::style::{
    BLACK, BLUE, Colour, ColourMap, DOUBLE_COLUMN_MM, Fill, GREEN, GREY, LABEL_SIZE, LIGHT_GREY, Marker,
    POINTS_PER_MM, SMALL_SIZE, Shape, Stroke, TICK_SIZE, VERMILION, WHITE,
};

const DESCENT: Marker = Marker::ring(BLACK).radius(1.6);
/// Where rings would hide each other and the flow.
const DENSE_DESCENT: Marker = Marker::disk(BLACK).radius(0.7);
/// Most steps whose iterates are drawn as rings and whose distances are dotted.
const FEW: usize = 100;
/// Height over width of a map, between which units are equal on both axes.
const ASPECTS: (f64, f64) = (0.6, 1.8);
/// The smallest size of a formula that has a line of its own.
const LEAST_SIZE: f64 = 5.0;

/// One of the two maps.
struct Map<'a> {
    letter: &'a str,
    heading: String,
    surface: &'a Grid,
    path: &'a [Point],
    colour: Colour,
    name: &'a str,
    notes: Vec<String>,
}

pub(super) fn page(landscape: &Landscape<'_>, traces: &Traces) -> Result<Page, DrawError> {
    let [x, y] = landscape.window;
    // Numbers of usual width have room; longer ones at y get more, and the last one at t keeps inside the page.
    let spare = (widest_number(&Axis::linear(y.0, y.1)?)? - 18.0).max(0.0);
    let mut margins = Margins { between_columns: 40.0, right: 14.0, ..Margins::default() };
    margins.left += spare;
    margins.between_columns += spare;
    let blank = Page::new(DOUBLE_COLUMN_MM, 1.0);
    let width = blank.grid(1, 3, &margins)[0].width;
    // A formula too long for its heading has a line of its own, smaller where it must be, and none beyond that.
    let formula = format!("$f={}$", landscape.formula);
    let ems = typeset(&formula)?.width;
    let fits = (ems + 1.5) * LABEL_SIZE < width;
    let size = LABEL_SIZE.min((blank.size().0 - margins.left - margins.right) / ems);
    let on_top = !fits && size >= LEAST_SIZE;
    margins.top += if on_top { 13.0 } else { 0.0 };
    // Units are equal on both axes where the window allows, so that flows cross level lines at right angles.
    let aspect = ((y.1 - y.0) / (x.1 - x.0)).clamp(ASPECTS.0, ASPECTS.1);
    let height = margins.top + margins.bottom + width * aspect;
    let mut page = Page::new(DOUBLE_COLUMN_MM, height / POINTS_PER_MM);
    let places = page.grid(1, 3, &margins);
    if on_top {
        page.text((margins.left, 10.0), &formula, &TextStyle::new(size))?;
    }
    let map = Map {
        letter: "a",
        heading: if fits { formula } else { "objective $f$".to_owned() },
        surface: &traces.f,
        path: &traces.flow.points,
        colour: BLUE,
        name: "flow of $-\\nabla f$",
        notes: descent_notes(landscape, traces).into_iter().chain(flow_note(traces.flow.ends)).collect(),
    };
    draw_map(&mut page, places[0], landscape, traces, &map)?;
    let map = Map {
        letter: "b",
        heading: format!("$\\widetilde f=f+\\frac{{h}}{{4}}|\\nabla f|^2$, $h={}$", tex_number(landscape.h)),
        surface: &traces.modified,
        path: &traces.modified_flow.points,
        colour: VERMILION,
        name: "flow of $-\\nabla\\widetilde f$",
        notes: flow_note(traces.modified_flow.ends).into_iter().collect(),
    };
    draw_map(&mut page, places[1], landscape, traces, &map)?;
    distance_panel(&mut page, places[2], landscape, traces)?;
    Ok(page)
}

/// The width in points of the widest number at an upright axis of usual height.
fn widest_number(axis: &Axis) -> Result<f64, DrawError> {
    let mut widest: f64 = 0.0;
    for text in axis.ticks(150.0, 19.0).into_iter().filter_map(|tick| tick.label) {
        widest = widest.max(typeset(&text)?.width * TICK_SIZE);
    }
    Ok(widest)
}

fn descent_notes(landscape: &Landscape<'_>, traces: &Traces) -> Option<String> {
    if let Ending::NotFinite { step } = traces.ending {
        return Some(format!("step {step} leaves the finite numbers"));
    }
    let [x, y] = landscape.window;
    let is_outside = |p: &&Point| !((x.0..=x.1).contains(&p.0) && (y.0..=y.1).contains(&p.1));
    let outside = traces.descent.iter().filter(is_outside).count();
    (outside > 0).then(|| format!("{outside} of {} iterates lie outside", traces.descent.len()))
}

fn flow_note(ends: Option<f64>) -> Option<String> {
    ends.map(|t| format!("the flow ends at $t={}$", tex_number((t * 1e4).round() / 1e4)))
}

fn draw_map(
    page: &mut Page,
    place: Rect,
    landscape: &Landscape<'_>,
    traces: &Traces,
    map: &Map<'_>,
) -> Result<(), DrawError> {
    let axis = |i: usize| {
        let (low, high) = landscape.window[i];
        Ok::<_, DrawError>(Axis::linear(low, high)?.title(format!("${}$", landscape.axes[i])))
    };
    let mut panel = page.framed_panel(place, axis(0)?, axis(1)?)?;
    panel.heading(map.letter, &map.heading)?;
    let missing = map.surface.map(|value| if value.is_nan() { 1.0 } else { 0.0 });
    panel.region(&missing, 0.5, &Fill::new(LIGHT_GREY.mix(WHITE, 0.4)));
    for (&level, i) in traces.levels.iter().zip(1..) {
        let shade = ColourMap::Viridis.at(0.95 - f64::from(i) / 14.0);
        panel.contour(map.surface, level, &Stroke::thin(shade.mix(WHITE, 0.35)).width(0.6))?;
    }
    if let Some(highlight) = &landscape.highlight {
        panel.line(highlight.points.iter().copied(), &Stroke::new(GREEN).width(1.0))?;
        let style = TextStyle::new(SMALL_SIZE).colour(GREEN).anchor(HAlign::Left, VAlign::Bottom).halo(1.0);
        panel.label(highlight.at, (2.0, -2.0), &highlight.label, &style)?;
    }
    let stroke = Stroke::new(map.colour).width(1.4);
    panel.line(map.path.iter().copied(), &stroke)?;
    let marker = if landscape.steps <= FEW { DESCENT } else { DENSE_DESCENT };
    panel.points(traces.descent.iter().copied(), &marker)?;
    let start = (landscape.start[0], landscape.start[1]);
    panel.points([start], &Marker::disk(BLACK).radius(2.2).shape(Shape::Square))?;

    let occupied: Vec<Point> = map.path.iter().chain(&traces.descent).copied().collect();
    let corner = free_corner(&panel, &occupied, (95.0, 34.0));
    panel.legend(corner, &[(Key::Marker(marker), "gradient descent"), (Key::Line(stroke), map.name)])?;
    notes(&mut panel, corner, &map.notes)
}

/// Remarks at the end of the panel that the legend leaves free.
fn notes(panel: &mut Panel<'_>, legend: Corner, notes: &[String]) -> Result<(), DrawError> {
    let style = TextStyle::new(SMALL_SIZE).colour(GREY).anchor(HAlign::Left, VAlign::Baseline).halo(1.5);
    let row = 1.4 * SMALL_SIZE / panel.place().height;
    let is_high = matches!(legend, Corner::BottomLeft | Corner::BottomRight);
    for (note, i) in notes.iter().zip(0..) {
        let offset = row * (f64::from(i) + if is_high { 0.9 } else { 0.5 });
        panel.remark((0.03, if is_high { 1.0 - offset } else { offset }), note, &style)?;
    }
    Ok(())
}

/// The corner in which a legend of this width and height would cover the fewest points.
fn free_corner(panel: &Panel<'_>, points: &[Point], room: (f64, f64)) -> Corner {
    let place = panel.place();
    let covered = |corner: &Corner| {
        let (right, low) = match corner {
            Corner::TopLeft => (false, false),
            Corner::TopRight => (true, false),
            Corner::BottomLeft => (false, true),
            Corner::BottomRight => (true, true),
        };
        let is_covered = |&point: &Point| {
            let (x, y) = panel.to_page(point);
            let across = if right { place.right() - x } else { x - place.x };
            let down = if low { place.bottom() - y } else { y - place.y };
            (-2.0..room.0).contains(&across) && (-2.0..room.1).contains(&down)
        };
        points.iter().filter(|point| is_covered(point)).count()
    };
    let corners = [Corner::TopLeft, Corner::TopRight, Corner::BottomLeft, Corner::BottomRight];
    corners.into_iter().min_by_key(covered).unwrap_or(Corner::TopLeft)
}

fn distance_panel(
    page: &mut Page,
    place: Rect,
    landscape: &Landscape<'_>,
    traces: &Traces,
) -> Result<(), DrawError> {
    let curve = |flow: &[Point]| -> Vec<Point> {
        landscape.distances(traces, flow).filter(|p| p.1 > 0.0 && p.1.is_finite()).collect()
    };
    let curves = [
        (curve(&traces.flow.points), BLUE, "from the flow of $-\\nabla f$"),
        (curve(&traces.modified_flow.points), VERMILION, "from the flow of $-\\nabla\\widetilde f$"),
    ];
    let sizes = || curves.iter().flat_map(|curve| &curve.0).map(|point| point.1);
    let largest = sizes().fold(0.0, f64::max);
    // An orbit that runs away is shown as far as a hundred windows, and sixteen decades show all that doubles can.
    let [x, y] = landscape.window;
    let farthest = 100.0 * (x.1 - x.0).hypot(y.1 - y.0);
    let high = if largest > 0.0 { 10f64.powf(largest.min(farthest).log10().ceil()) } else { 1.0 };
    let smallest = sizes().fold(high, f64::min).max(1e-16 * high);
    // A quarter of a decade is left for the label below the lower curve.
    let low = 10f64.powf((smallest.log10() - 0.25).floor());
    // As far as anything was compared.
    let last = curves.iter().flat_map(|curve| curve.0.last()).map(|point| point.0).fold(0.0, f64::max);
    let end = if last > 0.0 { last } else { landscape.h * landscape.steps as f64 };
    let x = Axis::linear(0.0, end)?.title("$t=kh$");
    let y = Axis::log(low, high.max(10.0 * low))?.title("distance at equal times");
    let mut panel = page.panel(place, x, y)?;
    panel.heading("c", "How far from either flow")?;
    let few = landscape.steps <= FEW;
    for (curve, colour, _) in &curves {
        let stroke = if few { Stroke::thin(*colour) } else { Stroke::new(*colour) };
        panel.line(curve.iter().copied(), &stroke)?;
        if few {
            panel.points(curve.iter().copied(), &Marker::disk(*colour).radius(1.3))?;
        }
    }
    name_curves(&mut panel, &curves)
}

/// Labels below the ends of the curves where they cover nothing, and a legend otherwise.
fn name_curves(panel: &mut Panel<'_>, curves: &[(Vec<Point>, Colour, &str)]) -> Result<(), DrawError> {
    const BELOW: f64 = 6.0;
    let place = panel.place();
    let points: Vec<Point> = curves.iter().flat_map(|curve| &curve.0).copied().collect();
    let on_page: Vec<Point> = points.iter().map(|&point| panel.to_page(point)).collect();
    let mut rooms: Vec<Rect> = Vec::new();
    for (curve, _, text) in curves {
        let Some(&end) = curve.last() else { break };
        let (width, top) = (typeset(text)?.width * LABEL_SIZE, panel.to_page(end).1 + BELOW);
        rooms.push(Rect::new(place.right() - width, top, width, 1.2 * LABEL_SIZE));
    }
    let is_clear = |room: &Rect| {
        let inside = |p: &Point| p.0 > room.x - 3.0 && p.1 > room.y - 1.0 && p.1 < room.bottom() + 1.0;
        place.contains(room, 0.0) && !on_page.iter().any(inside)
    };
    let apart = rooms.windows(2).all(|pair| (pair[0].y - pair[1].y).abs() > 1.4 * LABEL_SIZE);
    if rooms.len() == curves.len() && apart && rooms.iter().all(is_clear) {
        for ((_, colour, text), room) in curves.iter().zip(&rooms) {
            let style = TextStyle::new(LABEL_SIZE).colour(*colour).anchor(HAlign::Right, VAlign::Top);
            let share = (place.bottom() - room.y) / place.height;
            panel.remark((1.0, share), text, &style)?;
        }
        return Ok(());
    }
    if points.is_empty() {
        let style = TextStyle::new(SMALL_SIZE).colour(GREY).anchor(HAlign::Centre, VAlign::Middle);
        return panel.remark((0.5, 0.5), "no distance at any step", &style);
    }
    let corner = free_corner(panel, &points, (108.0, 30.0));
    let keys: Vec<(Key, &str)> =
        curves.iter().map(|(_, colour, text)| (Key::Line(Stroke::new(*colour)), *text)).collect();
    panel.legend(corner, &keys)
}

/// A number as TeX, without dollars.
fn tex_number(value: f64) -> String {
    if value == 0.0 || (1e-4..1e5).contains(&value.abs()) {
        return format!("{value}");
    }
    let text = format!("{value:e}");
    match text.split_once('e') {
        Some((digits, power)) => format!("{digits}\\times10^{{{power}}}"),
        None => text,
    }
}

#[cfg(test)]
mod tests {
    use super::tex_number;

    #[test]
    fn numbers_are_printed_as_one_writes_them() {
        assert_eq!(tex_number(0.1), "0.1");
        assert_eq!(tex_number(2.5e-7), "2.5\\times10^{-7}");
        assert_eq!(tex_number(1e9), "1\\times10^{9}");
    }
}
