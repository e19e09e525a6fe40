//! What kind of motion an orbit is, as exponents and the 0–1 test tell it.

use crate::classify::near;
use crate::{Map, OrbitSearch, PeriodicOrbit};

/// Exponents differ from 0 if by so many standard errors, and by more than rounding.
const SURE: f64 = 4.0;
const ROUNDING: f64 = 1e-9;

/// An orbit that ends farther out than this has diverged.
pub(crate) const RADIUS: f64 = 1e6;

/// An orbit that comes back this near, as a share of its size, has closed.
const CLOSED: f64 = 1e-12;

/// What kind of motion an orbit is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Motion {
    /// It has closed, on a periodic orbit that attracts or repels.
    Periodic,
    /// It is drawn to a periodic or quasi-periodic orbit.
    Regular,
    /// Nearby orbits part exponentially, and it stays bounded.
    Chaotic,
    /// Nothing decides, or what decides disagrees.
    Undecided,
    /// It leaves every bounded set.
    Diverged,
    /// From a bounded point it steps out of where the map is defined: the image is no number.
    LeftDomain,
}

impl Motion {
    /// In one or two words: `periodic`, `regular`, `chaotic`, `undecided`, `diverged`, `left domain`.
    pub fn name(self) -> &'static str {
        match self {
            Motion::Periodic => "periodic",
            Motion::Regular => "regular",
            Motion::Chaotic => "chaotic",
            Motion::Undecided => "undecided",
            Motion::Diverged => "diverged",
            Motion::LeftDomain => "left domain",
        }
    }

    /// How the orbit of `x0` ends within so many steps, and after how many: it has diverged with a coordinate beyond 10⁶, and left the
    /// domain where a point inside has no number for its image. `None` if it stays.
    ///
    /// ```
    /// use shadowflow_numerics::{GradientFlow, Iteration, Motion, Optimizer, problems::DoubleWell};
    /// let map = Iteration::optimizer(&Optimizer::gradient_descent(), GradientFlow(DoubleWell));
    /// // Beyond √(1 + 2/h) the steps of descent grow: from 3 to -21, 9239 and farther.
    /// assert_eq!(Motion::leaving(&map, 1.0, &[3.0], 100), Some((Motion::Diverged, 3)));
    /// assert_eq!(Motion::leaving(&map, 1.0, &[0.3], 100), None);
    /// ```
    pub fn leaving<M: Map>(map: &M, h: f64, x0: &[f64], steps: usize) -> Option<(Motion, usize)> {
        let (mut x, mut next) = (x0.to_vec(), vec![0.0; x0.len()]);
        (1..=steps).find_map(|step| {
            map.step(h, &x, &mut next);
            std::mem::swap(&mut x, &mut next);
            // NaN is in no ball.
            let is_far = x.iter().any(|x| x.abs() > RADIUS);
            let is_gone = is_far || x.iter().any(|x| x.is_nan());
            is_gone.then_some((if is_far { Motion::Diverged } else { Motion::LeftDomain }, step))
        })
    }
}

/// The periodic orbit on which x lies, to twelve digits.
pub(crate) fn closed<M: Map>(map: &M, h: f64, x: &[f64]) -> Option<PeriodicOrbit> {
    let period = returns(map, h, x)?;
    let mut points = vec![x.to_vec()];
    for k in 1..period {
        let mut next = vec![0.0; x.len()];
        map.step(h, &points[k - 1], &mut next);
        points.push(next);
    }
    crate::periodic::refined(map, h, &points)
        // Newton's method must not lead elsewhere.
        .filter(|orbit| orbit.points().iter().any(|point| near(point, x, 1e6 * CLOSED * size(x))))
}

/// After how many steps, 64 at the most, the orbit of x comes back to x.
pub(crate) fn returns<M: Map>(map: &M, h: f64, x: &[f64]) -> Option<usize> {
    let size = size(x);
    let (mut point, mut next) = (x.to_vec(), vec![0.0; x.len()]);
    (1..=OrbitSearch::LONGEST).find(|_| {
        map.step(h, &point, &mut next);
        std::mem::swap(&mut point, &mut next);
        near(&point, x, CLOSED * size)
    })
}

/// The largest coordinate.
pub(crate) fn size(x: &[f64]) -> f64 {
    x.iter().fold(f64::MIN_POSITIVE, |size: f64, x| size.max(x.abs()))
}

/// Exponents nearer to 0 than this are not told from it.
pub(crate) fn room(error: f64) -> f64 {
    (SURE * error).max(ROUNDING)
}

/// What the largest exponent and its error tell of an orbit whose neighbours parted by so much, as a logarithm.
pub(crate) fn by_exponent(value: f64, error: f64, parted: f64, first: &[f64], last: &[f64]) -> Motion {
    let room = room(error);
    match () {
        () if value < -room => Motion::Regular,
        () if value > room && !outgrows(parted, first, last) => Motion::Chaotic,
        () => Motion::Undecided,
    }
}

/// Whether an orbit itself grew by about as much as its neighbours parted, by the logarithm `parted`: so does what runs away,
/// and no chaos.
fn outgrows(parted: f64, first: &[f64], last: &[f64]) -> bool {
    2.0 * (size(last) / size(first)).ln() > parted
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::map::known::{Cubic, Logistic};
    use crate::{Lyapunov, Scalar, ZeroOne};

    /// Both ways of telling, of the orbit of 0.3.
    fn both(map: &impl Map, h: f64, steps: usize) -> (Lyapunov, Motion) {
        let found = Lyapunov::of(map, h, &[0.3], 1000, steps).unwrap();
        let test = ZeroOne::of_orbit(map, h, found.last(), 2000).unwrap();
        let motion = found.motion(Some(&test));
        (found, motion)
    }

    #[test]
    fn orbits_that_have_closed_are_periodic_with_exact_exponents() {
        // 1 - 2h on the minimum of the cubic map, 9 - 2(1 + h)² on its orbit of period 2; 2 - r and 4 + 2r - r² of the logistic map.
        let cubic = |h| both(&Cubic, h, 1000).0;
        let logistic = |h| both(&Logistic, h, 1000).0;
        let known = [
            (cubic(0.9), 0.9, 1, (1.0 - 1.8f64).abs().ln()),
            (cubic(1.2), 1.2, 2, (9.0 - 2.0 * 2.2f64.powi(2)).abs().ln() / 2.0),
            (logistic(2.8), 2.8, 1, 0.8f64.ln()),
            (logistic(3.4), 3.4, 2, (4.0 + 6.8 - 3.4f64.powi(2)).abs().ln() / 2.0),
        ];
        for (found, h, period, exponent) in known {
            let orbit = found.closed().unwrap();
            assert_eq!((orbit.period(), found.motion(None)), (period, Motion::Periodic), "{h}");
            let exact = orbit.exponents().next().unwrap();
            assert!((exact - exponent).abs() < 1e-12, "{h}: {exact} {exponent}");
        }
    }

    #[test]
    fn an_orbit_may_have_closed_where_it_repels() {
        // The maximum 0 of the double well, with the multiplier 1 + h; from the logistic map's critical point 4 leads to 0 exactly.
        let found = Lyapunov::of(&Cubic, 0.5, &[0.0], 10, 100).unwrap();
        assert_eq!(found.motion(None), Motion::Periodic);
        assert!(!found.closed().unwrap().is_stable() && found.exponents()[0] > 0.4);
        let found = Lyapunov::of(&Logistic, 4.0, &[0.5], 10, 100).unwrap();
        let exact = found.closed().unwrap().exponents().next().unwrap();
        assert!((exact - 4f64.ln()).abs() < 1e-14);
    }

    #[test]
    fn chaos_does_not_close_and_both_tests_say_so() {
        for (h, steps) in [(1.5, 20_000), (1.9, 20_000), (2.0, 20_000)] {
            let (found, motion) = both(&Cubic, h, steps);
            assert!(found.closed().is_none() && motion == Motion::Chaotic, "{h}: {found:?}");
        }
        // Slow approach to the flip at 1 has not closed, and is not chaos.
        let (found, motion) = both(&Cubic, 0.999_9, 1000);
        assert!(found.closed().is_none() && motion == Motion::Regular, "{found:?} {motion:?}");
    }

    /// x + θ and y + h, on a torus if sines are looked at.
    struct Turn;
    impl Map for Turn {
        fn dim(&self) -> usize {
            2
        }
        fn step<S: Scalar>(&self, h: S, x: &[S], next: &mut [S]) {
            next[0] = x[0] * h.cos() - x[1] * h.sin();
            next[1] = x[0] * h.sin() + x[1] * h.cos();
        }
    }

    /// x(1 + h), which grows.
    struct Growth;
    impl Map for Growth {
        fn dim(&self) -> usize {
            1
        }
        fn step<S: Scalar>(&self, h: S, x: &[S], next: &mut [S]) {
            next[0] = x[0] * (h + 1.0);
        }
    }

    #[test]
    fn a_rotation_is_regular_by_the_test_alone() {
        let found = Lyapunov::of(&Turn, 1.234, &[1.0, 0.0], 100, 4000).unwrap();
        let test = ZeroOne::of_orbit(&Turn, 1.234, found.last(), 2000).unwrap();
        assert_eq!(found.motion(None), Motion::Undecided);
        assert_eq!(found.motion(Some(&test)), Motion::Regular, "{test:?}");
    }

    #[test]
    fn where_both_disagree_nothing_is_decided() {
        let (chaotic, _) = both(&Logistic, 4.0, 20_000);
        let regular = ZeroOne::of_orbit(&Logistic, 3.5, &[0.3], 2000).unwrap();
        assert_eq!(chaotic.motion(Some(&regular)), Motion::Undecided);
    }

    #[test]
    fn growth_is_no_chaos() {
        // By 10⁵·⁵ within the steps, then beyond the radius.
        let found = Lyapunov::of(&Growth, 0.01, &[1.0], 0, 1270).unwrap();
        assert!(found.exponents()[0] > 0.0);
        assert_eq!(found.motion(None), Motion::Undecided);
        assert_eq!(Lyapunov::of(&Growth, 0.1, &[1.0], 0, 1000).unwrap().motion(None), Motion::Diverged);
    }

    #[test]
    fn leaving_the_domain_is_not_divergence() {
        /// x - h/(2√x), gradient descent on √x, which steps to negative numbers.
        struct Root;
        impl Map for Root {
            fn dim(&self) -> usize {
                1
            }
            fn step<S: Scalar>(&self, h: S, x: &[S], next: &mut [S]) {
                next[0] = x[0] - h / (x[0].sqrt() * 2.0);
            }
        }
        let (motion, step) = Motion::leaving(&Root, 0.1, &[1.0], 1000).unwrap();
        assert_eq!(motion, Motion::LeftDomain);
        // t = (4/3)/h of the flow x' = -1/(2√x).
        assert!((10..20).contains(&step), "{step}");
        assert_eq!(Motion::leaving(&Cubic, 2.5, &[1.7], 1000).unwrap().0, Motion::Diverged);
    }
}
