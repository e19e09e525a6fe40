//! What coloured trees there are none of.

/// Why there is no such coloured tree, or no such table of them.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
pub enum ColouredTreesError {
    /// No vertex or no colour.
    #[error("trees of order {order} in {colours} colours: both numbers must be at least 1")]
    Empty {
        /// The order asked for.
        order: usize,
        /// The number of colours asked for.
        colours: usize,
    },
    /// More colours than are told apart.
    #[error("{colours} colours are beyond the limit of {limit}")]
    TooManyColours {
        /// The number of colours asked for.
        colours: usize,
        /// The most colours there may be.
        limit: usize,
    },
    /// A table that would be too large.
    #[error(
        "there are more than {limit} trees through order {order} in {colours} colours: a smaller order or fewer colours fit"
    )]
    TooMany {
        /// The order asked for.
        order: usize,
        /// The number of colours asked for.
        colours: usize,
        /// The most trees a table may hold.
        limit: usize,
    },
    /// A list of numbers that is not the level sequence of a rooted tree.
    #[error(
        "{levels:?} is not the level sequence of a rooted tree: it starts with 1, and each entry is between 2 and one more than the entry before"
    )]
    NotATree {
        /// The numbers given.
        levels: Vec<u8>,
    },
    /// A list of numbers that does not colour the tree.
    #[error(
        "{colours:?} does not colour a tree with {vertices} vertices: each vertex has one number below {limit}"
    )]
    NotColours {
        /// The numbers given.
        colours: Vec<u8>,
        /// The number of vertices.
        vertices: usize,
        /// The number of colours of the table.
        limit: usize,
    },
    /// A tree with more vertices than the table holds.
    #[error("a tree with {vertices} vertices is not in a table through order {order}")]
    TooLarge {
        /// The number of vertices.
        vertices: usize,
        /// The order of the table.
        order: usize,
    },
}
