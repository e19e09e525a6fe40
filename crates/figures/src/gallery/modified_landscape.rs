//! Gradient descent descends another landscape than the one it is given: f + (h/4)|∇f|².

use serde_json::{Value, json};
use shadowflow_methods::Method;
use shadowflow_numerics::problems::ScalarFactorization;
use shadowflow_numerics::{GradientFlow, ModifiedEquation, Objective};

use crate::canvas::geometry::Point;
use crate::error::FigureError;
use crate::figure::{Check, Drawing, Figure, Progress};
use crate::landscape::{Highlight, Landscape, Slopes, Traces};

/// Level lines of f and of its modification, with gradient descent and both flows from one start.
pub(super) struct ModifiedLandscape;

const PROBLEM: ScalarFactorization = ScalarFactorization { target: 1.0 };
const START: [f64; 2] = [1.8, -1.5];
const STEP: f64 = 0.1;
const STEPS: usize = 40;
const WINDOW: [(f64, f64); 2] = [(0.0, 2.2), (-1.7, 1.6)];

const ID: &str = "modified-landscape";
const TITLE: &str = "Gradient descent on (1-xy)²/2 follows the gradient flow of a modified objective";
const SOURCE: &str = "after Tao & Wang; Barrett & Dherin (2021); Hairer, Lubich & Wanner (2006), chapter IX";

impl Figure for ModifiedLandscape {
    fn id(&self) -> &str {
        ID
    }

    fn title(&self) -> &str {
        TITLE
    }

    fn source(&self) -> &str {
        SOURCE
    }

    fn parameters(&self) -> Value {
        json!({ "target": PROBLEM.target, "start": START, "h": STEP, "steps": STEPS, "window": WINDOW })
    }

    fn make(&self, progress: &dyn Progress) -> Result<Drawing, FigureError> {
        let euler = Method::named("euler").map_err(FigureError::computation)?;
        let equation = ModifiedEquation::new(GradientFlow(PROBLEM), euler.tableau(), 1)
            .map_err(FigureError::computation)?;
        let correction = |x: f64, y: f64| match equation.coefficients(&[x, y]) {
            Ok(terms) => (terms[1][0], terms[1][1]),
            Err(_) => (f64::NAN, f64::NAN),
        };
        let landscape = landscape(&correction);
        let traces = landscape.trace(progress)?;
        let checks = [checks(&landscape, &traces), landscape.checks(&traces)].concat();
        Ok(Drawing { data: landscape.data(&traces), checks, page: landscape.page(&traces)? })
    }
}

fn landscape<'a>(correction: Slopes<'a>) -> Landscape<'a> {
    let minima = (0..=200).map(|i| 0.4 + 2.0 * f64::from(i) / 200.0).map(|x| (x, 1.0 / x));
    Landscape {
        id: ID.to_owned(),
        title: TITLE.to_owned(),
        source: SOURCE.to_owned(),
        formula: "\\frac{1}{2}(1-xy)^2".to_owned(),
        axes: ["x".to_owned(), "y".to_owned()],
        window: WINDOW,
        start: START,
        h: STEP,
        steps: STEPS,
        value: &|x, y| PROBLEM.value(&[x, y]),
        gradient: &gradient,
        correction,
        highlight: Some(Highlight {
            points: minima.collect(),
            label: "$xy=1$".to_owned(),
            at: (1.55, 1.0 / 1.55),
        }),
    }
}

fn gradient(x: f64, y: f64) -> (f64, f64) {
    let mut gradient = [0.0; 2];
    PROBLEM.gradient(&[x, y], &mut gradient);
    (gradient[0], gradient[1])
}

/// -∇(f + (h/4)|∇f|²) by hand, with r = 1 - xy and q = x² + y²: ∂ₓ(r²q) = 2r²x - 2rqy.
fn minus_modified_gradient(x: f64, y: f64) -> (f64, f64) {
    let (r, q) = (PROBLEM.target - x * y, x * x + y * y);
    (r * y - STEP / 2.0 * (r * r * x - r * q * y), r * x - STEP / 2.0 * (r * r * y - r * q * x))
}

fn checks(landscape: &Landscape<'_>, traces: &Traces) -> Vec<Check> {
    let distances = |flow: &[Point]| -> Vec<f64> {
        landscape.distances(traces, flow).map(|(_, distance)| distance).collect()
    };
    let (from_flow, from_modified) =
        (distances(&traces.flow.points), distances(&traces.modified_flow.points));
    let largest = |distances: &[f64]| distances.iter().copied().fold(0.0, f64::max);
    let mut field_gap: f64 = 0.0;
    for &(x, y) in &traces.modified_flow.points {
        let (found, expected) = (landscape.modified_slope(x, y), minus_modified_gradient(x, y));
        let gap = (found.0 - expected.0).hypot(found.1 - expected.1);
        field_gap = field_gap.max(gap / (1.0 + expected.0.hypot(expected.1)));
    }
    let (x, y) = traces.descent[STEPS];
    vec![
        Check::at_most("|1 - xy| at the end of gradient descent", (1.0 - x * y).abs(), 1e-2),
        // The series arithmetic and the formula each round some ten times.
        Check::at_most("relative distance of the modified field from its formula", field_gap, 1e-13),
        Check::at_least(
            "largest distance from the gradient flow over that from the modified flow",
            largest(&from_flow) / largest(&from_modified),
            1.8,
        ),
        Check::at_least(
            "final distance from the gradient flow over that from the modified flow",
            from_flow[STEPS] / from_modified[STEPS],
            3.0,
        ),
    ]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_gradient_by_hand_is_that_of_the_modified_objective() {
        // Central differences of a quartic with step 1e-4: an error of about 1e-8 times fourth derivatives near 1.
        let d = 1e-4;
        let landscape = landscape(&|_, _| (0.0, 0.0));
        let f = |x: f64, y: f64| landscape.modified_value(x, y);
        for (x, y) in [(1.8, -1.5), (0.3, 0.9)] {
            let slope = minus_modified_gradient(x, y);
            let dx = (f(x + d, y) - f(x - d, y)) / (2.0 * d);
            let dy = (f(x, y + d) - f(x, y - d)) / (2.0 * d);
            assert!((slope.0 + dx).abs() < 1e-6 && (slope.1 + dy).abs() < 1e-6);
        }
    }
}
