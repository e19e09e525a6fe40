//! What a person at the terminal should know about the algebra system, handed to whoever prints.

use std::sync::OnceLock;

/// Name of the thread of the algebra system. What panics there comes back as an error, so a panic hook may stay silent.
pub const ALGEBRA_THREAD: &str = "shadowflow-algebra";

/// Something to tell the user, once.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Notice {
    /// The algebra system runs without a key, which its terms allow for non-commercial use only.
    NonCommercialTerms,
    /// Another process of this machine uses the algebra system, and without a key only one may.
    Waiting {
        /// That process, if it left its number.
        pid: Option<u32>,
    },
}

impl std::fmt::Display for Notice {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Notice::NonCommercialTerms => f.write_str(
                "formulas by Symbolica without a licence key: non-commercial use only (see README, Licence)",
            ),
            Notice::Waiting { pid: Some(pid) } => {
                write!(f, "waiting for another Symbolica process (pid {pid})")
            }
            Notice::Waiting { pid: None } => f.write_str("waiting for another Symbolica process"),
        }
    }
}

static HANDLER: OnceLock<fn(Notice)> = OnceLock::new();

/// Sets who hears notices; without a handler they are dropped. The first handler stays.
pub fn on_notice(handler: fn(Notice)) {
    let _ = HANDLER.set(handler);
}

#[cfg(feature = "symbolica")]
pub(crate) fn notify(notice: Notice) {
    if let Some(handler) = HANDLER.get() {
        handler(notice);
    }
}
