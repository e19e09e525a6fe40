//! Free trees with the coefficients of a field on them, and where a field over any ring keeps a potential.
//!
//! Why free trees decide is told at [`Gradient`](crate::Gradient), which does the same faster for the modified equation of a
//! tableau. Here the field is any series: of a family, of a composition, of an optimizer with momentum.

use shadowflow_methods::{Exact, Ring};

use crate::algebra::{AlgebraError, BSeries};
use crate::free_tree::{FreeTree, free_trees};
use crate::potential::PotentialTerm;
use crate::tree::{TreeId, Trees};

/// A free tree with the coefficients of a field on it.
#[derive(Clone, Debug)]
pub struct Class<R = Exact> {
    tree: FreeTree,
    mean: R,
    constant: bool,
}

impl<R> Class<R> {
    /// The free tree τ.
    pub fn tree(&self) -> &FreeTree {
        &self.tree
    }

    /// The mean of b over the vertices of τ taken as roots: b(τ) itself where b is constant.
    pub fn mean(&self) -> &R {
        &self.mean
    }

    /// Whether b is constant on τ.
    pub fn is_constant(&self) -> bool {
        self.constant
    }

    /// A class on which b is known to be constant.
    pub(crate) fn constant(tree: FreeTree, value: R) -> Class<R> {
        Class { tree, mean: value, constant: true }
    }

    /// The same, constant or not by the caller's judgement.
    pub(crate) fn taken_as(self, constant: bool) -> Class<R> {
        Class { constant, ..self }
    }
}

impl<R: Ring> Class<R> {
    /// The class of these coefficients, constant if they are equal.
    pub(crate) fn of(tree: FreeTree, trees: &Trees, b: impl Fn(TreeId) -> R) -> Class<R> {
        let values: Vec<R> = tree.rootings().iter().map(|&t| b(t)).collect();
        if values.iter().all(|value| *value == values[0]) {
            let value = b(tree.name());
            return Class::constant(tree, value);
        }
        let weighted = tree.rootings().iter().zip(&values).fold(R::zero(), |sum, (&t, value)| {
            sum.plus(&value.times(&R::ratio(tree.occurrences(trees, t) as i64, 1)))
        });
        let mean = weighted.times(&R::ratio(1, trees.vertices(tree.name()) as i64));
        Class { tree, mean, constant: false }
    }
}

/// Through which order a field applied to ẋ = -∇V has a potential, class by class.
///
/// Coefficients are equal when the ring says so: functions of parameters where they agree for all values of these.
///
/// ```
/// use std::sync::Arc;
/// use shadowflow_bseries::{BSeries, FreeClasses, Trees};
/// use shadowflow_methods::RationalFunction;
/// let trees = Arc::new(Trees::through(3)?);
/// let beta = RationalFunction::parameter("beta");
/// let classes = FreeClasses::of(&BSeries::heavy_ball(&trees, &beta)?.logarithm()?)?;
/// assert_eq!(classes.gradient_order(), 2);
/// // (V + h (1+β)/(4(1-β)²) |∇V|²)/(1-β)
/// let expected = ["1/(1 - beta)".parse()?, "(1 + beta)/(4*(1 - beta)^3)".parse()?];
/// assert!(classes.potential().iter().map(|term| &term.coefficient).eq(&expected));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug)]
pub struct FreeClasses<R> {
    field: BSeries<R>,
    /// By order, from 1.
    classes: Vec<Vec<Class<R>>>,
}

impl<R: Ring> FreeClasses<R> {
    /// Classifies a field through its order.
    ///
    /// # Errors
    /// If it is no field.
    pub fn of(field: &BSeries<R>) -> Result<Self, AlgebraError> {
        if !field.empty().is_zero() {
            return Err(AlgebraError::NotAField { operation: "a potential" });
        }
        let trees = field.trees();
        let class = |tree| Class::of(tree, trees, |t| field.coefficient(t).clone());
        let classes =
            (1..=field.order()).map(|n| free_trees(trees, n).into_iter().map(class).collect()).collect();
        Ok(FreeClasses { field: field.clone(), classes })
    }

    /// The field.
    pub fn field(&self) -> &BSeries<R> {
        &self.field
    }

    /// The order through which the classes were examined.
    pub fn order(&self) -> usize {
        self.classes.len()
    }

    /// The classes with `n` vertices; none beyond [`FreeClasses::order`].
    pub fn classes(&self, n: usize) -> &[Class<R>] {
        n.checked_sub(1).and_then(|i| self.classes.get(i)).map_or(&[], Vec::as_slice)
    }

    /// The largest examined order through which b is constant on all free trees: the field has a potential through the power
    /// h^(g-1), for every V.
    pub fn gradient_order(&self) -> usize {
        self.classes.iter().take_while(|classes| classes.iter().all(Class::is_constant)).count()
    }

    /// Whether the gradient order was reached within the examined orders, so that it is exact and not a lower bound.
    pub fn is_decided(&self) -> bool {
        self.gradient_order() < self.order()
    }

    /// How many free trees of each order 1, 2, … carry different coefficients.
    pub fn nonconstant_classes(&self) -> Vec<usize> {
        self.classes.iter().map(|classes| classes.iter().filter(|class| !class.constant).count()).collect()
    }

    /// The coefficients b(t) - b̄(τ) that are left of order `n` once the means over free trees are taken off:
    /// the residual field. Empty where b is constant.
    pub fn residual(&self, n: usize) -> Vec<(TreeId, R)> {
        let off_mean = |class: &Class<R>| -> Vec<_> {
            let difference = |&t: &TreeId| (t, self.field.coefficient(t).minus(&class.mean));
            class.tree.rootings().iter().map(difference).collect()
        };
        self.classes(n).iter().filter(|class| !class.constant).flat_map(off_mean).collect()
    }

    /// The terms of the modified potential through the gradient order, as
    /// [`Gradient::potential`](crate::Gradient::potential). V itself has the coefficient of the single vertex, 1 if the
    /// field is consistent.
    pub fn potential(&self) -> Vec<PotentialTerm<R>> {
        (1..=self.gradient_order())
            .flat_map(|n| self.classes(n).iter().map(move |class| PotentialTerm::of(class, n)))
            .filter(|term| !term.coefficient.is_zero())
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::gradient::Gradient;
    use crate::series::Series;
    use shadowflow_methods::{Method, ParametricMethod, RationalFunction};
    use std::sync::Arc;

    #[test]
    fn any_ring_and_the_engine_classify_alike() {
        for name in ["euler", "rk2(c2=1/3)", "rk4", "gauss4"] {
            let tableau = Method::named(name).unwrap();
            let gradient = Gradient::of(tableau.tableau(), 7).unwrap();
            let field = BSeries::from(&Series::modified(tableau.tableau(), 7).unwrap());
            let classes = FreeClasses::of(&field).unwrap();
            assert_eq!(classes.gradient_order(), gradient.gradient_order(), "{name}");
            assert_eq!(classes.nonconstant_classes(), gradient.nonconstant_classes());
            assert_eq!(classes.is_decided(), gradient.is_decided());
            assert_eq!(classes.potential(), gradient.potential());
            for n in 0..=8 {
                assert_eq!(classes.residual(n), gradient.residual(n));
                let means = |classes: &[Class]| classes.iter().map(|c| c.mean().clone()).collect::<Vec<_>>();
                assert_eq!(means(classes.classes(n)), means(gradient.classes(n)));
            }
        }
    }

    #[test]
    fn symbols_are_constant_only_identically() {
        let trees = Arc::new(Trees::through(3).unwrap());
        let family = ParametricMethod::named("rk2(c2)").unwrap();
        let step = BSeries::runge_kutta(&trees, family.coefficients()).unwrap();
        let classes = FreeClasses::of(&step.logarithm().unwrap()).unwrap();
        assert_eq!((classes.gradient_order(), classes.nonconstant_classes()), (2, vec![0, 0, 1]));
        // At c₂ = 1/3 what is left vanishes.
        let at = [("c2", Exact::ratio(1, 3))];
        let residual: Vec<(TreeId, RationalFunction)> = classes.residual(3);
        assert!(residual.iter().all(|(_, r)| !r.is_zero() && r.evaluate(&at).unwrap().is_zero()));
        assert!(matches!(FreeClasses::of(&step), Err(AlgebraError::NotAField { .. })));
    }
}
