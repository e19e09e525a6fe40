//! Gradient descent with backtracking on a line through many points, from one start by passes over the data and from
//! many by their statistics.

use crate::error::{check_dimension, check_finite, check_step};
use crate::lanes::{Group, Lanes, WIDTH, as_a_whole, for_each_group};
use crate::raster::{Size, in_parallel};
use crate::widest::{Kernel, with_widest};
use crate::{InputError, Scalar, StartsError};

/// Groups of sums in flight over the data, and of starts.
const GROUPS: usize = 4;
const LANES: usize = GROUPS * WIDTH;

/// More halvings than a double has bits.
const MOST_HALVINGS: u32 = 60;

/// Iterations between two looks at whether all starts have arrived.
const STRIDE: usize = 8;

/// Armijo's rule with halving: from x the step h∇V is taken with the first h of `first`, `first`/2, … such that
/// V(x - h∇V) ≤ V(x) - σh|∇V|² (Armijo 1966), until |∇V| ≤ `tolerance`.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Backtracking {
    /// The step tried first.
    pub first: f64,
    /// The fraction σ of the slope.
    pub sigma: f64,
    /// The length of the gradient at which the descent ends.
    pub tolerance: f64,
    /// The most iterations.
    pub most: u32,
}

impl Default for Backtracking {
    /// From 1, σ = 10⁻⁴, to 10⁻⁸ within 100 000 iterations.
    fn default() -> Backtracking {
        Backtracking { first: 1.0, sigma: 1e-4, tolerance: 1e-8, most: 100_000 }
    }
}

impl Backtracking {
    fn check(&self) -> Result<(), InputError> {
        check_step(self.first)?;
        if !(self.sigma > 0.0 && self.sigma < 1.0) {
            let expected = "a number between 0 and 1";
            return Err(InputError::Number { what: "sigma", value: self.sigma, expected });
        }
        if self.tolerance.is_nan() || self.tolerance < 0.0 {
            let expected = "a number that is not negative";
            return Err(InputError::Number { what: "the tolerance", value: self.tolerance, expected });
        }
        Ok(())
    }
}

/// Where a descent ended and what it took.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Descended {
    /// Slope and intercept.
    pub at: [f64; 2],
    /// Steps taken.
    pub iterations: u32,
    /// Steps tried.
    pub trials: u32,
}

/// The objective V(a, b) = Σ(atᵢ + b - yᵢ)²/2n of a line through n points.
///
/// The values of V on both sides of Armijo's rule agree in more and more digits as the minimum comes near, so that rounding
/// decides. For a quadratic V(x) - V(x - hg) is h g·(g + g')/2 with the gradients g and g' at both ends, which has no
/// such cancellation; all descents here decide by that.
///
/// ```
/// use shadowflow_numerics::{Backtracking, Regression};
/// let line = Regression::new(&[1.0, 2.0, 3.0, 4.0, 5.0], &[2.0, 3.0, 5.0, 4.0, 6.0])?;
/// let found = line.descend([0.0, 0.0], &Backtracking::default())?;
/// assert!((found.at[0] - 0.9).abs() < 1e-7 && (found.at[1] - 1.3).abs() < 1e-7);
/// assert_eq!(line.iterations(&[0.0], &[0.0], &Backtracking::default())?, [found.iterations]);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug)]
pub struct Regression {
    t: Vec<f64>,
    y: Vec<f64>,
    /// The Hessian [[mean of t², mean of t], [mean of t, 1]].
    squares: f64,
    mean: f64,
    minimizer: [f64; 2],
}

impl Regression {
    /// Through the points (tᵢ, yᵢ).
    ///
    /// # Errors
    /// If there are not as many y as t, one is not finite, or all t are the same.
    pub fn new(t: &[f64], y: &[f64]) -> Result<Regression, InputError> {
        check_dimension("the list of ordinates", t.len(), y)?;
        check_finite("the list of abscissas", t)?;
        check_finite("the list of ordinates", y)?;
        let n = t.len() as f64;
        let average = |f: &dyn Fn(f64, f64) -> f64| t.iter().zip(y).map(|(&t, &y)| f(t, y)).sum::<f64>() / n;
        let (mean, height) = (average(&|t, _| t), average(&|_, y| y));
        let variance = average(&|t, _| (t - mean) * (t - mean));
        if !(variance > 0.0 && variance.is_finite()) {
            let expected = "abscissas that are not all the same";
            return Err(InputError::Number {
                what: "the variance of the abscissas",
                value: variance,
                expected,
            });
        }
        let slope = average(&|t, y| (t - mean) * (y - height)) / variance;
        Ok(Regression {
            t: t.to_vec(),
            y: y.to_vec(),
            squares: average(&|t, _| t * t),
            mean,
            minimizer: [slope, height - slope * mean],
        })
    }

    /// The line of least squares: slope and intercept.
    pub fn minimizer(&self) -> [f64; 2] {
        self.minimizer
    }

    /// Descends from one start, with a pass over all points for every step that is tried.
    ///
    /// # Errors
    /// If the start is not finite or the rule cannot be used.
    pub fn descend(&self, start: [f64; 2], rule: &Backtracking) -> Result<Descended, InputError> {
        rule.check()?;
        check_finite("the start", &start)?;
        Ok(with_widest(Descent { regression: self, start, rule }))
    }

    /// How many iterations each start takes, row by row from the first intercept, as [`Regression::descend`] would count
    /// them but for rounding.
    ///
    /// About the minimum V is the form of its Hessian, which the sums of t and t² determine, and an iteration costs the same
    /// whatever the number of points and of trials: with g the gradient, Armijo's rule says
    /// h g·Hg ≤ 2(1 - σ)|g|², and which power of two that is can be read from the exponents.
    ///
    /// # Errors
    /// If there are no starts or too many, one is not finite, or the rule cannot be used.
    pub fn iterations(
        &self,
        slopes: &[f64],
        intercepts: &[f64],
        rule: &Backtracking,
    ) -> Result<Vec<u32>, StartsError> {
        Size::checked(slopes.len(), intercepts.len())?;
        rule.check()?;
        check_finite("the list of slopes", slopes)?;
        check_finite("the list of intercepts", intercepts)?;
        let mut iterations = vec![0; slopes.len() * intercepts.len()];
        in_parallel(&mut iterations, slopes.len(), |row, out| {
            with_widest(Row { regression: self, slopes, intercept: intercepts[row], rule, out });
        });
        Ok(iterations)
    }

    /// ∇V by a pass over the data.
    #[inline(always)]
    fn gradient(&self, [a, b]: [f64; 2]) -> [f64; 2] {
        let zero = Group::from(0.0);
        let (mut weighted, mut plain) = ([zero; GROUPS], [zero; GROUPS]);
        let (slope, intercept) = (Group::from(a), Group::from(b));
        let (blocks, t_rest) = self.t.as_chunks::<LANES>();
        let (values, y_rest) = self.y.as_chunks::<LANES>();
        for (t, y) in blocks.iter().zip(values) {
            for_each_group!(u in GROUPS, {
                let t: Group = Lanes(std::array::from_fn(|k| t[u * WIDTH + k]));
                let y: Group = Lanes(std::array::from_fn(|k| y[u * WIDTH + k]));
                let residual = slope.mul_add(t, intercept - y);
                weighted[u] = residual.mul_add(t, weighted[u]);
                plain[u] += residual;
            });
        }
        as_a_whole(&mut weighted);
        as_a_whole(&mut plain);
        let (t_groups, t_rest) = t_rest.as_chunks::<WIDTH>();
        let (y_groups, y_rest) = y_rest.as_chunks::<WIDTH>();
        for (&t, &y) in t_groups.iter().zip(y_groups) {
            let residual = slope.mul_add(Lanes(t), intercept - Lanes(y));
            weighted[0] = residual.mul_add(Lanes(t), weighted[0]);
            plain[0] += residual;
        }
        let total = |sums: [Group; GROUPS]| {
            let [a, b, c, d] = sums;
            let Lanes([e, f, g, h, p, q, r, s]) = (a + b) + (c + d);
            ((e + p) + (g + r)) + ((f + q) + (h + s))
        };
        let (mut weighted, mut plain) = (total(weighted), total(plain));
        for (&t, &y) in t_rest.iter().zip(y_rest) {
            let residual = crate::mul_add(a, t, b - y);
            weighted = crate::mul_add(residual, t, weighted);
            plain += residual;
        }
        let n = self.t.len() as f64;
        [weighted / n, plain / n]
    }
}

#[derive(Clone, Copy)]
struct Descent<'a> {
    regression: &'a Regression,
    start: [f64; 2],
    rule: &'a Backtracking,
}

impl Kernel for Descent<'_> {
    type Output = Descended;

    #[inline(always)]
    fn run(self) -> Descended {
        let Descent { regression, start, rule } = self;
        let dot = |p: [f64; 2], q: [f64; 2]| p[0] * q[0] + p[1] * q[1];
        let mut found = Descended { at: start, iterations: 0, trials: 0 };
        let mut gradient = regression.gradient(start);
        while found.iterations < rule.most && dot(gradient, gradient) > rule.tolerance * rule.tolerance {
            let square = dot(gradient, gradient);
            let mut h = rule.first;
            for halvings in 0.. {
                let to = [found.at[0] - h * gradient[0], found.at[1] - h * gradient[1]];
                let there = regression.gradient(to);
                found.trials += 1;
                // Twice the decrease over h, and what it should be at least.
                if square + dot(gradient, there) >= 2.0 * rule.sigma * square {
                    (found.at, gradient) = (to, there);
                    break;
                }
                if halvings == MOST_HALVINGS {
                    return found;
                }
                h *= 0.5;
            }
            found.iterations += 1;
        }
        found
    }
}

struct Row<'a> {
    regression: &'a Regression,
    slopes: &'a [f64],
    intercept: f64,
    rule: &'a Backtracking,
    out: &'a mut [u32],
}

impl Kernel for Row<'_> {
    type Output = ();

    #[inline(always)]
    fn run(self) {
        let Row { regression: &Regression { squares, mean, minimizer, .. }, slopes, intercept, rule, out } =
            self;
        let (squares, mean) = (Group::from(squares), Group::from(mean));
        let goal = rule.tolerance * rule.tolerance;
        let share = 2.0 * (1.0 - rule.sigma);
        for (slopes, out) in slopes.chunks(LANES).zip(out.chunks_mut(LANES)) {
            let db = Group::from(intercept - minimizer[1]);
            // The gradient is all there is to follow: a step h turns it into g - hHg.
            let mut gradient: [[Group; 2]; GROUPS] = std::array::from_fn(|u| {
                let da = Lanes(std::array::from_fn(|k| {
                    slopes[(u * WIDTH + k).min(slopes.len() - 1)] - minimizer[0]
                }));
                [squares.mul_add(da, mean * db), mean.mul_add(da, db)]
            });
            let mut counts = [Group::from(0.0); GROUPS];
            let mut moving = [Group::from(1.0); GROUPS];
            let mut left = rule.most as usize;
            while left > 0 && moving.iter().any(|group| group.any(|moving| moving > 0.0)) {
                let strides = STRIDE.min(left);
                left -= strides;
                for _ in 0..strides {
                    for_each_group!(u in GROUPS, {
                        let [p, q] = gradient[u];
                        let square = p.mul_add(p, q * q);
                        // Once it has arrived it counts no more, wherever it goes.
                        moving[u] = square.zip(moving[u], |square, moving| {
                            if square > goal { moving } else { 0.0 }
                        });
                        counts[u] += moving[u];
                        let image = [squares.mul_add(p, mean * q), mean.mul_add(p, q)];
                        let bend = p.mul_add(image[0], q * image[1]);
                        let h = Lanes::power_of_two_below(square * share, bend * rule.first) * rule.first;
                        gradient[u] = [(-h).mul_add(image[0], p), (-h).mul_add(image[1], q)];
                    });
                }
            }
            for (lane, out) in out.iter_mut().enumerate() {
                *out = counts[lane / WIDTH].0[lane % WIDTH] as u32;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::problems::LinearRegression;
    use crate::widest::same_without_avx512;
    use proptest::prelude::*;

    /// About 2t - 1, by the generator of Knuth's MMIX.
    fn line(n: usize) -> Regression {
        let mut state = 12345u64;
        let mut uniform = || {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            (state >> 11) as f64 / (1u64 << 53) as f64
        };
        let (mut t, mut y) = (Vec::new(), Vec::new());
        for _ in 0..n {
            t.push(-1.0 + 4.0 * uniform());
            y.push(2.0 * t[t.len() - 1] - 1.0 + 0.5 * (uniform() - 0.5));
        }
        Regression::new(&t, &y).unwrap()
    }

    #[test]
    fn the_minimizer_is_that_of_the_normal_equations() {
        let (t, y): (Vec<f64>, Vec<f64>) = LinearRegression::POINTS.into_iter().unzip();
        let found = Regression::new(&t, &y).unwrap().minimizer();
        assert!((found[0] - 0.9).abs() < 1e-15 && (found[1] - 1.3).abs() < 1e-15, "{found:?}");
    }

    #[test]
    fn a_long_descent_takes_the_known_number_of_steps() {
        // Counted by an independent C program that compares values of the quadratic form about the minimum.
        let (line, rule) = (line(1000), Backtracking::default());
        let found = line.descend([-4.0, 4.0], &rule).unwrap();
        assert_eq!((found.iterations, found.trials), (63, 110));
        assert_eq!(line.iterations(&[-4.0], &[4.0], &rule).unwrap(), [63]);
    }

    #[test]
    fn steps_are_those_that_values_of_the_objective_choose() {
        let (line, rule) = (line(77), Backtracking { most: 1, ..Backtracking::default() });
        let value = |[a, b]: [f64; 2]| {
            let squares = line.t.iter().zip(&line.y).map(|(t, y)| (a * t + b - y).powi(2));
            squares.sum::<f64>() / (2.0 * line.t.len() as f64)
        };
        let mut at = [-4.0, 4.0];
        for _ in 0..8 {
            // Far from the minimum, where values tell.
            let [p, q] = line.gradient(at);
            let square = p * p + q * q;
            let to = |h: f64| [at[0] - h * p, at[1] - h * q];
            let h = (0..)
                .map(|k| 0.5f64.powi(k))
                .find(|&h| value(to(h)) <= value(at) - 1e-4 * h * square)
                .unwrap();
            let found = line.descend(at, &rule).unwrap();
            assert_eq!((found.at, f64::from(found.trials)), (to(h), 1.0 - h.log2()));
            at = found.at;
        }
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(32))]
        /// By statistics and by passes over the data, for every remainder of data and of lanes.
        #[test]
        fn both_ways_count_alike(n in 3usize..80, a in -5.0..5.0, b in -5.0..5.0, first in 0.1..10.0f64) {
            let line = line(n);
            let rule = Backtracking { first, ..Backtracking::default() };
            let slopes: Vec<f64> = (0..n).map(|k| a + 0.01 * k as f64).collect();
            let counts = line.iterations(&slopes, &[b, b + 1.0], &rule).unwrap();
            for k in [0, n / 2, n - 1] {
                let found = line.descend([slopes[k], b], &rule).unwrap();
                // Rounding may decide the last steps.
                prop_assert!(found.iterations.abs_diff(counts[k]) <= 2 + found.iterations / 50, "{} {}", found.iterations, counts[k]);
                // |x - x*| ≤ |∇V|/λ, and λ is not small here.
                let best = line.minimizer();
                prop_assert!((found.at[0] - best[0]).hypot(found.at[1] - best[1]) < 1e-6);
            }
        }
    }

    #[test]
    fn wide_vectors_find_the_same() {
        let (line, rule) = (line(1003), Backtracking::default());
        let slopes: Vec<f64> = (0..100).map(|k| -5.0 + 0.1 * f64::from(k)).collect();
        same_without_avx512(|runner| {
            let found = runner.run(Descent { regression: &line, start: [-4.0, 4.0], rule: &rule });
            let mut out = vec![0; 100];
            runner.run(Row {
                regression: &line,
                slopes: &slopes,
                intercept: 0.5,
                rule: &rule,
                out: &mut out,
            });
            (found.at.map(f64::to_bits), found.iterations, out)
        });
    }

    #[test]
    fn bad_arguments_are_refused() {
        assert!(matches!(Regression::new(&[1.0, 2.0], &[1.0]), Err(InputError::Dimension { .. })));
        assert!(matches!(Regression::new(&[1.0, f64::NAN], &[1.0, 2.0]), Err(InputError::NotFinite { .. })));
        for t in [&[][..], &[3.0], &[3.0, 3.0]] {
            assert!(matches!(Regression::new(t, t), Err(InputError::Number { .. })), "{t:?}");
        }
        let (line, good) = (line(5), Backtracking::default());
        for bad in [
            Backtracking { first: 0.0, ..good },
            Backtracking { sigma: 1.0, ..good },
            Backtracking { tolerance: f64::NAN, ..good },
        ] {
            assert!(
                line.descend([0.0, 0.0], &bad).is_err() && line.iterations(&[0.0], &[0.0], &bad).is_err()
            );
        }
        assert!(line.descend([f64::INFINITY, 0.0], &good).is_err());
        assert!(matches!(line.iterations(&[], &[1.0], &good), Err(StartsError::Raster(_))));
    }
}
