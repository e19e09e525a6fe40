//! How far the modified equation of a gradient flow stays a gradient flow.

use shadowflow_bseries::{Gradient, ParametricSeries, SeriesKind};
use shadowflow_methods::{Exact, Method, ParametricMethod, RationalFunction, Ring};
use shadowflow_numerics::problems::ScalarFactorization;
use shadowflow_numerics::{GradientFlow, Objective, VectorField, from_fn};

use crate::claim::{Claim, Control, Family, Hypothesis, Judgement, Verdict};
use crate::error::ClaimError;
use crate::measure::{Defect, along, order_against, order_number};
use crate::number::Number;

pub(crate) const GRADIENT_ORDER_TABLE: Claim = Claim {
    id: "gradient-order-table",
    family: Family::GradientOrder,
    statement: "Through order 8 every exact method of the literature in the catalogue has gradient order g = max(p, 2) with \
                its order of accuracy p: the accuracy brings the potential that far, and none gains a further power of h.",
    source: "this project",
    hypotheses: &[
        Hypothesis {
            statement: "the method is one of the catalogue without parameters",
            checked: "all are examined, exactly, on every free tree of at most 8 vertices",
        },
        Hypothesis {
            statement: "it was not sought for its gradient order",
            checked: "those that this project searched out are counted apart, and gain as they should",
        },
        Hypothesis {
            statement: "its coefficients are exact numbers",
            checked: "those known to a number of digits only are counted and left out",
        },
    ],
    registered: Verdict::Proved,
    judge: gradient_order_table,
};

/// The order of the largest trees examined.
const EXAMINED: usize = 8;
/// The author of methods that were sought for their gradient order.
const THIS_PROJECT: &str = "shadowflow";
const EXCEPTIONS: &str = "methods with g ≠ max(p, 2), both taken as 8 where they are more";

fn gradient_order_table() -> Result<Judgement, ClaimError> {
    let control = Control {
        description: "rk2(c2=1/3), which gains one",
        must_miss: &[EXCEPTIONS],
        numbers: order_evidence(&[Method::named("rk2(c2=1/3)")?])?,
    };
    Ok(Judgement::weigh(Verdict::Proved, order_evidence(&Method::all())?, control))
}

fn order_evidence(methods: &[Method]) -> Result<Vec<Number>, ClaimError> {
    let exact: Vec<&Method> = methods.iter().filter(|method| method.tableau().digits().is_none()).collect();
    let (mut exceptions, mut beyond, mut largest) = (0_usize, 0_usize, 0);
    let (mut sought, mut in_vain) = (0_usize, 0_usize);
    for method in &exact {
        let gradient = Gradient::of(method.tableau(), EXAMINED)?;
        let by_accuracy = (method.tableau().order() as usize).clamp(2, EXAMINED);
        if method.citation().is_some_and(|citation| citation.authors == THIS_PROJECT) {
            sought += 1;
            in_vain += usize::from(gradient.gradient_order() <= by_accuracy);
            continue;
        }
        exceptions += usize::from(gradient.gradient_order() != by_accuracy);
        beyond += usize::from(!gradient.is_decided());
        if gradient.is_decided() {
            largest = largest.max(gradient.gradient_order());
        }
    }
    Ok(vec![
        Number::new(EXCEPTIONS, exceptions).equals(0),
        Number::new("methods of the literature examined", exact.len() - sought),
        Number::new("methods left out, known to a number of digits", methods.len() - exact.len()),
        Number::new("methods with g ≥ 8", beyond),
        Number::new("largest g below 8", largest),
        Number::new("methods sought for a higher g", sought),
        Number::new("of them without one", in_vain).equals(0),
    ])
}

pub(crate) const RK2_ONE_THIRD: Claim = Claim {
    id: "rk2-one-third",
    family: Family::GradientOrder,
    statement: "Among the explicit methods of order 2 with 2 stages only the one with c₂ = 1/3 has gradient order 3; its \
                modified potential through h² is V - (h²/12) ∇Vᵀ∇²V∇V.",
    source: "this project",
    hypotheses: &[
        Hypothesis {
            statement: "explicit, 2 stages, order 2, so b₂ = 1/(2c₂)",
            checked: "Butcher (2008), §231: c₂ is the only parameter",
        },
        Hypothesis {
            statement: "V is smooth",
            checked: "the gradient order holds for any V; errors on (1 - xy)²/2 from (2, 1/3) confirm it",
        },
    ],
    registered: Verdict::Proved,
    judge: rk2_one_third,
};

/// The parameter of the family.
const NODE: &str = "c2";

const GAP: &str = "b(cherry) - b(tall)";
const GRADIENT_ORDER: &str = "gradient order";
const COEFFICIENT: &str = "coefficient of h² ∇Vᵀ∇²V∇V in the potential";
const FOLLOWED: &str = "one-step order, flow of V - (h²/12) ∇Vᵀ∇²V∇V";

fn rk2_one_third() -> Result<Judgement, ClaimError> {
    let control = Control {
        description: "c₂ = 1/2, the midpoint rule",
        must_miss: &[GAP, GRADIENT_ORDER, COEFFICIENT, FOLLOWED],
        numbers: node_evidence(&Exact::ratio(1, 2))?,
    };
    let (zero, second) = zero_of_gap()?;
    let mut numbers =
        vec![Number::new("the only zero of b(cherry) - b(tall), as c₂", zero).equals(Exact::ratio(1, 3))];
    numbers.extend(second.map(|second| {
        Number::new("second derivative of b(cherry) - b(tall) in c₂, as a function", second).equals(0)
    }));
    numbers.extend(node_evidence(&Exact::ratio(1, 3))?);
    Ok(Judgement::weigh(Verdict::Proved, numbers, control))
}

/// The claim for one node c₂.
fn node_evidence(c2: &Exact) -> Result<Vec<Number>, ClaimError> {
    const PROBLEM: ScalarFactorization = ScalarFactorization { target: 1.0 };
    const START: [f64; 2] = [2.0, 1.0 / 3.0];
    let method = member(c2)?;
    let field = GradientFlow(PROBLEM);
    let modified = order_against(
        method.tableau(),
        &field,
        |h| Ok(third_order_flow(PROBLEM, h)),
        &START,
        Defect::OneStep,
    )?;
    let plain = order_against(method.tableau(), &field, |_| Ok(&field), &START, Defect::OneStep)?;
    let gradient = Gradient::of(method.tableau(), 4)?;
    // The only free tree with three vertices contracts to ∇Vᵀ∇²V∇V.
    let second = gradient.potential().into_iter().find(|term| term.h_power == 2);
    Ok(vec![
        Number::new(GRADIENT_ORDER, gradient.gradient_order()).equals(3),
        Number::new(COEFFICIENT, second.map_or(Exact::ZERO, |term| term.coefficient))
            .equals(Exact::ratio(-1, 12)),
        order_number(FOLLOWED, modified, 4),
        order_number("one-step order, flow of V", plain, 3),
        Number::new(GAP, gap()?.evaluate(&[(NODE, c2.clone())])?).equals(0),
    ])
}

fn member(c2: &Exact) -> Result<Method, ClaimError> {
    Ok(Method::named(&format!("rk2(c2={c2})"))?)
}

/// b(cherry) - b(tall) as a function of c₂.
fn gap() -> Result<RationalFunction, ClaimError> {
    let b =
        ParametricSeries::new(SeriesKind::Modified, ParametricMethod::named("rk2(c2)")?.coefficients(), 3)?;
    let on = |levels: &[u8]| Ok::<_, ClaimError>(b.coefficient(b.trees().find(levels)?));
    Ok(on(&[1, 2, 2])?.minus(on(&[1, 2, 3])?))
}

/// Its only zero and its second derivative. With the second derivative 0 as a function the gap is affine in c₂, so that a
/// zero is the only one.
fn zero_of_gap() -> Result<(Exact, Option<Exact>), ClaimError> {
    let gap = gap()?;
    let slope = gap.derivative(NODE);
    let second = slope.derivative(NODE).as_rational().map(Exact::from);
    let at = |function: &RationalFunction| Ok::<_, ClaimError>(function.evaluate(&[(NODE, Exact::ZERO)])?);
    // Were the slope 0, there would be no zero or no other value; 0 is no node of the family and so not the answer.
    Ok(((-&at(&gap)?).checked_div(&at(&slope)?).unwrap_or(Exact::ZERO), second))
}

/// -∇(V - (h²/12) ∇Vᵀ∇²V∇V) = -∇V + (h²/12) (D³V(∇V, ∇V) + 2∇²V∇²V∇V).
fn third_order_flow(objective: impl Objective, h: f64) -> impl VectorField {
    from_fn(objective.variables(), move |x, out| {
        let mut gradient = vec![0.0; x.len()];
        objective.gradient(x, &mut gradient);
        let [_, hessian_gradient, third] = along(&objective, x, &gradient);
        let [_, twice, _] = along(&objective, x, &hessian_gradient);
        for (i, out) in out.iter_mut().enumerate() {
            *out = -gradient[i] + h * h / 12.0 * (third[i] + 2.0 * twice[i]);
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use shadowflow_numerics::ModifiedEquation;

    #[test]
    fn the_gap_by_hand() {
        // b(tall) = 0 - 1/6 and b(cherry) = c₂/2 - 1/3.
        assert_eq!(gap().unwrap().to_string(), "(3*c2 - 1)/6");
        assert_eq!(zero_of_gap().unwrap(), (Exact::ratio(1, 3), Some(Exact::ZERO)));
    }

    #[test]
    fn the_third_order_flow_is_the_modified_equation() {
        let field = GradientFlow(ScalarFactorization { target: 1.0 });
        let (x, h) = ([1.4, -0.6], 0.2);
        let method = member(&Exact::ratio(1, 3)).unwrap();
        let (mut found, mut expected) = ([0.0; 2], [0.0; 2]);
        third_order_flow(field.0, h).eval(&x, &mut found);
        ModifiedEquation::new(field, method.tableau(), 2)
            .unwrap()
            .at_step(h)
            .unwrap()
            .eval(&x, &mut expected);
        for (found, expected) in found.iter().zip(expected) {
            assert!(
                (found - expected).abs() < 1e-14,
                "rounding of numbers of size 10: {found} against {expected}"
            );
        }
    }
}
