//! The memory nodes that kernels can run near, or none where they are not built in.

use std::sync::Arc;

use landbridge_core::backend::Backend;
use landbridge_core::error::Result;
use landbridge_core::{Home, Topology};

/// What nodes are opened with.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Wishes {
    /// The CPUs to use.
    pub(crate) cpus: Option<Vec<u32>>,
    /// Instead of the machine's own.
    pub(crate) topology: Option<Arc<Topology>>,
    /// Whether pages may be copied and remapped.
    pub(crate) allow_remap: bool,
    /// Where pages that moved are after a launch.
    pub(crate) home: Home,
    /// Bytes that copies may take.
    pub(crate) memory_cap: Option<u64>,
}

/// A node; the one that is open with the same wishes if there is one.
#[cfg(all(feature = "numa", target_os = "linux"))]
pub(crate) fn open(number: u32, wishes: &Wishes) -> Result<Arc<dyn Backend>> {
    use std::sync::Mutex;

    use crate::numa::backend::{NodeBackend, NodeOptions};
    use crate::numa::mover::MoveOptions;
    use crate::numa::topology;

    type Opened = (u32, Wishes, Arc<NodeBackend>);
    static OPENED: Mutex<Vec<Opened>> = Mutex::new(vec![]);
    let mut opened = OPENED.lock().unwrap_or_else(|poisoned| poisoned.into_inner());
    let known = opened.iter().find(|o| o.0 == number && o.1 == *wishes);
    // Memory may have gone since it was opened; a topology that the program gave stands for itself.
    let is_there = || wishes.topology.is_some() || topology::has_memory(&topology::root(), number);
    if let Some((_, _, node)) = known.filter(|_| is_there()) {
        return Ok(node.clone());
    }
    let moving = MoveOptions::default().allow_remap(wishes.allow_remap);
    let options = NodeOptions { cpus: wishes.cpus.clone(), moving, home: wishes.home, memory_cap: wishes.memory_cap };
    let node = match &wishes.topology {
        Some(topology) => NodeBackend::open(topology, number, &options)?,
        // Read anew: memory may have come or gone.
        None => NodeBackend::open(&topology::read(&topology::root()), number, &options)?,
    };
    let node = Arc::new(node.with_probes(probes()));
    opened.retain(|o| o.0 != number || o.1 != *wishes);
    opened.push((number, wishes.clone(), node.clone()));
    Ok(node)
}

/// What measures the nodes beside launches; `None` with one memory. It measures nodes of its own, so that its launches are
/// not taken for the user's.
#[cfg(all(feature = "numa", target_os = "linux"))]
pub(crate) fn probes() -> Option<&'static crate::probe::Background> {
    use std::sync::LazyLock;

    use crate::numa::backend::{NodeBackend, NodeOptions};
    use crate::probe::Background;

    static PROBES: LazyLock<Option<Background>> = LazyLock::new(|| {
        let topology = crate::numa::topology();
        let open = |number| NodeBackend::open(topology, number, &NodeOptions::default()).ok();
        let nodes = numbers(&Wishes::default()).into_iter().filter_map(open);
        let nodes: Vec<_> = nodes.map(|node| Arc::new(node) as Arc<dyn Backend>).collect();
        (!nodes.is_empty()).then(|| Background::new(nodes))
    });
    PROBES.as_ref()
}

/// The nodes with memory, if there are several: with one, its device would be the host once more.
#[cfg(all(feature = "numa", target_os = "linux"))]
pub(crate) fn numbers(wishes: &Wishes) -> Vec<u32> {
    let topology = wishes.topology.as_deref().unwrap_or_else(|| crate::numa::topology());
    match topology.has_several_memories() {
        true => topology.nodes.iter().filter(|node| node.memory > 0).map(|node| node.id).collect(),
        false => vec![],
    }
}

#[cfg(not(all(feature = "numa", target_os = "linux")))]
pub(crate) fn open(number: u32, _: &Wishes) -> Result<Arc<dyn Backend>> {
    Err(landbridge_core::Error::NoDevice {
        wanted: format!("node:{number}"),
        why: match cfg!(feature = "numa") {
            true => format!("landbridge knows no memory nodes on {}", std::env::consts::OS),
            false => "this program was built without landbridge's feature `numa`".into(),
        },
        hint: "Use `host`, which runs on all CPUs".into(),
    })
}

#[cfg(not(all(feature = "numa", target_os = "linux")))]
pub(crate) fn numbers(_: &Wishes) -> Vec<u32> {
    vec![]
}

#[cfg(not(all(feature = "numa", target_os = "linux")))]
pub(crate) fn probes() -> Option<&'static crate::probe::Background> {
    None
}
