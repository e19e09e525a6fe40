//! Labels of starts under any map, one orbit after another.

use super::Map;
use crate::raster::{Size, StartsError, in_parallel};
use crate::{Destiny, Judge, Label, PeriodicOrbit, StepError};

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
        Size::checked(x.len(), y.len())?;
        // What can be wrong with arguments is wrong with the first start as with all.
        if let (Some(&x), Some(&y)) = (x.first(), y.first())
            && let Err(StepError::Input(error)) =
                (Judge { steps: 8 * self.longest.max(1), ..self.clone() }).destiny(map, h, &state(x, y))
        {
            return Err(error.into());
        }
        let mut labels = vec![Label::Undecided; x.len() * y.len()];
        in_parallel(&mut labels, x.len(), |row, labels| {
            for (label, &x) in labels.iter_mut().zip(x) {
                // 64 is the longest period there is.
                let period = |orbit: &PeriodicOrbit| Label::Period(orbit.period() as u8);
                *label = match self.destiny(map, h, &state(x, y[row])) {
                    Ok(Destiny::Fixed(orbit) | Destiny::Periodic(orbit)) => period(&orbit),
                    Ok(Destiny::Aperiodic) => Label::Aperiodic,
                    Ok(Destiny::Diverged { .. }) => Label::Diverged,
                    Ok(Destiny::LeftWindow { .. } | Destiny::Undecided) | Err(_) => Label::Undecided,
                };
            }
        });
        Ok(labels)
    }
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
        assert!(judge.labels(&map, -1.0, |x, y| vec![x, y], &centres, &centres).is_err());
    }
}
