use std::collections::BTreeMap;

use landbridge::region::Tree;
use landbridge::{Device, Region, Result};
use landbridge_kernels::{linked, region};

use super::super::answer::Answer;
use super::{found, numbers};

pub(crate) fn lookups_and_ranges_in_maps(device: &Device) -> Result<Answer> {
    let mut answer = Answer::new();
    for count in [0, 1, 900] {
        let plain: BTreeMap<u32, f32> = numbers(count).map(|k| (k % 4000, (k >> 20) as f32 * 0.5)).collect();
        let asked: Vec<u32> = (0..4100).step_by(7).collect();
        let values: Vec<f32> = asked.iter().map(|key| plain.get(key).copied().unwrap_or(-1.0)).collect();
        let from: Vec<u32> = numbers(200).map(|k| k % 4200).collect();
        let to: Vec<u32> = from.iter().zip(numbers(200)).map(|(from, k)| (from + k % 900).saturating_sub(9)).collect();
        let within = |(from, to): (&u32, &u32)| plain.range(*from..*to.max(from)).count() as u32;
        let counts: Vec<u32> = from.iter().zip(&to).map(within).collect();

        let boxes = linked::map::Node::tree(plain.clone());
        let root = boxes.as_deref();
        let of_boxes = found(device, &values, || device.collect(linked::map::lookup(root, -1.0, &asked)))?;
        let in_boxes = found(device, &counts, || device.collect(linked::map::count_range(root, &from, &to)))?;

        let mut arena = Region::new();
        let tree = Tree::from_sorted(&mut arena, plain.clone());
        let of_region = found(device, &values, || device.collect(region::map::lookup(&arena, tree, -1.0, &asked)))?;
        let in_region = found(device, &counts, || device.collect(region::map::count_range(&arena, tree, &from, &to)))?;
        answer = answer.exact("values, boxes", &of_boxes).exact("values, region", &of_region);
        answer = answer.exact("counts, boxes", &in_boxes).exact("counts, region", &in_region);
    }
    Ok(answer)
}
