//! Which strategy each operand gets, and why.

use std::borrow::Cow;
use std::ops::Range;

use landbridge_core::Strategy;
use landbridge_core::planner::{Computer, cost};

use super::operand::{Memory, Operand, Share};

/// A strategy and its reason.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Choice {
    pub(crate) strategy: Strategy,
    pub(crate) why: Cow<'static, str>,
}

/// What the device offers.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Offer<'a> {
    /// The strategy asked for.
    pub(crate) asked: Strategy,
    /// Why host pages cannot be imported at all.
    pub(crate) no_import: Option<&'a str>,
    /// Device and host share memory: mapped pages are as near as copies.
    pub(crate) shares_memory: bool,
    /// The kernel may have to be run again after it has written something.
    pub(crate) may_rerun: bool,
    /// Largest buffer, bytes.
    pub(crate) buffer_bytes: u64,
    /// What was measured of the device.
    pub(crate) measured: Option<&'a Computer>,
}

/// Below this a copy costs less than mapping does.
const WORTH_MAPPING: u64 = 64 << 10;

/// Chooses for one operand, or says why the strategy asked for is not possible on this device.
pub(crate) fn choose(operand: &Operand<'_>, offer: &Offer<'_>) -> Result<Choice, String> {
    let copy = |why: Cow<'static, str>| Ok(Choice { strategy: Strategy::Copy, why });
    let map = |why: &'static str| Ok(Choice { strategy: Strategy::Map, why: why.into() });
    if operand.is_image {
        return match offer.asked {
            Strategy::Auto | Strategy::Copy => copy("linked data is rebuilt for the device as one image".into()),
            _ => Err(format!(
                "`{}` is linked data, which wgpu devices take as a copy that is rebuilt for them",
                operand.name
            )),
        };
    }
    match offer.asked {
        Strategy::Direct | Strategy::Migrate => Err("wgpu devices map or copy".to_owned()),
        Strategy::Copy => copy("asked for".into()),
        Strategy::Map => match (offer.no_import, obstacle(operand, offer)) {
            (Some(why), _) => Err(why.to_owned()),
            (None, Some(why)) => copy(format!("cannot be mapped: {why}").into()),
            (None, None) => map("asked for"),
        },
        _ => match (offer.no_import, obstacle(operand, offer)) {
            (None, None) => Ok(faster(operand, offer).unwrap_or_else(|| usual(operand, offer))),
            (Some(why), _) => copy(why.to_owned().into()),
            (None, Some(why)) => copy(why.into()),
        },
    }
}

/// By measured rates, where there are any of both.
fn faster(operand: &Operand<'_>, offer: &Offer<'_>) -> Option<Choice> {
    let device = offer.measured?;
    let (mapping, copying) = (device.mapping.as_ref()?, device.copying.as_ref()?);
    let need = operand.need();
    let own = device.own.as_ref()?;
    let into = if need.goes_in() { copying.latency + need.bytes / copying.into } else { 0.0 };
    let back = if need.written > 0.0 { copying.latency + need.bytes / copying.back } else { 0.0 };
    let copied = into + back + cost::pass(own, &need);
    let mut reached = mapping.path;
    if offer.shares_memory {
        // It is one memory: where mapped pages were measured to be slower, that is noise.
        reached.bandwidth = reached.bandwidth.max(own.bandwidth);
    }
    let mapped = mapping.latency + need.bytes * mapping.per_byte + cost::pass(&reached, &need);
    Some(if mapped < copied {
        Choice { strategy: Strategy::Map, why: "by measured rates mapping is faster here than copying".into() }
    } else {
        Choice { strategy: Strategy::Copy, why: "by measured rates copying is faster here than mapping".into() }
    })
}

/// What is mostly right, before anything was measured.
fn usual(operand: &Operand<'_>, offer: &Offer<'_>) -> Choice {
    let choice = |strategy, why: &'static str| Choice { strategy, why: why.into() };
    if !offer.shares_memory {
        choice(Strategy::Copy, "the device has its own memory: one copy beats many reads over the bus")
    } else if operand.bytes < WORTH_MAPPING {
        choice(Strategy::Copy, "small: copying beats mapping")
    } else {
        choice(Strategy::Map, "the device shares the host's memory")
    }
}

/// Why this operand cannot be mapped, though others may be.
fn obstacle(operand: &Operand<'_>, offer: &Offer<'_>) -> Option<&'static str> {
    let Some(range) = addresses(operand) else {
        return Some("it is not in the host's memory");
    };
    if range.is_empty() {
        return Some("it is empty");
    }
    if operand.slots.packed {
        return Some("the device has so few bindings that it shares one with other arguments");
    }
    if !(range.start as u64).is_multiple_of(operand.unit_bytes) {
        return Some("it is not aligned as the kernel reads it");
    }
    if range.len() as u64 > offer.buffer_bytes {
        return Some("it is larger than a buffer");
    }
    if operand.writable && offer.may_rerun {
        return Some("the kernel may have to be run again in 64 bits, on data as it was");
    }
    let words = range.start.is_multiple_of(4) && range.end.is_multiple_of(4);
    if operand.writable && operand.share == Share::Whole && !words {
        return Some("its ends share words with other data");
    }
    None
}

/// The addresses of an operand in the host's memory.
pub(crate) fn addresses(operand: &Operand<'_>) -> Option<Range<usize>> {
    match operand.memory {
        Memory::Host { address, .. } => {
            let start = address.addr();
            Some(start..start + operand.bytes as usize)
        }
        Memory::Partials | Memory::Resident { .. } => None,
    }
}

#[cfg(test)]
mod tests {
    use landbridge_core::planner::machines;

    use super::super::operand::Slots;
    use super::*;

    const OFFER: Offer<'static> = Offer {
        asked: Strategy::Auto,
        no_import: None,
        shares_memory: true,
        may_rerun: false,
        buffer_bytes: 1 << 30,
        measured: None,
    };

    fn operand(address: usize, bytes: u64, writable: bool, share: Share) -> Operand<'static> {
        let address = std::ptr::without_provenance_mut(address);
        let memory = Memory::Host { address, initialised: true };
        let slots = Slots { first: 1, parts: 1, part_bytes: 0, packed: false };
        Operand { name: "x", memory, bytes, share, writable, unit_bytes: 1, slots, is_image: false }
    }

    fn chosen(operand: &Operand<'_>, offer: &Offer<'_>) -> Strategy {
        choose(operand, offer).expect("possible").strategy
    }

    #[test]
    fn large_arguments_are_mapped_where_memory_is_shared() {
        let large = operand(4096, 1 << 20, true, Share::PerItem(4));
        assert_eq!(chosen(&large, &OFFER), Strategy::Map);
        assert_eq!(chosen(&large, &Offer { shares_memory: false, ..OFFER }), Strategy::Copy);
        assert_eq!(chosen(&operand(4096, 1000, true, Share::PerItem(4)), &OFFER), Strategy::Copy);
    }

    #[test]
    fn what_was_measured_decides() {
        let mut device = machines::pcie5().machine.devices.swap_remove(0);
        let once = operand(4096, 64 << 20, false, Share::PerItem(4));
        let with = |device: &Computer, asked| {
            chosen(&once, &Offer { asked, measured: Some(device), shares_memory: false, ..OFFER })
        };
        assert_eq!(with(&device, Strategy::Auto), Strategy::Copy);
        device.mapping.as_mut().expect("maps").path.bandwidth = 60e9;
        assert_eq!(with(&device, Strategy::Auto), Strategy::Map);
        device.mapping.as_mut().expect("maps").per_byte = 1e-9;
        assert_eq!(with(&device, Strategy::Auto), Strategy::Copy);
        // Memory that is shared is not slower for being mapped.
        device.mapping.as_mut().expect("maps").path.bandwidth = 1e9;
        device.mapping.as_mut().expect("maps").per_byte = 1e-12;
        let shared = Offer { measured: Some(&device), shares_memory: true, ..OFFER };
        assert_eq!(chosen(&once, &shared), Strategy::Map);
        assert_eq!(with(&device, Strategy::Auto), Strategy::Copy);
        // What is asked for is done all the same.
        assert_eq!(with(&device, Strategy::Map), Strategy::Map);
    }

    #[test]
    fn what_is_asked_for_is_done_or_refused() {
        let small = operand(4096, 1000, true, Share::PerItem(4));
        let asked = |asked| Offer { asked, ..OFFER };
        assert_eq!(chosen(&small, &asked(Strategy::Map)), Strategy::Map);
        assert_eq!(chosen(&small, &asked(Strategy::Copy)), Strategy::Copy);
        assert!(choose(&small, &asked(Strategy::Direct)).is_err());
        let refused = choose(&small, &Offer { no_import: Some("no extension"), ..asked(Strategy::Map) });
        assert_eq!(refused, Err("no extension".to_owned()));
    }

    #[test]
    fn an_obstacle_makes_it_a_copy_that_says_why() {
        let asked = Offer { asked: Strategy::Map, ..OFFER };
        let shared_word = operand(4098, 1001, true, Share::Whole);
        let choice = choose(&shared_word, &asked).expect("falls back");
        assert_eq!(choice.strategy, Strategy::Copy);
        assert!(choice.why.contains("share words"), "{}", choice.why);
        assert_eq!(chosen(&operand(4098, 1001, false, Share::Whole), &asked), Strategy::Map);
        let rerun = Offer { may_rerun: true, ..asked };
        assert_eq!(chosen(&operand(4096, 4096, true, Share::Whole), &rerun), Strategy::Copy);
        assert_eq!(chosen(&operand(4096, 4096, false, Share::Whole), &rerun), Strategy::Map);
        let mut packed = operand(4096, 4096, false, Share::PerItem(4));
        packed.slots.packed = true;
        assert_eq!(chosen(&packed, &asked), Strategy::Copy);
        let odd = Operand { unit_bytes: 4, ..operand(4098, 1000, false, Share::Whole) };
        assert_eq!(chosen(&odd, &asked), Strategy::Copy);
    }
}
