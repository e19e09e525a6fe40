//! Families with parameters: `rk2(c2=1/3)`, `rkc(s=10,damping=0.05)`.

use super::sequences::{extrapolated_euler, extrapolated_midpoint, strong_stability_2, strong_stability_3};
use super::stabilised::{rkc, rkc2, rkg1, rkg2, rkl1, rkl2};
use super::{Citation, FOUND_HERE, Method, cite, parametric};
use crate::error::MethodError;
use crate::exact::Exact;
use crate::ring::Coefficients;
use crate::tableau::Tableau;

/// A parameter of a family.
#[derive(Clone, Copy, Debug)]
pub struct Parameter {
    /// The name, as in `c2=1/3`.
    pub name: &'static str,
    /// What it is.
    pub meaning: &'static str,
    /// The value taken when it is left out.
    pub default: Option<&'static str>,
}

/// A family of methods with parameters.
#[derive(Clone, Copy, Debug)]
pub struct Family {
    /// The name before the bracket.
    pub name: &'static str,
    /// What it is called in print.
    pub title: &'static str,
    /// Its source.
    pub citation: Citation,
    /// Its parameters.
    pub parameters: &'static [Parameter],
    /// A complete name that works.
    pub example: &'static str,
    build: fn(&[Exact]) -> Result<Tableau, Singular>,
}

/// A parameter (by position) at which the family has no method, and why.
pub(super) type Singular = (usize, &'static str);

const STAGES: Parameter = Parameter { name: "s", meaning: "number of stages", default: None };

const MEYER: &str = "A stabilized Runge–Kutta–Legendre method for explicit super-time-stepping of parabolic and mixed equations, J. Comput. Phys. 257, 594–626";
const SKARAS: &str = "Super-time-stepping schemes for parabolic equations with boundary conditions, J. Comput. Phys. 425, 109879";
const KETCHESON: &str = "Highly efficient strong stability-preserving Runge–Kutta methods with low-storage implementations, SIAM J. Sci. Comput. 30, 2113–2136";

/// Every family, in the order of the catalogue.
#[rustfmt::skip]
pub const FAMILIES: &[Family] = &[
    Family { name: "rk2", title: "all explicit methods of order 2 with 2 stages", example: "rk2(c2=1/3)",
        citation: cite("Butcher", 2008, "Numerical Methods for Ordinary Differential Equations, §231"),
        parameters: &[Parameter { name: "c2", meaning: "second node, not 0", default: None }], build: rk2 },
    Family { name: "rk3", title: "explicit methods of order 3 with 3 stages and distinct nodes", example: "rk3(c2=1/2,c3=1)",
        citation: cite("Butcher", 2008, "Numerical Methods for Ordinary Differential Equations, §233"),
        parameters: &[Parameter { name: "c2", meaning: "second node, not 0 or 2/3", default: None },
                      Parameter { name: "c3", meaning: "third node, not 0 or c2", default: None }], build: rk3 },
    Family { name: "rk4", title: "explicit methods of order 4 with 4 stages and distinct nodes", example: "rk4(c2=1/3,c3=2/3)",
        citation: cite("Hairer, Nørsett & Wanner", 1993, "Solving Ordinary Differential Equations I, §II.1"),
        parameters: &[Parameter { name: "c2", meaning: "second node, not 0, 1/2 or 1", default: None },
                      Parameter { name: "c3", meaning: "third node, not 0, 1 or c2", default: None }], build: rk4 },
    Family { name: "gradient3", title: "explicit methods of order 2 with 3 stages and gradient order 4", example: "gradient3(c2=1/6)",
        citation: cite("shadowflow", 2026, FOUND_HERE),
        parameters: &[Parameter { name: "c2", meaning: "second node, not 0, 1/3, 1/2 or 1", default: None }], build: gradient3 },
    Family { name: "theta", title: "theta method", example: "theta(theta=1/2)",
        citation: cite("Hairer & Wanner", 1996, "Solving Ordinary Differential Equations II, §IV.3"),
        parameters: &[Parameter { name: "theta", meaning: "weight of the new point: 0 explicit Euler, 1 implicit Euler", default: None }], build: theta },
    Family { name: "rkc", title: "Runge–Kutta–Chebyshev of order 1", example: "rkc(s=10,damping=0.05)",
        citation: cite("van der Houwen & Sommeijer", 1980, "On the internal stability of explicit, m-stage Runge–Kutta methods for large m-values, ZAMM 60, 479–485"),
        parameters: &[STAGES, Parameter { name: "damping", meaning: "damping ε ≥ 0", default: Some("1/20") }], build: rkc },
    Family { name: "rkc2", title: "Runge–Kutta–Chebyshev of order 2", example: "rkc2(s=10)",
        citation: cite("Sommeijer, Shampine & Verwer", 1998, "RKC: An explicit solver for parabolic PDEs, J. Comput. Appl. Math. 88, 315–326"),
        parameters: &[STAGES, Parameter { name: "damping", meaning: "damping ε ≥ 0", default: Some("2/13") }], build: rkc2 },
    Family { name: "rkl1", title: "Runge–Kutta–Legendre of order 1", example: "rkl1(s=7)",
        citation: cite("Meyer, Balsara & Aslam", 2014, MEYER), parameters: &[STAGES], build: rkl1 },
    Family { name: "rkl2", title: "Runge–Kutta–Legendre of order 2", example: "rkl2(s=7)",
        citation: cite("Meyer, Balsara & Aslam", 2014, MEYER), parameters: &[STAGES], build: rkl2 },
    Family { name: "rkg1", title: "Runge–Kutta–Gegenbauer of order 1", example: "rkg1(s=7)",
        citation: cite("Skaras, Saxton, Meyer & Aslam", 2021, SKARAS), parameters: &[STAGES], build: rkg1 },
    Family { name: "rkg2", title: "Runge–Kutta–Gegenbauer of order 2", example: "rkg2(s=7)",
        citation: cite("Skaras, Saxton, Meyer & Aslam", 2021, SKARAS), parameters: &[STAGES], build: rkg2 },
    Family { name: "ssp2", title: "optimal strong stability preserving of order 2 with s stages", example: "ssp2(s=4)",
        citation: cite("Ketcheson", 2008, KETCHESON), parameters: &[STAGES], build: strong_stability_2 },
    Family { name: "ssp3", title: "optimal strong stability preserving of order 3 with n² stages", example: "ssp3(n=3)",
        citation: cite("Ketcheson", 2008, KETCHESON),
        parameters: &[Parameter { name: "n", meaning: "square root of the number of stages", default: None }], build: strong_stability_3 },
    Family { name: "extrapolation-euler", title: "extrapolated explicit Euler of order k", example: "extrapolation-euler(k=4)",
        citation: cite("Hairer, Nørsett & Wanner", 1993, "Solving Ordinary Differential Equations I, §II.9"),
        parameters: &[Parameter { name: "k", meaning: "number of step sizes", default: None }], build: extrapolated_euler },
    Family { name: "extrapolation-midpoint", title: "extrapolated explicit midpoint rule of order 2k", example: "extrapolation-midpoint(k=3)",
        citation: cite("Gragg", 1965, "On extrapolation algorithms for ordinary initial value problems, SIAM J. Numer. Anal. 2, 384–403"),
        parameters: &[Parameter { name: "k", meaning: "number of step sizes", default: None }], build: extrapolated_midpoint },
];

impl Family {
    /// `rk2(c2)`, as it is listed.
    pub fn signature(&self) -> String {
        let names: Vec<_> = self.parameters.iter().map(|p| p.name).collect();
        format!("{}({})", self.name, names.join(","))
    }

    pub(super) fn instance(&self, arguments: &[(String, String)]) -> Result<Method, MethodError> {
        self.check_names(arguments.iter().map(|(name, _)| name.as_str()))?;
        let values =
            self.parameters.iter().map(|p| self.value(p, arguments)).collect::<Result<Vec<_>, _>>()?;
        let tableau = (self.build)(&values).map_err(|singular| self.refusal(&values, singular))?;
        let assignments: Vec<_> =
            self.parameters.iter().zip(&values).map(|(p, value)| format!("{}={value}", p.name)).collect();
        let name = format!("{}({})", self.name, assignments.join(",").replace(' ', ""));
        Ok(Method { citation: Some(self.citation), ..Method::custom(name, self.title, tableau) })
    }

    /// Refuses names that are no parameters of this family.
    pub(super) fn check_names<'a>(
        &self,
        mut names: impl Iterator<Item = &'a str>,
    ) -> Result<(), MethodError> {
        match names.find(|name| !self.parameters.iter().any(|p| p.name == *name)) {
            None => Ok(()),
            Some(unknown) => Err(MethodError::UnknownParameter {
                method: self.name.to_owned(),
                parameter: unknown.to_owned(),
                accepted: self.parameters.iter().map(|p| p.name).collect(),
            }),
        }
    }

    /// The error for values at which there is no method.
    pub(super) fn refusal(&self, values: &[impl ToString], (position, reason): Singular) -> MethodError {
        MethodError::BadParameter {
            method: self.name.to_owned(),
            parameter: self.parameters[position].name,
            value: values[position].to_string(),
            reason,
        }
    }

    fn value(&self, parameter: &Parameter, arguments: &[(String, String)]) -> Result<Exact, MethodError> {
        let given = arguments.iter().find(|(name, _)| name == parameter.name).map(|(_, text)| text.as_str());
        let Some(text) = given.or(parameter.default) else {
            return Err(MethodError::MissingParameter {
                method: self.name.to_owned(),
                parameter: parameter.name,
                example: self.example,
            });
        };
        text.parse().map_err(|source| MethodError::BadNumber { parameter: parameter.name.to_owned(), source })
    }
}

/// A base name in canonical spelling and its arguments, name by value.
type Parsed<V> = (String, Vec<(String, V)>);

/// Splits `rk2(c2=1/3)` into its base name and arguments.
pub(super) fn split(name: &str) -> Result<Parsed<String>, MethodError> {
    let (base, arguments) = split_symbolic(name)?;
    let valued = |(key, value): (String, Option<String>)| match value {
        Some(value) => Ok((key, value)),
        None => Err(bad_name(
            name,
            "a parameter is written name=value here; only series and potential take symbols",
        )),
    };
    Ok((base, arguments.into_iter().map(valued).collect::<Result<_, _>>()?))
}

/// Splits `rk3(c2,c3=1)`, where a parameter may go without a value.
pub(super) fn split_symbolic(name: &str) -> Result<Parsed<Option<String>>, MethodError> {
    let canonical = |text: &str| text.trim().to_lowercase().replace('_', "-");
    let (base, arguments) = match name.trim().split_once('(') {
        None => (canonical(name), Vec::new()),
        Some((base, rest)) => {
            let inside = rest
                .strip_suffix(')')
                .ok_or_else(|| bad_name(name, "the bracket is not closed, or something follows it"))?;
            let argument = |text: &str| match text.split_once('=') {
                Some((key, value)) => (canonical(key), Some(value.trim().to_owned())),
                None => (canonical(text), None),
            };
            let mut depth = 0;
            let between_parameters = |c: char| {
                depth += i32::from(c == '(') - i32::from(c == ')');
                c == ',' && depth == 0
            };
            let parts = inside.split(between_parameters).filter(|part| !part.trim().is_empty());
            (canonical(base), parts.map(argument).collect::<Vec<_>>())
        }
    };
    if base.is_empty() {
        return Err(bad_name(name, "it is empty"));
    }
    for (i, (key, _)) in arguments.iter().enumerate() {
        if arguments[..i].iter().any(|(earlier, _)| earlier == key) {
            return Err(bad_name(name, "a parameter is given twice"));
        }
    }
    Ok((base, arguments))
}

fn bad_name(name: &str, reason: &'static str) -> MethodError {
    MethodError::BadName { name: name.chars().take(80).collect(), reason }
}

pub(super) const SINGULAR: &str = "the order conditions have no solution there";

fn tableau(coefficients: Coefficients<Exact>) -> Result<Tableau, Singular> {
    Tableau::new(coefficients.a, coefficients.b).map_err(|_| (0, SINGULAR))
}

fn rk2(values: &[Exact]) -> Result<Tableau, Singular> {
    tableau(parametric::rk2(values)?)
}

fn rk3(values: &[Exact]) -> Result<Tableau, Singular> {
    check_one_field(values)?;
    tableau(parametric::rk3(values)?)
}

fn rk4(values: &[Exact]) -> Result<Tableau, Singular> {
    check_one_field(values)?;
    tableau(parametric::rk4(values)?)
}

fn gradient3(values: &[Exact]) -> Result<Tableau, Singular> {
    tableau(parametric::gradient3(values)?)
}

fn theta(values: &[Exact]) -> Result<Tableau, Singular> {
    tableau(parametric::theta(values)?)
}

fn check_one_field(values: &[Exact]) -> Result<(), Singular> {
    if values[0].shares_field(&values[1]) {
        Ok(())
    } else {
        Err((1, "c2 and c3 must lie in one number field"))
    }
}

/// A whole number between two bounds, both included.
pub(super) fn whole_number(value: &Exact, least: i64, most: i64) -> Option<usize> {
    let integer = value.as_rational().filter(|r| r.denominator().is_one())?;
    i64::try_from(integer.numerator().clone()).ok().filter(|n| (least..=most).contains(n)).map(|n| n as usize)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn members_have_the_order_of_their_family() {
        for (name, order) in [
            ("rk2(c2=1/3)", 2),
            ("rk2(c2=sqrt(2)/2)", 2),
            ("rk2( C2 = 2/3 )", 2),
            ("rk3(c2=1/2,c3=1)", 3),
            ("rk3(c3=3/4,c2=1/2)", 3),
            ("rk4(c2=1/3,c3=2/3)", 4),
            ("rk4(c2=sqrt(3)/6,c3=1/4)", 4),
            ("gradient3(c2=1/6)", 2),
            ("gradient3(c2=sqrt(2))", 2),
            ("theta(theta=1/2)", 2),
            ("theta(theta=1/3)", 1),
        ] {
            assert_eq!(Method::named(name).unwrap().tableau().order(), order, "{name}");
        }
        assert_eq!(
            Method::named("rk3(c2=1/2,c3=1)").unwrap().tableau().b(),
            Method::named("kutta3").unwrap().tableau().b()
        );
    }

    #[test]
    fn names_are_canonical() {
        assert_eq!(Method::named("RKC(s = 4)").unwrap().name(), "rkc(s=4,damping=1/20)");
        assert_eq!(Method::named("rk2(c2=0.25)").unwrap().name(), "rk2(c2=1/4)");
    }

    #[test]
    fn parameters_out_of_range_are_refused() {
        let fails = |name: &str| Method::named(name).unwrap_err();
        assert!(matches!(fails("rk2(c2=0)"), MethodError::BadParameter { parameter: "c2", .. }));
        assert!(matches!(fails("rk2(c3=1)"), MethodError::UnknownParameter { .. }));
        assert!(matches!(fails("rk2"), MethodError::MissingParameter { .. }));
        assert!(matches!(fails("rk2(c2=x)"), MethodError::BadNumber { .. }));
        assert!(matches!(fails("rk2(c2=1,c2=2)"), MethodError::BadName { .. }));
        assert!(matches!(fails("rk3(c2=2/3,c3=1)"), MethodError::BadParameter { parameter: "c2", .. }));
        assert!(matches!(fails("rk3(c2=1/2,c3=1/2)"), MethodError::BadParameter { .. }));
        for s in ["0", "1/2", "1000", "-3", "sqrt(2)"] {
            assert!(matches!(
                fails(&format!("rkc(s={s})")),
                MethodError::BadParameter { parameter: "s", .. }
            ));
        }
        assert!(matches!(
            fails("rkc(s=4,damping=-1)"),
            MethodError::BadParameter { parameter: "damping", .. }
        ));
    }
}
