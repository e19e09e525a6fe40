//! The numbers behind a landscape: the orbit, the flows as far as they go, the surfaces and their levels.

use shadowflow_numerics::{FlowError, Outcome, VectorField, flow, from_fn, orbit};

use super::{Landscape, LandscapeError};
use crate::canvas::geometry::Point;
use crate::error::FigureError;
use crate::figure::Progress;
use crate::grid::Grid;

/// Nodes along the longer side of the window.
const RESOLUTION: f64 = 265.0;
/// Nodes along a side at least.
const LEAST_RESOLUTION: f64 = 90.0;
/// Points of a flow between two iterates, fewer where steps are many.
const FINE: usize = 8;
/// Points of a flow in all, unless steps are more.
const MOST_POINTS: usize = 4000;
/// Level lines in each picture, if the surfaces are alike.
const LEVELS: usize = 12;

/// What [`trace`] finds.
pub(crate) struct Traces {
    pub(crate) descent: Vec<Point>,
    pub(crate) ending: Ending,
    pub(crate) flow: Path,
    pub(crate) modified_flow: Path,
    /// Points of a flow between two iterates.
    pub(crate) fine: usize,
    /// Both surfaces, NaN where they are undefined or pass a pole, and how often they are.
    pub(crate) f: Grid,
    pub(crate) modified: Grid,
    pub(crate) undefined: usize,
    pub(crate) modified_undefined: usize,
    /// Ascending.
    pub(crate) levels: Vec<f64>,
    /// The median relative distance of the modified field from differences of the modified surface.
    pub(crate) gap: f64,
}

/// How gradient descent ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Ending {
    Completed,
    /// This step led to infinite or undefined numbers.
    NotFinite {
        step: usize,
    },
}

/// A flow, point by point, and the time at which it ends if it does before the last iterate.
pub(crate) struct Path {
    pub(crate) points: Vec<Point>,
    pub(crate) ends: Option<f64>,
}

pub(super) fn trace(landscape: &Landscape<'_>, progress: &dyn Progress) -> Result<Traces, FigureError> {
    let [x, y] = landscape.window;
    let longer = (x.1 - x.0).max(y.1 - y.0);
    let nodes =
        |(low, high): (f64, f64)| (RESOLUTION * (high - low) / longer).round().max(LEAST_RESOLUTION) as usize;
    let sample = |f: &dyn Fn(f64, f64) -> f64| Grid::sample(x, y, nodes(x), nodes(y), f);
    let f = sample(landscape.value);
    let modified = sample(&|x, y| landscape.modified_value(x, y));
    let levels = levels(&[&f, &modified]);
    if levels.is_empty() {
        let nodes = f.values().len();
        return Err(LandscapeError::NowhereDefined { nodes, x: (x.0, y.0), y: (x.1, y.1) }.into());
    }
    progress.checkpoint(0.1)?;

    let (f, modified) = (masked(&f, &levels), masked(&modified, &levels));
    let missing = |grid: &Grid| grid.values().iter().filter(|value| value.is_nan()).count();
    let (descent, ending) = descend(landscape)?;
    let fine = FINE.min(MOST_POINTS / landscape.steps).max(1);
    let share = |k: usize| 0.1 + 0.4 * k as f64 / landscape.steps as f64;
    let field = from_fn(2, |x, out| {
        let (along_x, along_y) = (landscape.gradient)(x[0], x[1]);
        out.copy_from_slice(&[-along_x, -along_y]);
    });
    let gradient_flow = follow(landscape, &field, fine, |k| progress.checkpoint(share(k)))?;
    let field = from_fn(2, |x, out| {
        let (along_x, along_y) = landscape.modified_slope(x[0], x[1]);
        out.copy_from_slice(&[along_x, along_y]);
    });
    let modified_flow = follow(landscape, &field, fine, |k| progress.checkpoint(0.4 + share(k)))?;
    Ok(Traces {
        gap: gap(landscape, &modified, &modified_flow.points),
        undefined: missing(&f),
        modified_undefined: missing(&modified),
        descent,
        ending,
        flow: gradient_flow,
        modified_flow,
        fine,
        f,
        modified,
        levels,
    })
}

fn descend(landscape: &Landscape<'_>) -> Result<(Vec<Point>, Ending), FigureError> {
    let step = |x: &[f64], out: &mut [f64]| {
        let (along_x, along_y) = (landscape.gradient)(x[0], x[1]);
        out.copy_from_slice(&[x[0] - landscape.h * along_x, x[1] - landscape.h * along_y]);
        Ok(())
    };
    let path =
        orbit(step, &landscape.start, landscape.steps, f64::INFINITY).map_err(FigureError::computation)?;
    let ending = match path.outcome() {
        Outcome::NotFinite { step } => Ending::NotFinite { step },
        Outcome::Completed | Outcome::Escaped { .. } => Ending::Completed,
    };
    Ok((path.points().map(|x| (x[0], x[1])).collect(), ending))
}

/// The flow of a field as far as it can be followed.
fn follow<F: VectorField>(
    landscape: &Landscape<'_>,
    field: &F,
    fine: usize,
    checkpoint: impl Fn(usize) -> Result<(), FigureError>,
) -> Result<Path, FigureError> {
    let piece = landscape.h / fine as f64;
    let mut points = vec![(landscape.start[0], landscape.start[1])];
    for i in 0..landscape.steps * fine {
        if i.is_multiple_of(fine) {
            checkpoint(i / fine)?;
        }
        let (x, y) = points[i];
        match flow(field, &[x, y], piece) {
            Ok(point) if point.iter().all(|value| value.is_finite()) => points.push((point[0], point[1])),
            Err(FlowError::Input(error)) => return Err(FigureError::computation(error)),
            Ok(_) | Err(_) => return Ok(Path { points, ends: Some(i as f64 * piece) }),
        }
    }
    Ok(Path { points, ends: None })
}

/// Levels between which the surfaces have equal areas of the window: evenly spaced in a bowl, like squares in a valley.
/// None if no value is finite.
fn levels(grids: &[&Grid]) -> Vec<f64> {
    let mut values: Vec<f64> =
        grids.iter().flat_map(|grid| grid.values()).copied().filter(|value| value.is_finite()).collect();
    if values.is_empty() {
        return Vec::new();
    }
    values.sort_by(f64::total_cmp);
    let mut levels: Vec<f64> = (1..=LEVELS).map(|i| values[(values.len() - 1) * i / (LEVELS + 1)]).collect();
    levels.dedup();
    levels
}

/// The surface without what is undefined, and without one node beside every pole that it passes with a change of sign:
/// there it leaps over all levels against its slope on either side, and lines would be drawn along the pole.
fn masked(grid: &Grid, levels: &[f64]) -> Grid {
    let (columns, rows) = grid.shape();
    let leap = levels[levels.len() - 1] - levels[0];
    let is_pole = |before: f64, here: f64, next: f64, after: f64| {
        let rise = next - here;
        rise.abs() > leap && leap > 0.0 && rise * (here - before) < 0.0 && rise * (after - next) < 0.0
    };
    let value = |column: usize, row: usize| {
        let value = grid.value(column, row);
        if value.is_finite() { value } else { f64::NAN }
    };
    let mut poles = vec![false; columns * rows];
    for row in 0..rows {
        for column in 0..columns {
            let along = |i: usize| value(column + i - 1, row);
            let up = |i: usize| value(column, row + i - 1);
            let across =
                column > 0 && column + 2 < columns && is_pole(along(0), along(1), along(2), along(3));
            let upward = row > 0 && row + 2 < rows && is_pole(up(0), up(1), up(2), up(3));
            poles[row * columns + column] = across || upward;
        }
    }
    let (x, y) = grid.intervals();
    let mut nodes = (0..rows).flat_map(|row| (0..columns).map(move |column| (column, row)));
    Grid::sample(x, y, columns, rows, |_, _| match nodes.next() {
        Some((column, row)) if !poles[row * columns + column] => value(column, row),
        _ => f64::NAN,
    })
}

/// The median over points of the window and of the flow.
fn gap(landscape: &Landscape<'_>, surface: &Grid, path: &[Point]) -> f64 {
    let (columns, rows) = surface.shape();
    let nodes =
        (0..rows).step_by(11).flat_map(|row| (0..columns).step_by(11).map(move |column| (column, row)));
    let nodes = nodes.map(|(column, row)| (surface.x(column as f64), surface.y(row as f64)));
    let [x, y] = landscape.window;
    // The five-point formula; ⁵√ε balances its truncation, of order δ⁴, against rounding, of order ε/δ.
    let delta = f64::EPSILON.powf(0.2);
    let (dx, dy) = ((x.1 - x.0) * delta, (y.1 - y.0) * delta);
    let slope_along =
        |f: &dyn Fn(f64) -> f64, d: f64| (8.0 * (f(-d) - f(d)) + f(2.0 * d) - f(-2.0 * d)) / (12.0 * d);
    let mut gaps: Vec<f64> = nodes
        .chain(path.iter().copied())
        .filter_map(|(x, y)| {
            let f = |x, y| landscape.modified_value(x, y);
            let slope = (slope_along(&|d| f(x + d, y), dx), slope_along(&|d| f(x, y + d), dy));
            let size = slope.0.hypot(slope.1);
            let found = landscape.modified_slope(x, y);
            // On flat ground differences are rounding, of order ε|f|/δ.
            let rounding = 1e-10 * f(x, y).abs() / dx.min(dy);
            let gap = (found.0 - slope.0).hypot(found.1 - slope.1) / (size + rounding).max(f64::MIN_POSITIVE);
            size.is_finite().then_some(if gap.is_nan() { f64::INFINITY } else { gap })
        })
        .collect();
    gaps.sort_by(f64::total_cmp);
    // Where nothing can be differentiated, nothing speaks against the field.
    gaps.get(gaps.len() / 2).copied().unwrap_or(0.0)
}
