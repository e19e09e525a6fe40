//! The largest stable step of a method on a linear system, eigenvalue by eigenvalue.

use num_complex::Complex64;
use shadowflow_methods::{Exact, Extent, Polynomial, Rational, StabilityFunction};

/// The largest h such that |R(tλ)| ≤ 1 for all 0 < t ≤ h: how far a method with this stability function may step along the
/// solutions of ẋ = λx.
///
/// Exact but for the last digits in every direction. 0 if a solution grows (Re λ > 0), unbounded for λ = 0; a λ that is not
/// finite takes no step.
///
/// ```
/// use num_complex::Complex64;
/// use shadowflow_methods::{Extent, Method};
/// use shadowflow_numerics::largest_step;
/// let rk4 = Method::named("rk4")?;
/// let r = rk4.tableau().stability_function();
/// let Extent::Bounded(h) = largest_step(r, Complex64::new(-10.0, 0.0)) else { panic!() };
/// assert!((h - 0.2785293563405282).abs() < 1e-15);
/// assert_eq!(largest_step(r, Complex64::new(0.0, 2.0)), Extent::Bounded(2f64.sqrt()));
/// # Ok::<(), shadowflow_methods::MethodError>(())
/// ```
pub fn largest_step(function: &StabilityFunction, eigenvalue: Complex64) -> Extent {
    let size = eigenvalue.norm();
    let per = |reach: Extent| match reach {
        Extent::Bounded(reach) => Extent::Bounded(reach / size),
        Extent::Unbounded => Extent::Unbounded,
    };
    match () {
        () if size == 0.0 => Extent::Unbounded,
        () if eigenvalue.re > 0.0 || !size.is_finite() => Extent::Bounded(0.0),
        () if eigenvalue.im == 0.0 => per(function.real_interval()),
        () if eigenvalue.re == 0.0 => per(function.imaginary_interval()),
        () if function.is_a_stable() => Extent::Unbounded,
        () => match (exact(eigenvalue.re), exact(eigenvalue.im)) {
            (Some(re), Some(im)) => along(function, &re, &im).map_or(Extent::Unbounded, Extent::Bounded),
            _ => Extent::Bounded(0.0),
        },
    }
}

/// The constant step h of an explicit method that is quickest on curvatures in [μ, L]: where |R(-hμ)| = |R(-hL)|, below which the
/// slow components are slower and beyond which the fast ones are; near the end of the real interval |R(-hL)| grows with h.
/// Gradient descent's is 2/(L + μ). `None` for methods without an end of the real interval.
///
/// ```
/// use shadowflow_methods::Method;
/// use shadowflow_numerics::best_step;
/// let euler = Method::named("euler")?;
/// let h = best_step(euler.tableau().stability_function(), 1.0, 99.0).ok_or("bounded")?;
/// assert!((h - 0.02).abs() < 1e-15);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub fn best_step(function: &StabilityFunction, mu: f64, largest: f64) -> Option<f64> {
    let Extent::Bounded(reach) = function.real_interval() else { return None };
    let size = |z: f64| function.eval((-z).into()).norm();
    let (mut low, mut high) = (0.5 * reach / largest, reach / largest);
    // More halvings than a double has bits.
    for _ in 0..64 {
        let middle = 0.5 * (low + high);
        if size(middle * largest) < size(middle * mu) { low = middle } else { high = middle }
    }
    Some(low)
}

/// A finite double as the rational that it is.
fn exact(x: f64) -> Option<Exact> {
    Rational::try_from(x).ok().map(Exact::from)
}

/// The first exit along the ray of λ: with the two doubles of λ taken as the rationals they are, |P(tλ)|² - |Q(tλ)|² is a
/// polynomial in t with exact coefficients, and its first crossing of 0 is decided.
fn along(function: &StabilityFunction, re: &Exact, im: &Exact) -> Option<f64> {
    let square = |f: &Polynomial| {
        // Real and imaginary part of Σ aⱼ λʲ tʲ, by powers of t.
        let (mut real, mut imaginary) = (Vec::new(), Vec::new());
        let mut power = (Exact::ONE, Exact::ZERO);
        for a in f.coefficients() {
            real.push(a * &power.0);
            imaginary.push(a * &power.1);
            let (x, y) = (&power.0, &power.1);
            power = (&(x * re) - &(y * im), &(x * im) + &(y * re));
        }
        let (real, imaginary) = (Polynomial::new(real), Polynomial::new(imaginary));
        real.times(&real).plus(&imaginary.times(&imaginary))
    };
    square(function.numerator()).minus(&square(function.denominator())).first_exit_above_zero()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use shadowflow_methods::Method;

    fn step(name: &str, eigenvalue: Complex64) -> Extent {
        largest_step(Method::named(name).unwrap().tableau().stability_function(), eigenvalue)
    }

    proptest! {
        // Exact arithmetic on 53-bit numbers: milliseconds a case.
        #![proptest_config(ProptestConfig::with_cases(24))]
        /// Euler's region is the disc |z + 1| ≤ 1, so h = -2 Re λ/|λ|²: a closed form.
        #[test]
        fn eulers_disc(re in -9.0..-0.01, im in -9.0..9.0) {
            let Extent::Bounded(h) = step("euler", Complex64::new(re, im)) else { panic!("bounded") };
            let expected = -2.0 * re / (re * re + im * im);
            prop_assert!((h / expected - 1.0).abs() < 1e-12, "{} {}", h, expected);
        }

        /// At the exit |R| is 1, and just before it at most that.
        #[test]
        fn the_modulus_at_the_exit_is_one(re in -3.0..-0.1, im in -3.0..3.0) {
            let eigenvalue = Complex64::new(re, im);
            for name in ["rk4", "kutta3", "ssp104", "dormand-prince"] {
                let method = Method::named(name).unwrap();
                let r = method.tableau().stability_function();
                let Extent::Bounded(h) = largest_step(r, eigenvalue) else { panic!("bounded") };
                prop_assert!((r.eval(eigenvalue * h).norm() - 1.0).abs() < 1e-10, "{} {}", name, h);
                for k in 1..200 {
                    let t = h * f64::from(k) / 200.0;
                    prop_assert!(r.eval(eigenvalue * t).norm() <= 1.0 + 1e-12, "{name}: {h} {t}");
                }
            }
        }
    }

    #[test]
    fn a_stable_methods_take_every_step_and_growth_none() {
        for name in ["implicit-euler", "implicit-midpoint", "gauss6", "radau-iia-5"] {
            for eigenvalue in [Complex64::new(-1.0, 0.0), Complex64::new(-1.0, 5.0), Complex64::new(0.0, 3.0)]
            {
                assert_eq!(step(name, eigenvalue), Extent::Unbounded, "{name} {eigenvalue}");
            }
        }
        assert_eq!(step("rk4", Complex64::new(0.1, 1.0)), Extent::Bounded(0.0));
        assert_eq!(step("rk4", Complex64::ZERO), Extent::Unbounded);
        assert_eq!(step("euler", Complex64::new(0.0, 1.0)), Extent::Bounded(0.0));
    }
}
