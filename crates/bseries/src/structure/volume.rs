//! Volume: the divergence of a modified field, for every quadratic equation without divergence.
//!
//! The divergence of F(t) is a sum over the vertices v of t: the root feeds back into v, and a cycle of vertices with trees on
//! them arises, an aroma. On ẏ = f(y) with div f = 0 aromas whose cycle is a single vertex vanish; with f quadratic so do
//! those in which a vertex is fed by more than two. Where Σ b(t)/σ(t) cancels on each of the others, the field keeps volume
//! (the approach of Chartier & Murua 2007 and Iserles, Quispel & Tse 2007 to general f, restricted to quadratic ones). That
//! the remaining aromas are independent, so that nothing else keeps volume for every such f, is tested through order 5.

use std::collections::BTreeMap;

use shadowflow_methods::{Rational, Ring};

use super::Through;
use crate::algebra::{AlgebraError, BSeries, Shape};
use crate::tree::Trees;

impl<R: Ring> BSeries<R> {
    /// Through which order volume is kept, for every quadratic divergence-free equation in any dimension, such as the rigid
    /// body (after Chartier & Murua 2007; Iserles, Quispel & Tse 2007). Linear equations are
    /// among them, on which only the exponential keeps volume (Feng & Shang 1995), so Runge–Kutta methods do not go far.
    ///
    /// # Errors
    /// If the series is neither a step nor a field.
    pub fn volume_preserving_quadratic(&self) -> Result<Through, AlgebraError> {
        let field = self.as_field()?;
        let b: Vec<&R> = field.terms().map(|(_, b)| b).collect();
        let aromas = Aromas::of(self.trees());
        let cancels = |condition: &Condition| {
            let terms = condition.iter().map(|(&tree, weight)| b[tree].times(&R::from_rational(weight)));
            terms.fold(R::zero(), |sum, term| sum.plus(&term)).is_zero()
        };
        Ok(Through::first_failure(self.order(), |n| aromas.conditions(*n).iter().all(cancels)))
    }
}

/// A cycle of vertices, each named by the tree it carries besides its predecessor in the cycle.
type Cycle = Vec<usize>;

/// For one aroma, Σ 1/σ(t) over the ways it comes from a tree, by trees.
type Condition = BTreeMap<usize, Rational>;

struct Aromas {
    shape: Shape,
    symmetries: Vec<u64>,
    /// For every tree, the paths from its root to each vertex.
    paths: Vec<Vec<Cycle>>,
    /// The number of children of the root, and the largest anywhere else.
    degrees: Vec<(usize, usize)>,
}

impl Aromas {
    fn of(trees: &Trees) -> Aromas {
        let shape = Shape::of(trees);
        let mut paths: Vec<Vec<Cycle>> = Vec::with_capacity(shape.len());
        let mut degrees: Vec<(usize, usize)> = Vec::with_capacity(shape.len());
        for tree in 0..shape.len() {
            let Some((u, v)) = shape.split(tree) else {
                paths.push(vec![vec![tree]]);
                degrees.push((0, 0));
                continue;
            };
            // A path ends at the root, leaves it within u, or leaves it for v.
            let ends = std::iter::once(vec![tree]);
            let within = paths[u].iter().filter(|path| path.len() > 1).map(|path| {
                let mut path = path.clone();
                path[0] = shape.graft(path[0], v);
                path
            });
            let into = paths[v].iter().map(|path| [&[u], path.as_slice()].concat());
            let all = ends.chain(within).chain(into).collect();
            paths.push(all);
            let (root, elsewhere) = degrees[u];
            degrees.push((root + 1, elsewhere.max(degrees[v].0).max(degrees[v].1)));
        }
        let symmetries = trees.iter().map(|tree| trees.symmetry(tree)).collect();
        Aromas { shape, symmetries, paths, degrees }
    }

    /// One condition for each aroma with n vertices that need not vanish.
    fn conditions(&self, n: usize) -> Vec<Condition> {
        let mut found: BTreeMap<Cycle, Condition> = BTreeMap::new();
        for tree in self.shape.of_order(n) {
            let share = Rational::from_parts(1.into(), self.symmetries[tree].into());
            for path in self.paths[tree].iter().filter(|path| self.counts(path)) {
                let weight = found.entry(least_rotation(path)).or_default().entry(tree).or_default();
                *weight += &share;
            }
        }
        found.into_values().collect()
    }

    /// Whether the cycle is longer than one vertex and nothing is fed by more than two.
    fn counts(&self, cycle: &[usize]) -> bool {
        cycle.len() > 1 && cycle.iter().all(|&tree| self.degrees[tree].0 <= 1 && self.degrees[tree].1 <= 2)
    }
}

fn least_rotation(cycle: &[usize]) -> Cycle {
    let rotation = |k: usize| [&cycle[k..], &cycle[..k]].concat();
    (0..cycle.len()).map(rotation).min().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use shadowflow_methods::{Exact, Method};

    use super::*;

    const DIMENSION: usize = 5;
    type Vector = [i64; DIMENSION];

    /// f, f' and f'' at a point, f quadratic and without divergence.
    struct Quadratic {
        value: Vector,
        linear: [Vector; DIMENSION],
        /// `second[i][j][k]`, symmetric in j and k.
        second: [[Vector; DIMENSION]; DIMENSION],
    }

    impl Quadratic {
        fn random(seed: u64) -> Quadratic {
            // The multiplier of MMIX (Knuth, The Art of Computer Programming, vol. 2, §3.3.4), a few times over.
            let number = |indices: [usize; 3]| -> i64 {
                let mixed = indices.iter().fold(seed, |state, &index| {
                    (state + 1 + index as u64).wrapping_mul(6_364_136_223_846_793_005).rotate_left(23)
                });
                (mixed >> 33) as i64 % 5 - 2
            };
            let linear = |i: usize, j: usize| number([i, j, DIMENSION]);
            let second = |i: usize, j: usize, k: usize| number([i, j.min(k), j.max(k)]);
            // Traces are taken off in integers: D·A - tr(A)·1, and for f'' in both of its arguments.
            let trace: i64 = (0..DIMENSION).map(|i| linear(i, i)).sum();
            let traces: Vector = std::array::from_fn(|k| (0..DIMENSION).map(|i| second(i, i, k)).sum());
            let (d, delta) = (DIMENSION as i64, |i, j| i64::from(i == j));
            let f1 = |i, j| d * linear(i, j) - delta(i, j) * trace;
            let f2 = |i, j, k| (d + 1) * second(i, j, k) - delta(i, j) * traces[k] - delta(i, k) * traces[j];
            Quadratic {
                value: std::array::from_fn(|i| number([i; 3])),
                linear: std::array::from_fn(|i| std::array::from_fn(|j| f1(i, j))),
                second: std::array::from_fn(|i| {
                    std::array::from_fn(|j| std::array::from_fn(|k| f2(i, j, k)))
                }),
            }
        }

        fn f1(&self, x: &Vector) -> Vector {
            std::array::from_fn(|i| (0..DIMENSION).map(|j| self.linear[i][j] * x[j]).sum())
        }

        fn f2(&self, x: &Vector, y: &Vector) -> Vector {
            let row = |i: usize, j: usize| (0..DIMENSION).map(|k| self.second[i][j][k] * y[k]).sum::<i64>();
            std::array::from_fn(|i| (0..DIMENSION).map(|j| row(i, j) * x[j]).sum())
        }

        /// The divergence of F(t) for every tree.
        fn divergences(&self, trees: &Trees) -> Vec<i64> {
            // F(t), and its derivative by columns.
            let mut known: Vec<(Vector, [Vector; DIMENSION])> = Vec::new();
            let unit = |j: usize| -> Vector { std::array::from_fn(|i| i64::from(i == j)) };
            for tree in trees.iter() {
                let children: Vec<_> = trees.children(tree).iter().map(|c| &known[c.index()]).collect();
                known.push(match children[..] {
                    [] => (self.value, std::array::from_fn(|j| self.f1(&unit(j)))),
                    [(x, dx)] => {
                        let column = |j| add(self.f2(x, &unit(j)), self.f1(&dx[j]));
                        (self.f1(x), std::array::from_fn(column))
                    }
                    [(x, dx), (y, dy)] => {
                        let column = |j: usize| add(self.f2(&dx[j], y), self.f2(x, &dy[j]));
                        (self.f2(x, y), std::array::from_fn(column))
                    }
                    _ => ([0; DIMENSION], [[0; DIMENSION]; DIMENSION]),
                });
            }
            known.iter().map(|(_, columns)| (0..DIMENSION).map(|i| columns[i][i]).sum()).collect()
        }
    }

    fn add(x: Vector, y: Vector) -> Vector {
        std::array::from_fn(|i| x[i] + y[i])
    }

    fn rank(mut rows: Vec<Vec<Rational>>) -> usize {
        super::super::conjugacy::reduce(&mut rows, |_, _, _| {}).len()
    }

    #[test]
    fn aromas_say_all_about_divergences() {
        // Every divergence is a combination of the conditions, and together the divergences have as many independent
        // combinations as the conditions, so they vanish for the same b. (Order n needs dimension n: in fewer, the
        // theorem of Cayley and Hamilton relates traces.)
        let trees = Trees::through(DIMENSION).unwrap();
        let aromas = Aromas::of(&trees);
        let points: Vec<Vec<i64>> =
            (1..=25).map(|seed| Quadratic::random(seed).divergences(&trees)).collect();
        for n in 1..=DIMENSION {
            let range = aromas.shape.of_order(n);
            let conditions: Vec<Vec<Rational>> = aromas
                .conditions(n)
                .iter()
                .map(|c| range.clone().map(|t| c.get(&t).cloned().unwrap_or_default()).collect())
                .collect();
            let divergence = |values: &Vec<i64>| -> Vec<Rational> {
                let weighted = |t: usize| Rational::from(values[t]) / Rational::from(aromas.symmetries[t]);
                range.clone().map(weighted).collect()
            };
            let measured: Vec<Vec<Rational>> = points.iter().map(divergence).collect();
            let both = [conditions.clone(), measured.clone()].concat();
            let ranks = [rank(conditions), rank(measured), rank(both)];
            assert_eq!(ranks, [ranks[0]; 3], "order {n}");
        }
    }

    #[test]
    fn only_the_exact_flow_keeps_volume() {
        let trees = Arc::new(Trees::through(7).unwrap());
        let through = |series: &BSeries<Exact>| series.volume_preserving_quadratic().unwrap();
        assert!(!through(&BSeries::exact_flow(&trees)).is_decided());
        for method in Method::exact().iter().filter(|method| method.tableau().order() < 6) {
            let step = BSeries::runge_kutta(&trees, &method.tableau().coefficients()).unwrap();
            let found = through(&step);
            // Linear equations in many dimensions: the first tall tree on which the stability function is not the exponential.
            let modified = step.logarithm().unwrap();
            let tall = |n: &usize| trees.find(&(1..=*n as u8).collect::<Vec<_>>()).unwrap();
            let linear = (2..=7).take_while(|n| modified.coefficient(tall(n)).is_zero()).count() + 1;
            assert!(
                found.order >= method.tableau().order() as usize && found.order <= linear,
                "{}",
                method.name()
            );
        }
    }
}
