//! Energy: which fields keep H for every Hamiltonian system ẏ = J∇H.
//!
//! ∇H·F(t) is a contraction of derivatives of H along the free tree of [t], t on one more vertex, with J on every edge. Turning
//! an edge changes the sign, because J is skew: moving the root by one edge does, and where that leads back to the same tree
//! the contraction vanishes (such free trees are called superfluous). The others are independent, so H is kept exactly if on
//! each of them Σ ±b(t)/σ(t) = 0, over its rootings at a leaf (Faou, Hairer & Pham 2004; Celledoni, McLachlan, Owren &
//! Quispel 2010).

use std::collections::BTreeMap;

use shadowflow_methods::{Rational, Ring};

use super::Through;
use crate::algebra::{AlgebraError, BSeries};
use crate::free_tree::moved_roots;
use crate::tree::{TreeId, Trees};

impl<R: Ring> BSeries<R> {
    /// Through which order the energy is kept, for every Hamiltonian system (Faou, Hairer & Pham 2004; Celledoni, McLachlan,
    /// Owren & Quispel 2010).
    ///
    /// # Errors
    /// If the series is neither a step nor a field, or its table is the largest there is: the conditions of order n are labelled by
    /// trees with n+1 vertices.
    pub fn energy_preserving(&self) -> Result<Through, AlgebraError> {
        let field = self.as_field()?;
        let larger = Trees::through(self.order() + 1)?;
        let holds = |n: &usize| {
            conditions(&larger, *n).iter().all(|condition| {
                let sum = condition.iter().fold(R::zero(), |sum, (levels, weight)| {
                    let tree = self.trees().find(levels).expect("trees of order n are in a table through it");
                    sum.plus(&field.coefficient(tree).times(&R::from_rational(weight)))
                });
                sum.is_zero()
            })
        };
        Ok(Through::first_failure(self.order(), holds))
    }
}

/// ±1/σ(t) for trees t with `order` vertices, by their level sequences.
type Condition = Vec<(Vec<u8>, Rational)>;

/// One condition for each free tree with `order` + 1 vertices that is not superfluous.
fn conditions(trees: &Trees, order: usize) -> Vec<Condition> {
    let mut classes = Vec::new();
    let mut signs: BTreeMap<TreeId, bool> = BTreeMap::new();
    for start in trees.of_order(order + 1) {
        if signs.contains_key(&start) {
            continue;
        }
        let mut superfluous = false;
        let mut members = vec![(start, true)];
        signs.insert(start, true);
        let mut next = 0;
        while let Some(&(tree, sign)) = members.get(next) {
            next += 1;
            for neighbour in moved_roots(trees, tree) {
                match signs.get(&neighbour) {
                    Some(&known) => superfluous |= known == sign,
                    None => {
                        signs.insert(neighbour, !sign);
                        members.push((neighbour, !sign));
                    }
                }
            }
        }
        if !superfluous {
            classes.push(members.into_iter().filter_map(|(tree, sign)| at_leaf(trees, tree, sign)).collect());
        }
    }
    classes
}

/// The term of a tree whose root is a leaf.
fn at_leaf(trees: &Trees, tree: TreeId, sign: bool) -> Option<(Vec<u8>, Rational)> {
    let (TreeId::ROOT, above) = trees.split(tree)? else { return None };
    let weight = Rational::from_parts(if sign { 1 } else { -1 }.into(), trees.symmetry(above).into());
    Some((trees.levels(above), weight))
}
