//! Solving the conditions: one case after another, by elimination.
//!
//! In every case the equations are divided by what is not 0 and split into factors; an unknown that occurs linearly is
//! expressed by the others, where its coefficient is not 0, and the other case follows with the coefficient and the rest 0.
//! What is left is made triangular by pseudo-division, again with a case for every leading coefficient (Ritt 1950,
//! Wu 1978). The cases are disjoint and together all there is, so a search in which every case ends in a contradiction is
//! a proof that no tableau exists.

use std::time::Instant;

use shadowflow_methods::MultivariatePolynomial;

use super::case::{Case, Step, Tidied};

/// How much a search may cost.
pub(super) struct Budget<'a> {
    pub(super) deadline: Option<Instant>,
    pub(super) cancelled: &'a dyn Fn() -> bool,
    /// Terms in all equations of a case.
    pub(super) most_terms: usize,
    /// Total degree of an equation.
    pub(super) most_degree: u32,
    /// Cases in all.
    pub(super) most_cases: usize,
}

/// How a case ends.
pub(super) enum Ending {
    /// This would be 0 and not 0.
    Contradiction(MultivariatePolynomial),
    /// Triangular equations, or none.
    Solution(Case),
    /// Beyond the budget.
    Undecided(Case),
}

/// All cases in the order in which they are closed, each with how it came about.
pub(super) fn solve(case: Case, budget: &Budget<'_>) -> Vec<(Vec<Step>, Ending)> {
    let mut pending = vec![case];
    let mut leaves = Vec::new();
    let mut cancelled = false;
    while let Some(mut case) = pending.pop() {
        cancelled = cancelled || (budget.cancelled)();
        let late = cancelled || budget.deadline.is_some_and(|deadline| Instant::now() > deadline);
        let many = leaves.len() + pending.len() > budget.most_cases;
        let ending = if late || many || case.size() > budget.most_terms || case.degree() > budget.most_degree
        {
            Some(Ending::Undecided(case.clone()))
        } else {
            advance(&mut case, &mut pending)
        };
        match ending {
            Some(ending) => leaves.push((case.steps, ending)),
            None => pending.push(case),
        }
    }
    leaves
}

/// One step on a case: its end, or its further cases put on the pile and the case itself moved on.
fn advance(case: &mut Case, pending: &mut Vec<Case>) -> Option<Ending> {
    match case.tidy() {
        Tidied::Contradiction(absurd) => return Some(Ending::Contradiction(absurd)),
        Tidied::Product(place, factors) => {
            split(case, place, factors, pending);
            return None;
        }
        Tidied::Clean => {}
    }
    if let Some(linear) = case.best_linear() {
        if !linear.pivot_is_unit {
            let mut degenerate = case.clone();
            degenerate.equations.remove(linear.place);
            degenerate.assume_zero(linear.pivot.clone());
            degenerate.equations.push(linear.rest.clone());
            pending.push(degenerate);
            case.assume_nonzero(&linear.pivot);
        }
        if let Some(value) = linear.value() {
            case.equations.remove(linear.place);
            case.substitute(&linear.unknown, &value);
            return None;
        }
    }
    match overlapping(case) {
        None if case.divide_by_shared_factors() => None,
        None if let Some((place, factors)) = case.product_in_one_unknown() => {
            split(case, place, factors, pending);
            None
        }
        None if case.take_up_more() => None,
        None => Some(Ending::Solution(case.clone())),
        Some((unknown, lower, higher)) => {
            eliminate(case, &unknown, lower, higher, pending);
            None
        }
    }
}

/// A case for every factor of an equation: it vanishes where the earlier ones do not. The last stays in hand.
fn split(case: &mut Case, place: usize, factors: Vec<MultivariatePolynomial>, pending: &mut Vec<Case>) {
    case.equations.remove(place);
    let mut rest = case.clone();
    for (k, factor) in factors.iter().enumerate() {
        let mut here = rest.clone();
        here.assume_zero(factor.clone());
        if k + 1 == factors.len() {
            *case = here;
        } else {
            pending.push(here);
            rest.assume_nonzero(factor);
        }
    }
}

/// The first unknown, in a fixed order, that occurs in two equations once the equations led by later unknowns are set
/// aside; with the places of an equation of the lowest degree in it and of another.
fn overlapping(case: &Case) -> Option<(String, usize, usize)> {
    let mut rest: Vec<usize> = (0..case.equations.len()).collect();
    for unknown in case.unknowns() {
        let mut with: Vec<usize> =
            rest.iter().copied().filter(|&k| case.equations[k].degree_in(&unknown) > 0).collect();
        if with.len() > 1 {
            with.sort_by_key(|&k| (case.equations[k].degree_in(&unknown), case.equations[k].len()));
            return Some((unknown, with[0], with[1]));
        }
        rest.retain(|k| !with.contains(k));
    }
    None
}

/// Reduces one equation by another, where the leading coefficient of that one is not 0.
fn eliminate(case: &mut Case, unknown: &str, lower: usize, higher: usize, pending: &mut Vec<Case>) {
    let divisor = case.equations[lower].clone();
    let coefficients = divisor.coefficients_in(unknown);
    let lead = coefficients.last().cloned().unwrap_or_else(|| MultivariatePolynomial::from(0));
    if !case.is_unit(&lead) {
        let mut degenerate = case.clone();
        let x = MultivariatePolynomial::variable(unknown);
        let without_lead = divisor.minus(&lead.times(&x.pow(divisor.degree_in(unknown))));
        degenerate.equations[lower] = without_lead;
        degenerate.assume_zero(lead.clone());
        pending.push(degenerate);
        case.assume_nonzero(&lead);
    }
    case.equations[higher] = case.equations[higher].pseudo_remainder_in(&divisor, unknown);
}
