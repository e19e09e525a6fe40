//! The widest vector instructions that the processor has.

/// A computation that is worth compiling again for wider vectors; `run` must be `#[inline(always)]`, and so must what is hot in it.
pub(crate) trait Kernel {
    /// What it finds.
    type Output;

    /// Computes it.
    fn run(self) -> Self::Output;
}

/// Runs a kernel with AVX-512 where there is such, and as it was compiled elsewhere.
///
/// The result is the same to the last bit: the compiler neither reorders nor fuses operations on its own account, and
/// whether [`mul_add`](crate::mul_add()) is fused is decided when the crate is compiled.
pub(crate) fn with_widest<K: Kernel>(kernel: K) -> K::Output {
    #[cfg(target_arch = "x86_64")]
    if is_x86_feature_detected!("avx512f")
        && is_x86_feature_detected!("avx512dq")
        && is_x86_feature_detected!("avx512vl")
    {
        #[allow(unsafe_code)]
        // SAFETY: the processor has the features that the function is compiled for.
        return unsafe { with_avx512(kernel) };
    }
    kernel.run()
}

#[cfg(target_arch = "x86_64")]
#[target_feature(enable = "avx512f,avx512dq,avx512vl")]
fn with_avx512<K: Kernel>(kernel: K) -> K::Output {
    kernel.run()
}

#[cfg(test)]
pub(crate) use checks::same_without_avx512;

#[cfg(test)]
mod checks {
    use super::*;

    /// One of the ways to run a kernel.
    pub(crate) struct Runner {
        widest: bool,
    }

    impl Runner {
        pub(crate) fn run<K: Kernel>(&self, kernel: K) -> K::Output {
            if self.widest { with_widest(kernel) } else { kernel.run() }
        }
    }

    /// Asserts that kernels find the same as compiled for the target and for the widest vectors here.
    pub(crate) fn same_without_avx512<T: PartialEq + std::fmt::Debug>(found: impl Fn(&Runner) -> T) {
        let [plain, widest] = [false, true].map(|widest| found(&Runner { widest }));
        assert!(plain == widest, "{plain:?}\n{widest:?}");
    }
}
