//! Where training with two learning rates stays bounded: the fractal boundary of a small network.

use serde_json::{Value, json};
use shadowflow_numerics::{BasinGeometry, Window};

use crate::axis::Axis;
use crate::canvas::geometry::Rect;
use crate::canvas::text::{HAlign, TextStyle, VAlign};
use crate::data::{Data, Table};
use crate::error::{DrawError, FigureError};
use crate::figure::{Check, Drawing, Figure, Progress};
use crate::grid::Grid;
use crate::page::{Margins, Page};
use crate::style::{BLACK, ColourMap, DOUBLE_COLUMN_MM, POINTS_PER_MM, SMALL_SIZE, Stroke};

/// Gradient descent on a network Σ aⱼ tanh(wⱼ·x), with a learning rate for w and one for a: bounded or not after so many
/// steps, and how fast. The dimension of the boundary is that over the scales of the raster.
pub(super) struct Trainability;

/// Units, each with two weights and one in the output, and examples of two numbers and a target.
const UNITS: usize = 3;
const EXAMPLES: usize = 4;
const STEPS: usize = 300;
/// Weights at the start are evenly distributed between plus and minus this.
const SIZE: f64 = 1.5;
/// A loss so many times the first has diverged.
const DIVERGED: f64 = 1e6;
/// Pixels of a side: a power of two, so that boxes of all sizes fill a panel. Rows between two looks at whether to go on.
const PIXELS: usize = 512;
const STRIP: usize = 64;

type Ends = (f64, f64);
/// lg of the learning rates of w and of a: the whole and a detail.
const WINDOWS: [(Ends, Ends); 2] = [((-1.0, 1.2), (0.0, 0.75)), ((-0.1, 0.3), (0.22, 0.4))];
const NAMES: [&str; 2] = ["whole", "detail"];

/// The places of the pieces of a quasi-random sequence: k times the golden ratio, its whole part left off, between -1 and 1.
fn quasi_random(k: usize) -> f64 {
    const GOLDEN: f64 = 0.618_033_988_749_894_9;
    2.0 * ((k + 1) as f64 * GOLDEN).fract() - 1.0
}

/// tanh to 4·10⁻¹⁶ by plain arithmetic: the same on every machine, and many at a time.
#[inline(always)]
fn tanh(x: f64) -> f64 {
    // Adding it leaves an integer in the last bits; ln 2 in two pieces, the first with zeros at its end.
    const ROUND: f64 = 6_755_399_441_055_744.0;
    const LN_2: [f64; 2] = [6.931_471_803_691_238e-1, 1.908_214_929_270_587_7e-10];
    const REST: [f64; 12] = [
        1.0 / 39_916_800.0,
        1.0 / 3_628_800.0,
        1.0 / 362_880.0,
        1.0 / 40_320.0,
        1.0 / 5040.0,
        1.0 / 720.0,
        1.0 / 120.0,
        1.0 / 24.0,
        1.0 / 6.0,
        0.5,
        1.0,
        1.0,
    ];
    // Beyond 20 it is 1 to the last digit. NaN stays NaN.
    let y = 2.0 * x;
    let y = if y > 40.0 { 40.0 } else { y };
    let y = if y < -40.0 { -40.0 } else { y };
    let shifted = y * std::f64::consts::LOG2_E + ROUND;
    let k = shifted - ROUND;
    let r = y - k * LN_2[0] - k * LN_2[1];
    let exponential = REST.iter().fold(1.0 / 479_001_600.0, |p, c| p * r + c);
    let power = f64::from_bits((shifted.to_bits() << 52).wrapping_add(1f64.to_bits()));
    1.0 - 2.0 / (1.0 + exponential * power)
}

/// The examples and the weights at the start.
struct Network {
    examples: [[f64; 3]; EXAMPLES],
    inner: [[f64; 2]; UNITS],
    outer: [f64; UNITS],
}

impl Network {
    fn new() -> Network {
        use std::array::from_fn;
        Network {
            examples: from_fn(|i| from_fn(|c| quasi_random(3 * i + c))),
            inner: from_fn(|j| from_fn(|c| SIZE * quasi_random(40 + 2 * j + c))),
            outer: from_fn(|j| SIZE * quasi_random(60 + j)),
        }
    }

    /// Trains with learning rate `inner_rate` of w and `outer_rate` of a on the mean of (target - output)²/2, all examples at
    /// once.
    ///
    /// Σ ℓₜ/ℓ₀ over the steps if the loss ℓ stays bounded; if it diverges -Σ ℓ₀/ℓₜ.
    fn train(&self, inner_rate: f64, outer_rate: f64) -> f64 {
        let (mut w, mut a) = (self.inner, self.outer);
        let [inner_rate, outer_rate] = [inner_rate, outer_rate].map(|rate| rate / EXAMPLES as f64);
        let (mut first, mut sum, mut inverse) = (f64::NAN, 0.0, 0.0);
        for step in 0..STEPS {
            let mut values = [[0.0; UNITS]; EXAMPLES];
            for (values, x) in values.iter_mut().zip(&self.examples) {
                for (value, w) in values.iter_mut().zip(&w) {
                    *value = w[0] * x[0] + w[1] * x[1];
                }
            }
            for value in values.as_flattened_mut() {
                *value = tanh(*value);
            }
            let (mut by_w, mut by_a, mut loss) = ([[0.0; 2]; UNITS], [0.0; UNITS], 0.0);
            for (values, x) in values.iter().zip(&self.examples) {
                let residual = values.iter().zip(&a).map(|(value, a)| value * a).sum::<f64>() - x[2];
                loss += 0.5 * residual * residual;
                for j in 0..UNITS {
                    by_a[j] += residual * values[j];
                    let back = residual * a[j] * (1.0 - values[j] * values[j]);
                    by_w[j][0] += back * x[0];
                    by_w[j][1] += back * x[1];
                }
            }
            if step == 0 {
                first = loss;
            }
            if loss.is_nan() || loss > DIVERGED * first {
                return -inverse;
            }
            sum += loss / first;
            inverse += first / loss;
            for j in 0..UNITS {
                a[j] -= outer_rate * by_a[j];
                w[j][0] -= inner_rate * by_w[j][0];
                w[j][1] -= inner_rate * by_w[j][1];
            }
        }
        sum
    }

    /// 2/λ, λ the largest eigenvalue of the mean of t tᵀ over the examples, t the values of the units: the largest learning
    /// rate of a alone.
    fn outer_limit(&self) -> f64 {
        let values = self.examples.map(|x| self.inner.map(|w| tanh(w[0] * x[0] + w[1] * x[1])));
        let (mut along, mut largest) = ([1.0; UNITS], 0.0);
        // The power method, far longer than three eigenvalues apart need.
        for _ in 0..1000 {
            let mut image = [0.0; UNITS];
            for t in &values {
                let product: f64 = t.iter().zip(&along).map(|(t, v)| t * v).sum();
                image.iter_mut().zip(t).for_each(|(image, t)| *image += t * product / EXAMPLES as f64);
            }
            largest = image.iter().map(|v| v * v).sum::<f64>().sqrt();
            along = image.map(|v| v / largest);
        }
        2.0 / largest
    }
}

impl Figure for Trainability {
    fn id(&self) -> &'static str {
        "trainability"
    }

    fn title(&self) -> &'static str {
        "The boundary of trainability of a small tanh network over the learning rates of its two layers is fractal"
    }

    fn source(&self) -> &'static str {
        "after Sohl-Dickstein (2024), The boundary of neural network trainability is fractal"
    }

    fn parameters(&self) -> Value {
        json!({
            "units": UNITS, "examples": EXAMPLES, "steps": STEPS, "size": SIZE, "diverged": DIVERGED, "pixels": PIXELS,
            "lg_rates": WINDOWS,
        })
    }

    fn make(&self, progress: &dyn Progress) -> Result<Drawing, FigureError> {
        let network = Network::new();
        let train = |x: f64, y: f64| network.train(10f64.powf(x), 10f64.powf(y));
        let whole = sample(WINDOWS[0], train, |share| progress.checkpoint(0.45 * share))?;
        let detail = sample(WINDOWS[1], train, |share| progress.checkpoint(0.45 + 0.45 * share))?;
        // With the inner layer frozen training is linear, and the boundary a straight line.
        let rows = (0..PIXELS).map(|row| network.train(0.0, 10f64.powf(whole.y(row as f64))));
        let values = rows.flat_map(|value| std::iter::repeat_n(value, PIXELS)).collect();
        let (x, y) = whole.intervals();
        let control = Grid::of_values(x, y, PIXELS, values).expect("a value for each of the pixels");
        let geometry = |grid: &Grid| {
            let bounded: Vec<bool> = grid.values().iter().map(|value| *value > 0.0).collect();
            BasinGeometry::of(&bounded, PIXELS).map_err(FigureError::computation)
        };
        let found = [geometry(&whole)?, geometry(&detail)?, geometry(&control)?];
        let mut table = Table::new(["panel", "box_dimension", "error", "boundary_entropy", "bounded_share"]);
        for ((name, found), grid) in
            NAMES.iter().chain(&["control"]).zip(&found).zip([&whole, &detail, &control])
        {
            let (dimension, share) = (found.dimension, bounded_share(grid));
            let numbers = [dimension.value, dimension.error, found.boundary_entropy, share].map(Into::into);
            let [a, b, c, d] = numbers;
            table.push([(*name).into(), a, b, c, d]);
        }
        let checks = checks(&found, &[&whole, &detail], &control, network.outer_limit());
        let page = page(&[&whole, &detail], &found)?;
        let fields = NAMES.iter().map(|name| (*name).to_owned()).zip([whole, detail]).collect();
        Ok(Drawing { data: Data { table: Some(table), fields }, checks, page })
    }
}

/// Values at pixel centres, strip by strip.
fn sample(
    (x, y): (Ends, Ends),
    f: impl Fn(f64, f64) -> f64 + Sync,
    mut checkpoint: impl FnMut(f64) -> Result<(), FigureError>,
) -> Result<Grid, FigureError> {
    let mut values = Vec::with_capacity(PIXELS * PIXELS);
    let at = |row: usize| y.0 + (y.1 - y.0) * row as f64 / PIXELS as f64;
    for row in (0..PIXELS).step_by(STRIP) {
        let window = Window::new(x, (at(row), at(row + STRIP))).map_err(FigureError::computation)?;
        let strip =
            shadowflow_numerics::Grid::sample(window, PIXELS, STRIP, &f).map_err(FigureError::computation)?;
        values.extend_from_slice(strip.values());
        checkpoint((row + STRIP) as f64 / PIXELS as f64)?;
    }
    let inner = |(from, to): Ends| {
        let half = 0.5 * (to - from) / PIXELS as f64;
        (from + half, to - half)
    };
    Ok(Grid::of_values(inner(x), inner(y), PIXELS, values).expect("a value for each of the pixels"))
}

fn bounded_share(grid: &Grid) -> f64 {
    grid.values().iter().filter(|value| **value > 0.0).count() as f64 / grid.values().len() as f64
}

fn checks(found: &[BasinGeometry; 3], grids: &[&Grid; 2], control: &Grid, limit: f64) -> Vec<Check> {
    let mut checks = Vec::new();
    for ((name, found), grid) in NAMES.iter().zip(found).zip(grids) {
        let dimension = found.dimension;
        let least = dimension.value - 5.0 * dimension.error;
        checks.push(Check::at_least(format!("box dimension less five errors, {name}"), least, 1.1));
        checks.push(Check::at_most(format!("box dimension, {name}"), dimension.value, 2.0));
        let share = bounded_share(grid);
        checks.push(Check::at_least(
            format!("share of the lesser class, {name}"),
            share.min(1.0 - share),
            0.05,
        ));
    }
    // A line crosses as many boxes as there are columns of them.
    checks.push(Check::near(
        "box dimension, control with the inner layer frozen",
        found[2].dimension.value,
        1.0,
        0.02,
    ));
    let seen = WINDOWS[0].1.0 + (WINDOWS[0].1.1 - WINDOWS[0].1.0) * bounded_share(control);
    // To grow by 10⁶ in so many steps the loss needs (hλ - 1)^600 = 10⁶ at least: 0.02 more than 2, lg 1.012 = 0.005. What is
    // left is that the residual is only in part along the eigenvector.
    checks.push(Check::near("lg of the limit of the learning rate, control", seen, limit.log10(), 0.01));
    checks
}

fn page(grids: &[&Grid; 2], found: &[BasinGeometry; 3]) -> Result<Page, DrawError> {
    let margins = Margins { right: 52.0, between_columns: 40.0, ..Margins::default() };
    let width = Page::new(DOUBLE_COLUMN_MM, 1.0).grid(1, 2, &margins)[0].width;
    let mut page = Page::new(DOUBLE_COLUMN_MM, (margins.top + width + margins.bottom) / POINTS_PER_MM);
    let places = page.grid(1, 2, &margins);
    for (k, place) in places.iter().enumerate() {
        panel(&mut page, *place, grids[k], &found[k], k)?;
    }
    let beside = Rect::new(places[1].right() + 9.0, places[1].y, 8.0, places[1].height);
    let axis = Axis::linear(-1.0, 1.0)?
        .ticks_at([(-1.0, "$1$"), (0.0, "$0$"), (1.0, "$1$")])
        .title("diverges, rank of $\\sum\\ell_0/\\ell_t$; bounded, of $\\sum\\ell_t/\\ell_0$");
    page.colour_bar(beside, ColourMap::RedBlue, &axis)?;
    Ok(page)
}

fn panel(
    page: &mut Page,
    place: Rect,
    grid: &Grid,
    found: &BasinGeometry,
    index: usize,
) -> Result<(), DrawError> {
    let (x, y) = WINDOWS[index];
    let ticks: &[f64] =
        if index == 0 { &[0.1, 0.2, 0.5, 1.0, 2.0, 5.0, 10.0] } else { &[0.8, 1.0, 1.2, 1.5, 2.0] };
    let across = Axis::linear(x.0, x.1)?.ticks_at(ticks.iter().map(|h| (h.log10(), format!("${h}$"))));
    let ticks: &[f64] = if index == 0 { &[1.0, 2.0, 3.0, 4.0, 5.0] } else { &[1.7, 1.8, 2.0, 2.2, 2.5] };
    let upward = Axis::linear(y.0, y.1)?.ticks_at(ticks.iter().map(|h| (h.log10(), format!("${h}$"))));
    let upward = if index == 0 { upward.title("learning rate of the outer layer") } else { upward };
    let mut panel = page.framed_panel(place, across.title("learning rate of the inner layer"), upward)?;
    panel.raster(&ranks(grid), (-1.0, 1.0), ColourMap::RedBlue)?;
    if index == 0 {
        let ((left, right), (bottom, top)) = WINDOWS[1];
        let corners = [(left, bottom), (right, bottom), (right, top), (left, top), (left, bottom)];
        panel.line(corners, &Stroke::thin(BLACK).width(0.7))?;
        let style = TextStyle::new(SMALL_SIZE).anchor(HAlign::Left, VAlign::Bottom);
        panel.label((left, top), (1.0, -2.0), "b", &style)?;
    }
    let dimension = found.dimension;
    let text = format!("box dimension of the boundary ${:.2}\\pm{:.2}$", dimension.value, dimension.error);
    panel.heading(["a", "b"][index], &text)
}

/// Values to ranks of either sign, so that the boundary is dark on both sides.
fn ranks(grid: &Grid) -> Grid {
    let sorted = |sign: f64| {
        let mut values: Vec<f64> = grid.values().iter().map(|v| sign * v).filter(|v| *v >= 0.0).collect();
        values.sort_by(f64::total_cmp);
        values
    };
    let (bounded, diverging) = (sorted(1.0), sorted(-1.0));
    let rank =
        |values: &[f64], v: f64| values.partition_point(|other| *other < v) as f64 / values.len() as f64;
    grid.map(|v| if v > 0.0 { rank(&bounded, v) } else { -rank(&diverging, -v) })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tanh_is_tanh() {
        for k in -3000..=3000 {
            let x = f64::from(k) / 100.0;
            assert!((tanh(x) - x.tanh()).abs() < 5e-16, "{x}");
        }
        assert_eq!((tanh(1e300), tanh(f64::NEG_INFINITY)), (1.0, -1.0));
    }

    #[test]
    fn small_rates_train_and_large_ones_do_not() {
        let network = Network::new();
        // A mean of relative losses below 1, and a loss that explodes at once.
        let small = network.train(0.1, 0.1);
        assert!(0.0 < small && small < STEPS as f64);
        assert!(network.train(1.0, 1e3) < 0.0);
    }
}
