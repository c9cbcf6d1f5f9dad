//! Lists: walked from their heads by all work-items, and as elements that are written.

use landbridge::{Device, KernelType, Result, kernel, linked, nodes};

use super::super::answer::Answer;

#[derive(KernelType)]
struct Node {
    value: f32,
    weight: u8,
    next: Option<Box<Node>>,
}

/// As long lists need it.
impl Drop for Node {
    fn drop(&mut self) {
        let mut next = self.next.take();
        while let Some(mut node) = next {
            next = node.next.take();
        }
    }
}

fn list(values: impl DoubleEndedIterator<Item = f32> + ExactSizeIterator) -> Option<Box<Node>> {
    let link = |next, (k, value): (usize, f32)| Some(Box::new(Node { value, weight: k as u8, next }));
    values.enumerate().rev().fold(None, link)
}

/// 0, 0.5, 1 and so on.
fn halves(length: u16) -> Option<Box<Node>> {
    list((0..length).map(|k| f32::from(k) * 0.5))
}

#[kernel]
fn sum_above(head: Option<&Node>, least: &f32, sum: &mut f32, count: &mut u32) {
    let mut cur = head;
    while let Some(node) = cur {
        if node.value >= *least {
            *sum += node.value * node.weight as f32;
            *count += 1;
        }
        cur = node.next.as_deref();
    }
}

pub(crate) fn lists(device: &Device) -> Result<Answer> {
    let list = list((0..300_i32).map(|k| (k * 37 % 101) as f32));
    let least = [0.0, 50.0, 99.5, 1000.0];
    let (mut sums, mut counts) = (vec![0.0; 4], vec![0; 4]);
    let _ = device.run(sum_above(list.as_deref(), &least, &mut sums, &mut counts))?;
    let (mut none, mut no_counts) = (vec![7.0; 4], vec![7; 4]);
    let _ = device.run(sum_above(None::<&Node>, &least, &mut none, &mut no_counts))?;
    Ok(Answer::new().exact("sums", &sums).exact("counts", &counts).exact("of none", &none).exact("n", &no_counts))
}

#[kernel]
fn sum_list(head: Option<&Node>, scale: &f32) -> f32 {
    let mut sum = 0.0;
    let mut cur = head;
    while let Some(n) = cur {
        sum += n.value * scale;
        cur = n.next.as_deref();
    }
    sum
}

pub(crate) fn sums_of_lists(device: &Device) -> Result<Answer> {
    let mut answer = Answer::new();
    for (name, length) in [("empty", 0), ("one", 1), ("many", 400)] {
        let list = halves(length);
        answer = answer.exact(name, &device.collect(sum_list(list.as_deref(), &[1.0, 2.0, -0.5]))?);
    }
    Ok(answer)
}

/// The value `k` links on, or that of the last node with the number of links to it.
#[kernel]
fn nth(#[uniform] root: &Node, k: &u32) -> (f32, u32) {
    let mut node = root;
    let mut links = 0;
    while links < *k {
        match &node.next {
            Some(next) => node = next,
            None => break,
        }
        links += 1;
    }
    (node.value, links)
}

pub(crate) fn roots(device: &Device) -> Result<Answer> {
    let list = halves(9).expect("not empty");
    Ok(Answer::new().exact("nth", &device.collect(nth(&list, &[0, 1, 7, 8, 9, 1000]))?))
}

/// Handles keep a structure's image while they borrow it, and not longer.
pub(crate) fn kept_roots(device: &Device) -> Result<Answer> {
    let mut list = halves(9).expect("not empty");
    let mut answer = Answer::new();
    for round in 0..3 {
        let kept = linked(&*list);
        let head = list.next.as_deref().map(linked);
        let all = nodes::<Node, _>(&list);
        for launch in 0..2 {
            let name = |what| format!("{what} {round} {launch}");
            answer = answer
                .exact(name("nth"), &device.collect(nth(&kept, &[0, 1, 8, 1000]))?)
                .exact(name("sum"), &device.collect(sum_list(head.as_ref(), &[1.0, 0.5]))?)
                .exact(name("nodes"), &device.collect(weigh(&all, &[round; 9]))?);
        }
        let mut sums = [0.0_f32; 2];
        device.scope(|s| {
            let mut held = s.attach_mut(&mut sums);
            s.launch(add_first(&kept, &mut held))?;
            s.launch(add_first(&kept, &mut held))
        })?;
        answer = answer.exact(format!("scope {round}"), &sums);
        drop(kept);
        // At the same place as before.
        list.value += 100.0;
        list.next.as_mut().expect("more than one").value -= 1.0;
    }
    Ok(answer)
}

#[kernel]
fn weigh(#[node] n: &Node, by: &u32) -> f32 {
    n.value + *by as f32
}

#[kernel]
fn add_first(#[uniform] root: &Node, sum: &mut f32) {
    *sum += root.value;
}

#[kernel]
fn grow(list: &mut Node, by: &f32) {
    list.value += *by;
    list.weight *= 2;
    if let Some(next) = list.next.as_deref() {
        list.value += next.value;
    }
}

pub(crate) fn plain_fields_written_back(device: &Device) -> Result<Answer> {
    let mut lists: Vec<Node> =
        (0..20).map(|k| *list([k as f32, 100.0 + k as f32].into_iter()).expect("two nodes")).collect();
    let before: Vec<_> = lists.iter().map(|list| std::ptr::from_ref(&**list.next.as_ref().expect("there"))).collect();
    let by: Vec<f32> = (0..20).map(|k| k as f32 * 0.5).collect();
    let _ = device.run(grow(&mut lists, &by))?;
    let after: Vec<_> = lists.iter().map(|list| std::ptr::from_ref(&**list.next.as_ref().expect("there"))).collect();
    assert_eq!(before, after, "nodes stay where they are");
    let values: Vec<f32> = lists.iter().map(|list| list.value).collect();
    let weights: Vec<u8> = lists.iter().map(|list| list.weight).collect();
    let behind: Vec<f32> = lists.iter().map(|list| list.next.as_ref().expect("there").value).collect();
    Ok(Answer::new().exact("values", &values).exact("weights", &weights).exact("behind", &behind))
}

/// Every work-item owns a node: its own plain field may be written.
#[kernel]
fn scale(node: &mut Node, by: &f32) {
    if node.next.is_some() {
        node.value *= by;
    }
}

pub(crate) fn plain_fields_of_own_nodes(device: &Device) -> Result<Answer> {
    let mut nodes: Vec<Node> = (0..4).map(|k| Node { value: 1.5, weight: 0, next: halves(k) }).collect();
    let _ = device.run(scale(&mut nodes, &[1.0, 2.0, 3.0, 4.0]))?;
    let values: Vec<f32> = nodes.iter().map(|node| node.value).collect();
    let tails: Vec<f32> = nodes.iter().map(|node| node.next.as_deref().map_or(-1.0, |next| next.value)).collect();
    Ok(Answer::new().exact("values", &values).exact("tails", &tails))
}
