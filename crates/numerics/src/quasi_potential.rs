//! What a rare climb costs where noise comes in bounded kicks.

use crate::error::{InputError, check_finite};
use crate::quadrature::gauss_legendre;
use crate::{LargeStep, Objective};

/// Intervals of the quadrature between two places.
const CELLS: usize = 64;

/// Angles over which e^(p cos U) is averaged, exact to rounding for p ≤ 64.
const ANGLES: usize = 128;

/// Beyond this p the slope is within 4 % of 1 and the law of its nearness, not its digits, matters: climbs
/// there are given up as impossible.
const STEEPEST: f64 = 64.0;

impl<V: Objective> LargeStep<V> {
    /// The quasi-potential φ(b) - φ(a) of the stochastic map, the cost of the climb from `a` to `b`: with the
    /// step h → 0 at fixed f₀ a climb has a rate like exp(-φ/h). Where f₀ descends nothing is to be paid.
    /// Infinite where the slope is above 0.96, as kicks hζ of at most h outdo slopes below 1 only.
    ///
    /// φ' = p solves p f₀' = ln E exp(pζ) = ln I₀(p), the condition that a tilted random walk stands still
    /// (Freidlin & Wentzell, *Random Perturbations of Dynamical Systems*, on averaging, for the Hamiltonian;
    /// for this map: this project). Gibbs' law has φ = 4f₀ (h/T = 4) instead, since p = 4f₀' + 4f₀'³ + …:
    /// they agree where the iterates mostly are, f₀' = O(√h), and disagree, at every h, about how rare the
    /// rest is.
    ///
    /// ```
    /// use shadowflow_numerics::{LargeStep, problems::DoubleWell};
    /// let climb = LargeStep::new(DoubleWell, 1e-6, 0.2)?.quasi_potential(-1.0, 0.0)?;
    /// // Gibbs has 4·(1/4); the first correction is 4∫f₀'³ = 1/10.
    /// assert!(climb > 1.1 && climb < 1.13);
    /// # Ok::<(), shadowflow_numerics::InputError>(())
    /// ```
    ///
    /// # Errors
    /// If `a` or `b` is not finite.
    pub fn quasi_potential(&self, a: f64, b: f64) -> Result<f64, InputError> {
        check_finite("the list of both ends", &[a, b])?;
        let rule: Vec<(f64, f64)> =
            gauss_legendre::<128>(8).iter().map(|(x, w)| (x.to_f64(), w.to_f64())).collect();
        let half = 0.5 * (b - a) / CELLS as f64;
        let mut sum = 0.0;
        for cell in 0..CELLS {
            let middle = a + half * (2 * cell + 1) as f64;
            for &(node, weight) in &rule {
                let mut slope = [0.0];
                self.objective().smooth().gradient(&[middle + half * node], &mut slope);
                let climb = slope[0] * half.signum();
                sum += if climb > 0.0 { weight * half.abs() * tilt(climb) } else { 0.0 };
            }
        }
        Ok(sum)
    }
}

/// The p > 0 with ln I₀(p) = p·slope, for a slope above 0.
fn tilt(slope: f64) -> f64 {
    let (mut low, mut high) = (0.0, STEEPEST);
    if mean_exponential(high) <= high * slope {
        return f64::INFINITY;
    }
    // ln I₀(p)/p grows with p, from p/4; halvings to rounding.
    for _ in 0..64 {
        let middle = 0.5 * (low + high);
        if mean_exponential(middle) < middle * slope { low = middle } else { high = middle }
    }
    0.5 * (low + high)
}

/// ln I₀(p), the logarithm of the mean of e^(p cos U), by the trapezoidal rule.
fn mean_exponential(p: f64) -> f64 {
    let angle = |k: usize| std::f64::consts::TAU * k as f64 / ANGLES as f64;
    // Σ (e^(p cos U) - 1) loses no digits for small p.
    let sum: f64 = (0..ANGLES).map(|k| (p * angle(k).cos()).exp_m1()).sum();
    (sum / ANGLES as f64).ln_1p()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::problems::{DoubleWell, Quadratic};
    use crate::{Gibbs, Wells};

    #[test]
    fn logarithms_of_bessels_function() {
        // I₀ at 1, 5, 30 (Abramowitz & Stegun, table 9.8: e^(-x) I₀ = 0.4657596077, 0.1835408126; and
        // 7.816722978·10¹¹).
        for (p, expected) in [
            (1.0, 0.465_759_607_7f64.ln() + 1.0),
            (5.0, 0.183_540_812_6f64.ln() + 5.0),
            (30.0, 7.816_722_978e11f64.ln()),
        ] {
            assert!((mean_exponential(p) - expected).abs() < 1e-9, "{p}: {} {expected}", mean_exponential(p));
        }
        let p = 1e-3f64;
        assert!((mean_exponential(p) / (p * p / 4.0 - p.powi(4) / 64.0) - 1.0).abs() < 1e-9);
    }

    #[test]
    fn gentle_climbs_cost_what_gibbs_says() {
        // p = 4s + 4s³ + (44/9)s⁵ + O(s⁷), so that up λx²/2 to x the cost is 2λx² + λ³x⁴ + (22/27)λ⁵x⁶ + …
        let climb = |x: f64| {
            LargeStep::new(Quadratic::new(&[0.5]), 1e-6, 0.1).unwrap().quasi_potential(0.0, x).unwrap()
        };
        for x in [0.1f64, -0.2] {
            let series = x.powi(2) + 0.125 * x.powi(4) + 22.0 / 27.0 / 32.0 * x.powi(6);
            assert!((climb(x) - series).abs() < 0.1 * x.powi(8), "{} {series}", climb(x));
        }
        // Slopes of 1 and more are not climbed, and descents are free.
        assert_eq!(climb(2.1), f64::INFINITY);
        let down = LargeStep::new(DoubleWell, 1e-6, 0.1).unwrap();
        assert_eq!(down.quasi_potential(0.0, 1.0).unwrap(), 0.0);
        assert!(down.quasi_potential(0.0, f64::NAN).is_err());
    }

    #[test]
    fn crossings_become_rare_at_its_rate_and_not_at_gibbs() {
        // Crossings against those of Langevin's equation at T = h/4, where ∆φ = 1: their quotient falls like
        // exp(-(∆φ - 1)/h), with powers of h aside.
        let wells = Wells::new(-1.0, 0.0, 1.0).unwrap();
        let quotient = |h: f64, steps: u64| {
            let rate = LargeStep::new(DoubleWell, 1e-6, h)
                .unwrap()
                .escapes(wells, 2, steps)
                .unwrap()
                .crossing_rate();
            let time = Gibbs::new(DoubleWell, 0.25 * h).unwrap().passage_time(-1.0, 0.5).unwrap() / h;
            ((rate.value * time).ln(), rate.error / rate.value)
        };
        let (rare, often) = (quotient(0.2, 100_000), quotient(0.3, 30_000));
        let gap = 1.0 / 0.2 - 1.0 / 0.3;
        let (excess, error) = ((often.0 - rare.0) / gap, rare.1.hypot(often.1) / gap);
        let expected =
            LargeStep::new(DoubleWell, 1e-6, 0.2).unwrap().quasi_potential(-1.0, 0.0).unwrap() - 1.0;
        // Prefactors differ by 1 + O(h) between the two maps: a change of 0.1 in h over the gap of 5/3.
        assert!((excess - expected).abs() < 4.0 * error + 0.06, "{excess} ± {error} against {expected}");
        // Gibbs' law would have 0.
        assert!(excess > 4.0 * error, "{excess} ± {error}");
    }
}
