//! `shadowflow stability silver(n=7)`: what a schedule of learning rates does to every curvature.

use serde_json::json;
use shadowflow_numerics::Schedule;

use super::objective::short;
use crate::args::StabilityArgs;
use crate::error::CliError;
use crate::terminal::{print, print_json};

/// A schedule for curvatures up to 1, and the condition number it is judged at.
pub(super) struct Named {
    name: String,
    schedule: Schedule,
    kappa: f64,
}

impl Named {
    pub(super) fn name(&self) -> &str {
        &self.name
    }
}

/// The schedule that was named, if it is one: `silver(n=7)`, `chebyshev(n=16,kappa=100)`.
pub(super) fn named(args: &StabilityArgs) -> Result<Option<Named>, CliError> {
    let text = args.name.as_deref().unwrap_or_default().trim().to_lowercase();
    let (family, rest) = text.split_once('(').unwrap_or((&text, ""));
    if !["silver", "chebyshev"].contains(&family) {
        return Ok(None);
    }
    let shown: String = text.chars().take(60).collect();
    let malformed = || CliError::Schedule { text: shown.clone() };
    let (mut n, mut kappa) = (if family == "silver" { 7 } else { 16 }, 100.0);
    let inside = if rest.is_empty() { "" } else { rest.strip_suffix(')').ok_or_else(malformed)? };
    for argument in inside.split(',').filter(|argument| !argument.trim().is_empty()) {
        match argument.split_once('=').map(|(key, value)| (key.trim(), value.trim())) {
            Some(("n", value)) => n = value.parse().map_err(|_| malformed())?,
            Some(("kappa", value)) => kappa = value.parse().map_err(|_| malformed())?,
            _ => return Err(malformed()),
        }
    }
    if !(1.0..=1e12).contains(&kappa) {
        return Err(malformed());
    }
    let made = match family {
        "silver" => Schedule::silver(n, 1.0),
        _ => Schedule::chebyshev(n, 1.0 / kappa, 1.0),
    };
    let schedule =
        made.map_err(|error| CliError::Measurement { reason: format!("argument NAME: {error}") })?;
    Ok(Some(Named { name: format!("{family}(n={n},kappa={})", short(kappa)), schedule, kappa }))
}

pub(super) fn run(args: &StabilityArgs, found: &Named) -> Result<(), CliError> {
    if args.out.is_some() {
        return Err(CliError::NeedsMethod);
    }
    let failed = |error: shadowflow_numerics::InputError| CliError::Measurement { reason: error.to_string() };
    let Named { name, schedule, kappa } = found;
    let least = 1.0 / kappa;
    let contraction = schedule.contraction(least, 1.0).map_err(failed)?;
    let growth = schedule.growth(least, 1.0).map_err(failed)?;
    let edge = schedule.sharpness_at_the_edge();
    let n = schedule.steps().len();
    if args.json {
        return print_json(&json!({
            "method": name,
            "steps": schedule.steps(),
            "sharpness_at_the_edge": edge,
            "kappa": kappa,
            "contraction": contraction,
            "per_step": contraction.powf(1.0 / n as f64),
            "growth": growth,
        }));
    }
    const SHOWN: usize = 16;
    let steps: Vec<String> = schedule.steps().iter().take(SHOWN).map(|&h| short(h)).collect();
    let more = if n > SHOWN { ", ..." } else { "" };
    print(&format!(
        "{name}: {n} learning rates, in units of 1/L\n\n  {}{more}\n\n\
         All together multiply the part of curvature lambda by p(lambda) = prod (1 - h lambda):\n\
         \x20 |p| <= 1 for lambda up to     {} L\n\
         \x20 largest |p| on [L/kappa, L]   {}, a factor of {} a step; the best fixed step has {}\n\
         \x20 growth on the way             {}\n",
        steps.join(", "),
        short(edge),
        short(contraction),
        short(contraction.powf(1.0 / n as f64)),
        short((kappa - 1.0) / (kappa + 1.0)),
        short(growth),
    ))
}
