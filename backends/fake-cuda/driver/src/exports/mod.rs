//! The C functions, one file a family.
//!
//! Handles are numbers that C takes for pointers. Pointers of callers are [`crate::pointer::Out`] and [`crate::pointer::In`].
#![allow(unsafe_code)]
#![allow(non_snake_case, unreachable_pub)]

mod contexts;
mod copies;
mod devices;
mod launches;
mod memory;
mod modules;
mod streams;
mod tests;

use std::ffi::c_int;
use std::panic::{AssertUnwindSafe, catch_unwind};

use crate::code::{Answer, UNKNOWN};
use crate::injection::enter;

/// Counts a call, fails it if a test asked for that, and turns its answer into a code.
pub(crate) fn answer(name: &str, body: impl FnOnce() -> Answer<()>) -> c_int {
    let result = catch_unwind(AssertUnwindSafe(|| enter(name).and_then(|()| body())));
    match result.unwrap_or(Err(UNKNOWN)) {
        Ok(()) => 0,
        Err(code) => code,
    }
}

/// Functions of the driver under their C names.
macro_rules! driver {
    ($($(#[$meta:meta])* fn $name:ident($($argument:ident: $ty:ty),* $(,)?) $body:block)*) => {
        $(
            // SAFETY: nothing else in the library has this name.
            $(#[$meta])*
            #[unsafe(no_mangle)]
            pub extern "C" fn $name($($argument: $ty),*) -> std::ffi::c_int {
                $crate::exports::answer(stringify!($name), || $body)
            }
        )*
    };
}
use driver;
