//! The commands on orbits as scripts and people meet them.
#![allow(clippy::unwrap_used)] // a failed unwrap is a failed test

mod command;
mod scratch;

use std::fs;

use command::{document, refused, shadowflow};
use scratch::scratch;
use serde_json::{Value, json};

const WELL: &str = "x^4/4-x^2/2";

#[test]
fn orbits_follow_the_contract() {
    let orbit = |h: &str| document(&["orbit", "--objective", WELL, "--start", "0.3", "--h", h, "--json"]);
    // Doublings at 1 and √5 - 1, chaos beyond 1.3023, divergence beyond 2.
    let found = orbit("0.4");
    assert_eq!((&found["classification"], &found["convergence"]), (&json!("fixed"), &json!("monotone")));
    assert_eq!(orbit("0.8")["convergence"], "alternating");
    let found = orbit("1.26");
    assert_eq!((&found["classification"], &found["period"]), (&json!("periodic"), &json!(4)));
    let found = orbit("1.9");
    assert_eq!((&found["classification"], &found["period"]), (&json!("aperiodic"), &Value::Null));
    assert!(found["lyapunov"].as_f64().unwrap() > 0.5 && found["points"].as_array().unwrap().len() == 1000);
    assert_eq!(orbit("1")["classification"], "undecided");
    let gone = document(&["orbit", "--objective", WELL, "--start", "1.9", "--h", "2.1", "--json"]);
    assert_eq!(gone["classification"], "diverged");
    let left = document(&[
        "orbit",
        "--objective",
        WELL,
        "--start",
        "0.3",
        "--h",
        "0.5",
        "--window=-0.5,0.5",
        "--json",
    ]);
    assert_eq!(left["classification"], "left-window");
    let spiral = [
        "orbit",
        "--objective",
        "x^2/2",
        "--start",
        "1",
        "--h",
        "0.5",
        "--method",
        "heavy-ball(beta=0.9)",
        "--json",
    ];
    assert_eq!(document(&spiral)["convergence"], "spiral");
}

#[test]
fn what_orbits_come_to_is_not_said_too_early() {
    let orbit = |rest: &[&str]| document(&[&["orbit", "--json"], rest].concat())["classification"].clone();
    let valley =
        ["--objective", "(1-x*y)^2/2", "--start", "1.2,0.9", "--h", "5", "--method", "implicit-euler"];
    assert_eq!(orbit(&valley), "fixed");
    assert_eq!(orbit(&["--field", "1", "--vars", "x", "--start", "0", "--h", "1"]), "undecided");
    // Of period 128, which is more than is looked for.
    let logistic =
        ["--field", "r*x*(1-x)-x", "--vars", "x", "--params", "r=3.5699", "--start", "0.3", "--h", "1"];
    assert_eq!(orbit(&logistic), "undecided");
    assert!(refused(&["basin", "--objective", "x*y", "--h", "1", "--steps", "1"]).contains("64 to"));
    assert!(
        refused(&["lyapunov", "--objective", WELL, "--start", "1", "--h", "1", "--out", "l.png"])
            .contains("--rates")
    );
    let closed = shadowflow(&["lyapunov", "--objective", WELL, "--start", "0", "--h", "0.5"]);
    assert!(String::from_utf8_lossy(&closed.stdout).contains("has closed"));
}

#[test]
fn periodic_orbits_follow_the_contract() {
    let found =
        document(&["periodic", "--objective", "(1-x*y)^2/2", "--h", "1.9", "--period", "2", "--json"]);
    let orbits = found["orbits"].as_array().unwrap();
    let twos: Vec<&Value> = orbits.iter().filter(|orbit| orbit["period"] == 2).collect();
    assert_eq!(twos.len(), 4);
    assert!(twos.iter().all(|orbit| orbit["stable"] == false && orbit["certified"] == true), "{twos:?}");
    // 9 - 2(1 + h)² and 3 - 2h, this project: a saddle. On the ellipse both multipliers are larger than 1.
    let of_kind = |kind: &str| twos.iter().filter(|orbit| orbit["certified_kind"] == kind).count();
    assert_eq!((of_kind("saddle"), of_kind("repels")), (2, 2));
    let known = twos.iter().any(|orbit| (orbit["multipliers"][0][0].as_f64().unwrap() + 7.82).abs() < 1e-12);
    assert!(known, "{twos:?}");
}

#[test]
fn branches_follow_the_contract() {
    let folder = scratch("branches");
    let path = |name: &str| folder.join(name).to_string_lossy().into_owned();
    let base = ["periodic", "--objective", WELL, "--period", "1", "--rates", "0.5,1.31", "--h", "0.8"];
    let file = path("b.npz");
    let found = document(&[&base[..], &["--json", "--out", &file]].concat());
    let branches = found["branches"].as_array().unwrap();
    // 1 and √5 - 1 in closed form; the others by mpmath with 30 digits, this project.
    let expected = [1.0, 5f64.sqrt() - 1.0, 1.288_031_754_482_843, 1.299_227_939_650_204];
    for (k, expected) in expected.into_iter().enumerate() {
        let those = branches.iter().filter(|branch| branch["period"] == 1 << k);
        let flips: Vec<&Value> = those
            .flat_map(|branch| branch["events"].as_array().unwrap())
            .filter(|event| event["kind"] == "flip")
            .collect();
        // At 1 and at its mirror image -1.
        assert_eq!(flips.len(), 2, "{k}");
        for flip in flips {
            assert!((flip["h"].as_f64().unwrap() - expected).abs() < 1e-11, "{flip}");
            assert_eq!(flip["criticality"], "supercritical");
        }
    }
    let images = branches.iter().filter(|branch| branch["symmetric_by"] == "x -> -x").count();
    assert_eq!((images, branches.len()), (5, 11), "the maximum 0 is its own image");
    let first = &branches[0]["points"][0];
    assert_eq!((&first["h"], &first["stable"]), (&json!(0.5), &json!(true)));
    assert!(fs::metadata(path("b.npz")).unwrap().len() > 10_000);
    let text = String::from_utf8(shadowflow(&base).stdout).unwrap();
    assert!(text.contains("1.236067977500") && text.contains("flip") && text.contains("x -> -x"), "{text}");
    assert!(refused(&["periodic", "--objective", WELL, "--rates", "2,1"]).contains("no interval"));
    assert!(refused(&["periodic", "--objective", WELL]).contains("--h"));
}

#[test]
fn orbits_tell_their_mirror_images_and_what_is_not_decided() {
    let found = document(&["periodic", "--objective", WELL, "--h", "1e-8", "--period", "1", "--json"]);
    let orbits = found["orbits"].as_array().unwrap();
    assert_eq!((orbits.len(), &found["symmetries"]), (3, &json!(["x -> -x"])));
    assert_eq!((&orbits[2]["symmetric_to"], &orbits[2]["symmetric_by"]), (&json!(0), &json!("x -> -x")));
    assert_eq!(orbits[1]["invariant_under"], json!(["x -> -x"]));
    assert_eq!((&orbits[0]["stable"], &orbits[1]["stable"]), (&json!(true), &json!(false)));
    let output = shadowflow(&["periodic", "--objective", WELL, "--h", "1e-12", "--period", "1"]);
    assert!(String::from_utf8_lossy(&output.stdout).contains("Not decided"));
    let valley = shadowflow(&["periodic", "--objective", "(1-x*y)^2/2", "--h", "0.3", "--period", "1"]);
    assert!(String::from_utf8_lossy(&valley.stdout).contains("on a curve of such points"));
}

#[test]
fn orbits_stop_once_settled_and_tell_a_missing_value_from_infinity() {
    let orbit = ["orbit", "--objective", WELL, "--start", "0.3", "--h", "0.4", "--points", "3", "--json"];
    let found = document(&orbit);
    assert_eq!((&found["steps"], &found["steps_taken"]), (&json!(20_000), &json!(128)));
    assert_eq!((found["points"].as_array().unwrap().len(), &found["classification"]), (3, &json!("fixed")));
    let left = document(&["orbit", "--objective", "x*log(x)-x", "--start", "0.3", "--h", "5", "--json"]);
    // x - 5 ln x: 0.3, 6.3, -2.9, which has no logarithm.
    assert_eq!((&left["classification"], &left["ended_at_step"]), (&json!("undefined"), &json!(3)));
    let folder = scratch("settled");
    let file = folder.join("o.npz").to_string_lossy().into_owned();
    let output = shadowflow(&["orbit", "--objective", WELL, "--start", "0.3", "--h", "0.4", "--out", &file]);
    assert!(output.status.success() && fs::metadata(&file).unwrap().len() > 300_000);
}

#[test]
fn exponents_follow_the_contract() {
    let found = document(&["lyapunov", "--objective", WELL, "--start", "0.3", "--h", "2", "--json"]);
    let (value, error) = (found["exponents"][0].as_f64().unwrap(), found["errors"][0].as_f64().unwrap());
    assert!((value - 3f64.ln()).abs() < 5.0 * error && error < 1e-2, "{value} {error}");
    assert_eq!(found["kaplan_yorke"], 1.0);
    assert_eq!((&found["kaplan_yorke_defined"], &found["periodic"]), (&json!(false), &Value::Null));
    assert_eq!((&found["motion"], &found["zero_one"]["verdict"]), (&json!("chaotic"), &json!("chaotic")));
    assert!(found["zero_one"]["k"].as_f64().unwrap() > 0.9);
    // Period 2 with the multiplier 9 - 2(1 + h)².
    let found = document(&["lyapunov", "--objective", WELL, "--start", "0.3", "--h", "1.2", "--json"]);
    let exact = found["periodic"]["exponents"][0].as_f64().unwrap();
    assert!((exact - (9.0 - 2.0 * 2.2f64.powi(2)).abs().ln() / 2.0).abs() < 1e-12, "{exact}");
    assert_eq!((&found["motion"], &found["zero_one"]["verdict"]), (&json!("periodic"), &json!("regular")));
    // Volumes shrink by beta.
    let heavy = ["--method", "heavy-ball(beta=0.2)", "--start", "0.3", "--h", "1.2", "--json"];
    let found = document(&[&["lyapunov", "--objective", WELL][..], &heavy].concat());
    let sum: f64 = found["exponents"].as_array().unwrap().iter().map(|x| x.as_f64().unwrap()).sum();
    assert!((sum - 0.2f64.ln()).abs() < 1e-10, "{sum}");
    let gone = refused(&["lyapunov", "--objective", WELL, "--start", "1.9", "--h", "2.5"]);
    assert!(gone.contains("diverges at h = 2.5"), "{gone}");
    let gone = refused(&["lyapunov", "--objective", "sqrt(x)", "--start", "1", "--h", "0.1"]);
    assert!(gone.contains("leaves the domain"), "{gone}");
}

#[test]
fn rates_that_diverge_say_so() {
    let args = ["lyapunov", "--objective", WELL, "--start", "0.3", "--rates", "1.8,2.2", "--columns", "9"];
    let text = String::from_utf8(shadowflow(&args).stdout).unwrap();
    assert!(text.contains("From h = 2.05 to 2.2 the orbit diverges."), "{text}");
    let found = document(&[&args[..], &["--json"]].concat());
    let rates = found["rates"].as_array().unwrap();
    assert_eq!((&rates[0]["motion"], &rates[8]["motion"]), (&json!("chaotic"), &json!("diverged")));
    assert_eq!((&rates[8]["exponents"], &rates[8]["zero_one"]), (&Value::Null, &Value::Null));
}

#[test]
fn planes_of_exponents_follow_the_contract() {
    // x²·mu/2 has the multiplier 1 - h·mu: regular below h = 2/mu, beyond it diverges.
    let quadratic = ["lyapunov", "--objective", "mu*x^2/2", "--vars", "x", "--start", "1", "--rates", "0,4"];
    let found =
        document(&[&quadratic[..], &["--plane", "mu=0.5,1.5", "--resolution", "60", "--json"]].concat());
    let share = |found: &Value, name: &str| found["fractions"][name].as_f64().unwrap();
    // The area below the curve is 2 ln 3, of 4; half a pixel along it may err.
    assert!((share(&found, "regular") - 3f64.ln() / 2.0).abs() < 0.01, "{found}");
    assert!((share(&found, "regular") + share(&found, "diverged") - 1.0).abs() < 0.01, "{found}");
    assert_eq!((&found["plane"]["of"], &found["largest"]), (&json!("system"), &Value::Null));
    // Heavy ball on x²/2 is stable below h = 2(1 + beta), 2.9 of 4 in the mean.
    let heavy =
        ["lyapunov", "--objective", "x^2/2", "--start", "1", "--rates", "0,4", "--method", "heavy-ball"];
    let found = document(&[&heavy[..], &["--plane", "beta=0,0.9", "--resolution", "50", "--json"]].concat());
    assert!((share(&found, "regular") - 2.9 / 4.0).abs() < 0.02, "{found}");
    assert_eq!((&found["plane"]["of"], &found["plane"]["parameter"]), (&json!("method"), &json!("beta")));
    // Leaving the domain is kept apart.
    let root = ["lyapunov", "--objective", "c*sqrt(x)", "--vars", "x", "--start", "1", "--rates", "0.1,1"];
    let found = document(&[&root[..], &["--plane", "c=0.5,1", "--resolution", "4", "--json"]].concat());
    assert_eq!(share(&found, "left_domain"), 1.0);
    let refusal = |more: &[&str]| refused(&[&heavy[..], more].concat());
    assert!(refusal(&["--plane", "gamma=0,1"]).contains("neither the system nor the method"));
    assert!(refusal(&["--plane", "beta=0,2"]).contains("less than 1"));
    assert!(refusal(&["--plane", "beta=1,0"]).contains("no interval"));
    assert!(refusal(&["--plane", "beta"]).contains("mu=0.5,2"));
    assert!(
        refused(&[&quadratic[..], &["--params", "mu=1", "--plane", "mu=0.5,1"]].concat())
            .contains("leave one of them out")
    );
    refused(&["lyapunov", "--objective", "x^2", "--start", "1", "--h", "1", "--plane", "beta=0,1"]);
}

#[test]
fn basins_follow_the_contract() {
    let found =
        document(&["basin", "--objective", "(1-x*y)^2/2", "--h", "1.1", "--resolution", "200", "--json"]);
    // The ellipse has the area 2π√(4 - h²)/h of 25; what lies on y = -x is undecided.
    let share = 2.0 * std::f64::consts::PI * (4.0f64 - 1.21).sqrt() / 1.1 / 25.0;
    let seen = found["fractions"]["period-2"].as_f64().unwrap();
    assert!((seen - share).abs() < 5e-3, "{seen} {share}");
    let interval = &found["confidence"]["diverged"];
    assert!(interval[0].as_f64().unwrap() < 1.0 - share && 1.0 - share < interval[1].as_f64().unwrap());
}

/// Himmelblau's function, whose four minima all have period 1.
const HIMMELBLAU: &str = "(x^2+y-11)^2+(x+y^2-7)^2";

#[test]
fn basins_tell_attractors_apart() {
    let of = |more: &[&str]| {
        document(&[&["basin", "--objective", HIMMELBLAU, "--window=-5,5,-5,5", "--json"], more].concat())
    };
    let found = of(&["--h", "0.01", "--resolution", "100"]);
    let attractors = found["attractors"].as_array().unwrap();
    assert_eq!(attractors.len(), 4);
    let mut sum = 0.0;
    for (attractor, minimum) in
        attractors.iter().zip([[-3.77931, -3.28319], [-2.80512, 3.13131], [3.0, 2.0], [3.58443, -1.84813]])
    {
        assert_eq!((&attractor["period"], &attractor["isolated"]), (&json!(1), &json!(true)));
        for (found, known) in attractor["points"][0].as_array().unwrap().iter().zip(minimum) {
            assert!((found.as_f64().unwrap() - known).abs() < 1e-5, "{attractor}");
        }
        sum += attractor["fraction"].as_f64().unwrap();
    }
    assert!((sum - found["fractions"]["period-1"].as_f64().unwrap()).abs() < 1e-12);
    // The raster does not decide numbers, nor do other methods of the same fixed points.
    let implicit = of(&["--h", "0.01", "--resolution", "40", "--method", "implicit-euler", "--steps", "200"]);
    for (a, b) in attractors.iter().zip(implicit["attractors"].as_array().unwrap()) {
        assert!((a["points"][0][0].as_f64().unwrap() - b["points"][0][0].as_f64().unwrap()).abs() < 1e-9);
    }
    let valley =
        document(&["basin", "--objective", "(1-x*y)^2/2", "--h", "0.5", "--resolution", "80", "--json"]);
    assert_eq!(valley["attractors"].as_array().unwrap().len(), 1);
    assert_eq!(valley["attractors"][0]["isolated"], false);
}

#[test]
fn basins_tell_of_lines_on_which_starts_lie() {
    let of = |resolution: &str| {
        let well = "x^4/4-x^2/2+y^2/2";
        let window = "--window=-2,2,-2,2";
        document(&["basin", "--objective", well, "--h", "0.5", window, "--resolution", resolution, "--json"])
    };
    // On x = 0 all come to the saddle; on y = 0 to what is come to beside it, above and below.
    let odd = of("41");
    assert_eq!(
        odd["invariant_lines"],
        json!([
            { "equation": "x = 0", "starts": 41, "unlike_neighbours": 41 },
            { "equation": "y = 0", "starts": 41, "unlike_neighbours": 0 },
        ])
    );
    assert_eq!((&odd["starts_at_rest"], &odd["attractors"].as_array().unwrap().len()), (&json!(1), &2));
    let even = of("40");
    assert_eq!((&even["invariant_lines"], &even["starts_at_rest"]), (&json!([]), &json!(0)));
    assert_eq!(even["fractions"]["period-1"], 1.0);
}

#[test]
fn unfinished_basins_that_are_damaged_are_refused_and_those_of_others_left_out() {
    let folder = scratch("basin-part");
    let (out, part) = (folder.join("b.npz"), folder.join(".b.npz.part"));
    let command = |h: &'static str| {
        let out = out.to_string_lossy().into_owned();
        let text = ["basin", "--objective", "(1-x*y)^2/2", "--resolution", "50", "--h", h, "--out"];
        text.into_iter().map(str::to_owned).chain([out]).collect::<Vec<String>>()
    };
    let args = command("0.9");
    let args: Vec<&str> = args.iter().map(String::as_str).collect();
    for foreign in [&b"notes of somebody else"[..], b"", b"shadowflow-basin-part 0123456789abcdef\n{}\n"] {
        fs::write(&part, foreign).unwrap();
        assert!(refused(&args).contains("damaged"));
        assert_eq!(fs::read(&part).unwrap(), foreign);
        assert!(!out.exists());
    }
    fs::remove_file(&part).unwrap();
    assert!(shadowflow(&args).status.success() && out.exists() && !part.exists());
}

#[test]
fn diagrams_take_implicit_methods_and_many_variables() {
    let of = |rest: &[&str]| {
        document(
            &[&["diagram", "--columns", "9", "--iterates", "100", "--transient", "300", "--json"], rest]
                .concat(),
        )
    };
    let implicit =
        of(&["--objective", WELL, "--start", "0.3", "--rates", "0.1,0.9", "--method", "implicit-euler"]);
    let columns = implicit["columns"].as_array().unwrap();
    assert!(columns.len() == 9 && columns.iter().all(|column| column["period"] == 1), "{implicit}");
    // (x, m, v) of four variables are 12 numbers.
    let bowl = "a^2/2+b^2+c^2/3+d^2/4";
    let large =
        of(&["--objective", bowl, "--start", "1,1,1,1", "--rates", "0.01,0.1", "--method", "rmsprop"]);
    assert_eq!(large["columns"].as_array().unwrap().len(), 9);
    let seven =
        of(&["--objective", "a^2+b^2+c^2+d^2+e^2+f^2+g^2", "--start", "1,1,1,1,1,1,1", "--rates", "0.1,1.5"]);
    let kinds: Vec<&Value> =
        seven["columns"].as_array().unwrap().iter().map(|column| &column["classification"]).collect();
    // 1 - 2h leaves the unit circle at h = 1.
    assert_eq!((kinds[0], kinds[8]), (&json!("fixed"), &json!("diverged")));
}

#[test]
fn training_and_gibbs_follow_the_contract() {
    let found = document(&["sharpness", "--h", "0.4", "--json"]);
    assert_eq!((&found["edge"], &found["completed"]), (&json!(5.0), &json!(true)));
    assert!((found["late_mean"].as_f64().unwrap() - 5.0).abs() < 0.1);
    assert_eq!(found["loss"].as_array().unwrap().len(), found["sharpness"].as_array().unwrap().len());
    assert!(found.get("flow").is_none());
    let found = document(&["sharpness", "--h", "0.4", "--steps", "1000", "--flow", "--json"]);
    let last = |flow: &str, key: &str| found["flow"][flow][key].as_array().unwrap().last().unwrap().as_f64();
    assert!(last("gradient_flow", "sharpness").unwrap() > 5.5);
    assert!((last("central_flow", "sharpness").unwrap() - 5.0).abs() < 1e-8);
    assert_eq!((last("central_flow", "at_edge"), last("central_flow", "time")), (Some(1.0), Some(400.0)));
    let momentum =
        ["sharpness", "--h", "0.3", "--method", "heavy-ball(beta=0.5)", "--steps", "40", "--flow", "--json"];
    let found = document(&momentum);
    // (2 + 2β)/h, and h/(1 - β) a step.
    assert_eq!((&found["edge"], &found["time"][1]), (&json!(10.0), &json!(12.0)));
    assert!(found["flow"]["central_flow"]["missing"].as_str().unwrap().contains("momentum"));
    let found = document(&["gibbs", "--objective", "x^2/2", "--h", "0.2", "--epsilon", "1e-6", "--json"]);
    // hσ²/(λ(2 - hλ)) with σ² = 1/2.
    let (variance, error) = (found["variance"].as_f64().unwrap(), found["variance_error"].as_f64().unwrap());
    assert!((variance - 0.1 / 1.8).abs() < 5.0 * error, "{variance} {error}");
    assert_eq!(found["temperature"], 0.05);
    assert!(found["ks_gibbs"].as_f64().unwrap() > 3.0 * found["ks_noise"].as_f64().unwrap());
}

#[test]
fn diagrams_follow_the_contract_and_files_land_where_they_are_asked_for() {
    let folder = scratch("dynamics");
    let path = |name: &str| folder.join(name).to_string_lossy().into_owned();
    let found = document(&[
        "diagram",
        "--objective",
        WELL,
        "--rates",
        "0.9,2.1",
        "--start",
        "0.3",
        "--columns",
        "61",
        "--out",
        &path("d.npz"),
        "--json",
    ]);
    let columns = found["columns"].as_array().unwrap();
    let at = |h: f64| columns.iter().find(|column| (column["h"].as_f64().unwrap() - h).abs() < 1e-9).unwrap();
    assert_eq!((&at(0.9)["period"], &at(1.1)["period"]), (&json!(1), &json!(2)));
    assert_eq!(
        (&at(1.9)["classification"], &at(2.1)["classification"]),
        (&json!("aperiodic"), &json!("diverged"))
    );
    for (file, rest) in [
        ("o.png", &["orbit", "--objective", WELL, "--start", "0.3", "--h", "1.9"][..]),
        ("c.svg", &["orbit", "--objective", WELL, "--start", "0.3", "--h", "1.7", "--cobweb"]),
        ("o.csv", &["orbit", "--objective", "(1-x*y)^2/2", "--start", "2,0.3", "--h", "0.2"]),
        ("p.svg", &["periodic", "--objective", WELL, "--h", "1.5", "--period", "2"]),
        (
            "l.csv",
            &["lyapunov", "--objective", WELL, "--start", "0.3", "--rates", "1,1.4", "--columns", "20"],
        ),
        (
            "l.npz",
            &["lyapunov", "--objective", WELL, "--start", "0.3", "--rates", "1,1.4", "--columns", "20"],
        ),
        (
            "plane.png",
            &[
                "lyapunov",
                "--objective",
                WELL,
                "--start",
                "0.3",
                "--rates",
                "0,2",
                "--method",
                "heavy-ball",
                "--plane",
                "beta=0,0.9",
                "--resolution",
                "40",
            ],
        ),
        ("b.npz", &["basin", "--objective", "(1-x*y)^2/2", "--h", "0.9", "--resolution", "50"]),
        ("b.csv", &["basin", "--objective", "(1-x*y)^2/2", "--h", "1.1", "--resolution", "50"]),
        (
            "d.svg",
            &[
                "diagram",
                "--objective",
                WELL,
                "--rates",
                "0.1,0.9",
                "--start",
                "0.3",
                "--columns",
                "5",
                "--method",
                "implicit-euler",
            ],
        ),
        (
            "d.csv",
            &["diagram", "--objective", WELL, "--rates", "0.9,2.1", "--start", "0.3", "--columns", "9"],
        ),
        ("s.png", &["sharpness", "--h", "0.3", "--steps", "200", "--flow"]),
        ("s.npz", &["sharpness", "--h", "0.3", "--steps", "200"]),
        ("f.png", &["balancing", "--mu", "1", "--start", "6,0.16", "--h", "0.09"]),
        ("f.npz", &["balancing", "--shape", "3x2x2", "--rates", "0.01,0.05", "--columns", "5"]),
        ("e.svg", &["descent", "--objective", "x^2/2+10*y^2", "--start", "3,1"]),
        (
            "g.csv",
            &["gibbs", "--objective", "x^2/2", "--h", "0.2", "--epsilon", "1e-5", "--iterates", "100000"],
        ),
    ] {
        let output = shadowflow(&[rest, &["--out", &path(file)]].concat());
        assert!(output.status.success(), "{file}: {}", String::from_utf8_lossy(&output.stderr));
        assert!(fs::metadata(path(file)).unwrap().len() > 100, "{file}");
    }
    assert!(folder.join("d.npz").exists());
}

#[test]
fn balancing_follows_the_contract() {
    let scalar = ["balancing", "--mu", "1", "--start", "6,0.16", "--json"];
    let found = document(&[&scalar[..], &["--h", "0.08"]].concat());
    let run = &found["runs"][0];
    let number = |name: &str| run[name].as_f64().unwrap();
    assert_eq!((&run["end"], number("edge")), (&json!("settled"), 25.0));
    assert!(number("sharpness") <= 25.0 && number("imbalance").abs() < number("imbalance_before"));
    let drift: f64 =
        run["path"]["drift"].as_array().unwrap().iter().map(|drift| drift.as_f64().unwrap()).sum();
    assert!((number("imbalance") - number("imbalance_before") - drift).abs() < 1e-9, "{run}");
    // 8/(q + √(q² + 16μ(μ - p))) with q = 36.0256 and p = 0.96.
    let q: f64 = 36.0256;
    let critical = 8.0 / (q + (q * q + 16.0 * 0.04).sqrt());
    assert!((found["critical_step"].as_f64().unwrap() - critical).abs() < 1e-14);
    let found = document(&[&scalar[..], &["--rates", "0.02,0.2", "--columns", "7"]].concat());
    for run in found["runs"].as_array().unwrap() {
        let settles = run["h"].as_f64().unwrap() < critical;
        assert_eq!(run["end"] == "settled", settles, "{run}");
    }
    let found =
        document(&["balancing", "--shape", "4x2x3", "--singular-values", "2,1", "--h", "0.02", "--json"]);
    assert_eq!((&found["shape"], &found["least_sharpness"]), (&json!([4, 2, 3]), &json!(4.0)));
    assert!(found["critical_step"].is_null() && found["start"].as_array().unwrap().len() == 14);
    let bad = |more: &[&'static str]| refused(&[&["balancing"][..], more].concat());
    assert!(bad(&["--shape", "4x2", "--h", "0.1"]).contains("MxRxN"));
    assert!(
        bad(&["--shape", "2x2x2", "--singular-values", "1,2,3", "--h", "0.1"]).contains("singular values")
    );
    assert!(bad(&["--shape", "2x2x2", "--singular-values", "inf", "--h", "0.1"]).contains("number such as"));
    assert!(bad(&["--mu", "1", "--h", "-1"]).contains("positive"));
    assert!(bad(&["--mu", "0", "--h", "1"]).contains("positive"));
    assert!(bad(&["--mu", "1", "--start", "1,2,3", "--h", "0.1"]).contains("3 numbers"));
}

#[test]
fn descents_follow_the_contract() {
    let bowl = ["descent", "--objective", "x^2/2+15*y^2", "--start", "30,1", "--json"];
    let rules =
        ["--h", "2/31", "--rule", "fixed", "--rule", "armijo", "--rule", "wolfe", "--rule", "silver(n=3)"];
    let found = document(&[&bowl[..], &rules[..]].concat());
    assert!((found["largest_curvature"].as_f64().unwrap() - 30.0).abs() < 1e-12);
    let runs = found["runs"].as_array().unwrap();
    assert_eq!(runs.len(), 4);
    for run in runs {
        assert_eq!(run["end"], "reached", "{run}");
        // |∇f| ≤ 10⁻⁸·30√2, and f - f* ≤ |∇f|²/2μ.
        let excess = run["excess"].as_f64().unwrap();
        assert!(excess > 0.0 && excess < 1e-12, "{run}");
        assert_eq!(run["minimum"]["point"].as_array().unwrap().len(), 2);
    }
    assert_eq!(
        (&runs[0]["steps"], &runs[0]["gradients"], &runs[0]["values"]),
        (&json!(277), &json!(278), &json!(0))
    );
    assert!(runs[2]["values"].as_u64().unwrap() > 0 && runs[2]["gradients"].as_u64().unwrap() < 278);
    let gone = document(&[&bowl[..], &["--h", "1", "--rule", "fixed"]].concat());
    assert_eq!(gone["runs"][0]["end"], "diverged");
    assert!(refused(&[&bowl[..], &["--rule", "newton"]].concat()).contains("wolfe"));
    assert!(refused(&[&bowl[..], &["--rule", "wolfe(c1=0.5,c2=0.1)"]].concat()).contains("between c1 and 1"));
    assert!(refused(&[&bowl[..], &["--h", "0"]].concat()).contains("positive"));
    assert!(refused(&["descent", "--objective", "x*y", "--start", "1"]).contains("1 number for 2 variables"));
}

#[test]
fn bad_dynamics_are_answered_clearly() {
    let base = |more: &[&'static str]| [&["orbit", "--objective", "x^2/2"][..], more].concat();
    assert!(refused(&base(&["--start", "1", "--h", "0"])).contains("positive, finite"));
    assert!(refused(&base(&["--start", "1,2", "--h", "0.1"])).contains("2 numbers for 1 variable (x)"));
    assert!(refused(&base(&["--start", "inf", "--h", "0.1"])).contains("number such as"));
    assert!(refused(&base(&["--start", "1", "--h", "0.1", "--steps", "10"])).contains("256"));
    assert!(refused(&base(&["--start", "1", "--h", "0.1", "--window", "1,1"])).contains("no interval"));
    assert!(
        refused(&base(&["--start", "1", "--h", "0.1", "--method", "heavy-bal"]))
            .contains("did you mean heavy-ball")
    );
    assert!(
        refused(&base(&["--start", "1", "--h", "0.1", "--method", "adam(beta1=2)"])).contains("less than 1")
    );
    assert!(refused(&base(&["--start", "1", "--h", "0.1", "--out", "o.gif"])).contains("no known format"));
    assert!(
        refused(&[
            "orbit",
            "--objective",
            "x*y",
            "--start",
            "1,1",
            "--h",
            "0.1",
            "--cobweb",
            "--out",
            "c.png"
        ])
        .contains("one number")
    );
    assert!(refused(&["periodic", "--objective", "x^2/2", "--h", "1", "--period", "65"]).contains("1 to 64"));
    assert!(refused(&["basin", "--objective", "x^2/2", "--h", "1"]).contains("two variables"));
    assert!(refused(&["basin", "--objective", "x*y", "--h", "1", "--window", "1,0,0,1"]).contains("1 to 0"));
    assert!(
        refused(&["diagram", "--objective", "x^2/2", "--start", "1", "--rates", "2,1"])
            .contains("no interval")
    );
    assert!(
        refused(&["gibbs", "--objective", "x*y", "--h", "0.2", "--epsilon", "1e-5"]).contains("one variable")
    );
    refused(&["gibbs", "--objective", "x^2", "--h", "0.2", "--epsilon", "0"]);
    assert!(refused(&["sharpness", "--h", "-1"]).contains("positive"));
    assert!(refused(&["sharpness", "--h", "1", "--method", "rk4"]).contains("no optimizer"));
    assert!(refused(&["lyapunov", "--objective", "x^2/2", "--start", "1"]).contains("--h"));
}
