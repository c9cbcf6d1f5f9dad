//! What tests ask of the driver.

use std::ffi::{c_char, c_int, c_ulonglong};
use std::sync::Arc;
use std::sync::atomic::Ordering;

use crate::code::LAUNCH_FAILED;
use crate::injection;
use crate::pointer::{In, Out, put_text};
use crate::state::state;

/// Exported functions that answer something else than a code.
macro_rules! controls {
    ($(fn $name:ident($($argument:ident: $ty:ty),*) $(-> $answer:ty)? $body:block)*) => {
        $(
            // SAFETY: nothing else in the library has this name.
            #[unsafe(no_mangle)]
            pub extern "C" fn $name($($argument: $ty),*) $(-> $answer)? $body
        )*
    };
}

controls! {
    fn fake_cuda_fail_next(name: In<c_char>, code: c_int) -> c_int {
        fake_cuda_fail_after(name, 0, code)
    }

    fn fake_cuda_fail_after(name: In<c_char>, skip: c_ulonglong, code: c_int) -> c_int {
        match name.text() {
            Ok(name) => {
                injection::fail(name, skip, code);
                0
            }
            Err(code) => code,
        }
    }

    fn fake_cuda_clear_failures() {
        injection::clear_failures();
    }

    fn fake_cuda_lose_context() {
        if let Ok(state) = state() {
            for context in state.contexts.values() {
                context.shared.fail(LAUNCH_FAILED);
                context.shared.abort.store(true, Ordering::SeqCst);
            }
        }
    }

    fn fake_cuda_set_memory(bytes: c_ulonglong) {
        if let Ok(mut state) = state() {
            Arc::make_mut(&mut state.profile).memory = bytes;
        }
    }

    fn fake_cuda_count(name: In<c_char>) -> c_ulonglong {
        name.text().map_or(0, |name| injection::count(&name))
    }

    fn fake_cuda_reset_counts() {
        injection::reset_counts();
    }

    fn fake_cuda_live() -> c_ulonglong {
        state().map_or(0, |state| state.memory.used(|_| true))
    }

    fn fake_cuda_last_fault(text: Out<c_char>, size: c_ulonglong) -> c_ulonglong {
        let fault = injection::injection().fault.clone();
        put_text(text, size as usize, &fault);
        fault.len() as c_ulonglong
    }

    fn fake_cuda_hold(held: c_int) {
        injection::hold(held != 0);
    }
}
