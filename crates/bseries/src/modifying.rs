//! The modifying integrator: the field that makes a method follow the given equation exactly
//! (Chartier, Hairer & Vilmart 2007).
//!
//! The method applied to ẏ = Σ h^(|t|-1) c(t)/σ(t) F(t)(y) must have the weights 1/γ(t) of the exact flow. A field
//! evaluated at a stage is a composition of series: over every rooted subtree s of t,
//! K(t) = Σ c(s)·Π Y(cut-off branches) (GNI, Theorem III.1.10 read for fields). Its last term, s = t, is c(t) itself,
//! for every stage the same, so c(t) follows from Σᵢ bᵢKᵢ(t) = 1/γ(t), implicit methods included.
//!
//! For t = u∘v the subtrees are those of u, with v cut off, and s∘r with subtrees s of u and r of v. So
//! K(u∘v) = K(u)·Y(v) + Σ c(s∘r)·(cuts of u beside s)·(cuts of v beside r). All of it is done modulo primes.

use std::sync::Arc;

use dashu_int::UBig;
use shadowflow_methods::Tableau;

use crate::entries::{Entries, Residues};
use crate::lift::{Integers, lift};
use crate::place::residue_of_natural;
use crate::residue::Prime;
use crate::series::Fractions;
use crate::tree::{TreeId, Trees};

/// The largest order of a modifying integrator, whose algorithm visits every subtree of every tree.
pub const MAX_MODIFYING_ORDER: usize = 12;

/// The common denominator of c(t) over trees with `n` vertices: n!·D^(2n-2) for a tableau over D. By induction: a term
/// c(s)·ΠY(v) has at most the denominator |s|!·Π|v|!, a divisor of n!, times D to the 2|s| - 2 + Σ(2|v| - 1), and bᵢ adds one D.
fn denominator(entries: &Entries, n: usize) -> UBig {
    (1..=n as u64).fold(entries.denominator().pow(2 * n - 2), |product, k| product * k)
}

/// The coefficients c(t), by order. `None` if the field of the tableau has too few primes.
pub(crate) fn modifying_integrator(tableau: &Tableau, trees: &Trees) -> Option<Vec<Fractions>> {
    let entries = Arc::new(Entries::of(tableau));
    if !entries.cover(&denominator(&entries, trees.order())) {
        return None;
    }
    let grafts = Grafts::through(trees);
    let denominators: Vec<UBig> = (1..=trees.order()).map(|n| denominator(&entries, n)).collect();
    let mut primes = Vec::new();
    // By order, then by coordinate, then by prime, then by tree.
    let mut residues = vec![vec![Vec::new(); entries.degree()]; trees.order()];
    let mut more = denominators.last().map_or(2, Entries::expected_primes);
    loop {
        let next = primes.len()..primes.len() + more;
        let methods: Vec<Arc<Residues>> = next.map(|k| entries.residues(k)).collect::<Option<_>>()?;
        let roots = methods.iter().flat_map(|method| (0..entries.degree()).map(move |root| (method, root)));
        let c = Lanes::new(roots, trees).coefficients(trees, &grafts);
        for (method, c) in methods.iter().zip(c.chunks_exact(entries.degree())) {
            let prime = method.place.prime;
            primes.push(prime);
            for (n, (residues, denominator)) in (1..).zip(residues.iter_mut().zip(&denominators)) {
                let scale = residue_of_natural(prime, denominator);
                for (k, of_coordinate) in residues.iter_mut().enumerate() {
                    let value = |tree: TreeId| {
                        let coordinate = method.place.coordinate(k, c.iter().map(|root| root[tree.index()]));
                        prime.times(coordinate, scale)
                    };
                    of_coordinate.push(trees.of_order(n).map(value).collect::<Vec<u64>>());
                }
            }
        }
        let lift_order = |order: &Vec<Vec<Vec<u64>>>| -> Option<Vec<Integers>> {
            order.iter().map(|of_coordinate| lift(&primes, of_coordinate)).collect()
        };
        if let Some(lifted) = residues.iter().map(lift_order).collect::<Option<Vec<_>>>() {
            let orders = lifted.into_iter().zip(denominators);
            return Some(orders.map(|(numerators, d)| Fractions::new(&entries, d, numerators)).collect());
        }
        more = 1;
    }
}

/// s∘r for all pairs within a table.
struct Grafts {
    /// Where the row of s begins.
    rows: Vec<usize>,
    table: Vec<TreeId>,
}

impl Grafts {
    fn through(trees: &Trees) -> Grafts {
        let mut grafts = Grafts { rows: Vec::new(), table: Vec::new() };
        for s in trees.iter().take_while(|&s| trees.vertices(s) < trees.order()) {
            grafts.rows.push(grafts.table.len());
            grafts.table.extend(trees.iter().map_while(|r| trees.graft(s, r)));
        }
        grafts
    }

    fn of(&self, s: TreeId, r: TreeId) -> TreeId {
        self.table[self.rows[s.index()] + r.index()]
    }
}

/// The rooted subtrees of a tree, itself included, with the product of the images cut off, for each lane.
#[derive(Clone, Debug)]
struct Cuts {
    subtrees: Vec<TreeId>,
    /// Lane by lane within a subtree.
    factors: Vec<u64>,
}

impl Cuts {
    fn iter(&self) -> impl Iterator<Item = (TreeId, &[u64])> {
        let lanes = self.factors.len() / self.subtrees.len();
        self.subtrees.iter().copied().zip(self.factors.chunks_exact(lanes))
    }
}

/// A tableau modulo a prime at one root.
struct Group {
    prime: Prime,
    /// 1/n for the orders n.
    inverses: Vec<u64>,
    a: Vec<Vec<u64>>,
    b: Vec<u64>,
}

/// The stages of a method at several roots and primes side by side: a lane for each, so that subtrees are listed once.
struct Lanes {
    groups: Vec<Group>,
    stages: usize,
    /// The coefficients, in every lane of their group; 0 where they are not known yet.
    c: Vec<u64>,
    /// Room to add up what different cuts leave alike, by subtree and lane.
    sums: Vec<u128>,
    met: Vec<bool>,
    /// Room for sums over pairs of subtrees, by lane.
    outer: Vec<u128>,
    inner: Vec<u128>,
}

/// The number of products of residues that may be added before a reduction, with room for one residue.
const PRODUCTS: usize = 63;

impl Lanes {
    fn new<'a>(roots: impl Iterator<Item = (&'a Arc<Residues>, usize)>, trees: &Trees) -> Lanes {
        let group = |(method, root): (&Arc<Residues>, usize)| {
            let (a, b) = method.at(root);
            let prime = method.place.prime;
            Group { prime, inverses: prime.inverses(trees.order()), a, b }
        };
        let groups: Vec<Group> = roots.map(group).collect();
        let stages = groups.first().map_or(0, |group| group.b.len());
        Lanes {
            c: vec![0; trees.len() * groups.len() * stages],
            sums: vec![0; trees.len() * groups.len() * stages],
            met: vec![false; trees.len()],
            outer: Vec::new(),
            inner: Vec::new(),
            groups,
            stages,
        }
    }

    fn lanes(&self) -> usize {
        self.groups.len() * self.stages
    }

    /// The coefficients of every group, tree after tree.
    fn coefficients(mut self, trees: &Trees, grafts: &Grafts) -> Vec<Vec<u64>> {
        let (lanes, groups) = (self.lanes(), self.groups.len());
        let mut flow = vec![1; trees.len() * groups];
        let (mut fields, mut images) = (vec![0; trees.len() * lanes], vec![0; trees.len() * lanes]);
        let mut cuts: Vec<Cuts> = Vec::with_capacity(trees.len());
        let lanes_of = |tree: TreeId| tree.index() * lanes..(tree.index() + 1) * lanes;
        let mut field = vec![0; lanes];
        for order in 1..=trees.order() {
            for tree in trees.of_order(order) {
                field.fill(0);
                if let Some((u, v)) = trees.split(tree) {
                    let (of_u, of_v) = (&cuts[u.index()], &cuts[v.index()]);
                    let image = &images[lanes_of(v)];
                    if order < trees.order() {
                        let joined = self.joined(of_u, of_v, grafts, image);
                        self.field_of(joined.iter(), &mut field);
                        cuts.push(joined);
                    } else {
                        let last = (&fields[lanes_of(u)], image);
                        self.joined_field(of_u, of_v, grafts, last, &mut field);
                    }
                    for (g, Group { prime, inverses, .. }) in self.groups.iter().enumerate() {
                        // 1/γ(u∘v) = |u|/(|u∘v| γ(u) γ(v))
                        let share = prime.times(inverses[order], trees.vertices(u) as u64);
                        let of_v = prime.times(flow[v.index() * groups + g], share);
                        flow[tree.index() * groups + g] = prime.times(flow[u.index() * groups + g], of_v);
                    }
                } else {
                    cuts.push(Cuts { subtrees: vec![tree], factors: vec![1; lanes] });
                }
                for (g, Group { prime, a, b, .. }) in self.groups.iter().enumerate() {
                    let own = g * self.stages..(g + 1) * self.stages;
                    let (field, images) = (&mut field[own.clone()], &mut images[lanes_of(tree)][own.clone()]);
                    let c = prime.minus(flow[tree.index() * groups + g], prime.dot(b, field));
                    self.c[lanes_of(tree)][own].fill(c);
                    field.iter_mut().for_each(|value| *value = prime.plus(*value, c));
                    for (image, row) in images.iter_mut().zip(a) {
                        *image = prime.dot(row, field);
                    }
                }
                fields[lanes_of(tree)].copy_from_slice(&field);
            }
        }
        let of_group = |g: usize| self.c.iter().skip(g * self.stages).step_by(lanes).copied().collect();
        (0..groups).map(of_group).collect()
    }

    fn reduce(&self, sums: &[u128], out: &mut [u64]) {
        let parts = sums.chunks_exact(self.stages).zip(out.chunks_exact_mut(self.stages));
        for (Group { prime, .. }, (sums, out)) in self.groups.iter().zip(parts) {
            for (out, &sum) in out.iter_mut().zip(sums) {
                *out = prime.reduce(sum);
            }
        }
    }

    /// The cuts of u∘v: of u with v cut off, and of u with v cut or whole.
    fn joined(&mut self, of_u: &Cuts, of_v: &Cuts, grafts: &Grafts, image: &[u64]) -> Cuts {
        let lanes = image.len();
        let mut subtrees = Vec::with_capacity(of_u.subtrees.len() + of_v.subtrees.len());
        // A subtree is met once with v cut off and once for each of its children, far less than 63 times.
        for (s, factors_u) in of_u.iter() {
            self.add(&mut subtrees, s, factors_u, image);
            for (r, factors_v) in of_v.iter() {
                self.add(&mut subtrees, grafts.of(s, r), factors_u, factors_v);
            }
        }
        let mut factors = vec![0; subtrees.len() * lanes];
        for (subtree, factors) in subtrees.iter().zip(factors.chunks_exact_mut(lanes)) {
            self.reduce(&self.sums[subtree.index() * lanes..(subtree.index() + 1) * lanes], factors);
            self.met[subtree.index()] = false;
        }
        Cuts { subtrees, factors }
    }

    #[inline(always)]
    fn add(&mut self, met: &mut Vec<TreeId>, subtree: TreeId, x: &[u64], y: &[u64]) {
        let at = subtree.index() * x.len();
        let sums = &mut self.sums[at..at + x.len()];
        let products = x.iter().zip(y).map(|(&x, &y)| u128::from(x) * u128::from(y));
        if std::mem::replace(&mut self.met[subtree.index()], true) {
            sums.iter_mut().zip(products).for_each(|(sum, product)| *sum += product);
        } else {
            met.push(subtree);
            sums.iter_mut().zip(products).for_each(|(sum, product)| *sum = product);
        }
    }

    /// K(u∘v) without c(u∘v), unlisted: K(u)·Y(v) + Σ c(s∘r)·(cuts beside s)·(cuts beside r). `last` is (K(u), Y(v)).
    fn joined_field(
        &mut self,
        of_u: &Cuts,
        of_v: &Cuts,
        grafts: &Grafts,
        last: (&[u64], &[u64]),
        field: &mut [u64],
    ) {
        let mut outer = std::mem::take(&mut self.outer);
        outer.clear();
        outer.extend(last.0.iter().zip(last.1).map(|(&x, &y)| u128::from(x) * u128::from(y)));
        // The longer list goes inside, where nothing is reduced.
        let swapped = of_v.subtrees.len() < of_u.subtrees.len();
        let (short, long) = if swapped { (of_v, of_u) } else { (of_u, of_v) };
        for (k, (x, factors)) in short.iter().enumerate() {
            let graft = |y: TreeId| if swapped { grafts.of(y, x) } else { grafts.of(x, y) };
            self.field_of(long.iter().map(|(y, factors)| (graft(y), factors)), field);
            for (sum, (&x, &y)) in outer.iter_mut().zip(field.iter().zip(factors)) {
                *sum += u128::from(x) * u128::from(y);
            }
            if (k + 2) % PRODUCTS == 0 {
                self.fold(&mut outer);
            }
        }
        self.reduce(&outer, field);
        self.outer = outer;
    }

    /// Σ c(s)·factors.
    #[inline(always)]
    fn field_of<'a>(&mut self, terms: impl Iterator<Item = (TreeId, &'a [u64])>, field: &mut [u64]) {
        let lanes = field.len();
        let mut inner = std::mem::take(&mut self.inner);
        inner.clear();
        inner.resize(field.len(), 0);
        for (k, (tree, factors)) in terms.enumerate() {
            let numbers = &self.c[tree.index() * lanes..][..lanes];
            for (sum, (&number, &factor)) in inner.iter_mut().zip(numbers.iter().zip(factors)) {
                *sum += u128::from(number) * u128::from(factor);
            }
            if (k + 1) % PRODUCTS == 0 {
                self.fold(&mut inner);
            }
        }
        self.reduce(&inner, field);
        self.inner = inner;
    }

    /// Makes room for more products.
    fn fold(&self, sums: &mut [u128]) {
        let groups = self.groups.iter().flat_map(|group| std::iter::repeat_n(group, self.stages));
        sums.iter_mut().zip(groups).for_each(|(sum, Group { prime, .. })| *sum = prime.reduce(*sum).into());
    }
}
