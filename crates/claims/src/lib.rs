//! The claims about gradient descent and its modified equations, each judged by a program.
//!
//! ```
//! use shadowflow_claims::{Judged, Verdict, find, report};
//!
//! let judged = Judged::of(find("quadratic-regimes")?);
//! assert_eq!(judged.judgement.verdict, Verdict::Proved);
//! // The same check on a case outside the hypotheses failed, as it must.
//! assert!(judged.is_as_registered());
//! println!("{}", report::table(&[judged]));
//! # Ok::<(), shadowflow_claims::UnknownClaim>(())
//! ```
//!
//! The way through this crate:
//! 1. [`Claim`]: a statement, its [`Hypothesis`]es, its source, and the [`Verdict`] on record.
//! 2. [`CLAIMS`], [`find()`]: all of them, and one by its id.
//! 3. [`Judged::of`]: runs the check. A [`Judgement`] is a verdict with its evidence, [`Number`]s that say what they should
//!    be, and a [`Control`] that must fail.
//! 4. [`report`]: judgements as a table, in full, as JSON and as Markdown.
//!
//! Claims are grouped in files by subject ([`Family`]). To add one, write its check and its `Claim` there, and name it in the
//! registry. A check returns numbers and is run twice: on the case claimed, and on a control outside the hypotheses.
//!
//! Exact numbers are the proof of a claim that is proved; what is measured beside them confirms it.

mod balancing;
mod basin;
mod chaos;
mod claim;
mod convergence;
mod cost;
mod descent;
mod differentiation;
mod edge;
mod enclosure;
mod error;
mod formulas;
mod gradient_order;
mod identity;
mod judged;
mod measure;
mod modified_potential;
mod momentum;
mod number;
mod optimizers;
mod period_doubling;
mod periodic_orbits;
mod radius;
mod registry;
mod regression;
pub mod report;
mod residual_network;
mod stability;
mod stochastic;
mod truncation;

pub use claim::{Claim, Control, Family, Hypothesis, Judgement, Verdict};
pub use error::{ClaimError, UnknownClaim};
pub use judged::Judged;
pub use number::{Expected, Number, Quantity};
pub use registry::{CLAIMS, find};
