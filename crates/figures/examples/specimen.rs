//! One page with everything a figure may contain, to be looked at after a change of style.
//!
//! `cargo run --release -p shadowflow-figures --example specimen -- <folder>` writes `specimen.svg`, `.pdf` and `.png`.

use std::error::Error;
use std::path::PathBuf;

use shadowflow_figures::axis::Axis;
use shadowflow_figures::canvas::export;
use shadowflow_figures::canvas::geometry::Rect;
use shadowflow_figures::canvas::text::{HAlign, TextStyle, VAlign};
use shadowflow_figures::grid::Grid;
use shadowflow_figures::legend::{Corner, Key};
use shadowflow_figures::page::{Margins, Page};
use shadowflow_figures::style::*;

fn main() -> Result<(), Box<dyn Error>> {
    let folder = PathBuf::from(std::env::args().nth(1).unwrap_or_else(|| ".".to_owned()));
    let svg = draw()?;
    std::fs::write(folder.join("specimen.svg"), &svg)?;
    std::fs::write(folder.join("specimen.pdf"), export::pdf(&svg)?)?;
    std::fs::write(folder.join("specimen.png"), export::png(&svg, 300.0)?)?;
    Ok(())
}

fn draw() -> Result<String, Box<dyn Error>> {
    let mut page = Page::new(DOUBLE_COLUMN_MM, 125.0);
    let places = page.grid(2, 2, &Margins { right: 52.0, between_columns: 64.0, ..Margins::default() });
    curves(&mut page, places[0])?;
    slopes(&mut page, places[1])?;
    contours(&mut page, places[2])?;
    field(&mut page, places[3])?;
    Ok(page.finish()?)
}

fn curves(page: &mut Page, place: Rect) -> Result<(), Box<dyn Error>> {
    let (x, y) =
        (Axis::linear(0.0, 6.0)?.title("time $t = kh$"), Axis::linear(-0.6, 1.0)?.title("$x(t)$ and $x_k$"));
    let mut panel = page.panel(place, x, y)?;
    panel.heading("a", "Lines, markers and a legend")?;
    panel.line([(0.0, 0.0), (6.0, 0.0)], &Stroke::thin(LIGHT_GREY))?;
    let dashes = [Dash::Solid, Dash::Dashed, Dash::DashDotted, Dash::Dotted];
    for (i, (colour, dash)) in PALETTE.into_iter().zip(dashes).enumerate() {
        let curve = |t: f64| (-t / (1.0 + i as f64)).exp() * (2.0 * t).cos();
        panel.line(times(6.0).map(|t| (t, curve(t))), &Stroke::new(colour).dash(dash))?;
    }
    panel.points((0..=12).map(|k| f64::from(k) / 2.0).map(|t| (t, (-t).exp())), &Marker::ring(BLACK))?;
    let line = |i: usize| Key::Line(Stroke::new(PALETTE[i]).dash(dashes[i]));
    panel.legend(
        Corner::TopRight,
        &[
            (Key::Marker(Marker::ring(BLACK)), "iterates"),
            (line(0), "gradient flow"),
            (line(1), "$\\widetilde\\varphi_h^{[1]}$"),
            (line(2), "$f-\\frac{h}{2}f'f$"),
            (line(3), "to all orders"),
        ],
    )?;
    Ok(())
}

fn slopes(page: &mut Page, place: Rect) -> Result<(), Box<dyn Error>> {
    let x = Axis::log(1e-3, 1.0)?.title("step $h$");
    let y = Axis::log(1e-16, 1.0)?.title("defect $\\|\\Phi_h(x)-\\widetilde\\varphi_h^{[N]}(x)\\|$");
    let mut panel = page.panel(place, x, y)?;
    panel.heading("b", "Slopes with direct labels")?;
    let mut labels = Vec::new();
    for (n, colour) in (2..).zip(PALETTE).take(5) {
        let power = |h: f64| h.powi(n) / 10.0;
        let steps = (0..=60).map(|i| 1e-3 * 1000f64.powf(f64::from(i) / 60.0));
        panel.line(steps.map(|h| (h, power(h).max(3e-17))), &Stroke::new(colour))?;
        labels.push((power(1.0), format!("$N={}$", n - 2), colour));
    }
    panel.curve_labels(1.0, HAlign::Right, &labels)?;
    Ok(())
}

fn contours(page: &mut Page, place: Rect) -> Result<(), Box<dyn Error>> {
    let (x, y) = (Axis::linear(-2.5, 2.5)?.title("$x$"), Axis::linear(-1.6, 1.6)?.title("$y$"));
    let mut panel = page.framed_panel(place, x, y)?;
    panel.heading("c", "Level lines of $V=\\frac{1}{2}(1-xy)^2$")?;
    let grid = Grid::sample((-2.5, 2.5), (-1.6, 1.6), 201, 129, |x, y| (1.0 - x * y).powi(2) / 2.0);
    panel.region(&grid.map(|v| -v), -0.1, &Fill::new(GREEN.pale()));
    for level in [0.1, 0.5, 1.0, 2.0, 4.0, 8.0] {
        panel.contour(&grid, level, &Stroke::thin(GREY))?;
    }
    let style = TextStyle::new(SMALL_SIZE).anchor(HAlign::Centre, VAlign::Middle).halo(1.2);
    panel.label((0.0, 0.0), (0.0, 0.0), "saddle, $\\nabla V=0$", &style)?;
    panel.label((1.3, 0.6), (0.0, 0.0), "minima $xy=1$", &style.angle(-25.0))?;
    for (i, shape) in
        [Shape::Disk, Shape::Ring, Shape::Square, Shape::Triangle, Shape::Diamond].into_iter().enumerate()
    {
        let marker = Marker::disk(PALETTE[i]).radius(2.2).shape(shape);
        panel.points([(-2.0 + 0.3 * i as f64, 1.2)], &marker)?;
    }
    Ok(())
}

fn field(page: &mut Page, place: Rect) -> Result<(), Box<dyn Error>> {
    let (x, y) = (
        Axis::linear(-3.0, 3.0)?.title("$\\operatorname{Re} z$"),
        Axis::linear(-2.0, 2.0)?.title("$\\operatorname{Im} z$"),
    );
    let mut panel = page.framed_panel(place, x, y)?;
    panel.heading("d", "A field, $\\log_{10}|R(z)|$")?;
    let modulus = |x: f64, y: f64| (1.0 + x + (x * x - y * y) / 2.0).hypot(y + x * y).log10();
    let grid = Grid::sample((-3.0, 3.0), (-2.0, 2.0), 181, 121, modulus);
    panel.raster(&grid, (-1.0, 1.0), ColourMap::Viridis)?;
    panel.contour(&grid, 0.0, &Stroke::new(WHITE))?;
    let bar = Rect::new(place.right() + 8.0, place.y, 7.0, place.height);
    let axis = Axis::linear(-1.0, 1.0)?.title("$\\log_{10}|R(z)|$");
    page.colour_bar(bar, ColourMap::Viridis, &axis)?;
    Ok(())
}

fn times(end: f64) -> impl Iterator<Item = f64> {
    (0..=300).map(move |i| end * f64::from(i) / 300.0)
}
