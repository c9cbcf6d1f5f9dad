//! Values that are passed by value, of every size.

use landbridge::{Error, kernel};

use super::*;

#[kernel]
fn looked_up(i: &u32, table: [u32; 64], shift: u8) -> u32 {
    table[*i as usize] >> shift
}

#[kernel]
fn too_large(i: &u32, table: [u32; 5000]) -> u32 {
    table[*i as usize]
}

/// The parameters are in a buffer, one stretch of it a dispatch.
#[test]
fn more_than_a_command_carries() {
    let Some(found) = backend() else { return };
    let limits = AdapterLimits { groups_per_dimension: 2, ..adapters()[0].facts.limits };
    let pieces = Arc::new(WgpuBackend::open_limited(0, limits).expect("the adapter opens"));
    let table: [u32; 64] = std::array::from_fn(|k| (k as u32).wrapping_mul(2_654_435_761));
    let i: Vec<u32> = (0..64).rev().collect();
    let expected: Vec<u32> = i.iter().map(|i| table[*i as usize] >> 3).collect();
    for backend in [found, pieces] {
        assert!(device(&backend).collect(looked_up(&i, table, 3)).expect("runs") == expected);
    }
}

#[test]
fn more_than_the_generator_takes_is_for_the_host() {
    let Some(backend) = backend() else { return };
    let error = device(&backend).collect(too_large(&[0], [7; 5000])).expect_err("too large");
    assert!(matches!(error, Error::Unsupported { .. }) && error.host_can_help(), "{error}");
    assert!(error.to_string().contains("take a slice instead"), "{error}");
}
