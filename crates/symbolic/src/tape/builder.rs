//! How lists of operations come about: from formulas, with adjoints, without what is not needed.

use std::collections::HashMap;

use arrayvec::ArrayVec;

use super::{Op, Place, Tape};
use crate::expr::Function;
use crate::plain::Node;

/// A list that grows; equal operations stand in it once.
#[derive(Default)]
pub(super) struct Builder {
    ops: Vec<Op>,
    known: HashMap<[u64; 4], Place>,
}

impl Builder {
    /// The place of an operation, a new one if it was not done before.
    pub(super) fn put(&mut self, op: Op) -> Place {
        let key = key(op);
        if let Some(&place) = self.known.get(&key) {
            return place;
        }
        // A formula of 4096 characters and its derivatives stay far below 2³² operations.
        let place = self.ops.len() as Place;
        self.ops.push(op);
        self.known.insert(key, place);
        place
    }

    pub(super) fn number(&mut self, n: f64) -> Place {
        self.put(Op::Number(n))
    }

    fn as_number(&self, place: Place) -> Option<f64> {
        match self.ops[place as usize] {
            Op::Number(n) => Some(n),
            _ => None,
        }
    }

    pub(super) fn add(&mut self, a: Place, b: Place) -> Place {
        match (self.as_number(a), self.as_number(b)) {
            (Some(x), Some(y)) => self.number(x + y),
            (Some(0.0), _) => b,
            (_, Some(0.0)) => a,
            _ => match (self.ops[a as usize], self.ops[b as usize]) {
                (Op::Negate(a), _) => self.subtract(b, a),
                (_, Op::Negate(b)) => self.subtract(a, b),
                (Op::Multiply(p, q), _) => self.put(Op::MultiplyAdd(p, q, b)),
                (_, Op::Multiply(p, q)) => self.put(Op::MultiplyAdd(p, q, a)),
                _ => self.put(Op::Add(a.min(b), a.max(b))),
            },
        }
    }

    /// a - b, where neither is a number that makes this simpler.
    fn subtract(&mut self, a: Place, b: Place) -> Place {
        match (self.ops[a as usize], self.ops[b as usize]) {
            (_, Op::Multiply(p, q)) => self.put(Op::SubtractProduct(p, q, a)),
            (Op::Multiply(p, q), _) => self.put(Op::MultiplySubtract(p, q, b)),
            _ => self.put(Op::Subtract(a, b)),
        }
    }

    pub(super) fn multiply(&mut self, a: Place, b: Place) -> Place {
        match (self.as_number(a), self.as_number(b)) {
            (Some(x), Some(y)) => self.number(x * y),
            (Some(1.0), _) => b,
            (_, Some(1.0)) => a,
            (Some(-1.0), _) => self.negate(b),
            (_, Some(-1.0)) => self.negate(a),
            _ => match (self.ops[a as usize], self.ops[b as usize]) {
                // Signs come to the front, where sums take them in.
                (Op::Negate(a), _) => {
                    let product = self.multiply(a, b);
                    self.negate(product)
                }
                (_, Op::Negate(b)) => {
                    let product = self.multiply(a, b);
                    self.negate(product)
                }
                _ => self.put(Op::Multiply(a.min(b), a.max(b))),
            },
        }
    }

    pub(super) fn negate(&mut self, a: Place) -> Place {
        match self.ops[a as usize] {
            Op::Number(n) => self.number(-n),
            Op::Negate(inner) => inner,
            Op::Subtract(p, q) => self.put(Op::Subtract(q, p)),
            _ => self.put(Op::Negate(a)),
        }
    }

    pub(super) fn power(&mut self, a: Place, n: i32) -> Place {
        match n {
            0 => self.number(1.0),
            1 => a,
            2 => self.multiply(a, a),
            3 => {
                let square = self.multiply(a, a);
                self.multiply(square, a)
            }
            n => self.put(Op::Power(a, n)),
        }
    }

    pub(super) fn formula(&mut self, node: &Node) -> Place {
        match node {
            Node::Number(n) => self.number(*n),
            Node::Variable(index) => self.put(Op::Variable(*index as u32)),
            Node::Sum(terms) => {
                let zero = self.number(0.0);
                terms.iter().fold(zero, |sum, term| {
                    let term = self.formula(term);
                    self.add(sum, term)
                })
            }
            Node::Product(factors) => {
                let one = self.number(1.0);
                factors.iter().fold(one, |product, factor| {
                    let factor = self.formula(factor);
                    self.multiply(product, factor)
                })
            }
            Node::Integer(base, exponent) => {
                let base = self.formula(base);
                self.power(base, *exponent)
            }
            Node::Halves(base, exponent) => {
                let base = self.formula(base);
                let root = self.put(Op::Root(base));
                self.power(root, *exponent)
            }
            Node::Power(base, exponent) => {
                let (base, exponent) = (self.formula(base), self.formula(exponent));
                let logarithm = self.put(Op::Log(base));
                let product = self.multiply(logarithm, exponent);
                self.put(Op::Exp(product))
            }
            Node::Call(function, argument) => {
                let u = self.formula(argument);
                match function {
                    Function::Exp => self.put(Op::Exp(u)),
                    Function::Log => self.put(Op::Log(u)),
                    Function::Sin => self.put(Op::Sin(u)),
                    Function::Cos => self.put(Op::Cos(u)),
                    Function::Tan => {
                        let (sine, cosine) = (self.put(Op::Sin(u)), self.put(Op::Cos(u)));
                        self.put(Op::Divide(sine, cosine))
                    }
                    Function::Tanh => self.put(Op::Tanh(u)),
                }
            }
        }
    }

    /// The derivatives of the result at `value` with respect to each variable.
    pub(super) fn adjoints(&mut self, value: Place, variables: usize) -> Vec<Place> {
        let zero = self.number(0.0);
        let count = value as usize + 1;
        let mut adjoint = vec![zero; count];
        adjoint[value as usize] = self.number(1.0);
        let mut slopes = vec![zero; variables];
        for place in (0..count).rev() {
            let slope = adjoint[place];
            if slope == zero {
                continue;
            }
            let result = place as Place;
            // What the results that went into this one gain.
            let mut gains: ArrayVec<(Place, Place), 3> = ArrayVec::new();
            match self.ops[place] {
                Op::Number(_) => {}
                Op::Variable(index) => {
                    if let Some(sum) = slopes.get_mut(index as usize) {
                        *sum = slope;
                    }
                }
                Op::Add(a, b) => gains.extend([(a, slope), (b, slope)]),
                Op::Subtract(a, b) => {
                    let opposite = self.negate(slope);
                    gains.extend([(a, slope), (b, opposite)]);
                }
                Op::Multiply(a, b) => gains.extend(self.by_factors(slope, a, b)),
                Op::MultiplyAdd(a, b, c) => {
                    gains.extend(self.by_factors(slope, a, b));
                    gains.push((c, slope));
                }
                Op::MultiplySubtract(a, b, c) => {
                    gains.extend(self.by_factors(slope, a, b));
                    gains.push((c, self.negate(slope)));
                }
                Op::SubtractProduct(a, b, c) => {
                    let opposite = self.negate(slope);
                    gains.extend(self.by_factors(opposite, a, b));
                    gains.push((c, slope));
                }
                Op::Divide(a, b) => {
                    let by_a = self.put(Op::Divide(slope, b));
                    let product = self.multiply(by_a, result);
                    let by_b = self.negate(product);
                    gains.extend([(a, by_a), (b, by_b)]);
                }
                Op::Negate(a) => {
                    let opposite = self.negate(slope);
                    gains.push((a, opposite));
                }
                Op::Power(a, n) => {
                    let (lower, factor) = (self.power(a, n - 1), self.number(f64::from(n)));
                    // Numbers first: 4 and 1/4 cancel.
                    let factor = self.multiply(slope, factor);
                    let gain = self.multiply(factor, lower);
                    gains.push((a, gain));
                }
                Op::Root(a) => {
                    let half = self.number(0.5);
                    let derivative = self.put(Op::Divide(half, result));
                    let gain = self.multiply(slope, derivative);
                    gains.push((a, gain));
                }
                Op::Exp(a) => {
                    let gain = self.multiply(slope, result);
                    gains.push((a, gain));
                }
                Op::Log(a) => {
                    let gain = self.put(Op::Divide(slope, a));
                    gains.push((a, gain));
                }
                Op::Sin(a) => {
                    let derivative = self.put(Op::Cos(a));
                    let gain = self.multiply(slope, derivative);
                    gains.push((a, gain));
                }
                Op::Cos(a) => {
                    let sine = self.put(Op::Sin(a));
                    let product = self.multiply(slope, sine);
                    let gain = self.negate(product);
                    gains.push((a, gain));
                }
                Op::Tanh(a) => {
                    let (one, square) = (self.number(1.0), self.multiply(result, result));
                    let opposite = self.negate(square);
                    let derivative = self.add(one, opposite);
                    let gain = self.multiply(slope, derivative);
                    gains.push((a, gain));
                }
            }
            for (to, gain) in gains {
                adjoint[to as usize] = self.add(adjoint[to as usize], gain);
            }
        }
        slopes
    }

    /// What two factors gain from their product.
    fn by_factors(&mut self, slope: Place, a: Place, b: Place) -> ArrayVec<(Place, Place), 2> {
        if a == b {
            let two = self.number(2.0);
            let twice = self.multiply(slope, two);
            return [(a, self.multiply(twice, a))].into_iter().collect();
        }
        ArrayVec::from([(a, self.multiply(slope, b)), (b, self.multiply(slope, a))])
    }

    /// The list without what no output needs.
    pub(super) fn finish(self, outputs: Vec<Place>) -> Tape {
        let mut needed = vec![false; self.ops.len()];
        outputs.iter().for_each(|&place| needed[place as usize] = true);
        for place in (0..self.ops.len()).rev() {
            if needed[place] {
                operands(self.ops[place]).iter().for_each(|&from| needed[from as usize] = true);
            }
        }
        let mut moved = vec![0; self.ops.len()];
        let mut ops = Vec::new();
        for (place, &op) in self.ops.iter().enumerate().filter(|(place, _)| needed[*place]) {
            moved[place] = ops.len() as Place;
            ops.push(relocated(op, &moved));
        }
        Tape { ops, outputs: outputs.into_iter().map(|place| moved[place as usize]).collect() }
    }
}

fn operands(op: Op) -> ArrayVec<Place, 3> {
    let mut all = ArrayVec::new();
    match op {
        Op::Number(_) | Op::Variable(_) => {}
        Op::Add(a, b) | Op::Subtract(a, b) | Op::Multiply(a, b) | Op::Divide(a, b) => all.extend([a, b]),
        Op::MultiplyAdd(a, b, c) | Op::MultiplySubtract(a, b, c) | Op::SubtractProduct(a, b, c) => {
            all.extend([a, b, c])
        }
        Op::Negate(a)
        | Op::Power(a, _)
        | Op::Root(a)
        | Op::Exp(a)
        | Op::Log(a)
        | Op::Sin(a)
        | Op::Cos(a)
        | Op::Tanh(a) => all.push(a),
    }
    all
}

fn relocated(op: Op, moved: &[Place]) -> Op {
    let to = |place: Place| moved[place as usize];
    match op {
        Op::Number(_) | Op::Variable(_) => op,
        Op::Add(a, b) => Op::Add(to(a), to(b)),
        Op::Subtract(a, b) => Op::Subtract(to(a), to(b)),
        Op::Multiply(a, b) => Op::Multiply(to(a), to(b)),
        Op::MultiplyAdd(a, b, c) => Op::MultiplyAdd(to(a), to(b), to(c)),
        Op::MultiplySubtract(a, b, c) => Op::MultiplySubtract(to(a), to(b), to(c)),
        Op::SubtractProduct(a, b, c) => Op::SubtractProduct(to(a), to(b), to(c)),
        Op::Divide(a, b) => Op::Divide(to(a), to(b)),
        Op::Negate(a) => Op::Negate(to(a)),
        Op::Power(a, n) => Op::Power(to(a), n),
        Op::Root(a) => Op::Root(to(a)),
        Op::Exp(a) => Op::Exp(to(a)),
        Op::Log(a) => Op::Log(to(a)),
        Op::Sin(a) => Op::Sin(to(a)),
        Op::Cos(a) => Op::Cos(to(a)),
        Op::Tanh(a) => Op::Tanh(to(a)),
    }
}

/// What tells operations apart; numbers by their bits.
fn key(op: Op) -> [u64; 4] {
    let (kind, number) = match op {
        Op::Number(n) => (0, n.to_bits()),
        Op::Variable(index) => (1, u64::from(index)),
        Op::Add(..) => (2, 0),
        Op::Subtract(..) => (3, 0),
        Op::Multiply(..) => (4, 0),
        Op::MultiplyAdd(..) => (5, 0),
        Op::Divide(..) => (6, 0),
        Op::Negate(_) => (7, 0),
        Op::Power(_, n) => (8, n as u64),
        Op::Root(_) => (9, 0),
        Op::Exp(_) => (10, 0),
        Op::Log(_) => (11, 0),
        Op::Sin(_) => (12, 0),
        Op::Cos(_) => (13, 0),
        Op::Tanh(_) => (14, 0),
        Op::SubtractProduct(..) => (15, 0),
        Op::MultiplySubtract(..) => (16, 0),
    };
    let from = operands(op);
    let at = |k: usize| from.get(k).map_or(0, |&place| u64::from(place) + 1);
    [kind | at(2) << 8, number, at(0), at(1)]
}
