//! det(I - zM) and adj(I - zM), polynomials in z.

use crate::exact::Exact;
use crate::polynomial::Polynomial;

type Matrix = Vec<Vec<Exact>>;

/// det(I - zM) by ascending power of z.
pub(crate) fn determinant(m: Matrix) -> Polynomial {
    walk(&m, |_| {})
}

/// The N₀, N₁, … of adj(I - zM) = Σ zᵏNₖ, and det(I - zM).
pub(crate) fn resolvent(m: &[Vec<Exact>]) -> (Vec<Matrix>, Polynomial) {
    let mut adjugate = Vec::new();
    let determinant = walk(m, |n| adjugate.push(n.to_vec()));
    (adjugate, determinant)
}

/// Nₖ = MNₖ₋₁ + cₖI with cₖ = -tr(MNₖ₋₁)/k from N₀ = I; det(I - zM) = Σ cₖzᵏ (Faddeev & Leverrier).
fn walk(m: &[Vec<Exact>], mut visit: impl FnMut(&[Vec<Exact>])) -> Polynomial {
    let n = m.len();
    let unit = |i: usize| (0..n).map(|j| if i == j { Exact::ONE } else { Exact::ZERO }).collect();
    let mut current: Matrix = (0..n).map(unit).collect();
    let mut coefficients = vec![Exact::ONE];
    for k in 1..=n {
        visit(&current);
        let mut next = product(m, &current);
        let trace = (0..n).fold(Exact::ZERO, |sum, i| &sum + &next[i][i]);
        let c = &trace * &Exact::ratio(-1, k as i64);
        for (i, row) in next.iter_mut().enumerate() {
            row[i] = &row[i] + &c;
        }
        coefficients.push(c);
        current = next;
    }
    Polynomial::new(coefficients)
}

fn product(x: &[Vec<Exact>], y: &[Vec<Exact>]) -> Matrix {
    let entry = |row: &Vec<Exact>, j: usize| {
        row.iter()
            .zip(y)
            .filter(|(a, _)| !a.is_zero())
            .fold(Exact::ZERO, |sum, (a, line)| &sum + &(a * &line[j]))
    };
    x.iter().map(|row| (0..y.len()).map(|j| entry(row, j)).collect()).collect()
}
