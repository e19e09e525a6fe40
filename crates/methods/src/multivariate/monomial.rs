//! Products of powers of variables, packed into one integer so that multiplying them is an addition.

/// Most variables of one polynomial.
pub const MAX_VARIABLES: usize = 12;
/// Largest exponent of one variable.
pub const MAX_EXPONENT: u32 = (1 << BITS) - 1;

const BITS: u32 = 10;
const MASK: u128 = (1 << BITS) - 1;

/// Exponents of up to twelve variables, ten bits each, the first variable highest: integers compare lexicographically.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) struct Monomial(u128);

fn shift(variable: usize) -> u32 {
    BITS * (MAX_VARIABLES - 1 - variable) as u32
}

impl Monomial {
    pub(super) const ONE: Monomial = Monomial(0);

    pub(super) fn power(variable: usize, exponent: u32) -> Monomial {
        debug_assert!(exponent <= MAX_EXPONENT);
        Monomial(u128::from(exponent) << shift(variable))
    }

    pub(super) fn exponent(self, variable: usize) -> u32 {
        (self.0 >> shift(variable) & MASK) as u32
    }

    /// The product; exponents are known to stay within [`MAX_EXPONENT`].
    pub(super) fn times(self, other: Monomial) -> Monomial {
        Monomial(self.0 + other.0)
    }

    pub(super) fn divided_by(self, other: Monomial) -> Option<Monomial> {
        let divides = (0..MAX_VARIABLES).all(|v| other.exponent(v) <= self.exponent(v));
        divides.then(|| Monomial(self.0 - other.0))
    }

    /// The same monomial without one variable.
    pub(super) fn without(self, variable: usize) -> Monomial {
        Monomial(self.0 & !(MASK << shift(variable)))
    }

    /// Greatest common divisor.
    pub(super) fn common(self, other: Monomial) -> Monomial {
        self.merged(other, u32::min)
    }

    /// The largest exponent of every variable.
    pub(super) fn largest(self, other: Monomial) -> Monomial {
        self.merged(other, u32::max)
    }

    fn merged(self, other: Monomial, choose: fn(u32, u32) -> u32) -> Monomial {
        (0..MAX_VARIABLES).fold(Monomial::ONE, |m, v| {
            m.times(Monomial::power(v, choose(self.exponent(v), other.exponent(v))))
        })
    }

    /// The same with variable `v` renumbered to `places[v]`.
    pub(super) fn renumbered(self, places: &[usize]) -> Monomial {
        places
            .iter()
            .enumerate()
            .fold(Monomial::ONE, |m, (v, &place)| m.times(Monomial::power(place, self.exponent(v))))
    }

    pub(super) fn degree(self) -> u32 {
        (0..MAX_VARIABLES).map(|v| self.exponent(v)).sum()
    }
}
