//! How far doubles tell a multiplier from 1 and from the unit circle.

use nalgebra::DMatrix;
use num_complex::Complex64;

use super::{NEUTRAL, SAME, size};
use crate::{Map, Tangent};

/// Rounding errors of a derivative, in units of the last digit, at the most.
const UNITS: f64 = 1e3;

/// Π max(1, |DΦ(xₖ)|), by which rounding along the orbit is magnified at the most.
fn growth(tangents: &[Tangent]) -> f64 {
    let norm = |tangent: &Tangent| tangent.jacobian().iter().map(|x| x * x).sum::<f64>().sqrt();
    tangents.iter().map(|tangent| norm(tangent).max(1.0)).product()
}

/// How far rounding of DΦᵖ may have moved each of its eigenvalues, at the most [`NEUTRAL`].
///
/// An eigenvalue at the distance g from its neighbour moves by at most the perturbation times (1 + |N|/g)ᵈ⁻¹, where N is what
/// departs from a normal matrix (Henrici 1962); a multiple of the identity is normal, so that D less the mean of its diagonal
/// bounds N.
pub(super) fn margins(whole: &DMatrix<f64>, tangents: &[Tangent], multipliers: &[Complex64]) -> Vec<f64> {
    let d = whole.nrows();
    let rounding = UNITS * f64::EPSILON * growth(tangents);
    let departure = (whole - DMatrix::identity(d, d) * (whole.trace() / d as f64)).norm();
    let margin = |k: usize| {
        let others = (0..d).filter(|&j| j != k);
        let gap = others.map(|j| (multipliers[k] - multipliers[j]).norm()).fold(f64::INFINITY, f64::min);
        let moved = match departure {
            0.0 => rounding,
            departure => rounding * (1.0 + departure / gap).powi(d as i32 - 1),
        };
        if moved <= NEUTRAL { moved } else { NEUTRAL }
    };
    (0..d).map(margin).collect()
}

/// Whether no multiplier is 1, as far as doubles tell.
///
/// One nearer to 1 than [`NEUTRAL`], as all are for small learning rates, is told from it where Φᵖ - 1 is invertible by more than
/// the rounding of derivatives, determines the points to 7 digits, and changes little within those.
pub(super) fn tells_from_one<M: Map>(
    map: &M,
    h: f64,
    points: &[Vec<f64>],
    tangents: &[Tangent],
    whole: &DMatrix<f64>,
    multipliers: &[Complex64],
) -> bool {
    if multipliers.iter().all(|multiplier| (multiplier - 1.0).norm() > NEUTRAL) {
        return true;
    }
    let d = whole.nrows();
    let parts = (whole - DMatrix::identity(d, d)).svd(false, true);
    let Some(directions) = parts.v_t else { return false };
    let least = parts.singular_values[d - 1];
    let reach = 4.0 * f64::EPSILON * growth(tangents) * size(points) / least;
    // NaN and infinity are no reach either.
    if !(reach <= SAME * size(points) && least > UNITS * f64::EPSILON * growth(tangents)) {
        return false;
    }
    // The points may lie anywhere within the reach along the direction that is determined least.
    let mut along: nalgebra::DVector<f64> = directions.row(d - 1).transpose() * reach;
    let mut moved = DMatrix::identity(d, d);
    for (x, tangent) in points.iter().zip(tangents) {
        let there: Vec<f64> = x.iter().zip(along.iter()).map(|(x, along)| x + along).collect();
        moved = Tangent::of(map, h, &there).matrix() * moved;
        along = tangent.matrix() * along;
    }
    (moved - whole).norm() < 0.5 * least
}
