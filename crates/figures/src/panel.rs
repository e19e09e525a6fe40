//! A panel: two axes and what is drawn between them.

use std::borrow::Borrow;

use plotters::coord::cartesian::Cartesian2d;
use plotters::element::{CoordMapper, Drawable, PointCollection};
use plotters::prelude::{Circle, IntoDrawingArea, PathElement, Polygon};
use plotters::style::{Color, RGBAColor, ShapeStyle};

use crate::axis::{Axis, Scale};
use crate::canvas::backend::{Backend, UNITS_PER_POINT, to_units};
use crate::canvas::geometry::{Point, Rect};
use crate::canvas::raster::Image;
use crate::canvas::svg::{Layer, Svg};
use crate::canvas::text::TextStyle;
use crate::clip::clip_to_unit_square;
use crate::contour::{level_lines, level_set};
use crate::error::DrawError;
use crate::grid::Grid;
use crate::page::Page;
use crate::ruler::{Side, draw_axis};
use crate::style::{
    AXIS_WIDTH, BLACK, Colour, ColourMap, Dash, Fill, LABEL_SIZE, Marker, Shape, Stroke, WHITE,
};

/// Two axes on a page and the plane between them. Data coordinates throughout, unless a name says points.
pub struct Panel<'a> {
    pub(crate) page: &'a mut Page,
    pub(crate) place: Rect,
    x: Axis,
    y: Axis,
}

impl<'a> Panel<'a> {
    pub(crate) fn open(page: &'a mut Page, place: Rect, x: Axis, y: Axis) -> Result<Panel<'a>, DrawError> {
        draw_axis(&mut page.svg, place, &x, Side::Bottom)?;
        draw_axis(&mut page.svg, place, &y, Side::Left)?;
        Ok(Panel { page, place, x, y })
    }

    pub(crate) fn framed(page: &'a mut Page, place: Rect, x: Axis, y: Axis) -> Result<Panel<'a>, DrawError> {
        let frame = [(place.x, place.y), (place.right(), place.y), (place.right(), place.bottom())];
        page.svg.polyline(Layer::Frame, &frame, &Stroke::thin(BLACK).width(AXIS_WIDTH));
        Panel::open(page, place, x, y)
    }

    /// The plotting box on the page, in points.
    pub fn place(&self) -> Rect {
        self.place
    }

    /// A data point as a point on the page.
    pub fn to_page(&self, (x, y): Point) -> Point {
        (
            self.place.x + self.x.position(x) * self.place.width,
            self.place.bottom() - self.y.position(y) * self.place.height,
        )
    }

    /// Any series or elements of [`plotters`], in data coordinates. They are cut off at the edges of the panel.
    ///
    /// # Errors
    /// [`DrawError::Label`] when a text among them cannot be typeset.
    pub fn series<'b, B, E, R>(&'b mut self, series: impl IntoIterator<Item = R>) -> Result<(), DrawError>
    where
        B: CoordMapper,
        for<'e> &'e E: PointCollection<'e, Point, B>,
        E: Drawable<Backend<'b>, B>,
        R: Borrow<E>,
    {
        let plane = self.plane();
        let area =
            Backend::new(&mut self.page.svg).clip(self.place).into_drawing_area().apply_coord_spec(plane);
        for element in series {
            area.draw(element.borrow())?;
        }
        Ok(())
    }

    /// Elements that are known to lie inside.
    fn elements<'b, B, E>(
        &'b mut self,
        elements: impl IntoIterator<Item = E>,
        dash: Dash,
    ) -> Result<(), DrawError>
    where
        B: CoordMapper,
        for<'e> &'e E: PointCollection<'e, Point, B>,
        E: Drawable<Backend<'b>, B>,
    {
        let plane = self.plane();
        let area = Backend::new(&mut self.page.svg).dash(dash).into_drawing_area().apply_coord_spec(plane);
        for element in elements {
            area.draw(&element)?;
        }
        Ok(())
    }

    fn plane(&self) -> Cartesian2d<Axis, Axis> {
        let across = to_units(self.place.x)..to_units(self.place.right());
        let upward = to_units(self.place.bottom())..to_units(self.place.y);
        Cartesian2d::new(self.x.clone(), self.y.clone(), (across, upward))
    }

    /// A curve through data points, cut off at the edges; points that are not numbers interrupt it.
    ///
    /// # Errors
    /// None in practice: curves carry no labels.
    pub fn line(
        &mut self,
        points: impl IntoIterator<Item = Point>,
        stroke: &Stroke,
    ) -> Result<(), DrawError> {
        let positions = points.into_iter().map(|(x, y)| (self.x.position(x), self.y.position(y)));
        let pieces: Vec<_> = clip_to_unit_square(positions)
            .into_iter()
            .map(|piece| {
                let points: Vec<Point> =
                    piece.into_iter().map(|(u, v)| (self.x.value(u), self.y.value(v))).collect();
                PathElement::new(points, shape_style(stroke))
            })
            .collect();
        self.elements(pieces, stroke.dash)
    }

    /// Markers at those data points that lie in the panel.
    ///
    /// # Errors
    /// None in practice: markers carry no labels.
    pub fn points(
        &mut self,
        points: impl IntoIterator<Item = Point>,
        marker: &Marker,
    ) -> Result<(), DrawError> {
        let inside = |p: &Point| {
            (-1e-9..=1.0 + 1e-9).contains(&self.x.position(p.0))
                && (-1e-9..=1.0 + 1e-9).contains(&self.y.position(p.1))
        };
        let points: Vec<Point> = points.into_iter().filter(inside).collect();
        match marker.shape {
            Shape::Disk => {
                let style = rgba(marker.colour, 1.0).filled();
                let radius = to_units(marker.radius);
                self.elements(points.into_iter().map(|p| Circle::new(p, radius, style)), Dash::Solid)
            }
            _ => {
                for point in points {
                    let at = self.to_page(point);
                    draw_marker(&mut self.page.svg, at, marker);
                }
                Ok(())
            }
        }
    }

    /// A filled polygon through data points, cut off at the edges of the panel.
    ///
    /// # Errors
    /// None in practice: areas carry no labels.
    pub fn polygon(&mut self, points: impl IntoIterator<Item = Point>, fill: &Fill) -> Result<(), DrawError> {
        let points: Vec<Point> = points.into_iter().collect();
        self.series([Polygon::new(points, rgba(fill.colour, fill.opacity).filled())])
    }

    /// The curves on which a field takes a value.
    ///
    /// # Errors
    /// None in practice: curves carry no labels.
    pub fn contour(&mut self, grid: &Grid, level: f64, stroke: &Stroke) -> Result<(), DrawError> {
        for curve in level_lines(grid, level) {
            self.line(curve, stroke)?;
        }
        Ok(())
    }

    /// The area where a field is at least `level`.
    pub fn region(&mut self, grid: &Grid, level: f64, fill: &Fill) {
        self.area(level_set(grid, level), fill);
    }

    /// The area that closed curves enclose, each taking out what another one encloses.
    pub fn area(&mut self, curves: impl IntoIterator<Item = Vec<Point>>, fill: &Fill) {
        let to_page = |curve: Vec<Point>| curve.into_iter().map(|point| self.to_page(point)).collect();
        let rings: Vec<Vec<Point>> = curves.into_iter().map(to_page).collect();
        self.page.svg.begin_clip(Layer::Data, self.place);
        self.page.svg.area(Layer::Data, &rings, fill, None);
        self.page.svg.end_clip(Layer::Data);
    }

    /// A field in colour, one pixel a node; `range` runs over the whole map.
    ///
    /// # Errors
    /// [`DrawError::RasterOnLogAxis`] unless both axes are linear: pixels are even.
    pub fn raster(&mut self, grid: &Grid, range: (f64, f64), map: ColourMap) -> Result<(), DrawError> {
        self.image(grid, &Image::of_field(grid, range, map))
    }

    /// A field of labels, one pixel a node: value k takes colour k, and what has none stays transparent.
    ///
    /// # Errors
    /// As [`Panel::raster`].
    pub fn labels(&mut self, grid: &Grid, colours: &[Colour]) -> Result<(), DrawError> {
        self.image(grid, &Image::of_labels(grid, colours))
    }

    fn image(&mut self, grid: &Grid, image: &Image) -> Result<(), DrawError> {
        if self.x.scale() != Scale::Linear || self.y.scale() != Scale::Linear {
            return Err(DrawError::RasterOnLogAxis);
        }
        let (columns, rows) = grid.shape();
        // A pixel is centred on its node, so the picture reaches half a pixel beyond the outer nodes.
        let (left, bottom) = self.to_page((grid.x(-0.5), grid.y(-0.5)));
        let (right, top) = self.to_page((grid.x(columns as f64 - 0.5), grid.y(rows as f64 - 0.5)));
        self.page.svg.begin_clip(Layer::Data, self.place);
        let rect = Rect::new(left, top, right - left, bottom - top);
        self.page.svg.image(Layer::Data, rect, image);
        self.page.svg.end_clip(Layer::Data);
        Ok(())
    }

    /// A label at a data point, moved by `offset` points to the right and downward.
    ///
    /// # Errors
    /// [`DrawError::Label`] when it cannot be typeset.
    pub fn label(
        &mut self,
        at: Point,
        offset: Point,
        text: &str,
        style: &TextStyle,
    ) -> Result<(), DrawError> {
        let (x, y) = self.to_page(at);
        self.page.svg.text((x + offset.0, y + offset.1), text, style)?;
        Ok(())
    }

    /// A small label at a share of the panel's width and height, from the bottom left.
    ///
    /// # Errors
    /// [`DrawError::Label`] when it cannot be typeset.
    pub fn remark(&mut self, share: Point, text: &str, style: &TextStyle) -> Result<(), DrawError> {
        let at =
            (self.place.x + share.0 * self.place.width, self.place.bottom() - share.1 * self.place.height);
        self.page.svg.text(at, text, style)?;
        Ok(())
    }

    /// The panel's letter in bold and its heading, above the plotting box.
    ///
    /// # Errors
    /// [`DrawError::Label`] when the heading cannot be typeset.
    pub fn heading(&mut self, letter: &str, text: &str) -> Result<(), DrawError> {
        let at = (self.place.x, self.place.y - 5.0);
        let text = if letter.is_empty() {
            text.to_owned()
        } else {
            format!("$\\textbf{{{letter}}}\\enspace$ {text}")
        };
        self.page.svg.text(at, &text, &TextStyle::new(LABEL_SIZE))?;
        Ok(())
    }
}

pub(crate) fn draw_marker(svg: &mut Svg, (x, y): Point, marker: &Marker) {
    let (r, fill) = (marker.radius, Fill::new(marker.colour));
    // Corners are pushed out so that all shapes look equally large.
    let ring = match marker.shape {
        Shape::Disk => return svg.circle(Layer::Data, (x, y), r, Some(&fill), None),
        Shape::Ring => {
            let stroke = Stroke::thin(marker.colour).width(0.8);
            return svg.circle(Layer::Data, (x, y), r, Some(&Fill::new(WHITE)), Some(&stroke));
        }
        Shape::Square => {
            let s = 0.89 * r;
            vec![(x - s, y - s), (x + s, y - s), (x + s, y + s), (x - s, y + s)]
        }
        Shape::Triangle => {
            let s = 1.3 * r;
            vec![(x, y - s), (x + 0.87 * s, y + 0.5 * s), (x - 0.87 * s, y + 0.5 * s)]
        }
        Shape::Diamond => {
            let s = 1.25 * r;
            vec![(x, y - s), (x + s, y), (x, y + s), (x - s, y)]
        }
    };
    svg.area(Layer::Data, &[ring], &fill, None);
}

fn rgba(colour: Colour, opacity: f64) -> RGBAColor {
    RGBAColor(colour.0, colour.1, colour.2, opacity)
}

fn shape_style(stroke: &Stroke) -> ShapeStyle {
    rgba(stroke.colour, stroke.opacity).stroke_width((stroke.width * UNITS_PER_POINT).round() as u32)
}

#[cfg(test)]
mod tests {
    use plotters::prelude::{LineSeries, Rectangle};

    use super::*;
    use crate::page::Margins;
    use crate::style::BLUE;

    fn page() -> (Page, Rect) {
        let page = Page::new(84.0, 60.0);
        let place = page.grid(1, 1, &Margins::default())[0];
        (page, place)
    }

    fn unit() -> Axis {
        Axis::linear(0.0, 1.0).expect("0 < 1")
    }

    #[test]
    fn data_points_land_where_the_axes_say() {
        let (mut page, place) = page();
        let panel = page.panel(place, Axis::log(0.01, 1.0).unwrap(), unit()).unwrap();
        let (x, y) = panel.to_page((0.1, 0.25));
        assert!((x - (place.x + place.width / 2.0)).abs() < 1e-9);
        assert!((y - (place.bottom() - place.height / 4.0)).abs() < 1e-9);
    }

    #[test]
    fn what_lies_outside_leaves_no_trace() {
        let (mut page, place) = page();
        let mut panel = page.panel(place, unit(), unit()).unwrap();
        let before = panel.page.svg.document();
        panel.line([(2.0, 0.5), (3.0, 0.5)], &Stroke::new(BLUE)).unwrap();
        panel.points([(0.5, -0.5), (f64::NAN, 0.5)], &Marker::disk(BLUE)).unwrap();
        panel.points([(0.5, 1.5)], &Marker::ring(BLUE)).unwrap();
        assert_eq!(before, panel.page.svg.document());
    }

    #[test]
    fn plotters_series_are_drawn_in_data_coordinates() {
        let (mut page, place) = page();
        let mut panel = page.panel(place, unit(), unit()).unwrap();
        panel.series(LineSeries::new([(0.0, 0.0), (1.0, 1.0)], rgba(BLUE, 1.0).stroke_width(100))).unwrap();
        panel.series([Rectangle::new([(0.2, 0.0), (0.4, 0.8)], rgba(BLUE, 0.5).filled())]).unwrap();
        let document = page.finish().unwrap();
        let corner = format!("M{} {}L", place.x, (place.bottom() * 100.0).round() / 100.0);
        assert!(document.contains(&corner), "{corner}");
        assert!(document.contains("fill-opacity=\"0.5\""));
    }

    #[test]
    fn rasters_need_even_axes() {
        let (mut page, place) = page();
        let mut panel = page.panel(place, Axis::log(0.01, 1.0).unwrap(), unit()).unwrap();
        let grid = Grid::sample((0.0, 1.0), (0.0, 1.0), 3, 3, |x, _| x);
        let drawn = panel.raster(&grid, (0.0, 1.0), ColourMap::Viridis);
        assert!(matches!(drawn, Err(DrawError::RasterOnLogAxis)));
    }
}
