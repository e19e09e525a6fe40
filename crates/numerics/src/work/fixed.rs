//! Explicit solvers: constant steps, momentum, schedules, Chebyshev stages, and Armijo's search.

use std::collections::VecDeque;

use shadowflow_methods::{Kind, Tableau};

use super::{Counted, Watch, WorkError, dot};
use crate::error::InputError;
use crate::{Armijo, Momentum, Objective, Schedule};

/// Steps of a line search that are remembered.
const REMEMBERED: usize = 10;

pub(super) fn runge_kutta<V: Objective>(
    tableau: &Tableau,
    h: f64,
    f: &Counted<'_, V>,
    x: &mut [f64],
    watch: &mut Watch<'_>,
) -> Result<(), WorkError> {
    let stages = tableau.stages();
    if tableau.kind() != Kind::Explicit {
        let expected = "an explicit method: implicit ones have solvers of their own";
        return Err(InputError::Number {
            what: "the number of implicit stages",
            value: stages as f64,
            expected,
        }
        .into());
    }
    let (a, b) = (tableau.a_f64(), tableau.b_f64());
    let mut slopes = vec![vec![0.0; x.len()]; stages];
    let mut stage = x.to_owned();
    while !watch(x)? {
        for i in 0..stages {
            stage.copy_from_slice(x);
            for (j, slope) in slopes[..i].iter().enumerate() {
                let weight = h * a[i * stages + j];
                stage.iter_mut().zip(slope).for_each(|(y, k)| *y -= weight * k);
            }
            f.gradient(&stage, &mut slopes[i]);
        }
        for (slope, weight) in slopes.iter().zip(&b) {
            x.iter_mut().zip(slope).for_each(|(x, k)| *x -= h * weight * k);
        }
    }
    Ok(())
}

pub(super) fn momentum<V: Objective>(
    momentum: &Momentum,
    h: f64,
    f: &Counted<'_, V>,
    x: &mut [f64],
    watch: &mut Watch<'_>,
) -> Result<(), WorkError> {
    let mut before = x.to_owned();
    let (mut ahead, mut gradient) = (x.to_owned(), x.to_owned());
    while !watch(x)? {
        for ((ahead, x), before) in ahead.iter_mut().zip(&*x).zip(&before) {
            *ahead = x + momentum.gamma() * (x - before);
        }
        f.gradient(&ahead, &mut gradient);
        for ((x, before), g) in x.iter_mut().zip(&mut before).zip(&gradient) {
            let next = *x + momentum.beta() * (*x - *before) - h * g;
            (*before, *x) = (*x, next);
        }
    }
    Ok(())
}

pub(super) fn schedule<V: Objective>(
    schedule: &Schedule,
    f: &Counted<'_, V>,
    x: &mut [f64],
    watch: &mut Watch<'_>,
) -> Result<(), WorkError> {
    let mut gradient = x.to_owned();
    for h in schedule.steps().iter().cycle() {
        if watch(x)? {
            break;
        }
        f.gradient(x, &mut gradient);
        x.iter_mut().zip(&gradient).for_each(|(x, g)| *x -= h * g);
    }
    Ok(())
}

/// With w₀ = (L + μ)/(L - μ) and hλ = w₀ - x on [-1, 1]: Yⱼ = 2wⱼ… in the stable three-term form of van der Houwen &
/// Sommeijer (1980), R = T_s(w₀ - w₁z)/T_s(w₀).
pub(super) fn chebyshev<V: Objective>(
    stages: usize,
    (mu, largest): (f64, f64),
    f: &Counted<'_, V>,
    x: &mut [f64],
    watch: &mut Watch<'_>,
) -> Result<(), WorkError> {
    crate::error::check_order("the number of stages", stages, 1, 1 << 20)?;
    // The same check as for schedules: 0 < μ ≤ L < ∞.
    Schedule::chebyshev(1, mu, largest)?;
    let (sum, difference) = (largest + mu, largest - mu);
    let mut gradient = x.to_owned();
    while !watch(x)? {
        let start = x.to_owned();
        f.gradient(&start, &mut gradient);
        // Y₁ = Y₀ - 2/(L + μ) ∇f: T₁.
        let mut before = start.clone();
        x.iter_mut().zip(&gradient).for_each(|(x, g)| *x -= 2.0 / sum * g);
        // Ratios T_{j-1}/T_j at w₀, which go to a limit below 1.
        let mut ratio = difference / sum;
        for _ in 1..stages {
            let next = 1.0 / (2.0 * sum / difference - ratio);
            f.gradient(x, &mut gradient);
            // T_{j+1}(w) = 2w T_j - T_{j-1}, divided by T_{j+1}(w₀).
            let (along, back) = (2.0 * sum / difference * next, ratio * next);
            let step = 4.0 / difference * next;
            for ((x, before), g) in x.iter_mut().zip(&mut before).zip(&gradient) {
                let value = along * *x - back * *before - step * g;
                (*before, *x) = (*x, value);
            }
            ratio = next;
        }
    }
    Ok(())
}

pub(super) fn armijo<V: Objective>(
    f: &Counted<'_, V>,
    x: &mut [f64],
    watch: &mut Watch<'_>,
) -> Result<(), WorkError> {
    let search = Armijo::default();
    let (mut gradient, mut trial) = (x.to_owned(), x.to_owned());
    let mut step = 1.0;
    // The last accepted steps, of which the shortest is trusted where f does not tell descent from rounding any more.
    let mut accepted = VecDeque::from([step]);
    while !watch(x)? {
        f.gradient(x, &mut gradient);
        let value = f.value(x);
        let along = |t: f64| {
            trial.iter_mut().zip(&*x).zip(&gradient).for_each(|((y, x), g)| *y = x - t * g);
            f.value(&trial)
        };
        // Twice the last step first, so that it can grow again.
        match search.step(along, value, -dot(&gradient, &gradient), 2.0 * step) {
            Some(found) => {
                step = found;
                accepted.truncate(REMEMBERED - 1);
                accepted.push_front(step);
            }
            None => step = accepted.iter().copied().fold(f64::INFINITY, f64::min),
        }
        x.iter_mut().zip(&gradient).for_each(|(x, g)| *x -= step * g);
    }
    Ok(())
}
