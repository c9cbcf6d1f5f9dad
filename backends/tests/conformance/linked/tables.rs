//! Hash tables: slices of lists.

use landbridge::{Device, KernelType, Result, kernel};

use super::super::answer::Answer;

#[derive(KernelType)]
struct Entry {
    key: u32,
    value: u32,
    next: Option<Box<Entry>>,
}

#[kernel]
fn probe(buckets: &[Option<Box<Entry>>], key: &u32, out: &mut u32) {
    let mut cur = buckets[*key as usize % buckets.len()].as_deref();
    while let Some(entry) = cur {
        if entry.key == *key {
            *out = entry.value;
            break;
        }
        cur = entry.next.as_deref();
    }
}

pub(crate) fn tables_of_chains(device: &Device) -> Result<Answer> {
    let mut buckets: Vec<Option<Box<Entry>>> = (0..13).map(|_| None).collect();
    for key in (0..80).map(|k| k * k) {
        let bucket = &mut buckets[key as usize % 13];
        *bucket = Some(Box::new(Entry { key, value: key / 2 + 1, next: bucket.take() }));
    }
    let keys: Vec<u32> = (0..500).collect();
    let mut out = vec![0; 500];
    let _ = device.run(probe(&buckets, &keys, &mut out))?;
    Ok(Answer::new().exact("values", &out))
}

#[derive(KernelType)]
struct Generic<V: Copy> {
    key: u32,
    value: V,
    next: Option<Box<Generic<V>>>,
}

#[kernel]
fn probe_generic<V: Copy + KernelType>(buckets: &[Option<Box<Generic<V>>>], default: V, key: &u32) -> V {
    let mut cur = buckets[*key as usize % buckets.len()].as_deref();
    loop {
        match cur {
            Some(entry) if entry.key == *key => break entry.value,
            Some(entry) => cur = entry.next.as_deref(),
            None => break default,
        }
    }
}

pub(crate) fn chained_buckets(device: &Device) -> Result<Answer> {
    let mut buckets: Vec<Option<Box<Generic<i32>>>> = (0..5).map(|_| None).collect();
    for key in 0..20 {
        let bucket = &mut buckets[key as usize * 7 % 5];
        let next = bucket.take();
        *bucket = Some(Box::new(Generic { key: key * 7, value: -(key as i32), next }));
    }
    Ok(Answer::new().exact("found", &device.collect(probe_generic(&buckets, 1, &[0, 7, 8, 133, 134]))?))
}
