//! Periodic orbits of maps: found, refined, and judged by their multipliers.
//!
//! An orbit of period p solves Φ(xₖ) = xₖ₊₁ for all its points at once. That form, multiple shooting, keeps Newton's method
//! well-conditioned where Φᵖ(x) = x is not: on chaotic orbits, whose multipliers grow like e^{λp}.

mod resolution;
mod search;
mod symmetry;

pub use search::{FoundOrbits, OrbitSearch, SearchError};
pub use symmetry::Symmetry;

use nalgebra::{DMatrix, DVector};
use num_complex::Complex64;

use crate::map::check_map;
use crate::{Map, StepError, Tangent};

/// Newton's steps at the most; from nearby six suffice.
const NEWTON: usize = 60;

/// Halvings of a Newton step that does not bring the defect down.
const HALVINGS: u32 = 6;

/// Points nearer than this share of the size of the orbit are the same one.
const SAME: f64 = 1e-7;

/// A multiplier nearer to the unit circle than this is on it unless more is known: rounding moves a double one by 10⁻⁸.
const NEUTRAL: f64 = 1e-7;

/// An orbit of minimal period p of a map, in doubles.
#[derive(Clone, Debug, PartialEq)]
pub struct PeriodicOrbit {
    h: f64,
    points: Vec<Vec<f64>>,
    multipliers: Vec<Complex64>,
    /// How far rounding may have moved each multiplier, at the most [`NEUTRAL`].
    margins: Vec<f64>,
    /// Whether Φᵖ - 1 is invertible at the orbit by more than rounding of points and derivatives.
    isolated: bool,
    defect: f64,
}

impl PeriodicOrbit {
    /// The orbit of minimal period that Newton's method finds from the points of a guess, one for each step of a period.
    /// `None` if it finds none, or leaves the guess for an orbit elsewhere by more than its own size.
    ///
    /// ```
    /// use shadowflow_numerics::{Map, PeriodicOrbit, Scalar};
    /// /// Gradient descent on x⁴/4 - x²/2.
    /// struct Descent;
    /// impl Map for Descent {
    ///     fn dim(&self) -> usize { 1 }
    ///     fn step<S: Scalar>(&self, h: S, x: &[S], next: &mut [S]) {
    ///         next[0] = x[0] + h * (x[0] - x[0].powi(3));
    ///     }
    /// }
    /// // ±√(1 + 2/h) with the multiplier (2h + 5)²: (1 - h(3x² - 1))².
    /// let found = PeriodicOrbit::near(&Descent, 0.5, &[vec![2.2], vec![-2.2]])?.expect("an orbit");
    /// assert!((found.points()[0][0].abs() - 5f64.sqrt()).abs() < 1e-14);
    /// assert!((found.multipliers()[0].re - 36.0).abs() < 1e-12 && !found.is_stable());
    /// # Ok::<(), shadowflow_numerics::StepError>(())
    /// ```
    ///
    /// # Errors
    /// If h is not positive and finite, there are no points, or they have the wrong dimension or are not finite.
    pub fn near<M: Map>(map: &M, h: f64, guess: &[Vec<f64>]) -> Result<Option<PeriodicOrbit>, StepError> {
        crate::error::check_order("the period", guess.len(), 1, OrbitSearch::LONGEST)?;
        for point in guess {
            check_map(map, h, point)?;
        }
        Ok(refined(map, h, guess))
    }

    /// The learning rate.
    pub fn h(&self) -> f64 {
        self.h
    }

    /// The minimal period p.
    pub fn period(&self) -> usize {
        self.points.len()
    }

    /// The p points in the order in which they are visited; the first is the smallest, by its first coordinate, then the next.
    pub fn points(&self) -> &[Vec<f64>] {
        &self.points
    }

    /// The eigenvalues of DΦᵖ, the largest first.
    pub fn multipliers(&self) -> &[Complex64] {
        &self.multipliers
    }

    /// The largest |Φ(xₖ) - xₖ₊₁| that is left.
    pub fn defect(&self) -> f64 {
        self.defect
    }

    /// Whether all multipliers lie inside the unit circle, by more than rounding: the orbit attracts all starts near it.
    pub fn is_stable(&self) -> bool {
        let inside = |(multiplier, margin): (&Complex64, &f64)| multiplier.norm() < 1.0 - margin;
        self.isolated && self.multipliers.iter().zip(&self.margins).all(inside)
    }

    /// Whether a multiplier lies on the unit circle as far as doubles tell: at a bifurcation, or on a curve of such orbits.
    pub fn is_neutral(&self) -> bool {
        let on = |(multiplier, margin): (&Complex64, &f64)| (multiplier.norm() - 1.0).abs() <= *margin;
        !self.isolated || self.multipliers.iter().zip(&self.margins).any(on)
    }

    /// Whether no other orbit of this period is arbitrarily near, as far as doubles tell: no multiplier is 1. At learning rates
    /// h below some 10⁻⁸ the multipliers 1 - hλ of a minimum are not told from 1.
    pub fn is_isolated(&self) -> bool {
        self.isolated
    }

    /// The Lyapunov exponents ln|μ|/p, the largest first.
    pub fn exponents(&self) -> impl Iterator<Item = f64> {
        self.multipliers.iter().map(|multiplier| multiplier.norm().ln() / self.points.len() as f64)
    }

    /// Whether this is the same orbit, whatever point it begins with.
    pub fn is_same_as(&self, other: &PeriodicOrbit) -> bool {
        self.period() == other.period() && {
            let size = size(&self.points);
            let first = &self.points[0];
            (0..self.period()).any(|shift| {
                distance(first, &other.points[shift]) <= SAME * size
                    && (0..self.period()).all(|k| {
                        distance(&self.points[k], &other.points[(k + shift) % self.period()]) <= SAME * size
                    })
            })
        }
    }
}

impl PeriodicOrbit {
    /// Whether this orbit is the set of points Sx of the other one, x, which it may be itself.
    pub fn is_image_of(&self, other: &PeriodicOrbit, symmetry: &Symmetry) -> bool {
        self.is_same_as(&other.image(symmetry))
    }

    /// The same orbit at a learning rate in other units.
    pub(crate) fn with_rate(self, h: f64) -> PeriodicOrbit {
        PeriodicOrbit { h, ..self }
    }

    /// The orbit of the points Sx, which has the same multipliers where a map commutes with S.
    pub(crate) fn image(&self, symmetry: &Symmetry) -> PeriodicOrbit {
        let mut points: Vec<Vec<f64>> = self.points.iter().map(|x| symmetry.apply(x)).collect();
        let first = (0..points.len()).min_by(|&i, &j| compare(&points[i], &points[j])).unwrap_or(0);
        points.rotate_left(first);
        PeriodicOrbit { points, ..self.clone() }
    }
}

/// The largest coordinate, 1 at the least.
pub(crate) fn size(points: &[Vec<f64>]) -> f64 {
    points.iter().flatten().fold(1.0, |size: f64, x| size.max(x.abs()))
}

pub(crate) fn distance(x: &[f64], y: &[f64]) -> f64 {
    x.iter().zip(y).map(|(x, y)| (x - y).abs()).fold(0.0, f64::max)
}

/// Newton's method on all points at once.
pub(crate) fn refined<M: Map>(map: &M, h: f64, guess: &[Vec<f64>]) -> Option<PeriodicOrbit> {
    let (p, d) = (guess.len(), map.dim());
    let reach = 10.0 * size(guess);
    let mut points = guess.to_vec();
    let mut tangents: Vec<Tangent> = points.iter().map(|x| Tangent::of(map, h, x)).collect();
    let mut defect = defect_of(&points, &tangents);
    for _ in 0..NEWTON {
        let step = newton_step(&points, &tangents, d)?;
        let (mut share, mut halvings) = (1.0, 0);
        loop {
            let trial: Vec<Vec<f64>> = points
                .iter()
                .enumerate()
                .map(|(k, x)| x.iter().enumerate().map(|(c, x)| x + share * step[k * d + c]).collect())
                .collect();
            let trial_tangents: Vec<Tangent> = trial.iter().map(|x| Tangent::of(map, h, x)).collect();
            let trial_defect = defect_of(&trial, &trial_tangents);
            if trial_defect < defect || halvings == HALVINGS {
                (points, tangents) = (trial, trial_tangents);
                if !trial_defect.is_finite() || size(&points) > reach {
                    return None;
                }
                defect = trial_defect;
                break;
            }
            (share, halvings) = (share / 2.0, halvings + 1);
        }
        let moved = share * step.amax();
        if moved <= 8.0 * f64::EPSILON * size(&points) {
            break;
        }
    }
    // What rounding of the points leaves, magnified by one step.
    let slope =
        tangents.iter().flat_map(|t| t.jacobian()).fold(1.0, |slope: f64, entry| slope.max(entry.abs()));
    if defect.is_nan() || defect > 1e3 * f64::EPSILON * d as f64 * slope * size(&points) {
        return None;
    }
    // The first point that comes back divides the period.
    let scale = size(&points);
    let minimal = (1..=p).find(|k| {
        p.is_multiple_of(*k) && (0..p).all(|i| distance(&points[i], &points[(i + k) % p]) <= SAME * scale)
    })?;
    points.truncate(minimal);
    tangents.truncate(minimal);
    let first = (0..minimal).min_by(|&i, &j| compare(&points[i], &points[j]))?;
    points.rotate_left(first);
    tangents.rotate_left(first);
    let whole = tangents.iter().fold(DMatrix::identity(d, d), |product, tangent| tangent.matrix() * product);
    let multipliers = eigenvalues(whole.clone())?;
    let margins = resolution::margins(&whole, &tangents, &multipliers);
    let isolated = resolution::tells_from_one(map, h, &points, &tangents, &whole, &multipliers);
    Some(PeriodicOrbit { h, multipliers, margins, isolated, points, defect })
}

fn defect_of(points: &[Vec<f64>], tangents: &[Tangent]) -> f64 {
    let p = points.len();
    let each = (0..p).map(|k| distance(tangents[k].image(), &points[(k + 1) % p]));
    // A maximum that keeps NaN.
    each.fold(0.0, |largest: f64, x| if x.is_nan() || x > largest { x } else { largest })
}

/// The solution of DΦ(xₖ)·sₖ - sₖ₊₁ = xₖ₊₁ - Φ(xₖ): the least-squares one where the matrix is singular, as on a curve of orbits.
fn newton_step(points: &[Vec<f64>], tangents: &[Tangent], d: usize) -> Option<DVector<f64>> {
    let p = points.len();
    let mut matrix = DMatrix::<f64>::zeros(p * d, p * d);
    let mut right = DVector::<f64>::zeros(p * d);
    for k in 0..p {
        let next = (k + 1) % p;
        for i in 0..d {
            right[k * d + i] = points[next][i] - tangents[k].image()[i];
            matrix[(k * d + i, next * d + i)] -= 1.0;
            for j in 0..d {
                matrix[(k * d + i, k * d + j)] += tangents[k].jacobian()[i * d + j];
            }
        }
    }
    if !(matrix.iter().all(|x| x.is_finite()) && right.iter().all(|x| x.is_finite())) {
        return None;
    }
    let factors = matrix.clone().full_piv_lu();
    let pivots = (0..p * d).map(|k| factors.u()[(k, k)].abs());
    let (least, most) = pivots.fold((f64::INFINITY, 0.0f64), |(a, b), x| (a.min(x), b.max(x)));
    if least > 1e-13 * most {
        return factors.solve(&right);
    }
    matrix.svd(true, true).solve(&right, 1e-11 * most).ok()
}

/// Eigenvalues by decreasing size, of conjugate pairs the upper one first.
pub(crate) fn eigenvalues(matrix: DMatrix<f64>) -> Option<Vec<Complex64>> {
    if !matrix.iter().all(|x| x.is_finite()) {
        return None;
    }
    let (matrix, zeros) = without_idle(matrix);
    let mut found: Vec<Complex64> = match matrix.nrows() {
        0 => Vec::new(),
        1 => vec![matrix[(0, 0)].into()],
        _ => matrix.complex_eigenvalues().iter().copied().collect(),
    };
    found.extend(std::iter::repeat_n(Complex64::ZERO, zeros));
    found.sort_by(|a, b| {
        b.norm().total_cmp(&a.norm()).then(b.im.total_cmp(&a.im)).then(b.re.total_cmp(&a.re))
    });
    Some(found)
}

/// The matrix without the coordinates that nothing depends on, or that depend on nothing: each has the eigenvalue 0 exactly, of
/// which rounding would leave noise. The average of gradients in a state of RMSprop is one: it is made anew at every step.
fn without_idle(mut matrix: DMatrix<f64>) -> (DMatrix<f64>, usize) {
    let mut zeros = 0;
    let idle = |matrix: &DMatrix<f64>| {
        let is_zero = |k: &usize| {
            matrix.column(*k).iter().all(|&x| x == 0.0) || matrix.row(*k).iter().all(|&x| x == 0.0)
        };
        (0..matrix.nrows()).find(is_zero)
    };
    while let Some(k) = idle(&matrix) {
        matrix = matrix.remove_row(k).remove_column(k);
        zeros += 1;
    }
    (matrix, zeros)
}

/// By the first coordinate, then the next.
pub(crate) fn compare(x: &[f64], y: &[f64]) -> std::cmp::Ordering {
    x.iter()
        .zip(y)
        .map(|(x, y)| x.total_cmp(y))
        .find(|order| order.is_ne())
        .unwrap_or(std::cmp::Ordering::Equal)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::map::known::{Cubic, Logistic};
    use crate::problems::ScalarFactorization;
    use crate::{GradientFlow, Iteration};
    use shadowflow_methods::Method;

    #[test]
    fn the_logistic_map_at_four_has_the_orbits_of_the_tent() {
        // x = sin²(πθ) doubles θ, and θ = 2ᵏ/(2ᵖ + 1) comes back to -θ, which is the same x: the multiplier is -2ᵖ.
        for p in 1..=8usize {
            let denominator = (1u32 << p) + 1;
            let point = |k: usize| {
                (std::f64::consts::PI * f64::from(1u32 << k) / f64::from(denominator)).sin().powi(2)
            };
            let guess: Vec<Vec<f64>> = (0..p).map(|k| vec![point(k) + 1e-6]).collect();
            let found = PeriodicOrbit::near(&Logistic, 4.0, &guess).unwrap().unwrap();
            assert_eq!(found.period(), p);
            // Relative rounding of a product of p slopes, each of which is moved by the rounding of its point.
            let expected = -(2f64.powi(p as i32));
            assert!((found.multipliers()[0].re / expected - 1.0).abs() < 1e-11, "{p}: {found:?}");
        }
    }

    #[test]
    fn points_of_a_multiple_of_the_period_are_recognised() {
        // 1 is a fixed point of the cubic map, whatever period is asked for.
        let found = PeriodicOrbit::near(&Cubic, 0.5, &vec![vec![1.001]; 6]).unwrap().unwrap();
        assert_eq!((found.period(), found.is_stable()), (1, true));
        assert!(found.multipliers()[0].norm() < 1e-14, "superstable at h = 1/2: {found:?}");
    }

    #[test]
    fn two_cycles_of_the_cubic_map_have_their_closed_multipliers() {
        // On the orbit about 1, symmetric about none: with u = x² the product is 9 - 2(1 + h)².
        for h in [1.05, 1.2, 1.9] {
            let tangent = 1.0 + 0.2 * (h - 1.0f64).sqrt();
            let mut x = vec![tangent];
            let mut orbit = Vec::new();
            for k in 0..4000 {
                let mut next = [0.0];
                Cubic.step(1.05, &x, &mut next);
                x = next.to_vec();
                if k >= 3998 {
                    orbit.push(x.clone());
                }
            }
            // Continued from where it attracts.
            let mut found = PeriodicOrbit::near(&Cubic, 1.05, &orbit).unwrap().unwrap();
            for k in 1..=40 {
                let rate = 1.05 + (h - 1.05) * f64::from(k) / 40.0;
                found = PeriodicOrbit::near(&Cubic, rate, found.points()).unwrap().unwrap();
            }
            assert_eq!(found.period(), 2);
            let expected = 9.0 - 2.0 * (1.0 + h) * (1.0 + h);
            assert!((found.multipliers()[0].re - expected).abs() < 1e-11, "{h}: {found:?} {expected}");
        }
    }

    #[test]
    fn curves_of_fixed_points_are_not_isolated() {
        let euler = Method::named("euler").unwrap();
        let map = Iteration::method(euler.tableau(), GradientFlow(ScalarFactorization { target: 1.0 }));
        let found = PeriodicOrbit::near(&map, 0.3, &[vec![2.0, 0.51]]).unwrap().unwrap();
        assert_eq!(found.period(), 1);
        assert!((found.points()[0][0] * found.points()[0][1] - 1.0).abs() < 1e-14);
        assert!(!found.is_isolated() && found.is_neutral() && !found.is_stable());
    }

    #[test]
    fn small_learning_rates_hide_no_minimum_before_rounding_does() {
        // Multipliers 1 - 2h at ±1 and 1 + h at 0, found in doubles to 2·10⁻¹⁶: from 10⁻⁹ on the points are lost.
        for h in [1e-4, 1e-6, 1e-8] {
            let minimum = PeriodicOrbit::near(&Cubic, h, &[vec![0.999]]).unwrap().unwrap();
            assert!((minimum.points()[0][0] - 1.0).abs() < f64::EPSILON / h, "{h}: {minimum:?}");
            assert!(
                minimum.is_isolated() && minimum.is_stable() && !minimum.is_neutral(),
                "{h}: {minimum:?}"
            );
            let maximum = PeriodicOrbit::near(&Cubic, h, &[vec![0.001]]).unwrap().unwrap();
            assert!(maximum.is_isolated() && !maximum.is_stable(), "{h}: {maximum:?}");
        }
        let lost = PeriodicOrbit::near(&Cubic, 1e-12, &[vec![0.999]]).unwrap().unwrap();
        assert!(!lost.is_isolated() && lost.is_neutral() && !lost.is_stable());
    }

    #[test]
    fn a_flat_minimum_is_not_isolated_however_many_digits_its_multiplier_has() {
        // x - hx³ at 0: a triple fixed point of multiplier 1.
        struct Flat;
        impl Map for Flat {
            fn dim(&self) -> usize {
                1
            }
            fn step<S: crate::Scalar>(&self, h: S, x: &[S], next: &mut [S]) {
                next[0] = x[0] - h * x[0].powi(3);
            }
        }
        for start in [0.3, 1e-3, 1e-5, 0.0] {
            let found = PeriodicOrbit::near(&Flat, 0.1, &[vec![start]]).unwrap();
            assert!(found.is_none_or(|found| !found.is_isolated()), "{start}");
        }
    }

    #[test]
    fn coordinates_that_nothing_depends_on_have_the_multiplier_zero_exactly() {
        let optimizer = crate::Optimizer::named("rmsprop(epsilon=0.01)").unwrap();
        let map = Iteration::optimizer(&optimizer, GradientFlow(crate::problems::DoubleWell));
        // (x, m, v): 1 - 2h/√ε, β = 0.9, and 0, as m is the gradient of the last step alone.
        let found = PeriodicOrbit::near(&map, 0.07, &[vec![1.0, 0.0, 0.0]]).unwrap().unwrap();
        let expected = [0.9, 1.0 - 1.4, 0.0];
        for (found, expected) in found.multipliers().iter().zip(expected) {
            assert!((found - expected).norm() < 1e-13, "{found}");
        }
        assert_eq!(found.multipliers()[2], Complex64::ZERO);
    }

    #[test]
    fn what_is_not_there_is_not_found() {
        // x² + h + x has no fixed point for h > 0.
        struct Away;
        impl Map for Away {
            fn dim(&self) -> usize {
                1
            }
            fn step<S: crate::Scalar>(&self, h: S, x: &[S], next: &mut [S]) {
                next[0] = x[0] * x[0] + h + x[0];
            }
        }
        assert_eq!(PeriodicOrbit::near(&Away, 0.5, &[vec![0.3]]).unwrap(), None);
        assert!(PeriodicOrbit::near(&Away, 0.5, &[]).is_err());
        assert!(PeriodicOrbit::near(&Away, -0.5, &[vec![0.3]]).is_err());
        assert!(PeriodicOrbit::near(&Away, 0.5, &[vec![f64::NAN]]).is_err());
    }
}
