//! The commands on chance as scripts and people meet them.
#![allow(clippy::unwrap_used)] // a failed unwrap is a failed test

mod command;
mod scratch;

use std::fs;
use std::process::Command;

use command::{document, refused, shadowflow};
use scratch::scratch;
use serde_json::{Value, json};

const WELL: &str = "x^4/4-x^2/2";

fn text(args: &[&str]) -> String {
    let output = shadowflow(args);
    assert!(output.status.success(), "{args:?}: {}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap()
}

#[test]
fn escapes_follow_the_contract() {
    let base =
        ["escapes", "--objective", WELL, "--epsilon", "1e-5", "--h", "0.25", "--steps", "40000", "--json"];
    let found = document(&base);
    assert_eq!((&found["minima"], &found["tops"]), (&json!([-1.0, 1.0]), &json!([0.0])));
    let wells = found["runs"][0]["wells"].as_array().unwrap();
    let number = |well: &Value, key: &str| well[key].as_f64().unwrap();
    let (left, right) = (&wells[0], &wells[1]);
    // Both wells are alike.
    let gap = number(left, "escape_time") - number(right, "escape_time");
    let error = number(left, "escape_time_error").hypot(number(right, "escape_time_error"));
    assert!(gap.abs() < 4.0 * error && error < 0.2 * number(left, "escape_time"), "{left} {right}");
    assert_eq!(left["to"][1], left["escapes"]);
    assert_eq!(number(left, "steps") + number(right, "steps"), 64.0 * 40_000.0);
    assert_eq!(number(left, "censored") + number(right, "censored"), 64.0);
    assert_eq!(number(left, "barrier_over_temperature"), 4.0);
    // 4∫f'(1 + f'² + …) on the way up.
    assert!((number(left, "quasi_potential") - 1.117).abs() < 2e-3, "{left}");
    // Kramers, T = h/4: 2π/√2 e⁴ of time, over h.
    let kramers = std::f64::consts::TAU / 2f64.sqrt() * 4f64.exp() / 0.25;
    assert!((number(left, "kramers") / kramers - 1.0).abs() < 1e-12);
    // The quasi-potential is within a third, Kramers' exponent is not.
    let time = number(left, "escape_time");
    assert!((time / number(left, "quasi_potential_time") - 1.0).abs() < 0.34, "{left}");
    assert!(time > 1.2 * kramers && left["escape_time_at_least"].is_null());
    assert!(
        found["notes"]
            .as_array()
            .unwrap()
            .iter()
            .any(|note| note.as_str().unwrap().contains("bounded kicks"))
    );
}

#[test]
fn silence_is_an_answer() {
    let silent = ["escapes", "--objective", WELL, "--epsilon", "1e-4", "--h", "1.9e-4", "--steps", "2000"];
    let found = document(&[&silent[..], &["--json"]].concat());
    let well = &found["runs"][0]["wells"][0];
    assert_eq!((&well["escapes"], &well["escape_time"]), (&json!(0), &Value::Null));
    // 32 orbits of 2000 steps: e⁻³ = 5 %.
    assert!((well["escape_time_at_least"].as_f64().unwrap() - 64_000.0 / 20f64.ln()).abs() < 1e-9);
    let said = text(&silent);
    assert!(said.contains("at least 21400") && said.contains("no escape"), "{said}");
    assert!(said.contains("every step descends the ripples"), "{said}");
}

#[test]
fn langevin_and_the_stochastic_map_escape_too() {
    let langevin = document(&[
        "escapes",
        "--objective",
        WELL,
        "--model",
        "langevin",
        "--temperature",
        "0.1",
        "--h",
        "0.01",
        "--steps",
        "60000",
        "--json",
    ]);
    let well = &langevin["runs"][0]["wells"][0];
    let (time, error) = (well["escape_time"].as_f64().unwrap(), well["escape_time_error"].as_f64().unwrap());
    let exact = well["langevin"].as_f64().unwrap();
    // The scheme sees an escape up to a step late, and is off by O(√h).
    assert!((time - exact).abs() < 4.0 * error + 0.1 * exact, "{well}");
    assert!(well["quasi_potential"].is_null());
    let map = document(&[
        "escapes",
        "--objective",
        WELL,
        "--model",
        "stochastic-map",
        "--rates",
        "0.2,0.4",
        "--columns",
        "3",
        "--steps",
        "20000",
        "--json",
    ]);
    let runs = map["runs"].as_array().unwrap();
    // Evenly in 1/h: 5, 3.75, 2.5.
    assert!((runs[1]["h"].as_f64().unwrap() - 1.0 / 3.75).abs() < 1e-15 && runs[2]["h"] == 0.4);
    let times: Vec<f64> = runs.iter().map(|run| run["wells"][0]["escape_time"].as_f64().unwrap()).collect();
    assert!(times[0] > 3.0 * times[1] && times[1] > 3.0 * times[2], "{times:?}");
    // Three wells: the middle one is left on both sides.
    let three = document(&[
        "escapes",
        "--objective",
        "(x^6/6-5*x^4/4+2*x^2)/4",
        "--model",
        "langevin",
        "--temperature",
        "0.1",
        "--h",
        "0.02",
        "--steps",
        "40000",
        "--json",
    ]);
    let middle = &three["runs"][0]["wells"][1]["to"];
    assert!(
        middle[0].as_u64().unwrap() > 10 && middle[2].as_u64().unwrap() > 10 && middle[1] == 0,
        "{middle}"
    );
}

#[test]
fn paths_follow_the_contract() {
    let run = |model: &str| {
        document(&[
            "paths",
            "--objective",
            "(x-1)^2/2",
            "--objective",
            "(x+1)^2/2",
            "--start",
            "2",
            "--h",
            "0.1",
            "--time",
            "1",
            "--paths",
            "4000",
            "--model",
            model,
            "--json",
        ])
    };
    let pair = |value: &Value| (value[0].as_f64().unwrap(), value[1].as_f64().unwrap());
    // Gradients x ± 1: mean (1 - h)ⁿx, variance h²(1 - (1 - h)²ⁿ)/(1 - (1 - h)²).
    let (mean, variance) = (2.0 * 0.9f64.powi(10), 0.01 * (1.0 - 0.9f64.powi(20)) / 0.19);
    let sgd = run("sgd");
    assert_eq!((&sgd["steps"], sgd["times"].as_array().unwrap().len()), (&json!(10), 11));
    let last = &sgd["variables"][0]["final"];
    let (found, error) = pair(&last["mean"]);
    assert!((found - mean).abs() < 4.0 * error, "{last}");
    let (found, error) = pair(&last["variance"]);
    assert!((found - variance).abs() < 4.0 * error && last["sgd"].is_null(), "{last}");
    // Order 1 has the mean of the flow, 2e⁻¹, which is off by more than the error; order 2 is not.
    let off = |model: &str, expected: f64| {
        let found = run(model);
        let last = &found["variables"][0]["final"];
        let (value, error) = pair(&last["mean"]);
        assert!((value - expected).abs() < 4.0 * error, "{model}: {last}");
        let sgd = pair(&last["sgd"]["mean"]);
        ((value - sgd.0).abs() / error.hypot(sgd.1), last["sgd"].clone())
    };
    let (first, against) = off("sme1", 2.0 * (-1f64).exp());
    assert!(
        first > 5.0 && against["wasserstein"].as_f64() > against["wasserstein_noise"].as_f64(),
        "{against}"
    );
    let (second, _) = off("sme2", 2.0 * (-1.05f64).exp());
    assert!(second < 4.0, "{second}");
    // T = h/2 · 1: the same equation as that of order 1 here.
    let langevin = run("langevin");
    assert!((langevin["temperature"].as_f64().unwrap() - 0.05).abs() < 1e-15);
    let (value, error) = pair(&langevin["variables"][0]["final"]["mean"]);
    assert!((value - 2.0 * (-1f64).exp()).abs() < 4.0 * error);
}

#[test]
fn the_bytes_do_not_depend_on_threads() {
    let run = |args: &[&str], threads: &str| {
        let output = Command::new(env!("CARGO_BIN_EXE_shadowflow"))
            .args(args)
            .env("RAYON_NUM_THREADS", threads)
            .output()
            .unwrap();
        assert!(output.status.success(), "{args:?}: {}", String::from_utf8_lossy(&output.stderr));
        output.stdout
    };
    let paths = [
        "paths",
        "--objective",
        "(1-x*y)^2/2",
        "--objective",
        "(2-x*y)^2",
        "--start",
        "1,0.5",
        "--h",
        "0.05",
    ];
    let paths = [&paths[..], &["--time", "1", "--paths", "200", "--json"]].concat();
    let escapes = [
        "escapes",
        "--objective",
        WELL,
        "--model",
        "stochastic-map",
        "--h",
        "0.4",
        "--steps",
        "3000",
        "--json",
    ];
    let gibbs =
        ["gibbs", "--objective", "x^2/2", "--h", "0.2", "--epsilon", "1e-6", "--iterates", "70000", "--json"];
    for args in [&paths[..], &escapes, &gibbs] {
        assert_eq!(run(args, "1"), run(args, "3"), "{args:?}");
    }
}

#[test]
fn gibbs_tells_distances_and_moments() {
    let found = document(&["gibbs", "--objective", "x^2/2", "--h", "0.4", "--epsilon", "1e-6", "--json"]);
    let number = |key: &str| found[key].as_f64().unwrap();
    // The law of the map differs from Gibbs' by its variance, a share d more, and its excess kurtosis k, -3/8 that of the
    // sum of kicks: F - G = -φ(x)(dx/2 + k(x³ - 3x)/24) in units of √T up to O(h²) (Edgeworth), here with h = 0.1.
    let fine = document(&["gibbs", "--objective", "x^2/2", "--h", "0.1", "--epsilon", "1e-6", "--json"]);
    let (h, variance) = (0.1f64, 0.05 / 1.9);
    let (d, k) =
        (variance / 0.025 - 1.0, -0.375 * h.powi(4) / (1.0 - 0.9f64.powi(4)) / (variance * variance));
    let density = |x: f64| (-0.5 * x * x).exp() / std::f64::consts::TAU.sqrt();
    let at = |j: i32| -8.0 + f64::from(j) / 125.0;
    let area =
        (0..2000).map(|j| density(at(j)) * at(j).abs() * (0.5 * d + k / 24.0 * (at(j).powi(2) - 3.0)).abs());
    let expected = 0.025f64.sqrt() * area.sum::<f64>() / 125.0;
    let (value, error) =
        (fine["wasserstein_gibbs"].as_f64().unwrap(), fine["wasserstein_gibbs_error"].as_f64().unwrap());
    assert!((value - expected).abs() < 4.0 * error + h * expected, "{value} {error} {expected}");
    assert!(number("wasserstein_gibbs") > 5.0 * number("wasserstein_gibbs_noise"));
    assert!(number("wasserstein_stochastic") < 4.0 * number("wasserstein_stochastic_noise"));
    let moment = |name: &str| {
        (found["moments"][name][0].as_f64().unwrap(), found["moments"][name][1].as_f64().unwrap())
    };
    for (name, expected) in [
        ("mean", 0.0),
        ("skewness", 0.0),
        ("kurtosis", 3.0 - 0.375 * 0.4f64.powi(4) / (1.0 - 0.6f64.powi(4)) * 64.0),
    ] {
        let (value, error) = moment(name);
        assert!((value - expected).abs() < 4.0 * error && error > 0.0, "{name} {value} {error} {expected}");
    }
    assert!((found["moments_gibbs"]["kurtosis"].as_f64().unwrap() - 3.0).abs() < 1e-12);
    assert!(number("effective") < 1e6 && number("effective") > 1e5);
}

#[test]
fn files_land_where_they_are_asked_for() {
    let folder = scratch("statistics");
    let path = |name: &str| folder.join(name).to_string_lossy().into_owned();
    let escapes = ["escapes", "--objective", WELL, "--model", "stochastic-map", "--steps", "3000"];
    let paths = [
        "paths",
        "--objective",
        "x^2/2",
        "--noise",
        "1",
        "--start",
        "1",
        "--h",
        "0.1",
        "--time",
        "2",
        "--paths",
        "100",
    ];
    let gibbs = ["gibbs", "--objective", "x^2/2", "--h", "0.2", "--epsilon", "1e-5", "--iterates", "70000"];
    for (name, args) in [
        ("law", [&escapes[..], &["--h", "0.4"]].concat()),
        ("rates", [&escapes[..], &["--rates", "0.2,0.4", "--columns", "3"]].concat()),
        ("paths", paths.to_vec()),
        ("gibbs", gibbs.to_vec()),
    ] {
        for ending in ["svg", "png", "pdf", "csv", "npz"] {
            let file = path(&format!("{name}.{ending}"));
            let output = shadowflow(&[&args[..], &["--out", &file]].concat());
            assert!(output.status.success(), "{file}: {}", String::from_utf8_lossy(&output.stderr));
            assert!(fs::metadata(&file).unwrap().len() > 100, "{file}");
        }
    }
    let head = |name: &str| fs::read_to_string(path(name)).unwrap().lines().next().unwrap().to_owned();
    assert_eq!(head("law.csv"), "well,steps,share,exponential");
    assert!(
        head("rates.csv").starts_with("h,well,escapes,steps,escape_time,error,rate_low,rate_high,langevin")
    );
    assert!(head("paths.csv").starts_with("variable,time,mean,mean_error,variance,variance_error,sgd_mean"));
    // An orbit that is watched at 21 times, and a heading.
    assert_eq!(fs::read_to_string(path("paths.csv")).unwrap().lines().count(), 22);
}

#[test]
fn what_cannot_be_used_is_answered_clearly() {
    let escapes = |more: &[&'static str]| refused(&[&["escapes", "--steps", "1000"][..], more].concat());
    let well = |more: &[&'static str]| escapes(&[&["--objective", WELL][..], more].concat());
    for h in ["0", "-0.1"] {
        assert!(well(&["--epsilon", "1e-5", "--h", h]).contains("positive, finite"), "{h}");
    }
    for h in ["nan", "inf", "many"] {
        assert!(well(&["--epsilon", "1e-5", "--h", h]).contains("a number such as"), "{h}");
    }
    for epsilon in ["0", "-1"] {
        let message = well(&["--epsilon", epsilon, "--h", "0.2"]);
        assert!(message.contains("argument --epsilon") && message.contains("1e-12 or more"), "{message}");
    }
    assert!(well(&["--h", "0.2"]).contains("argument --epsilon: the model ripples needs"));
    assert!(
        well(&["--h", "0.2", "--epsilon", "1e-5", "--temperature", "1"]).contains("has the temperature h/4")
    );
    assert!(well(&["--h", "0.2", "--epsilon", "1e-5", "--model", "stochastic-map"]).contains("has ripples"));
    let langevin =
        |more: &[&'static str]| well(&[&["--h", "0.01", "--model", "langevin"][..], more].concat());
    assert!(langevin(&[]).contains("--temperature 0.05"));
    for temperature in ["0", "-1"] {
        assert!(langevin(&["--temperature", temperature]).contains("positive, finite"), "{temperature}");
    }
    assert!(langevin(&["--temperature", "nan"]).contains("a number such as"));
    assert!(well(&["--epsilon", "1e-5"]).contains("--h"));
    assert!(well(&["--epsilon", "1e-5", "--rates", "0.4,0.2"]).contains("no interval"));
    assert!(well(&["--epsilon", "1e-5", "--rates=-0.1,0.2"]).contains("positive, finite"));
    assert!(well(&["--epsilon", "1e-5", "--rates", "0.1,0.2", "--columns", "1"]).contains("2 to 1000"));
    assert!(well(&["--epsilon", "1e-5", "--h", "0.2", "--window", "1,0"]).contains("no interval"));
    assert!(well(&["--epsilon", "1e-5", "--h", "0.2", "--window", "0.5,2"]).contains("1 wells are found"));
    assert!(well(&["--epsilon", "1e-5", "--h", "0.2", "--out", "a.gif"]).contains(".npz"));
    assert!(well(&["--epsilon", "1e-5", "--h", "3"]).contains("smaller step"), "runs away");
    let other =
        |objective: &'static str| escapes(&["--epsilon", "1e-5", "--h", "0.1", "--objective", objective]);
    assert!(other("x^2/2").contains("1 wells are found"));
    assert!(other("x*y").contains("one variable"));
    assert!(other("-cos(x)").contains("wells are found") && other("-cos(x)").contains("--window"));
    // Two wells and two ways out.
    let falls = other("-x^6/6+5*x^4/4-x^2+x/10");
    assert!(falls.contains("argument --objective") && falls.contains("bounded below"), "{falls}");

    let gibbs = |more: &[&'static str]| refused(&[&["gibbs", "--objective"][..], more].concat());
    for objective in ["x^3", "-x^2", "0*x+x", "log(x)", "sin(x)"] {
        let message = gibbs(&[objective, "--h", "0.1", "--epsilon", "1e-5"]);
        assert!(message.contains("bounded below and grows in both directions"), "{objective}: {message}");
    }
    for epsilon in ["0", "-1e-3"] {
        assert!(gibbs(&["x^2", "--h", "0.1", "--epsilon", epsilon]).contains("argument --epsilon"));
    }
    assert!(gibbs(&["x^2", "--h", "0", "--epsilon", "1e-5"]).contains("positive, finite"));
    assert!(gibbs(&["x^2", "--h", "0.1", "--epsilon", "1e-5", "--iterates", "9"]).contains("--iterates"));
    let away = gibbs(&["x^2", "--h", "1.2", "--epsilon", "1e-5", "--iterates", "70000"]);
    assert!(away.contains("smaller h") && !away.contains("a start"), "{away}");

    let base = ["paths", "--start", "1", "--h", "0.1", "--time", "1", "--paths", "100"];
    let paths = |more: &[&'static str]| refused(&[&base[..], more].concat());
    assert!(paths(&["--objective", "x^2"]).contains("one loss alone has no noise"));
    assert!(paths(&["--objective", "x^2", "--noise=-1"]).contains("argument --noise"));
    assert!(paths(&["--objective", "x^2", "--noise", "nan"]).contains("a number such as"));
    assert!(
        paths(&["--objective", "x^2", "--noise", "1", "--temperature", "1"])
            .contains("only --model langevin")
    );
    assert!(
        paths(&["--objective", "x^2", "--model", "langevin", "--temperature=-1"])
            .contains("argument --temperature")
    );
    assert!(paths(&["--objective", "x*y", "--noise", "1"]).contains("1 number for 2 variables"));
    assert!(paths(&["--field", "x", "--noise", "1"]).contains("--objective once"));
    let late = |more: &[&'static str]| {
        refused(&[&["paths", "--objective", "x^2", "--noise", "1", "--start", "1"][..], more].concat())
    };
    assert!(late(&["--h", "0", "--time", "1"]).contains("positive, finite"));
    for time in ["0", "-1", "1e-3", "1e9"] {
        assert!(late(&["--h", "0.1", "--time", time]).contains("argument --time"), "{time}");
    }
    assert!(late(&["--h", "0.1", "--time", "1", "--paths", "63"]).contains("64 to"));
    assert!(late(&["--h", "0.1", "--time", "1", "--substeps", "0"]).contains("1 to"));
    assert!(late(&["--h", "3", "--time", "3000", "--paths", "64"]).contains("smaller step"));
}
