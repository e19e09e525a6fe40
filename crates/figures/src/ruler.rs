//! An axis drawn: line, ticks outside, numbers, title.

use crate::axis::{Axis, Scale};
use crate::canvas::geometry::Rect;
use crate::canvas::label::{Label, typeset};
use crate::canvas::svg::{Layer, Svg};
use crate::canvas::text::{HAlign, TextStyle, VAlign};
use crate::error::DrawError;
use crate::style::{
    AXIS_WIDTH, BLACK, LABEL_SIZE, MAJOR_TICK, MINOR_TICK, Stroke, TICK_PAD, TICK_SIZE, TITLE_PAD,
};

/// The edge of a plotting box along which an axis runs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Side {
    Bottom,
    Left,
    Right,
}

/// Draws an axis with ticks outside, numbers and title along an edge of a plotting box.
pub(crate) fn draw_axis(svg: &mut Svg, place: Rect, axis: &Axis, side: Side) -> Result<(), DrawError> {
    let stroke = Stroke::thin(BLACK).width(AXIS_WIDTH);
    let (length, room) = match side {
        Side::Bottom => (place.width, if axis.scale() == Scale::Log { 22.0 } else { 26.0 }),
        Side::Left | Side::Right => (place.height, if axis.scale() == Scale::Log { 15.0 } else { 19.0 }),
    };
    let outward = if side == Side::Left { -1.0 } else { 1.0 };
    let edge = match side {
        Side::Bottom => place.bottom(),
        Side::Left => place.x,
        Side::Right => place.right(),
    };
    // A point at a position along the axis, `distance` points outside it.
    let at = |position: f64, distance: f64| match side {
        Side::Bottom => (place.x + position * place.width, edge + distance),
        Side::Left | Side::Right => (edge + outward * distance, place.bottom() - position * place.height),
    };
    // Half a line width longer at both ends, so that axes meet in full corners.
    let spare = AXIS_WIDTH / 2.0 / length;
    svg.polyline(Layer::Frame, &[at(-spare, 0.0), at(1.0 + spare, 0.0)], &stroke);

    let ticks = axis.ticks(length, room);
    // All numbers below an axis share one baseline, set by the tallest; beside an axis they end at one vertical.
    let mut tallest: f64 = 0.0;
    for text in ticks.iter().filter_map(|tick| tick.label.as_deref()) {
        tallest = tallest.max(typeset(text)?.height * TICK_SIZE);
    }
    let mut extent = 0.0f64;
    for tick in &ticks {
        let position = axis.position(tick.value);
        let reach = if tick.label.is_some() { MAJOR_TICK } else { MINOR_TICK };
        svg.polyline(Layer::Frame, &[at(position, 0.0), at(position, reach)], &stroke);
        let Some(text) = tick.label.as_deref().filter(|text| !text.is_empty()) else { continue };
        let (anchor, distance) = match side {
            Side::Bottom => ((HAlign::Centre, VAlign::Baseline), MAJOR_TICK + TICK_PAD + tallest),
            Side::Left => ((HAlign::Right, VAlign::Middle), MAJOR_TICK + TICK_PAD),
            Side::Right => ((HAlign::Left, VAlign::Middle), MAJOR_TICK + TICK_PAD),
        };
        let label =
            svg.text(at(position, distance), text, &TextStyle::new(TICK_SIZE).anchor(anchor.0, anchor.1))?;
        extent = extent.max(match side {
            Side::Bottom => label.bottom() - edge,
            Side::Left => edge - label.x,
            Side::Right => label.right() - edge,
        });
    }
    let Some(title) = axis.title_text() else { return Ok(()) };
    let beyond = extent.max(MAJOR_TICK) + TITLE_PAD;
    let style = TextStyle::new(LABEL_SIZE);
    match side {
        Side::Bottom => {
            // Titles of neighbouring panels stand on one baseline whatever they contain.
            let baseline = Label::DIGIT_HEIGHT * LABEL_SIZE + beyond;
            svg.text(at(0.5, baseline), title, &style.anchor(HAlign::Centre, VAlign::Baseline))?
        }
        Side::Left => {
            let depth = typeset(title)?.depth * LABEL_SIZE;
            let style = style.anchor(HAlign::Centre, VAlign::Baseline).angle(90.0);
            svg.text(at(0.5, beyond + depth.min(2.0)), title, &style)?
        }
        Side::Right => {
            svg.text(at(0.5, beyond), title, &style.anchor(HAlign::Centre, VAlign::Top).angle(90.0))?
        }
    };
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_below_an_axis_stand_on_one_baseline() {
        let mut svg = Svg::new(200.0, 100.0);
        let axis = Axis::log(1e-4, 1.0).unwrap().title("$h$");
        draw_axis(&mut svg, Rect::new(30.0, 10.0, 150.0, 60.0), &axis, Side::Bottom).unwrap();
        let numbers = svg.labels().iter().filter(|l| l.text.starts_with("$10"));
        let bottoms: Vec<f64> = numbers.map(|l| l.extent.bottom()).collect();
        assert!(bottoms.len() > 3 && bottoms.windows(2).all(|w| (w[0] - w[1]).abs() < 1e-9), "{bottoms:?}");
    }
}
