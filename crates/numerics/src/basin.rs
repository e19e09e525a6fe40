//! Basins: what becomes of every start in a part of the plane.

use crate::attractor::{Attractor, Basins};
use crate::error::{check_finite, check_order};
use crate::family::{Normal, NormalForm, Plain, Stepping};
use crate::lanes::{Group, Lanes, WIDTH, for_each_group};
use crate::periodicity::Attractors;
use crate::raster::{Size, in_parallel};
use crate::widest::{Kernel, with_widest};
use crate::{Family, InputError, Scalar, StartsError};

/// Groups of lanes in flight.
const GROUPS: usize = 8;
const LANES: usize = GROUPS * WIDTH;

/// Starts that are followed together; what has settled leaves, and the others move up.
const BATCH: usize = 8192;

/// A point this near to its image under p steps is a candidate for period p.
const CLOSE: f64 = 1e-9;

/// Steps before the first look at the points, which most orbits that diverge do not survive; the interval is doubled each time.
const FIRST_LOOK: usize = 8;

/// Nothing has settled before.
const FIRST_CANDIDATES: usize = 50;

/// What an orbit was seen to do.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Label {
    /// It left the disc, or the finite numbers.
    Diverged,
    /// It comes to an attracting orbit of this minimal period, confirmed by Newton's method and its multipliers; the orbit
    /// may be one of a curve of such, as a minimum of a valley is.
    Period(u8),
    /// It stays in the disc and does not come near itself.
    Aperiodic,
    /// It almost closes, but no attracting orbit is there: it approaches more slowly than exponentially, or is on its way
    /// past a saddle.
    Undecided,
}

/// How orbits are judged.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Basin {
    /// An orbit with |x| + |y| above this is taken to diverge.
    pub radius: f64,
    /// The most steps.
    pub steps: usize,
    /// The longest period looked for, 255 at most.
    pub longest: usize,
}

impl Default for Basin {
    /// Radius 10⁶, 2000 steps, periods up to 8.
    fn default() -> Basin {
        Basin { radius: 1e6, steps: 2000, longest: 8 }
    }
}

impl Basin {
    /// The label of each start (x, y) under a map of the plane, row by row from the first y.
    ///
    /// ```
    /// use shadowflow_numerics::{Basin, Label, families::Factorization};
    /// // Gradient descent on (1 - xy)²/2 from (½, ½) first and (2, 2) last.
    /// let labels = |h: f64| {
    ///     Basin::default().labels(&Factorization, &[h, 1.0], &[0.5, 2.0], &[0.5, 2.0])
    /// };
    /// assert_eq!(labels(0.4)?[0], Label::Period(1));
    /// assert_eq!(labels(1.1)?[0], Label::Period(2));
    /// assert_eq!(labels(1.1)?[3], Label::Diverged);
    /// # Ok::<(), shadowflow_numerics::StartsError>(())
    /// ```
    ///
    /// # Errors
    /// If there are no starts or too many, a coordinate is not finite, the radius is not positive, there are no
    /// steps, or the longest period is not between 1 and 255.
    pub fn labels<F: Family<2, P>, const P: usize>(
        &self,
        family: &F,
        parameters: &[f64; P],
        x: &[f64],
        y: &[f64],
    ) -> Result<Vec<Label>, StartsError> {
        self.check(x, y)?;
        // What is not labelled otherwise has diverged.
        let mut labels = vec![Label::Diverged; x.len() * y.len()];
        let mut batches: Vec<Batch> =
            labels.chunks_mut(BATCH).map(|labels| Batch::new(labels, None)).collect();
        self.paint(family, parameters, x, y, &mut batches);
        Ok(labels)
    }

    /// The same with the attractor that each start comes to, at hardly more cost.
    ///
    /// Attractors are told apart where they are isolated; those that fill a curve, as minima of a valley do, count as one for each
    /// period. Orbits that are aperiodic are not told apart. See [`Basins`].
    ///
    /// # Errors
    /// As [`Basin::labels`].
    pub fn basins<F: Family<2, P>, const P: usize>(
        &self,
        family: &F,
        parameters: &[f64; P],
        x: &[f64],
        y: &[f64],
    ) -> Result<Basins, StartsError> {
        self.check(x, y)?;
        let mut labels = vec![Label::Diverged; x.len() * y.len()];
        let mut numbers = vec![0; labels.len()];
        let pairs = labels.chunks_mut(BATCH).zip(numbers.chunks_mut(BATCH));
        let mut batches: Vec<Batch> =
            pairs.map(|(labels, numbers)| Batch::new(labels, Some(numbers))).collect();
        self.paint(family, parameters, x, y, &mut batches);
        let parts = batches.into_iter().map(|batch| (batch.labels.len(), batch.attractors)).collect();
        Ok(Basins::assembled(labels, numbers, parts))
    }

    fn check(&self, x: &[f64], y: &[f64]) -> Result<(), StartsError> {
        Size::checked(x.len(), y.len())?;
        check_finite("the list of x", x)?;
        check_finite("the list of y", y)?;
        check_order("the number of steps", self.steps, 1, usize::MAX)?;
        check_order("the longest period", self.longest, 1, 255)?;
        if self.radius.is_nan() || self.radius <= 0.0 {
            let expected = "a positive number, or infinity";
            return Err(InputError::Number { what: "the escape radius", value: self.radius, expected }.into());
        }
        Ok(())
    }

    /// In coordinates where the map costs least.
    fn paint<F: Family<2, P>, const P: usize>(
        &self,
        family: &F,
        parameters: &[f64; P],
        x: &[f64],
        y: &[f64],
        batches: &mut [Batch<'_>],
    ) {
        match Normal(family).form(parameters) {
            Some(form) => self.paint_in(Normal(family), &form, x, y, batches),
            None => {
                let form = NormalForm { parameters: *parameters, scale: [1.0; 2], offset: [0.0; 2] };
                self.paint_in(Plain(family), &form, x, y, batches);
            }
        }
    }

    fn paint_in<M: Stepping<2, P>, const P: usize>(
        &self,
        map: M,
        form: &NormalForm<2, P>,
        x: &[f64],
        y: &[f64],
        batches: &mut [Batch<'_>],
    ) {
        let normal = |values: &[f64], d: usize| -> Vec<f64> {
            values.iter().map(|value| (value - form.offset[d]) / form.scale[d]).collect()
        };
        let (x, y) = (normal(x, 0), normal(y, 1));
        // Batches do not depend on the number of threads, nor does what they learn of attractors.
        in_parallel(batches, 1, |number, batch| {
            for batch in batch {
                let length = batch.labels.len();
                let mut alive = Alive { y: [Vec::new(), Vec::new()], index: (0..length as u32).collect() };
                let (mut row, mut column) = (number * BATCH / x.len(), number * BATCH % x.len());
                while alive.y[0].len() < length {
                    let part = (x.len() - column).min(length - alive.y[0].len());
                    alive.y[0].extend_from_slice(&x[column..column + part]);
                    alive.y[1].extend(std::iter::repeat_n(y[row], part));
                    (row, column) = (row + 1, 0);
                }
                self.follow(map, form, alive, batch);
            }
        });
    }

    /// Writes the labels of a batch.
    fn follow<M: Stepping<2, P>, const P: usize>(
        &self,
        map: M,
        form: &NormalForm<2, P>,
        mut alive: Alive,
        batch: &mut Batch<'_>,
    ) {
        let mut attractors = Attractors::new(&map, form.parameters);
        let (mut taken, mut stretch) = (0, FIRST_LOOK);
        while taken < self.steps && !alive.index.is_empty() {
            let steps = stretch.min(self.steps - taken);
            taken += steps;
            stretch *= 2;
            alive.pad();
            let mut inside = vec![0u8; alive.y[0].len()];
            let [x, y] = &mut alive.y;
            let parameters: [&[f64]; P] = std::array::from_fn(|k| &form.parameters[k..=k]);
            let taken_already = map.advance(parameters, [x, y], steps);
            let steps = if taken_already { 0 } else { steps };
            with_widest(Advance { map, form, x, y, steps, radius: self.radius, inside: &mut inside });
            alive.retain_inside(&inside);
            if taken < FIRST_CANDIDATES.min(self.steps) {
                continue;
            }
            alive.pad();
            let candidates = self.candidates(map, form, &alive.y);
            alive.retain(|place, index, point| {
                let label = match usize::from(candidates[place]) {
                    0 => Label::Aperiodic,
                    candidate => match attractors.find(point, candidate) {
                        Some((found, period)) => {
                            if let Some(numbers) = &mut batch.numbers {
                                numbers[index] = found as u32 + 1;
                            }
                            // Divisors of a candidate, 255 at most.
                            Label::Period(period as u8)
                        }
                        None => Label::Undecided,
                    },
                };
                batch.labels[index] = label;
                !matches!(label, Label::Period(_))
            });
        }
        if batch.numbers.is_some() {
            batch.attractors = attractors.found(form);
        }
    }

    /// The smallest number of steps, up to the longest period, after which each point is where it was, nearly; 0 if there is none.
    fn candidates<M: Stepping<2, P>, const P: usize>(
        &self,
        map: M,
        form: &NormalForm<2, P>,
        [x, y]: &[Vec<f64>; 2],
    ) -> Vec<u8> {
        let tolerance = [CLOSE / form.scale[0].abs(), CLOSE / form.scale[1].abs()];
        let mut found = vec![0u8; x.len()];
        let longest = self.longest;
        let parameters: [&[f64]; P] = std::array::from_fn(|k| &form.parameters[k..=k]);
        // Without points only the answer matters.
        if !map.advance(parameters, [&mut [], &mut []], 0) {
            let parameters = form.parameters;
            with_widest(Close { map, parameters, x, y, tolerance, longest, out: &mut found });
            return found;
        }
        let (mut p, mut q) = (x.clone(), y.clone());
        for steps in 1..=longest {
            map.advance(parameters, [&mut p, &mut q], 1);
            // Longest periods are 255 at most.
            with_widest(Closed {
                from: [x, y],
                to: [&p, &q],
                tolerance,
                steps: steps as u8,
                out: &mut found,
            });
        }
        found
    }
}

/// Starts that follow one another, and what is said of them.
struct Batch<'a> {
    labels: &'a mut [Label],
    /// The places among `attractors`, counted from 1; left out where nobody asks.
    numbers: Option<&'a mut [u32]>,
    attractors: Vec<Attractor>,
}

impl<'a> Batch<'a> {
    fn new(labels: &'a mut [Label], numbers: Option<&'a mut [u32]>) -> Batch<'a> {
        Batch { labels, numbers, attractors: Vec::new() }
    }
}

/// The orbits of a batch that have not settled: their points and where their labels go.
struct Alive {
    y: [Vec<f64>; 2],
    index: Vec<u32>,
}

impl Alive {
    /// Fills the last bundle of lanes with points of no account.
    fn pad(&mut self) {
        let length = self.index.len().next_multiple_of(LANES);
        for y in &mut self.y {
            y.resize(length, 0.0);
        }
    }

    /// Keeps what `keep(place, label, point)` says, in order.
    fn retain(&mut self, mut keep: impl FnMut(usize, usize, [f64; 2]) -> bool) {
        let mut kept = 0;
        for place in 0..self.index.len() {
            let (index, point) = (self.index[place], [self.y[0][place], self.y[1][place]]);
            if keep(place, index as usize, point) {
                self.index[kept] = index;
                (self.y[0][kept], self.y[1][kept]) = (point[0], point[1]);
                kept += 1;
            }
        }
        self.truncate(kept);
    }

    /// Keeps those that are marked by 1, in order.
    fn retain_inside(&mut self, inside: &[u8]) {
        let (mut kept, mut first) = (0, 0);
        while first < self.index.len() {
            let last = (first + LANES).min(self.index.len());
            let inside = &inside[first..last];
            // Neighbours share their fate, except along boundaries.
            match inside.iter().sum::<u8>() {
                0 => {}
                all if usize::from(all) == last - first => {
                    self.index.copy_within(first..last, kept);
                    for y in &mut self.y {
                        y.copy_within(first..last, kept);
                    }
                    kept += last - first;
                }
                _ => {
                    for (place, &inside) in (first..last).zip(inside) {
                        // Without a branch, which would often be mispredicted.
                        self.index[kept] = self.index[place];
                        (self.y[0][kept], self.y[1][kept]) = (self.y[0][place], self.y[1][place]);
                        kept += usize::from(inside);
                    }
                }
            }
            first = last;
        }
        self.truncate(kept);
    }

    fn truncate(&mut self, kept: usize) {
        self.index.truncate(kept);
        for y in &mut self.y {
            y.truncate(kept);
        }
    }
}

#[inline(always)]
fn load(x: &[f64]) -> [Group; GROUPS] {
    std::array::from_fn(|u| Lanes(std::array::from_fn(|k| x[u * WIDTH + k])))
}

/// So many steps of every point, and whether it is inside the disc then; whole bundles of lanes.
struct Advance<'a, M, const P: usize> {
    map: M,
    form: &'a NormalForm<2, P>,
    x: &'a mut [f64],
    y: &'a mut [f64],
    steps: usize,
    radius: f64,
    inside: &'a mut [u8],
}

impl<M: Stepping<2, P>, const P: usize> Kernel for Advance<'_, M, P> {
    type Output = ();

    #[inline(always)]
    fn run(self) {
        let parameters = self.form.parameters.map(Group::from);
        let ([a, b], [c, d]) = (self.form.scale.map(Group::from), self.form.offset.map(Group::from));
        let bundles = self.x.chunks_exact_mut(LANES).zip(self.y.chunks_exact_mut(LANES));
        for ((x, y), inside) in bundles.zip(self.inside.chunks_exact_mut(LANES)) {
            let (mut p, mut q) = (load(x), load(y));
            for _ in 0..self.steps {
                for_each_group!(u in GROUPS, {
                    [p[u], q[u]] = self.map.step(&parameters, &[p[u], q[u]]);
                });
            }
            for_each_group!(u in GROUPS, {
                x[u * WIDTH..][..WIDTH].copy_from_slice(&p[u].0);
                y[u * WIDTH..][..WIDTH].copy_from_slice(&q[u].0);
                let size = p[u].mul_add(a, c).abs() + q[u].mul_add(b, d).abs();
                for k in 0..WIDTH {
                    // NaN is not inside.
                    inside[u * WIDTH + k] = u8::from(size.0[k] <= self.radius);
                }
            });
        }
    }
}

/// The smallest number of steps, up to `longest`, after which each point is where it was; 0 if there is none.
struct Close<'a, M, const P: usize> {
    map: M,
    parameters: [f64; P],
    x: &'a [f64],
    y: &'a [f64],
    tolerance: [f64; 2],
    longest: usize,
    out: &'a mut [u8],
}

impl<M: Stepping<2, P>, const P: usize> Kernel for Close<'_, M, P> {
    type Output = ();

    #[inline(always)]
    fn run(self) {
        let parameters = self.parameters.map(Group::from);
        let bundles = self.x.chunks_exact(LANES).zip(self.y.chunks_exact(LANES));
        for ((x, y), out) in bundles.zip(self.out.chunks_exact_mut(LANES)) {
            let (x, y) = (load(x), load(y));
            let (mut p, mut q) = (x, y);
            let mut found = [Group::from(0.0); GROUPS];
            for steps in 1..=self.longest {
                for_each_group!(u in GROUPS, {
                    [p[u], q[u]] = self.map.step(&parameters, &[p[u], q[u]]);
                    let (dx, dy) = ((p[u] - x[u]).abs(), (q[u] - y[u]).abs());
                    found[u] = Lanes(std::array::from_fn(|k| {
                        let close = (dx.0[k] <= self.tolerance[0]) & (dy.0[k] <= self.tolerance[1]);
                        if close & (found[u].0[k] == 0.0) { steps as f64 } else { found[u].0[k] }
                    }));
                });
            }
            for u in 0..GROUPS {
                for k in 0..WIDTH {
                    out[u * WIDTH + k] = found[u].0[k] as u8;
                }
            }
        }
    }
}

/// Writes the number of steps to points that are close to where they were for the first time.
struct Closed<'a> {
    from: [&'a [f64]; 2],
    to: [&'a [f64]; 2],
    tolerance: [f64; 2],
    steps: u8,
    out: &'a mut [u8],
}

impl Kernel for Closed<'_> {
    type Output = ();

    #[inline(always)]
    fn run(self) {
        let ([x, y], [p, q]) = (self.from, self.to);
        for (((out, (x, y)), p), q) in self.out.iter_mut().zip(x.iter().zip(y)).zip(p).zip(q) {
            let close = ((p - x).abs() <= self.tolerance[0]) & ((q - y).abs() <= self.tolerance[1]);
            *out = if close & (*out == 0) { self.steps } else { *out };
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Window;
    use crate::families::{Descend, Factorization};
    use crate::problems::{Quadratic, ScalarFactorization};
    use crate::widest::same_without_avx512;

    fn count(labels: &[Label], condition: impl Fn(Label) -> bool) -> usize {
        labels.iter().filter(|&&label| condition(label)).count()
    }

    fn nodes(from: f64, to: f64, count: usize) -> Vec<f64> {
        let unit = (to - from) / (count - 1) as f64;
        (0..count).map(|k| crate::mul_add(unit, k as f64, from)).collect()
    }

    #[test]
    fn as_many_starts_diverge_as_are_known_to() {
        // Counted by an independent C program that steps x and y in their own coordinates. Its nodes lie on both
        // diagonals; y = -x is the stable line of the saddle, where neither of us knows what rounding will do.
        let x = nodes(-2.5, 2.5, 1000);
        let labels = |h: f64| Basin::default().labels(&Factorization, &[h, 1.0], &x, &x).unwrap();
        let chaotic = labels(1.9);
        assert_eq!(count(&chaotic, |label| label == Label::Diverged), 917_544);
        assert_eq!(count(&chaotic, |label| matches!(label, Label::Aperiodic | Label::Undecided)), 82_456);
        assert!(count(&chaotic, |label| label == Label::Undecided) < 100);
        let doubled = labels(1.1);
        assert_eq!(count(&doubled, |label| label == Label::Diverged), 619_108);
        assert_eq!(count(&doubled, |label| label == Label::Aperiodic), 0);
        let periodic = count(&doubled, |label| label == Label::Period(2));
        assert!(periodic.abs_diff(380_768) < 20, "{periodic}");
    }

    #[test]
    fn bounded_starts_fill_the_invariant_ellipse() {
        // Within 10⁻³ of the ellipse an orbit may take more steps to leave than there are.
        let window = Window::new((-2.6, 2.6), (-2.6, 2.6)).unwrap();
        let (x, y) = window.centres(300, 300).unwrap();
        let problem = ScalarFactorization { target: 1.0 };
        for h in [0.4, 0.9, 1.1, 1.5, 1.9] {
            let labels = Basin::default().labels(&Factorization, &[h, 1.0], &x, &y).unwrap();
            for (k, label) in labels.iter().enumerate() {
                let inside = problem.ellipse(&[x[k % 300], y[k / 300]], h);
                assert!(
                    inside.abs() < 1e-3 || (inside > 0.0) == (*label != Label::Diverged),
                    "{h} {inside} {label:?}"
                );
            }
        }
    }

    #[test]
    fn what_converges_slowly_is_not_called_periodic() {
        // At h = 1 the minimum of (1 - xy)²/2 that is flattest, (1, 1), flips: on x = y the approach is like 1/√k, and no
        // other minimum attracts.
        let x = nodes(0.6, 1.3, 40);
        let rules = Basin { steps: 100_000, ..Basin::default() };
        let labels = rules.labels(&Factorization, &[1.0, 1.0], &x, &x[..1]).unwrap();
        assert_eq!(count(&labels, |label| matches!(label, Label::Period(_))), 0, "{labels:?}");
        let labels = rules.labels(&Factorization, &[0.95, 1.0], &x, &x[..1]).unwrap();
        assert_eq!(count(&labels, |label| label == Label::Period(1)), 40);
    }

    #[test]
    fn a_quadratic_settles_or_diverges_everywhere() {
        let descend = Descend::<_, 2>::new(Quadratic::new(&[1.0, 4.0])).unwrap();
        let x = nodes(-1.0, 1.0, 8);
        for (h, expected) in [(0.3, Label::Period(1)), (0.6, Label::Diverged)] {
            let labels = Basin::default().labels(&descend, &[h], &x, &x).unwrap();
            assert_eq!(count(&labels, |label| label == expected), 64, "{h}");
        }
    }

    #[test]
    fn a_start_does_not_know_the_others() {
        let x = nodes(-2.5, 2.5, 171);
        for h in [0.9, 1.25, 1.9] {
            let of = |x: &[f64], y: &[f64]| Basin::default().labels(&Factorization, &[h, 1.0], x, y).unwrap();
            let together = of(&x, &x);
            for row in [0, 40, 85, 170] {
                assert_eq!(together[row * 171..][..171], of(&x, &x[row..=row]), "{h}");
            }
        }
    }

    #[test]
    fn wide_vectors_find_the_same() {
        let form = Normal(&Factorization).form(&[1.9, 1.0]).unwrap();
        let (start, other) = (nodes(-1.3, 1.3, 2 * LANES), nodes(-0.9, 1.1, 2 * LANES));
        same_without_avx512(|runner| {
            let (mut x, mut y, mut inside) = (start.clone(), other.clone(), vec![0; 2 * LANES]);
            let (map, form) = (Normal(&Factorization), &form);
            runner.run(Advance {
                map,
                form,
                x: &mut x,
                y: &mut y,
                steps: 99,
                radius: 10.0,
                inside: &mut inside,
            });
            let mut out = vec![0; 2 * LANES];
            let (parameters, tolerance) = (form.parameters, [0.1, 0.1]);
            runner.run(Close { map, parameters, x: &x, y: &y, tolerance, longest: 8, out: &mut out });
            (x.iter().chain(&y).map(|x| x.to_bits()).collect::<Vec<_>>(), inside, out)
        });
    }

    #[test]
    fn bad_arguments_are_refused() {
        let of = |rules: Basin, x: &[f64]| rules.labels(&Factorization, &[1.0, 1.0], x, &[1.0]);
        let good = Basin::default();
        assert!(matches!(of(good, &[]), Err(StartsError::Raster(_))));
        assert!(matches!(
            of(good, &[f64::NAN]),
            Err(StartsError::Input(InputError::NotFinite { index: 1, .. }))
        ));
        for bad in [
            Basin { radius: 0.0, ..good },
            Basin { radius: f64::NAN, ..good },
            Basin { longest: 0, ..good },
            Basin { longest: 256, ..good },
            Basin { steps: 0, ..good },
        ] {
            assert!(matches!(of(bad, &[1.0]), Err(StartsError::Input(_))), "{bad:?}");
        }
    }
}
