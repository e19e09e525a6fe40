//! The substitution law: a method applied to another field.
//!
//! With the field B(b) put in place of h·f, the series a becomes b⋆a: the sum over all ways to cut edges of t so that it falls
//! into pieces, of a(skeleton)·Π b(pieces), the skeleton being t with every piece contracted to a vertex (Chartier, Hairer &
//! Vilmart 2005 and 2010; Calaque, Ebrahimi-Fard & Manchon 2011). The partitions of u∘v are those of u and of v, with the
//! edge between cut or kept; those with the same piece at the root and the same skeleton are kept together.

use std::collections::BTreeMap;

use shadowflow_methods::Ring;

use super::composition::add;
use super::{AlgebraError, BSeries, Shape};

/// Partitions of one tree by (piece at the root, skeleton), with Σ Π b(other pieces).
type Open<R> = BTreeMap<(usize, usize), R>;
/// Partitions of one tree by skeleton, with Σ Π b(pieces).
type Closed<R> = BTreeMap<usize, R>;

/// The skeleton • belongs to the partition that cuts nothing.
const WHOLE: usize = 0;

impl<R: Ring> BSeries<R> {
    /// This field substituted into a method or another field, b⋆a: what `series` becomes when it is applied to the field B(b)
    /// in place of h·f (Chartier, Hairer & Vilmart 2010, §3).
    ///
    /// # Errors
    /// If this is no field, or the series run over different tables.
    pub fn substituted_into(&self, series: &Self) -> Result<Self, AlgebraError> {
        self.check_field("substitution, in what is substituted,")?;
        self.check_table(series)?;
        let mut result = Vec::with_capacity(self.coefficients.len());
        by_partitions(&self.shape(), |tree, parts| {
            let b = self.coefficients[tree].clone();
            result.push(evaluated(parts, &series.coefficients).plus(&b.times(&series.coefficients[WHOLE])));
            b
        });
        Ok(BSeries::from_coefficients(&self.trees, series.empty.clone(), result))
    }

    /// The field b for which `method` applied to B(b) is this series, b⋆a = c solved for b. With the exact flow as the method
    /// it is the modified equation of a step; with the exact flow as the goal, the modifying integrator of the method
    /// (Chartier, Hairer & Vilmart 2007); between two fields, substitution undone.
    ///
    /// ```
    /// use std::sync::Arc;
    /// use shadowflow_bseries::{BSeries, Series, Trees};
    /// use shadowflow_methods::Method;
    /// let midpoint = Method::named("midpoint")?;
    /// let trees = Arc::new(Trees::through(6)?);
    /// let step = BSeries::runge_kutta(&trees, &midpoint.tableau().coefficients())?;
    /// let modifying = BSeries::exact_flow(&trees).field_under(&step)?;
    /// assert_eq!(modifying, BSeries::from(&Series::modifying(midpoint.tableau(), 6)?));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    /// If the series run over different tables, one is a step and the other a field, or the method is not consistent.
    pub fn field_under(&self, method: &Self) -> Result<Self, AlgebraError> {
        self.check_table(method)?;
        if self.empty != method.empty {
            return Err(AlgebraError::EmptyTreesDiffer);
        }
        if method.coefficients[WHOLE] != R::one() {
            return Err(AlgebraError::Inconsistent { operation: "a field found by substitution" });
        }
        let mut field = Vec::with_capacity(self.coefficients.len());
        by_partitions(&self.shape(), |tree, parts| {
            let b = self.coefficients[tree].minus(&evaluated(parts, &method.coefficients));
            field.push(b.clone());
            b
        });
        Ok(BSeries::from_coefficients(&self.trees, R::zero(), field))
    }

    fn shape(&self) -> Shape {
        Shape::of(&*self.trees)
    }
}

fn evaluated<R: Ring>(parts: &Closed<R>, a: &[R]) -> R {
    parts.iter().fold(R::zero(), |sum, (&skeleton, product)| sum.plus(&product.times(&a[skeleton])))
}

/// Visits every tree with its partitions into more than one piece, which b on smaller trees decides, and is told b(t).
fn by_partitions<R: Ring>(shape: &Shape, mut field_at: impl FnMut(usize, &Closed<R>) -> R) {
    let mut field: Vec<R> = Vec::with_capacity(shape.len());
    let mut kept: Vec<(Open<R>, Closed<R>)> = Vec::new();
    for tree in 0..shape.len() {
        let open = match shape.split(tree) {
            None => Open::from([((tree, WHOLE), R::one())]),
            Some((u, v)) => joined(shape, &kept[u].0, &kept[v]),
        };
        let mut closed = Closed::new();
        for (&(piece, skeleton), product) in open.iter().filter(|((_, skeleton), _)| *skeleton != WHOLE) {
            add(&mut closed, skeleton, product.times(&field[piece]));
        }
        let b = field_at(tree, &closed);
        if shape.grows(tree) {
            closed.insert(WHOLE, b.clone());
            kept.push((open, closed));
        }
        field.push(b);
    }
}

fn joined<R: Ring>(shape: &Shape, u: &Open<R>, (open_v, closed_v): &(Open<R>, Closed<R>)) -> Open<R> {
    let mut joined = Open::new();
    for (&(piece, skeleton), x) in u {
        for (&above, y) in closed_v.iter().filter(|(_, y)| !y.is_zero()) {
            add(&mut joined, (piece, shape.graft(skeleton, above)), x.times(y));
        }
        for (&(other, above), y) in open_v {
            add(&mut joined, (shape.graft(piece, other), shape.merge(skeleton, above)), x.times(y));
        }
    }
    joined
}
