//! Gibbs' law Z⁻¹ exp(-f/T) of one variable.

use crate::Objective;
use crate::error::{InputError, check_positive};
use crate::quadrature::gauss_legendre;

/// Intervals that the distribution function is tabulated on.
const CELLS: usize = 1024;

/// Where f lies more than this many temperatures above its minimum, the density is below rounding: e⁻⁴⁰ =
/// 4·10⁻¹⁸.
const DEPTH: f64 = 40.0;

/// How far out wells are looked for.
const FARTHEST: f64 = 1e9;

/// Looks on each side of 0, at distances from each other of a thousandth of the way from 0.
const SCALES: i32 = 20_000;

/// The probability density Z⁻¹ exp(-f(x)/T) of an objective f that grows on both sides, with its distribution
/// function.
///
/// Integrals are by Gauss–Legendre quadrature with eight nodes on each of 1024 intervals of the region where
/// f is less than 40T above its minimum, and have about 14 digits for smooth f. Wells narrower than a
/// thousandth of that region can be missed.
///
/// ```
/// use shadowflow_numerics::{Gibbs, problems::Quadratic};
/// // On λx²/2 it is the normal law of variance T/λ.
/// let gibbs = Gibbs::new(Quadratic::new(&[4.0]), 0.09)?;
/// assert!((gibbs.variance() - 0.0225).abs() < 1e-14);
/// assert!((gibbs.distribution(0.15) - 0.841344746068543).abs() < 1e-13);
/// # Ok::<(), shadowflow_numerics::InputError>(())
/// ```
#[derive(Clone, Debug)]
pub struct Gibbs<V> {
    objective: V,
    temperature: f64,
    /// The ends of the region.
    from: f64,
    to: f64,
    /// The least value of f found.
    floor: f64,
    /// ∫ exp(-(f - floor)/T) from the left end to the left end of each cell, and to the right end of the
    /// last.
    below: Vec<f64>,
    rule: Vec<(f64, f64)>,
    mean: f64,
    variance: f64,
}

impl<V: Objective> Gibbs<V> {
    /// Of f at temperature T.
    ///
    /// # Errors
    /// If f has not one variable, T is not positive and finite, or f does not rise by 40T on both sides
    /// within |x| ≤ 10⁹, as one that is unbounded below does not.
    pub fn new(objective: V, temperature: f64) -> Result<Gibbs<V>, InputError> {
        check_one_variable(&objective)?;
        check_positive("the temperature T", temperature)?;
        let (from, to, floor) = region(&objective, temperature)
            .ok_or(InputError::NotConfining { temperature, rise: DEPTH * temperature })?;
        let rule = gauss_legendre::<128>(8).iter().map(|(x, w)| (x.to_f64(), w.to_f64())).collect();
        let mut gibbs = Gibbs {
            objective,
            temperature,
            from,
            to,
            floor,
            below: vec![0.0],
            rule,
            mean: 0.0,
            variance: 0.0,
        };
        let middle = 0.5 * (from + to);
        let (mut sum, mut first, mut second) = (0.0, 0.0, 0.0);
        for cell in 0..CELLS {
            let (left, right) = (gibbs.edge(cell), gibbs.edge(cell + 1));
            sum += gibbs.integral(left, right, |_| 1.0);
            first += gibbs.integral(left, right, |x| x - middle);
            second += gibbs.integral(left, right, |x| (x - middle) * (x - middle));
            gibbs.below.push(sum);
        }
        let offset = first / sum;
        gibbs.mean = middle + offset;
        gibbs.variance = second / sum - offset * offset;
        Ok(gibbs)
    }

    /// The temperature T.
    pub fn temperature(&self) -> f64 {
        self.temperature
    }

    /// The ends of the region outside of which the density is below e⁻⁴⁰ of its maximum.
    pub fn region(&self) -> (f64, f64) {
        (self.from, self.to)
    }

    /// The probability density at x.
    pub fn density(&self, x: f64) -> f64 {
        self.weight(x) / self.total()
    }

    /// The probability of values up to x.
    pub fn distribution(&self, x: f64) -> f64 {
        if x.is_nan() || x <= self.from {
            return if x.is_nan() { f64::NAN } else { 0.0 };
        }
        if x >= self.to {
            return 1.0;
        }
        let place = (x - self.from) / (self.to - self.from) * CELLS as f64;
        let cell = (place as usize).min(CELLS - 1);
        let sum = self.below[cell] + self.integral(self.edge(cell), x, |_| 1.0);
        (sum / self.total()).clamp(0.0, 1.0)
    }

    /// The x below which the share `probability`, between 0 and 1, lies: by bisection, to rounding.
    pub fn quantile(&self, probability: f64) -> f64 {
        let (mut low, mut high) = (self.from, self.to);
        // More halvings than a double has bits.
        for _ in 0..64 {
            let middle = 0.5 * (low + high);
            if self.distribution(middle) < probability { low = middle } else { high = middle }
        }
        0.5 * (low + high)
    }

    /// The mean.
    pub fn mean(&self) -> f64 {
        self.mean
    }

    /// The variance.
    pub fn variance(&self) -> f64 {
        self.variance
    }

    /// The mean of g(x).
    pub fn expectation(&self, g: impl Fn(f64) -> f64) -> f64 {
        let cells = (0..CELLS).map(|cell| self.integral(self.edge(cell), self.edge(cell + 1), &g));
        cells.sum::<f64>() / self.total()
    }

    /// The mean time that dX = -f'(X) dt + √(2T) dW takes from `a` to its first visit of `b`: ∫ F/(Tp) from a
    /// to b > a and ∫ (1 - F)/(Tp) from b to a > b, with the density p and distribution function F (Gardiner,
    /// *Handbook of Stochastic Methods*, on first passage times).
    ///
    /// # Errors
    /// If `a` or `b` lies outside the region.
    pub fn passage_time(&self, a: f64, b: f64) -> Result<f64, InputError> {
        for value in [a, b] {
            if !(self.from <= value && value <= self.to) {
                return Err(InputError::Number {
                    what: "an end of the passage",
                    value,
                    expected: "a place where the objective is less than 40 T above its minimum",
                });
            }
        }
        let pieces = CELLS / 4;
        let place = |piece: usize| a + (b - a) * (piece as f64 / pieces as f64);
        let mut sum = 0.0;
        for piece in 0..pieces {
            let (left, right) = (place(piece), place(piece + 1));
            let (middle, half) = (0.5 * (left + right), 0.5 * (right - left));
            for &(node, weight) in &self.rule {
                let x = middle + half * node;
                let share = self.distribution(x);
                let behind = if b > a { share } else { 1.0 - share };
                sum += weight * half.abs() * behind / self.density(x);
            }
        }
        Ok(sum / self.temperature)
    }

    /// The mean time that dX = -f'(X) dt + √(2T) dW takes from x to leave (a, b), and the chance that it leaves at
    /// b. With the scale S(y) = ∫ exp(f/T) from a and the density p it is
    /// [(S(b) - S(x)) ∫ₐˣ S m + S(x) ∫ₓᵇ (S(b) - S) m]/S(b) with m = exp(-f/T)/T, and the chance S(x)/S(b)
    /// (Gardiner, *Handbook of Stochastic Methods*, on exits from an interval).
    ///
    /// ```
    /// use shadowflow_numerics::{Gibbs, problems::Quadratic};
    /// // Almost Brownian motion on a wide parabola: (x - a)(b - x)/2T.
    /// let (time, right) = Gibbs::new(Quadratic::new(&[1e-6]), 0.5)?.exit(0.5, (-1.0, 2.0))?;
    /// assert!((time - 1.5 * 1.5).abs() < 1e-5 && (right - 0.5).abs() < 1e-5);
    /// # Ok::<(), shadowflow_numerics::InputError>(())
    /// ```
    ///
    /// # Errors
    /// Unless a < x < b, both inside the region.
    pub fn exit(&self, x: f64, (a, b): (f64, f64)) -> Result<(f64, f64), InputError> {
        for (value, fits) in [(a, a >= self.from), (b, b <= self.to), (x, a < x && x < b)] {
            if !fits || !value.is_finite() {
                return Err(InputError::Number {
                    what: "an end of the interval to leave, or the start",
                    value,
                    expected: "an interval around the start where the objective is less than 40 T above its minimum",
                });
            }
        }
        // From one end to the start: ∫ S m with S from that end, and S.
        let from_end = |end: f64| {
            let pieces = CELLS / 4;
            let place = |piece: usize| end + (x - end) * (piece as f64 / pieces as f64);
            let (mut scale, mut sum) = (0.0, 0.0);
            for piece in 0..pieces {
                let (left, right) = (place(piece), place(piece + 1));
                let (middle, half) = (0.5 * (left + right), 0.5 * (right - left));
                for &(node, weight) in &self.rule {
                    let z = middle + half * node;
                    sum += weight * half.abs() * (scale + self.scale(left, z)) * self.weight(z);
                }
                scale += self.scale(left, right);
            }
            (sum / self.temperature, scale)
        };
        let ((left, below), (right, above)) = (from_end(a), from_end(b));
        let all = below + above;
        Ok(((above * left + below * right) / all, below / all))
    }

    /// ∫ exp(f/T) between two places, as a positive number.
    fn scale(&self, left: f64, right: f64) -> f64 {
        let (middle, half) = (0.5 * (left + right), 0.5 * (right - left));
        let term = |&(node, weight): &(f64, f64)| weight / self.weight(middle + half * node);
        half.abs() * self.rule.iter().map(term).sum::<f64>()
    }

    fn total(&self) -> f64 {
        self.below[CELLS]
    }

    fn edge(&self, cell: usize) -> f64 {
        if cell == CELLS { self.to } else { self.from + (self.to - self.from) * (cell as f64 / CELLS as f64) }
    }

    fn weight(&self, x: f64) -> f64 {
        (-(self.objective.value(&[x]) - self.floor) / self.temperature).exp()
    }

    fn integral(&self, left: f64, right: f64, g: impl Fn(f64) -> f64) -> f64 {
        let (middle, half) = (0.5 * (left + right), 0.5 * (right - left));
        let term = |&(node, weight): &(f64, f64)| {
            let x = middle + half * node;
            weight * self.weight(x) * g(x)
        };
        half * self.rule.iter().map(term).sum::<f64>()
    }
}

/// Rejects objectives of no or several variables.
pub(crate) fn check_one_variable<V: Objective>(objective: &V) -> Result<(), InputError> {
    match objective.variables() {
        1 => Ok(()),
        found => Err(InputError::Dimension { what: "a point of the objective", expected: 1, found }),
    }
}

/// Ends of the region that matters, and the least value in it: doubled until f is high enough at both ends,
/// then cut until nothing more can be cut.
fn region<V: Objective>(objective: &V, temperature: f64) -> Option<(f64, f64, f64)> {
    let scan = |from: f64, to: f64| -> Vec<(f64, f64)> {
        let x = |k: usize| from + (to - from) * (k as f64 / (4 * CELLS) as f64);
        (0..=4 * CELLS).map(|k| (x(k), objective.value(&[x(k)]))).collect()
    };
    let least = |values: &[(f64, f64)]| values.iter().map(|point| point.1).fold(f64::INFINITY, f64::min);
    // The lowest well need not be the one nearest to 0: a first look at all scales of size.
    let scales = (-SCALES..=SCALES).map(|k| (f64::from(k) / f64::from(SCALES) * FARTHEST.asinh()).sinh());
    let seen: Vec<(f64, f64)> = scales.map(|x| (x, objective.value(&[x]))).collect();
    let high = least(&seen) + DEPTH * temperature;
    let farthest = seen.iter().filter(|(_, f)| *f <= high).map(|(x, _)| x.abs()).fold(1.0, f64::max);
    let mut reach = farthest.log2().ceil().exp2();
    if reach > FARTHEST {
        return None;
    }
    let mut values = loop {
        let values = scan(-reach, reach);
        let high = least(&values) + DEPTH * temperature;
        // An f that overflows is high; one that is undefined is not.
        if values[0].1 > high && values[4 * CELLS].1 > high {
            break values;
        }
        reach *= 2.0;
        if reach > FARTHEST {
            return None;
        }
    };
    // Each cut is followed by a closer look; from 10⁹ to a region of size √T there are few.
    for _ in 0..100 {
        let floor = least(&values);
        let inside = |point: &(f64, f64)| point.1 - floor <= DEPTH * temperature;
        let first = values.iter().position(inside)?.saturating_sub(1);
        let last = (values.iter().rposition(inside)? + 1).min(4 * CELLS);
        let (from, to) = (values[first].0, values[last].0);
        // A region cut by less than a tenth is small enough.
        let done = (last - first) as f64 > 0.9 * (4 * CELLS) as f64;
        if done {
            return (from < to).then_some((from, to, floor));
        }
        values = scan(from, to);
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Scalar;
    use crate::problems::{DoubleWell, Multiscale, Quadratic};

    #[test]
    fn parabolas_give_normal_laws() {
        for (curvature, temperature) in [(1.0, 0.05), (4.0, 1e-7), (1e-3, 2.0), (2.0, 1e6)] {
            let gibbs = Gibbs::new(Quadratic::new(&[curvature]), temperature).unwrap();
            let deviation = (temperature / curvature).sqrt();
            // Fourteen digits of the quadrature.
            assert!(
                (gibbs.variance() / (deviation * deviation) - 1.0).abs() < 1e-13,
                "{curvature} {temperature}"
            );
            assert!(gibbs.mean().abs() < 1e-14 * deviation);
            // The normal distribution at 0, 1, -2 (Abramowitz & Stegun, table 26.1).
            for (x, expected) in [(0.0, 0.5), (1.0, 0.841_344_746_068_543), (-2.0, 0.022_750_131_948_179)] {
                assert!((gibbs.distribution(x * deviation) - expected).abs() < 2e-14, "{x}");
                assert!((gibbs.quantile(expected) / deviation - x).abs() < 1e-12, "{x}");
            }
            let top = gibbs.density(0.0) * deviation * std::f64::consts::TAU.sqrt();
            assert!((top - 1.0).abs() < 1e-13, "{top}");
        }
    }

    #[test]
    fn quartic_has_its_gamma_functions() {
        // ∫x² e^(-x⁴/4T) / ∫e^(-x⁴/4T) = 2√T Γ(3/4)/Γ(1/4).
        let quartic = Multiscale { quartic: 1.0, quadratic: 0.0, ripple: 1.0 };
        struct Quartic(Multiscale);
        impl Objective for Quartic {
            fn variables(&self) -> usize {
                1
            }
            fn value<S: Scalar>(&self, x: &[S]) -> S {
                self.0.value(x) - x[0].sin()
            }
            fn gradient<S: Scalar>(&self, x: &[S], out: &mut [S]) {
                out[0] = x[0] * x[0] * x[0];
            }
        }
        let temperature = 0.3f64;
        let gibbs = Gibbs::new(Quartic(quartic), temperature).unwrap();
        let exact = 2.0 * temperature.sqrt() * 1.225_416_702_465_178 / 3.625_609_908_221_908;
        assert!((gibbs.variance() / exact - 1.0).abs() < 1e-13, "{} {exact}", gibbs.variance());
    }

    #[test]
    fn the_virial_theorem_holds() {
        // ∫(x e^(-f/T))' = 0: the mean of x f'(x) is T, whatever f.
        let slope = |x: f64| {
            let mut out = [0.0];
            DoubleWell.gradient(&[x], &mut out);
            out[0]
        };
        for temperature in [0.01, 0.05, 1.0, 50.0] {
            let gibbs = Gibbs::new(DoubleWell, temperature).unwrap();
            let virial = gibbs.expectation(|x| x * slope(x));
            assert!((virial / temperature - 1.0).abs() < 1e-12, "{virial} at {temperature}");
            assert!((gibbs.distribution(0.0) - 0.5).abs() < 1e-14);
        }
    }

    #[test]
    fn the_distribution_function_is_one() {
        let gibbs = Gibbs::new(DoubleWell, 0.05).unwrap();
        let (from, to) = gibbs.region();
        assert_eq!((gibbs.distribution(from), gibbs.distribution(to)), (0.0, 1.0));
        assert_eq!((gibbs.distribution(f64::NEG_INFINITY), gibbs.distribution(f64::INFINITY)), (0.0, 1.0));
        assert!(gibbs.distribution(f64::NAN).is_nan());
        let mut before = 0.0;
        for k in 0..10_000 {
            let next = gibbs.distribution(from + (to - from) * f64::from(k) / 9999.0);
            // Monotone up to the rounding of a sum of a thousand cells.
            assert!(next >= before - 1e-15, "{k}");
            before = next;
        }
        // Its slope is the density: a central difference errs by δ²/6 F''' < 10⁻⁸ and by rounding over δ.
        for x in [-1.1, 0.0, 0.7, 1.4] {
            let slope = (gibbs.distribution(x + 1e-5) - gibbs.distribution(x - 1e-5)) / 2e-5;
            assert!((slope - gibbs.density(x)).abs() < 1e-8, "{slope} {}", gibbs.density(x));
        }
    }

    #[test]
    fn exits_solve_their_equation_and_agree_with_passages() {
        let gibbs = Gibbs::new(DoubleWell, 0.1).unwrap();
        let interval = (-0.5, 1.2);
        for a in [-0.3, 0.2, 0.9] {
            let at = |x: f64| gibbs.exit(x, interval).unwrap();
            let (left, middle, right) = (at(a - 1e-3), at(a), at(a + 1e-3));
            let equation =
                |l: f64, m: f64, r: f64| 0.1 * (l - 2.0 * m + r) / 1e-6 - (a * a * a - a) * (r - l) / 2e-3;
            // T u'' - f' u' = -1 and 0 for the time and the chance; differences of step 10⁻³ of functions that
            // vary over lengths of 0.3, and rounding over 10⁻⁶.
            assert!((equation(left.0, middle.0, right.0) + 1.0).abs() < 2e-3, "{a}");
            assert!(equation(left.1, middle.1, right.1).abs() < 2e-3, "{a}");
        }
        // An end that is never reached: f rises by 20 T to it.
        let (time, right) = gibbs.exit(-1.0, (-2.0, 0.5)).unwrap();
        assert!((time / gibbs.passage_time(-1.0, 0.5).unwrap() - 1.0).abs() < 1e-4, "{time}");
        assert!(right > 0.9999);
        assert!(gibbs.exit(0.0, (0.5, 1.0)).is_err() && gibbs.exit(0.0, (-1e3, 1.0)).is_err());
        assert!(gibbs.exit(f64::NAN, (-1.0, 1.0)).is_err());
    }

    #[test]
    fn wells_far_apart_are_all_seen_and_hills_are_refused() {
        /// ((x² - 20 x)²)/100: wells of one depth at 0 and 20.
        struct Far(f64);
        impl Objective for Far {
            fn variables(&self) -> usize {
                1
            }
            fn value<S: Scalar>(&self, x: &[S]) -> S {
                let p = x[0] * x[0] - x[0] * 20.0;
                p * p / 100.0 + x[0] * self.0
            }
            fn gradient<S: Scalar>(&self, x: &[S], out: &mut [S]) {
                out[0] = (x[0] * x[0] - x[0] * 20.0) * (x[0] - 10.0) / 25.0 + self.0;
            }
        }
        // At T = 0.01 the ends of [-1, 1] are already 40 T up.
        let gibbs = Gibbs::new(Far(0.0), 0.01).unwrap();
        assert!((gibbs.mean() - 10.0).abs() < 1e-9, "{}", gibbs.mean());
        // Tilted by 10⁻³ the far one is 2T higher, and both are narrow: e⁻² of its share.
        let share = 1.0 - Gibbs::new(Far(1e-3), 0.01).unwrap().distribution(10.0);
        assert!((share - 1.0 / (1.0 + 2f64.exp())).abs() < 1e-3, "{share}");
        struct Cubic;
        impl Objective for Cubic {
            fn variables(&self) -> usize {
                1
            }
            fn value<S: Scalar>(&self, x: &[S]) -> S {
                x[0].powi(3) - x[0]
            }
            fn gradient<S: Scalar>(&self, x: &[S], out: &mut [S]) {
                out[0] = x[0] * x[0] * 3.0 - 1.0;
            }
        }
        assert!(matches!(Gibbs::new(Cubic, 0.01), Err(InputError::NotConfining { .. })));
        assert!(matches!(Gibbs::new(Quadratic::new(&[-1.0]), 0.1), Err(InputError::NotConfining { .. })));
        assert!(matches!(Gibbs::new(Quadratic::new(&[0.0]), 0.1), Err(InputError::NotConfining { .. })));
    }

    #[test]
    fn passage_times_solve_their_equation_and_tend_to_kramers() {
        let gibbs = Gibbs::new(DoubleWell, 0.05).unwrap();
        // T u'' - f' u' = -1 for the time u(a) to b, by differences of step 10⁻³.
        for a in [-1.2, -0.5, 0.1] {
            let time = |a: f64| gibbs.passage_time(a, 0.5).unwrap();
            let (left, middle, right) = (time(a - 1e-3), time(a), time(a + 1e-3));
            let curvature = (left - 2.0 * middle + right) / 1e-6;
            let slope = (right - left) / 2e-3;
            let equation = 0.05 * curvature - (a * a * a - a) * slope;
            // Third differences of a time of some 10³ that varies over lengths of 0.1, and rounding over
            // 10⁻⁶.
            assert!((equation + 1.0).abs() < 2e-3, "{equation} at {a}");
        }
        // By symmetry, from the other side.
        let (there, back) = (gibbs.passage_time(-1.0, 0.7).unwrap(), gibbs.passage_time(1.0, -0.7).unwrap());
        assert!((there / back - 1.0).abs() < 1e-10, "{there} {back}");
        // Kramers (1940): (2π/√(f''(-1)|f''(0)|)) e^(1/4T) with corrections of order T.
        let mut before = f64::INFINITY;
        for temperature in [0.04, 0.02, 0.01] {
            let exact = Gibbs::new(DoubleWell, temperature).unwrap().passage_time(-1.0, 1.0).unwrap();
            let kramers = std::f64::consts::TAU / 2f64.sqrt() * (0.25 / temperature).exp();
            let gap = (exact / kramers - 1.0).abs();
            assert!(gap < 3.0 * temperature && gap < before, "{gap} at {temperature}");
            before = gap;
        }
        assert!(gibbs.passage_time(-9.0, 1.0).is_err() && gibbs.passage_time(-1.0, f64::NAN).is_err());
    }

    #[test]
    fn what_has_no_gibbs_law_is_refused() {
        for temperature in [0.0, -1.0, f64::NAN, f64::INFINITY] {
            assert!(matches!(Gibbs::new(DoubleWell, temperature), Err(InputError::Number { .. })));
        }
        assert!(matches!(Gibbs::new(Quadratic::new(&[-1.0]), 1.0), Err(InputError::NotConfining { .. })));
        assert!(matches!(Gibbs::new(Quadratic::new(&[0.0]), 1.0), Err(InputError::NotConfining { .. })));
        assert!(matches!(Gibbs::new(Quadratic::new(&[1.0, 1.0]), 1.0), Err(InputError::Dimension { .. })));
    }
}
