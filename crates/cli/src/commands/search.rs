//! `shadowflow search`: all tableaus of a shape with a given accuracy and gradient order.

use std::sync::mpsc;
use std::time::{Duration, Instant};

use serde_json::{Value, json};
use shadowflow_bseries::search::{
    Answer, CaseReport, Condition, Demand, Finding, Member, Search, Shape, Solution, Step, Verdict,
};
use shadowflow_methods::{Coefficients, MultivariatePolynomial};

use super::{readable, table, tree_name};
use crate::args::{SearchArgs, ShapeArg};
use crate::error::CliError;
use crate::terminal::{is_cancelled, print, print_json, stop_by_myself};

/// Longer polynomials are cut in text; the JSON document has them in full.
const LONGEST: usize = 110;

pub(crate) fn run(args: &SearchArgs) -> Result<(), CliError> {
    let search = Search::new(shape(&args.shape), args.stages, args.accuracy, args.gradient_order)?;
    stop_by_myself();
    let answer = match run_within(search.clone(), args.time) {
        Err(error @ CliError::SearchTooLong { .. }) if args.json => {
            print_json(&json!({ "verdict": "undecided", "reason": error.to_string() }))?;
            return Err(error);
        }
        answer => answer?,
    };
    if args.json {
        print_json(&document(&search, &answer))
    } else {
        print(&text(&search, &answer, args.proof))
    }
}

/// Searches on a thread of its own, so that neither Ctrl-C nor the time limit waits for a long elimination to end.
fn run_within(search: Search, seconds: u64) -> Result<Answer, CliError> {
    /// What a search may take beyond its time to finish a step, and how often Ctrl-C is looked for.
    const GRACE: Duration = Duration::from_secs(2);
    const LOOK: Duration = Duration::from_millis(50);
    let (send, receive) = mpsc::channel();
    let time = Duration::from_secs(seconds);
    let start = Instant::now();
    std::thread::spawn(move || {
        // Nobody listens any more once the command has ended.
        let _ = send.send(search.run(Some(time), &is_cancelled));
    });
    loop {
        match receive.recv_timeout(LOOK) {
            _ if is_cancelled() => return Err(CliError::Interrupted),
            Ok(answer) => return Ok(answer?),
            Err(mpsc::RecvTimeoutError::Timeout) if start.elapsed() < time.saturating_add(GRACE) => {}
            Err(mpsc::RecvTimeoutError::Timeout) => return Err(CliError::SearchTooLong { seconds }),
            Err(mpsc::RecvTimeoutError::Disconnected) => return Err(CliError::SearchFailed),
        }
    }
}

fn shape(arg: &ShapeArg) -> Shape {
    if arg.symmetric {
        Shape::Symmetric
    } else if arg.implicit {
        Shape::Implicit
    } else if arg.diagonally_implicit {
        Shape::DiagonallyImplicit
    } else {
        Shape::Explicit
    }
}

fn text(search: &Search, answer: &Answer, proof: bool) -> String {
    let plural = if search.stages() == 1 { "stage" } else { "stages" };
    let mut text = format!(
        "Tableaus, {}, {} {plural}, order of accuracy at least {}, gradient order at least {}\n\n",
        search.shape().name(),
        search.stages(),
        search.accuracy(),
        search.gradient_order()
    );
    text.push_str("The general tableau\n");
    text.push_str(&tableau(search.general()));
    text.push_str(&format!("\nConditions ({})\n", answer.conditions.len()));
    for condition in &answer.conditions {
        text.push_str(&format!("  {} = 0    {}\n", cut(&condition.polynomial), meaning(&condition.meaning)));
    }
    text.push_str(&format!("\n{}\n", verdict(answer)));
    for (k, solution) in answer.solutions().enumerate() {
        text.push_str(&format!("\nSolution {}: {}\n", k + 1, kind(search, solution)));
        text.push_str(&solution_text(solution));
    }
    let undecided: Vec<&CaseReport> =
        answer.cases.iter().filter(|case| matches!(case.finding, Finding::Undecided { .. })).collect();
    for case in &undecided {
        text.push_str("\nUndecided case\n");
        text.push_str(&steps(case));
    }
    if proof {
        for (k, case) in answer.cases.iter().enumerate() {
            text.push_str(&format!("\nCase {} of {}\n", k + 1, answer.cases.len()));
            text.push_str(&steps(case));
        }
    } else if answer.verdict() == Verdict::NoneExists {
        text.push_str(
            "--proof shows every case with the steps that lead to it and the contradiction that closes it.\n",
        );
    }
    text
}

fn verdict(answer: &Answer) -> String {
    let cases = match answer.cases.len() {
        1 => "1 case".to_owned(),
        n => format!("{n} cases"),
    };
    let open = answer.doubtful().count();
    match answer.verdict() {
        Verdict::Found => {
            format!("Solved: {cases}, disjoint and together all there is; the solutions follow.")
        }
        Verdict::FoundSome => {
            format!(
                "Solutions were found; {open} of {cases} are open: beyond the limits of the search, or without a real member found."
            )
        }
        Verdict::NoneExists => format!(
            "None exists: {cases}, together all there is, and each ends in a contradiction or in complex numbers."
        ),
        Verdict::Undecided => {
            format!(
                "Undecided: none was found, but {open} of {cases} are open: beyond the limits of the search, or without a real member found."
            )
        }
    }
}

fn meaning(demand: &Demand) -> String {
    match demand {
        Demand::Accuracy { tree } => format!("b({}) = 0", tree_name(tree)),
        Demand::Gradient { first, second } => format!("b({}) = b({})", tree_name(first), tree_name(second)),
    }
}

fn kind(search: &Search, solution: &Solution) -> String {
    let mut text = match solution.dimension() {
        0 => "isolated".to_owned(),
        1 => "a family with 1 parameter".to_owned(),
        n => format!("a family with {n} parameters"),
    };
    if solution.is_complex_only() {
        text.push_str(", complex only");
    }
    if solution.essential_stages < search.stages() {
        let stages = solution.essential_stages;
        text.push_str(&format!(
            "; in truth a method with {stages} stage{}",
            if stages == 1 { "" } else { "s" }
        ));
    }
    text
}

fn solution_text(solution: &Solution) -> String {
    let mut text = tableau(&solution.tableau);
    for relation in &solution.relations {
        text.push_str(&format!("  where {relation} = 0\n"));
    }
    let exceptions: Vec<String> = solution.exceptions.iter().map(cut).collect();
    if !exceptions.is_empty() && solution.dimension() > 0 {
        text.push_str(&format!("  where these do not vanish: {}\n", exceptions.join("; ")));
    }
    for member in &solution.members {
        text.push_str(&member_text(member, solution.dimension() > 0));
    }
    text
}

fn member_text(member: &Member, is_example: bool) -> String {
    let values: Vec<String> = member.values.iter().map(|(name, value)| format!("{name} = {value}")).collect();
    let at = if values.is_empty() { String::new() } else { format!(" {}:", values.join(", ")) };
    let mut text = format!(
        "  {}{at} order of accuracy {}, gradient order {}\n",
        if is_example { "for example" } else { "real" },
        member.accuracy,
        member.gradient_order
    );
    if let Some(root) = &member.root {
        let (low, high) = (root.interval.0.to_f64().value(), root.interval.1.to_f64().value());
        text.push_str(&format!("    a root of {} in [{low:.12}, {high:.12}]\n", root.polynomial));
    }
    if !values.is_empty() {
        let numbers = member.tableau.coefficients();
        let rows = rows(&numbers, readable);
        for line in table(&rows).lines() {
            text.push_str(&format!("    {line}\n"));
        }
    }
    text
}

/// Nodes, A and b as cells: c and the row in each line, the weights in the last.
fn rows<R: shadowflow_methods::Ring>(
    tableau: &Coefficients<R>,
    cell: impl Fn(&R) -> String,
) -> Vec<Vec<String>> {
    let line = |first: String, row: &[R]| {
        let mut cells = vec![first, "|".to_owned()];
        cells.extend(row.iter().map(&cell));
        cells
    };
    let mut rows: Vec<Vec<String>> =
        tableau.c().iter().zip(&tableau.a).map(|(c, row)| line(cell(c), row)).collect();
    rows.push(line("b".to_owned(), &tableau.b));
    rows
}

/// A tableau with functions for entries: a table where it fits, else one entry a line.
fn tableau(tableau: &Coefficients<shadowflow_methods::RationalFunction>) -> String {
    let as_table = table(&rows(tableau, ToString::to_string));
    if as_table.lines().all(|line| line.chars().count() <= LONGEST) {
        return as_table.lines().map(|line| format!("  {line}\n")).collect();
    }
    let mut text = String::new();
    for (i, (c, row)) in tableau.c().iter().zip(&tableau.a).enumerate() {
        text.push_str(&format!("  c{} = {c}\n", i + 1));
        for (j, entry) in
            row.iter().enumerate().filter(|(_, entry)| !shadowflow_methods::Ring::is_zero(*entry))
        {
            text.push_str(&format!("  a{}{} = {entry}\n", i + 1, j + 1));
        }
    }
    for (j, weight) in tableau.b.iter().enumerate() {
        text.push_str(&format!("  b{} = {weight}\n", j + 1));
    }
    text
}

fn steps(case: &CaseReport) -> String {
    let mut text = String::new();
    for step in &case.steps {
        text.push_str(&match step {
            Step::Zero(p) => format!("  case {} = 0\n", cut(p)),
            Step::NonZero(p) => format!("  case {} not 0\n", cut(p)),
            Step::Solved { unknown, value } => format!("  so {unknown} = {}\n", cut(value)),
        });
    }
    text.push_str(&match &case.finding {
        Finding::Contradiction(p) => format!("  contradiction: {} would be 0\n", cut(p)),
        Finding::Solution(solution) if solution.is_complex_only() => "  complex solutions only\n".to_owned(),
        Finding::Solution(_) => "  a solution\n".to_owned(),
        Finding::Undecided { terms, unknowns } => {
            format!("  undecided: equations of {terms} terms in {} are left\n", unknowns.join(", "))
        }
    });
    text
}

fn cut(formula: &impl ToString) -> String {
    let text = formula.to_string();
    match text.char_indices().nth(LONGEST) {
        Some((end, _)) => format!("{} …", &text[..end]),
        None => text,
    }
}

fn document(search: &Search, answer: &Answer) -> Value {
    json!({
        "shape": search.shape().name(),
        "stages": search.stages(),
        "accuracy": search.accuracy(),
        "gradient_order": search.gradient_order(),
        "verdict": match answer.verdict() {
            Verdict::Found => "found",
            Verdict::FoundSome => "found, some cases undecided",
            Verdict::NoneExists => "none exists",
            Verdict::Undecided => "undecided",
        },
        "general": coefficients(search.general()),
        "conditions": answer.conditions.iter().map(condition).collect::<Vec<_>>(),
        "solutions": answer.solutions().map(solution).collect::<Vec<_>>(),
        "cases": answer.cases.iter().map(case).collect::<Vec<_>>(),
    })
}

fn coefficients<R: shadowflow_methods::Ring + ToString>(tableau: &Coefficients<R>) -> Value {
    let text = |row: &[R]| row.iter().map(ToString::to_string).collect::<Vec<_>>();
    json!({
        "a": tableau.a.iter().map(|row| text(row)).collect::<Vec<_>>(),
        "b": text(&tableau.b),
        "c": text(&tableau.c()),
    })
}

fn condition(condition: &Condition) -> Value {
    json!({ "polynomial": condition.polynomial.to_string(), "meaning": meaning(&condition.meaning) })
}

fn solution(solution: &Solution) -> Value {
    let texts = |list: &[MultivariatePolynomial]| list.iter().map(ToString::to_string).collect::<Vec<_>>();
    json!({
        "dimension": solution.dimension(),
        "essential_stages": solution.essential_stages,
        "unknowns": solution.unknowns,
        "tableau": coefficients(&solution.tableau),
        "relations": texts(&solution.relations),
        "exceptions": texts(&solution.exceptions),
        "members": solution.members.iter().map(member).collect::<Vec<_>>(),
    })
}

fn member(member: &Member) -> Value {
    let values: serde_json::Map<String, Value> =
        member.values.iter().map(|(name, value)| (name.clone(), json!(value.to_string()))).collect();
    let root = member.root.as_ref().map(|root| {
        json!({
            "polynomial": root.polynomial.to_string(),
            "interval": [root.interval.0.to_string(), root.interval.1.to_string()],
        })
    });
    json!({
        "values": values,
        "root": root,
        "tableau": coefficients(&member.tableau.coefficients()),
        "accuracy": member.accuracy,
        "gradient_order": member.gradient_order,
    })
}

fn case(case: &CaseReport) -> Value {
    let step = |step: &Step| match step {
        Step::Zero(p) => format!("{p} = 0"),
        Step::NonZero(p) => format!("{p} != 0"),
        Step::Solved { unknown, value } => format!("{unknown} := {value}"),
    };
    let finding = match &case.finding {
        Finding::Contradiction(p) => json!({ "contradiction": p.to_string() }),
        Finding::Solution(solution) if solution.is_complex_only() => json!("complex only"),
        Finding::Solution(_) => json!("solution"),
        Finding::Undecided { terms, unknowns } => {
            json!({ "undecided": { "terms": terms, "unknowns": unknowns } })
        }
    };
    json!({ "steps": case.steps.iter().map(step).collect::<Vec<_>>(), "finding": finding })
}
