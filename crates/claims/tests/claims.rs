//! Every claim against its registered verdict, and the reports on all of them.
#![allow(clippy::unwrap_used)] // a failed unwrap is a failed test

use std::sync::LazyLock;

use serde_json::Value;
use shadowflow_claims::{CLAIMS, Control, Judged, Judgement, Verdict, find, report};

/// All claims, judged once for all tests.
static JUDGED: LazyLock<Vec<Judged>> = LazyLock::new(|| CLAIMS.iter().map(Judged::of).collect());

#[test]
fn every_claim_is_as_registered() {
    for judged in JUDGED.iter() {
        assert!(judged.is_as_registered(), "{}", report::details(judged));
    }
}

#[test]
fn every_control_fails_as_it_must() {
    for judged in JUDGED.iter() {
        let control = judged.judgement.control.as_ref().unwrap();
        assert!(control.failed_as_it_must(), "{}", report::details(judged));
    }
}

#[test]
fn a_control_is_the_check_of_the_claim() {
    // What must miss in the control is expected in the claim too, and met there; value or expectation differ.
    for judged in JUDGED.iter() {
        let control = judged.judgement.control.as_ref().unwrap();
        for name in control.must_miss {
            let in_claim = judged.judgement.numbers.iter().find(|number| number.name == **name).unwrap();
            let in_control = control.numbers.iter().find(|number| number.name == **name).unwrap();
            assert!(in_claim.is_met() && in_claim.expected.is_some(), "{}: {name}", judged.claim.id);
            assert_ne!(in_claim, in_control, "{}: {name}", judged.claim.id);
        }
    }
}

#[test]
fn numbers_of_the_literature_and_of_other_computations_appear() {
    let number = |id: &str, part: &str| -> String {
        let judged = JUDGED.iter().find(|judged| judged.claim.id == id).unwrap();
        judged.judgement.numbers.iter().find(|number| number.name.contains(part)).unwrap().value.to_string()
    };
    // Barrett & Dherin (2021).
    assert_eq!(number("gd-modified-potential", "coefficient of h"), "1/4");
    // By hand and by another algebra system.
    assert_eq!(number("second-order-not-gradient", "curl of the h² term"), "1295/729");
    assert_eq!(number("rk2-one-third", "only zero"), "1/3");
    // |1/4 - e⁻³| and |1/4 - e^(-21/4)|, to six digits by a pocket calculator.
    assert_eq!(number("modified-series-radius", "after h^0"), "0.200213");
    assert_eq!(number("modified-series-radius", "after h^1"), "0.244752");
    // -(1 + β)/(2(1 - β)³), by hand from the roots of z² - (1 + β - h)z + β.
    assert_eq!(number("heavy-ball-modified", "coefficient of h"), "-6");
}

#[test]
fn evidence_by_formulas_is_there() {
    for (id, part) in [("gd-modified-potential", "formulas"), ("second-order-not-gradient", "formulas")] {
        let judged = JUDGED.iter().find(|judged| judged.claim.id == id).unwrap();
        let found = judged.judgement.numbers.iter().any(|number| number.name.contains(part));
        assert!(found, "{id}");
    }
}

#[test]
fn the_json_document_keeps_the_contract() {
    let document: Value = serde_json::from_str(&report::json(&JUDGED)).unwrap();
    let claims = document["claims"].as_array().unwrap();
    assert_eq!(claims.len(), CLAIMS.len());
    let keys = |value: &Value| value.as_object().unwrap().keys().cloned().collect::<Vec<_>>();
    for (claim, judged) in claims.iter().zip(JUDGED.iter()) {
        let expected =
            ["id", "statement", "source", "verdict", "hypotheses", "numbers", "control", "seconds"];
        assert_eq!(keys(claim), expected);
        assert_eq!(claim["verdict"], judged.claim.registered.word());
        assert_eq!(claim["control"]["failed_as_it_must"], true);
        assert!(claim["seconds"].is_number());
        let numbers = claim["numbers"].as_array().unwrap();
        assert!(!numbers.is_empty());
        for number in numbers.iter().chain(claim["control"]["numbers"].as_array().unwrap()) {
            assert_eq!(keys(number)[..4], ["name", "value", "error", "expected"]);
            // Exact numbers are strings without a decimal point; floats are finite numbers.
            match &number["value"] {
                Value::String(exact) => assert!(!exact.contains('.'), "{number}"),
                value => assert!(value.is_f64(), "{number}"),
            }
        }
    }
    let curl = &claims.iter().find(|claim| claim["id"] == "second-order-not-gradient").unwrap()["numbers"][0];
    assert_eq!((&curl["value"], &curl["expected"]), (&"1295/729".into(), &"≠ 0".into()));
}

#[test]
fn everything_for_the_terminal_fits_a_hundred_columns() {
    let mut texts = vec![report::table(&JUDGED), report::listing(CLAIMS)];
    texts.extend(JUDGED.iter().map(report::details));
    for line in texts.iter().flat_map(|text| text.lines()) {
        assert!(line.chars().count() <= 100, "{line}");
    }
    for claim in CLAIMS {
        assert!(texts[0].contains(claim.id) && texts[1].contains(claim.id));
    }
    assert!(texts[0].contains(&format!("All {} claims hold as registered.", CLAIMS.len())));
}

#[test]
fn markdown_has_six_cells_a_row() {
    let text = report::markdown(&JUDGED);
    assert_eq!(text.lines().count(), CLAIMS.len() + 2);
    for row in text.lines() {
        assert_eq!(row.replace("\\|", "").matches('|').count(), 7, "{row}");
    }
}

#[test]
fn a_claim_that_falls_short_is_shown_as_such() {
    let claim = find("gd-is-euler").unwrap();
    let mut judged = JUDGED.iter().find(|judged| judged.claim.id == claim.id).unwrap().clone();
    judged.judgement.control = judged.judgement.control.map(|control| Control { must_miss: &[], ..control });
    assert!(!judged.is_as_registered());
    let text = report::table(std::slice::from_ref(&judged));
    assert!(text.contains("does not fail") && text.contains("1 of 1 do not hold as registered."), "{text}");

    let reason = "the flow stops".to_owned();
    let judgement = Judgement {
        verdict: Verdict::NotCheckable { reason: reason.clone() },
        numbers: Vec::new(),
        control: None,
    };
    let judged = [Judged { judgement, ..judged }];
    assert!(!judged[0].is_as_registered());
    let document: Value = serde_json::from_str(&report::json(&judged)).unwrap();
    assert_eq!(document["claims"][0]["verdict"], "not checkable here");
    assert_eq!(document["claims"][0]["reason"], reason.as_str());
    assert!(document["claims"][0]["control"].is_null());
    for text in [report::table(&judged), report::details(&judged[0])] {
        assert!(text.contains(&reason) && text.contains("not checkable here"), "{text}");
        assert!(text.lines().all(|line| line.chars().count() <= 100), "{text}");
    }
}

#[test]
fn verdicts_have_the_words_of_the_registry() {
    let words = |verdict: &Verdict| verdict.word();
    let open = Verdict::NotCheckable { reason: String::new() };
    let all = [&Verdict::Proved, &Verdict::Certified, &Verdict::Supported, &Verdict::Refuted, &open];
    assert_eq!(all.map(words), ["proved", "certified", "supported", "refuted", "not checkable here"]);
}
