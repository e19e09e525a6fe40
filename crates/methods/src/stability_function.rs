//! The stability function R(z) = P(z)/Q(z): one step on ẏ = λy is multiplication by R(hλ).
//!
//! R(z) = det(I - zA + z𝟙bᵀ) / det(I - zA) (Hairer & Wanner 1996, Proposition IV.3.2). Whether |R| ≤ 1 on an axis is
//! the sign of a polynomial, so intervals and A-stability are decided by exact algebra, never sampled.

use num_complex::Complex64;

use crate::exact::Exact;
use crate::polynomial::{Polynomial, eval_complex};
use crate::tableau::{Kind, Tableau};

/// How far an interval reaches from 0.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Extent {
    /// To this distance, correct to the last digits of a double.
    Bounded(f64),
    /// Without end.
    Unbounded,
}

/// R = P/Q in lowest terms with Q(0) = 1. Of a method known to a number of digits ([`Tableau::digits`]) P and Q are as
/// precise as they are, and what is decided is decided for that P and Q.
///
/// ```
/// use shadowflow_methods::{Extent, Method};
/// let rk4 = Method::named("rk4")?;
/// let r = rk4.tableau().stability_function();
/// assert_eq!(r.numerator().coefficients()[4].to_string(), "1/24");
/// assert_eq!(r.real_interval(), Extent::Bounded(2.785293563405282));
/// # Ok::<(), shadowflow_methods::MethodError>(())
/// ```
#[derive(Clone, Debug)]
pub struct StabilityFunction {
    numerator: Polynomial,
    denominator: Polynomial,
    numerator_f64: Vec<f64>,
    denominator_f64: Vec<f64>,
}

impl StabilityFunction {
    pub(crate) fn of(tableau: &Tableau) -> StabilityFunction {
        let (mut p, q) = match tableau.kind() {
            Kind::Explicit => (explicit_numerator(tableau), Polynomial::one()),
            _ => {
                let minus_weights =
                    |i: usize| tableau.row(i).iter().zip(tableau.b()).map(|(a, b)| a - b).collect::<Vec<_>>();
                let stages = 0..tableau.stages();
                (
                    reversed_characteristic(stages.clone().map(minus_weights).collect()),
                    reversed_characteristic(stages.map(|i| tableau.row(i).to_vec()).collect()),
                )
            }
        };
        if tableau.digits().is_some() {
            p = settled(&p, &q, tableau);
        }
        let common = p.gcd(&q);
        let reduce = |f: &Polynomial| f.div_rem(&common).map_or_else(|| f.clone(), |(quotient, _)| quotient);
        let (p, q) = (reduce(&p), reduce(&q));
        // Q(0) = det I = 1 before reduction, so 0 is no root of the common factor or of Q.
        let scale = q.coefficients()[0].inverse().unwrap_or(Exact::ONE);
        let (numerator, denominator) = (p.scaled(&scale), q.scaled(&scale));
        StabilityFunction {
            numerator_f64: numerator.to_f64(),
            denominator_f64: denominator.to_f64(),
            numerator,
            denominator,
        }
    }

    /// P, by ascending power of z.
    pub fn numerator(&self) -> &Polynomial {
        &self.numerator
    }

    /// Q, by ascending power of z; Q(0) = 1, and Q = 1 for explicit methods.
    pub fn denominator(&self) -> &Polynomial {
        &self.denominator
    }

    /// P as doubles, by ascending power of z.
    pub fn numerator_f64(&self) -> &[f64] {
        &self.numerator_f64
    }

    /// Q as doubles, by ascending power of z.
    pub fn denominator_f64(&self) -> &[f64] {
        &self.denominator_f64
    }

    /// R(z) for z = hλ.
    pub fn eval(&self, z: Complex64) -> Complex64 {
        eval_complex(&self.numerator_f64, z) / eval_complex(&self.denominator_f64, z)
    }

    /// The largest x with |R| ≤ 1 on all of [-x, 0].
    pub fn real_interval(&self) -> Extent {
        // P² - Q² is a product, and P and Q have no root in common, so neither have its factors.
        let (p, q) = (self.numerator.reflected(), self.denominator.reflected());
        extent(Polynomial::first_exit_of_product(&[p.minus(&q), p.plus(&q)]).map(|x| x.to_f64()))
    }

    /// The largest y with |R| ≤ 1 on all of i[-y, y].
    pub fn imaginary_interval(&self) -> Extent {
        extent(self.excess_on_imaginary_axis().first_exit_above_zero().map(f64::sqrt))
    }

    /// Whether |R| ≤ 1 on the closed left half-plane (Dahlquist 1963).
    pub fn is_a_stable(&self) -> bool {
        // No pole on the left, and |R| ≤ 1 on the imaginary axis; the maximum principle does the rest.
        self.denominator.reflected().is_hurwitz() && self.imaginary_interval() == Extent::Unbounded
    }

    /// Whether the method is A-stable and R(∞) = 0 (Ehle 1969).
    pub fn is_l_stable(&self) -> bool {
        self.numerator.degree() < self.denominator.degree() && self.is_a_stable()
    }

    /// |P(iy)|² - |Q(iy)|² as a polynomial in w = y².
    fn excess_on_imaginary_axis(&self) -> Polynomial {
        let squared_modulus = |f: &Polynomial| {
            // f(iy) = even(-w) + iy·odd(-w)
            let part = |first: usize| {
                Polynomial::new(f.coefficients().iter().skip(first).step_by(2).cloned().collect()).reflected()
            };
            let (even, odd) = (part(0), part(1));
            let w = Polynomial::new(vec![Exact::ZERO, Exact::ONE]);
            even.times(&even).plus(&w.times(&odd.times(&odd)))
        };
        squared_modulus(&self.numerator).minus(&squared_modulus(&self.denominator))
    }
}

fn extent(exit: Option<f64>) -> Extent {
    exit.map_or(Extent::Unbounded, Extent::Bounded)
}

/// 1 + Σ zᵏ bᵀAᵏ⁻¹𝟙, a finite sum because A is nilpotent.
fn explicit_numerator(tableau: &Tableau) -> Polynomial {
    let mut coefficients = vec![Exact::ONE];
    let mut vector = vec![Exact::ONE; tableau.stages()];
    for _ in 0..tableau.stages() {
        coefficients.push(Exact::dot(tableau.b(), &vector));
        vector = (0..tableau.stages()).map(|i| Exact::dot(tableau.row(i), &vector)).collect();
    }
    Polynomial::new(coefficients)
}

/// The numerator of a method known to a number of digits, with what is known better: P = Q·exp as far as it holds to all
/// digits, and coefficients that are 0 to all digits are 0.
///
/// Otherwise the last digits would decide whether |R| ≤ 1 near the origin and R = 0 at infinity.
fn settled(p: &Polynomial, q: &Polynomial, tableau: &Tableau) -> Polynomial {
    let mut reciprocal_factorials = vec![Exact::ONE];
    let mut exponential = true;
    let mut coefficients = Vec::new();
    for (k, found) in p.coefficients().iter().enumerate() {
        if k > 0 {
            reciprocal_factorials.push(&reciprocal_factorials[k - 1] * &Exact::ratio(1, k as i64));
        }
        let expected = q.coefficients().iter().zip(reciprocal_factorials.iter().rev());
        let expected = expected.fold(Exact::ZERO, |sum, (q, share)| &sum + &(q * share));
        exponential &= tableau.is_negligible(&(found - &expected));
        coefficients.push(match () {
            () if exponential => expected,
            () if tableau.is_negligible(found) => Exact::ZERO,
            () => found.clone(),
        });
    }
    Polynomial::new(coefficients)
}

/// det(I - zM) by ascending power of z (Faddeev & Leverrier).
fn reversed_characteristic(m: Vec<Vec<Exact>>) -> Polynomial {
    let n = m.len();
    let mut coefficients = vec![Exact::ONE];
    let mut power = m.clone();
    for k in 1..=n {
        let trace = (0..n).fold(Exact::ZERO, |sum, i| &sum + &power[i][i]);
        let c = &trace * &Exact::ratio(-1, k as i64);
        for (i, row) in power.iter_mut().enumerate() {
            row[i] = &row[i] + &c;
        }
        coefficients.push(c);
        if k < n {
            power = product(&m, &power);
        }
    }
    Polynomial::new(coefficients)
}

fn product(x: &[Vec<Exact>], y: &[Vec<Exact>]) -> Vec<Vec<Exact>> {
    let entry = |row: &Vec<Exact>, j: usize| {
        row.iter()
            .zip(y)
            .filter(|(a, _)| !a.is_zero())
            .fold(Exact::ZERO, |sum, (a, line)| &sum + &(a * &line[j]))
    };
    x.iter().map(|row| (0..y.len()).map(|j| entry(row, j)).collect()).collect()
}

#[cfg(test)]
mod tests {
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
}
