//! Pages of an ordinary `Vec` walk to another memory node and back, and the pointer stays; on a machine with one node, why
//! nothing can move.
//!
//! ```text
//! cargo run --release --example move_pages
//! cargo run --release --features cuda --example move_pages -- --device cuda:0   (to the card's memory, where that is a node)
//! scripts/vm-test --only 6.12 run --example move_pages     (a virtual machine with four nodes)
//! ```

use std::error::Error;

use clap::Parser;

/// Moves pages to another memory node and back.
#[derive(Parser)]
struct Options {
    /// MiB of pages.
    #[arg(long, default_value_t = 64)]
    mib: u32,
    /// Where to: a memory node, as in `node:1`, or the node that is a card's memory, as in `cuda:0` (with `--features cuda`). Any if
    /// not given.
    #[arg(long)]
    device: Option<String>,
}

fn main() -> Result<(), Box<dyn Error>> {
    let options = Options::parse();
    #[cfg(target_os = "linux")]
    linux::main(&options)?;
    #[cfg(not(target_os = "linux"))]
    println!("Pages move between memory nodes on Linux only, so not {} MiB to {:?}.", options.mib, options.device);
    Ok(())
}

#[cfg(target_os = "linux")]
mod linux {
    use std::error::Error;

    use landbridge::Topology;
    use landbridge::backends::name::{self, Wanted};
    use landbridge::backends::numa::mover::{Keep, Method, MoveOptions, MoveSpan, Mover, Residency};
    use landbridge::backends::numa::topology;
    use landbridge::text::Bytes;

    pub(super) fn main(options: &super::Options) -> Result<(), Box<dyn Error>> {
        let topology = topology();
        println!("{topology}\n");
        let mut values: Vec<f64> = (0..options.mib << 17).map(f64::from).collect();
        let sum: f64 = values.iter().sum();
        let home = show("an ordinary Vec", &values);

        let wanted = match &options.device {
            Some(name) => node_of(name)?,
            None => destination(topology, home),
        };
        let Some(node) = wanted.filter(|node| *node != home) else {
            explain(&mut values, home, topology);
            return Ok(());
        };
        for method in [Method::MovePages, Method::Mbind, Method::Remap] {
            // Nothing here lends these pages to the kernel or to a device, so they may be remapped too.
            let options = MoveOptions::default().method(method).keep(Keep::Always).allow_remap(true);
            let mover = Mover::new(options);
            println!("\n{method}");
            let there = mover.migrate(&[MoveSpan::exclusive(&mut values)], node);
            println!("  {there}");
            assert_eq!(show("moved", &values), node);
            let back = mover.return_home(&[MoveSpan::exclusive(&mut values)], &there.origin);
            println!("  {back}");
            assert_eq!(show("returned", &values), home);
            assert_eq!(values.iter().sum::<f64>(), sum, "the contents stayed");
        }
        println!("\nThe same pointer on a new node: nothing was reallocated, no reference had to change.");
        Ok(())
    }

    /// The memory node that is meant. `None` where a card's memory is none.
    fn node_of(device: &str) -> Result<Option<u32>, Box<dyn Error>> {
        match name::parse(device)? {
            Wanted::Node(number) => Ok(Some(number)),
            Wanted::Cuda(card) => node_of_card(card),
            _ => Err(format!("pages go to `node:1` or to the memory of `cuda:0`, not to `{device}`").into()),
        }
    }

    #[cfg(feature = "cuda")]
    fn node_of_card(card: &str) -> Result<Option<u32>, Box<dyn Error>> {
        let cards = landbridge::backends::cuda::coherence()?;
        let names: Vec<&str> = cards.iter().map(|(name, _)| name.as_str()).collect();
        let (name, coherence) = &cards[name::select_card(card, &names, "the driver has no card to offer")?];
        let node = coherence.node();
        match node {
            Some(node) => println!("\nthe memory of {name} is node {node}"),
            None => println!("\nthe memory of {name} is no memory node: {}", coherence.meaning()),
        }
        Ok(node)
    }

    /// The library knows how to say that there is none.
    #[cfg(not(feature = "cuda"))]
    fn node_of_card(card: &str) -> Result<Option<u32>, Box<dyn Error>> {
        use landbridge::prelude::*;
        Device::named(&format!("cuda:{card}")).map(|_| None).map_err(Into::into)
    }

    /// Prints where the values are; answers the node that most of them are on.
    fn show(what: &str, values: &[f64]) -> u32 {
        let residency = Residency::of(&[MoveSpan::shared(values)]);
        let nodes = residency.nodes.iter().map(|(node, bytes)| format!("{} on node {node}", Bytes(*bytes)));
        let pages: Vec<String> = nodes.collect();
        println!("  {what}: pointer {:p}, {}", values.as_ptr(), pages.join(", "));
        residency.nodes.iter().max_by_key(|(_, bytes)| **bytes).map_or(0, |(node, _)| *node)
    }

    /// A node to go to: the one that looks most like a device's, else any other with memory.
    fn destination(topology: &Topology, home: u32) -> Option<u32> {
        let devices = topology.device_nodes().into_iter().map(|node| node.id);
        let others = topology.nodes.iter().filter(|node| node.memory > 0).map(|node| node.id);
        devices.chain(others).find(|node| *node != home)
    }

    /// What there is to say where there is no other node to go to.
    fn explain(values: &mut [f64], home: u32, topology: &Topology) {
        if topology.nodes.len() == 1 {
            println!(
                "\nThis machine has one memory node, node {home}: all of its memory is equally near to all of its CPUs, and \
                 there is no other place for a page to move to. Memory of a GPU behind PCIe is not a node: data for it is \
                 copied or mapped. `scripts/vm-test run --example move_pages` shows pages that move, in a virtual machine."
            );
        }
        let report = Mover::default().migrate(&[MoveSpan::exclusive(values)], home + 1);
        println!("\nAsked all the same to go to node {}:\n  {report}", home + 1);
        // Copy and remap needs no second node to be seen.
        let again = MoveOptions::default().method(Method::Remap).allow_remap(true).again(true);
        let report = Mover::new(again).migrate(&[MoveSpan::exclusive(values)], home);
        println!("\nCopied to new pages on the same node, which took the old ones' addresses:\n  {report}");
        show("remapped", values);
    }
}
