//! Why gradient descent stays at the edge of stability: a model of two variables.
//!
//! Let S = 2/h at w, with the sharpest direction q, and s = P∇S, where P takes off the part along q. Write
//! the iterates as w + xq + v with v across q, and y = s·v. From
//! ∇L(w + xq + v) = ∇L + ∇²L(xq + v) + ½D³L(xq + v, xq + v, ·) + … and D³L(q,q,·) = ∇S one step of gradient descent is, exactly through second order,
//!
//! x₊ = -(1 + hy) x - h (∇L·q + ½ (∇S·q) x² + ½ D³L(v,v,q)),
//! y₊ = y + h (α - ½βx²) - h (s·∇²L v + x D³L(q,v,s) + ½ D³L(v,v,s)), α = -∇L·s, β = |s|².
//!
//! Three assumptions leave the model of Damian, Nichani & Lee 2023 (*Self-stabilization: the implicit bias of
//! gradient descent at the edge of stability*): w lies in the middle of the oscillations, so that ∇L·q
//! balances ½(∇S·q)x² on average, and x changes sign every step, so that what is odd in x cancels in two; s
//! lies in flat directions, so that ∇²L s ≈ 0; and v is small. Then
//!
//! x₊ = -(1 + hy) x, y₊ = y + h (α - ½βx²).
//!
//! With α > 0, progressive sharpening, |x| and y circle about |x| = √(2α/β), y = 0: sharpness above the edge
//! makes oscillations grow, and large oscillations push the sharpness down.

use crate::directional::{Along, add, dot};
use crate::error::{InputError, check_finite, check_step};
use crate::{Formula, Objective, Scalar, Sharpness, SharpnessError};

/// The map x₊ = -(1 + hy) x, y₊ = y + h (α - ½βx²) of a displacement x along the sharpest direction and the
/// excess y of the sharpness over 2/h.
///
/// As a [`Formula`] it is its continuous limit in (|x|, y), d|x|/dt = |x|y, dy/dt = α - ½βx², where a step
/// takes the time h: what the map tends to for small hy. Its orbits for α > 0 are closed.
///
/// ```
/// use shadowflow_numerics::{SelfStabilization, flow};
/// let model = SelfStabilization::new(0.1, 0.5, 4.0)?;
/// assert_eq!(model.amplitude(), Some(0.5));
/// // Round the loop once, nearly: of small loops the time is 2π/√(2α).
/// let start = [0.501, 0.0];
/// let end = flow(&model, &start, model.period().expect("α > 0"))?;
/// assert!((end[0] - start[0]).abs() < 1e-6);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct SelfStabilization {
    h: f64,
    alpha: f64,
    beta: f64,
}

impl SelfStabilization {
    /// With learning rate h, progressive sharpening α and restoring force β.
    ///
    /// # Errors
    /// If h is not positive and finite, α not finite, or β not positive and finite.
    pub fn new(h: f64, alpha: f64, beta: f64) -> Result<SelfStabilization, InputError> {
        check_step(h)?;
        if !alpha.is_finite() {
            return Err(InputError::Number { what: "alpha", value: alpha, expected: "a finite number" });
        }
        if !(beta > 0.0 && beta.is_finite()) {
            let expected = "a positive, finite number: without slope of the sharpness nothing is stabilised";
            return Err(InputError::Number { what: "beta", value: beta, expected });
        }
        Ok(SelfStabilization { h, alpha, beta })
    }

    /// Of an objective around the point `x`, with the learning rate h = 2/S(x) for which it is at the edge:
    /// α = -∇L·P∇S and β = |P∇S|².
    ///
    /// # Errors
    /// If the point cannot be used, the sharpness is not found or not positive, or does not change across its
    /// direction.
    pub fn around<V: Objective>(objective: &V, x: &[f64]) -> Result<SelfStabilization, SharpnessError> {
        let sharpness = Sharpness::at(objective, x)?;
        let q = sharpness.direction();
        let Along { gradient, third: mut slope } = Along::at(objective, x, q);
        let along = dot(&slope, q);
        add(&mut slope, -along, q);
        if sharpness.value() <= 0.0 {
            return Err(InputError::Number {
                what: "the sharpness",
                value: sharpness.value(),
                expected: "a positive number: elsewhere there is no edge",
            }
            .into());
        }
        let model =
            SelfStabilization::new(2.0 / sharpness.value(), -dot(&gradient, &slope), dot(&slope, &slope))?;
        Ok(model)
    }

    /// The learning rate h.
    pub fn h(&self) -> f64 {
        self.h
    }

    /// α, by which the sharpness grows in unit time when nothing oscillates.
    pub fn alpha(&self) -> f64 {
        self.alpha
    }

    /// β, the squared slope of the sharpness.
    pub fn beta(&self) -> f64 {
        self.beta
    }

    /// The image of (x, y).
    pub fn step(&self, [x, y]: [f64; 2]) -> [f64; 2] {
        [-(1.0 + self.h * y) * x, y + self.h * (self.alpha - 0.5 * self.beta * x * x)]
    }

    /// The points (x, y) after 0, 1, …, `steps` steps.
    ///
    /// # Errors
    /// If the start is not finite.
    pub fn orbit(&self, start: [f64; 2], steps: usize) -> Result<Vec<[f64; 2]>, InputError> {
        check_finite("the start", &start)?;
        Ok(std::iter::successors(Some(start), |point| Some(self.step(*point))).take(steps + 1).collect())
    }

    /// ½y² + ¼βx² - α ln|x|, constant along the continuous limit: its derivative is
    /// y(α - ½βx²) + (½βx² - α)y = 0. Infinite at x = 0 for α > 0.
    pub fn energy(&self, [x, y]: [f64; 2]) -> f64 {
        // 0·ln 0 is 0.
        let logarithm = if self.alpha == 0.0 { 0.0 } else { self.alpha * x.abs().ln() };
        0.5 * y * y + 0.25 * self.beta * x * x - logarithm
    }

    /// The |x| = √(2α/β) at which x ↦ -x and the sharpness stays at 2/h; `None` unless α > 0. Its square is
    /// the variance σ² of the [`CentralFlow`](crate::CentralFlow) where ∇L·q = -½σ²∇S·q.
    pub fn amplitude(&self) -> Option<f64> {
        (self.alpha > 0.0).then(|| (2.0 * self.alpha / self.beta).sqrt())
    }

    /// The time 2π/√(2α) round a small loop of the continuous limit, h for each step; `None` unless α > 0. In
    /// u = ln|x| the limit is ü = α - ½βe²ᵘ, whose linear part at rest is -2α.
    pub fn period(&self) -> Option<f64> {
        (self.alpha > 0.0).then(|| std::f64::consts::TAU / (2.0 * self.alpha).sqrt())
    }
}

impl Formula for SelfStabilization {
    fn variables(&self) -> usize {
        2
    }

    fn at<S: Scalar>(&self, x: &[S], out: &mut [S]) {
        out[0] = x[0] * x[1];
        out[1] = -(x[0] * x[0]) * (0.5 * self.beta) + self.alpha;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::problems::{Quadratic, SmallNetwork};
    use crate::{CentralFlow, flow, observed_order};

    /// ½(2/h + bv)x² - (α/b)v, for which nothing is left out.
    struct Channel {
        h: f64,
        alpha: f64,
        b: f64,
    }

    impl Objective for Channel {
        fn variables(&self) -> usize {
            2
        }

        fn value<S: Scalar>(&self, z: &[S]) -> S {
            (z[1] * self.b + 2.0 / self.h) * z[0] * z[0] * 0.5 - z[1] * (self.alpha / self.b)
        }

        fn gradient<S: Scalar>(&self, z: &[S], out: &mut [S]) {
            out[0] = (z[1] * self.b + 2.0 / self.h) * z[0];
            out[1] = z[0] * z[0] * (0.5 * self.b) - self.alpha / self.b;
        }
    }

    #[test]
    fn on_a_channel_it_is_gradient_descent() {
        let channel = Channel { h: 0.05, alpha: 0.3, b: 1.6 };
        let model = SelfStabilization::around(&channel, &[0.0, 0.0]).unwrap();
        assert!((model.h() - 0.05).abs() < 1e-14 && (model.alpha() - 0.3).abs() < 1e-14);
        assert!((model.beta() - 1.6 * 1.6).abs() < 1e-13);
        let mut z = [0.2, 0.1];
        for point in model.orbit([0.2, 1.6 * 0.1], 300).unwrap() {
            // Rounding, which this oscillation does not magnify by much in 300 steps.
            assert!(
                (z[0] - point[0]).abs() < 1e-11 && (1.6 * z[1] - point[1]).abs() < 1e-11,
                "{z:?} {point:?}"
            );
            let mut gradient = [0.0; 2];
            channel.gradient(&z, &mut gradient);
            z = [z[0] - 0.05 * gradient[0], z[1] - 0.05 * gradient[1]];
        }
    }

    #[test]
    fn the_limit_keeps_its_energy_and_the_map_tends_to_it() {
        let start = [0.1, 0.7];
        let model = |h| SelfStabilization::new(h, 0.5, 4.0).unwrap();
        let energy = model(1.0).energy(start);
        let end = flow(&model(1.0), &start, 15.0).unwrap();
        // The accuracy of the reference flow.
        assert!((model(1.0).energy([end[0], end[1]]) - energy).abs() < 1e-12);
        let changes: Vec<(f64, f64)> = [200, 400, 800, 1600]
            .map(|n| {
                let h = 3.0 / n as f64;
                let last = model(h).orbit(start, n).unwrap()[n];
                (h, (model(h).energy(last) - energy).abs())
            })
            .to_vec();
        let order = observed_order(&changes, 1e-13).unwrap().order;
        assert!((order - 1.0).abs() < 0.1, "{changes:?}");
    }

    #[test]
    fn at_rest_it_changes_sign_only() {
        let model = SelfStabilization::new(0.1, 0.5, 4.0).unwrap();
        let amplitude = model.amplitude().unwrap();
        let [x, y] = model.step([amplitude, 0.0]);
        assert!(x == -amplitude && y.abs() < 1e-17);
        // A loop once round by the period foretold: the first return of a small one, by the map with small
        // steps.
        let small = SelfStabilization::new(1e-3, 0.5, 4.0).unwrap();
        let orbit = small.orbit([1.01 * amplitude, 0.0], 10_000).unwrap();
        let turns = |k: &usize| orbit[*k][1] > 0.0 && orbit[k + 1][1] <= 0.0;
        let first = (1..9_999).find(turns).unwrap();
        assert!((first as f64 * 1e-3 / small.period().unwrap() - 1.0).abs() < 1e-3, "{first}");
        assert_eq!(SelfStabilization::new(0.1, -0.5, 4.0).unwrap().amplitude(), None);
    }

    /// Gradient descent on the network, seen from the middle of two iterates: half their difference along the
    /// sharpest direction, and the sharpness in the middle.
    fn observed(network: &SmallNetwork, h: f64, mut x: Vec<f64>, steps: usize) -> Vec<[f64; 2]> {
        let mut direction = Sharpness::at(network, &x).unwrap().direction().to_vec();
        let mut seen = Vec::new();
        for _ in 0..steps {
            let mut next = vec![0.0; x.len()];
            network.gradient(&x, &mut next);
            next.iter_mut().zip(&x).for_each(|(g, x)| *g = x - h * *g);
            let middle: Vec<f64> = x.iter().zip(&next).map(|(a, b)| 0.5 * (a + b)).collect();
            let half: Vec<f64> = x.iter().zip(&next).map(|(a, b)| 0.5 * (a - b)).collect();
            let sharpness = Sharpness::near(network, &middle, &direction).unwrap();
            seen.push([dot(&half, sharpness.direction()), sharpness.value() - 2.0 / h]);
            direction = sharpness.direction().to_vec();
            x = next;
        }
        seen
    }

    #[test]
    fn descent_on_a_network_obeys_it_near_the_central_flow() {
        let (network, start, h) = (SmallNetwork::miniature(), SmallNetwork::start(12), 0.4);
        let moment = CentralFlow::new(&network, h).unwrap().follow(&start, 800, 800).unwrap().pop().unwrap();
        let model = SelfStabilization::around(&network, &moment.point).unwrap();
        let amplitude = model.amplitude().unwrap();
        // ∇L·q follows -½σ²∇S·q up to the slow change of σ²: 2·10⁻⁵ were measured.
        assert!((amplitude * amplitude / moment.variance - 1.0).abs() < 1e-3);
        let direction = Sharpness::at(&network, &moment.point).unwrap().direction().to_vec();
        let from = |factor: f64| {
            let mut x = moment.point.clone();
            add(&mut x, factor * amplitude, &direction);
            observed(&network, h, x, 100)
        };
        // Begun with the amplitude of rest it stays there, for half a loop of others.
        for [x, y] in from(1.0) {
            assert!((x.abs() / amplitude - 1.0).abs() < 0.02 && y.abs() < 1e-3, "{x} {y}");
        }
        // Begun farther out it goes half round: at most 10 % of |x| and 0.006 of y were measured, of 1.5
        // amplitudes and 0.04; what the model leaves out damps the loops.
        let model_orbit = model.orbit([1.5 * amplitude, 0.0], 100).unwrap();
        let seen = from(1.5);
        for ([x, y], [foretold_x, foretold_y]) in seen.iter().zip(&model_orbit) {
            assert!((x.abs() - foretold_x.abs()).abs() < 0.1 * amplitude, "{x} {foretold_x}");
            assert!((y - foretold_y).abs() < 0.008, "{y} {foretold_y}");
        }
        assert!(seen[99][0].abs() < 0.65 * amplitude && seen[40][1] < -0.03);
    }

    /// An overshoot is reflected: along ½y² + ¼βx² - α ln|x| the same small |x| comes with y and with -y.
    #[test]
    fn the_first_burst_throws_the_sharpness_as_far_below_the_edge_as_it_was_above() {
        let (network, start) = (SmallNetwork::miniature(), SmallNetwork::start(12));
        let seen = observed(&network, 0.4, start, 620);
        let peak = (0..620).max_by(|&i, &j| seen[i][1].total_cmp(&seen[j][1])).unwrap();
        let above = seen[peak][1];
        let below = seen[peak..].iter().fold(f64::INFINITY, |low: f64, point| low.min(point[1]));
        assert!(above > 0.4, "{above}");
        // Of a burst that takes |x| to 0.27, far from small: 8 % were measured.
        assert!((-below / above - 1.0).abs() < 0.12, "{above} {below}");
    }

    #[test]
    fn bad_numbers_are_refused() {
        assert!(SelfStabilization::new(0.0, 1.0, 1.0).is_err());
        assert!(SelfStabilization::new(0.1, f64::NAN, 1.0).is_err());
        assert!(SelfStabilization::new(0.1, 1.0, 0.0).is_err());
        assert!(SelfStabilization::new(0.1, 1.0, 1.0).unwrap().orbit([f64::NAN, 0.0], 3).is_err());
        // A quadratic has the same sharpness everywhere; a hill has none.
        assert!(SelfStabilization::around(&Quadratic::new(&[1.0, 2.0]), &[1.0, 1.0]).is_err());
        assert!(SelfStabilization::around(&Quadratic::new(&[-1.0, -2.0]), &[1.0, 1.0]).is_err());
    }
}
