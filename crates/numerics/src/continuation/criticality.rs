//! Whether what branches off at a flip or a Neimark–Sacker point attracts.

use nalgebra::{DMatrix, DVector};
use num_complex::Complex64;

use super::{Bifurcation, Event};
use crate::{Jet, Map, PeriodicOrbit, Tangent};

/// Coefficients below this share of the terms that they are the sum of are 0 up to rounding.
const ROUNDING: f64 = 1e-9;

/// On which side of a bifurcation there is what branches off, and whether it attracts nearby.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Criticality {
    /// Orbits of twice the period, or an invariant curve, take over the attraction in the directions concerned.
    Supercritical,
    /// They lie beside the still attracting orbit and repel; beyond there is nothing near to settle on.
    Subcritical,
}

impl Event {
    /// By the sign of the coefficient; `None` where there is none, or it is 0 up to rounding.
    pub fn criticality(&self) -> Option<Criticality> {
        let coefficient = self.coefficient.filter(|&c| c != 0.0)?;
        // Positive at a flip, negative at a Neimark–Sacker point: Kuznetsov (2004), chapter 4.
        match (coefficient > 0.0) == (self.kind == Bifurcation::Flip) {
            true => Some(Criticality::Supercritical),
            false => Some(Criticality::Subcritical),
        }
    }
}

/// The coefficient of the cubic term of the normal form of Φᵖ on its centre manifold (Kuznetsov 2004, §5.4), with critical
/// vectors of length 1.
///
/// At a flip, on which ξ ↦ -ξ + cξ³: with B and C the second and third derivatives of Φᵖ, Aq = -q, Aᵀp = -p, ⟨p, q⟩ = 1,
/// c = ⟨p, C(q, q, q)⟩/6 - ⟨p, B(q, (A - 1)⁻¹B(q, q))⟩/2. For gradient descent on f of one variable at hf'' = 2 it is
/// h(3f'''² - f''f'''')/(6f''). At a Neimark–Sacker point, on which |z| ↦ |z|(1 + d|z|²): d, with z the coordinate along the complex
/// eigenvector.
pub(super) fn coefficient<M: Map>(map: &M, kind: Bifurcation, orbit: &PeriodicOrbit) -> Option<f64> {
    let derivatives = Derivatives::of(map, orbit);
    let terms = match kind {
        Bifurcation::Flip => derivatives.flip().map(Vec::from),
        Bifurcation::NeimarkSacker => derivatives.neimark_sacker().map(Vec::from),
        Bifurcation::Fold | Bifurcation::Crossing => None,
    }?;
    let (sum, size) = (terms.iter().sum::<f64>(), terms.iter().map(|term| term.abs()).sum::<f64>());
    match sum.is_finite() {
        true if sum.abs() <= ROUNDING * size => Some(0.0),
        true => Some(sum),
        false => None,
    }
}

/// Φᵖ at the first point of an orbit.
struct Derivatives<'a, M> {
    map: &'a M,
    orbit: &'a PeriodicOrbit,
    jacobian: DMatrix<f64>,
}

impl<'a, M: Map> Derivatives<'a, M> {
    fn of(map: &'a M, orbit: &'a PeriodicOrbit) -> Derivatives<'a, M> {
        let d = map.dim();
        let tangents = orbit.points().iter().map(|x| Tangent::of(map, orbit.h(), x));
        let jacobian = tangents.fold(DMatrix::identity(d, d), |product, tangent| tangent.matrix() * product);
        Derivatives { map, orbit, jacobian }
    }

    /// B(u, u) and C(u, u, u), from the powers of t in Φᵖ(x + tu).
    fn along(&self, u: &DVector<f64>) -> (DVector<f64>, DVector<f64>) {
        let d = u.len();
        let first = &self.orbit.points()[0];
        let mut x: Vec<Jet> = (0..d).map(|k| Jet::variable(0.0, 3) * u[k] + first[k]).collect();
        let mut next = x.clone();
        for _ in 0..self.orbit.period() {
            self.map.step(Jet::from(self.orbit.h()), &x, &mut next);
            std::mem::swap(&mut x, &mut next);
        }
        let of =
            |power: usize, factorial: f64| DVector::from_fn(d, |k, _| factorial * x[k].coefficient(power));
        (of(2, 2.0), of(3, 6.0))
    }

    /// B(u, v) = (B(u + v, u + v) - B(u - v, u - v))/4, on vectors of length 1.
    fn second(&self, u: &DVector<f64>, v: &DVector<f64>) -> DVector<f64> {
        let (a, b) = (u.norm(), v.norm());
        if a == 0.0 || b == 0.0 {
            return DVector::zeros(u.len());
        }
        let (u, v) = (u / a, v / b);
        (self.along(&(&u + &v)).0 - self.along(&(&u - &v)).0) * (0.25 * a * b)
    }

    /// The same of complex vectors, in which B is linear too.
    fn complex_second(&self, u: &DVector<Complex64>, v: &DVector<Complex64>) -> DVector<Complex64> {
        let (ur, ui, vr, vi) = (u.map(|x| x.re), u.map(|x| x.im), v.map(|x| x.re), v.map(|x| x.im));
        let re = self.second(&ur, &vr) - self.second(&ui, &vi);
        let im = self.second(&ur, &vi) + self.second(&ui, &vr);
        re.zip_map(&im, Complex64::new)
    }

    fn flip(&self) -> Option<[f64; 2]> {
        let d = self.jacobian.nrows();
        let identity = DMatrix::<f64>::identity(d, d);
        let parts = (&self.jacobian + &identity).svd(true, true);
        let q: DVector<f64> = parts.v_t?.row(d - 1).transpose();
        let p: DVector<f64> = parts.u?.column(d - 1).into_owned();
        let product = p.dot(&q);
        let (second, third) = self.along(&q);
        let inner = (&self.jacobian - &identity).lu().solve(&second)?;
        Some([p.dot(&third) / (6.0 * product), -0.5 * p.dot(&self.second(&q, &inner)) / product])
    }

    fn neimark_sacker(&self) -> Option<[f64; 3]> {
        let d = self.jacobian.nrows();
        let near = |m: &&Complex64| m.im > 0.0 && (m.norm() - 1.0).abs() < 1e-6;
        let multiplier = *self.orbit.multipliers().iter().find(near)?;
        let turn = multiplier / multiplier.norm();
        let matrix = self.jacobian.map(Complex64::from);
        let identity = DMatrix::<Complex64>::identity(d, d);
        let parts = (&matrix - &identity * turn).svd(true, true);
        let q: DVector<Complex64> = parts.v_t?.row(d - 1).adjoint();
        let p: DVector<Complex64> = parts.u?.column(d - 1).into_owned();
        let conjugate = q.map(|x| x.conj());
        let product = p.dotc(&q);
        // C(q, q, q̄) for q = a + ib: C(a, a, a) + C(a, b, b) + i(C(a, a, b) + C(b, b, b)).
        let (a, b) = (q.map(|x| x.re), q.map(|x| x.im));
        let cube = |u: &DVector<f64>| self.along(u).1;
        let (aaa, bbb, plus, minus) = (cube(&a), cube(&b), cube(&(&a + &b)), cube(&(&a - &b)));
        let abb = (&plus + &minus - &aaa * 2.0) / 6.0;
        let aab = (&plus - &minus - &bbb * 2.0) / 6.0;
        let third = (aaa + abb).zip_map(&(aab + bbb), Complex64::new);
        let still = (&identity - &matrix).lu().solve(&self.complex_second(&q, &conjugate))?;
        let double = (&identity * (turn * turn) - &matrix).lu().solve(&self.complex_second(&q, &q))?;
        let term = |vector: DVector<Complex64>, factor: f64| {
            0.5 * factor * (turn.conj() * p.dotc(&vector) / product).re
        };
        Some([
            term(third, 1.0),
            term(self.complex_second(&q, &still), 2.0),
            term(self.complex_second(&conjugate, &double), 1.0),
        ])
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Scalar;
    use crate::map::known::{Cubic, Logistic};

    #[test]
    fn flips_of_descents_have_their_known_coefficients() {
        // x⁴/4 - x²/2 at 1, h = 1: f'' = 2, f''' = f'''' = 6.
        let orbit = PeriodicOrbit::near(&Cubic, 1.0, &[vec![1.0]]).unwrap().unwrap();
        let found = coefficient(&Cubic, Bifurcation::Flip, &orbit).unwrap();
        assert!((found - (3.0 * 36.0 - 2.0 * 6.0) / 12.0).abs() < 1e-12, "{found}");
        // x - h(x + ax² + bx³) at 0, h = 2: f''' = 2a, f'''' = 6b, which cancel for b = 2a².
        struct Descent(f64, f64);
        impl Map for Descent {
            fn dim(&self) -> usize {
                1
            }
            fn step<S: Scalar>(&self, h: S, x: &[S], next: &mut [S]) {
                next[0] = x[0] - h * (x[0] + x[0] * x[0] * self.0 + x[0].powi(3) * self.1);
            }
        }
        for (a, b) in [(1.0, 0.0), (0.5, 1.0), (0.0, 1.0), (0.7, 2.0 * 0.7 * 0.7)] {
            let map = Descent(a, b);
            let orbit = PeriodicOrbit::near(&map, 2.0, &[vec![0.0]]).unwrap().unwrap();
            let found = coefficient(&map, Bifurcation::Flip, &orbit).unwrap();
            let expected = (3.0 * 4.0 * a * a - 6.0 * b) / 3.0;
            assert!((found - expected).abs() < 1e-12, "{a} {b}: {found} {expected}");
            let event = Event { kind: Bifurcation::Flip, orbit, after: 0, coefficient: Some(found) };
            let side = match () {
                () if b == 2.0 * a * a => None,
                () if expected > 0.0 => Some(Criticality::Supercritical),
                () => Some(Criticality::Subcritical),
            };
            assert_eq!(event.criticality(), side, "{a} {b}: {found}");
        }
    }

    #[test]
    fn coefficients_belong_to_the_orbit_and_not_to_its_coordinates() {
        // The logistic map at its first flip, beside a contraction, sheared by (u, v) ↦ (u, v + u²): the same coefficient.
        struct Sheared;
        impl Map for Sheared {
            fn dim(&self) -> usize {
                2
            }
            fn step<S: Scalar>(&self, h: S, x: &[S], next: &mut [S]) {
                let plain = x[1] - x[0] * x[0];
                let image = h * x[0] * (-x[0] + 1.0);
                next[0] = image;
                next[1] = plain * 0.3 + image * image;
            }
        }
        let fixed = 1.0 - 1.0 / 3.0;
        let alone = PeriodicOrbit::near(&Logistic, 3.0, &[vec![fixed]]).unwrap().unwrap();
        let expected = coefficient(&Logistic, Bifurcation::Flip, &alone).unwrap();
        let sheared = PeriodicOrbit::near(&Sheared, 3.0, &[vec![fixed, fixed * fixed]]).unwrap().unwrap();
        let found = coefficient(&Sheared, Bifurcation::Flip, &sheared).unwrap();
        // The critical vector is longer by the slope 2u of the shear, and has length 1 in both.
        let stretch = 1.0 + 4.0 * fixed * fixed;
        assert!((found * stretch - expected).abs() < 1e-9 * expected, "{found} {expected}");
    }
}
