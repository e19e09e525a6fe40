//! The complex roots of an integer polynomial in double precision, with discs that are sure to hold them.

use dashu_int::IBig;
use num_complex::Complex64;

/// Every root within its radius of its centre; the discs are disjoint.
pub(crate) struct ComplexRoots {
    pub(crate) centres: Vec<Complex64>,
    pub(crate) radius: f64,
}

impl ComplexRoots {
    /// The roots of a monic polynomial, coefficients ascending; `None` if doubles cannot separate them.
    pub(crate) fn of(coefficients: &[IBig]) -> Option<ComplexRoots> {
        let coefficients: Vec<f64> = coefficients.iter().map(|c| c.to_f64().value()).collect();
        // Beyond 2⁵³ a double would not be the coefficient.
        if coefficients.iter().any(|c| c.abs() > 9e15) {
            return None;
        }
        let centres = iterated(&coefficients);
        let degree = centres.len() as f64;
        // Some root lies within n·|p(z)/∏(z - zⱼ)| of z, one for each z as soon as these discs are disjoint
        // (Smith 1970); |p(z)| is enlarged by the rounding errors of Horner's rule.
        let radius = centres.iter().enumerate().map(|(i, &z)| {
            let others = centres.iter().enumerate().filter(|(j, _)| *j != i);
            let product: f64 = others.map(|(_, &w)| (z - w).norm()).product();
            let rounding = 8.0 * degree * f64::EPSILON * horner_of_sizes(&coefficients, z.norm());
            degree * (horner(&coefficients, z).norm() + rounding) / product
        });
        // At least a few units in the last place of every centre, so that intervals of doubles do not collapse.
        let least = centres.iter().map(|z| 4.0 * f64::EPSILON * z.norm()).fold(f64::MIN_POSITIVE, f64::max);
        let radius = radius.fold(least, f64::max);
        let apart = |i: usize, j: usize| (centres[i] - centres[j]).norm() > 8.0 * radius;
        let separated = (0..centres.len()).all(|i| (0..i).all(|j| apart(i, j)));
        (radius.is_finite() && separated).then_some(ComplexRoots { centres, radius })
    }

    /// Intervals around the real roots, ascending. A disc that meets the real line meets its own mirror image, so that
    /// its root is its own conjugate.
    pub(super) fn real_intervals(&self) -> Vec<(f64, f64)> {
        let margin = 2.0 * self.radius;
        let mut real: Vec<_> = self
            .centres
            .iter()
            .filter(|z| z.im.abs() <= self.radius)
            .map(|z| (z.re - margin, z.re + margin))
            .collect();
        real.sort_by(|x, y| x.0.total_cmp(&y.0));
        real
    }

    /// A proper factor over ℤ of the polynomial of these roots, if it has one: the product over a subset of the roots
    /// with integers for coefficients. `None` if doubles cannot decide.
    pub(super) fn proper_factor(&self, polynomial: &[IBig]) -> Option<Option<Vec<IBig>>> {
        let n = self.centres.len();
        // The error of the coefficients of any product of x - z: at most ∏(1 + |z| + r) - ∏(1 + |z|), and rounding.
        let size: f64 = self.centres.iter().map(|z| 1.0 + z.norm()).product();
        let enlarged: f64 = self.centres.iter().map(|z| 1.0 + z.norm() + self.radius).product();
        let error = enlarged - size + 8.0 * n as f64 * f64::EPSILON * size;
        if error.is_nan() || error > 0.1 {
            return None;
        }
        let subsets = (1u32..1 << n).filter(|subset| subset.count_ones() as usize <= n / 2);
        let factor = subsets.filter_map(|subset| self.integer_product(subset, error));
        Some(factor.into_iter().find(|candidate| divides(candidate, polynomial)))
    }

    fn integer_product(&self, subset: u32, error: f64) -> Option<Vec<IBig>> {
        let mut product = vec![Complex64::ONE];
        for (_, z) in self.centres.iter().enumerate().filter(|(k, _)| subset >> k & 1 == 1) {
            let mut next = vec![Complex64::ZERO; product.len() + 1];
            for (k, c) in product.iter().enumerate() {
                next[k + 1] += c;
                next[k] -= c * z;
            }
            product = next;
        }
        let integer = |c: &Complex64| {
            let near = c.re.round();
            ((c.re - near).abs() <= error && c.im.abs() <= error).then(|| IBig::try_from(near).ok()).flatten()
        };
        product.iter().map(integer).collect()
    }
}

/// All roots at once by Weierstrass' iteration (Durand 1960, Kerner 1966).
fn iterated(coefficients: &[f64]) -> Vec<Complex64> {
    let degree = coefficients.len() - 1;
    // Fujiwara's bound sets the circle to start on; the start must not be symmetric about the real line.
    let bound =
        (0..degree).map(|k| coefficients[k].abs().powf(1.0 / (degree - k) as f64)).fold(1.0, f64::max);
    let turn = Complex64::new(0.4, 0.9) / Complex64::new(0.4, 0.9).norm();
    let mut roots: Vec<_> = (0..degree).map(|k| turn.powu(k as u32 + 1) * bound).collect();
    for _ in 0..400 {
        for i in 0..degree {
            let z = roots[i];
            let product: Complex64 =
                roots.iter().enumerate().filter(|(j, _)| *j != i).map(|(_, w)| z - w).product();
            let step = horner(coefficients, z) / product;
            if step.is_finite() {
                roots[i] -= step;
            }
        }
    }
    roots
}

fn horner(coefficients: &[f64], z: Complex64) -> Complex64 {
    coefficients.iter().rev().fold(Complex64::ZERO, |value, &c| value * z + c)
}

fn horner_of_sizes(coefficients: &[f64], size: f64) -> f64 {
    coefficients.iter().rev().fold(0.0, |value, &c| value * size + c.abs())
}

/// Whether a monic polynomial divides another.
fn divides(divisor: &[IBig], polynomial: &[IBig]) -> bool {
    let mut rest = polynomial.to_vec();
    while rest.len() >= divisor.len() {
        let Some(lead) = rest.pop() else { break };
        let shift = rest.len() + 1 - divisor.len();
        for (k, c) in divisor[..divisor.len() - 1].iter().enumerate() {
            rest[shift + k] -= &lead * c;
        }
    }
    rest.iter().all(IBig::is_zero)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn discs_hold_the_known_roots() {
        // (x-1)(x-2)(x-3)(x²+1)
        let p: Vec<IBig> = [-6, 11, -12, 12, -6, 1].map(IBig::from).to_vec();
        let roots = ComplexRoots::of(&p).unwrap();
        for (interval, expected) in roots.real_intervals().iter().zip([1.0, 2.0, 3.0]) {
            assert!(interval.0 < expected && expected < interval.1);
        }
        assert_eq!(roots.real_intervals().len(), 3);
        assert!(roots.proper_factor(&p).unwrap().is_some());
    }

    #[test]
    fn double_roots_are_not_separated() {
        let p: Vec<IBig> = [1, -2, 1].map(IBig::from).to_vec();
        assert!(ComplexRoots::of(&p).is_none());
    }
}
