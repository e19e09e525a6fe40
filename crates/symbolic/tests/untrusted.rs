//! Texts that nobody writes in good faith: each has an answer or an error, within its time, through every way in.
#![allow(clippy::unwrap_used)] // a failed unwrap is a failed test

use std::time::{Duration, Instant};

use shadowflow_symbolic::{
    Fault, FormulaError, Kind, MAX_BITS, MAX_LENGTH, Objective, Request, Scheme, SymbolicError, System,
    VectorField, formula, number,
};

/// What a derivation is given.
const TIMEOUT: Duration = Duration::from_millis(50);
/// What it may take with everything around it: reading, checking, printing, the work between two looks at the clock, on a
/// machine that is busy with other tests.
const PATIENCE: Duration = Duration::from_secs(5);

/// The text through every reader and a derivation; no panic, and soon done. Whether anything was derived.
fn is_answered(text: &str) -> bool {
    let shown: String = text.chars().take(60).collect();
    let start = Instant::now();
    if let Ok(read) = formula(text) {
        let printed = read.to_string();
        assert!(!read.to_latex().is_empty());
        match formula(&printed).map_err(|error| error.fault) {
            Ok(_) | Err(Fault::TooLong { .. } | Fault::TooDeep) => {}
            Err(fault) => panic!("{shown}: {printed} is not read back: {fault}"),
        }
    }
    let _ = number(text);
    let _ = Scheme::named(text).map_err(|error| error.to_string());
    let systems = [
        Objective::parse(text, None).map(System::Gradient),
        Objective::parse(text, Some(&["x"])).map(System::Gradient),
        VectorField::parse(text, None).map(System::Field),
    ];
    let mut derived = false;
    for system in systems {
        for order in [2] {
            let system = match &system {
                Ok(system) => system,
                Err(error) => {
                    assert!(error.to_string().chars().count() < 2000, "{shown}: an error without end");
                    continue;
                }
            };
            let scheme = Scheme::named("euler").unwrap();
            let request =
                Request { scheme, order, kind: Kind::Modified, split: None, timeout: Some(TIMEOUT) };
            match request.on(system) {
                Ok(_) => derived = true,
                Err(SymbolicError::Internal { message }) => panic!("{shown}: {message}"),
                Err(error) => assert!(!error.to_string().is_empty()),
            }
        }
    }
    let elapsed = start.elapsed();
    assert!(elapsed < PATIENCE, "{shown}: {elapsed:?}");
    derived
}

fn fault(text: &str) -> Fault {
    formula(text).unwrap_err().fault
}

/// An opening and a closing text as often as given.
fn nested(open: &str, inside: &str, close: &str, times: usize) -> String {
    format!("{}{inside}{}", open.repeat(times), close.repeat(times))
}

#[test]
fn deep_nesting_is_answered_through_every_route() {
    for (open, inside, close) in [
        ("(", "x", ")"),
        ("-", "x", ""),
        ("+", "x", ""),
        ("x^", "x", ""),
        ("x**-", "x", ""),
        ("(x^2+", "x", ")"),
        ("x/(1+", "x", ")"),
        ("sqrt(1+", "x", ")"),
        ("sin(", "x", ")"),
        ("exp(-", "x", ")"),
        ("tanh(x*", "x", ")"),
        ("1/(", "x", ")"),
        ("(", "x", ")^2"),
        ("2^(", "x", ")"),
        ("log(2+cos(", "x", "))"),
    ] {
        for times in [3, 64, 199, 200, 201, 1300] {
            let text: String = nested(open, inside, close, times).chars().take(MAX_LENGTH).collect();
            is_answered(&text);
        }
    }
    assert!(is_answered(&nested("sin(", "x", ")", 3)));
}

#[test]
fn long_numbers_are_bounded_before_they_are_gathered() {
    // 10⁴ bits and more, as digits and as powers.
    let digits = "7".repeat(3011);
    for text in [
        format!("x^2/{digits}"),
        format!("{digits}*x^2 - y/{digits}"),
        format!("x^2 + 0.{digits}"),
        format!("({digits})^64*x"),
        format!("sin({digits}*x)"),
        format!("x^{digits}"),
        digits.clone(),
        "9^64^64*x".to_owned(),
        "x*(9^64)^64*(8^64)^64/(7^64)^64".to_owned(),
        "1e64*x + 1e-64".to_owned(),
        "1e65*x".to_owned(),
        format!("x*1e{digits}"),
    ] {
        is_answered(&text);
    }
    // Fractions whose common denominator grows with every term, and products that grow with every factor.
    let terms: Vec<String> = (3..200).map(|n| format!("1/({n}^64)^50")).collect();
    let factors = ["((9^64)^64)"; 300].join("*");
    for text in [terms.join("+") + "+x", factors.clone() + "*x", format!("x^2/({factors})")] {
        assert!(
            matches!(fault(&text), Fault::NumbersTooLarge { bits } if bits > MAX_BITS),
            "{}",
            &text[..40]
        );
        is_answered(&text);
    }
    // Hidden in inner sums, which a sum opens.
    let terms: Vec<String> = (3..150).map(|n| format!("(x+1/({n}^64)^50)")).collect();
    assert!(matches!(fault(&terms.join("+")), Fault::NumbersTooLarge { .. }));
}

#[test]
fn values_of_parameters_are_bounded() {
    let f = System::Gradient(Objective::parse("a*x^2", Some(&["x"])).unwrap());
    let long = number("(9^64)^60").unwrap();
    let error = f.with_values(&[("a".to_owned(), long)]).unwrap_err();
    assert!(
        matches!(&error, SymbolicError::ValueTooLong { parameter, bits, .. } if parameter == "a" && *bits > 1e4),
        "{error}"
    );
    // 1015 bits are within the limit, and a 128th power of them is not.
    let value = number("9^64*9^64*9^64*9^64*9^64/1").unwrap();
    assert!(f.with_values(&[("a".to_owned(), value.clone())]).is_ok());
    let f = System::Gradient(Objective::parse("(a*a)^64*x^2", Some(&["x"])).unwrap());
    let error = f.with_values(&[("a".to_owned(), value)]).unwrap_err();
    assert!(
        matches!(&error, SymbolicError::Formula(FormulaError { fault: Fault::NumbersTooLarge { .. }, .. })),
        "{error}"
    );
}

#[test]
fn towers_and_powers_of_long_sums_are_answered() {
    let names = "a+b+c+d+e+f+g+i";
    let many: Vec<String> = (0..400).map(|k| format!("x{k}")).collect();
    for text in [
        "2^2^2^2^2^x".to_owned(),
        "x^x^x^x^x^x^x^x".to_owned(),
        "((((((x^2)^2)^2)^2)^2)^2)^2".to_owned(),
        format!("({names})^64"),
        format!("({names})^5"),
        format!("({names})^(1/2)"),
        format!("1/({names})^64"),
        format!("({names})^({names})"),
        format!("sin({names})^64"),
        format!("sin(({names})^64)"),
        format!("x^({names})^8"),
        format!("({})^2", many.join("+")),
        format!("({})^64", many.join("+")),
        many.join("*"),
        format!("x*exp({})", many.join("*")),
        "(x+y)^64*(x-y)^64*(1+x)^64*(1+y)^64".to_owned(),
        "(1+x)^64/(1-x)^64 + (1+y)^64/(1-y)^64".to_owned(),
        "(x^(1/64)+y^(1/63))^60".to_owned(),
    ] {
        is_answered(&text);
    }
}

#[test]
fn functions_of_functions_and_poles_are_answered() {
    let every = ["exp(", "log(2+", "sin(", "cos(", "tan(", "tanh(", "sqrt(1+"];
    let mixed: String = (0..64).map(|k| every[k % every.len()]).collect();
    for text in [
        format!("{mixed}x{}", ")".repeat(64)),
        nested("exp(", "x", ")", 64),
        nested("log(", "x", ")", 64),
        nested("tan(1/", "x", ")", 64),
        "1/(sin(1/(cos(1/x)-1))-tan(1/x))".to_owned(),
        "tan(tan(tan(1/x^2)))^-3".to_owned(),
        "log(log(log(log(x))))/log(1)".to_owned(),
        "exp(exp(exp(exp(exp(x)))))".to_owned(),
        "exp(1/x)*exp(-1/x) - 1".to_owned(),
    ] {
        is_answered(&text);
    }
}

#[test]
fn what_has_no_value_anywhere_is_refused() {
    for text in [
        "x/(sin(x)^2+cos(x)^2-1)",
        "1/(x-x)",
        "x/(exp(0)-1)",
        "x/((x+1)^2-x^2-2*x-1)",
        "x/(2-sqrt(4))",
        "log(sin(x)^2-cos(2)^2-9)",
        "sqrt(-exp(x))",
        "sqrt(tanh(x)-1)",
        "x*log(-2-sin(3))",
        "x*sqrt(cos(3))",
        "x*log(tanh(0))",
        "x*(-1/2)^(1/2+x-x)",
        "log(-1-x^2)^2",
        "(x-x)^-1",
        "0^(x-x-1)",
    ] {
        let refused = Objective::parse(text, None).map(|_| ());
        let derived = is_answered(text);
        // A denominator that is 0 identically may come out as a tiny number; then it is not 0 to the derivation either.
        assert!(refused.is_err() || !derived, "{text}: {refused:?}");
    }
}

#[test]
fn names_of_every_kind_are_answered() {
    let long = "n".repeat(4000);
    for text in [
        long.clone(),
        format!("{long}^2"),
        format!("{long}(x)"),
        format!("x*{}", "é".repeat(2000)),
        "e\u{301}^2 + x".to_owned(),
        "x\u{345}*\u{3b1}^2".to_owned(),
        "x\u{200b}*y".to_owned(),
        "x\u{200d}y^2".to_owned(),
        "\u{feff}x^2".to_owned(),
        "x\u{0}^2".to_owned(),
        "\u{0}".to_owned(),
        "\u{202e}x^2\u{202c}".to_owned(),
        "x^\u{ff12}".to_owned(),
        "\u{661}+x".to_owned(),
        "\u{1d465}^2".to_owned(),
        "\u{2167}*x".to_owned(),
        "日本^2 + 語".to_owned(),
        "x_^2 + x__ + x_1_".to_owned(),
        "_x".to_owned(),
    ] {
        is_answered(&text);
    }
    // A name is quoted in part, and the caret stays within the line.
    let message = formula(&format!("{long}(x)")).unwrap_err().to_string();
    assert!(message.chars().count() < 500, "{message}");
    assert!(!formula("x\u{0}\u{7}^2").unwrap_err().to_string().contains(['\u{0}', '\u{7}']));
}

#[test]
fn fragments_are_answered() {
    for text in [
        "", " ", ",", ",,,,", "x,", ",x", "x,,y", "x,y,", "(", ")", "()", "x()", "sin()", "sqrt", "sin",
        "sin(", "x^", "^x", "*", "**", "x***y", "x^^y", "x//y", "+", "-", "--", "1.", ".", "..", "1..2",
        ".5.", "1e", "1e+", "e1", "1e1e1", "1e-", "x e", "|x", "x|", "((x)", "(x,y)", "x=y", "x!", "{x}",
        "[x]", "x]", "x%2", "1/0", "0/0", "0^0", "x/0", "x^(1/0)", "0*x", "x-x", "0^x", "1^x", "x^0", "x^-0",
        "∞", "√x", "x²", "½x", "𝑥", "\u{a0}x", "x\n+\ny", "x\t*\ty", "\\x", "x;y", "\"x\"",
    ] {
        is_answered(text);
    }
    let commas = ["x"; 2000].join(",");
    is_answered(&commas);
    is_answered(&"(x".repeat(190));
    is_answered(&"x)".repeat(2000));
    is_answered(&"x+".repeat(2047));
    is_answered(&("x*y+".repeat(1000) + "x"));
    is_answered(&("x/y-".repeat(1000) + "x"));
}

#[test]
fn names_of_methods_are_answered() {
    let start = Instant::now();
    for name in [
        "heavy-ball(beta=9^64^64)",
        "heavy-ball(beta=1/(1-1))",
        "heavy-ball(beta=beta^64^64)",
        "heavy-ball(beta=(a+b+c+d+e)^64)",
        "heavy-ball(beta=((((((a+1)^9)^9)^9)^9)^9)^9)",
        "heavy-ball(beta=1e999999999)",
        "heavy-ball(beta=beta,beta=beta)",
        "heavy-ball(",
        "heavy-ball)",
        "adam(beta1=,beta2==,epsilon)",
        "adam(beta1=x,beta2=x,epsilon=x)",
        "rk2(c2=9^9^9^9)",
        "rk2(c2=0)",
        "rk2(c2=1/0)",
        "rk2(c2=a/b/c/d)",
        "rkc(s=1000000000)",
        "rkc(s=-1)",
        "rkc(s=10,damping=1e308)",
        "gauss99999999999999999999",
        "gauss1000000",
        "gauss0",
        "gauss3",
        "radau-iia-1000001",
        "lobatto-iiia-0",
        "extrapolation(99999999)",
        "\u{0}",
        "é(é=é)",
    ] {
        let _ = Scheme::named(name).map_err(|error| error.to_string());
        let _ = Scheme::named(&name.replace('=', "=-")).map_err(|error| error.to_string());
    }
    for text in [
        nested("rk2(c2=(", "1", "))", 1000),
        "(".repeat(100_000),
        format!("heavy-ball(beta={}", "(".repeat(100_000)),
        format!("heavy-ball(beta=1/{})", "7".repeat(100_000)),
    ] {
        let _ = Scheme::named(&text).map_err(|error| error.to_string());
    }
    assert!(start.elapsed() < PATIENCE, "{:?}", start.elapsed());
}
