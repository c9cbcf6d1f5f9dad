//! Pointers that C callers pass.
#![allow(unsafe_code)]
#![allow(unreachable_pub)] // they are in the signatures of exported functions

use std::ffi::{CStr, c_char};

use crate::code::{Answer, INVALID_VALUE};

/// Where a result goes. Only C callers make one; they promise that it is null or valid for one `T`.
#[repr(transparent)]
#[derive(Clone, Copy)]
pub struct Out<T>(*mut T);

impl<T> Out<T> {
    pub(crate) fn put(self, value: T) -> Answer<()> {
        if self.0.is_null() {
            return Err(INVALID_VALUE);
        }
        // SAFETY: not null, and then valid for writes of a `T`: the callers' promise, as the driver's functions document it.
        unsafe { self.0.write_unaligned(value) };
        Ok(())
    }

    /// The same place for another type.
    pub(crate) fn of<U>(other: Out<U>) -> Out<T> {
        Out(other.0.cast())
    }

    /// An array's element; the caller promised so many.
    pub(crate) fn element(self, index: usize) -> Out<T> {
        if self.0.is_null() { self } else { Out(self.0.wrapping_add(index)) }
    }

    /// What is there, to be read.
    pub(crate) fn readable(self) -> In<T> {
        In(self.0)
    }

    /// Where null means that nobody wants it.
    pub(crate) fn put_if_wanted(self, value: T) {
        let _ = self.put(value);
    }
}

/// An array or text that is read. Only C callers make one; they promise that it is null or has what the function's other parameters say.
#[repr(transparent)]
#[derive(Clone, Copy)]
pub struct In<T>(*const T);

impl<T: Copy> In<T> {
    pub(crate) fn is_null(self) -> bool {
        self.0.is_null()
    }

    pub(crate) fn get(self, index: usize) -> Answer<T> {
        if self.0.is_null() {
            return Err(INVALID_VALUE);
        }
        // SAFETY: not null, and then it has as many elements as the caller said; unaligned reads ask for nothing more.
        Ok(unsafe { self.0.add(index).read_unaligned() })
    }

    pub(crate) fn bytes(self, count: usize) -> Answer<Vec<u8>> {
        if self.0.is_null() {
            return Err(INVALID_VALUE);
        }
        // SAFETY: not null, and the caller promises so many bytes.
        Ok(unsafe { std::slice::from_raw_parts(self.0.cast::<u8>(), count) }.to_vec())
    }
}

impl In<c_char> {
    /// Up to the zero.
    pub(crate) fn text(self) -> Answer<String> {
        if self.0.is_null() {
            return Err(INVALID_VALUE);
        }
        // SAFETY: not null; the caller promises a text that ends with a zero.
        let text = unsafe { CStr::from_ptr(self.0) };
        Ok(text.to_string_lossy().into_owned())
    }
}

/// Puts a text with its zero into a buffer of `size` bytes, cut if it must be; the bytes written, without the zero.
pub(crate) fn put_text(buffer: Out<c_char>, size: usize, text: &str) -> usize {
    if buffer.0.is_null() || size == 0 {
        return 0;
    }
    let count = text.len().min(size - 1);
    // SAFETY: the caller promises `size` bytes; `count` and the zero are within them.
    unsafe {
        std::ptr::copy_nonoverlapping(text.as_ptr(), buffer.0.cast::<u8>(), count);
        buffer.0.add(count).write(0);
    }
    count
}

impl Out<c_char> {
    pub(crate) fn at(address: u64) -> Out<c_char> {
        Out(address as *mut c_char)
    }
}

impl<T> In<T> {
    pub(crate) fn at(address: u64) -> In<T> {
        In(address as *const T)
    }
}

/// Copies bytes between host addresses; the ranges may overlap.
///
/// Callers give ranges of live allocations of this driver, or what C callers promise to be theirs.
pub(crate) fn copy(to: u64, from: u64, bytes: u64) {
    if bytes > 0 {
        // SAFETY: both ranges are mapped by the contract above; nobody else uses them meanwhile, which CUDA asks of its users.
        unsafe { std::ptr::copy(from as *const u8, to as *mut u8, bytes as usize) };
    }
}

/// Repeats a pattern of 1, 2 or 4 bytes; the contract is that of [`copy`].
pub(crate) fn fill(to: u64, pattern: &[u8], count: u64) {
    for k in 0..count {
        let at = to + k * pattern.len() as u64;
        // SAFETY: as in `copy`.
        unsafe { std::ptr::copy_nonoverlapping(pattern.as_ptr(), at as *mut u8, pattern.len()) };
    }
}

/// Calls a host function.
pub(crate) fn call(function: extern "C" fn(u64), data: u64) {
    function(data);
}
