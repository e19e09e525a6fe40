//! The document as a backend of [`plotters`], so that any of its series and elements can be drawn in a panel.
//!
//! Plotters counts in whole units; ours are hundredths of a point ([`UNITS_PER_POINT`]), finer than print.

use plotters_backend::text_anchor::{HPos, VPos};
use plotters_backend::{
    BackendColor, BackendCoord, BackendStyle, BackendTextStyle, DrawingBackend, DrawingErrorKind,
    FontTransform,
};

use super::geometry::Rect;
use super::label::{LabelError, typeset};
use super::raster::Image;
use super::svg::{Layer, Svg};
use super::text::{HAlign, TextStyle, VAlign};
use crate::style::{Colour, Dash, Fill, Stroke};

/// Backend units in a point.
pub const UNITS_PER_POINT: f64 = 100.0;

/// Points to backend units; beyond 10 metres the coordinate stays there.
pub fn to_units(points: f64) -> i32 {
    // The cast saturates and maps NaN to 0; the clamp leaves plotters room to add and subtract.
    (points * UNITS_PER_POINT).round().clamp(-3e6, 3e6) as i32
}

fn to_points((x, y): BackendCoord) -> (f64, f64) {
    (f64::from(x) / UNITS_PER_POINT, f64::from(y) / UNITS_PER_POINT)
}

/// Draws on the data layer of a document.
pub struct Backend<'a> {
    svg: &'a mut Svg,
    dash: Dash,
    pixel: (f64, f64),
    clipped: bool,
}

impl<'a> Backend<'a> {
    /// A backend whose lines are solid and whose bitmaps have pixels of one point.
    pub fn new(svg: &'a mut Svg) -> Backend<'a> {
        Backend { svg, dash: Dash::Solid, pixel: (1.0, 1.0), clipped: false }
    }

    /// Breaks all lines as `dash` says: plotters has no word for it in its styles.
    pub fn dash(mut self, dash: Dash) -> Backend<'a> {
        self.dash = dash;
        self
    }

    /// Draws bitmaps with pixels of this width and height in points.
    pub fn pixel(mut self, pixel: (f64, f64)) -> Backend<'a> {
        self.pixel = pixel;
        self
    }

    /// Cuts off at the edges of `rect` whatever is drawn until the backend is dropped.
    pub fn clip(mut self, rect: Rect) -> Backend<'a> {
        if !std::mem::replace(&mut self.clipped, true) {
            self.svg.begin_clip(Layer::Data, rect);
        }
        self
    }

    fn stroke<S: BackendStyle>(&self, style: &S) -> Stroke {
        let width = f64::from(style.stroke_width()) / UNITS_PER_POINT;
        Stroke { colour: colour(style.color()), width, dash: self.dash, opacity: style.color().alpha }
    }
}

impl Drop for Backend<'_> {
    fn drop(&mut self) {
        if self.clipped {
            self.svg.end_clip(Layer::Data);
        }
    }
}

fn colour(colour: BackendColor) -> Colour {
    Colour(colour.rgb.0, colour.rgb.1, colour.rgb.2)
}

fn fill<S: BackendStyle>(style: &S) -> Fill {
    Fill { colour: colour(style.color()), opacity: style.color().alpha }
}

type Drawn = Result<(), DrawingErrorKind<LabelError>>;

impl DrawingBackend for Backend<'_> {
    type ErrorType = LabelError;

    fn get_size(&self) -> (u32, u32) {
        let (width, height) = self.svg.size();
        ((width * UNITS_PER_POINT) as u32, (height * UNITS_PER_POINT) as u32)
    }

    fn ensure_prepared(&mut self) -> Drawn {
        Ok(())
    }

    fn present(&mut self) -> Drawn {
        Ok(())
    }

    fn draw_pixel(&mut self, point: BackendCoord, color: BackendColor) -> Drawn {
        self.draw_rect(point, (point.0 + 1, point.1 + 1), &color, true)
    }

    fn draw_line<S: BackendStyle>(&mut self, from: BackendCoord, to: BackendCoord, style: &S) -> Drawn {
        self.draw_path([from, to], style)
    }

    fn draw_rect<S: BackendStyle>(
        &mut self,
        upper_left: BackendCoord,
        bottom_right: BackendCoord,
        style: &S,
        filled: bool,
    ) -> Drawn {
        let corners =
            [upper_left, (bottom_right.0, upper_left.1), bottom_right, (upper_left.0, bottom_right.1)];
        if filled {
            self.fill_polygon(corners, style)
        } else {
            self.draw_path(corners.into_iter().chain([upper_left]), style)
        }
    }

    fn draw_path<S: BackendStyle, I: IntoIterator<Item = BackendCoord>>(
        &mut self,
        path: I,
        style: &S,
    ) -> Drawn {
        let points: Vec<_> = path.into_iter().map(to_points).collect();
        self.svg.polyline(Layer::Data, &points, &self.stroke(style));
        Ok(())
    }

    fn draw_circle<S: BackendStyle>(
        &mut self,
        center: BackendCoord,
        radius: u32,
        style: &S,
        filled: bool,
    ) -> Drawn {
        let (paint, stroke) =
            if filled { (Some(fill(style)), None) } else { (None, Some(self.stroke(style))) };
        let radius = f64::from(radius) / UNITS_PER_POINT;
        self.svg.circle(Layer::Data, to_points(center), radius, paint.as_ref(), stroke.as_ref());
        Ok(())
    }

    fn fill_polygon<S: BackendStyle, I: IntoIterator<Item = BackendCoord>>(
        &mut self,
        vert: I,
        style: &S,
    ) -> Drawn {
        let ring = vert.into_iter().map(to_points).collect();
        self.svg.area(Layer::Data, &[ring], &fill(style), None);
        Ok(())
    }

    fn draw_text<T: BackendTextStyle>(&mut self, text: &str, style: &T, pos: BackendCoord) -> Drawn {
        let horizontal = match style.anchor().h_pos {
            HPos::Left => HAlign::Left,
            HPos::Center => HAlign::Centre,
            HPos::Right => HAlign::Right,
        };
        let vertical = match style.anchor().v_pos {
            VPos::Top => VAlign::Top,
            VPos::Center => VAlign::Middle,
            VPos::Bottom => VAlign::Bottom,
        };
        // Plotters turns clockwise.
        let angle = match style.transform() {
            FontTransform::None => 0.0,
            FontTransform::Rotate90 => -90.0,
            FontTransform::Rotate180 => 180.0,
            FontTransform::Rotate270 => 90.0,
        };
        let set = TextStyle::new(style.size() / UNITS_PER_POINT)
            .colour(colour(style.color()))
            .anchor(horizontal, vertical)
            .angle(angle);
        self.svg.text(to_points(pos), text, &set).map_err(DrawingErrorKind::DrawingError)?;
        Ok(())
    }

    fn estimate_text_size<T: BackendTextStyle>(
        &self,
        text: &str,
        style: &T,
    ) -> Result<(u32, u32), DrawingErrorKind<LabelError>> {
        let label = typeset(text).map_err(DrawingErrorKind::DrawingError)?;
        let size = style.size();
        Ok(((label.width * size).ceil() as u32, ((label.height + label.depth) * size).ceil() as u32))
    }

    /// Draws RGB pixels, three bytes each, as one embedded picture; a buffer of another length draws nothing.
    fn blit_bitmap(&mut self, pos: BackendCoord, (columns, rows): (u32, u32), src: &[u8]) -> Drawn {
        let rgba = src.chunks_exact(3).flat_map(|pixel| [pixel[0], pixel[1], pixel[2], 255]).collect();
        if let Some(image) = Image::new(columns, rows, rgba) {
            let (x, y) = to_points(pos);
            let rect = Rect::new(x, y, f64::from(columns) * self.pixel.0, f64::from(rows) * self.pixel.1);
            self.svg.image(Layer::Data, rect, &image);
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use plotters::prelude::*;
    use plotters::style::text_anchor::Pos;

    use super::*;
    use base64::Engine;

    #[test]
    fn plotters_elements_become_elements_of_the_document() {
        let mut svg = Svg::new(100.0, 50.0);
        {
            let area = Backend::new(&mut svg).dash(Dash::Dashed).into_drawing_area();
            area.draw(&PathElement::new([(0, 0), (1234, 500)], Color::stroke_width(&RGBColor(1, 2, 3), 50)))
                .unwrap();
            area.draw(&Circle::new((500, 500), 150, RED.filled())).unwrap();
            area.draw(&Rectangle::new([(0, 0), (100, 100)], Color::stroke_width(&BLUE, 10))).unwrap();
            let style = ("serif", 800).into_font().color(&BLACK).pos(Pos::new(HPos::Right, VPos::Top));
            area.draw(&Text::new("step $h$", (9000, 1000), style)).unwrap();
        }
        let document = svg.document();
        assert!(document.contains("M0 0L12.34 5\" fill=\"none\" stroke=\"#010203\" stroke-width=\"0.5\""));
        assert!(document.contains("stroke-dasharray"));
        assert!(document.contains("<circle cx=\"5\" cy=\"5\" r=\"1.5\" fill=\"#ff0000\"/>"));
        let placed = &svg.labels()[0];
        assert!((placed.extent.right() - 90.0).abs() < 1e-9 && (placed.extent.y - 10.0).abs() < 1e-9);
    }

    #[test]
    fn a_blitted_bitmap_decodes_to_the_same_pixels() {
        let pixels: Vec<u8> = (0..36).map(|i| i * 7).collect();
        let mut svg = Svg::new(100.0, 50.0);
        {
            let mut backend = Backend::new(&mut svg).pixel((2.0, 3.0));
            backend.blit_bitmap((1000, 500), (4, 3), &pixels).unwrap();
            backend.blit_bitmap((0, 0), (4, 3), &pixels[1..]).unwrap();
        }
        let document = svg.document();
        assert_eq!(document.matches("<image").count(), 1);
        assert!(document.contains("<image x=\"10\" y=\"5\" width=\"8\" height=\"9\""));
        let code = document.split("base64,").nth(1).and_then(|rest| rest.split('"').next()).unwrap();
        let bytes = base64::engine::general_purpose::STANDARD.decode(code).unwrap();
        let mut reader = png::Decoder::new(&bytes[..]).read_info().unwrap();
        let mut decoded = vec![0; reader.output_buffer_size()];
        reader.next_frame(&mut decoded).unwrap();
        assert_eq!(decoded, pixels);
    }

    #[test]
    fn a_bad_label_is_an_error() {
        let mut svg = Svg::new(100.0, 50.0);
        let area = Backend::new(&mut svg).into_drawing_area();
        let style = ("serif", 800).into_font();
        assert!(area.draw(&Text::new("$\\frac$", (0, 0), style)).is_err());
    }

    #[test]
    fn units_saturate() {
        assert_eq!(to_units(1.234_567), 123);
        assert_eq!(to_units(f64::INFINITY), 3_000_000);
        assert_eq!(to_units(f64::NAN), 0);
    }
}
