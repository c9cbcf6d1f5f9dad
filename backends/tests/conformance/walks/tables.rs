use std::collections::HashMap;

use landbridge::{Device, Region, Result};
use landbridge_kernels::{linked, region};

use super::super::answer::Answer;
use super::{found, numbers};

pub(crate) fn probes_of_hash_tables(device: &Device) -> Result<Answer> {
    let mut answer = Answer::new();
    for buckets in [1, 7, 256] {
        let (mut boxes, mut plain, mut arena) = (Vec::new(), HashMap::new(), Region::new());
        boxes.resize_with(buckets, || None);
        let table = region::hash::Table::new(&mut arena, buckets);
        for (k, key) in numbers(150).enumerate() {
            let (key, value) = (key % 200, k as i32 - 100);
            let before = plain.insert(key, value);
            assert_eq!(linked::hash::insert(&mut boxes, key, value), before);
            assert_eq!(table.insert(&mut arena, key, value), before);
        }
        let asked: Vec<u32> = (0..210).step_by(3).chain([u32::MAX]).collect();
        let values: Vec<i32> = asked.iter().map(|key| plain.get(key).copied().unwrap_or(i32::MIN)).collect();
        let of_boxes = found(device, &values, || device.collect(linked::hash::lookup(&boxes, i32::MIN, &asked)))?;
        let of_region =
            found(device, &values, || device.collect(region::hash::lookup(&arena, table, i32::MIN, &asked)))?;
        answer = answer.exact("boxes", &of_boxes).exact("region", &of_region);
    }
    Ok(answer)
}
