//! What can be wrong with an optimizer's name, or with an order of batches.

use crate::error::{InputError, StepError};

/// Why an optimizer is not to be had, or an epoch cannot be run.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
pub enum OptimizerError {
    /// A parameter, a field or a point cannot be used.
    #[error(transparent)]
    Input(#[from] InputError),
    /// A step failed.
    #[error(transparent)]
    Step(#[from] StepError),
    /// A name that is no optimizer's.
    #[error("there is no optimizer `{name}`; {}", suggestion(nearest))]
    Unknown {
        /// The name given.
        name: String,
        /// The names nearest to it, best first.
        nearest: Vec<String>,
    },
    /// A parameter the optimizer does not have.
    #[error("{optimizer} has no parameter `{parameter}`; {}", acceptance(accepted))]
    UnknownParameter {
        /// The optimizer.
        optimizer: &'static str,
        /// The parameter given.
        parameter: String,
        /// Those it has.
        accepted: Vec<&'static str>,
    },
    /// Text between the parentheses that is no list of parameters.
    #[error("`{text}` is no parameter; write name=number, as in adam(beta1=0.9,beta2=0.999,epsilon=1e-8)")]
    Malformed {
        /// The text.
        text: String,
    },
    /// A list that does not name every batch once.
    #[error("{order:?} is no order of {batches} batches; each of 0 to {} must occur once", batches - 1)]
    NotAnOrder {
        /// The list given.
        order: Vec<usize>,
        /// The number of batches, at least 1.
        batches: usize,
    },
}

fn suggestion(nearest: &[String]) -> String {
    match nearest {
        [] => format!("there are {}", super::Optimizer::names().collect::<Vec<_>>().join(", ")),
        names => format!("did you mean {}?", names.join(", ")),
    }
}

fn acceptance(accepted: &[&str]) -> String {
    match accepted {
        [] => "it has none".to_owned(),
        names => format!("it has {}", names.join(", ")),
    }
}
