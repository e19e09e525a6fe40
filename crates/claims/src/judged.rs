//! A claim after its judgement, with the time it took.

use std::time::Instant;

use crate::claim::{Claim, Judgement};

/// A claim, its judgement, and how long judging took.
#[derive(Clone, Debug)]
pub struct Judged {
    /// The claim.
    pub claim: &'static Claim,
    /// What was found.
    pub judgement: Judgement,
    /// The time taken, in seconds.
    pub seconds: f64,
}

impl Judged {
    /// Judges a claim. A computation that fails makes it not checkable, with the failure as the reason.
    pub fn of(claim: &'static Claim) -> Judged {
        let start = Instant::now();
        let judgement = claim.judge().unwrap_or_else(|error| Judgement::not_checkable(error.to_string()));
        Judged { claim, judgement, seconds: start.elapsed().as_secs_f64() }
    }

    /// Whether the claim holds as registered: the verdict is the one on record, and the control failed as it must.
    pub fn is_as_registered(&self) -> bool {
        self.claim.is_borne_out_by(&self.judgement)
    }
}
