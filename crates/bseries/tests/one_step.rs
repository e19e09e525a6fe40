//! Gradient orders judged by one step: the method against the flow of its modified potential, as power series in h.
//!
//! Nothing here knows B-series but the coefficients of the potential: the step and the flow are expanded by their own
//! definitions, for a polynomial V in two variables, in exact rationals. A method of gradient order g must agree with the
//! flow through h^g and not through h^(g+1), and what is left there must not be a gradient.

#![allow(clippy::unwrap_used)] // a failed unwrap is a failed test

use std::collections::BTreeMap;

use shadowflow_bseries::search::{Search, Shape};
use shadowflow_bseries::{Gradient, Trees};
use shadowflow_methods::{Method, Rational, Tableau};

fn ratio(n: i64, d: i64) -> Rational {
    Rational::from_parts_signed(n.into(), d.into())
}

/// A polynomial in x and y: coefficients by exponents.
type Polynomial = BTreeMap<(u32, u32), Rational>;

fn times(p: &Polynomial, q: &Polynomial) -> Polynomial {
    let mut product = Polynomial::new();
    for ((i, j), a) in p {
        for ((k, l), b) in q {
            *product.entry((i + k, j + l)).or_insert(Rational::ZERO) += a * b;
        }
    }
    product
}

fn derivative(p: &Polynomial, variable: usize) -> Polynomial {
    let slope = |(&(i, j), c): (&(u32, u32), &Rational)| match variable {
        0 if i > 0 => Some(((i - 1, j), c * Rational::from(i))),
        1 if j > 0 => Some(((i, j - 1), c * Rational::from(j))),
        _ => None,
    };
    p.iter().filter_map(slope).collect()
}

/// The contraction of the derivative tensors of V along a tree: an index for every edge, a derivative for every end.
fn contraction(v: &Polynomial, levels: &[u8]) -> Polynomial {
    let edges: Vec<(usize, usize)> =
        (1..levels.len()).map(|k| ((0..k).rev().find(|&j| levels[j] + 1 == levels[k]).unwrap(), k)).collect();
    let mut total = Polynomial::new();
    for choice in 0u32..1 << edges.len() {
        let mut product = Polynomial::from([((0, 0), Rational::ONE)]);
        for vertex in 0..levels.len() {
            let indices = edges.iter().enumerate().filter(|(_, (a, b))| *a == vertex || *b == vertex);
            let factor =
                indices.fold(v.clone(), |p, (edge, _)| derivative(&p, (choice >> edge & 1) as usize));
            product = times(&product, &factor);
        }
        for (powers, c) in product {
            *total.entry(powers).or_insert(Rational::ZERO) += c;
        }
    }
    total
}

/// A number with its derivatives with respect to the two coordinates of the starting point.
#[derive(Clone, PartialEq, Debug)]
struct Dual([Rational; 3]);

impl Dual {
    fn zero() -> Dual {
        Dual([Rational::ZERO, Rational::ZERO, Rational::ZERO])
    }
    fn add(&mut self, other: &Dual) {
        for (x, y) in self.0.iter_mut().zip(&other.0) {
            *x += y;
        }
    }
    fn times(&self, other: &Dual) -> Dual {
        let slope = |k: usize| &self.0[0] * &other.0[k] + &self.0[k] * &other.0[0];
        Dual([&self.0[0] * &other.0[0], slope(1), slope(2)])
    }
    fn scaled(&self, factor: &Rational) -> Dual {
        Dual(std::array::from_fn(|k| &self.0[k] * factor))
    }
}

/// A polynomial in s and h, truncated in h: `0[n][k]` belongs to hⁿsᵏ.
#[derive(Clone)]
struct Jet(Vec<Vec<Dual>>);

impl Jet {
    fn constant(value: Dual, order: usize) -> Jet {
        let mut jet = Jet(vec![Vec::new(); order + 1]);
        jet.0[0].push(value);
        jet
    }
    fn add(&mut self, other: &Jet) {
        for (row, more) in self.0.iter_mut().zip(&other.0) {
            row.resize(row.len().max(more.len()), Dual::zero());
            row.iter_mut().zip(more).for_each(|(x, y)| x.add(y));
        }
    }
    fn times(&self, other: &Jet) -> Jet {
        let mut product = Jet(vec![Vec::new(); self.0.len()]);
        for (n, row) in self.0.iter().enumerate() {
            for (m, more) in other.0.iter().enumerate().take(self.0.len() - n) {
                for (k, x) in row.iter().enumerate() {
                    for (l, y) in more.iter().enumerate() {
                        let place = &mut product.0[n + m];
                        place.resize(place.len().max(k + l + 1), Dual::zero());
                        place[k + l].add(&x.times(y));
                    }
                }
            }
        }
        product
    }
    fn scaled(&self, factor: &Rational) -> Jet {
        Jet(self.0.iter().map(|row| row.iter().map(|x| x.scaled(factor)).collect()).collect())
    }
    fn times_h(mut self, power: usize) -> Jet {
        self.0.rotate_right(power);
        self.0.iter_mut().take(power).for_each(Vec::clear);
        self
    }
    /// ∫₀^s
    fn integral(&self) -> Jet {
        let row = |row: &Vec<Dual>| {
            let mut integral = vec![Dual::zero()];
            integral.extend(row.iter().enumerate().map(|(k, x)| x.scaled(&ratio(1, k as i64 + 1))));
            integral
        };
        Jet(self.0.iter().map(row).collect())
    }
    /// The coefficients of the powers of h at s = 1.
    fn at_one(&self) -> Vec<Dual> {
        let sum = |row: &Vec<Dual>| {
            row.iter().fold(Dual::zero(), |mut sum, x| {
                sum.add(x);
                sum
            })
        };
        self.0.iter().map(sum).collect()
    }
}

fn evaluated(p: &Polynomial, point: &[Jet; 2], order: usize) -> Jet {
    let one = Dual([Rational::ONE, Rational::ZERO, Rational::ZERO]);
    let degree = p.keys().map(|(i, j)| *i.max(j)).max().unwrap_or(0);
    let powers = point.each_ref().map(|x| {
        let mut powers = vec![Jet::constant(one.clone(), order)];
        for k in 0..degree as usize {
            powers.push(powers[k].times(x));
        }
        powers
    });
    let mut sum = Jet(vec![Vec::new(); order + 1]);
    for ((i, j), c) in p {
        sum.add(&powers[0][*i as usize].times(&powers[1][*j as usize]).scaled(c));
    }
    sum
}

fn start(order: usize) -> [Jet; 2] {
    let at = |value: Rational, k: usize| {
        let mut dual = Dual([value, Rational::ZERO, Rational::ZERO]);
        dual.0[k] = Rational::ONE;
        Jet::constant(dual, order)
    };
    [at(ratio(1, 2), 1), at(ratio(-1, 3), 2)]
}

/// One step of ẋ = -∇V; each round of the fixed-point iteration makes one more power of h right.
fn step(tableau: &Tableau, v: &Polynomial, order: usize) -> [Vec<Dual>; 2] {
    let slopes = [derivative(v, 0), derivative(v, 1)];
    let number = |x: &shadowflow_methods::Exact| x.as_rational().unwrap().clone();
    let from_start = |weights: &[shadowflow_methods::Exact], fields: &[[Jet; 2]]| {
        let mut point = start(order);
        for (weight, field) in weights.iter().zip(fields).filter(|(w, _)| !w.is_zero()) {
            for (x, f) in point.iter_mut().zip(field) {
                x.add(&f.scaled(&-number(weight)).times_h(1));
            }
        }
        point
    };
    let mut stages = vec![start(order); tableau.stages()];
    let mut fields: Vec<[Jet; 2]> = Vec::new();
    for _ in 0..=order {
        fields = stages.iter().map(|y| slopes.each_ref().map(|p| evaluated(p, y, order))).collect();
        stages = (0..tableau.stages()).map(|i| from_start(tableau.row(i), &fields)).collect();
    }
    from_start(tableau.b(), &fields).map(|x| x.at_one())
}

/// The flow of ẋ = -∇Ṽ over h, Ṽ a power series in h: with t = hs, Picard's iteration.
fn flow(potential: &[Polynomial], order: usize) -> [Vec<Dual>; 2] {
    let mut point = start(order);
    for _ in 0..=order {
        let mut next = start(order);
        for (power, term) in potential.iter().enumerate().filter(|(power, _)| *power < order) {
            for (k, x) in next.iter_mut().enumerate() {
                let field = evaluated(&derivative(term, k), &point, order);
                x.add(&field.integral().times_h(power + 1).scaled(&ratio(-1, 1)));
            }
        }
        point = next;
    }
    point.map(|x| x.at_one())
}

fn check(name: &str, tableau: &Tableau, g: usize) {
    // Generic: no symmetry, all third and some fourth derivatives.
    let v: Polynomial = [
        ((2, 0), ratio(1, 1)),
        ((1, 1), ratio(1, 3)),
        ((0, 2), ratio(2, 1)),
        ((3, 0), ratio(1, 2)),
        ((2, 1), ratio(-1, 1)),
        ((1, 2), ratio(2, 3)),
        ((0, 3), ratio(-1, 5)),
        ((1, 3), ratio(1, 4)),
    ]
    .into();
    let gradient = Gradient::of(tableau, g + 1).unwrap();
    assert_eq!(gradient.gradient_order(), g, "{name}");
    let trees = Trees::through(g + 1).unwrap();
    let mut potential = vec![Polynomial::new(); g];
    for term in gradient.potential() {
        let coefficient = term.coefficient.as_rational().unwrap().clone();
        for (powers, c) in contraction(&v, &gradient.series().trees().levels(term.free_tree)) {
            *potential[term.h_power].entry(powers).or_insert(Rational::ZERO) += c * &coefficient;
        }
    }
    assert_eq!(trees.order(), g + 1);
    let (steps, flows) = (step(tableau, &v, g + 1), flow(&potential, g + 1));
    for k in 0..2 {
        assert_eq!(steps[k][..=g], flows[k][..=g], "{name} must agree with the flow through h^{g}");
        assert_ne!(steps[k][g + 1], flows[k][g + 1], "{name} must differ from the flow at h^{}", g + 1);
    }
    // The residual field at the start is the difference at h^(g+1); its Jacobian is carried along.
    let residual = |k: usize, along: usize| &steps[k][g + 1].0[along] - &flows[k][g + 1].0[along];
    assert_ne!(residual(0, 2), residual(1, 1), "{name}: what is left must not be a gradient");
}

#[test]
fn methods_of_the_catalogue() {
    for (name, g) in [
        ("euler", 2),
        ("rk2(c2=1/3)", 3),
        ("rk2(c2=1/2)", 2),
        ("gradient3(c2=1/6)", 4),
        ("gradient3(c2=-2)", 4),
        ("gradient4", 4),
        ("gradient-dirk2", 4),
        ("implicit-midpoint", 2),
        ("rk4", 4),
    ] {
        check(name, Method::named(name).unwrap().tableau(), g);
    }
}

#[test]
fn members_of_every_solution() {
    for (shape, stages, accuracy, order) in [
        (Shape::Explicit, 2, 1, 3),
        (Shape::Explicit, 3, 1, 4),
        (Shape::Explicit, 3, 2, 4),
        (Shape::Explicit, 4, 3, 4),
        (Shape::DiagonallyImplicit, 2, 1, 4),
        (Shape::Implicit, 2, 1, 4),
        (Shape::Implicit, 2, 2, 4),
        (Shape::Symmetric, 2, 1, 4),
    ] {
        let answer = Search::new(shape, stages, accuracy, order).unwrap().run(None, &|| false).unwrap();
        for member in answer.solutions().flat_map(|solution| &solution.members) {
            // Irrational members are checked by their series only.
            if member.tableau.coefficients().a.iter().flatten().all(|x| x.as_rational().is_some()) {
                check(
                    &format!("{} {stages} {:?}", shape.name(), member.values),
                    &member.tableau,
                    member.gradient_order,
                );
            }
        }
    }
}
