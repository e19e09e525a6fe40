use super::*;
use crate::map::known::{Cubic, Logistic};
use crate::problems::{Pendulum, ScalarFactorization};
use crate::{GradientFlow, Iteration, Objective, Optimizer, OrbitSearch, Scalar, problems};
use shadowflow_methods::{Exact, Method};

fn exactly(text: &str) -> Interval {
    Interval::exactly(&text.parse::<Exact>().unwrap())
}

/// Every orbit found of the full shift on two and three symbols, with the multiplier known in closed form:
/// ±2ᵖ of the logistic map at
/// 4 (but 4 at its fixed point 0), ±3ᵖ of the cubic one at 2 inside its interval.
#[test]
fn orbits_of_full_shifts_are_certified_with_their_multipliers() {
    let search = OrbitSearch { sides: vec![(-0.1, 1.1)], longest: 6, starts: 600 };
    let found = search.run(&Logistic, 4.0).unwrap();
    assert!(found.len() == 23);
    for orbit in &found {
        let certificate = Certificate::of(&Logistic, Interval::from(4.0), orbit).unwrap();
        let (multiplier, _) = certificate.trace_and_determinant().unwrap();
        let expected = if orbit.points()[0][0].abs() < 1e-9 { 4.0 } else { 2f64.powi(orbit.period() as i32) };
        assert!(multiplier.abs().contains(expected) && multiplier.width() < 1e-9, "{orbit:?} {multiplier:?}");
        assert_eq!((certificate.period(), certificate.attraction()), (orbit.period(), Attraction::Repels));
        assert!(certificate.surrounds(&certificate));
    }
}

#[test]
fn an_interval_of_rates_is_certified_at_once() {
    // The minimum 1 of the double well has the multiplier 1 - 2h.
    let orbit = PeriodicOrbit::near(&Cubic, 0.7, &[vec![1.0]]).unwrap().unwrap();
    let rates = Interval::new(0.69, 0.71).unwrap();
    let certificate = Certificate::of(&Cubic, rates, &orbit).unwrap();
    let (multiplier, _) = certificate.trace_and_determinant().unwrap();
    assert!(multiplier.contains(1.0 - 2.0 * 0.69) && multiplier.contains(1.0 - 2.0 * 0.71));
    assert_eq!(certificate.attraction(), Attraction::Attracts);
    // ±√(1 + 2/h) over rates: its points move, and are enclosed at both ends.
    let orbit = PeriodicOrbit::near(&Cubic, 1.5, &[vec![1.5], vec![-1.5]]).unwrap().unwrap();
    let rates = Interval::new(1.4999, 1.5001).unwrap();
    let certificate = Certificate::of(&Cubic, rates, &orbit).unwrap();
    for h in [1.4999f64, 1.5001] {
        assert!(certificate.points()[1][0].contains((1.0 + 2.0 / h).sqrt()));
    }
}

#[test]
fn what_is_no_orbit_is_not_certified() {
    // At the fold x² - x + 1/4 = 0 of the fixed points of x² + c, c = 1/4 beyond: h = c has no fixed points
    // for h > 1/4.
    struct Quadratic;
    impl Map for Quadratic {
        fn dim(&self) -> usize {
            1
        }
        fn step<S: Scalar>(&self, h: S, x: &[S], next: &mut [S]) {
            next[0] = x[0] * x[0] + h;
        }
    }
    let orbit = PeriodicOrbit::near(&Quadratic, 0.2499, &[vec![0.49]]).unwrap().unwrap();
    assert!(Certificate::of(&Quadratic, Interval::from(0.2499), &orbit).is_ok());
    let error = Certificate::of(&Quadratic, Interval::from(0.2501), &orbit).unwrap_err();
    assert!(matches!(error, CertificateError::NotContracting { period: 1, .. }), "{error}");
    assert!(Certificate::of(&Quadratic, Interval::new(0.2499, 0.2501).unwrap(), &orbit).is_err());
}

#[test]
fn minima_on_a_curve_are_not_isolated() {
    let euler = Method::named("euler").unwrap();
    let map = Iteration::method(euler.tableau(), GradientFlow(ScalarFactorization { target: 1.0 }));
    let orbit = PeriodicOrbit::near(&map, 0.5, &[vec![1.0, 1.0]]).unwrap().unwrap();
    let error = Certificate::of(&map, Interval::from(0.5), &orbit).unwrap_err();
    assert_eq!(error, CertificateError::NotIsolated { period: 1 });
}

#[test]
fn orbits_of_momentum_are_certified_in_four_dimensions() {
    let field = GradientFlow(ScalarFactorization { target: 1.0 });
    let map = Iteration::optimizer(&Optimizer::named("heavy-ball(beta=0.5)").unwrap(), field);
    let orbit = PeriodicOrbit::near(&map, 0.5, &[vec![0.0; 4]]).unwrap().unwrap();
    let certificate = Certificate::of(&map, exactly("1/2"), &orbit).unwrap();
    assert!(certificate.points()[0].iter().all(|side| side.contains(0.0) && side.width() < 1e-14));
    // On the curvatures ±1 of the saddle: μ² - μ + 1/2, and μ² - 2μ + 1/2 with the roots 1 ± √½.
    assert_eq!(certificate.attraction(), Attraction::Saddle);
    let largest = certificate.largest_multiplier().unwrap();
    // √½ itself is rounded.
    assert!((largest.middle() - 1.0 - 0.5f64.sqrt()).abs() < 1e-13 && largest.width() < 1e-12);
    assert!(certificate.trace_and_determinant().is_none());
}

/// cos u + c(eᵛ - v) + w²s/2 in coordinates (u, v, w) turned by a rational rotation, so that gradient descent is one of
/// each in its coordinate.
#[derive(Clone, Copy)]
struct Turned {
    c: f64,
    s: f64,
}

impl Turned {
    /// The matrix of the turn, times 3: symmetric, and 9 its square.
    const TURN: [[f64; 3]; 3] = [[1.0, 2.0, 2.0], [2.0, 1.0, -2.0], [2.0, -2.0, 1.0]];

    fn turn<S: Scalar>(x: &[S]) -> [S; 3] {
        Self::TURN.map(|row| (x[0] * row[0] + x[1] * row[1] + x[2] * row[2]) / 3.0)
    }
}

impl Objective for Turned {
    fn variables(&self) -> usize {
        3
    }
    fn value<S: Scalar>(&self, x: &[S]) -> S {
        let [u, v, w] = Turned::turn(x);
        u.cos() + (v.exp() - v) * self.c + w * w * (0.5 * self.s)
    }
    fn gradient<S: Scalar>(&self, x: &[S], out: &mut [S]) {
        let [u, v, w] = Turned::turn(x);
        out.copy_from_slice(&Turned::turn(&[-u.sin(), (v.exp() - 1.0) * self.c, w * self.s]));
    }
}

/// Around the minimum π of the cosine, π + a and π - a change places if h sin a = 2a, with the multiplier (1 - h cos a)²;
/// across, (1 - hc)² and (1 - hs)².
#[test]
fn orbits_with_exp_and_cos_are_certified_in_three_dimensions() {
    for (c, s, h, expected) in [
        (0.5, 0.3, 2.2, Attraction::Attracts),
        (1.0, 0.3, 2.2, Attraction::Saddle),
        (1.0, 1.0, 3.2, Attraction::Repels),
    ] {
        let a = (0..200).fold(1.0, |a: f64, _| a - (h * a.sin() - 2.0 * a) / (h * a.cos() - 2.0));
        let points =
            [1.0, -1.0].map(|sign| Turned::turn(&[std::f64::consts::PI + sign * a, 0.0, 0.0]).to_vec());
        let map = Iteration::method(Method::named("euler").unwrap().tableau(), GradientFlow(Turned { c, s }));
        let orbit = PeriodicOrbit::near(&map, h, &points).unwrap().unwrap();
        let certificate = Certificate::of(&map, Interval::from(h), &orbit).unwrap();
        assert_eq!((certificate.period(), certificate.attraction()), (2, expected));
        let known = [1.0 - h * a.cos(), 1.0 - h * c, 1.0 - h * s].map(|slope| slope * slope);
        for disc in certificate.multipliers() {
            // The numbers known are rounded, the discs about as wide.
            let held = known.iter().filter(|known| (disc.centre() - **known).norm() < disc.radius() + 1e-13);
            assert_eq!(held.count(), disc.count(), "{disc:?} {known:?}");
            assert!(disc.radius() < 1e-10, "{disc:?}");
        }
        for (point, near) in certificate.points().iter().flatten().zip(orbit.points().iter().flatten()) {
            assert!((point.middle() - near).abs() < 1e-12 && point.width() < 1e-12);
        }
    }
}

#[test]
fn minima_of_regressions_and_rests_of_pendulums_are_certified() {
    // Gradients of logistic regression are sums of hyperbolic tangents; its curvatures are at most 0.93.
    let problem = problems::Logistic::default();
    let map = Iteration::method(Method::named("euler").unwrap().tableau(), GradientFlow(problem));
    let orbit = PeriodicOrbit::near(&map, 1.0, &[problem.minimizer().to_vec()]).unwrap().unwrap();
    let certificate = Certificate::of(&map, Interval::new(0.9, 1.0).unwrap(), &orbit).unwrap();
    assert_eq!(certificate.attraction(), Attraction::Attracts);
    // At rest, Euler's method turns by 1 ± ih.
    let pendulum = Iteration::method(Method::named("euler").unwrap().tableau(), Pendulum);
    let orbit = PeriodicOrbit::near(&pendulum, 0.5, &[vec![0.0, 0.0]]).unwrap().unwrap();
    let certificate = Certificate::of(&pendulum, Interval::from(0.5), &orbit).unwrap();
    assert_eq!(certificate.attraction(), Attraction::Repels);
    let largest = certificate.largest_multiplier().unwrap();
    assert!((largest.middle() - 1.25f64.sqrt()).abs() < 1e-15 && largest.width() < 1e-14);
}

#[test]
fn one_multiplier_outside_is_enough_to_be_unstable() {
    /// (2hx, hy): multipliers 2h and h.
    struct Shear;
    impl Map for Shear {
        fn dim(&self) -> usize {
            2
        }
        fn step<S: Scalar>(&self, h: S, x: &[S], next: &mut [S]) {
            next[0] = x[0] * 2.0 * h;
            next[1] = x[1] * h;
        }
    }
    let orbit = PeriodicOrbit::near(&Shear, 0.99, &[vec![0.0, 0.0]]).unwrap().unwrap();
    // For rates around 1 the second multiplier is on either side; the box of the fixed point is still the point.
    let certificate = Certificate::of(&Shear, Interval::new(0.985, 0.995).unwrap(), &orbit).unwrap();
    assert_eq!(certificate.attraction(), Attraction::Saddle);
    let multipliers =
        Multipliers::of(&Shear, Interval::new(0.99, 1.01).unwrap(), certificate.points()).unwrap();
    assert_eq!(multipliers.attraction(), Attraction::Unstable);
    let multipliers =
        Multipliers::of(&Shear, Interval::new(0.49, 0.51).unwrap(), certificate.points()).unwrap();
    assert_eq!(multipliers.attraction(), Attraction::Undecided);
}

#[test]
fn what_intervals_do_not_enclose_is_refused_or_fails() {
    let field = GradientFlow(ScalarFactorization { target: 1.0 });
    let implicit = Iteration::method(Method::named("implicit-euler").unwrap().tableau(), field);
    let orbit = PeriodicOrbit::near(&implicit, 0.5, &[vec![0.0, 0.0]]).unwrap().unwrap();
    let error = Certificate::of(&implicit, Interval::from(0.5), &orbit).unwrap_err();
    assert_eq!(error, CertificateError::NotAFormula);
    let pendulum = Iteration::method(Method::named("euler").unwrap().tableau(), Pendulum);
    let orbit = PeriodicOrbit::near(&Cubic, 0.7, &[vec![1.0]]).unwrap().unwrap();
    for h in [Interval::from(-1.0), Interval::from(0.0), Interval::ALL] {
        assert!(matches!(Certificate::of(&Cubic, h, &orbit), Err(CertificateError::Input(_))));
    }
    let error = Certificate::of(&pendulum, Interval::from(0.5), &orbit).unwrap_err();
    assert!(matches!(error, CertificateError::Input(InputError::Dimension { .. })), "{error}");
}
