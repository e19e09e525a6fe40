//! The invariant ellipse of gradient descent on (μ - xy)²/2, and how large a step may be.

use shadowflow_numerics::problems::{MatrixFactorization, ScalarFactorization};
use shadowflow_numerics::{Balanced, BalancingError, Generator, Objective};

use crate::claim::{Claim, Control, Family, Hypothesis, Judgement, Verdict};
use crate::error::ClaimError;
use crate::identity::{failing, variables, whole};
use crate::number::Number;

pub(crate) const BASIN_ELLIPSE: Claim = Claim {
    id: "basin-ellipse",
    family: Family::Balancing,
    statement: "A step of gradient descent on (μ - xy)²/2 multiplies G = 4/h - x² - y² - hμ(μ - xy) by 1 - \
                h²xy(μ - xy), which is \
                positive for 0 < hμ < 2. So the ellipse G > 0 is mapped into itself, its edge onto edge and \
                its outside outside: orbits \
                in it are bounded.",
    source: "this project; compare Liang & Montúfar (2025)",
    hypotheses: &[
        Hypothesis {
            statement: "0 < hμ < 2",
            checked: "4(1 - h²p(μ - p)) = 4 - h²μ² + h²(2p - μ)², an identity with p = xy",
        },
        Hypothesis {
            statement: "outside, almost all orbits are unbounded",
            checked: "not part of the claim: measured on a grid of 250 000 starts",
        },
    ],
    registered: Verdict::Proved,
    judge: basin_ellipse,
};

const MISMATCHES: &str = "of 250 000 starts, those inside that run away and those outside that do not";

fn basin_ellipse() -> Result<Judgement, ClaimError> {
    let control = Control {
        description: "h = 5/2 with μ = 1, beyond hμ = 2, where G > 0 is no ellipse",
        must_miss: &[MISMATCHES],
        numbers: vec![mismatches(2.5)],
    };
    let [x, y, h, m] = variables(["x", "y", "h", "m"]);
    let p = &x * &y;
    // h times G.
    let scaled = |x: &_, y: &_| {
        let rest = &m - x * y;
        whole(4) - &h * (x * x + y * y) - h.squared() * &m * rest
    };
    let rest = &m - &p;
    let (next_x, next_y) = (&x + &h * &rest * &y, &y + &h * &rest * &x);
    let factor = whole(1) - h.squared() * &p * &rest;
    let identities = [
        scaled(&next_x, &next_y) - scaled(&x, &y) * &factor,
        whole(4) * &factor
            - (whole(4) - h.squared() * m.squared() + h.squared() * (whole(2) * &p - &m).squared()),
    ];
    let numbers = vec![
        Number::new("identities of polynomials that fail", failing(&identities)).equals(0),
        mismatches(0.7),
    ];
    Ok(Judgement::weigh(Verdict::Proved, numbers, control))
}

/// At the centres of 500 by 500 squares that fill |x|, |y| ≤ 3, for μ = 1.
fn mismatches(h: f64) -> Number {
    let problem = ScalarFactorization { target: 1.0 };
    let mut count = 0usize;
    let centre = |k: i32| -3.0 + 6.0 * (f64::from(k) + 0.5) / 500.0;
    for (i, j) in (0..500).flat_map(|i| (0..500).map(move |j| (i, j))) {
        let start = [centre(i), centre(j)];
        count += usize::from((problem.ellipse(&start, h) > 0.0) == runs_away(&problem, start, h));
    }
    Number::new(MISMATCHES, count as f64).equals(0.0)
}

/// Whether an orbit leaves |x|² + |y|² ≤ 10⁶ within 100 000 steps. It has not once it is within rounding of a
/// minimum.
fn runs_away(problem: &ScalarFactorization, mut x: [f64; 2], h: f64) -> bool {
    let mut gradient = [0.0; 2];
    for _ in 0..100_000 {
        problem.gradient(&x, &mut gradient);
        let next = [x[0] - h * gradient[0], x[1] - h * gradient[1]];
        if next == x {
            return false;
        }
        x = next;
        if x[0] * x[0] + x[1] * x[1] > 1e6 {
            return true;
        }
        if gradient[0].abs() + gradient[1].abs() < 1e-12 {
            return false;
        }
    }
    false
}

pub(crate) const BALANCING_CONVERGENCE: Claim = Claim {
    id: "balancing-convergence",
    family: Family::Balancing,
    statement: "Gradient descent on (μ - xy)²/2 with h ≤ min{4/(x₀² + y₀² + 4μ), 1/(3μ)} converges to a \
                minimum from almost every start; \
                the start lies inside the invariant ellipse for all such h.",
    source: "Wang, Chen, Zhao & Tao (2022), recalled without the paper at hand; the inclusion is of this \
             project",
    hypotheses: &[
        Hypothesis {
            statement: "0 < h ≤ min{4/(q + 4μ), 1/(3μ)}, q = x₀² + y₀²",
            checked: "the bound itself, μ from 1/10 to 2; h below the ellipse's 8/(q + √(q² + 16μ(μ - p))) \
                      by an identity",
        },
        Hypothesis {
            statement: "almost every start",
            checked: "600 random starts; the control has 10 % beyond the ellipse",
        },
    ],
    registered: Verdict::Supported,
    judge: balancing_convergence,
};

const UNSETTLED: &str = "share of starts that do not settle in a minimum";

fn balancing_convergence() -> Result<Judgement, ClaimError> {
    let beyond = |start: &[f64; 2], mu: f64| {
        // Of the ellipse alone, without the bound 1/μ.
        let (q, p) = (start[0] * start[0] + start[1] * start[1], start[0] * start[1]);
        1.1 * 8.0 / (q + (q * q + 16.0 * mu * (mu - p)).sqrt())
    };
    let control = Control {
        description: "h 10 % larger than the ellipse allows",
        must_miss: &[UNSETTLED],
        numbers: vec![unsettled(beyond)?],
    };
    // (q + 8μ)² - (q² + 16μ(μ - p)) = 16μ(q + p) + 48μ², and q ≥ 2|p|: so 4/(q + 4μ) lies below the ellipse's
    // step.
    let [q, p, m] = variables(["q", "p", "m"]);
    let inclusion = (&q + whole(8) * &m).squared()
        - (q.squared() + whole(16) * &m * (&m - &p))
        - whole(16) * &m * (&q + &p)
        - whole(48) * m.squared();
    let bound = |start: &[f64; 2], mu: f64| {
        (4.0 / (start[0] * start[0] + start[1] * start[1] + 4.0 * mu)).min(1.0 / (3.0 * mu))
    };
    let numbers = vec![
        unsettled(bound)?,
        Number::new("identities of polynomials that fail", failing(&[inclusion])).equals(0),
    ];
    Ok(Judgement::weigh(Verdict::Supported, numbers, control))
}

fn unsettled(h: impl Fn(&[f64; 2], f64) -> f64) -> Result<Number, ClaimError> {
    let mut generator = Generator::new(22, 0);
    let mut count = 0.0;
    let starts = 600;
    for k in 0..starts {
        let mu = [0.1, 1.0, 2.0][k % 3];
        let problem = MatrixFactorization::new(&[vec![mu]], 1)?;
        let start = [10.0 * generator.uniform() - 5.0, 10.0 * generator.uniform() - 5.0];
        match Balanced::by_descent(&problem, h(&start, mu), &start, 200_000) {
            Ok(limit) => count += f64::from(u8::from(limit.distance > 1e-9)),
            Err(BalancingError::Input(error)) => return Err(error.into()),
            Err(_) => count += 1.0,
        }
    }
    Ok(Number::new(UNSETTLED, count / starts as f64).at_most(0.0))
}
