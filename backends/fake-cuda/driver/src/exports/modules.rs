//! Modules, their functions and variables.

use std::ffi::{c_char, c_int, c_uint};

use landbridge_fake_cuda::PtxError;

use super::driver;
use crate::code::*;
use crate::module::{Function, load};
use crate::pointer::{In, Out, put_text};
use crate::state::{state, working};

const INFO_LOG_SIZE: c_int = 4;
const ERROR_LOG: c_int = 5;
const ERROR_LOG_SIZE: c_int = 6;

/// Where the caller wants to read what is wrong: the buffer, and the option that holds its size and then what was written.
fn write_log(error: &PtxError, count: usize, options: In<c_int>, values: Out<u64>, readable: In<u64>) -> Answer<()> {
    let (mut buffer, mut size) = (None, None);
    for number in 0..count {
        match options.get(number)? {
            ERROR_LOG => buffer = Some(readable.get(number)?),
            ERROR_LOG_SIZE => size = Some(number),
            _ => {}
        }
    }
    if let (Some(buffer), Some(number)) = (buffer, size) {
        let text = format!("ptxas application ptx input, line {}; error   : {}\n", error.line, error.message);
        let room = readable.get(number)? as u32 as usize;
        let written = put_text(Out::at(buffer), room, &text);
        values.element(number).put(written as u64)?;
    }
    Ok(())
}

fn loaded(module: Out<u64>, image: In<c_char>, log: impl FnOnce(&PtxError) -> Answer<()>) -> Answer<()> {
    let (mut state, context) = working()?;
    let text = image.text()?;
    let profile = state.profile.clone();
    match load(&text, &profile, &context, &mut state.memory) {
        Ok(made) => {
            let handle = state.handle();
            state.modules.insert(handle, made);
            module.put(handle)
        }
        Err((code, error)) => {
            if let Some(error) = error {
                log(&error)?;
            }
            Err(code)
        }
    }
}

driver! {
    fn cuModuleLoadData(module: Out<u64>, image: In<c_char>) {
        loaded(module, image, |_| Ok(()))
    }

    fn cuModuleLoadDataEx(module: Out<u64>, image: In<c_char>, count: c_uint, options: In<c_int>, values: Out<u64>) {
        let count = count as usize;
        let readable = values.readable();
        for number in 0..count {
            if options.get(number)? == INFO_LOG_SIZE {
                values.element(number).put(0)?;
            }
        }
        loaded(module, image, |error| write_log(error, count, options, values, readable))
    }

    fn cuModuleUnload(module: u64) {
        let (mut state, context) = working()?;
        let gone = state.modules.remove(&module).ok_or(INVALID_HANDLE)?;
        state.functions.retain(|_, function| function.module != module);
        let streams = state.streams_of(&context);
        drop(state);
        for stream in streams {
            stream.drain();
        }
        let (mut state, _) = working()?;
        for address in gone.addresses {
            state.memory.free(address, &[crate::memory::Kind::Device])?;
        }
        Ok(())
    }

    fn cuModuleGetFunction(function: Out<u64>, module: u64, name: In<c_char>) {
        let (mut state, _) = working()?;
        let found = state.modules.get(&module).ok_or(INVALID_HANDLE)?;
        let entry = found.program.entry(&name.text()?).ok_or(NOT_FOUND)?;
        let made = Function { module, program: found.program.clone(), entry };
        let handle = state.handle();
        state.functions.insert(handle, made);
        function.put(handle)
    }

    fn cuModuleGetGlobal_v2(address: Out<u64>, size: Out<usize>, module: u64, name: In<c_char>) {
        let (state, _) = working()?;
        let found = state.modules.get(&module).ok_or(INVALID_HANDLE)?;
        let name = name.text()?;
        let number = found.program.globals().iter().position(|global| global.name == name).ok_or(NOT_FOUND)?;
        address.put_if_wanted(found.addresses[number]);
        size.put_if_wanted(found.program.globals()[number].bytes.len());
        Ok(())
    }

    fn cuFuncGetAttribute(value: Out<c_int>, attribute: c_int, function: u64) {
        let state = state()?;
        let function = state.functions.get(&function).ok_or(INVALID_HANDLE)?;
        let ((major, minor), target) = function.program.version();
        let entry = function.program.function(function.entry);
        value.put(match attribute {
            0 => entry.most_threads() as c_int,
            1 => entry.shared_bytes() as c_int,
            2 => 0,
            3 => entry.local_bytes() as c_int,
            4 => entry.registers().min(255) as c_int,
            5 => (10 * major + minor) as c_int,
            6 => target as c_int,
            7 => 0,
            8 => 48 << 10,
            9 => -1,
            _ => return Err(INVALID_VALUE),
        })
    }

    fn cuFuncSetAttribute(function: u64, _attribute: c_int, _value: c_int) {
        state()?.functions.get(&function).map(|_| ()).ok_or(INVALID_HANDLE)
    }

    fn cuFuncSetCacheConfig(function: u64, _config: c_int) {
        state()?.functions.get(&function).map(|_| ()).ok_or(INVALID_HANDLE)
    }

    fn cuOccupancyMaxActiveBlocksPerMultiprocessor(blocks: Out<c_int>, function: u64, threads: c_int, _shared: usize) {
        let state = state()?;
        state.functions.get(&function).ok_or(INVALID_HANDLE)?;
        if !(1..=1024).contains(&threads) {
            return Err(INVALID_VALUE);
        }
        blocks.put(2048 / threads)
    }

    fn cuOccupancyMaxPotentialBlockSize(grid: Out<c_int>, block: Out<c_int>, function: u64, _dynamic: u64, _shared: usize, limit: c_int) {
        let state = state()?;
        let function = state.functions.get(&function).ok_or(INVALID_HANDLE)?;
        let most = function.program.function(function.entry).most_threads() as c_int;
        let size = if limit > 0 { most.min(limit) } else { most };
        grid.put(4 * (2048 / size))?;
        block.put(size)
    }
}
