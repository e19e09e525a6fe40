//! Steepest descent with steps fixed, scheduled or searched for, and what they cost.

use std::collections::VecDeque;

use crate::directional::{add, dot, norm};
use crate::error::{InputError, check_dimension, check_finite, check_order, check_step};
use crate::work::{Cost, Counted};
use crate::{Armijo, Objective, Schedule, Wolfe};

/// Steps of a line search that are remembered: where f does not tell descent from rounding any more, the shortest of
/// them is trusted.
const REMEMBERED: usize = 10;

/// How the steps of steepest descent x₊ = x - t∇f(x) are chosen.
#[derive(Clone, Debug, PartialEq)]
pub enum StepRule {
    /// t = h, always: gradient descent.
    Fixed(f64),
    /// The steps of a schedule, again and again.
    Schedule(Schedule),
    /// Armijo's search, beginning with twice the last step.
    Armijo(Armijo),
    /// A search for the strong Wolfe conditions, beginning with the last step.
    Wolfe(Wolfe),
}

/// Why a descent ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DescentEnd {
    /// The gradient has become as small as was asked.
    Reached,
    /// All steps are taken.
    MostSteps,
    /// No line search finds a step from the last iterate.
    Stalled,
    /// The next iterate, or its gradient, is not finite.
    Diverged,
}

/// One iterate of a descent.
#[derive(Clone, Debug, PartialEq)]
pub struct DescentIterate {
    /// x.
    pub point: Vec<f64>,
    /// f(x).
    pub value: f64,
    /// |∇f(x)|.
    pub slope: f64,
    /// The step t that led here; 0 at the start.
    pub step: f64,
    /// What was evaluated by now, the gradient here included. The value here is counted only if the rule used it.
    pub cost: Cost,
}

/// A run of steepest descent.
///
/// ```
/// use shadowflow_numerics::problems::Quadratic;
/// use shadowflow_numerics::{SteepestDescent, StepRule, Wolfe};
/// let f = Quadratic::new(&[1.0, 30.0]);
/// let fixed = SteepestDescent::run(&f, &StepRule::Fixed(2.0 / 31.0), &[30.0, 1.0], 1e-8, 10_000)?;
/// let wolfe = SteepestDescent::run(&f, &StepRule::Wolfe(Wolfe::default()), &[30.0, 1.0], 1e-8, 10_000)?;
/// // Every step multiplies the gradient by 29/31: 277 steps. A search does not need to know the curvatures.
/// assert_eq!(fixed.iterates.len() - 1, 277);
/// assert!(wolfe.iterates.len() < 277 && wolfe.iterates.last().is_some_and(|last| last.cost.values > 0));
/// # Ok::<(), shadowflow_numerics::InputError>(())
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct SteepestDescent {
    /// The start and all iterates.
    pub iterates: Vec<DescentIterate>,
    /// Why there are no more.
    pub end: DescentEnd,
}

impl SteepestDescent {
    /// From `x0` until |∇f| is `tolerance` times that at the start, in at most `most_steps` steps.
    ///
    /// # Errors
    /// If the start, a fixed step or the tolerance cannot be used, there are more than 2²⁰ steps, or f or its gradient is
    /// not finite at the start.
    pub fn run<V: Objective>(
        objective: &V,
        rule: &StepRule,
        x0: &[f64],
        tolerance: f64,
        most_steps: usize,
    ) -> Result<SteepestDescent, InputError> {
        check_dimension("the start", objective.variables(), x0)?;
        check_finite("the start", x0)?;
        check_order("the number of steps", most_steps, 1, 1 << 20)?;
        if !(0.0..1.0).contains(&tolerance) {
            let expected = "a number from 0 to less than 1";
            return Err(InputError::Number { what: "the tolerance", value: tolerance, expected });
        }
        if let StepRule::Fixed(h) = rule {
            check_step(*h)?;
        }
        let f = Counted::new(objective);
        let mut gradient = vec![0.0; x0.len()];
        f.gradient(x0, &mut gradient);
        let iterate = |point: &[f64], gradient: &[f64], step: f64| DescentIterate {
            point: point.to_vec(),
            value: objective.value(point),
            slope: norm(gradient),
            step,
            cost: f.cost(),
        };
        let first = iterate(x0, &gradient, 0.0);
        if !(first.slope.is_finite() && first.value.is_finite()) {
            return Err(InputError::Undefined { at: x0.to_vec() });
        }
        let goal = tolerance * first.slope;
        let mut steps = Steps { rule, last: 1.0, remembered: VecDeque::new(), value: None };
        let (mut x, mut slope) = (x0.to_vec(), first.slope);
        let mut iterates = vec![first];
        let end = loop {
            if slope <= goal {
                break DescentEnd::Reached;
            }
            if iterates.len() > most_steps {
                break DescentEnd::MostSteps;
            }
            let Some((t, known)) = steps.next(&f, &x, &gradient, iterates.len() - 1) else {
                break DescentEnd::Stalled;
            };
            add(&mut x, -t, &gradient);
            match known {
                Some(known) => gradient = known,
                None => f.gradient(&x, &mut gradient),
            }
            slope = norm(&gradient);
            if !(slope.is_finite() && x.iter().all(|value| value.is_finite())) {
                break DescentEnd::Diverged;
            }
            iterates.push(iterate(&x, &gradient, t));
        };
        Ok(SteepestDescent { iterates, end })
    }
}

/// What a rule keeps from step to step.
struct Steps<'a> {
    rule: &'a StepRule,
    last: f64,
    remembered: VecDeque<f64>,
    /// f at the present iterate, if a search has met it.
    value: Option<f64>,
}

impl Steps<'_> {
    /// The step from x, with the gradient where it leads if that is known; `None` if none was ever found.
    fn next<V: Objective>(
        &mut self,
        f: &Counted<'_, V>,
        x: &[f64],
        gradient: &[f64],
        taken: usize,
    ) -> Option<(f64, Option<Vec<f64>>)> {
        let moved = |t: f64| {
            let mut point = x.to_vec();
            add(&mut point, -t, gradient);
            point
        };
        let mut met = None;
        let mut known = vec![0.0; x.len()];
        let found = match self.rule {
            StepRule::Fixed(h) => return Some((*h, None)),
            StepRule::Schedule(schedule) => {
                return Some((schedule.steps()[taken % schedule.steps().len()], None));
            }
            StepRule::Armijo(search) => {
                let start = self.value.unwrap_or_else(|| f.value(x));
                let value = |t: f64| *met.insert(f.value(&moved(t)));
                // Twice the last step first, so that it can grow again.
                search.step(value, start, -dot(gradient, gradient), 2.0 * self.last).map(|t| (t, None))
            }
            StepRule::Wolfe(search) => {
                let start = self.value.unwrap_or_else(|| f.value(x));
                let value = |t: f64| *met.insert(f.value(&moved(t)));
                let slope = |t: f64| {
                    f.gradient(&moved(t), &mut known);
                    -dot(&known, gradient)
                };
                let t = search.step(value, slope, start, -dot(gradient, gradient), self.last);
                t.map(|t| (t, Some(known)))
            }
        };
        if let Some((t, known)) = found {
            self.last = t;
            self.remembered.truncate(REMEMBERED - 1);
            self.remembered.push_front(t);
            // The value was last asked for at the step that is taken.
            self.value = met;
            return Some((t, known));
        }
        self.value = None;
        let shortest = self.remembered.iter().copied().reduce(f64::min)?;
        Some((shortest, None))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Scalar;
    use crate::problems::{Quadratic, Rosenbrock};

    fn run<V: Objective>(f: &V, rule: StepRule, x0: &[f64]) -> SteepestDescent {
        SteepestDescent::run(f, &rule, x0, 1e-8, 50_000).unwrap()
    }

    #[test]
    fn fixed_steps_are_gradient_descent_and_schedules_are_cycled() {
        let f = Quadratic::new(&[1.0, 4.0]);
        let found = run(&f, StepRule::Fixed(0.3), &[1.0, -2.0]);
        for (k, iterate) in found.iterates.iter().enumerate() {
            let exact = f.descent(&[1.0, -2.0], 0.3, k as i32);
            assert!(iterate.point.iter().zip(exact).all(|(x, exact)| (x - exact).abs() < 1e-14));
            assert_eq!((iterate.cost.gradients, iterate.cost.values), (k as u64 + 1, 0));
        }
        // Two steps 1 and 1/4 are exact: each kills a component.
        let found = run(&f, StepRule::Schedule(Schedule::new(vec![0.25, 1.0]).unwrap()), &[1.0, -2.0]);
        assert_eq!((found.iterates.len(), found.end), (3, DescentEnd::Reached));
        assert_eq!(found.iterates[2].point, [0.0, 0.0]);
    }

    #[test]
    fn searches_descend_satisfy_their_conditions_and_are_counted() {
        let f = Rosenbrock::default();
        for rule in [StepRule::Armijo(Armijo::default()), StepRule::Wolfe(Wolfe::default())] {
            let found = run(&f, rule.clone(), &[-1.2, 1.0]);
            assert_eq!(found.end, DescentEnd::Reached, "{rule:?} {:?}", found.iterates.last());
            let last = found.iterates.last().unwrap();
            assert!((last.point[0] - 1.0).abs() < 1e-5 && (last.point[1] - 1.0).abs() < 1e-5);
            for pair in found.iterates.windows(2) {
                let (before, after) = (&pair[0], &pair[1]);
                let slope = before.slope * before.slope;
                // Near the minimum differences of f are rounding: 10⁻¹⁶ of terms up to 1.
                assert!(
                    after.value <= before.value - 1e-4 * after.step * slope + 1e-15,
                    "{before:?} {after:?}"
                );
                assert!(
                    after.cost.values > before.cost.values && after.cost.gradients > before.cost.gradients
                );
            }
            let (steps, cost) = (found.iterates.len() as u64 - 1, last.cost);
            match rule {
                StepRule::Armijo(_) => assert_eq!(cost.gradients, steps + 1),
                _ => assert!(cost.gradients > steps && cost.values >= steps),
            }
        }
    }

    #[test]
    fn counts_are_those_of_the_calls() {
        /// Counts what is asked of it by itself.
        struct Heard(Quadratic, std::cell::Cell<(u64, u64)>);
        impl Objective for Heard {
            fn variables(&self) -> usize {
                self.0.variables()
            }
            fn value<S: Scalar>(&self, x: &[S]) -> S {
                self.1.set((self.1.get().0 + 1, self.1.get().1));
                self.0.value(x)
            }
            fn gradient<S: Scalar>(&self, x: &[S], out: &mut [S]) {
                self.1.set((self.1.get().0, self.1.get().1 + 1));
                self.0.gradient(x, out);
            }
        }
        for rule in [
            StepRule::Fixed(0.1),
            StepRule::Armijo(Armijo::default()),
            StepRule::Wolfe(Wolfe::new(1e-4, 0.3).unwrap()),
        ] {
            let f = Heard(Quadratic::new(&[1.0, 9.0]), std::cell::Cell::default());
            let found = run(&f, rule, &[3.0, 1.0]);
            let (values, gradients) = f.1.get();
            let cost = found.iterates.last().unwrap().cost;
            // Values of the records themselves are free.
            assert_eq!((cost.values + found.iterates.len() as u64, cost.gradients), (values, gradients));
        }
    }

    #[test]
    fn divergence_and_dead_ends_are_told_apart() {
        let f = Quadratic::new(&[1.0, 9.0]);
        assert_eq!(run(&f, StepRule::Fixed(1.0), &[1.0, 1.0]).end, DescentEnd::Diverged);
        let short = SteepestDescent::run(&f, &StepRule::Fixed(0.01), &[1.0, 1.0], 1e-8, 5).unwrap();
        assert_eq!((short.end, short.iterates.len()), (DescentEnd::MostSteps, 6));
        /// -x, unbounded below.
        struct Slope;
        impl Objective for Slope {
            fn variables(&self) -> usize {
                1
            }
            fn value<S: Scalar>(&self, x: &[S]) -> S {
                -x[0]
            }
            fn gradient<S: Scalar>(&self, _: &[S], out: &mut [S]) {
                out[0] = S::from(-1.0);
            }
        }
        assert_eq!(run(&Slope, StepRule::Wolfe(Wolfe::default()), &[0.0]).end, DescentEnd::Stalled);
        let refused = |h: f64, x0: &[f64], tolerance: f64| {
            SteepestDescent::run(&f, &StepRule::Fixed(h), x0, tolerance, 10).is_err()
        };
        assert!(
            refused(0.0, &[1.0, 1.0], 1e-8) && refused(0.1, &[1.0], 1e-8) && refused(0.1, &[1.0, 1.0], 2.0)
        );
        assert!(refused(0.1, &[f64::NAN, 1.0], 1e-8) && refused(0.1, &[1e200, 1e200], 1e-8));
    }
}
