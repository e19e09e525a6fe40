//! The algebra of B-series: series with any coefficients, composed, substituted, inverted, differentiated.
//!
//! A [`BSeries`] has one coefficient for the empty tree and one for each tree of a table. With 1 on the empty tree it is a
//! **step**, y + Σ h^|t|/σ(t) a(t) F(t)(y); with 0 it is a **field**, Σ h^|t|/σ(t) b(t) F(t)(y), h times a vector field. Steps
//! form a group under composition, fields a Lie algebra, and the exponential, the flow over one unit of time, leads from
//! one to the other (Hairer, Lubich & Wanner, GNI, §III.1 and §IX.9; Chartier, Hairer & Vilmart 2010). All of it is written
//! once, for any [`Ring`] of coefficients and for trees with or without colours.
//!
//! With T trees through order n, field operations take T·n² multiplications at most. Composition visits the subtrees at the
//! root of each tree and substitution its partitions, together fewer than T·2ⁿ; in exact rationals either takes about
//! 10 ms at order 9 and three times as long with every further order.

mod composition;
mod error;
mod lie;
mod stages;
mod substitution;
mod table;

use std::fmt;
use std::sync::Arc;

use shadowflow_methods::{Exact, Rational, Ring};

use crate::series::{Series, SeriesKind};
use crate::tree::Trees;

pub(crate) use composition::{by_subtrees, evaluated};
pub use error::AlgebraError;
pub(crate) use stages::{Stages, dot};
pub(crate) use table::Shape;
pub use table::TreeTable;
pub(crate) use table::sealed;

/// A truncated B-series over a shared table of trees; σ(t) is not part of the coefficients.
///
/// ```
/// use std::sync::Arc;
/// use shadowflow_bseries::{BSeries, Trees};
/// use shadowflow_methods::{Exact, Method};
///
/// let trees = Arc::new(Trees::through(5)?);
/// let euler = BSeries::runge_kutta(&trees, &Method::named("euler")?.tableau().coefficients())?;
/// // An Euler step backwards, inverted, is an implicit Euler step.
/// let implicit = BSeries::runge_kutta(&trees, &Method::named("implicit-euler")?.tableau().coefficients())?;
/// assert_eq!(euler.adjoint()?, implicit);
/// // The field whose flow is the step: the modified equation.
/// let modified = euler.logarithm()?;
/// assert_eq!(modified.coefficient(trees.find(&[1, 2])?), &Exact::ratio(-1, 2));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub struct BSeries<R, T = Trees> {
    trees: Arc<T>,
    empty: R,
    coefficients: Vec<R>,
}

impl<R: Ring, T: TreeTable> BSeries<R, T> {
    /// The series with this coefficient of the empty tree and, for every tree of the table, what the closure says.
    ///
    /// ```
    /// use std::sync::Arc;
    /// use shadowflow_bseries::{BSeries, Trees};
    /// use shadowflow_methods::{Exact, Ring};
    /// let trees = Arc::new(Trees::through(4)?);
    /// let flow = BSeries::from_fn(&trees, Exact::ONE, |trees, t| Exact::ratio(1, trees.density(t) as i64));
    /// assert_eq!(flow, BSeries::exact_flow(&trees));
    /// # Ok::<(), shadowflow_bseries::SeriesError>(())
    /// ```
    pub fn from_fn(trees: &Arc<T>, empty: R, mut coefficient: impl FnMut(&T, T::Tree) -> R) -> Self {
        let coefficients = trees.all().into_iter().map(|tree| coefficient(trees, tree)).collect();
        BSeries { trees: Arc::clone(trees), empty, coefficients }
    }

    /// A series from its coefficients in the order of the table.
    pub(crate) fn from_coefficients(trees: &Arc<T>, empty: R, coefficients: Vec<R>) -> Self {
        BSeries { trees: Arc::clone(trees), empty, coefficients }
    }

    /// The step that stays where it is: 1 on the empty tree, 0 elsewhere.
    pub fn identity(trees: &Arc<T>) -> Self {
        BSeries::from_fn(trees, R::one(), |_, _| R::zero())
    }

    /// The field h·f itself: 1 on single vertices, of every colour, 0 elsewhere.
    pub fn vector_field(trees: &Arc<T>) -> Self {
        BSeries::from_fn(
            trees,
            R::zero(),
            |trees, tree| {
                if trees.split(tree).is_none() { R::one() } else { R::zero() }
            },
        )
    }

    /// The exact flow over one step, 1/γ(t) (GNI, §III.1).
    pub fn exact_flow(trees: &Arc<T>) -> Self {
        let shape = Shape::of(&**trees);
        let mut weights: Vec<Rational> = Vec::with_capacity(shape.len());
        for tree in 0..shape.len() {
            // γ(u∘v) = γ(u)·γ(v)·(|u| + |v|)/|u|
            weights.push(match shape.split(tree) {
                None => Rational::ONE,
                Some((u, v)) => {
                    let share = Rational::from_parts(shape.vertices(u).into(), shape.vertices(tree).into());
                    &weights[u] * &weights[v] * share
                }
            });
        }
        BSeries::from_coefficients(trees, R::one(), weights.iter().map(R::from_rational).collect())
    }

    /// The trees it runs over.
    pub fn trees(&self) -> &Arc<T> {
        &self.trees
    }

    /// The order at which it is truncated.
    pub fn order(&self) -> usize {
        self.trees.order()
    }

    /// The coefficient of the empty tree: 1 for a step, 0 for a field.
    pub fn empty(&self) -> &R {
        &self.empty
    }

    /// The coefficient of a tree of [`BSeries::trees`].
    pub fn coefficient(&self, tree: T::Tree) -> &R {
        &self.coefficients[self.trees.index(tree)]
    }

    /// Trees with their coefficients, by order, without the empty tree.
    pub fn terms(&self) -> impl Iterator<Item = (T::Tree, &R)> {
        self.trees.all().into_iter().zip(&self.coefficients)
    }

    /// The same series with coefficients in another ring.
    pub fn map<S: Ring>(&self, image: impl Fn(&R) -> S) -> BSeries<S, T> {
        let coefficients = self.coefficients.iter().map(&image).collect();
        BSeries::from_coefficients(&self.trees, image(&self.empty), coefficients)
    }

    /// The sum of two series.
    ///
    /// # Errors
    /// If the series run over different tables.
    pub fn plus(&self, other: &Self) -> Result<Self, AlgebraError> {
        self.combined(other, R::plus)
    }

    /// The difference of two series.
    ///
    /// # Errors
    /// If the series run over different tables.
    pub fn minus(&self, other: &Self) -> Result<Self, AlgebraError> {
        self.combined(other, R::minus)
    }

    fn combined(&self, other: &Self, operation: impl Fn(&R, &R) -> R) -> Result<Self, AlgebraError> {
        self.check_table(other)?;
        let pairs = self.coefficients.iter().zip(&other.coefficients);
        let coefficients = pairs.map(|(x, y)| operation(x, y)).collect();
        Ok(BSeries::from_coefficients(&self.trees, operation(&self.empty, &other.empty), coefficients))
    }

    /// Every coefficient times a number.
    pub fn times(&self, factor: &R) -> Self {
        self.map(|coefficient| coefficient.times(factor))
    }

    /// The series with λh in place of h: λ^|t|·a(t).
    ///
    /// ```
    /// use std::sync::Arc;
    /// use shadowflow_bseries::{BSeries, Trees};
    /// use shadowflow_methods::Exact;
    /// let trees = Arc::new(Trees::through(6)?);
    /// let (flow, half) = (BSeries::exact_flow(&trees), Exact::ratio(1, 2));
    /// assert_eq!(flow.rescaled(&half).then(&flow.rescaled(&half))?, flow);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn rescaled(&self, lambda: &R) -> Self {
        let mut powers = vec![R::one()];
        for n in 1..=self.order() {
            powers.push(powers[n - 1].times(lambda));
        }
        let trees = self.trees.all().into_iter();
        let scaled = |(tree, a): (T::Tree, &R)| a.times(&powers[self.trees.vertices(tree)]);
        let coefficients = trees.zip(&self.coefficients).map(scaled).collect();
        BSeries::from_coefficients(&self.trees, self.empty.clone(), coefficients)
    }

    /// Tables of one kind with the same order and as many colours hold the same trees in the same order.
    fn check_table(&self, other: &Self) -> Result<(), AlgebraError> {
        let (left, right) = (self.trees.colours(), other.trees.colours());
        if left != right {
            return Err(AlgebraError::ColoursDiffer { left, right });
        }
        let (left, right) = (self.order(), other.order());
        if left == right { Ok(()) } else { Err(AlgebraError::OrdersDiffer { left, right }) }
    }

    fn check_step(&self, operation: &'static str) -> Result<(), AlgebraError> {
        if self.empty == R::one() { Ok(()) } else { Err(AlgebraError::NotAStep { operation }) }
    }

    fn check_field(&self, operation: &'static str) -> Result<(), AlgebraError> {
        if self.empty.is_zero() { Ok(()) } else { Err(AlgebraError::NotAField { operation }) }
    }
}

impl From<&Series> for BSeries<Exact> {
    /// The same coefficients; weights become a step, modified equations and modifying integrators a field.
    fn from(series: &Series) -> BSeries<Exact> {
        let empty = if series.kind() == SeriesKind::Weights { Exact::ONE } else { Exact::ZERO };
        BSeries::from_fn(series.trees(), empty, |_, tree| series.coefficient(tree).clone())
    }
}

// By hand, because the table is shared and need not be cloned, compared or printed tree by tree.

impl<R: Clone, T> Clone for BSeries<R, T> {
    fn clone(&self) -> Self {
        BSeries {
            trees: Arc::clone(&self.trees),
            empty: self.empty.clone(),
            coefficients: self.coefficients.clone(),
        }
    }
}

/// Equal coefficients on the same trees.
impl<R: Ring, T: TreeTable> PartialEq for BSeries<R, T> {
    fn eq(&self, other: &Self) -> bool {
        self.check_table(other).is_ok()
            && self.empty == other.empty
            && self.coefficients == other.coefficients
    }
}

impl<R: fmt::Debug, T: TreeTable> fmt::Debug for BSeries<R, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("BSeries")
            .field("order", &self.trees.order())
            .field("colours", &self.trees.colours())
            .field("empty", &self.empty)
            .field("coefficients", &self.coefficients)
            .finish()
    }
}
