//! The motion of a central flow: a step, and where eigenvalues come to the edge or leave it.

use nalgebra::DMatrix;

use super::critical_space::CriticalSpace;
use super::{CentralFlowError, GAP, MOST_HELD, ON_EDGE};
use crate::complementarity::Solution;
use crate::directional::{add, combined, dot, norm};
use crate::sharpness::Leading;
use crate::{Objective, SharpnessError};

/// Steps of Newton's method back to the edge; two do from the drift of a Runge–Kutta step.
const MOST_CORRECTIONS: usize = 20;

/// The relative residual of eigenvectors on the way: far below what the flow itself leaves out. Eigenvalues err
/// by its square.
const RESIDUAL: f64 = 1e-8;

/// Steps along the gradient flow within one of the flow at the edge, which costs ten times as much: fast
/// transients at the start leave errors that slow directions keep.
const FINER: usize = 4;

/// A step in which eigenvalues come or go is accepted where its halves lead to the same point up to this, times
/// the size of the point, or after so many halvings.
const ACCEPTED: f64 = 1e-7;
const MOST_HALVINGS: usize = 12;

/// A point with the eigenvalues that are close to the edge and the next one.
#[derive(Clone, Debug)]
pub(super) struct State {
    pub(super) x: Vec<f64>,
    pub(super) leading: Leading,
}

impl State {
    pub(super) fn sharpness(&self) -> f64 {
        self.leading.values[0]
    }

    fn above(&self, level: f64) -> usize {
        self.leading.values.iter().filter(|value| **value > level).count()
    }
}

/// A step as taken.
struct Attempt {
    end: State,
    /// Whether an eigenvalue came to the edge or left it on the way.
    has_event: bool,
}

/// The flow of an objective below an edge.
pub(super) struct Motion<'a, V> {
    pub(super) objective: &'a V,
    pub(super) edge: f64,
}

impl<V: Objective> Motion<'_, V> {
    pub(super) fn state(&self, x: Vec<f64>, guesses: &[Vec<f64>]) -> Result<State, SharpnessError> {
        let is_below = |values: &[f64]| {
            values.len() > MOST_HELD || values.last().is_some_and(|value| *value < self.edge * (1.0 - GAP))
        };
        let leading = Leading::at(RESIDUAL, self.objective, &x, guesses, is_below)?;
        Ok(State { x, leading })
    }

    /// On by a time `dt`; `step` is for messages.
    pub(super) fn advance(&self, state: &State, dt: f64, step: usize) -> Result<State, CentralFlowError> {
        let whole = self.attempt(state, dt, step)?;
        self.refined(state, whole, dt, step, 0)
    }

    /// An attempt, or where its halves lead if that is elsewhere.
    fn refined(
        &self,
        state: &State,
        whole: Attempt,
        dt: f64,
        step: usize,
        halvings: usize,
    ) -> Result<State, CentralFlowError> {
        if !whole.has_event || halvings == MOST_HALVINGS {
            return Ok(whole.end);
        }
        let first = self.attempt(state, 0.5 * dt, step)?;
        let second = self.attempt(&first.end, 0.5 * dt, step)?;
        let difference: Vec<f64> = second.end.x.iter().zip(&whole.end.x).map(|(a, b)| a - b).collect();
        if norm(&difference) <= ACCEPTED * (1.0 + norm(&second.end.x)) {
            return Ok(second.end);
        }
        // Where the first half is not refined, the second begins where it did already.
        let (middle, second) = if first.has_event && halvings + 1 < MOST_HALVINGS {
            let middle = self.refined(state, first, 0.5 * dt, step, halvings + 1)?;
            let second = self.attempt(&middle, 0.5 * dt, step)?;
            (middle, second)
        } else {
            (first.end, second)
        };
        self.refined(&middle, second, 0.5 * dt, step, halvings + 1)
    }

    /// One step, with as many eigenvalues as its end calls for.
    fn attempt(&self, state: &State, dt: f64, step: usize) -> Result<Attempt, CentralFlowError> {
        let mut start = state.clone();
        let mut k = start.above(self.edge * (1.0 - GAP));
        loop {
            if k > MOST_HELD {
                return Err(CentralFlowError::TooManyAtEdge { step, most: MOST_HELD, edge: self.edge });
            }
            if start.leading.values.len() < k {
                let directions = &start.leading.directions;
                let is_enough = |values: &[f64]| values.len() >= k;
                start.leading = Leading::at(RESIDUAL, self.objective, &start.x, directions, is_enough)?;
            }
            let (x, rank, comes) = self.step(&start, k, dt, step)?;
            let end = self.state(x, &start.leading.directions)?;
            // Beside one that is held, whatever is close by the end takes part.
            let level = if rank > 0 { 1.0 - GAP } else { 1.0 + ON_EDGE };
            let close = end.above(self.edge * level);
            if close > k {
                k = close;
                continue;
            }
            let (end, stays) = self.settled(end, rank, k, dt, step)?;
            return Ok(Attempt { end, has_event: comes || stays != rank });
        }
    }

    /// Where a step leads when `k` eigenvalues take part, how many are held at its beginning, and whether one of
    /// these comes to the edge only within it.
    fn step(
        &self,
        start: &State,
        k: usize,
        dt: f64,
        step: usize,
    ) -> Result<(Vec<f64>, usize, bool), CentralFlowError> {
        if k == 0 {
            return Ok((self.free(&start.x, dt), 0, false));
        }
        let frame = &start.leading.directions[..k];
        let slack = DMatrix::from_fn(k, k, |i, j| match (i == j, self.edge - start.leading.values[i]) {
            (true, room) if room.abs() > ON_EDGE * self.edge => room / dt,
            _ => 0.0,
        });
        let lost = || CentralFlowError::EdgeLost { step, sharpness: start.sharpness(), edge: self.edge };
        let velocity = |space: &CriticalSpace, x: &DMatrix<f64>| {
            let mut velocity: Vec<f64> = space.gradient.iter().map(|g| -g).collect();
            add(&mut velocity, -0.5, &space.push(x));
            velocity
        };
        let space = CriticalSpace::at(self.objective, &start.x, frame);
        let Solution { x: covariance, rank } = space.covariance(&slack).ok_or_else(lost)?;
        if rank == 0 {
            return Ok((self.free(&start.x, dt), 0, false));
        }
        let comes = covariance.dot(&slack) * dt > 10.0 * ON_EDGE * self.edge * covariance.trace();
        let first = velocity(&space, &covariance);
        let end = runge_kutta(&start.x, dt, first, |x| -> Result<Vec<f64>, CentralFlowError> {
            let is_enough = |values: &[f64]| values.len() >= k;
            let here = Leading::at(RESIDUAL, self.objective, x, frame, is_enough)?;
            let space = CriticalSpace::at(self.objective, x, &aligned(&here.directions[..k], frame));
            let covariance = space.covariance(&slack).ok_or_else(lost)?.x;
            Ok(velocity(&space, &covariance))
        })?;
        Ok((end, rank, comes))
    }

    /// The end of a step, moved back to the edge where eigenvalues are held, and how many still are. `rank` of
    /// them were on the way.
    fn settled(
        &self,
        mut end: State,
        rank: usize,
        k: usize,
        dt: f64,
        step: usize,
    ) -> Result<(State, usize), CentralFlowError> {
        let lost = |sharpness: f64| CentralFlowError::EdgeLost { step, sharpness, edge: self.edge };
        let k = k.min(end.leading.values.len());
        let mut stays = 0;
        if k > 0 {
            // The drift of those that were held is no room to rise.
            let slack = DMatrix::from_fn(k, k, |i, j| match i == j && i >= rank {
                true => (self.edge - end.leading.values[i]).max(0.0) / dt,
                false => 0.0,
            });
            let space = CriticalSpace::at(self.objective, &end.x, &end.leading.directions[..k]);
            stays = space.covariance(&slack).ok_or_else(|| lost(end.sharpness()))?.rank;
        }
        for _ in 0..MOST_CORRECTIONS {
            let held = stays.min(rank).max(end.above(self.edge * (1.0 + ON_EDGE)));
            let excess: Vec<f64> = end.leading.values[..held].iter().map(|value| value - self.edge).collect();
            if excess.iter().all(|excess| excess.abs() <= ON_EDGE * self.edge) {
                return Ok((end, stays));
            }
            let space = CriticalSpace::at(self.objective, &end.x, &end.leading.directions[..held]);
            let mut x = end.x.clone();
            add(&mut x, -1.0, &space.displacement(&DMatrix::from_diagonal(&excess.into())));
            if !x.iter().all(|value| value.is_finite()) {
                break;
            }
            end = self.state(x, &end.leading.directions)?;
        }
        Err(lost(end.sharpness()))
    }

    /// Some steps along -∇L.
    fn free(&self, x: &[f64], dt: f64) -> Vec<f64> {
        let slope = |x: &[f64]| {
            let mut gradient = vec![0.0; x.len()];
            self.objective.gradient(x, &mut gradient);
            gradient.into_iter().map(|g| -g).collect::<Vec<f64>>()
        };
        (0..FINER).fold(x.to_vec(), |x, _| {
            let Ok(next) = runge_kutta(&x, dt / FINER as f64, slope(&x), |x| {
                Ok::<Vec<f64>, std::convert::Infallible>(slope(x))
            });
            next
        })
    }
}

/// Another orthonormal basis of the space of `directions`, the one closest to `frame`: with the polar part of UᵀF.
fn aligned(directions: &[Vec<f64>], frame: &[Vec<f64>]) -> Vec<Vec<f64>> {
    let k = directions.len();
    let products = DMatrix::from_fn(k, k, |i, j| dot(&directions[i], &frame[j]));
    let parts = products.svd(true, true);
    let (Some(left), Some(right)) = (parts.u, parts.v_t) else { return directions.to_vec() };
    let turn = left * right;
    (0..k).map(|j| combined(directions[0].len(), turn.column(j).iter(), directions)).collect()
}

/// One step of the classical Runge–Kutta method whose first slope is known.
fn runge_kutta<E>(
    x: &[f64],
    dt: f64,
    k1: Vec<f64>,
    slope: impl Fn(&[f64]) -> Result<Vec<f64>, E>,
) -> Result<Vec<f64>, E> {
    let moved = |by: f64, k: &[f64]| {
        let mut point = x.to_vec();
        add(&mut point, by * dt, k);
        point
    };
    let k2 = slope(&moved(0.5, &k1))?;
    let k3 = slope(&moved(0.5, &k2))?;
    let k4 = slope(&moved(1.0, &k3))?;
    let mut next = x.to_vec();
    for (weight, k) in [(1.0, k1), (2.0, k2), (2.0, k3), (1.0, k4)] {
        add(&mut next, weight * dt / 6.0, &k);
    }
    Ok(next)
}
