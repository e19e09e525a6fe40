//! The equations that momentum methods and Adam follow once they have forgotten how they started.

use shadowflow_methods::{Exact, Field, RationalFunction, Ring};
use shadowflow_numerics::problems::{DoubleWell, ScalarFactorization};
use shadowflow_numerics::{
    GradientFlow, InputError, Objective, ObservedOrder, Optimizer, VectorField, from_fn, observed_order,
    shadow_of_orbit,
};

use crate::claim::{Claim, Control, Family, Hypothesis, Judgement, Verdict};
use crate::error::ClaimError;
use crate::measure::order_number;
use crate::number::Number;

const FACTORIZATION: ScalarFactorization = ScalarFactorization { target: 1.0 };
const START: [f64; 2] = [1.8, -1.5];

pub(crate) const HEAVY_BALL_MODIFIED: Claim = Claim {
    id: "heavy-ball-modified",
    family: Family::Optimizers,
    statement: "After its transient the heavy ball x₊ = x - h∇V + β(x - x₋) follows, through h, the gradient flow of \
                V + h(1 + β)/(4(1 - β)²)|∇V|², sped up by 1/(1 - β); Nesterov's method with constant β the same with \
                1 - β + 2β² in place of 1 + β.",
    source: "Ghosh, Lyu, Zhang & Wang (2023), Implicit regularization in heavy-ball momentum accelerated SGD; for both \
             methods Kovachki & Stuart (2021), Continuous time analysis of momentum methods",
    hypotheses: &[
        Hypothesis {
            statement: "V is smooth",
            checked: "the h term can only be a multiple of ∇²V∇V, which quadratics determine; confirmed on (1 - xy)²/2",
        },
        Hypothesis {
            statement: "the transient is over",
            checked: "on quadratics the slow root alone is taken; measured after 128 steps and more",
        },
    ],
    registered: Verdict::Proved,
    judge: heavy_ball_modified,
};

const COEFFICIENTS: &str = "coefficients of the rate at h⁰, h¹ other than stated, as functions of β, of 4";
const HEAVY_BALL: &str = "order of the formula's error, heavy ball, β = 1/2";
const NESTEROV: &str = "order of the formula's error, Nesterov, β = 1/2";

fn heavy_ball_modified() -> Result<Judgement, ClaimError> {
    let control = Control {
        description: "the penalty (h/4)|∇V|² of gradient descent without momentum",
        must_miss: &[COEFFICIENTS, HEAVY_BALL, NESTEROV],
        numbers: momentum_evidence(|_| RationalFunction::ratio(1, 4), |_| RationalFunction::ratio(1, 4))?,
    };
    let rest_squared = |beta: &RationalFunction| {
        let rest = RationalFunction::one().minus(beta);
        RationalFunction::from(4).times(&rest).times(&rest)
    };
    let heavy_ball =
        |beta: &RationalFunction| quotient(&RationalFunction::one().plus(beta), &rest_squared(beta));
    let nesterov = |beta: &RationalFunction| {
        let square = beta.times(beta);
        quotient(&RationalFunction::one().minus(beta).plus(&square.plus(&square)), &rest_squared(beta))
    };
    let mut numbers = momentum_evidence(heavy_ball, nesterov)?;
    let field = GradientFlow(FACTORIZATION);
    let optimizer = Optimizer::heavy_ball(0.5)?;
    let order = order_of_field(&field, &optimizer, &START, 128, |h| optimizer.modified(FACTORIZATION, h, 0))?;
    numbers.push(order_number("the same without the h term, heavy ball", order, 1));
    Ok(Judgement::weigh(Verdict::Proved, numbers, control))
}

/// The claim with penalties κ(β)h|∇V|² for the heavy ball and for Nesterov's method.
///
/// On V = x²/2 a step multiplies by the root z of z² - (1 + β - h(1 + a))z + β - ha that tends to 1, a = 0 for the
/// heavy ball and a = β for Nesterov's method, so that the field is log z/h · x. Of the stated potential it is
/// -(1 + 2κh)/(1 - β) · x.
fn momentum_evidence(
    heavy_ball: impl Fn(&RationalFunction) -> RationalFunction,
    nesterov: impl Fn(&RationalFunction) -> RationalFunction,
) -> Result<Vec<Number>, ClaimError> {
    let beta = RationalFunction::parameter("beta");
    let rest = RationalFunction::one().minus(&beta);
    let mut differing = 0;
    for (lookahead, penalty) in
        [(RationalFunction::zero(), heavy_ball(&beta)), (beta.clone(), nesterov(&beta))]
    {
        let stated = [RationalFunction::from(-1), penalty.plus(&penalty).negated()];
        let found = rate_series(&beta, &lookahead, 2);
        differing += found.iter().zip(stated).filter(|(rate, s)| **rate != quotient(s, &rest)).count();
    }
    let half = Exact::ratio(1, 2);
    let at_half = |penalty: RationalFunction| penalty.evaluate(&[("beta", half.clone())]);
    let (heavy_ball, nesterov) = (at_half(heavy_ball(&beta))?, at_half(nesterov(&beta))?);
    let mut numbers = vec![Number::new(COEFFICIENTS, differing).equals(0)];
    let field = GradientFlow(FACTORIZATION);
    for (name, optimizer, penalty) in [
        (HEAVY_BALL, Optimizer::heavy_ball(0.5)?, heavy_ball.to_f64()),
        (NESTEROV, Optimizer::nesterov(0.5)?, nesterov.to_f64()),
    ] {
        let order = order_of_field(&field, &optimizer, &START, 128, |h| {
            Ok(from_fn(2, move |x, out| penalised(x, penalty * h, 0.5, out)))
        })?;
        numbers.push(order_number(name, order, 2));
    }
    let rate = rate_series(&half, &Exact::ZERO, 2).swap_remove(1);
    let name = "coefficient of h in the heavy ball's rate, β = 1/2";
    numbers.push(Number::new(name, rate).equals(&Exact::from(-4) * &heavy_ball));
    Ok(numbers)
}

/// -∇(V + ε|∇V|²)/(1 - β) of (1 - xy)²/2.
fn penalised(x: &[f64], epsilon: f64, beta: f64, out: &mut [f64]) {
    let (mut gradient, mut hessian) = ([0.0; 2], [0.0; 4]);
    FACTORIZATION.gradient(x, &mut gradient);
    FACTORIZATION.hessian(x, &mut hessian);
    for (j, out) in out.iter_mut().enumerate() {
        let second = hessian[2 * j] * gradient[0] + hessian[2 * j + 1] * gradient[1];
        *out = -(gradient[j] + 2.0 * epsilon * second) / (1.0 - beta);
    }
}

/// The coefficients of h⁰, h¹, … in log z/h for the root z = 1 + w of w(w + 1 - β) + h(1 + (1 + a)w) = 0 with w = O(h).
fn rate_series<F: Field>(beta: &F, lookahead: &F, terms: usize) -> Vec<F> {
    let rest = F::one().minus(beta);
    let slope = F::one().plus(lookahead);
    // w₀ = 0, and (1 - β)wₙ = -(Σ wᵢwₙ₋ᵢ + (1 + a)wₙ₋₁), with a 1 in place of (1 + a)w₀ for n = 1.
    let mut w = vec![F::zero()];
    for n in 1..=terms {
        let squares = (1..n).fold(F::zero(), |sum, i| sum.plus(&w[i].times(&w[n - i])));
        let linear = if n == 1 { F::one() } else { slope.times(&w[n - 1]) };
        w.push(quotient(&squares.plus(&linear).negated(), &rest));
    }
    // L = log(1 + w) has (1 + w)L' = w', so nLₙ = nwₙ - Σ jLⱼwₙ₋ⱼ.
    let mut logarithm = vec![F::zero()];
    for n in 1..=terms {
        let term = |j: usize| F::ratio(j as i64, n as i64).times(&logarithm[j]).times(&w[n - j]);
        let sum = (1..n).fold(F::zero(), |sum, j| sum.plus(&term(j)));
        logarithm.push(w[n].minus(&sum));
    }
    logarithm.split_off(1)
}

/// x/y for y that is a power of 1 - β, which is not 0, times a number.
fn quotient<F: Field>(x: &F, y: &F) -> F {
    x.over(y).expect("β is a symbol or less than 1")
}

pub(crate) const ADAM_MODIFIED: Claim = Claim {
    id: "adam-modified",
    family: Family::Optimizers,
    statement: "After its transient Adam with ε inside the root follows, through h, ẋⱼ = -Rⱼ⁻¹(gⱼ + (h/2)(T₁ - T₂ + \
                T₂ε/Rⱼ²) ∂ⱼ‖g‖) with g = ∇V, Rⱼ = √(gⱼ² + ε), ‖g‖ = Σ Rᵢ and T = (1 + β)/(1 - β) for β₁ and β₂; RMSProp \
                the same with β₁ = 0.",
    source: "Cattaneo, Klusowski & Shigida (2024), On the implicit bias of Adam (recalled, derived again here)",
    hypotheses: &[
        Hypothesis {
            statement: "V is smooth and ε > 0",
            checked: "(1 - xy)²/2 and x⁴/4 - x²/2, ε = 1/10; from the starts taken g_j has no zero on the way",
        },
        Hypothesis {
            statement: "the transient is over",
            checked: "at time 1/2, after enough steps that β₂ to their number is below 10⁻¹⁷",
        },
    ],
    registered: Verdict::Supported,
    judge: adam_modified,
};

const ADAM: &str = "order of the formula's error, Adam (0.8, 0.9)";
const LONG_MEMORY: &str = "order of the formula's error, Adam (0.9, 0.99)";
const RMSPROP: &str = "order of the formula's error, RMSProp (0.9)";
const WELL: &str = "order of the formula's error in one variable, Adam (0.8, 0.9)";
const EPSILON: f64 = 0.1;

fn adam_modified() -> Result<Judgement, ClaimError> {
    let control = Control {
        description: "the formula with β₁ and β₂ exchanged",
        must_miss: &[ADAM, LONG_MEMORY, RMSPROP, WELL],
        numbers: adam_evidence(|beta1, beta2| Optimizer::adam(beta2, beta1, EPSILON))?,
    };
    let mut numbers = adam_evidence(|beta1, beta2| Optimizer::adam(beta1, beta2, EPSILON))?;
    let optimizer = Optimizer::adam(0.8, 0.9, EPSILON)?;
    let field = GradientFlow(FACTORIZATION);
    let order = order_of_field(&field, &optimizer, &START, 384, |h| optimizer.modified(FACTORIZATION, h, 0))?;
    numbers.push(order_number("the same without the h term, Adam (0.8, 0.9)", order, 1));
    Ok(Judgement::weigh(Verdict::Supported, numbers, control))
}

/// The claim with the formula of the optimizer that `formula` makes of β₁ and β₂.
fn adam_evidence(
    formula: impl Fn(f64, f64) -> Result<Optimizer, InputError>,
) -> Result<Vec<Number>, ClaimError> {
    let (plane, line) = (GradientFlow(FACTORIZATION), GradientFlow(DoubleWell));
    let mut numbers = Vec::new();
    for (name, beta1, beta2, steps) in
        [(ADAM, 0.8, 0.9, 384), (LONG_MEMORY, 0.9, 0.99, 4096), (RMSPROP, 0.0, 0.9, 384)]
    {
        let optimizer = Optimizer::adam(beta1, beta2, EPSILON)?;
        let stated = formula(beta1, beta2)?;
        let order =
            order_of_field(&plane, &optimizer, &START, steps, |h| stated.modified(FACTORIZATION, h, 1))?;
        numbers.push(order_number(name, order, 2));
    }
    let (optimizer, stated) = (Optimizer::adam(0.8, 0.9, EPSILON)?, formula(0.8, 0.9)?);
    let order = order_of_field(&line, &optimizer, &[2.0], 768, |h| stated.modified(DoubleWell, h, 1))?;
    numbers.push(order_number(WELL, order, 2));
    Ok(numbers)
}

/// Differences of a measurement: its own error is of sixth order in h.
const DIFFERENCES: usize = 6;
/// Errors below are rounding: of the differences, 2⁶·10⁻¹⁶, over steps of 10⁻⁵ and more.
const FLOOR: f64 = 1e-9;

/// The order in h of the distance between a formula and the field measured on the orbit from `start` at time 1/2, with
/// `steps` steps, and two, four and eight times as many.
fn order_of_field<R: VectorField>(
    field: &impl VectorField,
    optimizer: &Optimizer,
    start: &[f64],
    steps: usize,
    formula: impl Fn(f64) -> Result<R, InputError>,
) -> Result<ObservedOrder, ClaimError> {
    let mut errors = Vec::new();
    for n in [steps, 2 * steps, 4 * steps, 8 * steps] {
        let h = 0.5 / n as f64;
        let path = optimizer.orbit(field, h, start, n + DIFFERENCES, f64::INFINITY)?;
        let points: Vec<&[f64]> = path.points().skip(n).collect();
        let measured = shadow_of_orbit(&points, h)?.field;
        let mut stated = vec![0.0; start.len()];
        formula(h)?.eval(points[0], &mut stated);
        errors.push((h, measured.iter().zip(&stated).fold(0.0, |norm: f64, (x, y)| norm.hypot(x - y))));
    }
    Ok(observed_order(&errors, FLOOR)?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_series_of_the_rate_sums_to_the_logarithm_of_the_root() {
        // β = 1/2, h = 1/400: -2.0152207, to the digits known from elsewhere.
        let series = rate_series(&Exact::ratio(1, 2), &Exact::ZERO, 12);
        let h = 0.0025;
        let rate = series.iter().rev().fold(0.0, |sum, term| sum * h + term.to_f64());
        assert!((rate + 2.015_220_7).abs() < 5e-8, "{rate}");
        // Without momentum it is log(1 - h)/h.
        let text: Vec<String> =
            rate_series(&Exact::ZERO, &Exact::ZERO, 4).iter().map(Exact::to_string).collect();
        assert_eq!(text, ["-1", "-1/2", "-1/3", "-1/4"]);
    }

    #[test]
    fn nesterov_is_descent_where_the_root_is_known() {
        // a = β = 1/2, h = 1/10: z² - (9/10)(3/2)z + (9/10)(1/2), larger root (1.35 + √0.0225)/2 = 3/4.
        let series = rate_series(&Exact::ratio(1, 2), &Exact::ratio(1, 2), 60);
        let rate = series.iter().rev().fold(0.0, |sum, term| sum * 0.1 + term.to_f64());
        // The roots meet at h = 1/9 (where 9(1 - h) = 8), so terms fall like 0.9ⁿ n^(-3/2): 0.9⁶⁰/500 = 4·10⁻⁶ each.
        assert!((rate - 10.0 * 0.75f64.ln()).abs() < 1e-3, "{rate}");
    }
}
