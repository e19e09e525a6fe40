//! Optimizers by name, with parameters in parentheses.

use super::{Optimizer, OptimizerError};
use crate::error::InputError;

/// An optimizer as it is typed: parameters with what they are if not given.
struct Entry {
    name: &'static str,
    parameters: &'static [(&'static str, f64)],
    /// From values for all parameters, in their order.
    make: fn(&[f64]) -> Result<Optimizer, InputError>,
}

/// Defaults are those of the papers, except that ε stands inside the root.
const ENTRIES: &[Entry] = &[
    Entry { name: "gradient-descent", parameters: &[], make: |_| Ok(Optimizer::gradient_descent()) },
    Entry { name: "heavy-ball", parameters: &[("beta", 0.9)], make: |p| Optimizer::heavy_ball(p[0]) },
    Entry { name: "nesterov", parameters: &[("beta", 0.9)], make: |p| Optimizer::nesterov(p[0]) },
    Entry {
        name: "rmsprop",
        parameters: &[("beta", 0.9), ("epsilon", 1e-8)],
        make: |p| Optimizer::rmsprop(p[0], p[1]),
    },
    Entry {
        name: "adam",
        parameters: &[("beta1", 0.9), ("beta2", 0.999), ("epsilon", 1e-8), ("bias_correction", 0.0)],
        make: |p| {
            let adam = Optimizer::adam(p[0], p[1], p[2])?;
            match p[3] {
                0.0 => Ok(adam),
                1.0 => Ok(adam.with_bias_correction()),
                value => {
                    Err(InputError::Number { what: "bias_correction", value, expected: "0 (off) or 1 (on)" })
                }
            }
        },
    },
];

impl Optimizer {
    /// The optimizer with this name, and parameters if any: `heavy-ball`, `nesterov(beta=0.5)`,
    /// `adam(beta1=0.9,beta2=0.99,epsilon=1e-6,bias_correction=1)`. Case does not count, nor `_` for `-`.
    ///
    /// Without a parameter: beta = beta1 = 0.9, beta2 = 0.999, epsilon = 1e-8 (inside the root), bias_correction = 0.
    ///
    /// # Errors
    /// If there is no such optimizer (with the nearest names), a parameter is unknown or no number, or out of range.
    pub fn named(text: &str) -> Result<Optimizer, OptimizerError> {
        let shown = |text: &str| text.trim().chars().take(80).collect::<String>();
        let (name, arguments) = match text.trim().split_once('(') {
            None => (text.trim(), ""),
            Some((name, rest)) => match rest.strip_suffix(')') {
                Some(arguments) => (name.trim(), arguments.trim()),
                None => return Err(OptimizerError::Malformed { text: shown(text) }),
            },
        };
        let plain = name.to_lowercase().replace('_', "-");
        let Some(entry) = ENTRIES.iter().find(|entry| entry.name == plain) else {
            let nearest = shadowflow_methods::nearest(name, Optimizer::names());
            return Err(OptimizerError::Unknown { name: shown(name), nearest });
        };
        let mut values: Vec<f64> = entry.parameters.iter().map(|parameter| parameter.1).collect();
        for argument in arguments.split(',').filter(|_| !arguments.is_empty()) {
            let malformed = || OptimizerError::Malformed { text: shown(argument) };
            let (parameter, value) = argument.split_once('=').ok_or_else(malformed)?;
            let place =
                entry.parameters.iter().position(|(name, _)| *name == parameter.trim()).ok_or_else(|| {
                    OptimizerError::UnknownParameter {
                        optimizer: entry.name,
                        parameter: shown(parameter),
                        accepted: entry.parameters.iter().map(|parameter| parameter.0).collect(),
                    }
                })?;
            values[place] = number(value.trim()).ok_or_else(malformed)?;
        }
        Ok((entry.make)(&values)?)
    }

    /// The names that [`Optimizer::named`] knows.
    pub fn names() -> impl Iterator<Item = &'static str> {
        ENTRIES.iter().map(|entry| entry.name)
    }
}

/// A decimal, or a fraction of two.
fn number(text: &str) -> Option<f64> {
    match text.split_once('/') {
        None => text.parse().ok(),
        Some((above, below)) => Some(above.trim().parse::<f64>().ok()? / below.trim().parse::<f64>().ok()?),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_with_parameters_are_read_and_printed() {
        let adam = Optimizer::adam(0.5, 0.75, 0.25).unwrap();
        assert_eq!(Optimizer::named(" Adam( beta2=0.75, beta1=0.5,epsilon=0.25)"), Ok(adam));
        assert_eq!(Optimizer::named("heavy_ball"), Optimizer::named("heavy-ball(beta=0.9)"));
        assert_eq!(Optimizer::named("nesterov(beta=9/10)"), Optimizer::named("nesterov(beta=0.9)"));
        for name in Optimizer::names() {
            let optimizer = Optimizer::named(name).unwrap();
            assert!(optimizer.to_string().starts_with(name));
            assert_eq!(Optimizer::named(&optimizer.to_string()), Ok(optimizer));
        }
        let corrected = adam.with_bias_correction();
        assert_eq!(Optimizer::named(&corrected.to_string()), Ok(corrected));
    }

    #[test]
    fn what_is_wrong_is_told() {
        let message = |text: &str| Optimizer::named(text).unwrap_err().to_string();
        assert_eq!(message("adamm"), "there is no optimizer `adamm`; did you mean adam?");
        assert!(
            message("xyzzy").ends_with("there are gradient-descent, heavy-ball, nesterov, rmsprop, adam")
        );
        assert_eq!(
            message("adam(beta=0.9)"),
            "adam has no parameter `beta`; it has beta1, beta2, epsilon, bias_correction"
        );
        assert_eq!(
            message("gradient-descent(beta=0)"),
            "gradient-descent has no parameter `beta`; it has none"
        );
        for text in ["adam(beta1)", "adam(beta1=x)", "adam(beta1=0.9", "adam(,)", "adam(beta1=0.9,)"] {
            assert!(message(text).contains("name=number"), "{text}");
        }
        assert_eq!(
            message("nesterov(beta=1)"),
            "beta = 1 cannot be used; expected a number from 0 to less than 1"
        );
        assert!(message("adam(bias_correction=2)").contains("0 (off) or 1 (on)"));
    }
}
