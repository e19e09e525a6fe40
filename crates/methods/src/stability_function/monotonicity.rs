//! How far R is absolutely monotonic: steps of what size preserve positivity, maximum norms, and the like of linear problems.
//!
//! R is absolutely monotonic at -r if all its derivatives there are ≥ 0. Then its Taylor series at -r has coefficients ≥ 0, and
//! by Pringsheim's theorem its first singularity is a positive distance to the right on the real axis; the series, and with
//! it all derivatives, are ≥ 0 from -r up to there. So the r without pole on [-r, 0] form an interval
//! (Kraaijevanger 1986; van de Griend & Kraaijevanger 1986).

use std::cmp::Ordering;

use crate::enclosure::Enclosure;
use crate::exact::{Exact, Rational};
use crate::polynomial::Polynomial;

use super::poles::SeveralPoles;
use super::{Radius, StabilityFunction, largest, radius::roughly_largest};

/// Why no radius is given for some rational R.
const SEVERAL_POLES: &str = "no pole of the stability function outweighs the others there";

impl StabilityFunction {
    /// The largest r for which R is absolutely monotonic on [-r, 0], the threshold factor: with it steps of size up to r·h₀
    /// preserve on linear problems whatever convex property steps h₀ of Euler's method preserve (Kraaijevanger 1986; Spijker
    /// 1983). [`Radius::Undecided`] for some R with several poles.
    ///
    /// Each decision is for all derivatives at once, and exact for explicit methods and those with one pole. With several
    /// poles the first derivatives are decided exactly, and the later ones from discs around the poles in double precision:
    /// where the radius is that at which two poles are equally near, its ends agree to six digits.
    ///
    /// ```
    /// use shadowflow_methods::{Enclosure, Method, Radius};
    /// let method = Method::named("rk4")?;
    /// let radius = method.tableau().stability_function().absolute_monotonicity();
    /// assert_eq!(radius, Radius::Bounded(Enclosure::exactly(1.into())));
    /// # Ok::<(), shadowflow_methods::MethodError>(())
    /// ```
    pub fn absolute_monotonicity(&self) -> Radius {
        let radius = match (self.q.degree(), self.multiple_pole()) {
            (Some(0), _) => self.polynomial_radius(),
            (_, Some((gamma, multiplicity))) => OnePole::of(&self.p, &gamma, multiplicity).radius(),
            _ => self.radius_with_several_poles(),
        };
        radius.times(&self.per_unit())
    }

    fn polynomial_radius(&self) -> Radius {
        let (p, _) = self.p.over_common_denominator(&self.q);
        let at = |r: &Rational| p.around(r, 0);
        let is_negative = |c: &Exact| c.sign() == Ordering::Less;
        let holds = |r: &Rational| !at(r).coefficients().iter().any(is_negative);
        // The derivative of the k-th derivative is the next one: a 0 below the highest, the last of a row of them, falls
        // below 0 directly beyond -r.
        let is_last = |r: &Rational| {
            let coefficients = at(r);
            let coefficients = coefficients.coefficients();
            coefficients.iter().any(Exact::is_zero) && !coefficients.iter().any(is_negative)
        };
        if !holds(&Rational::ZERO) {
            return Radius::zero();
        }
        largest(holds, is_last, None).map_or(Radius::beyond_reach(), Radius::Bounded)
    }

    /// γ and m if Q = (1 - γw)ᵐ.
    fn multiple_pole(&self) -> Option<(Exact, usize)> {
        let m = self.q.degree()?;
        let gamma = self.q.coefficients().get(1)? * &Exact::ratio(-1, m as i64);
        let factor = Polynomial::new(vec![Exact::ONE, -&gamma]);
        let power = (0..m).fold(Polynomial::one(), |power, _| power.times(&factor));
        (power == self.q).then_some((gamma, m))
    }

    fn radius_with_several_poles(&self) -> Radius {
        // Without a positive pole there is no first singularity on the right.
        if !has_positive_root(&self.q) {
            return Radius::zero();
        }
        let problem = SeveralPoles::of(&self.p, &self.q);
        if problem.decide(&Rational::ZERO) == Some(false) {
            return Radius::zero();
        }
        let passes = |r: &Rational| problem.decide(r) != Some(false);
        let is_last = |r: &Rational| problem.decide(r) == Some(true) && problem.is_last(r);
        match largest(passes, is_last, None) {
            Some(end) if problem.decide(&end.low) == Some(true) => Radius::Bounded(end),
            end => {
                let at_least = roughly_largest(|r| problem.decide(r) == Some(true))
                    .map_or(Rational::ZERO, |end| end.low);
                let at_most = end.map(|end| end.high);
                let limit = Rational::from_parts(1.into(), 1_000_000u32.into());
                match at_most {
                    Some(high) if &high - &at_least < &high * limit => {
                        Radius::Bounded(Enclosure { low: at_least, high })
                    }
                    at_most => Radius::Undecided { at_least, at_most, reason: SEVERAL_POLES },
                }
            }
        }
    }
}

/// Whether a polynomial with p(0) > 0 has a root x > 0.
fn has_positive_root(p: &Polynomial) -> bool {
    // Touching counts: the square-free part is positive at 0 too, up to sign, and changes sign at every root.
    let distinct = p.div_rem(&p.gcd(&p.derivative())).map_or_else(|| p.clone(), |(quotient, _)| quotient);
    let sign = distinct.coefficients().first().map_or(Ordering::Equal, Exact::sign);
    let negative = if sign == Ordering::Greater { distinct.scaled(&Exact::from(-1)) } else { distinct };
    negative.first_exit().is_some()
}

/// R = Σ gⱼyʲ⁻ᵐ with y = 1 - γw.
///
/// At w = x - r it is Σ gⱼ(Y(1 - βx))ʲ⁻ᵐ, Y = 1 + γr, β = γ/Y. So the coefficient of xᵏ is βᵏ times
/// Σ g_(m-i)Y⁻ⁱ binom(k+i-1, i-1) over i = 1, …, m, a polynomial in k, but for the terms j ≥ m that end
/// with k = deg P - m.
struct OnePole {
    gamma: Exact,
    multiplicity: usize,
    g: Vec<Exact>,
}

impl OnePole {
    fn of(p: &Polynomial, gamma: &Exact, multiplicity: usize) -> OnePole {
        // w = (1 - y)/γ
        let inverse = gamma.inverse().unwrap_or(Exact::ONE);
        let in_y = p.stretched(&-&inverse).shifted(&Exact::from(-1));
        OnePole { gamma: gamma.clone(), multiplicity, g: in_y.coefficients().to_vec() }
    }

    fn radius(&self) -> Radius {
        // With a pole on the left there is none on the right.
        if self.gamma.sign() != Ordering::Greater || !self.holds(&Rational::ZERO) {
            return Radius::zero();
        }
        // Each power of 1/y is absolutely monotonic all along the negative axis.
        let sizes = self.g.iter().take(self.multiplicity + 1);
        if self.g.len() <= self.multiplicity + 1 && sizes.clone().all(|g| g.sign() != Ordering::Less) {
            return Radius::Unbounded;
        }
        match largest(|r| self.holds(r), |r| self.holds(r) && self.is_last(r), None) {
            Some(end) => Radius::Bounded(end),
            None => Radius::beyond_reach(),
        }
    }

    /// Where the polynomial in k begins to hold.
    fn regular_from(&self) -> usize {
        (self.g.len() - 1).checked_sub(self.multiplicity).map_or(0, |k| k + 1)
    }

    /// g_(m-i)Y⁻ⁱ times Yᵐ for i = 1, …, m, and the same of the finite part for j - m = 0, 1, ….
    fn weights(&self, r: &Rational) -> (Vec<Exact>, Vec<Exact>) {
        let y = &Exact::ONE + &(&self.gamma * &r.clone().into());
        let mut power = Exact::ONE;
        let mut scaled = Vec::new();
        for g in &self.g {
            scaled.push(g * &power);
            power = &power * &y;
        }
        let finite = scaled.split_off(self.multiplicity.min(scaled.len()));
        scaled.resize(self.multiplicity, Exact::ZERO);
        scaled.reverse();
        (scaled, finite)
    }

    /// Coefficient number k over βᵏY⁻ᵐ.
    fn coefficient(&self, (poles, finite): &(Vec<Exact>, Vec<Exact>), k: usize) -> Exact {
        let mut binomial = Exact::ONE;
        let mut sum = Exact::ZERO;
        for (i, e) in poles.iter().enumerate() {
            // binom(k+i, i)
            if i > 0 {
                binomial = &binomial * &Exact::ratio((k + i) as i64, i as i64);
            }
            sum = &sum + &(e * &binomial);
        }
        // (1 - βx)ⁿ contributes (-1)ᵏ binom(n, k)
        for (n, e) in finite.iter().enumerate().filter(|(n, _)| *n >= k) {
            let binomial = (1..=k).fold(Exact::ONE, |b, i| &b * &Exact::ratio((n + 1 - i) as i64, i as i64));
            let term = e * &binomial;
            sum = if k.is_multiple_of(2) { &sum + &term } else { &sum - &term };
        }
        sum
    }

    fn holds(&self, r: &Rational) -> bool {
        let weights = self.weights(r);
        let from = self.regular_from();
        if (0..from).any(|k| self.coefficient(&weights, k).sign() == Ordering::Less) {
            return false;
        }
        // binom(k+i, i) as a polynomial in k
        let mut binomial = Polynomial::one();
        let mut sum = Polynomial::new(Vec::new());
        for (i, e) in weights.0.iter().enumerate() {
            if i > 0 {
                let factor = Polynomial::new(vec![Exact::ONE, Exact::ratio(1, i as i64)]);
                binomial = binomial.times(&factor);
            }
            sum = sum.plus(&binomial.scaled(e));
        }
        is_nonnegative_at_integers(&sum, from)
    }

    /// Directly beyond -r the derivative number k is lost: it is 0 and the next one, its slope, is not.
    fn is_last(&self, r: &Rational) -> bool {
        let weights = self.weights(r);
        let coefficients: Vec<_> =
            (0..self.regular_from() + self.multiplicity + 2).map(|k| self.coefficient(&weights, k)).collect();
        coefficients.windows(2).any(|pair| pair[0].is_zero() && pair[1].sign() == Ordering::Greater)
    }
}

/// Whether h(k) ≥ 0 for all whole k ≥ from: from one root to the next, looking at the whole number behind each.
fn is_nonnegative_at_integers(h: &Polynomial, mut from: usize) -> bool {
    loop {
        let ahead = h.shifted(&Exact::from(from as i64)).scaled(&Exact::from(-1));
        if ahead.is_nowhere_positive() {
            return true;
        }
        let Some(exit) = ahead.first_exit() else { return true };
        let Ok(step) = usize::try_from(exit.low.ceil()) else { return false };
        // At 0 itself as well as at 1, if it is left there.
        let at = |k: usize| h.eval(&Exact::from(k as i64)).sign();
        if at(from + step) == Ordering::Less || (step == 0 && at(from + 1) == Ordering::Less) {
            return false;
        }
        from += step.max(1);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn signs_between_whole_numbers_do_not_count() {
        let h = |c: &[(i64, i64)]| Polynomial::new(c.iter().map(|&(n, d)| Exact::ratio(n, d)).collect());
        // (k - 5/4)(k - 7/4), negative only between 1 and 2; (k - 3/2)(k - 7/2), negative at 2 and 3.
        assert!(is_nonnegative_at_integers(&h(&[(35, 16), (-3, 1), (1, 1)]), 0));
        assert!(!is_nonnegative_at_integers(&h(&[(21, 4), (-5, 1), (1, 1)]), 0));
        assert!(is_nonnegative_at_integers(&h(&[(21, 4), (-5, 1), (1, 1)]), 4));
        // k(k - 1), 0 at both.
        assert!(is_nonnegative_at_integers(&h(&[(0, 1), (-1, 1), (1, 1)]), 0));
        assert!(!is_nonnegative_at_integers(&h(&[(1000, 1), (-1, 1)]), 0));
    }
}
