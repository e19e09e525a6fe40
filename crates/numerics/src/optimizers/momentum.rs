//! Heavy ball (Polyak 1964) and Nesterov's method (1983) with constant momentum, as one family.

use crate::{VectorField, mul_add};

/// The state of x₊ = x + h f(x + a(x - x₋)) + β(x - x₋) (Kovachki & Stuart 2021): the last displacement, at first 0.
#[derive(Clone, Debug)]
pub(super) struct Momentum {
    beta: f64,
    lookahead: f64,
    displacement: Vec<f64>,
    probe: Vec<f64>,
}

impl Momentum {
    pub(super) fn new(beta: f64, lookahead: f64, dim: usize) -> Momentum {
        Momentum { beta, lookahead, displacement: vec![0.0; dim], probe: vec![0.0; dim] }
    }

    pub(super) fn step<F: VectorField + ?Sized>(&mut self, field: &F, h: f64, x: &[f64], out: &mut [f64]) {
        for ((probe, x), d) in self.probe.iter_mut().zip(x).zip(&self.displacement) {
            *probe = mul_add(self.lookahead, *d, *x);
        }
        field.eval(&self.probe, out);
        for ((out, x), d) in out.iter_mut().zip(x).zip(&mut self.displacement) {
            *d = mul_add(h, *out, self.beta * *d);
            *out = x + *d;
        }
    }
}

/// κ in the modified potential V + κh|∇V|², divided by 1 - β, of the momentum method with lookahead a.
///
/// From x(t ± h) = x ± hẋ + h²ẍ/2, (1 - β)ẋ + (1 + β)hẍ/2 = -∇V - ah∇²Vẋ + O(h²), where ẋ = -∇V/(1 - β) and
/// ẍ = ∇²V∇V/(1 - β)² to leading order.
pub(super) fn penalty(beta: f64, lookahead: f64) -> f64 {
    let rest = 1.0 - beta;
    (1.0 + beta) / (4.0 * rest * rest) - lookahead / (2.0 * rest)
}
