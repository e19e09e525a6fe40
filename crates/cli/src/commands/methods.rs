//! `shadowflow methods`: the catalogue, or one method.

mod one;
mod rosenbrock;

use serde_json::{Value, json};
use shadowflow_methods::{Citation, FAMILIES, Kind, Method, RosenbrockMethod};

use super::general::{self, General};
use super::{from_file, table};
use crate::args::MethodsArgs;
use crate::error::CliError;
use crate::terminal::{print, print_json};

pub(crate) fn run(args: &MethodsArgs) -> Result<(), CliError> {
    match args.name.as_deref().and_then(general::named) {
        None => {}
        Some(General::Rosenbrock(method)) => return show_rosenbrock(&method, args.json),
        Some(method) if args.json => return print_json(&general::document(&method)?),
        Some(method) => return print(&general::text(&method)?),
    }
    let method = match (&args.name, &args.tableau) {
        (Some(name), _) => Some(Method::named(name)?),
        (None, Some(path)) => Some(from_file(path)?),
        (None, None) => None,
    };
    match (method, args.json) {
        (Some(method), true) => print_json(&one::document(&method)),
        (Some(method), false) => print(&one::text(&method)),
        (None, true) => print_json(&list_json()?),
        (None, false) => print(&list()?),
    }
}

fn show_rosenbrock(method: &RosenbrockMethod, json: bool) -> Result<(), CliError> {
    if json { print_json(&rosenbrock::document(method)) } else { print(&rosenbrock::text(method)) }
}

fn list() -> Result<String, CliError> {
    let mut rows = vec![["name", "stages", "order", "kind", "title"].map(str::to_owned).to_vec()];
    for method in Method::all() {
        let tableau = method.tableau();
        rows.push(vec![
            method.name().to_owned(),
            tableau.stages().to_string(),
            tableau.order().to_string(),
            short(tableau.kind()).to_owned(),
            match tableau.digits() {
                None => method.title().to_owned(),
                Some(digits) => format!("{}, known to {digits} digits", method.title()),
            },
        ]);
    }
    let mut families = vec![["family", "example", "title"].map(str::to_owned).to_vec()];
    families.extend(FAMILIES.iter().map(|f| vec![f.signature(), f.example.to_owned(), f.title.to_owned()]));
    let tables = [table(&rows), rosenbrock::list(), general::list()?, table(&families)];
    Ok(tables.join("\n"))
}

fn short(kind: Kind) -> &'static str {
    match kind {
        Kind::Explicit => "explicit",
        Kind::DiagonallyImplicit => "diag. implicit",
        Kind::Implicit => "implicit",
    }
}

fn list_json() -> Result<Value, CliError> {
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
    Ok(json!({
        "methods": Method::all().iter().map(summary).collect::<Vec<_>>(),
        "rosenbrock": RosenbrockMethod::all().iter().map(rosenbrock::summary).collect::<Vec<_>>(),
        "general": general::list_json()?,
        "families": families,
    }))
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
        "digits": tableau.digits(),
    })
}

pub(super) fn citation(citation: Citation) -> Value {
    json!({ "authors": citation.authors, "year": citation.year, "place": citation.place })
}
