//! Gradient descent on a double well beyond its edge of stability: where the iterates go as the learning rate grows.

use serde_json::{Value, json};
use shadowflow_methods::Method;
use shadowflow_numerics::families::Cubic;
use shadowflow_numerics::problems::DoubleWell;
use shadowflow_numerics::{
    Bifurcation, Case, Continuation, Diagram, GradientFlow, Iteration, Lyapunov, PeriodicOrbit, Window,
    exponent_field,
};

use crate::axis::Axis;
use crate::canvas::geometry::{Point, Rect};
use crate::canvas::text::{HAlign, TextStyle, VAlign};
use crate::data::{Cell, Data, Table};
use crate::error::{DrawError, FigureError};
use crate::figure::{Check, Drawing, Figure, Progress};
use crate::grid::Grid;
use crate::page::{Margins, Page};
use crate::panel::Panel;
use crate::style::{
    BLACK, BLUE, Colour, ColourMap, DOUBLE_COLUMN_MM, Fill, GREY, Marker, POINTS_PER_MM, SMALL_SIZE, Stroke,
    VERMILION, WHITE,
};

/// The orbit diagram of x - h(x³ - x), its exponents below, and its cascade of period doublings.
pub(super) struct OrbitDiagram;

/// Learning rates and iterates.
const RATES: (f64, f64) = (0.9, 2.0);
const ITERATES: (f64, f64) = (-1.45, 1.45);
const SIZE: (usize, usize) = (1600, 1000);
const START: f64 = 0.3;
const TRANSIENT: usize = 5000;
/// Iterates of a column that are counted: 2·10⁸ in all.
const KEPT: u32 = 125_000;
/// Columns between two looks at whether to go on.
const PIECE: usize = 160;

/// Steps of an exponent: even, so that they are whole periods 2.
const EXPONENT_STEPS: usize = 20_000;
const EXPONENTS: (f64, f64) = (-1.6, 1.7);
/// Steps of the exponent at h = 2.
const LAST_STEPS: usize = 200_000;

/// The cascade is shown over u = -lg(h∞ - h), where its doublings are evenly spaced.
const CASCADE: (f64, f64) = (0.45, 3.95);
const CASCADE_ITERATES: (f64, f64) = (0.42, 1.25);
const CASCADE_SIZE: (usize, usize) = (700, 240);
const CASCADE_TRANSIENT: usize = 100_000;
const CASCADE_KEPT: u32 = 10_000;
/// Period doublings found: of the periods 1 to 32.
const DOUBLINGS: usize = 6;

/// Where the doublings accumulate, from an independent computation.
const ACCUMULATION: f64 = 1.302_283_462_7;
/// The first doublings: 1 and √5 - 1 by hand, the others from the same computation.
const KNOWN: [f64; 4] = [1.0, 1.236_067_977_499_789_7, 1.288_031_754_482_843, 1.299_227_939_650_204];

/// The image of the largest image of the critical point is 0 at h = 3√3/2 - 1: from there on orbits change sides.
fn merger() -> f64 {
    1.5 * 3f64.sqrt() - 1.0
}

impl Figure for OrbitDiagram {
    fn id(&self) -> &'static str {
        "orbit-diagram"
    }

    fn title(&self) -> &'static str {
        "Orbit diagram of gradient descent on x⁴/4 - x²/2, with its Lyapunov exponent and its exact thresholds"
    }

    fn source(&self) -> &'static str {
        "after Chen et al. (2023); Feigenbaum (1978); this project"
    }

    fn parameters(&self) -> Value {
        json!({
            "rates": RATES, "iterates": ITERATES, "size": SIZE, "start": START, "transient": TRANSIENT, "kept": KEPT,
            "exponent_steps": EXPONENT_STEPS, "last_steps": LAST_STEPS,
            "cascade": {
                "minus_lg_distance": CASCADE, "iterates": CASCADE_ITERATES, "size": CASCADE_SIZE,
                "transient": CASCADE_TRANSIENT, "kept": CASCADE_KEPT, "doublings": DOUBLINGS,
            },
        })
    }

    fn make(&self, progress: &dyn Progress) -> Result<Drawing, FigureError> {
        let rates = centres(RATES, SIZE.0)?;
        let orbits = Orbits { rates: &rates, transient: TRANSIENT, kept: KEPT };
        let density = orbits.density(ITERATES, SIZE.1, |share| progress.checkpoint(0.6 * share))?;
        let depths = centres(CASCADE, CASCADE_SIZE.0)?;
        let near: Vec<f64> = depths.iter().map(|u| ACCUMULATION - 10f64.powf(-u)).collect();
        let orbits = Orbits { rates: &near, transient: CASCADE_TRANSIENT, kept: CASCADE_KEPT };
        let range = CASCADE_ITERATES;
        let cascade =
            orbits.density(range, CASCADE_SIZE.1, |share| progress.checkpoint(0.6 + 0.2 * share))?;
        let case = |h, x| Case { parameters: [h], start: [x] };
        let exponents = exponent_field(&Cubic, &rates, &[START], case, TRANSIENT, EXPONENT_STEPS)
            .map_err(FigureError::computation)?;
        let curve: Vec<Point> = rates.into_iter().zip(exponents).collect();
        progress.checkpoint(0.85)?;
        let found = Cascade::found()?;
        progress.checkpoint(0.95)?;
        let map = Iteration::method(euler()?.tableau(), GradientFlow(DoubleWell));
        let last = Lyapunov::of(&map, 2.0, &[START], 1000, LAST_STEPS).map_err(FigureError::computation)?;

        let density = field(&density, RATES, ITERATES, SIZE)?;
        let cascade = field(&cascade, CASCADE, CASCADE_ITERATES, CASCADE_SIZE)?;
        let checks = checks(&density, &curve, &found.doublings, &last);
        let page = page(&density, &cascade, &curve, &found)?;
        let table = Some(table(&curve, &found.doublings));
        let fields = vec![("share".to_owned(), density), ("cascade_share".to_owned(), cascade)];
        Ok(Drawing { data: Data { table, fields }, checks, page })
    }
}

fn euler() -> Result<Method, FigureError> {
    Method::named("euler").map_err(FigureError::computation)
}

/// The middles of equal parts of an interval.
fn centres(interval: (f64, f64), count: usize) -> Result<Vec<f64>, FigureError> {
    let window = Window::new(interval, (0.0, 1.0)).map_err(FigureError::computation)?;
    Ok(window.centres(count, 1).map_err(FigureError::computation)?.0)
}

struct Orbits<'a> {
    rates: &'a [f64],
    transient: usize,
    kept: u32,
}

impl Orbits<'_> {
    /// Rate by rate the shares of the iterates in `bins` equal parts of `range`.
    fn density(
        &self,
        range: (f64, f64),
        bins: usize,
        mut checkpoint: impl FnMut(f64) -> Result<(), FigureError>,
    ) -> Result<Vec<f64>, FigureError> {
        let mut shares = Vec::with_capacity(self.rates.len() * bins);
        for rates in self.rates.chunks(PIECE) {
            let cases: Vec<_> = rates.iter().map(|&h| Case { parameters: [h], start: [START] }).collect();
            let diagram = Diagram { family: &Cubic, cases: &cases, transient: self.transient };
            let found = diagram.density(self.kept, range, bins).map_err(FigureError::computation)?;
            for row in found.rows() {
                shares.extend(row.iter().map(|&count| f64::from(count) / f64::from(self.kept)));
            }
            checkpoint(shares.len() as f64 / (self.rates.len() * bins) as f64)?;
        }
        Ok(shares)
    }
}

/// Shares column by column as a field whose nodes are the centres of the bins.
fn field(
    shares: &[f64],
    x: (f64, f64),
    y: (f64, f64),
    (columns, rows): (usize, usize),
) -> Result<Grid, FigureError> {
    let inner = |(from, to): (f64, f64), count: usize| {
        let half = 0.5 * (to - from) / count as f64;
        (from + half, to - half)
    };
    let by_rows = (0..columns * rows).map(|k| shares[k % columns * rows + k / columns]).collect();
    let grid = Grid::of_values(inner(x, columns), inner(y, rows), columns, by_rows);
    Ok(grid.expect("a share for each of the columns and rows, of which there are more than two"))
}

/// The learning rates at which the periods 1, 2, 4, … double, and the attracting orbits up to there.
#[derive(Default)]
struct Cascade {
    doublings: Vec<f64>,
    /// For each point of each orbit a curve of (h, x).
    curves: Vec<Vec<Point>>,
}

impl Cascade {
    fn found() -> Result<Cascade, FigureError> {
        let map = Iteration::method(euler()?.tableau(), GradientFlow(DoubleWell));
        let continuation = Continuation { rates: (0.5, 1.32), ..Continuation::default() };
        let mut orbit = PeriodicOrbit::near(&map, 0.8, &[vec![1.0]]).map_err(FigureError::computation)?;
        let (mut cascade, mut born) = (Cascade::default(), None);
        while let Some(from) = orbit.filter(|_| cascade.doublings.len() < DOUBLINGS) {
            let mut flip = None;
            let mut attracting = born.iter().cloned().collect::<Vec<_>>();
            // Both ways: the orbit that a flip leads to may be beyond the next flip already.
            for upwards in [true, false] {
                let branch = continuation.follow(&map, &from, upwards).map_err(FigureError::computation)?;
                let event = branch.events().iter().find(|event| event.kind == Bifurcation::Flip);
                flip = flip.or(event.map(|event| event.orbit.clone()));
                attracting.extend(branch.orbits().iter().filter(|orbit| orbit.is_stable()).cloned());
            }
            attracting.extend(flip.clone());
            attracting.sort_by(|a, b| a.h().total_cmp(&b.h()));
            // An orbit begins with its smallest point, and so does the one of half the period that it comes from.
            for k in 0..from.period() {
                let point = |orbit: &PeriodicOrbit| (orbit.h(), orbit.points()[k % orbit.period()][0]);
                cascade.curves.push(attracting.iter().map(point).collect());
            }
            let Some(flip) = flip else { break };
            cascade.doublings.push(flip.h());
            orbit = continuation.beyond_flip(&map, &flip).map_err(FigureError::computation)?;
            born = Some(flip);
        }
        Ok(cascade)
    }
}

fn checks(density: &Grid, curve: &[Point], doublings: &[f64], last: &Lyapunov) -> Vec<Check> {
    let mut checks = Vec::new();
    for (k, &known) in KNOWN.iter().enumerate() {
        let found = doublings.get(k).copied().unwrap_or(f64::NAN);
        checks.push(Check::near(
            format!("learning rate at which period {} doubles", 1 << k),
            found,
            known,
            1e-10,
        ));
    }
    let at = |k: usize| doublings.get(k).copied().unwrap_or(f64::NAN);
    let (before, after) = (at(DOUBLINGS - 2) - at(DOUBLINGS - 3), at(DOUBLINGS - 1) - at(DOUBLINGS - 2));
    // Ratios tend to Feigenbaum's constant: 4.54, 4.64, 4.66, and the fourth is nearer than a hundredth.
    checks.push(Check::near(
        "ratio of the last two intervals between doublings",
        before / after,
        4.669_201_609,
        0.01,
    ));
    let limit = at(DOUBLINGS - 1) + after / (before / after - 1.0);
    // Aitken's extrapolation of a sequence that is nearly geometric.
    checks.push(Check::near("limit of the doublings", limit, ACCUMULATION, 1e-6));

    let worst = |from: f64, to: f64, exponent: &dyn Fn(f64) -> f64| {
        let inside = curve.iter().filter(|point| from < point.0 && point.0 < to);
        inside.map(|&(h, found)| (found - exponent(h)).abs()).fold(0.0, f64::max)
    };
    // The multipliers are 1 - 2h and 9 - 2(1 + h)². A step is right to 10⁻¹⁵; where the second vanishes the logarithm
    // magnifies that.
    let minimum = worst(RATES.0, 0.99, &|h| (1.0 - 2.0 * h).abs().ln());
    checks.push(Check::at_most("error of the exponent of the minimum, h < 0.99", minimum, 1e-10));
    let pair = worst(1.01, KNOWN[1] - 0.01, &|h| 0.5 * (9.0 - 2.0 * (1.0 + h).powi(2)).abs().ln());
    checks.push(Check::at_most("error of the exponent of period 2, 0.01 from its ends", pair, 1e-10));
    // At a doubling orbits approach like n^(-1/2): the exponent over n steps is some (ln n)/n.
    let early = curve.iter().filter(|point| point.0 < ACCUMULATION).map(|point| point.1);
    checks.push(Check::at_most(
        "largest exponent before the doublings accumulate",
        early.fold(-1.0, f64::max),
        1e-3,
    ));
    let error = last.errors()[0];
    checks.push(Check::near("exponent at h = 2", last.exponents()[0], 3f64.ln(), 5.0 * error));
    checks.push(Check::at_most("standard error of the exponent at h = 2", error, 0.005));

    // Orbits stay on their side until the bands merge, and visit both sides afterwards, in windows too.
    let (columns, rows) = density.shape();
    let visits = |column: usize, below: bool| {
        (0..rows).any(|row| (density.y(row as f64) < 0.0) == below && density.value(column, row) > 0.0)
    };
    let wrong = (0..columns).filter(|&column| {
        let both = visits(column, true) && visits(column, false);
        both != (density.x(column as f64) > merger())
    });
    checks.push(Check::at_most(
        "columns that change sides too early or not at all",
        wrong.count() as f64,
        0.0,
    ));
    // |x| ≤ √((h + 2)/h) is invariant up to h = 2, and holds the images of the critical point.
    let farthest = (0..columns).flat_map(|column| (0..rows).map(move |row| (column, row)));
    let beyond = farthest.filter(|&(column, row)| {
        let (h, x) = (density.x(column as f64), density.y(row as f64).abs());
        let largest = 2.0 / 3.0 * (1.0 + h) * ((1.0 + h) / (3.0 * h)).sqrt();
        density.value(column, row) > 0.0 && x > largest + 0.5 * (ITERATES.1 - ITERATES.0) / rows as f64
    });
    checks.push(Check::at_most(
        "bins visited beyond the image of the critical point",
        beyond.count() as f64,
        0.0,
    ));
    checks
}

fn table(curve: &[Point], doublings: &[f64]) -> Table {
    let mut table = Table::new(["series", "h", "exponent"]);
    for &(h, exponent) in curve {
        table.push(["exponent".into(), h.into(), exponent.into()]);
    }
    for (k, &h) in doublings.iter().enumerate() {
        table.push([format!("period {} doubles", 1 << k).into(), h.into(), Cell::from("")]);
    }
    table.push(["bands merge".into(), merger().into(), Cell::from("")]);
    table.push(["orbits stay bounded up to".into(), 2.0.into(), 3f64.ln().into()]);
    table
}

/// Heights of the panels, in points.
const UPPER: f64 = 240.0;
const LOWER: f64 = 72.0;
const INSET: f64 = 68.0;
const BETWEEN: f64 = 36.0;
/// lg of the shares between which colours change.
const SHADES: (f64, f64) = (-4.4, -1.9);
const GUIDE: Stroke = Stroke::thin(GREY).width(0.35);
/// Orbits that would be a pixel high, in the darkest of the shades.
const ATTRACTING: Stroke = Stroke::thin(Colour(8, 48, 107)).width(0.6);

fn page(density: &Grid, cascade: &Grid, curve: &[Point], found: &Cascade) -> Result<Page, DrawError> {
    let margins = Margins::default();
    let height = margins.top + UPPER + BETWEEN + LOWER + margins.bottom;
    let mut page = Page::new(DOUBLE_COLUMN_MM, height / POINTS_PER_MM);
    let whole = page.grid(1, 1, &margins)[0];
    let upper = Rect::new(whole.x, whole.y, whole.width, UPPER);
    let lower = Rect::new(whole.x, upper.bottom() + BETWEEN, whole.width, LOWER);
    let marks = [1.0, KNOWN[1], ACCUMULATION, merger(), 2.0];
    let names = ["$1$", "$\\sqrt{5}-1$", "$h_\\infty$", "$\\frac{3}{2}\\sqrt{3}-1$", "$2$"];

    let x = Axis::linear(RATES.0, RATES.1)?.ticks_at(marks.into_iter().zip(names));
    let y = Axis::linear(ITERATES.0, ITERATES.1)?.title("iterates $x$");
    let mut panel = page.framed_panel(upper, x, y)?;
    shade(&mut panel, density)?;
    for h in marks {
        panel.line([(h, ITERATES.0), (h, ITERATES.1)], &GUIDE)?;
    }
    for points in &found.curves {
        panel.line(points.iter().copied(), &ATTRACTING)?;
    }
    panel.heading("a", "$x\\mapsto x-h(x^3-x)$ from $x_0=0.3$; from $-x_0$ everything is mirrored")?;
    // Below the axis nothing is visited before the bands merge.
    let (left, zero) = panel.to_page((RATES.0, 0.0));
    let right = panel.to_page((merger(), 0.0)).0;
    let inset = Rect::new(left + 30.0, zero + 18.0, right - left - 44.0, INSET);
    // Room for the numbers above it and below.
    let blank = Rect::new(left + 8.0, inset.y - 10.0, inset.right() - left, INSET + 38.0);
    page.block(blank, &Fill::new(WHITE));
    cascade_panel(&mut page, inset, cascade, found)?;

    let x = Axis::linear(RATES.0, RATES.1)?.title("learning rate $h$");
    let y = Axis::linear(EXPONENTS.0, EXPONENTS.1)?
        .ticks_at([(-1.0, "$-1$"), (0.0, "$0$"), (1.0, "$1$")])
        .title("exponent");
    let mut panel = page.framed_panel(lower, x, y)?;
    for h in marks {
        panel.line([(h, EXPONENTS.0), (h, EXPONENTS.1)], &GUIDE)?;
    }
    panel.line([(RATES.0, 0.0), (RATES.1, 0.0)], &Stroke::thin(BLACK))?;
    panel.line(curve.iter().copied(), &Stroke::new(BLUE).width(0.6))?;
    let style = TextStyle::new(SMALL_SIZE).colour(VERMILION).anchor(HAlign::Right, VAlign::Bottom);
    panel.points([(2.0, 3f64.ln())], &Marker::disk(VERMILION))?;
    panel.label((2.0, 3f64.ln()), (-1.0, -2.5), "$\\ln 3$ at $h=2$", &style)?;
    panel.heading("b", "Lyapunov exponent: negative where an orbit attracts, positive in chaos")?;
    Ok(page)
}

fn shade(panel: &mut Panel<'_>, shares: &Grid) -> Result<(), DrawError> {
    // What is not visited stays paper.
    let logarithms = shares.map(|share| if share > 0.0 { share.log10() } else { f64::NAN });
    panel.raster(&logarithms, SHADES, ColourMap::Blues)
}

/// The cascade over the logarithm of the distance from its end, largest first.
fn cascade_panel(page: &mut Page, place: Rect, cascade: &Grid, found: &Cascade) -> Result<(), DrawError> {
    let tick = |k: i32| (f64::from(k), format!("$10^{{-{k}}}$"));
    let x = Axis::linear(CASCADE.0, CASCADE.1)?.ticks_at((1..=3).map(tick)).title("$h_\\infty-h$");
    let y = Axis::linear(CASCADE_ITERATES.0, CASCADE_ITERATES.1)?.ticks_at([(0.5, "$0.5$"), (1.0, "$1$")]);
    let mut panel = page.framed_panel(place, x, y)?;
    shade(&mut panel, cascade)?;
    let depth = |h: f64| -(ACCUMULATION - h).log10();
    for points in &found.curves {
        panel.line(points.iter().map(|&(h, x)| (depth(h), x)), &ATTRACTING)?;
    }
    let style = TextStyle::new(SMALL_SIZE).anchor(HAlign::Centre, VAlign::Bottom).colour(VERMILION);
    for (k, h) in found.doublings.iter().enumerate() {
        let depth = depth(*h);
        if depth < CASCADE.1 {
            let text = if k == 0 { "period 2".to_owned() } else { format!("${}$", 2 << k) };
            panel
                .line([(depth, CASCADE_ITERATES.0), (depth, CASCADE_ITERATES.1)], &Stroke::thin(VERMILION))?;
            panel.label((depth, CASCADE_ITERATES.1), (0.0, -2.5), &text, &style)?;
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_largest_image_returns_to_zero_at_the_merger() {
        let h = merger();
        let step = |x: f64| x * (1.0 + h - h * x * x);
        let critical = ((1.0 + h) / (3.0 * h)).sqrt();
        // A handful of roundings.
        assert!(step(step(critical)).abs() < 1e-14);
        assert!((KNOWN[1] - (5f64.sqrt() - 1.0)).abs() < 1e-15);
    }
}
