//! The system calls of the mover: each a small function that returns what the kernel said.
//!
//! Those that never change what a byte reads as (queries, migrations, policies, population) are safe to call with any
//! address: the kernel checks it and answers with an error. Those that replace mappings are `unsafe`.
#![allow(unsafe_code)]

use std::ffi::{c_int, c_long, c_ulong, c_void};
use std::ops::Range;
use std::sync::LazyLock;
use std::{fs, io, ptr};

/// What the kernel answered instead of doing it.
pub(crate) type Errno = i32;

/// Move only pages that this process alone maps (linux/mempolicy.h; libc lacks it).
const MPOL_MF_MOVE: c_int = 1 << 1;
/// Ask for the policy of an address, not of the task (linux/mempolicy.h; libc lacks it).
const MPOL_F_ADDR: c_ulong = 1 << 1;

/// The mode of a memory policy that asks for nothing (linux/mempolicy.h).
pub(crate) const MPOL_DEFAULT: c_int = 0;
/// The mode of a memory policy that prefers one node and takes others where it is full (linux/mempolicy.h).
pub(crate) const MPOL_PREFERRED: c_int = 1;

/// Words of a node mask: 1024 nodes, the most that Linux can be built for.
const MASK_WORDS: usize = 1024 / c_ulong::BITS as usize;

/// Bytes of a page.
pub(crate) fn page_size() -> usize {
    static SIZE: LazyLock<usize> = LazyLock::new(|| {
        // SAFETY: `sysconf` takes a number and touches no memory of ours.
        let bytes = unsafe { libc::sysconf(libc::_SC_PAGESIZE) };
        usize::try_from(bytes).ok().filter(|bytes| bytes.is_power_of_two()).unwrap_or(4096)
    });
    *SIZE
}

/// Bytes of a transparent huge page.
pub(crate) fn huge_size() -> usize {
    static SIZE: LazyLock<usize> = LazyLock::new(|| {
        let text = fs::read_to_string("/sys/kernel/mm/transparent_hugepage/hpage_pmd_size").unwrap_or_default();
        text.trim().parse().ok().filter(|bytes: &usize| bytes.is_power_of_two()).unwrap_or(2 << 20)
    });
    *SIZE
}

/// The error of the last system call of this thread.
pub(crate) fn errno() -> Errno {
    io::Error::last_os_error().raw_os_error().unwrap_or(libc::EINVAL)
}

fn done(result: c_long) -> Result<u64, Errno> {
    u64::try_from(result).map_err(|_| errno())
}

/// Writes each page's node, or the negative errno that says why it has none, into `status`.
///
/// # Errors
/// What the kernel says: `EPERM` or `ENOSYS` in a sandbox that forbids the call.
pub(crate) fn nodes_of(addresses: &[usize], status: &mut [c_int]) -> Result<(), Errno> {
    assert!(status.len() >= addresses.len(), "a status for each address");
    // SAFETY: both arrays have at least `addresses.len()` elements and outlive the call; without nodes the call is a
    // query that writes `status` and nothing else.
    let result = unsafe {
        libc::syscall(
            libc::SYS_move_pages,
            0 as c_long, // this process
            addresses.len() as c_ulong,
            addresses.as_ptr(),
            ptr::null::<c_int>(),
            status.as_mut_ptr(),
            0 as c_long,
        )
    };
    done(result).map(drop)
}

/// Asks the kernel to move the pages at these addresses to `node`. Answers how many it says it did not move: where that
/// is not zero it gave up early, and `status` cannot be trusted.
///
/// # Errors
/// What the kernel says; pages may have moved nevertheless.
pub(crate) fn move_to(addresses: &[usize], node: c_int, status: &mut [c_int]) -> Result<u64, Errno> {
    assert!(status.len() >= addresses.len(), "a status for each address");
    let nodes = vec![node; addresses.len()];
    // SAFETY: the three arrays have at least `addresses.len()` elements and outlive the call; a migration keeps
    // addresses and contents, so no reference to those pages notices.
    let result = unsafe {
        libc::syscall(
            libc::SYS_move_pages,
            0 as c_long, // this process
            addresses.len() as c_ulong,
            addresses.as_ptr(),
            nodes.as_ptr(),
            status.as_mut_ptr(),
            c_long::from(MPOL_MF_MOVE),
        )
    };
    done(result)
}

/// A memory policy: where the kernel takes the pages of a mapping from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Policy {
    mode: c_int,
    nodes: [c_ulong; MASK_WORDS],
}

impl Policy {
    /// The policy of mappings that nobody gave one.
    pub(crate) fn none() -> Self {
        Self { mode: MPOL_DEFAULT, nodes: [0; MASK_WORDS] }
    }

    /// Prefers `node` and takes others where it is full. (`MPOL_BIND` would get the process killed there.)
    pub(crate) fn prefer(node: u32) -> Self {
        let mut policy = Self { mode: MPOL_PREFERRED, ..Self::none() };
        let bits = c_ulong::BITS;
        if let Some(word) = policy.nodes.get_mut((node / bits) as usize) {
            *word |= 1 << (node % bits);
        } else {
            // No nodes at all would mean the nearest one; nodes without a mode are refused.
            policy.mode = MPOL_DEFAULT;
            policy.nodes[0] = 1;
        }
        policy
    }

    /// Whether it prefers just this node.
    pub(crate) fn prefers(&self, node: u32) -> bool {
        *self == Self::prefer(node)
    }
}

/// Gives whole pages a policy, and with `move_pages` also moves those that are elsewhere. `Ok` does not mean that all moved.
///
/// # Errors
/// What the kernel says: `EINVAL` for a node that has no memory, `EFAULT` where nothing is mapped.
pub(crate) fn bind(pages: &Range<usize>, policy: &Policy, move_pages: bool) -> Result<(), Errno> {
    let (mask, bits) = match policy.mode {
        MPOL_DEFAULT if policy.nodes.iter().all(|word| *word == 0) => (ptr::null(), 0),
        // the kernel reads one bit less than it is told
        _ => (policy.nodes.as_ptr(), MASK_WORDS as c_ulong * c_ulong::from(c_ulong::BITS) + 1),
    };
    // SAFETY: `mask` is null or points to all the words that the kernel reads; a policy decides where pages lie, never
    // what they contain.
    let result = unsafe {
        libc::syscall(
            libc::SYS_mbind,
            pages.start,
            pages.len(),
            c_long::from(policy.mode),
            mask,
            bits,
            c_long::from(if move_pages { MPOL_MF_MOVE } else { 0 }),
        )
    };
    done(result).map(drop)
}

/// The policy of the mapping at `address`.
///
/// # Errors
/// What the kernel says: `EFAULT` where nothing is mapped.
pub(crate) fn policy_at(address: usize) -> Result<Policy, Errno> {
    let mut policy = Policy::none();
    let bits = MASK_WORDS as c_ulong * c_ulong::from(c_ulong::BITS);
    // SAFETY: the kernel writes one `c_int` and at most `bits` bits, both of which `policy` has.
    let result = unsafe {
        libc::syscall(
            libc::SYS_get_mempolicy,
            &raw mut policy.mode,
            policy.nodes.as_mut_ptr(),
            bits,
            address,
            MPOL_F_ADDR,
        )
    };
    done(result).map(|_| policy)
}

/// Makes absent pages present for reading, without changing what they read as.
///
/// # Errors
/// What the kernel says: `EINVAL` before Linux 5.14.
pub(crate) fn populate_read(pages: &Range<usize>) -> Result<(), Errno> {
    // SAFETY: reading a page in changes nothing that a program can see; the kernel checks the addresses.
    let result = unsafe { libc::madvise(pages.start as *mut c_void, pages.len(), libc::MADV_POPULATE_READ) };
    done(result.into()).map(drop)
}

/// The calling thread's stack; nothing where the system does not tell.
pub(crate) fn own_stack() -> Range<usize> {
    // SAFETY: all bits zero is a `pthread_attr_t` that `pthread_getattr_np` fills in.
    let mut attributes: libc::pthread_attr_t = unsafe { std::mem::zeroed() };
    let (mut start, mut bytes) = (ptr::null_mut::<c_void>(), 0);
    // SAFETY: `pthread_self` is a thread that lives; all pointers are to locals. What `getattr_np` made is read, then
    // destroyed.
    let told = unsafe {
        libc::pthread_getattr_np(libc::pthread_self(), &raw mut attributes) == 0 && {
            let told = libc::pthread_attr_getstack(&raw const attributes, &raw mut start, &raw mut bytes) == 0;
            libc::pthread_attr_destroy(&raw mut attributes);
            told
        }
    };
    if told { start.addr()..start.addr() + bytes } else { 0..0 }
}

/// As much as a thread's stack usually has: what the process's limit says, at least 8 MiB.
pub(crate) fn stack_size() -> usize {
    const USUAL: usize = 8 << 20;
    const MOST: usize = 256 << 20;
    let mut limit = libc::rlimit { rlim_cur: 0, rlim_max: 0 };
    // SAFETY: the kernel writes one `rlimit`.
    let told = unsafe { libc::getrlimit(libc::RLIMIT_STACK, &raw mut limit) } == 0;
    let limit = usize::try_from(limit.rlim_cur).ok().filter(|bytes| told && *bytes <= MOST);
    limit.unwrap_or(USUAL).max(USUAL)
}

/// Whether all of these pages of private anonymous memory are in memory now.
pub(crate) fn all_present(pages: &Range<usize>) -> bool {
    let mut present = vec![0_u8; pages.len().div_ceil(page_size())];
    // SAFETY: `present` has one byte for each page; `mincore` reads none of them.
    let result = unsafe { libc::mincore(pages.start as *mut c_void, pages.len(), present.as_mut_ptr().cast()) };
    result == 0 && present.iter().all(|byte| byte & 1 == 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn locals_are_on_the_stack() {
        let local = 0_u8;
        let stack = own_stack();
        let heap = Box::new(0_u8);
        assert!(stack.contains(&(&raw const local).addr()));
        assert!(!stack.contains(&(&raw const *heap).addr()));
    }

    #[test]
    fn policies_are_set_and_read() {
        let page = page_size();
        let memory = vec![1_u8; 4 * page];
        let start = memory.as_ptr().addr().next_multiple_of(page);
        let before = policy_at(start).unwrap();
        assert_eq!(before, Policy::none());
        bind(&(start..start + page), &Policy::prefer(0), false).unwrap();
        assert!(policy_at(start).unwrap().prefers(0));
        bind(&(start..start + page), &before, false).unwrap();
        assert_eq!(policy_at(start).unwrap(), before);
    }
}
