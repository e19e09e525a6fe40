//! Formulas compiled to machine code.

#[cfg(feature = "symbolica")]
use std::sync::Arc;

use crate::error::SymbolicError;
use crate::expr::Expr;

/// Several formulas of the same variables, compiled together by Symbolica's JIT; common subexpressions are computed once.
///
/// Compiling happens on the thread of the algebra system. The result runs anywhere: clone it for each thread.
///
/// ```no_run
/// use shadowflow_symbolic::{Evaluator, Objective};
/// let f = Objective::parse("x^2*exp(y)", None)?;
/// let mut evaluator = Evaluator::compile(&[f.expr().clone()], &["x", "y"])?;
/// let mut value = [0.0];
/// evaluator.eval(&[3.0, 0.0], &mut value)?;
/// assert_eq!(value, [9.0]);
/// # Ok::<(), shadowflow_symbolic::SymbolicError>(())
/// ```
#[derive(Clone)]
pub struct Evaluator {
    inputs: usize,
    outputs: usize,
    #[cfg(feature = "symbolica")]
    code: symbolica::evaluate::JITCompiledEvaluator<f64>,
}

impl Evaluator {
    /// Compiles formulas; `inputs` names the arguments in their order: variables, parameters, `h`.
    ///
    /// # Errors
    /// If a formula holds another name, is not real and finite, or the algebra system is not available.
    pub fn compile(exprs: &[Expr], inputs: &[&str]) -> Result<Evaluator, SymbolicError> {
        compile(exprs.to_vec(), inputs)
    }

    /// The number of arguments.
    pub fn inputs(&self) -> usize {
        self.inputs
    }

    /// The number of formulas.
    pub fn outputs(&self) -> usize {
        self.outputs
    }

    /// Evaluates all formulas at `x`, one value for each input, into `out`, one for each formula.
    ///
    /// # Errors
    /// If a slice has the wrong length.
    pub fn eval(&mut self, x: &[f64], out: &mut [f64]) -> Result<(), SymbolicError> {
        check_length("the point", self.inputs, x.len())?;
        check_length("the output", self.outputs, out.len())?;
        #[cfg(feature = "symbolica")]
        self.code.evaluate(x, out);
        Ok(())
    }
}

fn check_length(what: &'static str, expected: usize, found: usize) -> Result<(), SymbolicError> {
    if found == expected { Ok(()) } else { Err(SymbolicError::Length { what, expected, found }) }
}

#[cfg(feature = "symbolica")]
fn compile(exprs: Vec<Expr>, inputs: &[&str]) -> Result<Evaluator, SymbolicError> {
    use symbolica::atom::{Atom, AtomCore};
    use symbolica::evaluate::JITCompilationSettings;

    let names: Vec<Arc<str>> = inputs.iter().map(|name| Arc::from(*name)).collect();
    for name in exprs.iter().flat_map(Expr::symbols) {
        if !names.contains(&name) {
            let inputs = inputs.iter().map(|name| (*name).to_owned()).collect();
            return Err(SymbolicError::UnknownInput { name: name.to_string(), inputs });
        }
    }
    let (inputs, outputs) = (names.len(), exprs.len());
    let internal = |message: String| SymbolicError::Internal { message };
    let code = crate::algebra::run(move || {
        let vocabulary = crate::atoms::Vocabulary::new(names);
        let atoms = exprs.iter().map(|expr| vocabulary.to_atom(expr)).collect::<Result<Vec<_>, _>>()?;
        for atom in &atoms {
            // Complex and infinite coefficients have no formula, and doubles could not hold them.
            vocabulary.to_expr(atom)?;
        }
        let parameters: Vec<Atom> = (0..inputs).map(|k| Atom::var(vocabulary.symbol(k))).collect();
        Atom::evaluator_multiple(&atoms, &parameters)
            .build()
            .map_err(|e| internal(e.to_string()))?
            .map_coeff(&|c| c.re.to_f64())
            .jit_compile(JITCompilationSettings::default())
            .map_err(internal)
    })??;
    Ok(Evaluator { inputs, outputs, code })
}

#[cfg(not(feature = "symbolica"))]
fn compile(_: Vec<Expr>, _: &[&str]) -> Result<Evaluator, SymbolicError> {
    Err(SymbolicError::Unavailable)
}
