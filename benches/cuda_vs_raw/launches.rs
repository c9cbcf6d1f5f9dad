//! What a launch on resident data costs, against the raw launch of the same PTX.

use landbridge::backends::cuda::CudaBackend;
use landbridge::prelude::*;

use crate::Bench;
use crate::kernels::{gather, saxpy};
use crate::raw::{Card, Slot, by_hand, own_text};
use crate::support::{Contestant, measure};

const LIMIT: f64 = 1.1;
/// Launches in a row.
const ROW: usize = 100;

pub(crate) fn all(bench: &mut Bench, device: &Device, backend: &CudaBackend, card: &Card) {
    for items in [1 << 10, 1 << 20] {
        let items = bench.size(items, 256);
        plain(bench, device, backend, card, items);
        checked(bench, device, backend, card, items);
        if bench.options.smoke {
            break;
        }
    }
}

/// A kernel that cannot fail: waited for each time, and in a row.
fn plain(bench: &mut Bench, device: &Device, backend: &CudaBackend, card: &Card, items: usize) {
    let cases = [(1, format!("launch, wait/{items}")), (ROW, format!("{ROW} launches, wait/{items}"))];
    if !cases.iter().any(|(_, case)| bench.options.wants(case)) {
        return;
    }
    let (x, mut y): (Vec<f32>, Vec<f32>) = (0..items).map(|k| ((k % 1000) as f32, 1.0)).unzip();
    let (kernel, module) = own_text(backend, saxpy(2.0, &x, &mut y).definition());
    let factor = 2.0_f32.to_le_bytes();
    let (sent_x, sent_y) = (bytemuck::cast_slice(&x), bytemuck::cast_slice(&y));
    let slots = [Slot::Uniform(&factor), Slot::Input(sent_x, items), Slot::Output(sent_y, items)];
    let raw = by_hand(card, &kernel, &module, items, &slots);
    let done = device.scope(|s| {
        let (x, mut y) = (s.attach(&x), s.attach_mut(&mut y));
        s.launch(saxpy(2.0, &x, &mut y))?;
        raw.start();
        let mut theirs = vec![0.0_f32; items];
        raw.results(bytemuck::cast_slice_mut(&mut theirs));
        assert!(s.read(&y, ..)? == theirs, "the same PTX gives other results");
        for (launches, case) in cases {
            if !bench.options.wants(&case) {
                continue;
            }
            let ours = |_: &mut ()| {
                (0..launches).for_each(|_| s.launch(saxpy(2.0, &x, &mut y)).expect("launched"));
                s.read(&y, ..1).expect("runs");
            };
            let by_hand = |_: &mut ()| {
                (0..launches).for_each(|_| raw.start());
                raw.finish();
            };
            let contestants = &mut [Contestant::new("landbridge", ours), Contestant::new("raw cust", by_hand)];
            let samples = measure(&bench.options, &mut (), contestants);
            bench.add(case, &samples[0], &samples[1], Some(LIMIT), None);
        }
        Ok(())
    });
    done.expect("runs");
}

/// A kernel that may fail, so that there are reports to look at.
fn checked(bench: &mut Bench, device: &Device, backend: &CudaBackend, card: &Card, items: usize) {
    let case = format!("{ROW} checked launches, wait/{items}");
    if !bench.options.wants(&case) {
        return;
    }
    let i: Vec<u32> = (0..items).map(|k| (k.wrapping_mul(2_654_435_761) % items) as u32).collect();
    let t: Vec<f32> = (0..items).map(|k| k as f32).collect();
    let mut y = vec![0.0_f32; items];
    let (kernel, module) = own_text(backend, gather(&i, &t, &mut y).definition());
    let [sent_i, sent_t, sent_y] = [bytemuck::cast_slice(&i), bytemuck::cast_slice(&t), bytemuck::cast_slice(&y)];
    let slots = [Slot::Input(sent_i, items), Slot::Input(sent_t, items), Slot::Output(sent_y, items)];
    let raw = by_hand(card, &kernel, &module, items, &slots);
    let done = device.scope(|s| {
        let (i, t, mut y) = (s.attach(&i), s.attach(&t), s.attach_mut(&mut y));
        s.launch(gather(&i, &t, &mut y))?;
        raw.start();
        let mut theirs = vec![0.0_f32; items];
        raw.results(bytemuck::cast_slice_mut(&mut theirs));
        assert!(s.read(&y, ..)? == theirs, "the same PTX gives other results");
        let ours = |_: &mut ()| {
            (0..ROW).for_each(|_| s.launch(gather(&i, &t, &mut y)).expect("launched"));
            s.read(&y, ..1).expect("runs");
        };
        let by_hand = |_: &mut ()| {
            (0..ROW).for_each(|_| raw.start());
            raw.finish();
        };
        let contestants = &mut [Contestant::new("landbridge", ours), Contestant::new("raw cust", by_hand)];
        let samples = measure(&bench.options, &mut (), contestants);
        bench.add(case, &samples[0], &samples[1], Some(LIMIT), None);
        Ok(())
    });
    done.expect("runs");
}
