//! Momentum that keeps a gradient flow one power of h longer.

use std::sync::Arc;

use shadowflow_bseries::{BSeries, FreeClasses, Trees};
use shadowflow_methods::{Exact, Field, RationalFunction, Ring};

use crate::claim::{Claim, Control, Family, Hypothesis, Judgement, Verdict};
use crate::error::ClaimError;
use crate::number::Number;

pub(crate) const MOMENTUM_GRADIENT_ORDER: Claim = Claim {
    id: "momentum-gradient-order",
    family: Family::GradientOrder,
    statement: "x₊ = x + β(x - x₋) - h∇V(x + γ(x - x₋)) has a modified potential through h² for every V exactly if \
                γ = (1 - β)/6, which for Nesterov's γ = β is β = 1/7; b(tall) - b(cherry) = (1 - β - 6γ)/(6(1 - β)⁴). \
                The heavy ball, γ = 0, has one through h only.",
    source: "this project",
    hypotheses: &[
        Hypothesis {
            statement: "β ≠ 1",
            checked: "β and γ are symbols; the denominator is a power of 1 - β",
        },
        Hypothesis {
            statement: "the memory of the start has faded",
            checked: "the series is that of the underlying one-step method, to which orbits tend for |β| < 1",
        },
    ],
    registered: Verdict::Proved,
    judge: momentum_gradient_order,
};

const GRADIENT_ORDER: &str = "gradient order, β a symbol";
const GAP: &str = "b(tall) - b(cherry), as a function of β";
const AT_ONE_SEVENTH: &str = "gradient order of Nesterov's method at β = 1/7";

fn momentum_gradient_order() -> Result<Judgement, ClaimError> {
    let beta = || RationalFunction::parameter("beta");
    let sixth = RationalFunction::one().minus(&beta()).times(&RationalFunction::ratio(1, 6));
    let control = Control {
        description: "the heavy ball, γ = 0, and Nesterov's method at β = 1/6",
        must_miss: &[GRADIENT_ORDER, GAP, AT_ONE_SEVENTH],
        numbers: evidence(&beta(), &RationalFunction::zero(), &Exact::ratio(1, 6))?,
    };
    let mut numbers = vec![
        Number::new(
            "b(tall) - b(cherry) less (1 - β - 6γ)/(6(1 - β)⁴), as a function of β and γ",
            function_as_number(&formula_gap()?),
        )
        .equals(0),
    ];
    numbers.extend(evidence(&beta(), &sixth, &Exact::ratio(1, 7))?);
    Ok(Judgement::weigh(Verdict::Proved, numbers, control))
}

/// b(tall) - b(cherry) with both symbols, less what is stated of it.
fn formula_gap() -> Result<RationalFunction, ClaimError> {
    let [beta, gamma] = ["beta", "gamma"].map(RationalFunction::parameter);
    let rest = RationalFunction::one().minus(&beta);
    let numerator = rest.minus(&gamma.times(&RationalFunction::ratio(6, 1)));
    let fourth = rest.times(&rest).times(&rest.times(&rest)).times(&RationalFunction::ratio(6, 1));
    // A power of 1 - β is no zero function.
    let stated = numerator.over(&fourth).unwrap_or_else(RationalFunction::zero);
    Ok(gap(&beta, &gamma)?.minus(&stated))
}

fn evidence(
    beta: &RationalFunction,
    gamma: &RationalFunction,
    nesterov: &Exact,
) -> Result<Vec<Number>, ClaimError> {
    let trees = Arc::new(Trees::through(4)?);
    let family = FreeClasses::of(&BSeries::two_step(&trees, beta, gamma)?.logarithm()?)?;
    let nesterov = FreeClasses::of(&BSeries::nesterov(&trees, nesterov)?.logarithm()?)?;
    Ok(vec![
        Number::new(GRADIENT_ORDER, family.gradient_order()).equals(3),
        Number::new(GAP, function_as_number(&gap(beta, gamma)?)).equals(0),
        Number::new(AT_ONE_SEVENTH, nesterov.gradient_order()).equals(3),
    ])
}

fn gap(beta: &RationalFunction, gamma: &RationalFunction) -> Result<RationalFunction, ClaimError> {
    let trees = Arc::new(Trees::through(3)?);
    let b = BSeries::two_step(&trees, beta, gamma)?.logarithm()?;
    Ok(b.coefficient(trees.find(&[1, 2, 3])?).minus(b.coefficient(trees.find(&[1, 2, 2])?)))
}

/// 0 for the zero function; for any other its value at β = 1/2, or 1 if it depends on more than β.
fn function_as_number(function: &RationalFunction) -> Exact {
    if function.is_zero() {
        return Exact::ZERO;
    }
    function
        .evaluate(&[("beta", Exact::ratio(1, 2))])
        .ok()
        .filter(|value| !value.is_zero())
        .unwrap_or(Exact::ONE)
}
