//! Elementary weights of one step, and of several steps in a row.
//!
//! With Φ the stage weights and Y their images, one step follows the pairs t = u∘v:
//! Φᵢ(u∘v) = Φᵢ(u)·Yᵢ(v) and Yᵢ(t) = y(t) + Σⱼ aᵢⱼΦⱼ(t), where y(t) is the weight of the steps before; after the step
//! y(t) + Σⱼ bⱼΦⱼ(t) takes its place. Scaled by the common denominator D of the tableau all of it is in integers:
//! D^(|t|-1)·Φ(t), D^|t|·Y(t) and D^|t|·y(t).

use dashu_base::BitTest;
use dashu_int::UBig;
use shadowflow_methods::{Exact, ExactInteger, ScaledTableau, Tableau};

use crate::error::SeriesError;
use crate::tree::{TreeId, Trees, tree_count};

/// Most memory that stored weights may take, in GiB, and most time, in minutes.
const MAX_GIBIBYTES: f64 = 4.0;
const MAX_MINUTES: f64 = 10.0;

/// Refuses orders whose weights would not fit in memory or take too long.
pub(crate) fn check_cost(
    tableau: &Tableau,
    scaled: &ScaledTableau,
    order: usize,
    steps: usize,
) -> Result<(), SeriesError> {
    let stages = tableau.stages();
    // Weights of a tree are integers over Dⁿ, times sums over steps of about n digits in base `steps`.
    let bits = (order - 1) as f64 * (scaled.denominator.bit_len() as f64 + 4.0);
    let parts = tableau.field().map_or(1.0, |field| field.degree() as f64);
    // Integers of up to 128 bits are kept in place; longer ones, on the average half the largest, apart.
    let apart = if bits > 128.0 { parts * bits / 16.0 } else { 0.0 };
    let bytes =
        tree_count(order - 1) * (2 * stages * steps) as f64 * (size_of::<ExactInteger>() as f64 + apart);
    let gibibytes = bytes / f64::from(1u32 << 30);

    // A product takes some 30 ns, and longer ones grow a little faster than their length, as measured on rkc(s=10).
    let products = scaled.a.iter().chain(&scaled.b).filter(|entry| !entry.is_zero()).count() + stages;
    let words = bits / 128.0;
    let seconds =
        tree_count(order) * (steps * products) as f64 * parts.powi(2) * (30.0 + 1.5 * words.powf(1.6)) * 1e-9;
    let minutes = seconds / 60.0;
    if gibibytes <= MAX_GIBIBYTES && minutes <= MAX_MINUTES {
        return Ok(());
    }
    let (max_gibibytes, max_minutes) = (MAX_GIBIBYTES, MAX_MINUTES);
    Err(SeriesError::TooCostly { requested: order, stages, gibibytes, minutes, max_gibibytes, max_minutes })
}

/// Calls `visit` for every tree t of the table with D^|t| times its weights after 1, 2, …, `steps` steps.
pub(crate) fn for_each_tree(
    trees: &Trees,
    tableau: &ScaledTableau,
    steps: usize,
    mut visit: impl FnMut(TreeId, &[ExactInteger]),
) {
    // Trees of the largest order are part of no other: only the smaller ones are kept.
    let mut kept: Vec<Values> = Vec::new();
    for tree in trees.iter() {
        let stage_weights = match trees.split(tree) {
            None => vec![ExactInteger::ONE; tableau.stages * steps],
            Some((trunk, branch)) => {
                let (u, v) = (&kept[trunk.index()].stage_weights, &kept[branch.index()].images);
                u.iter().zip(v).map(|(x, y)| x.times(y)).collect()
            }
        };
        let mut after = vec![ExactInteger::ZERO];
        for step in stage_weights.chunks(tableau.stages) {
            let mut weight = tableau.apply_b(step);
            weight += &after[after.len() - 1];
            after.push(weight);
        }
        visit(tree, &after[1..]);
        if trees.vertices(tree) < trees.order() {
            let images = stage_weights.chunks(tableau.stages).zip(&after).flat_map(|(step, before)| {
                let mut images = tableau.apply_a(step);
                images.iter_mut().for_each(|image| *image += before);
                images
            });
            kept.push(Values { images: images.collect(), stage_weights });
        }
    }
}

/// Stage by stage within a step, step after step.
struct Values {
    stage_weights: Vec<ExactInteger>,
    images: Vec<ExactInteger>,
}

/// The elementary weights a(t) = Σᵢ bᵢΦᵢ(t) of one step (GNI, §III.1), in the order of the table.
pub(crate) fn elementary_weights(tableau: &ScaledTableau, trees: &Trees) -> Vec<Exact> {
    let powers = powers(&tableau.denominator, trees.order());
    let mut weights = Vec::with_capacity(trees.len());
    for_each_tree(trees, tableau, 1, |tree, after| {
        weights.push(after[0].unscaled(&powers[trees.vertices(tree)]));
    });
    weights
}

/// 1, D, D², …
pub(crate) fn powers(base: &UBig, largest: usize) -> Vec<UBig> {
    let mut powers = vec![UBig::ONE];
    for k in 0..largest {
        powers.push(&powers[k] * base);
    }
    powers
}
