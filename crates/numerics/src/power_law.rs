//! How far it pays to go in a modified equation that diverges: explicit Euler on ẏ = y^m, to any order and precision.
//!
//! The modified equation is ẏ = y^m Σ aⱼ (h y^(m-1))^j with rational aⱼ. For m ≥ 2 it diverges: a truncation after
//! N ≈ c/h terms is followed up to e^(-c/h), and further terms hurt (Hairer, Lubich & Wanner 2006, §IX.7).
//!
//! ```
//! use shadowflow_numerics::power_law::{modified_coefficients, one_step_errors};
//!
//! let series = modified_coefficients(2, 50);
//! assert_eq!(series[..5].iter().map(|a| a.to_string()).collect::<Vec<_>>(), ["1", "-1", "3/2", "-8/3", "31/6"]);
//! // With h = 1/6 the best of all truncations errs by 3·10⁻¹⁴ in a step, 38 powers of h after the first.
//! let errors = one_step_errors(&series, 2, 6);
//! assert!(errors[38] < 3e-14 && errors[30] > 1e-13 && errors[45] > 3e-14);
//! ```

use shadowflow_methods::{BigFloat, Exact, Field, Ring};

use crate::quadrature::gauss_legendre;

/// The coefficients a₀ … a_last of the modified equation ẏ = y^m Σ aⱼ (h y^(m-1))^j of explicit Euler on ẏ = y^m.
///
/// From the steps 0, 1, …, n + 1 as power series in h at y = 1: the field is the logarithm of the step,
/// h f̃ = Σ (-1)^(k+1)/k Δᵏ, whose coefficient of h^(j+1) needs no differences beyond the (j + 1)st.
pub fn modified_coefficients(degree: u32, last: usize) -> Vec<Exact> {
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

/// Seventy digits: the least errors are near 10⁻³⁵.
type Float = BigFloat<240>;
/// A hundred units in the last place: smaller errors are rounding.
const FLOOR: f64 = 1e-70;

/// The distance of one step h = 1/steps of explicit Euler on ẏ = y^m from 1 to its modified equation truncated after h^N,
/// for N = 0, 1, … as long as the last term is half of the first at most and errors are more than rounding. `series` holds
/// the coefficients for the same m; `steps` is 4 or more for all digits to be right, and for 0 or less there are no errors.
///
/// Time along the truncated flow is ∫ dy/f̃(y). It reaches the point y₁ of the method at time T instead of h, so by the mean
/// value theorem it is |T - h| f̃ away from there at time h, with f̃ taken somewhere in between, so at y₁ but for a relative
/// error of the size of that distance.
pub fn one_step_errors(series: &[Exact], degree: u32, steps: i64) -> Vec<f64> {
    let number = |p: i64, q: i64| <Float as Ring>::ratio(p, q);
    let power = |x: &Float, k: u32| (0..k).fold(Float::one(), |power, _| power.times(x));
    if steps <= 0 {
        return Vec::new();
    }
    // Integrands are analytic in discs of radius 1 about an interval of length h ≤ 1/4: 24 nodes leave less than 10⁻⁵⁰.
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
    use crate::problems::Blowup;
    use crate::{ModifiedEquation, flow};
    use shadowflow_methods::Method;

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
