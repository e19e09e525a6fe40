//! Which equation a Runge–Kutta method really solves: trees, B-series, modified equations, gradient order, exactly.
//!
//! ```
//! use shadowflow_bseries::{Gradient, Series};
//! use shadowflow_methods::Method;
//!
//! let euler = Method::named("euler")?;
//! let modified = Series::modified(euler.tableau(), 4)?;
//! let cherry = modified.trees().find(&[1, 2, 2])?;
//! assert_eq!(modified.coefficient(cherry).to_string(), "1/6");
//!
//! // Gradient descent follows a gradient flow to first order in h, and no further.
//! assert_eq!(Gradient::of(euler.tableau(), 4)?.gradient_order(), 2);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! New to B-series? [`guide`] begins with the chain rule.
//!
//! The way through this crate:
//! 1. [`Trees`]: all rooted trees through an order, each a pair of smaller ones; [`free_trees`]: the same without roots.
//! 2. [`Series`]: elementary weights, modified equation and modifying integrator of a tableau, a coefficient for each tree;
//!    [`stream`]: the same piece by piece where it is too long to keep, [`Estimate`]: what it will take.
//! 3. [`Gradient`]: where the modified equation of a gradient flow stays a gradient flow, and what is left over;
//!    [`FreeClasses`]: the same for a field over any ring.
//! 4. [`Gradient::potential`]: the modified potential, term by term; [`RootedTree::contraction`]: its terms by name.
//! 5. [`BSeries`]: series with any coefficients, and their algebra: composition, inverse, adjoint, substitution, Lie
//!    derivative, commutator, exponential and logarithm.
//! 6. [`Structure`]: what a series preserves, and through which order.
//! 7. [`ColouredTrees`] and [`PartitionedCoefficients`]: the same for equations split into parts.
//! 8. [`ParametricSeries`]: the same for families whose parameters stay symbols; [`modified_over`] for any ring.
//! 9. Optimizers that are no tableau, as steps: with momentum [`BSeries::heavy_ball`], [`BSeries::nesterov`] and
//!    [`BSeries::two_step`]; parts in a row [`BSeries::lie_trotter`], [`BSeries::strang`] and [`BSeries::splitting`];
//!    mini-batches on average [`BSeries::shuffled`].
//! 10. [`search`]: all tableaus of a shape that have a given gradient order.
//! 11. [`RootedTree`]: one tree by itself, coloured or not, counted, ranked and unranked; [`drawing`]: as SVG and LaTeX.
//!
//! Conventions are those of Hairer, Lubich & Wanner, *Geometric Numerical Integration* (GNI, 2nd edition 2006), chapters III
//! and IX: a step is y + Σ h^|t|/σ(t) a(t) F(t)(y), a modified equation ẏ = Σ h^(|t|-1)/σ(t) b(t) F(t)(y).

mod algebra;
mod arithmetic;
mod classes;
mod coloured;
mod continuous;
mod contraction;
pub mod drawing;
mod engine;
mod entries;
mod error;
mod free_tree;
mod gradient;
pub mod guide;
mod lift;
mod modifying;
mod momentum;
mod parametric;
mod partitioned;
mod place;
mod potential;
mod ranking;
mod residue;
mod rooted_tree;
mod rosenbrock;
pub mod search;
mod series;
mod splitting;
mod stream;
mod structure;
mod tree;
mod walk;

pub use algebra::{AlgebraError, BSeries, TreeTable};
pub use classes::{Class, FreeClasses};
pub use coloured::{
    ColouredTreeId, ColouredTrees, ColouredTreesError, MAX_COLOURED_TREES, coloured_tree_count,
};
pub use continuous::{CONTINUOUS, ContinuousStage};
pub use error::SeriesError;
pub use free_tree::{FreeTree, free_trees};
pub use gradient::{Gradient, MAX_GRADIENT_ORDER};
pub use modifying::MAX_MODIFYING_ORDER;
pub use parametric::{MAX_PARAMETRIC_ORDER, ParametricSeries, modified_over, weights_over};
pub use partitioned::{PARTITIONED, PartitionedCoefficients};
pub use potential::PotentialTerm;
pub use rooted_tree::{MAX_VERTICES, RootedTree, Rooting};
pub use series::{Series, SeriesKind};
pub use stream::{Chunk, Estimate, MAX_STREAM_ORDER, stream};
pub use structure::{Structure, Through};
pub use tree::{MAX_ORDER, TreeId, Trees, tree_count};
