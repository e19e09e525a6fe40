//! What a B-series preserves, and through which order: symplecticity, energy, symmetry, volume.
//!
//! All of it is read off the coefficients, for every Hamiltonian (or every vector field) at once, so "through order r" says
//! that the terms through h^r of a step, or of h times its modified field, have the property, and `exactly` that the next
//! have not. Comparison is exact: for floating-point coefficients a rounding error counts as a failure.

mod conjugacy;
mod energy;
mod volume;

use std::fmt;

use shadowflow_methods::Ring;

use crate::algebra::{AlgebraError, BSeries, Shape, TreeTable};
use crate::coloured::ColouredTrees;

/// Through which order something holds, of those that were examined.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Through {
    /// It holds through this order.
    pub order: usize,
    /// The order at which the series ends.
    pub examined: usize,
}

impl Through {
    /// Whether the next order was examined and fails, so that the order is exact and not a lower bound.
    pub fn is_decided(self) -> bool {
        self.order < self.examined
    }

    /// The orders 1, 2, … until one fails.
    pub(crate) fn first_failure(examined: usize, holds: impl FnMut(&usize) -> bool) -> Through {
        Through { order: (1..=examined).take_while(holds).count(), examined }
    }
}

/// `4`, or `≥ 9` where nothing failed.
impl fmt::Display for Through {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.is_decided() { write!(f, "{}", self.order) } else { write!(f, "≥ {}", self.order) }
    }
}

/// Everything a step preserves on plain trees.
///
/// ```
/// use std::sync::Arc;
/// use shadowflow_bseries::{BSeries, Structure, Trees};
/// use shadowflow_methods::Method;
/// let trees = Arc::new(Trees::through(6)?);
/// let of = |name| -> Result<Structure, Box<dyn std::error::Error>> {
///     let method = Method::named(name)?.tableau().coefficients();
///     Ok(Structure::of(&BSeries::runge_kutta(&trees, &method)?)?)
/// };
/// let trapezoidal = of("trapezoidal")?;
/// assert_eq!(trapezoidal.symplectic.to_string(), "2");
/// assert_eq!(trapezoidal.conjugate_symplectic.to_string(), "≥ 6"); // it is conjugate to the implicit midpoint rule
/// assert_eq!(of("rk4")?.symplectic.to_string(), "4");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Structure {
    /// See [`BSeries::symplectic`].
    pub symplectic: Through,
    /// See [`BSeries::conjugate_symplectic`].
    pub conjugate_symplectic: Through,
    /// See [`BSeries::energy_preserving`].
    pub energy_preserving: Through,
    /// See [`BSeries::symmetric`].
    pub symmetric: Through,
    /// See [`BSeries::volume_preserving_quadratic`].
    pub volume_preserving_quadratic: Through,
}

impl Structure {
    /// Examines a consistent step, or its modified field, through the order of its table.
    ///
    /// # Errors
    /// If the series is neither a step nor a field or not consistent, or its table is the largest there is.
    pub fn of<R: Ring>(series: &BSeries<R>) -> Result<Structure, AlgebraError> {
        let field = series.as_field()?;
        Ok(Structure {
            symplectic: field.symplectic()?,
            conjugate_symplectic: field.conjugate_symplectic()?,
            energy_preserving: field.energy_preserving()?,
            symmetric: field.symmetric()?,
            volume_preserving_quadratic: field.volume_preserving_quadratic()?,
        })
    }
}

impl<R: Ring, T: TreeTable> BSeries<R, T> {
    /// Through which order a step is symplectic for every Hamiltonian system, a(u∘v) + a(v∘u) = a(u)a(v), or a field
    /// Hamiltonian, b(u∘v) + b(v∘u) = 0 (Calvo & Sanz-Serna 1994; GNI, §VI.7 and §IX.9). The same conditions keep
    /// every quadratic first integral (Chartier, Faou & Murua 2006). With colours, every part of the equation is a Hamiltonian
    /// system of its own (Araújo, Murua & Sanz-Serna 1997).
    ///
    /// # Errors
    /// If the series is neither a step nor a field.
    pub fn symplectic(&self) -> Result<Through, AlgebraError> {
        self.pairs_balance(|_, _| true)
    }

    /// Through which order a step is symmetric, equal to its adjoint; a field is even in h (GNI, Theorem IX.2.2).
    ///
    /// # Errors
    /// If the series is neither a step nor a field.
    pub fn symmetric(&self) -> Result<Through, AlgebraError> {
        let field = self.as_field()?;
        let vanishes = |n: &usize| field.of_order(*n).all(|(_, b)| b.is_zero());
        Ok(Through::first_failure(self.order(), |n| n % 2 == 1 || vanishes(n)))
    }

    /// The field itself, or the logarithm of a step.
    pub(crate) fn as_field(&self) -> Result<BSeries<R, T>, AlgebraError> {
        self.check_step_or_field()?;
        if self.empty().is_zero() { Ok(self.clone()) } else { self.logarithm() }
    }

    fn check_step_or_field(&self) -> Result<(), AlgebraError> {
        let known = self.empty().is_zero() || *self.empty() == R::one();
        if known { Ok(()) } else { Err(AlgebraError::NeitherStepNorField) }
    }

    pub(crate) fn of_order(&self, n: usize) -> impl Iterator<Item = (T::Tree, &R)> {
        self.terms().filter(move |&(tree, _)| self.trees().vertices(tree) == n)
    }

    /// a(u∘v) + a(v∘u) = a(∅)a(u)a(v) for the pairs of trees with these colours at the roots.
    fn pairs_balance(&self, concerned: impl Fn(usize, usize) -> bool) -> Result<Through, AlgebraError> {
        self.check_step_or_field()?;
        let shape = Shape::of(&**self.trees());
        let a: Vec<&R> = self.terms().map(|(_, a)| a).collect();
        let colours: Vec<usize> = self.terms().map(|(tree, _)| self.trees().root_colour(tree)).collect();
        let balances = |&(u, v): &(usize, usize)| {
            let sum = a[shape.graft(u, v)].plus(a[shape.graft(v, u)]);
            !concerned(colours[u], colours[v]) || sum == a[u].times(a[v]).times(self.empty())
        };
        Ok(Through::first_failure(self.order(), |n| shape.pairs(*n).iter().all(balances)))
    }
}

impl<R: Ring> BSeries<R, ColouredTrees> {
    /// Through which order a partitioned step is symplectic for every Hamiltonian H(q,p), the colours 0 and 1 moving the q and
    /// the p: a(u∘v) + a(v∘u) = a(u)a(v) for roots of different colours, and a does not depend on the colour of the root;
    /// likewise a field (Hairer 1994; GNI, §VI.7).
    ///
    /// # Errors
    /// If there are not two colours, or the series is neither a step nor a field.
    pub fn symplectic_pair(&self) -> Result<Through, AlgebraError> {
        let colours = self.trees().colours();
        if colours != 2 {
            return Err(AlgebraError::PartsAndColours { parts: 2, colours });
        }
        let balanced = self.pairs_balance(|u, v| u != v)?;
        let trees = self.trees();
        let recoloured = |(tree, a)| {
            let mut colours = trees.vertex_colours(tree);
            colours[0] = 1 - colours[0];
            trees.find(&trees.levels(tree), &colours).is_ok_and(|other| a == self.coefficient(other))
        };
        Ok(Through::first_failure(balanced.order, |n| self.of_order(*n).all(recoloured)))
            .map(|through| Through { examined: balanced.examined, ..through })
    }
}
