//! Straight-line arithmetic, as instructions do it.

/// Where an operation takes a number from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) enum Operand {
    Input(usize),
    Constant(usize),
    /// The value of an earlier step.
    Step(usize),
}

/// One instruction, rounded once.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Operation<T = Operand> {
    /// -a
    Negative(T),
    /// a + b
    Sum(T, T),
    /// a - b
    Difference(T, T),
    /// a b
    Product(T, T),
    /// a/b
    Quotient(T, T),
    /// √a
    Root(T),
    /// a b + c
    ProductPlus([T; 3]),
    /// a b - c
    ProductMinus([T; 3]),
    /// c - a b
    MinusProduct([T; 3]),
}

impl<T: Copy> Operation<T> {
    /// The same operation on other operands.
    pub(crate) fn map<U>(self, mut f: impl FnMut(T) -> U) -> Operation<U> {
        match self {
            Operation::Negative(a) => Operation::Negative(f(a)),
            Operation::Sum(a, b) => Operation::Sum(f(a), f(b)),
            Operation::Difference(a, b) => Operation::Difference(f(a), f(b)),
            Operation::Product(a, b) => Operation::Product(f(a), f(b)),
            Operation::Quotient(a, b) => Operation::Quotient(f(a), f(b)),
            Operation::Root(a) => Operation::Root(f(a)),
            Operation::ProductPlus(all) => Operation::ProductPlus(all.map(f)),
            Operation::ProductMinus(all) => Operation::ProductMinus(all.map(f)),
            Operation::MinusProduct(all) => Operation::MinusProduct(all.map(f)),
        }
    }

    /// Calls `visitor` for every operand.
    pub(crate) fn visit(self, mut visitor: impl FnMut(T)) {
        self.map(&mut visitor);
    }
}

/// Operations in their order; step k may be nothing.
#[derive(Clone, Debug, Default)]
pub(crate) struct Listing {
    /// The number of inputs.
    pub(crate) inputs: usize,
    pub(crate) constants: Vec<f64>,
    pub(crate) operations: Vec<Option<Operation>>,
    pub(crate) outputs: Vec<Operand>,
}

impl Listing {
    pub(crate) fn constant(&mut self, n: f64) -> Operand {
        let same = |c: &f64| c.to_bits() == n.to_bits();
        let place = self.constants.iter().position(same).unwrap_or_else(|| {
            self.constants.push(n);
            self.constants.len() - 1
        });
        Operand::Constant(place)
    }

    pub(crate) fn push(&mut self, operation: Operation) -> Operand {
        self.operations.push(Some(operation));
        Operand::Step(self.operations.len() - 1)
    }

    /// An integer power by squares, in the order in which [`f64::powi`] multiplies.
    pub(crate) fn power(&mut self, base: Operand, exponent: i32) -> Operand {
        let (mut power, mut square, mut rest) = (None, base, exponent.unsigned_abs());
        while rest > 0 {
            if rest & 1 == 1 {
                power = Some(power.map_or(square, |power| self.push(Operation::Product(power, square))));
            }
            rest >>= 1;
            if rest > 0 {
                square = self.push(Operation::Product(square, square));
            }
        }
        let one = self.constant(1.0);
        match power {
            None => one,
            Some(power) if exponent < 0 => self.push(Operation::Quotient(one, power)),
            Some(power) => power,
        }
    }
}

impl Listing {
    /// A map, whose outputs take the place of as many of its first inputs, so many times.
    pub(crate) fn repeated(&self, times: usize) -> Listing {
        let mut all =
            Listing { inputs: self.inputs, constants: self.constants.clone(), ..Listing::default() };
        all.outputs = (0..self.outputs.len()).map(Operand::Input).collect();
        for _ in 0..times {
            let first = all.operations.len();
            let state = std::mem::take(&mut all.outputs);
            let moved = |operand: Operand| match operand {
                Operand::Input(k) => state.get(k).copied().unwrap_or(operand),
                Operand::Constant(_) => operand,
                Operand::Step(k) => Operand::Step(first + k),
            };
            let operations = self.operations.iter().map(|operation| operation.map(|o| o.map(moved)));
            all.operations.extend(operations);
            all.outputs = self.outputs.iter().map(|&output| moved(output)).collect();
        }
        all
    }
}

#[cfg(test)]
impl Listing {
    /// The outputs at one point: what a listing means.
    pub(crate) fn outputs_at(&self, x: &[f64]) -> Vec<f64> {
        let mut values = vec![f64::NAN; self.operations.len()];
        let value = |operand: Operand, values: &[f64]| match operand {
            Operand::Input(k) => x[k],
            Operand::Constant(c) => self.constants[c],
            Operand::Step(k) => values[k],
        };
        for (k, operation) in self.operations.iter().enumerate() {
            let Some(operation) = operation else { continue };
            values[k] = match operation.map(|operand| value(operand, &values)) {
                Operation::Negative(a) => -a,
                Operation::Sum(a, b) => a + b,
                Operation::Difference(a, b) => a - b,
                Operation::Product(a, b) => a * b,
                Operation::Quotient(a, b) => a / b,
                Operation::Root(a) => a.sqrt(),
                Operation::ProductPlus([a, b, c]) => a.mul_add(b, c),
                Operation::ProductMinus([a, b, c]) => a.mul_add(b, -c),
                Operation::MinusProduct([a, b, c]) => (-a).mul_add(b, c),
            };
        }
        self.outputs.iter().map(|&output| value(output, &values)).collect()
    }
}

#[cfg(test)]
pub(crate) mod tests {
    /// Numbers without pattern from a seed.
    pub(crate) struct Random(pub(crate) u64);

    impl Random {
        pub(crate) fn below(&mut self, bound: usize) -> usize {
            self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            (self.0 >> 33) as usize % bound
        }
    }

    /// The same double, or no number in either case.
    pub(crate) fn same(a: f64, b: f64) -> bool {
        a.to_bits() == b.to_bits() || a.is_nan() && b.is_nan()
    }
}
