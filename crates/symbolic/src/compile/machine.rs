//! Running a program stage by stage, at one point or at many.
//!
//! A batch is cut into blocks of points whose intermediate values stay in the innermost cache; every stage runs over a
//! block before the next one does. A program without calls is one stage, and goes straight from inputs to outputs.

use super::kernel::Kernel;
use super::lanes::Lanes;
use super::program::{Program, Step};
use super::stages::{Argument, Call, Place, Stage, stages};
use crate::error::SymbolicError;
use crate::expr::Function;

/// Points in a block: enough that calling code costs little, few enough that some dozen blocks stay in the cache.
const BLOCK: usize = 128;

/// A program compiled, with the storage it needs.
#[derive(Clone)]
pub(super) struct Machine {
    stages: Vec<CompiledStage>,
    /// One number for each slot.
    slots: Vec<f64>,
    /// One block for each slot, then one for each input that is the same at all points.
    blocks: Vec<[f64; BLOCK]>,
    /// The values of one point, where batches are computed point by point.
    point: (Vec<f64>, Vec<f64>),
}

#[derive(Clone)]
struct CompiledStage {
    code: Code,
    sources: Vec<Place>,
    targets: Vec<Place>,
    /// One number for each source and target.
    inputs: Vec<f64>,
    outputs: Vec<f64>,
    calls: Vec<Call>,
}

#[derive(Clone)]
enum Code {
    /// No arithmetic to do.
    None,
    /// Our own.
    Lanes(Lanes),
    /// The algebra system's, for single points.
    Jit(Box<Kernel>),
}

impl Machine {
    /// Compiles a program. Runs on the thread of the algebra system.
    pub(super) fn compile(program: &Program) -> Result<Machine, SymbolicError> {
        let (stages, slots) = stages(program);
        let stages = stages.into_iter().map(CompiledStage::compile).collect::<Result<Vec<_>, _>>()?;
        Ok(Machine {
            stages,
            slots: vec![0.0; slots],
            blocks: vec![[0.0; BLOCK]; slots + program.inputs],
            point: (vec![0.0; program.inputs], vec![0.0; program.outputs.len()]),
        })
    }

    /// All outputs at one point.
    pub(super) fn run(&mut self, x: &[f64], out: &mut [f64]) {
        if let [stage] = &mut self.stages[..]
            && stage.calls.is_empty()
        {
            return stage.code.run_point(x, out);
        }
        for stage in &mut self.stages {
            for (input, &source) in stage.inputs.iter_mut().zip(&stage.sources) {
                *input = value(source, x, &self.slots);
            }
            stage.code.run_point(&stage.inputs, &mut stage.outputs);
            for (&output, &target) in stage.outputs.iter().zip(&stage.targets) {
                match target {
                    Place::Slot(s) => self.slots[s] = output,
                    Place::Output(k) => out[k] = output,
                    Place::Input(_) => unreachable!("inputs are only read"),
                }
            }
            for call in &stage.calls {
                let argument = |argument: Argument| match argument {
                    Argument::At(place) => value(place, x, &self.slots),
                    Argument::Number(value) => value,
                };
                self.slots[call.target] = call.step.map(argument).value();
            }
        }
    }

    /// All outputs at `points` points; an input with one value has it at all of them.
    pub(super) fn run_batch(&mut self, x: &[&[f64]], out: &mut [&mut [f64]], points: usize) {
        if self.stages.iter().any(|stage| matches!(stage.code, Code::Jit(_))) {
            return self.run_point_by_point(x, out, points);
        }
        let is_same = |x: &&[f64]| x.len() == 1;
        for (block, x) in self.blocks[self.slots.len()..].iter_mut().zip(x).filter(|(_, x)| is_same(x)) {
            block.fill(x[0]);
        }
        // Without intermediate values there is no need for blocks.
        let straight = self.slots.is_empty() && (points == 1 || !x.iter().any(is_same));
        let block = if straight { points.max(1) } else { BLOCK };
        for start in (0..points).step_by(block) {
            self.run_block(x, out, start, block.min(points - start));
        }
    }

    fn run_point_by_point(&mut self, x: &[&[f64]], out: &mut [&mut [f64]], points: usize) {
        let (mut input, mut output) = std::mem::take(&mut self.point);
        for i in 0..points {
            for (input, x) in input.iter_mut().zip(x) {
                *input = if x.len() == 1 { x[0] } else { x[i] };
            }
            self.run(&input, &mut output);
            for (out, output) in out.iter_mut().zip(&output) {
                out[i] = *output;
            }
        }
        self.point = (input, output);
    }

    #[allow(unsafe_code)]
    fn run_block(&mut self, x: &[&[f64]], out: &mut [&mut [f64]], start: usize, points: usize) {
        let slots = self.slots.len();
        for stage in &mut self.stages {
            if let Code::Lanes(lanes) = &mut stage.code {
                let blocks = self.blocks.as_mut_ptr().cast::<f64>();
                // SAFETY (here and below): there is a block for every slot and every input.
                let block = |k: usize| unsafe { blocks.add(BLOCK * k) };
                let source = |k: usize| match stage.sources[k] {
                    Place::Input(i) if x[i].len() == 1 => block(slots + i).cast_const(),
                    Place::Input(i) => x[i][start..][..points].as_ptr(),
                    Place::Slot(s) => block(s).cast_const(),
                    Place::Output(_) => unreachable!("outputs are only written"),
                };
                let target = |k: usize| match stage.targets[k] {
                    Place::Output(o) => out[o][start..][..points].as_mut_ptr(),
                    Place::Slot(s) => block(s),
                    Place::Input(_) => unreachable!("inputs are only read"),
                };
                // SAFETY: every source and target is a slice of `points` doubles or a block, and blocks are used only where
                // `points` is no more than they hold. A stage writes slots that it does not read, each once.
                unsafe { lanes.run(points, source, target) };
            }
            for call in &stage.calls {
                let mut results = [0.0; BLOCK];
                let results = &mut results[..points];
                let source = |argument: Argument| match argument {
                    Argument::At(Place::Input(i)) if x[i].len() == 1 => Values::Same(x[i][0]),
                    Argument::At(Place::Input(i)) => Values::Each(&x[i][start..][..points]),
                    Argument::At(Place::Slot(s)) => Values::Each(&self.blocks[s][..points]),
                    Argument::At(Place::Output(_)) => unreachable!("outputs are only written"),
                    Argument::Number(value) => Values::Same(value),
                };
                call_at_all(call.step.map(source), results);
                self.blocks[call.target][..points].copy_from_slice(results);
            }
        }
    }
}

impl CompiledStage {
    fn compile(stage: Stage) -> Result<CompiledStage, SymbolicError> {
        let arithmetic = stage.arithmetic;
        let code = match Lanes::compile(&arithmetic.program) {
            _ if arithmetic.targets.is_empty() => Code::None,
            Some(lanes) => Code::Lanes(lanes),
            None => Code::Jit(Box::new(Kernel::compile(&arithmetic.program)?)),
        };
        Ok(CompiledStage {
            code,
            inputs: vec![0.0; arithmetic.sources.len()],
            outputs: vec![0.0; arithmetic.targets.len()],
            sources: arithmetic.sources,
            targets: arithmetic.targets,
            calls: stage.calls,
        })
    }
}

impl Code {
    fn run_point(&mut self, inputs: &[f64], outputs: &mut [f64]) {
        match self {
            Code::None => {}
            Code::Lanes(lanes) => lanes.run_point(inputs, outputs),
            Code::Jit(kernel) => kernel.run(inputs, outputs),
        }
    }
}

fn value(place: Place, x: &[f64], slots: &[f64]) -> f64 {
    match place {
        Place::Input(k) => x[k],
        Place::Slot(s) => slots[s],
        Place::Output(_) => unreachable!("outputs are only written"),
    }
}

/// An argument of a function at all points of a block.
#[derive(Clone, Copy)]
enum Values<'a> {
    Same(f64),
    Each(&'a [f64]),
}

impl Values<'_> {
    fn at(&self, i: usize) -> f64 {
        match self {
            Values::Same(value) => *value,
            Values::Each(values) => values[i],
        }
    }
}

/// One call at all points of a block.
fn call_at_all(step: Step<Values<'_>>, results: &mut [f64]) {
    // A loop of its own for each function, in which it is inlined as far as it can be.
    fn each(results: &mut [f64], a: Values<'_>, f: impl Fn(f64) -> f64) {
        results.iter_mut().enumerate().for_each(|(i, result)| *result = f(a.at(i)));
    }
    match step {
        Step::Call(Function::Exp, a) => each(results, a, f64::exp),
        Step::Call(Function::Log, a) => each(results, a, f64::ln),
        Step::Call(Function::Sin, a) => each(results, a, f64::sin),
        Step::Call(Function::Cos, a) => each(results, a, f64::cos),
        Step::Call(Function::Tan, a) => each(results, a, f64::tan),
        Step::Call(Function::Tanh, a) => each(results, a, f64::tanh),
        step => {
            for (i, result) in results.iter_mut().enumerate() {
                *result = step.map(|values| values.at(i)).value();
            }
        }
    }
}
