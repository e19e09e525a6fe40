//! Labels on the page: how they are set, where they end up, and what room they take.

use super::geometry::{Point, Rect};
use super::label::{Label, LabelError, typeset};
use super::svg::{Layer, Svg, number, push};
use crate::style::{BLACK, Colour, WHITE};

/// Horizontal place of the anchor in a label.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum HAlign {
    /// At its left end.
    Left,
    /// In the middle of its width.
    Centre,
    /// At its right end.
    Right,
}

/// Vertical place of the anchor in a label.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum VAlign {
    /// On the baseline.
    Baseline,
    /// At half the height of a digit, so that labels of any height stand in line.
    Middle,
    /// At the top of the label.
    Top,
    /// At the bottom of the label.
    Bottom,
}

/// How a label is set.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct TextStyle {
    /// Font size in points.
    pub size: f64,
    /// Colour of the outlines.
    pub colour: Colour,
    /// Horizontal anchor.
    pub horizontal: HAlign,
    /// Vertical anchor.
    pub vertical: VAlign,
    /// Counter-clockwise angle in degrees; the label turns about its anchor.
    pub angle: f64,
    /// Width of a rim in the colour of the paper, which keeps a label legible over lines; 0 for none.
    pub halo: f64,
}

impl TextStyle {
    /// Black, upright, anchored at the left end of the baseline, without a rim.
    pub const fn new(size: f64) -> TextStyle {
        TextStyle {
            size,
            colour: BLACK,
            horizontal: HAlign::Left,
            vertical: VAlign::Baseline,
            angle: 0.0,
            halo: 0.0,
        }
    }

    /// The same in another colour.
    pub const fn colour(self, colour: Colour) -> TextStyle {
        TextStyle { colour, ..self }
    }

    /// The same with another anchor.
    pub const fn anchor(self, horizontal: HAlign, vertical: VAlign) -> TextStyle {
        TextStyle { horizontal, vertical, ..self }
    }

    /// The same, turned counter-clockwise by degrees.
    pub const fn angle(self, angle: f64) -> TextStyle {
        TextStyle { angle, ..self }
    }

    /// The same with a rim of the given width in points.
    pub const fn halo(self, halo: f64) -> TextStyle {
        TextStyle { halo, ..self }
    }
}

/// A label on the page and the room it takes, kept so that a page can be searched for collisions.
#[derive(Clone, Debug)]
pub struct PlacedLabel {
    /// Its source text.
    pub text: String,
    /// The smallest upright rectangle around it.
    pub extent: Rect,
}

impl Svg {
    /// A label at a point, words with `$mathematics$` between dollars.
    ///
    /// # Errors
    /// When the text cannot be typeset, see [`typeset`].
    pub fn text(&mut self, at: Point, text: &str, style: &TextStyle) -> Result<Rect, LabelError> {
        let label = typeset(text)?;
        let scale = style.size / Label::UNITS_PER_EM;
        let (width, height, depth) =
            (label.width * style.size, label.height * style.size, label.depth * style.size);
        let left = match style.horizontal {
            HAlign::Left => 0.0,
            HAlign::Centre => -width / 2.0,
            HAlign::Right => -width,
        };
        let baseline = match style.vertical {
            VAlign::Baseline => 0.0,
            VAlign::Middle => Label::DIGIT_HEIGHT / 2.0 * style.size,
            VAlign::Top => height,
            VAlign::Bottom => -depth,
        };
        let (sin, cos) = (-style.angle.to_radians()).sin_cos();
        let turn = |x: f64, y: f64| (at.0 + x * cos - y * sin, at.1 + x * sin + y * cos);
        let extent = bounding_box([
            turn(left, baseline - height),
            turn(left + width, baseline - height),
            turn(left, baseline + depth),
            turn(left + width, baseline + depth),
        ]);
        if !label.outline.is_empty() {
            let id = self.outline_id(text, &label);
            let origin = turn(left, baseline);
            let rotation =
                if style.angle == 0.0 { String::new() } else { format!(" rotate({})", number(-style.angle)) };
            let place = format!(
                "<use href=\"#t{id}\" transform=\"translate({} {}){rotation} scale({})\"",
                number(origin.0),
                number(origin.1),
                scale
            );
            let layer = &mut self.layers[Layer::Text as usize];
            if style.halo > 0.0 {
                // Drawn as a separate stroke below the label, since not every viewer knows `paint-order`.
                let rim = number(2.0 * style.halo / scale);
                push(
                    layer,
                    format_args!(
                        "{place} fill=\"{WHITE}\" stroke=\"{WHITE}\" stroke-width=\"{rim}\" stroke-linejoin=\"round\"/>\n"
                    ),
                );
            }
            push(layer, format_args!("{place} fill=\"{}\"/>\n", style.colour));
        }
        self.labels.push(PlacedLabel { text: text.to_owned(), extent });
        Ok(extent)
    }
}

/// The smallest upright rectangle around four points.
fn bounding_box(corners: [Point; 4]) -> Rect {
    let (mut low, mut high) = (corners[0], corners[0]);
    for (x, y) in corners {
        low = (low.0.min(x), low.1.min(y));
        high = (high.0.max(x), high.1.max(y));
    }
    Rect::new(low.0, low.1, high.0 - low.0, high.1 - low.1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_turned_label_swaps_its_extents() {
        let mut svg = Svg::new(100.0, 100.0);
        let style = TextStyle::new(8.0).anchor(HAlign::Centre, VAlign::Middle);
        let upright = svg.text((50.0, 50.0), "learning rate", &style).unwrap();
        let turned = svg.text((50.0, 50.0), "learning rate", &style.angle(90.0)).unwrap();
        assert!((upright.width - turned.height).abs() < 1e-9 && (upright.height - turned.width).abs() < 1e-9);
        assert!(upright.width > upright.height);
        assert_eq!(svg.labels().len(), 2);
    }

    #[test]
    fn a_text_used_twice_is_defined_once() {
        let mut svg = Svg::new(100.0, 100.0);
        for x in [10.0, 20.0] {
            svg.text((x, 50.0), "$0.5$", &TextStyle::new(7.0)).unwrap();
        }
        let document = svg.document();
        assert_eq!(document.matches("id=\"t0\"").count(), 1);
        assert_eq!(document.matches("href=\"#t0\"").count(), 2);
    }
}
