//! What a derivation finds: the modified field power by power, its potential, and where the potential ends.

use shadowflow_methods::Rational;

use crate::expr::Expr;

/// The modified equation of a method on a system, through some power of h.
#[derive(Clone, Debug, PartialEq)]
pub struct Derivation {
    /// The variables, in the order of the components.
    pub variables: Vec<String>,
    /// Other names in the formulas.
    pub parameters: Vec<String>,
    /// `field[k][i]` is component i of the coefficient of h^k; k runs from 0, the given equation, to the order.
    pub field: Vec<Vec<Expr>>,
    /// The modified potential, when the system is a gradient flow.
    pub potential: Option<Potential>,
    /// What stopped the potential before the order, if anything did.
    pub obstruction: Option<Obstruction>,
    /// The covariance Σ of the noise of a stochastic modified equation, dX = field dt + √(hΣ) dW, row by row.
    pub covariance: Option<Vec<Vec<Expr>>>,
    /// What stopped the derivation before the order, if anything did.
    pub stopped: Option<Stop>,
}

/// Why a derivation ended before the order asked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Stop {
    /// The time was up.
    Time,
    /// A formula grew beyond the limit of terms.
    Size {
        /// How many terms it had.
        terms: usize,
    },
}

/// A function Ṽ with ẋ = -∇Ṽ.
#[derive(Clone, Debug, PartialEq)]
pub struct Potential {
    /// `terms[k]` is the coefficient of h^k, from 0 to the last power with a potential.
    pub terms: Vec<Expr>,
    /// From this power on the terms belong to this objective, while a general one has none.
    pub special_from: Option<usize>,
}

/// Why there is no further term of the potential.
#[derive(Clone, Debug, PartialEq)]
pub enum Obstruction {
    /// The field of this power of h is no gradient.
    NotAGradient(Box<Residual>),
    /// Whether the field of this power of h is a gradient was not decided: its curl was not recognised as 0, and no point
    /// that was tried shows it different from 0.
    Undecided {
        /// The power of h.
        h_power: usize,
        /// The curl.
        curl: Expr,
    },
    /// The field of this power of h has a potential for this objective, locally at least, but it is not a polynomial and no closed form was
    /// found.
    NoClosedForm {
        /// The power of h.
        h_power: usize,
    },
}

/// The part of a coefficient of the modified field that belongs to no potential.
#[derive(Clone, Debug, PartialEq)]
pub struct Residual {
    /// The power of h.
    pub h_power: usize,
    /// What is left of the coefficient after the mean over every free tree, which is a gradient, is taken off.
    pub field: Vec<Expr>,
    /// The potential of those means.
    pub mean_potential: Expr,
    /// Two variables a, b, as positions, for which ∂f_b/∂a - ∂f_a/∂b does not vanish.
    pub plane: (usize, usize),
    /// That difference: the curl, which is 0 for gradients.
    pub curl: Expr,
    /// A point at which it differs from 0, which proves that there is no potential.
    pub witness: Witness,
}

/// A point, and a value there.
#[derive(Clone, Debug, PartialEq)]
pub struct Witness {
    /// A value for every variable, then for every parameter.
    pub point: Vec<(String, Rational)>,
    /// The value of the curl.
    pub value: WitnessValue,
}

/// The value at a witness.
#[derive(Clone, Debug, PartialEq)]
pub enum WitnessValue {
    /// Exactly.
    Exact(Rational),
    /// In floating point, where the formula is not rational; its rounding error is bounded well below its size.
    Float(f64),
}

impl std::fmt::Display for WitnessValue {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            WitnessValue::Exact(value) => write!(f, "{value}"),
            WitnessValue::Float(value) => write!(f, "about {value:.6e}"),
        }
    }
}

impl Derivation {
    /// The highest power of h that was reached.
    pub fn order(&self) -> usize {
        self.field.len().saturating_sub(1)
    }
}

impl Potential {
    /// The last power of h.
    pub fn through(&self) -> usize {
        self.terms.len().saturating_sub(1)
    }

    /// The potential with all its powers of h, a formula in `h`.
    pub fn in_h(&self) -> Expr {
        in_h(self.terms.iter())
    }
}

/// Σ hᵏ cₖ, by ascending power.
pub(crate) fn in_h<'a>(coefficients: impl Iterator<Item = &'a Expr>) -> Expr {
    Expr::sum(coefficients.enumerate().map(|(k, coefficient)| term_in_h(k, coefficient)).collect())
}

/// hᵏ c, with h after the number.
pub(crate) fn term_in_h(k: usize, coefficient: &Expr) -> Expr {
    let h = || match k {
        1 => Expr::symbol("h"),
        _ => Expr::Power(Box::new(Expr::symbol("h")), Box::new(Expr::Number(k.into()))),
    };
    match (k, coefficient) {
        (0, c) => c.clone(),
        (_, Expr::Product(factors)) => match factors.split_first() {
            Some((number @ Expr::Number(_), rest)) => Expr::product([&[number.clone(), h()], rest].concat()),
            _ => Expr::product([&[h()], &factors[..]].concat()),
        },
        (_, c) => Expr::product(vec![h(), c.clone()]),
    }
}
