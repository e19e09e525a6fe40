//! Large steps leave local minima: descent in a double well with ripples, and how often it crosses.

use serde_json::{Value, json};
use shadowflow_numerics::problems::DoubleWell;
use shadowflow_numerics::statistics::Estimate;
use shadowflow_numerics::{Gibbs, LargeStep, Objective, Wells};

use crate::axis::Axis;
use crate::canvas::geometry::{Point, Rect};
use crate::canvas::text::{HAlign, TextStyle, VAlign};
use crate::data::{Data, Table};
use crate::error::{DrawError, FigureError};
use crate::figure::{Check, Drawing, Figure, Progress};
use crate::legend::{Corner, Key};
use crate::page::{Margins, Page};
use crate::style::{
    BLACK, BLUE, DOUBLE_COLUMN_MM, Dash, GREY, LIGHT_GREY, Marker, SKY, SMALL_SIZE, Stroke, VERMILION,
};

/// Escapes from the wells of a double well with ripples.
pub(super) struct Escape;

const SEED: u64 = 20_260_102;

/// Ripples that can be seen, for the orbits.
const RIPPLE: f64 = 0.02;
const LARGE: f64 = 0.2;
/// In units of ε: below 2/L, with L = 1/ε + max f₀'' on the way.
const SMALL_SHARE: f64 = 1.5;
const START: f64 = -1.3;
const STEPS: usize = 4000;

/// Fine ripples, for the rates.
const FINE: f64 = 1e-5;
/// h and the steps of each of 64 orbits.
const RATES: [(f64, u64); 6] =
    [(0.13, 600_000), (0.15, 250_000), (0.18, 100_000), (0.22, 50_000), (0.3, 20_000), (0.4, 20_000)];
/// Steps of the control with a small step.
const CONTROL: u64 = 50_000;

/// The rate of crossings at one step.
struct Rate {
    h: f64,
    crossings: u64,
    seen: Estimate,
    /// Of Langevin's equation with Gibbs' law.
    langevin: f64,
    /// The same times exp(-(Δφ - 4Δf)/h) with the quasi-potential.
    corrected: f64,
}

/// Everything computed.
struct Found {
    large: Vec<f64>,
    small: Vec<f64>,
    rates: Vec<Rate>,
    /// Δφ from a minimum to the top; 4Δf₀ is 1.
    climb: f64,
    control: u64,
}

impl Figure for Escape {
    fn id(&self) -> &'static str {
        "escape"
    }

    fn title(&self) -> &'static str {
        "Large steps leave the wells of a rippled double well, small ones stay; the rates of crossing"
    }

    fn source(&self) -> &'static str {
        "Kong & Tao (2020); rates by the quasi-potential: this project"
    }

    fn parameters(&self) -> Value {
        json!({
            "ripple": RIPPLE, "large": LARGE, "small_share": SMALL_SHARE, "start": START, "steps": STEPS,
            "fine": FINE, "rates": RATES, "control": CONTROL,
        })
    }

    fn seed(&self) -> Option<u64> {
        Some(SEED)
    }

    fn make(&self, progress: &dyn Progress) -> Result<Drawing, FigureError> {
        let found = compute(progress)?;
        let data = Data { table: Some(table(&found)), fields: Vec::new() };
        Ok(Drawing { data, checks: checks(&found), page: page(&found)? })
    }
}

fn compute(progress: &dyn Progress) -> Result<Found, FigureError> {
    let large = LargeStep::new(DoubleWell, RIPPLE, LARGE).map_err(FigureError::computation)?;
    let small = LargeStep::new(DoubleWell, RIPPLE, SMALL_SHARE * RIPPLE).map_err(FigureError::computation)?;
    let orbit = |map: &LargeStep<DoubleWell>| -> Vec<f64> {
        std::iter::successors(Some(START), |x| Some(map.step(*x))).take(STEPS + 1).collect()
    };
    let wells = Wells::new(-1.0, 0.0, 1.0).map_err(FigureError::computation)?;
    let mut rates = Vec::new();
    let mut climb = f64::NAN;
    for (h, steps) in RATES {
        let map = LargeStep::new(DoubleWell, FINE, h).map_err(FigureError::computation)?;
        let escapes = map.escapes(wells, SEED, steps).map_err(FigureError::computation)?;
        climb = map.quasi_potential(-1.0, 0.0).map_err(FigureError::computation)?;
        let gibbs = Gibbs::new(DoubleWell, map.temperature()).map_err(FigureError::computation)?;
        let time = gibbs.passage_time(-1.0, wells.cores().1).map_err(FigureError::computation)?;
        let langevin = h / time;
        let corrected = langevin * (-(climb - 1.0) / h).exp();
        let (crossings, seen) = (escapes.crossings(), escapes.crossing_rate());
        rates.push(Rate { h, crossings, seen, langevin, corrected });
        progress.checkpoint(0.15 * rates.len() as f64)?;
    }
    let still = LargeStep::new(DoubleWell, FINE, SMALL_SHARE * FINE).map_err(FigureError::computation)?;
    let control = still.escapes(wells, SEED, CONTROL).map_err(FigureError::computation)?.crossings();
    Ok(Found { large: orbit(&large), small: orbit(&small), rates, climb, control })
}

fn checks(found: &Found) -> Vec<Check> {
    let wells = |orbit: &[f64]| {
        let mut side = -1.0;
        let mut count = 0;
        for x in orbit {
            if x * side < -0.5 {
                side = -side;
                count += 1;
            }
        }
        f64::from(count)
    };
    let tail = &found.small[STEPS - 100..];
    let moved = tail.iter().map(|x| (x - tail[0]).abs()).fold(0.0, f64::max);
    let mut checks = vec![
        Check::at_least("crossings of the orbit drawn, large step", wells(&found.large), 4.0),
        Check::at_most("crossings of the orbit drawn, small step", wells(&found.small), 0.0),
        // It settles in a ripple, to rounding.
        Check::at_most("movement of the small step over its last 100 steps", moved, 1e-12),
        Check::at_most("crossings of 64 small-step orbits over fine ripples", found.control as f64, 0.0),
        // 4∫f'(1 + f'² + …) over the climb: 1 + 1/10 and a little more.
        Check::near("quasi-potential from the minimum to the top", found.climb, 1.12, 0.02),
    ];
    for rate in &found.rates {
        // Steps that jump over the core leave a factor of order one.
        checks.push(Check::near(
            format!("h = {}: rate over that by the quasi-potential", rate.h),
            rate.seen.value / rate.corrected,
            1.0,
            0.5,
        ));
    }
    let (first, last) = (&found.rates[0], &found.rates[found.rates.len() - 1]);
    let falls = |of: fn(&Rate) -> f64| (of(last) / of(first)).ln();
    let seen = falls(|rate| rate.seen.value);
    // Over these h Gibbs' law and the quasi-potential foretell falls that differ by 0.12(1/0.13 - 1/0.4) = 0.6.
    let langevin = (seen - falls(|rate| rate.langevin)).abs();
    let corrected = (seen - falls(|rate| rate.corrected)).abs();
    checks.push(Check::at_most(
        "fall of the rate: error of the quasi-potential over that of Gibbs' law",
        corrected / langevin,
        0.7,
    ));
    checks
}

fn table(found: &Found) -> Table {
    let mut table =
        Table::new(["series", "h", "step", "x", "crossings", "rate", "error", "langevin", "quasi_potential"]);
    for (series, h, orbit) in
        [("large step", LARGE, &found.large), ("small step", SMALL_SHARE * RIPPLE, &found.small)]
    {
        for (k, x) in orbit.iter().enumerate() {
            table.push([series.into(), h.into(), (k as f64).into(), (*x).into()]);
        }
    }
    for rate in &found.rates {
        table.push([
            "rate".into(),
            rate.h.into(),
            "".into(),
            "".into(),
            (rate.crossings as f64).into(),
            rate.seen.value.into(),
            rate.seen.error.into(),
            rate.langevin.into(),
            rate.corrected.into(),
        ]);
    }
    table
}

fn page(found: &Found) -> Result<Page, DrawError> {
    let mut page = Page::new(DOUBLE_COLUMN_MM, 72.0);
    let places = page.grid(1, 3, &Margins { between_columns: 42.0, ..Margins::default() });
    landscape(&mut page, places[0], found)?;
    orbits(&mut page, places[1], found)?;
    rates(&mut page, places[2], found)?;
    Ok(page)
}

fn landscape(page: &mut Page, place: Rect, found: &Found) -> Result<(), DrawError> {
    let map = LargeStep::new(DoubleWell, RIPPLE, LARGE);
    let f = |x: f64| map.as_ref().map_or(f64::NAN, |map| map.objective().value(&[x]));
    let x = Axis::linear(-1.7, 1.7)?.title("$x$");
    let y = Axis::linear(-0.32, 0.26)?.title("$f$");
    let mut panel = page.panel(place, x, y)?;
    panel.heading("a", "$x^4/4-x^2/2+\\varepsilon\\sin(x/\\varepsilon)$, $\\varepsilon=0.02$")?;
    let large = found.large.iter().take(1500).map(|&x| (x, f(x)));
    panel.points(large, &Marker::disk(SKY).radius(0.7))?;
    let curve = (0..=3400).map(|k| -1.7 + f64::from(k) / 1000.0).map(|x| (x, f(x)));
    panel.line(curve, &Stroke::thin(GREY).width(0.4))?;
    panel.points([(START, f(START))], &Marker::ring(BLACK).radius(1.8))?;
    let end = found.small[STEPS];
    panel.points([(end, f(end))], &Marker::disk(VERMILION).radius(2.0))?;
    let style = TextStyle::new(SMALL_SIZE).anchor(HAlign::Centre, VAlign::Top);
    panel.remark((0.5, 0.97), "$h=0.2$: everywhere", &style.colour(BLUE))?;
    panel.remark((0.5, 0.89), "$h=0.03$: ends in a ripple", &style.colour(VERMILION))
}

fn orbits(page: &mut Page, place: Rect, found: &Found) -> Result<(), DrawError> {
    let x = Axis::linear(0.0, STEPS as f64)?.title("step $k$");
    let y = Axis::linear(-1.9, 1.9)?.title("$x_k$");
    let mut panel = page.panel(place, x, y)?;
    panel.heading("b", "from one start")?;
    for level in [-1.0, 0.0, 1.0] {
        panel.line([(0.0, level), (STEPS as f64, level)], &Stroke::thin(LIGHT_GREY))?;
    }
    let steps = |orbit: &[f64]| orbit.iter().enumerate().map(|(k, &x)| (k as f64, x)).collect::<Vec<Point>>();
    panel.points(steps(&found.large), &Marker::disk(BLUE).radius(0.4))?;
    panel.line(steps(&found.small), &Stroke::new(VERMILION).width(1.3))
}

fn rates(page: &mut Page, place: Rect, found: &Found) -> Result<(), DrawError> {
    let x = Axis::linear(2.0, 8.2)?.title("$1/h$");
    let y = Axis::log(1e-6, 1e-1)?.title("crossings in a step");
    let mut panel = page.panel(place, x, y)?;
    panel.heading("c", "rates of crossing, $\\varepsilon=10^{-5}$")?;
    let over = |of: fn(&Rate) -> f64| {
        found.rates.iter().map(|rate| (1.0 / rate.h, of(rate))).collect::<Vec<Point>>()
    };
    let langevin = Stroke::new(GREY).dash(Dash::Dashed);
    panel.line(over(|rate| rate.langevin), &langevin)?;
    panel.line(over(|rate| rate.corrected), &Stroke::new(VERMILION))?;
    for rate in &found.rates {
        let (at, value, error) = (1.0 / rate.h, rate.seen.value, 2.0 * rate.seen.error);
        panel.line([(at, value - error), (at, value + error)], &Stroke::thin(BLACK))?;
    }
    panel.points(over(|rate| rate.seen.value), &Marker::disk(BLACK).radius(1.7))?;
    panel.legend(
        Corner::TopRight,
        &[
            (Key::Marker(Marker::disk(BLACK).radius(1.7)), "descent"),
            (Key::Line(langevin), "Langevin, Gibbs' law"),
            (Key::Line(Stroke::new(VERMILION)), "with the quasi-potential"),
        ],
    )
}
