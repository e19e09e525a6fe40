//! Gradient descent with momentum: the one-step method underlying a linear two-step optimizer.
//!
//! The optimizer is x⁺ = x + β(x - x⁻) + h f(x + γ(x - x⁻)). There is one formal step Φ such that a sequence in which each
//! iterate is Φ of the one before obeys it: Φ∘Φ = Φ + β(Φ - id) + h f∘(Φ + γ(Φ - id)). This is the underlying one-step method
//! (Kirchgraber 1986; Stoffer 1993; GNI, §XV.2), and for |β| < 1 other sequences approach it. On a tree t of weight a(t) the left
//! side is 2a(t) and the right side (1+β)a(t), both up to smaller trees, so that each order is solved by a division by 1-β.
//!
//! The logarithm is the modified equation, which begins ẋ = f/(1-β) - h(1+β-2γ(1-β))/(2(1-β)³) f'f. For heavy ball on f = -∇V
//! this is the flow of (V + h(1+β)/(4(1-β)²) |∇V|²)/(1-β) (Kovachki & Stuart 2021; Ghosh, Lyu, Zhang & Wang 2023). At h² there
//! is a potential for every V exactly if γ = (1-β)/6, as the tests derive with β and γ left symbols.

use std::sync::Arc;

use shadowflow_methods::Field;

use crate::algebra::{AlgebraError, BSeries, Shape, TreeTable, by_subtrees, evaluated};

impl<R: Field, T: TreeTable> BSeries<R, T> {
    /// The step that underlies x⁺ = x + β(x - x⁻) + h f(x + γ(x - x⁻)), with momentum `beta` and extrapolation `gamma`.
    ///
    /// ```
    /// use std::sync::Arc;
    /// use shadowflow_bseries::{BSeries, Trees};
    /// use shadowflow_methods::RationalFunction;
    /// let trees = Arc::new(Trees::through(2)?);
    /// let [beta, gamma] = ["beta", "gamma"].map(RationalFunction::parameter);
    /// let modified = BSeries::two_step(&trees, &beta, &gamma)?.logarithm()?;
    /// let first = "-(1 + beta - 2*gamma*(1 - beta))/(2*(1 - beta)^3)".parse()?;
    /// assert_eq!(modified.coefficient(trees.find(&[1, 2])?), &first);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    /// If β is 1.
    pub fn two_step(trees: &Arc<T>, beta: &R, gamma: &R) -> Result<Self, AlgebraError> {
        let damping = R::one().minus(beta).reciprocal().ok_or(AlgebraError::MomentumIsOne)?;
        let ahead = R::one().plus(gamma);
        let shape = Shape::of(&**trees);
        // h f at Φ + γ(Φ - id): the product over the children v of (1+γ)a(v).
        let mut gradients: Vec<R> = Vec::with_capacity(shape.len());
        let mut weights: Vec<R> = Vec::with_capacity(shape.len());
        by_subtrees(&shape, |tree, subtrees| {
            let gradient = match shape.split(tree) {
                None => R::one(),
                Some((u, v)) => gradients[u].times(&ahead.times(&weights[v])),
            };
            // What Φ∘Φ has on this tree besides 2a(t).
            let between = evaluated(subtrees, &weights);
            let weight = gradient.minus(&between).times(&damping);
            gradients.push(gradient);
            weights.push(weight.clone());
            weight
        });
        Ok(BSeries::from_coefficients(trees, R::one(), weights))
    }

    /// The step that underlies the heavy ball x⁺ = x + β(x - x⁻) + h f(x) (Polyak 1964).
    ///
    /// ```
    /// use std::sync::Arc;
    /// use shadowflow_bseries::{BSeries, Trees};
    /// use shadowflow_methods::Exact;
    /// let trees = Arc::new(Trees::through(3)?);
    /// let modified = BSeries::heavy_ball(&trees, &Exact::ratio(1, 2))?.logarithm()?;
    /// let text: Vec<_> = modified.terms().map(|(_, b)| b.to_string()).collect();
    /// assert_eq!(text, ["2", "-6", "104/3", "100/3"]);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    /// If β is 1.
    pub fn heavy_ball(trees: &Arc<T>, beta: &R) -> Result<Self, AlgebraError> {
        BSeries::two_step(trees, beta, &R::zero())
    }

    /// The step that underlies accelerated descent with constant momentum, y = x + β(x - x⁻) and x⁺ = y + h f(y)
    /// (Nesterov 1983).
    ///
    /// # Errors
    /// If β is 1.
    pub fn nesterov(trees: &Arc<T>, beta: &R) -> Result<Self, AlgebraError> {
        BSeries::two_step(trees, beta, beta)
    }
}
