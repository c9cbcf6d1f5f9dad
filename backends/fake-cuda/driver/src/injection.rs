//! Counts of calls, and errors that tests ask for.

use std::collections::HashMap;
use std::ffi::c_int;
use std::sync::{Condvar, LazyLock, Mutex, MutexGuard};

use crate::code::Answer;

#[derive(Default)]
pub(crate) struct Injection {
    counts: HashMap<String, u64>,
    /// By name: good calls before it, and the code.
    failures: HashMap<String, (u64, c_int)>,
    pub(crate) fault: String,
    held: bool,
}

static INJECTION: LazyLock<Mutex<Injection>> = LazyLock::new(Mutex::default);
static RELEASED: Condvar = Condvar::new();

pub(crate) fn injection() -> MutexGuard<'static, Injection> {
    INJECTION.lock().unwrap_or_else(|e| e.into_inner())
}

/// Counts a call; an error if one was asked for.
pub(crate) fn enter(name: &str) -> Answer<()> {
    let mut injection = injection();
    *injection.counts.entry(name.to_owned()).or_default() += 1;
    let Some((skip, code)) = injection.failures.get_mut(name) else { return Ok(()) };
    if *skip > 0 {
        *skip -= 1;
        return Ok(());
    }
    let code = *code;
    injection.failures.remove(name);
    Err(code)
}

pub(crate) fn fail(name: String, skip: u64, code: c_int) {
    injection().failures.insert(name, (skip, code));
}

pub(crate) fn clear_failures() {
    injection().failures.clear();
}

/// Calls of a function, or of all.
pub(crate) fn count(name: &str) -> u64 {
    if name == "*" {
        return injection().counts.values().sum();
    }
    injection().counts.get(name).copied().unwrap_or(0)
}

pub(crate) fn reset_counts() {
    injection().counts.clear();
}

pub(crate) fn hold(held: bool) {
    injection().held = held;
    RELEASED.notify_all();
}

/// Waits while streams are held.
pub(crate) fn wait_until_released() {
    let mut guard = injection();
    while guard.held {
        guard = RELEASED.wait(guard).unwrap_or_else(|e| e.into_inner());
    }
}
