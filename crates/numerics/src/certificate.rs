//! Proofs, by intervals, that a map has a periodic orbit, and of what kind.

mod krawczyk;
mod multipliers;

pub use multipliers::Attraction;

use multipliers::Multipliers;

use crate::error::check_dimension;
use crate::{Disc, InputError, Interval, Map, PeriodicOrbit};

/// Why an orbit could not be certified. It may exist all the same.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
pub enum CertificateError {
    /// An argument that cannot be used.
    #[error(transparent)]
    Input(#[from] InputError),
    /// The map solves equations, on which intervals tell nothing.
    #[error(
        "this map solves equations at every step (an implicit method), which intervals do not enclose; \
         certificates are for \
         explicit methods and optimizers"
    )]
    NotAFormula,
    /// The derivative of the equations is singular, as far as doubles tell.
    #[error(
        "the orbit of period {period} is not isolated as far as doubles tell (a multiplier is near 1); only \
         isolated orbits can \
         be certified"
    )]
    NotIsolated {
        /// The period.
        period: usize,
    },
    /// No box was mapped into itself.
    #[error(
        "Krawczyk's test proves no orbit of period {period} for h in [{low}, {high}] within {radius:e} of \
         these points; a narrower \
         interval for h or more exact points may be certified"
    )]
    NotContracting {
        /// The period.
        period: usize,
        /// The lower end of h.
        low: f64,
        /// The upper end of h.
        high: f64,
        /// The size of the largest box tried.
        radius: f64,
    },
    /// Two points of the orbit cannot be told apart, so that the period may be a divisor.
    #[error(
        "points {first} and {second} of the orbit are not told apart, so that its minimal period is not \
         certified; narrow the \
         interval for h"
    )]
    PointsNotApart {
        /// One point, counted from 1.
        first: usize,
        /// The other.
        second: usize,
    },
}

/// A proof that for every learning rate in an interval a map has one orbit of minimal period p in a box about
/// given
/// points, with bounds on its multipliers.
///
/// By Krawczyk's test (1969; Neumaier 1990, §5.1) on all points at once: for F(x) = (Φ(xₖ) - xₖ₊₁)ₖ, a box X
/// about x̄ and any
/// matrix C, if K(X) = x̄ - C·F(x̄) + (1 - C·DF(X))(X - x̄) lies inside X, then F has one and only one zero
/// in X, and it lies in K(X).
/// Everything is rounded outward, so that nothing rests on the size of rounding errors. The constants of the
/// map are taken
/// as the doubles that it holds.
///
/// ```
/// use shadowflow_methods::{Exact, Method};
/// use shadowflow_numerics::{Attraction, Certificate, GradientFlow, Interval, Iteration, PeriodicOrbit};
/// use shadowflow_numerics::problems::ScalarFactorization;
/// let euler = Method::named("euler")?;
/// let map = Iteration::method(euler.tableau(), GradientFlow(ScalarFactorization { target: 1.0 }));
/// let near = [vec![1.2, 1.2], vec![-1.2, -1.2]];
/// let orbit = PeriodicOrbit::near(&map, 1.9, &near)?.expect("an orbit");
/// let certificate = Certificate::of(&map, Interval::exactly(&"19/10".parse::<Exact>()?), &orbit)?;
/// assert_eq!((certificate.period(), certificate.attraction()), (2, Attraction::Repels));
/// // √(1 + 2/h) = √(39/19), and the largest multiplier is (2h + 5)² = 77.44.
/// assert!(certificate.points()[1][0].contains((39f64 / 19.0).sqrt()));
/// assert!((certificate.largest_multiplier().expect("of a plane map").middle() - 77.44).abs() < 1e-9);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct Certificate {
    h: Interval,
    points: Vec<Vec<Interval>>,
    unique: Vec<Vec<Interval>>,
    multipliers: Option<Multipliers>,
}

impl Certificate {
    /// Of the orbit of a map near the points of `orbit`, found at a learning rate in or near the interval
    /// `h`.
    ///
    /// # Errors
    /// [`CertificateError`], if the map has another dimension or is no formula, h is unbounded or not
    /// positive, or nothing is
    /// proved.
    pub fn of<M: Map>(map: &M, h: Interval, orbit: &PeriodicOrbit) -> Result<Certificate, CertificateError> {
        if !map.is_formula() {
            return Err(CertificateError::NotAFormula);
        }
        if !(h.low() > 0.0 && h.is_bounded()) {
            return Err(InputError::Step { h: if h.low() > 0.0 { h.high() } else { h.low() } }.into());
        }
        for point in orbit.points() {
            check_dimension("a point of the orbit", map.dim(), point)?;
        }
        let found = krawczyk::solved(map, h, orbit.points())?;
        for first in 0..found.points.len() {
            for second in first + 1..found.points.len() {
                let mut sides = found.points[first].iter().zip(&found.points[second]);
                if !sides.any(|(a, b)| a.is_disjoint_from(b)) {
                    return Err(CertificateError::PointsNotApart { first: first + 1, second: second + 1 });
                }
            }
        }
        let multipliers = Multipliers::of(map, h, &found.points);
        Ok(Certificate { h, points: found.points, unique: found.unique, multipliers })
    }

    /// The learning rates for which it holds, each of them.
    pub fn h(&self) -> Interval {
        self.h
    }

    /// The minimal period p.
    pub fn period(&self) -> usize {
        self.points.len()
    }

    /// Boxes in which the points of the orbit lie, in the order in which they are visited: one interval for
    /// each coordinate.
    pub fn points(&self) -> &[Vec<Interval>] {
        &self.points
    }

    /// Larger boxes with only one such orbit in them for each learning rate.
    pub fn neighbourhood(&self) -> &[Vec<Interval>] {
        &self.unique
    }

    /// Whether the orbits of another certificate lie in this one's boxes, so that they are the same for the
    /// rates of both.
    pub fn surrounds(&self, other: &Certificate) -> bool {
        self.period() == other.period()
            && self
                .unique
                .iter()
                .flatten()
                .zip(other.points.iter().flatten())
                .all(|(unique, point)| point.is_inside(unique))
    }

    /// The trace and the determinant of DΦᵖ, in one dimension both the multiplier; `None` beyond two
    /// dimensions.
    pub fn trace_and_determinant(&self) -> Option<(Interval, Interval)> {
        self.multipliers.as_ref()?.few.map(|few| (few.trace, few.determinant))
    }

    /// Discs around the multipliers, the eigenvalues of DΦᵖ, in any dimension; none where their bounds are not
    /// found.
    pub fn multipliers(&self) -> &[Disc] {
        self.multipliers.as_ref().map_or(&[], |multipliers| multipliers.spectrum.discs())
    }

    /// The largest |μ| of the multipliers; `None` if it has no bounds.
    pub fn largest_multiplier(&self) -> Option<Interval> {
        let largest = self.multipliers.as_ref()?.largest();
        largest.is_bounded().then_some(largest)
    }

    /// Whether the orbit attracts or repels, as far as is proved.
    pub fn attraction(&self) -> Attraction {
        self.multipliers.as_ref().map_or(Attraction::Undecided, Multipliers::attraction)
    }
}

#[cfg(test)]
mod tests;
