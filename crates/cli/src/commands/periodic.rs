//! `shadowflow periodic`: the periodic orbits in a box.

use serde_json::{Value, json};
use shadowflow_figures::data::{Cell, Table};
use shadowflow_figures::style::{GREEN, Marker, PALETTE, Shape};
use shadowflow_figures::{Chart, ChartAxis, ChartLayer};
use shadowflow_numerics::{Attraction, Certificate, Interval, OrbitSearch, PeriodicOrbit};

use super::dynamics::{Dynamics, check_ending, draw, failed, label, tex};
use super::orbit::complex;
use super::stability::{point, short};
use crate::args::PeriodicArgs;
use crate::error::CliError;
use crate::terminal::{is_cancelled, print, print_json, say, stop_by_myself};

/// Orbits of a period that are listed one by one.
const LISTED: usize = 12;

pub(crate) fn run(args: &PeriodicArgs) -> Result<(), CliError> {
    check_ending(args.out.as_deref(), &["svg", "pdf", "png", "csv"])?;
    let dynamics = Dynamics::of(&args.map)?;
    let d = dynamics.variables.len();
    let mut sides = dynamics.sides("--window", &args.window, (-2.0, 2.0))?;
    // What else belongs to the state is looked for over the same range.
    let parts = shadowflow_numerics::Map::dim(&dynamics.map) / d;
    sides = sides.repeat(parts);
    let search = OrbitSearch { sides: sides.clone(), longest: args.period, starts: args.starts };
    stop_by_myself();
    let orbits = search.run_while(&dynamics.map, args.h, || !is_cancelled()).map_err(failed)?;
    let interrupted = is_cancelled();
    let orbits: Vec<Found> = orbits.into_iter().map(|orbit| Found::of(&dynamics, args.h, orbit)).collect();
    if let Some(file) = &args.out {
        draw(&chart(args, &dynamics, &orbits, &sides), file)?;
    }
    if args.json {
        print_json(&document(args, &dynamics, &orbits))?;
    } else {
        print(&text(args, &dynamics, &orbits))?;
    }
    if interrupted {
        say("shadowflow: interrupted; what was found until then is shown");
        return Err(CliError::Interrupted);
    }
    Ok(())
}

/// An orbit, and what intervals prove of it.
struct Found {
    orbit: PeriodicOrbit,
    certificate: Option<Certificate>,
}

impl Found {
    fn of(dynamics: &Dynamics, h: f64, orbit: PeriodicOrbit) -> Found {
        // The number that was typed lies between the doubles next to the one it was read as.
        let rate = Interval::new(h.next_down(), h.next_up()).ok();
        // Without intervals for implicit methods there is nothing to ask.
        let certificate = rate
            .filter(|_| !dynamics.map.is_implicit())
            .and_then(|rate| Certificate::of(&dynamics.map, rate, &orbit).ok());
        Found { orbit, certificate }
    }

    fn proof(&self) -> Option<&'static str> {
        self.certificate.as_ref().map(|certificate| match certificate.attraction() {
            Attraction::Attracts => "attracts",
            Attraction::Repels => "repels",
            Attraction::Saddle => "saddle",
            Attraction::Undecided => "undecided",
        })
    }
}

fn document(args: &PeriodicArgs, dynamics: &Dynamics, orbits: &[Found]) -> Value {
    let d = dynamics.variables.len();
    let orbit = |found: &Found| {
        let orbit = &found.orbit;
        json!({
            "period": orbit.period(),
            "points": orbit.points().iter().map(|x| &x[..d]).collect::<Vec<_>>(),
            "multipliers": orbit.multipliers().iter().map(|m| [m.re, m.im]).collect::<Vec<_>>(),
            "stable": orbit.is_stable(),
            "certified": found.certificate.is_some(),
            "certified_kind": found.proof(),
        })
    };
    json!({
        "method": dynamics.method,
        "formula": dynamics.formula,
        "variables": dynamics.variables,
        "h": args.h,
        "orbits": orbits.iter().map(orbit).collect::<Vec<_>>(),
    })
}

fn text(args: &PeriodicArgs, dynamics: &Dynamics, orbits: &[Found]) -> String {
    let d = dynamics.variables.len();
    let mut lines = vec![
        format!("{} with h = {} on {}", dynamics.method, short(args.h), dynamics.formula),
        "Isolated periodic orbits found (points that fill curves, such as minima of a valley, are left out):"
            .to_owned(),
    ];
    for period in 1..=args.period {
        let of: Vec<&Found> = orbits.iter().filter(|found| found.orbit.period() == period).collect();
        let stable = of.iter().filter(|found| found.orbit.is_stable()).count();
        let certified = of.iter().filter(|found| found.certificate.is_some()).count();
        lines.push(String::new());
        lines.push(match of.len() {
            0 => format!("period {period}: none"),
            n => format!(
                "period {period}: {n}, of which {stable} attract; {certified} proved to exist by intervals"
            ),
        });
        for Found { orbit, .. } in of.iter().take(LISTED) {
            let all: Vec<String> = orbit.multipliers().iter().map(|m| complex(m.re, m.im)).collect();
            lines.push(format!(
                "  {} -> …  multipliers {}{}",
                point(&orbit.points()[0][..d]),
                all.join(", "),
                if orbit.is_stable() { "  attracts" } else { "" }
            ));
        }
        if of.len() > LISTED {
            lines.push(format!("  and {} more (--json has all)", of.len() - LISTED));
        }
    }
    lines.join("\n") + "\n"
}

fn chart(args: &PeriodicArgs, dynamics: &Dynamics, orbits: &[Found], sides: &[(f64, f64)]) -> Chart {
    let orbits: Vec<&PeriodicOrbit> = orbits.iter().map(|found| &found.orbit).collect();
    let variables = &dynamics.variables;
    let d = variables.len();
    let columns: Vec<String> = ["orbit", "period", "stable"]
        .map(str::to_owned)
        .into_iter()
        .chain(variables.iter().cloned())
        .collect();
    let mut table = Table::of_columns(&columns);
    for (k, orbit) in orbits.iter().enumerate() {
        for x in orbit.points() {
            let mut row = vec![
                Cell::from(k as f64),
                Cell::from(orbit.period() as f64),
                Cell::from(if orbit.is_stable() { "yes" } else { "no" }),
            ];
            row.extend(x[..d].iter().map(|&x| Cell::from(x)));
            table.push_row(&row);
        }
    }
    let place = |orbit: &PeriodicOrbit, x: &Vec<f64>| match d {
        1 => (orbit.period() as f64, x[0]),
        _ => (x[0], x[1]),
    };
    let of_period = |period: usize, stable: bool| -> Vec<(f64, f64)> {
        let those = orbits.iter().filter(|orbit| orbit.period() == period && orbit.is_stable() == stable);
        those.flat_map(|orbit| orbit.points().iter().map(|x| place(orbit, x))).collect()
    };
    let colour = |period: usize| PALETTE[(period - 1) % PALETTE.len()];
    let mut layers = Vec::new();
    let mut keys = Vec::new();
    for period in 1..=args.period {
        let (repelling, attracting) = (of_period(period, false), of_period(period, true));
        if repelling.is_empty() && attracting.is_empty() {
            continue;
        }
        layers
            .push(ChartLayer::Points { points: repelling, marker: Marker::disk(colour(period)).radius(1.5) });
        let marker = Marker::disk(GREEN).shape(Shape::Ring).radius(2.6);
        layers.push(ChartLayer::Points { points: attracting.clone(), marker });
        layers.push(ChartLayer::Points {
            points: attracting,
            marker: Marker::disk(colour(period)).radius(1.5),
        });
        keys.push((colour(period), format!("period {period}")));
    }
    let (x, y) = match d {
        1 => (
            ChartAxis::linear("period", (0.5, args.period as f64 + 0.5)),
            ChartAxis::linear(&label(&variables[0]), sides[0]),
        ),
        _ => (
            ChartAxis::linear(&label(&variables[0]), sides[0]),
            ChartAxis::linear(&label(&variables[1]), sides[1]),
        ),
    };
    Chart {
        id: "periodic-orbits-of-map".to_owned(),
        title: "Periodic orbits in a box".to_owned(),
        heading: format!("{}, $h={}$", dynamics.method, tex(args.h)),
        parameters: json!({
            "method": dynamics.method, "formula": dynamics.formula, "h": args.h, "longest": args.period, "starts": args.starts,
        }),
        x,
        y,
        layers,
        keys,
        table: Some(table),
        fields: Vec::new(),
    }
}
