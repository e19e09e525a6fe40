//! What tells the curves of a panel apart: labels beside their ends, or a legend in a corner.

use crate::canvas::geometry::Rect;
use crate::canvas::label::typeset;
use crate::canvas::svg::{Layer, Svg};
use crate::canvas::text::{HAlign, TextStyle, VAlign};
use crate::error::DrawError;
use crate::panel::{Panel, draw_marker};
use crate::style::{Colour, Fill, Marker, SMALL_SIZE, Stroke, WHITE};

/// A corner of a panel, for its legend.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Corner {
    /// Top left.
    TopLeft,
    /// Top right.
    TopRight,
    /// Bottom left.
    BottomLeft,
    /// Bottom right.
    BottomRight,
}

/// What stands before a line of a legend.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Key {
    /// A piece of a line.
    Line(Stroke),
    /// A marker.
    Marker(Marker),
    /// A patch of an area.
    Area(Fill),
}

impl Key {
    /// Draws it from a point to the right, so wide.
    pub(crate) fn draw(&self, svg: &mut Svg, (left, y): (f64, f64), width: f64) {
        match self {
            Key::Line(stroke) => svg.polyline(Layer::Frame, &[(left, y), (left + width, y)], stroke),
            Key::Marker(marker) => draw_marker(svg, (left + width / 2.0, y), marker),
            Key::Area(fill) => svg.rectangle(Layer::Frame, Rect::new(left, y - 2.5, width, 5.0), fill),
        }
    }
}

impl Panel<'_> {
    /// Labels of curves beside the points where they end, at one x: each at its own height as far as they leave each
    /// other room, inside the height of the panel. `side` says on which side of x they stand.
    ///
    /// # Errors
    /// [`DrawError::Label`] when one cannot be typeset.
    pub fn curve_labels(
        &mut self,
        x: f64,
        side: HAlign,
        labels: &[(f64, String, Colour)],
    ) -> Result<(), DrawError> {
        let mut labels: Vec<(f64, &str, Colour)> = labels
            .iter()
            .map(|(y, text, colour)| (self.to_page((x, *y)).1, text.as_str(), *colour))
            .collect();
        labels.sort_by(|a, b| a.0.total_cmp(&b.0));
        let mut heights: Vec<f64> = labels.iter().map(|label| label.0).collect();
        spread(&mut heights, 1.25 * SMALL_SIZE, self.place.bottom() - 0.6 * SMALL_SIZE);
        let (align, offset) = if side == HAlign::Right { (HAlign::Left, 4.0) } else { (HAlign::Right, -4.0) };
        let at = self.to_page((x, 1.0)).0 + offset;
        for ((_, text, colour), y) in labels.into_iter().zip(heights) {
            let style = TextStyle::new(SMALL_SIZE).colour(colour).anchor(align, VAlign::Middle);
            self.page.svg.text((at, y), text, &style)?;
        }
        Ok(())
    }

    /// A compact legend in a corner, for curves that leave no room for direct labels.
    ///
    /// # Errors
    /// [`DrawError::Label`] when an entry cannot be typeset.
    pub fn legend(&mut self, corner: Corner, entries: &[(Key, &str)]) -> Result<(), DrawError> {
        let size = SMALL_SIZE + 0.5;
        let (key_width, gap, row, inset) = (15.0, 4.0, size * 1.35, 4.0);
        let mut width: f64 = 0.0;
        for (_, text) in entries {
            width = width.max(typeset(text)?.width * size);
        }
        let (width, height) = (key_width + gap + width, row * entries.len() as f64);
        let left = match corner {
            Corner::TopLeft | Corner::BottomLeft => self.place.x + inset,
            Corner::TopRight | Corner::BottomRight => self.place.right() - inset - width,
        };
        let top = match corner {
            Corner::TopLeft | Corner::TopRight => self.place.y + inset,
            Corner::BottomLeft | Corner::BottomRight => self.place.bottom() - inset - height,
        };
        let svg = &mut self.page.svg;
        let ground = Rect::new(left - 3.0, top - 1.5, width + 6.0, height + 3.0);
        svg.rectangle(Layer::Data, ground, &Fill { colour: WHITE, opacity: 0.92 });
        for (i, (key, text)) in entries.iter().enumerate() {
            let y = top + row * (i as f64 + 0.5);
            key.draw(svg, (left, y), key_width);
            let style = TextStyle::new(size).anchor(HAlign::Left, VAlign::Middle);
            svg.text((left + key_width + gap, y), text, &style)?;
        }
        Ok(())
    }
}

/// Moves ascending heights apart by at least `gap`, downward first and then up again from `bottom`.
fn spread(heights: &mut [f64], gap: f64, bottom: f64) {
    for i in 1..heights.len() {
        heights[i] = heights[i].max(heights[i - 1] + gap);
    }
    let mut limit = bottom;
    for height in heights.iter_mut().rev() {
        *height = height.min(limit);
        limit = *height - gap;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn crowded_labels_move_apart_and_stay_inside() {
        let mut heights = [10.0, 11.0, 40.0, 49.0];
        spread(&mut heights, 5.0, 50.0);
        assert_eq!(heights, [10.0, 15.0, 40.0, 49.0]);
        let mut heights = [47.0, 48.0, 49.0];
        spread(&mut heights, 5.0, 50.0);
        assert_eq!(heights, [40.0, 45.0, 50.0]);
    }
}
