//! What can be asked that cannot be answered.

/// Why a series cannot be computed.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
pub enum SeriesError {
    /// Order 0 holds no tree.
    #[error("the order must be at least 1: a tree has at least one vertex")]
    OrderZero,
    /// An order beyond the limit.
    #[error(
        "order {requested} is beyond the limit of {limit}: there are {} rooted trees of at most that order, and each needs its own exact coefficient",
        count(*trees)
    )]
    OrderTooLarge {
        /// The order asked for.
        requested: usize,
        /// The largest order computed.
        limit: usize,
        /// How many trees that would be.
        trees: f64,
    },
    /// An order within the limit that would cost too much for this tableau.
    #[error(
        "order {requested} of this tableau would take about {gibibytes:.1} GiB of memory and {minutes:.0} minutes (at most {max_gibibytes} GiB and {max_minutes} minutes are spent): it has {stages} stages and long coefficients; a smaller order fits"
    )]
    TooCostly {
        /// The order asked for.
        requested: usize,
        /// The stages of the tableau.
        stages: usize,
        /// The memory it would take, estimated.
        gibibytes: f64,
        /// The time on one core, estimated.
        minutes: f64,
        /// The most memory that is used.
        max_gibibytes: f64,
        /// The most time that is spent.
        max_minutes: f64,
    },
    /// A modifying integrator with symbols.
    #[error(
        "the modifying integrator is computed for numbers only: give every parameter a value, as in rk2(c2=1/3)"
    )]
    NoSymbols,
    /// A number field whose polynomial splits modulo too few primes.
    #[error(
        "order {order} needs {needed} primes modulo which the polynomial of the number field, of degree {degree}, splits, and there are too few; such fields are served through order {limit}"
    )]
    FieldTooLarge {
        /// The order asked for.
        order: usize,
        /// The degree of the field.
        degree: usize,
        /// How many primes would be needed.
        needed: usize,
        /// The order through which coefficients are computed in the field itself.
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
    /// Text that is not the level sequence of a tree.
    #[error(
        "`{entry}` is no entry of a tree, which is written as its level sequence, such as [1,2,2]; a colour may follow a level, as in [1,2:1,2]"
    )]
    UnreadableTree {
        /// The entry.
        entry: String,
    },
    /// A tree too large to be handled by itself.
    #[error("a tree of {vertices} vertices is beyond the limit of {limit}: its density may exceed 128 bits")]
    TooManyVertices {
        /// The vertices given.
        vertices: usize,
        /// The most that are handled.
        limit: usize,
    },
    /// Not one colour for each vertex.
    #[error("{colours} colours were given for {vertices} vertices; each vertex has one")]
    ColourCount {
        /// The vertices.
        vertices: usize,
        /// The colours given.
        colours: usize,
    },
    /// A rank that no tree of its order has.
    #[error("there is no tree number {rank} with {order} vertices: ranks run from 0 to {}", trees - 1)]
    RankTooLarge {
        /// The order.
        order: usize,
        /// The rank asked for.
        rank: u128,
        /// How many trees there are.
        trees: u128,
    },
}

/// A number of trees that may be beyond the doubles.
fn count(trees: f64) -> String {
    if trees.is_finite() { format!("{trees:.2e}") } else { "more than 1e308".to_owned() }
}
