use super::*;
use shadowflow_methods::{Exact, Method, ParametricMethod};

fn answer(shape: Shape, stages: usize, accuracy: usize, gradient_order: usize) -> Answer {
    Search::new(shape, stages, accuracy, gradient_order).unwrap().run(None, &|| false).unwrap()
}

/// The dimensions of the solutions, all members checked against what was asked for.
fn dimensions(shape: Shape, stages: usize, accuracy: usize, gradient_order: usize) -> Vec<usize> {
    let answer = answer(shape, stages, accuracy, gradient_order);
    assert!(matches!(answer.verdict(), Verdict::Found | Verdict::NoneExists));
    for member in answer.solutions().flat_map(|solution| &solution.members) {
        assert!(
            member.accuracy as usize >= accuracy && member.gradient_order >= gradient_order,
            "{member:?}"
        );
    }
    answer.solutions().map(Solution::dimension).collect()
}

#[test]
fn explicit_tableaus() {
    // Two stages: the one with c₂ = 1/3 among those of order 2, and no other gets further.
    assert_eq!(dimensions(Shape::Explicit, 2, 2, 3), [0]);
    assert_eq!(dimensions(Shape::Explicit, 2, 1, 3), [1]);
    assert_eq!(dimensions(Shape::Explicit, 2, 1, 4), []);
    assert_eq!(dimensions(Shape::Explicit, 3, 2, 4), [1]);
    assert_eq!(dimensions(Shape::Explicit, 3, 3, 4), []);
    assert_eq!(dimensions(Shape::Explicit, 3, 1, 5), []);
    assert_eq!(dimensions(Shape::Explicit, 4, 4, 5), []);
    assert_eq!(dimensions(Shape::Explicit, 4, 3, 5), []);
}

#[test]
fn implicit_tableaus() {
    assert_eq!(dimensions(Shape::Implicit, 1, 1, 3), []);
    assert_eq!(dimensions(Shape::Implicit, 2, 2, 4), [1]);
    assert_eq!(dimensions(Shape::Implicit, 2, 1, 5), []);
    assert_eq!(dimensions(Shape::DiagonallyImplicit, 2, 2, 4), [0]);
    assert_eq!(dimensions(Shape::Symmetric, 2, 1, 3), [1]);
    assert_eq!(dimensions(Shape::Symmetric, 2, 1, 5), []);
    // Gauss of order 6, and one of order 2 with equal weights.
    assert_eq!(dimensions(Shape::Symmetric, 3, 1, 6), [0, 0]);
    assert_eq!(dimensions(Shape::Symmetric, 3, 1, 7), []);
}

#[test]
fn third_order_with_two_stages_is_gauss() {
    let answer = answer(Shape::Implicit, 2, 3, 4);
    let gauss = Method::named("gauss4").unwrap();
    let members: Vec<_> = answer.solutions().flat_map(|s| &s.members).collect();
    // With its stages in either order.
    assert_eq!(members.len(), 2);
    assert!(members.iter().any(|m| m.tableau.coefficients() == gauss.tableau().coefficients()));
    assert!(members.iter().all(|m| m.root.as_ref().unwrap().polynomial.to_string() == "6*c1^2 - 6*c1 + 1"));
}

#[test]
fn the_nodes_of_three_stages_lie_on_a_curve() {
    let answer = answer(Shape::Explicit, 3, 2, 4);
    let c = answer.solutions().next().unwrap().tableau.c();
    // 6c₂c₃ - 2c₂ - 2c₃ + 1 = 0
    let number = RationalFunction::from;
    let curve =
        number(6).times(&c[1]).times(&c[2]).minus(&number(2).times(&c[1].plus(&c[2]))).plus(&number(1));
    assert!(curve.is_zero());
}

#[test]
fn no_solution_is_lost_and_none_counted_twice() {
    // Random unknowns chosen to satisfy the one condition of gradient order 3, b₂(a₂₁c₁ …) being linear in a₂₁.
    let answer = answer(Shape::DiagonallyImplicit, 2, 1, 3);
    for (n, d) in [(1, 2), (-2, 3), (5, 4), (0, 1)] {
        let fixed = [("b2", Exact::ratio(1, 3)), ("c1", Exact::ratio(n, d)), ("c2", Exact::ratio(3, 7))];
        let [condition] = &answer.conditions[..] else { panic!("one condition") };
        let special =
            fixed.iter().fold(RationalFunction::from(condition.polynomial.clone()), |p, (name, value)| {
                p.substituted(name, &value.to_string().parse().unwrap()).unwrap()
            });
        let coefficients = special.numerator().coefficients_in("a21");
        let number = |k: usize| {
            Exact::from(shadowflow_methods::Rational::from(coefficients[k].as_constant().unwrap()))
        };
        let a21 = (-&number(0)).checked_div(&number(1)).unwrap();
        let mut values = fixed.to_vec();
        values.push(("a21", a21));
        let wanted = Search::new(Shape::DiagonallyImplicit, 2, 1, 3).unwrap();
        let wanted = wanted.general().map(|entry| entry.evaluate(&values).unwrap());
        let lookup = |name: &str| values.iter().find(|(n, _)| *n == name).map(|(_, value)| value.clone());
        let holds = |solution: &&Solution| {
            let zero = |p: &MultivariatePolynomial| p.evaluate(&lookup).unwrap().is_zero();
            solution.relations.iter().all(zero)
                && !solution.exceptions.iter().any(zero)
                && solution.tableau.map(|entry| entry.evaluate(&values).ok())
                    == wanted.map(|entry| Some(entry.clone()))
        };
        assert_eq!(answer.solutions().filter(holds).count(), 1, "c1 = {n}/{d}");
    }
}

#[test]
fn a_known_family_solves_its_own_conditions() {
    // rk3(c2,c3) has order 3, so it satisfies every condition through gradient order 3 identically.
    let rk3 = ParametricMethod::named("rk3").unwrap();
    let c = rk3.coefficients().c();
    let search = Search::new(Shape::Explicit, 3, 3, 3).unwrap();
    for condition in search.conditions().unwrap() {
        let values = [
            ("a32", &rk3.coefficients().a[2][1]),
            ("b2", &rk3.coefficients().b[1]),
            ("b3", &rk3.coefficients().b[2]),
        ];
        let value = values.iter().fold(RationalFunction::from(condition.polynomial), |p, (name, value)| {
            p.substituted(name, value).unwrap()
        });
        assert!(value.is_zero());
        assert_eq!((c[1].to_string(), c[2].to_string()), ("c2".to_owned(), "c3".to_owned()));
    }
}

#[test]
fn what_is_not_reached_is_undecided() {
    let search = Search::new(Shape::Explicit, 3, 2, 4).unwrap();
    let cancelled = search.run(None, &|| true).unwrap();
    assert_eq!(cancelled.verdict(), Verdict::Undecided);
    let late = search.run(Some(Duration::ZERO), &|| false).unwrap();
    assert_eq!(late.verdict(), Verdict::Undecided);
}

#[test]
fn questions_out_of_reach_are_refused() {
    let fails = |shape, stages, accuracy, order| Search::new(shape, stages, accuracy, order).unwrap_err();
    assert!(matches!(fails(Shape::Explicit, 0, 1, 2), SearchError::Stages { .. }));
    assert!(matches!(fails(Shape::Implicit, 3, 1, 2), SearchError::Stages { limit: 2, .. }));
    assert!(matches!(fails(Shape::Explicit, 4, 1, 6), SearchError::GradientOrder { limit: 5, .. }));
    assert!(matches!(fails(Shape::Explicit, 2, 3, 2), SearchError::Accuracy { .. }));
    assert!(matches!(fails(Shape::Explicit, 2, 0, 2), SearchError::Accuracy { .. }));
}
