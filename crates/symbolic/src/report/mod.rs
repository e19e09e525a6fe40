//! A whole derivation in the languages of its readers: text, LaTeX, JSON, Mathematica, SymPy.

mod code;
mod json;
mod latex;
pub(crate) mod lines;
mod text;

use std::time::Instant;

use crate::derivation::Derivation;
use crate::error::SymbolicError;
use crate::form::{Form, Formulas};
use crate::scheme::{Kind, Scheme};
use crate::system::System;

/// What was asked, and what was found.
///
/// ```
/// use shadowflow_symbolic::{Form, Objective, Request, Scheme, System, report::Report};
/// let (scheme, system) = (Scheme::named("euler")?, System::Gradient(Objective::parse("x^4/4", None)?));
/// let found = Request::new(scheme.clone(), 1).on(&system)?;
/// let report = Report::new(&scheme, &system, &found);
/// assert!(report.text(Form::Collected)?.contains("x' = -x^3"));
/// assert!(report.sympy(Form::Expanded)?.contains("field = [-x**3 - Rational(3, 2)*h*x**5]"));
/// # Ok::<(), shadowflow_symbolic::SymbolicError>(())
/// ```
#[derive(Clone, Copy, Debug)]
pub struct Report<'a> {
    /// The method.
    pub scheme: &'a Scheme,
    /// Which equation was derived.
    pub kind: Kind,
    /// The system.
    pub system: &'a System,
    /// What was found.
    pub found: &'a Derivation,
    /// When to stop looking for nicer forms.
    pub deadline: Option<Instant>,
}

impl<'a> Report<'a> {
    /// A report of a modified equation, without a limit of time.
    pub fn new(scheme: &'a Scheme, system: &'a System, found: &'a Derivation) -> Report<'a> {
        Report { scheme, kind: Kind::Modified, system, found, deadline: None }
    }

    fn formulas(&self, form: Form) -> Result<Formulas, SymbolicError> {
        self.found.formulas(form, self.deadline)
    }

    /// "modified equation" or "modifying integrator".
    fn subject(&self) -> &'static str {
        match self.kind {
            Kind::Modified => "modified equation",
            Kind::Modifying => "modifying integrator",
        }
    }

    /// The given system in words, with formulas printed by `print`.
    fn given(&self, print: impl Fn(&crate::expr::Expr) -> String) -> String {
        let list = |exprs: &[crate::expr::Expr]| exprs.iter().map(&print).collect::<Vec<_>>().join(", ");
        match self.system {
            System::Gradient(f) => format!("the gradient flow of f = {}", print(f.expr())),
            System::Field(field) => format!("the vector field ({})", list(field.components())),
            System::Sum(sum) if sum.are_objectives() => {
                let parts: Vec<String> =
                    (1..).zip(sum.parts()).map(|(k, part)| format!("f{k} = {}", list(part))).collect();
                format!("the objectives {}", parts.join(", "))
            }
            System::Sum(sum) => {
                let parts: Vec<String> =
                    (1..).zip(sum.parts()).map(|(k, part)| format!("f{k} = ({})", list(part))).collect();
                format!("the field in parts {}", parts.join(", "))
            }
        }
    }
}
