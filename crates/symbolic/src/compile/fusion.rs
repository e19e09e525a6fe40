//! Products fused with the sums that alone use them: one instruction and one rounding instead of two.

use super::program::{Operand, Program, Step};
use crate::native::listing::{Listing, Operation};

/// The operations of a program without calls; none in place of a step that a later one has taken over.
pub(super) fn listing(program: &Program) -> Listing {
    let one = Operand::Constant(program.constants.len());
    let mut constants = program.constants.clone();
    constants.push(1.0);
    Listing {
        inputs: program.inputs,
        constants,
        operations: operations(program, one),
        outputs: program.outputs.clone(),
    }
}

fn operations(program: &Program, one: Operand) -> Vec<Option<Operation>> {
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
    let alone = |step: &Step| match *step {
        Step::Negative(a) => Operation::Negative(a),
        Step::Sum(a, b) => Operation::Sum(a, b),
        Step::Difference(a, b) => Operation::Difference(a, b),
        Step::Product(a, b) => Operation::Product(a, b),
        Step::Reciprocal(a) => Operation::Quotient(one, a),
        Step::Root(a) => Operation::Root(a),
        Step::Power(..) | Step::Call(..) => unreachable!("calls stand between arithmetic"),
    };
    let mut operations: Vec<Option<Operation>> = program.steps.iter().map(|step| Some(alone(step))).collect();
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
mod tests {
    use super::super::program::tests::{ARITHMETIC, Random};
    use super::*;

    #[test]
    fn fused_products_differ_by_rounding_only() {
        let mut random = Random(5);
        for _ in 0..500 {
            // Whole numbers without division: everything is exact either way.
            let mut program = random.program(3, &ARITHMETIC[..4], 12, 3);
            program.constants.iter_mut().for_each(|c| *c = (*c * 10.0).round());
            let x = [2.0, -3.0, 5.0];
            let (fused, plain) = (listing(&program).outputs_at(&x), program.outputs_at(&x));
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
        assert_eq!(listing(&program).operations, [None, Some(Operation::MinusProduct([x, y, y]))]);
        program.outputs.push(p);
        assert!(
            listing(&program).operations
                == [Some(Operation::Product(x, y)), Some(Operation::Difference(y, p))]
        );
    }
}
