//! Modified equations and potentials of a concrete objective or vector field, as formulas and as compiled evaluators.
//!
//! ```no_run
//! use shadowflow_methods::Method;
//! use shadowflow_symbolic::{Objective, Obstruction, System, derive};
//!
//! let f = Objective::parse("(1-x*y)^2/2", None)?;
//! let found = derive(&System::Gradient(f), Method::named("euler")?.tableau(), 2)?;
//!
//! // To first order in h gradient descent is a gradient flow again …
//! let potential = found.potential.expect("an objective was given");
//! assert_eq!(potential.in_h().to_string(), "1/2*(1 - x*y)^2 + 1/4*h*(x^2 + y^2)*(1 - x*y)^2");
//!
//! // … and at h² it is none, which a curl proves.
//! let Some(Obstruction::NotAGradient(residual)) = found.obstruction else { panic!() };
//! assert_eq!(residual.h_power, 2);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! The way through this crate:
//! 1. [`Objective`], [`VectorField`], [`Sum`], [`System`]: what is given, read from text; [`FormulaError`] shows where a text goes
//!    wrong.
//! 2. [`Scheme`]: what it is integrated or minimised with, by name: a method of the catalogue, a family with symbols, a
//!    splitting, an optimizer.
//! 3. [`Request`], or [`derive()`] in one call: the [`Derivation`], with the field by powers of h, the [`Potential`] and the
//!    [`Obstruction`] that ends it. [`General`] is the same for any system, [`AllOrders`] without end where that is known.
//! 4. [`Expr`]: formulas as values, printed as text (`Display`) and as LaTeX ([`Expr::to_latex`]); [`Form`]: by powers of h,
//!    multiplied out, as a product.
//! 5. [`report`]: a whole derivation as text, LaTeX, JSON, Mathematica, SymPy, Rust or C.
//! 6. [`Compiled`]: an objective, a field or a derivation compiled to machine code with its derivatives; [`Evaluator`]: any
//!    formulas, at single points and in batches, and as source text in Rust and C.
//!
//! Formulas are derived in a ring of the project's own (polynomials in names, functions and roots with their derivatives), so
//! that derivations are quick and can be stopped. Symbolica finds their factors and the few operations that evaluators
//! need, on one thread and in one process of a machine at a time, as its terms ask; other processes wait. [`on_notice`] lets a
//! program tell its user so. No type of Symbolica appears in this interface. Without the feature `symbolica` formulas are
//! derived multiplied out, and compiling fails with [`SymbolicError::Unavailable`].

mod adaptive;
#[cfg(feature = "symbolica")]
mod algebra;
mod all_orders;
mod arrange;
#[cfg(feature = "symbolica")]
mod atoms;
mod bounded;
mod coefficients;
mod compile;
mod derivation;
mod derive;
mod differential;
mod error;
mod expr;
mod factor;
mod form;
mod general;
mod growth;
mod modified;
mod native;
mod notice;
mod parse;
mod plain;
mod polynomial;
mod potential;
mod present;
mod print;
pub mod report;
mod ring;
mod scheme;
mod step_program;
mod stochastic;
mod system;
mod tape;
mod tower;

pub use all_orders::{AllOrders, Closed};
pub use compile::{Compiled, Evaluator, Part};
pub use derivation::{Derivation, Obstruction, Potential, Residual, Stop, Witness, WitnessValue};
pub use derive::{MAX_H_POWER, Request, derive};
pub use error::{Fault, FormulaError, SymbolicError};
pub use expr::{Expr, Function};
pub use form::{Form, Formulas};
pub use general::{General, GeneralTerm, MAX_GENERAL_POWER};
pub use notice::{ALGEBRA_THREAD, Notice, on_notice};
pub use parse::{MAX_BITS, MAX_DEGREE, MAX_DEPTH, MAX_EXPONENT, MAX_LENGTH, MAX_TERMS, formula, number};
pub use plain::{NumericField, NumericObjective};
pub use scheme::{Kind, OPTIMIZERS, Scheme};
pub use step_program::StepProgram;
pub use system::{MAX_VARIABLES, Objective, Sum, System, VectorField};

/// The example of the project's front page runs as a test.
#[cfg(doctest)]
#[doc = include_str!("../../../README.md")]
struct FrontPage;
