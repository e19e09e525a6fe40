//! Stability functions over the complex plane, as the figures about them draw it.

use num_complex::Complex64;
use shadowflow_methods::StabilityFunction;

use crate::axis::Axis;
use crate::canvas::geometry::Rect;
use crate::error::DrawError;
use crate::grid::Grid;
use crate::page::Page;
use crate::panel::Panel;
use crate::style::{Colour, Dash, Fill, GREY, Stroke};

/// What is shaded.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Shown {
    /// The stability region |R(z)| ≤ 1.
    Region,
    /// The order star |R(z)| > |exp(z)| (Wanner, Hairer & Nørsett 1978).
    OrderStar,
}

impl Shown {
    /// The quantity that is compared with 1.
    pub(super) fn value(self, function: &StabilityFunction, z: Complex64) -> f64 {
        let modulus = function.eval(z).norm();
        match self {
            Shown::Region => modulus,
            Shown::OrderStar => modulus / z.re.exp(),
        }
    }

    /// It on a grid of nodes over `real` and the imaginary numbers that give equal units in a box of this shape; an odd
    /// number of rows, so that the real axis is one.
    pub(super) fn sample(
        self,
        function: &StabilityFunction,
        real: (f64, f64),
        place: Rect,
        columns: usize,
    ) -> Grid {
        let half = (real.1 - real.0) * place.height / place.width / 2.0;
        let rows = (columns as f64 * place.height / place.width).round() as usize | 1;
        Grid::sample(real, (-half, half), columns, rows, |x, y| self.value(function, Complex64::new(x, y)))
    }

    /// Shades the set and draws its boundary.
    pub(super) fn draw(self, panel: &mut Panel<'_>, field: &Grid, colour: Colour) -> Result<(), DrawError> {
        // A region is a sublevel set, an order star a superlevel set.
        let sign = if self == Shown::Region { -1.0 } else { 1.0 };
        let field = signed(field, sign);
        panel.region(&field, sign, &Fill::new(colour.pale()));
        panel.contour(&field, sign, &Stroke::new(colour).width(0.8))
    }

    /// Its boundary alone, dashed.
    pub(super) fn outline(
        self,
        panel: &mut Panel<'_>,
        field: &Grid,
        colour: Colour,
    ) -> Result<(), DrawError> {
        panel.contour(&signed(field, 1.0), 1.0, &Stroke::new(colour).width(0.6).dash(Dash::Dashed))
    }
}

/// Poles are infinite; a large number keeps interpolation next to them meaningful.
fn signed(field: &Grid, sign: f64) -> Grid {
    field.map(|v| sign * v.min(1e9))
}

/// What the frame of a panel says.
pub(super) struct Ends {
    /// The numbers on the imaginary axis, on the left, if any.
    pub(super) imaginary: Option<&'static [f64]>,
    /// Whether the real axis is numbered, below.
    pub(super) real: bool,
    /// Whether the real axis has its title.
    pub(super) titled: bool,
}

/// A framed panel over part of the plane, with both axes through 0 as thin lines.
pub(super) fn open<'a>(
    page: &'a mut Page,
    place: Rect,
    field: &Grid,
    ends: Ends,
) -> Result<Panel<'a>, DrawError> {
    let (real, imaginary) = field.intervals();
    let (mut x, y) = (Axis::linear(real.0, real.1)?, Axis::linear(imaginary.0, imaginary.1)?);
    if ends.titled {
        x = x.title(r"$\operatorname{Re}z$");
    }
    let x = if ends.real { x } else { x.bare() };
    let number = |&tick: &f64| (tick, format!("${tick}$"));
    let y = match ends.imaginary {
        Some(ticks) => y.ticks_at(ticks.iter().map(number)),
        None => y.bare(),
    };
    let mut panel = page.framed_panel(place, x, y)?;
    let guide = Stroke::thin(GREY).width(0.35);
    panel.line([(real.0, 0.0), (real.1, 0.0)], &guide)?;
    panel.line([(0.0, imaginary.0), (0.0, imaginary.1)], &guide)?;
    Ok(panel)
}
