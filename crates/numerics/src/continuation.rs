//! Periodic orbits followed as the learning rate changes, through folds and flips.
//!
//! A branch of orbits of period p is the curve F(x, h) = (Φₕ(xₖ) - xₖ₊₁)ₖ = 0 in all points and h. It is followed along its arc
//! length (Keller 1977), so that turning back in h is nothing special. Along it a multiplier passes 1 where the branch folds
//! or others cross it, -1 at a flip, where orbits of twice the period branch off, and a pair of them passes the unit circle
//! at a Neimark–Sacker point (Kuznetsov 2004, chapters 4 and 5).

mod criticality;
mod diagram;
mod equations;

pub use criticality::Criticality;
pub use diagram::{BifurcationDiagram, Origin, Traced};

use nalgebra::{DMatrix, DVector};

use crate::error::{InputError, check_order, check_step};
use crate::periodic::distance;
use crate::{Map, PeriodicOrbit, StepError, Tangent};
use equations::{corrected, landed, orbit_at, passes_divisor, signs, stacked, tangent_of};

/// Steps along the arc are halved at most so often.
const HALVINGS: u32 = 30;

/// Bisections of a bracket, to the last digits.
const BISECTIONS: u32 = 100;

/// What a change of sign of each test function tells.
const KINDS: [Bifurcation; 3] = [Bifurcation::Fold, Bifurcation::Flip, Bifurcation::NeimarkSacker];

/// What happens at a point of a branch.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Bifurcation {
    /// A multiplier passes 1 and the branch turns back in h.
    Fold,
    /// A multiplier passes 1 and the branch goes on in h: another branch crosses it.
    Crossing,
    /// A multiplier passes -1: orbits of twice the period branch off.
    Flip,
    /// A pair of complex multipliers passes the unit circle: an invariant curve branches off.
    NeimarkSacker,
}

/// A bifurcation on a [`Branch`].
#[derive(Clone, Debug, PartialEq)]
pub struct Event {
    /// What happens.
    pub kind: Bifurcation,
    /// The orbit at which it does, to about twelve digits of h unless the branch is flat there.
    pub orbit: PeriodicOrbit,
    /// How many orbits of the branch come before it.
    pub after: usize,
    /// The third-order coefficient of the normal form at a flip or a Neimark–Sacker point, whose sign decides: see
    /// [`Event::criticality`]. `None` for other kinds, and where it is not defined.
    pub coefficient: Option<f64>,
}

/// Why a branch ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum End {
    /// At an end of the learning rates, on it.
    Rates,
    /// It has as many points as were asked for.
    Points,
    /// It has come to the orbit of half its period, or another divisor, that it branches off from.
    Divides,
    /// It has come back to where it began: it is closed.
    Closed,
    /// Nothing more was found: the map has no further value there, or the branch turns too sharply.
    Lost,
    /// It was stopped.
    Stopped,
}

/// Orbits of one period along a curve, and the bifurcations on it.
#[derive(Clone, Debug, PartialEq)]
pub struct Branch {
    orbits: Vec<PeriodicOrbit>,
    events: Vec<Event>,
    ends: (End, End),
}

/// How far a branch is followed.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Continuation {
    /// The learning rates between which it is.
    pub rates: (f64, f64),
    /// The longest step along the arc, in units of the points and of h.
    pub step: f64,
    /// The most points of a branch.
    pub most: usize,
}

impl Default for Continuation {
    /// From 10⁻³ to 10, by steps of 0.02, at most 4000.
    fn default() -> Continuation {
        Continuation { rates: (1e-3, 10.0), step: 0.02, most: 4000 }
    }
}

impl Branch {
    /// The orbits in the order in which they were found; h may go back and forth.
    pub fn orbits(&self) -> &[PeriodicOrbit] {
        &self.orbits
    }

    /// The bifurcations, in the same order.
    pub fn events(&self) -> &[Event] {
        &self.events
    }

    /// Why it ends at its first orbit and at its last. A branch followed one way begins, with [`End::Stopped`], at the orbit given.
    pub fn ends(&self) -> (End, End) {
        self.ends
    }

    /// The points of each orbit, so ordered that point k of all of them is on one curve. (Those of [`PeriodicOrbit::points`] begin
    /// with the smallest, which may change from one curve to another.)
    pub fn strands(&self) -> Vec<Vec<&[f64]>> {
        let mut strands: Vec<Vec<&[f64]>> = Vec::with_capacity(self.orbits.len());
        for orbit in &self.orbits {
            let points = orbit.points();
            let begin = strands.last().map_or(0, |before| nearest_shift(before, points));
            strands.push((0..points.len()).map(|k| &points[(k + begin) % points.len()][..]).collect());
        }
        strands
    }

    /// The branch followed the other way before this one, which begins with the same orbit.
    fn after(self, mut backwards: Branch) -> Branch {
        let before = backwards.orbits.len() - 1;
        backwards.orbits.reverse();
        backwards.orbits.pop();
        backwards.orbits.extend(self.orbits);
        // As many orbits come before an event as came after it.
        let turned = backwards
            .events
            .into_iter()
            .rev()
            .map(|event| Event { after: before + 1 - event.after, ..event });
        let rest = self.events.into_iter().map(|event| Event { after: before + event.after, ..event });
        let events = turned.chain(rest).collect();
        Branch { orbits: backwards.orbits, events, ends: (backwards.ends.1, self.ends.1) }
    }
}

/// The cyclic shift that brings points nearest to others.
fn nearest_shift<X: AsRef<[f64]>>(to: &[X], points: &[Vec<f64>]) -> usize {
    let p = points.len();
    let far = |shift: usize| -> f64 {
        (0..p).map(|k| distance(to[k].as_ref(), &points[(k + shift) % p])).fold(0.0, f64::max)
    };
    (0..p).min_by(|&a, &b| far(a).total_cmp(&far(b))).unwrap_or(0)
}

impl Continuation {
    /// Follows the branch of an orbit, at first towards larger h (or smaller, if `upwards` is false), until h leaves the rates, the
    /// points are as many as asked for, or nothing more is found.
    ///
    /// ```
    /// use shadowflow_numerics::{Bifurcation, Continuation, Map, PeriodicOrbit, Scalar};
    /// /// Gradient descent on x⁴/4 - x²/2.
    /// struct Descent;
    /// impl Map for Descent {
    ///     fn dim(&self) -> usize { 1 }
    ///     fn step<S: Scalar>(&self, h: S, x: &[S], next: &mut [S]) {
    ///         next[0] = x[0] + h * (x[0] - x[0].powi(3));
    ///     }
    /// }
    /// // The minimum 1 turns unstable at h = 1, and the orbit of period 2 born there at √5 - 1.
    /// let minimum = PeriodicOrbit::near(&Descent, 0.8, &[vec![1.0]])?.expect("a minimum");
    /// let continuation = Continuation { rates: (0.5, 1.4), ..Continuation::default() };
    /// let branch = continuation.follow(&Descent, &minimum, true)?;
    /// let flip = &branch.events()[0];
    /// assert_eq!(flip.kind, Bifurcation::Flip);
    /// assert!((flip.orbit.h() - 1.0).abs() < 1e-12);
    /// let doubled = continuation.beyond_flip(&Descent, &flip.orbit)?.expect("orbits of twice the period");
    /// let next = continuation.follow(&Descent, &doubled, true)?;
    /// assert!((next.events()[0].orbit.h() - (5f64.sqrt() - 1.0)).abs() < 1e-11);
    /// # Ok::<(), shadowflow_numerics::StepError>(())
    /// ```
    ///
    /// # Errors
    /// If the rates are empty or not positive, the step is not positive, or fewer than 2 points are asked for.
    pub fn follow<M: Map>(&self, map: &M, orbit: &PeriodicOrbit, upwards: bool) -> Result<Branch, StepError> {
        self.follow_while(map, orbit, upwards, |_| true)
    }

    /// Follows the branch of an orbit both ways: from its end at smaller h, at first, through the orbit, to the other one. `go_on` is
    /// told each learning rate that was come to.
    ///
    /// # Errors
    /// As for [`Continuation::follow`].
    pub fn both_ways<M: Map>(
        &self,
        map: &M,
        orbit: &PeriodicOrbit,
        mut go_on: impl FnMut(f64) -> bool,
    ) -> Result<Branch, StepError> {
        let up = self.follow_while(map, orbit, true, &mut go_on)?;
        if up.ends.1 == End::Closed {
            return Ok(Branch { ends: (End::Closed, End::Closed), ..up });
        }
        Ok(up.after(self.follow_while(map, orbit, false, go_on)?))
    }

    /// As [`Continuation::follow`], as long as `go_on`, which is told each learning rate that was come to.
    ///
    /// # Errors
    /// As for [`Continuation::follow`].
    pub fn follow_while<M: Map>(
        &self,
        map: &M,
        orbit: &PeriodicOrbit,
        upwards: bool,
        mut go_on: impl FnMut(f64) -> bool,
    ) -> Result<Branch, StepError> {
        self.check()?;
        let (p, d) = (orbit.period(), map.dim());
        let mut state = stacked(orbit);
        let n = p * d;
        let mut direction = DVector::zeros(n + 1);
        direction[n] = if upwards { 1.0 } else { -1.0 };
        let mut branch =
            Branch { orbits: vec![orbit.clone()], events: Vec::new(), ends: (End::Stopped, End::Lost) };
        let Some(tangent) = tangent_of(map, &state, d, &direction) else { return Ok(branch) };
        direction = tangent;
        let beginning = (state.clone(), direction.clone());
        let mut step = self.step / 8.0;
        let mut before = signs(map, &state, d);
        branch.ends.1 = loop {
            if branch.orbits.len() >= self.most {
                break End::Points;
            }
            if !go_on(state[n]) {
                break End::Stopped;
            }
            let Some((mut next, turned)) = self.advance(map, &state, &direction, &mut step, d) else {
                break End::Lost;
            };
            if passes_divisor(&state, &next, p, d) {
                break End::Divides;
            }
            let limit = next[n].clamp(self.rates.0, self.rates.1);
            let is_last = limit != next[n];
            if is_last {
                let Some(landed) = landed(map, (&state, &next), limit, 0.2 * step, d) else {
                    break End::Rates;
                };
                next = landed;
            }
            let Some(found) = orbit_at(map, &next, d) else { break End::Lost };
            // An orbit of less than this period: the branch has come to where it branched off.
            if found.period() < p {
                break End::Divides;
            }
            let after = signs(map, &next, d);
            for (index, kind) in KINDS.into_iter().enumerate() {
                if before[index] * after[index] < 0.0
                    && let Some(event) = self.located(
                        map,
                        (&state, &direction, before[index]),
                        (&next, &turned, after[index]),
                        index,
                        kind,
                    )
                {
                    branch.events.push(Event { after: branch.orbits.len(), ..event });
                }
            }
            before = after;
            branch.orbits.push(found);
            if is_last {
                break End::Rates;
            }
            (state, direction) = (next, turned);
            if branch.orbits.len() > 8
                && (&state - &beginning.0).norm() <= step
                && direction.dot(&beginning.1) > 0.9
            {
                break End::Closed;
            }
            step = (1.5 * step).min(self.step);
        };
        Ok(branch)
    }

    /// An orbit of twice the period near a flip, on the side of h on which there is one, to be followed; `None` if none is found
    /// within a few steps.
    ///
    /// # Errors
    /// As for [`Continuation::follow`].
    pub fn beyond_flip<M: Map>(
        &self,
        map: &M,
        flip: &PeriodicOrbit,
    ) -> Result<Option<PeriodicOrbit>, StepError> {
        self.check()?;
        let (p, d) = (flip.period(), map.dim());
        if 2 * p > crate::OrbitSearch::LONGEST {
            return Ok(None);
        }
        // The direction that DΦᵖ turns round at the first point: the null vector of DΦᵖ + 1.
        let tangents: Vec<Tangent> = flip.points().iter().map(|x| Tangent::of(map, flip.h(), x)).collect();
        let whole =
            tangents.iter().fold(DMatrix::identity(d, d), |product, tangent| tangent.matrix() * product);
        let Some(transposed) = (whole + DMatrix::<f64>::identity(d, d)).svd(false, true).v_t else {
            return Ok(None);
        };
        let mut along: DVector<f64> = transposed.row(d - 1).transpose();
        let mut moves = Vec::new();
        for k in 0..2 * p {
            moves.push(along.clone());
            along = tangents[k % p].matrix() * along;
        }
        let size = flip.points().iter().flatten().fold(1.0f64, |size, x| size.max(x.abs()));
        // Small ones for long periods, whose points lie close together.
        for amplitude in [1e-3, 1e-4, 1e-5, 3e-3, 1e-2, 3e-2] {
            // The rate belongs to the unknowns, the amplitude at the first point is given: one side of h or the other.
            let mut state = DVector::zeros(2 * p * d + 1);
            for k in 0..2 * p {
                for c in 0..d {
                    state[k * d + c] = flip.points()[k % p][c] + amplitude * size * moves[k][c];
                }
            }
            state[2 * p * d] = flip.h();
            let mut fixed = DVector::zeros(2 * p * d + 1);
            for c in 0..d {
                fixed[c] = moves[0][c];
            }
            if let Some(found) = corrected(map, &state, &fixed, d)
                && let Some(orbit) = orbit_at(map, &found, d)
                && orbit.period() == 2 * p
                && self.rates.0 <= orbit.h()
                && orbit.h() <= self.rates.1
            {
                return Ok(Some(orbit));
            }
        }
        Ok(None)
    }

    fn check(&self) -> Result<(), InputError> {
        check_step(self.rates.0)?;
        check_order("the number of points of a branch", self.most, 2, 1_000_000)?;
        for (what, value, fine) in [
            (
                "the upper end of the rates",
                self.rates.1,
                self.rates.1 > self.rates.0 && self.rates.1.is_finite(),
            ),
            ("the step along the arc", self.step, self.step > 0.0 && self.step.is_finite()),
        ] {
            if !fine {
                return Err(InputError::Number {
                    what,
                    value,
                    expected: "a finite number above the lower end or 0",
                });
            }
        }
        Ok(())
    }

    /// The next point of the branch and its direction, with the step that was possible.
    fn advance<M: Map>(
        &self,
        map: &M,
        state: &DVector<f64>,
        direction: &DVector<f64>,
        step: &mut f64,
        d: usize,
    ) -> Option<(DVector<f64>, DVector<f64>)> {
        for _ in 0..HALVINGS {
            let predicted = state + direction * *step;
            if let Some(next) = corrected(map, &predicted, direction, d)
                && (&next - &predicted).norm() <= 0.2 * *step
                && let Some(turned) = tangent_of(map, &next, d, direction)
                // By less than some 15 degrees, so that nothing on the way is overlooked.
                && turned.dot(direction) > 0.965
            {
                return Some((next, turned));
            }
            *step *= 0.5;
        }
        None
    }

    /// The point between two of a branch at which a test function vanishes.
    fn located<M: Map>(
        &self,
        map: &M,
        (from, direction, first): (&DVector<f64>, &DVector<f64>, f64),
        (to, end, last): (&DVector<f64>, &DVector<f64>, f64),
        index: usize,
        kind: Bifurcation,
    ) -> Option<Event> {
        let (n, d) = (from.len() - 1, map.dim());
        let length = (to - from).dot(direction);
        let at = |s: f64| {
            let point = corrected(map, &(from + direction * s), direction, d)?;
            let sign = signs(map, &point, d)[index];
            Some((point, sign))
        };
        let (mut low, mut high) = (0.0, length);
        let mut found = None;
        // The values themselves are used as long as they help: regula falsi (Illinois), then bisection.
        let (mut at_low, mut at_high) = (first, last);
        for k in 0..BISECTIONS {
            let secant = low - at_low * (high - low) / (at_high - at_low);
            let middle =
                if k % 3 == 2 || !(low..=high).contains(&secant) { 0.5 * (low + high) } else { secant };
            let (point, value) = at(middle)?;
            found = Some(point);
            if value == 0.0 || high - low <= 1e-15 * (1.0 + length) {
                break;
            }
            if value * first > 0.0 {
                (low, at_low) = (middle, value);
                at_high *= 0.5;
            } else {
                (high, at_high) = (middle, value);
                at_low *= 0.5;
            }
        }
        let orbit = orbit_at(map, &found?, d)?;
        // A fold turns the branch round in h; where it goes on another one crosses.
        let kind = match kind {
            Bifurcation::Fold if direction[n] * end[n] > 0.0 => Bifurcation::Crossing,
            kind => kind,
        };
        // A real pair whose product is 1 is no Neimark–Sacker point.
        let is_complex = orbit.multipliers().iter().any(|m| m.im != 0.0 && (m.norm() - 1.0).abs() < 1e-6);
        if kind == Bifurcation::NeimarkSacker && !is_complex {
            return None;
        }
        let coefficient = criticality::coefficient(map, kind, &orbit);
        Some(Event { kind, orbit, after: 0, coefficient })
    }
}

#[cfg(test)]
mod tests;
