//! A program cut into stages: arithmetic, which is compiled, and between it calls of library functions.
//!
//! Step k belongs to stage s if some chain of s calls leads to it. Stage s computes its arithmetic, then its calls.

use super::program::{Extract, Operand, Program, Step};

/// Where a number is while a program runs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Place {
    Input(usize),
    /// Among the numbers that a later stage needs.
    Slot(usize),
    Output(usize),
}

/// One stage.
#[derive(Clone, Debug)]
pub(super) struct Stage {
    pub(super) arithmetic: Arithmetic,
    pub(super) calls: Vec<Call>,
}

/// Arithmetic without calls, the places that its inputs come from and its outputs go to.
#[derive(Clone, Debug)]
pub(super) struct Arithmetic {
    pub(super) program: Program,
    pub(super) sources: Vec<Place>,
    pub(super) targets: Vec<Place>,
}

/// One call: its operation, on places or numbers, and the slot for the result.
#[derive(Clone, Copy, Debug)]
pub(super) struct Call {
    pub(super) step: Step<Argument>,
    pub(super) target: usize,
}

/// What a function is called with.
#[derive(Clone, Copy, Debug)]
pub(super) enum Argument {
    At(Place),
    Number(f64),
}

/// The stages of a program, and how many slots they need.
pub(super) fn stages(program: &Program) -> (Vec<Stage>, usize) {
    let steps = &program.steps;
    // The stage of a step, and the first stage whose arithmetic can use its value.
    let mut stage = vec![0; steps.len()];
    let mut known_from = vec![0; steps.len()];
    let from = |operand: Operand, known_from: &[usize]| match operand {
        Operand::Step(k) => known_from[k],
        Operand::Input(_) | Operand::Constant(_) => 0,
    };
    for (k, step) in steps.iter().enumerate() {
        step.visit(|operand| stage[k] = stage[k].max(from(operand, &known_from)));
        known_from[k] = stage[k] + usize::from(step.is_call());
    }
    let count = 1 + program.outputs.iter().map(|&output| from(output, &known_from)).max().unwrap_or(0);

    // Slots for what calls give, and for what arithmetic hands on to calls and to later stages.
    let mut slot = vec![None; steps.len()];
    let mut slots = 0;
    let mut demand = |operand: Operand| {
        if let Operand::Step(k) = operand {
            slot[k].get_or_insert_with(|| {
                slots += 1;
                slots - 1
            });
        }
    };
    for (k, step) in steps.iter().enumerate() {
        if step.is_call() {
            step.visit(&mut demand);
            demand(Operand::Step(k));
        } else {
            step.visit(|operand| {
                if matches!(operand, Operand::Step(j) if stage[j] != stage[k]) {
                    demand(operand);
                }
            });
        }
    }
    let place = |operand: Operand| match operand {
        Operand::Input(k) => Place::Input(k),
        Operand::Step(k) => Place::Slot(slot[k].expect("what another stage uses was given a slot above")),
        Operand::Constant(_) => unreachable!("constants are part of the arithmetic and of calls"),
    };

    let one = |s: usize| {
        // Without calls the inputs are those of the whole.
        let mut extract = Extract::new(program, if count == 1 { program.inputs } else { 0 });
        let (mut outputs, mut targets) = (Vec::new(), Vec::new());
        for k in (0..steps.len()).filter(|&k| stage[k] == s && !steps[k].is_call()) {
            extract.push(k);
            if slot[k].is_some() {
                outputs.push(extract.operand(Operand::Step(k)));
                targets.push(place(Operand::Step(k)));
            }
        }
        for (o, &output) in program.outputs.iter().enumerate() {
            if from(output, &known_from) == s {
                outputs.push(extract.operand(output));
                targets.push(Place::Output(o));
            }
        }
        let (arithmetic, sources) = extract.finish(outputs);
        let sources = sources.into_iter().map(place).collect();
        let argument = |operand: Operand| match operand {
            Operand::Constant(c) => Argument::Number(program.constants[c]),
            operand => Argument::At(place(operand)),
        };
        let calls = (0..steps.len())
            .filter(|&k| stage[k] == s && steps[k].is_call())
            .filter_map(|k| slot[k].map(|target| Call { step: steps[k].map(argument), target }));
        Stage { arithmetic: Arithmetic { program: arithmetic, sources, targets }, calls: calls.collect() }
    };
    ((0..count).map(one).collect(), slots)
}

#[cfg(test)]
mod tests {
    use super::super::program::tests::{ARITHMETIC, Random, same};
    use super::*;
    use crate::expr::Function;

    /// The outputs at one point, stage by stage.
    fn staged(program: &Program, x: &[f64]) -> Vec<f64> {
        let (stages, slots) = stages(program);
        let (mut slots, mut out) = (vec![f64::NAN; slots], vec![f64::NAN; program.outputs.len()]);
        for stage in stages {
            let at = |place: Place, slots: &[f64]| match place {
                Place::Input(k) => x[k],
                Place::Slot(s) => slots[s],
                Place::Output(_) => panic!("outputs are not read"),
            };
            let arithmetic = &stage.arithmetic;
            assert!(arithmetic.program.steps.iter().all(|step| !step.is_call()));
            let inputs: Vec<f64> = arithmetic.sources.iter().map(|&source| at(source, &slots)).collect();
            let outputs = arithmetic.program.outputs_at(&inputs);
            for (value, target) in outputs.into_iter().zip(&arithmetic.targets) {
                match *target {
                    Place::Slot(s) => slots[s] = value,
                    Place::Output(k) => out[k] = value,
                    Place::Input(_) => panic!("inputs are not written"),
                }
            }
            for call in &stage.calls {
                let argument = |argument: Argument| match argument {
                    Argument::At(place) => at(place, &slots),
                    Argument::Number(value) => value,
                };
                slots[call.target] = call.step.map(argument).value();
            }
        }
        out
    }

    #[test]
    fn stages_compute_what_the_program_does() {
        let sine = |a, _| Step::Call(Function::Sin, a);
        let operations = [&ARITHMETIC[..], &[sine, Step::Power]].concat();
        let mut random = Random(12345);
        let x = [0.7, -1.3, 2.1];
        for _ in 0..300 {
            let (inputs, steps) = (1 + random.below(3), random.below(20));
            let program = random.program(inputs, &operations, steps, 4);
            let (expected, found) = (program.outputs_at(&x[..inputs]), staged(&program, &x[..inputs]));
            let equal = expected.iter().zip(&found).all(|(a, b)| same(*a, *b));
            assert!(equal, "{program:?} {expected:?} {found:?}");
        }
    }
}
