//! Why a page stays where it is, and why a range is not remapped.

use std::fmt;

/// Why a page is not on the node that it should move to. It is used where it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[non_exhaustive]
pub enum Reason {
    /// The node has no memory left.
    NodeFull,
    /// There is no such node, or its memory is offline.
    NoSuchNode,
    /// The process's cpuset does not allow the node.
    NodeNotAllowed,
    /// A sandbox forbids the system calls (containers often do).
    Forbidden,
    /// There is no page yet: nobody wrote there.
    Absent,
    /// It reads as zeros from the kernel's common page: nobody wrote there.
    ZeroPage,
    /// Another process has it too, since a fork that nobody wrote after.
    SharedByFork,
    /// It belongs to memory or to a file that several processes have mapped.
    SharedMapping,
    /// It belongs to a file, and the kernel could not move it.
    FileBacked,
    /// The mapping forbids reading.
    Protected,
    /// The kernel or a device holds it, or it was in use each time.
    Pinned,
    /// Nothing is mapped there.
    Unmapped,
    /// The kernel gave an error that says nothing of the page.
    Refused,
}

impl fmt::Display for Reason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::NodeFull => "the node is full",
            Self::NoSuchNode => "there is no such node with memory",
            Self::NodeNotAllowed => "the process's cpuset does not allow the node",
            Self::Forbidden => "a sandbox forbids moving pages",
            Self::Absent => "no page there yet",
            Self::ZeroPage => "never written: the common zero page",
            Self::SharedByFork => "shared with another process since a fork",
            Self::SharedMapping => "shared with other processes",
            Self::FileBacked => "the page of a file",
            Self::Protected => "the mapping forbids reading",
            Self::Pinned => "pinned, or in use each time",
            Self::Unmapped => "nothing is mapped there",
            Self::Refused => "the kernel refused",
        })
    }
}

/// Why a range was not copied and remapped. The kernel moves its pages instead.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[non_exhaustive]
pub enum Refusal {
    /// [`MoveOptions::allow_remap`](super::MoveOptions::allow_remap) is off.
    NotAllowed,
    /// Others may look at it meanwhile.
    NotExclusive,
    /// The pages at an end hold bytes of others too.
    SharedPage,
    /// It is smaller than [`MoveOptions::remap_from`](super::MoveOptions::remap_from).
    Small,
    /// Another process or a file sees what is written there.
    Shared,
    /// A file is behind it, or something of the kernel's.
    NotAnonymous,
    /// It may not be read, or not be written.
    NotWritable,
    /// It may be executed.
    Executable,
    /// It is locked in memory, which remapping would undo.
    Locked,
    /// Forks do not inherit it or find it wiped, which remapping would undo.
    NotForked,
    /// It is a stack.
    Stack,
    /// The mapping has another attribute that remapping would undo.
    Attribute,
    /// It has pages of a size that cannot be remapped one by one.
    PageSize,
    /// The process has nearly as many mappings as it may have.
    ManyMappings,
    /// Some of its pages were never written: copying them would make pages.
    NotPresent,
    /// The node had no room for the copies.
    NodeFull,
    /// The process's own limits, or the kernel, gave no memory for the copies.
    NoMemory,
    /// The kernel did not swap the pages. They are as they were.
    Refused,
    /// The whole of it is on the node already.
    AlreadyThere,
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::NotAllowed => "remapping is not allowed",
            Self::NotExclusive => "not exclusive",
            Self::SharedPage => "pages shared with neighbours",
            Self::Small => "too small to be worth a mapping",
            Self::Shared => "shared memory",
            Self::NotAnonymous => "not anonymous memory",
            Self::NotWritable => "not readable and writable",
            Self::Executable => "executable",
            Self::Locked => "locked in memory",
            Self::NotForked => "not inherited by forks",
            Self::Stack => "a stack",
            Self::Attribute => "an attribute that would be lost",
            Self::PageSize => "pages of another size",
            Self::ManyMappings => "nearly as many mappings as a process may have",
            Self::NotPresent => "pages never written",
            Self::NodeFull => "no room on the node for copies",
            Self::NoMemory => "no memory for copies",
            Self::Refused => "the kernel refused",
            Self::AlreadyThere => "already there",
        })
    }
}
