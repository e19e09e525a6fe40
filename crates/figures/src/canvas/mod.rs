//! The drawing surface: a vector document of ours, with typeset labels and embedded rasters.
//!
//! * [`svg`] writes the document, in points ([`geometry`]), with the same bytes for the same calls;
//! * [`label`] turns words and `$mathematics$` into outlines, [`text`] places them;
//! * [`raster`] turns arrays into embedded pictures;
//! * [`backend`] lets [`plotters`] draw its series on the document;
//! * [`export`] turns the finished document into PNG and PDF.

pub mod backend;
pub mod export;
pub mod geometry;
pub mod label;
pub mod raster;
pub mod svg;
pub mod text;
