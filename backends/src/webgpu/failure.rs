//! What can go wrong between this process and a driver, as values.
//!
//! The device layer speaks [`Failure`]; the launch layer turns it into the library's error.

use std::fmt;
use std::time::Duration;

use landbridge_core::{DeviceInfo, Error};

/// A failed call to wgpu or to the driver.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Failure {
    /// No adapter answers to this name or number, or there is none at all.
    NoAdapter {
        /// What was asked for.
        wanted: String,
        /// What the user can do about it.
        hint: String,
    },
    /// The driver, or the memory cap, has no room for this step.
    OutOfMemory {
        /// What was being done.
        step: &'static str,
        /// Bytes that were asked for, 0 if the driver did not say.
        wanted: u64,
        /// Bytes that are left, 0 if unknown.
        available: u64,
        /// The driver's or the pool's words.
        message: String,
    },
    /// wgpu refused a call: a bug in this library, or in a hand-written kernel.
    Invalid {
        /// What was being done.
        step: &'static str,
        /// wgpu's words.
        message: String,
    },
    /// The driver failed inside.
    Internal {
        /// What was being done.
        step: &'static str,
        /// wgpu's words.
        message: String,
    },
    /// The device is gone; it has to be opened again.
    Lost {
        /// Why, as far as it is known.
        message: String,
    },
    /// The kernel did not end in time. The device is given up with it.
    Timeout {
        /// How long it was waited for.
        waited: Duration,
    },
    /// The device cannot do this; another strategy or device can.
    Unsupported {
        /// What is missing.
        message: String,
    },
}

impl Failure {
    pub(crate) fn from_wgpu(step: &'static str, error: wgpu::Error) -> Self {
        let message = error.to_string();
        match error {
            wgpu::Error::OutOfMemory { source } => {
                Self::OutOfMemory { step, wanted: 0, available: 0, message: source.to_string() }
            }
            wgpu::Error::Validation { .. } => Self::Invalid { step, message },
            wgpu::Error::Internal { .. } => Self::Internal { step, message },
        }
    }

    pub(crate) fn unsupported(message: impl Into<String>) -> Self {
        Self::Unsupported { message: message.into() }
    }
}

impl Failure {
    /// The library's error for a failure on `device` while `kernel` was launched or prepared.
    pub(crate) fn into_error(self, device: &DeviceInfo, kernel: &'static str) -> Error {
        let device = device.to_string();
        match self {
            Self::NoAdapter { wanted, hint } => Error::NoDevice { wanted, why: "no driver offers it".to_owned(), hint },
            Self::OutOfMemory { step, wanted, available, message } => {
                let hint = format!("while {step}: {message}; use smaller pieces, a larger cap, or the host");
                Error::OutOfMemory { device, wanted, available, hint }
            }
            Self::Invalid { step, message } | Self::Internal { step, message } => {
                Error::Driver { device, operation: step.to_owned(), why: message }
            }
            Self::Lost { message } => Error::DeviceLost { device, why: message },
            Self::Timeout { waited } => Error::Timeout { kernel, device, seconds: waited.as_secs_f64() },
            Self::Unsupported { message } => Error::Unsupported { kernel, device, what: message },
        }
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NoAdapter { wanted, hint } => write!(f, "no device {wanted}: {hint}"),
            Self::OutOfMemory { step, message, .. } => {
                write!(f, "out of device memory while {step}: {message}")
            }
            Self::Invalid { step, message } => write!(f, "wgpu refused {step}: {message}"),
            Self::Internal { step, message } => {
                write!(f, "the driver failed while {step}: {message}")
            }
            Self::Lost { message } => write!(f, "the device is lost: {message}"),
            Self::Timeout { waited } => {
                write!(f, "the kernel did not end within {:.1} s; the device is given up", waited.as_secs_f64())
            }
            Self::Unsupported { message } => f.write_str(message),
        }
    }
}

impl std::error::Error for Failure {}
