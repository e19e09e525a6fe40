//! Laws that every series obeys, on the whole catalogue and on random tableaus.

#![allow(clippy::unwrap_used)] // a failed unwrap is a failed test

use proptest::prelude::*;
use shadowflow_bseries::{Series, TreeId, Trees};
use shadowflow_methods::{Exact, Method, Rational, Tableau};

fn sign(exponent: usize) -> Exact {
    Exact::from(if exponent.is_multiple_of(2) { 1 } else { -1 })
}

fn tall(n: usize) -> Vec<u8> {
    (1..=n as u8).collect()
}

/// Coefficients of log R(z) through z^n, from R'/R.
fn log_of_stability_function(tableau: &Tableau, n: usize) -> Vec<Exact> {
    let r = tableau.stability_function();
    let at = |p: &[Exact], k: usize| p.get(k).cloned().unwrap_or(Exact::ZERO);
    // R as a power series: P = R·Q.
    let (p, q) = (r.numerator().coefficients(), r.denominator().coefficients());
    let mut series = Vec::new();
    for k in 0..=n {
        let known = (1..=k).fold(Exact::ZERO, |sum, j| &sum + &(&at(q, j) * &series[k - j]));
        series.push(&at(p, k) - &known);
    }
    // k·r_k = Σ j·l_j·r_(k-j)
    let mut logarithm = vec![Exact::ZERO];
    for k in 1..=n {
        let known = (1..k)
            .fold(Exact::ZERO, |sum, j| &sum + &(&(&Exact::from(j as i64) * &logarithm[j]) * &series[k - j]));
        let rest = &(&Exact::from(k as i64) * &series[k]) - &known;
        logarithm.push(&rest * &Exact::ratio(1, k as i64));
    }
    logarithm
}

#[test]
fn tall_trees_carry_the_logarithm_of_r() {
    for method in Method::exact() {
        let series = Series::modified(method.tableau(), 6).unwrap();
        let logarithm = log_of_stability_function(method.tableau(), 6);
        for (n, expected) in logarithm.iter().enumerate().skip(1) {
            let tree = series.trees().find(&tall(n)).unwrap();
            assert_eq!(&series.coefficient(tree), expected, "{} at order {n}", method.name());
        }
    }
}

#[test]
fn coefficients_vanish_up_to_the_order_of_accuracy_and_not_beyond() {
    for method in Method::exact() {
        let p = method.tableau().order() as usize;
        // Trees of order 11 in a field of degree 8 take minutes.
        if method.tableau().field().is_some_and(|field| field.degree() > 3) {
            continue;
        }
        let series = Series::modified(method.tableau(), p + 1).unwrap();
        let trees = series.trees();
        let vanishes = |n: usize| trees.of_order(n).all(|t| series.coefficient(t).is_zero());
        assert!((2..=p).all(vanishes) && !vanishes(p + 1), "{}", method.name());
    }
}

#[test]
fn symmetric_methods_have_even_modified_equations() {
    for name in ["implicit-midpoint", "trapezoidal", "gauss4", "gauss6", "lobatto-iiia-4", "lobatto-iiib-4"] {
        let method = Method::named(name).unwrap();
        let series = Series::modified(method.tableau(), 8).unwrap();
        for n in [2, 4, 6, 8] {
            assert!(
                series.trees().of_order(n).all(|t| series.coefficient(t).is_zero()),
                "{name} at order {n}"
            );
        }
    }
}

#[test]
fn modifying_integrators_of_the_euler_methods_are_exact_flows() {
    // y + h f̃(y) is the flow over h when f̃ has the weights 1/γ; backwards for the implicit method.
    let modifying = |name: &str| Series::modifying(Method::named(name).unwrap().tableau(), 7).unwrap();
    let (explicit, implicit) = (modifying("euler"), modifying("implicit-euler"));
    let trees = explicit.trees();
    for tree in trees.iter() {
        let weight = Exact::from(Rational::from_parts(1.into(), trees.density(tree).into()));
        assert_eq!(explicit.coefficient(tree), weight);
        assert_eq!(implicit.coefficient(tree), &sign(trees.vertices(tree) - 1) * &weight);
    }
}

#[test]
fn modifying_and_modified_first_differ_in_sign() {
    // Both perturb the field by the leading error, in opposite directions.
    for name in ["euler", "heun", "rk4", "implicit-midpoint", "gauss4", "radau-iia-3", "sdirk2"] {
        let method = Method::named(name).unwrap();
        let n = method.tableau().order() as usize + 1;
        let modified = Series::modified(method.tableau(), n).unwrap();
        let modifying = Series::modifying(method.tableau(), n).unwrap();
        for tree in modified.trees().of_order(n) {
            assert_eq!(modified.coefficient(tree), -&modifying.coefficient(tree), "{name}");
        }
    }
}

/// The Lie-derivative recursion, an independent route to b: the flow of the modified field has the weights of the step.
/// With λ the coefficients of the field, the j-th Lie derivative at h = 0 is the sum over all ways to peel j rooted pieces,
/// here computed from the product rule over one edge cut at a time: (∂_b a)(t) = Σ over edges of b(cut branch)·a(rest).
fn by_lie_recursion(weights: &Series) -> Vec<Exact> {
    let trees = weights.trees();
    let mut b: Vec<Exact> = Vec::new();
    for tree in trees.iter() {
        // derivatives[j][s] = coefficient of the j-fold Lie derivative, j ≥ 1, for every tree up to this one.
        let mut total = Exact::ZERO;
        let mut factorial = Exact::ONE;
        let mut level: Vec<Exact> = b.clone();
        level.push(Exact::ZERO);
        for j in 2..=trees.vertices(tree) {
            factorial = &factorial * &Exact::from(j as i64);
            level = trees
                .iter()
                .take(tree.index() + 1)
                .map(|s| {
                    cuts(trees, s).iter().fold(Exact::ZERO, |sum, (rest, branch)| {
                        &sum + &(&level[rest.index()] * &b[branch.index()])
                    })
                })
                .collect();
            let share = level[tree.index()].checked_div(&factorial).unwrap();
            total = &total + &share;
        }
        b.push(&weights.coefficient(tree) - &total);
    }
    b
}

/// Every way to cut one edge: what stays with the root, and the branch cut off; one entry for each edge.
fn cuts(trees: &Trees, tree: TreeId) -> Vec<(TreeId, TreeId)> {
    let children = trees.children(tree);
    let mut found = Vec::new();
    for (k, &child) in children.iter().enumerate() {
        let mut others = children.clone();
        others.remove(k);
        found.push((trees.with_children(others.clone()).unwrap(), child));
        for (rest, branch) in cuts(trees, child) {
            let mut kept = others.clone();
            kept.push(rest);
            found.push((trees.with_children(kept).unwrap(), branch));
        }
    }
    found
}

#[test]
fn lie_recursion_agrees_on_the_catalogue() {
    for method in Method::exact() {
        let weights = Series::weights(method.tableau(), 6).unwrap();
        let modified = Series::modified(method.tableau(), 6).unwrap();
        let expected = by_lie_recursion(&weights);
        assert!(modified.terms().zip(&expected).all(|((_, b), e)| b == *e), "{}", method.name());
    }
}

fn random_tableau() -> impl Strategy<Value = Tableau> {
    (1usize..=3).prop_flat_map(|s| {
        let entry = || (-6i64..=6, 1i64..=5).prop_map(|(n, d)| Exact::ratio(n, d));
        (prop::collection::vec(entry(), s * s), prop::collection::vec(entry(), s - 1)).prop_map(
            move |(a, mut b)| {
                let rest = b.iter().fold(Exact::ONE, |rest, x| &rest - x);
                b.push(rest);
                Tableau::new(a.chunks(s).map(<[Exact]>::to_vec).collect(), b).unwrap()
            },
        )
    })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 24, ..ProptestConfig::default() })]

    #[test]
    fn lie_recursion_agrees_on_random_tableaus(tableau in random_tableau()) {
        let expected = by_lie_recursion(&Series::weights(&tableau, 6).unwrap());
        let modified = Series::modified(&tableau, 6).unwrap();
        for ((tree, b), e) in modified.terms().zip(&expected) {
            prop_assert_eq!(&b, e, "{:?}", modified.trees().levels(tree));
        }
    }

    #[test]
    fn swapping_the_direction_of_time_reverses_even_orders(tableau in random_tableau()) {
        // The adjoint has entries b_j - a_ij up to the order of the stages (GNI, Theorem V.1.5).
        let s = tableau.stages();
        let rows = (0..s).map(|i| (0..s).map(|j| &tableau.b()[j] - &tableau.row(i)[j]).collect()).collect();
        let adjoint = Tableau::new(rows, tableau.b().to_vec()).unwrap();
        let (b, c) = (Series::modified(&tableau, 6).unwrap(), Series::modified(&adjoint, 6).unwrap());
        for (tree, value) in b.terms() {
            let expected = &sign(b.trees().vertices(tree) - 1) * &value;
            prop_assert_eq!(c.coefficient(tree), expected);
        }
    }
}
