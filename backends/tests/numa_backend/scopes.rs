//! Several launches over the same data: it walks to the node once, and is home at the scope's end if that is wanted.

use landbridge::{Device, Home, Result, Strategy, kernel};
use landbridge_backends::devices::Devices;
use landbridge_backends::numa::mover::{MoveSpan, Residency};

use crate::migrate::{at_home, turn};
use crate::numa_support::several_nodes;

#[kernel]
fn step(x: &u64, y: &mut u64) {
    *y = 2 * *x + 1;
}

fn rounds(device: &Device, a: &mut [u64], b: &mut [u64]) -> Result<()> {
    device.scope(|s| {
        let (mut from, mut to) = (s.attach_mut(a), s.attach_mut(b));
        for _ in 0..4 {
            s.launch(step(&from, &mut to).strategy(Strategy::Migrate))?;
            std::mem::swap(&mut from, &mut to);
        }
        Ok(())
    })
}

/// Four rounds from 0: 1, 3, 7, 15.
fn check(a: &[u64], b: &[u64]) {
    assert!(a.iter().all(|x| *x == 15) && b.iter().all(|x| *x == 7));
}

fn is_on(values: &[u64], node: u32) -> bool {
    // Without the pages at the ends, which others share.
    Residency::of(&[MoveSpan::shared(&values[1024..values.len() - 1024])]).is_all_on(node)
}

#[test]
fn scopes_migrate_on_any_machine() {
    let _turn = turn();
    for home in [Home::Stay, Home::Return] {
        let (mut a, mut b) = (vec![0; 100_000], vec![0; 100_000]);
        rounds(&Device::options().home(home).node(0).unwrap(), &mut a, &mut b).unwrap();
        check(&a, &b);
    }
}

#[test]
fn data_stays_or_returns_at_the_end() {
    let _turn = turn();
    let Some(topology) = several_nodes() else { return };
    let node = topology.device_nodes()[0].id;
    for (home, expected) in [(Home::Stay, node), (Home::Return, 0)] {
        let (mut a, mut b) = (vec![0; 1 << 20], vec![0; 1 << 20]);
        at_home(&mut a);
        at_home(&mut b);
        let addresses = (a.as_ptr(), b.as_ptr());
        rounds(&Device::options().home(home).node(node).unwrap(), &mut a, &mut b).unwrap();
        check(&a, &b);
        assert_eq!(addresses, (a.as_ptr(), b.as_ptr()));
        let found = [&a, &b].map(|values| Residency::of(&[MoveSpan::shared(values)]));
        assert!(is_on(&a, expected) && is_on(&b, expected), "{home}: {found:?} at {addresses:?}");
    }
}

#[test]
fn pages_move_once_a_scope_and_are_home_after_a_panic() {
    let _turn = turn();
    let Some(topology) = several_nodes() else { return };
    let node = topology.device_nodes()[0].id;
    let device = Device::options().home(Home::Return).node(node).unwrap();
    let (mut a, mut b) = (vec![1; 1 << 20], vec![1; 1 << 20]);
    at_home(&mut a);
    at_home(&mut b);
    let panicked = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| {
        device.scope(|s| {
            let (from, mut to) = (s.attach(&a), s.attach_mut(&mut b));
            s.launch(step(&from, &mut to).strategy(Strategy::Migrate))?;
            let start = a.as_ptr().addr() + 8192;
            let there = Residency::of(&[MoveSpan::at(start..start + (4 << 20))]);
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
