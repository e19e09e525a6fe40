//! What can go wrong between a text and its modified equation.

use std::fmt;

use shadowflow_bseries::{AlgebraError, ColouredTreesError, SeriesError};
use shadowflow_methods::MethodError;

use crate::parse::{MAX_BITS, MAX_DEGREE, MAX_DEPTH, MAX_EXPONENT, MAX_LENGTH, MAX_TERMS, shortened};

/// A formula that cannot be read, with the place at which it stops making sense.
#[derive(Clone, Debug, PartialEq)]
pub struct FormulaError {
    /// The text.
    pub text: String,
    /// The position of the fault in characters from 0, if it has one.
    pub position: Option<usize>,
    /// What is wrong.
    pub fault: Fault,
}

/// What is wrong with a formula.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
pub enum Fault {
    /// Nothing there.
    #[error("the formula is empty; write for example (1-x*y)^2/2")]
    Empty,
    /// Something other than what the grammar allows.
    #[error("{found} stands where {expected} was expected")]
    Unexpected {
        /// What is there.
        found: String,
        /// What could be.
        expected: &'static str,
    },
    /// A bracket without its partner.
    #[error("this bracket is never closed")]
    Unclosed,
    /// A closing bracket too many.
    #[error("this bracket closes nothing")]
    Unopened,
    /// Two factors without an operator.
    #[error("an operator is missing here: a product is written 2*x")]
    MissingOperator,
    /// A comma in an objective.
    #[error("a comma: an objective is one formula; a vector field is given with --field")]
    Comma,
    /// A function that does not exist here.
    #[error(
        "unknown function `{name}`; known are exp, log, sqrt, sin, cos, tan, tanh{}",
        did_you_mean(nearest)
    )]
    UnknownFunction {
        /// Its name.
        name: String,
        /// The nearest known names.
        nearest: Vec<String>,
    },
    /// A function without its argument.
    #[error("`{name}` is a function: write {name}(x)")]
    FunctionWithoutArgument {
        /// Its name.
        name: String,
    },
    /// A function with a kink, for which no derivative exists.
    #[error("`{name}` has a kink: modified equations need derivatives of every order")]
    NotSmooth {
        /// Its name.
        name: String,
    },
    /// The step used as a variable.
    #[error("`h` is the step and cannot be a variable or parameter; rename it")]
    Reserved,
    /// Division by something that is 0 everywhere.
    #[error("division by zero")]
    DivisionByZero,
    /// A power, root or logarithm without a real value anywhere.
    #[error("this has no finite real value")]
    NotReal,
    /// A formula without a value at any point tried.
    #[error(
        "the formula has no finite real value at any of the points tried: it divides by 0, or takes a root or logarithm of something negative, everywhere"
    )]
    NowhereDefined,
    /// An exponent beyond the limit.
    #[error("the exponent {exponent} is beyond the limit of {MAX_EXPONENT}, above or below the line")]
    ExponentTooLarge {
        /// The exponent.
        exponent: String,
    },
    /// A text beyond the limit.
    #[error("the formula has {length} characters, more than the limit of {MAX_LENGTH}")]
    TooLong {
        /// Its length in characters.
        length: usize,
    },
    /// Nesting beyond the limit.
    #[error("more than {MAX_DEPTH} nested brackets, signs or powers")]
    TooDeep,
    /// A degree beyond the limit.
    #[error("multiplied out it would have degree {degree}, beyond the limit of {MAX_DEGREE}")]
    DegreeTooLarge {
        /// The degree, estimated from above.
        degree: f64,
    },
    /// Terms beyond the limit.
    #[error("multiplied out it would have {terms:.1e} terms, beyond the limit of {MAX_TERMS}")]
    TooManyTerms {
        /// The terms, estimated from above.
        terms: f64,
    },
    /// Numbers beyond the limit.
    #[error("multiplied out its numbers would need about {bits:.0} bits, beyond the limit of {MAX_BITS}")]
    NumbersTooLarge {
        /// The bits, estimated.
        bits: f64,
    },
}

fn did_you_mean(nearest: &[String]) -> String {
    if nearest.is_empty() { String::new() } else { format!("; did you mean {}?", nearest.join(", ")) }
}

/// How much of a long formula is shown on either side of a fault, in characters.
const CONTEXT: usize = 36;

impl fmt::Display for FormulaError {
    /// The fault, and below it the formula with a caret at the place.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.fault)?;
        let Some(position) = self.position else { return Ok(()) };
        let start = position.saturating_sub(CONTEXT);
        // Controls, and marks that turn the direction of writing, would move the caret away from its place.
        let steers =
            |c: char| c.is_control() || matches!(c, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}');
        let clean = |c: char| if steers(c) { ' ' } else { c };
        let window: String = self.text.chars().map(clean).skip(start).take(2 * CONTEXT).collect();
        let dots = if start > 0 { "…" } else { "" };
        let more = if self.text.chars().count() > start + 2 * CONTEXT { "…" } else { "" };
        let indent = position - start + dots.chars().count();
        write!(f, "\n  {dots}{window}{more}\n  {:indent$}^", "")
    }
}

impl std::error::Error for FormulaError {}

/// Why there is no derivation.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
pub enum SymbolicError {
    /// The formula cannot be read.
    #[error(transparent)]
    Formula(#[from] FormulaError),
    /// A declared variable that does not occur.
    #[error(
        "unknown variable `{variable}`: it does not occur in the objective, which has {}",
        listing(present)
    )]
    UnknownVariable {
        /// The variable.
        variable: String,
        /// The names that occur.
        present: Vec<String>,
    },
    /// A declared variable that is no name, or is declared twice.
    #[error("`{variable}` cannot be a variable: {reason}")]
    BadVariable {
        /// The variable.
        variable: String,
        /// Why not.
        reason: &'static str,
    },
    /// A formula without any variable.
    #[error("the formula has no variable: there is nothing to move")]
    NoVariable,
    /// More variables than are handled.
    #[error("{found} variables are more than the limit of {limit}")]
    TooManyVariables {
        /// How many there are.
        found: usize,
        /// The limit.
        limit: usize,
    },
    /// A field whose components do not match its variables.
    #[error("the field has {components} components but {} variables ({}); name the variables with --vars", variables.len(), listing(variables))]
    Dimension {
        /// The number of components.
        components: usize,
        /// The variables.
        variables: Vec<String>,
    },
    /// An order that is 0 or beyond the limit.
    #[error(transparent)]
    Series(#[from] SeriesError),
    /// An order beyond the limit of formulas.
    #[error(
        "order {requested} is beyond the limit of {limit} for formulas: the field through h^{requested} has {trees:.2e} elementary differentials, each growing with every derivative; `series` goes further without a formula"
    )]
    OrderTooLarge {
        /// The power of h asked for.
        requested: usize,
        /// The largest power derived.
        limit: usize,
        /// How many rooted trees that takes.
        trees: f64,
    },
    /// A derivation whose formulas would be too long.
    #[error(
        "through h^{order} the formulas would have up to {terms:.1e} terms, beyond the limit of {limit:.0e}; a smaller --order or a formula of lower degree fits"
    )]
    TooManyTerms {
        /// The power of h asked for.
        order: usize,
        /// The terms, estimated from above.
        terms: f64,
        /// The limit.
        limit: f64,
    },
    /// A formula that has grown too long on the way.
    #[error("a formula on the way has {terms} terms, more than the limit of {limit}; a smaller --order fits")]
    Overgrown {
        /// Its terms.
        terms: usize,
        /// The limit.
        limit: usize,
    },
    /// More functions, roots and denominators than are handled.
    #[error(
        "the formula needs more than {limit} names, functions, roots and denominators; one with fewer different ones fits"
    )]
    TooManyFunctions {
        /// The limit.
        limit: usize,
    },
    /// The time was up before anything was found.
    #[error("the time was up before the first term was found; a larger --timeout or a smaller --order helps")]
    OutOfTime,
    /// A method that is not in the catalogue.
    #[error(transparent)]
    Method(#[from] MethodError),
    /// Coefficients that the algebra of B-series cannot give.
    #[error(transparent)]
    Algebra(#[from] AlgebraError),
    /// Too many coloured trees.
    #[error(transparent)]
    ColouredTrees(#[from] ColouredTreesError),
    /// A parameter of a method with a value that it cannot have.
    #[error("`{method}` has no {parameter} = {value}: {accepted}")]
    BadParameter {
        /// The method.
        method: String,
        /// The parameter.
        parameter: String,
        /// The value.
        value: String,
        /// What is accepted.
        accepted: String,
    },
    /// A system that a method cannot be applied to.
    #[error("`{method}` needs {needs}")]
    WrongSystem {
        /// The method.
        method: String,
        /// What it needs.
        needs: &'static str,
    },
    /// A name that the system and the method both use.
    #[error(
        "`{name}` is a parameter of the method {method}, so it cannot be a name in the formula; rename one of them"
    )]
    NameClash {
        /// The name.
        name: String,
        /// The method.
        method: String,
    },
    /// A value for something that is no parameter.
    #[error("`{parameter}` is not a parameter of the formula, which has {}", listing(present))]
    UnknownParameter {
        /// The name.
        parameter: String,
        /// The parameters.
        present: Vec<String>,
    },
    /// A parameter without the number that is needed.
    #[error("the parameter `{parameter}` has no value, and numbers are needed here")]
    NoValue {
        /// The name.
        parameter: String,
    },
    /// A value of a parameter beyond the limit.
    #[error("the value of `{parameter}` has {bits:.0} bits, beyond the limit of {limit:.0}")]
    ValueTooLong {
        /// The name.
        parameter: String,
        /// The bits of its numerator and denominator.
        bits: f64,
        /// The limit.
        limit: f64,
    },
    /// A group of variables that is none.
    #[error(
        "--split {split} of {variables} variables: the first part takes at least one and leaves at least one"
    )]
    BadSplit {
        /// How many variables the first part was to take.
        split: usize,
        /// How many there are.
        variables: usize,
    },
    /// A method without elementary differentials.
    #[error(
        "the modified equation of `{method}` is no sum over trees: it needs an --objective and has no modifying integrator"
    )]
    NotOverTrees {
        /// The method.
        method: String,
    },
    /// Stochastic modified equations beyond the first power of h.
    #[error("stochastic modified equations are known through h: --order 1 is accepted")]
    StochasticOrder,
    /// A group of variables for a method that has none.
    #[error(
        "`{method}` does not part the variables; --split is for partitioned methods and for games on one system"
    )]
    NoSplit {
        /// The method.
        method: String,
    },
    /// A kind of series that is not computed for a method.
    #[error(
        "the modifying integrator of `{method}` is not computed: its trees have colours; accepted is --kind modified"
    )]
    NoModifying {
        /// The method.
        method: String,
    },
    /// Coefficients that are no square roots.
    #[error(
        "a coefficient of the modified equation is {value}: formulas can hold fractions and one square root, but not other elements of the number field of {field}"
    )]
    NoClosedForm {
        /// The generator of the field.
        field: String,
        /// The coefficient.
        value: String,
    },
    /// Order 0.
    #[error(
        "the order must be at least 1: it is the highest power of h, and h^0 is the given equation itself"
    )]
    OrderZero,
    /// A point or output of the wrong length.
    #[error("{what} has {found} entries, expected {expected}")]
    Length {
        /// Which slice.
        what: &'static str,
        /// The length needed.
        expected: usize,
        /// The length given.
        found: usize,
    },
    /// A formula to be compiled holds a name that is no input.
    #[error("`{name}` is not among the inputs of the evaluator: {}", listing(inputs))]
    UnknownInput {
        /// The name.
        name: String,
        /// The inputs.
        inputs: Vec<String>,
    },
    /// A part of an evaluator that was not compiled.
    #[error("{part} was not compiled; there are {}", listing(parts))]
    UnknownPart {
        /// The part.
        part: String,
        /// The parts that were compiled.
        parts: Vec<String>,
    },
    /// A name that a function in source text cannot have.
    #[error("`{name}` cannot be the name of a function: {reason}")]
    BadName {
        /// The name.
        name: String,
        /// Why not.
        reason: &'static str,
    },
    /// The algebra system is not part of this build.
    #[error(
        "this build has no algebra system, so formulas cannot be compiled; build with the default features (feature `symbolica`)"
    )]
    Unavailable,
    /// The algebra system cannot be started.
    #[error("the algebra system cannot start: {reason}")]
    Start {
        /// Why not.
        reason: String,
    },
    /// The algebra system failed inside.
    #[error("the algebra system failed on this formula: {message}")]
    Internal {
        /// Its own message.
        message: String,
    },
}

/// Names one after the other; of long lists the beginning, and of long names.
fn listing(names: &[String]) -> String {
    const MOST: usize = 24;
    if names.is_empty() {
        return "none".to_owned();
    }
    let mut shown: Vec<String> = names.iter().take(MOST).map(|name| shortened(name)).collect();
    if names.len() > MOST {
        shown.push(format!("… ({} in all)", names.len()));
    }
    shown.join(", ")
}
