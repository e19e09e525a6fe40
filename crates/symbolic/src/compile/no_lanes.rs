//! In place of machine code of our own on machines for which there is none: there the JIT of the algebra system serves,
//! and batches are computed point by point.

use super::program::Program;

#[derive(Clone, Debug)]
pub(super) enum Lanes {}

impl Lanes {
    pub(super) fn compile(_: &Program) -> Option<Lanes> {
        None
    }

    pub(super) fn run_point(&mut self, _: &[f64], _: &mut [f64]) {
        match *self {}
    }

    /// # Safety
    /// Nothing to observe: it cannot be called.
    #[allow(unsafe_code)]
    pub(super) unsafe fn run(
        &mut self,
        _: usize,
        _: impl Fn(usize) -> *const f64,
        _: impl FnMut(usize) -> *mut f64,
    ) {
        match *self {}
    }
}
