//! Gradient descent as a numerical method: explicit Euler on the gradient flow, and all it can do on a quadratic.

use shadowflow_methods::{Exact, Method, Tableau};
use shadowflow_numerics::problems::{DoubleWell, ScalarFactorization};
use shadowflow_numerics::{GradientFlow, Objective, RungeKutta, mul_add};

use crate::claim::{Claim, Control, Family, Hypothesis, Judgement, Verdict};
use crate::error::ClaimError;
use crate::measure::{Defect, order_against, order_number};
use crate::number::Number;

pub(crate) const GD_IS_EULER: Claim = Claim {
    id: "gd-is-euler",
    family: Family::Descent,
    statement: "x - h∇V(x) is one step of explicit Euler with step h on ẋ = -∇V (an identity), and over a fixed time \
                gradient descent departs from the gradient flow by an error of order 1 in h (measured).",
    source: "Tao & Wang (blog on large learning rates); Hairer, Nørsett & Wanner (1993), §II.3",
    hypotheses: &[
        Hypothesis {
            statement: "V is smooth, and the flow exists over the time considered",
            checked: "polynomials V; from the starts taken the flow runs into a minimum",
        },
        Hypothesis { statement: "the time is fixed while h → 0", checked: "time 1, steps 1/64 to 1/512" },
    ],
    // The identity is proved; the order is measured and decides, as the weaker part.
    registered: Verdict::Supported,
    judge: gd_is_euler,
};

const STAGES: &str = "stages";
const WEIGHT: &str = "weight b₁";
const DIFFERENCE: &str = "largest difference from x - h∇V(x)";
const ORDER: &str = "global order on (1 - xy)²/2";

fn gd_is_euler() -> Result<Judgement, ClaimError> {
    let control = Control {
        description: "Heun's method in place of explicit Euler",
        must_miss: &[STAGES, WEIGHT, DIFFERENCE, ORDER],
        numbers: euler_evidence(Method::named("heun")?.tableau())?,
    };
    let numbers = euler_evidence(Method::named("euler")?.tableau())?;
    Ok(Judgement::weigh(Verdict::Supported, numbers, control))
}

/// With one stage, a₁₁ = 0 and b₁ = 1 a step is x + h f(x), for every f: that is the identity.
fn euler_evidence(tableau: &Tableau) -> Result<Vec<Number>, ClaimError> {
    let factorization = ScalarFactorization { target: 1.0 };
    let difference = step_difference(tableau, &factorization, &[[2.0, 1.0 / 3.0], [-1.5, 0.7], [0.1, 3.0]])?
        .max(step_difference(tableau, &DoubleWell, &[[0.1], [-1.7], [2.3]])?);
    let plane = GradientFlow(factorization);
    let line = GradientFlow(DoubleWell);
    let order = order_against(tableau, &plane, |_| Ok(&plane), &[2.0, 1.0 / 3.0], Defect::Global)?;
    let well = order_against(tableau, &line, |_| Ok(&line), &[0.1], Defect::Global)?;
    Ok(vec![
        order_number(ORDER, order, 1),
        Number::new(DIFFERENCE, difference).equals(0.0),
        Number::new(STAGES, tableau.stages()).equals(1),
        Number::new("a₁₁", tableau.row(0)[0].clone()).equals(0),
        Number::new(WEIGHT, tableau.b()[0].clone()).equals(1),
        order_number("global order on x⁴/4 - x²/2", well, 1),
    ])
}

/// The largest difference between a step and x - h∇V(x), both rounded in the same places.
fn step_difference<V: Objective + Copy, const D: usize>(
    tableau: &Tableau,
    objective: &V,
    points: &[[f64; D]],
) -> Result<f64, ClaimError> {
    let (method, field) = (RungeKutta::new(tableau), GradientFlow(*objective));
    let (mut largest, mut next, mut gradient) = (0.0_f64, [0.0; D], [0.0; D]);
    for point in points {
        for h in [0.01, 0.1, 1.0 / 3.0] {
            method.step(&field, h, point, &mut next)?;
            objective.gradient(point, &mut gradient);
            for ((next, x), g) in next.iter().zip(point).zip(gradient) {
                largest = largest.max((next - mul_add(-h, g, *x)).abs());
            }
        }
    }
    Ok(largest)
}

pub(crate) const QUADRATIC_REGIMES: Claim = Claim {
    id: "quadratic-regimes",
    family: Family::Descent,
    statement: "On f = x²/2 gradient descent is x_k = (1 - h)^k x₀: it decreases monotonically for 0 < h < 1, alternates \
                in sign while it shrinks for 1 < h < 2, has period 2 at h = 2 and grows without bound for h > 2.",
    source: "Tao & Wang (blog on large learning rates)",
    hypotheses: &[
        Hypothesis { statement: "f = x²/2", checked: "it is the problem; curvature λ takes hλ for h" },
        Hypothesis {
            statement: "x₀ ≠ 0", checked: "x₀ = 1; the map is linear, so others are multiples"
        },
    ],
    registered: Verdict::Proved,
    judge: quadratic_regimes,
};

/// What an orbit does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Regime {
    Monotone,
    Alternating,
    PeriodTwo,
    BlowUp,
}

const MONOTONE: &str = "monotone, of 4 steps h in (0, 1)";
const ALTERNATING: &str = "alternating, of 4 steps h in (1, 2)";
const PERIOD_TWO: &str = "period 2, of 1 step h = 2";
const BLOW_UP: &str = "growing, of 4 steps h > 2";

type Steps<'a> = &'a [(i64, i64)];

fn quadratic_regimes() -> Result<Judgement, ClaimError> {
    let small: Steps = &[(1, 1000), (1, 2), (9, 10), (999, 1000)];
    let medium: Steps = &[(1001, 1000), (3, 2), (9, 5), (1999, 1000)];
    let two: Steps = &[(2, 1)];
    let large: Steps = &[(2001, 1000), (21, 10), (3, 1), (10, 1)];
    let control = Control {
        description: "every regime judged with the steps of its neighbour",
        must_miss: &[MONOTONE, ALTERNATING, PERIOD_TWO, BLOW_UP],
        numbers: regime_evidence([medium, small, large, two])?,
    };
    Ok(Judgement::weigh(Verdict::Proved, regime_evidence([small, medium, two, large])?, control))
}

/// R(z) = 1 + z of explicit Euler makes a step multiplication by R(-h) = 1 - h for every h, and by induction
/// x_k = (1 - h)^k x₀. Sign and size of 1 - h decide the regime; orbits in exact numbers show it at both ends.
fn regime_evidence([small, medium, two, large]: [Steps; 4]) -> Result<Vec<Number>, ClaimError> {
    let euler = Method::named("euler")?;
    let stability = euler.tableau().stability_function();
    let coefficient = |k: usize| stability.numerator().coefficients().get(k).cloned().unwrap_or(Exact::ZERO);
    let share = |steps: Steps, regime: Regime| {
        steps.iter().filter(|(p, q)| regime_of(&orbit(&Exact::ratio(*p, *q))) == Some(regime)).count()
    };
    let off_formula = [small, medium, two, large]
        .concat()
        .iter()
        .filter(|(p, q)| !follows_formula(&Exact::ratio(*p, *q)))
        .count();
    Ok(vec![
        Number::new(MONOTONE, share(small, Regime::Monotone)).equals(4),
        Number::new(ALTERNATING, share(medium, Regime::Alternating)).equals(4),
        Number::new(PERIOD_TWO, share(two, Regime::PeriodTwo)).equals(1),
        Number::new(BLOW_UP, share(large, Regime::BlowUp)).equals(4),
        Number::new("steps h with an x_k other than (1 - h)^k", off_formula).equals(0),
        Number::new("R(z): coefficient of 1", coefficient(0)).equals(1),
        Number::new("R(z): coefficient of z", coefficient(1)).equals(1),
        Number::new("R(z): degree", stability.numerator().degree().unwrap_or(0)).equals(1),
    ])
}

/// x₀ = 1 and the ten points after it, in exact numbers.
fn orbit(h: &Exact) -> Vec<Exact> {
    let step = |x: &Exact| Some(x - &(h * x)); // ∇f(x) = x
    std::iter::successors(Some(Exact::ONE), step).take(11).collect()
}

fn follows_formula(h: &Exact) -> bool {
    let factor = &Exact::ONE - h;
    orbit(h).iter().zip(0..).all(|(x, k)| *x == factor.pow(k))
}

/// The regime of an orbit without zeros, if all its steps show the same.
fn regime_of(orbit: &[Exact]) -> Option<Regime> {
    let all = |pair: fn(&Exact, &Exact) -> bool| orbit.windows(2).all(|x| pair(&x[0], &x[1]));
    let alternates = all(|x, next| (x * next).sign().is_lt());
    let shrinks = all(|x, next| size(next) < size(x));
    let grows = all(|x, next| size(next) > size(x));
    match () {
        () if shrinks && all(|x, next| (x * next).sign().is_gt()) => Some(Regime::Monotone),
        () if shrinks && alternates => Some(Regime::Alternating),
        () if alternates && orbit.windows(3).all(|x| x[0] == x[2]) => Some(Regime::PeriodTwo),
        () if grows && alternates => Some(Regime::BlowUp),
        () => None,
    }
}

/// x², in place of |x|.
fn size(x: &Exact) -> Exact {
    x * x
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn orbits_are_told_apart() {
        let regime = |values: &[i64]| regime_of(&values.iter().map(|&x| Exact::from(x)).collect::<Vec<_>>());
        assert_eq!(regime(&[8, 4, 2, 1]), Some(Regime::Monotone));
        assert_eq!(regime(&[8, -4, 2, -1]), Some(Regime::Alternating));
        assert_eq!(regime(&[3, -3, 3, -3]), Some(Regime::PeriodTwo));
        assert_eq!(regime(&[1, -2, 4, -8]), Some(Regime::BlowUp));
        assert_eq!(regime(&[1, 2, 4, 8]), None, "growth without a change of sign is not what h > 2 does");
        assert_eq!(regime(&[8, 4, -2, 1]), None);
    }

    #[test]
    fn the_step_is_that_of_the_formula_to_the_last_bit() {
        let tableau = |name| Method::named(name).unwrap().tableau().clone();
        assert_eq!(step_difference(&tableau("euler"), &DoubleWell, &[[0.3]]).unwrap(), 0.0);
        assert!(step_difference(&tableau("midpoint"), &DoubleWell, &[[0.3]]).unwrap() > 1e-6);
    }
}
