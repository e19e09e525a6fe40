//! Several panels, with one legend, of data that were computed elsewhere.

use serde_json::Value;

use crate::canvas::text::{HAlign, TextStyle, VAlign};
use crate::chart::{ChartAxis, ChartLayer};
use crate::data::{Data, Table};
use crate::error::FigureError;
use crate::figure::{Drawing, Figure, Progress};
use crate::legend::Key;
use crate::page::{Margins, Page};
use crate::style::{SINGLE_COLUMN_MM, SMALL_SIZE};

/// Height of a panel with its axis, in millimetres.
const HEIGHT: f64 = 62.0;

/// Room for the legend at the right, the length of a piece of line in it, and the distance between entries, in points.
const LEGEND: f64 = 72.0;
const PIECE: f64 = 14.0;
const LINE: f64 = 10.0;

/// A panel of a [`Sheet`].
#[derive(Clone, Debug)]
pub struct SheetPanel {
    /// Above it, words with `$mathematics$`.
    pub heading: String,
    /// The horizontal axis.
    pub x: ChartAxis,
    /// The vertical axis.
    pub y: ChartAxis,
    /// What is drawn, in order.
    pub layers: Vec<ChartLayer>,
}

/// A figure of panels one below the other, with a legend beside the first and the data.
///
/// ```
/// use shadowflow_figures::legend::Key;
/// use shadowflow_figures::style::{BLUE, Marker};
/// use shadowflow_figures::{ChartAxis, ChartLayer, Figure, Sheet, SheetPanel, Silent};
/// let marker = Marker::disk(BLUE);
/// let panel = |heading: &str| SheetPanel {
///     heading: heading.to_owned(),
///     x: ChartAxis::linear("$x$", (0.0, 1.0)),
///     y: ChartAxis::linear("$y$", (0.0, 1.0)),
///     layers: vec![ChartLayer::Points { points: vec![(0.5, 0.5)], marker }],
/// };
/// let sheet = Sheet {
///     id: "points".to_owned(),
///     title: "Points".to_owned(),
///     parameters: serde_json::json!({}),
///     panels: vec![panel("one"), panel("two")],
///     legend: vec![(Key::Marker(marker), "a point".to_owned())],
///     table: None,
/// };
/// assert!(sheet.make(&Silent)?.page.finish().is_ok());
/// # Ok::<(), shadowflow_figures::FigureError>(())
/// ```
#[derive(Clone, Debug)]
pub struct Sheet {
    /// The name of its files: lower-case words joined by hyphens.
    pub id: String,
    /// What it shows, in one line of plain text.
    pub title: String,
    /// What it was computed from.
    pub parameters: Value,
    /// The panels, from the top.
    pub panels: Vec<SheetPanel>,
    /// Lines and markers and what they mean.
    pub legend: Vec<(Key, String)>,
    /// The data.
    pub table: Option<Table>,
}

impl Figure for Sheet {
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
        let rows = self.panels.len().max(1);
        let mut page = Page::new(SINGLE_COLUMN_MM + 14.0, HEIGHT * rows as f64);
        let margins = Margins { right: defaults.right + LEGEND, between_rows: 46.0, ..defaults };
        let places = page.grid(rows, 1, &margins);
        for (panel, &place) in self.panels.iter().zip(&places) {
            progress.checkpoint(0.2)?;
            let mut drawn = page.panel(place, panel.x.axis()?, panel.y.axis()?)?;
            for layer in &panel.layers {
                layer.draw(&mut drawn)?;
            }
            drawn.heading("", &panel.heading)?;
        }
        let (left, top) = (places[0].right() + 8.0, places[0].y + 4.0);
        for (k, (key, text)) in self.legend.iter().enumerate() {
            let y = top + LINE * k as f64;
            key.draw(&mut page.svg, (left, y), PIECE);
            let style = TextStyle::new(SMALL_SIZE).anchor(HAlign::Left, VAlign::Middle);
            page.text((left + PIECE + 4.0, y), text, &style)?;
        }
        let data = Data { table: self.table.clone(), fields: Vec::new() };
        Ok(Drawing { data, checks: Vec::new(), page })
    }
}
