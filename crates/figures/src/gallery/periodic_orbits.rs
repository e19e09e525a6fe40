//! Periodic orbits of gradient descent on (1 - xy)²/2, and the learning rates at which one attracts.

use std::f64::consts::TAU;

use serde_json::{Value, json};
use shadowflow_methods::Method;
use shadowflow_numerics::problems::{DoubleWell, ScalarFactorization};
use shadowflow_numerics::{
    Bifurcation, Branch, Continuation, GradientFlow, Iteration, OrbitSearch, PeriodicOrbit,
};

use crate::axis::Axis;
use crate::canvas::geometry::{Point, Rect};
use crate::canvas::text::{HAlign, TextStyle, VAlign};
use crate::data::{Data, Table};
use crate::error::{DrawError, FigureError};
use crate::figure::{Check, Drawing, Figure, Progress};
use crate::legend::{Corner, Key};
use crate::page::{Margins, Page};
use crate::style::{
    BLACK, BLUE, Colour, DOUBLE_COLUMN_MM, Dash, Fill, GREEN, GREY, LIGHT_GREY, Marker, ORANGE, SMALL_SIZE,
    Shape, Stroke, VERMILION, WHITE,
};

/// The orbits of period 2, 3 and 4, their multipliers, and the windows of attraction.
pub(super) struct PeriodicOrbits;

const PROBLEM: ScalarFactorization = ScalarFactorization { target: 1.0 };
const H: f64 = 1.9;
const SIDE: f64 = 1.6;
const LONGEST: usize = 4;
const STARTS: usize = 1200;
/// The learning rates of the windows.
const RATES: (f64, f64) = (0.8, 1.4);

/// Everything computed.
struct Found {
    orbits: Vec<PeriodicOrbit>,
    /// Of period 1, 2 and 4 on the line x = y.
    branches: Vec<Branch>,
    /// Of period 2 and 4 in the plane.
    planar: Vec<Branch>,
}

impl Figure for PeriodicOrbits {
    fn id(&self) -> &'static str {
        "periodic-orbits"
    }

    fn title(&self) -> &'static str {
        "Periodic orbits of gradient descent on (1-xy)²/2 at h = 1.9, and where orbits of period 1, 2 and 4 attract"
    }

    fn source(&self) -> &'static str {
        "after Wang, Chen, Zhao & Tao (2022); multipliers and windows: this project"
    }

    fn parameters(&self) -> Value {
        json!({
            "target": PROBLEM.target, "h": H, "side": SIDE, "longest": LONGEST, "starts": STARTS, "rates": RATES,
        })
    }

    fn make(&self, progress: &dyn Progress) -> Result<Drawing, FigureError> {
        let found = compute(progress)?;
        let data = Data { table: Some(table(&found)), fields: Vec::new() };
        Ok(Drawing { data, checks: checks(&found)?, page: page(&found)? })
    }
}

fn compute(progress: &dyn Progress) -> Result<Found, FigureError> {
    let euler = Method::named("euler").map_err(FigureError::computation)?;
    let plane = Iteration::method(euler.tableau(), GradientFlow(PROBLEM));
    let search = OrbitSearch { sides: vec![(-SIDE, SIDE); 2], longest: LONGEST, starts: STARTS };
    let orbits =
        search.run_while(&plane, H, || !progress.is_cancelled()).map_err(FigureError::computation)?;
    progress.checkpoint(0.5)?;

    // On x = y the map is that of x⁴/4 - x²/2, of which a minimum is isolated.
    let line = Iteration::method(euler.tableau(), GradientFlow(DoubleWell));
    let way = Continuation { rates: RATES, step: 0.005, most: 4000 };
    let lost = || FigureError::computation("an orbit to be followed was not found".to_owned());
    let failed = |error: shadowflow_numerics::StepError| FigureError::computation(error);
    let mut next = PeriodicOrbit::near(&line, RATES.0, &[vec![1.0]]).map_err(failed)?.ok_or_else(lost)?;
    let mut branches = Vec::new();
    loop {
        let branch = way.follow(&line, &next, true).map_err(failed)?;
        let flip = branch.events().iter().find(|event| event.kind == Bifurcation::Flip).cloned();
        branches.push(branch);
        progress.checkpoint(0.5 + 0.1 * branches.len() as f64)?;
        if branches.len() == 3 {
            break;
        }
        let flip = flip.ok_or_else(lost)?;
        next = way.beyond_flip(&line, &flip.orbit).map_err(failed)?.ok_or_else(lost)?;
    }
    // The same orbits in the plane, from guesses on x = y.
    let mut planar = Vec::new();
    for branch in &branches[1..] {
        let middle = &branch.orbits()[branch.orbits().len() / 2];
        let guess: Vec<Vec<f64>> = middle.points().iter().map(|x| vec![x[0], x[0]]).collect();
        let orbit = PeriodicOrbit::near(&plane, middle.h(), &guess).map_err(failed)?.ok_or_else(lost)?;
        planar.push(way.follow(&plane, &orbit, false).map_err(failed)?);
    }
    Ok(Found { orbits, branches, planar })
}

/// Whether an orbit lies on the ellipse G = 0 of [`ScalarFactorization::ellipse`]. In angles, (x + y)² = (4(2 + h)/h) cos²θ and
/// (x - y)² = (4(2 - h)/h) sin²θ, descent is θ ↦ π - 3θ there: with 1 - xy = -(2/h) cos 2θ a step multiplies x + y, cos θ, by
/// 1 - 2 cos 2θ and x - y, sin θ, by 1 + 2 cos 2θ.
fn is_on_ellipse(orbit: &PeriodicOrbit) -> bool {
    orbit.points().iter().all(|x| PROBLEM.ellipse(&[x[0], x[1]], orbit.h()).abs() < 1e-9)
}

fn of_period(found: &Found, period: usize) -> impl Iterator<Item = &PeriodicOrbit> {
    found.orbits.iter().filter(move |orbit| orbit.period() == period)
}

/// The learning rate at which a branch flips.
fn flip(branch: &Branch) -> f64 {
    let found = branch.events().iter().find(|event| event.kind == Bifurcation::Flip);
    found.map_or(f64::NAN, |event| event.orbit.h())
}

fn checks(found: &Found) -> Result<Vec<Check>, FigureError> {
    let mut checks = Vec::new();
    for (period, expected) in (2..=LONGEST).zip([2.0, 8.0, 18.0]) {
        // θ ↦ π - 3θ has |(-3)ᵖ - 1| points with θ after p steps, of which those of shorter periods are taken off:
        // 4, 8 - 4, 28 - 4, 80 - 8.
        let on = || of_period(found, period).filter(|orbit| is_on_ellipse(orbit));
        checks.push(Check::near(
            format!("orbits of period {period} on the ellipse"),
            on().count() as f64,
            expected,
            0.0,
        ));
        let along = (-3f64).powi(period as i32);
        let nearest = |orbit: &PeriodicOrbit| {
            orbit.multipliers().iter().map(|m| (m / along - 1.0).norm()).fold(f64::INFINITY, f64::min)
        };
        // Points are known to a few roundings, which four steps with slopes up to 9 magnify.
        let worst = on().map(nearest).fold(0.0, f64::max);
        checks.push(Check::at_most(
            format!("multipliers of period {period} along the ellipse from (-3)^{period}"),
            worst,
            1e-11,
        ));
        let stable = of_period(found, period).filter(|orbit| orbit.is_stable()).count() as f64;
        checks.push(Check::at_most(format!("attracting orbits of period {period}"), stable, 0.0));
        let inside = of_period(found, period).filter(|orbit| !is_on_ellipse(orbit));
        let off = inside.flat_map(PeriodicOrbit::points).map(|x| (x[0] - x[1]).abs()).fold(0.0, f64::max);
        checks.push(Check::at_most(format!("|x - y| of the other orbits of period {period}"), off, 1e-12));
    }
    let defect = found.orbits.iter().map(PeriodicOrbit::defect).fold(0.0, f64::max);
    // A few roundings of numbers up to 2, magnified by slopes up to 5.
    checks.push(Check::at_most("largest defect of an orbit", defect, 1e-13));
    // All lie in the invariant ellipse or on it.
    let points = found.orbits.iter().filter(|orbit| orbit.period() > 1).flat_map(PeriodicOrbit::points);
    let least = points.map(|x| PROBLEM.ellipse(&[x[0], x[1]], H)).fold(f64::INFINITY, f64::min);
    checks.push(Check::at_least("least 4/h - x² - y² - h(1 - xy) of an orbit", least, -1e-12));
    // In closed form, and computed elsewhere to five digits.
    for (period, multiplier, tolerance) in [
        (2, 9.0 - 2.0 * (1.0 + H) * (1.0 + H), 1e-10),
        (3, 21.9192, 1e-3),
        (3, -22.0480, 1e-3),
        (4, 37.954, 1e-3),
    ] {
        let all = of_period(found, period).flat_map(PeriodicOrbit::multipliers);
        let nearest = all.min_by(|a, b| (*a - multiplier).norm().total_cmp(&(*b - multiplier).norm()));
        let measured = nearest.map_or(f64::NAN, |value| value.re);
        checks.push(Check::near(format!("a multiplier of period {period}"), measured, multiplier, tolerance));
    }
    let flips: Vec<f64> = found.branches.iter().map(flip).collect();
    checks.push(Check::near("h at which the minimum turns unstable", flips[0], 1.0, 1e-10));
    checks.push(Check::near("h at which period 2 turns unstable", flips[1], 5f64.sqrt() - 1.0, 1e-10));
    checks.push(Check::near("h at which period 4 turns unstable", flips[2], 1.288, 5e-4));
    let worst = found.branches[1].orbits().iter().map(|orbit| {
        let closed = 9.0 - 2.0 * (1.0 + orbit.h()) * (1.0 + orbit.h());
        (orbit.multipliers()[0] - closed).norm()
    });
    checks.push(Check::at_most("multiplier of period 2 from 9 - 2(1 + h)²", worst.fold(0.0, f64::max), 1e-9));
    // In the plane the same orbits attract across the line as well, within their windows.
    for (k, branch) in found.planar.iter().enumerate() {
        let inside = |orbit: &&PeriodicOrbit| orbit.h() > flips[k] + 1e-3 && orbit.h() < flips[k + 1] - 1e-3;
        let unstable = branch.orbits().iter().filter(inside).filter(|orbit| !orbit.is_stable()).count();
        let period = 2 << k;
        checks.push(Check::at_most(
            format!("repelling orbits of period {period} in its window"),
            unstable as f64,
            0.0,
        ));
        let outside = branch.orbits().iter().filter(|orbit| orbit.h() > flips[k + 1] + 1e-3);
        let stable = outside.filter(|orbit| orbit.is_stable()).count();
        checks.push(Check::at_most(
            format!("attracting orbits of period {period} beyond it"),
            stable as f64,
            0.0,
        ));
        checks.push(Check::at_least(
            format!("orbits of period {period} followed in the plane"),
            branch.orbits().iter().filter(inside).count() as f64,
            5.0,
        ));
    }
    Ok(checks)
}

fn table(found: &Found) -> Table {
    let mut table = Table::new(["series", "orbit", "period", "h", "point", "x", "y", "multiplier", "second"]);
    let mut push = |series: &str, index: usize, orbit: &PeriodicOrbit| {
        for (k, point) in orbit.points().iter().enumerate() {
            let multiplier = |n: usize| orbit.multipliers().get(n).map_or(f64::NAN, |value| value.re);
            table.push([
                series.into(),
                (index as f64).into(),
                (orbit.period() as f64).into(),
                orbit.h().into(),
                (k as f64).into(),
                point[0].into(),
                point.get(1).copied().unwrap_or(point[0]).into(),
                multiplier(0).into(),
                multiplier(1).into(),
            ]);
        }
    };
    for (index, orbit) in found.orbits.iter().enumerate().filter(|(_, orbit)| orbit.period() > 1) {
        push("orbit", index, orbit);
    }
    for branch in &found.branches {
        for (index, orbit) in branch.orbits().iter().enumerate() {
            push("branch", index, orbit);
        }
    }
    table
}

fn page(found: &Found) -> Result<Page, DrawError> {
    let mut page = Page::new(DOUBLE_COLUMN_MM, 128.0);
    let margins = Margins { between_columns: 38.0, ..Margins::default() };
    let places = page.grid(2, 3, &margins);
    let side = places[0].width;
    for (k, period) in (2..=LONGEST).enumerate() {
        plane(&mut page, Rect::new(places[k].x, margins.top, side, side), k, period, found)?;
    }
    let top = margins.top + side + margins.between_rows;
    let bottom = places[5].bottom();
    let lower = |k: usize| Rect::new(places[k].x, top, side, bottom - top);
    multipliers(&mut page, lower(0), found)?;
    windows(&mut page, lower(1), found)?;
    along(&mut page, lower(2), found)?;
    Ok(page)
}

fn plane(page: &mut Page, place: Rect, index: usize, period: usize, found: &Found) -> Result<(), DrawError> {
    let x = Axis::linear(-SIDE, SIDE)?.title("$x$");
    let mut y = Axis::linear(-SIDE, SIDE)?;
    y = if index == 0 { y.title("$y$") } else { y.bare() };
    let mut panel = page.framed_panel(place, x, y)?;
    panel.heading(["a", "b", "c"][index], &format!("period {period}, $h=1.9$"))?;
    // x² + y² - hxy = 4/h - h: half axes along the diagonals.
    let level = 4.0 / H - H;
    let (long, wide) = ((level / (1.0 - H / 2.0)).sqrt(), (level / (1.0 + H / 2.0)).sqrt());
    let ellipse = (0..=240).map(|k| TAU * f64::from(k) / 240.0).map(|t| {
        let (u, v) = (long * t.cos() / 2f64.sqrt(), wide * t.sin() / 2f64.sqrt());
        (u - v, u + v)
    });
    let ellipse: Vec<Point> = ellipse.collect();
    panel.polygon(ellipse.iter().copied(), &Fill::new(LIGHT_GREY.mix(WHITE, 0.6)))?;
    panel.line(ellipse, &Stroke::thin(GREY))?;
    for sign in [1.0, -1.0] {
        let branch = (30..=160).map(|k| sign * 0.02 * f64::from(k)).map(|x| (x, 1.0 / x));
        panel.line(branch, &Stroke::new(GREEN).width(0.8))?;
    }
    let points = |orbit: &PeriodicOrbit| orbit.points().iter().map(|x| (x[0], x[1])).collect::<Vec<Point>>();
    // Of the longer periods two orbits are joined, the others dots.
    for orbit in of_period(found, period) {
        let colour = place_colour(orbit).mix(WHITE, if period > 2 { 0.45 } else { 0.0 });
        panel.points(points(orbit), &Marker::disk(colour).radius(1.0))?;
    }
    let style = TextStyle::new(SMALL_SIZE).anchor(HAlign::Right, VAlign::Bottom);
    let (mut shown, mut line) = (Vec::new(), 0.0);
    for on in [true, false] {
        let of_place = of_period(found, period).filter(|orbit| is_on_ellipse(orbit) == on);
        // Of mirror images one.
        let mut labels: Vec<String> = Vec::new();
        for orbit in of_place {
            let [first, second] = [0, 1].map(|k| orbit.multipliers()[k].re);
            let label = format!("${first:.2}$, ${second:.2}$");
            if labels.contains(&label) || (period > 2 && !labels.is_empty()) {
                continue;
            }
            panel.remark((0.98, 0.03 + 0.075 * line), &label, &style.colour(place_colour(orbit)))?;
            shown.push(orbit);
            labels.push(label);
            line += 1.0;
        }
    }
    for orbit in shown {
        let closed = points(orbit).into_iter().chain(points(orbit).into_iter().take(1));
        panel.line(closed, &Stroke::thin(place_colour(orbit)))?;
        panel.points(points(orbit), &Marker::disk(place_colour(orbit)).radius(1.5))?;
    }
    if index == 0 {
        let style = TextStyle::new(SMALL_SIZE).colour(GREEN).anchor(HAlign::Right, VAlign::Top);
        panel.label((0.66, 1.5), (-3.0, 0.0), "$xy=1$", &style)?;
        let style = style.anchor(HAlign::Right, VAlign::Bottom).colour(BLACK);
        panel.remark((0.98, 0.03 + 0.075 * line), "multipliers", &style)?;
    }
    Ok(())
}

/// The colour of orbits on the ellipse, and of those on x = y inside.
fn place_colour(orbit: &PeriodicOrbit) -> Colour {
    if is_on_ellipse(orbit) { VERMILION } else { BLUE }
}

const PERIODS: [(usize, Shape); 3] = [(2, Shape::Disk), (3, Shape::Triangle), (4, Shape::Square)];

fn multipliers(page: &mut Page, place: Rect, found: &Found) -> Result<(), DrawError> {
    let decades =
        |ends: std::ops::RangeInclusive<i32>| ends.map(|k| (10f64.powi(k), format!("$10^{{{k}}}$")));
    let x = Axis::log(1.0, 300.0)?.ticks_at(decades(0..=2)).title("$|\\mu_1|$");
    let y = Axis::log(0.1, 30.0)?.ticks_at(decades(-1..=1)).title("$|\\mu_2|$");
    let mut panel = page.panel(place, x, y)?;
    panel.heading("d", "multipliers at $h=1.9$")?;
    panel.line([(1.0, 1.0), (300.0, 1.0)], &Stroke::thin(GREY).dash(Dash::Dashed))?;
    for (period, shape) in PERIODS {
        let on = 3f64.powi(period as i32);
        panel.line([(on, 0.1), (on, 30.0)], &Stroke::thin(LIGHT_GREY))?;
        let style = TextStyle::new(SMALL_SIZE).colour(GREY).anchor(HAlign::Right, VAlign::Bottom);
        panel.label((on, 0.1), (-1.5, -2.0), &format!("$3^{period}$"), &style)?;
        for orbit in of_period(found, period) {
            let at = (orbit.multipliers()[0].norm(), orbit.multipliers()[1].norm());
            panel.points([at], &Marker::disk(place_colour(orbit)).radius(1.5).shape(shape))?;
        }
    }
    let keys = PERIODS
        .map(|(period, shape)| (Key::Marker(Marker::disk(GREY).shape(shape)), format!("period {period}")));
    panel.legend(Corner::TopLeft, &keys.each_ref().map(|(key, text)| (*key, text.as_str())))?;
    let style = TextStyle::new(SMALL_SIZE).anchor(HAlign::Left, VAlign::Bottom);
    panel.remark((0.02, 0.10), "on the ellipse", &style.colour(VERMILION))?;
    panel.remark((0.02, 0.02), "on $x=y$", &style.colour(BLUE))
}

const BRANCHES: [(usize, Colour); 3] = [(1, BLACK), (2, BLUE), (4, ORANGE)];

fn windows(page: &mut Page, place: Rect, found: &Found) -> Result<(), DrawError> {
    let x = Axis::linear(RATES.0, RATES.1)?.title("learning rate $h$");
    let y = Axis::linear(0.5, 1.3)?.title("$x=y$");
    let mut panel = page.panel(place, x, y)?;
    panel.heading("e", "attracting, of period 1, 2, 4")?;
    let flips: Vec<f64> = found.branches.iter().map(flip).collect();
    let ends = [RATES.0, flips[0], flips[1], flips[2]];
    for (k, (period, colour)) in BRANCHES.into_iter().enumerate() {
        let (from, to) = (ends[k], ends[k + 1]);
        panel
            .polygon([(from, 0.5), (to, 0.5), (to, 1.3), (from, 1.3)], &Fill::new(colour.mix(WHITE, 0.9)))?;
        let style = TextStyle::new(SMALL_SIZE).colour(colour).anchor(HAlign::Centre, VAlign::Top);
        panel.label((0.5 * (from + to), 1.3), (0.0, 3.0), &format!("{period}"), &style)?;
    }
    for (k, (period, colour)) in BRANCHES.into_iter().enumerate() {
        let to = ends[k + 1];
        let orbits = found.branches[k].orbits();
        for point in 0..period {
            let part = |stable: bool| {
                let inside = move |orbit: &&PeriodicOrbit| (orbit.h() <= to) == stable;
                orbits.iter().filter(inside).map(move |orbit| (orbit.h(), orbit.points()[point][0]))
            };
            panel.line(part(true), &Stroke::new(colour))?;
            panel.line(part(false), &Stroke::thin(colour).dash(Dash::Dashed))?;
        }
    }
    Ok(())
}

fn along(page: &mut Page, place: Rect, found: &Found) -> Result<(), DrawError> {
    let x = Axis::linear(RATES.0, RATES.1)?.title("learning rate $h$");
    let y = Axis::linear(-4.0, 1.5)?.title("multiplier");
    let mut panel = page.panel(place, x, y)?;
    panel.heading("f", "multipliers on $x=y$")?;
    for level in [-1.0, 1.0] {
        panel.line([(RATES.0, level), (RATES.1, level)], &Stroke::thin(GREY))?;
    }
    for (branch, (_, colour)) in found.branches.iter().zip(BRANCHES) {
        let points = branch.orbits().iter().map(|orbit| (orbit.h(), orbit.multipliers()[0].re));
        panel.line(points, &Stroke::new(colour))?;
        let at = flip(branch);
        panel.points([(at, -1.0)], &Marker::ring(colour).radius(1.8))?;
    }
    let style = TextStyle::new(SMALL_SIZE).colour(BLACK).anchor(HAlign::Left, VAlign::Bottom);
    panel.remark((0.03, 0.22), "$1-2h$", &style.colour(BLACK))?;
    panel.remark((0.03, 0.12), "$9-2(1+h)^2$", &style.colour(BLUE))?;
    panel.remark((0.03, 0.02), "period 4", &style.colour(ORANGE))
}

#[cfg(test)]
mod tests {
    use shadowflow_numerics::Map;

    use super::*;

    #[test]
    fn on_the_ellipse_descent_is_minus_three_times_the_angle() {
        for h in [0.3f64, 1.1, 1.9] {
            let at = |angle: f64| {
                let (u, v) =
                    (2.0 * ((2.0 + h) / h).sqrt() * angle.cos(), 2.0 * ((2.0 - h) / h).sqrt() * angle.sin());
                [0.5 * (u + v), 0.5 * (u - v)]
            };
            let euler = Method::named("euler").unwrap();
            let map = Iteration::method(euler.tableau(), GradientFlow(PROBLEM));
            for k in 0..20 {
                let angle = 0.37 * f64::from(k);
                let (from, to) = (at(angle), at(std::f64::consts::PI - 3.0 * angle));
                assert!(PROBLEM.ellipse(&from, h).abs() < 1e-12);
                let mut next = [0.0; 2];
                map.step(h, &from, &mut next);
                assert!((next[0] - to[0]).hypot(next[1] - to[1]) < 1e-12, "{h} {angle}");
            }
        }
    }
}
