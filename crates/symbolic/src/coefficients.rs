//! What a derivation needs to know of a method: the weights of its trees, and where they agree on free trees.

use std::collections::HashSet;
use std::sync::Arc;

use dashu_base::UnsignedAbs;
use shadowflow_bseries::{
    BSeries, ColouredTreeId, ColouredTrees, FreeTree, Gradient, RootedTree, TreeId, TreeTable, Trees,
    free_trees,
};
use shadowflow_methods::{Exact, MultivariatePolynomial, Rational, RationalFunction, Ring};

use crate::arrange::Arrangement;
use crate::error::SymbolicError;
use crate::expr::Expr;
use crate::parse;

/// A coefficient that formulas can hold.
pub(crate) trait Coefficient: Ring {
    /// The coefficient as a formula, or what it is that cannot be written.
    fn formula(&self) -> Result<Expr, SymbolicError>;
}

impl Coefficient for Exact {
    fn formula(&self) -> Result<Expr, SymbolicError> {
        Expr::exact(self).ok_or_else(|| SymbolicError::NoClosedForm {
            field: self.field().map(ToString::to_string).unwrap_or_default(),
            value: self.to_string(),
        })
    }
}

impl Coefficient for RationalFunction {
    /// The denominator is written as a power where it is one, so that powers of 1 - β stay powers of one bracket.
    fn formula(&self) -> Result<Expr, SymbolicError> {
        let numerator = parse::own(&self.numerator().to_string())?;
        let content = self.denominator().content();
        let (base, exponent) = as_power(&self.denominator().primitive());
        let number = Expr::Number(Rational::from_parts(1.into(), content.unsigned_abs()));
        let below = parse::own(&base.to_string())?;
        if let Expr::Number(n) = &below {
            let inverse = Expr::Number(Rational::ONE / n);
            return Ok(Expr::product(vec![number, inverse, numerator]));
        }
        // In the order in which names are read, 1 - β: the sign goes where it may cancel.
        let names: Vec<Arc<str>> = self.parameters().into_iter().map(Arc::from).collect();
        let exponent = Expr::Number(Rational::from(-i64::from(exponent)));
        let arrangement = Arrangement(names);
        let quotient = vec![number, numerator, Expr::Power(Box::new(below), Box::new(exponent))];
        Ok(arrangement.arranged(&Expr::product(quotient)))
    }
}

/// A polynomial as a power with the largest exponent, up to a number: d = q^k for the quotient q of d by the gcd of d with
/// its derivatives, if it is one.
fn as_power(d: &MultivariatePolynomial) -> (MultivariatePolynomial, u32) {
    let repeated = d.variables().iter().fold(d.clone(), |common, name| common.gcd(&d.derivative(name)));
    let whole = (d.clone(), 1);
    let Some(radical) = d.divided_by(&repeated) else { return whole };
    if radical.as_constant().is_some() || repeated.as_constant().is_some() {
        return whole;
    }
    let (mut rest, mut exponent) = (d.clone(), 0);
    while let Some(quotient) = rest.divided_by(&radical) {
        (rest, exponent) = (quotient, exponent + 1);
    }
    if rest.is_one() { (radical, exponent) } else { whole }
}

/// A tree series: the weights of the trees of every order, and its free trees.
pub(crate) struct TreeSeries<T: TreeTable> {
    pub(crate) trees: Arc<T>,
    /// By the number of vertices, from 1.
    pub(crate) levels: Vec<Level<T::Tree>>,
}

/// The trees with one number of vertices.
pub(crate) struct Level<Tree> {
    /// Trees with c(t)/σ(t); zeros are left out.
    pub(crate) field: Vec<(Tree, Expr)>,
    /// The free trees; none if they were not asked for.
    pub(crate) classes: Vec<FreeClass<Tree>>,
}

/// A free tree τ and what the coefficients are on it.
pub(crate) struct FreeClass<Tree> {
    /// Whether they are the same on all its rootings.
    pub(crate) constant: bool,
    /// Their mean over the vertices, over |Aut τ|.
    pub(crate) weight: Expr,
    /// A leaf and the rest seen from it, τ = •∘v; `None` for a single vertex.
    pub(crate) split: Option<(Tree, Tree)>,
    /// The rooting that names it.
    pub(crate) name: Tree,
    /// Trees with (c(t) - mean)/σ(t), where that is not 0.
    pub(crate) residual: Vec<(Tree, Expr)>,
}

/// Rooted trees, each with the number of vertices of a free tree that give it.
type Rootings<Tree> = Vec<(Tree, u64)>;

/// A table of trees whose free trees can be listed.
pub(crate) trait FreeTable: TreeTable {
    fn of_size(&self, n: usize) -> Vec<Self::Tree>;
    fn symmetry_of(&self, tree: Self::Tree) -> u64;
    /// Every free tree with `n` vertices: its rootings, the one that names it first, each with the number of vertices that
    /// give it, and |Aut τ|.
    fn free(&self, n: usize) -> Vec<(Rootings<Self::Tree>, u64)>;
    /// A tree by itself.
    fn rooted(&self, tree: Self::Tree) -> Option<RootedTree>;
}

impl FreeTable for Trees {
    fn of_size(&self, n: usize) -> Vec<TreeId> {
        self.of_order(n).collect()
    }

    fn symmetry_of(&self, tree: TreeId) -> u64 {
        self.symmetry(tree)
    }

    fn free(&self, n: usize) -> Vec<(Rootings<TreeId>, u64)> {
        let listed = |tau: FreeTree| {
            let mut rootings: Vec<_> =
                tau.rootings().iter().map(|&tree| (tree, tau.occurrences(self, tree))).collect();
            rootings.sort_by_key(|(tree, _)| *tree != tau.name());
            (rootings, tau.automorphisms())
        };
        free_trees(self, n).into_iter().map(listed).collect()
    }

    fn rooted(&self, tree: TreeId) -> Option<RootedTree> {
        RootedTree::new(&self.levels(tree)).ok()
    }
}

impl FreeTable for ColouredTrees {
    fn of_size(&self, n: usize) -> Vec<ColouredTreeId> {
        self.of_order(n).collect()
    }

    fn symmetry_of(&self, tree: ColouredTreeId) -> u64 {
        self.symmetry(tree)
    }

    fn free(&self, n: usize) -> Vec<(Rootings<ColouredTreeId>, u64)> {
        let mut seen = HashSet::new();
        let mut found = Vec::new();
        for tree in self.of_order(n) {
            if seen.contains(&tree.index()) {
                continue;
            }
            let Some(alone) = self.rooted(tree) else { continue };
            let rootings: Vec<_> = alone
                .rootings()
                .into_iter()
                .filter_map(|r| {
                    Some((self.find(r.tree.levels(), r.tree.colours()).ok()?, r.occurrences as u64))
                })
                .collect();
            seen.extend(rootings.iter().map(|(tree, _)| tree.index()));
            found.push((rootings, alone.automorphisms() as u64));
        }
        found
    }

    fn rooted(&self, tree: ColouredTreeId) -> Option<RootedTree> {
        RootedTree::coloured(&self.levels(tree), &self.vertex_colours(tree)).ok()
    }
}

impl<T: FreeTable> TreeSeries<T> {
    /// The weights of a field over the trees of its table, every coefficient multiplied by `scale`.
    pub(crate) fn of<R: Coefficient>(
        field: &BSeries<R, T>,
        scale: &R,
        with_classes: bool,
    ) -> Result<TreeSeries<T>, SymbolicError> {
        let trees: &T = field.trees();
        let coefficient = |tree: T::Tree| field.coefficient(tree).times(scale);
        let level = |n: usize| {
            let mut weights = Vec::new();
            for tree in trees.of_size(n) {
                push_weight(&mut weights, trees, tree, &coefficient(tree))?;
            }
            let mut classes = Vec::new();
            for (rootings, automorphisms) in if with_classes { trees.free(n) } else { Vec::new() } {
                classes.push(class(trees, n, &rootings, automorphisms, coefficient)?);
            }
            Ok(Level { field: weights, classes })
        };
        let levels = (1..=field.order()).map(level).collect::<Result<_, SymbolicError>>()?;
        Ok(TreeSeries { trees: field.trees().clone(), levels })
    }
}

impl TreeSeries<Trees> {
    /// The modified equation of a tableau, with its free trees judged to the digits that are known.
    pub(crate) fn of_gradient(gradient: &Gradient) -> Result<TreeSeries<Trees>, SymbolicError> {
        let series = gradient.series();
        let trees: &Trees = series.trees();
        let mut levels = Vec::new();
        for n in 1..=gradient.order() {
            let mut field = Vec::new();
            for tree in trees.of_order(n) {
                push_weight(&mut field, trees, tree, &series.coefficient(tree))?;
            }
            let mut residual = Vec::new();
            for (tree, off_mean) in gradient.residual(n) {
                push_weight(&mut residual, trees, tree, &off_mean)?;
            }
            let mut classes = Vec::new();
            for class in gradient.classes(n) {
                let tau = class.tree();
                let mine =
                    residual.iter().filter(|(tree, _)| tau.rootings().contains(tree)).cloned().collect();
                classes.push(FreeClass {
                    constant: class.is_constant(),
                    weight: class.mean().times(&Exact::ratio(1, tau.automorphisms() as i64)).formula()?,
                    split: leaf(trees, tau.rootings().iter().copied()),
                    name: tau.name(),
                    residual: mine,
                });
            }
            levels.push(Level { field, classes });
        }
        Ok(TreeSeries { trees: series.trees().clone(), levels })
    }
}

fn push_weight<R: Coefficient, T: FreeTable>(
    weights: &mut Vec<(T::Tree, Expr)>,
    trees: &T,
    tree: T::Tree,
    coefficient: &R,
) -> Result<(), SymbolicError> {
    if !coefficient.is_zero() {
        let weight = coefficient.times(&R::ratio(1, trees.symmetry_of(tree) as i64));
        weights.push((tree, weight.formula()?));
    }
    Ok(())
}

/// The split of a rooting whose root is a leaf.
fn leaf<T: TreeTable>(trees: &T, rootings: impl Iterator<Item = T::Tree>) -> Option<(T::Tree, T::Tree)> {
    rootings.filter_map(|tree| trees.split(tree)).find(|(root, _)| trees.vertices(*root) == 1)
}

fn class<R: Coefficient, T: FreeTable>(
    trees: &T,
    vertices: usize,
    rootings: &[(T::Tree, u64)],
    automorphisms: u64,
    coefficient: impl Fn(T::Tree) -> R,
) -> Result<FreeClass<T::Tree>, SymbolicError> {
    let (name, _) = rootings[0];
    let constant = rootings.iter().all(|(tree, _)| coefficient(*tree) == coefficient(name));
    let sum = rootings.iter().fold(R::zero(), |sum, (tree, occurrences)| {
        sum.plus(&coefficient(*tree).times(&R::ratio(*occurrences as i64, 1)))
    });
    let mean = sum.times(&R::ratio(1, vertices as i64));
    let mut residual = Vec::new();
    if !constant {
        for (tree, _) in rootings {
            push_weight(&mut residual, trees, *tree, &coefficient(*tree).minus(&mean))?;
        }
    }
    Ok(FreeClass {
        constant,
        weight: mean.times(&R::ratio(1, automorphisms as i64)).formula()?,
        split: leaf(trees, rootings.iter().map(|(tree, _)| *tree)),
        name,
        residual,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use shadowflow_methods::{Field, Method};

    #[test]
    fn generic_classes_are_those_of_the_gradient_order() {
        for name in ["euler", "heun", "rk2(c2=1/3)", "gauss4"] {
            let tableau = Method::named(name).unwrap().tableau().clone();
            let gradient = Gradient::of(&tableau, 6).unwrap();
            let fast = TreeSeries::of_gradient(&gradient).unwrap();
            let slow = TreeSeries::of(&BSeries::from(gradient.series()), &Exact::ONE, true).unwrap();
            for (x, y) in fast.levels.iter().zip(&slow.levels) {
                assert_eq!(x.field, y.field, "{name}");
                let summary = |level: &Level<TreeId>| {
                    let mut rows: Vec<_> = level
                        .classes
                        .iter()
                        .map(|c| (c.name.index(), c.constant, c.weight.to_string(), c.residual.len()))
                        .collect();
                    rows.sort();
                    rows
                };
                assert_eq!(summary(x), summary(y), "{name}");
            }
        }
    }

    #[test]
    fn coloured_free_trees_complete_the_rooted_ones() {
        let trees = ColouredTrees::through(4, 2).unwrap();
        for n in 1..=4 {
            let listed: usize = trees.free(n).iter().map(|(rootings, _)| rootings.len()).sum();
            assert_eq!(listed, trees.of_size(n).len());
            for (rootings, automorphisms) in trees.free(n) {
                assert_eq!(rootings.iter().map(|(_, k)| k).sum::<u64>(), n as u64);
                assert!(rootings.iter().all(|(tree, k)| trees.symmetry(*tree) * k == automorphisms));
            }
        }
    }

    #[test]
    fn denominators_are_powers_where_they_can_be() {
        let beta = RationalFunction::parameter("beta");
        let one_minus = RationalFunction::one().minus(&beta);
        let cube = one_minus.times(&one_minus).times(&one_minus);
        let value = RationalFunction::one().plus(&beta).over(&cube).unwrap();
        let text = value.formula().unwrap().to_string();
        assert_eq!(text, "(1 + beta)/(1 - beta)^3");
    }
}
