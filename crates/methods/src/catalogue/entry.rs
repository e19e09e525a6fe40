//! A method as a line of data.

use super::{Citation, Method};
use crate::error::TableauError;
use crate::exact::{Exact, parse_with};
use crate::tableau::Tableau;

/// One method. Rows of A are separated by `;`, entries by spaces; zeros at the end of a row are left out.
#[derive(Clone, Copy)]
pub(super) struct Entry {
    pub(super) name: &'static str,
    pub(super) aliases: &'static [&'static str],
    title: &'static str,
    citation: Citation,
    order: u32,
    numbers: &'static [(&'static str, &'static str)],
    form: Form,
    embedded: &'static str,
    digits: Option<u32>,
}

#[derive(Clone, Copy)]
enum Form {
    /// A and b.
    Butcher(&'static str, &'static str),
    /// The A and B of ΔY ← Aᵢ ΔY + h f(Y), Y ← Y + Bᵢ ΔY, two vectors of storage (Williamson 1980).
    TwoRegisters(&'static str, &'static str),
}

/// In place of the weights: they are the last row of A.
pub(super) const LAST_ROW: &str = "last row";

/// A method with the rows of A and the weights b.
pub(super) const fn entry(
    name: &'static str,
    title: &'static str,
    citation: Citation,
    order: u32,
    a: &'static str,
    b: &'static str,
) -> Entry {
    Entry {
        name,
        aliases: &[],
        title,
        citation,
        order,
        numbers: &[],
        form: Form::Butcher(a, b),
        embedded: "",
        digits: None,
    }
}

/// A method in two registers, by its coefficients A and B.
pub(super) const fn two_registers(
    name: &'static str,
    title: &'static str,
    citation: Citation,
    order: u32,
    a: &'static str,
    b: &'static str,
) -> Entry {
    Entry { form: Form::TwoRegisters(a, b), ..entry(name, title, citation, order, "", "") }
}

impl Entry {
    /// Other names.
    pub(super) const fn also(self, aliases: &'static [&'static str]) -> Entry {
        Entry { aliases, ..self }
    }

    /// Names of numbers that stand in the entries, each defined by those before it.
    pub(super) const fn with(self, numbers: &'static [(&'static str, &'static str)]) -> Entry {
        Entry { numbers, ..self }
    }

    /// The weights of the embedded method.
    pub(super) const fn embedded(self, weights: &'static str) -> Entry {
        Entry { embedded: weights, ..self }
    }

    /// Marks a method that is known only numerically, to so many digits behind the point.
    pub(super) const fn digits(self, digits: u32) -> Entry {
        Entry { digits: Some(digits), ..self }
    }

    pub(super) fn method(&self) -> Method {
        let tableau = self.tableau().expect("every entry of the catalogue is built by a test");
        Method::published(self.name, self.title, self.citation, self.order, tableau)
    }

    fn tableau(&self) -> Result<Tableau, TableauError> {
        let names = definitions(self.numbers);
        let read =
            |text: &str| -> Vec<Exact> { text.split_whitespace().map(|x| number(x, &names)).collect() };
        let (rows, b) = match self.form {
            Form::Butcher(a, b) => {
                let mut rows: Vec<_> = a.split(';').map(read).collect();
                let stages = rows.len();
                for row in &mut rows {
                    row.resize(stages.max(row.len()), Exact::ZERO);
                }
                let b = if b == LAST_ROW { rows[stages - 1].clone() } else { read(b) };
                (rows, b)
            }
            Form::TwoRegisters(a, b) => expanded(&read(a), &read(b)),
        };
        let tableau = match self.digits {
            None => Tableau::new(rows, b)?,
            Some(digits) => Tableau::approximate(rows, b, digits)?,
        };
        match self.embedded {
            "" => Ok(tableau),
            weights => tableau.with_embedded(read(weights)),
        }
    }
}

/// Reads definitions one after the other.
pub(crate) fn definitions(numbers: &[(&'static str, &str)]) -> Vec<(&'static str, Exact)> {
    numbers.iter().fold(Vec::new(), |mut known, (name, text)| {
        let value = number(text, &known);
        known.push((*name, value));
        known
    })
}

pub(crate) fn number(text: &str, names: &[(&str, Exact)]) -> Exact {
    parse_with(text, names).expect("every number of the catalogue is parsed by a test")
}

/// The rows of A and the weights b of a method in two registers: what Y holds before each stage, and at the end.
fn expanded(a: &[Exact], b: &[Exact]) -> (Vec<Vec<Exact>>, Vec<Exact>) {
    let stages = b.len();
    let (mut change, mut y) = (vec![Exact::ZERO; stages], vec![Exact::ZERO; stages]);
    let mut rows = Vec::with_capacity(stages);
    for i in 0..stages {
        rows.push(y.clone());
        change.iter_mut().for_each(|x| *x = &*x * &a[i]);
        change[i] = Exact::ONE;
        y.iter_mut().zip(&change).for_each(|(y, x)| *y = &*y + &(&b[i] * x));
    }
    (rows, y)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::catalogue::cite;

    #[test]
    fn two_registers_hold_the_tableau() {
        // One register more than needed: with A = 0 the rows are the coefficients B.
        let source = cite("nobody", 2000, "nowhere");
        let method = two_registers("test", "test", source, 1, "0 0", "1/3 2/3").method();
        assert_eq!(method.tableau().row(1), [Exact::ratio(1, 3), Exact::ZERO]);
        assert_eq!(method.tableau().b(), [Exact::ratio(1, 3), Exact::ratio(2, 3)]);
    }
}
