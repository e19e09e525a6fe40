//! How large the steps of a method may be, and what that costs in gradients.

use shadowflow_methods::{Exact, Extent, Kind, Method};

use crate::claim::{Claim, Control, Family, Hypothesis, Judgement, Verdict};
use crate::error::ClaimError;
use crate::number::Number;

pub(crate) const STEP_RESTRICTION: Claim = Claim {
    id: "step-restriction",
    family: Family::Stability,
    statement: "Every explicit Runge–Kutta method is unstable on ẋ = -λx for all large hλ: its stability function is a \
                polynomial that is not constant.",
    source: "Hairer & Wanner (1996), §IV.2",
    hypotheses: &[
        Hypothesis {
            statement: "the method is explicit",
            checked: "A is strictly lower triangular, exactly",
        },
        Hypothesis {
            statement: "the method is consistent, Σ bᵢ = 1",
            checked: "every tableau is refused otherwise; it makes the coefficient of z in R equal 1",
        },
    ],
    registered: Verdict::Proved,
    judge: step_restriction,
};

const NOT_POLYNOMIAL: &str = "methods whose R is no polynomial";
const UNBOUNDED: &str = "methods with an unbounded real interval";

fn step_restriction() -> Result<Judgement, ClaimError> {
    let (explicit, implicit): (Vec<Method>, Vec<Method>) =
        Method::all().into_iter().partition(|method| method.tableau().kind() == Kind::Explicit);
    let control = Control {
        description: "the implicit methods of the catalogue",
        must_miss: &[NOT_POLYNOMIAL, UNBOUNDED],
        numbers: restriction_evidence(&implicit),
    };
    Ok(Judgement::weigh(Verdict::Proved, restriction_evidence(&explicit), control))
}

/// For strictly lower triangular A, Aˢ = 0, and R(z) = 1 + Σ zᵏ bᵀAᵏ⁻¹𝟙 ends after zˢ; the coefficient of z is Σ bᵢ = 1.
/// So |R(-x)| → ∞. The catalogue shows it.
fn restriction_evidence(methods: &[Method]) -> Vec<Number> {
    let count = |fails: fn(&Method) -> bool| methods.iter().filter(|method| fails(method)).count();
    let no_polynomial =
        |method: &Method| method.tableau().stability_function().denominator().degree() != Some(0);
    let slope_is_not_one = |method: &Method| {
        // R'(0) = P'(0) - Q'(0), as P(0) = Q(0) = 1.
        let r = method.tableau().stability_function();
        let linear = |p: &[Exact]| p.get(1).cloned().unwrap_or(Exact::ZERO);
        !(&linear(r.numerator().coefficients()) - &linear(r.denominator().coefficients())).is_one()
    };
    let unbounded =
        |method: &Method| method.tableau().stability_function().real_interval() == Extent::Unbounded;
    vec![
        Number::new(NOT_POLYNOMIAL, count(no_polynomial)).equals(0),
        Number::new(UNBOUNDED, count(unbounded)).equals(0),
        Number::new("methods with R'(0) ≠ 1", count(slope_is_not_one)).equals(0),
        Number::new("methods examined", methods.len()),
    ]
}

pub(crate) const RK4_ORDER_AND_STABILITY: Claim = Claim {
    id: "rk4-order-and-stability",
    family: Family::Stability,
    statement: "For the same number of gradients the classical Runge–Kutta method, of order 4, is more stable than gradient \
                descent, as it is step by step: it bears larger steps h.",
    source: "a post in Chinese that recommends it for optimization; Hairer & Wanner (1996), §IV.2",
    hypotheses: &[Hypothesis {
        statement: "stability is that on ẋ = -λx, cost is counted in gradients",
        checked: "R exactly at rational points; a step of RK4 costs 4 gradients, one of gradient descent 1",
    }],
    // Step by step it holds, which the numbers show too: 2.785 against 2.
    registered: Verdict::Refuted,
    judge: rk4_order_and_stability,
};

const AT_EQUAL_COST: &str = "R² of a step of 7/10 a gradient";
const PER_GRADIENT: &str = "real interval per gradient";

fn rk4_order_and_stability() -> Result<Judgement, ClaimError> {
    let control = Control {
        description: "rkc(s=10,damping=0.05), a method made for stability",
        must_miss: &[AT_EQUAL_COST, PER_GRADIENT],
        numbers: cost_evidence(&Method::named("rkc(s=10,damping=0.05)")?),
    };
    let (rk4, descent) = (Method::named("rk4")?, Method::named("euler")?);
    let mut numbers = cost_evidence(&rk4);
    numbers.extend([
        Number::new("(1 - 7/10)², gradient descent", growth(&descent, &Exact::ratio(7, 10))).at_most(1),
        Number::new("order of RK4", rk4.tableau().order() as usize).equals(4),
        Number::new("order of gradient descent", descent.tableau().order() as usize).equals(1),
        Number::new("R(-27/10)² of RK4", growth(&rk4, &Exact::ratio(27, 10))).at_most(1),
        Number::new("R(-27/10)² of gradient descent", growth(&descent, &Exact::ratio(27, 10))).above(1),
    ]);
    Ok(Judgement::weigh(Verdict::Refuted, numbers, control))
}

/// A method at hλ = 7/10 for each of its gradients, where gradient descent is stable.
fn cost_evidence(method: &Method) -> Vec<Number> {
    let stages = method.tableau().stages();
    let product = &Exact::ratio(7, 10) * &Exact::from(stages as i64);
    let mut numbers = vec![Number::new(AT_EQUAL_COST, growth(method, &product)).above(1)];
    if let Extent::Bounded(interval) = method.tableau().stability_function().real_interval() {
        numbers.push(Number::new(PER_GRADIENT, interval / stages as f64).at_most(2));
    }
    numbers
}

/// R(-x)² of an explicit method: over 1, errors grow.
fn growth(method: &Method, x: &Exact) -> Exact {
    let r = method.tableau().stability_function().numerator().eval(&-x);
    &r * &r
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn growth_by_hand() {
        // R(-14/5) = 1 - 14/5 + 98/25 - 1372/375 + 4802/1875 = 1917/1875 = 639/625.
        let rk4 = Method::named("rk4").unwrap();
        let square = |p, q| &Exact::ratio(p, q) * &Exact::ratio(p, q);
        assert_eq!(growth(&rk4, &Exact::ratio(14, 5)), square(639, 625));
        assert_eq!(growth(&Method::named("euler").unwrap(), &Exact::from(3)), Exact::from(4));
    }
}
