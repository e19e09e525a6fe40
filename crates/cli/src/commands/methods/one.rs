//! One method: its tableau and what follows from it.

use serde_json::{Value, json};
use shadowflow_methods::{Exact, Method, OrderCondition, Properties, Tableau};

use super::super::stability::Stability;
use super::super::{readable, strings, table, tree_name};
use super::summary;

/// Residuals shown to people; the JSON document has them all.
const SHOWN: usize = 10;

pub(super) fn text(method: &Method) -> String {
    let tableau = method.tableau();
    let mut text = format!("{}: {}\n", method.name(), method.title());
    if let Some(citation) = method.citation() {
        text.push_str(&format!("{citation}\n"));
    }
    let stages =
        if tableau.stages() == 1 { "1 stage".to_owned() } else { format!("{} stages", tableau.stages()) };
    text.push_str(&format!("{stages}, order {}, {}\n", tableau.order(), tableau.kind().name()));
    if let Some(digits) = tableau.digits() {
        text.push_str(&format!(
            "not exact: coefficients known to {digits} digits, all statements to that precision\n"
        ));
    }
    format!("{text}\n{}\n{}\n{}", butcher(tableau), facts(tableau), conditions(tableau.properties()))
}

/// The tableau as it is printed, a line between A and b.
fn butcher(tableau: &Tableau) -> String {
    let mut rows: Vec<Vec<String>> = (0..tableau.stages())
        .map(|i| {
            let entries = tableau.row(i).iter().map(readable);
            [readable(&tableau.c()[i]), "|".to_owned()].into_iter().chain(entries).collect()
        })
        .collect();
    let weights =
        |b: &[Exact]| [String::new(), "|".to_owned()].into_iter().chain(b.iter().map(readable)).collect();
    rows.push(weights(tableau.b()));
    rows.extend(tableau.embedded().map(weights));
    let body = table(&rows);
    let width = body.lines().map(|line| line.chars().count()).max().unwrap_or(0);
    let mut text = String::new();
    for (i, line) in body.lines().enumerate() {
        if i == tableau.stages() {
            text.push_str(&format!("{}\n", "-".repeat(width)));
        }
        text.push_str(&format!("{line}\n"));
    }
    text
}

fn facts(tableau: &Tableau) -> String {
    let properties = tableau.properties();
    let says = |yes: bool| if yes { "yes" } else { "no" }.to_owned();
    let stability = Stability::of(tableau);
    let mut rows =
        vec![("order", properties.order.to_string()), ("stage order", properties.stage_order.to_string())];
    rows.extend(properties.embedded_order.map(|order| ("embedded order", order.to_string())));
    rows.extend([
        ("symplectic", says(properties.symplectic)),
        ("symmetric", says(properties.symmetric)),
        ("stiffly accurate", says(properties.stiffly_accurate)),
        ("first same as last", says(properties.first_same_as_last)),
        ("real interval", stability.real_text()),
        ("imaginary interval", stability.imaginary_text()),
        ("A-stable", says(stability.is_a_stable())),
        ("L-stable", says(stability.is_l_stable())),
    ]);
    table(&rows.into_iter().map(|(name, value)| vec![name.to_owned(), value]).collect::<Vec<_>>())
}

fn conditions(properties: &Properties) -> String {
    let open: Vec<&OrderCondition> =
        properties.residuals.iter().filter(|condition| !condition.holds()).collect();
    let mut rows = vec![vec!["residual".to_owned(), "tree (levels)".to_owned()]];
    rows.extend(open.iter().take(SHOWN).map(|c| vec![readable(&c.residual), tree_name(&c.tree)]));
    let more = match open.len().saturating_sub(SHOWN) {
        0 => String::new(),
        n => format!("and {n} more, which --json lists\n"),
    };
    let Some(norm) = properties.principal_error_norm.map(|norm| format!("{norm:.6e}")) else {
        return format!("Conditions of order {}: too many to list\n", properties.order + 1);
    };
    format!(
        "Conditions of order {}, {} of {} not met; principal error norm {norm}\n{}{more}",
        properties.order + 1,
        open.len(),
        properties.residuals.len(),
        table(&rows),
    )
}

pub(super) fn document(method: &Method) -> Value {
    let tableau = method.tableau();
    let properties = tableau.properties();
    let condition = |condition: &OrderCondition| {
        json!({
            "tree": condition.tree,
            "sigma": condition.symmetry,
            "gamma": condition.density,
            "residual": condition.residual.to_string(),
            "holds": condition.holds(),
        })
    };
    let mut document = summary(method);
    document["a"] = (0..tableau.stages()).map(|i| strings(tableau.row(i))).collect();
    document["b"] = json!(strings(tableau.b()));
    document["c"] = json!(strings(tableau.c()));
    document["embedded"] = json!(tableau.embedded().map(strings));
    document["embedded_order"] = json!(properties.embedded_order);
    document["stage_order"] = json!(properties.stage_order);
    document["order_conditions"] = json!({
        "order": properties.order + 1,
        "residuals": properties.residuals.iter().map(condition).collect::<Vec<_>>(),
    });
    document["principal_error_norm"] = json!(properties.principal_error_norm);
    document["symplectic"] = json!(properties.symplectic);
    document["symmetric"] = json!(properties.symmetric);
    document["stiffly_accurate"] = json!(properties.stiffly_accurate);
    document["first_same_as_last"] = json!(properties.first_same_as_last);
    document["stability"] = Stability::of(tableau).document();
    document
}
