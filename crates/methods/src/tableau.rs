//! The Butcher tableau: validated when built, then trusted.

use std::sync::{Arc, OnceLock};

use dashu_int::UBig;

use crate::error::TableauError;
use crate::exact::{Exact, ExactInteger, NumberField, lcm};
use crate::order;
use crate::properties::Properties;
use crate::recurrence::Recurrence;
use crate::ring::Coefficients;
use crate::stability_function::StabilityFunction;

/// Most stages a tableau may have.
pub const MAX_STAGES: usize = 64;

/// Most digits that an approximate tableau may claim.
const MAX_DIGITS: u32 = 100;

/// How messages call the vectors of a tableau.
const B: &str = "the weights b";
const EMBEDDED: &str = "the embedded weights";

/// How the stages depend on each other.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// A is strictly lower triangular: stages follow one another.
    Explicit,
    /// A is lower triangular: one implicit equation a stage.
    DiagonallyImplicit,
    /// Stages are coupled.
    Implicit,
}

impl Kind {
    /// `explicit`, `diagonally implicit` or `implicit`.
    pub fn name(self) -> &'static str {
        match self {
            Kind::Explicit => "explicit",
            Kind::DiagonallyImplicit => "diagonally implicit",
            Kind::Implicit => "implicit",
        }
    }
}

/// The coefficients of a Runge–Kutta method with `s` stages,
/// Yᵢ = y + h Σⱼ aᵢⱼ f(Yⱼ), y⁺ = y + h Σᵢ bᵢ f(Yᵢ), in exact numbers (Butcher 1964).
///
/// ```
/// use shadowflow_methods::{Exact, Kind, Tableau};
/// let half = Exact::ratio(1, 2);
/// let midpoint = Tableau::new(
///     vec![vec![Exact::ZERO, Exact::ZERO], vec![half.clone(), Exact::ZERO]],
///     vec![Exact::ZERO, Exact::ONE],
/// )?;
/// assert_eq!(midpoint.c(), [Exact::ZERO, half]);
/// assert_eq!(midpoint.kind(), Kind::Explicit);
/// assert_eq!(midpoint.order(), 2);
/// # Ok::<(), shadowflow_methods::TableauError>(())
/// ```
#[derive(Clone, Debug)]
pub struct Tableau {
    stages: usize,
    a: Vec<Exact>,
    b: Vec<Exact>,
    c: Vec<Exact>,
    embedded: Option<Vec<Exact>>,
    digits: Option<u32>,
    kind: Kind,
    recurrence: Option<Arc<Recurrence>>,
    order: OnceLock<u32>,
    stability: OnceLock<StabilityFunction>,
    properties: OnceLock<Properties>,
}

impl Tableau {
    /// A tableau from the rows of A and the weights b; the nodes are the row sums.
    ///
    /// # Errors
    /// If A is empty, not square or too large, b has another length, Σb ≠ 1, or entries mix two number fields.
    pub fn new(rows: Vec<Vec<Exact>>, b: Vec<Exact>) -> Result<Tableau, TableauError> {
        Tableau::build(rows, b, None)
    }

    /// A tableau whose method is known only numerically: rational entries, each within half a unit of the digit number
    /// `digits` behind the decimal point of its true value, zeros excepted, which are exact. Its order is that to which
    /// the conditions hold as far as those digits tell, and whatever else follows from it is as precise as they are.
    ///
    /// # Errors
    /// As for [`Tableau::new`], where Σb = 1 is asked to the given precision; or if an entry is irrational or
    /// there are no digits or more than 100.
    pub fn approximate(rows: Vec<Vec<Exact>>, b: Vec<Exact>, digits: u32) -> Result<Tableau, TableauError> {
        Tableau::build(rows, b, Some(digits))
    }

    fn build(rows: Vec<Vec<Exact>>, b: Vec<Exact>, digits: Option<u32>) -> Result<Tableau, TableauError> {
        let stages = rows.len();
        if stages == 0 {
            return Err(TableauError::Empty);
        }
        if stages > MAX_STAGES {
            return Err(TableauError::TooManyStages { stages, limit: MAX_STAGES });
        }
        for (i, row) in rows.iter().enumerate() {
            if row.len() != stages {
                return Err(TableauError::RowLength { row: i + 1, expected: stages, found: row.len() });
            }
        }
        check_length(B, stages, &b)?;
        check_one_field(rows.iter().flatten().chain(&b))?;
        if let Some(digits) = digits.filter(|digits| !(1..=MAX_DIGITS).contains(digits)) {
            return Err(TableauError::Digits { digits, limit: MAX_DIGITS });
        }
        if let (Some(_), Some(entry)) =
            (digits, rows.iter().flatten().chain(&b).find(|x| x.field().is_some()))
        {
            return Err(TableauError::IrrationalDecimal { entry: Box::new(entry.clone()) });
        }

        let c = rows.iter().map(|row| sum(row)).collect();
        let a: Vec<Exact> = rows.into_iter().flatten().collect();
        let kind = kind_of(stages, &a);
        let tableau = Tableau {
            stages,
            a,
            b,
            c,
            embedded: None,
            digits,
            kind,
            recurrence: None,
            order: OnceLock::new(),
            stability: OnceLock::new(),
            properties: OnceLock::new(),
        };
        tableau.check_weights(B, &tableau.b)?;
        Ok(tableau)
    }

    fn check_weights(&self, vector: &'static str, weights: &[Exact]) -> Result<(), TableauError> {
        let found = sum(weights);
        if self.is_negligible(&(&found - &Exact::ONE)) {
            return Ok(());
        }
        Err(TableauError::WeightSum { vector, found: Box::new(found) })
    }

    /// Checks given nodes against the row sums, which are the nodes of this tableau.
    ///
    /// # Errors
    /// If there are not as many nodes as stages, or a row of A does not sum to its node.
    pub fn check_nodes(&self, nodes: &[Exact]) -> Result<(), TableauError> {
        check_length("the nodes c", self.stages, nodes)?;
        for (i, (expected, found)) in nodes.iter().zip(&self.c).enumerate() {
            let agree = expected.shares_field(found) && self.is_negligible(&(expected - found));
            if !agree {
                return Err(TableauError::RowSum {
                    row: i + 1,
                    expected: Box::new(expected.clone()),
                    found: Box::new(found.clone()),
                });
            }
        }
        Ok(())
    }

    /// The same tableau with the weights of an embedded method, for error estimates.
    ///
    /// # Errors
    /// As for b in [`Tableau::new`].
    pub fn with_embedded(mut self, weights: Vec<Exact>) -> Result<Tableau, TableauError> {
        check_length(EMBEDDED, self.stages, &weights)?;
        check_one_field(self.a.iter().chain(&self.b).chain(&weights))?;
        self.check_weights(EMBEDDED, &weights)?;
        self.embedded = Some(weights);
        Ok(self)
    }

    /// The same tableau with the recurrence it comes from.
    pub(crate) fn with_recurrence(mut self, recurrence: Recurrence) -> Tableau {
        self.recurrence = Some(Arc::new(recurrence));
        self
    }

    /// The same tableau with its stability function, known from elsewhere.
    pub(crate) fn with_stability_function(mut self, function: StabilityFunction) -> Tableau {
        self.stability = OnceLock::from(function);
        self
    }

    /// The number of stages s.
    pub fn stages(&self) -> usize {
        self.stages
    }

    /// The three-term recurrence from which the tableau is made; `None` but for the stabilised families.
    pub fn recurrence(&self) -> Option<&Recurrence> {
        self.recurrence.as_deref()
    }

    /// Row `i` of A, from 0.
    ///
    /// # Panics
    /// If there is no such row.
    pub fn row(&self, i: usize) -> &[Exact] {
        &self.a[i * self.stages..(i + 1) * self.stages]
    }

    /// The weights b.
    pub fn b(&self) -> &[Exact] {
        &self.b
    }

    /// The nodes c, the row sums of A.
    pub fn c(&self) -> &[Exact] {
        &self.c
    }

    /// The weights of the embedded method, if there is one.
    pub fn embedded(&self) -> Option<&[Exact]> {
        self.embedded.as_deref()
    }

    /// The method with the embedded weights in place of b.
    pub fn embedded_tableau(&self) -> Option<Tableau> {
        Some(Tableau {
            b: self.embedded.clone()?,
            embedded: None,
            recurrence: None,
            order: OnceLock::new(),
            stability: OnceLock::new(),
            properties: OnceLock::new(),
            ..self.clone()
        })
    }

    /// How many digits behind the decimal point are known; `None` if the entries are exact.
    pub fn digits(&self) -> Option<u32> {
        self.digits
    }

    /// A and b as plain data, for algebra over any ring.
    pub fn coefficients(&self) -> Coefficients<Exact> {
        Coefficients { a: (0..self.stages).map(|i| self.row(i).to_vec()).collect(), b: self.b.clone() }
    }

    /// A as doubles, row by row, `s·s` numbers.
    pub fn a_f64(&self) -> Vec<f64> {
        self.a.iter().map(Exact::to_f64).collect()
    }

    /// b as doubles.
    pub fn b_f64(&self) -> Vec<f64> {
        self.b.iter().map(Exact::to_f64).collect()
    }

    /// Explicit, diagonally implicit or implicit.
    pub fn kind(&self) -> Kind {
        self.kind
    }

    /// The order of accuracy, computed from the order conditions on first use.
    pub fn order(&self) -> u32 {
        *self.order.get_or_init(|| order::of_accuracy(self))
    }

    pub(crate) fn cached_properties(&self) -> &OnceLock<Properties> {
        &self.properties
    }

    /// The stability function R = P/Q, computed on first use.
    pub fn stability_function(&self) -> &StabilityFunction {
        self.stability.get_or_init(|| StabilityFunction::of(self))
    }

    /// The number field of the entries; `None` when all are rational.
    pub fn field(&self) -> Option<&NumberField> {
        self.a.iter().chain(&self.b).find_map(Exact::field)
    }

    /// The least positive integer D for which D·A and D·b are integers, or vectors of integers in their number field.
    pub fn denominator(&self) -> UBig {
        let entries = self.a.iter().chain(&self.b);
        entries.fold(UBig::ONE, |multiple, entry| lcm(&multiple, &entry.denominator()))
    }

    /// D·A and D·b over that denominator, for sums over trees.
    pub(crate) fn scaled(&self) -> ScaledTableau {
        let denominator = self.denominator();
        let scale = |entries: &[Exact]| {
            entries.iter().map(|entry| ExactInteger::scaled(entry, &denominator)).collect()
        };
        ScaledTableau { stages: self.stages, a: scale(&self.a), b: scale(&self.b), denominator }
    }
}

/// A tableau in integers: every entry of A and b times the common denominator D.
///
/// A product of k entries is then an integer over Dᵏ, so sums over trees need no fractions.
#[derive(Clone, Debug)]
pub(crate) struct ScaledTableau {
    /// The number of stages.
    pub(crate) stages: usize,
    /// D·A, row by row.
    pub(crate) a: Vec<ExactInteger>,
    /// D·b.
    pub(crate) b: Vec<ExactInteger>,
    /// D.
    pub(crate) denominator: UBig,
}

impl ScaledTableau {
    /// The products of D·A with a vector of one number a stage.
    pub(crate) fn apply_a(&self, v: &[ExactInteger]) -> Vec<ExactInteger> {
        self.a.chunks(self.stages).map(|row| dot(row, v)).collect()
    }

    /// The product of D·b with a vector of one number a stage.
    pub(crate) fn apply_b(&self, v: &[ExactInteger]) -> ExactInteger {
        dot(&self.b, v)
    }
}

fn dot(x: &[ExactInteger], y: &[ExactInteger]) -> ExactInteger {
    let mut sum = ExactInteger::ZERO;
    for (x, y) in x.iter().zip(y) {
        if !x.is_zero() && !y.is_zero() {
            sum += &x.times(y);
        }
    }
    sum
}

fn sum(entries: &[Exact]) -> Exact {
    entries.iter().fold(Exact::ZERO, |sum, entry| &sum + entry)
}

fn kind_of(stages: usize, a: &[Exact]) -> Kind {
    let is_zero_from = |offset: usize| {
        (0..stages).all(|i| a[i * stages..(i + 1) * stages].iter().skip(i + offset).all(Exact::is_zero))
    };
    if is_zero_from(0) {
        Kind::Explicit
    } else if is_zero_from(1) {
        Kind::DiagonallyImplicit
    } else {
        Kind::Implicit
    }
}

fn check_length(vector: &'static str, expected: usize, entries: &[Exact]) -> Result<(), TableauError> {
    match entries.len() {
        found if found == expected => Ok(()),
        found => Err(TableauError::VectorLength { vector, expected, found }),
    }
}

fn check_one_field<'a>(entries: impl Iterator<Item = &'a Exact>) -> Result<(), TableauError> {
    let mut fields = entries.filter_map(Exact::field);
    let Some(first) = fields.next() else { return Ok(()) };
    match fields.find(|field| *field != first) {
        None => Ok(()),
        Some(second) => {
            Err(TableauError::MixedFields { first: first.to_string(), second: second.to_string() })
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rows(text: &[&[&str]]) -> Vec<Vec<Exact>> {
        text.iter().map(|row| row.iter().map(|entry| entry.parse().unwrap()).collect()).collect()
    }

    #[test]
    fn construction_says_what_is_wrong() {
        let new = |a: &[&[&str]], b: &[&str]| Tableau::new(rows(a), rows(&[b]).remove(0)).map(|t| t.stages);
        assert_eq!(new(&[&["0"]], &["1"]), Ok(1));
        assert_eq!(new(&[], &[]), Err(TableauError::Empty));
        assert_eq!(
            new(&[&["0", "0"], &["1"]], &["1", "0"]),
            Err(TableauError::RowLength { row: 2, expected: 2, found: 1 })
        );
        assert_eq!(
            new(&[&["0"]], &["1/2", "1/2"]),
            Err(TableauError::VectorLength { vector: B, expected: 1, found: 2 })
        );
        assert_eq!(
            new(&[&["0"]], &["3/4"]),
            Err(TableauError::WeightSum { vector: B, found: Box::new(Exact::ratio(3, 4)) })
        );
        assert_eq!(
            new(&[&["sqrt(2)", "0"], &["0", "sqrt(3)"]], &["1", "0"]),
            Err(TableauError::MixedFields { first: "sqrt(2)".to_owned(), second: "sqrt(3)".to_owned() })
        );
    }

    #[test]
    fn nodes_are_checked_against_row_sums() {
        let heun =
            Tableau::new(rows(&[&["0", "0"], &["1", "0"]]), rows(&[&["1/2", "1/2"]]).remove(0)).unwrap();
        assert!(heun.check_nodes(&[Exact::ZERO, Exact::ONE]).is_ok());
        assert_eq!(
            heun.check_nodes(&[Exact::ZERO, Exact::ratio(1, 2)]),
            Err(TableauError::RowSum {
                row: 2,
                expected: Box::new(Exact::ratio(1, 2)),
                found: Box::new(Exact::ONE)
            })
        );
    }
}
