//! The modified potential of a concrete objective, and where it ends.
//!
//! Where the coefficients are constant on every free tree τ the potential is the sum of -b(τ)/|Aut τ| f·F(v), because every
//! free tree has a leaf, τ = •∘v, and the contraction of derivative tensors along τ is then (-1)ⁿ f·F(v) for f = -∇V. With
//! coloured trees the leaf has its own f. Where the coefficients are not constant, a particular objective may still have a
//! potential: its curl decides.

use shadowflow_methods::Rational;

use crate::arrange::Arrangement;
use crate::coefficients::FreeTable;
use crate::derivation::{Obstruction, Residual, Witness, WitnessValue};
use crate::error::SymbolicError;
use crate::expr::Expr;
use crate::modified::{ClassWeights, Context};
use crate::polynomial::{Polynomial, Sum};
use crate::ring::FormulaRing;
use crate::tower::Tower;

/// What one power of h adds to the potential.
pub(crate) enum Step {
    /// A term; `special` if a general objective has none.
    Term { term: Expr, special: bool },
    /// There is none, or none was found.
    End(Obstruction),
}

/// The term of h⁰: the objectives with the weights of the single vertices. An objective by itself is kept as it was given.
pub(crate) fn first<T: FreeTable, A: FormulaRing>(
    context: &Context<'_, T, A>,
    classes: &[ClassWeights<T::Tree, A::Element>],
    given: &[Expr],
) -> Result<Step, SymbolicError> {
    let term = |term| Ok(Step::Term { term, special: false });
    if let ([class], [objective]) = (classes, given)
        && context.ring.presented(&class.weight)? == Expr::Number(Rational::ONE)
    {
        return term(objective.clone());
    }
    let mut sum = A::Sum::default();
    for class in classes {
        let colour = context.trees.root_colour(class.name);
        if let Some(objective) = context.parts.objectives.as_ref().and_then(|all| all.get(colour)) {
            context.ring.add_product(&mut sum, &class.weight, objective)?;
        }
    }
    term(context.ring.presented(&context.ring.finish(sum)?)?)
}

/// The term of a higher power, given the field of that power.
pub(crate) fn step<T: FreeTable, A: FormulaRing>(
    context: &mut Context<'_, T, A>,
    h_power: usize,
    classes: &[ClassWeights<T::Tree, A::Element>],
    field: &[A::Element],
) -> Result<Step, SymbolicError> {
    let ring = context.ring;
    let general = !classes.is_empty() && classes.iter().all(|class| class.constant);
    if general {
        let mean = mean_potential(context, classes)?;
        return Ok(Step::Term { term: ring.presented(&mean)?, special: false });
    }
    match curl(ring, field)? {
        Curl::Vanishes => Ok(match ring.closed_potential(field)? {
            Some(term) => Step::Term { term: ring.presented(&term)?, special: true },
            None => Step::End(Obstruction::NoClosedForm { h_power }),
        }),
        Curl::Unknown(curl) => Ok(Step::End(Obstruction::Undecided { h_power, curl })),
        Curl::Differs { plane, curl, witness } => {
            let mean = mean_potential(context, classes)?;
            let residual: Vec<_> = classes.iter().flat_map(|class| class.residual.iter().cloned()).collect();
            let residual = context.combination(&residual)?;
            let residual = Residual {
                h_power,
                field: ring.presented_all(&residual)?,
                mean_potential: ring.presented(&mean)?,
                plane,
                curl,
                witness,
            };
            Ok(Step::End(Obstruction::NotAGradient(Box::new(residual))))
        }
    }
}

/// Σ -b̄(τ)/|Aut τ| f·F(v) over free trees τ = •∘v.
fn mean_potential<T: FreeTable, A: FormulaRing>(
    context: &mut Context<'_, T, A>,
    classes: &[ClassWeights<T::Tree, A::Element>],
) -> Result<A::Element, SymbolicError> {
    let (ring, mut potential) = (context.ring, A::Sum::default());
    for class in classes.iter().filter(|class| !ring.is_zero(&class.weight)) {
        let (root, branch) = class.split.expect("a free tree with an edge has a leaf");
        let (f, inner) = (context.differentials.value(root)?, context.differentials.value(branch)?);
        let contraction = ring.dot(&f, &inner)?;
        ring.add_product(&mut potential, &ring.negated(&class.weight)?, &contraction)?;
    }
    ring.finish(potential)
}

/// Whether a field is a gradient.
pub(crate) enum Curl {
    /// All cross derivatives agree.
    Vanishes,
    /// Two variables whose cross derivatives differ, by how much, and where.
    Differs { plane: (usize, usize), curl: Expr, witness: Witness },
    /// A difference that was neither recognised as 0 nor seen to be anything else.
    Unknown(Expr),
}

pub(crate) fn curl<A: FormulaRing>(ring: &A, field: &[A::Element]) -> Result<Curl, SymbolicError> {
    let dimension = ring.variables();
    let mut found = Curl::Vanishes;
    for (a, b) in (0..dimension).flat_map(|a| (a + 1..dimension).map(move |b| (a, b))) {
        let (slope, cross) = (ring.derivative(&field[b], a)?, ring.derivative(&field[a], b)?);
        let mut difference = A::Sum::default();
        ring.add_product(&mut difference, &ring.one(), &slope)?;
        ring.add_product(&mut difference, &ring.one(), &ring.negated(&cross)?)?;
        let difference = ring.finish(difference)?;
        if ring.is_zero(&difference) {
            continue;
        }
        let curl = ring.presented(&difference)?;
        match witness(ring.names(), &curl) {
            Some(witness) => return Ok(Curl::Differs { plane: (a, b), curl, witness }),
            None if ring.vanishes(&difference)? => {}
            None => found = Curl::Unknown(curl),
        }
    }
    Ok(found)
}

/// A point with small rational coordinates at which the formula is not 0.
fn witness(names: &Arrangement, formula: &Expr) -> Option<Witness> {
    const VALUES: [(i64, u8); 9] = [(2, 1), (1, 3), (3, 1), (1, 2), (3, 2), (-1, 1), (2, 3), (5, 1), (-3, 4)];
    let names = &names.0;
    (0..VALUES.len()).find_map(|shift| {
        let coordinate = |k: usize| {
            let (n, d) = VALUES[(k + shift) % VALUES.len()];
            Rational::from_parts(n.into(), d.into())
        };
        let at = |name: &str| names.iter().position(|n| **n == *name).map_or(Rational::ZERO, coordinate);
        let value = match formula.eval_exact(&at) {
            Some(value) => (!value.is_zero()).then_some(WitnessValue::Exact(value)),
            None => {
                let value = formula.eval_bounded(&|name| at(name).to_f64().value());
                value.excludes_zero().then_some(WitnessValue::Float(value.value))
            }
        }?;
        let point = names.iter().enumerate().map(|(k, name)| (name.to_string(), coordinate(k))).collect();
        Some(Witness { point, value })
    })
}

/// The potential of a gradient field with polynomial components, -∫₀¹ x·f(sx) ds (Poincaré): a term of degree d in the
/// variables is multiplied by its variable and divided by d + 1. `None` if the components are no polynomials.
pub(crate) fn polynomial_potential(
    tower: &Tower,
    field: &[Polynomial],
) -> Result<Option<Polynomial>, SymbolicError> {
    let mut potential = Sum::default();
    for (variable, component) in field.iter().enumerate() {
        let mut integrand = Sum::default();
        for (monomial, coefficient) in component.terms() {
            let Some(degree) = tower.degree(monomial) else { return Ok(None) };
            let weight = -component.coefficient(coefficient) / Rational::from(degree + 1);
            integrand.add(&Polynomial::term(*monomial, &weight));
        }
        let integrand = tower.finish(integrand)?;
        tower.add_product(&mut potential, &integrand, &Polynomial::generator(variable))?;
    }
    tower.finish(potential).map(Some)
}
