//! Level lines and level sets by marching squares (Lorensen & Cline 1987, in the plane), joined into long curves.

use crate::canvas::geometry::Point;
use crate::grid::Grid;

/// The curves on which the linear interpolant of the grid takes the value `level`.
///
/// A curve is closed when its first point is its last; others end on the border or where values are missing (NaN).
pub fn level_lines(grid: &Grid, level: f64) -> Vec<Vec<Point>> {
    let (columns, rows) = grid.shape();
    let value = |column: usize, row: usize| grid.value(column, row) - level;
    march(columns, rows, value, |column, row| (grid.x(column), grid.y(row)))
}

/// The set where the grid is at least `level`, as closed curves that run along the border where the set does.
///
/// A point is inside when an odd number of curves surround it. Missing values (NaN) count as outside.
pub fn level_set(grid: &Grid, level: f64) -> Vec<Vec<Point>> {
    let (columns, rows) = grid.shape();
    // A frame of outside nodes *on* the border closes every curve; a cell of the frame has no width, so only
    // the border itself is added. One below the level, the crossing on its edges does not matter.
    let value = |column: usize, row: usize| {
        if column == 0 || row == 0 || column == columns + 1 || row == rows + 1 {
            return -1.0;
        }
        let value = grid.value(column - 1, row - 1) - level;
        if value.is_nan() { -1.0 } else { value }
    };
    let inner = |i: f64, n: usize| (i - 1.0).clamp(0.0, (n - 1) as f64);
    march(columns + 2, rows + 2, value, |column, row| {
        (grid.x(inner(column, columns)), grid.y(inner(row, rows)))
    })
}

/// A crossing is known by the grid edge it lies on; each is shared by at most two segments.
#[derive(Clone, Copy)]
struct Crossing {
    at: Point,
    neighbours: [Option<usize>; 2],
}

fn march(
    columns: usize,
    rows: usize,
    value: impl Fn(usize, usize) -> f64,
    place: impl Fn(f64, f64) -> Point,
) -> Vec<Vec<Point>> {
    // Edge 2k leads from node k to the right, edge 2k + 1 from node k upward.
    let mut crossings: Vec<Option<Crossing>> = vec![None; 2 * columns * rows];
    for row in 0..rows - 1 {
        for column in 0..columns - 1 {
            let corner = [
                value(column, row),
                value(column + 1, row),
                value(column + 1, row + 1),
                value(column, row + 1),
            ];
            if corner.iter().any(|v| !v.is_finite()) {
                continue;
            }
            let node = row * columns + column;
            // The edges of a cell, counter-clockwise from the bottom: number, ends in grid coordinates, values there.
            let (c, r) = (column as f64, row as f64);
            let edges = [
                (2 * node, (c, r), (c + 1.0, r), corner[0], corner[1]),
                (2 * (node + 1) + 1, (c + 1.0, r), (c + 1.0, r + 1.0), corner[1], corner[2]),
                (2 * (node + columns), (c, r + 1.0), (c + 1.0, r + 1.0), corner[3], corner[2]),
                (2 * node + 1, (c, r), (c, r + 1.0), corner[0], corner[3]),
            ];
            let mut crossed = Vec::with_capacity(4);
            for (number, from, to, start, end) in edges {
                if (start >= 0.0) != (end >= 0.0) {
                    let t = start / (start - end);
                    let at = place(from.0 + t * (to.0 - from.0), from.1 + t * (to.1 - from.1));
                    crossings[number].get_or_insert(Crossing { at, neighbours: [None; 2] });
                    crossed.push(number);
                }
            }
            let mut join = |a: usize, b: usize| {
                for (here, there) in [(a, b), (b, a)] {
                    if let Some(crossing) = &mut crossings[here] {
                        let free = usize::from(crossing.neighbours[0].is_some());
                        crossing.neighbours[free] = Some(there);
                    }
                }
            };
            match crossed[..] {
                [a, b] => join(a, b),
                [bottom, right, top, left] => {
                    // A saddle: the mean of the corners decides which pair of opposite corners is connected.
                    let centre = corner.iter().sum::<f64>() / 4.0;
                    if (centre >= 0.0) == (corner[0] >= 0.0) {
                        join(bottom, right);
                        join(top, left);
                    } else {
                        join(bottom, left);
                        join(top, right);
                    }
                }
                _ => {}
            }
        }
    }
    join_crossings(&mut crossings)
}

/// Follows neighbours, first from the loose ends and then round the closed curves, so that no point is left over.
fn join_crossings(crossings: &mut [Option<Crossing>]) -> Vec<Vec<Point>> {
    let mut curves = Vec::new();
    for closed in [false, true] {
        for start in 0..crossings.len() {
            let Some(crossing) = crossings[start] else { continue };
            if !closed && crossing.neighbours[1].is_some() {
                continue;
            }
            let mut curve = Vec::new();
            let mut next = Some(start);
            while let Some(crossing) = next.and_then(|number| crossings[number].take()) {
                curve.push(crossing.at);
                next = crossing.neighbours.into_iter().flatten().find(|&n| crossings[n].is_some());
            }
            if closed {
                curve.push(curve[0]);
            }
            if curve.len() > 1 {
                curves.push(curve);
            }
        }
    }
    curves
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn the_contour_of_a_circle_is_one_closed_curve_on_the_circle() {
        let grid = Grid::sample((-2.0, 2.0), (-2.0, 2.0), 81, 81, |x, y| x * x + y * y);
        let curves = level_lines(&grid, 1.0);
        assert_eq!(curves.len(), 1);
        assert_eq!(curves[0].first(), curves[0].last());
        for &(x, y) in &curves[0] {
            // Linear interpolation of a parabola over one cell of width d errs by at most d²/4 in value, d²/8 in radius.
            assert!((x.hypot(y) - 1.0).abs() < 0.05 * 0.05 / 8.0 + 1e-12);
        }
    }

    #[test]
    fn a_plane_gives_one_open_line_from_border_to_border() {
        let grid = Grid::sample((0.0, 1.0), (0.0, 1.0), 7, 5, |x, y| x + 0.3 * y);
        let curves = level_lines(&grid, 0.5);
        assert_eq!(curves.len(), 1);
        let (first, last) = (curves[0][0], *curves[0].last().unwrap());
        assert_eq!((first.1.min(last.1), first.1.max(last.1)), (0.0, 1.0));
        assert!(curves[0].iter().all(|&(x, y)| (x + 0.3 * y - 0.5).abs() < 1e-12));
    }

    #[test]
    fn a_level_set_closes_along_the_border_with_the_right_area() {
        let grid = Grid::sample((0.0, 2.0), (0.0, 1.0), 21, 11, |x, y| x - y);
        let area: f64 = level_set(&grid, 0.25).iter().map(|ring| signed_area(ring).abs()).sum();
        // x >= y + 1/4 cuts a trapezium with parallel sides 7/4 and 3/4 from the rectangle; linear data are exact.
        assert!((area - 1.25).abs() < 1e-12, "{area}");
    }

    #[test]
    fn everything_inside_gives_the_border_and_nothing_inside_gives_nothing() {
        let grid = Grid::sample((0.0, 2.0), (0.0, 1.0), 5, 4, |_, _| 1.0);
        let rings = level_set(&grid, 0.0);
        assert_eq!(rings.len(), 1);
        assert!((signed_area(&rings[0]).abs() - 2.0).abs() < 1e-12);
        assert!(level_set(&grid, 2.0).is_empty());
        assert!(level_lines(&grid, 0.0).is_empty());
    }

    #[test]
    fn missing_values_interrupt_lines() {
        let grid = Grid::sample((0.0, 1.0), (0.0, 1.0), 9, 9, |x, y| if x > 0.6 { f64::NAN } else { y });
        let curves = level_lines(&grid, 0.3);
        assert_eq!(curves.len(), 1);
        assert!(curves[0].iter().all(|p| p.0 < 0.6));
    }

    proptest! {
        #[test]
        fn every_level_set_consists_of_closed_curves(values in prop::collection::vec(-1.0..1.0f64, 36)) {
            let mut i = 0;
            let grid = Grid::sample((0.0, 1.0), (0.0, 1.0), 6, 6, |_, _| { i += 1; values[i - 1] });
            for ring in level_set(&grid, 0.0) {
                prop_assert_eq!(ring.first(), ring.last());
            }
        }
    }

    fn signed_area(ring: &[Point]) -> f64 {
        ring.windows(2).map(|w| (w[0].0 * w[1].1 - w[1].0 * w[0].1) / 2.0).sum()
    }
}
