//! The order of accuracy, from the order conditions Σᵢ bᵢ Φᵢ(t) = 1/γ(t) over all rooted trees
//! (Butcher 1963; Hairer, Nørsett & Wanner 1993, Theorem II.2.13).

use dashu_int::{IBig, UBig};

use crate::exact::{Exact, ExactInteger};
use crate::tableau::{ScaledTableau, Tableau};

/// What the conditions need of a tree t, for a tableau scaled by D: its stage weights D^(|t|-1)·Φ(t), their images
/// D^|t|·AΦ(t), and its density γ(t).
struct Branch {
    order: usize,
    last_child: usize,
    stage_weights: Vec<ExactInteger>,
    image: Vec<ExactInteger>,
    density: UBig,
}

/// The largest p for which all conditions of trees with at most p vertices hold.
///
/// The bushy trees alone give an upper bound, B(p); with it the simplifying assumptions C(η) and D(ζ) give a lower one,
/// min(p, η + ζ + 1, 2η + 2) (Butcher 1964, Theorem 7). Gauss, Radau, Lobatto and all collocation methods meet both and are
/// done; for the others every tree is asked. A method of s stages has order 2s at most, so the search ends.
pub(crate) fn of_accuracy(tableau: &Tableau) -> u32 {
    let quadrature = quadrature_order(tableau);
    let (eta, zeta) = (stage_order(tableau, quadrature), conjugate_stage_order(tableau, quadrature));
    if quadrature <= (eta + zeta + 1).min(2 * eta + 2) {
        return quadrature;
    }
    by_trees(tableau)
}

/// The largest p with B(p): Σ bᵢcᵢ^(k-1) = 1/k for k ≤ p.
fn quadrature_order(tableau: &Tableau) -> u32 {
    holds_through(2 * tableau.stages() as u32, |k| {
        let moment = Exact::dot(tableau.b(), &powers(tableau.c(), k - 1));
        moment == Exact::ratio(1, i64::from(k))
    })
}

/// The largest η ≤ `limit` with C(η): Σⱼ aᵢⱼcⱼ^(k-1) = cᵢᵏ/k for every stage and k ≤ η.
fn stage_order(tableau: &Tableau, limit: u32) -> u32 {
    holds_through(limit, |k| {
        let (lower, upper) = (powers(tableau.c(), k - 1), powers(tableau.c(), k));
        let share = Exact::ratio(1, i64::from(k));
        (0..tableau.stages()).all(|i| Exact::dot(tableau.row(i), &lower) == &upper[i] * &share)
    })
}

/// The largest ζ ≤ `limit` with D(ζ): Σᵢ bᵢcᵢ^(k-1)aᵢⱼ = bⱼ(1 - cⱼᵏ)/k for every stage and k ≤ ζ.
fn conjugate_stage_order(tableau: &Tableau, limit: u32) -> u32 {
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
    let scaled = tableau.scaled();
    let mut trees = Trees { all: Vec::new(), first: vec![0] };
    let mut power = UBig::ONE;
    let mut order = 0;
    loop {
        let first_new = trees.all.len();
        trees.grow(&scaled);
        power *= &scaled.denominator;
        let target = ExactInteger::ONE.times_integer(&IBig::from(power.clone()));
        let holds = |tree: &Branch| {
            scaled.apply_b(&tree.stage_weights).times_integer(&IBig::from(tree.density.clone())) == target
        };
        if !trees.all[first_new..].iter().all(holds) {
            return order;
        }
        order += 1;
    }
}

/// Trees by order; `first[n-1]` is where those with n vertices begin.
struct Trees {
    all: Vec<Branch>,
    first: Vec<usize>,
}

impl Trees {
    /// Appends the trees of the next order, each made once: from a smaller tree by one more child at the root that does
    /// not come after the last child it has.
    fn grow(&mut self, scaled: &ScaledTableau) {
        let order = self.first.len();
        if order == 1 {
            let ones = vec![ExactInteger::ONE; scaled.stages];
            let image = scaled.apply_a(&ones);
            self.all.push(Branch {
                order,
                last_child: usize::MAX,
                stage_weights: ones,
                image,
                density: UBig::ONE,
            });
        }
        for trunk in 0..self.first[order - 1] {
            let rest = order - self.all[trunk].order;
            let allowed = self.all[trunk].last_child.saturating_add(1);
            for child in self.first[rest - 1]..self.first[rest].min(allowed) {
                let (u, v) = (&self.all[trunk], &self.all[child]);
                let stage_weights: Vec<_> =
                    u.stage_weights.iter().zip(&v.image).map(|(x, y)| x.times(y)).collect();
                let density = &u.density * &v.density * order / u.order;
                let image = scaled.apply_a(&stage_weights);
                self.all.push(Branch { order, last_child: child, stage_weights, image, density });
            }
        }
        self.first.push(self.all.len());
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
        (1..=9).for_each(|_| trees.grow(&euler));
        let counts: Vec<_> = trees.first.windows(2).map(|pair| pair[1] - pair[0]).collect();
        assert_eq!(counts, [1, 1, 2, 4, 9, 20, 48, 115, 286]);
    }

    #[test]
    fn the_short_way_agrees_with_all_trees() {
        for method in Method::all() {
            assert_eq!(of_accuracy(method.tableau()), by_trees(method.tableau()), "{}", method.name());
        }
    }
}
