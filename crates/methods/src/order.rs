//! The order conditions Σᵢ bᵢ Φᵢ(t) = 1/γ(t) over all rooted trees, and the order of accuracy they decide
//! (Butcher 1963; Hairer, Nørsett & Wanner 1993, Theorem II.2.13).

use dashu_int::{IBig, UBig};

use crate::exact::{Exact, ExactInteger, Rational};
use crate::tableau::{ScaledTableau, Tableau};

/// How far a method is from one order condition.
///
/// ```
/// use shadowflow_methods::{Exact, Method};
/// let euler = Method::named("euler")?;
/// let condition = &euler.tableau().order_conditions(2)[0];
/// assert_eq!(condition.tree, [1, 2]);
/// assert_eq!(condition.residual, Exact::ratio(-1, 2));
/// # Ok::<(), shadowflow_methods::MethodError>(())
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct OrderCondition {
    /// The tree t as its canonical level sequence.
    pub tree: Vec<u8>,
    /// Its symmetry σ(t).
    pub symmetry: u64,
    /// Its density γ(t).
    pub density: u64,
    /// Σᵢ bᵢ Φᵢ(t) - 1/γ(t), for an approximate tableau up to `uncertainty`.
    pub residual: Exact,
    /// How far the coefficients of an approximate tableau leave the residual open; 0 for exact ones.
    pub uncertainty: f64,
}

impl OrderCondition {
    /// Whether the condition is met; by an approximate tableau, to its precision.
    pub fn holds(&self) -> bool {
        self.residual.is_zero()
            || (self.uncertainty > 0.0 && self.residual.to_f64().abs() <= self.uncertainty)
    }
}

/// What the conditions need of a tree t, for a tableau scaled by D: its stage weights D^(|t|-1)·Φ(t), their images
/// D^|t|·AΦ(t), its density γ(t) and its symmetry σ(t).
struct Branch {
    order: usize,
    children: Vec<usize>,
    stage_weights: Vec<ExactInteger>,
    image: Vec<ExactInteger>,
    density: u64,
    symmetry: u64,
    spread: Spread,
}

/// The largest p for which all conditions of trees with at most p vertices hold.
///
/// The bushy trees alone give an upper bound, B(p); with it the simplifying assumptions C(η) and D(ζ) give a lower one,
/// min(p, η + ζ + 1, 2η + 2) (Butcher 1964, Theorem 7). Gauss, Radau, Lobatto and all collocation methods meet both and are
/// done; for the others every tree is asked. A method of s stages has order 2s at most, so the search ends.
pub(crate) fn of_accuracy(tableau: &Tableau) -> u32 {
    if tableau.digits().is_none() {
        let quadrature = quadrature_order(tableau);
        let (eta, zeta) = (collocation_order(tableau, quadrature), conjugate_order(tableau, quadrature));
        if quadrature <= (eta + zeta + 1).min(2 * eta + 2) {
            return quadrature;
        }
    }
    by_trees(tableau)
}

/// The largest p with B(p): Σ bᵢcᵢ^(k-1) = 1/k for k ≤ p.
pub(crate) fn quadrature_order(tableau: &Tableau) -> u32 {
    holds_through(2 * tableau.stages() as u32, |k| {
        let moment = Exact::dot(tableau.b(), &powers(tableau.c(), k - 1));
        tableau.is_negligible(&(&moment - &Exact::ratio(1, i64::from(k))))
    })
}

/// The largest η ≤ `limit` with C(η): Σⱼ aᵢⱼcⱼ^(k-1) = cᵢᵏ/k for every stage and k ≤ η.
pub(crate) fn collocation_order(tableau: &Tableau, limit: u32) -> u32 {
    holds_through(limit, |k| {
        let (lower, upper) = (powers(tableau.c(), k - 1), powers(tableau.c(), k));
        let share = Exact::ratio(1, i64::from(k));
        (0..tableau.stages())
            .all(|i| tableau.is_negligible(&(&Exact::dot(tableau.row(i), &lower) - &(&upper[i] * &share))))
    })
}

/// The largest ζ ≤ `limit` with D(ζ): Σᵢ bᵢcᵢ^(k-1)aᵢⱼ = bⱼ(1 - cⱼᵏ)/k for every stage and k ≤ ζ.
fn conjugate_order(tableau: &Tableau, limit: u32) -> u32 {
    let stages = 0..tableau.stages();
    holds_through(limit, |k| {
        let (lower, upper) = (powers(tableau.c(), k - 1), powers(tableau.c(), k));
        let share = Exact::ratio(1, i64::from(k));
        stages.clone().all(|j| {
            let left = stages
                .clone()
                .fold(Exact::ZERO, |sum, i| &sum + &(&(&tableau.b()[i] * &lower[i]) * &tableau.row(i)[j]));
            left == &(&tableau.b()[j] * &(&Exact::ONE - &upper[j])) * &share
        })
    })
}

/// The largest k ≤ `limit` through which a condition holds.
fn holds_through(limit: u32, condition: impl Fn(u32) -> bool) -> u32 {
    (1..=limit).take_while(|&k| condition(k)).count() as u32
}

fn powers(nodes: &[Exact], exponent: u32) -> Vec<Exact> {
    nodes.iter().map(|node| node.pow(exponent)).collect()
}

fn by_trees(tableau: &Tableau) -> u32 {
    let mut conditions = Conditions::of(tableau);
    let mut order = 0;
    while conditions.next_order_holds() {
        order += 1;
    }
    order
}

/// The conditions of all trees with `order` vertices.
pub(crate) fn conditions(tableau: &Tableau, order: u32) -> Vec<OrderCondition> {
    let mut conditions = Conditions::of(tableau);
    (0..order).for_each(|_| conditions.grow());
    let trees = &conditions.trees;
    trees.newest().map(|tree| conditions.condition(&trees.all[tree], trees.levels(tree))).collect()
}

/// The trees so far and what they say of a tableau.
struct Conditions {
    scaled: ScaledTableau,
    uncertain: Option<Uncertain>,
    trees: Trees,
    power: UBig,
}

impl Conditions {
    fn of(tableau: &Tableau) -> Conditions {
        let (scaled, uncertain) = match tableau.digits() {
            None => (tableau.scaled(), None),
            Some(digits) => (rounded(tableau, digits), Some(Uncertain::of(tableau, digits))),
        };
        Conditions { scaled, uncertain, trees: Trees { all: Vec::new(), first: vec![0] }, power: UBig::ONE }
    }

    fn grow(&mut self) {
        self.trees.grow(&self.scaled, self.uncertain.as_ref());
        self.power *= &self.scaled.denominator;
    }

    fn next_order_holds(&mut self) -> bool {
        self.grow();
        let target = ExactInteger::ONE.times_integer(&IBig::from(self.power.clone()));
        let holds = |tree: &Branch| match self.uncertain {
            // Without fractions, D^|t|·γ(t) times the condition.
            None => self.scaled.apply_b(&tree.stage_weights).times_integer(&tree.density.into()) == target,
            Some(_) => self.condition(tree, Vec::new()).holds(),
        };
        self.trees.newest().all(|tree| holds(&self.trees.all[tree]))
    }

    fn condition(&self, tree: &Branch, levels: Vec<u8>) -> OrderCondition {
        let weight = self.scaled.apply_b(&tree.stage_weights).unscaled(&self.power);
        let exact = Exact::from(Rational::from_parts(IBig::ONE, tree.density.into()));
        OrderCondition {
            tree: levels,
            symmetry: tree.symmetry,
            density: tree.density,
            residual: &weight - &exact,
            uncertainty: self.uncertain.as_ref().map_or(0.0, |uncertain| uncertain.of_weight(&tree.spread)),
        }
    }
}

/// The entries to a few digits more than are known, over one short denominator.
fn rounded(tableau: &Tableau, digits: u32) -> ScaledTableau {
    let denominator = UBig::from(10u8).pow(digits as usize + 4);
    let scale = Rational::from(denominator.clone());
    let round = |entry: &Exact| match entry.as_rational() {
        Some(value) => ExactInteger::Integer((value * &scale).round()),
        None => ExactInteger::ZERO,
    };
    let a = (0..tableau.stages()).flat_map(|i| tableau.row(i).iter().map(round)).collect();
    ScaledTableau { stages: tableau.stages(), a, b: tableau.b().iter().map(round).collect(), denominator }
}

/// Bounds for a tree, stage by stage: a majorant of the stage weight, and its derivative if every entry of the tableau
/// grows at rate 1.
#[derive(Clone, Default)]
struct Spread {
    weights: Vec<(f64, f64)>,
    images: Vec<(f64, f64)>,
}

/// The sizes of the entries of an approximate tableau, and how far each can be off.
struct Uncertain {
    stages: usize,
    a: Vec<f64>,
    b: Vec<f64>,
    error: f64,
}

impl Uncertain {
    fn of(tableau: &Tableau, digits: u32) -> Uncertain {
        let sizes = |entries: Vec<f64>| entries.into_iter().map(f64::abs).collect();
        // Entries are off by half a unit of the last digit; the rest is room for the roundings of this very bound.
        let error = 0.6 * 10f64.powi(-(digits as i32));
        Uncertain { stages: tableau.stages(), a: sizes(tableau.a_f64()), b: sizes(tableau.b_f64()), error }
    }

    /// One row of entries times a vector of majorants. Entries that are 0 are so by design.
    fn apply(row: &[f64], v: &[(f64, f64)]) -> (f64, f64) {
        row.iter()
            .zip(v)
            .filter(|(a, _)| **a > 0.0)
            .fold((0.0, 0.0), |(size, slope), (a, (x, dx))| (size + a * x, slope + x + a * dx))
    }

    fn with_images(&self, weights: Vec<(f64, f64)>) -> Spread {
        Spread {
            images: self.a.chunks(self.stages).map(|row| Uncertain::apply(row, &weights)).collect(),
            weights,
        }
    }

    fn joined(&self, trunk: &Spread, child: &Spread) -> Spread {
        let product = |((x, dx), (y, dy)): (&(f64, f64), &(f64, f64))| (x * y, x * dy + dx * y);
        self.with_images(trunk.weights.iter().zip(&child.images).map(product).collect())
    }

    fn of_weight(&self, spread: &Spread) -> f64 {
        self.error * Uncertain::apply(&self.b, &spread.weights).1
    }
}

/// Trees by order; `first[n-1]` is where those with n vertices begin.
struct Trees {
    all: Vec<Branch>,
    first: Vec<usize>,
}

impl Trees {
    /// Those of the largest order.
    fn newest(&self) -> std::ops::Range<usize> {
        match self.first[..] {
            [.., start, end] => start..end,
            _ => 0..0,
        }
    }

    /// Appends the trees of the next order, each made once: from a smaller tree by one more child at the root that does
    /// not come after the last child it has.
    fn grow(&mut self, scaled: &ScaledTableau, uncertain: Option<&Uncertain>) {
        let order = self.first.len();
        if order == 1 {
            let ones = vec![ExactInteger::ONE; scaled.stages];
            self.all.push(Branch {
                order,
                children: Vec::new(),
                image: scaled.apply_a(&ones),
                stage_weights: ones,
                density: 1,
                symmetry: 1,
                spread: uncertain
                    .map_or(Spread::default(), |u| u.with_images(vec![(1.0, 0.0); scaled.stages])),
            });
        }
        for trunk in 0..self.first[order - 1] {
            let rest = order - self.all[trunk].order;
            let allowed = self.all[trunk].children.last().map_or(usize::MAX, |last| last + 1);
            for child in self.first[rest - 1]..self.first[rest].min(allowed) {
                let (u, v) = (&self.all[trunk], &self.all[child]);
                let stage_weights: Vec<_> =
                    u.stage_weights.iter().zip(&v.image).map(|(x, y)| x.times(y)).collect();
                let children: Vec<usize> = u.children.iter().copied().chain([child]).collect();
                let copies = children.iter().filter(|&&other| other == child).count() as u64;
                self.all.push(Branch {
                    order,
                    image: scaled.apply_a(&stage_weights),
                    stage_weights,
                    density: u.density * v.density * order as u64 / u.order as u64,
                    symmetry: u.symmetry * v.symmetry * copies,
                    spread: uncertain.map_or(Spread::default(), |bounds| bounds.joined(&u.spread, &v.spread)),
                    children,
                });
            }
        }
        self.first.push(self.all.len());
    }

    /// The lexicographically largest level sequence.
    fn levels(&self, tree: usize) -> Vec<u8> {
        let mut branches: Vec<_> = self.all[tree].children.iter().map(|&child| self.levels(child)).collect();
        branches.sort_unstable_by(|x, y| y.cmp(x));
        std::iter::once(1).chain(branches.into_iter().flatten().map(|level| level + 1)).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::catalogue::Method;

    #[test]
    fn trees_are_counted_once() {
        // Numbers of rooted trees with 1, 2, … vertices (Cayley 1857; OEIS A000081).
        let euler = Tableau::new(vec![vec![Exact::ZERO]], vec![Exact::ONE]).unwrap().scaled();
        let mut trees = Trees { all: Vec::new(), first: vec![0] };
        (1..=9).for_each(|_| trees.grow(&euler, None));
        let counts: Vec<_> = trees.first.windows(2).map(|pair| pair[1] - pair[0]).collect();
        assert_eq!(counts, [1, 1, 2, 4, 9, 20, 48, 115, 286]);
        // Σ n!/(σγ) over the trees with n vertices counts the increasing labellings: (n-1)! of them.
        let labellings: u64 =
            trees.newest().map(|t| 362_880 / (trees.all[t].symmetry * trees.all[t].density)).sum();
        assert_eq!(labellings, 40_320);
    }

    #[test]
    fn the_short_way_agrees_with_all_trees() {
        for method in Method::all() {
            // Fields of degree above 2 make the many trees of high order slow.
            if method.tableau().field().is_none_or(|field| field.degree() <= 2) {
                assert_eq!(of_accuracy(method.tableau()), by_trees(method.tableau()), "{}", method.name());
            }
        }
    }

    #[test]
    fn residuals_of_heun_are_known() {
        // bᵢ = 1/2, c = (0, 1): Σbc² = 1/2 and Σbᵢaᵢⱼcⱼ = 0, instead of 1/3 and 1/6.
        let heun = Method::named("heun").unwrap();
        let found: Vec<_> = conditions(heun.tableau(), 3)
            .into_iter()
            .map(|c| (c.tree, c.symmetry, c.density, c.residual))
            .collect();
        let expected =
            [(vec![1, 2, 3], 1, 6, Exact::ratio(-1, 6)), (vec![1, 2, 2], 2, 3, Exact::ratio(1, 6))];
        assert!(expected.iter().all(|condition| found.contains(condition)) && found.len() == 2, "{found:?}");
    }
}
