//! What can be wrong with a method, a tableau or a name.

use crate::exact::{Exact, ParseExactError};
use crate::rational_function::ParseFunctionError;

/// Why a set of coefficients is not a Runge–Kutta tableau. Rows, columns and entries count from 1.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
pub enum TableauError {
    /// No stage at all.
    #[error("a tableau needs at least one stage; A is empty")]
    Empty,
    /// More stages than are handled.
    #[error("a tableau of {stages} stages is refused; the limit is {limit}")]
    TooManyStages {
        /// The number of rows of A.
        stages: usize,
        /// The largest number accepted.
        limit: usize,
    },
    /// A row of A has the wrong length.
    #[error(
        "row {row} of A has {found} entries, expected {expected}, as many as A has rows: is a row or an entry missing? zeros are written too"
    )]
    RowLength {
        /// The row.
        row: usize,
        /// The number of rows of A.
        expected: usize,
        /// The number of entries in this row.
        found: usize,
    },
    /// The weights or nodes have the wrong length.
    #[error("{vector}: {found} entries, expected {expected}, one for each row of A")]
    VectorLength {
        /// The weights b, the nodes c, or the embedded weights.
        vector: &'static str,
        /// The number of rows of A.
        expected: usize,
        /// The number of entries.
        found: usize,
    },
    /// A row of A does not sum to its node.
    #[error("row {row} of A sums to {found}, but c_{row} = {expected}")]
    RowSum {
        /// The row.
        row: usize,
        /// The node given.
        expected: Box<Exact>,
        /// The sum of the row.
        found: Box<Exact>,
    },
    /// The weights do not sum to 1.
    #[error("{vector}: the sum is {found}, expected 1: the method would not be consistent")]
    WeightSum {
        /// The weights b or the embedded weights.
        vector: &'static str,
        /// The sum.
        found: Box<Exact>,
    },
    /// A number of digits that makes no sense.
    #[error("coefficients known to {digits} digits behind the point: accepted are 1 to {limit}")]
    Digits {
        /// The number given.
        digits: u32,
        /// The largest accepted.
        limit: u32,
    },
    /// A root among decimals.
    #[error("the entries are known to a number of digits, so they are fractions; {entry} is not")]
    IrrationalDecimal {
        /// The entry.
        entry: Box<Exact>,
    },
    /// Entries with different roots.
    #[error("entries mix {first} and {second}; all of a tableau must lie in one number field")]
    MixedFields {
        /// The generator of one field.
        first: String,
        /// That of the other.
        second: String,
    },
}

/// Why a name, a parameter or a file does not give a method.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
pub enum MethodError {
    /// No method of that name.
    #[error("there is no method `{name}`; {}", suggestion(nearest))]
    Unknown {
        /// The name asked for.
        name: String,
        /// The nearest known names, best first; may be empty.
        nearest: Vec<String>,
    },
    /// A name that cannot be read.
    #[error("`{name}` is no method name: {reason}; write rk4, or rk2(c2=1/3) for a family")]
    BadName {
        /// The name asked for.
        name: String,
        /// What is wrong with it.
        reason: &'static str,
    },
    /// A parameter that the family does not have, or a method without parameters.
    #[error("`{method}` has no parameter `{parameter}`; it takes {}", listing(accepted))]
    UnknownParameter {
        /// The method or family.
        method: String,
        /// The parameter asked for.
        parameter: String,
        /// The parameters that exist.
        accepted: Vec<&'static str>,
    },
    /// A parameter without value and without default.
    #[error("`{method}` needs a value for `{parameter}`, for example {example}")]
    MissingParameter {
        /// The family.
        method: String,
        /// The parameter.
        parameter: &'static str,
        /// A complete name that works.
        example: &'static str,
    },
    /// A parameter value at which the family has no method.
    #[error("`{method}` has no method at {parameter} = {value}: {reason}")]
    BadParameter {
        /// The family.
        method: String,
        /// The parameter.
        parameter: &'static str,
        /// The value given.
        value: String,
        /// Why not.
        reason: &'static str,
    },
    /// A parameter value that is no number.
    #[error("parameter `{parameter}`: {source}")]
    BadNumber {
        /// The parameter.
        parameter: String,
        /// What is wrong.
        source: ParseExactError,
    },
    /// A parameter value that is no function of the parameters.
    #[error("parameter `{parameter}`: {source}")]
    BadFunction {
        /// The parameter.
        parameter: String,
        /// What is wrong.
        source: ParseFunctionError,
    },
    /// A method all of whose coefficients must be numbers.
    #[error("`{method}` has no parameters that can stay symbols; these families have: {}", listing(families))]
    NoSymbols {
        /// The method or family.
        method: String,
        /// The families that can be built from symbols.
        families: Vec<&'static str>,
    },
    /// A name or title of a tableau file that does not fit in a line.
    #[error("the {key} of the tableau file must be one line of at most {limit} printable characters")]
    Label {
        /// `name` or `title`.
        key: &'static str,
        /// The most characters.
        limit: usize,
    },
    /// A tableau file that cannot be read as one.
    #[error(
        "the tableau file cannot be read: {message}\nexpected is for example\n  a = [[0, 0], [\"2/3\", 0]]\n  b = [\"1/4\", \"3/4\"]"
    )]
    File {
        /// The reader's message, with line and column.
        message: String,
    },
    /// An entry of a tableau file that is no exact number.
    #[error("{place}: {source}")]
    Entry {
        /// Row and column, or which vector.
        place: String,
        /// What is wrong.
        source: ParseExactError,
    },
    /// Coefficients that form no tableau.
    #[error("the tableau of `{method}` is not valid: {source}")]
    Tableau {
        /// The method.
        method: String,
        /// What is wrong.
        source: Box<TableauError>,
    },
}

fn suggestion(nearest: &[String]) -> String {
    match nearest {
        [] => "`shadowflow methods` lists them all".to_owned(),
        names => format!("did you mean {}?", names.join(", ")),
    }
}

fn listing(names: &[&str]) -> String {
    if names.is_empty() { "none".to_owned() } else { names.join(", ") }
}
