//! The straight line by steepest descent: what a fixed step does, and what a line search does.

use shadowflow_methods::Exact;
use shadowflow_numerics::problems::LinearRegression;
use shadowflow_numerics::{Armijo, Objective};

use crate::claim::{Claim, Control, Family, Hypothesis, Judgement, Verdict};
use crate::error::ClaimError;
use crate::number::Number;

pub(crate) const REGRESSION_BLOW_UP: Claim = Claim {
    id: "regression-blow-up",
    family: Family::Stability,
    statement: "Gradient descent with a fixed step h > 2/L on a linear regression grows by the factor hL - 1 \
                a step, L the largest \
                eigenvalue of (2/n)[[Σx², Σx], [Σx, n]]: with x = 1000, …, 5000 and h = 10 by more than 10⁸⁰ in ten steps.",
    source: "a question on Mathematica Stack Exchange (numbers that grow to 10⁸⁰); data of this project",
    hypotheses: &[Hypothesis {
        statement: "h > 2/L, and the start has a part along the steepest direction",
        checked: "five points, exact arithmetic from (0, 0); the control has h = 1/L up to rounding",
    }],
    registered: Verdict::Supported,
    judge: regression_blow_up,
};

const GROWTH: &str = "log₁₀ of |error| after ten steps over |error| at the start";
const FACTOR: &str = "growth of the last step over hL - 1";

fn regression_blow_up() -> Result<Judgement, ClaimError> {
    let (l, gentle) = (largest_eigenvalue(), Exact::ratio(1, 22_000_002));
    let control = Control {
        description: "h = 1/22000002, about 1/L",
        must_miss: &[GROWTH],
        numbers: vec![Number::new(GROWTH, grown(&gentle).0).above(80.0)],
    };
    let (growth, last) = grown(&Exact::from(10));
    let numbers = vec![
        Number::new(GROWTH, growth).above(80.0),
        // The other component is 10⁻⁸ of it after the first step.
        Number::new(FACTOR, last / (10.0 * l - 1.0)).near(1.0, 1e-6),
        Number::new("L", l),
    ];
    Ok(Judgement::weigh(Verdict::Supported, numbers, control))
}

/// Of (2/n)[[Σx², Σx], [Σx, n]] for x = 1000, …, 5000: [[22·10⁶, 6000], [6000, 2]].
fn largest_eigenvalue() -> f64 {
    let (trace, determinant) = (22e6 + 2.0, 44e6 - 36e6);
    0.5 * (trace + f64::sqrt(trace * trace - 4.0 * determinant))
}

/// The logarithm of the growth of the largest component of the error in ten steps, and the growth of the last
/// step.
fn grown(h: &Exact) -> (f64, f64) {
    let hessian = [[22_000_000, 6000], [6000, 2]].map(|row| row.map(Exact::from));
    // From (0, 0) to the line y = 9x/10000 + 13/10, that of the data 2, 3, 5, 4, 6.
    let mut error = [Exact::ratio(-9, 10_000), Exact::ratio(-13, 10)];
    let size = |error: &[Exact; 2]| error.iter().map(|e| e.to_f64().abs()).fold(0.0, f64::max);
    let first = size(&error);
    let mut before = first;
    for _ in 0..10 {
        before = size(&error);
        let slope = hessian.each_ref().map(|[a, b]| &(a * &error[0]) + &(b * &error[1]));
        error = [&error[0] - &(h * &slope[0]), &error[1] - &(h * &slope[1])];
    }
    let last = size(&error);
    ((last / first).log10(), last / before)
}

pub(crate) const ARMIJO_CONVERGES: Claim = Claim {
    id: "armijo-converges",
    family: Family::Stability,
    statement: "Steepest descent with Armijo's rule (σ = 1/2, steps at least halved by quadratic \
                interpolation, from 1) converges on the linear \
                regression on which fixed steps above 2/L diverge.",
    source: "an answer on Mathematica Stack Exchange; Armijo (1966)",
    hypotheses: &[Hypothesis {
        statement: "a convex quadratic, f - f* by ½(x - x*)ᵀH(x - x*), without cancellation",
        checked: "the line through five points, from (0, 0), 1000 steps; the control has the fixed step 1/10 \
                  > 2/L",
    }],
    registered: Verdict::Supported,
    judge: armijo_converges,
};

const LEFT: &str = "f - f* after 1000 steps, over that at the start";

fn armijo_converges() -> Result<Judgement, ClaimError> {
    let search = Armijo::new(0.5, 0.5)?;
    let control = Control {
        description: "the fixed step 1/10, above 2/L = 0.0845",
        must_miss: &[LEFT],
        numbers: vec![left(|_, _| Some(0.1))],
    };
    let by_search = |x: &[f64; 2], g: &[f64; 2]| {
        let slope = -(g[0] * g[0] + g[1] * g[1]);
        search.step(|t| excess(&[x[0] - t * g[0], x[1] - t * g[1]]), excess(x), slope, 1.0)
    };
    Ok(Judgement::weigh(Verdict::Supported, vec![left(by_search)], control))
}

/// f - f*.
fn excess(x: &[f64; 2]) -> f64 {
    let [a, b] = [x[0] - LinearRegression::MINIMIZER[0], x[1] - LinearRegression::MINIMIZER[1]];
    let [p, q, r, s] = LinearRegression::HESSIAN;
    0.5 * (a * (p * a + q * b) + b * (r * a + s * b))
}

/// Until no step is found, which is where gradients are rounding.
fn left(step: impl Fn(&[f64; 2], &[f64; 2]) -> Option<f64>) -> Number {
    let mut x = [0.0, 0.0];
    let first = excess(&x);
    for _ in 0..1000 {
        let mut gradient = [0.0; 2];
        LinearRegression.gradient(&x, &mut gradient);
        let Some(t) = step(&x, &gradient) else { break };
        x = [x[0] - t * gradient[0], x[1] - t * gradient[1]];
    }
    Number::new(LEFT, excess(&x) / first).at_most(1e-20)
}
