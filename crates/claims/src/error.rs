//! What can go wrong: an unknown name, or a computation behind a claim.

use shadowflow_bseries::{AlgebraError, SeriesError};
use shadowflow_methods::{EvaluationError, MethodError, ParseExactError, TableauError};
use shadowflow_numerics::statistics::StatisticsError;
use shadowflow_numerics::{
    BalancingError, FlowError, InputError, OptimizerError, OrbitError, OrderError, SearchError,
    SharpnessError, StepError, TrainingError,
};
use shadowflow_symbolic::SymbolicError;

/// A name that is no claim's.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("there is no claim `{id}`: {}", suggestion(nearest))]
pub struct UnknownClaim {
    /// The name given.
    pub id: String,
    /// The ids nearest to it, best first.
    pub nearest: Vec<String>,
}

fn suggestion(nearest: &[String]) -> String {
    match nearest {
        [] => "`shadowflow verify --list` lists them all".to_owned(),
        names => format!("did you mean {}?", names.join(", ")),
    }
}

/// Why a claim could not be judged.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
pub enum ClaimError {
    /// A method is not to be had.
    #[error(transparent)]
    Method(#[from] MethodError),
    /// A number is not one.
    #[error(transparent)]
    Number(ParseExactError),
    /// Coefficients form no method.
    #[error(transparent)]
    Tableau(#[from] TableauError),
    /// A series is out of reach.
    #[error(transparent)]
    Series(#[from] SeriesError),
    /// The algebra of B-series was given what it cannot take.
    #[error(transparent)]
    Algebra(#[from] AlgebraError),
    /// A function of parameters has no value.
    #[error(transparent)]
    Evaluation(#[from] EvaluationError),
    /// Formulas could not be derived.
    #[error(transparent)]
    Symbolic(#[from] SymbolicError),
    /// A problem was posed wrongly.
    #[error(transparent)]
    Input(#[from] InputError),
    /// A step failed.
    #[error(transparent)]
    Step(#[from] StepError),
    /// An orbit could not be followed.
    #[error(transparent)]
    Orbit(#[from] OrbitError),
    /// An optimizer could not be run.
    #[error(transparent)]
    Optimizer(#[from] OptimizerError),
    /// A flow could not be followed.
    #[error(transparent)]
    Flow(#[from] FlowError),
    /// Periodic orbits could not be searched for.
    #[error(transparent)]
    Search(#[from] SearchError),
    /// A descent did not settle where it was to.
    #[error(transparent)]
    Balancing(#[from] BalancingError),
    /// The sharpness was not found.
    #[error(transparent)]
    Sharpness(#[from] SharpnessError),
    /// Training could not be followed.
    #[error(transparent)]
    Training(#[from] TrainingError),
    /// A sample says nothing.
    #[error(transparent)]
    Statistics(#[from] StatisticsError),
    /// Errors show no order.
    #[error(transparent)]
    Order(#[from] OrderError),
    /// Bounds are too wide to tell which number is the least.
    #[error(
        "the bounds on {what} overlap, so the least of them is not decided; more terms of the series would"
    )]
    Undecided {
        /// The numbers.
        what: &'static str,
    },
}
