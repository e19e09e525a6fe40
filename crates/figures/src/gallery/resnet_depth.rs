//! A residual network is Euler's method, and follows its modified equation: two trained nets, their layers over both flows.

use serde_json::{Value, json};
use shadowflow_methods::Method;
use shadowflow_numerics::{
    InputError, ModifiedEquation, ObservedOrder, ResidualNetwork, RungeKutta, Skip, VectorField, flow,
    flow_at, observed_order,
};

use crate::axis::Axis;
use crate::canvas::geometry::{Point, Rect};
use crate::canvas::text::{HAlign, TextStyle, VAlign};
use crate::data::{Data, Table};
use crate::error::{DrawError, FigureError};
use crate::figure::{Check, Drawing, Figure, Progress};
use crate::legend::{Corner, Key};
use crate::page::{Margins, Page};
use crate::style::{
    BLACK, BLUE, Colour, DOUBLE_COLUMN_MM, GREEN, GREY, LIGHT_GREY, Marker, POINTS_PER_MM, SMALL_SIZE, Shape,
    Stroke, VERMILION,
};

/// The forward passes of a net in one and of one in two dimensions over the flows of g and of the modified field, and how the
/// distances from three flows shrink with the depth.
pub(super) struct ResnetDepth;

const SEED: u64 = 1;
/// Layers of the nets while they are trained and drawn.
const LAYERS: usize = 4;
/// Layers of the deeper nets with the same weights.
const DEPTHS: [usize; 9] = [4, 8, 16, 32, 64, 128, 256, 512, 1024];
/// Points of a flow in a unit of time.
const FINE: usize = 64;
/// A hundred units in the last place of points of size 1: below, distances are rounding.
const FLOOR: f64 = 2e-14;
/// Points in a fit, the deepest above the floor.
const FITTED: usize = 5;

type Computed<T> = Result<T, Box<dyn std::error::Error + Send + Sync>>;

/// What a net learns.
struct Task {
    name: &'static str,
    width: usize,
    rate: f64,
    steps: usize,
    samples: Vec<(Vec<f64>, Vec<f64>)>,
    /// The inputs whose way through the net is drawn.
    shown: Vec<Vec<f64>>,
    target: fn(&[f64]) -> Vec<f64>,
}

/// tanh 4x, which parts the two signs.
fn line_target(x: &[f64]) -> Vec<f64> {
    vec![(4.0 * x[0]).tanh()]
}

/// A turn by the angle 3/2 - |x|², faster inside.
fn plane_target(x: &[f64]) -> Vec<f64> {
    let (sin, cos) = (1.5 - x[0] * x[0] - x[1] * x[1]).sin_cos();
    vec![cos * x[0] - sin * x[1], sin * x[0] + cos * x[1]]
}

fn tasks() -> [Task; 2] {
    let samples = |inputs: Vec<Vec<f64>>, target: fn(&[f64]) -> Vec<f64>| {
        inputs.into_iter().map(|x| (x.clone(), target(&x))).collect()
    };
    let line: Vec<Vec<f64>> = (-10..=10).map(|i| vec![f64::from(i) / 10.0]).collect();
    let grid = || (-3..=3).map(|i| f64::from(i) / 3.0);
    let disc =
        grid().flat_map(|x| grid().map(move |y| vec![x, y])).filter(|x| x[0] * x[0] + x[1] * x[1] < 1.01);
    [
        Task {
            name: "1-D",
            width: 8,
            rate: 0.5,
            steps: 4000,
            samples: samples(line, line_target),
            shown: [-0.8, -0.4, -0.2, -0.1, 0.1, 0.2, 0.4, 0.8].map(|x| vec![x]).into(),
            target: line_target,
        },
        Task {
            name: "2-D",
            width: 12,
            rate: 0.5,
            steps: 4000,
            samples: samples(disc.collect(), plane_target),
            shown: [(0.75, -0.45), (-0.1, 0.85), (-0.7, -0.5), (0.35, 0.1), (-0.3, -0.1)]
                .map(|(x, y)| vec![x, y])
                .into(),
            target: plane_target,
        },
    ]
}

/// One input's way: through the layers, along the flow of g, along the modified flow.
struct Way {
    layers: Vec<Vec<f64>>,
    flow: Vec<Vec<f64>>,
    modified: Vec<Vec<f64>>,
    target: Vec<f64>,
}

struct Net {
    name: &'static str,
    ways: Vec<Way>,
    /// Loss after training over loss before.
    loss: f64,
    /// The largest difference of a layer from the orbit of explicit Euler.
    difference: f64,
    /// The mean distance of the last layer from the flow of g over that from the modified flow.
    ratio: f64,
    /// Against the flows of the modified equation through h⁰, h and h²: (h, distance), h decreasing, and the fit.
    depths: Vec<(Vec<Point>, ObservedOrder)>,
}

impl Figure for ResnetDepth {
    fn id(&self) -> &str {
        "resnet-depth"
    }

    fn title(&self) -> &str {
        "The layers of two trained residual nets over the flow of g and over the modified flow, which they follow"
    }

    fn source(&self) -> &str {
        "after Haber & Ruthotto (2017) and E (2017); Hairer, Lubich & Wanner (2006), Theorem IX.1.2"
    }

    fn parameters(&self) -> Value {
        let task = |task: &Task| {
            json!({
                "task": task.name, "width": task.width, "rate": task.rate, "steps": task.steps,
                "samples": task.samples, "shown": task.shown,
            })
        };
        json!({ "layers": LAYERS, "depths": DEPTHS, "fitted": FITTED, "floor": FLOOR, "tasks": tasks().iter().map(task).collect::<Vec<_>>() })
    }

    fn seed(&self) -> Option<u64> {
        Some(SEED)
    }

    fn make(&self, progress: &dyn Progress) -> Result<Drawing, FigureError> {
        let mut nets = Vec::new();
        for task in tasks() {
            nets.push(net(&task).map_err(FigureError::computation)?);
            progress.checkpoint(0.45 * nets.len() as f64)?;
        }
        Ok(Drawing { data: data(&nets), checks: checks(&nets), page: page(&nets)? })
    }
}

fn net(task: &Task) -> Computed<Net> {
    let euler = Method::named("euler")?;
    let mut network = ResidualNetwork::seeded(task.shown[0].len(), task.width, SEED)?;
    let losses = network.train(&task.samples, LAYERS, task.rate, task.steps)?;
    let h = 1.0 / LAYERS as f64;
    let first = ModifiedEquation::new(&network, euler.tableau(), 1)?;
    let times: Vec<f64> = (0..=FINE).map(|i| i as f64 / FINE as f64).collect();
    let (mut ways, mut difference, mut sums) = (Vec::new(), 0.0_f64, (0.0, 0.0));
    for input in &task.shown {
        let layers = network.forward(input, LAYERS, Skip::Identity)?;
        let way = Way {
            flow: flow_at(&network, input, &times)?,
            modified: flow_at(&first.at_step(h)?, input, &times)?,
            target: (task.target)(input),
            layers,
        };
        let method = RungeKutta::new(euler.tableau());
        let (mut step, mut point, mut next) = (method.on(&network, h)?, input.clone(), input.clone());
        for layer in &way.layers[1..] {
            step.step(&point, &mut next)?;
            std::mem::swap(&mut point, &mut next);
            difference = layer.iter().zip(&point).fold(difference, |d, (x, y)| d.max((x - y).abs()));
        }
        sums.0 += distance(&way.layers[LAYERS], &way.flow[FINE]);
        sums.1 += distance(&way.layers[LAYERS], &way.modified[FINE]);
        ways.push(way);
    }
    let probe = &task.shown[0];
    let depths = (0..3)
        .map(|order| -> Computed<_> {
            let equation = ModifiedEquation::new(&network, euler.tableau(), order)?;
            depth_curve(&network, probe, |h| equation.at_step(h))
        })
        .collect::<Computed<Vec<_>>>()?;
    let loss = losses[task.steps] / losses[0];
    Ok(Net { name: task.name, ways, loss, difference, ratio: sums.0 / sums.1, depths })
}

/// The distance of the last layer from a flow against h = 1/layers, and its slope.
fn depth_curve<F: VectorField>(
    network: &ResidualNetwork,
    x: &[f64],
    field: impl Fn(f64) -> Result<F, InputError>,
) -> Computed<(Vec<Point>, ObservedOrder)> {
    let mut points = Vec::new();
    for layers in DEPTHS {
        let h = 1.0 / layers as f64;
        let states = network.forward(x, layers, Skip::Identity)?;
        points.push((h, distance(&states[layers], &flow(&field(h)?, x, 1.0)?)));
    }
    let fit = observed_order(fitted(&points), FLOOR)?;
    Ok((points, fit))
}

fn fitted(points: &[Point]) -> &[Point] {
    let above = points.iter().take_while(|point| point.1 > FLOOR).count();
    &points[above.saturating_sub(FITTED)..above]
}

fn distance(x: &[f64], y: &[f64]) -> f64 {
    x.iter().zip(y).fold(0.0, |norm: f64, (x, y)| norm.hypot(x - y))
}

fn checks(nets: &[Net]) -> Vec<Check> {
    let mut checks = Vec::new();
    for net in nets {
        let name = net.name;
        let difference = format!("{name}: largest difference of a layer from explicit Euler");
        checks.push(Check::at_most(difference, net.difference, 0.0));
        checks.push(Check::at_most(format!("{name}: loss after training over loss before"), net.loss, 0.02));
        let closer = format!(
            "{name}: mean distance from the flow of g over that from the modified flow, {LAYERS} layers"
        );
        checks.push(Check::at_least(closer, net.ratio, 2.0));
        for ((_, fit), order) in net.depths.iter().zip(1u32..) {
            let slope = format!("{name}: depth slope against the modified equation through h^{}", order - 1);
            // A wrong order would be off by 1; terms of higher order bend the slope by some hundredths at these depths.
            checks.push(Check::near(slope, fit.order, f64::from(order), 0.15));
        }
    }
    checks
}

fn data(nets: &[Net]) -> Data {
    let mut table = Table::new(["net", "series", "input", "t", "x", "y"]);
    for net in nets {
        for (way, number) in net.ways.iter().zip(1u32..) {
            let mut push = |series: &str, t: f64, point: &[f64]| {
                let y = point.get(1).map_or_else(|| "".into(), |&y| y.into());
                let input = f64::from(number);
                table.push([net.name.into(), series.into(), input.into(), t.into(), point[0].into(), y]);
            };
            for (series, points) in
                [("layers", &way.layers), ("flow of g", &way.flow), ("modified flow", &way.modified)]
            {
                for (i, point) in points.iter().enumerate() {
                    push(series, i as f64 / (points.len() - 1) as f64, point);
                }
            }
            push("target", 1.0, &way.target);
        }
        for ((points, _), order) in net.depths.iter().zip(0u32..) {
            for &(h, distance) in points {
                let series = format!("distance from the modified flow through h^{order}; h, distance");
                table.push([
                    net.name.into(),
                    series.into(),
                    1.0.into(),
                    1.0.into(),
                    h.into(),
                    distance.into(),
                ]);
            }
        }
    }
    Data { table: Some(table), fields: Vec::new() }
}

const LAYER: Marker = Marker::ring(BLACK).radius(1.7);
const TARGET: Marker = Marker::disk(GREEN).radius(2.0).shape(Shape::Diamond);

fn page(nets: &[Net]) -> Result<Page, DrawError> {
    let margins = Margins { between_columns: 38.0, ..Margins::default() };
    let width = Page::new(DOUBLE_COLUMN_MM, 1.0).grid(1, 3, &margins)[0].width;
    let height = margins.top + margins.bottom + 1.12 * width;
    let mut page = Page::new(DOUBLE_COLUMN_MM, height / POINTS_PER_MM);
    let places = page.grid(1, 3, &margins);
    line_panel(&mut page, places[0], &nets[0])?;
    plane_panel(&mut page, places[1], &nets[1])?;
    depth_panel(&mut page, places[2], &nets[1])?;
    Ok(page)
}

fn line_panel(page: &mut Page, place: Rect, net: &Net) -> Result<(), DrawError> {
    let x = Axis::linear(0.0, 1.08)?.title("$t=kh$").ticks_at([
        (0.0, "$0$"),
        (0.25, "$h$"),
        (0.5, "$2h$"),
        (0.75, "$3h$"),
        (1.0, "$1$"),
    ]);
    let y = Axis::linear(-1.25, 2.0)?.title("state $x_k$");
    let mut panel = page.panel(place, x, y)?;
    panel.heading("a", "1-D net, 4 layers, $h=1/4$")?;
    let over_time = |points: &[Vec<f64>]| -> Vec<Point> {
        let last = (points.len() - 1) as f64;
        points.iter().enumerate().map(|(i, point)| (i as f64 / last, point[0])).collect()
    };
    for way in &net.ways {
        panel.line(over_time(&way.flow), &Stroke::new(BLUE).width(0.8))?;
        panel.line(over_time(&way.modified), &Stroke::new(VERMILION).width(0.8))?;
        // Beside the last layer, which would hide it.
        panel.points([(1.045, way.target[0])], &TARGET)?;
        panel.points(over_time(&way.layers), &LAYER)?;
    }
    panel.legend(
        Corner::TopLeft,
        &[
            (Key::Marker(LAYER), "layers"),
            (Key::Marker(TARGET), "targets"),
            (Key::Line(Stroke::new(BLUE)), "flow of $g$"),
            (Key::Line(Stroke::new(VERMILION)), "flow of $g-\\frac{h}{2}g'g$"),
        ],
    )
}

fn plane_panel(page: &mut Page, place: Rect, net: &Net) -> Result<(), DrawError> {
    let (low, high) = (-1.15, 1.15);
    let rise = (high - low) * place.height / place.width / 2.0;
    let (x, y) = (Axis::linear(low, high)?.title("$x$"), Axis::linear(-rise, rise)?.title("$y$"));
    let mut panel = page.framed_panel(place, x, y)?;
    panel.heading("b", "2-D net, 4 layers, $h=1/4$")?;
    let plane =
        |points: &[Vec<f64>]| -> Vec<Point> { points.iter().map(|point| (point[0], point[1])).collect() };
    for way in &net.ways {
        panel.line(plane(&way.layers), &Stroke::thin(LIGHT_GREY))?;
        panel.line(plane(&way.flow), &Stroke::new(BLUE).width(1.0))?;
        panel.line(plane(&way.modified), &Stroke::new(VERMILION).width(1.0))?;
        panel.points([(way.target[0], way.target[1])], &TARGET)?;
        panel.points(plane(&way.layers[1..]), &LAYER)?;
        panel.points(plane(&way.layers[..1]), &Marker::disk(BLACK).radius(2.0).shape(Shape::Square))?;
    }
    Ok(())
}

fn depth_panel(page: &mut Page, place: Rect, net: &Net) -> Result<(), DrawError> {
    let x = Axis::log(4e-4, 0.4)?.title("$h=1/$layers");
    let y = Axis::log(1e-12, 1.0)?.title("distance of the last layer at $t=1$");
    let mut panel = page.panel(place, x, y)?;
    panel.heading("c", "Refining the 2-D net")?;
    let names = ["flow of $g$", "through $h$", "through $h^2$"];
    let colours: [Colour; 3] = [BLUE, VERMILION, GREEN];
    let mut labels = Vec::new();
    for (((points, fit), colour), name) in net.depths.iter().zip(colours).zip(names) {
        let end = fitted(points)[fitted(points).len() - 1];
        let at = |h: f64| (h, end.1 * (h / end.0).powf(fit.order));
        panel.line([at(end.0), at(0.25)], &Stroke::thin(colour))?;
        panel.points(
            points.iter().copied().filter(|point| point.1 > FLOOR),
            &Marker::disk(colour).radius(1.5),
        )?;
        labels.push((at(4e-3).1, format!("{name}: ${:.2}$", fit.order), colour));
    }
    // The last label stands below its line, the others above theirs.
    for (i, (y, text, colour)) in labels.into_iter().enumerate() {
        let (horizontal, vertical, offset) = if i < 2 {
            (HAlign::Right, VAlign::Bottom, (8.0, -7.0))
        } else {
            (HAlign::Left, VAlign::Top, (9.0, 3.0))
        };
        let style = TextStyle::new(SMALL_SIZE).colour(colour).anchor(horizontal, vertical);
        panel.label((4e-3, y), offset, &text, &style)?;
    }
    let style = TextStyle::new(SMALL_SIZE).colour(GREY).anchor(HAlign::Left, VAlign::Baseline);
    panel.remark((0.05, 0.95), "distance from: slope", &style)
}
