//! `shadowflow problems`: the built-in objectives and vector fields.

use serde_json::{Value, json};
use shadowflow_numerics::problems::{DEFINITIONS, Definition, Given};

use crate::args::ProblemsArgs;
use crate::error::CliError;
use crate::terminal::{print, print_json};

pub(crate) fn run(args: &ProblemsArgs) -> Result<(), CliError> {
    match &args.name {
        Some(name) => {
            let found = Definition::named(name.trim())?;
            if args.json { print_json(&document(found)) } else { print(&text(found)) }
        }
        None if args.json => print_json(&json!({
            "problems": DEFINITIONS.iter().map(document).collect::<Vec<_>>(),
        })),
        None => {
            let mut rows =
                vec![["name", "kind", "variables", "parameters", "what it is"].map(str::to_owned).to_vec()];
            for problem in DEFINITIONS {
                let parameters: Vec<&str> = problem.parameters.iter().map(|(name, _)| *name).collect();
                rows.push(vec![
                    problem.name.to_owned(),
                    kind(problem).to_owned(),
                    problem.variables.join(","),
                    parameters.join(","),
                    problem.title.to_owned(),
                ]);
            }
            print(&super::table(&rows))
        }
    }
}

fn kind(problem: &Definition) -> &'static str {
    match problem.formula {
        Given::Objective(_) => "objective",
        Given::Field(_) => "field",
    }
}

fn text(problem: &Definition) -> String {
    let parameters: Vec<String> =
        problem.parameters.iter().map(|(name, value)| format!("{name} = {value}")).collect();
    let parameters = if parameters.is_empty() { "none".to_owned() } else { parameters.join(", ") };
    let (name, formula) = match problem.formula {
        Given::Objective(text) => ("f", text.to_owned()),
        Given::Field(components) => ("x'", components.join(", ")),
    };
    let kind = kind(problem);
    format!(
        "{}: {}\n  {name} = {formula}\n  variables {}; parameters {parameters} in figures and measurements\n  {}\n\n\
         shadowflow derive euler --{kind} {} keeps the parameters as symbols; --params gives them values\n",
        problem.name,
        problem.title,
        problem.variables.join(", "),
        problem.source,
        problem.name
    )
}

fn document(problem: &Definition) -> Value {
    json!({
        "name": problem.name,
        "title": problem.title,
        "kind": kind(problem),
        "formulas": problem.formulas(),
        "variables": problem.variables,
        "parameters": problem.parameters.iter().map(|(name, value)| ((*name).to_owned(), json!(value)))
            .collect::<serde_json::Map<_, _>>(),
        "source": problem.source,
    })
}
