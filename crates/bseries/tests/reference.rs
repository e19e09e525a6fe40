//! Every coefficient of six methods through order 7 against values computed by other programs (`reference/README.md`).

#![allow(clippy::unwrap_used)] // a failed unwrap is a failed test

use serde_json::Value;
use shadowflow_bseries::{Series, TreeId};
use shadowflow_methods::Method;

const FILES: [(&str, &str); 6] = [
    ("euler", include_str!("reference/euler.json")),
    ("heun", include_str!("reference/heun.json")),
    ("implicit-euler", include_str!("reference/implicit-euler.json")),
    ("implicit-midpoint", include_str!("reference/implicit-midpoint.json")),
    ("midpoint", include_str!("reference/midpoint.json")),
    ("rk4", include_str!("reference/rk4.json")),
];

#[test]
fn six_methods_through_order_seven() {
    for (name, text) in FILES {
        let reference: Value = serde_json::from_str(text).unwrap();
        let rows = reference["coefficients"].as_array().unwrap();
        let method = Method::named(name).unwrap();
        let modified = Series::modified(method.tableau(), 7).unwrap();
        let weights = Series::weights(method.tableau(), 7).unwrap();
        let trees = modified.trees();
        assert_eq!(rows.len(), trees.len());
        for row in rows {
            let levels: Vec<u8> = serde_json::from_value(row["tree"].clone()).unwrap();
            let tree = trees.find(&levels).unwrap();
            assert_eq!(levels, trees.levels(tree));
            assert_eq!(row["sigma"], trees.symmetry(tree));
            assert_eq!(row["gamma"], trees.density(tree));
            assert_eq!(row["elementary_weight"], weights.coefficient(tree).to_string(), "{name} {levels:?}");
            assert_eq!(row["b"], modified.coefficient(tree).to_string(), "{name} {levels:?}");
        }
    }
}

#[test]
fn sums_over_order_nine() {
    // Sums of the unscaled coefficients of the explicit midpoint rule over all trees with at most 9 vertices, as the
    // tests of BSeries.jl have them.
    let midpoint = Method::named("midpoint").unwrap();
    let sum = |series: &Series| series.terms().map(|(_, c)| c).reduce(|x, y| &x + &y).unwrap().to_string();
    assert_eq!(sum(&Series::modified(midpoint.tableau(), 9).unwrap()), "19063/26880");
    assert_eq!(sum(&Series::modifying(midpoint.tableau(), 9).unwrap()), "5460293/241920");
}

#[test]
fn the_table_begins_with_the_single_vertex() {
    let method = Method::named("euler").unwrap();
    let series = Series::modified(method.tableau(), 1).unwrap();
    assert_eq!(series.terms().count(), 1);
    assert!(series.coefficient(TreeId::ROOT).is_one());
}
