use super::*;
use crate::map::known::{Cubic, Logistic};
use crate::problems::{Pendulum, ScalarFactorization};
use crate::{GradientFlow, Iteration, Optimizer, OrbitSearch, Scalar};
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
    assert_eq!(certificate.attraction(), Attraction::Undecided);
    assert!(certificate.largest_multiplier().is_none());
}

#[test]
fn what_intervals_do_not_enclose_is_refused_or_fails() {
    let field = GradientFlow(ScalarFactorization { target: 1.0 });
    let implicit = Iteration::method(Method::named("implicit-euler").unwrap().tableau(), field);
    let orbit = PeriodicOrbit::near(&implicit, 0.5, &[vec![0.0, 0.0]]).unwrap().unwrap();
    let error = Certificate::of(&implicit, Interval::from(0.5), &orbit).unwrap_err();
    assert_eq!(error, CertificateError::NotAFormula);
    // sin is known by its range only: too little to prove that the pendulum rests.
    let pendulum = Iteration::method(Method::named("euler").unwrap().tableau(), Pendulum);
    let orbit = PeriodicOrbit::near(&pendulum, 0.5, &[vec![0.0, 0.0]]).unwrap().unwrap();
    assert!(Certificate::of(&pendulum, Interval::from(0.5), &orbit).is_err());
    let orbit = PeriodicOrbit::near(&Cubic, 0.7, &[vec![1.0]]).unwrap().unwrap();
    for h in [Interval::from(-1.0), Interval::from(0.0), Interval::ALL] {
        assert!(matches!(Certificate::of(&Cubic, h, &orbit), Err(CertificateError::Input(_))));
    }
    let error = Certificate::of(&pendulum, Interval::from(0.5), &orbit).unwrap_err();
    assert!(matches!(error, CertificateError::Input(InputError::Dimension { .. })), "{error}");
}
