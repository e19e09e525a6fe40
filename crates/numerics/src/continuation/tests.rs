//! Branches and bifurcations that are known exactly.

use super::*;
use crate::map::known::{Cubic, Logistic};
use crate::problems::ScalarFactorization;
use crate::{GradientFlow, Iteration, Optimizer, Scalar};

fn start<M: Map>(map: &M, h: f64, points: &[f64]) -> PeriodicOrbit {
    let points: Vec<Vec<f64>> = points.iter().map(|&x| vec![x]).collect();
    PeriodicOrbit::near(map, h, &points).unwrap().unwrap()
}

#[test]
fn the_cascade_of_the_cubic_map_has_its_known_thresholds() {
    let continuation = Continuation { rates: (0.5, 1.31), step: 0.01, most: 4000 };
    let mut orbit = start(&Cubic, 0.8, &[1.0]);
    // 1 and √5 - 1 in closed form; the others by mpmath with 30 digits.
    for (expected, tolerance) in [
        (1.0, 1e-12),
        (5f64.sqrt() - 1.0, 1e-12),
        (1.288_031_754_482_843, 1e-12),
        (1.299_227_939_650_204, 1e-11),
    ] {
        let branch = continuation.follow(&Cubic, &orbit, true).unwrap();
        let flip = branch.events().iter().find(|event| event.kind == Bifurcation::Flip).unwrap();
        assert!((flip.orbit.h() - expected).abs() < tolerance, "{} {expected}", flip.orbit.h());
        orbit = continuation.beyond_flip(&Cubic, &flip.orbit).unwrap().unwrap();
    }
    assert_eq!(orbit.period(), 16);
}

#[test]
fn both_ways_meet_and_end_on_the_rates() {
    let orbit = start(&Cubic, 1.1, &[0.8, 1.1]);
    let continuation = Continuation { rates: (0.5, 1.27), ..Continuation::default() };
    let branch = continuation.both_ways(&Cubic, &orbit, |_| true).unwrap();
    // From the flip of the minimum at h = 1 to the end of the rates.
    assert_eq!(branch.ends(), (End::Divides, End::Rates));
    let rates: Vec<f64> = branch.orbits().iter().map(PeriodicOrbit::h).collect();
    assert!((rates[0] - 1.0).abs() < 1e-2 && rates[rates.len() - 1] == 1.27, "{rates:?}");
    assert!(rates.windows(2).all(|pair| pair[0] < pair[1]));
    let [flip] = branch.events() else { panic!("{:?}", branch.events()) };
    assert!(rates[flip.after - 1] < flip.orbit.h() && flip.orbit.h() < rates[flip.after]);
    // Strands do not jump.
    let strands = branch.strands();
    assert!(strands.windows(2).all(|pair| (pair[0][1][0] - pair[1][1][0]).abs() < 0.03));
    let stopped = continuation.both_ways(&Cubic, &orbit, |_| false).unwrap();
    assert_eq!((stopped.ends(), stopped.orbits().len()), ((End::Stopped, End::Stopped), 1));
}

#[test]
fn the_window_of_period_three_opens_with_a_fold() {
    // At 1 + √8 (May 1976), down the stable branch and up the unstable one.
    let orbit = start(&Logistic, 3.84, &[0.149_407, 0.488_004, 0.959_447]);
    assert!(orbit.is_stable() && orbit.period() == 3);
    let continuation = Continuation { rates: (3.8, 3.9), step: 0.005, most: 500 };
    let branch = continuation.follow(&Logistic, &orbit, false).unwrap();
    let fold = branch.events().iter().find(|event| event.kind == Bifurcation::Fold).unwrap();
    assert!((fold.orbit.h() - (1.0 + 8f64.sqrt())).abs() < 1e-11, "{}", fold.orbit.h());
    assert!(branch.orbits().last().unwrap().h() > 3.85, "turned round");
}

#[test]
fn an_invariant_curve_is_born_where_a_pair_leaves_the_circle() {
    /// The delayed logistic map (x, y) ↦ (hx(1 - y), x): Neimark–Sacker at h = 2 (Kuznetsov 2004, §4.8).
    struct Delayed;
    impl Map for Delayed {
        fn dim(&self) -> usize {
            2
        }
        fn step<S: Scalar>(&self, h: S, x: &[S], next: &mut [S]) {
            next[0] = h * x[0] * (-x[1] + 1.0);
            next[1] = x[0];
        }
    }
    let orbit = PeriodicOrbit::near(&Delayed, 1.8, &[vec![0.44, 0.44]]).unwrap().unwrap();
    let continuation = Continuation { rates: (1.5, 2.2), ..Continuation::default() };
    let branch = continuation.follow(&Delayed, &orbit, true).unwrap();
    let event = &branch.events()[0];
    assert_eq!(event.kind, Bifurcation::NeimarkSacker);
    assert_eq!(event.criticality(), Some(Criticality::Supercritical));
    // The square of the radius of the invariant curve is (dρ/dh)(h - 2)/|d| to first order, where ρ is the modulus of the
    // multipliers: orbits of the map itself show it. Their points are x + 2Re(qz) with |q| = 1, and qᵀq, which goes round
    // with z², averages out: the mean square of their distance from x is 2|z|².
    let rate = 2.0 + 1e-3;
    let fixed = 1.0 - 1.0 / rate;
    // The determinant at the fixed point is h - 1.
    let growth = 0.5;
    let expected = 2.0 * growth * 1e-3 / event.coefficient.unwrap().abs();
    let (mut x, mut next, mut sum) = (vec![fixed + 0.01, fixed], vec![0.0; 2], 0.0);
    for k in 0..200_000 {
        Delayed.step(rate, &x, &mut next);
        std::mem::swap(&mut x, &mut next);
        if k >= 100_000 {
            sum += (x[0] - fixed).powi(2) + (x[1] - fixed).powi(2);
        }
    }
    assert!((sum / 1e5 / expected - 1.0).abs() < 0.02, "{} {expected}", sum / 1e5);
    assert!((event.orbit.h() - 2.0).abs() < 1e-12, "{}", event.orbit.h());
}

#[test]
fn momentum_flips_at_its_own_edge() {
    // x⁴/4 - x²/2 has λ = 2 at 1: heavy ball turns unstable at hλ = 2(1 + β).
    let optimizer = Optimizer::named("heavy-ball(beta=0.5)").unwrap();
    let map = Iteration::optimizer(&optimizer, GradientFlow(crate::problems::DoubleWell));
    let orbit = PeriodicOrbit::near(&map, 1.0, &[vec![1.0, 1.0]]).unwrap().unwrap();
    let branch = Continuation::default().follow(&map, &orbit, true).unwrap();
    let flip = branch.events().iter().find(|event| event.kind == Bifurcation::Flip).unwrap();
    assert!((flip.orbit.h() - 1.5).abs() < 1e-12);
}

#[test]
fn the_orbit_of_the_factorization_along_the_diagonal_is_that_of_the_cubic_map() {
    // Along x = y, gradient descent on (1 - xy)²/2 is the cubic map, and x ↔ -x maps each to the other.
    let euler = shadowflow_methods::Method::named("euler").unwrap();
    let map = Iteration::method(euler.tableau(), GradientFlow(ScalarFactorization { target: 1.0 }));
    let guess = start(&Cubic, 1.1, &[0.8, 1.1]).points().iter().map(|x| vec![x[0]; 2]).collect::<Vec<_>>();
    let orbit = PeriodicOrbit::near(&map, 1.1, &guess).unwrap().unwrap();
    let continuation = Continuation { rates: (1.01, 1.3), ..Continuation::default() };
    let branch = continuation.follow(&map, &orbit, true).unwrap();
    let flip = branch.events().iter().find(|event| event.kind == Bifurcation::Flip).unwrap();
    assert!((flip.orbit.h() - (5f64.sqrt() - 1.0)).abs() < 1e-11, "{}", flip.orbit.h());
}

#[test]
fn bad_arguments_are_refused() {
    let orbit = start(&Cubic, 0.8, &[1.0]);
    for bad in [
        Continuation { rates: (0.0, 1.0), ..Continuation::default() },
        Continuation { rates: (1.0, 0.5), ..Continuation::default() },
        Continuation { step: 0.0, ..Continuation::default() },
        Continuation { most: 1, ..Continuation::default() },
    ] {
        assert!(bad.follow(&Cubic, &orbit, true).is_err());
    }
}
