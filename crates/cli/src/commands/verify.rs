//! `shadowflow verify`: judge the claims.

use shadowflow_claims::{CLAIMS, Claim, Judged, find, report};
use shadowflow_figures::Progress;

use crate::args::VerifyArgs;
use crate::error::CliError;
use crate::terminal::{Bar, print, say, stop_by_myself};

pub(crate) fn run(args: &VerifyArgs) -> Result<(), CliError> {
    let claims: Vec<&'static Claim> = match &args.ids[..] {
        [] => CLAIMS.iter().collect(),
        ids => ids.iter().map(|id| find(id)).collect::<Result<_, _>>()?,
    };
    if args.list {
        return print(&report::listing(&claims.into_iter().cloned().collect::<Vec<_>>()));
    }

    stop_by_myself();
    let mut bar = Bar::new(claims.len());
    let mut judged = Vec::with_capacity(claims.len());
    for (done, claim) in claims.iter().enumerate() {
        bar.begin(done, claim.id);
        if bar.is_cancelled() {
            break;
        }
        judged.push(Judged::of(claim));
    }
    bar.finish();
    let interrupted = judged.len() < claims.len();

    if args.json {
        print(&report::json(&judged))?;
    } else if args.markdown {
        print(&report::markdown(&judged))?;
    } else if !judged.is_empty() {
        print(&report::table(&judged))?;
        if !args.ids.is_empty() {
            for judged in &judged {
                print(&format!("\n{}", report::details(judged)))?;
            }
        }
    }
    if interrupted {
        say(&format!(
            "shadowflow: {} of {} claims were judged before the interruption",
            judged.len(),
            claims.len()
        ));
        return Err(CliError::Interrupted);
    }
    let short: Vec<String> = judged
        .iter()
        .filter(|judged| !judged.is_as_registered())
        .map(|judged| judged.claim.id.to_owned())
        .collect();
    if short.is_empty() { Ok(()) } else { Err(CliError::ClaimsFellShort { claims: short }) }
}
