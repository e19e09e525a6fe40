//! All facts of a stability function at once.

use crate::enclosure::Enclosure;
use crate::exact::Exact;

use super::{HalfPlane, LeadingTerm, Radius, StabilityAngle, StabilityFunction};

/// What follows from R alone, of a Runge–Kutta or a Rosenbrock method; milliseconds for most methods.
///
/// ```
/// use shadowflow_methods::{HalfPlane, Method, Radius, StabilityAngle};
/// let method = Method::named("radau-iia-3")?;
/// let facts = method.tableau().stability_function().linear_stability();
/// assert_eq!(facts.half_plane, HalfPlane::Stable);
/// assert_eq!((facts.real_exit, facts.inscribed_disc), (None, Radius::Unbounded));
/// assert!(facts.at_infinity.is_some_and(|value| value.is_zero()));
/// # Ok::<(), shadowflow_methods::MethodError>(())
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct LinearStability {
    /// [`StabilityFunction::real_exit`].
    pub real_exit: Option<Enclosure>,
    /// [`StabilityFunction::imaginary_exit`].
    pub imaginary_exit: Option<Enclosure>,
    /// [`StabilityFunction::half_plane`]: A-stability.
    pub half_plane: HalfPlane,
    /// [`StabilityFunction::stability_angle`]: A(α)-stability.
    pub stability_angle: StabilityAngle,
    /// [`StabilityFunction::inscribed_disc`].
    pub inscribed_disc: Radius,
    /// [`StabilityFunction::at_infinity`]; 0 with A-stability is L-stability.
    pub at_infinity: Option<Exact>,
    /// [`StabilityFunction::error_constant`].
    pub error_constant: LeadingTerm,
    /// [`StabilityFunction::dissipation`].
    pub dissipation: Option<LeadingTerm>,
    /// [`StabilityFunction::dispersion`].
    pub dispersion: LeadingTerm,
    /// [`StabilityFunction::absolute_monotonicity`].
    pub absolute_monotonicity: Radius,
    /// [`StabilityFunction::digits`]: all above is of coefficients known to so many.
    pub digits: Option<u32>,
}

impl StabilityFunction {
    /// All facts at once.
    pub fn linear_stability(&self) -> LinearStability {
        LinearStability {
            real_exit: self.real_exit(),
            imaginary_exit: self.imaginary_exit(),
            half_plane: self.half_plane(),
            stability_angle: self.stability_angle(),
            inscribed_disc: self.inscribed_disc(),
            at_infinity: self.at_infinity(),
            error_constant: self.error_constant(),
            dissipation: self.dissipation(),
            dispersion: self.dispersion(),
            absolute_monotonicity: self.absolute_monotonicity(),
            digits: self.digits(),
        }
    }
}
