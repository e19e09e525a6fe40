//! Stochastic gradient descent on losses of which one is drawn in each step, the diffusions it is compared with, and many
//! paths of either.

use crate::error::{
    InputError, check_dimension, check_field, check_finite, check_least, check_order, check_step,
};
use crate::statistics::{Estimate, StatisticsError};
use crate::streams::{Moments, STREAMS, on_streams};
use crate::{Dual, Generator, Objective};

/// The most losses.
const MOST_LOSSES: usize = 4096;

/// The least and the most paths, the most steps of a path and of all together.
const PATHS: (usize, usize) = (64, 10_000_000);
const MOST_STEPS: usize = 10_000_000;
const MOST_WORK: usize = 100_000_000_000;

/// Times at which moments are taken, beside the start, at the most.
const TIMES: usize = 200;

/// Paths that are kept.
const KEPT: usize = 12;

/// Components beyond this have left for good.
const FAR: f64 = 1e100;

/// Losses f₁ … fₘ with the mean f, of which stochastic gradient descent draws one in each step, all alike and with
/// replacement, and adds normal gradient noise of variance σ² in every component: x⁺ = x - h(∇fₖ(x) + σξ).
///
/// The gradient has the covariance Σ(x) = (1/m) Σₖ (∇fₖ - ∇f)(∇fₖ - ∇f)ᵀ + σ²I.
#[derive(Clone, Debug)]
pub struct Losses<V> {
    losses: Vec<V>,
    variables: usize,
    deviation: f64,
}

/// What makes a path.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Model {
    /// Stochastic gradient descent itself.
    Descent,
    /// Langevin's equation dX = -∇f dt + √(2T) dW.
    Langevin {
        /// T, 0 or more.
        temperature: f64,
    },
    /// The stochastic modified equation of weak order 1, dX = -∇f dt + √(hΣ(X)) dW, or 2, with the drift
    /// -∇(f + (h/4)|∇f|²) (Li, Tai & E 2019).
    Modified {
        /// 1 or 2.
        order: usize,
    },
}

/// Means over many independent paths. Every error is a standard error.
#[derive(Clone, Debug, PartialEq)]
pub struct Ensemble {
    steps: Vec<usize>,
    /// For each time and variable.
    mean: Vec<Vec<Estimate>>,
    variance: Vec<Vec<Estimate>>,
    /// The first paths at these times: path, time, variable.
    paths: Vec<Vec<Vec<f64>>>,
    /// The last points: variable, path.
    last: Vec<Vec<f64>>,
}

impl<V: Objective> Losses<V> {
    /// Losses of the same variables, and the variance σ² ≥ 0 of the noise that is added.
    ///
    /// # Errors
    /// If there are no losses or more than 4096, their numbers of variables differ or are 0, or the variance is negative or
    /// not finite.
    pub fn new(losses: Vec<V>, variance: f64) -> Result<Losses<V>, InputError> {
        check_order("the number of losses", losses.len(), 1, MOST_LOSSES)?;
        let variables = check_field(losses[0].variables())?;
        for loss in &losses {
            if loss.variables() != variables {
                let (what, found) = ("a point of one of the losses", loss.variables());
                return Err(InputError::Dimension { what, expected: variables, found });
            }
        }
        check_least("the variance of the noise", variance)?;
        Ok(Losses { losses, variables, deviation: variance.sqrt() })
    }

    /// The mean of the variances of all components of the gradient at a point, tr Σ/d. With T = h/2 times this,
    /// Langevin's equation has the noise of the descent there, but for its direction.
    ///
    /// # Errors
    /// If the point has the wrong length.
    pub fn mean_variance(&self, x: &[f64]) -> Result<f64, InputError> {
        check_dimension("the point", self.variables, x)?;
        let mut work = Workspace::new(self);
        self.gradients(x, &mut work);
        let squares: f64 = work
            .gradients
            .chunks(self.variables)
            .flat_map(|g| g.iter().zip(&work.mean).map(|(g, mean)| (g - mean) * (g - mean)))
            .sum();
        let sampled = squares / (self.losses.len() * self.variables) as f64;
        Ok(sampled + self.deviation * self.deviation)
    }

    /// All gradients and their mean.
    fn gradients(&self, x: &[f64], work: &mut Workspace) {
        work.mean.fill(0.0);
        for (loss, g) in self.losses.iter().zip(work.gradients.chunks_mut(self.variables)) {
            loss.gradient(x, g);
            work.mean.iter_mut().zip(&*g).for_each(|(mean, g)| *mean += g);
        }
        let share = 1.0 / self.losses.len() as f64;
        work.mean.iter_mut().for_each(|mean| *mean *= share);
    }

    /// A step of the descent.
    fn descend(&self, h: f64, random: &mut Generator, x: &mut [f64], work: &mut Workspace) {
        let m = self.losses.len();
        // The high bits times m: off from evenness by m·2⁻⁶⁴.
        let drawn = if m == 1 { 0 } else { ((u128::from(random.word()) * m as u128) >> 64) as usize };
        self.losses[drawn].gradient(x, &mut work.mean);
        for (x, slope) in x.iter_mut().zip(&work.mean) {
            let noise = if self.deviation > 0.0 { self.deviation * random.normal() } else { 0.0 };
            *x -= h * (slope + noise);
        }
    }

    /// Writes the drift at x to `out`, for a step h of the descent if it is that of the modified equation of order 2.
    fn drift(&self, second: Option<f64>, x: &[f64], out: &mut [f64], work: &mut Workspace) {
        self.gradients(x, work);
        out.iter_mut().zip(&work.mean).for_each(|(out, slope)| *out = -slope);
        let Some(h) = second else { return };
        // ∇(|∇f|²/4) = ∇²f ∇f/2, the slope of ∇f along ∇f.
        for ((point, &value), &slope) in work.point.iter_mut().zip(x).zip(&work.mean) {
            *point = Dual { value, slope };
        }
        let share = 0.5 * h / self.losses.len() as f64;
        for loss in &self.losses {
            loss.gradient(&work.point, &mut work.along);
            out.iter_mut().zip(&work.along).for_each(|(out, along)| *out -= share * along.slope);
        }
    }

    /// A step Δ of a diffusion: the drift by Heun's method, the noise as it is at x.
    fn diffuse(
        &self,
        model: Model,
        h: f64,
        dt: f64,
        random: &mut Generator,
        x: &mut [f64],
        work: &mut Workspace,
    ) {
        let second = matches!(model, Model::Modified { order: 2 }).then_some(h);
        let mut slope = std::mem::take(&mut work.slope);
        let mut kick = std::mem::take(&mut work.kick);
        let mut ahead = std::mem::take(&mut work.ahead);
        self.drift(second, x, &mut slope, work);
        let root = dt.sqrt();
        match model {
            Model::Langevin { temperature } => {
                let scale = (2.0 * temperature).sqrt() * root;
                kick.iter_mut().for_each(|kick| *kick = scale * random.normal());
            }
            _ => {
                // A factor of Σ: a column (∇fₖ - ∇f)/√m for each loss, and σ times the identity.
                kick.fill(0.0);
                if self.losses.len() > 1 {
                    let scale = root * (h / self.losses.len() as f64).sqrt();
                    for g in work.gradients.chunks(self.variables) {
                        let z = scale * random.normal();
                        kick.iter_mut()
                            .zip(g)
                            .zip(&work.mean)
                            .for_each(|((kick, g), mean)| *kick += z * (g - mean));
                    }
                }
                if self.deviation > 0.0 {
                    let scale = root * h.sqrt() * self.deviation;
                    kick.iter_mut().for_each(|kick| *kick += scale * random.normal());
                }
            }
        }
        for (((ahead, x), slope), kick) in ahead.iter_mut().zip(&*x).zip(&slope).zip(&kick) {
            *ahead = x + dt * slope + kick;
        }
        let mut end = std::mem::take(&mut work.end);
        self.drift(second, &ahead, &mut end, work);
        for (((x, slope), end), kick) in x.iter_mut().zip(&slope).zip(&end).zip(&kick) {
            *x += 0.5 * dt * (slope + end) + kick;
        }
        (work.slope, work.kick, work.ahead, work.end) = (slope, kick, ahead, end);
    }
}

/// How an ensemble is made.
#[derive(Clone, Copy, Debug)]
struct Plan {
    model: Model,
    h: f64,
    steps: usize,
    substeps: usize,
    seed: u64,
}

impl<V: Objective + Sync> Losses<V> {
    /// Many independent paths from one start: `steps` steps h of the descent, or the diffusion for the same time, in
    /// `substeps` steps of a scheme for each h.
    ///
    /// The scheme takes the drift by Heun's method and the noise as it is at the beginning of a step. With Δ = h/substeps
    /// its weak error is O(Δ²) for noise that does not depend on x, and O(Δ² + hΔ) for the modified equations, whose noise
    /// is of size √h (Milstein & Tretyakov 1997, on weak schemes for small noise): the descent's own O(h) and O(h²) over
    /// the number of substeps. Path p of a model has random numbers of its own, so the result depends on the seed and not
    /// on the number of threads. `watch` is told, from any thread, which share of the work is done, and stops it by
    /// answering `true`.
    ///
    /// ```
    /// use shadowflow_numerics::{Losses, Model, problems::Quadratic};
    /// // x²/2 with gradient noise of variance 1, h = 0.1, ten steps: the descent has the mean (1 - h)¹⁰ and the variance
    /// // h²(1 - (1 - h)²⁰)/(1 - (1 - h)²).
    /// let losses = Losses::new(vec![Quadratic::new(&[1.0])], 1.0)?;
    /// let found = losses.ensemble(Model::Descent, 0.1, &[1.0], 10, 2000, 1, 7, &|_| false)?;
    /// let (mean, variance) = (found.mean().last().unwrap()[0], found.variance().last().unwrap()[0]);
    /// assert!(mean.deviation(0.9f64.powi(10)) < 4.0);
    /// assert!(variance.deviation(0.01 * (1.0 - 0.9f64.powi(20)) / 0.19) < 4.0);
    /// # Ok::<(), shadowflow_numerics::statistics::StatisticsError>(())
    /// ```
    ///
    /// # Errors
    /// If h is not positive, the start has the wrong length or is not finite, the temperature is negative, the order is
    /// neither 1 nor 2, there are no steps or more than 10⁷, fewer than 64 or more than 10⁷ paths, no substeps, or more than
    /// 10¹¹ steps in all; [`StatisticsError::Away`] if a path leaves the finite numbers;
    /// [`StatisticsError::Interrupted`] if it was stopped.
    #[allow(clippy::too_many_arguments)] // eight numbers of one experiment, all of different kinds
    pub fn ensemble(
        &self,
        model: Model,
        h: f64,
        start: &[f64],
        steps: usize,
        paths: usize,
        substeps: usize,
        seed: u64,
        watch: &(dyn Fn(f64) -> bool + Sync),
    ) -> Result<Ensemble, StatisticsError> {
        check_step(h)?;
        check_dimension("the start", self.variables, start)?;
        check_finite("the start", start)?;
        check_order("the number of steps", steps, 1, MOST_STEPS)?;
        check_order("the number of paths", paths, PATHS.0, PATHS.1)?;
        check_order("the number of substeps", substeps, 1, 1_000_000)?;
        let inner = if model == Model::Descent { 1 } else { substeps };
        let work = steps.saturating_mul(paths).saturating_mul(inner);
        check_order("the number of steps of all paths", work, 1, MOST_WORK)?;
        match model {
            Model::Descent => {}
            Model::Langevin { temperature } => check_least("the temperature T", temperature)?,
            Model::Modified { order } => {
                check_order("the order of the stochastic modified equation", order, 1, 2)?;
            }
        }
        let plan = Plan { model, h, steps, substeps: inner, seed };
        let times: Vec<usize> = match steps {
            few if few <= TIMES => (0..=few).collect(),
            many => (0..=TIMES).map(|k| (k * many + TIMES / 2) / TIMES).collect(),
        };
        // Gradient descent without noise is near the mean, where sums of squares keep their digits.
        let pivots = self.centre(h, start, &times);
        let done = std::sync::atomic::AtomicUsize::new(0);
        let stopped = std::sync::atomic::AtomicBool::new(false);
        let order = std::sync::atomic::Ordering::Relaxed;
        let groups = on_streams(|stream| {
            let k = stream as usize;
            let range = k * paths / STREAMS..(k + 1) * paths / STREAMS;
            let tell = |paths_done: usize| {
                let all = done.fetch_add(paths_done, order) + paths_done;
                if watch(all as f64 / paths as f64) {
                    stopped.store(true, order);
                }
                stopped.load(order)
            };
            Ok::<_, StatisticsError>(self.follow(&plan, start, range, &times, &pivots, tell))
        })?;
        if stopped.load(order) {
            return Err(StatisticsError::Interrupted);
        }
        // Put together in their order.
        let mut groups = groups.into_iter();
        let Some(mut all) = groups.next() else { return Err(StatisticsError::Interrupted) };
        for group in groups {
            all.append(group);
        }
        if all.away {
            return Err(StatisticsError::Away { from: start.to_vec() });
        }
        let estimates: Vec<(Estimate, Estimate)> = all.moments.iter().map(Moments::of_independent).collect();
        let rows = |part: fn(&(Estimate, Estimate)) -> Estimate| -> Vec<Vec<Estimate>> {
            estimates.chunks(self.variables).map(|row| row.iter().map(part).collect()).collect()
        };
        let (mean, variance) = (rows(|pair| pair.0), rows(|pair| pair.1));
        let last = (0..self.variables)
            .map(|v| all.last.iter().skip(v).step_by(self.variables).copied().collect())
            .collect();
        Ok(Ensemble { steps: times, mean, variance, paths: all.kept, last })
    }

    /// Gradient descent on f at some steps, or the start once it leaves.
    fn centre(&self, h: f64, start: &[f64], times: &[usize]) -> Vec<f64> {
        let mut work = Workspace::new(self);
        let (mut x, mut at, mut pivots) = (start.to_vec(), 0, Vec::new());
        for &time in times {
            while at < time {
                self.gradients(&x, &mut work);
                x.iter_mut().zip(&work.mean).for_each(|(x, slope)| *x -= h * slope);
                at += 1;
            }
            let fine = x.iter().all(|x| x.abs() < FAR);
            pivots.extend_from_slice(if fine { &x } else { start });
        }
        pivots
    }

    fn follow(
        &self,
        plan: &Plan,
        start: &[f64],
        paths: std::ops::Range<usize>,
        times: &[usize],
        pivots: &[f64],
        tell: impl Fn(usize) -> bool,
    ) -> Group {
        let mut group = Group {
            moments: pivots.iter().map(|&pivot| Moments::about(pivot)).collect(),
            kept: Vec::new(),
            last: Vec::new(),
            away: false,
        };
        let mut work = Workspace::new(self);
        let dt = plan.h / plan.substeps as f64;
        // Some 10⁵ steps between looks at whether to stop.
        let often = (100_000 / (plan.steps * plan.substeps)).max(1);
        let mut untold = 0;
        for path in paths {
            let mut random = Generator::new(plan.seed, path as u64 | stream_of(plan.model) << 32);
            let mut x = start.to_vec();
            let mut points = Vec::new();
            let mut next = 0;
            for step in 0..=plan.steps {
                if times.get(next) == Some(&step) {
                    let moments = group.moments[next * self.variables..].iter_mut();
                    moments.zip(&x).for_each(|(moments, &x)| moments.add(x));
                    if path < KEPT {
                        points.push(x.clone());
                    }
                    next += 1;
                }
                if step == plan.steps {
                    break;
                }
                match plan.model {
                    Model::Descent => self.descend(plan.h, &mut random, &mut x, &mut work),
                    model => {
                        for _ in 0..plan.substeps {
                            self.diffuse(model, plan.h, dt, &mut random, &mut x, &mut work);
                        }
                    }
                }
                if !x.iter().all(|x| x.abs() < FAR) {
                    group.away = true;
                    return group;
                }
            }
            group.last.extend_from_slice(&x);
            if path < KEPT {
                group.kept.push(points);
            }
            untold += 1;
            if untold == often {
                untold = 0;
                if tell(often) {
                    return group;
                }
            }
        }
        tell(untold);
        group
    }
}

impl Ensemble {
    /// The numbers of steps h after which moments are taken: the first is 0, the last that of all steps; all of them if
    /// there are at most 200.
    pub fn steps(&self) -> &[usize] {
        &self.steps
    }

    /// The mean of each variable after those steps.
    pub fn mean(&self) -> &[Vec<Estimate>] {
        &self.mean
    }

    /// The variance of each variable after those steps.
    pub fn variance(&self) -> &[Vec<Estimate>] {
        &self.variance
    }

    /// The first twelve paths: the points after those steps.
    pub fn paths(&self) -> &[Vec<Vec<f64>>] {
        &self.paths
    }

    /// The last value of a variable on every path.
    ///
    /// # Panics
    /// If there is no such variable.
    pub fn last(&self, variable: usize) -> &[f64] {
        &self.last[variable]
    }
}

/// What some of the paths add up to.
struct Group {
    moments: Vec<Moments>,
    kept: Vec<Vec<Vec<f64>>>,
    last: Vec<f64>,
    away: bool,
}

impl Group {
    fn append(&mut self, other: Group) {
        self.moments.iter_mut().zip(&other.moments).for_each(|(moments, more)| moments.merge(more));
        self.kept.extend(other.kept);
        self.last.extend(other.last);
        self.away |= other.away;
    }
}

/// Room for what a step computes on its way.
struct Workspace {
    gradients: Vec<f64>,
    mean: Vec<f64>,
    slope: Vec<f64>,
    end: Vec<f64>,
    kick: Vec<f64>,
    ahead: Vec<f64>,
    point: Vec<Dual<f64>>,
    along: Vec<Dual<f64>>,
}

impl Workspace {
    fn new<V>(losses: &Losses<V>) -> Workspace {
        let zeros = || vec![0.0; losses.variables];
        let duals = || vec![Dual::from(0.0); losses.variables];
        Workspace {
            gradients: vec![0.0; losses.losses.len() * losses.variables],
            mean: zeros(),
            slope: zeros(),
            end: zeros(),
            kick: zeros(),
            ahead: zeros(),
            point: duals(),
            along: duals(),
        }
    }
}

/// Models draw their random numbers from streams of their own, so that their paths are independent.
fn stream_of(model: Model) -> u64 {
    match model {
        Model::Descent => 1,
        Model::Langevin { .. } => 2,
        Model::Modified { order } => 2 + order as u64,
    }
}

#[cfg(test)]
mod tests;
