//! Arithmetic in machine code of our own, in executable memory, and the way to call it.

use std::mem::transmute;
use std::sync::Arc;

use super::fusion::listing;
use super::program::Program;
use crate::native::assembler::{Vector, loop_code, point_code};
use crate::native::pages::Pages;

/// Points in a vector.
const LANES: usize = 4;

/// A program without calls, compiled for one point and for many.
#[derive(Clone, Debug)]
pub(super) struct Lanes {
    one: Arc<Pages>,
    many: Arc<Pages>,
    constants: Arc<[Vector]>,
    scratch: Vec<Vector>,
    /// During a call, the addresses of inputs and outputs.
    inputs: Vec<usize>,
    outputs: Vec<usize>,
    /// One vector of every input and output, for points that do not fill one.
    last_inputs: Vec<[f64; LANES]>,
    last_outputs: Vec<[f64; LANES]>,
}

/// Inputs, outputs, bytes of each, constants, scratch space: see [`loop_code`].
type Many = unsafe extern "sysv64" fn(*const usize, *const usize, usize, *const Vector, *mut Vector);

/// The same for one point.
type One = unsafe extern "sysv64" fn(*const f64, *mut f64, usize, *const Vector, *mut Vector);

impl Lanes {
    /// Compiles a program, if this machine has the instructions and lets new code run.
    pub(super) fn compile(program: &Program) -> Option<Lanes> {
        if !(std::arch::is_x86_feature_detected!("avx") && std::arch::is_x86_feature_detected!("fma")) {
            return None;
        }
        let listing = listing(program);
        let (one, many) = (point_code(&listing), loop_code(&listing));
        Some(Lanes {
            one: Arc::new(Pages::new(&one.bytes)?),
            many: Arc::new(Pages::new(&many.bytes)?),
            scratch: vec![Vector([0.0; 8]); one.scratch.max(many.scratch)],
            // The same for both.
            constants: many.constants.into(),
            inputs: vec![0; program.inputs],
            outputs: vec![0; program.outputs.len()],
            last_inputs: vec![[0.0; LANES]; program.inputs],
            last_outputs: vec![[0.0; LANES]; program.outputs.len()],
        })
    }

    /// All outputs at one point.
    ///
    /// # Panics
    /// If a slice is shorter than the program says.
    #[allow(unsafe_code)]
    pub(super) fn run_point(&mut self, inputs: &[f64], outputs: &mut [f64]) {
        let inputs = &inputs[..self.inputs.len()];
        let outputs = &mut outputs[..self.outputs.len()];
        // SAFETY: the pages hold code of a function with this signature, which the processor can run; `self` keeps them.
        let function = unsafe { transmute::<*const std::ffi::c_void, One>(self.one.start()) };
        let (inputs, outputs) = (inputs.as_ptr(), outputs.as_mut_ptr());
        // SAFETY: the code reads as many inputs and writes as many outputs as the slices have, reads the constants made
        // for it, and uses the scratch space that it asked for.
        unsafe { function(inputs, outputs, 0, self.constants.as_ptr(), self.scratch.as_mut_ptr()) };
    }

    /// All outputs at some points; `input` says where an input at these points is, `output` where an output goes.
    ///
    /// # Safety
    /// There are `points` doubles at each of these addresses: those of inputs may be read, those of outputs written, and
    /// no two of these ranges overlap unless both are inputs.
    #[allow(unsafe_code)]
    pub(super) unsafe fn run(
        &mut self,
        points: usize,
        input: impl Fn(usize) -> *const f64,
        mut output: impl FnMut(usize) -> *mut f64,
    ) {
        let rest = points % LANES;
        let whole = points - rest;
        if whole > 0 {
            for (k, address) in self.inputs.iter_mut().enumerate() {
                *address = input(k).expose_provenance();
            }
            for (k, address) in self.outputs.iter_mut().enumerate() {
                *address = output(k).expose_provenance();
            }
            // SAFETY: by the caller's promise there are `points` doubles, and so `whole`, everywhere.
            unsafe { self.call(whole) };
        }
        if rest == 0 {
            return;
        }
        // Copies of the last point fill the vector.
        for (k, (vector, address)) in self.last_inputs.iter_mut().zip(&mut self.inputs).enumerate() {
            // SAFETY: the doubles at `whole` .. `points` of an input, as the caller promised.
            let values = unsafe { std::slice::from_raw_parts(input(k).add(whole), rest) };
            *vector = std::array::from_fn(|lane| values[lane.min(rest - 1)]);
            *address = vector.as_ptr().expose_provenance();
        }
        for (vector, address) in self.last_outputs.iter_mut().zip(&mut self.outputs) {
            *address = vector.as_mut_ptr().expose_provenance();
        }
        // SAFETY: a vector of inputs or outputs holds four doubles, and no two are the same.
        unsafe { self.call(LANES) };
        for (k, vector) in self.last_outputs.iter().enumerate() {
            // SAFETY: the doubles at `whole` .. `points` of an output, as the caller promised.
            unsafe { output(k).add(whole).copy_from_nonoverlapping(vector.as_ptr(), rest) };
        }
    }

    /// Runs the code on the addresses that are set.
    ///
    /// # Safety
    /// As for [`Lanes::run`], with `points` a multiple of four and not 0.
    #[allow(unsafe_code)]
    unsafe fn call(&mut self, points: usize) {
        // SAFETY: the pages hold code of a function with this signature, which the processor can run; `self` keeps them.
        let function = unsafe { transmute::<*const std::ffi::c_void, Many>(self.many.start()) };
        let bytes = size_of::<f64>() * points;
        let (inputs, outputs) = (self.inputs.as_ptr(), self.outputs.as_ptr());
        // SAFETY: the tables have an address for every input and output; the code reads and writes so many bytes at each,
        // as the caller allows, reads the constants made for it, and uses the scratch space that it asked for.
        unsafe { function(inputs, outputs, bytes, self.constants.as_ptr(), self.scratch.as_mut_ptr()) };
    }
}

#[cfg(test)]
mod tests {
    use super::super::program::tests::{ARITHMETIC, Random, same};
    use super::*;

    #[test]
    #[allow(unsafe_code)]
    fn vector_code_computes_what_the_program_does() {
        let mut random = Random(99);
        let mut spilled = 0;
        for round in 0..2000 {
            // From nothing to do up to more values than there are registers, columns and points in a vector.
            let (inputs, steps) = (1 + random.below(20), random.below(150));
            let (outputs, points) = (1 + random.below(20), 1 + random.below(23));
            let program = random.program(inputs, &ARITHMETIC, steps, outputs);
            let Some(mut lanes) = Lanes::compile(&program) else {
                println!("this machine has no AVX and FMA: not checked");
                return;
            };
            spilled += lanes.scratch.len();
            let coordinate = |k: usize, i: usize| ((k * 37 + i * 11 + round) % 17) as f64 * 0.31 - 1.7;
            let x: Vec<Vec<f64>> =
                (0..inputs).map(|k| (0..points).map(|i| coordinate(k, i)).collect()).collect();
            let mut out = vec![vec![7.25; points + 1]; program.outputs.len()];
            // SAFETY: the vectors have `points` doubles, and the outputs one more, which is to stay as it is.
            unsafe { lanes.run(points, |k| x[k].as_ptr(), |k| out[k].as_mut_ptr()) };
            for i in 0..points {
                let point: Vec<f64> = x.iter().map(|column| column[i]).collect();
                let mut alone = vec![7.25; program.outputs.len()];
                lanes.run_point(&point, &mut alone);
                for (k, expected) in listing(&program).outputs_at(&point).into_iter().enumerate() {
                    let found = [out[k][i], alone[k]];
                    assert!(
                        found.iter().all(|f| same(*f, expected)),
                        "{program:?} at {point:?}: {found:?} {expected}"
                    );
                }
            }
            assert!(out.iter().all(|out| out[points] == 7.25));
        }
        assert!(spilled > 0);
    }
}
