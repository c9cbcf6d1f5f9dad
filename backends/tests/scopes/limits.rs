//! Scopes on a wgpu device that has little memory, and data that is larger than what a device binds at once.

use std::sync::Arc;

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
