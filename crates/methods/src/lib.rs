//! What a Runge–Kutta method is: an exact tableau, validated once, with everything that follows from it.
//!
//! ```
//! use shadowflow_methods::{Extent, Kind, Method};
//!
//! let rk4 = Method::named("rk4")?;
//! let tableau = rk4.tableau();
//! assert_eq!((tableau.stages(), tableau.order(), tableau.kind()), (4, 4, Kind::Explicit));
//!
//! let gauss = Method::named("gauss4")?;
//! assert_eq!(gauss.tableau().row(0)[1].to_string(), "1/4 - 1/6*sqrt(3)");
//! assert!(gauss.tableau().stability_function().is_a_stable());
//! # Ok::<(), shadowflow_methods::MethodError>(())
//! ```
//!
//! The way through this crate:
//! 1. [`Exact`]: rationals and elements of a real [`NumberField`] ℚ(θ), never floating point.
//! 2. [`Ring`] and [`Field`]: what coefficients can be besides, functions of parameters ([`RationalFunction`]) and floats
//!    ([`BigFloat`]), with plain [`Coefficients`] and [`RosenbrockCoefficients`] over any of them.
//! 3. [`Tableau`]: A, b, c, checked when built; kind, order of accuracy and field derived from them. A method whose source
//!    has only decimals is [`Tableau::approximate`] and says so by [`Tableau::digits`].
//! 4. [`Method`]: the catalogue by name with citations, [`FAMILIES`] with parameters, [`ParametricMethod`] with parameters
//!    left as symbols, tableaus from TOML files; [`RosenbrockMethod`]: the linearly implicit ones.
//! 5. [`Properties`]: stage order, order conditions tree by tree, leading error, symplectic, symmetric, stiffly accurate.
//! 6. [`StabilityFunction`]: R = P/Q with its [`LinearStability`]: intervals, discs and sectors where |R| ≤ 1, A- and
//!    L-stability, dissipation and dispersion, absolute monotonicity, decided exactly with [`Polynomial`] and given as
//!    [`Enclosure`] and [`Radius`]; [`Tableau::ssp_coefficient`], [`InternalStability`], the [`Recurrence`] of stabilised
//!    families.
//!
//! Errors are [`MethodError`] for names and files, [`TableauError`] for coefficients, [`ParseExactError`] for numbers.

mod catalogue;
mod enclosure;
mod error;
mod exact;
mod file;
mod float;
mod multivariate;
mod names;
mod order;
mod polynomial;
mod properties;
mod rational_function;
mod recurrence;
mod ring;
mod rosenbrock;
mod stability_function;
mod strong_stability;
mod tableau;

pub use catalogue::{Citation, FAMILIES, Family, Method, Parameter, ParametricMethod};
pub use enclosure::Enclosure;
pub use error::{MethodError, TableauError};
pub use exact::{Exact, NumberField, NumberFieldError, ParseExactError, Rational};
pub use float::BigFloat;
pub use multivariate::{MAX_EXPONENT, MAX_VARIABLES, MultivariatePolynomial};
pub use names::nearest;
pub use order::OrderCondition;
pub use polynomial::Polynomial;
pub use properties::Properties;
pub use rational_function::{EvaluationError, ParseFunctionError, RationalFunction};
pub use recurrence::Recurrence;
pub use ring::{Coefficients, Field, Ring, RosenbrockCoefficients};
pub use rosenbrock::RosenbrockMethod;
pub use stability_function::{
    Extent, HalfPlane, InternalStability, LeadingTerm, LinearStability, Radius, StabilityAngle,
    StabilityFunction,
};
pub use tableau::{Kind, MAX_STAGES, Tableau};
