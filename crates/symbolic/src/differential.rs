//! Elementary differentials F(t) of a concrete field (Butcher 1963; GNI, Definition III.1.2):
//! F(•) = f, F([t₁ … tₘ]) = f^(m)(F(t₁), …, F(tₘ)). With coloured trees every vertex stands for the part of the field that has
//! its colour.
//!
//! The contraction of a derivative with vectors is kept as a polynomial in the directions: a coefficient for every
//! multi-index, so that each partial derivative is taken once and its symmetry is used. The polynomial of u∘v is that of u
//! times the components of F(v), which the pairs of the tree table give for free.

use std::collections::{BTreeMap, HashMap};
use std::rc::Rc;

use shadowflow_bseries::TreeTable;

use crate::error::SymbolicError;
use crate::ring::FormulaRing;
use crate::system::MAX_VARIABLES;

/// How often each variable is differentiated.
type MultiIndex = [u8; MAX_VARIABLES];

const UNDIFFERENTIATED: MultiIndex = [0; MAX_VARIABLES];

/// A contraction with some directions filled in: a coefficient for every way to differentiate.
type Directions<E> = Rc<Vec<(MultiIndex, E)>>;

/// A vector, a formula for each component.
pub(crate) type Components<E> = Rc<Vec<E>>;

/// The elementary differentials of one field, each computed once.
pub(crate) struct Differentials<'a, T: TreeTable, A: FormulaRing> {
    trees: &'a T,
    ring: &'a A,
    /// For every colour the partial derivatives of its part.
    derivatives: Vec<HashMap<MultiIndex, Components<A::Element>>>,
    directions: HashMap<usize, Directions<A::Element>>,
    values: HashMap<usize, Components<A::Element>>,
}

impl<'a, T: TreeTable, A: FormulaRing> Differentials<'a, T, A> {
    /// The differentials of a field given by its parts, one for each colour.
    pub(crate) fn new(trees: &'a T, ring: &'a A, parts: &[Vec<A::Element>]) -> Differentials<'a, T, A> {
        let start = |part: &Vec<A::Element>| HashMap::from([(UNDIFFERENTIATED, Rc::new(part.clone()))]);
        Differentials {
            trees,
            ring,
            derivatives: parts.iter().map(start).collect(),
            directions: HashMap::new(),
            values: HashMap::new(),
        }
    }

    /// F(t).
    ///
    /// # Errors
    /// If time or room runs out.
    pub(crate) fn value(&mut self, tree: T::Tree) -> Result<Components<A::Element>, SymbolicError> {
        let index = self.trees.index(tree);
        if let Some(known) = self.values.get(&index) {
            return Ok(known.clone());
        }
        self.ring.check_time()?;
        let colour = self.trees.root_colour(tree);
        let directions = self.directions(tree)?;
        let mut sums: Vec<A::Sum> = (0..self.ring.variables()).map(|_| A::Sum::default()).collect();
        for (multi, coefficient) in directions.iter() {
            let derivative = self.derivative(colour, multi)?;
            for (sum, component) in sums.iter_mut().zip(derivative.iter()) {
                self.ring.add_product(sum, coefficient, component)?;
            }
        }
        let value = sums.into_iter().map(|sum| self.ring.finish(sum)).collect::<Result<Vec<_>, _>>()?;
        let value = Rc::new(value);
        self.values.insert(index, value.clone());
        Ok(value)
    }

    fn directions(&mut self, tree: T::Tree) -> Result<Directions<A::Element>, SymbolicError> {
        let Some((trunk, branch)) = self.trees.split(tree) else {
            return Ok(Rc::new(vec![(UNDIFFERENTIATED, self.ring.one())]));
        };
        if let Some(known) = self.directions.get(&self.trees.index(tree)) {
            return Ok(known.clone());
        }
        let ring = self.ring;
        let (inner, direction) = (self.directions(trunk)?, self.value(branch)?);
        let mut product: BTreeMap<MultiIndex, A::Sum> = BTreeMap::new();
        for (multi, coefficient) in inner.iter() {
            for (variable, component) in direction.iter().enumerate().filter(|(_, c)| !ring.is_zero(c)) {
                let mut multi = *multi;
                multi[variable] += 1;
                self.ring.add_product(product.entry(multi).or_default(), coefficient, component)?;
            }
        }
        let mut directions = Vec::with_capacity(product.len());
        for (multi, sum) in product {
            let coefficient = self.ring.finish(sum)?;
            if !ring.is_zero(&coefficient) {
                directions.push((multi, coefficient));
            }
        }
        let directions = Rc::new(directions);
        // Trees of full size are the trunk of no other.
        if self.trees.vertices(tree) < self.trees.order() {
            self.directions.insert(self.trees.index(tree), directions.clone());
        }
        Ok(directions)
    }

    fn derivative(
        &mut self,
        colour: usize,
        multi: &MultiIndex,
    ) -> Result<Components<A::Element>, SymbolicError> {
        if let Some(known) = self.derivatives[colour].get(multi) {
            return Ok(known.clone());
        }
        let variable =
            multi.iter().position(|&times| times > 0).expect("the field itself is known from the start");
        let mut lower = *multi;
        lower[variable] -= 1;
        let lower = self.derivative(colour, &lower)?;
        let derivative: Vec<_> = lower
            .iter()
            .map(|component| self.ring.derivative(component, variable))
            .collect::<Result<_, _>>()?;
        let derivative = Rc::new(derivative);
        self.derivatives[colour].insert(*multi, derivative.clone());
        Ok(derivative)
    }
}
