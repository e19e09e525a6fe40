//! What can go wrong while drawing, and while making a figure as a whole.

use std::io;
use std::path::{Path, PathBuf};

use plotters::drawing::DrawingAreaErrorKind;
use plotters_backend::DrawingErrorKind;

use crate::canvas::export::ExportError;
use crate::canvas::geometry::Rect;
use crate::canvas::label::LabelError;
use crate::landscape::LandscapeError;

/// Why a picture cannot be drawn as asked.
#[derive(Debug, thiserror::Error)]
pub enum DrawError {
    /// A label cannot be typeset.
    #[error(transparent)]
    Label(#[from] LabelError),
    /// An axis has no proper range.
    #[error(
        "an axis cannot run from {low} to {high}: both ends must be finite{}, the first below the second",
        if *.logarithmic { " and positive" } else { "" }
    )]
    Range {
        /// The low end asked for.
        low: f64,
        /// The high end asked for.
        high: f64,
        /// Whether the axis is logarithmic.
        logarithmic: bool,
    },
    /// Even pixels do not fit a logarithmic axis.
    #[error(
        "a raster needs two linear axes, because its pixels are even; sample the field in the logarithm instead"
    )]
    RasterOnLogAxis,
    /// A label would be clipped.
    #[error("the label \"{text}\" leaves the page: it spans {:.1} to {:.1} pt across and {:.1} to {:.1} pt down", .extent.x, .extent.right(), .extent.y, .extent.bottom())]
    LabelOutside {
        /// The label.
        text: String,
        /// Where it lies on the page, in points.
        extent: Rect,
    },
    /// Two labels lie upon each other.
    #[error("the labels \"{first}\" and \"{second}\" lie upon each other")]
    LabelsCollide {
        /// The one placed first.
        first: String,
        /// The one placed later.
        second: String,
    },
    /// The drawing library gave up.
    #[error("the drawing library could not draw: {0}")]
    Plotters(String),
    /// The picture cannot be exported.
    #[error(transparent)]
    Export(#[from] ExportError),
}

impl From<DrawingAreaErrorKind<LabelError>> for DrawError {
    fn from(error: DrawingAreaErrorKind<LabelError>) -> DrawError {
        match error {
            DrawingAreaErrorKind::BackendError(DrawingErrorKind::DrawingError(label)) => {
                DrawError::Label(label)
            }
            other => DrawError::Plotters(other.to_string()),
        }
    }
}

/// Why a figure was not made.
#[derive(Debug, thiserror::Error)]
pub enum FigureError {
    /// There is no such figure.
    #[error("there is no figure `{name}`{}", did_you_mean(.nearest))]
    Unknown {
        /// The name asked for.
        name: String,
        /// Figures with similar names, nearest first.
        nearest: Vec<String>,
    },
    /// There is no such format.
    #[error("there is no format \"{name}\"; svg, pdf and png are accepted")]
    UnknownFormat {
        /// The format asked for.
        name: String,
    },
    /// The name of a file ends in no format that can be written.
    #[error("the file {} ends in no known format; .svg, .pdf, .png, .npz and .csv are accepted", file.display())]
    UnknownEnding {
        /// The file.
        file: PathBuf,
    },
    /// The work was interrupted; nothing unfinished is left behind.
    #[error("interrupted; finished figures are kept")]
    Interrupted,
    /// A computation inside a figure failed.
    #[error("the data of the figure could not be computed: {0}")]
    Computation(#[source] Box<dyn std::error::Error + Send + Sync>),
    /// The picture cannot be drawn.
    #[error(transparent)]
    Draw(#[from] DrawError),
    /// A landscape is asked for that cannot be.
    #[error(transparent)]
    Landscape(#[from] LandscapeError),
    /// A folder or file may not be written.
    #[error("{} may not be written: {source}; name another folder", .path.display())]
    Unwritable {
        /// The folder or file.
        path: PathBuf,
        /// What the system says.
        source: io::Error,
    },
    /// There is no room left.
    #[error("no space is left for {}; free some or name another folder", .path.display())]
    DiskFull {
        /// The file being written.
        path: PathBuf,
    },
    /// Reading or writing failed in another way.
    #[error("{}: {source}", .path.display())]
    Io {
        /// The folder or file.
        path: PathBuf,
        /// What the system says.
        source: io::Error,
    },
    /// A data file cannot be encoded.
    #[error("the data of the figure cannot be written as {format}: {reason}")]
    Encoding {
        /// The format of the file.
        format: &'static str,
        /// What is wrong.
        reason: String,
    },
}

impl FigureError {
    /// Wraps the error of a computation.
    pub fn computation(error: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> FigureError {
        FigureError::Computation(error.into())
    }

    /// Sorts an error of the file system by what the reader can do about it.
    pub(crate) fn io(path: &Path, source: io::Error) -> FigureError {
        let path = path.to_owned();
        match source.kind() {
            io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => FigureError::DiskFull { path },
            io::ErrorKind::PermissionDenied
            | io::ErrorKind::ReadOnlyFilesystem
            | io::ErrorKind::NotADirectory
            | io::ErrorKind::AlreadyExists => FigureError::Unwritable { path, source },
            _ => FigureError::Io { path, source },
        }
    }
}

fn did_you_mean(nearest: &[String]) -> String {
    if nearest.is_empty() {
        "; `shadowflow figures --list` shows them all".to_owned()
    } else {
        format!("; did you mean {}?", nearest.join(" or "))
    }
}
