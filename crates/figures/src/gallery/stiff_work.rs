//! Does Runge–Kutta make gradient descent faster? Gradients to a millionth of the start, against the condition number.

use serde_json::{Value, json};
use shadowflow_methods::Method;
use shadowflow_numerics::problems::Quadratic;
use shadowflow_numerics::work::{Cost, PointClouds, RegularisedLogistic, Solver, WorkError, solve};
use shadowflow_numerics::{Curvature, GradientFlow, Momentum, Objective, Schedule, best_step, flow};

use crate::axis::Axis;
use crate::canvas::text::{HAlign, TextStyle, VAlign};
use crate::data::{Cell, Data, Table};
use crate::error::{DrawError, FigureError};
use crate::figure::{Check, Drawing, Figure, Progress};
use crate::page::{Margins, Page};
use crate::style::{
    BLACK, BLUE, Colour, DOUBLE_COLUMN_MM, Dash, GREEN, GREY, Marker, ORANGE, PURPLE, SKY, SMALL_SIZE,
    Stroke, VERMILION,
};

/// Gradients that methods need.
pub(super) struct StiffWork;

const ACCURACY: f64 = 1e-6;
/// Curvatures of the quadratics, evenly spread over decades.
const DIMENSION: usize = 200;
/// Condition numbers up to which the slow methods are run; beyond, the polynomial tells.
const DECADES: [f64; 8] = [1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8];
const RUN_UP_TO: f64 = 1e4;
const BUDGET: u64 = 1_000_000;
const PAGE_MM: f64 = 92.0;

/// A method of the figure.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Way {
    Euler,
    Rk2,
    Rk3,
    Rk4,
    Armijo,
    Silver,
    Chebyshev,
    HeavyBall,
    Nesterov,
    Conjugate,
    NewtonCg,
    ImplicitEuler,
    ImplicitMidpoint,
}

const WAYS: [(Way, &str, Colour, Dash); 13] = [
    (Way::Rk4, "RK4", BLUE, Dash::Solid),
    (Way::Rk3, "RK3", BLUE, Dash::Dashed),
    (Way::Rk2, "RK2", BLUE, Dash::Dotted),
    (Way::Euler, "gradient descent", BLACK, Dash::Solid),
    (Way::Armijo, "Armijo", GREY, Dash::Solid),
    (Way::Silver, "silver steps", SKY, Dash::Solid),
    (Way::ImplicitMidpoint, "implicit midpoint", ORANGE, Dash::Dashed),
    (Way::ImplicitEuler, "implicit Euler", ORANGE, Dash::Solid),
    (Way::NewtonCg, "Newton with linear CG", PURPLE, Dash::Dashed),
    (Way::Conjugate, "nonlinear CG", PURPLE, Dash::Solid),
    (Way::Nesterov, "Nesterov", VERMILION, Dash::Dashed),
    (Way::HeavyBall, "heavy ball", VERMILION, Dash::Solid),
    (Way::Chebyshev, "Chebyshev stages", GREEN, Dash::Solid),
];

impl Way {
    /// Takes κ gradients and more on quadratics, for which the polynomial can speak, or the square root of that with much work.
    fn is_slow(self) -> bool {
        matches!(
            self,
            Way::Euler | Way::Rk2 | Way::Rk3 | Way::Rk4 | Way::Armijo | Way::Silver | Way::ImplicitMidpoint
        )
    }
}

/// What a method costs on an objective with curvatures in [μ, L]; `None` if it does not get there within the budget.
fn cost_of<V: Objective>(
    way: Way,
    f: &V,
    start: &[f64],
    (mu, largest): (f64, f64),
    reached: impl Fn(&[f64]) -> bool,
) -> Result<Option<Cost>, FigureError> {
    let failed = |error: &dyn std::fmt::Display| FigureError::computation(error.to_string());
    let method = |name: &str| Method::named(name).map_err(FigureError::computation);
    let run = |solver: &Solver<'_>| match solve(solver, f, start, &reached, BUDGET) {
        Ok(cost) => Ok(Some(cost)),
        Err(WorkError::Budget { .. }) => Ok(None),
        Err(error) => Err(failed(&error)),
    };
    let tuned = |tuning: Result<shadowflow_numerics::Tuning, _>, ahead: bool| {
        let tuning = tuning.map_err(|e: shadowflow_numerics::InputError| failed(&e))?;
        let momentum =
            if ahead { Momentum::nesterov(tuning.beta) } else { Momentum::heavy_ball(tuning.beta) };
        run(&Solver::Momentum { momentum: momentum.map_err(|e| failed(&e))?, h: tuning.h })
    };
    match way {
        Way::Euler | Way::Rk2 | Way::Rk3 | Way::Rk4 => {
            let method = method(rk(way))?;
            run(&Solver::RungeKutta { tableau: method.tableau(), h: best(&method, mu, largest)? })
        }
        Way::Armijo => run(&Solver::Armijo),
        Way::Silver => {
            // Cycles of 2ᵏ - 1 steps with ρᵏ near κ: a cycle leaves ρ⁻ᵏ at L, and exp(-(ρᵏ - 1)/κ) at μ.
            let cycles = ((largest / mu).ln() / (1.0 + 2f64.sqrt()).ln()).round().clamp(1.0, 20.0);
            let schedule = Schedule::silver((1 << cycles as u32) - 1, largest).map_err(|e| failed(&e))?;
            run(&Solver::Schedule(&schedule))
        }
        Way::Chebyshev => run(&Solver::Chebyshev { stages: stages(largest / mu), curvatures: (mu, largest) }),
        Way::HeavyBall => tuned(Momentum::best_heavy_ball(mu, largest), false),
        Way::Nesterov => tuned(Momentum::best_nesterov(mu, largest), true),
        Way::Conjugate => run(&Solver::ConjugateGradients),
        Way::NewtonCg => run(&Solver::NewtonCg),
        Way::ImplicitEuler => run(&Solver::ImplicitEuler { h: 9.0 / mu }),
        Way::ImplicitMidpoint => run(&Solver::ImplicitMidpoint { h: 2.0 / (mu * largest).sqrt() }),
    }
}

/// Stages of a Chebyshev step, each of which leaves 1/cosh 4 of every component.
fn stages(kappa: f64) -> usize {
    (2.0 * kappa.sqrt()).ceil() as usize
}

fn rk(way: Way) -> &'static str {
    match way {
        Way::Rk2 => "heun",
        Way::Rk3 => "kutta3",
        Way::Rk4 => "rk4",
        _ => "euler",
    }
}

fn best(method: &Method, mu: f64, largest: f64) -> Result<f64, FigureError> {
    best_step(method.tableau().stability_function(), mu, largest)
        .ok_or_else(|| FigureError::computation(format!("{} has no largest step", method.name())))
}

/// Gradients foretold by the contraction of the polynomial.
fn foretold(way: Way, kappa: f64) -> Result<f64, FigureError> {
    let method = Method::named(rk(way)).map_err(FigureError::computation)?;
    let h = best(&method, 1.0, kappa)?;
    // 1 - |R(-hμ)| without cancellation: (R - 1)/z by the other coefficients.
    let r = method.tableau().stability_function();
    let below = r.numerator_f64()[1..].iter().rev().fold(0.0, |sum, c| sum * -h + c) * -h;
    Ok((ACCURACY.ln() / below.ln_1p()).ceil() * method.tableau().stages() as f64)
}

/// What was found of one problem.
struct Found {
    way: Way,
    kappa: f64,
    cost: Cost,
    /// By a run, not by the polynomial.
    run: bool,
}

impl Found {
    fn price(&self) -> f64 {
        self.cost.in_gradients()
    }
}

impl Figure for StiffWork {
    fn id(&self) -> &'static str {
        "stiff-work"
    }

    fn title(&self) -> &'static str {
        "What it costs to reach a minimum: Runge-Kutta methods, momentum, Chebyshev stages, implicit methods"
    }

    fn source(&self) -> &'static str {
        "this project; Chebyshev stages after Eftekhari, Vandereycken, Vilmart & Zygalakis (2021)"
    }

    fn parameters(&self) -> Value {
        json!({ "accuracy": ACCURACY, "dimension": DIMENSION, "kappa": DECADES, "run_up_to": RUN_UP_TO })
    }

    fn make(&self, progress: &dyn Progress) -> Result<Drawing, FigureError> {
        let mut quadratic = Vec::new();
        for (k, kappa) in DECADES.into_iter().enumerate() {
            let exponent = |i: usize| i as f64 / (DIMENSION - 1) as f64;
            let f = Quadratic::new(&(0..DIMENSION).map(|i| kappa.powf(exponent(i))).collect::<Vec<_>>());
            let done = |x: &[f64]| x.iter().all(|x| x.abs() <= ACCURACY);
            for (way, ..) in WAYS {
                if kappa <= RUN_UP_TO || !way.is_slow() {
                    if let Some(cost) = cost_of(way, &f, &[1.0; DIMENSION], (1.0, kappa), done)? {
                        quadratic.push(Found { way, kappa, cost, run: true });
                    }
                } else if matches!(way, Way::Euler | Way::Rk2 | Way::Rk3 | Way::Rk4) {
                    let cost = Cost { gradients: foretold(way, kappa)? as u64, ..Cost::default() };
                    quadratic.push(Found { way, kappa, cost, run: false });
                }
            }
            progress.checkpoint(0.6 * (k as f64 + 1.0) / DECADES.len() as f64)?;
        }
        let mut logistic = Vec::new();
        for (k, kappa) in DECADES.into_iter().enumerate() {
            let (f, curvatures, minimum) = regression(kappa)?;
            let done = |x: &[f64]| distance(x, &minimum) <= ACCURACY * distance(&[0.0; FEATURES], &minimum);
            for (way, ..) in WAYS {
                if kappa > RUN_UP_TO && way.is_slow() {
                    continue;
                }
                if let Some(cost) = cost_of(way, &f, &[0.0; FEATURES], curvatures, done)? {
                    logistic.push(Found { way, kappa, cost, run: true });
                }
            }
            progress.checkpoint(0.6 + 0.3 * (k as f64 + 1.0) / DECADES.len() as f64)?;
        }
        let clouds = PointClouds::example();
        let minimum = clouds.minimizer();
        let curvature = Curvature::at(&clouds, &minimum).map_err(FigureError::computation)?;
        let curvatures = (curvature.eigenvalues()[0], curvature.sharpness());
        let start = [0.0; 3];
        let done = |x: &[f64]| distance(x, &minimum) <= ACCURACY * distance(&start, &minimum);
        let mut aligned = Vec::new();
        for (way, ..) in WAYS {
            if let Some(cost) = cost_of(way, &clouds, &start, curvatures, done)? {
                aligned.push(Found { way, kappa: curvatures.1 / curvatures.0, cost, run: true });
            }
        }
        progress.checkpoint(0.95)?;

        let columns = [
            "problem",
            "method",
            "kappa",
            "gradients",
            "hessian_vector_products",
            "values",
            "price_in_gradients",
            "run",
        ];
        let mut table = Table::new(columns);
        for (problem, found) in [("quadratic", &quadratic), ("logistic", &logistic), ("clouds", &aligned)] {
            for one in found {
                table.push([
                    Cell::from(problem),
                    Cell::from(name(one.way)),
                    Cell::from(one.kappa),
                    Cell::from(one.cost.gradients as f64),
                    Cell::from(one.cost.products as f64),
                    Cell::from(one.cost.values as f64),
                    Cell::from(one.price()),
                    Cell::from(if one.run { "run" } else { "foretold" }),
                ]);
            }
        }
        let page = page(&quadratic, &logistic, &aligned)?;
        let checks = checks(&quadratic, &logistic, &aligned)?;
        Ok(Drawing { data: Data { table: Some(table), fields: Vec::new() }, checks, page })
    }
}

fn name(way: Way) -> &'static str {
    WAYS.iter().find(|entry| entry.0 == way).map_or("", |entry| entry.1)
}

fn distance(x: &[f64], y: &[f64]) -> f64 {
    x.iter().zip(y).map(|(x, y)| (x - y).powi(2)).sum::<f64>().sqrt()
}

/// An objective, the bounds of its curvatures, and its minimizer.
type Regression = (RegularisedLogistic, (f64, f64), Vec<f64>);

const FEATURES: usize = 6;
const SAMPLES: usize = 60;
const PRIMES: [f64; FEATURES] = [2.0, 3.0, 5.0, 7.0, 11.0, 13.0];

/// Logistic regression on fixed quasi-random data, features of sizes from 1 to 1/√κ, with the regularisation that makes the
/// bound L/λ of its curvatures κ; that bound, and the minimizer.
fn regression(kappa: f64) -> Result<Regression, FigureError> {
    let rows: Vec<Vec<f64>> = (0..SAMPLES)
        .map(|i| {
            // A Kronecker sequence: multiples of the roots of primes, modulo 1, fill the cube evenly.
            let spread = |j: usize| 2.0 * ((i + 1) as f64 * PRIMES[j].sqrt()).fract() - 1.0;
            let a: Vec<f64> = (0..FEATURES).map(spread).collect();
            let scale = |j: usize| kappa.powf(-0.5 * j as f64 / (FEATURES - 1) as f64);
            // Labels mostly follow the first two features.
            let label = if a[0] - 0.5 * a[1] + 0.6 * (78.2 * i as f64).sin() > 0.0 { 1.0 } else { -1.0 };
            a.into_iter().enumerate().map(|(j, a)| a * label * scale(j)).collect()
        })
        .collect();
    // log(1 + e⁻ᵗ)'' ≤ 1/4, so L = λ_max(AᵀA)/4n + λ; the mean square of a row bounds it well enough.
    let bare = RegularisedLogistic::new(rows, 1.0).map_err(FigureError::computation)?;
    let at_zero = Curvature::at(&bare, &[0.0; FEATURES]).map_err(FigureError::computation)?;
    let data = at_zero.sharpness() - 1.0;
    let lambda = data / (kappa - 1.0);
    let f = bare.with_lambda(lambda).map_err(FigureError::computation)?;
    let minimum = newton(&f)?;
    Ok((f, (lambda, data + lambda), minimum))
}

/// The minimizer to rounding: along the flow first, then by Newton's method.
fn newton(f: &RegularisedLogistic) -> Result<Vec<f64>, FigureError> {
    let mut x = flow(&GradientFlow(f), &[0.0; FEATURES], 20.0).map_err(FigureError::computation)?;
    for _ in 0..50 {
        let curvature = Curvature::at(f, &x).map_err(FigureError::computation)?;
        let parts = curvature.directions().iter().zip(curvature.eigenvalues());
        let mut step = vec![0.0; FEATURES];
        for (v, value) in parts {
            let share: f64 = v.iter().zip(curvature.gradient()).map(|(v, g)| v * g).sum();
            step.iter_mut().zip(v).for_each(|(step, v)| *step += share / value * v);
        }
        x.iter_mut().zip(&step).for_each(|(x, step)| *x -= step);
    }
    Ok(x)
}

fn page(quadratic: &[Found], logistic: &[Found], aligned: &[Found]) -> Result<Page, DrawError> {
    let mut page = Page::new(DOUBLE_COLUMN_MM, PAGE_MM);
    let margins = Margins { left: 38.0, right: 84.0, between_columns: 34.0, ..Margins::default() };
    let places = page.grid(1, 3, &margins);
    let decades = |from: i32, to: i32, by: usize| {
        (from..=to).step_by(by).map(|k| (10f64.powi(k), format!("$10^{{{k}}}$")))
    };
    for (k, (found, last, heading)) in
        [(quadratic, 1e8, "quadratics"), (logistic, 1e8, "logistic regression")].into_iter().enumerate()
    {
        let x =
            Axis::log(10.0, last)?.ticks_at(decades(1, last.log10() as i32, if last > 1e6 { 2 } else { 1 }));
        let top = if k == 0 { 10 } else { 7 };
        let mut y = Axis::log(5.0, 10f64.powi(top))?.ticks_at(decades(1, top, 1));
        y = if k == 0 { y.title("gradients to $10^{-6}$") } else { y };
        let mut panel = page.panel(places[k], x.title("condition number $\\kappa$"), y)?;
        for slope in [1.0, 0.5] {
            let line = [10.0, last]
                .map(|kappa: f64| (kappa, if slope == 1.0 { 60.0 } else { 1.2 } * kappa.powf(slope)));
            panel.line(line, &Stroke::thin(GREY).width(0.35))?;
        }
        for (way, _, colour, dash) in WAYS {
            let points = found.iter().filter(|one| one.way == way).map(|one| (one.kappa, one.price()));
            panel.line(points, &Stroke::new(colour).dash(dash))?;
        }
        panel.heading(["a", "b"][k], heading)?;
        // What does not arrive is said, not left out.
        let last_of =
            |way: Way| found.iter().filter(|one| one.way == way).map(|one| one.kappa).fold(1.0, f64::max);
        let asked = |way: Way| if way.is_slow() { RUN_UP_TO } else { last };
        let short = WAYS.iter().filter(|entry| last_of(entry.0) < 0.5 * asked(entry.0));
        for (line, (way, label, colour, _)) in short.enumerate() {
            // Guides pass behind.
            let style =
                TextStyle::new(SMALL_SIZE).colour(*colour).anchor(HAlign::Left, VAlign::Top).halo(1.5);
            let text = format!("{label}: not beyond $10^{{{}}}$", last_of(*way).log10().round());
            panel.label((10.0, 10f64.powi(top)), (4.0, 4.0 + 9.0 * line as f64), &text, &style)?;
        }
        if k == 0 {
            let style = TextStyle::new(SMALL_SIZE).colour(GREY).anchor(HAlign::Right, VAlign::Bottom);
            panel.label((10f64.powf(6.2), 60.0 * 10f64.powf(6.2)), (-3.0, -2.0), "$\\kappa$", &style)?;
            let style = style.anchor(HAlign::Left, VAlign::Top);
            panel.label((10f64.powf(6.2), 1.2 * 10f64.powf(3.1)), (3.0, 3.0), "$\\sqrt{\\kappa}$", &style)?;
        }
    }
    // One row a method, which names the lines of the other panels too.
    let x = Axis::log(5.0, 3e4)?.ticks_at(decades(1, 4, 1)).title("gradients to $10^{-6}$");
    let y = Axis::linear(-(WAYS.len() as f64) + 0.4, 0.6)?.hidden();
    let mut panel = page.panel(places[2], x, y)?;
    for (k, (way, label, colour, dash)) in WAYS.iter().enumerate() {
        let row = -(k as f64);
        let Some(one) = aligned.iter().find(|one| one.way == *way) else { continue };
        panel.line([(5.0, row), (one.price(), row)], &Stroke::new(*colour).dash(*dash))?;
        panel.points([(one.price(), row)], &Marker::disk(*colour).radius(1.7))?;
        // Where the price is not of gradients alone, a ring tells what of it is.
        if one.cost.products + one.cost.values > 0 {
            panel.points([(one.cost.gradients as f64, row)], &Marker::ring(*colour).radius(1.7))?;
        }
        let style = TextStyle::new(SMALL_SIZE).colour(*colour).anchor(HAlign::Left, VAlign::Middle);
        panel.label((3e4, row), (6.0, 0.0), label, &style)?;
    }
    panel.heading("c", "aligning two point clouds")?;
    Ok(page)
}

fn checks(quadratic: &[Found], logistic: &[Found], aligned: &[Found]) -> Result<Vec<Check>, FigureError> {
    let price = |found: &[Found], way: Way, kappa: f64| {
        found.iter().find(|one| one.way == way && one.kappa == kappa).map_or(f64::NAN, Found::price)
    };
    let slope = |way: Way, from: f64, to: f64| {
        (price(quadratic, way, to) / price(quadratic, way, from)).ln() / (to / from).ln()
    };
    let mut checks = Vec::new();
    for way in [Way::Euler, Way::Rk2, Way::Rk3, Way::Rk4] {
        // 1/κ is small at both ends: the slope is 1 up to that, and to whole steps.
        checks.push(Check::near(format!("slope of {}", name(way)), slope(way, 1e3, 1e8), 1.0, 0.005));
        let run = price(quadratic, way, 1e4);
        let whole = foretold(way, 1e4)?;
        checks.push(Check::near(
            format!("{} at 1e4, run against foretold", name(way)),
            run / whole,
            1.0,
            0.001,
        ));
    }
    // Double roots have a transient that counts less at large κ; Chebyshev steps are whole ones.
    for (way, tolerance) in [(Way::HeavyBall, 0.03), (Way::Nesterov, 0.03), (Way::Chebyshev, 0.01)] {
        checks.push(Check::near(format!("slope of {}", name(way)), slope(way, 1e4, 1e8), 0.5, tolerance));
    }
    for kappa in [1e3, 1e4] {
        let euler = price(quadratic, Way::Euler, kappa);
        for way in [Way::Rk2, Way::Rk3, Way::Rk4] {
            checks.push(Check::at_least(
                format!("{} over gradient descent at {kappa:e}", name(way)),
                price(quadratic, way, kappa) / euler,
                1.0,
            ));
        }
        for way in [Way::Chebyshev, Way::HeavyBall, Way::Nesterov, Way::Conjugate] {
            checks.push(Check::at_most(
                format!("{} over gradient descent at {kappa:e}", name(way)),
                price(quadratic, way, kappa) / euler,
                0.2,
            ));
        }
    }
    // From an independent computation: 69 078 gradients of descent and 198 420 of RK4 at 10⁴.
    checks.push(Check::near("gradient descent at 1e4", price(quadratic, Way::Euler, 1e4), 69_078.0, 0.0));
    checks.push(Check::near("RK4 at 1e4", price(quadratic, Way::Rk4, 1e4), 198_420.0, 4.0));
    let order = |found: &[Found], kappa: f64| price(found, Way::Rk4, kappa) / price(found, Way::Euler, kappa);
    checks.push(Check::at_least(
        "RK4 over gradient descent, logistic regression at 1e4",
        order(logistic, 1e4),
        1.0,
    ));
    let kappa = aligned.first().map_or(f64::NAN, |one| one.kappa);
    checks.push(Check::at_least("RK4 over gradient descent, point clouds", order(aligned, kappa), 1.0));
    let best = price(aligned, Way::Conjugate, kappa) / price(aligned, Way::Armijo, kappa);
    checks.push(Check::at_most("conjugate gradients over Armijo, point clouds", best, 1.0));
    Ok(checks)
}
