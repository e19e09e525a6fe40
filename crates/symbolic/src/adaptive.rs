//! The modified equations of Adam and RMSProp, to any order.
//!
//! x₊ = x - h m/√(v + ε) with running means m of the gradient g and v of its squares, component by component, the new gradient
//! included (Kingma & Ba 2015, without bias correction; Tieleman & Hinton 2012). After a transient all of it depends on x alone. On
//! the flow of a field f̃ with Lie derivative D a mean over the past is m = (1-β) Σ βᵏ e^(-khD) g = (1-β)/(1-β e^(-hD)) g, and a step
//! (e^(hD) - 1) x; both sides as power series in h give f̃ power by power. Through h this is the equation of Cattaneo,
//! Klusowski & Shigida (2024); the higher powers are computed in the same way.

use shadowflow_methods::Rational;

use crate::derivation::Derivation;
use crate::error::SymbolicError;
use crate::expr::Expr;
use crate::polynomial::{Polynomial, Sum};
use crate::tower::Tower;

type Result<T> = std::result::Result<T, SymbolicError>;

/// The parameters of Adam: numbers or symbols. RMSProp is Adam with β₁ = 0.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Adaptive {
    pub(crate) beta1: Expr,
    pub(crate) beta2: Expr,
    pub(crate) epsilon: Expr,
}

/// A power series in h whose coefficients are formulas.
type Series = Vec<Polynomial>;

/// Derives the field power by power into `found`.
///
/// # Errors
/// Whatever stops it before the last power.
pub(crate) fn through(
    tower: &mut Tower,
    optimizer: &Adaptive,
    objective: &Expr,
    order: usize,
    found: &mut Derivation,
) -> Result<()> {
    let objective = tower.read(objective)?;
    let epsilon = tower.read(&optimizer.epsilon)?;
    let mean = memory(tower, &optimizer.beta1, order)?;
    let square_mean = memory(tower, &optimizer.beta2, order)?;
    let dimension = tower.variables();
    let gradient: Vec<Polynomial> =
        (0..dimension).map(|v| tower.derivative(&objective, v)).collect::<Result<_>>()?;
    let squares: Vec<Polynomial> = gradient.iter().map(|g| tower.product(g, g)).collect::<Result<_>>()?;
    // 1/√(g² + ε) and 1/(g² + ε), a generator each.
    let mut scales = Vec::with_capacity(dimension);
    for square in &squares {
        let inside = tower.plus(square, &epsilon)?;
        let (root, inverse) = (tower.rooted(&inside, 2)?, tower.inverted(&inside)?);
        scales.push((tower.product(&root, &inverse)?, inverse));
    }
    let mut field: Vec<Vec<Polynomial>> = Vec::new();
    for k in 0..=order {
        let mut coefficient = Vec::with_capacity(dimension);
        for v in 0..dimension {
            let m = averaged(tower, &field, &gradient[v], &mean, k)?;
            let mut s = averaged(tower, &field, &squares[v], &square_mean, k)?;
            s[0] = tower.plus(&s[0], &epsilon)?;
            let u = inverse_root(tower, &s, &scales[v])?;
            let mut sum = Sum::default();
            for i in 0..=k {
                tower.add_product(&mut sum, &m[i].negated(), &u[k - i])?;
            }
            // (e^(hD) - 1)x/h = f̃ + h/2 D f̃ + …, whose later terms hold earlier powers of the field only.
            let mut flow: Series = field.iter().map(|power| power[v].clone()).collect();
            flow.push(Polynomial::ZERO);
            let mut factor = Rational::ONE;
            for j in 1..=k {
                flow = lie(tower, &field, &flow)?;
                factor /= Rational::from(j + 1);
                let term = &flow[k - j];
                sum.add(&term.scaled(&-factor.clone()));
            }
            coefficient.push(tower.finish(sum)?);
        }
        found.field.push(coefficient.iter().map(|component| tower.shown(component)).collect::<Result<_>>()?);
        field.push(coefficient);
    }
    Ok(())
}

/// μ₀, μ₁, … of (1-β)/(1-β e^(-s)) = Σ μⱼ sʲ, by (1-β) μₙ = β Σ_{k≥1} (-1)ᵏ/k! μₙ₋ₖ.
fn memory(tower: &mut Tower, beta: &Expr, order: usize) -> Result<Series> {
    let one = || Expr::Number(Rational::ONE);
    let ratio = Expr::product(vec![
        beta.clone(),
        Expr::Power(
            Box::new(Expr::sum(vec![one(), beta.clone().negated()])),
            Box::new(Expr::Number(-Rational::ONE)),
        ),
    ]);
    let ratio = tower.read(&ratio)?;
    let mut mu = vec![Polynomial::number(&Rational::ONE)];
    for n in 1..=order {
        let mut sum = Sum::default();
        let mut weight = Rational::ONE;
        for k in 1..=n {
            weight /= -Rational::from(k);
            sum.add(&mu[n - k].scaled(&weight));
        }
        let sum = tower.finish(sum)?;
        mu.push(tower.product(&ratio, &sum)?);
    }
    Ok(mu)
}

/// Σ hʲ μⱼ Dʲ φ through h^k, for a field known through h^(k-1).
fn averaged(
    tower: &Tower,
    field: &[Vec<Polynomial>],
    phi: &Polynomial,
    mu: &[Polynomial],
    k: usize,
) -> Result<Series> {
    let mut result: Vec<Sum> = (0..=k).map(|_| Sum::default()).collect();
    let mut derived = vec![Polynomial::ZERO; k + 1];
    derived[0] = phi.clone();
    for j in 0..=k {
        for i in 0..=k - j {
            tower.add_product(&mut result[i + j], &mu[j], &derived[i])?;
        }
        if j < k {
            derived = lie(tower, field, &derived)?;
        }
    }
    result.into_iter().map(|sum| tower.finish(sum)).collect()
}

/// The Lie derivative of a series along the field, as far as the field is known.
fn lie(tower: &Tower, field: &[Vec<Polynomial>], series: &[Polynomial]) -> Result<Series> {
    let mut result: Vec<Sum> = series.iter().map(|_| Sum::default()).collect();
    for (l, phi) in series.iter().enumerate().filter(|(_, phi)| !phi.is_zero()) {
        for v in 0..tower.variables() {
            let slope = tower.derivative(phi, v)?;
            for (i, power) in field.iter().enumerate().take(series.len() - l) {
                tower.add_product(&mut result[i + l], &slope, &power[v])?;
            }
        }
    }
    result.into_iter().map(|sum| tower.finish(sum)).collect()
}

/// s^(-1/2) from s₀^(-1/2) and 1/s₀: n s₀ uₙ = -Σ_{k≥1} (n - k/2) sₖ uₙ₋ₖ.
fn inverse_root(
    tower: &Tower,
    s: &[Polynomial],
    (first, inverse): &(Polynomial, Polynomial),
) -> Result<Series> {
    let mut u = vec![first.clone()];
    for n in 1..s.len() {
        let mut sum = Sum::default();
        for k in 1..=n {
            let weight = Rational::from_parts_signed((k as i64 - 2 * n as i64).into(), (2 * n as i64).into());
            tower.add_product(&mut sum, &s[k].scaled(&weight), &u[n - k])?;
        }
        let sum = tower.finish(sum)?;
        u.push(tower.product(&sum, inverse)?);
    }
    Ok(u)
}
