//! Atomics in nodes of boxes: all work-items update them, and they come back to the nodes.

use std::sync::Arc;
use std::sync::atomic::{AtomicI32, AtomicU32, Ordering::Relaxed};

use landbridge::{Device, Error, KernelType, Result, kernel, linked};

use super::super::answer::Answer;

/// Small fields lie beside the atomics, which are updated by words.
#[derive(KernelType)]
struct Word {
    letter: u8,
    hits: AtomicU32,
    key: u32,
    least: AtomicI32,
    flag: bool,
    left: Option<Box<Word>>,
    right: Option<Box<Word>>,
}

fn tree(keys: std::ops::Range<u32>) -> Option<Box<Word>> {
    if keys.is_empty() {
        return None;
    }
    let key = keys.start + (keys.end - keys.start) / 2;
    Some(Box::new(Word {
        letter: key as u8,
        hits: AtomicU32::new(key),
        key,
        least: AtomicI32::new(i32::MAX),
        flag: key % 3 == 0,
        left: tree(keys.start..key),
        right: tree(key + 1..keys.end),
    }))
}

/// All fields, in order.
fn told(word: Option<&Word>, all: &mut Vec<i64>) {
    let Some(word) = word else { return };
    told(word.left.as_deref(), all);
    let (hits, least) = (word.hits.load(Relaxed), word.least.load(Relaxed));
    all.extend([i64::from(hits), i64::from(least), i64::from(word.letter), i64::from(word.flag)]);
    told(word.right.as_deref(), all);
}

#[kernel]
fn count(#[uniform] words: &Word, key: &u32, place: &i32, depth: &mut u32) {
    let mut at = Some(words);
    while let Some(word) = at {
        *depth += 1;
        if *key == word.key {
            word.hits.fetch_add(1000, Relaxed);
            word.least.fetch_min(*place, Relaxed);
            return;
        }
        at = if *key < word.key { word.left.as_deref() } else { word.right.as_deref() };
    }
}

pub(crate) fn words_counted(device: &Device) -> Result<Answer> {
    let mut words = tree(0..200).expect("some");
    let keys: Vec<u32> = (0..5000).map(|k| k * k % 251).collect();
    let places: Vec<i32> = (0..5000).map(|k| (k * 7919) % 5000 - 2500).collect();
    let mut depths = vec![0; 5000];
    for _ in 0..2 {
        let _ = device.run(count(&mut words, &keys, &places, &mut depths))?;
        words.letter = words.letter.wrapping_add(1);
    }
    let mut all = vec![];
    told(Some(&words), &mut all);
    Ok(Answer::new().exact("words", &all).exact("depths", &depths))
}

#[derive(KernelType)]
struct Table {
    rows: Vec<Row>,
    all: AtomicU32,
    next: Option<Box<Table>>,
}

#[derive(KernelType)]
struct Row {
    counts: Box<[AtomicU32]>,
    name: u16,
}

#[kernel]
fn tally(table: Option<&Table>, x: &u32) {
    let mut at = table;
    while let Some(table) = at {
        table.all.fetch_add(1, Relaxed);
        if !table.rows.is_empty() {
            let row = &table.rows[*x as usize % table.rows.len()];
            if !row.counts.is_empty() {
                row.counts[(*x / 7) as usize % row.counts.len()].fetch_xor(*x + row.name as u32, Relaxed);
            }
        }
        at = table.next.as_deref();
    }
}

pub(crate) fn tables_counted(device: &Device) -> Result<Answer> {
    let row = |k: u16| Row { counts: (0..u32::from(k)).map(AtomicU32::new).collect(), name: k };
    let table = |rows: u16, next| Table { rows: (0..rows).map(row).collect(), all: AtomicU32::new(5), next };
    let mut tables = Some(Box::new(table(5, Some(Box::new(table(0, Some(Box::new(table(9, None)))))))));
    let xs: Vec<u32> = (0..3000).map(|k: u32| k.wrapping_mul(2_654_435_761)).collect();
    let _ = device.run(tally(tables.as_deref_mut(), &xs))?;
    let _ = device.run(tally(None::<&mut Table>, &xs))?;
    let (mut counts, mut at) = (vec![], tables.as_deref());
    while let Some(table) = at {
        counts.push(table.all.load(Relaxed));
        counts.extend(table.rows.iter().flat_map(|row| row.counts.iter().map(|count| count.load(Relaxed))));
        at = table.next.as_deref();
    }
    Ok(Answer::new().exact("counts", &counts))
}

/// A root without links.
#[derive(KernelType)]
struct Extremes {
    most: AtomicU32,
    name: u16,
    all: [AtomicU32; 3],
}

#[kernel]
fn extremes(#[uniform] of: &Extremes, x: &u32) -> u32 {
    of.most.fetch_max(*x, Relaxed);
    of.all[*x as usize % 3].fetch_add(of.name as u32, Relaxed);
    *x + of.name as u32
}

pub(crate) fn roots_counted(device: &Device) -> Result<Answer> {
    let mut of = Extremes { most: AtomicU32::new(3), name: 9, all: [const { AtomicU32::new(1) }; 3] };
    let xs: Vec<u32> = (0..1000).map(|k| k * 37 % 1000).collect();
    let sums = device.collect(extremes(&mut of, &xs))?;
    let all = of.all.map(AtomicU32::into_inner);
    Ok(Answer::new().exact("most", &[of.most.into_inner()]).exact("all", &all).exact("sums", &sums))
}

#[derive(KernelType)]
struct Holder {
    value: u32,
    counted: Arc<Counted>,
}

#[derive(KernelType)]
struct Counted {
    hits: AtomicU32,
}

#[kernel]
fn hit(#[uniform] holder: &Holder, x: &u32) {
    holder.counted.hits.fetch_add(*x + holder.value, Relaxed);
}

/// Whether it is refused, with nothing done.
fn refused(done: Result<landbridge::Report>) -> bool {
    matches!(done, Err(Error::SharedAtomics { .. }))
}

/// Atomics that others reach as well are refused on every device, since some copy.
pub(crate) fn shared_atomics(device: &Device) -> Result<Answer> {
    let words = tree(0..20).expect("some");
    let mut depths = [0; 2];
    let mut holder = Holder { value: 1, counted: Arc::new(Counted { hits: AtomicU32::new(0) }) };
    let all = [
        refused(device.run(count(&words, &[1, 2], &[0, 0], &mut depths))),
        refused(device.run(count(&linked(&*words), &[1, 2], &[0, 0], &mut depths))),
        refused(device.run(tally(None::<&Table>, &[1]))),
        refused(device.run(hit(&mut holder, &[1]))),
    ];
    assert_eq!((all, depths), ([true, true, false, true], [0; 2]));
    Ok(Answer::new().exact("hits", &[holder.counted.hits.load(Relaxed)]))
}
