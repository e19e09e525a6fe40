//! How far it pays to go in a modified equation that diverges.

use std::f64::consts::TAU;

use shadowflow_bseries::Series;
use shadowflow_methods::{Exact, Method};
use shadowflow_numerics::power_law;

use crate::claim::{Claim, Control, Family, Hypothesis, Judgement, Verdict};
use crate::error::ClaimError;
use crate::measure::line_through;
use crate::number::Number;

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
    let series = power_law::modified_coefficients(degree, LAST);
    let errors: Vec<(f64, Vec<f64>)> =
        STEPS.map(|n| (n as f64, power_law::one_step_errors(&series, degree, n))).collect();
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

/// The same coefficients by trees: aⱼ = Σ b(t)/σ(t) F(t)(1) over the trees with j + 1 vertices, where a vertex with k
/// children contributes m (m-1) … (m-k+1), the k-th derivative of y^m at 1.
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
