//! Stochastic gradient descent without replacement: an epoch takes one step for every batch, in some order.

use super::error::OptimizerError;
use super::random::SplitMix;
use crate::error::{
    InputError, StepError, check_dimension, check_field, check_finite, check_order, check_step,
};
use crate::{VectorField, mul_add};

/// The most batches of which all orders are run: 6! = 720.
const MOST_AVERAGED: usize = 6;

/// An epoch over m batches, with learning rate h in each of its m steps x ↦ x + h fₖ(x), where fₖ = -∇Cₖ for the loss
/// Cₖ of a batch and C = (1/m) Σ Cₖ is the loss.
///
/// ```
/// use shadowflow_numerics::{Epoch, GradientFlow, flow, problems::ScalarFactorization};
/// let batches = [0.5, 1.0, 2.0].map(|target| GradientFlow(ScalarFactorization { target }));
/// let (h, start) = (0.001, [1.8, -1.5]);
/// let epoch = Epoch::new(&batches, h)?;
/// let (mut one, mut mean) = ([0.0; 2], [0.0; 2]);
/// epoch.step(&[0, 1, 2], &start, &mut one)?;
/// epoch.mean(&start, &mut mean)?;
/// // The mean over all six orders is on the flow of C + (h/4m) Σ|∇Cₖ|² at time mh up to O(h³) (Smith et al. 2021);
/// // a single order differs by O(h²).
/// let reached = flow(&epoch.modified(1)?, &start, 3.0 * h)?;
/// let distance = |x: &[f64; 2]| (x[0] - reached[0]).hypot(x[1] - reached[1]);
/// assert!(distance(&mean) < 1e-6 && distance(&one) > 1e-5);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Copy, Debug)]
pub struct Epoch<'a, F> {
    batches: &'a [F],
    h: f64,
    dim: usize,
}

impl<'a, F: VectorField> Epoch<'a, F> {
    /// Epochs over these batches with learning rate h.
    ///
    /// # Errors
    /// If there are no batches, their dimensions differ or are 0, or h is not positive and finite.
    pub fn new(batches: &'a [F], h: f64) -> Result<Epoch<'a, F>, InputError> {
        check_step(h)?;
        check_order("the number of batches", batches.len(), 1, usize::MAX)?;
        let dim = check_field(batches[0].dim())?;
        for batch in batches {
            if batch.dim() != dim {
                return Err(InputError::Dimension {
                    what: "the field of a batch",
                    expected: dim,
                    found: batch.dim(),
                });
            }
        }
        Ok(Epoch { batches, h, dim })
    }

    /// The number m of batches.
    pub fn batches(&self) -> usize {
        self.batches.len()
    }

    /// Writes to `out` where an epoch from x ends that takes the batches in this order, each of 0, …, m - 1 once.
    ///
    /// # Errors
    /// If the order is none, a dimension is wrong, or the result is not finite.
    pub fn step(&self, order: &[usize], x: &[f64], out: &mut [f64]) -> Result<(), OptimizerError> {
        self.check(x, out)?;
        let mut open = vec![true; self.batches()];
        let is_new = |&k: &usize| open.get_mut(k).is_some_and(std::mem::take);
        if order.len() != self.batches() || !order.iter().all(is_new) {
            return Err(OptimizerError::NotAnOrder { order: order.to_vec(), batches: self.batches() });
        }
        let mut point = x.to_vec();
        for &k in order {
            self.advance(k, &point, out);
            point.copy_from_slice(out);
        }
        self.check_end(x, out)
    }

    /// Writes to `out` the mean of the ends of all m! epochs from x, for at most 6 batches.
    ///
    /// # Errors
    /// If there are more batches, a dimension is wrong, or the result is not finite.
    pub fn mean(&self, x: &[f64], out: &mut [f64]) -> Result<(), OptimizerError> {
        check_order("the number of batches for a mean over all orders", self.batches(), 1, MOST_AVERAGED)?;
        self.check(x, out)?;
        out.fill(0.0);
        let count = self.sum_of_ends(&mut vec![true; self.batches()], self.batches(), x, out);
        out.iter_mut().for_each(|sum| *sum /= f64::from(count));
        self.check_end(x, out)
    }

    /// The mean field (1/m) Σ fₖ of order 0, or that of the mean epoch through h, (1/m) Σ (fₖ - (h/2) fₖ'fₖ):
    /// for fₖ = -∇Cₖ the field of -∇(C + (h/4m) Σ|∇Cₖ|²) (Smith, Dherin, Barrett & De 2021). An epoch takes the time mh.
    ///
    /// # Errors
    /// If the order is above 1.
    pub fn modified(&self, order: usize) -> Result<EpochField<'a, F>, InputError> {
        check_order("the order of the modified field", order, 0, 1)?;
        Ok(EpochField { epoch: Epoch { ..*self }, h: if order == 0 { 0.0 } else { self.h } })
    }

    /// Adds the ends of all ways to go on from x with the `left` batches that are open; returns how many there are.
    fn sum_of_ends(&self, open: &mut [bool], left: usize, x: &[f64], sum: &mut [f64]) -> u32 {
        if left == 0 {
            sum.iter_mut().zip(x).for_each(|(sum, x)| *sum += x);
            return 1;
        }
        let mut next = vec![0.0; self.dim];
        let mut count = 0;
        for k in 0..open.len() {
            if std::mem::take(&mut open[k]) {
                self.advance(k, x, &mut next);
                count += self.sum_of_ends(open, left - 1, &next, sum);
                open[k] = true;
            }
        }
        count
    }

    fn advance(&self, batch: usize, x: &[f64], out: &mut [f64]) {
        self.batches[batch].eval(x, out);
        for (out, x) in out.iter_mut().zip(x) {
            *out = mul_add(self.h, *out, *x);
        }
    }

    fn check(&self, x: &[f64], out: &[f64]) -> Result<(), InputError> {
        check_dimension("the point", self.dim, x)?;
        check_dimension("the space for the result", self.dim, out)?;
        check_finite("the point", x)
    }

    fn check_end(&self, x: &[f64], end: &[f64]) -> Result<(), OptimizerError> {
        match end.iter().all(|value| value.is_finite()) {
            true => Ok(()),
            false => Err(StepError::NotFinite { h: self.h, at: x.to_vec() }.into()),
        }
    }
}

/// The field that the mean epoch follows, through h⁰ or h¹; made by [`Epoch::modified`].
#[derive(Clone, Copy, Debug)]
pub struct EpochField<'a, F> {
    epoch: Epoch<'a, F>,
    /// 0 for order 0.
    h: f64,
}

impl<F: VectorField> VectorField for EpochField<'_, F> {
    fn dim(&self) -> usize {
        self.epoch.dim
    }

    fn eval(&self, x: &[f64], out: &mut [f64]) {
        let d = x.len();
        let (mut slope, mut jacobian) = (vec![0.0; d], vec![0.0; d * d]);
        out.fill(0.0);
        let share = 1.0 / self.epoch.batches() as f64;
        for batch in self.epoch.batches {
            batch.eval(x, &mut slope);
            if self.h > 0.0 {
                batch.jacobian(x, &mut jacobian);
            }
            for (i, out) in out.iter_mut().enumerate() {
                let row = &jacobian[i * d..(i + 1) * d];
                let second: f64 = row.iter().zip(&slope).map(|(a, b)| a * b).sum();
                *out += share * (slope[i] - 0.5 * self.h * second);
            }
        }
    }
}

/// A random order of m batches: the same for the same seed and epoch, independent between epochs (Fisher & Yates).
///
/// ```
/// use shadowflow_numerics::seeded_order;
/// let mut order = seeded_order(5, 2026, 0);
/// assert_eq!(order, seeded_order(5, 2026, 0));
/// order.sort();
/// assert_eq!(order, [0, 1, 2, 3, 4]);
/// ```
pub fn seeded_order(batches: usize, seed: u64, epoch: u64) -> Vec<usize> {
    // A stream for each epoch, begun at a place that the generator itself draws.
    let start = SplitMix::seeded(seed).next() ^ SplitMix::seeded(!epoch).next();
    let mut random = SplitMix::seeded(start);
    let mut order: Vec<usize> = (0..batches).collect();
    for last in (1..batches).rev() {
        order.swap(last, random.below(last + 1));
    }
    order
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::problems::{Quadratic, ScalarFactorization};
    use crate::{GradientFlow, flow, from_fn, observed_order};

    fn batches<const M: usize>(targets: [f64; M]) -> [GradientFlow<ScalarFactorization>; M] {
        targets.map(|target| GradientFlow(ScalarFactorization { target }))
    }

    #[test]
    fn the_mean_is_over_all_orders() {
        let fields = batches([0.5, 1.5, 2.5]);
        let epoch = Epoch::new(&fields, 0.1).unwrap();
        let x = [1.2, -0.4];
        let mut sum = [0.0; 2];
        for order in [[0, 1, 2], [0, 2, 1], [1, 0, 2], [1, 2, 0], [2, 0, 1], [2, 1, 0]] {
            let mut end = [0.0; 2];
            epoch.step(&order, &x, &mut end).unwrap();
            sum = [sum[0] + end[0], sum[1] + end[1]];
        }
        let mut mean = [0.0; 2];
        epoch.mean(&x, &mut mean).unwrap();
        for (mean, sum) in mean.iter().zip(sum) {
            assert!((mean - sum / 6.0).abs() < 1e-15, "rounding of six numbers of size 1");
        }
    }

    #[test]
    fn the_modified_loss_gains_one_order() {
        let start = [1.8, -1.5];
        for targets in [vec![0.5, 2.0], vec![0.5, 1.0, 3.0], vec![0.2, 0.6, 1.0, 1.4, 1.8, 3.0]] {
            let fields: Vec<_> =
                targets.iter().map(|&target| GradientFlow(ScalarFactorization { target })).collect();
            for order in [0, 1] {
                let defects: Vec<(f64, f64)> = (0..5)
                    .map(|k| 0.01 * 0.5f64.powi(k) / fields.len() as f64)
                    .map(|h| {
                        let epoch = Epoch::new(&fields, h).unwrap();
                        let mut mean = [0.0; 2];
                        epoch.mean(&start, &mut mean).unwrap();
                        let time = fields.len() as f64 * h;
                        let reached = flow(&epoch.modified(order).unwrap(), &start, time).unwrap();
                        (h, (mean[0] - reached[0]).hypot(mean[1] - reached[1]))
                    })
                    .collect();
                let fit = observed_order(&defects, 1e-13).unwrap();
                // The next term, relatively some 10 times mh ≤ 0.01, tilts the slope by some hundredths.
                assert!(
                    (fit.order - (order + 2) as f64).abs() < 0.1,
                    "{targets:?}, order {order}: {fit:?}: {defects:?}"
                );
            }
        }
    }

    #[test]
    fn one_batch_is_gradient_descent() {
        let fields = [GradientFlow(Quadratic::new(&[1.0]))];
        let epoch = Epoch::new(&fields, 0.25).unwrap();
        let (mut one, mut mean) = ([0.0], [0.0]);
        epoch.step(&[0], &[4.0], &mut one).unwrap();
        epoch.mean(&[4.0], &mut mean).unwrap();
        assert_eq!((one, mean), ([3.0], [3.0]));
    }

    #[test]
    fn orders_are_uniform() {
        // 6000 epochs over 3 batches: 1000 each, with standard deviation √(6000·5/36) = 29.
        let mut counts = std::collections::BTreeMap::new();
        for epoch in 0..6000 {
            *counts.entry(seeded_order(3, 11, epoch)).or_insert(0) += 1;
        }
        assert_eq!(counts.len(), 6);
        assert!(counts.values().all(|count: &i32| (count - 1000).abs() < 150), "{counts:?}");
        assert_eq!(seeded_order(0, 1, 1), [0; 0]);
    }

    #[test]
    fn bad_arguments_are_refused() {
        let none: [GradientFlow<Quadratic>; 0] = [];
        assert!(matches!(Epoch::new(&none, 0.1), Err(InputError::Order { found: 0, least: 1, .. })));
        let mixed = [1, 2].map(|d| GradientFlow(Quadratic::new(&vec![1.0; d])));
        assert!(matches!(Epoch::new(&mixed, 0.1), Err(InputError::Dimension { expected: 1, found: 2, .. })));
        let fields = batches([1.0, 2.0, 3.0]);
        assert!(matches!(Epoch::new(&fields, -0.1), Err(InputError::Step { .. })));
        let epoch = Epoch::new(&fields, 0.1).unwrap();
        for order in [vec![0, 1], vec![0, 1, 1], vec![0, 1, 3], vec![0, 1, 2, 0]] {
            let error = epoch.step(&order, &[1.0, 1.0], &mut [0.0; 2]).unwrap_err();
            assert!(matches!(error, OptimizerError::NotAnOrder { batches: 3, .. }), "{error}");
        }
        assert!(epoch.modified(2).is_err());
        let many = batches([1.0; 7]);
        let error = Epoch::new(&many, 0.1).unwrap().mean(&[1.0, 1.0], &mut [0.0; 2]).unwrap_err();
        assert_eq!(
            error.to_string(),
            "the number of batches for a mean over all orders 7 is out of range; 1 to 6 are possible"
        );
        let undefined = [from_fn(1, |_, out: &mut [f64]| out[0] = f64::NAN)];
        let error = Epoch::new(&undefined, 0.1).unwrap().mean(&[1.0], &mut [0.0]).unwrap_err();
        assert!(matches!(error, OptimizerError::Step(StepError::NotFinite { .. })));
    }
}
