//! A line search against fixed steps on the least-squares line through five points.

use serde_json::{Value, json};
use shadowflow_numerics::problems::LinearRegression;
use shadowflow_numerics::work::{Cost, Counted, Solver, solve};
use shadowflow_numerics::{Armijo, Objective, Scalar};

use crate::axis::Axis;
use crate::canvas::geometry::{Point, Rect};
use crate::canvas::text::{HAlign, TextStyle, VAlign};
use crate::data::{Data, Table};
use crate::error::{DrawError, FigureError};
use crate::figure::{Check, Drawing, Figure, Progress};
use crate::legend::{Corner, Key};
use crate::page::{Margins, Page};
use crate::style::{
    BLACK, Colour, DOUBLE_COLUMN_MM, Dash, GREY, LIGHT_GREY, Marker, PURPLE, SMALL_SIZE, Stroke, VERMILION,
};

/// f - f* of descent with fixed steps and with line searches.
pub(super) struct LineSearch;

/// The horizontal line through the mean of the data, the best of slope 0.
const START: [f64; 2] = [0.0, 4.0];
/// Where runs end: f - f*.
const GOAL: f64 = 1e-14;
const MOST: usize = 2000;
/// Where counts are compared.
const COMPARED: f64 = 1e-6;
/// Iterations of which steps are drawn.
const SHOWN: usize = 60;

/// f - f* of the regression as ½(x - x*)ᵀH(x - x*): exact near the minimum, where differences of f are rounding.
struct Excess;

impl Objective for Excess {
    fn variables(&self) -> usize {
        2
    }

    fn value<S: Scalar>(&self, x: &[S]) -> S {
        let mut slope = [x[0], x[1]];
        self.gradient(x, &mut slope);
        let [a, b] = LinearRegression::MINIMIZER;
        (slope[0] * (x[0] - a) + slope[1] * (x[1] - b)) * 0.5
    }

    fn gradient<S: Scalar>(&self, x: &[S], out: &mut [S]) {
        let ([a, b], h) = (LinearRegression::MINIMIZER, LinearRegression::HESSIAN);
        let (u, v) = (x[0] - a, x[1] - b);
        out[0] = u * h[0] + v * h[1];
        out[1] = u * h[2] + v * h[3];
    }
}

/// How steps are chosen.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Way {
    /// h times the largest curvature L, always.
    Fixed(f64),
    /// 2/(μ + L), the best of the fixed ones.
    Best,
    /// Armijo's search, beginning with twice the last step.
    Armijo,
    /// The minimum along the line, which for a parabola costs one value.
    Exact,
}

const WAYS: [(Way, &str, Colour, Dash); 4] = [
    (Way::Fixed(1.0), "fixed, $h=1/L$", GREY, Dash::Solid),
    (Way::Best, "fixed, $h=2/(\\mu+L)$", BLACK, Dash::Solid),
    (Way::Exact, "exact line search", PURPLE, Dash::Dashed),
    (Way::Armijo, "Armijo", VERMILION, Dash::Solid),
];

/// One iterate: f - f*, the step taken from it, and what was evaluated to reach it.
struct Iterate {
    excess: f64,
    step: f64,
    cost: Cost,
}

fn run(way: Way) -> Vec<Iterate> {
    let [mu, largest] = LinearRegression.curvatures();
    let f = Counted::new(&Excess);
    let (mut x, mut last) = (START, 1.0);
    let mut iterates = Vec::new();
    for _ in 0..=MOST {
        let (excess, cost) = (Excess.value(&x), f.cost());
        if excess <= GOAL || iterates.len() == MOST {
            iterates.push(Iterate { excess, step: f64::NAN, cost });
            break;
        }
        let mut gradient = [0.0; 2];
        f.gradient(&x, &mut gradient);
        let square = gradient[0] * gradient[0] + gradient[1] * gradient[1];
        let along = |t: f64| [x[0] - t * gradient[0], x[1] - t * gradient[1]];
        let step = match way {
            Way::Fixed(share) => share / largest,
            Way::Best => 2.0 / (mu + largest),
            Way::Armijo => {
                let start = f.value(&x);
                let found = Armijo::default().step(|t| f.value(&along(t)), start, -square, 2.0 * last);
                found.unwrap_or(f64::NAN)
            }
            Way::Exact => {
                // Through f, its slope and f(x - t∇f) at t = 1/L goes the parabola itself.
                let (start, t) = (f.value(&x), 1.0 / largest);
                let curvature = (f.value(&along(t)) - start + t * square) * 2.0 / (t * t);
                square / curvature
            }
        };
        last = step;
        x = along(step);
        iterates.push(Iterate { excess, step, cost });
    }
    iterates
}

impl Figure for LineSearch {
    fn id(&self) -> &'static str {
        "line-search"
    }

    fn title(&self) -> &'static str {
        "Armijo's line search against fixed steps on a linear regression, by iterations and by work"
    }

    fn source(&self) -> &'static str {
        "Armijo (1966); Nocedal & Wright (2006), section 3.5; this project"
    }

    fn parameters(&self) -> Value {
        json!({ "start": START, "goal": GOAL, "most": MOST, "compared": COMPARED })
    }

    fn make(&self, progress: &dyn Progress) -> Result<Drawing, FigureError> {
        let runs: Vec<Vec<Iterate>> = WAYS.iter().map(|entry| run(entry.0)).collect();
        progress.checkpoint(0.5)?;
        let data = Data { table: Some(table(&runs)), fields: Vec::new() };
        Ok(Drawing { data, checks: checks(&runs)?, page: page(&runs)? })
    }
}

fn name(way: Way) -> String {
    WAYS.iter().find(|entry| entry.0 == way).map_or(String::new(), |entry| entry.1.replace(['$', '\\'], ""))
}

/// The first iterate at which f - f* is at the value compared.
fn arrival(run: &[Iterate]) -> (f64, f64) {
    let first = run.iter().position(|iterate| iterate.excess <= COMPARED);
    first.map_or((f64::NAN, f64::NAN), |k| (k as f64, run[k].cost.in_gradients()))
}

fn checks(runs: &[Vec<Iterate>]) -> Result<Vec<Check>, FigureError> {
    let [short, best, exact, armijo] = runs else { return Ok(Vec::new()) };
    let [mu, largest] = LinearRegression.curvatures();
    let mut checks = Vec::new();
    // The two values of f: one by residuals, one by the minimum and the Hessian.
    let direct = LinearRegression.value(&START) - LinearRegression::MINIMUM;
    checks.push(Check::near("f - f* at the start", short[0].excess, direct, 1e-14));
    for (run, h, way) in [(short, 1.0 / largest, Way::Fixed(1.0)), (best, 2.0 / (mu + largest), Way::Best)] {
        // After the first iterates only the slow component is left at h = 1/L; at the best h both shrink alike. Roundings of
        // x are 1e-9 of x - x* at the end.
        let n = run.len() - 1;
        let measured = (run[n].excess / run[n / 2].excess).ln() / (n - n / 2) as f64;
        let name = format!("logarithmic rate of f - f*, {}", name(way));
        checks.push(Check::near(name, measured, 2.0 * (1.0 - h * mu).ln(), 1e-10));
    }
    for (run, way) in [(exact, Way::Exact), (armijo, Way::Armijo)] {
        let rises = run.windows(2).filter(|pair| pair[1].excess >= pair[0].excess).count();
        checks.push(Check::at_most(format!("iterations without descent, {}", name(way)), rises as f64, 0.0));
        let left = run.last().map_or(f64::NAN, |iterate| iterate.excess);
        checks.push(Check::at_most(format!("f - f* at the end, {}", name(way)), left, GOAL));
    }
    // Kantorovich: exact steps shrink f - f* at least by ((κ - 1)/(κ + 1))².
    let kappa = largest / mu;
    let worst = exact.windows(2).map(|pair| pair[1].excess / pair[0].excess).fold(0.0, f64::max);
    let bound = ((kappa - 1.0) / (kappa + 1.0)).powi(2);
    checks.push(Check::at_most("worst factor of exact steps over Kantorovich's", worst / bound, 1.0 + 1e-9));
    // The same count by the solver of the library.
    let reached = |x: &[f64]| Excess.value(x) <= COMPARED;
    let cost = solve(&Solver::Armijo, &Excess, &START, reached, 100_000).map_err(FigureError::computation)?;
    let counted = armijo.iter().find(|iterate| iterate.excess <= COMPARED).map(|iterate| iterate.cost);
    let gradients = counted.map_or(f64::NAN, |cost| cost.gradients as f64);
    checks.push(Check::near(
        "gradients of Armijo to 1e-6 against the solver",
        gradients,
        cost.gradients as f64,
        0.0,
    ));
    let values = counted.map_or(f64::NAN, |cost| cost.values as f64);
    checks.push(Check::near("values of Armijo to 1e-6 against the solver", values, cost.values as f64, 0.0));
    // With f by residuals other roundings lead to other steps, and to as many iterations nearly.
    let by_residuals = solve(&Solver::Armijo, &LinearRegression, &START, reached, 100_000)
        .map_err(FigureError::computation)?;
    let ratio = by_residuals.gradients as f64 / cost.gradients as f64;
    checks.push(Check::near("the same by residuals, over that", ratio, 1.0, 0.15));
    let (iterations, work) = arrival(armijo);
    checks.push(Check::at_most(
        "iterations to 1e-6, Armijo over h = 2/(mu + L)",
        iterations / arrival(best).0,
        1.0,
    ));
    checks.push(Check::at_most(
        "iterations to 1e-6, Armijo over h = 1/L",
        iterations / arrival(short).0,
        0.5,
    ));
    // Its values cost what its steps gain: it needs no knowledge of μ and L, and is not cheaper than with it.
    checks.push(Check::at_most("work to 1e-6, Armijo over h = 1/L", work / arrival(short).1, 1.0));
    checks.push(Check::at_least("work to 1e-6, Armijo over h = 2/(mu + L)", work / arrival(best).1, 1.0));
    let long = armijo.iter().map(|iterate| iterate.step * largest).fold(0.0, f64::max);
    checks.push(Check::at_least("longest step of Armijo over 2/L", long / 2.0, 2.0));
    // The control: a fixed step of that size, or of 1 % beyond 2/L, does not descend.
    let control = run(Way::Fixed(2.02));
    let grown = control.last().map_or(f64::NAN, |iterate| iterate.excess) / control[0].excess;
    checks.push(Check::at_least("growth of f - f* at h = 2.02/L", grown, 1e3));
    Ok(checks)
}

fn table(runs: &[Vec<Iterate>]) -> Table {
    let mut table = Table::new(["method", "iteration", "excess", "step", "gradients", "values", "work"]);
    for (run, (way, ..)) in runs.iter().zip(WAYS) {
        for (k, iterate) in run.iter().enumerate() {
            table.push([
                name(way).into(),
                (k as f64).into(),
                iterate.excess.into(),
                iterate.step.into(),
                (iterate.cost.gradients as f64).into(),
                (iterate.cost.values as f64).into(),
                iterate.cost.in_gradients().into(),
            ]);
        }
    }
    table
}

fn page(runs: &[Vec<Iterate>]) -> Result<Page, DrawError> {
    let mut page = Page::new(DOUBLE_COLUMN_MM, 68.0);
    let places = page.grid(1, 3, &Margins { between_columns: 40.0, right: 30.0, ..Margins::default() });
    for (k, place) in places.iter().take(2).enumerate() {
        excess(&mut page, *place, k, runs)?;
    }
    steps(&mut page, places[2], runs)?;
    Ok(page)
}

/// f - f* over iterations or over work.
fn excess(page: &mut Page, place: Rect, index: usize, runs: &[Vec<Iterate>]) -> Result<(), DrawError> {
    let title = ["iterations", "gradients, values as halves"][index];
    let x = Axis::linear(0.0, 450.0)?.title(title);
    let mut y = Axis::log(1e-14, 1e2)?;
    y = if index == 0 { y.title("$f-f^*$") } else { y.bare() };
    let mut panel = page.panel(place, x, y)?;
    panel.heading(["a", "b"][index], ["by iterations", "by work"][index])?;
    for (run, (_, _, colour, dash)) in runs.iter().zip(WAYS) {
        let at = |(k, iterate): (usize, &Iterate)| -> Point {
            (if index == 0 { k as f64 } else { iterate.cost.in_gradients() }, iterate.excess)
        };
        panel.line(run.iter().enumerate().map(at), &Stroke::new(colour).dash(dash))?;
    }
    Ok(())
}

/// The steps of the line searches between those of fixed ones.
fn steps(page: &mut Page, place: Rect, runs: &[Vec<Iterate>]) -> Result<(), DrawError> {
    let [mu, largest] = LinearRegression.curvatures();
    let last = SHOWN as f64;
    let x = Axis::linear(0.0, last)?.title("iterations");
    let y = Axis::log(0.02, 300.0)?.title("step");
    let mut panel = page.panel(place, x, y)?;
    panel.heading("c", "steps of the line searches")?;
    let lines = [(1.0 / largest, "$1/L$"), (2.0 / largest, "$2/L$"), (1.0 / mu, "$1/\\mu$")];
    let labels = lines.map(|(value, text)| (value, text.to_owned(), GREY));
    for (value, _) in lines {
        panel.line([(0.0, value), (last, value)], &Stroke::thin(LIGHT_GREY))?;
    }
    for (index, colour) in [(2, PURPLE), (3, VERMILION)] {
        let points: Vec<Point> =
            (runs[index].iter().take(SHOWN + 1).enumerate()).map(|(k, it)| (k as f64, it.step)).collect();
        panel.line(points.iter().copied(), &Stroke::thin(colour).width(0.35))?;
        panel.points(points, &Marker::disk(colour).radius(1.2))?;
    }
    panel.curve_labels(last, HAlign::Right, &labels)?;
    let style = TextStyle::new(SMALL_SIZE).colour(GREY).anchor(HAlign::Right, VAlign::Middle);
    panel.label((last, 0.9), (0.0, 0.0), "beyond $2/L$ fixed steps diverge", &style)?;
    let keys: Vec<(Key, &str)> = WAYS
        .iter()
        .map(|&(_, label, colour, dash)| (Key::Line(Stroke::new(colour).dash(dash)), label))
        .collect();
    panel.legend(Corner::TopRight, &keys)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_excess_is_the_regression_above_its_minimum() {
        for x in [[0.0, 4.0], [2.0, -1.0], [0.9, 1.3]] {
            let difference = LinearRegression.value(&x) - LinearRegression::MINIMUM - Excess.value(&x);
            assert!(difference.abs() < 1e-13, "{difference}");
            let (mut one, mut other) = ([0.0; 2], [0.0; 2]);
            LinearRegression.gradient(&x, &mut one);
            Excess.gradient(&x, &mut other);
            assert!((one[0] - other[0]).hypot(one[1] - other[1]) < 1e-12);
        }
    }
}
