//! Launches.

use std::ffi::c_uint;

use super::driver;
use crate::code::*;
use crate::module::{Function, Prepared};
use crate::pointer::In;
use crate::state::working;
use crate::stream::Job;

/// The parameters' bytes, from an array of pointers or from one buffer.
fn gathered(function: &Function, parameters: In<u64>, extra: In<u64>) -> Answer<Vec<u8>> {
    let entry = function.program.function(function.entry);
    let mut bytes = vec![0; entry.parameter_bytes() as usize];
    if parameters.is_null() {
        if entry.parameters().is_empty() {
            return Ok(bytes);
        }
        let (mut buffer, mut size) = (None, None);
        for number in (0..).step_by(2) {
            match extra.get(number)? {
                0 => break,
                1 => buffer = Some(In::<u8>::at(extra.get(number + 1)?)),
                2 => size = Some(In::<usize>::at(extra.get(number + 1)?).get(0)?),
                _ => return Err(INVALID_VALUE),
            }
        }
        let (Some(buffer), Some(size)) = (buffer, size) else { return Err(INVALID_VALUE) };
        return match size >= bytes.len() {
            true => buffer.bytes(bytes.len()),
            false => Err(INVALID_VALUE),
        };
    }
    if !extra.is_null() {
        return Err(INVALID_VALUE);
    }
    for (number, (offset, size)) in entry.parameters().iter().enumerate() {
        let value = In::<u8>::at(parameters.get(number)?).bytes(*size as usize)?;
        bytes[*offset as usize..][..*size as usize].copy_from_slice(&value);
    }
    Ok(bytes)
}

driver! {
    fn cuLaunchKernel(
        function: u64,
        grid_x: c_uint,
        grid_y: c_uint,
        grid_z: c_uint,
        block_x: c_uint,
        block_y: c_uint,
        block_z: c_uint,
        shared_bytes: c_uint,
        stream: u64,
        parameters: In<u64>,
        extra: In<u64>,
    ) {
        let (mut state, context) = working()?;
        let function = state.functions.get(&function).cloned().ok_or(INVALID_HANDLE)?;
        let queue = state.stream(&context, stream)?;
        let any_host = state.profile.reads_pageable();
        let launch = Prepared {
            parameters: gathered(&function, parameters, extra)?,
            function,
            grid: [grid_x, grid_y, grid_z],
            block: [block_x, block_y, block_z],
            dynamic_shared: u64::from(shared_bytes),
            memory: state.memory.map(any_host),
            shared: context.shared.clone(),
            profile: state.profile.clone(),
        };
        launch.check()?;
        queue.push(Job::Work(Box::new(move || launch.run())));
        Ok(())
    }
}
