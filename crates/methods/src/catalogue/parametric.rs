//! Families whose parameters may stay symbols: `rk2(c2)`, `rk3(c2,c3=1)`.
//!
//! One function over any [`Field`] builds a family, for numbers and for [`RationalFunction`]s alike.

use super::families::{self, FAMILIES, Family, Singular};
use crate::error::MethodError;
use crate::names::nearest;
use crate::rational_function::RationalFunction;
use crate::ring::{Coefficients, Field};

/// A member of a family with some parameters left as symbols.
///
/// ```
/// use shadowflow_methods::ParametricMethod;
/// let method = ParametricMethod::named("rk3(c2,c3=1)")?;
/// assert_eq!((method.name(), method.symbols()), ("rk3(c2,c3=1)", &["c2"][..]));
/// assert_eq!(method.coefficients().b[2].to_string(), "(3*c2 - 2)/(6*c2 - 6)");
/// # Ok::<(), shadowflow_methods::MethodError>(())
/// ```
#[derive(Clone, Debug)]
pub struct ParametricMethod {
    name: String,
    family: &'static Family,
    symbols: Vec<&'static str>,
    coefficients: Coefficients<RationalFunction>,
}

type Build = fn(&[RationalFunction]) -> Result<Coefficients<RationalFunction>, Singular>;

/// The families that can be built from symbols.
const SYMBOLIC: &[(&str, Build)] =
    &[("rk2", rk2), ("rk3", rk3), ("rk4", rk4), ("gradient3", gradient3), ("theta", theta)];

fn family(name: &str) -> Option<(&'static Family, Build)> {
    let &(_, build) = SYMBOLIC.iter().find(|(symbolic, _)| *symbolic == name)?;
    Some((FAMILIES.iter().find(|family| family.name == name)?, build))
}

impl ParametricMethod {
    /// The member of a family: parameters left out or written without a value stay symbols, and the others may be rational
    /// numbers or functions of the symbols, as in `rk3(c2,c3=1-c2)`.
    ///
    /// # Errors
    /// If there is no such family or parameter, a value cannot be read, or no method exists there.
    pub fn named(name: &str) -> Result<ParametricMethod, MethodError> {
        let (base, arguments) = families::split_symbolic(name)?;
        let Some((family, build)) = family(&base) else {
            return Err(match super::is_known(&base) {
                true => MethodError::NoSymbols {
                    method: base,
                    families: SYMBOLIC.iter().map(|(n, _)| *n).collect(),
                },
                false => MethodError::Unknown {
                    name: name.trim().chars().take(80).collect(),
                    nearest: nearest(&base, super::known_names()),
                },
            });
        };
        family.check_names(arguments.iter().map(|(name, _)| name.as_str()))?;
        let (mut values, mut assignments) = (Vec::new(), Vec::new());
        for parameter in family.parameters {
            let given = arguments.iter().find(|(name, _)| name == parameter.name);
            let text = given.and_then(|(_, value)| value.as_deref()).unwrap_or(parameter.name);
            let parsed: RationalFunction = text.parse().map_err(|source| MethodError::BadFunction {
                parameter: parameter.name.to_owned(),
                source,
            })?;
            family.check_names(parsed.parameters().into_iter())?;
            let text = parsed.to_string().replace(' ', "");
            let is_symbol = text == parameter.name;
            assignments.push(if is_symbol { text } else { format!("{}={text}", parameter.name) });
            values.push(parsed);
        }
        let coefficients = build(&values).map_err(|singular| family.refusal(&values, singular))?;
        let occurs = |name: &str| values.iter().any(|value| value.parameters().contains(&name));
        let symbols = family.parameters.iter().map(|p| p.name).filter(|name| occurs(name)).collect();
        let name = format!("{}({})", family.name, assignments.join(","));
        Ok(ParametricMethod { name, family, symbols, coefficients })
    }

    /// Whether a name leaves a parameter of such a family open, so that it means no single method.
    pub fn leaves_symbols(name: &str) -> bool {
        families::split_symbolic(name).is_ok_and(|(base, arguments)| {
            let is_number = |value: &String| {
                value.parse::<RationalFunction>().map_or(true, |value| value.parameters().is_empty())
            };
            let fixed = |parameter: &str| {
                arguments
                    .iter()
                    .any(|(name, value)| name == parameter && value.as_ref().is_some_and(is_number))
            };
            let bare =
                arguments.iter().any(|(_, value)| value.as_ref().is_none_or(|value| !is_number(value)));
            match family(&base) {
                // `rk4` alone is a method.
                Some(_) if arguments.is_empty() && super::fixed(&base).is_some() => false,
                Some((family, _)) => bare || !family.parameters.iter().all(|p| fixed(p.name)),
                // Left to `named`, which explains what can be a symbol.
                None => bare && super::is_known(&base),
            }
        })
    }

    /// The name, `rk3(c2,c3=1)`.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The family.
    pub fn family(&self) -> &'static Family {
        self.family
    }

    /// The parameters that are still symbols, in the order of the family.
    pub fn symbols(&self) -> &[&'static str] {
        &self.symbols
    }

    /// A and b as functions of the symbols.
    pub fn coefficients(&self) -> &Coefficients<RationalFunction> {
        &self.coefficients
    }
}

const SINGULAR: &str = "the order conditions have no solution there";

pub(super) fn rk2<F: Field>(values: &[F]) -> Result<Coefficients<F>, Singular> {
    let c2 = &values[0];
    let b2 = c2.plus(c2).reciprocal().ok_or((0, SINGULAR))?;
    let a = vec![vec![F::zero(), F::zero()], vec![c2.clone(), F::zero()]];
    Ok(Coefficients { a, b: vec![F::one().minus(&b2), b2] })
}

pub(super) fn rk3<F: Field>(values: &[F]) -> Result<Coefficients<F>, Singular> {
    let (c2, c3) = (&values[0], &values[1]);
    let (two, three, six) = (F::ratio(2, 1), F::ratio(3, 1), F::ratio(6, 1));
    let weight =
        |own: &F, other: &F| two.minus(&three.times(other)).over(&six.times(own).times(&own.minus(other)));
    let b2 = weight(c2, c3).ok_or((0, "c2 must differ from 0 and c3"))?;
    let b3 = weight(c3, c2).ok_or((1, "c3 must differ from 0 and c2"))?;
    let a32 = six.times(&b3).times(c2).reciprocal().ok_or((0, "b3 vanishes at c2 = 2/3"))?;
    let zero = F::zero;
    let a = vec![
        vec![zero(), zero(), zero()],
        vec![c2.clone(), zero(), zero()],
        vec![c3.minus(&a32), a32, zero()],
    ];
    Ok(Coefficients { a, b: vec![F::one().minus(&b2).minus(&b3), b2, b3] })
}

/// Quadrature of order 4 on the nodes 0, c₂, c₃, 1, then Σ bᵢaᵢⱼ = bⱼ(1 - cⱼ) and Σ bᵢcᵢaᵢⱼcⱼ = 1/8
/// (Hairer, Nørsett & Wanner 1993, §II.1).
pub(super) fn rk4<F: Field>(values: &[F]) -> Result<Coefficients<F>, Singular> {
    let (c2, c3, one) = (&values[0], &values[1], F::one());
    let number = |n: i64| F::ratio(n, 1);
    let to_end = |c: &F| one.minus(c);
    // ∫ x(x - other)(x - 1) over [0, 1] is (2·other - 1)/12, over its value at `own`.
    let weight = |own: &F, other: &F| {
        let area = number(2).times(other).minus(&one);
        area.over(&number(12).times(own).times(&own.minus(other)).times(&own.minus(&one)))
    };
    let b2 = weight(c2, c3).ok_or((0, "c2 must differ from 0, 1 and c3"))?;
    let b3 = weight(c3, c2).ok_or((1, "c3 must differ from 0, 1 and c2"))?;
    // Σ bc = 1/2
    let b4 = F::ratio(1, 2).minus(&b2.times(c2)).minus(&b3.times(c3));
    let b1 = one.minus(&b2).minus(&b3).minus(&b4);
    let a32 = number(24)
        .times(&b3)
        .times(c2)
        .times(&to_end(c3))
        .reciprocal()
        .ok_or((0, "b3 vanishes at c2 = 1/2"))?;
    let last = |weighted: F| weighted.over(&b4).ok_or((1, "b4 vanishes there"));
    let a42 = last(b2.times(&to_end(c2)).minus(&b3.times(&a32)))?;
    let a43 = last(b3.times(&to_end(c3)))?;
    let zero = F::zero;
    let a = vec![
        vec![zero(), zero(), zero(), zero()],
        vec![c2.clone(), zero(), zero(), zero()],
        vec![c3.minus(&a32), a32, zero(), zero()],
        vec![one.minus(&a42).minus(&a43), a42, a43, zero()],
    ];
    Ok(Coefficients { a, b: vec![b1, b2, b3, b4] })
}

/// The nodes lie on 6c₂c₃ - 2c₂ - 2c₃ + 1 = 0; b₂ and b₃ follow from Σbc = 1/2 and from the star of four vertices,
/// a₃₂ from Σ bᵢaᵢⱼcⱼ - Σ bᵢcᵢ² = -1/6.
pub(super) fn gradient3<F: Field>(values: &[F]) -> Result<Coefficients<F>, Singular> {
    let (c2, one) = (&values[0], F::one());
    let number = |n: i64| F::ratio(n, 1);
    let twice = number(2).times(c2);
    let slope = number(3).times(&twice).minus(&number(2));
    let c3 = twice.minus(&one).over(&slope).ok_or((0, "c3 is infinite at c2 = 1/3"))?;
    let pole = number(6).times(&c3).times(&c3).times(&c2.minus(&c3));
    let b3 = c2.minus(&one).over(&pole).ok_or((0, "c3 vanishes at c2 = 1/2"))?;
    let b2 = F::ratio(1, 2).minus(&b3.times(&c3)).over(c2).ok_or((0, "c2 must not be 0"))?;
    let tall = b2.times(c2).times(c2).plus(&b3.times(&c3).times(&c3)).minus(&F::ratio(1, 6));
    let a32 = tall.over(&b3.times(c2)).ok_or((0, "b3 vanishes at c2 = 1"))?;
    let zero = F::zero;
    let a = vec![
        vec![zero(), zero(), zero()],
        vec![c2.clone(), zero(), zero()],
        vec![c3.minus(&a32), a32, zero()],
    ];
    Ok(Coefficients { a, b: vec![one.minus(&b2).minus(&b3), b2, b3] })
}

pub(super) fn theta<F: Field>(values: &[F]) -> Result<Coefficients<F>, Singular> {
    let theta = &values[0];
    let weights = vec![F::one().minus(theta), theta.clone()];
    Ok(Coefficients { a: vec![vec![F::zero(), F::zero()], weights.clone()], b: weights })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::catalogue::Method;
    use crate::exact::Exact;

    #[test]
    fn symbols_and_numbers_meet() {
        // Putting a number for the symbol gives the method with that number.
        let at = [("c2", Exact::ratio(2, 5)), ("c3", Exact::ratio(3, 4)), ("theta", Exact::ratio(1, 3))];
        for (symbolic, numeric) in [
            ("rk2(c2)", "rk2(c2=2/5)"),
            ("rk3", "rk3(c2=2/5,c3=3/4)"),
            ("rk3(c2,c3=1)", "rk3(c2=2/5,c3=1)"),
            ("rk3(c3=2*c2)", "rk3(c2=2/5,c3=4/5)"),
            ("rk4(c2,c3)", "rk4(c2=2/5,c3=3/4)"),
            ("gradient3(c2)", "gradient3(c2=2/5)"),
            ("theta(theta)", "theta(theta=1/3)"),
        ] {
            let method = ParametricMethod::named(symbolic).unwrap();
            let values = method.coefficients().map(|entry| entry.evaluate(&at).unwrap());
            assert_eq!(values, Method::named(numeric).unwrap().tableau().coefficients(), "{symbolic}");
        }
    }

    #[test]
    fn names_say_what_is_open() {
        assert_eq!(ParametricMethod::named("RK3").unwrap().name(), "rk3(c2,c3)");
        assert_eq!(ParametricMethod::named("rk3(c3=1/2 + 1/2)").unwrap().name(), "rk3(c2,c3=1)");
        assert!(ParametricMethod::named("rk2(c2=1/3)").unwrap().symbols().is_empty());
        for (name, open) in [
            ("rk2", true),
            ("rk2(c2)", true),
            ("rk3(c2=1)", true),
            ("rk2(c2=1/3)", false),
            ("rk4", false),
            ("no(x)", false),
        ] {
            assert_eq!(ParametricMethod::leaves_symbols(name), open, "{name}");
        }
    }

    #[test]
    fn what_cannot_be_is_refused() {
        let fails = |name: &str| ParametricMethod::named(name).unwrap_err();
        assert!(matches!(fails("rk2(c3)"), MethodError::UnknownParameter { .. }));
        assert!(matches!(fails("rk3(c2,c3=x)"), MethodError::UnknownParameter { .. }));
        assert!(matches!(fails("rk3(c3=c2)"), MethodError::BadParameter { .. }));
        assert!(matches!(fails("rk2(c2=0)"), MethodError::BadParameter { parameter: "c2", .. }));
        assert!(matches!(fails("rk2(c2=1/)"), MethodError::BadFunction { .. }));
        assert!(matches!(fails("rkc(s,damping)"), MethodError::NoSymbols { .. }));
        assert!(matches!(fails("euler(x)"), MethodError::NoSymbols { .. }));
        assert!(matches!(fails("nonsense(x)"), MethodError::Unknown { .. }));
    }
}
