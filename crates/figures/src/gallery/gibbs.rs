//! Chaos that looks like chance: descent over fine ripples, the stochastic map it tends to, and Gibbs' law.

use serde_json::{Value, json};
use shadowflow_numerics::problems::{DoubleWell, Quadratic};
use shadowflow_numerics::statistics::{Distance, StatisticsError, Tally};
use shadowflow_numerics::{LargeStep, LargeStepLaw, ObservedOrder, observed_order};

use crate::axis::Axis;
use crate::canvas::geometry::{Point, Rect};
use crate::canvas::text::{HAlign, TextStyle, VAlign};
use crate::data::{Cell, Data, Table};
use crate::error::{DrawError, FigureError};
use crate::figure::{Check, Drawing, Figure, Progress};
use crate::legend::{Corner, Key};
use crate::page::{Margins, Page};
use crate::style::{
    BLACK, BLUE, Colour, DOUBLE_COLUMN_MM, Dash, Fill, GREEN, GREY, Marker, PURPLE, SKY, SMALL_SIZE, Stroke,
    VERMILION, WHITE,
};

/// The law of large-step descent against Gibbs' and the stochastic map's.
pub(super) struct GibbsLaw;

const SEED: u64 = 20_260_101;

/// Histograms: the double well at one step and ripples of several lengths.
const WELL_STEP: f64 = 0.4;
const WELL_RIPPLES: [f64; 3] = [0.05, 0.02, 1e-5];
const WELL_ITERATES: usize = 1_000_000;
/// Of the 4096 bins counted, in one drawn.
const COARSE: usize = 32;

/// Distances on x²/2, over ε at several h.
const STEPS: [f64; 3] = [0.1, 0.2, 0.4];
const COLOURS: [Colour; 3] = [BLUE, GREEN, PURPLE];
/// h/ε = 2² … 2¹⁵, by factors of two.
const OCTAVES: std::ops::RangeInclusive<i32> = 2..=15;
const ITERATES: usize = 250_000;
/// Distances on x²/2 over h, at fine ripples.
const FINE: f64 = 1e-7;
/// h and the iterates; the first are those from which an order is read.
const FINE_STEPS: [(f64, usize); 5] =
    [(0.1, 4_000_000), (0.14, 4_000_000), (0.2, 2_000_000), (0.4, 1_000_000), (0.8, 1_000_000)];
const FITTED: usize = 3;

/// The distances at one h and ε; `None` where iterates stay in the ripple they meet first.
struct Spot {
    h: f64,
    ripple: f64,
    law: Option<(Distance, Distance)>,
}

/// Everything computed.
struct Found {
    wells: Vec<LargeStepLaw<DoubleWell>>,
    spots: Vec<Spot>,
    fine: Vec<(f64, LargeStepLaw<Quadratic>)>,
    fit: ObservedOrder,
}

impl Figure for GibbsLaw {
    fn id(&self) -> &'static str {
        "gibbs"
    }

    fn title(&self) -> &'static str {
        "The law of gradient descent with steps longer than the ripples: the stochastic map's, and nearly Gibbs'"
    }

    fn source(&self) -> &'static str {
        "Kong & Tao (2020)"
    }

    fn parameters(&self) -> Value {
        json!({
            "well": { "h": WELL_STEP, "ripples": WELL_RIPPLES, "iterates": WELL_ITERATES, "coarse": COARSE },
            "quadratic": { "h": STEPS, "octaves": [OCTAVES.start(), OCTAVES.end()], "iterates": ITERATES },
            "fine": { "ripple": FINE, "h_and_iterates": FINE_STEPS, "fitted": FITTED },
        })
    }

    fn seed(&self) -> Option<u64> {
        Some(SEED)
    }

    fn make(&self, progress: &dyn Progress) -> Result<Drawing, FigureError> {
        let found = compute(progress)?;
        let data = Data { table: Some(table(&found)), fields: Vec::new() };
        Ok(Drawing { data, checks: checks(&found), page: page(&found)? })
    }
}

fn compute(progress: &dyn Progress) -> Result<Found, FigureError> {
    let mut wells = Vec::new();
    for ripple in WELL_RIPPLES {
        let large = LargeStep::new(DoubleWell, ripple, WELL_STEP).map_err(FigureError::computation)?;
        wells.push(large.law(SEED, WELL_ITERATES).map_err(FigureError::computation)?);
        progress.checkpoint(0.07 * wells.len() as f64)?;
    }
    let parabola = |ripple: f64, h: f64| LargeStep::new(Quadratic::new(&[1.0]), ripple, h);
    let mut spots = Vec::new();
    for h in STEPS {
        for octave in OCTAVES {
            let ripple = h / f64::from(octave).exp2();
            let law = parabola(ripple, h).map_err(FigureError::computation)?.law(SEED, ITERATES);
            let law = match law {
                Ok(law) => Some((law.to_gibbs, law.to_map)),
                Err(StatisticsError::NotMixed { .. }) => None,
                Err(error) => return Err(FigureError::computation(error)),
            };
            spots.push(Spot { h, ripple, law });
        }
        progress.checkpoint(0.2 + 0.13 * spots.len() as f64 / 14.0)?;
    }
    let mut fine = Vec::new();
    for (h, iterates) in FINE_STEPS {
        let large = parabola(FINE, h).map_err(FigureError::computation)?;
        fine.push((h, large.law(SEED, iterates).map_err(FigureError::computation)?));
        progress.checkpoint(0.6 + 0.07 * fine.len() as f64)?;
    }
    let points: Vec<Point> = fine.iter().map(|(h, law)| (*h, law.to_gibbs.value)).collect();
    let fit = observed_order(&points[..FITTED], 0.0).map_err(FigureError::computation)?;
    Ok(Found { wells, spots, fine, fit })
}

fn checks(found: &Found) -> Vec<Check> {
    let mut checks = Vec::new();
    let noise = |distance: &Distance| distance.value / distance.noise();
    // Kolmogorov's law, whose mean is the noise, has a deviation of 0.3 of it: 2.5 is five deviations.
    for (law, ripple) in found.wells.iter().zip(WELL_RIPPLES) {
        let (name, value) =
            (format!("double well, {ripple}: distance from the map, in noise"), noise(&law.to_map));
        let is_fine = ripple < 1e-3;
        checks.push(if is_fine {
            Check::at_most(name, value, 2.5)
        } else {
            Check::at_least(name, value, 5.0)
        });
    }
    let finest = &found.wells[WELL_RIPPLES.len() - 1];
    // What fine ripples do not cure: Gibbs' law is that of h → 0.
    checks.push(Check::at_least(
        "double well: distance from Gibbs' law, in noise",
        noise(&finest.to_gibbs),
        5.0,
    ));
    let limit = (0.5 * WELL_STEP / WELL_RIPPLES[WELL_RIPPLES.len() - 1]).ln();
    checks.push(Check::at_most(
        "double well: Lyapunov exponent from ln(h/2 eps), in errors",
        finest.exponent.deviation(limit),
        5.0,
    ));
    for (h, law) in &found.fine {
        // The closed form of x ↦ (1 - h)x + hζ with E ζ² = 1/2.
        let exact = 0.5 * h / (2.0 - h);
        checks.push(Check::at_most(
            format!("x²/2, h = {h}: variance from its formula, in errors"),
            law.variance.deviation(exact),
            4.5,
        ));
        checks.push(Check::at_most(
            format!("x²/2, h = {h}: distance from the map, in noise"),
            noise(&law.to_map),
            2.5,
        ));
    }
    // Variances differ by the factor 1 - h/2 and the kurtosis of the noise adds a term of the same order. Errors of 6 % and
    // 4 % at the ends leave a standard error of 0.1; at larger h higher terms take over.
    let name = "order in h of the distance from Gibbs' law, h up to 0.2";
    checks.push(Check::near(name, found.fit.order, 1.0, 0.25));
    for h in STEPS {
        let row: Vec<&Spot> = found.spots.iter().filter(|spot| spot.h == h).collect();
        let far = row.iter().find(|spot| spot.ripple == h / 8.0).and_then(|spot| spot.law);
        let near = row.last().and_then(|spot| spot.law);
        let of = |law: Option<(Distance, Distance)>| law.map_or(f64::NAN, |(_, map)| noise(&map));
        checks.push(Check::at_least(
            format!("h = {h}, eps = h/8: distance from the map, in noise"),
            of(far),
            5.0,
        ));
        checks.push(Check::at_most(
            format!("h = {h}, eps = h/2^15: distance from the map, in noise"),
            of(near),
            2.5,
        ));
    }
    checks
}

fn table(found: &Found) -> Table {
    let mut table = Table::new(["panel", "series", "h", "epsilon", "x", "value", "error", "noise"]);
    for (law, ripple) in found.wells.iter().zip(WELL_RIPPLES) {
        for (series, tally) in [("iterates", &law.iterates), ("stochastic map", &law.map)] {
            for (x, density) in histogram(tally) {
                table.push([
                    "density".into(),
                    series.into(),
                    WELL_STEP.into(),
                    ripple.into(),
                    x.into(),
                    density.into(),
                ]);
            }
        }
    }
    let mut push = |series: &str, h: f64, ripple: f64, distance: Option<Distance>| {
        let value =
            |of: fn(&Distance) -> f64| distance.as_ref().map_or(Cell::from("not mixed"), |d| of(d).into());
        table.push([
            "distance".into(),
            series.into(),
            h.into(),
            ripple.into(),
            "".into(),
            value(|d| d.value),
            value(|d| d.error),
            value(Distance::noise),
        ]);
    };
    for spot in &found.spots {
        push("to Gibbs", spot.h, spot.ripple, spot.law.map(|law| law.0));
        push("to the map", spot.h, spot.ripple, spot.law.map(|law| law.1));
    }
    for (h, law) in &found.fine {
        push("to Gibbs", *h, FINE, Some(law.to_gibbs));
        push("to the map", *h, FINE, Some(law.to_map));
    }
    table
}

/// The middles of coarse bins and the density there.
fn histogram(tally: &Tally) -> Vec<Point> {
    let coarse = tally.histogram().coarsened(COARSE);
    let middle = |bin: usize| 0.5 * (coarse.edge(bin) + coarse.edge(bin + 1));
    coarse.density().into_iter().enumerate().map(|(bin, density)| (middle(bin), density)).collect()
}

fn page(found: &Found) -> Result<Page, DrawError> {
    let mut page = Page::new(DOUBLE_COLUMN_MM, 112.0);
    let places = page.grid(2, 3, &Margins { between_columns: 38.0, ..Margins::default() });
    for (k, (law, ripple)) in found.wells.iter().zip(WELL_RIPPLES).enumerate() {
        density(&mut page, places[k], k, law, ripple)?;
    }
    for k in 0..2 {
        distances(&mut page, places[3 + k], k, found)?;
    }
    slope(&mut page, places[5], found)?;
    Ok(page)
}

const GIBBS: Stroke = Stroke::new(BLACK).dash(Dash::Dashed).width(0.9);
const MAP: Stroke = Stroke::new(VERMILION).width(0.9);

fn density(
    page: &mut Page,
    place: Rect,
    index: usize,
    law: &LargeStepLaw<DoubleWell>,
    ripple: f64,
) -> Result<(), DrawError> {
    const RANGE: (f64, f64) = (-1.9, 1.9);
    let x = Axis::linear(RANGE.0, RANGE.1)?.title("$x$");
    let mut y = Axis::linear(0.0, 2.0)?;
    y = if index == 0 { y.title("density, $h=0.4$") } else { y.bare() };
    let mut panel = page.panel(place, x, y)?;
    let exponent = ripple.log10().floor();
    let written = if ripple < 1e-3 { format!("10^{{{exponent}}}") } else { format!("{ripple}") };
    panel.heading(["a", "b", "c"][index], &format!("$\\varepsilon={written}$"))?;
    let bars = histogram(&law.iterates);
    let half = 0.5 * (bars[1].0 - bars[0].0);
    let outline = bars.iter().flat_map(|&(x, density)| [(x - half, density), (x + half, density)]);
    let ends = [(bars[0].0 - half, 0.0), (bars[bars.len() - 1].0 + half, 0.0)];
    let area: Vec<Point> = std::iter::once(ends[0]).chain(outline).chain([ends[1]]).collect();
    panel.polygon(area.iter().copied(), &Fill::new(SKY.mix(WHITE, 0.55)))?;
    panel.line(area, &Stroke::thin(SKY))?;
    panel.line(histogram(&law.map), &MAP)?;
    let curve = (0..=300).map(|k| RANGE.0 + (RANGE.1 - RANGE.0) * f64::from(k) / 300.0);
    panel.line(curve.map(|x| (x, law.gibbs.density(x))), &GIBBS)?;
    if index == 2 {
        panel.legend(
            Corner::TopRight,
            &[
                (Key::Area(Fill::new(SKY.mix(WHITE, 0.55))), "iterates"),
                (Key::Line(MAP), "stochastic map"),
                (Key::Line(GIBBS), "Gibbs, $T=h/4$"),
            ],
        )?;
    }
    Ok(())
}

/// Distances over h/ε: from Gibbs' law, and from the map's.
fn distances(page: &mut Page, place: Rect, index: usize, found: &Found) -> Result<(), DrawError> {
    let x = Axis::log(3.0, 4e4)?.title("$h/\\varepsilon$");
    let mut y = Axis::log(2e-4, 1.0)?;
    y = if index == 0 { y.title("Kolmogorov--Smirnov distance") } else { y.bare() };
    let mut panel = page.panel(place, x, y)?;
    let heading = ["$x^2/2$: from Gibbs' law", "$x^2/2$: from the stochastic map"];
    panel.heading(["d", "e"][index], heading[index])?;
    let mut labels = Vec::new();
    for (h, colour) in STEPS.into_iter().zip(COLOURS) {
        let row = || found.spots.iter().filter(|spot| spot.h == h);
        let distance = |spot: &Spot| spot.law.map(|law| if index == 0 { law.0 } else { law.1 });
        let points: Vec<Point> =
            row().map(|spot| (h / spot.ripple, distance(spot).map_or(f64::NAN, |d| d.value))).collect();
        let noise = row().map(|spot| (h / spot.ripple, distance(spot).map_or(f64::NAN, |d| d.noise())));
        panel.line(noise, &Stroke::thin(colour).dash(Dash::Dotted).width(0.8))?;
        panel.line(points.iter().copied(), &Stroke::new(colour).width(0.8))?;
        panel.points(points.iter().copied(), &Marker::disk(colour).radius(1.2))?;
        labels.push((h, colour));
    }
    let keys: Vec<(Key, String)> =
        labels.into_iter().map(|(h, colour)| (Key::Line(Stroke::new(colour)), format!("$h={h}$"))).collect();
    let keys: Vec<(Key, &str)> = keys.iter().map(|(key, text)| (*key, text.as_str())).collect();
    if index == 0 {
        panel.legend(Corner::TopRight, &keys)?;
    } else {
        let style = TextStyle::new(SMALL_SIZE).colour(GREY).anchor(HAlign::Right, VAlign::Top);
        panel.remark((0.98, 0.98), "dotted: what chance alone leaves", &style)?;
    }
    Ok(())
}

fn slope(page: &mut Page, place: Rect, found: &Found) -> Result<(), DrawError> {
    let x = Axis::log(0.08, 1.6)?.title("$h$").ticks_at([
        (0.1, "$0.1$"),
        (0.2, "$0.2$"),
        (0.5, "$0.5$"),
        (1.0, "$1$"),
    ]);
    let y = Axis::log(2e-4, 1.0)?.bare();
    let mut panel = page.panel(place, x, y)?;
    panel.heading("f", "$x^2/2$, $\\varepsilon=10^{-7}$")?;
    let gibbs: Vec<Point> = found.fine.iter().map(|(h, law)| (*h, law.to_gibbs.value)).collect();
    let map = found.fine.iter().map(|(h, law)| (*h, law.to_map.value));
    let noise = found.fine.iter().map(|(h, law)| (*h, law.to_map.noise()));
    let through = gibbs[1];
    panel.line([0.09, 1.4].map(|h| (h, through.1 * h / through.0)), &Stroke::thin(GREY))?;
    panel.points(gibbs.iter().copied(), &Marker::disk(BLACK).radius(1.7))?;
    panel.line(noise, &Stroke::thin(VERMILION).dash(Dash::Dotted).width(0.8))?;
    panel.points(map, &Marker::disk(VERMILION).radius(1.7))?;
    let style = TextStyle::new(SMALL_SIZE).anchor(HAlign::Left, VAlign::Top);
    let text = format!("from Gibbs' law; order ${:.2}$ to $h=0.2$", found.fit.order);
    panel.remark((0.04, 0.98), &text, &style)?;
    panel.remark((0.04, 0.90), "line: proportional to $h$", &style.colour(GREY))?;
    panel.remark((0.04, 0.82), "from the map", &style.colour(VERMILION))
}
