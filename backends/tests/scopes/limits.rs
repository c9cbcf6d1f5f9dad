//! Scopes on a wgpu device that has little memory, and data that is larger than what a device binds at once.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;

use landbridge::backend::Backend;
use landbridge::residency::ArrayId;
use landbridge::session::{Place, Trouble};
use landbridge::*;
use landbridge_backends::host::Host;
use landbridge_backends::webgpu::{WgpuBackend, adapters};

use super::kernels::*;

/// The first adapter, freshly opened for one test, or a printed skip.
fn backend() -> Option<Arc<WgpuBackend>> {
    if adapters().is_empty() {
        let required = std::env::var_os("LANDBRIDGE_REQUIRE_WGPU").is_some_and(|value| value == "1");
        assert!(!required, "LANDBRIDGE_REQUIRE_WGPU=1, but there is no adapter");
        println!("skipped: no adapter");
        return None;
    }
    Some(Arc::new(WgpuBackend::open(0).expect("the adapter opens")))
}

/// What does not fit is the host's to do; without a host it is an error that changes nothing.
#[test]
fn arrays_that_do_not_fit() {
    let Some(backend) = backend() else { return };
    backend.set_memory_cap(Some(1 << 20));
    let (mut small, mut large) = (vec![1_u32; 1000], vec![1_u32; 1 << 20]);
    let work = |device: &Device, small: &mut [u32], large: &mut [u32]| {
        device.scope_reported(|s| {
            let mut small = s.attach_mut(small);
            let mut large = s.attach_mut(large);
            s.launch(add(1, &mut small))?;
            s.launch(add(1, &mut large))?;
            s.launch(add(1, &mut small))
        })
    };
    let alone = Device::from_backend(backend.clone(), None);
    let error = work(&alone, &mut small, &mut large).unwrap_err();
    assert!(matches!(error, Error::OutOfMemory { .. }), "{error}");
    assert!(small.iter().all(|x| *x == 2) && large.iter().all(|x| *x == 1));

    let device = Device::from_backend(backend.clone(), Some(Arc::new(Host::new())));
    let (_, report) = work(&device, &mut small, &mut large).unwrap();
    assert!(small.iter().all(|x| *x == 4) && large.iter().all(|x| *x == 2));
    let [("add", why, 1)] = &report.on_host[..] else { panic!("{report}") };
    assert!(why.contains("not enough memory"), "{why}");
}

/// All of a scope's room is given back at its end, and what it detaches before.
#[test]
fn room_is_given_back() {
    let Some(backend) = backend() else { return };
    let device = Device::from_backend(backend.clone(), None);
    let mut x = vec![1_u32; 1 << 16];
    for _ in 0..3 {
        device
            .scope(|s| {
                for part in x.chunks_mut(1 << 14) {
                    let mut part = s.attach_mut(part);
                    s.launch(add(1, &mut part))?;
                    s.detach(part)?;
                }
                Ok(())
            })
            .unwrap();
    }
    assert!(x.iter().all(|x| *x == 4));
    let used = backend.memory_use();
    assert_eq!(used.bytes - used.idle_bytes, kept_error_blocks(), "{used:?}");
}

/// Beside what the scope keeps there is no room for as much again: it goes and comes in chunks.
#[test]
fn staging_that_does_not_fit() {
    let Some(backend) = backend() else { return };
    for left in [24_u64 << 20, 2 << 20] {
        backend.set_memory_cap(Some((40 << 20) + left));
        let device = Device::from_backend(backend.clone(), None);
        let mut x: Vec<u32> = (0..(10 << 20) - 3).collect();
        let copy: Vec<u32> = x.iter().rev().copied().collect();
        let end = x.len() as u32;
        device
            .scope(|s| {
                let mut x = s.attach_mut(&mut x);
                s.launch(add(1, &mut x))?;
                assert!(s.read(&x, 1..)?.into_iter().eq(2..=end), "{left}");
                s.write(&mut x, 1, &copy[1..])?;
                s.launch(add(1, &mut x))
            })
            .unwrap();
        assert_eq!(x[0], 2);
        assert!(x.iter().zip(&copy).skip(1).all(|(x, was)| *x == was + 1), "{left}");
    }
}

/// Nobody knows what a launch has left that panicked inside of the session: nothing is trusted any more.
#[test]
fn launch_panics_inside() {
    let Some(backend) = backend() else { return };
    let mut session = Backend::session(backend).unwrap().expect("wgpu keeps data");
    let x = Box::leak(Box::new([1_u32; 8]));
    let launch = add(1, &mut x[..]).pending().unwrap();
    session.hold(ArrayId(0), 32, 0).unwrap();
    session.clear(ArrayId(0)).unwrap();
    session.wait().unwrap();
    // Two places are missing.
    let panicked = catch_unwind(AssertUnwindSafe(|| session.launch(&launch, &[], 1)));
    assert!(panicked.is_err());
    let places = [Place::Host, Place::Held { array: ArrayId(0), offset: 0 }];
    for answer in [session.wait(), session.clear(ArrayId(0)), session.launch(&launch, &places, 2)] {
        let Err(Trouble::Failed { launch: 0, error }) = answer else { panic!("{answer:?}") };
        assert!(error.to_string().contains("panicked"), "{error}");
    }
}

/// The backend keeps the scope's error block for the next launch.
fn kept_error_blocks() -> u64 {
    256
}

#[test]
fn arrays_larger_than_a_binding() {
    let Some(backend) = backend() else { return };
    if adapters()[0].facts.limits.binding_bytes > 1 << 27 {
        println!("skipped: {} binds more than 128 MiB", adapters()[0].facts.name);
        return;
    }
    let device = Device::from_backend(backend, None);
    let mut x = vec![1_u32; (1 << 25) + 1001];
    device
        .scope(|s| {
            let mut x = s.attach_mut(&mut x);
            s.launch(add(1, &mut x))?;
            s.launch(add(1, &mut x))?;
            let last = x.len() - 1;
            assert_eq!(s.read(&x, last..)?, [3]);
            Ok(())
        })
        .unwrap();
    assert!(x.iter().all(|x| *x == 3));
}
