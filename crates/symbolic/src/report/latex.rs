//! A derivation as LaTeX: paragraphs for a paper, or a complete note.

use std::fmt::Write;

use super::Report;
use super::lines::Lines;
use crate::derivation::{Obstruction, Stop};
use crate::error::SymbolicError;
use crate::expr::Expr;
use crate::form::{Form, Formulas};
use crate::scheme::{Kind, Scheme};
use crate::system::System;

/// About so many characters stand to the left of a row of a display, and in front of a curl.
const LEFT: usize = 5;
const LEFT_OF_CURL: usize = 18;

impl Report<'_> {
    /// The derivation as LaTeX paragraphs with `align*` displays (amsmath).
    ///
    /// # Errors
    /// As [`Derivation::formulas`](crate::Derivation::formulas).
    pub fn latex(&self, form: Form) -> Result<String, SymbolicError> {
        let formulas = match form {
            Form::Collected => None,
            other => Some(self.formulas(other)?),
        };
        Ok(self.paragraphs(formulas.as_ref()))
    }

    /// A complete short note: the method with its tableau, its modified equation, the potential, and where it stops.
    ///
    /// # Errors
    /// As [`Derivation::formulas`](crate::Derivation::formulas).
    pub fn latex_document(&self, form: Form) -> Result<String, SymbolicError> {
        let subject = self.subject();
        let title = format!("The {subject} of {}", escaped(self.scheme.title()));
        let mut text = format!(
            "\\documentclass{{article}}\n\\usepackage{{amsmath}}\n\\allowdisplaybreaks\n\\title{{{title}}}\n\\date{{}}\n\n\
             \\begin{{document}}\n\\maketitle\n\n\\section{{The method}}\n"
        );
        text.push_str(&method_paragraph(self.scheme));
        let _ = write!(text, "\n\\section{{The {subject}}}\n");
        text.push_str(&self.latex(form)?);
        text.push_str("\n\\end{document}\n");
        Ok(text)
    }

    fn paragraphs(&self, formulas: Option<&Formulas>) -> String {
        let (scheme, found) = (self.scheme, self.found);
        let given = match self.system {
            System::Gradient(f) => format!("the gradient flow of $f = {}$", f.expr().to_latex()),
            System::Field(_) => "the given vector field".to_owned(),
            System::Sum(sum) if sum.are_objectives() => {
                let parts = (1..).zip(sum.parts()).flat_map(|(k, part)| {
                    part.iter().map(move |expr| format!("$f_{{{k}}} = {}$", expr.to_latex()))
                });
                format!("the objectives {}", parts.collect::<Vec<_>>().join(", "))
            }
            System::Sum(_) => "the given parts of a vector field".to_owned(),
        };
        let mut text = format!(
            "% shadowflow derive {}\nThe {} of the method \\texttt{{{}}} on {given}, through $h^{{{}}}$, is\n",
            scheme.name(),
            self.subject(),
            escaped(scheme.name()),
            found.order()
        );
        let dotted = |name: &str| format!("\\dot{{{}}}", Expr::symbol(name).to_latex());
        let rows: Vec<String> = (0..found.variables.len())
            .map(|i| {
                let left = dotted(&found.variables[i]);
                match formulas {
                    Some(formulas) => format!("{left} &= {}", broken(&formulas.field[i], LEFT)),
                    None => series(&left, found.field.iter().map(|coefficient| &coefficient[i])),
                }
            })
            .collect();
        text.push_str(&display(&rows));
        if let Some(known) = scheme.published_power().filter(|known| found.order() > *known) {
            let _ = writeln!(
                text,
                "The terms from $h^{{{}}}$ on are new: the literature known to us ends at $h^{{{known}}}$.",
                known + 1
            );
        }
        match &found.stopped {
            Some(Stop::Time) => text.push_str("The derivation was ended there, its time being up.\n"),
            Some(Stop::Size { .. }) => text.push_str("The next power of $h$ is too long to be written.\n"),
            None => {}
        }
        if let Some(covariance) = &found.covariance {
            let mut rows = Vec::new();
            for (i, row) in covariance.iter().enumerate() {
                for (j, entry) in row.iter().enumerate().skip(i) {
                    let [a, b] = [i, j].map(|v| Expr::symbol(&found.variables[v]).to_latex());
                    rows.push(format!("\\Sigma_{{{a},{b}}} &= {}", broken(entry, LEFT)));
                }
            }
            text.push_str("plus the noise $\\sqrt{h\\Sigma}\\,dW$ with the covariance\n");
            text.push_str(&display(&rows));
        }
        if let Some(potential) = &found.potential {
            let _ = writeln!(
                text,
                "It is $-\\nabla \\tilde V$ through $h^{{{}}}$ with the modified potential",
                potential.through()
            );
            let row = match formulas.and_then(|formulas| formulas.potential.as_ref()) {
                Some(expr) => format!("\\tilde V &= {}", broken(expr, LEFT)),
                None => series("\\tilde V", potential.terms.iter()),
            };
            text.push_str(&display(&[row]));
        }
        self.obstruction(&mut text);
        text
    }

    fn obstruction(&self, text: &mut String) {
        let variables = &self.found.variables;
        let outcome = match &self.found.obstruction {
            Some(Obstruction::NotAGradient(residual)) => {
                let (a, b) = (&variables[residual.plane.0], &variables[residual.plane.1]);
                let (a, b) = (Expr::symbol(a).to_latex(), Expr::symbol(b).to_latex());
                let k = residual.h_power;
                let _ = writeln!(
                    text,
                    "At $h^{{{k}}}$ no potential exists: the curl of that coefficient $f_{{{k}}}$ is"
                );
                let curl = format!(
                    "\\frac{{\\partial f_{{{k},{b}}}}}{{\\partial {a}}} - \\frac{{\\partial f_{{{k},{a}}}}}{{\\partial {b}}} &= {}",
                    broken(&residual.curl, LEFT_OF_CURL)
                );
                text.push_str(&display(&[curl]));
                let witness = &residual.witness;
                let point: Vec<_> = witness
                    .point
                    .iter()
                    .map(|(name, value)| format!("${} = {value}$", Expr::symbol(name).to_latex()))
                    .collect();
                writeln!(
                    text,
                    "which is ${}$ at {}.",
                    witness.value.to_string().replace("about ", ""),
                    point.join(", ")
                )
            }
            Some(Obstruction::Undecided { h_power, .. }) => {
                writeln!(text, "Whether a potential exists at $h^{{{h_power}}}$ was not decided.")
            }
            Some(Obstruction::NoClosedForm { h_power }) => writeln!(
                text,
                "At $h^{{{h_power}}}$ the curl vanishes, so this objective has a local potential; no closed form was found."
            ),
            None => Ok(()),
        };
        outcome.expect("writing to a string does not fail");
    }
}

/// The method in words, and its tableau if it has one of a size that can be printed.
fn method_paragraph(scheme: &Scheme) -> String {
    const MOST_STAGES: usize = 8;
    let mut text =
        format!("The method is \\texttt{{{}}}: {}.", escaped(scheme.name()), escaped(scheme.title()));
    let Some(method) = scheme.method() else { return text + "\n" };
    let tableau = method.tableau();
    let _ = write!(text, " It has {} stages and order {}", tableau.stages(), tableau.order());
    if let Some(citation) = method.citation() {
        let _ = write!(text, " ({})", escaped(&citation.to_string()));
    }
    text.push_str(".\n");
    if tableau.stages() > MOST_STAGES || tableau.digits().is_some() {
        return text;
    }
    let cell = |entry: &shadowflow_methods::Exact| Expr::exact(entry).map(|expr| expr.to_latex());
    let row = |head: String, entries: &[shadowflow_methods::Exact]| {
        let cells: Option<Vec<String>> = entries.iter().map(cell).collect();
        cells.map(|cells| format!("  {head} & {} \\\\\n", cells.join(" & ")))
    };
    let mut rows = Vec::new();
    for i in 0..tableau.stages() {
        rows.push(cell(&tableau.c()[i]).and_then(|c| row(c, tableau.row(i))));
    }
    let weights = row(String::new(), tableau.b());
    if let (Some(rows), Some(weights)) = (rows.into_iter().collect::<Option<Vec<_>>>(), weights) {
        let _ = write!(
            text,
            "\\[\n\\renewcommand{{\\arraystretch}}{{1.3}}\n\\begin{{array}}{{c|{}}}\n{}  \\hline\n{weights}\\end{{array}}\n\\]\n",
            "c".repeat(tableau.stages()),
            rows.concat()
        );
    }
    text
}

fn series<'a>(left: &str, coefficients: impl Iterator<Item = &'a Expr>) -> String {
    let mut lines = Lines::after(LEFT);
    let mut is_first = true;
    for (k, coefficient) in coefficients.enumerate().filter(|(_, c)| !c.is_zero()) {
        if !is_first {
            lines.next(0);
            lines.push("+ ");
        }
        is_first = false;
        match k {
            0 => {
                lines.formula(coefficient, 0);
                continue;
            }
            1 => lines.push("h \\bigl("),
            _ => lines.push(&format!("h^{{{k}}} \\bigl(")),
        }
        lines.formula(coefficient, 1);
        lines.push("\\bigr)");
    }
    let right = if is_first { "0".to_owned() } else { lines.finish() };
    format!("{left} &= {right}")
}

/// A formula broken into lines, after a left side of so many characters.
fn broken(expr: &Expr, left: usize) -> String {
    let mut lines = Lines::after(left);
    lines.formula(expr, 0);
    lines.finish()
}

fn display(rows: &[String]) -> String {
    format!("\\begin{{align*}}\n  {}\n\\end{{align*}}\n", rows.join(" \\\\\n  "))
}

/// A text from outside as LaTeX text.
pub(super) fn escaped(title: &str) -> String {
    title.chars().fold(String::new(), |mut text, c| {
        match c {
            '\\' | '{' | '}' | '$' | '^' | '~' => text.push(' '),
            '&' | '#' | '_' | '%' => text.extend(['\\', c]),
            '–' => text.push_str("--"),
            c if c.is_ascii() => text.push(c),
            c => text.push_str(accented(c)),
        }
        text
    })
}

/// Letters of the names in the catalogue, for fonts without them.
fn accented(c: char) -> &'static str {
    match c {
        'ä' => "\\\"a",
        'ö' => "\\\"o",
        'ü' => "\\\"u",
        'á' => "\\'a",
        'é' => "\\'e",
        'ó' => "\\'o",
        'ø' => "\\o{}",
        'å' => "\\aa{}",
        'ć' => "\\'c",
        'č' => "\\v{c}",
        'š' => "\\v{s}",
        'ž' => "\\v{z}",
        '×' => "$\\times$",
        'θ' => "$\\theta$",
        '§' => "\\S{}",
        _ => "?",
    }
}

impl Kind {
    /// The word for it on the command line.
    pub fn word(self) -> &'static str {
        match self {
            Kind::Modified => "modified",
            Kind::Modifying => "modifying",
        }
    }
}
