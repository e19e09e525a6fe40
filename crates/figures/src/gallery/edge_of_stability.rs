//! The edge of stability: training sharpens a network until the learning rate forbids it, and goes on along that edge.

use serde_json::{Value, json};
use shadowflow_numerics::problems::SmallNetwork;
use shadowflow_numerics::{CentralFlow, CentralMoment, Optimizer, Outcome, Record, Training, flow_records};

use crate::axis::Axis;
use crate::canvas::geometry::{Point, Rect};
use crate::canvas::text::{HAlign, TextStyle, VAlign};
use crate::data::{Data, Table};
use crate::error::{DrawError, FigureError};
use crate::figure::{Check, Drawing, Figure, Progress};
use crate::legend::{Corner, Key};
use crate::page::{Margins, Page};
use crate::style::{
    BLACK, BLUE, Colour, DOUBLE_COLUMN_MM, Dash, GREEN, GREY, PURPLE, SKY, SMALL_SIZE, Stroke, VERMILION,
};

/// Loss and sharpness of a small network beside the edge of stability.
pub(super) struct EdgeOfStability;

/// Hidden units of the network.
const WIDTH: usize = 12;
/// The time shown: 4500 steps of the first run.
const TIME: f64 = 1800.0;
/// Steps between moments of the central flow, in steps of the first run; records of the gradient flow come at the same times.
const MOMENTS: usize = 25;
/// Bursts, of which each weighs, average out over times like this.
const WINDOW: (f64, f64) = (320.0, 1800.0);

/// A run: its learning rate, the distance of records in steps, and its colour.
struct Rate {
    h: f64,
    every: usize,
    colour: Colour,
}

const RATES: [Rate; 4] = [
    Rate { h: 0.4, every: 5, colour: BLUE },
    Rate { h: 0.5, every: 5, colour: PURPLE },
    Rate { h: 0.05, every: 400, colour: GREEN },
    Rate { h: 0.7, every: 2, colour: GREY },
];

impl Rate {
    fn steps(&self) -> usize {
        (TIME / self.h).round() as usize
    }
}

/// Everything computed.
struct Found {
    runs: Vec<Training>,
    flow: Vec<Record>,
    central: Vec<CentralMoment>,
}

impl Figure for EdgeOfStability {
    fn id(&self) -> &'static str {
        "edge-of-stability"
    }

    fn title(&self) -> &'static str {
        "Loss and sharpness of a small network: descent stays at the edge of stability, along the central flow"
    }

    fn source(&self) -> &'static str {
        "Cohen, Kaur, Li, Kolter & Talwalkar (2021); Cohen, Damian, Talwalkar, Kolter & Lee (2024)"
    }

    fn parameters(&self) -> Value {
        let rate = |rate: &Rate| json!({ "h": rate.h, "every": rate.every });
        json!({
            "width": WIDTH, "time": TIME, "moments": MOMENTS, "window": WINDOW,
            "rates": RATES.iter().map(rate).collect::<Vec<_>>(),
        })
    }

    fn make(&self, progress: &dyn Progress) -> Result<Drawing, FigureError> {
        let (network, start) = (SmallNetwork::miniature(), SmallNetwork::start(WIDTH));
        let mut runs = Vec::new();
        for (k, rate) in RATES.iter().enumerate() {
            let descent = Optimizer::gradient_descent();
            let run = Training::run(&network, &descent, rate.h, &start, rate.steps(), rate.every);
            runs.push(run.map_err(FigureError::computation)?);
            progress.checkpoint(0.1 * (k as f64 + 1.0))?;
        }
        let (h, steps) = (RATES[0].h, RATES[0].steps());
        let flow = flow_records(&network, h, &start, steps, MOMENTS).map_err(FigureError::computation)?;
        progress.checkpoint(0.5)?;
        let central = CentralFlow::new(&network, h).map_err(FigureError::computation)?;
        let central = central.follow(&start, steps, MOMENTS).map_err(FigureError::computation)?;
        progress.checkpoint(0.95)?;
        let found = Found { runs, flow, central };
        let data = Data { table: Some(table(&found)), fields: Vec::new() };
        Ok(Drawing { data, checks: checks(&found), page: page(&found)? })
    }
}

fn table(found: &Found) -> Table {
    let mut table = Table::new(["series", "h", "step", "t", "loss", "sharpness", "variance"]);
    for (run, rate) in found.runs.iter().zip(&RATES) {
        for record in run.records() {
            let (step, t) = (record.step as f64, record.step as f64 * rate.h);
            table.push([
                "descent".into(),
                rate.h.into(),
                step.into(),
                t.into(),
                record.loss.into(),
                record.sharpness.into(),
            ]);
        }
    }
    let h = RATES[0].h;
    for record in &found.flow {
        let (step, t) = (record.step as f64, record.step as f64 * h);
        let (loss, sharpness) = (record.loss.into(), record.sharpness.into());
        table.push(["gradient flow".into(), h.into(), step.into(), t.into(), loss, sharpness]);
    }
    for moment in &found.central {
        table.push([
            "central flow".into(),
            h.into(),
            (moment.step as f64).into(),
            (moment.step as f64 * h).into(),
            moment.loss.into(),
            moment.sharpness.into(),
            moment.variance.into(),
        ]);
    }
    table
}

/// The mean of some property of the central flow over the window.
fn central_mean(found: &Found, of: fn(&CentralMoment) -> f64) -> f64 {
    let inside = |moment: &&CentralMoment| {
        let t = moment.step as f64 * RATES[0].h;
        (WINDOW.0..WINDOW.1).contains(&t)
    };
    let values: Vec<f64> = found.central.iter().filter(inside).map(of).collect();
    values.iter().sum::<f64>() / values.len() as f64
}

fn checks(found: &Found) -> Vec<Check> {
    let [at, beside, below, beyond] = &found.runs[..] else { return Vec::new() };
    let window = |h: f64| (WINDOW.0 / h).round() as usize..(WINDOW.1 / h).round() as usize;
    let mut checks = Vec::new();
    for (run, rate) in [(at, &RATES[0]), (beside, &RATES[1])] {
        let (h, edge) = (rate.h, 2.0 / rate.h);
        let mean = run.mean_sharpness(window(h)).unwrap_or(f64::NAN);
        // Six bursts at h = 0.4 and eleven at 0.5: the first or last one cut off moves their mean by a hundredth.
        checks.push(Check::near(format!("mean sharpness over 2/h at h = {h}"), mean / edge, 1.0, 0.02));
        checks.push(Check::at_least(format!("catapults at h = {h}"), run.catapults(1.5) as f64, 4.0));
        let least = run.losses()[0] / run.losses()[run.losses().len() - 1];
        checks.push(Check::at_least(format!("fall of the loss at h = {h}"), least, 50.0));
    }
    // The control that is stable throughout: the descent lemma, and the flow it follows to O(h).
    let rises = below.losses().windows(2).filter(|pair| pair[1] > pair[0]).count();
    checks.push(Check::at_most("steps at which the loss rises at h = 0.05", rises as f64, 0.0));
    let last = |records: &[Record]| records.last().map_or(f64::NAN, |record| record.sharpness);
    checks.push(Check::near(
        "last sharpness at h = 0.05 against the gradient flow",
        last(below.records()),
        last(&found.flow),
        0.02,
    ));
    checks.push(Check::at_least("last sharpness of the gradient flow", last(&found.flow), 6.0));
    // The control that is too fast.
    let diverges = match beyond.outcome() {
        Outcome::NotFinite { step } => step as f64,
        _ => f64::INFINITY,
    };
    checks.push(Check::at_most("steps until h = 0.7 diverges", diverges, 1000.0));

    let held = found.central.iter().filter(|moment| moment.variance > 0.0);
    let edge = 2.0 / RATES[0].h;
    let worst = held.clone().map(|moment| (moment.sharpness / edge - 1.0).abs()).fold(0.0, f64::max);
    checks.push(Check::at_most("largest distance of the central flow from the edge, relative", worst, 1e-8));
    let met = held.map(|moment| moment.step).next().map_or(f64::NAN, |step| step as f64);
    let seen = at.meets_edge().map_or(f64::NAN, |step| step as f64);
    // The flows meet it together up to the distance of moments and what h² terms do before.
    checks.push(Check::near("step at which descent and central flow meet the edge", seen, met, 50.0));
    let measured = at.mean_loss(window(RATES[0].h)).unwrap_or(f64::NAN);
    let with = measured / central_mean(found, CentralMoment::mean_loss);
    let without = measured / central_mean(found, |moment| moment.loss);
    checks.push(Check::near("mean loss over that of the central flow", with, 1.0, 0.05));
    checks.push(Check::at_least("mean loss over that without oscillations", without, 1.1));
    checks
}

const CENTRAL: Stroke = Stroke::new(VERMILION).width(1.3);
const FLOW: Stroke = Stroke::new(BLACK).dash(Dash::Dashed).width(0.9);

fn page(found: &Found) -> Result<Page, DrawError> {
    let mut page = Page::new(DOUBLE_COLUMN_MM, 112.0);
    let places = page.grid(2, 2, &Margins { right: 36.0, between_columns: 46.0, ..Margins::default() });
    averages(&mut page, [places[0], places[1]], found)?;
    rates(&mut page, [places[2], places[3]], found)?;
    Ok(page)
}

fn time_axis() -> Result<Axis, DrawError> {
    Ok(Axis::linear(0.0, TIME)?.title("time $t=kh$"))
}

fn loss_axis() -> Result<Axis, DrawError> {
    Ok(Axis::log(5e-4, 3.0)?.title("loss"))
}

/// Records as points over time, the loss if `of_loss` and else the sharpness.
fn over_time(records: &[Record], h: f64, of_loss: bool) -> impl Iterator<Item = Point> {
    records
        .iter()
        .map(move |record| (record.step as f64 * h, if of_loss { record.loss } else { record.sharpness }))
}

/// The first run over the flows.
fn averages(page: &mut Page, places: [Rect; 2], found: &Found) -> Result<(), DrawError> {
    let (run, h) = (&found.runs[0], RATES[0].h);
    let raw = Stroke::thin(SKY).width(0.4);
    let mut panel = page.panel(places[0], time_axis()?, loss_axis()?)?;
    panel.heading("a", "$h=0.4$: the loss falls in waves")?;
    panel.line(run.losses().iter().enumerate().map(|(k, loss)| (k as f64 * h, *loss)), &raw)?;
    panel.line(over_time(&found.flow, h, true), &FLOW)?;
    panel.line(found.central.iter().map(|m| (m.step as f64 * h, m.mean_loss())), &CENTRAL)?;
    panel.legend(
        Corner::TopRight,
        &[
            (Key::Line(Stroke::new(SKY)), "gradient descent"),
            (Key::Line(CENTRAL), "central flow, mean loss"),
            (Key::Line(FLOW), "gradient flow"),
        ],
    )?;

    let y = Axis::linear(4.0, 7.0)?.title("sharpness");
    let mut panel = page.panel(places[1], time_axis()?, y)?;
    panel.heading("b", "$h=0.4$: the sharpness stays near $2/h$")?;
    panel.line([(0.0, 2.0 / h), (TIME, 2.0 / h)], &Stroke::thin(GREY).dash(Dash::Dotted).width(0.8))?;
    panel.line(over_time(run.records(), h, false), &raw)?;
    panel.line(over_time(&found.flow, h, false), &FLOW)?;
    panel.line(found.central.iter().map(|m| (m.step as f64 * h, m.sharpness)), &CENTRAL)?;
    let style = TextStyle::new(SMALL_SIZE).colour(GREY).anchor(HAlign::Left, VAlign::Middle);
    panel.label((TIME, 2.0 / h), (3.0, 0.0), "$2/h=5$", &style)
}

/// All runs.
fn rates(page: &mut Page, places: [Rect; 2], found: &Found) -> Result<(), DrawError> {
    let width = |rate: &Rate| if rate.h == 0.05 { 1.1 } else { 0.45 };
    let mut panel = page.panel(places[0], time_axis()?, loss_axis()?)?;
    panel.heading("c", "four learning rates")?;
    for (run, rate) in found.runs.iter().zip(&RATES) {
        let losses = run.losses().iter().enumerate().map(|(k, loss)| (k as f64 * rate.h, *loss));
        let every = if rate.h == 0.05 { 20 } else { 1 };
        panel.line(losses.step_by(every), &Stroke::new(rate.colour).width(width(rate)))?;
    }
    let style = TextStyle::new(SMALL_SIZE).colour(GREY).anchor(HAlign::Right, VAlign::Top);
    panel.remark((0.99, 0.98), "$h=0.7$ starts beyond its edge and diverges", &style)?;
    let y = Axis::linear(2.0, 7.0)?.title("sharpness");
    let mut panel = page.panel(places[1], time_axis()?, y)?;
    panel.heading("d", "each with its own edge $2/h$, dotted")?;
    let mut labels = Vec::new();
    for (run, rate) in found.runs.iter().zip(&RATES) {
        let edge = 2.0 / rate.h;
        let dots = Stroke::thin(rate.colour).dash(Dash::Dotted).width(0.8);
        panel.line([(0.0, edge), (TIME, edge)], &dots)?;
        panel.line(over_time(run.records(), rate.h, false), &Stroke::new(rate.colour).width(width(rate)))?;
        let end = match run.outcome() {
            Outcome::Completed => run.records().last().map_or(edge, |record| record.sharpness),
            _ => edge,
        };
        let at = if edge < 7.0 { edge } else { end };
        labels.push((at, format!("$h={}$", rate.h), rate.colour));
    }
    panel.curve_labels(TIME, HAlign::Right, &labels)
}
