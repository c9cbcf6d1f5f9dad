//! The machine's [`Topology`], read from sysfs and procfs.
//!
//! Reading never fails: what is absent or odd becomes a default and a note. The files may lie elsewhere than in `/`
//! ([`read`], or the environment variable [`VARIABLE`]), so that any machine can be looked at as if it were this one.

mod files;
mod gpus;
mod nodes;
mod pages;

use std::path::{Path, PathBuf};
use std::sync::OnceLock;

use landbridge_core::Topology;

use files::Root;

/// The environment variable that names a folder with `sys` and `proc` to be read instead of the machine's own.
pub const VARIABLE: &str = "LANDBRIDGE_SYSFS";

/// The topology of this machine, or of the folder that `LANDBRIDGE_SYSFS` names; read once. Free memory is as it was then:
/// [`read`] reads anew.
pub fn topology() -> &'static Topology {
    static TOPOLOGY: OnceLock<Topology> = OnceLock::new();
    TOPOLOGY.get_or_init(|| read(&root()))
}

/// Where [`topology`] reads: the folder that [`VARIABLE`] names, or `/`.
pub fn root() -> PathBuf {
    let named = std::env::var_os(VARIABLE).filter(|folder| !folder.is_empty());
    named.map_or_else(|| PathBuf::from("/"), PathBuf::from)
}

/// Reads `sys` and `proc` below a folder. What is not there or cannot be understood is said in [`Topology::notes`].
pub fn read(root: &Path) -> Topology {
    let mut root = Root::new(root);
    let mut nodes = nodes::read(&mut root);
    let gpus = gpus::read(&mut root, &mut nodes);
    let (pages, thp) = pages::read(&mut root);
    let numa_balancing = pages::numa_balancing(&mut root);
    Topology { nodes, gpus, pages, thp, numa_balancing, notes: root.into_notes() }
}

/// Whether a node has memory now: a small part of what [`read`] reads.
pub(crate) fn has_memory(root: &Path, number: u32) -> bool {
    nodes::has_memory(&mut Root::new(root), number)
}
