//! The branches that orbits lie on, followed over the learning rate.

use serde_json::{Value, json};
use shadowflow_figures::Progress;
use shadowflow_numerics::{
    Bifurcation, BifurcationDiagram, Branch, Criticality, End, Event, Origin, PeriodicOrbit, Traced,
};

use super::super::dynamics::failed;
use super::super::stability::{point, short};
use super::super::table;
use super::Study;
use crate::error::CliError;
use crate::terminal::Bar;

/// Branches and bifurcations that are listed.
const LISTED: usize = 40;

/// The longest step along a branch, as a share of half the widest side of the window.
const STEP: f64 = 0.01;

/// The most points of a branch, each way.
const MOST: usize = 4000;

/// All branches through the orbits found, and whether Ctrl-C ended that.
pub(super) fn followed(study: &Study, rates: (f64, f64)) -> Result<(Vec<Traced>, bool), CliError> {
    let widest = study.sides.iter().map(|side| 0.5 * (side.1 - side.0)).fold(0.0, f64::max);
    let diagram =
        BifurcationDiagram { rates, step: STEP * widest, most: MOST, doublings: study.args.doublings };
    let (low, high) = rates;
    let inside = |orbit: &&PeriodicOrbit| low <= orbit.h() && orbit.h() <= high;
    let orbits: Vec<PeriodicOrbit> =
        study.orbits.iter().map(|found| &found.orbit).filter(inside).cloned().collect();
    let mut bar = Bar::new(orbits.len().max(1));
    let (mut begun, mut stopped) = ((usize::MAX, 0), false);
    let traced = diagram.trace(&study.dynamics.map, &orbits, |done, period, h| {
        if begun != (done, period) {
            begun = (done, period);
            bar.begin(done, &format!("branch of orbit {} of {}, period {period}", done + 1, orbits.len()));
        }
        bar.advance((h - low) / (high - low));
        stopped |= bar.is_cancelled();
        !stopped
    });
    bar.finish();
    Ok((traced.map_err(failed)?, stopped))
}

/// The name of a bifurcation in documents.
pub(super) fn name(kind: Bifurcation) -> &'static str {
    match kind {
        Bifurcation::Fold => "fold",
        Bifurcation::Crossing => "crossing",
        Bifurcation::Flip => "flip",
        Bifurcation::NeimarkSacker => "neimark-sacker",
    }
}

fn criticality(event: &Event) -> Option<&'static str> {
    event.criticality().map(|criticality| match criticality {
        Criticality::Supercritical => "supercritical",
        Criticality::Subcritical => "subcritical",
    })
}

fn end(end: End) -> &'static str {
    match end {
        End::Rates => "rates",
        End::Points => "points",
        End::Divides => "divides",
        End::Closed => "closed",
        End::Lost => "lost",
        End::Stopped => "stopped",
    }
}

pub(super) fn document(study: &Study, traced: &[Traced]) -> Value {
    let (d, names) = (study.dynamics.variables.len(), study.names());
    let points = |orbit: &PeriodicOrbit| orbit.points().iter().map(|x| x[..d].to_vec()).collect::<Vec<_>>();
    let event = |event: &Event| {
        json!({
            "kind": name(event.kind),
            "h": event.orbit.h(),
            "points": points(&event.orbit),
            "multipliers": event.orbit.multipliers().iter().map(|m| [m.re, m.im]).collect::<Vec<_>>(),
            "coefficient": event.coefficient,
            "criticality": criticality(event),
            "after": event.after,
        })
    };
    let one = |one: &Traced| {
        let branch = &one.branch;
        let strands = branch.strands();
        let along = branch.orbits().iter().zip(&strands).map(|(orbit, strand)| {
            json!({
                "h": orbit.h(),
                "stable": orbit.is_stable(),
                "x": strand.iter().map(|x| &x[..d]).collect::<Vec<_>>(),
            })
        });
        let (from, to) = branch.ends();
        let (born_at, symmetric_to, symmetry) = match &one.origin {
            Origin::Given(_) => (Value::Null, Value::Null, Value::Null),
            Origin::Flip { branch, event } => {
                (json!({"branch": branch, "event": event}), Value::Null, Value::Null)
            }
            Origin::Image { branch, symmetry } => {
                (Value::Null, json!(branch), json!(symmetry.written(&names)))
            }
        };
        json!({
            "period": branch.orbits()[0].period(),
            "points": along.collect::<Vec<_>>(),
            "events": branch.events().iter().map(event).collect::<Vec<_>>(),
            "ends": [end(from), end(to)],
            "born_at": born_at,
            "symmetric_to": symmetric_to,
            "symmetric_by": symmetry,
        })
    };
    traced.iter().map(one).collect()
}

/// Twelve digits.
fn digits(x: f64) -> String {
    if (1e-3..1e4).contains(&x.abs()) {
        let before = x.abs().log10().floor().max(0.0) as usize;
        format!("{x:.*}", 12 - before.min(4))
    } else {
        format!("{x:.11e}")
    }
}

pub(super) fn text(study: &Study, rates: (f64, f64), traced: &[Traced]) -> Vec<String> {
    let (d, names) = (study.dynamics.variables.len(), study.names());
    let mut lines = vec![
        String::new(),
        format!(
            "Branches of these orbits and of those born at their flips, over h = {} to {}:",
            short(rates.0),
            short(rates.1)
        ),
    ];
    if traced.is_empty() {
        lines.push("  none: there is no isolated orbit to follow".to_owned());
        return lines;
    }
    let row = |cells: [&str; 5]| cells.map(str::to_owned).to_vec();
    let mut rows = vec![row(["  branch", "period", "over h", "attracts for", "where it comes from"])];
    for (k, one) in traced.iter().enumerate().take(LISTED) {
        let orbits = one.branch.orbits();
        let least = orbits.iter().map(PeriodicOrbit::h).fold(f64::INFINITY, f64::min);
        let most = orbits.iter().map(PeriodicOrbit::h).fold(0.0, f64::max);
        let origin = match &one.origin {
            Origin::Given(given) => format!("orbit {}", given + 1),
            Origin::Flip { branch, event } => {
                let h = traced[*branch].branch.events().get(*event).map_or(f64::NAN, |event| event.orbit.h());
                format!("flip of branch {} at {}", branch + 1, short(h))
            }
            Origin::Image { branch, symmetry } => {
                format!("image of branch {} by {}", branch + 1, symmetry.written(&names))
            }
        };
        rows.push(row([
            &format!("  {}", k + 1),
            &orbits[0].period().to_string(),
            &format!("{} to {}", short(least), short(most)),
            &attracting(&one.branch),
            &origin,
        ]));
    }
    lines.extend(table(&rows).lines().map(str::to_owned));
    if traced.len() > LISTED {
        lines.push(format!("  and {} more (--json has all)", traced.len() - LISTED));
    }
    let mut rows = vec![row(["  branch", "what happens", "at h", "at", ""])];
    let followed = traced.iter().enumerate().filter(|(_, one)| !matches!(one.origin, Origin::Image { .. }));
    for (k, event) in followed.flat_map(|(k, one)| one.branch.events().iter().map(move |event| (k, event))) {
        let what = match event.kind {
            Bifurcation::Fold => "fold",
            Bifurcation::Crossing => "crosses another branch",
            Bifurcation::Flip => "flip",
            Bifurcation::NeimarkSacker => "Neimark-Sacker",
        };
        let side = criticality(event).unwrap_or(match event.kind {
            Bifurcation::Flip | Bifurcation::NeimarkSacker => "neither super- nor subcritical to rounding",
            Bifurcation::Fold | Bifurcation::Crossing => "",
        });
        rows.push(row([
            &format!("  {}", k + 1),
            what,
            &digits(event.orbit.h()),
            &point(&event.orbit.points()[0][..d]),
            side,
        ]));
    }
    lines.push(String::new());
    let more = rows.len().saturating_sub(LISTED + 1);
    rows.truncate(LISTED + 1);
    match rows.len() {
        1 => lines.push("No bifurcation on them.".to_owned()),
        _ => {
            lines.push("Bifurcations (on images the same, at the images of the points):".to_owned());
            lines.extend(table(&rows).lines().map(str::to_owned));
        }
    }
    if more > 0 {
        lines.push(format!("  and {more} more (--json has all)"));
    }
    lines
}

/// The intervals of h over which a branch attracts, between its bifurcations and ends.
fn attracting(branch: &Branch) -> String {
    let orbits = branch.orbits();
    let edge = |k: usize, otherwise: usize| {
        let event = branch.events().iter().find(|event| event.after == k);
        event.map_or(orbits[otherwise.min(orbits.len() - 1)].h(), |event| event.orbit.h())
    };
    let mut found = Vec::new();
    let mut k = 0;
    while k < orbits.len() {
        if !orbits[k].is_stable() {
            k += 1;
            continue;
        }
        let first = k;
        while k < orbits.len() && orbits[k].is_stable() {
            k += 1;
        }
        let (a, b) = (edge(first, first), edge(k, k - 1));
        found.push(format!("{} to {}", short(a.min(b)), short(a.max(b))));
    }
    match found.len() {
        0 => "none".to_owned(),
        1 | 2 => found.join(", "),
        n => format!("{} and {} more", found[0], n - 1),
    }
}
