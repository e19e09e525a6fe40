//! The one look of every figure: sizes, colours, strokes, markers.
//!
//! Lengths are in points (1 pt = 1/72 inch) unless a name says millimetres.

use std::fmt;

/// Points in a millimetre.
pub const POINTS_PER_MM: f64 = 72.0 / 25.4;
/// Width of a figure that fills one column of a journal page, in millimetres.
pub const SINGLE_COLUMN_MM: f64 = 84.0;
/// Width of a figure that fills the page, in millimetres.
pub const DOUBLE_COLUMN_MM: f64 = 174.0;

/// Size of titles and direct labels.
pub const LABEL_SIZE: f64 = 8.0;
/// Size of the numbers at ticks.
pub const TICK_SIZE: f64 = 7.0;
/// Size of small remarks inside a panel.
pub const SMALL_SIZE: f64 = 6.5;

/// Width of axes and ticks.
pub const AXIS_WIDTH: f64 = 0.5;
/// Width of a curve that carries the message.
pub const LINE_WIDTH: f64 = 1.1;
/// Width of a helping line: a contour, a guide.
pub const THIN_WIDTH: f64 = 0.5;
/// Length of a labelled tick.
pub const MAJOR_TICK: f64 = 3.0;
/// Length of an unlabelled tick.
pub const MINOR_TICK: f64 = 1.7;
/// Distance from a tick to its number.
pub const TICK_PAD: f64 = 2.0;
/// Distance from the numbers to the title of an axis.
pub const TITLE_PAD: f64 = 3.5;

/// An opaque sRGB colour.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Colour(pub u8, pub u8, pub u8);

impl fmt::Display for Colour {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "#{:02x}{:02x}{:02x}", self.0, self.1, self.2)
    }
}

impl Colour {
    /// The colour a share `t` of the way from `self` to `other`, `t` clamped to `[0, 1]`.
    pub fn mix(self, other: Colour, t: f64) -> Colour {
        let t = t.clamp(0.0, 1.0);
        let channel = |a: u8, b: u8| (f64::from(a) + t * (f64::from(b) - f64::from(a))).round() as u8;
        Colour(channel(self.0, other.0), channel(self.1, other.1), channel(self.2, other.2))
    }

    /// A pastel of this colour, for areas under labels.
    pub fn pale(self) -> Colour {
        self.mix(WHITE, 0.72)
    }
}

/// Black: text and axes.
pub const BLACK: Colour = Colour(0, 0, 0);
/// White: paper.
pub const WHITE: Colour = Colour(255, 255, 255);
/// Guides and remarks.
pub const GREY: Colour = Colour(110, 110, 110);
/// Backgrounds of areas.
pub const LIGHT_GREY: Colour = Colour(205, 205, 205);

// The qualitative palette of Okabe and Ito (2008), distinguishable under the common colour deficiencies. Its yellow is
// left out, because a thin yellow line on white cannot be read, and its orange and sky blue are a little darker than in print.
/// Blue of the qualitative palette.
pub const BLUE: Colour = Colour(0, 114, 178);
/// Vermilion of the qualitative palette.
pub const VERMILION: Colour = Colour(213, 94, 0);
/// Bluish green of the qualitative palette.
pub const GREEN: Colour = Colour(0, 158, 115);
/// Reddish purple of the qualitative palette.
pub const PURPLE: Colour = Colour(196, 102, 154);
/// Orange of the qualitative palette.
pub const ORANGE: Colour = Colour(222, 148, 0);
/// Sky blue of the qualitative palette.
pub const SKY: Colour = Colour(70, 168, 222);
/// The qualitative palette in the order in which curves take its colours.
pub const PALETTE: [Colour; 6] = [BLUE, VERMILION, GREEN, PURPLE, ORANGE, SKY];

/// How a line is broken.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub enum Dash {
    /// Not at all.
    #[default]
    Solid,
    /// Long strokes.
    Dashed,
    /// Round dots.
    Dotted,
    /// Strokes and dots in turn.
    DashDotted,
}

impl Dash {
    /// Lengths of strokes and gaps for a line of the given width; empty for a solid line.
    pub(crate) fn pattern(self, width: f64) -> Vec<f64> {
        let unit = width.max(0.6);
        match self {
            Dash::Solid => Vec::new(),
            Dash::Dashed => vec![4.0 * unit, 2.5 * unit],
            Dash::Dotted => vec![0.01, 2.2 * unit],
            Dash::DashDotted => vec![4.5 * unit, 2.0 * unit, 0.01, 2.0 * unit],
        }
    }
}

/// How a line is drawn.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Stroke {
    /// Colour of the line.
    pub colour: Colour,
    /// Width in points.
    pub width: f64,
    /// Strokes and gaps.
    pub dash: Dash,
    /// 1 is opaque, 0 invisible.
    pub opacity: f64,
}

impl Stroke {
    /// A solid opaque line of the standard width.
    pub const fn new(colour: Colour) -> Stroke {
        Stroke { colour, width: LINE_WIDTH, dash: Dash::Solid, opacity: 1.0 }
    }

    /// A solid opaque helping line.
    pub const fn thin(colour: Colour) -> Stroke {
        Stroke { colour, width: THIN_WIDTH, dash: Dash::Solid, opacity: 1.0 }
    }

    /// The same line in another width, in points.
    pub const fn width(self, width: f64) -> Stroke {
        Stroke { width, ..self }
    }

    /// The same line with gaps.
    pub const fn dash(self, dash: Dash) -> Stroke {
        Stroke { dash, ..self }
    }

    /// The same line, see-through.
    pub const fn opacity(self, opacity: f64) -> Stroke {
        Stroke { opacity, ..self }
    }
}

/// How an area is filled.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Fill {
    /// Colour of the area.
    pub colour: Colour,
    /// 1 is opaque, 0 invisible.
    pub opacity: f64,
}

impl Fill {
    /// An opaque area.
    pub const fn new(colour: Colour) -> Fill {
        Fill { colour, opacity: 1.0 }
    }
}

/// The shape of a marker.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Shape {
    /// Filled circle.
    Disk,
    /// Circle with the paper inside.
    Ring,
    /// Filled square.
    Square,
    /// Filled triangle, standing.
    Triangle,
    /// Filled square on its corner.
    Diamond,
}

/// How a point is marked.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Marker {
    /// Colour of the marker.
    pub colour: Colour,
    /// Half its extent in points.
    pub radius: f64,
    /// Its shape.
    pub shape: Shape,
}

impl Marker {
    /// A filled circle of 1.5 points radius.
    pub const fn disk(colour: Colour) -> Marker {
        Marker { colour, radius: 1.5, shape: Shape::Disk }
    }

    /// An open circle of 1.8 points radius.
    pub const fn ring(colour: Colour) -> Marker {
        Marker { colour, radius: 1.8, shape: Shape::Ring }
    }

    /// The same marker in another size: half the extent, in points.
    pub const fn radius(self, radius: f64) -> Marker {
        Marker { radius, ..self }
    }

    /// The same marker in another shape.
    pub const fn shape(self, shape: Shape) -> Marker {
        Marker { shape, ..self }
    }
}

/// A map from numbers to colours.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ColourMap {
    /// Viridis: perceptually uniform, dark to bright (van der Walt & Smith 2015).
    Viridis,
    /// Cividis: perceptually uniform and the same under colour deficiencies (Nuñez, Anderton & Renslow 2018).
    Cividis,
    /// Shades of blue on white, for backgrounds under curves and labels.
    Blues,
    /// Red to blue through white, for signed quantities whose zero matters.
    RedBlue,
    /// The same from blue to red, where positive is hot.
    BlueRed,
}

impl ColourMap {
    /// The colour at `t`, clamped to `[0, 1]`.
    pub fn at(self, t: f64) -> Colour {
        let gradient = match self {
            ColourMap::Viridis => colorous::VIRIDIS,
            ColourMap::Cividis => colorous::CIVIDIS,
            ColourMap::Blues => colorous::BLUES,
            ColourMap::RedBlue | ColourMap::BlueRed => colorous::RED_BLUE,
        };
        let t = if self == ColourMap::BlueRed { 1.0 - t } else { t };
        let colour = gradient.eval_continuous(t.clamp(0.0, 1.0));
        Colour(colour.r, colour.g, colour.b)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn colours_print_as_hexadecimal_and_mix_at_the_ends() {
        assert_eq!(BLUE.to_string(), "#0072b2");
        assert_eq!(BLUE.mix(WHITE, 0.0), BLUE);
        assert_eq!(BLUE.mix(WHITE, 7.0), WHITE);
    }

    #[test]
    fn signed_maps_mirror_each_other() {
        for i in 0..=16 {
            let t = f64::from(i) / 16.0;
            assert_eq!(ColourMap::BlueRed.at(t), ColourMap::RedBlue.at(1.0 - t));
        }
        assert!(ColourMap::BlueRed.at(1.0).0 > ColourMap::BlueRed.at(1.0).2, "red");
    }

    #[test]
    fn sequential_maps_grow_steadily_brighter() {
        // Rec. 709 luma of the gamma-coded channels follows perceived lightness closely enough to see an inversion.
        let luma = |c: Colour| 0.2126 * f64::from(c.0) + 0.7152 * f64::from(c.1) + 0.0722 * f64::from(c.2);
        for map in [ColourMap::Viridis, ColourMap::Cividis] {
            for i in 1..=64 {
                let (before, after) = (map.at(f64::from(i - 1) / 64.0), map.at(f64::from(i) / 64.0));
                assert!(luma(after) > luma(before), "{map:?} darkens at step {i}");
            }
        }
    }
}
