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
