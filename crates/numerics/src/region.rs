//! The set |R(z)| ≤ 1 as a mask, decided a tile at a time.
//!
//! With Taylor's expansion at its centre a polynomial is bounded over a whole tile,
//! ||P(z)| - |P(z₀)|| ≤ Σₖ |P⁽ᵏ⁾(z₀)|/k! ρᵏ for |z - z₀| ≤ ρ, so that most tiles are found to lie on one side of |P| = |Q| as
//! a whole. The others are split, and only pixels near the boundary are evaluated one by one. The bound holds with
//! the rounding of those evaluations added, so the mask is the one that evaluating every pixel would give.

use num_complex::Complex64;

use crate::fma::mul_add;
use crate::raster::{Size, in_parallel};
use crate::{Amplification, RasterError, Window};

/// Pixels on a side of the largest tiles, and of those that are evaluated.
const TILE: usize = 64;
const LEAF: usize = 8;

/// A stability region on a raster: for each pixel centre z = x + iy whether |R(z)| ≤ 1.
///
/// ```
/// use shadowflow_methods::Method;
/// use shadowflow_numerics::{Amplification, Window};
/// let euler = Amplification::new(Method::named("euler")?.tableau().stability_function());
/// let region = euler.region(Window::new((-3.0, 1.0), (-2.0, 2.0))?, 1000, 1000)?;
/// let area = region.count() as f64 * 16.0 / 1e6;
/// assert!((area - std::f64::consts::PI).abs() < 1e-3);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Region {
    width: usize,
    height: usize,
    inside: Vec<u8>,
}

impl Region {
    /// The number of pixels in a row.
    pub fn width(&self) -> usize {
        self.width
    }

    /// The number of rows.
    pub fn height(&self) -> usize {
        self.height
    }

    /// One byte a pixel, 1 inside and 0 outside, row by row from the smallest y.
    pub fn bytes(&self) -> &[u8] {
        &self.inside
    }

    /// The number of pixels inside.
    pub fn count(&self) -> usize {
        // Sums of bytes that cannot overflow, for the sake of speed.
        self.inside.chunks(255).map(|chunk| usize::from(chunk.iter().sum::<u8>())).sum()
    }
}

impl Amplification {
    /// The stability region on a raster of z = x + iy, decided at pixel centres.
    ///
    /// A pixel is inside if |P|² ≤ |Q|² in doubles, both summed by synthetic division, or |R| ≤ 1 along the recurrence of a
    /// stabilised method ([`Amplification::of`]); within rounding of the boundary
    /// that is as good a decision as any. It does not depend on the number of threads.
    ///
    /// # Errors
    /// If there are no pixels, or too many.
    pub fn region(&self, window: Window, width: usize, height: usize) -> Result<Region, RasterError> {
        let size = Size::checked(width, height)?;
        let (x, y) = (size.columns(window), size.rows(window));
        let mut inside = vec![0; width * height];
        // Conjugate points have conjugate values: where the rows come in pairs the lower half tells the upper.
        let mirrored = (0..height / 2).all(|row| y[row] == -y[height - 1 - row]);
        let computed = if mirrored { height.div_ceil(2) } else { height };
        let (lower, upper) = inside.split_at_mut(computed * width);
        in_parallel(lower, TILE * width, |strip, pixels| {
            let first = strip * TILE;
            let rows = pixels.len() / width;
            let mut painter = Painter { amplification: self, x: &x, y: &y[first..first + rows], pixels };
            for column in (0..width).step_by(TILE) {
                painter.tile(Tile { column, row: 0, width: TILE.min(width - column), height: rows });
            }
        });
        if mirrored {
            in_parallel(upper, TILE * width, |strip, pixels| {
                for (k, row) in pixels.chunks_mut(width).enumerate() {
                    let source = height - 1 - (computed + strip * TILE + k);
                    row.copy_from_slice(&lower[source * width..(source + 1) * width]);
                }
            });
        }
        Ok(Region { width, height, inside })
    }
}

/// Columns and rows of a strip of the raster.
#[derive(Clone, Copy)]
struct Tile {
    column: usize,
    row: usize,
    width: usize,
    height: usize,
}

/// A strip of rows being painted.
struct Painter<'a> {
    amplification: &'a Amplification,
    x: &'a [f64],
    y: &'a [f64],
    pixels: &'a mut [u8],
}

impl Painter<'_> {
    fn tile(&mut self, tile: Tile) {
        match self.decided(tile) {
            Some(false) => {}
            Some(true) => {
                for row in tile.row..tile.row + tile.height {
                    let start = row * self.x.len() + tile.column;
                    self.pixels[start..start + tile.width].fill(1);
                }
            }
            None if tile.width <= LEAF && tile.height <= LEAF => self.leaf(tile),
            None => {
                let halves = |length: usize| {
                    // Cut where smaller tiles end, unless there is but one.
                    let cut = if length > LEAF { (length / 2).next_multiple_of(LEAF) } else { length };
                    [(0, cut), (cut, length - cut)]
                };
                for (below, height) in halves(tile.height).into_iter().filter(|part| part.1 > 0) {
                    for (left, width) in halves(tile.width).into_iter().filter(|part| part.1 > 0) {
                        self.tile(Tile { column: tile.column + left, row: tile.row + below, width, height });
                    }
                }
            }
        }
    }

    /// Whether all pixels of a tile are inside, or all outside; `None` if the bounds do not tell.
    fn decided(&self, tile: Tile) -> Option<bool> {
        if self.amplification.recurrence.is_some() {
            return None;
        }
        let (left, right) = (self.x[tile.column], self.x[tile.column + tile.width - 1]);
        let (below, above) = (self.y[tile.row], self.y[tile.row + tile.height - 1]);
        let centre = Complex64::new(0.5 * (left + right), 0.5 * (below + above));
        // A little more than half the diagonal: the centre is rounded.
        let radius =
            0.5 * (right - left).hypot(above - below) * (1.0 + 1e-9) + 4.0 * f64::EPSILON * centre.norm();
        let [numerator, denominator] = [&self.amplification.numerator, &self.amplification.denominator]
            .map(|p| bounds(p, centre, radius));
        // With overflow a bound is infinite or NaN, and nothing is decided.
        match () {
            () if numerator.1 < denominator.0 => Some(true),
            () if numerator.0 > denominator.1 && denominator.1.is_finite() => Some(false),
            () => None,
        }
    }

    fn leaf(&mut self, tile: Tile) {
        let mut x = [0.0; LEAF];
        x[..tile.width].copy_from_slice(&self.x[tile.column..tile.column + tile.width]);
        for row in tile.row..tile.row + tile.height {
            let y = self.y[row];
            let start = row * self.x.len() + tile.column;
            if let Some(recurrence) = &self.amplification.recurrence {
                for (pixel, &x) in self.pixels[start..start + tile.width].iter_mut().zip(&x) {
                    *pixel = u8::from(recurrence.modulus(Complex64::new(x, y)) <= 1.0);
                }
                continue;
            }
            let numerator = squared_moduli(&self.amplification.numerator, &x, y);
            let denominator = squared_moduli(&self.amplification.denominator, &x, y);
            for (k, pixel) in self.pixels[start..start + tile.width].iter_mut().enumerate() {
                let is_inside = match (numerator[k], denominator[k]) {
                    (p, q) if q.is_normal() && p < f64::INFINITY => p <= q,
                    // Out of the range of squares of doubles, where moduli still are.
                    _ => self.amplification.modulus(Complex64::new(x[k], y)) <= 1.0,
                };
                *pixel = u8::from(is_inside);
            }
        }
    }
}

/// Bounds on |p| over the disc of this radius about `centre`, with room for the rounding of these and of
/// [`squared_moduli`].
fn bounds(p: &[f64], centre: Complex64, radius: f64) -> (f64, f64) {
    if let [constant] = p {
        return (constant.abs(), constant.abs());
    }
    // Repeated synthetic division leaves the Taylor coefficients at the centre, the lowest first.
    let mut taylor = [Complex64::ZERO; MAX_TAYLOR];
    let Some(taylor) = taylor.get_mut(..p.len()) else { return (0.0, f64::INFINITY) };
    for (t, &c) in taylor.iter_mut().zip(p) {
        *t = Complex64::new(c, 0.0);
    }
    let degree = p.len() - 1;
    for k in 0..degree {
        for j in (k..degree).rev() {
            let (upper, lower) = (taylor[j + 1], taylor[j]);
            taylor[j] = Complex64::new(
                mul_add(-upper.im, centre.im, mul_add(upper.re, centre.re, lower.re)),
                mul_add(upper.im, centre.re, mul_add(upper.re, centre.im, lower.im)),
            );
        }
    }
    let spread = taylor[1..].iter().rev().fold(0.0, |sum, t| (sum + t.norm_sqr().sqrt()) * radius);
    // Every sum errs by at most its number of operations times the size of its terms.
    let reach = centre.norm() + radius;
    let terms = p.iter().rev().fold(0.0, |sum, c| mul_add(sum, reach, c.abs()));
    let rounding = 16.0 * (degree * degree + 4) as f64 * f64::EPSILON * terms;
    let middle = taylor[0].norm();
    (middle - spread - rounding, middle + spread + rounding)
}

/// The most coefficients of a polynomial that is bounded over tiles; longer ones are evaluated at every pixel.
const MAX_TAYLOR: usize = 64;

/// |p(x + iy)|² for several x: p is divided by z² - 2xz + |z|², two multiplications a degree (Knuth, *The Art of Computer
/// Programming* 2, §4.6.4).
fn squared_moduli(p: &[f64], x: &[f64; LEAF], y: f64) -> [f64; LEAF] {
    let (&lowest, rest) = match p.split_first() {
        Some((lowest, rest)) if !rest.is_empty() => (lowest, rest),
        _ => return [p.first().map_or(0.0, |c| c * c); LEAF],
    };
    let y_squared = y * y;
    let twice: [f64; LEAF] = std::array::from_fn(|k| x[k] + x[k]);
    let minus_square: [f64; LEAF] = std::array::from_fn(|k| -mul_add(x[k], x[k], y_squared));
    let (mut first, mut second) = ([0.0; LEAF], [0.0; LEAF]);
    for &c in rest.iter().rev() {
        for k in 0..LEAF {
            let next = mul_add(twice[k], first[k], mul_add(minus_square[k], second[k], c));
            second[k] = first[k];
            first[k] = next;
        }
    }
    std::array::from_fn(|k| {
        let re = mul_add(x[k], first[k], mul_add(minus_square[k], second[k], lowest));
        let im = y * first[k];
        mul_add(re, re, im * im)
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use shadowflow_methods::Method;

    fn amplification(name: &str) -> Amplification {
        Amplification::new(Method::named(name).unwrap().tableau().stability_function())
    }

    /// The window whose pixel centres are `nodes`² equidistant points of another, its ends included.
    fn nodes(x: (f64, f64), y: (f64, f64), nodes: usize) -> Window {
        let pad = |(from, to): (f64, f64)| {
            let half = 0.5 * (to - from) / (nodes - 1) as f64;
            (from - half, to + half)
        };
        Window::new(pad(x), pad(y)).unwrap()
    }

    #[test]
    fn regions_have_their_known_numbers_of_pixels() {
        // An independent C program counts these of 2000² nodes, by Horner's rule in complex doubles.
        for (name, x, y, count) in
            [("rk4", (-5.0, 2.0), (-4.0, 4.0), 906_152), ("ssp104", (-20.0, 4.0), (-12.0, 12.0), 951_342)]
        {
            let region = amplification(name).region(nodes(x, y, 2000), 2000, 2000).unwrap();
            assert_eq!(region.count(), count, "{name}");
        }
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(24))]
        /// The mask is what single evaluations say, except within rounding of the boundary; windows of every place, size
        /// and shape.
        #[test]
        fn every_pixel_is_decided_as_alone(
            x in -30.0..10.0, y in -15.0..15.0, size in -3.0..2.0f64, width in 1usize..200, height in 1usize..90,
            symmetric in any::<bool>(),
        ) {
            let (half_x, half_y) = (10f64.powf(size), 0.7 * 10f64.powf(size));
            let y = if symmetric { 0.0 } else { y };
            let window = Window::new((x - half_x, x + half_x), (y - half_y, y + half_y)).unwrap();
            for name in ["rk4", "ssp104", "gauss4", "radau-iia-5", "prince-dormand-8", "euler", "rkc(s=20,damping=0.05)"] {
                let r = amplification(name);
                let region = r.region(window, width, height).unwrap();
                let grid = r.raster(window, width, height).unwrap();
                for (pixel, modulus) in region.bytes().iter().zip(grid.values()) {
                    // Terms of alternating sums at |z| ≤ 140 reach 10¹³ times the sum, at worst for rkc.
                    let margin = 1e-7 * modulus.max(1.0);
                    prop_assert!((*pixel == 1) == (*modulus <= 1.0) || (modulus - 1.0).abs() < margin, "{} {}", name, modulus);
                }
            }
        }
    }

    #[test]
    fn far_away_and_at_poles_it_is_decided_too() {
        let region = |name: &str, size: f64| {
            let window = Window::new((-size, size), (-size, size)).unwrap();
            let region = amplification(name).region(window, 20, 20).unwrap();
            let at = |column: usize, row: usize| region.bytes()[row * 20 + column] == 1;
            (at(0, 10), at(19, 10))
        };
        for size in [1e3, 1e80, 1e200, 1e300] {
            assert_eq!(region("rk4", size), (false, false), "{size}");
            assert!(region("gauss4", size).0, "{size}");
            assert_eq!(region("radau-iia-5", size), (true, true), "{size}");
        }
        // The pole of implicit Euler at 1, on a pixel.
        let around = Window::new((0.5, 1.5), (-0.5, 0.5)).unwrap();
        assert_eq!(amplification("implicit-euler").region(around, 3, 3).unwrap().count(), 0);
    }

    #[test]
    fn empty_and_enormous_rasters_are_refused() {
        let window = Window::new((-1.0, 1.0), (-1.0, 1.0)).unwrap();
        for (width, height) in [(0, 5), (5, 0), (1 << 20, 1 << 20), (usize::MAX, 2)] {
            assert!(matches!(
                amplification("rk4").region(window, width, height),
                Err(RasterError::Size { .. })
            ));
        }
    }
}
