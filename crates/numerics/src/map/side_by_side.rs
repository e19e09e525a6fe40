//! An iteration as a family of maps of D numbers, several orbits of which go side by side.

use super::{Iteration, Map};
use crate::{Family, Formula, Scalar};

/// An [`Iteration`] whose state has D numbers, with the learning rate for its parameter: what
/// [`Diagram`](crate::Diagram), [`Basin`](crate::Basin) and [`exponent_field`](crate::exponent_field()) take.
///
/// ```
/// use shadowflow_methods::Method;
/// use shadowflow_numerics::{Basin, GradientFlow, Iteration, Label, problems::ScalarFactorization};
/// let field = GradientFlow(ScalarFactorization { target: 1.0 });
/// let descent = Iteration::method(Method::named("euler")?.tableau(), field);
/// let family = descent.side_by_side::<2>().ok_or("two variables")?;
/// let labels = Basin::default().labels(&family, &[0.4], &[0.5], &[0.5])?;
/// assert_eq!(labels, [Label::Period(1)]);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Copy, Debug)]
pub struct SideBySide<'a, F, const D: usize> {
    iteration: &'a Iteration<F>,
}

impl<F: Formula + Sync> Iteration<F> {
    /// The iteration with D for the number of its state; `None` if it has another one, or steps solve equations, which cannot be
    /// solved for several orbits at once.
    pub fn side_by_side<const D: usize>(&self) -> Option<SideBySide<'_, F, D>> {
        (self.dim() == D && !self.is_implicit()).then_some(SideBySide { iteration: self })
    }
}

impl<F: Formula + Sync, const D: usize> Family<D, 1> for SideBySide<'_, F, D> {
    #[inline(always)]
    fn step<S: Scalar>(&self, &[h]: &[S; 1], x: &[S; D]) -> [S; D] {
        let mut next = [S::from(0.0); D];
        self.iteration.step(h, x, &mut next);
        next
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::problems::ScalarFactorization;
    use crate::{Basin, GradientFlow, families};
    use shadowflow_methods::Method;

    fn descent(name: &str) -> Iteration<GradientFlow<ScalarFactorization>> {
        let method = Method::named(name).unwrap();
        Iteration::method(method.tableau(), GradientFlow(ScalarFactorization { target: 1.0 }))
    }

    #[test]
    fn labels_are_those_of_the_family_written_by_hand() {
        let descent = descent("euler");
        let centres: Vec<f64> = (0..60).map(|k| -2.5 + (f64::from(k) + 0.5) / 12.0).collect();
        let basin = Basin { steps: 400, ..Basin::default() };
        let general =
            basin.labels(&descent.side_by_side::<2>().unwrap(), &[1.1], &centres, &centres).unwrap();
        let special = basin.labels(&families::Factorization, &[1.1, 1.0], &centres, &centres).unwrap();
        let differ = general.iter().zip(&special).filter(|(a, b)| a != b).count();
        // Another order of operations: what is decided in the last digits, or not within 400 steps, may differ.
        assert!(differ * 100 <= general.len(), "{differ} of {}", general.len());
    }

    #[test]
    fn what_does_not_fit_is_refused() {
        assert!(descent("euler").side_by_side::<1>().is_none());
        assert!(descent("implicit-euler").side_by_side::<2>().is_none());
        assert!(descent("rk4").side_by_side::<2>().is_some());
    }
}
