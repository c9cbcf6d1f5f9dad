//! Allocations: on the cards, of the host for the cards, and ranges of the host that were registered.
#![allow(unsafe_code)]

use std::collections::BTreeMap;
use std::sync::Arc;

use landbridge_fake_cuda::{MemoryMap, Range};

use crate::code::{Answer, HOST_MEMORY_ALREADY_REGISTERED, HOST_MEMORY_NOT_REGISTERED, INVALID_VALUE, OUT_OF_MEMORY};

/// What an allocation is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    Device,
    /// `cuMemAllocHost` and the like.
    Pinned,
    Managed,
    Registered,
}

#[derive(Clone, Copy, Debug)]
pub(crate) struct Allocation {
    pub(crate) size: u64,
    pub(crate) kind: Kind,
    /// Number of the context.
    pub(crate) context: u64,
    /// Where the bytes are.
    host: u64,
    /// A constant of a module: kernels don't write it.
    is_constant: bool,
}

/// All allocations, by their addresses as the cards see them.
#[derive(Default)]
pub(crate) struct Memory {
    allocations: BTreeMap<u64, Allocation>,
    map: Option<Arc<MemoryMap>>,
}

const PAGE: u64 = 4096;

fn map(bytes: u64, protection: libc::c_int) -> Answer<u64> {
    // SAFETY: a fresh anonymous mapping at a place of the kernel's choice touches nothing that exists.
    let at = unsafe {
        libc::mmap(
            std::ptr::null_mut(),
            bytes as usize,
            protection,
            libc::MAP_PRIVATE | libc::MAP_ANONYMOUS | libc::MAP_NORESERVE,
            -1,
            0,
        )
    };
    if at == libc::MAP_FAILED { Err(OUT_OF_MEMORY) } else { Ok(at as u64) }
}

fn unmap(at: u64, bytes: u64) {
    // SAFETY: callers give a mapping that `map` made, of that length, which nobody uses any more: streams were waited for.
    unsafe { libc::munmap(at as *mut libc::c_void, bytes as usize) };
}

impl Memory {
    /// New memory. `apart`: its address is none of the host's.
    pub(crate) fn allocate(&mut self, size: u64, kind: Kind, context: u64, apart: bool) -> Answer<u64> {
        let bytes = size.next_multiple_of(PAGE);
        let host = map(bytes, libc::PROT_READ | libc::PROT_WRITE)?;
        let address = match apart {
            true => map(bytes, libc::PROT_NONE)?,
            false => host,
        };
        if kind == Kind::Device {
            // What was never written is rubbish; of large allocations the start is enough.
            crate::pointer::fill(host, &[0xCD], size.min(1 << 20));
        }
        self.allocations.insert(address, Allocation { size, kind, context, host, is_constant: false });
        self.map = None;
        Ok(address)
    }

    pub(crate) fn make_constant(&mut self, address: u64) {
        if let Some(allocation) = self.allocations.get_mut(&address) {
            allocation.is_constant = true;
        }
        self.map = None;
    }

    /// Gives memory back that starts at an address and is of one of these kinds.
    pub(crate) fn free(&mut self, address: u64, kinds: &[Kind]) -> Answer<Allocation> {
        match self.allocations.get(&address) {
            Some(allocation) if kinds.contains(&allocation.kind) => {}
            _ => return Err(INVALID_VALUE),
        }
        let Some(allocation) = self.allocations.remove(&address) else { return Err(INVALID_VALUE) };
        self.map = None;
        let bytes = allocation.size.next_multiple_of(PAGE);
        if allocation.kind != Kind::Registered {
            unmap(allocation.host, bytes);
            if address != allocation.host {
                unmap(address, bytes);
            }
        }
        Ok(allocation)
    }

    /// Gives back all of a context.
    pub(crate) fn free_context(&mut self, context: u64) {
        let own =
            |(at, allocation): (&u64, &Allocation)| (allocation.context == context).then_some((*at, allocation.kind));
        let all: Vec<_> = self.allocations.iter().filter_map(own).collect();
        for (address, kind) in all {
            let _ = self.free(address, &[kind]);
        }
    }

    pub(crate) fn register(&mut self, address: u64, size: u64, context: u64) -> Answer<()> {
        if address == 0 || size == 0 {
            return Err(INVALID_VALUE);
        }
        let before = self.allocations.range(..address + size).next_back();
        if before.is_some_and(|(start, allocation)| start + allocation.size > address) {
            return Err(HOST_MEMORY_ALREADY_REGISTERED);
        }
        let allocation = Allocation { size, kind: Kind::Registered, context, host: address, is_constant: false };
        self.allocations.insert(address, allocation);
        self.map = None;
        Ok(())
    }

    pub(crate) fn unregister(&mut self, address: u64) -> Answer<()> {
        self.free(address, &[Kind::Registered]).map(|_| ()).map_err(|_| HOST_MEMORY_NOT_REGISTERED)
    }

    /// The allocation that holds an address, and where it starts.
    pub(crate) fn find(&self, address: u64) -> Option<(u64, Allocation)> {
        let (start, allocation) = self.allocations.range(..=address).next_back()?;
        (address - start < allocation.size).then_some((*start, *allocation))
    }

    /// The host's address of a range of an allocation.
    pub(crate) fn host(&self, address: u64, bytes: u64) -> Option<u64> {
        let (start, allocation) = self.find(address)?;
        let offset = address - start;
        (allocation.size - offset >= bytes).then_some(allocation.host + offset)
    }

    /// Bytes of cards' memory in use.
    pub(crate) fn used(&self, contexts: impl Fn(u64) -> bool) -> u64 {
        let on_cards = |allocation: &&Allocation| allocation.kind == Kind::Device && contexts(allocation.context);
        self.allocations.values().filter(on_cards).map(|allocation| allocation.size).sum()
    }

    /// What kernels may touch now.
    pub(crate) fn map(&mut self, any_host: bool) -> Arc<MemoryMap> {
        let allocations = &self.allocations;
        self.map
            .get_or_insert_with(|| {
                let ranges = allocations.iter().map(|(start, allocation)| Range {
                    start: *start,
                    end: start + allocation.size,
                    delta: allocation.host.wrapping_sub(*start),
                    writable: !allocation.is_constant,
                });
                // SAFETY: the ranges are live allocations, which are freed only when no stream works; registered ranges and (with
                // `any_host`) all other memory are the C caller's to keep alive and alone while kernels run, as CUDA asks.
                Arc::new(unsafe { MemoryMap::new(ranges.collect(), any_host) })
            })
            .clone()
    }
}
