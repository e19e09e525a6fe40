//! Bounds on exp, ln, sin, cos, tan and tanh against digits computed elsewhere, and by their laws.

use super::*;
use proptest::prelude::*;

const FUNCTIONS: [fn(Interval) -> Interval; 6] =
    [Scalar::exp, Scalar::ln, Scalar::sin, Scalar::cos, Scalar::tan, Scalar::tanh];

/// x and the doubles next below exp x, ln x, sin x, cos x, tan x and tanh x, NaN where there is none: by mpmath 1.3.0
/// in 4000 binary digits. None of the numbers is a double. The one near 5·10²⁵⁵ is the double nearest to an odd
/// multiple of π/2 (Muller, *Elementary Functions*, 2016, chapter 11).
// Digits of a table, among them some that constants have.
#[allow(clippy::approx_constant)]
#[rustfmt::skip]
const BELOW: &[(f64, [f64; 6])] = &[
    (0.1, [1.1051709180756475, -2.302585092994046, 0.09983341664682815, 0.9950041652780257, 0.10033467208545055, 0.09966799462495582]),
    (-1e-10, [0.9999999999, f64::NAN, -1e-10, 0.9999999999999999, -1.0000000000000002e-10, -1e-10]),
    (0.7853981633974483, [2.1932800507380152, -0.2415644752704905, 0.7071067811865475, 0.7071067811865475, 0.9999999999999999, 0.6557942026326724]),
    (1.5707963267948966, [4.8104773809653505, 0.4515827052894548, 0.9999999999999999, 6.123233995736765e-17, 1.6331239353195368e16, 0.9171523356672743]),
    (3.141592653589793, [23.140692632779263, 1.1447298858494, 1.224646799147353e-16, -1.0, -1.2246467991473532e-16, 0.9962720762207499]),
    (22.0, [3584912846.1315913, 3.0910424533583156, -0.008851309290403876, -0.9999608263946372, 0.008851656041684459, 0.9999999999999999]),
    (1e22, [f64::MAX, 50.656872045869, -0.8522008497671889, 0.5232147853951389, -1.628778225606899, 0.9999999999999999]),
    (1.7976931348623157e308, [f64::MAX, 709.782712893384, 0.004961954789184061, -0.99998768942656, -0.004962015874444895, 0.9999999999999999]),
    (5e-324, [1.0, -744.4400719213813, 0.0, 0.9999999999999999, 5e-324, 0.0]),
    (2.2250738585072014e-308, [1.0, -708.3964185322642, 2.225073858507201e-308, 0.9999999999999999, 2.2250738585072014e-308, 2.225073858507201e-308]),
    (-2.5, [0.08208499862389879, f64::NAN, -0.5984721441039565, -0.8011436155469338, 0.7470222972386602, -0.9866142981514303]),
    (-100.25, [2.8971980832101474e-44, f64::NAN, 0.2772828564548513, 0.9607883312760611, 0.2885993172779075, -1.0]),
    (5.319372648326541e255, [f64::MAX, 588.8305540866347, 0.9999999999999999, -4.687165924254628e-19, -2.133485385753704e18, 0.9999999999999999]),
    (0.3465735902799726, [1.414213562373095, -1.05966010114161, 0.33967712510266845, 0.9405421046832438, 0.3611503657426002, 0.33333333333333326]),
    (709.7, [1.6549840276802642e308, 6.564842345530937, -0.2954626101228437, 0.955354303920486, -0.3092701931737306, 0.9999999999999999]),
    (-745.0, [0.0, f64::NAN, 0.4282371511522794, -0.9036663888697974, -0.47388854606827807, -1.0]),
    (-708.5, [2.0061323053313055e-308, f64::NAN, 0.9974907201368393, 0.07079733922182135, 14.089381481011786, -1.0]),
    (1.0000000000000002, [2.7182818284590455, 2.2204460492503128e-16, 0.8414709848078966, 0.5403023058681394, 1.557407724654903, 0.761594155955765]),
    (0.9999999999999999, [2.7182818284590446, -1.1102230246251568e-16, 0.8414709848078964, 0.5403023058681398, 1.5574077246549018, 0.7615941559557647]),
    (1.4142135623730951, [4.1132503787829275, 0.3465735902799727, 0.9877659459927355, 0.15594369476537437, 6.3341191670421955, 0.8883855615856605]),
    (19.0, [178482300.96318725, 2.9444389791664403, 0.14987720966295232, 0.9887046181866692, 0.15158947061240005, 0.9999999999999999]),
];

/// How many doubles lie between two, ends included, less one.
fn steps(interval: Interval) -> i64 {
    let order = |x: f64| {
        let bits = x.to_bits() as i64;
        if bits < 0 { i64::MIN - bits } else { bits }
    };
    order(interval.high()) - order(interval.low())
}

#[test]
fn values_lie_in_bounds_that_are_at_most_three_doubles_apart() {
    for (x, below) in BELOW {
        for (function, below) in FUNCTIONS.iter().zip(below) {
            let found = function(Interval::from(*x));
            if below.is_nan() {
                assert_eq!(found, Interval::ALL, "{x:e}");
            } else {
                let holds = found.low() <= *below && found.high() >= below.next_up();
                assert!(holds && steps(found) <= 3, "{x:e}: {found:?}, not {below:e}");
            }
        }
    }
}

#[test]
fn what_is_exact_stays_so() {
    let [zero, one] = [0.0, 1.0].map(Interval::from);
    assert_eq!((zero.exp(), one.ln(), zero.sin(), zero.tan(), zero.tanh()), (one, zero, zero, zero, zero));
    assert_eq!(zero.cos(), one);
    // 3⁴⁰ is no double, 3³³ is.
    let three = Interval::from(3.0);
    assert_eq!(three.powi(33), Interval::from(5_559_060_566_555_523.0));
    assert_eq!(three.powi(40).low().next_up(), three.powi(40).high());
    for (square, root) in [(0.0, 0.0), (2.25, 1.5), (1e22, 1e11), (f64::from_bits(4), 2f64.powi(-536))] {
        assert_eq!(Interval::from(square).sqrt(), Interval::from(root));
    }
    assert_eq!(Interval::from(4.0).powi(-1), Interval::from(0.25));
    assert_eq!(steps(Interval::from(2.0).sqrt()), 1);
    assert_eq!(steps(Interval::from(1.0) / three), 1);
}

#[test]
fn ends_of_the_line() {
    let between = |low, high| Interval::new(low, high).unwrap();
    let (all, unit) = (Interval::ALL, between(-1.0, 1.0));
    assert_eq!((all.exp().low(), all.exp().high()), (0.0, f64::INFINITY));
    assert_eq!((all.sin(), all.cos(), all.tanh(), all.ln(), all.tan()), (unit, unit, unit, all, all));
    let beyond = between(1.0, f64::INFINITY);
    assert_eq!((beyond.ln().low(), beyond.ln().high()), (0.0, f64::INFINITY));
    assert!(beyond.tanh().high() == 1.0 && beyond.tanh().low() > 0.76);
    assert_eq!(between(0.0, 1.0).ln(), all);
    // e⁷¹⁰ and e⁻⁷⁴⁶ are no doubles.
    assert_eq!(Interval::from(710.0).exp(), between(f64::MAX, f64::INFINITY));
    assert_eq!(Interval::from(-746.0).exp(), between(0.0, f64::from_bits(1)));
    // The largest double is below e^709.7828, and far above e^709.78.
    assert_eq!(Interval::from(709.7828).exp().high(), f64::INFINITY);
    assert!(Interval::from(709.78).exp().is_bounded());
    assert_eq!(Interval::from(1e200).powi(2), between(f64::MAX, f64::INFINITY));
    assert_eq!(between(-1e200, 1e200).powi(3), all);
    assert_eq!(between(-3.0, 1.0).powi(2), between(0.0, 9.0));
}

#[test]
fn crests_troughs_and_poles_are_seen() {
    let between = |low, high| Interval::new(low, high).unwrap();
    for (low, high, trough, crest) in [
        (1.0, 2.0, false, true),
        (2.0, 4.0, false, false),
        (4.0, 5.0, true, false),
        (-5.0, -4.0, false, true),
        (-1.0, 1.0, false, false),
        (-2.0, 2.0, true, true),
        (1.6, 7.8, true, false),
        (1.6, 7.9, true, true),
        (1.5, 1.6, false, true),
        (0.1, 6.4, true, true),
    ] {
        let sine = between(low, high).sin();
        assert_eq!((sine.low() == -1.0, sine.high() == 1.0), (trough, crest), "{low} {high} {sine:?}");
    }
    assert_eq!(between(-0.1, 0.2).cos().high(), 1.0);
    assert!(between(0.1, 0.2).cos().high() < 1.0);
    assert_eq!(between(3.0, 3.2).cos().low(), -1.0);
    // Poles at ±π/2; between them the tangent increases.
    assert_eq!(between(1.5, 1.6).tan(), Interval::ALL);
    assert_eq!(between(-1.6, 1.5).tan(), Interval::ALL);
    assert_eq!(between(1.6, 4.8).tan(), Interval::ALL);
    let tangent = between(-1.5, 1.5).tan();
    assert!(tangent.high() > 14.1 && tangent.high() < 14.102 && tangent.low() == -tangent.high());
    // Neighbouring doubles around 10²² are 2 million apart.
    assert_eq!(between(1e22, 1e22f64.next_up()).sin(), between(-1.0, 1.0));
}

/// Numbers of every size and both signs.
fn any_size() -> impl Strategy<Value = f64> {
    (0.1..1.0f64, -320i32..309, any::<bool>()).prop_map(|(m, p, negative)| {
        let x = m * 10f64.powi(p.max(-300)) * 10f64.powi(p.min(-300) + 300);
        if negative { -x } else { x }
    })
}

proptest! {
    /// The functions of doubles, which err by less than two units in the last place where they are good; powers by
    /// repeated multiplication in exact arithmetic are tested beside `Fine`.
    #[test]
    fn bounds_are_narrow_and_hold_what_doubles_say(x in any_size(), y in -30.0..30.0f64) {
        let plain: [fn(f64) -> f64; 6] = [f64::exp, f64::ln, f64::sin, f64::cos, f64::tan, f64::tanh];
        for x in [x, y] {
            for (function, plain) in FUNCTIONS.iter().zip(plain) {
                let (found, near) = (function(Interval::from(x)), plain(x));
                if near.is_nan() {
                    prop_assert_eq!(found, Interval::ALL);
                    continue;
                }
                prop_assert!(steps(found) <= 3, "{x:e}: {found:?}");
                let apart = found.hull(&Interval::between(near.clamp(f64::MIN, f64::MAX), f64::MAX.min(near)));
                prop_assert!(steps(apart) <= 5, "{x:e}: {found:?} {near:e}");
            }
        }
    }

    /// Parts of an interval have bounds within those of the whole, or a double beyond: a number that lies nearer to a double
    /// than its bounds has one more.
    #[test]
    fn bounds_of_parts_lie_in_bounds_of_the_whole(x in any_size(), w in 0.0..7.0f64, p in 0.0..1.0f64, y in -9.0..9.0f64) {
        let others: [fn(Interval) -> Interval; 4] =
            [|x| x.powi(3), |x| x.powi(4), |x| x.powi(-2), Scalar::sqrt];
        for (x, width) in [(x, w * x.abs()), (y, w)] {
            let whole = Interval::between(x, x + width);
            let point = (x + p * width).clamp(whole.low(), whole.high());
            let part = Interval::between(x, point);
            for function in FUNCTIONS.iter().chain(&others) {
                let (outer, inner, at) = (function(whole), function(part), function(Interval::from(point)));
                let outer = Interval::between(outer.low().next_down(), outer.high().next_up());
                prop_assert!(outer.hull(&inner) == outer && outer.hull(&at) == outer, "{whole:?} {inner:?} {at:?}");
            }
        }
    }

    /// Where an identity holds of numbers, both sides have the number in them.
    #[test]
    fn identities_meet(x in -20.0..20.0f64, y in -3.0..3.0f64) {
        let (a, b) = (Interval::from(x), Interval::from(y));
        let meet = |left: Interval, right: Interval| !left.is_disjoint_from(&right) && left.width() < 1e-12 * (1.0 + left.largest());
        prop_assert!(meet(a.sin() * a.sin() + a.cos() * a.cos(), Interval::from(1.0)));
        prop_assert!(meet((a + b).sin(), a.sin() * b.cos() + a.cos() * b.sin()));
        prop_assert!(meet(a.exp() * b.exp(), (a + b).exp()));
        prop_assert!(meet(a.exp().ln(), a));
        prop_assert!(meet((a * 2.0).tanh() * (a.tanh().powi(2) + 1.0), a.tanh() * 2.0));
        // tan 2x (1 - tan² x) = 2 tan x, away from poles.
        let tangent = b.tan();
        if tangent.largest() < 30.0 && (b * 2.0).tan().largest() < 30.0 {
            prop_assert!(!((b * 2.0).tan() * (-tangent.powi(2) + 1.0)).is_disjoint_from(&(tangent * 2.0)));
        }
    }
}
