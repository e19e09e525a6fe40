//! Discs around the eigenvalues of matrices that are known by intervals.

use nalgebra::{DMatrix, Schur};
use num_complex::Complex64;

use crate::error::{InputError, check_order};
use crate::{Interval, Scalar};

/// The sizes of the off-diagonal parts of a triangular form that are tried where eigenvectors are nearly dependent.
const SCALES: [f64; 9] = [1.0, 1e-1, 1e-2, 1e-3, 1e-4, 1e-5, 1e-6, 1e-7, 1e-8];

/// A disc |z - c| ≤ r that holds a known number of eigenvalues, each as often as its multiplicity.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Disc {
    centre: Complex64,
    radius: f64,
    count: usize,
}

impl Disc {
    /// c.
    pub fn centre(&self) -> Complex64 {
        self.centre
    }

    /// r; ∞ where nothing is known.
    pub fn radius(&self) -> f64 {
        self.radius
    }

    /// How many eigenvalues it holds.
    pub fn count(&self) -> usize {
        self.count
    }

    /// Bounds on |z| for the numbers of the disc.
    pub fn size(&self) -> Interval {
        let size = Rectangle::from(self.centre).size();
        let radius = Interval::from(self.radius);
        let (low, high) = ((size - radius).low().max(0.0), (size + radius).high());
        Interval::new(low, high).unwrap_or(Interval::ALL)
    }

    /// Whether two discs are proved to have no number in common.
    fn is_apart_from(&self, other: &Disc) -> bool {
        let distance = (Rectangle::from(self.centre) - Rectangle::from(other.centre)).size();
        distance.low() > (Interval::from(self.radius) + Interval::from(other.radius)).high()
    }

    /// A disc that holds both.
    fn joined(&self, other: &Disc) -> Disc {
        let centre = 0.5 * (self.centre + other.centre);
        let reach = |disc: &Disc| {
            let distance = (Rectangle::from(centre) - Rectangle::from(disc.centre)).size();
            (distance + Interval::from(disc.radius)).high()
        };
        Disc { centre, radius: reach(self).max(reach(other)), count: self.count + other.count }
    }
}

/// The eigenvalues of every matrix within given bounds, in disjoint discs.
///
/// A matrix A and X⁻¹AX have the same eigenvalues, and by Gershgorin's theorem (1931) they lie in discs about the
/// diagonal entries of the latter with the sums of the other entries of the rows as radii; a set of discs
/// that meets no others holds as many as it has discs. X is a matrix of approximate eigenvectors, and X⁻¹ is bounded by
/// R and the distance of RX from 1; all by intervals, so that the discs are proved. Where eigenvectors are nearly
/// dependent, X is unitary and scaled, from a triangular form: the eigenvalues of a cluster have one disc, with a radius
/// like the m-th root of the bounds' width for a block of m.
///
/// ```
/// use shadowflow_numerics::{Interval, Spectrum};
/// // The companion matrix of z³ - 1, to within 10⁻⁹.
/// let entry = |x: f64| Interval::around(x, 1e-9);
/// let matrix = [0.0, 0.0, 1.0, 1.0, 0.0, 0.0, 0.0, 1.0, 0.0].map(entry);
/// let spectrum = Spectrum::of(&matrix, 3)?;
/// assert!(spectrum.discs().iter().all(|disc| disc.count() == 1 && disc.radius() < 1e-8));
/// let largest = spectrum.largest();
/// assert!(largest.contains(1.0) && largest.width() < 2e-8);
/// # Ok::<(), shadowflow_numerics::InputError>(())
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct Spectrum {
    discs: Vec<Disc>,
}

impl Spectrum {
    /// Of the d×d matrices with entries in the given intervals, row by row.
    ///
    /// # Errors
    /// Unless d is at least 1 and there are d² entries.
    pub fn of(matrix: &[Interval], dim: usize) -> Result<Spectrum, InputError> {
        check_order("the dimension of a matrix", dim, 1, 1 << 15)?;
        check_order("the number of entries of a matrix", matrix.len(), dim * dim, dim * dim)?;
        let middle = DMatrix::from_fn(dim, dim, |i, j| Complex64::from(matrix[i * dim + j].middle()));
        let bounds: Vec<Rectangle> = matrix.iter().map(|&entry| Rectangle::from(entry)).collect();
        let mut best = Spectrum::by(&bounds, &DMatrix::identity(dim, dim));
        if !best.discs.iter().all(|disc| disc.radius.is_finite()) {
            return Ok(best);
        }
        let Some(schur) = Schur::try_new(middle, f64::EPSILON, 10_000) else { return Ok(best) };
        let (unitary, triangular) = schur.unpack();
        best = best.or(Spectrum::by(&bounds, &(&unitary * eigenvectors(&triangular))));
        if best.discs.len() < dim {
            for scale in SCALES {
                let scales = DMatrix::from_fn(dim, dim, |i, j| {
                    Complex64::from(if i == j { scale.powi(i as i32) } else { 0.0 })
                });
                best = best.or(Spectrum::by(&bounds, &(&unitary * scales)));
            }
        }
        Ok(best)
    }

    /// The discs, no two of which meet.
    pub fn discs(&self) -> &[Disc] {
        &self.discs
    }

    /// Bounds on the largest |λ|.
    pub fn largest(&self) -> Interval {
        let sizes = self.discs.iter().map(Disc::size);
        let (low, high) =
            sizes.fold((0.0f64, 0.0f64), |(low, high), size| (low.max(size.low()), high.max(size.high())));
        Interval::new(low, high).unwrap_or(Interval::ALL)
    }

    /// How many eigenvalues are proved to lie inside the unit circle, and how many outside.
    pub fn sides(&self) -> (usize, usize) {
        let one = Interval::from(1.0);
        let count = |lies: &dyn Fn(Interval) -> bool| {
            self.discs.iter().filter(|disc| lies(disc.size())).map(Disc::count).sum::<usize>()
        };
        (count(&|size| size.is_below(&one)), count(&|size| one.is_below(&size)))
    }

    /// The one whose largest disc is smaller.
    fn or(self, other: Spectrum) -> Spectrum {
        let largest = |spectrum: &Spectrum| spectrum.discs.iter().fold(0.0f64, |r, disc| r.max(disc.radius));
        if largest(&other) < largest(&self) { other } else { self }
    }

    /// By Gershgorin's discs of X⁻¹AX.
    fn by(matrix: &[Rectangle], x: &DMatrix<Complex64>) -> Spectrum {
        let dim = x.nrows();
        let nothing = || Spectrum {
            discs: vec![Disc { centre: Complex64::from(0.0), radius: f64::INFINITY, count: dim }],
        };
        let Some(inverse) = x.clone().try_inverse() else { return nothing() };
        let of = |m: &DMatrix<Complex64>| -> Vec<Rectangle> {
            (0..dim * dim).map(|at| Rectangle::from(m[(at / dim, at % dim)])).collect()
        };
        let (x, inverse) = (of(x), of(&inverse));
        let close = product(&inverse, &product(matrix, &x, dim), dim);
        let mut off = product(&inverse, &x, dim);
        for i in 0..dim {
            off[i * dim + i] = off[i * dim + i] - Rectangle::from(Complex64::from(1.0));
        }
        // X⁻¹A X = (RX)⁻¹·RAX, and with δ the norm of RX - 1 by rows, that of (RX)⁻¹ - 1 is at most δ/(1 - δ).
        let row = |entries: &[Rectangle]| entries.iter().fold(Interval::from(0.0), |sum, e| sum + e.size());
        let delta = off.chunks(dim).map(|entries| row(entries).high()).fold(0.0, f64::max);
        if delta >= 0.5 {
            return nothing();
        }
        let delta = Interval::from(delta);
        let factor = delta / (-delta + 1.0);
        let missed: Vec<Interval> = (0..dim)
            .map(|j| {
                let largest = (0..dim).map(|k| close[k * dim + j].size().high()).fold(0.0, f64::max);
                factor * Interval::from(largest)
            })
            .collect();
        let everywhere = missed.iter().fold(Interval::from(0.0), |sum, &entry| sum + entry);
        let disc = |i: usize| {
            let diagonal = close[i * dim + i];
            let centre = Complex64::new(diagonal.re.middle(), diagonal.im.middle());
            let mut radius = everywhere + (diagonal - Rectangle::from(centre)).size();
            for j in (0..dim).filter(|&j| j != i) {
                radius += close[i * dim + j].size();
            }
            let radius = radius.high();
            Disc { centre, radius: if radius.is_nan() { f64::INFINITY } else { radius }, count: 1 }
        };
        Spectrum { discs: disjoint((0..dim).map(disc).collect()) }
    }
}

/// Discs that meet, joined until none do.
fn disjoint(mut discs: Vec<Disc>) -> Vec<Disc> {
    let mut at = 0;
    while at < discs.len() {
        let met = (0..discs.len()).find(|&other| other != at && !discs[at].is_apart_from(&discs[other]));
        if let Some(other) = met {
            let joined = discs[at].joined(&discs[other]);
            discs.remove(at.max(other));
            discs[at.min(other)] = joined;
            at = 0;
        } else {
            at += 1;
        }
    }
    discs
}

/// Approximate eigenvectors of an upper triangular matrix as columns of length 1.
fn eigenvectors(triangular: &DMatrix<Complex64>) -> DMatrix<Complex64> {
    let dim = triangular.nrows();
    let size = triangular.iter().map(|entry| entry.norm()).fold(f64::MIN_POSITIVE, f64::max);
    let mut vectors = DMatrix::zeros(dim, dim);
    for k in 0..dim {
        vectors[(k, k)] = Complex64::from(1.0);
        for i in (0..k).rev() {
            let sum: Complex64 = (i + 1..=k).map(|j| triangular[(i, j)] * vectors[(j, k)]).sum();
            let gap = triangular[(i, i)] - triangular[(k, k)];
            // Equal eigenvalues are parted by rounding: what comes of it is not trusted, only tried.
            let gap =
                if gap.norm() < f64::EPSILON * size { Complex64::from(f64::EPSILON * size) } else { gap };
            vectors[(i, k)] = -sum / gap;
        }
        let length = vectors.column(k).norm();
        vectors.column_mut(k).scale_mut(1.0 / length);
    }
    vectors
}

/// A complex number known by its real and imaginary part.
#[derive(Clone, Copy, Debug)]
struct Rectangle {
    re: Interval,
    im: Interval,
}

impl From<Interval> for Rectangle {
    fn from(re: Interval) -> Rectangle {
        Rectangle { re, im: Interval::from(0.0) }
    }
}

impl From<Complex64> for Rectangle {
    fn from(z: Complex64) -> Rectangle {
        Rectangle { re: Interval::from(z.re), im: Interval::from(z.im) }
    }
}

impl std::ops::Sub for Rectangle {
    type Output = Rectangle;
    fn sub(self, other: Rectangle) -> Rectangle {
        Rectangle { re: self.re - other.re, im: self.im - other.im }
    }
}

impl Rectangle {
    /// |z|.
    fn size(self) -> Interval {
        if self.im == Interval::from(0.0) {
            return self.re.abs();
        }
        let square = self.re.abs() * self.re.abs() + self.im.abs() * self.im.abs();
        let positive = Interval::new(0.0, f64::INFINITY).unwrap_or(Interval::ALL);
        square.intersection(&positive).unwrap_or(positive).sqrt()
    }
}

fn product(a: &[Rectangle], b: &[Rectangle], dim: usize) -> Vec<Rectangle> {
    let zero = Interval::from(0.0);
    let mut result = vec![Rectangle { re: zero, im: zero }; dim * dim];
    for i in 0..dim {
        for k in 0..dim {
            let left = a[i * dim + k];
            for j in 0..dim {
                let (right, sum) = (b[k * dim + j], &mut result[i * dim + j]);
                sum.re += left.re * right.re - left.im * right.im;
                sum.im += left.re * right.im + left.im * right.re;
            }
        }
    }
    result
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn exactly(entries: &[f64]) -> Vec<Interval> {
        entries.iter().map(|&x| Interval::from(x)).collect()
    }

    /// S⁻¹TS for a product S of shears 1 + sEᵢⱼ with whole s, whose inverses are 1 - sEᵢⱼ, so that the matrix is exact.
    fn similar(triangular: &[f64], dim: usize, shears: &[i32]) -> Vec<f64> {
        let mut matrix = triangular.to_vec();
        let places = (0..dim).flat_map(|i| (0..dim).map(move |j| (i, j))).filter(|(i, j)| i != j);
        for ((i, j), &shear) in places.zip(shears) {
            let by = f64::from(shear);
            for k in 0..dim {
                matrix[k * dim + j] += by * matrix[k * dim + i];
            }
            for k in 0..dim {
                matrix[i * dim + k] -= by * matrix[j * dim + k];
            }
        }
        matrix
    }

    proptest! {
        /// Eigenvalues on the diagonal of a triangular matrix, hidden by shears with whole factors: the entries are multiples
        /// of 1/16 up to some thousands, and exact in doubles.
        #[test]
        fn known_eigenvalues_lie_in_their_discs(
            diagonal in prop::collection::vec(-40i32..40, 4),
            above in prop::collection::vec(-8i32..8, 6),
            shears in prop::collection::vec(-1i32..2, 6),
        ) {
            let mut triangular = vec![0.0; 16];
            let mut above = above.iter();
            for i in 0..4 {
                triangular[i * 5] = f64::from(diagonal[i]) / 16.0;
                for j in i + 1..4 {
                    triangular[i * 4 + j] = f64::from(*above.next().unwrap()) / 16.0;
                }
            }
            let matrix = similar(&triangular, 4, &shears);
            let spectrum = Spectrum::of(&exactly(&matrix), 4).unwrap();
            prop_assert_eq!(spectrum.discs().iter().map(Disc::count).sum::<usize>(), 4);
            for disc in spectrum.discs() {
                let held = (0..4).filter(|i| (disc.centre() - triangular[i * 5]).norm() <= disc.radius());
                prop_assert_eq!(held.count(), disc.count(), "{:?} {:?}", spectrum, diagonal);
            }
            let mut sorted = diagonal.clone();
            sorted.sort_unstable();
            let simple = sorted.windows(2).all(|pair| pair[0] < pair[1]);
            if simple {
                // Isolated, to rounding magnified by the condition of the eigenvectors: shears reach 2⁶, and gaps of 1/16
                // below entries up to 1/2 make up to 8³, so that its square is below 10⁹.
                prop_assert!(spectrum.discs().iter().all(|disc| disc.count() == 1 && disc.radius() < 1e-5), "{:?}", spectrum);
            }
            let largest = diagonal.iter().map(|x| f64::from(x.abs()) / 16.0).fold(0.0, f64::max);
            prop_assert!(spectrum.largest().contains(largest));
            let (inside, outside) = spectrum.sides();
            prop_assert!(inside <= diagonal.iter().filter(|x| x.abs() < 16).count());
            prop_assert!(outside <= diagonal.iter().filter(|x| x.abs() > 16).count());
        }
    }

    #[test]
    fn pairs_of_complex_numbers_are_enclosed() {
        // Companion of (z - 1/2)(z² + z + 1): 1/2 and the cube roots of 1.
        let matrix = exactly(&[0.0, 0.0, 0.5, 1.0, 0.0, -0.5, 0.0, 1.0, -0.5]);
        let spectrum = Spectrum::of(&matrix, 3).unwrap();
        let (re, im) = (-0.5, 0.75f64.sqrt());
        for root in [Complex64::new(0.5, 0.0), Complex64::new(re, im), Complex64::new(re, -im)] {
            // The root itself is rounded.
            let holds = |disc: &&Disc| (disc.centre() - root).norm() <= disc.radius() + 1e-16;
            let disc = spectrum.discs().iter().find(holds).unwrap();
            assert!(disc.radius() < 1e-14 && disc.count() == 1);
        }
        assert_eq!(spectrum.sides(), (1, 0));
    }

    #[test]
    fn a_block_has_one_disc_as_wide_as_it_must_be() {
        // A Jordan block of three at 1/2, with bounds of 10⁻⁹: eigenvalues may be 10⁻³ off.
        let block = [0.5, 1.0, 0.0, 0.0, 0.5, 1.0, 0.0, 0.0, 0.5].map(|x| Interval::around(x, 1e-9));
        let spectrum = Spectrum::of(&block, 3).unwrap();
        let [disc] = spectrum.discs() else { panic!("{spectrum:?}") };
        assert_eq!((disc.count(), spectrum.sides()), (3, (3, 0)));
        assert!(disc.radius() >= 1e-3 && disc.radius() < 0.1, "{disc:?}");
        // The same at 1 is decided by nothing, and at 1 - 10⁻⁴ neither.
        for eigenvalue in [1.0, 0.9999] {
            let block = [eigenvalue, 1.0, 0.0, 0.0, eigenvalue, 1.0, 0.0, 0.0, eigenvalue];
            let block = block.map(|x| Interval::around(x, 1e-9));
            assert_eq!(Spectrum::of(&block, 3).unwrap().sides(), (0, 0));
        }
    }

    #[test]
    fn nothing_is_said_of_what_has_no_bounds() {
        let spectrum = Spectrum::of(&[Interval::ALL; 4], 2).unwrap();
        assert_eq!((spectrum.sides(), spectrum.largest().high()), ((0, 0), f64::INFINITY));
        assert!(Spectrum::of(&[Interval::ALL; 3], 2).is_err() && Spectrum::of(&[], 0).is_err());
    }
}
