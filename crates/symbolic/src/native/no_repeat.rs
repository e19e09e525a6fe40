//! In place of machine code on machines for which there is none.

use super::listing::Listing;

#[derive(Clone, Debug)]
pub(crate) enum Repeat {}

impl Repeat {
    pub(crate) fn compile(_: &Listing) -> Option<Repeat> {
        None
    }

    pub(crate) fn run(&self, _: &[&[f64]], _: &mut [&mut [f64]], _: usize) {
        match *self {}
    }
}
