//! A small SVG document writer. Coordinates are points with the origin at the top left.

use std::collections::HashMap;
use std::fmt::Write;
use std::sync::Arc;

use super::label::{Label, LabelError, typeset};
use super::raster::Image;
use crate::style::{BLACK, Colour, Fill, Stroke, WHITE};

/// A point on the page.
pub type Point = (f64, f64);

/// A rectangle on the page.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Rect {
    /// Left edge.
    pub x: f64,
    /// Top edge.
    pub y: f64,
    /// Width.
    pub width: f64,
    /// Height.
    pub height: f64,
}

impl Rect {
    /// The rectangle with these edges.
    pub fn new(x: f64, y: f64, width: f64, height: f64) -> Rect {
        Rect { x, y, width, height }
    }

    /// Right edge.
    pub fn right(&self) -> f64 {
        self.x + self.width
    }

    /// Bottom edge.
    pub fn bottom(&self) -> f64 {
        self.y + self.height
    }

    /// The point half way between all edges.
    pub fn centre(&self) -> Point {
        (self.x + self.width / 2.0, self.y + self.height / 2.0)
    }

    /// Whether `other` lies inside, up to `slack` points.
    pub(crate) fn contains(&self, other: &Rect, slack: f64) -> bool {
        other.x >= self.x - slack
            && other.y >= self.y - slack
            && other.right() <= self.right() + slack
            && other.bottom() <= self.bottom() + slack
    }

    /// Whether the two share more than `slack` points in both directions.
    pub(crate) fn overlaps(&self, other: &Rect, slack: f64) -> bool {
        self.right().min(other.right()) - self.x.max(other.x) > slack
            && self.bottom().min(other.bottom()) - self.y.max(other.y) > slack
    }
}

/// What lies above what: frames hide data, text hides both.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Layer {
    /// Curves, areas, rasters.
    Data,
    /// Axes, ticks, rules.
    Frame,
    /// Labels.
    Text,
}

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

/// A document under construction.
pub struct Svg {
    width: f64,
    height: f64,
    layers: [String; 3],
    definitions: String,
    outlines: HashMap<String, usize>,
    clips: usize,
    labels: Vec<PlacedLabel>,
}

impl Svg {
    /// An empty document of the given size in points.
    pub fn new(width: f64, height: f64) -> Svg {
        Svg {
            width,
            height,
            layers: Default::default(),
            definitions: String::new(),
            outlines: HashMap::new(),
            clips: 0,
            labels: Vec::new(),
        }
    }

    /// Width and height in points.
    pub fn size(&self) -> (f64, f64) {
        (self.width, self.height)
    }

    /// The labels placed so far.
    pub fn labels(&self) -> &[PlacedLabel] {
        &self.labels
    }

    /// Starts a group whose contents are visible inside `rect` only; [`Svg::end_clip`] ends it.
    pub fn begin_clip(&mut self, layer: Layer, rect: Rect) {
        let id = self.clips;
        self.clips += 1;
        let (x, y, w, h) = (number(rect.x), number(rect.y), number(rect.width), number(rect.height));
        push(
            &mut self.definitions,
            format_args!(
                "<clipPath id=\"c{id}\"><rect x=\"{x}\" y=\"{y}\" width=\"{w}\" height=\"{h}\"/></clipPath>\n"
            ),
        );
        push(&mut self.layers[layer as usize], format_args!("<g clip-path=\"url(#c{id})\">\n"));
    }

    /// Ends the group started by the latest [`Svg::begin_clip`] on this layer.
    pub fn end_clip(&mut self, layer: Layer) {
        self.layers[layer as usize].push_str("</g>\n");
    }

    /// A line through points; nothing for fewer than two.
    pub fn polyline(&mut self, layer: Layer, points: &[Point], stroke: &Stroke) {
        if points.len() < 2 {
            return;
        }
        let (first, last) = (points[0], points[points.len() - 1]);
        let closed = points.len() > 3 && first == last;
        let path = path_data(&points[..points.len() - usize::from(closed)], closed);
        let attributes = stroke_attributes(stroke);
        push(
            &mut self.layers[layer as usize],
            format_args!("<path d=\"{path}\" fill=\"none\"{attributes}/>\n"),
        );
    }

    /// An area bounded by closed curves; a point is inside when an odd number of them surround it.
    pub fn area(&mut self, layer: Layer, rings: &[Vec<Point>], fill: &Fill, stroke: Option<&Stroke>) {
        let path: String =
            rings.iter().filter(|ring| ring.len() > 2).map(|ring| path_data(ring, true)).collect();
        if path.is_empty() {
            return;
        }
        let attributes = fill_attributes(fill) + &stroke.map(stroke_attributes).unwrap_or_default();
        push(
            &mut self.layers[layer as usize],
            format_args!("<path d=\"{path}\" fill-rule=\"evenodd\"{attributes}/>\n"),
        );
    }

    /// A circle, filled, stroked or both.
    pub fn circle(
        &mut self,
        layer: Layer,
        centre: Point,
        radius: f64,
        fill: Option<&Fill>,
        stroke: Option<&Stroke>,
    ) {
        let paint = fill.map_or_else(|| " fill=\"none\"".to_owned(), fill_attributes)
            + &stroke.map(stroke_attributes).unwrap_or_default();
        let (x, y, r) = (number(centre.0), number(centre.1), number(radius));
        push(
            &mut self.layers[layer as usize],
            format_args!("<circle cx=\"{x}\" cy=\"{y}\" r=\"{r}\"{paint}/>\n"),
        );
    }

    /// A filled rectangle.
    pub fn rectangle(&mut self, layer: Layer, rect: Rect, fill: &Fill) {
        let (x, y, w, h) = (number(rect.x), number(rect.y), number(rect.width), number(rect.height));
        let paint = fill_attributes(fill);
        push(
            &mut self.layers[layer as usize],
            format_args!("<rect x=\"{x}\" y=\"{y}\" width=\"{w}\" height=\"{h}\"{paint}/>\n"),
        );
    }

    /// An embedded picture stretched over `rect`, its pixels left sharp.
    pub fn image(&mut self, layer: Layer, rect: Rect, image: &Image) {
        let (x, y, w, h) = (number(rect.x), number(rect.y), number(rect.width), number(rect.height));
        let data = image.data_url();
        push(
            &mut self.layers[layer as usize],
            format_args!(
                "<image x=\"{x}\" y=\"{y}\" width=\"{w}\" height=\"{h}\" preserveAspectRatio=\"none\" \
                 image-rendering=\"optimizeSpeed\" href=\"{data}\"/>\n"
            ),
        );
    }

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

    /// The number under which the outline of a text stands among the definitions.
    fn outline_id(&mut self, text: &str, label: &Arc<Label>) -> usize {
        if let Some(&id) = self.outlines.get(text) {
            return id;
        }
        let id = self.outlines.len();
        push(&mut self.definitions, format_args!("<path id=\"t{id}\" d=\"{}\"/>\n", label.outline));
        self.outlines.insert(text.to_owned(), id);
        id
    }

    /// The whole document.
    pub fn document(&self) -> String {
        let (w, h) = (number(self.width), number(self.height));
        let [data, frame, text] = &self.layers;
        let definitions = &self.definitions;
        format!(
            "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{w}pt\" height=\"{h}pt\" viewBox=\"0 0 {w} {h}\">\n\
             <defs>\n{definitions}</defs>\n\
             <rect width=\"{w}\" height=\"{h}\" fill=\"{WHITE}\"/>\n\
             {data}{frame}{text}</svg>\n"
        )
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

fn push(out: &mut String, text: std::fmt::Arguments<'_>) {
    out.write_fmt(text).expect("writing to a String does not fail");
}

/// A coordinate with at most three decimals: a thousandth of a point is below what any printer resolves.
fn number(value: f64) -> String {
    let rounded = (value * 1000.0).round() / 1000.0;
    // Adding zero turns -0 into 0.
    format!("{}", rounded + 0.0)
}

fn path_data(points: &[Point], closed: bool) -> String {
    let mut path = String::with_capacity(14 * points.len());
    let mut previous = None;
    for &(x, y) in points {
        let here = (number(x), number(y));
        if previous.as_ref() == Some(&here) {
            continue;
        }
        push(&mut path, format_args!("{}{} {}", if previous.is_none() { 'M' } else { 'L' }, here.0, here.1));
        previous = Some(here);
    }
    if closed {
        path.push('Z');
    }
    path
}

fn fill_attributes(fill: &Fill) -> String {
    let opacity = if fill.opacity < 1.0 {
        format!(" fill-opacity=\"{}\"", number(fill.opacity))
    } else {
        String::new()
    };
    format!(" fill=\"{}\"{opacity}", fill.colour)
}

fn stroke_attributes(stroke: &Stroke) -> String {
    let mut out = format!(" stroke=\"{}\" stroke-width=\"{}\"", stroke.colour, number(stroke.width));
    if stroke.opacity < 1.0 {
        push(&mut out, format_args!(" stroke-opacity=\"{}\"", number(stroke.opacity)));
    }
    out.push_str(" stroke-linejoin=\"round\"");
    let pattern = stroke.dash.pattern(stroke.width);
    if !pattern.is_empty() {
        let lengths: Vec<String> = pattern.into_iter().map(number).collect();
        push(&mut out, format_args!(" stroke-dasharray=\"{}\" stroke-linecap=\"round\"", lengths.join(" ")));
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::style::{BLUE, Dash, Marker};

    fn sample() -> Svg {
        let mut svg = Svg::new(100.0, 50.0);
        svg.begin_clip(Layer::Data, Rect::new(0.0, 0.0, 60.0, 50.0));
        svg.polyline(Layer::Data, &[(1.0, 2.0), (30.12345, -0.0001)], &Stroke::new(BLUE).dash(Dash::Dotted));
        svg.end_clip(Layer::Data);
        svg.circle(Layer::Data, (5.0, 5.0), Marker::disk(BLUE).radius, Some(&Fill::new(BLUE)), None);
        svg.area(
            Layer::Data,
            &[vec![(0.0, 0.0), (9.0, 0.0), (9.0, 9.0)]],
            &Fill { opacity: 0.5, ..Fill::new(BLUE) },
            None,
        );
        svg.text((50.0, 40.0), "step $h^2$", &TextStyle::new(8.0).angle(90.0).halo(1.0))
            .expect("the label is well formed");
        svg
    }

    #[test]
    fn the_same_calls_give_the_same_bytes_and_a_document_that_parses() {
        let document = sample().document();
        assert_eq!(document, sample().document());
        let options = resvg::usvg::Options { dpi: 72.0, ..Default::default() };
        let tree = resvg::usvg::Tree::from_str(&document, &options).unwrap();
        assert_eq!((tree.size().width(), tree.size().height()), (100.0, 50.0));
    }

    #[test]
    fn coordinates_have_three_decimals_and_no_negative_zero() {
        let document = sample().document();
        assert!(document.contains("M1 2L30.123 0\""), "{document}");
        assert!(!document.contains("-0\"") && !document.contains("NaN"));
    }

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

    #[test]
    fn rectangles_know_when_they_touch() {
        let a = Rect::new(0.0, 0.0, 10.0, 10.0);
        assert!(a.overlaps(&Rect::new(9.0, 9.0, 5.0, 5.0), 0.5));
        assert!(!a.overlaps(&Rect::new(9.8, 9.0, 5.0, 5.0), 0.5));
        assert!(a.contains(&Rect::new(-0.1, 2.0, 5.0, 5.0), 0.2));
        assert!(!a.contains(&Rect::new(-0.3, 2.0, 5.0, 5.0), 0.2));
    }
}
