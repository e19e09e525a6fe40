//! How far each method may step on a given spectrum.

use num_complex::Complex64;
use serde_json::{Value, json};
use shadowflow_methods::{Exact, Extent, Kind, Method, Tableau};
use shadowflow_numerics::{Amplification, Optimizer, largest_step};

use super::objective::short;
use crate::args::StabilityArgs;
use crate::error::CliError;

/// The methods of the table; the JSON document has the whole catalogue.
const SHOWN: [&str; 14] = [
    "euler",
    "heun",
    "kutta3",
    "rk4",
    "dormand-prince",
    "ssp33",
    "ssp104",
    "rkc(s=5,damping=0.05)",
    "rkc(s=10,damping=0.05)",
    "rkc2(s=10)",
    "rkl1(s=7)",
    "implicit-euler",
    "implicit-midpoint",
    "sdirk2",
];

/// The largest stable step of a method.
pub(super) struct Reach {
    method: String,
    /// Evaluations of the gradient (or field) in a step; of implicit methods the stages, each solved for.
    gradients: usize,
    implicit: bool,
    step: Extent,
}

impl Reach {
    fn of(method: &Method, eigenvalues: &[Complex64]) -> Reach {
        let tableau = method.tableau();
        let smallest = |a: Extent, b: Extent| match (a, b) {
            (Extent::Bounded(a), Extent::Bounded(b)) => Extent::Bounded(a.min(b)),
            (Extent::Unbounded, other) | (other, Extent::Unbounded) => other,
        };
        let function = tableau.stability_function();
        let step =
            eigenvalues.iter().map(|&value| largest_step(function, value)).fold(Extent::Unbounded, smallest);
        Reach {
            method: method.name().to_owned(),
            gradients: gradients(tableau),
            implicit: tableau.kind() != Kind::Explicit,
            step,
        }
    }

    /// Of an optimizer without preconditioner, on real eigenvalues.
    fn of_optimizer(optimizer: &Optimizer, eigenvalues: &[Complex64]) -> Option<Reach> {
        let sharpest = eigenvalues.iter().map(|value| value.norm()).fold(0.0, f64::max);
        let real = eigenvalues.iter().all(|value| value.im == 0.0 && value.re < 0.0);
        (real && !optimizer.is_adaptive() && sharpest > 0.0).then(|| Reach {
            method: optimizer.to_string(),
            gradients: 1,
            implicit: false,
            step: Extent::Bounded(optimizer.edge() / sharpest),
        })
    }

    fn per_gradient(&self) -> Extent {
        match self.step {
            Extent::Bounded(h) => Extent::Bounded(h / self.gradients as f64),
            Extent::Unbounded => Extent::Unbounded,
        }
    }

    pub(super) fn document(&self) -> Value {
        json!({
            "method": self.method,
            "gradients_per_step": self.gradients,
            "implicit": self.implicit,
            "largest_h": super::number(self.step),
            "h_per_gradient": super::number(self.per_gradient()),
        })
    }
}

/// Of the methods asked for: the named one, or all of the catalogue and of the table.
pub(super) fn reaches(args: &StabilityArgs, eigenvalues: &[Complex64]) -> Result<Vec<Reach>, CliError> {
    if eigenvalues.is_empty() {
        return Ok(Vec::new());
    }
    if let Some(optimizer) = super::optimizer::named(args)? {
        return Ok(Reach::of_optimizer(&optimizer, eigenvalues).into_iter().collect());
    }
    let given = super::given(args)?;
    match (&given, args.h) {
        (Some(method), h) => super::picture::write(
            args,
            method,
            &eigenvalues.iter().map(|e| e * h.unwrap_or(0.0)).collect::<Vec<_>>(),
        )?,
        (None, _) if args.out.is_some() => return Err(CliError::NeedsMethod),
        _ => {}
    }
    let mut found = match given {
        Some(method) => vec![Reach::of(&method, eigenvalues)],
        None => {
            let named = SHOWN.iter().map(|name| Method::named(name)).collect::<Result<Vec<_>, _>>()?;
            let others =
                Method::all().into_iter().filter(|method| args.json && !SHOWN.contains(&method.name()));
            named.into_iter().chain(others).map(|method| Reach::of(&method, eigenvalues)).collect()
        }
    };
    if args.name.is_none() && args.tableau.is_none() {
        let named = ["heavy-ball(beta=0.9)", "nesterov(beta=0.9)"]
            .into_iter()
            .filter_map(|name| Optimizer::named(name).ok());
        found.extend(named.filter_map(|optimizer| Reach::of_optimizer(&optimizer, eigenvalues)));
    }
    let key = |reach: &Reach| match reach.per_gradient() {
        Extent::Bounded(h) => h,
        Extent::Unbounded => f64::INFINITY,
    };
    found.sort_by(|a, b| a.implicit.cmp(&b.implicit).then(key(b).total_cmp(&key(a))));
    Ok(found)
}

/// What `--h` does with the method or optimizer that was named.
pub(super) struct Verdict {
    method: String,
    h: f64,
    /// Of a method: by how much a step magnifies at the most, and along which eigenvalue.
    largest: Option<(f64, Complex64)>,
    /// `None` if the preconditioner of an optimizer decides, or the theory does not reach this spectrum.
    stable: Option<bool>,
}

impl Verdict {
    pub(super) fn of(args: &StabilityArgs, eigenvalues: &[Complex64]) -> Result<Option<Verdict>, CliError> {
        let Some(h) = args.h.filter(|_| !eigenvalues.is_empty()) else { return Ok(None) };
        if let Some(optimizer) = super::optimizer::named(args)? {
            let reach = Reach::of_optimizer(&optimizer, eigenvalues);
            let stable = reach.map(|reach| match reach.step {
                Extent::Bounded(most) => h < most,
                Extent::Unbounded => true,
            });
            return Ok(Some(Verdict { method: optimizer.to_string(), h, largest: None, stable }));
        }
        // Without a name gradient descent is judged.
        let method = match super::given(args)? {
            Some(method) => method,
            None => Method::named("euler")?,
        };
        let r = Amplification::of(method.tableau());
        let largest = eigenvalues.iter().map(|&e| (r.modulus(e * h), e)).max_by(|a, b| a.0.total_cmp(&b.0));
        // On the imaginary axis |R| is 1 for some methods, up to rounding.
        let stable = largest.map(|found| found.0 <= 1.0 + 1e-12);
        Ok(Some(Verdict { method: method.name().to_owned(), h, largest, stable }))
    }

    pub(super) fn line(&self) -> String {
        let method = &self.method;
        let verdict = match self.stable {
            Some(true) => format!("{method} is stable"),
            Some(false) => format!("{method} is unstable"),
            None => format!("whether {method} is stable is not decided by these eigenvalues alone"),
        };
        // Six digits would hide on which side of 1 it is.
        let digits =
            |modulus: f64| if (modulus - 1.0).abs() < 1e-5 { modulus.to_string() } else { short(modulus) };
        let why = self.largest.map_or(String::new(), |(modulus, _)| {
            format!(": a step multiplies by at most {}", digits(modulus))
        });
        format!("At h = {} {verdict} on these{why}.", short(self.h))
    }

    pub(super) fn document(&self) -> Value {
        json!({
            "method": self.method,
            "h": self.h,
            "stable": self.stable,
            "amplification": self.largest.map(|found| found.0),
            "along": self.largest.map(|(_, e)| [e.re, e.im]),
        })
    }
}

/// Why there is no table although a name was given: nothing is dropped without a word.
pub(super) fn unjudged(args: &StabilityArgs, reaches: &[Reach]) -> Result<Option<String>, CliError> {
    let Some(optimizer) = super::optimizer::named(args)?.filter(|_| reaches.is_empty()) else {
        return Ok(None);
    };
    let edge = short(optimizer.edge());
    Ok(Some(match optimizer.is_adaptive() {
        true => format!(
            "{optimizer} is stable for h below {edge} over the largest eigenvalue of P^-1 Hessian, whose preconditioner P depends on the run and is not known here."
        ),
        false => format!(
            "{optimizer} is judged where all eigenvalues are real and negative: there h*|lambda| < {edge}."
        ),
    }))
}

/// A table of them, largest step per gradient first.
pub(super) fn table(reaches: &[Reach], what: &str) -> Vec<String> {
    let extent = |extent: Extent| match extent {
        Extent::Bounded(h) => short(h),
        Extent::Unbounded => "any".to_owned(),
    };
    let width = reaches.iter().map(|reach| reach.method.len()).max().unwrap_or(0).max("method".len());
    let mut lines = vec![
        format!("The largest stable h of each method (on the {what})"),
        format!("  {:<width$}  gradients  largest h    h per gradient", "method"),
    ];
    for reach in reaches {
        let per = if reach.implicit { "-".to_owned() } else { extent(reach.per_gradient()) };
        let note = if reach.implicit { "  implicit: each stage is solved for" } else { "" };
        let line = format!(
            "  {:<width$}  {:<9}  {:<11}  {per}{note}",
            reach.method,
            reach.gradients,
            extent(reach.step)
        );
        lines.push(line.trim_end().to_owned());
    }
    lines
}

/// Evaluations in a step: one less than stages where the last is the first of the next step.
fn gradients(tableau: &Tableau) -> usize {
    let s = tableau.stages();
    let reused = s > 1 && tableau.row(0).iter().all(Exact::is_zero) && tableau.row(s - 1) == tableau.b();
    s - usize::from(reused)
}
