//! A small SVG document writer. Coordinates are points with the origin at the top left.

use std::collections::HashMap;
use std::fmt::Write;

use super::geometry::{Point, Rect};
use super::label::Label;
use super::raster::Image;
use super::text::PlacedLabel;
use crate::style::{Fill, Stroke, WHITE};

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

/// A document under construction.
pub struct Svg {
    width: f64,
    height: f64,
    pub(super) layers: [String; 3],
    definitions: String,
    outlines: HashMap<String, usize>,
    clips: usize,
    pub(super) labels: Vec<PlacedLabel>,
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

    /// The number under which the outline of a text stands among the definitions.
    pub(super) fn outline_id(&mut self, text: &str, label: &Label) -> usize {
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

pub(super) fn push(out: &mut String, text: std::fmt::Arguments<'_>) {
    out.write_fmt(text).expect("writing to a String does not fail");
}

/// A coordinate with at most three decimals: a thousandth of a point is below what any printer resolves.
pub(super) fn number(value: f64) -> String {
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
    use crate::canvas::text::TextStyle;
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
}
