//! Criteria on trees against what they are about: Jacobians and energies of general functions, with no tree theory in the way.
//!
//! A function enters elementary differentials through its derivatives at one point only, so random symmetric tensors of integers
//! are a general function there. All is in integers; differentials are exact.

#![allow(clippy::unwrap_used)] // a failed unwrap is a failed test

use std::collections::BTreeMap;
use std::sync::Arc;

use shadowflow_bseries::{BSeries, Gradient, TreeId, Trees, free_trees};
use shadowflow_methods::{Exact, Method};

const DIMENSION: usize = 4;
/// Trees with five vertices and their Jacobians take derivatives through the sixth.
const ORDER: usize = 5;
/// More equations than there are trees of order 5, so that a coincidence would have to happen many times over.
const POINTS: u64 = 4;

type Vector = [i128; DIMENSION];
type Matrix = [Vector; DIMENSION];

/// The derivatives of a scalar function at a point, small integers by their sorted indices.
struct Derivatives {
    values: BTreeMap<Vec<usize>, i128>,
}

impl Derivatives {
    fn random(seed: u64) -> Derivatives {
        // The multiplier of MMIX (Knuth, The Art of Computer Programming, vol. 2, §3.3.4); high bits are good enough here.
        let mut state = seed;
        let mut next = move || {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            i128::from(state >> 33) % 7 - 3
        };
        let mut values = BTreeMap::new();
        let mut indices: Vec<Vec<usize>> = vec![vec![]];
        for _ in 0..=ORDER {
            let longer = |index: &Vec<usize>| {
                let from = index.last().copied().unwrap_or(0);
                (from..DIMENSION).map(|last| [index.clone(), vec![last]].concat()).collect::<Vec<_>>()
            };
            indices = indices.iter().flat_map(longer).collect();
            values.extend(indices.iter().map(|index| (index.clone(), next())));
        }
        Derivatives { values }
    }

    /// The derivative with these indices open, contracted with vectors.
    fn contracted(&self, open: &[usize], vectors: &[Vector]) -> i128 {
        match vectors.split_first() {
            None => {
                let mut index = open.to_vec();
                index.sort_unstable();
                self.values[&index]
            }
            Some((first, rest)) => first
                .iter()
                .enumerate()
                .filter(|(_, x)| **x != 0)
                .map(|(k, x)| x * self.contracted(&[open, &[k]].concat(), rest))
                .sum(),
        }
    }
}

/// How the vector field comes from the scalar function.
#[derive(Clone, Copy)]
enum Field {
    /// f = -∇V
    Gradient,
    /// f = J∇H with J(q,p) = (p,-q)
    Hamiltonian,
}

impl Field {
    fn turned(self, gradient: Vector) -> Vector {
        match self {
            Field::Gradient => gradient.map(|x| -x),
            Field::Hamiltonian => [gradient[2], gradient[3], -gradient[0], -gradient[1]],
        }
    }

    /// J⁻¹ on the rows of a Jacobian, so that a Hamiltonian field gives a symmetric matrix as a gradient does.
    fn turned_back(self, m: Matrix) -> Matrix {
        match self {
            Field::Gradient => m,
            Field::Hamiltonian => [m[2].map(|x| -x), m[3].map(|x| -x), m[0], m[1]],
        }
    }
}

/// F(t) and its Jacobian for every tree.
fn differentials(field: Field, at: &Derivatives, trees: &Trees) -> Vec<(Vector, Matrix)> {
    let mut found: Vec<(Vector, Matrix)> = Vec::new();
    for tree in trees.iter() {
        let children = trees.children(tree);
        let values: Vec<Vector> = children.iter().map(|child| found[child.index()].0).collect();
        let value = field.turned(std::array::from_fn(|i| at.contracted(&[i], &values)));
        // The product rule: one more derivative at the root, or the Jacobian of a child in its place.
        let column = |j: usize| {
            let mut sum: Vector = std::array::from_fn(|i| at.contracted(&[i, j], &values));
            for (k, child) in children.iter().enumerate() {
                let mut inner = values.clone();
                inner[k] = found[child.index()].1.map(|row| row[j]);
                for (i, entry) in sum.iter_mut().enumerate() {
                    *entry += at.contracted(&[i], &inner);
                }
            }
            field.turned(sum)
        };
        let columns: [Vector; DIMENSION] = std::array::from_fn(column);
        let jacobian = std::array::from_fn(|i| std::array::from_fn(|j| columns[j][i]));
        found.push((value, jacobian));
    }
    found
}

/// For every tree, what must cancel in Σ b(t)/σ(t)·(…), at all points together.
fn obstructions(
    field: Field,
    trees: &Trees,
    measure: impl Fn(Field, &Derivatives, &(Vector, Matrix)) -> Vec<i128>,
) -> Vec<Vec<i128>> {
    let mut rows = vec![Vec::new(); trees.len()];
    for point in 0..POINTS {
        let at = Derivatives::random(20_260 + point);
        for (row, pair) in rows.iter_mut().zip(differentials(field, &at, trees)) {
            row.extend(measure(field, &at, &pair));
        }
    }
    rows
}

/// The antisymmetric part of the Jacobian, turned back, above the diagonal and twice.
fn not_symmetric(field: Field, _: &Derivatives, (_, jacobian): &(Vector, Matrix)) -> Vec<i128> {
    let m = field.turned_back(*jacobian);
    let pairs = (0..DIMENSION).flat_map(|i| (i + 1..DIMENSION).map(move |j| (i, j)));
    pairs.map(|(i, j)| m[i][j] - m[j][i]).collect()
}

/// The derivative of the scalar function along the field.
fn power(_: Field, at: &Derivatives, (value, _): &(Vector, Matrix)) -> Vec<i128> {
    vec![(0..DIMENSION).map(|i| at.contracted(&[i], &[]) * value[i]).sum()]
}

fn integer(x: i128) -> Exact {
    x.to_string().parse().unwrap()
}

/// Through which order the terms of a field cancel.
fn order(trees: &Trees, rows: &[Vec<i128>], b: impl Fn(TreeId) -> Exact) -> usize {
    let cancels = |n: &usize| {
        (0..rows[0].len()).all(|k| {
            let term = |t: TreeId| {
                let weight = &b(t) * &Exact::ratio(1, trees.symmetry(t) as i64);
                &weight * &integer(rows[t.index()][k])
            };
            trees.of_order(*n).map(term).fold(Exact::ZERO, |sum, x| &sum + &x).is_zero()
        })
    };
    (1..=ORDER).take_while(cancels).count()
}

#[test]
fn orders_of_the_catalogue_are_those_of_jacobians_and_energies() {
    let trees = Arc::new(Trees::through(ORDER).unwrap());
    let potential = obstructions(Field::Gradient, &trees, not_symmetric);
    let symplectic = obstructions(Field::Hamiltonian, &trees, not_symmetric);
    let energy = obstructions(Field::Hamiltonian, &trees, power);
    for method in Method::exact() {
        let name = method.name();
        let step = BSeries::runge_kutta(&trees, &method.tableau().coefficients()).unwrap();
        let field = step.logarithm().unwrap();
        let b = |t| field.coefficient(t).clone();
        let gradient = Gradient::of(method.tableau(), ORDER).unwrap();
        assert_eq!(gradient.gradient_order(), order(&trees, &potential, b), "{name}");
        assert_eq!(step.symplectic().unwrap().order, order(&trees, &symplectic, b), "{name}");
        assert_eq!(field.symplectic().unwrap().order, order(&trees, &symplectic, b), "{name}");
        assert_eq!(step.energy_preserving().unwrap().order, order(&trees, &energy, b), "{name}");
    }
}

#[test]
fn fields_with_a_potential_are_those_constant_on_free_trees() {
    // Both ways at once: every class of rootings has a symmetric Jacobian, and there are no more independent combinations
    // with one than classes.
    let trees = Trees::through(ORDER).unwrap();
    let rows = obstructions(Field::Gradient, &trees, not_symmetric);
    for n in 1..=ORDER {
        let classes = free_trees(&trees, n);
        for class in &classes {
            let on_class = |t| if class.rootings().contains(&t) { Exact::ONE } else { Exact::ZERO };
            assert_eq!(order(&trees, &rows, on_class), ORDER);
        }
        let matrix: Vec<Vec<i128>> = trees.of_order(n).map(|t| rows[t.index()].clone()).collect();
        assert_eq!(trees.of_order(n).count() - rank(matrix), classes.len(), "order {n}");
    }
}

/// The rank modulo a prime, which for integers is at most the true one.
fn rank(matrix: Vec<Vec<i128>>) -> usize {
    const P: i128 = (1 << 61) - 1;
    let inverse = |x: i128| {
        let (mut power, mut result, mut exponent) = (x, 1, P - 2);
        while exponent > 0 {
            if exponent % 2 == 1 {
                result = result * power % P;
            }
            power = power * power % P;
            exponent /= 2;
        }
        result
    };
    let mut rows: Vec<Vec<i128>> =
        matrix.into_iter().map(|row| row.into_iter().map(|x| x.rem_euclid(P)).collect()).collect();
    let mut rank = 0;
    for column in 0..rows[0].len() {
        let Some(pivot) = (rank..rows.len()).find(|&row| rows[row][column] != 0) else { continue };
        rows.swap(rank, pivot);
        let scale = inverse(rows[rank][column]);
        for row in rank + 1..rows.len() {
            let factor = rows[row][column] * scale % P;
            for k in column..rows[row].len() {
                rows[row][k] = (rows[row][k] - factor * rows[rank][k]).rem_euclid(P);
            }
        }
        rank += 1;
    }
    rank
}
