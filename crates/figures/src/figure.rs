//! What a figure is: parameters in, data, checks and a page out.

use std::str::FromStr;

use serde::{Deserialize, Serialize};

use crate::data::Data;
use crate::error::FigureError;
use crate::page::Page;

/// A figure of the gallery.
///
/// To add one, write a type in `gallery/<id>.rs` that implements this trait and name it in the registry. Computing,
/// checking and drawing live together in the file; writing files, provenance and caching are not its business
/// (see [`draw`](crate::draw())).
pub trait Figure: Sync {
    /// The name on the command line and of the files: lower-case words joined by hyphens.
    fn id(&self) -> &str;

    /// What it shows, in one line.
    fn title(&self) -> &str;

    /// Whom it follows (author, year), or "this project".
    fn source(&self) -> &str;

    /// Every number that determines the picture. A change makes the figure be drawn anew.
    fn parameters(&self) -> serde_json::Value;

    /// The seed of its random numbers, if it uses any.
    fn seed(&self) -> Option<u64> {
        None
    }

    /// Computes the data, checks what the picture claims, and draws it.
    ///
    /// # Errors
    /// [`FigureError::Interrupted`] when `progress` says so, [`FigureError::Computation`] when the mathematics fails,
    /// [`FigureError::Draw`] when the picture does. A claim that turns out false is no error but a failed [`Check`].
    fn make(&self, progress: &dyn Progress) -> Result<Drawing, FigureError>;
}

/// A figure made: what it shows, whether that is true, and the page.
pub struct Drawing {
    /// The numbers behind the picture.
    pub data: Data,
    /// What the picture claims, measured.
    pub checks: Vec<Check>,
    /// The picture.
    pub page: Page,
}

/// What a measured number should be.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Expected {
    /// This value, up to an absolute tolerance.
    Near {
        /// The value.
        value: f64,
        /// The largest distance accepted.
        tolerance: f64,
    },
    /// At least this.
    AtLeast(f64),
    /// At most this.
    AtMost(f64),
}

/// One claim of a picture, measured.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Check {
    /// What is claimed.
    pub name: String,
    /// Whether it holds.
    pub passed: bool,
    /// The number measured; absent in a sidecar when it was not a number.
    pub measured: Option<f64>,
    /// What it should be.
    pub expected: Expected,
}

impl Check {
    /// Claims that `measured` is `value` up to an absolute `tolerance`.
    pub fn near(name: impl Into<String>, measured: f64, value: f64, tolerance: f64) -> Check {
        Check::new(name, measured, Expected::Near { value, tolerance })
    }

    /// Claims that `measured` is at least `bound`.
    pub fn at_least(name: impl Into<String>, measured: f64, bound: f64) -> Check {
        Check::new(name, measured, Expected::AtLeast(bound))
    }

    /// Claims that `measured` is at most `bound`.
    pub fn at_most(name: impl Into<String>, measured: f64, bound: f64) -> Check {
        Check::new(name, measured, Expected::AtMost(bound))
    }

    fn new(name: impl Into<String>, measured: f64, expected: Expected) -> Check {
        let passed = match expected {
            Expected::Near { value, tolerance } => (measured - value).abs() <= tolerance,
            Expected::AtLeast(bound) => measured >= bound,
            Expected::AtMost(bound) => measured <= bound,
        };
        Check { name: name.into(), passed, measured: measured.is_finite().then_some(measured), expected }
    }
}

/// How far the work is, and whether it should go on. Implemented by whoever has a terminal.
pub trait Progress: Sync {
    /// Reports the share of the work that is done, between 0 and 1.
    fn advance(&self, share: f64);

    /// Whether the work should stop at the next opportunity.
    fn is_cancelled(&self) -> bool;

    /// Reports progress and stops when told to: to be called between pieces of work of at most a second.
    ///
    /// # Errors
    /// [`FigureError::Interrupted`] when [`Progress::is_cancelled`].
    fn checkpoint(&self, share: f64) -> Result<(), FigureError> {
        self.advance(share);
        if self.is_cancelled() { Err(FigureError::Interrupted) } else { Ok(()) }
    }
}

/// Progress that nobody watches and nobody interrupts.
#[derive(Clone, Copy, Debug, Default)]
pub struct Silent;

impl Progress for Silent {
    fn advance(&self, _share: f64) {}

    fn is_cancelled(&self) -> bool {
        false
    }
}

/// A format of a picture.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Format {
    /// Vectors for the web and for editing.
    Svg,
    /// Vectors for LaTeX.
    Pdf,
    /// Pixels, 300 to the inch.
    Png,
}

impl Format {
    /// All formats.
    pub const ALL: [Format; 3] = [Format::Svg, Format::Pdf, Format::Png];

    /// The ending of its files.
    pub fn extension(self) -> &'static str {
        match self {
            Format::Svg => "svg",
            Format::Pdf => "pdf",
            Format::Png => "png",
        }
    }
}

impl FromStr for Format {
    type Err = FigureError;

    /// Reads `svg`, `pdf` or `png`, in any case.
    fn from_str(name: &str) -> Result<Format, FigureError> {
        let wanted = name.trim();
        Format::ALL
            .into_iter()
            .find(|format| format.extension().eq_ignore_ascii_case(wanted))
            .ok_or_else(|| FigureError::UnknownFormat { name: wanted.to_owned() })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn checks_pass_inside_and_fail_outside_and_on_nan() {
        assert!(Check::near("slope", 2.04, 2.0, 0.05).passed);
        assert!(!Check::near("slope", 2.06, 2.0, 0.05).passed);
        assert!(Check::at_least("factor", 3.0, 3.0).passed && Check::at_most("error", 3.0, 3.0).passed);
        for check in [Check::near("x", f64::NAN, 0.0, 1.0), Check::at_least("x", f64::NAN, 0.0)] {
            assert!(!check.passed && check.measured.is_none());
        }
    }

    #[test]
    fn formats_are_read_in_any_case_and_others_named() {
        assert_eq!(" PDF ".parse::<Format>().unwrap(), Format::Pdf);
        let message = "jpeg".parse::<Format>().unwrap_err().to_string();
        assert!(message.contains("jpeg") && message.contains("svg, pdf and png"), "{message}");
    }

    #[test]
    fn a_cancelled_checkpoint_is_an_interruption() {
        struct Cancelled;
        impl Progress for Cancelled {
            fn advance(&self, _: f64) {}
            fn is_cancelled(&self) -> bool {
                true
            }
        }
        assert!(matches!(Cancelled.checkpoint(0.5), Err(FigureError::Interrupted)));
        assert!(Silent.checkpoint(0.5).is_ok());
    }
}
