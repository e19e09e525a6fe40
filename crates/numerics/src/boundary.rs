//! The curves |R(z)| = 1, followed without a grid.
//!
//! A point of the boundary of the stability region solves P(z) = e^{iθ}Q(z) for one angle θ. For each θ these are as many
//! points as R has degrees, and while θ makes one turn they move along the boundary, all of it, and are permuted:
//! every cycle of the permutation is a closed curve. So no component can be missed. The region lies to the left of each
//! curve; hence a curve of positive area bounds a component from outside, one of negative area a hole. A cycle of
//! length k encloses k zeros of R more than poles, or poles more than zeros if it is a hole.

use std::f64::consts::TAU;

use num_complex::Complex64;
use shadowflow_methods::{Extent, StabilityFunction, Tableau};

use crate::recurrence::StabilityRecurrence;
use crate::zeros::{aberth, iterate};

/// Points of a turn at the least.
const POINTS: f64 = 512.0;

/// Steps in θ are halved at most so often. Where that is not enough curves touch, and the points beyond are found anew.
const HALVINGS: u32 = 12;

/// The largest rounding of R with which it is followed.
const LEAST_PRECISION: f64 = 1e-5;

/// Farther than this from the origin a curve is taken to go to infinity.
const FAR: f64 = 1e4;

/// One curve |R| = 1, with the region |R| ≤ 1 on its left.
#[derive(Clone, Debug, PartialEq)]
pub struct Curve {
    points: Vec<Complex64>,
    /// dz/dθ times the step at both ends of the piece behind each point.
    tangents: Vec<(Complex64, Complex64)>,
    closed: bool,
}

/// A piece of a curve, as θ makes one turn.
struct Path {
    points: Vec<Complex64>,
    tangents: Vec<(Complex64, Complex64)>,
}

impl Curve {
    /// Points in order, of a closed curve without repeating the first.
    pub fn points(&self) -> &[Complex64] {
        &self.points
    }

    /// Whether it is closed; otherwise both ends go to infinity.
    pub fn is_closed(&self) -> bool {
        self.closed
    }

    /// The area enclosed by a closed curve, negative for one that goes round clockwise: a hole of the region. Between points
    /// the curve is taken as the cubic with the same tangents, which gives about nine digits.
    pub fn area(&self) -> f64 {
        if !self.closed {
            return 0.0;
        }
        let cross = |a: Complex64, b: Complex64| a.re * b.im - a.im * b.re;
        let n = self.points.len();
        let piece = |k: usize| {
            let (a, b) = (self.points[k], self.points[(k + 1) % n]);
            let (leaving, arriving) = self.tangents[k];
            // Where curves touch tangents are long or undefined, and the chord serves.
            let usable = |t: Complex64| t.norm() <= 3.0 * (b - a).norm();
            if !(usable(leaving) && usable(arriving)) {
                return cross(a, b) / 2.0;
            }
            // Bézier's form of the cubic.
            let (c, d) = (a + leaving / 3.0, b - arriving / 3.0);
            (6.0 * cross(a, c)
                + 3.0 * cross(a, d)
                + cross(a, b)
                + 3.0 * cross(c, d)
                + 3.0 * cross(c, b)
                + 6.0 * cross(d, b))
                / 20.0
        };
        (0..n).map(piece).sum()
    }
}

/// The whole boundary of a stability region.
///
/// ```
/// use shadowflow_methods::Method;
/// use shadowflow_numerics::Boundary;
/// let boundary = |name: &str| -> Result<_, Box<dyn std::error::Error>> {
///     Ok(Boundary::of(Method::named(name)?.tableau()).ok_or("R is constant")?)
/// };
/// // Euler's disc, and the disc that implicit Euler leaves out.
/// assert!((boundary("euler")?.area().ok_or("bounded")? - std::f64::consts::PI).abs() < 1e-9);
/// let implicit = boundary("implicit-euler")?;
/// assert_eq!((implicit.components(), implicit.holes(), implicit.area()), (1, 1, None));
/// // Dormand and Prince's method has two islands.
/// assert_eq!(boundary("dormand-prince")?.components(), 3);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct Boundary {
    curves: Vec<Curve>,
    /// Whether |R(∞)| < 1.
    contains_infinity: bool,
}

impl Boundary {
    /// Of the stability region of a method; `None` if R is constant, or cannot be told from its rounding along the boundary.
    pub fn of(tableau: &Tableau) -> Option<Boundary> {
        let function = tableau.stability_function();
        match (tableau.recurrence(), function.real_interval()) {
            (Some(recurrence), Extent::Bounded(reach)) => {
                let recurrence = StabilityRecurrence::new(recurrence);
                let follower = Follower::Stages { recurrence, reach };
                Some(Boundary { curves: joined(follower.turn(0.0, false)?, false), contains_infinity: false })
            }
            _ => Boundary::of_function(function),
        }
    }

    /// The same of R summed from its coefficients.
    fn of_function(function: &StabilityFunction) -> Option<Boundary> {
        if let Extent::Bounded(reach) = function.real_interval() {
            let terms = function.numerator_f64().iter().rev().fold(0.0, |sum, c| sum * reach + c.abs());
            if terms * f64::EPSILON > LEAST_PRECISION {
                return None;
            }
        }
        let trimmed = |c: &[f64]| {
            let length = c.iter().rposition(|&c| c != 0.0).map_or(0, |last| last + 1);
            c[..length].to_vec()
        };
        let (p, q) = (trimmed(function.numerator_f64()), trimmed(function.denominator_f64()));
        let degree = p.len().max(q.len()).checked_sub(1).filter(|&degree| degree > 0)?;
        // Where the highest coefficients of P and Q have the same size, a point comes from infinity and goes there at the
        // angle of their quotient, at which the turn then begins and ends.
        let at_infinity = match p.len().cmp(&q.len()) {
            std::cmp::Ordering::Equal => p[degree] / q[degree],
            std::cmp::Ordering::Less => 0.0,
            std::cmp::Ordering::Greater => f64::INFINITY,
        };
        let open = (at_infinity.abs() - 1.0).abs() < 1e-13;
        let start = if open && at_infinity < 0.0 { TAU / 2.0 } else { 0.0 };
        let follower = Follower::Quotient { p, q };
        let curves = joined(follower.turn(start, open)?, open);
        Some(Boundary { curves, contains_infinity: !open && at_infinity.abs() < 1.0 })
    }

    /// The curves.
    pub fn curves(&self) -> &[Curve] {
        &self.curves
    }

    /// The number of pieces of the region, counting interiors: pieces that touch in a point are two.
    pub fn components(&self) -> usize {
        let outer = self.curves.iter().filter(|curve| !curve.closed || curve.area() > 0.0).count();
        outer + usize::from(self.contains_infinity)
    }

    /// The number of bounded pieces of the complement.
    pub fn holes(&self) -> usize {
        self.curves.iter().filter(|curve| curve.area() < 0.0).count()
    }

    /// The area of the region; `None` if it is unbounded.
    pub fn area(&self) -> Option<f64> {
        let bounded = !self.contains_infinity && self.curves.iter().all(|curve| curve.closed);
        bounded.then(|| self.curves.iter().map(Curve::area).sum())
    }

    /// The outer curve of the piece of the region that 0 is on the boundary of, where |R(0)| = 1: the piece that small steps are
    /// in.
    pub fn about_zero(&self) -> Option<&Curve> {
        let distance = |curve: &&Curve| curve.points.iter().map(|z| z.norm()).fold(f64::INFINITY, f64::min);
        self.curves.iter().min_by(|a, b| distance(a).total_cmp(&distance(b)))
    }

    /// The largest value of a function over the points of [`about_zero`](Boundary::about_zero), and where. For |g| with g
    /// analytic and a bounded piece of the region of a polynomial, which has no holes, that is its maximum over all of it
    /// (maximum principle), to about five digits.
    pub fn largest_about_zero(&self, value: impl Fn(Complex64) -> f64) -> Option<(Complex64, f64)> {
        let points = self.about_zero()?.points.iter();
        points.map(|&z| (z, value(z))).max_by(|a, b| a.1.total_cmp(&b.1))
    }
}

/// Solves R(z) = e^{iθ}.
enum Follower {
    /// By P and Q, in ascending powers.
    Quotient { p: Vec<f64>, q: Vec<f64> },
    /// By the recurrence of a stabilised method with this real stability interval.
    Stages { recurrence: StabilityRecurrence, reach: f64 },
}

/// The equation for one θ.
enum Equation<'a> {
    /// P - e^{iθ}Q.
    Polynomial(Vec<Complex64>),
    /// R - e^{iθ}, of a method with this real stability interval.
    Stages { recurrence: &'a StabilityRecurrence, turn: Complex64, reach: f64 },
}

impl Equation<'_> {
    fn value_and_slope(&self, z: Complex64) -> (Complex64, Complex64) {
        match self {
            Equation::Polynomial(coefficients) => value_and_slope(coefficients, z),
            Equation::Stages { recurrence, turn, .. } => {
                let (value, slope) = recurrence.value_and_slope(z);
                (value - turn, slope)
            }
        }
    }

    /// All roots.
    fn roots(&self) -> Vec<Complex64> {
        match self {
            Equation::Polynomial(coefficients) => aberth(coefficients),
            Equation::Stages { recurrence, reach, .. } => {
                // The region is long and flat, so is the ellipse to start from; not symmetric about the real axis.
                let count = recurrence.stages();
                let on_ellipse = |k: usize| {
                    let (sine, cosine) = ((k as f64 + 0.27) * TAU / count as f64).sin_cos();
                    Complex64::new(0.5 * reach * (1.02 * cosine - 1.0), 0.04 * reach * sine)
                };
                let mut points: Vec<Complex64> = (0..count).map(on_ellipse).collect();
                iterate(&mut points, |z| {
                    let (value, slope) = self.value_and_slope(z);
                    if value == Complex64::ZERO { value } else { value / slope }
                });
                points
            }
        }
    }
}

impl Follower {
    /// The paths of all roots while θ makes one turn from `start`; the ends just inside it if they are at infinity.
    fn turn(&self, start: f64, open: bool) -> Option<Vec<Path>> {
        // Off the ends by as much as keeps the root that leaves within reach.
        let gap = if open { 1e-7 } else { 0.0 };
        // Curves may touch at real values ±1 of R, as those of Chebyshev methods without damping do.
        let offset = if open { 0.0 } else { 0.618 * TAU / POINTS };
        let (mut theta, end) = (start + gap + offset, start + offset + TAU - gap);
        let mut roots = self.equation(theta).roots();
        if roots.iter().any(|z| !(z.re.is_finite() && z.im.is_finite())) {
            return None;
        }
        let mut paths: Vec<Path> =
            roots.iter().map(|&z| Path { points: vec![z], tangents: Vec::new() }).collect();
        let full = TAU / POINTS;
        let mut step = full;
        while theta < end {
            // A last step much shorter than the others is joined to the one before it.
            let most = if end - theta < 1.01 * step { end - theta } else { step };
            let (mut tried, mut halvings) = (most, 0);
            let next = loop {
                match self.corrected(&roots, theta, tried) {
                    Some(next) => break next,
                    None if halvings == HALVINGS => {
                        tried = most.min(full / 64.0);
                        break matched(&roots, self.equation(theta + tried).roots());
                    }
                    None => (tried, halvings) = (tried / 2.0, halvings + 1),
                }
            };
            let beyond = if tried >= end - theta { end } else { theta + tried };
            for ((path, &from), &to) in paths.iter_mut().zip(&roots).zip(&next) {
                path.points.push(to);
                path.tangents.push((self.tangent(from, theta) * tried, self.tangent(to, beyond) * tried));
            }
            (theta, roots) = (beyond, next);
            step = (2.0 * tried).min(full);
        }
        Some(paths)
    }

    /// dz/dθ = i e^{iθ} Q/(P' - e^{iθ}Q').
    fn tangent(&self, z: Complex64, theta: f64) -> Complex64 {
        let turn = Complex64::from_polar(1.0, theta);
        let evaluated = |c: &[f64]| {
            c.iter()
                .rev()
                .fold((Complex64::ZERO, Complex64::ZERO), |(p, slope), &c| (p * z + c, slope * z + p))
        };
        match self {
            Follower::Quotient { p, q } => {
                let ((_, p_slope), (q, q_slope)) = (evaluated(p), evaluated(q));
                Complex64::I * turn * q / (p_slope - turn * q_slope)
            }
            Follower::Stages { recurrence, .. } => Complex64::I * turn / recurrence.value_and_slope(z).1,
        }
    }

    fn equation(&self, theta: f64) -> Equation<'_> {
        let turn = Complex64::from_polar(1.0, theta);
        match self {
            Follower::Quotient { p, q } => {
                let at = |c: &[f64], k: usize| c.get(k).copied().unwrap_or(0.0);
                let coefficient = |k: usize| at(p, k) - turn * at(q, k);
                Equation::Polynomial((0..p.len().max(q.len())).map(coefficient).collect())
            }
            &Follower::Stages { ref recurrence, reach } => Equation::Stages { recurrence, turn, reach },
        }
    }

    /// The roots after a step in θ by Newton's method; `None` if a root moves by more than a fraction of its distance to the
    /// nearest other one.
    fn corrected(&self, roots: &[Complex64], theta: f64, step: f64) -> Option<Vec<Complex64>> {
        let equation = self.equation(theta + step);
        let follow = |(k, &root): (usize, &Complex64)| {
            let others = roots.iter().enumerate().filter(|&(j, _)| j != k);
            let separation = others.map(|(_, z)| (z - root).norm()).fold(f64::INFINITY, f64::min);
            let mut z = root;
            for _ in 0..12 {
                let (value, slope) = equation.value_and_slope(z);
                let correction = value / slope;
                if !(correction.re.is_finite() && correction.im.is_finite()) {
                    return None;
                }
                z -= correction;
                if correction.norm() <= 4.0 * f64::EPSILON * z.norm() {
                    break;
                }
            }
            // Along smooth curves Newton's method ends near its start; a jump is another root.
            ((z - root).norm() <= 0.2 * separation.min(1.0 + root.norm())).then_some(z)
        };
        roots.iter().enumerate().map(follow).collect()
    }
}

/// Points in the order of those they are nearest to, each used once, the nearest pairs first.
fn matched(roots: &[Complex64], found: Vec<Complex64>) -> Vec<Complex64> {
    let mut pairs: Vec<(usize, usize)> =
        (0..roots.len()).flat_map(|i| (0..found.len()).map(move |j| (i, j))).collect();
    let distance = |&(i, j): &(usize, usize)| (roots[i] - found[j]).norm();
    pairs.sort_by(|a, b| distance(a).total_cmp(&distance(b)));
    let (mut next, mut used) = (vec![None; roots.len()], vec![false; found.len()]);
    for (i, j) in pairs {
        if next[i].is_none() && !used[j] {
            (next[i], used[j]) = (Some(found[j]), true);
        }
    }
    next.into_iter().zip(roots).map(|(next, &root)| next.unwrap_or(root)).collect()
}

fn value_and_slope(c: &[Complex64], z: Complex64) -> (Complex64, Complex64) {
    c.iter().rev().fold((Complex64::ZERO, Complex64::ZERO), |(p, slope), &c| (p * z + c, slope * z + p))
}

/// Paths joined end to start: each goes on with the one that begins where it ends.
fn joined(mut paths: Vec<Path>, open: bool) -> Vec<Curve> {
    let mut curves = Vec::new();
    // A path that comes from infinity is no continuation of any, so it begins a curve.
    let is_far = |z: Complex64| open && z.norm() > FAR;
    while !paths.is_empty() {
        let first = paths.iter().position(|path| is_far(path.points[0])).unwrap_or(0);
        let Path { mut points, mut tangents } = paths.swap_remove(first);
        let closed = loop {
            let (start, end) = (points[0], points[points.len() - 1]);
            if is_far(end) {
                break false;
            }
            let near = |z: Complex64| (z - end).norm();
            let nearest = (0..paths.len())
                .min_by(|&a, &b| near(paths[a].points[0]).total_cmp(&near(paths[b].points[0])));
            match nearest.filter(|&k| near(paths[k].points[0]) < near(start)) {
                Some(k) => {
                    let next = paths.swap_remove(k);
                    points.extend_from_slice(&next.points[1..]);
                    tangents.extend(next.tangents);
                }
                None => {
                    points.pop();
                    break true;
                }
            }
        };
        curves.push(Curve { points, tangents, closed });
    }
    curves.sort_by(|a, b| b.area().abs().total_cmp(&a.area().abs()));
    curves
}

#[cfg(test)]
mod tests {
    use std::f64::consts::PI;

    use super::*;
    use crate::{Amplification, Window};
    use shadowflow_methods::Method;

    fn boundary(name: &str) -> Boundary {
        Boundary::of(Method::named(name).unwrap().tableau()).unwrap()
    }

    #[test]
    fn discs_have_the_area_of_discs() {
        assert!((boundary("euler").area().unwrap() - PI).abs() < 1e-9, "{:?}", boundary("euler").area());
        let implicit = boundary("implicit-euler");
        assert!((implicit.curves()[0].area() + PI).abs() < 1e-9);
        assert_eq!((implicit.components(), implicit.holes()), (1, 1));
    }

    #[test]
    fn areas_are_those_of_counted_pixels() {
        for (name, x, y) in [
            ("heun", (-3.0, 1.0), 2.5),
            ("kutta3", (-3.0, 1.0), 2.5),
            ("rk4", (-4.0, 1.0), 3.5),
            ("ssp104", (-16.0, 3.0), 9.0),
            ("dormand-prince", (-4.0, 2.0), 4.5),
            ("rkc(s=5,damping=0.05)", (-52.0, 2.0), 9.0),
            ("radau-i-5", (-13.0, 1.0), 8.0),
        ] {
            let method = Method::named(name).unwrap();
            let r = Amplification::new(method.tableau().stability_function());
            let (width, height) = (3000, 3000);
            let region = r.region(Window::new(x, (-y, y)).unwrap(), width, height).unwrap();
            let counted = region.count() as f64 * (x.1 - x.0) * 2.0 * y / (width * height) as f64;
            let area = boundary(name).area().unwrap();
            // Pixels on the boundary err at random: some 10⁴ of 10⁷.
            assert!((area / counted - 1.0).abs() < 2e-4, "{name}: {area} {counted}");
        }
    }

    #[test]
    fn every_point_lies_on_the_curve_and_the_real_end_is_met() {
        for name in [
            "rk4",
            "kutta3",
            "ssp104",
            "dormand-prince",
            "rkc(s=10,damping=0.05)",
            "sdirk2",
            "lobatto-iiic-6",
        ] {
            let method = Method::named(name).unwrap();
            let function = method.tableau().stability_function();
            let found = Boundary::of(method.tableau()).unwrap();
            let mut leftmost = f64::INFINITY;
            for z in found.curves().iter().flat_map(Curve::points) {
                // Rounding of alternating sums, for rkc at |z| near 194.
                assert!((function.eval(*z).norm() - 1.0).abs() < 1e-6, "{name} at {z}");
                if z.im.abs() < 0.02 {
                    leftmost = leftmost.min(z.re);
                }
            }
            if let Extent::Bounded(reach) = function.real_interval() {
                assert!((leftmost + reach).abs() < 2e-3 * reach, "{name}: {leftmost} {reach}");
            }
        }
    }

    #[test]
    fn components_and_holes_are_counted() {
        for (name, components, holes) in [
            ("rk4", 1, 0),
            ("ssp33", 1, 0),
            ("dormand-prince", 3, 0),
            ("cash-karp", 3, 0),
            ("rkc(s=5,damping=0.05)", 1, 0),
            ("radau-iia-5", 1, 1),
            ("lobatto-iiic-4", 1, 1),
        ] {
            let found = boundary(name);
            assert_eq!((found.components(), found.holes()), (components, holes), "{name}");
        }
    }

    #[test]
    fn the_piece_at_zero_is_told_from_islands() {
        let found = boundary("dormand-prince");
        let main = found.about_zero().unwrap();
        assert!(main.points().iter().any(|z| (z.re + 3.3).abs() < 0.1 && z.im.abs() < 0.2));
        // An island of this method of 13 stages lies beyond 129 on the positive axis.
        let found = boundary("prince-dormand-8");
        assert!(found.components() > 1);
        assert!(found.about_zero().unwrap().points().iter().all(|z| z.norm() < 10.0));
    }

    #[test]
    fn gauss_methods_have_the_imaginary_axis() {
        for name in ["implicit-midpoint", "gauss4", "gauss6"] {
            let found = boundary(name);
            assert!(
                found.curves().iter().flat_map(Curve::points).all(|z| z.re.abs() < 1e-6 * z.norm().max(1.0))
            );
            assert_eq!((found.components(), found.holes(), found.area()), (1, 0, None), "{name}");
        }
    }

    #[test]
    fn lobes_that_touch_are_followed_to_the_end() {
        // Without damping the s - 1 inner extrema of the Chebyshev polynomial are points where curves touch.
        for s in [2, 5, 10] {
            let found = boundary(&format!("rkc(s={s},damping=0)"));
            let area: f64 = found.area().unwrap();
            let nearby = boundary(&format!("rkc(s={s},damping=1/1000000)")).area().unwrap();
            assert!((area / nearby - 1.0).abs() < 1e-2, "{s}: {area} {nearby}");
        }
    }

    #[test]
    fn stabilised_methods_of_many_stages_are_followed_along_their_recurrence() {
        // From coefficients there is nothing to follow any more.
        let method = Method::named("rkc(s=40,damping=0.05)").unwrap();
        assert_eq!(Boundary::of_function(method.tableau().stability_function()), None);
        for name in ["rkc(s=40,damping=0.05)", "rkl1(s=31)", "rkl2(s=30)", "rkc2(s=30)"] {
            let method = Method::named(name).unwrap();
            let found = Boundary::of(method.tableau()).unwrap();
            assert_eq!((found.components(), found.holes()), (1, 0), "{name}");
            let Extent::Bounded(reach) = method.tableau().stability_function().real_interval() else {
                panic!()
            };
            let height = 0.1 * reach;
            let window = Window::new((-1.01 * reach, 0.01 * reach), (-height, height)).unwrap();
            let counted =
                Amplification::of(method.tableau()).region(window, 2000, 400).unwrap().count() as f64;
            let area = counted * 1.02 * reach * 2.0 * height / (2000.0 * 400.0);
            // Pixels on a boundary some 4000 long of 10⁵ to 4·10⁵.
            assert!((found.area().unwrap() / area - 1.0).abs() < 3e-3, "{name}: {:?} {area}", found.area());
        }
        // Where coefficients serve, both ways lead to the same curves.
        let method = Method::named("rkc(s=6,damping=0.05)").unwrap();
        let [along, summed] = [
            Boundary::of(method.tableau()).unwrap(),
            Boundary::of_function(method.tableau().stability_function()).unwrap(),
        ];
        assert!((along.area().unwrap() / summed.area().unwrap() - 1.0).abs() < 1e-8);
    }

    #[test]
    fn the_whole_catalogue_is_followed() {
        for method in Method::all() {
            let found = Boundary::of(method.tableau());
            assert!(found.is_some_and(|found| found.components() > 0), "{}", method.name());
        }
    }
}
