//! Memory as the interpreter sees it: regions of the host's memory, and checked access to them.
//!
//! All unsafe code of the interpreter's work-items is here: copies of bytes within a [`Region`].
#![allow(unsafe_code)]

use std::alloc::{Layout, alloc_zeroed, dealloc, handle_alloc_error};
use std::collections::BTreeMap;
use std::mem::MaybeUninit;
use std::ptr::{self, NonNull};

use super::Stop;

/// Zeroed memory of a local or of constants.
struct Buffer {
    base: NonNull<u8>,
    layout: Layout,
}

impl Buffer {
    fn new(size: u64, align: u64) -> Self {
        let layout =
            Layout::from_size_align(size.max(1) as usize, align as usize).expect("verify bounds sizes and alignments");
        // SAFETY: the layout's size is not zero (at least 1).
        let base = unsafe { alloc_zeroed(layout) };
        let Some(base) = NonNull::new(base) else { handle_alloc_error(layout) };
        Buffer { base, layout }
    }
}

impl Drop for Buffer {
    fn drop(&mut self) {
        // SAFETY: `base` was allocated in `new` with this very layout, and is freed only here.
        unsafe { dealloc(self.base.as_ptr(), self.layout) }
    }
}

/// A range of memory that a work-item may touch.
struct Region {
    base: *mut u8,
    size: u64,
    writable: bool,
}

impl Region {
    fn start(&self) -> u64 {
        self.base.addr() as u64
    }

    /// Pointer to a range inside.
    fn find(&self, address: u64, size: u64) -> Option<*mut u8> {
        let offset = address.checked_sub(self.start())?;
        let inside = offset.checked_add(size)? <= self.size;
        // `wrapping_add` stays inside of the allocation: offset + size <= self.size.
        inside.then(|| self.base.wrapping_add(offset as usize))
    }
}

/// Memory of the interpreter itself: a local or constants.
struct Own {
    region: Region,
    /// For each byte: whether it has been written.
    written: Vec<bool>,
    _buffer: Buffer,
}

/// All memory that the running work-item may touch.
pub(super) struct Memory {
    /// Of arguments; may overlap.
    arguments: Vec<Region>,
    /// What links that were read from arguments lead to, by address; may overlap.
    linked: BTreeMap<u64, Region>,
    /// By address; never overlap.
    own: BTreeMap<u64, Own>,
}

impl Memory {
    pub(super) fn new() -> Self {
        Memory { arguments: vec![], linked: BTreeMap::new(), own: BTreeMap::new() }
    }

    /// Forgets the arguments of the work-item before.
    pub(super) fn clear_arguments(&mut self) {
        self.arguments.clear();
        self.linked.clear();
    }

    /// A range of an argument, or of what its links lead to.
    fn reachable(&self, address: u64, size: u64, write: bool) -> Option<&Region> {
        let fits = |region: &&Region| (region.writable || !write) && region.find(address, size).is_some();
        let arguments = self.arguments.iter().find(fits);
        arguments.or_else(|| self.linked.range(..=address).rev().map(|(_, region)| region).find(fits))
    }

    /// Allows access to what a pointer that lies in an argument points to: `size` bytes, unless it is null.
    pub(super) fn follow(&mut self, address: u64, size: u64) -> Result<(), Stop> {
        aligned(address, 8)?;
        let Some((source, writable)) =
            self.reachable(address, 8, false).and_then(|r| Some((r.find(address, 8)?, r.writable)))
        else {
            return Ok(());
        };
        // SAFETY: `find` gives the address of 8 readable bytes, aligned as was just checked; `allow` promises that what
        // lies there is a pointer or null, for IR types describe the memory.
        let base = unsafe { source.cast::<*mut u8>().read() };
        let known = self.linked.get(&(base.addr() as u64));
        if !base.is_null() && known.is_none_or(|known| known.size < size) {
            self.linked.insert(base.addr() as u64, Region { base, size, writable });
        }
        Ok(())
    }

    /// Allows access to all elements of a vector whose first one a link leads to.
    pub(super) fn extend(&mut self, address: u64, size: u64) {
        if let Some(region) = self.linked.get_mut(&address) {
            region.size = region.size.max(size);
        }
    }

    /// Allows access to memory of an argument.
    ///
    /// # Safety
    /// Until [`Self::clear_arguments`] or the end of `self`: `size` bytes from `base` are readable, and initialised but
    /// for padding, which is never accessed; if `writable` they are writable. Nobody else writes them, and if `writable`
    /// nobody else reads them. The same holds for what pointers in them lead to.
    pub(super) unsafe fn allow(&mut self, base: *mut u8, size: u64, writable: bool) {
        self.arguments.push(Region { base, size, writable });
    }

    /// New memory; its address.
    pub(super) fn allocate(&mut self, size: u64, align: u64) -> u64 {
        let buffer = Buffer::new(size, align);
        let region = Region { base: buffer.base.as_ptr(), size, writable: true };
        let address = region.start();
        let own = Own { region, written: vec![false; size as usize], _buffer: buffer };
        self.own.insert(address, own);
        address
    }

    /// Frees what [`Self::allocate`] gave.
    pub(super) fn free(&mut self, address: u64) {
        self.own.remove(&address);
    }

    /// Constant memory with these bytes; its address.
    pub(super) fn constant(&mut self, bytes: &[u8], align: u64) -> Result<u64, Stop> {
        let address = self.allocate(bytes.len() as u64, align);
        for (address, byte) in (address..).zip(bytes) {
            self.write(address, &[*byte], 1)?;
        }
        if let Some(own) = self.own.get_mut(&address) {
            own.region.writable = false;
        }
        Ok(address)
    }

    /// Memory with a copy of bytes that may be uninitialised where the type has padding; its address.
    pub(super) fn copy_of(&mut self, bytes: &[MaybeUninit<u8>], align: u64) -> u64 {
        let address = self.allocate(bytes.len() as u64, align);
        if let Some(own) = self.own.get_mut(&address) {
            own.written.fill(true);
            // SAFETY: the region was just allocated with `bytes.len()` bytes, is our own, and does not overlap `bytes`;
            // copying maybe-uninitialised bytes as such is fine, for later reads touch no padding.
            unsafe {
                ptr::copy_nonoverlapping(bytes.as_ptr(), own.region.base.cast::<MaybeUninit<u8>>(), bytes.len());
            }
        }
        address
    }

    /// Reads bytes of one scalar or pointer.
    pub(super) fn read(&self, address: u64, bytes: &mut [u8], align: u64) -> Result<(), Stop> {
        let size = bytes.len() as u64;
        aligned(address, align)?;
        let mut source = self.reachable(address, size, false).and_then(|region| region.find(address, size));
        if source.is_none()
            && let Some((start, own)) = self.own.range(..=address).next_back()
            && let Some(found) = own.region.find(address, size)
        {
            let offset = (address - start) as usize;
            let written = &own.written[offset..offset + bytes.len()];
            if written.contains(&false) {
                return Err(Stop::invalid(format!("reads {size} bytes at {address:#x} that were never written")));
            }
            source = Some(found);
        }
        let Some(source) = source else {
            return Err(outside("reads", address, size));
        };
        // SAFETY: `source` points to `size` readable bytes of a region (`find` checked the range; `allow` and `allocate`
        // promise that it is alive and that scalars in it are initialised); `bytes` is ours and cannot overlap.
        unsafe { ptr::copy_nonoverlapping(source.cast_const(), bytes.as_mut_ptr(), bytes.len()) };
        Ok(())
    }

    /// Writes bytes of one scalar or pointer.
    pub(super) fn write(&mut self, address: u64, bytes: &[u8], align: u64) -> Result<(), Stop> {
        let size = bytes.len() as u64;
        aligned(address, align)?;
        let mut target = self.reachable(address, size, true).and_then(|region| region.find(address, size));
        if target.is_none()
            && let Some((start, own)) = self.own.range_mut(..=address).next_back()
            && own.region.writable
            && let Some(found) = own.region.find(address, size)
        {
            let offset = (address - start) as usize;
            own.written[offset..offset + bytes.len()].fill(true);
            target = Some(found);
        }
        let Some(target) = target else {
            return Err(outside("writes", address, size));
        };
        // SAFETY: `target` points to `size` bytes of a writable region (`find` checked the range; `allow` and `allocate`
        // promise that it is alive and that nobody else uses it); `bytes` is ours and cannot overlap.
        unsafe { ptr::copy_nonoverlapping(bytes.as_ptr(), target, bytes.len()) };
        Ok(())
    }
}

fn aligned(address: u64, align: u64) -> Result<(), Stop> {
    if address.is_multiple_of(align) {
        return Ok(());
    }
    Err(Stop::invalid(format!("address {address:#x} is not aligned to {align}")))
}

fn outside(what: &str, address: u64, size: u64) -> Stop {
    Stop::invalid(format!("{what} {size} bytes at {address:#x}, outside of what the work-item may touch"))
}

/// The bytes of a value, padding included.
pub(super) fn bytes_of<T: Copy>(value: &T) -> &[MaybeUninit<u8>] {
    // SAFETY: a `T` is `size_of::<T>()` readable bytes that live as long as the borrow; `MaybeUninit<u8>` has no
    // alignment and allows uninitialised bytes. Interior mutability is impossible: `UnsafeCell` is not `Copy`.
    unsafe { std::slice::from_raw_parts(ptr::from_ref(value).cast(), size_of::<T>()) }
}
