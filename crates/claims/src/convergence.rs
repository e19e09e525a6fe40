//! Whether, where and how fast descent ends: the descent lemma, the rate of the gradient flow, limit sets, silver steps, and
//! Runge–Kutta formulas as they were printed.

use shadowflow_methods::{Exact, Method};
use shadowflow_numerics::problems::{DoubleWell, Logistic, Quadratic};
use shadowflow_numerics::{GradientFlow, Objective, RungeKutta, Scalar, flow};

use crate::claim::{Claim, Control, Family, Hypothesis, Judgement, Verdict};
use crate::error::ClaimError;
use crate::number::Number;

pub(crate) const DESCENT_LEMMA: Claim = Claim {
    id: "descent-lemma",
    family: Family::Descent,
    statement: "If f has an L-Lipschitz gradient and a minimum f*, gradient descent with 0 < h < 2/L never increases f, and \
                Σ|∇f(x_k)|² ≤ (f(x₀) - f*)/(h(1 - Lh/2)) over any number of steps, so that ∇f(x_k) → 0; it does \
                not say that x_k converges.",
    source: "Tao & Wang (blog on large learning rates); Nesterov (2004), §1.2.3",
    hypotheses: &[
        Hypothesis {
            statement: "∇f is L-Lipschitz",
            checked: "L = 1 in closed form: x²/2 with curvatures up to 1, log(eˣ + e⁻ˣ), Huber's function, and 1 - cos x, which is \
                      not convex",
        },
        Hypothesis {
            statement: "0 < h < 2/L",
            checked: "h = 0.1, 0.5, 1, 1.5, 1.9, 1.99; the control has h = 2.1",
        },
    ],
    registered: Verdict::Supported,
    judge: descent_lemma,
};

/// A function of one variable with L = 1, its gradient, and its minimum.
type Smooth = (fn(f64) -> f64, fn(f64) -> f64, f64);

const SMOOTH: [Smooth; 5] = [
    (|x| 0.5 * x * x, |x| x, 0.0),
    (|x| 0.05 * x * x, |x| 0.1 * x, 0.0),
    (|x| x.abs() + (-2.0 * x.abs()).exp().ln_1p(), f64::tanh, std::f64::consts::LN_2),
    (|x| if x.abs() <= 1.0 { 0.5 * x * x } else { x.abs() - 0.5 }, |x| x.clamp(-1.0, 1.0), 0.0),
    (|x| 1.0 - x.cos(), f64::sin, 0.0),
];

const INCREASES: &str = "steps that increase f";
const SUM: &str = "largest Σ|∇f|² over its bound";

fn descent_lemma() -> Result<Judgement, ClaimError> {
    let control = Control {
        description: "h = 2.1/L, beyond the hypothesis",
        must_miss: &[INCREASES],
        numbers: descent_evidence(&[2.1]),
    };
    Ok(Judgement::weigh(Verdict::Supported, descent_evidence(&[0.1, 0.5, 1.0, 1.5, 1.9, 1.99]), control))
}

fn descent_evidence(rates: &[f64]) -> Vec<Number> {
    let (mut increases, mut largest, mut steps) = (0usize, 0.0f64, 0usize);
    for (value, gradient, least) in SMOOTH {
        for &h in rates {
            for start in [0.3, 2.0, -3.0, 25.0] {
                let (mut x, mut sum) = (start, 0.0);
                let bound = (value(start) - least) / (h * (1.0 - h / 2.0));
                for _ in 0..2000 {
                    let g = gradient(x);
                    sum += g * g;
                    // The bound holds after every step, so at every N.
                    largest = largest.max(if bound > 0.0 { sum / bound } else { 0.0 });
                    let next = x - h * g;
                    // Values near the minimum are rounded to about 10⁻¹⁶ of f.
                    increases += usize::from(value(next) > value(x) + 1e-15 * (1.0 + value(x).abs()));
                    steps += 1;
                    x = next;
                }
            }
        }
    }
    vec![
        Number::new(INCREASES, increases).equals(0),
        // Sums of 2000 rounded terms.
        Number::new(SUM, largest).at_most(1.0 + 1e-12),
        Number::new("steps examined", steps),
    ]
}

pub(crate) const GRADIENT_FLOW_RATE: Claim = Claim {
    id: "gradient-flow-rate",
    family: Family::Descent,
    statement: "Along the gradient flow of a μ-strongly convex f, f(x(t)) - f* ≤ exp(-2μt) (f(x₀) - f*).",
    source: "Singhal, Proposition 1",
    hypotheses: &[Hypothesis {
        statement: "f is μ-strongly convex",
        checked: "a quadratic by its smallest curvature, regularised logistic regression by its regularisation",
    }],
    // On quadratics every term ½λx²e^(-2λt) obeys it, which is a proof; logistic regression is measured.
    registered: Verdict::Supported,
    judge: gradient_flow_rate,
};

const EXCESS: &str = "largest (f(x(t)) - f*) / (exp(-2μt)(f(x₀) - f*)), t to 4/μ";

/// x⁴/4, whose curvature vanishes at its minimum.
#[derive(Clone, Copy)]
struct Quartic;

impl Objective for Quartic {
    fn variables(&self) -> usize {
        1
    }

    fn value<S: Scalar>(&self, x: &[S]) -> S {
        x[0].powi(4) * 0.25
    }

    fn gradient<S: Scalar>(&self, x: &[S], out: &mut [S]) {
        out[0] = x[0].powi(3);
    }
}

fn gradient_flow_rate() -> Result<Judgement, ClaimError> {
    let control = Control {
        description: "x⁴/4, not strongly convex, held to μ = 1",
        must_miss: &[EXCESS],
        numbers: vec![Number::new(EXCESS, excess(&Quartic, 1.0, 0.0, &[1.0])?).at_most(1.0 + 1e-9)],
    };
    let quadratic = excess(&Quadratic::new(&[0.5, 1.0, 20.0]), 0.5, 0.0, &[1.0, -2.0, 0.7])?;
    let logistic = Logistic::default();
    // The minimum: the flow at a time when it has long come to rest.
    let rest = flow(&GradientFlow(&logistic), &[0.0, 0.0], 60.0 / logistic.regularisation)?;
    let regression = excess(&logistic, logistic.regularisation, logistic.value(&rest[..]), &[2.0, -1.5])?;
    let numbers = vec![
        // The flow is followed to about twelve digits.
        Number::new(EXCESS, quadratic.max(regression)).at_most(1.0 + 1e-9),
        Number::new("the same on the quadratic alone", quadratic).at_most(1.0 + 1e-9),
    ];
    Ok(Judgement::weigh(Verdict::Supported, numbers, control))
}

fn excess<V: Objective>(f: &V, mu: f64, least: f64, start: &[f64]) -> Result<f64, ClaimError> {
    let field = GradientFlow(f);
    let whole = f.value(start) - least;
    let mut largest = 0.0f64;
    for k in 1..=20 {
        let t = 0.2 * f64::from(k) / mu;
        let x = flow(&field, start, t)?;
        largest = largest.max((f.value(&x[..]) - least) / ((-2.0 * mu * t).exp() * whole));
    }
    Ok(largest)
}

pub(crate) const OMEGA_LIMIT: Claim = Claim {
    id: "omega-limit",
    family: Family::Descent,
    statement: "The critical points of f belong to the ω-limit set of the gradient flow.",
    source: "Singhal, as printed; the converse holds: ω-limit sets of bounded orbits consist of critical points",
    hypotheses: &[Hypothesis {
        statement: "f is smooth and the orbit bounded",
        checked: "f = x⁴/4 - x²/2 from 1/2, whose orbit increases to 1 and stays in [1/2, 1]",
    }],
    registered: Verdict::Refuted,
    judge: omega_limit,
};

const MISSED: &str = "critical points that the orbit stays away from";

fn omega_limit() -> Result<Judgement, ClaimError> {
    let control = Control {
        description: "x²/2, whose one critical point is the limit of every orbit",
        must_miss: &[MISSED],
        numbers: limit_evidence(&Quadratic::new(&[1.0]), &[0.0])?,
    };
    let mut numbers = limit_evidence(&DoubleWell, &[-1.0, 0.0, 1.0])?;
    // The corrected form: where the orbit ends the gradient vanishes, to the accuracy of the flow.
    let end = flow(&GradientFlow(&DoubleWell), &[0.5], 40.0)?;
    let mut gradient = [0.0];
    DoubleWell.gradient(&end, &mut gradient);
    numbers.push(Number::new("|∇f| where the orbit ends", gradient[0].abs()).at_most(1e-10));
    Ok(Judgement::weigh(Verdict::Refuted, numbers, control))
}

fn limit_evidence<V: Objective>(f: &V, critical: &[f64]) -> Result<Vec<Number>, ClaimError> {
    let field = GradientFlow(f);
    let late = [20.0, 25.0, 30.0, 40.0].map(|t| flow(&field, &[0.5], t));
    let late: Vec<f64> = late.into_iter().map(|x| x.map(|x| x[0])).collect::<Result<_, _>>()?;
    let is_missed = |point: &&f64| late.iter().all(|x| (x - **point).abs() > 0.4);
    Ok(vec![
        Number::new(MISSED, critical.iter().filter(is_missed).count()).above(0),
        Number::new("critical points", critical.len()),
    ])
}

pub(crate) const RK_FORMULAS_AS_PRINTED: Claim = Claim {
    id: "rk-formulas-as-printed",
    family: Family::Descent,
    statement: "x ↦ x + (α/6)(k₁ + 2k₂ + 2k₃ + k₄) with k₁ = ∇f(x), k₂ = ∇f(x + αk₁/2), … (and Ralston's and Heun's \
                formulas in the same way) descends on f for small α.",
    source: "Singhal, as printed (where k₃ moreover holds ∇k₂); with k = -∇f it is the Runge–Kutta method and descends",
    hypotheses: &[Hypothesis {
        statement: "f is smooth and convex",
        checked: "f = x²/2, on which a step multiplies x by R(α) as printed and by R(-α) as corrected, exactly",
    }],
    registered: Verdict::Refuted,
    judge: rk_formulas_as_printed,
};

const PRINTED: &str = "the smallest R² of rk4, ralston and heun as printed, α = 1/10";

fn rk_formulas_as_printed() -> Result<Judgement, ClaimError> {
    let square = |name: &str, z: Exact| -> Result<Exact, ClaimError> {
        let r = Method::named(name)?.tableau().stability_function().numerator().eval(&z);
        Ok(&r * &r)
    };
    let all = |z: Exact| -> Result<Vec<Exact>, ClaimError> {
        ["rk4", "ralston", "heun"].iter().map(|name| square(name, z.clone())).collect()
    };
    let tenth = Exact::ratio(1, 10);
    let smallest = |values: Vec<Exact>| {
        values.into_iter().reduce(|a, b| if b < a { b } else { a }).unwrap_or(Exact::ZERO)
    };
    let largest = |values: Vec<Exact>| {
        values.into_iter().reduce(|a, b| if b > a { b } else { a }).unwrap_or(Exact::ZERO)
    };
    let control = Control {
        description: "the corrected sign",
        must_miss: &[PRINTED],
        numbers: vec![Number::new(PRINTED, smallest(all(-&tenth)?)).above(1)],
    };
    // A step of the library is the corrected formula.
    let rk4 = Method::named("rk4")?;
    let mut next = [0.0];
    RungeKutta::new(rk4.tableau()).step(&GradientFlow(Quadratic::new(&[1.0])), 0.1, &[1.0], &mut next)?;
    let numbers = vec![
        Number::new(PRINTED, smallest(all(tenth.clone())?)).above(1),
        Number::new("the largest R² as corrected", largest(all(-&tenth)?)).at_most(Exact::ratio(99, 100)),
        // Four stages of rounding.
        Number::new("a step of RK4 from 1 with α = 1/10", next[0])
            .near((1.0 - 0.1 + 0.005) - 1e-3 / 6.0 + 1e-4 / 24.0, 1e-15),
    ];
    Ok(Judgement::weigh(Verdict::Refuted, numbers, control))
}

pub(crate) const SILVER_STEPS: Claim = Claim {
    id: "silver-steps",
    family: Family::Descent,
    statement: "Among Huber functions with L = 1, from distance 1, n = 2ᵏ - 1 silver steps hₜ = 1 + ρ^(ν(t)-1), ρ = 1 + √2, leave \
                f - f* = 1/(4ρᵏ - 2) at worst where all steps stay on the linear part.",
    source: "Altschuler & Parrilo (2023)",
    hypotheses: &[
        Hypothesis {
            statement: "f is Huber's function of width δ: x²/2 for |x| ≤ δ and δ|x| - δ²/2 beyond",
            checked: "δ = 1/(2ρᵏ - 1) and its neighbours, in ℚ(√2)",
        },
        Hypothesis { statement: "n = 2ᵏ - 1", checked: "k = 1 to 6" },
    ],
    registered: Verdict::Proved,
    judge: silver_steps,
};

const LEFT: &str = "k of 6 with f - f* other than 1/(4ρᵏ - 2)";

fn silver_steps() -> Result<Judgement, ClaimError> {
    let control = Control {
        description: "n constant steps h = 1",
        must_miss: &[LEFT],
        numbers: silver_evidence(|_, _| Exact::ONE)?,
    };
    let silver = |t: u32, ratio: &Exact| match t.trailing_zeros() {
        // ρ⁻¹ = √2 - 1.
        0 => &Exact::ONE + &(ratio - &Exact::from(2)),
        power => &Exact::ONE + &ratio.pow(power - 1),
    };
    Ok(Judgement::weigh(Verdict::Proved, silver_evidence(silver)?, control))
}

/// While x ≥ δ the gradient is δ, so n steps of sum S lead to x = 1 - δS with f = δ - δ²(S + ½), largest for δ = 1/(2S + 1),
/// where it is 1/(4S + 2). Silver steps have S = ρᵏ - 1.
fn silver_evidence(step: impl Fn(u32, &Exact) -> Exact) -> Result<Vec<Number>, ClaimError> {
    let ratio: Exact = "1+sqrt(2)".parse().map_err(ClaimError::Number)?;
    let (mut wrong, mut off_the_line, mut worse) = (0usize, 0usize, 0usize);
    for k in 1..=6u32 {
        let power = ratio.pow(k);
        let two = Exact::from(2);
        let width = |sum: &Exact| (&(&two * sum) - &Exact::ONE).inverse().unwrap_or(Exact::ZERO);
        let delta = width(&power);
        let left = |delta: &Exact| {
            let (mut x, mut linear) = (Exact::ONE, true);
            for t in 1..1 << k {
                linear &= x >= *delta;
                let gradient = if x > *delta { delta.clone() } else { x.clone() };
                x = &x - &(&step(t, &ratio) * &gradient);
            }
            linear &= x >= *delta;
            let half = Exact::ratio(1, 2);
            let size = if x < Exact::ZERO { -&x } else { x };
            let value = if size <= *delta {
                &(&size * &size) * &half
            } else {
                &(delta * &size) - &(&(delta * delta) * &half)
            };
            (value, linear)
        };
        let (value, linear) = left(&delta);
        let expected = (&(&Exact::from(4) * &power) - &two).inverse().unwrap_or(Exact::ZERO);
        wrong += usize::from(value != expected);
        off_the_line += usize::from(!linear);
        for share in [Exact::ratio(99, 100), Exact::ratio(101, 100)] {
            worse += usize::from(left(&(&delta * &share)).0 > expected);
        }
    }
    Ok(vec![
        Number::new(LEFT, wrong).equals(0),
        Number::new("k with a step off the linear part", off_the_line).equals(0),
        Number::new("neighbouring widths that leave more", worse).equals(0),
    ])
}
