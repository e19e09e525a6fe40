//! Orbit diagrams of any iteration over its learning rate.

use super::{Iteration, Map, SideBySide};
use crate::diagram::{Bins, MARGIN};
use crate::error::{check_dimension, check_finite};
use crate::raster::{Size, in_parallel};
use crate::{Case, Density, Diagram, Formula, InputError, StartsError};

/// The orbits of one start under an [`Iteration`] at many learning rates, seen in their first coordinate: a [`Diagram`] where the
/// state has 6 numbers at most and steps are explicit; else the same orbit by orbit, more slowly.
///
/// ```
/// use shadowflow_methods::Method;
/// use shadowflow_numerics::{GradientFlow, Iteration, OrbitDiagram, problems::DoubleWell};
/// let rates = [0.5, 1.1];
/// let last = |name: &str| -> Result<Vec<f64>, Box<dyn std::error::Error>> {
///     let map = Iteration::method(Method::named(name)?.tableau(), GradientFlow(DoubleWell));
///     Ok(OrbitDiagram { map: &map, start: &[0.3], transient: 500 }.points(&rates, 2)?)
/// };
/// // Implicit Euler comes to rest where gradient descent alternates, at one minimum or the other.
/// assert!(last("implicit-euler")?.iter().all(|x| (x.abs() - 1.0).abs() < 1e-12));
/// let explicit = last("euler")?;
/// assert!((explicit[1] - 1.0).abs() < 1e-12 && (explicit[2] - explicit[3]).abs() > 0.1);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Copy, Debug)]
pub struct OrbitDiagram<'a, F> {
    /// The iteration.
    pub map: &'a Iteration<F>,
    /// The state from which all orbits begin: see [`Iteration::start`].
    pub start: &'a [f64],
    /// The number of iterates that are not shown.
    pub transient: usize,
}

/// Answers from the [`Diagram`] of the dimension of the state, if there is one.
macro_rules! side_by_side {
    ($self:ident, $rates:ident, $diagram:ident => $answer:expr, $($d:literal)*) => {
        match $self.map.dim() {
            $($d => if let Some((family, cases)) = $self.cases::<$d>($rates) {
                let $diagram = Diagram { family: &family, cases: &cases, transient: $self.transient };
                return Ok($answer?);
            })*
            _ => {}
        }
    };
}

impl<F: Formula + Sync> OrbitDiagram<'_, F> {
    /// The first coordinates of the `kept` iterates after the transient, rate by rate; infinite or NaN once the orbit has diverged, or
    /// an implicit step has no solution that is found.
    ///
    /// # Errors
    /// If the start is not a state of the iteration, there are no rates, or none are kept, or more than 2²⁸ numbers would be.
    pub fn points(&self, rates: &[f64], kept: usize) -> Result<Vec<f64>, StartsError> {
        self.check(rates)?;
        side_by_side!(self, rates, diagram => diagram.points(kept), 1 2 3 4 5 6);
        Size::checked(kept, rates.len())?;
        let mut points = vec![f64::NAN; kept * rates.len()];
        in_parallel(&mut points, kept, |k, points| {
            let mut points = points.iter_mut();
            self.follow(rates[k], kept, |x| {
                if let Some(point) = points.next() {
                    *point = x;
                }
            });
        });
        Ok(points)
    }

    /// How many of the `kept` iterates after the transient fall into each of `bins` equal parts of an interval.
    ///
    /// # Errors
    /// If the start is not a state of the iteration, the interval is empty or not finite, or there are no rates or bins, or too many.
    pub fn density(
        &self,
        rates: &[f64],
        kept: u32,
        range: (f64, f64),
        bins: usize,
    ) -> Result<Density, StartsError> {
        self.check(rates)?;
        side_by_side!(self, rates, diagram => diagram.density(kept, range, bins), 1 2 3 4 5 6);
        let (places, mut counts) = Bins::checked(range, bins, rates.len())?;
        in_parallel(&mut counts, places.row, |k, row| {
            let mut left = kept;
            let finite = self.follow(rates[k], kept as usize, |x| {
                row[places.place(x)] += 1;
                left -= 1;
            });
            row[0] += left;
            row[bins + MARGIN - 1] = u32::from(!finite);
        });
        Ok(Density::of(bins, counts))
    }

    /// Whether orbits are followed one by one, at some hundred times the cost of those side by side.
    pub fn is_one_by_one(&self) -> bool {
        self.map.is_implicit() || self.map.dim() > 6
    }

    /// Shows the first coordinate of each of so many iterates, until one is not finite; whether all are.
    fn follow(&self, h: f64, kept: usize, mut show: impl FnMut(f64)) -> bool {
        let (mut x, mut next) = (self.start.to_vec(), vec![0.0; self.start.len()]);
        for step in 0..self.transient + kept {
            self.map.step(h, &x, &mut next);
            std::mem::swap(&mut x, &mut next);
            if !x.iter().all(|x| x.is_finite()) {
                return false;
            }
            if step >= self.transient {
                show(x[0]);
            }
        }
        true
    }

    fn cases<const D: usize>(&self, rates: &[f64]) -> Option<(SideBySide<'_, F, D>, Vec<Case<D, 1>>)> {
        let family = self.map.side_by_side::<D>()?;
        let start: [f64; D] = self.start.try_into().ok()?;
        Some((family, rates.iter().map(|&h| Case { parameters: [h], start }).collect()))
    }

    fn check(&self, rates: &[f64]) -> Result<(), InputError> {
        check_dimension("the start", self.map.dim(), self.start)?;
        check_finite("the start", self.start)?;
        check_finite("the list of rates", rates)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::problems::{DoubleWell, Quadratic};
    use crate::{GradientFlow, Optimizer};
    use shadowflow_methods::Method;

    const RATES: [f64; 4] = [0.5, 1.1, 1.26, 2.1];

    /// As a diagram side by side counts, orbit by orbit.
    #[test]
    fn both_ways_show_the_same() {
        let map = Iteration::method(Method::named("euler").unwrap().tableau(), GradientFlow(DoubleWell));
        let diagram = OrbitDiagram { map: &map, start: &[0.3], transient: 400 };
        assert!(!diagram.is_one_by_one());
        let last = diagram.points(&RATES, 4).unwrap();
        let density = diagram.density(&RATES, 40, (-2.0, 2.0), 64).unwrap();
        for ((h, last), row) in RATES.iter().zip(last.chunks(4)).zip(density.rows()) {
            let (mut shown, mut counts) = (Vec::new(), vec![0; 64 + MARGIN]);
            let (bins, _) = Bins::checked((-2.0, 2.0), 64, 1).unwrap();
            let finite = diagram.follow(*h, 40, |x| {
                shown.push(x);
                counts[bins.place(x)] += 1;
            });
            assert_eq!(finite, *h < 2.0);
            if finite {
                // Settled on orbits that attract: rounding of one step.
                assert!(shown[..4].iter().zip(last).all(|(a, b)| (a - b).abs() < 1e-12), "{h}");
                assert_eq!(row, &counts[1..65]);
            }
        }
        assert_eq!(density.diverged().collect::<Vec<_>>(), [false, false, false, true]);
    }

    #[test]
    fn implicit_steps_settle_and_large_states_are_followed() {
        let implicit = Method::named("implicit-euler").unwrap();
        let map = Iteration::method(implicit.tableau(), GradientFlow(DoubleWell));
        let diagram = OrbitDiagram { map: &map, start: &[0.3], transient: 200 };
        assert!(diagram.is_one_by_one());
        let density = diagram.density(&[0.1, 0.9], 30, (0.0, 2.0), 3).unwrap();
        assert!(density.rows().all(|row| row == [0, 30, 0]));
        assert!(density.outside().all(|outside| outside == [0, 0]) && density.diverged().all(|gone| !gone));

        // (x, x₋) of four variables: 8 numbers. At hλ > 2(1 + β) momentum diverges.
        let heavy = Optimizer::named("heavy-ball(beta=0.5)").unwrap();
        let map = Iteration::optimizer(&heavy, GradientFlow(Quadratic::new(&[1.0, 0.5, 0.2, 0.1])));
        let start = map.start(&[1.0; 4]);
        let diagram = OrbitDiagram { map: &map, start: &start, transient: 2000 };
        let last = diagram.points(&[1.0, 3.1], 2).unwrap();
        assert!(last[..2].iter().all(|x| x.abs() < 1e-12), "{last:?}");
        assert!(last[2].is_nan() || last[2].abs() > 1e100, "{last:?}");
        let density = diagram.density(&[1.0, 5.0], 8, (-1.0, 1.0), 2).unwrap();
        assert_eq!(density.diverged().collect::<Vec<_>>(), [false, true]);
        assert_eq!(density.outside().nth(1), Some([8, 0]));
    }

    #[test]
    fn bad_arguments_are_refused() {
        let map = Iteration::method(Method::named("gauss4").unwrap().tableau(), GradientFlow(DoubleWell));
        let diagram = OrbitDiagram { map: &map, start: &[0.3], transient: 0 };
        assert!(diagram.points(&[], 1).is_err() && diagram.points(&[0.1], 0).is_err());
        assert!(
            diagram.density(&[0.1], 1, (1.0, 0.0), 5).is_err() && diagram.points(&[f64::NAN], 1).is_err()
        );
        assert!(OrbitDiagram { start: &[0.1, 0.2], ..diagram }.points(&[0.1], 1).is_err());
        assert!(OrbitDiagram { start: &[f64::INFINITY], ..diagram }.points(&[0.1], 1).is_err());
    }
}
