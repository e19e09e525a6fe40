//! What multiplying out would make of a formula, estimated from above before anything is computed: formulas come from
//! outside.

use crate::expr::Expr;

impl Expr {
    /// What multiplying out would make of the formula. The insides of functions and of exponents count on their own, and the
    /// worst of all counts.
    pub(crate) fn growth(&self) -> Growth {
        let (own, inside) = self.growth_and_inside();
        own.worst(inside)
    }

    /// How many terms the formula has at most once multiplied out: by its own structure, or by its degree in so many names.
    pub(crate) fn expanded_terms(&self) -> f64 {
        let growth = self.growth();
        growth.terms.min(monomials(self.kernels(), growth.degree))
    }

    /// The names and functions that monomials are made of.
    pub(crate) fn kernels(&self) -> usize {
        let mut calls = 0;
        self.visit(&mut |part| calls += usize::from(matches!(part, Expr::Call(..))));
        self.symbols().len() + calls
    }

    fn growth_and_inside(&self) -> (Growth, Growth) {
        match self {
            Expr::Number(n) => {
                let digits = n.numerator().to_string().len() + n.denominator().to_string().len();
                // log₂ 10 bits a digit
                (Growth { degree: 0.0, bits: 3.33 * digits as f64, terms: 1.0 }, Growth::default())
            }
            Expr::Symbol(_) => (Growth { degree: 1.0, bits: 1.0, terms: 1.0 }, Growth::default()),
            Expr::Sum(terms) => fold_growth(terms, |x, y| Growth {
                degree: x.degree.max(y.degree),
                bits: x.bits + y.bits,
                terms: x.terms + y.terms,
            }),
            Expr::Product(factors) => fold_growth(factors, |x, y| Growth {
                degree: x.degree + y.degree,
                bits: x.bits + y.bits,
                terms: x.terms.max(1.0) * y.terms.max(1.0),
            }),
            Expr::Power(base, exponent) => {
                let size = match &**exponent {
                    Expr::Number(n) => n.to_f64().value().abs().max(1.0),
                    _ => 1.0,
                };
                let (base, inside) = base.growth_and_inside();
                let own = Growth {
                    degree: base.degree * size,
                    bits: base.bits * size,
                    terms: multiset_count(base.terms, size),
                };
                (own, inside.worst(exponent.growth()))
            }
            Expr::Call(_, argument) => (Growth { degree: 1.0, bits: 1.0, terms: 1.0 }, argument.growth()),
        }
    }
}

/// Growths of parts combined, and the worst of what is inside them.
fn fold_growth(parts: &[Expr], combine: impl Fn(Growth, Growth) -> Growth) -> (Growth, Growth) {
    parts
        .iter()
        .map(Expr::growth_and_inside)
        .fold((Growth::default(), Growth::default()), |(x, inside), (y, more)| {
            (combine(x, y), inside.worst(more))
        })
}

/// How many monomials a power of a sum of `terms` has: multisets of `size` out of `terms`, C(terms - 1 + size, size).
fn multiset_count(terms: f64, size: f64) -> f64 {
    let (others, size) = ((terms - 1.0).max(0.0), size.round());
    // Exponents are bounded, so the smaller is.
    let (few, many) = if others <= size { (others, size) } else { (size, others) };
    (1..=few as u64).fold(1.0, |count, k| count * (many + k as f64) / k as f64)
}

/// How many monomials of at most a degree there are in so many names.
pub(crate) fn monomials(names: usize, degree: f64) -> f64 {
    (1..=names).fold(1.0, |count, k| count * (degree + k as f64) / k as f64)
}

/// See [`Expr::growth`].
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Growth {
    /// The total degree, functions counting as variables.
    pub(crate) degree: f64,
    /// The bits of the longest number.
    pub(crate) bits: f64,
    /// The number of terms.
    pub(crate) terms: f64,
}

impl Growth {
    fn worst(self, other: Growth) -> Growth {
        Growth {
            degree: self.degree.max(other.degree),
            bits: self.bits.max(other.bits),
            terms: self.terms.max(other.terms),
        }
    }
}
