//! A recipe compiled: its program, and the machine that runs it.

use std::ops::Range;
use std::sync::Arc;

use super::machine::Machine;
use super::program::Program;
use super::recipe::Recipe;
use super::source::{Language, source};
use super::translate;
use crate::error::SymbolicError;

#[derive(Clone)]
pub(super) struct Engine {
    recipe: Arc<Recipe>,
    /// The names of the inputs.
    names: Arc<[String]>,
    program: Arc<Program>,
    machine: Machine,
}

impl Engine {
    pub(super) fn compile(recipe: Recipe) -> Result<Engine, SymbolicError> {
        recipe.check()?;
        Engine::from_best(Arc::new(recipe), None)
    }

    pub(super) fn only(&self, outputs: Range<usize>) -> Result<Engine, SymbolicError> {
        let pruned = self.program.only(outputs.clone());
        let recipe = Recipe { outputs: self.recipe.outputs[outputs].to_vec(), ..Recipe::clone(&self.recipe) };
        Engine::from_best(Arc::new(recipe), Some(pruned))
    }

    /// The engine of a recipe, for which a program may be known; what was best for more outputs need not be best here.
    fn from_best(recipe: Arc<Recipe>, known: Option<Program>) -> Result<Engine, SymbolicError> {
        let ours = recipe.clone();
        let (program, machine) = crate::algebra::run(move || {
            let program = translate::program(&ours)?;
            let program = match known {
                Some(known) if known.cost() <= program.cost() => known,
                _ => program,
            };
            let machine = Machine::compile(&program)?;
            Ok::<_, SymbolicError>((program, machine))
        })??;
        Ok(Engine { names: recipe.inputs().into(), recipe, program: Arc::new(program), machine })
    }

    pub(super) fn inputs(&self) -> usize {
        self.program.inputs
    }

    pub(super) fn outputs(&self) -> usize {
        self.program.outputs.len()
    }

    pub(super) fn run(&mut self, x: &[f64], out: &mut [f64]) {
        self.machine.run(x, out);
    }

    pub(super) fn run_batch(&mut self, x: &[&[f64]], out: &mut [&mut [f64]], points: usize) {
        self.machine.run_batch(x, out, points);
    }

    pub(super) fn to_rust(&self, name: &str) -> Result<String, SymbolicError> {
        source(&self.program, &self.names, name, Language::Rust)
    }

    pub(super) fn to_c(&self, name: &str) -> Result<String, SymbolicError> {
        source(&self.program, &self.names, name, Language::C)
    }
}
