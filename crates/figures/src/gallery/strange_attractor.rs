//! Gradient descent in the plane that neither settles nor escapes: densities of chaotic attractors, of which one looks like
//! chance.

use std::f64::consts::FRAC_1_SQRT_2;

use serde_json::{Value, json};
use shadowflow_methods::Method;
use shadowflow_numerics::{GradientFlow, Iteration, Lyapunov, Objective, Scalar, Window};

use crate::axis::Axis;
use crate::canvas::geometry::Rect;
use crate::canvas::text::{HAlign, TextStyle, VAlign};
use crate::data::{Data, Table};
use crate::error::{DrawError, FigureError};
use crate::figure::{Check, Drawing, Figure, Progress};
use crate::grid::Grid;
use crate::page::{Margins, Page};
use crate::style::{ColourMap, DOUBLE_COLUMN_MM, POINTS_PER_MM, SMALL_SIZE, Stroke, VERMILION};

/// Densities of the iterates on Matyas' function with ripples, coarse and fine, and on a tilted quartic valley.
pub(super) struct StrangeAttractor;

/// 0.26(x² + y²) - 0.48xy + ε(sin(x/ε) + sin(y/ε)), Matyas' function with ripples of length 2πε.
#[derive(Clone, Copy, Debug)]
struct RippledMatyas {
    ripple: f64,
}

impl Objective for RippledMatyas {
    fn variables(&self) -> usize {
        2
    }

    fn value<S: Scalar>(&self, x: &[S]) -> S {
        let smooth = (x[0] * x[0] + x[1] * x[1]) * 0.26 - x[0] * x[1] * 0.48;
        smooth + ((x[0] / self.ripple).sin() + (x[1] / self.ripple).sin()) * self.ripple
    }

    fn gradient<S: Scalar>(&self, x: &[S], out: &mut [S]) {
        out[0] = x[0] * 0.52 - x[1] * 0.48 + (x[0] / self.ripple).cos();
        out[1] = x[1] * 0.52 - x[0] * 0.48 + (x[1] / self.ripple).cos();
    }
}

/// x⁴/4 - x²/2 + (y - x/2)²/2, two minima in a valley along y = x/2.
#[derive(Clone, Copy, Debug)]
struct Valley;

impl Objective for Valley {
    fn variables(&self) -> usize {
        2
    }

    fn value<S: Scalar>(&self, x: &[S]) -> S {
        let (square, across) = (x[0] * x[0], x[1] - x[0] * 0.5);
        square * (square * 0.25 - 0.5) + across * across * 0.5
    }

    fn gradient<S: Scalar>(&self, x: &[S], out: &mut [S]) {
        let across = x[1] - x[0] * 0.5;
        out[0] = x[0] * (x[0] * x[0] - 1.0) - across * 0.5;
        out[1] = across;
    }
}

/// The learning rate on Matyas' function, the coarse and the fine ripple.
const RATE: f64 = 0.2;
const COARSE: RippledMatyas = RippledMatyas { ripple: 0.04 };
const FINE: RippledMatyas = RippledMatyas { ripple: 1e-4 };
const VALLEY_RATE: f64 = 1.4;
const START: [f64; 2] = [0.3, 0.1];
const TRANSIENT: usize = 10_000;
/// Iterates of a density, and how many between two looks at whether to go on.
const ITERATES: usize = 10_000_000;
const PIECE: usize = 1_000_000;
const BINS: usize = 480;
/// Steps of exponents.
const EXPONENT_STEPS: usize = 200_000;

/// What is found for one objective.
struct Found {
    name: &'static str,
    h: f64,
    /// Shares of the iterates over the window.
    density: Grid,
    outside: usize,
    /// Means of squares: of (x + y)/√2, of (x - y)/√2.
    squares: [f64; 2],
    lyapunov: Lyapunov,
}

impl Figure for StrangeAttractor {
    fn id(&self) -> &'static str {
        "strange-attractor"
    }

    fn title(&self) -> &'static str {
        "Chaotic attractors of gradient descent on a rippled Matyas function and on x⁴/4 - x²/2 + (y - x/2)²/2"
    }

    fn source(&self) -> &'static str {
        "after Kong & Tao (2020); this project"
    }

    fn parameters(&self) -> Value {
        json!({
            "rate": RATE, "ripples": [COARSE.ripple, FINE.ripple], "valley_rate": VALLEY_RATE, "start": START,
            "transient": TRANSIENT, "iterates": ITERATES, "bins": BINS, "windows": WINDOWS,
            "exponent_steps": EXPONENT_STEPS,
        })
    }

    fn make(&self, progress: &dyn Progress) -> Result<Drawing, FigureError> {
        let found = [
            compute("coarse ripples", COARSE, RATE, WINDOWS[0], |share| progress.checkpoint(0.3 * share))?,
            compute("fine ripples", FINE, RATE, WINDOWS[1], |share| progress.checkpoint(0.3 + 0.3 * share))?,
            compute("valley", Valley, VALLEY_RATE, WINDOWS[2], |share| {
                progress.checkpoint(0.6 + 0.3 * share)
            })?,
        ];
        let mut table =
            Table::new(["objective", "h", "exponent_1", "exponent_2", "error_1", "error_2", "dimension"]);
        for one in &found {
            let (exponents, errors) = (one.lyapunov.exponents(), one.lyapunov.errors());
            let [a, b, c, d] = [exponents[0], exponents[1], errors[0], errors[1]].map(Into::into);
            table.push([one.name.into(), one.h.into(), a, b, c, d, one.lyapunov.kaplan_yorke().into()]);
        }
        let (checks, page) = (checks(&found), page(&found)?);
        let fields = found.into_iter().map(|one| (one.name.replace(' ', "_"), one.density)).collect();
        Ok(Drawing { data: Data { table: Some(table), fields }, checks, page })
    }
}

fn compute<V: Objective + Copy + Sync>(
    name: &'static str,
    objective: V,
    h: f64,
    (x, y): ((f64, f64), (f64, f64)),
    mut checkpoint: impl FnMut(f64) -> Result<(), FigureError>,
) -> Result<Found, FigureError> {
    let euler = Method::named("euler").map_err(FigureError::computation)?;
    let map = Iteration::method(euler.tableau(), GradientFlow(objective));
    let lyapunov =
        Lyapunov::of(&map, h, &START, TRANSIENT, EXPONENT_STEPS).map_err(FigureError::computation)?;
    checkpoint(0.1)?;
    let window = Window::new(x, y).map_err(FigureError::computation)?;
    let centres = window.centres(BINS, BINS).map_err(FigureError::computation)?;
    let (mut counts, mut outside, mut squares) = (vec![0u32; BINS * BINS], 0, [0.0; 2]);
    let mut point = START;
    for step in 0..TRANSIENT + ITERATES {
        let mut gradient = [0.0; 2];
        objective.gradient(&point, &mut gradient);
        point = [point[0] - h * gradient[0], point[1] - h * gradient[1]];
        if step >= TRANSIENT {
            let place = |v: f64, (from, to): (f64, f64)| (v - from) / (to - from) * BINS as f64;
            let (column, row) = (place(point[0], x), place(point[1], y));
            let range = 0.0..BINS as f64;
            if range.contains(&column) && range.contains(&row) {
                counts[row as usize * BINS + column as usize] += 1;
            } else {
                outside += 1;
            }
            squares[0] += (FRAC_1_SQRT_2 * (point[0] + point[1])).powi(2) / ITERATES as f64;
            squares[1] += (FRAC_1_SQRT_2 * (point[0] - point[1])).powi(2) / ITERATES as f64;
        }
        if step % PIECE == 0 {
            checkpoint(0.1 + 0.9 * step as f64 / (TRANSIENT + ITERATES) as f64)?;
        }
    }
    let shares = counts.into_iter().map(|count| f64::from(count) / ITERATES as f64).collect();
    let ends = |centres: &[f64]| (centres[0], centres[BINS - 1]);
    let density = Grid::of_values(ends(&centres.0), ends(&centres.1), BINS, shares);
    let density = density.expect("a share for each of the bins, of which there are more than two");
    Ok(Found { name, h, density, outside, squares, lyapunov })
}

fn checks(found: &[Found; 3]) -> Vec<Check> {
    let [coarse, fine, valley] = found;
    let mut checks = Vec::new();
    for (k, value) in [0.418, -0.683].into_iter().enumerate() {
        // From an independent computation, to three digits.
        let name = format!("exponent {} in the valley", k + 1);
        checks.push(Check::near(name, valley.lyapunov.exponents()[k], value, 0.02));
    }
    // Their limit as ε/h → 0 is ln(h/2ε), where phases are uniform; the coupling of x and y parts the two exponents, and
    // leaves their mean. At h/ε = 5 phases are not uniform yet; the bound is half of ln 2, by which the logarithm of the largest
    // slope exceeds the limit.
    let chance = 2.5 * fine.lyapunov.errors().iter().sum::<f64>();
    for (one, ripple, tolerance) in [(coarse, COARSE.ripple, 0.35), (fine, FINE.ripple, chance)] {
        let [first, second] = [0, 1].map(|k| one.lyapunov.exponents()[k]);
        let limit = (0.5 * one.h / ripple).ln();
        checks.push(Check::near(
            format!("mean exponent, {}", one.name),
            0.5 * (first + second),
            limit,
            tolerance,
        ));
        checks.push(Check::at_least(format!("smaller exponent, {}", one.name), second, 0.1));
    }
    for (k, rate) in EIGENVALUES.into_iter().enumerate() {
        // Correlated over 1/(hλ) steps: a relative deviation of √(2/(hλn)) for n iterates, of which five are allowed.
        let tolerance = 5.0 * (2.0 / (RATE * rate * ITERATES as f64)).sqrt();
        let name = format!("variance over its limit along the eigenvector of {rate}, fine ripples");
        checks.push(Check::near(name, fine.squares[k] / limiting_variance(rate), 1.0, tolerance));
    }
    for one in found {
        checks.push(Check::at_most(
            format!("share outside the window: {}", one.name),
            one.outside as f64 / ITERATES as f64,
            1e-3,
        ));
    }
    checks
}

/// Eigenvalues of the Hessian of Matyas' function, along (1, 1) and (1, -1).
const EIGENVALUES: [f64; 2] = [0.04, 1.0];

/// The stationary variance h/(2λ(2 - hλ)) of x⁺ = (1 - hλ)x - h cos U, U uniform.
fn limiting_variance(rate: f64) -> f64 {
    0.5 * RATE / (rate * (2.0 - RATE * rate))
}

type Ends = (f64, f64);
const WINDOWS: [(Ends, Ends); 3] =
    [((-2.2, 2.2), (-2.2, 2.2)), ((-3.2, 3.2), (-3.2, 3.2)), ((-1.6, 1.6), (-1.6, 1.6))];
const HEADINGS: [&str; 3] = [
    "rippled Matyas, $h=0.2$, $\\varepsilon=h/5$",
    "$\\varepsilon=h/2000$",
    "$\\frac{x^4}{4}-\\frac{x^2}{2}+\\frac{(y-x/2)^2}{2}$, $h=1.4$",
];

fn page(found: &[Found; 3]) -> Result<Page, DrawError> {
    let margins = Margins { between_columns: 30.0, ..Margins::default() };
    let width = Page::new(DOUBLE_COLUMN_MM, 1.0).grid(1, 3, &margins)[0].width;
    let mut page = Page::new(DOUBLE_COLUMN_MM, (margins.top + width + margins.bottom) / POINTS_PER_MM);
    for (k, place) in page.grid(1, 3, &margins).into_iter().enumerate() {
        panel(&mut page, place, &found[k], k)?;
    }
    Ok(page)
}

fn panel(page: &mut Page, place: Rect, found: &Found, k: usize) -> Result<(), DrawError> {
    let (x, y) = WINDOWS[k];
    let axis = Axis::linear(y.0, y.1)?;
    let axis = if k == 0 { axis.title("$y$") } else { axis };
    let mut panel = page.framed_panel(place, Axis::linear(x.0, x.1)?.title("$x$"), axis)?;
    let mut visited: Vec<f64> = found.density.values().iter().copied().filter(|share| *share > 0.0).collect();
    visited.sort_by(f64::total_cmp);
    // Colours run over all bins visited but the densest hundredth.
    let most = visited.get(visited.len() * 99 / 100).map_or(0.0, |share| share.log10());
    let logarithms = found.density.map(|share| if share > 0.0 { share.log10() } else { f64::NAN });
    panel.raster(&logarithms, (-7.0, most), ColourMap::Viridis)?;
    if k == 1 {
        // Two standard deviations of the normal law with the limiting variances.
        let [long, short] = EIGENVALUES.map(|rate| 2.0 * limiting_variance(rate).sqrt() * FRAC_1_SQRT_2);
        let curve = (0..=200).map(|k| (std::f64::consts::TAU * f64::from(k) / 200.0).sin_cos());
        panel.line(
            curve.map(|(sin, cos)| (long * cos + short * sin, long * cos - short * sin)),
            &Stroke::new(VERMILION).width(0.7),
        )?;
    }
    let exponents = found.lyapunov.exponents();
    let text = format!("$\\lambda={:.2},\\ {:.2}$", exponents[0], exponents[1]);
    let style = TextStyle::new(SMALL_SIZE).anchor(HAlign::Left, VAlign::Top).halo(1.0);
    panel.remark((0.04, 0.96), &text, &style)?;
    panel.heading(["a", "b", "c"][k], HEADINGS[k])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn gradients_are_those_of_the_values() {
        // Central differences with step 10⁻⁵: 10⁻¹⁰ times third derivatives, up to 1/ε² = 400.
        fn check<V: Objective>(objective: V, x: [f64; 2]) {
            let (mut gradient, d) = ([0.0; 2], 1e-5);
            objective.gradient(&x, &mut gradient);
            for k in 0..2 {
                let (mut up, mut down) = (x, x);
                up[k] += d;
                down[k] -= d;
                let slope = (objective.value(&up) - objective.value(&down)) / (2.0 * d);
                assert!((slope - gradient[k]).abs() < 1e-7, "{slope} {gradient:?}");
            }
        }
        check(COARSE, [0.7, -1.3]);
        check(Valley, [0.7, -1.3]);
    }
}
