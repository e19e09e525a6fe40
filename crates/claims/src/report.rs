//! Judgements in words: for the terminal, for programs, for documents.

mod json;
mod markdown;
mod terminal;

pub use json::json;
pub use markdown::markdown;
pub use terminal::{details, listing, table};

use crate::claim::Control;

/// How the control went, in words.
fn control_word(control: Option<&Control>) -> &'static str {
    match control {
        None => "not run",
        Some(control) if control.failed_as_it_must() => "fails as it must",
        Some(_) => "does not fail",
    }
}
