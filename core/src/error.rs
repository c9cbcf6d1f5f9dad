//! What can go wrong, whose fault it is, and what to do next.

use crate::extent::Extent;
use crate::plan::Strategy;
use crate::text::Bytes;

/// Result of landbridge's functions.
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// Everything that can go wrong with a launch. Each text says whose fault it is and what to do next.
#[derive(Clone, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// A work-item of the kernel panicked: the kernel's or its input's fault. Under [`Strategy::Copy`] the user's data is
    /// as it was before the launch; elsewhere each item's output has its old or its new value.
    #[error("kernel `{kernel}` panicked at {file}:{line} in work-item {work_item}: {message}")]
    KernelPanic {
        /// Name of the kernel.
        kernel: &'static str,
        /// What Rust's panic prints.
        message: String,
        /// Source file of the place that panicked, as `file!()` gives it.
        file: String,
        /// Line of that place, from 1.
        line: u32,
        /// Linear number of one of the work-items that panicked.
        work_item: usize,
        /// For an index out of bounds: the index.
        index: Option<u64>,
        /// For an index out of bounds: the length.
        length: Option<u64>,
    },

    /// Arguments that give the number of work-items disagree: the caller's fault.
    #[error(
        "kernel `{kernel}`: argument `{parameter}` gives {found} work-items, but `{other}` gives {expected}; \
         all arguments of a launch have to give the same number"
    )]
    WrongLength {
        /// Name of the kernel.
        kernel: &'static str,
        /// The parameter at fault.
        parameter: &'static str,
        /// Work-items that its argument gives.
        found: usize,
        /// The parameter that it is compared with.
        other: &'static str,
        /// Work-items that the other argument gives.
        expected: usize,
    },

    /// Arguments that give the shape of the launch disagree on it, although on as many work-items: the caller's fault.
    #[error(
        "kernel `{kernel}`: argument `{parameter}` gives an extent of {found}, but `{other}` one of {expected}; \
         all arguments of a launch have to give the same"
    )]
    WrongExtent {
        /// Name of the kernel.
        kernel: &'static str,
        /// The parameter at fault.
        parameter: &'static str,
        /// What its argument gives.
        found: Box<Extent>,
        /// The parameter that it is compared with.
        other: &'static str,
        /// What the other argument gives.
        expected: Box<Extent>,
    },

    /// A slice cannot be cut into whole chunks or rows: the caller's fault.
    #[error("kernel `{kernel}`: argument `{parameter}` {}", ragged(*length, *group))]
    NotDivisible {
        /// Name of the kernel.
        kernel: &'static str,
        /// The parameter at fault.
        parameter: &'static str,
        /// Elements of the argument.
        length: usize,
        /// Elements of a work-item.
        group: usize,
    },

    /// A region or a linked structure whose nodes have atomics was passed shared, or has them behind an `Arc` or a reference, so
    /// that others could change them while it is on its way: the caller's fault.
    #[error(
        "kernel `{kernel}`: nodes of what was passed for `{parameter}` have atomics, which others could change meanwhile; \
         pass it exclusively, as `&mut` (an `Arc` or a reference that leads to atomics shares them all the same)"
    )]
    SharedAtomics {
        /// Name of the kernel.
        kernel: &'static str,
        /// The parameter at fault.
        parameter: &'static str,
    },

    /// The number of work-items does not fit a `usize`: the caller's fault.
    #[error("kernel `{kernel}`: the extent {extent} has too many work-items; split the launch")]
    ExtentTooLarge {
        /// Name of the kernel.
        kernel: &'static str,
        /// What was asked for.
        extent: Extent,
    },

    /// The device asked for is not there.
    #[error("no device `{wanted}`: {why}. {hint}")]
    NoDevice {
        /// As asked for.
        wanted: String,
        /// Why not, and what is there instead.
        why: String,
        /// What to do.
        hint: String,
    },

    /// The kernel uses something that this device lacks, and no host fallback was allowed.
    #[error("kernel `{kernel}` cannot run on {device}: {what}. Run it on the host, or on a device that has this")]
    Unsupported {
        /// Name of the kernel.
        kernel: &'static str,
        /// The device.
        device: String,
        /// What is lacking.
        what: String,
    },

    /// The kernel cannot be translated for devices: a limit of landbridge (the host still runs it), or a bug in it.
    #[error("kernel `{kernel}` cannot be translated for devices: {file}:{line}: {what}. The host runs it as it is")]
    Untranslatable {
        /// Name of the kernel.
        kernel: &'static str,
        /// Source file of the place.
        file: String,
        /// Line of the place, from 1.
        line: u32,
        /// What it is, and whose fault.
        what: String,
    },

    /// The strategy that was forced is not possible: choose another, or `Strategy::Auto`.
    #[error("strategy {strategy} is not possible on {device}: {why}; use Strategy::Auto to let landbridge choose")]
    StrategyUnavailable {
        /// As asked for.
        strategy: Strategy,
        /// The device.
        device: String,
        /// Why not.
        why: String,
    },

    /// Not enough memory on the device or under the cap that was set. The user's data is untouched.
    #[error("{device} has not enough memory{}; {hint}", shortage(*wanted, *available))]
    OutOfMemory {
        /// The device.
        device: String,
        /// Bytes; 0 if the driver did not say.
        wanted: u64,
        /// Bytes; 0 if there are none or it is not known.
        available: u64,
        /// What to do.
        hint: String,
    },

    /// The input of a ready-made operation is not what it takes: the caller's fault. Nothing was changed.
    #[error("{operation}: {fault}")]
    BadInput {
        /// Name of the operation.
        operation: &'static str,
        /// What is wrong, and what to do.
        fault: Box<crate::fault::InputFault>,
    },

    /// A kernel did not end within the device's timeout. The user's data is untouched; the device is given up. The kernel runs
    /// on: if it still does when the process ends, a software driver's own exit handlers may crash.
    #[error(
        "kernel `{kernel}` did not end within {seconds} s on {device}; the device is lost to this process. Raise the timeout if the kernel needs longer, or mend its loops"
    )]
    Timeout {
        /// Name of the kernel.
        kernel: &'static str,
        /// The device.
        device: String,
        /// Seconds.
        seconds: f64,
    },

    /// The device is gone (driver reset, unplugged, given up after a timeout). Open it again or use another.
    #[error("{device} is lost: {why}. Open the device again, or use another")]
    DeviceLost {
        /// The device.
        device: String,
        /// What the driver said.
        why: String,
    },

    /// Results of a scope could not be brought home, because a launch of it or the device failed. What is named has the bytes
    /// that it had before the scope, or when it last was home; everything else is home.
    #[error(
        "{cause}. Not home, and as before the scope or when last home: {arrays}. All else is home; mend what failed, and run the scope again for these"
    )]
    NotHome {
        /// What failed.
        cause: Box<Error>,
        /// What is not home: length, type, and where it was attached.
        arrays: String,
    },

    /// The driver refused something that should work: its bug or landbridge's. The user's data is untouched.
    #[error("{device}: {operation} failed: {why}. This is a fault of the driver or of landbridge; please report it")]
    Driver {
        /// The device.
        device: String,
        /// What was tried.
        operation: String,
        /// What the driver said.
        why: String,
    },
}

/// The variant and the text, not the structure: it is what a `main` that returns an error prints.
impl std::fmt::Debug for Error {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}: {self}", self.variant())
    }
}

/// Why so many elements cannot be cut into groups of this length.
fn ragged(length: usize, group: usize) -> String {
    match group {
        0 => "is to be cut into rows or chunks of 0 elements, which tells no number of work-items; give at least 1"
            .into(),
        _ => format!(
            "has {length} elements, which is no multiple of {group}, the number of elements that a work-item takes; pass whole \
             groups, as `[..{}]`, or pad it",
            length / group * group
        ),
    }
}

/// `: 3.0 GiB wanted, 512 B available`, as far as it is known.
fn shortage(wanted: u64, available: u64) -> String {
    match (wanted, available) {
        (0, _) => String::new(),
        (_, 0) => format!(": {} wanted", Bytes(wanted)),
        _ => format!(": {} wanted, {} available", Bytes(wanted), Bytes(available)),
    }
}

impl Error {
    /// Name of the variant.
    fn variant(&self) -> &'static str {
        match self {
            Error::KernelPanic { .. } => "KernelPanic",
            Error::WrongLength { .. } => "WrongLength",
            Error::WrongExtent { .. } => "WrongExtent",
            Error::NotDivisible { .. } => "NotDivisible",
            Error::SharedAtomics { .. } => "SharedAtomics",
            Error::ExtentTooLarge { .. } => "ExtentTooLarge",
            Error::NoDevice { .. } => "NoDevice",
            Error::Unsupported { .. } => "Unsupported",
            Error::Untranslatable { .. } => "Untranslatable",
            Error::StrategyUnavailable { .. } => "StrategyUnavailable",
            Error::OutOfMemory { .. } => "OutOfMemory",
            Error::BadInput { .. } => "BadInput",
            Error::Timeout { .. } => "Timeout",
            Error::DeviceLost { .. } => "DeviceLost",
            Error::NotHome { .. } => "NotHome",
            Error::Driver { .. } => "Driver",
        }
    }

    /// What failed in the first place: the cause of [`Error::NotHome`], or the error itself.
    pub fn root(&self) -> &Error {
        match self {
            Error::NotHome { cause, .. } => cause.root(),
            other => other,
        }
    }

    /// Whether running on the host instead is an honest answer: the device lacks something, and nothing has been changed.
    pub fn host_can_help(&self) -> bool {
        matches!(self, Error::Unsupported { .. } | Error::Untranslatable { .. } | Error::OutOfMemory { .. })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_say_whose_fault_it_is_and_what_to_do() {
        let device = || "wgpu:0 (GPU)".to_string();
        let texts = [
            (
                Error::OutOfMemory { device: device(), wanted: 3 << 30, available: 512, hint: "use the host".into() },
                "wgpu:0 (GPU) has not enough memory: 3.0 GiB wanted, 512 B available; use the host",
            ),
            (
                Error::WrongLength { kernel: "k", parameter: "y", found: 3, other: "x", expected: 2 },
                "kernel `k`: argument `y` gives 3 work-items, but `x` gives 2; all arguments of a launch have to give the \
                 same number",
            ),
            (
                Error::NotDivisible { kernel: "k", parameter: "m", length: 12, group: 0 },
                "kernel `k`: argument `m` is to be cut into rows or chunks of 0 elements, which tells no number of work-items; \
                 give at least 1",
            ),
            (
                Error::NotDivisible { kernel: "k", parameter: "m", length: 14, group: 4 },
                "kernel `k`: argument `m` has 14 elements, which is no multiple of 4, the number of elements that a work-item \
                 takes; pass whole groups, as `[..12]`, or pad it",
            ),
            (
                Error::OutOfMemory { device: device(), wanted: 0, available: 0, hint: "use the host".into() },
                "wgpu:0 (GPU) has not enough memory; use the host",
            ),
            (
                Error::StrategyUnavailable { strategy: Strategy::Map, device: device(), why: "no import".into() },
                "strategy map is not possible on wgpu:0 (GPU): no import; use Strategy::Auto to let landbridge choose",
            ),
            (
                Error::KernelPanic {
                    kernel: "k",
                    message: "attempt to divide by zero".into(),
                    file: "src/main.rs".into(),
                    line: 7,
                    work_item: 12,
                    index: None,
                    length: None,
                },
                "kernel `k` panicked at src/main.rs:7 in work-item 12: attempt to divide by zero",
            ),
        ];
        for (error, text) in texts {
            assert_eq!(error.to_string(), text);
            assert_eq!(format!("{error:?}"), format!("{}: {text}", error.variant()));
        }
    }

    #[test]
    fn the_host_helps_only_where_nothing_has_happened() {
        let unsupported = Error::Unsupported { kernel: "k", device: "d".into(), what: "f64".into() };
        let lost = Error::DeviceLost { device: "d".into(), why: "reset".into() };
        let forced = Error::StrategyUnavailable { strategy: Strategy::Map, device: "d".into(), why: "no".into() };
        assert!(unsupported.host_can_help() && !lost.host_can_help() && !forced.host_can_help());
    }
}
