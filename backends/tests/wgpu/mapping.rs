//! Strategy Map: the pages of ordinary memory, in place.

use landbridge_core::Error;

use super::*;

/// A device that maps, or a printed skip.
fn mapping() -> Option<(Arc<WgpuBackend>, Device)> {
    let backend = backend()?;
    let device = device(&backend);
    if !device.info().supports(Strategy::Map) {
        println!("skipped: the driver imports no host memory");
        return None;
    }
    Some((backend, device))
}

#[test]
fn nothing_is_copied() {
    let Some((_, device)) = mapping() else { return };
    let (x, mut y) = (vec![2.0; 100_000], vec![1.0; 100_000]);
    let report = saxpy(&device, 3.0, &x, &mut y, Strategy::Map).expect("runs");
    assert!(y == vec![7.0; 100_000]);
    assert_eq!((report.bytes_in(), report.bytes_out()), (0, 0));
    assert!(report.arguments.iter().all(|argument| argument.strategy == Strategy::Map));
}

#[test]
fn every_alignment_of_bytes_and_every_length() {
    let Some((_, device)) = mapping() else { return };
    for start in 0..9 {
        for length in [1, 2, 3, 4, 5, 7, 8, 9, 31, 4096, 5000] {
            let mut data: Vec<u8> = (0..start + length + 9).map(|k| k as u8).collect();
            let mut expected = data.clone();
            expected[start..start + length].iter_mut().for_each(|byte| *byte = byte.wrapping_add(1));
            let _ = increment(&device, &mut data[start..start + length], Strategy::Map).expect("runs");
            assert!(data == expected, "{length} bytes from {start}");
        }
    }
}

/// Two halves of one word, each borrowed by a thread of its own: neither may lose what the other writes.
#[test]
fn a_neighbours_bytes_are_never_touched() {
    let Some((_, device)) = mapping() else { return };
    let mut data = vec![0_u8; 8192 + 2];
    let (ours, theirs) = data.split_at_mut(4097);
    std::thread::scope(|scope| {
        let neighbour = scope.spawn(|| {
            let mut rounds = 0_u8;
            for _ in 0..2_000_000 {
                rounds = rounds.wrapping_add(1);
                std::hint::black_box(&mut *theirs)[0] = rounds;
                assert_eq!(std::hint::black_box(&mut *theirs)[0], rounds, "somebody else wrote here");
            }
        });
        for round in 0..50 {
            let _ = increment(&device, ours, Strategy::Map).expect("runs");
            assert!(ours.iter().all(|byte| *byte == round + 1));
        }
        neighbour.join().expect("the neighbour keeps its byte");
    });
}

#[test]
fn arguments_on_one_page_are_mapped_together() {
    let Some((_, device)) = mapping() else { return };
    let mut data = vec![1.0_f32; 2000];
    let (x, y) = data.split_at_mut(1000);
    for round in 1..5 {
        let _ = saxpy(&device, 1.0, x, y, Strategy::Map).expect("runs");
        assert!(y.iter().all(|y| *y == 1.0 + round as f32) && x.iter().all(|x| *x == 1.0));
    }
}

#[test]
fn pages_are_given_back_with_the_launch() {
    let Some((_, device)) = mapping() else { return };
    for round in 0..100 {
        let x = vec![round as f32; 3000];
        let mut y = x.clone();
        let _ = saxpy(&device, 1.0, &x, &mut y, Strategy::Map).expect("runs");
        assert!(y == vec![2.0 * round as f32; 3000]);
    }
}

#[test]
fn other_strategies_are_refused() {
    let Some((_, device)) = mapping() else { return };
    let (x, mut y) = ([1.0; 10], [1.0; 10]);
    for strategy in [Strategy::Direct, Strategy::Migrate] {
        let error = saxpy(&device, 1.0, &x, &mut y, strategy).expect_err("not possible");
        assert!(matches!(error, Error::StrategyUnavailable { .. }), "{error}");
        assert!(!device.info().supports(strategy));
    }
    assert_eq!(y, [1.0; 10]);
}
