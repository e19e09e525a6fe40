//! B-series of a method: a coefficient for every rooted tree.

use std::sync::Arc;

use shadowflow_methods::{Exact, Tableau};

use crate::error::SeriesError;
use crate::modified::modified_equation;
use crate::modifying::modifying_integrator;
use crate::tree::{MAX_ORDER, TreeId, Trees, check_order};
use crate::weights::{check_cost, elementary_weights};

/// The largest order of a modifying integrator, whose algorithm visits every subtree of every tree.
pub const MAX_MODIFYING_ORDER: usize = 10;

/// Which series of a method.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SeriesKind {
    /// b(t): the modified equation ẏ = Σ h^(|t|-1) b(t)/σ(t) F(t)(y), which the method follows.
    Modified,
    /// c(t): the modifying integrator, the field for which the method follows the given equation.
    Modifying,
    /// a(t): the elementary weights of one step y + Σ h^|t| a(t)/σ(t) F(t)(y).
    Weights,
}

/// A B-series truncated at some order; σ(t) is not part of the coefficients (GNI, Definition III.1.8).
///
/// ```
/// use shadowflow_bseries::Series;
/// use shadowflow_methods::Method;
/// let euler = Method::named("euler")?;
/// let b = Series::modified(euler.tableau(), 3)?;
/// let text: Vec<_> = b.terms().map(|(_, b)| b.to_string()).collect();
/// assert_eq!(text, ["1", "-1/2", "1/3", "1/6"]);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug)]
pub struct Series {
    kind: SeriesKind,
    trees: Arc<Trees>,
    coefficients: Vec<Exact>,
}

impl Series {
    /// The series of this kind.
    ///
    /// # Errors
    /// If the order is 0 or beyond the limit, [`MAX_ORDER`] or [`MAX_MODIFYING_ORDER`], or the tableau has so many stages or
    /// such long coefficients that this order would take too much memory or time.
    pub fn new(kind: SeriesKind, tableau: &Tableau, order: usize) -> Result<Series, SeriesError> {
        if kind == SeriesKind::Modifying {
            check_order(order, MAX_MODIFYING_ORDER)?;
        }
        check_order(order, MAX_ORDER)?;
        let steps = if kind == SeriesKind::Modified { order } else { 1 };
        let scaled = tableau.scaled();
        check_cost(tableau, &scaled, order, steps)?;
        let trees = Arc::new(Trees::through(order)?);
        let coefficients = match kind {
            SeriesKind::Modified => modified_equation(&scaled, &trees),
            SeriesKind::Modifying => modifying_integrator(tableau, &trees),
            SeriesKind::Weights => elementary_weights(&scaled, &trees),
        };
        Ok(Series { kind, trees, coefficients })
    }

    /// The modified equation.
    ///
    /// # Errors
    /// As [`Series::new`].
    pub fn modified(tableau: &Tableau, order: usize) -> Result<Series, SeriesError> {
        Series::new(SeriesKind::Modified, tableau, order)
    }

    /// The modifying integrator.
    ///
    /// # Errors
    /// As [`Series::new`].
    pub fn modifying(tableau: &Tableau, order: usize) -> Result<Series, SeriesError> {
        Series::new(SeriesKind::Modifying, tableau, order)
    }

    /// The elementary weights.
    ///
    /// # Errors
    /// As [`Series::new`].
    pub fn weights(tableau: &Tableau, order: usize) -> Result<Series, SeriesError> {
        Series::new(SeriesKind::Weights, tableau, order)
    }

    /// Which series this is.
    pub fn kind(&self) -> SeriesKind {
        self.kind
    }

    /// The order at which it is truncated.
    pub fn order(&self) -> usize {
        self.trees.order()
    }

    /// The trees it runs over.
    pub fn trees(&self) -> &Arc<Trees> {
        &self.trees
    }

    /// The coefficient of a tree of [`Series::trees`].
    pub fn coefficient(&self, tree: TreeId) -> &Exact {
        &self.coefficients[tree.index()]
    }

    /// Trees with their coefficients, by order.
    pub fn terms(&self) -> impl Iterator<Item = (TreeId, &Exact)> {
        self.trees.iter().zip(&self.coefficients)
    }
}
