//! Training at the edge of stability.

use shadowflow_numerics::problems::SmallNetwork;
use shadowflow_numerics::{Optimizer, SelfStabilization, Training, flow};

use crate::claim::{Claim, Control, Family, Hypothesis, Judgement, Verdict};
use crate::error::ClaimError;
use crate::number::Number;

pub(crate) const EDGE_OF_STABILITY: Claim = Claim {
    id: "edge-of-stability",
    family: Family::Networks,
    statement: "Gradient descent on all data sharpens a small network until the sharpness is 2/h, and hovers \
                there: at 5 for h = 2/5 and \
                at 4 for h = 1/2.",
    source: "Cohen, Kaur, Li, Kolter & Talwalkar (2021); the network is of this project",
    hypotheses: &[
        Hypothesis {
            statement: "the gradient flow sharpens beyond 2/h, and h is not so large that training diverges",
            checked: "37 weights, 20 data, 8000 steps; the control h = 1/20 never meets 2/h = 40, and h = \
                      7/10 diverges",
        },
        Hypothesis { statement: "all data in every step", checked: "by construction" },
    ],
    registered: Verdict::Supported,
    judge: edge_of_stability,
};

const LATE: &str = "mean sharpness of the last quarter of 8000 steps, over 2/h";

fn edge_of_stability() -> Result<Judgement, ClaimError> {
    let control = Control {
        description: "h = 1/20, whose edge 40 the sharpness stays far below",
        must_miss: &[LATE],
        numbers: vec![late(LATE, 0.05)?],
    };
    let runaway = train(0.7, 2000)?;
    let numbers = vec![
        late(LATE, 0.4)?,
        late("the same for h = 1/2", 0.5)?,
        Number::new(
            "sharpness at the start, over 2/h for h = 2/5",
            train(0.4, 1)?.records()[0].sharpness / 5.0,
        )
        .at_most(1.0),
        Number::new("loss of h = 7/10 at its end over that at the start", {
            let losses = runaway.losses();
            losses.iter().fold(0.0f64, |largest, loss| largest.max(*loss)) / losses[0]
        })
        .above(1e3),
    ];
    Ok(Judgement::weigh(Verdict::Supported, numbers, control))
}

fn train(h: f64, steps: usize) -> Result<Training, ClaimError> {
    let (network, start) = (SmallNetwork::miniature(), SmallNetwork::start(12));
    Ok(Training::run(&network, &Optimizer::gradient_descent(), h, &start, steps, 40)?)
}

fn late(name: &'static str, h: f64) -> Result<Number, ClaimError> {
    let run = train(h, 8000)?;
    let mean = run.mean_sharpness(run.last_quarter()).unwrap_or(f64::NAN);
    // It swings about the edge.
    Ok(Number::new(name, mean * h / 2.0).near(1.0, 0.03))
}

pub(crate) const SELF_STABILIZATION: Claim = Claim {
    id: "self-stabilization",
    family: Family::Networks,
    statement: "In the model x⁺ = -(1 + hy)x, y⁺ = y + h(α - βx²/2) of gradient descent at the edge, x along \
                the sharpest direction and y \
                the excess of the sharpness over 2/h, y stays bounded and is 0 on average if α > 0, β > 0; a \
                network's sharpness \
                does the same.",
    source: "Damian, Nichani & Lee (2023), recalled without the paper at hand",
    hypotheses: &[
        Hypothesis {
            statement: "α > 0: the flow sharpens; β > 0",
            checked: "both from a network at the point of the flow where its sharpness is 2/h, h = 2/5; the \
                      control has -α",
        },
        Hypothesis {
            statement: "hy is small",
            checked: "orbits that start near rest; the mean of ln|1 + hy| vanishes on closed ones",
        },
    ],
    registered: Verdict::Supported,
    judge: self_stabilization,
};

const EXCESS: &str = "|mean y| of 4000 steps of the model, over 2/h";

fn self_stabilization() -> Result<Judgement, ClaimError> {
    let (network, start) = (SmallNetwork::miniature(), SmallNetwork::start(12));
    // Where the flow passes the sharpness 5, by bisection in time.
    let field = shadowflow_numerics::GradientFlow(&network);
    let (mut early, mut late) = (0.0, 400.0);
    let at = |time: f64| -> Result<Vec<f64>, ClaimError> { Ok(flow(&field, &start, time)?) };
    for _ in 0..12 {
        let time = 0.5 * (early + late);
        let sharpness = shadowflow_numerics::Sharpness::at(&network, &at(time)?)?.value();
        if sharpness < 5.0 { early = time } else { late = time }
    }
    let model = SelfStabilization::around(&network, &at(late)?)?;
    let control = Control {
        description: "α of the other sign: the flow flattens",
        must_miss: &[EXCESS],
        numbers: vec![mean_excess(&SelfStabilization::new(model.h(), -model.alpha(), model.beta())?)?],
    };
    let numbers = vec![
        mean_excess(&model)?,
        Number::new("α of the network at the edge", model.alpha()).above(0.0),
        Number::new("β of the network at the edge", model.beta()).above(0.0),
        Number::new("mean excess of the network's sharpness, over 2/h", {
            let run = train(0.4, 8000)?;
            run.mean_sharpness(run.last_quarter()).unwrap_or(f64::NAN) / 5.0 - 1.0
        })
        .near(0.0, 0.03),
    ];
    Ok(Judgement::weigh(Verdict::Supported, numbers, control))
}

fn mean_excess(model: &SelfStabilization) -> Result<Number, ClaimError> {
    let x = 0.9 * (2.0 * model.alpha().abs() / model.beta()).sqrt();
    let orbit = model.orbit([x, 0.0], 4000)?;
    let mean = orbit.iter().map(|[_, y]| y).sum::<f64>() / orbit.len() as f64;
    Ok(Number::new(EXCESS, mean.abs() * model.h() / 2.0).at_most(0.01))
}
