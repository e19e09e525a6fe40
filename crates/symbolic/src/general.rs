//! The modified equation of a method on any system at all: elementary differentials in place of formulas, and on gradient flows
//! contractions of the derivatives of V.

use std::fmt::Write;

use serde_json::{Value, json};
use shadowflow_bseries::RootedTree;
use shadowflow_methods::Rational;

use crate::coefficients::{FreeTable, TreeSeries};
use crate::derivation::term_in_h;
use crate::error::SymbolicError;
use crate::expr::Expr;
use crate::report::lines::Lines;
use crate::scheme::{Kind, Scheme, Weights};

/// The largest power of h of a general form: the next has 115 trees.
pub const MAX_GENERAL_POWER: usize = 6;

/// Parts in which splittings and partitioned methods are written.
const PARTS: usize = 2;

/// A coefficient and the tree that it stands at.
#[derive(Clone, Debug, PartialEq)]
pub struct GeneralTerm {
    /// c(t)/σ(t) for a field, ±c(τ)/|Aut τ| for a potential.
    pub coefficient: Expr,
    /// A rooted tree; of a free tree the rooting that names it.
    pub tree: RootedTree,
}

/// A modified equation without a system.
///
/// ```
/// use shadowflow_symbolic::{General, Kind, Scheme};
/// let general = General::of(&Scheme::named("euler")?, Kind::Modified, 1)?;
/// assert!(general.text().contains("y' = f - h/2 f'(f)"));
/// assert!(general.text().contains("V + h/4 |∇V|²"));
/// # Ok::<(), shadowflow_symbolic::SymbolicError>(())
/// ```
#[derive(Clone, Debug)]
pub struct General {
    scheme: Scheme,
    kind: Kind,
    /// `field[k]` holds the terms of h^k.
    pub field: Vec<Vec<GeneralTerm>>,
    /// `potential[k]` holds those of the potential on ẏ = -∇V, through the last power at which one exists for every V.
    pub potential: Vec<Vec<GeneralTerm>>,
}

impl General {
    /// The field through h^`order`, and its potential.
    ///
    /// # Errors
    /// If the order is 0 or beyond [`MAX_GENERAL_POWER`], or the series cannot be computed.
    pub fn of(scheme: &Scheme, kind: Kind, order: usize) -> Result<General, SymbolicError> {
        if order == 0 {
            return Err(SymbolicError::OrderZero);
        }
        if order > MAX_GENERAL_POWER {
            let trees = shadowflow_bseries::tree_count(order.saturating_add(1));
            return Err(SymbolicError::OrderTooLarge { requested: order, limit: MAX_GENERAL_POWER, trees });
        }
        let parts = if scheme.takes_parts() { PARTS } else { 1 };
        let (field, potential) = match scheme.weights(kind, order + 1, parts, true)? {
            Weights::Plain(series) => terms(&series),
            Weights::Coloured(series) => terms(&series),
        };
        // A game or a splitting by variables has no potential of its own.
        let potential = if scheme.plays() { Vec::new() } else { potential };
        Ok(General { scheme: scheme.clone(), kind, field, potential })
    }

    /// As text to be read at a terminal.
    pub fn text(&self) -> String {
        let subject = match self.kind {
            Kind::Modified => "Modified equation",
            Kind::Modifying => "Modifying integrator",
        };
        let given = match (self.scheme.plays(), self.scheme.takes_parts()) {
            (true, _) => "y' = f(y), the game that the players descend and ascend",
            (_, true) => "y' = f1(y) + f2(y)",
            _ => "y' = f(y)",
        };
        let mut text =
            format!("{subject} of {}, {}, on {given}\n\n", self.scheme.name(), self.scheme.title());
        let differential = |tree: &RootedTree| tree.elementary_differential_with(self.names());
        text.push_str(&lines("  y' =", &self.field, differential));
        if !self.potential.is_empty() {
            let last = self.potential.len() - 1;
            text.push_str("\nOn the gradient flow y' = -∇V it is the gradient flow of\n");
            text.push_str(&lines("  V~ =", &self.potential, RootedTree::contraction));
            if last + 1 < self.field.len() {
                let _ = writeln!(
                    text,
                    "through h^{last}; for a general V the field of h^{} is no gradient.",
                    last + 1
                );
            }
        }
        text
    }

    /// As LaTeX paragraphs (amsmath).
    pub fn latex(&self) -> String {
        let differential = |tree: &RootedTree| tree.elementary_differential_latex_with(self.names());
        let row = |left: &str, powers: &[Vec<GeneralTerm>], name: &dyn Fn(&RootedTree) -> String| {
            let mut lines = Lines::after(4);
            let mut is_first = true;
            for (k, terms) in powers.iter().enumerate().filter(|(_, terms)| !terms.is_empty()) {
                if !is_first {
                    lines.next(0);
                    lines.push("+ ");
                }
                is_first = false;
                match k {
                    0 => {}
                    1 => lines.push("h \\bigl("),
                    _ => lines.push(&format!("h^{{{k}}} \\bigl(")),
                }
                for (i, term) in signed_terms(terms, |c| c.to_latex(), "\\,", name).iter().enumerate() {
                    lines.term(term, i == 0, 1);
                }
                if k > 0 {
                    lines.push("\\bigr)");
                }
            }
            format!("\\begin{{align*}}\n  {left} &= {}\n\\end{{align*}}\n", lines.finish())
        };
        let mut text = format!(
            "% shadowflow derive {}\nThe {} of the method \\texttt{{{}}} is\n",
            self.scheme.name(),
            if self.kind == Kind::Modified { "modified equation" } else { "modifying integrator" },
            self.scheme.name().replace('_', "\\_")
        );
        text.push_str(&row("\\dot y", &self.field, &differential));
        if !self.potential.is_empty() {
            let _ = writeln!(
                text,
                "On $\\dot y = -\\nabla V$ it is, through $h^{{{}}}$, the gradient flow of",
                self.potential.len() - 1
            );
            text.push_str(&row("\\tilde V", &self.potential, &RootedTree::contraction_latex));
        }
        text
    }

    /// As JSON: `method`, `kind`, `order`, and `field` and `potential` as lists of terms with `h_power`, `tree`, `coefficient`
    /// and the name of the differential or contraction.
    pub fn json(&self) -> Value {
        let list = |powers: &[Vec<GeneralTerm>], name: &dyn Fn(&RootedTree) -> String| -> Vec<Value> {
            let term = |k: usize, term: &GeneralTerm| {
                let mut entry = json!({
                    "h_power": k,
                    "tree": term.tree.levels(),
                    "coefficient": term.coefficient.to_string(),
                    "name": name(&term.tree),
                });
                if term.tree.colours().iter().any(|&colour| colour > 0) {
                    entry["colours"] = term.tree.colours().into();
                }
                entry
            };
            powers.iter().enumerate().flat_map(|(k, terms)| terms.iter().map(move |t| term(k, t))).collect()
        };
        json!({
            "method": self.scheme.name(),
            "kind": self.kind.word(),
            "order": self.field.len() - 1,
            "parameters": self.scheme.parameters(),
            "field": list(&self.field, &|tree| tree.elementary_differential_with(self.names())),
            "potential": (!self.potential.is_empty()).then(|| json!({
                "through_h_power": self.potential.len() - 1,
                "terms": list(&self.potential, &RootedTree::contraction),
            })),
        })
    }

    /// The field of a colour: f, or f1, f2, … where there are parts.
    fn names(&self) -> impl Fn(u8) -> String {
        let parts = self.scheme.takes_parts();
        move |colour| if parts { format!("f{}", colour + 1) } else { "f".to_owned() }
    }
}

/// Field and potential by powers of h.
fn terms<T: FreeTable>(series: &TreeSeries<T>) -> (Vec<Vec<GeneralTerm>>, Vec<Vec<GeneralTerm>>) {
    let trees = &series.trees;
    let term =
        |tree: T::Tree, coefficient: Expr| trees.rooted(tree).map(|tree| GeneralTerm { coefficient, tree });
    let field = series
        .levels
        .iter()
        .map(|level| level.field.iter().filter_map(|(tree, weight)| term(*tree, weight.clone())).collect())
        .collect();
    let constant = series.levels.iter().take_while(|level| level.classes.iter().all(|class| class.constant));
    let potential = constant
        .zip(1..)
        .map(|(level, vertices)| {
            let sign = Rational::from(if vertices % 2 == 1 { 1 } else { -1 });
            let signed = |weight: &Expr| Expr::product(vec![Expr::Number(sign.clone()), weight.clone()]);
            let kept = level.classes.iter().filter(|class| !class.weight.is_zero());
            kept.filter_map(|class| term(class.name, signed(&class.weight))).collect()
        })
        .collect();
    (field, potential)
}

/// A series by powers of h, the first two on one line.
fn lines(head: &str, powers: &[Vec<GeneralTerm>], name: impl Fn(&RootedTree) -> String) -> String {
    let mut text = String::new();
    for (k, terms) in powers.iter().enumerate().filter(|(_, terms)| !terms.is_empty()) {
        let h = if k == 1 { "h".to_owned() } else { format!("h^{k}") };
        let piece = match (&terms[..], k) {
            (_, 0) => signed_sum(terms, Expr::to_string, " ", &name),
            // A single term takes the power of h into its coefficient.
            ([only], _) => format!("{} {}", with_power(&only.coefficient, k, &h), name(&only.tree)),
            _ => format!("+ {h} * ({})", signed_sum(terms, Expr::to_string, " ", &name)),
        };
        let short = k == 1 && text.chars().count() + piece.chars().count() < 76;
        match (text.is_empty(), short) {
            (true, _) => text.push_str(&format!("{head} {piece}")),
            (_, true) => text.push_str(&format!(" {piece}")),
            _ => text.push_str(&format!("\n{} {piece}", " ".repeat(head.chars().count()))),
        }
    }
    text + "\n"
}

/// A coefficient with a power of h, and its sign in front: `- h/2`, `+ 3*h^2/8`, `- 1/2*h*(1 + beta)`.
fn with_power(coefficient: &Expr, k: usize, h: &str) -> String {
    let text = match coefficient {
        Expr::Number(_) => coefficient.to_string(),
        other => term_in_h(k, other).to_string(),
    };
    let (sign, size) = match text.strip_prefix('-') {
        Some(size) => ('-', size),
        None => ('+', &text[..]),
    };
    match coefficient {
        Expr::Number(_) => match size.split_once('/') {
            Some(("1", d)) => format!("{sign} {h}/{d}"),
            Some((n, d)) => format!("{sign} {n}*{h}/{d}"),
            None if size == "1" => format!("{sign} {h}"),
            None => format!("{sign} {size}*{h}"),
        },
        _ => format!("{sign} {size}"),
    }
}

/// Σ coefficient · name.
fn signed_sum(
    terms: &[GeneralTerm],
    print: impl Fn(&Expr) -> String,
    times: &str,
    name: impl Fn(&RootedTree) -> String,
) -> String {
    let mut text = String::new();
    for term in signed_terms(terms, print, times, name) {
        match (text.is_empty(), term.strip_prefix('-')) {
            (true, _) => text.push_str(&term),
            (false, Some(size)) => text.push_str(&format!(" - {size}")),
            (false, None) => text.push_str(&format!(" + {term}")),
        }
    }
    text
}

/// The terms, each with a minus in front if it is negative.
fn signed_terms(
    terms: &[GeneralTerm],
    print: impl Fn(&Expr) -> String,
    times: &str,
    name: impl Fn(&RootedTree) -> String,
) -> Vec<String> {
    let signed = |term: &GeneralTerm| {
        let printed = print(&term.coefficient);
        let bracketed = matches!(term.coefficient, Expr::Sum(_));
        let (sign, size) = match printed.strip_prefix('-') {
            Some(size) if !bracketed => ("-", size.to_owned()),
            _ if bracketed => ("", format!("({printed})")),
            _ => ("", printed),
        };
        let factor = if size == "1" { String::new() } else { format!("{size}{times}") };
        format!("{sign}{factor}{}", name(&term.tree))
    };
    terms.iter().map(signed).collect()
}
