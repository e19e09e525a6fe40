//! Coloured trees: rooted trees whose vertices carry one of N colours, one for each part of a split equation.
//!
//! A tree is named by its level sequence together with the colours of its vertices in the same order; children are arranged
//! so that the sequence of pairs (level, colour) is lexicographically largest. With one colour they are the trees of
//! [`Trees`](crate::Trees). B-series on them are the P-series of partitioned systems (Hairer 1981; GNI, §III.2) and
//! the NB-series of sums of vector fields (Araújo, Murua & Sanz-Serna 1997).

mod error;

use dashu_int::UBig;

use crate::algebra::TreeTable;

pub use error::ColouredTreesError;

/// The most trees a table of coloured trees may hold.
pub const MAX_COLOURED_TREES: usize = 1_000_000;

/// The most colours: as many as a byte tells apart.
const MAX_COLOURS: usize = 256;

/// No table within the limit on trees reaches this order, so that counting can stop before it.
const ENOUGH: usize = 64;

/// A tree of a [`ColouredTrees`] table: its position there.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ColouredTreeId(u32);

impl ColouredTreeId {
    /// The position in the table, from 0.
    pub fn index(self) -> usize {
        self.0 as usize
    }
}

/// A vertex in preorder: its level, 1 for the root, and its colour, from 0.
type Vertex = (u8, u8);

/// All rooted trees with at most a given number of vertices, each in one of N colours.
///
/// ```
/// use shadowflow_bseries::ColouredTrees;
/// let trees = ColouredTrees::through(3, 2)?;
/// assert_eq!(trees.len(), 2 + 4 + 14);
/// let cherry = trees.find(&[1, 2, 2], &[0, 1, 1])?;
/// assert_eq!((trees.symmetry(cherry), trees.density(cherry)), (2, 3));
/// let mixed = trees.find(&[1, 2, 2], &[0, 0, 1])?;
/// assert_eq!(trees.symmetry(mixed), 1);
/// # Ok::<(), shadowflow_bseries::ColouredTreesError>(())
/// ```
#[derive(Clone, Debug)]
pub struct ColouredTrees {
    colours: usize,
    nodes: Vec<Node>,
    /// `first[n-1]` is the index of the first tree with n vertices; one more entry closes the last.
    first: Vec<usize>,
}

#[derive(Clone, Debug)]
struct Node {
    vertices: Box<[Vertex]>,
    /// The tree without its last child, and that child.
    split: Option<(ColouredTreeId, ColouredTreeId)>,
    /// How many of the last children are alike.
    multiplicity: u64,
    symmetry: u64,
    density: u64,
}

impl ColouredTrees {
    /// All trees with 1 … `order` vertices in `colours` colours.
    ///
    /// # Errors
    /// If the order or the number of colours is 0, there are more than 256 colours, or more than [`MAX_COLOURED_TREES`] trees.
    pub fn through(order: usize, colours: usize) -> Result<ColouredTrees, ColouredTreesError> {
        if order == 0 || colours == 0 {
            return Err(ColouredTreesError::Empty { order, colours });
        }
        if colours > MAX_COLOURS {
            return Err(ColouredTreesError::TooManyColours { colours, limit: MAX_COLOURS });
        }
        let limit = MAX_COLOURED_TREES;
        if order > ENOUGH || coloured_tree_count(order, colours) > UBig::from(limit) {
            return Err(ColouredTreesError::TooMany { order, colours, limit });
        }
        let mut trees = ColouredTrees { colours, nodes: Vec::new(), first: vec![0] };
        for n in 1..=order {
            let mut grown = Vec::new();
            if n == 1 {
                grown.extend((0..colours).map(|colour| single(colour as u8)));
            }
            for m in 1..n {
                for trunk in trees.of_order(m) {
                    let branches = trees.of_order(n - m).filter(|&branch| trees.may_follow(trunk, branch));
                    grown.extend(branches.map(|branch| trees.joined(trunk, branch)));
                }
            }
            grown.sort_unstable_by(|x, y| y.vertices.cmp(&x.vertices));
            trees.nodes.extend(grown);
            trees.first.push(trees.nodes.len());
        }
        Ok(trees)
    }

    /// Whether `branch` as a further child of `trunk` keeps the children in descending order.
    fn may_follow(&self, trunk: ColouredTreeId, branch: ColouredTreeId) -> bool {
        self.node(trunk).split.is_none_or(|(_, last)| self.node(branch).vertices <= self.node(last).vertices)
    }

    fn joined(&self, trunk: ColouredTreeId, branch: ColouredTreeId) -> Node {
        let (u, v) = (self.node(trunk), self.node(branch));
        let raised = v.vertices.iter().map(|&(level, colour)| (level + 1, colour));
        let vertices: Box<[Vertex]> = u.vertices.iter().copied().chain(raised).collect();
        let alike = u.split.is_some_and(|(_, last)| last == branch);
        let multiplicity = 1 + if alike { u.multiplicity } else { 0 };
        Node {
            symmetry: u.symmetry * v.symmetry * multiplicity,
            density: u.density * v.density * vertices.len() as u64 / u.vertices.len() as u64,
            vertices,
            split: Some((trunk, branch)),
            multiplicity,
        }
    }

    fn node(&self, tree: ColouredTreeId) -> &Node {
        &self.nodes[tree.index()]
    }

    /// The number of trees.
    pub fn len(&self) -> usize {
        self.nodes.len()
    }

    /// Never: a table holds at least one single vertex.
    pub fn is_empty(&self) -> bool {
        self.nodes.is_empty()
    }

    /// The largest order in the table.
    pub fn order(&self) -> usize {
        self.first.len() - 1
    }

    /// The number of colours.
    pub fn colours(&self) -> usize {
        self.colours
    }

    /// Every tree, by order.
    pub fn iter(&self) -> impl DoubleEndedIterator<Item = ColouredTreeId> + use<> {
        (0..self.nodes.len() as u32).map(ColouredTreeId)
    }

    /// The trees with exactly `n` vertices; none if the table ends before.
    pub fn of_order(&self, n: usize) -> impl DoubleEndedIterator<Item = ColouredTreeId> + use<> {
        let range = match self.first.get(n.wrapping_sub(1)..=n) {
            Some(&[from, to]) => from as u32..to as u32,
            _ => 0..0,
        };
        range.map(ColouredTreeId)
    }

    /// The number of vertices |t|.
    pub fn vertices(&self, tree: ColouredTreeId) -> usize {
        self.node(tree).vertices.len()
    }

    /// The level sequence.
    pub fn levels(&self, tree: ColouredTreeId) -> Vec<u8> {
        self.node(tree).vertices.iter().map(|&(level, _)| level).collect()
    }

    /// The colours, from 0, in the order of the level sequence.
    pub fn vertex_colours(&self, tree: ColouredTreeId) -> Vec<u8> {
        self.node(tree).vertices.iter().map(|&(_, colour)| colour).collect()
    }

    /// The symmetry σ(t), the number of automorphisms that keep the root and the colours.
    pub fn symmetry(&self, tree: ColouredTreeId) -> u64 {
        self.node(tree).symmetry
    }

    /// The density γ(t), which does not depend on colours.
    pub fn density(&self, tree: ColouredTreeId) -> u64 {
        self.node(tree).density
    }

    /// The pair (u, v) with t = u∘v, v the last child of the root; `None` for a single vertex.
    pub fn split(&self, tree: ColouredTreeId) -> Option<(ColouredTreeId, ColouredTreeId)> {
        self.node(tree).split
    }

    /// The subtrees at the root, largest first.
    pub fn children(&self, tree: ColouredTreeId) -> Vec<ColouredTreeId> {
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
    pub fn graft(&self, u: ColouredTreeId, v: ColouredTreeId) -> Option<ColouredTreeId> {
        let mut children = self.children(u);
        children.push(v);
        self.with_children(self.node(u).vertices[0].1, children)
    }

    fn with_children(&self, root: u8, mut children: Vec<ColouredTreeId>) -> Option<ColouredTreeId> {
        children.sort_unstable_by(|&x, &y| self.node(y).vertices.cmp(&self.node(x).vertices));
        let mut vertices = vec![(1, root)];
        for &child in &children {
            vertices.extend(self.node(child).vertices.iter().map(|&(level, colour)| (level + 1, colour)));
        }
        let from = *self.first.get(vertices.len() - 1)?;
        let to = *self.first.get(vertices.len())?;
        let offset = self.nodes[from..to].binary_search_by(|node| vertices[..].cmp(&node.vertices)).ok()?;
        Some(ColouredTreeId((from + offset) as u32))
    }

    /// The tree with this level sequence and these colours, children in any order.
    ///
    /// # Errors
    /// If the numbers are no level sequence, there is not one colour of the table for each vertex, or the tree is larger than
    /// the table.
    pub fn find(&self, levels: &[u8], colours: &[u8]) -> Result<ColouredTreeId, ColouredTreesError> {
        let steps_up_by_one =
            levels.windows(2).all(|pair| pair[1] >= 2 && pair[1] <= pair[0].saturating_add(1));
        if levels.first() != Some(&1) || !steps_up_by_one {
            return Err(ColouredTreesError::NotATree { levels: levels.to_vec() });
        }
        if colours.len() != levels.len() || colours.iter().any(|&colour| usize::from(colour) >= self.colours)
        {
            let (vertices, limit) = (levels.len(), self.colours);
            return Err(ColouredTreesError::NotColours { colours: colours.to_vec(), vertices, limit });
        }
        if levels.len() > self.order() {
            return Err(ColouredTreesError::TooLarge { vertices: levels.len(), order: self.order() });
        }
        // Close vertices from the last to the first, each with the children collected above it.
        let mut pending: Vec<(u8, ColouredTreeId)> = Vec::new();
        for (&level, &colour) in levels.iter().zip(colours).rev() {
            let mut children = Vec::new();
            while let Some((_, child)) = pending.pop_if(|(above, _)| *above == level + 1) {
                children.push(child);
            }
            let tree = self.with_children(colour, children);
            pending.push((level, tree.expect("the table holds every tree through its order")));
        }
        Ok(pending[0].1)
    }
}

fn single(colour: u8) -> Node {
    Node { vertices: Box::new([(1, colour)]), split: None, multiplicity: 0, symmetry: 1, density: 1 }
}

/// How many rooted trees in this many colours have at most `order` vertices:
/// (n-1)·t(n) = Σₖ (Σ_{d|k} d·t(d))·t(n-k), begun with t(1) = N (Cayley 1857 for N = 1).
///
/// ```
/// assert_eq!(shadowflow_bseries::coloured_tree_count(4, 2).to_string(), "72");
/// ```
pub fn coloured_tree_count(order: usize, colours: usize) -> UBig {
    let mut trees = vec![UBig::ZERO, UBig::from(colours)];
    let mut divisor_sums = vec![UBig::ZERO];
    for n in 2..=order {
        divisor_sums
            .push((1..n).filter(|d| (n - 1).is_multiple_of(*d)).map(|d| &trees[d] * UBig::from(d)).sum());
        let convolution: UBig = (1..n).map(|k| &divisor_sums[k] * &trees[n - k]).sum();
        trees.push(convolution / UBig::from(n - 1));
    }
    trees.iter().take(order + 1).sum()
}

impl crate::algebra::sealed::Sealed for ColouredTrees {}

impl TreeTable for ColouredTrees {
    type Tree = ColouredTreeId;

    fn order(&self) -> usize {
        ColouredTrees::order(self)
    }
    fn colours(&self) -> usize {
        self.colours
    }
    fn all(&self) -> Vec<ColouredTreeId> {
        self.iter().collect()
    }
    fn index(&self, tree: ColouredTreeId) -> usize {
        tree.index()
    }
    fn vertices(&self, tree: ColouredTreeId) -> usize {
        ColouredTrees::vertices(self, tree)
    }
    fn root_colour(&self, tree: ColouredTreeId) -> usize {
        self.node(tree).vertices[0].1.into()
    }
    fn split(&self, tree: ColouredTreeId) -> Option<(ColouredTreeId, ColouredTreeId)> {
        ColouredTrees::split(self, tree)
    }
    fn graft(&self, u: ColouredTreeId, v: ColouredTreeId) -> Option<ColouredTreeId> {
        ColouredTrees::graft(self, u, v)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tree::Trees;

    #[test]
    fn there_are_as_many_as_the_recursion_counts() {
        // OEIS A000081, and for two and three colours A000151 and A006964, which leave the root uncoloured, times the colours.
        for (colours, counts) in
            [(1, [1, 1, 2, 4, 9, 20]), (2, [2, 4, 14, 52, 214, 916]), (3, [3, 9, 45, 246, 1485, 9432])]
        {
            let trees = ColouredTrees::through(6, colours).unwrap();
            for (n, count) in counts.into_iter().enumerate() {
                assert_eq!(trees.of_order(n + 1).count(), count);
            }
            assert_eq!(coloured_tree_count(6, colours), UBig::from(trees.len()));
        }
    }

    #[test]
    fn labellings_add_up() {
        // n!/σ labellings of each; n^(n-1) labelled rooted trees (Cayley 1889) times Nⁿ colourings. Increasing ones: (n-1)!·Nⁿ.
        let trees = ColouredTrees::through(6, 3).unwrap();
        for n in 1..=6u64 {
            let factorial: u64 = (1..=n).product();
            let all: u64 = trees.of_order(n as usize).map(|t| factorial / trees.symmetry(t)).sum();
            let increasing: u64 =
                trees.of_order(n as usize).map(|t| factorial / (trees.symmetry(t) * trees.density(t))).sum();
            assert_eq!(all, n.pow(n as u32 - 1) * 3u64.pow(n as u32));
            assert_eq!(increasing, factorial / n * 3u64.pow(n as u32));
        }
    }

    #[test]
    fn one_colour_gives_the_plain_trees() {
        let (plain, coloured) = (Trees::through(7).unwrap(), ColouredTrees::through(7, 1).unwrap());
        assert_eq!(plain.len(), coloured.len());
        for tree in coloured.iter() {
            let same = plain.find(&coloured.levels(tree)).unwrap();
            assert_eq!(plain.symmetry(same), coloured.symmetry(tree));
            assert_eq!(plain.density(same), coloured.density(tree));
        }
    }

    #[test]
    fn names_lead_back() {
        let trees = ColouredTrees::through(5, 2).unwrap();
        for tree in trees.iter() {
            assert_eq!(trees.find(&trees.levels(tree), &trees.vertex_colours(tree)), Ok(tree));
            if let Some((u, v)) = trees.split(tree) {
                assert_eq!(trees.graft(u, v), Some(tree));
            }
        }
        // Children in another order name the same tree.
        let swapped = trees.find(&[1, 2, 2, 3], &[0, 1, 0, 1]);
        assert_eq!(swapped, trees.find(&[1, 2, 3, 2], &[0, 0, 1, 1]));
    }

    #[test]
    fn what_is_no_tree_is_refused() {
        use ColouredTreesError::*;
        let trees = ColouredTrees::through(3, 2).unwrap();
        assert_eq!(trees.find(&[1, 3], &[0, 0]), Err(NotATree { levels: vec![1, 3] }));
        let expected = NotColours { colours: vec![0, 2], vertices: 2, limit: 2 };
        assert_eq!(trees.find(&[1, 2], &[0, 2]), Err(expected));
        assert_eq!(trees.find(&[1, 2, 2, 2], &[0; 4]), Err(TooLarge { vertices: 4, order: 3 }));
        assert!(matches!(ColouredTrees::through(0, 2), Err(Empty { .. })));
        assert!(matches!(ColouredTrees::through(3, 0), Err(Empty { .. })));
        assert!(matches!(ColouredTrees::through(3, 257), Err(TooManyColours { .. })));
        assert!(matches!(ColouredTrees::through(14, 2), Err(TooMany { .. })));
        assert!(matches!(ColouredTrees::through(usize::MAX, 2), Err(TooMany { .. })));
    }
}
