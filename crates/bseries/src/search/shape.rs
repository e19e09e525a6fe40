//! The tableaus that a search runs over: all of one shape, their free entries unknowns.

use shadowflow_methods::{Coefficients, RationalFunction, Ring};

/// How the stages of the tableaus may depend on each other.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Shape {
    /// A strictly lower triangular.
    Explicit,
    /// A lower triangular.
    DiagonallyImplicit,
    /// A full.
    Implicit,
    /// A full, and the method its own adjoint by reversing the stages: aᵢⱼ + a(s+1-i, s+1-j) = bⱼ
    /// (GNI, Theorem V.2.3).
    Symmetric,
}

impl Shape {
    /// `explicit`, `diagonally implicit`, `implicit`, `symmetric`.
    pub fn name(self) -> &'static str {
        match self {
            Shape::Explicit => "explicit",
            Shape::DiagonallyImplicit => "diagonally implicit",
            Shape::Implicit => "implicit",
            Shape::Symmetric => "symmetric",
        }
    }

    /// The shape with this name.
    pub fn named(name: &str) -> Option<Shape> {
        let all = [Shape::Explicit, Shape::DiagonallyImplicit, Shape::Implicit, Shape::Symmetric];
        all.into_iter().find(|shape| shape.name() == name)
    }

    /// The most stages that a search takes on.
    pub fn most_stages(self) -> usize {
        match self {
            Shape::Explicit => 4,
            Shape::DiagonallyImplicit => 3,
            Shape::Implicit => 2,
            Shape::Symmetric => 3,
        }
    }
}

/// The general consistent tableau of a shape. Σb = 1, the row sums and the symmetry are built in: the unknowns are the
/// nodes cᵢ, the entries of A but one in every row, and the weights but one.
pub(super) fn general_tableau(shape: Shape, stages: usize) -> Coefficients<RationalFunction> {
    match shape {
        Shape::Symmetric => symmetric_tableau(stages),
        _ => unsymmetric_tableau(shape, stages),
    }
}

fn unknown(letter: char, indices: &[usize]) -> RationalFunction {
    let indices: String = indices.iter().map(|i| (i + 1).to_string()).collect();
    RationalFunction::parameter(&format!("{letter}{indices}"))
}

fn unsymmetric_tableau(shape: Shape, stages: usize) -> Coefficients<RationalFunction> {
    let explicit = shape == Shape::Explicit;
    let mut a = vec![vec![RationalFunction::zero(); stages]; stages];
    for (i, row) in a.iter_mut().enumerate() {
        let columns = match shape {
            Shape::Explicit => 0..i,
            Shape::DiagonallyImplicit => 0..i + 1,
            Shape::Implicit | Shape::Symmetric => 0..stages,
        };
        if columns.is_empty() {
            continue;
        }
        // The entry that follows from the node: the first of an explicit row, the diagonal one of others.
        let dependent = if explicit { 0 } else { i };
        let mut rest = unknown('c', &[i]);
        for j in columns.filter(|&j| j != dependent) {
            row[j] = unknown('a', &[i, j]);
            rest = rest.minus(&row[j]);
        }
        row[dependent] = rest;
    }
    let mut b = vec![RationalFunction::one()];
    for j in 1..stages {
        let weight = unknown('b', &[j]);
        b[0] = b[0].minus(&weight);
        b.push(weight);
    }
    Coefficients { a, b }
}

/// Each entry of the first half is an unknown, and its mirror image what is left of the weight.
fn symmetric_tableau(stages: usize) -> Coefficients<RationalFunction> {
    let mirror = |i: usize| stages - 1 - i;
    let half = RationalFunction::ratio(1, 2);
    // An odd number of stages has a middle weight, an even number two; they make the sum 1.
    let mut b: Vec<RationalFunction> = (0..stages).map(|j| unknown('b', &[j.min(mirror(j))])).collect();
    let last = (stages - 1) / 2;
    let others = (0..last).fold(RationalFunction::zero(), |sum, j| sum.plus(&b[j]).plus(&b[j]));
    let middle = RationalFunction::one().minus(&others);
    b[last] = if stages % 2 == 1 { middle } else { middle.times(&half) };
    b[mirror(last)] = b[last].clone();

    let mut a = vec![vec![RationalFunction::zero(); stages]; stages];
    for i in 0..=last {
        let is_own_mirror = i == mirror(i);
        let columns = if is_own_mirror { 0..i } else { 0..stages };
        let mut rest = unknown('c', &[i]);
        for j in columns.filter(|&j| j != i) {
            a[i][j] = unknown('a', &[i, j]);
            rest = rest.minus(&a[i][j]);
        }
        a[i][i] = if is_own_mirror { b[i].times(&half) } else { rest };
        for j in 0..stages {
            if !is_own_mirror || j < i {
                a[mirror(i)][mirror(j)] = b[j].minus(&a[i][j]);
            }
        }
    }
    Coefficients { a, b }
}

/// How many stages are left when those that do not matter go, and equal ones are taken together (Hairer & Wanner 1996,
/// §IV.12: DJ- and S-reducible methods).
pub(super) fn essential_stages(tableau: &Coefficients<RationalFunction>) -> usize {
    let s = tableau.stages();
    // Stages that reach the result.
    let mut matters: Vec<bool> = tableau.b.iter().map(|b| !b.is_zero()).collect();
    for _ in 0..s {
        for j in 0..s {
            matters[j] = matters[j] || (0..s).any(|i| matters[i] && !tableau.a[i][j].is_zero());
        }
    }
    // The coarsest partition of these in which alike stages have alike sums over every class.
    let stages: Vec<usize> = (0..s).filter(|&i| matters[i]).collect();
    let mut class = vec![0; stages.len()];
    let mut classes = 1;
    loop {
        let profile = |i: usize| -> (usize, Vec<RationalFunction>) {
            let sum = |m: usize| {
                let members = stages.iter().zip(&class).filter(|(_, c)| **c == m);
                members.fold(RationalFunction::zero(), |sum, (&j, _)| sum.plus(&tableau.a[stages[i]][j]))
            };
            (class[i], (0..classes).map(sum).collect())
        };
        let mut known: Vec<(usize, Vec<RationalFunction>)> = Vec::new();
        let refined: Vec<usize> = (0..stages.len())
            .map(|i| {
                let profile = profile(i);
                known.iter().position(|other| *other == profile).unwrap_or_else(|| {
                    known.push(profile);
                    known.len() - 1
                })
            })
            .collect();
        if known.len() == classes {
            return classes;
        }
        (class, classes) = (refined, known.len());
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tableau(a: &[&[&str]], b: &[&str]) -> Coefficients<RationalFunction> {
        let row = |row: &[&str]| row.iter().map(|entry| entry.parse().unwrap()).collect();
        Coefficients { a: a.iter().copied().map(row).collect(), b: row(b) }
    }

    #[test]
    fn general_tableaus_are_consistent() {
        for (shape, stages) in [(Shape::Explicit, 4), (Shape::DiagonallyImplicit, 3), (Shape::Implicit, 2)] {
            let general = general_tableau(shape, stages);
            let sum = general.b.iter().fold(RationalFunction::zero(), |sum, b| sum.plus(b));
            assert_eq!(sum, RationalFunction::one());
            let first = if shape == Shape::Explicit { "0" } else { "c1" };
            assert_eq!(general.c()[0].to_string(), first);
            assert_eq!(general.c()[1].to_string(), "c2");
        }
    }

    #[test]
    fn symmetric_tableaus_are_their_own_adjoints() {
        for s in 1..=4 {
            let general = symmetric_tableau(s);
            let sum = general.b.iter().fold(RationalFunction::zero(), |sum, b| sum.plus(b));
            assert_eq!(sum, RationalFunction::one());
            for i in 0..s {
                for j in 0..s {
                    assert_eq!(general.a[i][j].plus(&general.a[s - 1 - i][s - 1 - j]), general.b[j]);
                }
            }
        }
    }

    #[test]
    fn stages_that_do_not_matter_are_not_counted() {
        assert_eq!(essential_stages(&tableau(&[&["0", "0"], &["x", "0"]], &["1", "0"])), 1);
        assert_eq!(essential_stages(&tableau(&[&["0", "0"], &["x", "0"]], &["0", "1"])), 2);
        // Two equal stages.
        assert_eq!(essential_stages(&tableau(&[&["x", "1/2 - x"], &["1/3", "1/6"]], &["y", "1 - y"])), 1);
        assert_eq!(essential_stages(&tableau(&[&["x", "1/2 - x"], &["1/3", "1/3"]], &["y", "1 - y"])), 2);
    }
}
