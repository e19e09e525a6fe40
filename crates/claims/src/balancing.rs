//! Balance: which minimizers of ½|A - XYᵀ|² large steps lead to, and how flat they are.

use shadowflow_methods::Exact;
use shadowflow_numerics::problems::MatrixFactorization;
use shadowflow_numerics::{Balanced, BalancingError, Curvature, Generator};

use crate::claim::{Claim, Control, Family, Hypothesis, Judgement, Verdict};
use crate::error::ClaimError;
use crate::identity::{Poly, failing, variables, whole};
use crate::number::Number;

/// Steps until a descent is to have settled.
const STEPS: usize = 400_000;

pub(crate) const LARGER_STEP_MORE_BALANCE: Claim = Claim {
    id: "larger-step-more-balance",
    family: Family::Balancing,
    statement: "On (1 - xy)²/2 a larger learning rate leads to a more balanced limit.",
    source: "Tao & Wang (blog on large learning rates), read literally; true of the bound 2/h on the limit's \
             sharpness",
    hypotheses: &[Hypothesis {
        statement: "both learning rates are beyond the edge at the start and lead to a minimum",
        checked: "from (6, 0.16), q = x² + y²: h = 3/q and h = 3.5/q",
    }],
    registered: Verdict::Refuted,
    judge: larger_step_more_balance,
};

const RISE: &str = "sharpness x² + y² of the limit at the larger step, less that at the smaller one";

fn larger_step_more_balance() -> Result<Judgement, ClaimError> {
    let control = Control {
        description: "h = 2.5/q and h = 3/q, between which the limit does become more balanced",
        must_miss: &[RISE],
        numbers: rise(2.5, 3.0)?,
    };
    Ok(Judgement::weigh(Verdict::Refuted, rise(3.0, 3.5)?, control))
}

fn rise(smaller: f64, larger: f64) -> Result<Vec<Number>, ClaimError> {
    let problem = MatrixFactorization::new(&[vec![1.0]], 1)?;
    let start = [6.0, 0.16];
    let q = 36.0 + 0.16 * 0.16;
    let limit = |product: f64| Balanced::by_descent(&problem, product / q, &start, STEPS);
    let (before, after) = (limit(smaller)?, limit(larger)?);
    Ok(vec![
        Number::new(RISE, after.sharpness - before.sharpness).above(1.0),
        Number::new("the distances |1 - xy| of both", before.distance.max(after.distance)).at_most(1e-10),
        Number::new("sharpness at the smaller step", before.sharpness),
        Number::new("sharpness at the larger step", after.sharpness),
    ])
}

pub(crate) const BALANCING_BOUND: Claim = Claim {
    id: "balancing-bound",
    family: Family::Balancing,
    statement: "Where gradient descent on ½|A - XYᵀ|² settles, |X|₂² + |Y|₂² ≤ 2/h, for almost every start; \
                on (μ - xy)²/2 so \
                (x - y)² ≤ 2/h - 2μ.",
    source: "Wang, Chen, Zhao & Tao (2022)",
    hypotheses: &[
        Hypothesis {
            statement: "the start is generic",
            checked: "300 random starts for one number and 60 for a 2×3 matrix of rank 2; the control starts \
                      on xy = μ, a null set",
        },
        Hypothesis {
            statement: "gradient descent converges to a minimum",
            checked: "starts and steps with which it does not are left out and counted",
        },
    ],
    registered: Verdict::Supported,
    judge: balancing_bound,
};

const OVER: &str = "largest sharpness of a limit over 2/h";

fn balancing_bound() -> Result<Judgement, ClaimError> {
    let problem = MatrixFactorization::new(&[vec![1.0]], 1)?;
    // (4, 1/4) lies on xy = 1 exactly, and stays there; 2/h = 4 is less than 16.06.
    let still = Balanced::by_descent(&problem, 0.5, &[4.0, 0.25], 10)?;
    let control = Control {
        description: "a start on xy = 1, where gradient descent stays however sharp it is",
        must_miss: &[OVER],
        numbers: vec![Number::new(OVER, still.sharpness / still.edge).at_most(1.0 + 1e-9)],
    };
    let mut generator = Generator::new(5, 0);
    let (mut largest, mut settled, mut left_out) = (0.0f64, 0.0, 0.0);
    let wide = MatrixFactorization::new(&[vec![1.0, 0.5, 0.0], vec![-0.3, 0.8, 0.4]], 2)?;
    for k in 0..360 {
        let (problem, d) = if k < 300 { (&problem, 2) } else { (&wide, 10) };
        let start: Vec<f64> =
            (0..d).map(|c| 2.0 * generator.normal() * if c % 2 == 0 { 1.5 } else { 0.3 }).collect();
        let h = (0.5 + 3.0 * generator.uniform()) / (problem.norms(&start)? + 2.0);
        match Balanced::by_descent(problem, h, &start, 20_000) {
            // Not at a saddle, where the distance is not 0.
            Ok(limit) if limit.distance < 1e-9 => {
                settled += 1.0;
                largest = largest.max(limit.sharpness / limit.edge);
            }
            Ok(_) | Err(BalancingError::Diverges { .. } | BalancingError::NotSettled { .. }) => {
                left_out += 1.0
            }
            Err(error) => return Err(error.into()),
        }
    }
    let numbers = vec![
        // Settled means a gradient of 10⁻¹³ of its terms.
        Number::new(OVER, largest).at_most(1.0 + 1e-9),
        Number::new("descents that settle", settled).above(180.0),
        Number::new("descents left out", left_out),
    ];
    Ok(Judgement::weigh(Verdict::Supported, numbers, control))
}

pub(crate) const BALANCING_REGIME: Claim = Claim {
    id: "balancing-regime",
    family: Family::Balancing,
    statement: "On (1 - xy)²/2 balancing is pronounced for learning rates h between 2/L and 4/L, L the \
                sharpness at the start: from most \
                starts less than half of x² - y² is left there, and nearly all of it for h up to 1/L.",
    source: "Wang, Chen, Zhao & Tao (2022), who say \"very roughly\"",
    hypotheses: &[Hypothesis {
        statement: "starts far from balance",
        checked: "40 random starts with x from 4 to 8 and y from 0.02 to 0.1; hL = 2.5, 3, 3.5 against 0.25, \
                  0.5, 1",
    }],
    registered: Verdict::Supported,
    judge: balancing_regime,
};

const REMAINS: &str = "median share of x² - y² that remains";

fn balancing_regime() -> Result<Judgement, ClaimError> {
    let gentle = median_share(&[0.25, 0.5, 1.0])?;
    let control = Control {
        description: "hL = 1/4, 1/2 and 1",
        must_miss: &[REMAINS],
        numbers: vec![Number::new(REMAINS, gentle).at_most(0.5)],
    };
    let numbers = vec![
        Number::new(REMAINS, median_share(&[2.5, 3.0, 3.5])?).at_most(0.5),
        Number::new("the same for hL = 1/4, 1/2 and 1", gentle).above(0.9),
    ];
    Ok(Judgement::weigh(Verdict::Supported, numbers, control))
}

fn median_share(products: &[f64]) -> Result<f64, ClaimError> {
    let problem = MatrixFactorization::new(&[vec![1.0]], 1)?;
    let mut generator = Generator::new(24, 0);
    let mut shares = Vec::new();
    for _ in 0..40 {
        let start = [4.0 + 4.0 * generator.uniform(), 0.02 + 0.08 * generator.uniform()];
        let sharpness = Curvature::at(&problem, &start)?.sharpness();
        for product in products {
            match Balanced::by_descent(&problem, product / sharpness, &start, STEPS) {
                Ok(limit) => shares.push((limit.imbalance / limit.imbalance_before).abs()),
                Err(BalancingError::Input(error)) => return Err(error.into()),
                // Where a descent does not settle it balances nothing.
                Err(_) => shares.push(1.0),
            }
        }
    }
    shares.sort_by(f64::total_cmp);
    Ok(shares.get(shares.len() / 2).copied().unwrap_or(f64::NAN))
}

pub(crate) const BALANCED_IS_FLAT: Claim = Claim {
    id: "balanced-is-flat",
    family: Family::Balancing,
    statement: "Where XYᵀ = A, the sharpness of ½|A - XYᵀ|² is |X|₂² + |Y|₂².",
    source: "Wang, Chen, Zhao & Tao (2022)",
    hypotheses: &[Hypothesis {
        statement: "XYᵀ = A",
        checked: "the Hessian is MᵀM there, M the derivative of XYᵀ, and MMᵀ = XXᵀ⊗1 + 1⊗YYᵀ: entry by entry \
                  for 2×2 factors of \
                  symbols; sums of eigenvalues of XXᵀ and YYᵀ are those of the sum",
    }],
    registered: Verdict::Proved,
    judge: balanced_is_flat,
};

const GAP: &str = "sharpness less |X|₂² + |Y|₂², of a 2×2 matrix in factors of 2 columns";

fn balanced_is_flat() -> Result<Judgement, ClaimError> {
    let problem = MatrixFactorization::new(&[vec![2.0, 1.0], vec![-1.0, 3.0]], 2)?;
    let gap = |x: &[Vec<f64>], y: &[Vec<f64>]| -> Result<Number, ClaimError> {
        let point = problem.point(x, y)?;
        let sharpness = Curvature::at(&problem, &point)?.sharpness();
        // Eigenvalues of a symmetric 8×8 matrix of size 20, to rounding.
        Ok(Number::new(GAP, sharpness - problem.norms(&point)?).near(0.0, 1e-12))
    };
    let identity = [vec![1.0, 0.0], vec![0.0, 1.0]];
    let control = Control {
        description: "twice the factor X, which is no minimizer",
        must_miss: &[GAP],
        numbers: vec![gap(&[vec![4.0, 2.0], vec![-2.0, 6.0]], &identity)?],
    };
    let numbers = vec![
        Number::new("entries of MMᵀ - XXᵀ⊗1 - 1⊗YYᵀ that are not 0, of 16", failing(&spectrum_identities()))
            .equals(0),
        gap(&[vec![2.0, 1.0], vec![-1.0, 3.0]], &identity)?,
    ];
    Ok(Judgement::weigh(Verdict::Proved, numbers, control))
}

/// M maps (dX, dY) to dX Yᵀ + X dYᵀ. Row (i, j) of M has Y_jk at dX_ik and X_ik at dY_jk.
fn spectrum_identities() -> Vec<Poly> {
    let x = variables(["x00", "x01", "x10", "x11"]);
    let y = variables(["y00", "y01", "y10", "y11"]);
    let (x, y) = (|i: usize, k: usize| &x[2 * i + k], |j: usize, k: usize| &y[2 * j + k]);
    let row = |i: usize, j: usize| -> Vec<Poly> {
        let mut row = vec![whole(0); 8];
        for k in 0..2 {
            row[2 * i + k] = y(j, k).clone();
            row[4 + 2 * j + k] = x(i, k).clone();
        }
        row
    };
    let sum = |terms: Vec<Poly>| terms.into_iter().fold(whole(0), |sum, term| sum + term);
    let pairs = || (0..2).flat_map(|i| (0..2).map(move |j| (i, j)));
    pairs()
        .flat_map(|first| pairs().map(move |second| (first, second)))
        .map(|((i, j), (p, q))| {
            let product = sum(row(i, j).iter().zip(&row(p, q)).map(|(a, b)| a * b).collect());
            let gram_x = sum((0..2).map(|k| x(i, k) * x(p, k)).collect());
            let gram_y = sum((0..2).map(|k| y(j, k) * y(q, k)).collect());
            let kept = |condition: bool, term: Poly| if condition { term } else { whole(0) };
            product - kept(j == q, gram_x) - kept(i == p, gram_y)
        })
        .collect()
}

pub(crate) const HOMOGENEITY: Claim = Claim {
    id: "homogeneity",
    family: Family::Balancing,
    statement: "If (X, Y) minimizes ½|A - XYᵀ|², so does (cX, Y/c) for c ≠ 0; if it minimizes ½|A - Xσ(Yᵀ)|² \
                with σ ReLU or leaky ReLU, \
                so does (cX, Y/c) for c > 0.",
    source: "Tao & Wang (blog on large learning rates), after Wang, Chen, Zhao & Tao (2022)",
    hypotheses: &[Hypothesis {
        statement: "σ(t) = t for t ≥ 0 and at for t < 0; c > 0 keeps signs",
        checked: "both functions take the same value at both points: exactly on 81 products for each of c = \
                  1/3, 2 and 7 and a = 0, 1/10",
    }],
    registered: Verdict::Proved,
    judge: homogeneity,
};

const CHANGED: &str = "products xσ(y) that (cx, y/c) changes";

fn homogeneity() -> Result<Judgement, ClaimError> {
    let control =
        Control { description: "c = -2", must_miss: &[CHANGED], numbers: vec![changed(&[Exact::from(-2)])?] };
    let [x, w, c] = variables(["x", "w", "c"]);
    // (cx)(y/c) = xy, with w = y/c.
    let linear = (&c * &x) * &w - &x * (&c * &w);
    let numbers = vec![
        changed(&[Exact::ratio(1, 3), Exact::from(2), Exact::from(7)])?,
        Number::new("identities of polynomials that fail", failing(&[linear])).equals(0),
    ];
    Ok(Judgement::weigh(Verdict::Proved, numbers, control))
}

fn changed(factors: &[Exact]) -> Result<Number, ClaimError> {
    let mut count = 0usize;
    for c in factors {
        for leak in [Exact::ZERO, Exact::ratio(1, 10)] {
            let sigma = |t: &Exact| if t.sign().is_ge() { t.clone() } else { &leak * t };
            for (p, q) in (-4..=4).flat_map(|p| (-4..=4).map(move |q| (p, q))) {
                let (x, y) = (Exact::ratio(p, 3), Exact::ratio(q, 5));
                let shrunk = y.checked_div(c).unwrap_or(Exact::ZERO);
                count += usize::from(&(c * &x) * &sigma(&shrunk) != &x * &sigma(&y));
            }
        }
    }
    Ok(Number::new(CHANGED, count).equals(0))
}

pub(crate) const LOCAL_IS_GLOBAL: Claim = Claim {
    id: "local-is-global",
    family: Family::Balancing,
    statement: "Every local minimizer of ½|A - XYᵀ|² is a global one: a critical point that is no best \
                approximation of rank r has a \
                direction of negative curvature.",
    source: "Wang, Chen, Zhao & Tao (2022)",
    hypotheses: &[Hypothesis {
        statement: "critical points (U√Σ, V√Σ) of some of the singular values of A, and (XG, YG⁻ᵀ)",
        checked: "all choices of at most 2 of 3 singular values, 20 random 3×3 matrices, G of determinant 1; \
                  not every critical \
                      point of every matrix",
    }],
    registered: Verdict::Supported,
    judge: local_is_global,
};

const WITHOUT: &str = "critical points without negative curvature";

fn local_is_global() -> Result<Judgement, ClaimError> {
    let control = Control {
        description: "the best approximations, the two largest singular values",
        must_miss: &[WITHOUT],
        numbers: critical_points(&[&[0, 1]])?,
    };
    let others: [&[usize]; 6] = [&[], &[0], &[1], &[2], &[0, 2], &[1, 2]];
    Ok(Judgement::weigh(Verdict::Supported, critical_points(&others)?, control))
}

/// Singular values 3, 2, 1, varied a little, with random rotations on both sides.
fn critical_points(choices: &[&[usize]]) -> Result<Vec<Number>, ClaimError> {
    let mut generator = Generator::new(31, 0);
    let (mut without, mut steepest, mut count) = (0.0, 0.0f64, 0.0);
    for _ in 0..20 {
        let values: Vec<f64> = [3.0, 2.0, 1.0].iter().map(|s| s + 0.4 * generator.uniform()).collect();
        let (u, v) = (rotation(&mut generator), rotation(&mut generator));
        let entry = |i: usize, j: usize| (0..3).map(|k| u[i][k] * values[k] * v[j][k]).sum();
        let rows: Vec<Vec<f64>> = (0..3).map(|i| (0..3).map(|j| entry(i, j)).collect()).collect();
        let problem = MatrixFactorization::new(&rows, 2)?;
        let (shear, stretch) = (generator.normal(), 0.5 + generator.uniform());
        for choice in choices {
            let factor = |side: &[[f64; 3]; 3], i: usize| -> [f64; 2] {
                let mut row = [0.0; 2];
                choice.iter().zip(&mut row).for_each(|(&k, entry)| *entry = side[i][k] * values[k].sqrt());
                row
            };
            // G = [[stretch, shear], [0, 1/stretch]] and its inverse transposed.
            let x = (0..3).map(|i| {
                let [a, b] = factor(&u, i);
                vec![a * stretch, a * shear + b / stretch]
            });
            let y = (0..3).map(|i| {
                let [a, b] = factor(&v, i);
                vec![a / stretch - b * shear, b * stretch]
            });
            let point = problem.point(&x.collect::<Vec<_>>(), &y.collect::<Vec<_>>())?;
            let curvature = Curvature::at(&problem, &point)?;
            steepest = curvature.gradient().iter().fold(steepest, |largest, g| largest.max(g.abs()));
            // Eigenvalues of size 1 to 10, known to rounding.
            without += f64::from(u8::from(curvature.eigenvalues()[0] > -1e-9));
            count += 1.0;
        }
    }
    Ok(vec![
        Number::new(WITHOUT, without).at_most(0.0),
        Number::new("largest |∂V| at them", steepest).at_most(1e-12),
        Number::new("critical points", count),
    ])
}

/// A product of three plane rotations.
fn rotation(generator: &mut Generator) -> [[f64; 3]; 3] {
    let mut matrix = [[1.0, 0.0, 0.0], [0.0, 1.0, 0.0], [0.0, 0.0, 1.0]];
    for (i, j) in [(0, 1), (1, 2), (0, 1)] {
        let (sine, cosine) = (std::f64::consts::TAU * generator.uniform()).sin_cos();
        for row in &mut matrix {
            (row[i], row[j]) = (cosine * row[i] - sine * row[j], sine * row[i] + cosine * row[j]);
        }
    }
    matrix
}
