//! `shadowflow paths`: many paths of stochastic gradient descent, or of a diffusion, and their law at the end.

use serde_json::{Value, json};
use shadowflow_figures::data::{Cell, Table};
use shadowflow_figures::style::{BLUE, GREY, Stroke, VERMILION};
use shadowflow_figures::{Chart, ChartAxis, ChartLayer, Progress};
use shadowflow_numerics::statistics::{Distance, Estimate, Sample};
use shadowflow_numerics::{Ensemble, Losses, Model};
use shadowflow_symbolic::{NumericObjective, System};

use super::dynamics::{
    check_ending, check_numbers, check_range, draw, failed, label, rounded, rows, statistics, tex, wrong,
};
use super::gibbs::plus_minus;
use super::orbit::{extent, steps};
use super::stability::short;
use super::system::with_numbers;
use crate::args::{PathModel, PathsArgs};
use crate::error::CliError;
use crate::terminal::{Bar, print, print_json, stop_by_myself};

/// The most steps of the descent.
const MOST: f64 = 1e7;

/// The law of one variable at the end, and that of the descent.
struct Final {
    mean: Estimate,
    variance: Estimate,
    /// `None` if the paths are those of the descent.
    against: Option<Against>,
}

struct Against {
    mean: Estimate,
    variance: Estimate,
    kolmogorov: Distance,
    wasserstein: f64,
    wasserstein_noise: f64,
}

struct Report<'a> {
    args: &'a PathsArgs,
    formulas: Vec<String>,
    variables: Vec<String>,
    temperature: Option<f64>,
    steps: usize,
    paths: Ensemble,
    descent: Option<Ensemble>,
    last: Vec<Final>,
}

pub(crate) fn run(args: &PathsArgs) -> Result<(), CliError> {
    check_ending(args.out.as_deref())?;
    if args.h <= 0.0 {
        return Err(CliError::Step { h: args.h });
    }
    let ratio = (args.time / args.h).round();
    if !(1.0..=MOST).contains(&ratio) {
        return wrong("--time", "from one step h to 10000000 of them is accepted");
    }
    if args.noise < 0.0 {
        return wrong("--noise", "a variance is accepted, a finite number, 0 or more");
    }
    if args.temperature.is_some_and(|temperature| temperature < 0.0) {
        return wrong("--temperature", "a finite number, 0 or more, is accepted");
    }
    if args.temperature.is_some() && args.model != PathModel::Langevin {
        return wrong("--temperature", "only --model langevin has one; leave it out, or choose that model");
    }
    check_range("--paths", args.paths, 64, 10_000_000)?;
    check_range("--substeps", args.substeps, 1, 1_000_000)?;
    let (losses, formulas, variables) = losses(args)?;
    check_numbers("--start", &args.start, &variables)?;
    if formulas.len() == 1 && args.noise == 0.0 && args.temperature.is_none() {
        return wrong(
            "--objective",
            "one loss alone has no noise: give --objective once for each of several losses, or --noise SIGMA2",
        );
    }
    let losses = Losses::new(losses, args.noise).map_err(failed)?;
    let (model, temperature) = match args.model {
        PathModel::Sgd => (Model::Descent, None),
        PathModel::Sme1 => (Model::Modified { order: 1 }, None),
        PathModel::Sme2 => (Model::Modified { order: 2 }, None),
        PathModel::Langevin => {
            let natural = 0.5 * args.h * losses.mean_variance(&args.start).map_err(failed)?;
            let temperature = args.temperature.unwrap_or(natural);
            (Model::Langevin { temperature }, Some(temperature))
        }
    };
    stop_by_myself();
    let count = ratio as usize;
    let parts = if model == Model::Descent { 1 } else { 2 };
    let mut bar = Bar::new(parts);
    let made = |model: Model, bar: &Bar| {
        let watch = |share| {
            bar.advance(share);
            bar.is_cancelled()
        };
        let made =
            losses.ensemble(model, args.h, &args.start, count, args.paths, args.substeps, args.seed, &watch);
        if made.is_err() {
            bar.finish();
        }
        statistics(made)
    };
    bar.begin(0, name(args.model));
    let paths = made(model, &bar)?;
    let descent = match model {
        Model::Descent => None,
        _ => {
            bar.begin(1, name(PathModel::Sgd));
            Some(made(Model::Descent, &bar)?)
        }
    };
    bar.finish();
    let last =
        (0..variables.len()).map(|v| compared(v, &paths, descent.as_ref())).collect::<Result<_, _>>()?;
    let report = Report { args, formulas, variables, temperature, steps: count, paths, descent, last };
    if let Some(file) = &args.out {
        draw(&report.chart(), file)?;
    }
    if args.json { print_json(&report.document()) } else { print(&report.text()) }
}

type Typed = (Vec<NumericObjective>, Vec<String>, Vec<String>);

/// The losses in numbers, as formulas, and their variables.
fn losses(args: &PathsArgs) -> Result<Typed, CliError> {
    let system = with_numbers(&args.system)?;
    let objectives = match &system {
        System::Gradient(f) => vec![f.clone()],
        System::Sum(sum) if sum.are_objectives() => sum.objectives(),
        System::Sum(_) | System::Field(_) => {
            return Err(CliError::Option {
                argument: "--field",
                reason: "paths are those of a descent; give --objective once for each loss".to_owned(),
            });
        }
    };
    let failed = |source| CliError::Symbolic { argument: "--params", source: Box::new(source) };
    let numeric = objectives.iter().map(|f| f.numeric().map_err(failed)).collect::<Result<_, _>>()?;
    let formulas = objectives.iter().map(|f| f.expr().to_string()).collect();
    Ok((numeric, formulas, system.variables().to_vec()))
}

fn compared(v: usize, paths: &Ensemble, descent: Option<&Ensemble>) -> Result<Final, CliError> {
    let end = |ensemble: &Ensemble| {
        let last = ensemble.steps().len() - 1;
        (ensemble.mean()[last][v], ensemble.variance()[last][v])
    };
    let sample = |ensemble: &Ensemble| {
        let values = ensemble.last(v).to_vec();
        let n = values.len();
        Sample::of_streams(values, n).map_err(failed)
    };
    let (mean, variance) = end(paths);
    let Some(descent) = descent else { return Ok(Final { mean, variance, against: None }) };
    let (mine, theirs) = (sample(paths)?, sample(descent)?);
    let (sgd_mean, sgd_variance) = end(descent);
    let against = Against {
        mean: sgd_mean,
        variance: sgd_variance,
        kolmogorov: mine.kolmogorov_between(&theirs),
        wasserstein: mine.wasserstein_between(&theirs),
        wasserstein_noise: mine.wasserstein_noise(&theirs),
    };
    Ok(Final { mean, variance, against: Some(against) })
}

fn name(model: PathModel) -> &'static str {
    match model {
        PathModel::Sgd => "sgd",
        PathModel::Langevin => "langevin",
        PathModel::Sme1 => "sme1",
        PathModel::Sme2 => "sme2",
    }
}

impl Report<'_> {
    fn what(&self) -> String {
        match (self.args.model, self.temperature) {
            (PathModel::Sgd, _) => "stochastic gradient descent".to_owned(),
            (PathModel::Sme1, _) => "the stochastic modified equation of order 1".to_owned(),
            (PathModel::Sme2, _) => "the stochastic modified equation of order 2".to_owned(),
            (PathModel::Langevin, temperature) => {
                let from = match self.args.temperature {
                    Some(_) => "",
                    None => ", h/2 times the mean variance of the gradient at the start",
                };
                format!("Langevin's equation at T = {}{from}", short(temperature.unwrap_or(f64::NAN)))
            }
        }
    }

    fn text(&self) -> String {
        let args = self.args;
        let noise = match args.noise {
            0.0 => String::new(),
            noise => format!(", gradient noise of variance {}", short(noise)),
        };
        let start: Vec<String> = args.start.iter().map(|&x| short(x)).collect();
        let mut lines = vec![
            format!("{} paths of {}", args.paths, self.what()),
            match self.formulas.len() {
                1 => format!("f = {}{noise}", self.formulas[0]),
                n => format!("f is the mean of {n} losses: {}{noise}", self.formulas.join("; ")),
            },
            format!(
                "from {} = {}, h = {}, {} to time {}",
                self.variables.join(", "),
                start.join(", "),
                short(args.h),
                steps(self.steps),
                short(self.steps as f64 * args.h)
            ),
            String::new(),
        ];
        for (variable, last) in self.variables.iter().zip(&self.last) {
            let mut line = |what: &str, mine: Estimate, theirs: Option<Estimate>| {
                let other = theirs.map_or(String::new(), |theirs| {
                    let error = mine.error.hypot(theirs.error);
                    let apart = (mine.value - theirs.value).abs() / error;
                    let apart = if apart.is_finite() {
                        format!(", {apart:.1} standard errors apart")
                    } else {
                        String::new()
                    };
                    format!("; sgd has {}{apart}", plus_minus(theirs))
                });
                lines.push(format!("{variable}: {what:<9} {}{other}", plus_minus(mine)));
            };
            line("mean", last.mean, last.against.as_ref().map(|a| a.mean));
            line("variance", last.variance, last.against.as_ref().map(|a| a.variance));
            if let Some(a) = &last.against {
                lines.push(format!(
                    "{variable}: from the law of sgd: Kolmogorov-Smirnov {} (noise is {}), Wasserstein {} (noise is {})",
                    rounded(a.kolmogorov.value, 3),
                    rounded(a.kolmogorov.noise(), 2),
                    rounded(a.wasserstein, 3),
                    rounded(a.wasserstein_noise, 2)
                ));
            }
        }
        if self.descent.is_some() {
            lines.push(
                "noise is what the distance of two such samples of one law is on average; more --paths lower it".to_owned(),
            );
        }
        lines.join("\n") + "\n"
    }

    fn document(&self) -> Value {
        let pair = |estimate: Estimate| json!([estimate.value, estimate.error]);
        let one = |(v, (variable, last)): (usize, (&String, &Final))| {
            let column = |rows: &[Vec<Estimate>], part: fn(&Estimate) -> f64| {
                rows.iter().map(|row| part(&row[v])).collect::<Vec<f64>>()
            };
            let against = last.against.as_ref().map(|a| {
                json!({
                    "mean": pair(a.mean),
                    "variance": pair(a.variance),
                    "ks": a.kolmogorov.value,
                    "ks_error": a.kolmogorov.error,
                    "ks_noise": a.kolmogorov.noise(),
                    "ks_at": a.kolmogorov.at,
                    "wasserstein": a.wasserstein,
                    "wasserstein_noise": a.wasserstein_noise,
                })
            });
            json!({
                "variable": variable,
                "mean": column(self.paths.mean(), |e| e.value),
                "mean_error": column(self.paths.mean(), |e| e.error),
                "variance": column(self.paths.variance(), |e| e.value),
                "variance_error": column(self.paths.variance(), |e| e.error),
                "final": { "mean": pair(last.mean), "variance": pair(last.variance), "sgd": against },
            })
        };
        json!({
            "model": name(self.args.model),
            "objectives": self.formulas,
            "noise": self.args.noise,
            "temperature": self.temperature,
            "h": self.args.h,
            "steps": self.steps,
            "time": self.steps as f64 * self.args.h,
            "start": self.args.start,
            "paths": self.args.paths,
            "substeps": self.args.substeps,
            "seed": self.args.seed,
            "times": self.times(),
            "variables": self.variables.iter().zip(&self.last).enumerate().map(one).collect::<Vec<_>>(),
        })
    }

    fn times(&self) -> Vec<f64> {
        self.paths.steps().iter().map(|&step| step as f64 * self.args.h).collect()
    }

    fn chart(&self) -> Chart {
        let times = self.times();
        let end = times[times.len() - 1];
        let mut table = Table::new([
            "variable",
            "time",
            "mean",
            "mean_error",
            "variance",
            "variance_error",
            "sgd_mean",
            "sgd_mean_error",
            "sgd_variance",
            "sgd_variance_error",
        ]);
        let mut fields = Vec::new();
        for (v, variable) in self.variables.iter().enumerate() {
            let numbers = |ensemble: Option<&Ensemble>, k: usize| match ensemble {
                Some(ensemble) => {
                    let (mean, variance) = (ensemble.mean()[k][v], ensemble.variance()[k][v]);
                    [mean.value, mean.error, variance.value, variance.error]
                }
                None => [f64::NAN; 4],
            };
            let mut columns = vec![times.clone()];
            columns.resize(9, Vec::new());
            for (k, &time) in times.iter().enumerate() {
                let (mine, theirs) = (numbers(Some(&self.paths), k), numbers(self.descent.as_ref(), k));
                let mut row = vec![Cell::from(variable.as_str()), Cell::from(time)];
                row.extend(mine.iter().chain(&theirs).map(|&x| Cell::from(x)));
                table.push_row(&row);
                columns[1..]
                    .iter_mut()
                    .zip(mine.iter().chain(&theirs))
                    .for_each(|(column, x)| column.push(*x));
            }
            fields.extend(rows(&format!("{variable}_moments"), (0.0, end), &columns));
            let some: Vec<Vec<f64>> =
                self.paths.paths().iter().map(|path| path.iter().map(|x| x[v]).collect()).collect();
            fields.extend(rows(&format!("{variable}_paths"), (0.0, end), &some));
            let last = self.paths.last(v).to_vec();
            let theirs =
                self.descent.as_ref().map_or_else(|| last.clone(), |descent| descent.last(v).to_vec());
            fields.extend(rows(&format!("{variable}_last"), (0.0, last.len() as f64 - 1.0), &[last, theirs]));
        }
        let (layers, range) = self.layers(&times);
        let mut keys = vec![(GREY, "some paths".to_owned()), (BLUE, "mean $\\pm$ deviation".to_owned())];
        if self.descent.is_some() {
            keys.push((VERMILION, "the same of SGD".to_owned()));
        }
        let model = match self.args.model {
            PathModel::Sgd => "SGD",
            PathModel::Langevin => "Langevin",
            PathModel::Sme1 => "SME, order 1",
            PathModel::Sme2 => "SME, order 2",
        };
        Chart {
            id: "paths".to_owned(),
            title: "Paths and their moments".to_owned(),
            heading: format!("{model}, $h={}$", tex(self.args.h)),
            parameters: json!({
                "model": name(self.args.model), "objectives": self.formulas, "noise": self.args.noise,
                "temperature": self.temperature, "h": self.args.h, "steps": self.steps, "start": self.args.start,
                "paths": self.args.paths, "substeps": self.args.substeps, "seed": self.args.seed,
            }),
            x: ChartAxis::linear("time $t=kh$", (0.0, end)),
            y: ChartAxis::linear(&label(&self.variables[0]), range),
            layers,
            keys,
            table: Some(table),
            fields,
        }
    }

    /// The first variable: paths thin, mean and the deviation about it.
    fn layers(&self, times: &[f64]) -> (Vec<ChartLayer>, (f64, f64)) {
        let mut layers: Vec<ChartLayer> = self
            .paths
            .paths()
            .iter()
            .map(|path| ChartLayer::Line {
                points: times.iter().zip(path).map(|(&t, x)| (t, x[0])).collect(),
                stroke: Stroke::thin(GREY).opacity(0.5),
            })
            .collect();
        let mut band = |ensemble: &Ensemble, colour, width: f64| {
            for side in [-1.0, 1.0, 0.0] {
                let value =
                    |k: usize| ensemble.mean()[k][0].value + side * ensemble.variance()[k][0].value.sqrt();
                let points = times.iter().enumerate().map(|(k, &t)| (t, value(k))).collect();
                let thin = if side == 0.0 { width } else { 0.55 * width };
                layers.push(ChartLayer::Line { points, stroke: Stroke::new(colour).width(thin) });
            }
        };
        band(&self.paths, BLUE, 1.4);
        if let Some(descent) = &self.descent {
            band(descent, VERMILION, 0.7);
        }
        let values = layers.iter().flat_map(|layer| match layer {
            ChartLayer::Line { points, .. } => points.iter().map(|point| point.1).collect(),
            _ => Vec::new(),
        });
        let range = extent(values);
        (layers, range)
    }
}
