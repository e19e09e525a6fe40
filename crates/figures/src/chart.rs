//! One panel with data that were computed elsewhere: what commands draw.

use serde_json::Value;

use crate::axis::Axis;
use crate::canvas::geometry::{Point, Rect};
use crate::canvas::text::{HAlign, TextStyle, VAlign};
use crate::data::{Data, Table};
use crate::error::{DrawError, FigureError};
use crate::figure::{Drawing, Figure, Progress};
use crate::grid::Grid;
use crate::page::{Margins, Page};
use crate::panel::Panel;
use crate::style::{Colour, ColourMap, Fill, GREY, Marker, SINGLE_COLUMN_MM, SMALL_SIZE, Stroke};

/// Height of the page over its width.
const SHAPE: f64 = 0.8;

/// Room for the keys at the right, in points, at least, and for each letter of the longest one beyond those that fit.
const KEYS: f64 = 64.0;
const LETTER: f64 = 3.1;

/// A side of the block of colour before a key, and the distance between keys, in points.
const BLOCK: f64 = 5.0;
const LINE: f64 = 10.0;

/// Width of a colour bar, in points.
const BAR: f64 = 7.0;

/// An axis of a chart.
#[derive(Clone, Debug, PartialEq)]
pub struct ChartAxis {
    /// Words with `$mathematics$`.
    pub title: String,
    /// Its ends, the smaller first; positive if logarithmic.
    pub range: (f64, f64),
    /// Whether it is logarithmic.
    pub logarithmic: bool,
}

impl ChartAxis {
    /// A linear axis. Ends that coincide are moved apart.
    pub fn linear(title: &str, (from, to): (f64, f64)) -> ChartAxis {
        let room = if to > from { 0.0 } else { 0.5 * from.abs().max(1.0) };
        ChartAxis { title: title.to_owned(), range: (from - room, to + room), logarithmic: false }
    }

    /// A logarithmic axis over at least a decade, from whole powers of ten to whole powers of ten.
    pub fn logarithmic(title: &str, (from, to): (f64, f64)) -> ChartAxis {
        let low = from.max(1e-300).log10().floor();
        let high = to.max(1e-300).log10().ceil().max(low + 1.0);
        ChartAxis { title: title.to_owned(), range: (10f64.powf(low), 10f64.powf(high)), logarithmic: true }
    }

    pub(crate) fn axis(&self) -> Result<Axis, DrawError> {
        let (from, to) = self.range;
        let axis = if self.logarithmic { Axis::log(from, to) } else { Axis::linear(from, to) };
        Ok(axis?.title(self.title.clone()))
    }
}

/// What is drawn, in order.
#[derive(Clone, Debug)]
pub enum ChartLayer {
    /// A field in colour.
    Field {
        /// Its values.
        grid: Grid,
        /// The values of the ends of the map.
        range: (f64, f64),
        /// The map.
        map: ColourMap,
    },
    /// A field in colour with a bar beside the panel, under the keys, that says what the colours mean; one a chart.
    Scaled {
        /// Its values; transparent where there is none.
        grid: Grid,
        /// The values of the ends of the map.
        range: (f64, f64),
        /// The map.
        map: ColourMap,
        /// Of the bar, words with `$mathematics$`.
        title: String,
    },
    /// A field of labels: value k takes colour k.
    Labels {
        /// The labels.
        grid: Grid,
        /// Their colours.
        colours: Vec<Colour>,
    },
    /// A line through points; it ends and begins again where one is not finite.
    Line {
        /// The points.
        points: Vec<Point>,
        /// How it looks.
        stroke: Stroke,
    },
    /// Points.
    Points {
        /// Where.
        points: Vec<Point>,
        /// How they look.
        marker: Marker,
    },
}

impl ChartLayer {
    pub(crate) fn draw(&self, panel: &mut Panel<'_>) -> Result<(), DrawError> {
        match self {
            ChartLayer::Field { grid, range, map } | ChartLayer::Scaled { grid, range, map, .. } => {
                panel.raster(grid, *range, *map)?;
            }
            ChartLayer::Labels { grid, colours } => panel.labels(grid, colours)?,
            ChartLayer::Line { points, stroke } => {
                for piece in points.split(|p| !(p.0.is_finite() && p.1.is_finite())) {
                    panel.line(piece.iter().copied(), stroke)?;
                }
            }
            ChartLayer::Points { points, marker } => {
                let finite = points.iter().copied().filter(|p| p.0.is_finite() && p.1.is_finite());
                panel.points(finite, marker)?;
            }
        }
        Ok(())
    }
}

/// A figure of one panel, with its data beside it.
///
/// ```
/// use shadowflow_figures::{Chart, ChartAxis, ChartLayer, Figure, Silent, style::{BLUE, Stroke}};
/// let chart = Chart {
///     id: "parabola".to_owned(),
///     title: "A parabola".to_owned(),
///     heading: "$y=x^2$".to_owned(),
///     parameters: serde_json::json!({}),
///     x: ChartAxis::linear("$x$", (0.0, 1.0)),
///     y: ChartAxis::linear("$y$", (0.0, 1.0)),
///     layers: vec![ChartLayer::Line {
///         points: (0..=10).map(|k| f64::from(k) / 10.0).map(|x| (x, x * x)).collect(),
///         stroke: Stroke::new(BLUE),
///     }],
///     keys: Vec::new(),
///     table: None,
///     fields: Vec::new(),
/// };
/// assert!(chart.make(&Silent)?.page.finish().is_ok());
/// # Ok::<(), shadowflow_figures::FigureError>(())
/// ```
#[derive(Clone, Debug)]
pub struct Chart {
    /// The name of its files: lower-case words joined by hyphens.
    pub id: String,
    /// What it shows, in one line of plain text.
    pub title: String,
    /// Above the panel, words with `$mathematics$`.
    pub heading: String,
    /// What it was computed from.
    pub parameters: Value,
    /// The horizontal axis.
    pub x: ChartAxis,
    /// The vertical axis.
    pub y: ChartAxis,
    /// What is drawn.
    pub layers: Vec<ChartLayer>,
    /// Colours and what they mean.
    pub keys: Vec<(Colour, String)>,
    /// The data of curves.
    pub table: Option<Table>,
    /// The data of fields.
    pub fields: Vec<(String, Grid)>,
}

impl Figure for Chart {
    fn id(&self) -> &str {
        &self.id
    }

    fn title(&self) -> &str {
        &self.title
    }

    fn source(&self) -> &'static str {
        "this project"
    }

    fn parameters(&self) -> Value {
        self.parameters.clone()
    }

    fn make(&self, progress: &dyn Progress) -> Result<Drawing, FigureError> {
        let defaults = Margins::default();
        let bar = self.layers.iter().find_map(|layer| match layer {
            ChartLayer::Scaled { range, map, title, .. } => Some((*range, *map, title)),
            _ => None,
        });
        let longest = self.keys.iter().map(|key| key.1.chars().count()).max();
        let keys = longest.map_or(0.0, |letters| KEYS.max(LETTER * letters as f64 + 2.0 * BLOCK + 6.0));
        let right = defaults.right + if bar.is_some() { keys.max(KEYS) } else { keys };
        let mut page = Page::new(SINGLE_COLUMN_MM, SHAPE * SINGLE_COLUMN_MM);
        let place = page.grid(1, 1, &Margins { right, ..defaults })[0];
        progress.checkpoint(0.2)?;
        let is_field = |layer: &ChartLayer| {
            matches!(layer, ChartLayer::Field { .. } | ChartLayer::Scaled { .. } | ChartLayer::Labels { .. })
        };
        let (x, y) = (self.x.axis()?, self.y.axis()?);
        let mut panel = match self.layers.iter().any(is_field) {
            true => page.framed_panel(place, x, y)?,
            false => page.panel(place, x, y)?,
        };
        for layer in &self.layers {
            layer.draw(&mut panel)?;
        }
        panel.heading("", &self.heading)?;
        for (k, (colour, text)) in self.keys.iter().enumerate() {
            let (left, top) = (place.right() + 8.0, place.y + LINE * k as f64);
            page.block(Rect::new(left, top, BLOCK, BLOCK), &Fill::new(*colour));
            // Without a frame white would not be seen.
            let corners = [(0.0, 0.0), (BLOCK, 0.0), (BLOCK, BLOCK), (0.0, BLOCK), (0.0, 0.0)];
            for pair in corners.map(|(x, y)| (left + x, top + y)).windows(2) {
                page.rule(pair[0], pair[1], &Stroke::thin(GREY));
            }
            let style = TextStyle::new(SMALL_SIZE).anchor(HAlign::Left, VAlign::Middle);
            page.text((left + BLOCK + 4.0, top + 0.5 * BLOCK), text, &style)?;
        }
        if let Some((range, map, title)) = bar {
            let top = place.y + if self.keys.is_empty() { 0.0 } else { LINE * self.keys.len() as f64 + 4.0 };
            let beside = Rect::new(place.right() + 8.0, top, BAR, place.bottom() - top);
            page.colour_bar(beside, map, &Axis::linear(range.0, range.1)?.title(title.as_str()))?;
        }
        let data = Data { table: self.table.clone(), fields: self.fields.clone() };
        Ok(Drawing { data, checks: Vec::new(), page })
    }
}
