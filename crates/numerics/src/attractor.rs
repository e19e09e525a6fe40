//! The attracting periodic orbits of a map, each counted once, and the starts that come to them.

use std::cmp::Ordering;
use std::collections::BTreeMap;

use num_complex::Complex64;

use crate::Label;
use crate::error::{InputError, check_dimension, check_finite, check_order};
use crate::periodic::{compare, distance};

/// Points this near, as a share of 1 + their size, are the same.
const SAME: f64 = 1e-6;

/// What coordinates are rounded to before they are compared, so that rounding does not decide the order.
const UNIT: f64 = 1e-6;

/// An attracting periodic orbit, or all those of a period that fill curves.
#[derive(Clone, Debug, PartialEq)]
pub struct Attractor {
    period: usize,
    /// None of those that fill curves.
    points: Vec<Vec<f64>>,
    multipliers: Vec<Complex64>,
}

impl Attractor {
    /// An orbit by its points in the order in which they are visited, with the eigenvalues of DΦᵖ.
    ///
    /// # Errors
    /// If there are no points, they are of different dimensions or not finite, or there is not a multiplier for each dimension.
    pub fn new(points: Vec<Vec<f64>>, multipliers: Vec<Complex64>) -> Result<Attractor, InputError> {
        check_order("the number of points of an attractor", points.len(), 1, 255)?;
        let dimension = points[0].len();
        check_order("the number of multipliers", multipliers.len(), dimension, dimension)?;
        for point in &points {
            check_dimension("a point of an attractor", dimension, point)?;
            check_finite("a point of an attractor", point)?;
        }
        Ok(Attractor::from_first(points, multipliers))
    }

    /// Orbits of a period that fill curves: one of their multipliers is 1, and each attracts along all other directions only.
    ///
    /// # Errors
    /// If the period is not from 1 to 255.
    pub fn on_curves(period: usize) -> Result<Attractor, InputError> {
        check_order("the period", period, 1, 255)?;
        Ok(Attractor::curves(period))
    }

    /// Of what is known to fit together, from its first point.
    pub(crate) fn from_first(mut points: Vec<Vec<f64>>, multipliers: Vec<Complex64>) -> Attractor {
        if let Some(first) = (0..points.len()).min_by(|&i, &j| order(&points[i], &points[j])) {
            points.rotate_left(first);
        }
        Attractor { period: points.len(), points, multipliers }
    }

    /// All orbits of a period that fill curves.
    pub(crate) fn curves(period: usize) -> Attractor {
        Attractor { period, points: Vec::new(), multipliers: Vec::new() }
    }

    /// The minimal period.
    pub fn period(&self) -> usize {
        self.period
    }

    /// Its points in the order in which they are visited, the first one the smallest by its first coordinate, then the next; none of orbits
    /// that fill curves.
    pub fn points(&self) -> &[Vec<f64>] {
        &self.points
    }

    /// The eigenvalues of DΦᵖ, the largest first; none of orbits that fill curves.
    pub fn multipliers(&self) -> &[Complex64] {
        &self.multipliers
    }

    /// Whether it is one orbit, and not all those of its period that fill curves.
    pub fn is_isolated(&self) -> bool {
        !self.points.is_empty()
    }

    pub(crate) fn is_same_as(&self, other: &Attractor) -> bool {
        self.period == other.period
            && match (self.points.first(), other.points.first()) {
                (Some(point), Some(_)) => other.points.iter().any(|at| is_near(point, at)),
                (None, None) => true,
                _ => false,
            }
    }

    /// By period, then isolated ones first, then by their first points.
    fn order(&self, other: &Attractor) -> Ordering {
        let kind = |one: &Attractor| (one.period, !one.is_isolated());
        kind(self).cmp(&kind(other)).then_with(|| match (self.points.first(), other.points.first()) {
            (Some(x), Some(y)) => order(x, y),
            _ => Ordering::Equal,
        })
    }
}

fn is_near(x: &[f64], y: &[f64]) -> bool {
    distance(x, y) <= room(x)
}

/// How far from a point the same one may be.
fn room(x: &[f64]) -> f64 {
    SAME * (1.0 + x.iter().fold(0.0, |size: f64, x| size.max(x.abs())))
}

/// A coordinate that does not show how it was rounded.
pub(crate) fn rounded(x: f64) -> f64 {
    // No negative zero.
    (x / UNIT).round() * UNIT + 0.0
}

/// Coordinate by coordinate, rounded ones first.
fn order(x: &[f64], y: &[f64]) -> Ordering {
    let round = |x: &[f64]| x.iter().copied().map(rounded).collect::<Vec<f64>>();
    compare(&round(x), &round(y)).then_with(|| compare(x, y))
}

/// Lists of attractors as one, in order and each once, and the places of those of each list in it.
fn merged(lists: Vec<Vec<Attractor>>) -> (Vec<Attractor>, Vec<Vec<u32>>) {
    let mut all: Vec<Attractor> = Vec::new();
    // Where points lie by their first coordinate.
    let mut known: BTreeMap<(usize, i64), Vec<usize>> = BTreeMap::new();
    let mut places: Vec<Vec<usize>> = Vec::with_capacity(lists.len());
    for list in lists {
        let mut of_list = Vec::with_capacity(list.len());
        for attractor in list {
            let point = attractor.points.first();
            let (first, room) = (point.map_or(0.0, |point| point[0]), point.map_or(0.0, |point| room(point)));
            let around = (attractor.period, key(first - room))..=(attractor.period, key(first + room));
            let mut near = known.range(around).flat_map(|(_, places)| places).copied();
            let same = near.find(|&place| attractor.is_same_as(&all[place]));
            of_list.push(same.unwrap_or(all.len()));
            if same.is_none() {
                // Those without points lie at 0.
                let firsts = attractor.points.iter().map(|point| point[0]);
                for first in firsts.chain(attractor.points.is_empty().then_some(0.0)) {
                    known.entry((attractor.period, key(first))).or_default().push(all.len());
                }
                all.push(attractor);
            }
        }
        places.push(of_list);
    }
    let mut sorted: Vec<usize> = (0..all.len()).collect();
    sorted.sort_by(|&i, &j| all[i].order(&all[j]));
    let mut rank = vec![0u32; all.len()];
    for (k, &place) in sorted.iter().enumerate() {
        rank[place] = k as u32;
    }
    let places = places.into_iter().map(|list| list.into_iter().map(|place| rank[place]).collect());
    let places = places.collect();
    (sorted.into_iter().map(|place| all[place].clone()).collect(), places)
}

/// An integer that grows with a number.
fn key(x: f64) -> i64 {
    let bits = (x + 0.0).to_bits() as i64;
    if bits < 0 { i64::MIN.wrapping_sub(bits) } else { bits }
}

/// Which start of a raster comes to which attractor, row by row.
///
/// Attractors are in an order that neither threads nor, as far as the same ones are found, the raster decide: by period, then by
/// the coordinates of their points.
///
/// ```
/// use shadowflow_numerics::{Basin, families::Factorization};
/// // Descent on (1 - xy)²/2 at h = 1.1 alternates on the diagonal, about (1, 1) or about (-1, -1).
/// let starts = [-0.7, 0.8];
/// let found = Basin::default().basins(&Factorization, &[1.1, 1.0], &starts, &starts)?;
/// assert_eq!(found.attractors().len(), 2);
/// assert!(found.attractors().iter().all(|attractor| attractor.period() == 2));
/// assert_eq!((found.numbers()[0], found.numbers()[3]), (1, 2));
/// # Ok::<(), shadowflow_numerics::StartsError>(())
/// ```
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Basins {
    labels: Vec<Label>,
    numbers: Vec<u32>,
    attractors: Vec<Attractor>,
}

impl Basins {
    /// Of labels, and for each the number of its attractor, counted from 1, 0 where the label is no period.
    ///
    /// # Errors
    /// If there are not as many numbers as labels, or one is of no attractor of the period that the label says.
    pub fn new(
        labels: Vec<Label>,
        numbers: Vec<u32>,
        attractors: Vec<Attractor>,
    ) -> Result<Basins, InputError> {
        check_order("the number of numbers", numbers.len(), labels.len(), labels.len())?;
        for (label, &number) in labels.iter().zip(&numbers) {
            let of_number = (number as usize).checked_sub(1).map(|place| attractors.get(place));
            let agrees = match (label, of_number) {
                (Label::Period(p), Some(Some(attractor))) => attractor.period == usize::from(*p),
                (Label::Period(_), _) | (_, Some(_)) => false,
                (_, None) => true,
            };
            if !agrees {
                let expected = "an attractor of the period that the label says, or 0 with other labels";
                return Err(InputError::Number { what: "the number", value: f64::from(number), expected });
            }
        }
        Ok(Basins { labels, numbers, attractors })
    }

    /// Parts of a raster, one after another, each with the attractors its numbers stand for; numbers may be of the wrong period.
    pub(crate) fn assembled(
        labels: Vec<Label>,
        mut numbers: Vec<u32>,
        parts: Vec<(usize, Vec<Attractor>)>,
    ) -> Basins {
        let (lengths, lists): (Vec<usize>, Vec<Vec<Attractor>>) = parts.into_iter().unzip();
        let (attractors, places) = merged(lists);
        let mut rest = &mut numbers[..];
        for (length, places) in lengths.into_iter().zip(places) {
            let (part, after) = std::mem::take(&mut rest).split_at_mut(length);
            for number in part.iter_mut().filter(|number| **number > 0) {
                *number = places[*number as usize - 1] + 1;
            }
            rest = after;
        }
        Basins { labels, numbers, attractors }
    }

    /// Rasters as one, row after row: attractors are numbered anew.
    pub fn join(strips: Vec<Basins>) -> Basins {
        let (mut labels, mut numbers, mut parts) = (Vec::new(), Vec::new(), Vec::new());
        for strip in strips {
            parts.push((strip.labels.len(), strip.attractors));
            labels.extend(strip.labels);
            numbers.extend(strip.numbers);
        }
        Basins::assembled(labels, numbers, parts)
    }

    /// What becomes of each start.
    pub fn labels(&self) -> &[Label] {
        &self.labels
    }

    /// For each start the number of its attractor, counted from 1; 0 if it comes to none of a period that was looked for.
    pub fn numbers(&self) -> &[u32] {
        &self.numbers
    }

    /// The attractors that starts come to, by number.
    pub fn attractors(&self) -> &[Attractor] {
        &self.attractors
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::families::{Descend, Factorization};
    use crate::{Basin, Objective, Scalar, StartsError, Window};

    /// (x² + y - 11)² + (x + y² - 7)² (Himmelblau 1972), with four minima.
    #[derive(Clone, Copy)]
    struct Himmelblau;
    impl Objective for Himmelblau {
        fn variables(&self) -> usize {
            2
        }
        fn value<S: Scalar>(&self, x: &[S]) -> S {
            let (a, b) = (x[0] * x[0] + x[1] - 11.0, x[0] + x[1] * x[1] - 7.0);
            a * a + b * b
        }
        fn gradient<S: Scalar>(&self, x: &[S], gradient: &mut [S]) {
            let (a, b) = (x[0] * x[0] + x[1] - 11.0, x[0] + x[1] * x[1] - 7.0);
            gradient[0] = a * x[0] * 4.0 + b * 2.0;
            gradient[1] = a * 2.0 + b * x[1] * 4.0;
        }
    }

    fn himmelblau(side: usize) -> Basins {
        let x: Vec<f64> = (0..side).map(|k| -5.0 + 10.0 * (k as f64 + 0.5) / side as f64).collect();
        Basin::default().basins(&Descend::<_, 2>::new(Himmelblau).unwrap(), &[0.01], &x, &x).unwrap()
    }

    #[test]
    fn the_four_minima_of_himmelblau_are_told_apart() {
        let found = himmelblau(150);
        // Himmelblau 1972, to the digits given everywhere.
        let minima = [[-3.779_310, -3.283_186], [-2.805_118, 3.131_312], [3.0, 2.0], [3.584_428, -1.848_126]];
        assert_eq!(found.attractors().len(), 4);
        for (attractor, minimum) in found.attractors().iter().zip(minima) {
            assert!(distance(&attractor.points()[0], &minimum) < 1e-6, "{attractor:?}");
            // 1 - hλ for the eigenvalues λ of the Hessian.
            let [x, y] = minimum;
            let trace = 2.0 - 0.01 * (12.0 * x * x + 4.0 * y - 42.0 + 12.0 * y * y + 4.0 * x - 26.0);
            let sum: Complex64 = attractor.multipliers().iter().sum();
            assert!((sum - trace).norm() < 1e-5, "{attractor:?} {trace}");
        }
        // Where they begin is where they end: near a minimum its own number is found.
        for (number, minimum) in (1..).zip(minima) {
            let pixel = |x: f64| ((x + 5.0) * 15.0) as usize;
            assert_eq!(found.numbers()[pixel(minimum[1]) * 150 + pixel(minimum[0])], number);
        }
    }

    #[test]
    fn neither_the_raster_nor_its_parts_decide_numbers() {
        let (fine, coarse) = (himmelblau(200), himmelblau(64));
        assert_eq!(fine.attractors(), coarse.attractors());
        let x: Vec<f64> = (0..200).map(|k| -5.0 + 10.0 * (f64::from(k) + 0.5) / 200.0).collect();
        let map = Descend::<_, 2>::new(Himmelblau).unwrap();
        let strips: Result<Vec<Basins>, StartsError> =
            x.chunks(37).map(|y| Basin::default().basins(&map, &[0.01], &x, y)).collect();
        assert_eq!(Basins::join(strips.unwrap()), fine);
    }

    #[test]
    fn labels_are_the_same_with_attractors_and_without() {
        let x: Vec<f64> = (0..181).map(|k| -2.5 + 5.0 * f64::from(k) / 180.0).collect();
        for h in [0.9, 1.1, 1.29] {
            let labels = Basin::default().labels(&Factorization, &[h, 1.0], &x, &x).unwrap();
            let found = Basin::default().basins(&Factorization, &[h, 1.0], &x, &x).unwrap();
            assert_eq!(found.labels(), labels);
            assert!(Basins::new(labels, found.numbers.clone(), found.attractors.clone()).is_ok());
        }
    }

    #[test]
    fn a_valley_is_one_attractor() {
        let x: Vec<f64> = (0..100).map(|k| -2.5 + 0.05 * (f64::from(k) + 0.5)).collect();
        let found = Basin::default().basins(&Factorization, &[0.5, 1.0], &x, &x).unwrap();
        assert_eq!(found.attractors().len(), 1);
        assert!(!found.attractors()[0].is_isolated() && found.attractors()[0].period() == 1);
    }

    #[test]
    fn cycles_in_two_halves_of_the_plane_are_two() {
        // On the diagonal, of multipliers 9 - 2(1 + h)² and 3 - 2h (this project).
        let (x, y) = Window::new((-2.5, 2.5), (-2.5, 2.5)).unwrap().centres(100, 100).unwrap();
        let found = Basin::default().basins(&Factorization, &[1.1, 1.0], &x, &y).unwrap();
        let [first, second] = found.attractors() else { panic!("{:?}", found.attractors()) };
        assert!(first.points()[0][0] < 0.0 && second.points()[0][0] > 0.0);
        for attractor in [first, second] {
            let [a, b] = attractor.multipliers() else { panic!() };
            assert!((a.re - 0.8).abs() < 1e-9 && (b.re - 0.18).abs() < 1e-9, "{attractor:?}");
        }
        // Mirror images in y = -x, in exact pairs of starts: the two basins are as large.
        let count = |number| found.numbers().iter().filter(|&&found| found == number).count();
        assert_eq!(count(1), count(2));
    }

    #[test]
    fn lists_are_merged_in_order() {
        let at = |x: f64, y: f64| Attractor::new(vec![vec![x, y]], vec![Complex64::from(0.5); 2]).unwrap();
        let curve = Attractor::on_curves(1).unwrap();
        let two =
            Attractor::new(vec![vec![2.0, 0.0], vec![1.0, 5.0]], vec![Complex64::from(0.1); 2]).unwrap();
        assert_eq!(two.points()[0], [1.0, 5.0]);
        // Rounding of the first coordinate does not decide between two that differ in the second one.
        let lists = vec![
            vec![two.clone(), at(1.0 + 1e-15, -3.0), curve.clone()],
            vec![at(1.0, 4.0), at(1.0, -3.0 + 1e-12), curve.clone()],
        ];
        let (all, places) = merged(lists);
        assert_eq!(all, [at(1.0 + 1e-15, -3.0), at(1.0, 4.0), curve, two]);
        assert_eq!(places, [vec![3, 0, 2], vec![1, 0, 2]]);
        assert!(
            key(-1.0) < key(-0.5) && key(-0.0) == key(0.0) && key(-1e-300) < key(0.0) && key(1.0) < key(2.0)
        );
    }

    #[test]
    fn what_does_not_agree_is_refused() {
        let one = Attractor::new(vec![vec![0.0, 0.0]], vec![Complex64::from(0.5); 2]).unwrap();
        let of = |label, number| Basins::new(vec![label], vec![number], vec![one.clone()]);
        assert!(of(Label::Period(1), 1).is_ok() && of(Label::Diverged, 0).is_ok());
        for (label, number) in
            [(Label::Period(2), 1), (Label::Period(1), 0), (Label::Period(1), 2), (Label::Aperiodic, 1)]
        {
            assert!(of(label, number).is_err(), "{label:?} {number}");
        }
        assert!(Basins::new(vec![Label::Diverged], Vec::new(), Vec::new()).is_err());
        assert!(Attractor::new(Vec::new(), Vec::new()).is_err() && Attractor::on_curves(0).is_err());
        assert!(Attractor::new(vec![vec![f64::NAN]], vec![Complex64::from(0.0)]).is_err());
        assert!(Attractor::new(vec![vec![0.0], vec![0.0, 1.0]], vec![Complex64::from(0.0)]).is_err());
    }
}
