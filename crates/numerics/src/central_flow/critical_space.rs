//! What holds the eigenvalues at the edge: third derivatives in their space.

use nalgebra::DMatrix;

use crate::Objective;
use crate::complementarity::{Solution, matrix, pairs, smallest_solution, solve, vector, weight};
use crate::directional::{Along, combined, dot, third};

/// The space of some orthonormal directions u₁ … u_k at a point, with the derivatives of the k×k matrix UᵀHU
/// that moving the point has.
///
/// A velocity v changes it by A(v)ᵢⱼ = D³L(uᵢ, uⱼ, v); to the turning of eigenvectors among themselves the
/// matrix owes nothing, as long as their eigenvalues are equal. The adjoint A*(X) = Σ Xᵢⱼ D³L(uᵢ, uⱼ, ·) is twice what
/// oscillations of covariance UXUᵀ add to the mean gradient.
pub(super) struct CriticalSpace {
    pub(super) gradient: Vec<f64>,
    /// D³L(uᵢ, uⱼ, ·) for i ≤ j in the order of [`pairs`], times the weights of its vectors.
    slopes: Vec<Vec<f64>>,
    k: usize,
}

impl CriticalSpace {
    pub(super) fn at<V: Objective>(objective: &V, x: &[f64], directions: &[Vec<f64>]) -> CriticalSpace {
        let mut gradient = Vec::new();
        let mut slopes = Vec::new();
        for (i, j) in pairs(directions.len()) {
            if i == j {
                let along = Along::at(objective, x, &directions[i]);
                gradient = along.gradient;
                slopes.push(along.third);
            } else {
                let mut slope = third(objective, x, &directions[i], &directions[j]);
                slope.iter_mut().for_each(|entry| *entry *= weight(i, j));
                slopes.push(slope);
            }
        }
        CriticalSpace { gradient, slopes, k: directions.len() }
    }

    /// X ⪰ 0 with A(v) ⪯ `slack` for v = -(∇L + ½A*(X)), and X orthogonal to what is left of the slack: nothing
    /// oscillates where the eigenvalues may still rise.
    pub(super) fn covariance(&self, slack: &DMatrix<f64>) -> Option<Solution> {
        let rises: Vec<f64> = self.slopes.iter().map(|slope| -dot(slope, &self.gradient)).collect();
        let needed = slack - matrix(&rises.into(), self.k);
        solve(&(self.products() * 0.5), &needed)
    }

    /// A*(X).
    pub(super) fn push(&self, x: &DMatrix<f64>) -> Vec<f64> {
        self.along(vector(x).as_slice())
    }

    /// The smallest displacement that changes UᵀHU by `change`, to first order, or comes closest.
    pub(super) fn displacement(&self, change: &DMatrix<f64>) -> Vec<f64> {
        self.along(smallest_solution(&self.products(), &vector(change)).as_slice())
    }

    fn along(&self, shares: &[f64]) -> Vec<f64> {
        combined(self.gradient.len(), shares, &self.slopes)
    }

    /// The matrix of AA*.
    fn products(&self) -> DMatrix<f64> {
        let n = self.slopes.len();
        DMatrix::from_fn(n, n, |a, b| dot(&self.slopes[a], &self.slopes[b]))
    }
}
