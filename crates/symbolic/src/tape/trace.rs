//! Computations written down instead of done.

use std::cell::RefCell;
use std::ops::{Add, AddAssign, Div, Mul, Neg, Sub, SubAssign};

use shadowflow_numerics::Scalar;

use super::builder::Builder;
use super::{Op, Place, Tape};

thread_local! {
    /// The list that operations on this thread go to.
    static LIST: RefCell<Builder> = RefCell::default();
}

/// A number that is not known: the place where it will stand.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Traced(Place);

/// What a computation on so many numbers does, as a list. It must not ask a number for its value ([`Scalar::leading`] is NaN).
pub(crate) fn trace(inputs: usize, compute: impl FnOnce(&[Traced]) -> Vec<Traced>) -> Tape {
    LIST.take();
    let inputs: Vec<Traced> =
        (0..inputs).map(|k| written(|list| list.put(Op::Variable(k as Place)))).collect();
    let outputs = compute(&inputs);
    LIST.take().finish(outputs.into_iter().map(|Traced(place)| place).collect())
}

fn written(write: impl FnOnce(&mut Builder) -> Place) -> Traced {
    LIST.with_borrow_mut(|list| Traced(write(list)))
}

impl From<f64> for Traced {
    fn from(n: f64) -> Traced {
        written(|list| list.number(n))
    }
}

impl Neg for Traced {
    type Output = Traced;
    fn neg(self) -> Traced {
        written(|list| list.negate(self.0))
    }
}

impl Add for Traced {
    type Output = Traced;
    fn add(self, other: Traced) -> Traced {
        written(|list| list.add(self.0, other.0))
    }
}

impl Sub for Traced {
    type Output = Traced;
    fn sub(self, other: Traced) -> Traced {
        self + -other
    }
}

impl Mul for Traced {
    type Output = Traced;
    fn mul(self, other: Traced) -> Traced {
        written(|list| list.multiply(self.0, other.0))
    }
}

impl Div for Traced {
    type Output = Traced;
    fn div(self, other: Traced) -> Traced {
        written(|list| list.put(Op::Divide(self.0, other.0)))
    }
}

macro_rules! with_numbers {
    ($($operator:ident $name:ident;)*) => {$(
        impl $operator<f64> for Traced {
            type Output = Traced;
            fn $name(self, n: f64) -> Traced {
                $operator::$name(self, Traced::from(n))
            }
        }
    )*};
}

with_numbers! {
    Add add;
    Sub sub;
    Mul mul;
    Div div;
}

impl AddAssign for Traced {
    fn add_assign(&mut self, other: Traced) {
        *self = *self + other;
    }
}

impl SubAssign for Traced {
    fn sub_assign(&mut self, other: Traced) {
        *self = *self - other;
    }
}

impl Scalar for Traced {
    fn exp(self) -> Traced {
        written(|list| list.put(Op::Exp(self.0)))
    }

    fn ln(self) -> Traced {
        written(|list| list.put(Op::Log(self.0)))
    }

    fn sin(self) -> Traced {
        written(|list| list.put(Op::Sin(self.0)))
    }

    fn cos(self) -> Traced {
        written(|list| list.put(Op::Cos(self.0)))
    }

    fn tanh(self) -> Traced {
        written(|list| list.put(Op::Tanh(self.0)))
    }

    fn sqrt(self) -> Traced {
        written(|list| list.put(Op::Root(self.0)))
    }

    fn powi(self, exponent: i32) -> Traced {
        written(|list| list.power(self.0, exponent))
    }

    fn leading(&self) -> f64 {
        f64::NAN
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// Everything a formula may hold, with numbers that could be simplified away.
    fn formula<S: Scalar>(x: S, y: S) -> Vec<S> {
        let mut sum = (x * 1.0 - y) * (x + y) / (y * y + 2.0);
        sum += x.mul_add(y, S::from(3.0)) - (x * y) * 0.5;
        sum -= (x.sin() * y.cos()).exp() * (y * y + 1.0).ln();
        let root = (x * x + y.powi(4) + 1.0).sqrt();
        vec![sum, root.powi(-3) * x.tanh() - x, -(-x) + 0.0, S::from(2.0)]
    }

    proptest! {
        #[test]
        fn what_is_written_down_is_what_was_to_be_done(x in -2.0..2.0f64, y in -2.0..2.0f64) {
            let tape = trace(2, |x| formula(x[0], x[1]));
            let mut found = [0.0; 4];
            tape.run(&[x, y], &mut found);
            for (found, expected) in found.iter().zip(formula(x, y)) {
                // The same operations but for sums fused with products.
                prop_assert!((found - expected).abs() <= 1e-13 * (1.0 + expected.abs()), "{} {}", found, expected);
            }
        }
    }
}
