//! Split equations: coloured series of additive and partitioned methods.

#![allow(clippy::unwrap_used)] // a failed unwrap is a failed test

use std::sync::Arc;

use shadowflow_bseries::{
    AlgebraError, BSeries, ColouredTreeId, ColouredTrees, PARTITIONED, PartitionedCoefficients, TreeTable,
    Trees,
};
use shadowflow_methods::{Exact, Method};

type Pair = PartitionedCoefficients<Exact>;

fn two_colours(order: usize) -> Arc<ColouredTrees> {
    Arc::new(ColouredTrees::through(order, 2).unwrap())
}

fn step(trees: &Arc<ColouredTrees>, method: &Pair) -> BSeries<Exact, ColouredTrees> {
    BSeries::partitioned(trees, method).unwrap()
}

/// The number of orders through which the step agrees with the exact flow.
fn order(step: &BSeries<Exact, ColouredTrees>) -> usize {
    let flow = BSeries::exact_flow(step.trees());
    let agrees = |n| step.trees().of_order(n).all(|t| step.coefficient(t) == flow.coefficient(t));
    (1..=step.order()).take_while(|&n| agrees(n)).count()
}

#[test]
fn built_in_pairs_have_their_orders() {
    let expected = [1, 1, 2, 2, 4, 6, 1];
    for (name, expected) in PARTITIONED.into_iter().zip(expected) {
        // Two colours make 3,904 trees through order 7.
        let trees = two_colours(expected + 1);
        assert_eq!(order(&step(&trees, &Pair::named(name).unwrap())), expected, "{name}");
    }
}

#[test]
fn adjoints_and_compositions() {
    // GNI, §II.4–5: the symplectic Euler methods are adjoint to each other, and half a step of each is Störmer–Verlet.
    let trees = two_colours(6);
    let (euler, verlet) = (Pair::symplectic_euler(), Pair::stormer_verlet());
    let (first, second) = (step(&trees, &euler), step(&trees, &euler.clone().swapped()));
    assert_eq!(first.adjoint().unwrap(), second);
    let half = Exact::ratio(1, 2);
    let (x, y) = (first.rescaled(&half), second.rescaled(&half));
    assert_eq!(y.then(&x).unwrap(), step(&trees, &verlet));
    assert_eq!(x.then(&y).unwrap(), step(&trees, &verlet.swapped()));
    for pair in [Pair::stormer_verlet(), Pair::lobatto_4()] {
        let step = step(&trees, &pair);
        assert_eq!(step.adjoint().unwrap(), step);
    }
}

#[test]
fn pairs_are_symplectic_on_split_hamiltonians_in_every_coefficient() {
    // a(u∘v) + a(v∘u) = a(u)a(v) for roots of different colours (GNI, §VI.7).
    let trees = two_colours(6);
    let pairs = [Pair::symplectic_euler(), Pair::stormer_verlet(), Pair::lobatto_4()];
    for pair in pairs {
        let a = step(&trees, &pair);
        let at = |t: ColouredTreeId| a.coefficient(t);
        for u in trees.iter().filter(|&u| trees.root_colour(u) == 0) {
            for v in trees.iter().filter(|&v| trees.root_colour(v) == 1) {
                let (Some(x), Some(y)) = (trees.graft(u, v), trees.graft(v, u)) else { continue };
                assert_eq!(at(x) + at(y), at(u) * at(v));
            }
        }
    }
}

#[test]
fn one_tableau_for_all_parts_forgets_the_colours() {
    let (plain, trees) =
        (Arc::new(Trees::through(6).unwrap()), Arc::new(ColouredTrees::through(5, 3).unwrap()));
    let rk4 = Method::named("rk4").unwrap().tableau().coefficients();
    let parts = PartitionedCoefficients::new(vec![rk4.clone(); 3]).unwrap();
    let coloured = BSeries::partitioned(&trees, &parts).unwrap().logarithm().unwrap();
    let uncoloured = BSeries::runge_kutta(&plain, &rk4).unwrap().logarithm().unwrap();
    for (tree, b) in coloured.terms() {
        assert_eq!(b, uncoloured.coefficient(plain.find(&trees.levels(tree)).unwrap()));
    }
    let wrong = BSeries::partitioned(&two_colours(3), &parts).unwrap_err();
    assert_eq!(wrong, AlgebraError::PartsAndColours { parts: 3, colours: 2 });
}

/// A polynomial in q and p by its coefficients: (power of q, power of p, coefficient).
#[derive(Clone)]
struct Polynomial(Vec<(u32, u32, i64)>);

impl Polynomial {
    fn at(&self, q: &Exact, p: &Exact) -> Exact {
        self.0
            .iter()
            .fold(Exact::ZERO, |sum, &(i, j, c)| &sum + &(&Exact::from(c) * &(&q.pow(i) * &p.pow(j))))
    }

    fn derivative(&self, variable: usize) -> Polynomial {
        let lowered = |&(i, j, c): &(u32, u32, i64)| match variable {
            0 => (i > 0).then(|| (i - 1, j, c * i64::from(i))),
            _ => (j > 0).then(|| (i, j - 1, c * i64::from(j))),
        };
        Polynomial(self.0.iter().filter_map(lowered).collect())
    }
}

/// F(t)(q, p) on a system whose colour c moves variable c with velocity `parts[c]`.
fn differential(
    trees: &ColouredTrees,
    tree: ColouredTreeId,
    parts: &[Polynomial; 2],
    at: (&Exact, &Exact),
) -> Exact {
    let children = trees.children(tree);
    let factors = children.iter().map(|&child| differential(trees, child, parts, at));
    let direction = factors.fold(Exact::ONE, |product, factor| &product * &factor);
    let variables = children.iter().map(|&child| trees.root_colour(child));
    let derivative = variables.fold(parts[trees.root_colour(tree)].clone(), |f, v| f.derivative(v));
    &derivative.at(at.0, at.1) * &direction
}

#[test]
fn symplectic_euler_on_lotka_volterra() {
    // q̇ = q(p-1), ṗ = -p(q-2): the modified equation to first order, as GNI, Example IX.1.3, has it in other letters.
    let trees = two_colours(2);
    let parts = [Polynomial(vec![(1, 1, 1), (1, 0, -1)]), Polynomial(vec![(1, 1, -1), (0, 1, 2)])];
    let modified = |method: Pair, q: &Exact, p: &Exact| -> [Exact; 2] {
        let field = step(&trees, &method).logarithm().unwrap();
        [0, 1].map(|variable| {
            trees
                .of_order(2)
                .filter(|&t| trees.root_colour(t) == variable)
                .map(|t| {
                    let share = field.coefficient(t) * &Exact::ratio(1, trees.symmetry(t) as i64);
                    &share * &differential(&trees, t, &parts, (q, p))
                })
                .fold(Exact::ZERO, |sum, term| &sum + &term)
        })
    };
    let q_part = Polynomial(vec![(1, 2, 1), (2, 1, 1), (1, 1, -4), (1, 0, 1)]); // q(p² + pq - 4p + 1)
    let p_part = Polynomial(vec![(2, 1, 1), (1, 2, 1), (1, 1, -5), (0, 1, 4)]); // p(q² + pq - 5q + 4)
    for (q, p) in [("1/3", "5/7"), ("2", "-3/4"), ("-7/5", "11/2")] {
        let (q, p) = (q.parse().unwrap(), p.parse().unwrap());
        let half = Exact::ratio(1, 2);
        let expected = [-&(&half * &q_part.at(&q, &p)), &half * &p_part.at(&q, &p)];
        let opposite = expected.clone().map(|x| -&x);
        // Explicit in q and implicit in p; the adjoint has the opposite sign.
        assert_eq!(modified(Pair::symplectic_euler().swapped(), &q, &p), expected);
        assert_eq!(modified(Pair::symplectic_euler(), &q, &p), opposite);
    }
}
