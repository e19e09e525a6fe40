//! A derivation as input of other algebra systems.

use std::fmt::Write;

use super::Report;
use crate::compile::Evaluator;
use crate::error::SymbolicError;
use crate::expr::Expr;
use crate::form::Form;
use crate::print::Dialect;

/// The name of functions in source code.
const FUNCTION: &str = "modified";

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

    /// A Rust function of the variables, the parameters and h that writes the field, and after it the potential if there is
    /// one.
    ///
    /// # Errors
    /// If there is no algebra system, which looks for few operations.
    pub fn rust(&self) -> Result<String, SymbolicError> {
        Ok(format!("// {}\n{}", self.outputs(), self.evaluator()?.to_rust(FUNCTION)?))
    }

    /// The same in C99.
    ///
    /// # Errors
    /// As [`Report::rust`].
    pub fn c(&self) -> Result<String, SymbolicError> {
        Ok(format!("/* {} */\n{}", self.outputs(), self.evaluator()?.to_c(FUNCTION)?))
    }

    fn evaluator(&self) -> Result<Evaluator, SymbolicError> {
        let formulas = self.formulas(Form::Collected)?;
        let exprs: Vec<Expr> = formulas.field.into_iter().chain(formulas.potential).collect();
        let found = self.found;
        let names = found.variables.iter().chain(&found.parameters).map(String::as_str);
        let inputs: Vec<&str> = names.chain(["h"]).collect();
        Evaluator::compile(&exprs, &inputs)
    }

    /// What the function writes.
    fn outputs(&self) -> String {
        let found = self.found;
        let field: Vec<String> = found.variables.iter().map(|name| format!("{name}'")).collect();
        let potential = match &found.potential {
            Some(potential) => format!(", potential through h^{}", potential.through()),
            None => String::new(),
        };
        let heading = self.heading(Dialect::SymPy);
        format!("{heading}; outputs {}{potential}", field.join(", "))
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
