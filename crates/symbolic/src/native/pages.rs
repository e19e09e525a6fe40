//! Memory that holds machine code and may be executed.
//!
//! The pages are written first and made executable then: at no time are they both.

use std::ffi::c_void;
use std::ptr::NonNull;

// SAFETY: the signatures of POSIX, as the C library of 64-bit Linux has them; std links that library.
#[allow(unsafe_code)]
unsafe extern "C" {
    fn mmap(
        at: *mut c_void,
        length: usize,
        protection: i32,
        flags: i32,
        file: i32,
        offset: i64,
    ) -> *mut c_void;
    fn mprotect(at: *mut c_void, length: usize, protection: i32) -> i32;
    fn munmap(at: *mut c_void, length: usize) -> i32;
}

const READ: i32 = 1;
const WRITE: i32 = 2;
const EXECUTE: i32 = 4;
const PRIVATE: i32 = 0x02;
const ANONYMOUS: i32 = 0x20;

/// Pages of code, given back when dropped.
#[derive(Debug)]
pub(crate) struct Pages {
    start: NonNull<c_void>,
    length: usize,
}

// SAFETY: after `Pages::new` nothing writes to the pages.
#[allow(unsafe_code)]
unsafe impl Send for Pages {}
// SAFETY: as above.
#[allow(unsafe_code)]
unsafe impl Sync for Pages {}

impl Pages {
    /// Code in executable memory; `None` where the system does not allow it.
    #[allow(unsafe_code)]
    pub(crate) fn new(code: &[u8]) -> Option<Pages> {
        let length = code.len().max(1);
        // SAFETY: a new anonymous mapping takes no existing memory.
        let start = unsafe { mmap(std::ptr::null_mut(), length, READ | WRITE, PRIVATE | ANONYMOUS, -1, 0) };
        if start as isize == -1 {
            return None;
        }
        let pages = Pages { start: NonNull::new(start)?, length };
        // SAFETY: the mapping is writable, at least as long as the code, and nobody else knows it.
        unsafe { std::ptr::copy_nonoverlapping(code.as_ptr(), start.cast::<u8>(), code.len()) };
        // SAFETY: these are the pages mapped above.
        (unsafe { mprotect(start, length, READ | EXECUTE) } == 0).then_some(pages)
    }

    pub(crate) fn start(&self) -> *const c_void {
        self.start.as_ptr()
    }
}

impl Drop for Pages {
    #[allow(unsafe_code)]
    fn drop(&mut self) {
        // SAFETY: the mapping is ours, and nothing runs code that it does not keep alive. It cannot fail for a mapping
        // that exists, and there would be nothing to do about it.
        unsafe { munmap(self.start.as_ptr(), self.length) };
    }
}
