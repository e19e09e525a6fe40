//! `shadowflow stability NAME`: everything linear stability asks of a method.

use num_complex::Complex64;
use serde_json::{Map, Value, json};
use shadowflow_methods::{
    Enclosure, Exact, Extent, Kind, LeadingTerm, Method, Polynomial, Radius, StabilityAngle, Tableau,
};
use shadowflow_numerics::Boundary;

use super::Stability;
use super::objective::short;
use crate::commands::{readable, within};

/// The lines after the stability function and its intervals.
pub(super) fn lines(method: &Method) -> Vec<String> {
    let tableau = method.tableau();
    let function = tableau.stability_function();
    let stiffly = tableau.properties().stiffly_accurate;
    let yes = |yes: bool| if yes { "yes" } else { "no" };
    let mut lines = vec![
        row("inscribed disc", &disc(&function.inscribed_disc())),
        row("stability angle", &angle(&function.stability_angle())),
        row("A-stable", yes(function.is_a_stable())),
        row("L-stable", yes(function.is_l_stable())),
        row("stiffly accurate", yes(stiffly)),
        row("R at infinity", &function.at_infinity().map_or("infinite".to_owned(), |r| readable(&r))),
        String::new(),
        row(
            "accuracy",
            &format!(
                "order {} on linear problems: exp(z) - R(z) = {} + ...",
                function.error_constant().exponent.saturating_sub(1),
                term(&function.error_constant(), "z")
            ),
        ),
        row(
            "dissipation",
            &function.dissipation().map_or("none: |R(iy)| = 1".to_owned(), |found| {
                format!(
                    "order {}: 1 - |R(iy)| = {} + ...",
                    found.exponent.saturating_sub(1),
                    term(&found, "y")
                )
            }),
        ),
        {
            let found = function.dispersion();
            let order = found.exponent.saturating_sub(1);
            row("dispersion", &format!("order {order}: y - arg R(iy) = {} + ...", term(&found, "y")))
        },
        String::new(),
        row("SSP coefficient", &radius(&tableau.ssp_coefficient())),
        row("  linear", &radius(&function.absolute_monotonicity())),
    ];
    let boundary = Boundary::of(tableau);
    if let Some(boundary) = &boundary {
        lines.push(row("region", &shape(boundary)));
    }
    let of_tableau =
        boundary.and_then(|boundary| internal_amplification(tableau, &boundary)).map(|(at, factor)| {
            let place =
                format!("{} {} {}i", short(at.re), if at.im < 0.0 { "-" } else { "+" }, short(at.im.abs()));
            format!(
                "an error in a stage grows by at most {} in the region about 0, near z = {place}",
                short(factor)
            )
        });
    let of_recurrence = along_the_recurrence(tableau)
        .map(|factor| format!("run by its recurrence, by at most {} on the real interval", short(factor)));
    for (text, name) in of_tableau.iter().chain(&of_recurrence).zip(["internal stability", ""]) {
        lines.push(row(name, text));
    }
    if let Some(embedded) = tableau.embedded_tableau() {
        let inner = Stability::of(&embedded);
        lines.push(String::new());
        lines.push(format!("The embedded method, of order {}", embedded.order()));
        lines.push(row("real interval", &inner.real_text()));
        lines.push(row("imaginary interval", &inner.imaginary_text()));
    }
    if let Some(digits) = tableau.digits() {
        lines.push(String::new());
        lines.push(format!(
            "The coefficients are known to {digits} digits; what is decided is decided for R with 1/k! and 0 where those digits allow it, and for the tableau as printed."
        ));
    }
    lines
}

/// The same for a JSON document.
pub(super) fn document(tableau: &Tableau) -> Value {
    let function = tableau.stability_function();
    let leading =
        |term: &LeadingTerm| json!({ "power": term.exponent, "coefficient": term.coefficient.to_string() });
    let angle = function.stability_angle();
    let mut facts = Map::new();
    let mut put = |key: &str, value: Value| facts.insert(key.to_owned(), value);
    put("real_enclosure", function.real_exit().map_or(Value::Null, |exit| enclosure(&exit)));
    put("imaginary_enclosure", function.imaginary_exit().map_or(Value::Null, |exit| enclosure(&exit)));
    put("inscribed_disc", number(&function.inscribed_disc()));
    put("stability_angle_degrees", json!(angle.degrees()));
    put("stiffly_accurate", json!(tableau.properties().stiffly_accurate));
    put("at_infinity", function.at_infinity().map_or(json!("infinite"), |r| json!(r.to_string())));
    put("error_constant", leading(&function.error_constant()));
    put("dissipation", function.dissipation().map_or(Value::Null, |term| leading(&term)));
    put("dispersion", leading(&function.dispersion()));
    put("ssp_coefficient", number(&tableau.ssp_coefficient()));
    put("ssp_coefficient_linear", number(&function.absolute_monotonicity()));
    if let Some(boundary) = Boundary::of(tableau) {
        put("components", json!(boundary.components()));
        put("holes", json!(boundary.holes()));
        put("area", boundary.area().map_or(json!("unbounded"), |area| json!(area)));
        let factor = internal_amplification(tableau, &boundary).map(|found| found.1);
        put("internal_amplification", json!(factor));
    }
    if let Some(embedded) = tableau.embedded_tableau() {
        put("embedded", Stability::of(&embedded).document());
    }
    if let Some(digits) = tableau.digits() {
        put("digits", json!(digits));
    }
    Value::Object(facts)
}

fn shape(boundary: &Boundary) -> String {
    let count = |n: usize, one: &str| if n == 1 { format!("1 {one}") } else { format!("{n} {one}s") };
    let holes = match boundary.holes() {
        0 => String::new(),
        n => format!(" with {}", count(n, "hole")),
    };
    let area = boundary.area().map_or("unbounded".to_owned(), |area| format!("area {}", short(area)));
    format!("{}{holes}, {area}", count(boundary.components(), "piece"))
}

/// The largest |θⱼ(z)| of all stages over the piece at 0 of the region of an explicit method, and where.
fn internal_amplification(tableau: &Tableau, boundary: &Boundary) -> Option<(Complex64, f64)> {
    boundary.area()?;
    // Stabilised methods are run by their recurrence; of many stages the rows of the tableau are of no use in doubles.
    let by_rows = tableau.recurrence().is_none() || tableau.stages() <= 16;
    if tableau.kind() != Kind::Explicit || !by_rows {
        return None;
    }
    let stages: Vec<Vec<f64>> =
        tableau.internal_stability().numerators.iter().map(Polynomial::to_f64).collect();
    let value =
        |z: Complex64, c: &Vec<f64>| c.iter().rev().fold(Complex64::ZERO, |sum, &c| sum * z + c).norm();
    boundary.largest_about_zero(|z| stages.iter().map(|stage| value(z, stage)).fold(0.0, f64::max))
}

/// The largest factor by which an error in a stage of a stabilised method grows when it is run by its recurrence, on 1000
/// points of the real interval.
fn along_the_recurrence(tableau: &Tableau) -> Option<f64> {
    const SAMPLES: u32 = 1000;
    let recurrence = tableau.recurrence()?;
    let Extent::Bounded(reach) = tableau.stability_function().real_interval() else { return None };
    let floats = |list: &[Exact]| list.iter().map(Exact::to_f64).collect::<Vec<_>>();
    let (mu, nu, mu_tilde) = (floats(&recurrence.mu), floats(&recurrence.nu), floats(&recurrence.mu_tilde));
    let stages = recurrence.stages();
    let growth = |z: f64, first: usize| {
        // An error of 1 in Y_first and of 0 before it.
        let (mut before, mut value) = (0.0, 1.0f64);
        for j in first..stages {
            (before, value) = (value, (mu[j] + mu_tilde[j] * z) * value + nu[j] * before);
        }
        value.abs()
    };
    let points = (0..=SAMPLES).map(|k| -reach * f64::from(k) / f64::from(SAMPLES));
    Some(
        points
            .flat_map(|z| (1..stages).map(move |first| (z, first)))
            .map(|(z, first)| growth(z, first))
            .fold(1.0, f64::max),
    )
}

pub(super) fn row(name: &str, value: &str) -> String {
    format!("{name:<19} {value}")
}

/// What was proved of a first exit.
pub(super) fn proof(exit: &Enclosure, digits: Option<u32>) -> String {
    let known = if digits.is_some() { " for R to the digits known" } else { "" };
    match exit.value() {
        Some(value) => {
            format!(
                "proved{known}: |R| <= 1 up to exactly {}, and not beyond",
                within(&value.to_string(), Some(exit.to_f64()))
            )
        }
        None => format!("proved{known}: |R| <= 1 up to there, within 60 bits, and not beyond"),
    }
}

fn disc(found: &Radius) -> String {
    match found {
        Radius::Unbounded => "of every radius: the whole left half-plane".to_owned(),
        Radius::Bounded(exit) if exit.to_f64() == 0.0 => "none".to_owned(),
        found => format!("|z + r| <= r for r = {}", radius(found)),
    }
}

fn angle(found: &StabilityAngle) -> String {
    match found {
        StabilityAngle::RightAngle => "90 degrees".to_owned(),
        StabilityAngle::None => "none: no sector about the negative axis is stable".to_owned(),
        found @ StabilityAngle::Below(_) => format!("{} degrees: A(alpha)-stable", found.degrees()),
    }
}

fn radius(found: &Radius) -> String {
    match found {
        Radius::Unbounded => "unbounded".to_owned(),
        Radius::Bounded(exit) => match exit.value() {
            Some(value) => within(&value.to_string(), Some(exit.to_f64())),
            // The digits that both ends share.
            None => exit.to_string(),
        },
        Radius::Undecided { at_least, at_most, reason } => {
            let least = at_least.to_f64().value();
            let most =
                at_most.as_ref().map_or(String::new(), |x| format!(", at most {}", x.to_f64().value()));
            format!("at least {least}{most}; not decided: {reason}")
        }
    }
}

fn number(found: &Radius) -> Value {
    match found {
        Radius::Unbounded => json!("unbounded"),
        Radius::Bounded(exit) => json!(exit.to_f64()),
        Radius::Undecided { .. } => Value::Null,
    }
}

fn enclosure(exit: &Enclosure) -> Value {
    json!([exit.low.to_string(), exit.high.to_string()])
}

fn term(term: &LeadingTerm, variable: &str) -> String {
    let coefficient = match &term.coefficient {
        one if *one == Exact::ONE => String::new(),
        c if *c == -&Exact::ONE => "-".to_owned(),
        c => match readable(c) {
            text if text.contains(' ') => format!("({text}) "),
            text => format!("{text} "),
        },
    };
    format!("{coefficient}{variable}^{}", term.exponent)
}
