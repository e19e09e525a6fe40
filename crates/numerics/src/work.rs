//! What it costs to reach a minimum: solvers whose every gradient and Hessian-vector product is counted.

mod conjugate;
mod counted;
mod fixed;
mod implicit;
mod problems;

pub use counted::{Cost, Counted};
pub use problems::{PointClouds, RegularisedLogistic};

use shadowflow_methods::Tableau;

use crate::error::{InputError, check_dimension, check_finite, check_step};
use crate::{Momentum, Objective, Schedule, StepError};

/// How a minimum is sought.
#[derive(Clone, Debug)]
pub enum Solver<'a> {
    /// An explicit Runge–Kutta method with a constant step on the gradient flow; Euler's is gradient descent.
    RungeKutta {
        /// The method.
        tableau: &'a Tableau,
        /// The step.
        h: f64,
    },
    /// Heavy ball or Nesterov's method.
    Momentum {
        /// β and γ.
        momentum: Momentum,
        /// The learning rate.
        h: f64,
    },
    /// Gradient descent with the steps of a schedule, again and again.
    Schedule(&'a Schedule),
    /// Runge–Kutta–Chebyshev of order 1 with this number of stages and the damping that makes all components of curvatures in
    /// [μ, L] shrink alike (Eftekhari, Vandereycken, Vilmart & Zygalakis 2021).
    Chebyshev {
        /// The stages, each a gradient.
        stages: usize,
        /// μ and L.
        curvatures: (f64, f64),
    },
    /// Implicit Euler with step h, every step solved for by Newton's method with conjugate gradients.
    ImplicitEuler {
        /// The step.
        h: f64,
    },
    /// The implicit midpoint rule, solved for in the same way.
    ImplicitMidpoint {
        /// The step.
        h: f64,
    },
    /// Steepest descent with [`Armijo`](crate::Armijo)'s line search.
    Armijo,
    /// Nonlinear conjugate gradients, Polak–Ribière with restarts (Polak & Ribière 1969; Gilbert & Nocedal 1992), its line
    /// search by two gradients a step on the slope; on quadratics it is the method of conjugate gradients.
    ConjugateGradients,
    /// Newton's method with conjugate gradients inside.
    NewtonCg,
}

/// Why a minimum was not reached.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
pub enum WorkError {
    /// An argument that cannot be used.
    #[error(transparent)]
    Input(#[from] InputError),
    /// A step failed.
    #[error(transparent)]
    Step(#[from] StepError),
    /// The goal was not reached within the budget.
    #[error("the goal is not reached after {} gradients and {} Hessian-vector products", cost.gradients, cost.products)]
    Budget {
        /// What was spent.
        cost: Cost,
    },
    /// The iterates left the finite numbers.
    #[error("the iterates diverge, after {} gradients", cost.gradients)]
    Diverged {
        /// What was spent.
        cost: Cost,
    },
    /// The equation of an implicit step was not solved.
    #[error(
        "the implicit step h = {h} was not solved for: a residual of {residual:e} remains after {iterations} Newton steps; a smaller h may help"
    )]
    Inner {
        /// The step.
        h: f64,
        /// Newton's steps.
        iterations: usize,
        /// |F| over its size at the beginning.
        residual: f64,
    },
    /// Linear equations inside a step of Newton's method were not solved.
    #[error(
        "conjugate gradients inside Newton's method did not converge: a relative residual of {residual:e} remains after {steps} steps; is the problem too ill-conditioned, or not finite?"
    )]
    Linear {
        /// Steps of conjugate gradients.
        steps: usize,
        /// |r - Ay|/|r|.
        residual: f64,
    },
}

/// Runs a solver from `x0` until `reached` says so of an iterate, which costs nothing, and gives the cost.
///
/// ```
/// use shadowflow_methods::Method;
/// use shadowflow_numerics::problems::Quadratic;
/// use shadowflow_numerics::work::{Solver, solve};
/// // Curvatures 1 and 100, to a millionth of the start: 691 gradients of descent with h = 2/101.
/// let f = Quadratic::new(&[1.0, 100.0]);
/// let euler = Method::named("euler")?;
/// let solver = Solver::RungeKutta { tableau: euler.tableau(), h: 2.0 / 101.0 };
/// let done = |x: &[f64]| x.iter().all(|x| x.abs() <= 1e-6);
/// assert_eq!(solve(&solver, &f, &[1.0, 1.0], done, 10_000)?.gradients, 691);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// # Errors
/// If an argument cannot be used, the goal is not reached before `budget` gradients and products, iterates diverge, or an
/// inner equation is not solved.
pub fn solve<V: Objective>(
    solver: &Solver<'_>,
    objective: &V,
    x0: &[f64],
    reached: impl Fn(&[f64]) -> bool,
    budget: u64,
) -> Result<Cost, WorkError> {
    check_dimension("the start", objective.variables(), x0)?;
    check_finite("the start", x0)?;
    let f = Counted::new(objective);
    let mut x = x0.to_vec();
    let mut watch = |x: &[f64]| -> Result<bool, WorkError> {
        let cost = f.cost();
        match () {
            () if !x.iter().all(|x| x.is_finite()) => Err(WorkError::Diverged { cost }),
            () if reached(x) => Ok(true),
            () if cost.gradients + cost.products > budget => Err(WorkError::Budget { cost }),
            () => Ok(false),
        }
    };
    match solver {
        Solver::RungeKutta { tableau, h } => {
            check_step(*h)?;
            fixed::runge_kutta(tableau, *h, &f, &mut x, &mut watch)?;
        }
        Solver::Momentum { momentum, h } => {
            check_step(*h)?;
            fixed::momentum(momentum, *h, &f, &mut x, &mut watch)?;
        }
        Solver::Schedule(schedule) => fixed::schedule(schedule, &f, &mut x, &mut watch)?,
        Solver::Chebyshev { stages, curvatures } => {
            fixed::chebyshev(*stages, *curvatures, &f, &mut x, &mut watch)?
        }
        Solver::ImplicitEuler { h } => {
            check_step(*h)?;
            implicit::steps(*h, 1.0, &f, &mut x, &mut watch)?;
        }
        Solver::ImplicitMidpoint { h } => {
            check_step(*h)?;
            implicit::steps(*h, 0.5, &f, &mut x, &mut watch)?;
        }
        Solver::Armijo => fixed::armijo(&f, &mut x, &mut watch)?,
        Solver::ConjugateGradients => conjugate::gradients(&f, &mut x, &mut watch)?,
        Solver::NewtonCg => conjugate::newton(&f, &mut x, &mut watch)?,
    }
    Ok(f.cost())
}

/// Tells of an iterate whether the goal is reached.
type Watch<'a> = dyn FnMut(&[f64]) -> Result<bool, WorkError> + 'a;

fn dot(x: &[f64], y: &[f64]) -> f64 {
    x.iter().zip(y).map(|(x, y)| x * y).sum()
}

#[cfg(test)]
mod tests {
    use shadowflow_methods::Method;

    use super::*;
    use crate::Scalar;
    use crate::problems::Quadratic;

    fn spread(n: usize, kappa: f64) -> Quadratic {
        Quadratic::new(&(0..n).map(|i| kappa.powf(i as f64 / (n - 1) as f64)).collect::<Vec<_>>())
    }

    fn small(x: &[f64]) -> bool {
        x.iter().all(|x| x.abs() <= 1e-6)
    }

    fn cost(solver: &Solver<'_>, f: &Quadratic) -> Cost {
        solve(solver, f, &vec![1.0; f.variables()], small, 1_000_000).unwrap()
    }

    #[test]
    fn conjugate_gradients_end_after_as_many_steps_as_there_are_curvatures() {
        for n in [2, 3, 5, 8] {
            let f = Quadratic::new(&(1..=n).map(|k| k as f64).collect::<Vec<_>>());
            let cost = cost(&Solver::ConjugateGradients, &f);
            // A gradient at the start, and one more a step by which the line search and the next direction are found.
            assert!(cost.gradients <= 2 * n as u64 + 1, "{n}: {cost:?}");
        }
    }

    #[test]
    fn counts_are_those_of_the_polynomials() {
        let f = spread(30, 1e3);
        let rate = |rate: f64| (1e6f64.ln() / -rate.ln()).ceil() as u64;
        let descent = Momentum::best_descent(1.0, 1e3).unwrap();
        let euler = Method::named("euler").unwrap();
        let found = cost(&Solver::RungeKutta { tableau: euler.tableau(), h: descent.h }, &f);
        assert_eq!((found.gradients, found.products), (rate(descent.rate), 0));
        // Momentum has double roots, whose transient grows like k: a few more steps.
        let tuning = Momentum::best_heavy_ball(1.0, 1e3).unwrap();
        let solver = Solver::Momentum { momentum: Momentum::heavy_ball(tuning.beta).unwrap(), h: tuning.h };
        let found = cost(&solver, &f).gradients;
        assert!(found >= rate(tuning.rate) && found < 2 * rate(tuning.rate), "{found} {}", rate(tuning.rate));
        // Chebyshev: 1/T_s a step.
        let stages = 40;
        let gain = (stages as f64 * (1001.0f64 / 999.0).acosh()).cosh().ln();
        let found = cost(&Solver::Chebyshev { stages, curvatures: (1.0, 1e3) }, &f).gradients;
        let expected = stages as u64 * (1e6f64.ln() / gain).ceil() as u64;
        assert!(found <= expected && found + stages as u64 >= expected, "{found} {expected}");
    }

    #[test]
    fn every_stage_is_counted() {
        let f = spread(5, 10.0);
        for (name, stages) in [("heun", 2), ("rk4", 4)] {
            let method = Method::named(name).unwrap();
            let found = cost(&Solver::RungeKutta { tableau: method.tableau(), h: 0.1 }, &f);
            assert_eq!(found.gradients % stages, 0);
        }
    }

    #[test]
    fn implicit_steps_contract_as_their_stability_functions_say() {
        let f = spread(20, 1e4);
        // 1/(1 + hμ) = 1/10 a step: six steps.
        let found = cost(&Solver::ImplicitEuler { h: 9.0 }, &f);
        assert!(found.gradients <= 24 && found.products > 50, "{found:?}");
        let found = cost(&Solver::ImplicitMidpoint { h: 0.02 }, &f);
        // (√κ - 1)/(√κ + 1) a step.
        assert!(found.gradients > 600 && found.products > found.gradients, "{found:?}");
    }

    /// -x⁴: a step of implicit Euler solves y = x + 4hy³, which has no solution near x beyond h = 1/27x².
    struct Falling;

    impl Objective for Falling {
        fn variables(&self) -> usize {
            1
        }
        fn value<S: Scalar>(&self, x: &[S]) -> S {
            -x[0].powi(4)
        }
        fn gradient<S: Scalar>(&self, x: &[S], out: &mut [S]) {
            out[0] = x[0].powi(3) * -4.0;
        }
    }

    #[test]
    fn implicit_steps_without_a_solution_are_errors() {
        let run = |h: f64| solve(&Solver::ImplicitEuler { h }, &Falling, &[1.0], |x| x[0] > 1.05, 10_000);
        // y = x + 4hy³ has the solution near 1 for h = 0.02, and none for h = 1 but one far on the other side.
        assert!(run(0.02).is_ok(), "{:?}", run(0.02));
        let Err(WorkError::Inner { h, residual, .. }) = run(1.0) else { panic!("{:?}", run(1.0)) };
        assert!(h == 1.0 && residual > 1e-3);
    }

    #[test]
    fn newtons_method_reaches_a_minimum_from_where_its_own_step_would_not() {
        // √(1 + x²) from 3: the full step leads to -27, and further away with every one.
        struct Hyperbola;
        impl Objective for Hyperbola {
            fn variables(&self) -> usize {
                1
            }
            fn value<S: Scalar>(&self, x: &[S]) -> S {
                (x[0] * x[0] + 1.0).sqrt()
            }
            fn gradient<S: Scalar>(&self, x: &[S], out: &mut [S]) {
                out[0] = x[0] / (x[0] * x[0] + 1.0).sqrt();
            }
        }
        let cost = solve(&Solver::NewtonCg, &Hyperbola, &[3.0], |x| x[0].abs() < 1e-9, 1000).unwrap();
        assert!(cost.gradients < 20, "{cost:?}");
    }

    #[test]
    fn newtons_method_on_a_quadratic_is_linear_conjugate_gradients() {
        // To 10⁻⁶ in two rounds of 10⁻³; each at most as many products as there are curvatures.
        let f = spread(12, 100.0);
        let found = cost(&Solver::NewtonCg, &f);
        assert!(found.gradients <= 4 && found.products <= 12 * found.gradients, "{found:?}");
    }

    #[test]
    fn failures_are_told_apart() {
        let f = spread(3, 100.0);
        let euler = Method::named("euler").unwrap();
        let run = |h: f64, budget: u64| {
            solve(&Solver::RungeKutta { tableau: euler.tableau(), h }, &f, &[1.0; 3], small, budget)
        };
        assert!(matches!(run(1.0, 100_000), Err(WorkError::Diverged { .. })));
        assert!(matches!(run(0.001, 100), Err(WorkError::Budget { .. })));
        assert!(matches!(run(0.0, 100), Err(WorkError::Input(_))));
    }
}
