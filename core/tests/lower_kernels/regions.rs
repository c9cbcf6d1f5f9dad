//! `region[p]` in kernels: every kind of field, slices, and handles that lead nowhere.

use std::sync::atomic::{AtomicI32, AtomicU32, Ordering};

use landbridge::region::Region;
use landbridge::{Error, KernelType, Shared, kernel, kernel_fn};

use crate::support::{same, same_panic};

#[derive(KernelType, Clone, Copy, Debug, PartialEq)]
struct Node {
    value: f32,
    next: Shared<Node>,
    kind: u8,
    signed: i16,
    good: bool,
    wide: u64,
    precise: f64,
    low: i64,
    place: [i32; 3],
    pair: (i8, usize),
    numbers: Shared<[f64]>,
}

#[derive(KernelType, Clone, Copy, Debug, PartialEq)]
#[repr(align(64))]
struct Other {
    value: f32,
}

#[kernel]
fn walk(region: &Region, start: &Shared<Node>, steps: u32) -> (f32, Shared<Node>) {
    let (mut p, mut sum) = (*start, 0.0);
    for _ in 0..steps {
        sum += region[p].value;
        p = region[p].next;
    }
    (sum, p)
}

#[kernel]
fn whole(region: &Region, p: &Shared<Node>) -> Node {
    region[*p]
}

#[kernel]
fn fields(region: &Region, p: &Shared<Node>) -> (u8, i16, bool, u64, f64, i64) {
    let n = &region[*p];
    (n.kind, n.signed, n.good, n.wide, n.precise, n.low)
}

#[kernel]
fn parts(region: &Region, p: &Shared<Node>, i: &usize) -> (i32, i8, usize, f32) {
    let Node { place, pair, .. } = region[*p];
    (region[*p].place[*i] + place[0], pair.0, region[*p].pair.1, region[region[*p].next].value)
}

#[kernel]
fn slices(region: &Region, p: &Shared<Node>) -> (f64, usize, bool) {
    let mut sum = 0.0;
    let s = region[*p].numbers;
    for k in 0..region[s].len() {
        sum += region[s][k];
    }
    (sum, region[s].len(), region[s].is_empty())
}

#[kernel]
fn beyond(region: &Region, p: &Shared<Node>) -> f64 {
    region[region[*p].numbers][7] // panics
}

#[kernel_fn]
fn ahead(region: &Region, p: Shared<Node>) -> Shared<Node> {
    region[p].next
}

#[kernel]
fn helped(region: &Region, p: &Shared<Node>, out: &mut f32) {
    *out = region[ahead(region, ahead(region, *p))].value; // panics
}

#[kernel]
fn other(region: &Region, p: &Shared<Other>) -> f32 {
    region[*p].value // panics
}

/// A ring of nodes among other things.
fn ring() -> (Region, Vec<Shared<Node>>) {
    let mut region = Region::new();
    let mut handles = vec![];
    for k in 0..50_u8 {
        region.push(Other { value: f32::from(k) });
        let numbers = region.push_slice(&vec![f64::from(k) / 3.0; usize::from(k % 5)]);
        let next = *handles.last().unwrap_or(&Shared::from_number(std::num::NonZeroU32::MIN));
        handles.push(region.push(Node {
            value: f32::from(k) + 0.5,
            next,
            kind: 255 - k,
            signed: -300 * i16::from(k),
            good: k % 3 == 0,
            wide: u64::MAX - u64::from(k),
            precise: 1.0 / f64::from(k),
            low: i64::MIN + i64::from(k),
            place: [i32::from(k), -7, i32::MIN],
            pair: (-(k as i8), usize::from(k) << 40),
            numbers,
        }));
    }
    region[handles[0]].next = handles[49];
    (region, handles)
}

#[test]
fn nodes_are_read_through_handles() {
    let (region, handles) = ring();
    let sums = same(|d| d.collect(walk(&region, &handles, 120)));
    assert_eq!(sums.len(), 50);
    assert_eq!(sums[3].1, handles[(53 + 100 - 120) % 50]);
    let all = same(|d| d.collect(whole(&region, &handles)));
    assert!(all.iter().zip(&handles).all(|(node, &p)| *node == region[p]));
    same(|d| d.collect(fields(&region, &handles)));
    same(|d| d.collect(parts(&region, &handles, &(0..50).map(|k| k % 3).collect::<Vec<_>>())));
    same(|d| d.collect(slices(&region, &handles)));
    same(|d| {
        let mut out = vec![0.0; 50];
        d.run(helped(&region, &handles, &mut out))?;
        Ok(out)
    });
}

#[test]
fn bad_handles_panic() {
    let (mut region, handles) = ring();
    let line = |text: &str| include_str!("regions.rs").lines().position(|l| l.contains(text)).unwrap() as u32 + 1;
    let (message, at, item) = same_panic(|d| d.collect(beyond(&region, &handles[4..5])));
    assert_eq!((&*message, at, item), ("index out of bounds: the len is 4 but the index is 7", line("[7]"), 0));

    let as_other: Vec<Shared<Other>> = vec![Shared::from_number(handles[7].number())];
    let (message, at, _) = same_panic(|d| d.collect(other(&region, &as_other)));
    assert!(message.contains("leads to no node of its type"), "{message}");
    assert_eq!(at, line("region[*p].value // panics"));

    let (foreign, of_other) = ring();
    same_panic(|d| d.collect(whole(&region, &of_other[..1])));
    same_panic(|d| d.collect(whole(&foreign, &handles[..1])));

    region.remove(handles[20]).unwrap();
    let (_, at, _) = same_panic(|d| d.run(helped(&region, &handles[20..21], &mut [0.0])));
    assert_eq!(at, line("fn ahead") + 1);
    let (_, at, _) = same_panic(|d| d.run(helped(&region, &handles[22..23], &mut [0.0])));
    assert_eq!(at, line("*out = region"));
    same_panic(|d| d.run(helped(&Region::new(), &handles[..1], &mut [0.0])));
}

#[test]
fn numbers_alone_are_harmless() {
    let (region, handles) = ring();
    let first = handles[0].number().get();
    for number in (first.saturating_sub(3000)..first + 3000).chain([1, u32::MAX, u32::MAX / 2]) {
        let Some(number) = std::num::NonZeroU32::new(number) else { continue };
        let p: [Shared<Node>; 1] = [Shared::from_number(number)];
        match region.get(p[0]) {
            Ok(_) => drop(same(|d| d.collect(whole(&region, &p)))),
            Err(_) if number.get() % 16 == 0 => drop(same_panic(|d| d.collect(whole(&region, &p)))),
            Err(_) => {}
        }
    }
}

#[derive(KernelType, Clone, Copy, Debug, PartialEq)]
struct Entry {
    key: u32,
    left: Option<Shared<Entry>>,
    right: Option<Shared<Entry>>,
    letters: Option<Shared<[u32]>>,
}

#[kernel]
fn lookup(region: &Region, root: Option<Shared<Entry>>, key: &u32) -> (bool, u32) {
    let (mut next, mut steps) = (root, 0);
    while let Some(p) = next {
        let entry = &region[p];
        steps += 1;
        if *key == entry.key {
            return (true, steps);
        }
        next = if *key < entry.key { entry.left } else { entry.right };
    }
    (false, steps)
}

#[kernel_fn]
fn smallest(region: &Region, entry: Shared<Entry>) -> Shared<Entry> {
    let mut p = entry;
    while let Some(left) = region[p].left {
        p = left;
    }
    p
}

#[kernel_fn]
fn grandchild(region: &Region, entry: Shared<Entry>) -> Option<Shared<Entry>> {
    let child = region[entry].left?;
    region[child].right
}

#[kernel]
fn odds(region: &Region, p: &Shared<Entry>) -> (u32, u32, bool, Option<Shared<Entry>>) {
    let mut sum = match region[*p].letters {
        Some(s) if region[s].len() > 1 => region[s][1],
        Some(_) => 1,
        None => 0,
    };
    let none: Option<Shared<Entry>> = None;
    if let Some(q) = grandchild(region, *p) {
        sum += region[q].key;
    }
    let found = if region[*p].right.is_some() { Some(*p) } else { none };
    (sum, region[smallest(region, *p)].key, region[*p].left.is_none(), found)
}

#[kernel]
fn unwrapped(region: &Region, p: &Shared<Entry>) -> u32 {
    region[region[*p].left.unwrap()].key // panics
}

fn entries(region: &mut Region, from: u32, to: u32) -> Option<Shared<Entry>> {
    if from == to {
        return None;
    }
    let key = from + (to - from) / 3;
    let letters = (key % 3 > 0).then(|| region.push_slice(&vec![key; key as usize % 3]));
    let (left, right) = (entries(region, from, key), entries(region, key + 1, to));
    Some(region.push(Entry { key, left, right, letters }))
}

#[test]
fn options_of_handles_are_options() {
    let mut region = Region::new();
    let root = entries(&mut region, 10, 400);
    let keys: Vec<u32> = (0..420).step_by(7).collect();
    let found = same(|d| d.collect(lookup(&region, root, &keys)));
    assert!(found.iter().zip(&keys).all(|(f, &key)| f.0 == (10..400).contains(&key)));
    same(|d| d.collect(lookup(&region, None, &keys)));
    let all: Vec<_> = region.iter::<Entry>().map(|(p, _)| p).collect();
    same(|d| d.collect(odds(&region, &all)));
    let leaf: Vec<_> = region.iter::<Entry>().filter(|(_, e)| e.left.is_none()).map(|(p, _)| p).take(1).collect();
    let (message, ..) = same_panic(|d| d.collect(unwrapped(&region, &leaf)));
    assert_eq!(message, "called `Option::unwrap()` on a `None` value");
}

// ---- slices as values, large nodes, comparisons of handles, atomics

#[derive(KernelType, Clone, Copy, Debug, PartialEq)]
struct Large {
    table: [f32; 500],
    bytes: [u8; 7],
    names: Shared<[u8]>,
    next: Option<Shared<Large>>,
}

#[kernel_fn]
fn total(bytes: &[u8]) -> u32 {
    let mut sum = 0_u32;
    for byte in bytes {
        sum = (sum % 65536) * 3 + *byte as u32;
    }
    sum
}

#[kernel_fn]
fn longest<'r>(a: &'r [u8], b: &'r [u8]) -> &'r [u8] {
    if a.len() >= b.len() { a } else { b }
}

#[kernel]
fn slices_as_values(region: &Region, p: &Shared<Large>, i: &usize) -> (u32, u32, usize, u8, bool) {
    let names = &region[region[*p].names];
    let mut sum = total(names);
    for byte in names {
        sum += *byte as u32;
    }
    for byte in &region[region[*p].names] {
        sum += *byte as u32;
    }
    let middle = total(&names[1..names.len() / 2 + 1]);
    let other = match region[*p].next {
        Some(next) => longest(names, &region[region[next].names]),
        None => names,
    };
    (sum, middle, other.len(), names[*i % names.len()], *names == *other)
}

#[kernel]
fn large(region: &Region, p: &Shared<Large>, i: &usize) -> (f32, u8, f32) {
    let node = &region[*p];
    let mut cur = node;
    if let Some(next) = node.next {
        cur = &region[next];
    }
    let mut sum = 0.0;
    for x in &cur.table[..*i] {
        sum += *x;
    }
    (node.table[*i], cur.bytes[*i % 7], sum)
}

#[kernel]
fn compared(region: &Region, p: &Shared<Large>, q: &Shared<Large>) -> (bool, bool, bool, bool, bool, bool) {
    let next = region[*p].next;
    let equal = *p == *q;
    (equal, p != q, next == Some(*q), next == None, next != region[*q].next, p < q && next <= Some(*q))
}

#[kernel_fn]
fn is_end<T: landbridge::KernelType>(a: Option<Shared<T>>, b: Shared<T>) -> bool {
    a == Some(b)
}

#[kernel]
fn pairs(region: &Region, p: &Shared<Large>, q: &Shared<Large>) -> bool {
    is_end(region[*p].next, *q) || (*p, 1) == (*q, 1) || [*p; 2] == [*q; 2]
}

fn larges() -> (Region, Vec<Shared<Large>>) {
    let mut region = Region::new();
    let mut handles: Vec<Shared<Large>> = vec![];
    for k in 0..20_u8 {
        let names: Vec<u8> = (0..=k).map(|j| j * 7 + k).collect();
        let names = region.push_slice(&names);
        let table = std::array::from_fn(|j| j as f32 * 0.5 + f32::from(k));
        let next = handles.last().copied().filter(|_| k % 4 != 0);
        handles.push(region.push(Large { table, bytes: std::array::from_fn(|j| j as u8 ^ k), names, next }));
    }
    (region, handles)
}

#[test]
fn slices_of_regions_are_slices() {
    let (region, handles) = larges();
    let i: Vec<usize> = (0..20).map(|k| k * 3).collect();
    same(|d| d.collect(slices_as_values(&region, &handles, &i)));
}

#[test]
fn large_nodes_are_read_where_they_are() {
    let (region, handles) = larges();
    let i: Vec<usize> = (0..20).map(|k| k * 25).collect();
    same(|d| d.collect(large(&region, &handles, &i)));
}

#[test]
fn handles_are_compared() {
    let (region, handles) = larges();
    for shift in 0..3 {
        let mut others = handles.clone();
        others.rotate_right(shift);
        let all = same(|d| d.collect(compared(&region, &handles, &others)));
        assert!(all.iter().all(|c| c.0 == (shift == 0)));
        let pairs = same(|d| d.collect(pairs(&region, &handles, &others)));
        assert!(pairs.iter().any(|&p| p) == (shift < 2));
    }
}

#[derive(KernelType)]
struct Counter {
    hits: AtomicU32,
    lowest: AtomicI32,
    weight: u8,
    next: Option<Shared<Counter>>,
}

#[kernel]
fn count(region: &Region, p: &Shared<Counter>, by: &i32) -> u32 {
    let node = &region[*p];
    node.hits.fetch_add(node.weight as u32, Ordering::Relaxed);
    node.lowest.fetch_min(*by, Ordering::Relaxed);
    if let Some(next) = node.next {
        region[next].hits.fetch_add(*by as u32 & 255, Ordering::Relaxed);
    }
    node.weight as u32
}

fn counters(region: &mut Region) -> Vec<Shared<Counter>> {
    let mut next = None;
    (0..9)
        .map(|k| {
            let node = Counter { hits: AtomicU32::new(k), lowest: AtomicI32::new(5), weight: k as u8, next };
            let p = region.push(node);
            next = Some(p);
            p
        })
        .collect()
}

#[test]
fn atomics_in_nodes_are_updated() {
    let by: Vec<i32> = (0..9).map(|k| 20 - 7 * k).collect();
    same(|d| {
        let mut region = Region::new();
        let handles = counters(&mut region);
        let weights = d.collect(count(&mut region, &handles, &by))?;
        let after: Vec<_> = region
            .iter_mut::<Counter>()
            .map(|(_, node)| (*node.hits.get_mut(), *node.lowest.get_mut(), node.weight))
            .collect();
        Ok((weights, after))
    });
    same(|d| {
        let mut region = Region::new();
        let handles = counters(&mut region);
        let error = d.collect(count(&region, &handles, &by)).unwrap_err();
        assert!(matches!(error, Error::SharedAtomics { parameter: "region", .. }), "{error}");
        Ok(error.to_string())
    });
}
