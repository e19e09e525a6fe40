//! Parameters that stay symbols, and searches: JSON documents, exit codes, messages.
#![allow(clippy::unwrap_used)] // a failed unwrap is a failed test

mod command;

use command::{document, refused, shadowflow};
use serde_json::{Value, json};

#[test]
fn series_of_a_family_are_functions_of_its_parameters() {
    let series = document(&["series", "rk2(c2)", "--order", "3", "--json"]);
    assert_eq!(series["method"], "rk2(c2)");
    let row = |levels: Value| {
        let rows = series["coefficients"].as_array().unwrap();
        rows.iter().find(|row| row["tree"] == levels).unwrap()["coefficient"].clone()
    };
    assert_eq!(row(json!([1, 2, 3])), "-1/6");
    assert_eq!(row(json!([1, 2, 2])), "(3*c2 - 2)/6");
    let weights = document(&["series", "rk3(c2,c3=1)", "--order", "2", "--kind", "weights", "--json"]);
    assert_eq!(weights["coefficients"][1]["coefficient"], "1/2");
}

#[test]
fn potentials_of_a_family_name_the_next_condition() {
    let potential = document(&["potential", "rk2(c2)", "--json"]);
    assert_eq!(potential["parameters"], json!(["c2"]));
    assert_eq!((&potential["accuracy"], &potential["gradient_order"]), (&json!(2), &json!(2)));
    assert_eq!(potential["next_order_conditions"], json!(["3*c2 - 1"]));
}

#[test]
fn a_search_describes_what_it_finds() {
    let ask = |accuracy: &str, order: &str| {
        document(&[
            "search",
            "--stages",
            "2",
            "--explicit",
            "--accuracy",
            accuracy,
            "--gradient-order",
            order,
            "--json",
        ])
    };
    let found = ask("2", "3");
    assert_eq!((&found["verdict"], &found["solutions"][0]["dimension"]), (&json!("found"), &json!(0)));
    assert_eq!(found["solutions"][0]["tableau"]["b"], json!(["-1/2", "3/2"]));
    let none = ask("2", "4");
    assert_eq!(none["verdict"], "none exists");
    assert!(
        none["cases"].as_array().unwrap().iter().all(|case| case["finding"]["contradiction"].is_string())
    );
    let text = String::from_utf8(
        shadowflow(&["search", "--stages", "3", "--accuracy", "2", "--gradient-order", "4"]).stdout,
    );
    assert!(text.unwrap().contains("a family with 1 parameter"));
}

#[test]
fn bad_parameters_and_questions_are_refused() {
    for (args, expected) in [
        (&["series", "rk2(c3)"][..], "no parameter `c3`"),
        (&["series", "rkc(s)"], "can stay symbols"),
        (&["series", "rk3(c3=c2)"], "has no method at"),
        (&["series", "rk2(c2)", "--order", "9"], "beyond the limit of 8"),
        (&["series", "rk2(c2)", "--kind", "modifying"], "numbers only"),
        (&["search", "--stages", "5", "--gradient-order", "3"], "1 to 4 stages"),
        (&["search", "--stages", "2", "--gradient-order", "99"], "from 1 to 7"),
        (&["search", "--stages", "2", "--accuracy", "4", "--gradient-order", "3"], "accuracy p implies"),
    ] {
        let message = refused(args);
        assert!(message.contains(expected), "{args:?}: {message}");
    }
}
