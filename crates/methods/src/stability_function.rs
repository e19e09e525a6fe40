//! The stability function R(z) = P(z)/Q(z): one step on ẏ = λy is multiplication by R(hλ).
//!
//! R(z) = det(I - zA + z𝟙bᵀ) / det(I - zA) (Hairer & Wanner 1996, Proposition IV.3.2). Whether |R| ≤ 1 on a line or a
//! circle is the sign of a polynomial, so intervals, discs, sectors and A-stability are decided by exact algebra
//! ([`region`]), never sampled; so are the accuracy of R ([`accuracy`]) and how far it is absolutely monotonic
//! ([`monotonicity`]).

mod accuracy;
mod construction;
mod monotonicity;
mod radius;
mod region;
mod resolvent;
mod stages;

use num_complex::Complex64;

use crate::enclosure::Enclosure;
use crate::exact::{Exact, Rational};
use crate::polynomial::{Polynomial, eval_complex};

pub use accuracy::LeadingTerm;
pub use radius::Radius;
pub(crate) use radius::largest;
pub use region::StabilityAngle;
pub(crate) use resolvent::{determinant, resolvent};
pub use stages::InternalStability;

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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::catalogue::Method;

    fn method(name: &str) -> Method {
        Method::named(name).unwrap()
    }

    fn real(name: &str) -> Extent {
        method(name).tableau().stability_function().real_interval()
    }

    fn imaginary(name: &str) -> Extent {
        method(name).tableau().stability_function().imaginary_interval()
    }

    #[test]
    fn intervals_of_the_explicit_classics() {
        // Hairer & Wanner 1996, §IV.2; to 15 digits by an independent computation.
        assert_eq!(real("euler"), Extent::Bounded(2.0));
        assert_eq!(real("heun"), Extent::Bounded(2.0));
        // The source prints 15 decimals, two units short of the double's own.
        let Extent::Bounded(x) = real("kutta3") else { panic!("bounded") };
        assert!((x - 2.512_745_326_618_329).abs() < 1e-15, "{x}");
        assert_eq!(real("rk4"), Extent::Bounded(2.785_293_563_405_282));
        assert_eq!(imaginary("euler"), Extent::Bounded(0.0));
        assert_eq!(imaginary("heun"), Extent::Bounded(0.0));
        assert_eq!(imaginary("kutta3"), Extent::Bounded(3f64.sqrt()));
        assert_eq!(imaginary("rk4"), Extent::Bounded(8f64.sqrt()));
    }

    #[test]
    fn undamped_chebyshev_reaches_two_s_squared() {
        // |R| = 1 is touched nine times inside without being crossed.
        assert_eq!(real("rkc(s=10,damping=0)"), Extent::Bounded(200.0));
    }

    #[test]
    fn implicit_methods_are_decided() {
        for (name, a, l) in [
            ("implicit-euler", true, true),
            ("implicit-midpoint", true, false),
            ("trapezoidal", true, false),
            ("gauss4", true, false),
            ("gauss6", true, false),
            ("radau-ia-5", true, true),
            ("radau-iia-3", true, true),
            ("radau-iia-5", true, true),
            ("lobatto-iiia-4", true, false),
            ("lobatto-iiib-4", true, false),
            ("lobatto-iiic-4", true, true),
            ("lobatto-iiic-6", true, true),
            ("rk4", false, false),
            ("gauss8", true, false),
            ("radau-iia-7", true, true),
            ("crouzeix3", true, false),
            ("crouzeix4", true, false),
            ("alexander3", true, true),
            ("kvaerno3", true, true),
            ("sdirk4", true, true),
            ("tr-bdf2", true, true),
            // Known to a number of digits.
            ("cash4", true, true),
            ("kvaerno5", true, true),
            ("ark4-implicit", true, true),
            ("ark5-implicit", true, true),
        ] {
            let method = method(name);
            let r = method.tableau().stability_function();
            assert_eq!((r.is_a_stable(), r.is_l_stable()), (a, l), "{name}");
        }
    }

    #[test]
    fn r_agrees_with_a_step_on_the_test_equation() {
        // R(z) = 1 + z bᵀ(I - zA)⁻¹𝟙 by elimination in floating point, an independent route.
        let z = Complex64::new(-0.7, 0.4);
        for method in Method::all() {
            let t = method.tableau();
            let n = t.stages();
            let (a, b) = (t.a_f64(), t.b_f64());
            let mut m: Vec<Vec<Complex64>> = (0..n)
                .map(|i| {
                    let mut row: Vec<_> =
                        (0..n).map(|j| -z * a[i * n + j] + f64::from(u8::from(i == j))).collect();
                    row.push(Complex64::new(1.0, 0.0));
                    row
                })
                .collect();
            for i in 0..n {
                let pivot = (i..n).max_by(|&p, &q| m[p][i].norm().total_cmp(&m[q][i].norm())).unwrap();
                m.swap(i, pivot);
                let pivot_row = m[i].clone();
                for k in (0..n).filter(|&k| k != i) {
                    let factor = m[k][i] / pivot_row[i];
                    for (x, p) in m[k].iter_mut().zip(&pivot_row) {
                        *x -= factor * p;
                    }
                }
            }
            let sum: Complex64 = (0..n).map(|i| m[i][n] / m[i][i] * b[i]).sum();
            let error = (t.stability_function().eval(z) - (z * sum + 1.0)).norm();
            // Elimination of at most 17 well-scaled equations loses a few digits at most.
            let precision = t.digits().map_or(0.0, |digits| 10f64.powi(1 - digits as i32));
            assert!(error < precision.max(1e-11), "{}: {error:e}", method.name());
        }
    }
}
