//! A map that is repeated at many points, in machine code.

use std::mem::transmute;
use std::sync::Arc;

use super::assembler::{BLOCK, Vector, repeat_code};
use super::encoding::Width;
use super::listing::Listing;
use super::pages::Pages;

/// Machine code of a map whose outputs take the place of as many of its first inputs, again and again.
#[derive(Clone, Debug)]
pub(crate) struct Repeat {
    /// Code that takes one step each time it goes over a block, and code that takes more, with what these need.
    one: Steps,
    more: Steps,
    width: Width,
    /// The number of outputs.
    state: usize,
    /// The number of inputs that stay the same.
    parameters: usize,
}

#[derive(Clone, Debug)]
struct Steps {
    at_once: usize,
    pages: Arc<Pages>,
    constants: Arc<[Vector]>,
    scratch: usize,
}

/// The most operations in a row that depend on each other, so that those of several vectors are in flight.
const AT_ONCE: usize = 16;

/// Two blocks of points, repetitions, constants, scratch space, a block of what stays, bytes: see [`repeat_code`].
type Code =
    unsafe extern "sysv64" fn(*mut Block, *mut Block, usize, *const Vector, *mut Vector, *const Block, usize);

/// The values of one variable at the points of a block.
#[derive(Clone, Copy)]
#[repr(C, align(64))]
struct Block([f64; BLOCK]);

impl Repeat {
    /// Compiles a map for the longest vectors of this machine, if that lets new code run.
    ///
    /// # Panics
    /// If there are more outputs than inputs.
    pub(crate) fn compile(listing: &Listing) -> Option<Repeat> {
        let width = if is_x86_feature_detected!("avx512f") && is_x86_feature_detected!("avx512dq") {
            Width::Eight
        } else if is_x86_feature_detected!("avx") && is_x86_feature_detected!("fma") {
            Width::Four
        } else {
            return None;
        };
        Repeat::compile_for(listing, width)
    }

    fn compile_for(listing: &Listing, width: Width) -> Option<Repeat> {
        let state = listing.outputs.len();
        assert!(state <= listing.inputs, "a map goes from its state to its state");
        let at_once = (AT_ONCE / listing.operations.len().max(1)).max(1);
        Some(Repeat {
            one: Steps::compile(listing, 1, width)?,
            more: Steps::compile(listing, at_once, width)?,
            width,
            state,
            parameters: listing.inputs - state,
        })
    }

    /// Replaces every point by its image under so many repetitions. `points` holds a slice for each number of the state,
    /// `parameters` one for each input that stays, of one value for all points or one for each.
    ///
    /// # Panics
    /// If slices are missing or have other lengths.
    #[allow(unsafe_code)]
    pub(crate) fn run(&self, parameters: &[&[f64]], points: &mut [&mut [f64]], repetitions: usize) {
        assert!(parameters.len() == self.parameters && points.len() == self.state);
        let Some(count) = points.first().map(|values| values.len()) else { return };
        assert!(points.iter().all(|values| values.len() == count));
        if repetitions == 0 {
            return;
        }
        let mut blocks = vec![Block([0.0; BLOCK]); 2 * self.state + self.parameters];
        let mut scratch = vec![Vector([0.0; 8]); self.one.scratch.max(self.more.scratch)];
        for first in (0..count).step_by(BLOCK) {
            let some = BLOCK.min(count - first);
            // Whole vectors, the last one filled with copies.
            let whole = some.next_multiple_of(self.width.lanes());
            let fill = |block: &mut Block, values: &[f64]| {
                block.0[..some].copy_from_slice(values);
                block.0[some..whole].fill(values[some - 1]);
            };
            let (one, rest) = blocks.split_at_mut(self.state);
            let (other, staying) = rest.split_at_mut(self.state);
            for (block, values) in one.iter_mut().zip(points.iter()) {
                fill(block, &values[first..first + some]);
            }
            for (block, values) in staying.iter_mut().zip(parameters) {
                match values {
                    [value] => block.0[..whole].fill(*value),
                    values => fill(block, &values[first..first + some]),
                }
            }
            let (mut from, mut to) = (one, other);
            let (many, rest) = (repetitions / self.more.at_once, repetitions % self.more.at_once);
            for (steps, times) in [(&self.more, many), (&self.one, rest)] {
                // SAFETY: there are as many blocks behind each of the three as the code has outputs, outputs again, and inputs
                // that stay, `whole` doubles are whole vectors and at most a block, and the scratch space is long enough.
                unsafe { steps.run(from, to, staying, &mut scratch, times, 8 * whole) };
                if times % 2 == 1 {
                    std::mem::swap(&mut from, &mut to);
                }
            }
            let found = from;
            for (block, values) in found.iter().zip(points.iter_mut()) {
                values[first..first + some].copy_from_slice(&block.0[..some]);
            }
        }
    }
}

impl Steps {
    fn compile(listing: &Listing, at_once: usize, width: Width) -> Option<Steps> {
        let code = repeat_code(&listing.repeated(at_once), width);
        Some(Steps {
            at_once,
            pages: Arc::new(Pages::new(&code.bytes)?),
            constants: code.constants.into(),
            scratch: code.scratch,
        })
    }

    /// Goes so many times over a block; the result is in `to` after an odd number, in `from` after an even one.
    ///
    /// # Safety
    /// `from` and `to` hold a block for each output of the map, `staying` one for each of the other inputs; `bytes` are those of
    /// one or more whole vectors, and at most of a block; the scratch space is as long as the code asks.
    #[allow(unsafe_code)]
    unsafe fn run(
        &self,
        from: &mut [Block],
        to: &mut [Block],
        staying: &[Block],
        scratch: &mut [Vector],
        times: usize,
        bytes: usize,
    ) {
        if times == 0 {
            return;
        }
        // SAFETY: the pages hold code of a function with this signature, which the processor can run; `self` keeps them.
        let function = unsafe { transmute::<*const std::ffi::c_void, Code>(self.pages.start()) };
        let (from, to, staying) = (from.as_mut_ptr(), to.as_mut_ptr(), staying.as_ptr());
        // SAFETY: the code reads and writes so many bytes of blocks that are there, as the caller promises, and reads the
        // constants made for it.
        unsafe { function(from, to, times, self.constants.as_ptr(), scratch.as_mut_ptr(), staying, bytes) };
    }
}

#[cfg(test)]
mod tests {
    use super::super::listing::tests::{Random, same};
    use super::super::listing::{Operand, Operation};
    use super::*;

    impl Random {
        /// Some operations on anything that comes earlier.
        fn listing(&mut self, inputs: usize, constants: usize, steps: usize, outputs: usize) -> Listing {
            let constants = (0..constants).map(|k| 0.1 + 0.37 * k as f64).collect();
            let mut listing = Listing { inputs, constants, ..Listing::default() };
            for _ in 0..steps {
                let [a, b, c] = std::array::from_fn(|_| self.place(&listing));
                let operation = match self.below(9) {
                    0 => Operation::Negative(a),
                    1 => Operation::Sum(a, b),
                    2 => Operation::Difference(a, b),
                    3 => Operation::Product(a, b),
                    4 => Operation::Quotient(a, b),
                    5 => Operation::Root(a),
                    6 => Operation::ProductPlus([a, b, c]),
                    7 => Operation::ProductMinus([a, b, c]),
                    _ => Operation::MinusProduct([a, b, c]),
                };
                listing.push(operation);
            }
            listing.outputs = (0..outputs).map(|_| self.place(&listing)).collect();
            listing
        }

        fn place(&mut self, listing: &Listing) -> Operand {
            let (inputs, constants) = (listing.inputs, listing.constants.len());
            match self.below(inputs + constants + listing.operations.len()) {
                k if k < inputs => Operand::Input(k),
                k if k < inputs + constants => Operand::Constant(k - inputs),
                k => Operand::Step(k - inputs - constants),
            }
        }
    }

    #[test]
    fn repeated_code_computes_what_the_listing_does_again_and_again() {
        let mut random = Random(4);
        let mut spilled = 0;
        for round in 0..1500 {
            // From nothing to do up to more values and constants than there are registers, and several blocks.
            let (state, staying) = (1 + random.below(5), random.below(4));
            let (constants, steps) = (random.below(30), random.below(150));
            let (points, repetitions) = (1 + random.below(300), random.below(12));
            let listing = random.listing(state + staying, constants, steps, state);
            let coordinate = |k: usize, i: usize| ((k * 37 + i * 11 + round) % 17) as f64 * 0.31 - 1.7;
            let column =
                |k: usize, count: usize| -> Vec<f64> { (0..count).map(|i| coordinate(k, i)).collect() };
            let start: Vec<Vec<f64>> = (0..state).map(|k| column(k, points)).collect();
            // Every other parameter is the same at all points.
            let parameters: Vec<Vec<f64>> =
                (0..staying).map(|k| column(9 + k, if k % 2 == 0 { 1 } else { points })).collect();
            let parameters: Vec<&[f64]> = parameters.iter().map(Vec::as_slice).collect();
            for width in [Width::Four, Width::Eight] {
                let has = match width {
                    Width::Eight => is_x86_feature_detected!("avx512dq"),
                    _ => is_x86_feature_detected!("fma"),
                };
                if !has {
                    println!("this machine has no vectors of {}: not checked", width.lanes());
                    continue;
                }
                let repeat = Repeat::compile_for(&listing, width).unwrap();
                spilled += repeat.one.scratch;
                let mut found = start.clone();
                let mut columns: Vec<&mut [f64]> = found.iter_mut().map(Vec::as_mut_slice).collect();
                repeat.run(&parameters, &mut columns, repetitions);
                for i in 0..points {
                    let mut x: Vec<f64> = start.iter().map(|column| column[i]).collect();
                    x.extend(parameters.iter().map(|values| values[if values.len() == 1 { 0 } else { i }]));
                    for _ in 0..repetitions {
                        let next = listing.outputs_at(&x);
                        x[..state].copy_from_slice(&next);
                    }
                    let agree = (0..state).all(|k| same(found[k][i], x[k]));
                    assert!(agree, "{listing:?} {width:?}, {repetitions} times: point {i} comes to {x:?}");
                }
            }
        }
        assert!(spilled > 0 || !is_x86_feature_detected!("fma"));
    }

    #[test]
    fn powers_are_those_of_the_standard_library() {
        for n in -20..=20 {
            let mut listing = Listing { inputs: 1, ..Listing::default() };
            let power = listing.power(Operand::Input(0), n);
            listing.outputs = vec![power];
            for x in [0.3, -1.7, 1e100, 0.0] {
                let n = std::hint::black_box(n);
                assert!(same(listing.outputs_at(&[x])[0], f64::powi(x, n)), "{x} to the power {n}");
            }
        }
    }
}
