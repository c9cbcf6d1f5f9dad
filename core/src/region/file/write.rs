//! Saving.
#![allow(unsafe_code)]

use std::any::type_name;
use std::io::{BufWriter, IntoInnerError, Write};

use super::super::memory::{GRANULE, PER_WORD};
use super::super::{Header, Region};
use super::FileError;
use super::head::{Head, Summed};
use super::leaves::{Shape, Shapes};
use crate::types::KernelValue;

pub(super) fn write<R: KernelValue, W: Write>(region: &Region, to: W, root: &R) -> Result<W, FileError> {
    let shapes = Shapes::of(R::DESC).map_err(FileError::Unsaveable)?;
    let root = root_bytes(root, &shapes.root);
    check(region, &shapes, &root, type_name::<R>())?;
    let head = Head {
        first: region.first,
        types: shapes.nodes.len() as u32,
        end: region.end as u64,
        root: shapes.root.hash,
        root_bytes: root.len() as u64,
    };
    let mut to = Summed::new(BufWriter::with_capacity(1 << 18, to));
    head.write(&mut to)?;
    for shape in &shapes.nodes {
        to.write_all(&shape.hash.to_ne_bytes())?;
        to.write_all(&u64::from(shape.tag).to_ne_bytes())?;
    }
    to.write_all(&root)?;
    let sections = head.sections();
    zeros(&mut to, head.zeros_before_bits() + sections.gap)?;
    write_bits(region, sections.bits, &mut to)?;
    write_nodes(region, &shapes, &mut to)?;
    zeros(&mut to, sections.padded - sections.data)?;
    let sum = to.sum.finish();
    let mut to = to.inner;
    to.write_all(&sum.to_ne_bytes())?;
    to.flush()?;
    Ok(to.into_inner().map_err(IntoInnerError::into_error)?)
}

/// The root without its padding.
fn root_bytes<R: KernelValue>(root: &R, shape: &Shape) -> Vec<u8> {
    let mut bytes = vec![0; size_of::<R>()];
    // SAFETY: one initialised value of the shape's type; it has no atomics, as it is `Copy`.
    unsafe { shape.copy(std::ptr::from_ref(root).cast(), 1, &mut bytes) };
    bytes
}

/// Whether what is written will be accepted when it is read.
fn check(region: &Region, shapes: &Shapes, root: &[u8], name: &str) -> Result<(), FileError> {
    let unsaveable = |what: &str, of: &str| FileError::Unsaveable(format!("{what}, in a `{of}`"));
    let leads = |number: u32, tag: u32| region.leads(number, tag);
    shapes.root.check(root, leads).map_err(|what| unsaveable(what, name))?;
    let mut bytes = vec![];
    for granule in starts(region) {
        let header = region.header(granule);
        let Some(shape) = shapes.by_tag(header.tag) else {
            let kind = region.kinds.by_tag(header.tag).map_or("?", |kind| kind.name);
            let what = format!("it holds a `{kind}`, to which no handle in a root of type `{name}` can lead");
            return Err(FileError::Unsaveable(what));
        };
        copy_node(region, granule, header, shape, &mut bytes);
        shape.check(&bytes[GRANULE..], leads).map_err(|what| unsaveable(what, shape.ty.name))?;
    }
    Ok(())
}

/// Where something starts, in order.
fn starts(region: &Region) -> impl Iterator<Item = usize> {
    let words = (0..region.end).step_by(PER_WORD);
    words.flat_map(|from| (from..region.end.min(from + PER_WORD)).filter(|&granule| region.starts(granule)))
}

/// Header and values of a node as bytes of a file.
fn copy_node(region: &Region, granule: usize, header: Header, shape: &Shape, bytes: &mut Vec<u8>) {
    let length = header.count as usize * shape.ty.size;
    bytes.clear();
    bytes.extend(header.tag.to_ne_bytes());
    bytes.extend(header.count.to_ne_bytes());
    bytes.resize(GRANULE + length, 0);
    // SAFETY: the header says that this many values of this type lie there, which are initialised; `&Region` lets nobody
    // change them but by atomics.
    unsafe { shape.copy(region.at(granule), header.count as usize, &mut bytes[GRANULE..]) };
}

/// Bits in the order of their addresses.
fn write_bits(region: &Region, bytes: usize, to: &mut impl Write) -> Result<(), FileError> {
    let words = bytes / 4;
    for word in (0..words).rev() {
        let from = word * PER_WORD;
        let until = region.end.min(from + PER_WORD);
        let bits =
            (from..until).filter(|&granule| region.starts(granule)).fold(0_u32, |bits, g| bits | 1 << (g - from));
        to.write_all(&bits.to_ne_bytes())?;
    }
    Ok(())
}

/// Headers and values, and zeros where nothing is.
fn write_nodes(region: &Region, shapes: &Shapes, to: &mut impl Write) -> Result<(), FileError> {
    let (mut written, mut bytes) = (GRANULE, vec![]);
    to.write_all(&region.first.to_ne_bytes())?;
    to.write_all(&[0; 4])?;
    for granule in starts(region) {
        let header = region.header(granule);
        let shape = shapes.by_tag(header.tag).expect("all types have been checked");
        zeros(to, (granule - 1) * GRANULE - written)?;
        copy_node(region, granule, header, shape, &mut bytes);
        to.write_all(&bytes)?;
        written = (granule - 1) * GRANULE + bytes.len();
    }
    zeros(to, region.end * GRANULE - written)
}

fn zeros(to: &mut impl Write, mut count: usize) -> Result<(), FileError> {
    while count > 0 {
        let part = count.min(4096);
        to.write_all(&[0; 4096][..part])?;
        count -= part;
    }
    Ok(())
}
