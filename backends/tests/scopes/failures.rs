//! What goes wrong.

use std::panic::{AssertUnwindSafe, catch_unwind};

use landbridge::*;

use super::devices::{chooses, keeps, runs_ahead};
use super::kernels::*;

fn refused() -> Error {
    Error::NoDevice { wanted: "x".into(), why: "the program says so".into(), hint: String::new() }
}

/// What was launched before stays done.
pub(crate) fn closure_returns_an_error(device: &Device) {
    let mut x = vec![1_u32; 100];
    let error = device
        .scope(|s| {
            let mut x = s.attach_mut(&mut x);
            s.launch(add(1, &mut x))?;
            Err::<(), _>(refused())
        })
        .unwrap_err();
    assert!(matches!(error, Error::NoDevice { .. }), "{error}");
    assert_eq!(x, [2; 100]);
}

pub(crate) fn closure_panics(device: &Device) {
    let mut x = vec![1_u32; 100];
    let panicked = catch_unwind(AssertUnwindSafe(|| {
        let _ = device.scope(|s| -> Result<()> {
            let mut x = s.attach_mut(&mut x);
            for _ in 0..10 {
                s.launch(add(1, &mut x))?;
            }
            panic!("the program's own");
        });
    }));
    let message = panicked.unwrap_err();
    assert_eq!(message.downcast_ref::<&str>(), Some(&"the program's own"));
    assert_eq!(x, [11; 100]);
    // The device is as good as before.
    device.scope(|s| s.launch(add(1, &mut x))).unwrap();
    assert_eq!(x, [12; 100]);
}

/// The error is the kernel's, with place and numbers; what the failed launch wrote is not home where it was a copy, and
/// everything else is.
pub(crate) fn launch_fails_midway(device: &Device) {
    let (mut before, mut after, mut other) = (vec![1_u32; 64], vec![7_u32; 64], vec![1_u32; 64]);
    let table: Vec<u32> = (0..10).collect();
    let mut index: Vec<u32> = (0..64).map(|k| k % 10).collect();
    index[40] = 12;
    let error = device
        .scope(|s| {
            let table = s.attach(&table);
            let index = s.attach(&index);
            let mut before = s.attach_mut(&mut before);
            let mut after = s.attach_mut(&mut after);
            let mut other = s.attach_mut(&mut other);
            s.launch(add(1, &mut before))?;
            s.launch(add(1, &mut other))?;
            s.launch(gather(&index, &table, &mut after))?;
            s.launch(axpy(1, &after, &mut other))?;
            s.launch(add(1, &mut after))
        })
        .unwrap_err();
    let Error::KernelPanic { kernel, work_item, index, length, .. } = error.root() else { panic!("{error}") };
    assert_eq!((*kernel, *work_item, *index, *length), ("gather", 40, Some(12), Some(10)));
    assert_eq!(before, [2; 64], "a launch before the failed one");
    if keeps(device) {
        // What runs ahead has accepted the launch after the failed one, too.
        let spoilt = if runs_ahead(device) { 2 } else { 1 };
        assert_eq!((after, other), (vec![7; 64], vec![3 - spoilt; 64]), "as before the scope");
        let Error::NotHome { arrays, .. } = &error else { panic!("{error}") };
        assert_eq!(arrays.matches("64 x u32, attached at ").count(), spoilt as usize, "{error}");
        assert!(error.to_string().contains("index out of bounds"), "{error}");
    } else if !chooses(device) {
        assert_eq!(other, [2; 64], "nothing was launched after the failed one");
    }
}

/// What the device lacks something for runs on the host, on the bytes that the launches before have left.
pub(crate) fn launch_on_the_host(device: &Device) {
    let (mut x, mut y) = (vec![1_u32; 100], vec![0.0_f64; 100]);
    let (_, report) = device
        .scope_reported(|s| {
            let mut x = s.attach_mut(&mut x);
            let mut y = s.attach_mut(&mut y);
            s.launch(add(1, &mut x))?;
            s.launch(sine(&x, &mut y))?;
            s.launch(add(1, &mut x))?;
            s.launch(sine(&x, &mut y))
        })
        .unwrap();
    assert_eq!((x, y), (vec![3; 100], vec![3_f64.sin(); 100]));
    if runs_ahead(device) {
        let [(kernel, why, times)] = &report.on_host[..] else { panic!("{report}") };
        assert_eq!((*kernel, *times), ("sine", 2));
        assert!(why.contains("cannot run on"), "{why}");
        assert!(report.to_string().contains("800 B home: kernel `sine` ran on the host (2 times)"), "{report}");
    }
}

/// The failure is found while launches go on, and the first one that failed is named.
pub(crate) fn launch_fails_among_many(device: &Device) {
    let (mut before, mut y) = (vec![1_u32; 8], vec![0_u32; 8]);
    let (table, good) = ([5_u32; 4], [0_u32, 1, 2, 3, 0, 1, 2, 3]);
    let bad = [0_u32, 1, 2, 3, 0, 9, 2, 3];
    let mut accepted = 0;
    let error = device
        .scope(|s| {
            let (good, bad) = (s.attach(&good), s.attach(&bad));
            let mut before = s.attach_mut(&mut before);
            let mut y = s.attach_mut(&mut y);
            for k in 0..500 {
                match k {
                    0..100 => s.launch(add(1, &mut before))?,
                    100 => s.launch(gather(&bad, &table, &mut y))?,
                    _ => s.launch(gather(&good, &table, &mut y))?,
                }
                accepted += 1;
            }
            Ok(())
        })
        .unwrap_err();
    let Error::KernelPanic { work_item: 5, index: Some(9), .. } = error.root() else { panic!("{error}") };
    assert!((100..300).contains(&accepted), "{accepted} launches before anybody noticed");
    assert_eq!(before, [101; 8], "home, since the launch that failed came later");
    if keeps(device) {
        assert_eq!(y, [0; 8], "as before");
    }
}

/// A launch that never started, because an earlier one had failed, spoils nothing that it was to write.
pub(crate) fn found_by_a_later_launch(device: &Device) {
    let (mut good, mut bad) = (vec![1_u32; 8], vec![7_u32; 8]);
    let (table, index) = ([5_u32; 4], [0_u32, 1, 2, 3, 0, 9, 2, 3]);
    let error = device
        .scope(|s| {
            let mut good = s.attach_mut(&mut good);
            let mut bad = s.attach_mut(&mut bad);
            s.launch(add(1, &mut good))?;
            s.launch(gather(&index, &table, &mut bad))?;
            s.collect(add_and_tell(1, &mut good)).map(drop)
        })
        .unwrap_err();
    let Error::KernelPanic { work_item: 5, index: Some(9), .. } = error.root() else { panic!("{error}") };
    assert_eq!(good, [2; 8], "what the good launch left");
    if keeps(device) {
        assert_eq!(bad, [7; 8], "as before the scope");
        let Error::NotHome { arrays, .. } = &error else { panic!("{error}") };
        assert_eq!(arrays.matches("8 x u32, attached at ").count(), 1, "{error}");
    }
}

/// A launch that gives back a result and writes nothing else spoils nothing when it fails.
pub(crate) fn collected_panic(device: &Device) {
    let mut x = vec![1_u32; 8];
    let (table, bad) = ([5_u32; 4], [0_u32, 9]);
    device
        .scope(|s| {
            let mut x = s.attach_mut(&mut x);
            s.launch(add(1, &mut x))?;
            let error = s.collect(look_up(&bad, &table)).unwrap_err();
            assert!(matches!(error, Error::KernelPanic { work_item: 1, .. }), "{error}");
            s.launch(add(1, &mut x))
        })
        .unwrap();
    assert_eq!(x, [3; 8]);
}
