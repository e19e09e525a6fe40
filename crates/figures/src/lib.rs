//! The figures of shadowflow: computed, checked, drawn as SVG, PDF and PNG with their data.

pub mod axis;
pub mod canvas;
mod clip;
pub mod contour;
mod error;
pub mod grid;
pub mod page;
pub mod panel;
pub mod style;

pub use error::{DrawError, FigureError};
