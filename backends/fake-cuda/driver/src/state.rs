//! The driver's state: contexts and everything that has a handle.

use std::cell::RefCell;
use std::collections::HashMap;
use std::ffi::c_int;
use std::sync::{Arc, Mutex, MutexGuard, OnceLock};

use crate::code::*;
use crate::context::{Context, Shared};
use crate::device::Profile;
use crate::memory::Memory;
use crate::module::{Function, Module};
use crate::stream::{Event, Job, Stream};

pub(crate) struct State {
    pub(crate) profile: Arc<Profile>,
    pub(crate) memory: Memory,
    pub(crate) contexts: HashMap<u64, Context>,
    /// By device: the context's number and how often it was retained.
    pub(crate) primary: HashMap<c_int, (u64, u32)>,
    pub(crate) streams: HashMap<u64, (u64, Arc<Stream>)>,
    pub(crate) events: HashMap<u64, (u64, Arc<Event>)>,
    pub(crate) modules: HashMap<u64, Module>,
    pub(crate) functions: HashMap<u64, Function>,
    /// Prefetched ranges, the last one last, and where each was sent.
    pub(crate) prefetched: Vec<(std::ops::Range<u64>, c_int)>,
    next: u64,
}

static STATE: OnceLock<Mutex<State>> = OnceLock::new();

thread_local! {
    static CURRENT: RefCell<Vec<u64>> = const { RefCell::new(vec![]) };
}

/// `cuInit`.
pub(crate) fn initialize() -> Answer<()> {
    let state = STATE.get_or_init(|| {
        Mutex::new(State {
            profile: Arc::new(Profile::from_environment()),
            memory: Memory::default(),
            contexts: HashMap::new(),
            primary: HashMap::new(),
            streams: HashMap::new(),
            events: HashMap::new(),
            modules: HashMap::new(),
            functions: HashMap::new(),
            prefetched: Vec::new(),
            next: 0x1000,
        })
    });
    let state = state.lock().unwrap_or_else(|e| e.into_inner());
    if state.profile.devices == 0 { Err(NO_DEVICE) } else { Ok(()) }
}

/// The state, if `cuInit` was called.
pub(crate) fn state() -> Answer<MutexGuard<'static, State>> {
    let state = STATE.get().ok_or(NOT_INITIALIZED)?;
    Ok(state.lock().unwrap_or_else(|e| e.into_inner()))
}

/// That `cuInit` was called.
pub(crate) fn started() -> Answer<()> {
    state().map(|_| ())
}

/// The calling thread's contexts, the current one last.
pub(crate) fn current<T>(with: impl FnOnce(&mut Vec<u64>) -> T) -> T {
    CURRENT.with(|current| with(&mut current.borrow_mut()))
}

/// The state and the current context, unless that has failed.
pub(crate) fn working() -> Answer<(MutexGuard<'static, State>, Context)> {
    let state = state()?;
    let context = state.context()?;
    match context.shared.error() {
        Some(code) => Err(code),
        None => Ok((state, context)),
    }
}

impl State {
    pub(crate) fn handle(&mut self) -> u64 {
        self.next += 0x10;
        self.next
    }

    pub(crate) fn device(&self, device: c_int) -> Answer<()> {
        if device >= 0 && (device as u32) < self.profile.devices { Ok(()) } else { Err(INVALID_DEVICE) }
    }

    /// The current one.
    pub(crate) fn context(&self) -> Answer<Context> {
        let number = current(|stack| stack.last().copied()).ok_or(INVALID_CONTEXT)?;
        self.contexts.get(&number).cloned().ok_or(INVALID_CONTEXT)
    }

    pub(crate) fn make_context(&mut self, device: c_int, is_primary: bool) -> u64 {
        let number = self.handle();
        let shared = Arc::new(Shared::default());
        let default_stream = Stream::start(shared.clone(), 0, 0);
        self.contexts.insert(number, Context { number, device, is_primary, shared, default_stream });
        number
    }

    /// All streams of a context.
    pub(crate) fn streams_of(&self, context: &Context) -> Vec<Arc<Stream>> {
        let own = self.streams.values().filter(|(owner, _)| *owner == context.number);
        own.map(|(_, stream)| stream.clone()).chain([context.default_stream.clone()]).collect()
    }

    /// 0, 1 and 2 are the default stream.
    pub(crate) fn stream(&self, context: &Context, handle: u64) -> Answer<Arc<Stream>> {
        match handle {
            0..=2 => Ok(context.default_stream.clone()),
            gone if gone & 1 == 1 => Err(INVALID_HANDLE),
            _ => match self.streams.get(&handle) {
                Some((owner, stream)) if *owner == context.number => Ok(stream.clone()),
                _ => Err(INVALID_HANDLE),
            },
        }
    }

    pub(crate) fn event(&self, handle: u64) -> Answer<Arc<Event>> {
        self.events.get(&handle).map(|(_, event)| event.clone()).ok_or(INVALID_HANDLE)
    }

    /// Bytes of a device's memory that are in use.
    pub(crate) fn used(&self, device: c_int) -> u64 {
        self.memory.used(|number| self.contexts.get(&number).is_none_or(|context| context.device == device))
    }

    /// Everything of a context goes; what is left is empty and whole.
    pub(crate) fn clear_context(&mut self, context: &Context) {
        context.shared.abort.store(true, std::sync::atomic::Ordering::SeqCst);
        for stream in self.streams_of(context) {
            stream.drain();
            stream.push(Job::End);
        }
        let number = context.number;
        self.streams.retain(|_, (owner, _)| *owner != number);
        self.events.retain(|_, (owner, _)| *owner != number);
        let modules = &self.modules;
        self.functions.retain(|_, function| modules.get(&function.module).is_none_or(|m| m.context != number));
        self.modules.retain(|_, module| module.context != number);
        self.memory.free_context(number);
        self.contexts.remove(&number);
    }
}
