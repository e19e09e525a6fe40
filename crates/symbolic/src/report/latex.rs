//! A derivation as LaTeX: paragraphs for a paper, or a complete note.

use std::fmt::Write;

use super::Report;
use crate::derivation::{Obstruction, Stop};
use crate::error::SymbolicError;
use crate::expr::Expr;
use crate::form::{Form, Formulas};
use crate::scheme::{Kind, Scheme};
use crate::system::System;

/// A line of a display holds about so many characters that are seen.
const LINE: usize = 78;

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
                    Some(formulas) => format!("{left} &= {}", broken(&formulas.field[i], "")),
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
            let rows: Vec<String> = covariance
                .iter()
                .map(|row| row.iter().map(Expr::to_latex).collect::<Vec<_>>().join(" & "))
                .collect();
            let _ = write!(
                text,
                "plus the noise $\\sqrt{{h\\Sigma}}\\,dW$ with the covariance\n\\begin{{align*}}\n  \\Sigma &= \\begin{{pmatrix}} {} \\end{{pmatrix}}\n\\end{{align*}}\n",
                rows.join(" \\\\ ")
            );
        }
        if let Some(potential) = &found.potential {
            let _ = writeln!(
                text,
                "It is $-\\nabla \\tilde V$ through $h^{{{}}}$ with the modified potential",
                potential.through()
            );
            let row = match formulas.and_then(|formulas| formulas.potential.as_ref()) {
                Some(expr) => format!("\\tilde V &= {}", broken(expr, "")),
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
                    broken(&residual.curl, "")
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
    let terms: Vec<String> = coefficients
        .enumerate()
        .filter(|(_, c)| !c.is_zero())
        .map(|(k, c)| match k {
            0 => broken(c, ""),
            1 => format!("h \\bigl({}\\bigr)", broken(c, "\\quad")),
            _ => format!("h^{{{k}}} \\bigl({}\\bigr)", broken(c, "\\quad")),
        })
        .collect();
    let right = if terms.is_empty() { "0".to_owned() } else { terms.join(" \\\\\n  &\\quad + ") };
    format!("{left} &= {right}")
}

/// A formula with its sum broken into lines.
fn broken(expr: &Expr, indent: &str) -> String {
    let Expr::Sum(terms) = expr else { return expr.to_latex() };
    let (mut text, mut width) = (String::new(), 0);
    for (i, term) in terms.iter().enumerate() {
        let latex = term.to_latex();
        let seen = visible(&latex);
        if i > 0 && width + seen > LINE {
            let _ = write!(text, " \\\\\n  &\\qquad{indent}");
            width = 0;
        }
        width += seen + 3;
        match latex.strip_prefix('-') {
            Some(size) if i > 0 => {
                let _ = write!(text, " - {size}");
            }
            _ if i > 0 => {
                let _ = write!(text, " + {latex}");
            }
            _ => text.push_str(&latex),
        }
    }
    text
}

/// About how many characters of LaTeX are seen: a command counts for one, braces for none.
fn visible(latex: &str) -> usize {
    let mut count = 0;
    let mut in_command = false;
    for c in latex.chars() {
        match c {
            '\\' => {
                in_command = true;
                count += 1;
            }
            c if in_command && c.is_ascii_alphabetic() => {}
            '{' | '}' | ' ' | '^' | '_' => in_command = false,
            _ => {
                in_command = false;
                count += 1;
            }
        }
    }
    count
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
