//! Tests that need several memory nodes: they run in the virtual machine of `scripts/vm-test`, and skip elsewhere with the
//! reason. With `LANDBRIDGE_REQUIRE_NUMA`, as there, skipping is failing.

use landbridge_backends::numa;
use landbridge_core::Topology;

/// This machine's topology if it has several nodes with memory; else says why the test is skipped.
pub(crate) fn several_nodes() -> Option<Topology> {
    let topology = numa::read(std::path::Path::new("/"));
    if topology.has_several_memories() {
        return Some(topology);
    }
    let why = "this machine has one node with memory; scripts/vm-test runs this test on one with four";
    assert!(std::env::var_os("LANDBRIDGE_REQUIRE_NUMA").is_none(), "LANDBRIDGE_REQUIRE_NUMA is set, but {why}");
    println!("skipped: {why}");
    None
}
