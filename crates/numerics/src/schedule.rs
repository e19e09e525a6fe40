//! Step sizes that change from step to step: gradient descent as a polynomial in the curvature.

use std::f64::consts::PI;

use crate::error::InputError;

/// Most steps of a schedule, and of one that has to be ordered.
const MOST: usize = 1 << 20;
const MOST_ORDERED: usize = 1 << 12;

/// Learning rates h₁ … hₙ of gradient descent. On a quadratic n steps multiply the part of curvature λ by
/// p(λ) = Π(1 - hₜλ), whatever the order; on the way the order matters.
///
/// ```
/// use shadowflow_numerics::Schedule;
/// // Sixteen Chebyshev steps on [1, 100] against sixteen of the best fixed size.
/// let chebyshev = Schedule::chebyshev(16, 1.0, 100.0)?;
/// assert!((chebyshev.contraction(1.0, 100.0)? - 0.0807).abs() < 1e-3);
/// assert!(Schedule::constant(16, 2.0 / 101.0)?.contraction(1.0, 100.0)? > 0.7);
/// # Ok::<(), shadowflow_numerics::InputError>(())
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct Schedule {
    steps: Vec<f64>,
}

impl Schedule {
    /// Any positive, finite steps.
    ///
    /// # Errors
    /// If there are none, more than 2²⁰, or one is not positive and finite.
    pub fn new(steps: Vec<f64>) -> Result<Schedule, InputError> {
        check_length(steps.len())?;
        match steps.iter().find(|h| !(**h > 0.0 && h.is_finite())) {
            Some(&h) => Err(InputError::Step { h }),
            None => Ok(Schedule { steps }),
        }
    }

    /// n equal steps.
    ///
    /// # Errors
    /// As for [`Schedule::new`].
    pub fn constant(n: usize, h: f64) -> Result<Schedule, InputError> {
        check_length(n)?;
        Schedule::new(vec![h; n])
    }

    /// Silver steps for curvatures up to L: hₜ = (1 + ρ^(ν(t) - 1))/L for t = 1 … n, with the silver ratio ρ = 1 + √2 and
    /// 2^ν(t) the largest power of two that divides t (Altschuler & Parrilo 2023); meant for n = 2ᵏ - 1.
    ///
    /// # Errors
    /// As for [`Schedule::new`].
    pub fn silver(n: usize, largest: f64) -> Result<Schedule, InputError> {
        check_length(n)?;
        let ratio = 1.0 + 2f64.sqrt();
        Schedule::new((1..=n).map(|t| (1.0 + ratio.powi(t.trailing_zeros() as i32 - 1)) / largest).collect())
    }

    /// Chebyshev steps for curvatures in [μ, L]: the inverse zeros of the Chebyshev polynomial moved there, by which p is the
    /// smallest possible on [μ, L] (Young 1953), in an order in which errors do not grow much on the way: each is farthest
    /// from those before it (Leja's; compare Lebedev & Finogenov 1971).
    ///
    /// # Errors
    /// If n is 0 or above 4096; unless 0 < μ ≤ L < ∞.
    pub fn chebyshev(n: usize, mu: f64, largest: f64) -> Result<Schedule, InputError> {
        crate::error::check_order("the number of steps", n, 1, MOST_ORDERED)?;
        check_curvatures(mu, largest)?;
        let zero = |k: usize| {
            0.5 * (largest + mu) + 0.5 * (largest - mu) * ((2 * k + 1) as f64 * PI / (2 * n) as f64).cos()
        };
        let mut left: Vec<f64> = (0..n).map(zero).collect();
        // Logarithms of the products of distances to those chosen.
        let mut weight = vec![0.0f64; n];
        let mut steps = Vec::with_capacity(n);
        while !left.is_empty() {
            let next = (0..left.len()).max_by(|&i, &j| weight[i].total_cmp(&weight[j])).unwrap_or(0);
            let (chosen, _) = (left.swap_remove(next), weight.swap_remove(next));
            for (weight, zero) in weight.iter_mut().zip(&left) {
                *weight += (zero - chosen).abs().ln();
            }
            steps.push(1.0 / chosen);
        }
        Schedule::new(steps)
    }

    /// The steps.
    pub fn steps(&self) -> &[f64] {
        &self.steps
    }

    /// p(λ).
    pub fn factor(&self, curvature: f64) -> f64 {
        self.steps.iter().fold(1.0, |p, h| p * (1.0 - h * curvature))
    }

    /// The largest |p| on [μ, L]: by what all steps together reduce the distance at least.
    ///
    /// # Errors
    /// Unless 0 < μ ≤ L < ∞.
    pub fn contraction(&self, mu: f64, largest: f64) -> Result<f64, InputError> {
        check_curvatures(mu, largest)?;
        // All zeros 1/hₜ are real, so |p| has one maximum between neighbouring ones.
        let mut ends: Vec<f64> = self
            .steps
            .iter()
            .map(|h| 1.0 / h)
            .filter(|&zero| mu < zero && zero < largest)
            .chain([mu, largest])
            .collect();
        ends.sort_by(f64::total_cmp);
        ends.dedup();
        let value = |curvature: f64| self.factor(curvature).abs();
        let between = ends.windows(2).map(|pair| highest(value, pair[0], pair[1]));
        Ok(between.fold(value(mu).max(value(largest)), f64::max))
    }

    /// The largest intermediate |(1 - h₁λ)…(1 - hₜλ)| over all t and over curvatures in [μ, L], on 1000 of them evenly
    /// spaced: by what rounding errors, or the distance itself, may grow on the way.
    ///
    /// # Errors
    /// Unless 0 < μ ≤ L < ∞.
    pub fn growth(&self, mu: f64, largest: f64) -> Result<f64, InputError> {
        check_curvatures(mu, largest)?;
        const SAMPLES: usize = 1000;
        let growth = |k: usize| {
            let curvature = mu + (largest - mu) * k as f64 / (SAMPLES - 1) as f64;
            let (mut p, mut most) = (1.0f64, 1.0f64);
            for h in &self.steps {
                p *= 1.0 - h * curvature;
                most = most.max(p.abs());
            }
            most
        };
        Ok((0..SAMPLES).map(growth).fold(1.0, f64::max))
    }

    /// The largest Λ with |p| ≤ 1 on [0, Λ]: the sharpness at the edge of the schedule, to twelve digits.
    pub fn sharpness_at_the_edge(&self) -> f64 {
        // Beyond the last zero |p| grows for ever, and before the first it is below 1.
        let mut zeros: Vec<f64> = self.steps.iter().map(|h| 1.0 / h).collect();
        zeros.sort_by(f64::total_cmp);
        zeros.dedup();
        let value = |curvature: f64| self.factor(curvature).abs();
        for pair in zeros.windows(2) {
            if highest(value, pair[0], pair[1]) > 1.0 {
                return crossing(value, pair[0], top(value, pair[0], pair[1]));
            }
        }
        let last = zeros[zeros.len() - 1];
        let mut beyond = 2.0 * last;
        while value(beyond) <= 1.0 {
            beyond *= 2.0;
        }
        crossing(value, last, beyond)
    }
}

fn check_length(n: usize) -> Result<(), InputError> {
    crate::error::check_order("the number of steps", n, 1, MOST)
}

fn check_curvatures(mu: f64, largest: f64) -> Result<(), InputError> {
    if mu > 0.0 && mu <= largest && largest.is_finite() {
        return Ok(());
    }
    let value = if mu > 0.0 && mu.is_finite() { largest } else { mu };
    Err(InputError::Number { what: "a curvature", value, expected: "0 < mu <= L, both finite" })
}

/// Where a function with one maximum in [low, high] has it (golden section).
fn top(value: impl Fn(f64) -> f64, mut low: f64, mut high: f64) -> f64 {
    const SHARE: f64 = 0.618_033_988_749_894_8;
    let (mut a, mut b) = (high - SHARE * (high - low), low + SHARE * (high - low));
    let (mut at_a, mut at_b) = (value(a), value(b));
    // A maximum is flat: 10⁻⁸ of the place are all digits of the value.
    while high - low > 1e-9 * high.abs() {
        if at_a > at_b {
            (high, b, at_b) = (b, a, at_a);
            a = high - SHARE * (high - low);
            at_a = value(a);
        } else {
            (low, a, at_a) = (a, b, at_b);
            b = low + SHARE * (high - low);
            at_b = value(b);
        }
    }
    0.5 * (low + high)
}

fn highest(value: impl Fn(f64) -> f64, low: f64, high: f64) -> f64 {
    value(top(&value, low, high))
}

/// Where a function that is below 1 at `low` and above at `high` passes 1.
fn crossing(value: impl Fn(f64) -> f64, mut low: f64, mut high: f64) -> f64 {
    for _ in 0..200 {
        let middle = 0.5 * (low + high);
        if value(middle) <= 1.0 { low = middle } else { high = middle }
    }
    low
}

#[cfg(test)]
mod tests {
    use super::*;

    /// T_n(x) for x ≥ 1.
    fn chebyshev(n: usize, x: f64) -> f64 {
        (n as f64 * x.acosh()).cosh()
    }

    #[test]
    fn chebyshev_steps_contract_as_the_polynomial_says() {
        for (n, kappa) in [(1, 10.0), (2, 10.0), (7, 100.0), (16, 1e3), (33, 1e4)] {
            let schedule = Schedule::chebyshev(n, 1.0, kappa).unwrap();
            let exact = 1.0 / chebyshev(n, (kappa + 1.0) / (kappa - 1.0));
            let found = schedule.contraction(1.0, kappa).unwrap();
            assert!((found / exact - 1.0).abs() < 1e-9, "{n}: {found} {exact}");
            // Equal extrema: μ and L are two of them.
            assert!((schedule.factor(1.0).abs() / exact - 1.0).abs() < 1e-9);
        }
    }

    #[test]
    fn the_order_of_chebyshev_steps_keeps_the_way_small() {
        let schedule = Schedule::chebyshev(64, 1.0, 1000.0).unwrap();
        let ordered = schedule.growth(1.0, 1000.0).unwrap();
        let mut steps = schedule.steps().to_vec();
        steps.sort_by(f64::total_cmp);
        steps.reverse();
        let naive = Schedule::new(steps).unwrap().growth(1.0, 1000.0).unwrap();
        assert!(ordered < 1e3 && naive > 1e20, "{ordered:e} {naive:e}");
    }

    #[test]
    fn silver_steps_are_those_of_their_authors() {
        // √2, 2, √2, 2 + √2, √2, 2, √2 (Altschuler & Parrilo 2023).
        let root = 2f64.sqrt();
        let expected = [root, 2.0, root, 2.0 + root, root, 2.0, root];
        for (found, expected) in Schedule::silver(7, 1.0).unwrap().steps().iter().zip(expected) {
            assert!((found - expected).abs() < 1e-15);
        }
    }

    #[test]
    fn edges_are_where_the_product_first_exceeds_one() {
        assert!((Schedule::constant(5, 0.5).unwrap().sharpness_at_the_edge() - 4.0).abs() < 1e-12);
        for schedule in [Schedule::silver(7, 1.0).unwrap(), Schedule::chebyshev(6, 1.0, 30.0).unwrap()] {
            let edge = schedule.sharpness_at_the_edge();
            assert!((schedule.factor(edge).abs() - 1.0).abs() < 1e-9);
            assert!((1..1000).all(|k| schedule.factor(edge * f64::from(k) / 1000.0).abs() <= 1.0 + 1e-12));
        }
    }

    #[test]
    fn bad_schedules_are_refused() {
        assert!(Schedule::silver(0, 1.0).is_err() && Schedule::silver(3, 0.0).is_err());
        assert!(Schedule::new(vec![0.1, -0.1]).is_err() && Schedule::chebyshev(3, 0.0, 1.0).is_err());
        assert!(Schedule::chebyshev(3, 2.0, 1.0).is_err() && Schedule::constant(3, f64::NAN).is_err());
    }
}
