//! Values on an even rectangular grid, the common food of contours and rasters.

/// Values at the nodes of an even grid: `value(column, row)` belongs to `(x(column), y(row))`.
#[derive(Clone, Debug, PartialEq)]
pub struct Grid {
    x: (f64, f64),
    y: (f64, f64),
    columns: usize,
    rows: usize,
    values: Vec<f64>,
}

impl Grid {
    /// Samples `f` at `columns` × `rows` nodes, both ends of both intervals included; at least two of each are taken.
    pub fn sample(
        x: (f64, f64),
        y: (f64, f64),
        columns: usize,
        rows: usize,
        mut f: impl FnMut(f64, f64) -> f64,
    ) -> Grid {
        let (columns, rows) = (columns.max(2), rows.max(2));
        let mut grid = Grid { x, y, columns, rows, values: Vec::with_capacity(columns * rows) };
        for row in 0..rows {
            for column in 0..columns {
                grid.values.push(f(grid.x(column as f64), grid.y(row as f64)));
            }
        }
        grid
    }

    /// Values known already, row by row from the lowest y; `None` if they are not `columns` times some rows, or fewer than two of
    /// either.
    pub fn of_values(x: (f64, f64), y: (f64, f64), columns: usize, values: Vec<f64>) -> Option<Grid> {
        let rows = values.len().checked_div(columns)?;
        (columns >= 2 && rows >= 2 && rows * columns == values.len()).then_some(Grid {
            x,
            y,
            columns,
            rows,
            values,
        })
    }

    /// Number of columns and rows.
    pub fn shape(&self) -> (usize, usize) {
        (self.columns, self.rows)
    }

    /// The interval of x and that of y.
    pub fn intervals(&self) -> ((f64, f64), (f64, f64)) {
        (self.x, self.y)
    }

    /// The x of a column; between columns for a broken number.
    pub fn x(&self, column: f64) -> f64 {
        self.x.0 + (self.x.1 - self.x.0) * column / (self.columns - 1) as f64
    }

    /// The y of a row; between rows for a broken number.
    pub fn y(&self, row: f64) -> f64 {
        self.y.0 + (self.y.1 - self.y.0) * row / (self.rows - 1) as f64
    }

    /// The value at a node.
    ///
    /// # Panics
    /// When the node is outside the [`shape`](Grid::shape).
    pub fn value(&self, column: usize, row: usize) -> f64 {
        self.values[row * self.columns + column]
    }

    /// All values, row by row.
    pub fn values(&self) -> &[f64] {
        &self.values
    }

    /// The same grid with every value replaced.
    pub fn map(&self, f: impl Fn(f64) -> f64) -> Grid {
        Grid { values: self.values.iter().map(|&v| f(v)).collect(), ..self.clone() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nodes_include_both_ends_of_both_intervals() {
        let grid = Grid::sample((-1.0, 1.0), (2.0, 5.0), 5, 4, |x, y| 10.0 * x + y);
        assert_eq!(grid.shape(), (5, 4));
        assert_eq!(grid.value(0, 0), -8.0);
        assert_eq!(grid.value(4, 3), 15.0);
        assert_eq!(grid.value(1, 2), -5.0 + 4.0);
        assert_eq!((grid.x(0.5), grid.y(3.0)), (-0.75, 5.0));
        assert_eq!(grid.map(f64::abs).value(0, 0), 8.0);
    }
}
