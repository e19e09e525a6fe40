//! How intricate the boundaries of basins are.

use std::collections::HashMap;
use std::hash::Hash;

use crate::error::{InputError, check_order};
use crate::statistics::Estimate;

/// Starts on a side of the boxes over which the entropy is averaged (Daza et al. 2016 take 5 by 5).
const BOX: usize = 5;

/// Of a raster of labels at least so many rows and columns are needed to see a power law.
const LEAST: usize = 32;

/// Measures of a raster of labels, one for each start.
///
/// ```
/// use shadowflow_numerics::BasinGeometry;
/// // Two halves: a straight boundary has dimension 1 and a small entropy.
/// let labels: Vec<bool> = (0..256 * 256).map(|k| k % 256 < 100).collect();
/// let found = BasinGeometry::of(&labels, 256)?;
/// assert!((found.dimension.value - 1.0).abs() < 0.05);
/// assert!(found.entropy < 0.05 && !found.is_fractal());
/// # Ok::<(), shadowflow_numerics::InputError>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct BasinGeometry {
    /// The basin entropy: the mean over boxes of 5 by 5 starts of -Σ p ln p, p the shares of the labels in the box (Daza, Wagemakers,
    /// Georgeot, Guéry-Odelin & Sanjuán 2016).
    pub entropy: f64,
    /// The same over boxes with more than one label; above ln 2 the boundary is fractal, by their sufficient criterion. 0 if there is no
    /// boundary.
    pub boundary_entropy: f64,
    /// The box dimension of the set of starts with a neighbour of another label. The error is that of the fitted slope, over the
    /// scales of the raster; what happens below a pixel is not seen.
    pub dimension: Estimate,
    /// The exponent α with which the share of uncertain starts falls like εᵅ, those with another label at distance ε (McDonald,
    /// Grebogi, Ott & Yorke 1985): 2 less the dimension.
    pub uncertainty: Estimate,
}

impl BasinGeometry {
    /// Of labels row by row, `width` in each.
    ///
    /// # Errors
    /// If there are fewer than 32 rows or columns, or the rows are not whole.
    pub fn of<L: Copy + Eq + Hash>(labels: &[L], width: usize) -> Result<BasinGeometry, InputError> {
        check_order("the number of columns", width, LEAST, usize::MAX)?;
        check_order("the number of rows", labels.len() / width, LEAST, usize::MAX)?;
        let height = labels.len() / width;
        if height * width != labels.len() {
            let (expected, found) = (height * width, labels.len());
            return Err(InputError::Dimension { what: "the raster", expected, found });
        }
        let at = |x: usize, y: usize| labels[y * width + x];
        let (mut sum, mut boundary_sum, mut boxes, mut mixed) = (0.0, 0.0, 0usize, 0usize);
        for top in (0..=height - BOX).step_by(BOX) {
            for left in (0..=width - BOX).step_by(BOX) {
                let mut counts: HashMap<L, f64> = HashMap::new();
                for (x, y) in (0..BOX * BOX).map(|k| (left + k % BOX, top + k / BOX)) {
                    *counts.entry(at(x, y)).or_default() += 1.0;
                }
                // In the order of the counts, so that sums are the same bytes every time.
                let mut shares: Vec<f64> =
                    counts.into_values().map(|count| count / (BOX * BOX) as f64).collect();
                shares.sort_by(f64::total_cmp);
                let entropy: f64 = shares.iter().map(|p| -p * p.ln()).sum();
                (sum, boxes) = (sum + entropy, boxes + 1);
                if shares.len() > 1 {
                    (boundary_sum, mixed) = (boundary_sum + entropy, mixed + 1);
                }
            }
        }
        let is_boundary = |x: usize, y: usize| {
            let label = at(x, y);
            (x + 1 < width && at(x + 1, y) != label) || (y + 1 < height && at(x, y + 1) != label)
        };
        let smaller = width.min(height);
        let scales = || {
            std::iter::successors(Some(1usize), |side| Some(2 * side)).take_while(|side| 8 * side <= smaller)
        };
        let counted: Vec<(f64, f64)> = scales()
            .map(|side| {
                let (columns, rows) = (width / side, height / side);
                let touched = |column: usize, row: usize| {
                    let cells = (0..side * side).map(|k| (column * side + k % side, row * side + k / side));
                    cells.into_iter().any(|(x, y)| is_boundary(x, y))
                };
                let count = (0..columns * rows).filter(|k| touched(k % columns, k / columns)).count();
                // For sides that do not divide the raster the rest is left out; the count belongs to what is covered.
                let covered = (columns * side * rows * side) as f64 / (width * height) as f64;
                ((side as f64).ln(), count as f64 / covered)
            })
            .collect();
        let uncertain: Vec<(f64, f64)> = scales()
            .map(|distance| {
                let (mut count, mut all) = (0usize, 0usize);
                for y in 0..height {
                    for x in distance..width.saturating_sub(distance) {
                        all += 1;
                        count +=
                            usize::from(at(x - distance, y) != at(x, y) || at(x + distance, y) != at(x, y));
                    }
                }
                ((distance as f64).ln(), count as f64 / all.max(1) as f64)
            })
            .collect();
        let dimension = slope(&counted);
        Ok(BasinGeometry {
            entropy: sum / boxes as f64,
            boundary_entropy: if mixed == 0 { 0.0 } else { boundary_sum / mixed as f64 },
            dimension: Estimate { value: -dimension.value, error: dimension.error },
            uncertainty: slope(&uncertain),
        })
    }

    /// Whether the boundary is fractal by the entropy criterion, which two labels alone never fulfil.
    pub fn is_fractal(&self) -> bool {
        self.boundary_entropy > 2f64.ln()
    }
}

/// The slope of ln y over x by least squares, with its standard error; NaN if fewer than three values are positive.
fn slope(points: &[(f64, f64)]) -> Estimate {
    let points: Vec<(f64, f64)> = points.iter().filter(|p| p.1 > 0.0).map(|p| (p.0, p.1.ln())).collect();
    let n = points.len() as f64;
    if points.len() < 3 {
        return Estimate { value: f64::NAN, error: f64::NAN };
    }
    let (mx, my) = points.iter().fold((0.0, 0.0), |m, p| (m.0 + p.0 / n, m.1 + p.1 / n));
    let xx: f64 = points.iter().map(|p| (p.0 - mx).powi(2)).sum();
    let value = points.iter().map(|p| (p.0 - mx) * (p.1 - my)).sum::<f64>() / xx;
    let left: f64 = points.iter().map(|p| (p.1 - my - value * (p.0 - mx)).powi(2)).sum();
    Estimate { value, error: (left / (n - 2.0) / xx).sqrt() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn random_labels_fill_the_plane() {
        // A multiplicative hash for lack of pattern.
        let labels: Vec<u64> =
            (0..128u64 * 128).map(|k| (k.wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 40) % 2).collect();
        let found = BasinGeometry::of(&labels, 128).unwrap();
        assert!((found.dimension.value - 2.0).abs() < 0.2, "{found:?}");
        assert!(found.uncertainty.value.abs() < 0.1 && found.entropy > 0.6, "{found:?}");
    }

    #[test]
    fn a_known_fractal_boundary_has_its_dimension() {
        // Sierpinski's triangle as the pairs without a common binary digit: ln 3/ln 2 = 1.585, met by boxes of powers of 2.
        let side = 512usize;
        let labels: Vec<bool> = (0..side * side).map(|k| (k % side) & (k / side) == 0).collect();
        let found = BasinGeometry::of(&labels, side).unwrap();
        // Neighbours across the sides of boxes are counted too, fewer of them the larger the box.
        assert!((found.dimension.value - 3f64.log2()).abs() < 0.1, "{found:?}");
    }

    #[test]
    fn a_smooth_boundary_is_uncertain_in_proportion_to_the_distance() {
        let side = 256usize;
        let radius = |k: usize| ((k % side) as f64 - 127.3).hypot((k / side) as f64 - 128.1);
        let labels: Vec<bool> = (0..side * side).map(|k| radius(k) < 90.0).collect();
        let found = BasinGeometry::of(&labels, side).unwrap();
        // At the largest distance, 32 of 90, the circle is not quite a line any more.
        assert!((found.uncertainty.value - 1.0).abs() < 0.05, "{found:?}");
        assert!((found.dimension.value - 1.0).abs() < 0.05, "{found:?}");
    }

    #[test]
    fn without_a_boundary_there_is_no_dimension() {
        let found = BasinGeometry::of(&[0u8; 64 * 64], 64).unwrap();
        assert!(found.dimension.value.is_nan() && found.entropy == 0.0 && found.boundary_entropy == 0.0);
        assert!(BasinGeometry::of(&[0u8; 64 * 64], 16).is_err());
        assert!(BasinGeometry::of(&[0u8; 64 * 64 - 1], 64).is_err());
    }
}
