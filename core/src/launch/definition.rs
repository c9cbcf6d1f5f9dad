//! What a kernel is, apart from its arguments.

use std::collections::HashMap;
use std::panic::Location;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
use std::sync::{LazyLock, Mutex, OnceLock};

use crate::ast::FunctionTree;
use crate::error::Error;
use crate::ir;

/// A kernel: its name, how to get its IR, and what has been measured of it. One for each instance of a generic kernel;
/// lives for ever, so its address identifies it.
pub struct Definition {
    /// As the user wrote it.
    pub name: &'static str,
    /// Where it is written, as `file!()` gives it.
    pub file: &'static str,
    /// Line of its name, from 1.
    pub line: u32,
    /// Names of the parameters, in order.
    pub parameters: &'static [&'static str],
    tree: fn() -> FunctionTree,
    module: OnceLock<Result<ir::Module, Error>>,
    /// Measured time of a work-item on one core of the host, in femtoseconds; 0 if unknown.
    cost: AtomicU64,
}

/// Where a kernel without generic parameters keeps its definition: a `static`, which rustc evaluates. So it is next to nothing, and
/// the definition is made at the first call.
#[doc(hidden)]
pub struct Site(OnceLock<Definition>);

impl Site {
    /// Nothing is there yet.
    #[allow(clippy::declare_interior_mutable_const, reason = "a constant costs less than a call where a static is set")]
    pub const UNSET: Site = Site(OnceLock::new());

    /// The definition; `names` are the kernel's and those of its parameters, with commas between them. The caller's file is the
    /// kernel's.
    #[inline]
    #[track_caller]
    pub fn definition(
        &'static self,
        names: &'static str,
        line: u32,
        tree: fn() -> FunctionTree,
    ) -> &'static Definition {
        match self.0.get() {
            Some(definition) => definition,
            None => self.set(names, line, tree, Location::caller().file()),
        }
    }

    #[cold]
    fn set(
        &'static self,
        names: &'static str,
        line: u32,
        tree: fn() -> FunctionTree,
        file: &'static str,
    ) -> &'static Definition {
        self.0.get_or_init(|| {
            let mut names = names.split(',');
            let name = names.next().unwrap_or_default();
            Definition::new(name, file, line, names.collect::<Vec<_>>().leak(), tree)
        })
    }
}

impl Definition {
    /// For code that macros generate: a kernel without generic parameters, as a `static`.
    #[doc(hidden)]
    pub const fn new(
        name: &'static str,
        file: &'static str,
        line: u32,
        parameters: &'static [&'static str],
        tree: fn() -> FunctionTree,
    ) -> Self {
        Definition { name, file, line, parameters, tree, module: OnceLock::new(), cost: AtomicU64::new(0) }
    }

    /// A kernel that exists only as IR: for tests of backends and generators. It is verified.
    #[doc(hidden)]
    pub fn from_module(name: &'static str, parameters: &'static [&'static str], module: ir::Module) -> Self {
        let definition = Definition::new(name, file!(), line!(), parameters, || unreachable!("the module is there"));
        let module = crate::translate::verified(&definition, module);
        let _ = definition.module.set(module);
        definition
    }

    /// The error where a launch's arguments are not those of this kernel's IR.
    #[cold]
    pub(super) fn of_another(&self, what: &str) -> Error {
        Error::Untranslatable {
            kernel: self.name,
            file: self.file.into(),
            line: self.line,
            what: format!("the IR is of another kernel than the function: {what}"),
        }
    }

    /// The error where a region is borrowed shared although the kernel updates nodes of it. It has no such nodes, or the
    /// launch would have been refused (as those of linked structures always are): on the host such a kernel can only panic, or
    /// leave nodes alone.
    #[cold]
    pub(super) fn of_shared_atomics(&self, parameter: &str) -> Error {
        Error::Untranslatable {
            kernel: self.name,
            file: self.file.into(),
            line: self.line,
            what: format!(
                "it updates atomics in nodes of `{parameter}`: pass it exclusively, as `&mut`; if it is a region and is passed so, \
                 its nodes are aligned to more than 64 bytes, which only the host and memory nodes update, where they are"
            ),
        }
    }

    /// For code that macros generate: an instance of a generic kernel, told apart by the address of its builder. (Builders
    /// at one address are one piece of code, so they build the same tree; one builder at several addresses only makes more
    /// definitions than needed.)
    #[doc(hidden)]
    pub fn of_builder(
        name: &'static str,
        file: &'static str,
        line: u32,
        parameters: &'static [&'static str],
        tree: fn() -> FunctionTree,
    ) -> &'static Definition {
        static INSTANCES: LazyLock<Mutex<HashMap<usize, &'static Definition>>> = LazyLock::new(Mutex::default);
        let mut instances = INSTANCES.lock().unwrap_or_else(|poisoned| poisoned.into_inner());
        let new = || &*Box::leak(Box::new(Definition::new(name, file, line, parameters, tree)));
        instances.entry(tree as usize).or_insert_with(new)
    }

    /// The kernel's tree, for tests of what comes before the IR.
    #[doc(hidden)]
    pub fn tree(&self) -> FunctionTree {
        (self.tree)()
    }

    /// Name of a parameter.
    pub fn parameter(&self, position: usize) -> &'static str {
        self.parameters.get(position).copied().unwrap_or("result")
    }

    /// The kernel's IR, lowered and verified at the first call.
    ///
    /// # Errors
    /// `Untranslatable` if the kernel uses what cannot be lowered.
    pub fn module(&self) -> Result<&ir::Module, Error> {
        self.module.get_or_init(|| crate::translate::translate(self, (self.tree)())).as_ref().map_err(Clone::clone)
    }

    /// Measured time of a work-item on one core of the host, in nanoseconds, if any launch has measured it.
    #[inline]
    pub fn item_nanoseconds(&self) -> Option<f64> {
        match self.cost.load(Relaxed) {
            0 => None,
            femtoseconds => Some(femtoseconds as f64 * 1e-6),
        }
    }

    /// Notes a measurement of the time of a work-item on one core of the host, in nanoseconds.
    #[inline]
    pub fn note_item_nanoseconds(&self, nanoseconds: f64) {
        self.cost.store(((nanoseconds * 1e6) as u64).max(1), Relaxed);
    }
}

impl std::fmt::Debug for Definition {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "kernel `{}` ({}:{})", self.name, self.file, self.line)
    }
}
