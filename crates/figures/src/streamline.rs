//! Evenly spaced streamlines of a plane field (Jobard & Lefer 1997).

use std::collections::VecDeque;

use crate::canvas::geometry::Point;
use crate::canvas::svg::Layer;
use crate::error::DrawError;
use crate::panel::Panel;
use crate::style::{Fill, Stroke};

/// Steps of the integration in a separation.
const STEPS: f64 = 8.0;
/// How near to another line a line may come, in separations.
const NEAREST: f64 = 0.55;
/// Lines shorter than this many separations are left out.
const SHORTEST: f64 = 1.2;
/// Longest line in steps.
const LONGEST: usize = 4000;

/// Streamlines of a field over the window of intervals `x` and `y`, a multiple of `separation` of the longer side apart.
///
/// Lines run along the field; they end at the border, at zeros, where the field is no number, and near other lines.
pub fn streamlines(
    field: impl Fn(f64, f64) -> (f64, f64),
    x: (f64, f64),
    y: (f64, f64),
    separation: f64,
) -> Vec<Vec<Point>> {
    let gap = separation * (x.1 - x.0).max(y.1 - y.0);
    let mut sown = Sown { x, y, gap, cells: (0, 0), points: Vec::new(), lines: Vec::new() };
    sown.cells = (((x.1 - x.0) / gap).ceil() as usize + 1, ((y.1 - y.0) / gap).ceil() as usize + 1);
    sown.points = vec![Vec::new(); sown.cells.0 * sown.cells.1];
    let direction = |p: Point| {
        let (u, v) = field(p.0, p.1);
        let size = u.hypot(v);
        (size > 0.0 && size.is_finite()).then(|| (u / size, v / size))
    };
    // Every line sows others beside itself; what they do not reach is sown on a lattice, row by row.
    let mut candidates: VecDeque<Point> = VecDeque::new();
    for row in 0..sown.cells.1 {
        for column in 0..sown.cells.0 {
            let lattice = (x.0 + (column as f64 + 0.5) * gap, y.0 + (row as f64 + 0.5) * gap);
            candidates.push_back(lattice);
            while let Some(seed) = candidates.pop_front() {
                if !sown.holds(seed) || sown.is_near(seed, 0.98) {
                    continue;
                }
                let line = sown.trace(seed, &direction);
                if (line.len() as f64) < SHORTEST * STEPS {
                    continue;
                }
                for pair in line.windows(2).step_by(STEPS as usize / 2) {
                    let (dx, dy) = (pair[1].0 - pair[0].0, pair[1].1 - pair[0].1);
                    let size = dx.hypot(dy) / gap;
                    for side in [1.0, -1.0] {
                        candidates.push_back((pair[0].0 - side * dy / size, pair[0].1 + side * dx / size));
                    }
                }
                sown.keep(line);
            }
        }
    }
    sown.lines
}

/// The lines so far, and their points by cells as wide as the separation.
struct Sown {
    x: (f64, f64),
    y: (f64, f64),
    gap: f64,
    cells: (usize, usize),
    points: Vec<Vec<Point>>,
    lines: Vec<Vec<Point>>,
}

impl Sown {
    fn holds(&self, p: Point) -> bool {
        (self.x.0..=self.x.1).contains(&p.0) && (self.y.0..=self.y.1).contains(&p.1)
    }

    fn cell(&self, p: Point) -> (usize, usize) {
        (((p.0 - self.x.0) / self.gap) as usize, ((p.1 - self.y.0) / self.gap) as usize)
    }

    /// Whether a kept point is nearer than `share` of the separation.
    fn is_near(&self, p: Point, share: f64) -> bool {
        let (column, row) = self.cell(p);
        let rows = row.saturating_sub(1)..=(row + 1).min(self.cells.1 - 1);
        let columns = || column.saturating_sub(1)..=(column + 1).min(self.cells.0 - 1);
        rows.flat_map(|row| columns().map(move |column| row * self.cells.0 + column))
            .flat_map(|cell| &self.points[cell])
            .any(|q| (p.0 - q.0).hypot(p.1 - q.1) < share * self.gap)
    }

    fn keep(&mut self, line: Vec<Point>) {
        for &p in &line {
            let (column, row) = self.cell(p);
            self.points[row * self.cells.0 + column].push(p);
        }
        self.lines.push(line);
    }

    /// The line through a seed, both ways.
    fn trace(&self, seed: Point, direction: &impl Fn(Point) -> Option<Point>) -> Vec<Point> {
        let mut line = self.half(seed, direction, -1.0);
        line.reverse();
        line.push(seed);
        line.extend(self.half(seed, direction, 1.0));
        line
    }

    /// The points after the seed, by the midpoint rule in arc length.
    fn half(&self, seed: Point, direction: &impl Fn(Point) -> Option<Point>, sign: f64) -> Vec<Point> {
        let step = sign * self.gap / STEPS;
        let mut line: Vec<Point> = Vec::new();
        let (mut here, mut before) = (seed, None);
        while line.len() < LONGEST {
            let Some(first) = direction(here) else { break };
            let Some(d) = direction((here.0 + 0.5 * step * first.0, here.1 + 0.5 * step * first.1)) else {
                break;
            };
            // A field that turns by more than a right angle in a step passes a zero there.
            let turns = |a: Point, b: Point| a.0 * b.0 + a.1 * b.1 < 0.0;
            if turns(first, d) || before.is_some_and(|before| turns(before, d)) {
                break;
            }
            here = (here.0 + step * d.0, here.1 + step * d.1);
            before = Some(d);
            let earlier = line.len().saturating_sub(3 * STEPS as usize);
            let returns =
                line[..earlier].iter().any(|q| (here.0 - q.0).hypot(here.1 - q.1) < NEAREST * self.gap);
            if !self.holds(here) || returns || self.is_near(here, NEAREST) {
                break;
            }
            line.push(here);
        }
        line
    }
}

impl Panel<'_> {
    /// Streamlines, each with an arrow head half way.
    ///
    /// # Errors
    /// None in practice: curves carry no labels.
    pub fn streamlines(&mut self, lines: &[Vec<Point>], stroke: &Stroke) -> Result<(), DrawError> {
        for line in lines {
            self.line(line.iter().copied(), stroke)?;
            let middle = line.len() / 2;
            let (from, to) = (self.to_page(line[middle - 1]), self.to_page(line[middle]));
            let length = (to.0 - from.0).hypot(to.1 - from.1);
            let (u, v) = ((to.0 - from.0) / length, (to.1 - from.1) / length);
            let (long, wide) = (2.2 + 2.0 * stroke.width, 1.0 + 1.2 * stroke.width);
            let head = vec![
                (to.0 + 0.5 * long * u, to.1 + 0.5 * long * v),
                (to.0 - 0.5 * long * u - wide * v, to.1 - 0.5 * long * v + wide * u),
                (to.0 - 0.5 * long * u + wide * v, to.1 - 0.5 * long * v - wide * u),
            ];
            self.page.svg.area(Layer::Data, &[head], &Fill::new(stroke.colour), None);
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_of_a_rotation_are_circles() {
        let lines = streamlines(|x, y| (-y, x), (-1.0, 1.0), (-1.0, 1.0), 0.05);
        assert!(lines.len() > 10, "{}", lines.len());
        for line in &lines {
            let radius = line[line.len() / 2].0.hypot(line[line.len() / 2].1);
            for p in line {
                // The midpoint rule turns by δ/r and keeps r to (δ/r)³/8 of it, δ = 1/80; over 2πr/δ steps ½ π (δ/r)² r.
                let drift = 2.0 * (1.0f64 / 80.0).powi(2) / radius;
                assert!((p.0.hypot(p.1) - radius).abs() < drift + 1e-12, "{p:?} off radius {radius}");
            }
        }
    }

    #[test]
    fn lines_keep_their_distance_and_fill_the_window() {
        let lines = streamlines(|x, y| (1.0 + x, y.sin()), (0.0, 2.0), (0.0, 1.0), 0.05);
        for (i, line) in lines.iter().enumerate() {
            for p in line {
                for other in &lines[..i] {
                    let nearest = other.iter().map(|q| (p.0 - q.0).hypot(p.1 - q.1)).fold(f64::MAX, f64::min);
                    assert!(nearest >= NEAREST * 0.1 * (1.0 - 1e-12), "{nearest}");
                }
            }
        }
        for i in 0..20 {
            let (x, y) = (0.05 + 0.1 * f64::from(i), 0.3);
            let near = lines.iter().flatten().any(|q| (x - q.0).hypot(y - q.1) < 0.12);
            assert!(near, "no line near ({x}, {y})");
        }
    }

    #[test]
    fn zeros_end_lines() {
        let lines = streamlines(|x, _| (-x, 0.0), (-1.0, 1.0), (0.0, 1.0), 0.1);
        assert!(lines.iter().all(|line| line.iter().all(|p| p.0 > -0.03) || line.iter().all(|p| p.0 < 0.03)));
        assert!(streamlines(|_, _| (0.0, f64::NAN), (0.0, 1.0), (0.0, 1.0), 0.1).is_empty());
    }
}
