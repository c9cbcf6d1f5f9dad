//! What a launch needs of each argument.

use crate::argument::{Access, Span};

/// How a kernel goes through an argument.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Pattern {
    /// One element after the other, or in an order that caches and prefetchers follow.
    Stream,
    /// Here and there, independent of each other.
    Scattered {
        /// Bytes that are used of each place.
        useful: f64,
    },
    /// Each place tells where the next one is.
    Chase {
        /// Bytes that are used of each place.
        useful: f64,
        /// Dependent loads of one use, all work-items together.
        hops: f64,
    },
}

/// Where the valid bytes are before the launch.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Residency {
    /// In the host's memory only.
    #[default]
    Host,
    /// In the device's memory only.
    Device,
    /// In both.
    Both,
}

/// What a launch (or several in a row) needs of one argument.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Need {
    /// Name of the parameter.
    pub name: &'static str,
    /// B: length in bytes.
    pub bytes: f64,
    /// f: fraction of the bytes that one use touches, 0 to 1.
    pub touched: f64,
    /// w: fraction of the bytes that are written and have to come home, 0 to 1.
    pub written: f64,
    /// Whether the old contents matter; results that are only written need no upload.
    pub read: bool,
    /// Fraction of the pages that nothing has touched yet, 0 to 1: moving them is a fault each.
    pub absent: f64,
    /// k: launches that use it before the host needs it again, at least 1.
    pub uses: f64,
    /// The way through it.
    pub pattern: Pattern,
    /// Where the valid bytes are.
    pub residency: Residency,
    /// Whether migrated pages have to return when the uses are over.
    pub returns: bool,
}

impl Need {
    /// All of `bytes`, read once from front to back.
    pub fn reading(name: &'static str, bytes: f64) -> Self {
        Need {
            name,
            bytes,
            touched: 1.0,
            written: 0.0,
            read: true,
            absent: 0.0,
            uses: 1.0,
            pattern: Pattern::Stream,
            residency: Residency::Host,
            returns: false,
        }
    }

    /// What a span of one launch needs as far as the launch tells: all of it, written if it may be.
    pub fn of_span(name: &'static str, span: &Span) -> Self {
        let written = if span.access == Access::ReadWrite { 1.0 } else { 0.0 };
        Need { written, ..Need::reading(name, span.bytes() as f64) }
    }

    /// The same for `uses` launches in a row.
    #[must_use]
    pub fn used(self, uses: f64) -> Self {
        Need { uses: uses.max(1.0), ..self }
    }

    /// Whether bytes have to go to the device.
    pub fn goes_in(&self) -> bool {
        self.read && self.residency == Residency::Host
    }
}

/// A launch as the planner sees it.
#[derive(Clone, Debug, PartialEq)]
pub struct Work {
    /// Name of the kernel.
    pub kernel: &'static str,
    /// Number of the work-items of one launch.
    pub items: f64,
    /// Launches in a row, at least 1.
    pub launches: f64,
    /// Seconds of arithmetic of a work-item on one core of the host, if any launch has measured it.
    pub item: Option<f64>,
    /// The arguments that have memory.
    pub needs: Vec<Need>,
    /// Measured seconds of one launch on the host, from earlier launches of this size.
    pub on_host: Option<f64>,
    /// Measured seconds of one launch's run step on each device, in the order of [`super::Machine::devices`]; may be shorter.
    pub on_devices: Vec<Option<f64>>,
    /// Index of the device that has what is [`Residency::Device`] or `Both`; the first if not given.
    pub holder: Option<usize>,
}

impl Work {
    /// One launch of a kernel of which nothing is known.
    pub fn new(kernel: &'static str, items: f64, needs: Vec<Need>) -> Self {
        Work { kernel, items, launches: 1.0, item: None, needs, on_host: None, on_devices: vec![], holder: None }
    }
}
