//! Measurements that several claims share: orders of defects, and derivatives of an objective along a direction.

use shadowflow_methods::Tableau;
use shadowflow_numerics::{
    Formula, InputError, Jet, Objective, ObservedOrder, RungeKutta, VectorField, flow, observed_order,
};

use crate::error::ClaimError;
use crate::number::Number;

/// Numbers of steps in a unit of time. Orders bend by a multiple of h, so that steps of 1/64 and less show them to a few
/// hundredths, and errors of order 4 stay above the floor.
const STEPS: [u32; 4] = [64, 128, 256, 512];

/// A hundred units in the last place of points of size 2: below, defects are rounding.
const FLOOR: f64 = 4e-14;

/// How far an observed order may be off: h times the ratio of the next coefficient of the error to the leading one, a few
/// on the problems here. Orders to be told apart differ by 1.
pub(crate) const ORDER_TOLERANCE: f64 = 0.1;

/// Where the distance of a method from a flow is measured.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Defect {
    /// After one step.
    OneStep,
    /// After a unit of time.
    Global,
}

/// The order in h of the distance between a method on `field` and the flow of `reference(h)`, both from `start`.
pub(crate) fn order_against<F: Formula, R: VectorField>(
    tableau: &Tableau,
    field: &F,
    reference: impl Fn(f64) -> Result<R, InputError>,
    start: &[f64],
    defect: Defect,
) -> Result<ObservedOrder, ClaimError> {
    let method = RungeKutta::new(tableau);
    let mut points = Vec::with_capacity(STEPS.len());
    for n in STEPS {
        let h = 1.0 / f64::from(n);
        let steps = if defect == Defect::OneStep { 1 } else { n };
        let mut step = method.on(field, h)?;
        let (mut x, mut next) = (start.to_vec(), start.to_vec());
        for _ in 0..steps {
            step.step(&x, &mut next)?;
            std::mem::swap(&mut x, &mut next);
        }
        let reached = flow(&reference(h)?, start, f64::from(steps) * h)?;
        let distance = x.iter().zip(&reached).fold(0.0, |norm: f64, (x, y)| norm.hypot(x - y));
        points.push((h, distance));
    }
    Ok(observed_order(&points, FLOOR)?)
}

/// An observed order as evidence, uncertain by its standard error or by what terms of higher order do to it, whichever is more.
pub(crate) fn order_number(name: impl Into<String>, observed: ObservedOrder, expected: usize) -> Number {
    Number::new(name, observed.order)
        .with_error(observed.standard_error.max(observed.drift))
        .near(expected as f64, ORDER_TOLERANCE)
}

/// A line fitted to points by least squares.
pub(crate) struct Line {
    pub(crate) slope: f64,
    /// The standard error of the slope.
    pub(crate) slope_error: f64,
}

/// The line of least squares through points (x, y), three at least.
pub(crate) fn line_through(points: impl Iterator<Item = (f64, f64)>) -> Line {
    let points: Vec<(f64, f64)> = points.collect();
    let n = points.len() as f64;
    let mean = points.iter().fold((0.0, 0.0), |sum, p| (sum.0 + p.0 / n, sum.1 + p.1 / n));
    let (spread, common) = points.iter().fold((0.0, 0.0), |(spread, common), (x, y)| {
        (spread + (x - mean.0).powi(2), common + (x - mean.0) * (y - mean.1))
    });
    let slope = common / spread;
    let residual: f64 = points.iter().map(|(x, y)| (y - mean.1 - slope * (x - mean.0)).powi(2)).sum();
    Line { slope, slope_error: (residual / (n - 2.0) / spread).sqrt() }
}

/// ∇V, ∇²V u and D³V(u, u) at x, from the series of ∇V(x + tu) in t.
pub(crate) fn along<V: Objective>(objective: &V, x: &[f64], u: &[f64]) -> [Vec<f64>; 3] {
    let line: Vec<Jet> = x.iter().zip(u).map(|(&x, &u)| Jet::variable(0.0, 2) * u + x).collect();
    let mut gradient = vec![Jet::constant(0.0, 2); x.len()];
    objective.gradient(&line, &mut gradient);
    // D³V(u, u) is twice the coefficient of t².
    [(0, 1.0), (1, 1.0), (2, 2.0)]
        .map(|(k, factor)| gradient.iter().map(|g| factor * g.coefficient(k)).collect())
}

#[cfg(test)]
mod tests {
    use super::*;
    use shadowflow_numerics::problems::ScalarFactorization;

    #[test]
    fn a_line_is_fitted() {
        let line = line_through([(0.0, 1.0), (1.0, 3.0), (2.0, 5.0)].into_iter());
        assert_eq!((line.slope, line.slope_error), (2.0, 0.0));
        // By hand: slope 1, residuals -1/3, 2/3, -1/3, so √(2/3 / 1 / 2).
        let line = line_through([(0.0, 0.0), (1.0, 2.0), (2.0, 2.0)].into_iter());
        assert!(
            (line.slope - 1.0).abs() < 1e-15 && (line.slope_error - (1.0_f64 / 3.0).sqrt()).abs() < 1e-15
        );
    }

    #[test]
    fn derivatives_along_a_direction_by_hand() {
        // V = (1 - xy)²/2 at (2, 1): r = xy - 1 = 1, ∇V = (1, 2), ∇²V = [[1, 3], [3, 4]]; along u = (1, 1)
        // D³V(u, u) = (2·2y·1·1 + 2x, 2y + 2·2x) with V_xxy = 2y, V_xyy = 2x, so (4 + 4, 2 + 8).
        let found = along(&ScalarFactorization { target: 1.0 }, &[2.0, 1.0], &[1.0, 1.0]);
        assert_eq!(found, [vec![1.0, 2.0], vec![4.0, 7.0], vec![8.0, 10.0]]);
    }
}
