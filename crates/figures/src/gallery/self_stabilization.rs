//! Why descent stays at the edge: sharpness and oscillations chase each other round a loop of two variables.

use serde_json::{Value, json};
use shadowflow_numerics::problems::SmallNetwork;
use shadowflow_numerics::{CentralFlow, Objective, SelfStabilization, Sharpness, flow_at};

use crate::axis::Axis;
use crate::canvas::geometry::{Point, Rect};
use crate::canvas::text::{HAlign, TextStyle, VAlign};
use crate::data::{Data, Table};
use crate::error::{DrawError, FigureError};
use crate::figure::{Check, Drawing, Figure, Progress};
use crate::legend::{Corner, Key};
use crate::page::{Margins, Page};
use crate::style::{
    BLACK, BLUE, Colour, DOUBLE_COLUMN_MM, Dash, GREY, LIGHT_GREY, Marker, SKY, SMALL_SIZE, Stroke, VERMILION,
};

/// The model of two variables over gradient descent on a network.
pub(super) struct SelfStabilizationLoop;

const WIDTH: usize = 12;
const H: f64 = 0.4;
/// Steps of the central flow to the point around which the model is made.
const SETTLED: usize = 800;
/// The starts, in amplitudes of rest along the sharpest direction; the first is at rest.
const FACTORS: [f64; 3] = [1.0, 1.5, 2.2];
const COLOURS: [Colour; 3] = [BLACK, BLUE, VERMILION];
/// Steps followed from each.
const STEPS: usize = 240;
/// Steps of descent from the start of the training, which contain its first burst.
const TRAINED: usize = 640;

/// An orbit of descent beside that of the model, as (x, y): the oscillation and the excess of sharpness.
struct Orbit {
    seen: Vec<[f64; 2]>,
    foretold: Vec<[f64; 2]>,
    limit: Vec<Point>,
}

/// Everything computed.
struct Found {
    model: SelfStabilization,
    amplitude: f64,
    orbits: Vec<Orbit>,
    training: Vec<[f64; 2]>,
}

impl Figure for SelfStabilizationLoop {
    fn id(&self) -> &'static str {
        "self-stabilization"
    }

    fn title(&self) -> &'static str {
        "Self-stabilisation at the edge of stability: the loop of oscillation and sharpness over gradient descent"
    }

    fn source(&self) -> &'static str {
        "Damian, Nichani & Lee (2023)"
    }

    fn parameters(&self) -> Value {
        json!({
            "width": WIDTH, "h": H, "settled": SETTLED, "factors": FACTORS, "steps": STEPS, "trained": TRAINED,
        })
    }

    fn make(&self, progress: &dyn Progress) -> Result<Drawing, FigureError> {
        let found = compute(progress)?;
        let data = Data { table: Some(table(&found)), fields: Vec::new() };
        Ok(Drawing { data, checks: checks(&found), page: page(&found)? })
    }
}

fn compute(progress: &dyn Progress) -> Result<Found, FigureError> {
    let (network, start) = (SmallNetwork::miniature(), SmallNetwork::start(WIDTH));
    let flow = CentralFlow::new(&network, H).map_err(FigureError::computation)?;
    let moments = flow.follow(&start, SETTLED, SETTLED).map_err(FigureError::computation)?;
    let Some(moment) = moments.last() else {
        return Err(FigureError::computation("the central flow has no moments".to_owned()));
    };
    progress.checkpoint(0.3)?;
    let model = SelfStabilization::around(&network, &moment.point).map_err(FigureError::computation)?;
    let Some(amplitude) = model.amplitude() else {
        return Err(FigureError::computation("nothing sharpens at the point of the model".to_owned()));
    };
    let sharpness = Sharpness::at(&network, &moment.point).map_err(FigureError::computation)?;
    let mut orbits = Vec::new();
    for factor in FACTORS {
        let from: Vec<f64> = (moment.point.iter().zip(sharpness.direction()))
            .map(|(x, q)| x + factor * amplitude * q)
            .collect();
        let seen = observed(&network, from, STEPS)?;
        let begin = [factor * amplitude, 0.0];
        let foretold = model.orbit(begin, STEPS).map_err(FigureError::computation)?;
        let times: Vec<f64> = (0..=STEPS).map(|k| k as f64 * H).collect();
        let limit = flow_at(&model, &begin, &times).map_err(FigureError::computation)?;
        let limit = limit.into_iter().map(|point| (point[0], point[1])).collect();
        orbits.push(Orbit { seen, foretold, limit });
        progress.checkpoint(0.3 + 0.15 * orbits.len() as f64)?;
    }
    let training = observed(&network, start, TRAINED)?;
    Ok(Found { model, amplitude, orbits, training })
}

/// Gradient descent seen from the middle of two iterates: half their difference along the sharpest direction, and the excess
/// of the sharpness in the middle over 2/h.
fn observed(network: &SmallNetwork, mut x: Vec<f64>, steps: usize) -> Result<Vec<[f64; 2]>, FigureError> {
    let first = Sharpness::at(network, &x).map_err(FigureError::computation)?;
    let mut direction = first.direction().to_vec();
    let mut seen = Vec::new();
    let mut next = vec![0.0; x.len()];
    for _ in 0..=steps {
        network.gradient(&x, &mut next);
        next.iter_mut().zip(&x).for_each(|(g, x)| *g = x - H * *g);
        let middle: Vec<f64> = x.iter().zip(&next).map(|(a, b)| 0.5 * (a + b)).collect();
        let there = Sharpness::near(network, &middle, &direction).map_err(FigureError::computation)?;
        let half = x.iter().zip(&next).map(|(a, b)| 0.5 * (a - b));
        let along = half.zip(there.direction()).map(|(half, q)| half * q).sum();
        seen.push([along, there.value() - 2.0 / H]);
        direction = there.direction().to_vec();
        std::mem::swap(&mut x, &mut next);
    }
    Ok(seen)
}

/// The largest distances in |x|, in amplitudes, and in y of an orbit of descent from that of the model over some steps.
fn gap(found: &Found, orbit: &Orbit, steps: usize) -> (f64, f64) {
    let pairs = orbit.seen.iter().zip(&orbit.foretold).take(steps + 1);
    pairs.fold((0.0f64, 0.0f64), |(x, y), (seen, foretold)| {
        let apart = (seen[0].abs() - foretold[0].abs()).abs() / found.amplitude;
        (x.max(apart), y.max((seen[1] - foretold[1]).abs()))
    })
}

fn checks(found: &Found) -> Vec<Check> {
    let mut checks = Vec::new();
    let rest = found.orbits[0].seen[..=100].iter();
    let drift = rest.map(|point| (point[0].abs() / found.amplitude - 1.0).abs()).fold(0.0, f64::max);
    // The central flow moves on, and α and β with it.
    checks.push(Check::at_most("drift from rest in 100 steps, in amplitudes", drift, 0.02));
    for (orbit, factor) in found.orbits.iter().zip(FACTORS).skip(1) {
        let size = orbit.foretold.iter().map(|point| point[1].abs()).fold(0.0, f64::max);
        let (x, y) = gap(found, orbit, 100);
        // The terms that the model leaves out damp here: by a tenth of the amplitude in half a loop.
        checks.push(Check::at_most(format!("gap in |x| from {factor} amplitudes, in amplitudes"), x, 0.15));
        checks.push(Check::at_most(
            format!("gap in y from {factor} amplitudes, in its range"),
            y / size,
            0.15,
        ));
        let energies = orbit.limit.iter().map(|&(x, y)| found.model.energy([x, y]));
        let first = found.model.energy([orbit.limit[0].0, orbit.limit[0].1]);
        let change = energies.map(|energy| (energy - first).abs()).fold(0.0, f64::max);
        let height = first - found.model.energy([found.amplitude, 0.0]);
        checks.push(Check::at_most(
            format!("change of the energy along the limit from {factor} amplitudes, in its height"),
            change / height,
            1e-9,
        ));
        // Steps of the model are steps of Euler's method on its limit, which drive it outward; descent moves inward.
        let left = |point: [f64; 2]| (found.model.energy(point) - first + height) / height;
        let (model, descent) = (left(orbit.foretold[STEPS]), left(orbit.seen[STEPS]));
        checks.push(Check::at_least(
            format!("energy after a loop from {factor} amplitudes, model"),
            model,
            1.0,
        ));
        checks.push(Check::at_most(
            format!("energy after a loop from {factor} amplitudes, descent"),
            descent,
            1.0,
        ));
    }
    // Neighbours in time lie on opposite sides.
    let flips = found.orbits[1].seen.windows(2).filter(|pair| pair[0][0] * pair[1][0] < 0.0).count();
    checks.push(Check::near("steps across which x changes sign", flips as f64, STEPS as f64, 0.0));
    let (above, below) = burst(found);
    checks.push(Check::at_least("first burst: sharpness above 2/h before it", above, 0.4));
    // ½y² + ¼βx² - α ln|x| takes the same small |x| with y and with -y.
    checks.push(Check::near(
        "first burst: sharpness below 2/h after over that above before",
        below / above,
        1.0,
        0.12,
    ));
    checks
}

/// The largest excess of the sharpness in the training, and the largest deficit after it.
fn burst(found: &Found) -> (f64, f64) {
    let peak = (0..found.training.len())
        .max_by(|&i, &j| found.training[i][1].total_cmp(&found.training[j][1]))
        .unwrap_or(0);
    let below = found.training[peak..].iter().map(|point| -point[1]).fold(0.0, f64::max);
    (found.training[peak][1], below)
}

fn table(found: &Found) -> Table {
    let mut table = Table::new(["series", "factor", "step", "x", "y"]);
    for (orbit, factor) in found.orbits.iter().zip(FACTORS) {
        for (series, points) in [("descent", &orbit.seen), ("model", &orbit.foretold)] {
            for (k, point) in points.iter().enumerate() {
                table.push([
                    series.into(),
                    factor.into(),
                    (k as f64).into(),
                    point[0].into(),
                    point[1].into(),
                ]);
            }
        }
        for (k, point) in orbit.limit.iter().enumerate() {
            let (x, y) = (point.0.into(), point.1.into());
            table.push(["continuous limit".into(), factor.into(), (k as f64).into(), x, y]);
        }
    }
    for (k, point) in found.training.iter().enumerate() {
        table.push(["training".into(), "".into(), (k as f64).into(), point[0].into(), point[1].into()]);
    }
    table
}

fn page(found: &Found) -> Result<Page, DrawError> {
    let mut page = Page::new(DOUBLE_COLUMN_MM, 70.0);
    let places = page.grid(1, 3, &Margins { left: 40.0, between_columns: 42.0, ..Margins::default() });
    loops(&mut page, places[0], found)?;
    over_steps(&mut page, places[1], found)?;
    training(&mut page, places[2], found)?;
    Ok(page)
}

fn loops(page: &mut Page, place: Rect, found: &Found) -> Result<(), DrawError> {
    let a = found.amplitude;
    let x = Axis::linear(0.0, 2.6)?.title("oscillation $|x|/\\sqrt{2\\alpha/\\beta}$");
    let y = Axis::linear(-0.12, 0.18)?.title("sharpness $S-2/h$");
    let mut panel = page.panel(place, x, y)?;
    panel.heading("a", "round the point of rest")?;
    panel.line([(0.0, 0.0), (2.6, 0.0)], &Stroke::thin(LIGHT_GREY))?;
    for (orbit, colour) in found.orbits.iter().zip(COLOURS) {
        panel.line(orbit.limit.iter().map(|&(x, y)| (x / a, y)), &Stroke::thin(colour).dash(Dash::Dashed))?;
        panel.line(orbit.foretold.iter().map(|p| (p[0].abs() / a, p[1])), &Stroke::new(colour).width(0.9))?;
        let marker = Marker::disk(colour).radius(0.9);
        panel.points(orbit.seen.iter().step_by(4).map(|p| (p[0].abs() / a, p[1])), &marker)?;
    }
    panel.legend(
        Corner::TopRight,
        &[
            (Key::Marker(Marker::disk(BLACK).radius(0.9)), "descent"),
            (Key::Line(Stroke::new(BLACK).width(0.9)), "model"),
            (Key::Line(Stroke::thin(BLACK).dash(Dash::Dashed)), "its limit"),
        ],
    )
}

fn over_steps(page: &mut Page, place: Rect, found: &Found) -> Result<(), DrawError> {
    let (orbit, a) = (&found.orbits[1], found.amplitude);
    let x = Axis::linear(0.0, STEPS as f64)?.title("step $k$");
    let y = Axis::linear(-2.0, 2.0)?.title("$x/\\sqrt{2\\alpha/\\beta}$");
    let mut panel = page.panel(place, x, y)?;
    panel.heading("b", "along the sharpest direction")?;
    let seen = || orbit.seen.iter().enumerate().map(|(k, p)| (k as f64, p[0] / a));
    panel.line(seen(), &Stroke::thin(SKY).width(0.35))?;
    panel.points(seen(), &Marker::disk(BLUE).radius(0.8))?;
    for sign in [1.0, -1.0] {
        let hull = orbit.foretold.iter().enumerate().map(|(k, p)| (k as f64, sign * p[0].abs() / a));
        panel.line(hull, &Stroke::new(VERMILION).width(0.9))?;
    }
    let style = TextStyle::new(SMALL_SIZE).colour(VERMILION).anchor(HAlign::Right, VAlign::Bottom);
    panel.remark((0.98, 0.02), "lines: $\\pm|x|$ of the model", &style)
}

fn training(page: &mut Page, place: Rect, found: &Found) -> Result<(), DrawError> {
    let x = Axis::linear(0.0, TRAINED as f64)?.title("step $k$");
    let y = Axis::linear(-0.8, 0.8)?.title("$S-2/h$ and $x$");
    let mut panel = page.panel(place, x, y)?;
    panel.heading("c", "the first burst of the training")?;
    panel.line([(0.0, 0.0), (TRAINED as f64, 0.0)], &Stroke::thin(GREY).dash(Dash::Dotted))?;
    let part = |index: usize| found.training.iter().enumerate().map(move |(k, p)| (k as f64, p[index]));
    panel.line(part(0), &Stroke::thin(SKY).width(0.35))?;
    panel.line(part(1), &Stroke::new(BLACK))?;
    let style = TextStyle::new(SMALL_SIZE).anchor(HAlign::Right, VAlign::Bottom);
    panel.label((535.0, 0.08), (0.0, 0.0), "$x$", &style.colour(BLUE))?;
    panel.label((330.0, 0.22), (0.0, 0.0), "$S-2/h$", &style)
}
