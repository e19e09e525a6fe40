//! Straight-line programs: what a set of formulas comes to, as arithmetic steps in the order of their execution.
//!
//! A program is in single assignment: step k defines value k from inputs, constants and earlier values.

use std::collections::HashMap;
use std::ops::Range;

use crate::expr::Function;
pub(super) use crate::native::listing::Operand;

/// One operation, rounded once.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) enum Step<T = Operand> {
    /// -a
    Negative(T),
    /// a + b
    Sum(T, T),
    /// a - b
    Difference(T, T),
    /// a b
    Product(T, T),
    /// 1/a
    Reciprocal(T),
    /// √a
    Root(T),
    /// a to the power b, which is no whole number known beforehand
    Power(T, T),
    /// f(a)
    Call(Function, T),
}

impl<T: Copy> Step<T> {
    /// The same operation on other operands.
    pub(super) fn map<U>(self, mut f: impl FnMut(T) -> U) -> Step<U> {
        match self {
            Step::Negative(a) => Step::Negative(f(a)),
            Step::Sum(a, b) => Step::Sum(f(a), f(b)),
            Step::Difference(a, b) => Step::Difference(f(a), f(b)),
            Step::Product(a, b) => Step::Product(f(a), f(b)),
            Step::Reciprocal(a) => Step::Reciprocal(f(a)),
            Step::Root(a) => Step::Root(f(a)),
            Step::Power(a, b) => Step::Power(f(a), f(b)),
            Step::Call(function, a) => Step::Call(function, f(a)),
        }
    }

    /// Calls `visitor` for every operand.
    pub(super) fn visit(self, mut visitor: impl FnMut(T)) {
        self.map(&mut visitor);
    }

    /// Whether this is a library function rather than arithmetic.
    pub(super) fn is_call(self) -> bool {
        matches!(self, Step::Power(..) | Step::Call(..))
    }
}

impl Step<f64> {
    /// The result.
    pub(super) fn value(self) -> f64 {
        match self {
            Step::Negative(a) => -a,
            Step::Sum(a, b) => a + b,
            Step::Difference(a, b) => a - b,
            Step::Product(a, b) => a * b,
            Step::Reciprocal(a) => 1.0 / a,
            Step::Root(a) => a.sqrt(),
            Step::Power(a, b) => a.powf(b),
            Step::Call(function, a) => function.eval(a),
        }
    }
}

/// A straight-line program.
#[derive(Clone, Debug, Default)]
pub(super) struct Program {
    /// The number of inputs.
    pub(super) inputs: usize,
    pub(super) constants: Vec<f64>,
    pub(super) steps: Vec<Step>,
    pub(super) outputs: Vec<Operand>,
}

impl Program {
    /// The program that computes only some of the outputs.
    pub(super) fn only(&self, outputs: Range<usize>) -> Program {
        Program { outputs: self.outputs[outputs].to_vec(), ..self.clone() }.without_unused()
    }

    /// About how long the program takes, in arithmetic steps.
    pub(super) fn cost(&self) -> usize {
        const CALL: usize = 20;
        self.steps.iter().map(|step| if step.is_call() { CALL } else { 1 }).sum()
    }

    /// Whether any step or output reads an input.
    pub(super) fn reads_inputs(&self) -> bool {
        let is_input = |operand: &Operand| matches!(operand, Operand::Input(_));
        let mut found = self.outputs.iter().any(is_input);
        self.steps.iter().for_each(|step| step.visit(|operand| found |= is_input(&operand)));
        found
    }

    /// Without the steps and constants that no output needs.
    pub(super) fn without_unused(&self) -> Program {
        let mut needed = vec![false; self.steps.len()];
        let need = |operand: Operand, needed: &mut Vec<bool>| {
            if let Operand::Step(k) = operand {
                needed[k] = true;
            }
        };
        self.outputs.iter().for_each(|&output| need(output, &mut needed));
        for (k, step) in self.steps.iter().enumerate().rev() {
            if needed[k] {
                step.visit(|operand| need(operand, &mut needed));
            }
        }
        let mut kept = Extract::new(self, self.inputs);
        (0..self.steps.len()).filter(|&k| needed[k]).for_each(|k| kept.push(k));
        let outputs: Vec<Operand> = self.outputs.iter().map(|&output| kept.operand(output)).collect();
        kept.finish(outputs).0
    }
}

/// Some steps of a program on their way to become a program of their own. Values of other steps become inputs.
pub(super) struct Extract<'a> {
    whole: &'a Program,
    part: Program,
    places: HashMap<Operand, Operand>,
    sources: Vec<Operand>,
}

impl<'a> Extract<'a> {
    /// Nothing yet; the first `inputs` inputs of the whole keep their places.
    pub(super) fn new(whole: &'a Program, inputs: usize) -> Extract<'a> {
        let mut extract =
            Extract { whole, part: Program::default(), places: HashMap::new(), sources: Vec::new() };
        (0..inputs).for_each(|k| {
            extract.operand(Operand::Input(k));
        });
        extract
    }

    /// Takes over step k.
    pub(super) fn push(&mut self, k: usize) {
        let step = self.whole.steps[k].map(|operand| self.operand(operand));
        self.part.steps.push(step);
        self.places.insert(Operand::Step(k), Operand::Step(self.part.steps.len() - 1));
    }

    /// Where an operand of the whole is in the part.
    pub(super) fn operand(&mut self, operand: Operand) -> Operand {
        if let Some(&known) = self.places.get(&operand) {
            return known;
        }
        let place = if let Operand::Constant(c) = operand {
            self.part.constants.push(self.whole.constants[c]);
            Operand::Constant(self.part.constants.len() - 1)
        } else {
            self.sources.push(operand);
            Operand::Input(self.sources.len() - 1)
        };
        self.places.insert(operand, place);
        place
    }

    /// The part, with operands of its own as outputs, and the operands of the whole that are its inputs.
    pub(super) fn finish(mut self, outputs: Vec<Operand>) -> (Program, Vec<Operand>) {
        self.part.inputs = self.sources.len();
        self.part.outputs = outputs;
        (self.part, self.sources)
    }
}

#[cfg(test)]
pub(super) mod tests {
    pub(in super::super) use crate::native::listing::tests::{Random, same};

    use super::*;

    impl Program {
        /// The outputs at one point: what a program means.
        pub(in super::super) fn outputs_at(&self, x: &[f64]) -> Vec<f64> {
            let mut values = Vec::new();
            let value = |operand: Operand, values: &[f64]| match operand {
                Operand::Input(k) => x[k],
                Operand::Constant(c) => self.constants[c],
                Operand::Step(k) => values[k],
            };
            for step in &self.steps {
                let next = step.map(|operand| value(operand, &values)).value();
                values.push(next);
            }
            self.outputs.iter().map(|&output| value(output, &values)).collect()
        }
    }

    impl Random {
        /// A program of some of these operations on anything that comes earlier.
        pub(in super::super) fn program(
            &mut self,
            inputs: usize,
            operations: &[fn(Operand, Operand) -> Step],
            steps: usize,
            outputs: usize,
        ) -> Program {
            let mut program = Program { inputs, constants: vec![0.5, 3.0, 0.1], ..Program::default() };
            for known in 0..steps {
                let operation = operations[self.below(operations.len())];
                let step = operation(self.operand(inputs, known), self.operand(inputs, known));
                program.steps.push(step);
            }
            program.outputs = (0..outputs).map(|_| self.operand(inputs, steps)).collect();
            program.without_unused()
        }

        fn operand(&mut self, inputs: usize, steps: usize) -> Operand {
            match self.below(inputs + 3 + steps) {
                k if k < inputs => Operand::Input(k),
                k if k < inputs + 3 => Operand::Constant(k - inputs),
                k => Operand::Step(k - inputs - 3),
            }
        }
    }

    /// All arithmetic.
    pub(in super::super) const ARITHMETIC: [fn(Operand, Operand) -> Step; 6] = [
        Step::Sum,
        Step::Difference,
        Step::Product,
        |a, _| Step::Negative(a),
        |a, _| Step::Reciprocal(a),
        |a, _| Step::Root(a),
    ];

    #[test]
    fn outputs_alone_are_what_they_are_together() {
        let mut random = Random(7);
        for _ in 0..200 {
            let program = random.program(3, &ARITHMETIC, 30, 6);
            let all = program.outputs_at(&[0.7, -1.3, 2.1]);
            let some = program.only(2..5);
            assert!(some.steps.len() <= program.steps.len());
            let found = some.outputs_at(&[0.7, -1.3, 2.1]);
            assert!(found.iter().zip(&all[2..5]).all(|(a, b)| same(*a, *b)), "{program:?}");
        }
    }
}
