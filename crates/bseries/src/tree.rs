//! Rooted trees in a table: every tree is a pair (u, v) of smaller ones, u with v grafted to its root.
//!
//! A tree is named by its **level sequence**: the root has level 1, vertices follow in preorder, and children are
//! arranged so that the sequence is lexicographically largest (Beyer & Hedetniemi 1980). `[1]` is •, `[1,2,3]` the tall
//! tree, `[1,2,2]` the cherry.
//!
//! Here v is the **largest** child: the one with most vertices, and among those the first of its order. Trees of one order
//! are listed by the size of v, larger first, then by u, then by v. So the trees with one u and one size of v stand next to
//! each other, and the place of (u, v) is arithmetic: no tree is ever searched for or compared with another. The same order
//! is counted without a table by [`RootedTree::rank`](crate::RootedTree::rank).

use crate::error::SeriesError;

/// The largest order of a table. There are 20 247 374 trees up to here.
pub const MAX_ORDER: usize = 20;

/// A tree of a [`Trees`] table: its position there, by order first. It is the same in every table that holds the tree.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct TreeId(u32);

impl TreeId {
    /// The single vertex •, first of every table.
    pub const ROOT: TreeId = TreeId(0);

    /// The position in the table, from 0.
    pub fn index(self) -> usize {
        self.0 as usize
    }

    fn at(index: usize) -> TreeId {
        TreeId(u32::try_from(index).expect("a table through MAX_ORDER has fewer than 2³² trees"))
    }
}

/// All rooted trees with at most a given number of vertices.
///
/// ```
/// use shadowflow_bseries::Trees;
/// let trees = Trees::through(5)?;
/// assert_eq!(trees.len(), 1 + 1 + 2 + 4 + 9);
/// let cherry = trees.find(&[1, 2, 2])?;
/// assert_eq!((trees.symmetry(cherry), trees.density(cherry)), (2, 3));
/// # Ok::<(), shadowflow_bseries::SeriesError>(())
/// ```
#[derive(Clone, Debug)]
pub struct Trees {
    pairs: Vec<Pair>,
    /// `first[n-1]` is the index of the first tree with n vertices; one more entry closes the last.
    first: Vec<usize>,
    /// `with_largest[n-1][m]` is the index of the first tree with n vertices whose largest child has at most m.
    with_largest: Vec<Vec<usize>>,
}

#[derive(Clone, Copy, Debug)]
struct Pair {
    /// The tree without its largest child, and that child; meaningless for the single vertex.
    rest: TreeId,
    child: TreeId,
    /// How many trees (u, v) have a u before this tree, with largest children of the size of this tree's, and v of that size.
    before: u32,
}

impl Trees {
    /// All trees with 1 … `order` vertices.
    ///
    /// # Errors
    /// If the order is 0 or beyond [`MAX_ORDER`].
    pub fn through(order: usize) -> Result<Trees, SeriesError> {
        check_order(order, MAX_ORDER)?;
        let single = Pair { rest: TreeId::ROOT, child: TreeId::ROOT, before: 0 };
        let mut trees = Trees { pairs: vec![single], first: vec![0, 1], with_largest: vec![vec![0]] };
        for n in 2..=order {
            let mut with_largest = vec![0; n];
            for m in (1..n).rev() {
                with_largest[m] = trees.pairs.len();
                trees.join_all(n - m, m);
            }
            with_largest[0] = trees.pairs.len();
            trees.first.push(trees.pairs.len());
            trees.with_largest.push(with_largest);
        }
        Ok(trees)
    }

    /// Appends every tree of a rest with `k` vertices and a largest child with `m`.
    fn join_all(&mut self, k: usize, m: usize) {
        let mut before = 0;
        for rest in self.with_largest_at_most(k, m) {
            for offset in 0..self.followers(rest, m) {
                let child = TreeId::at(self.first[m - 1] + offset);
                self.pairs.push(Pair { rest, child, before });
                before += offset as u32 + 1;
            }
        }
    }

    /// The trees with `n` vertices whose largest child has at most `m`.
    pub(crate) fn with_largest_at_most(
        &self,
        n: usize,
        m: usize,
    ) -> impl DoubleEndedIterator<Item = TreeId> + use<> {
        let starts = &self.with_largest[n - 1];
        (starts[m.min(n - 1)]..self.first[n]).map(TreeId::at)
    }

    /// How many trees with `m` vertices may join `rest`, whose children have at most `m`, as its largest child: those not
    /// after its largest child so far. They are the first ones of their order.
    pub(crate) fn followers(&self, rest: TreeId, m: usize) -> usize {
        match self.split(rest) {
            Some((_, largest)) if self.vertices(largest) == m => largest.index() + 1 - self.first_of_order(m),
            _ => self.of_order(m).len(),
        }
    }

    /// The index of the first tree with `n` vertices.
    pub(crate) fn first_of_order(&self, n: usize) -> usize {
        self.first[n - 1]
    }

    /// The part of this table through half its order, rounded up.
    pub(crate) fn through_half(&self) -> Trees {
        let order = self.order().div_ceil(2);
        Trees {
            pairs: self.pairs[..self.first[order]].to_vec(),
            first: self.first[..=order].to_vec(),
            with_largest: self.with_largest[..order].to_vec(),
        }
    }

    /// The number of trees.
    pub fn len(&self) -> usize {
        self.pairs.len()
    }

    /// Never: a table holds at least the single vertex.
    pub fn is_empty(&self) -> bool {
        self.pairs.is_empty()
    }

    /// The largest order in the table.
    pub fn order(&self) -> usize {
        self.first.len() - 1
    }

    /// Every tree, by order.
    pub fn iter(&self) -> impl DoubleEndedIterator<Item = TreeId> + use<> {
        (0..self.pairs.len()).map(TreeId::at)
    }

    /// The trees with exactly `n` vertices; none if the table ends before.
    pub fn of_order(&self, n: usize) -> impl DoubleEndedIterator<Item = TreeId> + ExactSizeIterator + use<> {
        let range = match self.first.get(n.wrapping_sub(1)..=n) {
            Some(&[from, to]) => from..to,
            _ => 0..0,
        };
        range.map(TreeId::at)
    }

    /// The number of vertices |t|.
    pub fn vertices(&self, tree: TreeId) -> usize {
        self.first.partition_point(|&first| first <= tree.index())
    }

    /// The level sequence.
    pub fn levels(&self, tree: TreeId) -> Vec<u8> {
        let mut children: Vec<Vec<u8>> = self.children(tree).into_iter().map(|c| self.levels(c)).collect();
        children.sort_unstable_by(|x, y| y.cmp(x));
        std::iter::once(1).chain(children.into_iter().flatten().map(|level| level + 1)).collect()
    }

    /// The symmetry σ(t), the number of its automorphisms that keep the root (GNI, §III.1).
    pub fn symmetry(&self, tree: TreeId) -> u64 {
        let (mut symmetry, mut alike, mut previous) = (1, 1, TreeId::ROOT);
        for (k, child) in self.children(tree).into_iter().enumerate() {
            alike = if k > 0 && child == previous { alike + 1 } else { 1 };
            symmetry *= alike * self.symmetry(child);
            previous = child;
        }
        symmetry
    }

    /// The density γ(t), the product over vertices of the sizes of the subtrees above them (GNI, (III.1.14)).
    pub fn density(&self, tree: TreeId) -> u64 {
        let children = self.children(tree).into_iter().map(|child| self.density(child));
        self.vertices(tree) as u64 * children.product::<u64>()
    }

    /// The pair (u, v) with t = u∘v, v the largest child of the root; `None` for the single vertex.
    pub fn split(&self, tree: TreeId) -> Option<(TreeId, TreeId)> {
        let Pair { rest, child, .. } = self.pairs[tree.index()];
        (tree != TreeId::ROOT).then_some((rest, child))
    }

    /// The subtrees at the root, largest first.
    pub fn children(&self, tree: TreeId) -> Vec<TreeId> {
        std::iter::successors(self.split(tree), |&(rest, _)| self.split(rest))
            .map(|(_, child)| child)
            .collect()
    }

    /// The Butcher product u∘v: v as one more child of the root of u. `None` if it has too many vertices for the table.
    pub fn graft(&self, u: TreeId, v: TreeId) -> Option<TreeId> {
        match self.split(u) {
            Some((rest, largest)) if self.precedes(largest, v) => self.joined(self.graft(rest, v)?, largest),
            _ => self.joined(u, v),
        }
    }

    /// Whether x comes before y among children: it has more vertices, or as many and stands first in the table.
    fn precedes(&self, x: TreeId, y: TreeId) -> bool {
        match self.vertices(x).cmp(&self.vertices(y)) {
            std::cmp::Ordering::Equal => x < y,
            other => other.is_gt(),
        }
    }

    /// The place of (rest, child), where no child of `rest` precedes `child`.
    fn joined(&self, rest: TreeId, child: TreeId) -> Option<TreeId> {
        let (k, m) = (self.vertices(rest), self.vertices(child));
        let start = *self.with_largest.get(k + m - 1)?.get(m)?;
        let child_offset = child.index() - self.first[m - 1];
        // Rests that have a child of size m already come first, then those that have not, with every child of size m.
        let (alike, others) = match k {
            1 => (0, 0),
            _ => (self.with_largest[k - 1][m.min(k - 1)], self.with_largest[k - 1][(m - 1).min(k - 1)]),
        };
        let before = if rest.index() >= others {
            let earlier = match others > alike {
                true => {
                    let last = self.pairs[others - 1];
                    last.before as usize + last.child.index() - self.first[m - 1] + 1
                }
                false => 0,
            };
            earlier + (rest.index() - others) * (self.first[m] - self.first[m - 1])
        } else {
            self.pairs[rest.index()].before as usize
        };
        Some(TreeId::at(start + before + child_offset))
    }

    /// The tree with these subtrees at its root, in any order. `None` if it has too many vertices for the table.
    pub fn with_children(&self, children: Vec<TreeId>) -> Option<TreeId> {
        children.into_iter().try_fold(TreeId::ROOT, |tree, child| self.graft(tree, child))
    }

    /// The tree with this level sequence, children in any order.
    ///
    /// # Errors
    /// If the numbers are no level sequence, or the tree is larger than the table.
    pub fn find(&self, levels: &[u8]) -> Result<TreeId, SeriesError> {
        check_levels(levels)?;
        check_order(levels.len(), self.order())?;
        // Close vertices from the last to the first, each with the children collected above it.
        let mut pending: Vec<(u8, TreeId)> = Vec::new();
        for &level in levels.iter().rev() {
            let mut tree = TreeId::ROOT;
            while let Some(&(above, child)) = pending.last()
                && above == level + 1
            {
                tree = self.graft(tree, child).expect("a subtree of a tree of the table is in the table");
                pending.pop();
            }
            pending.push((level, tree));
        }
        Ok(pending[0].1)
    }
}

/// Checks that these numbers are the level sequence of a rooted tree, children in any order.
pub(crate) fn check_levels(levels: &[u8]) -> Result<(), SeriesError> {
    let steps_up_by_one = levels.windows(2).all(|pair| pair[1] >= 2 && pair[1] <= pair[0].saturating_add(1));
    if levels.first() == Some(&1) && steps_up_by_one {
        return Ok(());
    }
    Err(SeriesError::NotATree { levels: levels.to_vec() })
}

/// Checks an order against a limit, with the number of trees it would take.
pub(crate) fn check_order(requested: usize, limit: usize) -> Result<(), SeriesError> {
    match requested {
        0 => Err(SeriesError::OrderZero),
        _ if requested <= limit => Ok(()),
        _ => Err(SeriesError::OrderTooLarge { requested, limit, trees: tree_count(requested) }),
    }
}
/// How many rooted trees have at most `order` vertices: exact while it fits a double, infinite where it does not.
///
/// n·t(n+1) = Σₖ (Σ_{d|k} d·t(d))·t(n-k+1) (Cayley 1857).
///
/// ```
/// assert_eq!(shadowflow_bseries::tree_count(15), 141_083.0);
/// ```
pub fn tree_count(order: usize) -> f64 {
    // t(n) grows like 2.96ⁿ and leaves the doubles before this order.
    const LAST: usize = 700;
    if order > LAST {
        return f64::INFINITY;
    }
    let mut trees = vec![0.0, 1.0];
    let mut divisor_sums = vec![0.0];
    for n in 1..order {
        divisor_sums.push((1..=n).filter(|d| n % d == 0).map(|d| d as f64 * trees[d]).sum());
        let convolution: f64 = (1..=n).map(|k| divisor_sums[k] * trees[n - k + 1]).sum();
        trees.push(convolution / n as f64);
    }
    trees.iter().take(order + 1).sum()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// OEIS A000081.
    const COUNTS: [usize; 12] = [1, 1, 2, 4, 9, 20, 48, 115, 286, 719, 1842, 4766];

    #[test]
    fn there_are_as_many_as_cayley_counted() {
        let trees = Trees::through(12).unwrap();
        for (n, count) in COUNTS.iter().enumerate() {
            assert_eq!(trees.of_order(n + 1).count(), *count);
        }
        assert_eq!((trees.of_order(0).count(), trees.of_order(13).count()), (0, 0));
    }

    #[test]
    fn labellings_add_up() {
        // Σ n!/(σγ) over trees with n vertices counts increasing labellings: (n-1)!; Σ n!/σ counts all: n^(n-1) (Cayley 1889).
        let trees = Trees::through(9).unwrap();
        for n in 1..=9 {
            let factorial: u64 = (1..=n as u64).product();
            let increasing: u64 =
                trees.of_order(n).map(|t| factorial / (trees.symmetry(t) * trees.density(t))).sum();
            let all: u64 = trees.of_order(n).map(|t| factorial / trees.symmetry(t)).sum();
            assert_eq!(increasing, factorial / n as u64);
            assert_eq!(all, (n as u64).pow(n as u32 - 1));
        }
    }

    #[test]
    fn every_tree_has_its_own_name() {
        let trees = Trees::through(9).unwrap();
        let names: std::collections::BTreeSet<_> = trees.iter().map(|t| trees.levels(t)).collect();
        assert_eq!(names.len(), trees.len());
    }

    #[test]
    fn splitting_and_grafting_are_inverse() {
        let trees = Trees::through(8).unwrap();
        for tree in trees.iter().skip(1) {
            let (u, v) = trees.split(tree).unwrap();
            assert_eq!(trees.graft(u, v), Some(tree));
            let mut children = trees.children(tree);
            assert!(children.windows(2).all(|pair| !trees.precedes(pair[1], pair[0])));
            assert_eq!(trees.with_children(children.clone()), Some(tree));
            children.reverse();
            assert_eq!(trees.with_children(children), Some(tree));
            assert_eq!(trees.find(&trees.levels(tree)), Ok(tree));
        }
        assert_eq!(trees.graft(trees.iter().next_back().unwrap(), TreeId::ROOT), None);
    }

    #[test]
    fn any_arrangement_of_children_is_found() {
        let trees = Trees::through(6).unwrap();
        assert_eq!(trees.find(&[1, 2, 2, 3, 2, 3]), trees.find(&[1, 2, 3, 2, 3, 2]));
        for wrong in [&[][..], &[2], &[1, 3], &[1, 2, 1], &[1, 2, 4]] {
            assert!(matches!(trees.find(wrong), Err(SeriesError::NotATree { .. })), "{wrong:?}");
        }
        assert!(matches!(trees.find(&[1, 2, 2, 2, 2, 2, 2]), Err(SeriesError::OrderTooLarge { .. })));
    }

    #[test]
    fn orders_outside_the_limits_are_refused() {
        assert_eq!(Trees::through(0).unwrap_err(), SeriesError::OrderZero);
        let SeriesError::OrderTooLarge { trees, .. } = Trees::through(21).unwrap_err() else { panic!() };
        // Sum of OEIS A000081 through 20, and its next term.
        assert_eq!(trees, 20_247_374.0 + 35_221_832.0);
        assert_eq!(tree_count(MAX_ORDER), 20_247_374.0);
        assert!(tree_count(99) > 1e40 && tree_count(1_000_000) == f64::INFINITY);
        assert_eq!((tree_count(0), tree_count(1), tree_count(2)), (0.0, 1.0, 2.0));
    }
}
