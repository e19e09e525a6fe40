//! Whether a point that has almost closed lies by an attracting periodic orbit.

use nalgebra::DMatrix;

use crate::Dual;
use crate::attractor::{Attractor, rounded};
use crate::family::{NormalForm, Stepping};
use crate::periodic::eigenvalues;

/// How far from its candidate a periodic point may be, as a share of its size: slow approaches, as to a flip, close to
/// a billionth at a thousandth from their limit.
const NEAR: f64 = 1e-2;

/// A candidate this near to a point of a confirmed orbit belongs to it.
const SAME: f64 = 1e-6;

/// Multipliers closer to the unit circle than this are on it: rounding moves a double one by 10⁻⁸.
const MARGIN: f64 = 1e-6;

/// Newton's method converges within a few iterations from a candidate, or linearly at a double root.
const ITERATIONS: usize = 25;

/// How far along a curve of periodic points another one is sought, as a share of the size.
const ALONG: f64 = 1e-3;

/// The attracting periodic orbits of a map of the plane that were confirmed so far.
pub(crate) struct Attractors<'a, M, const P: usize> {
    map: &'a M,
    parameters: [f64; P],
    known: Vec<Known>,
    /// The last point that was found on a curve of periodic points, and their period.
    on_a_curve: Option<([f64; 2], usize)>,
}

/// An orbit that attracts, or, without points, all those of a period that fill curves.
struct Known {
    period: usize,
    points: Vec<[f64; 2]>,
}

impl<'a, M: Stepping<2, P>, const P: usize> Attractors<'a, M, P> {
    pub(crate) fn new(map: &'a M, parameters: [f64; P]) -> Attractors<'a, M, P> {
        Attractors { map, parameters, known: Vec::new(), on_a_curve: None }
    }

    /// The number of the attracting orbit by the point `y`, which almost closes after `candidate` steps, and its minimal period. The
    /// period divides that number; the orbit is found by Newton's method, and has its multipliers inside the unit circle, save one
    /// at 1 along a curve of such orbits, as along minima that are not isolated: all curves of a period have one number. `None` if
    /// there is no such orbit.
    pub(crate) fn find(&mut self, y: [f64; 2], candidate: usize) -> Option<(usize, usize)> {
        if let Some(place) = self.place_of(y, |_| true) {
            return Some((place, self.known[place].period));
        }
        for period in (1..=candidate).filter(|period| candidate.is_multiple_of(*period)) {
            let Some((point, difference)) = self.newton(y, period) else { continue };
            if distance(y, point) > NEAR * (1.0 + size(y)) {
                continue;
            }
            let points = match stability(&difference) {
                Stability::Attracting => self.orbit(point, period),
                Stability::Neutral if self.is_on_a_curve(point, &difference, period) => {
                    self.on_a_curve = Some((point, period));
                    Vec::new()
                }
                _ => continue,
            };
            // What came near slowly may be known all the same.
            let same = match points.is_empty() {
                true => self.known.iter().position(|one| one.period == period && one.points.is_empty()),
                false => self.place_of(point, |one| one.period == period),
            };
            if same.is_none() {
                self.known.push(Known { period, points });
            }
            return Some((same.unwrap_or(self.known.len() - 1), period));
        }
        None
    }

    /// The place among those known of one that a point belongs to.
    fn place_of(&self, y: [f64; 2], condition: impl Fn(&Known) -> bool) -> Option<usize> {
        let is_near = |point: &[f64; 2]| distance(y, *point) <= SAME * (1.0 + size(y));
        self.known.iter().position(|one| one.points.iter().any(is_near) && condition(one))
    }

    fn orbit(&self, point: [f64; 2], period: usize) -> Vec<[f64; 2]> {
        let next = |point: &[f64; 2]| Some(self.map.step(&self.parameters, point));
        std::iter::successors(Some(point), next).take(period).collect()
    }

    /// All that were found, by number, in the coordinates of the family, with their multipliers. An orbit is found once more, from
    /// rounded coordinates: it then does not show from which start it was found.
    pub(crate) fn found(&self, form: &NormalForm<2, P>) -> Vec<Attractor> {
        let to = |y: [f64; 2]| [0, 1].map(|d| crate::mul_add(form.scale[d], y[d], form.offset[d]));
        let from = |x: [f64; 2]| [0, 1].map(|d| (x[d] - form.offset[d]) / form.scale[d]);
        let attractor = |one: &Known| {
            let first = one.points.iter().copied().min_by(|&a, &b| {
                let round = |y: [f64; 2]| to(y).map(rounded);
                let (a, b) = (round(a), round(b));
                a[0].total_cmp(&b[0]).then(a[1].total_cmp(&b[1]))
            });
            let Some(first) = first else { return Attractor::curves(one.period) };
            let again = self.newton(from(to(first).map(rounded)), one.period);
            let again = again.filter(|(point, _)| distance(*point, first) <= SAME * (1.0 + size(first)));
            let (point, difference) = again.unwrap_or_else(|| (first, self.residual(first, one.period).1));
            let [[a, b], [c, d]] = difference;
            // Entries that Newton's method has solved with are finite.
            let multipliers = eigenvalues(DMatrix::from_row_slice(2, 2, &[a + 1.0, b, c, d + 1.0]));
            let points = self.orbit(point, one.period).into_iter().map(|y| to(y).to_vec()).collect();
            Attractor::from_first(points, multipliers.unwrap_or_default())
        };
        self.known.iter().map(attractor).collect()
    }

    /// A solution of Φᵖ(y) = y, and D(Φᵖ) - 1 there.
    fn newton(&self, mut y: [f64; 2], period: usize) -> Option<([f64; 2], [[f64; 2]; 2])> {
        for _ in 0..ITERATIONS {
            let (residual, difference) = self.residual(y, period);
            let increment = solve(&difference, residual);
            y = [y[0] - increment[0], y[1] - increment[1]];
            let change = size(increment);
            // Quadratic convergence: the next increment would be rounding, if the equations can be satisfied at all.
            if change <= 1e-9 * (1.0 + size(y)) {
                let [[a, b], [c, d]] = difference;
                let [p, q] = increment;
                let left = [residual[0] - (a * p + b * q), residual[1] - (c * p + d * q)];
                return (size(left) <= 1e-11 * (1.0 + size(y))).then_some((y, difference));
            }
            if !change.is_finite() {
                return None;
            }
        }
        None
    }

    /// Φᵖ(y) - y and D(Φᵖ) - 1, row by row.
    fn residual(&self, y: [f64; 2], period: usize) -> ([f64; 2], [[f64; 2]; 2]) {
        let constants = self.parameters.map(Dual::from);
        let column = |slope: [f64; 2]| {
            let start = [Dual { value: y[0], slope: slope[0] }, Dual { value: y[1], slope: slope[1] }];
            (0..period).fold(start, |y, _| self.map.step(&constants, &y))
        };
        let (first, second) = (column([1.0, 0.0]), column([0.0, 1.0]));
        let residual = [first[0].value - y[0], first[1].value - y[1]];
        (residual, [[first[0].slope - 1.0, second[0].slope], [first[1].slope, second[1].slope - 1.0]])
    }

    /// Whether there is another such orbit in the direction that the derivative leaves alone.
    fn is_on_a_curve(&self, point: [f64; 2], difference: &[[f64; 2]; 2], period: usize) -> bool {
        if let Some((last, of_last)) = self.on_a_curve {
            let apart = distance(point, last) / (1.0 + size(point));
            // Two such points are as good as one and what lies beside it.
            if of_last == period && (SAME..NEAR).contains(&apart) {
                return true;
            }
        }
        let [a, b] = if size(difference[0]) >= size(difference[1]) { difference[0] } else { difference[1] };
        let length = ALONG * (1.0 + size(point)) / a.hypot(b);
        let other = [point[0] - b * length, point[1] + a * length];
        self.newton(other, period).is_some_and(|(found, difference)| {
            distance(found, other) < 0.5 * distance(other, point)
                && matches!(stability(&difference), Stability::Neutral)
        })
    }
}

enum Stability {
    /// Both multipliers lie inside the unit circle.
    Attracting,
    /// One lies inside and the other is 1.
    Neutral,
    /// Anything else.
    Other,
}

/// From D - 1: Jury's conditions on trace and determinant of D.
fn stability(difference: &[[f64; 2]; 2]) -> Stability {
    let [[a, b], [c, d]] = *difference;
    // The characteristic polynomial at 1 and at -1.
    let at_one = a * d - b * c;
    let determinant = at_one + a + d + 1.0;
    let at_minus_one = determinant + (a + d + 2.0) + 1.0;
    match () {
        () if !(determinant.abs() < 1.0 - MARGIN && at_minus_one > MARGIN) => Stability::Other,
        () if at_one > MARGIN => Stability::Attracting,
        () if at_one.abs() <= MARGIN => Stability::Neutral,
        () => Stability::Other,
    }
}

/// The solution of Ax = r, or where A has rank 1 to rounding the shortest x that comes nearest.
fn solve(&[[a, b], [c, d]]: &[[f64; 2]; 2], [r, s]: [f64; 2]) -> [f64; 2] {
    let (determinant, square) = (a * d - b * c, a * a + b * b + c * c + d * d);
    if determinant.abs() > 1e-7 * square {
        [(d * r - b * s) / determinant, (a * s - c * r) / determinant]
    } else {
        [(a * r + c * s) / square, (b * r + d * s) / square]
    }
}

fn size([x, y]: [f64; 2]) -> f64 {
    x.abs().max(y.abs())
}

fn distance(x: [f64; 2], y: [f64; 2]) -> f64 {
    size([x[0] - y[0], x[1] - y[1]])
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::family::Plain;
    use crate::{Family, Scalar, families::Factorization};

    /// Φ(x, y) = (x(1 + h - hx²), y/2).
    struct Flip;
    impl Family<2, 1> for Flip {
        fn step<S: Scalar>(&self, &[h]: &[S; 1], &[x, y]: &[S; 2]) -> [S; 2] {
            [x * (h + 1.0 - h * x * x), y * 0.5]
        }
    }

    fn period(h: f64, y: [f64; 2], candidate: usize) -> Option<usize> {
        Attractors::new(&Plain(&Flip), [h]).find(y, candidate).map(|(_, period)| period)
    }

    #[test]
    fn the_minimal_period_is_found_and_no_other() {
        // The minimizer attracts below h = 1; above, the cycle with hx² = (2 + h ± √(h² + 4h))/2 … of multiplier < 1 does.
        assert_eq!(period(0.9, [1.0 + 1e-4, 1e-5], 1), Some(1));
        // A slow flip: the double step almost closes a thousandth from the fixed point.
        assert_eq!(period(0.999_99, [1.001, 0.0], 2), Some(1));
        assert_eq!(period(0.999_99, [1.001, 0.0], 8), Some(1));
        // At the flip itself nothing attracts exponentially.
        assert_eq!(period(1.0, [1.001, 0.0], 2), None);
        // Beyond, the fixed point repels.
        assert_eq!(period(1.1, [1.0, 0.0], 1), None);
        let map = |x: f64| x * (2.1 - 1.1 * x * x);
        let settled = (0..1000).fold(0.9, |x, _| map(x));
        assert_eq!(period(1.1, [settled, 0.0], 2), Some(2));
        assert_eq!(period(1.1, [settled, 0.0], 4), Some(2));
        assert_eq!(period(1.1, [0.0, 0.0], 1), None, "the saddle");
    }

    #[test]
    fn a_confirmed_orbit_is_known_again() {
        let plain = Plain(&Flip);
        let mut attractors = Attractors::new(&plain, [0.9]);
        assert_eq!(attractors.find([1.0, 0.0], 1), Some((0, 1)));
        assert_eq!(attractors.find([1.0 + 1e-9, 1e-9], 2), Some((0, 1)));
        // Farther than what is taken for the same, it is found again and known again.
        assert_eq!(attractors.find([1.0 + 1e-4, 1e-5], 1), Some((0, 1)));
        assert_eq!(attractors.find([-1.0, 0.0], 1), Some((1, 1)));
        assert_eq!(attractors.known.len(), 2);
    }

    #[test]
    fn curves_of_minima_attract_where_they_are_flat_enough() {
        // xy = 1 attracts where x² + y² < 2/h.
        let period = |h: f64, x: f64| {
            let plain = Plain(&Factorization);
            let found = Attractors::new(&plain, [h, 1.0]).find([x, 1.0 / x + 1e-10], 1);
            found.map(|(_, period)| period)
        };
        assert_eq!(period(0.5, 1.0), Some(1));
        assert_eq!(period(0.5, 1.5), Some(1));
        assert_eq!(period(0.5, 2.0), None, "4.25 exceeds 4");
    }
}
