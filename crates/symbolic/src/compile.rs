//! Formulas compiled to machine code.
//!
//! The algebra system turns formulas into few operations (Horner schemes, common subexpressions), and `translate` makes a
//! straight-line `program` of them, cut into `stages` of arithmetic with calls of functions between. Arithmetic becomes
//! machine code of our own ([`native`](crate::native)), or where there is none that of the algebra system's JIT (`kernel`); functions
//! such as `exp` are those of Rust. A point has the same value, to the last bit, alone and in any batch.

use std::ops::Range;

#[cfg(not(feature = "symbolica"))]
mod absent;
#[cfg(feature = "symbolica")]
mod builder;
#[cfg(feature = "symbolica")]
mod engine;
#[cfg(all(feature = "symbolica", target_arch = "x86_64", target_os = "linux"))]
mod fusion;
#[cfg(feature = "symbolica")]
mod kernel;
#[cfg(all(feature = "symbolica", target_arch = "x86_64", target_os = "linux"))]
mod lanes;
#[cfg(all(feature = "symbolica", not(all(target_arch = "x86_64", target_os = "linux"))))]
#[path = "compile/no_lanes.rs"]
mod lanes;
#[cfg(feature = "symbolica")]
mod machine;
mod named;
#[cfg(feature = "symbolica")]
mod program;
mod recipe;
#[cfg(feature = "symbolica")]
mod source;
#[cfg(feature = "symbolica")]
mod stages;
#[cfg(feature = "symbolica")]
mod translate;

#[cfg(not(feature = "symbolica"))]
use absent::Engine;
#[cfg(feature = "symbolica")]
use engine::Engine;
pub use named::{Compiled, Part};
use recipe::Recipe;

use crate::error::SymbolicError;
use crate::expr::Expr;

/// Several formulas of the same variables, compiled together; common subexpressions are computed once.
///
/// Compiling happens on the thread of the algebra system. The result runs anywhere: clone it for each thread. A point
/// where a formula has no value gives NaN or an infinity there and disturbs no other.
///
/// ```no_run
/// use shadowflow_symbolic::{Evaluator, Objective};
/// let f = Objective::parse("x^2*exp(y)", None)?;
/// let mut evaluator = Evaluator::compile(&[f.expr().clone()], &["x", "y"])?;
/// let mut value = [0.0];
/// evaluator.eval(&[3.0, 0.0], &mut value)?;
/// assert_eq!(value, [9.0]);
///
/// // Many points: a slice for each input, a slice for each formula.
/// let mut values = [0.0; 3];
/// evaluator.eval_batch(&[&[1.0, 2.0, 3.0], &[0.0; 3]], &mut [&mut values])?;
/// assert_eq!(values, [1.0, 4.0, 9.0]);
/// # Ok::<(), shadowflow_symbolic::SymbolicError>(())
/// ```
#[derive(Clone)]
pub struct Evaluator {
    engine: Engine,
}

impl Evaluator {
    /// Compiles formulas; `inputs` names the arguments in their order: variables, parameters, `h`.
    ///
    /// # Errors
    /// If a formula holds another name, is not real and finite, or the algebra system is not available.
    pub fn compile(exprs: &[Expr], inputs: &[&str]) -> Result<Evaluator, SymbolicError> {
        let names = inputs.iter().map(|&name| name.to_owned()).collect();
        Evaluator::from_recipe(Recipe::of_formulas(exprs, names))
    }

    fn from_recipe(recipe: Recipe) -> Result<Evaluator, SymbolicError> {
        Ok(Evaluator { engine: Engine::compile(recipe)? })
    }

    /// The same for some of the formulas only, given by their places; what they do not need is not computed. The rounding
    /// may be another one, as fewer formulas may need other steps.
    ///
    /// # Errors
    /// If the range goes beyond the formulas, or the algebra system fails.
    pub fn only(&self, outputs: Range<usize>) -> Result<Evaluator, SymbolicError> {
        if outputs.start > outputs.end || outputs.end > self.outputs() {
            let found = outputs.start.max(outputs.end);
            return Err(SymbolicError::Length {
                what: "the evaluator",
                expected: found,
                found: self.outputs(),
            });
        }
        Ok(Evaluator { engine: self.engine.only(outputs)? })
    }

    /// The number of arguments.
    pub fn inputs(&self) -> usize {
        self.engine.inputs()
    }

    /// The number of formulas.
    pub fn outputs(&self) -> usize {
        self.engine.outputs()
    }

    /// Evaluates all formulas at `x`, one value for each input, into `out`, one for each formula.
    ///
    /// # Errors
    /// If a slice has the wrong length.
    pub fn eval(&mut self, x: &[f64], out: &mut [f64]) -> Result<(), SymbolicError> {
        check_length("the point", self.inputs(), x.len())?;
        check_length("the output", self.outputs(), out.len())?;
        self.engine.run(x, out);
        Ok(())
    }

    /// Evaluates all formulas at n points, several at a time: `x` holds a slice of n values for each input, or of one
    /// value that is the same for all points; `out` a slice of n values for each formula. The result at a point does not
    /// depend on the others, nor on its place among them. Nothing is allocated.
    ///
    /// # Errors
    /// If there are too few or too many slices, or one has the wrong length.
    pub fn eval_batch(&mut self, x: &[&[f64]], out: &mut [&mut [f64]]) -> Result<(), SymbolicError> {
        check_length("the list of inputs", self.inputs(), x.len())?;
        check_length("the list of outputs", self.outputs(), out.len())?;
        let Some(points) = out.first().map(|out| out.len()) else { return Ok(()) };
        for out in out.iter() {
            check_length("an output", points, out.len())?;
        }
        for x in x.iter().filter(|x| x.len() != 1) {
            check_length("an input", points, x.len())?;
        }
        self.engine.run_batch(x, out, points);
        Ok(())
    }

    /// A function in Rust that computes the same, up to the rounding of products that are fused with sums here and not
    /// there: `pub fn NAME(x: &[f64; N], out: &mut [f64; M])`.
    ///
    /// # Errors
    /// If the name cannot be the name of a function.
    pub fn to_rust(&self, name: &str) -> Result<String, SymbolicError> {
        self.engine.to_rust(name)
    }

    /// A function in C99 that computes the same, up to that rounding and that of the C library's functions:
    /// `void NAME(const double x[N], double out[M])`.
    ///
    /// # Errors
    /// If the name cannot be the name of a function.
    pub fn to_c(&self, name: &str) -> Result<String, SymbolicError> {
        self.engine.to_c(name)
    }
}

fn check_length(what: &'static str, expected: usize, found: usize) -> Result<(), SymbolicError> {
    if found == expected { Ok(()) } else { Err(SymbolicError::Length { what, expected, found }) }
}
