//! V = ½|A - XYᵀ|², a matrix factored into two.

use nalgebra::DMatrix;

use crate::error::{InputError, check_dimension, check_finite, check_order};
use crate::{Objective, Scalar};

/// V = ½|A - XYᵀ|² (Frobenius norm) for an m×n matrix A, with X of m×r and Y of n×r numbers.
///
/// Its (m + n)r variables are the rows of X, then the rows of Y. With m = n = r = 1 it is
/// [`ScalarFactorization`](super::ScalarFactorization).
///
/// ```
/// use shadowflow_numerics::{Objective, problems::MatrixFactorization};
/// let problem = MatrixFactorization::new(&[vec![2.0, 0.0], vec![0.0, 1.0]], 2)?;
/// // X = A, Y = I is a minimizer; its sharpness is |X|₂² + |Y|₂² = 4 + 1.
/// let minimizer = problem.point(&[vec![2.0, 0.0], vec![0.0, 1.0]], &[vec![1.0, 0.0], vec![0.0, 1.0]])?;
/// assert_eq!(problem.value(&minimizer), 0.0);
/// assert!((problem.norms(&minimizer)? - 5.0).abs() < 1e-14);
/// // Shapes that do not fit are refused.
/// assert!(problem.point(&[vec![2.0, 0.0]], &[vec![1.0, 0.0], vec![0.0, 1.0]]).is_err());
/// # Ok::<(), shadowflow_numerics::InputError>(())
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct MatrixFactorization {
    target: DMatrix<f64>,
    rank: usize,
}

impl MatrixFactorization {
    /// Of the matrix A with the given rows, into factors of `rank` = r columns.
    ///
    /// # Errors
    /// If A is empty, its rows differ in length, a number is not finite, or r = 0.
    pub fn new(rows: &[Vec<f64>], rank: usize) -> Result<MatrixFactorization, InputError> {
        check_order("the number of columns of the factors", rank, 1, 1 << 20)?;
        let target = matrix("the matrix A", "a row of the matrix A", rows, rows.len(), None)?;
        Ok(MatrixFactorization { target, rank })
    }

    /// Of the m×n matrix with these singular values on its diagonal and 0 elsewhere, for the shape (m, r, n): X is m×r, Y n×r.
    /// Any other matrix with these singular values is this one in other orthonormal bases, which change nothing.
    ///
    /// # Errors
    /// If m, r or n is 0, there are more values than the smaller of m and n, or one is negative or not finite.
    pub fn diagonal(
        (m, r, n): (usize, usize, usize),
        singular_values: &[f64],
    ) -> Result<MatrixFactorization, InputError> {
        const MOST: usize = 1 << 12;
        check_order("the number of rows of A", m, 1, MOST)?;
        check_order("the number of columns of A", n, 1, MOST)?;
        check_order("the number of singular values", singular_values.len(), 1, m.min(n))?;
        check_finite("the singular values", singular_values)?;
        if let Some(&value) = singular_values.iter().find(|value| **value < 0.0) {
            return Err(InputError::Number { what: "a singular value", value, expected: "0 or more" });
        }
        let entry = |i: usize, j: usize| if i == j { singular_values.get(i).copied() } else { None };
        let row = |i: usize| (0..n).map(|j| entry(i, j).unwrap_or(0.0)).collect();
        MatrixFactorization::new(&(0..m).map(row).collect::<Vec<_>>(), r)
    }

    /// The numbers m, n and r: A is m×n, X is m×r, Y is n×r.
    pub fn shape(&self) -> (usize, usize, usize) {
        (self.target.nrows(), self.target.ncols(), self.rank)
    }

    /// |A|, the Frobenius norm.
    pub fn size(&self) -> f64 {
        self.target.norm()
    }

    /// X and Y, given by their rows, as one vector of variables.
    ///
    /// # Errors
    /// If X is not m×r, Y not n×r, or a number is not finite.
    pub fn point(&self, x: &[Vec<f64>], y: &[Vec<f64>]) -> Result<Vec<f64>, InputError> {
        let (m, n, r) = self.shape();
        matrix("the factor X", "a row of the factor X", x, m, Some(r))?;
        matrix("the factor Y", "a row of the factor Y", y, n, Some(r))?;
        Ok(x.iter().chain(y).flatten().copied().collect())
    }

    /// |A - XYᵀ|.
    ///
    /// # Errors
    /// If the number of variables is wrong.
    pub fn distance(&self, point: &[f64]) -> Result<f64, InputError> {
        let (x, y) = self.factors(point)?;
        Ok(self.error(&x, &y).norm())
    }

    /// |X|² - |Y|², constant along the gradient flow.
    ///
    /// # Errors
    /// If the number of variables is wrong.
    pub fn imbalance(&self, point: &[f64]) -> Result<f64, InputError> {
        let (x, y) = self.factors(point)?;
        Ok(x.norm_squared() - y.norm_squared())
    }

    /// |XᵀX - YᵀY|, constant along the gradient flow, as XᵀX - YᵀY itself is; 0 for balanced factors. The
    /// matrix has the trace |X|² - |Y|².
    ///
    /// # Errors
    /// If the number of variables is wrong.
    pub fn imbalance_of_matrices(&self, point: &[f64]) -> Result<f64, InputError> {
        let (x, y) = self.factors(point)?;
        Ok((x.tr_mul(&x) - y.tr_mul(&y)).norm())
    }

    /// What a step of gradient descent with learning rate h adds to |X|² - |Y|²: h²(|EY|² - |EᵀX|²), E = A -
    /// XYᵀ, exactly. The terms in h, 2h⟨X, EY⟩ and 2h⟨Y, EᵀX⟩, cancel.
    ///
    /// # Errors
    /// If the number of variables is wrong.
    pub fn drift(&self, point: &[f64], h: f64) -> Result<f64, InputError> {
        let (x, y) = self.factors(point)?;
        let error = self.error(&x, &y);
        Ok(h * h * ((&error * y).norm_squared() - error.tr_mul(&x).norm_squared()))
    }

    /// |X|₂² + |Y|₂², squares of the largest singular values. Where XYᵀ = A it is the sharpness (Wang, Chen,
    /// Zhao & Tao 2022): the Hessian is MᵀM with M(dX, dY) = dX Yᵀ + X dYᵀ, and MMᵀ Z = Z YYᵀ + XXᵀ Z has as
    /// its eigenvalues the sums of one of XXᵀ and one of YYᵀ.
    ///
    /// # Errors
    /// If the number of variables is wrong or one is not finite.
    pub fn norms(&self, point: &[f64]) -> Result<f64, InputError> {
        check_finite("the point", point)?;
        let (x, y) = self.factors(point)?;
        Ok(x.singular_values().max().powi(2) + y.singular_values().max().powi(2))
    }

    /// The sharpness 2|A|₂ of balanced minimizers with XYᵀ = A, the least of all:
    /// |X|₂² + |Y|₂² ≥ 2|X|₂|Y|₂ ≥ 2|XYᵀ|₂.
    pub fn least_sharpness(&self) -> f64 {
        2.0 * self.target.singular_values().max()
    }

    fn factors(&self, point: &[f64]) -> Result<(DMatrix<f64>, DMatrix<f64>), InputError> {
        check_dimension("the point (X, Y)", self.variables(), point)?;
        let (m, n, r) = self.shape();
        let (x, y) = point.split_at(m * r);
        Ok((DMatrix::from_row_slice(m, r, x), DMatrix::from_row_slice(n, r, y)))
    }

    /// E = A - XYᵀ.
    fn error(&self, x: &DMatrix<f64>, y: &DMatrix<f64>) -> DMatrix<f64> {
        &self.target - x * y.transpose()
    }

    /// (XYᵀ - A)ᵢⱼ.
    fn residual<S: Scalar>(&self, point: &[S], i: usize, j: usize) -> S {
        let (m, _, r) = self.shape();
        let (x, y) = (&point[i * r..], &point[(m + j) * r..]);
        let product = x[..r].iter().zip(&y[..r]).fold(S::from(0.0), |sum, (&x, &y)| sum + x * y);
        product - self.target[(i, j)]
    }
}

/// The matrix with the given rows, `height` of them, each of `width` numbers, or as many as the first has.
fn matrix(
    what: &'static str,
    row_of: &'static str,
    rows: &[Vec<f64>],
    height: usize,
    width: Option<usize>,
) -> Result<DMatrix<f64>, InputError> {
    if rows.len() != height {
        return Err(InputError::Rows { what, expected: height, found: rows.len() });
    }
    let width = width.unwrap_or_else(|| rows.first().map_or(0, Vec::len));
    check_order("the number of entries of a matrix", height.saturating_mul(width), 1, usize::MAX)?;
    for row in rows {
        check_dimension(row_of, width, row)?;
        check_finite(row_of, row)?;
    }
    Ok(DMatrix::from_fn(height, width, |i, j| rows[i][j]))
}

impl Objective for MatrixFactorization {
    fn variables(&self) -> usize {
        let (m, n, r) = self.shape();
        (m + n) * r
    }

    fn value<S: Scalar>(&self, point: &[S]) -> S {
        let (m, n, _) = self.shape();
        let mut sum = S::from(0.0);
        for i in 0..m {
            for j in 0..n {
                let residual = self.residual(point, i, j);
                sum += residual * residual;
            }
        }
        sum * 0.5
    }

    fn gradient<S: Scalar>(&self, point: &[S], out: &mut [S]) {
        let (m, n, r) = self.shape();
        out.fill(S::from(0.0));
        for i in 0..m {
            for j in 0..n {
                let residual = self.residual(point, i, j);
                for k in 0..r {
                    out[i * r + k] += residual * point[(m + j) * r + k];
                    out[(m + j) * r + k] += residual * point[i * r + k];
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::objective::check::derivatives_agree;
    use crate::problems::ScalarFactorization;
    use crate::{Curvature, GradientFlow, Sharpness, flow};
    use proptest::prelude::*;

    fn tall() -> MatrixFactorization {
        MatrixFactorization::new(&[vec![1.0, 0.5], vec![-0.3, 2.0], vec![0.7, -1.1]], 2).unwrap()
    }

    proptest! {
        #[test]
        fn the_drift_of_a_step_is_exact(point in prop::collection::vec(-2.0..2.0f64, 10), h in 0.01..1.0f64) {
            let problem = tall();
            let mut gradient = vec![0.0; 10];
            problem.gradient(&point, &mut gradient);
            let next: Vec<f64> = point.iter().zip(&gradient).map(|(x, g)| x - h * g).collect();
            let (before, after) = (problem.imbalance(&point).unwrap(), problem.imbalance(&next).unwrap());
            // Rounding of squares that sum to at most some thousands.
            let size = 1.0 + next.iter().map(|x| x * x).sum::<f64>();
            prop_assert!((after - before - problem.drift(&point, h).unwrap()).abs() < 1e-13 * size);
        }

        /// The whole spectrum as the oracle, at minimizers X, Y = X⁺A with any X of full rank: here X
        /// invertible and square.
        #[test]
        fn the_sharpness_of_a_minimizer_is_the_sum_of_squared_norms(
            x in prop::collection::vec(-2.0..2.0f64, 4), y in prop::collection::vec(-2.0..2.0f64, 6),
        ) {
            let (x, y) = (DMatrix::from_row_slice(2, 2, &x), DMatrix::from_row_slice(3, 2, &y));
            let rows = |m: &DMatrix<f64>| -> Vec<Vec<f64>> {
                m.row_iter().map(|row| row.iter().copied().collect()).collect()
            };
            let problem = MatrixFactorization::new(&rows(&(&x * y.transpose())), 2).unwrap();
            let point = problem.point(&rows(&x), &rows(&y)).unwrap();
            prop_assert!(problem.distance(&point).unwrap() < 1e-14);
            let norms = problem.norms(&point).unwrap();
            let spectrum = Curvature::at(&problem, &point).unwrap();
            prop_assert!((norms - spectrum.sharpness()).abs() < 1e-12, "{norms}");
            prop_assert!((norms - Sharpness::at(&problem, &point).unwrap().value()).abs() < 1e-9);
            prop_assert!(norms >= problem.least_sharpness() - 1e-12);
        }
    }

    #[test]
    fn derivatives_and_the_scalar_case() {
        derivatives_agree(&tall(), &[0.3, -1.0, 0.8, 0.1, 1.4, -0.6, 0.9, 0.2, -0.7, 1.1]);
        let wide = MatrixFactorization::new(&[vec![1.0, -2.0, 0.5]], 1).unwrap();
        derivatives_agree(&wide, &[0.7, 1.0, 0.2, -0.4]);
        let (scalar, known) =
            (MatrixFactorization::new(&[vec![1.5]], 1).unwrap(), ScalarFactorization { target: 1.5 });
        assert_eq!(scalar.value(&[2.0, 0.3]), known.value(&[2.0, 0.3]));
        assert_eq!(scalar.least_sharpness(), 3.0);
    }

    #[test]
    fn diagonal_targets_have_their_singular_values() {
        let problem = MatrixFactorization::diagonal((2, 4, 3), &[3.0, 0.5]).unwrap();
        assert_eq!((problem.shape(), problem.least_sharpness()), ((2, 3, 4), 6.0));
        assert!((problem.size() - 9.25f64.sqrt()).abs() < 1e-15);
        for (shape, values) in [
            ((2, 1, 2), &[1.0, 1.0, 1.0][..]),
            ((0, 1, 1), &[1.0]),
            ((1, 1, 1), &[-1.0]),
            ((1, 1, 1), &[f64::NAN]),
        ] {
            assert!(MatrixFactorization::diagonal(shape, values).is_err(), "{shape:?} {values:?}");
        }
        assert!(MatrixFactorization::diagonal((2, 0, 2), &[1.0]).is_err());
    }

    #[test]
    fn the_flow_keeps_the_balance() {
        let (problem, start) = (tall(), [0.3, -1.0, 0.8, 0.1, 1.4, -0.6, 0.9, 0.2, -0.7, 1.1]);
        let end = flow(&GradientFlow(&problem), &start, 5.0).unwrap();
        // The accuracy of the reference flow.
        for invariant in [MatrixFactorization::imbalance, MatrixFactorization::imbalance_of_matrices] {
            let change = invariant(&problem, &end).unwrap() - invariant(&problem, &start).unwrap();
            assert!(change.abs() < 1e-12, "{change:e}");
        }
        assert!(problem.value(&end) < 0.1 * problem.value(&start));
    }

    #[test]
    fn shapes_that_do_not_conform_are_refused() {
        let refused = |rows: &[Vec<f64>], r| MatrixFactorization::new(rows, r).unwrap_err();
        assert!(matches!(refused(&[], 1), InputError::Order { .. }));
        assert!(matches!(refused(&[vec![]], 1), InputError::Order { .. }));
        assert!(matches!(refused(&[vec![1.0], vec![1.0, 2.0]], 1), InputError::Dimension { .. }));
        assert!(matches!(refused(&[vec![f64::NAN]], 1), InputError::NotFinite { .. }));
        assert!(matches!(refused(&[vec![1.0]], 0), InputError::Order { .. }));
        let problem = tall();
        let (two, three) = (vec![vec![1.0, 2.0]; 2], vec![vec![1.0, 2.0]; 3]);
        assert!(problem.point(&three, &two).is_ok());
        let error = problem.point(&two, &two).unwrap_err();
        assert_eq!(error.to_string(), "the factor X has 2 rows, expected 3");
        assert!(matches!(problem.point(&three, &[vec![1.0], vec![1.0]]), Err(InputError::Dimension { .. })));
        assert!(matches!(problem.imbalance(&[1.0]), Err(InputError::Dimension { .. })));
    }
}
