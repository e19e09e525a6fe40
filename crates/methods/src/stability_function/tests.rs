//! Laws and known values of stability functions.

use super::*;
use crate::catalogue::Method;

fn method(name: &str) -> Method {
    Method::named(name).unwrap()
}

fn real(name: &str) -> Extent {
    method(name).tableau().stability_function().real_interval()
}

fn imaginary(name: &str) -> Extent {
    method(name).tableau().stability_function().imaginary_interval()
}

#[test]
fn intervals_of_the_explicit_classics() {
    // Hairer & Wanner 1996, §IV.2; to 15 digits by an independent computation.
    assert_eq!(real("euler"), Extent::Bounded(2.0));
    assert_eq!(real("heun"), Extent::Bounded(2.0));
    // The source prints 15 decimals, two units short of the double's own.
    let Extent::Bounded(x) = real("kutta3") else { panic!("bounded") };
    assert!((x - 2.512_745_326_618_329).abs() < 1e-15, "{x}");
    assert_eq!(real("rk4"), Extent::Bounded(2.785_293_563_405_282));
    assert_eq!(imaginary("euler"), Extent::Bounded(0.0));
    assert_eq!(imaginary("heun"), Extent::Bounded(0.0));
    assert_eq!(imaginary("kutta3"), Extent::Bounded(3f64.sqrt()));
    assert_eq!(imaginary("rk4"), Extent::Bounded(8f64.sqrt()));
}

#[test]
fn undamped_chebyshev_reaches_two_s_squared() {
    // |R| = 1 is touched nine times inside without being crossed.
    assert_eq!(real("rkc(s=10,damping=0)"), Extent::Bounded(200.0));
}

#[test]
fn implicit_methods_are_decided() {
    for (name, a, l) in [
        ("implicit-euler", true, true),
        ("implicit-midpoint", true, false),
        ("trapezoidal", true, false),
        ("gauss4", true, false),
        ("gauss6", true, false),
        ("radau-ia-5", true, true),
        ("radau-iia-3", true, true),
        ("radau-iia-5", true, true),
        ("lobatto-iiia-4", true, false),
        ("lobatto-iiib-4", true, false),
        ("lobatto-iiic-4", true, true),
        ("lobatto-iiic-6", true, true),
        ("rk4", false, false),
        ("gauss8", true, false),
        ("radau-iia-7", true, true),
        ("crouzeix3", true, false),
        ("crouzeix4", true, false),
        ("alexander3", true, true),
        ("kvaerno3", true, true),
        ("sdirk4", true, true),
        ("tr-bdf2", true, true),
        // Known to a number of digits.
        ("cash4", true, true),
        ("kvaerno5", true, true),
        ("ark4-implicit", true, true),
        ("ark5-implicit", true, true),
    ] {
        let method = method(name);
        let r = method.tableau().stability_function();
        assert_eq!((r.is_a_stable(), r.is_l_stable()), (a, l), "{name}");
    }
}

#[test]
fn r_agrees_with_a_step_on_the_test_equation() {
    // R(z) = 1 + z bᵀ(I - zA)⁻¹𝟙 by elimination in floating point, an independent route.
    let z = Complex64::new(-0.7, 0.4);
    for method in Method::all() {
        let t = method.tableau();
        let n = t.stages();
        let (a, b) = (t.a_f64(), t.b_f64());
        let mut m: Vec<Vec<Complex64>> = (0..n)
            .map(|i| {
                let mut row: Vec<_> =
                    (0..n).map(|j| -z * a[i * n + j] + f64::from(u8::from(i == j))).collect();
                row.push(Complex64::new(1.0, 0.0));
                row
            })
            .collect();
        for i in 0..n {
            let pivot = (i..n).max_by(|&p, &q| m[p][i].norm().total_cmp(&m[q][i].norm())).unwrap();
            m.swap(i, pivot);
            let pivot_row = m[i].clone();
            for k in (0..n).filter(|&k| k != i) {
                let factor = m[k][i] / pivot_row[i];
                for (x, p) in m[k].iter_mut().zip(&pivot_row) {
                    *x -= factor * p;
                }
            }
        }
        let sum: Complex64 = (0..n).map(|i| m[i][n] / m[i][i] * b[i]).sum();
        let error = (t.stability_function().eval(z) - (z * sum + 1.0)).norm();
        // Elimination of at most 17 well-scaled equations loses a few digits at most.
        let precision = t.digits().map_or(0.0, |digits| 10f64.powi(1 - digits as i32));
        assert!(error < precision.max(1e-11), "{}: {error:e}", method.name());
    }
}

fn function(name: &str) -> StabilityFunction {
    method(name).tableau().stability_function().clone()
}

/// R = P/Q by the coefficients.
fn quotient(p: &[(i64, i64)], q: &[(i64, i64)]) -> StabilityFunction {
    let polynomial = |c: &[(i64, i64)]| Polynomial::new(c.iter().map(|&(n, d)| Exact::ratio(n, d)).collect());
    StabilityFunction::in_units(polynomial(p), polynomial(q), Rational::ONE, None)
}

fn exactly(numerator: i64, denominator: u32) -> Radius {
    Radius::Bounded(Enclosure::exactly(Rational::from_parts(numerator.into(), denominator.into())))
}

#[test]
fn exits_are_proved_on_both_sides() {
    let limit = Rational::from_parts(1.into(), dashu_int::UBig::ONE << 60);
    for method in Method::exact() {
        let r = method.tableau().stability_function();
        let Some(exit) = r.real_exit() else { continue };
        assert!(&exit.high - &exit.low <= &exit.high * &limit, "{}", method.name());
        let size = |x: &Rational| {
            let value = r.eval_exact(&(-x.clone()).into()).unwrap();
            if value < Exact::ZERO { -&value } else { value }
        };
        assert!(size(&exit.low) <= Exact::ONE, "{}", method.name());
        let beyond = &exit.high * (Rational::ONE + &limit);
        assert!(exit.high.is_zero() || size(&beyond) > Exact::ONE, "{}", method.name());
    }
    // y² = 3 and 8 are met exactly, their roots enclosed.
    for (name, square) in [("kutta3", 3u32), ("rk4", 8)] {
        let exit = function(name).imaginary_exit().unwrap();
        assert!(&exit.low * &exit.low < square.into() && &exit.high * &exit.high > square.into());
    }
    assert_eq!(function("rkc(s=10,damping=0)").real_exit().unwrap().value(), Some(&200u32.into()));
}

#[test]
fn reasons_against_a_stability() {
    assert_eq!(function("gauss4").half_plane(), HalfPlane::Stable);
    assert_eq!(function("yoshida4").half_plane(), HalfPlane::PoleOnTheLeft);
    assert_eq!(function("euler").half_plane(), HalfPlane::ExceededAt(Enclosure::exactly(Rational::ZERO)));
    for method in Method::all() {
        let r = method.tableau().stability_function();
        assert_eq!(r.half_plane() == HalfPlane::Stable, r.is_a_stable(), "{}", method.name());
        assert_eq!(r.stability_angle() == StabilityAngle::RightAngle, r.is_a_stable(), "{}", method.name());
        assert_eq!(r.inscribed_disc() == Radius::Unbounded, r.is_a_stable(), "{}", method.name());
    }
}

/// Whether |R| ≤ 1 at many points of a curve, but for rounding.
fn is_bounded_on(r: &StabilityFunction, points: impl Iterator<Item = Complex64>) -> bool {
    // R is found to 1e-13 of terms that are below 100 here.
    points.map(|z| r.eval(z).norm()).all(|size| size <= 1.0 + 1e-11)
}

#[test]
fn discs_touch_the_boundary() {
    assert_eq!(function("heun").inscribed_disc(), exactly(1, 1));
    assert_eq!(function("radau-ii-3").inscribed_disc(), exactly(3, 1));
    let circle = |r: f64| {
        (0..=20_000).map(move |k| {
            let angle = std::f64::consts::PI * f64::from(k) / 20_000.0;
            r * (Complex64::from_polar(1.0, angle) - 1.0)
        })
    };
    for method in Method::exact() {
        let r = method.tableau().stability_function();
        let Radius::Bounded(disc) = r.inscribed_disc() else { continue };
        let radius = disc.to_f64();
        assert!(is_bounded_on(r, circle(radius)), "{}", method.name());
        // 20 000 points miss the excess of a circle larger by a thousandth no more.
        assert!(!is_bounded_on(r, circle(radius * 1.001)), "{}", method.name());
        assert!((disc.high.to_f64().value() / disc.low.to_f64().value() - 1.0).abs() < 1e-15);
    }
}

#[test]
fn sectors_touch_the_boundary() {
    // Padé's (0, 3), (0, 4) and (0, 5): not A-stable (Ehle 1969), no pole on the left but for the last.
    let pade = |degree: i64| {
        let mut factorial = 1;
        let q: Vec<_> = (0..=degree)
            .map(|k| {
                factorial *= if k == 0 { 1 } else { -k };
                (1, factorial)
            })
            .collect();
        quotient(&[(1, 1)], &q)
    };
    let mut last = 90.0;
    for degree in [3, 4, 5] {
        let r = pade(degree);
        let StabilityAngle::Below(half_tangent) = r.stability_angle() else { panic!("{degree}") };
        let ray = |degrees: f64| {
            (1..40_000).map(move |k| -Complex64::from_polar(f64::from(k) * 5e-4, degrees.to_radians()))
        };
        let degrees = r.stability_angle().degrees();
        assert!(half_tangent.low < half_tangent.high && degrees < last, "{degree}: {degrees}");
        assert!(is_bounded_on(&r, ray(degrees)), "{degree}");
        assert!(!is_bounded_on(&r, ray(degrees + 0.01)), "{degree}");
        last = degrees;
    }
    assert_eq!(function("rk4").stability_angle(), StabilityAngle::None);
}

#[test]
fn sectors_end_before_poles() {
    // R = 1/((1 - z)²(1 + z/2 + z²/4)), with poles at -1 ± i√3, the rays of 60°, around which |R| > 1: so it is below.
    // On all of the negative axis |R| ≤ 1.
    let r = quotient(&[(1, 1)], &[(1, 1), (-3, 2), (1, 4), (0, 1), (1, 4)]);
    assert_eq!(r.half_plane(), HalfPlane::PoleOnTheLeft);
    let degrees = r.stability_angle().degrees();
    assert!(degrees < 60.0, "{degrees}");
}

#[test]
fn leading_terms_are_those_of_the_function() {
    for method in Method::exact() {
        let (name, r) = (method.name(), method.tableau().stability_function());
        let error = r.error_constant();
        assert!(error.exponent > method.tableau().order(), "{name}");
        // At y = 0.02 the next terms are below a tenth as the coefficients are, and 1e-15 of rounding is no match for terms
        // above 1e-12.
        let y: f64 = 0.02;
        let value = r.eval(Complex64::new(0.0, y));
        let check = |term: LeadingTerm, found: f64| {
            let expected = term.coefficient.to_f64() * y.powi(term.exponent as i32);
            assert!(
                expected.abs() < 1e-12 || (found / expected - 1.0).abs() < 0.1,
                "{name}: {found:e} {expected:e}"
            );
        };
        match r.dissipation() {
            Some(term) => check(term, 1.0 - value.norm()),
            None => assert!((value.norm() - 1.0).abs() < 1e-14, "{name}"),
        }
        check(r.dispersion(), y - value.arg());
    }
    // Orders on linear problems can be higher.
    assert_eq!((method("nssp32").tableau().order(), function("nssp32").error_constant().exponent), (2, 4));
}

#[test]
fn thresholds_are_the_published_ones() {
    // Kraaijevanger 1986, Table 1: with s stages the largest are s for order 1, s - 1 for 2, 1 for order s, 2 for order s - 1.
    for (name, expected) in
        [("ssp2(s=2)", 1), ("ssp2(s=7)", 6), ("ssp33", 1), ("ssp43", 2), ("rk4", 1), ("ssp104", 6)]
    {
        assert_eq!(function(name).absolute_monotonicity(), exactly(expected, 1), "{name}");
    }
    // (1 + z/2s)ˢ/(1 - z/2s)ˢ: 2s (van de Griend & Kraaijevanger 1986).
    for name in ["implicit-midpoint", "trapezoidal"] {
        assert_eq!(function(name).absolute_monotonicity(), exactly(2, 1), "{name}");
    }
    assert_eq!(function("qin-zhang").absolute_monotonicity(), exactly(4, 1));
    assert_eq!(function("implicit-euler").absolute_monotonicity(), Radius::Unbounded);
    // Padé's (2, 2) has no real pole.
    assert_eq!(function("gauss4").absolute_monotonicity(), exactly(0, 1));
    // θ method: (1 + (1 - θ)z)/(1 - θz) at -r begins with 1 - (1 - θ)r, the others are positive: 1/(1 - θ).
    assert_eq!(function("theta(theta=1/3)").absolute_monotonicity(), exactly(3, 2));
    // Two poles: R(z) = (1 + 5z/12)/((1 - z/3)(1 - z/4)), known to vanish at -12/5.
    assert_eq!(function("tr-bdf2-half").absolute_monotonicity(), exactly(12, 5));
}

#[test]
fn radii_are_ordered() {
    // Monotonic tableaus have monotonic R; from nonnegative Taylor coefficients at -r, |R| ≤ R(0) = 1 in |z + r| ≤ r.
    for method in Method::exact() {
        let tableau = method.tableau();
        let r = tableau.stability_function();
        let at_least = |radius: Radius| match radius {
            Radius::Bounded(end) => end.low,
            Radius::Undecided { at_least, .. } => at_least,
            Radius::Unbounded => Rational::from(1u64 << 40),
        };
        let at_most = |radius: Radius| match radius {
            Radius::Bounded(end) => Some(end.high),
            Radius::Undecided { at_most, .. } => at_most,
            Radius::Unbounded => None,
        };
        let linear = r.absolute_monotonicity();
        if let Some(most) = at_most(linear.clone()) {
            assert!(at_least(tableau.ssp_coefficient()) <= most, "{}", method.name());
        }
        if let Some(most) = at_most(r.inscribed_disc()) {
            assert!(at_least(linear) <= most, "{}", method.name());
        }
    }
}

#[test]
fn radii_with_several_poles_end_where_the_real_one_is_no_longer_the_nearest() {
    // The poles of Radau IIA of order 5, γ and α ± iβ (Hairer & Wanner 1996, §IV.8): (α + r)² + β² = (γ + r)².
    let (gamma, alpha, beta) =
        (3.637_834_252_744_496_f64, 2.681_082_873_627_752_f64, 3.050_430_199_247_411_f64);
    let expected = (alpha * alpha + beta * beta - gamma * gamma) / (2.0 * (gamma - alpha));
    for name in ["radau-iia-5", "radau-ia-5"] {
        let Radius::Bounded(end) = function(name).absolute_monotonicity() else { panic!("{name}") };
        let (low, high) = (end.low.to_f64().value(), end.high.to_f64().value());
        assert!(low < expected && expected < high && high - low < 2e-6, "{name}: {low} {high}");
    }
}

#[test]
fn undecided_radii_say_between_what() {
    // 1/((1 - √2/2 z)(1 - z/3)), and P to make it consistent: several poles, irrational.
    let root: Exact = "sqrt(2)/2".parse().unwrap();
    let linear = |c: Exact| Polynomial::new(vec![Exact::ONE, c]);
    let q = linear(-&root).times(&linear(Exact::ratio(-1, 3)));
    let p = linear(&Exact::ratio(2, 3) - &root);
    let r = StabilityFunction::in_units(p, q, Rational::ONE, None);
    match r.absolute_monotonicity() {
        Radius::Undecided { at_least, .. } => assert_eq!(at_least, Rational::ZERO),
        other => panic!("{other:?}"),
    }
}

#[test]
fn embedded_methods_have_their_own() {
    for method in Method::all() {
        let Some(embedded) = method.tableau().embedded_tableau() else { continue };
        let r = embedded.stability_function();
        // R = eᶻ - C zᵖ⁺¹ + …, with the order of the embedded weights.
        assert!(r.error_constant().exponent > embedded.order(), "{}", method.name());
        assert_eq!(r.denominator().coefficients().first(), Some(&Exact::ONE));
        assert!(
            r.linear_stability().real_exit.is_some() || embedded.kind() != crate::tableau::Kind::Explicit
        );
    }
    // Heun's second order in Bogacki & Shampine's pair: by hand 1 + z + z²/2 + 3/16 z³ + z⁴/48.
    let bs = method("bogacki-shampine").tableau().embedded_tableau().unwrap();
    let text: Vec<_> =
        bs.stability_function().numerator().coefficients().iter().map(Exact::to_string).collect();
    assert_eq!(text, ["1", "1", "1/2", "3/16", "1/48"]);
}
