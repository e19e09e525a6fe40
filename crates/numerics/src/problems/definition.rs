//! What each family of problems is as text, so that formulas and numbers speak of the same thing.

use shadowflow_methods::nearest;

use super::{
    Blowup, Cubic, DeepProduct, DoubleWell, HarmonicOscillator, LinearRegression, Logistic, LotkaVolterra,
    Matyas, Multiscale, Oscillator, Pendulum, Quadratic, RigidBody, Rosenbrock, ScalarFactorization,
};

/// A family of problems as text, beside its right-hand side in plain numbers.
///
/// Formulas are made of numbers, names, `+ - * / ^`, brackets and `sqrt exp log sin cos tan tanh`. Every name in one is
/// a variable or a parameter.
///
/// ```
/// use shadowflow_numerics::problems::{Definition, Given};
/// let rosenbrock = Definition::named("rosenbrock")?;
/// assert!(matches!(rosenbrock.formula, Given::Objective("(a - x)^2 + b*(y - x^2)^2")));
/// assert_eq!(rosenbrock.parameters, [("a", "1"), ("b", "100")]);
/// let mut slope = [0.0; 2];
/// (rosenbrock.field)(&[0.0, 1.0], &mut slope);
/// assert_eq!(slope, [2.0, -200.0]);
/// # Ok::<(), shadowflow_numerics::problems::UnknownProblem>(())
/// ```
#[derive(Clone, Copy, Debug)]
pub struct Definition {
    /// The name: lower-case words joined by hyphens.
    pub name: &'static str,
    /// What it is, in a few words.
    pub title: &'static str,
    /// Whom it follows.
    pub source: &'static str,
    /// The variables, in the order of the components.
    pub variables: &'static [&'static str],
    /// The parameters, each with its default as exact text, such as `1/10`.
    pub parameters: &'static [(&'static str, &'static str)],
    /// The objective or the field.
    pub formula: Given,
    /// Writes ẋ at x, with every parameter at its default: the field, or minus the gradient of the objective. Both
    /// slices have a component for each variable.
    pub field: fn(&[f64], &mut [f64]),
}

/// What a problem is given by.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Given {
    /// A function V to be minimised; its field is -∇V.
    Objective(&'static str),
    /// The components of a vector field.
    Field(&'static [&'static str]),
}

/// A name that is no family's.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("there is no problem `{name}`{}", suggestion(.nearest))]
pub struct UnknownProblem {
    /// The name given.
    pub name: String,
    /// The names nearest to it, best first; all names where none comes near.
    pub nearest: Vec<String>,
}

fn suggestion(names: &[String]) -> String {
    // `nearest` gives four at most, so that a longer list is the whole one.
    if names.len() == DEFINITIONS.len() {
        format!("; there are {}", names.join(", "))
    } else {
        format!("; did you mean {}?", names.join(" or "))
    }
}

/// Every family: objectives first, then fields.
pub static DEFINITIONS: &[Definition] = &[
    Quadratic::DEFINITION,
    ScalarFactorization::DEFINITION,
    DeepProduct::DEFINITION,
    Matyas::DEFINITION,
    Rosenbrock::DEFINITION,
    DoubleWell::DEFINITION,
    Cubic::DEFINITION,
    Multiscale::DEFINITION,
    LinearRegression::DEFINITION,
    Logistic::DEFINITION,
    LotkaVolterra::DEFINITION,
    Pendulum::DEFINITION,
    RigidBody::DEFINITION,
    Oscillator::DEFINITION,
    HarmonicOscillator::DEFINITION,
    Blowup::DEFINITION,
];

impl Definition {
    /// The family of this name.
    ///
    /// # Errors
    /// [`UnknownProblem`] with the nearest names.
    pub fn named(name: &str) -> Result<&'static Definition, UnknownProblem> {
        DEFINITIONS.iter().find(|definition| definition.name == name).ok_or_else(|| {
            let known = || DEFINITIONS.iter().map(|definition| definition.name);
            let mut nearest = nearest(name, known());
            if nearest.is_empty() {
                nearest = known().map(str::to_owned).collect();
            }
            UnknownProblem { name: name.chars().take(80).collect(), nearest }
        })
    }

    /// The formulas: one for an objective, one a component for a field.
    pub fn formulas(&self) -> &[&'static str] {
        match &self.formula {
            Given::Objective(value) => std::slice::from_ref(value),
            Given::Field(components) => components,
        }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    /// The names in a formula, functions aside.
    fn names(formula: &str) -> BTreeSet<&str> {
        formula
            .split(|c: char| !c.is_ascii_alphanumeric())
            .filter(|word| word.starts_with(|c: char| c.is_ascii_alphabetic()))
            .filter(|word| !["sqrt", "exp", "log", "sin", "cos", "tan", "tanh"].contains(word))
            .collect()
    }

    #[test]
    fn names_are_distinct_and_every_symbol_is_declared() {
        for (i, definition) in DEFINITIONS.iter().enumerate() {
            let name = definition.name;
            assert!(name.chars().all(|c| c.is_ascii_lowercase() || c == '-'), "{name}");
            assert!(DEFINITIONS[..i].iter().all(|other| other.name != name), "{name} twice");
            assert!((1..=8).contains(&definition.variables.len()), "{name}");
            assert!(!definition.title.is_empty() && !definition.source.is_empty(), "{name}");

            let used: BTreeSet<&str> = definition.formulas().iter().flat_map(|text| names(text)).collect();
            let parameters = definition.parameters.iter().map(|parameter| parameter.0);
            let declared: BTreeSet<&str> = definition.variables.iter().copied().chain(parameters).collect();
            assert_eq!(used, declared, "{name}");
            assert_eq!(declared.len(), definition.variables.len() + definition.parameters.len(), "{name}");
            assert!(!declared.contains("h"), "{name}: h is the step");
            if let Given::Field(components) = definition.formula {
                assert_eq!(components.len(), definition.variables.len(), "{name}");
            }
        }
    }

    #[test]
    fn defaults_are_exact_and_fields_are_finite() {
        for definition in DEFINITIONS {
            for (_, value) in definition.parameters {
                assert!(
                    value.parse::<shadowflow_methods::Rational>().is_ok(),
                    "{}: {value}",
                    definition.name
                );
            }
            let x: Vec<f64> = (0..definition.variables.len()).map(|i| 0.7 + 0.4 * i as f64).collect();
            let mut slope = vec![f64::NAN; x.len()];
            (definition.field)(&x, &mut slope);
            assert!(slope.iter().all(|s| s.is_finite()), "{}: {slope:?}", definition.name);
        }
    }

    #[test]
    fn an_unknown_name_is_answered_with_near_ones_or_all() {
        assert_eq!(Definition::named("double-well").unwrap().variables, ["x"]);
        let message = Definition::named("rosenbrok").unwrap_err().to_string();
        assert_eq!(message, "there is no problem `rosenbrok`; did you mean rosenbrock?");
        let message = Definition::named("xyzzy").unwrap_err().to_string();
        assert!(message.contains("there are quadratic, scalar-factorization"), "{message}");
    }
}
