//! How the distance of a method from its truncated modified flow shrinks with the step: slopes, measured and expected.

use serde_json::{Value, json};
use shadowflow_bseries::Series;
use shadowflow_methods::Method;
use shadowflow_numerics::problems::ScalarFactorization;
use shadowflow_numerics::{GradientFlow, ModifiedEquation, ObservedOrder, RungeKutta, flow, observed_order};

use crate::axis::Axis;
use crate::canvas::geometry::Rect;
use crate::canvas::text::{HAlign, TextStyle, VAlign};
use crate::data::{Data, Table};
use crate::error::{DrawError, FigureError};
use crate::figure::{Check, Drawing, Figure, Progress};
use crate::page::{Margins, Page};
use crate::style::{DOUBLE_COLUMN_MM, Fill, GREY, LIGHT_GREY, Marker, PALETTE, SMALL_SIZE, Stroke};

/// One-step and global defects of six methods against the step, for truncations of the modified equation.
pub(super) struct OrderSlopes;

const PROBLEM: ScalarFactorization = ScalarFactorization { target: 1.0 };
const START: [f64; 2] = [2.0, 1.0 / 3.0];
/// Global defects are taken here, after 1/h steps.
const TIME: f64 = 1.0;
/// Numbers of steps in [`TIME`].
const STEPS: [u32; 13] = [8, 11, 16, 23, 32, 45, 64, 91, 128, 181, 256, 362, 512];
/// Curves in a panel.
const CURVES: usize = 4;
/// Defects below this are rounding of the flow and of the steps, not shown as measurements: a hundred units in the last
/// place of a point of size 2.
const FLOOR: f64 = 1e-13;
/// Points in a fit, those with the smallest steps above the floor.
const FITTED: usize = 6;
const METHODS: [(&str, &str); 6] = [
    ("euler", "Euler"),
    ("heun", "Heun"),
    ("ralston", "Ralston"),
    ("midpoint", "midpoint"),
    ("rk4", "classical, order 4"),
    ("implicit-midpoint", "implicit midpoint"),
];

/// Which defect is measured.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Defect {
    /// After one step from the start.
    OneStep,
    /// At [`TIME`].
    Global,
}

/// One curve: consecutive truncations whose modified equations coincide.
struct Curve {
    first: usize,
    last: usize,
    expected: usize,
    /// (h, defect), h decreasing.
    points: Vec<(f64, f64)>,
    fit: ObservedOrder,
}

impl Curve {
    fn label(&self) -> String {
        let slope = self.fit.order;
        match self.last - self.first {
            0 => format!("$N={}$: ${slope:.2}$", self.first),
            1 => format!("$N={},{}$: ${slope:.2}$", self.first, self.last),
            _ => format!("$N={}$–${}$: ${slope:.2}$", self.first, self.last),
        }
    }

    /// The fitted line, through the last point that the fit uses.
    fn line_at(&self, h: f64) -> f64 {
        let fitted = self.fitted();
        let (end, value) = fitted[fitted.len() - 1];
        value * (h / end).powf(self.fit.order)
    }

    /// The measurements that the fit uses.
    fn fitted(&self) -> Vec<(f64, f64)> {
        fitted(&self.points)
    }
}

struct PanelData {
    name: &'static str,
    title: &'static str,
    defect: Defect,
    curves: Vec<Curve>,
}

type Computed<T> = Result<T, Box<dyn std::error::Error + Send + Sync>>;

impl Figure for OrderSlopes {
    fn id(&self) -> &'static str {
        "order-slopes"
    }

    fn title(&self) -> &'static str {
        "Defects of six methods with respect to their truncated modified equations, and the slopes they have"
    }

    fn source(&self) -> &'static str {
        "Hairer, Lubich & Wanner (2006), Theorem IX.1.2"
    }

    fn parameters(&self) -> Value {
        json!({
            "target": PROBLEM.target, "start": START, "time": TIME, "steps": STEPS, "floor": FLOOR,
            "fitted": FITTED, "curves": CURVES, "methods": METHODS.map(|method| method.0),
        })
    }

    fn make(&self, progress: &dyn Progress) -> Result<Drawing, FigureError> {
        let mut panels = Vec::new();
        for defect in [Defect::OneStep, Defect::Global] {
            for (name, title) in METHODS {
                let curves = curves(name, defect).map_err(FigureError::computation)?;
                panels.push(PanelData { name, title, defect, curves });
                progress.checkpoint(panels.len() as f64 / (2.0 * METHODS.len() as f64))?;
            }
        }
        let data = Data { table: Some(table(&panels)), fields: Vec::new() };
        Ok(Drawing { data, checks: checks(&panels), page: page(&panels)? })
    }
}

fn curves(name: &str, defect: Defect) -> Computed<Vec<Curve>> {
    let method = Method::named(name)?;
    let field = GradientFlow(PROBLEM);
    let stepper = RungeKutta::new(method.tableau());
    let mut curves = Vec::new();
    for (first, last) in distinct_truncations(&method, CURVES)? {
        // The first neglected power is h^(last+1): f̃ - truncation = O(h^(last+1)), one step multiplies by h.
        let expected = last + 1 + usize::from(defect == Defect::OneStep);
        let equation = ModifiedEquation::new(field, method.tableau(), first)?;
        let mut points = Vec::new();
        for n in STEPS {
            let h = TIME / f64::from(n);
            let steps = if defect == Defect::OneStep { 1 } else { n };
            let (mut x, mut next) = (START, START);
            let mut step = stepper.on(&field, h)?;
            for _ in 0..steps {
                step.step(&x, &mut next)?;
                x = next;
            }
            let reached = flow(&equation.at_step(h)?, &START, f64::from(steps) * h)?;
            points.push((h, (x[0] - reached[0]).hypot(x[1] - reached[1])));
        }
        let fit = observed_order(&fitted(&points), 0.0)?;
        curves.push(Curve { first, last, expected, points, fit });
    }
    Ok(curves)
}

fn fitted(points: &[(f64, f64)]) -> Vec<(f64, f64)> {
    let above: Vec<_> = points.iter().copied().filter(|point| point.1 > FLOOR).collect();
    above[above.len().saturating_sub(FITTED)..].to_vec()
}

/// The first runs N = first..=last of truncation orders over which the modified equation does not change, because the
/// coefficients of h^(first+1), …, h^last vanish on every tree.
fn distinct_truncations(method: &Method, runs: usize) -> Computed<Vec<(usize, usize)>> {
    // A run ends before the next nonzero power; symmetric methods have every second, and the first comes at h^p.
    let order = (method.tableau().order() as usize).max(1) + 2 * runs;
    let series = Series::modified(method.tableau(), order + 1)?;
    let mut nonzero = vec![false; order + 1];
    for (tree, coefficient) in series.terms() {
        nonzero[series.trees().vertices(tree) - 1] |= !coefficient.is_zero();
    }
    let starts: Vec<usize> = (0..=order).filter(|&power| nonzero[power]).collect();
    Ok(starts.windows(2).take(runs).map(|pair| (pair[0], pair[1] - 1)).collect())
}

fn table(panels: &[PanelData]) -> Table {
    let mut table =
        Table::new(["method", "defect", "truncation", "h", "value", "fitted", "slope", "expected"]);
    for panel in panels {
        let kind = if panel.defect == Defect::OneStep { "one step" } else { "global" };
        for curve in &panel.curves {
            let fitted = curve.fitted();
            for point in &curve.points {
                let used = if fitted.contains(point) { "yes" } else { "no" };
                table.push([
                    panel.name.into(),
                    kind.into(),
                    (curve.first as f64).into(),
                    point.0.into(),
                    point.1.into(),
                    used.into(),
                    curve.fit.order.into(),
                    (curve.expected as f64).into(),
                ]);
            }
        }
    }
    table
}

fn checks(panels: &[PanelData]) -> Vec<Check> {
    let mut checks = Vec::new();
    for panel in panels {
        let kind = if panel.defect == Defect::OneStep { "one-step" } else { "global" };
        for curve in &panel.curves {
            let name = format!("{kind} slope of {} at N = {}", panel.name, curve.first);
            // Higher terms bend a slope by a hundredth where the fit reaches small steps, and by up to a quarter for the
            // steepest curves, which only larger steps keep above the floor (5.77 for 6 with Heun, whose local slopes
            // rise to 5.9). A wrong order would be off by 1.
            checks.push(Check::near(name, curve.fit.order, curve.expected as f64, 0.25));
        }
    }
    checks
}

fn page(panels: &[PanelData]) -> Result<Page, DrawError> {
    let mut page = Page::new(DOUBLE_COLUMN_MM, 205.0);
    let places = page.grid(
        4,
        3,
        &Margins { left: 36.0, between_columns: 22.0, between_rows: 33.0, ..Margins::default() },
    );
    for (i, (panel, place)) in panels.iter().zip(places).enumerate() {
        draw_panel(&mut page, place, panel, i)?;
    }
    Ok(page)
}

fn draw_panel(page: &mut Page, place: Rect, data: &PanelData, index: usize) -> Result<(), DrawError> {
    let (low, high) = (1e-16, 1.0);
    let smallest = TIME / f64::from(STEPS[STEPS.len() - 1]);
    let mut x = Axis::log(1e-4, 0.2)?;
    let mut y = Axis::log(low, high)?;
    if index / 3 == 3 {
        x = x.title("step $h$");
    }
    if index.is_multiple_of(3) {
        let title = if data.defect == Defect::OneStep { "defect after one step" } else { "defect at $t=1$" };
        y = y.title(title);
    } else {
        y = y.bare();
    }
    let mut panel = page.panel(place, x, y)?;
    let letter = char::from(b'a' + index as u8).to_string();
    panel.heading(&letter, data.title)?;
    panel.polygon(
        [(1e-4, low), (0.2, low), (0.2, FLOOR), (1e-4, FLOOR)],
        &Fill::new(LIGHT_GREY.mix(crate::style::WHITE, 0.6)),
    )?;
    if index.is_multiple_of(METHODS.len()) {
        let style = TextStyle::new(SMALL_SIZE).colour(GREY).anchor(HAlign::Right, VAlign::Middle);
        panel.label((0.2, 1e-15), (-3.0, 0.0), "rounding", &style)?;
    }
    for (curve, colour) in data.curves.iter().zip(PALETTE) {
        let fitted = curve.fitted();
        let end = fitted[fitted.len() - 1].0;
        let line = [end, curve.points[0].0].map(|h| (h, curve.line_at(h)));
        panel.line(line, &Stroke::thin(colour))?;
        panel.points(
            curve.points.iter().copied().filter(|p| p.1 > FLOOR),
            &Marker::disk(colour).radius(1.3),
        )?;
        panel.points(
            curve.points.iter().copied().filter(|p| p.1 <= FLOOR),
            &Marker::disk(colour.pale()).radius(1.0),
        )?;
    }
    let label = |(curve, colour): (&Curve, _)| (curve.line_at(smallest), curve.label(), colour);
    let labels: Vec<_> = data.curves.iter().zip(PALETTE).map(label).collect();
    panel.curve_labels(smallest, HAlign::Left, &labels)?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn truncations(name: &str) -> Vec<(usize, usize)> {
        distinct_truncations(&Method::named(name).unwrap(), 3).unwrap()
    }

    #[test]
    fn truncations_are_grouped_by_what_vanishes() {
        assert_eq!(truncations("euler"), [(0, 0), (1, 1), (2, 2)]);
        // A method of order p has no terms h, …, h^(p-1); a symmetric one has even powers only (GNI, Theorem IX.2.2).
        assert_eq!(truncations("heun"), [(0, 1), (2, 2), (3, 3)]);
        assert_eq!(truncations("rk4"), [(0, 3), (4, 4), (5, 5)]);
        assert_eq!(truncations("implicit-midpoint"), [(0, 1), (2, 3), (4, 5)]);
    }
}
