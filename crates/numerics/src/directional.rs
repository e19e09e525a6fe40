//! Derivatives of an objective along one direction, without its Hessian.

use crate::{Dual, Objective};

/// ∇²f(x)·v, exact up to rounding: the slope of the gradient along `v`, at about twice the cost of a gradient
/// (Pearlmutter 1994).
///
/// ```
/// use shadowflow_numerics::{hessian_vector, problems::Quadratic};
/// assert_eq!(hessian_vector(&Quadratic::new(&[1.0, 10.0]), &[7.0, 7.0], &[2.0, 3.0]), [2.0, 30.0]);
/// ```
///
/// # Panics
/// As the objective's gradient does if `x` and `v` are shorter than it has variables.
pub fn hessian_vector<V: Objective>(objective: &V, x: &[f64], v: &[f64]) -> Vec<f64> {
    let point: Vec<Dual<f64>> = x.iter().zip(v).map(|(&value, &slope)| Dual { value, slope }).collect();
    let mut out = vec![Dual::from(0.0); x.len()];
    objective.gradient(&point, &mut out);
    out.into_iter().map(|entry| entry.slope).collect()
}

/// What the gradient does along a line x + tq, from one evaluation in numbers with two slopes.
#[derive(Clone, Debug)]
pub(crate) struct Along {
    /// ∇f(x).
    pub(crate) gradient: Vec<f64>,
    /// D³f(x)(q, q, ·). Where q is the unit eigenvector of a simple eigenvalue of the Hessian, it is the
    /// gradient of that eigenvalue: in ∂(qᵀHq) = qᵀ(∂H)q + 2 (∂q)ᵀHq the last term is λ ∂|q|² = 0.
    pub(crate) third: Vec<f64>,
}

impl Along {
    pub(crate) fn at<V: Objective>(objective: &V, x: &[f64], q: &[f64]) -> Along {
        let out = doubled(objective, x, q, q);
        Along {
            gradient: out.iter().map(|entry| entry.value.value).collect(),
            third: out.iter().map(|entry| entry.slope.slope).collect(),
        }
    }
}

/// D³f(x)(u, w, ·).
pub(crate) fn third<V: Objective>(objective: &V, x: &[f64], u: &[f64], w: &[f64]) -> Vec<f64> {
    doubled(objective, x, u, w).iter().map(|entry| entry.slope.slope).collect()
}

/// The gradient at x with a slope along u and one along w.
fn doubled<V: Objective>(objective: &V, x: &[f64], u: &[f64], w: &[f64]) -> Vec<Dual<Dual<f64>>> {
    let both = |((&x, &u), &w): ((&f64, &f64), &f64)| Dual {
        value: Dual { value: x, slope: u },
        slope: Dual { value: w, slope: 0.0 },
    };
    let point: Vec<Dual<Dual<f64>>> = x.iter().zip(u).zip(w).map(both).collect();
    let mut out = vec![Dual::from(0.0); x.len()];
    objective.gradient(&point, &mut out);
    out
}

pub(crate) fn dot(x: &[f64], y: &[f64]) -> f64 {
    x.iter().zip(y).map(|(x, y)| x * y).sum()
}

pub(crate) fn norm(x: &[f64]) -> f64 {
    dot(x, x).sqrt()
}

/// y += factor · x.
pub(crate) fn add(y: &mut [f64], factor: f64, x: &[f64]) {
    y.iter_mut().zip(x).for_each(|(y, x)| *y += factor * x);
}

/// The sum of vectors of length d, each times its share.
pub(crate) fn combined<'a>(
    d: usize,
    shares: impl IntoIterator<Item = &'a f64>,
    vectors: &[Vec<f64>],
) -> Vec<f64> {
    let mut out = vec![0.0; d];
    for (share, vector) in shares.into_iter().zip(vectors) {
        add(&mut out, *share, vector);
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::problems::{Rosenbrock, SmallNetwork};
    use crate::{Curvature, Jet};

    #[test]
    fn products_are_those_of_the_hessian() {
        let (f, x, v) = (Rosenbrock::default(), [0.3, -1.2], [0.7, 2.0]);
        let mut h = [0.0; 4];
        f.hessian(&x, &mut h);
        let found = hessian_vector(&f, &x, &v);
        for i in 0..2 {
            let expected = h[2 * i] * v[0] + h[2 * i + 1] * v[1];
            assert!((found[i] - expected).abs() < 1e-12 * expected.abs(), "rounding: {found:?}");
        }
    }

    #[test]
    fn mixed_third_derivatives_are_those_of_sums() {
        let (f, x) = (SmallNetwork::miniature(), SmallNetwork::start(12));
        let (u, w): (Vec<f64>, Vec<f64>) =
            (0..37).map(|k| (f64::from(k).sin(), (0.3 * f64::from(k)).cos())).unzip();
        let along = |sign: f64| {
            let sum: Vec<f64> = u.iter().zip(&w).map(|(u, w)| u + sign * w).collect();
            Along::at(&f, &x, &sum).third
        };
        // By polarisation.
        let (sum, difference) = (along(1.0), along(-1.0));
        for (found, (s, d)) in third(&f, &x, &u, &w).iter().zip(sum.iter().zip(&difference)) {
            assert!((found - 0.25 * (s - d)).abs() < 1e-12 * (1.0 + s.abs() + d.abs()));
        }
    }

    #[test]
    fn third_derivatives_are_those_of_series_and_the_slope_of_the_sharpness() {
        let (f, x) = (SmallNetwork::miniature(), SmallNetwork::start(12));
        let curvature = Curvature::at(&f, &x).unwrap();
        let q = curvature.directions().last().unwrap();
        let along = Along::at(&f, &x, q);
        let line: Vec<Jet> = x.iter().zip(q).map(|(&x, &q)| Jet::variable(0.0, 2) * q + x).collect();
        let mut gradient = vec![Jet::from(0.0); x.len()];
        f.gradient(&line, &mut gradient);
        for (i, g) in gradient.iter().enumerate() {
            assert!((along.gradient[i] - g.coefficient(0)).abs() < 1e-14);
            assert!((along.third[i] - 2.0 * g.coefficient(2)).abs() < 1e-13, "rounding of sums of size 10");
        }
        // Central differences of the largest eigenvalue along some axes.
        for i in [0, 5, 13, 30, 36] {
            let sharpness = |delta: f64| {
                let mut point = x.clone();
                point[i] += delta;
                Curvature::at(&f, &point).unwrap().sharpness()
            };
            let difference = (sharpness(1e-5) - sharpness(-1e-5)) / 2e-5;
            // Truncation 10⁻¹⁰ times third derivatives of some hundreds, rounding 10⁻¹⁵/10⁻⁵.
            assert!((difference - along.third[i]).abs() < 1e-7, "{i}: {difference} {}", along.third[i]);
        }
    }
}
