//! A whole derivation as text, LaTeX or JSON.

use serde_json::{Value, json};
use shadowflow_methods::Method;

use crate::derivation::{Derivation, Obstruction, Potential, Residual, WitnessValue};
use crate::expr::Expr;
use crate::system::System;

/// The derivation as text to be read at a terminal.
pub fn text(method: &Method, system: &System, found: &Derivation) -> String {
    let given = match system {
        System::Gradient(f) => format!("the gradient flow of f = {}", f.expr()),
        System::Field(field) => format!("the vector field ({})", joined(field.components(), ", ")),
    };
    let mut lines = vec![
        format!("Modified equation of {}, {}, through h^{}", method.name(), method.title(), found.order()),
        format!("on {given}"),
        match system.parameters() {
            [] => format!("in the variables {}", found.variables.join(", ")),
            names => format!(
                "in the variables {} with the parameters {}",
                found.variables.join(", "),
                names.join(", ")
            ),
        },
        String::new(),
    ];
    for (i, variable) in found.variables.iter().enumerate() {
        lines
            .extend(series(&format!("{variable}' ="), found.field.iter().map(|coefficient| &coefficient[i])));
    }
    if found.field.iter().skip(1).flatten().all(Expr::is_zero) {
        lines.push(nothing_more(method.tableau().order() as usize, found.order()));
    }
    if let Some(potential) = &found.potential {
        lines.push(String::new());
        lines.push(format!(
            "Modified potential through h^{}: the field is its negative gradient through that power",
            potential.through()
        ));
        lines.extend(series("V =", potential.terms.iter()));
        if potential.special_from <= potential.through() {
            lines.push(format!(
                "  From h^{} on there is a potential for this objective; for a general one there is none.",
                potential.special_from
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

/// What to say when no power of h changes the equation.
fn nothing_more(accuracy: usize, order: usize) -> String {
    let reason = if order < accuracy {
        format!("the method has order {accuracy}, so corrections begin at h^{accuracy} (--order {accuracy})")
    } else {
        "so far the method is exact on this system".to_owned()
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

fn joined(exprs: &[Expr], separator: &str) -> String {
    exprs.iter().map(Expr::to_string).collect::<Vec<_>>().join(separator)
}

/// The derivation as LaTeX paragraphs with `align*` displays (amsmath).
pub fn latex(method: &Method, system: &System, found: &Derivation) -> String {
    let given = match system {
        System::Gradient(f) => format!("the gradient flow of $f = {}$", f.expr().to_latex()),
        System::Field(_) => "the given vector field".to_owned(),
    };
    let mut text = format!(
        "% shadowflow derive {}\nThe modified equation of the {} method on {given}, through $h^{{{}}}$, is\n",
        method.name(),
        escaped(method.title()),
        found.order()
    );
    let dotted = |name: &str| format!("\\dot{{{}}}", Expr::symbol(name).to_latex());
    let rows: Vec<String> = (0..found.variables.len())
        .map(|i| {
            latex_series(&dotted(&found.variables[i]), found.field.iter().map(|coefficient| &coefficient[i]))
        })
        .collect();
    text.push_str(&display(&rows));
    if let Some(potential) = &found.potential {
        text.push_str(&format!(
            "It is $-\\nabla \\tilde V$ through $h^{{{}}}$ with the modified potential\n",
            potential.through()
        ));
        text.push_str(&display(&[latex_series("\\tilde V", potential.terms.iter())]));
    }
    match &found.obstruction {
        Some(Obstruction::NotAGradient(residual)) => {
            let (a, b) = (&found.variables[residual.plane.0], &found.variables[residual.plane.1]);
            let (a, b) = (Expr::symbol(a).to_latex(), Expr::symbol(b).to_latex());
            let k = residual.h_power;
            text.push_str(&format!("At $h^{{{k}}}$ no potential exists: the curl of that coefficient $f_{{{k}}}$ is\n"));
            let curl = format!(
                "\\frac{{\\partial f_{{{k},{b}}}}}{{\\partial {a}}} - \\frac{{\\partial f_{{{k},{a}}}}}{{\\partial {b}}} &= {}",
                residual.curl.to_latex()
            );
            text.push_str(&display(&[curl]));
            let witness = &residual.witness;
            let point: Vec<_> = witness
                .point
                .iter()
                .map(|(name, value)| format!("${} = {value}$", Expr::symbol(name).to_latex()))
                .collect();
            text.push_str(&format!("which is {} at {}.\n", witness.value, point.join(", ")));
        }
        Some(Obstruction::Undecided { h_power, .. }) => text.push_str(&format!(
            "Whether a potential exists at $h^{{{h_power}}}$ was not decided.\n"
        )),
        Some(Obstruction::NoClosedForm { h_power }) => text.push_str(&format!(
            "At $h^{{{h_power}}}$ the curl vanishes, so this objective has a local potential; no closed form was found.\n"
        )),
        None => {}
    }
    text
}

fn latex_series<'a>(left: &str, coefficients: impl Iterator<Item = &'a Expr>) -> String {
    let terms: Vec<String> = coefficients
        .enumerate()
        .filter(|(_, c)| !c.is_zero())
        .map(|(k, c)| match k {
            0 => c.to_latex(),
            1 => format!("h \\left({}\\right)", c.to_latex()),
            _ => format!("h^{{{k}}} \\left({}\\right)", c.to_latex()),
        })
        .collect();
    let right = if terms.is_empty() { "0".to_owned() } else { terms.join(" \\\\\n  &\\quad + ") };
    format!("{left} &= {right}")
}

fn display(rows: &[String]) -> String {
    format!("\\begin{{align*}}\n  {}\n\\end{{align*}}\n", rows.join(" \\\\\n  "))
}

/// A title from outside, with the characters that LaTeX reads as commands taken back.
fn escaped(title: &str) -> String {
    title.chars().fold(String::new(), |mut text, c| {
        match c {
            '\\' | '{' | '}' | '$' | '&' | '#' | '^' | '_' | '%' | '~' => text.push(' '),
            c => text.push(c),
        }
        text
    })
}

/// The derivation as JSON: `method`, `variables`, `parameters`, `order`, `field`, `potential`, `residual`. Formulas are
/// plain infix text in `h`, the variables and the parameters; field and potential include all powers of h.
pub fn json(method: &Method, found: &Derivation) -> Value {
    let strings = |exprs: &[Expr]| exprs.iter().map(Expr::to_string).collect::<Vec<_>>();
    let potential = |potential: &Potential| json!({ "through_h_power": potential.through(), "expression": potential.in_h().to_string() });
    let residual = match &found.obstruction {
        Some(Obstruction::NotAGradient(residual)) => Some(json!({
            "h_power": residual.h_power,
            "field": strings(&residual.field),
            "curl": residual.curl.to_string(),
            "curl_plane": [found.variables[residual.plane.0], found.variables[residual.plane.1]],
            "witness": {
                "point": residual.witness.point.iter().map(|(name, value)| (name.clone(), Value::from(value.to_string())))
                    .collect::<serde_json::Map<_, _>>(),
                "curl": match &residual.witness.value {
                    WitnessValue::Exact(value) => json!(value.to_string()),
                    WitnessValue::Float(value) => json!(value),
                },
            },
        })),
        _ => None,
    };
    let mut document = json!({
        "method": method.name(),
        "variables": found.variables,
        "parameters": found.parameters,
        "order": found.order(),
        "field": strings(&found.field_in_h()),
        "potential": found.potential.as_ref().map(potential),
        "residual": residual,
    });
    let note = match &found.obstruction {
        Some(Obstruction::NoClosedForm { h_power }) => {
            format!("at h^{h_power} this objective has a local potential, but no closed form was found")
        }
        Some(Obstruction::Undecided { h_power, .. }) => {
            format!("whether a potential exists at h^{h_power} was not decided")
        }
        _ => return document,
    };
    document["note"] = note.into();
    document
}
