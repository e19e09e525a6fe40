//! Largest Lyapunov exponents of one method over learning rates and a second parameter, with what decides their signs.

use std::borrow::Borrow;

use crate::error::{check_finite, check_order, check_step};
use crate::family::{Bundle, Plain};
use crate::lyapunov_field::{Exponents, Parted, until};
use crate::motion::{RADIUS, by_exponent, returns, size};
use crate::raster::{Size, StartsError, in_parallel};
use crate::widest::with_widest;
use crate::{Case, Dual, Formula, Iteration, Map, Motion};

/// Means over so many stretches tell the error.
const BATCHES: usize = 16;

/// Steps between two looks at the length of the tangent of a single orbit.
const STRIDE: usize = 8;

/// The largest Lyapunov exponent of an orbit, and what it says.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct LargestExponent {
    /// Natural logarithm per step; -∞ on a superstable orbit, NaN where the orbit left.
    pub value: f64,
    /// One standard deviation, from 16 batch means.
    pub error: f64,
    /// [`Motion::Chaotic`] or [`Motion::Regular`] where the exponent differs from 0 by four errors; [`Motion::Undecided`] otherwise, where the
    /// orbit stays on a repelling periodic one, and where it grows like the distance of its neighbours; [`Motion::Diverged`] or
    /// [`Motion::LeftDomain`] where it left.
    pub motion: Motion,
}

/// How the exponents of a plane are measured: one orbit for each pixel.
///
/// The vector v is pushed along with the orbit (Benettin, Galgani, Giorgilli & Strelcyn 1980); pictures of this kind over planes of
/// parameters are due to Markus & Hess (1989).
///
/// ```
/// use shadowflow_numerics::{ExponentPlane, GradientFlow, Iteration, Motion, Optimizer, problems::DoubleWell};
/// // Heavy ball with two values of β, a row each, over three learning rates.
/// let rows = ["heavy-ball(beta=0.1)", "heavy-ball(beta=0.3)"]
///     .map(|name| Optimizer::named(name).map(|optimizer| Iteration::optimizer(&optimizer, GradientFlow(DoubleWell))));
/// let rows = rows.into_iter().collect::<Result<Vec<_>, _>>()?;
/// let found = ExponentPlane::default().of_rows(&rows, &[0.3], &[0.5, 1.6, 4.0])?;
/// let motions: Vec<Motion> = found.iter().map(|one| one.motion).collect();
/// assert_eq!(motions[..3], [Motion::Regular, Motion::Chaotic, Motion::Diverged]);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ExponentPlane {
    /// Steps before anything is measured.
    pub transient: usize,
    /// Steps that are measured, 16 at least.
    pub steps: usize,
}

impl Default for ExponentPlane {
    /// A transient of 1000 and 2000 steps.
    fn default() -> ExponentPlane {
        ExponentPlane { transient: 1000, steps: 2000 }
    }
}

impl ExponentPlane {
    /// Of the orbits from the point `x0`, row by row: each map with each learning rate.
    ///
    /// Explicit methods and optimizers whose state has up to 6 numbers go side by side, others one by one. Rows are computed in
    /// parallel; the result does not depend on the number of threads.
    ///
    /// # Errors
    /// If there are no maps or learning rates, or too many; a learning rate is not positive and finite; the point has the wrong
    /// dimension or is not finite; or there are fewer than 16 steps.
    pub fn of_rows<F: Formula + Sync, I: Borrow<Iteration<F>> + Sync>(
        &self,
        maps: &[I],
        x0: &[f64],
        h: &[f64],
    ) -> Result<Vec<LargestExponent>, StartsError> {
        Size::checked(h.len(), maps.len())?;
        check_order("the number of steps", self.steps, BATCHES, usize::MAX)?;
        for &h in h {
            check_step(h)?;
        }
        for map in maps {
            crate::error::check_dimension("the point", map.borrow().variables(), x0)?;
        }
        check_finite("the point", x0)?;
        let none = LargestExponent { value: f64::NAN, error: f64::NAN, motion: Motion::Undecided };
        let mut found = vec![none; maps.len() * h.len()];
        in_parallel(&mut found, h.len(), |row, found| {
            let map: &Iteration<F> = maps[row].borrow();
            let start = map.start(x0);
            let is_done = match start.len() {
                1 => self.side_by_side::<F, 1, 5>(map, &start, h, found),
                2 => self.side_by_side::<F, 2, 4>(map, &start, h, found),
                3 => self.side_by_side::<F, 3, 4>(map, &start, h, found),
                4 => self.side_by_side::<F, 4, 2>(map, &start, h, found),
                6 => self.side_by_side::<F, 6, 2>(map, &start, h, found),
                _ => false,
            };
            if !is_done {
                for (found, &h) in found.iter_mut().zip(h) {
                    *found = self.one(map, &start, h);
                }
            }
        });
        Ok(found)
    }

    /// Several orbits at a time; false if the map cannot.
    fn side_by_side<F: Formula + Sync, const D: usize, const U: usize>(
        &self,
        map: &Iteration<F>,
        start: &[f64],
        h: &[f64],
        found: &mut [LargestExponent],
    ) -> bool {
        let (Some(family), Ok(start)) = (map.side_by_side::<D>(), <[f64; D]>::try_from(start)) else {
            return false;
        };
        let cases: Vec<Case<D, 1>> = h.iter().map(|&h| Case { parameters: [h], start }).collect();
        let length = Bundle::<D, 1, U>::CASES;
        let mut parted = vec![Parted::<D, BATCHES>::NONE; length];
        for (cases, found) in cases.chunks(length).zip(found.chunks_mut(length)) {
            let out = &mut parted[..cases.len()];
            let (map_of, transient, steps) = (Plain(&family), self.transient, self.steps);
            with_widest(Exponents::<_, D, 1, U, BATCHES> { map: map_of, cases, transient, steps, out });
            for ((found, parted), case) in found.iter_mut().zip(&parted).zip(cases) {
                let after = parted.is_finite.then_some(&parted.after);
                *found = self.judged(map, case.parameters[0], &start, after, &parted.first, &parted.last);
            }
        }
        true
    }

    /// One orbit, with steps that may solve equations.
    fn one<M: Map>(&self, map: &M, start: &[f64], h: f64) -> LargestExponent {
        let (mut x, mut next) = (start.to_vec(), start.to_vec());
        for _ in 0..self.transient {
            map.step(h, &x, &mut next);
            std::mem::swap(&mut x, &mut next);
            if !x.iter().all(|x| x.is_finite()) {
                return self.judged(map, h, start, None, start, &x);
            }
        }
        let first = x.clone();
        let rate = Dual::from(h);
        let mut point: Vec<Dual<f64>> =
            x.iter().enumerate().map(|(d, &value)| Dual { value, slope: 1.0 / (d + 1) as f64 }).collect();
        let mut image = point.clone();
        let (mut after, mut logarithm, mut taken) = ([0.0; BATCHES], 0.0, 0);
        for (batch, after) in after.iter_mut().enumerate() {
            while taken < until::<BATCHES>(self.steps, batch) {
                map.step(rate, &point, &mut image);
                std::mem::swap(&mut point, &mut image);
                taken += 1;
                if taken % STRIDE == 0 || taken == until::<BATCHES>(self.steps, batch) {
                    let length = point.iter().fold(0.0, |length: f64, x| length.hypot(x.slope));
                    if !(length.is_finite() && point.iter().all(|x| x.value.is_finite())) {
                        return self.judged(map, h, start, None, &first, &x);
                    }
                    logarithm += length.ln();
                    // Of a tangent that has vanished nothing comes back.
                    let unit = if length > 0.0 { length } else { 1.0 };
                    point.iter_mut().for_each(|x| x.slope /= unit);
                }
            }
            *after = logarithm;
        }
        let last: Vec<f64> = point.iter().map(|x| x.value).collect();
        self.judged(map, h, start, Some(&after), &first, &last)
    }

    fn judged<M: Map>(
        &self,
        map: &M,
        h: f64,
        start: &[f64],
        after: Option<&[f64; BATCHES]>,
        first: &[f64],
        last: &[f64],
    ) -> LargestExponent {
        let Some(after) = after.filter(|_| size(last) <= RADIUS) else {
            let end = Motion::leaving(map, h, start, self.transient.saturating_add(self.steps));
            // What stays has a tangent that left the doubles.
            let motion = end.map_or(Motion::Undecided, |(motion, _)| motion);
            return LargestExponent { value: f64::NAN, error: f64::NAN, motion };
        };
        let value = after[BATCHES - 1] / self.steps as f64;
        if value == f64::NEG_INFINITY {
            return LargestExponent { value, error: 0.0, motion: Motion::Regular };
        }
        let (mut before, mut taken, mut square) = (0.0, 0, 0.0);
        for (batch, &after) in after.iter().enumerate() {
            let length = (until::<BATCHES>(self.steps, batch) - taken) as f64;
            square += ((after - before) / length - value).powi(2);
            (before, taken) = (after, until::<BATCHES>(self.steps, batch));
        }
        let error = (square / (BATCHES * (BATCHES - 1)) as f64).sqrt();
        let motion = match by_exponent(value, error, after[BATCHES - 1], first, last) {
            Motion::Chaotic if returns(map, h, last).is_some() => Motion::Undecided,
            motion => motion,
        };
        LargestExponent { value, error, motion }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::problems::{DoubleWell, ScalarFactorization};
    use crate::{GradientFlow, Optimizer, Scalar};
    use shadowflow_methods::Method;

    fn descent() -> Iteration<GradientFlow<DoubleWell>> {
        Iteration::optimizer(&Optimizer::gradient_descent(), GradientFlow(DoubleWell))
    }

    fn motions(found: &[LargestExponent]) -> Vec<Motion> {
        found.iter().map(|one| one.motion).collect()
    }

    #[test]
    fn exponents_are_the_known_ones_with_their_motions() {
        let found =
            ExponentPlane::default().of_rows(&[descent()], &[0.3], &[0.3, 0.9, 1.1, 2.0, 2.5]).unwrap();
        assert_eq!(
            motions(&found),
            [Motion::Regular, Motion::Regular, Motion::Regular, Motion::Chaotic, Motion::Diverged]
        );
        // 1 - 2h at rest, 9 - 2(1 + h)² in period 2; ln 3 at h = 2.
        for (k, exact) in [(0, 0.4f64.ln()), (1, 0.8f64.ln()), (2, (9.0f64 - 2.0 * 4.41).abs().ln() / 2.0)] {
            assert!((found[k].value - exact).abs() < 1e-12, "{:?} {exact}", found[k]);
        }
        assert!((found[3].value - 3f64.ln()).abs() < 5.0 * found[3].error && found[3].error < 0.02);
    }

    #[test]
    fn orbits_one_by_one_and_side_by_side_agree() {
        let plane = ExponentPlane { transient: 200, steps: 400 };
        let h: Vec<f64> = (0..40).map(|k| 0.05 + 0.05 * f64::from(k)).collect();
        for name in ["heavy-ball(beta=0.4)", "gradient-descent"] {
            let map = Iteration::optimizer(&Optimizer::named(name).unwrap(), GradientFlow(DoubleWell));
            let fast = plane.of_rows(std::slice::from_ref(&map), &[0.3], &h).unwrap();
            for (&h, fast) in h.iter().zip(fast) {
                let slow = plane.one(&map, &map.start(&[0.3]), h);
                assert_eq!(slow.motion, fast.motion, "{name} {h}");
                // The orbits are the same to the last bit, tangents are rescaled otherwise.
                let is_same = fast.value.is_nan() || slow.value == fast.value;
                assert!(is_same || (slow.value - fast.value).abs() < 1e-9, "{slow:?} {fast:?}");
            }
        }
        // Implicit Euler multiplies by 1/(1 + 2h) at the minima and by 1/(1 - h) at the maximum, which attracts beyond h = 2, and
        // to which Newton's method leads from here at h = 4.
        let implicit = Method::named("implicit-euler").unwrap();
        let map = Iteration::method(implicit.tableau(), GradientFlow(DoubleWell));
        let found = plane.of_rows(&[map], &[0.3], &[0.5, 4.0]).unwrap();
        for (multiplier, found) in [1.0 / 2.0, -1.0 / 3.0f64].into_iter().zip(found) {
            assert!((found.value - multiplier.abs().ln()).abs() < 1e-9, "{found:?}");
        }
    }

    #[test]
    fn what_neither_settles_nor_is_chaos_is_undecided() {
        let plane = ExponentPlane::default();
        // Along minima on a curve the exponent is 0; the start on a maximum stays there.
        let valley = Iteration::optimizer(
            &Optimizer::gradient_descent(),
            GradientFlow(ScalarFactorization { target: 1.0 }),
        );
        assert_eq!(motions(&plane.of_rows(&[valley], &[1.4, 0.3], &[0.4]).unwrap()), [Motion::Undecided]);
        let found = plane.of_rows(&[descent()], &[0.0], &[0.5]).unwrap();
        assert!(found[0].motion == Motion::Undecided && (found[0].value - 1.5f64.ln()).abs() < 1e-12);
        // A superstable minimum.
        let found = plane.of_rows(&[descent()], &[1.0], &[0.5]).unwrap();
        assert!(found[0].motion == Motion::Regular && found[0].value == f64::NEG_INFINITY);
    }

    /// √x, which descends to where it is not defined, and -x²/2, which runs away.
    #[derive(Clone, Copy, Debug)]
    struct Leaving {
        root: bool,
    }
    impl crate::Objective for Leaving {
        fn variables(&self) -> usize {
            1
        }
        fn value<S: Scalar>(&self, x: &[S]) -> S {
            if self.root { x[0].sqrt() } else { x[0] * x[0] * -0.5 }
        }
        fn gradient<S: Scalar>(&self, x: &[S], out: &mut [S]) {
            out[0] = if self.root { S::from(0.5) / x[0].sqrt() } else { S::from(0.0) - x[0] };
        }
    }

    #[test]
    fn leaving_the_domain_is_told_from_divergence() {
        let of = |root: bool| {
            let map = Iteration::optimizer(&Optimizer::gradient_descent(), GradientFlow(Leaving { root }));
            motions(&ExponentPlane::default().of_rows(&[map], &[1.0], &[0.1, 0.2]).unwrap())
        };
        assert_eq!(of(true), [Motion::LeftDomain; 2]);
        // Finite to the end, 1.1³⁰⁰⁰ = 10¹²⁴, and still no chaos.
        assert_eq!(of(false), [Motion::Diverged; 2]);
    }

    #[test]
    fn what_cannot_be_used_is_refused() {
        let plane = ExponentPlane::default();
        assert!(plane.of_rows(&[descent()], &[0.3], &[0.0]).is_err());
        assert!(plane.of_rows(&[descent()], &[0.3, 0.1], &[0.5]).is_err());
        assert!(plane.of_rows(&[descent()], &[f64::NAN], &[0.5]).is_err());
        assert!(plane.of_rows(&[descent()], &[0.3], &[]).is_err());
        assert!(ExponentPlane { steps: 15, ..plane }.of_rows(&[descent()], &[0.3], &[0.5]).is_err());
    }
}
