//! Several launches over the same data: it walks to the node once, and is home at the scope's end if that is wanted.

use landbridge::{Device, Error, Home, KernelType, Result, ScopeReport, Strategy, kernel};
use landbridge_backends::devices::Devices;
use landbridge_backends::numa::mover::{MoveSpan, Residency};

use crate::arena::values;
use crate::migrate::{at_home, is_on, turn};
use crate::numa_support::several_nodes;

#[kernel]
fn step(x: &u64, y: &mut u64) {
    *y = 2 * *x + 1;
}

fn rounds(device: &Device, a: &mut [u64], b: &mut [u64]) -> Result<ScopeReport> {
    let done = device.scope_reported(|s| {
        let (mut from, mut to) = (s.attach_mut(a), s.attach_mut(b));
        for _ in 0..4 {
            s.launch(step(&from, &mut to).strategy(Strategy::Migrate))?;
            std::mem::swap(&mut from, &mut to);
        }
        Ok(())
    });
    done.map(|((), report)| report)
}

/// Four rounds from 0: 1, 3, 7, 15.
fn check(a: &[u64], b: &[u64]) {
    assert!(a.iter().all(|x| *x == 15) && b.iter().all(|x| *x == 7));
}

/// 8 MiB of numbers, on the first node.
fn array(value: u64) -> Vec<u64> {
    let mut array = values(1 << 20, |_| value);
    at_home(&mut array);
    array
}

/// Bytes of such an array.
const ARRAY: u64 = 8 << 20;

#[test]
fn scopes_migrate_on_any_machine() {
    let _turn = turn();
    for home in [Home::Stay, Home::Return] {
        let (mut a, mut b) = (vec![0; 100_000], vec![0; 100_000]);
        let report = rounds(&Device::options().home(home).node(0).unwrap(), &mut a, &mut b).unwrap();
        check(&a, &b);
        assert!(report.in_place && report.stayed.is_empty(), "{report}");
    }
}

#[test]
fn data_stays_or_returns_at_the_end() {
    let _turn = turn();
    let Some(topology) = several_nodes() else { return };
    let node = topology.device_nodes()[0].id;
    for (home, expected) in [(Home::Stay, node), (Home::Return, 0)] {
        let (mut a, mut b) = (array(0), array(0));
        let addresses = (a.as_ptr(), b.as_ptr());
        let report = rounds(&Device::options().home(home).node(node).unwrap(), &mut a, &mut b).unwrap();
        println!("{report}");
        check(&a, &b);
        assert_eq!(addresses, (a.as_ptr(), b.as_ptr()));
        let found = [&a, &b].map(|values| Residency::of(&[MoveSpan::shared(values)]));
        assert!(is_on(&a, expected) && is_on(&b, expected), "{home}: {found:?} at {addresses:?}");
        let back = if home == Home::Return { 2 * ARRAY } else { 0 };
        assert_eq!((report.bytes_in(), report.bytes_out()), (2 * ARRAY, back), "{report}");
        let text = report.to_string();
        assert!(text.contains(" walked to the device: kernel `step` uses it there\n"), "{text}");
        assert_eq!(text.contains(" walked home: the scope ended\n"), home == Home::Return, "{text}");
    }
}

#[test]
fn pages_move_once_a_scope_and_are_home_after_a_panic() {
    let _turn = turn();
    let Some(topology) = several_nodes() else { return };
    let node = topology.device_nodes()[0].id;
    let device = Device::options().home(Home::Return).node(node).unwrap();
    let (mut a, mut b) = (array(1), array(1));
    let panicked = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| {
        device.scope(|s| {
            let (from, mut to) = (s.attach(&a), s.attach_mut(&mut b));
            s.launch(step(&from, &mut to).strategy(Strategy::Migrate))?;
            let start = a.as_ptr().addr();
            let there = Residency::of(&[MoveSpan::at(start..start + ARRAY as usize)]);
            assert!(there.is_all_on(node), "{there:?}");
            panic!("the program's own");
            #[allow(unreachable_code, reason = "tells the closure's type")]
            Ok(())
        })
    }));
    assert!(panicked.is_err());
    assert!(b.iter().all(|x| *x == 3));
    a.fill(2);
    assert!(is_on(&a, 0) && is_on(&b, 0));
}

#[test]
fn what_is_not_attached_walks_along_and_home() {
    let _turn = turn();
    let Some(topology) = several_nodes() else { return };
    let device = Device::options().home(Home::Return).node(topology.device_nodes()[0].id).unwrap();
    let (a, mut b) = (array(1), array(1));
    let (_, report) = device
        .scope_reported(|s| {
            let mut to = s.attach_mut(&mut b);
            s.launch(step(&a, &mut to).strategy(Strategy::Migrate))
        })
        .unwrap();
    assert!(b.iter().all(|x| *x == 3) && is_on(&a, 0) && is_on(&b, 0), "{report}");
    assert_eq!((report.along, report.along_home), (ARRAY, ARRAY), "{report}");
    assert!(report.to_string().contains("of arguments that are not attached walked home"), "{report}");
}

/// Bytes of 100,000 numbers.
const BYTES: u64 = 800_000;

#[test]
fn copies_stay_on_the_node_between_launches() {
    let _turn = turn();
    let others = several_nodes().map(|topology| topology.device_nodes()[0].id);
    for node in std::iter::once(0).chain(others) {
        let device = Device::node(node).unwrap();
        let (mut a, mut b) = (vec![0; 100_000], vec![7; 100_000]);
        let (_, report) = device
            .scope_reported(|s| {
                let (mut from, mut to) = (s.attach_mut(&mut a), s.attach_zeroed(&mut b));
                for _ in 0..4 {
                    s.launch(step(&from, &mut to).strategy(Strategy::Copy))?;
                    std::mem::swap(&mut from, &mut to);
                }
                assert_eq!(s.read(&from, 99_999..)?, [15]);
                Ok(())
            })
            .unwrap();
        check(&a, &b);
        assert!(!report.in_place, "{report}");
        assert_eq!((report.bytes_in(), report.bytes_out()), (BYTES, 2 * BYTES + 8), "{report}");
    }
}

#[test]
fn launches_of_all_strategies_see_the_same_data() {
    let _turn = turn();
    let (mut a, mut b) = (vec![1; 100_000], vec![7; 100_000]);
    let (_, report) = Device::node(0)
        .unwrap()
        .scope_reported(|s| {
            let (mut from, mut to) = (s.attach_mut(&mut a), s.attach_zeroed(&mut b));
            for strategy in [Strategy::Copy, Strategy::Auto, Strategy::Migrate, Strategy::Copy, Strategy::Direct] {
                s.launch(step(&from, &mut to).strategy(strategy))?;
                std::mem::swap(&mut from, &mut to);
            }
            Ok(())
        })
        .unwrap();
    assert!(a.iter().all(|x| *x == 31) && b.iter().all(|x| *x == 63), "{report}");
    let text = report.to_string();
    assert!(text.contains("home: kernel `step` uses it in place"), "{text}");
    assert_eq!(report.launches, 5);
}

#[test]
fn what_was_copied_is_not_home_after_a_panic() {
    let _turn = turn();
    let (mut a, mut b) = (vec![1; 1000], vec![1; 1000]);
    let error = Device::node(0).unwrap().scope(|s| {
        let (from, mut to) = (s.attach_mut(&mut a), s.attach_mut(&mut b));
        s.launch(step(&from, &mut to).strategy(Strategy::Copy))?;
        s.launch(divide(&from, &mut to).strategy(Strategy::Copy))
    });
    let Err(Error::NotHome { cause, arrays }) = error else { panic!("{error:?}") };
    assert!(matches!(*cause, Error::KernelPanic { .. }) && arrays.starts_with("1000 x u64, attached at "), "{arrays}");
    assert!(a.iter().chain(&b).all(|x| *x == 1), "as before the scope");
}

#[kernel]
fn divide(x: &u64, y: &mut u64) {
    *y = 10 / (*x - 1);
}

/// Aligned more strictly than pages are.
#[repr(C, align(8192))]
#[derive(Clone, Copy, KernelType)]
struct Apart {
    number: u64,
}

#[kernel]
fn count(part: &mut Apart) {
    part.number += 1;
}

#[test]
fn copies_that_stay_are_aligned_as_their_types_ask() {
    let _turn = turn();
    let mut bytes = vec![0_u8; 5001];
    let mut parts: Vec<Apart> = (0..5).map(|number| Apart { number }).collect();
    Device::node(0)
        .unwrap()
        .scope(|s| {
            // Before it something odd, which takes a part of the same pages.
            let mut odd = s.attach_mut(&mut bytes[3..]);
            let mut parts = s.attach_mut(&mut parts);
            for _ in 0..3 {
                s.launch(landbridge::each!(|x: &mut u8| *x += 1)(&mut odd).strategy(Strategy::Copy))?;
                s.launch(count(&mut parts).strategy(Strategy::Copy))?;
            }
            Ok(())
        })
        .unwrap();
    assert!(parts.iter().zip(0..).all(|(part, i)| part.number == i + 3));
    assert!(bytes[..3].iter().all(|x| *x == 0) && bytes[3..].iter().all(|x| *x == 3));
}

#[test]
fn a_cap_holds_for_all_that_stays() {
    let _turn = turn();
    let device = Device::options().memory_cap(BYTES + BYTES / 2).node(0).unwrap();
    let (mut a, mut b) = (vec![1; 100_000], vec![1; 100_000]);
    let error = device.scope(|s| {
        let (from, mut to) = (s.attach_mut(&mut a), s.attach_mut(&mut b));
        s.launch(step(&from, &mut to).strategy(Strategy::Copy))
    });
    assert!(matches!(error, Err(Error::OutOfMemory { wanted: BYTES, available: 400_000, .. })), "{error:?}");
    let done = device.scope(|s| {
        let mut to = s.attach_mut(&mut b);
        // The other goes along, and there is no room for that.
        let along = s.launch(step(&a, &mut to).strategy(Strategy::Copy));
        assert!(matches!(along, Err(Error::OutOfMemory { .. })), "{along:?}");
        s.launch(landbridge::each!(|x: &mut u64| *x += 1)(&mut to).strategy(Strategy::Copy))
    });
    assert!(done.is_ok() && b.iter().all(|x| *x == 2), "{done:?}");
}
