//! Every failure as one friendly report and an exit code: 1 a claim or figure fell short, 2 bad input, 130 interrupted.

use std::io;
use std::path::PathBuf;
use std::process::ExitCode;

use miette::{Diagnostic, GraphicalReportHandler};
use shadowflow_bseries::search::SearchError;
use shadowflow_bseries::{AlgebraError, ColouredTreesError, SeriesError};
use shadowflow_claims::UnknownClaim;
use shadowflow_figures::FigureError;
use shadowflow_methods::MethodError;
use shadowflow_numerics::OptimizerError;
use shadowflow_numerics::problems::UnknownProblem;
use shadowflow_symbolic::SymbolicError;

/// What a command can fail with.
#[derive(Debug, thiserror::Error)]
pub(crate) enum CliError {
    #[error(transparent)]
    Method(#[from] MethodError),
    #[error("argument NAME: {0}")]
    Optimizer(#[from] OptimizerError),
    #[error(
        "there is no method, optimizer or schedule `{name}`; did you mean {}?",
        nearest.join(", ")
    )]
    UnknownName { name: String, nearest: Vec<String> },
    #[error(
        "argument NAME: {name} is a schedule of many learning rates, which is judged alone, without --objective or --field"
    )]
    ScheduleAlone { name: String },
    #[error("argument --method: {0}")]
    MethodOption(OptimizerError),
    #[error(
        "argument {argument}: {} for {} ({variables})",
        counted(*found, "number"),
        counted(*expected, "variable")
    )]
    Numbers { argument: &'static str, found: usize, expected: usize, variables: String },
    #[error(
        "argument {argument}: from {from:e} to {to:e} is no interval; two finite numbers are accepted, the smaller first"
    )]
    Interval { argument: &'static str, from: f64, to: f64 },
    #[error("argument {argument}: {found} is out of range; {least} to {most} are possible")]
    Range { argument: &'static str, found: usize, least: usize, most: usize },
    #[error(
        "one objective or field is needed here, not the parts of a sum; give --objective or --field once"
    )]
    OneSystem,
    #[error("argument --cobweb: it shows maps of one number; the state of this one has {found}")]
    NeedsOneNumber { found: usize },
    #[error("an objective is needed here, no field and no sum; give --objective once")]
    NeedsObjective,
    #[error(
        "argument --out: exponents are drawn over many learning rates; give --rates H0,H1 in place of --h"
    )]
    OnlyWithRates,
    #[error(
        "argument --plane: neither the system nor the method `{method}` has a parameter `{name}`{}",
        if parameters.is_empty() { String::new() } else { format!("; the system has {}", parameters.join(", ")) }
    )]
    NoParameter { name: String, method: String, parameters: Vec<String> },
    #[error("argument --params: `{name}` has a value here and a range in --plane; leave one of them out")]
    GivenTwice { name: String },
    #[error("argument --plane: {name} = {value}: {source}")]
    PlaneValue { name: String, value: f64, source: Box<CliError> },
    #[error("an objective of one variable is needed here; this one has {found}")]
    OneVariable { found: usize },
    #[error("argument {argument}: {reason}")]
    Option { argument: &'static str, reason: String },
    #[error(
        "argument --objective: {found} wells are found here, where 2 to 64 can be told apart; an objective with several minima is accepted, and --window X0,X1 says where to look"
    )]
    Wells { found: usize },
    #[error("argument --window: {reason}; sides from 1e-9 to 1e12 are drawn")]
    WindowSize { reason: String },
    #[error("{}: {source}", path.display())]
    TableauFile { path: PathBuf, source: Box<MethodError> },
    #[error("{} cannot be read: {source}", path.display())]
    Unreadable { path: PathBuf, source: io::Error },
    #[error(
        "{} is no unfinished basin of this program, or damaged: nothing of it is used; remove it, or give another --out",
        path.display()
    )]
    DamagedPart { path: PathBuf },
    #[error("{} is too long for a tableau file, which has at most {limit} bytes", path.display())]
    TableauFileTooLong { path: PathBuf, limit: u64 },
    #[error("argument --order: {0}")]
    Series(#[from] SeriesError),
    #[error("argument --order: {estimate}; a smaller order takes less, --force begins it anyway")]
    SeriesTooLong { estimate: String },
    #[error(transparent)]
    Search(#[from] SearchError),
    #[error(
        "the search is undecided after {seconds} s, within an elimination that may never end: ask for fewer stages, a lower gradient order or a higher accuracy, or give it more --time"
    )]
    SearchTooLong { seconds: u64 },
    #[error("the search ended without an answer: a defect of the program, please report the command")]
    SearchFailed,
    #[error(transparent)]
    BSeries(#[from] AlgebraError),
    #[error("argument --order: {0}")]
    ColouredTrees(#[from] ColouredTreesError),
    #[error(
        "`{method}` is a {kind} method; this command needs a Runge–Kutta method, `series` and `methods` take this one too"
    )]
    NoTableau { method: &'static str, kind: &'static str },
    #[error(
        "`{method}` is partitioned: its trees have colours, on which modifying integrators are not computed; accepted are the kinds modified and weights"
    )]
    NotOverPlainTrees { method: &'static str },
    #[error("argument LEVELS: {0}")]
    Tree(SeriesError),
    #[error("{} cannot be written: {source}", path.display())]
    Unwritable { path: PathBuf, source: io::Error },
    #[error("argument {argument}: {source}")]
    Symbolic { argument: &'static str, source: Box<SymbolicError> },
    #[error(
        "this needs --objective EXPR or --field EXPR,… (or the name of a built-in problem: `shadowflow problems`)"
    )]
    NeedsSystem,
    #[error(
        "argument --field: stochastic gradient descent is judged on losses; give --objective once for each, as in `shadowflow stability --objective \"x^2\" --objective \"4*x^2\" --at 0`"
    )]
    NeedsLosses,
    #[error(
        "argument --objective: given more than once these are the losses of stochastic gradient descent, for which NAME is left out or sgd, and nothing is drawn"
    )]
    NeedsSgd,
    #[error(
        "argument --params: this needs numbers, and `{name}` has none; give it one with --params {name}=VALUE"
    )]
    NeedsValue { name: String },
    #[error(
        "the derivation ended after h^{reached}, short of h^{wanted}: the time was up or the formulas grew too long; a larger --timeout or a smaller --order helps"
    )]
    CutShort { reached: usize, wanted: usize },
    #[error(transparent)]
    NothingInTime(SymbolicError),
    #[error("the field has no finite value at {at:?}; another --at may have one")]
    Undefined { at: Vec<f64> },
    #[error(
        "argument --objective: it must have two variables to be drawn in the plane, not {found}; with --vars x,y other names are parameters"
    )]
    NeedsPlane { found: usize },
    #[error("argument --h: the objective has no curvature at the start ({}, {}), so there is no natural step; give one", start[0], start[1])]
    NeedsStep { start: [f64; 2] },
    #[error(
        "argument --objective: of the figures only modified-landscape takes an objective: `shadowflow figures modified-landscape --objective …`"
    )]
    ObjectiveOfFigure,
    #[error(
        "argument {argument}: {} where {expected} are needed, separated by commas",
        counted(*found, "number")
    )]
    Count { argument: &'static str, found: usize, expected: usize },
    #[error("argument --at: the point is needed, a number for each variable: --at X,… for {variables}")]
    NeedsPoint { variables: String },
    #[error("argument {argument}: it belongs to --objective or --field, which is not given")]
    OnlyWithSystem { argument: &'static str },
    #[error(
        "argument --out: the region of a method is drawn; name one, as in `shadowflow stability rk4 --out rk4.png`"
    )]
    NeedsMethod,
    #[error(
        "argument NAME: `{text}` is no schedule; accepted are silver(n=7) and chebyshev(n=16,kappa=100), n a whole number from 1, kappa from 1 to 1e12"
    )]
    Schedule { text: String },
    #[error(
        "argument --shape: `{text}` is no shape; three whole numbers MxRxN from 1 to 64, such as 4x2x3, are accepted"
    )]
    Shape { text: String },
    #[error("argument --mu: {mu} cannot be factored here; a positive, finite number is accepted")]
    Factored { mu: f64 },
    #[error("argument --scale: {scale} cannot be used; a positive number from 1e-6 to 1e6 is accepted")]
    Scale { scale: f64 },
    #[error(
        "argument --rule: `{text}` is no rule for steps; accepted are fixed, armijo, wolfe(c1=1e-4,c2=0.9), silver(n=7) and chebyshev(n=16,kappa=100)"
    )]
    StepRule { text: String },
    #[error(
        "argument --largest: {found} is no largest curvature; a positive, finite number is needed for schedules and for fixed steps without --h"
    )]
    LargestCurvature { found: f64 },
    #[error("argument --window: {0}")]
    Window(shadowflow_numerics::RasterError),
    #[error("argument --at: {0}")]
    Point(shadowflow_numerics::InputError),
    #[error("argument --h: the learning rate {h} cannot be used; a positive, finite number is accepted")]
    Step { h: f64 },
    #[error("{reason}")]
    Measurement { reason: String },
    #[error(
        "the orbit leaves the finite numbers after {steps} steps at h = {h}, near {at:?}; a smaller --h or another --at may stay"
    )]
    OrbitLeft { h: f64, steps: usize, at: Vec<f64> },
    #[error("argument --format: all orders at once are written as text, latex and json")]
    FormatOfAllOrders,
    #[error(
        "argument {argument}: `{name}` is a built-in problem of the other kind; give it with {right} {name}"
    )]
    OtherKind { name: String, argument: &'static str, right: &'static str },
    #[error(
        "argument --vars: the built-in problem `{name}` has its own variables; leave --vars out, or write the formula"
    )]
    OwnVariables { name: String },
    #[error(
        "argument {argument}: there is no built-in problem `{name}`; did you mean {}? Where it is a variable, --vars {name} says so",
        nearest.join(" or ")
    )]
    Misspelt { name: String, argument: &'static str, nearest: Vec<String> },
    #[error(
        "argument --params: `{text}` is not of the form name=value with a number such as 3, -1/2 or 0.25"
    )]
    BadValue { text: String },
    #[error(transparent)]
    Problem(#[from] UnknownProblem),
    #[error(transparent)]
    Algebra(SymbolicError),
    #[error(transparent)]
    Figure(#[from] FigureError),
    #[error(transparent)]
    Claim(#[from] UnknownClaim),
    #[error("{}", fell_short(claims, "claim did", "claims did"))]
    ClaimsFellShort { claims: Vec<String> },
    #[error("{}", fell_short(figures, "figure did", "figures did"))]
    FiguresFellShort { figures: Vec<String> },
    #[error("interrupted; what was finished is kept")]
    Interrupted,
    #[error("standard output cannot be written: {0}")]
    Output(io::Error),
}

/// A number of things in words.
fn counted(n: usize, what: &str) -> String {
    if n == 1 { format!("1 {what}") } else { format!("{n} {what}s") }
}

fn fell_short(names: &[String], one: &str, many: &str) -> String {
    let verb = if names.len() == 1 { one } else { many };
    format!("{} {verb} not come out as registered: {}", names.len(), names.join(", "))
}

impl Diagnostic for CliError {}

impl CliError {
    /// Prints the report on standard error and gives the exit code.
    pub(crate) fn report(self) -> ExitCode {
        if let CliError::Output(error) = &self
            && error.kind() == io::ErrorKind::BrokenPipe
        {
            // The reader has had enough, as `| head` does.
            return ExitCode::SUCCESS;
        }
        let mut text = String::new();
        // Messages tell the cause themselves.
        let handler = GraphicalReportHandler::new().without_cause_chain().with_width(crate::terminal::WIDTH);
        if handler.render_report(&mut text, &self).is_err() {
            text = format!("error: {self}");
        }
        crate::terminal::say(text.trim_end());
        ExitCode::from(self.exit_code())
    }

    fn exit_code(&self) -> u8 {
        match self {
            CliError::Interrupted | CliError::Figure(FigureError::Interrupted) => 130,
            CliError::ClaimsFellShort { .. }
            | CliError::FiguresFellShort { .. }
            | CliError::Output(_)
            | CliError::CutShort { .. }
            | CliError::NothingInTime(_)
            | CliError::SearchTooLong { .. }
            | CliError::SearchFailed => 1,
            CliError::Figure(
                FigureError::Computation(_) | FigureError::Draw(_) | FigureError::Encoding { .. },
            ) => 1,
            CliError::Algebra(
                SymbolicError::Internal { .. } | SymbolicError::Start { .. } | SymbolicError::Unavailable,
            ) => 1,
            _ => 2,
        }
    }
}
