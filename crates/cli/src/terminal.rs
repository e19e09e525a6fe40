//! Standard output, progress bars, Ctrl-C.

use std::io::Write;
use std::sync::atomic::{AtomicBool, Ordering};

use indicatif::{ProgressBar, ProgressStyle};
use shadowflow_figures::Progress;

use crate::error::CliError;

/// The exit code of an interrupted program.
const INTERRUPTED: i32 = 130;

/// Whether the running command stops by itself when asked to.
static STOPS_BY_ITSELF: AtomicBool = AtomicBool::new(false);
/// Whether it has been asked to.
static CANCELLED: AtomicBool = AtomicBool::new(false);

/// Sets up Ctrl-C, the notices of the algebra system, and reports of panics, before anything else.
pub(crate) fn prepare() {
    let on_interrupt = || {
        let first = !CANCELLED.swap(true, Ordering::SeqCst);
        if !(first && STOPS_BY_ITSELF.load(Ordering::SeqCst)) {
            std::process::exit(INTERRUPTED);
        }
    };
    if let Err(error) = ctrlc::set_handler(on_interrupt) {
        say(&format!("Ctrl-C will stop the program without tidying up: {error}"));
    }
    shadowflow_symbolic::on_notice(|notice| say(&format!("shadowflow: {notice}")));
    let default = std::panic::take_hook();
    std::panic::set_hook(Box::new(move |panic| {
        // What fails on the thread of the algebra system comes back as an error and is reported as one.
        if std::thread::current().name() != Some(shadowflow_symbolic::ALGEBRA_THREAD) {
            default(panic);
        }
    }));
}

/// From here on Ctrl-C asks the command to stop between two pieces of work; a second one ends it at once.
pub(crate) fn stop_by_myself() {
    STOPS_BY_ITSELF.store(true, Ordering::SeqCst);
}

/// Whether Ctrl-C was pressed.
pub(crate) fn is_cancelled() -> bool {
    CANCELLED.load(Ordering::SeqCst)
}

/// Standard output for many small pieces.
pub(crate) fn output() -> impl Write {
    std::io::BufWriter::new(std::io::stdout().lock())
}

/// Writes to standard output.
pub(crate) fn print(text: &str) -> Result<(), CliError> {
    let mut out = std::io::stdout().lock();
    out.write_all(text.as_bytes()).and_then(|()| out.flush()).map_err(CliError::Output)
}

/// Writes a JSON document and nothing else to standard output.
pub(crate) fn print_json(document: &serde_json::Value) -> Result<(), CliError> {
    print(&format!("{document:#}\n"))
}

/// Writes a line to standard error. Nothing can be done if nobody reads it.
pub(crate) fn say(line: &str) {
    let _ = writeln!(std::io::stderr(), "{line}");
}

/// The width of reports, in columns.
pub(crate) const WIDTH: usize = 100;

/// A bar on standard error, if that is a terminal; Ctrl-C reaches whoever reports to it.
pub(crate) struct Bar {
    bar: ProgressBar,
    /// How many parts are done before the one that reports its share.
    done: usize,
}

/// Steps of the bar for each part.
const RESOLUTION: u64 = 1000;

impl Bar {
    pub(crate) fn new(parts: usize) -> Bar {
        let bar = ProgressBar::new(parts as u64 * RESOLUTION);
        if let Ok(style) = ProgressStyle::with_template("{bar:32} {percent:>3} %  {msg}  {elapsed}") {
            bar.set_style(style);
        }
        bar.enable_steady_tick(std::time::Duration::from_millis(200));
        Bar { bar, done: 0 }
    }

    /// Begins the next part.
    pub(crate) fn begin(&mut self, done: usize, name: &str) {
        self.done = done;
        self.bar.set_position(done as u64 * RESOLUTION);
        self.bar.set_message(name.to_owned());
    }

    /// Writes a line to standard output, above the bar.
    pub(crate) fn print(&self, line: &str) -> Result<(), CliError> {
        self.bar.suspend(|| print(line))
    }

    /// Takes the bar away.
    pub(crate) fn finish(&self) {
        self.bar.finish_and_clear();
    }
}

impl Progress for Bar {
    fn advance(&self, share: f64) {
        let part = (share.clamp(0.0, 1.0) * RESOLUTION as f64) as u64;
        self.bar.set_position(self.done as u64 * RESOLUTION + part);
    }

    fn is_cancelled(&self) -> bool {
        is_cancelled()
    }
}
