//! Periodic orbits of gradient descent with a large step: that they exist, and that they attract nothing.

use shadowflow_methods::{Exact, Method};
use shadowflow_numerics::problems::{DoubleWell, ScalarFactorization};
use shadowflow_numerics::statistics::Fraction;
use shadowflow_numerics::{
    Certificate, Generator, GradientFlow, Interval, Iteration, Map, Objective, OrbitSearch, PeriodicOrbit,
    Scalar,
};

use crate::claim::{Claim, Control, Family, Hypothesis, Judgement, Verdict};
use crate::error::ClaimError;
use crate::number::Number;

pub(crate) const PERIODIC_ORBITS_EXIST: Claim = Claim {
    id: "periodic-orbits-exist",
    family: Family::LargeSteps,
    statement: "Gradient descent on (1 - xy)²/2 with h = 19/10 has orbits of minimal periods 2, 3 and 4.",
    source: "Tao & Wang (blog on large learning rates), after Wang, Chen, Zhao & Tao (2022)",
    hypotheses: &[Hypothesis {
        statement: "h = 19/10 exactly",
        checked: "an interval with 19/10 in it; Krawczyk's test proves one orbit in each box, and that its \
                  points differ",
    }],
    registered: Verdict::Certified,
    judge: periodic_orbits_exist,
};

const CERTIFIED: [&str; 3] =
    ["certified orbits of period 2", "certified orbits of period 3", "certified orbits of period 4"];

fn periodic_orbits_exist() -> Result<Judgement, ClaimError> {
    let control = Control {
        description: "h = 1/2, at which orbits of period 2 alone are found",
        must_miss: &[CERTIFIED[1], CERTIFIED[2]],
        numbers: existence_evidence(&Exact::ratio(1, 2))?,
    };
    Ok(Judgement::weigh(Verdict::Certified, existence_evidence(&Exact::ratio(19, 10))?, control))
}

/// Counts of certificates are told as floats: one that is not reached refutes nothing.
fn existence_evidence(h: &Exact) -> Result<Vec<Number>, ClaimError> {
    let found = certified_orbits(h)?;
    Ok((2..=4)
        .map(|period| {
            let count = found.iter().filter(|certificate| certificate.period() == period).count();
            Number::new(CERTIFIED[period - 2], count as f64).above(0.0)
        })
        .collect())
}

fn descent() -> Result<Iteration<GradientFlow<ScalarFactorization>>, ClaimError> {
    let field = GradientFlow(ScalarFactorization { target: 1.0 });
    Ok(Iteration::method(Method::named("euler")?.tableau(), field))
}

/// Certificates of the orbits of periods 2 to 4 that a search finds.
fn certified_orbits(h: &Exact) -> Result<Vec<Certificate>, ClaimError> {
    let map = descent()?;
    let search = OrbitSearch { sides: vec![(-2.0, 2.0); 2], longest: 4, starts: 200 };
    let found = search.run(&map, h.to_f64())?;
    Ok(certificates(&map, h, found.iter().filter(|orbit| orbit.period() > 1)))
}

fn certificates<'a, M: Map>(
    map: &M,
    h: &Exact,
    orbits: impl Iterator<Item = &'a PeriodicOrbit>,
) -> Vec<Certificate> {
    orbits.filter_map(|orbit| Certificate::of(map, Interval::exactly(h), orbit).ok()).collect()
}

pub(crate) const PERIODIC_ORBITS_ATTRACT: Claim = Claim {
    id: "periodic-orbits-attract",
    family: Family::LargeSteps,
    statement: "Gradient descent on (1 - xy)²/2 with h = 19/10 converges to orbits of periods 2, 3 and 4.",
    source: "a caption in Tao & Wang (blog on large learning rates); the orbits exist, and every one found \
             repels",
    hypotheses: &[
        Hypothesis {
            statement: "h = 19/10",
            checked: "an interval with 19/10 in it; the largest multiplier of every orbit found is enclosed",
        },
        Hypothesis {
            statement: "starts are generic",
            checked: "100 000 random starts from which gradient descent stays bounded, each followed for 500 \
                      steps",
        },
    ],
    registered: Verdict::Refuted,
    judge: periodic_orbits_attract,
};

const LEAST_MULTIPLIER: &str = "a lower bound on the largest |multiplier| of every certified orbit";
const ON_CYCLES: &str = "share of starts that end on an orbit of period 2, 3 or 4";

fn periodic_orbits_attract() -> Result<Judgement, ClaimError> {
    let control = Control {
        description: "h = 11/10, at which orbits of period 2 attract",
        must_miss: &[LEAST_MULTIPLIER, ON_CYCLES],
        numbers: attraction_evidence(&Exact::ratio(11, 10))?,
    };
    Ok(Judgement::weigh(Verdict::Refuted, attraction_evidence(&Exact::ratio(19, 10))?, control))
}

fn attraction_evidence(h: &Exact) -> Result<Vec<Number>, ClaimError> {
    let found = certified_orbits(h)?;
    let bounds = found.iter().filter_map(Certificate::largest_multiplier).map(|interval| interval.low());
    let share = share_on_cycles(h.to_f64())?;
    Ok(vec![
        Number::new(LEAST_MULTIPLIER, bounds.fold(f64::INFINITY, f64::min)).above(1.0),
        Number::new(ON_CYCLES, share.value()).with_error(share.interval(1.96).1 - share.value()).at_most(0.0),
        Number::new("certified orbits", found.len() as f64).above(0.0),
        Number::new("starts", share.trials() as f64),
    ])
}

/// Of random starts inside the invariant ellipse, those whose orbit repeats itself within rounding, with a
/// period of 2 to 4.
fn share_on_cycles(h: f64) -> Result<Fraction, ClaimError> {
    let problem = ScalarFactorization { target: 1.0 };
    let mut generator = Generator::new(19, 0);
    let (mut trials, mut repeats) = (0, 0);
    while trials < 100_000 {
        let mut x = [4.0 * generator.uniform() - 2.0, 4.0 * generator.uniform() - 2.0];
        if problem.ellipse(&x, h) <= 0.0 {
            continue;
        }
        trials += 1;
        let mut gradient = [0.0; 2];
        let mut step = |x: [f64; 2]| {
            problem.gradient(&x, &mut gradient);
            [x[0] - h * gradient[0], x[1] - h * gradient[1]]
        };
        for _ in 0..500 {
            x = step(x);
        }
        let distance = |y: [f64; 2]| (x[0] - y[0]).abs().max((x[1] - y[1]).abs());
        let after = std::iter::successors(Some(step(x)), |y| Some(step(*y))).take(4);
        let distances: Vec<f64> = after.map(distance).collect();
        // Nearer than orbits with multipliers up to 0.95 a step stay after 500 steps, farther than rounding.
        repeats += u64::from(distances[0] > 1e-6 && distances[1..].iter().any(|distance| *distance < 1e-9));
    }
    Ok(Fraction::new(repeats, trials)?)
}

pub(crate) const LI_YORKE: Claim = Claim {
    id: "li-yorke",
    family: Family::LargeSteps,
    statement: "Gradient descent with h = 19/10 on x⁴/4 - x²/2, which is that on (1 - xy)²/2 along x = y, is \
                chaotic in the sense \
                of Li and Yorke: it maps an interval into itself and has an orbit of period 3 there.",
    source: "Li & Yorke (1975), Period three implies chaos",
    hypotheses: &[
        Hypothesis {
            statement: "a continuous map of an interval into itself",
            checked: "x(1 + h - hx²) maps |x| ≤ √(1 + 2/h) into itself while 4(1 + h)³ ≤ 27(2 + h): exactly \
                      at h = 19/10",
        },
        Hypothesis {
            statement: "a point of minimal period 3",
            checked: "Krawczyk's test on an interval with 19/10 in it",
        },
    ],
    registered: Verdict::Certified,
    judge: li_yorke,
};

const THREES: &str = "certified orbits of period 3 in the interval";
const OVERSHOOT: &str = "4(1 + h)³ - 27(2 + h), which is not to be positive";

fn li_yorke() -> Result<Judgement, ClaimError> {
    let control = Control {
        description: "h = 6/5, at which an orbit of period 2 attracts",
        must_miss: &[THREES],
        numbers: chaos_evidence(&Exact::ratio(6, 5))?,
    };
    Ok(Judgement::weigh(Verdict::Certified, chaos_evidence(&Exact::ratio(19, 10))?, control))
}

fn chaos_evidence(h: &Exact) -> Result<Vec<Number>, ClaimError> {
    let map = Iteration::method(Method::named("euler")?.tableau(), GradientFlow(DoubleWell));
    let side = (1.0 + 2.0 / h.to_f64()).sqrt();
    let search = OrbitSearch { sides: vec![(-side, side)], longest: 3, starts: 400 };
    let found = search.run(&map, h.to_f64())?;
    let proved = certificates(&map, h, found.iter().filter(|orbit| orbit.period() == 3));
    // x² < 1 + 2/h, by intervals.
    let rate = Interval::exactly(h);
    let within = |certificate: &&Certificate| {
        certificate.points().iter().flatten().all(|point| (point.powi(2) * rate).is_below(&(rate + 2.0)))
    };
    let inside: Vec<&Certificate> = proved.iter().filter(within).collect();
    // The extreme values ±(2/3)(1 + h)√((1 + h)/(3h)) are squared, and compared with 1 + 2/h.
    let one = Exact::ONE;
    let overshoot = &(&Exact::from(4) * &(&one + h).pow(3)) - &(&Exact::from(27) * &(&Exact::from(2) + h));
    let bounds = inside.iter().filter_map(|certificate| certificate.largest_multiplier());
    let least = bounds.map(|bound| bound.low()).fold(f64::INFINITY, f64::min);
    let mut numbers = vec![
        Number::new(THREES, inside.len() as f64).above(0.0),
        Number::new(OVERSHOOT, overshoot).at_most(0),
    ];
    if least.is_finite() {
        numbers.push(Number::new("a lower bound on |multiplier| of all of these", least).above(1.0));
    }
    for (name, sign) in [("the largest multiplier of one", 1.0), ("the least multiplier of one", -1.0)] {
        let multipliers = inside.iter().filter_map(|certificate| certificate.trace_and_determinant());
        let extreme = multipliers.max_by(|a, b| (sign * a.0.middle()).total_cmp(&(sign * b.0.middle())));
        if let Some((multiplier, _)) = extreme {
            numbers.push(Number::new(name, multiplier.middle()).with_error(multiplier.width()));
        }
    }
    Ok(numbers)
}
