//! Fields: Lie derivative, commutator, and the exponential and logarithm between fields and steps.
//!
//! The derivative of a series a along a field b cuts one edge: (∂_b a)(t) = a(∅)b(t) + Σ a(rest)·b(branch) over the edges of
//! t (GNI, Lemma IX.9.1). The flow of b over time τ has the weights Σⱼ τʲ aⱼ(t) with j·aⱼ = ∂_b aⱼ₋₁,
//! as Taylor expansion in τ shows.

use shadowflow_methods::Ring;

use super::{AlgebraError, BSeries, Shape, TreeTable};

impl<R: Ring, T: TreeTable> BSeries<R, T> {
    /// The Lie derivative of this series along a field, a field (GNI, Lemma IX.9.1).
    ///
    /// ```
    /// use std::sync::Arc;
    /// use shadowflow_bseries::{BSeries, Trees};
    /// use shadowflow_methods::Exact;
    /// let trees = Arc::new(Trees::through(4)?);
    /// let f = BSeries::<Exact>::vector_field(&trees);
    /// // ÿ = f'f: one tree, [1,2].
    /// let acceleration = f.lie_derivative(&f)?;
    /// let text: Vec<_> = acceleration.terms().map(|(_, b)| b.to_string()).collect();
    /// assert_eq!(text[..4], ["0", "1", "0", "0"]);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    /// If `field` is no field, or the series run over different tables.
    pub fn lie_derivative(&self, field: &Self) -> Result<Self, AlgebraError> {
        field.check_field("a Lie derivative, in what it goes along,")?;
        self.check_table(field)?;
        Ok(self.derived(field, &Shape::of(&*self.trees).edge_cuts()))
    }

    fn derived(&self, field: &Self, cuts: &[Vec<(usize, usize)>]) -> Self {
        let derivative = |(cuts, b): (&Vec<_>, &R)| {
            self.empty.times(b).plus(&edge_sum(cuts, &self.coefficients, &field.coefficients))
        };
        let coefficients = cuts.iter().zip(&field.coefficients).map(derivative).collect();
        BSeries::from_coefficients(&self.trees, R::zero(), coefficients)
    }

    /// The commutator of two fields X and Y, Z = Y'X - X'Y, whose Lie derivative is D_Z = D_X D_Y - D_Y D_X.
    ///
    /// # Errors
    /// If one of the two is no field, or they run over different tables.
    pub fn commutator(&self, other: &Self) -> Result<Self, AlgebraError> {
        self.check_field("a commutator")?;
        other.check_field("a commutator")?;
        self.check_table(other)?;
        let cuts = Shape::of(&*self.trees).edge_cuts();
        other.derived(self, &cuts).minus(&self.derived(other, &cuts))
    }

    /// The flow of this field over one step: the exponential, a step.
    ///
    /// # Errors
    /// If this is no field.
    pub fn exponential(&self) -> Result<Self, AlgebraError> {
        self.check_field("the exponential")?;
        let mut step = Vec::with_capacity(self.coefficients.len());
        by_powers_of_time(&*self.trees, |tree, higher| {
            let field = self.coefficients[tree].clone();
            step.push(field.plus(&higher));
            field
        });
        Ok(BSeries::from_coefficients(&self.trees, R::one(), step))
    }

    /// The field whose flow over one step this is: the logarithm. For a method it is the modified equation times h
    /// (Hairer 1994; GNI, Theorem IX.9.2).
    ///
    /// # Errors
    /// If this is no step.
    pub fn logarithm(&self) -> Result<Self, AlgebraError> {
        self.check_step("the logarithm")?;
        let mut field = Vec::with_capacity(self.coefficients.len());
        by_powers_of_time(&*self.trees, |tree, higher| {
            let b = self.coefficients[tree].minus(&higher);
            field.push(b.clone());
            b
        });
        Ok(BSeries::from_coefficients(&self.trees, R::zero(), field))
    }
}

/// Σ a(rest)·b(branch) over edges.
fn edge_sum<R: Ring>(cuts: &[(usize, usize)], a: &[R], b: &[R]) -> R {
    let terms = cuts.iter().filter(|(rest, branch)| !a[*rest].is_zero() && !b[*branch].is_zero());
    terms.fold(R::zero(), |sum, &(rest, branch)| sum.plus(&a[rest].times(&b[branch])))
}

/// Visits every tree with Σ_{j≥2} aⱼ(t), which the field on smaller trees decides, and is told the field b(t) = a₁(t) there.
fn by_powers_of_time<R: Ring, T: TreeTable>(table: &T, mut field_at: impl FnMut(usize, R) -> R) {
    let shape = Shape::of(table);
    let cuts = shape.edge_cuts();
    let mut field: Vec<R> = Vec::with_capacity(shape.len());
    let fractions: Vec<R> = (2..=table.order() as i64).map(|j| R::ratio(1, j)).collect();
    // powers[j - 1] holds aⱼ, the coefficient of τʲ.
    let mut powers: Vec<Vec<R>> = vec![Vec::with_capacity(shape.len()); table.order()];
    for (tree, cuts) in cuts.iter().enumerate() {
        let mut higher = R::zero();
        let mut values = Vec::new();
        for j in 2..=table.order() {
            // aⱼ vanishes on trees with fewer than j vertices.
            let value = if j > shape.vertices(tree) {
                R::zero()
            } else {
                edge_sum(cuts, &powers[j - 2], &field).times(&fractions[j - 2])
            };
            higher = higher.plus(&value);
            values.push(value);
        }
        let b = field_at(tree, higher);
        powers[0].push(b.clone());
        field.push(b);
        for (power, value) in powers[1..].iter_mut().zip(values) {
            power.push(value);
        }
    }
}
