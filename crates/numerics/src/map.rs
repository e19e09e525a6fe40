//! Maps with a learning rate, and their derivatives.

mod diagram;
mod iteration;
mod labels;
mod side_by_side;

pub use diagram::OrbitDiagram;
pub use iteration::Iteration;
pub use side_by_side::SideBySide;

use nalgebra::DMatrix;

use crate::error::{InputError, StepError, check_dimension, check_finite, check_step};
use crate::{Dual, Scalar};

/// A map x ↦ Φₕ(x) of a state of d numbers that depends on a learning rate h.
///
/// For implementers: give `dim` and `step`, which takes any [`Scalar`]; derivatives with respect to x and h follow. Orbits,
/// periodic orbits, their continuation in h and Lyapunov exponents ask for no more. [`Iteration`] is a method or an optimizer on
/// any objective or field.
///
/// ```
/// use shadowflow_numerics::{Map, Scalar, Tangent};
///
/// /// The logistic map x ↦ hx(1 - x).
/// struct Logistic;
/// impl Map for Logistic {
///     fn dim(&self) -> usize {
///         1
///     }
///     fn step<S: Scalar>(&self, h: S, x: &[S], next: &mut [S]) {
///         next[0] = h * x[0] * (-x[0] + 1.0);
///     }
/// }
/// let tangent = Tangent::at(&Logistic, 4.0, &[0.25])?;
/// assert_eq!((tangent.image(), tangent.jacobian(), tangent.by_h()), (&[0.75][..], &[2.0][..], &[0.1875][..]));
/// # Ok::<(), shadowflow_numerics::StepError>(())
/// ```
pub trait Map: Sync {
    /// The number of variables d of the state.
    fn dim(&self) -> usize;

    /// Writes Φₕ(x) to `next`; NaN where there is no image.
    fn step<S: Scalar>(&self, h: S, x: &[S], next: &mut [S]);

    /// Whether `step` is a formula all through, so that intervals enclose its images; false where it solves equations or asks
    /// a number for its [`Scalar::leading`] part.
    fn is_formula(&self) -> bool {
        true
    }
}

impl<M: Map> Map for &M {
    fn dim(&self) -> usize {
        (**self).dim()
    }

    fn step<S: Scalar>(&self, h: S, x: &[S], next: &mut [S]) {
        (**self).step(h, x, next);
    }

    fn is_formula(&self) -> bool {
        (**self).is_formula()
    }
}

/// The derivatives of a map at a point, exact up to rounding.
#[derive(Clone, Debug, PartialEq)]
pub struct Tangent {
    image: Vec<f64>,
    jacobian: Vec<f64>,
    by_h: Vec<f64>,
}

impl Tangent {
    /// At the point `x` for the learning rate `h`: d + 1 passes through the map.
    ///
    /// # Errors
    /// If h is not positive and finite, the point has another dimension than the map, or is not finite, or an entry is not.
    pub fn at<M: Map>(map: &M, h: f64, x: &[f64]) -> Result<Tangent, StepError> {
        check_step(h)?;
        check_dimension("the point", map.dim(), x)?;
        check_finite("the point", x)?;
        let found = Tangent::of(map, h, x);
        let entries = found.image.iter().chain(&found.jacobian).chain(&found.by_h);
        if entries.copied().all(f64::is_finite) {
            Ok(found)
        } else {
            Err(StepError::NotFinite { h, at: x.to_vec() })
        }
    }

    /// The same without checks; entries may not be finite.
    pub(crate) fn of<M: Map>(map: &M, h: f64, x: &[f64]) -> Tangent {
        let d = x.len();
        let mut point: Vec<Dual<f64>> = x.iter().map(|&x| Dual::from(x)).collect();
        let mut next = vec![Dual::from(0.0); d];
        let (mut jacobian, mut by_h) = (vec![0.0; d * d], vec![0.0; d]);
        map.step(Dual { value: h, slope: 1.0 }, &point, &mut next);
        for (by_h, next) in by_h.iter_mut().zip(&next) {
            *by_h = next.slope;
        }
        let image = next.iter().map(|next| next.value).collect();
        for column in 0..d {
            point[column].slope = 1.0;
            map.step(Dual::from(h), &point, &mut next);
            point[column].slope = 0.0;
            for (row, next) in next.iter().enumerate() {
                jacobian[row * d + column] = next.slope;
            }
        }
        Tangent { image, jacobian, by_h }
    }

    /// Φ(x).
    pub fn image(&self) -> &[f64] {
        &self.image
    }

    /// DΦ(x), row by row, d·d numbers.
    pub fn jacobian(&self) -> &[f64] {
        &self.jacobian
    }

    /// ∂Φ/∂h.
    pub fn by_h(&self) -> &[f64] {
        &self.by_h
    }

    pub(crate) fn matrix(&self) -> DMatrix<f64> {
        DMatrix::from_row_slice(self.image.len(), self.image.len(), &self.jacobian)
    }
}

/// Checks what an analysis of a map begins with.
pub(crate) fn check_map<M: Map>(map: &M, h: f64, x: &[f64]) -> Result<(), InputError> {
    check_step(h)?;
    crate::error::check_field(map.dim())?;
    check_dimension("the point", map.dim(), x)?;
    check_finite("the point", x)
}

/// Maps with known dynamics, for tests.
#[cfg(test)]
pub(crate) mod known {
    use super::*;

    /// hx(1 - x).
    pub(crate) struct Logistic;

    impl Map for Logistic {
        fn dim(&self) -> usize {
            1
        }
        fn step<S: Scalar>(&self, h: S, x: &[S], next: &mut [S]) {
            next[0] = h * x[0] * (-x[0] + 1.0);
        }
    }

    /// Gradient descent on x⁴/4 - x²/2.
    pub(crate) struct Cubic;

    impl Map for Cubic {
        fn dim(&self) -> usize {
            1
        }
        fn step<S: Scalar>(&self, h: S, x: &[S], next: &mut [S]) {
            next[0] = x[0] * (h + 1.0 - h * x[0] * x[0]);
        }
    }
}
