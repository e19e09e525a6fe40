//! `shadowflow series`: the coefficients of a B-series.

pub(super) mod rows;

use std::io::Write;
use std::ops::ControlFlow;

use shadowflow_bseries::{
    Chunk, Estimate, MAX_MODIFYING_ORDER, MAX_STREAM_ORDER, RootedTree, SeriesKind, stream,
};
use shadowflow_methods::NumberField;
use shadowflow_symbolic::Expr;

use self::rows::{Coefficient, Heading, Row, RowWriter};
use super::{general, inexact, parametric};
use crate::args::{Kind, SeriesArgs, SeriesFormat};
use crate::error::CliError;
use crate::terminal::{is_cancelled, output, say, stop_by_myself};

pub(crate) fn run(args: &SeriesArgs) -> Result<(), CliError> {
    if let Some(method) = parametric::method(&args.method)? {
        return parametric::series(&method, args);
    }
    if let Some(method) = args.method.name.as_deref().and_then(general::named) {
        return general::series(&method, args);
    }
    let method = super::method(&args.method)?;
    let kind = kind(args.kind);
    let mut estimate = Estimate::of(kind, method.tableau(), args.order);
    estimate.seconds += estimate.trees * SECONDS_A_ROW;
    let limit = if kind == SeriesKind::Modifying { MAX_MODIFYING_ORDER } else { MAX_STREAM_ORDER };
    if args.order <= limit && estimate.seconds > WORTH_SAYING {
        let text = describe(&estimate, args.order);
        if !args.force && estimate.seconds > PATIENCE {
            return Err(CliError::SeriesTooLong { estimate: text });
        }
        say(&format!("shadowflow: {text}"));
    }
    let digits = method.tableau().digits();
    inexact(method.name(), digits);
    let mut heading = heading(kind, method.name(), args.order);
    heading.digits = digits;
    let generator = method.tableau().field().map(NumberField::generator);
    heading.generator = generator.filter(|theta| Expr::exact(theta).is_none()).map(|theta| theta.to_string());
    let format = if args.json { SeriesFormat::Json } else { args.format };
    let mut writer = RowWriter::new(output(), format, &heading).map_err(CliError::Output)?;
    let mut result = Ok(());
    stop_by_myself();
    let mut trees = OfOrder::default();
    let _ = stream(kind, method.tableau(), args.order, |chunk| {
        result = rows(&mut writer, chunk, &mut trees, digits);
        if result.is_ok() { ControlFlow::Continue(()) } else { ControlFlow::Break(()) }
    })?;
    result?;
    writer.finish().map_err(CliError::Output)
}

pub(super) fn kind(kind: Kind) -> SeriesKind {
    match kind {
        Kind::Modified => SeriesKind::Modified,
        Kind::Modifying => SeriesKind::Modifying,
        Kind::Weights => SeriesKind::Weights,
    }
}

/// Longer series are refused unless forced, in seconds on one core.
const PATIENCE: f64 = 600.0;

/// What naming a tree and writing its row takes, as measured.
const SECONDS_A_ROW: f64 = 4e-6;

/// What a row holds, in bytes, at the orders where it matters.
const BYTES_A_ROW: f64 = 60.0;

/// From here on the estimate is told, in seconds.
const WORTH_SAYING: f64 = 2.0;

fn describe(estimate: &Estimate, order: usize) -> String {
    let Estimate { trees, seconds, .. } = *estimate;
    let time = match seconds {
        0.0..120.0 => format!("{seconds:.0} s"),
        120.0..7200.0 => format!("{:.0} min", seconds / 60.0),
        7200.0..360_000.0 => format!("{:.0} hours", seconds / 3600.0),
        _ => format!("{:.0} days", seconds / 86_400.0),
    };
    let mebibytes = estimate.stream_gibibytes * 1024.0;
    let output = trees * BYTES_A_ROW / f64::from(1u32 << 30);
    format!(
        "order {order} has {trees:.2e} trees: about {time}, {mebibytes:.0} MiB of memory and {output:.1} GiB of output"
    )
}

/// The trees of the order that is being written.
type OfOrder = Option<(usize, Box<dyn Iterator<Item = RootedTree>>)>;

fn rows<W: Write>(
    writer: &mut RowWriter<W>,
    chunk: &Chunk,
    trees: &mut OfOrder,
    digits: Option<u32>,
) -> Result<(), CliError> {
    if trees.as_ref().is_none_or(|(order, _)| *order != chunk.order()) {
        *trees = Some((chunk.order(), Box::new(RootedTree::of_order(chunk.order())?)));
    }
    let Some((_, trees)) = trees else { return Ok(()) };
    for (index, tree) in trees.by_ref().take(chunk.len()).enumerate() {
        if is_cancelled() {
            return Err(CliError::Interrupted);
        }
        let coefficient = chunk.coefficient(index);
        let coefficient = Coefficient::of(&coefficient, digits);
        writer.row(&Row { tree, coefficient }).map_err(CliError::Output)?;
    }
    Ok(())
}

pub(super) fn heading(kind: SeriesKind, method: &str, order: usize) -> Heading<'_> {
    let (kind, letter, meaning) = match kind {
        SeriesKind::Modified => {
            ("modified", "b", "modified equation: y' = sum of h^(|t|-1) b(t)/sigma(t) F(t)(y)")
        }
        SeriesKind::Modifying => {
            ("modifying", "c", "modifying integrator: y' = sum of h^(|t|-1) c(t)/sigma(t) F(t)(y)")
        }
        SeriesKind::Weights => ("weights", "a", "one step: y + sum of h^|t| a(t)/sigma(t) F(t)(y)"),
    };
    Heading { method, order, kind, letter, meaning, coloured: false, digits: None, generator: None }
}
