//! Which strategy each operand gets, and why.

use std::borrow::Cow;

use landbridge_core::Strategy;

use super::operand::{Memory, Operand};

/// A strategy and its reason.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Choice {
    pub(crate) strategy: Strategy,
    pub(crate) why: Cow<'static, str>,
    /// Bytes of its pages that have moved to the card.
    pub(crate) moved: u64,
}

/// What the card offers.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Offer<'a> {
    /// The strategy asked for.
    pub(crate) asked: Strategy,
    /// Why it cannot work on the host's memory where it is.
    pub(crate) no_direct: Option<&'a str>,
    /// Why the host's pages cannot move to it.
    pub(crate) no_migrate: Option<&'a str>,
    /// Reaching the host's memory costs as little as the card's own: one memory, or page tables and a link that are made for it.
    pub(crate) is_near: bool,
}

/// Below this a copy costs less than registering pages does.
const WORTH_REACHING: u64 = 64 << 10;

/// Chooses for one operand, or says why the strategy asked for is not possible on this card.
pub(crate) fn choose(operand: &Operand<'_>, offer: &Offer<'_>) -> Result<Choice, String> {
    let choice = |strategy, why: &'static str| Ok(Choice { strategy, why: why.into(), moved: 0 });
    match (operand.memory, offer.asked) {
        (Memory::Card(_), _) => choice(Strategy::Copy, "it is on the card already"),
        (Memory::Partials, _) => choice(Strategy::Copy, "partial results are folded on the host"),
        (Memory::Image(_), Strategy::Auto | Strategy::Copy) => {
            choice(Strategy::Copy, "linked data is rebuilt for the device as one image")
        }
        (Memory::Image(_), _) => {
            Err(format!("`{}` is linked data, which this device takes as a copy that is rebuilt for it", operand.name))
        }
        (Memory::Host { .. }, Strategy::Migrate) => match offer.no_migrate {
            None if operand.bytes() == 0 => choice(Strategy::Copy, "it is empty"),
            None => choice(Strategy::Migrate, "asked for"),
            Some(why) => Err(why.to_owned()),
        },
        (Memory::Host { .. }, Strategy::Copy) => choice(Strategy::Copy, "asked for"),
        (Memory::Host { .. }, Strategy::Map) if operand.bytes() == 0 => choice(Strategy::Copy, "it is empty"),
        (Memory::Host { .. }, Strategy::Map) => choice(Strategy::Map, "asked for"),
        (Memory::Host { .. }, Strategy::Direct) => match offer.no_direct {
            None => choice(Strategy::Direct, "asked for"),
            Some(why) => Err(why.to_owned()),
        },
        (Memory::Host { .. }, _) => Ok(usual(operand, offer)),
    }
}

/// What is mostly right, before anything was measured.
fn usual(operand: &Operand<'_>, offer: &Offer<'_>) -> Choice {
    let choice = |strategy, why: &'static str| Choice { strategy, why: why.into(), moved: 0 };
    if operand.bytes() < WORTH_REACHING {
        choice(Strategy::Copy, "small: copying beats reaching over")
    } else if offer.no_direct.is_none() && offer.is_near {
        choice(Strategy::Direct, "the device shares the host's address space, and reaches its memory at full speed")
    } else if offer.is_near {
        choice(Strategy::Map, "the device shares the host's memory")
    } else {
        choice(Strategy::Copy, "the device has its own memory: one copy beats many reads over the bus")
    }
}

#[cfg(test)]
mod tests {
    use std::marker::PhantomData;

    use super::*;

    fn operand(memory: Memory, elements: u64) -> Operand<'static> {
        let lives = PhantomData;
        Operand { name: "x", memory, elements, element_bytes: 4, per_item: Some(1), writable: true, links: None, lives }
    }

    fn host(elements: u64) -> Operand<'static> {
        operand(Memory::Host { address: std::ptr::dangling_mut(), initialised: true }, elements)
    }

    const OFFER: Offer<'static> =
        Offer { asked: Strategy::Auto, no_direct: Some("it is far"), no_migrate: Some("it is fixed"), is_near: false };

    #[test]
    fn what_is_usual_depends_on_how_near_the_hosts_memory_is() {
        let chosen = |offer: Offer<'_>| choose(&host(1 << 20), &offer).expect("possible").strategy;
        assert_eq!(chosen(OFFER), Strategy::Copy);
        assert_eq!(chosen(Offer { no_direct: None, ..OFFER }), Strategy::Copy);
        assert_eq!(chosen(Offer { no_direct: None, is_near: true, ..OFFER }), Strategy::Direct);
        assert_eq!(chosen(Offer { is_near: true, ..OFFER }), Strategy::Map);
        let small = choose(&host(10), &Offer { no_direct: None, is_near: true, ..OFFER });
        assert_eq!(small.expect("possible").strategy, Strategy::Copy);
    }

    #[test]
    fn what_is_asked_for_is_done_or_refused_with_the_reason() {
        let asked = |asked| choose(&host(1 << 20), &Offer { asked, ..OFFER });
        assert_eq!(asked(Strategy::Direct), Err("it is far".into()));
        assert_eq!(asked(Strategy::Migrate), Err("it is fixed".into()));
        let moves = choose(&host(1 << 20), &Offer { asked: Strategy::Migrate, no_migrate: None, ..OFFER });
        assert_eq!(moves.map(|choice| choice.strategy), Ok(Strategy::Migrate));
        assert_eq!(asked(Strategy::Map).map(|choice| choice.strategy), Ok(Strategy::Map));
        assert_eq!(asked(Strategy::Copy).map(|choice| choice.strategy), Ok(Strategy::Copy));
        let kept = choose(&operand(Memory::Card(64), 1), &Offer { asked: Strategy::Map, ..OFFER });
        assert!(kept.is_ok_and(|choice| choice.why.contains("already")));
    }
}
