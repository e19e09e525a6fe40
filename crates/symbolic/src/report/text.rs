//! A derivation as text to be read at a terminal.

use super::Report;
use crate::derivation::{Derivation, Obstruction, Residual, Stop};
use crate::error::SymbolicError;
use crate::expr::Expr;
use crate::form::Form;

impl Report<'_> {
    /// The derivation as text to be read at a terminal.
    ///
    /// # Errors
    /// As [`Derivation::formulas`].
    pub fn text(&self, form: Form) -> Result<String, SymbolicError> {
        let formulas = match form {
            Form::Collected => None,
            other => Some(self.formulas(other)?),
        };
        Ok(text(self, formulas.as_ref()))
    }
}

/// Formulas by powers of h, unless they are given in another form.
fn text(report: &Report<'_>, formulas: Option<&crate::form::Formulas>) -> String {
    let (scheme, found) = (report.scheme, report.found);
    let subject = report.subject();
    let mut lines = vec![
        format!(
            "{}{} of {}, {}, through h^{}",
            subject[..1].to_uppercase(),
            &subject[1..],
            scheme.name(),
            scheme.title(),
            found.order()
        ),
        format!("on {}", report.given(Expr::to_string)),
        match &found.parameters[..] {
            [] => format!("in the {}", listed("variable", &found.variables)),
            names => {
                format!(
                    "in the {} with the {}",
                    listed("variable", &found.variables),
                    listed("parameter", names)
                )
            }
        },
        String::new(),
    ];
    for (i, variable) in found.variables.iter().enumerate() {
        let head = format!("{variable}' =");
        match formulas {
            Some(formulas) => lines.push(format!("  {head} {}", formulas.field[i])),
            None => lines.extend(series(&head, found.field.iter().map(|coefficient| &coefficient[i]))),
        }
    }
    if found.field.iter().skip(1).flatten().all(Expr::is_zero) && found.order() > 0 {
        lines.push(nothing_more(scheme.accuracy(), found.order()));
    }
    if let Some(known) = scheme.published_power().filter(|known| found.order() > *known) {
        lines.push(format!(
            "  The terms from h^{} on are new: the literature known to us ends at h^{known}.",
            known + 1
        ));
    }
    match &found.stopped {
        Some(Stop::Time) => lines.push(format!(
            "  and no further: the time was up after h^{} (--timeout gives it more)",
            found.order()
        )),
        Some(Stop::Size { terms }) => {
            lines.push(format!("  and no further: the next power of h needs formulas of over {terms} terms"))
        }
        None => {}
    }
    if let Some(covariance) = &found.covariance {
        lines.push(
            "  plus noise, sqrt(h Sigma) dW, with the covariance of the gradients of the batches".to_owned(),
        );
        for (i, row) in covariance.iter().enumerate() {
            for (j, entry) in row.iter().enumerate().skip(i) {
                lines.push(format!("    Sigma[{},{}] = {entry}", found.variables[i], found.variables[j]));
            }
        }
        lines.push("  Without the terms in h this is of weak order 1, with them of weak order 2.".to_owned());
    }
    if let Some(potential) = &found.potential {
        lines.push(String::new());
        lines.push(format!(
            "Modified potential through h^{}: the field is its negative gradient through that power",
            potential.through()
        ));
        match formulas.and_then(|formulas| formulas.potential.as_ref()) {
            Some(potential) => lines.push(format!("  V = {potential}")),
            None => lines.extend(series("V =", potential.terms.iter())),
        }
        if let Some(from) = potential.special_from {
            lines.push(format!(
                "  From h^{from} on there is a potential for this objective; for a general one there is none."
            ));
        }
    }
    match &found.obstruction {
        Some(Obstruction::NotAGradient(residual)) => lines.extend(residual_text(found, residual)),
        Some(Obstruction::Undecided { h_power, curl }) => lines.extend([
            String::new(),
            format!("Whether a potential exists at h^{h_power} was not decided: the curl of that coefficient,"),
            format!("    {curl}"),
            "was not recognised as 0, and no point that was tried shows it different from 0.".to_owned(),
        ]),
        Some(Obstruction::NoClosedForm { h_power }) => lines.extend([
            String::new(),
            format!("At h^{h_power} the curl vanishes, so this objective has a potential on every simply connected part of its"),
            "domain, but no closed form was found; a general objective has none.".to_owned(),
        ]),
        None => {}
    }
    lines.join("\n") + "\n"
}

/// "variable x", "variables x, y".
fn listed(what: &str, names: &[String]) -> String {
    format!("{what}{} {}", if names.len() == 1 { "" } else { "s" }, names.join(", "))
}

/// What to say when no power of h changes the equation.
fn nothing_more(accuracy: Option<usize>, order: usize) -> String {
    let reason = match accuracy {
        Some(accuracy) if order < accuracy => {
            format!(
                "the method has order {accuracy}, so corrections begin at h^{accuracy} (--order {accuracy})"
            )
        }
        _ => "so far the method is exact on this system".to_owned(),
    };
    format!("  and nothing more through h^{order}: {reason}")
}

fn residual_text(found: &Derivation, residual: &Residual) -> Vec<String> {
    let k = residual.h_power;
    let (a, b) = (&found.variables[residual.plane.0], &found.variables[residual.plane.1]);
    let mut lines = vec![
        String::new(),
        format!("No potential exists at h^{k}: that coefficient of the field is not a gradient."),
        format!("  Its curl, d({b}')/d{a} - d({a}')/d{b} at h^{k}, would vanish for a gradient. It is"),
        format!("    {}", residual.curl),
    ];
    let witness = &residual.witness;
    let point: Vec<_> = witness.point.iter().map(|(name, value)| format!("{name} = {value}")).collect();
    lines.push(format!("  which is {} at {}.", witness.value, point.join(", ")));
    if !residual.mean_potential.is_zero() {
        lines.push("  Its means over free trees have the potential".to_owned());
        lines.push(format!("    {}", residual.mean_potential));
    }
    lines.push("  and the residual field, which belongs to no potential, is".to_owned());
    let components = found.variables.iter().zip(&residual.field);
    lines.extend(components.map(|(variable, component)| format!("    {variable}: {component}")));
    lines
}

/// A formula by powers of h, one a line.
fn series<'a>(head: &str, coefficients: impl Iterator<Item = &'a Expr>) -> Vec<String> {
    let indent = " ".repeat(head.chars().count());
    let mut lines = Vec::new();
    for (k, coefficient) in coefficients.enumerate().filter(|(_, c)| !c.is_zero()) {
        let lead = if lines.is_empty() { format!("  {head}") } else { format!("  {indent}") };
        lines.push(match k {
            0 => format!("{lead} {coefficient}"),
            1 => format!("{lead} + h * ({coefficient})"),
            _ => format!("{lead} + h^{k} * ({coefficient})"),
        });
    }
    if lines.is_empty() {
        lines.push(format!("  {head} 0"));
    }
    lines
}
