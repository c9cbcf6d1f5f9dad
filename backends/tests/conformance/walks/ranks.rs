use landbridge::region::{Link, List};
use landbridge::{Device, Region, Result, Shared};
use landbridge_kernels::linked::list::Node;
use landbridge_kernels::{linked, region};

use super::super::answer::Answer;
use super::{found, numbers};

/// Lists whose nodes are numbered without order; the order of the numbers is the order of the work-items.
pub(crate) fn ranks_by_pointer_jumping(device: &Device) -> Result<Answer> {
    let mut answer = Answer::new();
    for length in [0, 1, 2, 3, 250] {
        let order = shuffled(length);
        let mut expected = vec![0; length as usize];
        order.iter().rev().zip(0..).for_each(|(&number, links)| expected[number as usize] = links);

        let boxes = Node::list(order.iter().copied());
        let mut nodes: Vec<&Node<u32>> = std::iter::successors(boxes.as_deref(), |node| node.next.as_deref()).collect();
        nodes.sort_by_key(|node| node.value);
        let of_boxes = found(device, &expected, || linked::rank::of_nodes(device, &nodes))?;

        let mut arena = Region::new();
        let list = List::from_iter(&mut arena, order);
        let mut links: Vec<Shared<Link<u32>>> = list.links(&arena).collect();
        links.sort_by_key(|link| arena[*link].value);
        let of_region = found(device, &expected, || region::rank::of_links(device, &arena, &links))?;
        answer = answer.exact("boxes", &of_boxes).exact("region", &of_region);
    }
    Ok(answer)
}

/// Numbers below `length`, each once.
fn shuffled(length: u32) -> Vec<u32> {
    let mut order: Vec<(u32, u32)> = numbers(length as usize).zip(0..).collect();
    order.sort_unstable();
    order.into_iter().map(|(_, number)| number).collect()
}
