//! What the driver really answered.

use std::cell::Cell;
use std::ffi::c_int;

/// "Not initialised": what functions but `cuInit` answer without a driver.
pub const NOT_INITIALIZED: c_int = 3;
/// "Shared object initialisation failed": what `cuInit` answers without a driver.
pub const SHARED_OBJECT_INIT_FAILED: c_int = 303;
/// "Not found": what a function answers that the driver lacks.
pub const NOT_FOUND: c_int = 500;
/// "Unknown error": in place of codes that `cust_raw` does not know.
pub const UNKNOWN: c_int = 999;

/// A call that failed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Failure {
    /// The function of the driver.
    pub function: &'static str,
    /// The driver's own code.
    pub code: c_int,
    /// The driver has no such function.
    pub missing: bool,
}

thread_local! {
    static LAST: Cell<Option<Failure>> = const { Cell::new(None) };
}

/// The last call of this thread that failed, with the driver's own code.
pub fn last_failure() -> Option<Failure> {
    LAST.with(Cell::get)
}

pub(crate) fn note(failure: Failure) {
    // A thread that ends has nobody who asks.
    let _ = LAST.try_with(|last| last.set(Some(failure)));
}

/// The driver's answer as `cust_raw`'s `enum` knows it.
#[inline]
pub(crate) fn known(function: &'static str, code: c_int) -> c_int {
    if code == 0 {
        return 0;
    }
    // 600, "not ready", is an answer rather than a failure, and asked for often.
    if code != 600 {
        note(Failure { function, code, missing: false });
    }
    if is_known(code) { code } else { UNKNOWN }
}

/// The codes of `cust_raw` 0.11 (CUDA 11.4).
fn is_known(code: c_int) -> bool {
    matches!(code,
        0..=8 | 34 | 100..=102 | 200..=202 | 205..=224 | 300..=304 | 400 | 401 | 500 | 600 | 700..=705 | 708..=720
        | 800..=809 | 900..=911 | 999)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_that_cust_raw_does_not_know_become_unknown() {
        assert_eq!(known("cuTest", 0), 0);
        assert_eq!(known("cuTest", 2), 2);
        assert_eq!(known("cuTest", 600), 600);
        for code in [225, 402, 721, 812, 915, -1] {
            assert_eq!(known("cuTest", code), UNKNOWN);
            assert_eq!(last_failure(), Some(Failure { function: "cuTest", code, missing: false }));
        }
    }
}
