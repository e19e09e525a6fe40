//! What methods cost on stiff quadratics, counted in gradients.

use shadowflow_methods::{Exact, Method, StabilityFunction};
use shadowflow_numerics::{Momentum, best_step};

use crate::claim::{Claim, Control, Family, Hypothesis, Judgement, Verdict};
use crate::error::ClaimError;
use crate::number::Number;

pub(crate) const EXPLICIT_METHODS_EQUAL: Claim = Claim {
    id: "explicit-methods-equal",
    family: Family::Stability,
    statement: "For stiff problems all explicit methods perform roughly the same.",
    source: "an answer on Mathematics Stack Exchange",
    hypotheses: &[Hypothesis {
        statement: "the problem is stiff",
        checked: "quadratics with curvatures in [1, κ], κ = 10⁴; cost is the number of gradients until every component is below \
                  10⁻⁶ of its start, each method with its best constant step",
    }],
    registered: Verdict::Refuted,
    judge: explicit_methods_equal,
};

const RATIO: &str = "gradients of Euler over those of Runge–Kutta–Chebyshev, 100 stages";
const EULER_IN_50: &str = "what Euler's best 50 gradients leave of the slowest component";
const CHEBYSHEV_IN_50: &str = "what 50 stages of Runge–Kutta–Chebyshev leave of any component";

fn explicit_methods_equal() -> Result<Judgement, ClaimError> {
    let control = Control {
        description: "κ = 2, a problem that is not stiff, with 1 stage",
        must_miss: &[RATIO],
        numbers: vec![Number::new(RATIO, descent(2.0)? / chebyshev(2.0, 1)).above(10.0)],
    };
    let kappa = Exact::from(10_000);
    let (less, more) = (&kappa - &Exact::ONE, &kappa + &Exact::ONE);
    let contraction = less.checked_div(&more).unwrap_or(Exact::ZERO);
    // T₅₀((κ + 1)/(κ - 1)), exactly, by Tⱼ = 2xTⱼ₋₁ - Tⱼ₋₂.
    let x = more.checked_div(&less).unwrap_or(Exact::ONE);
    let (mut before, mut value) = (Exact::ONE, x.clone());
    for _ in 2..=50 {
        (before, value) = (value.clone(), &(&(&Exact::from(2) * &x) * &value) - &before);
    }
    let numbers = vec![
        // Exact, and enough: the two differ.
        Number::new(EULER_IN_50, contraction.pow(50).to_f64()).above(0.99),
        Number::new(
            "the same is above 99/100, exactly",
            usize::from(contraction.pow(50) > Exact::ratio(99, 100)),
        )
        .equals(1),
        Number::new(CHEBYSHEV_IN_50, 1.0 / value.to_f64()).at_most(0.66),
        Number::new(
            "the same is below 66/100, exactly",
            usize::from(&value * &Exact::ratio(66, 100) > Exact::ONE),
        )
        .equals(1),
        Number::new(RATIO, descent(1e4)? / chebyshev(1e4, 100)).above(10.0),
        Number::new("gradients of Euler", descent(1e4)?).equals(69_078.0),
        Number::new("gradients of RK4", best(&Method::named("rk4")?, 1e4)).equals(198_420.0),
        Number::new("gradients of heavy ball, by its rate", heavy_ball(1e4)?).equals(691.0),
        Number::new("gradients of Runge–Kutta–Chebyshev, 100 stages", chebyshev(1e4, 100)),
        Number::new("the same in one step of as many stages as needed", one_step(1e4)),
    ];
    Ok(Judgement::weigh(Verdict::Refuted, numbers, control))
}

pub(crate) const HIGHER_ORDER_NOT_FASTER: Claim = Claim {
    id: "higher-order-not-faster",
    family: Family::Stability,
    statement: "Integrating the gradient flow more accurately does not reach the minimum with fewer gradients: of the explicit \
                methods with as many stages as orders, Euler's needs the fewest; methods made for stability, of order 1 \
                themselves, need far fewer.",
    source: "an answer on Mathematics Stack Exchange",
    hypotheses: &[Hypothesis {
        statement: "constant best steps on quadratics of condition κ",
        checked: "κ = 10, 10², …, 10⁸, to 10⁻⁶ of the start; orders 2, 3 and 4",
    }],
    registered: Verdict::Supported,
    judge: higher_order_not_faster,
};

const LEAST: &str = "the smallest number of gradients over Euler's";

fn higher_order_not_faster() -> Result<Judgement, ClaimError> {
    let control = Control {
        description: "rkc(s=10,damping=0.05), of order 1 and made for stability",
        must_miss: &[LEAST],
        numbers: vec![Number::new(LEAST, least_ratio(&["rkc(s=10,damping=0.05)"])?).above(1.0)],
    };
    let numbers = vec![Number::new(LEAST, least_ratio(&["heun", "kutta3", "rk4"])?).above(1.0)];
    Ok(Judgement::weigh(Verdict::Supported, numbers, control))
}

fn least_ratio(names: &[&str]) -> Result<f64, ClaimError> {
    let mut least = f64::INFINITY;
    for name in names {
        let method = Method::named(name)?;
        for decade in 1..=8 {
            let kappa = 10f64.powi(decade);
            least = least.min(best(&method, kappa) / descent(kappa)?);
        }
    }
    Ok(least)
}

/// The accuracy, as a natural logarithm.
fn goal() -> f64 {
    1e6f64.ln()
}

/// Gradients of gradient descent with h = 2/(κ + 1) on curvatures in [1, κ].
fn descent(kappa: f64) -> Result<f64, ClaimError> {
    Ok((goal() / -Momentum::best_descent(1.0, kappa)?.rate.ln()).ceil())
}

/// The same of heavy ball with Polyak's constants, by its rate.
fn heavy_ball(kappa: f64) -> Result<f64, ClaimError> {
    Ok((goal() / -Momentum::best_heavy_ball(1.0, kappa)?.rate.ln()).ceil())
}

/// Of whole steps of Runge–Kutta–Chebyshev with `stages` stages and the damping that makes 1/T_s((κ + 1)/(κ - 1)) of every
/// component.
fn chebyshev(kappa: f64, stages: u32) -> f64 {
    let s = f64::from(stages);
    let gain = (s * ((kappa + 1.0) / (kappa - 1.0)).acosh()).cosh().ln();
    s * (goal() / gain).ceil()
}

/// The stages of one such step that suffices.
fn one_step(kappa: f64) -> f64 {
    (1e6f64.acosh() / ((kappa + 1.0) / (kappa - 1.0)).acosh()).ceil()
}

/// Gradients of a method at its best constant step.
fn best(method: &Method, kappa: f64) -> f64 {
    let function = method.tableau().stability_function();
    let Some(h) = best_step(function, 1.0, kappa) else { return f64::NAN };
    (goal() / -worst(function, h, kappa).ln()).ceil() * method.tableau().stages() as f64
}

/// The largest |R(-hλ)| over λ in [1, κ], on points that are dense where R varies.
fn worst(function: &StabilityFunction, h: f64, kappa: f64) -> f64 {
    let inner = (0..=4000).map(|k| h * (1.0 + (kappa - 1.0) * f64::from(k) / 4000.0));
    inner.map(|z| function.eval((-z).into()).norm()).fold(0.0, f64::max)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The counts from orbits on the two extreme components.
    #[test]
    fn counts_are_those_of_orbits() {
        let kappa = 100.0;
        let steps = |factor: [f64; 2]| {
            let mut x = [1.0f64, 1.0];
            (1..).find(|_| {
                x = [x[0] * factor[0], x[1] * factor[1]];
                x.iter().all(|x| x.abs() <= 1e-6)
            })
        };
        let h = 2.0 / (kappa + 1.0);
        let expected = steps([1.0 - h, 1.0 - h * kappa]).unwrap();
        assert_eq!(descent(kappa).unwrap(), f64::from(expected));
        let euler = best(&Method::named("euler").unwrap(), kappa);
        assert!((euler - descent(kappa).unwrap()).abs() <= 1.0, "{euler}");
    }
}
