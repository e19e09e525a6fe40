//! `shadowflow series`: the coefficients of a B-series.

use serde_json::{Value, json};
use shadowflow_bseries::{Series, SeriesKind};
use shadowflow_methods::Method;

use super::{readable, table, tree_name};
use crate::args::{Kind, SeriesArgs};
use crate::error::CliError;
use crate::terminal::{print, print_json};

pub(crate) fn run(args: &SeriesArgs) -> Result<(), CliError> {
    let method = super::method(&args.method)?;
    let kind = match args.kind {
        Kind::Modified => SeriesKind::Modified,
        Kind::Modifying => SeriesKind::Modifying,
        Kind::Weights => SeriesKind::Weights,
    };
    let series = Series::new(kind, method.tableau(), args.order)?;
    if args.json { print_json(&document(&method, &series)) } else { print(&text(&method, &series)) }
}

/// The kind as it is typed, the letter of its coefficients, and the series it stands for.
fn names(kind: SeriesKind) -> (&'static str, &'static str, &'static str) {
    match kind {
        SeriesKind::Modified => {
            ("modified", "b(t)", "modified equation: y' = sum of h^(|t|-1) b(t)/sigma(t) F(t)(y)")
        }
        SeriesKind::Modifying => {
            ("modifying", "c(t)", "modifying integrator: y' = sum of h^(|t|-1) c(t)/sigma(t) F(t)(y)")
        }
        SeriesKind::Weights => ("weights", "a(t)", "one step: y + sum of h^|t| a(t)/sigma(t) F(t)(y)"),
    }
}

fn text(method: &Method, series: &Series) -> String {
    let (_, letter, meaning) = names(series.kind());
    let trees = series.trees();
    let mut rows = vec![["order", "sigma", "gamma", letter, "tree (levels)"].map(str::to_owned).to_vec()];
    for (tree, coefficient) in series.terms() {
        rows.push(vec![
            trees.vertices(tree).to_string(),
            trees.symmetry(tree).to_string(),
            trees.density(tree).to_string(),
            readable(coefficient),
            tree_name(trees.levels(tree)),
        ]);
    }
    format!("{}, {meaning}\n\n{}", method.name(), table(&rows))
}

fn document(method: &Method, series: &Series) -> Value {
    let trees = series.trees();
    let coefficients: Vec<Value> = series
        .terms()
        .map(|(tree, coefficient)| {
            json!({
                "tree": trees.levels(tree),
                "order": trees.vertices(tree),
                "sigma": trees.symmetry(tree),
                "gamma": trees.density(tree),
                "coefficient": coefficient.to_string(),
            })
        })
        .collect();
    json!({
        "method": method.name(),
        "order": series.order(),
        "kind": names(series.kind()).0,
        "coefficients": coefficients,
    })
}
