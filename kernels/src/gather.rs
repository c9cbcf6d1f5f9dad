//! Elements fetched and put by index, checked.

use std::sync::atomic::{AtomicU32, Ordering};

use landbridge::{Device, Error, Index, InputFault, KernelValue, Result, kernel};

use crate::host::is_host;

/// The element that the index names.
#[kernel]
pub fn gather_kernel<T: KernelValue>(values: &[T], index: &u32) -> T {
    values[*index as usize]
}

/// Notes for each place which element goes there; `clashes[0]` counts those that come too late.
#[kernel]
pub fn claim(i: Index, index: &u32, owner: &[AtomicU32], clashes: &[AtomicU32]) {
    if owner[*index as usize].compare_exchange(NOBODY, i as u32, Ordering::Relaxed, Ordering::Relaxed).is_err() {
        clashes[0].fetch_add(1, Ordering::Relaxed);
    }
}

/// Takes the element of the place's owner, if there is one.
#[kernel]
pub fn take_owned<T: KernelValue>(values: &[T], owner: &u32, place: &mut T) {
    if *owner != NOBODY {
        *place = values[*owner as usize];
    }
}

const NOBODY: u32 = u32::MAX;

/// Element `k` of the result is `values[indices[k]]`; an index may be there often. Reads and writes each element once.
///
/// # Errors
/// `BadInput` with the first index that is out of range, and as [`Device::collect`].
pub fn gather<T: KernelValue>(device: &Device, values: &[T], indices: &[u32]) -> Result<Vec<T>> {
    let gathered = device.collect(gather_kernel(values, indices));
    gathered.map_err(|error| match (&error, in_range("gather", indices, values.len())) {
        (Error::KernelPanic { .. }, Err(better)) => better,
        _ => error,
    })
}

/// `out[indices[k]] = values[k]`; other elements stay. On the host scratch of a bit, on devices of 4 bytes, for each element of `out`.
///
/// # Errors
/// `BadInput` where the lengths differ, an index is out of range or is there twice, and as [`Device::scope`]: then `out` is as before.
pub fn scatter<T: KernelValue>(device: &Device, values: &[T], indices: &[u32], out: &mut [T]) -> Result<()> {
    if values.len() != indices.len() {
        return Err(InputFault::Length { what: "indices", found: indices.len(), expected: values.len() }.of("scatter"));
    }
    let limit = NOBODY as usize;
    if values.len() >= limit {
        return Err(InputFault::TooMany { what: "values", found: values.len(), limit: limit - 1 }.of("scatter"));
    }
    in_range("scatter", indices, out.len())?;
    if is_host(device) {
        once(indices, out.len())?;
        values.iter().zip(indices).for_each(|(value, index)| out[*index as usize] = *value);
        return Ok(());
    }
    let (mut owner, mut clashes) = (vec![NOBODY; out.len()], [0]);
    device.scope(|s| {
        let mut owner = s.attach_mut(&mut owner);
        let mut clashes = s.attach_zeroed(&mut clashes);
        s.launch(claim(indices, &mut owner, &mut clashes))?;
        if s.read(&clashes, ..)? != [0] {
            return once(indices, out.len());
        }
        let mut out = s.attach_mut(out);
        s.launch(take_owned(values, &owner, &mut out))
    })
}

fn in_range(operation: &'static str, indices: &[u32], length: usize) -> Result<()> {
    match indices.iter().position(|index| *index as usize >= length) {
        Some(position) => {
            let index = u64::from(indices[position]);
            Err(InputFault::Index { what: "indices", position, index, length }.of(operation))
        }
        None => Ok(()),
    }
}

/// Whether no index, all of which are below `length`, is there twice.
fn once(indices: &[u32], length: usize) -> Result<()> {
    let mut seen = vec![0_u64; length.div_ceil(64)];
    for (second, index) in indices.iter().enumerate() {
        let (word, bit) = (&mut seen[*index as usize / 64], 1 << (index % 64));
        if *word & bit != 0 {
            let first = indices.iter().position(|other| other == index).unwrap_or(second);
            let fault = InputFault::Duplicate { what: "indices", index: u64::from(*index), first, second };
            return Err(fault.of("scatter"));
        }
        *word |= bit;
    }
    Ok(())
}
