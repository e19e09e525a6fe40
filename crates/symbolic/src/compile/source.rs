//! Straight-line programs as source text, for use without this crate: functions in Rust and in C99.
//!
//! One line a step, numbers as the shortest decimals that read back as the same doubles.

use std::fmt::Write;

use super::program::{Operand, Program, Step};
use crate::error::SymbolicError;
use crate::expr::Function;

/// What a program is written in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Language {
    Rust,
    C,
}

/// The program as a function called `name`, its inputs explained by their names.
pub(super) fn source(
    program: &Program,
    inputs: &[String],
    name: &str,
    language: Language,
) -> Result<String, SymbolicError> {
    check_name(name)?;
    let mut text = String::new();
    write_function(&mut text, program, inputs, name, language).expect("writing to a string does not fail");
    Ok(text)
}

fn write_function(
    text: &mut String,
    program: &Program,
    inputs: &[String],
    name: &str,
    language: Language,
) -> std::fmt::Result {
    let operand = |operand: Operand| match operand {
        Operand::Input(k) => format!("x[{k}]"),
        Operand::Constant(c) => language.number(program.constants[c]),
        Operand::Step(k) => format!("t{k}"),
    };
    let (n, m) = (program.inputs, program.outputs.len());
    if language == Language::C {
        text.push_str("#include <math.h>\n\n");
    }
    let comment = if language == Language::C { "//" } else { "///" };
    writeln!(text, "{comment} Writes {m} value{} to `out`, from", if m == 1 { "" } else { "s" })?;
    for (k, name) in inputs.iter().enumerate() {
        // Names are letters, digits and underscores; anything else must not get out of the comment.
        let name: String =
            name.chars().map(|c| if c.is_alphanumeric() || c == '_' { c } else { '?' }).collect();
        writeln!(text, "{comment} x[{k}]: {name}")?;
    }
    match language {
        Language::Rust => {
            writeln!(text, "pub fn {name}(x: &[f64; {n}], out: &mut [f64; {m}]) {{")?;
            if !program.reads_inputs() {
                text.push_str("    let _ = x;\n");
            }
        }
        // C has no arrays of length 0.
        Language::C => {
            writeln!(text, "void {name}(const double x[{}], double out[{}]) {{", n.max(1), m.max(1))?;
            if !program.reads_inputs() {
                text.push_str("    (void)x;\n");
            }
        }
    }
    let declare = if language == Language::C { "const double" } else { "let" };
    for (k, step) in program.steps.iter().enumerate() {
        let value = match step {
            Step::Negative(a) => format!("-{}", operand(*a)),
            Step::Sum(a, b) => format!("{} + {}", operand(*a), operand(*b)),
            Step::Difference(a, b) => format!("{} - {}", operand(*a), operand(*b)),
            Step::Product(a, b) => format!("{} * {}", operand(*a), operand(*b)),
            Step::Reciprocal(a) => format!("1.0 / {}", operand(*a)),
            Step::Root(a) => language.call("sqrt", "sqrt", &[operand(*a)]),
            Step::Power(a, b) => language.call("powf", "pow", &[operand(*a), operand(*b)]),
            Step::Call(function, a) => {
                let method = if *function == Function::Log { "ln" } else { function.name() };
                language.call(method, function.name(), &[operand(*a)])
            }
        };
        writeln!(text, "    {declare} t{k} = {value};")?;
    }
    for (k, &output) in program.outputs.iter().enumerate() {
        writeln!(text, "    out[{k}] = {};", operand(output))?;
    }
    text.push_str("}\n");
    Ok(())
}

impl Language {
    fn number(self, value: f64) -> String {
        match self {
            _ if value.is_finite() => format!("{value:?}"),
            Language::Rust if value.is_nan() => "f64::NAN".to_owned(),
            Language::Rust => format!("{}f64::INFINITY", if value < 0.0 { "-" } else { "" }),
            Language::C if value.is_nan() => "NAN".to_owned(),
            Language::C => format!("{}INFINITY", if value < 0.0 { "-" } else { "" }),
        }
    }

    fn call(self, rust: &str, c: &str, arguments: &[String]) -> String {
        let arguments = arguments.join(", ");
        match self {
            Language::Rust => format!("f64::{rust}({arguments})"),
            Language::C => format!("{c}({arguments})"),
        }
    }
}

/// Refuses what is no identifier in both languages, and what they keep for themselves.
fn check_name(name: &str) -> Result<(), SymbolicError> {
    const TAKEN: [&str; 87] = [
        "abstract", "as", "async", "auto", "await", "become", "box", "break", "case", "char", "const",
        "continue", "crate", "default", "do", "double", "dyn", "else", "enum", "extern", "f64", "false",
        "final", "float", "fn", "for", "gen", "goto", "if", "impl", "in", "inline", "int", "let", "long",
        "loop", "macro", "main", "match", "mod", "move", "mut", "override", "priv", "pub", "ref", "register",
        "restrict", "return", "self", "Self", "short", "signed", "sizeof", "static", "struct", "super",
        "switch", "trait", "true", "try", "type", "typedef", "typeof", "union", "unsafe", "unsigned",
        "unsized", "use", "virtual", "void", "volatile", "where", "while", "yield", "exp", "log", "sin",
        "cos", "tan", "tanh", "sqrt", "pow", "x", "out", "_", "",
    ];
    let starts_well = name.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_');
    if TAKEN.contains(&name) {
        let reason = "the name has a meaning of its own in Rust or C";
        Err(SymbolicError::BadName { name: name.to_owned(), reason })
    } else if !starts_well || !name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_') {
        let reason = "a name is a letter or underscore followed by letters, digits or underscores";
        Err(SymbolicError::BadName { name: name.chars().take(40).collect(), reason })
    } else {
        Ok(())
    }
}
