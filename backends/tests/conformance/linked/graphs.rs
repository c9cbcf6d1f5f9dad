//! Nodes that several others lead to, by `Arc` and by reference.

use std::ptr;
use std::sync::Arc;

use landbridge::{Device, KernelType, Result, kernel, nodes};

use super::super::answer::Answer;

#[derive(KernelType)]
struct Shared<'a> {
    value: u32,
    both: [Option<Arc<Shared<'a>>>; 2],
    origin: &'a f32,
}

#[kernel]
fn shared_values(root: Option<&Shared<'_>>, at: &u32, out: &mut u32) {
    let Some(node) = root else { return };
    *out = node.value + *node.origin as u32;
    if let (Some(a), Some(b)) = (&node.both[0], &node.both[1]) {
        *out += a.value * 10 + b.value * 100;
        if ptr::eq(&**a, &**b) {
            *out += 1000 * (*at + 1);
        }
    }
}

pub(crate) fn shared_nodes(device: &Device) -> Result<Answer> {
    let origin = 4.0;
    let node = |value, both| Arc::new(Shared { value, both, origin: &origin });
    let leaf = node(1, [None, None]);
    let same = node(2, [Some(leaf.clone()), Some(leaf.clone())]);
    let other = node(3, [Some(leaf.clone()), Some(node(1, [None, None]))]);
    let mut outs = vec![];
    for root in [&leaf, &same, &other] {
        let mut out = [0; 3];
        let _ = device.run(shared_values(Some(root), &[0, 1, 2], &mut out))?;
        outs.extend(out);
    }
    Ok(Answer::new().exact("values", &outs))
}

#[derive(KernelType)]
struct Place<'a> {
    name: u32,
    roads: Vec<Road<'a>>,
    capital: Option<&'a Place<'a>>,
}

#[derive(KernelType)]
struct Road<'a> {
    length: u32,
    to: &'a Place<'a>,
}

#[kernel]
fn walk(#[uniform] start: &Place<'_>, steps: &u32) -> (u32, u32, bool) {
    let mut place = start;
    let mut length = 0;
    for k in 0..*steps {
        if place.roads.is_empty() {
            break;
        }
        let road = &place.roads[k as usize % place.roads.len()];
        length += road.length;
        place = road.to;
    }
    let home = match start.capital {
        Some(capital) => ptr::eq(capital, place),
        None => false,
    };
    (place.name, length, home)
}

pub(crate) fn graphs_that_borrow(device: &Device) -> Result<Answer> {
    let rome = Place { name: 1, roads: vec![], capital: None };
    let ostia = Place { name: 2, roads: vec![Road { length: 30, to: &rome }], capital: Some(&rome) };
    let roads = vec![Road { length: 300, to: &ostia }, Road { length: 330, to: &rome }];
    let pisa = Place { name: 3, roads, capital: Some(&rome) };
    Ok(Answer::new().exact("walked", &device.collect(walk(&pisa, &[0, 1, 2, 3]))?))
}

/// References of two lifetimes, of which neither is the borrow's.
#[derive(KernelType)]
struct Two<'a, 'b: 'a> {
    near: &'a Place<'a>,
    far: Option<&'b Place<'b>>,
}

#[kernel]
fn surroundings(#[node] place: &Place<'_>, known: &[u32]) -> (u32, u32, bool) {
    let mut length = 0;
    for road in &place.roads {
        length += road.length + road.to.name * known[place.name as usize];
    }
    let at_home = match place.capital {
        Some(capital) => ptr::eq(capital, place),
        None => false,
    };
    (place.name, length, at_home)
}

pub(crate) fn nodes_that_borrow(device: &Device) -> Result<Answer> {
    let rome = Place { name: 1, roads: vec![], capital: None };
    let ostia = Place { name: 2, roads: vec![Road { length: 30, to: &rome }], capital: Some(&rome) };
    let known = vec![0, 1, 2, 3];
    let (of_two, names) = {
        let roads = vec![Road { length: 300, to: &ostia }, Road { length: 330, to: &rome }];
        let pisa = Place { name: 3, roads, capital: Some(&ostia) };
        let two = Two { near: &pisa, far: Some(&rome) };
        let all = nodes(&two);
        let found = device.collect(surroundings(&all, &known))?;
        (found, all.iter().map(|place: &Place<'_>| place.name).collect::<Vec<_>>())
    };
    assert_eq!(names, [3, 1, 2]);
    let few = device.collect(surroundings(nodes(&Two { near: &ostia, far: None }), &known))?;
    let roads = device.collect(lengths(nodes::<Road<'_>, _>(&ostia)))?;
    let answer = Answer::new().exact("of two", &of_two).exact("names", &names);
    Ok(answer.exact("few", &few).exact("roads", &roads))
}

#[kernel]
fn lengths(#[node] road: &Road<'_>) -> u32 {
    road.length + road.to.name
}
