//! Lines of starts that a map keeps, of which nothing follows for the starts beside them.

use crate::map::check_map;
use crate::raster::Size;
use crate::{Map, StartsError};

/// Starts of a line on which the map is tried.
const TRIED: usize = 16;

/// Fewer starts than this are no line.
const FEWEST: usize = 8;

/// Steps that have to stay on the line.
const STEPS: usize = 3;

/// An image this near, as a share of the sizes of what is added up, is on the line.
const ON_LINE: f64 = 1e-12;

/// A line beside it is kept too if its points are moved by less than this share of their distance.
const KEPT_BESIDE: f64 = 1e-6;

/// A line ax + by = c through starts of a raster that the map keeps, and does not keep those beside it.
///
/// Such lines come from symmetry: y = x where V(x, y) = V(y, x). An orbit that begins on one never leaves it, and may come to a saddle,
/// whose stable line it is, that no orbit beside it comes to. The starts on it are a null set, and rounding decides what becomes of
/// them in the end.
#[derive(Clone, Debug, PartialEq)]
pub struct InvariantLine {
    normal: [i8; 2],
    level: f64,
    starts: Vec<usize>,
    beside: [usize; 2],
}

impl InvariantLine {
    /// a and b: (1, 0), (0, 1), (1, -1) or (1, 1).
    pub fn normal(&self) -> [i8; 2] {
        self.normal
    }

    /// c.
    pub fn level(&self) -> f64 {
        self.level
    }

    /// The places of the starts on it, in a raster row by row.
    pub fn starts(&self) -> &[usize] {
        &self.starts
    }

    /// The places of the starts on either side of one on the line, in the next columns, or rows if it is a row; `None` at the edge.
    pub fn beside(&self, start: usize) -> [Option<usize>; 2] {
        let [width, height] = self.beside;
        let (column, row) = (start % width, start / width);
        if self.normal == [0, 1] {
            [row.checked_sub(1).map(|_| start - width), (row + 1 < height).then_some(start + width)]
        } else {
            [column.checked_sub(1).map(|_| start - 1), (column + 1 < width).then_some(start + 1)]
        }
    }

    /// The starts on it of which another thing is said than on both sides.
    pub fn unlike<'a, L: PartialEq>(&'a self, labels: &'a [L]) -> impl Iterator<Item = usize> + 'a {
        self.starts.iter().copied().filter(|&start| {
            let mut beside = self.beside(start).into_iter().flatten().peekable();
            beside.peek().is_some() && beside.all(|other| labels.get(other) != labels.get(start))
        })
    }
}

/// The columns, rows and diagonals of a raster of starts (x, y) that a map keeps, but not the lines beside them, as far as some steps from
/// some starts show. `state` makes the state of the map from a start, whose first two numbers that is.
///
/// ```
/// use shadowflow_methods::Method;
/// use shadowflow_numerics::{GradientFlow, Iteration, invariant_lines, problems::ScalarFactorization};
/// let euler = Method::named("euler")?;
/// let map = Iteration::method(euler.tableau(), GradientFlow(ScalarFactorization { target: 1.0 }));
/// let x: Vec<f64> = (0..20).map(|k| (f64::from(k) - 9.5) / 4.0).collect();
/// // Both diagonals: the symmetries exchange x and y, and x and -y.
/// let found = invariant_lines(&map, 0.9, |x, y| vec![x, y], &x, &x)?;
/// assert_eq!(found.iter().map(|line| line.normal()).collect::<Vec<_>>(), [[1, -1], [1, 1]]);
/// assert!(found.iter().all(|line| line.level() == 0.0 && line.starts().len() == 20));
/// // Moved by a tenth of a pixel there is none.
/// let moved: Vec<f64> = x.iter().map(|x| x + 0.025).collect();
/// assert_eq!(invariant_lines(&map, 0.9, |x, y| vec![x, y], &x, &moved)?, []);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// # Errors
/// If there are no starts or too many, or h or the first start cannot be used.
pub fn invariant_lines<M: Map>(
    map: &M,
    h: f64,
    state: impl Fn(f64, f64) -> Vec<f64>,
    x: &[f64],
    y: &[f64],
) -> Result<Vec<InvariantLine>, StartsError> {
    Size::checked(x.len(), y.len())?;
    check_map(map, h, &state(x[0], y[0]))?;
    let (width, height) = (x.len(), y.len());
    let spacing = |values: &[f64]| match values {
        [first, .., last] => (last - first) / (values.len() - 1) as f64,
        _ => 0.0,
    };
    let (dx, dy) = (spacing(x), spacing(y));
    let along = |first: (usize, usize), step: (isize, isize)| {
        let inside = |at: (usize, usize)| at.0 < width && at.1 < height;
        let next = move |at: &(usize, usize)| {
            Some((at.0.checked_add_signed(step.0)?, at.1.checked_add_signed(step.1)?))
                .filter(|at| inside(*at))
        };
        std::iter::successors(Some(first).filter(|at| inside(*at)), next).collect::<Vec<_>>()
    };
    let mut candidates: Vec<_> = (0..width).map(|column| ([1, 0], along((column, 0), (0, 1)))).collect();
    candidates.extend((0..height).map(|row| ([0, 1], along((0, row), (1, 0)))));
    // On other rasters diagonals meet starts nowhere, or by chance.
    if (dx - dy).abs() <= 1e-9 * dx.abs() {
        let left = (0..height).rev().map(|row| (0, row));
        let lines = left.chain((1..width).map(|column| (column, 0)));
        candidates.extend(lines.map(|first| ([1, -1], along(first, (1, 1)))));
        let right = (1..height).map(|row| (width - 1, row));
        let lines = (0..width).map(|column| (column, 0)).chain(right);
        candidates.extend(lines.map(|first| ([1, 1], along(first, (-1, 1)))));
    }
    let mut found = Vec::new();
    for (normal, starts) in candidates.into_iter().filter(|(_, starts)| starts.len() >= FEWEST) {
        let [a, b] = normal.map(f64::from);
        let first = starts[0];
        let level = a * x[first.0] + b * y[first.1];
        let tried = || starts.iter().step_by(starts.len().div_ceil(TRIED)).map(|&(i, j)| [x[i], y[j]]);
        if !keeps(map, h, &state, tried(), [a, b], level) {
            continue;
        }
        // Away from the line by a quarter of the way to the next start.
        let aside = 0.25 * if a == 0.0 { dy } else { dx };
        let moved = [1.0, -1.0].iter().any(|sign| {
            tried().any(|[x, y]| {
                let start = if a == 0.0 { [x, y + sign * aside] } else { [x + sign * aside, y] };
                let (from, mut next) = (state(start[0], start[1]), Vec::new());
                next.resize(from.len(), 0.0);
                map.step(h, &from, &mut next);
                (a * (next[0] - from[0]) + b * (next[1] - from[1])).abs() > KEPT_BESIDE * aside
            })
        });
        if moved {
            // A zero that was rounded.
            let level =
                if level.abs() <= ON_LINE * (x[first.0].abs() + y[first.1].abs()) { 0.0 } else { level };
            let starts = starts.into_iter().map(|(column, row)| row * width + column).collect();
            found.push(InvariantLine { normal, level, starts, beside: [width, height] });
        }
    }
    Ok(found)
}

/// Whether orbits from these starts stay on a line, as long as they are finite.
fn keeps<M: Map>(
    map: &M,
    h: f64,
    state: impl Fn(f64, f64) -> Vec<f64>,
    starts: impl Iterator<Item = [f64; 2]>,
    [a, b]: [f64; 2],
    level: f64,
) -> bool {
    let mut steps = 0;
    for [x, y] in starts {
        let mut at = state(x, y);
        let mut next = vec![0.0; at.len()];
        for _ in 0..STEPS {
            // Of an orbit that grows this much the error of a step is as large as the raster.
            let size = at.iter().fold(0.0, |size: f64, x| size.max(x.abs()));
            map.step(h, &at, &mut next);
            if !(next.iter().all(|x| x.is_finite()) && size < 1e3 * (1.0 + x.abs().max(y.abs()))) {
                break;
            }
            let room =
                ON_LINE * (1.0 + size.powi(3) + (a * next[0]).abs() + (b * next[1]).abs() + level.abs());
            if (a * next[0] + b * next[1] - level).abs() > room {
                return false;
            }
            steps += 1;
            std::mem::swap(&mut at, &mut next);
        }
    }
    steps > 0
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::problems::{DoubleWell, Quadratic};
    use crate::{GradientFlow, Iteration, Objective, Optimizer, Scalar};
    use shadowflow_methods::Method;

    /// x⁴/4 - x²/2 + y²/2, or without the second.
    struct Well(f64);
    impl Objective for Well {
        fn variables(&self) -> usize {
            2
        }
        fn value<S: Scalar>(&self, x: &[S]) -> S {
            x[0].powi(4) * 0.25 - x[0] * x[0] * 0.5 + x[1] * x[1] * (0.5 * self.0)
        }
        fn gradient<S: Scalar>(&self, x: &[S], out: &mut [S]) {
            out[0] = x[0].powi(3) - x[0];
            out[1] = x[1] * self.0;
        }
    }

    fn centres(count: usize) -> Vec<f64> {
        (0..count).map(|k| -2.0 + 4.0 * (k as f64 + 0.5) / count as f64).collect()
    }

    fn lines(well: f64, method: &str, count: usize) -> Vec<([i8; 2], usize)> {
        let map = match Optimizer::named(method) {
            Ok(optimizer) => Iteration::optimizer(&optimizer, GradientFlow(Well(well))),
            Err(_) => Iteration::method(Method::named(method).unwrap().tableau(), GradientFlow(Well(well))),
        };
        let x = centres(count);
        let found = invariant_lines(&map, 0.3, |x, y| map.start(&[x, y]), &x, &x).unwrap();
        assert!(found.iter().all(|line| line.level() == 0.0));
        found.iter().map(|line| (line.normal(), line.starts()[0])).collect()
    }

    #[test]
    fn the_line_between_two_wells_is_met_by_odd_rasters_only() {
        for method in ["euler", "rk4", "implicit-euler", "heavy-ball(beta=0.5)"] {
            // x = 0, and y = 0 as well.
            assert_eq!(lines(1.0, method, 41), [([1, 0], 20), ([0, 1], 20 * 41)], "{method}");
            assert_eq!(lines(1.0, method, 40), [], "{method}");
        }
        // Without curvature in y every row is kept, and none is special. So it is with x = ±1, where no start is.
        assert_eq!(lines(0.0, "euler", 41), [([1, 0], 20)]);
    }

    #[test]
    fn starts_beside_a_line_are_its_neighbours() {
        let map = Iteration::method(Method::named("euler").unwrap().tableau(), GradientFlow(Well(1.0)));
        let x = centres(9);
        let found = invariant_lines(&map, 0.3, |x, y| vec![x, y], &x, &x).unwrap();
        let [column, row] = &found[..] else { panic!("{found:?}") };
        assert_eq!(column.beside(4), [Some(3), Some(5)]);
        assert_eq!((row.beside(36), row.beside(44)), ([Some(27), Some(45)], [Some(35), Some(53)]));
        // One alike on the left, and all others unlike.
        let mut labels: Vec<bool> = (0..81).map(|k| k % 9 == 4).collect();
        labels[3] = true;
        assert_eq!(column.unlike(&labels).count(), 8);
    }

    #[test]
    fn a_bowl_keeps_its_axes_and_a_round_one_every_line_through_its_middle() {
        let map = |curvatures: &[f64]| {
            Iteration::method(
                Method::named("euler").unwrap().tableau(),
                GradientFlow(Quadratic::new(curvatures)),
            )
        };
        let x = centres(15);
        let found = |map: &Iteration<_>| invariant_lines(map, 0.3, |x, y| vec![x, y], &x, &x).unwrap().len();
        assert_eq!((found(&map(&[1.0, 2.0])), found(&map(&[1.0, 1.0]))), (2, 4));
        let one = Iteration::method(Method::named("euler").unwrap().tableau(), GradientFlow(DoubleWell));
        assert!(invariant_lines(&one, 0.3, |x, y| vec![x, y], &x, &x).is_err());
    }
}
