//! Nodes of many sizes with links in many places: each takes another of the walk's loops.

use landbridge_core::KernelType;
use landbridge_core::linked::{Alone, How, pages};

use crate::reader::{Compare, compare, compared};
use crate::structures::Random;
use crate::{TARGETS, image, map_of, root_of};

/// A node with links to others of its type.
trait Shape: Compare + landbridge_core::KernelNode + Sized {
    fn new(random: &mut Random) -> Self;
    fn links(&mut self) -> Vec<&mut Option<Box<Self>>>;
}

/// Structs of `u64` values and links, in the order given.
macro_rules! shapes {
    ($($name:ident: $($value:ident)* ; $($link:ident)* ; { $($field:ident: $ty:ty,)* })*) => {
        $(
            #[derive(KernelType)]
            #[repr(C)]
            struct $name { $($field: $ty,)* }
            compared!($name { $($field)* });

            impl Shape for $name {
                fn new(random: &mut Random) -> Self {
                    let _ = &random;
                    $name { $($value: random.next(),)* $($link: None,)* }
                }

                fn links(&mut self) -> Vec<&mut Option<Box<Self>>> {
                    vec![$(&mut self.$link),*]
                }
            }
        )*

        #[test]
        fn every_shape_is_what_it_was_made_of() {
            $(check::<$name>(stringify!($name));)*
        }
    };
}

shapes! {
    Link: ; a; { a: Option<Box<Link>>, }
    First: x; a; { a: Option<Box<First>>, x: u64, }
    Last: x; a; { x: u64, a: Option<Box<Last>>, }
    Middle: x y; a; { x: u64, a: Option<Box<Middle>>, y: u64, }
    Four: x y z; a; { x: u64, y: u64, a: Option<Box<Four>>, z: u64, }
    Five: x y z w; a; { x: u64, y: u64, a: Option<Box<Five>>, z: u64, w: u64, }
    Seven: x y z w v u; a; { x: u64, y: u64, z: u64, w: u64, v: u64, u: u64, a: Option<Box<Seven>>, }
    Nine: x y z w v u t s; a; { x: u64, y: u64, z: u64, w: u64, a: Option<Box<Nine>>, v: u64, u: u64, t: u64, s: u64, }
    Pair: ; a b; { a: Option<Box<Pair>>, b: Option<Box<Pair>>, }
    Pair3: x; a b; { a: Option<Box<Pair3>>, b: Option<Box<Pair3>>, x: u64, }
    Pair5: x; a b; { a: Option<Box<Pair5>>, x: u64, b: Option<Box<Pair5>>, }
    Pair6: x; a b; { x: u64, a: Option<Box<Pair6>>, b: Option<Box<Pair6>>, }
    Quad3: x y; a b; { a: Option<Box<Quad3>>, b: Option<Box<Quad3>>, x: u64, y: u64, }
    Quad5: x y; a b; { a: Option<Box<Quad5>>, x: u64, b: Option<Box<Quad5>>, y: u64, }
    Quad6: x y; a b; { x: u64, a: Option<Box<Quad6>>, b: Option<Box<Quad6>>, y: u64, }
    Quad9: x y; a b; { a: Option<Box<Quad9>>, x: u64, y: u64, b: Option<Box<Quad9>>, }
    Quad10: x y; a b; { x: u64, a: Option<Box<Quad10>>, y: u64, b: Option<Box<Quad10>>, }
    Quad12: x y; a b; { x: u64, y: u64, a: Option<Box<Quad12>>, b: Option<Box<Quad12>>, }
    Wide5: x y z; a b; { x: u64, y: u64, a: Option<Box<Wide5>>, z: u64, b: Option<Box<Wide5>>, }
    Three: x; a b c; { a: Option<Box<Three>>, x: u64, b: Option<Box<Three>>, c: Option<Box<Three>>, }
    Nine2: x y z w v u t; a b; {
        x: u64, y: u64, z: u64, w: u64, a: Option<Box<Nine2>>, v: u64, u: u64, t: u64, b: Option<Box<Nine2>>,
    }
}

/// As many nodes below some roots, each put where a random way down ends.
fn grow<T: Shape>(random: &mut Random, roots: usize, nodes: usize) -> Vec<T> {
    let mut values: Vec<T> = (0..roots).map(|_| T::new(random)).collect();
    for _ in 0..nodes {
        let mut at = &mut values[random.below(roots as u64) as usize];
        loop {
            let mut links = at.links();
            let link = links.swap_remove(random.below(links.len() as u64) as usize);
            match link {
                Some(next) => at = next,
                None => {
                    *link = Some(Box::new(T::new(random)));
                    break;
                }
            }
        }
    }
    values
}

/// Structures of few nodes and of more than a loop visits at once.
fn check<T: Shape>(name: &str) {
    let mut random = Random::new(name.len() as u64 * 77);
    for (roots, nodes) in [(1, 0), (1, 5), (3, 40), (1, 600)] {
        if cfg!(miri) && nodes > 40 {
            continue;
        }
        let values: Vec<T> = grow(&mut random, roots, nodes);
        let bytes = 16 + (roots + nodes) * size_of::<T>();
        for target in TARGETS {
            for keep in [false, true] {
                let image = image(&values, How { keep, ..How::new(target) });
                assert_eq!(image.bytes().len(), bytes, "{name}");
                assert_eq!(image.node_count(), keep.then_some(roots + nodes), "{name}");
                compare(&values, &image);
            }
        }
        let kept = image(&values, How { keep: true, ..How::new(TARGETS[0]) });
        // SAFETY: as in `image`.
        let pages = unsafe { pages(map_of::<T>(), root_of(&values), 64, &Alone) }.expect("pages");
        for node in kept.nodes() {
            assert!(pages.iter().any(|page| page.contains(&node.host.addr())), "{name}");
        }
        // SAFETY: as in `image`.
        let refused = unsafe {
            let how = How { limit: bytes as u64 - 1, ..How::new(TARGETS[0]) };
            landbridge_core::linked::flatten(map_of::<T>(), root_of(&values), how).is_err()
        };
        assert!(refused, "{name}");
    }
}
