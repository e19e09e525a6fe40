//! The central flow: where gradient descent at the edge of stability goes on average.
//!
//! Write the iterates as w + δ with oscillations δ of mean 0 and covariance Σ. To second order the mean gradient
//! is ∇L + ½ D³L(Σ), where D³L(Σ) = Σᵢⱼ Σᵢⱼ D³L(eᵢ, eⱼ, ·) is the gradient of ⟨Σ, ∇²L⟩. In units of time in
//! which a step takes h, the mean therefore moves by
//!
//! ẇ = -(∇L + ½ D³L(Σ))
//!
//! (Cohen, Damian, Talwalkar, Kolter & Lee 2024, *Understanding optimization in deep learning with central
//! flows*). Below the edge oscillations die out; above it they would grow and push the eigenvalue down. Between
//! the two, eigenvalues stay at 2/h: Σ = UXUᵀ lives in their space, with U orthonormal, and
//!
//! X ⪰ 0, M = d/dt UᵀHU ⪯ 0, ⟨X, M⟩ = 0,
//!
//! linear complementarity of k×k matrices, since M is linear in X. Equivalently ẇ is the velocity nearest to
//! -∇L with which no eigenvalue at the edge rises, so that it is unique even where X is not. For one eigenvalue
//! S, σ² = max(0, -2 ∇L·∇S/|∇S|²), because D³L(q,q,·) = ∇S. The mean of the loss is L + ½⟨Σ, H⟩ = L + ½ tr Σ · 2/h
//! to the same order.
//!
//! In time, steps of the classical Runge–Kutta method follow the flow while the same eigenvalues are held, each
//! followed by the smallest displacement back to the edge. Where one comes to the edge within a step, what may
//! rise is what is left to the edge, a step of first order; such steps are halved until it makes no difference.

mod critical_space;
mod motion;

use nalgebra::{DMatrix, SymmetricEigen};

use crate::curvature::oriented;
use crate::directional::combined;
use crate::error::{InputError, check_order, check_step};
use crate::{Objective, SharpnessError};
use critical_space::CriticalSpace;
use motion::{Motion, State};

/// A relative distance from 2/h that counts as on the edge.
const ON_EDGE: f64 = 1e-10;

/// Eigenvalues this close to the edge, relatively, take part in what may rise: closer to one that is held,
/// directions turn faster than they can be followed one by one.
const GAP: f64 = 1e-3;

/// Most eigenvalues at the edge: of k, k(k+1)/2 third derivatives are needed at every stage.
const MOST_HELD: usize = 8;

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
    /// More eigenvalues have come to the edge than are followed.
    #[error(
        "after {step} steps more than {most} eigenvalues of the Hessian are at the edge 2/h = {edge}; \
         {most} can be followed"
    )]
    TooManyAtEdge {
        /// The time over h.
        step: usize,
        /// The largest number that is followed.
        most: usize,
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

/// The central flow of gradient descent with learning rate h, with any number of eigenvalues at the edge up to
/// eight.
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
    /// The eigenvalues of the Hessian within 1/1000 of the edge and the next one, descending.
    pub eigenvalues: Vec<f64>,
    /// The mean square of the oscillations about w, the trace of Σ; 0 below the edge. With one eigenvalue at the
    /// edge it is σ².
    pub variance: f64,
    /// The principal axes of the oscillations: Σ is the sum of variance · direction directionᵀ. The largest
    /// variance comes first; none below the edge.
    pub oscillations: Vec<Oscillation>,
}

/// A principal axis of oscillations.
#[derive(Clone, Debug, PartialEq)]
pub struct Oscillation {
    /// The mean square of their component along the axis, positive.
    pub variance: f64,
    /// The axis, a unit vector.
    pub direction: Vec<f64>,
}

impl CentralMoment {
    /// The mean L + ½⟨Σ, H⟩ of the loss over the oscillations.
    pub fn mean_loss(&self) -> f64 {
        self.loss + 0.5 * self.variance * self.sharpness
    }
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
    /// If an argument cannot be used, the start is beyond the edge, more than eight eigenvalues come to the edge,
    /// or the flow cannot be followed.
    pub fn follow(
        &self,
        x0: &[f64],
        steps: usize,
        every: usize,
    ) -> Result<Vec<CentralMoment>, CentralFlowError> {
        check_order("the distance of records", every, 1, usize::MAX)?;
        let edge = 2.0 / self.h;
        let motion = Motion { objective: self.objective, edge };
        let mut state = motion.state(x0.to_vec(), &[])?;
        if state.sharpness() > edge * (1.0 + ON_EDGE) {
            return Err(CentralFlowError::StartsBeyond { sharpness: state.sharpness(), edge });
        }
        let mut moments = Vec::new();
        for step in 0..=steps {
            if step % every == 0 {
                moments.push(self.moment(&state, step)?);
            }
            if step < steps {
                for _ in 0..self.substeps {
                    state = motion.advance(&state, self.h / self.substeps as f64, step)?;
                }
            }
        }
        Ok(moments)
    }

    fn moment(&self, state: &State, step: usize) -> Result<CentralMoment, CentralFlowError> {
        let edge = 2.0 / self.h;
        // What was moved back to the edge is there to ten digits; what is a digit further off may be there too.
        let held =
            state.leading.values.iter().filter(|value| **value >= edge * (1.0 - 10.0 * ON_EDGE)).count();
        let directions = &state.leading.directions[..held];
        let mut oscillations = Vec::new();
        if held > 0 {
            let space = CriticalSpace::at(self.objective, &state.x, directions);
            let found = space.covariance(&DMatrix::zeros(held, held)).ok_or(CentralFlowError::EdgeLost {
                step,
                sharpness: state.sharpness(),
                edge,
            })?;
            oscillations = axes(&found.x, found.rank, directions);
        }
        Ok(CentralMoment {
            step,
            loss: self.objective.value(&state.x),
            sharpness: state.sharpness(),
            eigenvalues: state.leading.values.clone(),
            variance: oscillations.iter().map(|oscillation| oscillation.variance).sum(),
            oscillations,
            point: state.x.clone(),
        })
    }
}

/// The principal axes of UXUᵀ.
fn axes(x: &DMatrix<f64>, rank: usize, directions: &[Vec<f64>]) -> Vec<Oscillation> {
    let eigen = SymmetricEigen::new(x.clone());
    let mut order: Vec<usize> = (0..x.nrows()).collect();
    order.sort_by(|&i, &j| eigen.eigenvalues[j].total_cmp(&eigen.eigenvalues[i]));
    let axis = |&i: &usize| {
        let direction = combined(directions[0].len(), eigen.eigenvectors.column(i).iter(), directions);
        Oscillation { variance: eigen.eigenvalues[i], direction: oriented(&direction) }
    };
    order[..rank].iter().map(axis).collect()
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
    fn two_channels_are_held_one_after_the_other() {
        // v̇ = 1 reaches the edge at t = 1, ẇ = ½ at t = 2; then Σ = diag(2·1, 2·½).
        let objective = Channels { push: [1.0, 0.5, 0.0, 0.0] };
        let flow = CentralFlow::new(&objective, 0.125).unwrap();
        let reach = 2.0 / 0.125 - 1.0;
        let moments = flow.follow(&[0.0, 0.0, reach - 1.0, reach - 1.0, 0.0], 32, 1).unwrap();
        for moment in &moments {
            let t = 0.125 * moment.step as f64;
            assert!((moment.point[2] - (reach - 1.0 + t.min(1.0))).abs() < 1e-8, "{t}");
            assert!((moment.point[3] - (reach - 1.0 + (0.5 * t).min(1.0))).abs() < 1e-8, "{t}");
            if [8, 16].contains(&moment.step) {
                continue;
            }
            let expected: &[(f64, usize)] = match t {
                t if t < 1.0 => &[],
                t if t < 2.0 => &[(2.0, 0)],
                _ => &[(2.0, 0), (1.0, 1)],
            };
            assert_eq!(moment.oscillations.len(), expected.len(), "{t}: {moment:?}");
            for (found, (variance, axis)) in moment.oscillations.iter().zip(expected) {
                assert!(
                    (found.variance - variance).abs() < 1e-8 && (found.direction[*axis] - 1.0).abs() < 1e-8
                );
            }
            assert!((moment.variance - expected.iter().map(|e| e.0).sum::<f64>()).abs() < 1e-8);
        }
    }

    /// ½ xᵀ(I + P)x - ⟨G, P⟩ for x of two and symmetric P of three variables, in which ⟨·,·⟩ is the product of
    /// their entries: P = [[p, r/√2], [r/√2, q]]. Where x = 0 the Hessian in x is I + P, and with oscillations of
    /// covariance Σ, Ṗ = G - ½Σ. At P = (2/h - 1)I both eigenvalues are at the edge, and there Moreau's decomposition
    /// solves: ½Σ is the positive part of G, Ṗ the negative one. (This project.)
    struct Plane {
        g: [f64; 3],
    }

    impl Objective for Plane {
        fn variables(&self) -> usize {
            5
        }

        fn value<S: Scalar>(&self, z: &[S]) -> S {
            let [x, y, p, q, r] = [z[0], z[1], z[2], z[3], z[4]];
            let bowl = (p + 1.0) * x * x * 0.5 + (q + 1.0) * y * y * 0.5 + r * x * y * 0.5f64.sqrt();
            bowl - p * self.g[0] - q * self.g[1] - r * self.g[2]
        }

        fn gradient<S: Scalar>(&self, z: &[S], out: &mut [S]) {
            let [x, y, p, q, r] = [z[0], z[1], z[2], z[3], z[4]];
            let half = 0.5f64.sqrt();
            out[0] = (p + 1.0) * x + r * y * half;
            out[1] = (q + 1.0) * y + r * x * half;
            out[2] = x * x * 0.5 - self.g[0];
            out[3] = y * y * 0.5 - self.g[1];
            out[4] = x * y * half - self.g[2];
        }
    }

    /// R diag(a, b) Rᵀ with R a rotation by `angle`, in the coordinates of [`Plane`].
    fn rotated(angle: f64, a: f64, b: f64) -> [f64; 3] {
        let (s, c) = angle.sin_cos();
        [a * c * c + b * s * s, a * s * s + b * c * c, 2f64.sqrt() * (a - b) * s * c]
    }

    #[test]
    fn turned_channels_have_turned_oscillations() {
        // P(t) = R diag(min(t, 1), min(t/2, 1)) Rᵀ from 0, with 2/h = 2, and Σ = 2R diag(1, ½)Rᵀ in the end.
        let objective = Plane { g: rotated(0.4, 1.0, 0.5) };
        let moments = CentralFlow::new(&objective, 1.0).unwrap().follow(&[0.0; 5], 4, 1).unwrap();
        for moment in &moments {
            let t = moment.step as f64;
            let expected = rotated(0.4, t.min(1.0), (0.5 * t).min(1.0));
            for (found, expected) in moment.point[2..].iter().zip(expected) {
                assert!((found - expected).abs() < 1e-8, "{t}: {:?}", moment.point);
            }
        }
        let [first, second] = &moments[4].oscillations[..] else { panic!("{:?}", moments[4]) };
        assert!((first.variance - 2.0).abs() < 1e-7 && (second.variance - 1.0).abs() < 1e-7);
        assert!(
            (first.direction[0] - 0.4f64.cos()).abs() < 1e-7
                && (first.direction[1] - 0.4f64.sin()).abs() < 1e-7
        );
    }

    #[test]
    fn what_is_not_pushed_leaves_the_edge_in_its_own_direction() {
        // From both at the edge; G has one positive and one negative eigenvalue, in directions of its own.
        let objective = Plane { g: rotated(0.7, 0.6, -0.3) };
        let moments =
            CentralFlow::new(&objective, 1.0).unwrap().follow(&[0.0, 0.0, 1.0, 1.0, 0.0], 3, 1).unwrap();
        for moment in &moments {
            let t = moment.step as f64;
            assert_eq!(moment.oscillations.len(), 1, "{moment:?}");
            let Oscillation { variance, direction } = &moment.oscillations[0];
            assert!((variance - 1.2).abs() < 1e-7, "{moment:?}");
            assert!((direction[0] - 0.7f64.cos()).abs() < 1e-7 && (direction[1] - 0.7f64.sin()).abs() < 1e-7);
            assert!((moment.sharpness - 2.0).abs() < 1e-9);
            let second = moment.eigenvalues.get(1).unwrap();
            assert!((second - (2.0 - 0.3 * t)).abs() < 1e-7, "{t}: {second}");
        }
    }

    /// Gradient descent as the oracle: as long as P stays bounded, the mean of ½xxᵀ over N steps is G but for (P_N -
    /// P₀)/(hN), whatever the oscillations look like.
    #[test]
    fn descent_with_two_eigenvalues_at_the_edge_oscillates_as_foretold() {
        let (h, n) = (0.5, 200_000);
        let objective = Plane { g: rotated(0.4, 0.004, 0.002) };
        // Not commuting with G: the first direction at the edge is not one that stays.
        let p = rotated(-0.9, 2.98, 2.94);
        let start = [0.05, -0.06, p[0], p[1], p[2]];
        let moments = CentralFlow::new(&objective, h)
            .unwrap()
            .follow(&[0.0, 0.0, start[2], start[3], start[4]], 200, 50)
            .unwrap();
        let last = moments.last().unwrap();
        let mut x = start.to_vec();
        let mut mean = [0.0; 3];
        let mut late = [0.0; 3];
        let mut squares = 0.0;
        for step in 0..n {
            let products = [x[0] * x[0], x[1] * x[1], x[0] * x[1]];
            mean.iter_mut().zip(products).for_each(|(mean, product)| *mean += product / f64::from(n));
            if step >= n / 2 {
                late.iter_mut().zip(&x[2..]).for_each(|(late, p)| *late += p / f64::from(n / 2));
                let [a, b, c] = [2, 3, 4].map(|k| x[k] - last.point[k]);
                squares += (a * a + b * b + 2.0 * c * c) / f64::from(n / 2);
            }
            let mut gradient = [0.0; 5];
            objective.gradient(&x, &mut gradient);
            x.iter_mut().zip(gradient).for_each(|(x, g)| *x -= h * g);
        }
        assert_eq!(last.oscillations.len(), 2, "{moments:?}");
        let covariance = |i: usize, j: usize| -> f64 {
            last.oscillations.iter().map(|o| o.variance * o.direction[i] * o.direction[j]).sum()
        };
        // P moves by some tenths in all: 2·0.2/(0.5·200 000) of noise.
        for (found, expected) in mean.iter().zip([covariance(0, 0), covariance(1, 1), covariance(0, 1)]) {
            assert!((found - expected).abs() < 1e-5, "{mean:?} {last:?}");
        }
        // And P is about where the flow holds it. With δ for how far it is from there, x is multiplied by -(1 + hδ); as x neither
        // grows nor vanishes the mean of ln(1 + hδ) is 0, and that of δ is h/2 of that of δ², to first order: twice that is allowed.
        for (found, expected) in late.iter().zip(&last.point[2..]) {
            assert!((found - expected).abs() < h * squares, "{late:?} {squares} {last:?}");
        }
        assert!(h * squares < 0.1, "{squares}");
        for moment in &moments {
            assert!(moment.sharpness <= 4.0 * (1.0 + 1e-9));
        }
    }

    #[test]
    fn what_it_cannot_follow_is_said() {
        let objective = Channels { push: [1.0, 0.5, 0.0, 0.0] };
        let flow = CentralFlow::new(&objective, 1.0).unwrap();
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
