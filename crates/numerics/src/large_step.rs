//! The law of gradient descent whose steps are longer than the ripples.

use std::f64::consts::TAU;

use crate::error::{InputError, check_step};
use crate::gibbs::check_one_variable;
use crate::problems::Rippled;
use crate::statistics::{Distance, Estimate, Histogram, Shape, StatisticsError, Tally, Transport};
use crate::streams::{Moments, length, on_streams, on_streams_watched};
use crate::{Dual, Generator, Gibbs, Objective};

/// Bins over the region of Gibbs' law, some 18 deviations for a parabola.
const BINS: usize = 4096;

/// Steps between looks at whether the iterates are still there.
const LOOK: usize = 256;

/// An iterate this many widths of the region away has left for good.
const FAR: f64 = 10.0;

/// The stochastic map takes its phases from streams of its own.
const PHASES: u64 = 1 << 32;

/// Gradient descent x⁺ = x - hf'(x) on f = f₀ + ε sin(x/ε) in one variable, and its limit for ε ≪ h, the
/// stochastic map x⁺ = x - hf₀'(x) + hζ with ζ = -cos U for independent uniform phases U (Kong & Tao 2020).
///
/// The variance of ζ is σ² = 1/2. For small h as well, the law is near Gibbs' Z⁻¹ exp(-f₀/T) with T = hσ²/2 =
/// h/4.
///
/// ```
/// use shadowflow_numerics::{LargeStep, problems::Quadratic};
/// let large = LargeStep::new(Quadratic::new(&[1.0]), 1e-6, 0.2)?;
/// let law = large.law(7, 200_000)?;
/// // On λx²/2 the stochastic map has variance hσ²/(λ(2 - hλ)); Gibbs' law has T/λ.
/// assert!(law.variance.deviation(0.1 / 1.8) < 5.0);
/// assert!((law.gibbs.variance() - 0.05).abs() < 1e-13);
/// // Chaos: perturbations grow by the factor h/2ε a step, on average.
/// assert!(law.exponent.deviation(large.limiting_exponent()) < 5.0);
/// # Ok::<(), shadowflow_numerics::statistics::StatisticsError>(())
/// ```
#[derive(Clone, Copy, Debug)]
pub struct LargeStep<V> {
    objective: Rippled<V>,
    h: f64,
}

/// What [`LargeStep::law`] finds. Every error is a standard error.
#[derive(Clone, Debug)]
pub struct LargeStepLaw<V> {
    /// Gibbs' law of f₀ at T = h/4.
    pub gibbs: Gibbs<V>,
    /// The variance of the iterates.
    pub variance: Estimate,
    /// The variance of the stochastic map.
    pub map_variance: Estimate,
    /// Mean, skewness and kurtosis of the iterates.
    pub shape: Shape,
    /// Those of the stochastic map.
    pub map_shape: Shape,
    /// From the law of the iterates to Gibbs'.
    pub to_gibbs: Distance,
    /// From the law of the iterates to the stochastic map's.
    pub to_map: Distance,
    /// From the stochastic map's law to Gibbs'.
    pub map_to_gibbs: Distance,
    /// Wasserstein's distance from the iterates to Gibbs' law; `None` if some were outside the region of the bins.
    pub transport_to_gibbs: Option<Transport>,
    /// The same to the stochastic map's law.
    pub transport_to_map: Option<Transport>,
    /// The Lyapunov exponent, the mean of ln|1 - hf''| along the iterates.
    pub exponent: Estimate,
    /// The iterates, counted in 4096 bins where Gibbs' density is above e⁻⁴⁰ of its maximum.
    pub iterates: Tally,
    /// The values of the stochastic map, in the same bins.
    pub map: Tally,
}

impl<V: Objective> LargeStep<V> {
    /// Steps h on f₀ with ripples of length ε, over 2π.
    ///
    /// Any h is accepted; the limit is one for ε ≪ h.
    ///
    /// # Errors
    /// If f₀ has not one variable, h is not positive and finite, or ε is below 10⁻¹² or not finite.
    pub fn new(smooth: V, ripple: f64, h: f64) -> Result<LargeStep<V>, InputError> {
        check_one_variable(&smooth)?;
        check_step(h)?;
        Ok(LargeStep { objective: Rippled::new(smooth, ripple)?, h })
    }

    /// The step h.
    pub fn h(&self) -> f64 {
        self.h
    }

    /// f.
    pub fn objective(&self) -> &Rippled<V> {
        &self.objective
    }

    /// The temperature T = hσ²/2 = h/4.
    pub fn temperature(&self) -> f64 {
        0.25 * self.h
    }

    /// ln(h/2ε), the mean of ln|(h/ε) sin U|, which the Lyapunov exponent tends to as ε/h → 0.
    pub fn limiting_exponent(&self) -> f64 {
        (0.5 * self.h / self.objective.ripple()).ln()
    }

    /// A step of gradient descent from x.
    #[inline]
    pub fn step(&self, x: f64) -> f64 {
        let mut gradient = [0.0];
        self.objective.gradient(&[x], &mut gradient);
        x - self.h * gradient[0]
    }

    /// A step of the stochastic map from x, with the phase U.
    #[inline]
    pub fn stochastic_step(&self, x: f64, phase: f64) -> f64 {
        let mut gradient = [0.0];
        self.objective.smooth().gradient(&[x], &mut gradient);
        x - self.h * (gradient[0] + phase.cos())
    }

    /// A step of gradient descent from x, and |1 - hf''(x)|, by which it moves neighbours apart.
    #[inline]
    fn step_and_stretch(&self, x: f64) -> (f64, f64) {
        let mut gradient = [Dual::from(0.0)];
        self.objective.gradient(&[Dual { value: x, slope: 1.0 }], &mut gradient);
        (x - self.h * gradient[0].value, (1.0 - self.h * gradient[0].slope).abs())
    }
}

impl<V: Objective + Clone + Sync> LargeStep<V> {
    /// The law of the iterates against its two limits, from `iterates` values of each map, rounded up, at
    /// equal lengths in 64 streams.
    ///
    /// Every stream starts at random, uniformly between Gibbs' quantiles of 1 % and 99 %, and forgets its
    /// start for an eighth of its length before anything is counted. The result depends on the seed and not
    /// on the number of threads.
    ///
    /// # Errors
    /// [`StatisticsError::Input`] for fewer than 65 536 or more than 10⁹ iterates, or if there is no Gibbs
    /// law; [`StatisticsError::Diverged`] if iterates do; [`StatisticsError::NotMixed`] if streams are too
    /// short to forget where they started: in a double well they must be much longer than it takes to cross.
    pub fn law(&self, seed: u64, iterates: usize) -> Result<LargeStepLaw<V>, StatisticsError> {
        self.law_watched(seed, iterates, &|_| false)
    }

    /// [`LargeStep::law`] with somebody who is told now and then, from any thread, which share of the work is done, and
    /// stops it by answering `true`.
    ///
    /// # Errors
    /// As for [`LargeStep::law`], and [`StatisticsError::Interrupted`] if it was stopped.
    pub fn law_watched(
        &self,
        seed: u64,
        iterates: usize,
        watch: &(dyn Fn(f64) -> bool + Sync),
    ) -> Result<LargeStepLaw<V>, StatisticsError> {
        let length = length(iterates)?;
        let gibbs = Gibbs::new(self.objective.smooth().clone(), self.temperature())?;
        let streams = on_streams_watched(watch, (0, 2), |stream| self.descend(&gibbs, seed, stream, length))?;
        let maps = on_streams_watched(watch, (1, 2), |stream| self.wander(&gibbs, seed, stream, length))?;
        let variance = Moments::variance(streams.iter().map(|stream| &stream.moments));
        let map_variance = Moments::variance(maps.iter().map(|stream| &stream.moments));
        let shape = Moments::shape(streams.iter().map(|stream| &stream.moments));
        let map_shape = Moments::shape(maps.iter().map(|stream| &stream.moments));
        let exponents: Vec<f64> = streams.iter().map(|stream| stream.exponent).collect();
        let tally = |streams: Vec<Stream>| {
            Tally::new(streams.into_iter().map(|stream| stream.histogram).collect())?.check_mixed()
        };
        let (iterates, map) = (tally(streams)?, tally(maps)?);
        Ok(LargeStepLaw {
            variance,
            map_variance,
            shape,
            map_shape,
            transport_to_gibbs: iterates.wasserstein(|x| gibbs.distribution(x)).ok(),
            transport_to_map: iterates.wasserstein_between(&map).ok(),
            to_gibbs: iterates.kolmogorov(|x| gibbs.distribution(x))?,
            to_map: iterates.kolmogorov_between(&map)?,
            map_to_gibbs: map.kolmogorov(|x| gibbs.distribution(x))?,
            exponent: Estimate::of_means(&exponents),
            gibbs,
            iterates,
            map,
        })
    }

    /// The Lyapunov exponent alone, as in [`LargeStep::law`], for steps of any size: where the iterates
    /// settle it is negative, and its error tells how much the places differ.
    ///
    /// # Errors
    /// As for [`LargeStep::law`], but for streams that have not mixed.
    pub fn exponent(&self, seed: u64, iterates: usize) -> Result<Estimate, StatisticsError> {
        let length = length(iterates)?;
        let gibbs = Gibbs::new(self.objective.smooth().clone(), self.temperature())?;
        let streams = on_streams(|stream| self.descend(&gibbs, seed, stream, length))?;
        Ok(Estimate::of_means(&streams.iter().map(|stream| stream.exponent).collect::<Vec<f64>>()))
    }

    fn descend(
        &self,
        gibbs: &Gibbs<V>,
        seed: u64,
        stream: u64,
        length: usize,
    ) -> Result<Stream, StatisticsError> {
        let from = start(gibbs, &mut Generator::new(seed, stream));
        let mut logarithms = 0.0;
        let mut product = 1.0;
        let mut counted = 0;
        let mut result = self.run(gibbs, from, length, |x, counts| {
            if !counts {
                return self.step(x);
            }
            let (next, stretch) = self.step_and_stretch(x);
            product *= stretch;
            counted += 1;
            // A logarithm for eight factors, which neither overflow nor underflow unless one of them is 0.
            if counted % 8 == 0 {
                logarithms += f64::ln(product);
                product = 1.0;
            }
            next
        })?;
        result.exponent = (logarithms + product.ln()) / length as f64;
        Ok(result)
    }

    fn wander(
        &self,
        gibbs: &Gibbs<V>,
        seed: u64,
        stream: u64,
        length: usize,
    ) -> Result<Stream, StatisticsError> {
        let mut random = Generator::new(seed, PHASES + stream);
        let from = start(gibbs, &mut random);
        self.run(gibbs, from, length, |x, _| self.stochastic_step(x, TAU * random.uniform()))
    }

    /// Counts `length` values of a map after an eighth as many that are not counted; `step` is told which.
    fn run(
        &self,
        gibbs: &Gibbs<V>,
        from: f64,
        length: usize,
        mut step: impl FnMut(f64, bool) -> f64,
    ) -> Result<Stream, StatisticsError> {
        let region = gibbs.region();
        let far = FAR * (region.1 - region.0);
        let stays = |x: f64| (x - gibbs.mean()).abs() < far;
        let mut x = from;
        for k in 0..length / 8 {
            x = step(x, false);
            if k % LOOK == 0 && !stays(x) {
                break;
            }
        }
        let mut histogram = Histogram::new(region, BINS)?;
        let mut moments = Moments::about(gibbs.mean());
        let mut left = length;
        while left > 0 && stays(x) {
            for _ in 0..left.min(LOOK) {
                x = step(x, true);
                histogram.add(x);
                moments.add(x);
            }
            left = left.saturating_sub(LOOK);
        }
        if !stays(x) {
            return Err(StatisticsError::Diverged { h: self.h, from });
        }
        Ok(Stream { histogram, moments, exponent: 0.0 })
    }
}

/// One stream of a map.
struct Stream {
    histogram: Histogram,
    moments: Moments,
    exponent: f64,
}

/// Anywhere between the quantiles of 1 % and 99 %.
fn start<V: Objective>(gibbs: &Gibbs<V>, random: &mut Generator) -> f64 {
    let (low, high) = (gibbs.quantile(0.01), gibbs.quantile(0.99));
    low + (high - low) * random.uniform()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::problems::{DoubleWell, Quadratic};

    fn parabola(curvature: f64, ripple: f64, h: f64) -> LargeStep<Quadratic> {
        LargeStep::new(Quadratic::new(&[curvature]), ripple, h).unwrap()
    }

    #[test]
    fn variances_on_parabolas_are_the_closed_form() {
        for (curvature, h) in [(1.0, 0.2), (2.0, 0.3), (1.0, 1.5)] {
            let law = parabola(curvature, 1e-7, h).law(1, 400_000).unwrap();
            let expected = 0.5 * h / (curvature * (2.0 - h * curvature));
            assert!(law.variance.deviation(expected) < 4.0, "{:?} against {expected}", law.variance);
            assert!(law.map_variance.deviation(expected) < 4.0, "{:?}", law.map_variance);
            assert!(law.variance.error < 0.01 * expected, "{:?}", law.variance);
            // f is symmetric, and the kicks have no third moment.
            let odd = [law.shape.mean, law.shape.skewness, law.map_shape.mean, law.map_shape.skewness];
            assert!(odd.iter().all(|number| number.deviation(0.0) < 4.0), "{odd:?}");
            // κ₄ of Σ ρᵏ hζ is h⁴κ₄(ζ)/(1 - ρ⁴) with κ₄(cos U) = 3/8 - 3/4, ρ = 1 - hλ.
            let rho = 1.0 - h * curvature;
            let kurtosis = 3.0 - 0.375 * h.powi(4) / (1.0 - rho.powi(4)) / expected.powi(2);
            assert!(law.shape.kurtosis.deviation(kurtosis) < 4.0, "{:?} {kurtosis}", law.shape);
            let transport = law.transport_to_map.unwrap();
            assert!(transport.value < 4.0 * transport.noise, "{transport:?}");
            // Both maps have one law: their distance is noise, whose deviation is 0.3 of its mean.
            assert!(law.to_map.value < 2.5 * law.to_map.noise(), "{:?}", law.to_map);
        }
    }

    #[test]
    fn errors_are_those_of_a_correlated_sequence() {
        // The stochastic map on λx²/2 has correlations ρᵏ, ρ = 1 - hλ, so that a mean of n values has the
        // error of n(1 - ρ)/(1 + ρ) values; so does the effective number for distribution functions, roughly.
        let n = 1_000_000.0;
        let law = parabola(1.0, 1e-7, 0.2).law(3, 1_000_000).unwrap();
        let effective = n * 0.2 / 1.8;
        assert!(
            (0.5..3.0).contains(&(law.map.effective() / effective)),
            "{} {effective}",
            law.map.effective()
        );
    }

    #[test]
    fn the_distance_to_gibbs_is_proportional_to_h() {
        // As ε → 0 it is that of two normal laws whose variances differ by hλ/2 and of the kurtosis of the
        // noise.
        let mut ratios = Vec::new();
        for h in [0.4, 0.2] {
            let law = parabola(1.0, 1e-7, h).law(5, 2_000_000).unwrap();
            assert!(law.to_gibbs.value > 5.0 * law.to_gibbs.noise(), "{:?}", law.to_gibbs);
            assert!(
                (law.to_gibbs.value - law.map_to_gibbs.value).abs()
                    < 4.0 * law.to_map.error.max(law.to_map.noise())
            );
            ratios.push(law.to_gibbs.value / h);
        }
        for ratio in ratios {
            assert!((0.05..0.15).contains(&ratio), "{ratio}");
        }
    }

    #[test]
    fn coarse_ripples_are_not_the_stochastic_map() {
        // The control: with ε = h/8 the phases are far from independent.
        let law = parabola(1.0, 0.025, 0.2).law(1, 500_000).unwrap();
        assert!(law.to_map.value > 5.0 * law.to_map.noise(), "{:?} {}", law.to_map, law.to_map.noise());
    }

    #[test]
    fn exponents_change_sign_with_the_step() {
        let exponent = |ripple| parabola(1.0, ripple, 0.1).exponent(2, 100_000).unwrap();
        // Below 2ε, within 2/L, every orbit settles; at 10⁵ε the limit holds to the error.
        assert!(exponent(0.1).value < 0.0, "{:?}", exponent(0.1));
        let limit = parabola(1.0, 1e-6, 0.1).limiting_exponent();
        assert!(exponent(1e-6).deviation(limit) < 4.0, "{:?} {limit}", exponent(1e-6));
        // ln|2 sin U| has deviation π/√12, almost independent from step to step.
        let error = std::f64::consts::PI / 12f64.sqrt() / 100_000f64.sqrt();
        assert!((exponent(1e-6).error / error - 1.0).abs() < 0.4, "{:?} {error}", exponent(1e-6));
    }

    #[test]
    fn seeds_fix_everything() {
        let large = LargeStep::new(DoubleWell, 1e-5, 0.6).unwrap();
        let (one, two, other) =
            (large.law(1, 300_000).unwrap(), large.law(1, 300_000).unwrap(), large.law(2, 300_000).unwrap());
        assert_eq!((one.variance, one.to_gibbs, one.exponent), (two.variance, two.to_gibbs, two.exponent));
        assert_ne!(one.variance, other.variance);
    }

    #[test]
    fn streams_give_the_same_by_themselves() {
        // Whatever thread takes a stream, it is this one.
        let large = parabola(1.0, 1e-5, 0.2);
        let gibbs = Gibbs::new(Quadratic::new(&[1.0]), 0.05).unwrap();
        let law = large.law(4, 65_536).unwrap();
        for stream in [0, 5, 63] {
            let alone = large.descend(&gibbs, 4, stream, 1024).unwrap().histogram;
            assert_eq!(law.iterates.streams()[stream as usize], alone);
        }
    }

    #[test]
    fn what_cannot_be_used_is_refused() {
        let well = |ripple, h| LargeStep::new(DoubleWell, ripple, h);
        for h in [0.0, -0.1, f64::NAN, f64::INFINITY] {
            assert!(matches!(well(1e-4, h), Err(InputError::Step { .. })));
        }
        assert!(matches!(well(0.0, 0.1), Err(InputError::Number { .. })));
        assert!(LargeStep::new(Quadratic::new(&[1.0, 2.0]), 1e-4, 0.1).is_err());
        let input =
            |result: Result<LargeStepLaw<DoubleWell>, _>| matches!(result, Err(StatisticsError::Input(_)));
        assert!(input(well(1e-4, 0.2).unwrap().law(1, 1000)));
        // h > 2/λ, and a cubic map that runs away.
        assert!(matches!(parabola(1.0, 1e-4, 2.1).law(1, 70_000), Err(StatisticsError::Diverged { .. })));
        assert!(matches!(well(1e-4, 4.0).unwrap().law(1, 70_000), Err(StatisticsError::Diverged { .. })));
        // At h = 0.05 a crossing takes e²⁰ steps: streams stay in the wells they started in.
        let cold = well(1e-5, 0.05).unwrap().law(1, 100_000);
        assert!(matches!(cold, Err(StatisticsError::NotMixed { .. })), "{cold:?}");
        assert!(LargeStep::new(Quadratic::new(&[-1.0]), 1e-4, 0.1).unwrap().law(1, 70_000).is_err());
    }
}
