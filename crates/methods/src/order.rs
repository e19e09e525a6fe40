//! The order of accuracy, from the order conditions Σᵢ bᵢ Φᵢ(t) = 1/γ(t) over all rooted trees
//! (Butcher 1963; Hairer, Nørsett & Wanner 1993, Theorem II.2.13).

use dashu_int::{IBig, UBig};

use crate::exact::ExactInteger;
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
/// A method with s stages has order 2s at most (Butcher 1964), so the search ends.
pub(crate) fn of_accuracy(tableau: &Tableau) -> u32 {
    let scaled = tableau.scaled();
    let mut trees: Vec<Branch> = Vec::new();
    let mut power = UBig::ONE;
    let mut order = 0;
    loop {
        let first_new = trees.len();
        grow(&mut trees, order as usize + 1, &scaled);
        power *= &scaled.denominator;
        let target = ExactInteger::ONE.times_integer(&IBig::from(power.clone()));
        let holds = |tree: &Branch| {
            scaled.apply_b(&tree.stage_weights).times_integer(&IBig::from(tree.density.clone())) == target
        };
        if !trees[first_new..].iter().all(holds) {
            return order;
        }
        order += 1;
    }
}

/// Appends all trees with `order` vertices, each made once: from a smaller tree by one more child at the root that
/// does not come after the last child it has.
fn grow(trees: &mut Vec<Branch>, order: usize, scaled: &ScaledTableau) {
    if order == 1 {
        let ones = vec![ExactInteger::ONE; scaled.stages];
        let image = scaled.apply_a(&ones);
        trees.push(Branch { order, last_child: usize::MAX, stage_weights: ones, image, density: UBig::ONE });
        return;
    }
    let smaller = trees.len();
    for trunk in 0..smaller {
        let rest = order - trees[trunk].order;
        for child in 0..smaller.min(trees[trunk].last_child.saturating_add(1)) {
            if trees[child].order != rest {
                continue;
            }
            let (u, v) = (&trees[trunk], &trees[child]);
            let stage_weights: Vec<_> =
                u.stage_weights.iter().zip(&v.image).map(|(x, y)| x.times(y)).collect();
            let density = &u.density * &v.density * order / u.order;
            let image = scaled.apply_a(&stage_weights);
            trees.push(Branch { order, last_child: child, stage_weights, image, density });
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::exact::Exact;

    #[test]
    fn trees_are_counted_once() {
        // Numbers of rooted trees with 1, 2, … vertices (Cayley 1857; OEIS A000081).
        let euler = Tableau::new(vec![vec![Exact::ZERO]], vec![Exact::ONE]).unwrap().scaled();
        let mut trees = Vec::new();
        let mut counts = Vec::new();
        for order in 1..=9 {
            let before = trees.len();
            grow(&mut trees, order, &euler);
            counts.push(trees.len() - before);
        }
        assert_eq!(counts, [1, 1, 2, 4, 9, 20, 48, 115, 286]);
    }
}
