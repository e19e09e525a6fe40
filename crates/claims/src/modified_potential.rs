//! The first terms of the modified equation of gradient descent: a gradient through h, and none at h².

use shadowflow_bseries::{Gradient, Series};
use shadowflow_methods::{Exact, Method, Rational, Tableau};
use shadowflow_numerics::problems::{Quadratic, ScalarFactorization};
use shadowflow_numerics::{GradientFlow, ModifiedEquation, Objective, VectorField, from_fn};
use shadowflow_symbolic::Obstruction;

use crate::claim::{Claim, Control, Family, Hypothesis, Judgement, Verdict};
use crate::error::ClaimError;
use crate::formulas::{derivation, value_at};
use crate::measure::{Defect, along, order_against, order_number};
use crate::number::Number;

const FACTORIZATION: ScalarFactorization = ScalarFactorization { target: 1.0 };
const FACTORIZATION_FORMULA: &str = "(1-x*y)^2/2";
const START: [f64; 2] = [2.0, 1.0 / 3.0];

pub(crate) const GD_MODIFIED_POTENTIAL: Claim = Claim {
    id: "gd-modified-potential",
    family: Family::ModifiedPotential,
    statement: "The modified equation of gradient descent, truncated after h, is the gradient flow of V + (h/4)|∇V|², for \
                every smooth V.",
    source: "Barrett & Dherin (2021), Implicit gradient regularization; Hairer, Lubich & Wanner (2006), §IX.1",
    hypotheses: &[
        Hypothesis {
            statement: "V is smooth",
            checked: "the identity is one of B-series, term by term, for any V",
        },
        Hypothesis {
            statement: "the time is fixed while h → 0, for the orders that confirm it",
            checked: "global errors on (1 - xy)²/2 from (2, 1/3) at time 1, steps 1/64 to 1/512",
        },
    ],
    registered: Verdict::Proved,
    judge: gd_modified_potential,
};

const PENALTY: &str = "coefficient of h|∇V|²";
const FIRST_ORDER: &str = "global order against the flow of this potential";

fn gd_modified_potential() -> Result<Judgement, ClaimError> {
    let control = Control {
        description: "(h/2)|∇V|² in place of (h/4)|∇V|²",
        must_miss: &[PENALTY, FIRST_ORDER],
        numbers: penalty_evidence(&Exact::ratio(1, 2))?,
    };
    let mut numbers = penalty_evidence(&Exact::ratio(1, 4))?;
    let euler = Method::named("euler")?;
    let field = GradientFlow(FACTORIZATION);
    for truncation in [0, 2] {
        let equation = ModifiedEquation::new(field, euler.tableau(), truncation)?;
        let order = order_against(euler.tableau(), &field, |h| equation.at_step(h), &START, Defect::Global)?;
        numbers.push(order_number(
            format!("global order, truncated after h^{truncation}"),
            order,
            truncation + 1,
        ));
    }
    Ok(Judgement::weigh(Verdict::Proved, numbers, control))
}

/// The claim with V + κh|∇V|² as the potential.
fn penalty_evidence(kappa: &Exact) -> Result<Vec<Number>, ClaimError> {
    let euler = Method::named("euler")?;
    let gradient = Gradient::of(euler.tableau(), 3)?;
    // The free tree with two vertices contracts to |∇V|².
    let penalty = gradient.potential().into_iter().find(|term| term.h_power == 1);
    let coefficient = penalty.map_or(Exact::ZERO, |term| term.coefficient);
    let mut numbers = vec![
        Number::new(PENALTY, coefficient).equals(kappa.clone()),
        Number::new("gradient order of explicit Euler", gradient.gradient_order()).equals(2),
    ];
    let differing = penalty_of_formulas(euler.tableau(), kappa)?;
    numbers.push(Number::new("formulas on (1 - xy)²/2: grid points that differ, of 49", differing).equals(0));
    let (field, kappa) = (GradientFlow(FACTORIZATION), kappa.to_f64());
    let order = order_against(
        euler.tableau(),
        &field,
        |h| Ok(penalised_flow(FACTORIZATION, kappa * h)),
        &START,
        Defect::Global,
    )?;
    numbers.insert(1, order_number(FIRST_ORDER, order, 2));
    Ok(numbers)
}

/// -∇(V + ε|∇V|²) = -∇V - 2ε∇²V∇V.
fn penalised_flow(objective: impl Objective, epsilon: f64) -> impl VectorField {
    from_fn(objective.variables(), move |x, out| {
        let mut gradient = vec![0.0; x.len()];
        objective.gradient(x, &mut gradient);
        let [_, hessian_gradient, _] = along(&objective, x, &gradient);
        for ((out, g), hg) in out.iter_mut().zip(&gradient).zip(&hessian_gradient) {
            *out = -g - 2.0 * epsilon * hg;
        }
    })
}

/// Where the derived term of h differs from κ(x² + y²)(1 - xy)² on a 7×7 grid. Both are polynomials of degree at most 4
/// in x and in y, so agreement on the grid is identity.
fn penalty_of_formulas(tableau: &Tableau, kappa: &Exact) -> Result<usize, ClaimError> {
    let found = derivation(FACTORIZATION_FORMULA, tableau, 1)?;
    let Some(term) = found.potential.as_ref().and_then(|potential| potential.terms.get(1)) else {
        return Ok(49);
    };
    let differs = |x: i64, y: i64| {
        let expected = kappa * &Exact::from((x * x + y * y) * (1 - x * y).pow(2));
        value_at(term, &Rational::from(x), &Rational::from(y)) != Some(expected)
    };
    Ok((-3..=3).flat_map(|x| (-3..=3).map(move |y| (x, y))).filter(|&(x, y)| differs(x, y)).count())
}

pub(crate) const SECOND_ORDER_NOT_GRADIENT: Claim = Claim {
    id: "second-order-not-gradient",
    family: Family::ModifiedPotential,
    statement: "The h² term of the modified equation of gradient descent is in general no gradient: for V = (1 - xy)²/2 \
                its curl is -(x² - y²)(x² + y²)(xy - 1)/3, which is 1295/729 at (2, 1/3).",
    source: "this project",
    hypotheses: &[Hypothesis {
        statement: "V has two variables or more and is not quadratic",
        checked: "V = (1 - xy)²/2; for quadratic V and in one variable the curl vanishes",
    }],
    registered: Verdict::Proved,
    judge: second_order_not_gradient,
};

const CURL: &str = "curl of the h² term at (2, 1/3)";

fn second_order_not_gradient() -> Result<Judgement, ClaimError> {
    let (x, y) = (Exact::from(2), Exact::ratio(1, 3));
    let quadratic = Quadratic::new(&[1.0, 3.0]);
    let control = Control {
        description: "the quadratic x²/2 + 3y²/2 in place of (1 - xy)²/2",
        must_miss: &[CURL],
        numbers: curl_evidence(&Derivatives::of_quadratic(&x, &y), quadratic, "x^2/2+3*y^2/2")?,
    };
    let derivatives = Derivatives::of_factorization(&x, &y);
    let mut numbers = curl_evidence(&derivatives, FACTORIZATION, FACTORIZATION_FORMULA)?;
    let formula = {
        let (xx, yy) = (&x * &x, &y * &y);
        let product = &(&(&xx - &yy) * &(&xx + &yy)) * &(&(&x * &y) - &Exact::ONE);
        &product * &Exact::ratio(-1, 3)
    };
    numbers.push(
        Number::new("-(x² - y²)(x² + y²)(xy - 1)/3 at (2, 1/3)", formula).equals(Exact::ratio(1295, 729)),
    );
    Ok(Judgement::weigh(Verdict::Proved, numbers, control))
}

/// First, second and third derivatives of a function of x and y at a point.
struct Derivatives {
    /// V_x, V_y.
    first: [Exact; 2],
    /// V_xx, V_xy, V_yy.
    second: [Exact; 3],
    /// V_xxx, V_xxy, V_xyy, V_yyy.
    third: [Exact; 4],
}

impl Derivatives {
    /// Those of (1 - xy)²/2.
    fn of_factorization(x: &Exact, y: &Exact) -> Derivatives {
        let product = x * y;
        let r = &product - &Exact::ONE;
        let two = Exact::from(2);
        Derivatives {
            first: [&r * y, &r * x],
            second: [y * y, &(&two * &product) - &Exact::ONE, x * x],
            third: [Exact::ZERO, &two * y, &two * x, Exact::ZERO],
        }
    }

    /// Those of x²/2 + 3y²/2.
    fn of_quadratic(x: &Exact, y: &Exact) -> Derivatives {
        let three = Exact::from(3);
        Derivatives {
            first: [x.clone(), &three * y],
            second: [Exact::ONE, Exact::ZERO, three],
            third: [Exact::ZERO, Exact::ZERO, Exact::ZERO, Exact::ZERO],
        }
    }

    /// The entry (x, y) of the commutator MH - HM of M = D³V(∇V) with the Hessian H.
    fn commutator(&self) -> Exact {
        let ([g_x, g_y], [h_xx, h_xy, h_yy]) = (&self.first, &self.second);
        let contracted = |k: usize| &(&self.third[k] * g_x) + &(&self.third[k + 1] * g_y);
        let [m_xx, m_xy, m_yy] = [0, 1, 2].map(contracted);
        &(&m_xy * &(h_yy - h_xx)) + &(h_xy * &(&m_xx - &m_yy))
    }
}

/// Curls of the h² coefficient b(tall) F(tall) + b(cherry)/2 F(cherry), in which -2F(tall) - F(cherry) =
/// 2∇²V∇²V∇V + D³V(∇V, ∇V) is the gradient of ∇Vᵀ∇²V∇V. What is left, (b(cherry) - b(tall)) ∇²V∇²V∇V, has
/// the curl (b(cherry) - b(tall)) [D³V(∇V), ∇²V]₁₂ by the product rule, since D³V is symmetric.
fn curl_evidence<V: Objective>(
    derivatives: &Derivatives,
    objective: V,
    formula: &str,
) -> Result<Vec<Number>, ClaimError> {
    let euler = Method::named("euler")?;
    let b = Series::modified(euler.tableau(), 3)?;
    let gap = &b.coefficient(b.trees().find(&[1, 2, 2])?) - &b.coefficient(b.trees().find(&[1, 2, 3])?);
    let curl = &gap * &derivatives.commutator();
    let measured = measured_curl(euler.tableau(), objective)?;
    let mut numbers = vec![
        Number::new(CURL, curl.clone()).differs_from(0),
        Number::new("the same by differences of the modified field", measured)
            .with_error(DIFFERENCES_ERROR)
            .near(curl.to_f64(), DIFFERENCES_ERROR),
        Number::new("b(cherry) - b(tall), the same for every V", gap).differs_from(0),
    ];
    let found = derivation(formula, euler.tableau(), 2)?;
    let (x, y) = (Rational::from(2), Rational::from_parts(1.into(), 3u8.into()));
    let by_formulas = match &found.obstruction {
        Some(Obstruction::NotAGradient(residual)) => value_at(&residual.curl, &x, &y),
        _ => Some(Exact::ZERO),
    };
    numbers.extend(by_formulas.map(|value| Number::new("the same by formulas", value).equals(curl)));
    Ok(numbers)
}

/// Eight values of size 10² with rounding 10⁻¹⁴, divided by steps of 1/8.
const DIFFERENCES_ERROR: f64 = 1e-11;

/// ∂f_y/∂x - ∂f_x/∂y of the h² coefficient f at (2, 1/3), by differences that are exact on polynomials of degree 8, which
/// those here do not reach.
fn measured_curl<V: Objective>(tableau: &Tableau, objective: V) -> Result<f64, ClaimError> {
    const WEIGHTS: [f64; 4] = [4.0 / 5.0, -1.0 / 5.0, 4.0 / 105.0, -1.0 / 280.0];
    const DELTA: f64 = 0.125;
    let equation = ModifiedEquation::new(GradientFlow(objective), tableau, 2)?;
    let second = |x: f64, y: f64| -> Result<Vec<f64>, ClaimError> {
        Ok(equation.coefficients(&[x, y])?.swap_remove(2))
    };
    let (mut curl, [x, y]) = (0.0, START);
    for (k, weight) in (1..).zip(WEIGHTS) {
        let d = DELTA * f64::from(k);
        curl += weight * (second(x + d, y)?[1] - second(x - d, y)?[1]) / DELTA;
        curl -= weight * (second(x, y + d)?[0] - second(x, y - d)?[0]) / DELTA;
    }
    Ok(curl)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_commutator_is_the_curl_at_many_points() {
        // The closed form 2r(x² + y²)(x² - y²), r = xy - 1, by hand; times b(cherry) - b(tall) = -1/6.
        for (x, y) in [(2, 1), (-3, 5), (0, 4), (7, 7)] {
            let found = Derivatives::of_factorization(&x.into(), &y.into()).commutator();
            assert_eq!(found, Exact::from(2 * (x * y - 1) * (x * x + y * y) * (x * x - y * y)));
        }
    }

    #[test]
    fn the_penalised_flow_is_the_modified_equation_through_h() {
        let (mut found, mut expected) = ([0.0; 2], [0.0; 2]);
        let euler = Method::named("euler").unwrap();
        let equation = ModifiedEquation::new(GradientFlow(FACTORIZATION), euler.tableau(), 1).unwrap();
        equation.at_step(0.1).unwrap().eval(&START, &mut expected);
        penalised_flow(FACTORIZATION, 0.025).eval(&START, &mut found);
        for (found, expected) in found.iter().zip(expected) {
            assert!(
                (found - expected).abs() < 1e-15,
                "rounding of numbers of size 1: {found} against {expected}"
            );
        }
    }
}
