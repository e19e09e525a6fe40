//! All trees of one order in one walk that keeps nothing but the trees of half that order.
//!
//! Several steps of a method in a row are one tableau with `steps·stages` stages. Let Φ(t) be the vector of stage weights of
//! a tree and M the matrix of that large tableau; then Φ(u∘v) = Φ(u)·MΦ(v) stage by stage. What is wanted of a tree is a
//! linear functional p of Φ(t), and p(Φ(u∘v)) = ⟨p·Φ(u), MΦ(v)⟩. So trees with one u and all v of one size are a matrix
//! times a vector, and where v is too large to be stored the functional moves on to it: q = Mᵀ(p·Φ(u)) asked of all v. One
//! of u and v is always stored when all trees of order ≤ n/2 are.

use crate::ranking::Counts;
use crate::residue::Prime;
use crate::tree::Trees;

/// A sparse matrix by rows: entries with their columns.
type Rows = Vec<Vec<(usize, u64)>>;

/// Consecutive steps of a method modulo a prime.
#[derive(Clone, Debug)]
pub(crate) struct Steps {
    pub(crate) prime: Prime,
    pub(crate) count: usize,
    /// A and its transpose, without zeros.
    rows: Rows,
    columns: Rows,
    b: Vec<u64>,
}

impl Steps {
    pub(crate) fn new(prime: Prime, count: usize, a: &[Vec<u64>], b: Vec<u64>) -> Steps {
        let nonzero = |at: &dyn Fn(usize, usize) -> u64| -> Rows {
            let line = |i| (0..b.len()).map(|j| (j, at(i, j))).filter(|entry| entry.1 != 0).collect();
            (0..b.len()).map(line).collect()
        };
        let (rows, columns) = (nonzero(&|i, j| a[i][j]), nonzero(&|i, j| a[j][i]));
        Steps { prime, count, rows, columns, b }
    }

    pub(crate) fn stages(&self) -> usize {
        self.b.len()
    }

    /// The length of a vector of stage weights.
    pub(crate) fn length(&self) -> usize {
        self.count * self.stages()
    }

    /// The functional that gives Σₖ `factors[k]`·(what step k adds).
    pub(crate) fn functional(&self, factors: &[u64]) -> Vec<u64> {
        let step = |&factor: &u64| self.b.iter().map(move |&weight| self.prime.times(weight, factor));
        factors.iter().flat_map(step).collect()
    }

    /// MΦ: what the steps before have added, and a row of A within the step.
    fn images(&self, phi: &[u64], out: &mut [u64]) {
        let mut before = 0;
        let stages = self.stages();
        for (phi, out) in phi.chunks_exact(stages).zip(out.chunks_exact_mut(stages)) {
            for (image, row) in out.iter_mut().zip(&self.rows) {
                *image = self.combine(before, row, phi);
            }
            before = self.prime.plus(before, self.prime.dot(&self.b, phi));
        }
    }

    /// Mᵀp
    fn transposed(&self, p: &[u64], out: &mut [u64]) {
        let mut after = 0;
        let stages = self.stages();
        for (p, out) in p.chunks_exact(stages).zip(out.chunks_exact_mut(stages)).rev() {
            for ((result, column), &weight) in out.iter_mut().zip(&self.columns).zip(&self.b) {
                *result = self.combine(self.prime.times(weight, after), column, p);
            }
            after = p.iter().fold(after, |sum, &entry| self.prime.plus(sum, entry));
        }
    }

    fn combine(&self, constant: u64, line: &[(usize, u64)], vector: &[u64]) -> u64 {
        // At most MAX_STAGES = 64 products below 2¹²² and a residue stay below 2¹²⁸.
        let products = line.iter().map(|&(j, entry)| u128::from(entry) * u128::from(vector[j]));
        self.prime.reduce(products.sum::<u128>() + u128::from(constant))
    }

    fn product(&self, x: &[u64], y: &[u64], out: &mut [u64]) {
        for ((out, &x), &y) in out.iter_mut().zip(x).zip(y) {
            *out = self.prime.times(x, y);
        }
    }
}

/// Stage weights and their images for all trees of a table: those that a walk keeps.
#[derive(Debug)]
pub(crate) struct Walk<'a> {
    pub(crate) steps: Steps,
    trees: &'a Trees,
    weights: Vec<u64>,
    images: Vec<u64>,
}

/// A piece of a walk: the trees of one order, or those whose largest child has a given size.
#[derive(Clone, Debug)]
pub(crate) struct Piece {
    order: usize,
    largest: Option<usize>,
    functional: Vec<u64>,
    /// How many trees these are.
    pub(crate) trees: u128,
}

impl<'a> Walk<'a> {
    /// Prepares walks over trees of at most twice the order of the table `trees`.
    pub(crate) fn new(steps: Steps, trees: &'a Trees) -> Walk<'a> {
        let length = steps.length();
        let mut weights = vec![1; trees.len() * length];
        let mut images = vec![0; trees.len() * length];
        for tree in trees.iter() {
            let at = tree.index() * length;
            let (earlier, later) = weights.split_at_mut(at);
            let own = &mut later[..length];
            if let Some((u, v)) = trees.split(tree) {
                let (u, v) = (u.index() * length, v.index() * length);
                steps.product(&earlier[u..u + length], &images[v..v + length], own);
            }
            steps.images(own, &mut images[at..at + length]);
        }
        Walk { steps, trees, weights, images }
    }

    fn weights(&self, index: usize) -> &[u64] {
        let length = self.steps.length();
        &self.weights[index * length..(index + 1) * length]
    }

    fn images(&self, index: usize) -> &[u64] {
        let length = self.steps.length();
        &self.images[index * length..(index + 1) * length]
    }

    /// Appends p(Φ(t)) for every tree t with `n` vertices, in the order of tables.
    pub(crate) fn order(&self, n: usize, p: &[u64], out: &mut Vec<u64>) {
        if n == 1 {
            out.push(p.iter().fold(0, |sum, &entry| self.steps.prime.plus(sum, entry)));
        }
        for m in (1..n).rev() {
            self.block(n, m, p, out);
        }
    }

    /// The same for the trees whose largest child has `m` vertices.
    fn block(&self, n: usize, m: usize, p: &[u64], out: &mut Vec<u64>) {
        if m > self.trees.order() {
            let mut moved = vec![0; p.len()];
            return self.rests(n - m, m, p, &mut |q, _| {
                self.steps.transposed(q, &mut moved);
                self.order(m, &moved, out);
            });
        }
        let first = self.trees.first_of_order(m);
        let length = self.steps.length();
        self.rests(n - m, m, p, &mut |q, followers| {
            let images = &self.images[first * length..(first + followers) * length];
            out.extend(images.chunks_exact(length).map(|image| self.steps.prime.dot(q, image)));
        });
    }

    /// Visits every tree u with `k` vertices and children of at most `m`: p·Φ(u), and how many trees with `m` vertices may
    /// join it as its largest child.
    fn rests(&self, k: usize, m: usize, p: &[u64], visit: &mut dyn FnMut(&[u64], usize)) {
        let mut product = vec![0; p.len()];
        if k <= self.trees.order() {
            for rest in self.trees.with_largest_at_most(k, m) {
                self.steps.product(p, self.weights(rest.index()), &mut product);
                visit(&product, self.trees.followers(rest, m));
            }
            return;
        }
        // Then m < k is at most half of the walk's order, so all children are stored.
        for largest in (1..=m).rev() {
            let first = self.trees.first_of_order(largest);
            self.rests(k - largest, largest, p, &mut |q, followers| {
                for child in 0..followers {
                    self.steps.product(q, self.images(first + child), &mut product);
                    let next = if largest == m { child + 1 } else { self.trees.of_order(m).len() };
                    visit(&product, next);
                }
            });
        }
    }

    /// Cuts the walk over order `n` into pieces of about `grain` trees where that is easy. The pieces depend on the trees
    /// only, not on the method.
    pub(crate) fn pieces(&self, n: usize, functional: Vec<u64>, counts: &Counts, grain: u128) -> Vec<Piece> {
        let trees = counts.of_order(n);
        if trees <= grain {
            return vec![Piece { order: n, largest: None, functional, trees }];
        }
        let mut pieces = Vec::new();
        for m in (1..n).rev() {
            if m > self.trees.order() && counts.of_order(m) > grain {
                self.rests(n - m, m, &functional, &mut |q, _| {
                    let mut moved = vec![0; q.len()];
                    self.steps.transposed(q, &mut moved);
                    pieces.extend(self.pieces(m, moved, counts, grain));
                });
            } else {
                let trees = counts.with_largest(n, m);
                pieces.push(Piece { order: n, largest: Some(m), functional: functional.clone(), trees });
            }
        }
        pieces
    }

    /// The values of a piece, tree after tree.
    pub(crate) fn values(&self, piece: &Piece) -> Vec<u64> {
        let mut out = Vec::with_capacity(piece.trees as usize);
        match piece.largest {
            None => self.order(piece.order, &piece.functional, &mut out),
            Some(m) => self.block(piece.order, m, &piece.functional, &mut out),
        }
        out
    }
}
