//! How to move.

use std::fmt;
use std::num::NonZeroUsize;
use std::thread;

/// A way of moving pages.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[non_exhaustive]
pub enum Method {
    /// [`Self::Remap`] for what may be moved so, [`Self::MovePages`] for the rest.
    #[default]
    Auto,
    /// The kernel moves pages by their addresses (`move_pages`): several threads, and a reason for each page that stays.
    MovePages,
    /// The kernel moves what a policy of the mapping wants elsewhere (`mbind`); then `move_pages` for what that left.
    Mbind,
    /// Bytes are copied to new pages on the node, which then take the old ones' addresses (`mremap`). What may not be
    /// moved so goes by [`Self::MovePages`].
    Remap,
}

impl fmt::Display for Method {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::Auto => "auto",
            Self::MovePages => "move_pages",
            Self::Mbind => "mbind",
            Self::Remap => "copy and remap",
        })
    }
}

/// Whether mappings get a policy that prefers the node, so that the kernel does not carry their pages away again and
/// makes new ones there. A policy may cost up to two mappings a range, and stays until the pages return or are unmapped.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum Keep {
    /// Where the kernel balances memory between nodes (`/proc/sys/kernel/numa_balancing`).
    #[default]
    WhereBalanced,
    /// Always.
    Always,
    /// Never.
    Never,
}

/// How to move. The default moves by the kernel alone, with up to eight threads.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct MoveOptions {
    /// The way.
    pub method: Method,
    /// How many threads work at it.
    pub threads: NonZeroUsize,
    /// Whether exclusive spans may be copied and remapped. Off by default: pages that the kernel holds for input or
    /// output (io_uring's registered buffers, vmsplice, RDMA) cannot be told from others, and would go stale. Allow it in
    /// a program that does no such thing with the memory that it lends.
    pub allow_remap: bool,
    /// Ranges below this many bytes are not remapped, for each costs up to two of the mappings that a process may have.
    pub remap_from: usize,
    /// Whether a policy keeps the pages there.
    pub keep: Keep,
    /// How many bytes of old pages a [`Mover`](super::Mover) may hold on to after a remapping, for the next one to the node
    /// that they are on: to return takes half the time then, and more memory meanwhile. Nought: they are freed at once.
    pub spare: usize,
    /// Whether to copy and remap also what is on the node already: to measure it on a machine with one node.
    pub again: bool,
}

impl Default for MoveOptions {
    fn default() -> Self {
        let cores = thread::available_parallelism().unwrap_or(NonZeroUsize::MIN);
        let most = NonZeroUsize::MIN.saturating_add(7);
        Self {
            method: Method::Auto,
            threads: cores.min(most),
            allow_remap: false,
            remap_from: 4 << 20,
            keep: Keep::default(),
            spare: 0,
            again: false,
        }
    }
}

impl MoveOptions {
    /// The same with this method.
    #[must_use]
    pub fn method(mut self, method: Method) -> Self {
        self.method = method;
        self
    }

    /// The same with this many threads; nought counts as one.
    #[must_use]
    pub fn threads(mut self, threads: usize) -> Self {
        self.threads = NonZeroUsize::new(threads).unwrap_or(NonZeroUsize::MIN);
        self
    }

    /// The same with remapping allowed or not: see [`Self::allow_remap`].
    #[must_use]
    pub fn allow_remap(mut self, allow: bool) -> Self {
        self.allow_remap = allow;
        self
    }

    /// The same with ranges remapped from this many bytes on.
    #[must_use]
    pub fn remap_from(mut self, bytes: usize) -> Self {
        self.remap_from = bytes;
        self
    }

    /// The same, and old pages are held up to this many bytes: see [`Self::spare`].
    #[must_use]
    pub fn spare(mut self, bytes: usize) -> Self {
        self.spare = bytes;
        self
    }

    /// The same, and what is there already is remapped again or not: see [`Self::again`].
    #[must_use]
    pub fn again(mut self, again: bool) -> Self {
        self.again = again;
        self
    }

    /// The same with this policy for keeping pages there.
    #[must_use]
    pub fn keep(mut self, keep: Keep) -> Self {
        self.keep = keep;
        self
    }
}
