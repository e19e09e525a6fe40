//! Weights of every kind of method against the methods themselves, run in powers of h.
//!
//! One step from a rational point of a cubic system in the plane, with numbers that are polynomials in h, gives the Taylor
//! coefficients of the step without a tree; Σ h^|t|/σ(t) a(t) F(t) gives them again.

#![allow(clippy::unwrap_used)] // a failed unwrap is a failed test

use std::sync::Arc;

use shadowflow_bseries::{
    BSeries, ColouredTrees, ContinuousStage, PARTITIONED, PartitionedCoefficients, Trees,
};
use shadowflow_methods::{Coefficients, Exact, Method, RosenbrockCoefficients};

const ORDER: usize = 5;

/// A polynomial in h through h^ORDER.
#[derive(Clone, PartialEq, Debug)]
struct Jet([Exact; ORDER + 1]);

impl Jet {
    fn constant(x: &Exact) -> Jet {
        Jet(std::array::from_fn(|k| if k == 0 { x.clone() } else { Exact::ZERO }))
    }
    fn plus(&self, other: &Jet) -> Jet {
        Jet(std::array::from_fn(|k| &self.0[k] + &other.0[k]))
    }
    fn times(&self, other: &Jet) -> Jet {
        let product = |k: usize| (0..=k).fold(Exact::ZERO, |sum, i| &sum + &(&self.0[i] * &other.0[k - i]));
        Jet(std::array::from_fn(product))
    }
    fn scaled(&self, factor: &Exact) -> Jet {
        Jet(std::array::from_fn(|k| &self.0[k] * factor))
    }
    fn times_h(&self) -> Jet {
        Jet(std::array::from_fn(|k| if k == 0 { Exact::ZERO } else { self.0[k - 1].clone() }))
    }
}

type Point = [Jet; 2];

fn plus(x: &Point, y: &Point) -> Point {
    std::array::from_fn(|i| x[i].plus(&y[i]))
}

/// x + h Σ cⱼkⱼ
fn moved(x: &Point, c: &[Exact], k: &[Point]) -> Point {
    let sum =
        |i: usize| c.iter().zip(k).fold(Jet::constant(&Exact::ZERO), |s, (c, k)| s.plus(&k[i].scaled(c)));
    std::array::from_fn(|i| x[i].plus(&sum(i).times_h()))
}

/// A polynomial in two variables: (power of x, power of y, coefficient).
type Polynomial = Vec<(usize, usize, i64)>;

fn at(p: &Polynomial, x: &Point) -> Jet {
    let power = |x: &Jet, n: usize| (0..n).fold(Jet::constant(&Exact::ONE), |power, _| power.times(x));
    p.iter().fold(Jet::constant(&Exact::ZERO), |sum, &(i, j, c)| {
        sum.plus(&power(&x[0], i).times(&power(&x[1], j)).scaled(&Exact::from(c)))
    })
}

fn derivative(p: &Polynomial, variable: usize) -> Polynomial {
    let lowered = |&(i, j, c): &(usize, usize, i64)| match (variable, i, j) {
        (0, 1.., _) => Some((i - 1, j, c * i as i64)),
        (1, _, 1..) => Some((i, j - 1, c * j as i64)),
        _ => None,
    };
    p.iter().filter_map(lowered).collect()
}

/// A vector field, one polynomial a component.
type Field = [Polynomial; 2];

fn fields() -> [Field; 2] {
    let first = [
        vec![(0, 0, 1), (1, 0, -2), (1, 1, 3), (0, 3, 1), (2, 1, -1)],
        vec![(0, 1, 1), (2, 0, -1), (1, 2, 2), (3, 0, 1)],
    ];
    let second = [
        vec![(0, 0, -1), (0, 1, 2), (2, 0, 1), (1, 2, -3), (3, 0, 1)],
        vec![(0, 0, 2), (1, 0, 1), (1, 1, -1), (0, 3, 1), (2, 1, 2)],
    ];
    [first, second]
}

fn start() -> Point {
    [Jet::constant(&Exact::ratio(2, 3)), Jet::constant(&Exact::ratio(-1, 5))]
}

fn evaluated(field: &Field, x: &Point) -> Point {
    std::array::from_fn(|i| at(&field[i], x))
}

/// A step of an additive Runge–Kutta method. Implicit stages gain an order of h with every round.
fn run(parts: &[Coefficients<Exact>], fields: &[Field]) -> Point {
    let stages = parts[0].stages();
    let mut slopes: Vec<Vec<Point>> = vec![vec![start(); stages]; parts.len()];
    for _ in 0..=ORDER {
        let at_stage = |i: usize| {
            parts.iter().zip(&slopes).fold(start(), |x, (part, slopes)| moved(&x, &part.a[i], slopes))
        };
        let points: Vec<Point> = (0..stages).map(at_stage).collect();
        slopes = fields.iter().map(|f| points.iter().map(|x| evaluated(f, x)).collect()).collect();
    }
    parts.iter().zip(&slopes).fold(start(), |x, (part, slopes)| moved(&x, &part.b, slopes))
}

/// The children of a tree, the colour of its root, its order and its symmetry.
type Tree = (Vec<usize>, usize, usize, u64);

/// Σ h^|t|/σ(t) a(t) F(t), elementary differentials straight from their definition.
fn summed(trees: &[Tree], weights: &[Exact], fields: &[Field]) -> Point {
    let mut differentials: Vec<Point> = Vec::new();
    let mut sum = start();
    for ((children, colour, order, symmetry), weight) in trees.iter().zip(weights) {
        let value: Point = std::array::from_fn(|i| {
            // Σ over the variables each child moves along.
            let mut terms = vec![(fields[*colour][i].clone(), Jet::constant(&Exact::ONE))];
            for &child in children {
                let further = |(p, factor): &(Polynomial, Jet)| {
                    [0, 1].map(|v| (derivative(p, v), factor.times(&differentials[child][v])))
                };
                terms = terms.iter().flat_map(further).collect();
            }
            let zero = Jet::constant(&Exact::ZERO);
            terms.iter().fold(zero, |sum, (p, factor)| sum.plus(&at(p, &start()).times(factor)))
        });
        let share = weight * &Exact::ratio(1, *symmetry as i64);
        let power = |x: &Jet| (0..*order).fold(x.scaled(&share), |x, _| x.times_h());
        sum = plus(&sum, &std::array::from_fn(|i| power(&value[i])));
        differentials.push(value);
    }
    sum
}

fn of_series(series: &BSeries<Exact>, field: Field) -> Point {
    let trees = series.trees();
    let tree = |t| {
        let children = trees.children(t).iter().map(|child| child.index()).collect();
        (children, 0, trees.vertices(t), trees.symmetry(t))
    };
    let (trees, weights): (Vec<Tree>, Vec<Exact>) = series.terms().map(|(t, a)| (tree(t), a.clone())).unzip();
    summed(&trees, &weights, &[field])
}

fn of_coloured(series: &BSeries<Exact, ColouredTrees>, fields: &[Field]) -> Point {
    let trees = series.trees();
    let tree = |t| {
        let children = trees.children(t).iter().map(|child| child.index()).collect();
        (children, usize::from(trees.vertex_colours(t)[0]), trees.vertices(t), trees.symmetry(t))
    };
    let (trees, weights): (Vec<Tree>, Vec<Exact>) = series.terms().map(|(t, a)| (tree(t), a.clone())).unzip();
    summed(&trees, &weights, fields)
}

fn plain() -> Arc<Trees> {
    Arc::new(Trees::through(ORDER).unwrap())
}

#[test]
fn runge_kutta_methods() {
    for name in ["euler", "rk4", "implicit-midpoint", "radau-iia-3", "gauss4"] {
        let method = Method::named(name).unwrap().tableau().coefficients();
        let step = BSeries::runge_kutta(&plain(), &method).unwrap();
        let [f, _] = fields();
        assert_eq!(run(&[method], std::slice::from_ref(&f)), of_series(&step, f), "{name}");
    }
}

#[test]
fn additive_and_partitioned_methods() {
    let trees = Arc::new(ColouredTrees::through(ORDER, 2).unwrap());
    for name in PARTITIONED {
        let method = PartitionedCoefficients::named(name).unwrap();
        let step = BSeries::partitioned(&trees, &method).unwrap();
        assert_eq!(run(method.parts(), &fields()), of_coloured(&step, &fields()), "{name}");
    }
}

#[test]
fn rosenbrock_methods() {
    let number = |rows: [[i64; 3]; 3]| rows.map(|row| row.map(|x| Exact::ratio(x, 4)).to_vec()).to_vec();
    let method = RosenbrockCoefficients {
        alpha: number([[0, 0, 0], [3, 0, 0], [1, 2, 0]]),
        gamma: number([[2, 0, 0], [-1, 3, 0], [1, -2, 1]]),
        b: [1, 5, -2].map(|x| Exact::ratio(x, 4)).to_vec(),
    };
    let [f, _] = fields();
    let jacobian: [[Jet; 2]; 2] =
        std::array::from_fn(|i| std::array::from_fn(|j| at(&derivative(&f[i], j), &start())));
    let origin = [Jet::constant(&Exact::ZERO), Jet::constant(&Exact::ZERO)];
    let mut slopes = vec![origin.clone(); 3];
    for _ in 0..=ORDER {
        let slope = |i: usize| {
            let inner = evaluated(&f, &moved(&start(), &method.alpha[i], &slopes));
            let along = moved(&origin, &method.gamma[i], &slopes);
            let linear = std::array::from_fn(|k| {
                jacobian[k][0].times(&along[0]).plus(&jacobian[k][1].times(&along[1]))
            });
            plus(&inner, &linear)
        };
        slopes = (0..3).map(slope).collect();
    }
    let step = BSeries::rosenbrock(&plain(), &method).unwrap();
    assert_eq!(moved(&start(), &method.b, &slopes), of_series(&step, f));
}

#[test]
fn continuous_stage_methods() {
    // On cubic fields the integrals over stages have degree 7 at most, and the rule of Newton and Cotes with seven nodes is
    // exact: it makes Runge–Kutta methods of them, aᵢⱼ = bⱼA(cᵢ,cⱼ).
    let rule = [41, 216, 27, 272, 27, 216, 41].map(|b| Exact::ratio(b, 840));
    let node = |i: usize| Exact::ratio(i as i64, 6);
    for s in 1..=2 {
        let method = ContinuousStage::<Exact>::energy_preserving_collocation(s);
        let kernel = |tau: &Exact, sigma: &Exact| {
            let powers = |k: usize, l: usize| &tau.pow(k as u32) * &sigma.pow(l as u32);
            let rows = method.a.iter().enumerate();
            let terms = rows.flat_map(|(k, row)| row.iter().enumerate().map(move |(l, a)| (k, l, a)));
            terms.fold(Exact::ZERO, |sum, (k, l, a)| &sum + &(a * &powers(k, l)))
        };
        let row = |i: usize| (0..7).map(|j| &rule[j] * &kernel(&node(i), &node(j))).collect();
        let tableau = Coefficients { a: (0..7).map(row).collect(), b: rule.to_vec() };
        let [f, _] = fields();
        let step = BSeries::continuous_stage(&plain(), &method);
        assert_eq!(run(&[tableau], std::slice::from_ref(&f)), of_series(&step, f), "s = {s}");
    }
}
