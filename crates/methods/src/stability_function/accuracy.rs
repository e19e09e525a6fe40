//! How near R is to the exponential: at the origin, in amplitude and in phase.

use crate::exact::{Exact, Rational};
use crate::polynomial::Polynomial;

use super::StabilityFunction;

/// The first term of a power series that is not 0: coefficient·xᵉˣᵖᵒⁿᵉⁿᵗ.
#[derive(Clone, Debug, PartialEq)]
pub struct LeadingTerm {
    /// The power.
    pub exponent: u32,
    /// What it is multiplied by, not 0.
    pub coefficient: Exact,
}

impl StabilityFunction {
    /// C zᵖ⁺¹ of R(z) = eᶻ - C zᵖ⁺¹ + …: the method has order p = exponent - 1 on linear problems with constant
    /// coefficients, which can be more than its order, and C is its error constant there.
    ///
    /// ```
    /// use shadowflow_methods::{Exact, Method};
    /// let method = Method::named("trapezoidal")?;
    /// let error = method.tableau().stability_function().error_constant();
    /// assert_eq!((error.exponent, error.coefficient), (3, Exact::ratio(-1, 12)));
    /// # Ok::<(), shadowflow_methods::MethodError>(())
    /// ```
    pub fn error_constant(&self) -> LeadingTerm {
        // Q eᶻ - P, whose first term is that of eᶻ - R, as Q(0) = 1. A rational function of these degrees is no better an
        // approximation than Padé's, so that there is a term.
        let (p, q) = (self.numerator.coefficients(), self.denominator.coefficients());
        let mut exponential = vec![Exact::ONE];
        for k in 1.. {
            exponential.push(&exponential[k - 1] * &Exact::ratio(1, k as i64));
            let reversed: Vec<Exact> = exponential.iter().rev().cloned().collect();
            let product = Exact::dot(q, &reversed);
            let coefficient = &product - p.get(k).unwrap_or(&Exact::ZERO);
            if !coefficient.is_zero() {
                return LeadingTerm { exponent: k as u32, coefficient };
            }
        }
        unreachable!("no rational function is the exponential")
    }

    /// The dissipation c yᵉ of 1 - |R(iy)| = c yᵉ + …, of order e - 1 (van der Houwen & Sommeijer 1987); `None` if
    /// |R(iy)| = 1 for all y. With c < 0 all oscillations of small frequency grow.
    ///
    /// ```
    /// use shadowflow_methods::{Exact, Method};
    /// let method = Method::named("rk4")?;
    /// let r = method.tableau().stability_function();
    /// let (dissipation, dispersion) = (r.dissipation().ok_or("not conservative")?, r.dispersion());
    /// assert_eq!((dissipation.exponent, dissipation.coefficient), (6, Exact::ratio(1, 144)));
    /// assert_eq!((dispersion.exponent, dispersion.coefficient), (5, Exact::ratio(1, 120)));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn dissipation(&self) -> Option<LeadingTerm> {
        // log|R(iy)| has the even terms of log R.
        (!self.is_conservative()).then(|| self.leading_of_logarithm(0)).flatten()
    }

    /// The dispersion or phase lag c yᵉ of y - arg R(iy) = c yᵉ + …, of order e - 1 (van der Houwen & Sommeijer 1987).
    pub fn dispersion(&self) -> LeadingTerm {
        // There is such a term: R(z)/R(-z) would be e²ᶻ otherwise.
        self.leading_of_logarithm(1).unwrap_or_else(|| self.error_constant())
    }

    /// -dₖiᵏ (less a factor i for odd k) for the first dₖ ≠ 0 in log R(z) = z + Σ dₖzᵏ with k = parity modulo 2; 0 as far as
    /// the digits tell, where there are so many.
    fn leading_of_logarithm(&self, parity: usize) -> Option<LeadingTerm> {
        // R(z)/R(-z) has degrees up to n, and R(z)·R(-z) as well: contact with e²ᶻ or 1 has order 2n at most.
        let n = self.p.degree().unwrap_or(0) + self.q.degree().unwrap_or(0);
        let unit = Exact::from(self.unit.clone());
        let (mut p, mut q) = (Logarithm::of(&self.p), Logarithm::of(&self.q));
        let mut power = Exact::ONE;
        for k in 1..=2 * n + 2 {
            power = &power * &unit;
            let term = &(&p.next() - &q.next()) * &power;
            if k == 1 || k % 2 != parity || self.is_negligible(&term) {
                continue;
            }
            let coefficient = if (k / 2) % 2 == 0 { -&term } else { term };
            return Some(LeadingTerm { exponent: k as u32, coefficient });
        }
        None
    }

    /// Whether a number is 0 as far as the digits tell that are known of the coefficients.
    fn is_negligible(&self, value: &Exact) -> bool {
        match self.digits {
            None => value.is_zero(),
            // As of the coefficients themselves: sums of products of entries lose a few digits.
            Some(digits) => {
                let limit =
                    Rational::from_parts(1000.into(), dashu_int::UBig::from(10u8).pow(digits as usize));
                let limit = Exact::from(limit);
                *value <= limit && -value <= limit
            }
        }
    }
}

/// The terms of log f for f(0) = 1, one after another: k fₖ = Σ j lⱼ fₖ₋ⱼ.
struct Logarithm<'a> {
    f: &'a [Exact],
    /// j·lⱼ from j = 1.
    slopes: Vec<Exact>,
}

impl Logarithm<'_> {
    fn of(f: &Polynomial) -> Logarithm<'_> {
        Logarithm { f: f.coefficients(), slopes: Vec::new() }
    }

    fn next(&mut self) -> Exact {
        let k = self.slopes.len() + 1;
        let own = self.f.get(k).map_or(Exact::ZERO, |c| c * &Exact::from(k as i64));
        let rest = self.f.iter().skip(1).take(k - 1).zip(self.slopes.iter().rev());
        let rest = rest.filter(|(f, _)| !f.is_zero()).fold(Exact::ZERO, |sum, (f, s)| &sum + &(f * s));
        let slope = &own - &rest;
        self.slopes.push(slope.clone());
        &slope * &Exact::ratio(1, k as i64)
    }
}
