//! Questions that `cust_raw`'s types do not allow: codes and attributes that are newer than it.
#![allow(unsafe_code)]

use std::ffi::{CStr, c_char, c_int};

use crate::failure::{self, NOT_INITIALIZED};
use crate::library::probe;

// The same functions as `cust_raw` declares, with numbers where it has enumerations; defined in `forward.rs`.
#[allow(clashing_extern_declarations)]
mod by_number {
    use super::{c_char, c_int};

    unsafe extern "C" {
        pub(super) fn cuGetErrorString(code: c_int, text: *mut *const c_char) -> c_int;
        pub(super) fn cuGetErrorName(code: c_int, text: *mut *const c_char) -> c_int;
        pub(super) fn cuDeviceGetAttribute(value: *mut c_int, attribute: c_int, device: c_int) -> c_int;
    }
}

type Ask = unsafe extern "C" fn(c_int, *mut *const c_char) -> c_int;

fn ask(function: Ask, code: c_int) -> Option<String> {
    probe().ok()?;
    let mut text = std::ptr::null();
    // SAFETY: `text` is valid for a write; what is written is null or a text that lasts as long as the library.
    unsafe {
        let answer = function(code, &raw mut text);
        (answer == 0 && !text.is_null()).then(|| CStr::from_ptr(text).to_string_lossy().into_owned())
    }
}

/// The driver's text for a code, also for one that `cust_raw` does not know: [`crate::Failure::code`]. Without a driver, why there is none.
pub fn error_text(code: c_int) -> String {
    if let Err(error) = probe() {
        return error.to_string();
    }
    ask(by_number::cuGetErrorString, code).unwrap_or_else(|| format!("error {code}"))
}

/// The driver's name for a code, such as `CUDA_ERROR_OUT_OF_MEMORY`.
pub fn error_name(code: c_int) -> String {
    ask(by_number::cuGetErrorName, code).unwrap_or_else(|| format!("CUDA error {code}"))
}

/// An attribute of a device by its number, also one that is newer than `cust_raw`.
///
/// # Errors
/// The driver's code: it does not know the attribute (1), or there is no such device.
pub fn device_attribute(attribute: c_int, device: c_int) -> Result<c_int, c_int> {
    let mut value = 0;
    // SAFETY: `value` is valid for a write.
    match unsafe { by_number::cuDeviceGetAttribute(&raw mut value, attribute, device) } {
        0 => Ok(value),
        _ => Err(failure::last_failure().map_or(NOT_INITIALIZED, |failure| failure.code)),
    }
}
