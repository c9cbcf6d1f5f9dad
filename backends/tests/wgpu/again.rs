//! Launches like earlier ones: what was kept ready for them does not show in what they do.

use landbridge_core::{Error, kernel};

use super::*;

/// Reads one argument, changes another, takes values with padding between them.
#[kernel]
fn blend(low: u8, factor: u32, i: &u32, table: &[u32], y: &mut u32) {
    *y = *y * factor + table[*i as usize] + u32::from(low);
}

#[kernel]
fn looked_up(i: &u32, table: &[u16]) -> u16 {
    table[*i as usize]
}

#[kernel]
fn nothing_read(y: &mut u8) {
    *y = y.wrapping_mul(3);
}

#[kernel]
fn far(i: &usize, y: &mut u32) {
    *y = (*i * 70_000 / 7_000) as u32;
}

fn blended(device: &Device, low: u8, factor: u32, (i, table, y): (&[u32], &[u32], &mut [u32])) -> Result<Report> {
    device.run(blend(low, factor, i, table, y).strategy(Strategy::Copy))
}

#[test]
fn other_addresses_and_other_values() {
    let Some(backend) = backend() else { return };
    let device = device(&backend);
    let mut before = None;
    for round in 0..6_u32 {
        // Kept alive, so that each round's memory is another's.
        let i: Vec<u32> = (0..100).map(|k| (k + round) % 7).collect();
        let table: Vec<u32> = (0..7).map(|k| k * 1000 + round).collect();
        let mut y: Vec<u32> = (0..100).collect();
        let expected: Vec<u32> = (0..100).map(|k| k as u32 * (round + 2) + table[i[k] as usize] + round).collect();
        let report = blended(&device, round as u8, round + 2, (&i, &table, &mut y)).expect("runs");
        assert!(y == expected, "round {round}: {y:?}");
        assert_eq!((report.bytes_in(), report.bytes_out()), (400 + 28 + 400, 400));
        let made = backend.memory_use().allocations;
        assert!(before.is_none_or(|before| before == made), "nothing is allocated any more");
        before = Some(made);
        std::mem::forget((i, table, y));
    }
}

#[test]
fn other_lengths_are_other_launches() {
    let Some(backend) = backend() else { return };
    let device = device(&backend);
    for round in 0..3 {
        for (items, entries) in [(64, 7), (65, 7), (64, 3), (1, 1), (1000, 500)] {
            let i: Vec<u32> = (0..items).map(|k| (k * 5 + round) % entries).collect();
            let table: Vec<u16> = (0..entries).map(|k| (k * 77 + round) as u16).collect();
            let expected: Vec<u16> = i.iter().map(|i| table[*i as usize]).collect();
            let found = device.collect(looked_up(&i, &table).strategy(Strategy::Copy)).expect("runs");
            assert!(found == expected, "{items} items, {entries} entries: {found:?}");
            let mut y: Vec<u8> = (0..items as usize).map(|k| k as u8).collect();
            let _ = device.run(nothing_read(&mut y).strategy(Strategy::Copy)).expect("runs");
            assert!(y.iter().enumerate().all(|(k, y)| *y == (k as u8).wrapping_mul(3)), "{y:?}");
        }
    }
}

/// Bytes of neighbours stay as they are, at whatever address the next launch's bytes begin.
#[test]
fn parts_of_slices() {
    let Some(backend) = backend() else { return };
    let device = device(&backend);
    let mut y = vec![1_u8; 300];
    for start in 0..9 {
        let _ = device.run(nothing_read(&mut y[start..start + 37]).strategy(Strategy::Copy)).expect("runs");
    }
    let expected =
        |k: usize| (0..9).filter(|start| (*start..start + 37).contains(&k)).fold(1_u8, |y, _| y.wrapping_mul(3));
    assert!(y.iter().enumerate().all(|(k, y)| *y == expected(k)), "{y:?}");
}

#[test]
fn a_launch_that_panics_changes_nothing_for_it_and_for_the_next() {
    let Some(backend) = backend() else { return };
    let device = device(&backend);
    let (good, bad) = ([0, 1, 2, 0], [0, 9, 2, 0]);
    for round in 0..3 {
        let mut y = [1; 4];
        blended(&device, 0, 1, (&good, &[5, 6, 7], &mut y)).expect("runs");
        assert_eq!(y, [6, 7, 8, 6], "round {round}");
        let error = blended(&device, 0, 1, (&bad, &[5, 6, 7], &mut y)).expect_err("out of bounds");
        let Error::KernelPanic { work_item: 1, index: Some(9), length: Some(3), .. } = error else { panic!("{error}") };
        assert_eq!(y, [6, 7, 8, 6], "as it was");
    }
}

#[test]
fn memory_is_given_back_and_capped_all_the_same() {
    let Some(backend) = backend() else { return };
    let device = device(&backend);
    let launch = || {
        let mut y = [2; 3];
        blended(&device, 1, 1, (&[0, 0, 0], &[4], &mut y)).expect("runs");
        assert_eq!(y, [7; 3]);
    };
    launch();
    launch();
    backend.trim();
    assert_eq!(backend.memory_use().bytes - backend.memory_use().idle_bytes, 0, "nothing is in use");
    launch();
    backend.set_memory_cap(Some(1 << 20));
    launch();
    launch();
    let used = backend.memory_use();
    assert!(used.bytes - used.idle_bytes <= 256, "only an error block is kept: {used:?}");
}

#[test]
fn threads_launch_the_same_at_once() {
    let Some(backend) = backend() else { return };
    let device = device(&backend);
    std::thread::scope(|threads| {
        for number in 0..4_u32 {
            let device = &device;
            threads.spawn(move || {
                for round in 0..20 {
                    let mut y = [number; 50];
                    blended(device, 0, 2, (&[1; 50], &[0, round], &mut y)).expect("runs");
                    assert_eq!(y, [number * 2 + round; 50]);
                }
            });
        }
    });
}

/// Once in 32 bits, then again in 64, each time.
#[test]
fn numbers_that_pass_32_bits() {
    let Some(backend) = backend() else { return };
    let device = device(&backend);
    let small: Vec<usize> = (0..8).collect();
    let large: Vec<usize> = (0..8).map(|k| k + 100_000).collect();
    for i in [&small, &large, &small, &large] {
        let mut y = [0; 8];
        match device.run(far(i, &mut y).strategy(Strategy::Copy)) {
            Ok(_) => assert!(y.iter().zip(i).all(|(y, i)| *y == *i as u32 * 10), "{y:?}"),
            // A device without 64-bit integers says so, and changes nothing.
            Err(error) => assert!(matches!(error, Error::Unsupported { .. }) && i[0] > 0 && y == [0; 8], "{error}"),
        }
    }
}

#[test]
fn scopes_whose_launches_differ_in_values_and_parts() {
    let Some(backend) = backend() else { return };
    let device = device(&backend);
    for _ in 0..2 {
        let (i, table) = (vec![2_u32; 64], vec![1_u32, 10, 100]);
        let mut y = vec![1_u32; 64];
        let mut expected = y.clone();
        device
            .scope(|s| {
                let (i, table, mut y) = (s.attach(&i), s.attach(&table), s.attach_mut(&mut y));
                for k in 0..70_u32 {
                    s.launch(blend(k as u8, 1 + u32::from(k % 10 == 0), &i, &table, &mut y))?;
                }
                Ok(())
            })
            .expect("runs");
        for y in &mut expected {
            *y = (0..70).fold(*y, |y: u32, k| y * (1 + u32::from(k % 10 == 0)) + 100 + k);
        }
        assert!(y == expected, "{y:?}");
    }
}

/// The first to fail is told, and what it would have written is not there.
#[test]
fn a_launch_of_a_scope_that_panics_though_ones_like_it_did_not() {
    let Some(backend) = backend() else { return };
    let device = device(&backend);
    let mut y = vec![0_u32; 64];
    let mut i = vec![0_u32; 64];
    let table = [3_u32];
    for bad in [false, true, false] {
        let done = device.scope(|s| {
            let (mut held, table, mut y) = (s.attach_mut(&mut i), s.attach(&table), s.attach_mut(&mut y));
            s.launch(blend(0, 1, &held, &table, &mut y))?;
            s.write(&mut held, 5, &[u32::from(bad)])?;
            s.launch(blend(0, 1, &held, &table, &mut y))
        });
        match (bad, done) {
            (false, done) => done.expect("runs"),
            (true, Err(Error::NotHome { cause, .. })) => {
                let Error::KernelPanic { work_item: 5, index: Some(1), .. } = *cause else { panic!("{cause}") };
                i[5] = 0;
            }
            (true, done) => panic!("{done:?}"),
        }
    }
    assert!(y.iter().all(|y| *y == 12), "two scopes of two launches each: {y:?}");
}
