//! The built-in problems as formulas are the same problems as the code written by hand.
#![allow(clippy::unwrap_used)] // a failed unwrap is a failed test

use shadowflow_methods::Rational;
use shadowflow_numerics::problems::DEFINITIONS;
use shadowflow_symbolic::{Request, Scheme, System};

const SEED: u64 = 1847;

/// Numbers between -2 and 2 (Steele, Lea & Flood 2014, SplitMix64).
fn random(state: &mut u64) -> f64 {
    *state = state.wrapping_add(0x9e37_79b9_7f4a_7c15);
    let mut z = *state;
    z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    4.0 * ((z ^ (z >> 31)) >> 11) as f64 / (1u64 << 53) as f64 - 2.0
}

#[test]
fn formulas_of_the_problems_are_their_fields_in_code() {
    let mut state = SEED;
    for definition in DEFINITIONS {
        let values: Vec<(String, Rational)> = definition
            .parameters
            .iter()
            .map(|(name, value)| ((*name).to_owned(), value.parse().unwrap()))
            .collect();
        let system = System::known(definition.name).unwrap().unwrap().with_values(&values).unwrap();
        assert!(system.parameters().is_empty(), "{}", definition.name);
        // The coefficient of h⁰ is the given equation: for objectives, minus the gradient as this crate derives it.
        let found = Request::new(Scheme::named("euler").unwrap(), 1).on(&system).unwrap();

        let dimension = definition.variables.len();
        let mut pairs = Vec::new();
        for _ in 0..20 {
            let x: Vec<f64> = (0..dimension).map(|_| random(&mut state)).collect();
            let mut by_hand = vec![f64::NAN; dimension];
            (definition.field)(&x, &mut by_hand);
            let at = |name: &str| x[definition.variables.iter().position(|v| *v == name).unwrap()];
            pairs.extend(found.field[0].iter().map(|f| f.eval(&at)).zip(by_hand));
        }
        // Both are the same function by some dozens of operations, in another order: about 1e-14 of the largest terms, which
        // the largest value met stands for; a single value may be small because its terms cancel.
        let largest = pairs.iter().map(|(_, by_hand)| by_hand.abs()).fold(0.0, f64::max);
        for (formula, by_hand) in pairs {
            assert!(
                (formula - by_hand).abs() <= 1e-12 * largest,
                "{}, seed {SEED}: {formula} by the formula, {by_hand} by hand, of values up to {largest}",
                definition.name
            );
        }
    }
}
