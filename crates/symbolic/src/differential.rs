//! Elementary differentials F(t) of a concrete field (Butcher 1963; GNI, Definition III.1.2):
//! F(•) = f, F([t₁ … tₘ]) = f^(m)(F(t₁), …, F(tₘ)).
//!
//! The contraction of a derivative with vectors is kept as a polynomial in the directions: a coefficient for every
//! multi-index, so that each partial derivative is taken once and its symmetry is used. The polynomial of u∘v is that of u
//! times the components of F(v), which the pairs of the tree table give for free.

use std::collections::{BTreeMap, HashMap};

use shadowflow_bseries::{TreeId, Trees};
use shadowflow_methods::Rational;
use symbolica::atom::{Atom, AtomCore, Symbol};

use crate::expr::Expr;

/// How often each variable is differentiated.
type MultiIndex = Vec<u8>;

/// In which form results are kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Form {
    /// Multiplied out: a normal form for fields that are polynomials in names and functions.
    Expanded,
    /// As it comes: with sums below a line or under a root multiplying out would explode.
    Nested,
}

impl Form {
    /// The form that suits a field.
    pub(crate) fn suited_to(field: &[Expr]) -> Form {
        let swells = |part: &Expr| match part {
            Expr::Power(base, exponent) => {
                matches!(**base, Expr::Sum(_))
                    && !matches!(&**exponent, Expr::Number(n) if n.denominator().is_one() && *n > Rational::ZERO)
            }
            _ => false,
        };
        if field.iter().any(|component| component.contains(&swells)) { Form::Nested } else { Form::Expanded }
    }

    /// An atom in this form.
    pub(crate) fn of(self, atom: &Atom) -> Atom {
        match self {
            Form::Expanded => atom.expand(),
            Form::Nested => atom.clone(),
        }
    }
}

/// The elementary differentials of one field, each computed once.
pub(crate) struct Differentials<'a> {
    trees: &'a Trees,
    form: Form,
    variables: Vec<Symbol>,
    derivatives: HashMap<MultiIndex, Vec<Atom>>,
    directions: HashMap<TreeId, BTreeMap<MultiIndex, Atom>>,
    values: HashMap<TreeId, Vec<Atom>>,
}

impl<'a> Differentials<'a> {
    pub(crate) fn new(
        trees: &'a Trees,
        form: Form,
        variables: Vec<Symbol>,
        field: Vec<Atom>,
    ) -> Differentials<'a> {
        let undifferentiated = vec![0; variables.len()];
        let unit = BTreeMap::from([(undifferentiated.clone(), Atom::num(1))]);
        Differentials {
            trees,
            form,
            variables,
            derivatives: HashMap::from([(undifferentiated, field)]),
            directions: HashMap::from([(TreeId::ROOT, unit)]),
            values: HashMap::new(),
        }
    }

    /// F(t).
    pub(crate) fn value(&mut self, tree: TreeId) -> Vec<Atom> {
        if let Some(known) = self.values.get(&tree) {
            return known.clone();
        }
        let directions = self.directions(tree);
        let mut value = vec![Atom::Zero; self.variables.len()];
        for (index, coefficient) in &directions {
            for (sum, derivative) in value.iter_mut().zip(self.derivative(index)) {
                if !derivative.is_zero() {
                    *sum += coefficient * derivative;
                }
            }
        }
        let value: Vec<Atom> = value.iter().map(|component| self.form.of(component)).collect();
        self.values.insert(tree, value.clone());
        value
    }

    fn directions(&mut self, tree: TreeId) -> BTreeMap<MultiIndex, Atom> {
        if let Some(known) = self.directions.get(&tree) {
            return known.clone();
        }
        let (trunk, branch) = self.trees.split(tree).expect("the single vertex is known from the start");
        let (inner, direction) = (self.directions(trunk), self.value(branch));
        let mut product: BTreeMap<MultiIndex, Atom> = BTreeMap::new();
        for (index, coefficient) in &inner {
            for (variable, component) in direction.iter().enumerate().filter(|(_, c)| !c.is_zero()) {
                let mut index = index.clone();
                index[variable] += 1;
                *product.entry(index).or_insert(Atom::Zero) += coefficient * component;
            }
        }
        for coefficient in product.values_mut() {
            *coefficient = self.form.of(coefficient);
        }
        product.retain(|_, coefficient| !coefficient.is_zero());
        self.directions.insert(tree, product.clone());
        product
    }

    fn derivative(&mut self, index: &MultiIndex) -> &[Atom] {
        if !self.derivatives.contains_key(index) {
            let variable =
                index.iter().position(|&times| times > 0).expect("the field itself is known from the start");
            let mut lower = index.clone();
            lower[variable] -= 1;
            let symbol = self.variables[variable];
            let derivative =
                self.derivative(&lower).iter().map(|component| component.derivative(symbol)).collect();
            self.derivatives.insert(index.clone(), derivative);
        }
        &self.derivatives[index]
    }
}
