//! Pages that the kernel moves: by their addresses (`move_pages`), or by a policy first (`mbind`).
//!
//! The kernel's answers are taken for what they are worth: only a question without nodes says where a page is. A call
//! that gives up says nothing true of single pages, so what is left is asked for and submitted again in smaller batches.

use std::cell::LazyCell;
use std::collections::BTreeMap;
use std::ffi::c_int;
use std::fs;
use std::ops::Range;
use std::sync::LazyLock;
use std::sync::atomic::{AtomicBool, AtomicI32, Ordering};
use std::time::Duration;

use super::options::Method;
use super::pages;
use super::policy;
use super::reason::Reason;
use super::report::MoveReport;
use super::sys::{self, Errno};
use super::work::{BATCH, Chunk, Entry};

/// What is left is tried again in batches of these sizes: one page that cannot move makes the kernel give up the batch.
const ROUNDS: [usize; 5] = [BATCH, 512, 64, 8, 1];

/// How often a page that seems absent is asked for again: balancing may hide it once more.
const UNHIDE: usize = 3;

/// Pages of a batch that may seem absent because the kernel is busy with them: those of a huge page.
const A_FEW: usize = 512;

/// A batch of this size that moves nothing shows that no smaller one will.
const HOPELESS: usize = 64;

/// What the threads of one move share.
#[derive(Debug, Default)]
pub(crate) struct Job {
    /// Whether pages that seem absent may be present: the kernel balances memory between nodes.
    pub(crate) balanced: bool,
    /// Whether `mbind` goes first.
    pub(crate) mbind: bool,
    /// Whether its policy stays.
    pub(crate) keep: bool,
    /// An error of a whole call that the others would get too.
    fatal: AtomicI32,
    /// The node was found full.
    full: AtomicBool,
}

impl Job {
    /// A job of this method.
    pub(crate) fn new(method: Method, keep: bool) -> Self {
        Self { balanced: balanced(), mbind: method == Method::Mbind, keep, ..Self::default() }
    }

    fn fatal(&self) -> Option<Errno> {
        Some(self.fatal.load(Ordering::Relaxed)).filter(|errno| *errno != 0)
    }

    fn fail(&self, errno: Errno) {
        self.fatal.store(errno, Ordering::Relaxed);
    }
}

/// Whether the kernel carries pages to the nodes that use them.
pub(crate) fn balanced() -> bool {
    fs::read_to_string("/proc/sys/kernel/numa_balancing").is_ok_and(|text| text.trim() != "0")
}

/// Pages on their way.
struct Batch<'a> {
    node: c_int,
    entries: Vec<Entry>,
    /// The node or the negative errno of each entry, as last asked.
    status: Vec<c_int>,
    /// Why an entry did not move, where the kernel said so: a negative errno.
    why: BTreeMap<usize, c_int>,
    job: &'a Job,
}

/// Moves a chunk, and adds to `report` what became of each page.
pub(crate) fn move_chunk(chunk: &Chunk, job: &Job, report: &mut MoveReport) {
    let entries: Vec<Entry> = chunk.parts.iter().flat_map(super::work::Part::entries).collect();
    let mut batch = Batch {
        node: c_int::try_from(chunk.node).unwrap_or(c_int::MAX),
        status: vec![0; entries.len()],
        entries,
        why: BTreeMap::new(),
        job,
    };
    let all: Vec<usize> = (0..batch.entries.len()).collect();
    if let Err(errno) = batch.ask(&all) {
        let reason = reason_of_call(errno);
        return chunk.parts.iter().for_each(|part| report.stays(part.pages.len(), reason));
    }
    let before = batch.status.clone();
    let mut pending: Vec<usize> = (0..before.len()).filter(|i| before[*i] >= 0 && before[*i] != batch.node).collect();
    if job.mbind && (job.keep || !pending.is_empty()) {
        policy::bind_chunk(chunk, job.keep, report);
        pending = batch.left(pending);
    }
    let bound = if job.mbind { batch.status.clone() } else { Vec::new() };
    batch.push(pending);
    batch.account(&before, &bound, report);
}

/// The node or the negative errno of each entry.
///
/// # Errors
/// As [`sys::nodes_of`].
pub(crate) fn where_are(entries: Vec<Entry>, job: &Job) -> Result<Vec<c_int>, Errno> {
    let all: Vec<usize> = (0..entries.len()).collect();
    let mut batch = Batch { node: -1, status: vec![0; entries.len()], entries, why: BTreeMap::new(), job };
    batch.ask(&all)?;
    Ok(batch.status)
}

/// As [`sys::nodes_of`]. While the kernel itself moves a page, or splits a huge one, the page seems absent for a moment:
/// a few that do are asked for again. Many at once are memory that nobody has written.
fn settled(addresses: &[usize], status: &mut [c_int]) -> Result<(), Errno> {
    sys::nodes_of(addresses, status)?;
    for _ in 0..UNHIDE {
        let absent: Vec<usize> = (0..addresses.len()).filter(|i| status[*i] == -libc::ENOENT).collect();
        if absent.is_empty() || absent.len() > A_FEW {
            break;
        }
        std::thread::sleep(Duration::from_millis(1));
        let again: Vec<usize> = absent.iter().map(|i| addresses[*i]).collect();
        let mut answers = vec![-libc::ENOENT; again.len()];
        sys::nodes_of(&again, &mut answers)?;
        absent.iter().zip(answers).for_each(|(i, answer)| status[*i] = answer);
    }
    Ok(())
}

impl Batch<'_> {
    /// Asks where these entries are. With balancing on, kernels before 6.12 call a page absent whose next use they want
    /// to see: such pages are used, and asked for again.
    fn ask(&mut self, which: &[usize]) -> Result<(), Errno> {
        self.ask_once(which)?;
        for _ in 0..UNHIDE {
            let hidden: Vec<usize> = which.iter().copied().filter(|i| self.may_be_hidden(*i)).collect();
            if hidden.is_empty() || !self.job.balanced {
                break;
            }
            let pages = pages::merged(hidden.iter().map(|i| self.entries[*i].start..self.entries[*i].end).collect());
            for range in &pages {
                let _ = sys::populate_read(range); // before Linux 5.14: they stay absent, and are reported so
            }
            self.ask_once(&hidden)?;
        }
        Ok(())
    }

    /// A file's absent pages would come from the disk: they stay absent.
    fn may_be_hidden(&self, i: usize) -> bool {
        let kind = self.entries[i].kind;
        kind.readable && !kind.file && matches!(-self.status[i], libc::ENOENT | libc::EFAULT)
    }

    fn ask_once(&mut self, which: &[usize]) -> Result<(), Errno> {
        for batch in which.chunks(BATCH) {
            let addresses = self.addresses(batch);
            let mut status = vec![-libc::EFAULT; batch.len()];
            settled(&addresses, &mut status)?;
            for (i, status) in batch.iter().zip(status) {
                self.status[*i] = status;
            }
        }
        Ok(())
    }

    fn addresses(&self, which: &[usize]) -> Vec<usize> {
        which.iter().map(|i| self.entries[*i].start).collect()
    }

    /// Moves what can be moved of the pending entries.
    fn push(&mut self, mut pending: Vec<usize>) {
        let heads: Vec<usize> = pending.iter().copied().filter(|i| self.entries[*i].head).collect();
        if !heads.is_empty() {
            // A huge page goes by one address; its other pages would be busy then.
            self.submit(&heads, BATCH);
            pending = self.left(pending);
        }
        for size in ROUNDS {
            if pending.is_empty() || self.job.fatal().is_some() || self.is_full() {
                return;
            }
            let before = pending.len();
            self.submit(&pending, size);
            pending = self.left(pending);
            if !pending.is_empty() && is_full(self.node) {
                self.job.full.store(true, Ordering::Relaxed);
            }
            let hopeless = pending.iter().all(|i| matches!(self.why.get(i), Some(why) if is_final(-why)));
            if hopeless || (pending.len() == before && size <= HOPELESS) {
                return;
            }
        }
    }

    /// Whether the node has been full and still is: a useless attempt takes the kernel long, for it tries to make room.
    fn is_full(&self) -> bool {
        self.job.full.load(Ordering::Relaxed) && is_full(self.node)
    }

    /// The entries that are still elsewhere.
    fn left(&mut self, mut pending: Vec<usize>) -> Vec<usize> {
        // Where the question fails, the old answer stands: elsewhere.
        let _ = self.ask(&pending);
        pending.retain(|i| self.status[*i] != self.node);
        pending
    }

    /// Asks the kernel to move these entries in batches of `size`.
    fn submit(&mut self, which: &[usize], size: usize) {
        for batch in which.chunks(size) {
            let mut status = vec![c_int::MIN; batch.len()];
            match sys::move_to(&self.addresses(batch), self.node, &mut status) {
                // Only now is every status true.
                Ok(0) => self.note(batch, &status),
                Ok(_) => {}
                Err(errno) if is_fatal(errno) => return self.job.fail(errno),
                Err(errno) => self.why.extend(batch.iter().map(|i| (*i, -errno))),
            }
        }
    }

    fn note(&mut self, batch: &[usize], status: &[c_int]) {
        for (i, status) in batch.iter().zip(status) {
            if *status < 0 {
                self.why.insert(*i, *status);
            } else {
                self.why.remove(i);
            }
        }
    }

    /// Adds what became of each entry to the report.
    fn account(&self, before: &[c_int], bound: &[c_int], report: &mut MoveReport) {
        let full = LazyCell::new(|| is_full(self.node));
        let was_there = |i: usize| before[i] == self.node;
        let stayed = (0..before.len()).any(|i| !was_there(i) && self.status[i] != self.node);
        for (i, was) in before.iter().copied().enumerate() {
            let method = if bound.get(i) == Some(&self.node) { Method::Mbind } else { Method::MovePages };
            for (pages, is) in self.pages_of(i, stayed && !was_there(i) && was >= 0) {
                match was {
                    _ if was_there(i) => report.already_there += pages.len() as u64,
                    0.. if is == self.node => report.moved(pages, u32::try_from(was).ok(), method),
                    _ => match self.reason(i, was.min(is)) {
                        Reason::Pinned if *full => report.stays(pages.len(), Reason::NodeFull),
                        reason => report.stays(pages.len(), reason),
                    },
                }
            }
        }
    }

    /// An entry and where it is; page by page if `divided`: where there is no huge page left on a node, the kernel splits
    /// the one that it should move, and moves some of it.
    fn pages_of(&self, i: usize, divided: bool) -> Vec<(Range<usize>, c_int)> {
        let entry = self.entries[i];
        let page = sys::page_size();
        if !divided || entry.end - entry.start <= page {
            return vec![(entry.start..entry.end, self.status[i])];
        }
        let starts: Vec<usize> = (entry.start..entry.end).step_by(page).collect();
        let mut status = vec![self.status[i]; starts.len()];
        // Where the question fails, what is known of the first page stands for all.
        let _ = settled(&starts, &mut status);
        starts.into_iter().map(|start| start..start + page).zip(status).collect()
    }

    /// Why an entry stays: `status` is the kernel's word on its page, `why` on the attempt to move it.
    fn reason(&self, i: usize, status: c_int) -> Reason {
        let kind = self.entries[i].kind;
        let why = if status < 0 { Some(&status) } else { self.why.get(&i) };
        match why.map(|errno| -errno) {
            Some(libc::ENOENT | libc::EFAULT) if !kind.readable => Reason::Protected,
            Some(libc::ENOENT) => Reason::Absent,
            Some(libc::EFAULT) if kind.file => Reason::FileBacked,
            Some(libc::EFAULT) => Reason::ZeroPage,
            Some(libc::ENOMEM) => Reason::NodeFull,
            Some(libc::EACCES) if kind.shared || kind.file => Reason::SharedMapping,
            Some(libc::EACCES) => Reason::SharedByFork,
            _ if kind.file => Reason::FileBacked,
            _ => self.job.fatal().map_or(Reason::Pinned, reason_of_call),
        }
    }
}

/// Whether a node has so little free memory that this is why nothing moves there: the kernel does not say it when it
/// gives up a batch.
fn is_full(node: c_int) -> bool {
    let (total, free) = memory(node);
    free < (total / 128).max(2 * sys::huge_size() as u64)
}

/// Bytes that a node has, and that are free: none where it says nothing.
pub(crate) fn memory(node: c_int) -> (u64, u64) {
    let path = format!("/sys/devices/system/node/node{node}/meminfo");
    let text = fs::read_to_string(path).unwrap_or_default();
    let value = |name: &str| {
        let line = text.lines().find(|line| line.contains(name))?;
        line.split_ascii_whitespace().rev().nth(1)?.parse::<u64>().ok()
    };
    (value("MemTotal:").unwrap_or(0) << 10, value("MemFree:").unwrap_or(0) << 10)
}

/// The only node with memory, on a machine that has but one.
pub(crate) fn only_node() -> Option<u32> {
    static ONLY: LazyLock<Option<u32>> = LazyLock::new(|| {
        let text = fs::read_to_string("/sys/devices/system/node/possible").ok()?;
        text.trim().parse().ok() // a list or a range of several is no number
    });
    *ONLY
}

/// Whether an error of a call would meet every other call too.
fn is_fatal(errno: Errno) -> bool {
    matches!(errno, libc::ENODEV | libc::EACCES | libc::EPERM | libc::ENOSYS | libc::EINVAL)
}

/// Whether trying again is useless.
fn is_final(errno: Errno) -> bool {
    matches!(errno, libc::EACCES | libc::EFAULT | libc::ENOENT)
}

/// What an error of a whole call says about the pages.
pub(crate) fn reason_of_call(errno: Errno) -> Reason {
    match errno {
        libc::ENODEV => Reason::NoSuchNode,
        libc::EACCES => Reason::NodeNotAllowed,
        libc::EPERM | libc::ENOSYS => Reason::Forbidden,
        libc::ENOMEM => Reason::NodeFull,
        _ => Reason::Refused,
    }
}
