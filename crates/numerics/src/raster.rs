//! A rectangle of the plane sampled at pixel centres.

use std::sync::OnceLock;

use rayon::ThreadPool;
use rayon::prelude::*;

use crate::InputError;
use crate::fma::mul_add;

/// The most pixels of a grid: 2²⁸, two gigabytes of doubles.
const MAX_PIXELS: usize = 1 << 28;

/// Why there is no raster.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
pub enum RasterError {
    /// An axis whose ends are not finite and increasing.
    #[error("the window reaches from {from} to {to} in {axis}; give two finite numbers, the smaller first")]
    Window {
        /// `x` or `y`.
        axis: char,
        /// The lower end given.
        from: f64,
        /// The upper end given.
        to: f64,
    },
    /// No pixels, or too many.
    #[error(
        "a raster of {width} by {height} pixels is refused; both must be at least 1, and there may be {most} in all"
    )]
    Size {
        /// The pixels in a row.
        width: usize,
        /// The number of rows.
        height: usize,
        /// The most pixels there may be.
        most: usize,
    },
}

/// Why starts or parameters over a part of the plane cannot be used.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
pub enum StartsError {
    /// An argument that cannot be used.
    #[error(transparent)]
    Input(#[from] InputError),
    /// None of them, or too many.
    #[error(transparent)]
    Raster(#[from] RasterError),
}

/// A rectangle [x₀, x₁] × [y₀, y₁] with finite, increasing ends.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Window {
    x: (f64, f64),
    y: (f64, f64),
}

impl Window {
    /// The rectangle with the given ends.
    ///
    /// # Errors
    /// If an axis is empty, reversed or not finite.
    pub fn new(x: (f64, f64), y: (f64, f64)) -> Result<Window, RasterError> {
        for (axis, (from, to)) in [('x', x), ('y', y)] {
            if !(from < to && from.is_finite() && to.is_finite() && (to - from).is_finite()) {
                return Err(RasterError::Window { axis, from, to });
            }
        }
        Ok(Window { x, y })
    }

    /// The ends in x.
    pub fn x(&self) -> (f64, f64) {
        self.x
    }

    /// The ends in y.
    pub fn y(&self) -> (f64, f64) {
        self.y
    }

    /// The x and the y of the centres of `width`·`height` pixels that fill the window.
    ///
    /// # Errors
    /// If there are no pixels, or more than 2²⁸.
    pub fn centres(&self, width: usize, height: usize) -> Result<(Vec<f64>, Vec<f64>), RasterError> {
        let size = Size::checked(width, height)?;
        Ok((size.columns(*self), size.rows(*self)))
    }
}

/// One number for each pixel of a window, row by row, the row of the smallest y first.
#[derive(Clone, Debug, PartialEq)]
pub struct Grid {
    window: Window,
    width: usize,
    height: usize,
    values: Vec<f64>,
}

impl Grid {
    /// Samples `f(x, y)` at the centres of `width`·`height` pixels that fill the window.
    ///
    /// Rows are computed in parallel; every value depends on its own pixel only, so the result does not depend on the
    /// number of threads.
    ///
    /// ```
    /// use shadowflow_numerics::{Grid, Window};
    /// let window = Window::new((0.0, 4.0), (0.0, 2.0))?;
    /// let grid = Grid::sample(window, 4, 2, |x, y| x + 10.0 * y)?;
    /// assert_eq!(grid.values(), [5.5, 6.5, 7.5, 8.5, 15.5, 16.5, 17.5, 18.5]);
    /// # Ok::<(), shadowflow_numerics::RasterError>(())
    /// ```
    ///
    /// # Errors
    /// If there are no pixels, or more than 2²⁸.
    pub fn sample(
        window: Window,
        width: usize,
        height: usize,
        f: impl Fn(f64, f64) -> f64 + Sync,
    ) -> Result<Grid, RasterError> {
        let size = Size::checked(width, height)?;
        let (x, y) = (size.columns(window), size.rows(window));
        let mut values = vec![0.0; width * height];
        in_parallel(&mut values, width, |row, values| {
            for (value, &x) in values.iter_mut().zip(&x) {
                *value = f(x, y[row]);
            }
        });
        Ok(Grid { window, width, height, values })
    }

    /// The window.
    pub fn window(&self) -> Window {
        self.window
    }

    /// The number of pixels in a row.
    pub fn width(&self) -> usize {
        self.width
    }

    /// The number of rows.
    pub fn height(&self) -> usize {
        self.height
    }

    /// All values, row by row from the smallest y.
    pub fn values(&self) -> &[f64] {
        &self.values
    }

    /// The centre (x, y) of a pixel.
    pub fn centre(&self, column: usize, row: usize) -> (f64, f64) {
        (centre(self.window.x, self.width, column), centre(self.window.y, self.height, row))
    }

    /// The number of pixels whose value satisfies a condition.
    pub fn count(&self, condition: impl Fn(f64) -> bool) -> usize {
        self.values.iter().filter(|&&value| condition(value)).count()
    }
}

/// The size of a raster that can be made.
#[derive(Clone, Copy)]
pub(crate) struct Size {
    width: usize,
    height: usize,
}

impl Size {
    /// # Errors
    /// If there are no pixels, or too many.
    pub(crate) fn checked(width: usize, height: usize) -> Result<Size, RasterError> {
        match width.checked_mul(height) {
            Some(pixels) if (1..=MAX_PIXELS).contains(&pixels) => Ok(Size { width, height }),
            _ => Err(RasterError::Size { width, height, most: MAX_PIXELS }),
        }
    }

    /// The x of pixel centres.
    pub(crate) fn columns(self, window: Window) -> Vec<f64> {
        (0..self.width).map(|column| centre(window.x, self.width, column)).collect()
    }

    /// The y of pixel centres.
    pub(crate) fn rows(self, window: Window) -> Vec<f64> {
        (0..self.height).map(|row| centre(window.y, self.height, row)).collect()
    }
}

/// The middle of the `index`th of `count` equal parts of an interval; those of an interval about 0 come in exact pairs.
fn centre((from, to): (f64, f64), count: usize, index: usize) -> f64 {
    let share = (2.0 * index as f64 + 1.0 - count as f64) / count as f64;
    mul_add(0.5 * (to - from), share, 0.5 * from + 0.5 * to)
}

/// Calls `work` with each chunk of `length` values and its number, on all processors.
pub(crate) fn in_parallel<T: Send>(values: &mut [T], length: usize, work: impl Fn(usize, &mut [T]) + Sync) {
    match pool() {
        Some(pool) => {
            // One chunk at a time: pieces of several are not divided any more once a thread works on them, and the other
            // threads wait for the last one.
            let chunks = values.par_chunks_mut(length).enumerate().with_max_len(1);
            pool.install(|| chunks.for_each(|(k, chunk)| work(k, chunk)));
        }
        None => values.chunks_mut(length).enumerate().for_each(|(k, chunk)| work(k, chunk)),
    }
}

/// Threads of our own: rayon's global pool belongs to whoever configures it first. `None` if the system gives no
/// threads.
fn pool() -> Option<&'static ThreadPool> {
    static POOL: OnceLock<Option<ThreadPool>> = OnceLock::new();
    POOL.get_or_init(|| rayon::ThreadPoolBuilder::new().thread_name(|k| format!("raster-{k}")).build().ok())
        .as_ref()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_sit_at_the_centres_that_are_reported() {
        let window = Window::new((-1.0, 2.0), (-3.0, 1.0)).unwrap();
        let grid = Grid::sample(window, 7, 5, |x, y| x.mul_add(100.0, y)).unwrap();
        for row in 0..5 {
            for column in 0..7 {
                let (x, y) = grid.centre(column, row);
                assert_eq!(grid.values()[row * 7 + column], x.mul_add(100.0, y));
            }
        }
        assert_eq!(grid.count(|value| value > 0.0), grid.values().iter().filter(|v| **v > 0.0).count());
    }

    #[test]
    fn pixels_counted_in_a_disc_measure_its_area() {
        let window = Window::new((-1.0, 1.0), (-1.0, 1.0)).unwrap();
        let grid = Grid::sample(window, 500, 500, |x, y| x * x + y * y).unwrap();
        let area = grid.count(|square| square <= 1.0) as f64 * 4.0 / 250_000.0;
        // Only the pixels on the boundary, some 4·500, can err; their errors nearly cancel.
        assert!((area - std::f64::consts::PI).abs() < 1e-3, "{area}");
    }

    #[test]
    fn empty_reversed_and_huge_rasters_are_refused() {
        for bad in [(1.0, 1.0), (2.0, 1.0), (f64::NAN, 1.0), (0.0, f64::INFINITY), (f64::MIN, f64::MAX)] {
            assert!(matches!(Window::new(bad, (0.0, 1.0)), Err(RasterError::Window { axis: 'x', .. })));
            assert!(matches!(Window::new((0.0, 1.0), bad), Err(RasterError::Window { axis: 'y', .. })));
        }
        let window = Window::new((0.0, 1.0), (0.0, 1.0)).unwrap();
        for (width, height) in [(0, 5), (5, 0), (1 << 20, 1 << 20), (usize::MAX, 2)] {
            assert!(matches!(Grid::sample(window, width, height, |x, _| x), Err(RasterError::Size { .. })));
        }
    }
}
