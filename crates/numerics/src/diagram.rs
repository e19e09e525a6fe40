//! Orbit diagrams: where the orbits of a family of maps go, parameter by parameter.

use crate::family::{Bundle, Normal, Plain, Stepping};
use crate::lanes::{Group, WIDTH, as_a_whole};
use crate::raster::{Size, in_parallel};
use crate::widest::{Kernel, with_widest};
use crate::{Case, Family, RasterError, Scalar};

/// Groups of lanes in flight: a step of one operation is then bound by throughput.
const GROUPS: usize = 8;

/// Iterates of one group of lanes that are binned before they are counted: vector instructions first, then the others. One
/// group at a time, so that what is incremented stays in the cache of first level.
const BLOCK: usize = 64;

/// What a row of counts has besides bins.
pub(crate) const MARGIN: usize = 3;

/// The orbits of some cases of a family, seen in their first coordinate once so many steps are behind them.
///
/// ```
/// use shadowflow_numerics::{Case, Diagram, families::Cubic};
/// // Gradient descent on (1 - x²)²/4 settles at h = 0.9 and alternates at h = 1.1.
/// let cases = [0.9, 1.1].map(|h| Case { parameters: [h], start: [0.3] });
/// let last = Diagram { family: &Cubic, cases: &cases, transient: 1000 }.points(2)?;
/// assert!((last[0] - 1.0).abs() < 1e-12 && (last[1] - 1.0).abs() < 1e-12);
/// assert!((last[2] - last[3]).abs() > 0.1);
/// # Ok::<(), shadowflow_numerics::RasterError>(())
/// ```
#[derive(Clone, Copy, Debug)]
pub struct Diagram<'a, F, const D: usize, const P: usize> {
    /// The maps.
    pub family: &'a F,
    /// Their parameters and starts.
    pub cases: &'a [Case<D, P>],
    /// The number of iterates that are not shown.
    pub transient: usize,
}

impl<F: Family<D, P>, const D: usize, const P: usize> Diagram<'_, F, D, P> {
    /// The first coordinates of the `kept` iterates after the transient, case by case; infinite or NaN once the orbit has
    /// diverged.
    ///
    /// # Errors
    /// If there are no cases, or none are kept, or more than 2²⁸ numbers would be.
    pub fn points(&self, kept: usize) -> Result<Vec<f64>, RasterError> {
        Size::checked(kept, self.cases.len())?;
        let mut points = vec![0.0; kept * self.cases.len()];
        let length = Bundle::<D, P, GROUPS>::CASES;
        in_parallel(&mut points, length * kept, |k, out| {
            let cases = &self.cases[k * length..][..out.len() / kept];
            let transient = self.transient;
            if !with_widest(Points { map: Normal(self.family), cases, transient, kept, out: &mut *out }) {
                with_widest(Points { map: Plain(self.family), cases, transient, kept, out });
            }
        });
        Ok(points)
    }

    /// How many of the `kept` iterates after the transient fall into each of `bins` equal parts of the interval `from` ≤ x < `to`.
    ///
    /// Memory does not grow with the number of iterates.
    ///
    /// # Errors
    /// If the interval is empty or not finite, or there are no cases or bins, or too many.
    pub fn density(&self, kept: u32, (from, to): (f64, f64), bins: usize) -> Result<Density, RasterError> {
        let (bins_of, mut counts) = Bins::checked((from, to), bins, self.cases.len())?;
        let row = bins_of.row;
        let length = Bundle::<D, P, 1>::CASES;
        in_parallel(&mut counts, length * row, |k, counts| {
            let cases = &self.cases[k * length..][..counts.len() / row];
            let transient = self.transient;
            let bins = bins_of;
            if !with_widest(Count {
                map: Normal(self.family),
                cases,
                transient,
                kept,
                bins,
                counts: &mut *counts,
            }) {
                with_widest(Count { map: Plain(self.family), cases, transient, kept, bins, counts });
            }
        });
        Ok(Density { bins, counts })
    }
}

/// Counts of iterates: a row of bins for every case of a [`Diagram`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Density {
    bins: usize,
    /// For each case the number below the interval, the bins, the number above, and whether the orbit has diverged.
    counts: Vec<u32>,
}

impl Density {
    /// Of rows of counts as they are kept.
    pub(crate) fn of(bins: usize, counts: Vec<u32>) -> Density {
        Density { bins, counts }
    }

    /// The number of bins of a case.
    pub fn bins(&self) -> usize {
        self.bins
    }

    /// The counts in the bins of each case.
    pub fn rows(&self) -> impl ExactSizeIterator<Item = &[u32]> {
        self.counts.chunks_exact(self.bins + MARGIN).map(|row| &row[1..=self.bins])
    }

    /// For each case how many iterates lie below the interval, and how many at its end or above; those of an orbit that has
    /// diverged are among them.
    pub fn outside(&self) -> impl ExactSizeIterator<Item = [u32; 2]> {
        self.counts.chunks_exact(self.bins + MARGIN).map(|row| [row[0], row[self.bins + 1]])
    }

    /// For each case whether its orbit has left the finite numbers.
    pub fn diverged(&self) -> impl ExactSizeIterator<Item = bool> {
        self.counts.chunks_exact(self.bins + MARGIN).map(|row| row[self.bins + 2] > 0)
    }
}

struct Points<'a, M, const D: usize, const P: usize> {
    map: M,
    cases: &'a [Case<D, P>],
    transient: usize,
    kept: usize,
    out: &'a mut [f64],
}

impl<M: Stepping<D, P>, const D: usize, const P: usize> Kernel for Points<'_, M, D, P> {
    /// Whether all cases have the form.
    type Output = bool;

    #[inline(always)]
    fn run(self) -> bool {
        let Some(mut bundle) = Bundle::<D, P, GROUPS>::load(&self.map, self.cases) else { return false };
        bundle.advance(&self.map, self.transient);
        for t in 0..self.kept {
            bundle.advance(&self.map, 1);
            for (lane, orbit) in self.out.chunks_exact_mut(self.kept).enumerate() {
                let (u, k) = (lane / WIDTH, lane % WIDTH);
                let [scale, offset, y] = [&bundle.scale, &bundle.offset, &bundle.y].map(|x| x[u][0].0[k]);
                orbit[t] = crate::mul_add(scale, y, offset);
            }
        }
        true
    }
}

/// Equal parts of an interval, and one more at either end.
#[derive(Clone, Copy)]
pub(crate) struct Bins {
    from: f64,
    per_unit: f64,
    pub(crate) row: usize,
}

impl Bins {
    /// With a row of zeros for every case.
    ///
    /// # Errors
    /// As [`Diagram::density`].
    pub(crate) fn checked(
        (from, to): (f64, f64),
        bins: usize,
        cases: usize,
    ) -> Result<(Bins, Vec<u32>), RasterError> {
        if !(from < to && from.is_finite() && (to - from).is_finite()) {
            return Err(RasterError::Window { axis: 'x', from, to });
        }
        Size::checked(bins, cases)?;
        let row = bins + MARGIN;
        Ok((Bins { from, per_unit: bins as f64 / (to - from), row }, vec![0; row * cases]))
    }

    /// The place of a number in a row of counts; that of NaN is the first one.
    pub(crate) fn place(&self, x: f64) -> usize {
        let place = (x - self.from) * self.per_unit + 1.0;
        place.max(0.0).min((self.row - MARGIN + 1) as f64) as usize
    }
}

struct Count<'a, M, const D: usize, const P: usize> {
    map: M,
    cases: &'a [Case<D, P>],
    transient: usize,
    kept: u32,
    bins: Bins,
    counts: &'a mut [u32],
}

impl<M: Stepping<D, P>, const D: usize, const P: usize> Kernel for Count<'_, M, D, P> {
    /// Whether all cases have the form.
    type Output = bool;

    #[inline(always)]
    fn run(self) -> bool {
        let Some(mut bundle) = Bundle::<D, P, 1>::load(&self.map, self.cases) else {
            return false;
        };
        bundle.advance(&self.map, self.transient);
        let Bins { from, per_unit, row } = self.bins;
        // The bin of y is the whole part of slope·y + intercept, 0 being below.
        let slope = bundle.scale[0][0] * per_unit;
        let intercept = (bundle.offset[0][0] - from) * per_unit + 1.0;
        // Lanes that no case fills count too, and are cut off.
        let mut counts = vec![0u32; WIDTH * row];
        let last = Group::from((row - MARGIN + 1) as f64);
        let mut left = self.kept as usize;
        let mut places = [[0u32; WIDTH]; BLOCK];
        while left > 0 {
            let places = &mut places[..BLOCK.min(left)];
            left -= places.len();
            let mut y = bundle.y[0];
            for places in &mut *places {
                y = self.map.step(&bundle.parameters[0], &y);
                let place = y[0].mul_add(slope, intercept);
                *places = place.max(Group::from(0.0)).min(last).whole_parts();
            }
            bundle.y[0] = y;
            as_a_whole(&mut bundle.y);
            for places in &*places {
                for (lane, &place) in places.iter().enumerate() {
                    counts[lane * row + place as usize] += 1;
                }
            }
        }
        for (lane, (row, found)) in
            self.counts.chunks_exact_mut(row).zip(counts.chunks_exact(row)).enumerate()
        {
            row.copy_from_slice(found);
            row[row.len() - 1] = u32::from(!bundle.is_finite(lane));
        }
        true
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::families::{Cubic, Logistic};
    use crate::widest::same_without_avx512;

    /// x ↦ 1 - ax² + y, y ↦ bx, which has no normal form here.
    struct Henon;
    impl Family<2, 2> for Henon {
        fn step<S: Scalar>(&self, &[a, b]: &[S; 2], &[x, y]: &[S; 2]) -> [S; 2] {
            [(-a * x).mul_add(x, y + 1.0), b * x]
        }
    }

    fn line<const D: usize>(from: f64, to: f64, count: usize, start: [f64; D]) -> Vec<Case<D, 1>> {
        let at = |k: usize| from + (to - from) * k as f64 / (count - 1) as f64;
        (0..count).map(|k| Case { parameters: [at(k)], start }).collect()
    }

    #[test]
    fn points_are_those_of_the_map() {
        // Before rounding is magnified: a chaotic orbit doubles it at every step.
        let cases = line(2.6, 4.0, 77, [0.3]);
        let points = Diagram { family: &Logistic, cases: &cases, transient: 5 }.points(6).unwrap();
        let henon = [Case { parameters: [1.4, 0.3], start: [0.1, 0.2] }];
        let henon = Diagram { family: &Henon, cases: &henon, transient: 0 }.points(4).unwrap();
        for (case, points) in cases.iter().zip(points.chunks(6)) {
            let next = |x: &f64| Some(case.parameters[0] * x * (1.0 - x));
            for (x, point) in std::iter::successors(Some(0.3), next).skip(6).zip(points) {
                assert!((x - point).abs() < 1e-12, "{x} {point}");
            }
        }
        let mut at = [0.1, 0.2];
        for x in henon {
            at = Henon.step(&[1.4, 0.3], &at);
            assert_eq!(x, at[0]);
        }
    }

    #[test]
    fn counts_are_those_of_the_points() {
        let cases = line(0.0, 1.99, 45, [0.3]);
        let diagram = Diagram { family: &Cubic, cases: &cases, transient: 10 };
        // Parts of length 2⁻⁷ of an interval that some iterates leave, with the minimum 1 inside of one.
        let from = -0.75 - 0.25 / 128.0;
        let density = diagram.density(500, (from, from + 2.0), 256).unwrap();
        let points = diagram.points(500).unwrap();
        for ((row, outside), points) in density.rows().zip(density.outside()).zip(points.chunks(500)) {
            let mut expected = [0; 256];
            for place in points.iter().map(|x| ((x - from) * 128.0).floor()) {
                if (0.0..256.0).contains(&place) {
                    expected[place as usize] += 1;
                }
            }
            assert_eq!(row, expected);
            let below = points.iter().filter(|&&x| x < from).count() as u32;
            assert_eq!(outside, [below, 500 - below - row.iter().sum::<u32>()]);
        }
        assert!(density.diverged().all(|diverged| !diverged));
        assert_eq!(density.bins(), 256);
    }

    #[test]
    fn the_logistic_map_at_4_has_its_invariant_density() {
        // 1/(π√(x(1 - x))) gives a quarter of the interval at either end a third of the iterates (Ulam & von Neumann 1947).
        // Autocorrelations vanish, so that 64 orbits of 10⁵ deviate by 5·√(2/9/6.4·10⁶) < 10⁻³.
        let cases: Vec<_> =
            (0..64).map(|k| Case { parameters: [4.0], start: [0.1 + 0.011 * f64::from(k)] }).collect();
        let density = Diagram { family: &Logistic, cases: &cases, transient: 100 }
            .density(100_000, (0.0, 1.0), 4)
            .unwrap();
        for (bin, expected) in [1.0 / 3.0, 1.0 / 6.0, 1.0 / 6.0, 1.0 / 3.0].into_iter().enumerate() {
            let share = density.rows().map(|row| f64::from(row[bin])).sum::<f64>() / 6.4e6;
            assert!((share - expected).abs() < 1e-3, "{share}");
        }
    }

    #[test]
    fn a_case_does_not_know_the_others() {
        let cases = line(2.6, 4.0, 100, [0.3]);
        let together = Diagram { family: &Logistic, cases: &cases, transient: 1000 };
        let (points, density) = (together.points(3).unwrap(), together.density(300, (0.0, 1.0), 50).unwrap());
        for k in [0, 7, 63, 64, 99] {
            let alone = Diagram { cases: &cases[k..=k], ..together };
            assert_eq!(alone.points(3).unwrap(), points[3 * k..3 * k + 3]);
            assert_eq!(alone.density(300, (0.0, 1.0), 50).unwrap().rows().next(), density.rows().nth(k));
        }
    }

    #[test]
    fn divergence_is_told() {
        let cases = [Case { parameters: [1.9], start: [0.3] }, Case { parameters: [2.5], start: [2.0] }];
        let diagram = Diagram { family: &Cubic, cases: &cases, transient: 0 };
        let density = diagram.density(1000, (-2.0, 2.0), 10).unwrap();
        assert!(density.diverged().eq([false, true]));
        assert_eq!(density.rows().map(|row| row.iter().sum()).collect::<Vec<u32>>(), [1000, 0]);
        assert_eq!(density.outside().map(|outside| outside.iter().sum()).collect::<Vec<u32>>(), [0, 1000]);
        let points = diagram.points(1000).unwrap();
        assert!(points[..1000].iter().all(|x| x.is_finite()) && !points[1999].is_finite());
    }

    #[test]
    fn wide_vectors_find_the_same() {
        let cases = line(2.6, 4.0, 60, [0.3]);
        same_without_avx512(|runner| {
            let mut out = vec![0.0; 60 * 5];
            assert!(runner.run(Points {
                map: Normal(&Logistic),
                cases: &cases,
                transient: 1000,
                kept: 5,
                out: &mut out
            }));
            let mut counts = vec![0; 8 * (20 + MARGIN)];
            let bins = Bins { from: 0.1, per_unit: 25.0, row: 20 + MARGIN };
            let (map, cases) = (Normal(&Logistic), &cases[..8]);
            assert!(runner.run(Count { map, cases, transient: 10, kept: 999, bins, counts: &mut counts }));
            (out.iter().map(|x| x.to_bits()).collect::<Vec<_>>(), counts)
        });
    }

    #[test]
    fn bad_arguments_are_refused() {
        let cases = line(2.6, 4.0, 2, [0.3]);
        let diagram = Diagram { family: &Logistic, cases: &cases, transient: 0 };
        assert!(matches!(diagram.points(0), Err(RasterError::Size { .. })));
        assert!(matches!(diagram.points(usize::MAX), Err(RasterError::Size { .. })));
        assert!(matches!(diagram.density(1, (0.0, 1.0), 0), Err(RasterError::Size { .. })));
        assert!(matches!(Diagram { cases: &[], ..diagram }.points(1), Err(RasterError::Size { .. })));
        for bad in [(1.0, 1.0), (0.0, f64::INFINITY), (f64::NAN, 1.0)] {
            assert!(matches!(diagram.density(1, bad, 5), Err(RasterError::Window { .. })));
        }
    }
}
