//! Rooted trees, interned: every tree of a table is a pair (u, v) of smaller ones, u with v grafted to its root.
//!
//! A tree is named by its **level sequence**: the root has level 1, vertices follow in preorder, and children are
//! arranged so that the sequence is lexicographically largest (Beyer & Hedetniemi 1980). `[1]` is •, `[1,2,3]` the tall
//! tree, `[1,2,2]` the cherry.

use crate::error::SeriesError;

/// The largest order of a table. There are 141 083 trees up to here.
pub const MAX_ORDER: usize = 15;

/// A tree of a [`Trees`] table: its position there, by order and then by descending level sequence.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct TreeId(u32);

impl TreeId {
    /// The single vertex •, first of every table.
    pub const ROOT: TreeId = TreeId(0);

    /// The position in the table, from 0.
    pub fn index(self) -> usize {
        self.0 as usize
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
    nodes: Vec<Node>,
    /// `first[n-1]` is the index of the first tree with n vertices; one more entry closes the last.
    first: Vec<usize>,
}

#[derive(Clone, Debug)]
struct Node {
    levels: Box<[u8]>,
    /// The tree without its last child, and that child; meaningless for the single vertex.
    trunk: TreeId,
    branch: TreeId,
    /// How many of the last children are alike.
    multiplicity: u64,
    symmetry: u64,
    density: u64,
}

impl Trees {
    /// All trees with 1 … `order` vertices.
    ///
    /// # Errors
    /// If the order is 0 or beyond [`MAX_ORDER`].
    pub fn through(order: usize) -> Result<Trees, SeriesError> {
        check_order(order, MAX_ORDER)?;
        let single = Node {
            levels: Box::new([1]),
            trunk: TreeId::ROOT,
            branch: TreeId::ROOT,
            multiplicity: 0,
            symmetry: 1,
            density: 1,
        };
        let mut trees = Trees { nodes: vec![single], first: vec![0, 1] };
        for n in 2..=order {
            let mut grown = Vec::new();
            for m in 1..n {
                for trunk in trees.of_order(m) {
                    let branches = trees.of_order(n - m).filter(|&branch| trees.may_follow(trunk, branch));
                    grown.extend(branches.map(|branch| trees.joined(trunk, branch)));
                }
            }
            grown.sort_unstable_by(|x, y| y.levels.cmp(&x.levels));
            trees.nodes.extend(grown);
            trees.first.push(trees.nodes.len());
        }
        Ok(trees)
    }

    /// Whether `branch` as a further child of `trunk` keeps the children in descending order.
    fn may_follow(&self, trunk: TreeId, branch: TreeId) -> bool {
        trunk == TreeId::ROOT || self.levels(branch) <= self.levels(self.node(trunk).branch)
    }

    fn joined(&self, trunk: TreeId, branch: TreeId) -> Node {
        let (u, v) = (self.node(trunk), self.node(branch));
        let levels: Box<[u8]> = u.levels.iter().copied().chain(v.levels.iter().map(|l| l + 1)).collect();
        let multiplicity = 1 + if trunk != TreeId::ROOT && u.branch == branch { u.multiplicity } else { 0 };
        Node {
            symmetry: u.symmetry * v.symmetry * multiplicity,
            density: u.density * v.density * levels.len() as u64 / u.levels.len() as u64,
            levels,
            trunk,
            branch,
            multiplicity,
        }
    }

    fn node(&self, tree: TreeId) -> &Node {
        &self.nodes[tree.index()]
    }

    /// The number of trees.
    pub fn len(&self) -> usize {
        self.nodes.len()
    }

    /// Never: a table holds at least the single vertex.
    pub fn is_empty(&self) -> bool {
        self.nodes.is_empty()
    }

    /// The largest order in the table.
    pub fn order(&self) -> usize {
        self.first.len() - 1
    }

    /// Every tree, by order and then by descending level sequence.
    pub fn iter(&self) -> impl DoubleEndedIterator<Item = TreeId> + use<> {
        (0..self.nodes.len() as u32).map(TreeId)
    }

    /// The trees with exactly `n` vertices; none if the table ends before.
    pub fn of_order(&self, n: usize) -> impl DoubleEndedIterator<Item = TreeId> + use<> {
        let range = match self.first.get(n.wrapping_sub(1)..=n) {
            Some(&[from, to]) => from as u32..to as u32,
            _ => 0..0,
        };
        range.map(TreeId)
    }

    /// The number of vertices |t|.
    pub fn vertices(&self, tree: TreeId) -> usize {
        self.node(tree).levels.len()
    }

    /// The level sequence.
    pub fn levels(&self, tree: TreeId) -> &[u8] {
        &self.node(tree).levels
    }

    /// The symmetry σ(t), the number of its automorphisms that keep the root (GNI, §III.1).
    pub fn symmetry(&self, tree: TreeId) -> u64 {
        self.node(tree).symmetry
    }

    /// The density γ(t), the product over vertices of the sizes of the subtrees above them (GNI, (III.1.14)).
    pub fn density(&self, tree: TreeId) -> u64 {
        self.node(tree).density
    }

    /// The pair (u, v) with t = u∘v, v the last child of the root; `None` for the single vertex.
    pub fn split(&self, tree: TreeId) -> Option<(TreeId, TreeId)> {
        let node = self.node(tree);
        (tree != TreeId::ROOT).then_some((node.trunk, node.branch))
    }

    /// The subtrees at the root, largest first.
    pub fn children(&self, tree: TreeId) -> Vec<TreeId> {
        let mut children = Vec::new();
        let mut rest = tree;
        while let Some((trunk, branch)) = self.split(rest) {
            children.push(branch);
            rest = trunk;
        }
        children.reverse();
        children
    }

    /// The Butcher product u∘v: v as one more child of the root of u. `None` if it has too many vertices for the table.
    pub fn graft(&self, u: TreeId, v: TreeId) -> Option<TreeId> {
        let mut children = self.children(u);
        children.push(v);
        self.with_children(children)
    }

    /// The tree with these subtrees at its root, in any order. `None` if it has too many vertices for the table.
    pub fn with_children(&self, mut children: Vec<TreeId>) -> Option<TreeId> {
        children.sort_unstable_by(|&x, &y| self.levels(y).cmp(self.levels(x)));
        let mut levels = vec![1];
        for &child in &children {
            levels.extend(self.levels(child).iter().map(|l| l + 1));
        }
        self.position(&levels)
    }

    fn position(&self, levels: &[u8]) -> Option<TreeId> {
        let from = *self.first.get(levels.len().checked_sub(1)?)?;
        let to = *self.first.get(levels.len())?;
        let offset = self.nodes[from..to].binary_search_by(|node| levels.cmp(&node.levels)).ok()?;
        Some(TreeId((from + offset) as u32))
    }

    /// The tree with this level sequence, children in any order.
    ///
    /// # Errors
    /// If the numbers are no level sequence, or the tree is larger than the table.
    pub fn find(&self, levels: &[u8]) -> Result<TreeId, SeriesError> {
        let steps_up_by_one =
            levels.windows(2).all(|pair| pair[1] >= 2 && pair[1] <= pair[0].saturating_add(1));
        if levels.first() != Some(&1) || !steps_up_by_one {
            return Err(SeriesError::NotATree { levels: levels.to_vec() });
        }
        check_order(levels.len(), self.order())?;
        // Close vertices from the last to the first, each with the children collected above it.
        let mut pending: Vec<(u8, TreeId)> = Vec::new();
        for &level in levels.iter().rev() {
            let mut children = Vec::new();
            while let Some(&(above, child)) = pending.last()
                && above == level + 1
            {
                children.push(child);
                pending.pop();
            }
            let tree = self
                .with_children(children)
                .ok_or_else(|| SeriesError::NotATree { levels: levels.to_vec() })?;
            pending.push((level, tree));
        }
        Ok(pending[0].1)
    }
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
    fn trees_of_one_order_come_in_descending_sequence() {
        let trees = Trees::through(8).unwrap();
        for n in 1..=8 {
            let all: Vec<_> = trees.of_order(n).collect();
            assert!(all.windows(2).all(|pair| trees.levels(pair[0]) > trees.levels(pair[1])));
        }
    }

    #[test]
    fn splitting_and_grafting_are_inverse() {
        let trees = Trees::through(8).unwrap();
        for tree in trees.iter().skip(1) {
            let (u, v) = trees.split(tree).unwrap();
            assert_eq!(trees.graft(u, v), Some(tree));
            assert_eq!(trees.with_children(trees.children(tree)), Some(tree));
            assert_eq!(trees.find(trees.levels(tree)), Ok(tree));
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
        let SeriesError::OrderTooLarge { trees, .. } = Trees::through(20).unwrap_err() else { panic!() };
        // Sum of OEIS A000081 through 20.
        assert_eq!(trees, 20_247_374.0);
        assert!(tree_count(99) > 1e40 && tree_count(1_000_000) == f64::INFINITY);
        assert_eq!((tree_count(0), tree_count(1), tree_count(2)), (0.0, 1.0, 2.0));
    }
}
