//! What can go wrong, with the numbers.

/// An argument that cannot be used.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
pub enum InputError {
    /// A step or learning rate that is zero, negative, infinite or NaN.
    #[error("the step h = {h} cannot be used; give a positive, finite number")]
    Step {
        /// The step given.
        h: f64,
    },
    /// A field without components.
    #[error("the field has dimension 0; it needs at least one variable")]
    NoVariables,
    /// A vector of the wrong length.
    #[error("{what} has {found} components, expected {expected}")]
    Dimension {
        /// The vector.
        what: &'static str,
        /// The dimension of the problem.
        expected: usize,
        /// The length given.
        found: usize,
    },
    /// A matrix of the wrong height.
    #[error("{what} has {found} rows, expected {expected}")]
    Rows {
        /// The matrix.
        what: &'static str,
        /// The number of rows that conforms.
        expected: usize,
        /// The number given.
        found: usize,
    },
    /// A vector with an infinite or NaN component.
    #[error("component {index} of {what} is {value}; every component must be a finite number")]
    NotFinite {
        /// The vector.
        what: &'static str,
        /// The component, counted from 1.
        index: usize,
        /// Its value.
        value: f64,
    },
    /// A point where a field cannot be expanded.
    #[error("the field or one of its derivatives is undefined or infinite at {at:?}")]
    Undefined {
        /// The point.
        at: Vec<f64>,
    },
    /// A truncation order, or a number of differences, out of reach.
    #[error("{what} {found} is out of range; {least} to {most} are possible")]
    Order {
        /// What is counted.
        what: &'static str,
        /// The number given.
        found: usize,
        /// The smallest accepted.
        least: usize,
        /// The largest accepted.
        most: usize,
    },
    /// An objective without Gibbs' law.
    #[error(
        "exp(-f/T) with T = {temperature} is not the density of a law: f does not rise by 40 T = {rise:.3} above its \
         minimum on both sides within |x| <= 1e9; an objective that is bounded below and grows in both directions is \
         accepted"
    )]
    NotConfining {
        /// The temperature T.
        temperature: f64,
        /// 40T.
        rise: f64,
    },
    /// A number outside its domain.
    #[error("{what} = {value} cannot be used; expected {expected}")]
    Number {
        /// What it is.
        what: &'static str,
        /// The value given.
        value: f64,
        /// What would be accepted.
        expected: &'static str,
    },
}

/// Why a step of a method could not be taken.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
pub enum StepError {
    /// The step or the point cannot be used.
    #[error(transparent)]
    Input(#[from] InputError),
    /// The result, or a stage on the way to it, overflowed or is undefined.
    #[error("the step h = {h} from {at:?} leads to infinite or undefined values")]
    NotFinite {
        /// The step.
        h: f64,
        /// The point it started from.
        at: Vec<f64>,
    },
    /// The stage equations of an implicit method could not be solved.
    #[error(
        "the implicit stages of the step h = {h} from {at:?} were not found: \
         after {iterations} Newton iterations a residual of {residual:e} remains; a smaller h may help"
    )]
    NewtonFailed {
        /// The step.
        h: f64,
        /// The iterations spent.
        iterations: u32,
        /// The largest component of the stage residual.
        residual: f64,
        /// The point the step started from.
        at: Vec<f64>,
    },
}

/// Rejects steps that are not positive and finite.
pub(crate) fn check_step(h: f64) -> Result<(), InputError> {
    if h > 0.0 && h.is_finite() { Ok(()) } else { Err(InputError::Step { h }) }
}

/// Rejects fields of dimension 0.
/// Rejects what is not positive and finite.
pub(crate) fn check_positive(what: &'static str, value: f64) -> Result<(), InputError> {
    if value > 0.0 && value.is_finite() {
        return Ok(());
    }
    Err(InputError::Number { what, value, expected: "a positive, finite number" })
}

/// Rejects negative numbers and those that are not finite.
pub(crate) fn check_least(what: &'static str, value: f64) -> Result<(), InputError> {
    if value >= 0.0 && value.is_finite() {
        return Ok(());
    }
    Err(InputError::Number { what, value, expected: "a finite number, 0 or more" })
}

pub(crate) fn check_field(dim: usize) -> Result<usize, InputError> {
    if dim > 0 { Ok(dim) } else { Err(InputError::NoVariables) }
}

/// Rejects vectors of the wrong length.
pub(crate) fn check_dimension(what: &'static str, expected: usize, x: &[f64]) -> Result<(), InputError> {
    match x.len() {
        found if found == expected => Ok(()),
        found => Err(InputError::Dimension { what, expected, found }),
    }
}

/// Rejects vectors with infinite or NaN components.
pub(crate) fn check_finite(what: &'static str, x: &[f64]) -> Result<(), InputError> {
    match x.iter().position(|value| !value.is_finite()) {
        None => Ok(()),
        Some(index) => Err(InputError::NotFinite { what, index: index + 1, value: x[index] }),
    }
}

/// Rejects counts outside `least..=most`.
pub(crate) fn check_order(
    what: &'static str,
    found: usize,
    least: usize,
    most: usize,
) -> Result<(), InputError> {
    if (least..=most).contains(&found) { Ok(()) } else { Err(InputError::Order { what, found, least, most }) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn steps_are_positive_and_finite() {
        assert_eq!(check_step(1e-300), Ok(()));
        for h in [0.0, -0.0, -1.0, f64::INFINITY] {
            assert_eq!(check_step(h), Err(InputError::Step { h }));
        }
        assert!(check_step(f64::NAN).is_err());
    }

    #[test]
    fn messages_name_the_argument_and_what_would_be_accepted() {
        let message = check_finite("the start", &[1.0, f64::INFINITY]).unwrap_err().to_string();
        assert_eq!(message, "component 2 of the start is inf; every component must be a finite number");
        let message = check_order("the truncation order", 40, 0, 14).unwrap_err().to_string();
        assert_eq!(message, "the truncation order 40 is out of range; 0 to 14 are possible");
        let message = check_dimension("the start", 2, &[0.0]).unwrap_err().to_string();
        assert_eq!(message, "the start has 1 components, expected 2");
    }
}
