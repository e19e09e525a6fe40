//! Maps with parameters, in plain numbers and side by side.

use std::array::from_fn;

use crate::lanes::{Group, Lanes, WIDTH, as_a_whole, for_each_group};
use crate::{Dual, Scalar};

/// A map Φ of D variables with P parameters, such as gradient descent and its learning rate.
///
/// For implementers: `step` is enough. A map that costs less in other coordinates has a [`NormalForm`] besides, and then
/// `normal_step`; kernels use it where every parameter they were given allows it.
///
/// ```
/// use shadowflow_numerics::{Family, Scalar};
///
/// /// x ↦ 1 - ax² + y, y ↦ bx (Hénon 1976).
/// struct Henon;
/// impl Family<2, 2> for Henon {
///     fn step<S: Scalar>(&self, [a, b]: &[S; 2], [x, y]: &[S; 2]) -> [S; 2] {
///         [(-*a * *x).mul_add(*x, *y + 1.0), *b * *x]
///     }
/// }
/// assert_eq!(Henon.step(&[1.5, 0.5], &[2.0, 1.0]), [-4.0, 1.0]);
/// ```
pub trait Family<const D: usize, const P: usize>: Sync {
    /// Φ(x).
    fn step<S: Scalar>(&self, parameters: &[S; P], x: &[S; D]) -> [S; D];

    /// The coordinates in which `normal_step` is Φ; `None` if there are none for these parameters.
    fn normal_form(&self, _parameters: &[f64; P]) -> Option<NormalForm<D, P>> {
        None
    }

    /// Φ in the coordinates of the normal form, with its parameters.
    #[inline(always)]
    fn normal_step<S: Scalar>(&self, parameters: &[S; P], y: &[S; D]) -> [S; D] {
        self.step(parameters, y)
    }

    /// Φ in the coordinates of the normal form and its derivative along a vector: `normal_step` in [`Dual`] numbers unless
    /// there is a shorter way.
    #[inline(always)]
    fn normal_tangent<S: Scalar>(&self, parameters: &[S; P], y: &[S; D], along: &[S; D]) -> ([S; D], [S; D]) {
        let constants = parameters.map(|value| Dual { value, slope: S::from(0.0) });
        let point = from_fn(|k| Dual { value: y[k], slope: along[k] });
        let image = self.normal_step(&constants, &point);
        (image.map(|dual| dual.value), image.map(|dual| dual.slope))
    }

    /// Takes so many steps of many points in place, and returns whether it did: for implementers that have a faster way than
    /// `step`, such as machine code, with the same result. `points` holds the coordinates, a slice for each variable;
    /// `parameters` a slice for each, with one number for all points or one for each.
    fn advance(&self, _parameters: [&[f64]; P], _points: [&mut [f64]; D], _steps: usize) -> bool {
        false
    }
}

/// Coordinates y with xₖ = offsetₖ + scaleₖ·yₖ in which a map costs less. Periods, multipliers and exponents are the same in
/// both.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct NormalForm<const D: usize, const P: usize> {
    /// What takes the place of the parameters.
    pub parameters: [f64; P],
    /// The units of y; none is 0.
    pub scale: [f64; D],
    /// Where y is 0.
    pub offset: [f64; D],
}

/// Parameters and a start: what an orbit of a [`Family`] needs.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Case<const D: usize, const P: usize> {
    /// The parameters.
    pub parameters: [f64; P],
    /// The first point.
    pub start: [f64; D],
}

/// A map as kernels step it: in the given coordinates or in the normal form.
pub(crate) trait Stepping<const D: usize, const P: usize>: Copy + Sync {
    fn form(&self, parameters: &[f64; P]) -> Option<NormalForm<D, P>>;
    fn step<S: Scalar>(&self, parameters: &[S; P], y: &[S; D]) -> [S; D];
    fn tangent<S: Scalar>(&self, parameters: &[S; P], y: &[S; D], along: &[S; D]) -> ([S; D], [S; D]);

    /// See [`Family::advance`]; there is none in the normal form.
    fn advance(&self, _parameters: [&[f64]; P], _points: [&mut [f64]; D], _steps: usize) -> bool {
        false
    }
}

/// A family in its own coordinates.
pub(crate) struct Plain<'a, F>(pub(crate) &'a F);

/// A family in its normal form.
pub(crate) struct Normal<'a, F>(pub(crate) &'a F);

impl<F> Clone for Plain<'_, F> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<F> Copy for Plain<'_, F> {}

impl<F> Clone for Normal<'_, F> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<F> Copy for Normal<'_, F> {}

/// The same map, whose normal form is itself.
struct Unchanged<'a, F>(&'a F);

impl<const D: usize, const P: usize, F: Family<D, P>> Family<D, P> for Unchanged<'_, F> {
    #[inline(always)]
    fn step<S: Scalar>(&self, parameters: &[S; P], x: &[S; D]) -> [S; D] {
        self.0.step(parameters, x)
    }
}

impl<const D: usize, const P: usize, F: Family<D, P>> Stepping<D, P> for Plain<'_, F> {
    fn form(&self, &parameters: &[f64; P]) -> Option<NormalForm<D, P>> {
        Some(NormalForm { parameters, scale: [1.0; D], offset: [0.0; D] })
    }

    #[inline(always)]
    fn step<S: Scalar>(&self, parameters: &[S; P], y: &[S; D]) -> [S; D] {
        self.0.step(parameters, y)
    }

    #[inline(always)]
    fn tangent<S: Scalar>(&self, parameters: &[S; P], y: &[S; D], along: &[S; D]) -> ([S; D], [S; D]) {
        Unchanged(self.0).normal_tangent(parameters, y, along)
    }

    fn advance(&self, parameters: [&[f64]; P], points: [&mut [f64]; D], steps: usize) -> bool {
        self.0.advance(parameters, points, steps)
    }
}

impl<const D: usize, const P: usize, F: Family<D, P>> Stepping<D, P> for Normal<'_, F> {
    fn form(&self, parameters: &[f64; P]) -> Option<NormalForm<D, P>> {
        self.0.normal_form(parameters)
    }

    #[inline(always)]
    fn step<S: Scalar>(&self, parameters: &[S; P], y: &[S; D]) -> [S; D] {
        self.0.normal_step(parameters, y)
    }

    #[inline(always)]
    fn tangent<S: Scalar>(&self, parameters: &[S; P], y: &[S; D], along: &[S; D]) -> ([S; D], [S; D]) {
        self.0.normal_tangent(parameters, y, along)
    }
}

/// Orbits that are followed together: U groups of lanes, enough of them to hide the latency of every operation.
#[derive(Clone, Copy)]
pub(crate) struct Bundle<const D: usize, const P: usize, const U: usize> {
    pub(crate) parameters: [[Group; P]; U],
    pub(crate) scale: [[Group; D]; U],
    pub(crate) offset: [[Group; D]; U],
    pub(crate) y: [[Group; D]; U],
}

impl<const D: usize, const P: usize, const U: usize> Bundle<D, P, U> {
    /// The most cases of a bundle.
    pub(crate) const CASES: usize = U * WIDTH;

    /// Of 1 to `CASES` cases, the last one repeated in the lanes that are left; `None` if one of them has no form.
    pub(crate) fn load(map: &impl Stepping<D, P>, cases: &[Case<D, P>]) -> Option<Bundle<D, P, U>> {
        let zero = Lanes([0.0; WIDTH]);
        let mut bundle = Bundle {
            parameters: [[zero; P]; U],
            scale: [[zero; D]; U],
            offset: [[zero; D]; U],
            y: [[zero; D]; U],
        };
        for lane in 0..Self::CASES {
            let case = cases[lane.min(cases.len() - 1)];
            let form = map.form(&case.parameters)?;
            let (u, k) = (lane / WIDTH, lane % WIDTH);
            for (group, value) in bundle.parameters[u].iter_mut().zip(form.parameters) {
                group.0[k] = value;
            }
            for d in 0..D {
                bundle.scale[u][d].0[k] = form.scale[d];
                bundle.offset[u][d].0[k] = form.offset[d];
                bundle.y[u][d].0[k] = (case.start[d] - form.offset[d]) / form.scale[d];
            }
        }
        Some(bundle)
    }

    /// Takes so many steps.
    #[inline(always)]
    pub(crate) fn advance(&mut self, map: &impl Stepping<D, P>, steps: usize) {
        let mut y = self.y;
        let parameters = self.parameters;
        for _ in 0..steps {
            for_each_group!(u in U, {
                y[u] = map.step(&parameters[u], &y[u]);
            });
        }
        self.y = y;
        as_a_whole(&mut self.y);
    }

    /// Whether the point in a lane is finite.
    pub(crate) fn is_finite(&self, lane: usize) -> bool {
        self.y[lane / WIDTH].iter().all(|group| group.0[lane % WIDTH].is_finite())
    }
}
