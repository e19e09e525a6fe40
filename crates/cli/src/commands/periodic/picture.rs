//! Pictures of orbits in space, and of branches over the learning rate.

use serde_json::json;
use shadowflow_figures::data::{Cell, Table};
use shadowflow_figures::legend::Key;
use shadowflow_figures::style::{BLACK, Colour, Dash, GREEN, GREY, Marker, PALETTE, Shape, Stroke};
use shadowflow_figures::{ChartAxis, ChartLayer, Sheet, SheetPanel};
use shadowflow_numerics::{Bifurcation, PeriodicOrbit, Traced};

use super::super::dynamics::{label, tex};
use super::super::orbit::extent;
use super::branches::name;
use super::{Found, Study};

/// Periods with a colour of their own; longer ones are grey.
const COLOURED: usize = PALETTE.len();

/// Variables that are drawn.
const DRAWN: usize = 3;

/// Bifurcations in the order of the legend.
const KINDS: [Bifurcation; 4] =
    [Bifurcation::Fold, Bifurcation::Crossing, Bifurcation::Flip, Bifurcation::NeimarkSacker];

/// The periods there are, the shortest first.
fn periods(all: impl Iterator<Item = usize>) -> Vec<usize> {
    let mut all: Vec<usize> = all.collect();
    all.sort_unstable();
    all.dedup();
    all
}

fn colour(periods: &[usize], period: usize) -> Colour {
    periods.iter().position(|&p| p == period).filter(|&k| k < COLOURED).map_or(GREY, |k| PALETTE[k])
}

/// A line of the legend for each colour.
fn of_periods(periods: &[usize], key: impl Fn(Colour) -> Key) -> Vec<(Key, String)> {
    let mut all: Vec<(Key, String)> = periods
        .iter()
        .take(COLOURED)
        .map(|&period| (key(colour(periods, period)), format!("period {period}")))
        .collect();
    if periods.len() > COLOURED {
        all.push((key(GREY), "longer".to_owned()));
    }
    all
}

fn mark(kind: Bifurcation) -> (Marker, &'static str) {
    let marker = Marker::disk(BLACK).radius(2.0);
    match kind {
        Bifurcation::Fold => (marker.shape(Shape::Square), "fold"),
        Bifurcation::Crossing => (marker.shape(Shape::Ring), "crossing"),
        Bifurcation::Flip => (marker.shape(Shape::Diamond), "flip"),
        Bifurcation::NeimarkSacker => (marker.shape(Shape::Triangle), "Neimark–Sacker"),
    }
}

impl Study<'_> {
    pub(super) fn sheet(&self) -> Sheet {
        match &self.branches {
            Some((rates, traced)) => self.branch_sheet(*rates, traced),
            None => self.orbit_sheet(),
        }
    }

    /// What is said above the first panel: the method, and which variables are not shown.
    fn heading(&self, rest: &str) -> String {
        let d = self.dynamics.variables.len();
        let shown = if d > DRAWN { format!(", {DRAWN} of {d} variables") } else { String::new() };
        format!("{}{rest}{shown}", self.dynamics.method)
    }

    fn orbit_sheet(&self) -> Sheet {
        let variables = &self.dynamics.variables;
        let d = variables.len();
        let periods = periods(self.orbits.iter().map(|found| found.orbit.period()));
        let pairs: &[(usize, usize)] = match d {
            1 => &[(usize::MAX, 0)],
            2 => &[(0, 1)],
            _ => &[(0, 1), (0, 2), (1, 2)],
        };
        let panels = pairs.iter().enumerate().map(|(k, &(i, j))| {
            let place = |orbit: &PeriodicOrbit, x: &Vec<f64>| {
                (if d == 1 { orbit.period() as f64 } else { x[i] }, x[j])
            };
            SheetPanel {
                heading: if k == 0 { self.heading(&format!(", $h={}$", tex(self.h))) } else { String::new() },
                x: match d {
                    1 => ChartAxis::linear("period", (0.5, self.args.period as f64 + 0.5)),
                    _ => ChartAxis::linear(&label(&variables[i]), self.sides[i]),
                },
                y: ChartAxis::linear(&label(&variables[j]), self.sides[j]),
                layers: self.orbits.iter().flat_map(|found| layers(found, &periods, place)).collect(),
            }
        });
        let mut legend = of_periods(&periods, |colour| Key::Marker(Marker::disk(colour)));
        if self.orbits.iter().any(|found| found.orbit.is_stable()) {
            legend.push((Key::Marker(attracts()), "attracts".to_owned()));
        }
        if self.orbits.iter().any(|found| found.copy_of.is_some()) {
            legend
                .push((Key::Marker(Marker::disk(GREY).shape(Shape::Square)), "image of another".to_owned()));
        }
        Sheet {
            id: "periodic-orbits-of-map".to_owned(),
            title: "Periodic orbits in a box".to_owned(),
            parameters: json!({
                "method": self.dynamics.method, "formula": self.dynamics.formula, "h": self.h,
                "longest": self.args.period, "starts": self.args.starts,
            }),
            panels: panels.collect(),
            legend,
            table: Some(self.orbit_table()),
        }
    }

    fn orbit_table(&self) -> Table {
        let variables = self.dynamics.variables.iter().cloned();
        let columns: Vec<String> =
            ["orbit", "period", "stable"].map(str::to_owned).into_iter().chain(variables).collect();
        let mut table = Table::of_columns(&columns);
        for (k, Found { orbit, .. }) in self.orbits.iter().enumerate() {
            for x in orbit.points() {
                let mut row = vec![Cell::from(k as f64), Cell::from(orbit.period() as f64), yes(orbit)];
                row.extend(x[..self.dynamics.variables.len()].iter().map(|&x| Cell::from(x)));
                table.push_row(&row);
            }
        }
        table
    }

    fn branch_sheet(&self, rates: (f64, f64), traced: &[Traced]) -> Sheet {
        let variables = &self.dynamics.variables;
        let periods = periods(traced.iter().map(|one| one.branch.orbits()[0].period()));
        let panels = variables.iter().take(DRAWN).enumerate().map(|(c, variable)| {
            let all = traced.iter().flat_map(|one| one.branch.orbits());
            let shown = extent(all.flat_map(|orbit| orbit.points().iter().map(|x| x[c])));
            // Shorter periods over longer ones, marks over all.
            let mut order: Vec<&Traced> = traced.iter().collect();
            order.sort_by_key(|one| std::cmp::Reverse(one.branch.orbits()[0].period()));
            let mut layers: Vec<ChartLayer> = order.iter().flat_map(|one| lines(one, &periods, c)).collect();
            // Long periods have many points close together: smaller marks.
            for (kind, &period) in
                KINDS.iter().flat_map(|kind| periods.iter().map(move |period| (kind, period)))
            {
                let of = traced.iter().filter(|one| one.branch.orbits()[0].period() == period);
                let points = of
                    .flat_map(|one| one.branch.events())
                    .filter(|event| event.kind == *kind)
                    .flat_map(|event| event.orbit.points().iter().map(|x| (event.orbit.h(), x[c])))
                    .collect();
                let (marker, _) = mark(*kind);
                let marker = marker.radius((marker.radius / (period as f64).sqrt()).max(0.5));
                layers.push(ChartLayer::Points { points, marker });
            }
            SheetPanel {
                heading: if c == 0 { self.heading("") } else { String::new() },
                x: ChartAxis::linear("$h$", rates),
                y: ChartAxis::linear(&label(variable), shown),
                layers,
            }
        });
        let mut legend = of_periods(&periods, |colour| Key::Line(Stroke::new(colour)));
        legend.push((Key::Line(Stroke::new(BLACK)), "attracts".to_owned()));
        legend.push((Key::Line(dashed(BLACK)), "does not".to_owned()));
        for kind in KINDS {
            if traced.iter().any(|one| one.branch.events().iter().any(|event| event.kind == kind)) {
                let (marker, name) = mark(kind);
                legend.push((Key::Marker(marker), name.to_owned()));
            }
        }
        Sheet {
            id: "branches-of-map".to_owned(),
            title: "Branches of periodic orbits over the learning rate".to_owned(),
            parameters: json!({
                "method": self.dynamics.method, "formula": self.dynamics.formula, "h": self.h,
                "rates": [rates.0, rates.1], "longest": self.args.period, "starts": self.args.starts,
                "doublings": self.args.doublings,
            }),
            panels: panels.collect(),
            legend,
            table: Some(self.branch_table(traced)),
        }
    }

    fn branch_table(&self, traced: &[Traced]) -> Table {
        let variables = self.dynamics.variables.iter().cloned();
        let first = ["branch", "period", "event", "h", "stable", "point"].map(str::to_owned);
        let columns: Vec<String> = first.into_iter().chain(variables).collect();
        let mut table = Table::of_columns(&columns);
        let d = self.dynamics.variables.len();
        for (k, one) in traced.iter().enumerate() {
            for item in items(one) {
                for (j, x) in item.points.iter().enumerate() {
                    let mut row = vec![
                        Cell::from(k as f64),
                        Cell::from(item.points.len() as f64),
                        Cell::from(item.kind.map_or("", name)),
                        Cell::from(item.orbit.h()),
                        yes(item.orbit),
                        Cell::from(j as f64),
                    ];
                    row.extend(x[..d].iter().map(|&x| Cell::from(x)));
                    table.push_row(&row);
                }
            }
        }
        table
    }
}

fn yes(orbit: &PeriodicOrbit) -> Cell {
    Cell::from(if orbit.is_stable() { "yes" } else { "no" })
}

fn attracts() -> Marker {
    Marker::disk(GREEN).shape(Shape::Ring).radius(2.6)
}

fn dashed(colour: Colour) -> Stroke {
    Stroke::new(colour).width(0.8).dash(Dash::Dashed)
}

/// The points of an orbit, ringed if it attracts, square if it is the image of an earlier one.
fn layers(
    found: &Found,
    periods: &[usize],
    place: impl Fn(&PeriodicOrbit, &Vec<f64>) -> (f64, f64),
) -> Vec<ChartLayer> {
    let orbit = &found.orbit;
    let points: Vec<(f64, f64)> = orbit.points().iter().map(|x| place(orbit, x)).collect();
    let shape = if found.copy_of.is_some() { Shape::Square } else { Shape::Disk };
    let marker = Marker::disk(colour(periods, orbit.period())).radius(1.5).shape(shape);
    let ring = orbit.is_stable().then(|| ChartLayer::Points { points: points.clone(), marker: attracts() });
    ring.into_iter().chain([ChartLayer::Points { points, marker }]).collect()
}

/// An orbit of a branch, or a bifurcation between two.
struct Item<'a> {
    orbit: &'a PeriodicOrbit,
    kind: Option<Bifurcation>,
    /// So ordered that point k of all items is on one curve.
    points: Vec<&'a [f64]>,
}

fn items(one: &Traced) -> Vec<Item<'_>> {
    let branch = &one.branch;
    let mut all = Vec::new();
    for (k, (orbit, points)) in branch.orbits().iter().zip(branch.strands()).enumerate() {
        for event in branch.events().iter().filter(|event| event.after == k) {
            let at = event.orbit.points();
            let far = |shift: &usize| -> f64 {
                let each = points.iter().enumerate().map(|(j, x)| {
                    x.iter().zip(&at[(j + shift) % at.len()]).map(|(x, y)| (x - y).abs()).fold(0.0, f64::max)
                });
                each.fold(0.0, f64::max)
            };
            // A bifurcation at which the orbit is of a shorter period has no place among the strands.
            if at.len() == points.len()
                && let Some(shift) = (0..at.len()).min_by(|a, b| far(a).total_cmp(&far(b)))
            {
                let points = (0..at.len()).map(|j| &at[(j + shift) % at.len()][..]).collect();
                all.push(Item { orbit: &event.orbit, kind: Some(event.kind), points });
            }
        }
        all.push(Item { orbit, kind: None, points });
    }
    all
}

/// Coordinate c of the points of a branch over h: solid where it attracts, dashed where it does not.
fn lines(one: &Traced, periods: &[usize], c: usize) -> Vec<ChartLayer> {
    let colour = colour(periods, one.branch.orbits()[0].period());
    let items = items(one);
    // A bifurcation belongs to both sides.
    let solid = |pair: &[Item<'_>]| pair.iter().any(|item| item.kind.is_none() && item.orbit.is_stable());
    let mut layers = Vec::new();
    let mut from = 0;
    while from + 1 < items.len() {
        let is_solid = solid(&items[from..from + 2]);
        let mut to = from + 1;
        while to + 1 < items.len() && solid(&items[to..to + 2]) == is_solid {
            to += 1;
        }
        let stroke = if is_solid { Stroke::new(colour) } else { dashed(colour) };
        for k in 0..items[from].points.len() {
            let points = items[from..=to].iter().map(|item| (item.orbit.h(), item.points[k][c])).collect();
            layers.push(ChartLayer::Line { points, stroke });
        }
        from = to;
    }
    layers
}
