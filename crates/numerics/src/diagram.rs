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
const MARGIN: usize = 3;

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
    pub fn density(
        &self,
        kept: u32,
        (from, to): (f64, f64),
        bins: usize,
    ) -> Result<Density, RasterError> {
        if !(from < to && from.is_finite() && (to - from).is_finite()) {
            return Err(RasterError::Window { axis: 'x', from, to });
        }
        Size::checked(bins, self.cases.len())?;
        let row = bins + MARGIN;
        let mut counts = vec![0u32; row * self.cases.len()];
        let length = Bundle::<D, P, 1>::CASES;
        in_parallel(&mut counts, length * row, |k, counts| {
            let cases = &self.cases[k * length..][..counts.len() / row];
            let transient = self.transient;
            let bins = Bins { from, per_unit: bins as f64 / (to - from), row };
            if !with_widest(Count { map: Normal(self.family), cases, transient, kept, bins, counts: &mut *counts }) {
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
struct Bins {
    from: f64,
    per_unit: f64,
    row: usize,
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
        for (lane, (row, found)) in self.counts.chunks_exact_mut(row).zip(counts.chunks_exact(row)).enumerate() {
            row.copy_from_slice(found);
            row[row.len() - 1] = u32::from(!bundle.is_finite(lane));
        }
        true
    }
}
