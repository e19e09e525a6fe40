//! What is to be compiled: formulas, and which of their derivatives and sums are wanted.

use crate::error::SymbolicError;
use crate::expr::Expr;

/// What an engine is made from.
#[derive(Clone, Debug)]
pub(super) struct Recipe {
    /// The formulas.
    pub(super) formulas: Vec<Expr>,
    /// The names in them, in the order of the arguments.
    pub(super) names: Vec<String>,
    /// Numbers for some of the names, which then are no arguments.
    pub(super) fixed: Vec<(String, f64)>,
    /// The outputs.
    pub(super) outputs: Vec<Output>,
}

/// One output; formulas and names are given by their places.
#[derive(Clone, Debug)]
pub(super) enum Output {
    /// A formula.
    Formula(usize),
    /// The first derivative of a formula by a name.
    Derivative(usize, usize),
    /// The second derivative of a formula by two names.
    SecondDerivative(usize, usize, usize),
    /// Σ cₖ hᵏ for formulas c₀, c₁, … and the name of h.
    PowerSeries(Vec<usize>, usize),
}

impl Recipe {
    /// Formulas as they are.
    pub(super) fn of_formulas(formulas: &[Expr], names: Vec<String>) -> Recipe {
        let outputs = (0..formulas.len()).map(Output::Formula).collect();
        Recipe { formulas: formulas.to_vec(), names, fixed: Vec::new(), outputs }
    }

    /// The names that are arguments.
    pub(super) fn inputs(&self) -> Vec<String> {
        let is_free = |name: &&String| self.fixed.iter().all(|(fixed, _)| fixed != *name);
        self.names.iter().filter(is_free).cloned().collect()
    }

    /// Refuses names that are not given, in the formulas and among the fixed ones.
    pub(super) fn check(&self) -> Result<(), SymbolicError> {
        debug_assert!(self.outputs.iter().all(|output| self.has_what_it_names(output)));
        let symbols = self.formulas.iter().flat_map(Expr::symbols).map(|name| name.to_string());
        for name in symbols.chain(self.fixed.iter().map(|(name, _)| name.clone())) {
            if !self.names.contains(&name) {
                return Err(SymbolicError::UnknownInput { name, inputs: self.names.clone() });
            }
        }
        Ok(())
    }

    fn has_what_it_names(&self, output: &Output) -> bool {
        let (formulas, names) = (self.formulas.len(), self.names.len());
        match output {
            Output::Formula(f) => *f < formulas,
            Output::Derivative(f, i) => *f < formulas && *i < names,
            Output::SecondDerivative(f, i, j) => *f < formulas && *i.max(j) < names,
            Output::PowerSeries(terms, h) => terms.iter().all(|f| *f < formulas) && *h < names,
        }
    }
}
