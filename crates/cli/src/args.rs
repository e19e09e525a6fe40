//! What can be typed.

mod orbits;

pub(crate) use orbits::{
    BalancingArgs, BasinArgs, DescentArgs, DiagramArgs, GibbsArgs, LyapunovArgs, MapArg, OrbitArgs,
    PeriodicArgs, SharpnessArgs,
};

use std::path::PathBuf;

use clap::{Args, Parser, Subcommand, ValueEnum};

fn whole_number(text: &str) -> Result<usize, String> {
    text.trim().parse().map_err(|_| "a whole number, 1 or more, is accepted".to_owned())
}

/// Backward error analysis of gradient descent and Runge–Kutta methods.
#[derive(Parser)]
#[command(name = "shadowflow", version, arg_required_else_help = true)]
pub(crate) struct Arguments {
    #[command(subcommand)]
    pub(crate) command: Command,
}

#[derive(Subcommand)]
pub(crate) enum Command {
    /// List the methods, or show one: tableau, order, source
    Methods(MethodsArgs),
    /// One rooted tree: its numbers, its elementary differential, its picture
    Tree(TreeArgs),
    /// Coefficients of a B-series: modified equation, modifying integrator, elementary weights
    Series(SeriesArgs),
    /// The modified potential of a gradient flow, and the order through which it exists
    Potential(PotentialArgs),
    /// All tableaus of a shape with a given accuracy and gradient order: families, isolated ones, or a proof that none exists
    Search(SearchArgs),
    /// The modified equation of a method on your objective or vector field, as formulas
    Derive(DeriveArgs),
    /// Measure the modified field of an optimizer or method from its orbit, and compare it with the formulas
    Shadow(ShadowArgs),
    /// List the built-in objectives and vector fields, or show one
    Problems(ProblemsArgs),
    /// The stability function and its intervals
    Stability(StabilityArgs),
    /// Follow one orbit: what it comes to, its period confirmed, how it gets there
    Orbit(OrbitArgs),
    /// Find the periodic orbits in a box, with their multipliers
    Periodic(PeriodicArgs),
    /// Where orbits go, over a range of learning rates
    Diagram(DiagramArgs),
    /// Lyapunov exponents with their errors
    Lyapunov(LyapunovArgs),
    /// What becomes of every start in a window
    Basin(BasinArgs),
    /// Loss and sharpness along a training run, against the edge of stability
    Sharpness(SharpnessArgs),
    /// Matrix factorisation by gradient descent: how balanced the factors become, and how sharp the minimum
    Balancing(BalancingArgs),
    /// Steepest descent by several rules for its steps: what each needs, fixed steps, schedules and line searches
    Descent(DescentArgs),
    /// The law of large-step descent over fine ripples, against Gibbs' and the stochastic map's
    Gibbs(GibbsArgs),
    /// Judge the claims of the literature
    Verify(VerifyArgs),
    /// Draw the figures
    Figures(FiguresArgs),
}

/// A method by name or from a file.
#[derive(Args)]
#[group(required = true, multiple = false)]
pub(crate) struct MethodArg {
    /// A method of the catalogue: rk4, gauss4, rk2(c2=1/3) … (`shadowflow methods` lists them)
    #[arg(value_name = "NAME")]
    pub(crate) name: Option<String>,
    /// A tableau of your own: a TOML file with a = [[…]], b = […], entries like "1/3" or "sqrt(3)/6"
    #[arg(long, value_name = "FILE")]
    pub(crate) tableau: Option<PathBuf>,
}

#[derive(Args)]
pub(crate) struct MethodsArgs {
    /// A method to show; without it all are listed
    #[arg(value_name = "NAME")]
    pub(crate) name: Option<String>,
    /// A tableau of your own, from a TOML file
    #[arg(long, value_name = "FILE", conflicts_with = "name")]
    pub(crate) tableau: Option<PathBuf>,
    /// One JSON document on standard output
    #[arg(long)]
    pub(crate) json: bool,
}

#[derive(Args)]
pub(crate) struct TreeArgs {
    /// The level sequence, as in 1,2,2: 1 for the root, vertices in preorder; a colour may follow a level, as in 1,2:1,2
    #[arg(value_name = "LEVELS", allow_hyphen_values = true)]
    pub(crate) levels: String,
    /// How to show it
    #[arg(long, value_enum, default_value_t = TreeFormat::Text)]
    pub(crate) format: TreeFormat,
    /// One JSON document on standard output, as --format json
    #[arg(long, conflicts_with = "format")]
    pub(crate) json: bool,
    /// Write to this file instead of standard output
    #[arg(long, value_name = "FILE")]
    pub(crate) out: Option<PathBuf>,
}

#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum TreeFormat {
    /// Its numbers and its elementary differential
    Text,
    /// A picture
    Svg,
    /// A picture for the LaTeX package forest
    Latex,
    /// One JSON document
    Json,
}

#[derive(Args)]
pub(crate) struct SeriesArgs {
    #[command(flatten)]
    pub(crate) method: MethodArg,
    /// The largest number of vertices of the trees
    #[arg(long, value_name = "N", default_value_t = 4, value_parser = whole_number, allow_negative_numbers = true)]
    pub(crate) order: usize,
    /// Which series
    #[arg(long, value_enum, default_value_t = Kind::Modified)]
    pub(crate) kind: Kind,
    /// Begin however long it is estimated to take
    #[arg(long)]
    pub(crate) force: bool,
    /// How to print the coefficients
    #[arg(long, value_enum, default_value_t = SeriesFormat::Text)]
    pub(crate) format: SeriesFormat,
    /// One JSON document on standard output, as --format json
    #[arg(long, conflicts_with = "format")]
    pub(crate) json: bool,
}

#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum SeriesFormat {
    /// A table to read
    Text,
    /// A longtable with the elementary differentials
    Latex,
    /// Columns tree, order, sigma, gamma, coefficient
    Csv,
    /// One JSON document
    Json,
}

#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Kind {
    /// b(t): the equation that the method follows
    Modified,
    /// c(t): the equation for which the method follows the given one
    Modifying,
    /// a(t): one step
    Weights,
}

#[derive(Args)]
pub(crate) struct PotentialArgs {
    #[command(flatten)]
    pub(crate) method: MethodArg,
    /// Through which order to look; the default is enough to see where the potential ends
    #[arg(long, value_name = "N", value_parser = whole_number, allow_negative_numbers = true)]
    pub(crate) order: Option<usize>,
    /// One JSON document on standard output
    #[arg(long)]
    pub(crate) json: bool,
}

#[derive(Args)]
pub(crate) struct SearchArgs {
    /// The number of stages
    #[arg(long, value_name = "S", value_parser = whole_number, allow_negative_numbers = true)]
    pub(crate) stages: usize,
    #[command(flatten)]
    pub(crate) shape: ShapeArg,
    /// The least order of accuracy
    #[arg(long, value_name = "P", default_value_t = 1, value_parser = whole_number, allow_negative_numbers = true)]
    pub(crate) accuracy: usize,
    /// The least gradient order
    #[arg(long, value_name = "G", value_parser = whole_number, allow_negative_numbers = true)]
    pub(crate) gradient_order: usize,
    /// Leave undecided what is not reached after so many seconds
    #[arg(long, value_name = "SECONDS", default_value_t = 300)]
    pub(crate) time: u64,
    /// Show every case, with the steps that lead to it and the contradiction that closes it
    #[arg(long)]
    pub(crate) proof: bool,
    /// One JSON document on standard output
    #[arg(long)]
    pub(crate) json: bool,
}

/// The shape of the tableaus of a search.
#[derive(Args)]
#[group(multiple = false)]
pub(crate) struct ShapeArg {
    /// A strictly lower triangular (the default): up to 4 stages
    #[arg(long)]
    pub(crate) explicit: bool,
    /// A lower triangular: up to 3 stages
    #[arg(long)]
    pub(crate) diagonally_implicit: bool,
    /// A full: up to 2 stages
    #[arg(long)]
    pub(crate) implicit: bool,
    /// A full and equal to its adjoint with the stages reversed: up to 3 stages
    #[arg(long)]
    pub(crate) symmetric: bool,
}

#[derive(Args)]
pub(crate) struct DeriveArgs {
    /// A method of the catalogue, a family with symbols, or an optimizer: euler, rk2(c2), heavy-ball(beta=9/10), adam, sgd …
    #[arg(value_name = "NAME", required_unless_present = "tableau", conflicts_with = "tableau")]
    pub(crate) name: Option<String>,
    /// A tableau of your own: a TOML file with a = [[…]], b = […], entries like "1/3" or "sqrt(3)/6"
    #[arg(long, value_name = "FILE")]
    pub(crate) tableau: Option<PathBuf>,
    #[command(flatten)]
    pub(crate) system: SystemArg,
    /// How many variables belong to the first part of a partitioned method, or to the first player; the default is half of them
    #[arg(long, value_name = "K", value_parser = whole_number, allow_negative_numbers = true)]
    pub(crate) split: Option<usize>,
    /// The highest power of h; the default is 2, and 1 for sme, adam and rmsprop
    #[arg(long, value_name = "N", value_parser = whole_number, allow_negative_numbers = true)]
    pub(crate) order: Option<usize>,
    /// Which equation
    #[arg(long, value_enum, default_value_t = EquationKind::Modified)]
    pub(crate) kind: EquationKind,
    /// All orders at once where they are known: quadratics, one variable, the principal flow
    #[arg(long, conflicts_with_all = ["kind", "form", "latex_document"])]
    pub(crate) all_orders: bool,
    /// How formulas with powers of h are written
    #[arg(long, value_enum, default_value_t = FormulaForm::Collected)]
    pub(crate) form: FormulaForm,
    /// How to print the result
    #[arg(long, value_enum, default_value_t = FormulaFormat::Text)]
    pub(crate) format: FormulaFormat,
    /// A complete short note in LaTeX: the method, its tableau, its modified equation, its potential, and where that stops
    #[arg(long, conflicts_with = "format")]
    pub(crate) latex_document: bool,
    /// End after so many seconds with what is found by then
    #[arg(long, value_name = "SECONDS", default_value_t = 60.0, value_parser = seconds, allow_negative_numbers = true)]
    pub(crate) timeout: f64,
}

/// What a command works on.
#[derive(Args)]
pub(crate) struct SystemArg {
    /// An objective f, as a formula or by the name of a built-in problem (`shadowflow problems`): the method runs on its
    /// gradient flow, so euler is gradient descent. Given more than once, the parts of a sum or the losses of batches.
    /// Functions: exp log sqrt sin cos tan tanh; at most 4096 characters, 200 nested brackets, exponents to 64, degree 256
    #[arg(long, value_name = "EXPR", allow_hyphen_values = true, conflicts_with = "field")]
    pub(crate) objective: Vec<String>,
    /// A vector field: a formula for each variable, separated by commas, or the name of a built-in problem. Given more than
    /// once, the parts of a sum
    #[arg(long, value_name = "EXPR,…", allow_hyphen_values = true)]
    pub(crate) field: Vec<String>,
    /// The variables, such as x,y; other names are parameters. Default: all names, in alphabetical order
    #[arg(long, value_name = "NAMES", value_delimiter = ',')]
    pub(crate) vars: Option<Vec<String>>,
    /// Values of parameters, such as mu=1/2,a=3; parameters without a value stay symbols
    #[arg(long, value_name = "NAME=VALUE,…", value_delimiter = ',', allow_hyphen_values = true)]
    pub(crate) params: Vec<String>,
}

/// A number as it is typed: a decimal or a fraction.
fn real(text: &str) -> Result<f64, String> {
    let value = match text.trim().parse::<f64>() {
        Ok(value) => Some(value),
        Err(_) => shadowflow_symbolic::number(text).map(|value| value.to_f64().value()),
    };
    value
        .filter(|value| value.is_finite())
        .ok_or_else(|| "a number such as 0.25, 1/3 or 1e-3 is accepted".to_owned())
}

fn seconds(text: &str) -> Result<f64, String> {
    match text.trim().parse::<f64>() {
        Ok(seconds) if seconds > 0.0 && seconds <= 1e6 => Ok(seconds),
        _ => Err("a number of seconds above 0 and up to 1000000 is accepted".to_owned()),
    }
}

#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum EquationKind {
    /// The equation that the method follows
    Modified,
    /// The equation for which the method follows the given one
    Modifying,
}

#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum FormulaForm {
    /// By powers of h, every coefficient factored or multiplied out, whichever is shorter
    Collected,
    /// One sum
    Expanded,
    /// One product
    Factored,
}

#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum FormulaFormat {
    /// To be read at a terminal
    Text,
    /// Paragraphs for a paper (amsmath)
    Latex,
    /// Input for Mathematica
    Mathematica,
    /// A Python module for SymPy
    Sympy,
    /// A function in Rust
    Rust,
    /// A function in C
    C,
    /// One JSON document
    Json,
}

#[derive(Args)]
pub(crate) struct ProblemsArgs {
    /// A problem to show; without it all are listed
    #[arg(value_name = "NAME")]
    pub(crate) name: Option<String>,
    /// One JSON document on standard output
    #[arg(long)]
    pub(crate) json: bool,
}

#[derive(Args)]
pub(crate) struct StabilityArgs {
    /// A method of the catalogue, rkc(s=10,damping=0.05) …; an optimizer: heavy-ball(beta=0.9), nesterov, adam; a schedule of
    /// learning rates: silver(n=7), chebyshev(n=16,kappa=100)
    #[arg(value_name = "NAME", required_unless_present_any = ["tableau", "objective", "field"], conflicts_with = "tableau")]
    pub(crate) name: Option<String>,
    /// A tableau of your own: a TOML file with a = [[…]], b = […], entries like "1/3" or "sqrt(3)/6"
    #[arg(long, value_name = "FILE")]
    pub(crate) tableau: Option<PathBuf>,
    #[command(flatten)]
    pub(crate) system: SystemArg,
    /// With --objective or --field: where, a number for each variable
    #[arg(long, value_name = "X,…", value_delimiter = ',', value_parser = real, allow_hyphen_values = true)]
    pub(crate) at: Vec<f64>,
    /// With --objective or --field: also judge this learning rate
    #[arg(long, value_name = "H", value_parser = real, allow_hyphen_values = true)]
    pub(crate) h: Option<f64>,
    /// Draw the region of NAME into this file: svg, pdf or png, or its data as npz or csv. With --objective or --field and
    /// --h the points h*lambda are marked
    #[arg(long, value_name = "FILE")]
    pub(crate) out: Option<PathBuf>,
    /// With --out: the part of the complex plane shown, left,right,bottom,top; the default shows the whole boundary
    #[arg(long, value_name = "X0,X1,Y0,Y1", value_delimiter = ',', value_parser = real, allow_hyphen_values = true, requires = "out")]
    pub(crate) window: Option<Vec<f64>>,
    /// With --out: nodes across the picture, at which |R| is sampled
    #[arg(long, value_name = "N", requires = "out", default_value_t = 401, value_parser = clap::value_parser!(u16).range(2..=8192))]
    pub(crate) resolution: u16,
    /// With --out: the order star instead of the region
    #[arg(long, requires = "out")]
    pub(crate) order_star: bool,
    /// One JSON document on standard output
    #[arg(long)]
    pub(crate) json: bool,
}

#[derive(Args)]
pub(crate) struct VerifyArgs {
    /// The claims to judge; without it all are
    #[arg(value_name = "ID")]
    pub(crate) ids: Vec<String>,
    /// List the claims instead
    #[arg(long, conflicts_with_all = ["json", "markdown"])]
    pub(crate) list: bool,
    /// One JSON document on standard output
    #[arg(long)]
    pub(crate) json: bool,
    /// A Markdown page on standard output
    #[arg(long, conflicts_with = "json")]
    pub(crate) markdown: bool,
}

#[derive(Args)]
pub(crate) struct FiguresArgs {
    /// The figures to draw; without it all are
    #[arg(value_name = "ID")]
    pub(crate) ids: Vec<String>,
    /// List the figures instead
    #[arg(long)]
    pub(crate) list: bool,
    /// The folder to draw into
    #[arg(long, value_name = "DIR", default_value = "figures")]
    pub(crate) out: PathBuf,
    /// The formats of the pictures
    #[arg(long, value_name = "LIST", default_value = "svg,pdf,png", value_delimiter = ',')]
    pub(crate) formats: Vec<String>,
    /// Also write small PNG previews into this folder
    #[arg(long, value_name = "DIR")]
    pub(crate) previews: Option<PathBuf>,
    #[command(flatten)]
    pub(crate) landscape: LandscapeArgs,
}

/// An objective of one's own for the figure modified-landscape.
#[derive(Args)]
pub(crate) struct LandscapeArgs {
    /// With modified-landscape: draw this objective of two variables, a formula or the name of a built-in problem
    #[arg(long, value_name = "EXPR", allow_hyphen_values = true)]
    pub(crate) objective: Option<String>,
    /// Its variables, such as x,y; other names are parameters
    #[arg(long, value_name = "NAMES", value_delimiter = ',', requires = "objective")]
    pub(crate) vars: Option<Vec<String>>,
    /// Values of its parameters, such as mu=1/2
    #[arg(
        long,
        value_name = "NAME=VALUE,…",
        value_delimiter = ',',
        allow_hyphen_values = true,
        requires = "objective"
    )]
    pub(crate) params: Vec<String>,
    /// The part of the plane shown: left,right,bottom,top
    #[arg(long, value_name = "X0,X1,Y0,Y1", value_delimiter = ',', value_parser = real, allow_hyphen_values = true, default_values_t = [-2.0, 2.0, -2.0, 2.0])]
    pub(crate) window: Vec<f64>,
    /// Where gradient descent starts; the default is three quarters of the way to the upper right corner
    #[arg(long, value_name = "X,Y", value_delimiter = ',', value_parser = real, allow_hyphen_values = true, requires = "objective")]
    pub(crate) start: Option<Vec<f64>>,
    /// The learning rate; the default is half the inverse of the sharpness at the start
    #[arg(long, value_name = "H", value_parser = real, allow_hyphen_values = true, requires = "objective")]
    pub(crate) h: Option<f64>,
    /// The number of steps
    #[arg(long, value_name = "N", default_value_t = 40, value_parser = whole_number, allow_negative_numbers = true)]
    pub(crate) steps: usize,
}

#[derive(Args)]
pub(crate) struct ShadowArgs {
    /// An optimizer with numbers for its parameters (heavy-ball(beta=0.9), adam …) or a method of the catalogue
    #[arg(value_name = "NAME")]
    pub(crate) name: String,
    #[command(flatten)]
    pub(crate) system: SystemArg,
    /// Where to measure, a number for each variable; an optimizer with memory starts here and is measured after its transient
    #[arg(long, value_name = "X,…", value_delimiter = ',', value_parser = real, required = true, allow_hyphen_values = true)]
    pub(crate) at: Vec<f64>,
    /// The learning rate or step
    #[arg(long, value_name = "H", value_parser = real, allow_hyphen_values = true)]
    pub(crate) h: f64,
    /// How many differences of the orbit to use: the error falls like h to this power
    #[arg(long, value_name = "N", default_value_t = 8, value_parser = whole_number, allow_negative_numbers = true)]
    pub(crate) differences: usize,
    /// Compare with the derived equation through this power of h
    #[arg(long, value_name = "N", default_value_t = 2, value_parser = whole_number, allow_negative_numbers = true)]
    pub(crate) order: usize,
    /// One JSON document on standard output
    #[arg(long)]
    pub(crate) json: bool,
}
