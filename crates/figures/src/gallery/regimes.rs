//! Gradient descent on f = x²/2 in its four regimes: which truncated modified flow it follows, and when none.

use serde_json::{Value, json};

use crate::axis::Axis;
use crate::canvas::geometry::Rect;
use crate::canvas::text::{HAlign, TextStyle, VAlign};
use crate::data::{Data, Table};
use crate::error::{DrawError, FigureError};
use crate::figure::{Check, Drawing, Figure, Progress};
use crate::legend::{Corner, Key};
use crate::page::{Margins, Page};
use crate::style::{
    BLACK, BLUE, DOUBLE_COLUMN_MM, Dash, GREEN, GREY, LIGHT_GREY, Marker, SMALL_SIZE, Stroke, VERMILION,
};

/// Gradient descent from x₀ = 1 on f = x²/2 beside its gradient flow and modified flows.
pub(super) struct Regimes;

/// One panel: the learning rate, how many steps are shown, the range of x, and how it is called.
struct Regime {
    h: f64,
    steps: u32,
    range: (f64, f64),
    heading: &'static str,
}

const REGIMES: [Regime; 4] = [
    Regime { h: 0.2, steps: 20, range: (0.0, 1.0), heading: "$h=0.2$: one correction is enough" },
    Regime { h: 0.7, steps: 6, range: (0.0, 1.0), heading: "$h=0.7<1$: every order comes closer" },
    Regime {
        h: 1.5,
        steps: 6,
        range: (-0.55, 1.0),
        heading: "$1<h=1.5<2$: convergence that no flow follows",
    },
    Regime { h: 2.1, steps: 10, range: (-3.4, 3.0), heading: "$h=2.1>2$: divergence that no flow follows" },
];

/// The modified flows drawn besides the gradient flow, which is order 0.
const ORDERS: std::ops::RangeInclusive<u32> = 0..=3;

/// The iterate x_k of x ↦ (1 - h)x from 1.
fn iterate(h: f64, k: u32) -> f64 {
    (0..k).fold(1.0, |x, _| (1.0 - h) * x)
}

/// The modified flow of order n from 1: log(1 - h) = -Σ hʲ/j, truncated after j = n + 1, over h.
fn modified_flow(h: f64, order: u32, t: f64) -> f64 {
    let rate: f64 = (0..=order).map(|j| h.powi(j as i32) / f64::from(j + 1)).sum();
    (-rate * t).exp()
}

impl Figure for Regimes {
    fn id(&self) -> &'static str {
        "regimes"
    }

    fn title(&self) -> &'static str {
        "Gradient descent on x²/2 beside its gradient flow and modified flows, in four regimes of the learning rate"
    }

    fn source(&self) -> &'static str {
        "after Tao & Wang; Hairer, Lubich & Wanner (2006), chapter IX"
    }

    fn parameters(&self) -> Value {
        let panel = |r: &Regime| json!({ "h": r.h, "steps": r.steps, "range": [r.range.0, r.range.1] });
        json!({
            "start": 1.0,
            "orders": ORDERS.collect::<Vec<_>>(),
            "panels": REGIMES.iter().map(panel).collect::<Vec<_>>(),
        })
    }

    fn make(&self, progress: &dyn Progress) -> Result<Drawing, FigureError> {
        let data = Data { table: Some(table()), fields: Vec::new() };
        progress.checkpoint(0.3)?;
        Ok(Drawing { data, checks: checks(), page: page()? })
    }
}

fn table() -> Table {
    let mut table = Table::new(["h", "series", "t", "x"]);
    for regime in &REGIMES {
        for (t, x) in iterates(regime) {
            table.push([regime.h.into(), "iterates".into(), t.into(), x.into()]);
        }
        for order in ORDERS {
            for (t, x) in curve(regime, order) {
                table.push([
                    regime.h.into(),
                    format!("modified flow of order {order}").into(),
                    t.into(),
                    x.into(),
                ]);
            }
        }
    }
    table
}

fn checks() -> Vec<Check> {
    let error =
        |h: f64, order: u32, k: u32| (iterate(h, k) - modified_flow(h, order, f64::from(k) * h)).abs();
    // Reference values from an independent computation with 30 digits; ours is twenty roundings away.
    let reference = [0.0192010010714423, 0.00125930901115535, 9.47917877470061e-5];
    let mut checks: Vec<Check> = (0..)
        .zip(reference)
        .map(|(n, value)| {
            Check::near(format!("error of order {n} at h = 0.1, k = 10"), error(0.1, n, 10), value, 1e-15)
        })
        .collect();
    let nearest =
        |order: u32| (0..=REGIMES[0].steps).map(|k| error(REGIMES[0].h, order, k)).fold(0.0, f64::max);
    checks.push(Check::at_most(
        "largest error of order 1 at h = 0.2, which the eye should not see",
        nearest(1),
        0.01,
    ));
    for regime in &REGIMES[..2] {
        let worst =
            ORDERS.skip(1).map(|n| error(regime.h, n, 4) / error(regime.h, n - 1, 4)).fold(0.0, f64::max);
        let name = format!("largest ratio of the errors of successive orders at h = {}, k = 4", regime.h);
        checks.push(Check::at_most(name, worst, 0.999));
    }
    for regime in &REGIMES[2..] {
        // The terms hʲ/j of the rate grow from here on, so that more of them do not help.
        let ratio = regime.h * 3.0 / 4.0;
        checks.push(Check::at_least(
            format!("ratio of the last two terms of the rate at h = {}", regime.h),
            ratio,
            1.0,
        ));
    }
    checks.push(Check::at_most("|x_k| at h = 1.5 after the steps shown", iterate(1.5, 6).abs(), 0.02));
    checks.push(Check::at_least("|x_k| at h = 2.1 after the steps shown", iterate(2.1, 10).abs(), 2.5));
    checks
}

fn iterates(regime: &Regime) -> impl Iterator<Item = (f64, f64)> {
    let h = regime.h;
    (0..=regime.steps).map(move |k| (f64::from(k) * h, iterate(h, k)))
}

fn curve(regime: &Regime, order: u32) -> impl Iterator<Item = (f64, f64)> {
    let (h, end) = (regime.h, f64::from(regime.steps) * regime.h);
    (0..=200).map(move |i| f64::from(i) / 200.0 * end).map(move |t| (t, modified_flow(h, order, t)))
}

const STROKES: [Stroke; 4] =
    [Stroke::new(GREY).dash(Dash::Dashed), Stroke::new(BLUE), Stroke::new(VERMILION), Stroke::new(GREEN)];

fn page() -> Result<Page, DrawError> {
    let mut page = Page::new(DOUBLE_COLUMN_MM, 112.0);
    let places = page.grid(2, 2, &Margins { between_columns: 46.0, ..Margins::default() });
    for ((regime, place), letter) in REGIMES.iter().zip(places).zip(["a", "b", "c", "d"]) {
        panel(&mut page, regime, place, letter)?;
    }
    Ok(page)
}

fn panel(page: &mut Page, regime: &Regime, place: Rect, letter: &str) -> Result<(), DrawError> {
    let end = f64::from(regime.steps) * regime.h;
    let x = Axis::linear(0.0, end)?.title("$t=kh$");
    let y = Axis::linear(regime.range.0, regime.range.1)?.title("$x$");
    let mut panel = page.panel(place, x, y)?;
    panel.heading(letter, regime.heading)?;
    let marker = Marker::ring(BLACK).radius(1.7);
    if regime.range.0 < 0.0 {
        panel.line([(0.0, 0.0), (end, 0.0)], &Stroke::thin(LIGHT_GREY))?;
        panel.line(iterates(regime), &Stroke::thin(GREY))?;
    }
    for (order, stroke) in ORDERS.zip(&STROKES) {
        panel.line(curve(regime, order), stroke)?;
    }
    panel.points(iterates(regime), &marker)?;
    if regime.h > 1.0 {
        let style = TextStyle::new(SMALL_SIZE).colour(GREY).anchor(HAlign::Right, VAlign::Baseline).halo(1.0);
        panel.remark((0.98, 0.04), "the modified equation diverges: $\\sum_j h^j/j=\\infty$", &style)?;
    }
    if letter == "a" {
        panel.legend(
            Corner::TopRight,
            &[
                (Key::Marker(marker), "gradient descent $x_{k+1}=(1-h)\\,x_k$"),
                (Key::Line(STROKES[0]), "gradient flow"),
                (Key::Line(STROKES[1]), "modified flow through $h$"),
                (Key::Line(STROKES[2]), "modified flow through $h^2$"),
                (Key::Line(STROKES[3]), "modified flow through $h^3$"),
            ],
        )?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_flow_to_all_orders_is_the_iteration() {
        // 60 terms of the logarithmic series at h = 0.2 leave 0.2^61: the identity (1 - h)^k = exp(k log(1 - h)).
        assert!((modified_flow(0.2, 60, 2.0) - iterate(0.2, 10)).abs() < 1e-15);
    }

    #[test]
    fn order_zero_is_the_gradient_flow() {
        assert_eq!(modified_flow(0.7, 0, 1.5), (-1.5f64).exp());
    }
}
