//! Linear complementarity between positive semidefinite matrices.
//!
//! Given a linear map Q of symmetric k×k matrices, itself symmetric and positive semidefinite, and a symmetric
//! C, find X ⪰ 0 with W = QX + C ⪰ 0 and ⟨X, W⟩ = 0, hence XW = 0. These are the conditions of Karush, Kuhn
//! and Tucker for the least ½⟨X, QX⟩ + ⟨C, X⟩ over X ⪰ 0, a convex problem.
//!
//! Where X = 0, k = 1, or W = 0 solves it, that is found directly. Otherwise a primal-dual interior-point method
//! comes close, with predictor and corrector (Mehrotra 1992) in the direction of Helmberg, Rendl, Vanderbei &
//! Wolkowicz 1996, *An interior-point method for semidefinite programming*, and Newton's method for X = (X - W)₊, the
//! positive part, gives the last digits also where X and W share a direction of eigenvalues 0.

use nalgebra::{Cholesky, DMatrix, DVector, SymmetricEigen};

/// Rounds of the interior-point method; it takes some fifteen.
const MOST_ROUNDS: usize = 80;

/// The complementarity ⟨X, W⟩/k, where Q and C have the size 1, at which it ends: rounding.
const GAP: f64 = 1e-15;

/// What W may lack of being positive semidefinite, and ⟨X, W⟩ of 0 for X of size 1, in what is taken for a
/// solution.
const ACCEPTED: f64 = 1e-7;

/// Steps of Newton's method at the end; two or three do.
const MOST_POLISHING: usize = 12;

/// Eigenvalues of X - W this small, relatively, are 0.
const ZERO: f64 = 1e-12;

/// Added to Q: of many solutions it picks about the smallest.
const REGULARISATION: f64 = 1e-13;

/// Eigenvalues of Q this small, relatively, are 0.
const SINGULAR: f64 = 1e-11;

/// Symmetric matrices as vectors of length k(k+1)/2 with the same inner product: entries on and above the
/// diagonal, row by row, those above it times √2.
pub(crate) fn vector(matrix: &DMatrix<f64>) -> DVector<f64> {
    let pairs = pairs(matrix.nrows());
    DVector::from_iterator(pairs.len(), pairs.iter().map(|&(i, j)| matrix[(i, j)] * weight(i, j)))
}

/// The matrix of such a vector.
pub(crate) fn matrix(vector: &DVector<f64>, k: usize) -> DMatrix<f64> {
    let mut out = DMatrix::zeros(k, k);
    for (&(i, j), entry) in pairs(k).iter().zip(vector.iter()) {
        out[(i, j)] = entry / weight(i, j);
        out[(j, i)] = out[(i, j)];
    }
    out
}

/// The places (i, j) on and above the diagonal, row by row.
pub(crate) fn pairs(k: usize) -> Vec<(usize, usize)> {
    (0..k).flat_map(|i| (i..k).map(move |j| (i, j))).collect()
}

/// By what the entry (i, j) is multiplied in a vector.
pub(crate) fn weight(i: usize, j: usize) -> f64 {
    if i == j { 1.0 } else { std::f64::consts::SQRT_2 }
}

/// A solution: X, and its rank.
#[derive(Clone, Debug)]
pub(crate) struct Solution {
    pub(crate) x: DMatrix<f64>,
    pub(crate) rank: usize,
}

/// X ⪰ 0 with QX + C ⪰ 0 and ⟨X, QX + C⟩ = 0, Q and C in the coordinates of [`vector`]. `None` if there is
/// none as far as double precision tells: Q must be positive semidefinite, and ⟨C, X⟩ ≥ 0 where QX = 0, X ⪰ 0.
///
/// Where several X are solutions, they share QX, and which of them is given is not specified.
pub(crate) fn solve(q: &DMatrix<f64>, c: &DMatrix<f64>) -> Option<Solution> {
    let k = c.nrows();
    let (largest, size) = (q.amax(), c.amax());
    if !largest.is_finite() || !size.is_finite() {
        return None;
    }
    if size == 0.0 || least(c) >= 0.0 {
        return Some(Solution { x: DMatrix::zeros(k, k), rank: 0 });
    }
    if largest == 0.0 {
        return None;
    }
    if k == 1 {
        return Some(Solution { x: DMatrix::from_element(1, 1, -c[(0, 0)] / q[(0, 0)]), rank: 1 });
    }
    let (q, c) = (q / largest, c / size);
    let solution = without_slack(&q, &c).or_else(|| polished(&q, &c, interior(&q, &c)?))?;
    Some(Solution { x: solution.x * (size / largest), rank: solution.rank })
}

fn least(matrix: &DMatrix<f64>) -> f64 {
    SymmetricEigen::new(matrix.clone()).eigenvalues.min()
}

/// The smallest solution of QX = -C, if there is one and it is positive definite.
fn without_slack(q: &DMatrix<f64>, c: &DMatrix<f64>) -> Option<Solution> {
    let k = c.nrows();
    let c = vector(c);
    let x = smallest_solution(q, &(-&c));
    let rest = (q * &x + &c).amax();
    let x = matrix(&x, k);
    let is_solution = rest <= 1e-12 * (1.0 + x.amax()) && least(&x) > 1e-12 * x.amax();
    is_solution.then_some(Solution { x, rank: k })
}

/// The x of least norm with |Qx - b| least, for symmetric positive semidefinite Q.
pub(crate) fn smallest_solution(q: &DMatrix<f64>, b: &DVector<f64>) -> DVector<f64> {
    let eigen = SymmetricEigen::new(q.clone());
    let cut = SINGULAR * eigen.eigenvalues.amax();
    let mut share = eigen.eigenvectors.tr_mul(b);
    for (share, eigenvalue) in share.iter_mut().zip(eigen.eigenvalues.iter()) {
        *share = if *eigenvalue > cut { *share / eigenvalue } else { 0.0 };
    }
    &eigen.eigenvectors * share
}

/// The interior-point method, from X = W = I.
fn interior(q: &DMatrix<f64>, c: &DMatrix<f64>) -> Option<DMatrix<f64>> {
    let k = c.nrows();
    let n = q.nrows();
    let q = q + DMatrix::identity(n, n) * REGULARISATION;
    let c = vector(c);
    let (mut x, mut w) = (DMatrix::identity(k, k), DMatrix::identity(k, k));
    let mut best: Option<(f64, DMatrix<f64>)> = None;
    for _ in 0..MOST_ROUNDS {
        let rest = &q * vector(&x) + &c - vector(&w);
        let gap = x.dot(&w) / k as f64;
        let measure = gap.max(rest.amax());
        if best.as_ref().is_none_or(|(least, _)| measure < *least) {
            best = Some((measure, x.clone()));
        }
        let Some(inverse) = Cholesky::new(w.clone()).map(|factor| factor.inverse()) else { break };
        if measure <= GAP {
            break;
        }
        // ΔX + E ΔW = target with ΔW = QΔX + rest, where E Y is the symmetric part of X Y W⁻¹.
        let symmetric = |m: DMatrix<f64>| (&m + m.transpose()) * 0.5;
        let mut e = DMatrix::zeros(n, n);
        for column in 0..n {
            let mut unit = DVector::zeros(n);
            unit[column] = 1.0;
            e.set_column(column, &vector(&symmetric(&x * matrix(&unit, k) * &inverse)));
        }
        let system = (DMatrix::identity(n, n) + &e * &q).lu();
        let step = |target: &DMatrix<f64>| -> Option<(DMatrix<f64>, DMatrix<f64>)> {
            let dx = system.solve(&(vector(target) - &e * &rest))?;
            let dw = &q * &dx + &rest;
            Some((matrix(&dx, k), matrix(&dw, k)))
        };
        let Some((dx, dw)) = step(&(-&x)) else { break };
        let reach = longest(&x, &dx).min(longest(&w, &dw)).min(1.0);
        let foretold = (&x + &dx * reach).dot(&(&w + &dw * reach)) / k as f64;
        let centre = (foretold / gap).clamp(0.0, 1.0).powi(3) * gap;
        let target = &inverse * centre - &x - symmetric(&dx * &dw * &inverse);
        let Some((dx, dw)) = step(&target) else { break };
        let reach = (0.98 * longest(&x, &dx).min(longest(&w, &dw))).min(1.0);
        if reach.is_nan() || reach <= 1e-10 {
            break;
        }
        x += dx * reach;
        w += dw * reach;
    }
    best.map(|(_, x)| x)
}

/// How far one may go along `step` before a positive definite matrix is no longer so; 0 if it is not.
fn longest(from: &DMatrix<f64>, step: &DMatrix<f64>) -> f64 {
    let Some(factor) = Cholesky::new(from.clone()) else { return 0.0 };
    let Some(half) = factor.l().solve_lower_triangular(step) else { return 0.0 };
    let Some(scaled) = factor.l().solve_lower_triangular(&half.transpose()) else { return 0.0 };
    let least = least(&((&scaled + scaled.transpose()) * 0.5));
    if least < 0.0 { -1.0 / least } else { f64::INFINITY }
}

/// Newton's method for X = (X - W)₊ from nearby, whose solutions are those of the problem; the positive part is
/// strongly semismooth (Sun & Sun 2002, *Semismooth matrix-valued functions*). `None` if it does not end in one.
fn polished(q: &DMatrix<f64>, c: &DMatrix<f64>, mut x: DMatrix<f64>) -> Option<Solution> {
    let (k, n) = (c.nrows(), q.nrows());
    let image = |x: &DMatrix<f64>| matrix(&(q * vector(x)), k) + c;
    let mut best: Option<(f64, Solution)> = None;
    for _ in 0..MOST_POLISHING {
        let eigen = SymmetricEigen::new(&x - image(&x));
        let (values, basis) = (&eigen.eigenvalues, &eigen.eigenvectors);
        let cut = ZERO * values.amax();
        let (mut part, mut rank) = (DMatrix::zeros(k, k), 0);
        for i in (0..k).filter(|&i| values[i] > cut) {
            part += basis.column(i) * basis.column(i).transpose() * values[i];
            rank += 1;
        }
        let rest = &x - &part;
        let size = rest.amax();
        if best.as_ref().is_some_and(|(least, _)| size >= *least) {
            break;
        }
        best = Some((size, Solution { x: part, rank }));
        // The derivative of the positive part in the basis of eigenvectors: divided differences of max(·, 0).
        let share = |i: usize, j: usize| match (values[i] > cut, values[j] > cut) {
            (true, true) => 1.0,
            (false, false) => 0.0,
            _ => (values[i].max(0.0) - values[j].max(0.0)) / (values[i] - values[j]),
        };
        let shares = DMatrix::from_fn(k, k, share);
        let mut derivative = DMatrix::zeros(n, n);
        for column in 0..n {
            let mut unit = DVector::zeros(n);
            unit[column] = 1.0;
            let inside = (basis.tr_mul(&matrix(&unit, k)) * basis).component_mul(&shares);
            derivative.set_column(column, &vector(&(basis * inside * basis.transpose())));
        }
        let one = DMatrix::identity(n, n);
        let system = &one - &derivative * (&one - q - &one * REGULARISATION);
        let Some(step) = system.lu().solve(&vector(&rest)) else { break };
        x -= matrix(&step, k);
    }
    let (_, solution) = best?;
    let w = image(&solution.x);
    let is_solution =
        least(&w) >= -ACCEPTED && solution.x.dot(&w).abs() <= ACCEPTED * (1.0 + solution.x.amax());
    is_solution.then_some(solution)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn symmetric(entries: &[f64], k: usize) -> DMatrix<f64> {
        matrix(&DVector::from_row_slice(&entries[..k * (k + 1) / 2]), k)
    }

    proptest! {
        /// The three conditions that define a solution.
        #[test]
        fn solutions_are_complementary(
            k in 1..5usize, factor in prop::collection::vec(-1.0..1.0f64, 100),
            entries in prop::collection::vec(-1.0..1.0f64, 10), scale in -3..4i32,
        ) {
            let n = k * (k + 1) / 2;
            let factor = DMatrix::from_row_slice(n, n, &factor[..n * n]);
            let q = factor.tr_mul(&factor) + DMatrix::identity(n, n) * 0.01;
            let c = symmetric(&entries, k) * 10f64.powi(scale);
            let Solution { x, rank } = solve(&q, &c).unwrap();
            let w = matrix(&(&q * vector(&x)), k) + &c;
            // Lost digits: conditions of Q up to 10³.
            let (size_x, size_w) = (1e-300 + x.amax(), c.amax());
            prop_assert!(least(&x) >= -1e-14 * size_x, "{x}");
            prop_assert!(least(&w) >= -1e-12 * size_w, "{w}");
            prop_assert!(x.dot(&w).abs() <= 1e-12 * size_x * size_w, "{} {}", x, w);
            let eigenvalues = SymmetricEigen::new(x.clone()).eigenvalues;
            prop_assert_eq!(eigenvalues.iter().filter(|e| **e > 1e-12 * size_x).count(), rank);
        }

        /// Q = I: X and W are the two parts of -C, by Moreau's decomposition.
        #[test]
        fn of_the_identity_it_is_the_projection(k in 1..6usize, entries in prop::collection::vec(-1.0..1.0f64, 15)) {
            let c = symmetric(&entries, k);
            let n = k * (k + 1) / 2;
            let Solution { x, rank } = solve(&DMatrix::identity(n, n), &c).unwrap();
            let eigen = SymmetricEigen::new(c);
            let mut expected = DMatrix::zeros(k, k);
            for i in 0..k {
                let v = eigen.eigenvectors.column(i);
                expected += v * v.transpose() * (-eigen.eigenvalues[i]).max(0.0);
            }
            prop_assert!((&x - &expected).amax() < 1e-13, "{} {}", x, expected);
            let clear = eigen.eigenvalues.iter().all(|e| e.abs() > 1e-9);
            prop_assert!(!clear || rank == eigen.eigenvalues.iter().filter(|e| **e < 0.0).count());
        }
    }

    #[test]
    fn a_direction_that_neither_needs_does_no_harm() {
        // X = diag(1, 0) and W = 0: no strict complementarity, where interior points alone have half the digits.
        let q = DMatrix::from_row_slice(3, 3, &[1.0, 0.1, 0.3, 0.1, 2.0, 0.2, 0.3, 0.2, 1.5]);
        let expected = DMatrix::from_row_slice(2, 2, &[1.0, 0.0, 0.0, 0.0]);
        let c = -matrix(&(&q * vector(&expected)), 2);
        let found = solve(&q, &c).unwrap().x;
        assert!((&found - &expected).amax() < 1e-12, "{found}");
    }

    #[test]
    fn one_dimension_is_a_quotient() {
        let number = |x: f64| DMatrix::from_element(1, 1, x);
        assert_eq!(solve(&number(4.0), &number(-2.0)).unwrap().x[(0, 0)], 0.5);
        assert_eq!(solve(&number(4.0), &number(2.0)).unwrap().rank, 0);
        assert!(solve(&number(0.0), &number(-1.0)).is_none());
        assert!(solve(&number(f64::NAN), &number(-1.0)).is_none());
    }

    #[test]
    fn what_no_matrix_reaches_has_no_solution() {
        // The first diagonal entry is not moved by Q, and has to.
        let q = DMatrix::from_diagonal(&DVector::from_row_slice(&[0.0, 1.0, 1.0]));
        let c = DMatrix::from_row_slice(2, 2, &[-1.0, 0.0, 0.0, 1.0]);
        assert!(solve(&q, &c).is_none());
        // Where nothing pushes it, it is no matter.
        let c = DMatrix::from_row_slice(2, 2, &[0.0, 0.0, 0.0, -1.0]);
        let x = solve(&q, &c).unwrap().x;
        assert!((x[(1, 1)] - 1.0).abs() < 1e-12, "{x}");
    }
}
