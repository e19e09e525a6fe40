//! Free trees: trees without a root, as classes of rooted trees.
//!
//! Two rooted trees belong to one free tree when they differ by the place of the root only. Moving the root across one
//! edge turns u∘v into v∘u, and such moves reach every vertex.

use crate::arithmetic::lcm;
use crate::tree::{TreeId, Trees};

/// A free tree τ: its rootings and the size of its automorphism group.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FreeTree {
    name: TreeId,
    rootings: Vec<TreeId>,
    automorphisms: u64,
}

impl FreeTree {
    /// The distinct rooted trees it becomes, in the order of the table.
    pub fn rootings(&self) -> &[TreeId] {
        &self.rootings
    }

    /// The rooting with the largest level sequence, which names the free tree.
    pub fn name(&self) -> TreeId {
        self.name
    }

    /// |Aut τ|. A rooting t occurs at |Aut τ|/σ(t) of the vertices.
    pub fn automorphisms(&self) -> u64 {
        self.automorphisms
    }

    /// How many vertices of τ give the rooting `tree`, which must be one of its rootings.
    pub fn occurrences(&self, trees: &Trees, tree: TreeId) -> u64 {
        self.automorphisms / trees.symmetry(tree)
    }
}

/// The free trees with `order` vertices, in the order of their first rootings.
///
/// ```
/// use shadowflow_bseries::{Trees, free_trees};
/// let trees = Trees::through(4)?;
/// let sizes: Vec<_> = free_trees(&trees, 4).iter().map(|tau| (tau.rootings().len(), tau.automorphisms())).collect();
/// assert_eq!(sizes, [(2, 2), (2, 6)]); // the path and the star
/// # Ok::<(), shadowflow_bseries::SeriesError>(())
/// ```
pub fn free_trees(trees: &Trees, order: usize) -> Vec<FreeTree> {
    let members: Vec<TreeId> = trees.of_order(order).collect();
    let Some(&first) = members.first() else { return Vec::new() };
    let offset = |tree: TreeId| tree.index() - first.index();

    // Of the two parts of an edge the larger one, seen from the smaller, is the largest child: moving every root to its largest
    // child meets every edge.
    let mut class: Vec<usize> = (0..members.len()).collect();
    for &tree in &members {
        let moved = trees.split(tree).and_then(|(rest, largest)| trees.graft(largest, rest));
        let Some(neighbour) = moved else { continue };
        let (x, y) =
            (representative(&mut class, offset(tree)), representative(&mut class, offset(neighbour)));
        class[x.max(y)] = x.min(y);
    }

    let mut found: Vec<Vec<TreeId>> = vec![Vec::new(); members.len()];
    for &tree in &members {
        found[representative(&mut class, offset(tree))].push(tree);
    }
    found
        .into_iter()
        .filter(|rootings| !rootings.is_empty())
        .map(|rootings| with_group(trees, rootings))
        .collect()
}

/// The rooted trees after moving the root to each of its neighbours.
pub(crate) fn moved_roots(trees: &Trees, tree: TreeId) -> Vec<TreeId> {
    let children = trees.children(tree);
    let moved = |k: usize| {
        let mut rest = children.clone();
        let child = rest.remove(k);
        let moved = trees.with_children(rest).and_then(|rest| trees.graft(child, rest));
        moved.expect("moving the root keeps the number of vertices")
    };
    (0..children.len()).map(moved).collect()
}

/// The first member of a class; paths to it are halved on the way (Tarjan & van Leeuwen 1984).
fn representative(class: &mut [usize], mut member: usize) -> usize {
    while class[member] != member {
        class[member] = class[class[member]];
        member = class[member];
    }
    member
}

fn with_group(trees: &Trees, rootings: Vec<TreeId>) -> FreeTree {
    // By orbits and stabilisers Σ |Aut τ|/σ(t) over the rootings is the number of vertices. Symmetries divide |Aut τ|.
    let n = trees.vertices(rootings[0]) as u64;
    let common = rootings.iter().map(|&t| trees.symmetry(t)).fold(1, lcm);
    let occurrences: u64 = rootings.iter().map(|&t| common / trees.symmetry(t)).sum();
    let name = rootings.iter().copied().max_by_key(|&t| trees.levels(t)).unwrap_or(TreeId::ROOT);
    FreeTree { name, automorphisms: n * common / occurrences, rootings }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn there_are_as_many_as_otter_counted() {
        // OEIS A000055.
        let trees = Trees::through(11).unwrap();
        let counts: Vec<_> = (1..=11).map(|n| free_trees(&trees, n).len()).collect();
        assert_eq!(counts, [1, 1, 1, 2, 3, 6, 11, 23, 47, 106, 235]);
    }

    #[test]
    fn labelled_free_trees_add_up() {
        // Σ n!/|Aut τ| = n^(n-2) (Cayley 1889), and every vertex is some rooting.
        let trees = Trees::through(9).unwrap();
        for n in 2..=9u64 {
            let factorial: u64 = (1..=n).product();
            let classes = free_trees(&trees, n as usize);
            let labelled: u64 = classes.iter().map(|tau| factorial / tau.automorphisms()).sum();
            assert_eq!(labelled, n.pow(n as u32 - 2));
            for tau in &classes {
                assert_eq!(tau.rootings().iter().map(|&t| tau.occurrences(&trees, t)).sum::<u64>(), n);
            }
        }
    }
}
