//! Compiled formulas against their trees, against themselves in batches, and against their own source text.
#![cfg(feature = "symbolica")]
#![allow(clippy::unwrap_used)] // a failed unwrap is a failed test
#![allow(clippy::print_stdout)] // a check that could not be made says so

use std::path::Path;
use std::process::Command;

use proptest::prelude::*;
use shadowflow_methods::Method;
use shadowflow_symbolic::{
    Compiled, Evaluator, Expr, Form, Objective, Part, SymbolicError, System, VectorField, derive,
};

/// Formulas of x, y, z with all functions, roots, quotients, and powers of every kind.
const FORMULAS: [&str; 6] = [
    "(1-x*y)^2/2 + x^4/4 - z",
    "tanh(x)*exp(-y^2) + sin(x*y)*z",
    "sqrt(x^2+y^2+1)/(2+cos(x*y)) - tan(z/3)^3",
    "log(1+x^2)*(1+y^2)^(1/3) + (x-y)^(-2) + x^2*y^2*z^2",
    "exp(sin(exp(cos(x+y)*z)))",
    "3*z",
];

fn evaluator(texts: &[&str]) -> Evaluator {
    let exprs: Vec<Expr> =
        texts.iter().map(|text| Objective::parse(text, None).unwrap().expr().clone()).collect();
    Evaluator::compile(&exprs, &["x", "y", "z"]).unwrap()
}

/// Points without pattern, in [-2, 2].
fn column(n: usize, seed: u64) -> Vec<f64> {
    let mut state = seed;
    let next = |_| {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (state >> 11) as f64 / (1u64 << 51) as f64 - 2.0
    };
    (0..n).map(next).collect()
}

fn bits(values: &[f64]) -> Vec<u64> {
    values.iter().map(|value| value.to_bits()).collect()
}

/// All outputs at all points, one point at a time, in the layout of a batch.
fn point_by_point(evaluator: &mut Evaluator, x: &[Vec<f64>]) -> Vec<Vec<f64>> {
    let mut columns = vec![Vec::new(); evaluator.outputs()];
    let mut out = vec![0.0; evaluator.outputs()];
    for i in 0..x[0].len() {
        let point: Vec<f64> = x.iter().map(|column| column[i]).collect();
        evaluator.eval(&point, &mut out).unwrap();
        columns.iter_mut().zip(&out).for_each(|(column, &value)| column.push(value));
    }
    columns
}

fn batch(evaluator: &mut Evaluator, x: &[&[f64]], points: usize) -> Vec<Vec<f64>> {
    let mut columns = vec![vec![f64::NAN; points]; evaluator.outputs()];
    let mut out: Vec<&mut [f64]> = columns.iter_mut().map(Vec::as_mut_slice).collect();
    evaluator.eval_batch(x, &mut out).unwrap();
    columns
}

#[test]
fn batches_have_the_bits_of_single_points_wherever_they_are_cut() {
    // Alone, all together, and without calls.
    let sets: Vec<Vec<&str>> = FORMULAS
        .iter()
        .map(|f| vec![*f])
        .chain([FORMULAS.to_vec(), vec![FORMULAS[0], FORMULAS[5]]])
        .collect();
    for texts in sets {
        let mut evaluator = evaluator(&texts);
        let n = 301;
        let x: Vec<Vec<f64>> = (0..3).map(|k| column(n, 17 + k)).collect();
        let expected = point_by_point(&mut evaluator, &x);
        // One point in every place of a group, batches shorter and longer than a block, and each point behind others.
        let cuts = (1..=37).chain([64, 127, 128, 129, 255, 256, 300, 301]).map(|length| (0, length));
        for (start, end) in cuts.chain((1..40).map(|start| (start, n))) {
            let part: Vec<&[f64]> = x.iter().map(|column| &column[start..end]).collect();
            for (found, expected) in batch(&mut evaluator, &part, end - start).iter().zip(&expected) {
                assert_eq!(bits(found), bits(&expected[start..end]), "{texts:?} {start}..{end}");
            }
        }
        // An input that is the same everywhere.
        let same = vec![0.7; n];
        let expected = batch(&mut evaluator, &[&x[0], &same, &x[2]], n);
        assert_eq!(batch(&mut evaluator, &[&x[0], &[0.7], &x[2]], n), expected, "{texts:?}");
    }
}

#[test]
fn the_same_formulas_compile_to_the_same_program() {
    let first = evaluator(&FORMULAS).to_rust("f").unwrap();
    for _ in 0..4 {
        assert_eq!(evaluator(&FORMULAS).to_rust("f").unwrap(), first);
    }
}

#[test]
fn points_without_a_value_disturb_no_others() {
    let mut evaluator = evaluator(&["log(x) + y", "1/x", "sqrt(x)*z", "x^2*y"]);
    let odd = [f64::NAN, f64::INFINITY, f64::NEG_INFINITY, 0.0, -0.0, -1.0, 1e308, 5e-324];
    let mut x = [column(60, 1), column(60, 2), column(60, 3)];
    let before = batch(&mut evaluator, &[&x[0], &x[1], &x[2]], 60);
    for (i, &value) in odd.iter().enumerate() {
        x[i % 3][7 * i] = value;
    }
    let after = batch(&mut evaluator, &[&x[0], &x[1], &x[2]], 60);
    let expected = point_by_point(&mut evaluator, &x);
    for ((before, after), expected) in before.iter().zip(&after).zip(&expected) {
        for i in 0..60 {
            // The sign and payload of a NaN are nobody's business.
            assert!(after[i].to_bits() == expected[i].to_bits() || after[i].is_nan() && expected[i].is_nan());
            assert!(i % 7 == 0 && i < 56 || after[i].to_bits() == before[i].to_bits() || after[i].is_nan());
        }
    }
    let mut out = [0.0; 4];
    evaluator.eval(&[-1.0, 1.0, 1.0], &mut out).unwrap();
    assert!(out[0].is_nan() && out[1] == -1.0 && out[2].is_nan() && out[3] == 1.0);
    evaluator.eval(&[0.0, 1.0, 1.0], &mut out).unwrap();
    assert_eq!(out, [f64::NEG_INFINITY, f64::INFINITY, 0.0, 0.0]);
}

#[test]
fn slices_of_the_wrong_length_are_refused() {
    let mut evaluator = evaluator(&["x*y*z", "x+y+z"]);
    let refused = |result: Result<(), SymbolicError>| match result {
        Err(SymbolicError::Length { what, expected, found }) => (what, expected, found),
        other => panic!("{other:?}"),
    };
    let (mut a, mut b) = ([0.0; 5], [0.0; 5]);
    let x = [0.5; 5];
    let result = evaluator.eval_batch(&[&x, &x], &mut [&mut a, &mut b]);
    assert_eq!(refused(result), ("the list of inputs", 3, 2));
    let result = evaluator.eval_batch(&[&x, &x, &x], &mut [&mut a]);
    assert_eq!(refused(result), ("the list of outputs", 2, 1));
    let result = evaluator.eval_batch(&[&x, &x[..4], &x], &mut [&mut a, &mut b]);
    assert_eq!(refused(result), ("an input", 5, 4));
    let result = evaluator.eval_batch(&[&x, &x, &x], &mut [&mut a, &mut b[..3]]);
    assert_eq!(refused(result), ("an output", 5, 3));
    assert!(evaluator.eval_batch(&[&[], &[], &[1.0]], &mut [&mut [], &mut []]).is_ok());
    assert!(matches!(evaluator.only(1..3), Err(SymbolicError::Length { .. })));
    let mut product = evaluator.only(0..1).unwrap();
    product.eval(&[2.0, 3.0, 5.0], &mut a[..1]).unwrap();
    assert_eq!((product.inputs(), product.outputs(), a[0]), (3, 1, 30.0));
}

#[test]
fn constants_and_bare_inputs_are_formulas_too() {
    let exprs = [Expr::symbol("x"), Expr::Number(7.into()), Expr::zero(), Expr::symbol("x").negated()];
    let mut evaluator = Evaluator::compile(&exprs, &["x"]).unwrap();
    let x = column(33, 5);
    let found = batch(&mut evaluator, &[&x], 33);
    assert_eq!((&found[0], &found[1], &found[2]), (&x, &vec![7.0; 33], &vec![0.0; 33]));
    assert_eq!(found[3], x.iter().map(|x| -x).collect::<Vec<_>>());
    let mut out = [0.0; 4];
    evaluator.eval(&[2.5], &mut out).unwrap();
    assert_eq!(out, [2.5, 7.0, 0.0, -2.5]);

    let mut constant = Evaluator::compile(&[Expr::Number(3.into())], &[]).unwrap();
    constant.eval(&[], &mut out[..1]).unwrap();
    assert_eq!(out[0], 3.0);
    assert_eq!(batch(&mut constant, &[], 40)[0], vec![3.0; 40]);
}

/// Formulas of three names, built from all operations.
fn formula() -> impl Strategy<Value = String> {
    let leaf = prop_oneof![
        Just("x".to_owned()),
        Just("y".to_owned()),
        Just("z".to_owned()),
        (1..9i32, 1..9i32).prop_map(|(p, q)| format!("({p}/{q})")),
    ];
    leaf.prop_recursive(4, 24, 2, |inner| {
        prop_oneof![
            (inner.clone(), inner.clone()).prop_map(|(a, b)| format!("({a} + {b})")),
            (inner.clone(), inner.clone()).prop_map(|(a, b)| format!("({a} - {b})")),
            (inner.clone(), inner.clone()).prop_map(|(a, b)| format!("({a} * {b})")),
            (inner.clone(), inner.clone()).prop_map(|(a, b)| format!("({a} / (2 + ({b})^2))")),
            (inner.clone(), 2..5i32).prop_map(|(a, n)| format!("({a})^{n}")),
            (inner, prop_oneof![Just("sin"), Just("cos"), Just("tanh")])
                .prop_map(|(a, f)| format!("{f}({a})")),
        ]
    })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 48, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn compiled_formulas_have_the_values_of_their_trees(text in formula()) {
        let text = format!("{text} + x/1000 + y/1000 + z/1000");
        let Ok(f) = Objective::parse(&text, None) else { return Ok(()) };
        let mut evaluator = Evaluator::compile(&[f.expr().clone()], &["x", "y", "z"]).unwrap();
        let x: Vec<Vec<f64>> = (0..3).map(|k| column(40, 90 + k)).collect();
        let found = batch(&mut evaluator, &[&x[0], &x[1], &x[2]], 40);
        prop_assert_eq!(bits(&point_by_point(&mut evaluator, &x)[0]), bits(&found[0]));
        for i in 0..40 {
            let at = |name: &str| x[["x", "y", "z"].iter().position(|n| *n == name).unwrap()][i];
            // A bound on the rounding errors: the size of the formula with every sign positive, times its operations.
            let size = absolute(f.expr(), &at);
            let tolerance = 1e3 * f64::EPSILON * size;
            let expected = f.expr().eval(&at);
            prop_assert!((found[0][i] - expected).abs() <= tolerance, "{} {} {}", found[0][i], expected, text);
        }
    }
}

/// How large the intermediate results of a formula get, and what they are multiplied with later: an upper bound on
/// Σ |∂f/∂v| |v| over all intermediate values v, for functions with slopes of at most 1.
fn absolute(expr: &Expr, at: &impl Fn(&str) -> f64) -> f64 {
    match expr {
        Expr::Number(_) | Expr::Symbol(_) => expr.eval(at).abs(),
        Expr::Sum(terms) => terms.iter().map(|term| absolute(term, at)).sum(),
        Expr::Product(factors) => factors.iter().map(|factor| absolute(factor, at)).product(),
        Expr::Power(base, exponent) => {
            let (size, power) = (absolute(base, at), exponent.eval(at));
            // Below a line stand sums 2 + …², at least 2, whose relative error is that of their size.
            if power < 0.0 {
                base.eval(at).abs().powf(power) * size.max(1.0)
            } else {
                size.powf(power) * power.max(1.0)
            }
        }
        Expr::Call(_, argument) => 1.0 + absolute(argument, at),
    }
}

#[test]
fn parts_of_an_objective() {
    let f = Objective::parse("mu*(1-x*y)^2/2 + exp(x)*y", Some(&["x", "y"])).unwrap();
    let mut compiled = Compiled::objective(&f, &[]).unwrap();
    assert_eq!(compiled.inputs(), ["x", "y", "mu"]);
    assert_eq!(compiled.parts(), [(Part::Value, 0..1), (Part::Gradient, 1..3), (Part::Hessian, 3..7)]);
    let mut all = [0.0; 7];
    let (x, y, mu) = (0.3f64, -1.2, 2.5);
    compiled.all().eval(&[x, y, mu], &mut all).unwrap();
    let (r, e) = (1.0 - x * y, x.exp());
    let mixed = mu * (2.0 * x * y - 1.0) + e;
    let expected = [
        mu * r * r / 2.0 + e * y,
        -mu * y * r + e * y,
        -mu * x * r + e,
        mu * y * y + e * y,
        mixed,
        mixed,
        mu * x * x,
    ];
    for (found, expected) in all.iter().zip(expected) {
        // A dozen operations.
        assert!((found - expected).abs() <= 1e-14 * expected.abs().max(1.0), "{found} {expected}");
    }
    assert_eq!(all[4].to_bits(), all[5].to_bits());

    // A parameter that is fixed, and one part alone: the same numbers.
    let fixed = Compiled::objective(&f, &[("mu", mu)]).unwrap();
    assert_eq!(fixed.inputs(), ["x", "y"]);
    for part in [Part::Value, Part::Gradient, Part::Hessian] {
        let mut alone = fixed.part(part).unwrap();
        let mut out = vec![0.0; alone.outputs()];
        alone.eval(&[x, y], &mut out).unwrap();
        for (found, expected) in out.iter().zip(&all[fixed.range(part).unwrap()]) {
            assert!((found - expected).abs() <= 1e-14 * expected.abs().max(1.0), "{part}");
        }
    }
    // Without the term.
    let mut gone = Compiled::objective(&f, &[("mu", 0.0)]).unwrap().part(Part::Hessian).unwrap();
    let mut hessian = [0.0; 4];
    gone.eval(&[x, y], &mut hessian).unwrap();
    assert_eq!(hessian, [e * y, e, e, 0.0]);

    assert!(matches!(
        Compiled::objective(&f, &[("nu", 1.0)]),
        Err(SymbolicError::UnknownInput { name, .. }) if name == "nu"
    ));
    let missing = fixed.part(Part::ModifiedField(2)).err().unwrap().to_string();
    assert_eq!(
        missing,
        "the modified field through h^2 was not compiled; there are the value, the gradient, the Hessian"
    );
}

#[test]
fn parts_of_a_field() {
    let lotka = VectorField::parse("p*(2-q),q*(p-1)", Some(&["p", "q"])).unwrap();
    let mut compiled = Compiled::field(&lotka, &[]).unwrap();
    let mut out = [0.0; 6];
    compiled.all().eval(&[3.0, 5.0], &mut out).unwrap();
    assert_eq!(out, [-9.0, 10.0, -3.0, -3.0, 5.0, 2.0]);
    assert_eq!(compiled.range(Part::Jacobian).unwrap(), 2..6);
}

#[test]
fn parts_of_a_modified_equation() {
    let f = Objective::parse("a*(1-x*y)^2/2 + x^4/4", Some(&["x", "y"])).unwrap();
    let found = derive(&System::Gradient(f), Method::named("euler").unwrap().tableau(), 3).unwrap();
    let mut compiled = Compiled::derivation(&found, &[("a", 1.5)]).unwrap();
    assert_eq!(compiled.inputs(), ["x", "y", "h"]);
    let point = [0.8, -0.4, 0.1];
    let at = |name: &str| match name {
        "a" => 1.5,
        name => point[["x", "y", "h"].iter().position(|n| *n == name).unwrap()],
    };
    let mut all = vec![0.0; compiled.all().outputs()];
    compiled.all().eval(&point, &mut all).unwrap();
    let close = |found: &[f64], expected: &[f64], what: Part| {
        assert_eq!(found.len(), expected.len());
        for (found, expected) in found.iter().zip(expected) {
            // Some dozen operations on numbers of size 1.
            assert!((found - expected).abs() <= 1e-13, "{what}: {found} {expected}");
        }
    };
    for k in 1..=3usize {
        let expected: Vec<f64> = (0..2)
            .map(|i| (0..=k).map(|j| point[2].powi(j as i32) * found.field[j][i].eval(&at)).sum())
            .collect();
        let part = Part::ModifiedField(k);
        close(&all[compiled.range(part).unwrap()], &expected, part);
        let mut alone = [0.0; 2];
        compiled.part(part).unwrap().eval(&point, &mut alone).unwrap();
        close(&alone, &expected, part);
    }
    let potential = found.potential.as_ref().unwrap();
    let last = Part::ModifiedPotential(potential.through());
    close(&all[compiled.range(last).unwrap()], &[potential.in_h().eval(&at)], last);
    // The field is the negative gradient, and its Jacobian the negative Hessian.
    let negative = |part| -> Vec<f64> { all[compiled.range(part).unwrap()].iter().map(|v| -v).collect() };
    close(&all[compiled.range(Part::Field).unwrap()], &negative(Part::Gradient), Part::Field);
    close(&all[compiled.range(Part::Jacobian).unwrap()], &negative(Part::Hessian), Part::Jacobian);
}

#[test]
fn long_modified_equations() {
    let f = Objective::parse("(1-x*y)^2/2 + x^4/4", None).unwrap();
    let found = derive(&System::Gradient(f), Method::named("euler").unwrap().tableau(), 6).unwrap();
    let mut field = Compiled::derivation(&found, &[]).unwrap().part(Part::ModifiedField(6)).unwrap();
    let x: Vec<Vec<f64>> = [0.4, 0.4, 0.1]
        .iter()
        .zip(70..)
        .map(|(scale, seed)| column(50, seed).iter().map(|v| scale * v).collect())
        .collect();
    let found_values = batch(&mut field, &[&x[0], &x[1], &x[2]], 50);
    let expected = found.formulas(Form::Collected, None).unwrap().field;
    for i in 0..50 {
        let at = |name: &str| x[["x", "y", "h"].iter().position(|n| *n == name).unwrap()][i];
        for (found, expected) in found_values.iter().zip(&expected) {
            // Some thousand operations on numbers of size 1 or less.
            let expected = expected.eval(&at);
            assert!((found[i] - expected).abs() <= 1e-12, "{} {expected}", found[i]);
        }
    }
}

/// A program run on points given by their bits, one a line; what it prints are the bits of its outputs.
fn outputs_of(program: &Path, points: &[Vec<f64>]) -> Vec<Vec<f64>> {
    let arguments = points.iter().flatten().map(|value| value.to_bits().to_string());
    let output = Command::new(program).args(arguments).output().unwrap();
    assert!(output.status.success(), "{output:?}");
    let number = |word: &str| f64::from_bits(word.parse().unwrap());
    let text = String::from_utf8(output.stdout).unwrap();
    text.lines().map(|line| line.split_whitespace().map(number).collect()).collect()
}

/// Points at which all formulas have values.
fn points() -> Vec<Vec<f64>> {
    let x: Vec<Vec<f64>> = (0..3).map(|k| column(20, 40 + k)).collect();
    (0..20).map(|i| x.iter().map(|column| column[i]).collect()).collect()
}

/// Equal but for fused products, the mathematical library, and what cancellation makes of them: the formulas add up
/// numbers of size 1 to 20.
fn assert_close(found: &[f64], expected: &[f64], point: &[f64]) {
    for (found, expected) in found.iter().zip(expected) {
        assert!(
            (found - expected).abs() <= 1e-13 * expected.abs().max(1.0),
            "{found} {expected} at {point:?}"
        );
    }
}

/// Runs a compiler; false if there is none here.
fn compiled(compiler: &mut Command) -> bool {
    match compiler.output() {
        Ok(output) => {
            assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
            true
        }
        Err(e) => {
            println!("could not check that the source runs: {:?}: {e}", compiler.get_program());
            false
        }
    }
}

#[test]
fn source_in_rust_has_the_same_values() {
    let mut evaluator = evaluator(&FORMULAS);
    let text = evaluator.to_rust("all_of_them").unwrap();
    assert!(text.contains("/// x[2]: z\npub fn all_of_them(x: &[f64; 3], out: &mut [f64; 6]) {"), "{text}");
    assert_eq!(text.matches("    out[").count(), 6);

    let directory = Path::new(env!("CARGO_TARGET_TMPDIR"));
    let (source, program) = (directory.join("formulas.rs"), directory.join("formulas-rust"));
    let main = "fn main() {
    let x: Vec<f64> = std::env::args().skip(1).map(|a| f64::from_bits(a.parse().unwrap())).collect();
    for x in x.chunks(3) {
        let mut out = [0.0; 6];
        all_of_them(x.try_into().unwrap(), &mut out);
        println!(\"{}\", out.map(|value| value.to_bits().to_string()).join(\" \"));
    }
}\n";
    std::fs::write(&source, format!("#![deny(warnings)]\n{text}\n{main}")).unwrap();
    let rustc = std::env::var_os("RUSTC").unwrap_or_else(|| "rustc".into());
    if compiled(Command::new(rustc).args(["--edition", "2024", "-o"]).arg(&program).arg(&source)) {
        let mut out = [0.0; 6];
        for (point, found) in points().iter().zip(outputs_of(&program, &points())) {
            evaluator.eval(point, &mut out).unwrap();
            assert_close(&found, &out, point);
        }
    }
}

#[test]
fn source_in_c_has_the_same_values() {
    let mut evaluator = evaluator(&FORMULAS);
    let text = evaluator.to_c("all_of_them").unwrap();
    assert!(text.contains("// x[2]: z\nvoid all_of_them(const double x[3], double out[6]) {"), "{text}");
    assert_eq!(text.matches("    out[").count(), 6);

    let directory = Path::new(env!("CARGO_TARGET_TMPDIR"));
    let (source, program) = (directory.join("formulas.c"), directory.join("formulas-c"));
    let main = "#include <stdio.h>
#include <stdlib.h>
#include <string.h>
int main(int count, char **arguments) {
    for (int i = 1; i + 2 < count; i += 3) {
        double x[3], out[6];
        for (int k = 0; k < 3; k++) {
            unsigned long long bits = strtoull(arguments[i + k], NULL, 10);
            memcpy(&x[k], &bits, 8);
        }
        all_of_them(x, out);
        for (int k = 0; k < 6; k++) {
            unsigned long long bits;
            memcpy(&bits, &out[k], 8);
            printf(\"%llu \", bits);
        }
        printf(\"\\n\");
    }
    return 0;
}\n";
    std::fs::write(&source, format!("{text}\n{main}")).unwrap();
    let flags = ["-std=c99", "-Wall", "-Wextra", "-Werror", "-pedantic", "-o"];
    if compiled(Command::new("cc").args(flags).arg(&program).arg(&source).arg("-lm")) {
        let mut out = [0.0; 6];
        for (point, found) in points().iter().zip(outputs_of(&program, &points())) {
            evaluator.eval(point, &mut out).unwrap();
            assert_close(&found, &out, point);
        }
    }
}

#[test]
fn names_of_functions_are_checked() {
    let evaluator = evaluator(&["x+y+z"]);
    for bad in ["", "1f", "f g", "fn", "double", "exp", "x", "größe", "f();"] {
        assert!(matches!(evaluator.to_rust(bad), Err(SymbolicError::BadName { .. })), "{bad}");
        assert!(matches!(evaluator.to_c(bad), Err(SymbolicError::BadName { .. })), "{bad}");
    }
    assert!(evaluator.to_rust("_gradient2").is_ok());
}
