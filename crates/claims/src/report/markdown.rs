//! Judgements as a page of documentation.

use crate::judged::Judged;
use crate::report::control_word;

/// Numbers of a claim that the table shows.
const KEY_NUMBERS: usize = 3;

/// A Markdown table of claims, verdicts, numbers and controls. Times are left out, so that the text changes only when a
/// judgement does.
pub fn markdown(judged: &[Judged]) -> String {
    let mut text = String::from(
        "| claim | statement | source | verdict | numbers | control |\n|---|---|---|---|---|---|\n",
    );
    for one in judged {
        let judgement = &one.judgement;
        let numbers: Vec<String> =
            judgement.numbers.iter().take(KEY_NUMBERS).map(ToString::to_string).collect();
        let control = match &judgement.control {
            Some(control) => format!("{}: {}", control.description, control_word(Some(control))),
            None => control_word(None).to_owned(),
        };
        let cells = [
            &format!("`{}`", one.claim.id),
            one.claim.statement,
            one.claim.source,
            judgement.verdict.word(),
            &numbers.join("; "),
            &control,
        ];
        text.push_str(&format!("| {} |\n", cells.map(escaped).join(" | ")));
    }
    text
}

/// A text that ends no cell and formats nothing by accident.
fn escaped(text: &str) -> String {
    text.replace('|', "\\|").replace('*', "\\*").replace('_', "\\_")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bars_do_not_end_cells() {
        assert_eq!(escaped("|∇V|² x_k"), "\\|∇V\\|² x\\_k");
    }
}
