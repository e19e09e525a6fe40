//! Exact coefficients of a method over all trees of an order: walks modulo primes, lifted to integers.
//!
//! With D a common denominator of the tableau and N steps, Dⁿ·y(t) is an algebraic integer for every tree t with n vertices,
//! and so is what a functional with denominator d gives, times d. So the coefficients of one order are integers over one
//! known denominator: no fraction is guessed, and an integer is wrong with a chance of 2⁻⁶¹ (see `lift`).

use std::ops::ControlFlow;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

use dashu_int::UBig;
use shadowflow_methods::Tableau;

use crate::arithmetic::lcm;
use crate::entries::{Entries, Residues};
use crate::error::SeriesError;
use crate::lift::{Integers, lift};
use crate::parametric::MAX_PARAMETRIC_ORDER;
use crate::place::residue_of_natural;
use crate::ranking::Counts;
use crate::residue::Prime;
use crate::tree::Trees;
use crate::walk::{Piece, Steps, Walk};

/// Trees in one piece of work, where a walk is cut.
const GRAIN: u128 = 1 << 16;

/// Trees of one order from which on all cores work.
const MANY: u128 = 1 << 19;

/// Trees that are worked off before their coefficients are handed on.
pub(crate) const WAVE: u128 = 1 << 22;

/// What is asked of every tree.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Quantity {
    /// The weight a(t) of one step.
    Weight,
    /// The coefficient b(t) of the modified equation: the weight of N steps is a polynomial of degree ≤ |t| in N that
    /// vanishes at 0, the flow of the modified equation interpolates it, so b(t) is its derivative there. Through the
    /// values w₁ … wₙ, n = |t|, that is Σⱼ (-1)^(j-1)/j · C(n,j)·wⱼ.
    Modified,
}

impl Quantity {
    /// The number of steps that trees with `n` vertices need.
    fn steps(self, n: usize) -> usize {
        match self {
            Quantity::Weight => 1,
            Quantity::Modified => n,
        }
    }

    /// The denominator of the functional for `n` vertices.
    fn denominator(self, n: usize) -> u64 {
        match self {
            Quantity::Weight => 1,
            Quantity::Modified => (1..=n as u64).fold(1, lcm),
        }
    }

    /// What each step's addition counts, modulo a prime.
    fn factors(self, n: usize, prime: Prime) -> Vec<u64> {
        if self == Quantity::Weight {
            return vec![1];
        }
        // The addition of step k is part of w_(k+1), …, wₙ.
        let inverses = prime.inverses(n);
        let (mut binomial, mut sum) = (1, 0);
        let mut factors = vec![0; n];
        for k in (0..n).rev() {
            // C(n, k+1), from C(n, n) down.
            let j = k as u64 + 1;
            let term = prime.times(binomial, inverses[k + 1]);
            sum = if k % 2 == 0 { prime.plus(sum, term) } else { prime.minus(sum, term) };
            factors[k] = sum;
            binomial = prime.times(prime.times(binomial, j), inverses[n - k]);
        }
        factors
    }
}

/// A method ready for its series.
#[derive(Debug)]
pub(crate) struct Engine {
    quantity: Quantity,
    entries: Arc<Entries>,
}

impl Engine {
    pub(crate) fn new(quantity: Quantity, tableau: &Tableau) -> Engine {
        Engine { quantity, entries: Arc::new(Entries::of(tableau)) }
    }

    pub(crate) fn entries(&self) -> &Arc<Entries> {
        &self.entries
    }

    /// The common denominator of the coefficients of trees with `n` vertices.
    pub(crate) fn denominator(&self, n: usize) -> UBig {
        self.entries.denominator().pow(n) * self.quantity.denominator(n)
    }

    /// Whether there are primes enough for trees with `n` vertices.
    pub(crate) fn covers(&self, n: usize) -> bool {
        self.entries.cover(&self.denominator(n))
    }

    pub(crate) fn field_too_large(&self, order: usize, needed: usize) -> SeriesError {
        let degree = self.entries.degree();
        SeriesError::FieldTooLarge { order, degree, needed, limit: MAX_PARAMETRIC_ORDER }
    }

    /// How many primes the coefficients are expected to take.
    pub(crate) fn expected_primes(&self, n: usize) -> usize {
        Entries::expected_primes(&self.denominator(n))
    }

    /// Additions and multiplications modulo a prime for one tree with `n` vertices.
    pub(crate) fn work(&self, n: usize) -> f64 {
        let entries = &self.entries;
        (self.quantity.steps(n) * entries.stages() * self.expected_primes(n) * entries.degree()) as f64
    }

    /// Hands the numerators of all trees with `n` vertices to `sink`, in the order of tables, some at a time: one list of
    /// integers for every coordinate of the field. `half` must hold the trees with half as many vertices at least.
    pub(crate) fn order(
        &self,
        n: usize,
        half: &Trees,
        counts: &Counts,
        mut sink: impl FnMut(Vec<Integers>) -> ControlFlow<()>,
    ) -> Result<ControlFlow<()>, SeriesError> {
        let runs = Runs::new(self, n, half, counts);
        let first = runs.get(0)?;
        let pieces = &first.pieces[0];
        if counts.of_order(n) < MANY {
            for piece in 0..pieces.len() {
                if sink(runs.lifted(piece)?).is_break() {
                    return Ok(ControlFlow::Break(()));
                }
            }
            return Ok(ControlFlow::Continue(()));
        }
        let threads = std::thread::available_parallelism().map_or(1, usize::from);
        // Pieces are worked off in waves, so that few finished ones wait for their turn.
        let mut begin = 0;
        while begin < pieces.len() {
            let (mut end, mut trees) = (begin, 0);
            while end < pieces.len() && (end < begin + threads || trees + pieces[end].trees <= WAVE) {
                trees += pieces[end].trees;
                end += 1;
            }
            let wave: Vec<usize> = (begin..end).collect();
            begin = end;
            let slots: Vec<OnceLock<Result<Vec<Integers>, SeriesError>>> =
                wave.iter().map(|_| OnceLock::new()).collect();
            let next = AtomicUsize::new(0);
            std::thread::scope(|scope| {
                for _ in 0..threads {
                    scope.spawn(|| {
                        loop {
                            let index = next.fetch_add(1, Ordering::Relaxed);
                            let (Some(slot), Some(&piece)) = (slots.get(index), wave.get(index)) else {
                                break;
                            };
                            slot.get_or_init(|| runs.lifted(piece));
                        }
                    });
                }
            });
            for slot in slots {
                let lifted =
                    slot.into_inner().expect("the threads of a wave fill every slot before they are joined");
                if sink(lifted?).is_break() {
                    return Ok(ControlFlow::Break(()));
                }
            }
        }
        Ok(ControlFlow::Continue(()))
    }
}

/// The walks of one order modulo one prime after the other, made when they are first needed.
struct Runs<'a> {
    engine: &'a Engine,
    n: usize,
    half: &'a Trees,
    counts: &'a Counts,
    expected_primes: usize,
    made: Mutex<Vec<Arc<Run<'a>>>>,
}

/// All walks modulo one prime, one for each root of the minimal polynomial, with their pieces.
struct Run<'a> {
    residues: Arc<Residues>,
    walks: Vec<Walk<'a>>,
    pieces: Vec<Vec<Piece>>,
}

impl<'a> Runs<'a> {
    fn new(engine: &'a Engine, n: usize, half: &'a Trees, counts: &'a Counts) -> Runs<'a> {
        Runs { engine, n, half, counts, expected_primes: engine.expected_primes(n), made: Mutex::default() }
    }

    fn get(&self, index: usize) -> Result<Arc<Run<'a>>, SeriesError> {
        let mut made = self.made.lock().unwrap_or_else(PoisonError::into_inner);
        while made.len() <= index {
            let residues = self.engine.entries.residues(made.len());
            let residues = residues.ok_or_else(|| self.engine.field_too_large(self.n, index + 1))?;
            made.push(Arc::new(self.run(residues)));
        }
        Ok(made[index].clone())
    }

    fn run(&self, residues: Arc<Residues>) -> Run<'a> {
        let (engine, n, prime) = (self.engine, self.n, residues.place.prime);
        let scale = residue_of_natural(prime, &engine.denominator(n));
        let factors: Vec<u64> =
            engine.quantity.factors(n, prime).iter().map(|&factor| prime.times(factor, scale)).collect();
        let walk = |root: usize| {
            let (a, b) = residues.at(root);
            Walk::new(Steps::new(prime, engine.quantity.steps(n), &a, b), self.half)
        };
        let walks: Vec<Walk<'a>> = (0..residues.place.roots.len()).map(walk).collect();
        let cut = |walk: &Walk| walk.pieces(n, walk.steps.functional(&factors), self.counts, GRAIN);
        let pieces = walks.iter().map(cut).collect();
        Run { residues, walks, pieces }
    }

    /// The numerators of a piece, a list for every coordinate.
    fn lifted(&self, piece: usize) -> Result<Vec<Integers>, SeriesError> {
        let mut primes = Vec::new();
        // By coordinate, then by prime, then by tree.
        let mut residues: Vec<Vec<Vec<u64>>> = vec![Vec::new(); self.engine.entries.degree()];
        loop {
            let run = self.get(primes.len())?;
            primes.push(run.residues.place.prime);
            for (all, values) in residues.iter_mut().zip(run.coordinates(piece)) {
                all.push(values);
            }
            if primes.len() >= self.expected_primes
                && let Some(lifted) = residues.iter().map(|values| lift(&primes, values)).collect()
            {
                return Ok(lifted);
            }
        }
    }
}

impl Run<'_> {
    /// The coordinates of the values of a piece, a list over trees for each.
    fn coordinates(&self, piece: usize) -> Vec<Vec<u64>> {
        let values: Vec<Vec<u64>> =
            self.walks.iter().zip(&self.pieces).map(|(walk, pieces)| walk.values(&pieces[piece])).collect();
        if values.len() == 1 {
            return values;
        }
        let at = |k: usize| {
            let tree = |tree: usize| self.residues.place.coordinate(k, values.iter().map(|root| root[tree]));
            (0..values[0].len()).map(tree).collect()
        };
        (0..values.len()).map(at).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_functional_differentiates_at_zero() {
        // p(N) = 7N - 3N² + N⁴ has linear coefficient 7, also when read with more values than needed.
        let p = |j: i64| 7 * j - 3 * j.pow(2) + j.pow(4);
        for prime in Prime::all().take(3) {
            for n in 4..=12 {
                let additions = (0..n as i64).map(|k| prime.of_integer(p(k + 1) - p(k)));
                let factors = Quantity::Modified.factors(n, prime);
                let sum =
                    factors.iter().zip(additions).fold(0, |sum, (&f, a)| prime.plus(sum, prime.times(f, a)));
                assert_eq!(sum, 7);
            }
        }
    }
}
