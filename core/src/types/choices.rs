//! Where `Option` and `Result` of plain data keep which of the two they are: asked of values at run time.
//!
//! rustc promises no layout for them. It puts a tag beside what they hold, or lets one of them be a value that a number in the
//! other cannot have (2 in a `bool`). Both are descriptions of an enum here. A layout that is neither is not known; then the
//! type has one of its own in kernels, and no place in arguments.
#![allow(unsafe_code)]
#![allow(clippy::redundant_pattern_matching, reason = "methods would borrow what may be half a value")]

use std::any::TypeId;
use std::collections::HashMap;
use std::mem::{ManuallyDrop, MaybeUninit};
use std::ops::RangeInclusive;
use std::sync::Mutex;

use super::{EnumDesc, FieldDesc, Ty, TypeInfo, TypeKind, VariantDesc};
use crate::ir::Scalar;

/// The layout of a type, if it is known.
pub type Layout = fn() -> Option<&'static EnumDesc>;

/// `Option<T>`, as an enum of `None` and `Some`.
pub fn option<T: TypeInfo>() -> Option<&'static EnumDesc> {
    known(TypeId::of::<Option<T>>(), || {
        let held = Example::<T>::new()?;
        let some = ManuallyDrop::new(Some(held.value()));
        let at = some.as_ref().map(|inside| offset(&some, inside))?;
        let sides = [
            Side { name: "None", field: None, seen: Seen::new(|| None::<T>)? },
            Side { name: "Some", field: Some(field::<T>(at)), seen: Seen::new(|| Some(held.value()))? },
        ];
        measured(sides, &|bytes| {
            let room = room::<Option<T>>(bytes);
            // SAFETY: what is read is only which of the two it is: see `measured`. A method would borrow the whole.
            unsafe { matches!(*room.as_ptr(), None) }
        })
    })
}

/// `Result<T, E>`, as an enum of `Ok` and `Err`.
pub fn result<T: TypeInfo, E: TypeInfo>() -> Option<&'static EnumDesc> {
    known(TypeId::of::<Result<T, E>>(), || {
        let (one, other) = (Example::<T>::new()?, Example::<E>::new()?);
        let ok = ManuallyDrop::new(Ok::<T, E>(one.value()));
        let err = ManuallyDrop::new(Err::<T, E>(other.value()));
        let at = [
            ok.as_ref().ok().map(|inside| offset(&ok, inside))?,
            err.as_ref().err().map(|inside| offset(&err, inside))?,
        ];
        let sides = [
            Side { name: "Ok", field: Some(field::<T>(at[0])), seen: Seen::new(|| Ok::<T, E>(one.value()))? },
            Side { name: "Err", field: Some(field::<E>(at[1])), seen: Seen::new(|| Err::<T, E>(other.value()))? },
        ];
        measured(sides, &|bytes| {
            let room = room::<Result<T, E>>(bytes);
            // SAFETY: as above.
            unsafe { matches!(*room.as_ptr(), Ok(_)) }
        })
    })
}

/// Bytes in a place of this type.
fn room<V>(bytes: &[u8]) -> MaybeUninit<V> {
    let mut room = MaybeUninit::<V>::uninit();
    let size = bytes.len().min(size_of::<V>());
    // SAFETY: there is room for so many bytes.
    unsafe { std::ptr::copy_nonoverlapping(bytes.as_ptr(), room.as_mut_ptr().cast::<u8>(), size) };
    room
}

/// Measures each type once.
fn known(id: TypeId, measure: impl FnOnce() -> Option<EnumDesc>) -> Option<&'static EnumDesc> {
    static KNOWN: Mutex<Option<HashMap<TypeId, Option<&'static EnumDesc>>>> = Mutex::new(None);
    let lock = || KNOWN.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
    if let Some(&found) = lock().get_or_insert_default().get(&id) {
        return found;
    }
    // Types inside are asked meanwhile. Two threads that come here find the same.
    let found = measure().map(|desc| &*Box::leak(Box::new(desc)));
    *lock().get_or_insert_default().entry(id).or_insert(found)
}

fn field<T: TypeInfo>(offset: usize) -> FieldDesc {
    FieldDesc { name: "0", offset, ty: T::desc }
}

fn offset<V, T>(whole: &V, part: &T) -> usize {
    std::ptr::from_ref(part).addr() - std::ptr::from_ref(whole).addr()
}

/// Bytes of some value of plain data.
struct Example<T>(Vec<u8>, std::marker::PhantomData<T>);

impl<T: TypeInfo> Example<T> {
    /// `None` of what is no plain data, or aligned to more than a tag can be.
    fn new() -> Option<Self> {
        let mut bytes = vec![0; size_of::<T>()];
        let fits = size_of::<T>() == T::DESC.size && align_of::<T>() <= 8;
        (fits && exemplify(T::DESC, &mut bytes)).then_some(Example(bytes, std::marker::PhantomData))
    }

    fn value(&self) -> T {
        // SAFETY: there are as many bytes as the type has, all of them initialised. They are a value of it: the description
        // is exact for the kinds of types that `exemplify` accepts, of which all own nothing.
        unsafe { self.0.as_ptr().cast::<T>().read_unaligned() }
    }
}

/// Makes bytes, all 0, a value of a type of plain data; `false` if it is not one.
fn exemplify(ty: Ty, bytes: &mut [u8]) -> bool {
    let part = |field: &FieldDesc, bytes: &mut [u8]| {
        let ty = (field.ty)();
        exemplify(ty, &mut bytes[field.offset..field.offset + ty.size])
    };
    match ty.kind {
        TypeKind::Unit | TypeKind::Scalar(_) | TypeKind::Char => true,
        TypeKind::Shared(handle) => {
            bytes[0] = u8::from(!handle.nullable);
            true
        }
        TypeKind::Array(element, count) => {
            let (element, size) = (element(), element().size);
            (0..count).all(|k| exemplify(element, &mut bytes[k * size..(k + 1) * size]))
        }
        TypeKind::Struct(fields) => fields.iter().all(|field| part(field, bytes)),
        TypeKind::Enum(_) | TypeKind::Optional(..) | TypeKind::Fallible(..) => {
            let Some(desc) = ty.as_enum() else { return false };
            let first = &desc.variants[0];
            let tag = first.value.to_le_bytes();
            let (at, width) = (desc.tag_offset, desc.tag.size() as usize);
            bytes[at..at + width].copy_from_slice(&tag[..width]);
            first.fields.iter().all(|field| part(field, bytes))
        }
        _ => false,
    }
}

/// The bytes of a value, seen twice: what differs is padding.
struct Seen([Vec<u8>; 2]);

impl Seen {
    fn new<V>(value: impl Fn() -> V) -> Option<Self> {
        Some(Seen([bytes_of(value(), 0)?, bytes_of(value(), u8::MAX)?]))
    }

    /// The number at a place, if nothing of it is padding.
    fn number(&self, at: usize, scalar: Scalar) -> Option<i128> {
        let [one, other] = self.0.each_ref().map(|bytes| bytes.get(at..at + scalar.size() as usize));
        let number = one.filter(|_| one == other)?;
        let mut wide = [0; 8];
        wide[..number.len()].copy_from_slice(number);
        Some(scalar.decode(&wide))
    }
}

/// The bytes of a value in memory that was filled before.
#[cfg(all(any(target_arch = "x86_64", target_arch = "aarch64"), target_endian = "little", not(miri)))]
fn bytes_of<V>(value: V, fill: u8) -> Option<Vec<u8>> {
    let mut room = MaybeUninit::<V>::uninit();
    let start = room.as_mut_ptr();
    // SAFETY: there is room for a `V`, aligned as one.
    unsafe {
        start.cast::<u8>().write_bytes(fill, size_of::<V>());
        start.write(value);
    }
    // SAFETY: there is no instruction. To the compiler this is code that may write to the memory that it gets the address of:
    // from here on each of its bytes is some number, those of padding too.
    unsafe { std::arch::asm!("/* {0} */", in(reg) start, options(nostack, preserves_flags)) };
    // SAFETY: so many bytes are in `room`, all initialised as was just said; nobody writes to it meanwhile.
    Some(unsafe { std::slice::from_raw_parts(start.cast::<u8>(), size_of::<V>()) }.to_vec())
}

/// Nobody knows how to look at padding here.
#[cfg(not(all(any(target_arch = "x86_64", target_arch = "aarch64"), target_endian = "little", not(miri))))]
fn bytes_of<V>(_: V, _: u8) -> Option<Vec<u8>> {
    let _ = MaybeUninit::<V>::uninit();
    None
}

/// One of the two that a value may be.
struct Side {
    name: &'static str,
    field: Option<FieldDesc>,
    seen: Seen,
}

impl Side {
    /// What it holds, unless that has no bytes.
    fn held(&self) -> Option<(usize, Ty)> {
        self.field.as_ref().map(|field| (field.offset, (field.ty)())).filter(|(_, ty)| ty.size > 0)
    }

    fn is_clear_of(&self, place: &RangeInclusive<usize>) -> bool {
        self.held().is_none_or(|(at, ty)| at + ty.size <= *place.start() || at > *place.end())
    }

    fn variant(self, value: i128) -> VariantDesc {
        let fields = self.field.map(|field| &*Box::leak(Box::new([field])));
        VariantDesc { name: self.name, value, fields: fields.map_or(&[], |fields| fields) }
    }
}

/// The description that fits what was seen, if one alone does. `is_one` looks at bytes, which of the two they are.
///
/// What is padding may have been the same by chance, and look like a number that tells. So each number is put into a value of
/// the other kind: only the one that tells makes it another. Nothing but that number is looked at then, and what it was before
/// and what it is now are both values that it may have.
fn measured([one, other]: [Side; 2], is_one: &dyn Fn(&[u8]) -> bool) -> Option<EnumDesc> {
    let tagged = tag_of(&one, &other).map(|tag| (0, tag, 0, None));
    let outside = |of: &Side, known: &Side, first: bool| {
        let tells = |(at, scalar, value): &(usize, Scalar, i128)| {
            let (mut bytes, width) = (of.seen.0[0].clone(), scalar.size() as usize);
            bytes[*at..at + width].copy_from_slice(&value.to_le_bytes()[..width]);
            is_one(&bytes) == first
        };
        let found = spare_in(of, known).filter(tells);
        found.map(|(at, scalar, value)| (at, scalar, value, Some(first))).collect::<Vec<_>>()
    };
    // which of the two is known by a value that the other cannot have
    let (first, second) = (outside(&other, &one, true), outside(&one, &other, false));
    let mut fitting = tagged.into_iter().chain(first).chain(second);
    let (tag_offset, tag, value, known) = fitting.next()?;
    if fitting.next().is_some() {
        return None;
    }
    let variants = match known {
        None => vec![one.variant(0), other.variant(1)],
        Some(true) => vec![one.variant(value), other.variant(0)],
        Some(false) => vec![other.variant(value), one.variant(0)],
    };
    Some(EnumDesc { tag_offset, tag, variants: Vec::leak(variants), rest: known.is_some() })
}

/// The type of a tag at the beginning, 0 of the one and 1 of the other, if there is one: as wide as rustc makes tags, and
/// nothing of it is padding.
fn tag_of(one: &Side, other: &Side) -> Option<Scalar> {
    let aligns = [one, other].map(|side| side.held().map(|(_, ty)| ty.align));
    let scalar = match aligns.into_iter().flatten().min().unwrap_or(1) {
        1 => Scalar::U8,
        2 => Scalar::U16,
        4 => Scalar::U32,
        8 => Scalar::Usize,
        _ => return None,
    };
    let place = 0..=scalar.size() as usize - 1;
    let fits = one.is_clear_of(&place) && other.is_clear_of(&place);
    let is = |side: &Side, value| side.seen.number(0, scalar) == Some(value);
    (fits && is(one, 0) && is(other, 1)).then_some(scalar)
}

/// Where `of` holds a number that cannot have the value which `known` has there: its place, its type, and that value.
fn spare_in<'s>(of: &'s Side, known: &'s Side) -> impl Iterator<Item = (usize, Scalar, i128)> + 's {
    let mut leaves = vec![];
    if let Some((at, ty)) = of.held() {
        each_leaf(ty, at, &mut leaves);
    }
    leaves.into_iter().filter_map(|leaf| {
        let place = leaf.at..=leaf.at + leaf.scalar.size() as usize - 1;
        let value = known.seen.number(leaf.at, leaf.scalar)?;
        let spare = known.is_clear_of(&place) && !leaf.valid.iter().any(|range| range.contains(&value));
        spare.then_some((leaf.at, leaf.scalar, value))
    })
}

/// A number that cannot have every value.
struct Leaf {
    at: usize,
    scalar: Scalar,
    valid: Vec<RangeInclusive<i128>>,
}

fn each_leaf(ty: Ty, at: usize, leaves: &mut Vec<Leaf>) {
    let mut leaf = |at, scalar, valid: &[RangeInclusive<i128>]| leaves.push(Leaf { at, scalar, valid: valid.to_vec() });
    match ty.kind {
        TypeKind::Scalar(Scalar::Bool) => leaf(at, Scalar::U8, &[0..=1]),
        TypeKind::Char => leaf(at, Scalar::U32, &[0..=0xd7ff, 0xe000..=0x10_ffff]),
        TypeKind::Shared(handle) if !handle.nullable => leaf(at, Scalar::U32, &[1..=i128::from(u32::MAX)]),
        TypeKind::Array(element, count) => {
            (0..count).for_each(|k| each_leaf(element(), at + k * element().size, leaves))
        }
        TypeKind::Struct(fields) => fields.iter().for_each(|f| each_leaf((f.ty)(), at + f.offset, leaves)),
        TypeKind::Enum(_) | TypeKind::Optional(..) | TypeKind::Fallible(..) => {
            let Some(desc) = ty.as_enum() else { return };
            let tags: Vec<_> = desc.variants.iter().map(|variant| variant.value..=variant.value).collect();
            if !desc.rest {
                return leaf(at + desc.tag_offset, desc.tag, &tags);
            }
            // What the number may be for the one variant, and its value in the other.
            let [known, rest] = desc.variants else { return };
            let mut inside = vec![];
            rest.fields.iter().for_each(|f| each_leaf((f.ty)(), at + f.offset, &mut inside));
            leaves.extend(inside.into_iter().filter(|leaf| leaf.at == at + desc.tag_offset).map(|mut leaf| {
                leaf.valid.push(known.value..=known.value);
                leaf
            }));
        }
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use std::cmp::Ordering;

    use super::*;

    /// What the description says of the bytes of a value, against what the value is.
    fn which<V>(desc: &EnumDesc, value: V) -> &'static str {
        let bytes = bytes_of(value, 0x55).expect("this machine's memory can be looked at");
        let mut wide = [0; 8];
        let width = desc.tag.size() as usize;
        wide[..width].copy_from_slice(&bytes[desc.tag_offset..][..width]);
        desc.variant(desc.tag.decode(&wide)).expect("a variant").name
    }

    fn check_option<T: TypeInfo + Copy>(values: &[T], in_place: bool) {
        let desc = option::<T>().unwrap_or_else(|| panic!("the layout of Option<{}> is known", T::DESC));
        assert_eq!(desc.rest, in_place, "{}", T::DESC);
        assert_eq!(which(desc, None::<T>), "None");
        for value in values {
            assert_eq!(which(desc, Some(*value)), "Some");
        }
    }

    #[test]
    fn options_have_a_tag_or_a_value_that_nothing_else_has() {
        check_option(&[0_u8, 1, 255], false);
        check_option(&[-1_i16, 0], false);
        check_option(&[0_u32, 1, u32::MAX], false);
        check_option(&[f32::NAN, 0.0, -0.0], false);
        check_option(&[0_u64, u64::MAX], false);
        check_option(&[0_usize, 1], false);
        check_option(&[[0_u8; 3], [255; 3]], false);
        check_option(&[(1_u8, 2_u32), (0, 0)], false);
        check_option(&[true, false], true);
        check_option(&['\0', 'a', char::MAX], true);
        check_option(&[Ordering::Less, Ordering::Equal, Ordering::Greater], true);
        check_option(&[(1_u32, true), (0, false)], true);
        check_option(&[[true, false], [false, true]], true);
        check_option(&[None, Some(0_u32), Some(1)], true);
        check_option(&[None, Some(true), Some(false)], true);
        check_option(&[None, Some(None), Some(Some('x'))], true);
        check_option(&[(0_u64, Some(0_u8)), (1, None)], true);
        check_option(&[Ok::<_, u8>(1_u32), Err(2)], true);
        type Parts = (Option<f32>, u8, Option<[i16; 3]>, [Option<bool>; 3], Ordering);
        let parts = |o| -> Parts { (Some(0.0), 7, None, [None, Some(true), Some(false)], o) };
        check_option(&[parts(Ordering::Less), parts(Ordering::Greater)], true);
        check_option(&[Some(parts(Ordering::Less)), None], true);
    }

    #[test]
    fn results_too() {
        fn check<T: TypeInfo + Copy, E: TypeInfo + Copy>(ok: T, err: E) {
            let desc = result::<T, E>().unwrap_or_else(|| panic!("Result<{}, {}> is known", T::DESC, E::DESC));
            assert_eq!((which(desc, Ok::<T, E>(ok)), which(desc, Err::<T, E>(err))), ("Ok", "Err"));
        }
        check(1_u32, 2_u8);
        check(1_u8, 2_u32);
        check(1.0_f32, 2_i32);
        check(1_u64, ());
        check((), 7_u16);
        check(true, ());
        check(true, true);
        check('a', 3_u8);
        check((1_u32, true), 5_u32);
        check(Ordering::Less, [1_u8; 5]);
        check(Some(3_u16), Ordering::Greater);
    }

    #[test]
    fn what_leads_elsewhere_has_no_known_layout() {
        assert!(option::<&'static [u8]>().is_none());
        assert!(option::<std::ops::Range<usize>>().is_none());
        assert!(result::<&'static u8, u8>().is_none());
    }
}
