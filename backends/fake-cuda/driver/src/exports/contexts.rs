//! Contexts.

use std::ffi::{c_int, c_uint};

use super::driver;
use crate::code::*;
use crate::pointer::Out;
use crate::state::{current, started, state, working};

fn reset(device: c_int) -> Answer<()> {
    let mut state = state()?;
    state.device(device)?;
    let Some(&(number, count)) = state.primary.get(&device) else { return Ok(()) };
    let Some(context) = state.contexts.get(&number).cloned() else { return Ok(()) };
    state.clear_context(&context);
    // The handle stays good for those who hold it.
    let fresh = state.make_context(device, true);
    if let Some(mut context) = state.contexts.remove(&fresh) {
        context.number = number;
        state.contexts.insert(number, context);
    }
    state.primary.insert(device, (number, count));
    Ok(())
}

driver! {
    fn cuDevicePrimaryCtxRetain(context: Out<u64>, device: c_int) {
        let mut state = state()?;
        state.device(device)?;
        let (number, count) = match state.primary.get(&device) {
            Some(primary) => *primary,
            None => (state.make_context(device, true), 0),
        };
        state.primary.insert(device, (number, count + 1));
        context.put(number)
    }

    fn cuDevicePrimaryCtxRelease_v2(device: c_int) {
        let mut state = state()?;
        let Some(&(number, count)) = state.primary.get(&device) else { return Err(INVALID_CONTEXT) };
        if count > 1 {
            state.primary.insert(device, (number, count - 1));
            return Ok(());
        }
        state.primary.remove(&device);
        if let Some(context) = state.contexts.get(&number).cloned() {
            state.clear_context(&context);
        }
        Ok(())
    }

    fn cuDevicePrimaryCtxReset_v2(device: c_int) {
        reset(device)
    }

    fn cuDevicePrimaryCtxSetFlags_v2(device: c_int, _flags: c_uint) {
        state()?.device(device)
    }

    fn cuDevicePrimaryCtxGetState(device: c_int, flags: Out<c_uint>, active: Out<c_int>) {
        let state = state()?;
        state.device(device)?;
        flags.put(0)?;
        active.put(c_int::from(state.primary.contains_key(&device)))
    }

    fn cuCtxCreate_v2(context: Out<u64>, _flags: c_uint, device: c_int) {
        let mut state = state()?;
        state.device(device)?;
        let number = state.make_context(device, false);
        current(|stack| stack.push(number));
        context.put(number)
    }

    fn cuCtxDestroy_v2(context: u64) {
        let mut state = state()?;
        let context = state.contexts.get(&context).cloned().ok_or(INVALID_CONTEXT)?;
        if context.is_primary {
            return Err(INVALID_CONTEXT);
        }
        state.clear_context(&context);
        current(|stack| stack.retain(|number| *number != context.number));
        Ok(())
    }

    fn cuCtxSetCurrent(context: u64) {
        let state = state()?;
        if context != 0 && !state.contexts.contains_key(&context) {
            return Err(INVALID_CONTEXT);
        }
        current(|stack| {
            stack.pop();
            if context != 0 {
                stack.push(context);
            }
        });
        Ok(())
    }

    fn cuCtxPushCurrent_v2(context: u64) {
        if !state()?.contexts.contains_key(&context) {
            return Err(INVALID_CONTEXT);
        }
        current(|stack| stack.push(context));
        Ok(())
    }

    fn cuCtxPopCurrent_v2(context: Out<u64>) {
        started()?;
        let number = current(|stack| stack.pop()).ok_or(INVALID_CONTEXT)?;
        context.put_if_wanted(number);
        Ok(())
    }

    fn cuCtxGetCurrent(context: Out<u64>) {
        started()?;
        context.put(current(|stack| stack.last().copied()).unwrap_or(0))
    }

    fn cuCtxGetDevice(device: Out<c_int>) {
        device.put(state()?.context()?.device)
    }

    fn cuCtxGetFlags(flags: Out<c_uint>) {
        state()?.context()?;
        flags.put(0)
    }

    fn cuCtxSetFlags(_flags: c_uint) {
        state()?.context().map(|_| ())
    }

    fn cuCtxGetApiVersion(_context: u64, version: Out<c_uint>) {
        started()?;
        version.put(3020)
    }

    fn cuCtxGetStreamPriorityRange(least: Out<c_int>, greatest: Out<c_int>) {
        state()?.context()?;
        least.put_if_wanted(0);
        greatest.put_if_wanted(-5);
        Ok(())
    }

    fn cuCtxSetLimit(_limit: c_int, _value: usize) {
        state()?.context().map(|_| ())
    }

    fn cuCtxGetLimit(value: Out<usize>, _limit: c_int) {
        state()?.context()?;
        value.put(1024)
    }

    fn cuCtxSetCacheConfig(_config: c_int) {
        state()?.context().map(|_| ())
    }

    fn cuCtxGetCacheConfig(config: Out<c_int>) {
        state()?.context()?;
        config.put(0)
    }

    fn cuCtxSynchronize() {
        let (state, context) = working()?;
        let streams = state.streams_of(&context);
        drop(state);
        for stream in streams {
            stream.drain();
        }
        context.shared.error().map_or(Ok(()), Err)
    }
}
