//! Gauss, Radau and Lobatto methods, built from their nodes (Hairer & Wanner 1996, §IV.5).
//!
//! Collocation on nodes c gives aᵢⱼ = ∫₀^cᵢ ℓⱼ, bⱼ = ∫₀¹ ℓⱼ with the Lagrange polynomials ℓⱼ (Guillou & Soulé 1969).
//! The others follow: symplectic conjugation âᵢⱼ = bⱼ - bⱼ aⱼᵢ/bᵢ turns condition C(s) into D(s), which makes Radau IA and
//! Lobatto IIIB; Lobatto IIIC asks for C(s-1) with first column b₁ (Chipman 1971).

use super::{Citation, Method, cite};
use crate::exact::Exact;
use crate::polynomial::Polynomial;
use crate::tableau::Tableau;

#[derive(Clone, Copy)]
enum Construction {
    Collocation,
    ConjugateCollocation,
    LobattoC,
}

/// A method of one of the families whose nodes lie in a quadratic field.
pub(super) struct Member {
    pub(super) name: &'static str,
    title: &'static str,
    citation: Citation,
    order: u32,
    nodes: &'static [&'static str],
    construction: Construction,
}

use Construction::{Collocation, ConjugateCollocation, LobattoC};

const GAUSS: Citation = cite("Butcher", 1964, "Implicit Runge–Kutta processes, Math. Comp. 18, 50–64");
const RADAU_IA: Citation = cite(
    "Ehle",
    1969,
    "On Padé approximations to the exponential function and A-stable methods for the numerical solution of initial value problems, Univ. Waterloo CSRR 2010",
);
const RADAU_IIA: Citation = cite("Axelsson", 1969, "A class of A-stable methods, BIT 9, 185–199");
const LOBATTO_AB: Citation = cite(
    "Ehle",
    1969,
    "On Padé approximations to the exponential function and A-stable methods for the numerical solution of initial value problems, Univ. Waterloo CSRR 2010",
);
const LOBATTO_C: Citation = cite("Chipman", 1971, "A-stable Runge–Kutta processes, BIT 11, 384–388");

const RADAU_LEFT_5: &[&str] = &["0", "(6-sqrt(6))/10", "(6+sqrt(6))/10"];
const RADAU_RIGHT_5: &[&str] = &["(4-sqrt(6))/10", "(4+sqrt(6))/10", "1"];
const LOBATTO_4: &[&str] = &["0", "1/2", "1"];
const LOBATTO_6: &[&str] = &["0", "(5-sqrt(5))/10", "(5+sqrt(5))/10", "1"];
const LOBATTO_8: &[&str] = &["0", "(7-sqrt(21))/14", "1/2", "(7+sqrt(21))/14", "1"];

const fn member(
    name: &'static str,
    title: &'static str,
    citation: Citation,
    order: u32,
    nodes: &'static [&'static str],
    construction: Construction,
) -> Member {
    Member { name, title, citation, order, nodes, construction }
}

#[rustfmt::skip]
pub(super) const MEMBERS: &[Member] = &[
    member("gauss4", "Gauss of order 4", GAUSS, 4, &["1/2-sqrt(3)/6", "1/2+sqrt(3)/6"], Collocation),
    member("gauss6", "Gauss of order 6", GAUSS, 6, &["1/2-sqrt(15)/10", "1/2", "1/2+sqrt(15)/10"], Collocation),
    member("radau-ia-3", "Radau IA of order 3", RADAU_IA, 3, &["0", "2/3"], ConjugateCollocation),
    member("radau-ia-5", "Radau IA of order 5", RADAU_IA, 5, RADAU_LEFT_5, ConjugateCollocation),
    member("radau-iia-3", "Radau IIA of order 3", RADAU_IIA, 3, &["1/3", "1"], Collocation),
    member("radau-iia-5", "Radau IIA of order 5", RADAU_IIA, 5, RADAU_RIGHT_5, Collocation),
    member("lobatto-iiia-4", "Lobatto IIIA of order 4", LOBATTO_AB, 4, LOBATTO_4, Collocation),
    member("lobatto-iiia-6", "Lobatto IIIA of order 6", LOBATTO_AB, 6, LOBATTO_6, Collocation),
    member("lobatto-iiia-8", "Lobatto IIIA of order 8", LOBATTO_AB, 8, LOBATTO_8, Collocation),
    member("lobatto-iiib-2", "Lobatto IIIB of order 2", LOBATTO_AB, 2, &["0", "1"], ConjugateCollocation),
    member("lobatto-iiib-4", "Lobatto IIIB of order 4", LOBATTO_AB, 4, LOBATTO_4, ConjugateCollocation),
    member("lobatto-iiib-6", "Lobatto IIIB of order 6", LOBATTO_AB, 6, LOBATTO_6, ConjugateCollocation),
    member("lobatto-iiib-8", "Lobatto IIIB of order 8", LOBATTO_AB, 8, LOBATTO_8, ConjugateCollocation),
    member("lobatto-iiic-2", "Lobatto IIIC of order 2", LOBATTO_C, 2, &["0", "1"], LobattoC),
    member("lobatto-iiic-4", "Lobatto IIIC of order 4", LOBATTO_C, 4, LOBATTO_4, LobattoC),
    member("lobatto-iiic-6", "Lobatto IIIC of order 6", LOBATTO_C, 6, LOBATTO_6, LobattoC),
    member("lobatto-iiic-8", "Lobatto IIIC of order 8", LOBATTO_C, 8, LOBATTO_8, LobattoC),
];

impl Member {
    pub(super) fn method(&self) -> Method {
        let nodes: Vec<Exact> = self
            .nodes
            .iter()
            .map(|node| node.parse().expect("every node of the catalogue is parsed by a test"))
            .collect();
        let b = integrals(&nodes, &Exact::ONE);
        let rows = match self.construction {
            Collocation => nodes.iter().map(|c| integrals(&nodes, c)).collect(),
            ConjugateCollocation => {
                conjugate(&nodes.iter().map(|c| integrals(&nodes, c)).collect::<Vec<_>>(), &b)
            }
            LobattoC => lobatto_c(&nodes, &b[0]),
        };
        let tableau = Tableau::new(rows, b).expect("every member of the catalogue is built by a test");
        Method::published(self.name, self.title, self.citation, self.order, tableau)
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
