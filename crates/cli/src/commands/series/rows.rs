//! A series row by row, as text, LaTeX, CSV or JSON: no row waits for the last, so that a series may be longer than memory.

use std::io::{self, Write};

use serde_json::{Value, json};
use shadowflow_bseries::RootedTree;
use shadowflow_methods::Exact;
use shadowflow_symbolic::{Expr, Objective};

use super::super::{decimal, integer, within};
use crate::args::SeriesFormat;

/// What stands above the rows.
pub(crate) struct Heading<'a> {
    pub(crate) method: &'a str,
    pub(crate) order: usize,
    /// The kind of series as it is typed.
    pub(crate) kind: &'a str,
    /// The letter of its coefficients: b for b(t).
    pub(crate) letter: &'a str,
    /// The series in words.
    pub(crate) meaning: &'a str,
    /// Whether trees have colours.
    pub(crate) coloured: bool,
    /// How many digits of the method's coefficients are known, if they are not exact.
    pub(crate) digits: Option<u32>,
    /// What generates the field of the coefficients, where it has no closed form.
    pub(crate) generator: Option<String>,
}

/// A tree with its coefficient.
pub(crate) struct Row {
    pub(crate) tree: RootedTree,
    pub(crate) coefficient: Coefficient,
}

/// A coefficient, by how well it is known.
pub(crate) enum Coefficient {
    /// An exact number as it is printed, and its value, for a column of limited width.
    Exact(String, f64),
    /// A number known to some digits.
    Decimal(f64),
    /// A function of parameters.
    Formula(String),
}

impl Coefficient {
    /// That of a method whose own coefficients are exact, or known to some digits.
    pub(crate) fn of(number: &Exact, digits: Option<u32>) -> Coefficient {
        match digits {
            None => Coefficient::Exact(number.to_string(), number.to_f64()),
            Some(digits) => Coefficient::Decimal(decimal(number, digits)),
        }
    }

    /// In full: exact text is a string, a decimal a number.
    fn json(&self) -> Value {
        match self {
            Coefficient::Exact(text, _) | Coefficient::Formula(text) => text.as_str().into(),
            Coefficient::Decimal(value) => (*value).into(),
        }
    }

    /// Plain infix text.
    fn text(&self) -> String {
        match self {
            Coefficient::Exact(text, _) | Coefficient::Formula(text) => text.clone(),
            Coefficient::Decimal(value) => value.to_string(),
        }
    }

    fn latex(&self) -> String {
        match self {
            Coefficient::Decimal(value) => format!("${value}$"),
            Coefficient::Exact(text, _) | Coefficient::Formula(text) => latex(text),
        }
    }

    fn readable(&self) -> String {
        match self {
            Coefficient::Exact(text, value) => within(text, Some(*value)),
            Coefficient::Formula(_) | Coefficient::Decimal(_) => self.text(),
        }
    }
}

/// Rows held back to find the widths of the columns of a text.
const HELD_BACK: usize = 2_000;

/// Writes rows in one of the formats.
pub(crate) struct RowWriter<W> {
    out: W,
    /// What stands above the rows, until the first of them: what fails before that prints nothing.
    head: Vec<u8>,
    format: SeriesFormat,
    coloured: bool,
    rows: usize,
    /// Cells of the text that wait for the widths of their columns.
    waiting: Vec<[String; 5]>,
    widths: [usize; 4],
}

impl<W: Write> RowWriter<W> {
    /// Prepares what stands above the rows.
    pub(crate) fn new(out: W, format: SeriesFormat, heading: &Heading) -> io::Result<RowWriter<W>> {
        let Heading { method, order, kind, letter, meaning, coloured, digits, generator } = heading;
        let known = digits.map_or(String::new(), |digits| format!(", not exact: known to {digits} digits"));
        let (mut head, mut waiting) = (Vec::new(), Vec::new());
        match format {
            SeriesFormat::Text => {
                write!(head, "{method}, {meaning}{known}\n\n")?;
                let names = ["order", "sigma", "gamma", &format!("{letter}(t)"), "tree (levels)"];
                waiting.push(names.map(str::to_owned));
            }
            SeriesFormat::Csv => writeln!(head, "tree,order,sigma,gamma,coefficient")?,
            SeriesFormat::Json => {
                write!(
                    head,
                    "{{\n  \"method\": {},\n  \"order\": {order},\n  \"kind\": {},\n  \"coefficients\": [",
                    json!(method),
                    json!(kind)
                )?;
            }
            SeriesFormat::Latex => {
                writeln!(head, "% {method}, {meaning}, through order {order}{known}")?;
                writeln!(head, "% in the preamble: \\usepackage{{longtable}}")?;
                if let Some(generator) = generator {
                    writeln!(
                        head,
                        "\\noindent $\\theta$ stands for \\texttt{{{}}}.",
                        generator.replace('^', "\\^{}")
                    )?;
                }
                writeln!(head, "\\begingroup\\renewcommand{{\\arraystretch}}{{1.4}}")?;
                writeln!(head, "\\begin{{longtable}}{{rllrrl}}")?;
                writeln!(
                    head,
                    "$|t|$ & levels & $F(t)$ & $\\sigma(t)$ & $\\gamma(t)$ & ${letter}(t)$ \\\\ \\hline\n\\endhead"
                )?;
            }
        }
        Ok(RowWriter { out, head, format, coloured: *coloured, rows: 0, waiting, widths: [0; 4] })
    }

    pub(crate) fn row(&mut self, row: &Row) -> io::Result<()> {
        let Row { tree, coefficient } = row;
        let (name, order, symmetry, density) = (tree, tree.vertices(), tree.symmetry(), tree.density());
        self.rows += 1;
        self.begin()?;
        match self.format {
            SeriesFormat::Text => {
                let numbers = [order.to_string(), symmetry.to_string(), density.to_string()];
                let [order, sigma, gamma] = numbers;
                let cells = [order, sigma, gamma, coefficient.readable(), name.to_string()];
                if self.rows > HELD_BACK {
                    return self.line(&cells);
                }
                self.waiting.push(cells);
                if self.rows == HELD_BACK { self.release() } else { Ok(()) }
            }
            SeriesFormat::Csv => {
                writeln!(
                    self.out,
                    "\"{name}\",{order},{symmetry},{density},{}",
                    csv_field(&coefficient.text())
                )
            }
            SeriesFormat::Json => {
                let separator = if self.rows == 1 { "" } else { "," };
                let mut row = json!({ "tree": tree.levels(), "order": order, "sigma": integer(symmetry), "gamma": integer(density) });
                if self.coloured {
                    row["colours"] = tree.colours().into();
                }
                row["coefficient"] = coefficient.json();
                write!(self.out, "{separator}\n    {row}")
            }
            SeriesFormat::Latex => {
                let differential = format!("${}$", tree.elementary_differential_latex());
                let coefficient = coefficient.latex();
                writeln!(
                    self.out,
                    "{order} & {name} & {differential} & {symmetry} & {density} & {coefficient} \\\\"
                )
            }
        }
    }

    /// Writes what stands below the rows.
    pub(crate) fn finish(mut self) -> io::Result<()> {
        self.begin()?;
        self.release()?;
        match self.format {
            SeriesFormat::Text | SeriesFormat::Csv => {}
            SeriesFormat::Json => write!(self.out, "\n  ]\n}}\n")?,
            SeriesFormat::Latex => writeln!(self.out, "\\end{{longtable}}\n\\endgroup")?,
        }
        self.out.flush()
    }

    fn begin(&mut self) -> io::Result<()> {
        self.out.write_all(&std::mem::take(&mut self.head))
    }

    /// Writes the rows of a text that waited, in columns as wide as their widest cell.
    fn release(&mut self) -> io::Result<()> {
        let waiting = std::mem::take(&mut self.waiting);
        for cells in &waiting {
            for (width, cell) in self.widths.iter_mut().zip(cells) {
                *width = (*width).max(cell.chars().count());
            }
        }
        waiting.iter().try_for_each(|cells| self.line(cells))
    }

    fn line(&mut self, cells: &[String; 5]) -> io::Result<()> {
        for (cell, width) in cells.iter().zip(self.widths) {
            write!(self.out, "{cell:width$}  ")?;
        }
        writeln!(self.out, "{}", cells[4])
    }
}

/// A field of a CSV file, in quotation marks where it needs them.
fn csv_field(text: &str) -> String {
    if text.contains([',', '"', '\n']) {
        format!("\"{}\"", text.replace('"', "\"\""))
    } else {
        text.to_owned()
    }
}

/// A coefficient as mathematics: a number, or a formula in parameters; anything else as it is typed.
fn latex(coefficient: &str) -> String {
    if let Ok(number) = coefficient.parse::<Exact>() {
        return match Expr::exact(&number) {
            Some(closed) => format!("${}$", closed.to_latex()),
            None => format!("${}$", number.to_latex()),
        };
    }
    match Objective::parse(coefficient, None) {
        Ok(formula) => format!("${}$", formula.expr().to_latex()),
        Err(_) => format!("\\texttt{{{}}}", coefficient.replace('^', "\\^{}").replace('_', "\\_")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const HEADING: Heading = Heading {
        method: "euler",
        order: 3,
        kind: "modified",
        letter: "b",
        meaning: "modified equation",
        coloured: false,
        digits: None,
        generator: None,
    };

    fn row(levels: &[u8], coefficient: &str) -> Row {
        Row {
            tree: RootedTree::new(levels).unwrap(),
            coefficient: Coefficient::Exact(coefficient.to_owned(), 0.5),
        }
    }

    fn written(format: SeriesFormat, rows: &[Row]) -> String {
        let mut out = Vec::new();
        let mut writer = RowWriter::new(&mut out, format, &HEADING).unwrap();
        rows.iter().for_each(|row| writer.row(row).unwrap());
        writer.finish().unwrap();
        String::from_utf8(out).unwrap()
    }

    #[test]
    fn no_row_is_lost_when_the_widths_are_found() {
        let rows: Vec<Row> = (0..HELD_BACK + 10).map(|_| row(&[1, 2], "-1/2")).collect();
        for count in [0, 1, HELD_BACK - 1, HELD_BACK, HELD_BACK + 1, HELD_BACK + 10] {
            let text = written(SeriesFormat::Text, &rows[..count]);
            // Two lines of heading, one of column names.
            assert_eq!(text.lines().count(), count + 3);
            assert!(text.lines().skip(3).all(|line| line == "2      1      2      -1/2  [1,2]"), "{text}");
        }
    }

    #[test]
    fn json_is_one_document_with_any_number_of_rows() {
        for count in 0..3 {
            let rows: Vec<Row> = (0..count).map(|_| row(&[1], "1")).collect();
            let document: serde_json::Value =
                serde_json::from_str(&written(SeriesFormat::Json, &rows)).unwrap();
            assert_eq!(document["coefficients"].as_array().unwrap().len(), count);
        }
    }

    #[test]
    fn fields_with_commas_are_quoted() {
        let text = written(SeriesFormat::Csv, &[row(&[1, 2, 2], "root(x^3-2, 1.3)")]);
        assert_eq!(text.lines().nth(1), Some("\"[1,2,2]\",3,2,3,\"root(x^3-2, 1.3)\""));
    }

    #[test]
    fn coefficients_become_mathematics() {
        assert_eq!(latex("-1/2"), "$-\\frac{1}{2}$");
        assert_eq!(latex("1/4 - 1/6*sqrt(3)"), "$\\frac{1}{4} - \\frac{1}{6} \\sqrt{3}$");
        assert_eq!(latex("0"), "$0$");
        assert_eq!(latex("1/2 - 1/6*c2"), "$\\frac{1}{2} - \\frac{1}{6} c_{2}$");
        // What θ is stands above the table.
        assert_eq!(latex("1 - root(x^3-2, 1.3)"), "$1-\\theta$");
    }
}
