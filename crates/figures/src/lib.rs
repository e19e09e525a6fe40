//! The figures of shadowflow: computed, checked, drawn as SVG, PDF and PNG with their data.
//!
//! ```
//! use shadowflow_figures::{Format, Silent, Status, draw, find};
//!
//! let folder = std::env::temp_dir().join(format!("shadowflow-doc-{}", std::process::id()));
//! let figure = find("regimes")?;
//! let outcome = draw(figure, &folder, &[Format::Svg], &Silent)?;
//! assert!(outcome.failed().next().is_none());
//! assert!(folder.join("regimes.svg").exists() && folder.join("regimes.csv").exists());
//! // Nothing has changed, so nothing is done.
//! assert_eq!(draw(figure, &folder, &[Format::Svg], &Silent)?.status, Status::UpToDate);
//! # std::fs::remove_dir_all(&folder).ok();
//! # Ok::<(), shadowflow_figures::FigureError>(())
//! ```
//!
//! The way of a figure through this crate:
//! 1. [`FIGURES`] lists the gallery, [`find`] answers a name. Each [`Figure`] is one file under `gallery/`.
//! 2. It computes its [`Data`](data::Data), reporting to a [`Progress`] that may interrupt it.
//! 3. It measures what the picture claims: a [`Check`] each.
//! 4. It draws on a [`Page`](page::Page), in [`Panel`](panel::Panel)s between [`Axis`](axis::Axis)es, with
//!    [contours](contour) and rasters of [`Grid`](grid::Grid)s, all in one [`style`]. The page refuses clipped and
//!    colliding labels.
//! 5. The [`canvas`] below writes vectors with typeset labels, and exports them.
//! 6. [`Landscape`] and [`RegionPicture`] are figures of an objective and of a method given at run time; a [`Chart`] shows data
//!    computed elsewhere, a [`Sheet`] in several panels.
//! 7. [`draw()`] does all of this for a folder, keeps what is still true, and leaves a sidecar that says where it all
//!    comes from.
//!
//! Errors are [`FigureError`] for figures and files, [`DrawError`] for pictures.

pub mod axis;
pub mod canvas;
mod chart;
mod clip;
pub mod contour;
pub mod data;
mod draw;
mod error;
mod figure;
mod gallery;
pub mod grid;
mod landscape;
pub mod legend;
pub mod page;
pub mod panel;
mod provenance;
mod region_picture;
mod registry;
mod ruler;
mod sheet;
pub mod streamline;
pub mod style;
mod tree;

pub use chart::{Chart, ChartAxis, ChartLayer};
pub use draw::{Outcome, Status, draw, write_file, write_preview};
pub use error::{DrawError, FigureError};
pub use figure::{Check, Drawing, Expected, Figure, Format, Progress, Silent};
pub use landscape::{Highlight, Landscape, LandscapeError, Slopes, Surface};
pub use provenance::{FileRecord, Sidecar};
pub use region_picture::RegionPicture;
pub use registry::{FIGURES, find};
pub use sheet::{Sheet, SheetPanel};
