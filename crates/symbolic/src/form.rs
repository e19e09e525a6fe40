//! The three forms of a formula with powers of h: by powers, multiplied out, and as a product.

use std::time::Instant;

use crate::derivation::{Derivation, in_h};
use crate::error::SymbolicError;
use crate::expr::Expr;
use crate::tower::Tower;

/// How a formula in h is written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Form {
    /// By powers of h, every coefficient in the shorter of the other two forms.
    #[default]
    Collected,
    /// One sum of monomials.
    Expanded,
    /// One product.
    Factored,
}

/// A field and its potential as formulas in h and the names of the system.
#[derive(Clone, Debug, PartialEq)]
pub struct Formulas {
    /// A formula for every component of the field.
    pub field: Vec<Expr>,
    /// The potential, if there is one.
    pub potential: Option<Expr>,
}

impl Derivation {
    /// Field and potential with all their powers of h, in one of the forms; products that are not found by `deadline` stay sums.
    ///
    /// # Errors
    /// If a formula grows beyond all bounds, or the algebra system fails.
    pub fn formulas(&self, form: Form, deadline: Option<Instant>) -> Result<Formulas, SymbolicError> {
        let component = |i: usize| in_h(self.field.iter().map(|coefficient| &coefficient[i]));
        let collected = Formulas {
            field: (0..self.variables.len()).map(component).collect(),
            potential: self.potential.as_ref().map(|potential| in_h(potential.terms.iter())),
        };
        if form == Form::Collected {
            return Ok(collected);
        }
        let names = [&["h".to_owned()], &self.variables[..], &self.parameters[..]].concat();
        let rewritten = |expr: &Expr| {
            let mut tower = Tower::new(&names, &[], deadline)?;
            let p = tower.read(expr)?;
            match form {
                Form::Collected | Form::Expanded => Ok(tower.expanded(&p)),
                Form::Factored => tower.factored(&p),
            }
        };
        // What takes too long to rewrite is shown as it is.
        let shown = |expr: &Expr| match rewritten(expr) {
            Err(SymbolicError::OutOfTime) => Ok(expr.clone()),
            other => other,
        };
        Ok(Formulas {
            field: collected.field.iter().map(shown).collect::<Result<_, SymbolicError>>()?,
            potential: collected.potential.as_ref().map(shown).transpose()?,
        })
    }
}
