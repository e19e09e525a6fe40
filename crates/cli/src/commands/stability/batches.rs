//! `shadowflow stability --objective … --objective … --at …`: stochastic gradient descent in the mean square.

use serde_json::{Value, json};
use shadowflow_numerics::{Curvature, MeanSquare, Objective as _};
use shadowflow_symbolic::{Objective, Sum};

use super::objective::{point, short};
use crate::args::StabilityArgs;
use crate::error::CliError;
use crate::terminal::{print, print_json};

/// Gradients of one loss below this, relative to 1 plus the sharpness times the size of the point, are none.
const FLAT: f64 = 1e-8;

/// A batch size, and the largest steps with batches drawn with replacement and without.
struct Row {
    batch: usize,
    with: f64,
    without: f64,
}

pub(super) fn run(args: &StabilityArgs, sum: &Sum) -> Result<(), CliError> {
    let losses = sum.objectives();
    if losses.is_empty() {
        return Err(CliError::NeedsLosses);
    }
    if args.name.as_deref().is_some_and(|name| name.trim().to_lowercase() != "sgd") || args.out.is_some() {
        return Err(CliError::NeedsSgd);
    }
    let d = args.at.len();
    // The steepest slope, and the Hessian.
    let at = |loss: &Objective| -> Result<(f64, Vec<f64>), CliError> {
        let f = loss
            .numeric()
            .map_err(|source| CliError::Symbolic { argument: "--params", source: Box::new(source) })?;
        let curvature = Curvature::at(&f, &args.at).map_err(CliError::Point)?;
        let mut hessian = vec![0.0; d * d];
        f.hessian(&args.at, &mut hessian);
        Ok((curvature.gradient().iter().fold(0.0, |size: f64, g| size.max(g.abs())), hessian))
    };
    let (slopes, hessians): (Vec<f64>, Vec<Vec<f64>>) =
        losses.iter().map(at).collect::<Result<Vec<_>, _>>()?.into_iter().unzip();
    let n = losses.len();
    let failed = CliError::Point;
    let model = |batch: usize, with: bool| MeanSquare::of_hessians(d, &hessians, batch, with);
    let mut sizes = vec![1, 2, n / 4, n / 2, n];
    sizes.retain(|&batch| batch >= 1 && batch <= n);
    sizes.sort_unstable();
    sizes.dedup();
    let row = |&batch: &usize| -> Result<Row, CliError> {
        let [with, without] = [true, false].map(|with| model(batch, with).map_err(failed));
        Ok(Row { batch, with: with?.largest_step(), without: without?.largest_step() })
    };
    // Single losses come first: the sizes begin with 1.
    let rows = sizes.iter().map(row).collect::<Result<Vec<_>, _>>()?;
    let sharpness = model(n, false).map_err(failed)?.sharpness();
    // Away from a common minimum noise stays, and the edge is that of its spread.
    let size = args.at.iter().fold(0.0, |size: f64, x| size.max(x.abs()));
    let steepest = slopes.into_iter().fold(0.0, f64::max);
    let common = steepest <= FLAT * (1.0 + sharpness * size);
    if args.json {
        let batch = |row: &Row| json!({ "batch": row.batch, "with_replacement": row.with, "without_replacement": row.without });
        return print_json(&json!({
            "method": "sgd",
            "losses": n,
            "at": args.at,
            "sharpness": sharpness,
            "common_minimum": common,
            "full_batch": 2.0 / sharpness,
            "asked": args.h.map(|h| json!({ "h": h, "stable_full_batch": h < 2.0 / sharpness, "stable_single_losses": h < rows[0].with })),
            "largest_h": rows.iter().map(batch).collect::<Vec<Value>>(),
        }));
    }
    let mut lines = vec![
        format!("Stochastic gradient descent on the mean of {n} losses, near {}", point(&args.at)),
        String::new(),
        format!(
            "  sharpness of the mean {}: full batches are stable for h < {}",
            short(sharpness),
            short(2.0 / sharpness)
        ),
        String::new(),
        "  E|x|^2 dies out for h below".to_owned(),
        "    batch   drawn with replacement   without".to_owned(),
    ];
    for Row { batch, with, without } in &rows {
        lines.push(format!("    {batch:5}   {:22}   {}", short(*with), short(*without)));
    }
    if let Some(h) = args.h {
        let verdict = |stable: bool| if stable { "is stable" } else { "is not" };
        lines.push(String::new());
        lines.push(format!(
            "At h = {} full batches: {}; single losses drawn with replacement: {}.",
            short(h),
            verdict(h < 2.0 / sharpness),
            verdict(h < rows[0].with)
        ));
    }
    lines.push(String::new());
    lines.push(if common {
        "This is where every loss has its minimum, so iterates converge there for such h (Wu, Ma & E 2018).".to_owned()
    } else {
        format!(
            "Losses slope here (up to {}), so noise remains: for such h its spread stays bounded, beyond it grows.",
            short(steepest)
        )
    });
    print(&(lines.join("\n") + "\n"))
}
