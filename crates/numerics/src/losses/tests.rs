//! Ensembles against the moments that are known exactly.

use super::*;
use crate::problems::Quadratic;
use crate::{GradientFlow, StochasticModified, VectorField};

/// a(x - c)²/2 in one variable.
#[derive(Clone, Debug)]
struct Parabola {
    curvature: f64,
    centre: f64,
}

impl Objective for Parabola {
    fn variables(&self) -> usize {
        1
    }
    fn value<S: crate::Scalar>(&self, x: &[S]) -> S {
        let off = x[0] - self.centre;
        off * off * (0.5 * self.curvature)
    }
    fn gradient<S: crate::Scalar>(&self, x: &[S], out: &mut [S]) {
        out[0] = (x[0] - self.centre) * self.curvature;
    }
}

fn pair(curvatures: [f64; 2]) -> Losses<Parabola> {
    let one = |curvature, centre| Parabola { curvature, centre };
    Losses::new(vec![one(curvatures[0], -1.0), one(curvatures[1], 1.0)], 0.0).unwrap()
}

/// Mean and variance after n steps h of the descent: an exact recursion over two equally likely maps.
fn descended([a, b]: [f64; 2], h: f64, x: f64, n: usize) -> (f64, f64) {
    // x⁺ = (1 - ha)x - ha or (1 - hb)x + hb.
    let (mut mean, mut square) = (x, x * x);
    for _ in 0..n {
        let next = |r: f64, c: f64| (r * mean + c, r * r * square + 2.0 * r * c * mean + c * c);
        let (one, other) = (next(1.0 - h * a, -h * a), next(1.0 - h * b, h * b));
        (mean, square) = (0.5 * (one.0 + other.0), 0.5 * (one.1 + other.1));
    }
    (mean, square - mean * mean)
}

/// The moments of the modified equation, which close on parabolas: m' = -κ(m - c) and
/// s' = -2κs + 2κcm + hΣ(s, m), by the classical method with fine steps.
fn modified([a, b]: [f64; 2], h: f64, order: usize, x: f64, time: f64) -> (f64, f64) {
    // f' = ax/2 + bx/2 + a/2 - b/2; half the difference of the gradients is its deviation.
    let (lambda, shift) = (0.5 * (a + b), 0.5 * (a - b));
    let factor = if order == 2 { 1.0 + 0.5 * h * lambda } else { 1.0 };
    let (slope, sum) = (0.5 * (a - b), 0.5 * (a + b));
    let rate = |(m, s): (f64, f64)| {
        let drift = -factor * (lambda * m + shift);
        let noise = h * (slope * slope * s + 2.0 * slope * sum * m + sum * sum);
        (drift, -2.0 * factor * (lambda * s + shift * m) + noise)
    };
    let n = 20_000;
    let dt = time / f64::from(n);
    let mut y = (x, x * x);
    for _ in 0..n {
        let at = |k: (f64, f64), c: f64| (y.0 + c * dt * k.0, y.1 + c * dt * k.1);
        let k1 = rate(y);
        let k2 = rate(at(k1, 0.5));
        let k3 = rate(at(k2, 0.5));
        let k4 = rate(at(k3, 1.0));
        let mean = |a: f64, b: f64, c: f64, d: f64| (a + 2.0 * b + 2.0 * c + d) / 6.0;
        y = (y.0 + dt * mean(k1.0, k2.0, k3.0, k4.0), y.1 + dt * mean(k1.1, k2.1, k3.1, k4.1));
    }
    (y.0, y.1 - y.0 * y.0)
}

#[test]
fn descent_and_both_equations_have_their_exact_moments() {
    let (curvatures, h, x, steps) = ([1.0, 2.0], 0.25, 2.0, 6);
    let losses = pair(curvatures);
    let time = h * steps as f64;
    for (model, substeps, (mean, variance)) in [
        (Model::Descent, 1, descended(curvatures, h, x, steps)),
        (Model::Modified { order: 1 }, 20, modified(curvatures, h, 1, x, time)),
        (Model::Modified { order: 2 }, 20, modified(curvatures, h, 2, x, time)),
    ] {
        let found = losses.ensemble(model, h, &[x], steps, 20_000, substeps, 1, &|_| false).unwrap();
        let (m, v) = (found.mean()[steps][0], found.variance()[steps][0]);
        // The scheme is off by some hΔ/2 relative to the variance: 0.16 %, below the error of 1 %.
        assert!(m.deviation(mean) < 4.0, "{model:?} {m:?} {mean}");
        assert!(v.deviation(variance) < 4.0 && v.error < 0.03 * variance, "{model:?} {v:?} {variance}");
    }
}

#[test]
fn the_second_equation_is_nearer_to_descent() {
    // Exact moments, no chance: orders of the error in h, at a fixed time.
    let (curvatures, x, time) = ([1.0, 2.0], 2.0, 1.0);
    let off = |order: usize, h: f64| {
        let (mean, variance) = descended(curvatures, h, x, (time / h).round() as usize);
        let (m, v) = modified(curvatures, h, order, x, time);
        ((m - mean).abs(), (v - variance).abs())
    };
    for (order, expected) in [(1, 1.0), (2, 2.0)] {
        let (coarse, fine) = (off(order, 1.0 / 64.0), off(order, 1.0 / 128.0));
        let seen = (coarse.0 / fine.0).log2();
        // Corrections of relative size h.
        assert!((seen - expected).abs() < 0.1, "{order}: {seen}");
        // The variance is itself O(h); both equations have it up to O(h²).
        let seen = (coarse.1 / fine.1).log2();
        assert!((seen - 2.0).abs() < 0.1, "{order}: {seen}");
    }
}

#[test]
fn the_drift_is_that_of_the_modified_equation() {
    let objective = Quadratic::new(&[1.0, 3.0]);
    let losses = Losses::new(vec![objective.clone()], 2.0).unwrap();
    let (mut found, mut expected) = ([0.0; 2], [0.0; 2]);
    let mut work = Workspace::new(&losses);
    losses.drift(Some(0.1), &[0.5, -2.0], &mut found, &mut work);
    StochasticModified::new(objective.clone(), 0.1, 2.0, 2).unwrap().eval(&[0.5, -2.0], &mut expected);
    for (found, expected) in found.iter().zip(expected) {
        assert!((found - expected).abs() < 1e-14, "{found} {expected}");
    }
    losses.drift(None, &[0.5, -2.0], &mut found, &mut work);
    GradientFlow(objective).eval(&[0.5, -2.0], &mut expected);
    assert_eq!(found, expected);
    assert!((losses.mean_variance(&[0.5, -2.0]).unwrap() - 2.0).abs() < 1e-15);
    // Gradients x + 1 and x - 1 at every x.
    assert_eq!(pair([1.0, 1.0]).mean_variance(&[0.3]), Ok(1.0));
}

#[test]
fn langevin_has_the_moments_of_ornstein_and_uhlenbeck() {
    // On λx²/2: mean e^(-λt), variance (T/λ)(1 - e^(-2λt)).
    let losses = Losses::new(vec![Quadratic::new(&[2.0])], 0.0).unwrap();
    let model = Model::Langevin { temperature: 0.3 };
    let found = losses.ensemble(model, 0.1, &[1.0], 5, 20_000, 10, 3, &|_| false).unwrap();
    let (mean, variance) = (found.mean()[5][0], found.variance()[5][0]);
    // Δ = 0.01: the scheme is off by (λΔ)²/6, far below the error.
    assert!(mean.deviation((-1f64).exp()) < 4.0, "{mean:?}");
    assert!(variance.deviation(0.15 * (1.0 - (-2f64).exp())) < 4.0, "{variance:?}");
    // The negative control: the variance is not the stationary one yet.
    assert!(variance.deviation(0.15) > 4.0);
}

#[test]
fn paths_are_counted_once_and_fixed_by_the_seed() {
    let losses = pair([1.0, 2.0]);
    let run = |seed, paths| {
        losses.ensemble(Model::Modified { order: 2 }, 0.1, &[1.0], 300, paths, 2, seed, &|_| false).unwrap()
    };
    let (one, two, other, fewer) = (run(1, 130), run(1, 130), run(2, 130), run(1, 100));
    assert_eq!(one, two);
    assert_ne!(one.last(0), other.last(0));
    // A path is the same among however many.
    assert_eq!(one.last(0)[..100], fewer.last(0)[..]);
    assert_eq!((one.last(0).len(), one.paths().len(), one.steps().len()), (130, 12, 201));
    assert_eq!((one.steps()[0], one.steps()[200]), (0, 300));
    assert_eq!(one.paths()[3][200][0], one.last(0)[3]);
    let mean = one.last(0).iter().sum::<f64>() / 130.0;
    assert!((one.mean()[200][0].value - mean).abs() < 1e-13);
    let squares: f64 = one.last(0).iter().map(|x| (x - mean) * (x - mean)).sum();
    assert!((one.variance()[200][0].value / (squares / 129.0) - 1.0).abs() < 1e-10);
}

#[test]
fn what_cannot_be_used_is_refused() {
    assert!(Losses::<Parabola>::new(Vec::new(), 0.0).is_err());
    assert!(Losses::new(vec![Quadratic::new(&[1.0]), Quadratic::new(&[1.0, 1.0])], 0.0).is_err());
    for bad in [-1.0, f64::NAN, f64::INFINITY] {
        assert!(Losses::new(vec![Quadratic::new(&[1.0])], bad).is_err());
    }
    let losses = pair([1.0, 1.0]);
    let run = |model, h, x: &[f64], steps, paths, substeps| {
        losses.ensemble(model, h, x, steps, paths, substeps, 1, &|_| false)
    };
    let input = |result| matches!(result, Err(StatisticsError::Input(_)));
    assert!(input(run(Model::Descent, 0.0, &[0.0], 5, 100, 1)));
    assert!(input(run(Model::Descent, 0.1, &[0.0, 1.0], 5, 100, 1)));
    assert!(input(run(Model::Descent, 0.1, &[f64::NAN], 5, 100, 1)));
    assert!(input(run(Model::Descent, 0.1, &[0.0], 0, 100, 1)));
    assert!(input(run(Model::Descent, 0.1, &[0.0], 5, 63, 1)));
    assert!(input(run(Model::Descent, 0.1, &[0.0], 5, usize::MAX, 1)));
    assert!(input(run(Model::Modified { order: 3 }, 0.1, &[0.0], 5, 100, 1)));
    assert!(input(run(Model::Modified { order: 1 }, 0.1, &[0.0], 5, 100, 0)));
    assert!(input(run(Model::Langevin { temperature: -0.1 }, 0.1, &[0.0], 5, 100, 1)));
    assert!(matches!(run(Model::Descent, 5.0, &[0.0], 5000, 100, 1), Err(StatisticsError::Away { .. })));
    let stopped = losses.ensemble(Model::Descent, 0.1, &[0.0], 5, 100, 1, 1, &|_| true);
    assert_eq!(stopped, Err(StatisticsError::Interrupted));
}
