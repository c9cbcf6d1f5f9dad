//! Copies and fills.

use super::driver;
use crate::code::*;
use crate::memory::Kind;
use crate::pointer::{copy, fill};
use crate::state::{State, working};
use crate::stream::Job;

/// Where the two ends of a copy are.
#[derive(Clone, Copy, PartialEq)]
enum End {
    Host,
    Device,
    /// Whatever the address says.
    Either,
}

/// The host's address of an end, and whether the driver may use it later: memory that is not pageable.
fn locate(state: &State, address: u64, bytes: u64, end: End) -> Answer<(u64, bool)> {
    let found = state.memory.find(address);
    match (found, end) {
        // A device's address is not the host's.
        (Some((_, allocation)), End::Host) if allocation.kind == Kind::Device && state.profile.is_apart() => {
            Err(INVALID_VALUE)
        }
        (Some(_), _) => Ok((state.memory.host(address, bytes).ok_or(INVALID_VALUE)?, true)),
        (None, End::Host) if address != 0 => Ok((address, false)),
        (None, _) if state.profile.reads_pageable() && address != 0 => Ok((address, false)),
        _ => Err(INVALID_VALUE),
    }
}

/// Copies in a stream's turn; `None`: on the default stream, and waits.
fn copied(to: (u64, End), from: (u64, End), bytes: usize, stream: Option<u64>) -> Answer<()> {
    let (state, context) = working()?;
    let (queue, bytes) = (state.stream(&context, stream.unwrap_or(0))?, bytes as u64);
    if bytes == 0 {
        return Ok(());
    }
    let (to, to_stays) = locate(&state, to.0, bytes, to.1)?;
    let (from, from_stays) = locate(&state, from.0, bytes, from.1)?;
    drop(state);
    queue.push(Job::Work(Box::new(move || {
        copy(to, from, bytes);
        Ok(())
    })));
    if stream.is_some() && to_stays && from_stays {
        return Ok(());
    }
    // Pageable memory is used before the call returns.
    queue.drain();
    context.shared.error().map_or(Ok(()), Err)
}

fn filled(to: u64, pattern: &[u8], count: usize, stream: Option<u64>) -> Answer<()> {
    let (state, context) = working()?;
    let (queue, pattern) = (state.stream(&context, stream.unwrap_or(0))?, pattern.to_vec());
    if count == 0 {
        return Ok(());
    }
    if !to.is_multiple_of(pattern.len() as u64) {
        return Err(INVALID_VALUE);
    }
    let (to, _) = locate(&state, to, (count * pattern.len()) as u64, End::Device)?;
    drop(state);
    queue.push(Job::Work(Box::new(move || {
        fill(to, &pattern, count as u64);
        Ok(())
    })));
    if stream.is_none() {
        queue.drain();
    }
    context.shared.error().map_or(Ok(()), Err)
}

driver! {
    fn cuMemcpy(to: u64, from: u64, bytes: usize) {
        copied((to, End::Either), (from, End::Either), bytes, None)
    }

    fn cuMemcpyAsync(to: u64, from: u64, bytes: usize, stream: u64) {
        copied((to, End::Either), (from, End::Either), bytes, Some(stream))
    }

    fn cuMemcpyHtoD_v2(to: u64, from: u64, bytes: usize) {
        copied((to, End::Device), (from, End::Host), bytes, None)
    }

    fn cuMemcpyHtoDAsync_v2(to: u64, from: u64, bytes: usize, stream: u64) {
        copied((to, End::Device), (from, End::Host), bytes, Some(stream))
    }

    fn cuMemcpyDtoH_v2(to: u64, from: u64, bytes: usize) {
        copied((to, End::Host), (from, End::Device), bytes, None)
    }

    fn cuMemcpyDtoHAsync_v2(to: u64, from: u64, bytes: usize, stream: u64) {
        copied((to, End::Host), (from, End::Device), bytes, Some(stream))
    }

    fn cuMemcpyDtoD_v2(to: u64, from: u64, bytes: usize) {
        copied((to, End::Device), (from, End::Device), bytes, None)
    }

    fn cuMemcpyDtoDAsync_v2(to: u64, from: u64, bytes: usize, stream: u64) {
        copied((to, End::Device), (from, End::Device), bytes, Some(stream))
    }

    fn cuMemsetD8_v2(to: u64, value: u8, count: usize) {
        filled(to, &[value], count, None)
    }

    fn cuMemsetD16_v2(to: u64, value: u16, count: usize) {
        filled(to, &value.to_le_bytes(), count, None)
    }

    fn cuMemsetD32_v2(to: u64, value: u32, count: usize) {
        filled(to, &value.to_le_bytes(), count, None)
    }

    fn cuMemsetD8Async(to: u64, value: u8, count: usize, stream: u64) {
        filled(to, &[value], count, Some(stream))
    }

    fn cuMemsetD16Async(to: u64, value: u16, count: usize, stream: u64) {
        filled(to, &value.to_le_bytes(), count, Some(stream))
    }

    fn cuMemsetD32Async(to: u64, value: u32, count: usize, stream: u64) {
        filled(to, &value.to_le_bytes(), count, Some(stream))
    }
}
