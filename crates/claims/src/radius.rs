//! The modified equation of gradient descent to all orders, where it is known: on quadratics.

use shadowflow_bseries::{Series, Trees};
use shadowflow_methods::{Exact, Method, Tableau};

use crate::claim::{Claim, Control, Family, Hypothesis, Judgement, Verdict};
use crate::enclosure::{Enclosure, exp_of_minus};
use crate::error::ClaimError;
use crate::number::Number;

/// Powers of h through which coefficients are compared: as far as the trees are counted in thousands.
const ORDER: usize = 11;

pub(crate) const MODIFIED_SERIES_RADIUS: Claim = Claim {
    id: "modified-series-radius",
    family: Family::Radius,
    statement: "On f = x²/2 the modified equation of gradient descent is ẋ = log(1 - h)/h · x = -Σ h^j/(j+1) · x, a series \
                of radius 1 in h. Beyond it more terms do not help and may hurt: at h = 3/2 the error after 2 steps is \
                0.2002 without corrections and 0.2448 with the first.",
    source: "Tao & Wang (blog on large learning rates)",
    hypotheses: &[
        Hypothesis {
            statement: "f = x²/2", checked: "it is the problem; for curvature λ the radius is 1/λ"
        },
        Hypothesis { statement: "h > 1", checked: "h = 3/2" },
    ],
    registered: Verdict::Proved,
    judge: modified_series_radius,
};

const GROWTH: &str = "limit ratio of successive terms at this h";
const BEST: &str = "truncation with the least error after 2 steps, of 0 … 4";
const STEPS: u32 = 2;

fn modified_series_radius() -> Result<Judgement, ClaimError> {
    let control = Control {
        description: "h = 1/2, inside the radius, where every further term helps",
        must_miss: &[GROWTH, BEST],
        numbers: series_evidence(&Exact::ratio(1, 2))?,
    };
    let h = Exact::ratio(3, 2);
    let error = |truncation: u32, stated: f64| {
        let error = truncation_error(&h, truncation, STEPS);
        Number::new(format!("error after 2 steps, truncated after h^{truncation}"), error.middle())
            .with_error(error.uncertainty())
            .near(stated, 5e-5) // the digits stated
    };
    let mut numbers = vec![error(0, 0.2002), error(1, 0.2448)];
    numbers.extend(series_evidence(&h)?);
    Ok(Judgement::weigh(Verdict::Proved, numbers, control))
}

/// One step multiplies by 1 - h, so the field is log(1 - h)/h · x, with its singularity at h = 1. The coefficients
/// -1/(j+1) are those of the tall trees, on which alone the elementary differentials of a linear field do not vanish.
fn series_evidence(h: &Exact) -> Result<Vec<Number>, ClaimError> {
    let euler = Method::named("euler")?;
    let series = linear_series(euler.tableau(), ORDER)?;
    let off = series.iter().zip(1..).filter(|(found, n)| **found != Exact::ratio(-1, *n)).count();
    let errors: Vec<Enclosure> = (0..=4).map(|truncation| truncation_error(h, truncation, STEPS)).collect();
    let best =
        Enclosure::least(&errors).ok_or(ClaimError::Undecided { what: "the errors of the truncations" })?;
    let reciprocal_radius = domb_sykes(&series);
    Ok(vec![
        Number::new(BEST, best).equals(0),
        Number::new(GROWTH, &reciprocal_radius * h).above(1),
        Number::new("reciprocal of the radius (Domb–Sykes)", reciprocal_radius).equals(1),
        Number::new(format!("coefficients that differ from -1/(j+1), j ≤ {}", ORDER - 1), off).equals(0),
    ])
}

/// The coefficients of h^0, h^1, … of the modified equation on ẋ = -x, as multiples of x: (-1)ⁿ b(tₙ) with the tall tree
/// tₙ of n vertices.
fn linear_series(tableau: &Tableau, order: usize) -> Result<Vec<Exact>, ClaimError> {
    let signed = |(n, b): (usize, Exact)| if n % 2 == 0 { b } else { -&b };
    Ok((1..).zip(tall_coefficients(tableau, order)?).map(signed).collect())
}

/// b on the tall trees of 1, 2, … vertices.
fn tall_coefficients(tableau: &Tableau, order: usize) -> Result<Vec<Exact>, ClaimError> {
    let b = Series::modified(tableau, order)?;
    let trees: &Trees = b.trees();
    let levels: Vec<u8> = (1..).take(order).collect();
    (1..=order).map(|n| Ok(b.coefficient(trees.find(&levels[..n])?).clone())).collect()
}

/// The reciprocal of the radius of convergence from the last ratios r_j = c_j/c_{j-1}, by the intercept of r against 1/n of
/// Domb & Sykes (1957), with n = j + 1: exact for coefficients 1/(j + 1), whose ratios are 1 - 1/n.
fn domb_sykes(series: &[Exact]) -> Exact {
    let ratio = |j: usize| series[j].checked_div(&series[j - 1]).unwrap_or(Exact::ZERO);
    let (j, n) = (series.len() - 1, series.len() as i64);
    &(&Exact::from(n) * &ratio(j)) - &(&Exact::from(n - 1) * &ratio(j - 1))
}

/// |(1 - h)^k - exp(-k Σ_{j ≤ n+1} h^j/j)|: gradient descent on x²/2 from 1 against its modified equation truncated after
/// h^n, after k steps.
fn truncation_error(h: &Exact, n: u32, k: u32) -> Enclosure {
    let term = |j: u32| &h.pow(j) * &Exact::ratio(1, i64::from(j));
    let exponent = (1..=n + 1).map(term).fold(Exact::ZERO, |sum, term| &sum + &term);
    let flow = exp_of_minus(&(&exponent * &Exact::from(i64::from(k))));
    flow.distance_from(&(&Exact::ONE - h).pow(k))
}

pub(crate) const PRINCIPAL_FLOW: Claim = Claim {
    id: "principal-flow",
    family: Family::Radius,
    statement: "On a quadratic with curvatures λ and hλ < 1 the principal flow ẋ = log(1 - hλ)/(hλ) · ∇f is exact: at time \
                kh it is where gradient descent is after k steps.",
    source: "Rosca, Wu, Qin & Dherin (2023), On a continuous time model of gradient descent dynamics",
    hypotheses: &[
        Hypothesis {
            statement: "f is quadratic",
            checked: "one curvature at a time: the flow acts on each alone",
        },
        Hypothesis {
            statement: "hλ < 1",
            checked: "hλ = 1/10, 1/2, 9/10; beyond 1 the logarithm is complex",
        },
    ],
    registered: Verdict::Proved,
    judge: principal_flow,
};

const DEVIATION: &str = "largest distance from (1 - hλ)^k, k ≤ 20";

fn principal_flow() -> Result<Judgement, ClaimError> {
    let control = Control {
        description: "hλ = 11/10, 3/2, 19/10 with the real part of the logarithm",
        must_miss: &[DEVIATION],
        numbers: flow_evidence([1.1, 1.5, 1.9])?,
    };
    Ok(Judgement::weigh(Verdict::Proved, flow_evidence([0.1, 0.5, 0.9])?, control))
}

/// The coefficients of the flow are b on tall trees, Σ b(tₙ) zⁿ = log R(z) with z = -hλ; exponentiated, they give R = 1 + z
/// back, an identity of power series, and for hλ < 1 of numbers.
fn flow_evidence(products: [f64; 3]) -> Result<Vec<Number>, ClaimError> {
    let exponential = exp_of_series(&tall_coefficients(Method::named("euler")?.tableau(), ORDER)?);
    let expected = |n: usize| if n <= 1 { Exact::ONE } else { Exact::ZERO };
    let off = (0..).zip(&exponential).filter(|(n, found)| **found != expected(*n)).count();
    let distance = |product: f64, k: i32| {
        let rate = (1.0 - product).abs().ln();
        ((f64::from(k) * rate).exp() - (1.0 - product).powi(k)).abs()
    };
    let largest = products.iter().flat_map(|&p| (0..=20).map(move |k| distance(p, k))).fold(0.0, f64::max);
    Ok(vec![
        Number::new(format!("coefficients of exp(Σ b zⁿ) that differ from 1 + z, n ≤ {ORDER}"), off)
            .equals(0),
        // Exponents up to 50 carry a relative rounding of 2⁻⁵³, and results are at most 1.
        Number::new(DEVIATION, largest).at_most(1e-13),
    ])
}

/// The coefficients e₀, e₁, … of exp(c₁z + c₂z² + …), by n·eₙ = Σ j·cⱼ·eₙ₋ⱼ from the derivative.
fn exp_of_series(c: &[Exact]) -> Vec<Exact> {
    let mut e = vec![Exact::ONE];
    for n in 1..=c.len() {
        let term = |j: usize| &(&Exact::from(j as i64) * &c[j - 1]) * &e[n - j];
        let sum = (1..=n).map(term).fold(Exact::ZERO, |sum, term| &sum + &term);
        e.push(&sum * &Exact::ratio(1, n as i64));
    }
    e
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn errors_of_truncations_match_an_independent_computation() {
        // Golden values: a computation with 50 digits in another language, f = x²/2 from 1, ten steps.
        for (h, n, expected) in [
            ((1, 10), 0, 0.0192010010714423),
            ((1, 10), 2, 9.47917877470061e-5),
            ((1, 2), 0, 0.00576138449908547),
            ((1, 2), 3, 0.000111978875349488),
            ((9, 10), 1, 2.14999184098463e-6),
            ((3, 2), 1, 0.000976562496021037),
        ] {
            let found = truncation_error(&Exact::ratio(h.0, h.1), n, 10);
            // Fifteen digits are given.
            assert!(
                (found.middle() - expected).abs() < 1e-14 * expected,
                "h = {h:?}, n = {n}: {}",
                found.middle()
            );
            assert!(found.uncertainty() < 1e-16);
        }
    }

    #[test]
    fn the_radius_is_read_off_geometric_and_logarithmic_series() {
        let geometric: Vec<Exact> = (0..6).map(|j| Exact::from(2).pow(j)).collect();
        assert_eq!(domb_sykes(&geometric), Exact::from(2));
        let logarithm: Vec<Exact> =
            (1..7).map(|n| &Exact::from(3).pow(n as u32) * &Exact::ratio(-1, n)).collect();
        assert_eq!(domb_sykes(&logarithm), Exact::from(3));
    }

    #[test]
    fn tall_trees_carry_the_logarithm_of_the_stability_function() {
        // exp(Σ b(tₙ) zⁿ) = R(z), for RK4 the exponential series through z⁴ and nothing beyond.
        let rk4 = exp_of_series(&tall_coefficients(Method::named("rk4").unwrap().tableau(), 7).unwrap());
        let text: Vec<String> = rk4.iter().map(Exact::to_string).collect();
        assert_eq!(text, ["1", "1", "1/2", "1/6", "1/24", "0", "0", "0"]);
    }
}
