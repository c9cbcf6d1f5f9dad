//! Streams and events.

use std::ffi::{c_int, c_uint, c_void};
use std::sync::Arc;

use super::driver;
use crate::code::*;
use crate::pointer::{Out, call};
use crate::state::{state, working};
use crate::stream::{Event, Job, Stream};

fn create(stream: Out<u64>, flags: c_uint, priority: c_int) -> Answer<()> {
    let (mut state, context) = working()?;
    if flags > 1 {
        return Err(INVALID_VALUE);
    }
    let handle = state.handle();
    let made = Stream::start(context.shared.clone(), priority.clamp(-5, 0), flags);
    state.streams.insert(handle, (context.number, made));
    stream.put(handle)
}

driver! {
    fn cuStreamCreate(stream: Out<u64>, flags: c_uint) {
        create(stream, flags, 0)
    }

    fn cuStreamCreateWithPriority(stream: Out<u64>, flags: c_uint, priority: c_int) {
        create(stream, flags, priority)
    }

    fn cuStreamDestroy_v2(stream: u64) {
        let mut state = state()?;
        let (owner, gone) = state.streams.remove(&stream).ok_or(INVALID_HANDLE)?;
        // What is under way still ends, and memory that it uses is not freed before: it goes on under a number that nobody has.
        gone.push(Job::End);
        state.streams.retain(|number, (_, stream)| number & 1 == 0 || !stream.is_idle());
        state.streams.insert(stream | 1, (owner, gone));
        Ok(())
    }

    fn cuStreamGetPriority(stream: u64, priority: Out<c_int>) {
        let (state, context) = working()?;
        priority.put(state.stream(&context, stream)?.priority)
    }

    fn cuStreamGetFlags(stream: u64, flags: Out<c_uint>) {
        let (state, context) = working()?;
        flags.put(state.stream(&context, stream)?.flags)
    }

    fn cuStreamQuery(stream: u64) {
        let (state, context) = working()?;
        if state.stream(&context, stream)?.is_idle() {
            return context.shared.error().map_or(Ok(()), Err);
        }
        Err(NOT_READY)
    }

    fn cuStreamSynchronize(stream: u64) {
        let (state, context) = working()?;
        let stream = state.stream(&context, stream)?;
        drop(state);
        stream.drain();
        context.shared.error().map_or(Ok(()), Err)
    }

    fn cuStreamWaitEvent(stream: u64, event: u64, _flags: c_uint) {
        let (state, context) = working()?;
        let event = state.event(event)?;
        let ticket = event.last();
        state.stream(&context, stream)?.push(Job::Wait(event, ticket));
        Ok(())
    }

    fn cuLaunchHostFunc(stream: u64, function: Option<extern "C" fn(u64)>, data: u64) {
        let (state, context) = working()?;
        let function = function.ok_or(INVALID_VALUE)?;
        let work = move || {
            call(function, data);
            Ok(())
        };
        state.stream(&context, stream)?.push(Job::Work(Box::new(work)));
        Ok(())
    }

    fn cuStreamAddCallback(stream: u64, function: Option<extern "C" fn(u64, c_int, *mut c_void)>, data: u64, _flags: c_uint) {
        let (state, context) = working()?;
        let function = function.ok_or(INVALID_VALUE)?;
        let work = move || {
            function(stream, 0, data as *mut c_void);
            Ok(())
        };
        state.stream(&context, stream)?.push(Job::Work(Box::new(work)));
        Ok(())
    }

    fn cuEventCreate(event: Out<u64>, flags: c_uint) {
        let (mut state, context) = working()?;
        let handle = state.handle();
        state.events.insert(handle, (context.number, Arc::new(Event::new(flags & 2 != 0))));
        event.put(handle)
    }

    fn cuEventDestroy_v2(event: u64) {
        state()?.events.remove(&event).map(|_| ()).ok_or(INVALID_HANDLE)
    }

    fn cuEventRecord(event: u64, stream: u64) {
        let (state, context) = working()?;
        let event = state.event(event)?;
        let stream = state.stream(&context, stream)?;
        let ticket = event.record();
        stream.push(Job::Record(event, ticket));
        Ok(())
    }

    fn cuEventQuery(event: u64) {
        let (state, _) = working()?;
        if state.event(event)?.is_done() { Ok(()) } else { Err(NOT_READY) }
    }

    fn cuEventSynchronize(event: u64) {
        let (state, context) = working()?;
        let event = state.event(event)?;
        drop(state);
        event.wait(event.last(), || false);
        context.shared.error().map_or(Ok(()), Err)
    }

    fn cuEventElapsedTime(milliseconds: Out<f32>, start: u64, end: u64) {
        let (state, _) = working()?;
        let (start, end) = (state.event(start)?, state.event(end)?);
        if start.is_untimed || end.is_untimed {
            return Err(INVALID_HANDLE);
        }
        if !start.is_done() || !end.is_done() {
            return Err(NOT_READY);
        }
        let (Some(start), Some(end)) = (start.time(), end.time()) else { return Err(INVALID_HANDLE) };
        milliseconds.put(end.saturating_duration_since(start).as_secs_f32() * 1000.0)
    }

    fn cuEventElapsedTime_v2(milliseconds: Out<f32>, start: u64, end: u64) {
        match cuEventElapsedTime(milliseconds, start, end) {
            0 => Ok(()),
            code => Err(code),
        }
    }
}
