//! The strong stability preserving coefficient of a tableau: its radius of absolute monotonicity.
//!
//! With K the square matrix of A above bᵀ and a column of zeros, a tableau is absolutely monotonic at -r if I + rK is regular,
//! M = K(I + rK)⁻¹ ≥ 0 and γ = (I + rK)⁻¹𝟙 ≥ 0, entry by entry (Kraaijevanger 1991; Higueras 2004; Ferracina & Spijker 2004).
//!
//! It then is at every -r' with 0 ≤ r' < r: from rM𝟙 + γ = 𝟙 the rows of rM sum to at most 1, and the inverse of
//! I + r'K is (I + rK)⁻¹ times that of I - (r - r')M, a series of matrices ≥ 0. So the radius is found by bisection.
//! No more than R can it be: at z = x - r the inverse of I - zK is that of I - xM times that of I + rK, so that the last
//! component of (I - zK)⁻¹𝟙, which is R(z), has Taylor coefficients (Mᵏγ)ₛ₊₁ ≥ 0 (Kraaijevanger 1991).
//!
//! Where an entry of M or γ is 0 and its derivative, that of -M² or -Mγ, is not, nothing larger is in.

use std::cmp::Ordering;

use crate::enclosure::Enclosure;
use crate::exact::{Exact, Rational};
use crate::polynomial::Polynomial;
use crate::stability_function::{Radius, largest, resolvent};
use crate::tableau::{Kind, Tableau};

impl Tableau {
    /// The SSP coefficient C of the method: steps of size up to C·h₀ preserve whatever convex property steps of size h₀ of
    /// Euler's method preserve, on nonlinear problems too (Shu & Osher 1988; Gottlieb, Shu & Tadmor 2001). For irreducible
    /// methods no larger number does (Ferracina & Spijker 2004; Higueras 2004).
    ///
    /// Decided exactly on both sides of the end. Of a method known to a number of digits the end is that of the printed
    /// coefficients below, and above that with entries counted as negative only beyond the last digits: where the end is
    /// that of a touching entry half of the digits are lost.
    ///
    /// ```
    /// use shadowflow_methods::{Enclosure, Method, Radius};
    /// let coefficient = |name| Ok::<_, shadowflow_methods::MethodError>(Method::named(name)?.tableau().ssp_coefficient());
    /// let exactly = |n: u32| Radius::Bounded(Enclosure::exactly(n.into()));
    /// assert_eq!(coefficient("ssp104")?, exactly(6));
    /// assert_eq!(coefficient("rk4")?, exactly(0));
    /// assert_eq!(coefficient("implicit-euler")?, Radius::Unbounded);
    /// # Ok::<(), shadowflow_methods::MethodError>(())
    /// ```
    pub fn ssp_coefficient(&self) -> Radius {
        let k = augmented(self);
        let of = |is_tolerant| Monotonicity { k: k.clone(), tableau: self, is_tolerant }.radius();
        match (self.digits(), of(false)) {
            (None, radius) => radius,
            (Some(_), Radius::Bounded(below)) => match of(true) {
                Radius::Bounded(above) => {
                    // No more than the radius of R, whose coefficients are freed of the last digits.
                    let most = match self.stability_function().absolute_monotonicity() {
                        Radius::Bounded(linear) if linear.high >= below.low => linear.high,
                        _ => above.high.clone(),
                    };
                    Radius::Bounded(Enclosure { low: below.low, high: above.high.min(most) })
                }
                above => above,
            },
            (Some(_), radius) => radius,
        }
    }
}

/// A above bᵀ, and a column of zeros.
fn augmented(tableau: &Tableau) -> Vec<Vec<Exact>> {
    let rows = (0..tableau.stages()).map(|i| tableau.row(i)).chain([tableau.b()]);
    rows.map(|row| row.iter().cloned().chain([Exact::ZERO]).collect()).collect()
}

struct Monotonicity<'a> {
    k: Vec<Vec<Exact>>,
    tableau: &'a Tableau,
    /// Whether entries that are 0 to the digits known are not negative.
    is_tolerant: bool,
}

impl Monotonicity<'_> {
    fn radius(&self) -> Radius {
        if self.k.iter().flatten().any(|x| self.is_negative(x)) {
            return Radius::zero();
        }
        let (holds, is_last) = (|r: &Rational| self.at(r).is_some(), |r: &Rational| self.is_last(r));
        let upper = match self.tableau.stability_function().absolute_monotonicity() {
            // Its numerator is not exactly that of the printed coefficients.
            _ if self.tableau.digits().is_some() => None,
            Radius::Bounded(end) if !is_last(&Rational::ZERO) && holds(&end.low) => {
                return Radius::Bounded(end);
            }
            Radius::Bounded(end) => Some(end.high),
            Radius::Undecided { at_most, .. } => at_most,
            Radius::Unbounded => None,
        };
        match largest(holds, is_last, upper) {
            Some(end) => Radius::Bounded(end),
            None if self.is_unbounded() => Radius::Unbounded,
            None => Radius::beyond_reach(),
        }
    }

    fn is_negative(&self, x: &Exact) -> bool {
        x.sign() == Ordering::Less && !(self.is_tolerant && self.tableau.is_negligible(x))
    }

    /// M with γ as its last column more, if all of it is ≥ 0.
    fn at(&self, r: &Rational) -> Option<Vec<Vec<Exact>>> {
        let r = Exact::from(r.clone());
        let right = |row: &Vec<Exact>| row.iter().cloned().chain([Exact::ONE]).collect::<Vec<_>>();
        let is_negative = |x: &Exact| self.is_negative(x);
        if self.tableau.kind() == Kind::Explicit {
            // Row by row: Mᵢ = Kᵢ - r Σ Kᵢⱼ Mⱼ, the same for γ.
            let mut solved: Vec<Vec<Exact>> = Vec::with_capacity(self.k.len());
            for row in &self.k {
                let mut next = right(row);
                for (a, known) in row.iter().zip(&solved).filter(|(a, _)| !a.is_zero()) {
                    let factor = a * &r;
                    for (x, m) in next.iter_mut().zip(known).filter(|(_, m)| !m.is_zero()) {
                        *x = &*x - &(&factor * m);
                    }
                }
                if next.iter().any(is_negative) {
                    return None;
                }
                solved.push(next);
            }
            return Some(solved);
        }
        let n = self.k.len();
        let mut rows: Vec<Vec<Exact>> = Vec::with_capacity(n);
        for (i, row) in self.k.iter().enumerate() {
            let left = row.iter().enumerate().map(|(j, x)| {
                let x = x * &r;
                if i == j { &x + &Exact::ONE } else { x }
            });
            rows.push(left.chain(right(row)).collect());
        }
        for column in 0..n {
            let pivot = (column..n).find(|&i| !rows[i][column].is_zero())?;
            rows.swap(column, pivot);
            let inverse = rows[column][column].inverse()?;
            rows[column].iter_mut().skip(column).filter(|x| !x.is_zero()).for_each(|x| *x = &*x * &inverse);
            let pivot_row = rows[column].clone();
            for (_, row) in
                rows.iter_mut().enumerate().filter(|(i, row)| *i != column && !row[column].is_zero())
            {
                let factor = row[column].clone();
                for (x, p) in row.iter_mut().zip(&pivot_row).skip(column).filter(|(_, p)| !p.is_zero()) {
                    *x = &*x - &(&factor * p);
                }
            }
        }
        let solved: Vec<Vec<Exact>> = rows.into_iter().map(|mut row| row.split_off(n)).collect();
        (!solved.iter().flatten().any(is_negative)).then_some(solved)
    }

    /// Whether an entry that is 0 at r, where all are ≥ 0, falls below directly beyond.
    fn is_last(&self, r: &Rational) -> bool {
        // Of rounded coefficients only those of A and b can be known to be 0.
        if self.tableau.digits().is_some() && !r.is_zero() {
            return false;
        }
        let Some(solved) = self.at(r) else { return false };
        let n = self.k.len();
        // (M²)ᵢⱼ and (Mγ)ᵢ are sums of products ≥ 0.
        let falls = |i: usize, j: usize| {
            solved[i][j].is_zero() && (0..n).any(|l| !solved[i][l].is_zero() && !solved[l][j].is_zero())
        };
        (0..n).any(|i| (0..=n).any(|j| falls(i, j)))
    }

    /// Whether it holds for every r ≥ 0: det(I + rK) and all entries of adj(I + rK)·K and adj(I + rK)·𝟙 are polynomials in r.
    fn is_unbounded(&self) -> bool {
        let n = self.k.len();
        let negative: Vec<Vec<Exact>> = self.k.iter().map(|row| row.iter().map(|x| -x).collect()).collect();
        let (adjugate, determinant) = resolvent(&negative);
        let against = |i: usize, column: &[Exact]| {
            Polynomial::new(adjugate.iter().map(|m| Exact::dot(&m[i], column)).collect())
        };
        let is_nonnegative = |f: &Polynomial| f.scaled(&Exact::from(-1)).is_nowhere_positive();
        let mut columns: Vec<Vec<Exact>> =
            (0..n).map(|j| self.k.iter().map(|row| row[j].clone()).collect()).collect();
        columns.push(vec![Exact::ONE; n]);
        // Of the determinant, 1 at r = 0, that coefficients ≥ 0 suffices.
        determinant.coefficients().iter().all(|c| c.sign() != Ordering::Less)
            && (0..n).all(|i| columns.iter().all(|column| is_nonnegative(&against(i, column))))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::catalogue::Method;

    fn coefficient(name: &str) -> Radius {
        Method::named(name).unwrap().tableau().ssp_coefficient()
    }

    #[test]
    fn coefficients_are_the_published_ones() {
        // Gottlieb, Ketcheson & Shu 2011, chapters 5 to 7; Kraaijevanger 1991.
        for (name, expected) in [
            ("euler", 1),
            ("heun", 1),
            ("midpoint", 0),
            ("kutta3", 0),
            ("rk4", 0),
            ("ssp33", 1),
            ("ssp43", 2),
            ("ssp104", 6),
            ("ssp2(s=5)", 4),
            ("ssp3(n=2)", 2),
            ("ssp3(n=3)", 6),
            ("implicit-midpoint", 2),
            ("trapezoidal", 2),
            ("qin-zhang", 4),
            ("gauss4", 0),
        ] {
            assert_eq!(coefficient(name), Radius::Bounded(Enclosure::exactly(expected.into())), "{name}");
        }
        assert_eq!(coefficient("implicit-euler"), Radius::Unbounded);
        // Spiteri & Ruuth 2002, of methods known to a number of digits.
        for (name, expected) in [("ssp53", 2.650_629), ("ssp54", 1.508_180), ("ssp63", 3.518_392)] {
            let Radius::Bounded(end) = coefficient(name) else { panic!("{name}") };
            let (low, high) = (end.low.to_f64().value(), end.high.to_f64().value());
            // Half a unit of the last decimal, and an interval that the digits blur.
            assert!(
                low - 1e-6 < expected && expected < high + 1e-6 && high - low < 1e-4,
                "{name}: {low} {high}"
            );
        }
    }

    #[test]
    fn ends_over_number_fields_are_enclosed() {
        // 1 + √2, which R(-r) = 0 says too: 1 - (1 - 2γ)r with γ = 1 - √2/2.
        let Radius::Bounded(end) = coefficient("sdirk2") else { panic!("order 2") };
        assert!((end.to_f64() - (1.0 + 2f64.sqrt())).abs() < 1e-15);
        assert!(end.low < end.high);
    }

    #[test]
    fn a_perturbed_method_is_not_taken_for_the_exact_one() {
        // Heun's with weights 1/2 ± 10⁻⁶: the end moves off 1.
        let nudge = Exact::ratio(1, 1_000_000);
        let half = Exact::ratio(1, 2);
        let rows = vec![vec![Exact::ZERO, Exact::ZERO], vec![Exact::ONE, Exact::ZERO]];
        let tableau = Tableau::new(rows, vec![&half - &nudge, &half + &nudge]).unwrap();
        let Radius::Bounded(end) = tableau.ssp_coefficient() else { panic!("explicit") };
        // M₃₁ = b₁ - r b₂ a₂₁ is 0 at r = b₁/b₂.
        let expected =
            (Rational::from(500_000u32) - Rational::ONE) / (Rational::from(500_000u32) + Rational::ONE);
        assert_eq!(end, Enclosure::exactly(expected));
    }
}
