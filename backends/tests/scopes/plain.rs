//! What goes well.

use landbridge::*;

use super::devices::{chooses, keeps, walks};
use super::kernels::*;
use landbridge_backends::devices::Devices;

fn numbers(count: u32) -> Vec<u32> {
    (0..count).collect()
}

/// The loop of the documentation.
pub(crate) fn ping_pong(device: &Device) {
    let mut grid = numbers(1000);
    let mut next = vec![0_u32; 1000];
    let steps = 7;
    let (_, report) = device
        .scope_reported(|s| {
            let mut a = s.attach_mut(&mut grid);
            let mut b = s.attach_mut(&mut next);
            for _ in 0..steps {
                s.launch(copy(&a, &mut b))?;
                s.launch(add(1, &mut b))?;
                std::mem::swap(&mut a, &mut b);
            }
            Ok(())
        })
        .unwrap();
    let expected: Vec<u32> = (0..1000).map(|k| k + steps).collect();
    assert_eq!(next, expected);
    assert_eq!(report.launches, 2 * u64::from(steps));
    // Each array went there once and came home once.
    let once = if keeps(device) { 8000 } else { 0 };
    let elsewhere = walks(device) || chooses(device);
    assert!(elsewhere || (report.bytes_in(), report.bytes_out()) == (once, once), "{report}");
}

fn heat_on(device: &Device, steps: usize) -> Vec<f32> {
    let mut t: Vec<f32> = (0..513).map(|k| if k == 0 { 100.0 } else { 0.0 }).collect();
    let mut next = t.clone();
    device
        .scope(|s| {
            let mut now = s.attach_mut(&mut t);
            let mut then = s.attach_mut(&mut next);
            for _ in 0..steps {
                s.launch(heat(&now, &mut then))?;
                std::mem::swap(&mut now, &mut then);
            }
            Ok(())
        })
        .unwrap();
    if steps.is_multiple_of(2) { t } else { next }
}

pub(crate) fn heat_equation(device: &Device) {
    let (here, there) = (heat_on(&Device::host(), 1000), heat_on(device, 1000));
    let worst = here.iter().zip(&there).map(|(a, b)| (a - b).abs()).fold(0.0, f32::max);
    assert!(worst <= 1e-3, "{worst} K apart");
    assert!(here[10] > 50.0, "heat has spread");
}

pub(crate) fn reads_see_the_latest(device: &Device) {
    let mut x = numbers(100);
    let (_, report) = device
        .scope_reported(|s| {
            let mut x = s.attach_mut(&mut x);
            assert_eq!(s.read(&x, 3..5)?, [3, 4]);
            s.launch(add(10, &mut x))?;
            assert_eq!(s.read(&x, 3..5)?, [13, 14]);
            s.write(&mut x, 4, &[1000, 2000])?;
            s.launch(add(1, &mut x))?;
            assert_eq!(s.read(&x, 3..7)?, [14, 1001, 2001, 17]);
            Ok(())
        })
        .unwrap();
    assert_eq!(x[2..8], [13, 14, 1001, 2001, 17, 18]);
    if keeps(device) {
        assert_eq!((report.bytes_in(), report.bytes_out()), (400 + 8, 400 + 8 + 16), "{report}");
        let text = report.to_string();
        for line in ["24 B home: read (2 times)", "8 B to the device: written", "400 B home: the scope ended"] {
            assert!(text.contains(line), "{line} in\n{text}");
        }
    }
}

pub(crate) fn reads_of_all_kinds(device: &Device) {
    let x = numbers(10);
    device
        .scope(|s| {
            let x = s.attach(&x);
            assert_eq!((x.len(), x.is_empty()), (10, false));
            assert_eq!(s.read(&x, ..)?, numbers(10));
            assert_eq!(s.read(&x, 8..)?, [8, 9]);
            assert_eq!(s.read(&x, ..=1)?, [0, 1]);
            assert_eq!(s.read(&x, 4..4)?, []);
            let mut three = [0; 3];
            s.read_into(&x, 5, &mut three)?;
            assert_eq!(three, [5, 6, 7]);
            Ok(())
        })
        .unwrap();
}

pub(crate) fn results_need_no_upload(device: &Device) {
    let x = numbers(256);
    // Garbage that must not be seen.
    let (mut y, mut untouched) = (vec![77_u32; 256], vec![77_u32; 3]);
    let (_, report) = device
        .scope_reported(|s| {
            let x = s.attach(&x);
            let mut y = s.attach_zeroed(&mut y);
            let untouched = s.attach_zeroed(&mut untouched);
            assert_eq!(s.read(&y, 0..2)?, [0, 0]);
            s.launch(axpy(3, &x, &mut y))?;
            s.launch(axpy(1, &x, &mut y))?;
            assert_eq!(s.read(&untouched, 1..)?, [0, 0]);
            Ok(())
        })
        .unwrap();
    assert_eq!(y, (0..256).map(|k| 4 * k).collect::<Vec<u32>>());
    assert_eq!(untouched, [0; 3]);
    if keeps(device) {
        assert_eq!((report.bytes_in(), report.bytes_out()), (1024, 1024), "{report}");
    }
}

pub(crate) fn collect_and_reduce(device: &Device) {
    let mut x = numbers(5000);
    device
        .scope(|s| {
            let mut x = s.attach_mut(&mut x);
            s.launch(add(1, &mut x))?;
            let doubled = s.collect(double(&x))?;
            assert_eq!(doubled, (0..5000).map(|k| 2 * k + 2).collect::<Vec<u32>>());
            assert_eq!(s.reduce(double(&x), Sum)?, 5000 * 5001);
            assert_eq!(s.reduce(double(&x), Max)?, 10_000);
            s.launch(add(1, &mut x))?;
            Ok(())
        })
        .unwrap();
    assert_eq!(x[4999], 5001);
}

pub(crate) fn rows_and_atomics(device: &Device) {
    let matrix = numbers(60);
    let (mut sums, mut counts) = (vec![0_u32; 12], vec![0_u32; 16]);
    device
        .scope(|s| {
            let matrix = s.attach(&matrix);
            let mut sums = s.attach_zeroed(&mut sums);
            let mut counts = s.attach_mut(&mut counts);
            s.launch(row_sums(rows(&matrix, 5), &mut sums))?;
            s.launch(count(&matrix, &mut counts))?;
            s.launch(count(&matrix, &mut counts))
        })
        .unwrap();
    assert_eq!(sums, (0..12).map(|k| 25 * k + 10).collect::<Vec<u32>>());
    assert_eq!(counts, (0..16).map(|k| if k < 12 { 8 } else { 6 }).collect::<Vec<u32>>());
}

pub(crate) fn closures(device: &Device) {
    let mut x = numbers(100);
    let by = 3_u32;
    device
        .scope(|s| {
            let mut x = s.attach_mut(&mut x);
            for _ in 0..2 {
                s.launch(each!(|x: &mut u32| *x *= by)(&mut x))?;
            }
            Ok(())
        })
        .unwrap();
    assert_eq!(x[99], 99 * 9);
}

pub(crate) fn handles_leaked(device: &Device) {
    let mut x = numbers(100);
    device
        .scope(|s| {
            let mut x = s.attach_mut(&mut x);
            s.launch(add(1, &mut x))?;
            Box::leak(Box::new(x));
            Ok(())
        })
        .unwrap();
    assert_eq!(x, (1..101).collect::<Vec<u32>>());
}

pub(crate) fn two_scopes_nested(device: &Device) {
    let (mut x, mut y) = (numbers(100), numbers(100));
    device
        .scope(|outer| {
            let mut x = outer.attach_mut(&mut x);
            outer.launch(add(1, &mut x))?;
            device.scope(|inner| {
                let mut y = inner.attach_mut(&mut y);
                inner.launch(add(5, &mut y))?;
                outer.launch(add(1, &mut x))?;
                inner.launch(add(5, &mut y))
            })?;
            outer.launch(add(1, &mut x))
        })
        .unwrap();
    assert_eq!((x[7], y[7]), (10, 17));
}

/// Which handle stands for which array is the program's business.
pub(crate) fn swapped_handles(device: &Device) {
    let (mut x, mut y) = (vec![1_u32; 10], vec![2_u32; 20]);
    device
        .scope(|s| {
            let mut a = s.attach_mut(&mut x);
            let mut b = s.attach_mut(&mut y);
            std::mem::swap(&mut a, &mut b);
            assert_eq!((a.len(), b.len()), (20, 10));
            s.launch(add(10, &mut a))?;
            s.launch(add(20, &mut b))
        })
        .unwrap();
    assert_eq!((x, y), (vec![21; 10], vec![12; 20]));
}

/// Two calls over one array may exist at once; they run one after the other.
pub(crate) fn calls_made_ahead(device: &Device) {
    let (mut x, mut y) = (numbers(10), vec![0_u32; 10]);
    device
        .scope(|s| {
            let mut a = s.attach_mut(&mut x);
            let mut b = s.attach_mut(&mut y);
            let first = each!(|x: &u32, y: &mut u32| *y = *x + 1)(&a, &mut b);
            let second = each!(|y: &u32, x: &mut u32| *x = *y * 10)(&b, &mut a);
            s.launch(first)?;
            s.launch(second)
        })
        .unwrap();
    assert_eq!((x[9], y[9]), (100, 10));
}

pub(crate) fn nothing_attached(device: &Device) {
    let done = device.scope(|_| Ok(42)).unwrap();
    assert_eq!(done, 42);
}

pub(crate) fn slices_beside_handles(device: &Device) {
    let x = numbers(100);
    let mut y = vec![1_u32; 100];
    let (_, report) = device
        .scope_reported(|s| {
            let mut y = s.attach_mut(&mut y);
            s.launch(axpy(2, &x, &mut y))?;
            s.launch(axpy(2, &x, &mut y))
        })
        .unwrap();
    assert_eq!(y[30], 121);
    assert!(walks(device) || chooses(device) || report.along == if keeps(device) { 800 } else { 0 }, "{report}");
}

pub(crate) fn written_slices_beside_handles(device: &Device) {
    let x = numbers(100);
    let mut y = vec![1_u32; 100];
    device
        .scope(|s| {
            let x = s.attach(&x);
            s.launch(axpy(2, &x, &mut y))
        })
        .unwrap();
    assert_eq!(y[30], 61);
}

/// A launch of its own does not wait for the scope's, nor they for it, and sees its own data only.
pub(crate) fn runs_inside_a_scope(device: &Device) {
    let (mut x, mut y) = (vec![1_u32; 100], vec![1_u32; 100]);
    device
        .scope(|s| {
            let mut x = s.attach_mut(&mut x);
            for _ in 0..10 {
                s.launch(add(1, &mut x))?;
                let _ = device.run(add(1, &mut y))?;
            }
            Ok(())
        })
        .unwrap();
    assert_eq!((x, y), (vec![11; 100], vec![11; 100]));
}

pub(crate) fn indices_beyond_32_bits(device: &Device) {
    let mut y = vec![1_u32; 50_000];
    device
        .scope(|s| {
            let mut y = s.attach_mut(&mut y);
            s.launch(far(&mut y))?;
            s.launch(far(&mut y))
        })
        .unwrap();
    assert_eq!(y, (0..50_000).map(|k| 2 * k + 1).collect::<Vec<u32>>());
}
