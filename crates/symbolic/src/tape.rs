//! Formulas as lists of operations, with their derivatives by reverse accumulation.
//!
//! Each operation is done once, whatever the number of variables (Griewank & Walther, *Evaluating Derivatives*, 2008, chapter 3):
//! a value is computed forwards; the list is then extended by the adjoints, backwards, as operations of the same kind. Equal
//! operations are found and done once.

mod builder;
mod trace;

use arrayvec::ArrayVec;
use shadowflow_numerics::Scalar;

use crate::native::listing::{Listing, Operand, Operation};
use crate::plain::Node;
use builder::Builder;
pub(crate) use trace::trace;

/// Lists up to this length are run without asking for memory.
const SHORT: usize = 192;

/// The place of a result in the list.
type Place = u32;

/// One operation on results that stand before it.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Op {
    Number(f64),
    Variable(u32),
    Add(Place, Place),
    Subtract(Place, Place),
    Multiply(Place, Place),
    /// The product of the first two, and the third.
    MultiplyAdd(Place, Place, Place),
    /// The product of the first two, less the third.
    MultiplySubtract(Place, Place, Place),
    /// The third less the product of the first two.
    SubtractProduct(Place, Place, Place),
    Divide(Place, Place),
    Negate(Place),
    Power(Place, i32),
    Root(Place),
    Exp(Place),
    Log(Place),
    Sin(Place),
    Cos(Place),
    Tanh(Place),
}

/// A list of operations and where its results stand.
#[derive(Clone, Debug)]
pub(crate) struct Tape {
    ops: Vec<Op>,
    outputs: Vec<Place>,
}

impl Tape {
    /// The values of some formulas.
    pub(crate) fn values(formulas: &[Node]) -> Tape {
        let mut builder = Builder::default();
        let outputs = formulas.iter().map(|formula| builder.formula(formula)).collect();
        builder.finish(outputs)
    }

    /// The derivatives of a formula with respect to the first `variables` variables.
    pub(crate) fn gradient(formula: &Node, variables: usize) -> Tape {
        let mut builder = Builder::default();
        let value = builder.formula(formula);
        let outputs = builder.adjoints(value, variables);
        builder.finish(outputs)
    }

    /// Runs the list at a point.
    #[inline]
    pub(crate) fn run<S: Scalar>(&self, x: &[S], out: &mut [S]) {
        self.run_at(|k| x[k], out);
    }

    /// The same at the point whose coordinates a function gives.
    #[inline]
    pub(crate) fn run_at<S: Scalar>(&self, x: impl Fn(usize) -> S, out: &mut [S]) {
        if self.ops.len() <= SHORT {
            let mut results: ArrayVec<S, SHORT> = ArrayVec::new();
            for op in &self.ops {
                let value = op.apply(&x, &results);
                results.push(value);
            }
            self.deliver(&results, out);
        } else {
            let mut results: Vec<S> = Vec::with_capacity(self.ops.len());
            for op in &self.ops {
                let value = op.apply(&x, &results);
                results.push(value);
            }
            self.deliver(&results, out);
        }
    }

    fn deliver<S: Copy>(&self, results: &[S], out: &mut [S]) {
        for (out, &place) in out.iter_mut().zip(&self.outputs) {
            *out = results[place as usize];
        }
    }

    /// The same as instructions, if they are arithmetic all through; an operation for each, but for powers.
    pub(crate) fn listing(&self, inputs: usize) -> Option<Listing> {
        let mut listing = Listing { inputs, ..Listing::default() };
        let mut places: Vec<Operand> = Vec::with_capacity(self.ops.len());
        for &op in &self.ops {
            let at = |place: Place| places[place as usize];
            let operation = match op {
                Op::Number(n) => {
                    places.push(listing.constant(n));
                    continue;
                }
                Op::Variable(index) => {
                    places.push(Operand::Input(index as usize));
                    continue;
                }
                Op::Power(a, n) => {
                    let power = listing.power(at(a), n);
                    places.push(power);
                    continue;
                }
                Op::Add(a, b) => Operation::Sum(at(a), at(b)),
                Op::Subtract(a, b) => Operation::Difference(at(a), at(b)),
                Op::Multiply(a, b) => Operation::Product(at(a), at(b)),
                Op::MultiplyAdd(a, b, c) => Operation::ProductPlus([at(a), at(b), at(c)]),
                Op::MultiplySubtract(a, b, c) => Operation::ProductMinus([at(a), at(b), at(c)]),
                Op::SubtractProduct(a, b, c) => Operation::MinusProduct([at(a), at(b), at(c)]),
                Op::Divide(a, b) => Operation::Quotient(at(a), at(b)),
                Op::Negate(a) => Operation::Negative(at(a)),
                Op::Root(a) => Operation::Root(at(a)),
                Op::Exp(_) | Op::Log(_) | Op::Sin(_) | Op::Cos(_) | Op::Tanh(_) => return None,
            };
            places.push(listing.push(operation));
        }
        listing.outputs = self.outputs.iter().map(|&place| places[place as usize]).collect();
        Some(listing)
    }
}

impl Op {
    #[inline(always)]
    fn apply<S: Scalar>(self, x: impl Fn(usize) -> S, results: &[S]) -> S {
        let at = |place: Place| results[place as usize];
        match self {
            Op::Number(n) => S::from(n),
            Op::Variable(index) => x(index as usize),
            Op::Add(a, b) => at(a) + at(b),
            Op::Subtract(a, b) => at(a) - at(b),
            Op::Multiply(a, b) => at(a) * at(b),
            Op::MultiplyAdd(a, b, c) => at(a).mul_add(at(b), at(c)),
            Op::MultiplySubtract(a, b, c) => at(a).mul_add(at(b), -at(c)),
            Op::SubtractProduct(a, b, c) => (-at(a)).mul_add(at(b), at(c)),
            Op::Divide(a, b) => at(a) / at(b),
            Op::Negate(a) => -at(a),
            Op::Power(a, n) => at(a).powi(n),
            Op::Root(a) => at(a).sqrt(),
            Op::Exp(a) => at(a).exp(),
            Op::Log(a) => at(a).ln(),
            Op::Sin(a) => at(a).sin(),
            Op::Cos(a) => at(a).cos(),
            Op::Tanh(a) => at(a).tanh(),
        }
    }
}

#[cfg(test)]
mod tests {
    use shadowflow_numerics::{Dual, Objective as _};

    use crate::Objective;

    /// The derivatives by dual numbers through the value.
    fn by_duals(f: &crate::NumericObjective, x: &[f64]) -> Vec<f64> {
        let mut point: Vec<Dual<f64>> = x.iter().map(|&x| Dual::from(x)).collect();
        (0..x.len())
            .map(|k| {
                point[k].slope = 1.0;
                let slope = f.value(&point).slope;
                point[k].slope = 0.0;
                slope
            })
            .collect()
    }

    #[test]
    fn gradients_are_those_of_dual_numbers() {
        for text in [
            "(1-x*y)^2/2",
            "x^4/4 - x^2/2 + (y - x/2)^2/2",
            "exp(x*y)/(1+x^2) - log(2+sin(x)*cos(y))",
            "sqrt(3+x*y)^3 + tan(x/4)*tanh(y) + (2+x^2)^(1/3) - y^7",
            "100*(y-x^2)^2+(1-x)^2",
            "3 - x + y",
            "(x+y)^(-2) + x/(2-y)",
        ] {
            let f = Objective::parse(text, Some(&["x", "y"])).unwrap().numeric().unwrap();
            for x in [[0.3, -0.4], [1.2, 0.7], [-0.5, 0.9]] {
                let mut found = [0.0; 2];
                f.gradient(&x, &mut found);
                for (found, expected) in found.iter().zip(by_duals(&f, &x)) {
                    // The same operations in another order.
                    assert!(
                        (found - expected).abs() <= 1e-13 * (1.0 + expected.abs()),
                        "{text} at {x:?}: {found} {expected}"
                    );
                }
            }
        }
    }

    #[test]
    fn descent_on_the_factorization_takes_five_operations() {
        let f = Objective::parse("(1-x*y)^2/2", Some(&["x", "y"])).unwrap().numeric().unwrap();
        let step = super::trace(3, |x| {
            let mut slope = [x[0]; 2];
            f.gradient(&x[..2], &mut slope);
            vec![x[0] - x[2] * slope[0], x[1] - x[2] * slope[1]]
        });
        // The residual, and for each variable a product and a sum fused with another.
        assert_eq!(step.listing(3).unwrap().operations.len(), 5, "{step:?}");
    }

    #[test]
    fn long_formulas_take_the_other_way() {
        let text = (1..=90).map(|k| format!("sin({k}*x+y)*cos(x-{k}*y)")).collect::<Vec<_>>().join("+");
        let f = Objective::parse(&text, Some(&["x", "y"])).unwrap().numeric().unwrap();
        let (x, mut found) = ([0.21, -0.37], [0.0; 2]);
        f.gradient(&x, &mut found);
        for (found, expected) in found.iter().zip(by_duals(&f, &x)) {
            // 180 terms of size up to 90.
            assert!((found - expected).abs() < 1e-9, "{found} {expected}");
        }
    }
}
