//! Gauss, Radau and Lobatto methods, built from their nodes (Hairer & Wanner 1996, §IV.5).
//!
//! Collocation on nodes c gives aᵢⱼ = ∫₀^cᵢ ℓⱼ, bⱼ = ∫₀¹ ℓⱼ with the Lagrange polynomials ℓⱼ (Guillou & Soulé 1969).
//! The others follow: symplectic conjugation âᵢⱼ = bⱼ - bⱼ aⱼᵢ/bᵢ turns condition C(s) into D(s), which makes Radau IA,
//! Radau II and Lobatto IIIB; Lobatto IIIC asks for C(s-1) with first column b₁ (Chipman 1971).

use super::entry::{definitions, number};
use super::{Citation, Method, cite};
use crate::exact::Exact;
use crate::polynomial::Polynomial;
use crate::tableau::Tableau;

#[derive(Clone, Copy)]
enum Construction {
    /// Collocation: C(s).
    Collocation,
    /// The symplectic conjugate of collocation: D(s).
    Conjugate,
    /// Lobatto IIIC.
    LobattoC,
    /// The conjugate of Lobatto IIIC.
    LobattoCStar,
    /// The mean of Lobatto IIIC and its conjugate.
    LobattoD,
    /// The mean of collocation and its conjugate.
    Mean,
}

use Construction::{Collocation, Conjugate, LobattoC, LobattoCStar, LobattoD, Mean};

/// The nodes of a quadrature formula, with names for the roots they are made of.
#[derive(Clone, Copy)]
struct Nodes {
    roots: &'static [(&'static str, &'static str)],
    nodes: &'static [&'static str],
}

/// A method of one of the families.
pub(super) struct Member {
    pub(super) name: &'static str,
    pub(super) aliases: &'static [&'static str],
    title: &'static str,
    citation: Citation,
    order: u32,
    nodes: Nodes,
    construction: Construction,
}

const GAUSS: Citation = cite("Butcher", 1964, "Implicit Runge–Kutta processes, Math. Comp. 18, 50–64");
const RADAU: Citation = cite(
    "Butcher",
    1964,
    "Integration processes based on Radau quadrature formulas, Math. Comp. 18, 233–244",
);
const EHLE: Citation = cite(
    "Ehle",
    1969,
    "On Padé approximations to the exponential function and A-stable methods for the numerical solution of initial value problems, Univ. Waterloo CSRR 2010",
);
const RADAU_IIA: Citation = cite("Axelsson", 1969, "A class of A-stable methods, BIT 9, 185–199");
const LOBATTO_C: Citation = cite("Chipman", 1971, "A-stable Runge–Kutta processes, BIT 11, 384–388");
const JAY: Citation =
    cite("Jay", 2015, "Lobatto methods, Encyclopedia of Applied and Computational Mathematics, Springer");
const CHAN: Citation =
    cite("Chan", 1990, "On symmetric Runge–Kutta methods of high order, Computing 45, 301–309");

const fn rational(nodes: &'static [&'static str]) -> Nodes {
    Nodes { roots: &[], nodes }
}

// Longer formulas have nested roots for nodes. Their fields are given by a small polynomial each, found by reduction of
// a lattice of integers of the field; a test holds the nodes against the orthogonal polynomials.

/// Roots x > y > 0 of 35x⁴ - 30x² + 3.
const GAUSS_8: Nodes = Nodes {
    roots: &[
        ("r", "root(x^8-84*x^6+1401*x^4-3024*x^2+576, -4.4)"),
        ("u", "8243/22610-90567/180880*r^2+4759/135660*r^4-79/180880*r^6"),
        ("v", "134089/90440*r-607081/723520*r^3+27817/542640*r^5-1331/2170560*r^7"),
        ("x", "u+v"),
        ("y", "u-v"),
    ],
    nodes: &["(1-x)/2", "(1-y)/2", "(1+y)/2", "(1+x)/2"],
};
/// Roots x > y > 0 of 63x⁴ - 70x² + 15.
const GAUSS_10: Nodes = Nodes {
    roots: &[
        ("r", "root(x^8-146*x^6+4441*x^4-3216*x^2+576, -6.5)"),
        ("u", "14383/5208-346727/41664*r^2+5755/20832*r^4-79/41664*r^6"),
        ("v", "-32507/7812*r+1737107/187488*r^3-28775/93744*r^5+395/187488*r^7"),
        ("x", "v-u"),
        ("y", "v+u"),
    ],
    nodes: &["(1-x)/2", "(1-y)/2", "1/2", "(1+y)/2", "(1+x)/2"],
};
const GAUSS_4: Nodes = rational(&["1/2-sqrt(3)/6", "1/2+sqrt(3)/6"]);
const GAUSS_6: Nodes = rational(&["1/2-sqrt(15)/10", "1/2", "1/2+sqrt(15)/10"]);
const RADAU_LEFT_3: Nodes = rational(&["0", "2/3"]);
const RADAU_RIGHT_3: Nodes = rational(&["1/3", "1"]);
const RADAU_LEFT_5: Nodes = rational(&["0", "(6-sqrt(6))/10", "(6+sqrt(6))/10"]);
const RADAU_RIGHT_5: Nodes = rational(&["(4-sqrt(6))/10", "(4+sqrt(6))/10", "1"]);
/// Roots x < y < z of 35x³ - 45x² + 15x - 1.
const RADAU_ROOTS_7: &[(&str, &str)] = &[
    ("r", "root(x^6-21*x^4-10*x^3+42*x^2-8, -1.8)"),
    ("x", "411/665-306/665*r-31/665*r^2+51/190*r^3+13/1330*r^4-9/665*r^5"),
    ("y", "717/1330+2459/2660*r-717/1330*r^2-489/760*r^3+31/2660*r^4+167/5320*r^5"),
    ("z", "9/70-13/28*r+41/70*r^2+3/8*r^3-3/140*r^4-1/56*r^5"),
];
const RADAU_LEFT_7: Nodes = Nodes { roots: RADAU_ROOTS_7, nodes: &["0", "1-z", "1-y", "1-x"] };
const RADAU_RIGHT_7: Nodes = Nodes { roots: RADAU_ROOTS_7, nodes: &["x", "y", "z", "1"] };
const LOBATTO_2: Nodes = rational(&["0", "1"]);
const LOBATTO_4: Nodes = rational(&["0", "1/2", "1"]);
const LOBATTO_6: Nodes = rational(&["0", "(5-sqrt(5))/10", "(5+sqrt(5))/10", "1"]);
const LOBATTO_8: Nodes = rational(&["0", "(7-sqrt(21))/14", "1/2", "(7+sqrt(21))/14", "1"]);
/// Roots x > y > 0 of 21x⁴ - 14x² + 1.
const LOBATTO_10: Nodes = Nodes {
    roots: &[
        ("r", "root(x^8-24*x^6+62*x^4-24*x^2+1, -0.2)"),
        ("u", "61/168-149/56*r^2+211/168*r^4-3/56*r^6"),
        ("v", "-239/84*r+781/84*r^3-311/84*r^5+13/84*r^7"),
        ("x", "v+u"),
        ("y", "v-u"),
    ],
    nodes: &["0", "(1-x)/2", "(1-y)/2", "(1+y)/2", "(1+x)/2", "1"],
};

const fn member(
    name: &'static str,
    title: &'static str,
    citation: Citation,
    order: u32,
    nodes: Nodes,
    construction: Construction,
) -> Member {
    Member { name, aliases: &[], title, citation, order, nodes, construction }
}

#[rustfmt::skip]
pub(super) const MEMBERS: &[Member] = &[
    member("gauss4", "Gauss of order 4", GAUSS, 4, GAUSS_4, Collocation).also(&["gl2", "hammer-hollingsworth"]),
    member("gauss6", "Gauss of order 6", GAUSS, 6, GAUSS_6, Collocation).also(&["gl3"]),
    member("gauss8", "Gauss of order 8", GAUSS, 8, GAUSS_8, Collocation).also(&["gl4"]),
    member("gauss10", "Gauss of order 10", GAUSS, 10, GAUSS_10, Collocation).also(&["gl5"]),
    member("radau-i-3", "Radau I of order 3", RADAU, 3, RADAU_LEFT_3, Collocation),
    member("radau-i-5", "Radau I of order 5", RADAU, 5, RADAU_LEFT_5, Collocation),
    member("radau-i-7", "Radau I of order 7", RADAU, 7, RADAU_LEFT_7, Collocation),
    member("radau-ia-3", "Radau IA of order 3", EHLE, 3, RADAU_LEFT_3, Conjugate),
    member("radau-ia-5", "Radau IA of order 5", EHLE, 5, RADAU_LEFT_5, Conjugate),
    member("radau-ia-7", "Radau IA of order 7", EHLE, 7, RADAU_LEFT_7, Conjugate),
    member("radau-ii-3", "Radau II of order 3", RADAU, 3, RADAU_RIGHT_3, Conjugate),
    member("radau-ii-5", "Radau II of order 5", RADAU, 5, RADAU_RIGHT_5, Conjugate),
    member("radau-ii-7", "Radau II of order 7", RADAU, 7, RADAU_RIGHT_7, Conjugate),
    member("radau-iia-3", "Radau IIA of order 3", RADAU_IIA, 3, RADAU_RIGHT_3, Collocation).also(&["radauiia2"]),
    member("radau-iia-5", "Radau IIA of order 5", RADAU_IIA, 5, RADAU_RIGHT_5, Collocation).also(&["radauiia3"]),
    member("radau-iia-7", "Radau IIA of order 7", RADAU_IIA, 7, RADAU_RIGHT_7, Collocation),
    member("lobatto-iiia-4", "Lobatto IIIA of order 4", EHLE, 4, LOBATTO_4, Collocation).also(&["lobattoiiia3"]),
    member("lobatto-iiia-6", "Lobatto IIIA of order 6", EHLE, 6, LOBATTO_6, Collocation),
    member("lobatto-iiia-8", "Lobatto IIIA of order 8", EHLE, 8, LOBATTO_8, Collocation),
    member("lobatto-iiia-10", "Lobatto IIIA of order 10", EHLE, 10, LOBATTO_10, Collocation),
    member("lobatto-iiib-2", "Lobatto IIIB of order 2", EHLE, 2, LOBATTO_2, Conjugate),
    member("lobatto-iiib-4", "Lobatto IIIB of order 4", EHLE, 4, LOBATTO_4, Conjugate),
    member("lobatto-iiib-6", "Lobatto IIIB of order 6", EHLE, 6, LOBATTO_6, Conjugate),
    member("lobatto-iiib-8", "Lobatto IIIB of order 8", EHLE, 8, LOBATTO_8, Conjugate),
    member("lobatto-iiib-10", "Lobatto IIIB of order 10", EHLE, 10, LOBATTO_10, Conjugate),
    member("lobatto-iiic-2", "Lobatto IIIC of order 2", LOBATTO_C, 2, LOBATTO_2, LobattoC).also(&["lobattoiiic2"]),
    member("lobatto-iiic-4", "Lobatto IIIC of order 4", LOBATTO_C, 4, LOBATTO_4, LobattoC).also(&["lobattoiiic3"]),
    member("lobatto-iiic-6", "Lobatto IIIC of order 6", LOBATTO_C, 6, LOBATTO_6, LobattoC).also(&["lobattoiiic4"]),
    member("lobatto-iiic-8", "Lobatto IIIC of order 8", LOBATTO_C, 8, LOBATTO_8, LobattoC),
    member("lobatto-iiic-10", "Lobatto IIIC of order 10", LOBATTO_C, 10, LOBATTO_10, LobattoC),
    member("lobatto-iiic-star-4", "Lobatto IIIC* of order 4", JAY, 4, LOBATTO_4, LobattoCStar),
    member("lobatto-iiic-star-6", "Lobatto IIIC* of order 6", JAY, 6, LOBATTO_6, LobattoCStar),
    member("lobatto-iiid-2", "Lobatto IIID of order 2", JAY, 2, LOBATTO_2, LobattoD),
    member("lobatto-iiid-4", "Lobatto IIID of order 4", JAY, 4, LOBATTO_4, LobattoD),
    member("lobatto-iiid-6", "Lobatto IIID of order 6", JAY, 6, LOBATTO_6, LobattoD),
    member("lobatto-iiie-4", "mean of Lobatto IIIA and IIIB of order 4", CHAN, 4, LOBATTO_4, Mean),
    member("lobatto-iiie-6", "mean of Lobatto IIIA and IIIB of order 6", CHAN, 6, LOBATTO_6, Mean),
];

impl Member {
    const fn also(self, aliases: &'static [&'static str]) -> Member {
        Member { aliases, ..self }
    }

    pub(super) fn method(&self) -> Method {
        let (rows, b) = self.nodes.rule(self.construction);
        let tableau = Tableau::new(rows, b).expect("every member of the catalogue is built by a test");
        Method::published(self.name, self.title, self.citation, self.order, tableau)
    }
}

impl Nodes {
    fn values(&self) -> Vec<Exact> {
        let names = definitions(self.roots);
        self.nodes.iter().map(|node| number(node, &names)).collect()
    }

    fn rule(&self, construction: Construction) -> (Vec<Vec<Exact>>, Vec<Exact>) {
        let nodes = self.values();
        let b = integrals(&nodes, &Exact::ONE);
        let collocation = || nodes.iter().map(|c| integrals(&nodes, c)).collect::<Vec<_>>();
        let rows = match construction {
            Collocation => collocation(),
            Conjugate => conjugate(&collocation(), &b),
            LobattoC => lobatto_c(&nodes, &b[0]),
            LobattoCStar => conjugate(&lobatto_c(&nodes, &b[0]), &b),
            LobattoD => mean_with_conjugate(&lobatto_c(&nodes, &b[0]), &b),
            Mean => mean_with_conjugate(&collocation(), &b),
        };
        (rows, b)
    }
}

/// The Lagrange polynomials of distinct nodes: ℓⱼ is 1 at node j and 0 at the others.
fn lagrange(nodes: &[Exact]) -> Vec<Polynomial> {
    let other_factors =
        |j: usize| nodes.iter().enumerate().filter(move |(k, _)| *k != j).map(|(_, node)| node);
    (0..nodes.len())
        .map(|j| {
            let product = other_factors(j)
                .fold(Polynomial::one(), |p, node| p.times(&Polynomial::new(vec![-node, Exact::ONE])));
            let at_node = product.eval(&nodes[j]);
            product.scaled(&at_node.inverse().expect("the nodes are distinct"))
        })
        .collect()
}

/// ∫₀^x ℓⱼ for every j.
fn integrals(nodes: &[Exact], x: &Exact) -> Vec<Exact> {
    let integral = |p: &Polynomial| {
        let powers = p.coefficients().iter().enumerate();
        let antiderivative = powers.map(|(k, c)| c * &Exact::ratio(1, k as i64 + 1)).collect();
        &Polynomial::new(antiderivative).eval(x) * x
    };
    lagrange(nodes).iter().map(integral).collect()
}

fn conjugate(a: &[Vec<Exact>], b: &[Exact]) -> Vec<Vec<Exact>> {
    let entry = |i: usize, j: usize| {
        let inverse = b[i].inverse().expect("Gauss, Radau and Lobatto weights are positive");
        &b[j] - &(&(&b[j] * &a[j][i]) * &inverse)
    };
    (0..b.len()).map(|i| (0..b.len()).map(|j| entry(i, j)).collect()).collect()
}

/// Half the sum of a method and its conjugate, which is its own conjugate: symplectic.
fn mean_with_conjugate(a: &[Vec<Exact>], b: &[Exact]) -> Vec<Vec<Exact>> {
    let half = Exact::ratio(1, 2);
    let mean = |(x, y): (&Exact, &Exact)| &(x + y) * &half;
    a.iter().zip(conjugate(a, b)).map(|(x, y)| x.iter().zip(&y).map(mean).collect()).collect()
}

/// First column b₁; the others integrate polynomials of degree s-2 exactly once b₁p(0) is taken off.
fn lobatto_c(nodes: &[Exact], first_weight: &Exact) -> Vec<Vec<Exact>> {
    let inner = &nodes[1..];
    let at_zero: Vec<Exact> = lagrange(inner).iter().map(|p| p.eval(&Exact::ZERO)).collect();
    let row = |c: &Exact| {
        let rest =
            integrals(inner, c).into_iter().zip(&at_zero).map(|(whole, p)| &whole - &(first_weight * p));
        std::iter::once(first_weight.clone()).chain(rest).collect()
    };
    nodes.iter().map(row).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Polynomials by ascending power whose roots are the inner nodes, Legendre's and their relatives on [0, 1].
    #[test]
    fn nodes_are_the_roots_of_their_polynomials() {
        for (nodes, polynomial) in [
            (GAUSS_8, vec![1, -20, 90, -140, 70]),
            (GAUSS_10, vec![-1, 30, -210, 560, -630, 252]),
            (RADAU_RIGHT_7, vec![-1, 15, -45, 35]),
            (LOBATTO_10, vec![1, -14, 56, -84, 42]),
        ] {
            let polynomial = Polynomial::new(polynomial.into_iter().map(Exact::from).collect());
            let values = nodes.values();
            assert!(values.windows(2).all(|pair| pair[0] < pair[1]));
            let inner = values.iter().filter(|c| !c.is_zero() && !c.is_one());
            assert!(inner.clone().all(|c| polynomial.eval(c).is_zero()));
            assert_eq!(Some(inner.count()), polynomial.degree());
        }
    }

    #[test]
    fn printed_tableaus_come_out() {
        // Hairer & Wanner 1996, tables of §IV.5.
        let entries = |name: &str, i: usize| {
            Method::named(name)
                .unwrap()
                .tableau()
                .row(i)
                .iter()
                .map(Exact::to_string)
                .collect::<Vec<_>>()
                .join(", ")
        };
        assert_eq!(entries("gauss4", 0), "1/4, 1/4 - 1/6*sqrt(3)");
        assert_eq!(entries("radau-iia-3", 0), "5/12, -1/12");
        assert_eq!(entries("radau-ia-3", 0), "1/4, -1/4");
        assert_eq!(entries("lobatto-iiic-4", 1), "1/6, 5/12, -1/12");
        assert_eq!(entries("lobatto-iiib-4", 1), "1/6, 1/3, 0");
    }
}
