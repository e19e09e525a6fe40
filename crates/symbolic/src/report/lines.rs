//! Long formulas of LaTeX in lines.
//!
//! TeX breaks no display by itself, and nothing between `\left(` and `\right)`. So sums are broken before their signs, and the
//! long sums inside products, powers and functions get brackets of a fixed size, `\bigl(` and `\bigr)`, that lines may end in.

use shadowflow_methods::Rational;

use crate::expr::{Expr, Function};

/// A line of a display holds about so many characters that are seen.
const LINE: usize = 64;

/// The right side of a row of `align*`, written line by line.
pub(crate) struct Lines {
    text: String,
    width: usize,
}

impl Lines {
    /// Nothing yet, on a line of which `width` characters are taken.
    pub(crate) fn after(width: usize) -> Lines {
        Lines { text: String::new(), width }
    }

    /// What was written.
    pub(crate) fn finish(self) -> String {
        self.text
    }

    /// Something that stays on its line.
    pub(crate) fn push(&mut self, latex: &str) {
        self.text.push_str(latex);
        self.width += visible(latex);
    }

    /// A further line, indented by so many steps.
    pub(crate) fn next(&mut self, depth: usize) {
        // Deeper ones would leave no room.
        let depth = depth.min(6);
        self.text.push_str(" \\\\\n  &\\qquad");
        self.text.push_str(&"\\quad".repeat(depth));
        self.text.push(' ');
        self.width = 4 + 2 * depth;
    }

    /// Another line if so much does not fit on this one, unless this one has only begun.
    fn make_room(&mut self, seen: usize, depth: usize) {
        if self.width + seen > LINE && self.width > 8 + 2 * depth.min(6) {
            self.next(depth);
        }
    }

    /// A term of a sum that stays whole, with its sign in front.
    pub(crate) fn term(&mut self, latex: &str, is_first: bool, depth: usize) {
        let (is_negative, size) = match latex.strip_prefix('-') {
            Some(size) => (true, size),
            None => (false, latex),
        };
        self.sign(is_negative, is_first, visible(size), depth);
        self.push(size);
    }

    fn sign(&mut self, is_negative: bool, is_first: bool, seen: usize, depth: usize) {
        if !is_first {
            self.make_room(seen + 2, depth);
        }
        match (is_negative, is_first) {
            (true, true) => self.push("-"),
            (true, false) => self.push(" - "),
            (false, true) => {}
            (false, false) => self.push(" + "),
        }
        self.width += 2 * usize::from(!is_first);
    }

    /// A formula, broken where it has to be.
    pub(crate) fn formula(&mut self, expr: &Expr, depth: usize) {
        let latex = expr.to_latex();
        if self.width + visible(&latex) <= LINE {
            return self.push(&latex);
        }
        match expr {
            Expr::Sum(terms) => {
                for (i, term) in terms.iter().enumerate() {
                    let latex = term.to_latex();
                    let is_negative = latex.starts_with('-');
                    self.sign(is_negative, i == 0, visible(&latex).min(LINE), depth);
                    match is_negative {
                        true => self.formula(&term.clone().negated(), depth + 1),
                        false => self.formula(term, depth + 1),
                    }
                }
            }
            Expr::Product(factors) => self.product(factors, &latex, depth),
            Expr::Power(..) | Expr::Call(..) if is_long(expr) => self.factor(expr, depth),
            _ => self.push(&latex),
        }
    }

    /// The short factors in front, then the long ones.
    fn product(&mut self, factors: &[Expr], whole: &str, depth: usize) {
        let (long, short): (Vec<&Expr>, Vec<&Expr>) = factors.iter().partition(|factor| is_long(factor));
        if long.is_empty() {
            return self.push(whole);
        }
        match Expr::product(short.into_iter().cloned().collect()) {
            Expr::Number(n) if n.is_one() => {}
            Expr::Number(n) if n == -Rational::ONE => self.push("-"),
            short @ Expr::Sum(_) => self.push(&format!("\\left({}\\right) ", short.to_latex())),
            short => self.push(&format!("{} ", short.to_latex())),
        }
        for factor in long {
            self.factor(factor, depth);
        }
    }

    fn factor(&mut self, factor: &Expr, depth: usize) {
        let (head, inside, tail) = match factor {
            Expr::Power(base, exponent) => (String::new(), &**base, format!("^{{{}}}", exponent.to_latex())),
            Expr::Call(function, argument) => {
                let name = if *function == Function::Exp { "exp" } else { function.name() };
                (format!("\\{name}"), &**argument, String::new())
            }
            other => (String::new(), other, String::new()),
        };
        self.make_room(LINE / 2, depth);
        self.push(&format!("{head}\\bigl("));
        self.formula(inside, depth + 1);
        self.push(&format!("\\bigr){tail}"));
    }
}

/// Whether a factor is worth brackets that lines may end in.
fn is_long(factor: &Expr) -> bool {
    let holds_a_sum = match factor {
        Expr::Sum(_) => true,
        Expr::Power(base, _) => !matches!(**base, Expr::Number(_) | Expr::Symbol(_)),
        Expr::Call(_, argument) => !matches!(**argument, Expr::Number(_) | Expr::Symbol(_)),
        Expr::Number(_) | Expr::Symbol(_) | Expr::Product(_) => false,
    };
    holds_a_sum && visible(&factor.to_latex()) > LINE / 3
}

/// About how many characters of LaTeX are seen: a command counts for one, braces for none.
pub(crate) fn visible(latex: &str) -> usize {
    let mut count = 0;
    let mut in_command = false;
    for c in latex.chars() {
        match c {
            '\\' => {
                in_command = true;
                count += 1;
            }
            c if in_command && c.is_ascii_alphabetic() => {}
            '{' | '}' | ' ' | '^' | '_' => in_command = false,
            _ => {
                in_command = false;
                count += 1;
            }
        }
    }
    count
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::parse::formula;

    #[test]
    fn long_sums_inside_products_are_broken() {
        let sum: Vec<String> = (0..30).map(|k| format!("x^{}*y^{k}", 30 - k)).collect();
        let expr = formula(&format!("-2*x*({})^2/(1+exp({}))", sum.join("+"), sum.join("-"))).unwrap();
        let mut lines = Lines::after(0);
        lines.formula(&expr, 0);
        let text = lines.finish();
        assert!(text.starts_with("-2 x \\bigl("), "{text}");
        assert!(text.lines().count() > 5 && text.lines().all(|line| visible(line) < LINE + 20), "{text}");
        assert_eq!(text.matches("\\bigl(").count(), text.matches("\\bigr)").count());
    }
}
