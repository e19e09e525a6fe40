//! The command line as scripts and people meet it: JSON documents, exit codes, messages.
#![allow(clippy::unwrap_used)] // a failed unwrap is a failed test

mod command;
mod scratch;

use std::fs;

use command::{document, refused, shadowflow};
use scratch::scratch;
use serde_json::{Value, json};

#[test]
fn every_named_method_answers_every_question() {
    for name in "euler implicit-euler midpoint implicit-midpoint trapezoidal heun ralston kutta3 heun3 ssp33 ssp104 rk4 rk38 \
                 gauss4 gauss6 radau-iia-3 radau-iia-5 lobatto-iiia-4 rk2(c2=1/3) rkc(s=10,damping=0.05)"
        .split_whitespace()
    {
        assert!(document(&["methods", name, "--json"])["order"].as_u64().unwrap() >= 1, "{name}");
        let series = document(&["series", name, "--order", "4", "--json"]);
        assert_eq!(series["coefficients"].as_array().unwrap().len(), 8, "{name}");
        // One free tree has two rootings that matter from order 3 on, so the gradient order is the accuracy, 2 at least,
        // but for the one family member with 3; at most the 4 examined here.
        let potential = document(&["potential", name, "--order", "4", "--json"]);
        let accuracy = potential["accuracy"].as_u64().unwrap();
        let expected = if name == "rk2(c2=1/3)" { 3 } else { accuracy.clamp(2, 4) };
        assert_eq!(potential["gradient_order"], expected, "{name}");
        let stability = document(&["stability", name, "--json"]);
        assert!(stability["real_interval"].is_number() || stability["real_interval"] == "unbounded", "{name}");
    }
}

#[test]
fn methods_tell_all_that_follows_from_the_tableau() {
    let pair = document(&["methods", "dormand-prince", "--json"]);
    for (key, value) in [
        ("order", json!(5)),
        ("embedded_order", json!(4)),
        ("stage_order", json!(1)),
        ("digits", Value::Null),
        ("symplectic", json!(false)),
        ("symmetric", json!(false)),
        ("stiffly_accurate", json!(true)),
        ("first_same_as_last", json!(true)),
    ] {
        assert_eq!(pair[key], value, "{key}");
    }
    assert_eq!(pair["a"][6][2], "500/1113");
    assert_eq!(pair["order_conditions"]["order"], 6);
    let residuals = pair["order_conditions"]["residuals"].as_array().unwrap();
    assert_eq!(residuals.len(), 20, "as many as trees of order 6");
    assert!(residuals.iter().any(|condition| condition["residual"] != "0" && condition["holds"] == false));
    // To the digits in which the norm of this pair is usually quoted.
    let norm = pair["principal_error_norm"].as_f64().unwrap();
    assert!((norm - 3.99e-4).abs() < 5e-7, "{norm}");
    assert_eq!(pair["stability"]["a_stable"], false);

    let gauss = document(&["methods", "gauss4", "--json"]);
    assert_eq!((&gauss["symplectic"], &gauss["symmetric"]), (&json!(true), &json!(true)));
    assert_eq!((&gauss["stage_order"], &gauss["embedded_order"]), (&json!(2), &Value::Null));
    assert_eq!(gauss["stability"]["real_interval"], "unbounded");

    let rosenbrock = document(&["methods", "ros3p", "--json"]);
    assert_eq!((&rosenbrock["kind"], &rosenbrock["order"]), (&json!("rosenbrock"), &json!(3)));
    assert_eq!(rosenbrock["gamma"].as_array().unwrap().len(), 3);
    assert_eq!(rosenbrock["stability"]["a_stable"], true);
    let all = document(&["methods", "--json"]);
    assert!(all["methods"].as_array().unwrap().len() >= 90);
    assert!(all["rosenbrock"].as_array().unwrap().iter().any(|method| method["name"] == "ros3p"));
    assert!(all["methods"].as_array().unwrap().iter().any(|method| method["digits"].is_u64()));

    let text = String::from_utf8(shadowflow(&["methods", "rk4"]).stdout).unwrap();
    assert!(text.contains("Conditions of order 5, 9 of 9 not met"), "{text}");
}

#[test]
fn series_follow_the_contract() {
    let series = document(&["series", "euler", "--order", "3", "--json"]);
    assert_eq!(
        series,
        json!({
            "method": "euler", "order": 3, "kind": "modified",
            "coefficients": [
                { "tree": [1], "order": 1, "sigma": 1, "gamma": 1, "coefficient": "1" },
                { "tree": [1, 2], "order": 2, "sigma": 1, "gamma": 2, "coefficient": "-1/2" },
                { "tree": [1, 2, 3], "order": 3, "sigma": 1, "gamma": 6, "coefficient": "1/3" },
                { "tree": [1, 2, 2], "order": 3, "sigma": 2, "gamma": 3, "coefficient": "1/6" },
            ]
        })
    );
    assert_eq!(
        document(&["series", "euler", "--order", "2", "--kind", "weights", "--json"])["coefficients"][1]["coefficient"],
        "0"
    );
    assert_eq!(
        document(&["series", "euler", "--order", "2", "--kind", "modifying", "--json"])["coefficients"][1]["coefficient"],
        "1/2"
    );
}

#[test]
fn series_come_in_four_formats() {
    let printed = |format: &str| {
        let output = shadowflow(&["series", "euler", "--order", "3", "--format", format]);
        assert!(output.status.success());
        String::from_utf8(output.stdout).unwrap()
    };
    let csv = printed("csv");
    let lines: Vec<&str> = csv.lines().collect();
    assert_eq!(lines[0], "tree,order,sigma,gamma,coefficient");
    assert_eq!(lines[2..], ["\"[1,2]\",2,1,2,-1/2", "\"[1,2,3]\",3,1,6,1/3", "\"[1,2,2]\",3,2,3,1/6"]);
    let latex = printed("latex");
    assert!(latex.contains("3 & [1,2,2] & $f''(f, f)$ & 2 & 3 & $\\frac{1}{6}$ \\\\"), "{latex}");
    assert!(latex.contains("\\begin{longtable}") && latex.ends_with("\\end{longtable}\n\\endgroup\n"));
    assert!(printed("text").contains("3      2      3      1/6   [1,2,2]"));
    let json: Value = serde_json::from_str(&printed("json")).unwrap();
    assert_eq!(json, document(&["series", "euler", "--order", "3", "--json"]));
    refused(&["series", "euler", "--format", "yaml"]);
    refused(&["series", "euler", "--format", "csv", "--json"]);
}

#[test]
fn methods_beyond_tableaus_have_series() {
    let listed = document(&["methods", "--json"]);
    for method in listed["general"].as_array().unwrap() {
        let name = method["name"].as_str().unwrap();
        assert_eq!(document(&["methods", name, "--json"]), *method, "{name}");
        let series = document(&["series", name, "--order", "3", "--json"]);
        if method["digits"].is_u64() {
            continue; // known to so many digits, and vanishing to so many
        }
        // What is left of the modified equation begins behind the order of accuracy.
        let order = method["order"].as_u64().unwrap();
        let correct = series["coefficients"].as_array().unwrap().iter().all(|row| {
            let vertices = row["order"].as_u64().unwrap();
            vertices > order || row["coefficient"] == if vertices == 1 { "1" } else { "0" }
        });
        assert!(correct, "{name}");
        assert!(refused(&["potential", name]).contains(name));
    }
    // Two trees of one vertex and four of two, in two colours.
    let pair = document(&["series", "symplectic-euler", "--order", "2", "--json"]);
    assert_eq!(pair["coefficients"].as_array().unwrap().len(), 6);
    assert!(refused(&["series", "symplectic-euler", "--kind", "modifying"]).contains("modified and weights"));
    assert!(refused(&["series", "ros2", "--order", "99"]).contains("limit of 10"));
}

#[test]
fn series_beyond_patience_are_refused_with_an_estimate() {
    let message = refused(&["series", "euler", "--order", "25"]);
    assert!(message.contains("3.23e9 trees") && message.contains("--force"), "{message}");
    assert!(refused(&["series", "euler", "--order", "99"]).contains("limit of 34"));
}

#[test]
fn trees_are_shown_and_drawn() {
    let tree = document(&["tree", "[1,2,2,3]", "--json"]);
    assert_eq!(
        tree,
        json!({
            "tree": [1, 2, 3, 2], "colours": [0, 0, 0, 0], "order": 4, "sigma": 1, "gamma": 8,
            "differential": "f''(f'(f), f)",
            "free_tree": {
                "automorphisms": 2,
                "rootings": [
                    { "tree": [1, 2, 3, 4], "colours": [0, 0, 0, 0], "occurrences": 2 },
                    { "tree": [1, 2, 3, 2], "colours": [0, 0, 0, 0], "occurrences": 2 },
                ],
            },
        })
    );
    let text = String::from_utf8(shadowflow(&["tree", "1 2 2"]).stdout).unwrap();
    assert!(text.contains("f''(f, f)") && text.contains("[1,2,3] at 2 vertices"), "{text}");

    let folder = scratch("trees");
    let file = folder.join("cherry.svg");
    let output = shadowflow(&["tree", "[1,2,2:1]", "--format", "svg", "--out", file.to_str().unwrap()]);
    assert!(output.status.success() && output.stdout.is_empty());
    let svg = fs::read_to_string(&file).unwrap();
    assert_eq!((svg.matches("<circle").count(), svg.matches("<line").count()), (3, 2));
    assert_eq!(fs::read_dir(&folder).unwrap().count(), 1, "no temporary file is left");
    let latex = String::from_utf8(shadowflow(&["tree", "[1,2,2]", "--format", "latex"]).stdout).unwrap();
    assert!(latex.contains("[[][]]"), "{latex}");

    assert!(refused(&["tree", "[1,3]"]).contains("not the level sequence"));
    assert!(refused(&["tree", "[1,two]"]).contains("`two` is no entry"));
    assert!(refused(&["tree", "-1"]).contains("`-1` is no entry"));
    let tall: Vec<String> = (1..=99).map(|level| level.to_string()).collect();
    assert!(refused(&["tree", &tall.join(",")]).contains("99 vertices is beyond the limit of"));
    // Beyond 64 bits numbers are text.
    let tall: Vec<String> = (1..=30).map(|level| level.to_string()).collect();
    assert!(document(&["tree", &tall.join(","), "--json"])["gamma"].is_string());
    let nowhere = folder.join("missing/tree.svg");
    assert!(refused(&["tree", "[1]", "--out", nowhere.to_str().unwrap()]).contains("cannot be written"));
}

#[test]
fn potentials_follow_the_contract() {
    let potential = document(&["potential", "euler", "--order", "4", "--json"]);
    assert_eq!(potential["accuracy"], 1);
    assert_eq!(potential["gradient_order"], 2);
    assert_eq!(potential["nonconstant_classes"], json!([0, 0, 1, 2]));
    assert_eq!(
        potential["terms"],
        json!([
            { "free_tree": [1], "h_power": 0, "coefficient": "1" },
            { "free_tree": [1, 2], "h_power": 1, "coefficient": "1/4" },
        ])
    );
}

#[test]
fn stability_follows_the_contract() {
    let rk4 = document(&["stability", "rk4", "--json"]);
    assert_eq!(rk4["numerator"], json!(["1", "1", "1/2", "1/6", "1/24"]));
    assert_eq!(rk4["denominator"], json!(["1"]));
    assert_eq!(rk4["real_interval"], 2.785293563405282);
    assert_eq!(rk4["real_per_stage"], 2.785293563405282 / 4.0);
    let radau = document(&["stability", "radau-iia-3", "--json"]);
    assert_eq!(
        (&radau["real_interval"], &radau["a_stable"], &radau["l_stable"]),
        (&json!("unbounded"), &json!(true), &json!(true))
    );
}

#[test]
fn stability_tells_every_fact_of_a_method() {
    let ssp = document(&["stability", "ssp104", "--json"]);
    // Ketcheson 2008: the SSP coefficient is 6.
    assert_eq!((&ssp["ssp_coefficient"], &ssp["ssp_coefficient_linear"]), (&json!(6.0), &json!(6.0)));
    let pair = document(&["stability", "dormand-prince", "--json"]);
    assert_eq!((&pair["components"], &pair["embedded"]["a_stable"]), (&json!(3), &json!(false)));
    assert_eq!(pair["error_constant"], json!({ "power": 6, "coefficient": "-1/3600" }));
    let gauss = document(&["stability", "gauss4", "--json"]);
    assert_eq!(
        (&gauss["inscribed_disc"], &gauss["stability_angle_degrees"]),
        (&json!("unbounded"), &json!(90.0))
    );
    assert_eq!((&gauss["at_infinity"], &gauss["dissipation"]), (&json!("1"), &json!(null)));
    let euler = document(&["stability", "euler", "--json"]);
    assert_eq!(euler["real_enclosure"], json!(["2", "2"]));
    // π, the area of a disc.
    assert!((euler["area"].as_f64().unwrap() - std::f64::consts::PI).abs() < 1e-9);
    assert_eq!(document(&["stability", "heavy-ball(beta=0.5)", "--json"])["largest_h_lambda"], 3.0);
    // Altschuler & Parrilo 2023: √2, 2, √2.
    let silver = document(&["stability", "silver(n=3)", "--json"]);
    assert!((silver["steps"][0].as_f64().unwrap() - 2f64.sqrt()).abs() < 1e-15 && silver["steps"][1] == 2.0);
}

#[test]
fn stability_answers_for_an_objective() {
    let found = document(&["stability", "--objective", "(1-x*y)^2/2", "--at", "1,1", "--json"]);
    assert_eq!((&found["critical"], &found["edge"]["beyond"]), (&json!(true), &json!("oscillates")));
    assert!((found["edge"]["h"].as_f64().unwrap() - 1.0).abs() < 1e-12);
    let methods = found["methods"].as_array().unwrap();
    assert!(methods.len() > 90);
    let rk4 = methods.iter().find(|method| method["method"] == "rk4").unwrap();
    assert!((rk4["largest_h"].as_f64().unwrap() - 2.785293563405282 / 2.0).abs() < 1e-12);
    // At 0.9 of the edge it settles, at 1.1 it oscillates with period 2: 1 < h < √5 - 1.
    let seen = found["seen"].as_array().unwrap();
    let fate = |h: f64| seen.iter().find(|one| (one["h"].as_f64().unwrap() - h).abs() < 1e-9).unwrap();
    assert_eq!((&fate(0.9)["fate"], &fate(1.1)["period"]), (&json!("settles"), &json!(2)));
    let valley = document(&["stability", "--objective", "(1-x*y)^2/2", "--at", "2,1/2", "--json"]);
    assert_eq!(valley["edge"]["beyond"], "slides");
    let field = document(&["stability", "rk4", "--field", "lotka-volterra", "--at", "1,2", "--json"]);
    // 2√2 over the angular frequency √2.
    assert!((field["methods"][0]["largest_h"].as_f64().unwrap() - 2.0).abs() < 1e-12);
}

#[test]
fn stability_refuses_what_has_no_answer() {
    assert!(refused(&["stability", "--objective", "sqrt(x)", "--at", "0"]).contains("undefined or infinite"));
    assert!(
        refused(&["stability", "--objective", "x^2", "--at", "1", "--h", "0"]).contains("positive, finite")
    );
    assert!(refused(&["stability", "--objective", "x^2*y", "--at", "1"]).contains("expected 2"));
    assert!(refused(&["stability", "--objective", "x^2"]).contains("--at"));
    assert!(
        refused(&["stability", "--objective", "a*x^2", "--vars", "x", "--at", "1"])
            .contains("--params a=VALUE")
    );
    assert!(refused(&["stability", "rk4", "--at", "1"]).contains("--objective"));
    assert!(refused(&["stability", "rkc(s=0)"]).contains("whole number from 1"));
    assert!(refused(&["stability", "rkc(s=5,damping=-1)"]).contains("damping"));
    assert!(refused(&["stability", "rk4", "--out", "a.gif"]).contains(".npz and .csv"));
    assert!(refused(&["stability", "rk4", "--out", "a.png", "--window", "1,1,0,2"]).contains("1 to 1"));
    refused(&["stability"]);
    assert!(refused(&["stability", "heavy-bal"]).contains("did you mean heavy-ball"));
    assert!(refused(&["stability", "heavy-ball(beta=1)"]).contains("less than 1"));
    assert!(
        refused(&["stability", "silver(n=3)", "--objective", "x^2", "--at", "0"]).contains("judged alone")
    );
    assert!(refused(&["stability", "rk4", "--out", "a.png", "--window=-1e308,1e308,-1,1"]).contains("1e12"));
    assert!(refused(&["stability", "silver(n=0)"]).contains("number of steps"));
    assert!(refused(&["stability", "chebyshev(m=3)"]).contains("kappa=100"));
}

#[test]
fn stability_judges_the_rate_that_is_asked_for() {
    let asked = |h: &str| {
        let found = document(&[
            "stability",
            "rk4",
            "--field",
            "y,-x",
            "--vars",
            "x,y",
            "--at",
            "0,0",
            "--h",
            h,
            "--json",
        ]);
        found["asked"]["stable"].clone()
    };
    // 2√2 = 2.828 on the imaginary axis.
    assert_eq!((asked("2.8"), asked("2.85")), (json!(true), json!(false)));
    let batches =
        document(&["stability", "--objective", "x^2/2", "--objective", "2*x^2", "--at", "0", "--json"]);
    // Curvatures 1 and 4: 2·2.5/(2.5² + 2.25) = 10/17 for single losses.
    assert!((batches["largest_h"][0]["with_replacement"].as_f64().unwrap() - 10.0 / 17.0).abs() < 1e-14);
    assert_eq!((&batches["common_minimum"], &batches["full_batch"]), (&json!(true), &json!(0.8)));
}

#[test]
fn bad_names_meet_suggestions() {
    assert!(refused(&["series", "eular"]).contains("did you mean euler?"));
    assert!(refused(&["stability", "rkk4"]).contains("did you mean rk4"));
    assert!(refused(&["figures", "regime"]).contains("did you mean regimes?"));
    assert!(refused(&["verify", "gd-is-eular"]).contains("gd-is-euler"));
    assert!(refused(&["potential", "rk2(c2=0)"]).contains("c2 = 0"));
    assert!(refused(&["figures", "regimes", "--formats", "gif"]).contains("svg, pdf and png"));
    refused(&["serie", "euler"]);
    refused(&["series"]);
    refused(&["derive"]);
    assert!(refused(&["derive", "heavy-bal"]).contains("heavy-ball"));
    assert!(refused(&["problems", "rosenbrok"]).contains("rosenbrock"));
}

#[test]
fn bad_orders_say_what_is_possible() {
    for (command, limit) in [("series", "limit of 34"), ("potential", "limit of 16")] {
        assert!(refused(&[command, "rk4", "--order", "0"]).contains("at least 1"));
        let message = refused(&[command, "rk4", "--order", "99"]);
        assert!(message.contains(limit) && message.contains("rooted trees"), "{message}");
    }
    let message = refused(&["series", "euler", "--order", "24"]);
    assert!(message.contains("GiB of output") && message.contains("--force"), "{message}");
    refused(&["series", "rk4", "--order", "-1"]);
    refused(&["series", "rk4", "--order", "many"]);
    assert!(refused(&["series", "rk4", "--order", "20", "--kind", "modifying"]).contains("limit of 12"));
    assert!(refused(&["derive", "euler", "--objective", "x^2", "--order", "0"]).contains("at least 1"));
    assert!(refused(&["derive", "euler", "--objective", "x^2", "--order", "99"]).contains("limit of 8"));
}

#[test]
fn bad_formulas_are_answered_with_a_caret() {
    let derive = |formula: &str| refused(&["derive", "euler", "--objective", formula]);
    assert!(derive("").contains("formula is empty"));
    assert!(derive("1/0").contains("division by zero"));
    assert!(derive("x**").contains("the end stands where"));
    assert!(derive("foo(x)").contains("unknown function `foo`"));
    assert!(derive("(x").contains("never closed"));
    assert!(derive("x^65").contains("limit of 64"));
    assert!(derive(&"(".repeat(201)).contains("200 nested"));
    assert!(derive(&"x".repeat(4097)).contains("4096"));
    assert!(
        refused(&["derive", "euler", "--objective", "x*y", "--vars", "x,z"]).contains("unknown variable `z`")
    );
    assert!(refused(&["derive", "euler", "--field", "x,y", "--vars", "x"]).contains("2 components"));
    let output = shadowflow(&["derive", "euler", "--objective", "1+foo(x)"]);
    let message = String::from_utf8(output.stderr).unwrap();
    let columns: Vec<_> = message.lines().filter_map(|l| l.find("foo(x)").or(l.find('^'))).collect();
    assert!(columns.len() >= 2 && columns[columns.len() - 1] == columns[columns.len() - 2], "{message}");
}

#[test]
fn tableau_files_are_read_or_refused() {
    let folder = scratch("tableaus");
    let file = |name: &str, text: &str| {
        let path = folder.join(name);
        fs::write(&path, text).unwrap();
        path.to_str().unwrap().to_owned()
    };
    let good = file(
        "good.toml",
        "name = \"mine\"\na = [[0, 0], [\"2/3\", 0]]\nb = [\"1/4\", \"3/4\"]\nc = [0, \"2/3\"]",
    );
    assert_eq!(document(&["methods", "--tableau", &good, "--json"])["order"], 2);
    assert_eq!(document(&["series", "--tableau", &good, "--json"])["method"], "mine");

    let fails = |path: &str| refused(&["series", "--tableau", path]);
    assert!(
        fails(&file("row.toml", "a = [[0, 0]]\nb = [1]")).contains("row 1 of A has 2 entries, expected 1")
    );
    assert!(fails(&file("letter.toml", "a = [[0, 0], [\"z\", 0]]\nb = [0, 1]")).contains("row 2, column 1"));
    assert!(
        fails(&file("sum.toml", "a = [[0, 0], [1, 0]]\nb = [0, 1]\nc = [0, \"1/2\"]"))
            .contains("row 2 of A sums to 1")
    );
    assert!(fails(&file("broken.toml", "a = [[")).contains("TOML"));
    assert!(fails(folder.join("missing.toml").to_str().unwrap()).contains("cannot be read"));
    refused(&["series", "rk4", "--tableau", &good]);
}

#[test]
fn figures_land_where_they_are_asked_for() {
    let folder = scratch("figures");
    let out = folder.to_str().unwrap();
    let draw = |formats: &str| shadowflow(&["figures", "regimes", "--out", out, "--formats", formats]);
    assert!(draw("svg,png").status.success());
    for extension in ["svg", "png", "csv", "json"] {
        assert!(folder.join(format!("regimes.{extension}")).exists(), "{extension}");
    }
    let again = draw("svg,png");
    assert!(String::from_utf8_lossy(&again.stderr).contains("nothing to do"));
    assert!(String::from_utf8_lossy(&again.stdout).contains("up to date"));

    // A file stands where the folder should be.
    let taken = folder.join("taken");
    fs::write(&taken, "").unwrap();
    let message = refused(&["figures", "regimes", "--out", taken.to_str().unwrap()]);
    assert!(message.contains("may not be written"), "{message}");
}

#[test]
fn derivations_follow_the_contract() {
    let found =
        document(&["derive", "euler", "--objective", "(1-x*y)^2/2", "--order", "2", "--format", "json"]);
    assert_eq!(found["potential"]["through_h_power"], 1);
    assert_eq!(found["residual"]["h_power"], 2);
    assert!(found["residual"]["curl"].is_string());
    for method in ["heun", "rk4", "implicit-midpoint"] {
        for format in ["text", "latex", "json"] {
            let output = shadowflow(&[
                "derive",
                method,
                "--field",
                "p*(2-q),q*(p-1)",
                "--vars",
                "p,q",
                "--format",
                format,
            ]);
            assert!(output.status.success(), "{method} {format}");
        }
    }
}

/// Two processes at once: the second waits for the first, and neither is aborted.
#[cfg(feature = "symbolica")]
#[test]
fn two_derivations_at_once_both_succeed() {
    let start = |objective: &str| {
        std::process::Command::new(env!("CARGO_BIN_EXE_shadowflow"))
            .args(["derive", "rk4", "--order", "4", "--format", "json", "--objective", objective])
            .stdout(std::process::Stdio::piped())
            .stderr(std::process::Stdio::piped())
            .spawn()
            .unwrap()
    };
    let running: Vec<_> = ["x^4*y^2+x*y", "(1-x*y)^2/2", "x^3-y^3"].into_iter().map(start).collect();
    for process in running {
        let output = process.wait_with_output().unwrap();
        assert_eq!(output.status.code(), Some(0), "{}", String::from_utf8_lossy(&output.stderr));
        serde_json::from_slice::<Value>(&output.stdout).unwrap();
    }
}

/// Without the algebra system formulas are derived all the same, multiplied out; what compiles them says what is missing.
#[cfg(not(feature = "symbolica"))]
#[test]
fn without_the_algebra_system_formulas_are_not_factored() {
    let found =
        document(&["derive", "euler", "--objective", "(1-x*y)^2/2", "--order", "1", "--format", "json"]);
    assert_eq!(found["field"][0], "y - x*y^2 - h*(1/2*x - 3/2*x^2*y - 1/2*y^3 + x^3*y^2 + 1/2*x*y^4)");
    let source = ["derive", "euler", "--objective", "x^2", "--format", "rust"];
    let output = shadowflow(&source);
    assert_eq!(output.status.code(), Some(1));
    assert!(String::from_utf8(output.stderr).unwrap().contains("symbolica"));
}
