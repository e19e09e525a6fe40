//! Evaluators whose outputs have names: an objective with its derivatives, a field, a modified equation.

use std::fmt;
use std::ops::Range;

use super::Evaluator;
use super::recipe::{Output, Recipe};
use crate::derivation::Derivation;
use crate::error::SymbolicError;
use crate::expr::Expr;
use crate::system::{Objective, VectorField};

/// A part of what [`Compiled`] computes, in d variables.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Part {
    /// The objective f.
    Value,
    /// ∇f, d numbers.
    Gradient,
    /// The second derivatives of f, row by row, d² numbers.
    Hessian,
    /// The given field, d numbers; -∇f for an objective.
    Field,
    /// The derivatives of the field, d² numbers: ∂fᵢ/∂xⱼ at i·d + j.
    Jacobian,
    /// The modified field through this power of h, from 1 on, d numbers.
    ModifiedField(usize),
    /// The modified potential through this power of h, from 1 on.
    ModifiedPotential(usize),
}

impl fmt::Display for Part {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Part::Value => write!(f, "the value"),
            Part::Gradient => write!(f, "the gradient"),
            Part::Hessian => write!(f, "the Hessian"),
            Part::Field => write!(f, "the field"),
            Part::Jacobian => write!(f, "the Jacobian"),
            Part::ModifiedField(k) => write!(f, "the modified field through h^{k}"),
            Part::ModifiedPotential(k) => write!(f, "the modified potential through h^{k}"),
        }
    }
}

/// An objective, a field or a modified equation with its derivatives, compiled together.
///
/// The inputs are the variables, then the parameters, then for a modified equation `h`, in this order and without those
/// that were fixed to a number.
///
/// ```no_run
/// use shadowflow_symbolic::{Compiled, Objective, Part};
/// let f = Objective::parse("mu*(1-x*y)^2/2", Some(&["x", "y"]))?;
/// let mut compiled = Compiled::objective(&f, &[("mu", 2.0)])?;
/// assert_eq!(compiled.inputs(), ["x", "y"]);
///
/// // All of it in one pass …
/// let mut all = [0.0; 7];
/// compiled.all().eval(&[2.0, 1.0], &mut all)?;
/// assert_eq!(all[compiled.range(Part::Gradient)?], [2.0, 4.0]);
/// assert_eq!(all[compiled.range(Part::Hessian)?], [2.0, 6.0, 6.0, 8.0]);
///
/// // … or a part alone, here at many points.
/// let mut gradient = compiled.part(Part::Gradient)?;
/// let (mut along_x, mut along_y) = ([0.0; 3], [0.0; 3]);
/// gradient.eval_batch(&[&[0.0, 1.0, 2.0], &[1.0]], &mut [&mut along_x, &mut along_y])?;
/// assert_eq!((along_x, along_y), ([-2.0, 0.0, 2.0], [0.0, 0.0, 4.0]));
/// # Ok::<(), shadowflow_symbolic::SymbolicError>(())
/// ```
#[derive(Clone)]
pub struct Compiled {
    evaluator: Evaluator,
    inputs: Vec<String>,
    parts: Vec<(Part, Range<usize>)>,
}

impl Compiled {
    /// An objective: [`Part::Value`], [`Part::Gradient`], [`Part::Hessian`]. `fixed` gives numbers to parameters (or
    /// variables), which then are no inputs.
    ///
    /// # Errors
    /// If a fixed name does not occur, a formula divides by zero or is not real, or the algebra system is not available.
    pub fn objective(objective: &Objective, fixed: &[(&str, f64)]) -> Result<Compiled, SymbolicError> {
        let mut plan = Plan::new(&[objective.variables(), objective.parameters()], fixed);
        let f = plan.formula(objective.expr());
        plan.add_objective(f, objective.variables().len());
        plan.finish()
    }

    /// A field: [`Part::Field`], [`Part::Jacobian`]. For `fixed` see [`Compiled::objective`].
    ///
    /// # Errors
    /// As for [`Compiled::objective`].
    pub fn field(field: &VectorField, fixed: &[(&str, f64)]) -> Result<Compiled, SymbolicError> {
        let mut plan = Plan::new(&[field.variables(), field.parameters()], fixed);
        plan.add_field(field.components());
        plan.finish()
    }

    /// A modified equation: [`Part::Field`], [`Part::Jacobian`] and [`Part::ModifiedField`] through every power of h; with
    /// a potential also [`Part::Value`], [`Part::Gradient`], [`Part::Hessian`] and [`Part::ModifiedPotential`] through every
    /// power it has. The last input is `h`. For `fixed` see [`Compiled::objective`].
    ///
    /// # Errors
    /// As for [`Compiled::objective`].
    pub fn derivation(derivation: &Derivation, fixed: &[(&str, f64)]) -> Result<Compiled, SymbolicError> {
        let dimension = derivation.variables.len();
        let names = [&derivation.variables[..], &derivation.parameters, &["h".to_owned()]];
        let h = names.iter().map(|names| names.len()).sum::<usize>() - 1;
        let mut plan = Plan::new(&names, fixed);
        if let Some(potential) = &derivation.potential {
            let terms: Vec<usize> = potential.terms.iter().map(|term| plan.formula(term)).collect();
            plan.add_objective(terms[0], dimension);
            for k in 1..terms.len() {
                plan.add(Part::ModifiedPotential(k), [Output::PowerSeries(terms[..=k].to_vec(), h)]);
            }
        }
        plan.add_field(&derivation.field[0]);
        let coefficients: Vec<Vec<usize>> = derivation
            .field
            .iter()
            .map(|coefficient| coefficient.iter().map(|component| plan.formula(component)).collect())
            .collect();
        for k in 1..coefficients.len() {
            let component =
                |i: usize| Output::PowerSeries(coefficients[..=k].iter().map(|c| c[i]).collect(), h);
            plan.add(Part::ModifiedField(k), (0..dimension).map(component));
        }
        plan.finish()
    }

    /// The names of the inputs.
    pub fn inputs(&self) -> &[String] {
        &self.inputs
    }

    /// The parts, and where each stands among the outputs of [`Compiled::all`].
    pub fn parts(&self) -> &[(Part, Range<usize>)] {
        &self.parts
    }

    /// Where a part stands among the outputs of [`Compiled::all`].
    ///
    /// # Errors
    /// If the part was not compiled.
    pub fn range(&self, part: Part) -> Result<Range<usize>, SymbolicError> {
        let found = self.parts.iter().find(|(known, _)| *known == part);
        found.map(|(_, range)| range.clone()).ok_or_else(|| SymbolicError::UnknownPart {
            part: part.to_string(),
            parts: self.parts.iter().map(|(known, _)| known.to_string()).collect(),
        })
    }

    /// The evaluator of all parts at once.
    pub fn all(&mut self) -> &mut Evaluator {
        &mut self.evaluator
    }

    /// An evaluator of one part alone.
    ///
    /// # Errors
    /// If the part was not compiled, or the algebra system fails.
    pub fn part(&self, part: Part) -> Result<Evaluator, SymbolicError> {
        self.evaluator.only(self.range(part)?)
    }
}

/// A recipe with its outputs in parts.
struct Plan {
    recipe: Recipe,
    parts: Vec<(Part, Range<usize>)>,
}

impl Plan {
    fn new(names: &[&[String]], fixed: &[(&str, f64)]) -> Plan {
        let fixed = fixed.iter().map(|&(name, value)| (name.to_owned(), value)).collect();
        let recipe = Recipe { formulas: Vec::new(), names: names.concat(), fixed, outputs: Vec::new() };
        Plan { recipe, parts: Vec::new() }
    }

    fn formula(&mut self, expr: &Expr) -> usize {
        self.recipe.formulas.push(expr.clone());
        self.recipe.formulas.len() - 1
    }

    fn add(&mut self, part: Part, outputs: impl IntoIterator<Item = Output>) {
        let start = self.recipe.outputs.len();
        self.recipe.outputs.extend(outputs);
        self.parts.push((part, start..self.recipe.outputs.len()));
    }

    fn add_objective(&mut self, f: usize, dimension: usize) {
        self.add(Part::Value, [Output::Formula(f)]);
        self.add(Part::Gradient, (0..dimension).map(|i| Output::Derivative(f, i)));
        let entry = |k: usize| Output::SecondDerivative(f, k / dimension, k % dimension);
        self.add(Part::Hessian, (0..dimension * dimension).map(entry));
    }

    fn add_field(&mut self, components: &[Expr]) {
        let places: Vec<usize> = components.iter().map(|component| self.formula(component)).collect();
        self.add(Part::Field, places.iter().map(|&i| Output::Formula(i)));
        let rows = places.iter().flat_map(|&i| (0..places.len()).map(move |j| Output::Derivative(i, j)));
        self.add(Part::Jacobian, rows.collect::<Vec<_>>());
    }

    fn finish(self) -> Result<Compiled, SymbolicError> {
        let inputs = self.recipe.inputs();
        Ok(Compiled { evaluator: Evaluator::from_recipe(self.recipe)?, inputs, parts: self.parts })
    }
}
