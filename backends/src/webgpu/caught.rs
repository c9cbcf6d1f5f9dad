//! wgpu's complaints about calls, as errors of those who made them.
//!
//! wgpu tells of an error on the thread that made the call, before the call returns. Its own error scopes look that thread up
//! in a shared table, six times for the three kinds of errors, and allocate: 2 % of a small launch. Here the handler of
//! errors outside of all scopes (every device of ours has it, see [`super::device::Gpu::open`]) leaves them to the thread.

use std::cell::{Cell, RefCell};

use super::failure::Failure;

thread_local! {
    /// How many [`in_scope`] are on the stack.
    static DEPTH: Cell<u32> = const { Cell::new(0) };
    /// What the calls of all of them were told, in order.
    static CAUGHT: RefCell<Vec<wgpu::Error>> = const { RefCell::new(Vec::new()) };
}

/// Ends a scope, also when its calls panic.
struct Scope;

impl Scope {
    fn begin() -> Self {
        DEPTH.set(DEPTH.get() + 1);
        Scope
    }
}

impl Drop for Scope {
    fn drop(&mut self) {
        DEPTH.set(DEPTH.get() - 1);
    }
}

/// Runs `calls` of a device, and returns wgpu's first complaint about them as an error.
pub(crate) fn in_scope<T>(step: &'static str, calls: impl FnOnce() -> T) -> Result<T, Failure> {
    let before = CAUGHT.with_borrow(Vec::len);
    let scope = Scope::begin();
    let value = calls();
    drop(scope);
    if CAUGHT.with_borrow(Vec::len) == before { Ok(value) } else { Err(worst(step, before)) }
}

/// Takes what was caught since there were `before` errors. A refused buffer makes later calls invalid too: the scarce memory is
/// the cause to report.
#[cold]
fn worst(step: &'static str, before: usize) -> Failure {
    let caught: Vec<wgpu::Error> = CAUGHT.with_borrow_mut(|caught| caught.drain(before..).collect());
    let rank = |error: &wgpu::Error| match error {
        wgpu::Error::OutOfMemory { .. } => 0,
        wgpu::Error::Internal { .. } => 1,
        wgpu::Error::Validation { .. } => 2,
    };
    let worst = caught.into_iter().min_by_key(rank);
    let none = || Failure::Internal { step, message: "wgpu's error was lost".to_owned() };
    worst.map_or_else(none, |error| Failure::from_wgpu(step, error))
}

/// Takes an error that wgpu tells of; gives it back if this thread is in no scope.
pub(crate) fn catch(error: wgpu::Error) -> Option<wgpu::Error> {
    if DEPTH.get() == 0 {
        return Some(error);
    }
    CAUGHT.with_borrow_mut(|caught| caught.push(error));
    None
}

#[cfg(test)]
mod tests {
    use std::panic::{AssertUnwindSafe, catch_unwind};

    use super::*;

    fn memory() -> wgpu::Error {
        wgpu::Error::OutOfMemory { source: "no memory".into() }
    }

    fn invalid() -> wgpu::Error {
        wgpu::Error::Validation { source: "invalid".into(), description: "invalid".to_owned() }
    }

    #[test]
    fn errors_belong_to_the_innermost_scope_of_their_thread() {
        let outer = in_scope("outer", || {
            let inner = in_scope("inner", || assert!(catch(invalid()).is_none()));
            assert!(matches!(inner, Err(Failure::Invalid { step: "inner", .. })));
            std::thread::spawn(|| assert!(catch(invalid()).is_some(), "another thread's"))
                .join()
                .expect("it ends well");
        });
        assert!(outer.is_ok());
        assert!(catch(invalid()).is_some(), "no scope");
    }

    #[test]
    fn scarce_memory_is_the_cause() {
        let failed = in_scope("both", || [invalid(), memory(), invalid()].map(catch));
        assert!(matches!(failed, Err(Failure::OutOfMemory { step: "both", .. })));
        assert!(in_scope("next", || ()).is_ok(), "nothing is left of them");
    }

    #[test]
    fn a_panic_ends_its_scope() {
        let panicked = catch_unwind(AssertUnwindSafe(|| in_scope("panics", || panic!("inside of wgpu"))));
        assert!(panicked.is_err());
        assert!(catch(invalid()).is_some());
    }
}
