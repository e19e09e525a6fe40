//! `derive`, `shadow` and `problems` as people and scripts meet them.
#![allow(clippy::unwrap_used)] // a failed unwrap is a failed test

mod command;

use std::time::{Duration, Instant};

use command::{document, refused, shadowflow};

fn text(args: &[&str]) -> String {
    let output = shadowflow(args);
    assert!(output.status.success(), "{args:?}: {}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap()
}

#[test]
fn without_a_system_the_general_form_is_printed() {
    let found = text(&["derive", "euler", "--order", "4"]);
    assert!(found.contains("y' = f - h/2 f'(f)") && found.contains("V~ = V + h/4 |∇V|²"), "{found}");
    assert!(text(&["derive", "strang", "--order", "2"]).contains("y' = f1(y) + f2(y)"));
    let json = document(&["derive", "heavy-ball", "--order", "1", "--format", "json"]);
    assert_eq!(json["potential"]["terms"][1]["coefficient"], "1/4*(1 + beta)/(1 - beta)^3");
    assert!(refused(&["derive", "euler", "--format", "sympy"]).contains("--objective"));
    assert!(refused(&["derive", "adam"]).contains("--objective"));
}

#[test]
fn every_kind_of_method_derives() {
    for method in [
        "rk4",
        "rk2(c2)",
        "heavy-ball",
        "nesterov(beta=1/7)",
        "momentum(gamma=(1-beta)/6)",
        "ros3p",
        "avf",
        "gda",
        "alternating-gda",
        "symplectic-euler",
        "rmsprop",
        "adam(epsilon=1/100)",
    ] {
        let args = [
            "derive",
            method,
            "--objective",
            "(1-x*y)^2/2",
            "--vars",
            "x,y",
            "--order",
            "1",
            "--format",
            "json",
        ];
        let found = document(&args);
        assert_eq!(found["field"].as_array().unwrap().len(), 2, "{method}");
    }
    for method in ["sgd", "sme", "strang", "lie-trotter", "imex-euler"] {
        let args = [
            "derive",
            method,
            "--objective",
            "x^2/2+y",
            "--objective",
            "x*y^2",
            "--order",
            "1",
            "--format",
            "json",
        ];
        assert_eq!(document(&args)["field"].as_array().unwrap().len(), 2, "{method}");
    }
}

#[test]
fn all_orders_are_closed_forms_on_quadratics() {
    let found = document(&[
        "derive",
        "euler",
        "--objective",
        "mu*x^2/2",
        "--vars",
        "x",
        "--all-orders",
        "--format",
        "json",
    ]);
    assert_eq!(found["field"][0], "log(1 - h*mu)*x/h");
    assert!(text(&["derive", "rk4", "--all-orders"]).contains("1.944544365597"));
    assert!(text(&["derive", "euler", "--field", "blowup", "--all-orders"]).contains("no closed form"));
}

#[test]
fn built_in_problems_go_by_name() {
    assert!(text(&["problems"]).contains("rosenbrock"));
    let found = document(&[
        "derive",
        "euler",
        "--objective",
        "rosenbrock",
        "--params",
        "a=1",
        "--format",
        "json",
        "--order",
        "1",
    ]);
    assert_eq!(found["parameters"], serde_json::json!(["b"]));
    assert!(refused(&["derive", "euler", "--objective", "pendulum"]).contains("--field pendulum"));
    assert!(refused(&["derive", "euler", "--objective", "rosenbrock", "--params", "c=1"]).contains("a, b"));
    assert!(
        refused(&["derive", "euler", "--objective", "rosenbrock", "--vars", "x,y"])
            .contains("its own variables")
    );
    let misspelt = refused(&["derive", "euler", "--objective", "rosenbrok"]);
    assert!(misspelt.contains("did you mean rosenbrock?") && misspelt.contains("--vars rosenbrok"));
    // Any name is a variable where that is said.
    document(&["derive", "euler", "--objective", "rosenbrok", "--vars", "rosenbrok", "--format", "json"]);
}

#[test]
fn wrong_requests_say_what_would_be_right() {
    let f = ["--objective", "(1-x*y)^2/2"];
    let with = |args: &[&'static str]| refused(&[&["derive"], args, &f].concat());
    assert!(with(&["strang"]).contains("more than once"));
    assert!(with(&["heavy-ball(beta=2)"]).contains("9/10"));
    assert!(with(&["adam(beta3=2)"]).contains("beta1, beta2 and epsilon"));
    assert!(with(&["symplectic-euler", "--split", "2"]).contains("--split"));
    assert!(with(&["euler", "--split", "1"]).contains("partitioned"));
    assert!(
        refused(&["derive", "sme", "--objective", "x^2", "--objective", "x", "--order", "2"])
            .contains("--order 1")
    );
    assert!(with(&["symplectic-euler", "--kind", "modifying"]).contains("--kind"));
    assert!(refused(&["derive", "heavy-ball", "--objective", "beta*x^2", "--vars", "x"]).contains("rename"));
    assert!(refused(&["derive", "euler", "--objective", "x^2", "--timeout", "0"]).contains("--timeout"));
    assert!(refused(&["derive", "euler", "--objective", "x^2", "--params", "a:2"]).contains("name=value"));
}

#[test]
fn time_that_is_up_leaves_what_is_finished() {
    let began = Instant::now();
    let f = "(x+y+z)^6/(1+x^2+y^2+z^2) + x*y*z";
    let output = shadowflow(&[
        "derive",
        "euler",
        "--objective",
        f,
        "--order",
        "8",
        "--timeout",
        "2",
        "--format",
        "json",
    ]);
    let json: serde_json::Value = match output.status.code() {
        // It fell short, and what is finished is there.
        Some(1) => serde_json::from_slice(&output.stdout).unwrap(),
        code => panic!("{code:?}: {}", String::from_utf8_lossy(&output.stderr)),
    };
    assert!(
        json["order"].as_u64().unwrap() < 8 && json["note"].as_str().unwrap().contains("the time was up"),
        "{json}"
    );
    // Two seconds, one product at the most after them, and starting; the machine may be busy.
    assert!(began.elapsed() < Duration::from_secs(30));
}

#[cfg(feature = "symbolica")]
#[test]
fn shadows_are_measured_beside_their_formulas() {
    let found = document(&[
        "shadow",
        "heavy-ball(beta=0.5)",
        "--objective",
        "x^2/2",
        "--at",
        "1",
        "--h",
        "1/400",
        "--order",
        "3",
        "--json",
    ]);
    let (x, field) = (found["point"][0].as_f64().unwrap(), found["field"][0].as_f64().unwrap());
    // The exact rate, log of the root of z² - (3/2 - h)z + 1/2 over h, which is also in the literature: -2.0152207.
    assert!((field / x + 2.015_220_7).abs() < 1e-7, "{}", field / x);
    let gaps: Vec<f64> =
        found["formulas"].as_array().unwrap().iter().map(|f| f["distance"].as_f64().unwrap()).collect();
    assert!(gaps.windows(2).all(|pair| pair[1] < 0.05 * pair[0]), "{gaps:?}");
    assert!(
        refused(&["shadow", "euler", "--objective", "x*y", "--at", "1", "--h", "0.1"])
            .contains("2 variables")
    );
    assert!(
        refused(&["shadow", "euler", "--objective", "a*x^2", "--vars", "x", "--at", "1", "--h", "0.1"])
            .contains("--params")
    );
    assert!(
        refused(&["shadow", "euler", "--objective", "x^4", "--at", "100", "--h", "1"]).contains("leaves")
    );
}
