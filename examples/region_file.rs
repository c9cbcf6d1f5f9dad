//! Build once, save, load, query: a dictionary of words as an ordered tree in a region, kept in a file, and looked up by a
//! kernel that follows the same handles.
//!
//! ```text
//! cargo run --release --example region_file -- dictionary.region
//! ```

use std::error::Error;
use std::path::Path;
use std::time::Instant;

use landbridge::prelude::*;
use landbridge::region::Tree;

/// How many entries the file gets.
const ENTRIES: u32 = 1 << 20;

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

fn main() -> Result<(), Box<dyn Error>> {
    let given = std::env::args().nth(1);
    let path = given.unwrap_or_else(|| std::env::temp_dir().join("landbridge.region").display().to_string());
    if !Path::new(&path).exists() {
        let start = Instant::now();
        let mut region = Region::new();
        let tree = Tree::from_sorted(&mut region, (0..ENTRIES).map(|k| (3 * k, k + 1)));
        region.save(&path, &tree)?;
        println!("built and saved {region:?} to {path} in {:.1?}", start.elapsed());
    }
    let start = Instant::now();
    let (region, tree) = Region::load::<Tree<u32, u32>>(&path)?;
    println!("loaded and checked {region:?} in {:.1?}", start.elapsed());

    let keys: Vec<u32> = (0..1_000_000).map(|k: u32| k.wrapping_mul(0x9e37_79b9) % (3 * ENTRIES)).collect();
    let device = Device::auto()?;
    let start = Instant::now();
    let values: Vec<u32> = device.collect(look_up(&region, tree, &keys))?;
    let found = values.iter().filter(|&&value| value != 0).count();
    println!("{found} of {} keys found by {} in {:.1?}", keys.len(), device.info().id, start.elapsed());
    assert!(keys.iter().zip(&values).all(|(&key, &value)| value == if key % 3 == 0 { key / 3 + 1 } else { 0 }));
    Ok(())
}
