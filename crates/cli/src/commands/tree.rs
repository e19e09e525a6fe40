//! `shadowflow tree`: one rooted tree, its numbers and its picture.

use std::fs;
use std::path::Path;

use serde_json::{Value, json};
use shadowflow_bseries::{RootedTree, drawing};

use super::{integer, table};
use crate::args::{TreeArgs, TreeFormat};
use crate::error::CliError;
use crate::terminal::print;

pub(crate) fn run(args: &TreeArgs) -> Result<(), CliError> {
    let tree: RootedTree = args.levels.parse().map_err(CliError::Tree)?;
    let format = if args.json { TreeFormat::Json } else { args.format };
    let shown = match format {
        TreeFormat::Text => text(&tree),
        TreeFormat::Svg => drawing::svg(&tree),
        TreeFormat::Latex => drawing::forest(&tree),
        TreeFormat::Json => format!("{:#}\n", document(&tree)),
    };
    match &args.out {
        None => print(&shown),
        Some(path) => {
            write(path, &shown).map_err(|source| CliError::Unwritable { path: path.clone(), source })
        }
    }
}

/// Writes under a temporary name beside the file and renames, so that an interruption leaves no half file.
fn write(path: &Path, text: &str) -> std::io::Result<()> {
    let mut name = path.file_name().unwrap_or_default().to_owned();
    name.push(format!(".{}.part", std::process::id()));
    let part = path.with_file_name(name);
    fs::write(&part, text).and_then(|()| fs::rename(&part, path)).inspect_err(|_| {
        // The error that is reported is the one of writing.
        let _ = fs::remove_file(&part);
    })
}

fn text(tree: &RootedTree) -> String {
    let row = |name: &str, value: String| vec![name.to_owned(), value];
    let rootings: Vec<String> = tree
        .rootings()
        .iter()
        .map(|rooting| match rooting.occurrences {
            1 => format!("{} at 1 vertex", rooting.tree),
            n => format!("{} at {n} vertices", rooting.tree),
        })
        .collect();
    let mut rows = vec![
        row("tree (levels)", tree.to_string()),
        row("order |t|", tree.vertices().to_string()),
        row("symmetry sigma(t)", tree.symmetry().to_string()),
        row("density gamma(t)", tree.density().to_string()),
        row("differential F(t)", tree.elementary_differential()),
        row("automorphisms of its free tree", tree.automorphisms().to_string()),
    ];
    for (i, rooting) in rootings.into_iter().enumerate() {
        rows.push(row(if i == 0 { "rootings of its free tree" } else { "" }, rooting));
    }
    format!("{}\n{}", picture(tree), table(&rows))
}

/// The tree in characters: every vertex on a line, its children indented below it.
fn picture(tree: &RootedTree) -> String {
    let levels = tree.levels();
    let mut text = String::new();
    for (i, &level) in levels.iter().enumerate() {
        // An ancestor's line goes on where another of its level follows before anything lower.
        let goes_on = |above: u8| {
            levels[i + 1..].iter().find(|&&next| next <= above).is_some_and(|&next| next == above)
        };
        for above in 2..level {
            text.push_str(if goes_on(above) { "│  " } else { "   " });
        }
        if level > 1 {
            text.push_str(if goes_on(level) { "├─ " } else { "└─ " });
        }
        text.push_str(match tree.colours()[i] {
            0 => "●\n",
            _ => "○",
        });
        if tree.colours()[i] > 0 {
            text.push_str(&format!(" {}\n", tree.colours()[i]));
        }
    }
    text
}

fn document(tree: &RootedTree) -> Value {
    let rootings: Vec<Value> = tree
        .rootings()
        .iter()
        .map(|rooting| json!({ "tree": rooting.tree.levels(), "colours": rooting.tree.colours(), "occurrences": rooting.occurrences }))
        .collect();
    json!({
        "tree": tree.levels(),
        "colours": tree.colours(),
        "order": tree.vertices(),
        "sigma": integer(tree.symmetry()),
        "gamma": integer(tree.density()),
        "differential": tree.elementary_differential(),
        "free_tree": { "automorphisms": integer(tree.automorphisms()), "rootings": rootings },
    })
}
