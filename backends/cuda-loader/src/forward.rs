//! A function for each of the driver's: it has the driver's name, so that the linker finds it here.
#![allow(unsafe_code, non_snake_case, clippy::too_many_arguments, clippy::missing_safety_doc, unreachable_pub)]

use std::ffi::{CStr, c_int, c_void};

use cust_raw::*;

use crate::failure::{self, Failure, NOT_FOUND, NOT_INITIALIZED, SHARED_OBJECT_INIT_FAILED, known};
use crate::library::table;

/// `fn NAME(ARGUMENTS);` for each function that returns a `CUresult`.
macro_rules! driver_api {
    ($( fn $name:ident($($argument:ident : $type:ty),* $(,)?); )*) => {
        /// The driver's functions, as far as it has them.
        pub(crate) struct Table { $( $name: Option<unsafe extern "C" fn($($type),*) -> c_int>, )* }

        impl Table {
            /// Asks for each symbol by its name.
            pub(crate) fn load(symbol: &dyn Fn(&CStr) -> *mut c_void) -> Table {
                $(
                    let name = concat!(stringify!($name), "\0");
                    let name = CStr::from_bytes_with_nul(name.as_bytes()).expect("one zero at the end");
                    // SAFETY: a symbol of this name has this signature in the driver's ABI, which never changes under a
                    // name (new ones get `_v2`); null is `None`.
                    let $name = unsafe {
                        std::mem::transmute::<*mut c_void, Option<unsafe extern "C" fn($($type),*) -> c_int>>(symbol(name))
                    };
                )*
                Table { $($name),* }
            }

            /// What the driver lacks.
            fn missing(&self) -> Vec<&'static str> {
                let mut missing = vec![];
                $( if self.$name.is_none() { missing.push(stringify!($name)); } )*
                missing
            }
        }

        /// The names of all functions that are forwarded.
        pub const SYMBOLS: &[&str] = &[$(stringify!($name)),*];

        // A wrong type here would be a wrong call: each has to be just what `cust_raw` declares.
        $( const _: unsafe extern "C" fn($($type),*) -> CUresult = cust_raw::$name; )*

        // Keeps the names out of the export table of a user's `cdylib`.
        $( std::arch::global_asm!(concat!(".hidden ", stringify!($name))); )*

        mod functions {
            use super::*;
            $(
                // SAFETY: the name is the driver's on purpose; nothing else defines it, as the driver is not linked.
                #[unsafe(no_mangle)]
                unsafe extern "C" fn $name($($argument: $type),*) -> c_int {
                    match table() {
                        Ok(table) => match table.$name {
                            // SAFETY: the caller's arguments are as the driver's manual says; they go on unchanged.
                            Some(function) => known(stringify!($name), unsafe { function($($argument),*) }),
                            None => lacking(stringify!($name)),
                        },
                        Err(_) => without_driver(stringify!($name)),
                    }
                }
            )*
        }
    };
}

include!("symbols.rs");

/// The functions that the driver lacks; all if there is no driver.
pub fn missing() -> Vec<&'static str> {
    match table() {
        Ok(table) => table.missing(),
        Err(_) => SYMBOLS.to_vec(),
    }
}

#[cold]
fn lacking(function: &'static str) -> c_int {
    failure::note(Failure { function, code: NOT_FOUND, missing: true });
    NOT_FOUND
}

#[cold]
fn without_driver(function: &'static str) -> c_int {
    let code = if function == "cuInit" { SHARED_OBJECT_INIT_FAILED } else { NOT_INITIALIZED };
    failure::note(Failure { function, code, missing: true });
    code
}
