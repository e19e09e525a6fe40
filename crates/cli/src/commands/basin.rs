//! `shadowflow basin`: what becomes of every start in a window.

mod part;
mod report;

use serde_json::json;
use shadowflow_figures::Progress;
use shadowflow_numerics::{Basin, Basins, Judge, Label, OrbitSearch, StartsError, Window};
use shadowflow_symbolic::StepProgram;

use self::part::Part;
use self::report::Report;
use super::dynamics::{Dynamics, check_ending, check_range, draw, failed, label, number, tex};
use super::stability::short;
use crate::args::BasinArgs;
use crate::error::CliError;
use crate::terminal::{Bar, print, print_json, say, stop_by_myself};

/// Starts computed between looks at Ctrl-C.
const STRIP: usize = 1 << 16;

/// Steps of all orbits between looks at Ctrl-C, at the most.
const WORK: usize = 200_000_000;

/// The same of orbits that go one by one.
const WORK_ALONE: usize = 500_000;

/// The most steps of an orbit.
const MOST: usize = 1_000_000;

/// An orbit farther out than this has diverged.
const RADIUS: f64 = 1e6;

pub(crate) fn run(args: &BasinArgs) -> Result<(), CliError> {
    check_ending(args.out.as_deref())?;
    if args.h <= 0.0 {
        return Err(CliError::Step { h: args.h });
    }
    check_range("--period", args.period, 1, OrbitSearch::LONGEST)?;
    // With fewer nothing could be told from what has not settled yet.
    check_range("--steps", args.steps, 8 * args.period, MOST)?;
    let dynamics = Dynamics::of(&args.map)?;
    if dynamics.variables.len() != 2 {
        return Err(CliError::NeedsPlane { found: dynamics.variables.len() });
    }
    let [x0, x1, y0, y1] = args.window[..] else {
        return Err(CliError::Count { argument: "--window", found: args.window.len(), expected: 4 });
    };
    let window = Window::new((x0, x1), (y0, y1)).map_err(CliError::Window)?;
    let side = usize::from(args.resolution);
    let (x, y) = window.centres(side, side).map_err(CliError::Window)?;
    stop_by_myself();
    let (basins, part) = computed(args, &dynamics, &x, &y)?;
    let report = Report::of(args, &dynamics, &basins, (&x, &y))?;
    if let Some(file) = &args.out {
        draw(&report.chart(), file)?;
    }
    if let Some(part) = part {
        part.remove();
    }
    if args.json { print_json(&report.document()?) } else { print(&report.text()?) }
}

/// The basins, strip by strip; with `--out` what was kept beside the file, which has served once the picture is drawn.
fn computed(
    args: &BasinArgs,
    dynamics: &Dynamics,
    x: &[f64],
    y: &[f64],
) -> Result<(Basins, Option<Part>), CliError> {
    let key = json!({
        "version": env!("CARGO_PKG_VERSION"), "method": dynamics.method, "formula": dynamics.formula,
        "variables": dynamics.variables, "h": args.h.to_bits(), "window": args.window.iter().map(|x| x.to_bits()).collect::<Vec<_>>(),
        "resolution": args.resolution, "steps": args.steps, "period": args.period,
    });
    let part = args.out.as_deref().map(|file| Part::of(file, key));
    let kept = part.as_ref().map(Part::read).transpose()?.flatten();
    // Whole rows were kept, and not all of them.
    let kept =
        kept.filter(|kept| kept.labels().len() % x.len() == 0 && kept.labels().len() <= x.len() * y.len());
    let mut done = kept.as_ref().map_or(0, |kept| kept.labels().len() / x.len());
    if done > 0 {
        say(&format!("shadowflow: going on after {done} of {} rows", y.len()));
    }
    let mut strips: Vec<Basins> = kept.into_iter().collect();
    let bar = Bar::new(1);
    let program = StepProgram::of(&dynamics.map);
    let work = if program.is_some() { WORK } else { WORK_ALONE };
    let rows = (STRIP.min(work / args.steps) / x.len()).max(1);
    while done < y.len() {
        let strip = &y[done..(done + rows).min(y.len())];
        strips.push(of_strip(args, dynamics, program.as_ref(), x, strip).map_err(failed)?);
        done += strip.len();
        bar.advance(done as f64 / y.len() as f64);
        if bar.is_cancelled() && done < y.len() {
            bar.finish();
            if let Some(part) = &part {
                part.write(&Basins::join(strips))?;
                say(&format!(
                    "shadowflow: interrupted; {} keeps what is done, the same command goes on",
                    part.file.display()
                ));
            }
            return Err(CliError::Interrupted);
        }
    }
    bar.finish();
    Ok((Basins::join(strips), part))
}

fn of_strip(
    args: &BasinArgs,
    dynamics: &Dynamics,
    program: Option<&StepProgram<2>>,
    x: &[f64],
    y: &[f64],
) -> Result<Basins, StartsError> {
    if let Some(program) = program {
        let basin = Basin { radius: RADIUS, steps: args.steps, longest: args.period };
        return basin.basins(program, &[args.h], x, y);
    }
    // With memory, or steps that solve equations.
    let judge = Judge { steps: args.steps, longest: args.period, radius: RADIUS, window: None };
    judge.basins(&dynamics.map, args.h, |x, y| dynamics.map.start(&[x, y]), x, y)
}

/// Periods stand for themselves, 64 at most; 0 is aperiodic, 254 undecided, 255 diverged.
fn encoded(label: Label) -> u8 {
    match label {
        Label::Period(p) => p,
        Label::Aperiodic => 0,
        Label::Undecided => 254,
        Label::Diverged => 255,
    }
}

fn decoded(byte: u8) -> Label {
    match byte {
        0 => Label::Aperiodic,
        254 => Label::Undecided,
        255 => Label::Diverged,
        p => Label::Period(p),
    }
}
