//! Where |R| ≤ 1: on the axes, in discs, in sectors, in the left half-plane.
//!
//! On a line or circle |P|² - |Q|² is a real polynomial in a real parameter. By the maximum principle |R| ≤ 1 inside as soon
//! as it holds on the boundary and Q has no root inside; at infinity R is analytic wherever it is bounded.

use std::cmp::Ordering;

use crate::enclosure::Enclosure;
use crate::exact::{Exact, Rational};
use crate::polynomial::Polynomial;

use super::{Radius, StabilityFunction, largest};

/// The largest α for which |R| ≤ 1 in the sector |arg(-z)| ≤ α: the method is A(α)-stable (Widlund 1967).
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum StabilityAngle {
    /// π/2 or more: the method is A-stable.
    RightAngle,
    /// Below π/2, by an enclosure of tan(α/2): the lower end was decided to be in, the upper one out.
    Below(Enclosure),
    /// There is no such sector: the real interval is bounded.
    None,
}

impl StabilityAngle {
    /// α in degrees; 0 where there is no sector.
    pub fn degrees(&self) -> f64 {
        match self {
            StabilityAngle::RightAngle => 90.0,
            StabilityAngle::Below(half_tangent) => 2.0 * half_tangent.to_f64().atan().to_degrees(),
            StabilityAngle::None => 0.0,
        }
    }
}

/// Whether |R| ≤ 1 on the closed left half-plane, and if not, why.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum HalfPlane {
    /// |R| ≤ 1 on the imaginary axis and no pole on the left of it: A-stable, by the maximum principle.
    Stable,
    /// Q has a root with real part ≤ 0.
    PoleOnTheLeft,
    /// |R| > 1 at points iy directly beyond this y.
    ExceededAt(Enclosure),
}

impl StabilityFunction {
    /// Where |R| first exceeds 1 on the negative real axis, as the distance from 0; `None` if it never does.
    ///
    /// Between two fractions that agree to 60 bits, and proved: the product of the factors of P² - Q² of odd multiplicity
    /// changes sign between the two and nowhere before, so that |R| ≤ 1 on [-low, 0] and |R| > 1 directly beyond -high.
    /// At 0 it is left at once.
    ///
    /// ```
    /// use shadowflow_methods::Method;
    /// let rk4 = Method::named("rk4")?;
    /// let exit = rk4.tableau().stability_function().real_exit().ok_or("bounded")?;
    /// assert!(exit.value().is_none() && exit.to_f64() == 2.785293563405282);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn real_exit(&self) -> Option<Enclosure> {
        // P² - Q² is a product, and P and Q have no root in common, so neither have its factors.
        let (p, q) = (self.p.reflected(), self.q.reflected());
        let exit = Polynomial::first_exit_of_product(&[p.minus(&q), p.plus(&q)])?;
        Some(exit.times(&self.per_unit()))
    }

    /// Where |R| first exceeds 1 on the imaginary axis, as [`StabilityFunction::real_exit`].
    pub fn imaginary_exit(&self) -> Option<Enclosure> {
        Some(excess(&self.p, &self.q).first_exit()?.sqrt().times(&self.per_unit()))
    }

    /// Whether |R| ≤ 1 on the closed left half-plane (Dahlquist 1963).
    pub fn is_a_stable(&self) -> bool {
        self.has_no_pole_on_the_left() && excess(&self.p, &self.q).is_nowhere_positive()
    }

    /// [`StabilityFunction::is_a_stable`] with the reason.
    pub fn half_plane(&self) -> HalfPlane {
        match self.imaginary_exit() {
            _ if !self.has_no_pole_on_the_left() => HalfPlane::PoleOnTheLeft,
            Some(exit) => HalfPlane::ExceededAt(exit),
            None => HalfPlane::Stable,
        }
    }

    /// Whether the method is A-stable and R(∞) = 0 (Ehle 1969).
    pub fn is_l_stable(&self) -> bool {
        self.p.degree() < self.q.degree() && self.is_a_stable()
    }

    /// Whether |R| = 1 on all of the imaginary axis, so that oscillations neither grow nor decay.
    pub fn is_conservative(&self) -> bool {
        excess(&self.p, &self.q).is_zero()
    }

    /// The largest r for which |R| ≤ 1 in the disc |z + r| ≤ r: with it ‖y⁺‖ ≤ ‖y‖ in the Euclidean norm for every linear
    /// system ẏ = Ly with ‖hL + rI‖ ≤ r (von Neumann 1951); no radius of circle contractivity on nonlinear ones is larger
    /// (Dahlquist & Jeltsch 1979).
    ///
    /// Discs are nested, so r is found by bisection, and each decision is exact: w = z/(z + 2r) maps the disc to the left
    /// half-plane, where it is that of A-stability.
    ///
    /// ```
    /// use shadowflow_methods::{Enclosure, Method, Radius};
    /// let disc = |name| -> Result<Radius, _> {
    ///     Ok::<_, shadowflow_methods::MethodError>(Method::named(name)?.tableau().stability_function().inscribed_disc())
    /// };
    /// assert_eq!(disc("euler")?, Radius::Bounded(Enclosure::exactly(1.into())));
    /// assert_eq!(disc("gauss4")?, Radius::Unbounded);
    /// # Ok::<(), shadowflow_methods::MethodError>(())
    /// ```
    pub fn inscribed_disc(&self) -> Radius {
        if self.is_a_stable() {
            return Radius::Unbounded;
        }
        let (p, q) = self.p.over_common_denominator(&self.q);
        let no_pole = self.has_no_pole_on_the_left();
        let holds = |r: &Rational| {
            r.is_zero() || {
                let (p, q) = on_half_plane(&p, &q, r);
                (no_pole || q.reflected().is_hurwitz()) && excess(&p, &q).is_nowhere_positive()
            }
        };
        let two = Rational::from(2u8);
        let exit = self.real_exit().map(|exit| exit.times(&self.unit));
        let widest = exit.as_ref().map(|exit| &exit.high / &two);
        // The disc ends where the real interval does, exactly.
        let is_last = |r: &Rational| {
            exit.as_ref().and_then(Enclosure::value).is_some_and(|end| *end == r * &two) && holds(r)
        };
        match largest(holds, is_last, widest) {
            Some(radius) => Radius::Bounded(radius).times(&self.per_unit()),
            None => Radius::beyond_reach(),
        }
    }

    /// The largest sector |arg(-z)| ≤ α in which |R| ≤ 1.
    ///
    /// Sectors are nested, and each is decided exactly on its two rays, for rational tan(α/2); α by bisection. Of a method
    /// known to a number of digits it is that of the printed coefficients.
    pub fn stability_angle(&self) -> StabilityAngle {
        if self.p.degree() > self.q.degree() || self.real_exit().is_some() {
            return StabilityAngle::None;
        }
        if self.is_a_stable() {
            return StabilityAngle::RightAngle;
        }
        let (p, q) = self.p.over_common_denominator(&self.q);
        let no_pole = self.has_no_pole_on_the_left();
        let holds = |m: &Rational| {
            let ([p_re, p_im], [q_re, q_im]) = (on_ray(&p, m), on_ray(&q, m));
            let square = |f: &Polynomial| f.times(f);
            let excess = square(&p_re).plus(&square(&p_im)).minus(&square(&q_re).plus(&square(&q_im)));
            excess.is_nowhere_positive() && (no_pole || poles_in_sector(&q_re, &q_im, m) == 0)
        };
        match largest(holds, |_| false, Some(Rational::ONE)) {
            Some(half_tangent) => StabilityAngle::Below(half_tangent),
            None => StabilityAngle::RightAngle,
        }
    }

    fn has_no_pole_on_the_left(&self) -> bool {
        self.q.degree() == Some(0) || self.q.reflected().is_hurwitz()
    }

    /// 1/unit
    pub(super) fn per_unit(&self) -> Rational {
        Rational::ONE / &self.unit
    }
}

/// |P(iy)|² - |Q(iy)|² as a polynomial in y², up to a positive factor.
pub(super) fn excess(p: &Polynomial, q: &Polynomial) -> Polynomial {
    let squared_modulus = |f: &Polynomial| {
        // f(iy) = even(-y²) + iy·odd(-y²)
        let part = |first: usize| {
            Polynomial::new(f.coefficients().iter().skip(first).step_by(2).cloned().collect()).reflected()
        };
        let (even, odd) = (part(0), part(1));
        let w = Polynomial::new(vec![Exact::ZERO, Exact::ONE]);
        even.times(&even).plus(&w.times(&odd.times(&odd)))
    };
    let (p, q) = p.over_common_denominator(q);
    squared_modulus(&p).minus(&squared_modulus(&q))
}

/// P and Q at z = 2rw/(1 - w), times (1 - w)ⁿ with n the larger degree: |z + r| ≤ r there is Re w ≤ 0.
fn on_half_plane(p: &Polynomial, q: &Polynomial, r: &Rational) -> (Polynomial, Polynomial) {
    let n = p.degree().max(q.degree()).unwrap_or(0);
    // With r = a/b, integers: z = 2aw/(b(1 - w)).
    let (a, b) = (Rational::from(r.numerator().clone()), Rational::from(r.denominator().clone()));
    let a: Exact = (a * Rational::from(2u8)).into();
    let b: Exact = b.into();
    let binomial = Polynomial::new(vec![b.clone(), -&b]);
    let mut powers = vec![Polynomial::one()];
    for k in 0..n {
        powers.push(powers[k].times(&binomial));
    }
    let moved = |f: &Polynomial| {
        let mut sum = vec![Exact::ZERO; n + 1];
        let mut power = Exact::ONE;
        for (k, c) in f.coefficients().iter().enumerate() {
            let factor = c * &power;
            for (j, binomial) in powers[n - k].coefficients().iter().enumerate() {
                sum[k + j] = &sum[k + j] + &(&factor * binomial);
            }
            power = &power * &a;
        }
        Polynomial::new(sum)
    };
    (moved(p), moved(q))
}

/// Real and imaginary part of f(-ρ·(1 + im)²), a polynomial in ρ ≥ 0: the ray arg(-z) = α with m = tan(α/2).
fn on_ray(f: &Polynomial, m: &Rational) -> [Polynomial; 2] {
    let (a, b) = (Rational::from(m.numerator().clone()), Rational::from(m.denominator().clone()));
    // -(b + ia)²
    let direction: [Exact; 2] = [(&a * &a - &b * &b).into(), (Rational::from(-2) * a * b).into()];
    let mut power = [Exact::ONE, Exact::ZERO];
    let (mut re, mut im) = (Vec::new(), Vec::new());
    for c in f.coefficients() {
        re.push(c * &power[0]);
        im.push(c * &power[1]);
        power = [
            &(&power[0] * &direction[0]) - &(&power[1] * &direction[1]),
            &(&power[0] * &direction[1]) + &(&power[1] * &direction[0]),
        ];
    }
    [Polynomial::new(re), Polynomial::new(im)]
}

/// The number of roots of Q in |arg(-z)| < α, α ≤ π/2, from Q on the ray arg(-z) = α, where Q has none.
///
/// Along the sector's boundary arg Q grows by 2π for each. By symmetry that is twice what it grows by from the negative
/// real axis along an arc at infinity, nα, and back to 0 along the ray. On the ray with U + iV = Q the half turns
/// are the Cauchy index of V/U, jumps from -∞ to +∞ less those back, which is the loss of sign changes along the
/// remainder sequence of U and V (Sturm 1835; Gantmacher 1959, chapter XV); what is left over is an angle in
/// [-π/2, π/2] at infinity, and the sum is a whole number, so that rounding does no harm.
fn poles_in_sector(u: &Polynomial, v: &Polynomial, m: &Rational) -> i64 {
    let degree = u.degree().max(v.degree()).unwrap_or(0);
    let lead = |f: &Polynomial| f.coefficients().last().map_or(0.0, Exact::to_f64);
    // arctan V/U at infinity; at 0 it is 0, as Q(0) = 1.
    let last = match u.degree().cmp(&v.degree()) {
        Ordering::Less => (lead(u) * lead(v)).signum() * std::f64::consts::FRAC_PI_2,
        Ordering::Equal => (lead(v) / lead(u)).atan(),
        Ordering::Greater => 0.0,
    };
    let alpha = 2.0 * m.to_f64().value().atan();
    // arg grows by π where V/U jumps from +∞ to -∞.
    let turned = last - std::f64::consts::PI * cauchy_index(u, v);
    ((degree as f64 * alpha - turned) / std::f64::consts::PI).round() as i64
}

/// The jumps of V/U from -∞ to +∞ less those from +∞ to -∞ on (0, ∞).
fn cauchy_index(u: &Polynomial, v: &Polynomial) -> f64 {
    let mut chain = vec![u.clone(), v.clone()];
    while let [.., previous, last] = &chain[..] {
        let Some((_, remainder)) = previous.div_rem(last) else { break };
        chain.push(remainder.scaled(&Exact::from(-1)));
    }
    chain.retain(|f| !f.is_zero());
    let changes = |sign: &dyn Fn(&Polynomial) -> Ordering| {
        let signs: Vec<_> = chain.iter().map(sign).filter(|s| *s != Ordering::Equal).collect();
        signs.windows(2).filter(|pair| pair[0] != pair[1]).count() as f64
    };
    let at_zero = changes(&|f| f.coefficients().first().map_or(Ordering::Equal, Exact::sign));
    let at_infinity = changes(&|f| f.coefficients().last().map_or(Ordering::Equal, Exact::sign));
    at_zero - at_infinity
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn poles_are_counted(
            real in prop::collection::vec((-9i64..9).prop_filter("not 0", |x| *x != 0), 0..3),
            pairs in prop::collection::vec((-5i64..5, 1i64..5), 0..3),
            a in 1i64..16,
        ) {
            let factor = |c: [i64; 3]| Polynomial::new(c.map(Exact::from).to_vec());
            let mut q = Polynomial::one();
            // Q(0) = 1 > 0 up to a factor.
            for x in &real {
                q = q.times(&factor([x.abs(), -x.signum(), 0]));
            }
            for (re, im) in &pairs {
                q = q.times(&factor([re * re + im * im, -2 * re, 1]));
            }
            // The ray never meets a whole point but at tan α = 3/4, 4/3 or so, which 16ths of tan(α/2) hit at 1/3, 1/2 only.
            let m = Rational::from_parts((2 * a - 1).into(), 32u8.into());
            let angle = 2.0 * m.to_f64().value().atan();
            let inside = |re: i64, im: i64| (im as f64).abs().atan2(-re as f64) < angle;
            let expected = real.iter().filter(|x| **x < 0).count()
                + 2 * pairs.iter().filter(|(re, im)| inside(*re, *im)).count();
            let [u, v] = on_ray(&q, &m);
            prop_assert_eq!(poles_in_sector(&u, &v, &m), expected as i64);
        }
    }
}
