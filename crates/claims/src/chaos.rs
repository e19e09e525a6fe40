//! Chance without a coin: large steps over fine ripples.

use shadowflow_methods::Method;
use shadowflow_numerics::problems::{DoubleWell, Quadratic, ScalarFactorization};
use shadowflow_numerics::{GradientFlow, Iteration, LargeStep, Lyapunov, Map, Wells};

use crate::claim::{Claim, Control, Family, Hypothesis, Judgement, Verdict};
use crate::error::ClaimError;
use crate::number::Number;

/// A seed, of which the verdicts do not depend.
const SEED: u64 = 20;

pub(crate) const STRANGE_ATTRACTOR: Claim = Claim {
    id: "strange-attractor",
    family: Family::LargeSteps,
    statement: "Gradient descent on f₀ + ε sin(x/ε) with a step h far above ε is chaotic: its Lyapunov \
                exponent is positive and tends to \
                ln(h/2ε) as ε/h → 0.",
    source: "Kong & Tao (2020)",
    hypotheses: &[
        Hypothesis {
            statement: "ε ≪ h",
            checked: "f₀ = x²/2, h = 1/5, ε = 10⁻³, 10⁻⁴, 10⁻⁵; the control has h below 2/L",
        },
        Hypothesis {
            statement: "the exponent is that of typical starts",
            checked: "64 random starts, 500 000 steps together; errors are those of the mean over starts",
        },
    ],
    registered: Verdict::Supported,
    judge: strange_attractor,
};

const EXPONENT: &str = "the exponent at ε = 10⁻⁴ less five errors";

fn strange_attractor() -> Result<Judgement, ClaimError> {
    let control = Control {
        description: "h = 1.5·10⁻⁴ at ε = 10⁻⁴, below 2/L",
        must_miss: &[EXPONENT],
        numbers: vec![exponent(1e-4, 1.5e-4)?.0],
    };
    let mut numbers = vec![exponent(1e-4, 0.2)?.0];
    for epsilon in [1e-3, 1e-4, 1e-5] {
        let (_, difference, error) = exponent(epsilon, 0.2)?;
        let name = format!("the exponent less ln(h/2ε), ε = {epsilon:e}");
        // Terms of order √(ε/h) remain, and the error of the mean.
        numbers.push(
            Number::new(name, difference)
                .with_error(error)
                .near(0.0, 5.0 * error + 2.0 * f64::sqrt(epsilon / 0.2)),
        );
    }
    Ok(Judgement::weigh(Verdict::Supported, numbers, control))
}

fn exponent(epsilon: f64, h: f64) -> Result<(Number, f64, f64), ClaimError> {
    let large = LargeStep::new(Quadratic::new(&[1.0]), epsilon, h)?;
    let found = large.exponent(SEED, 500_000)?;
    let number = Number::new(EXPONENT, found.value - 5.0 * found.error).above(0.0);
    Ok((number, found.value - large.limiting_exponent(), found.error))
}

pub(crate) const ESCAPE: Claim = Claim {
    id: "escape",
    family: Family::LargeSteps,
    statement: "Gradient descent with a large step leaves a well, which with small steps it never does: on \
                x⁴/4 - x²/2 + ε sin(x/ε) \
                with ε = 10⁻⁴ most starts cross from the left well to the right one within 20 000 steps of h = 1/5.",
    source: "Kong & Tao (2020)",
    hypotheses: &[Hypothesis {
        statement: "the step is far above ε, and not so large that iterates diverge",
        checked: "64 starts spread over the left well; the control has h = 1.9·10⁻⁴ < 2/L",
    }],
    registered: Verdict::Supported,
    judge: escape,
};

const ESCAPED: &str = "share of starts that leave the left well, lower end of its 95 % interval";

fn escape() -> Result<Judgement, ClaimError> {
    let control =
        Control {
            description: "h = 1.9·10⁻⁴, below 2/L", must_miss: &[ESCAPED], numbers: escapes(1.9e-4)?
        };
    Ok(Judgement::weigh(Verdict::Supported, escapes(0.2)?, control))
}

fn escapes(h: f64) -> Result<Vec<Number>, ClaimError> {
    let found = LargeStep::new(DoubleWell, 1e-4, h)?.escapes(Wells::new(-1.0, 0.0, 1.0)?, SEED, 20_000)?;
    Ok(vec![
        Number::new(ESCAPED, found.escaped().interval(1.96).0).above(0.5),
        Number::new("crossings in 1 280 000 steps", found.crossings() as f64),
    ])
}

pub(crate) const GIBBS: Claim = Claim {
    id: "gibbs",
    family: Family::LargeSteps,
    statement: "As ε/h → 0 the law of gradient descent on f₀ + ε sin(x/ε) is that of x⁺ = x - hf₀'(x) + hζ \
                with independent ζ, the cosine of \
                a uniform phase; as h → 0 too it is Gibbs' law Z⁻¹ exp(-f₀/T), T = h/4.",
    source: "Kong & Tao (2020)",
    hypotheses: &[
        Hypothesis {
            statement: "ε ≪ h for the stochastic map; h ≪ 1 besides for Gibbs' law",
            checked: "f₀ = x²/2, ε = 10⁻⁶, h = 1/20 and 1/5; the distance to Gibbs' law falls with h, to \
                      less than half",
        },
        Hypothesis {
            statement: "the law is the stationary one",
            checked: "64 independent streams of 15 625 iterates each or more, which must agree with one \
                      another",
        },
    ],
    registered: Verdict::Supported,
    judge: gibbs,
};

const TO_MAP: &str = "Kolmogorov's distance to the stochastic map over what noise makes it, h = 1/5";

fn gibbs() -> Result<Judgement, ClaimError> {
    let law = |epsilon: f64, h: f64, iterates: usize| {
        LargeStep::new(Quadratic::new(&[1.0]), epsilon, h)?.law(SEED, iterates)
    };
    let to_map = |distance: shadowflow_numerics::statistics::Distance| {
        // Kolmogorov's law exceeds 2.3 times its mean with probability 7·10⁻⁴.
        Number::new(TO_MAP, distance.value / distance.noise()).at_most(2.3)
    };
    let control = Control {
        description: "ε = h/4, not far below h",
        must_miss: &[TO_MAP],
        numbers: vec![to_map(law(0.05, 0.2, 1_000_000)?.to_map)],
    };
    let (large, small) = (law(1e-6, 0.2, 1_000_000)?, law(1e-6, 0.05, 4_000_000)?);
    let numbers = vec![
        to_map(large.to_map),
        Number::new(
            "variance over hσ²/(2 - h) of the stochastic map, h = 1/5",
            large.variance.value / (0.1 / 1.8),
        )
        .with_error(large.variance.error / (0.1 / 1.8))
        .near(1.0, 5.0 * large.variance.error / (0.1 / 1.8)),
        Number::new("Kolmogorov's distance to Gibbs' law, h = 1/5", large.to_gibbs.value)
            .with_error(large.to_gibbs.error),
        Number::new("the same at h = 1/20", small.to_gibbs.value).with_error(small.to_gibbs.error),
        Number::new("the second over the first", small.to_gibbs.value / large.to_gibbs.value)
            .with_error(small.to_gibbs.error / large.to_gibbs.value)
            .at_most(0.5),
    ];
    Ok(Judgement::weigh(Verdict::Supported, numbers, control))
}

pub(crate) const WEIGHT_BLOBS: Claim = Claim {
    id: "weight-blobs",
    family: Family::LargeSteps,
    statement: "Trained with a large learning rate the weights of a small network need not settle: with h = \
                131/100 those of the linear network \
                x ↦ abx on the datum (1, 1) wander chaotically, and each fills four blobs apart from one another.",
    source: "Tao & Wang (blog on large learning rates), there for multiscale data; the network is of this \
             project",
    hypotheses: &[
        Hypothesis {
            statement: "h lies beyond the doublings of the period and below the merging of the bands",
            checked: "one h and one start; the control h = 1/2 settles",
        },
        Hypothesis {
            statement: "what is seen is the attractor",
            checked: "100 000 steps behind 20 000: no iterate falls between its blobs, within which \
                      neighbours are closer by a factor of 50 and more",
        },
    ],
    registered: Verdict::Supported,
    judge: weight_blobs,
};

const BLOB_EXPONENT: &str = "the exponent less five errors";
const THIRD_GAP: &str = "third largest distance between neighbouring values of a, over their range";

fn weight_blobs() -> Result<Judgement, ClaimError> {
    let control = Control {
        description: "h = 1/2, with which the weights settle in a minimum",
        must_miss: &[BLOB_EXPONENT, THIRD_GAP],
        numbers: blob_evidence(0.5)?,
    };
    let mut numbers = blob_evidence(1.31)?;
    // Beyond the merging of the bands: the same measure finds one blob.
    let one = blob_evidence(1.9)?.into_iter().filter(|number| number.name == THIRD_GAP);
    numbers.extend(one.map(|number| {
        Number { name: format!("{} at h = 19/10", number.name), expected: None, ..number }.at_most(0.002)
    }));
    Ok(Judgement::weigh(Verdict::Supported, numbers, control))
}

fn blob_evidence(h: f64) -> Result<Vec<Number>, ClaimError> {
    let map = Iteration::method(
        Method::named("euler")?.tableau(),
        GradientFlow(ScalarFactorization { target: 1.0 }),
    );
    let found = Lyapunov::of(&map, h, &[0.9, 0.8], 20_000, 100_000)?;
    let (mut x, mut next) = (found.last().to_vec(), vec![0.0; 2]);
    let mut values: Vec<f64> = (0..100_000)
        .map(|_| {
            map.step(h, &x, &mut next);
            std::mem::swap(&mut x, &mut next);
            x[0]
        })
        .collect();
    values.sort_by(f64::total_cmp);
    let range = values[values.len() - 1] - values[0];
    let mut gaps: Vec<f64> = values.windows(2).map(|pair| pair[1] - pair[0]).collect();
    gaps.sort_by(|a, b| b.total_cmp(a));
    // Settled weights differ by rounding: no blobs, one point.
    let share = |gap: f64| if range > 1e-9 { gap / range } else { 0.0 };
    let first = found.exponents()[0];
    Ok(vec![
        Number::new(BLOB_EXPONENT, first - 5.0 * found.errors()[0]).above(0.0),
        Number::new(THIRD_GAP, share(gaps[2])).above(0.02),
        Number::new("fourth largest", share(gaps[3])).at_most(0.002),
        Number::new("largest", share(gaps[0])),
    ])
}
