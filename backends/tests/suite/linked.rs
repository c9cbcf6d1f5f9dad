//! Linked structures.

use landbridge::{KernelType, Result, kernel, kernel_fn};

use crate::Way;
use crate::answer::Answer;
use crate::data::below;

#[derive(KernelType)]
struct List {
    value: u32,
    next: Option<Box<List>>,
}

#[kernel]
fn lists_kernel(list: &List, length: &mut u32, sum: &mut u32) {
    let mut next = Some(list);
    while let Some(node) = next {
        *length += 1;
        *sum += node.value;
        next = node.next.as_deref();
    }
}

pub(crate) fn list_lengths(way: Way<'_>) -> Result<Answer> {
    let make =
        |n: u32| (0..n).fold(List { value: n, next: None }, |list, value| List { value, next: Some(list.into()) });
    let lists: Vec<List> = (0..12).map(make).collect();
    let (mut length, mut sum) = (vec![0; 12], vec![0; 12]);
    match way {
        Way::Kernel(device) => device.run(lists_kernel(&lists, &mut length, &mut sum)).map(drop)?,
        Way::Plain => (0..12).for_each(|n| (length[n as usize], sum[n as usize]) = (n + 1, n * (n + 1) / 2)),
    }
    Ok(Answer::new().exact("length", &length).exact("sum", &sum))
}

#[derive(KernelType)]
struct Tree {
    key: u32,
    value: u32,
    left: Option<Box<Tree>>,
    right: Option<Box<Tree>>,
}

#[kernel_fn]
impl Tree {
    fn get(&self, key: u32) -> Option<&u32> {
        let mut node = self;
        loop {
            let next = match key.cmp(&node.key) {
                std::cmp::Ordering::Equal => return Some(&node.value),
                std::cmp::Ordering::Less => &node.left,
                std::cmp::Ordering::Greater => &node.right,
            };
            node = next.as_deref()?;
        }
    }
}

#[kernel]
fn tree_kernel(tree: &[Tree], key: &u32, value: &mut u32) {
    *value = tree[0].get(*key).copied().unwrap_or(u32::MAX);
}

pub(crate) fn tree_lookups(way: Way<'_>) -> Result<Answer> {
    let mut map = std::collections::BTreeMap::new();
    let mut root = Tree { key: 50, value: 0, left: None, right: None };
    map.insert(50, 0);
    for (value, key) in (1..).zip(below(40, 91, 100)) {
        map.entry(key).or_insert_with(|| {
            let mut node = &mut root;
            loop {
                let next = if key < node.key { &mut node.left } else { &mut node.right };
                match next {
                    Some(child) => node = child,
                    None => break *next = Some(Box::new(Tree { key, value, left: None, right: None })),
                }
            }
            value
        });
    }
    let (keys, mut values) = ((0..100).collect::<Vec<u32>>(), vec![0; 100]);
    let tree = [root];
    match way {
        Way::Kernel(device) => device.run(tree_kernel(&tree, &keys, &mut values)).map(drop)?,
        Way::Plain => keys.iter().zip(&mut values).for_each(|(key, value)| *value = *map.get(key).unwrap_or(&u32::MAX)),
    }
    Ok(Answer::new().exact("values", &values))
}

#[derive(KernelType)]
struct Entry {
    key: u32,
    value: u32,
    next: Option<Box<Entry>>,
}

#[derive(KernelType)]
struct Table {
    buckets: Vec<Option<Box<Entry>>>,
}

#[kernel]
fn buckets_kernel(table: &[Table], key: &u32, value: &mut u32) {
    let buckets = &table[0].buckets;
    let first = &buckets[*key as usize % buckets.len()];
    let found = std::iter::successors(first.as_deref(), |entry| entry.next.as_deref()).find(|entry| entry.key == *key);
    *value = found.map_or(0, |entry| entry.value);
}

pub(crate) fn bucket_lookups(way: Way<'_>) -> Result<Answer> {
    let keys = below(50, 92, 300);
    let mut buckets: Vec<Option<Box<Entry>>> = (0..13).map(|_| None).collect();
    for key in &keys {
        let bucket = &mut buckets[*key as usize % 13];
        *bucket = Some(Box::new(Entry { key: *key, value: key * 7 + 1, next: bucket.take() }));
    }
    let (wanted, mut values) = ((0..300).collect::<Vec<u32>>(), vec![0; 300]);
    let table = [Table { buckets }];
    match way {
        Way::Kernel(device) => device.run(buckets_kernel(&table, &wanted, &mut values)).map(drop)?,
        Way::Plain => keys.iter().for_each(|key| values[*key as usize] = key * 7 + 1),
    }
    Ok(Answer::new().exact("values", &values))
}

#[derive(Default, KernelType)]
struct Trie {
    end: bool,
    children: [Option<Box<Trie>>; 4],
}

/// How many words begin the text at each place.
#[kernel]
fn trie_kernel(i: landbridge::Index, trie: &[Trie], text: &[u8], matches: &mut u32) {
    let mut node = &trie[0];
    for letter in &text[i..] {
        let Some(child) = &node.children[(letter - b'a') as usize] else { break };
        node = child;
        *matches += u32::from(node.end);
    }
}

pub(crate) fn trie_matches(way: Way<'_>) -> Result<Answer> {
    let words: [&[u8]; 6] = [b"a", b"ab", b"abc", b"bcd", b"dd", b"cabcab"];
    let mut root = Trie::default();
    for word in words {
        let last =
            word.iter().fold(&mut root, |node, letter| node.children[(letter - b'a') as usize].get_or_insert_default());
        last.end = true;
    }
    let text: Vec<u8> = below(200, 93, 4).into_iter().map(|v| b'a' + v as u8).collect();
    let mut matches = vec![0; 200];
    let trie = [root];
    match way {
        Way::Kernel(device) => device.run(trie_kernel(&trie, &text, &mut matches)).map(drop)?,
        Way::Plain => {
            for (i, matches) in matches.iter_mut().enumerate() {
                *matches = words.iter().filter(|word| text[i..].starts_with(word)).count() as u32;
            }
        }
    }
    Ok(Answer::new().exact("matches", &matches))
}
