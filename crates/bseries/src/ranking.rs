//! All rooted trees of an order without a table: counted, ranked and unranked by arithmetic.
//!
//! Trees of one order are listed as in [`Trees`](crate::Trees): by the size m of the largest child, larger first. If j
//! children have that size, with ranks i₁ ≥ i₂ ≥ … ≥ iⱼ in their own order, and r is the tree of the other children, then
//! larger j come first, then earlier r, then (i₁, …, iⱼ) lexicographically. Such sequences are counted by binomials (the
//! combinatorial number system), so a tree's place follows from the places of its parts.

use crate::error::SeriesError;
use crate::rooted_tree::{MAX_VERTICES, RootedTree};
use crate::tree::check_order;

impl RootedTree {
    /// How many trees with as many vertices come before. Colours are not looked at.
    ///
    /// ```
    /// use shadowflow_bseries::RootedTree;
    /// // The ten-millionth tree with 25 vertices, without the ones before.
    /// let far = RootedTree::unrank(25, 10_000_000)?;
    /// assert_eq!((far.vertices(), far.rank()), (25, 10_000_000));
    /// # Ok::<(), shadowflow_bseries::SeriesError>(())
    /// ```
    pub fn rank(&self) -> u128 {
        Counts::through(self.vertices()).rank(self)
    }

    /// The tree with this many before it among those with `order` vertices.
    ///
    /// # Errors
    /// If the order is 0 or beyond [`MAX_VERTICES`], or there are not so many trees.
    pub fn unrank(order: usize, rank: u128) -> Result<RootedTree, SeriesError> {
        check_order(order, MAX_VERTICES)?;
        let counts = Counts::through(order);
        let trees = counts.of_order(order);
        if rank >= trees {
            return Err(SeriesError::RankTooLarge { order, rank, trees });
        }
        Ok(counts.unrank(order, rank))
    }

    /// How many there are with `order` vertices (Cayley 1857; OEIS A000081).
    ///
    /// # Errors
    /// If the order is 0 or beyond [`MAX_VERTICES`].
    pub fn count(order: usize) -> Result<u128, SeriesError> {
        check_order(order, MAX_VERTICES)?;
        Ok(Counts::through(order).of_order(order))
    }

    /// All trees with `order` vertices one after the other; nothing is stored but small trees.
    ///
    /// ```
    /// use shadowflow_bseries::RootedTree;
    /// let last = RootedTree::of_order(16)?.last().map(|tree| tree.symmetry());
    /// assert_eq!(last, Some((1..=15).product())); // the bush
    /// # Ok::<(), shadowflow_bseries::SeriesError>(())
    /// ```
    ///
    /// # Errors
    /// If the order is 0 or beyond [`MAX_VERTICES`].
    pub fn of_order(order: usize) -> Result<impl Iterator<Item = RootedTree>, SeriesError> {
        check_order(order, MAX_VERTICES)?;
        let mut counts = Counts::through(order);
        counts.remember(order.min(REMEMBERED));
        Ok((0..counts.of_order(order)).map(move |rank| counts.unrank(order, rank)))
    }
}

/// Trees through this order are kept by an iteration: 1346 of them.
const REMEMBERED: usize = 10;

/// Numbers of trees, and of those without large children.
pub(crate) struct Counts {
    /// `at_most[n][m]` trees have n vertices and children of at most m vertices.
    at_most: Vec<Vec<u128>>,
    remembered: Vec<Vec<RootedTree>>,
}

impl Counts {
    pub(crate) fn through(order: usize) -> Counts {
        let mut counts = Counts { at_most: vec![Vec::new(), vec![1]], remembered: Vec::new() };
        for n in 2..=order {
            let mut row = vec![0u128];
            for m in 1..n {
                let copies = 1..=(n - 1) / m;
                let with =
                    copies.map(|j| multisets(counts.of_order(m), j) * counts.at_most(n - j * m, m - 1));
                let all = row[m - 1] + with.sum::<u128>();
                row.push(all);
            }
            counts.at_most.push(row);
        }
        counts
    }

    fn at_most(&self, n: usize, m: usize) -> u128 {
        self.at_most[n][m.min(n - 1)]
    }

    /// Trees with `n` vertices and a largest child of `m`.
    pub(crate) fn with_largest(&self, n: usize, m: usize) -> u128 {
        self.at_most(n, m) - self.at_most(n, m - 1)
    }

    pub(crate) fn of_order(&self, n: usize) -> u128 {
        self.at_most(n, n)
    }

    fn remember(&mut self, order: usize) {
        for n in 1..=order {
            let trees = (0..self.of_order(n)).map(|rank| self.unrank(n, rank)).collect();
            self.remembered.push(trees);
        }
    }

    fn rank(&self, tree: &RootedTree) -> u128 {
        let n = tree.vertices();
        let children = tree.children();
        let Some(m) = children.iter().map(RootedTree::vertices).max() else { return 0 };
        let (largest, others): (Vec<_>, Vec<_>) =
            children.into_iter().partition(|child| child.vertices() == m);
        let mut ranks: Vec<u128> = largest.iter().map(|child| self.rank(child)).collect();
        ranks.sort_unstable_by(|x, y| y.cmp(x));

        let (trees, j) = (self.of_order(m), ranks.len());
        let larger = self.of_order(n) - self.at_most(n, m);
        let more =
            (j + 1..=(n - 1) / m).map(|j| multisets(trees, j) * self.at_most(n - j * m, m - 1)).sum::<u128>();
        let rest = RootedTree::with_children(others);
        let skipped = self.of_order(n - j * m) - self.at_most(n - j * m, m - 1);
        let rests = (self.rank(&rest) - skipped) * multisets(trees, j);
        let chosen = ranks.iter().enumerate().map(|(k, &rank)| multisets(rank, j - k)).sum::<u128>();
        larger + more + rests + chosen
    }

    fn unrank(&self, n: usize, rank: u128) -> RootedTree {
        if let Some(tree) = self.remembered.get(n - 1).and_then(|trees| trees.get(rank as usize)) {
            return tree.clone();
        }
        let mut children = Vec::new();
        self.unrank_children(n, rank, &mut children);
        RootedTree::with_children(children)
    }

    /// Appends the children of the tree of this rank.
    fn unrank_children(&self, n: usize, rank: u128, children: &mut Vec<RootedTree>) {
        if n == 1 {
            return;
        }
        let trees_after = self.of_order(n) - rank;
        let m = self.at_most[n].partition_point(|&trees| trees < trees_after);
        let mut rank = rank - (self.of_order(n) - self.at_most(n, m));
        for j in (1..=(n - 1) / m).rev() {
            let (choices, rest) = (multisets(self.of_order(m), j), n - j * m);
            let here = choices * self.at_most(rest, m - 1);
            if rank >= here {
                rank -= here;
                continue;
            }
            let (skipped, mut chosen) = (self.of_order(rest) - self.at_most(rest, m - 1), rank % choices);
            for k in (1..=j).rev() {
                let child = last_with(self.of_order(m), |child| multisets(child, k) <= chosen);
                chosen -= multisets(child, k);
                children.push(self.unrank(m, child));
            }
            return self.unrank_children(rest, skipped + rank / choices, children);
        }
    }
}

/// The number of multisets of `k` out of `n` things, C(n+k-1, k).
fn multisets(n: u128, k: usize) -> u128 {
    (1..=k as u128).fold(1, |product, i| product * (n + i - 1) / i)
}

/// The last number below `end` for which a condition holds that holds for 0 and, once false, stays so.
fn last_with(end: u128, condition: impl Fn(u128) -> bool) -> u128 {
    let (mut low, mut high) = (0, end);
    while high - low > 1 {
        let middle = low + (high - low) / 2;
        if condition(middle) { low = middle } else { high = middle }
    }
    low
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tree::{Trees, tree_count};
    use proptest::prelude::*;

    #[test]
    fn a_table_lists_trees_by_rank() {
        let table = Trees::through(10).unwrap();
        for n in 1..=10 {
            let listed: Vec<_> = table.of_order(n).map(|t| table.levels(t)).collect();
            let unranked: Vec<_> = RootedTree::of_order(n).unwrap().map(|t| t.levels().to_vec()).collect();
            assert_eq!(listed, unranked);
        }
        for id in table.iter() {
            let tree = RootedTree::new(&table.levels(id)).unwrap();
            let first = table.of_order(tree.vertices()).next().unwrap();
            assert_eq!(tree.rank() as usize, id.index() - first.index());
            assert_eq!(tree.symmetry(), table.symmetry(id).into());
            assert_eq!(tree.density(), table.density(id).into());
        }
    }

    #[test]
    fn counts_follow_cayley_and_the_limit_holds() {
        let through = |n: usize| (1..=n).map(|k| RootedTree::count(k).unwrap() as f64).sum::<f64>();
        assert_eq!(through(30), tree_count(30));
        // The tall tree and the bush of the largest order bound γ and σ.
        let tall: Vec<u8> = (1..=MAX_VERTICES as u8).collect();
        let tall = RootedTree::new(&tall).unwrap();
        assert_eq!((tall.rank(), tall.density()), (0, (1..=MAX_VERTICES as u128).product()));
        let bush = RootedTree::unrank(MAX_VERTICES, RootedTree::count(MAX_VERTICES).unwrap() - 1).unwrap();
        assert_eq!(bush.symmetry(), (1..MAX_VERTICES as u128).product());
        assert!(matches!(RootedTree::unrank(5, 9), Err(SeriesError::RankTooLarge { trees: 9, .. })));
        assert!(matches!(RootedTree::count(MAX_VERTICES + 1), Err(SeriesError::OrderTooLarge { .. })));
        assert!(matches!(RootedTree::unrank(0, 0), Err(SeriesError::OrderZero)));
    }

    proptest! {
        #[test]
        fn unranking_inverts_ranking(order in 1usize..=MAX_VERTICES, share in 0.0f64..1.0) {
            let rank = (RootedTree::count(order).unwrap() as f64 * share) as u128;
            let tree = RootedTree::unrank(order, rank).unwrap();
            prop_assert_eq!(tree.vertices(), order);
            prop_assert_eq!(tree.rank(), rank);
            prop_assert_eq!(RootedTree::new(tree.levels()).unwrap(), tree.clone());
            prop_assert_eq!(RootedTree::with_children(tree.children()), tree);
        }
    }
}
