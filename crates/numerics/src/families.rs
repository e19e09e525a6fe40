//! Maps in one and two variables, with the shortest forms they have.

use std::array::from_fn;

use crate::error::check_order;
use crate::{Family, InputError, NormalForm, Objective, Scalar};

/// The logistic map x ↦ rx(1 - x) (May 1976), its parameter r.
///
/// With x = 1/2 - z/r it is z ↦ z² + r/2 - r²/4, one multiplication and addition.
///
/// ```
/// use shadowflow_numerics::{Family, families::Logistic};
/// assert_eq!(Logistic.step(&[4.0], &[0.25]), [0.75]);
/// ```
#[derive(Clone, Copy, Debug, Default)]
pub struct Logistic;

impl Family<1, 1> for Logistic {
    #[inline(always)]
    fn step<S: Scalar>(&self, &[r]: &[S; 1], &[x]: &[S; 1]) -> [S; 1] {
        let slope = r * x;
        [(-slope).mul_add(x, slope)]
    }

    fn normal_form(&self, &[r]: &[f64; 1]) -> Option<NormalForm<1, 1>> {
        (r != 0.0).then(|| NormalForm {
            parameters: [0.25 * r * (2.0 - r)],
            scale: [-1.0 / r],
            offset: [0.5],
        })
    }

    #[inline(always)]
    fn normal_step<S: Scalar>(&self, &[c]: &[S; 1], &[z]: &[S; 1]) -> [S; 1] {
        [z.mul_add(z, c)]
    }
}

/// Gradient descent on (1 - x²)²/4: x ↦ x(1 + h - hx²), its parameter the learning rate h.
///
/// ```
/// use shadowflow_numerics::{Family, families::Cubic};
/// assert_eq!(Cubic.step(&[0.5], &[2.0]), [-1.0]);
/// ```
#[derive(Clone, Copy, Debug, Default)]
pub struct Cubic;

impl Family<1, 1> for Cubic {
    #[inline(always)]
    fn step<S: Scalar>(&self, &[h]: &[S; 1], &[x]: &[S; 1]) -> [S; 1] {
        [x * (-h).mul_add(x * x, h + 1.0)]
    }

    fn normal_form(&self, &[h]: &[f64; 1]) -> Option<NormalForm<1, 1>> {
        let scale = unit(h)?;
        Some(NormalForm { parameters: [1.0 + h], scale: [scale], offset: [0.0] })
    }

    #[inline(always)]
    fn normal_step<S: Scalar>(&self, &[b]: &[S; 1], &[y]: &[S; 1]) -> [S; 1] {
        [y * (-y).mul_add(y, b)]
    }
}

/// Gradient descent on the tilted double well (1 - x²)²/4 + cx: x ↦ x - h(x³ - x + c), its parameters h and c.
///
/// ```
/// use shadowflow_numerics::{Family, families::TiltedWell};
/// assert_eq!(TiltedWell.step(&[0.5, 1.0], &[2.0]), [-1.5]);
/// ```
#[derive(Clone, Copy, Debug, Default)]
pub struct TiltedWell;

impl Family<1, 2> for TiltedWell {
    #[inline(always)]
    fn step<S: Scalar>(&self, &[h, c]: &[S; 2], &[x]: &[S; 1]) -> [S; 1] {
        [(-h).mul_add((x * x).mul_add(x, c - x), x)]
    }

    fn normal_form(&self, &[h, c]: &[f64; 2]) -> Option<NormalForm<1, 2>> {
        let scale = unit(h)?;
        Some(NormalForm { parameters: [1.0 + h, h * c / scale], scale: [scale], offset: [0.0] })
    }

    #[inline(always)]
    fn normal_step<S: Scalar>(&self, &[b, k]: &[S; 2], &[y]: &[S; 1]) -> [S; 1] {
        [y.mul_add((-y).mul_add(y, b), -k)]
    }

    /// The derivative b - 3y² is 3(b - y²) - 2b, with b - y² at hand.
    #[inline(always)]
    fn normal_tangent<S: Scalar>(
        &self,
        &[b, k]: &[S; 2],
        &[y]: &[S; 1],
        &[along]: &[S; 1],
    ) -> ([S; 1], [S; 1]) {
        let rest = (-y).mul_add(y, b);
        ([y.mul_add(rest, -k)], [along * rest.mul_add(S::from(3.0), b * -2.0)])
    }
}

/// Gradient descent on (μ - xy)²/2: (x, y) ↦ (x + h(μ - xy)y, y + h(μ - xy)x), its parameters h and μ.
///
/// ```
/// use shadowflow_numerics::{Family, families::Factorization};
/// assert_eq!(Factorization.step(&[0.5, 1.0], &[2.0, 1.0]), [1.5, 0.0]);
/// ```
#[derive(Clone, Copy, Debug, Default)]
pub struct Factorization;

impl Family<2, 2> for Factorization {
    #[inline(always)]
    fn step<S: Scalar>(&self, &[h, target]: &[S; 2], &[x, y]: &[S; 2]) -> [S; 2] {
        let residual = h * (-x).mul_add(y, target);
        [residual.mul_add(y, x), residual.mul_add(x, y)]
    }

    fn normal_form(&self, &[h, target]: &[f64; 2]) -> Option<NormalForm<2, 2>> {
        let scale = unit(h)?;
        Some(NormalForm { parameters: [h * target, 0.0], scale: [scale; 2], offset: [0.0; 2] })
    }

    #[inline(always)]
    fn normal_step<S: Scalar>(&self, &[target, _]: &[S; 2], &[x, y]: &[S; 2]) -> [S; 2] {
        let residual = (-x).mul_add(y, target);
        [residual.mul_add(y, x), residual.mul_add(x, y)]
    }
}

/// 1/√h, the unit that takes h out of descent on a quartic; at h = 0 one so large that the map is the identity.
fn unit(h: f64) -> Option<f64> {
    (h >= 0.0).then(|| 1.0 / h.max(1e-300).sqrt())
}

/// Gradient descent x ↦ x - h∇V(x) on any objective of D variables, its parameter h.
///
/// ```
/// use shadowflow_numerics::{Family, families::Descend, problems::Quadratic};
/// let descend = Descend::new(Quadratic::new(&[1.0, 2.0]))?;
/// assert_eq!(descend.step(&[0.25], &[4.0, 2.0]), [3.0, 1.0]);
/// # Ok::<(), shadowflow_numerics::InputError>(())
/// ```
#[derive(Clone, Copy, Debug)]
pub struct Descend<V, const D: usize>(V);

impl<V: Objective, const D: usize> Descend<V, D> {
    /// On this objective.
    ///
    /// # Errors
    /// If it does not have D variables.
    pub fn new(objective: V) -> Result<Descend<V, D>, InputError> {
        check_order("the number of variables", objective.variables(), D, D)?;
        Ok(Descend(objective))
    }
}

impl<V: Objective + Sync, const D: usize> Family<D, 1> for Descend<V, D> {
    #[inline(always)]
    fn step<S: Scalar>(&self, &[h]: &[S; 1], x: &[S; D]) -> [S; D] {
        let mut gradient = [S::from(0.0); D];
        self.0.gradient(x, &mut gradient);
        from_fn(|k| (-h).mul_add(gradient[k], x[k]))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::family::{Normal, Plain, Stepping};
    use crate::problems::ScalarFactorization;
    use proptest::prelude::*;

    /// A step in the normal form is the step, and so is what it does to a vector.
    fn conjugate<F: Family<D, P>, const D: usize, const P: usize>(
        family: &F,
        parameters: [f64; P],
        x: [f64; D],
        along: [f64; D],
    ) -> Result<(), TestCaseError> {
        let (expected, pushed) = Plain(family).tangent(&parameters, &x, &along);
        prop_assert_eq!(expected, family.step(&parameters, &x));
        let form = family.normal_form(&parameters).unwrap();
        let y = from_fn(|k| (x[k] - form.offset[k]) / form.scale[k]);
        let carried = from_fn(|k| along[k] / form.scale[k]);
        let (found, tangent) = Normal(family).tangent(&form.parameters, &y, &carried);
        prop_assert_eq!(found, family.normal_step(&form.parameters, &y));
        for k in 0..D {
            let (found, tangent) = (form.offset[k] + form.scale[k] * found[k], form.scale[k] * tangent[k]);
            // Some operations on numbers below 10³.
            prop_assert!((found - expected[k]).abs() < 1e-11, "{} {}", found, expected[k]);
            prop_assert!((tangent - pushed[k]).abs() < 1e-11, "{} {}", tangent, pushed[k]);
        }
        Ok(())
    }

    proptest! {
        #[test]
        fn normal_forms_are_conjugate(h in 0.01..3.0f64, c in -2.0..2.0f64, x in -3.0..3.0f64, y in -3.0..3.0f64, p in -1.0..1.0f64) {
            conjugate(&Logistic, [h + 1.0], [x], [p])?;
            conjugate(&Logistic, [-h], [x], [p])?;
            conjugate(&Cubic, [h], [x], [p])?;
            conjugate(&TiltedWell, [h, c], [x], [p])?;
            conjugate(&Factorization, [h, c], [x, y], [p, 1.0 - p])?;
        }

        #[test]
        fn they_are_gradient_descent(h in 0.01..3.0f64, c in -2.0..2.0f64, x in -3.0..3.0f64, y in -3.0..3.0f64) {
            let [found] = Cubic.step(&[h], &[x]);
            prop_assert!((found - (x - h * (x * x * x - x))).abs() < 1e-12);
            let [tilted] = TiltedWell.step(&[h, c], &[x]);
            prop_assert!((tilted - (found - h * c)).abs() < 1e-12);
            let descend = Descend::<_, 2>::new(ScalarFactorization { target: c }).unwrap();
            let (found, expected) = (Factorization.step(&[h, c], &[x, y]), descend.step(&[h], &[x, y]));
            prop_assert!((found[0] - expected[0]).abs() < 1e-12 && (found[1] - expected[1]).abs() < 1e-12);
        }
    }

    #[test]
    fn without_a_step_nothing_moves() {
        let form = Cubic.normal_form(&[0.0]).unwrap();
        let y = 0.3 / form.scale[0];
        assert_eq!(Cubic.normal_step(&form.parameters, &[y]), [y]);
        assert!(
            Cubic.normal_form(&[-0.1]).is_none() && Factorization.normal_form(&[f64::NAN, 1.0]).is_none()
        );
        assert!(Logistic.normal_form(&[0.0]).is_none());
    }

    #[test]
    fn objectives_have_their_number_of_variables() {
        assert!(Descend::<_, 3>::new(ScalarFactorization::default()).is_err());
    }
}
