//! Methods that are more than one tableau: Rosenbrock, partitioned and continuous-stage methods, by their series.

use std::sync::Arc;

use serde_json::{Value, json};
use shadowflow_bseries::{
    BSeries, CONTINUOUS, ColouredTrees, ContinuousStage, PARTITIONED, PartitionedCoefficients, RootedTree,
    SeriesError, SeriesKind, TreeTable, Trees, tree_count,
};
use shadowflow_methods::{Exact, RosenbrockMethod};

use super::series::rows::{Coefficient, Row, RowWriter};
use super::{inexact, readable, strings, table};
use crate::args::{SeriesArgs, SeriesFormat};
use crate::error::CliError;
use crate::terminal::output;

/// The largest orders of series computed by the algebra of B-series, without and with two colours.
const MAX_ORDER: usize = 10;
const MAX_COLOURED_ORDER: usize = 7;

/// A method and its name.
pub(super) enum General {
    Rosenbrock(RosenbrockMethod),
    Partitioned(&'static str, PartitionedCoefficients<Exact>),
    Continuous(&'static str, ContinuousStage<Exact>),
}

/// The method with this name, if there is one.
pub(super) fn named(name: &str) -> Option<General> {
    let name = name.trim().to_lowercase().replace('_', "-");
    if let Ok(method) = RosenbrockMethod::named(&name) {
        return Some(General::Rosenbrock(method));
    }
    if let Some(known) = PARTITIONED.iter().find(|known| **known == name) {
        return PartitionedCoefficients::named(known).map(|method| General::Partitioned(known, method));
    }
    let known = CONTINUOUS.iter().find(|known| **known == name)?;
    ContinuousStage::named(known).map(|method| General::Continuous(known, method))
}

/// All but Rosenbrock methods, which have their own part of the catalogue.
fn all() -> impl Iterator<Item = General> {
    PARTITIONED.iter().chain(&CONTINUOUS).filter_map(|name| named(name))
}

impl General {
    pub(super) fn name(&self) -> &'static str {
        match self {
            General::Rosenbrock(method) => method.name(),
            General::Partitioned(name, _) | General::Continuous(name, _) => name,
        }
    }

    pub(super) fn kind(&self) -> &'static str {
        match self {
            General::Rosenbrock(_) => "Rosenbrock",
            General::Partitioned(..) => "partitioned",
            General::Continuous(..) => "continuous-stage",
        }
    }

    fn stages(&self) -> Option<usize> {
        match self {
            General::Rosenbrock(method) => Some(method.coefficients().stages()),
            General::Partitioned(_, method) => Some(method.stages()),
            General::Continuous(..) => None,
        }
    }

    /// The order of accuracy: the last through which the step is that of the exact flow.
    fn order(&self) -> Result<usize, CliError> {
        if let General::Rosenbrock(method) = self {
            return Ok(method.order() as usize);
        }
        // No built-in method has a higher order than these.
        match self {
            General::Partitioned(_, method) => {
                let trees = Arc::new(ColouredTrees::through(MAX_COLOURED_ORDER, 2)?);
                accuracy(&BSeries::partitioned(&trees, method)?)
            }
            _ => accuracy(&self.step(MAX_ORDER)?),
        }
    }

    /// One step over plain trees.
    fn step(&self, order: usize) -> Result<BSeries<Exact>, CliError> {
        let trees = Arc::new(Trees::through(order)?);
        match self {
            General::Rosenbrock(method) => Ok(BSeries::rosenbrock(&trees, method.coefficients())?),
            General::Continuous(_, method) => Ok(BSeries::continuous_stage(&trees, method)),
            General::Partitioned(name, _) => Err(CliError::NotOverPlainTrees { method: name }),
        }
    }

    fn parts(&self) -> Vec<(String, Vec<Vec<Exact>>)> {
        match self {
            General::Rosenbrock(method) => {
                let coefficients = method.coefficients();
                vec![
                    ("alpha".to_owned(), coefficients.alpha.clone()),
                    ("gamma".to_owned(), coefficients.gamma.clone()),
                    ("b".to_owned(), vec![coefficients.b.clone()]),
                ]
            }
            General::Partitioned(_, method) => {
                let parts = (1..).zip(method.parts());
                parts
                    .flat_map(|(k, part)| {
                        [(format!("a{k}"), part.a.clone()), (format!("b{k}"), vec![part.b.clone()])]
                    })
                    .collect()
            }
            General::Continuous(_, method) => {
                vec![("a".to_owned(), method.a.clone()), ("b".to_owned(), vec![method.b.clone()])]
            }
        }
    }
}

fn accuracy<T: TreeTable>(step: &BSeries<Exact, T>) -> Result<usize, CliError> {
    let error = step.minus(&BSeries::exact_flow(step.trees()))?;
    let first = error.terms().find(|(_, coefficient)| !coefficient.is_zero());
    Ok(first.map_or(step.order(), |(tree, _)| step.trees().vertices(tree) - 1))
}

/// Their part of the catalogue.
pub(super) fn list() -> Result<String, CliError> {
    let mut rows = vec![["name", "stages", "order", "kind", "title"].map(str::to_owned).to_vec()];
    for method in all() {
        let title = match &method {
            General::Rosenbrock(method) => method.title(),
            General::Partitioned(..) => "two tableaus, for the two parts of an equation",
            General::Continuous(..) => "A(t, s) and B(s) are polynomials",
        };
        rows.push(vec![
            method.name().to_owned(),
            method.stages().map_or_else(|| "-".to_owned(), |s| s.to_string()),
            method.order()?.to_string(),
            method.kind().to_owned(),
            title.to_owned(),
        ]);
    }
    Ok(table(&rows))
}

/// The same for the JSON document of the catalogue.
pub(super) fn list_json() -> Result<Vec<Value>, CliError> {
    all().map(|method| document(&method)).collect()
}

pub(super) fn document(method: &General) -> Result<Value, CliError> {
    let mut document = json!({
        "name": method.name(),
        "kind": method.kind(),
        "stages": method.stages(),
        "order": method.order()?,
    });
    for (name, rows) in method.parts() {
        document[name] = rows.iter().map(|row| strings(row)).collect();
    }
    Ok(document)
}

pub(super) fn text(method: &General) -> Result<String, CliError> {
    let mut text = format!("{}, {} method of order {}\n", method.name(), method.kind(), method.order()?);
    for (name, rows) in method.parts() {
        let rows: Vec<Vec<String>> = rows.iter().map(|row| row.iter().map(readable).collect()).collect();
        text.push_str(&format!("\n{name}\n{}", table(&rows)));
    }
    Ok(text)
}

/// `shadowflow series` for such a method.
pub(super) fn series(method: &General, args: &SeriesArgs) -> Result<(), CliError> {
    let kind = super::series::kind(args.kind);
    let limit = if matches!(method, General::Partitioned(..)) { MAX_COLOURED_ORDER } else { MAX_ORDER };
    if args.order > limit {
        let (requested, trees) = (args.order, tree_count(args.order));
        return Err(SeriesError::OrderTooLarge { requested, limit, trees }.into());
    }
    let digits = match method {
        General::Rosenbrock(method) => method.digits(),
        General::Partitioned(..) | General::Continuous(..) => None,
    };
    inexact(method.name(), digits);
    let mut heading = super::series::heading(kind, method.name(), args.order);
    heading.digits = digits;
    heading.coloured = matches!(method, General::Partitioned(..));
    let format = if args.json { SeriesFormat::Json } else { args.format };
    let mut writer = RowWriter::new(output(), format, &heading).map_err(CliError::Output)?;
    let mut write = |tree: RootedTree, coefficient: &Exact| {
        let coefficient = Coefficient::of(coefficient, digits);
        writer.row(&Row { tree, coefficient }).map_err(CliError::Output)
    };
    if let General::Partitioned(name, method) = method {
        let trees = Arc::new(ColouredTrees::through(args.order, method.parts().len())?);
        let step = BSeries::partitioned(&trees, method)?;
        let series = match kind {
            SeriesKind::Weights => step,
            SeriesKind::Modified => step.logarithm()?,
            SeriesKind::Modifying => return Err(CliError::NotOverPlainTrees { method: name }),
        };
        for (tree, coefficient) in series.terms() {
            write(RootedTree::coloured(&trees.levels(tree), &trees.vertex_colours(tree))?, coefficient)?;
        }
    } else {
        let step = method.step(args.order)?;
        let series = match kind {
            SeriesKind::Weights => step,
            SeriesKind::Modified => step.logarithm()?,
            SeriesKind::Modifying => BSeries::exact_flow(step.trees()).field_under(&step)?,
        };
        for (tree, coefficient) in series.terms() {
            write(RootedTree::new(&series.trees().levels(tree))?, coefficient)?;
        }
    }
    writer.finish().map_err(CliError::Output)
}
