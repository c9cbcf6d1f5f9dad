//! The uses of a case, on a device.

use std::ops::Range;

use landbridge::Result;
use landbridge::prelude::*;

use super::super::cases::{Case, Pattern};
use super::super::kernels::{chase, gather, pick, update};
use super::pieces::Piece;

/// All uses, one launch after the other, from the use with this number on.
pub(super) fn all(
    device: &Device,
    case: &Case,
    from: u32,
    data: &mut [u8],
    results: &mut [f32],
    strategy: Strategy,
) -> Result<()> {
    for _ in from..case.reuse {
        read(device, case, data, results, strategy)?;
        write(device, data, 0..case.elements_written(), strategy)?;
    }
    Ok(())
}

/// A use that reads.
pub(super) fn read(device: &Device, case: &Case, data: &[u8], results: &mut [f32], strategy: Strategy) -> Result<()> {
    let results = &mut results[..case.items()];
    let floats = bytemuck::cast_slice(data);
    let _ = match case.pattern {
        Pattern::Sequential | Pattern::Strided => {
            device.run(pick(case.stride(), case.rounds, floats, results).strategy(strategy))?
        }
        Pattern::Random => {
            let (mask, half) = scatter(case);
            device.run(gather(mask, half, floats, results).strategy(strategy))?
        }
        Pattern::Chase => {
            let (hops, apart) = walk(case);
            device.run(chase(hops, apart, bytemuck::cast_slice(data), results).strategy(strategy))?
        }
    };
    Ok(())
}

/// A use that writes these elements.
pub(super) fn write(device: &Device, data: &mut [u8], elements: Range<usize>, strategy: Strategy) -> Result<()> {
    if !elements.is_empty() {
        let floats: &mut [f32] = bytemuck::cast_slice_mut(data);
        let _ = device.run(update(&mut floats[elements]).strategy(strategy))?;
    }
    Ok(())
}

/// The first use of a piece: `data` is the piece's alone.
pub(super) fn first(
    device: &Device,
    case: &Case,
    piece: &Piece,
    data: &mut [u8],
    results: &mut [f32],
    strategy: Strategy,
) -> Result<()> {
    let results = &mut results[piece.items.clone()];
    if !results.is_empty() {
        let call = pick(case.stride(), case.rounds, bytemuck::cast_slice(data), results);
        let _ = device.run(call.strategy(strategy))?;
    }
    write(device, data, 0..piece.writes, strategy)
}

/// What `gather` takes.
pub(super) fn scatter(case: &Case) -> (u32, u32) {
    let bits = case.elements().ilog2();
    ((1 << bits) - 1, bits.div_ceil(2))
}

/// What `chase` takes: steps of a walk, and elements from where one begins to where the next does.
pub(super) fn walk(case: &Case) -> (u32, u32) {
    (case.hops(), (case.elements() / case.items()) as u32)
}
