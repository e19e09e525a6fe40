//! Bounds on the multipliers of an orbit, the eigenvalues of DΦᵖ.

use super::krawczyk::slopes;
use crate::{Interval, Map, Scalar, Spectrum};

/// What is proved of the multipliers of an orbit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Attraction {
    /// All lie inside the unit circle: starts near the orbit tend to it.
    Attracts,
    /// All lie outside: starts near the orbit leave its neighbourhood, unless a step leads them onto it.
    Repels,
    /// Some lie inside and the others outside: only starts on a surface of lower dimension, in the plane a curve, tend to
    /// the orbit while they stay near it.
    Saddle,
    /// At least one lies outside, so that the orbit does not attract; bounds on others meet the unit circle.
    Unstable,
    /// The bounds meet the unit circle, and none is proved to lie outside.
    Undecided,
}

/// Bounds on all multipliers, and sharper ones in one and two dimensions.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Multipliers {
    pub(super) spectrum: Spectrum,
    pub(super) few: Option<Few>,
}

impl Multipliers {
    pub(super) fn of<M: Map>(map: &M, h: Interval, points: &[Vec<Interval>]) -> Option<Multipliers> {
        let d = map.dim();
        let identity = |at: usize| Interval::from(if at / d == at % d { 1.0 } else { 0.0 });
        let mut whole: Vec<Interval> = (0..d * d).map(identity).collect();
        let mut determinant = Interval::from(1.0);
        for x in points {
            let step = slopes(map, h, x);
            // The product of determinants is sharper than the determinant of the product.
            match step[..] {
                [a] => determinant = determinant * a,
                [a, b, c, d] => determinant = determinant * (a * d - b * c),
                _ => {}
            }
            let entry = |at: usize| {
                let (i, j) = (at / d, at % d);
                (0..d).fold(Interval::from(0.0), |sum, k| sum + step[i * d + k] * whole[k * d + j])
            };
            whole = (0..d * d).map(entry).collect();
        }
        let few = match whole[..] {
            [slope] => Some(Few { dim: 1, trace: slope, determinant: slope }),
            [a, _, _, d] => Some(Few { dim: 2, trace: a + d, determinant }),
            _ => None,
        };
        Some(Multipliers { spectrum: Spectrum::of(&whole, d).ok()?, few })
    }

    /// The largest |μ|.
    pub(super) fn largest(&self) -> Interval {
        let found = self.spectrum.largest();
        let sharper = self.few.map(|few| few.largest());
        sharper.and_then(|sharper| sharper.intersection(&found)).unwrap_or(found)
    }

    pub(super) fn attraction(&self) -> Attraction {
        let count: usize = self.spectrum.discs().iter().map(|disc| disc.count()).sum();
        let by_discs = match self.spectrum.sides() {
            (inside, _) if inside == count => Attraction::Attracts,
            (_, outside) if outside == count => Attraction::Repels,
            (inside, outside) if inside + outside == count => Attraction::Saddle,
            _ => Attraction::Undecided,
        };
        let found = match self.few {
            Some(few) if by_discs == Attraction::Undecided => few.attraction(),
            _ => by_discs,
        };
        let some_outside = Interval::from(1.0).is_below(&self.largest());
        if found == Attraction::Undecided && some_outside { Attraction::Unstable } else { found }
    }
}

/// The trace and the determinant of DΦᵖ in one and two dimensions.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Few {
    dim: usize,
    pub(super) trace: Interval,
    pub(super) determinant: Interval,
}

impl Few {
    /// The largest |μ|.
    pub(super) fn largest(&self) -> Interval {
        if self.dim == 1 {
            return self.trace.abs();
        }
        let discriminant = self.trace * self.trace - self.determinant * 4.0;
        let positive = |interval: Interval| {
            interval.intersection(&Interval::new(0.0, f64::INFINITY).unwrap_or(Interval::ALL))
        };
        // Real ones: (|T| + √(T² - 4D))/2. A complex pair: √D.
        let real = positive(discriminant).map(|root| (self.trace.abs() + root.sqrt()) / 2.0);
        let complex =
            if discriminant.low() < 0.0 { positive(self.determinant).map(Scalar::sqrt) } else { None };
        match (real, complex) {
            (Some(real), Some(complex)) => real.hull(&complex),
            (Some(one), None) | (None, Some(one)) => one,
            (None, None) => Interval::ALL,
        }
    }

    /// By the values of μ² - Tμ + D at ±1 and by D: |T| < 1 + D and D < 1 where both lie inside (Jury 1964),
    /// the same of 1/μ where both lie outside, and values of opposite signs at -1 and 1 between.
    pub(super) fn attraction(&self) -> Attraction {
        let one = Interval::from(1.0);
        if self.dim == 1 {
            return match self.trace.abs() {
                size if size.is_below(&one) => Attraction::Attracts,
                size if one.is_below(&size) => Attraction::Repels,
                _ => Attraction::Undecided,
            };
        }
        let (trace, determinant) = (self.trace.abs(), self.determinant);
        let sum = determinant + 1.0;
        if determinant.abs().is_below(&one) && trace.is_below(&sum) {
            Attraction::Attracts
        } else if one.is_below(&determinant.abs()) && trace.is_below(&sum.abs()) {
            Attraction::Repels
        } else if sum.abs().is_below(&trace) {
            Attraction::Saddle
        } else {
            Attraction::Undecided
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(first: f64, second: f64) -> Few {
        let (a, b) = (Interval::from(first), Interval::from(second));
        Few { dim: 2, trace: a + b, determinant: a * b }
    }

    #[test]
    fn pairs_are_told_apart() {
        for (first, second, expected) in [
            (0.5, -0.9, Attraction::Attracts),
            (-2.0, -1.5, Attraction::Repels),
            (3.0, -1.25, Attraction::Repels),
            (-3.0, 0.75, Attraction::Saddle),
            (0.0, 2.0, Attraction::Saddle),
            (1.0, 0.5, Attraction::Undecided),
            (-1.0, 3.0, Attraction::Undecided),
        ] {
            assert_eq!(of(first, second).attraction(), expected, "{first} {second}");
            assert!(of(first, second).largest().contains(first.abs().max(second.abs())));
        }
        // r(cos θ ± i sin θ) with r² = 0.81 and 1.21, T = 2r cos θ = 0.5.
        for (square, expected) in [(0.81, Attraction::Attracts), (1.21, Attraction::Repels)] {
            let pair = Few { dim: 2, trace: Interval::from(0.5), determinant: Interval::from(square) };
            assert_eq!(pair.attraction(), expected);
            assert!((pair.largest().middle() - square.sqrt()).abs() < 1e-15);
        }
        let wide = Few { dim: 1, trace: Interval::new(0.9, 1.1).unwrap(), determinant: Interval::ALL };
        assert_eq!(wide.attraction(), Attraction::Undecided);
    }
}
