//! The stability function R(z) = P(z)/Q(z): one step on ẏ = λy is multiplication by R(hλ).
//!
//! R(z) = det(I - zA + z𝟙bᵀ) / det(I - zA) (Hairer & Wanner 1996, Proposition IV.3.2). Whether |R| ≤ 1 on a line or a
//! circle is the sign of a polynomial, so intervals, discs, sectors and A-stability are decided by exact algebra
//! ([`region`]), never sampled; so are the accuracy of R ([`accuracy`]) and how far it is absolutely monotonic
//! ([`monotonicity`]).

mod accuracy;
mod construction;
mod monotonicity;
mod poles;
mod radius;
mod region;
mod resolvent;
mod stages;
mod summary;
#[cfg(test)]
mod tests;

use num_complex::Complex64;

use crate::enclosure::Enclosure;
use crate::exact::{Exact, Rational};
use crate::polynomial::{Polynomial, eval_complex};

pub use accuracy::LeadingTerm;
pub use radius::Radius;
pub(crate) use radius::largest;
pub use region::{HalfPlane, StabilityAngle};
pub(crate) use resolvent::{determinant, resolvent};
pub use stages::InternalStability;
pub use summary::LinearStability;

/// How far an interval reaches from 0.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Extent {
    /// To this distance, correct to the last digits of a double.
    Bounded(f64),
    /// Without end.
    Unbounded,
}

/// R = P/Q in lowest terms with Q(0) = 1. Of a method known to a number of digits ([`Tableau::digits`]) P and Q are as
/// precise as they are, and what is decided is decided for that P and Q.
///
/// [`Tableau::digits`]: crate::Tableau::digits
///
/// ```
/// use shadowflow_methods::{Extent, Method};
/// let rk4 = Method::named("rk4")?;
/// let r = rk4.tableau().stability_function();
/// assert_eq!(r.numerator().coefficients()[4].to_string(), "1/24");
/// assert_eq!(r.real_interval(), Extent::Bounded(2.785293563405282));
/// # Ok::<(), shadowflow_methods::MethodError>(())
/// ```
#[derive(Clone, Debug)]
pub struct StabilityFunction {
    numerator: Polynomial,
    denominator: Polynomial,
    numerator_f64: Vec<f64>,
    denominator_f64: Vec<f64>,
    /// R = p(w)/q(w) with w = unit·z and small coefficients, where what R comes from says so; else unit = 1.
    p: Polynomial,
    q: Polynomial,
    unit: Rational,
    digits: Option<u32>,
}

impl StabilityFunction {
    /// R(z) = p(w)/q(w) in lowest terms with w = unit·z, unit > 0.
    pub(crate) fn in_units(
        p: Polynomial,
        q: Polynomial,
        unit: Rational,
        digits: Option<u32>,
    ) -> StabilityFunction {
        let factor = Exact::from(unit.clone());
        let (numerator, denominator) = (p.stretched(&factor), q.stretched(&factor));
        StabilityFunction {
            numerator_f64: numerator.to_f64(),
            denominator_f64: denominator.to_f64(),
            numerator,
            denominator,
            p,
            q,
            unit,
            digits,
        }
    }

    /// P, by ascending power of z.
    pub fn numerator(&self) -> &Polynomial {
        &self.numerator
    }

    /// Q, by ascending power of z; Q(0) = 1, and Q = 1 for explicit methods.
    pub fn denominator(&self) -> &Polynomial {
        &self.denominator
    }

    /// P as doubles, by ascending power of z.
    pub fn numerator_f64(&self) -> &[f64] {
        &self.numerator_f64
    }

    /// Q as doubles, by ascending power of z.
    pub fn denominator_f64(&self) -> &[f64] {
        &self.denominator_f64
    }

    /// How many digits behind the point are known of the coefficients this comes from; `None` if they are exact.
    pub fn digits(&self) -> Option<u32> {
        self.digits
    }

    /// R(z) for z = hλ.
    pub fn eval(&self, z: Complex64) -> Complex64 {
        eval_complex(&self.numerator_f64, z) / eval_complex(&self.denominator_f64, z)
    }

    /// R(z) for real z, exactly; `None` at a pole.
    pub fn eval_exact(&self, z: &Exact) -> Option<Exact> {
        self.numerator.eval(z).checked_div(&self.denominator.eval(z))
    }

    /// The largest x with |R| ≤ 1 on all of [-x, 0].
    pub fn real_interval(&self) -> Extent {
        extent(self.real_exit())
    }

    /// The largest y with |R| ≤ 1 on all of i[-y, y].
    pub fn imaginary_interval(&self) -> Extent {
        extent(self.imaginary_exit())
    }

    /// R(-∞) = R(∞); `None` where R has a pole, as that of every explicit method. Its size is the most by which the
    /// stiffest components are damped.
    pub fn at_infinity(&self) -> Option<Exact> {
        use std::cmp::Ordering;
        match self.p.degree().cmp(&self.q.degree()) {
            Ordering::Less => Some(Exact::ZERO),
            Ordering::Equal => self.p.coefficients().last()?.checked_div(self.q.coefficients().last()?),
            Ordering::Greater => None,
        }
    }
}

fn extent(exit: Option<Enclosure>) -> Extent {
    exit.map_or(Extent::Unbounded, |exit| Extent::Bounded(exit.to_f64()))
}
