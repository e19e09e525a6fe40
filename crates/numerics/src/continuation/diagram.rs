//! All branches that orbits lie on, and those that branch off at flips: a bifurcation diagram.

use std::collections::VecDeque;

use super::{Bifurcation, Branch, Continuation, Event, nearest_shift};
use crate::periodic::{distance, size};
use crate::{Map, PeriodicOrbit, Scalar, StepError, Symmetry};

/// A bifurcation diagram: the branches of given orbits, followed both ways, and those of twice the period at their flips.
///
/// ```
/// use shadowflow_numerics::{Bifurcation, BifurcationDiagram, Map, PeriodicOrbit, Scalar};
/// /// Gradient descent on x⁴/4 - x²/2.
/// struct Descent;
/// impl Map for Descent {
///     fn dim(&self) -> usize { 1 }
///     fn step<S: Scalar>(&self, h: S, x: &[S], next: &mut [S]) {
///         next[0] = x[0] + h * (x[0] - x[0].powi(3));
///     }
/// }
/// let minimum = PeriodicOrbit::near(&Descent, 0.8, &[vec![1.0]])?.expect("a minimum");
/// let diagram = BifurcationDiagram { rates: (0.5, 1.31), doublings: 2, ..BifurcationDiagram::default() };
/// let traced = diagram.trace(&Descent, &[minimum], |_, _, _| true)?;
/// // The minimum 1, its orbits of period 2 and 4, and the same about -1, by x ↦ -x.
/// let periods: Vec<usize> = traced.iter().map(|one| one.branch.orbits()[0].period()).collect();
/// assert_eq!(periods, [1, 1, 2, 2, 4, 4]);
/// let flip = &traced[2].branch.events()[0];
/// assert_eq!(flip.kind, Bifurcation::Flip);
/// assert!((flip.orbit.h() - (5f64.sqrt() - 1.0)).abs() < 1e-11);
/// # Ok::<(), shadowflow_numerics::StepError>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct BifurcationDiagram {
    /// The learning rates between which branches are followed.
    pub rates: (f64, f64),
    /// The longest step along a branch, in units of the points; in h it is 1/50 of the rates. After each doubling it is half as long.
    pub step: f64,
    /// The most points of a branch, each way.
    pub most: usize,
    /// How many flips in a row are followed from an orbit that was given.
    pub doublings: usize,
}

/// Where a branch of a diagram comes from.
#[derive(Clone, Debug, PartialEq)]
pub enum Origin {
    /// The orbit given with this place in the list.
    Given(usize),
    /// It branches off at a flip.
    Flip {
        /// The place of the branch with the flip.
        branch: usize,
        /// The place of the flip among its events.
        event: usize,
    },
    /// It is the image of another branch under a symmetry of the map.
    Image {
        /// The place of that branch.
        branch: usize,
        /// The symmetry.
        symmetry: Symmetry,
    },
}

/// A branch of a diagram.
#[derive(Clone, Debug, PartialEq)]
pub struct Traced {
    /// The branch.
    pub branch: Branch,
    /// Where it comes from.
    pub origin: Origin,
}

impl Default for BifurcationDiagram {
    /// From 10⁻³ to 10 by steps of 0.02, at most 4000 each way, 4 doublings.
    fn default() -> BifurcationDiagram {
        BifurcationDiagram { rates: (1e-3, 10.0), step: 0.02, most: 4000, doublings: 4 }
    }
}

/// A branch to be followed.
struct Task {
    orbit: PeriodicOrbit,
    origin: Origin,
    depth: usize,
}

impl BifurcationDiagram {
    /// All branches through the orbits, each once, with what branches off. An orbit on a branch already followed is left out, and
    /// images under symmetries of the map ([`Symmetry::of`], at the first orbit's learning rate and both ends) are not followed
    /// again. `go_on` is told how many of the orbits are done, the period, and the learning rate come to; what was followed until it
    /// says no is returned.
    ///
    /// # Errors
    /// If the rates are empty or not positive, the step is not positive, or fewer than 2 points are asked for.
    pub fn trace<M: Map>(
        &self,
        map: &M,
        orbits: &[PeriodicOrbit],
        mut go_on: impl FnMut(usize, usize, f64) -> bool,
    ) -> Result<Vec<Traced>, StepError> {
        Continuation { rates: self.rates, step: self.step, most: self.most }.check()?;
        let unit = (self.rates.1 - self.rates.0) * 0.02 / self.step;
        let scaled = Scaled { map, unit };
        let mut symmetries = Symmetry::of(map, orbits.first().map_or(self.rates.0, PeriodicOrbit::h));
        for h in [self.rates.0, self.rates.1] {
            let there = Symmetry::of(map, h);
            symmetries.retain(|symmetry| there.contains(symmetry));
        }
        let mut found: Vec<Traced> = Vec::new();
        for (given, orbit) in orbits.iter().enumerate() {
            if found.iter().any(|one| self.lies_on(map, &one.branch, orbit)) {
                continue;
            }
            let mut tasks =
                VecDeque::from([Task { orbit: orbit.clone(), origin: Origin::Given(given), depth: 0 }]);
            while let Some(Task { orbit, origin, depth }) = tasks.pop_front() {
                let (h, period) = (orbit.h(), orbit.period());
                let mut stopped = !go_on(given, period, h);
                let start = orbit.with_rate(h / unit);
                let branch = self.continuation(unit, depth).both_ways(&scaled, &start, |h| {
                    stopped |= !go_on(given, period, h * unit);
                    !stopped
                })?;
                let branch = branch.in_units(unit);
                // What comes back to a branch by its other end is known.
                let middle = &branch.orbits[branch.orbits.len() / 2];
                if matches!(origin, Origin::Flip { .. })
                    && found.iter().any(|one| self.lies_on(map, &one.branch, middle))
                {
                    continue;
                }
                let place = found.len();
                for (event, flip) in branch.events.iter().enumerate() {
                    if stopped || flip.kind != Bifurcation::Flip || depth >= self.doublings {
                        continue;
                    }
                    let at = flip.orbit.clone().with_rate(flip.orbit.h() / unit);
                    if let Some(doubled) = self.continuation(unit, depth + 1).beyond_flip(&scaled, &at)? {
                        let h = doubled.h() * unit;
                        let origin = Origin::Flip { branch: place, event };
                        tasks.push_back(Task { orbit: doubled.with_rate(h), origin, depth: depth + 1 });
                    }
                }
                found.push(Traced { branch, origin });
                for symmetry in &symmetries {
                    let orbits = &found[place].branch.orbits;
                    let middle = orbits[orbits.len() / 2].image(symmetry);
                    if !found.iter().any(|one| self.lies_on(map, &one.branch, &middle)) {
                        let branch = found[place].branch.image(symmetry);
                        let origin = Origin::Image { branch: place, symmetry: symmetry.clone() };
                        found.push(Traced { branch, origin });
                    }
                }
                if stopped {
                    return Ok(found);
                }
            }
        }
        Ok(found)
    }

    fn continuation(&self, unit: f64, depth: usize) -> Continuation {
        // Doubled orbits part by ever less: 2.5 times so at every flip.
        let step = self.step * 0.5f64.powi(depth as i32);
        Continuation { rates: (self.rates.0 / unit, self.rates.1 / unit), step, most: self.most }
    }

    /// Whether an orbit is one of a branch: found again at its learning rate from neighbours on the branch.
    fn lies_on<M: Map>(&self, map: &M, branch: &Branch, orbit: &PeriodicOrbit) -> bool {
        let (h, p) = (orbit.h(), orbit.period());
        if branch.orbits[0].period() != p {
            return false;
        }
        let reach = 4.0 * self.step * size(orbit.points());
        let passes = |pair: &[PeriodicOrbit]| {
            let (a, b) = (&pair[0], &pair[1]);
            if (a.h() - h) * (b.h() - h) > 0.0 {
                return false;
            }
            let begin = nearest_shift(a.points(), orbit.points());
            if (0..p).any(|k| distance(&a.points()[k], &orbit.points()[(k + begin) % p]) > reach) {
                return false;
            }
            let shift = nearest_shift(a.points(), b.points());
            let share = if a.h() == b.h() { 0.0 } else { (h - a.h()) / (b.h() - a.h()) };
            let guess: Vec<Vec<f64>> = (0..p)
                .map(|k| {
                    let (from, to) = (&a.points()[k], &b.points()[(k + shift) % p]);
                    from.iter().zip(to).map(|(from, to)| from + share * (to - from)).collect()
                })
                .collect();
            PeriodicOrbit::near(map, h, &guess).ok().flatten().is_some_and(|found| found.is_same_as(orbit))
        };
        branch.orbits.iter().any(|known| known.h() == h && known.is_same_as(orbit))
            || branch.orbits.windows(2).any(passes)
    }
}

impl Branch {
    /// The same at learning rates in other units.
    fn in_units(self, unit: f64) -> Branch {
        let convert = |orbit: PeriodicOrbit| {
            let h = orbit.h() * unit;
            orbit.with_rate(h)
        };
        let event = |event: Event| Event { orbit: convert(event.orbit), ..event };
        Branch {
            orbits: self.orbits.into_iter().map(convert).collect(),
            events: self.events.into_iter().map(event).collect(),
            ends: self.ends,
        }
    }

    fn image(&self, symmetry: &Symmetry) -> Branch {
        let event = |event: &Event| Event { orbit: event.orbit.image(symmetry), ..event.clone() };
        Branch {
            orbits: self.orbits.iter().map(|orbit| orbit.image(symmetry)).collect(),
            events: self.events.iter().map(event).collect(),
            ends: self.ends,
        }
    }
}

/// A map with the learning rate in other units.
struct Scaled<'a, M> {
    map: &'a M,
    unit: f64,
}

impl<M: Map> Map for Scaled<'_, M> {
    fn dim(&self) -> usize {
        self.map.dim()
    }

    fn step<S: Scalar>(&self, h: S, x: &[S], next: &mut [S]) {
        self.map.step(h * self.unit, x, next);
    }

    fn is_formula(&self) -> bool {
        self.map.is_formula()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::map::known::{Cubic, Logistic};
    use crate::{Criticality, End, OrbitSearch};

    fn at<M: Map>(map: &M, h: f64, points: &[f64]) -> PeriodicOrbit {
        let points: Vec<Vec<f64>> = points.iter().map(|&x| vec![x]).collect();
        PeriodicOrbit::near(map, h, &points).unwrap().unwrap()
    }

    fn periods(traced: &[Traced]) -> Vec<usize> {
        traced.iter().map(|one| one.branch.orbits()[0].period()).collect()
    }

    #[test]
    fn the_cascade_is_followed_from_the_minimum_and_each_branch_once() {
        let minima = [at(&Cubic, 0.8, &[-1.0]), at(&Cubic, 0.8, &[1.0])];
        let diagram = BifurcationDiagram { rates: (0.5, 1.31), ..BifurcationDiagram::default() };
        let traced = diagram.trace(&Cubic, &minima, |_, _, _| true).unwrap();
        assert_eq!(periods(&traced), [1, 1, 2, 2, 4, 4, 8, 8, 16, 16]);
        for k in [1, 3, 5, 7, 9] {
            assert!(matches!(traced[k].origin, Origin::Image { branch, .. } if branch == k - 1), "{k}");
        }
        // 1 and √5 - 1 in closed form; the others by mpmath with 30 digits.
        let expected = [1.0, 5f64.sqrt() - 1.0, 1.288_031_754_482_843, 1.299_227_939_650_204];
        for (k, expected) in expected.into_iter().enumerate() {
            let flip = traced[2 * k].branch.events().iter().find(|event| event.kind == Bifurcation::Flip);
            let flip = flip.unwrap();
            assert!((flip.orbit.h() - expected).abs() < 1e-11, "{} {expected}", flip.orbit.h());
            assert_eq!(flip.criticality(), Some(Criticality::Supercritical));
        }
    }

    #[test]
    fn orbits_on_one_branch_are_followed_once() {
        // Of period 3 at 3.84: one that attracts and one that repels, joined by the fold at 1 + √8.
        let search = OrbitSearch { sides: vec![(0.0, 1.0)], longest: 3, starts: 200 };
        let all = search.run(&Logistic, 3.84).unwrap();
        let threes: Vec<PeriodicOrbit> = all.into_iter().filter(|orbit| orbit.period() == 3).collect();
        assert_eq!(threes.len(), 2);
        let diagram =
            BifurcationDiagram { rates: (3.8, 3.845), doublings: 1, ..BifurcationDiagram::default() };
        let traced = diagram.trace(&Logistic, &threes, |_, _, _| true).unwrap();
        assert_eq!(periods(&traced), [3, 6]);
        let branch = &traced[0].branch;
        assert_eq!(branch.ends(), (End::Rates, End::Rates));
        let fold = branch.events().iter().find(|event| event.kind == Bifurcation::Fold).unwrap();
        assert!((fold.orbit.h() - (1.0 + 8f64.sqrt())).abs() < 1e-11);
    }

    #[test]
    fn what_was_followed_is_kept_when_stopped() {
        let minimum = at(&Cubic, 0.8, &[1.0]);
        let diagram = BifurcationDiagram { rates: (0.5, 1.31), ..BifurcationDiagram::default() };
        let traced =
            diagram.trace(&Cubic, std::slice::from_ref(&minimum), |_, period, _| period < 4).unwrap();
        assert_eq!(periods(&traced), [1, 1, 2, 2, 4, 4], "the branch that was begun has its first orbit");
        let bad = BifurcationDiagram { rates: (1.0, 0.5), ..diagram };
        assert!(bad.trace(&Cubic, &[minimum], |_, _, _| true).is_err());
    }
}
