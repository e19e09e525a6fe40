//! All periodic orbits in a box, as far as many starts show.

use super::{PeriodicOrbit, Symmetry, compare, size};
use crate::error::{InputError, check_order, check_step};
use crate::{Map, Tangent};
use nalgebra::{DMatrix, DVector};

/// β of the stabilising transformations, tried one after another: small ones reach far, large ones reach orbits of large
/// multipliers.
const DAMPINGS: [f64; 3] = [1.0, 20.0, 400.0];

/// Steps of a stabilised iteration.
const STEPS: usize = 60;

/// Why there is no search.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
pub enum SearchError {
    /// An argument that cannot be used.
    #[error(transparent)]
    Input(#[from] InputError),
    /// A side of the box that is empty, reversed or not finite.
    #[error(
        "the box reaches from {from} to {to} in variable {variable}; give two finite numbers, the smaller first"
    )]
    Side {
        /// The variable, counted from 1.
        variable: usize,
        /// The lower end given.
        from: f64,
        /// The upper end given.
        to: f64,
    },
}

/// Orbits of a period that are not isolated and are kept as examples.
const FEW: usize = 8;

/// What a search found.
#[derive(Clone, Debug, PartialEq)]
pub struct FoundOrbits {
    /// The isolated orbits, by period, then by their first points.
    pub orbits: Vec<PeriodicOrbit>,
    /// Some of the points that fill curves, as minima of a valley do, or that doubles do not tell from such: a multiplier is 1 to
    /// rounding. For each period the first few that the starts led to.
    pub not_isolated: Vec<PeriodicOrbit>,
    /// The longest period for which all starts were used; less than asked for if the search was stopped.
    pub searched: usize,
}

/// A search for all orbits of period at most p with their points in a box.
///
/// Newton's method on all points at once, and the stabilised iterations of Davidchack & Lai (1999) with all signed
/// permutations, from starts that fill the box evenly and from the orbits already found. Nothing proves that none is
/// missing; doubling `starts` and finding no more is good evidence.
///
/// ```
/// use shadowflow_methods::Method;
/// use shadowflow_numerics::{GradientFlow, Iteration, OrbitSearch, problems::ScalarFactorization};
/// let euler = Method::named("euler")?;
/// let map = Iteration::method(euler.tableau(), GradientFlow(ScalarFactorization { target: 1.0 }));
/// let search = OrbitSearch { sides: vec![(-2.0, 2.0); 2], longest: 2, starts: 200 };
/// let found = search.run(&map, 1.9)?;
/// let twos: Vec<_> = found.iter().filter(|orbit| orbit.period() == 2).collect();
/// assert!(twos.len() >= 3 && twos.iter().all(|orbit| !orbit.is_stable()));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct OrbitSearch {
    /// The box, an interval for each variable.
    pub sides: Vec<(f64, f64)>,
    /// The longest period p.
    pub longest: usize,
    /// The number of starts for each period.
    pub starts: usize,
}

impl OrbitSearch {
    /// The longest period that can be asked for.
    pub const LONGEST: usize = 64;

    /// The orbits at learning rate h, by period, then by their first points. Of fixed points that fill a curve those that the
    /// starts lead to are left out: see [`PeriodicOrbit::is_isolated`].
    ///
    /// # Errors
    /// If h is not positive and finite, the box has another dimension than the map or an empty side, the period is not
    /// from 1 to 64, or the number of starts is not from 1 to a million.
    pub fn run<M: Map>(&self, map: &M, h: f64) -> Result<Vec<PeriodicOrbit>, SearchError> {
        self.run_while(map, h, || true)
    }

    /// The same, asking between starts whether to go on; what was found until then is returned.
    ///
    /// # Errors
    /// As [`OrbitSearch::run`].
    pub fn run_while<M: Map>(
        &self,
        map: &M,
        h: f64,
        go_on: impl Fn() -> bool,
    ) -> Result<Vec<PeriodicOrbit>, SearchError> {
        Ok(self.found(map, h, |_, _| go_on())?.orbits)
    }

    /// The same, with what was left out and how far the search came. `go_on` is told the period and how many of its starts are
    /// done.
    ///
    /// # Errors
    /// As [`OrbitSearch::run`].
    pub fn found<M: Map>(
        &self,
        map: &M,
        h: f64,
        mut go_on: impl FnMut(usize, usize) -> bool,
    ) -> Result<FoundOrbits, SearchError> {
        check_step(h)?;
        check_order("the period", self.longest, 1, OrbitSearch::LONGEST)?;
        check_order("the number of starts", self.starts, 1, 1_000_000)?;
        check_order("the number of sides of the box", self.sides.len(), map.dim(), map.dim())?;
        for (k, &(from, to)) in self.sides.iter().enumerate() {
            if !(from < to && (to - from).is_finite()) {
                return Err(SearchError::Side { variable: k + 1, from, to });
            }
        }
        let symmetries = Symmetry::of(map, h);
        let transforms = if map.dim() <= 2 { Symmetry::all(map.dim()) } else { Vec::new() };
        let mut found = FoundOrbits { orbits: Vec::new(), not_isolated: Vec::new(), searched: 0 };
        'periods: for period in 1..=self.longest {
            for start in 0..self.starts {
                if !go_on(period, start) {
                    break 'periods;
                }
                let x = self.start(start);
                let along = orbit_from(map, h, &x, period);
                self.take(map, h, &along, &symmetries, &mut found);
                // Newton's method from nearby orbits is quick; the stabilised iterations reach farther, and cost more.
                if start % 8 == 0 && map.dim() <= 2 {
                    let transform = &transforms[start / 8 % transforms.len()];
                    let damping = DAMPINGS[start / 8 / transforms.len() % DAMPINGS.len()];
                    if let Some(point) = stabilised(map, h, &x, period, transform, damping) {
                        let along = orbit_from(map, h, &point, period);
                        self.take(map, h, &along, &symmetries, &mut found);
                    }
                }
            }
            found.searched = period;
        }
        found.orbits.sort_by(|a, b| {
            a.period().cmp(&b.period()).then_with(|| compare(&a.points()[0], &b.points()[0]))
        });
        Ok(found)
    }

    /// Refines a guess and keeps it, with its copies under symmetries, if it is new and lies in the box.
    fn take<M: Map>(
        &self,
        map: &M,
        h: f64,
        guess: &[Vec<f64>],
        symmetries: &[Symmetry],
        found: &mut FoundOrbits,
    ) {
        if guess.iter().flatten().any(|x| !x.is_finite()) {
            return;
        }
        let Some(orbit) = super::refined(map, h, guess) else { return };
        let copies = symmetries.iter().filter_map(|s| {
            super::refined(map, h, &orbit.points().iter().map(|x| s.apply(x)).collect::<Vec<_>>())
        });
        for orbit in [orbit.clone()].into_iter().chain(copies) {
            let inside =
                |x: &Vec<f64>| x.iter().zip(&self.sides).all(|(x, side)| side.0 <= *x && *x <= side.1);
            if orbit.period() > self.longest || !orbit.points().iter().all(inside) {
                continue;
            }
            if !orbit.is_isolated() {
                let few =
                    found.not_isolated.iter().filter(|known| known.period() == orbit.period()).count() < FEW;
                if few && !found.not_isolated.iter().any(|known| known.is_same_as(&orbit)) {
                    found.not_isolated.push(orbit);
                }
            } else if !found.orbits.iter().any(|known| known.is_same_as(&orbit)) {
                found.orbits.push(orbit);
            }
        }
    }

    /// Start number k: multiples of powers of the generalised golden ratio, modulo 1 (Roberts 2018), which fill a box evenly.
    fn start(&self, k: usize) -> Vec<f64> {
        let d = self.sides.len();
        let ratio = (0..60).fold(1.5f64, |x, _| (1.0 + x).powf(1.0 / (d as f64 + 1.0)));
        let sides = self.sides.iter().enumerate();
        sides
            .map(|(j, (from, to))| {
                let share = (0.5 + (k + 1) as f64 * ratio.powi(-(j as i32 + 1))).fract();
                from + (to - from) * share
            })
            .collect()
    }
}

/// p points of the orbit of x.
fn orbit_from<M: Map>(map: &M, h: f64, x: &[f64], period: usize) -> Vec<Vec<f64>> {
    let mut points = vec![x.to_vec()];
    while points.len() < period {
        let last = &points[points.len() - 1];
        let mut next = vec![0.0; x.len()];
        map.step(h, last, &mut next);
        points.push(next);
    }
    points
}

/// x ↦ x + (β|g|·Cᵀ - Dg)⁻¹ g with g = Φᵖ(x) - x: for |g| → 0 Newton's method, far away a flow Cg for which fixed points of one
/// kind attract (Davidchack & Lai 1999).
fn stabilised<M: Map>(
    map: &M,
    h: f64,
    x: &[f64],
    period: usize,
    transform: &Symmetry,
    damping: f64,
) -> Option<Vec<f64>> {
    let d = x.len();
    let unit = |k: usize| (0..d).map(|c| f64::from(u8::from(c == k))).collect::<Vec<f64>>();
    let columns: Vec<Vec<f64>> = (0..d).map(|k| transform.apply(&unit(k))).collect();
    let transposed = DMatrix::from_fn(d, d, |i, j| columns[i][j]);
    let mut x = x.to_vec();
    let first = size(std::slice::from_ref(&x));
    for _ in 0..STEPS {
        let (mut y, mut derivative) = (x.clone(), DMatrix::identity(d, d));
        for _ in 0..period {
            let tangent = Tangent::of(map, h, &y);
            derivative = tangent.matrix() * derivative;
            y = tangent.image().to_vec();
        }
        let g = DVector::from_fn(d, |k, _| y[k] - x[k]);
        let norm = g.norm();
        if !(norm.is_finite() && derivative.iter().all(|x| x.is_finite())) {
            return None;
        }
        let matrix = &transposed * (damping * norm) - (derivative - DMatrix::identity(d, d));
        let step = matrix.lu().solve(&g)?;
        x.iter_mut().zip(step.iter()).for_each(|(x, step)| *x += step);
        if size(std::slice::from_ref(&x)) > 1e3 * first {
            return None;
        }
        if step.amax() <= 1e-10 * first {
            return Some(x);
        }
    }
    // Near enough for Newton's method, which judges.
    Some(x)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::map::known::{Cubic, Logistic};
    use crate::problems::ScalarFactorization;
    use crate::{GradientFlow, Iteration};
    use shadowflow_methods::Method;

    #[test]
    fn the_logistic_map_at_four_has_as_many_orbits_as_the_full_shift() {
        // Of minimal period p: (1/p) Σ_{k | p} μ(p/k) 2ᵏ = 2, 1, 2, 3, 6, 9.
        let search = OrbitSearch { sides: vec![(-0.1, 1.1)], longest: 6, starts: 600 };
        let found = search.run(&Logistic, 4.0).unwrap();
        let counts: Vec<usize> =
            (1..=6).map(|p| found.iter().filter(|orbit| orbit.period() == p).count()).collect();
        assert_eq!(counts, [2, 1, 2, 3, 6, 9]);
    }

    #[test]
    fn the_cubic_map_at_two_has_those_of_the_full_shift_on_three() {
        // Conjugate to x ↦ 3x folded: (1/p) Σ μ(p/k) 3ᵏ = 3, 3, 8, 18, in |x| ≤ √2.
        let search = OrbitSearch { sides: vec![(-1.5, 1.5)], longest: 4, starts: 800 };
        let found = search.run(&Cubic, 2.0).unwrap();
        let counts: Vec<usize> =
            (1..=4).map(|p| found.iter().filter(|orbit| orbit.period() == p).count()).collect();
        assert_eq!(counts, [3, 3, 8, 18]);
    }

    #[test]
    fn descent_on_the_factorization_has_the_known_orbits_all_repelling() {
        let euler = Method::named("euler").unwrap();
        let map = Iteration::method(euler.tableau(), GradientFlow(ScalarFactorization { target: 1.0 }));
        let search = OrbitSearch { sides: vec![(-2.0, 2.0); 2], longest: 4, starts: 500 };
        let found = search.run(&map, 1.9).unwrap();
        assert!(found.iter().all(|orbit| !orbit.is_stable()));
        // The largest multipliers known: -7.82 of period 2 in closed form; of 3 and 4 computed elsewhere to five digits.
        for (period, multiplier, tolerance) in
            [(2, 9.0 - 2.0 * 2.9 * 2.9, 1e-10), (3, 21.9192, 1e-3), (3, -22.0480, 1e-3), (4, 37.954, 1e-3)]
        {
            let known =
                found.iter().filter(|orbit| orbit.period() == period).flat_map(PeriodicOrbit::multipliers);
            let nearest = known.map(|m| (m - multiplier).norm()).fold(f64::INFINITY, f64::min);
            assert!(nearest < tolerance, "{period}: {multiplier} {nearest}");
        }
    }

    #[test]
    fn bad_searches_are_refused() {
        let search =
            |sides: Vec<(f64, f64)>, longest, starts| OrbitSearch { sides, longest, starts }.run(&Cubic, 1.5);
        assert!(matches!(search(vec![(1.0, 1.0)], 2, 10), Err(SearchError::Side { variable: 1, .. })));
        assert!(search(vec![(0.0, 1.0); 2], 2, 10).is_err());
        assert!(search(vec![(0.0, 1.0)], 0, 10).is_err());
        assert!(search(vec![(0.0, 1.0)], 65, 10).is_err());
        assert!(search(vec![(0.0, 1.0)], 2, 0).is_err());
    }
}
