//! `shadowflow gibbs`: the law of large steps over fine ripples.

use serde_json::json;
use shadowflow_figures::data::{Cell, Table};
use shadowflow_figures::style::{BLUE, GREY, Stroke, VERMILION};
use shadowflow_figures::{Chart, ChartAxis, ChartLayer};
use shadowflow_numerics::{LargeStep, LargeStepLaw};
use shadowflow_symbolic::NumericObjective;

use super::dynamics::{check_ending, draw, failed, label, objective, tex};
use super::stability::short;
use crate::args::GibbsArgs;
use crate::error::CliError;
use crate::terminal::{print, print_json};

/// Bars of the histogram that is drawn.
const BARS: usize = 128;

pub(crate) fn run(args: &GibbsArgs) -> Result<(), CliError> {
    check_ending(args.out.as_deref(), &["svg", "pdf", "png", "csv"])?;
    if args.h <= 0.0 {
        return Err(CliError::Step { h: args.h });
    }
    let (f, formula, variables) = objective(&args.system)?;
    let [variable] = &variables[..] else { return Err(CliError::OneVariable { found: variables.len() }) };
    let large = LargeStep::new(f, args.epsilon, args.h).map_err(failed)?;
    let law = large.law(args.seed, args.iterates).map_err(failed)?;
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
            "lyapunov": law.exponent.value,
            "lyapunov_error": law.exponent.error,
            "lyapunov_limit": large.limiting_exponent(),
        }));
    }
    let chaos = law.exponent.value > 4.0 * law.exponent.error;
    print(&format!(
        "Gradient descent with h = {} on {formula} + epsilon sin({variable}/epsilon), epsilon = {}\n\n\
         temperature h/4        {}\n\
         variance               {} +- {}; Gibbs' law has {}, the stochastic map {} +- {}\n\
         Kolmogorov-Smirnov     {} from Gibbs' law, {} from the stochastic map (noise is {})\n\
         Lyapunov exponent      {} +- {}; ln(h/2epsilon) = {}{}\n",
        short(args.h),
        short(args.epsilon),
        short(large.temperature()),
        short(law.variance.value),
        short(law.variance.error),
        short(law.gibbs.variance()),
        short(law.map_variance.value),
        short(law.map_variance.error),
        short(law.to_gibbs.value),
        short(law.to_map.value),
        short(law.to_map.noise()),
        short(law.exponent.value),
        short(law.exponent.error),
        short(large.limiting_exponent()),
        if chaos { "" } else { "\nNo chaos: these iterates settle, and have no law to speak of." },
    ))
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
        fields: Vec::new(),
    }
}
