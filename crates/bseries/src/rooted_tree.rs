//! One rooted tree by itself, without a table: whatever its order, from text or level sequence, its vertices coloured or not.

use std::fmt;
use std::str::FromStr;

use crate::error::SeriesError;
use crate::tree::check_levels;

/// The most vertices a tree by itself may have: the density of a larger tall tree, n!, exceeds 128 bits.
pub const MAX_VERTICES: usize = 34;

/// A rooted tree, children in canonical order: larger level sequences first, and of equal ones larger colours.
///
/// Without colours (all of them 0) this is the tree of the same level sequence in a [`Trees`](crate::Trees) table.
///
/// ```
/// use shadowflow_bseries::RootedTree;
/// let tree: RootedTree = "[1,2,2,3]".parse()?;
/// assert_eq!(tree.to_string(), "[1,2,3,2]");
/// assert_eq!((tree.vertices(), tree.symmetry(), tree.density()), (4, 1, 8));
/// assert_eq!(tree.elementary_differential(), "f''(f'(f), f)");
/// # Ok::<(), shadowflow_bseries::SeriesError>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct RootedTree {
    // By vertex, in preorder. The order of these fields makes the order of trees.
    levels: Vec<u8>,
    colours: Vec<u8>,
}

/// A rooted tree that a free tree becomes, and at how many of its vertices.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rooting {
    /// The rooted tree.
    pub tree: RootedTree,
    /// How many vertices, taken as the root, give it.
    pub occurrences: usize,
}

impl RootedTree {
    /// The tree with this level sequence, children in any order.
    ///
    /// # Errors
    /// If the numbers are no level sequence, or there are more than [`MAX_VERTICES`].
    pub fn new(levels: &[u8]) -> Result<RootedTree, SeriesError> {
        RootedTree::coloured(levels, &vec![0; levels.len()])
    }

    /// The tree with this level sequence, and a colour 0, 1, … for each entry of it.
    ///
    /// # Errors
    /// As [`RootedTree::new`], and if there are not as many colours as vertices.
    pub fn coloured(levels: &[u8], colours: &[u8]) -> Result<RootedTree, SeriesError> {
        check_levels(levels)?;
        if levels.len() > MAX_VERTICES {
            return Err(SeriesError::TooManyVertices { vertices: levels.len(), limit: MAX_VERTICES });
        }
        if colours.len() != levels.len() {
            return Err(SeriesError::ColourCount { vertices: levels.len(), colours: colours.len() });
        }
        let (tree, _) = Graph::of(levels, colours).rooted_at(0);
        Ok(tree)
    }

    /// The tree with these subtrees at its root; the caller keeps it within [`MAX_VERTICES`].
    pub(crate) fn with_children(mut children: Vec<RootedTree>) -> RootedTree {
        children.sort_unstable_by(|x, y| y.cmp(x));
        let (mut levels, mut colours) = (vec![1], vec![0]);
        for child in children {
            levels.extend(child.levels.iter().map(|level| level + 1));
            colours.extend(child.colours);
        }
        RootedTree { levels, colours }
    }

    /// The subtrees at the root, largest level sequence first.
    pub fn children(&self) -> Vec<RootedTree> {
        let mut rest = &self.colours[1..];
        let branch = |levels: &[u8]| {
            let colours;
            (colours, rest) = rest.split_at(levels.len());
            RootedTree { levels: levels.iter().map(|level| level - 1).collect(), colours: colours.to_vec() }
        };
        self.levels[1..].chunk_by(|_, &next| next != 2).map(branch).collect()
    }

    /// The number of vertices |t|.
    pub fn vertices(&self) -> usize {
        self.levels.len()
    }

    /// The level sequence: the root has level 1, vertices follow in preorder.
    pub fn levels(&self) -> &[u8] {
        &self.levels
    }

    /// The colours of the vertices in the same order; all 0 for a tree without colours.
    pub fn colours(&self) -> &[u8] {
        &self.colours
    }

    /// The symmetry σ(t): how many automorphisms keep the root, and the colours.
    pub fn symmetry(&self) -> u128 {
        self.graph().rooted_at(0).1
    }

    /// The density γ(t), the product over vertices of the sizes of the subtrees above them.
    pub fn density(&self) -> u128 {
        let above =
            |i: usize| self.levels[i + 1..].iter().take_while(|&&level| level > self.levels[i]).count();
        (0..self.vertices()).map(|i| 1 + above(i) as u128).product()
    }

    /// The distinct rooted trees that the free tree below this one becomes when other vertices are taken as the root, the
    /// largest sequence first.
    pub fn rootings(&self) -> Vec<Rooting> {
        let graph = self.graph();
        let mut trees: Vec<RootedTree> = (0..self.vertices()).map(|v| graph.rooted_at(v).0).collect();
        trees.sort_unstable_by(|x, y| y.cmp(x));
        let alike = trees.chunk_by(|x, y| x == y);
        alike.map(|chunk| Rooting { tree: chunk[0].clone(), occurrences: chunk.len() }).collect()
    }

    /// The number of automorphisms of the free tree: σ(t) times the number of vertices that serve as the root alike.
    pub fn automorphisms(&self) -> u128 {
        let here = self.rootings().into_iter().find(|rooting| rooting.tree == *self);
        self.symmetry() * here.map_or(1, |rooting| rooting.occurrences) as u128
    }

    /// The elementary differential F(t) of ẏ = f(y), as in `f''(f, f'(f))`. Vertices of colours 1, 2, … belong to further
    /// fields, `f1`, `f2`, ….
    pub fn elementary_differential(&self) -> String {
        self.elementary_differential_with(|colour| numbered("f", colour))
    }

    /// The same in LaTeX mathematics.
    pub fn elementary_differential_latex(&self) -> String {
        self.elementary_differential_latex_with(|colour| subscripted("f", colour))
    }

    /// The elementary differential with other names for the fields of the colours.
    ///
    /// ```
    /// use shadowflow_bseries::RootedTree;
    /// let tree = RootedTree::coloured(&[1, 2, 2], &[0, 1, 0])?;
    /// assert_eq!(tree.elementary_differential(), "f''(f1, f)");
    /// assert_eq!(tree.elementary_differential_with(|k| format!("f{}", k + 1)), "f1''(f2, f1)");
    /// assert_eq!(tree.elementary_differential_with(|k| ["f", "g"][k as usize].to_owned()), "f''(g, f)");
    /// # Ok::<(), shadowflow_bseries::SeriesError>(())
    /// ```
    pub fn elementary_differential_with(&self, field: impl Fn(u8) -> String) -> String {
        differential(&self.vertex_pairs(), &field, |k| format!("^({k})"))
    }

    /// The same in LaTeX mathematics.
    pub fn elementary_differential_latex_with(&self, field: impl Fn(u8) -> String) -> String {
        differential(&self.vertex_pairs(), &field, |k| format!("^{{({k})}}"))
    }

    fn graph(&self) -> Graph {
        Graph::of(&self.levels, &self.colours)
    }

    /// Level and colour of every vertex.
    fn vertex_pairs(&self) -> Vec<(u8, u8)> {
        self.levels.iter().copied().zip(self.colours.iter().copied()).collect()
    }
}

/// The level sequence, `[1,2,2]`; with colours where there are any, `[1,2:1,2]`.
impl fmt::Display for RootedTree {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let entry = |(level, colour)| match colour {
            0 => format!("{level}"),
            _ => format!("{level}:{colour}"),
        };
        write!(f, "[{}]", self.vertex_pairs().into_iter().map(entry).collect::<Vec<_>>().join(","))
    }
}

impl FromStr for RootedTree {
    type Err = SeriesError;

    /// Reads what [`Display`](fmt::Display) writes; brackets may be left out, and blanks serve as commas.
    fn from_str(text: &str) -> Result<RootedTree, SeriesError> {
        let unreadable =
            |entry: &str| SeriesError::UnreadableTree { entry: entry.chars().take(40).collect() };
        let inner = text.trim();
        let inner = inner.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')).unwrap_or(inner);
        let (mut levels, mut colours) = (Vec::new(), Vec::new());
        for entry in inner.split([',', ' ']).map(str::trim).filter(|entry| !entry.is_empty()) {
            let (level, colour) = entry.split_once(':').unwrap_or((entry, "0"));
            levels.push(level.parse().map_err(|_| unreadable(entry))?);
            colours.push(colour.parse().map_err(|_| unreadable(entry))?);
        }
        RootedTree::coloured(&levels, &colours)
    }
}

/// The place of every vertex's parent in a level sequence; the root stands for its own.
pub(crate) fn parents(levels: &[u8]) -> Vec<usize> {
    // The parent is the last vertex before it one level below.
    let parent = |i: usize| levels[..i].iter().rposition(|&below| below + 1 == levels[i]).unwrap_or(i);
    (0..levels.len()).map(parent).collect()
}

/// A tree without a root.
struct Graph {
    neighbours: Vec<Vec<usize>>,
    colours: Vec<u8>,
}

impl Graph {
    fn of(levels: &[u8], colours: &[u8]) -> Graph {
        let mut neighbours = vec![Vec::new(); levels.len()];
        for (child, &parent) in parents(levels).iter().enumerate().skip(1) {
            neighbours[parent].push(child);
            neighbours[child].push(parent);
        }
        Graph { neighbours, colours: colours.to_vec() }
    }

    /// The canonical rooted tree, and its symmetry.
    fn rooted_at(&self, root: usize) -> (RootedTree, u128) {
        self.branch(root, None, 1)
    }

    fn branch(&self, vertex: usize, parent: Option<usize>, level: u8) -> (RootedTree, u128) {
        let children = self.neighbours[vertex].iter().filter(|&&child| Some(child) != parent);
        let mut branches: Vec<_> =
            children.map(|&child| self.branch(child, Some(vertex), level + 1)).collect();
        branches.sort_unstable_by(|x, y| y.cmp(x));
        // Subtrees that are alike may be exchanged.
        let exchanges = |alike: &[_]| (1..=alike.len() as u128).product::<u128>();
        let symmetry = branches.chunk_by(|x, y| x == y).map(exchanges).product::<u128>()
            * branches.iter().map(|branch| branch.1).product::<u128>();
        let mut tree = RootedTree { levels: vec![level], colours: vec![self.colours[vertex]] };
        for (branch, _) in branches {
            tree.levels.extend(branch.levels);
            tree.colours.extend(branch.colours);
        }
        (tree, symmetry)
    }
}

/// What belongs to a colour, in text: f, f1, f2, ….
pub(crate) fn numbered(name: &str, colour: u8) -> String {
    if colour == 0 { name.to_owned() } else { format!("{name}{colour}") }
}

/// The same in LaTeX.
pub(crate) fn subscripted(name: &str, colour: u8) -> String {
    if colour == 0 { name.to_owned() } else { format!("{name}_{{{colour}}}") }
}

/// The differential of the branch that begins with the first of these vertices and has the others above it.
fn differential(
    vertices: &[(u8, u8)],
    field: &impl Fn(u8) -> String,
    high_derivative: fn(usize) -> String,
) -> String {
    let (level, colour) = vertices[0];
    let children = vertices[1..].chunk_by(|_, next| next.0 > level + 1);
    let arguments: Vec<String> = children.map(|child| differential(child, field, high_derivative)).collect();
    let derivative = match arguments.len() {
        0 => return field(colour),
        k @ 1..=3 => "'".repeat(k),
        k => high_derivative(k),
    };
    format!("{}{derivative}({})", field(colour), arguments.join(", "))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::free_tree::free_trees;
    use crate::tree::Trees;

    #[test]
    fn a_tree_by_itself_is_the_tree_of_the_table() {
        let trees = Trees::through(8).unwrap();
        for t in trees.iter() {
            let levels = trees.levels(t).to_vec();
            let tree = RootedTree::new(&levels).unwrap();
            assert_eq!(tree.levels(), levels);
            assert_eq!(tree.symmetry(), trees.symmetry(t).into());
            assert_eq!(tree.density(), trees.density(t).into());
            assert_eq!(tree.to_string().parse(), Ok(tree));
        }
    }

    #[test]
    fn rootings_are_the_free_trees_of_the_table() {
        let trees = Trees::through(8).unwrap();
        for n in 1..=8 {
            for free in free_trees(&trees, n) {
                let name = trees.levels(free.name()).to_vec();
                let tree = RootedTree::new(&name).unwrap();
                assert_eq!(tree.automorphisms(), free.automorphisms().into());
                let mut expected: Vec<_> = free
                    .rootings()
                    .iter()
                    .map(|&t| (trees.levels(t).to_vec(), free.occurrences(&trees, t) as usize))
                    .collect();
                expected.sort_unstable_by(|x, y| y.cmp(x));
                let found: Vec<_> =
                    tree.rootings().into_iter().map(|r| (r.tree.levels().to_vec(), r.occurrences)).collect();
                assert_eq!(found, expected);
            }
        }
    }

    #[test]
    fn colours_break_symmetry() {
        let tree = |text: &str| text.parse::<RootedTree>().unwrap();
        assert_eq!((tree("[1,2,2]").symmetry(), tree("[1,2,2:1]").symmetry()), (2, 1));
        assert_eq!(tree("[1,2:1,2]"), tree("1 2 2:1"));
        assert_eq!(tree("[1,2:1,2]").to_string(), "[1,2:1,2]");
        // The edge with two colours has two rootings, without colours one.
        assert_eq!((tree("[1,2]").rootings().len(), tree("[1,2:1]").rootings().len()), (1, 2));
        assert_eq!((tree("[1,2]").automorphisms(), tree("[1,2:1]").automorphisms()), (2, 1));
    }

    #[test]
    fn differentials_read_as_in_print() {
        let differential = |text: &str| text.parse::<RootedTree>().unwrap().elementary_differential();
        assert_eq!(differential("[1]"), "f");
        assert_eq!(differential("[1,2,3]"), "f'(f'(f))");
        assert_eq!(differential("[1,2,2,2]"), "f'''(f, f, f)");
        assert_eq!(differential("[1,2,2,2,2,3:1]"), "f^(4)(f'(f1), f, f, f)");
        let tree: RootedTree = "[1:2,2,2,2,2]".parse().unwrap();
        assert_eq!(tree.elementary_differential_latex(), "f_{2}^{(4)}(f, f, f, f)");
    }

    #[test]
    fn the_largest_trees_fit() {
        let star: Vec<u8> = std::iter::once(1).chain(std::iter::repeat_n(2, MAX_VERTICES - 1)).collect();
        let tall: Vec<u8> = (1..=MAX_VERTICES as u8).collect();
        let factorial = |n: u128| (1..=n).product::<u128>();
        assert_eq!(RootedTree::new(&star).unwrap().symmetry(), factorial(33));
        assert_eq!(RootedTree::new(&star).unwrap().automorphisms(), factorial(33));
        assert_eq!(RootedTree::new(&tall).unwrap().density(), factorial(34));
    }

    #[test]
    fn what_is_no_tree_is_refused() {
        let error = |text: &str| text.parse::<RootedTree>().unwrap_err();
        for text in ["", "[]", "[2]", "[1,3]", "[1,1]", "[1,2,4]", "[0]"] {
            assert!(matches!(error(text), SeriesError::NotATree { .. }), "{text}");
        }
        for text in ["[1,x]", "[1,300]", "[1,-2]", "[[1]", "[1,2:]", "[1,2:999]"] {
            assert!(matches!(error(text), SeriesError::UnreadableTree { .. }), "{text}");
        }
        let long: Vec<u8> = (1..=35).collect();
        assert_eq!(
            RootedTree::new(&long),
            Err(SeriesError::TooManyVertices { vertices: 35, limit: MAX_VERTICES })
        );
        assert_eq!(
            RootedTree::coloured(&[1, 2], &[0]),
            Err(SeriesError::ColourCount { vertices: 2, colours: 1 })
        );
    }
}
