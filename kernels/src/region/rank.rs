//! List ranking by pointer jumping over links in a region: as [`linked::rank`](crate::linked::rank).

use landbridge::region::Link;
use landbridge::{Device, Region, Result, Shared, kernel};

use crate::linked::rank::{Jump, ranks};

/// What this item's link of a list knows at first, of a list whose values are the numbers of its links.
#[kernel]
pub fn link(region: &Region, at: &Shared<Link<u32>>) -> Jump {
    let me = &region[*at];
    match me.next {
        Some(next) => Jump { to: region[next].value, links: 1 },
        None => Jump { to: me.value, links: 0 },
    }
}

/// For each of these links of a list the number of links from it to the end; the value of `links[k]` has to be `k`, and all
/// links of a list have to be there.
///
/// # Errors
/// As [`ranks`], and a panic where a handle leads nowhere.
pub fn of_links(device: &Device, region: &Region, links: &[Shared<Link<u32>>]) -> Result<Vec<u32>> {
    ranks(device, device.collect(link(region, links))?)
}
