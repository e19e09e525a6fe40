//! The modified potential Ṽ = Σ_τ h^(n-1) (-1)^(n-1) b(τ)/|Aut τ| · E_V(τ) of a gradient flow ẋ = -∇V.
//!
//! E_V(τ) is the full contraction of the derivative tensors of V along the free tree τ: one tensor V^(d) at every vertex
//! of degree d, one contraction for every edge. For GD this begins V + (h/4)|∇V|² (Barrett & Dherin 2021).

use shadowflow_methods::{Exact, Ring};

use crate::classes::Class;
use crate::gradient::Gradient;
use crate::tree::TreeId;

/// One term of the modified potential, `coefficient · h^h_power · E_V(τ)`.
#[derive(Clone, Debug, PartialEq)]
pub struct PotentialTerm<R = Exact> {
    /// The rooting that names τ, in the table of the series.
    pub free_tree: TreeId,
    /// The power of h, one less than the number of vertices.
    pub h_power: usize,
    /// (-1)^(n-1) b(τ)/|Aut τ|.
    pub coefficient: R,
}

impl<R: Ring> PotentialTerm<R> {
    /// The term of a free tree with `n` vertices on which b is constant.
    pub(crate) fn of(class: &Class<R>, n: usize) -> PotentialTerm<R> {
        let sign = if n % 2 == 1 { 1 } else { -1 };
        let share = R::ratio(sign, class.tree().automorphisms() as i64);
        let coefficient = class.mean().times(&share);
        PotentialTerm { free_tree: class.tree().name(), h_power: n - 1, coefficient }
    }
}

impl Gradient {
    /// The terms of the modified potential, V itself first; they stop at the gradient order, beyond which no potential
    /// exists for general V. Free trees with coefficient 0 are left out.
    ///
    /// ```
    /// use shadowflow_bseries::Gradient;
    /// use shadowflow_methods::Method;
    /// let terms = Gradient::of(Method::named("euler")?.tableau(), 4)?.potential();
    /// let text: Vec<_> = terms.iter().map(|term| term.coefficient.to_string()).collect();
    /// assert_eq!(text, ["1", "1/4"]); // V + h/4 |∇V|²
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn potential(&self) -> Vec<PotentialTerm> {
        (1..=self.gradient_order())
            .flat_map(|n| self.classes(n).iter().map(move |class| PotentialTerm::of(class, n)))
            .filter(|term| !self.is_negligible(&term.coefficient))
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use shadowflow_methods::Method;

    #[test]
    fn the_gradient_preserving_midpoint_rule() {
        // V - h²/12 ∇Vᵀ∇²V∇V for c₂ = 1/3.
        let gradient = Gradient::of(Method::named("rk2(c2=1/3)").unwrap().tableau(), 4).unwrap();
        let text: Vec<_> =
            gradient.potential().iter().map(|t| (t.h_power, t.coefficient.to_string())).collect();
        assert_eq!(text, [(0, "1".to_owned()), (2, "-1/12".to_owned())]);
    }
}
