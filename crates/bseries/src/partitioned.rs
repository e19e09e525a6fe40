//! Additive and partitioned Runge–Kutta methods: one tableau for each part of a split equation.
//!
//! For ẏ = f₁(y) + … + f_N(y) the stages are Yᵢ = y + h Σ_c Σⱼ a⁽ᶜ⁾ᵢⱼ f_c(Yⱼ) and the step is y + h Σ_c Σᵢ b⁽ᶜ⁾ᵢ f_c(Yᵢ). A
//! partitioned system q̇ = f(q,p), ṗ = g(q,p) is the case in which each part moves its own variables only (GNI, §III.2;
//! Araújo, Murua & Sanz-Serna 1997).

use shadowflow_methods::{Coefficients, Exact, Ring};

use crate::algebra::AlgebraError;

/// The tableaus of an additive or partitioned Runge–Kutta method, all with the same number of stages.
///
/// ```
/// use std::sync::Arc;
/// use shadowflow_bseries::{BSeries, ColouredTrees, PartitionedCoefficients};
/// use shadowflow_methods::Exact;
///
/// // Störmer–Verlet is symmetric: nothing remains at even orders of its modified equation.
/// let verlet = PartitionedCoefficients::<Exact>::stormer_verlet();
/// let trees = Arc::new(ColouredTrees::through(4, 2)?);
/// let step = BSeries::partitioned(&trees, &verlet)?;
/// assert_eq!(step.adjoint()?, step);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct PartitionedCoefficients<R> {
    parts: Vec<Coefficients<R>>,
}

/// Numerator and denominator.
type Ratio = (i64, i64);

impl<R: Ring> PartitionedCoefficients<R> {
    /// A method from the tableaus of its parts, in the order of the colours.
    ///
    /// # Errors
    /// If there is no part or no stage, or the tableaus are not square matrices of one size with as many weights.
    pub fn new(parts: Vec<Coefficients<R>>) -> Result<Self, AlgebraError> {
        let first = parts.first().ok_or(AlgebraError::Nothing { missing: "part" })?;
        let expected = first.stages();
        if expected == 0 {
            return Err(AlgebraError::Nothing { missing: "stage" });
        }
        for (k, part) in parts.iter().enumerate() {
            let lengths = [("b", part.b.len()), ("a column of A", part.a.len())];
            let rows = part.a.iter().map(|row| ("a row of A", row.len()));
            for (vector, found) in lengths.into_iter().chain(rows) {
                if found != expected {
                    return Err(AlgebraError::Length { vector, part: k + 1, expected, found });
                }
            }
        }
        Ok(PartitionedCoefficients { parts })
    }

    /// The tableau of each part.
    pub fn parts(&self) -> &[Coefficients<R>] {
        &self.parts
    }

    /// The number of stages s.
    pub fn stages(&self) -> usize {
        self.parts[0].stages()
    }

    /// The parts in opposite order: the other method of a pair.
    pub fn swapped(mut self) -> Self {
        self.parts.reverse();
        self
    }

    fn from_ratios(parts: &[(&[&[Ratio]], &[Ratio])]) -> Self {
        let row = |row: &[Ratio]| -> Vec<R> { row.iter().map(|&(n, d)| R::ratio(n, d)).collect() };
        let part = |&(a, b): &(&[&[Ratio]], &[Ratio])| Coefficients {
            a: a.iter().map(|a| row(a)).collect(),
            b: row(b),
        };
        PartitionedCoefficients { parts: parts.iter().map(part).collect() }
    }

    /// The symplectic Euler method that is implicit in the first part and explicit in the second (de Vogelaere 1956; GNI,
    /// Theorem VI.3.3): q⁺ = q + h f(q⁺, p), p⁺ = p + h g(q⁺, p). [`PartitionedCoefficients::swapped`] is its adjoint.
    pub fn symplectic_euler() -> Self {
        Self::from_ratios(&[(&[&[(1, 1)]], &[(1, 1)]), (&[&[(0, 1)]], &[(1, 1)])])
    }

    /// Störmer–Verlet with a half step of the second part first: the Lobatto IIIA–IIIB pair of two stages, the trapezoidal rule
    /// for the first part (GNI, §II.2). [`PartitionedCoefficients::swapped`] begins with the first part.
    pub fn stormer_verlet() -> Self {
        Self::from_ratios(&[
            (&[&[(0, 1), (0, 1)], &[(1, 2), (1, 2)]], &[(1, 2), (1, 2)]),
            (&[&[(1, 2), (0, 1)], &[(1, 2), (0, 1)]], &[(1, 2), (1, 2)]),
        ])
    }

    /// The Lobatto IIIA–IIIB pair of three stages and order 4 (Sun 1993; GNI, §II.2).
    pub fn lobatto_4() -> Self {
        let b: &[_] = &[(1, 6), (2, 3), (1, 6)];
        let iiia: &[&[_]] =
            &[&[(0, 1), (0, 1), (0, 1)], &[(5, 24), (1, 3), (-1, 24)], &[(1, 6), (2, 3), (1, 6)]];
        let iiib: &[&[_]] =
            &[&[(1, 6), (-1, 6), (0, 1)], &[(1, 6), (1, 3), (0, 1)], &[(1, 6), (5, 6), (0, 1)]];
        Self::from_ratios(&[(iiia, b), (iiib, b)])
    }

    /// Euler's method, explicit for the first part and implicit for the second: y⁺ = y + h f(y) + h g(y⁺) (Ascher, Ruuth &
    /// Spiteri 1997).
    pub fn imex_euler() -> Self {
        Self::from_ratios(&[
            (&[&[(0, 1), (0, 1)], &[(1, 1), (0, 1)]], &[(1, 1), (0, 1)]),
            (&[&[(0, 1), (0, 1)], &[(0, 1), (1, 1)]], &[(0, 1), (1, 1)]),
        ])
    }
}

impl PartitionedCoefficients<Exact> {
    /// The built-in method with this name, one of [`PARTITIONED`].
    pub fn named(name: &str) -> Option<Self> {
        let (_, build) = BUILDERS.iter().find(|(known, _)| *known == name)?;
        Some(build())
    }
}

type Build = fn() -> PartitionedCoefficients<Exact>;

const BUILDERS: [(&str, Build); 7] = [
    ("symplectic-euler", PartitionedCoefficients::symplectic_euler),
    ("symplectic-euler-swapped", || PartitionedCoefficients::symplectic_euler().swapped()),
    ("stormer-verlet", PartitionedCoefficients::stormer_verlet),
    ("stormer-verlet-swapped", || PartitionedCoefficients::stormer_verlet().swapped()),
    ("lobatto-iiia-iiib-4", PartitionedCoefficients::lobatto_4),
    ("lobatto-iiia-iiib-6", lobatto_6),
    ("imex-euler", PartitionedCoefficients::imex_euler),
];

/// The names of the built-in partitioned methods.
pub const PARTITIONED: [&str; BUILDERS.len()] = {
    let mut names = [""; BUILDERS.len()];
    let mut k = 0;
    while k < names.len() {
        names[k] = BUILDERS[k].0;
        k += 1;
    }
    names
};

/// The pair of four stages and order 6, from the catalogue.
fn lobatto_6() -> PartitionedCoefficients<Exact> {
    let part = |name| {
        let method = shadowflow_methods::Method::named(name);
        method.expect("the catalogue holds the Lobatto methods of order 6").tableau().coefficients()
    };
    PartitionedCoefficients { parts: vec![part("lobatto-iiia-6"), part("lobatto-iiib-6")] }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn wrong_shapes_are_refused_with_their_sizes() {
        let new = |parts: Vec<Coefficients<f64>>| PartitionedCoefficients::new(parts).unwrap_err();
        let one = Coefficients { a: vec![vec![0.0]], b: vec![1.0] };
        let two = Coefficients { a: vec![vec![0.0; 2]; 2], b: vec![0.5; 2] };
        let ragged = Coefficients { a: vec![vec![0.0; 3], vec![0.0; 2]], b: vec![0.5; 2] };
        let empty = Coefficients { a: vec![], b: vec![] };
        assert_eq!(new(vec![]), AlgebraError::Nothing { missing: "part" });
        assert_eq!(new(vec![empty]), AlgebraError::Nothing { missing: "stage" });
        assert_eq!(new(vec![one, two]), AlgebraError::Length { vector: "b", part: 2, expected: 1, found: 2 });
        let expected = AlgebraError::Length { vector: "a row of A", part: 1, expected: 2, found: 3 };
        assert_eq!(new(vec![ragged]), expected);
    }

    #[test]
    fn pairs_are_those_of_the_catalogue() {
        let of = |name| shadowflow_methods::Method::named(name).unwrap().tableau().coefficients();
        let pair = PartitionedCoefficients::lobatto_4();
        assert_eq!(pair.parts(), [of("lobatto-iiia-4"), of("lobatto-iiib-4")]);
    }

    #[test]
    fn every_name_is_found() {
        assert!(PARTITIONED.iter().all(|name| PartitionedCoefficients::named(name).is_some()));
        assert!(PartitionedCoefficients::named("verlet").is_none());
    }
}
