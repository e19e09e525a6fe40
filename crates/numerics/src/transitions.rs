//! Transitions between the wells of a map of one variable, with or without chance.

use crate::error::check_order;
use crate::raster::in_parallel;
use crate::statistics::{Estimate, Fraction, StatisticsError};
use crate::streams::STREAMS;
use crate::{Extrema, Generator};

/// The most steps of all streams together: some minutes.
const MOST: u64 = 10_000_000_000;

/// Stays of one orbit that are kept, for their law; all of them count for means.
const KEPT: usize = 4096;

/// Orbits of 64 streams of random numbers, spread over the wells, and what is seen of their stays in each: complete ones,
/// and the last of each orbit, of which is only known that it is longer. Censored stays count for what they are: the mean
/// escape time is the time spent over the number of escapes.
///
/// ```
/// use shadowflow_numerics::{Extrema, LargeStep, Transitions, problems::DoubleWell};
/// let large = LargeStep::new(DoubleWell, 1e-5, 0.3)?;
/// let mut seen = Transitions::new(Extrema::find(&DoubleWell, None)?, 1);
/// seen.advance(20_000, |x, _| large.step(x))?;
/// // Both wells are alike.
/// let (left, right) = (seen.escape_time(0).unwrap(), seen.escape_time(1).unwrap());
/// assert!((left.value - right.value).abs() < 4.0 * left.error.hypot(right.error));
/// // At h = 0.04 an escape takes some 10¹² steps: none is seen, and the time is longer than that.
/// let small = LargeStep::new(DoubleWell, 1e-5, 0.04)?;
/// let mut seen = Transitions::new(Extrema::find(&DoubleWell, None)?, 1);
/// seen.advance(20_000, |x, _| small.step(x))?;
/// assert!(seen.escape_time(0).is_none() && seen.at_least(0) > 1e5);
/// # Ok::<(), shadowflow_numerics::statistics::StatisticsError>(())
/// ```
#[derive(Clone, Debug)]
pub struct Transitions {
    extrema: Extrema,
    steps: u64,
    streams: Vec<Stream>,
}

/// One orbit.
#[derive(Clone, Debug)]
struct Stream {
    random: Generator,
    from: f64,
    x: f64,
    well: usize,
    entered: u64,
    /// From well i to well j at place i·n + j.
    counts: Vec<u64>,
    /// Steps of complete stays in each well.
    complete: Vec<u64>,
    /// The first stays: the well and the steps.
    stays: Vec<(usize, u64)>,
    diverged: bool,
}

impl Transitions {
    /// Orbits that have not moved: stream s begins in well s mod n, at random within an eighth of the distance to the
    /// nearest top around its minimizer.
    pub fn new(extrema: Extrema, seed: u64) -> Transitions {
        let n = extrema.minima().len();
        let streams = (0..STREAMS).map(|stream| {
            let mut random = Generator::new(seed, stream as u64);
            let well = stream % n;
            let minimum = extrema.minima()[well];
            let nearest =
                extrema.tops().iter().map(|top| (top - minimum).abs()).fold(f64::INFINITY, f64::min);
            let spread = if nearest.is_finite() { nearest } else { minimum.abs().max(1.0) };
            let from = minimum + 0.25 * (random.uniform() - 0.5) * spread;
            let (counts, complete) = (vec![0; n * n], vec![0; n]);
            Stream {
                random,
                from,
                x: from,
                well,
                entered: 0,
                counts,
                complete,
                stays: Vec::new(),
                diverged: false,
            }
        });
        Transitions { steps: 0, streams: streams.collect(), extrema }
    }

    /// Follows every orbit for so many more steps of a map that may draw random numbers. The result does not depend on
    /// the number of threads, nor on how the steps are divided between calls.
    ///
    /// # Errors
    /// If there are more than 10¹⁰/64 steps in all, or an orbit leaves the finite numbers or goes a thousand times as far
    /// as the wells are apart.
    pub fn advance(
        &mut self,
        steps: u64,
        step: impl Fn(f64, &mut Generator) -> f64 + Sync,
    ) -> Result<(), StatisticsError> {
        let (before, n) = (self.steps, self.extrema.minima().len());
        let end = before.saturating_add(steps);
        check_order(
            "the number of steps",
            usize::try_from(end).unwrap_or(usize::MAX),
            1,
            MOST as usize / STREAMS,
        )?;
        let extrema = &self.extrema;
        let territories: Vec<(f64, f64)> = (0..n).map(|well| extrema.territory(well)).collect();
        let (first, last) = (extrema.minima()[0], extrema.minima()[n - 1]);
        let size = first.abs().max(last.abs()).max(last - first).max(1.0);
        let stays = |x: f64| x.abs() < 1e3 * size;
        in_parallel(&mut self.streams, 1, |_, streams| {
            let Some(stream) = streams.first_mut() else { return };
            for k in before + 1..=end {
                stream.x = step(stream.x, &mut stream.random);
                let (left, right) = territories[stream.well];
                if left < stream.x && stream.x < right {
                    continue;
                }
                // It may have jumped to where it is in no core.
                if let Some(next) = extrema.well_at(stream.x).filter(|next| *next != stream.well) {
                    stream.cross(next, k, n);
                } else if !stays(stream.x) {
                    break;
                }
            }
            stream.diverged |= !stays(stream.x);
        });
        self.steps = end;
        match self.streams.iter().find(|stream| stream.diverged) {
            None => Ok(()),
            Some(stream) => Err(StatisticsError::Away { from: vec![stream.from] }),
        }
    }

    /// The wells.
    pub fn extrema(&self) -> &Extrema {
        &self.extrema
    }

    /// The number of orbits.
    pub fn orbits(&self) -> usize {
        self.streams.len()
    }

    /// The steps of each orbit so far.
    pub fn steps(&self) -> u64 {
        self.steps
    }

    /// How often orbits went from one well to another.
    ///
    /// # Panics
    /// If there is no such well, as all that follow.
    pub fn count(&self, from: usize, to: usize) -> u64 {
        let n = self.extrema.minima().len();
        self.streams.iter().map(|stream| stream.counts[from * n + to]).sum()
    }

    /// How often orbits left a well.
    pub fn escapes(&self, well: usize) -> u64 {
        self.streams.iter().map(|stream| stream.escapes(well)).sum()
    }

    /// Steps of all orbits in a well, in stays that are not over included.
    pub fn time(&self, well: usize) -> u64 {
        self.streams.iter().map(|stream| stream.time(well, self.steps)).sum()
    }

    /// Orbits that are in a well at the end: their stays are censored.
    pub fn censored(&self, well: usize) -> u64 {
        self.streams.iter().filter(|stream| stream.well == well).count() as u64
    }

    /// The mean number of steps from the entry into a well to the entry into another: the time spent over the escapes,
    /// which for exponential waiting times is the likeliest value. Its error is that of a quotient of sums over
    /// independent orbits, whose scatter knows about correlations (Cochran 1977, *Sampling Techniques*, on ratio
    /// estimates). `None` if no orbit left.
    pub fn escape_time(&self, well: usize) -> Option<Estimate> {
        let (time, escapes) = (self.time(well) as f64, self.escapes(well) as f64);
        let value = time / escapes;
        let rest =
            |stream: &Stream| stream.time(well, self.steps) as f64 - value * stream.escapes(well) as f64;
        let squares: f64 = self.streams.iter().map(|stream| rest(stream).powi(2)).sum();
        let n = self.streams.len() as f64;
        (escapes > 0.0).then(|| Estimate { value, error: (n / (n - 1.0) * squares).sqrt() / escapes })
    }

    /// Escapes over steps spent: the chance of an escape in a step. Its [`interval`](Fraction::interval) takes escapes as
    /// independent, which they nearly are if they are rare. `None` if no orbit was there.
    pub fn rate(&self, well: usize) -> Option<Fraction> {
        Fraction::new(self.escapes(well), self.time(well)).ok()
    }

    /// Below this, in steps, the mean escape time is with a chance of at most 5 %, for exponential waiting times: of a
    /// mean τ no escape in a time t has the chance exp(-t/τ). For wells without escapes; with some it is smaller than
    /// [`Transitions::escape_time`] by more than needed.
    pub fn at_least(&self, well: usize) -> f64 {
        self.time(well) as f64 / 20f64.ln()
    }

    /// The share of stays in a well longer than k steps, as steps (k, share) beginning at (0, 1), by the product-limit
    /// estimate, which is right with censored stays (Kaplan & Meier 1958); from the first 4096 stays of each orbit.
    pub fn survival(&self, well: usize) -> Vec<(u64, f64)> {
        let mut stays: Vec<(u64, bool)> = Vec::new();
        for stream in &self.streams {
            stays.extend(stream.stays.iter().filter(|stay| stay.0 == well).map(|stay| (stay.1, true)));
            if stream.well == well && stream.stays.len() < KEPT {
                stays.push((self.steps - stream.entered, false));
            }
        }
        // At equal lengths those that ended come first: the censored ones were longer.
        stays.sort_unstable_by_key(|&(length, ended)| (length, !ended));
        let (mut curve, mut share, mut left) = (vec![(0, 1.0)], 1.0, stays.len());
        let mut place = 0;
        while place < stays.len() {
            let length = stays[place].0;
            let ended = stays[place..].iter().take_while(|stay| **stay == (length, true)).count();
            let all = stays[place..].iter().take_while(|stay| stay.0 == length).count();
            if ended > 0 {
                share *= 1.0 - ended as f64 / left as f64;
                curve.push((length, share));
            }
            left -= all;
            place += all;
        }
        curve
    }
}

impl Stream {
    fn cross(&mut self, next: usize, step: u64, wells: usize) {
        let length = step - self.entered;
        self.counts[self.well * wells + next] += 1;
        self.complete[self.well] += length;
        if self.stays.len() < KEPT {
            self.stays.push((self.well, length));
        }
        (self.well, self.entered) = (next, step);
    }

    fn escapes(&self, well: usize) -> u64 {
        let n = self.complete.len();
        self.counts[well * n..(well + 1) * n].iter().sum()
    }

    fn time(&self, well: usize, steps: u64) -> u64 {
        self.complete[well] + if self.well == well { steps - self.entered } else { 0 }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::problems::DoubleWell;
    use crate::{Gibbs, LargeStep, Objective, Scalar, Wells};

    fn double() -> Extrema {
        Extrema::find(&DoubleWell, None).unwrap()
    }

    /// Jumps from -1 to 1 and back with given chances: what a chain of two states does.
    fn telegraph(there: f64, back: f64) -> impl Fn(f64, &mut Generator) -> f64 + Sync {
        move |x, random| {
            let chance = if x < 0.0 { there } else { back };
            if random.uniform() <= chance { -x.signum() } else { x.signum() }
        }
    }

    #[test]
    fn escape_times_of_a_chain_with_known_chances() {
        let mut seen = Transitions::new(double(), 3);
        seen.advance(20_000, telegraph(0.002, 0.01)).unwrap();
        for (well, chance) in [(0, 0.002), (1, 0.01)] {
            let time = seen.escape_time(well).unwrap();
            assert!(time.deviation(1.0 / chance) < 4.0, "{time:?}");
            // Independent exponential stays: the error is τ/√n, known to 9 %, four of which are allowed.
            let expected = time.value / (seen.escapes(well) as f64).sqrt();
            assert!((time.error / expected - 1.0).abs() < 0.36, "{time:?} {expected}");
            let (low, high) = seen.rate(well).unwrap().interval(3.5);
            assert!(low < chance && chance < high);
            // (1 - p)ᵏ with the error of a share of so many, at most 1/√n /2.
            let survival = seen.survival(well);
            let noise = 0.5 / (seen.escapes(well).min(64 * KEPT as u64) as f64).sqrt();
            for &(steps, share) in survival.iter().step_by(7) {
                assert!((share - (1.0 - chance).powf(steps as f64)).abs() < 5.0 * noise, "{steps} {share}");
            }
        }
        assert_eq!(seen.count(0, 0) + seen.count(1, 1), 0);
        assert_eq!(seen.time(0) + seen.time(1), 64 * 20_000);
        assert_eq!(seen.censored(0) + seen.censored(1), 64);
    }

    #[test]
    fn censored_stays_do_not_bias_the_mean() {
        // Runs of half a mean stay: the complete ones alone have a mean near 400, as they are below 1000.
        let mut seen = Transitions::new(double(), 5);
        seen.advance(1000, telegraph(0.0005, 0.0005)).unwrap();
        let time = seen.escape_time(0).unwrap();
        assert!(time.deviation(2000.0) < 3.0 && time.value > 1000.0, "{time:?}");
        let mut none = Transitions::new(double(), 5);
        none.advance(1000, telegraph(0.0, 0.0)).unwrap();
        assert_eq!((none.escape_time(0), none.escapes(0)), (None, 0));
        // 32 orbits of 1000 steps, e⁻³ = 5 %.
        assert!((none.at_least(0) - 32_000.0 / 2.995_732).abs() < 0.1);
        assert_eq!(none.survival(1), [(0, 1.0)]);
    }

    #[test]
    fn steps_may_be_divided() {
        let map = LargeStep::new(DoubleWell, 1e-5, 0.3).unwrap();
        let step = |x: f64, random: &mut Generator| map.stochastic_step(x, 6.0 * random.uniform());
        let (mut whole, mut parts) = (Transitions::new(double(), 1), Transitions::new(double(), 1));
        whole.advance(3000, step).unwrap();
        for some in [1, 999, 2000] {
            parts.advance(some, step).unwrap();
        }
        assert_eq!((whole.count(0, 1), whole.time(0)), (parts.count(0, 1), parts.time(0)));
        assert_eq!(whole.survival(0), parts.survival(0));
    }

    #[test]
    fn it_agrees_with_escapes_and_with_langevins_equation() {
        let map = LargeStep::new(DoubleWell, 1e-5, 0.3).unwrap();
        let mut seen = Transitions::new(double(), 2);
        seen.advance(40_000, |x, _| map.step(x)).unwrap();
        let wells = Wells::new(-1.0, 0.0, 1.0).unwrap();
        let other = map.escapes(wells, 9, 40_000).unwrap().crossing_rate();
        let time = seen.escape_time(0).unwrap();
        let (rate, error) = (1.0 / time.value, time.error / time.value.powi(2));
        assert!((rate - other.value).abs() < 4.0 * error.hypot(other.error), "{rate} {other:?}");
        // Euler & Maruyama with Δ = 0.01 at T = 0.1 against the exact passage from core to core; the scheme is off by
        // O(√Δ) where it looks for passages only once a step.
        let (temperature, dt) = (0.1f64, 0.01f64);
        let mut langevin = Transitions::new(double(), 2);
        let kick = (2.0 * temperature * dt).sqrt();
        langevin.advance(100_000, |x, random| x - dt * (x * x * x - x) + kick * random.normal()).unwrap();
        let gibbs = Gibbs::new(DoubleWell, temperature).unwrap();
        let exact = gibbs.passage_time(-0.5, 0.5).unwrap();
        let time = langevin.escape_time(0).unwrap();
        assert!(
            (time.value * dt / exact - 1.0).abs() < 4.0 * time.error / time.value + 0.05,
            "{time:?} {exact}"
        );
    }

    #[test]
    fn three_wells_and_jumps_over_one() {
        /// f' = x(x² - 1)(x² - 4): minima at -2, 0, 2.
        struct Three;
        impl Objective for Three {
            fn variables(&self) -> usize {
                1
            }
            fn value<S: Scalar>(&self, x: &[S]) -> S {
                let y = x[0] * x[0];
                y * (y * y / 6.0 - y * 1.25 + 2.0)
            }
            fn gradient<S: Scalar>(&self, x: &[S], out: &mut [S]) {
                let y = x[0] * x[0];
                out[0] = x[0] * (y - 1.0) * (y - 4.0);
            }
        }
        let extrema = Extrema::find(&Three, None).unwrap();
        assert_eq!(extrema.minima().len(), 3);
        let mut seen = Transitions::new(extrema, 1);
        // From the left well to the right one, from there to the middle and on to the left, a step each.
        let round = |x: f64, _: &mut Generator| {
            if x < -1.0 {
                2.0
            } else if x > 1.0 {
                0.0
            } else {
                -2.0
            }
        };
        seen.advance(300, round).unwrap();
        let counts: Vec<u64> = (0..9).map(|k| seen.count(k / 3, k % 3)).collect();
        assert_eq!(counts, [0, 0, 6400, 6400, 0, 0, 0, 6400, 0]);
        assert_eq!(seen.escape_time(1).unwrap(), Estimate { value: 1.0, error: 0.0 });
    }

    #[test]
    fn what_runs_away_is_told() {
        let mut seen = Transitions::new(double(), 1);
        assert!(matches!(seen.advance(5000, |x, _| 1.5 * x), Err(StatisticsError::Away { .. })));
        let mut seen = Transitions::new(double(), 1);
        assert!(matches!(seen.advance(10, |_, _| f64::NAN), Err(StatisticsError::Away { .. })));
        let mut seen = Transitions::new(double(), 1);
        assert!(matches!(seen.advance(u64::MAX, |x, _| x), Err(StatisticsError::Input(_))));
        assert!(matches!(seen.advance(0, |x, _| x), Err(StatisticsError::Input(_))));
    }
}
