//! The modified potential of a concrete objective, and where it ends.
//!
//! Where the coefficients are constant on every free tree τ the potential is the sum of -b(τ)/|Aut τ| f·F(v), because every
//! free tree has a leaf, τ = •∘v, and the contraction of derivative tensors along τ is then (-1)ⁿ f·F(v) for f = -∇V.
//! Where they are not, a particular objective may still have a potential: its curl decides.

use shadowflow_bseries::{Class, TreeId};
use shadowflow_methods::{Exact, Rational};
use symbolica::atom::{Atom, AtomCore};

use crate::derivation::{Obstruction, Potential, Residual, Witness, WitnessValue};
use crate::error::SymbolicError;
use crate::expr::Expr;
use crate::modified::{Context, is_safe_to_join, unit_fraction};
use crate::system::Objective;

/// The potential as far as there is one, given the coefficients of the field by power of h.
pub(crate) fn through(
    context: &mut Context<'_>,
    objective: &Objective,
    field: &[Vec<Atom>],
) -> Result<(Potential, Option<Obstruction>), SymbolicError> {
    let mut terms = vec![objective.expr().clone()];
    let mut special_from = field.len();
    for (h_power, coefficient) in field.iter().enumerate().skip(1) {
        let classes = context.gradient.classes(h_power + 1);
        let mean_potential = mean_potential(context, classes);
        if classes.iter().all(Class::is_constant) {
            terms.push(context.presented(&mean_potential)?);
            continue;
        }
        special_from = special_from.min(h_power);
        match curl(context, objective, coefficient)? {
            Curl::Vanishes => {}
            Curl::Unknown(curl) => {
                return Ok((
                    Potential { terms, special_from },
                    Some(Obstruction::Undecided { h_power, curl }),
                ));
            }
            Curl::Differs { plane, curl, witness } => {
                let residual = context.combination(&context.gradient.residual(h_power + 1));
                let residual = Residual {
                    h_power,
                    field: context.presented_all(&residual)?,
                    mean_potential: context.presented(&mean_potential)?,
                    plane,
                    curl,
                    witness,
                };
                let obstruction = Obstruction::NotAGradient(Box::new(residual));
                return Ok((Potential { terms, special_from }, Some(obstruction)));
            }
        }
        match polynomial_potential(context, objective, coefficient)? {
            Some(term) => terms.push(context.presented(&term)?),
            None => {
                return Ok((Potential { terms, special_from }, Some(Obstruction::NoClosedForm { h_power })));
            }
        }
    }
    Ok((Potential { terms, special_from }, None))
}

/// Σ -b̄(τ)/|Aut τ| f·F(v) over free trees τ = •∘v.
fn mean_potential(context: &mut Context<'_>, classes: &[Class]) -> Atom {
    let mut potential = Atom::Zero;
    for class in classes.iter().filter(|class| !class.mean().is_zero()) {
        let trees = context.gradient.series().trees();
        let branch = class.tree().rootings().iter().find_map(|&t| match trees.split(t) {
            Some((TreeId::ROOT, branch)) => Some(branch),
            _ => None,
        });
        let branch =
            branch.expect("a free tree with an edge has a leaf, and rooted there the root has one child");
        let weight = &-class.mean() * &unit_fraction(class.tree().automorphisms());
        let contraction =
            dot(&context.differentials.value(TreeId::ROOT), &context.differentials.value(branch));
        potential += context.number(&weight) * contraction;
    }
    context.form.of(&potential)
}

fn dot(x: &[Atom], y: &[Atom]) -> Atom {
    x.iter().zip(y).fold(Atom::Zero, |sum, (x, y)| sum + x * y)
}

/// Whether a field is a gradient.
enum Curl {
    /// All cross derivatives agree.
    Vanishes,
    /// Two variables whose cross derivatives differ, by how much, and where.
    Differs { plane: (usize, usize), curl: Expr, witness: Witness },
    /// A difference that was neither recognised as 0 nor seen to be anything else.
    Unknown(Expr),
}

fn curl(context: &Context<'_>, objective: &Objective, field: &[Atom]) -> Result<Curl, SymbolicError> {
    let dimension = context.variables.len();
    let mut found = Curl::Vanishes;
    for (a, b) in (0..dimension).flat_map(|a| (a + 1..dimension).map(move |b| (a, b))) {
        let difference =
            field[b].derivative(context.variables[a]) - field[a].derivative(context.variables[b]);
        if difference.is_zero() {
            continue;
        }
        let curl = context.presented(&difference)?;
        if let Some(witness) = witness(objective, &curl) {
            return Ok(Curl::Differs { plane: (a, b), curl, witness });
        }
        if !vanishes(&difference, &curl) {
            found = Curl::Unknown(curl);
        }
    }
    Ok(found)
}

/// Whether the algebra system recognises a difference as 0, brought over one denominator if need be.
fn vanishes(difference: &Atom, shown: &Expr) -> bool {
    difference.expand().is_zero() || (is_safe_to_join(shown) && difference.together().expand().is_zero())
}

/// A point with small rational coordinates at which the formula is not 0.
fn witness(objective: &Objective, formula: &Expr) -> Option<Witness> {
    const VALUES: [(i64, u8); 9] = [(2, 1), (1, 3), (3, 1), (1, 2), (3, 2), (-1, 1), (2, 3), (5, 1), (-3, 4)];
    let names: Vec<&String> = objective.variables().iter().chain(objective.parameters()).collect();
    (0..VALUES.len()).find_map(|shift| {
        let coordinate = |k: usize| {
            let (n, d) = VALUES[(k + shift) % VALUES.len()];
            Rational::from_parts(n.into(), d.into())
        };
        let at = |name: &str| names.iter().position(|n| *n == name).map_or(Rational::ZERO, coordinate);
        let value = match formula.eval_exact(&at) {
            Some(value) => (!value.is_zero()).then_some(WitnessValue::Exact(value)),
            None => {
                let value = formula.eval_bounded(&|name| at(name).to_f64().value());
                value.excludes_zero().then_some(WitnessValue::Float(value.value))
            }
        }?;
        let point = names.iter().enumerate().map(|(k, name)| ((*name).clone(), coordinate(k))).collect();
        Some(Witness { point, value })
    })
}

/// The potential of a gradient field with polynomial components, -∫₀¹ x·f(sx) ds (Poincaré): a term of degree d in the
/// variables is multiplied by its variable and divided by d + 1. `None` if the components are no polynomials.
fn polynomial_potential(
    context: &Context<'_>,
    objective: &Objective,
    field: &[Atom],
) -> Result<Option<Atom>, SymbolicError> {
    let mut potential = Atom::Zero;
    for (component, &variable) in field.iter().zip(&context.variables) {
        let terms = match context.vocabulary.to_expr(component)? {
            Expr::Sum(terms) => terms,
            single => vec![single],
        };
        for term in terms {
            let Some(degree) = degree(&term, objective.variables()) else { return Ok(None) };
            let weight = context.number(&Exact::ratio(-1, degree + 1));
            potential += weight * context.vocabulary.to_atom(&term)? * Atom::var(variable);
        }
    }
    Ok(Some(potential.expand()))
}

/// The degree of a monomial in the variables; `None` if it is none.
fn degree(term: &Expr, variables: &[String]) -> Option<i64> {
    let is_variable = |name: &str| variables.iter().any(|v| v == name);
    match term {
        Expr::Symbol(name) => Some(i64::from(is_variable(name))),
        Expr::Product(factors) => factors.iter().map(|f| degree(f, variables)).sum(),
        Expr::Power(base, exponent) => match (&**base, &**exponent) {
            (Expr::Symbol(name), Expr::Number(n)) if is_variable(name) => {
                i64::try_from(n.numerator().clone()).ok().filter(|&p| p >= 0 && n.denominator().is_one())
            }
            _ => constant_degree(term, variables),
        },
        _ => constant_degree(term, variables),
    }
}

fn constant_degree(term: &Expr, variables: &[String]) -> Option<i64> {
    term.symbols().iter().all(|name| !variables.iter().any(|v| **v == **name)).then_some(0)
}
