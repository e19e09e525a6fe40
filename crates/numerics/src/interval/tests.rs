//! Laws of intervals, with exact arithmetic and printed constants as oracles.

use super::*;
use proptest::prelude::*;

/// One of every operation a formula may use, within reach of exact arithmetic.
fn formula<S: Scalar>(x: S, y: S) -> S {
    (x * y - x.powi(3)) / (y * y + 1.5) + (-x).powi(-2) * 0.1 - y.powi(4) / 3.0
}

fn formula_exactly(x: &Exact, y: &Exact) -> Exact {
    let inverse = |a: &Exact| a.inverse().unwrap();
    let first = &(&(x * y) - &x.pow(3)) * &inverse(&(&(y * y) + &Exact::ratio(3, 2)));
    // The doubles 0.1 and 3.
    let tenth = Exact::from(Rational::try_from(0.1).unwrap());
    &(&first + &(&inverse(&x.pow(2)) * &tenth)) - &(&y.pow(4) * &Exact::ratio(1, 3))
}

fn is_in(value: &Exact, interval: Interval) -> bool {
    let exact = |x: f64| Rational::try_from(x).map(Exact::from);
    exact(interval.low()).is_ok_and(|low| low <= *value)
        && exact(interval.high()).is_ok_and(|high| *value <= high)
}

proptest! {
    #[test]
    fn exact_values_lie_in_intervals(p in 1i64..1000, q in 1i64..1000, r in -1000i64..1000, wide in 0.0..0.1f64) {
        let (x, y) = (Exact::ratio(p, q), Exact::ratio(r, 37));
        let exact = formula_exactly(&x, &y);
        let narrow = formula(Interval::exactly(&x), Interval::exactly(&y));
        prop_assert!(is_in(&exact, narrow), "{narrow:?}");
        let around = |x: &Exact| Interval::exactly(x) + Interval::new(-wide, wide / 3.0).unwrap();
        let result = formula(around(&x), around(&y));
        prop_assert!(!result.is_bounded() || is_in(&exact, result));
    }

    #[test]
    fn roots_square_back(p in 0i64..1000, q in 1i64..1000) {
        let x = Interval::exactly(&Exact::ratio(p, q));
        prop_assert!(is_in(&Exact::ratio(p, q), x.sqrt() * x.sqrt()));
    }
}

#[test]
fn exact_numbers_lie_between_neighbouring_doubles() {
    for text in ["1/3", "-19/10", "sqrt(2)", "1 - sqrt(5)", "10^300", "1/10^400"] {
        let value: Exact = text.parse().unwrap();
        let found = Interval::exactly(&value);
        assert!(is_in(&value, found) && found.low().next_up() >= found.high(), "{text} {found:?}");
    }
    let half = Interval::exactly(&Exact::ratio(-1, 2));
    assert_eq!((half.low(), half.high()), (-0.5, -0.5));
    assert_eq!(Interval::exactly(&"10^400".parse().unwrap()), Interval::ALL);
}

#[test]
fn what_is_not_known_is_the_whole_line() {
    let (across, nan) = (Interval::new(-1.0, 2.0).unwrap(), Interval::from(f64::NAN));
    for whole in [nan, across.sqrt(), Interval::from(1.0) / across, across.powi(-1), across.ln(), nan * 0.5] {
        assert_eq!(whole, Interval::ALL);
    }
    assert_eq!(across.powi(3), Interval::new(-1.0, 8.0).unwrap());
    assert_eq!(across.powi(2), Interval::new(0.0, 4.0).unwrap());
    assert!(across.leading().is_nan() && Interval::from(3.0).leading() == 3.0);
    // No number stands for the whole line where a slope is asked for.
    let root = Dual { value: across, slope: Interval::from(1.0) }.sqrt();
    assert_eq!(root.slope, Interval::ALL);
}

#[test]
fn empty_intervals_are_refused() {
    for (low, high) in [(1.0, 0.0), (f64::NAN, 1.0), (0.0, f64::NAN), (f64::INFINITY, f64::INFINITY)] {
        assert!(Interval::new(low, high).is_err());
    }
    let (a, b) = (Interval::new(0.0, 1.0).unwrap(), Interval::new(1.5, 2.0).unwrap());
    assert!(a.is_disjoint_from(&b) && a.is_below(&b) && a.intersection(&b).is_none());
    assert_eq!(a.hull(&b), Interval::new(0.0, 2.0).unwrap());
}
