//! Conjugate symplecticity: symplectic after a change of variables that is itself a B-series.
//!
//! A method Φ is conjugate to a symplectic one when χ∘Φ∘χ⁻¹ is symplectic; then Φ shares its long-time behaviour (GNI, §VI.8;
//! Hairer & Zbinden 2013). With χ the flow of a field c of order n-1, the modified field b becomes exp(ad c) b, whose first
//! change is [c, f] at order n. So order by order c solves a linear system, [c, f] + b ≡ 0 modulo Hamiltonian fields, or there
//! is no change of variables. Its solutions differ by Hamiltonian fields only (tested through order 8): a field c that makes
//! [c, f] Hamiltonian for every H is Hamiltonian, so no choice made on the way decides the answer.

use shadowflow_methods::{Rational, Ring};

use super::Through;
use crate::algebra::{AlgebraError, BSeries, Shape};

impl<R: Ring> BSeries<R> {
    /// Through which order a consistent step or field is conjugate to a symplectic one (Hairer & Zbinden 2013).
    ///
    /// The linear systems have as many unknowns as there are trees of one order less: order 9 takes a fraction of a second.
    ///
    /// # Errors
    /// If the series is neither a step nor a field, or not consistent.
    pub fn conjugate_symplectic(&self) -> Result<Through, AlgebraError> {
        let mut field = self.as_field()?;
        let consistent = field.of_order(1).all(|(_, b)| *b == R::one());
        if !consistent {
            return Err(AlgebraError::Inconsistent { operation: "conjugate symplecticity" });
        }
        let shape = Shape::of(&**self.trees());
        let cuts = shape.edge_cuts();
        for n in 2..=self.order() {
            let system = System::of_order(&shape, &cuts, n);
            let b: Vec<R> = field.terms().map(|(_, b)| b.clone()).collect();
            let right = shape.pairs(n).iter().map(|&(u, v)| defect(&shape, &b, u, v).negated()).collect();
            let Some(solution) = system.solved(right) else {
                return Ok(Through { order: n - 1, examined: self.order() });
            };
            let mut change = vec![R::zero(); shape.len()];
            change[system.unknowns].clone_from_slice(&solution);
            let change = BSeries::from_coefficients(self.trees(), R::zero(), change);
            field = transformed(&field, &change, n - 1)?;
        }
        Ok(Through { order: self.order(), examined: self.order() })
    }
}

/// exp(ad c) b = b + [c, b] + [c, [c, b]]/2 + …, for c of one order ≥ 1.
fn transformed<R: Ring>(
    field: &BSeries<R>,
    change: &BSeries<R>,
    order: usize,
) -> Result<BSeries<R>, AlgebraError> {
    let (mut sum, mut term) = (field.clone(), field.clone());
    // Every bracket raises the order by that of c.
    for k in 1..=(field.order() - 1) / order {
        term = change.commutator(&term)?.times(&R::ratio(1, k as i64));
        sum = sum.plus(&term)?;
    }
    Ok(sum)
}

/// b(u∘v) + b(v∘u), which vanishes for all pairs exactly if b is Hamiltonian.
fn defect<R: Ring>(shape: &Shape, b: &[R], u: usize, v: usize) -> R {
    b[shape.graft(u, v)].plus(&b[shape.graft(v, u)])
}

/// The defects of [c, f] for every pair of trees with n vertices together, linear in the c of order n-1.
struct System {
    /// The trees of order n-1.
    unknowns: std::ops::Range<usize>,
    rows: Vec<Vec<Rational>>,
}

impl System {
    fn of_order(shape: &Shape, cuts: &[Vec<(usize, usize)>], n: usize) -> System {
        let (unknowns, images) = (shape.of_order(n - 1), shape.of_order(n));
        // [c, f] = ∂_c f - ∂_f c: c on the branch above a single vertex, minus c on what is left without a leaf.
        let bracket = |tree: usize| {
            let mut row = vec![0i64; unknowns.len()];
            for &(rest, branch) in &cuts[tree] {
                if rest == 0 {
                    row[branch - unknowns.start] += 1;
                }
                if branch == 0 {
                    row[rest - unknowns.start] -= 1;
                }
            }
            row
        };
        let brackets: Vec<Vec<i64>> = images.clone().map(bracket).collect();
        let of = |tree: usize| brackets[tree - images.start].iter();
        let row = |&(u, v): &(usize, usize)| -> Vec<Rational> {
            let sums = of(shape.graft(u, v)).zip(of(shape.graft(v, u)));
            sums.map(|(x, y)| Rational::from(x + y)).collect()
        };
        let rows = shape.pairs(n).iter().map(row).collect();
        System { unknowns, rows }
    }

    /// A solution, with 0 for what the equations leave open; `None` if there is none.
    fn solved<R: Ring>(&self, mut right: Vec<R>) -> Option<Vec<R>> {
        let mut rows = self.rows.clone();
        let pivots = reduce(&mut rows, |row, factor, by| match by {
            Some(other) => {
                let change = right[other].times(&R::from_rational(factor));
                right[row] = right[row].minus(&change);
            }
            None => right[row] = right[row].times(&R::from_rational(factor)),
        });
        let free_of_unknowns = (0..rows.len()).filter(|row| pivots.iter().all(|(pivot, _)| pivot != row));
        for row in free_of_unknowns {
            if !right[row].is_zero() {
                return None;
            }
        }
        let mut solution = vec![R::zero(); self.unknowns.len()];
        for (row, column) in pivots {
            solution[column] = right[row].clone();
        }
        Some(solution)
    }
}

/// Gauss–Jordan elimination. Tells what it does to a row: its product with a factor, or minus a factor times another row.
/// Returns the pivots, (row, column) each.
pub(super) fn reduce(
    rows: &mut [Vec<Rational>],
    mut also: impl FnMut(usize, &Rational, Option<usize>),
) -> Vec<(usize, usize)> {
    let columns = rows.first().map_or(0, Vec::len);
    let mut pivots: Vec<(usize, usize)> = Vec::new();
    let mut used = vec![false; rows.len()];
    for column in 0..columns {
        // The shortest row keeps the others short.
        let candidates = (0..rows.len()).filter(|&row| !used[row] && !rows[row][column].is_zero());
        let Some(pivot) = candidates.min_by_key(|&row| rows[row].iter().filter(|x| !x.is_zero()).count())
        else {
            continue;
        };
        used[pivot] = true;
        pivots.push((pivot, column));
        let inverse = Rational::ONE / &rows[pivot][column];
        rows[pivot].iter_mut().for_each(|entry| *entry *= &inverse);
        also(pivot, &inverse, None);
        let pivot_row: Vec<(usize, Rational)> =
            rows[pivot].iter().cloned().enumerate().filter(|(_, entry)| !entry.is_zero()).collect();
        for row in (0..rows.len()).filter(|&row| row != pivot) {
            if rows[row][column].is_zero() {
                continue;
            }
            let factor = rows[row][column].clone();
            for (k, entry) in &pivot_row {
                rows[row][*k] -= &factor * entry;
            }
            also(row, &factor, Some(pivot));
        }
    }
    pivots
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::free_tree::free_trees;
    use crate::tree::Trees;

    #[test]
    fn only_hamiltonian_changes_of_variables_change_nothing() {
        // The kernel of c ↦ [c, f] modulo Hamiltonian fields is Hamiltonian: its dimension is the number of free trees that are
        // not superfluous. A superfluous tree with n vertices joins two copies of one rooted tree with n/2.
        let trees = Trees::through(9).unwrap();
        let shape = Shape::of(&trees);
        let cuts = shape.edge_cuts();
        for n in 2..=9 {
            let m = n - 1;
            let superfluous = if m % 2 == 0 { trees.of_order(m / 2).count() } else { 0 };
            let hamiltonian = free_trees(&trees, m).len() - superfluous;
            let mut system = System::of_order(&shape, &cuts, n);
            let rank = reduce(&mut system.rows, |_, _, _| {}).len();
            assert_eq!(system.unknowns.len() - rank, hamiltonian, "order {m}");
        }
    }
}
