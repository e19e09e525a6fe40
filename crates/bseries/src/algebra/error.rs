//! What series cannot be combined, and why.

use crate::error::SeriesError;

/// Why an operation on B-series, or a series of a method given by its coefficients, does not exist.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
pub enum AlgebraError {
    /// Series truncated at different orders.
    #[error(
        "one series is truncated at order {left}, the other at order {right}: take both over one table of trees"
    )]
    OrdersDiffer {
        /// The order of the first.
        left: usize,
        /// The order of the second.
        right: usize,
    },
    /// Series on trees with different numbers of colours.
    #[error(
        "one series has trees in {left} colours, the other in {right}: both must split the equation into as many parts"
    )]
    ColoursDiffer {
        /// The colours of the first.
        left: usize,
        /// The colours of the second.
        right: usize,
    },
    /// A method with more or fewer parts than the trees have colours.
    #[error(
        "the method has {parts} parts, but the trees have {colours} colours: each part needs a colour of its own"
    )]
    PartsAndColours {
        /// The parts of the method.
        parts: usize,
        /// The colours of the trees.
        colours: usize,
    },
    /// A field where a step is needed.
    #[error("{operation} needs a step, a series with coefficient 1 on the empty tree; this one has another")]
    NotAStep {
        /// The operation.
        operation: &'static str,
    },
    /// A step where a field is needed.
    #[error("{operation} needs a field, a series with coefficient 0 on the empty tree; this one has another")]
    NotAField {
        /// The operation.
        operation: &'static str,
    },
    /// Different coefficients on the empty tree, which substitution keeps.
    #[error(
        "substitution keeps the coefficient of the empty tree, but the two series differ there: take two steps or two fields"
    )]
    EmptyTreesDiffer,
    /// A series that is neither a step nor a field.
    #[error(
        "the series must be a step, with coefficient 1 on the empty tree, or a field, with 0; it has another there"
    )]
    NeitherStepNorField,
    /// A method that does not move with the equation to first order.
    #[error(
        "{operation} needs a consistent method, with coefficient 1 on the single vertex; it has another there"
    )]
    Inconsistent {
        /// The operation.
        operation: &'static str,
    },
    /// Coefficients of a method without a stage, or of a partitioned method without a part.
    #[error("a method needs at least one {missing}")]
    Nothing {
        /// What there is none of.
        missing: &'static str,
    },
    /// A row of A, or the weights, with the wrong length.
    #[error("{vector} of part {part} has {found} entries, but the method has {expected} stages")]
    Length {
        /// Which vector.
        vector: &'static str,
        /// The part of a partitioned method, from 1; always 1 for a method of one part.
        part: usize,
        /// The number of stages.
        expected: usize,
        /// How many entries it has.
        found: usize,
    },
    /// Momentum that never fades.
    #[error(
        "the momentum must not be 1: x⁺ = x + (x - x⁻) + h f keeps its velocity for ever, and no one-step method lies beneath it"
    )]
    MomentumIsOne,
    /// A part of a split equation that there is not.
    #[error("there is no part {colour}: the trees have {colours} colours, counted from 0")]
    NoSuchColour {
        /// The part asked for.
        colour: usize,
        /// The colours of the trees.
        colours: usize,
    },
    /// A table of trees that cannot be had.
    #[error(transparent)]
    Trees(#[from] SeriesError),
}
