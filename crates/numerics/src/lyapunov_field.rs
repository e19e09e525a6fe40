//! Largest Lyapunov exponents, over a plane of parameters or starts.

use std::array::from_fn;

use crate::family::{Bundle, Normal, Plain, Stepping};
use crate::lanes::{Group, WIDTH, as_a_whole, for_each_group};
use crate::raster::{Size, in_parallel};
use crate::widest::{Kernel, with_widest};
use crate::{Case, Family, RasterError};

/// Steps between two looks at the length of the tangent vector: its logarithm is taken of powers of two, which no bounded orbit
/// of a few steps drives out of the doubles.
const STRIDE: usize = 8;

/// Strides between two looks at whether all orbits have diverged.
const PATIENCE: usize = 8;

/// The largest Lyapunov exponent lim log|DΦⁿ(x₀)v|/n for each pair of an `x` and a `y`, row by row from the first y: natural
/// logarithm per step, over `steps` steps after a transient.
///
/// The vector v is pushed along with the orbit (Benettin, Galgani, Giorgilli & Strelcyn 1980). Where the orbit diverges the
/// exponent is +∞, where the derivative vanishes (on a superstable orbit) -∞. Rows are computed in parallel; the result does not
/// depend on the number of threads.
///
/// ```
/// use shadowflow_numerics::{Case, exponent_field, families::Logistic};
/// // The logistic map at r = 4 is conjugate to doubling an angle: ln 2, for almost every start.
/// let case = |r, x| Case { parameters: [r], start: [x] };
/// let exponents = exponent_field(&Logistic, &[3.2, 4.0], &[0.3], case, 1000, 100_000)?;
/// assert!(exponents[0] < 0.0);
/// assert!((exponents[1] - 2f64.ln()).abs() < 1e-3);
/// # Ok::<(), shadowflow_numerics::RasterError>(())
/// ```
///
/// # Errors
/// If there are no pixels, or too many.
pub fn exponent_field<F: Family<D, P>, const D: usize, const P: usize>(
    family: &F,
    x: &[f64],
    y: &[f64],
    case: impl Fn(f64, f64) -> Case<D, P> + Sync,
    transient: usize,
    steps: usize,
) -> Result<Vec<f64>, RasterError> {
    Size::checked(x.len(), y.len())?;
    let mut exponents = vec![0.0; x.len() * y.len()];
    in_parallel(&mut exponents, x.len(), |row, exponents| {
        let cases: Vec<Case<D, P>> = x.iter().map(|&x| case(x, y[row])).collect();
        // As many groups in flight as registers hold.
        if D == 1 {
            fill::<F, D, P, 5>(family, &cases, transient, steps, exponents);
        } else {
            fill::<F, D, P, 4>(family, &cases, transient, steps, exponents);
        }
    });
    Ok(exponents)
}

fn fill<F: Family<D, P>, const D: usize, const P: usize, const U: usize>(
    family: &F,
    cases: &[Case<D, P>],
    transient: usize,
    steps: usize,
    out: &mut [f64],
) {
    let length = Bundle::<D, P, U>::CASES;
    for (cases, out) in cases.chunks(length).zip(out.chunks_mut(length)) {
        if !with_widest(Exponents::<_, D, P, U> { map: Normal(family), cases, transient, steps, out: &mut *out }) {
            with_widest(Exponents::<_, D, P, U> { map: Plain(family), cases, transient, steps, out });
        }
    }
}

struct Exponents<'a, M, const D: usize, const P: usize, const U: usize> {
    map: M,
    cases: &'a [Case<D, P>],
    transient: usize,
    steps: usize,
    out: &'a mut [f64],
}

impl<M: Stepping<D, P>, const D: usize, const P: usize, const U: usize> Kernel for Exponents<'_, M, D, P, U> {
    /// Whether all cases have the form.
    type Output = bool;

    #[inline(always)]
    fn run(self) -> bool {
        let Some(mut bundle) = Bundle::<D, P, U>::load(&self.map, self.cases) else { return false };
        bundle.advance(&self.map, self.transient);
        // With a share in every direction, in case there are invariant ones.
        let along: [Group; D] = from_fn(|d| Group::from(1.0 / (d + 1) as f64));
        let mut tangents = Tangents { along: [along; U], exponent: [Group::from(0.0); U] };
        for stride in 0..self.steps / STRIDE {
            tangents.advance(&self.map, &mut bundle, STRIDE);
            if stride % PATIENCE == 0 && !(0..U).any(|u| bundle.y[u][0].any(f64::is_finite)) {
                break;
            }
        }
        tangents.advance(&self.map, &mut bundle, self.steps % STRIDE);
        for (lane, out) in self.out.iter_mut().enumerate() {
            let (u, k) = (lane / WIDTH, lane % WIDTH);
            let length = tangents.along[u].iter().fold(0.0, |length: f64, group| length.hypot(group.0[k]));
            let logarithm = tangents.exponent[u].0[k] * std::f64::consts::LN_2 + length.ln();
            let finite = bundle.is_finite(lane) && length.is_finite();
            *out = if finite { logarithm / self.steps as f64 } else { f64::INFINITY };
        }
        true
    }
}

/// Vectors along v·2ᵉ.
struct Tangents<const D: usize, const U: usize> {
    along: [[Group; D]; U],
    exponent: [Group; U],
}

impl<const D: usize, const U: usize> Tangents<D, U> {
    #[inline(always)]
    fn advance<const P: usize>(
        &mut self,
        map: &impl Stepping<D, P>,
        bundle: &mut Bundle<D, P, U>,
        steps: usize,
    ) {
        let (parameters, mut y, mut along) = (bundle.parameters, bundle.y, self.along);
        for _ in 0..steps {
            for_each_group!(u in U, {
                (y[u], along[u]) = map.tangent(&parameters[u], &y[u], &along[u]);
            });
        }
        for_each_group!(u in U, {
            let mut size = Group::from(0.0);
            for group in along[u] {
                size = group.abs().max(size);
            }
            let (exponent, inverse) = size.binary_exponent();
            self.exponent[u] += exponent;
            for group in &mut along[u] {
                *group = *group * inverse;
            }
        });
        (bundle.y, self.along) = (y, along);
        as_a_whole(bundle);
        as_a_whole(self);
    }
}
