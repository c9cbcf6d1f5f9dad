//! Nodes that are found in a structure borrow no longer than the structure is borrowed.

extern crate landbridge_core as landbridge;
use landbridge::*;

#[derive(KernelType)]
struct Place<'a> {
    name: u32,
    capital: Option<&'a Place<'a>>,
}

fn for_ever<'a>(root: &'a Place<'a>) -> Option<&'static Place<'static>> {
    nodes::<Place<'static>, _>(root).iter().next()
}

fn longer<'a, 'b: 'a>(root: &'a Place<'b>) -> Option<&'a Place<'b>> {
    nodes(root).iter().next()
}

fn as_long<'a, 'b: 'a>(root: &'a Place<'b>) -> Option<&'a Place<'a>> {
    nodes(root).iter().next()
}

fn main() {}
