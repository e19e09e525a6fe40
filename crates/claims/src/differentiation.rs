//! What Runge–Kutta methods compute: integrals, not derivatives.

use shadowflow_methods::{Exact, Method};

use crate::claim::{Claim, Control, Family, Hypothesis, Judgement, Verdict};
use crate::error::ClaimError;
use crate::number::Number;

pub(crate) const RK_IS_DIFFERENTIATION: Claim = Claim {
    id: "rk-is-differentiation",
    family: Family::Descent,
    statement: "Runge–Kutta is a method of numerical differentiation.",
    source: "a comment on Mathematics Stack Exchange; refuted by the definition: its input is the derivative ẋ = f, its output \
             the integral x (Runge 1895; Kutta 1901)",
    hypotheses: &[
        Hypothesis {
            statement: "a formula of differentiation Σ wᵢ f(cᵢh)/h is exact at least for constants, whose derivative is 0: Σ wᵢ = 0",
            checked: "the sum of the weights of every method with exact coefficients in the catalogue, exactly",
        },
        Hypothesis {
            statement: "a formula of integration h Σ bᵢ f(cᵢh) of order p is exact for 1, t, …, tᵖ⁻¹",
            checked: "a step on ẋ = tᵏ from 0 against hᵏ⁺¹/(k + 1), for every k below the order, exactly",
        },
    ],
    registered: Verdict::Refuted,
    judge: rk_is_differentiation,
};

const DIFFERENTIATE: &str = "formulas that make 0 of a constant, as a derivative is";
const DO_NOT_INTEGRATE: &str = "formulas that miss ∫ tᵏ dt for some k below their order";

fn rk_is_differentiation() -> Result<Judgement, ClaimError> {
    // (f(h) - f(0))/h.
    let difference =
        Rule { weights: vec![-&Exact::ONE, Exact::ONE], nodes: vec![Exact::ZERO, Exact::ONE], order: 1 };
    let control = Control {
        description: "the difference (f(h) - f(0))/h, which is a formula of differentiation",
        must_miss: &[DIFFERENTIATE, DO_NOT_INTEGRATE],
        numbers: evidence(&[difference]),
    };
    let exact = Method::all().into_iter().filter(|method| method.tableau().digits().is_none());
    let rules: Vec<Rule> = exact.map(|method| Rule::of(&method)).collect();
    let mut numbers = evidence(&rules);
    let rk4 = Rule::of(&Method::named("rk4")?);
    numbers.extend([
        Number::new("what a step h = 1 of RK4 makes of f = t³, whose integral is 1/4", rk4.moment(3))
            .equals(Exact::ratio(1, 4)),
        Number::new("formulas examined", rules.len()),
    ]);
    Ok(Judgement::weigh(Verdict::Refuted, numbers, control))
}

/// Weights and nodes of values f(cᵢh), and the order that they are meant to have.
struct Rule {
    weights: Vec<Exact>,
    nodes: Vec<Exact>,
    order: u32,
}

impl Rule {
    /// What a method does to ẋ = f(t), whose stages are kᵢ = f(cᵢh).
    fn of(method: &Method) -> Rule {
        let tableau = method.tableau();
        Rule { weights: tableau.b().to_vec(), nodes: tableau.c().to_vec(), order: tableau.order() }
    }

    /// Σ bᵢ cᵢᵏ.
    fn moment(&self, k: u32) -> Exact {
        let terms = self.weights.iter().zip(&self.nodes).map(|(weight, node)| weight * &node.pow(k));
        terms.fold(Exact::ZERO, |sum, term| &sum + &term)
    }

    fn integrates(&self) -> bool {
        (0..self.order).all(|k| self.moment(k) == Exact::ratio(1, i64::from(k) + 1))
    }
}

fn evidence(rules: &[Rule]) -> Vec<Number> {
    let count = |holds: fn(&Rule) -> bool| rules.iter().filter(|rule| holds(rule)).count();
    vec![
        Number::new(DIFFERENTIATE, count(|rule| rule.moment(0) == Exact::ZERO)).equals(0),
        Number::new(DO_NOT_INTEGRATE, count(|rule| !rule.integrates())).equals(0),
    ]
}
