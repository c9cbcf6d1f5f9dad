//! Allocation, registration and what else is said about memory.

use std::ffi::{c_int, c_uint};

use super::driver;
use crate::code::*;
use crate::memory::Kind;
use crate::pointer::Out;
use crate::state::{State, working};

fn allocate(size: usize) -> Answer<u64> {
    let (mut state, context) = working()?;
    if size == 0 {
        return Err(INVALID_VALUE);
    }
    if state.used(context.device).saturating_add(size as u64) > state.profile.memory {
        return Err(OUT_OF_MEMORY);
    }
    let apart = state.profile.is_apart();
    state.memory.allocate(size as u64, Kind::Device, context.number, apart)
}

fn allocate_host(size: usize, kind: Kind) -> Answer<u64> {
    let (mut state, context) = working()?;
    if size == 0 {
        return Err(INVALID_VALUE);
    }
    state.memory.allocate(size as u64, kind, context.number, false)
}

/// Waits for all streams, as the driver does before memory goes.
fn quiet() -> Answer<()> {
    let (state, context) = working()?;
    let streams = state.streams_of(&context);
    drop(state);
    for stream in streams {
        stream.drain();
    }
    context.shared.error().map_or(Ok(()), Err)
}

fn release(address: u64, kinds: &[Kind]) -> Answer<()> {
    if address == 0 {
        return Ok(());
    }
    quiet()?;
    let (mut state, _) = working()?;
    state.memory.free(address, kinds).map(|_| ())
}

fn known(state: &State, address: u64, count: usize) -> Answer<()> {
    let pageable = state.profile.reads_pageable();
    match state.memory.find(address) {
        Some((start, allocation)) => {
            let managed = matches!(allocation.kind, Kind::Managed);
            let fits = address - start + count as u64 <= allocation.size;
            if (managed || pageable) && fits { Ok(()) } else { Err(INVALID_VALUE) }
        }
        None if pageable => Ok(()),
        None => Err(INVALID_VALUE),
    }
}

driver! {
    fn cuMemAlloc_v2(address: Out<u64>, size: usize) {
        address.put(allocate(size)?)
    }

    fn cuMemAllocAsync(address: Out<u64>, size: usize, _stream: u64) {
        address.put(allocate(size)?)
    }

    fn cuMemFree_v2(address: u64) {
        release(address, &[Kind::Device, Kind::Managed])
    }

    fn cuMemFreeAsync(address: u64, _stream: u64) {
        release(address, &[Kind::Device, Kind::Managed])
    }

    fn cuMemAllocHost_v2(address: Out<u64>, size: usize) {
        address.put(allocate_host(size, Kind::Pinned)?)
    }

    fn cuMemHostAlloc(address: Out<u64>, size: usize, _flags: c_uint) {
        address.put(allocate_host(size, Kind::Pinned)?)
    }

    fn cuMemFreeHost(address: u64) {
        release(address, &[Kind::Pinned])
    }

    fn cuMemAllocManaged(address: Out<u64>, size: usize, flags: c_uint) {
        if !matches!(flags, 1 | 2) {
            return Err(INVALID_VALUE);
        }
        address.put(allocate_host(size, Kind::Managed)?)
    }

    fn cuMemGetInfo_v2(free: Out<usize>, total: Out<usize>) {
        let (state, context) = working()?;
        let memory = state.profile.memory;
        free.put(memory.saturating_sub(state.used(context.device)) as usize)?;
        total.put(memory as usize)
    }

    fn cuMemGetAddressRange_v2(base: Out<u64>, size: Out<usize>, address: u64) {
        let (state, _) = working()?;
        let (start, allocation) = state.memory.find(address).ok_or(NOT_FOUND)?;
        base.put_if_wanted(start);
        size.put_if_wanted(allocation.size as usize);
        Ok(())
    }

    fn cuMemHostRegister_v2(address: u64, size: usize, _flags: c_uint) {
        let (mut state, context) = working()?;
        state.memory.register(address, size as u64, context.number)
    }

    fn cuMemHostUnregister(address: u64) {
        quiet()?;
        let (mut state, _) = working()?;
        state.memory.unregister(address)
    }

    fn cuMemHostGetDevicePointer_v2(device: Out<u64>, address: u64, flags: c_uint) {
        let (state, _) = working()?;
        let of_host = |kind| matches!(kind, Kind::Pinned | Kind::Registered | Kind::Managed);
        match state.memory.find(address) {
            Some((_, allocation)) if of_host(allocation.kind) && flags == 0 => device.put(address),
            _ => Err(INVALID_VALUE),
        }
    }

    fn cuMemHostGetFlags(flags: Out<c_uint>, address: u64) {
        let (state, _) = working()?;
        state.memory.find(address).ok_or(INVALID_VALUE)?;
        flags.put(2)
    }

    fn cuPointerGetAttribute(value: Out<u64>, attribute: c_int, address: u64) {
        let (state, _) = working()?;
        let (start, allocation) = state.memory.find(address).ok_or(INVALID_VALUE)?;
        match attribute {
            // Context, memory type (1 host, 2 device; 32 bits), device and host pointers.
            1 => value.put(allocation.context),
            2 => {
                let ty: u32 = if allocation.kind == Kind::Device { 2 } else { 1 };
                Out::<u32>::of(value).put(ty)
            }
            3 => value.put(address),
            4 if allocation.kind != Kind::Device => value.put(address),
            8 => Out::<u32>::of(value).put(u32::from(allocation.kind == Kind::Managed)),
            10 => value.put(start),
            _ => Err(INVALID_VALUE),
        }
    }

    fn cuMemPrefetchAsync(address: u64, count: usize, device: c_int, stream: u64) {
        let (mut state, context) = working()?;
        if count == 0 || !(device == -1 || state.device(device).is_ok()) {
            return Err(INVALID_VALUE);
        }
        state.stream(&context, stream)?;
        known(&state, address, count)?;
        let range = address..address + count as u64;
        state.prefetched.retain(|(old, _)| old.start < range.start || old.end > range.end);
        state.prefetched.push((range, device));
        Ok(())
    }

    fn cuMemRangeGetAttribute(value: Out<c_int>, size: usize, attribute: c_int, address: u64, count: usize) {
        let (state, _) = working()?;
        known(&state, address, count)?;
        // The place of the last prefetch; -2 for none, or several.
        if (attribute, size) != (4, 4) || count == 0 {
            return Err(INVALID_VALUE);
        }
        let end = address + count as u64;
        let last = state.prefetched.iter().rev().find(|(range, _)| range.start < end && address < range.end);
        let whole = last.filter(|(range, _)| range.start <= address && end <= range.end);
        value.put(whole.map_or(-2, |(_, device)| *device))
    }

    fn cuMemAdvise(address: u64, count: usize, advice: c_int, device: c_int) {
        let (state, _) = working()?;
        if count == 0 || !(1..=6).contains(&advice) || !(device == -1 || state.device(device).is_ok()) {
            return Err(INVALID_VALUE);
        }
        known(&state, address, count)
    }
}
