//! What an orbit of a map comes to, with its period confirmed.

use num_complex::Complex64;

use crate::error::{InputError, check_order};
use crate::map::check_map;
use crate::{Map, OrbitSearch, PeriodicOrbit, StepError};

/// A point this near to one a period before, as a share of the size of the orbit, is a candidate for having closed.
const CANDIDATE: f64 = 1e-6;

/// Points this near to those a period before, as a share of the size of the orbit, have come to the end of their digits.
const SETTLED: f64 = 1e-14;

/// Steps between looks whether the orbit has settled.
const LOOK: usize = 64;

/// How far from the last points the confirmed orbit may be, as a share of their size: a slow approach comes near late.
const NEAR: f64 = 1e-2;

/// Ends of the ranges over the third and the last quarter of the orbit differ by less than this share of its extent if it has found
/// its attractor.
const STEADY: f64 = 0.05;

/// A multiplier this near to 1 belongs to a curve of such orbits.
pub(crate) const ON_CURVE: f64 = 1e-6;

/// What an orbit comes to.
#[derive(Clone, Debug, PartialEq)]
pub enum Destiny {
    /// It comes to rest in an attracting fixed point, or in one of a curve of them that attracts.
    Fixed(PeriodicOrbit),
    /// It comes to an attracting orbit of this minimal period, at least 2.
    Periodic(PeriodicOrbit),
    /// It stays bounded, keeps its extent and does not close.
    Aperiodic,
    /// The point after so many steps is outside the ball, or not finite.
    Diverged {
        /// The number of steps.
        step: usize,
    },
    /// The point after so many steps is outside the window, not yet outside the ball.
    LeftWindow {
        /// The number of steps.
        step: usize,
    },
    /// It has not decided: it still changes, or almost closes where no attracting orbit is.
    Undecided,
}

/// How an orbit approaches a periodic one, by the multiplier that dies out last.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Approach {
    /// The multiplier is positive: from one side.
    Monotone,
    /// It is negative: from both sides in turn.
    Alternating,
    /// It is complex: round and round.
    Spiral,
}

/// How an orbit is judged.
#[derive(Clone, Debug, PartialEq)]
pub struct Judge {
    /// The number of steps, at least 8 times the longest period.
    pub steps: usize,
    /// The longest period looked for, 64 at most.
    pub longest: usize,
    /// A point with a coordinate of this size has diverged.
    pub radius: f64,
    /// An interval for each of the first coordinates, if leaving it ends the orbit.
    pub window: Option<Vec<(f64, f64)>>,
}

impl Default for Judge {
    /// 20 000 steps, periods to 32, radius 10⁶, no window.
    fn default() -> Judge {
        Judge { steps: 20_000, longest: 32, radius: 1e6, window: None }
    }
}

impl Judge {
    /// What the orbit of `x0` comes to.
    ///
    /// A period is confirmed by Newton's method and multipliers inside the unit circle; an orbit that closes to many digits beside
    /// a repelling one, on its way past it, is undecided.
    ///
    /// ```
    /// use shadowflow_numerics::{Destiny, Judge, Map, Scalar};
    /// /// Gradient descent on x⁴/4 - x²/2.
    /// struct Descent;
    /// impl Map for Descent {
    ///     fn dim(&self) -> usize { 1 }
    ///     fn step<S: Scalar>(&self, h: S, x: &[S], next: &mut [S]) {
    ///         next[0] = x[0] + h * (x[0] - x[0].powi(3));
    ///     }
    /// }
    /// let judge = Judge::default();
    /// assert!(matches!(judge.destiny(&Descent, 0.9, &[0.3])?, Destiny::Fixed(_)));
    /// let Destiny::Periodic(orbit) = judge.destiny(&Descent, 1.26, &[0.3])? else { panic!() };
    /// assert_eq!(orbit.period(), 4);
    /// assert_eq!(judge.destiny(&Descent, 1.9, &[0.3])?, Destiny::Aperiodic);
    /// assert!(matches!(judge.destiny(&Descent, 2.1, &[1.9])?, Destiny::Diverged { .. }));
    /// # Ok::<(), shadowflow_numerics::StepError>(())
    /// ```
    ///
    /// # Errors
    /// If h, the start, the radius, the window or the numbers cannot be used.
    pub fn destiny<M: Map>(&self, map: &M, h: f64, x0: &[f64]) -> Result<Destiny, StepError> {
        self.follow(map, h, x0, |_, _| ())
    }

    /// The same, showing every point with the number of steps that led to it, the start with 0.
    ///
    /// # Errors
    /// As [`Judge::destiny`].
    pub fn follow<M: Map>(
        &self,
        map: &M,
        h: f64,
        x0: &[f64],
        show: impl FnMut(usize, &[f64]),
    ) -> Result<Destiny, StepError> {
        Ok(self.run(map, h, x0, usize::MAX, show)?.0)
    }

    /// The same, and the number of steps taken: it ends before all are, but not before `least`, once the orbit repeats itself to
    /// the last digits and the attracting orbit it has come to is confirmed.
    ///
    /// # Errors
    /// As [`Judge::destiny`].
    pub fn settle<M: Map>(
        &self,
        map: &M,
        h: f64,
        x0: &[f64],
        least: usize,
        show: impl FnMut(usize, &[f64]),
    ) -> Result<(Destiny, usize), StepError> {
        self.run(map, h, x0, least, show)
    }

    fn run<M: Map>(
        &self,
        map: &M,
        h: f64,
        x0: &[f64],
        least: usize,
        mut show: impl FnMut(usize, &[f64]),
    ) -> Result<(Destiny, usize), StepError> {
        self.check(map, h, x0)?;
        let (mut x, mut next) = (x0.to_vec(), vec![0.0; x0.len()]);
        let kept = 2 * self.longest;
        let mut tail: std::collections::VecDeque<Vec<f64>> =
            std::collections::VecDeque::with_capacity(kept + 1);
        let mut quarters = [(); 2].map(|()| vec![(f64::INFINITY, f64::NEG_INFINITY); x0.len()]);
        show(0, &x);
        let mut next_look = least.max(2 * kept);
        for step in 1..=self.steps {
            map.step(h, &x, &mut next);
            std::mem::swap(&mut x, &mut next);
            if !x.iter().all(|x| x.abs() <= self.radius) {
                return Ok((Destiny::Diverged { step }, step));
            }
            show(step, &x);
            if !self.is_inside(&x) {
                return Ok((Destiny::LeftWindow { step }, step));
            }
            if step > self.steps / 2 {
                let quarter = usize::from(step > self.steps - self.steps / 4);
                for (range, &x) in quarters[quarter].iter_mut().zip(&x) {
                    *range = (range.0.min(x), range.1.max(x));
                }
            }
            tail.push_back(x.clone());
            if tail.len() > kept {
                tail.pop_front();
            }
            if step >= next_look {
                next_look = step + LOOK;
                if let Some(candidate) = self.closes(tail.make_contiguous(), SETTLED) {
                    let judged = confirmed(map, h, tail.make_contiguous(), candidate);
                    if judged != Destiny::Undecided {
                        return Ok((judged, step));
                    }
                    // It rests where nothing attracts, and will go on to.
                    next_look = 2 * step;
                }
            }
        }
        let tail: Vec<Vec<f64>> = tail.into();
        let destiny = match self.closes(&tail, CANDIDATE) {
            Some(candidate) => confirmed(map, h, &tail, candidate),
            None => {
                // Both ends of every coordinate: what drifts keeps its extent, and moves.
                let [third, last] = &quarters;
                let extent = |ranges: &[(f64, f64)]| ranges.iter().map(|r| r.1 - r.0).fold(0.0, f64::max);
                let room = STEADY * extent(third).max(extent(last));
                let same = |(a, b): (&(f64, f64), &(f64, f64))| {
                    (a.0 - b.0).abs() <= room && (a.1 - b.1).abs() <= room
                };
                if third.iter().zip(last).all(same) { Destiny::Aperiodic } else { Destiny::Undecided }
            }
        };
        Ok((destiny, self.steps))
    }

    /// After how many steps the last points come back, to this share of their size.
    fn closes(&self, tail: &[Vec<f64>], share: f64) -> Option<usize> {
        let size = size(tail);
        let closes = |p: &usize| (*p..tail.len()).all(|k| near(&tail[k], &tail[k - p], share * size));
        (1..=self.longest).find(closes)
    }

    fn is_inside(&self, x: &[f64]) -> bool {
        let inside = |(x, side): (&f64, &(f64, f64))| side.0 <= *x && *x <= side.1;
        self.window.as_ref().is_none_or(|window| x.iter().zip(window).all(inside))
    }

    fn check<M: Map>(&self, map: &M, h: f64, x0: &[f64]) -> Result<(), InputError> {
        check_map(map, h, x0)?;
        check_order("the longest period", self.longest, 1, OrbitSearch::LONGEST)?;
        check_order("the number of steps", self.steps, 8 * self.longest, usize::MAX)?;
        if self.radius.is_nan() || self.radius <= 0.0 {
            let expected = "a positive number, or infinity";
            return Err(InputError::Number { what: "the radius", value: self.radius, expected });
        }
        for &(from, to) in self.window.iter().flatten() {
            if from.partial_cmp(&to) != Some(std::cmp::Ordering::Less) {
                let expected = "ends with the smaller first";
                return Err(InputError::Number {
                    what: "the upper end of a side of the window",
                    value: to,
                    expected,
                });
            }
        }
        Ok(())
    }
}

/// The attracting orbit by the last points, which close after so many steps, if Newton's method finds it there.
fn confirmed<M: Map>(map: &M, h: f64, tail: &[Vec<f64>], candidate: usize) -> Destiny {
    let end = &tail[tail.len() - candidate..];
    let Some(orbit) = crate::periodic::refined(map, h, end) else { return Destiny::Undecided };
    let room = NEAR * size(tail);
    let is_there = orbit.points().iter().any(|point| near(point, &end[0], room));
    let attracts =
        orbit.multipliers().iter().all(|m| m.norm() < 1.0 - ON_CURVE || (m - 1.0).norm() <= ON_CURVE);
    // Of a curve of orbits one multiplier is 1; with all of them 1 nothing draws the orbit there.
    let drawn = orbit.multipliers().iter().any(|m| m.norm() < 1.0 - ON_CURVE);
    match orbit.period() {
        _ if !(is_there && attracts && drawn) => Destiny::Undecided,
        1 => Destiny::Fixed(orbit),
        _ => Destiny::Periodic(orbit),
    }
}

fn size(tail: &[Vec<f64>]) -> f64 {
    tail.iter().map(|x| crate::motion::size(x)).fold(f64::MIN_POSITIVE, f64::max)
}

/// Whether every coordinate is.
pub(crate) fn near(x: &[f64], y: &[f64], by: f64) -> bool {
    x.iter().zip(y).all(|(x, y)| (x - y).abs() <= by)
}

impl PeriodicOrbit {
    /// How nearby orbits approach it, by the largest multiplier inside the unit circle; `None` if there is none, or all are 0.
    pub fn approach(&self) -> Option<Approach> {
        let slowest: &Complex64 = self.multipliers().iter().find(|m| m.norm() < 1.0 - ON_CURVE)?;
        match () {
            () if slowest.norm() == 0.0 => None,
            () if slowest.im.abs() > 1e-9 * slowest.norm() => Some(Approach::Spiral),
            () if slowest.re > 0.0 => Some(Approach::Monotone),
            () => Some(Approach::Alternating),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::map::known::Cubic;
    use crate::problems::{Quadratic, ScalarFactorization};
    use crate::{GradientFlow, Iteration, Optimizer};

    fn destiny(h: f64, x0: f64) -> Destiny {
        Judge::default().destiny(&Cubic, h, &[x0]).unwrap()
    }

    #[test]
    fn the_cubic_map_takes_its_known_road() {
        // Doublings at 1, √5 - 1, 1.2880…, 1.2992…; chaos beyond 1.3023, divergence beyond 2.
        for (h, period) in [(0.99, 1), (1.01, 2), (1.25, 4), (1.295, 8), (1.3, 16)] {
            let found = match destiny(h, 0.3) {
                Destiny::Fixed(orbit) | Destiny::Periodic(orbit) => orbit.period(),
                other => panic!("{h}: {other:?}"),
            };
            assert_eq!(found, period, "{h}");
        }
        assert_eq!(destiny(1.9, 0.3), Destiny::Aperiodic);
        assert!(matches!(destiny(2.1, 1.9), Destiny::Diverged { .. }));
    }

    #[test]
    fn what_only_seems_to_settle_is_undecided() {
        // At the flip itself two points still lie 0.01 apart; the start on the maximum 0 stays there although it repels.
        assert_eq!(destiny(1.0, 0.9), Destiny::Undecided);
        assert_eq!(destiny(0.5, 0.0), Destiny::Undecided);
    }

    #[test]
    fn what_has_settled_is_judged_early_and_alike() {
        let judge = Judge::default();
        for (h, x0) in [(0.4, 0.3), (0.99, 0.3), (1.2, 0.3), (1.25, 0.3), (1.9, 0.3), (0.5, 0.0), (1.0, 0.9)]
        {
            let (early, steps) = judge.settle(&Cubic, h, &[x0], 0, |_, _| ()).unwrap();
            // Newton's method ends at the same orbit up to rounding.
            match (&early, destiny(h, x0)) {
                (Destiny::Fixed(a), Destiny::Fixed(b)) | (Destiny::Periodic(a), Destiny::Periodic(b)) => {
                    assert!(a.is_same_as(&b) && steps < judge.steps, "{h}: {steps}");
                }
                (a, b) => assert!(*a == b && steps == judge.steps, "{h}: {steps}"),
            }
        }
        let steps = |least| judge.settle(&Cubic, 0.4, &[0.3], least, |_, _| ()).unwrap().1;
        // 1 - 2h = 1/5 is at rounding after 25 steps; nothing is asked before twice as many points as are kept are there.
        assert!(steps(0) == 128 && (1000..1100).contains(&steps(1000)));
    }

    #[test]
    fn what_drifts_has_not_decided() {
        struct Drift;
        impl Map for Drift {
            fn dim(&self) -> usize {
                1
            }
            fn step<S: crate::Scalar>(&self, h: S, x: &[S], next: &mut [S]) {
                next[0] = x[0] + h;
            }
        }
        assert_eq!(Judge::default().destiny(&Drift, 1.0, &[0.0]).unwrap(), Destiny::Undecided);
    }

    #[test]
    fn leaving_the_window_is_not_divergence() {
        let judge = Judge { window: Some(vec![(-0.5, 0.5)]), ..Judge::default() };
        assert!(
            matches!(judge.destiny(&Cubic, 0.5, &[0.3]).unwrap(), Destiny::LeftWindow { step } if step < 5)
        );
        assert!(judge.destiny(&Cubic, -1.0, &[0.3]).is_err());
        assert!(Judge { steps: 100, ..Judge::default() }.destiny(&Cubic, 1.0, &[0.3]).is_err());
    }

    #[test]
    fn approaches_follow_the_multipliers() {
        // 1 - 2h at the minimum of the cubic map: positive below 1/2.
        for (h, expected) in [(0.3, Approach::Monotone), (0.8, Approach::Alternating)] {
            let Destiny::Fixed(orbit) = destiny(h, 0.3) else { panic!() };
            assert_eq!(orbit.approach(), Some(expected));
        }
        let heavy = Optimizer::named("heavy-ball(beta=0.9)").unwrap();
        let map = Iteration::optimizer(&heavy, GradientFlow(Quadratic::new(&[1.0])));
        let Destiny::Fixed(orbit) = Judge::default().destiny(&map, 0.5, &map.start(&[1.0])).unwrap() else {
            panic!()
        };
        assert_eq!(orbit.approach(), Some(Approach::Spiral));
    }

    #[test]
    fn minima_on_a_curve_are_come_to() {
        let euler = shadowflow_methods::Method::named("euler").unwrap();
        let map = Iteration::method(euler.tableau(), GradientFlow(ScalarFactorization { target: 1.0 }));
        let Destiny::Fixed(orbit) = Judge::default().destiny(&map, 0.4, &[1.4, 0.3]).unwrap() else {
            panic!()
        };
        let at = &orbit.points()[0];
        assert!((at[0] * at[1] - 1.0).abs() < 1e-12 && at[0] * at[0] + at[1] * at[1] < 5.0);
    }
}
