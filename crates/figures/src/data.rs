//! The numbers behind a picture: a table for curves (CSV) and arrays for fields (NPZ).

use std::fmt::Write;
use std::io::Cursor;

use ndarray::{Array1, Array2};
use ndarray_npy::NpzWriter;

use crate::error::FigureError;
use crate::grid::Grid;

/// All numbers behind a picture.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Data {
    /// Curves and points, one row each.
    pub table: Option<Table>,
    /// Fields by name.
    pub fields: Vec<(String, Grid)>,
}

/// One entry of a table.
#[derive(Clone, Debug, PartialEq)]
pub enum Cell {
    /// A number, written so that reading it gives the same bits.
    Number(f64),
    /// A word.
    Text(String),
}

impl From<f64> for Cell {
    fn from(value: f64) -> Cell {
        Cell::Number(value)
    }
}

impl From<&str> for Cell {
    fn from(text: &str) -> Cell {
        Cell::Text(text.to_owned())
    }
}

impl From<String> for Cell {
    fn from(text: String) -> Cell {
        Cell::Text(text)
    }
}

/// A table in long form: one column a quantity, one row an observation.
///
/// ```
/// use shadowflow_figures::data::Table;
/// let mut table = Table::new(["series", "t", "x"]);
/// table.push(["flow".into(), 0.5.into(), (-0.5f64).exp().into()]);
/// assert_eq!(table.csv(), "series,t,x\nflow,0.5,0.6065306597126334\n");
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct Table {
    columns: usize,
    text: String,
}

impl Table {
    /// An empty table with these column names.
    pub fn new<const N: usize>(columns: [&str; N]) -> Table {
        let mut table = Table { columns: N, text: String::new() };
        table.push(columns.map(Cell::from));
        table
    }

    /// An empty table with as many columns as there are names.
    pub fn of_columns(columns: &[String]) -> Table {
        let mut table = Table { columns: columns.len(), text: String::new() };
        table.push_row(&columns.iter().map(|name| Cell::from(name.as_str())).collect::<Vec<_>>());
        table
    }

    /// Adds a row, one cell a column; missing cells stay empty and surplus ones are dropped.
    pub fn push<const N: usize>(&mut self, row: [Cell; N]) {
        self.push_row(&row);
    }

    /// The same for a row of any length.
    pub fn push_row(&mut self, row: &[Cell]) {
        for (i, cell) in row.iter().take(self.columns).enumerate() {
            if i > 0 {
                self.text.push(',');
            }
            match cell {
                Cell::Number(value) => push_number(&mut self.text, *value),
                Cell::Text(text) => push_text(&mut self.text, text),
            }
        }
        for _ in row.len()..self.columns {
            self.text.push(',');
        }
        self.text.push('\n');
    }

    /// The table as comma-separated values (RFC 4180, lines ended by a line feed).
    pub fn csv(&self) -> &str {
        &self.text
    }
}

fn push_number(out: &mut String, value: f64) {
    let plain = value == 0.0 || !value.is_finite() || (1e-4..1e15).contains(&value.abs());
    if plain { write!(out, "{value}") } else { write!(out, "{value:e}") }
        .expect("writing to a String does not fail");
}

fn push_text(out: &mut String, text: &str) {
    if text.contains(['"', ',', '\n', '\r']) {
        out.push('"');
        out.push_str(&text.replace('"', "\"\""));
        out.push('"');
    } else {
        out.push_str(text);
    }
}

impl Table {
    /// The columns as an NPZ archive, one array a column under its name; `yes` and `no` are 1 and 0, other words NaN.
    ///
    /// # Errors
    /// [`FigureError::Encoding`] when the archive refuses a name.
    pub fn npz(&self) -> Result<Vec<u8>, FigureError> {
        let refused = |reason: String| FigureError::Encoding { format: "NPZ", reason };
        // Read back what was written, which gives the same bits; quoted words may hold commas.
        let mut rows = self.text.lines().map(cells);
        let names: Vec<String> = rows.next().unwrap_or_default();
        let mut columns: Vec<Vec<f64>> = vec![Vec::new(); names.len()];
        for row in rows {
            for (column, cell) in columns.iter_mut().zip(&row) {
                column.push(match cell.as_str() {
                    "yes" => 1.0,
                    "no" => 0.0,
                    other => other.parse().unwrap_or(f64::NAN),
                });
            }
        }
        let mut bytes = Cursor::new(Vec::new());
        let mut archive = NpzWriter::new(&mut bytes);
        for (name, column) in names.iter().zip(columns) {
            let column = Array1::from_vec(column);
            archive.add_array(name.as_str(), &column).map_err(|error| refused(error.to_string()))?;
        }
        archive.finish().map_err(|error| refused(error.to_string()))?;
        Ok(bytes.into_inner())
    }
}

/// The cells of a line of comma-separated values.
fn cells(line: &str) -> Vec<String> {
    let (mut cells, mut is_quoted) = (vec![String::new()], false);
    for character in line.chars() {
        match character {
            '"' => is_quoted = !is_quoted,
            ',' if !is_quoted => cells.push(String::new()),
            other => {
                if let Some(last) = cells.last_mut() {
                    last.push(other);
                }
            }
        }
    }
    cells
}

/// Fields as one NPZ archive: for each name the values (rows × columns, the first row at the lowest y) and, under
/// `<name>_x` and `<name>_y`, the coordinates.
///
/// # Errors
/// [`FigureError::Encoding`] when the archive refuses a name.
pub fn npz(fields: &[(String, Grid)]) -> Result<Vec<u8>, FigureError> {
    let refused = |reason: String| FigureError::Encoding { format: "NPZ", reason };
    let mut bytes = Cursor::new(Vec::new());
    let mut archive = NpzWriter::new(&mut bytes);
    for (name, grid) in fields {
        let (columns, rows) = grid.shape();
        let values = Array2::from_shape_vec((rows, columns), grid.values().to_vec())
            .expect("a grid has rows times columns values");
        let x: Array1<f64> = (0..columns).map(|i| grid.x(i as f64)).collect();
        let y: Array1<f64> = (0..rows).map(|i| grid.y(i as f64)).collect();
        archive.add_array(name.as_str(), &values).map_err(|error| refused(error.to_string()))?;
        archive.add_array(format!("{name}_x"), &x).map_err(|error| refused(error.to_string()))?;
        archive.add_array(format!("{name}_y"), &y).map_err(|error| refused(error.to_string()))?;
    }
    archive.finish().map_err(|error| refused(error.to_string()))?;
    Ok(bytes.into_inner())
}

#[cfg(test)]
mod tests {
    use super::*;
    use ndarray_npy::NpzReader;
    use proptest::prelude::*;

    #[test]
    fn words_with_commas_and_quotes_are_quoted_and_rows_have_all_columns() {
        let mut table = Table::new(["a", "b"]);
        table.push(["x, \"y\"".into(), f64::NAN.into()]);
        table.push(["short".into()]);
        assert_eq!(table.csv(), "a,b\n\"x, \"\"y\"\"\",NaN\nshort,\n");
    }

    #[test]
    fn fields_come_back_with_their_coordinates() {
        let grid = Grid::sample((0.0, 1.0), (-1.0, 1.0), 3, 2, |x, y| x + 10.0 * y);
        let bytes = npz(&[("modulus".to_owned(), grid)]).unwrap();
        let mut archive = NpzReader::new(Cursor::new(bytes)).unwrap();
        let values: Array2<f64> = archive.by_name("modulus").unwrap();
        let y: Array1<f64> = archive.by_name("modulus_y").unwrap();
        assert_eq!(values, ndarray::array![[-10.0, -9.5, -9.0], [10.0, 10.5, 11.0]]);
        assert_eq!(y, ndarray::array![-1.0, 1.0]);
    }

    #[test]
    fn columns_come_back_with_their_names() {
        let mut table = Table::new(["word", "number", "stable"]);
        table.push(["a, b".into(), 0.1.into(), "yes".into()]);
        table.push(["c".into(), f64::INFINITY.into(), "no".into()]);
        let mut archive = NpzReader::new(Cursor::new(table.npz().unwrap())).unwrap();
        let numbers: Array1<f64> = archive.by_name("number").unwrap();
        assert_eq!(numbers.to_vec(), [0.1, f64::INFINITY]);
        let stable: Array1<f64> = archive.by_name("stable").unwrap();
        assert_eq!(stable.to_vec(), [1.0, 0.0]);
        let words: Array1<f64> = archive.by_name("word").unwrap();
        assert!(words.iter().all(|word| word.is_nan()) && words.len() == 2);
    }

    #[test]
    fn archives_do_not_depend_on_the_clock() {
        let fields = [("f".to_owned(), Grid::sample((0.0, 1.0), (0.0, 1.0), 4, 4, |x, y| x * y))];
        // Bytes 10 to 13 of a ZIP entry are its time and date; this is midnight, 1 January 1980, the earliest there is.
        assert_eq!(npz(&fields).unwrap()[10..14], [0, 0, 0x21, 0]);
    }

    proptest! {
        #[test]
        fn numbers_are_read_back_bit_by_bit(value in prop::num::f64::NORMAL | prop::num::f64::SUBNORMAL) {
            let mut text = String::new();
            push_number(&mut text, value);
            prop_assert_eq!(text.parse::<f64>().unwrap().to_bits(), value.to_bits());
        }
    }
}
