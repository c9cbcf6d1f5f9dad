//! Folders that look like a machine's `sys` and `proc`.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU32, Ordering::Relaxed};

use landbridge_backends::numa;
use landbridge_core::Topology;

const NODES: &str = "sys/devices/system/node";

/// A folder of files, deleted at its end.
pub(crate) struct Tree {
    folder: PathBuf,
}

impl Tree {
    pub(crate) fn new() -> Self {
        static NUMBER: AtomicU32 = AtomicU32::new(0);
        let name = format!("landbridge-tree-{}-{}", std::process::id(), NUMBER.fetch_add(1, Relaxed));
        let folder = std::env::temp_dir().join(name);
        fs::create_dir_all(&folder).unwrap();
        Tree { folder }
    }

    pub(crate) fn folder(&self) -> &Path {
        &self.folder
    }

    pub(crate) fn read(&self) -> Topology {
        numa::read(&self.folder)
    }

    /// A file; the kernel ends most of its texts with a line's end.
    pub(crate) fn file(&self, path: &str, text: &str) -> &Self {
        self.bytes(path, format!("{text}\n").as_bytes())
    }

    pub(crate) fn bytes(&self, path: &str, bytes: &[u8]) -> &Self {
        let path = self.folder.join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, bytes).unwrap();
        self
    }

    /// A file of the node folder.
    pub(crate) fn nodes(&self, file: &str, text: &str) -> &Self {
        self.file(&format!("{NODES}/{file}"), text)
    }

    /// A node with CPUs such as `0-1` (or none), kB of memory (half of it free), and distances.
    pub(crate) fn node(&self, id: u32, cpus: &str, kilobytes: u64, distances: &str) -> &Self {
        let free = kilobytes / 2;
        let memory = format!(
            "Node {id} MemTotal:       {kilobytes} kB\nNode {id} MemFree:        {free} kB\nNode {id} MemUsed:  1 kB"
        );
        self.nodes(&format!("node{id}/cpulist"), cpus)
            .nodes(&format!("node{id}/meminfo"), &memory)
            .nodes(&format!("node{id}/distance"), distances)
    }

    /// Speed of a node from an initiator: read and write bandwidth, read and write latency.
    pub(crate) fn access(&self, id: u32, class: u8, initiator: u32, values: [u32; 4]) -> &Self {
        let folder = format!("node{id}/access{class}/initiators");
        let names = ["read_bandwidth", "write_bandwidth", "read_latency", "write_latency"];
        for (name, value) in names.iter().zip(values) {
            self.nodes(&format!("{folder}/{name}"), &value.to_string());
        }
        self.nodes(&format!("{folder}/node{initiator}/id"), "")
    }

    /// A GPU of NVIDIA's driver.
    pub(crate) fn gpu(&self, address: &str, model: &str, host_node: i32) -> &Self {
        self.file(
            &format!("proc/driver/nvidia/gpus/{address}/information"),
            &format!("Model: \t\t {model}\nIRQ:   \t\t 76"),
        )
        .file(&format!("sys/bus/pci/devices/{address}/numa_node"), &host_node.to_string())
    }

    pub(crate) fn gpu_memory_mode(&self, mode: &str) -> &Self {
        let text = format!("ResmanDebugLevel: 4294967295\nCoherentGPUMemoryMode: \"{mode}\"\nRegistryDwords: \"\"");
        self.file("proc/driver/nvidia/params", &text)
    }
}

impl Drop for Tree {
    fn drop(&mut self) {
        fs::remove_dir_all(&self.folder).ok();
    }
}
