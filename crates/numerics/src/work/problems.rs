//! Problems to minimise besides quadratics.

use crate::error::{InputError, check_dimension, check_finite, check_positive};
use crate::{Objective, Scalar};

/// Regularised logistic regression, mean log(1 + exp(-yᵢ aᵢ·w)) + λ|w|²/2, λ-strongly convex.
#[derive(Clone, Debug, PartialEq)]
pub struct RegularisedLogistic {
    /// yᵢaᵢ.
    rows: Vec<Vec<f64>>,
    lambda: f64,
}

impl RegularisedLogistic {
    /// From signed rows yᵢaᵢ of equal length.
    ///
    /// # Errors
    /// If there are none, lengths differ, a number is not finite, or λ is not positive.
    pub fn new(rows: Vec<Vec<f64>>, lambda: f64) -> Result<RegularisedLogistic, InputError> {
        let d = rows.first().map_or(0, Vec::len);
        crate::error::check_field(d)?;
        for row in &rows {
            check_dimension("a row", d, row)?;
            check_finite("a row", row)?;
        }
        check_positive("lambda", lambda)?;
        Ok(RegularisedLogistic { rows, lambda })
    }

    /// λ, below all curvatures.
    pub fn lambda(&self) -> f64 {
        self.lambda
    }

    /// The same data with another regularisation.
    ///
    /// # Errors
    /// As for [`RegularisedLogistic::new`].
    pub fn with_lambda(&self, lambda: f64) -> Result<RegularisedLogistic, InputError> {
        RegularisedLogistic::new(self.rows.clone(), lambda)
    }
}

impl Objective for RegularisedLogistic {
    fn variables(&self) -> usize {
        self.rows[0].len()
    }

    fn value<S: Scalar>(&self, w: &[S]) -> S {
        let mut sum = S::from(0.0);
        for row in &self.rows {
            let t = row.iter().zip(w).fold(S::from(0.0), |t, (&a, &w)| t + w * a);
            // Margins below some -700 overflow, far from any minimum.
            sum += ((-t).exp() + 1.0).ln();
        }
        let square = w.iter().fold(S::from(0.0), |sum, &w| sum + w * w);
        sum / self.rows.len() as f64 + square * (0.5 * self.lambda)
    }

    fn gradient<S: Scalar>(&self, w: &[S], out: &mut [S]) {
        for (out, &w) in out.iter_mut().zip(w) {
            *out = w * self.lambda;
        }
        for row in &self.rows {
            let t = row.iter().zip(w).fold(S::from(0.0), |t, (&a, &w)| t + w * a);
            // -1/(1 + eᵗ) = (tanh(t/2) - 1)/2, which does not overflow.
            let weight = ((t * 0.5).tanh() - 1.0) * (0.5 / self.rows.len() as f64);
            for (out, &a) in out.iter_mut().zip(row) {
                *out += weight * a;
            }
        }
    }
}

/// Two clouds of points of the plane, matched one to one: ½ mean |R(θ)pᵢ + s - qᵢ|² over the angle θ and the shift s.
#[derive(Clone, Debug, PartialEq)]
pub struct PointClouds {
    pairs: Vec<([f64; 2], [f64; 2])>,
}

impl PointClouds {
    /// From pairs (pᵢ, qᵢ).
    ///
    /// # Errors
    /// If there are fewer than two, or a number is not finite.
    pub fn new(pairs: Vec<([f64; 2], [f64; 2])>) -> Result<PointClouds, InputError> {
        crate::error::check_order("the number of pairs", pairs.len(), 2, usize::MAX)?;
        for (p, q) in &pairs {
            check_finite("a point", p)?;
            check_finite("a point", q)?;
        }
        Ok(PointClouds { pairs })
    }

    /// Forty points on an ellipse off the origin and the same turned by 0.8 and shifted by (2, -1), with some noise: an
    /// example whose curvatures differ by a factor of some hundreds.
    pub fn example() -> PointClouds {
        let pair = |k: usize| {
            let t = std::f64::consts::TAU * k as f64 / 40.0;
            let p = [8.0 + 5.0 * t.cos(), 3.0 + 2.0 * t.sin()];
            let noise = |m: f64| 0.05 * (m * (k as f64 + 1.0)).sin();
            let (sine, cosine) = 0.8f64.sin_cos();
            let q = [
                cosine * p[0] - sine * p[1] + 2.0 + noise(12.9),
                sine * p[0] + cosine * p[1] - 1.0 + noise(78.2),
            ];
            (p, q)
        };
        PointClouds { pairs: (0..40).map(pair).collect() }
    }

    /// The minimiser (θ, s₁, s₂) in closed form: θ = atan2(Σ p̃×q̃, Σ p̃·q̃) of the centred clouds, s from their centres
    /// (Umeyama 1991, in two dimensions).
    pub fn minimizer(&self) -> [f64; 3] {
        let n = self.pairs.len() as f64;
        let mean = |of: fn(&([f64; 2], [f64; 2])) -> f64| self.pairs.iter().map(of).sum::<f64>() / n;
        let p = [mean(|pair| pair.0[0]), mean(|pair| pair.0[1])];
        let q = [mean(|pair| pair.1[0]), mean(|pair| pair.1[1])];
        let (mut cross, mut inner) = (0.0, 0.0);
        for (a, b) in &self.pairs {
            let (a, b) = ([a[0] - p[0], a[1] - p[1]], [b[0] - q[0], b[1] - q[1]]);
            cross += a[0] * b[1] - a[1] * b[0];
            inner += a[0] * b[0] + a[1] * b[1];
        }
        let angle = cross.atan2(inner);
        let (sine, cosine) = angle.sin_cos();
        [angle, q[0] - cosine * p[0] + sine * p[1], q[1] - sine * p[0] - cosine * p[1]]
    }
}

impl Objective for PointClouds {
    fn variables(&self) -> usize {
        3
    }

    fn value<S: Scalar>(&self, x: &[S]) -> S {
        let (sine, cosine) = (x[0].sin(), x[0].cos());
        let mut sum = S::from(0.0);
        for (p, q) in &self.pairs {
            let u = cosine * p[0] - sine * p[1] + x[1] - q[0];
            let v = sine * p[0] + cosine * p[1] + x[2] - q[1];
            sum += u * u + v * v;
        }
        sum * (0.5 / self.pairs.len() as f64)
    }

    fn gradient<S: Scalar>(&self, x: &[S], out: &mut [S]) {
        let (sine, cosine) = (x[0].sin(), x[0].cos());
        out.fill(S::from(0.0));
        for (p, q) in &self.pairs {
            let u = cosine * p[0] - sine * p[1] + x[1] - q[0];
            let v = sine * p[0] + cosine * p[1] + x[2] - q[1];
            out[0] += v * (cosine * p[0] - sine * p[1]) - u * (sine * p[0] + cosine * p[1]);
            out[1] += u;
            out[2] += v;
        }
        for out in out {
            *out = *out / self.pairs.len() as f64;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::objective::check::derivatives_agree;

    #[test]
    fn gradients_are_those_of_the_values() {
        derivatives_agree(&PointClouds::example(), &[0.4, 1.0, -0.3]);
        let rows = vec![vec![0.5, -1.0], vec![1.5, 0.3], vec![-0.2, 0.7]];
        derivatives_agree(&RegularisedLogistic::new(rows, 0.1).unwrap(), &[0.4, -0.9]);
    }

    #[test]
    fn the_clouds_meet_where_the_closed_form_says() {
        let clouds = PointClouds::example();
        let mut gradient = [0.0; 3];
        clouds.gradient(&clouds.minimizer(), &mut gradient);
        assert!(gradient.iter().all(|g| g.abs() < 1e-13), "{gradient:?}");
        assert!((clouds.minimizer()[0] - 0.8).abs() < 0.01);
    }

    #[test]
    fn bad_data_are_refused() {
        assert!(RegularisedLogistic::new(vec![], 1.0).is_err());
        assert!(RegularisedLogistic::new(vec![vec![1.0], vec![1.0, 2.0]], 1.0).is_err());
        assert!(RegularisedLogistic::new(vec![vec![1.0]], 0.0).is_err());
        assert!(PointClouds::new(vec![([0.0; 2], [0.0; 2])]).is_err());
    }
}
