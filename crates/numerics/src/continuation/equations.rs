//! The equations of a branch, and Newton's method on them.

use nalgebra::{DMatrix, DVector};

use crate::periodic::eigenvalues;
use crate::{Map, PeriodicOrbit, Tangent};

/// Newton's steps of a corrector at the most.
const CORRECTIONS: usize = 12;

/// All points of an orbit, and h.
pub(super) fn stacked(orbit: &PeriodicOrbit) -> DVector<f64> {
    let numbers: Vec<f64> = orbit.points().iter().flatten().copied().chain([orbit.h()]).collect();
    DVector::from_vec(numbers)
}

/// The points and h as an orbit, without moving them.
pub(super) fn orbit_at<M: Map>(map: &M, state: &DVector<f64>, d: usize) -> Option<PeriodicOrbit> {
    let n = state.len() - 1;
    let points: Vec<Vec<f64>> = state.as_slice()[..n].chunks(d).map(<[f64]>::to_vec).collect();
    PeriodicOrbit::near(map, state[n], &points).ok().flatten()
}

/// (F, DF) with a column for h.
pub(super) fn equations<M: Map>(map: &M, state: &DVector<f64>, d: usize) -> (DVector<f64>, DMatrix<f64>) {
    let n = state.len() - 1;
    let p = n / d;
    let (mut value, mut matrix) = (DVector::zeros(n), DMatrix::zeros(n, n + 1));
    for k in 0..p {
        let (next, x) = ((k + 1) % p, &state.as_slice()[k * d..(k + 1) * d]);
        let tangent = Tangent::of(map, state[n], x);
        for i in 0..d {
            value[k * d + i] = tangent.image()[i] - state[next * d + i];
            matrix[(k * d + i, next * d + i)] -= 1.0;
            matrix[(k * d + i, n)] = tangent.by_h()[i];
            for j in 0..d {
                matrix[(k * d + i, k * d + j)] += tangent.jacobian()[i * d + j];
            }
        }
    }
    (value, matrix)
}

/// The square matrix with a last row more.
pub(super) fn bordered(matrix: &DMatrix<f64>, row: &DVector<f64>) -> DMatrix<f64> {
    let n = matrix.nrows();
    DMatrix::from_fn(n + 1, n + 1, |i, j| if i < n { matrix[(i, j)] } else { row[j] })
}

/// The point of the branch in the plane through `state` at right angles to `direction`, by Newton's method.
pub(super) fn corrected<M: Map>(
    map: &M,
    state: &DVector<f64>,
    direction: &DVector<f64>,
    d: usize,
) -> Option<DVector<f64>> {
    let n = state.len() - 1;
    let mut point = state.clone();
    for _ in 0..CORRECTIONS {
        let (value, matrix) = equations(map, &point, d);
        let mut right = DVector::zeros(n + 1);
        right.rows_mut(0, n).copy_from(&value);
        right[n] = direction.dot(&(&point - state));
        let step = bordered(&matrix, direction).lu().solve(&right)?;
        if !step.iter().all(|x: &f64| x.is_finite()) {
            return None;
        }
        point -= &step;
        if step.amax() <= 16.0 * f64::EPSILON * (1.0 + point.amax()) {
            return Some(point);
        }
    }
    // Quadratic convergence has ended at rounding well before.
    let (value, _) = equations(map, &point, d);
    (value.amax() <= 1e-11 * (1.0 + point.amax())).then_some(point)
}

/// Whether between two points of a branch the orbit is one of a divisor q of the period: there xₖ₊q - xₖ vanishes for all k and
/// changes its sign, as the branch goes on with its points exchanged.
pub(super) fn passes_divisor(from: &DVector<f64>, to: &DVector<f64>, p: usize, d: usize) -> bool {
    let apart = |state: &DVector<f64>, q: usize| {
        DVector::from_fn(p * d, |k, _| state[(k + q * d) % (p * d)] - state[k])
    };
    (1..p).filter(|q| p.is_multiple_of(*q)).any(|q| {
        let (before, after) = (apart(from, q), apart(to, q));
        before.dot(&after) < -0.5 * before.norm() * after.norm()
    })
}

/// The point between two of a branch, the second of which is beyond it, with exactly this learning rate; `None` if the first has it
/// or none is found so near.
pub(super) fn landed<M: Map>(
    map: &M,
    (from, to): (&DVector<f64>, &DVector<f64>),
    limit: f64,
    near: f64,
    d: usize,
) -> Option<DVector<f64>> {
    let n = from.len() - 1;
    if limit == from[n] {
        return None;
    }
    let mut predicted = from + (to - from) * ((limit - from[n]) / (to[n] - from[n]));
    predicted[n] = limit;
    let mut fixed = DVector::zeros(n + 1);
    fixed[n] = 1.0;
    let mut found = corrected(map, &predicted, &fixed, d)?;
    found[n] = limit;
    ((&found - &predicted).norm() <= near).then_some(found)
}

/// The unit tangent of the branch, pointing along `direction`.
pub(super) fn tangent_of<M: Map>(
    map: &M,
    state: &DVector<f64>,
    d: usize,
    direction: &DVector<f64>,
) -> Option<DVector<f64>> {
    let n = state.len() - 1;
    let (_, matrix) = equations(map, state, d);
    let mut right = DVector::zeros(n + 1);
    right[n] = 1.0;
    let tangent = bordered(&matrix, direction).lu().solve(&right)?;
    let norm = tangent.norm();
    (norm.is_finite() && norm > 0.0).then(|| tangent / norm)
}

/// Test functions that change their signs at a fold or crossing, a flip, and a Neimark–Sacker point. All are simple zeros
/// there: Π(1 - μ) and Π(1 + μ), and of pairs Π(1 - μᵢμⱼ).
pub(super) fn signs<M: Map>(map: &M, state: &DVector<f64>, d: usize) -> [f64; 3] {
    let n = state.len() - 1;
    let whole = state.as_slice()[..n]
        .chunks(d)
        .fold(DMatrix::identity(d, d), |product, x| Tangent::of(map, state[n], x).matrix() * product);
    let identity = DMatrix::<f64>::identity(d, d);
    let pairs = match (d, eigenvalues(whole.clone())) {
        (1, _) | (_, None) => 1.0,
        (_, Some(found)) => {
            let pairs = (0..d).flat_map(|i| (0..i).map(move |j| (i, j)));
            let product: num_complex::Complex64 =
                pairs.map(|(i, j)| num_complex::Complex64::ONE - found[i] * found[j]).product();
            product.re
        }
    };
    [(&identity - &whole).determinant(), (&identity + &whole).determinant(), pairs]
}
