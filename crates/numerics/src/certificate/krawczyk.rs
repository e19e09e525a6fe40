//! Krawczyk's test on the equations of a periodic orbit.

use nalgebra::DMatrix;

use super::CertificateError;
use crate::{Dual, Interval, Map};

/// Boxes tried, each ten times the size of the one before.
const BOXES: u32 = 9;

/// Contractions after which a box hardly shrinks: each leaves what rounding and the width of h do.
const CONTRACTIONS: usize = 4;

/// Boxes for the points, with one orbit in `unique` and that one in `points`.
pub(super) struct Solved {
    pub(super) points: Vec<Vec<Interval>>,
    pub(super) unique: Vec<Vec<Interval>>,
}

/// What the test needs of a map: F and DF on boxes, with the middle and C.
struct Equations<'a, M> {
    map: &'a M,
    h: Interval,
    period: usize,
    dim: usize,
}

pub(super) fn solved<M: Map>(map: &M, h: Interval, points: &[Vec<f64>]) -> Result<Solved, CertificateError> {
    let (period, dim) = (points.len(), map.dim());
    let equations = Equations { map, h, period, dim };
    let middle: Vec<f64> = points.iter().flatten().copied().collect();
    let exact: Vec<Interval> = middle.iter().map(|&x| Interval::from(x)).collect();
    let n = period * dim;
    let jacobian = equations.jacobian(&exact);
    let inverse = DMatrix::from_fn(n, n, |i, j| jacobian[i * n + j].middle())
        .try_inverse()
        .filter(|inverse| inverse.iter().all(|entry| entry.is_finite()))
        .ok_or(CertificateError::NotIsolated { period })?;
    let moved = apply(&inverse, &equations.value(&exact));
    let size = middle.iter().fold(1.0f64, |size, x| size.max(x.abs()));
    let first = moved.iter().fold(4.0 * f64::EPSILON * size, |radius, step| radius.max(2.0 * step.largest()));
    let mut radius = first;
    for _ in 0..BOXES {
        let unique: Vec<Interval> = middle.iter().map(|&x| Interval::around(x, radius)).collect();
        let image = equations.krawczyk(&middle, &moved, &inverse, &unique);
        // The whole line lies inside itself, and proves nothing.
        if image.iter().zip(&unique).all(|(image, side)| side.is_bounded() && image.is_inside(side)) {
            let mut narrow = image;
            for _ in 0..CONTRACTIONS {
                let again = equations.krawczyk(&middle, &moved, &inverse, &narrow);
                // The zero is in both, so that they meet.
                narrow = narrow.iter().zip(&again).map(|(a, b)| a.intersection(b).unwrap_or(*a)).collect();
            }
            let rows = |all: Vec<Interval>| all.chunks(dim).map(<[Interval]>::to_vec).collect();
            return Ok(Solved { points: rows(narrow), unique: rows(unique) });
        }
        radius *= 10.0;
    }
    Err(CertificateError::NotContracting { period, low: h.low(), high: h.high(), radius: radius / 10.0 })
}

impl<M: Map> Equations<'_, M> {
    /// x̄ - C·F(x̄) + (1 - C·DF(X))(X - x̄), given C·F(x̄).
    fn krawczyk(
        &self,
        middle: &[f64],
        moved: &[Interval],
        inverse: &DMatrix<f64>,
        sides: &[Interval],
    ) -> Vec<Interval> {
        let n = middle.len();
        let jacobian = self.jacobian(sides);
        let off: Vec<Interval> = sides.iter().zip(middle).map(|(&side, &x)| side - x).collect();
        (0..n)
            .map(|i| {
                let mut sum = Interval::from(middle[i]) - moved[i];
                for j in 0..n {
                    let mut entry = Interval::from(if i == j { 1.0 } else { 0.0 });
                    for k in 0..n {
                        // Most entries of DF are 0.
                        if jacobian[k * n + j] != Interval::from(0.0) {
                            entry -= jacobian[k * n + j] * inverse[(i, k)];
                        }
                    }
                    sum += entry * off[j];
                }
                sum
            })
            .collect()
    }

    /// Φ(xₖ) - xₖ₊₁, one after another.
    fn value(&self, x: &[Interval]) -> Vec<Interval> {
        let mut all = vec![Interval::from(0.0); x.len()];
        for (k, next) in all.chunks_mut(self.dim).enumerate() {
            self.map.step(self.h, &x[k * self.dim..(k + 1) * self.dim], next);
            let after = (k + 1) % self.period * self.dim;
            next.iter_mut().zip(&x[after..]).for_each(|(next, &x)| *next -= x);
        }
        all
    }

    /// The derivative, row by row: DΦ(xₖ) in block (k, k), -1 in block (k, k + 1).
    fn jacobian(&self, x: &[Interval]) -> Vec<Interval> {
        let (d, n) = (self.dim, x.len());
        let mut all = vec![Interval::from(0.0); n * n];
        for k in 0..self.period {
            let block = slopes(self.map, self.h, &x[k * d..(k + 1) * d]);
            let after = (k + 1) % self.period;
            for i in 0..d {
                for j in 0..d {
                    all[(k * d + i) * n + k * d + j] += block[i * d + j];
                }
                all[(k * d + i) * n + after * d + i] -= Interval::from(1.0);
            }
        }
        all
    }
}

/// DΦ on a box, row by row.
pub(super) fn slopes<M: Map>(map: &M, h: Interval, x: &[Interval]) -> Vec<Interval> {
    let d = x.len();
    let mut point: Vec<Dual<Interval>> = x.iter().map(|&x| Dual::constant(x)).collect();
    let mut next = vec![Dual::constant(Interval::ALL); d];
    let mut block = vec![Interval::ALL; d * d];
    for column in 0..d {
        point[column].slope = Interval::from(1.0);
        map.step(Dual::constant(h), &point, &mut next);
        point[column].slope = Interval::from(0.0);
        for (row, next) in next.iter().enumerate() {
            // A value that is not bounded has no derivative to speak of.
            block[row * d + column] = if next.value.is_bounded() { next.slope } else { Interval::ALL };
        }
    }
    block
}

fn apply(matrix: &DMatrix<f64>, vector: &[Interval]) -> Vec<Interval> {
    (0..vector.len())
        .map(|i| vector.iter().enumerate().fold(Interval::from(0.0), |sum, (j, &x)| sum + x * matrix[(i, j)]))
        .collect()
}
