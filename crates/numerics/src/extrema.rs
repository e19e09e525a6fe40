//! The wells of a function of one variable.

use crate::Objective;
use crate::error::{InputError, check_finite};
use crate::gibbs::check_one_variable;

/// Cells in which the derivative is looked at.
const CELLS: i32 = 40_000;

/// How far out wells are looked for where no range is given.
const FARTHEST: f64 = 1e6;

/// The most wells.
const MOST: usize = 64;

/// The minima of a function of one variable from left to right, and the maxima between them.
///
/// ```
/// use shadowflow_numerics::{Extrema, problems::DoubleWell};
/// let extrema = Extrema::find(&DoubleWell, None)?;
/// assert_eq!((extrema.minima(), extrema.tops()), (&[-1.0, 1.0][..], &[0.0][..]));
/// # Ok::<(), shadowflow_numerics::InputError>(())
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct Extrema {
    minima: Vec<f64>,
    tops: Vec<f64>,
}

impl Extrema {
    /// Those in a range, or else all within |x| ≤ 10⁶: where f' changes sign between two of 80 001 places, evenly over the
    /// range, or at distances of about a 2800th of the way from 0 (or of 1, if that is larger). Wells narrower than that
    /// can be missed; maxima before the first and behind the last minimum are left out.
    ///
    /// # Errors
    /// If f has not one variable, the range is not finite and increasing, or there is no minimum or more than 64.
    pub fn find<V: Objective>(objective: &V, range: Option<(f64, f64)>) -> Result<Extrema, InputError> {
        check_one_variable(objective)?;
        let place: Box<dyn Fn(i32) -> f64> = match range {
            None => Box::new(|k| (f64::from(k) / f64::from(CELLS) * FARTHEST.asinh()).sinh()),
            Some((from, to)) => {
                check_finite("the range of wells", &[from, to])?;
                if !(from < to && (to - from).is_finite()) {
                    return Err(InputError::Number {
                        what: "the width of the range of wells",
                        value: to - from,
                        expected: "two finite ends, the smaller first",
                    });
                }
                Box::new(move |k| {
                    let share = 0.5 + 0.5 * (f64::from(k) / f64::from(CELLS));
                    from + (to - from) * share
                })
            }
        };
        let slope = |x: f64| {
            let mut out = [0.0];
            objective.gradient(&[x], &mut out);
            out[0]
        };
        // Zeros with the sign that f' has behind them; flat places have none.
        let mut found: Vec<(f64, bool)> = Vec::new();
        let (mut before, mut at) = (f64::NAN, f64::NAN);
        for k in -CELLS..=CELLS {
            let x = place(k);
            let value = slope(x);
            if value == 0.0 || value.is_nan() {
                continue;
            }
            if before * value < 0.0 {
                found.push((bisected(slope, at, x, before), value > 0.0));
            }
            (before, at) = (value, x);
        }
        // Signs alternate, so minima and maxima do.
        let is_minimum = |place: &(f64, bool)| place.1;
        let first = found.iter().position(is_minimum).unwrap_or(found.len());
        let last = found.iter().rposition(is_minimum).map_or(first, |last| last + 1);
        let all = &found[first..last];
        let those = |minima: bool| all.iter().filter(|p| p.1 == minima).map(|p| p.0).collect::<Vec<f64>>();
        let extrema = Extrema { minima: those(true), tops: those(false) };
        crate::error::check_order("the number of wells", extrema.minima.len(), 1, MOST)?;
        Ok(extrema)
    }

    /// The minimizers, from left to right: one at least.
    pub fn minima(&self) -> &[f64] {
        &self.minima
    }

    /// The maximizers between them.
    pub fn tops(&self) -> &[f64] {
        &self.tops
    }

    /// The core of a well: to halfway from its minimizer to the tops beside it, and without end where there is none. An
    /// orbit is in the well whose core it was in last, so that jitter at a top is no crossing.
    ///
    /// # Panics
    /// If there is no such well.
    pub fn core(&self, well: usize) -> (f64, f64) {
        let minimum = self.minima[well];
        let left = well.checked_sub(1).map_or(f64::NEG_INFINITY, |k| 0.5 * (self.tops[k] + minimum));
        let right = self.tops.get(well).map_or(f64::INFINITY, |top| 0.5 * (top + minimum));
        (left, right)
    }

    /// The interval without the cores of other wells: an orbit in this well leaves it where it leaves the interval.
    ///
    /// # Panics
    /// If there is no such well.
    pub fn territory(&self, well: usize) -> (f64, f64) {
        let left = well.checked_sub(1).map_or(f64::NEG_INFINITY, |k| self.core(k).1);
        let right = if well + 1 < self.minima.len() { self.core(well + 1).0 } else { f64::INFINITY };
        (left, right)
    }

    /// The well whose core holds x, if one does.
    pub(crate) fn well_at(&self, x: f64) -> Option<usize> {
        let well = self.tops.partition_point(|top| *top < x);
        let (left, right) = self.core(well);
        (left <= x && x <= right).then_some(well)
    }
}

/// The place where a function changes its sign, to rounding; `sign` is its value at `left`.
fn bisected(f: impl Fn(f64) -> f64, mut left: f64, mut right: f64, sign: f64) -> f64 {
    // More halvings than a double has bits, but for the last ones around 0.
    for _ in 0..200 {
        let middle = 0.5 * (left + right);
        if middle <= left || middle >= right {
            break;
        }
        let value = f(middle);
        if value == 0.0 {
            return middle;
        }
        if value * sign > 0.0 { left = middle } else { right = middle }
    }
    0.5 * (left + right)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Scalar;
    use crate::problems::{DoubleWell, Quadratic};

    /// An f with this derivative; f itself is not asked for.
    enum Slope {
        Zeros([f64; 5]),
        Sine,
    }

    impl Objective for Slope {
        fn variables(&self) -> usize {
            1
        }
        fn value<S: Scalar>(&self, x: &[S]) -> S {
            x[0]
        }
        fn gradient<S: Scalar>(&self, x: &[S], out: &mut [S]) {
            out[0] = match self {
                Slope::Zeros(zeros) => {
                    zeros.iter().fold(S::from(1.0), |product, &zero| product * (x[0] - zero))
                }
                Slope::Sine => x[0].sin(),
            };
        }
    }

    #[test]
    fn wells_are_found_at_every_scale() {
        let one = Extrema::find(&Quadratic::new(&[3.0]), None).unwrap();
        assert_eq!((one.minima(), one.tops()), (&[0.0][..], &[][..]));
        assert_eq!(one.core(0), (f64::NEG_INFINITY, f64::INFINITY));
        // Minima and maxima in turn.
        let wide = Slope::Zeros([0.0, 0.01, 3.0, -400.0, -1000.0]);
        let found = Extrema::find(&wide, None).unwrap();
        let expected = ([-1000.0, 0.0, 3.0], [-400.0, 0.01]);
        for (found, expected) in
            found.minima().iter().zip(expected.0).chain(found.tops().iter().zip(expected.1))
        {
            assert!((found - expected).abs() <= 1e-12 * expected.abs(), "{found} {expected}");
        }
        assert_eq!(found.minima().len(), 3);
        assert_eq!(found.well_at(-1e9), Some(0));
        assert_eq!(
            (found.well_at(0.004), found.well_at(0.006), found.well_at(2.9)),
            (Some(1), None, Some(2))
        );
        assert_eq!(found.territory(1), (-700.0, 0.5 * (0.01 + 3.0)));
    }

    #[test]
    fn a_range_leaves_out_what_is_outside() {
        let waves = Slope::Sine;
        // Minima of -cos at multiples of 2π.
        let found = Extrema::find(&waves, Some((-7.0, 20.0))).unwrap();
        let expected = [-1.0, 0.0, 1.0, 2.0, 3.0].map(|k| k * std::f64::consts::TAU);
        assert_eq!(found.minima().len(), 5);
        for (found, expected) in found.minima().iter().zip(expected) {
            assert!((found - expected).abs() < 1e-14, "{found} {expected}");
        }
        assert_eq!(found.tops().len(), 4);
        // All of them are too many.
        assert!(matches!(Extrema::find(&waves, None), Err(InputError::Order { .. })));
        for range in [(1.0, 1.0), (2.0, 1.0), (f64::NAN, 1.0), (0.0, f64::INFINITY)] {
            assert!(Extrema::find(&DoubleWell, Some(range)).is_err());
        }
        assert!(Extrema::find(&DoubleWell, Some((-0.5, 0.5))).is_err(), "a top alone");
        assert!(Extrema::find(&Quadratic::new(&[-1.0]), None).is_err());
        assert!(Extrema::find(&Quadratic::new(&[1.0, 1.0]), None).is_err());
    }
}
