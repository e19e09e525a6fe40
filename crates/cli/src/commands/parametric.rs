//! Series and potentials of families whose parameters stay symbols: `rk2(c2)`.

use serde_json::{Value, json};
use shadowflow_bseries::{ParametricSeries, RootedTree, SeriesKind};
use shadowflow_methods::{MultivariatePolynomial, ParametricMethod};

use super::series::rows::{Coefficient, Row, RowWriter};
use super::table;
use crate::args::{MethodArg, PotentialArgs, SeriesArgs, SeriesFormat};
use crate::error::CliError;
use crate::terminal::{output, print, print_json, say};

/// The order through which potentials are looked at unless another is asked for.
const ORDER: usize = 5;

/// The order through which functions of two parameters take a second.
const QUICK: usize = 6;

/// The method of a command, if it has symbols.
pub(super) fn method(arg: &MethodArg) -> Result<Option<ParametricMethod>, CliError> {
    let name = arg.name.as_deref().filter(|name| ParametricMethod::leaves_symbols(name));
    Ok(name.map(ParametricMethod::named).transpose()?)
}

pub(super) fn series(method: &ParametricMethod, args: &SeriesArgs) -> Result<(), CliError> {
    let kind = super::series::kind(args.kind);
    if method.symbols().len() > 1 && args.order > QUICK {
        say(
            "shadowflow: functions of several parameters grow fast with the order: this may take a minute and gigabytes",
        );
    }
    let series = ParametricSeries::new(kind, method.coefficients(), args.order)?;
    let heading = super::series::heading(kind, method.name(), args.order);
    let format = if args.json { SeriesFormat::Json } else { args.format };
    let mut writer = RowWriter::new(output(), format, &heading).map_err(CliError::Output)?;
    for order in 1..=args.order {
        for tree in RootedTree::of_order(order)? {
            let coefficient = series.coefficient(series.trees().find(tree.levels())?);
            let row = Row { coefficient: Coefficient::Formula(coefficient.to_string()), tree };
            writer.row(&row).map_err(CliError::Output)?;
        }
    }
    writer.finish().map_err(CliError::Output)
}

pub(super) fn potential(method: &ParametricMethod, args: &PotentialArgs) -> Result<(), CliError> {
    let series =
        ParametricSeries::new(SeriesKind::Modified, method.coefficients(), args.order.unwrap_or(ORDER))?;
    if args.json { print_json(&document(method, &series)) } else { print(&text(method, &series)) }
}

/// The conditions for the order after the generic gradient order; empty if that was not reached.
fn next_conditions(series: &ParametricSeries) -> Vec<MultivariatePolynomial> {
    series.gradient_conditions(series.gradient_order() + 1)
}

fn text(method: &ParametricMethod, series: &ParametricSeries) -> String {
    let order = series.gradient_order();
    let mut text = format!(
        "{}, order of accuracy {} for general {}\n",
        method.name(),
        series.accuracy(),
        method.symbols().join(", ")
    );
    let conditions = next_conditions(series);
    if conditions.is_empty() {
        text.push_str(&format!("gradient order at least {order}, as far as it was examined\n"));
    } else if conditions.iter().any(|p| p.as_constant().is_some()) {
        text.push_str(&format!("gradient order {order} for all parameters: none reaches {}\n", order + 1));
    } else {
        text.push_str(&format!(
            "gradient order {order} for general parameters; {} or more exactly where the family has a member and\n",
            order + 1
        ));
        for condition in &conditions {
            text.push_str(&format!("  {condition} = 0\n"));
        }
    }
    let mut rows = vec![["h^k", "coefficient", "free tree (levels)"].map(str::to_owned).to_vec()];
    for (tree, power, coefficient) in series.potential() {
        let levels = series.trees().levels(tree);
        rows.push(vec![format!("h^{power}"), coefficient.to_string(), super::potential::named(&levels)]);
    }
    text.push_str("\nModified potential: the sum of h^k, coefficient, and the contraction of the derivatives of V along the tree\n");
    format!("{text}{}", table(&rows))
}

fn document(method: &ParametricMethod, series: &ParametricSeries) -> Value {
    let conditions = next_conditions(series);
    let terms: Vec<Value> = series
        .potential()
        .into_iter()
        .map(|(tree, power, coefficient)| {
            json!({
                "free_tree": series.trees().levels(tree),
                "h_power": power,
                "coefficient": coefficient.to_string(),
            })
        })
        .collect();
    json!({
        "method": method.name(),
        "parameters": method.symbols(),
        "accuracy": series.accuracy(),
        "gradient_order": series.gradient_order(),
        "gradient_order_is_exact": !conditions.is_empty(),
        "next_order_conditions": conditions.iter().map(ToString::to_string).collect::<Vec<_>>(),
        "terms": terms,
    })
}
