//! The modifying integrator: the field that makes a method follow the given equation exactly
//! (Chartier, Hairer & Vilmart 2007).
//!
//! The method applied to ẏ = Σ h^(|t|-1) c(t)/σ(t) F(t)(y) must have the weights 1/γ(t) of the exact flow. A field
//! evaluated at a stage is a composition of series: over every rooted subtree s of t,
//! K(t) = Σ c(s)·Π Y(cut-off branches) (GNI, Theorem III.1.10 read for fields). Its last term, s = t, is c(t) itself,
//! for every stage the same, so c(t) follows from Σᵢ bᵢKᵢ(t) = 1/γ(t), implicit methods included.

use std::collections::BTreeMap;

use shadowflow_methods::{Exact, Rational, Tableau};

use crate::tree::{TreeId, Trees};

/// For one tree: every rooted subtree s other than the tree itself, with Π Y(branches cut off) for each stage.
type Cuts = BTreeMap<TreeId, Vec<Exact>>;

/// The coefficients c(t), in the order of the table.
pub(crate) fn modifying_integrator(tableau: &Tableau, trees: &Trees) -> Vec<Exact> {
    let stages = tableau.stages();
    let mut coefficients: Vec<Exact> = Vec::with_capacity(trees.len());
    let mut cuts: Vec<Cuts> = Vec::with_capacity(trees.len());
    let mut images: Vec<Vec<Exact>> = Vec::with_capacity(trees.len());
    for tree in trees.iter() {
        let cut = match trees.split(tree) {
            None => Cuts::new(),
            Some((u, v)) => {
                joined_cuts(trees, (u, &cuts[u.index()]), (v, &cuts[v.index()]), &images[v.index()])
            }
        };
        // The field at each stage, without the term c(t).
        let mut field = vec![Exact::ZERO; stages];
        for (subtree, factors) in &cut {
            for (value, factor) in field.iter_mut().zip(factors) {
                *value = &*value + &(&coefficients[subtree.index()] * factor);
            }
        }
        let exact_weight = Exact::from(Rational::from_parts(1.into(), trees.density(tree).into()));
        let c = &exact_weight - &Exact::dot(tableau.b(), &field);
        for value in &mut field {
            *value = &*value + &c;
        }
        images.push((0..stages).map(|i| Exact::dot(tableau.row(i), &field)).collect());
        coefficients.push(c);
        cuts.push(cut);
    }
    coefficients
}

/// The cuts of u∘v: of u with v cut off or whole, and of u with v cut.
fn joined_cuts(
    trees: &Trees,
    (u, cuts_u): (TreeId, &Cuts),
    (v, cuts_v): (TreeId, &Cuts),
    image: &[Exact],
) -> Cuts {
    let whole = vec![Exact::ONE; image.len()];
    let subtrees_u: Vec<_> = cuts_u.iter().map(|(&s, f)| (s, f)).chain([(u, &whole)]).collect();
    let subtrees_v: Vec<_> = cuts_v.iter().map(|(&s, f)| (s, f)).chain([(v, &whole)]).collect();
    let mut joined = Cuts::new();
    let mut add = |subtree: TreeId, factors: Vec<Exact>| {
        let entry = joined.entry(subtree).or_insert_with(|| vec![Exact::ZERO; factors.len()]);
        for (sum, factor) in entry.iter_mut().zip(&factors) {
            *sum = &*sum + factor;
        }
    };
    for &(s, factors) in &subtrees_u {
        add(s, times(factors, image));
        for &(r, others) in &subtrees_v {
            if (s, r) != (u, v) {
                let grafted =
                    trees.graft(s, r).expect("a subtree has no more vertices than a tree of the table");
                add(grafted, times(factors, others));
            }
        }
    }
    joined
}

fn times(x: &[Exact], y: &[Exact]) -> Vec<Exact> {
    x.iter().zip(y).map(|(x, y)| x * y).collect()
}
