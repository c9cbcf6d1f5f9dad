//! What a caller says of a walk, and what may refuse it.

use super::gather::{Alone, Crew};
use crate::error::Error;

/// What pointers in an image are made for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Target {
    /// Offsets from the image's start in words of 32 bits, in the low half of the pointer's 8 bytes; 0 is null.
    Words,
    /// Addresses of 64 bits, where the image's first byte has this one: a multiple of [`Image::align`](super::Image::align). One that
    /// is not known yet is 0, and [`Image::rebase`](super::Image::rebase) moves the pointers later.
    Address(u64),
}

impl Target {
    /// What is written for a pointer to `place`.
    #[inline(always)]
    pub(crate) fn pointer(self, place: u64) -> u64 {
        match self {
            Target::Words => place >> 2,
            Target::Address(base) => base.wrapping_add(place),
        }
    }

    /// Largest image that such pointers reach into, in bytes.
    pub(crate) fn reach(self) -> u64 {
        match self {
            Target::Words => 4 << 32,
            Target::Address(base) => u64::MAX - base,
        }
    }
}

/// Why a structure could not be flattened. It is unchanged.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum FlattenError {
    /// The image would be larger than the device takes: use the host, a device with more memory or one that shares addresses.
    #[error("the image of a linked structure takes at least {bytes} bytes, and {limit} are allowed")]
    TooLarge {
        /// Bytes that the walk had found when it stopped.
        bytes: u64,
        /// As given.
        limit: u64,
    },
    /// The host has no memory for the image.
    #[error("the host has no memory for the image of a linked structure, {bytes} bytes so far")]
    NoMemory {
        /// Bytes.
        bytes: u64,
    },
}

impl FlattenError {
    /// The same as an error of the device that the image was for.
    pub fn on(&self, device: &str) -> Error {
        let (device, wanted, available) = match *self {
            FlattenError::TooLarge { bytes, limit } => (device.to_string(), bytes, limit),
            FlattenError::NoMemory { bytes } => ("the host".to_string(), bytes, 0),
        };
        let hint = "it is what the image of a linked structure takes at least; use the host or a device that shares its \
            addresses";
        Error::OutOfMemory { device, wanted, available, hint: hint.into() }
    }
}

/// A structure's root, or several of a kind side by side (a slice of nodes).
#[derive(Clone, Copy, Debug)]
pub struct Root {
    /// The first. Dangling if `count` is 0.
    pub data: *mut u8,
    /// How many.
    pub count: usize,
    /// Whether the root is borrowed exclusively, so that [`Image::write_back`](super::Image::write_back) may write to its nodes.
    pub exclusive: bool,
}

/// How a structure is to be flattened.
#[derive(Clone, Copy)]
pub struct How<'c> {
    /// What pointers are made for.
    pub target: Target,
    /// The largest image, in bytes.
    pub limit: u64,
    /// Whether the image remembers its nodes, 8 bytes each, for [`Image::nodes`](super::Image::nodes), [`Image::refresh`](super::Image::refresh),
    /// [`Image::write_back`](super::Image::write_back) and [`Image::rebase`](super::Image::rebase).
    pub keep: bool,
    /// Threads to help where many nodes wait to be visited.
    pub crew: &'c dyn Crew,
}

impl How<'static> {
    /// Without a limit but the target's; nodes are not kept; on this thread.
    pub fn new(target: Target) -> Self {
        How { target, limit: u64::MAX, keep: false, crew: &Alone }
    }
}
