//! Building straight-line programs. Equal steps are one step (value numbering), signs move into sums (x - y rather than
//! x + (-1)·y), whole powers become products, and what depends on no input is computed at once.

use std::collections::HashMap;

use super::program::{Operand, Program, Step};
use crate::expr::Function;

/// Up to here whole powers are products; beyond, a library function has fewer roundings.
const MAX_WHOLE_POWER: i64 = 1024;

/// A value of a program under construction, with its sign.
#[derive(Clone, Copy, Debug)]
pub(super) struct Signed {
    negative: bool,
    operand: Operand,
}

impl Signed {
    pub(super) fn input(k: usize) -> Signed {
        Signed { negative: false, operand: Operand::Input(k) }
    }

    fn times_sign(self, negative: bool) -> Signed {
        Signed { negative: self.negative != negative, ..self }
    }
}

/// A program under construction.
pub(super) struct Builder {
    program: Program,
    known: HashMap<Step, usize>,
    known_constants: HashMap<u64, usize>,
}

impl Builder {
    pub(super) fn new(inputs: usize) -> Builder {
        let program = Program { inputs, ..Program::default() };
        Builder { program, known: HashMap::new(), known_constants: HashMap::new() }
    }

    /// The program with these outputs.
    pub(super) fn finish(mut self, outputs: &[Signed]) -> Program {
        self.program.outputs = outputs.iter().map(|&output| self.unsigned(output)).collect();
        self.program.without_unused()
    }

    /// A number; kept positive, so that signs show.
    pub(super) fn constant(&mut self, value: f64) -> Signed {
        let negative = value.is_sign_negative() && !value.is_nan();
        Signed { negative, operand: self.constant_as_it_is(value.abs()) }
    }

    fn constant_as_it_is(&mut self, value: f64) -> Operand {
        let constants = &mut self.program.constants;
        Operand::Constant(*self.known_constants.entry(value.to_bits()).or_insert_with(|| {
            constants.push(value);
            constants.len() - 1
        }))
    }

    pub(super) fn sum(&mut self, a: Signed, b: Signed) -> Signed {
        if self.value(a) == Some(0.0) {
            return b;
        }
        if self.value(b) == Some(0.0) {
            return a;
        }
        match (a.negative, b.negative) {
            (false, false) => self.commutative(Step::Sum, a, b),
            (true, true) => self.commutative(Step::Sum, a, b).times_sign(true),
            (false, true) => self.step(Step::Difference(a.operand, b.operand)),
            (true, false) => self.step(Step::Difference(b.operand, a.operand)),
        }
    }

    /// A product; a parameter fixed to 0 removes its terms.
    pub(super) fn product(&mut self, a: Signed, b: Signed) -> Signed {
        for (this, other) in [(a, b), (b, a)] {
            match self.value(this) {
                Some(0.0) => return this,
                Some(value) if value.abs() == 1.0 => return other.times_sign(this.negative),
                _ => {}
            }
        }
        // One number for two: c (d z) is (c d) z.
        for (this, other) in [(a, b), (b, a)] {
            if let (Some(c), Some((d, z))) = (self.value(this), self.multiple(other)) {
                let coefficient = self.constant(c * d);
                return self.product(coefficient, z);
            }
        }
        self.commutative(Step::Product, a, b).times_sign(a.negative != b.negative)
    }

    /// d and z, if the value is the product of a number d and something else.
    fn multiple(&self, signed: Signed) -> Option<(f64, Signed)> {
        let Operand::Step(k) = signed.operand else { return None };
        let Step::Product(a, b) = self.program.steps[k] else { return None };
        let of = |number: Operand, other: Operand| {
            let d = self.value(Signed { operand: number, ..signed })?;
            Some((d, Signed { negative: false, operand: other }))
        };
        of(a, b).or_else(|| of(b, a))
    }

    /// A whole power, by repeated squaring.
    pub(super) fn whole_power(&mut self, base: Signed, exponent: i64) -> Signed {
        if exponent.abs() > MAX_WHOLE_POWER {
            let exponent = self.constant(exponent as f64);
            let (base, exponent) = (self.unsigned(base), self.unsigned(exponent));
            return self.step(Step::Power(base, exponent));
        }
        let mut power = None;
        let mut square = base;
        let mut left = exponent.unsigned_abs();
        while left > 0 {
            if left % 2 == 1 {
                power = Some(power.map_or(square, |p| self.product(square, p)));
            }
            left /= 2;
            if left > 0 {
                square = self.product(square, square);
            }
        }
        let power = power.unwrap_or_else(|| self.constant(1.0));
        if exponent < 0 { self.reciprocal(power) } else { power }
    }

    fn reciprocal(&mut self, a: Signed) -> Signed {
        self.step(Step::Reciprocal(a.operand)).times_sign(a.negative)
    }

    /// Any power.
    pub(super) fn power(&mut self, base: Signed, exponent: Signed) -> Signed {
        match self.value(exponent) {
            Some(e) if e.fract() == 0.0 && e.abs() <= MAX_WHOLE_POWER as f64 => {
                self.whole_power(base, e as i64)
            }
            Some(e) if e.abs() == 0.5 => {
                let root = self.root(base);
                if e < 0.0 { self.reciprocal(root) } else { root }
            }
            _ => {
                let (base, exponent) = (self.unsigned(base), self.unsigned(exponent));
                self.step(Step::Power(base, exponent))
            }
        }
    }

    pub(super) fn root(&mut self, a: Signed) -> Signed {
        let a = self.unsigned(a);
        self.step(Step::Root(a))
    }

    pub(super) fn call(&mut self, function: Function, argument: Signed) -> Signed {
        match function {
            // Signs of arguments come out of odd functions and vanish in even ones.
            Function::Sin | Function::Tan | Function::Tanh => {
                self.step(Step::Call(function, argument.operand)).times_sign(argument.negative)
            }
            Function::Cos => self.step(Step::Call(function, argument.operand)),
            Function::Exp | Function::Log => {
                let argument = self.unsigned(argument);
                self.step(Step::Call(function, argument))
            }
        }
    }

    fn commutative(&mut self, step: fn(Operand, Operand) -> Step, a: Signed, b: Signed) -> Signed {
        self.step(step(a.operand.min(b.operand), a.operand.max(b.operand)))
    }

    /// The number, if it is known already.
    fn value(&self, signed: Signed) -> Option<f64> {
        let Operand::Constant(c) = signed.operand else { return None };
        let value = self.program.constants[c];
        Some(if signed.negative { -value } else { value })
    }

    /// The value with its sign carried out.
    fn unsigned(&mut self, signed: Signed) -> Operand {
        match signed.operand {
            operand if !signed.negative => operand,
            Operand::Constant(c) => self.constant_as_it_is(-self.program.constants[c]),
            Operand::Step(k) => {
                let step = match self.program.steps[k] {
                    Step::Difference(a, b) => Step::Difference(b, a),
                    Step::Product(a, Operand::Constant(c)) | Step::Product(Operand::Constant(c), a) => {
                        let number = self.constant_as_it_is(-self.program.constants[c]);
                        Step::Product(a.min(number), a.max(number))
                    }
                    _ => Step::Negative(signed.operand),
                };
                self.step(step).operand
            }
            Operand::Input(_) => self.step(Step::Negative(signed.operand)).operand,
        }
    }

    /// The step, or an earlier one that does the same.
    fn step(&mut self, step: Step) -> Signed {
        let mut is_constant = true;
        step.visit(|operand| is_constant &= matches!(operand, Operand::Constant(_)));
        if is_constant {
            let number = |operand| self.value(Signed { negative: false, operand }).unwrap_or(f64::NAN);
            let value = step.map(number).value();
            return self.constant(value);
        }
        let steps = &mut self.program.steps;
        let place = *self.known.entry(step).or_insert_with(|| {
            steps.push(step);
            steps.len() - 1
        });
        Signed { negative: false, operand: Operand::Step(place) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn steps(build: impl Fn(&mut Builder, Signed, Signed) -> Signed) -> (Vec<Step>, Vec<f64>) {
        let mut builder = Builder::new(2);
        let output = build(&mut builder, Signed::input(0), Signed::input(1));
        let program = builder.finish(&[output]);
        (program.steps, program.constants)
    }

    const X: Operand = Operand::Input(0);
    const Y: Operand = Operand::Input(1);

    #[test]
    fn signs_move_into_sums() {
        let negative = |b: &mut Builder, a: Signed| {
            let minus_one = b.constant(-1.0);
            b.product(minus_one, a)
        };
        let (found, constants) = steps(|b, x, y| {
            let y = negative(b, y);
            b.sum(x, y)
        });
        assert_eq!((found, constants), (vec![Step::Difference(X, Y)], vec![]));
        // -(x - y) is y - x.
        let (found, _) = steps(|b, x, y| {
            let y = negative(b, y);
            let difference = b.sum(x, y);
            negative(b, difference)
        });
        assert_eq!(found, [Step::Difference(Y, X)]);
        let (found, _) = steps(|b, x, _| {
            let x = negative(b, x);
            b.call(Function::Tanh, x)
        });
        assert_eq!(found, [Step::Call(Function::Tanh, X), Step::Negative(Operand::Step(0))]);
    }

    #[test]
    fn equal_steps_are_one_and_numbers_are_computed_at_once() {
        let (found, constants) = steps(|b, x, y| {
            let (p, q) = (b.product(x, y), b.product(y, x));
            let (two, three) = (b.constant(2.0), b.constant(3.0));
            let eight = b.power(two, three);
            let sum = b.sum(p, q);
            b.product(eight, sum)
        });
        let (first, second) = (Operand::Step(0), Operand::Step(1));
        assert_eq!(
            found,
            [Step::Product(X, Y), Step::Sum(first, first), Step::Product(Operand::Constant(0), second)]
        );
        assert_eq!(constants, [8.0]);
    }

    #[test]
    fn numbers_that_multiply_are_one() {
        let (found, constants) = steps(|b, x, _| {
            let (half, minus_six) = (b.constant(0.5), b.constant(-6.0));
            let inner = b.product(x, half);
            b.product(minus_six, inner)
        });
        assert_eq!((found, constants), (vec![Step::Product(X, Operand::Constant(0))], vec![-3.0]));
    }

    #[test]
    fn whole_powers_are_few_products() {
        let count = |exponent: i64| steps(|b, x, _| b.whole_power(x, exponent)).0.len();
        assert_eq!([2, 3, 4, 7, 8, 15].map(count), [1, 2, 2, 4, 3, 6]);
        assert_eq!((count(-1), count(-4)), (1, 3));
        // Beyond, one call.
        assert_eq!(count(1025), 1);
        let (found, _) = steps(|b, x, _| {
            let exponent = b.constant(-0.5);
            b.power(x, exponent)
        });
        assert_eq!(found, [Step::Root(X), Step::Reciprocal(Operand::Step(0))]);
    }
}
