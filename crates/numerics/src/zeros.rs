//! The complex zeros of a polynomial.

use std::f64::consts::TAU;

use num_complex::Complex64;
use shadowflow_methods::Polynomial;

/// Sweeps after which simultaneous iteration has always ended: it converges cubically.
const SWEEPS: usize = 200;

/// All zeros of a polynomial in doubles, with multiplicity, by real part, then by imaginary part: Aberth's simultaneous
/// iteration (Aberth 1973; Ehrlich 1967) on coefficients scaled to the circle of their mean size.
///
/// Simple zeros that are well apart come to nearly the last digits, zeros of multiplicity m to a share 1/m of them. None of
/// a constant.
///
/// ```
/// use shadowflow_methods::Method;
/// use shadowflow_numerics::zeros;
/// // Implicit Euler, 1/(1 - z), has its pole at 1.
/// let r = Method::named("implicit-euler")?;
/// assert_eq!(zeros(r.tableau().stability_function().denominator()), [1.0.into()]);
/// # Ok::<(), shadowflow_methods::MethodError>(())
/// ```
pub fn zeros(polynomial: &Polynomial) -> Vec<Complex64> {
    let coefficients = polynomial.to_f64();
    // Zeros at 0 are exact.
    let Some(lowest) = coefficients.iter().position(|&c| c != 0.0) else { return Vec::new() };
    let highest = coefficients.iter().rposition(|&c| c != 0.0).unwrap_or(lowest);
    let complex: Vec<Complex64> = coefficients[lowest..=highest].iter().map(|&c| c.into()).collect();
    // The zeros of a real polynomial are real or come in pairs; what is real up to rounding is.
    let settled = |z: Complex64| if z.im.abs() <= 1e-13 * z.norm() { Complex64::new(z.re, 0.0) } else { z };
    let mut found = vec![Complex64::ZERO; lowest];
    found.extend(aberth(&complex).into_iter().map(settled));
    found.sort_by(|a, b| a.re.total_cmp(&b.re).then(a.im.total_cmp(&b.im)));
    found
}

/// The zeros of a polynomial with complex coefficients, of which the first and the last are not 0.
pub(crate) fn aberth(coefficients: &[Complex64]) -> Vec<Complex64> {
    let degree = coefficients.len() - 1;
    if degree == 0 {
        return Vec::new();
    }
    // In z = ρw the product of the zeros has modulus 1, and no coefficient overflows before the others.
    let radius = (coefficients[0].norm() / coefficients[degree].norm()).powf(1.0 / degree as f64);
    let size = |(k, c): (usize, &Complex64)| c.norm().ln() + k as f64 * radius.ln();
    let largest = coefficients.iter().enumerate().map(size).fold(f64::NEG_INFINITY, f64::max);
    let scale = |(k, c): (usize, &Complex64)| match c.norm() {
        0.0 => Complex64::ZERO,
        norm => c / norm * (size((k, c)) - largest).exp(),
    };
    let scaled: Vec<Complex64> = coefficients.iter().enumerate().map(scale).collect();
    // Not symmetric about the real axis, from where pairs could not part.
    let mut points: Vec<Complex64> =
        (0..degree).map(|k| Complex64::from_polar(1.0, (k as f64 + 0.27) * TAU / degree as f64)).collect();
    iterate(&mut points, |z| newton_step(&scaled, z));
    points.iter().map(|z| z * radius).collect()
}

/// Moves distinct points to all zeros of a polynomial of as many, given by its Newton step p/p'.
pub(crate) fn iterate(points: &mut [Complex64], newton_step: impl Fn(Complex64) -> Complex64) {
    for _ in 0..SWEEPS {
        let mut largest_move = 0.0f64;
        for k in 0..points.len() {
            let z = points[k];
            let newton = newton_step(z);
            let repulsion: Complex64 =
                points.iter().enumerate().filter(|&(j, _)| j != k).map(|(_, w)| (z - w).inv()).sum();
            let step = newton / (Complex64::ONE - newton * repulsion);
            if step.re.is_finite() && step.im.is_finite() {
                points[k] = z - step;
                largest_move = largest_move.max(step.norm() / z.norm().max(1e-3));
            }
        }
        if largest_move < 4.0 * f64::EPSILON {
            break;
        }
    }
}

/// p(z)/p'(z), outside the unit circle by the reversed polynomial, so that nothing overflows.
fn newton_step(c: &[Complex64], z: Complex64) -> Complex64 {
    let horner = |terms: &mut dyn Iterator<Item = &Complex64>, z: Complex64| {
        terms.fold((Complex64::ZERO, Complex64::ZERO), |(p, slope), &c| (p * z + c, slope * z + p))
    };
    if z.norm() <= 1.0 {
        let (p, slope) = horner(&mut c.iter().rev(), z);
        return if p == Complex64::ZERO { p } else { p / slope };
    }
    // p(z) = zⁿ q(1/z): p/p' = z q/(n q - q'/z).
    let (q, slope) = horner(&mut c.iter(), z.inv());
    let n = (c.len() - 1) as f64;
    if q == Complex64::ZERO { q } else { z * q / (q * n - slope / z) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use shadowflow_methods::{Exact, Method};

    fn polynomial(coefficients: &[i64]) -> Polynomial {
        Polynomial::new(coefficients.iter().map(|&c| Exact::from(c)).collect())
    }

    proptest! {
        /// Whole zeros, multiplied out exactly: found again, distinct ones to nearly all digits.
        #[test]
        fn whole_zeros_are_found_again(roots in proptest::collection::btree_set(-9i64..9, 1..7)) {
            let product = roots.iter().fold(Polynomial::one(), |p, &r| p.times(&polynomial(&[-r, 1])));
            let found = zeros(&product);
            prop_assert_eq!(found.len(), roots.len());
            for (z, &root) in found.iter().zip(&roots) {
                // Conditioned like products of distances below 18, up to 10⁵ in all.
                prop_assert!((z - root as f64).norm() < 1e-9, "{} {}", z, root);
            }
        }
    }

    #[test]
    fn special_polynomials() {
        assert!(zeros(&polynomial(&[5])).is_empty() && zeros(&polynomial(&[])).is_empty());
        // z²(z² + 1)
        let found = zeros(&polynomial(&[0, 0, 1, 0, 1]));
        assert_eq!(found.iter().filter(|z| **z == Complex64::ZERO).count(), 2);
        assert!(found.iter().filter(|z| z.norm() > 0.5).all(|z| (z.norm() - 1.0).abs() < 1e-15));
        // A double zero to half the digits.
        assert!(zeros(&polynomial(&[1, -2, 1])).iter().all(|z| (z - 1.0).norm() < 1e-7));
    }

    #[test]
    fn stability_functions_vanish_at_their_zeros() {
        for method in Method::all() {
            let function = method.tableau().stability_function();
            for f in [function.numerator(), function.denominator()] {
                let found = zeros(f);
                assert_eq!(Some(found.len()), f.degree(), "{}", method.name());
                let coefficients = f.to_f64();
                for z in found {
                    let value = coefficients.iter().rev().fold(Complex64::ZERO, |sum, &c| sum * z + c);
                    let size: f64 =
                        coefficients.iter().enumerate().map(|(k, c)| c.abs() * z.norm().powi(k as i32)).sum();
                    // Rounding of the terms, or the square root of it at multiple zeros (of diagonally implicit methods).
                    assert!(value.norm() < 1e-12 * size, "{} at {z}: {value} of {size}", method.name());
                }
            }
        }
    }
}
