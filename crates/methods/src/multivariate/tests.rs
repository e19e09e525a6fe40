use super::*;
use proptest::prelude::*;

fn small() -> impl Strategy<Value = MultivariatePolynomial> {
    prop::collection::vec((-5i64..=5, 0u32..3, 0u32..3, 0u32..2), 1..6).prop_map(|terms| {
        let names = ["x", "y", "z"].map(MultivariatePolynomial::variable);
        terms.into_iter().fold(MultivariatePolynomial::from(0), |sum, (c, i, j, k)| {
            let powers = names[0].pow(i).times(&names[1].pow(j)).times(&names[2].pow(k));
            sum.plus(&powers.scaled(&c.into()))
        })
    })
}

proptest! {
    #[test]
    fn polynomials_form_a_ring(x in small(), y in small(), z in small()) {
        prop_assert_eq!(x.plus(&y).times(&z), x.times(&z).plus(&y.times(&z)));
        prop_assert_eq!(x.times(&y), y.times(&x));
        prop_assert!(x.minus(&x).is_zero());
        if !y.is_zero() {
            prop_assert_eq!(x.times(&y).divided_by(&y), Some(x.clone()));
        }
    }

    #[test]
    fn the_gcd_divides_and_is_greatest(x in small(), y in small(), common in small()) {
        prop_assume!(!x.is_zero() && !y.is_zero() && !common.is_zero());
        let (left, right) = (x.times(&common), y.times(&common));
        let gcd = left.gcd(&right);
        let (a, b) = (left.divided_by(&gcd), right.divided_by(&gcd));
        prop_assert!(a.is_some() && b.is_some() && gcd.divided_by(&common).is_some());
        prop_assert!(a.unwrap().gcd(&b.unwrap()).is_one());
    }

    #[test]
    fn derivatives_obey_the_product_rule(x in small(), y in small()) {
        let slope = x.times(&y).derivative("x");
        prop_assert_eq!(slope, x.derivative("x").times(&y).plus(&x.times(&y.derivative("x"))));
    }

    #[test]
    fn values_are_those_of_the_terms(x in small(), y in small(), at in prop::array::uniform3(-4i64..4)) {
        let value = |p: &MultivariatePolynomial| {
            let place = |name: &str| ["x", "y", "z"].iter().position(|n| *n == name);
            p.evaluate(&|name| place(name).map(|k| Exact::from(at[k]))).unwrap()
        };
        prop_assert_eq!(value(&x.times(&y)), &value(&x) * &value(&y));
        prop_assert_eq!(value(&x.plus(&y)), &value(&x) + &value(&y));
    }

    #[test]
    fn pseudo_remainders_vanish_on_multiples(x in small(), y in small()) {
        prop_assume!(y.degree_in("x") > 0);
        prop_assert!(x.times(&y).pseudo_remainder_in(&y, "x").is_zero());
        prop_assert!(x.pseudo_remainder_in(&y, "x").degree_in("x") < y.degree_in("x"));
    }
}

#[test]
fn text_is_what_one_would_write() {
    let (c2, c3) = (MultivariatePolynomial::variable("c2"), MultivariatePolynomial::variable("c3"));
    let p = c2.pow(2).times(&c3).scaled(&3.into()).minus(&c3).minus(&2.into());
    assert_eq!(p.to_string(), "3*c2^2*c3 - c3 - 2");
    assert_eq!(p.to_latex(), "3c_{2}^{2}c_{3}-c_{3}-2");
    assert_eq!(MultivariatePolynomial::variable("theta").negated().to_latex(), "-\\theta");
    assert_eq!(MultivariatePolynomial::from(0).to_string(), "0");
}

#[test]
fn a_value_is_missed_by_name() {
    let p = MultivariatePolynomial::variable("c2").plus(&MultivariatePolynomial::variable("c3"));
    assert_eq!(p.evaluate(&|name| (name == "c2").then_some(Exact::ONE)), Err("c3"));
}
