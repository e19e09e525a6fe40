//! The derivation itself, on the thread of the algebra system.

use std::sync::Arc;

use shadowflow_bseries::{Gradient, TreeId};
use shadowflow_methods::{Exact, Rational};
use symbolica::atom::{Atom, AtomCore, Symbol};

use crate::atoms::Vocabulary;
use crate::derivation::Derivation;
use crate::differential::{Differentials, Form};
use crate::error::SymbolicError;
use crate::expr::Expr;
use crate::potential;
use crate::system::System;

/// Everything about one system that the derivation of field and potential share.
pub(crate) struct Context<'a> {
    pub(crate) gradient: &'a Gradient,
    pub(crate) form: Form,
    pub(crate) vocabulary: Vocabulary,
    pub(crate) variables: Vec<Symbol>,
    pub(crate) differentials: Differentials<'a>,
}

/// Field, potential and obstruction through the order of the series, less one.
pub(crate) fn derivation(system: &System, gradient: &Gradient) -> Result<Derivation, SymbolicError> {
    let names = system.variables().iter().chain(system.parameters()).map(|name| Arc::from(name.as_str()));
    let vocabulary = Vocabulary::new(names);
    let dimension = system.variables().len();
    let variables: Vec<Symbol> = (0..dimension).map(|k| vocabulary.symbol(k)).collect();
    let right_hand_side: Vec<Atom> = match system {
        System::Gradient(objective) => {
            let f = vocabulary.to_atom(objective.expr())?;
            variables.iter().map(|&x| -f.derivative(x)).collect()
        }
        System::Field(field) => {
            field.components().iter().map(|c| vocabulary.to_atom(c)).collect::<Result<_, _>>()?
        }
    };
    let formulas =
        right_hand_side.iter().map(|atom| vocabulary.to_expr(atom)).collect::<Result<Vec<_>, _>>()?;
    let form = Form::suited_to(&formulas);
    let right_hand_side = right_hand_side.iter().map(|atom| form.of(atom)).collect();
    let trees = gradient.series().trees();
    let differentials = Differentials::new(trees, form, variables.clone(), right_hand_side);
    let mut context = Context { gradient, form, vocabulary, variables, differentials };

    let coefficients: Vec<Vec<Atom>> = (1..=gradient.order()).map(|n| context.field_of_order(n)).collect();
    let mut field = Vec::with_capacity(coefficients.len());
    for coefficient in &coefficients {
        field.push(context.presented_all(coefficient)?);
    }
    let (potential, obstruction) = match system {
        System::Gradient(objective) => {
            let (potential, obstruction) = potential::through(&mut context, objective, &coefficients)?;
            (Some(potential), obstruction)
        }
        System::Field(_) => (None, None),
    };
    Ok(Derivation {
        variables: system.variables().to_vec(),
        parameters: system.parameters().to_vec(),
        field,
        potential,
        obstruction,
    })
}

impl Context<'_> {
    /// The coefficient of h^(n-1): Σ b(t)/σ(t) F(t) over the trees with n vertices.
    fn field_of_order(&mut self, n: usize) -> Vec<Atom> {
        let series = self.gradient.series();
        let coefficients: Vec<_> =
            series.trees().of_order(n).map(|tree| (tree, series.coefficient(tree).clone())).collect();
        self.combination(&coefficients)
    }

    /// Σ c(t)/σ(t) F(t).
    pub(crate) fn combination(&mut self, coefficients: &[(TreeId, Exact)]) -> Vec<Atom> {
        let trees = self.gradient.series().trees();
        let mut sum = vec![Atom::Zero; self.variables.len()];
        for (tree, coefficient) in coefficients.iter().filter(|(_, c)| !c.is_zero()) {
            let weight = coefficient * &unit_fraction(trees.symmetry(*tree));
            let factor = self.number(&weight);
            for (sum, component) in sum.iter_mut().zip(self.differentials.value(*tree)) {
                *sum += &factor * component;
            }
        }
        sum.iter().map(|component| self.form.of(component)).collect()
    }

    /// An exact number as an atom.
    pub(crate) fn number(&self, value: &Exact) -> Atom {
        let number =
            Expr::exact(value).expect("`derive` refuses coefficients with other than one square root");
        self.vocabulary.to_atom(&number).expect("a number has no names and no zero below a line")
    }

    /// The formula in the form in which it is shown: factored, unless multiplied out it is a good deal shorter.
    pub(crate) fn presented(&self, atom: &Atom) -> Result<Expr, SymbolicError> {
        const MAX_TERMS: usize = 1000;
        let shown = self.vocabulary.to_expr(&self.form.of(atom))?;
        let terms = if let Expr::Sum(terms) = &shown { terms.len() } else { 1 };
        if self.form == Form::Nested || terms > MAX_TERMS || !is_safe_to_join(&shown) {
            return Ok(shown);
        }
        let factored = self.vocabulary.to_expr(&atom.factor())?;
        let length = |expr: &Expr| expr.to_string().chars().count();
        Ok(if 4 * length(&factored) > 5 * length(&shown) { shown } else { factored })
    }

    pub(crate) fn presented_all(&self, atoms: &[Atom]) -> Result<Vec<Expr>, SymbolicError> {
        atoms.iter().map(|atom| self.presented(atom)).collect()
    }
}

/// Whether bringing a formula over one denominator, as factoring does, is safe: roots other than square roots become
/// polynomials of the degree of their common denominator first.
pub(crate) fn is_safe_to_join(shown: &Expr) -> bool {
    let high_root = |part: &Expr| match part {
        Expr::Power(_, exponent) => {
            matches!(&**exponent, Expr::Number(n) if *n.denominator() > 2u8.into())
        }
        _ => false,
    };
    !shown.contains(&high_root)
}

/// 1/n.
pub(crate) fn unit_fraction(n: u64) -> Exact {
    Rational::from_parts(1.into(), n.into()).into()
}
