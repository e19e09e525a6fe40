//! `shadowflow stability`: what a step may do, of a method, and for an objective or field at a point.

mod batches;
mod facts;
mod field;
mod objective;
mod optimizer;
mod picture;
mod reach;
mod schedule;
mod trial;

pub(super) use objective::{point, short, wrapped};

use serde_json::{Value, json};
use shadowflow_methods::{Exact, Extent, Method, Polynomial, StabilityFunction, Tableau};
use shadowflow_numerics::Optimizer;
use shadowflow_symbolic::System;

use super::system::{system, with_numbers};
use super::{readable, strings};
use crate::args::{MethodArg, StabilityArgs};
use crate::error::CliError;
use crate::terminal::{print, print_json};

pub(crate) fn run(args: &StabilityArgs) -> Result<(), CliError> {
    let Some(system) = with_system(args)? else {
        if let Some(found) = schedule::named(args)? {
            return schedule::run(args, &found);
        }
        if let Some(optimizer) = optimizer::named(args)? {
            return optimizer::run(args, &optimizer);
        }
        let method = given(args)?.ok_or(CliError::NeedsSystem)?;
        picture::write(args, &method, &[])?;
        return of_method(args, &method);
    };
    if let Some(found) = schedule::named(args)? {
        return Err(CliError::ScheduleAlone { name: found.name().to_owned() });
    }
    if args.at.is_empty() {
        return Err(CliError::NeedsPoint { variables: system.variables().join(", ") });
    }
    if let Some(h) = args.h.filter(|h| *h <= 0.0) {
        return Err(CliError::Step { h });
    }
    match &system {
        System::Gradient(f) => objective::run(args, f),
        System::Field(f) => field::run(args, f),
        System::Sum(sum) => batches::run(args, sum),
    }
}

/// The system, with numbers for all its parameters; none if none was given, and nothing that belongs to one.
fn with_system(args: &StabilityArgs) -> Result<Option<System>, CliError> {
    if system(&args.system)?.is_some() {
        return with_numbers(&args.system).map(Some);
    }
    match () {
        () if !args.at.is_empty() => Err(CliError::OnlyWithSystem { argument: "--at" }),
        () if args.h.is_some() => Err(CliError::OnlyWithSystem { argument: "--h" }),
        () => Ok(None),
    }
}

/// The method that was named, if one was.
fn given(args: &StabilityArgs) -> Result<Option<Method>, CliError> {
    let arg = MethodArg { name: args.name.clone(), tableau: args.tableau.clone() };
    if arg.name.is_none() && arg.tableau.is_none() {
        return Ok(None);
    }
    let others = Optimizer::names().chain(["silver", "chebyshev"]);
    super::method(&arg).map(Some).map_err(|error| super::suggesting(error, others))
}

fn of_method(args: &StabilityArgs, method: &Method) -> Result<(), CliError> {
    let stability = Stability::of(method.tableau());
    if !args.json {
        return print(&stability.text(method));
    }
    let mut document = json!({ "method": method.name(), "stages": stability.stages });
    for part in [stability.document(), facts::document(method.tableau())] {
        if let (Value::Object(document), Value::Object(facts)) = (&mut document, part) {
            document.extend(facts);
        }
    }
    print_json(&document)
}

/// The stability function of a tableau, with its intervals.
pub(crate) struct Stability<'a> {
    function: &'a StabilityFunction,
    stages: usize,
    real: Extent,
    imaginary: Extent,
}

impl Stability<'_> {
    pub(crate) fn of(tableau: &Tableau) -> Stability<'_> {
        Stability::of_function(tableau.stability_function(), tableau.stages())
    }

    pub(crate) fn of_function(function: &StabilityFunction, stages: usize) -> Stability<'_> {
        Stability {
            function,
            stages,
            real: function.real_interval(),
            imaginary: function.imaginary_interval(),
        }
    }

    fn real_per_stage(&self) -> Extent {
        match self.real {
            Extent::Bounded(x) => Extent::Bounded(x / self.stages as f64),
            Extent::Unbounded => Extent::Unbounded,
        }
    }

    fn text(&self, method: &Method) -> String {
        let quotient = match self.function.denominator().degree() {
            Some(0) => polynomial(self.function.numerator()),
            _ => format!(
                "({}) / ({})",
                polynomial(self.function.numerator()),
                polynomial(self.function.denominator())
            ),
        };
        let mut lines = vec![
            format!("{}: {}", method.name(), method.title()),
            String::new(),
            format!("R(z) = {quotient}"),
            String::new(),
            facts::row("real interval", &self.real_text()),
        ];
        let digits = method.tableau().digits();
        if let Some(exit) = self.function.real_exit() {
            lines.push(facts::row("", &facts::proof(&exit, digits)));
        }
        lines.push(facts::row("  per stage", &interval(self.real_per_stage(), "", "", "unbounded")));
        lines.push(facts::row("imaginary interval", &self.imaginary_text()));
        if let Some(exit) = self.function.imaginary_exit().filter(|exit| exit.to_f64() > 0.0) {
            lines.push(facts::row("", &facts::proof(&exit, digits)));
        }
        lines.extend(facts::lines(method));
        lines.join("\n") + "\n"
    }

    pub(crate) fn real_text(&self) -> String {
        interval(self.real, "[-", ", 0]", "all of z <= 0")
    }

    pub(crate) fn imaginary_text(&self) -> String {
        interval(self.imaginary, "[-i y, i y] with y = ", "", "the whole axis")
    }

    pub(crate) fn is_a_stable(&self) -> bool {
        self.function.is_a_stable()
    }

    pub(crate) fn is_l_stable(&self) -> bool {
        self.function.is_l_stable()
    }

    pub(crate) fn document(&self) -> Value {
        let coefficients = |p: &Polynomial| strings(p.coefficients());
        json!({
            "numerator": coefficients(self.function.numerator()),
            "denominator": coefficients(self.function.denominator()),
            "real_interval": number(self.real),
            "imaginary_interval": number(self.imaginary),
            "real_per_stage": number(self.real_per_stage()),
            "a_stable": self.function.is_a_stable(),
            "l_stable": self.function.is_l_stable(),
        })
    }
}

fn interval(extent: Extent, before: &str, after: &str, unbounded: &str) -> String {
    match extent {
        Extent::Bounded(x) => format!("{before}{x}{after}"),
        Extent::Unbounded => unbounded.to_owned(),
    }
}

fn number(extent: Extent) -> Value {
    match extent {
        Extent::Bounded(x) => json!(x),
        Extent::Unbounded => json!("unbounded"),
    }
}

fn polynomial(p: &Polynomial) -> String {
    let term = |(k, c): (usize, &Exact)| {
        let number = match readable(c) {
            text if text.contains(' ') => format!("({text})"),
            text => text,
        };
        match k {
            0 => number,
            _ => {
                let power = if k == 1 { "z".to_owned() } else { format!("z^{k}") };
                match number.as_str() {
                    "1" => power,
                    "-1" => format!("-{power}"),
                    _ => format!("{number}*{power}"),
                }
            }
        }
    };
    let terms: Vec<String> =
        p.coefficients().iter().enumerate().filter(|(_, c)| !c.is_zero()).map(term).collect();
    if terms.is_empty() { "0".to_owned() } else { terms.join(" + ").replace("+ -", "- ") }
}
