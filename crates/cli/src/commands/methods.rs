//! `shadowflow methods`: the catalogue, or one method.

use serde_json::{Value, json};
use shadowflow_methods::{Citation, Exact, FAMILIES, Kind, Method};

use super::{from_file, readable, strings, table};
use crate::args::MethodsArgs;
use crate::error::CliError;
use crate::terminal::{print, print_json};

pub(crate) fn run(args: &MethodsArgs) -> Result<(), CliError> {
    let method = match (&args.name, &args.tableau) {
        (Some(name), _) => Some(Method::named(name)?),
        (None, Some(path)) => Some(from_file(path)?),
        (None, None) => None,
    };
    match (method, args.json) {
        (Some(method), true) => print_json(&full(&method)),
        (Some(method), false) => print(&shown(&method)),
        (None, true) => print_json(&list_json()),
        (None, false) => print(&list()),
    }
}

fn list() -> String {
    let mut rows = vec![["name", "stages", "order", "kind", "title"].map(str::to_owned).to_vec()];
    for method in Method::all() {
        let tableau = method.tableau();
        rows.push(vec![
            method.name().to_owned(),
            tableau.stages().to_string(),
            tableau.order().to_string(),
            short(tableau.kind()).to_owned(),
            method.title().to_owned(),
        ]);
    }
    let mut families = vec![["family", "example", "title"].map(str::to_owned).to_vec()];
    families.extend(FAMILIES.iter().map(|f| vec![f.signature(), f.example.to_owned(), f.title.to_owned()]));
    format!("{}\n{}", table(&rows), table(&families))
}

fn short(kind: Kind) -> &'static str {
    match kind {
        Kind::Explicit => "explicit",
        Kind::DiagonallyImplicit => "diag. implicit",
        Kind::Implicit => "implicit",
    }
}

fn shown(method: &Method) -> String {
    let tableau = method.tableau();
    let mut text = format!("{}: {}\n", method.name(), method.title());
    if let Some(citation) = method.citation() {
        text.push_str(&format!("{citation}\n"));
    }
    text.push_str(&format!(
        "{}, order {}, {}\n\n",
        plural(tableau.stages()),
        tableau.order(),
        tableau.kind().name()
    ));

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
    // The line of the tableau goes between A and b.
    let body = table(&rows);
    let width = body.lines().map(|line| line.chars().count()).max().unwrap_or(0);
    for (i, line) in body.lines().enumerate() {
        if i == tableau.stages() {
            text.push_str(&format!("{}\n", "-".repeat(width)));
        }
        text.push_str(&format!("{line}\n"));
    }
    text
}

fn plural(stages: usize) -> String {
    if stages == 1 { "1 stage".to_owned() } else { format!("{stages} stages") }
}

fn list_json() -> Value {
    let families: Vec<Value> = FAMILIES
        .iter()
        .map(|family| {
            let parameters: Vec<Value> = family
                .parameters
                .iter()
                .map(|p| json!({ "name": p.name, "meaning": p.meaning, "default": p.default }))
                .collect();
            json!({
                "name": family.name,
                "title": family.title,
                "citation": citation(family.citation),
                "parameters": parameters,
                "example": family.example,
            })
        })
        .collect();
    json!({ "methods": Method::all().iter().map(summary).collect::<Vec<_>>(), "families": families })
}

fn summary(method: &Method) -> Value {
    let tableau = method.tableau();
    json!({
        "name": method.name(),
        "title": method.title(),
        "citation": method.citation().map(citation),
        "stages": tableau.stages(),
        "order": tableau.order(),
        "kind": tableau.kind().name(),
    })
}

fn full(method: &Method) -> Value {
    let tableau = method.tableau();
    let mut document = summary(method);
    document["a"] = (0..tableau.stages()).map(|i| strings(tableau.row(i))).collect();
    document["b"] = json!(strings(tableau.b()));
    document["c"] = json!(strings(tableau.c()));
    document["embedded"] = json!(tableau.embedded().map(strings));
    document
}

fn citation(citation: Citation) -> Value {
    json!({ "authors": citation.authors, "year": citation.year, "place": citation.place })
}
