//! The largest exponent over learning rates and a second parameter, after the pictures of Markus & Hess (1989).

use serde_json::{Map as Object, Value, json};
use shadowflow_figures::data::{Cell, Table};
use shadowflow_figures::grid::Grid;
use shadowflow_figures::style::{Colour, ColourMap, LIGHT_GREY};
use shadowflow_figures::{Chart, ChartAxis, ChartLayer, Progress};
use shadowflow_methods::MethodError;
use shadowflow_numerics::{ExponentPlane, Iteration, LargestExponent, Motion, OptimizerError, Window};
use shadowflow_symbolic::System;

use crate::args::{LyapunovArgs, MapArg, NamedRange};
use crate::commands::dynamics::{Dynamics, Flow, check_range, draw, failed, label, number, ordered, pair};
use crate::commands::stability::short;
use crate::commands::system::with_numbers_but;
use crate::error::CliError;
use crate::terminal::{Bar, print, print_json, stop_by_myself};

/// Steps measured at each pixel.
const STEPS: usize = 2000;

/// The most steps of an orbit.
const MOST: usize = 10_000_000;

/// Steps of all orbits between looks at Ctrl-C, about.
const WORK: usize = 8_000_000;

/// The fewest rows that are measured together, and the fewest pixels of each: enough for processors and vectors.
const ROWS: usize = 8;
const COLUMNS: usize = 64;

const UNDECIDED: Colour = Colour(240, 214, 110);
const LEFT: Colour = Colour(70, 70, 70);

/// What pixels are, in the order of their codes in data files.
const MOTIONS: [Motion; 5] =
    [Motion::Chaotic, Motion::Regular, Motion::Undecided, Motion::Diverged, Motion::LeftDomain];

/// The second parameter: of the system, if that has one of this name, or else of the method.
struct Upwards<'a> {
    args: &'a MapArg,
    name: &'a str,
    system: System,
    is_of_system: bool,
}

impl<'a> Upwards<'a> {
    fn of(args: &'a MapArg, name: &'a str) -> Result<Upwards<'a>, CliError> {
        let is_given = |text: &String| text.split('=').next().is_some_and(|given| given.trim() == name);
        if args.system.params.iter().any(is_given) {
            return Err(CliError::GivenTwice { name: name.to_owned() });
        }
        let system = with_numbers_but(&args.system, Some(name))?;
        let is_of_system = system.parameters().iter().any(|parameter| parameter == name);
        Ok(Upwards { args, name, system, is_of_system })
    }

    /// The map with this value.
    fn at(&self, value: f64) -> Result<Dynamics, CliError> {
        let (name, placed) = (self.name, |source| {
            let source = Box::new(source);
            CliError::PlaneValue { name: self.name.to_owned(), value, source }
        });
        if self.is_of_system {
            // Every double is a short decimal as it is printed.
            let exact = shadowflow_symbolic::number(&format!("{value}"))
                .ok_or_else(|| CliError::BadValue { text: format!("{name}={value}") })?;
            let system = self.system.with_values(&[(name.to_owned(), exact)]).map_err(|source| {
                placed(CliError::Symbolic { argument: "--plane", source: Box::new(source) })
            })?;
            return Dynamics::of_system(&system, &self.args.method);
        }
        let unknown = || CliError::NoParameter {
            name: name.to_owned(),
            method: self.args.method.trim().to_owned(),
            parameters: self.system.parameters().to_vec(),
        };
        Dynamics::of_system(&self.system, &with_parameter(&self.args.method, name, value)).map_err(|error| {
            match error {
                CliError::MethodOption(OptimizerError::UnknownParameter { parameter, .. })
                | CliError::Method(MethodError::UnknownParameter { parameter, .. })
                    if parameter == name =>
                {
                    unknown()
                }
                CliError::MethodOption(OptimizerError::Input(_)) | CliError::Method(_) => placed(error),
                error => error,
            }
        })
    }
}

/// A method as it is typed, with another value for one of its parameters.
fn with_parameter(method: &str, name: &str, value: f64) -> String {
    let (base, rest) = method.trim().split_once('(').unwrap_or((method.trim(), ")"));
    let others = rest.trim().trim_end_matches(')').split(',').map(str::trim);
    let mut all: Vec<String> = others
        .filter(|other| !other.is_empty() && other.split('=').next().is_some_and(|o| o.trim() != name))
        .map(str::to_owned)
        .collect();
    all.push(format!("{name}={value}"));
    format!("{}({})", base.trim(), all.join(","))
}

pub(super) fn run(args: &LyapunovArgs, rates: &[f64], range: &NamedRange) -> Result<(), CliError> {
    let (from, to) = pair("--rates", rates)?;
    if from < 0.0 {
        return Err(CliError::Step { h: from });
    }
    let ends = ordered("--plane", range.from, range.to)?;
    let steps = args.steps.unwrap_or(STEPS);
    check_range("--steps", steps, 16, MOST)?;
    check_range("--transient", args.transient, 0, MOST)?;
    let upwards = Upwards::of(&args.map, &range.name)?;
    let side = usize::from(args.resolution);
    let window = Window::new((from, to), ends).map_err(failed)?;
    let (h, values) = window.centres(side, side).map_err(failed)?;
    let dynamics = values.iter().map(|&value| upwards.at(value)).collect::<Result<Vec<_>, _>>()?;
    // Only to check the number of coordinates.
    dynamics[0].start("--start", &args.start)?;
    stop_by_myself();
    let plane = ExponentPlane { transient: args.transient, steps };
    let maps: Vec<&Iteration<Flow>> = dynamics.iter().map(|dynamics| &dynamics.map).collect();
    // Several rows at a time, for all processors; pieces of them where a row takes long.
    let orbits = WORK / (args.transient + steps);
    let rows = (orbits / side).max(ROWS);
    let columns = (orbits / rows).clamp(COLUMNS.min(side), side);
    let bar = Bar::new(1);
    let mut found = Vec::with_capacity(side * side);
    for maps in maps.chunks(rows) {
        let mut strip = vec![Vec::with_capacity(side); maps.len()];
        for part in h.chunks(columns) {
            let done = found.len() + maps.len() * strip[0].len();
            bar.checkpoint(done as f64 / (side * side) as f64)?;
            let pieces = plane.of_rows(maps, &args.start, part).map_err(failed)?;
            for (row, piece) in strip.iter_mut().zip(pieces.chunks(part.len())) {
                row.extend_from_slice(piece);
            }
        }
        found.extend(strip.into_iter().flatten());
    }
    bar.finish();
    let report = Report { args, upwards, first: &dynamics[0], found, h, values, window, plane };
    if let Some(file) = &args.out {
        draw(&report.chart(), file)?;
    }
    if args.json { print_json(&report.document()) } else { print(&report.text()) }
}

struct Report<'a> {
    args: &'a LyapunovArgs,
    upwards: Upwards<'a>,
    first: &'a Dynamics,
    found: Vec<LargestExponent>,
    h: Vec<f64>,
    values: Vec<f64>,
    window: Window,
    plane: ExponentPlane,
}

impl Report<'_> {
    fn share(&self, motion: Motion) -> f64 {
        let count = self.found.iter().filter(|found| found.motion == motion).count();
        count as f64 / self.found.len() as f64
    }

    /// As it was typed, with the parameter a name.
    fn method(&self) -> &str {
        if self.upwards.is_of_system { &self.first.method } else { self.args.map.method.trim() }
    }

    fn formula(&self) -> String {
        let formulas: Vec<String> = self.upwards.system.formulas().iter().map(ToString::to_string).collect();
        formulas.join(", ")
    }

    /// The chaotic pixel with the largest exponent.
    fn strongest(&self) -> Option<(f64, f64, &LargestExponent)> {
        let chaotic = self.found.iter().enumerate().filter(|(_, found)| found.motion == Motion::Chaotic);
        let (k, found) = chaotic.max_by(|a, b| a.1.value.total_cmp(&b.1.value))?;
        Some((self.h[k % self.h.len()], self.values[k / self.h.len()], found))
    }

    fn document(&self) -> Value {
        let mut fractions = Object::new();
        for motion in MOTIONS {
            fractions.insert(motion.name().replace(' ', "_"), json!(self.share(motion)));
        }
        let name = self.upwards.name;
        json!({
            "method": self.method(),
            "formula": self.formula(),
            "rates": [self.window.x().0, self.window.x().1],
            "plane": {
                "parameter": name,
                "of": if self.upwards.is_of_system { "system" } else { "method" },
                "range": [self.window.y().0, self.window.y().1],
            },
            "start": self.args.start,
            "resolution": self.args.resolution,
            "transient": self.plane.transient,
            "steps": self.plane.steps,
            "fractions": fractions,
            "largest": self.strongest().map(|(h, value, found)| {
                json!({ "h": h, "parameter": value, "exponent": number(found.value), "error": number(found.error) })
            }),
        })
    }

    fn text(&self) -> String {
        let name = self.upwards.name;
        let (x, y) = (self.window.x(), self.window.y());
        let mut lines = vec![
            format!("{} on {}", self.method(), self.formula()),
            format!(
                "{} pairs of h from {} to {} and {name} from {} to {}, {} steps each behind {}:",
                self.found.len(),
                short(x.0),
                short(x.1),
                short(y.0),
                short(y.1),
                self.plane.steps,
                self.plane.transient
            ),
        ];
        for motion in MOTIONS {
            let words = match motion {
                Motion::Chaotic => "largest exponent positive by 4 standard errors",
                Motion::Regular => "negative by 4 standard errors",
                Motion::Undecided => "0 as far as so many steps tell, or on a repelling orbit",
                Motion::Diverged => "beyond 1e6",
                _ => "a point has no number for its image",
            };
            if self.share(motion) > 0.0 {
                lines.push(format!("  {:<11}  {:.4}  ({words})", motion.name(), self.share(motion)));
            }
        }
        if let Some((h, value, found)) = self.strongest() {
            lines.push(format!(
                "The largest is {} +- {}, at h = {}, {name} = {}.",
                short(found.value),
                short(found.error),
                short(h),
                short(value)
            ));
        }
        lines.join("\n") + "\n"
    }

    fn grid(&self, values: impl Fn(&LargestExponent) -> f64) -> Option<Grid> {
        let ends = |centres: &[f64]| (centres[0], centres[centres.len() - 1]);
        let values = self.found.iter().map(values).collect();
        Grid::of_values(ends(&self.h), ends(&self.values), self.h.len(), values)
    }

    /// The size of the exponents at the ends of the colours: that of nearly all chaotic ones, or without chaos of half of all.
    fn scale(&self) -> f64 {
        let sorted = |motion: Motion| {
            let of_kind = self.found.iter().filter(|found| found.motion == motion);
            let mut sizes: Vec<f64> = of_kind.map(|found| found.value.abs()).collect();
            sizes.sort_by(f64::total_cmp);
            sizes
        };
        let (chaotic, regular) = (sorted(Motion::Chaotic), sorted(Motion::Regular));
        let size = match (chaotic.get(chaotic.len() * 99 / 100), regular.get(regular.len() / 2)) {
            (Some(&size), _) => size,
            (None, Some(&size)) if size.is_finite() => size,
            _ => 1.0,
        };
        // Up to one digit.
        let unit = 10f64.powf(size.max(1e-6).log10().floor());
        (size / unit).ceil().max(1.0) * unit
    }

    fn chart(&self) -> Chart {
        let name = self.upwards.name;
        let mut table = Table::of_columns(&["h", name, "exponent", "error", "motion"].map(str::to_owned));
        for (k, found) in self.found.iter().enumerate() {
            let (h, value) = (self.h[k % self.h.len()], self.values[k / self.h.len()]);
            let numbers = [h, value, found.value, found.error].map(Cell::from);
            let [h, value, exponent, error] = numbers;
            table.push([h, value, exponent, error, found.motion.name().into()]);
        }
        let code = |found: &LargestExponent| {
            MOTIONS.iter().position(|&motion| motion == found.motion).unwrap_or(0) as f64
        };
        let is_signed = |found: &LargestExponent| matches!(found.motion, Motion::Chaotic | Motion::Regular);
        let scale = self.scale();
        let signed = self.grid(|found| if is_signed(found) { found.value } else { f64::NAN });
        // The first three of the codes without a sign have colours of their own.
        let others =
            [(Motion::Undecided, UNDECIDED), (Motion::Diverged, LIGHT_GREY), (Motion::LeftDomain, LEFT)];
        let labels = self.grid(|found| code(found) - 2.0);
        let mut layers: Vec<ChartLayer> = Vec::new();
        layers.extend(signed.map(|grid| ChartLayer::Scaled {
            grid,
            range: (-scale, scale),
            map: ColourMap::BlueRed,
            title: "largest exponent $\\lambda_1$".to_owned(),
        }));
        layers.extend(
            labels
                .map(|grid| ChartLayer::Labels { grid, colours: others.map(|(_, colour)| colour).to_vec() }),
        );
        let keys = others.into_iter().filter(|(motion, _)| self.share(*motion) > 0.0);
        let fields = [
            ("exponent", self.grid(|found| found.value)),
            ("error", self.grid(|found| found.error)),
            ("motion", self.grid(code)),
        ];
        Chart {
            id: "lyapunov-plane".to_owned(),
            title: format!("The largest Lyapunov exponent over the learning rate and {name}"),
            heading: self.method().to_owned(),
            parameters: json!({
                "method": self.method(), "formula": self.formula(), "start": self.args.start, "plane": name,
                "transient": self.plane.transient, "steps": self.plane.steps,
                "motion": "0 chaotic, 1 regular, 2 undecided, 3 diverged, 4 left domain",
            }),
            x: ChartAxis::linear("$h$", self.window.x()),
            y: ChartAxis::linear(&label(name), self.window.y()),
            layers,
            keys: keys.map(|(motion, colour)| (colour, motion.name().to_owned())).collect(),
            table: Some(table),
            fields: fields
                .into_iter()
                .filter_map(|(name, grid)| grid.map(|grid| (name.to_owned(), grid)))
                .collect(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parameters_of_methods_are_set_anew() {
        assert_eq!(with_parameter("heavy-ball", "beta", 0.5), "heavy-ball(beta=0.5)");
        assert_eq!(with_parameter("heavy-ball(beta=0.9)", "beta", 0.5), "heavy-ball(beta=0.5)");
        assert_eq!(
            with_parameter(" adam( beta1=0.8, beta2 = 0.9 )", "beta2", 0.25),
            "adam(beta1=0.8,beta2=0.25)"
        );
    }
}
