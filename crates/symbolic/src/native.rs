//! Machine code of our own for straight-line arithmetic, for x86-64 with AVX and FMA, and with AVX-512 where there is such.
//!
//! A [`Listing`](listing::Listing) of operations becomes instructions (`assembler`, `encoding`) in executable memory (`pages`):
//! for one point, for a loop over many (`assembler`), or for a map that is repeated (`repeat`). Every operation is one
//! instruction, rounded as IEEE 754 says, so that results do not depend on the length of vectors.

#[cfg(all(target_arch = "x86_64", target_os = "linux"))]
pub(crate) mod assembler;
#[cfg(all(target_arch = "x86_64", target_os = "linux"))]
mod encoding;
pub(crate) mod listing;
#[cfg(all(target_arch = "x86_64", target_os = "linux"))]
pub(crate) mod pages;
#[cfg(all(target_arch = "x86_64", target_os = "linux"))]
pub(crate) mod repeat;
#[cfg(not(all(target_arch = "x86_64", target_os = "linux")))]
#[path = "native/no_repeat.rs"]
pub(crate) mod repeat;
