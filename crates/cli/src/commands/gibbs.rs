//! `shadowflow gibbs`: the law of large steps over fine ripples.

use serde_json::{Value, json};
use shadowflow_figures::data::{Cell, Table};
use shadowflow_figures::style::{BLUE, GREY, Stroke, VERMILION};
use shadowflow_figures::{Chart, ChartAxis, ChartLayer, Progress};
use shadowflow_numerics::statistics::{Estimate, Shape, Transport};
use shadowflow_numerics::{Gibbs, LargeStep, LargeStepLaw};
use shadowflow_symbolic::NumericObjective;

use super::dynamics::{check_ending, draw, input, label, objective, rounded, rows, statistics, tex};
use super::stability::short;
use crate::args::GibbsArgs;
use crate::error::CliError;
use crate::terminal::{Bar, print, print_json, stop_by_myself};

/// Bars of the histogram that is drawn.
const BARS: usize = 128;

pub(crate) fn run(args: &GibbsArgs) -> Result<(), CliError> {
    check_ending(args.out.as_deref())?;
    if args.h <= 0.0 {
        return Err(CliError::Step { h: args.h });
    }
    let (f, formula, variables) = objective(&args.system)?;
    let [variable] = &variables[..] else { return Err(CliError::OneVariable { found: variables.len() }) };
    let large = LargeStep::new(f, args.epsilon, args.h).map_err(input)?;
    stop_by_myself();
    let bar = Bar::new(1);
    let watch = |share| {
        bar.advance(share);
        bar.is_cancelled()
    };
    let law = large.law_watched(args.seed, args.iterates, &watch);
    bar.finish();
    let law = statistics(law)?;
    if let Some(file) = &args.out {
        draw(&chart(args, &law, variable, &formula), file)?;
    }
    if args.json {
        return print_json(&json!({
            "objective": formula,
            "epsilon": args.epsilon,
            "h": args.h,
            "seed": args.seed,
            "iterates": args.iterates,
            "temperature": large.temperature(),
            "variance": law.variance.value,
            "variance_error": law.variance.error,
            "variance_gibbs": law.gibbs.variance(),
            "variance_stochastic": law.map_variance.value,
            "ks_gibbs": law.to_gibbs.value,
            "ks_stochastic": law.to_map.value,
            "ks_error": law.to_map.error,
            "ks_noise": law.to_map.noise(),
            "ks_at": law.to_gibbs.at,
            "wasserstein_gibbs": law.transport_to_gibbs.map(|t| t.value),
            "wasserstein_gibbs_error": law.transport_to_gibbs.map(|t| t.error),
            "wasserstein_gibbs_noise": law.transport_to_gibbs.map(|t| t.noise),
            "wasserstein_stochastic": law.transport_to_map.map(|t| t.value),
            "wasserstein_stochastic_error": law.transport_to_map.map(|t| t.error),
            "wasserstein_stochastic_noise": law.transport_to_map.map(|t| t.noise),
            "moments": moments(&law.shape),
            "moments_stochastic": moments(&law.map_shape),
            "moments_gibbs": gibbs_moments(&law.gibbs),
            "effective": law.iterates.effective(),
            "lyapunov": law.exponent.value,
            "lyapunov_error": law.exponent.error,
            "lyapunov_limit": large.limiting_exponent(),
        }));
    }
    let (skewness, kurtosis) = central(&law.gibbs);
    let chaos = law.exponent.value > 4.0 * law.exponent.error;
    print(&format!(
        "Gradient descent with h = {} on {formula} + epsilon sin({variable}/epsilon), epsilon = {}\n\n\
         temperature h/4        {}\n\
         mean                   {}; Gibbs' law has {}, the stochastic map {}\n\
         variance               {}; Gibbs' law has {}, the stochastic map {}\n\
         skewness               {}; {}, {}\n\
         kurtosis               {}; {}, {}\n\
         Kolmogorov-Smirnov     {} from Gibbs' law, {} from the stochastic map (noise is {})\n\
         Wasserstein            {} from Gibbs' law, {} from the stochastic map\n\
         worth                  {} independent iterates of {}\n\
         Lyapunov exponent      {}; ln(h/2epsilon) = {}{}\n",
        short(args.h),
        short(args.epsilon),
        short(large.temperature()),
        plus_minus(law.shape.mean),
        digits(law.gibbs.mean()),
        plus_minus(law.map_shape.mean),
        plus_minus(law.variance),
        short(law.gibbs.variance()),
        plus_minus(law.map_variance),
        plus_minus(law.shape.skewness),
        digits(skewness),
        plus_minus(law.map_shape.skewness),
        plus_minus(law.shape.kurtosis),
        digits(kurtosis),
        plus_minus(law.map_shape.kurtosis),
        rounded(law.to_gibbs.value, 3),
        rounded(law.to_map.value, 3),
        rounded(law.to_map.noise(), 2),
        transport(law.transport_to_gibbs),
        transport(law.transport_to_map),
        short(law.iterates.effective().round()),
        law.iterates.histogram().total(),
        plus_minus(law.exponent),
        short(large.limiting_exponent()),
        if chaos { "" } else { "\nNo chaos: these iterates settle, and have no law to speak of." },
    ))
}

/// A value with its error, to the digits that mean something.
pub(super) fn plus_minus(estimate: Estimate) -> String {
    let Estimate { value, error } = estimate;
    if !(error > 0.0 && error.is_finite() && value.is_finite()) {
        return format!("{} +- {}", short(value), short(error));
    }
    // Two digits of the error.
    let unit = 10f64.powi(error.log10().floor() as i32 - 1);
    let rounded = |x: f64| short((x / unit).round() * unit);
    format!("{} +- {}", rounded(value), rounded(error))
}

/// A number that may be 0 up to rounding.
fn digits(x: f64) -> String {
    short(if x.abs() < 1e-12 { 0.0 } else { x })
}

fn transport(found: Option<Transport>) -> String {
    match found {
        Some(t) => format!(
            "{} (noise is {})",
            plus_minus(Estimate { value: t.value, error: t.error }),
            rounded(t.noise, 2)
        ),
        None => "unknown (iterates beyond the bins)".to_owned(),
    }
}

fn moments(shape: &Shape) -> Value {
    let pair = |estimate: Estimate| json!([estimate.value, estimate.error]);
    json!({ "mean": pair(shape.mean), "skewness": pair(shape.skewness), "kurtosis": pair(shape.kurtosis) })
}

/// Skewness and kurtosis of Gibbs' law.
fn central(gibbs: &Gibbs<NumericObjective>) -> (f64, f64) {
    let (mean, deviation) = (gibbs.mean(), gibbs.variance().sqrt());
    let power = |n: i32| gibbs.expectation(|x| ((x - mean) / deviation).powi(n));
    (power(3), power(4))
}

fn gibbs_moments(gibbs: &Gibbs<NumericObjective>) -> Value {
    let (skewness, kurtosis) = central(gibbs);
    json!({ "mean": gibbs.mean(), "skewness": skewness, "kurtosis": kurtosis })
}

fn chart(args: &GibbsArgs, law: &LargeStepLaw<NumericObjective>, variable: &str, formula: &str) -> Chart {
    let fine = law.iterates.histogram();
    let factor = (fine.counts().len() / BARS).max(1);
    let (seen, map) = (fine.coarsened(factor), law.map.histogram().coarsened(factor));
    let (densities, map_densities) = (seen.density(), map.density());
    let shown = (law.gibbs.quantile(1e-4), law.gibbs.quantile(1.0 - 1e-4));
    let centre = |bin: usize| 0.5 * (seen.edge(bin) + seen.edge(bin + 1));
    let mut table = Table::new([variable, "iterates", "stochastic_map", "gibbs"]);
    let (mut of_map, mut of_gibbs, mut bars) = (Vec::new(), Vec::new(), Vec::new());
    for bin in 0..seen.counts().len() {
        let x = centre(bin);
        table.push([
            Cell::from(x),
            Cell::from(densities[bin]),
            Cell::from(map_densities[bin]),
            Cell::from(law.gibbs.density(x)),
        ]);
        bars.extend([(seen.edge(bin), densities[bin]), (seen.edge(bin + 1), densities[bin])]);
        of_map.push((x, map_densities[bin]));
        of_gibbs.push((x, law.gibbs.density(x)));
    }
    let values = |points: &[(f64, f64)]| points.iter().map(|point| point.1).collect::<Vec<f64>>();
    let ends = (centre(0), centre(seen.counts().len() - 1));
    let density = rows("density", ends, &[densities.clone(), map_densities.clone(), values(&of_gibbs)]);
    let top = bars.iter().chain(&of_map).chain(&of_gibbs).map(|p| p.1).fold(0.0, f64::max);
    Chart {
        id: "gibbs-of-objective".to_owned(),
        title: "The law of large steps".to_owned(),
        heading: format!("$h={}$, $\\varepsilon={}$", tex(args.h), tex(args.epsilon)),
        parameters: json!({ "objective": formula, "epsilon": args.epsilon, "h": args.h, "seed": args.seed, "iterates": args.iterates }),
        x: ChartAxis::linear(&label(variable), shown),
        y: ChartAxis::linear("density", (0.0, 1.05 * top)),
        layers: vec![
            ChartLayer::Line { points: bars, stroke: Stroke::thin(GREY).width(0.7) },
            ChartLayer::Line { points: of_gibbs, stroke: Stroke::new(BLUE) },
            ChartLayer::Line { points: of_map, stroke: Stroke::new(VERMILION).width(0.7) },
        ],
        keys: vec![
            (GREY, "iterates".to_owned()),
            (BLUE, "Gibbs".to_owned()),
            (VERMILION, "stochastic map".to_owned()),
        ],
        table: Some(table),
        fields: density.into_iter().collect(),
    }
}
