//! Build once, save, load, query: a dictionary of words as an ordered tree in a region, kept in a file, and looked up by a
//! kernel that follows the same handles.
//!
//! ```text
//! cargo run --release --example region_file -- dictionary.region
//! cargo run --release --features cuda --example region_file -- --device cuda:0
//! ```

use std::error::Error;
use std::path::PathBuf;
use std::time::Instant;

use clap::Parser;
use landbridge::prelude::*;
use landbridge::region::Tree;

/// The value of each key, or 0: a walk from the root, as over any tree.
#[kernel]
fn look_up(region: &Region, tree: Tree<u32, u32>, key: &u32) -> u32 {
    let mut next = tree.root;
    while let Some(p) = next {
        let entry = region[p];
        if *key == entry.key {
            return entry.value;
        }
        next = if *key < entry.key { entry.left } else { entry.right };
    }
    0
}

/// Looks up keys in a tree that is kept in a file.
#[derive(Parser)]
struct Options {
    /// The file; it is made where it is not there. One in the system's folder for such if not given.
    path: Option<PathBuf>,
    /// How many entries a new file gets.
    #[arg(long, default_value_t = 1 << 20, value_parser = clap::value_parser!(u32).range(1..=1 << 30))]
    entries: u32,
    /// Keys to look up; every third one is there.
    #[arg(long, default_value_t = 1_000_000)]
    lookups: u32,
    /// Such as `host`, `wgpu:0`, `wgpu:llvmpipe`, `cuda:0` (with `--features cuda`); the best if not given.
    #[arg(long)]
    device: Option<String>,
}

fn main() -> Result<(), Box<dyn Error>> {
    let options = Options::parse();
    let usual = || std::env::temp_dir().join(format!("landbridge-{}.region", options.entries));
    let path = options.path.unwrap_or_else(usual);
    if !path.exists() {
        let start = Instant::now();
        let mut region = Region::new();
        let tree = Tree::from_sorted(&mut region, (0..options.entries).map(|k| (3 * k, k + 1)));
        region.save(&path, &tree)?;
        println!("built and saved {region:?} to {} in {:.1?}", path.display(), start.elapsed());
    }
    let start = Instant::now();
    let (region, tree) = Region::load::<Tree<u32, u32>>(&path)?;
    println!("loaded and checked {region:?} in {:.1?}", start.elapsed());

    // The keys of the tree are the multiples of three, as many as it has entries.
    let entries = tree.length;
    let keys: Vec<u32> = (0..options.lookups).map(|k| k.wrapping_mul(0x9e37_79b9) % (3 * entries)).collect();
    let device = options.device.as_deref().map_or_else(Device::auto, Device::named)?;
    let (values, report) = device.collect_reported(look_up(&region, tree, &keys))?;
    let found = values.iter().filter(|&&value| value != 0).count();
    println!("{report}\n{found} of {} keys found", keys.len());
    assert!(keys.iter().zip(&values).all(|(&key, &value)| value == if key % 3 == 0 { key / 3 + 1 } else { 0 }));
    Ok(())
}
