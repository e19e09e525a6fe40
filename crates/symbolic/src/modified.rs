//! The derivation itself: field and potential of a tree series on a concrete system, power by power.

use crate::coefficients::{FreeTable, Level, TreeSeries};
use crate::derivation::{Derivation, Obstruction, Potential};
use crate::differential::Differentials;
use crate::error::SymbolicError;
use crate::expr::Expr;
use crate::potential;
use crate::ring::FormulaRing;

/// A system in a ring of formulas: the parts of its field, one for each colour of the trees, and the objectives whose negative
/// gradients they are, if they are gradients.
pub(crate) struct Parts<E> {
    pub(crate) fields: Vec<Vec<E>>,
    pub(crate) objectives: Option<Vec<E>>,
}

/// Trees with their weights.
type Weighted<Tree, E> = Vec<(Tree, E)>;

/// A level with its weights in a ring of formulas.
pub(crate) struct Weights<Tree, E> {
    field: Weighted<Tree, E>,
    classes: Vec<ClassWeights<Tree, E>>,
}

/// A free class with its weights.
pub(crate) struct ClassWeights<Tree, E> {
    pub(crate) constant: bool,
    pub(crate) weight: E,
    pub(crate) split: Option<(Tree, Tree)>,
    pub(crate) name: Tree,
    pub(crate) residual: Weighted<Tree, E>,
}

/// The weights of a series in a ring of formulas, of which `read` makes elements.
pub(crate) fn read_levels<T: FreeTable, E>(
    series: &TreeSeries<T>,
    read: &mut impl FnMut(&Expr) -> Result<E, SymbolicError>,
) -> Result<Vec<Weights<T::Tree, E>>, SymbolicError> {
    let mut all = Vec::with_capacity(series.levels.len());
    for Level { field, classes } in &series.levels {
        let field = read_all(field, read)?;
        let mut read_classes = Vec::with_capacity(classes.len());
        for class in classes {
            read_classes.push(ClassWeights {
                constant: class.constant,
                weight: read(&class.weight)?,
                split: class.split,
                name: class.name,
                residual: read_all(&class.residual, read)?,
            });
        }
        all.push(Weights { field, classes: read_classes });
    }
    Ok(all)
}

fn read_all<Tree: Copy, E>(
    weights: &[(Tree, Expr)],
    read: &mut impl FnMut(&Expr) -> Result<E, SymbolicError>,
) -> Result<Weighted<Tree, E>, SymbolicError> {
    weights.iter().map(|(tree, weight)| Ok((*tree, read(weight)?))).collect()
}

/// What a derivation works with.
pub(crate) struct Context<'a, T: FreeTable, A: FormulaRing> {
    pub(crate) ring: &'a A,
    pub(crate) trees: &'a T,
    pub(crate) parts: &'a Parts<A::Element>,
    pub(crate) differentials: Differentials<'a, T, A>,
}

impl<T: FreeTable, A: FormulaRing> Context<'_, T, A> {
    /// Σ weight · F(t).
    pub(crate) fn combination(
        &mut self,
        weights: &[(T::Tree, A::Element)],
    ) -> Result<Vec<A::Element>, SymbolicError> {
        let mut sums: Vec<A::Sum> = (0..self.ring.variables()).map(|_| A::Sum::default()).collect();
        for (tree, weight) in weights {
            let value = self.differentials.value(*tree)?;
            for (sum, component) in sums.iter_mut().zip(value.iter()) {
                self.ring.add_product(sum, weight, component)?;
            }
        }
        sums.into_iter().map(|sum| self.ring.finish(sum)).collect()
    }
}

/// How a derivation in a ring ended.
pub(crate) enum Ended {
    /// With the last power.
    Whole,
    /// Before a power whose formulas are longer than asked for.
    TooLong,
}

/// Derives power after power; what is found goes into `found`, so that it is there when time runs out.
///
/// # Errors
/// Whatever stops it before the last power.
pub(crate) fn through<T: FreeTable, A: FormulaRing>(
    ring: &A,
    trees: &T,
    levels: &[Weights<T::Tree, A::Element>],
    parts: &Parts<A::Element>,
    (given, longest): (&[Expr], usize),
    found: &mut Derivation,
) -> Result<Ended, SymbolicError> {
    let differentials = Differentials::new(trees, ring, &parts.fields);
    let mut context = Context { ring, trees, parts, differentials };
    let mut potential_goes_on = parts.objectives.is_some();
    for (h_power, level) in levels.iter().enumerate() {
        let field = context.combination(&level.field)?;
        if field.iter().map(|component| ring.size(component)).max() > Some(longest) {
            return Ok(Ended::TooLong);
        }
        found.field.push(ring.presented_all(&field)?);
        if !potential_goes_on {
            continue;
        }
        let step = if h_power == 0 {
            potential::first(&context, &level.classes, given)?
        } else {
            potential::step(&mut context, h_power, &level.classes, &field)?
        };
        match step {
            potential::Step::Term { term, special } => {
                let potential =
                    found.potential.get_or_insert(Potential { terms: Vec::new(), special_from: None });
                potential.terms.push(term);
                if special {
                    potential.special_from.get_or_insert(h_power);
                }
            }
            potential::Step::End(obstruction) => {
                potential_goes_on = false;
                found.obstruction = Some(obstruction);
            }
        }
    }
    Ok(Ended::Whole)
}

impl Derivation {
    /// Nothing yet.
    pub(crate) fn begin(variables: &[String], parameters: &[String]) -> Derivation {
        Derivation {
            variables: variables.to_vec(),
            parameters: parameters.to_vec(),
            field: Vec::new(),
            potential: None,
            obstruction: None::<Obstruction>,
            covariance: None,
            stopped: None,
        }
    }
}
