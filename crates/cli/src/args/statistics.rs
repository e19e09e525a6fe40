//! What can be typed for the commands on chance.

use std::path::PathBuf;

use clap::{Args, ValueEnum};

use super::{SystemArg, real, whole_number};

#[derive(Args)]
pub(crate) struct GibbsArgs {
    /// The smooth part f0 of the objective, of one variable, a formula or the name of a built-in problem; the ripples
    /// epsilon*sin(x/epsilon) are added to it
    #[command(flatten)]
    pub(crate) system: SystemArg,
    /// The length of the ripples over 2 pi
    #[arg(long, value_name = "EPSILON", value_parser = real, allow_hyphen_values = true)]
    pub(crate) epsilon: f64,
    /// The learning rate
    #[arg(long, value_name = "H", value_parser = real, allow_hyphen_values = true)]
    pub(crate) h: f64,
    /// The number of iterates, 65536 at least
    #[arg(long, value_name = "N", default_value_t = 1_000_000, value_parser = whole_number, allow_negative_numbers = true)]
    pub(crate) iterates: usize,
    /// The seed of the random numbers
    #[arg(long, value_name = "N", default_value_t = 1)]
    pub(crate) seed: u64,
    /// Draw the densities into this file: svg, pdf or png, or write them as csv or npz
    #[arg(long, value_name = "FILE")]
    pub(crate) out: Option<PathBuf>,
    /// One JSON document on standard output
    #[arg(long)]
    pub(crate) json: bool,
}

#[derive(Args)]
pub(crate) struct EscapesArgs {
    /// The objective f of one variable whose wells are escaped from (with ripples: their smooth part)
    #[command(flatten)]
    pub(crate) system: SystemArg,
    /// What moves
    #[arg(long, value_enum, default_value_t = EscapeModel::Ripples)]
    pub(crate) model: EscapeModel,
    /// The learning rate, or the step of the scheme for Langevin's equation
    #[arg(long, value_name = "H", value_parser = real, allow_hyphen_values = true, required_unless_present = "rates", conflicts_with = "rates")]
    pub(crate) h: Option<f64>,
    /// Instead of one h several between these, evenly in 1/h
    #[arg(long, value_name = "H0,H1", value_delimiter = ',', value_parser = real, allow_hyphen_values = true)]
    pub(crate) rates: Option<Vec<f64>>,
    /// With --rates: how many
    #[arg(long, value_name = "N", default_value_t = 6, value_parser = whole_number, allow_negative_numbers = true)]
    pub(crate) columns: usize,
    /// With --model ripples: the length of the ripples over 2 pi
    #[arg(long, value_name = "EPSILON", value_parser = real, allow_hyphen_values = true)]
    pub(crate) epsilon: Option<f64>,
    /// With --model langevin: the temperature T; the other models have T = h/4
    #[arg(long, value_name = "T", value_parser = real, allow_hyphen_values = true)]
    pub(crate) temperature: Option<f64>,
    /// The steps of each of the 64 orbits
    #[arg(long, value_name = "N", default_value_t = 100_000, value_parser = whole_number, allow_negative_numbers = true)]
    pub(crate) steps: usize,
    /// Where wells are looked for; the default finds all that are not much narrower than they are far from 0
    #[arg(long, value_name = "X0,X1", value_delimiter = ',', value_parser = real, allow_hyphen_values = true)]
    pub(crate) window: Option<Vec<f64>>,
    /// The seed of the random numbers, and of the starts
    #[arg(long, value_name = "N", default_value_t = 1)]
    pub(crate) seed: u64,
    /// Draw the law of the escape times, with --rates the rates, into this file: svg, pdf or png, or write the numbers as csv
    /// or npz
    #[arg(long, value_name = "FILE")]
    pub(crate) out: Option<PathBuf>,
    /// One JSON document on standard output
    #[arg(long)]
    pub(crate) json: bool,
}

#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum EscapeModel {
    /// Gradient descent on f + epsilon*sin(x/epsilon), without chance
    Ripples,
    /// Its limit epsilon -> 0: x - h f'(x) - h cos U with uniform phases U
    StochasticMap,
    /// dX = -f' dt + sqrt(2T) dW by the method of Euler and Maruyama
    Langevin,
}

#[derive(Args)]
pub(crate) struct PathsArgs {
    /// The losses, with --objective once for each: the descent draws one in each step, all alike; f is their mean
    #[command(flatten)]
    pub(crate) system: SystemArg,
    /// What makes the paths; the law at the end is compared with that of sgd
    #[arg(long, value_enum, default_value_t = PathModel::Sme2)]
    pub(crate) model: PathModel,
    /// The first point of every path, a number for each variable
    #[arg(long, value_name = "X,…", value_delimiter = ',', value_parser = real, required = true, allow_hyphen_values = true)]
    pub(crate) start: Vec<f64>,
    /// The learning rate of the descent
    #[arg(long, value_name = "H", value_parser = real, allow_hyphen_values = true)]
    pub(crate) h: f64,
    /// The time at the end, T/h steps of the descent, rounded
    #[arg(long, value_name = "T", value_parser = real, allow_hyphen_values = true)]
    pub(crate) time: f64,
    /// The number of paths, 64 at least
    #[arg(long, value_name = "N", default_value_t = 10_000, value_parser = whole_number, allow_negative_numbers = true)]
    pub(crate) paths: usize,
    /// The variance of normal noise that is added to every component of the gradient
    #[arg(long, value_name = "SIGMA2", default_value_t = 0.0, value_parser = real, allow_hyphen_values = true)]
    pub(crate) noise: f64,
    /// With --model langevin: the temperature; the default is h/2 times the mean variance of the gradient at the start
    #[arg(long, value_name = "T", value_parser = real, allow_hyphen_values = true)]
    pub(crate) temperature: Option<f64>,
    /// Steps of the scheme for each h, for all models but sgd
    #[arg(long, value_name = "N", default_value_t = 10, value_parser = whole_number, allow_negative_numbers = true)]
    pub(crate) substeps: usize,
    /// The seed of the random numbers
    #[arg(long, value_name = "N", default_value_t = 1)]
    pub(crate) seed: u64,
    /// Draw paths, mean and deviation of the first variable into this file: svg, pdf or png, or write the moments of all as
    /// csv, with the paths and the last points as npz
    #[arg(long, value_name = "FILE")]
    pub(crate) out: Option<PathBuf>,
    /// One JSON document on standard output
    #[arg(long)]
    pub(crate) json: bool,
}

#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum PathModel {
    /// Stochastic gradient descent, one loss a step, drawn with replacement
    Sgd,
    /// Langevin's equation dX = -f' dt + sqrt(2T) dW
    Langevin,
    /// The stochastic modified equation of order 1, dX = -f' dt + sqrt(h Sigma) dW
    Sme1,
    /// That of order 2, with f + (h/4)|f'|^2 in place of f
    Sme2,
}
