//! What a coefficient can be: a number, exact or rounded, or a function of named parameters.
//!
//! Whatever holds for a tableau by algebra alone is written once, over a [`Ring`] that contains the rational numbers;
//! what must divide asks for a [`Field`].

use std::fmt::Debug;

use crate::exact::{Exact, Rational};

/// A commutative ring containing ℚ: [`Exact`] numbers, functions of parameters, floats.
///
/// ```
/// use shadowflow_methods::{Exact, Ring};
/// fn cube<R: Ring>(x: &R) -> R {
///     x.times(x).times(x)
/// }
/// assert_eq!(cube(&Exact::ratio(1, 2)), Exact::ratio(1, 8));
/// assert_eq!(cube(&0.5), 0.125);
/// ```
pub trait Ring: Clone + PartialEq + Debug {
    /// The image of a rational number.
    fn from_rational(value: &Rational) -> Self;
    /// Whether this is 0.
    fn is_zero(&self) -> bool;
    /// `self + other`
    fn plus(&self, other: &Self) -> Self;
    /// `self - other`
    fn minus(&self, other: &Self) -> Self;
    /// `self · other`
    fn times(&self, other: &Self) -> Self;

    /// The number 0.
    fn zero() -> Self {
        Self::from_rational(&Rational::ZERO)
    }
    /// The number 1.
    fn one() -> Self {
        Self::from_rational(&Rational::ONE)
    }
    /// The fraction `numerator / denominator`.
    ///
    /// # Panics
    /// If the denominator is 0.
    fn ratio(numerator: i64, denominator: i64) -> Self {
        Self::from_rational(&Rational::from_parts_signed(numerator.into(), denominator.into()))
    }
    /// `-self`
    fn negated(&self) -> Self {
        Self::zero().minus(self)
    }
}

/// A ring in which all but 0 can be divided by.
pub trait Field: Ring {
    /// `1 / self`, or `None` for 0.
    fn reciprocal(&self) -> Option<Self>;

    /// `self / divisor`, or `None` if the divisor is 0.
    fn over(&self, divisor: &Self) -> Option<Self> {
        divisor.reciprocal().map(|reciprocal| self.times(&reciprocal))
    }
}

impl Ring for Exact {
    fn from_rational(value: &Rational) -> Exact {
        value.clone().into()
    }
    fn is_zero(&self) -> bool {
        Exact::is_zero(self)
    }
    fn plus(&self, other: &Exact) -> Exact {
        self + other
    }
    fn minus(&self, other: &Exact) -> Exact {
        self - other
    }
    fn times(&self, other: &Exact) -> Exact {
        self * other
    }
}

impl Field for Exact {
    fn reciprocal(&self) -> Option<Exact> {
        self.inverse()
    }
}

impl Ring for f64 {
    fn from_rational(value: &Rational) -> f64 {
        value.to_f64().value()
    }
    fn is_zero(&self) -> bool {
        *self == 0.0
    }
    fn plus(&self, other: &f64) -> f64 {
        self + other
    }
    fn minus(&self, other: &f64) -> f64 {
        self - other
    }
    fn times(&self, other: &f64) -> f64 {
        self * other
    }
}

impl Field for f64 {
    fn reciprocal(&self) -> Option<f64> {
        (*self != 0.0).then(|| 1.0 / self)
    }
}

/// A and b of a Runge–Kutta method over any ring; the nodes are the row sums of A. Nothing is checked: a
/// [`Tableau`](crate::Tableau) is, and [`Tableau::coefficients`](crate::Tableau::coefficients) gives its own.
#[derive(Clone, Debug, PartialEq)]
pub struct Coefficients<R> {
    /// The rows of A, s rows of s numbers.
    pub a: Vec<Vec<R>>,
    /// The s weights.
    pub b: Vec<R>,
}

impl<R: Ring> Coefficients<R> {
    /// The number of stages s.
    pub fn stages(&self) -> usize {
        self.b.len()
    }

    /// The nodes c, the row sums of A.
    pub fn c(&self) -> Vec<R> {
        self.a.iter().map(|row| row.iter().fold(R::zero(), |sum, entry| sum.plus(entry))).collect()
    }

    /// The same over another ring.
    pub fn map<S>(&self, image: impl Fn(&R) -> S) -> Coefficients<S> {
        Coefficients {
            a: self.a.iter().map(|row| row.iter().map(&image).collect()).collect(),
            b: self.b.iter().map(&image).collect(),
        }
    }
}

/// The coefficients of a Rosenbrock method over any ring: with J = f'(y₀),
/// kᵢ = f(y₀ + h Σⱼ αᵢⱼkⱼ) + h J Σⱼ γᵢⱼkⱼ and y⁺ = y₀ + h Σᵢ bᵢkᵢ
/// (Hairer & Wanner 1996, Definition IV.7.1). Nothing is checked here.
#[derive(Clone, Debug, PartialEq)]
pub struct RosenbrockCoefficients<R> {
    /// The rows of α, strictly lower triangular, s rows of s numbers.
    pub alpha: Vec<Vec<R>>,
    /// The rows of Γ, lower triangular with a diagonal, s rows of s numbers.
    pub gamma: Vec<Vec<R>>,
    /// The s weights.
    pub b: Vec<R>,
}

impl<R: Ring> RosenbrockCoefficients<R> {
    /// The number of stages s.
    pub fn stages(&self) -> usize {
        self.b.len()
    }

    /// The rows of β = α + Γ, which is what enters the order conditions below a vertex with one child.
    pub fn beta(&self) -> Vec<Vec<R>> {
        let sum = |(x, y): (&Vec<R>, &Vec<R>)| x.iter().zip(y).map(|(x, y)| x.plus(y)).collect();
        self.alpha.iter().zip(&self.gamma).map(sum).collect()
    }

    /// The same over another ring.
    pub fn map<S>(&self, image: impl Fn(&R) -> S) -> RosenbrockCoefficients<S> {
        let rows = |rows: &[Vec<R>]| rows.iter().map(|row| row.iter().map(&image).collect()).collect();
        RosenbrockCoefficients {
            alpha: rows(&self.alpha),
            gamma: rows(&self.gamma),
            b: self.b.iter().map(&image).collect(),
        }
    }
}
