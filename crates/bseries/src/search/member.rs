//! Members of solutions in exact numbers: isolated ones completely, of a family one.

use shadowflow_methods::{Exact, MultivariatePolynomial, RationalFunction, Tableau};

use super::univariate::{RealRoot, real_roots};
use super::{SearchError, Solution};
use crate::gradient::Gradient;

/// Values for the unknowns, and the method they give.
#[derive(Clone, Debug)]
pub struct Member {
    /// The unknowns that were left, with their values.
    pub values: Vec<(String, Exact)>,
    /// The root of a relation among them, if there is one: its minimal polynomial and an isolating interval.
    pub root: Option<RealRoot>,
    /// The method.
    pub tableau: Tableau,
    /// Its order of accuracy.
    pub accuracy: u32,
    /// Its gradient order, computed from its own series.
    pub gradient_order: usize,
}

/// Values tried for free unknowns, plain ones first.
const CANDIDATES: [(i64, i64); 14] = [
    (1, 2),
    (1, 3),
    (2, 3),
    (1, 4),
    (3, 4),
    (1, 1),
    (2, 1),
    (1, 5),
    (2, 5),
    (3, 5),
    (-1, 2),
    (-1, 1),
    (3, 2),
    (5, 7),
];
/// Most choices of values tried.
const MOST_TRIALS: usize = 600;
/// How far beyond the order asked for the gradient order of a member is looked for.
const BEYOND: usize = 2;

/// The members, and how many real roots of the relation have no exact number because their field is too large.
pub(super) fn of(solution: &Solution, gradient_order: usize) -> Result<(Vec<Member>, usize), SearchError> {
    let trial =
        |values: Vec<(String, Exact)>, root: Option<RealRoot>| member(solution, values, root, gradient_order);
    // The unknown that a relation is solved for: one it contains in the lowest degree.
    let dependent = match &solution.relations[..] {
        [] => None,
        [relation] => {
            relation.variables().into_iter().min_by_key(|v| relation.degree_in(v)).map(str::to_owned)
        }
        _ => return Ok((Vec::new(), 0)),
    };
    let free: Vec<&String> =
        solution.unknowns.iter().filter(|name| Some(*name) != dependent.as_ref()).collect();
    let (mut members, mut unexpressed) = (Vec::new(), 0);
    let trials = CANDIDATES.len().saturating_pow(free.len() as u32).min(MOST_TRIALS);
    for number in 0..trials {
        // The digits of the number choose the values, the first ones different for every unknown.
        let (mut rest, mut values) = (number, Vec::new());
        for (k, name) in free.iter().enumerate() {
            let (n, d) = CANDIDATES[(rest + k) % CANDIDATES.len()];
            rest /= CANDIDATES.len();
            values.push((String::clone(name), Exact::ratio(n, d)));
        }
        match (&dependent, solution.relations.first()) {
            (Some(unknown), Some(relation)) => {
                let Some(relation) = specialised(relation, &values) else { continue };
                for factor in super::factor::complete(&relation).iter().filter(|f| f.degree() > 0) {
                    for root in real_roots(factor, unknown) {
                        let Some(exact) = root.exact.clone() else {
                            unexpressed += 1;
                            continue;
                        };
                        let mut values = values.clone();
                        values.push((unknown.clone(), exact));
                        members.extend(trial(values, Some(root))?);
                    }
                }
            }
            _ => members.extend(trial(values, None)?),
        }
        // Isolated solutions are all wanted, of a family one member.
        if !members.is_empty() && !free.is_empty() {
            members.truncate(1);
            break;
        }
    }
    Ok((members, unexpressed))
}

/// A relation with numbers for all but one unknown.
fn specialised(
    relation: &MultivariatePolynomial,
    values: &[(String, Exact)],
) -> Option<MultivariatePolynomial> {
    let mut special = RationalFunction::from(relation.clone());
    for (name, value) in values {
        let value: RationalFunction = value.to_string().parse().ok()?;
        special = special.substituted(name, &value)?;
    }
    let polynomial = special.numerator().primitive();
    polynomial.as_constant().is_none().then_some(polynomial)
}

/// The method at some values; `None` where an exception or a denominator vanishes.
fn member(
    solution: &Solution,
    values: Vec<(String, Exact)>,
    root: Option<RealRoot>,
    gradient_order: usize,
) -> Result<Option<Member>, SearchError> {
    let at: Vec<(&str, Exact)> = values.iter().map(|(name, value)| (name.as_str(), value.clone())).collect();
    let number = |entry: &RationalFunction| entry.evaluate(&at).ok();
    let lookup = |name: &str| at.iter().find(|(n, _)| *n == name).map(|(_, value)| value.clone());
    let allowed = |p: &MultivariatePolynomial| p.evaluate(&lookup).is_ok_and(|value| !value.is_zero());
    let rows: Option<Vec<Vec<Exact>>> =
        solution.tableau.a.iter().map(|row| row.iter().map(number).collect()).collect();
    let b: Option<Vec<Exact>> = solution.tableau.b.iter().map(number).collect();
    let (Some(rows), Some(b)) = (rows, b) else { return Ok(None) };
    // An exception in an unknown that left the tableau does not bind.
    let binding = |p: &&MultivariatePolynomial| p.variables().iter().all(|v| lookup(v).is_some());
    if !solution.exceptions.iter().filter(binding).all(allowed) {
        return Ok(None);
    }
    let Ok(tableau) = Tableau::new(rows, b) else { return Ok(None) };
    let gradient = Gradient::of(&tableau, gradient_order + BEYOND)?;
    Ok(Some(Member {
        accuracy: tableau.order(),
        gradient_order: gradient.gradient_order(),
        values,
        root,
        tableau,
    }))
}
