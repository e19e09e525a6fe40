//! Elementary weights of methods with stages, over any ring and any number of colours.
//!
//! A stage sees the tree t with root colour c and children v as Φ(t) = Π Y(v), where Y(v) = A_c(v)·Φ(v) and the weight is
//! b_c(t)·Φ(t) (GNI, §III.1; Araújo, Murua & Sanz-Serna 1997 for colours). So Φ(u∘v) = Φ(u)·Y(v).

use std::sync::Arc;

use shadowflow_methods::{Coefficients, Ring};

use super::{AlgebraError, BSeries, Shape, TreeTable};
use crate::partitioned::PartitionedCoefficients;
use crate::tree::Trees;

/// What a method does to the values Φ of a tree at its stages.
pub(crate) trait Stages<R> {
    /// The values Φ at all stages.
    type Values: Clone;

    /// Φ(•) = 1 at every stage.
    fn ones(&self) -> Self::Values;
    /// The product stage by stage.
    fn product(&self, x: &Self::Values, y: &Self::Values) -> Self::Values;
    /// A·Φ for a tree with this root colour.
    fn images(&self, colour: usize, values: &Self::Values) -> Self::Values;
    /// b·Φ for a tree with this root colour.
    fn weight(&self, colour: usize, values: &Self::Values) -> R;
}

impl<R: Ring, T: TreeTable> BSeries<R, T> {
    /// The elementary weights of a method.
    pub(crate) fn of_stages<S: Stages<R>>(trees: &Arc<T>, stages: &S) -> Self {
        let shape = Shape::of(&**trees);
        let mut kept: Vec<(S::Values, S::Values)> = Vec::new();
        let mut weights = Vec::with_capacity(shape.len());
        for (tree, id) in trees.all().into_iter().enumerate() {
            let colour = trees.root_colour(id);
            let values = match shape.split(tree) {
                None => stages.ones(),
                Some((u, v)) => stages.product(&kept[u].0, &kept[v].1),
            };
            weights.push(stages.weight(colour, &values));
            if shape.grows(tree) {
                let images = stages.images(colour, &values);
                kept.push((values, images));
            }
        }
        BSeries::from_coefficients(trees, R::one(), weights)
    }

    /// The step of an additive or partitioned Runge–Kutta method, a part for each colour.
    ///
    /// # Errors
    /// If the table has another number of colours than the method has parts.
    pub fn partitioned(trees: &Arc<T>, method: &PartitionedCoefficients<R>) -> Result<Self, AlgebraError> {
        let (parts, colours) = (method.parts().len(), trees.colours());
        if parts != colours {
            return Err(AlgebraError::PartsAndColours { parts, colours });
        }
        Ok(BSeries::of_stages(trees, method))
    }
}

impl<R: Ring> BSeries<R> {
    /// The step of a Runge–Kutta method: its elementary weights a(t) = Σᵢ bᵢΦᵢ(t).
    ///
    /// # Errors
    /// If there is no stage, or A is not square and as large as b is long.
    pub fn runge_kutta(trees: &Arc<Trees>, method: &Coefficients<R>) -> Result<Self, AlgebraError> {
        BSeries::partitioned(trees, &PartitionedCoefficients::new(vec![method.clone()])?)
    }
}

impl<R: Ring> Stages<R> for PartitionedCoefficients<R> {
    type Values = Vec<R>;

    fn ones(&self) -> Vec<R> {
        vec![R::one(); self.stages()]
    }
    fn product(&self, x: &Vec<R>, y: &Vec<R>) -> Vec<R> {
        x.iter().zip(y).map(|(x, y)| x.times(y)).collect()
    }
    fn images(&self, colour: usize, values: &Vec<R>) -> Vec<R> {
        self.parts()[colour].a.iter().map(|row| dot(row, values)).collect()
    }
    fn weight(&self, colour: usize, values: &Vec<R>) -> R {
        dot(&self.parts()[colour].b, values)
    }
}

/// Σ xᵢyᵢ.
pub(crate) fn dot<R: Ring>(x: &[R], y: &[R]) -> R {
    let terms = x.iter().zip(y).filter(|(x, y)| !x.is_zero() && !y.is_zero());
    terms.fold(R::zero(), |sum, (x, y)| sum.plus(&x.times(y)))
}
