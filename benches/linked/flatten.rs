//! Flattening by the library and by hand.

use std::hint::black_box;
use std::mem::MaybeUninit;

use landbridge::KernelNode;
use landbridge::linked::{Alone, LinkedMut, Target, linked, linked_mut};

use crate::support::{Contestant, measure};
use crate::{Bench, Case, Structure};

/// Rows `flatten`, `offload`, `again` and `refresh`.
pub(crate) fn rows<T: Structure>(bench: &mut Bench, case: &Case, root: &mut T) {
    {
        let root = &*root;
        let kept = linked(root);
        let (mut to, mut other) = (Vec::new(), Vec::new());
        let samples = measure(
            &bench.options.steadier(),
            &mut (),
            &mut [
                Contestant::new("the library", |(): &mut ()| first(root)),
                Contestant::new("by hand", |(): &mut ()| {
                    black_box(root.by_hand().len());
                }),
                Contestant::new("the library", |(): &mut ()| {
                    let fresh = linked(root);
                    copy(fresh.image(Target::Words, u64::MAX).expect("the host has room").bytes(), &mut to);
                }),
                Contestant::new("by hand", |(): &mut ()| copy(&root.by_hand(), &mut other)),
                Contestant::new("again", |(): &mut ()| {
                    black_box(kept.image(Target::Words, u64::MAX).expect("the host has room").bytes().len());
                }),
            ],
        );
        bench.add(case, "flatten", &samples[0], &samples[1], T::target(case.order, case.count));
        bench.add(case, "offload", &samples[2], &samples[3], None);
        let flatten = samples[0].named("first flatten");
        bench.add(case, "again", &samples[4], &flatten, Some(0.1));
    }
    let refresh = |kept: &mut LinkedMut<'_, T>| {
        black_box(kept.image(Target::Words, u64::MAX, &Alone).expect("the host has room").bytes().len());
    };
    let mut kept = linked_mut(root);
    refresh(&mut kept);
    let first = |kept: &mut LinkedMut<'_, T>| first(kept.get());
    let contestants = &mut [Contestant::new("refresh", refresh), Contestant::new("first flatten", first)];
    let samples = measure(&bench.options, &mut kept, contestants);
    bench.add(case, "refresh", &samples[0], &samples[1], None);
}

/// A fresh image.
fn first<T: KernelNode>(root: &T) {
    let fresh = linked(root);
    black_box(fresh.image(Target::Words, u64::MAX).expect("the host has room").bytes().len());
}

/// A copy as to a device: into memory that is there.
fn copy<B: Copy>(bytes: &[B], to: &mut Vec<MaybeUninit<B>>) {
    to.clear();
    to.extend(bytes.iter().map(|byte| MaybeUninit::new(*byte)));
    black_box(to.as_ptr());
}
