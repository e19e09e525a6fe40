//! Judgements for programs.

use serde_json::{Value, json};

use crate::claim::{Control, Hypothesis, Verdict};
use crate::judged::Judged;
use crate::number::{Expected, Number, Quantity};

/// One JSON document: `{"claims": [{"id", "statement", "source", "verdict", "hypotheses", "numbers", "control",
/// "seconds"}, …]}`.
///
/// Exact values are strings, floats are numbers (or `null` where not finite). What is expected is written in the same way,
/// or, where it is no single value, as a string such as `"≠ 0"` or `"≤ 1e-13"`; `tolerance` is added where a float is
/// compared with a value, and `reason` where a claim is not checkable.
pub fn json(judged: &[Judged]) -> String {
    let document = json!({ "claims": judged.iter().map(claim).collect::<Vec<_>>() });
    format!("{document:#}\n")
}

fn claim(judged: &Judged) -> Value {
    let (claim, judgement) = (judged.claim, &judged.judgement);
    let mut value = json!({
        "id": claim.id,
        "statement": claim.statement,
        "source": claim.source,
        "verdict": judgement.verdict.word(),
        "hypotheses": claim.hypotheses.iter().map(hypothesis).collect::<Vec<_>>(),
        "numbers": judgement.numbers.iter().map(number).collect::<Vec<_>>(),
        "control": judgement.control.as_ref().map(control),
        "seconds": judged.seconds,
    });
    if let Verdict::NotCheckable { reason } = &judgement.verdict {
        value["reason"] = reason.as_str().into();
    }
    value
}

fn hypothesis(hypothesis: &Hypothesis) -> Value {
    json!({ "statement": hypothesis.statement, "checked": hypothesis.checked })
}

fn control(control: &Control) -> Value {
    json!({
        "description": control.description,
        "must_miss": control.must_miss,
        "failed_as_it_must": control.failed_as_it_must(),
        "numbers": control.numbers.iter().map(number).collect::<Vec<_>>(),
    })
}

fn number(number: &Number) -> Value {
    let expected = match &number.expected {
        None => Value::Null,
        Some(Expected::Equal(value)) => quantity(value),
        Some(Expected::Near { value, .. }) => json!(value),
        Some(other) => other.to_string().into(),
    };
    let mut value = json!({
        "name": number.name,
        "value": quantity(&number.value),
        "error": number.error,
        "expected": expected,
    });
    if let Some(Expected::Near { tolerance, .. }) = &number.expected {
        value["tolerance"] = json!(tolerance);
    }
    value
}

fn quantity(quantity: &Quantity) -> Value {
    match quantity {
        Quantity::Exact(value) => value.to_string().into(),
        Quantity::Float(value) => json!(value),
    }
}
