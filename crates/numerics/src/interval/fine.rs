//! Numbers told finer than by two doubles: a double and an interval for what it leaves.

use super::Interval;

/// Products below this size may leave a remainder that is no double.
const SMALLEST_PRODUCT: f64 = 1e-270;

/// A number in head + rest. Sums and products of heads are split into their nearest double and the exact
/// remainder (Dekker 1971; Knuth, *The Art of Computer Programming*, volume 2, §4.2.2), and the rest is known by
/// intervals: about 100 digits of the number are told in base 2, and the bounds on it need no analysis of
/// rounding errors.
#[derive(Clone, Copy, Debug)]
pub(super) struct Fine {
    head: f64,
    rest: Interval,
}

impl From<f64> for Fine {
    /// A finite number; the whole line for others.
    fn from(x: f64) -> Fine {
        Fine::from(Interval::from(x))
    }
}

impl From<Interval> for Fine {
    fn from(x: Interval) -> Fine {
        if x.low() == x.high() {
            return Fine { head: x.low(), rest: Interval::from(0.0) };
        }
        Fine { head: 0.0, rest: x }
    }
}

impl Fine {
    /// A constant known as a double and two bounds on what is left.
    pub(super) fn known(head: f64, low: f64, high: f64) -> Fine {
        Fine { head, rest: Interval::between(low, high) }
    }

    /// Bounds on the number.
    pub(super) fn value(self) -> Interval {
        self.rest + self.head
    }

    pub(super) fn plus(self, other: Fine) -> Fine {
        let sum = self.head + other.head;
        if !sum.is_finite() {
            return Fine { head: 0.0, rest: self.value() + other.value() };
        }
        // What the rounded sum leaves is a double, and this finds it (Knuth's TwoSum).
        let of_other = sum - self.head;
        let left = (self.head - (sum - of_other)) + (other.head - of_other);
        Fine { head: sum, rest: self.rest + other.rest + left }.settled()
    }

    pub(super) fn minus(self, other: Fine) -> Fine {
        self.plus(other.negated())
    }

    pub(super) fn negated(self) -> Fine {
        Fine { head: -self.head, rest: -self.rest }
    }

    pub(super) fn times(self, other: Fine) -> Fine {
        let product = self.head * other.head;
        let crossed = self.rest * other.head + other.rest * self.head + self.rest * other.rest;
        if product.is_finite() && product.abs() > SMALLEST_PRODUCT {
            let left = self.head.mul_add(other.head, -product);
            return Fine { head: product, rest: crossed + left }.settled();
        }
        // The first is sharper among normal doubles, the second among those below.
        let rest = Interval::from(self.head) * Interval::from(other.head) + crossed;
        let whole = self.value() * other.value();
        Fine { head: 0.0, rest: rest.intersection(&whole).unwrap_or(rest) }
    }

    pub(super) fn over(self, other: Fine) -> Fine {
        let quotient = self.head / other.head;
        if !quotient.is_finite() || quotient.abs() < SMALLEST_PRODUCT {
            return Fine { head: 0.0, rest: self.value() / other.value() };
        }
        let left = self.minus(other.times(Fine::from(quotient)));
        Fine { head: quotient, rest: left.value() / other.value() }.settled()
    }

    /// Moves the middle of the rest into the head, so that the rest stays small beside it.
    fn settled(self) -> Fine {
        let middle = self.rest.middle();
        let head = self.head + middle;
        if !(self.rest.is_bounded() && head.is_finite()) {
            return self;
        }
        let of_middle = head - self.head;
        let left = (self.head - (head - of_middle)) + (middle - of_middle);
        Fine { head, rest: (self.rest - middle) + left }
    }

    /// xⁿ by squares.
    pub(super) fn power(self, exponent: u32) -> Fine {
        let (mut square, mut product) = (self, Fine::from(1.0));
        let mut left = exponent;
        while left > 0 {
            if left & 1 == 1 {
                product = product.times(square);
            }
            left >>= 1;
            if left > 0 {
                square = square.times(square);
            }
        }
        product
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use shadowflow_methods::{Exact, Rational};

    fn exact(x: f64) -> Exact {
        Exact::from(Rational::try_from(x).unwrap())
    }

    /// Whether the number is in, and how far the bounds are apart beside it.
    fn holds(found: Fine, number: &Exact) -> bool {
        let from_head = number - &exact(found.head);
        exact(found.rest.low()) <= from_head && from_head <= exact(found.rest.high())
    }

    proptest! {
        /// Sums, products and quotients of doubles from 10⁻⁹⁰ to 10⁹⁰, with exact arithmetic as the oracle.
        #[test]
        fn arithmetic_holds_the_exact_numbers(
            a in -1.0..1.0f64, b in -1.0..1.0f64, c in 0.1..1.0f64, p in -90i32..90, q in -90i32..90,
        ) {
            let (a, b) = (a * 10f64.powi(p), b * 10f64.powi(q));
            let (x, y, z) = (Fine::from(a), Fine::from(b), Fine::from(c));
            let found = x.times(y).plus(x).minus(z).over(z);
            let number = &(&(&exact(a) * &exact(b)) + &exact(a)) - &exact(c);
            let number = &number * &exact(c).inverse().unwrap();
            prop_assert!(holds(found, &number), "{found:?}");
            // Terms of this size are told to 100 digits in base 2, of which the sum may cancel some.
            let size = ((a * b).abs() + a.abs() + c) / c;
            prop_assert!(found.rest.width() <= size * 2f64.powi(-96), "{found:?}");
        }

        #[test]
        fn powers_hold_the_exact_numbers(a in -3.0..3.0f64, n in 0u32..20) {
            let (found, number) = (Fine::from(a).power(n), exact(a).pow(n));
            prop_assert!(holds(found, &number));
            prop_assert!(found.rest.width() <= number.to_f64().abs() * 2f64.powi(-90) + 1e-300);
        }
    }

    #[test]
    fn what_has_no_head_is_still_bounded() {
        for (a, b) in [(1e200, 1e200), (-1e200, 1e200), (1e-200, 1e-200), (5e-324, 0.5)] {
            let (found, number) = (Fine::from(a).times(Fine::from(b)).value(), &exact(a) * &exact(b));
            let above = |end: f64| if end.is_finite() { number <= exact(end) } else { end > 0.0 };
            let below = |end: f64| if end.is_finite() { exact(end) <= number } else { end < 0.0 };
            assert!(below(found.low()) && above(found.high()), "{found:?}");
        }
        assert_eq!(Fine::from(1.0).over(Fine::from(0.0)).value(), Interval::ALL);
    }
}
