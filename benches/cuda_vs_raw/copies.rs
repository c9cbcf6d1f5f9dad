//! Bytes of ordinary memory there and back, against pinned memory with the same driver.
#![allow(unsafe_code)]

use landbridge::backends::cuda::cust::memory::{CopyDestination, DeviceBuffer, LockedBuffer};
use landbridge::prelude::*;

use crate::Bench;
use crate::kernels::saxpy;
use crate::raw::Card;
use crate::support::{Contestant, measure};

/// Bandwidth of 95 % of the plain copy's.
const LIMIT: f64 = 1.0 / 0.95;

pub(crate) fn all(bench: &mut Bench, device: &Device, card: &Card) {
    let usual = [("1 MiB", 1 << 20), ("16 MiB", 16 << 20), ("256 MiB", 256 << 20)];
    let sizes = if bench.options.smoke { &[("4 KiB", 4096)][..] } else { &usual };
    for &(name, bytes) in sizes {
        if bench.options.wants(&format!("up/{name}")) {
            up(bench, device, card, name, bytes);
        }
        if bench.options.wants(&format!("down/{name}")) {
            down(bench, device, card, name, bytes);
        }
    }
}

/// Numbers that tell their places.
fn numbers(bytes: usize) -> Vec<f32> {
    (0..bytes / 4).map(|k| (k % 65_521) as f32).collect()
}

/// Pinned and card memory of as many bytes.
fn by_hand(card: &Card, source: &[f32]) -> (LockedBuffer<u8>, DeviceBuffer<u8>) {
    let pinned = LockedBuffer::from_slice(bytemuck::cast_slice(source)).expect("pinned memory");
    (pinned, card.memory(&vec![0; size_of_val(source)]))
}

fn up(bench: &mut Bench, device: &Device, card: &Card, name: &str, bytes: usize) {
    let source = numbers(bytes);
    let (pinned, mut there) = by_hand(card, &source);
    let mut pageable = card.memory(&vec![0; bytes]);
    let zeros = vec![0.0; source.len()];
    let mut data = vec![0.0; source.len()];
    let done = device.scope(|s| {
        let (zeros, mut y) = (s.attach(&zeros), s.attach_mut(&mut data));
        s.launch(saxpy(0.0, &zeros, &mut y))?; // from here on it is on the card
        s.write(&mut y, 0, &source)?;
        assert!(s.read(&y, ..)? == source, "what was sent is not what is there");
        let contestants = &mut [
            Contestant::new("landbridge", |_: &mut ()| {
                s.write(&mut y, 0, &source).expect("sent");
                let last = s.read(&y, source.len() - 1..).expect("read");
                assert_eq!(last[0], source[source.len() - 1]);
            }),
            Contestant::new("pinned", |_| card.up(&pinned, &mut there)),
            Contestant::new("driver, not pinned", |_| {
                pageable.copy_from(bytemuck::cast_slice(&source)).expect("copied");
            }),
        ];
        let samples = measure(&bench.options, &mut (), contestants);
        bench.add(format!("up/{name}"), &samples[0], &samples[1], Some(LIMIT), Some(bytes));
        bench.add(format!("up/{name}"), &samples[0], &samples[2], None, Some(bytes));
        Ok(())
    });
    done.expect("runs");
}

fn down(bench: &mut Bench, device: &Device, card: &Card, name: &str, bytes: usize) {
    let mut data = numbers(bytes);
    let expected = data.clone();
    let (mut pinned, there) = by_hand(card, &data);
    let (mut target, mut driver_target) = (vec![1.0; data.len()], vec![1.0_f32; data.len()]);
    let pageable = card.memory(bytemuck::cast_slice(&data));
    let zeros = vec![0.0; data.len()];
    let done = device.scope(|s| {
        let (zeros, mut y) = (s.attach(&zeros), s.attach_mut(&mut data));
        s.launch(saxpy(1.0, &zeros, &mut y))?; // the newest bytes are on the card
        s.read_into(&y, 0, &mut target)?;
        assert!(target == expected, "what came back is not what was there");
        let contestants = &mut [
            Contestant::new("landbridge", |_: &mut ()| s.read_into(&y, 0, &mut target).expect("read")),
            Contestant::new("pinned", |_| card.down(&there, &mut pinned)),
            Contestant::new("driver, not pinned", |_| {
                pageable.copy_to(bytemuck::cast_slice_mut(&mut driver_target)).expect("copied");
            }),
        ];
        let samples = measure(&bench.options, &mut (), contestants);
        bench.add(format!("down/{name}"), &samples[0], &samples[1], Some(LIMIT), Some(bytes));
        bench.add(format!("down/{name}"), &samples[0], &samples[2], None, Some(bytes));
        Ok(())
    });
    done.expect("runs");
}
