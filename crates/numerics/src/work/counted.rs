//! An objective that counts.

use std::cell::Cell;

use crate::{Objective, hessian_vector};

/// What was evaluated.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Cost {
    /// Gradients.
    pub gradients: u64,
    /// Hessian-vector products, each about as dear as two gradients.
    pub products: u64,
    /// Values of f alone, of line searches.
    pub values: u64,
}

impl Cost {
    /// All of it in gradients: a Hessian-vector product counts as two, a value as a half: on least squares
    /// and logistic regression a value takes one product with the data, a gradient two, the slope of a gradient four.
    pub fn in_gradients(&self) -> f64 {
        self.gradients as f64 + 2.0 * self.products as f64 + 0.5 * self.values as f64
    }
}

/// An objective through which every evaluation is counted.
pub struct Counted<'a, V> {
    objective: &'a V,
    cost: Cell<Cost>,
}

impl<'a, V: Objective> Counted<'a, V> {
    /// Nothing counted yet.
    pub fn new(objective: &'a V) -> Counted<'a, V> {
        Counted { objective, cost: Cell::default() }
    }

    /// What was evaluated so far.
    pub fn cost(&self) -> Cost {
        self.cost.get()
    }

    /// The number of variables.
    pub fn variables(&self) -> usize {
        self.objective.variables()
    }

    /// f(x).
    pub fn value(&self, x: &[f64]) -> f64 {
        self.cost.set(Cost { values: self.cost().values + 1, ..self.cost() });
        self.objective.value(x)
    }

    /// Writes ∇f(x) to `out`.
    pub fn gradient(&self, x: &[f64], out: &mut [f64]) {
        self.cost.set(Cost { gradients: self.cost().gradients + 1, ..self.cost() });
        self.objective.gradient(x, out);
    }

    /// ∇²f(x)·v, exact up to rounding.
    pub fn hessian_vector(&self, x: &[f64], v: &[f64]) -> Vec<f64> {
        self.cost.set(Cost { products: self.cost().products + 1, ..self.cost() });
        hessian_vector(self.objective, x, v)
    }
}
