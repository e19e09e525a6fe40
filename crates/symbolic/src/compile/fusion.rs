//! Products fused with the sums that alone use them: one instruction and one rounding instead of two.

use super::program::{Operand, Program, Step};

/// One instruction.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Operation {
    Plain(Step),
    /// a b + c
    ProductPlus([Operand; 3]),
    /// a b - c
    ProductMinus([Operand; 3]),
    /// c - a b
    MinusProduct([Operand; 3]),
}

impl Operation {
    /// Calls `visitor` for every operand.
    pub(super) fn visit(self, visitor: impl FnMut(Operand)) {
        match self {
            Operation::Plain(step) => step.visit(visitor),
            Operation::ProductPlus(operands)
            | Operation::ProductMinus(operands)
            | Operation::MinusProduct(operands) => operands.into_iter().for_each(visitor),
        }
    }
}

/// The operation in place of each step; none where a later one has taken it over.
pub(super) fn operations(program: &Program) -> Vec<Option<Operation>> {
    let mut uses = vec![0; program.steps.len()];
    let mut count = |operand: Operand| {
        if let Operand::Step(k) = operand {
            uses[k] += 1;
        }
    };
    program.outputs.iter().for_each(|&output| count(output));
    program.steps.iter().for_each(|step| step.visit(&mut count));

    // A product that nothing else uses, and its place.
    let product = |operand: Operand| match operand {
        Operand::Step(k) if uses[k] == 1 => match program.steps[k] {
            Step::Product(a, b) => Some((k, a, b)),
            _ => None,
        },
        _ => None,
    };
    let mut operations: Vec<Option<Operation>> =
        program.steps.iter().map(|&step| Some(Operation::Plain(step))).collect();
    for (k, step) in program.steps.iter().enumerate() {
        let (Step::Sum(left, right) | Step::Difference(left, right)) = *step else { continue };
        // Of two products the later is fused, so that the earlier can run meanwhile.
        let (taken, is_left) = match (product(left), product(right)) {
            (Some(l), Some(r)) if l.0 > r.0 => (l, true),
            (_, Some(r)) => (r, false),
            (Some(l), None) => (l, true),
            (None, None) => continue,
        };
        let (place, a, b) = taken;
        operations[place] = None;
        operations[k] = Some(match (step, is_left) {
            (Step::Difference(..), true) => Operation::ProductMinus([a, b, right]),
            (Step::Difference(..), false) => Operation::MinusProduct([a, b, left]),
            (_, true) => Operation::ProductPlus([a, b, right]),
            (_, false) => Operation::ProductPlus([a, b, left]),
        });
    }
    operations
}

#[cfg(test)]
pub(super) mod tests {
    use super::super::program::tests::{ARITHMETIC, Random};
    use super::*;

    /// The outputs of a program at one point, with the rounding of its operations.
    pub(in super::super) fn fused_outputs_at(program: &Program, x: &[f64]) -> Vec<f64> {
        let mut values = vec![f64::NAN; program.steps.len()];
        let value = |operand: Operand, values: &[f64]| match operand {
            Operand::Input(k) => x[k],
            Operand::Constant(c) => program.constants[c],
            Operand::Step(k) => values[k],
        };
        for (k, operation) in operations(program).into_iter().enumerate() {
            let of = |operands: [Operand; 3]| operands.map(|operand| value(operand, &values));
            values[k] = match operation {
                None => continue,
                Some(Operation::Plain(step)) => step.map(|operand| value(operand, &values)).value(),
                Some(Operation::ProductPlus(operands)) => {
                    let [a, b, c] = of(operands);
                    a.mul_add(b, c)
                }
                Some(Operation::ProductMinus(operands)) => {
                    let [a, b, c] = of(operands);
                    a.mul_add(b, -c)
                }
                Some(Operation::MinusProduct(operands)) => {
                    let [a, b, c] = of(operands);
                    (-a).mul_add(b, c)
                }
            };
        }
        program.outputs.iter().map(|&output| value(output, &values)).collect()
    }

    #[test]
    fn fused_products_differ_by_rounding_only() {
        let mut random = Random(5);
        for _ in 0..500 {
            // Whole numbers without division: everything is exact either way.
            let mut program = random.program(3, &ARITHMETIC[..4], 12, 3);
            program.constants.iter_mut().for_each(|c| *c = (*c * 10.0).round());
            let x = [2.0, -3.0, 5.0];
            let (fused, plain) = (fused_outputs_at(&program, &x), program.outputs_at(&x));
            let exact = |value: &f64| value.abs() < 1e15;
            for (fused, plain) in fused.iter().zip(&plain).filter(|(_, plain)| exact(plain)) {
                assert_eq!(fused, plain, "{program:?}");
            }
        }
    }

    #[test]
    fn only_products_used_once_are_fused() {
        let (x, y, p) = (Operand::Input(0), Operand::Input(1), Operand::Step(0));
        let steps = vec![Step::Product(x, y), Step::Difference(y, p)];
        let mut program = Program { inputs: 2, steps, outputs: vec![Operand::Step(1)], constants: vec![] };
        assert_eq!(operations(&program), [None, Some(Operation::MinusProduct([x, y, y]))]);
        program.outputs.push(p);
        assert!(operations(&program).iter().all(|o| matches!(o, Some(Operation::Plain(_)))));
    }
}
