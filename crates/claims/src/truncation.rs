//! How far it pays to go in a modified equation that diverges.

use std::f64::consts::TAU;

use shadowflow_bseries::Series;
use shadowflow_methods::{BigFloat, Exact, Field, Method, Ring};

use crate::claim::{Claim, Control, Family, Hypothesis, Judgement, Verdict};
use crate::error::ClaimError;
use crate::measure::line_through;
use crate::number::Number;
use crate::quadrature::gauss_legendre;

pub(crate) const OPTIMAL_TRUNCATION: Claim = Claim {
    id: "optimal-truncation",
    family: Family::Radius,
    statement: "For an analytic field the modified equation truncated after N ≈ c/h terms is followed up to e^(-c/h): over N \
                the error of a step falls and rises again. On ẏ = y² from 1 and explicit Euler c = 2π.",
    source: "Hairer, Lubich & Wanner (2006), Geometric Numerical Integration, §IX.7, for bounds e^(-c/h); the constant 2π: \
             Écalle (1981), Les fonctions résurgentes II, where the series of a map tangent to the identity grow like n!/(2π)ⁿ",
    hypotheses: &[
        Hypothesis { statement: "f is analytic", checked: "ẏ = y²" },
        Hypothesis {
            statement: "h is small",
            checked: "h = 1/6 … 1/14; to larger steps the least error is not yet exponential",
        },
        Hypothesis {
            statement: "the series in h diverges",
            checked: "the control is a field on which it converges",
        },
    ],
    registered: Verdict::Supported,
    judge: optimal_truncation,
};

/// Numbers of steps in a unit of time.
const STEPS: std::ops::RangeInclusive<i64> = 6..=14;
/// Powers of h through which coefficients are computed: past the best truncation of the smallest step.
const LAST: usize = 124;
/// Powers of h through which they are compared with the trees'.
const COMPARED: usize = 9;

const VALLEYS: &str = "step sizes, of 9, whose error falls tenfold over N and rises tenfold again";
const EXPONENT: &str = "c of the least error e^(-c/h), fitted to 1/h = 6 … 14";

fn optimal_truncation() -> Result<Judgement, ClaimError> {
    let control = Control {
        description: "ẏ = y, where the series converges for h < 1 and every further term helps",
        must_miss: &[VALLEYS, EXPONENT],
        numbers: truncation_evidence(1)?,
    };
    Ok(Judgement::weigh(Verdict::Supported, truncation_evidence(2)?, control))
}

/// The claim for ẏ = y^degree.
fn truncation_evidence(degree: u32) -> Result<Vec<Number>, ClaimError> {
    let series = modified_coefficients(degree, LAST);
    let errors: Vec<(f64, Vec<f64>)> =
        STEPS.map(|n| (n as f64, one_step_errors(&series, degree, n))).collect();
    let valleys = errors.iter().filter(|(_, errors)| is_valley(errors)).count();
    let best = |errors: &[f64]| -> usize {
        (0..errors.len()).min_by(|&i, &j| errors[i].total_cmp(&errors[j])).unwrap_or(0)
    };
    let least = line_through(errors.iter().map(|(n, errors)| (*n, -errors[best(errors)].ln())));
    let length = line_through(errors.iter().map(|(n, errors)| (*n, best(errors) as f64)));
    let trees = coefficients_by_trees(degree, COMPARED)?;
    let off = series.iter().zip(&trees).filter(|(found, by_trees)| found != by_trees).count();
    Ok(vec![
        Number::new(VALLEYS, valleys).equals(STEPS.count()),
        // Powers of h before the exponential tilt the fit by a few times h.
        Number::new(EXPONENT, least.slope).with_error(least.slope_error).near(TAU, 0.5),
        Number::new("best N against 1/h, slope", length.slope).with_error(length.slope_error).near(TAU, 1.5),
        Number::new(format!("coefficients of h^j that differ from those by trees, j ≤ {COMPARED}"), off)
            .equals(0),
    ])
}

/// Whether the errors over N = 0, 1, … have their least tenfold below the first and the last.
fn is_valley(errors: &[f64]) -> bool {
    let least = errors.iter().copied().fold(f64::INFINITY, f64::min);
    let deep = |end: Option<&f64>| end.is_some_and(|end| *end > 10.0 * least);
    deep(errors.first()) && deep(errors.last())
}

/// The coefficients a₀, a₁, … of the modified equation ẏ = y^m Σ aⱼ (h y^(m-1))^j of explicit Euler on ẏ = y^m.
///
/// From the steps 0, 1, …, n + 1 as power series in h at y = 1: the field is the logarithm of the step,
/// h f̃ = Σ (-1)^(k+1)/k Δᵏ, whose coefficient of h^(j+1) needs no differences beyond the (j + 1)st.
fn modified_coefficients(degree: u32, last: usize) -> Vec<Exact> {
    let length = last + 2;
    let product = |x: &[Exact], y: &[Exact]| -> Vec<Exact> {
        let coefficient = |n: usize| (0..=n).fold(Exact::ZERO, |sum, i| &sum + &(&x[i] * &y[n - i]));
        (0..length).map(coefficient).collect()
    };
    let constant: Vec<Exact> = (0..length).map(|n| if n == 0 { Exact::ONE } else { Exact::ZERO }).collect();
    let mut orbit = vec![constant.clone()];
    for k in 0..=last {
        let power = (0..degree).fold(constant.clone(), |power, _| product(&power, &orbit[k]));
        let mut next = orbit[k].clone();
        for n in 1..length {
            next[n] = &next[n] + &power[n - 1];
        }
        orbit.push(next);
    }
    let mut logarithm = vec![Exact::ZERO; length];
    for k in 1..length {
        for i in 0..length - k {
            orbit[i] = orbit[i + 1].iter().zip(&orbit[i]).map(|(after, before)| after - before).collect();
        }
        let weight = Exact::ratio(if k % 2 == 1 { 1 } else { -1 }, k as i64);
        for (sum, difference) in logarithm.iter_mut().zip(&orbit[0]) {
            *sum = &*sum + &(&weight * difference);
        }
    }
    logarithm.split_off(1)
}

/// The same by trees: Σ b(t)/σ(t) F(t)(1) over the trees with j + 1 vertices, where a vertex with k children contributes
/// m (m-1) … (m-k+1), the k-th derivative of y^m at 1.
fn coefficients_by_trees(degree: u32, last: usize) -> Result<Vec<Exact>, ClaimError> {
    let b = Series::modified(Method::named("euler")?.tableau(), last + 1)?;
    let trees = b.trees();
    let derivative = |k: i64| (0..k).map(|i| i64::from(degree) - i).product::<i64>();
    let mut sums = vec![Exact::ZERO; last + 1];
    for t in trees.iter() {
        let levels = trees.levels(t).to_vec();
        let children = |i: usize| {
            let above = levels[i + 1..].iter().take_while(|&&level| level > levels[i]);
            above.filter(|&&level| level == levels[i] + 1).count() as i64
        };
        let differential: i64 = (0..levels.len()).map(|i| derivative(children(i))).product();
        let weight = Exact::ratio(differential, trees.symmetry(t) as i64);
        let sum = &mut sums[levels.len() - 1];
        *sum = &*sum + &(&weight * &b.coefficient(t));
    }
    Ok(sums)
}

/// Seventy digits: the least errors are near 10⁻³⁵.
type Float = BigFloat<240>;
/// A hundred units in the last place: smaller errors are rounding.
const FLOOR: f64 = 1e-70;

/// The distance of one step h = 1/steps of explicit Euler on ẏ = y^m from 1 to its modified equation truncated after h^N,
/// for N = 0, 1, … as long as the last term is half of the first at most and errors
/// are more than rounding.
///
/// Time along the truncated flow is ∫ dy/f̃(y). It reaches the point y₁ of the method at time T instead of h, so by the mean
/// value theorem it is |T - h| f̃ away from there at time h, with f̃ taken somewhere in between, so at y₁ but for a relative
/// error of the size of that distance.
fn one_step_errors(series: &[Exact], degree: u32, steps: i64) -> Vec<f64> {
    let number = |p: i64, q: i64| <Float as Ring>::ratio(p, q);
    let power = |x: &Float, k: u32| (0..k).fold(Float::one(), |power, _| power.times(x));
    // Integrands are analytic in discs of radius 1 about an interval of length h ≤ 1/6: 24 nodes leave less than 10⁻⁵⁰.
    let rule = gauss_legendre::<240>(24);
    let h = number(1, steps);
    let mut places: Vec<Float> = rule
        .iter()
        .map(|(node, _)| Float::one().plus(&h.times(&Float::one().plus(node)).times(&number(1, 2))))
        .collect();
    places.push(Float::one().plus(&h));
    let arguments: Vec<Float> = places.iter().map(|y| h.times(&power(y, degree - 1))).collect();
    let leading: Vec<Float> = places.iter().map(|y| power(y, degree)).collect();

    let mut powers = vec![Float::one(); places.len()];
    let mut sums = vec![Float::zero(); places.len()];
    let mut errors = Vec::new();
    for coefficient in series {
        let coefficient = coefficient.as_rational().map_or_else(Float::zero, Float::from_rational);
        let last_term = coefficient.times(&powers[rule.len()]);
        if !errors.is_empty() && last_term.to_f64().abs() > 0.5 {
            break;
        }
        for (k, sum) in sums.iter_mut().enumerate() {
            *sum = sum.plus(&coefficient.times(&powers[k]));
            powers[k] = powers[k].times(&arguments[k]);
        }
        let field = |k: usize| leading[k].times(&sums[k]);
        let time = rule.iter().enumerate().fold(Float::zero(), |time, (k, (_, weight))| {
            time.plus(&weight.over(&field(k)).unwrap_or_else(Float::zero))
        });
        let early = time.times(&number(1, 2)).minus(&Float::one()).times(&h);
        let error = early.times(&field(rule.len())).to_f64().abs();
        if error < FLOOR {
            break;
        }
        errors.push(error);
    }
    errors
}

#[cfg(test)]
mod tests {
    use super::*;
    use shadowflow_numerics::problems::Blowup;
    use shadowflow_numerics::{ModifiedEquation, flow};

    #[test]
    fn coefficients_are_those_in_print() {
        // GNI, Example IX.1.1.
        let text: Vec<String> = modified_coefficients(2, 8).iter().map(Exact::to_string).collect();
        assert_eq!(text, ["1", "-1", "3/2", "-8/3", "31/6", "-157/15", "649/30", "-9427/210", "19423/210"]);
        // log(1 + h)/h.
        let text: Vec<String> = modified_coefficients(1, 3).iter().map(Exact::to_string).collect();
        assert_eq!(text, ["1", "-1/2", "1/3", "-1/4"]);
    }

    #[test]
    fn errors_agree_with_those_along_the_flow() {
        // By another method: the flow of the truncated field in doubles, to its 10⁻¹³ or so.
        let errors = one_step_errors(&modified_coefficients(2, 6), 2, 8);
        let euler = Method::named("euler").unwrap();
        for (order, error) in errors.iter().enumerate() {
            let modified = ModifiedEquation::new(Blowup, euler.tableau(), order).unwrap();
            let reached = flow(&modified.at_step(0.125).unwrap(), &[1.0], 0.125).unwrap()[0];
            // The mean value is taken at y₁, and f'/f is at most 2.
            let tolerance = 1e-12 + 2.0 * error * error;
            assert!(((1.125 - reached).abs() - error).abs() < tolerance, "{order}: {error}");
        }
        assert_eq!(errors.len(), 7);
    }

    #[test]
    fn least_errors_match_an_independent_computation() {
        // Golden values: 60 digits, Julia's equation for the coefficients, in another language.
        let series = modified_coefficients(2, 60);
        for (steps, best, least) in [(6, 38, 2.8218e-14), (8, 49, 8.3898e-20)] {
            let errors = one_step_errors(&series, 2, steps);
            let found = errors.iter().copied().fold(f64::INFINITY, f64::min);
            assert_eq!(errors.iter().position(|&error| error == found), Some(best));
            assert!((found / least - 1.0).abs() < 1e-4, "{found}");
        }
    }
}
