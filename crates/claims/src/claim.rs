//! What a claim is, and what a judgement of it says.

use std::fmt;

use crate::error::ClaimError;
use crate::number::{Number, Quantity};

/// A statement with its hypotheses, its source, and the program that judges it.
#[derive(Clone, Debug)]
pub struct Claim {
    /// The name on the command line: lower-case words joined by hyphens.
    pub id: &'static str,
    /// The subject it belongs to.
    pub family: Family,
    /// What is claimed, in plain text.
    pub statement: &'static str,
    /// Whom it follows (author, year), or "this project".
    pub source: &'static str,
    /// What is assumed.
    pub hypotheses: &'static [Hypothesis],
    /// The verdict on record.
    pub registered: Verdict,
    pub(crate) judge: fn() -> Result<Judgement, ClaimError>,
}

/// Something assumed, and how it is known to hold where the claim is judged.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Hypothesis {
    /// The assumption.
    pub statement: &'static str,
    /// How it was checked.
    pub checked: &'static str,
}

/// The subject of a claim.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Family {
    /// Gradient descent as a numerical method.
    Descent,
    /// The first terms of the modified equation, and their potential.
    ModifiedPotential,
    /// How far a potential reaches.
    GradientOrder,
    /// The modified equation to all orders.
    Radius,
    /// How large steps may be.
    Stability,
    /// Orbits and chaos beyond the edge of stability.
    LargeSteps,
    /// Which minimizers large steps lead to.
    Balancing,
    /// Networks as methods.
    Networks,
    /// Momentum, adaptive steps, random batches.
    Optimizers,
}

impl Family {
    /// The subject as a heading.
    pub fn title(self) -> &'static str {
        match self {
            Family::Descent => "Gradient descent as a method",
            Family::ModifiedPotential => "Modified potentials",
            Family::GradientOrder => "Gradient order",
            Family::Radius => "The modified equation to all orders",
            Family::Stability => "Stability",
            Family::LargeSteps => "Large steps: orbits and chaos",
            Family::Balancing => "Large steps: balance",
            Family::Networks => "Networks as methods",
            Family::Optimizers => "Optimizers beyond gradient descent",
        }
    }
}

/// What a claim turned out to be, from strong to weak.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// By exact arithmetic or an identity of formulas.
    Proved,
    /// By interval arithmetic, rounded outward.
    Certified,
    /// By measurements with a stated error.
    Supported,
    /// False: a counterexample is among the numbers.
    Refuted,
    /// Neither shown nor refuted in this build or by this run.
    NotCheckable {
        /// Why not.
        reason: String,
    },
}

impl Verdict {
    /// The verdict in words.
    pub fn word(&self) -> &'static str {
        match self {
            Verdict::Proved => "proved",
            Verdict::Certified => "certified",
            Verdict::Supported => "supported",
            Verdict::Refuted => "refuted",
            Verdict::NotCheckable { .. } => "not checkable here",
        }
    }

    /// Whether two verdicts are the same, whatever the reason of one that is missing.
    pub fn agrees_with(&self, other: &Verdict) -> bool {
        self.word() == other.word()
    }
}

impl fmt::Display for Verdict {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.word())
    }
}

/// The negative control: the same check on a case outside the hypotheses, where it must fail.
#[derive(Clone, Debug, PartialEq)]
pub struct Control {
    /// The case.
    pub description: &'static str,
    /// The names of the numbers that must miss what is expected of them.
    pub must_miss: &'static [&'static str],
    /// What the check found.
    pub numbers: Vec<Number>,
}

impl Control {
    /// Whether every number that must miss its expectation is there and does. A control that proves nothing, because
    /// no number must miss, has not failed.
    pub fn failed_as_it_must(&self) -> bool {
        let misses =
            |name: &&str| self.numbers.iter().any(|number| number.name == **name && !number.is_met());
        !self.must_miss.is_empty() && self.must_miss.iter().all(misses)
    }
}

/// A verdict with its evidence.
#[derive(Clone, Debug, PartialEq)]
pub struct Judgement {
    /// The verdict.
    pub verdict: Verdict,
    /// The evidence, the most telling first. Exact numbers carry a proof; floats confirm it, or measure.
    pub numbers: Vec<Number>,
    /// The negative control; `None` only where nothing could be checked.
    pub control: Option<Control>,
}

impl Judgement {
    /// `established` where every number is as expected. Otherwise an exact number that is not refutes what was to be
    /// shown, and a measured one leaves it open.
    pub(crate) fn weigh(established: Verdict, numbers: Vec<Number>, control: Control) -> Judgement {
        let missed = |number: &&Number| !number.is_met();
        let exact = |number: &Number| matches!(number.value, Quantity::Exact(_));
        let verdict = match numbers.iter().filter(missed).max_by_key(|number| exact(number)) {
            None => established,
            Some(number) if exact(number) && established != Verdict::Refuted => Verdict::Refuted,
            Some(number) => {
                let expected =
                    number.expected.as_ref().map(|e| format!(", expected {e}")).unwrap_or_default();
                Verdict::NotCheckable { reason: format!("{number}{expected}") }
            }
        };
        Judgement { verdict, numbers, control: Some(control) }
    }

    pub(crate) fn not_checkable(reason: String) -> Judgement {
        Judgement { verdict: Verdict::NotCheckable { reason }, numbers: Vec::new(), control: None }
    }
}

impl Claim {
    /// Runs the check of the claim and its control.
    ///
    /// # Errors
    /// If a computation behind it fails, which is neither for nor against the claim.
    pub fn judge(&self) -> Result<Judgement, ClaimError> {
        (self.judge)()
    }

    /// Whether a judgement is the registered one, by a check whose control failed as it must.
    pub fn is_borne_out_by(&self, judgement: &Judgement) -> bool {
        judgement.verdict.agrees_with(&self.registered)
            && judgement.control.as_ref().is_some_and(Control::failed_as_it_must)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn control() -> Control {
        Control {
            description: "one in place of zero",
            must_miss: &["a"],
            numbers: vec![Number::new("a", 1).equals(0)],
        }
    }

    #[test]
    fn evidence_decides_the_verdict() {
        let weigh = |established, numbers| Judgement::weigh(established, numbers, control()).verdict;
        let (met, missed) = (|| Number::new("a", 0).equals(0), || Number::new("b", 1).equals(0));
        let measured = || Number::new("c", 0.3).with_error(0.1).near(0.0, 0.2);
        assert_eq!(weigh(Verdict::Proved, vec![met()]), Verdict::Proved);
        assert_eq!(weigh(Verdict::Supported, vec![met(), Number::new("told", 5)]), Verdict::Supported);
        assert_eq!(weigh(Verdict::Proved, vec![met(), measured(), missed()]), Verdict::Refuted);
        let reason = "c ≈ 0.3 ± 0.1, expected 0 ± 0.2".to_owned();
        assert_eq!(weigh(Verdict::Proved, vec![met(), measured()]), Verdict::NotCheckable { reason });
        // What fails to refute does not refute.
        assert!(
            weigh(Verdict::Refuted, vec![missed()])
                .agrees_with(&Verdict::NotCheckable { reason: String::new() })
        );
    }

    #[test]
    fn a_control_must_fail_where_it_is_said_to() {
        assert!(control().failed_as_it_must());
        let with = |must_miss, value: i32| Control {
            must_miss,
            numbers: vec![Number::new("a", value).equals(0)],
            ..control()
        };
        assert!(!with(&["a"], 0).failed_as_it_must(), "it passed");
        assert!(!with(&["b"], 1).failed_as_it_must(), "it failed elsewhere");
        assert!(!with(&[], 1).failed_as_it_must(), "it promised nothing");
    }
}
