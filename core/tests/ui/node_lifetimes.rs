//! Code that is no kernel exchanges no views of structures of which one may end before the other, nor their links; and a
//! structure whose nodes are lent is not used.

extern crate landbridge_core as landbridge;
use landbridge::*;

#[derive(KernelType)]
#[kernel_type(view = NodeMut)]
struct Node {
    value: f32,
    next: Option<Box<Node>>,
}

#[kernel]
fn clear(#[node] n: &mut NodeMut) {
    n.value = 0.0;
}

#[kernel]
fn read(#[node] n: &Node) -> f32 {
    n.value
}

fn swap(a: &mut NodeMut<'_>, b: &mut NodeMut<'_>) {
    std::mem::swap(a, b);
}

fn swap_links(a: &mut NodeMut<'_>, b: &mut NodeMut<'_>) {
    std::mem::swap(&mut a.next, &mut b.next);
}

fn moved<'v, 'a>(a: &'a mut NodeMut<'v>) -> NodeMut<'v> {
    *a
}

fn twice(device: &Device, list: &mut Option<Box<Node>>) -> Result<()> {
    let mut all = nodes(list);
    let _ = device.run(clear(&mut all))?;
    *list = None;
    let _ = device.run(clear(&mut all))?;
    Ok(())
}

fn dropped(device: &Device, list: Option<Box<Node>>) -> Result<Vec<f32>> {
    let all = nodes(&list);
    drop(list);
    device.collect(read(&all))
}

fn owned_in_a_scope(device: &Device, list: &Option<Box<Node>>) -> Result<Vec<f32>> {
    device.scope(|s| s.collect(read(nodes(list))))
}

fn main() {}
