//! Names of the contractions E_V(τ) of a free tree τ: a derivative tensor of V at every vertex, a contraction along every edge.
//!
//! Paths are products of matrices, as in ∇Vᵀ∇²V∇V. Any other tree is written from a vertex with the most neighbours, as the
//! tensor there applied to vectors: ∇³V(∇²V∇V, ∇V, ∇V). Of several such vertices the one is taken from which the tree has the
//! largest level sequence, so that a free tree has one name, whatever its root; and the tree can be read off its name.

use std::fmt::Write as _;

use crate::rooted_tree::{RootedTree, numbered, subscripted};

impl RootedTree {
    /// The contraction E_V(τ) of the derivatives of V along the free tree τ below this one, which the modified potential is
    /// made of. Vertices of colours 1, 2, … belong to further potentials, `V1`, `V2`, ….
    ///
    /// ```
    /// use shadowflow_bseries::RootedTree;
    /// let contraction = |levels: &[u8]| RootedTree::new(levels).map(|tree| tree.contraction());
    /// assert_eq!(contraction(&[1, 2])?, "|∇V|²");
    /// assert_eq!(contraction(&[1, 2, 3])?, "∇Vᵀ∇²V∇V");
    /// assert_eq!(contraction(&[1, 2, 2])?, "∇Vᵀ∇²V∇V"); // the same path from its middle
    /// assert_eq!(contraction(&[1, 2, 2, 2, 3])?, "∇³V(∇²V∇V, ∇V, ∇V)");
    /// # Ok::<(), shadowflow_bseries::SeriesError>(())
    /// ```
    pub fn contraction(&self) -> String {
        contraction(self, &TEXT)
    }

    /// The same in LaTeX mathematics.
    pub fn contraction_latex(&self) -> String {
        contraction(self, &LATEX)
    }
}

/// How derivatives and products of them are written.
struct Notation {
    potential: fn(u8) -> String,
    /// ∇ᵏ of a potential, k ≥ 1.
    derivative: fn(usize, String) -> String,
    power: fn(usize) -> String,
    transpose: &'static str,
}

const TEXT: Notation = Notation {
    potential: |colour| numbered("V", colour),
    derivative: |k, potential| match k {
        1 => format!("∇{potential}"),
        _ => format!("∇{}{potential}", superscript(k)),
    },
    power: superscript,
    transpose: "ᵀ",
};

const LATEX: Notation = Notation {
    potential: |colour| subscripted("V", colour),
    derivative: |k, potential| match k {
        1 => format!(r"\nabla {potential}"),
        _ => format!(r"\nabla^{{{k}}}{potential}"),
    },
    power: |k| format!("^{{{k}}}"),
    transpose: r"^{\mathsf{T}}",
};

fn superscript(k: usize) -> String {
    let raised = |digit: char| "⁰¹²³⁴⁵⁶⁷⁸⁹".chars().nth(digit.to_digit(10)? as usize);
    k.to_string().chars().filter_map(raised).collect()
}

impl Notation {
    fn derivative(&self, k: usize, colour: u8) -> String {
        (self.derivative)(k, (self.potential)(colour))
    }

    /// The vector that a branch contributes to the tensor it is attached to.
    fn vector(&self, branch: &RootedTree) -> String {
        let mut text = String::new();
        // Hessians on the way up, those of one colour in a row counted.
        let (mut rest, mut children) = (branch.clone(), branch.children());
        let mut run = (0, 0);
        while let [child] = &children[..] {
            let colour = rest.colours()[0];
            if run.0 > 0 && run.1 != colour {
                self.push_hessians(&mut text, run);
                run.0 = 0;
            }
            run = (run.0 + 1, colour);
            rest = child.clone();
            children = rest.children();
        }
        self.push_hessians(&mut text, run);
        text + &self.tensor(&rest, children.len() + 1, &children)
    }

    fn push_hessians(&self, text: &mut String, (count, colour): (usize, u8)) {
        let hessian = self.derivative(2, colour);
        if count < 3 {
            text.push_str(&hessian.repeat(count));
        } else {
            // Writing to a String cannot fail.
            let _ = write!(text, "({hessian}){}", (self.power)(count));
        }
    }

    /// ∇ᵏ of the potential at the root, applied to the vectors of the branches.
    fn tensor(&self, tree: &RootedTree, k: usize, branches: &[RootedTree]) -> String {
        let vectors: Vec<String> = branches.iter().map(|branch| self.vector(branch)).collect();
        let arguments = if vectors.is_empty() { String::new() } else { format!("({})", vectors.join(", ")) };
        self.derivative(k, tree.colours()[0]) + &arguments
    }
}

fn contraction(tree: &RootedTree, notation: &Notation) -> String {
    let rootings: Vec<RootedTree> = tree.rootings().into_iter().map(|rooting| rooting.tree).collect();
    let degree = |tree: &RootedTree| tree.children().len();
    let most = rootings.iter().map(degree).max().unwrap_or(0);
    // A path begins at an end, any other tree where it branches most.
    let from = if most > 2 { most } else { most.min(1) };
    let root = rootings.iter().find(|rooting| degree(rooting) == from).unwrap_or(tree);
    let branches = root.children();
    match &branches[..] {
        [] => (notation.potential)(root.colours()[0]),
        [end] if end.vertices() == 1 && end.colours() == &root.colours()[..1] => {
            format!("|{}|{}", notation.derivative(1, end.colours()[0]), (notation.power)(2))
        }
        [path] => {
            let gradient = notation.derivative(1, root.colours()[0]);
            format!("{gradient}{}{}", notation.transpose, notation.vector(path))
        }
        _ => notation.tensor(root, branches.len(), &branches),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::coloured::ColouredTrees;
    use crate::free_tree::free_trees;
    use crate::tree::Trees;
    use std::collections::HashMap;

    fn tree(text: &str) -> RootedTree {
        text.parse().unwrap()
    }

    #[test]
    fn small_contractions_read_as_in_print() {
        for (text, name) in [
            ("[1]", "V"),
            ("[1,2,3,2]", "∇Vᵀ∇²V∇²V∇V"),
            ("[1,2,2,2]", "∇³V(∇V, ∇V, ∇V)"),
            ("[1,2,3,4,5]", "∇Vᵀ(∇²V)³∇V"),
            ("[1,2,3,4,4]", "∇³V(∇²V∇V, ∇V, ∇V)"),
            ("[1,2,2,3,3]", "∇³V(∇²V∇V, ∇V, ∇V)"),
            ("[1,2,3,3,2,2]", "∇³V(∇³V(∇V, ∇V), ∇V, ∇V)"),
            ("[1,2,3,3,2,2,2]", "∇⁴V(∇³V(∇V, ∇V), ∇V, ∇V, ∇V)"),
            ("[1,2,3,3,2]", "∇³V(∇²V∇V, ∇V, ∇V)"),
            ("[1,2,3,4,4,2,2]", "∇³V(∇²V∇³V(∇V, ∇V), ∇V, ∇V)"),
            ("[1,2:1]", "∇V1ᵀ∇V"),
            ("[1:1,2:1]", "|∇V1|²"),
            ("[1,2:1,3:1,4:1,5:1,6]", "∇Vᵀ(∇²V1)⁴∇V"),
            ("[1,2:2,3,4]", "∇Vᵀ∇²V2∇²V∇V"),
        ] {
            assert_eq!(tree(text).contraction(), name, "{text}");
        }
        let star: Vec<u8> = std::iter::once(1).chain(std::iter::repeat_n(2, 12)).collect();
        assert!(RootedTree::new(&star).unwrap().contraction().starts_with("∇¹²V(∇V, "));
        for (text, name) in [
            ("[1,2]", r"|\nabla V|^{2}"),
            ("[1,2,3]", r"\nabla V^{\mathsf{T}}\nabla^{2}V\nabla V"),
            ("[1,2,2,2:1]", r"\nabla^{3}V(\nabla V_{1}, \nabla V, \nabla V)"),
        ] {
            assert_eq!(tree(text).contraction_latex(), name, "{text}");
        }
    }

    #[test]
    fn a_free_tree_has_one_name_and_a_name_one_free_tree() {
        let trees = Trees::through(11).unwrap();
        let mut names = HashMap::new();
        for n in 1..=11 {
            for free in free_trees(&trees, n) {
                let named = |&t: &_| {
                    let tree = RootedTree::new(&trees.levels(t)).unwrap();
                    (tree.contraction(), tree.contraction_latex())
                };
                let (text, latex) = named(&free.name());
                // Every vertex but those counted in a power has a ∇, with its V and at most two signs around it.
                assert!(text.chars().count() <= 6 * n, "{text}");
                if n <= 8 {
                    assert!(free.rootings().iter().all(|t| named(t) == (text.clone(), latex.clone())));
                }
                for name in [text, latex] {
                    if n > 1 {
                        assert_eq!(names.insert(name, free.name()), None);
                    }
                }
            }
        }
    }

    #[test]
    fn colours_are_part_of_the_name() {
        let trees = ColouredTrees::through(5, 2).unwrap();
        let mut names: HashMap<String, Vec<_>> = HashMap::new();
        for t in trees.iter() {
            let tree = RootedTree::coloured(&trees.levels(t), &trees.vertex_colours(t)).unwrap();
            let rootings = tree.rootings();
            let known = names.entry(tree.contraction()).or_insert_with(|| rootings.clone());
            assert_eq!(*known, rootings);
        }
        // Of four vertices 10 paths and 8 stars; of five 20 paths, 24 forks and 10 stars.
        let free = |n: usize| names.values().filter(|rootings| rootings[0].tree.vertices() == n).count();
        assert_eq!([1, 2, 3, 4, 5].map(free), [2, 3, 6, 18, 54]);
    }

    #[test]
    fn the_largest_trees_have_names() {
        let tall: Vec<u8> = (1..=34).collect();
        assert_eq!(RootedTree::new(&tall).unwrap().contraction(), "∇Vᵀ(∇²V)³²∇V");
    }
}
