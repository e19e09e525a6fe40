//! What can be typed for the commands on orbits.

use std::path::PathBuf;

use clap::Args;

use super::{SystemArg, real, whole_number};

/// A name and an interval, as in `mu=0.5,2`.
#[derive(Clone, Debug)]
pub(crate) struct NamedRange {
    pub(crate) name: String,
    pub(crate) from: f64,
    pub(crate) to: f64,
}

fn named_range(text: &str) -> Result<NamedRange, String> {
    let read = || {
        let (name, ends) = text.split_once('=')?;
        let (from, to) = ends.split_once(',')?;
        let name = Some(name.trim()).filter(|name| !name.is_empty())?;
        Some(NamedRange { name: name.to_owned(), from: real(from).ok()?, to: real(to).ok()? })
    };
    read().ok_or_else(|| "a name and two numbers, as in mu=0.5,2, are accepted".to_owned())
}

/// A method or optimizer on an objective or field.
#[derive(Args)]
pub(crate) struct MapArg {
    #[command(flatten)]
    pub(crate) system: SystemArg,
    /// The method or optimizer: euler (gradient descent), rk4, implicit-euler, heavy-ball(beta=0.9), nesterov, adam …
    #[arg(long, value_name = "NAME", default_value = "euler")]
    pub(crate) method: String,
}

#[derive(Args)]
pub(crate) struct OrbitArgs {
    #[command(flatten)]
    pub(crate) map: MapArg,
    /// The first point, a number for each variable
    #[arg(long, value_name = "X,…", value_delimiter = ',', value_parser = real, required = true, allow_hyphen_values = true)]
    pub(crate) start: Vec<f64>,
    /// The learning rate or step
    #[arg(long, value_name = "H", value_parser = real, allow_hyphen_values = true)]
    pub(crate) h: f64,
    /// The most steps, 256 at least; fewer are taken once the orbit has settled, unless --out or --points shows them
    #[arg(long, value_name = "N", default_value_t = 20_000, value_parser = whole_number, allow_negative_numbers = true)]
    pub(crate) steps: usize,
    /// How many points are printed, the first ones; all of them go into --out
    #[arg(long, value_name = "N", default_value_t = 1000, value_parser = whole_number, allow_negative_numbers = true)]
    pub(crate) points: usize,
    /// Stop where the orbit leaves this window: an interval for each variable, x0,x1,y0,y1,…
    #[arg(long, value_name = "X0,X1,…", value_delimiter = ',', value_parser = real, allow_hyphen_values = true)]
    pub(crate) window: Vec<f64>,
    /// With --out and one variable: the graph of the map and the path of the orbit between it and the diagonal
    #[arg(long, requires = "out")]
    pub(crate) cobweb: bool,
    /// Draw the orbit into this file: svg, pdf or png, or all its points as csv, or npz, by column
    #[arg(long, value_name = "FILE")]
    pub(crate) out: Option<PathBuf>,
    /// One JSON document on standard output
    #[arg(long)]
    pub(crate) json: bool,
}

#[derive(Args)]
pub(crate) struct PeriodicArgs {
    #[command(flatten)]
    pub(crate) map: MapArg,
    /// The learning rate or step at which orbits are looked for; with --rates its default is H0
    #[arg(long, value_name = "H", value_parser = real, allow_hyphen_values = true, required_unless_present = "rates")]
    pub(crate) h: Option<f64>,
    /// Follow every orbit found through these learning rates, by pseudo-arclength, to its folds, flips and Neimark-Sacker points
    #[arg(long, value_name = "H0,H1", value_delimiter = ',', value_parser = real, allow_hyphen_values = true)]
    pub(crate) rates: Option<Vec<f64>>,
    /// With --rates: how many flips in a row are followed to orbits of twice the period, 6 at most
    #[arg(long, value_name = "N", default_value_t = 4, value_parser = whole_number, allow_negative_numbers = true)]
    pub(crate) doublings: usize,
    /// The longest period, 64 at most
    #[arg(long, value_name = "P", default_value_t = 4, value_parser = whole_number, allow_negative_numbers = true)]
    pub(crate) period: usize,
    /// The box searched: an interval for each variable, x0,x1,y0,y1,…; the default is -2,2 for each
    #[arg(long, value_name = "X0,X1,…", value_delimiter = ',', value_parser = real, allow_hyphen_values = true)]
    pub(crate) window: Vec<f64>,
    /// Starts of the search for each period; more find more, none proves that all are found
    #[arg(long, value_name = "N", default_value_t = 500, value_parser = whole_number, allow_negative_numbers = true)]
    pub(crate) starts: usize,
    /// Draw the points, or with --rates the branches, into this file: svg, pdf or png, or write them as csv, or npz, by column
    #[arg(long, value_name = "FILE")]
    pub(crate) out: Option<PathBuf>,
    /// One JSON document on standard output
    #[arg(long)]
    pub(crate) json: bool,
}

#[derive(Args)]
pub(crate) struct DiagramArgs {
    #[command(flatten)]
    pub(crate) map: MapArg,
    /// The learning rates between which orbits are followed
    #[arg(long, value_name = "H0,H1", value_delimiter = ',', value_parser = real, required = true, allow_hyphen_values = true)]
    pub(crate) rates: Vec<f64>,
    /// The first point of every orbit, a number for each variable
    #[arg(long, value_name = "X,…", value_delimiter = ',', value_parser = real, required = true, allow_hyphen_values = true)]
    pub(crate) start: Vec<f64>,
    /// How many learning rates
    #[arg(long, value_name = "N", default_value_t = 800, value_parser = whole_number, allow_negative_numbers = true)]
    pub(crate) columns: usize,
    /// How many bins of the first variable
    #[arg(long, value_name = "N", default_value_t = 600, value_parser = whole_number, allow_negative_numbers = true)]
    pub(crate) bins: usize,
    /// Steps before anything is counted
    #[arg(long, value_name = "N", default_value_t = 1000, value_parser = whole_number, allow_negative_numbers = true)]
    pub(crate) transient: usize,
    /// Steps that are counted
    #[arg(long, value_name = "N", default_value_t = 4000, value_parser = whole_number, allow_negative_numbers = true)]
    pub(crate) iterates: usize,
    /// The interval of the first variable that is shown; the default holds all orbits
    #[arg(long, value_name = "X0,X1", value_delimiter = ',', value_parser = real, allow_hyphen_values = true)]
    pub(crate) range: Option<Vec<f64>>,
    /// Draw the diagram into this file: svg, pdf or png, or its density as npz, its last points as csv
    #[arg(long, value_name = "FILE")]
    pub(crate) out: Option<PathBuf>,
    /// One JSON document on standard output
    #[arg(long)]
    pub(crate) json: bool,
}

#[derive(Args)]
pub(crate) struct LyapunovArgs {
    #[command(flatten)]
    pub(crate) map: MapArg,
    /// The first point, a number for each variable
    #[arg(long, value_name = "X,…", value_delimiter = ',', value_parser = real, required = true, allow_hyphen_values = true)]
    pub(crate) start: Vec<f64>,
    /// The learning rate or step
    #[arg(long, value_name = "H", value_parser = real, allow_hyphen_values = true, required_unless_present = "rates", conflicts_with = "rates")]
    pub(crate) h: Option<f64>,
    /// Instead of one learning rate many between these
    #[arg(long, value_name = "H0,H1", value_delimiter = ',', value_parser = real, allow_hyphen_values = true)]
    pub(crate) rates: Option<Vec<f64>>,
    /// With --rates alone: how many
    #[arg(long, value_name = "N", default_value_t = 400, value_parser = whole_number, allow_negative_numbers = true)]
    pub(crate) columns: usize,
    /// The largest exponent over a plane: --rates across, and upwards a parameter of the objective or field (mu=0.5,2), or else
    /// one of the method (beta=0,0.99 for heavy-ball)
    #[arg(long, value_name = "NAME=P0,P1", value_parser = named_range, allow_hyphen_values = true, requires = "rates", conflicts_with = "h")]
    pub(crate) plane: Option<NamedRange>,
    /// With --plane: pixels in a row, and rows
    #[arg(long, value_name = "N", default_value_t = 300, value_parser = clap::value_parser!(u16).range(2..=4096))]
    pub(crate) resolution: u16,
    /// Steps before anything is measured
    #[arg(long, value_name = "N", default_value_t = 1000, value_parser = whole_number, allow_negative_numbers = true)]
    pub(crate) transient: usize,
    /// Steps that are measured; the default is 100000, with --rates 4000, with --plane 2000
    #[arg(long, value_name = "N", value_parser = whole_number, allow_negative_numbers = true)]
    pub(crate) steps: Option<usize>,
    /// Draw the exponents over --rates, or over the plane, into this file: svg, pdf or png, or write them as csv or npz
    #[arg(long, value_name = "FILE", requires = "rates")]
    pub(crate) out: Option<PathBuf>,
    /// One JSON document on standard output
    #[arg(long)]
    pub(crate) json: bool,
}

#[derive(Args)]
pub(crate) struct BasinArgs {
    #[command(flatten)]
    pub(crate) map: MapArg,
    /// The learning rate or step
    #[arg(long, value_name = "H", value_parser = real, allow_hyphen_values = true)]
    pub(crate) h: f64,
    /// The starts: left,right,bottom,top
    #[arg(long, value_name = "X0,X1,Y0,Y1", value_delimiter = ',', value_parser = real, allow_hyphen_values = true, default_values_t = [-2.5, 2.5, -2.5, 2.5])]
    pub(crate) window: Vec<f64>,
    /// Starts in a row, and rows
    #[arg(long, value_name = "N", default_value_t = 400, value_parser = clap::value_parser!(u16).range(2..=8192))]
    pub(crate) resolution: u16,
    /// The most steps of an orbit
    #[arg(long, value_name = "N", default_value_t = 2000, value_parser = whole_number, allow_negative_numbers = true)]
    pub(crate) steps: usize,
    /// The longest period that is told from others
    #[arg(long, value_name = "P", default_value_t = 8, value_parser = whole_number, allow_negative_numbers = true)]
    pub(crate) period: usize,
    /// Draw the basins into this file: svg, pdf or png, or the labels as npz, the attractors as csv. Interrupted, it goes
    /// on where it was
    #[arg(long, value_name = "FILE")]
    pub(crate) out: Option<PathBuf>,
    /// One JSON document on standard output
    #[arg(long)]
    pub(crate) json: bool,
}

#[derive(Args)]
pub(crate) struct SharpnessArgs {
    #[command(flatten)]
    pub(crate) map: MapArg,
    /// The first point, a number for each variable; not needed without --objective, which trains a small network of 37
    /// parameters on 20 points
    #[arg(long, value_name = "X,…", value_delimiter = ',', value_parser = real, allow_hyphen_values = true)]
    pub(crate) start: Vec<f64>,
    /// The learning rate
    #[arg(long, value_name = "H", value_parser = real, allow_hyphen_values = true)]
    pub(crate) h: f64,
    /// The number of steps
    #[arg(long, value_name = "N", default_value_t = 4000, value_parser = whole_number, allow_negative_numbers = true)]
    pub(crate) steps: usize,
    /// Measure after every so many steps
    #[arg(long, value_name = "N", default_value_t = 20, value_parser = whole_number, allow_negative_numbers = true)]
    pub(crate) every: usize,
    /// Beside the run: the gradient flow, and for gradient descent the central flow, at the same times; a step takes h, with
    /// momentum h/(1 - beta)
    #[arg(long)]
    pub(crate) flow: bool,
    /// Draw the sharpness into this file: svg, pdf or png, or write all curves as csv or npz
    #[arg(long, value_name = "FILE")]
    pub(crate) out: Option<PathBuf>,
    /// One JSON document on standard output
    #[arg(long)]
    pub(crate) json: bool,
}

#[derive(Args)]
pub(crate) struct DescentArgs {
    #[command(flatten)]
    pub(crate) system: SystemArg,
    /// The first point, a number for each variable
    #[arg(long, value_name = "X,…", value_delimiter = ',', value_parser = real, required = true, allow_hyphen_values = true)]
    pub(crate) start: Vec<f64>,
    /// How steps are chosen: fixed, armijo, wolfe, wolfe(c1=1e-4,c2=0.9), silver(n=7), chebyshev(n=16,kappa=100); may be given
    /// more than once
    #[arg(long, value_name = "RULE", default_values_t = ["fixed".to_owned(), "armijo".to_owned(), "wolfe".to_owned()])]
    pub(crate) rule: Vec<String>,
    /// The learning rate of fixed; the default is 1/L
    #[arg(long, value_name = "H", value_parser = real, allow_hyphen_values = true)]
    pub(crate) h: Option<f64>,
    /// The largest curvature L, the inverse of the unit of schedules; the default is the sharpness at the start
    #[arg(long, value_name = "L", value_parser = real, allow_hyphen_values = true)]
    pub(crate) largest: Option<f64>,
    /// End where the gradient is this small, relative to that at the start
    #[arg(long, value_name = "SHARE", default_value_t = 1e-8, value_parser = real, allow_hyphen_values = true)]
    pub(crate) tolerance: f64,
    /// The most steps
    #[arg(long, value_name = "N", default_value_t = 10_000, value_parser = whole_number, allow_negative_numbers = true)]
    pub(crate) steps: usize,
    /// Draw f - f* against evaluations into this file: svg, pdf or png, or write all iterates as csv or npz
    #[arg(long, value_name = "FILE")]
    pub(crate) out: Option<PathBuf>,
    /// One JSON document on standard output
    #[arg(long)]
    pub(crate) json: bool,
}

#[derive(Args)]
pub(crate) struct BalancingArgs {
    /// The sizes of |A - X Y^T|^2/2, as in 4x2x3: A is MxN, X MxR and Y NxR
    #[arg(long, value_name = "MxRxN", required_unless_present = "mu", conflicts_with = "mu")]
    pub(crate) shape: Option<String>,
    /// The singular values of A, at most as many as the smaller of M and N; the default is 1 once
    #[arg(long, value_name = "S,…", value_delimiter = ',', value_parser = real, allow_hyphen_values = true, conflicts_with = "mu")]
    pub(crate) singular_values: Vec<f64>,
    /// Instead of --shape: the scalar problem (mu - x*y)^2/2, with its exact critical step
    #[arg(long, value_name = "MU", value_parser = real, allow_hyphen_values = true)]
    pub(crate) mu: Option<f64>,
    /// The start: the rows of X, then those of Y; the default is normal numbers, those of X times --scale, of Y over it
    #[arg(long, value_name = "X,…", value_delimiter = ',', value_parser = real, allow_hyphen_values = true)]
    pub(crate) start: Vec<f64>,
    /// Without --start: how unequal X and Y begin
    #[arg(long, value_name = "C", default_value_t = 3.0, value_parser = real, allow_hyphen_values = true)]
    pub(crate) scale: f64,
    /// Without --start: the seed of the random numbers
    #[arg(long, value_name = "N", default_value_t = 1)]
    pub(crate) seed: u64,
    /// The learning rate
    #[arg(long, value_name = "H", value_parser = real, allow_hyphen_values = true, required_unless_present = "rates", conflicts_with = "rates")]
    pub(crate) h: Option<f64>,
    /// Instead of one learning rate many between these
    #[arg(long, value_name = "H0,H1", value_delimiter = ',', value_parser = real, allow_hyphen_values = true)]
    pub(crate) rates: Option<Vec<f64>>,
    /// With --rates: how many
    #[arg(long, value_name = "N", default_value_t = 200, value_parser = whole_number, allow_negative_numbers = true)]
    pub(crate) columns: usize,
    /// The most steps
    #[arg(long, value_name = "N", default_value_t = 100_000, value_parser = whole_number, allow_negative_numbers = true)]
    pub(crate) steps: usize,
    /// Draw the imbalance on the way, or the limits over --rates, into this file: svg, pdf or png, or write them as csv or npz
    #[arg(long, value_name = "FILE")]
    pub(crate) out: Option<PathBuf>,
    /// One JSON document on standard output
    #[arg(long)]
    pub(crate) json: bool,
}
