//! `shadowflow stability --objective … --at …`: how large a learning rate may be, and what happens beyond.

use num_complex::Complex64;
use serde_json::{Value, json};
use shadowflow_numerics::{Beyond, Curvature, Edge, Momentum, Tuning};
use shadowflow_symbolic::{NumericObjective, Objective};

use super::reach::{Reach, Verdict, reaches, unjudged};
use super::trial::{STEPS, Trial};
use crate::args::StabilityArgs;
use crate::error::CliError;
use crate::terminal::{WIDTH, print, print_json};

/// Learning rates tried, as multiples of the largest stable one.
const TRIED: [f64; 6] = [0.9, 1.02, 1.1, 1.25, 1.5, 2.0];

/// How far from the point the trials start, as a share of its size.
const NUDGE: f64 = 1e-3;

pub(super) fn run(args: &StabilityArgs, objective: &Objective) -> Result<(), CliError> {
    let f = objective
        .numeric()
        .map_err(|source| CliError::Symbolic { argument: "--params", source: Box::new(source) })?;
    let curvature = Curvature::at(&f, &args.at).map_err(CliError::Point)?;
    let report = Report::of(args, objective, &f, curvature)?;
    if args.json { print_json(&report.document()) } else { print(&report.text()) }
}

struct Report<'a> {
    objective: &'a Objective,
    curvature: Curvature,
    edge: Option<Edge>,
    start: Vec<f64>,
    trials: Vec<Trial>,
    reaches: Vec<Reach>,
    verdict: Option<Verdict>,
    note: Option<String>,
    asked: Option<f64>,
    only: Option<&'a str>,
}

impl<'a> Report<'a> {
    fn of(
        args: &'a StabilityArgs,
        objective: &'a Objective,
        f: &NumericObjective,
        curvature: Curvature,
    ) -> Result<Report<'a>, CliError> {
        let edge = Edge::of(f, &curvature).map_err(CliError::Point)?;
        let eigenvalues: Vec<Complex64> = curvature.positive().map(|x| Complex64::new(-x, 0.0)).collect();
        let reaches = reaches(args, &eigenvalues)?;
        let (verdict, note) = (Verdict::of(args, &eigenvalues)?, unjudged(args, &reaches)?);
        let start = nudged(&curvature);
        let mut rates: Vec<f64> = match curvature.positive().next_back() {
            Some(sharpness) => TRIED.iter().map(|factor| factor * 2.0 / sharpness).collect(),
            None => Vec::new(),
        };
        rates.extend(args.h);
        rates.sort_by(f64::total_cmp);
        rates.dedup();
        let trials = rates.into_iter().map(|h| Trial::of(f, h, &start)).collect::<Result<_, CliError>>()?;
        Ok(Report {
            objective,
            curvature,
            edge,
            start,
            trials,
            reaches,
            verdict,
            note,
            asked: args.h,
            only: args.name.as_deref(),
        })
    }

    fn place(&self, x: &[f64]) -> String {
        match self.objective.variables() {
            [name] => format!("{name} = {}", point(x)),
            names => format!("({}) = {}", names.join(", "), point(x)),
        }
    }

    fn text(&self) -> String {
        let c = &self.curvature;
        let mut lines = vec![
            format!("f = {}", self.objective.expr()),
            format!("at {}: f = {}", self.place(c.point()), short(c.value())),
            String::new(),
        ];
        lines.extend(self.curvature_in_words());
        lines.extend(self.rate_in_words());
        if !self.trials.is_empty() {
            lines.push(String::new());
            lines.push(format!("Seen: gradient descent from {}, {STEPS} steps each", point(&self.start)));
            let width = self.trials.iter().map(|trial| short(trial.h).len()).max().unwrap_or(0);
            for trial in &self.trials {
                let mark = if self.asked == Some(trial.h) { "  <- --h" } else { "" };
                lines.push(format!("  h = {:<width$}  {}{mark}", short(trial.h), trial.in_words()));
            }
        }
        if !self.reaches.is_empty() {
            lines.push(String::new());
            lines.extend(super::reach::table(&self.reaches, "positive curvatures"));
        }
        lines.extend(self.note.iter().cloned());
        lines.extend(self.verdict.iter().map(Verdict::line));
        lines.extend(self.advice());
        lines.iter().map(|line| wrapped(line) + "\n").collect()
    }

    fn curvature_in_words(&self) -> Vec<String> {
        let c = &self.curvature;
        let list = |index: usize| match c.is_flat(index) {
            true => "0 (flat)".to_owned(),
            false => short(c.eigenvalues()[index]),
        };
        let all: Vec<String> = (0..c.eigenvalues().len()).map(list).collect();
        let mut lines = vec![format!("Curvatures (eigenvalues of the Hessian): {}", all.join(", "))];
        let flat = (0..all.len()).filter(|&i| c.is_flat(i)).count();
        let what = match (c.is_critical(), c.descending(), flat) {
            (false, _, _) => format!(
                "This is no critical point, the gradient has length {}: what follows is about the quadratic with this Hessian.",
                short(c.slope())
            ),
            (true, 0, 0) => "A minimizer: the gradient is 0 and all curvatures are positive.".to_owned(),
            (true, 0, n) if n < all.len() => {
                "The gradient is 0 and no curvature is negative: a minimizer as far as second derivatives tell, with flat directions.".to_owned()
            }
            (true, 0, _) => "The gradient and all curvatures are 0: second derivatives tell nothing here.".to_owned(),
            (true, n, _) if n == all.len() => "A maximizer: gradient descent leads away, at every learning rate.".to_owned(),
            (true, n, _) => {
                let ways = if n == 1 { "one direction".to_owned() } else { format!("{n} directions") };
                format!("A saddle: gradient descent leads away at every learning rate, along {ways} of negative curvature.")
            }
        };
        lines.push(what);
        lines
    }

    fn rate_in_words(&self) -> Vec<String> {
        let c = &self.curvature;
        let mut lines = vec![String::new(), "How large a learning rate may I take?".to_owned()];
        let Some(sharpness) = c.positive().next_back() else {
            lines.push("  No curvature is positive, so the Hessian sets no limit here.".to_owned());
            return lines;
        };
        let edge = 2.0 / sharpness;
        let q = &c.directions()[c.directions().len() - 1];
        let direction = match q.len() {
            1 => String::new(),
            d if sharpness - c.eigenvalues()[d - 2] <= 1e-9 * sharpness => {
                format!(
                    " Several directions are as sharp; along them a step multiplies the distance by 1 - {} h.",
                    short(sharpness)
                )
            }
            _ => format!(
                " The sharpest direction is {}; along it a step multiplies the distance by 1 - {} h.",
                point(q),
                short(sharpness)
            ),
        };
        lines.push(format!("  Gradient descent: h < 2/{} = {}.{direction}", short(sharpness), short(edge)));
        lines.push(format!(
            "  Below {} it comes straight down, between {} and {} it jumps from side to side, closer each time.",
            short(edge / 2.0), short(edge / 2.0), short(edge)
        ));
        lines.push(String::new());
        lines.push("And beyond?".to_owned());
        let Some(found) = &self.edge else {
            lines.push(format!("  Beyond {} the jumps along the sharpest direction grow.", short(edge)));
            return lines;
        };
        let words = match &found.beyond {
            Beyond::Oscillates => {
                let amplitude = |factor: f64| short_to((2.0 * (factor - 1.0) / found.coefficient).sqrt(), 2);
                format!(
                    "Just beyond {} it settles on jumping between two points, one on either side, at a distance near sqrt((h*{} - 2)/{}) along the sharpest direction: {} at 1% more, {} at 5% more. (The flip is supercritical.)",
                    short(found.h),
                    short(sharpness),
                    short_to(found.coefficient, 4),
                    amplitude(1.01),
                    amplitude(1.05)
                )
            }
            Beyond::Leaves => format!(
                "Just beyond {} there is no small oscillation to settle on: it leaves the neighbourhood. (The flip is subcritical; already below the edge only nearby starts come back, up to a distance near sqrt((2 - h*{})/{}).)",
                short(found.h),
                short(sharpness),
                short_to(-found.coefficient, 4)
            ),
            Beyond::Slides { direction, slope } => format!(
                "Just beyond {} jumps across the valley grow and push it along the valley, towards {}, where the sharpness falls (by {} per unit of length at first), until 2/sharpness exceeds h. Large learning rates end in flatter minimizers.",
                short(found.h),
                point(direction),
                short_to(-slope, 4)
            ),
            Beyond::Diverges => format!(
                "Beyond {} every orbit grows without bound, by the factor |1 - {} h| a step: f is quadratic.",
                short(found.h),
                short(sharpness)
            ),
            Beyond::Undecided => {
                "Third and fourth derivatives do not decide; see below what was seen.".to_owned()
            }
        };
        lines.push(format!("  {words}"));
        lines
    }

    /// What to take, if one wants to be quick.
    fn advice(&self) -> Vec<String> {
        let Some(advice) = Advice::of(&self.curvature) else { return Vec::new() };
        let mut lines = vec![String::new(), "What to take".to_owned()];
        lines.push(format!(
            "  The condition number is {}. Gradient descent is quickest at h = {}: {}.",
            short(advice.condition),
            short(advice.descent.h),
            pace(&advice.descent, advice.condition)
        ));
        if let Some(heavy_ball) = &advice.heavy_ball {
            lines.push(format!(
                "  Recommended: heavy ball with h = {}, beta = {}: {}.",
                short(heavy_ball.h),
                short(heavy_ball.beta),
                pace(heavy_ball, advice.condition.sqrt())
            ));
        } else {
            lines.push(
                "  Recommended: just that; with a condition number of at most 4 momentum gains little."
                    .to_owned(),
            );
        }
        lines
    }

    fn document(&self) -> Value {
        let c = &self.curvature;
        let beyond = |edge: &Edge| {
            let (name, valley) = match &edge.beyond {
                Beyond::Oscillates => ("oscillates", Value::Null),
                Beyond::Leaves => ("leaves", Value::Null),
                Beyond::Slides { direction, slope } => {
                    ("slides", json!({ "direction": direction, "sharpness_slope": slope }))
                }
                Beyond::Diverges => ("diverges", Value::Null),
                Beyond::Undecided => ("undecided", Value::Null),
            };
            json!({ "h": edge.h, "direction": edge.direction, "coefficient": edge.coefficient, "beyond": name, "valley": valley })
        };
        json!({
            "objective": self.objective.expr().to_string(),
            "variables": self.objective.variables(),
            "point": c.point(),
            "value": c.value(),
            "gradient": c.gradient(),
            "critical": c.is_critical(),
            "eigenvalues": c.eigenvalues(),
            "directions": c.directions(),
            "sharpness": c.sharpness(),
            "condition": c.condition(),
            "method": self.only,
            "methods": self.reaches.iter().map(Reach::document).collect::<Vec<_>>(),
            "asked": self.verdict.as_ref().map(Verdict::document),
            "note": self.note,
            "edge": self.edge.as_ref().map(beyond),
            "start": self.start,
            "steps": STEPS,
            "seen": self.trials.iter().map(Trial::document).collect::<Vec<_>>(),
            "recommended": Advice::of(c).map(|advice| advice.document()),
        })
    }
}

/// In words, what a rate (r - 1)/(r + 1) per gradient comes to for a millionth of the distance.
fn pace(tuning: &Tuning, ratio: f64) -> String {
    match tuning.rate {
        rate if rate <= 1e-12 => "one step leads to the minimizer of the quadratic".to_owned(),
        rate => format!(
            "each gradient leaves {} of the distance, {} gradients a millionth of it",
            short(rate),
            // ln((r - 1)/(r + 1)) without cancellation.
            (1e6f64.ln() / (2.0 * ratio.recip().atanh())).ceil()
        ),
    }
}

/// The quickest constant parameters on the quadratic with this Hessian.
struct Advice {
    condition: f64,
    descent: Tuning,
    /// Where momentum gains much.
    heavy_ball: Option<Tuning>,
}

impl Advice {
    fn of(curvature: &Curvature) -> Option<Advice> {
        if curvature.descending() > 0 {
            return None;
        }
        let (condition, largest) = (curvature.condition()?, curvature.positive().next_back()?);
        let smallest = curvature.positive().next()?;
        let descent = Momentum::best_descent(smallest, largest).ok()?;
        let heavy_ball = Momentum::best_heavy_ball(smallest, largest).ok().filter(|_| condition > 4.0);
        Some(Advice { condition, descent, heavy_ball })
    }

    fn document(&self) -> Value {
        let (method, tuning) = match &self.heavy_ball {
            Some(tuning) => ("heavy-ball", tuning),
            None => ("euler", &self.descent),
        };
        json!({ "method": method, "h": tuning.h, "beta": tuning.beta, "factor_per_gradient": tuning.rate })
    }
}

/// A start near the point, off every symmetric line through it.
fn nudged(curvature: &Curvature) -> Vec<f64> {
    let size = curvature.point().iter().fold(0.0, |size: f64, x| size.max(x.abs()));
    let size = NUDGE * if size > 0.0 { size } else { 1.0 };
    // Mostly along the sharpest direction, a little along all others.
    let mut start = curvature.point().to_vec();
    let directions = curvature.directions();
    for (k, v) in directions.iter().rev().enumerate() {
        let share = size / (1.0 + k as f64).powi(2);
        start.iter_mut().zip(v).for_each(|(x, v)| *x += share * v);
    }
    start
}

/// A number to six digits.
pub(in crate::commands) fn short(x: f64) -> String {
    short_to(x, 6)
}

/// A number to so many digits, without trailing zeros.
pub(super) fn short_to(x: f64, digits: usize) -> String {
    if x == 0.0 || !x.is_finite() {
        return format!("{}", x + 0.0);
    }
    let scientific = format!("{x:.*e}", digits - 1);
    // A double has an exponent, and rounding to digits keeps it one.
    let exponent: i32 = scientific.split('e').nth(1).and_then(|text| text.parse().ok()).unwrap_or(0);
    if !(-4..9).contains(&exponent) {
        let mantissa = scientific.split('e').next().unwrap_or_default();
        let mantissa = if mantissa.contains('.') {
            mantissa.trim_end_matches('0').trim_end_matches('.')
        } else {
            mantissa
        };
        return format!("{mantissa}e{exponent}");
    }
    let places = (digits as i32 - 1 - exponent).max(0) as usize;
    let text = format!("{x:.places$}");
    match text.contains('.') {
        true => text.trim_end_matches('0').trim_end_matches('.').to_owned(),
        false => text,
    }
}

pub(in crate::commands) fn point(x: &[f64]) -> String {
    // What is rounding beside the largest component is 0 to a reader.
    let size = x.iter().fold(0.0, |size: f64, x| size.max(x.abs()));
    let shown = |x: &f64| short(if x.abs() < 1e-12 * size { 0.0 } else { *x });
    match x {
        [x] => shown(x),
        _ => format!("({})", x.iter().map(shown).collect::<Vec<_>>().join(", ")),
    }
}

/// A line broken between words at the width of reports, the rest indented like its beginning.
pub(in crate::commands) fn wrapped(line: &str) -> String {
    let indent = &line[..line.len() - line.trim_start().len()];
    let (mut text, mut used) = (String::new(), 0);
    // Tables keep their columns.
    if line.trim_start().contains("  ") {
        return line.to_owned();
    }
    for word in line.split_whitespace() {
        let length = word.chars().count();
        if used > 0 && used + 1 + length > WIDTH {
            text.push('\n');
            used = 0;
        }
        text.push_str(if used == 0 { indent } else { " " });
        used += length + if used == 0 { indent.len() } else { 1 };
        text.push_str(word);
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_short_and_true() {
        for (x, text) in [
            (0.0, "0"),
            (-0.0, "0"),
            (1.0, "1"),
            (2.0 / 3.0, "0.666667"),
            (1234567.0, "1234567"),
            (1e-7, "1e-7"),
            (6.02214076e23, "6.02214e23"),
            (0.99999999, "1"),
            (-2.5, "-2.5"),
            (f64::INFINITY, "inf"),
        ] {
            assert_eq!(short(x), text);
        }
    }
}
