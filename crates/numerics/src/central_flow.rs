//! The central flow: where gradient descent at the edge of stability goes on average.
//!
//! Write the iterates as w + δ with δ = ± along the sharpest direction q and mean 0, mean square σ². To
//! second order the mean gradient is ∇L + ½ D³L(δ,δ,·) = ∇L + ½σ²∇S, because D³L(q,q,·) is the gradient of
//! the sharpness S. In units of time in which a step takes h, the mean therefore moves by
//!
//! ẇ = -(∇L + ½σ²∇S)
//!
//! (Cohen, Damian, Talwalkar, Kolter & Lee 2024, *Understanding optimization in deep learning with central
//! flows*).
//!
//! Below the edge oscillations die out, σ² = 0; above it they would grow and push S down. Held between the
//! two S stays at 2/h, and 0 = Ṡ = ∇S·ẇ gives σ² = -2 ∇L·∇S/|∇S|². That is not negative as long as the
//! gradient flow would raise S; once it would not, the edge is left. The mean of the loss is L + ½σ²S to the
//! same order, and S = 2/h.

use crate::directional::{Along, add, dot};
use crate::error::{InputError, check_order, check_step};
use crate::{Objective, Sharpness, SharpnessError};

/// A relative distance from 2/h that counts as on the edge.
const ON_EDGE: f64 = 1e-10;

/// Steps of Newton's method back to the edge; two do from the drift of a Runge–Kutta step.
const MOST_CORRECTIONS: usize = 20;

/// The relative residual of sharpest directions on the way: about the relative error of ∇S, far below what
/// the flow itself leaves out. The sharpness errs by its square.
const RESIDUAL: f64 = 1e-7;

/// A second eigenvalue this close to the edge, relatively, is at the edge: between the two the sharpest
/// direction turns faster than it can be followed.
const GAP: f64 = 1e-3;

/// Steps along the gradient flow within one of the flow at the edge, which costs ten times as much: fast
/// transients at the start leave errors that slow directions keep.
const FINER: usize = 4;

/// Halvings of an interval of steps that locate the edge to rounding.
const HALVINGS: usize = 50;

/// Why a central flow could not be followed.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
pub enum CentralFlowError {
    /// An argument cannot be used, or the flow has left the finite numbers.
    #[error(transparent)]
    Input(#[from] InputError),
    /// The sharpness was not found.
    #[error(transparent)]
    Sharpness(#[from] SharpnessError),
    /// The start is beyond the edge, where gradient descent is thrown out before any average helps.
    #[error("the sharpness at the start is {sharpness}, above the edge 2/h = {edge}; take a smaller h")]
    StartsBeyond {
        /// The sharpness there.
        sharpness: f64,
        /// 2/h.
        edge: f64,
    },
    /// A second eigenvalue has come to the edge; this flow holds one.
    #[error(
        "after {step} steps the second eigenvalue {second} of the Hessian is at the edge 2/h = {edge} too; \
         this flow holds one eigenvalue"
    )]
    SecondEigenvalue {
        /// The time over h.
        step: usize,
        /// The second eigenvalue.
        second: f64,
        /// 2/h.
        edge: f64,
    },
    /// The sharpness could not be held at the edge.
    #[error(
        "after {step} steps the flow could not be kept at the edge 2/h = {edge}: its sharpness is {sharpness}; \
         more substeps may help"
    )]
    EdgeLost {
        /// The time over h.
        step: usize,
        /// The sharpness reached.
        sharpness: f64,
        /// 2/h.
        edge: f64,
    },
}

/// The central flow of gradient descent with learning rate h, for one eigenvalue at the edge.
///
/// ```
/// use shadowflow_numerics::{CentralFlow, problems::SmallNetwork};
/// let (network, start) = (SmallNetwork::miniature(), SmallNetwork::start(12));
/// let moments = CentralFlow::new(&network, 0.4)?.follow(&start, 600, 100)?;
/// // The gradient flow until the sharpness is 2/h = 5, then along that edge with oscillations about it.
/// assert!(moments[0].sharpness < 4.5 && moments[0].variance == 0.0);
/// let last = &moments[6];
/// assert!((last.sharpness - 5.0).abs() < 1e-8 && last.variance > 0.0);
/// # Ok::<(), shadowflow_numerics::CentralFlowError>(())
/// ```
#[derive(Clone, Debug)]
pub struct CentralFlow<'a, V> {
    objective: &'a V,
    h: f64,
    substeps: usize,
}

/// The central flow at one moment.
#[derive(Clone, Debug, PartialEq)]
pub struct CentralMoment {
    /// The number of steps k that gradient descent has taken; the time is kh.
    pub step: usize,
    /// w.
    pub point: Vec<f64>,
    /// L(w).
    pub loss: f64,
    /// S(w), at most 2/h.
    pub sharpness: f64,
    /// σ², the mean square of the oscillations about w along the sharpest direction; 0 below the edge.
    pub variance: f64,
}

impl CentralMoment {
    /// The mean L + ½σ²S of the loss over the oscillations.
    pub fn mean_loss(&self) -> f64 {
        self.loss + 0.5 * self.variance * self.sharpness
    }
}

/// Where the flow is: a point, its sharpest direction, and whether it is held at the edge.
struct State {
    x: Vec<f64>,
    sharpness: Sharpness,
    is_held: bool,
}

impl<'a, V: Objective> CentralFlow<'a, V> {
    /// Of an objective and a learning rate.
    ///
    /// # Errors
    /// If h is not positive and finite.
    pub fn new(objective: &'a V, h: f64) -> Result<CentralFlow<'a, V>, InputError> {
        check_step(h)?;
        Ok(CentralFlow { objective, h, substeps: 1 })
    }

    /// The same with `substeps` steps of the classical Runge–Kutta method in a time h instead of one. One is
    /// stable, because curvatures stay at or below 2/h, and the method is up to 2.78/h.
    ///
    /// # Errors
    /// If it is 0.
    pub fn with_substeps(self, substeps: usize) -> Result<CentralFlow<'a, V>, InputError> {
        check_order("the number of substeps", substeps, 1, usize::MAX)?;
        Ok(CentralFlow { substeps, ..self })
    }

    /// From `x0` over the time of `steps` steps of gradient descent: the moments after 0, `every`, 2·`every`,
    /// … steps.
    ///
    /// # Errors
    /// If an argument cannot be used, the start is beyond the edge, a second eigenvalue comes to the edge
    /// (within 1/1000 of it, looked for at the moments recorded), or the flow cannot be followed.
    pub fn follow(
        &self,
        x0: &[f64],
        steps: usize,
        every: usize,
    ) -> Result<Vec<CentralMoment>, CentralFlowError> {
        check_order("the distance of records", every, 1, usize::MAX)?;
        let edge = 2.0 / self.h;
        let sharpness = Sharpness::at(self.objective, x0)?;
        if sharpness.value() > edge * (1.0 + ON_EDGE) {
            return Err(CentralFlowError::StartsBeyond { sharpness: sharpness.value(), edge });
        }
        let is_at_edge = sharpness.value() >= edge * (1.0 - ON_EDGE);
        let mut state = State { x: x0.to_vec(), sharpness, is_held: false };
        state.is_held = is_at_edge && self.balance(&state.x, &state.sharpness).1 > 0.0;
        let mut moments = Vec::new();
        for step in 0..=steps {
            if step % every == 0 {
                let second = state.sharpness.second(self.objective, &state.x)?;
                if let Some(second) = second.filter(|second| *second >= edge * (1.0 - GAP)) {
                    return Err(CentralFlowError::SecondEigenvalue { step, second, edge });
                }
                let variance = match state.is_held {
                    true => self.balance(&state.x, &state.sharpness).1.max(0.0),
                    false => 0.0,
                };
                moments.push(CentralMoment {
                    step,
                    loss: self.objective.value(&state.x),
                    sharpness: state.sharpness.value(),
                    variance,
                    point: state.x.clone(),
                });
            }
            if step < steps {
                for _ in 0..self.substeps {
                    self.advance(&mut state, self.h / self.substeps as f64, step)?;
                }
            }
        }
        Ok(moments)
    }

    /// Derivatives along the sharpest direction, and the σ² that keeps S constant, negative where S falls by
    /// itself.
    fn balance(&self, x: &[f64], sharpness: &Sharpness) -> (Along, f64) {
        let along = Along::at(self.objective, x, sharpness.direction());
        let size = dot(&along.third, &along.third);
        let variance = if size > 0.0 { -2.0 * dot(&along.gradient, &along.third) / size } else { 0.0 };
        (along, variance)
    }

    /// Moves on by a time `dt`.
    fn advance(&self, state: &mut State, dt: f64, step: usize) -> Result<(), CentralFlowError> {
        let edge = 2.0 / self.h;
        let mut remaining = dt;
        if !state.is_held {
            let next = self.free(&state.x, dt);
            let sharpness = self.near(&next, &state.sharpness)?;
            if sharpness.value() <= edge {
                (state.x, state.sharpness) = (next, sharpness);
                return Ok(());
            }
            // The edge is met within this step.
            let (mut low, mut high) = (0.0, dt);
            for _ in 0..HALVINGS {
                let middle = 0.5 * (low + high);
                let there = self.near(&self.free(&state.x, middle), &state.sharpness)?;
                if there.value() <= edge {
                    low = middle
                } else {
                    high = middle
                }
                if (there.value() - edge).abs() <= 0.1 * ON_EDGE * edge {
                    break;
                }
            }
            state.x = self.free(&state.x, low);
            state.sharpness = self.near(&state.x, &state.sharpness)?;
            state.is_held = true;
            remaining = dt - low;
        }
        let next = self.held(&state.x, &state.sharpness, remaining)?;
        let sharpness = self.near(&next, &state.sharpness)?;
        let variance = self.balance(&next, &sharpness).1;
        (state.x, state.sharpness) = (next, sharpness);
        if variance <= 0.0 && state.sharpness.value() <= edge * (1.0 + ON_EDGE) {
            state.is_held = false;
            return Ok(());
        }
        self.correct(state, step)
    }

    /// Back to the edge along ∇S, against the drift of the Runge–Kutta step.
    fn correct(&self, state: &mut State, step: usize) -> Result<(), CentralFlowError> {
        let edge = 2.0 / self.h;
        for _ in 0..MOST_CORRECTIONS {
            let excess = state.sharpness.value() - edge;
            if excess.abs() <= ON_EDGE * edge {
                return Ok(());
            }
            let (along, _) = self.balance(&state.x, &state.sharpness);
            add(&mut state.x, -excess / dot(&along.third, &along.third), &along.third);
            if !state.x.iter().all(|value| value.is_finite()) {
                break;
            }
            state.sharpness = self.near(&state.x, &state.sharpness)?;
        }
        Err(CentralFlowError::EdgeLost { step, sharpness: state.sharpness.value(), edge })
    }

    fn near(&self, x: &[f64], last: &Sharpness) -> Result<Sharpness, SharpnessError> {
        Sharpness::within(RESIDUAL, self.objective, x, last.direction())
    }

    /// Some steps along -∇L.
    fn free(&self, x: &[f64], dt: f64) -> Vec<f64> {
        let slope = |x: &[f64]| -> Result<Vec<f64>, std::convert::Infallible> {
            let mut gradient = vec![0.0; x.len()];
            self.objective.gradient(x, &mut gradient);
            Ok(gradient.into_iter().map(|g| -g).collect())
        };
        (0..FINER).fold(x.to_vec(), |x, _| {
            let Ok(next) = runge_kutta(&x, dt / FINER as f64, slope);
            next
        })
    }

    /// A step along -(∇L + ½σ²∇S).
    fn held(&self, x: &[f64], sharpness: &Sharpness, dt: f64) -> Result<Vec<f64>, SharpnessError> {
        runge_kutta(x, dt, |x| {
            let (along, variance) = self.balance(x, &self.near(x, sharpness)?);
            let mut slope: Vec<f64> = along.gradient.iter().map(|g| -g).collect();
            add(&mut slope, -0.5 * variance.max(0.0), &along.third);
            Ok(slope)
        })
    }
}

/// One step of the classical Runge–Kutta method.
fn runge_kutta<E>(x: &[f64], dt: f64, slope: impl Fn(&[f64]) -> Result<Vec<f64>, E>) -> Result<Vec<f64>, E> {
    let moved = |by: f64, k: &[f64]| {
        let mut point = x.to_vec();
        add(&mut point, by * dt, k);
        point
    };
    let k1 = slope(x)?;
    let k2 = slope(&moved(0.5, &k1))?;
    let k3 = slope(&moved(0.5, &k2))?;
    let k4 = slope(&moved(1.0, &k3))?;
    let mut next = x.to_vec();
    for (weight, k) in [(1.0, k1), (2.0, k2), (2.0, k3), (1.0, k4)] {
        add(&mut next, weight * dt / 6.0, &k);
    }
    Ok(next)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::directional::norm;
    use crate::problems::SmallNetwork;
    use crate::{GradientFlow, Optimizer, Scalar, Training, flow_at};

    /// ½(1 + v)x₁² + ½(1 + w)x₂² - U(v, w, u), on whose invariant plane x = 0 sharpness and flow are known.
    struct Channels {
        /// Coefficients of v, w and of -uv in U, and of -u.
        push: [f64; 4],
    }

    impl Objective for Channels {
        fn variables(&self) -> usize {
            5
        }

        fn value<S: Scalar>(&self, z: &[S]) -> S {
            let [x1, x2, v, w, u] = [z[0], z[1], z[2], z[3], z[4]];
            let [a, b, c, d] = self.push;
            (v + 1.0) * x1 * x1 * 0.5 + (w + 1.0) * x2 * x2 * 0.5 - v * a - w * b - u * v * c + u * d
        }

        fn gradient<S: Scalar>(&self, z: &[S], out: &mut [S]) {
            let [x1, x2, v, w, u] = [z[0], z[1], z[2], z[3], z[4]];
            let [a, b, c, d] = self.push;
            out[0] = (v + 1.0) * x1;
            out[1] = (w + 1.0) * x2;
            out[2] = x1 * x1 * 0.5 - u * c - a;
            out[3] = x2 * x2 * 0.5 - b;
            out[4] = -v * c + d;
        }
    }

    #[test]
    fn a_pushed_channel_is_held_where_its_curvature_is_at_the_edge() {
        // v̇ = 1/4 from 0 until 1 + v = 2/h = 4 at t = 12, step 24; then ½σ² = 1/4.
        let objective = Channels { push: [0.25, 0.0, 0.0, 0.0] };
        let flow = CentralFlow::new(&objective, 0.5).unwrap();
        let moments = flow.follow(&[0.0; 5], 40, 1).unwrap();
        for moment in &moments {
            let v = (0.25 * 0.5 * moment.step as f64).min(3.0);
            assert!((moment.point[2] - v).abs() < 1e-9 && (moment.sharpness - 1.0 - v).abs() < 1e-9);
            if moment.step > 24 {
                assert!((moment.variance - 0.5).abs() < 1e-9);
                assert!((moment.mean_loss() - moment.loss - 0.5 * 0.5 * 4.0).abs() < 1e-8);
            }
            if moment.step < 24 {
                assert_eq!(moment.variance, 0.0);
            }
        }
    }

    #[test]
    fn the_edge_is_left_when_nothing_pushes_any_more() {
        // v̇ = u, u̇ = v - 2, held at v = 1 (h = 1) while u > 0: there u̇ = -1 and σ² = 2u.
        let objective = Channels { push: [0.0, 0.0, 1.0, 2.0] };
        let start = [0.0, 0.0, 0.0, 0.0, 2.0];
        let moments = CentralFlow::new(&objective, 1.0)
            .unwrap()
            .with_substeps(50)
            .unwrap()
            .follow(&start, 5, 1)
            .unwrap();
        let held: Vec<&CentralMoment> = moments.iter().filter(|moment| moment.variance > 0.0).collect();
        assert_eq!(held.len(), 1, "{moments:?}");
        assert!((held[0].variance - 2.0 * held[0].point[4]).abs() < 1e-9);
        // Before: v = 2 + c₁eᵗ + c₂e⁻ᵗ with c₁ = 0, c₂ = -2 is v = 2 - 2e⁻ᵗ, u = 2e⁻ᵗ; v = 1, u = 1 at t = ln
        // 2. At the edge u = 1 - (t - ln 2), 0 at t = 1 + ln 2; from there v - 2 = -cosh, u = -sinh of the
        // time passed.
        assert!((held[0].point[4] - 2f64.ln()).abs() < 1e-6, "u at t = 1: 1 - (1 - ln 2)");
        let passed = 3.0 - 1.0 - 2f64.ln();
        // The step within which the edge is left is of first order: 1/50 of h, with a slope of u near 0.
        assert!((moments[3].point[2] - (2.0 - passed.cosh())).abs() < 0.02, "{:?}", moments[3]);
        assert!(moments[5].sharpness < moments[3].sharpness && moments[3].sharpness < 2.0);
    }

    #[test]
    fn what_it_cannot_follow_is_said() {
        // v̇ = 1 reaches the edge at t = 1, ẇ = ½ at t = 2: two eigenvalues.
        let objective = Channels { push: [1.0, 0.5, 0.0, 0.0] };
        let flow = CentralFlow::new(&objective, 1.0).unwrap();
        let error = flow.follow(&[0.0; 5], 3, 1).unwrap_err();
        assert!(matches!(error, CentralFlowError::SecondEigenvalue { step: 2, .. }), "{error}");
        let error = flow.follow(&[0.0, 0.0, 4.0, 0.0, 0.0], 3, 1).unwrap_err();
        let CentralFlowError::StartsBeyond { sharpness, edge } = error else { panic!("{error}") };
        assert!((sharpness - 5.0).abs() < 1e-13 && edge == 2.0);
        assert!(matches!(flow.follow(&[0.0; 4], 3, 1), Err(CentralFlowError::Sharpness(_))));
        assert!(matches!(flow.follow(&[0.0; 5], 3, 0), Err(CentralFlowError::Input(_))));
        assert!(CentralFlow::new(&objective, 0.0).is_err() && flow.with_substeps(0).is_err());
    }

    fn distance(a: &[f64], b: &[f64]) -> f64 {
        norm(&a.iter().zip(b).map(|(a, b)| a - b).collect::<Vec<f64>>())
    }

    /// Gradient descent itself as the oracle, averaged over some bursts of its oscillations.
    #[test]
    fn gradient_descent_follows_it_on_average() {
        let (network, start) = (SmallNetwork::miniature(), SmallNetwork::start(12));
        let (h, window) = (0.4, 800..2800);
        let moments = CentralFlow::new(&network, h).unwrap().follow(&start, 2800, 50).unwrap();
        let run = Training::run(&network, &Optimizer::gradient_descent(), h, &start, 2800, 10).unwrap();
        let late: Vec<&CentralMoment> = moments.iter().filter(|m| window.contains(&m.step)).collect();
        let mean = |f: fn(&CentralMoment) -> f64| late.iter().map(|m| f(m)).sum::<f64>() / late.len() as f64;

        assert!(late.iter().all(|m| (m.sharpness - 5.0).abs() < 1e-8 && m.variance > 0.0));
        // The window holds some five bursts, and each weighs: 0.5 % were measured, and 2.6 % of the loss.
        let sharpness = run.mean_sharpness(window.clone()).unwrap();
        assert!((sharpness / 5.0 - 1.0).abs() < 0.02, "{sharpness}");
        let (measured, foretold) = (run.mean_loss(window).unwrap(), mean(CentralMoment::mean_loss));
        assert!((measured / foretold - 1.0).abs() < 0.05, "{measured} {foretold}");
        // Without its oscillations the loss would be a fifth less: the negative control.
        assert!((measured / mean(|m| m.loss) - 1.0).abs() > 0.15);

        let (flow, central) =
            (flow_at(&GradientFlow(&network), &start, &[2800.0 * h]).unwrap(), &moments[56].point);
        // The gradient flow is 1.04 away by then, the central flow 0.18, which is what a burst reaches.
        assert!(distance(run.end(), central) < 0.25 * distance(run.end(), &flow[0]));
    }

    #[test]
    fn smaller_steps_change_little() {
        let (network, start) = (SmallNetwork::miniature(), SmallNetwork::start(12));
        let end = |n: usize| {
            let flow = CentralFlow::new(&network, 0.4).unwrap().with_substeps(n).unwrap();
            flow.follow(&start, 400, 400).unwrap().pop().unwrap()
        };
        let (one, two, four) = (end(1), end(2), end(4));
        let (coarse, fine) = (distance(&one.point, &four.point), distance(&two.point, &four.point));
        assert!(coarse < 1e-3 && fine < coarse / 4.0, "{coarse:e} {fine:e}");
    }
}
