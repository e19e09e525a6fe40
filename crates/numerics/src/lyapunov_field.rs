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
    let mut parted = vec![Parted::<D, 1>::NONE; length];
    for (cases, out) in cases.chunks(length).zip(out.chunks_mut(length)) {
        let parted = &mut parted[..cases.len()];
        if !with_widest(Exponents::<_, D, P, U, 1> {
            map: Normal(family),
            cases,
            transient,
            steps,
            out: &mut *parted,
        }) {
            let map = Plain(family);
            with_widest(Exponents::<_, D, P, U, 1> { map, cases, transient, steps, out: &mut *parted });
        }
        for (out, parted) in out.iter_mut().zip(parted) {
            *out = if parted.is_finite { parted.after[0] / steps as f64 } else { f64::INFINITY };
        }
    }
}

/// How far the neighbours of an orbit have parted.
#[derive(Clone, Copy)]
pub(crate) struct Parted<const D: usize, const B: usize> {
    /// The logarithm of the tangent's length after each of B equal stretches, relative to its components at first.
    pub(crate) after: [f64; B],
    /// The point behind the transient and the last one, in the coordinates of the map that was stepped.
    pub(crate) first: [f64; D],
    pub(crate) last: [f64; D],
    /// Whether point and tangent are finite at the end.
    pub(crate) is_finite: bool,
}

impl<const D: usize, const B: usize> Parted<D, B> {
    pub(crate) const NONE: Parted<D, B> =
        Parted { after: [f64::NAN; B], first: [f64::NAN; D], last: [f64::NAN; D], is_finite: false };
}

/// The end of the stretch `batch` of B.
pub(crate) fn until<const B: usize>(steps: usize, batch: usize) -> usize {
    steps / B * (batch + 1) + steps % B * (batch + 1) / B
}

pub(crate) struct Exponents<'a, M, const D: usize, const P: usize, const U: usize, const B: usize> {
    pub(crate) map: M,
    pub(crate) cases: &'a [Case<D, P>],
    pub(crate) transient: usize,
    pub(crate) steps: usize,
    pub(crate) out: &'a mut [Parted<D, B>],
}

impl<M: Stepping<D, P>, const D: usize, const P: usize, const U: usize, const B: usize> Kernel
    for Exponents<'_, M, D, P, U, B>
{
    /// Whether all cases have the form.
    type Output = bool;

    #[inline(always)]
    fn run(self) -> bool {
        let Some(mut bundle) = Bundle::<D, P, U>::load(&self.map, self.cases) else { return false };
        bundle.advance(&self.map, self.transient);
        let point = |bundle: &Bundle<D, P, U>, lane: usize| -> [f64; D] {
            from_fn(|d| bundle.y[lane / WIDTH][d].0[lane % WIDTH])
        };
        for (lane, out) in self.out.iter_mut().enumerate() {
            *out = Parted { first: point(&bundle, lane), ..Parted::NONE };
        }
        // With a share in every direction, in case there are invariant ones.
        let along: [Group; D] = from_fn(|d| Group::from(1.0 / (d + 1) as f64));
        let mut tangents = Tangents { along: [along; U], exponent: [Group::from(0.0); U] };
        let mut taken = 0;
        for batch in 0..B {
            let length = until::<B>(self.steps, batch) - taken;
            taken += length;
            for stride in 0..length / STRIDE {
                tangents.advance(&self.map, &mut bundle, STRIDE);
                if stride % PATIENCE == 0 && !(0..U).any(|u| bundle.y[u][0].any(f64::is_finite)) {
                    return true;
                }
            }
            tangents.advance(&self.map, &mut bundle, length % STRIDE);
            for (lane, out) in self.out.iter_mut().enumerate() {
                let (u, k) = (lane / WIDTH, lane % WIDTH);
                let length =
                    tangents.along[u].iter().fold(0.0, |length: f64, group| length.hypot(group.0[k]));
                out.after[batch] = tangents.exponent[u].0[k] * std::f64::consts::LN_2 + length.ln();
                out.is_finite = bundle.is_finite(lane) && length.is_finite();
                out.last = point(&bundle, lane);
            }
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Scalar;
    use crate::families::{Factorization, Logistic, TiltedWell};
    use crate::widest::same_without_avx512;

    fn one<F: Family<D, P>, const D: usize, const P: usize>(
        family: &F,
        parameters: [f64; P],
        start: [f64; D],
        steps: usize,
    ) -> f64 {
        exponent_field(family, &[0.0], &[0.0], |_, _| Case { parameters, start }, 1000, steps).unwrap()[0]
    }

    #[test]
    fn at_rest_the_exponent_is_the_logarithm_of_the_multiplier() {
        // Descent on the untilted well rests at 1 with multiplier 1 - 2h; numbers of steps that are no multiples of strides.
        for (h, steps) in [(0.3, 1), (0.3, 7), (0.45, 8), (0.7, 100), (0.9, 1003)] {
            let found = one(&TiltedWell, [h, 0.0], [0.2], steps);
            assert!((found - (1.0 - 2.0 * h).abs().ln()).abs() < 1e-13, "{h} {steps}: {found}");
        }
        // Along a curve of minima nothing is gained or lost.
        let found = one(&Factorization, [0.5, 1.0], [1.2, 0.7], 1000);
        assert!(found.abs() < 1e-3, "{found}");
    }

    #[test]
    fn superstable_orbits_and_divergent_ones_are_told() {
        // The logistic map at 2 comes to rest at 1/2, where its derivative is 0.
        assert_eq!(one(&Logistic, [2.0], [0.3], 100), f64::NEG_INFINITY);
        assert_eq!(one(&TiltedWell, [2.5, 0.0], [2.0], 100), f64::INFINITY);
        assert_eq!(one(&Factorization, [2.5, 1.0], [2.0, 2.0], 100), f64::INFINITY);
    }

    /// x ↦ 1 - ax² + y, y ↦ bx.
    struct Henon;
    impl Family<2, 2> for Henon {
        fn step<S: Scalar>(&self, &[a, b]: &[S; 2], &[x, y]: &[S; 2]) -> [S; 2] {
            [(-a * x).mul_add(x, y + 1.0), b * x]
        }
    }

    #[test]
    fn chaotic_maps_have_their_known_exponents() {
        let found = one(&Henon, [1.4, 0.3], [0.1, 0.1], 400_000);
        // 0.419 (Benettin, Galgani, Giorgilli & Strelcyn's method as tabulated by Sprott 2003); it fluctuates by 1/√n.
        assert!((found - 0.419).abs() < 3e-3, "{found}");
        // ln 2: conjugate to doubling an angle.
        let found = one(&Logistic, [4.0], [0.3], 400_000);
        assert!((found - 2f64.ln()).abs() < 3e-3, "{found}");
    }

    #[test]
    fn short_tangents_agree_with_dual_numbers() {
        // A pixel does not know the others, and lanes are as plain numbers.
        let (x, y) = ([0.55, 0.9, 1.3, 1.35, 1.4, 1.7], [-0.3, 0.0, 0.1]);
        let case = |h: f64, c: f64| Case { parameters: [h, c], start: [0.1] };
        let field = exponent_field(&TiltedWell, &x, &y, case, 3, 20).unwrap();
        for (k, found) in field.iter().enumerate() {
            let (h, c) = (x[k % 6], y[k / 6]);
            let mut at = crate::Dual { value: 0.1, slope: 0.0 };
            for step in 0..23 {
                if step == 3 {
                    at.slope = 1.0;
                }
                [at] = TiltedWell.step(&[h.into(), c.into()], &[at]);
            }
            let escaped = !at.value.is_finite() && *found == f64::INFINITY;
            // Twenty chaotic steps magnify rounding by up to 10⁷.
            assert!(escaped || (found - at.slope.abs().ln() / 20.0).abs() < 1e-8, "{found} {at:?}");
            assert_eq!(*found, exponent_field(&TiltedWell, &[h], &[c], case, 3, 20).unwrap()[0]);
        }
    }

    #[test]
    fn wide_vectors_find_the_same() {
        let cases: Vec<_> =
            (0..40).map(|k| Case { parameters: [1.0 + 0.03 * f64::from(k), 0.05], start: [0.1] }).collect();
        let planar: Vec<_> = (0..32)
            .map(|k| Case { parameters: [1.0 + 0.04 * f64::from(k), 1.0], start: [0.9, 0.6] })
            .collect();
        same_without_avx512(|runner| {
            let (mut first, mut second) = (vec![Parted::NONE; 40], vec![Parted::NONE; 32]);
            let (map, cases) = (Normal(&TiltedWell), &cases[..]);
            assert!(runner.run(Exponents::<_, 1, 2, 5, 3> {
                map,
                cases,
                transient: 99,
                steps: 501,
                out: &mut first
            }));
            let (map, cases) = (Normal(&Factorization), &planar[..]);
            assert!(runner.run(Exponents::<_, 2, 2, 4, 3> {
                map,
                cases,
                transient: 99,
                steps: 501,
                out: &mut second
            }));
            let after = first.iter().map(|p| p.after).chain(second.iter().map(|p| p.after));
            after.flatten().map(f64::to_bits).collect::<Vec<_>>()
        });
    }

    #[test]
    fn empty_fields_are_refused() {
        let case = |r, x| Case { parameters: [r], start: [x] };
        assert!(exponent_field(&Logistic, &[], &[0.5], case, 1, 1).is_err());
    }
}
