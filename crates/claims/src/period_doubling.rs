//! From a minimum through orbits of period 2, 4, 8, … to chaos.

use shadowflow_methods::{Exact, Method};
use shadowflow_numerics::problems::DoubleWell;
use shadowflow_numerics::{
    Bifurcation, Certificate, Continuation, Formula, GradientFlow, Interval, Iteration, Lyapunov, Map,
    PeriodicOrbit, Scalar,
};

use crate::claim::{Claim, Control, Family, Hypothesis, Judgement, Verdict};
use crate::error::ClaimError;
use crate::identity::{Poly, failing, variables, whole};
use crate::number::Number;

pub(crate) const TWO_CYCLE_WINDOW: Claim = Claim {
    id: "two-cycle-window",
    family: Family::LargeSteps,
    statement: "Gradient descent on (1 - xy)²/2 has an attracting orbit of period 2 exactly for 1 < h < √5 - \
                1. Its multipliers are \
                9 - 2(1 + h)² along x = y and 3 - 2h across.",
    source: "this project",
    hypotheses: &[
        Hypothesis {
            statement: "the orbit lies on x = y or on x = -y",
            checked: "every one does: with e = h(xy - 1), x + y is multiplied by 1 - e and x - y by 1 + e, \
                      and over two steps both \
                      return only if e vanishes",
        },
        Hypothesis {
            statement: "attracting means that both multipliers lie inside the unit circle",
            checked: "9 - 2(1 + h)² falls from 1 at h = 1 to -1 at √5 - 1, where 3 - 2h lies between; on x = \
                      -y the multiplier across \
                      is 1 + 2e₁e₂ > 1",
        },
    ],
    registered: Verdict::Proved,
    judge: two_cycle_window,
};

const IDENTITIES: &str = "identities of polynomials that fail";
const NOT_INSIDE: &str = "learning rates of 4 at which a multiplier is not inside the unit circle";

fn two_cycle_window() -> Result<Judgement, ClaimError> {
    let outside = [(99, 100), (1, 2), (1237, 1000), (3, 2)];
    let control = Control {
        description: "h = 1/2, 99/100, 1237/1000 and 3/2, outside the window",
        must_miss: &[NOT_INSIDE],
        numbers: vec![not_inside(&outside)],
    };
    // With z = h(s² - 1) on x = y = s, a step is z ↦ g and s is multiplied by 1 - z.
    let [z, h] = variables(["z", "h"]);
    let one = whole(1);
    let g = phases(&z, &h);
    let q = z.squared() + (&h - &one) * &z + (&one - &h);
    // The other point is w - z, as q has the roots z and w - z with sum and product w = 1 - h.
    let other = (&one - &h) - &z;
    let slope = |z: &Poly| whole(1) - whole(2) * &h - whole(3) * z;
    let remainders = [
        phases(&g, &h) - &z,
        slope(&z) * slope(&other) - (whole(9) - whole(2) * (&one + &h).squared()),
        (&one + &z) * (&one + &other) - (whole(3) - whole(2) * &h),
        &other - &g,
    ];
    // Two steps bring s back: besides the fixed points z = 0 and the orbit ±√(1 + 2/h), where z = 2, only q
    // is left.
    let complete = (&one - &z) * (&one - &g) - &one - &z * (&z - whole(2)) * &q;
    let failing =
        remainders.iter().filter(|rest| !rest.is_multiple_of(&q)).count() + usize::from(!complete.is_zero());
    let root: Exact = "sqrt(5) - 1".parse().map_err(ClaimError::Number)?;
    let numbers = vec![
        Number::new(IDENTITIES, failing).equals(0),
        not_inside(&[(101, 100), (11, 10), (6, 5), (1236, 1000)]),
        Number::new("9 - 2(1 + h)² at h = 1", multipliers(&Exact::ONE)[0].clone()).equals(1),
        Number::new("9 - 2(1 + h)² at h = √5 - 1", multipliers(&root)[0].clone()).equals(-1),
        Number::new("(3 - 2h)² at h = √5 - 1", multipliers(&root)[1].pow(2)).at_most(1),
        Number::new("(1 + z)² at z = 2, the multiplier of ±√(1 + 2/h) across", Exact::from(1 + 2).pow(2))
            .above(1),
    ];
    Ok(Judgement::weigh(Verdict::Proved, numbers, control))
}

/// z³ + (h - 2)z² + (1 - 2h)z.
fn phases(z: &Poly, h: &Poly) -> Poly {
    let square = z.squared();
    &square * z + (h - whole(2)) * &square + (whole(1) - whole(2) * h) * z
}

fn multipliers(h: &Exact) -> [Exact; 2] {
    let (one, two) = (Exact::ONE, Exact::from(2));
    [&Exact::from(9) - &(&two * &(&one + h).pow(2)), &Exact::from(3) - &(&two * h)]
}

fn not_inside(rates: &[(i64, i64)]) -> Number {
    let fails = |&&(p, q): &&(i64, i64)| {
        multipliers(&Exact::ratio(p, q)).iter().any(|multiplier| multiplier.pow(2) >= Exact::ONE)
    };
    Number::new(NOT_INSIDE, rates.iter().filter(fails).count()).equals(0)
}

pub(crate) const PERIOD_DOUBLING_CASCADE: Claim = Claim {
    id: "period-doubling-cascade",
    family: Family::LargeSteps,
    statement: "On x⁴/4 - x²/2 the minimum 1 flips at h = 1, its orbit of period 2 at √5 - 1, that of period \
                4 at 1.288031754… and \
                that of period 8 at 1.299227939…, each within 10⁻⁷.",
    source: "this project; further flips (measured) approach 1.3022834627 by ratios towards 4.669 \
             (Feigenbaum 1978)",
    hypotheses: &[Hypothesis {
        statement: "one orbit over the whole bracket of h",
        checked: "Krawczyk's test on the bracket as an interval, and at its ends, whose orbits lie in the \
                  same boxes; the multiplier is \
                  above -1 at the lower end and below -1 at the upper one, and is continuous",
    }],
    registered: Verdict::Certified,
    judge: period_doubling_cascade,
};

const FLIPS: &str = "certified flips of 4";
const STEPS: [f64; 4] = [1.0, 1.236_067_977_499_79, 1.288_031_754_482_843, 1.299_227_939_650_204];

fn period_doubling_cascade() -> Result<Judgement, ClaimError> {
    let map = cubic()?;
    let orbits = flips(&map, 5)?;
    let control = Control {
        description: "brackets 10⁻⁶ higher, with no flip in them",
        must_miss: &[FLIPS],
        numbers: vec![certified_flips(&map, &orbits, 1e-6)?],
    };
    let mut numbers = vec![certified_flips(&map, &orbits, 0.0)?];
    for (k, pair) in orbits.iter().zip(STEPS).enumerate() {
        let name = format!("flip {} by continuation", k + 1);
        // Continuation finds about twelve digits.
        numbers.push(Number::new(name, pair.0.h()).near(pair.1, 1e-10));
    }
    let rates: Vec<f64> = orbits.iter().map(PeriodicOrbit::h).collect();
    numbers.push(Number::new("flips followed", rates.len() as f64).equals(5.0));
    for (three, k) in rates.windows(3).zip(1..) {
        let ratio = (three[1] - three[0]) / (three[2] - three[1]);
        let name = format!("ratio of distances between flips {k}, {} and {}", k + 1, k + 2);
        // It converges by a factor of about 4.67 each.
        numbers.push(Number::new(name, ratio).near(4.669_201_6, 0.6 / 4.0f64.powi(k - 1)));
    }
    Ok(Judgement::weigh(Verdict::Certified, numbers, control))
}

fn cubic() -> Result<Iteration<GradientFlow<DoubleWell>>, ClaimError> {
    Ok(Iteration::method(Method::named("euler")?.tableau(), GradientFlow(DoubleWell)))
}

/// The orbits at the first flips, one after another.
fn flips<F: Formula + Sync>(map: &Iteration<F>, count: usize) -> Result<Vec<PeriodicOrbit>, ClaimError> {
    let mut orbit = PeriodicOrbit::near(map, 0.9, &[vec![1.0]])?;
    let mut found: Vec<PeriodicOrbit> = Vec::new();
    while let Some(from) = orbit.filter(|_| found.len() < count) {
        // The distance to the next flip is less than a third of the last one.
        let reach = match found.len() {
            0 => 1.1,
            1 => 1.3,
            n => found[n - 1].h() + 0.4 * (found[n - 1].h() - found[n - 2].h()),
        };
        // Doubled orbits part by ever less: 2.5 times so at every flip.
        let step = 0.02 * 0.5f64.powi(found.len() as i32);
        let continuation = Continuation { rates: (0.5, reach), step, most: 2000 };
        let branch = continuation.follow(map, &from, true)?;
        let Some(flip) = branch.events().iter().find(|event| event.kind == Bifurcation::Flip) else { break };
        orbit = continuation.beyond_flip(map, &flip.orbit)?;
        found.push(flip.orbit.clone());
    }
    Ok(found)
}

/// How many flips lie within 10⁻⁷ of the stated rates, moved up by `shift`.
fn certified_flips<M: Map>(map: &M, orbits: &[PeriodicOrbit], shift: f64) -> Result<Number, ClaimError> {
    let mut count = 0.0;
    for (k, rate) in STEPS.iter().enumerate() {
        let Some(orbit) = orbits.get(k).filter(|orbit| orbit.period() == 1 << k) else { continue };
        let (low, high) = (rate + shift - 1e-7, rate + shift + 1e-7);
        let certificate = |h: Interval| -> Result<Option<Certificate>, ClaimError> {
            let near = PeriodicOrbit::near(map, h.middle(), orbit.points())?;
            let near = near.filter(|near| near.period() == orbit.period());
            Ok(near.and_then(|near| Certificate::of(map, h, &near).ok()))
        };
        let multiplier = |certificate: &Certificate| certificate.trace_and_determinant().map(|pair| pair.0);
        let whole = certificate(Interval::new(low, high)?)?;
        let (below, above) = (certificate(Interval::from(low))?, certificate(Interval::from(high))?);
        if let (Some(whole), Some(below), Some(above)) = (whole, below, above) {
            let minus_one = Interval::from(-1.0);
            let passes = multiplier(&below).is_some_and(|multiplier| minus_one.is_below(&multiplier))
                && multiplier(&above).is_some_and(|multiplier| multiplier.is_below(&minus_one));
            if passes && whole.surrounds(&below) && whole.surrounds(&above) {
                count += 1.0;
            }
        }
    }
    Ok(Number::new(FLIPS, count).equals(4.0))
}

pub(crate) const FIVE_PHASES: Claim = Claim {
    id: "five-phases",
    family: Family::LargeSteps,
    statement: "Gradient descent on x⁴/4 - x²/2, as z = h(x² - 1) ↦ z³ + (a - 2)z² + (1 - 2a)z with a = h, \
                has five phases: |z| never \
                grows for h ≤ 2√2 - 2; beyond it may, but the minima attract until h = 1; then orbits of \
                period 2, 4, 8, … until \
                1.30228…; then chaos, with windows of periodic orbits in it; above h = 2 almost all starts diverge.",
    source: "Chen, Balasubramanian, Ghosal & Agrawalla (2023), recalled without the paper at hand; the \
             conjugacy and proofs of this \
             project",
    hypotheses: &[
        Hypothesis {
            statement: "starts with -h ≤ z ≤ 2, which are |x| ≤ √(1 + 2/h)",
            checked: "an interval that the map leaves invariant for h ≤ 2; larger ones diverge",
        },
        Hypothesis {
            statement: "the limit of the doublings is 1.30228…",
            checked: "measured: exponents at five learning rates; the other thresholds are exact",
        },
    ],
    registered: Verdict::Supported,
    judge: five_phases,
};

const PHASES_FAIL: &str = "identities between the maps that fail";
const AT_TWO: &str = "the exponent at h = 2 less ln 3";
const BEYOND_TWO: &str = "share of 999 starts that stay for 5000 steps at h = 21/10";

/// x(1 + rh - hx²), gradient descent for r = 1.
struct Scaled(f64);

impl Map for Scaled {
    fn dim(&self) -> usize {
        1
    }
    fn step<S: Scalar>(&self, h: S, x: &[S], next: &mut [S]) {
        next[0] = x[0] * (h * self.0 + 1.0 - h * x[0] * x[0]);
    }
}

fn five_phases() -> Result<Judgement, ClaimError> {
    let control = Control {
        description: "the map x(1 + h/2 - hx²), gradient descent on another quartic",
        must_miss: &[PHASES_FAIL, AT_TWO],
        numbers: phase_evidence(1)?,
    };
    let mut numbers = phase_evidence(2)?;
    let root: Exact = "2*sqrt(2) - 2".parse().map_err(ClaimError::Number)?;
    // The least of z² + (a - 2)z + 1 - 2a is at z = 1 - a/2; the factor is 1 at z = 2 and z = -a, the ends.
    let least = |a: &Exact| {
        let half = &(&Exact::from(2) - a) * &Exact::ratio(1, 2);
        &(&Exact::ONE - &(&Exact::from(2) * a)) - &half.pow(2)
    };
    let overshoot =
        |h: i64| &(&Exact::from(4) * &Exact::from(1 + h).pow(3)) - &(&Exact::from(27) * &Exact::from(2 + h));
    // 1 + h - 3hx² at x = 1.
    let at_minimum = |h: &Exact| &(&Exact::ONE + h) - &(&Exact::from(3) * h);
    let map = Scaled(1.0);
    let exponent = |h: f64| -> Result<(f64, f64), ClaimError> {
        let found = Lyapunov::of(&map, h, &[0.3], 20_000, 100_000)?;
        Ok((found.exponents()[0], found.errors()[0]))
    };
    numbers.extend([
        Number::new("least factor of z at a = 2√2 - 2", least(&root)).equals(-1),
        Number::new("least factor of z at a = 9/10, the sign changed", -&least(&Exact::ratio(9, 10)))
            .above(1),
        Number::new("multiplier of the minimum at h = 1", at_minimum(&Exact::ONE)).equals(-1),
        Number::new("4(1 + h)³ - 27(2 + h) at h = 2", overshoot(2)).equals(0),
    ]);
    for (h, sign) in [(0.9, -1.0), (1.2, -1.0), (1.302, -1.0), (1.4, 1.0), (1.9, 1.0)] {
        let (value, error) = exponent(h)?;
        let number = Number::new(format!("exponent at h = {h}"), value).with_error(error);
        numbers.push(if sign > 0.0 { number.above(5.0 * error) } else { number.at_most(0.0) });
    }
    let stays = (1..1000).filter(|k| {
        let mut x = 1.4 * f64::from(*k) / 1000.0;
        (0..5000).all(|_| {
            x *= 1.0 + 2.1 * (1.0 - x * x);
            x.abs() < 1e6
        })
    });
    numbers.push(Number::new(BEYOND_TWO, stays.count() as f64 / 999.0).at_most(0.0));
    Ok(Judgement::weigh(Verdict::Supported, numbers, control))
}

/// For x(1 + rh - hx²) with r = doubled/2.
fn phase_evidence(doubled: i64) -> Result<Vec<Number>, ClaimError> {
    let [x, h] = variables(["x", "h"]);
    let image = whole(2) * &x + &x * &h * whole(doubled) - whole(2) * &h * x.squared() * &x;
    let z = &h * (x.squared() - whole(1));
    // 4h(x₊² - 1) = 4g(h(x² - 1)), as the image is doubled.
    let conjugate = &h * (image.squared() - whole(4)) - whole(4) * phases(&z, &h);
    let exponent = Lyapunov::of(&Scaled(0.5 * doubled as f64), 2.0, &[0.3], 1000, 200_000)?;
    let difference = exponent.exponents()[0] - 3f64.ln();
    Ok(vec![
        Number::new(PHASES_FAIL, failing(&[conjugate])).equals(0),
        Number::new(AT_TWO, difference).with_error(exponent.errors()[0]).near(0.0, 0.01),
    ])
}

pub(crate) const CHEN_BRUNA: Claim = Claim {
    id: "chen-bruna",
    family: Family::LargeSteps,
    statement: "Where 3f'''² - f''f'''' > 0 at a minimum, orbits of period 2 around it exist for h just \
                above 2/f''; for x⁴/4 - x²/2 at \
                1 it is 3·6² - 2·6 = 96. It has the sign of the coefficient of the flip there.",
    source: "Chen & Bruna (2023), recalled without the paper at hand; closed forms of this project",
    hypotheses: &[Hypothesis {
        statement: "f is smooth with f'' > 0 at the minimum",
        checked: "quartics, with exact derivatives; orbits in closed form",
    }],
    registered: Verdict::Proved,
    judge: chen_bruna,
};

const CRITERION: &str = "3f'''² - f''f'''' at the minimum";
const SEPARATION: &str = "the squared separation of the orbit 1 % above 2/f'', positive where there is one";
const FOUND: &str = "the period in which descent from 1/1000 off the minimum ends there";

fn chen_bruna() -> Result<Judgement, ClaimError> {
    // x²/2 + x⁴/4 at 0: f'' = 1, f''' = 0, f'''' = 6, and x ↦ -x needs x² = (2 - h)/h.
    let hard = |x: f64, h: f64| x - h * (x + x.powi(3));
    let h = Exact::ratio(202, 100);
    let separation = &Exact::from(4) * &(&Exact::from(2) - &h).checked_div(&h).unwrap_or(Exact::ZERO);
    let control = Control {
        description: "x²/2 + x⁴/4 at 0, where it is -6",
        must_miss: &[CRITERION, SEPARATION, FOUND],
        numbers: vec![
            Number::new(CRITERION, Exact::from(-6)).above(0),
            Number::new(SEPARATION, separation).above(0),
            Number::new(FOUND, period_from(hard, 2.02, 0.0)).equals(2.0),
        ],
    };
    // At a multiplier -1 of φ = x - hf', h = 2/f'', a cycle branches off on the far side if φ''²/2 + φ'''/3 >
    // 0 (Kuznetsov 2004,
    // chapter 4); with hf'' = 2, 6 times that, 3h²f'''² - 2hf'''', is h² times the criterion.
    let [f2, f3, f4, h] = variables(["f2", "f3", "f4", "h"]);
    let coefficient = whole(3) * (&h * &f3).squared() - whole(2) * &h * &f4;
    let stated = h.squared() * (whole(3) * f3.squared() - &f2 * &f4);
    let flip = (coefficient - stated).is_multiple_of(&(&h * &f2 - whole(2)));
    // The orbit solves z² + (h - 1)z + 1 - h = 0 in z = h(x² - 1): the discriminant is (h - 1)(h + 3).
    let h = Exact::ratio(101, 100);
    let discriminant = &(&h - &Exact::ONE) * &(&h + &Exact::from(3));
    let [f2, f3, f4] = [2, 6, 6].map(Exact::from);
    let criterion = &(&Exact::from(3) * &f3.pow(2)) - &(&f2 * &f4);
    let soft = |x: f64, h: f64| x - h * (x.powi(3) - x);
    let numbers = vec![
        Number::new(CRITERION, criterion).above(0),
        Number::new(SEPARATION, discriminant).above(0),
        Number::new(FOUND, period_from(soft, 1.01, 1.0)).equals(2.0),
        Number::new("identities of polynomials that fail", usize::from(!flip)).equals(0),
    ];
    Ok(Judgement::weigh(Verdict::Proved, numbers, control))
}

/// The period in which gradient descent ends up when started a little off a minimum: 2, or 0 if it does not
/// stay nearby.
fn period_from(step: impl Fn(f64, f64) -> f64, h: f64, minimum: f64) -> f64 {
    let mut x = minimum + 1e-3;
    for _ in 0..20_000 {
        x = step(x, h);
        if (x - minimum).abs() > 0.9 || x.is_nan() {
            return 0.0;
        }
    }
    let (once, twice) = (step(x, h), step(step(x, h), h));
    if (twice - x).abs() < 1e-9 && (once - x).abs() > 1e-3 { 2.0 } else { 1.0 }
}
