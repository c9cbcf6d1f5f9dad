//! How a topology reads.

use std::fmt;

use super::{Access, Gpu, GpuMemory, Node, NodeKind, NumaBalancing, PageSizes, ThpMode, Topology};
use crate::text::{Bytes, Numbers};

impl fmt::Display for Topology {
    /// Several lines, the last one without an end: nodes, GPUs, pages, what the kernel does, what was odd.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Topology { nodes, gpus, pages, thp, numa_balancing, notes } = self;
        for node in nodes {
            writeln!(f, "{node}")?;
        }
        for gpu in gpus {
            writeln!(f, "{gpu}")?;
        }
        if let Some(device) = self.device_nodes().first() {
            writeln!(f, "node {} looks most like a device's: {}", device.id, device.why)?;
        }
        write!(f, "pages {pages}; transparent huge pages {thp}; NUMA balancing {numa_balancing}")?;
        notes.iter().try_for_each(|note| write!(f, "\nnote: {note}"))
    }
}

impl fmt::Display for Node {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Node { id, cpus, memory, free, distances, access, kind, why } = self;
        write!(f, "node {id}")?;
        match (kind, why.as_str()) {
            (NodeKind::Cpu, "") => {}
            (_, "") => write!(f, " ({kind})")?,
            _ => write!(f, " ({kind}: {why})")?,
        }
        match cpus.is_empty() {
            true => write!(f, ", no CPUs")?,
            false => write!(f, ", CPUs {}", Numbers(cpus))?,
        }
        match memory {
            0 => write!(f, ", no memory")?,
            _ => write!(f, ", {} ({} free)", Bytes(*memory), Bytes(*free))?,
        }
        if distances.len() > 1 {
            write!(f, ", distances {}", words(distances))?;
        }
        access.iter().try_for_each(|access| write!(f, "\n  {access}"))
    }
}

impl fmt::Display for Access {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Access { class, initiators, read_bandwidth, write_bandwidth, read_latency, write_latency } = self;
        write!(f, "access class {class} from node {}:", words(initiators))?;
        let entries = [
            ("read", read_bandwidth, "MB/s"),
            ("write", write_bandwidth, "MB/s"),
            ("read", read_latency, "ns"),
            ("write", write_latency, "ns"),
        ];
        let known = entries.iter().filter_map(|(what, value, unit)| value.map(|v| format!(" {what} {v} {unit}")));
        f.write_str(&known.collect::<Vec<_>>().join(","))
    }
}

impl fmt::Display for Gpu {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Gpu { address, name, driver, memory, host_node } = self;
        write!(f, "GPU {address} ({name}, driver {driver}): {memory}")?;
        host_node.map_or(Ok(()), |node| write!(f, ", attached to node {node}"))
    }
}

impl fmt::Display for GpuMemory {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            GpuMemory::Node(node) => write!(f, "its memory is node {node}"),
            GpuMemory::DriverManaged => f.write_str("its driver keeps its memory for itself (CDMM mode)"),
            GpuMemory::Separate => f.write_str("its memory is no node"),
        }
    }
}

impl fmt::Display for NodeKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            NodeKind::Cpu => "CPUs",
            NodeKind::Gpu => "GPU",
            NodeKind::Memory => "memory",
            NodeKind::Empty => "empty",
        })
    }
}

impl fmt::Display for PageSizes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let PageSizes { base, transparent_huge, huge } = self;
        write!(f, "{}", Bytes(*base))?;
        if let Some(size) = transparent_huge {
            write!(f, ", transparent {}", Bytes(*size))?;
        }
        for pages in huge.iter().filter(|pages| pages.total > 0) {
            write!(f, ", explicit {} ({} of {} free)", Bytes(pages.size), pages.free, pages.total)?;
        }
        Ok(())
    }
}

impl fmt::Display for ThpMode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            ThpMode::Always => "always",
            ThpMode::Madvise => "where asked for (madvise)",
            ThpMode::Never => "never",
            ThpMode::Unavailable => "unavailable",
        })
    }
}

impl fmt::Display for NumaBalancing {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            NumaBalancing::Off => "off",
            NumaBalancing::On => "on",
            NumaBalancing::Tiering { balancing: false } => "tiering",
            NumaBalancing::Tiering { balancing: true } => "on, and tiering",
        })
    }
}

fn words<T: fmt::Display>(values: &[T]) -> String {
    values.iter().map(T::to_string).collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::super::HugePages;
    use super::*;

    #[test]
    fn a_topology_reads_as_lines() {
        let cpus = Node {
            id: 0,
            cpus: vec![0, 1, 2, 5],
            memory: 3 << 30,
            free: 1 << 30,
            distances: vec![10, 40],
            ..Node::default()
        };
        let access =
            Access { initiators: vec![0], read_bandwidth: Some(450), read_latency: Some(300), ..Access::default() };
        let device = Node {
            id: 1,
            memory: 512 << 20,
            free: 512 << 20,
            distances: vec![40, 10],
            access: vec![access],
            kind: NodeKind::Memory,
            why: "memory without CPUs".into(),
            ..Node::default()
        };
        let gpu = Gpu {
            address: "0009:01:00.0".into(),
            name: "GH200".into(),
            driver: "nvidia".into(),
            memory: GpuMemory::DriverManaged,
            host_node: Some(0),
        };
        let huge = vec![HugePages { size: 2 << 20, total: 8, free: 3 }];
        let topology = Topology {
            nodes: vec![cpus, device],
            gpus: vec![gpu],
            pages: PageSizes { base: 4096, transparent_huge: Some(2 << 20), huge },
            thp: ThpMode::Madvise,
            numa_balancing: NumaBalancing::On,
            notes: vec!["node 2 has no meminfo".into()],
        };
        let expected = "\
node 0, CPUs 0-2,5, 3.0 GiB (1.0 GiB free), distances 10 40
node 1 (memory: memory without CPUs), no CPUs, 512.0 MiB (512.0 MiB free), distances 40 10
  access class 0 from node 0: read 450 MB/s, read 300 ns
GPU 0009:01:00.0 (GH200, driver nvidia): its driver keeps its memory for itself (CDMM mode), attached to node 0
node 1 looks most like a device's: memory without CPUs, 450 MB/s, 300 ns, distance 40 from the CPUs
pages 4.0 KiB, transparent 2.0 MiB, explicit 2.0 MiB (3 of 8 free); transparent huge pages where asked for (madvise); \
NUMA balancing on
note: node 2 has no meminfo";
        assert_eq!(topology.to_string(), expected);
    }
}
