//! What a residual network computes.

use shadowflow_methods::Method;
use shadowflow_numerics::{
    InputError, ModifiedEquation, ObservedOrder, ResidualNetwork, RungeKutta, Skip, VectorField, flow,
    observed_order,
};

use crate::claim::{Claim, Control, Family, Hypothesis, Judgement, Verdict};
use crate::error::ClaimError;
use crate::measure::order_number;
use crate::number::Number;

pub(crate) const RESNET_IS_EULER: Claim = Claim {
    id: "resnet-is-euler",
    family: Family::Networks,
    statement: "A residual block x + h g(x) is a step of explicit Euler on ẋ = g(x). As layers are refined the network tends to \
                the flow of g at order 1, and to the flows of its modified equation through h and h² at orders 2 and 3: \
                the ODE that the trained network follows is the modified one.",
    source: "Haber & Ruthotto (2017); E (2017); Hairer, Lubich & Wanner (2006), Theorem IX.1.2, for the modified equation",
    hypotheses: &[
        Hypothesis {
            statement: "all blocks share their weights",
            checked: "weight-tied nets A tanh(Wx + b), in one and two dimensions",
        },
        Hypothesis { statement: "g is smooth", checked: "tanh" },
        Hypothesis {
            statement: "the net is trained",
            checked: "its loss, by gradient descent on all samples",
        },
    ],
    registered: Verdict::Supported,
    judge: resnet_is_euler,
};

/// Layers of the trained networks.
const LAYERS: usize = 8;
/// Layers after refinement, h = 1/layers.
const REFINED: [usize; 4] = [64, 128, 256, 512];
/// A hundred units in the last place of points of size 1: below, distances are rounding.
const FLOOR: f64 = 2e-14;

const DIFFERENCE: &str = "largest difference between a forward pass and the orbit of explicit Euler";
const ORDERS: [[&str; 3]; 2] = [
    [
        "1-D: depth order against ẋ = g",
        "1-D: depth order against the modified equation through h",
        "1-D: depth order against the modified equation through h²",
    ],
    [
        "2-D: depth order against ẋ = g",
        "2-D: depth order against the modified equation through h",
        "2-D: depth order against the modified equation through h²",
    ],
];

/// A task: samples, and where the trained network is examined.
struct Task {
    samples: Vec<(Vec<f64>, Vec<f64>)>,
    width: usize,
    rate: f64,
    steps: usize,
    probe: Vec<f64>,
}

/// x ↦ tanh 4x on [-1, 1], which parts the two signs.
fn line_task() -> Task {
    let grid = (-10..=10).map(|i| f64::from(i) / 10.0);
    let samples = grid.map(|x| (vec![x], vec![(4.0 * x).tanh()])).collect();
    Task { samples, width: 8, rate: 0.5, steps: 2000, probe: vec![0.3] }
}

/// A turn of the unit disc by the angle 3/2 - |x|², faster inside.
fn plane_task() -> Task {
    let grid = || (-3..=3).map(|i| f64::from(i) / 3.0);
    let points = grid().flat_map(|x| grid().map(move |y| (x, y))).filter(|(x, y)| x * x + y * y < 1.01);
    let samples = points.map(|(x, y)| {
        let (sin, cos) = (1.5 - x * x - y * y).sin_cos();
        (vec![x, y], vec![cos * x - sin * y, sin * x + cos * y])
    });
    Task { samples: samples.collect(), width: 12, rate: 0.5, steps: 2000, probe: vec![0.6, -0.5] }
}

fn resnet_is_euler() -> Result<Judgement, ClaimError> {
    let control = Control {
        description: "the same weights without the skip connections: x ← h g(x)",
        must_miss: &[
            DIFFERENCE,
            ORDERS[0][0],
            ORDERS[0][1],
            ORDERS[0][2],
            ORDERS[1][0],
            ORDERS[1][1],
            ORDERS[1][2],
        ],
        numbers: network_evidence(Skip::None)?,
    };
    Ok(Judgement::weigh(Verdict::Supported, network_evidence(Skip::Identity)?, control))
}

fn network_evidence(skip: Skip) -> Result<Vec<Number>, ClaimError> {
    let euler = Method::named("euler")?;
    let (mut numbers, mut trained, mut difference) = (Vec::new(), Vec::new(), 0.0_f64);
    for (task, (name, orders)) in
        [line_task(), plane_task()].iter().zip(["1-D", "2-D"].into_iter().zip(ORDERS))
    {
        let mut network = ResidualNetwork::seeded(task.probe.len(), task.width, 1)?;
        let losses = network.train(&task.samples, LAYERS, task.rate, task.steps)?;
        trained.push(
            Number::new(
                format!("{name}: loss after training over loss before"),
                losses[task.steps] / losses[0],
            )
            .at_most(0.05),
        );

        for (input, _) in &task.samples {
            difference = difference.max(orbit_difference(&network, input, skip)?);
        }
        let [whole, first, second] =
            [0, 1, 2].map(|order| ModifiedEquation::new(&network, euler.tableau(), order));
        for (equation, (name, expected)) in [whole?, first?, second?].iter().zip(orders.into_iter().zip(1..))
        {
            let observed = depth_order(&network, skip, &task.probe, |h| equation.at_step(h))?;
            numbers.push(order_number(name, observed, expected));
        }
        let h = 1.0 / LAYERS as f64;
        let mut sums = [0.0; 2];
        for (order, sum) in sums.iter_mut().enumerate() {
            let equation = ModifiedEquation::new(&network, euler.tableau(), order)?;
            for (input, _) in &task.samples {
                *sum += distance(&network, skip, input, LAYERS, &equation.at_step(h)?)?;
            }
        }
        let name = format!(
            "{name}: at {LAYERS} layers, mean distance from the flow of g over that from the modified flow"
        );
        trained.push(Number::new(name, sums[0] / sums[1]).above(2.0));
    }
    numbers.insert(0, Number::new(DIFFERENCE, difference).equals(0.0));
    numbers.extend(trained);
    Ok(numbers)
}

/// The largest difference of coordinates between the layers and the orbit with step 1/LAYERS.
fn orbit_difference(network: &ResidualNetwork, x: &[f64], skip: Skip) -> Result<f64, ClaimError> {
    let euler = RungeKutta::new(Method::named("euler")?.tableau());
    let mut step = euler.on(network, 1.0 / LAYERS as f64)?;
    let (mut point, mut next, mut largest) = (x.to_vec(), x.to_vec(), 0.0_f64);
    for state in &network.forward(x, LAYERS, skip)?[1..] {
        step.step(&point, &mut next)?;
        std::mem::swap(&mut point, &mut next);
        largest = state.iter().zip(&point).fold(largest, |largest, (s, p)| largest.max((s - p).abs()));
    }
    Ok(largest)
}

/// The distance of the last layer from a flow after a unit of time.
fn distance<F: VectorField>(
    network: &ResidualNetwork,
    skip: Skip,
    x: &[f64],
    layers: usize,
    field: &F,
) -> Result<f64, ClaimError> {
    let states = network.forward(x, layers, skip)?;
    let reached = flow(field, x, 1.0)?;
    Ok(states[layers].iter().zip(&reached).fold(0.0, |norm: f64, (x, y)| norm.hypot(x - y)))
}

/// The order in h = 1/layers of that distance.
fn depth_order<F: VectorField>(
    network: &ResidualNetwork,
    skip: Skip,
    x: &[f64],
    field: impl Fn(f64) -> Result<F, InputError>,
) -> Result<ObservedOrder, ClaimError> {
    let mut points = Vec::with_capacity(REFINED.len());
    for layers in REFINED {
        let h = 1.0 / layers as f64;
        points.push((h, distance(network, skip, x, layers, &field(h)?)?));
    }
    Ok(observed_order(&points, FLOOR)?)
}
