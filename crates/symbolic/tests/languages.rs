//! What is written for other systems is read by them: SymPy, LaTeX, and by its structure Mathematica.
//!
//! Python with SymPy and pdflatex are used where they are found. With SHADOWFLOW_REQUIRE_SYMPY=1 and
//! SHADOWFLOW_REQUIRE_LATEX=1 it is a failure when they are not.
#![cfg(feature = "symbolica")]
#![allow(clippy::unwrap_used, clippy::print_stderr)] // a failed unwrap is a failed test

use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::{Value, json};
use shadowflow_methods::Rational;
use shadowflow_symbolic::report::Report;
use shadowflow_symbolic::{
    AllOrders, Derivation, Expr, Form, General, Kind, Objective, Request, Scheme, Sum, System, VectorField,
};

const FORMS: [Form; 3] = [Form::Collected, Form::Expanded, Form::Factored];

struct Case {
    scheme: Scheme,
    kind: Kind,
    system: System,
    found: Derivation,
    is_polynomial: bool,
}

impl Case {
    fn report(&self) -> Report<'_> {
        Report { kind: self.kind, ..Report::new(&self.scheme, &self.system, &self.found) }
    }

    fn what(&self) -> String {
        let given: Vec<String> = self.system.formulas().iter().map(|expr| expr.to_string()).collect();
        format!("{} on {}", self.scheme.name(), given.join(", "))
    }
}

/// A derivation of every kind: polynomials, quotients, roots, functions, parameters, methods with and without trees, and names
/// that mean something elsewhere.
fn cases() -> Vec<Case> {
    let gradient = |method, text, variables: &[&str], order| {
        case(
            method,
            Kind::Modified,
            System::Gradient(Objective::parse(text, Some(variables)).unwrap()),
            order,
        )
    };
    let field = |method, kind, text, variables: &[&str], order| {
        case(method, kind, System::Field(VectorField::parse(text, Some(variables)).unwrap()), order)
    };
    let parts = Sum::of_fields(&["y, 0", "0, -sin(x)"], Some(&["x", "y"])).unwrap();
    let batches = Sum::of_objectives(&["(x-1)^2/2 + x*y^2", "(x+y)^2"], None).unwrap();
    vec![
        gradient("euler", "(1-x*y)^2/2", &["x", "y"], 3),
        gradient("rk2(c2=1/3)", "mu*(1-x*y)^2/2 + x^3/3", &["x", "y"], 2),
        gradient("rk2(c2)", "(x^2+y^2)^2/4", &["x", "y"], 2),
        gradient("heavy-ball", "(1-x*y)^2/2", &["x", "y"], 2),
        field("gauss4", Kind::Modified, "p*(2-q), q*(p-1)", &["p", "q"], 4),
        gradient("crouzeix3", "(1-x*y)^2/2", &["x", "y"], 2),
        gradient("euler", "x/(1+x^2) + y^2", &["x", "y"], 2),
        gradient("implicit-midpoint", "sqrt(1+x^2+y^2)", &["x", "y"], 2),
        gradient("heun", "x^(1/3)/(2+y)", &["x", "y"], 2),
        gradient("euler", "exp(-x^2)*sin(y) + exp(x)^2/(1+exp(y))^3", &["x", "y"], 2),
        gradient("euler", "log(1+x^2)*tan(y/3) + tanh(x*y)^2", &["x", "y"], 1),
        gradient("nesterov(beta=9/10)", "cos(x)^3 - 2/3*exp(x/2)", &["x"], 2),
        gradient("adam(beta1=9/10,beta2=99/100,epsilon=1/1000)", "x^2*y^2/2 + x^4/4", &["x", "y"], 1),
        gradient("rmsprop", "x^2/2", &["x"], 1),
        field("euler", Kind::Modifying, "-u2/(u1^2+u2^2), u1/(u1^2+u2^2)", &["u1", "u2"], 3),
        case("strang", Kind::Modified, System::Sum(parts), 2),
        case("sme", Kind::Modified, System::Sum(batches), 1),
        gradient("euler", "2^x/3^y + exp(2)*x^a - (1/2)^(x*y)", &["x", "y"], 1),
        gradient(
            "euler",
            "lambda*(None - try)^2 + lambda_*E*theta_1^2*None + Pi*E_*try + field_*field*Symbol",
            &["None", "try", "theta_1"],
            2,
        ),
    ]
}

fn case(method: &str, kind: Kind, system: System, order: usize) -> Case {
    let scheme = Scheme::named(method).unwrap();
    let found = Request { kind, ..Request::new(scheme.clone(), order) }.on(&system).unwrap();
    // SymPy expands these to nothing: sums of monomials with numbers for coefficients.
    let is_polynomial =
        ["euler", "rk2(c2=1/3)", "gauss4"].contains(&method) && !system.formulas().into_iter().any(uses_more);
    Case { scheme, kind, system, found, is_polynomial }
}

/// Whether a formula has a function, or a power that is no natural number.
fn uses_more(expr: &Expr) -> bool {
    match expr {
        Expr::Number(_) | Expr::Symbol(_) => false,
        Expr::Sum(parts) | Expr::Product(parts) => parts.iter().any(uses_more),
        Expr::Power(base, exponent) => match &**exponent {
            Expr::Number(n) => uses_more(base) || !n.denominator().is_one() || *n < Rational::ZERO,
            _ => true,
        },
        Expr::Call(..) => true,
    }
}

/// A new directory for one test.
fn directory(name: &str) -> PathBuf {
    let path = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("{name}-{}", std::process::id()));
    std::fs::create_dir_all(&path).unwrap();
    path
}

/// Whether a program answers; if it does not, and `variable` is set to 1, the test fails.
fn is_there(program: &str, arguments: &[&str], variable: &str) -> bool {
    let answers = Command::new(program).args(arguments).output().is_ok_and(|output| output.status.success());
    assert!(answers || std::env::var(variable).as_deref() != Ok("1"), "{program} {arguments:?} fails");
    if !answers {
        eprintln!("{program} {arguments:?} fails: what it reads is checked by structure only");
    }
    answers
}

/// Values of names: rational, positive, distinct, at which every case is defined.
fn value(name: &str, point: i64) -> Rational {
    let seed = name.bytes().fold(point, |sum, byte| sum * 31 + i64::from(byte));
    Rational::from_parts((1 + seed.rem_euclid(13)).into(), 17u8.into())
        + Rational::from_parts(1.into(), 50u8.into())
}

const POINTS: std::ops::Range<i64> = 0..4;

const SCRIPT: &str = r#"
import importlib.util, json, sys
from sympy import Float, Rational, Symbol, expand

def formulas(path):
    spec = importlib.util.spec_from_file_location("derived", path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    found = list(module.field)
    if hasattr(module, "potential"):
        found.append(module.potential)
    return found

results = []
for task in json.load(open(sys.argv[1])):
    forms = [formulas(path) for path in task["modules"]]
    floats = any(e.atoms(Float) if hasattr(e, "atoms") else isinstance(e, float) for form in forms for e in form)
    rest = [str(expand(a - b)) for form in forms[1:] for a, b in zip(form, forms[0])] if task["polynomial"] else []
    values = []
    for point in task["points"]:
        at = {Symbol(name, real=True): Rational(value) for name, value in point.items()}
        values.append([[str((e + Rational(0)).xreplace(at).evalf(30)) for e in form] for form in forms])
    results.append({"floats": floats, "rest": rest, "values": values})
print(json.dumps(results))
"#;

#[test]
fn sympy_reads_its_modules() {
    let cases = cases();
    let directory = directory("sympy");
    let mut tasks = Vec::new();
    for (i, case) in cases.iter().enumerate() {
        let mut modules = Vec::new();
        for form in FORMS {
            let text = case.report().sympy(form).unwrap();
            assert!(balanced(&text), "{text}");
            assert!(
                !text.contains('^') || text.lines().all(|l| !l.split('#').next().unwrap().contains('^')),
                "{text}"
            );
            let path = directory.join(format!("case{i}_{form:?}.py"));
            std::fs::write(&path, text).unwrap();
            modules.push(path);
        }
        let names = || {
            let found = &case.found;
            found.variables.iter().chain(&found.parameters).map(String::as_str).chain(["h"])
        };
        let point = |k| -> Value {
            names().map(|name| (name.to_owned(), json!(value(name, k).to_string()))).collect()
        };
        tasks.push(json!({
            "modules": modules,
            "polynomial": case.is_polynomial,
            "points": POINTS.map(point).collect::<Vec<_>>(),
        }));
    }
    assert!(cases.iter().filter(|case| case.is_polynomial).count() >= 4);
    if is_there("python3", &["-c", "import sympy"], "SHADOWFLOW_REQUIRE_SYMPY") {
        let (script, input) = (directory.join("read.py"), directory.join("tasks.json"));
        std::fs::write(&script, SCRIPT).unwrap();
        std::fs::write(&input, json!(tasks).to_string()).unwrap();
        let output = Command::new("python3").arg(&script).arg(&input).output().unwrap();
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        let results: Vec<Value> = serde_json::from_slice(&output.stdout).unwrap();
        assert_eq!(results.len(), cases.len());
        for (case, result) in cases.iter().zip(&results) {
            agrees(case, result);
        }
    }
    std::fs::remove_dir_all(directory).unwrap();
}

fn agrees(case: &Case, result: &Value) {
    let what = case.what();
    assert_eq!(result["floats"], json!(false), "{what}: numbers are not exact");
    for rest in result["rest"].as_array().unwrap() {
        assert_eq!(rest, "0", "{what}: two forms differ");
    }
    for (f, form) in FORMS.into_iter().enumerate() {
        let formulas = case.found.formulas(form, None).unwrap();
        for point in POINTS {
            let at = |name: &str| value(name, point).to_f64().value();
            let theirs = &result["values"][point as usize][f];
            let ours: Vec<f64> =
                formulas.field.iter().chain(&formulas.potential).map(|e| e.eval(&at)).collect();
            assert_eq!(theirs.as_array().unwrap().len(), ours.len(), "{what}");
            for (theirs, ours) in theirs.as_array().unwrap().iter().zip(ours) {
                let theirs: f64 = theirs.as_str().unwrap().parse().unwrap_or(f64::NAN);
                // Theirs has 30 digits; ours loses some of its 16 where terms cancel, at values of the size of 1.
                assert!(
                    (theirs - ours).abs() <= 1e-10 * (1.0 + ours.abs()),
                    "{what}, {form:?}: {theirs} {ours}"
                );
            }
        }
    }
}

/// Whether round, square and curly brackets close in the order in which they open.
fn balanced(text: &str) -> bool {
    let mut open = Vec::new();
    for c in text.chars() {
        match c {
            '(' => open.push(')'),
            '[' => open.push(']'),
            '{' => open.push('}'),
            ')' | ']' | '}' if open.pop() != Some(c) => return false,
            _ => {}
        }
    }
    open.is_empty()
}

#[test]
fn mathematica_input_has_its_shape() {
    for case in cases() {
        for form in FORMS {
            let text = case.report().mathematica(form).unwrap();
            let code: String = text.lines().skip(1).map(|line| line.split("(*").next().unwrap()).collect();
            assert!(balanced(&code), "{code}");
            assert!(!code.contains('_') && !code.contains("**") && !code.contains('.'), "{code}");
            // Functions have capitals and square brackets; a name before a round one would be a product.
            let called = code.char_indices().any(|(i, c)| {
                c == '(' && code[..i].chars().next_back().is_some_and(|c| c.is_alphanumeric() || c == '$')
            });
            assert!(!called, "{code}");
        }
    }
}

/// Runs pdflatex on a document, and returns the points by which lines are too wide.
fn compiled(directory: &Path, name: &str, document: &str) -> Vec<f64> {
    std::fs::write(directory.join(format!("{name}.tex")), document).unwrap();
    let output = Command::new("pdflatex")
        .args(["-halt-on-error", "-interaction=nonstopmode", &format!("{name}.tex")])
        .current_dir(directory)
        .output()
        .unwrap();
    let log = String::from_utf8_lossy(&output.stdout).into_owned();
    let end: Vec<&str> = log.lines().rev().take(25).collect();
    assert!(output.status.success(), "{name}: {}", end.into_iter().rev().collect::<Vec<_>>().join("\n"));
    let widths = log.lines().filter_map(|line| line.strip_prefix("Overfull \\hbox ("));
    widths.filter_map(|rest| rest.split("pt").next()?.parse().ok()).collect()
}

#[test]
fn latex_compiles() {
    let cases = cases();
    let mut body = String::new();
    for case in &cases {
        for form in FORMS {
            let text = case.report().latex(form).unwrap();
            assert!(balanced_braces(&text), "{text}");
            body.push_str(&text);
            body.push('\n');
        }
    }
    for method in ["euler", "rk4", "gauss4", "rk2(c2)", "heavy-ball", "strang", "ros2"] {
        let scheme = Scheme::named(method).unwrap_or_else(|error| panic!("{error}"));
        let general = General::of(&scheme, Kind::Modified, 4).unwrap_or_else(|error| panic!("{error}"));
        body.push_str(&general.latex());
    }
    let quadratic = System::Gradient(Objective::parse("(a*x^2 + y^2)/2 + x*y", Some(&["x", "y"])).unwrap());
    for method in ["euler", "rk4", "implicit-midpoint", "gauss4", "heavy-ball"] {
        let scheme = Scheme::named(method).unwrap();
        for system in [None, Some(&quadratic)] {
            if let Ok(all) = AllOrders::of(&scheme, system, 6) {
                body.push_str(&all.latex());
            }
        }
    }
    if !is_there("pdflatex", &["--version"], "SHADOWFLOW_REQUIRE_LATEX") {
        return;
    }
    let directory = directory("latex");
    let preamble =
        "\\documentclass{article}\n\\usepackage{amsmath}\n\\allowdisplaybreaks\n\\begin{document}\n";
    let widths = compiled(&directory, "paragraphs", &format!("{preamble}{body}\n\\end{{document}}\n"));
    check_widths("paragraphs", &widths);
    for i in [0, 2, 3, 4, 5, 12, 18] {
        let document = cases[i].report().latex_document(Form::Collected).unwrap();
        let widths = compiled(&directory, &format!("note{i}"), &document);
        check_widths(&cases[i].what(), &widths);
    }
    std::fs::remove_dir_all(directory).unwrap();
}

/// Lines are broken by a count of characters, which is no measure of their widths; but all have to stay on the paper, whose
/// margins are 133 points wide in this class.
fn check_widths(what: &str, widths: &[f64]) {
    assert!(widths.iter().all(|width| *width < 100.0), "{what}: lines too wide by {widths:?} points");
}

fn balanced_braces(text: &str) -> bool {
    let count = |part: &str| text.matches(part).count();
    count("{") == count("}") && count("\\left(") == count("\\right)") && count("\\bigl(") == count("\\bigr)")
}
