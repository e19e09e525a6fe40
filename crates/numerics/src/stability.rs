//! The stability function of a method over the complex plane.

use num_complex::Complex64;
use shadowflow_methods::{StabilityFunction, Tableau};

use crate::recurrence::StabilityRecurrence;
use crate::{Grid, RasterError, Window};

/// |R| at z = hλ: how much one step of a method magnifies the solutions of ẋ = λx.
///
/// ```
/// use num_complex::Complex64;
/// use shadowflow_methods::Method;
/// use shadowflow_numerics::Amplification;
///
/// let rk4 = Amplification::new(Method::named("rk4")?.tableau().stability_function());
/// assert!(rk4.modulus(Complex64::new(-2.78, 0.0)) < 1.0);
/// assert!(rk4.modulus(Complex64::new(-2.79, 0.0)) > 1.0);
/// # Ok::<(), shadowflow_methods::MethodError>(())
/// ```
#[derive(Clone, Debug)]
pub struct Amplification {
    pub(crate) numerator: Vec<f64>,
    pub(crate) denominator: Vec<f64>,
    /// Of a stabilised method, for which the coefficients are of no use.
    pub(crate) recurrence: Option<StabilityRecurrence>,
}

impl Amplification {
    /// The amplification of this method, summed along its recurrence if it has one.
    ///
    /// ```
    /// use shadowflow_methods::Method;
    /// use shadowflow_numerics::Amplification;
    /// let rkc = Amplification::of(Method::named("rkc(s=60,damping=0.05)")?.tableau());
    /// assert!(rkc.modulus((-6900.0).into()) < 1.0 && rkc.modulus((-7000.0).into()) > 1.0);
    /// # Ok::<(), shadowflow_methods::MethodError>(())
    /// ```
    pub fn of(tableau: &Tableau) -> Amplification {
        let recurrence = tableau.recurrence().map(StabilityRecurrence::new);
        Amplification { recurrence, ..Amplification::new(tableau.stability_function()) }
    }

    /// The amplification of the method with this stability function R = P/Q, from its coefficients.
    pub fn new(function: &StabilityFunction) -> Amplification {
        Amplification {
            numerator: trimmed(function.numerator_f64()),
            denominator: trimmed(function.denominator_f64()),
            recurrence: None,
        }
    }

    /// |R(z)|: a number ≥ 0, infinite at poles and where it exceeds the doubles, never NaN for finite z.
    pub fn modulus(&self, z: Complex64) -> f64 {
        if let Some(recurrence) = &self.recurrence {
            return recurrence.modulus(z);
        }
        let (p, q) = (&self.numerator, &self.denominator);
        // Outside the unit disc, P and Q divided by their highest powers of z are polynomials in 1/z, |1/z| < 1:
        // neither can overflow, and the quotient of the powers is taken exactly once.
        let (numerator, denominator, scale) = match Reciprocal::of(z) {
            None => (horner(p.iter().rev(), z), horner(q.iter().rev(), z), 1.0),
            Some(Reciprocal { inverse, modulus }) => {
                let excess = p.len() as i32 - q.len() as i32;
                (horner(p.iter(), inverse), horner(q.iter(), inverse), modulus.powi(excess))
            }
        };
        match (modulus(numerator), modulus(denominator)) {
            (_, 0.0) => f64::INFINITY,
            (0.0, _) => 0.0,
            (p, q) => p / q * scale,
        }
    }

    /// |R| on a raster of z = x + iy, sampled at pixel centres; the stability region is where it is at most 1.
    ///
    /// # Errors
    /// If there are no pixels, or too many.
    pub fn raster(&self, window: Window, width: usize, height: usize) -> Result<Grid, RasterError> {
        Grid::sample(window, width, height, |x, y| self.modulus(Complex64::new(x, y)))
    }

    /// |R(z) e⁻ᶻ| on a raster; where it exceeds 1 is the order star of the method (Wanner, Hairer & Nørsett 1978).
    ///
    /// # Errors
    /// If there are no pixels, or too many.
    pub fn order_star(&self, window: Window, width: usize, height: usize) -> Result<Grid, RasterError> {
        Grid::sample(window, width, height, |x, y| {
            // As a logarithm, so that a huge |R| and a tiny e⁻ˣ do not meet as ∞·0.
            (self.modulus(Complex64::new(x, y)).ln() - x).exp()
        })
    }
}

/// 1/z for |z| > 1.
struct Reciprocal {
    inverse: Complex64,
    modulus: f64,
}

impl Reciprocal {
    fn of(z: Complex64) -> Option<Reciprocal> {
        let size = z.re.abs().max(z.im.abs());
        if size <= 1.0 {
            return None;
        }
        // Scaled first: |z|² may overflow.
        let unit = z / size;
        let inverse = unit.conj() / unit.norm_sqr() / size;
        Some(Reciprocal { inverse, modulus: modulus(z) })
    }
}

fn modulus(z: Complex64) -> f64 {
    z.re.hypot(z.im)
}

/// The polynomial with the given coefficients, the highest power first.
fn horner<'a>(coefficients: impl Iterator<Item = &'a f64>, z: Complex64) -> Complex64 {
    coefficients.fold(Complex64::ZERO, |sum, &c| sum * z + c)
}

/// Without vanishing highest coefficients.
fn trimmed(coefficients: &[f64]) -> Vec<f64> {
    let length = coefficients.iter().rposition(|&c| c != 0.0).map_or(1, |last| last + 1);
    coefficients[..length].to_vec()
}

#[cfg(test)]
mod tests {
    use std::f64::consts::TAU;

    use super::*;
    use proptest::prelude::*;
    use shadowflow_methods::{Extent, Method};

    fn amplification(name: &str) -> Amplification {
        Amplification::new(Method::named(name).unwrap().tableau().stability_function())
    }

    fn window(x: (f64, f64), y: (f64, f64)) -> Window {
        Window::new(x, y).unwrap()
    }

    proptest! {
        /// Two ways to evaluate R; relative to their terms they agree up to rounding, which cancellation magnifies.
        #[test]
        fn agrees_with_direct_evaluation(re in -9.0..9.0, im in -9.0..9.0) {
            let z = Complex64::new(re, im);
            for name in ["euler", "rk4", "implicit-euler", "gauss4", "radau-iia-5", "lobatto-iiic-4"] {
                let r = Method::named(name).unwrap();
                let direct = r.tableau().stability_function().eval(z).norm();
                let found = Amplification::new(r.tableau().stability_function()).modulus(z);
                prop_assert!((found - direct).abs() < 1e-12 * (1.0 + direct * z.norm().powi(3)), "{name} at {z}");
            }
        }
    }

    #[test]
    fn poles_zeros_and_infinity_are_numbers() {
        // Implicit Euler is 1/(1 - z), with a pole at 1.
        assert_eq!(amplification("implicit-euler").modulus(Complex64::ONE), f64::INFINITY);
        assert_eq!(amplification("euler").modulus(-Complex64::ONE), 0.0);
        for method in Method::all() {
            let r = Amplification::new(method.tableau().stability_function());
            for size in [1e-300, 1.0, 1e20, 1e100, 1e300, f64::MAX] {
                for z in [(1.0, 0.0), (-1.0, 0.0), (0.0, 1.0), (0.7, -0.7), (-1.0, 1.0)] {
                    let modulus = r.modulus(Complex64::new(z.0 * size, z.1 * size));
                    assert!(modulus >= 0.0, "{} at {size:e}·{z:?}: {modulus}", method.name());
                }
            }
        }
        // |R(∞)| of the A-stable families: 1 for Gauss, 0 for Radau IIA.
        assert!((amplification("gauss4").modulus(Complex64::new(-1e200, 1e200)) - 1.0).abs() < 1e-14);
        assert!(amplification("radau-iia-5").modulus(Complex64::new(-1e200, 0.0)) < 1e-190);
    }

    #[test]
    fn the_region_of_rk4_has_its_known_number_of_pixels() {
        // An independent C program counts 906 152 of the 2000² nodes of [-5, 2] × [-4, 4], ends included, by
        // Horner's rule in complex doubles. The same nodes are the pixel centres of a window wider by half a pixel
        // on every side.
        let (dx, dy) = (0.5 * 7.0 / 1999.0, 0.5 * 8.0 / 1999.0);
        let padded = window((-5.0 - dx, 2.0 + dx), (-4.0 - dy, 4.0 + dy));
        let grid = amplification("rk4").raster(padded, 2000, 2000).unwrap();
        assert_eq!(grid.count(|modulus| modulus <= 1.0), 906_152);
    }

    #[test]
    fn regions_end_where_their_intervals_do() {
        for name in ["euler", "heun", "kutta3", "rk4", "ssp104"] {
            let tableau = Method::named(name).unwrap().tableau().clone();
            let Extent::Bounded(end) = tableau.stability_function().real_interval() else { panic!("{name}") };
            let r = Amplification::new(tableau.stability_function());
            // An exact threshold from algebra; R crosses ±1 there with a slope of about 1 or more.
            assert!(r.modulus((-end * (1.0 - 1e-9)).into()) < 1.0, "{name}");
            assert!(r.modulus((-end * (1.0 + 1e-9)).into()) > 1.0, "{name}");
        }
    }

    #[test]
    fn rasters_do_not_depend_on_threads() {
        let r = amplification("gauss4");
        let window = window((-4.0, 4.0), (-4.0, 4.0));
        let parallel = r.raster(window, 61, 47).unwrap();
        for row in 0..47 {
            for column in 0..61 {
                let (x, y) = parallel.centre(column, row);
                let alone = r.modulus(Complex64::new(x, y));
                assert_eq!(parallel.values()[row * 61 + column].to_bits(), alone.to_bits());
            }
        }
    }

    #[test]
    fn the_order_star_has_a_sector_for_every_half_turn() {
        // Near 0, R(z) e⁻ᶻ = 1 - C zᵖ⁺¹ + …, so on a small circle it crosses 1 in modulus 2(p + 1) times.
        for (name, order) in [("euler", 1), ("rk4", 4), ("implicit-midpoint", 2), ("gauss4", 4)] {
            let star = |z: Complex64| amplification(name).modulus(z).ln() - z.re;
            let n = 4000;
            let outside =
                |k: usize| star(Complex64::from_polar(0.05, (k as f64 + 0.5) * TAU / n as f64)) > 0.0;
            let crossings = (0..n).filter(|&k| outside(k) != outside((k + 1) % n)).count();
            assert_eq!(crossings, 2 * (order + 1), "{name}");
        }
        let grid = amplification("rk4").order_star(window((-1e5, 1e5), (-1.0, 1.0)), 3, 1).unwrap();
        let values = grid.values();
        assert!(
            values[0] == f64::INFINITY && (values[1] - 1.0).abs() < 1e-15 && values[2] == 0.0,
            "{values:?}"
        );
    }
}
