//! The driver's library, opened once.
#![allow(unsafe_code)]

use std::ffi::{CStr, CString, c_void};
use std::fmt;
use std::sync::OnceLock;

use crate::forward::Table;

/// The environment variable that names another library than `libcuda.so.1`, for tests.
pub const VARIABLE: &str = "LANDBRIDGE_LIBCUDA";

const USUAL: &str = "libcuda.so.1";

/// Why there is no driver.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LoadError {
    /// What was to be opened.
    pub library: String,
    /// The dynamic loader's words.
    pub why: String,
}

impl fmt::Display for LoadError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "the CUDA driver does not open: {}", self.why)?;
        if !self.why.contains(&self.library) {
            write!(f, " ({})", self.library)?;
        }
        Ok(())
    }
}

impl std::error::Error for LoadError {}

/// The library that is, or would be, opened.
pub fn library() -> String {
    match std::env::var(VARIABLE) {
        Ok(path) if !path.is_empty() => path,
        _ => USUAL.to_owned(),
    }
}

/// Opens the driver's library now, if it is not open yet.
///
/// # Errors
/// It does not open. The answer stays the same as long as the program runs.
pub fn probe() -> Result<(), LoadError> {
    table().map(drop).map_err(Clone::clone)
}

pub(crate) fn table() -> Result<&'static Table, &'static LoadError> {
    static OPENED: OnceLock<Result<Table, LoadError>> = OnceLock::new();
    OPENED.get_or_init(open).as_ref()
}

fn open() -> Result<Table, LoadError> {
    let library = library();
    let Ok(name) = CString::new(library.as_str()) else {
        return Err(LoadError { library, why: "its name has a zero byte in it".into() });
    };
    // SAFETY: the name ends with a zero. Opening runs the library's initialisers: it is NVIDIA's driver, or what the user named
    // in its place. It is never closed.
    let handle = unsafe { libc::dlopen(name.as_ptr(), libc::RTLD_NOW | libc::RTLD_LOCAL) };
    if handle.is_null() {
        return Err(LoadError { library, why: last_words() });
    }
    Ok(Table::load(&|name| symbol(handle, name)))
}

fn symbol(handle: *mut c_void, name: &CStr) -> *mut c_void {
    // SAFETY: the handle is open for ever, the name ends with a zero.
    unsafe { libc::dlsym(handle, name.as_ptr()) }
}

fn last_words() -> String {
    // SAFETY: after a failed `dlopen` of this thread it is null or a text that lasts until the next call.
    unsafe {
        let text = libc::dlerror();
        if text.is_null() { "no reason given".into() } else { CStr::from_ptr(text).to_string_lossy().into_owned() }
    }
}
