//! Whether a card that says that it reads pageable memory does so, and whether the host sees what it writes.
//!
//! Attributes are not believed: there are machines on which the card reads the host's memory and one of the two sees old bytes. The
//! test goes through the same kernels, PTX and launches as any launch under `Direct`: memory of `malloc`, read and written by both sides in
//! turn, atomics included.

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

use landbridge::kernel;
use landbridge_core::{Device, Strategy};

use super::backend::CudaBackend;

/// Work-items: several pages of each array.
const ITEMS: usize = 1 << 15;
/// Each side writes so many times.
const ROUNDS: u32 = 3;

#[kernel]
fn both_ways(x: &u32, y: &mut u32, counts: &[AtomicU32]) {
    *y = y.wrapping_mul(3).wrapping_add(*x);
    counts[(*x % 4) as usize].fetch_add(1, Ordering::Relaxed);
}

/// Runs the test on a card that is open with `Direct` allowed.
///
/// # Errors
/// Why `Direct` is not to be trusted.
pub(crate) fn run(backend: &Arc<CudaBackend>) -> Result<(), String> {
    let device = Device::from_backend(backend.clone(), None);
    let mut x: Vec<u32> = (0..ITEMS as u32).collect();
    let mut y: Vec<u32> = x.iter().map(|x| !x).collect();
    let mut expected = y.clone();
    let mut counts = [0_u32; 4];
    for round in 1..=ROUNDS {
        let launched = device.run(both_ways(&x, &mut y, &mut counts).strategy(Strategy::Direct));
        launched.map_err(|error| format!("the self-test of `Direct` failed: {error}"))?;
        expected.iter_mut().zip(&x).for_each(|(y, x)| *y = y.wrapping_mul(3).wrapping_add(*x));
        if let Some(item) = (0..ITEMS).find(|&item| y[item] != expected[item]) {
            return Err(format!(
                "in round {round} of the self-test the host saw {:#x} where the device should have written {:#x}",
                y[item], expected[item]
            ));
        }
        if counts != [round * ITEMS as u32 / 4; 4] {
            return Err(format!("in round {round} of the self-test atomics of the device counted {counts:?}"));
        }
        // Now the host writes what the card has read and written.
        for (x, y) in x.iter_mut().zip(&mut y) {
            *x = x.wrapping_add(4 * round);
            *y ^= round;
        }
        expected.iter_mut().for_each(|y| *y ^= round);
    }
    Ok(())
}
