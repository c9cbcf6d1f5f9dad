//! Neighbours in memory that are read or written one after the other, in one instruction: two or four numbers, up to 16 bytes.
//!
//! The driver's compiler does not do that by itself, since an address that is not aligned to the whole ends the kernel. What is known of addresses is noted
//! while the text is made: registers of types' places, of elements behind them, of the thread's own variables. Then, between two
//! labels or branches, loads move up to the first of them and stores down to the last, past nothing that may touch the same bytes.

use std::collections::HashMap;

use super::emit::Emitter;
use super::val::{Operand, Pointer, Val};

/// Bytes of the largest access.
const MOST: u64 = 16;

/// Of registers and symbols: what divides the address that they have.
pub(super) type Alignments = HashMap<Operand, u64>;

/// The largest power of two that divides a number of bytes.
pub(super) fn power_in(bytes: u64) -> u64 {
    if bytes == 0 { MOST } else { 1 << bytes.trailing_zeros().min(MOST.trailing_zeros()) }
}

impl Emitter<'_> {
    /// Notes that an address is a multiple of `align`.
    pub(super) fn note(&mut self, pointer: &Pointer, align: u64) {
        let align = align.min(power_in(pointer.offset));
        let known = self.alignments.entry(pointer.base.clone()).or_insert(1);
        *known = align.max(*known);
    }

    /// What is known to divide the address of a pointer's base.
    pub(super) fn noted(&self, base: &Operand) -> u64 {
        self.alignments.get(base).copied().unwrap_or(1)
    }

    /// Notes that a variable is given an address, maybe one of several.
    pub(super) fn note_assigned(&mut self, register: &Operand, pointer: &Pointer) {
        let is_null = &*pointer.base == "0";
        let align = if is_null { MOST } else { self.noted(&pointer.base).min(power_in(pointer.offset)) };
        let known = self.assigned.entry(register.clone()).or_insert(align);
        *known = align.min(*known);
    }

    /// Notes what all addresses have that variables are given, now that they are given no more.
    pub(super) fn note_last(&mut self, val: &Val) {
        match val {
            Val::Pointer(pointer) | Val::Slice(pointer, _) => {
                let known = self.assigned.get(&pointer.base).copied().unwrap_or(1);
                self.note(pointer, known);
            }
            Val::Parts(parts) => parts.iter().for_each(|part| self.note_last(part)),
            _ => {}
        }
    }

    /// Puts accesses of the body together.
    pub(super) fn merge_accesses(&mut self) {
        let mut lines: Vec<Option<String>> = self.out.lines().map(|line| Some(line.to_owned())).collect();
        let mut from = 0;
        for at in 0..=lines.len() {
            if lines.get(at).is_none_or(|line| line.as_ref().is_some_and(|line| ends_block(line))) {
                for access in [true, false] {
                    merge(&mut lines[from..at], access, &self.alignments);
                }
                from = at + 1;
            }
        }
        self.out = lines.into_iter().flatten().map(|line| line + "\n").collect();
    }
}

/// Labels, branches, and what happens only under a condition.
fn ends_block(line: &str) -> bool {
    let line = line.trim_start();
    line.ends_with(':') || ["@", "bra", "ret"].iter().any(|start| line.starts_with(start))
}

/// A load or store of one number.
#[derive(Clone, Copy)]
struct Access<'t> {
    loads: bool,
    /// `ld.global.nc`
    operation: &'t str,
    /// `f32`
    ty: &'t str,
    size: u64,
    value: &'t str,
    base: &'t str,
    offset: u64,
}

impl<'t> Access<'t> {
    fn of(line: &'t str) -> Option<Access<'t>> {
        let (name, operands) = line.trim_start().strip_suffix(';')?.split_once(' ')?;
        let (operation, ty) = name.rsplit_once('.')?;
        let loads = match operation {
            "ld.global.nc" | "ld.global" | "ld.local" | "ld" => true,
            "st.global" | "st.local" | "st" => false,
            _ => return None,
        };
        let size = ty.get(1..)?.parse::<u64>().ok()? / 8;
        let (first, second) = operands.split_once(", ")?;
        let (value, place) = if loads { (first, second) } else { (second, first) };
        let place = place.strip_prefix('[')?.strip_suffix(']')?;
        let (base, offset) = match place.split_once('+') {
            Some((base, offset)) => (base, offset.parse().ok()?),
            None => (place, 0),
        };
        let is_single = !value.starts_with('{');
        is_single.then_some(Access { loads, operation, ty, size, value, base, offset })
    }

    /// Memory that nobody writes.
    fn is_unchanged(&self) -> bool {
        self.operation == "ld.global.nc"
    }

    /// Whether two accesses may be of the same bytes.
    fn may_meet(&self, other: &Access<'_>) -> bool {
        let space = |access: &Access<'_>| match access.operation.get(3..) {
            Some(space) if space.starts_with("global") => 1,
            Some(_) => 2,
            None => 3,
        };
        if self.base == other.base {
            let (end, other_end) = (self.offset.wrapping_add(self.size), other.offset.wrapping_add(other.size));
            return self.offset < other_end && other.offset < end;
        }
        space(self) & space(other) != 0
    }
}

/// Registers that an instruction gives a value.
fn changed(line: &str) -> impl Iterator<Item = &str> {
    let operands = line.trim_start().split_once(' ').map_or("", |(_, operands)| operands);
    let end = if operands.starts_with('{') { operands.find('}') } else { operands.find(',') };
    operands[..end.unwrap_or(0)].split([',', ' ', '{', '}']).filter(|word| word.starts_with('%'))
}

/// Whether an instruction does something with memory that an [`Access`] does not tell.
fn is_odd(line: &str) -> bool {
    let odd = ["atom", "red", "ld", "st", "membar", "fence", "bar", "call"];
    let name = line.trim_start();
    !name.starts_with("ld.param") && odd.iter().any(|start| name.starts_with(start))
}

/// Puts loads or stores of a block together.
fn merge(lines: &mut [Option<String>], loads: bool, alignments: &Alignments) {
    for at in 0..lines.len() {
        let Some(group) = group(lines, at, loads, alignments) else { continue };
        let last = group.lines.iter().copied().max().unwrap_or(at);
        for line in &group.lines {
            lines[*line] = None;
        }
        lines[if loads { at } else { last }] = Some(group.text);
    }
}

/// Accesses that become one.
struct Group {
    lines: Vec<usize>,
    text: String,
}

/// The largest group that starts with a line.
fn group(lines: &[Option<String>], at: usize, loads: bool, alignments: &Alignments) -> Option<Group> {
    let first = Access::of(lines[at].as_ref()?).filter(|access| access.loads == loads)?;
    let align = alignments.get(first.base).copied().unwrap_or(1);
    if align < 2 * first.size || first.value == first.base {
        return None;
    }
    let found = neighbours(lines, at, &first);
    [4, 2].into_iter().find_map(|count| {
        let whole = count * first.size;
        if whole > MOST || align < whole {
            return None;
        }
        let start = first.offset - first.offset % whole;
        let member = |k: u64| found.iter().find(|(_, access)| access.offset == start + k * first.size);
        let members: Vec<_> = (0..count).map(member).collect::<Option<_>>()?;
        let text = text(&members.iter().map(|(_, access)| *access).collect::<Vec<_>>())?;
        Some(Group { lines: members.iter().map(|(line, _)| *line).collect(), text })
    })
}

/// The access and those behind it that could be made in its place, or it in theirs. A load's register is its own: nothing before uses it.
fn neighbours<'t>(lines: &'t [Option<String>], at: usize, first: &Access<'t>) -> Vec<(usize, Access<'t>)> {
    let mut found = vec![(at, *first)];
    // What is between them: written where they are loads, written or read where they are stores.
    let mut between: Vec<Access<'_>> = vec![];
    for (k, line) in lines.iter().enumerate().skip(at + 1) {
        let Some(line) = line else { continue };
        let access = Access::of(line);
        match access {
            Some(access) => {
                let is_alike =
                    (access.operation, access.base, access.size) == (first.operation, first.base, first.size);
                let is_new = !found.iter().any(|(_, other)| other.offset == access.offset);
                let is_free = !between.iter().any(|other| first.loads && other.may_meet(&access));
                if is_alike && is_new && is_free {
                    found.push((k, access));
                } else if !access.is_unchanged() && !first.is_unchanged() && (!access.loads || !first.loads) {
                    if !first.loads && found.iter().any(|(_, store)| store.may_meet(&access)) {
                        break;
                    }
                    between.push(access);
                }
            }
            None if is_odd(line) => break,
            None => {}
        }
        let is_needed = |register: &str| {
            register == first.base || !first.loads && found.iter().any(|(_, store)| store.value == register)
        };
        if changed(line).any(is_needed) {
            break;
        }
    }
    found
}

/// The one instruction.
fn text(members: &[Access<'_>]) -> Option<String> {
    let first = members.first()?;
    let bits;
    let ty = match members.iter().all(|member| member.ty == first.ty) {
        true => first.ty,
        // Registers of any type hold bits; numbers in the text are of their own.
        false if first.size >= 4 && members.iter().all(|member| member.value.starts_with('%')) => {
            bits = format!("b{}", first.size * 8);
            &bits
        }
        false => return None,
    };
    let values: Vec<_> = members.iter().map(|member| member.value).collect();
    let (operation, count, values) = (first.operation, members.len(), values.join(", "));
    let place = match first.offset {
        0 => format!("[{}]", first.base),
        offset => format!("[{}+{offset}]", first.base),
    };
    Some(match first.loads {
        true => format!("    {operation}.v{count}.{ty} {{{values}}}, {place};"),
        false => format!("    {operation}.v{count}.{ty} {place}, {{{values}}};"),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What a block becomes where `%rd1` and `%rd2` are aligned to 16 bytes.
    fn merged(block: &str) -> String {
        let mut lines: Vec<Option<String>> = block.lines().map(|line| Some(format!("    {}", line.trim()))).collect();
        let alignments = ["%rd1", "%rd2"].map(|base| (Operand::from(base), 16)).into();
        for loads in [true, false] {
            merge(&mut lines, loads, &alignments);
        }
        lines.into_iter().flatten().map(|line| line.trim().to_owned()).collect::<Vec<_>>().join("\n")
    }

    fn stays(block: &str) {
        assert_eq!(merged(block), block);
    }

    #[test]
    fn neighbours_become_one_access() {
        let loads = "ld.global.f32 %f2, [%rd1+20];\nadd.rn.f32 %f3, %f2, %f2;\nld.global.f32 %f1, [%rd1+16];";
        assert_eq!(merged(loads), "ld.global.v2.f32 {%f1, %f2}, [%rd1+16];\nadd.rn.f32 %f3, %f2, %f2;");
        let stores = "st.global.u64 [%rd1], %rd4;\nadd.s64 %rd5, %rd4, 1;\nst.global.u64 [%rd1+8], %rd5;";
        assert_eq!(merged(stores), "add.s64 %rd5, %rd4, 1;\nst.global.v2.u64 [%rd1], {%rd4, %rd5};");
        let kinds = "ld.global.f32 %f1, [%rd1];\nld.global.u32 %r1, [%rd1+4];";
        assert_eq!(merged(kinds), "ld.global.v2.b32 {%f1, %r1}, [%rd1];");
    }

    #[test]
    fn what_is_not_aligned_stays() {
        stays("ld.global.f32 %f1, [%rd3];\nld.global.f32 %f2, [%rd3+4];");
        stays("ld.global.f32 %f1, [%rd1+4];\nld.global.f32 %f2, [%rd1+8];");
        stays("ld.global.u8 %r1, [%rd1];\nld.global.s8 %r2, [%rd1+1];");
    }

    #[test]
    fn nothing_goes_past_what_may_touch_the_same_bytes() {
        stays("ld.global.f32 %f1, [%rd1];\nst.global.f32 [%rd2], %f1;\nld.global.f32 %f2, [%rd1+4];");
        stays("ld.global.f32 %f1, [%rd1];\nst.global.f32 [%rd1+4], %f1;\nld.global.f32 %f2, [%rd1+4];");
        stays("ld.global.f32 %f1, [%rd1];\natom.global.add.u32 %r1, [%rd3], 1;\nld.global.f32 %f2, [%rd1+4];");
        stays("st.global.f32 [%rd1], %f1;\nld.global.f32 %f3, [%rd2];\nst.global.f32 [%rd1+4], %f2;");
        stays("st.global.f32 [%rd1], %f1;\nst.global.f32 [%rd2], %f3;\nst.global.f32 [%rd1+4], %f2;");
        stays("st.local.f32 [%rd1], %f1;\nld.f32 %f3, [%rd2];\nst.local.f32 [%rd1+4], %f2;");
        stays("st.global.f32 [%rd1], %f1;\nst.global.f32 [%rd1], %f3;\nst.global.u16 [%rd1+4], %r2;");
    }

    #[test]
    fn what_cannot_be_the_same_bytes_is_passed() {
        let unchanged = "ld.global.nc.f32 %f1, [%rd1];\nst.global.f32 [%rd2], %f1;\nld.global.nc.f32 %f2, [%rd1+4];";
        assert_eq!(merged(unchanged), "ld.global.nc.v2.f32 {%f1, %f2}, [%rd1];\nst.global.f32 [%rd2], %f1;");
        let own = "ld.global.f32 %f1, [%rd1];\nst.local.f32 [%rd2], %f1;\nld.global.f32 %f2, [%rd1+4];";
        assert_eq!(merged(own), "ld.global.v2.f32 {%f1, %f2}, [%rd1];\nst.local.f32 [%rd2], %f1;");
        let other = "ld.global.f32 %f1, [%rd1];\nst.global.f32 [%rd1+8], %f1;\nld.global.f32 %f2, [%rd1+4];";
        assert_eq!(merged(other), "ld.global.v2.f32 {%f1, %f2}, [%rd1];\nst.global.f32 [%rd1+8], %f1;");
    }

    #[test]
    fn registers_keep_what_they_have_had() {
        stays("ld.global.f32 %f1, [%rd1];\nmov.b64 %rd1, %rd2;\nld.global.f32 %f2, [%rd1+4];");
        stays("st.global.f32 [%rd1], %f1;\nmov.f32 %f1, %f2;\nst.global.f32 [%rd1+4], %f1;");
        stays("ld.global.u64 %rd1, [%rd1];\nld.global.u64 %rd4, [%rd1+8];");
    }
}
