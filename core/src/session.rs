//! The contract between a scope and a device that keeps data: what [`Backend::session`](crate::backend::Backend::session) gives.
//!
//! # Who does what
//! **The scope decides, the session does.** A [`Ledger`](crate::residency::Ledger) says what has to cross before a launch; the
//! session makes room, copies, launches. It never chooses where data lives.
//!
//! **In order, without waiting**: what the scope asks for happens on the device in the order of the calls. `upload`, `clear`
//! and a launch without results and without host arguments that it writes may return before the device has done it; what they
//! are given (`from`, the launch and its arguments) is not used after they have returned. The number of launches on their way
//! is bounded by the session.
//!
//! **Errors come late**: a launch that was accepted may fail afterwards. The next call that waits (or, where it is known
//! already, the next of any kind) gives [`Trouble::Failed`] with the number of the first launch that failed. A session that has
//! said so is only asked to download what no failed launch can have touched.
//!
//! **In place, if it can**: a session may run some launches on the user's memory instead ([`InPlace`]). The scope then brings
//! home what such a launch uses, and the session may let pages of it walk, as long as they are home or stay for good when
//! the scope ends.
//!
//! **What stays alive**: the device never touches the user's memory but inside a call. Dropping a session waits for nothing
//! that the user could notice.

#![allow(unsafe_code)]

use std::mem::MaybeUninit;
use std::ops::Range;

use crate::error::Error;
use crate::launch::Launch;
use crate::residency::ArrayId;

/// Why an operation of a session gives no result.
#[derive(Clone, Debug)]
pub enum Trouble {
    /// It did not happen; what the session holds is as it was.
    Refused(Error),
    /// A launch failed: what that launch, or any after it, may have written on the device is void.
    Failed {
        /// Number of the first that failed; 0 if nothing on the device can be trusted.
        launch: u64,
        /// What happened.
        error: Error,
    },
}

/// Where a launch finds the memory of an argument.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Place {
    /// In the user's memory, as [`Launch::describe`] says.
    Host,
    /// It has none: it is a value, or a number.
    Nowhere,
    /// In an array that the session holds.
    Held {
        /// The array.
        array: ArrayId,
        /// Bytes from its start.
        offset: usize,
    },
}

/// Data of one scope on one device. See the module's documentation for who decides, who waits, and when errors come.
///
/// # Safety
/// Implementations promise that an `Ok` of `download`, and of `launch` for what it gives back, means that all of the bytes or
/// results were written, and that the user's memory is not touched outside of calls.
pub unsafe trait Session {
    /// Makes room for an array. Its content is undefined until `upload` or `clear`. `at` is where the array lies in the user's
    /// memory: a copy that the host's own code works on is to be aligned as that is.
    ///
    /// # Errors
    /// [`Trouble::Refused`]: `OutOfMemory`, `Unsupported` (larger than the device can hold in one piece).
    fn hold(&mut self, array: ArrayId, bytes: usize, at: usize) -> Result<(), Trouble>;

    /// Gives the room of an array back. Launches that use it may still be on their way.
    fn release(&mut self, array: ArrayId);

    /// Copies bytes into an array that is held.
    ///
    /// # Safety
    /// `from` is valid for reads of `bytes` bytes, which may be uninitialised; the range lies in the array.
    ///
    /// # Errors
    /// Both kinds.
    unsafe fn upload(
        &mut self,
        array: ArrayId,
        offset: usize,
        from: *const MaybeUninit<u8>,
        bytes: usize,
    ) -> Result<(), Trouble>;

    /// Fills an array that is held with zeros.
    ///
    /// # Errors
    /// Both kinds.
    fn clear(&mut self, array: ArrayId) -> Result<(), Trouble>;

    /// Waits for what was asked for before, and copies bytes out of an array.
    ///
    /// # Safety
    /// `to` is valid for writes of `bytes` bytes and nobody else uses it meanwhile; the range lies in the array. On an error
    /// nothing has been written.
    ///
    /// # Errors
    /// Both kinds.
    unsafe fn download(
        &mut self,
        array: ArrayId,
        offset: usize,
        to: *mut MaybeUninit<u8>,
        bytes: usize,
    ) -> Result<(), Trouble>;

    /// Waits for what has to be done before this launch can be accepted. Called right before [`Session::launch`].
    ///
    /// # Errors
    /// [`Trouble::Failed`]: an earlier launch failed. Nothing of this one has happened.
    fn ready(&mut self, launch: &dyn Launch, places: &[Place]) -> Result<(), Trouble>;

    /// Runs a launch, `places` saying where each argument is, in order. `number` counts the scope's launches from 1. If the
    /// launch has results, or writes arguments in the user's memory, all of that is there when this returns.
    ///
    /// # Errors
    /// Both kinds. [`Trouble::Refused`] with an error that the host can help with makes the scope run the launch there.
    fn launch(&mut self, launch: &dyn Launch, places: &[Place], number: u64) -> Result<(), Trouble>;

    /// Waits for everything that was asked for.
    ///
    /// # Errors
    /// [`Trouble::Failed`].
    fn wait(&mut self) -> Result<(), Trouble>;

    /// For sessions that also run launches on the user's memory.
    fn in_place(&mut self) -> Option<&mut dyn InPlace> {
        None
    }
}

/// A session that runs some launches on the user's memory, whose pages may walk to the device.
///
/// # Safety
/// As [`Session`]: when [`Self::launch`] returns, nobody touches the user's memory any more.
pub unsafe trait InPlace {
    /// Whether it runs this launch so.
    fn takes(&mut self, launch: &dyn Launch) -> bool;

    /// Runs a launch and waits for it. `walked` is told of pages that walked to the device: which argument's, and bytes.
    ///
    /// # Errors
    /// As [`Backend::launch`](crate::backend::Backend::launch).
    fn launch(&mut self, launch: &dyn Launch, walked: &mut dyn FnMut(usize, u64)) -> Result<(), Error>;

    /// The scope ends, and its memory is still borrowed: pages walk home that shall.
    fn leave(&mut self, came_home: &mut dyn FnMut(CameHome));
}

/// Pages of an argument that walked home.
#[derive(Clone, Debug)]
pub struct CameHome {
    /// The argument's bytes in the user's memory.
    pub argument: Range<usize>,
    /// Bytes of pages that are where they were again.
    pub bytes: u64,
    /// Which did not return, and why.
    pub stayed: Option<String>,
}
