//! Memory on a node, for copies of a launch's arguments.
#![allow(unsafe_code)]

use std::io;
use std::mem::MaybeUninit;
use std::ptr::{self, NonNull};

use super::super::mover;

/// Private pages that prefer a node; given back when dropped.
#[derive(Debug)]
pub(super) struct Buffer {
    start: NonNull<MaybeUninit<u8>>,
    bytes: usize,
}

// SAFETY: it owns its pages, as a `Box<[u8]>` does.
unsafe impl Send for Buffer {}

impl Buffer {
    /// So many bytes (not 0). Their pages come when first written: from the node while it has room, else from others.
    pub(super) fn new(bytes: usize, node: u32) -> io::Result<Self> {
        let (access, flags) = (libc::PROT_READ | libc::PROT_WRITE, libc::MAP_PRIVATE | libc::MAP_ANONYMOUS);
        // SAFETY: new pages at an address that the kernel chooses touch nothing that is there.
        let start = unsafe { libc::mmap(ptr::null_mut(), bytes, access, flags, -1, 0) };
        if start == libc::MAP_FAILED {
            return Err(io::Error::last_os_error());
        }
        let start = NonNull::new(start.cast()).ok_or(io::ErrorKind::AddrNotAvailable)?;
        let buffer = Buffer { start, bytes };
        buffer.prefer(node);
        Ok(buffer)
    }

    /// Asks for pages on a node, and for large ones. A kernel that refuses gives pages all the same; `elsewhere` sees it.
    fn prefer(&self, node: u32) {
        let mut nodes = vec![0_u64; node as usize / 64 + 1];
        nodes[node as usize / 64] |= 1 << (node % 64);
        // The kernel takes one bit less than it is told.
        let bits = nodes.len() * 64 + 1;
        let start = self.start.as_ptr();
        // SAFETY: only says where pages that this buffer owns shall come from; the kernel reads the set within `bits`.
        unsafe {
            libc::syscall(libc::SYS_mbind, start, self.bytes, libc::MPOL_PREFERRED, nodes.as_ptr(), bits, 0);
            libc::madvise(start.cast(), self.bytes, libc::MADV_HUGEPAGE);
        }
    }

    pub(super) fn start(&self) -> *mut MaybeUninit<u8> {
        self.start.as_ptr()
    }

    pub(super) fn bytes(&self) -> usize {
        self.bytes
    }

    /// How many of the first `bytes`, once they have been written, found no room on the node: about, where that is many.
    pub(super) fn elsewhere(&self, node: u32, bytes: usize) -> u64 {
        mover::elsewhere(&(self.start().addr()..self.start().addr() + bytes), node)
    }
}

impl Drop for Buffer {
    fn drop(&mut self) {
        // SAFETY: the pages are this buffer's, and whoever used them borrowed it.
        unsafe { libc::munmap(self.start().cast(), self.bytes) };
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_buffer_can_be_written_and_says_where_it_is() {
        let buffer = Buffer::new(10_000, 0).unwrap();
        // SAFETY: inside the buffer.
        unsafe { buffer.start().write_bytes(7, 10_000) };
        assert_eq!((buffer.bytes(), buffer.elsewhere(0, 10_000)), (10_000, 0));
    }

    #[test]
    fn a_node_that_is_not_there_gives_pages_elsewhere() {
        let buffer = Buffer::new(4096, 1000).unwrap();
        // SAFETY: inside the buffer.
        unsafe { buffer.start().write_bytes(7, 4096) };
        assert_eq!(buffer.elsewhere(1000, 4096), 4096);
    }

    #[test]
    fn more_than_the_address_space_is_an_error() {
        assert_eq!(Buffer::new(1 << 60, 0).unwrap_err().raw_os_error(), Some(libc::ENOMEM));
    }
}
