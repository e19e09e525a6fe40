//! What the algebra asks of a table of trees, and the table of their products.

use std::fmt::Debug;

use crate::tree::{TreeId, Trees};

/// A table of rooted trees, by number of vertices, in which every tree but the single vertices splits into two smaller ones.
///
/// [`Trees`] and [`ColouredTrees`](crate::ColouredTrees) are the two kinds there are; the trait is sealed.
pub trait TreeTable: sealed::Sealed {
    /// The name of a tree within the table.
    type Tree: Copy + PartialEq + Debug;

    /// The largest number of vertices.
    fn order(&self) -> usize;
    /// The number of colours a vertex may have.
    fn colours(&self) -> usize;
    /// Every tree, by number of vertices.
    fn all(&self) -> Vec<Self::Tree>;
    /// The position of a tree in [`TreeTable::all`].
    fn index(&self, tree: Self::Tree) -> usize;
    /// The number of vertices |t|.
    fn vertices(&self, tree: Self::Tree) -> usize;
    /// The colour of the root, from 0.
    fn root_colour(&self, tree: Self::Tree) -> usize;
    /// The pair (u, v) with t = u∘v, v a child of the root; `None` for a single vertex.
    fn split(&self, tree: Self::Tree) -> Option<(Self::Tree, Self::Tree)>;
    /// The Butcher product u∘v: v as one more child of the root of u. `None` if it has too many vertices for the table.
    fn graft(&self, u: Self::Tree, v: Self::Tree) -> Option<Self::Tree>;
}

pub(crate) mod sealed {
    pub trait Sealed {}
}

impl sealed::Sealed for Trees {}

impl TreeTable for Trees {
    type Tree = TreeId;

    fn order(&self) -> usize {
        Trees::order(self)
    }
    fn colours(&self) -> usize {
        1
    }
    fn all(&self) -> Vec<TreeId> {
        self.iter().collect()
    }
    fn index(&self, tree: TreeId) -> usize {
        tree.index()
    }
    fn vertices(&self, tree: TreeId) -> usize {
        Trees::vertices(self, tree)
    }
    fn root_colour(&self, _: TreeId) -> usize {
        0
    }
    fn split(&self, tree: TreeId) -> Option<(TreeId, TreeId)> {
        Trees::split(self, tree)
    }
    fn graft(&self, u: TreeId, v: TreeId) -> Option<TreeId> {
        Trees::graft(self, u, v)
    }
}

/// A table by index: how each tree splits, and every product u∘v that fits. There are few products, about three times as
/// many as trees, because |u| + |v| is bounded.
pub(crate) struct Shape {
    order: usize,
    vertices: Vec<usize>,
    splits: Vec<Option<(usize, usize)>>,
    grafts: Vec<Vec<usize>>,
}

impl Shape {
    pub(crate) fn of<T: TreeTable>(table: &T) -> Shape {
        let trees = table.all();
        let order = table.order();
        let vertices: Vec<usize> = trees.iter().map(|&tree| table.vertices(tree)).collect();
        let split = |&tree: &T::Tree| table.split(tree).map(|(u, v)| (table.index(u), table.index(v)));
        let splits = trees.iter().map(split).collect();
        let products = |&u: &T::Tree| -> Vec<usize> {
            let fits = |&&v: &&T::Tree| table.vertices(u) + table.vertices(v) <= order;
            let product = |&v| {
                let grafted = table.graft(u, v);
                table.index(grafted.expect("the table holds every tree through its order"))
            };
            trees.iter().take_while(fits).map(product).collect()
        };
        let grafts = trees.iter().map(products).collect();
        Shape { order, vertices, splits, grafts }
    }

    /// The number of trees.
    pub(crate) fn len(&self) -> usize {
        self.vertices.len()
    }

    pub(crate) fn vertices(&self, tree: usize) -> usize {
        self.vertices[tree]
    }

    pub(crate) fn split(&self, tree: usize) -> Option<(usize, usize)> {
        self.splits[tree]
    }

    /// Whether other trees of the table have this one as a part.
    pub(crate) fn grows(&self, tree: usize) -> bool {
        self.vertices[tree] < self.order
    }

    /// The trees with exactly n vertices.
    pub(crate) fn of_order(&self, n: usize) -> std::ops::Range<usize> {
        let from = self.vertices.partition_point(|&vertices| vertices < n);
        from..self.vertices.partition_point(|&vertices| vertices <= n)
    }

    /// The unordered pairs of trees with n vertices together.
    pub(crate) fn pairs(&self, n: usize) -> Vec<(usize, usize)> {
        let with =
            |u: usize| self.of_order(n - self.vertices[u]).filter(move |&v| v >= u).map(move |v| (u, v));
        (0..self.of_order(n).start).flat_map(with).collect()
    }

    /// u∘v, which must have no more vertices than the table's order.
    pub(crate) fn graft(&self, u: usize, v: usize) -> usize {
        self.grafts[u][v]
    }

    /// The merging product: the children of both roots at one root, that of u.
    pub(crate) fn merge(&self, u: usize, v: usize) -> usize {
        match self.split(v) {
            None => u,
            Some((rest, child)) => self.graft(self.merge(u, rest), child),
        }
    }

    /// Every way to cut one edge of each tree: what stays with the root, and the branch cut off.
    pub(crate) fn edge_cuts(&self) -> Vec<Vec<(usize, usize)>> {
        let mut cuts: Vec<Vec<(usize, usize)>> = Vec::with_capacity(self.len());
        for tree in 0..self.len() {
            cuts.push(match self.split(tree) {
                None => Vec::new(),
                Some((u, v)) => {
                    let below = cuts[u].iter().map(|&(rest, branch)| (self.graft(rest, v), branch));
                    let above = cuts[v].iter().map(|&(rest, branch)| (self.graft(u, rest), branch));
                    below.chain(above).chain([(u, v)]).collect()
                }
            });
        }
        cuts
    }
}
