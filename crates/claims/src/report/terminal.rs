//! Judgements at the terminal, within 100 columns.

use crate::claim::{Claim, Verdict};
use crate::judged::Judged;
use crate::number::Number;
use crate::report::control_word;

/// The width of everything here, in characters.
const WIDTH: usize = 100;
/// The widths of the columns of the table; what is left holds the numbers.
const ID: usize = 27;
const VERDICT: usize = 20;
/// Numbers of a claim that the table shows.
const KEY_NUMBERS: usize = 2;

/// A table: id, verdict, control and time, with the most telling numbers below each other.
pub fn table(judged: &[Judged]) -> String {
    let mut lines = vec![
        format!("{:<ID$}{:<VERDICT$}{:<18}{:>8}", "claim", "verdict", "control", "seconds"),
        "─".repeat(WIDTH),
    ];
    for one in judged {
        let judgement = &one.judgement;
        let mark = if one.is_as_registered() { "" } else { "  ← not as registered" };
        lines.push(format!(
            "{:<ID$}{:<VERDICT$}{:<18}{:>8.2}{mark}",
            one.claim.id,
            judgement.verdict,
            control_word(judgement.control.as_ref()),
            one.seconds,
        ));
        for number in judgement.numbers.iter().take(KEY_NUMBERS) {
            lines.extend(wrapped(&told(number), 4, 6));
        }
        lines.extend(reason(&judgement.verdict));
    }
    let short = judged.iter().filter(|one| !one.is_as_registered()).count();
    lines.push("─".repeat(WIDTH));
    lines.push(match (judged.len(), short) {
        (1, 0) => "The claim holds as registered.".to_owned(),
        (all, 0) => format!("All {all} claims hold as registered."),
        (all, short) => format!("{short} of {all} do not hold as registered."),
    });
    finished(lines)
}

/// One judgement in full: statement, hypotheses, all numbers with what was expected, and the control.
pub fn details(judged: &Judged) -> String {
    let (claim, judgement) = (judged.claim, &judged.judgement);
    let mut lines = vec![format!("{}: {}", claim.id, judgement.verdict)];
    lines.extend(reason(&judgement.verdict));
    if !judgement.verdict.agrees_with(&claim.registered) {
        lines.push(format!("    registered: {}", claim.registered));
    }
    lines.extend(wrapped(claim.statement, 2, 2));
    lines.extend(wrapped(&format!("Source: {}", claim.source), 2, 4));
    lines.push("  Hypotheses".to_owned());
    for hypothesis in claim.hypotheses {
        lines.extend(wrapped(&format!("{} [{}]", hypothesis.statement, hypothesis.checked), 4, 6));
    }
    lines.push("  Numbers".to_owned());
    lines.extend(judgement.numbers.iter().flat_map(|number| wrapped(&compared(number), 4, 6)));
    if let Some(control) = &judgement.control {
        let heading = format!("Control, {}: {}", control.description, control_word(Some(control)));
        lines.extend(wrapped(&heading, 2, 4));
        lines.extend(control.numbers.iter().flat_map(|number| wrapped(&compared(number), 4, 6)));
    }
    lines.push(format!("  {:.2} seconds", judged.seconds));
    finished(lines)
}

/// The claims by subject, with their statements and registered verdicts, unjudged.
pub fn listing(claims: &[Claim]) -> String {
    let mut lines = Vec::new();
    for group in claims.chunk_by(|one, next| one.family == next.family) {
        lines.push(group[0].family.title().to_owned());
        for claim in group {
            lines.push(format!("  {} ({})", claim.id, claim.registered));
            lines.extend(wrapped(claim.statement, 4, 4));
        }
    }
    finished(lines)
}

fn reason(verdict: &Verdict) -> Vec<String> {
    match verdict {
        Verdict::NotCheckable { reason } => wrapped(reason, 4, 6),
        _ => Vec::new(),
    }
}

/// A number, and what was expected where it is something else.
fn told(number: &Number) -> String {
    if number.is_met() { number.to_string() } else { compared(number) }
}

fn compared(number: &Number) -> String {
    match &number.expected {
        None => number.to_string(),
        Some(expected) if number.is_met() => format!("{number}  (expected {expected})"),
        Some(expected) => format!("{number}  (expected {expected}: missed)"),
    }
}

/// A paragraph broken at spaces, its first line indented by `first` and the others by `rest`. Words that are longer than
/// a line are cut.
fn wrapped(text: &str, first: usize, rest: usize) -> Vec<String> {
    let mut lines = vec![" ".repeat(first)];
    let (mut length, mut fresh) = (first, true);
    for word in text.split_whitespace() {
        let size = word.chars().count();
        if !fresh && length + 1 + size > WIDTH {
            lines.push(" ".repeat(rest));
            (length, fresh) = (rest, true);
        }
        let line = lines.last_mut().expect("it starts with one line and only grows");
        if !fresh {
            line.push(' ');
            length += 1;
        }
        if length + size > WIDTH {
            line.extend(word.chars().take(WIDTH - length - 1));
            line.push('…');
            length = WIDTH;
        } else {
            line.push_str(word);
            length += size;
        }
        fresh = false;
    }
    lines
}

fn finished(lines: Vec<String>) -> String {
    lines.iter().map(|line| format!("{}\n", line.trim_end())).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paragraphs_break_at_spaces_and_long_words_are_cut() {
        let lines = wrapped(&"word ".repeat(30), 2, 4);
        assert_eq!(lines.len(), 2);
        assert!(lines[0].starts_with("  word") && lines[1].starts_with("    word"));
        let long = wrapped(&format!("a {}", "x".repeat(300)), 4, 6);
        assert_eq!(long.len(), 2);
        assert!(long.iter().all(|line| line.chars().count() <= WIDTH) && long[1].ends_with('…'));
    }
}
