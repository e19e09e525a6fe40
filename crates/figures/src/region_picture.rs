//! The stability region or order star of any method, with points hλ marked.

use num_complex::Complex64;
use serde_json::{Value, json};
use shadowflow_methods::Tableau;
use shadowflow_numerics::{Amplification, Boundary, Curve, Window};

use crate::axis::Axis;
use crate::canvas::text::{HAlign, TextStyle, VAlign};
use crate::data::{Cell, Data, Table};
use crate::error::FigureError;
use crate::figure::{Check, Drawing, Figure, Progress};
use crate::grid::Grid;
use crate::page::{Margins, Page};
use crate::style::{BLACK, BLUE, Fill, GREY, Marker, SINGLE_COLUMN_MM, SMALL_SIZE, Stroke, VERMILION};

/// Nodes across the picture.
const COLUMNS: usize = 401;

/// Islands that reach farther than this many times the extent of the piece at 0 are left out of the window.
const FARTHEST: f64 = 4.0;

/// Widest share of height to width, and narrowest.
const TALLEST: f64 = 1.4;
const FLATTEST: f64 = 0.25;

/// Where |R(z)| ≤ 1, or |R(z)| > |exp(z)|, over part of the complex plane.
///
/// ```
/// use shadowflow_figures::{Figure, RegionPicture, Silent};
/// use shadowflow_methods::Method;
/// let rk4 = Method::named("rk4")?;
/// let picture = RegionPicture::new("rk4", rk4.tableau());
/// assert!(picture.make(&Silent)?.checks.iter().all(|check| check.passed));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone)]
pub struct RegionPicture {
    name: String,
    amplification: Amplification,
    columns: usize,
    boundary: Option<Boundary>,
    window: Option<Window>,
    order_star: bool,
    points: Vec<Complex64>,
}

impl RegionPicture {
    /// Of the method of this name, in a window that shows all of the boundary that is bounded.
    pub fn new(name: &str, tableau: &Tableau) -> RegionPicture {
        let boundary = Boundary::of(tableau);
        RegionPicture {
            name: name.to_owned(),
            amplification: Amplification::of(tableau),
            columns: COLUMNS,
            boundary,
            window: None,
            order_star: false,
            points: Vec::new(),
        }
    }

    /// The same over another part of the plane.
    pub fn over(self, window: Window) -> RegionPicture {
        RegionPicture { window: Some(window), ..self }
    }

    /// The same with |R| sampled at so many nodes across, 401 if nothing is said.
    pub fn columns(self, columns: usize) -> RegionPicture {
        RegionPicture { columns: columns.max(2), ..self }
    }

    /// The order star instead (Wanner, Hairer & Nørsett 1978).
    pub fn order_star(self) -> RegionPicture {
        RegionPicture { order_star: true, ..self }
    }

    /// The same with these values of z = hλ marked.
    pub fn marking(self, points: Vec<Complex64>) -> RegionPicture {
        RegionPicture { points, ..self }
    }

    /// The window given, or one with the bounded curves, the points, and room about them; equal units on both axes.
    fn shown(&self) -> ((f64, f64), (f64, f64)) {
        if let Some(window) = self.window {
            return (window.x(), window.y());
        }
        let (mut re, mut im) = ((-1.0f64, 1.0f64), 1.0f64);
        // Islands much farther out than the piece at 0 would make a dot of it.
        let extent = |curve: &Curve| curve.points().iter().map(|z| z.norm()).fold(0.0, f64::max);
        let main = self.boundary.as_ref().and_then(Boundary::about_zero).map_or(f64::INFINITY, extent);
        let closed = self
            .boundary
            .iter()
            .flat_map(Boundary::curves)
            .filter(|curve| curve.is_closed() && extent(curve) <= FARTHEST * main);
        for z in closed.flat_map(|curve| curve.points()).chain(&self.points) {
            re = (re.0.min(z.re), re.1.max(z.re));
            im = im.max(z.im.abs());
        }
        let room = 0.12 * (re.1 - re.0).max(im);
        let (re, im) = ((re.0 - room, re.1 + room), im + room);
        // Long flat regions get more height, tall ones more width.
        let width = (re.1 - re.0).max(2.0 * im / TALLEST);
        let im = im.max(0.5 * FLATTEST * width);
        let middle = 0.5 * (re.0 + re.1);
        ((middle - 0.5 * width, middle + 0.5 * width), (-im, im))
    }

    /// |R|, or |R e⁻ᶻ|, at the nodes: at the centres of the pixels of a window wider by half a pixel on every side, row by row in
    /// parallel.
    fn field(&self, x: (f64, f64), y: (f64, f64), rows: usize) -> Grid {
        let wider = |(from, to): (f64, f64), nodes: usize| {
            let half = 0.5 * (to - from) / (nodes - 1) as f64;
            (from - half, to + half)
        };
        let (columns, rows) = (self.columns, rows.max(2));
        let sampled =
            Window::new(wider(x, columns), wider(y, rows)).and_then(|window| match self.order_star {
                true => self.amplification.order_star(window, columns, rows),
                false => self.amplification.raster(window, columns, rows),
            });
        let values = sampled.map(|sampled| sampled.values().to_vec());
        let grid = values.ok().and_then(|values| Grid::of_values(x, y, columns, values));
        // Only a window at the ends of the doubles cannot be widened; there the nodes themselves serve.
        grid.unwrap_or_else(|| Grid::sample(x, y, columns, rows, |re, im| self.value(Complex64::new(re, im))))
    }

    fn value(&self, z: Complex64) -> f64 {
        let modulus = self.amplification.modulus(z);
        if self.order_star { (modulus.ln() - z.re).exp() } else { modulus }
    }
}

impl Figure for RegionPicture {
    fn id(&self) -> &str {
        if self.order_star { "order-star" } else { "stability-region" }
    }

    fn title(&self) -> &str {
        if self.order_star { "The order star of a method" } else { "The stability region of a method" }
    }

    fn source(&self) -> &'static str {
        if self.order_star {
            "after Wanner, Hairer & Nørsett (1978)"
        } else {
            "after Hairer & Wanner (1996), chapter IV"
        }
    }

    fn parameters(&self) -> Value {
        let (x, y) = self.shown();
        json!({
            "method": self.name,
            "window": [x.0, x.1, y.0, y.1],
            "columns": self.columns,
            "points": self.points.iter().map(|z| [z.re, z.im]).collect::<Vec<_>>(),
        })
    }

    fn make(&self, progress: &dyn Progress) -> Result<Drawing, FigureError> {
        let (x, y) = self.shown();
        // The share of the page that a window of this shape takes, within what a column holds.
        let shape = ((y.1 - y.0) / (x.1 - x.0)).clamp(FLATTEST, TALLEST);
        let margins = Margins::default();
        let inner = SINGLE_COLUMN_MM - (margins.left + margins.right) / crate::style::POINTS_PER_MM;
        let height = inner * shape + (margins.top + margins.bottom) / crate::style::POINTS_PER_MM;
        let mut page = Page::new(SINGLE_COLUMN_MM, height);
        let place = page.grid(1, 1, &margins)[0];
        let rows = (self.columns as f64 * shape).round() as usize | 1;
        let field = self.field(x, y, rows);
        progress.checkpoint(0.5)?;

        let across = Axis::linear(x.0, x.1)?.title("$\\operatorname{Re}z$");
        let mut panel =
            page.framed_panel(place, across, Axis::linear(y.0, y.1)?.title("$\\operatorname{Im}z$"))?;
        let (sign, colour) = if self.order_star { (1.0, VERMILION) } else { (-1.0, BLUE) };
        // A bounded region is enclosed by its curves; what reaches out of the window is found from the field.
        let enclosed = self.boundary.as_ref().filter(|found| !self.order_star && found.area().is_some());
        let signed = || field.map(|v| sign * v.min(1e9));
        match enclosed {
            Some(boundary) => {
                let curve = |curve: &Curve| curve.points().iter().map(|z| (z.re, z.im)).collect();
                panel.area(boundary.curves().iter().map(curve), &Fill::new(colour.pale()));
            }
            None => panel.region(&signed(), sign, &Fill::new(colour.pale())),
        }
        let guide = Stroke::thin(GREY).width(0.35);
        panel.line([(x.0, 0.0), (x.1, 0.0)], &guide)?;
        panel.line([(0.0, y.0), (0.0, y.1)], &guide)?;
        let mut table = Table::new(["curve", "re", "im"]);
        match (&self.boundary, self.order_star) {
            (Some(boundary), false) => {
                for (k, curve) in boundary.curves().iter().enumerate() {
                    let first = curve.points().iter().take(usize::from(curve.is_closed()));
                    let points = curve.points().iter().chain(first).map(|z| (z.re, z.im));
                    panel.line(points, &Stroke::new(colour).width(0.9))?;
                    for z in curve.points() {
                        table.push([Cell::from(k as f64), Cell::from(z.re), Cell::from(z.im)]);
                    }
                }
            }
            _ => panel.contour(&signed(), sign, &Stroke::new(colour).width(0.9))?,
        }
        panel.points(self.points.iter().map(|z| (z.re, z.im)), &Marker::disk(BLACK).radius(1.5))?;
        panel.heading("", &self.name)?;
        let shaded = if self.order_star { "$|R(z)|>|e^z|$" } else { "$|R(z)|\\leq 1$" };
        let style = TextStyle::new(SMALL_SIZE).anchor(HAlign::Right, VAlign::Top);
        panel.label((x.1, y.1), (-4.0, 4.0), shaded, &style)?;

        let on_curve = |z: &Complex64| (self.amplification.modulus(*z) - 1.0).abs();
        let curves = self.boundary.iter().flat_map(Boundary::curves).flat_map(|curve| curve.points());
        let worst = curves.filter(|z| z.norm() < 1e4).map(on_curve).fold(0.0, f64::max);
        // Newton's method leaves the rounding of R, largest where it is steep.
        let checks = vec![Check::at_most("||R| - 1| on the curves", worst, 1e-5)];
        let data = Data { table: Some(table), fields: vec![("modulus".to_owned(), field)] };
        Ok(Drawing { data, checks, page })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::figure::Silent;
    use shadowflow_methods::Method;

    #[test]
    fn regions_of_every_shape_are_drawn() {
        for name in [
            "euler",
            "gauss4",
            "radau-iia-5",
            "dormand-prince",
            "rkc(s=10,damping=0.05)",
            "rkc(s=4,damping=0)",
        ] {
            let method = Method::named(name).unwrap();
            let picture = RegionPicture::new(name, method.tableau());
            for picture in [
                picture.clone(),
                picture.clone().order_star(),
                picture.marking(vec![Complex64::new(-30.0, 2.0)]),
            ] {
                let drawing = picture.make(&Silent).unwrap();
                assert!(drawing.checks.iter().all(|check| check.passed), "{name}: {:?}", drawing.checks);
                drawing.page.finish().unwrap();
            }
        }
    }
}
