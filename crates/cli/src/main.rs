//! The `shadowflow` command: parse, call, print. No mathematics.
//!
//! 1. [`args`]: what can be typed.
//! 2. [`commands`]: one file a command; each calls the library and prints.
//! 3. [`error`]: every failure as one friendly report and an exit code.
//! 4. [`terminal`]: standard output, progress bars, Ctrl-C.

mod args;
mod commands;
mod error;
mod terminal;

use std::process::ExitCode;

use clap::Parser;

use crate::args::{Arguments, Command};

fn main() -> ExitCode {
    terminal::prepare();
    let outcome = match Arguments::parse().command {
        Command::Methods(args) => commands::methods::run(&args),
        Command::Tree(args) => commands::tree::run(&args),
        Command::Series(args) => commands::series::run(&args),
        Command::Search(args) => commands::search::run(&args),
        Command::Potential(args) => commands::potential::run(&args),
        Command::Derive(args) => commands::derive::run(&args),
        Command::Shadow(args) => commands::shadow::run(&args),
        Command::Problems(args) => commands::problems::run(&args),
        Command::Stability(args) => commands::stability::run(&args),
        Command::Orbit(args) => commands::orbit::run(&args),
        Command::Periodic(args) => commands::periodic::run(&args),
        Command::Diagram(args) => commands::diagram::run(&args),
        Command::Lyapunov(args) => commands::lyapunov::run(&args),
        Command::Basin(args) => commands::basin::run(&args),
        Command::Sharpness(args) => commands::sharpness::run(&args),
        Command::Balancing(args) => commands::balancing::run(&args),
        Command::Descent(args) => commands::descent::run(&args),
        Command::Gibbs(args) => commands::gibbs::run(&args),
        Command::Escapes(args) => commands::escapes::run(&args),
        Command::Paths(args) => commands::paths::run(&args),
        Command::Verify(args) => commands::verify::run(&args),
        Command::Figures(args) => commands::figures::run(&args),
    };
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => error.report(),
    }
}
