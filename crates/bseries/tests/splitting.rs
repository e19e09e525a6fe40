//! Splitting methods against Baker, Campbell and Hausdorff, and shuffled gradient descent against all of its orders.

#![allow(clippy::unwrap_used)] // a failed unwrap is a failed test

use std::sync::Arc;

use shadowflow_bseries::{AlgebraError, BSeries, ColouredTrees, PartitionedCoefficients, TreeTable};
use shadowflow_methods::{Coefficients, Exact, Method};

type Split = BSeries<Exact, ColouredTrees>;

fn in_colours(order: usize, colours: usize) -> Arc<ColouredTrees> {
    Arc::new(ColouredTrees::through(order, colours).unwrap())
}

/// The field of one part.
fn part(trees: &Arc<ColouredTrees>, colour: usize) -> Split {
    BSeries::from_fn(trees, Exact::ZERO, |trees, t| {
        let own = trees.vertices(t) == 1 && trees.root_colour(t) == colour;
        if own { Exact::ONE } else { Exact::ZERO }
    })
}

#[test]
fn flows_of_a_part_are_its_exponentials() {
    let trees = in_colours(4, 3);
    for colour in 0..3 {
        let fraction = Exact::ratio(-2, 5);
        let flow = BSeries::splitting(&trees, &[(colour, fraction.clone())]).unwrap();
        assert_eq!(flow, part(&trees, colour).times(&fraction).exponential().unwrap());
    }
    let expected = AlgebraError::NoSuchColour { colour: 3, colours: 3 };
    assert_eq!(BSeries::splitting(&trees, &[(0, Exact::ONE), (3, Exact::ONE)]), Err(expected));
    assert_eq!(BSeries::<Exact, _>::splitting(&trees, &[]).unwrap(), BSeries::identity(&trees));
}

#[test]
fn lie_trotter_follows_baker_campbell_and_hausdorff() {
    // The flow of X first: log = X + Y + ½[X,Y] + 1/12 [X,[X,Y]] + 1/12 [Y,[Y,X]] - 1/24 [Y,[X,[X,Y]]] + … with the bracket
    // Y'X - X'Y (GNI, §III.4).
    let trees = in_colours(4, 2);
    let (x, y) = (part(&trees, 0), part(&trees, 1));
    let bracket = |x: &Split, y: &Split| x.commutator(y).unwrap();
    let (xy, yx) = (bracket(&x, &y), bracket(&y, &x));
    let terms = [
        (x.clone(), (1, 1)),
        (y.clone(), (1, 1)),
        (xy.clone(), (1, 2)),
        (bracket(&x, &xy), (1, 12)),
        (bracket(&y, &yx), (1, 12)),
        (bracket(&y, &bracket(&x, &xy)), (-1, 24)),
    ];
    let zero = x.minus(&x).unwrap();
    let expected = terms.iter().fold(zero, |sum, (term, (numerator, denominator))| {
        sum.plus(&term.times(&Exact::ratio(*numerator, *denominator))).unwrap()
    });
    assert_eq!(Split::lie_trotter(&trees).logarithm().unwrap(), expected);
}

#[test]
fn lie_trotter_on_an_affine_equation() {
    // ẋ = 1 and ẋ = x: the step e^h(x + h) is that of ẋ = x + h e^h/(e^h - 1), in which 1 = f has Bernoulli's numbers.
    let trees = in_colours(5, 2);
    let field = Split::lie_trotter(&trees).logarithm().unwrap();
    let bernoulli = [(1, 1), (1, 2), (1, 12), (0, 1), (-1, 720)];
    for (n, (numerator, denominator)) in (1..=5u8).zip(bernoulli) {
        let levels: Vec<u8> = (1..=n).collect();
        let colours: Vec<u8> = (1..=n).map(|k| u8::from(k < n)).collect();
        let tree = trees.find(&levels, &colours).unwrap();
        assert_eq!(field.coefficient(tree), &Exact::ratio(numerator, denominator));
    }
}

#[test]
fn strang_is_symmetric_and_lie_trotter_is_turned_around() {
    for (order, colours) in [(5, 1), (5, 2), (4, 3)] {
        let trees = in_colours(order, colours);
        let (strang, flow) = (Split::strang(&trees), BSeries::exact_flow(&trees));
        assert_eq!(strang.adjoint().unwrap(), strang);
        let halves: Vec<_> = (0..colours).map(|colour| (colour, Exact::ratio(1, 2))).collect();
        let there = BSeries::splitting(&trees, &halves).unwrap();
        let back: Vec<_> = halves.iter().rev().cloned().collect();
        let back = BSeries::splitting(&trees, &back).unwrap();
        assert_eq!(there.then(&back).unwrap(), strang);
        let whole: Vec<_> = (0..colours).rev().map(|colour| (colour, Exact::ONE)).collect();
        let turned = BSeries::splitting(&trees, &whole).unwrap();
        assert_eq!(Split::lie_trotter(&trees).adjoint().unwrap(), turned);
        let through =
            |n: usize, step: &Split| trees.of_order(n).all(|t| step.coefficient(t) == flow.coefficient(t));
        assert!(through(2, &strang) && through(3, &strang) == (colours == 1));
    }
}

/// Explicit Euler steps, one with each part, in this order: stage k sees what the parts before it did.
fn in_order(trees: &Arc<ColouredTrees>, order: &[usize]) -> Split {
    let ratio = |one: bool| if one { Exact::ONE } else { Exact::ZERO };
    let stages = 0..order.len();
    let part = |colour: usize| Coefficients {
        a: stages
            .clone()
            .map(|i| stages.clone().map(|j| ratio(j < i && order[j] == colour)).collect())
            .collect(),
        b: stages.clone().map(|j| ratio(order[j] == colour)).collect(),
    };
    let method = PartitionedCoefficients::new(stages.clone().map(part).collect()).unwrap();
    BSeries::partitioned(trees, &method).unwrap()
}

/// All orders of 0, …, m-1.
fn orders(m: usize) -> Vec<Vec<usize>> {
    if m == 0 {
        return vec![vec![]];
    }
    let with_last = |order: Vec<usize>| {
        (0..m).map(move |place| {
            let mut order = order.clone();
            order.insert(place, m - 1);
            order
        })
    };
    orders(m - 1).into_iter().flat_map(with_last).collect()
}

#[test]
fn shuffled_is_the_mean_over_all_orders() {
    for m in 1..=4 {
        let trees = in_colours(if m == 4 { 4 } else { 5 }, m);
        let all = orders(m);
        let zero = BSeries::from_fn(&trees, Exact::ZERO, |_, _| Exact::ZERO);
        let sum = all.iter().fold(zero, |sum, order| sum.plus(&in_order(&trees, order)).unwrap());
        assert_eq!(Split::shuffled(&trees), sum.times(&Exact::ratio(1, all.len() as i64)), "m = {m}");
    }
    // And one order is one step after another.
    let trees = in_colours(4, 3);
    let euler = |colour: usize| BSeries::identity(&trees).plus(&part(&trees, colour)).unwrap();
    let composed = euler(2).then(&euler(0)).and_then(|two| two.then(&euler(1))).unwrap();
    assert_eq!(composed, in_order(&trees, &[2, 0, 1]));
}

#[test]
fn shuffled_descends_the_loss_of_smith_and_others() {
    // -½ Σ f_k'f_k at h², nothing between different parts: C + (h/4m) Σ |∇C_k|² (Smith et al. 2021).
    let trees = in_colours(3, 6);
    let field = Split::shuffled(&trees).logarithm().unwrap();
    for t in trees.of_order(1) {
        assert_eq!(field.coefficient(t), &Exact::ONE);
    }
    for t in trees.of_order(2) {
        let colours = trees.vertex_colours(t);
        let expected = if colours[0] == colours[1] { Exact::ratio(-1, 2) } else { Exact::ZERO };
        assert_eq!(field.coefficient(t), &expected);
    }
    // One part is gradient descent.
    let one = in_colours(6, 1);
    let euler = Method::named("euler").unwrap().tableau().coefficients();
    let euler = PartitionedCoefficients::new(vec![euler]).unwrap();
    assert_eq!(Split::shuffled(&one), BSeries::partitioned(&one, &euler).unwrap());
}

#[test]
fn parts_met_once_each_come_in_exact_proportion() {
    // Of the orders of n vertices n!/γ have every vertex after its children: with all colours different the exact flow.
    let trees = in_colours(5, 5);
    let (mean, flow) = (Split::shuffled(&trees), Split::exact_flow(&trees));
    let mut met = 0;
    for t in trees.iter() {
        let colours = trees.vertex_colours(t);
        let repeated = (1..colours.len()).any(|k| colours[..k].contains(&colours[k]));
        if !repeated {
            assert_eq!(mean.coefficient(t), flow.coefficient(t));
            met += 1;
        }
    }
    // 1 + 2 + 9 + 64 + 625 labelled rooted trees (Cayley 1889) on subsets of five colours: Σ C(5,n) n^(n-1).
    assert_eq!(met, 5 + 10 * 2 + 10 * 9 + 5 * 64 + 625);
}
