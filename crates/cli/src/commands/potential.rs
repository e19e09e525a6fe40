//! `shadowflow potential`: the modified potential and its end.

use serde_json::{Value, json};
use shadowflow_bseries::{Gradient, RootedTree, SeriesError};
use shadowflow_methods::{Method, Tableau};

use super::{decimal, inexact, parametric, table, tree_name};
use crate::args::PotentialArgs;
use crate::error::CliError;
use crate::terminal::{print, print_json};

pub(crate) fn run(args: &PotentialArgs) -> Result<(), CliError> {
    if let Some(method) = parametric::method(&args.method)? {
        return parametric::potential(&method, args);
    }
    let method = super::method(&args.method)?;
    let gradient = match args.order {
        Some(order) => Gradient::of(method.tableau(), order)?,
        None => telling(method.tableau())?,
    };
    inexact(method.name(), method.tableau().digits());
    if args.json { print_json(&document(&method, &gradient)) } else { print(&text(&method, &gradient)) }
}

/// Far enough to see the potential end, if that is near.
fn telling(tableau: &Tableau) -> Result<Gradient, SeriesError> {
    const BEYOND: usize = 4;
    let order = Gradient::telling_order(tableau);
    let mut gradient = Gradient::of(tableau, order)?;
    for further in 1..=BEYOND {
        if gradient.is_decided() {
            break;
        }
        gradient = Gradient::of(tableau, order + further)?;
    }
    Ok(gradient)
}

fn text(method: &Method, gradient: &Gradient) -> String {
    let trees = gradient.series().trees();
    let accuracy = method.tableau().order();
    let order = gradient.gradient_order();
    let mut text = format!("{}, order of accuracy {accuracy}\n", method.name());
    text.push_str(&if gradient.is_decided() {
        format!(
            "gradient order {order}: for every V the modified equation of the gradient flow of V\n\
             has a potential through h^{}, and at h^{order} in general none\n\n",
            order - 1
        )
    } else {
        format!(
            "gradient order at least {order}: the modified equation has a potential through h^{}\n\n",
            order - 1
        )
    });

    let mut rows = vec![["h^k", "coefficient", "free tree (levels)"].map(str::to_owned).to_vec()];
    for term in gradient.potential() {
        rows.push(vec![
            format!("h^{}", term.h_power),
            match method.tableau().digits() {
                None => term.coefficient.to_string(),
                Some(digits) => decimal(&term.coefficient, digits).to_string(),
            },
            named(&trees.levels(term.free_tree)),
        ]);
    }
    text.push_str("Modified potential: the sum of h^k, coefficient, and the contraction of the derivatives of V along the tree\n");
    text.push_str(&table(&rows));

    let mut rows = vec![["order", "free trees", "with b not constant"].map(str::to_owned).to_vec()];
    for (k, count) in gradient.nonconstant_classes().iter().enumerate() {
        rows.push(vec![(k + 1).to_string(), gradient.classes(k + 1).len().to_string(), count.to_string()]);
    }
    text.push('\n');
    text.push_str(&table(&rows));
    text
}

/// A free tree by its level sequence, and the contraction of derivatives along it.
pub(super) fn named(levels: &[u8]) -> String {
    match RootedTree::new(levels) {
        Ok(tree) => format!("{}  {}", tree_name(levels), tree.contraction()),
        Err(_) => tree_name(levels),
    }
}

fn document(method: &Method, gradient: &Gradient) -> Value {
    let trees = gradient.series().trees();
    let terms: Vec<Value> = gradient
        .potential()
        .iter()
        .map(|term| {
            json!({
                "free_tree": trees.levels(term.free_tree),
                "h_power": term.h_power,
                "coefficient": match method.tableau().digits() {
                    None => Value::from(term.coefficient.to_string()),
                    Some(digits) => decimal(&term.coefficient, digits).into(),
                },
            })
        })
        .collect();
    json!({
        "method": method.name(),
        "accuracy": method.tableau().order(),
        "gradient_order": gradient.gradient_order(),
        "gradient_order_is_exact": gradient.is_decided(),
        "nonconstant_classes": gradient.nonconstant_classes(),
        "terms": terms,
    })
}
