//! `shadowflow series`: the coefficients of a B-series.

mod rows;

use shadowflow_bseries::{Series, SeriesKind};

use self::rows::{Heading, Row, RowWriter};
use crate::args::{Kind, SeriesArgs, SeriesFormat};
use crate::error::CliError;
use crate::terminal::output;

pub(crate) fn run(args: &SeriesArgs) -> Result<(), CliError> {
    let method = super::method(&args.method)?;
    let kind = match args.kind {
        Kind::Modified => SeriesKind::Modified,
        Kind::Modifying => SeriesKind::Modifying,
        Kind::Weights => SeriesKind::Weights,
    };
    let series = Series::new(kind, method.tableau(), args.order)?;
    let heading = heading(kind, method.name(), args.order);
    let format = if args.json { SeriesFormat::Json } else { args.format };
    write(&series, format, &heading).map_err(CliError::Output)
}

fn heading(kind: SeriesKind, method: &str, order: usize) -> Heading<'_> {
    let (kind, letter, meaning) = match kind {
        SeriesKind::Modified => {
            ("modified", "b", "modified equation: y' = sum of h^(|t|-1) b(t)/sigma(t) F(t)(y)")
        }
        SeriesKind::Modifying => {
            ("modifying", "c", "modifying integrator: y' = sum of h^(|t|-1) c(t)/sigma(t) F(t)(y)")
        }
        SeriesKind::Weights => ("weights", "a", "one step: y + sum of h^|t| a(t)/sigma(t) F(t)(y)"),
    };
    Heading { method, order, kind, letter, meaning }
}

fn write(series: &Series, format: SeriesFormat, heading: &Heading) -> std::io::Result<()> {
    let trees = series.trees();
    let mut writer = RowWriter::new(output(), format, heading)?;
    for (tree, coefficient) in series.terms() {
        writer.row(&Row {
            levels: trees.levels(tree).to_vec(),
            symmetry: trees.symmetry(tree),
            density: trees.density(tree),
            coefficient: coefficient.to_string(),
            value: Some(coefficient.to_f64()),
        })?;
    }
    writer.finish()
}
