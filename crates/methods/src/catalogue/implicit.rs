//! Implicit and diagonally implicit methods given by their entries.

use super::{Entry, cite};

#[rustfmt::skip]
pub(super) const ENTRIES: &[Entry] = &[
    Entry { name: "implicit-euler", aliases: &["backward-euler", "radau-iia-1"], title: "implicit Euler (proximal point)",
        citation: cite("Hairer & Wanner", 1996, "Solving Ordinary Differential Equations II, §IV.3"), order: 1,
        a: "1", b: "1", embedded: "" },
    Entry { name: "implicit-midpoint", aliases: &["gauss2"], title: "implicit midpoint rule",
        citation: cite("Hairer, Lubich & Wanner", 2006, "Geometric Numerical Integration, (I.1.7)"), order: 2,
        a: "1/2", b: "1", embedded: "" },
    Entry { name: "trapezoidal", aliases: &["crank-nicolson", "lobatto-iiia-2"], title: "trapezoidal rule",
        citation: cite("Hairer, Lubich & Wanner", 2006, "Geometric Numerical Integration, (II.1.2)"), order: 2,
        a: "0; 1/2 1/2", b: "1/2 1/2", embedded: "" },
    Entry { name: "sdirk2", aliases: &["alexander2"], title: "singly diagonally implicit of order 2, L-stable",
        citation: cite("Alexander", 1977, "Diagonally implicit Runge–Kutta methods for stiff ODEs, SIAM J. Numer. Anal. 14, 1006–1021"), order: 2,
        a: "1-sqrt(2)/2; sqrt(2)/2 1-sqrt(2)/2", b: "sqrt(2)/2 1-sqrt(2)/2", embedded: "" },
    Entry { name: "tr-bdf2", aliases: &[], title: "trapezoidal rule followed by BDF2",
        citation: cite("Hosea & Shampine", 1996, "Analysis and implementation of TR-BDF2, Appl. Numer. Math. 20, 21–37"), order: 2,
        a: "0; 1-sqrt(2)/2 1-sqrt(2)/2; sqrt(2)/4 sqrt(2)/4 1-sqrt(2)/2", b: "sqrt(2)/4 sqrt(2)/4 1-sqrt(2)/2", embedded: "" },
    Entry { name: "crouzeix3", aliases: &["norsett3"], title: "singly diagonally implicit of order 3, A-stable",
        citation: cite("Nørsett", 1974, "Semi-explicit Runge–Kutta methods, report 6/74, Trondheim"), order: 3,
        a: "(3+sqrt(3))/6; -sqrt(3)/3 (3+sqrt(3))/6", b: "1/2 1/2", embedded: "" },
];
