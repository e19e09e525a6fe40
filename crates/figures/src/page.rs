//! A page: its size, its panels' places, and the last look before it leaves the house.

use crate::axis::Axis;
use crate::canvas::geometry::{Point, Rect};
use crate::canvas::raster::Image;
use crate::canvas::svg::{Layer, Svg};
use crate::canvas::text::{HAlign, TextStyle, VAlign};
use crate::error::DrawError;
use crate::panel::Panel;
use crate::ruler::{Side, draw_axis};
use crate::style::{AXIS_WIDTH, BLACK, ColourMap, Fill, POINTS_PER_MM, Stroke, VERMILION};

/// Room around and between the plotting boxes of a page, in points.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Margins {
    /// Left of the first column: numbers and a turned title need about 32.
    pub left: f64,
    /// Right of the last column.
    pub right: f64,
    /// Above the first row.
    pub top: f64,
    /// Below the last row: numbers and a title need about 28.
    pub bottom: f64,
    /// Between columns.
    pub between_columns: f64,
    /// Between rows.
    pub between_rows: f64,
}

impl Default for Margins {
    fn default() -> Margins {
        Margins { left: 34.0, right: 8.0, top: 16.0, bottom: 29.0, between_columns: 42.0, between_rows: 46.0 }
    }
}

/// A page under construction.
///
/// ```
/// use shadowflow_figures::{axis::Axis, page::{Margins, Page}, style::{BLUE, SINGLE_COLUMN_MM, Stroke}};
/// let mut page = Page::new(SINGLE_COLUMN_MM, 60.0);
/// let place = page.grid(1, 1, &Margins::default())[0];
/// let mut panel = page.panel(place, Axis::linear(0.0, 3.0)?.title("time $t$"), Axis::linear(0.0, 1.0)?.title("$x(t)$"))?;
/// panel.line((0..=60).map(|i| f64::from(i) / 20.0).map(|t| (t, (-t).exp())), &Stroke::new(BLUE))?;
/// let svg = page.finish()?;
/// assert!(svg.starts_with("<svg"));
/// # Ok::<(), shadowflow_figures::DrawError>(())
/// ```
pub struct Page {
    pub(crate) svg: Svg,
}

impl Page {
    /// An empty page of the given width and height in millimetres.
    pub fn new(width_mm: f64, height_mm: f64) -> Page {
        Page { svg: Svg::new(width_mm * POINTS_PER_MM, height_mm * POINTS_PER_MM) }
    }

    /// Width and height in points.
    pub fn size(&self) -> (f64, f64) {
        self.svg.size()
    }

    /// Equal plotting boxes in rows and columns, row by row from the top.
    pub fn grid(&self, rows: usize, columns: usize, margins: &Margins) -> Vec<Rect> {
        let (width, height) = self.size();
        let share = |total: f64, between: f64, n: usize| (total - between * (n as f64 - 1.0)) / n as f64;
        let w = share(width - margins.left - margins.right, margins.between_columns, columns);
        let h = share(height - margins.top - margins.bottom, margins.between_rows, rows);
        (0..rows * columns)
            .map(|i| {
                let (row, column) = ((i / columns) as f64, (i % columns) as f64);
                let x = margins.left + column * (w + margins.between_columns);
                Rect::new(x, margins.top + row * (h + margins.between_rows), w, h)
            })
            .collect()
    }

    /// A panel with axes at the left and at the bottom of a plotting box.
    ///
    /// # Errors
    /// [`DrawError::Label`] when a title or number cannot be typeset.
    pub fn panel(&mut self, place: Rect, x: Axis, y: Axis) -> Result<Panel<'_>, DrawError> {
        Panel::open(self, place, x, y)
    }

    /// A panel framed on all four sides, for maps and areas.
    ///
    /// # Errors
    /// [`DrawError::Label`] when a title or number cannot be typeset.
    pub fn framed_panel(&mut self, place: Rect, x: Axis, y: Axis) -> Result<Panel<'_>, DrawError> {
        Panel::framed(self, place, x, y)
    }

    /// A vertical colour bar filling `place`, numbered on its right by `axis`.
    ///
    /// # Errors
    /// [`DrawError::Label`] when a title or number cannot be typeset.
    pub fn colour_bar(&mut self, place: Rect, map: ColourMap, axis: &Axis) -> Result<(), DrawError> {
        self.svg.image(Layer::Data, place, &Image::of_map(map));
        let corners = [
            (place.x, place.y),
            (place.right(), place.y),
            (place.right(), place.bottom()),
            (place.x, place.bottom()),
            (place.x, place.y),
        ];
        self.svg.polyline(Layer::Frame, &corners, &Stroke::thin(BLACK).width(AXIS_WIDTH));
        draw_axis(&mut self.svg, place, axis, Side::Right)
    }

    /// A label anywhere on the page, at a place in points from the top left.
    ///
    /// # Errors
    /// [`DrawError::Label`] when it cannot be typeset.
    pub fn text(&mut self, at: Point, text: &str, style: &TextStyle) -> Result<Rect, DrawError> {
        Ok(self.svg.text(at, text, style)?)
    }

    /// A straight line anywhere on the page, as in the head of a table.
    pub fn rule(&mut self, from: Point, to: Point, stroke: &Stroke) {
        self.svg.polyline(Layer::Frame, &[from, to], stroke);
    }

    /// A filled rectangle anywhere on the page, as in a table of shades.
    pub fn block(&mut self, place: Rect, fill: &Fill) {
        self.svg.rectangle(Layer::Data, place, fill);
    }

    /// The finished document.
    ///
    /// # Errors
    /// [`DrawError::LabelOutside`] when a label would be clipped by the edge of the page and
    /// [`DrawError::LabelsCollide`] when two lie upon each other: a figure never leaves in that state.
    pub fn finish(self) -> Result<String, DrawError> {
        self.check_labels()?;
        Ok(self.svg.document())
    }

    /// The finished document with a notice across its middle, so that a picture whose claim failed is not taken for true.
    ///
    /// # Errors
    /// As [`Page::finish`].
    pub(crate) fn finish_with_notice(mut self, notice: &str) -> Result<String, DrawError> {
        self.check_labels()?;
        let (width, height) = self.size();
        let style = TextStyle::new(9.0).colour(VERMILION).anchor(HAlign::Centre, VAlign::Middle).halo(3.0);
        self.svg.text((width / 2.0, height / 2.0), notice, &style)?;
        Ok(self.svg.document())
    }

    fn check_labels(&self) -> Result<(), DrawError> {
        let (width, height) = self.size();
        let paper = Rect::new(0.0, 0.0, width, height);
        let labels = self.svg.labels();
        for (i, label) in labels.iter().enumerate() {
            if !paper.contains(&label.extent, 0.25) {
                return Err(DrawError::LabelOutside { text: label.text.clone(), extent: label.extent });
            }
            // The extents of a line of text include side bearings and the room of unused descenders.
            let collision = labels[..i].iter().find(|other| other.extent.overlaps(&label.extent, 0.6));
            if let Some(other) = collision {
                return Err(DrawError::LabelsCollide {
                    first: other.text.clone(),
                    second: label.text.clone(),
                });
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::style::LABEL_SIZE;

    #[test]
    fn a_grid_fills_the_page_between_its_margins() {
        let page = Page::new(174.0, 100.0);
        let margins = Margins::default();
        let places = page.grid(2, 3, &margins);
        let (width, height) = page.size();
        assert_eq!(places.len(), 6);
        assert_eq!((places[0].x, places[0].y), (margins.left, margins.top));
        // A handful of additions of numbers below 500.
        assert!((places[5].right() - (width - margins.right)).abs() < 1e-10);
        assert!((places[5].bottom() - (height - margins.bottom)).abs() < 1e-10);
        assert!((places[1].x - places[0].right() - margins.between_columns).abs() < 1e-10);
    }

    #[test]
    fn clipped_and_colliding_labels_do_not_leave_the_house() {
        let style = TextStyle::new(LABEL_SIZE);
        let mut page = Page::new(20.0, 20.0);
        page.text((50.0, 20.0), "much too far right", &style).unwrap();
        assert!(matches!(page.finish(), Err(DrawError::LabelOutside { .. })));
        let mut page = Page::new(40.0, 20.0);
        page.text((10.0, 20.0), "one", &style).unwrap();
        page.text((12.0, 22.0), "two", &style).unwrap();
        assert!(matches!(page.finish(), Err(DrawError::LabelsCollide { .. })));
    }

    #[test]
    fn a_notice_lies_over_everything_and_does_not_count_as_a_collision() {
        let mut page = Page::new(80.0, 20.0);
        let (width, height) = page.size();
        let style = TextStyle::new(LABEL_SIZE).anchor(HAlign::Centre, VAlign::Middle);
        page.text((width / 2.0, height / 2.0), "label", &style).unwrap();
        let document = page.finish_with_notice("not to be trusted").unwrap();
        let notice = document.find(&VERMILION.to_string()).unwrap();
        assert!(notice > document.find("<use href=\"#t0\"").unwrap());
    }
}
