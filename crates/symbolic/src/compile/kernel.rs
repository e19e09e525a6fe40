//! Arithmetic at one point, compiled by the JIT of the algebra system: for machines without code of our own.
//!
//! The JIT is told to translate step by step and to fuse nothing, so that the result has the bits that the program says.

use symbolica::atom::Symbol;
use symbolica::evaluate::{
    ExternalFunctionContainer, Instruction, JITCompilationSettings, JITCompiledEvaluator, JITCompiledNumber,
    Slot,
};

use super::program::{Operand, Program, Step};
use crate::error::SymbolicError;

/// A program without calls, compiled for one point.
#[derive(Clone)]
pub(super) struct Kernel {
    code: JITCompiledEvaluator<f64>,
}

impl Kernel {
    /// Compiles a program. Runs on the thread of the algebra system.
    pub(super) fn compile(program: &Program) -> Result<Kernel, SymbolicError> {
        let internal = |message| SymbolicError::Internal { message };
        let constants = program.constants.iter().chain(&[-1.0]);
        let constants = constants
            .map(JITCompiledNumber::to_complex_f64)
            .collect::<Result<Vec<_>, _>>()
            .map_err(internal)?;
        let functions: &[ExternalFunctionContainer<f64>] = &[];
        let settings = JITCompilationSettings::default()
            .direct_translation(true)
            .with_option("fastmath", "false")
            .with_option("use_simd", "false");
        let code = <f64 as JITCompiledNumber>::jit_compile(
            instructions(program),
            constants,
            program.inputs,
            functions,
            settings,
        );
        Ok(Kernel { code: code.map_err(internal)? })
    }

    /// All outputs.
    pub(super) fn run(&mut self, inputs: &[f64], outputs: &mut [f64]) {
        self.code.evaluate(inputs, outputs);
    }
}

/// The instructions that the JIT compiles.
fn instructions(program: &Program) -> Vec<Instruction> {
    let minus_one = Slot::Const(program.constants.len());
    let slot = |operand: Operand| match operand {
        Operand::Input(k) => Slot::Param(k),
        Operand::Constant(c) => Slot::Const(c),
        Operand::Step(k) => Slot::Temp(k),
    };
    let spare = Slot::Temp(program.steps.len());
    let mut instructions = Vec::with_capacity(program.steps.len() + program.outputs.len());
    for (k, step) in program.steps.iter().enumerate() {
        let target = Slot::Temp(k);
        let instruction = match step.map(slot) {
            Step::Negative(a) => Instruction::Mul(target, vec![a, minus_one], 2),
            Step::Sum(a, b) => Instruction::Add(target, vec![a, b], 2),
            Step::Difference(a, b) => {
                instructions.push(Instruction::Mul(spare, vec![b, minus_one], 2));
                Instruction::Add(target, vec![a, spare], 2)
            }
            Step::Product(a, b) => Instruction::Mul(target, vec![a, b], 2),
            Step::Reciprocal(a) => Instruction::Pow(target, a, -1, true),
            Step::Root(a) => Instruction::Fun(target, Box::new((Symbol::SQRT, vec![], vec![a])), true),
            Step::Power(..) | Step::Call(..) => unreachable!("calls stand between kernels"),
        };
        instructions.push(instruction);
    }
    let outputs = program.outputs.iter().enumerate();
    instructions.extend(outputs.map(|(k, &output)| Instruction::Assign(Slot::Out(k), slot(output))));
    instructions
}
