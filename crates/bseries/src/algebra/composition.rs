//! Composition of steps, the Butcher group: one step after another, the step back, the adjoint.
//!
//! The series of B(b, B(a, y)) is (ab)(t) = b(∅)a(t) + Σ_s b(s)·Π a(branches cut off), over the subtrees s that contain the
//! root of t (Hairer & Wanner 1974; GNI, Theorem III.1.10). The sums over subtrees with one shape are kept together and grow
//! along t = u∘v: v is cut off, or a subtree of v stays on.

use std::collections::BTreeMap;

use shadowflow_methods::Ring;

use super::{AlgebraError, BSeries, Shape, TreeTable};

/// For one tree: every shape of subtree at the root, with Σ Π a(branches cut off).
pub(crate) type Subtrees<R> = BTreeMap<usize, R>;

impl<R: Ring, T: TreeTable> BSeries<R, T> {
    /// This step, then another series at the point it leads to: a step again, or a field carried back to where the step began
    /// (GNI, Theorem III.1.10).
    ///
    /// # Errors
    /// If this is no step, or the series run over different tables.
    pub fn then(&self, second: &Self) -> Result<Self, AlgebraError> {
        self.check_step("composition, in the series that comes first,")?;
        self.check_table(second)?;
        let mut composed = Vec::with_capacity(self.coefficients.len());
        by_subtrees(&Shape::of(&*self.trees), |tree, subtrees| {
            let a = self.coefficients[tree].clone();
            composed.push(a.times(&second.empty).plus(&evaluated(subtrees, &second.coefficients)));
            a
        });
        Ok(BSeries::from_coefficients(&self.trees, second.empty.clone(), composed))
    }

    /// The step that leads back: the inverse in the Butcher group.
    ///
    /// # Errors
    /// If this is no step.
    pub fn inverse(&self) -> Result<Self, AlgebraError> {
        self.check_step("the inverse")?;
        let mut inverse: Vec<R> = Vec::with_capacity(self.coefficients.len());
        by_subtrees(&Shape::of(&*self.trees), |tree, subtrees| {
            // (a a⁻¹)(t) = 0, in which a⁻¹(t) stands alone.
            let a = self.coefficients[tree].clone();
            inverse.push(evaluated(subtrees, &inverse).plus(&a).negated());
            a
        });
        Ok(BSeries::from_coefficients(&self.trees, R::one(), inverse))
    }

    /// The adjoint step Φ*_h = Φ₋ₕ⁻¹ (GNI, Definition II.3.1).
    ///
    /// # Errors
    /// If this is no step.
    pub fn adjoint(&self) -> Result<Self, AlgebraError> {
        self.check_step("the adjoint")?;
        self.rescaled(&R::ratio(-1, 1)).inverse()
    }
}

/// Σ b(s)·Π a(branches) over the subtrees for which b is known.
pub(crate) fn evaluated<R: Ring>(subtrees: &Subtrees<R>, b: &[R]) -> R {
    let known = subtrees.range(..b.len());
    known
        .filter(|(s, _)| !b[**s].is_zero())
        .fold(R::zero(), |sum, (&s, product)| sum.plus(&product.times(&b[s])))
}

/// Visits every tree, in the order of the table, with its subtrees, which a on smaller trees decides, and is told a(t).
pub(crate) fn by_subtrees<R: Ring>(shape: &Shape, mut weight_at: impl FnMut(usize, &Subtrees<R>) -> R) {
    let mut kept: Vec<(Subtrees<R>, R)> = Vec::new();
    for tree in 0..shape.len() {
        let subtrees = match shape.split(tree) {
            None => Subtrees::from([(tree, R::one())]),
            Some((u, v)) => joined(shape, &kept[u].0, &kept[v].0, &kept[v].1),
        };
        let weight = weight_at(tree, &subtrees);
        if shape.grows(tree) {
            kept.push((subtrees, weight));
        }
    }
}

fn joined<R: Ring>(shape: &Shape, u: &Subtrees<R>, v: &Subtrees<R>, cut_off: &R) -> Subtrees<R> {
    let mut joined = Subtrees::new();
    for (&s, x) in u {
        if !cut_off.is_zero() {
            add(&mut joined, s, x.times(cut_off));
        }
        for (&r, y) in v {
            add(&mut joined, shape.graft(s, r), x.times(y));
        }
    }
    joined
}

/// Adds to the entry of a sparse vector.
pub(super) fn add<K: Ord, R: Ring>(vector: &mut BTreeMap<K, R>, key: K, term: R) {
    vector.entry(key).and_modify(|sum| *sum = sum.plus(&term)).or_insert(term);
}
