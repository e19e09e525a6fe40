//! When is the modified equation of a gradient flow a gradient flow again?
//!
//! For a free tree τ let E(τ) be the contraction of the derivative tensors of V along τ. With F built on +∇V,
//! ∇(E(τ)/|Aut τ|) = Σ F(t)/σ(t) over the rootings t of τ; on ẋ = -∇V every F(t) carries (-1)ⁿ. So where b is constant on
//! free trees, Σ h^(n-1) b(t)/σ(t) F(t) is a gradient for every V. Where b(u∘v) ≠ b(v∘u) the Jacobian keeps an
//! antisymmetric part that does not vanish for general V in enough variables; a particular V, one variable, or a quadratic
//! may still have a potential. Free trees organise the Hamiltonian and the energy-preserving B-series in the same way
//! (Celledoni, McLachlan, Owren & Quispel 2010).

use shadowflow_methods::{Exact, Tableau};

use crate::classes::Class;
use crate::error::SeriesError;
use crate::free_tree::{FreeTree, free_trees};
use crate::series::Series;
use crate::tree::{TreeId, check_order};

/// Through which order the modified equation has a potential, class by class.
///
/// ```
/// use shadowflow_bseries::Gradient;
/// use shadowflow_methods::Method;
/// let gradient_descent = Gradient::of(Method::named("euler")?.tableau(), 4)?;
/// assert_eq!(gradient_descent.gradient_order(), 2);
/// assert_eq!(gradient_descent.nonconstant_classes(), [0, 0, 1, 2]);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug)]
pub struct Gradient {
    series: Series,
    /// By order, from 1.
    classes: Vec<Vec<Class>>,
    /// What counts as 0: nothing else for exact tableaus.
    tolerance: f64,
}

/// The largest order through which free trees are examined. There are 33 190 of them, of 378 000 rooted trees.
pub const MAX_GRADIENT_ORDER: usize = 16;

/// How many digits coefficients may lose against the entries of a tableau that is known to some digits only: they are sums of
/// products of entries.
const LOST: i32 = 3;

impl Gradient {
    /// Classifies the modified equation of a method through `order`. Of a tableau known to some digits only
    /// ([`Tableau::digits`]) coefficients are equal, or 0, when they are so to three digits less.
    ///
    /// # Errors
    /// As [`Series::new`], and beyond [`MAX_GRADIENT_ORDER`].
    pub fn of(tableau: &Tableau, order: usize) -> Result<Gradient, SeriesError> {
        check_order(order, MAX_GRADIENT_ORDER)?;
        let series = Series::modified(tableau, order)?;
        let tolerance = tableau.digits().map_or(0.0, |digits| 10f64.powi(LOST - digits as i32));
        let classify = |n| {
            free_trees(series.trees(), n).into_iter().map(|tree| class(&series, tree, tolerance)).collect()
        };
        let classes = (1..=order).map(classify).collect();
        Ok(Gradient { series, classes, tolerance })
    }

    /// The order that is enough to see a method lose its potential: two above its accuracy, 6 at least.
    pub fn telling_order(tableau: &Tableau) -> usize {
        (tableau.order() as usize + 2).clamp(6, 12)
    }

    /// The modified equation.
    pub fn series(&self) -> &Series {
        &self.series
    }

    /// The order through which the classes were examined.
    pub fn order(&self) -> usize {
        self.classes.len()
    }

    /// The classes with `n` vertices; none beyond [`Gradient::order`].
    pub fn classes(&self, n: usize) -> &[Class] {
        n.checked_sub(1).and_then(|i| self.classes.get(i)).map_or(&[], Vec::as_slice)
    }

    /// The largest examined order through which b is constant on all free trees. The modified equation has a potential
    /// through the power h^(g-1), for every V.
    pub fn gradient_order(&self) -> usize {
        self.classes.iter().take_while(|classes| classes.iter().all(Class::is_constant)).count()
    }

    /// Whether a coefficient counts as 0.
    pub(crate) fn is_negligible(&self, coefficient: &Exact) -> bool {
        coefficient.is_zero() || coefficient.to_f64().abs() <= self.tolerance
    }

    /// Whether the gradient order was reached within the examined orders, so that it is exact and not a lower bound.
    pub fn is_decided(&self) -> bool {
        self.gradient_order() < self.order()
    }

    /// How many free trees of each order 1, 2, … carry different coefficients.
    pub fn nonconstant_classes(&self) -> Vec<usize> {
        self.classes
            .iter()
            .map(|classes| classes.iter().filter(|class| !class.is_constant()).count())
            .collect()
    }

    /// The coefficients b(t) - b̄(τ) that are left of order `n` once the means over free trees are taken off:
    /// the residual field. Empty where b is constant.
    pub fn residual(&self, n: usize) -> Vec<(TreeId, Exact)> {
        let off_mean = |class: &Class| -> Vec<_> {
            let difference = |&t: &TreeId| (t, &self.series.coefficient(t) - class.mean());
            class.tree().rootings().iter().map(difference).collect()
        };
        self.classes(n).iter().filter(|class| !class.is_constant()).flat_map(off_mean).collect()
    }
}

fn class(series: &Series, tree: FreeTree, tolerance: f64) -> Class {
    let (trees, name) = (series.trees(), tree.name());
    if tree.rootings().iter().all(|&t| series.agrees_on(t, name)) {
        return Class::constant(tree, series.coefficient(name).clone());
    }
    let class = Class::of(tree, trees, |t| series.coefficient(t));
    let near = |&t: &TreeId| (&series.coefficient(t) - class.mean()).to_f64().abs() <= tolerance;
    let constant = tolerance > 0.0 && class.tree().rootings().iter().all(near);
    class.taken_as(constant)
}

#[cfg(test)]
mod tests {
    use super::*;
    use shadowflow_methods::Method;

    #[test]
    fn the_third_order_condition_decides() {
        // b(cherry) = b(tall) iff Σ bᵢaᵢⱼcⱼ - Σ bᵢcᵢ² = -1/6, for any consistent tableau.
        for method in Method::exact() {
            let t = method.tableau();
            let mut left = Exact::ZERO;
            for i in 0..t.stages() {
                left = &left - &(&t.b()[i] * &(&t.c()[i] * &t.c()[i]));
                for j in 0..t.stages() {
                    left = &left + &(&(&t.b()[i] * &t.row(i)[j]) * &t.c()[j]);
                }
            }
            let gradient = Gradient::of(t, 3).unwrap();
            assert_eq!(gradient.gradient_order() == 3, left == Exact::ratio(-1, 6), "{}", method.name());
        }
    }

    #[test]
    fn one_third_is_the_gradient_preserving_node() {
        let order = |name: &str| {
            let gradient = Gradient::of(Method::named(name).unwrap().tableau(), 4).unwrap();
            assert!(gradient.is_decided());
            gradient.gradient_order()
        };
        assert_eq!(order("rk2(c2=1/3)"), 3);
        for other in ["midpoint", "heun", "ralston", "rk2(c2=1/4)", "rk2(c2=-1)", "euler"] {
            assert_eq!(order(other), 2, "{other}");
        }
    }

    #[test]
    fn decimals_are_judged_to_their_digits() {
        // Of order 4 and 3, like all methods of these orders; with equality of decimals nothing would be constant.
        for (name, expected) in [("ssp54", 4), ("ssp53", 3), ("tsitouras", 5), ("prince-dormand-8", 7)] {
            let gradient = Gradient::of(Method::named(name).unwrap().tableau(), 7).unwrap();
            assert_eq!(gradient.gradient_order(), expected, "{name}");
            assert_eq!(gradient.potential().len(), 1, "{name}");
        }
    }

    #[test]
    fn residuals_have_mean_zero_and_complete_the_means() {
        let gradient = Gradient::of(Method::named("heun").unwrap().tableau(), 6).unwrap();
        let trees = gradient.series().trees();
        for n in 1..=6 {
            let residual = gradient.residual(n);
            for class in gradient.classes(n).iter().filter(|class| !class.is_constant()) {
                let sum = class.tree().rootings().iter().fold(Exact::ZERO, |sum, t| {
                    let (_, r) = residual.iter().find(|(s, _)| s == t).unwrap();
                    &sum + &(r * &Exact::from(class.tree().occurrences(trees, *t) as i64))
                });
                assert!(sum.is_zero());
            }
        }
        assert!(gradient.residual(2).is_empty() && !gradient.residual(3).is_empty());
    }
}
