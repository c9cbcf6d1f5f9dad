//! Loading. Nothing in a region can be reached until all of it was checked.
#![allow(unsafe_code)]

use std::fs::File;
use std::io::Read;
use std::mem::MaybeUninit;

use super::super::kinds::{Kinds, SLICE};
use super::super::memory::{DEFAULT_LIMIT, GRANULE, MOST_ALIGN, Memory, PER_WORD, Wish};
use super::super::{Header, Region};
use super::FileError;
use super::head::{Checksum, Head, Sections, Summed};
use super::leaves::Shapes;
use crate::types::KernelValue;

/// A region whose bytes are there, but not checked.
struct Raw {
    region: Region,
    head: Head,
    /// Hash and tag of each type.
    types: Vec<(u64, u32)>,
    root: Vec<u8>,
}

pub(super) fn read<R: KernelValue>(from: impl Read) -> Result<(Region, R), FileError> {
    let mut from = Summed::new(from);
    let (head, types, root, shapes) = begin::<R>(&mut from)?;
    let sections = head.sections();
    zeros(&mut from, head.zeros_before_bits() + sections.gap)?;
    let region = room(&head, sections)?;
    let low = region.memory.start().wrapping_sub(sections.bits);
    // SAFETY: `room` made bits and data usable, which lie next to each other, are initialised (zero), and nobody else's.
    let bytes = unsafe { std::slice::from_raw_parts_mut(low, sections.bits + sections.data) };
    from.read_exact(bytes)?;
    zeros(&mut from, sections.padded - sections.data)?;
    let Summed { mut inner, sum } = from;
    finish(&mut inner, sum)?;
    accept(Raw { region, head, types, root }, &shapes)
}

/// # Safety
/// Nobody changes or truncates the file while the region lives.
pub(super) unsafe fn map<R: KernelValue>(file: &File) -> Result<(Region, R), FileError> {
    let mut from = Summed::new(file);
    let (head, types, root, shapes) = begin::<R>(&mut from)?;
    let sections @ Sections { gap, bits_at, bits, data, padded } = head.sections();
    zeros(&mut from, head.zeros_before_bits())?;
    let length = gap + bits + padded;
    if file.metadata()?.len() != (bits_at + length + 8) as u64 {
        return Err(FileError::Corrupt("it has another length than it says"));
    }
    let mut region = room(&head, sections)?;
    // SAFETY: the file has all these bytes, and the caller promises that it keeps them.
    unsafe { region.memory.map(file, bits_at as u64, gap + bits, padded)? };
    let low = region.memory.start().wrapping_sub(gap + bits);
    // SAFETY: bytes of the mapping, which nobody changes.
    let bytes = unsafe { std::slice::from_raw_parts(low, length) };
    from.sum.add(bytes);
    if bytes[..gap].iter().chain(&bytes[gap + bits + data..]).any(|&byte| byte != 0) {
        return Err(FileError::Corrupt("something lies between its parts"));
    }
    let Summed { inner: mut rest, sum } = from;
    std::io::Seek::seek(&mut rest, std::io::SeekFrom::Start((bits_at + length) as u64))?;
    finish(&mut rest, sum)?;
    accept(Raw { region, head, types, root }, &shapes)
}

/// What stands before bits and data, compared with the program's types.
type Begin = (Head, Vec<(u64, u32)>, Vec<u8>, Shapes);

fn begin<R: KernelValue>(from: &mut impl Read) -> Result<Begin, FileError> {
    let shapes = Shapes::of(R::DESC).map_err(FileError::Types)?;
    let head = Head::read(from)?;
    let (wanted, types) = (shapes.root.hash, shapes.nodes.len());
    if head.root != wanted || head.root_bytes != size_of::<R>() as u64 {
        let what = format!("its root is no `{}`, or one with another layout", std::any::type_name::<R>());
        return Err(FileError::Types(what));
    }
    if head.types as usize != types {
        return Err(FileError::Types(format!("it has {} types of nodes, the program {types}", head.types)));
    }
    let mut table = vec![];
    for _ in 0..types {
        let mut entry = [[0; 8]; 2];
        from.read_exact(entry.as_flattened_mut())?;
        let [hash, tag] = entry.map(u64::from_ne_bytes);
        if !shapes.nodes.iter().any(|shape| shape.hash == hash) {
            return Err(FileError::Types("it has a type that the program has not, or with another layout".into()));
        }
        let Ok(tag) = u32::try_from(tag) else { return Err(FileError::Corrupt("a tag is too large")) };
        if table.iter().any(|&(h, t)| h == hash || t == tag) || tag & SLICE != 0 {
            return Err(FileError::Corrupt("two of its types are one"));
        }
        table.push((hash, tag));
    }
    let mut root = vec![0; size_of::<R>()];
    from.read_exact(&mut root)?;
    Ok((head, table, root, shapes))
}

/// A region with usable memory for what comes; nothing in it can be reached.
fn room(head: &Head, sections: Sections) -> Result<Region, FileError> {
    let full = super::RegionFull { wanted: sections.data, used: 0, limit: sections.data, refused: true };
    let limits = [DEFAULT_LIMIT.max(sections.padded), sections.padded];
    let memory = limits.into_iter().find_map(|limit| Memory::reserve(limit, Wish::default()));
    let mut memory = memory.ok_or(full)?;
    if head.end == 0 {
        return Err(FileError::Corrupt("it has no beginning"));
    }
    if !memory.grow(sections.padded) {
        return Err(full.into());
    }
    Ok(Region { memory, end: 0, first: head.first, kinds: Kinds::new() })
}

fn zeros(from: &mut impl Read, count: usize) -> Result<(), FileError> {
    let mut left = count;
    while left > 0 {
        let mut bytes = [0; 4096];
        let part = left.min(bytes.len());
        from.read_exact(&mut bytes[..part])?;
        if bytes != [0; 4096] {
            return Err(FileError::Corrupt("something lies between its parts"));
        }
        left -= part;
    }
    Ok(())
}

fn finish(from: &mut impl Read, sum: Checksum) -> Result<(), FileError> {
    let mut last = [0; 8];
    from.read_exact(&mut last)?;
    if u64::from_ne_bytes(last) != sum.finish() {
        return Err(FileError::Corrupt("its checksum is wrong"));
    }
    match from.read(&mut [0])? {
        0 => Ok(()),
        _ => Err(FileError::Corrupt("something follows its end")),
    }
}

/// Checks everything, and lets it be reached.
fn accept<R: KernelValue>(raw: Raw, shapes: &Shapes) -> Result<(Region, R), FileError> {
    let Raw { mut region, head, types, root } = raw;
    let end = head.end as usize;
    // SAFETY: there is a granule, as `room` saw to; it is initialised.
    let begin = unsafe { region.at(0).cast::<[u32; 2]>().read() };
    if begin != [head.first, 0] {
        return Err(FileError::Corrupt("it counts from two numbers"));
    }
    let nodes = structure(&region, end, &types, shapes)?;
    for &(granule, header) in &nodes {
        let shape = shapes.by_tag(header.tag).ok_or(FileError::Corrupt("a tag is unknown"))?;
        // SAFETY: `structure` says that a header lies before each node; `region` is ours alone. It has to be written only
        // where this process has another tag for the type.
        unsafe {
            let at = region.at(granule - 1).cast::<Header>();
            if at.read().tag != header.tag {
                at.write(header);
            }
        }
        let kind = region.kinds.enter(shape.ty, shape.ty.name);
        *(if header.tag & SLICE == 0 { &mut kind.nodes } else { &mut kind.slices }) += 1;
    }
    // From here on bits and headers are true, so handles can be looked up; values are not yet.
    region.end = end;
    let leads = |number: u32, tag: u32| region.leads(number, tag);
    for (granule, header) in nodes {
        let shape = shapes.by_tag(header.tag).ok_or(FileError::Corrupt("a tag is unknown"))?;
        // SAFETY: `structure` says that this many values fit there; all bytes of the memory are initialised.
        let bytes = unsafe { std::slice::from_raw_parts(region.at(granule), header.count as usize * shape.ty.size) };
        shape.check(bytes, leads).map_err(FileError::Corrupt)?;
    }
    shapes.root.check(&root, leads).map_err(FileError::Corrupt)?;
    let mut value = MaybeUninit::<R>::uninit();
    // SAFETY: `root` has the size of an `R`, and its bytes were checked by the description of `R`.
    let value = unsafe {
        std::ptr::copy_nonoverlapping(root.as_ptr(), value.as_mut_ptr().cast(), root.len());
        value.assume_init()
    };
    Ok((region, value))
}

/// All nodes with the headers that they are to have here, if they lie apart from each other, inside of the data, and
/// aligned.
fn structure(
    region: &Region,
    end: usize,
    types: &[(u64, u32)],
    shapes: &Shapes,
) -> Result<Vec<(usize, Header)>, FileError> {
    let corrupt = |what| Err(FileError::Corrupt(what));
    let mut nodes = vec![];
    let mut free = 1;
    for from in (0..end.next_multiple_of(super::head::PAGE / GRANULE)).step_by(PER_WORD) {
        // SAFETY: the bits for whole pages of data are usable and initialised.
        let mut bits = unsafe { *region.word(from) };
        while bits != 0 {
            let granule = from + bits.trailing_zeros() as usize;
            bits &= bits - 1;
            if granule >= end || granule <= free || region.number(granule) == 0 {
                return corrupt("two nodes overlap, or one lies outside");
            }
            // SAFETY: below `end`; all bytes of the memory are initialised, and granules are aligned as headers are.
            let Header { tag, count } = unsafe { region.at(granule - 1).cast::<Header>().read() };
            let known = types.iter().find(|(_, known)| *known == tag & !SLICE);
            let shape = known.and_then(|(hash, _)| shapes.nodes.iter().find(|shape| shape.hash == *hash));
            let Some(shape) = shape else { return corrupt("a node has no type") };
            if tag & SLICE == 0 && count != 1 || shape.ty.align > MOST_ALIGN {
                return corrupt("a node has no length");
            }
            if !(granule * GRANULE).is_multiple_of(shape.ty.align) {
                return corrupt("a node is not aligned");
            }
            let bytes = (count as usize).checked_mul(shape.ty.size);
            match bytes.and_then(|bytes| granule.checked_add(bytes.div_ceil(GRANULE).max(1))) {
                Some(next) if next <= end => free = next,
                _ => return corrupt("two nodes overlap, or one lies outside"),
            }
            nodes.push((granule, Header { tag: shape.tag | tag & SLICE, count }));
        }
    }
    Ok(nodes)
}
