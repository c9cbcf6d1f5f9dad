//! What can go wrong between this process and NVIDIA's driver, as values.

use std::fmt;
use std::time::Duration;

use cust::error::{CudaError, CudaResult};
use landbridge_core::{DeviceInfo, Error};
use landbridge_cuda_loader as loader;

/// A failed call to the driver, or what a device cannot do.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Failure {
    /// The card, the memory cap or the host has no room for this step.
    OutOfMemory {
        /// What was being done.
        step: &'static str,
        /// Bytes that were asked for.
        wanted: u64,
        /// Bytes that are left, 0 if unknown.
        available: u64,
        /// The driver's words.
        message: String,
    },
    /// The driver refused a call; the device works on.
    Driver {
        /// What was being done.
        step: &'static str,
        /// The driver's words.
        message: String,
    },
    /// The context is dead: every later call fails.
    Lost {
        /// Why, as far as it is known.
        message: String,
    },
    /// The kernel did not end in time. The device is given up with it.
    Timeout {
        /// How long it was waited for.
        waited: Duration,
    },
    /// The device cannot do this; another can.
    Unsupported {
        /// What is missing.
        message: String,
    },
}

/// What the driver answers after which a context never works again: what a kernel did wrong (700 and above), a card that fell
/// off the bus or whose memory is damaged, a driver that is being unloaded.
fn is_sticky(code: i32) -> bool {
    matches!(code, 4 | 46 | 101 | 201 | 214 | 220 | 226 | 700 | 702 | 707 | 709 | 710 | 714..=719 | 721)
}

impl Failure {
    /// The failure behind an error of `cust`, whose own list of codes is older than drivers are.
    pub(crate) fn of(step: &'static str, error: CudaError) -> Self {
        // cust answers some by itself, without a call.
        let last = loader::last_failure().filter(|last| last.code == error as i32 || error == CudaError::UnknownError);
        let code = last.map_or(error as i32, |last| last.code);
        let message = words(last, code);
        match code {
            2 => Self::OutOfMemory { step, wanted: 0, available: 0, message },
            code if is_sticky(code) => Self::Lost { message: format!("{message}, while {step}") },
            _ => Self::Driver { step, message },
        }
    }

    /// The same, with what was asked for where memory was short.
    pub(crate) fn wanting(self, bytes: u64, left: u64) -> Self {
        match self {
            Self::OutOfMemory { step, message, .. } => {
                Self::OutOfMemory { step, wanted: bytes, available: left, message }
            }
            other => other,
        }
    }

    /// The same with what the caller's arguments hold, when it happened while results were copied back: those in `home` have come,
    /// of the one named `coming` perhaps a part.
    pub(crate) fn with_results(self, home: &[&str], coming: &[&str]) -> Self {
        self.leaving("the kernel had ended", home, coming)
    }

    /// The same while parts of a launch were computed and others came home already: of those named `coming` perhaps some.
    pub(crate) fn in_parts(self, coming: &[&str]) -> Self {
        match self {
            // Nobody may run it again from the start for want of memory.
            Self::OutOfMemory { step, message, .. } if !coming.is_empty() => {
                Self::Driver { step, message }.in_parts(coming)
            }
            other => other.leaving("the launch went in parts", &[], coming),
        }
    }

    fn leaving(self, when: &str, home: &[&str], coming: &[&str]) -> Self {
        if home.is_empty() && coming.is_empty() {
            return self;
        }
        let whole = home.iter().map(|name| format!("`{name}` is as the kernel left it"));
        let partly = coming.iter().map(|name| format!("`{name}` may hold a part of its results"));
        let state = format!("{when}: {}", whole.chain(partly).collect::<Vec<_>>().join(", "));
        match self {
            Self::Lost { message } => Self::Lost { message: format!("{message} ({state})") },
            Self::Driver { step, message } => Self::Driver { step, message: format!("{message} ({state})") },
            // The card is lost after it.
            Self::Timeout { waited } => {
                let message = format!(
                    "a copy, or the kernel before it, did not end within {:.1} s ({state})",
                    waited.as_secs_f64()
                );
                Self::Lost { message }
            }
            other => other,
        }
    }

    /// The library's error for a failure on `device` while `kernel` was launched or prepared.
    pub(crate) fn into_error(self, device: &DeviceInfo, kernel: &'static str) -> Error {
        let device = device.to_string();
        match self {
            Self::OutOfMemory { step, wanted, available, message } => {
                let hint = format!(
                    "while {step}: {message}; other processes may hold memory of the card: use smaller pieces, a larger cap, or the host"
                );
                Error::OutOfMemory { device, wanted, available, hint }
            }
            Self::Driver { step, message } => Error::Driver { device, operation: step.to_owned(), why: message },
            Self::Lost { message } => Error::DeviceLost { device, why: message },
            Self::Timeout { waited } => Error::Timeout { kernel, device, seconds: waited.as_secs_f64() },
            Self::Unsupported { message } => Error::Unsupported { kernel, device, what: message },
        }
    }
}

/// The driver's own words for a code.
fn words(last: Option<loader::Failure>, code: i32) -> String {
    let answer = format!("{} ({code}, {})", loader::error_text(code), loader::error_name(code));
    match last {
        Some(last) if last.missing => format!("the driver has no `{}`: it is too old for this", last.function),
        Some(last) => format!("{} answers: {answer}", last.function),
        None => answer,
    }
}

/// Names the step of a call of `cust` that fails.
pub(crate) trait Step<T> {
    /// What was being done.
    fn step(self, step: &'static str) -> Result<T, Failure>;
}

impl<T> Step<T> for CudaResult<T> {
    fn step(self, step: &'static str) -> Result<T, Failure> {
        self.map_err(|error| Failure::of(step, error))
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::OutOfMemory { step, message, .. } => write!(f, "out of device memory while {step}: {message}"),
            Self::Driver { step, message } => write!(f, "the driver failed while {step}: {message}"),
            Self::Lost { message } => write!(f, "the device is lost: {message}"),
            Self::Timeout { waited } => {
                write!(f, "the kernel did not end within {:.1} s; the device is given up", waited.as_secs_f64())
            }
            Self::Unsupported { message } => f.write_str(message),
        }
    }
}

impl std::error::Error for Failure {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_kernel_did_wrong_loses_the_device_and_a_refusal_does_not() {
        let step = "waiting for a kernel";
        assert!(
            matches!(Failure::of(step, CudaError::IllegalAddress), Failure::Lost { message } if message.contains(step))
        );
        assert!(matches!(Failure::of(step, CudaError::OutOfMemory), Failure::OutOfMemory { .. }));
        assert!(matches!(Failure::of(step, CudaError::InvalidValue), Failure::Driver { .. }));
    }
}
