//! P and Q from a tableau.

use crate::exact::{Exact, Rational};
use crate::polynomial::Polynomial;
use crate::tableau::{Kind, Tableau};

use super::{StabilityFunction, determinant};

impl StabilityFunction {
    pub(crate) fn of(tableau: &Tableau) -> StabilityFunction {
        let (mut p, q) = match tableau.kind() {
            Kind::Explicit => (explicit_numerator(tableau), Polynomial::one()),
            _ => {
                let minus_weights =
                    |i: usize| tableau.row(i).iter().zip(tableau.b()).map(|(a, b)| a - b).collect::<Vec<_>>();
                let stages = 0..tableau.stages();
                (
                    determinant(stages.clone().map(minus_weights).collect()),
                    determinant(stages.map(|i| tableau.row(i).to_vec()).collect()),
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
        StabilityFunction::in_units(p.scaled(&scale), q.scaled(&scale), Rational::ONE, tableau.digits())
    }
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
