use landbridge::region::List;
use landbridge::{Device, Region, Result};
use landbridge_kernels::{linked, region};

use super::super::answer::Answer;
use super::{found, numbers};

pub(crate) fn sums_and_positions_in_lists(device: &Device) -> Result<Answer> {
    let mut answer = Answer::new();
    for length in [0, 1, 120] {
        let values: Vec<i32> = numbers(length).map(|k| (k % 2001) as i32 - 1000).collect();
        let limits: Vec<i32> = (-1002..1002).step_by(97).collect();
        let sums: Vec<i32> = limits.iter().map(|limit| values.iter().filter(|v| *v <= limit).sum()).collect();
        let positions = [0, 1, 60, 119, 120, u32::MAX];
        let at: Vec<i32> = positions.iter().map(|k| values.get(*k as usize).copied().unwrap_or(7)).collect();

        let boxes = linked::list::Node::list(values.iter().copied());
        let head = boxes.as_deref();
        let of_boxes = found(device, &sums, || device.collect(linked::list::sum_up_to(head, 0, &limits)))?;
        let at_boxes = found(device, &at, || device.collect(linked::list::nth(head, 7, &positions)))?;

        let mut arena = Region::new();
        let list = List::from_iter(&mut arena, values);
        let of_region = found(device, &sums, || device.collect(region::list::sum_up_to(&arena, list, 0, &limits)))?;
        let at_region = found(device, &at, || device.collect(region::list::nth(&arena, list, 7, &positions)))?;
        answer = answer.exact("sums, boxes", &of_boxes).exact("sums, region", &of_region);
        answer = answer.exact("positions, boxes", &at_boxes).exact("positions, region", &at_region);
    }
    Ok(answer)
}
