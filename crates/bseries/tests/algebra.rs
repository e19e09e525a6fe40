//! Laws of the algebra of B-series.

#![allow(clippy::unwrap_used)] // a failed unwrap is a failed test

use std::sync::Arc;

use proptest::prelude::*;
use shadowflow_bseries::{
    AlgebraError, BSeries, ColouredTrees, ParametricSeries, Series, SeriesKind, TreeTable, Trees,
};
use shadowflow_methods::{BigFloat, Coefficients, Exact, Method, ParametricMethod, RationalFunction, Ring};

fn plain(order: usize) -> Arc<Trees> {
    Arc::new(Trees::through(order).unwrap())
}

fn coloured(order: usize) -> Arc<ColouredTrees> {
    Arc::new(ColouredTrees::through(order, 2).unwrap())
}

fn named(trees: &Arc<Trees>, name: &str) -> BSeries<Exact> {
    let method = Method::named(name).unwrap();
    BSeries::runge_kutta(trees, &method.tableau().coefficients()).unwrap()
}

#[test]
fn weights_are_those_of_the_engine() {
    for name in ["rk4", "gauss4", "radau-iia-5"] {
        let weights = Series::weights(Method::named(name).unwrap().tableau(), 7).unwrap();
        assert_eq!(BSeries::from(&weights), named(&plain(7), name));
    }
}

#[test]
fn the_modifying_integrator_inverts_the_modified_equation() {
    // b⋆e = a and c⋆a = e, so c⋆b = f, the vector field itself, and b⋆c = f.
    let trees = plain(8);
    for name in ["midpoint", "rk4", "implicit-midpoint", "gauss4", "sdirk2"] {
        let tableau = Method::named(name).unwrap();
        let b = BSeries::from(&Series::modified(tableau.tableau(), 8).unwrap());
        let c = BSeries::from(&Series::modifying(tableau.tableau(), 8).unwrap());
        let f = BSeries::vector_field(&trees);
        assert_eq!(c.substituted_into(&b).unwrap(), f, "{name}");
        assert_eq!(b.substituted_into(&c).unwrap(), f, "{name}");
        assert_eq!(f.field_under(&b).unwrap(), c, "{name}");
    }
}

#[test]
fn sums_over_order_nine_by_substitution() {
    // The values that BSeries.jl tests, here by its own algorithm, the substitution law.
    let trees = plain(9);
    let (step, flow) = (named(&trees, "midpoint"), BSeries::exact_flow(&trees));
    let sum = |series: BSeries<Exact>| series.terms().fold(Exact::ZERO, |sum, (_, b)| &sum + b).to_string();
    assert_eq!(sum(step.field_under(&flow).unwrap()), "19063/26880");
    assert_eq!(sum(flow.field_under(&step).unwrap()), "5460293/241920");
}

#[test]
fn euler_forwards_then_backwards_is_trapezoidal_or_midpoint() {
    // GNI, §II.3 and VI.8: half steps of the Euler methods compose to the implicit midpoint rule and, in the other
    // order, to the trapezoidal rule.
    let trees = plain(8);
    let half = Exact::ratio(1, 2);
    let (explicit, implicit) =
        (named(&trees, "euler").rescaled(&half), named(&trees, "implicit-euler").rescaled(&half));
    assert_eq!(implicit.then(&explicit).unwrap(), named(&trees, "implicit-midpoint"));
    assert_eq!(explicit.then(&implicit).unwrap(), named(&trees, "trapezoidal"));
}

#[test]
fn two_steps_are_one_method_with_twice_the_stages() {
    // The tableau of a composition: the second method starts from the end of the first.
    let trees = plain(7);
    let (first, second) = (Method::named("heun").unwrap(), Method::named("sdirk2").unwrap());
    let (x, y) = (first.tableau().coefficients(), second.tableau().coefficients());
    let zeros = vec![Exact::ZERO; y.stages()];
    let upper = x.a.iter().map(|row| [row.clone(), zeros.clone()].concat());
    let lower = y.a.iter().map(|row| [x.b.clone(), row.clone()].concat());
    let joined = Coefficients { a: upper.chain(lower).collect(), b: [x.b.clone(), y.b.clone()].concat() };
    let composed = named(&trees, "heun").then(&named(&trees, "sdirk2")).unwrap();
    assert_eq!(composed, BSeries::runge_kutta(&trees, &joined).unwrap());
}

#[test]
fn floats_follow_the_exact_numbers() {
    let trees = plain(8);
    let rk4 = Method::named("rk4").unwrap().tableau().coefficients();
    let exact = BSeries::runge_kutta(&trees, &rk4).unwrap().logarithm().unwrap();
    let rounded = BSeries::runge_kutta(&trees, &rk4.map(Exact::to_f64)).unwrap().logarithm().unwrap();
    for ((_, x), (_, y)) in exact.terms().zip(rounded.terms()) {
        // A few dozen sums and products of numbers below 1.
        assert!((x.to_f64() - y).abs() < 1e-14);
    }
    let long = |x: &Exact| BigFloat::<256>::from_rational(x.as_rational().unwrap());
    let rounded = BSeries::runge_kutta(&trees, &rk4.map(long)).unwrap().logarithm().unwrap();
    for ((_, x), (_, y)) in exact.terms().zip(rounded.terms()) {
        assert!(long(x).minus(y).to_f64().abs() < 1e-75);
    }
}

#[test]
fn what_cannot_be_combined_is_refused() {
    use AlgebraError::*;
    let (five, six) = (plain(5), plain(6));
    let (flow, field) = (BSeries::<Exact>::exact_flow(&five), BSeries::<Exact>::vector_field(&five));
    assert_eq!(flow.then(&BSeries::exact_flow(&six)).unwrap_err(), OrdersDiffer { left: 5, right: 6 });
    assert!(matches!(field.then(&flow), Err(NotAStep { .. })));
    assert!(matches!(field.inverse(), Err(NotAStep { .. })));
    assert!(matches!(field.logarithm(), Err(NotAStep { .. })));
    assert!(matches!(flow.exponential(), Err(NotAField { .. })));
    assert!(matches!(field.commutator(&flow), Err(NotAField { .. })));
    assert!(matches!(flow.substituted_into(&flow), Err(NotAField { .. })));
    assert_eq!(flow.field_under(&field), Err(EmptyTreesDiffer));
    assert!(matches!(flow.field_under(&flow.rescaled(&Exact::from(2))), Err(Inconsistent { .. })));
    let in_colours = |colours| {
        let trees = Arc::new(ColouredTrees::through(4, colours).unwrap());
        BSeries::<Exact, _>::exact_flow(&trees)
    };
    assert_eq!(in_colours(2).then(&in_colours(3)).unwrap_err(), ColoursDiffer { left: 2, right: 3 });
}

/// A series with random small coefficients.
fn series<T: TreeTable>(trees: &Arc<T>, empty: i64, numbers: &[(i64, i64)]) -> BSeries<Exact, T> {
    let number = |k: usize| numbers[k % numbers.len()];
    BSeries::from_fn(trees, Exact::from(empty), |trees, tree| {
        let (numerator, denominator) = number(trees.index(tree));
        Exact::ratio(numerator, denominator)
    })
}

fn numbers() -> impl Strategy<Value = Vec<(i64, i64)>> {
    prop::collection::vec((-5i64..=5, 1i64..=4), 37)
}

/// The laws that hold for steps and fields of any kind.
fn laws<T: TreeTable>(trees: &Arc<T>, numbers: [&[(i64, i64)]; 3]) {
    let [a, b, c] = numbers.map(|numbers| series(trees, 1, numbers));
    let [x, y, z] = numbers.map(|numbers| series(trees, 0, numbers));
    let one = BSeries::identity(trees);

    // Steps are a group.
    assert_eq!(a.then(&b).unwrap().then(&c).unwrap(), a.then(&b.then(&c).unwrap()).unwrap());
    assert_eq!(a.then(&a.inverse().unwrap()).unwrap(), one);
    assert_eq!(a.inverse().unwrap().then(&a).unwrap(), one);
    assert_eq!(a.then(&one).unwrap(), a);
    // The adjoint is an involution, and reverses composition.
    assert_eq!(a.adjoint().unwrap().adjoint().unwrap(), a);
    let reversed = b.adjoint().unwrap().then(&a.adjoint().unwrap()).unwrap();
    assert_eq!(a.then(&b).unwrap().adjoint().unwrap(), reversed);

    // Exponential and logarithm undo each other, and time runs along them.
    assert_eq!(a.logarithm().unwrap().exponential().unwrap(), a);
    assert_eq!(x.exponential().unwrap().logarithm().unwrap(), x);
    let twice = x.times(&Exact::from(2)).exponential().unwrap();
    let once = x.exponential().unwrap();
    assert_eq!(once.then(&once).unwrap(), twice);

    // Fields are a Lie algebra.
    let bracket = |x: &BSeries<Exact, T>, y: &BSeries<Exact, T>| x.commutator(y).unwrap();
    let zero = x.minus(&x).unwrap();
    assert_eq!(bracket(&x, &y).plus(&bracket(&y, &x)).unwrap(), zero);
    let cyclic = bracket(&x, &bracket(&y, &z))
        .plus(&bracket(&y, &bracket(&z, &x)))
        .and_then(|sum| sum.plus(&bracket(&z, &bracket(&x, &y))));
    assert_eq!(cyclic.unwrap(), zero);
    // D_[x,y] = D_x D_y - D_y D_x, on steps too.
    let along = |series: &BSeries<Exact, T>, field: &BSeries<Exact, T>| series.lie_derivative(field).unwrap();
    let difference = along(&along(&a, &y), &x).minus(&along(&along(&a, &x), &y)).unwrap();
    assert_eq!(along(&a, &bracket(&x, &y)), difference);
    // The field carried along its own flow is itself; d/dτ of the flow is the Lie derivative of the identity.
    assert_eq!(once.then(&x).unwrap(), along(&once, &x));
    assert_eq!(along(&one, &x), x);
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 12, ..ProptestConfig::default() })]

    #[test]
    fn steps_are_a_group_and_fields_a_lie_algebra(x in numbers(), y in numbers(), z in numbers()) {
        laws(&plain(6), [&x, &y, &z]);
        laws(&coloured(4), [&x, &y, &z]);
    }

    #[test]
    fn substitution_acts_by_homomorphisms(x in numbers(), y in numbers(), z in numbers()) {
        let trees = plain(6);
        let [a, b] = [&x, &y].map(|numbers| series(&trees, 1, numbers));
        let [u, v] = [&y, &z].map(|numbers| series(&trees, 0, numbers));
        let into = |field: &BSeries<Exact>, series: &BSeries<Exact>| field.substituted_into(series).unwrap();
        // v⋆(u⋆a) = (v⋆u)⋆a; a substituted field respects composition and the commutator.
        prop_assert_eq!(into(&v, &into(&u, &a)), into(&into(&v, &u), &a));
        prop_assert_eq!(into(&v, &a.then(&b).unwrap()), into(&v, &a).then(&into(&v, &b)).unwrap());
        let f = BSeries::vector_field(&trees);
        prop_assert_eq!(into(&f, &a), a.clone());
        prop_assert_eq!(into(&u, &f), u.clone());
        prop_assert_eq!(into(&v, &u.commutator(&f).unwrap()), into(&v, &u).commutator(&v).unwrap());
        // The exact flow of a field is its exponential.
        prop_assert_eq!(into(&u, &BSeries::exact_flow(&trees)), u.exponential().unwrap());
    }
}

#[test]
fn families_keep_their_parameters() {
    let trees = plain(5);
    for (name, parameter, member) in
        [("rk2(c2)", "c2", "rk2(c2=2/7)"), ("theta(theta)", "theta", "theta(theta=2/7)")]
    {
        let family = ParametricMethod::named(name).unwrap();
        let step = BSeries::runge_kutta(&trees, family.coefficients()).unwrap();
        let here = |series: BSeries<RationalFunction>| {
            series.map(|b| b.evaluate(&[(parameter, Exact::ratio(2, 7))]).unwrap())
        };
        let (member, flow) = (named(&trees, member), BSeries::exact_flow(&trees));
        assert_eq!(here(step.logarithm().unwrap()), member.logarithm().unwrap());
        assert_eq!(here(step.adjoint().unwrap()), member.adjoint().unwrap());
        assert_eq!(
            here(flow.field_under(&step).unwrap()),
            BSeries::exact_flow(&trees).field_under(&member).unwrap()
        );
        // And by N steps in the same ring.
        let series = ParametricSeries::new(SeriesKind::Modified, family.coefficients(), 5).unwrap();
        let modified = step.logarithm().unwrap();
        assert!(series.terms().all(|(tree, b)| b == modified.coefficient(tree)), "{name}");
    }
}

#[test]
fn the_ring_can_be_anything() {
    // Dual numbers x + y·ε with ε² = 0: the derivative of b with respect to a parameter comes along.
    #[derive(Clone, Debug, PartialEq)]
    struct Dual(Exact, Exact);
    impl Ring for Dual {
        fn from_rational(value: &shadowflow_methods::Rational) -> Dual {
            Dual(value.clone().into(), Exact::ZERO)
        }
        fn is_zero(&self) -> bool {
            self.0.is_zero() && self.1.is_zero()
        }
        fn plus(&self, other: &Dual) -> Dual {
            Dual(&self.0 + &other.0, &self.1 + &other.1)
        }
        fn minus(&self, other: &Dual) -> Dual {
            Dual(&self.0 - &other.0, &self.1 - &other.1)
        }
        fn times(&self, other: &Dual) -> Dual {
            Dual(&self.0 * &other.0, &(&self.0 * &other.1) + &(&self.1 * &other.0))
        }
    }
    // The θ-method at θ = 1/2 + ε: b([1,2]) = θ - 1/2.
    let trees = plain(3);
    let theta = Dual(Exact::ratio(1, 2), Exact::ONE);
    let method = Coefficients { a: vec![vec![theta]], b: vec![Dual::one()] };
    let modified = BSeries::runge_kutta(&trees, &method).unwrap().logarithm().unwrap();
    let leading = modified.coefficient(trees.find(&[1, 2]).unwrap());
    assert_eq!(leading, &Dual(Exact::ZERO, Exact::ONE));
}
