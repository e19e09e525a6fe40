//! A derivation as input of other algebra systems.

use std::fmt::Write;

use super::Report;
use crate::error::SymbolicError;
use crate::expr::Expr;
use crate::form::Form;
use crate::print::Dialect;

impl Report<'_> {
    /// Mathematica input: the list `field`, and `potential` if there is one.
    ///
    /// # Errors
    /// As [`Derivation::formulas`](crate::Derivation::formulas).
    pub fn mathematica(&self, form: Form) -> Result<String, SymbolicError> {
        let formulas = self.formulas(form)?;
        let code = |expr: &Expr| expr.to_code(Dialect::Mathematica);
        let mut text = format!("(* {} *)\n", self.heading(Dialect::Mathematica));
        let field: Vec<String> = formulas.field.iter().map(code).collect();
        let _ = writeln!(text, "field = {{{}}};", field.join(",\n  "));
        if let (Some(expr), Some(potential)) = (&formulas.potential, &self.found.potential) {
            let _ = writeln!(text, "potential = {}; (* through h^{} *)", code(expr), potential.through());
        }
        Ok(text)
    }

    /// A Python module for SymPy: the symbols, the list `field`, and `potential` if there is one.
    ///
    /// # Errors
    /// As [`Derivation::formulas`](crate::Derivation::formulas).
    pub fn sympy(&self, form: Form) -> Result<String, SymbolicError> {
        let formulas = self.formulas(form)?;
        let code = |expr: &Expr| expr.to_code(Dialect::SymPy);
        let mut text = format!("# {}\n", self.heading(Dialect::SymPy));
        text.push_str("from sympy import Rational, Symbol, cos, exp, log, sin, sqrt, tan, tanh\n\n");
        let names = std::iter::once("h").chain(self.found.variables.iter().map(String::as_str));
        for name in names.chain(self.found.parameters.iter().map(String::as_str)) {
            let code = code(&Expr::symbol(name));
            let _ = writeln!(text, "{code} = Symbol(\"{name}\", real=True)");
        }
        let field: Vec<String> = formulas.field.iter().map(code).collect();
        let _ = writeln!(text, "field = [{}]", field.join(",\n    "));
        if let (Some(expr), Some(potential)) = (&formulas.potential, &self.found.potential) {
            let _ = writeln!(text, "potential = {}  # through h^{}", code(expr), potential.through());
        }
        Ok(text)
    }

    /// What this is, and which names had to be written differently.
    fn heading(&self, dialect: Dialect) -> String {
        let found = self.found;
        let names = found.variables.iter().chain(&found.parameters);
        let renamed: Vec<String> = names
            .map(|name| (name, Expr::symbol(name).to_code(dialect)))
            .filter(|(name, code)| *name != code)
            .map(|(name, code)| format!("{name} is written {code}"))
            .collect();
        let mut text = format!(
            "{} of {} through h^{}, variables {}",
            self.subject(),
            self.scheme.name(),
            found.order(),
            found.variables.join(", ")
        );
        if !renamed.is_empty() {
            let _ = write!(text, "; {}", renamed.join(", "));
        }
        text
    }
}
