//! Linked structures flattened into images, read back by a reader of its own.
#![allow(unsafe_code)]

extern crate landbridge_core as landbridge;

mod deep;
mod handles;
mod reader;
mod rebase;
mod shapes;
mod structures;
mod write_back;

use std::sync::atomic::AtomicUsize;

use landbridge_core::linked::{Alone, Crew, How, Image, LinkMap, Root, Target, flatten};
use landbridge_core::types::{KernelNode, Tagged, TypeInfo};

/// The map of a type.
fn map_of<T: KernelNode>() -> &'static LinkMap {
    LinkMap::of(<T as Tagged>::Erased::DESC)
}

fn root_of<T>(values: &[T]) -> Root {
    Root { data: values.as_ptr().cast_mut().cast(), count: values.len(), exclusive: false }
}

/// The image of some values, borrowed as long as it lives.
fn image<'a, T: KernelNode>(values: &'a [T], how: How<'_>) -> Image<'a> {
    // SAFETY: the values are initialised, of the map's type, and borrowed for as long as the image lives.
    unsafe { flatten(map_of::<T>(), root_of(values), how) }.expect("an image")
}

const TARGETS: [Target; 2] = [Target::Words, Target::Address(0x7f00_0000_0040)];

/// Some threads.
struct Threads(usize);

impl Crew for Threads {
    fn pieces(&self) -> usize {
        self.0
    }

    fn each(&self, pieces: usize, work: &(dyn Fn(usize) + Sync)) {
        let next = AtomicUsize::new(0);
        let claim = || {
            loop {
                let piece = next.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
                if piece >= pieces {
                    break;
                }
                work(piece);
            }
        };
        std::thread::scope(|scope| {
            for _ in 1..self.0 {
                scope.spawn(claim);
            }
            claim();
        });
    }
}

/// Leaves out pieces, and has others done twice.
struct Careless;

impl Crew for Careless {
    fn pieces(&self) -> usize {
        5
    }

    fn each(&self, pieces: usize, work: &(dyn Fn(usize) + Sync)) {
        for piece in (0..pieces + 2).filter(|piece| piece % 2 == 1) {
            work(piece);
            work(piece);
        }
    }
}

const CREWS: [&dyn Crew; 3] = [&Alone, &Threads(3), &Careless];
