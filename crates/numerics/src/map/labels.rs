//! Labels of starts under any map, one orbit after another.

use super::Map;
use crate::attractor::rounded;
use crate::raster::{Size, StartsError, in_parallel};
use crate::{Attractor, Basins, Destiny, Judge, Label, PeriodicOrbit, StepError};

impl Judge {
    /// What becomes of the orbits from each start (x, y), row by row from the first y: as [`Basin::labels`](crate::Basin::labels), for
    /// maps of any dimension and implicit ones, more slowly. `state` makes the state of the map from a start.
    ///
    /// ```
    /// use shadowflow_methods::Method;
    /// use shadowflow_numerics::{GradientFlow, Iteration, Judge, Label, problems::ScalarFactorization};
    /// let implicit = Method::named("implicit-euler")?;
    /// let map = Iteration::method(implicit.tableau(), GradientFlow(ScalarFactorization { target: 1.0 }));
    /// let judge = Judge { steps: 400, longest: 8, ..Judge::default() };
    /// // Implicit Euler settles where gradient descent would be gone.
    /// assert_eq!(judge.labels(&map, 0.5, |x, y| vec![x, y], &[2.0], &[2.4])?, [Label::Period(1)]);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    /// As [`Judge::destiny`], and if there are no starts or too many.
    pub fn labels<M: Map>(
        &self,
        map: &M,
        h: f64,
        state: impl Fn(f64, f64) -> Vec<f64> + Sync,
        x: &[f64],
        y: &[f64],
    ) -> Result<Vec<Label>, StartsError> {
        Ok(self.basins(map, h, state, x, y)?.labels().to_vec())
    }

    /// The same with the attractor that each start comes to: as [`Basin::basins`](crate::Basin::basins), of points with as many numbers as the
    /// state.
    ///
    /// # Errors
    /// As [`Judge::labels`].
    pub fn basins<M: Map>(
        &self,
        map: &M,
        h: f64,
        state: impl Fn(f64, f64) -> Vec<f64> + Sync,
        x: &[f64],
        y: &[f64],
    ) -> Result<Basins, StartsError> {
        Size::checked(x.len(), y.len())?;
        // What can be wrong with arguments is wrong with the first start as with all.
        if let (Some(&x), Some(&y)) = (x.first(), y.first())
            && let Err(StepError::Input(error)) =
                (Judge { steps: 8 * self.longest.max(1), ..self.clone() }).destiny(map, h, &state(x, y))
        {
            return Err(error.into());
        }
        // Small batches: orbits are long.
        let mut batches: Vec<Batch> = y
            .iter()
            .flat_map(|&y| {
                x.chunks(BATCH).map(move |x| Batch { x, y, labels: Vec::new(), found: Vec::new() })
            })
            .collect();
        in_parallel(&mut batches, 1, |_, batch| {
            for batch in batch {
                for &x in batch.x {
                    let destiny = self.destiny(map, h, &state(x, batch.y));
                    batch.take(map, h, destiny);
                }
            }
        });
        let (mut labels, mut numbers, mut parts) = (Vec::new(), Vec::new(), Vec::new());
        for batch in batches {
            parts.push((batch.labels.len(), batch.found));
            labels.extend(batch.labels.iter().map(|pair| pair.0));
            numbers.extend(batch.labels.iter().map(|pair| pair.1));
        }
        Ok(Basins::assembled(labels, numbers, parts))
    }
}

/// Starts of a row that one thread follows.
const BATCH: usize = 64;

/// Starts beside one another and what is said of them.
struct Batch<'a> {
    x: &'a [f64],
    y: f64,
    /// With the places among those found, from 1.
    labels: Vec<(Label, u32)>,
    found: Vec<Attractor>,
}

impl Batch<'_> {
    fn take<M: Map>(&mut self, map: &M, h: f64, destiny: Result<Destiny, StepError>) {
        let pair = match destiny {
            Ok(Destiny::Fixed(orbit) | Destiny::Periodic(orbit)) => {
                let attractor = attractor(map, h, &orbit);
                let known = self.found.iter().position(|known| known.is_same_as(&attractor));
                let place = known.unwrap_or(self.found.len());
                if known.is_none() {
                    self.found.push(attractor);
                }
                // 64 is the longest period there is.
                (Label::Period(orbit.period() as u8), place as u32 + 1)
            }
            Ok(Destiny::Aperiodic) => (Label::Aperiodic, 0),
            Ok(Destiny::Diverged { .. }) => (Label::Diverged, 0),
            Ok(Destiny::LeftWindow { .. } | Destiny::Undecided) | Err(_) => (Label::Undecided, 0),
        };
        self.labels.push(pair);
    }
}

/// An orbit found once more from rounded coordinates, so that it does not show from which start it was found.
fn attractor<M: Map>(map: &M, h: f64, orbit: &PeriodicOrbit) -> Attractor {
    if orbit.multipliers().iter().any(|m| (m - 1.0).norm() <= crate::classify::ON_CURVE) {
        return Attractor::curves(orbit.period());
    }
    let guess: Vec<Vec<f64>> =
        orbit.points().iter().map(|point| point.iter().copied().map(rounded).collect()).collect();
    let again = crate::periodic::refined(map, h, &guess).filter(|again| again.is_same_as(orbit));
    let orbit = again.as_ref().unwrap_or(orbit);
    Attractor::from_first(orbit.points().to_vec(), orbit.multipliers().to_vec())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::problems::ScalarFactorization;
    use crate::{Basin, GradientFlow, Iteration, families};
    use shadowflow_methods::Method;

    #[test]
    fn labels_are_those_of_the_kernel() {
        let euler = Method::named("euler").unwrap();
        let map = Iteration::method(euler.tableau(), GradientFlow(ScalarFactorization { target: 1.0 }));
        let centres: Vec<f64> = (0..24).map(|k| -2.5 + (f64::from(k) + 0.5) / 4.8).collect();
        let judge = Judge { steps: 2000, longest: 8, radius: 1e6, window: None };
        let slow = judge.labels(&map, 1.1, |x, y| vec![x, y], &centres, &centres).unwrap();
        let fast =
            Basin::default().labels(&families::Factorization, &[1.1, 1.0], &centres, &centres).unwrap();
        let differ = slow.iter().zip(&fast).filter(|(a, b)| a != b).count();
        // Starts on the diagonal y = -x lie on the stable line of the saddle, where rounding decides.
        assert!(differ <= 24, "{differ}");
        let attractors = judge.basins(&map, 1.1, |x, y| vec![x, y], &centres, &centres).unwrap();
        let of_kernel =
            Basin::default().basins(&families::Factorization, &[1.1, 1.0], &centres, &centres).unwrap();
        assert_eq!(attractors.labels(), slow);
        let pairs = attractors.attractors().iter().zip(of_kernel.attractors());
        assert_eq!((attractors.attractors().len(), of_kernel.attractors().len()), (2, 2));
        for (a, b) in pairs {
            // Newton's method in other coordinates: rounding.
            assert!((a.points()[0][0] - b.points()[0][0]).abs() < 1e-13, "{a:?} {b:?}");
        }
        let numbers = attractors.numbers().iter().zip(of_kernel.numbers());
        assert!(numbers.filter(|(a, b)| a != b).count() <= 24);
        assert!(judge.labels(&map, -1.0, |x, y| vec![x, y], &centres, &centres).is_err());
    }
}
