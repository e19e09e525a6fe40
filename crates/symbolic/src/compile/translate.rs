//! From formulas to a straight-line program, by way of the algebra system, which looks for few operations: derivatives,
//! Horner schemes and common subexpressions. Runs on the thread of the algebra system.

use std::collections::HashMap;
use std::sync::Arc;

use symbolica::atom::{Atom, AtomCore, Symbol};
use symbolica::evaluate::{Instruction, Slot};

use super::builder::{Builder, Signed};
use super::program::Program;
use super::recipe::{Output, Recipe};
use crate::atoms::Vocabulary;
use crate::error::SymbolicError;
use crate::expr::Function;

/// The program of a recipe.
pub(super) fn program(recipe: &Recipe) -> Result<Program, SymbolicError> {
    let vocabulary = Vocabulary::new(recipe.names.iter().map(|name| Arc::from(name.as_str())));
    let formulas =
        recipe.formulas.iter().map(|formula| vocabulary.to_atom(formula)).collect::<Result<Vec<_>, _>>()?;
    let name = |k: usize| vocabulary.symbol(k);
    let derivative = |f: usize, i: usize| formulas[f].derivative(name(i));

    // What the algebra system is to compile, each atom once.
    let mut wanted = Wanted { vocabulary: &vocabulary, atoms: Vec::new(), places: HashMap::new() };
    let mut outputs: Vec<Vec<usize>> = Vec::with_capacity(recipe.outputs.len());
    for output in &recipe.outputs {
        outputs.push(match output {
            Output::Formula(f) => vec![wanted.place(formulas[*f].clone())?],
            Output::Derivative(f, i) => vec![wanted.place(derivative(*f, *i))?],
            // Mixed derivatives are the same in either order, and so are their formulas.
            Output::SecondDerivative(f, i, j) => {
                vec![wanted.place(derivative(*f, *i.min(j)).derivative(name(*i.max(j))))?]
            }
            Output::PowerSeries(terms, _) => {
                terms.iter().map(|&f| wanted.place(formulas[f].clone())).collect::<Result<_, _>>()?
            }
        });
    }

    // A Horner scheme of what is multiplied out has fewer steps, or the formula as it stands, which may have factors.
    let mut programs = Vec::new();
    for rounds in [HORNER_ROUNDS, 0] {
        let (mut builder, arguments) = started(recipe);
        let parameters: Vec<Atom> = (0..recipe.names.len()).map(|k| Atom::var(name(k))).collect();
        let values = translated(&wanted.atoms, &parameters, rounds, &arguments, &mut builder)?;
        let output = |(output, places): (&Output, &Vec<usize>)| match output {
            Output::PowerSeries(_, h) => {
                power_series(&mut builder, places.iter().map(|&k| values[k]), arguments[*h])
            }
            _ => values[places[0]],
        };
        let outputs: Vec<Signed> = recipe.outputs.iter().zip(&outputs).map(output).collect();
        programs.push(builder.finish(&outputs));
    }
    Ok(programs.into_iter().min_by_key(Program::cost).expect("there are two"))
}

/// How many Horner schemes the algebra system tries: its own default.
const HORNER_ROUNDS: usize = 10;

/// A builder, and what stands for the names of a recipe: inputs, or the numbers they are fixed to.
fn started(recipe: &Recipe) -> (Builder, Vec<Signed>) {
    let mut builder = Builder::new(recipe.inputs().len());
    let mut free = 0;
    let mut argument = |name: &String| match recipe.fixed.iter().find(|(fixed, _)| fixed == name) {
        Some((_, value)) => builder.constant(*value),
        None => {
            free += 1;
            Signed::input(free - 1)
        }
    };
    let arguments = recipe.names.iter().map(&mut argument).collect();
    (builder, arguments)
}

/// Σ cₖ hᵏ from the first term on, so that a longer sum continues a shorter one.
fn power_series(builder: &mut Builder, terms: impl Iterator<Item = Signed>, h: Signed) -> Signed {
    let (mut sum, mut power) = (builder.constant(0.0), builder.constant(1.0));
    for term in terms {
        let term = builder.product(power, term);
        sum = builder.sum(sum, term);
        power = builder.product(power, h);
    }
    sum
}

/// Atoms without repetition.
struct Wanted<'a> {
    vocabulary: &'a Vocabulary,
    atoms: Vec<Atom>,
    places: HashMap<Atom, usize>,
}

impl Wanted<'_> {
    fn place(&mut self, atom: Atom) -> Result<usize, SymbolicError> {
        if let Some(&known) = self.places.get(&atom) {
            return Ok(known);
        }
        // Complex and infinite coefficients have no formula, and doubles could not hold them.
        self.vocabulary.to_expr(&atom)?;
        self.places.insert(atom.clone(), self.atoms.len());
        self.atoms.push(atom);
        Ok(self.atoms.len() - 1)
    }
}

/// The steps that compute the atoms from the parameters, whose values are given.
fn translated(
    atoms: &[Atom],
    parameters: &[Atom],
    horner_rounds: usize,
    arguments: &[Signed],
    builder: &mut Builder,
) -> Result<Vec<Signed>, SymbolicError> {
    let exported = Atom::evaluator_multiple(atoms, parameters)
        .horner_iterations(horner_rounds)
        .build()
        .map_err(|e| internal(e.to_string()))?
        .map_coeff(&|c| c.re.to_f64())
        .export_instructions();
    let unset = builder.constant(f64::NAN);
    let mut values = Values {
        arguments: arguments.to_vec(),
        constants: exported.constants.iter().map(|&c| builder.constant(c)).collect(),
        temporaries: vec![unset; exported.temporary_count],
        outputs: vec![unset; atoms.len()],
    };
    for instruction in &exported.instructions {
        let (target, value) = match instruction {
            Instruction::Add(target, terms, _) => (target, values.fold(builder, terms, Builder::sum)),
            Instruction::Mul(target, factors, _) => (target, values.fold(builder, factors, Builder::product)),
            Instruction::Pow(target, base, exponent, _) => {
                (target, builder.whole_power(values.get(base), *exponent))
            }
            Instruction::Powf(target, base, exponent, _) => {
                let base = values.get(base);
                let exponent = values.get(exponent);
                (target, builder.power(base, exponent))
            }
            Instruction::Fun(target, call, _) => {
                let (symbol, _, arguments) = &**call;
                let [argument] = &arguments[..] else { return Err(foreign(instruction)) };
                let argument = values.get(argument);
                if *symbol == Symbol::SQRT {
                    (target, builder.root(argument))
                } else {
                    let function = Function::ALL.into_iter().find(|f| f.name() == symbol.get_stripped_name());
                    (target, builder.call(function.ok_or_else(|| foreign(instruction))?, argument))
                }
            }
            Instruction::Assign(target, value) => (target, values.get(value)),
            Instruction::IfElse(..)
            | Instruction::Goto(_)
            | Instruction::Label(_)
            | Instruction::Join(..) => return Err(foreign(instruction)),
        };
        values.set(target, value);
    }
    Ok(values.outputs)
}

/// What the slots of the algebra system hold.
struct Values {
    arguments: Vec<Signed>,
    constants: Vec<Signed>,
    temporaries: Vec<Signed>,
    outputs: Vec<Signed>,
}

impl Values {
    fn get(&self, slot: &Slot) -> Signed {
        match *slot {
            Slot::Param(k) => self.arguments[k],
            Slot::Const(k) => self.constants[k],
            Slot::Temp(k) => self.temporaries[k],
            Slot::Out(k) => self.outputs[k],
        }
    }

    fn set(&mut self, slot: &Slot, value: Signed) {
        match *slot {
            Slot::Temp(k) => self.temporaries[k] = value,
            Slot::Out(k) => self.outputs[k] = value,
            // Nothing writes to what is given.
            Slot::Param(_) | Slot::Const(_) => {}
        }
    }

    fn fold(
        &self,
        builder: &mut Builder,
        slots: &[Slot],
        operation: fn(&mut Builder, Signed, Signed) -> Signed,
    ) -> Signed {
        let values: Vec<Signed> = slots.iter().map(|slot| self.get(slot)).collect();
        let combined = values.into_iter().reduce(|so_far, value| operation(builder, so_far, value));
        combined.unwrap_or_else(|| builder.constant(0.0))
    }
}

fn internal(message: String) -> SymbolicError {
    SymbolicError::Internal { message }
}

fn foreign(instruction: &Instruction) -> SymbolicError {
    internal(format!("it compiles to `{instruction}`, which is not understood here"))
}
