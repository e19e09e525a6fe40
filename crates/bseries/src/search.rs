//! Which tableaus of a shape have a given accuracy and gradient order?
//!
//! b(t) is a polynomial in the entries of a tableau, so "b is constant on every free tree through order g" is a system of
//! polynomial equations, and so are the order conditions. [`Search::run`] solves them exactly, case by case, over the
//! unknowns of the shape: `solver` eliminates, `factor` splits products, `univariate` gives isolated solutions as
//! algebraic numbers. The cases are disjoint and exhaustive. Every solution is then checked as any method is, by
//! [`Gradient`](crate::Gradient) on a member in exact numbers.

mod case;
mod factor;
mod member;
mod shape;
mod solver;
mod univariate;

use std::time::{Duration, Instant};

use shadowflow_methods::{Coefficients, MultivariatePolynomial, RationalFunction, Ring};

use crate::error::SeriesError;
use crate::parametric::{gradient_pairs, modified_over};
use crate::tree::Trees;
use case::Case;
use solver::{Budget, Ending};

pub use case::Step;
pub use member::Member;
pub use shape::Shape;

/// Largest gradient order of a search with few unknowns, and with many.
const MOST_ORDER: (usize, usize) = (7, 5);
/// From this number of unknowns on they are many.
const MANY_UNKNOWNS: usize = 6;
/// Larger systems within a case are left undecided: one elimination may take minutes there, and the next is worse.
const MOST_TERMS: usize = 2500;
const MOST_DEGREE: u32 = 60;
const MOST_CASES: usize = 4000;

/// Why a search is not begun.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
pub enum SearchError {
    /// No stages, or more than are within reach.
    #[error("{stages} stages are not searched: {} tableaus are with 1 to {limit} stages", shape.name())]
    Stages {
        /// The shape asked for.
        shape: Shape,
        /// The stages asked for.
        stages: usize,
        /// The most stages of this shape.
        limit: usize,
    },
    /// A gradient order out of range.
    #[error(
        "gradient order {requested} is not searched: this shape has {unknowns} unknowns, for which it is from 1 to {limit}"
    )]
    GradientOrder {
        /// The order asked for.
        requested: usize,
        /// The unknowns of the shape.
        unknowns: usize,
        /// The largest order of such a search.
        limit: usize,
    },
    /// An order of accuracy that is 0, or implies the gradient order.
    #[error(
        "accuracy {accuracy} is not searched with gradient order {gradient_order}: it must be at least 1, and accuracy p implies gradient order p, so at most {gradient_order}"
    )]
    Accuracy {
        /// The order of accuracy asked for.
        accuracy: usize,
        /// The gradient order asked for.
        gradient_order: usize,
    },
    /// The table of trees, which the limits above keep small.
    #[error(transparent)]
    Series(#[from] SeriesError),
}

/// A question: the tableaus of a shape with at least a given order of accuracy and a given gradient order.
///
/// ```
/// use shadowflow_bseries::search::{Finding, Search, Shape, Verdict};
/// let answer = Search::new(Shape::Explicit, 2, 2, 3)?.run(None, &|| false)?;
/// assert_eq!(answer.verdict(), Verdict::Found);
/// let solution = answer.solutions().next().ok_or("one solution")?;
/// assert_eq!(solution.tableau.c()[1].to_string(), "1/3");
///
/// // And none has gradient order 4: every case ends in a contradiction.
/// assert_eq!(Search::new(Shape::Explicit, 2, 2, 4)?.run(None, &|| false)?.verdict(), Verdict::NoneExists);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug)]
pub struct Search {
    shape: Shape,
    stages: usize,
    accuracy: usize,
    gradient_order: usize,
    general: Coefficients<RationalFunction>,
}

/// What a search found.
#[derive(Clone, Debug)]
pub struct Answer {
    /// The conditions on the unknowns of the general tableau.
    pub conditions: Vec<Condition>,
    /// All cases, disjoint and together everything.
    pub cases: Vec<CaseReport>,
}

/// An equation of the system.
#[derive(Clone, Debug, PartialEq)]
pub struct Condition {
    /// What it demands.
    pub meaning: Demand,
    /// What must be 0.
    pub polynomial: MultivariatePolynomial,
}

impl Condition {
    /// The number of vertices of its trees.
    fn order(&self) -> usize {
        match &self.meaning {
            Demand::Accuracy { tree } | Demand::Gradient { first: tree, .. } => tree.len(),
        }
    }
}

/// What an equation of the system demands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Demand {
    /// b(t) = 0 for a tree with no more vertices than the order of accuracy.
    Accuracy {
        /// The level sequence of the tree.
        tree: Vec<u8>,
    },
    /// b agrees on two rootings of one free tree.
    Gradient {
        /// The level sequence of one.
        first: Vec<u8>,
        /// The level sequence of the other.
        second: Vec<u8>,
    },
}

/// A case and its end.
#[derive(Clone, Debug)]
pub struct CaseReport {
    /// The assumptions and eliminations that lead here, in their order.
    pub steps: Vec<Step>,
    /// What is found there.
    pub finding: Finding,
}

/// The end of a case.
#[derive(Clone, Debug)]
pub enum Finding {
    /// No solution, not even complex: this polynomial would be 0 and not 0.
    Contradiction(MultivariatePolynomial),
    /// Solutions.
    Solution(Box<Solution>),
    /// Equations beyond the limits of the search: how many terms and unknowns they have.
    Undecided {
        /// Terms in all equations.
        terms: usize,
        /// The unknowns that are left.
        unknowns: Vec<String>,
    },
}

/// The tableaus of one case.
#[derive(Clone, Debug)]
pub struct Solution {
    /// The entries, in terms of unknowns that are free or bound by the relations only.
    pub tableau: Coefficients<RationalFunction>,
    /// The unknowns left.
    pub unknowns: Vec<String>,
    /// What must be 0.
    pub relations: Vec<MultivariatePolynomial>,
    /// What must not be 0.
    pub exceptions: Vec<MultivariatePolynomial>,
    /// How many stages are left once those that do not matter go and equal ones are joined.
    pub essential_stages: usize,
    /// For isolated solutions all real ones, for a family one real member in exact numbers; none if none was found.
    pub members: Vec<Member>,
    /// How many real roots of the relation were met whose number field is too large for a member.
    pub unexpressed_roots: usize,
}

impl Solution {
    /// How many unknowns are free: 0 for isolated solutions.
    pub fn dimension(&self) -> usize {
        self.unknowns.len().saturating_sub(self.relations.len())
    }

    /// Whether all its solutions are complex: isolated, and no real ones among them.
    pub fn is_complex_only(&self) -> bool {
        let none_real = self.members.is_empty() && self.unexpressed_roots == 0;
        self.dimension() == 0 && self.relations.len() <= 1 && none_real
    }
}

/// The answer in a word.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// There are such tableaus; all are described.
    Found,
    /// There are such tableaus; some cases are undecided.
    FoundSome,
    /// Proved: there are none with real entries.
    NoneExists,
    /// None was found, and some cases are undecided.
    Undecided,
}

impl Answer {
    /// The solutions, those that use all their stages first, then those with more freedom.
    pub fn solutions(&self) -> impl Iterator<Item = &Solution> {
        let mut solutions: Vec<&Solution> = self
            .cases
            .iter()
            .filter_map(|case| match &case.finding {
                Finding::Solution(solution) => Some(&**solution),
                _ => None,
            })
            .collect();
        solutions.sort_by_key(|s| (usize::MAX - s.essential_stages, usize::MAX - s.dimension()));
        solutions.into_iter()
    }

    /// The cases that leave the answer open: undecided ones, and solutions of which no real member is known.
    pub fn doubtful(&self) -> impl Iterator<Item = &CaseReport> {
        self.cases.iter().filter(|case| match &case.finding {
            Finding::Undecided { .. } => true,
            Finding::Solution(solution) => solution.members.is_empty() && !solution.is_complex_only(),
            Finding::Contradiction(_) => false,
        })
    }

    /// The answer in a word.
    pub fn verdict(&self) -> Verdict {
        match (self.solutions().any(|s| !s.members.is_empty()), self.doubtful().next().is_some()) {
            (true, false) => Verdict::Found,
            (true, true) => Verdict::FoundSome,
            (false, false) => Verdict::NoneExists,
            (false, true) => Verdict::Undecided,
        }
    }
}

impl Search {
    /// A search for tableaus of this shape with `stages` stages, order of accuracy at least `accuracy`, and b constant on
    /// every free tree with at most `gradient_order` vertices.
    ///
    /// # Errors
    /// If a number is out of the range that a search covers.
    pub fn new(
        shape: Shape,
        stages: usize,
        accuracy: usize,
        gradient_order: usize,
    ) -> Result<Search, SearchError> {
        let limit = shape.most_stages();
        if !(1..=limit).contains(&stages) {
            return Err(SearchError::Stages { shape, stages, limit });
        }
        let general = shape::general_tableau(shape, stages);
        let unknowns = unknowns_of(&general).len();
        let limit = if unknowns < MANY_UNKNOWNS { MOST_ORDER.0 } else { MOST_ORDER.1 };
        if !(1..=limit).contains(&gradient_order) {
            return Err(SearchError::GradientOrder { requested: gradient_order, unknowns, limit });
        }
        if !(1..=gradient_order).contains(&accuracy) {
            return Err(SearchError::Accuracy { accuracy, gradient_order });
        }
        Ok(Search { shape, stages, accuracy, gradient_order, general })
    }

    /// The shape.
    pub fn shape(&self) -> Shape {
        self.shape
    }

    /// The number of stages.
    pub fn stages(&self) -> usize {
        self.stages
    }

    /// The least order of accuracy.
    pub fn accuracy(&self) -> usize {
        self.accuracy
    }

    /// The least gradient order.
    pub fn gradient_order(&self) -> usize {
        self.gradient_order
    }

    /// The general consistent tableau of the shape, in its unknowns.
    pub fn general(&self) -> &Coefficients<RationalFunction> {
        &self.general
    }

    /// The conditions, those of low order first; what holds for all tableaus of the shape is left out.
    ///
    /// # Errors
    /// None that the limits of a search allow.
    pub fn conditions(&self) -> Result<Vec<Condition>, SearchError> {
        let trees = Trees::through(self.gradient_order)?;
        let b = modified_over(&self.general, &trees);
        let levels = |tree| trees.levels(tree);
        let mut demands: Vec<(Demand, MultivariatePolynomial)> = Vec::new();
        for n in 2..=self.accuracy {
            for tree in trees.of_order(n) {
                demands
                    .push((Demand::Accuracy { tree: levels(tree) }, b[tree.index()].numerator().primitive()));
            }
        }
        for n in self.accuracy + 1..=self.gradient_order {
            for (first, second) in gradient_pairs(&trees, n) {
                let difference = b[first.index()].minus(&b[second.index()]);
                let meaning = Demand::Gradient { first: levels(first), second: levels(second) };
                demands.push((meaning, difference.numerator().primitive()));
            }
        }
        let mut conditions: Vec<Condition> = Vec::new();
        for (meaning, polynomial) in demands {
            if !polynomial.is_zero() && conditions.iter().all(|known| known.polynomial != polynomial) {
                conditions.push(Condition { meaning, polynomial });
            }
        }
        Ok(conditions)
    }

    /// Solves the conditions. Cases that the time or the limits do not reach, or that are met after `cancelled` returns true,
    /// are undecided.
    ///
    /// # Errors
    /// None that the limits of a search allow.
    pub fn run(&self, time: Option<Duration>, cancelled: &dyn Fn() -> bool) -> Result<Answer, SearchError> {
        let deadline = time.and_then(|time| Instant::now().checked_add(time));
        let conditions = self.conditions()?;
        let budget = Budget {
            deadline,
            cancelled,
            most_terms: MOST_TERMS,
            most_degree: MOST_DEGREE,
            most_cases: MOST_CASES,
        };
        // All equations at once show contradictions early. Order by order they stay small as long as the unknowns are few.
        let polynomial = |condition: &Condition| condition.polynomial.clone();
        let at_once = vec![conditions.iter().map(polynomial).collect()];
        let by_order = conditions.chunk_by(|x, y| x.order() == y.order());
        let by_order: Vec<Vec<_>> = by_order.map(|group| group.iter().map(polynomial).collect()).collect();
        let mut best: Option<((usize, bool), Vec<_>)> = None;
        for groups in [at_once, by_order] {
            let ends = solver::solve(Case::new(groups.into_iter()), &budget);
            let undecided = ends.iter().filter(|(_, ending)| matches!(ending, Ending::Undecided(_))).count();
            let solved = ends.iter().any(|(_, ending)| matches!(ending, Ending::Solution(_)));
            // What has found solutions is not replaced by what ran out of time before it found any.
            let better = |(least, had): &(usize, bool)| undecided < *least && (solved || !had);
            if best.as_ref().is_none_or(|(rank, _)| better(rank)) {
                best = Some(((undecided, solved), ends));
            }
            let over = cancelled() || deadline.is_some_and(|deadline| Instant::now() >= deadline);
            if over || undecided == 0 || unknowns_of(&self.general).len() >= MANY_UNKNOWNS {
                break;
            }
        }
        let mut cases = Vec::new();
        for (steps, ending) in best.map(|(_, ends)| ends).unwrap_or_default() {
            let finding = match ending {
                Ending::Contradiction(absurd) => Finding::Contradiction(absurd),
                Ending::Undecided(case) => {
                    Finding::Undecided { terms: case.size(), unknowns: case.unknowns() }
                }
                Ending::Solution(case) => Finding::Solution(Box::new(self.solution(case)?)),
            };
            cases.push(CaseReport { steps, finding });
        }
        Ok(Answer { conditions, cases })
    }

    fn solution(&self, case: Case) -> Result<Solution, SearchError> {
        let value = |entry: &RationalFunction| {
            case.solved.iter().fold(entry.clone(), |entry, (unknown, value)| {
                // Entries are polynomials in the unknowns, so nothing is divided by 0.
                entry.substituted(unknown, value).unwrap_or(entry)
            })
        };
        let tableau = self.general.map(value);
        let mut unknowns = unknowns_of(&tableau);
        for name in case.unknowns() {
            if !unknowns.contains(&name) {
                unknowns.push(name);
            }
        }
        let mut solution = Solution {
            essential_stages: shape::essential_stages(&tableau),
            tableau,
            unknowns,
            relations: case.equations,
            exceptions: case.nonzero,
            members: Vec::new(),
            unexpressed_roots: 0,
        };
        (solution.members, solution.unexpressed_roots) = member::of(&solution, self.gradient_order)?;
        Ok(solution)
    }
}

/// The unknowns in a tableau, in alphabetical order.
fn unknowns_of(tableau: &Coefficients<RationalFunction>) -> Vec<String> {
    let mut names: Vec<&str> =
        tableau.a.iter().flatten().chain(&tableau.b).flat_map(RationalFunction::parameters).collect();
    names.sort_unstable();
    names.dedup();
    names.into_iter().map(str::to_owned).collect()
}

#[cfg(test)]
mod tests;
