//! `shadowflow periodic`: the periodic orbits in a box, and the branches they lie on.

mod branches;
mod picture;

use serde_json::{Value, json};
use shadowflow_figures::Progress;
use shadowflow_numerics::{
    Attraction, Certificate, FoundOrbits, Interval, Map, OrbitSearch, PeriodicOrbit, Symmetry, Traced,
};

use super::dynamics::{Dynamics, check_ending, check_range, draw, failed, pair};
use super::orbit::complex;
use super::stability::{point, short};
use crate::args::PeriodicArgs;
use crate::error::CliError;
use crate::terminal::{Bar, print, print_json, say, stop_by_myself};

/// Orbits of a period that are listed one by one.
const LISTED: usize = 12;

/// Multipliers nearer to 1 than this are those of a short step rather than of a curve of orbits.
const SHORT: f64 = 1e-6;

pub(crate) fn run(args: &PeriodicArgs) -> Result<(), CliError> {
    check_ending(args.out.as_deref())?;
    let dynamics = Dynamics::of(&args.map)?;
    let sides = dynamics.sides("--window", &args.window, (-2.0, 2.0))?;
    let rates = args.rates.as_deref().map(|given| pair("--rates", given)).transpose()?;
    if let Some((h, _)) = rates.filter(|rates| rates.0 <= 0.0) {
        return Err(CliError::Step { h });
    }
    // One of the two is given.
    let h = args.h.or(rates.map(|rates| rates.0)).unwrap_or(f64::NAN);
    check_range("--doublings", args.doublings, 0, 6)?;
    // What else belongs to the state is looked for over the same range.
    let whole = sides.repeat(dynamics.map.dim() / dynamics.variables.len());
    let search = OrbitSearch { sides: whole, longest: args.period, starts: args.starts };
    stop_by_myself();
    let mut bar = Bar::new(args.period.max(1));
    let mut begun = 0;
    let mut interrupted = false;
    let found = search.found(&dynamics.map, h, |period, start| {
        if period != begun {
            begun = period;
            bar.begin(period - 1, &format!("orbits of period {period}"));
        }
        bar.advance(start as f64 / args.starts.max(1) as f64);
        interrupted |= bar.is_cancelled();
        !interrupted
    });
    bar.finish();
    let mut study = Study::of(args, &dynamics, h, sides, found.map_err(failed)?);
    if let Some(rates) = rates.filter(|_| !interrupted) {
        let (traced, stopped) = branches::followed(&study, rates)?;
        interrupted = stopped;
        study.branches = Some((rates, traced));
    }
    if let Some(file) = &args.out {
        draw(&study.sheet(), file)?;
    }
    if args.json {
        print_json(&study.document())?;
    } else {
        print(&study.text())?;
    }
    if interrupted {
        say("shadowflow: interrupted; what was found until then is shown");
        return Err(CliError::Interrupted);
    }
    Ok(())
}

/// An orbit, what intervals prove of it, and how symmetries of the map move it.
struct Found {
    orbit: PeriodicOrbit,
    certificate: Option<Certificate>,
    /// An earlier orbit that it is the image of, and the place of the symmetry.
    copy_of: Option<(usize, usize)>,
    /// The places of the symmetries that leave it as it is.
    keeps: Vec<usize>,
}

impl Found {
    fn proof(&self) -> Option<&'static str> {
        self.certificate.as_ref().map(|certificate| match certificate.attraction() {
            Attraction::Attracts => "attracts",
            Attraction::Repels => "repels",
            Attraction::Saddle => "saddle",
            Attraction::Unstable => "unstable",
            Attraction::Undecided => "undecided",
        })
    }
}

/// All that was found.
struct Study<'a> {
    args: &'a PeriodicArgs,
    dynamics: &'a Dynamics,
    /// Where the orbits are.
    h: f64,
    sides: Vec<(f64, f64)>,
    /// `None` where the state has too many numbers to look for any.
    symmetries: Option<Vec<Symmetry>>,
    orbits: Vec<Found>,
    not_isolated: Vec<PeriodicOrbit>,
    searched: usize,
    branches: Option<((f64, f64), Vec<Traced>)>,
}

impl<'a> Study<'a> {
    fn of(
        args: &'a PeriodicArgs,
        dynamics: &'a Dynamics,
        h: f64,
        sides: Vec<(f64, f64)>,
        found: FoundOrbits,
    ) -> Study<'a> {
        let symmetries = (dynamics.map.dim() <= Symmetry::MOST).then(|| Symmetry::of(&dynamics.map, h));
        let known = symmetries.as_deref().unwrap_or_default();
        // The number that was typed lies between the doubles next to the one it was read as.
        let rate = Interval::new(h.next_down(), h.next_up()).ok();
        let mut orbits: Vec<Found> = Vec::new();
        for orbit in found.orbits {
            // Without intervals for implicit methods there is nothing to ask.
            let certificate = rate
                .filter(|_| !dynamics.map.is_implicit())
                .and_then(|rate| Certificate::of(&dynamics.map, rate, &orbit).ok());
            let image = |earlier: &Found| known.iter().position(|s| orbit.is_image_of(&earlier.orbit, s));
            let copy_of = orbits
                .iter()
                .enumerate()
                .find_map(|(k, earlier)| image(earlier).map(|symmetry| (k, symmetry)));
            let keeps = (0..known.len()).filter(|&k| orbit.is_image_of(&orbit, &known[k])).collect();
            orbits.push(Found { orbit, certificate, copy_of, keeps });
        }
        Study {
            args,
            dynamics,
            h,
            sides,
            symmetries,
            orbits,
            not_isolated: found.not_isolated,
            searched: found.searched,
            branches: None,
        }
    }

    /// Names of all numbers of the state.
    fn names(&self) -> Vec<String> {
        let variables = &self.dynamics.variables;
        let with = |before: &str, after: &str| -> Vec<String> {
            variables.iter().map(|name| format!("{before}{name}{after}")).collect()
        };
        match self.dynamics.map.dim() / variables.len() {
            1 => variables.clone(),
            2 => [with("", ""), with("", "_before")].concat(),
            _ => [with("", ""), with("m_", ""), with("v_", "")].concat(),
        }
    }

    fn written(&self, symmetry: usize) -> String {
        self.symmetries
            .as_ref()
            .and_then(|all| all.get(symmetry))
            .map_or(String::new(), |symmetry| symmetry.written(&self.names()))
    }

    fn document(&self) -> Value {
        let d = self.dynamics.variables.len();
        let orbit = |found: &Found| {
            let orbit = &found.orbit;
            json!({
                "period": orbit.period(),
                "points": orbit.points().iter().map(|x| &x[..d]).collect::<Vec<_>>(),
                "multipliers": orbit.multipliers().iter().map(|m| [m.re, m.im]).collect::<Vec<_>>(),
                "stable": orbit.is_stable(),
                "certified": found.certificate.is_some(),
                "certified_kind": found.proof(),
                "symmetric_to": found.copy_of.map(|copy| copy.0),
                "symmetric_by": found.copy_of.map(|copy| self.written(copy.1)),
                "invariant_under": found.keeps.iter().map(|&k| self.written(k)).collect::<Vec<_>>(),
            })
        };
        let all = self.symmetries.as_ref();
        let mut document = json!({
            "method": self.dynamics.method,
            "formula": self.dynamics.formula,
            "variables": self.dynamics.variables,
            "h": self.h,
            "periods_searched": self.searched,
            "symmetries": all.map(|all| (0..all.len()).map(|k| self.written(k)).collect::<Vec<_>>()),
            "orbits": self.orbits.iter().map(orbit).collect::<Vec<_>>(),
            "not_isolated": self.not_isolated.iter().map(|orbit| json!({
                "period": orbit.period(),
                "points": orbit.points().iter().map(|x| &x[..d]).collect::<Vec<_>>(),
            })).collect::<Vec<_>>(),
        });
        if let Some((rates, traced)) = &self.branches {
            document["rates"] = json!([rates.0, rates.1]);
            document["branches"] = branches::document(self, traced);
        }
        document
    }

    fn text(&self) -> String {
        let mut lines = vec![
            format!("{} with h = {} on {}", self.dynamics.method, short(self.h), self.dynamics.formula),
            "Isolated periodic orbits found (points that fill curves, such as minima of a valley, are left out):"
                .to_owned(),
        ];
        for period in 1..=self.args.period {
            lines.push(String::new());
            let of: Vec<(usize, &Found)> =
                self.orbits.iter().enumerate().filter(|(_, found)| found.orbit.period() == period).collect();
            let stable = of.iter().filter(|(_, found)| found.orbit.is_stable()).count();
            let certified = of.iter().filter(|(_, found)| found.certificate.is_some()).count();
            let partly = if period > self.searched { ", not searched to the end" } else { "" };
            lines.push(match of.len() {
                0 => format!("period {period}: none{partly}"),
                n => format!(
                    "period {period}: {n}, of which {stable} attract; {certified} proved to exist by intervals{partly}"
                ),
            });
            for (k, found) in of.iter().take(LISTED) {
                let orbit = &found.orbit;
                let all: Vec<String> = orbit.multipliers().iter().map(|m| complex(m.re, m.im)).collect();
                lines.push(format!(
                    "  {:>3}  {}{}  {} {}{}{}",
                    k + 1,
                    self.at(&orbit.points()[0]),
                    if period == 1 { "" } else { " -> …" },
                    if all.len() == 1 { "multiplier" } else { "multipliers" },
                    all.join(", "),
                    if orbit.is_stable() { "  attracts" } else { "" },
                    found.copy_of.map_or(String::new(), |copy| format!(
                        "  image of {} by {}",
                        copy.0 + 1,
                        self.written(copy.1)
                    )),
                ));
            }
            if of.len() > LISTED {
                lines.push(format!("  and {} more (--json has all)", of.len() - LISTED));
            }
            lines.extend(self.left_out(period));
        }
        lines.push(String::new());
        lines.push(self.said_of_symmetries());
        if self.dynamics.map.dim() > self.dynamics.variables.len()
            && self
                .orbits
                .iter()
                .any(|found| found.orbit.multipliers().last().is_some_and(|m| m.norm() == 0.0))
        {
            lines.push(
                "A multiplier 0 is exact: it belongs to a part of the state that is made anew at every step."
                    .to_owned(),
            );
        }
        if let Some((rates, traced)) = &self.branches {
            lines.extend(branches::text(self, *rates, traced));
        }
        lines.join("\n") + "\n"
    }

    /// What is said of points of a period whose multiplier is 1 to rounding.
    fn left_out(&self, period: usize) -> Option<String> {
        let mut those = self.not_isolated.iter().filter(|orbit| orbit.period() == period);
        let first = those.next()?;
        let is_short = [Some(first)]
            .into_iter()
            .flatten()
            .chain(those)
            .all(|orbit| orbit.multipliers().iter().all(|multiplier| (multiplier - 1.0).norm() < SHORT));
        let example = self.at(&first.points()[0]);
        Some(match is_short {
            true => format!(
                "  Not decided: starts led to points such as {example}, whose multipliers are all 1 to rounding. With so small an h a step moves by less than doubles tell; try a larger one."
            ),
            false => format!(
                "  Left out: starts led to points such as {example}, on a curve of such points (a multiplier is 1 to rounding)."
            ),
        })
    }

    fn said_of_symmetries(&self) -> String {
        let tested = match &self.names()[..] {
            [one] => format!("changes of the sign of {one}"),
            all => format!("changes of sign and exchanges of {}", all.join(", ")),
        };
        match &self.symmetries {
            None => format!(
                "Symmetries are looked for in at most {} numbers of state; this one has {}.",
                Symmetry::MOST,
                self.dynamics.map.dim()
            ),
            Some(all) if all.is_empty() => format!("No symmetry of the map among {tested}."),
            Some(all) => {
                let all: Vec<String> = (0..all.len()).map(|k| self.written(k)).collect();
                format!("Symmetries of the map among {tested}: {}.", all.join("; "))
            }
        }
    }

    /// A point in words; what is rounding beside the window is 0.
    fn at(&self, x: &[f64]) -> String {
        let rounding = |side: &(f64, f64)| 1e-15 * side.0.abs().max(side.1.abs());
        let shown = |(x, side): (&f64, &(f64, f64))| if x.abs() < rounding(side) { 0.0 } else { *x };
        point(&x.iter().zip(&self.sides).map(shown).collect::<Vec<_>>())
    }
}
