//! The planner on machines that we don't have: its crossovers are where the closed forms say.

use proptest::prelude::*;

use super::machines::{self, Synthetic};
use super::*;
use crate::plan::{StepKind, Strategy};

const LARGE: f64 = (1u64 << 30) as f64;

fn device(synthetic: &Synthetic) -> &Computer {
    &synthetic.machine.devices[0]
}

fn chosen(need: &Need, device: &Computer) -> Strategy {
    choose(need, device).expect("possible").offer.strategy
}

/// Without the other ways to move.
fn only(device: &Computer, strategy: Strategy) -> Computer {
    let mut device = device.clone();
    if strategy != Strategy::Copy {
        device.copying = None;
    }
    if strategy != Strategy::Migrate {
        device.moving = None;
    }
    device
}

/// The number of uses at which the choice turns from `Direct` to `to`, found by trying.
fn turns_at(need: Need, device: &Computer, to: Strategy) -> f64 {
    let is_moved = |uses: f64| chosen(&need.used(uses), device) == to;
    (1..4_000).map(|tenths| 1.0 + f64::from(tenths) / 10.0).find(|&uses| is_moved(uses)).unwrap_or(f64::INFINITY)
}

fn coherent(device: &Computer) -> (f64, f64) {
    let Some(Reach::Coherent(path)) = device.reach else { panic!("not coherent") };
    (path.bandwidth, device.own.expect("own memory").bandwidth)
}

#[test]
fn it_turns_from_direct_to_copy_where_the_formula_says() {
    for synthetic in [machines::gh200(), machines::mi300a(), machines::cxl(), machines::dual_socket()] {
        let device = only(device(&synthetic), Strategy::Copy);
        let (direct, own) = coherent(&device);
        for touched in [1.0, 0.5, 0.1] {
            let need = Need { touched, ..Need::reading("x", LARGE) };
            let expected = cost::crossover(device.copying.expect("copies").into, direct, own, touched);
            let found = turns_at(need, &device, Strategy::Copy);
            assert!(
                (found - expected.max(1.0)).abs() < 0.2 + expected * 0.01,
                "{}: {found} {expected}",
                synthetic.name
            );
        }
    }
}

#[test]
fn it_turns_from_direct_to_migrate_where_the_formula_says() {
    for (synthetic, published) in
        [(machines::gh200(), Some(60.4)), (machines::cxl(), None), (machines::dual_socket(), None)]
    {
        let device = only(device(&synthetic), Strategy::Migrate);
        let (direct, own) = coherent(&device);
        let expected = cost::crossover(device.moving.expect("moves").bandwidth(), direct, own, 1.0);
        let found = turns_at(Need::reading("x", LARGE), &device, Strategy::Migrate);
        assert!((found - expected).abs() < 0.2 + expected * 0.01, "{}: {found} {expected}", synthetic.name);
        assert!(published.is_none_or(|k| (found - k).abs() < 1.0), "{found}");
    }
}

#[test]
fn the_movers_rate_sets_the_crossover_on_gh200() {
    let gh200 = machines::gh200();
    let mut huge = only(device(&gh200), Strategy::Migrate);
    huge.moving = Some(Moving::at(11.02e9, 2097152.0));
    let found = turns_at(Need::reading("x", LARGE), &huge, Strategy::Migrate);
    assert!((36.0..38.0).contains(&found), "{found}");
}

#[test]
fn pages_move_back_only_if_they_must() {
    let device = only(device(&machines::gh200()), Strategy::Migrate);
    let stay = Need::reading("x", LARGE);
    let home = Need { returns: true, ..stay };
    let (one, both) = (turns_at(stay, &device, Strategy::Migrate), turns_at(home, &device, Strategy::Migrate));
    assert!((both / one - 2.0).abs() < 0.02, "{one} {both}");
    let choice = choose(&home.used(1000.0), &device).expect("possible");
    assert!(choice.offer.moves.iter().any(|step| step.0 == StepKind::Return));
}

#[test]
fn where_the_driver_keeps_the_memory_nothing_migrates() {
    let cdmm = machines::gh200_cdmm();
    let need = Need::reading("x", LARGE).used(1e6);
    assert_eq!(chosen(&need, device(&cdmm)), Strategy::Copy);
    let refused = offers(&need, device(&cdmm)).into_iter().filter_map(Result::err);
    assert!(refused.into_iter().any(|refusal| refusal.strategy == Strategy::Migrate));
}

#[test]
fn a_tenth_scattered_over_a_link_is_read_in_place_and_a_stream_is_copied() {
    let pcie5 = machines::pcie5();
    let sparse = Need { touched: 0.1, pattern: Pattern::Scattered { useful: 32.0 }, ..Need::reading("x", LARGE) };
    assert_eq!(chosen(&sparse, device(&pcie5)), Strategy::Map);
    assert_eq!(chosen(&Need::reading("x", LARGE).used(10.0), device(&pcie5)), Strategy::Copy);
    // Four useful bytes of 32 fetched: eight times the traffic.
    let thin = Need { touched: 0.2, pattern: Pattern::Scattered { useful: 4.0 }, ..sparse };
    assert_eq!(chosen(&thin, device(&pcie5)), Strategy::Copy);
}

#[test]
fn faulting_pays_for_every_touched_page() {
    let hmm = machines::hmm();
    let scattered = Need { touched: 0.001, pattern: Pattern::Scattered { useful: 64.0 }, ..Need::reading("x", LARGE) };
    let direct = |need: &Need| offers(need, device(&hmm))[0].clone().expect("possible");
    // One useful place in each page is enough to bring all of them.
    assert_eq!(direct(&scattered).once(), direct(&Need::reading("x", LARGE)).once());
    let clustered = Need { touched: 0.001, ..Need::reading("x", LARGE) };
    assert!(direct(&clustered).once() < direct(&scattered).once() / 100.0);
    assert_eq!(chosen(&clustered, device(&hmm)), Strategy::Direct);
    assert_eq!(chosen(&Need::reading("x", LARGE), device(&hmm)), Strategy::Copy);
}

#[test]
fn a_chase_is_bound_by_latency() {
    let gh200 = machines::gh200();
    let hops = 1e6;
    let need = Need { pattern: Pattern::Chase { useful: 64.0, hops }, touched: 1e-6, ..Need::reading("list", LARGE) };
    let direct = offers(&need, device(&gh200))[0].clone().expect("possible");
    let Some(Reach::Coherent(link)) = device(&gh200).reach else { panic!() };
    assert_eq!(direct.each, hops * link.latency / link.in_flight);
}

#[test]
fn what_is_on_the_device_needs_no_way_in() {
    let pcie4 = machines::pcie4();
    let there = Need { residency: Residency::Device, ..Need::reading("x", LARGE) };
    let choice = choose(&there, device(&pcie4)).expect("possible");
    assert_eq!((choice.offer.strategy, choice.offer.once()), (Strategy::Copy, 0.0));
    let result = Need { read: false, written: 1.0, ..Need::reading("y", LARGE) };
    let choice = choose(&result, device(&pcie4)).expect("possible");
    assert!(choice.offer.moves.iter().all(|step| step.0 != StepKind::CopyIn));
}

#[test]
fn what_another_device_has_comes_home_from_that_device_first() {
    let mut machine = machines::pcie4().machine;
    let fast = machines::gh200().machine.devices.remove(0);
    machine.devices.push(Computer { id: "other".into(), ..fast });
    let mut work = Work::new("k", 1.0, vec![Need { residency: Residency::Device, ..Need::reading("x", LARGE) }]);
    (work.on_host, work.on_devices, work.holder) = (Some(1.0), vec![Some(1.0), Some(1.0)], Some(1));
    let decision = plan(&work, &machine);
    let total = |id: &str| {
        let all = std::iter::once(&decision.chosen).chain(&decision.others);
        *{ all }.find(|candidate| candidate.id == id).unwrap().total.as_ref().unwrap()
    };
    let (slow, fast) = (device(&machines::pcie4()).copying.unwrap(), machine.devices[1].copying.unwrap());
    let home = fast.latency + LARGE / fast.back;
    assert!((total("host") - 1.0 - home).abs() < 1e-9, "from the device that has it: {}", decision.why);
    assert_eq!(total("other"), 1.0);
    // PCIe 4 maps what it reads once, or copies it.
    assert!(total("gpu") > 1.0 + home && total("gpu") <= 1.0 + home + slow.latency + LARGE / slow.into + 1e-9);
}

#[test]
fn what_does_not_fit_goes_in_pieces_or_stays() {
    let gh200 = machines::gh200();
    let memory = device(&gh200).memory.expect("limited");
    let need = Need::reading("x", memory * 2.0).used(1000.0);
    assert_eq!(chosen(&need, device(&gh200)), Strategy::Direct);
    let pcie4 = machines::pcie4();
    let need = Need::reading("x", device(&pcie4).memory.expect("limited") * 2.0);
    let copy = offers(&need, device(&pcie4))[2].clone().expect("possible");
    assert!(copy.repeated > 0.0 && copy.once() == 0.0);
}

fn heavy(machine: &Machine) -> Work {
    let needs = vec![Need::reading("x", LARGE), Need { written: 1.0, ..Need::reading("y", LARGE) }];
    let mut work = Work::new("k", 1e8, needs);
    work.item = Some(1e-6);
    work.on_devices = vec![None; machine.devices.len()];
    work
}

#[test]
fn much_arithmetic_goes_to_a_device_and_little_stays() {
    let machine = machines::pcie4().machine;
    let mut work = heavy(&machine);
    let decision = plan(&work, &machine);
    assert_eq!(decision.chosen.id, "gpu");
    assert!(decision.why.contains("on host"), "{}", decision.why);
    work.item = Some(1e-11);
    let decision = plan(&work, &machine);
    assert_eq!(decision.chosen.id, "host");
    assert!(decision.why.contains("on gpu"), "{}", decision.why);
}

#[test]
fn whatever_is_unknown_stays_on_the_host() {
    let machine = machines::pcie4().machine;
    let known = heavy(&machine);
    assert_eq!(plan(&known, &machine).chosen.id, "gpu");
    let forget: [fn(&mut Machine, &mut Work); 4] = [
        |machine, _| machine.devices[0].launch = None,
        |machine, _| machine.devices[0].speed = None,
        |machine, _| machine.devices[0].own = None,
        |_, work| work.item = None,
    ];
    for forget in forget {
        let (mut machine, mut work) = (machine.clone(), known.clone());
        if machine.devices[0].mapping.is_some() {
            machine.devices[0].mapping = None;
        }
        forget(&mut machine, &mut work);
        let decision = plan(&work, &machine);
        assert_eq!(decision.chosen.id, "host", "{}", decision.why);
        assert!(decision.others[0].total.is_err());
    }
    let nothing = Machine { devices: vec![Computer::unknown("gpu")], ..machine };
    assert_eq!(plan(&known, &nothing).chosen.id, "host");
}

#[test]
fn what_launches_took_outweighs_the_model() {
    let machine = machines::pcie4().machine;
    let mut work = heavy(&machine);
    work.on_devices = vec![Some(1e3)];
    assert_eq!(plan(&work, &machine).chosen.id, "host");
    work.on_host = Some(1e4);
    assert_eq!(plan(&work, &machine).chosen.id, "gpu");
}

#[test]
fn arithmetic_hides_traffic() {
    // Bound by arithmetic, reading over the link costs nothing more: nothing is worth moving.
    let machine = machines::gh200().machine;
    let mut work = Work::new("k", 1e8, vec![Need::reading("x", LARGE).used(100.0)]);
    (work.item, work.launches) = (Some(1e-6), 100.0);
    let decision = plan(&work, &machine);
    assert_eq!(decision.chosen.choices[0].offer.strategy, Strategy::Direct, "{}", decision.why);
    work.item = Some(1e-9);
    let decision = plan(&work, &machine);
    assert_eq!(decision.chosen.choices[0].offer.strategy, Strategy::Copy, "{}", decision.why);
}

#[test]
fn what_fits_alone_need_not_fit_together() {
    let mut machine = machines::gh200().machine;
    machine.devices[0].memory = Some(1.5 * LARGE);
    let needs = vec![Need::reading("x", LARGE).used(100.0), Need::reading("y", LARGE).used(50.0)];
    let mut work = Work::new("k", 1e6, needs);
    (work.item, work.launches) = (Some(1e-9), 100.0);
    if let Some(decision) = plan_without_host(&work, &machine) {
        let strategies: Vec<_> = decision.chosen.choices.iter().map(|choice| choice.offer.strategy).collect();
        assert!(decision.chosen.total.is_ok(), "{}", decision.why);
        assert_eq!(strategies, [Strategy::Copy, Strategy::Direct]);
    }
}

#[test]
fn every_choice_says_why() {
    for synthetic in machines::all() {
        let choice = choose(&Need::reading("x", LARGE).used(20.0), device(&synthetic)).expect("possible");
        assert!(choice.why().contains("20 uses"), "{}: {}", synthetic.name, choice.why());
        assert!(!synthetic.sources.is_empty());
        assert_eq!(machines::named(synthetic.name).expect("named").about, synthetic.about);
    }
}

fn any_need() -> impl Strategy_<Value = Need> {
    let pattern = prop_oneof![
        Just(Pattern::Stream),
        (1.0..128.0).prop_map(|useful| Pattern::Scattered { useful }),
        (1.0..128.0, 1.0..1e7).prop_map(|(useful, hops)| Pattern::Chase { useful, hops }),
    ];
    (1.0..1e11, 0.001..1.0, 0.0..1.0, any::<bool>(), 1.0..1000.0, pattern, any::<bool>()).prop_map(
        |(bytes, touched, written, read, uses, pattern, returns)| Need {
            touched,
            written,
            read,
            uses,
            pattern,
            returns,
            ..Need::reading("x", bytes)
        },
    )
}

use proptest::strategy::Strategy as Strategy_;

fn any_machine() -> impl Strategy_<Value = Machine> {
    (0..machines::all().len()).prop_map(|index| machines::all().swap_remove(index).machine)
}

proptest! {
    /// More reuse never goes back to a way whose every use is slower, such as from migrated to direct.
    #[test]
    fn more_reuse_never_moves_back(need in any_need(), machine in any_machine(), more in 1.0..100.0) {
        let device = &machine.devices[0];
        let (Some(few), Some(many)) = (choose(&need, device), choose(&need.used(need.uses * more), device)) else {
            return Ok(());
        };
        prop_assert!(many.offer.line().1 <= few.offer.line().1 * (1.0 + 1e-9));
    }

    /// No strategy is predicted to be faster than the one chosen.
    #[test]
    fn the_choice_is_the_fastest(need in any_need(), machine in any_machine()) {
        if let Some(choice) = choose(&need, &machine.devices[0]) {
            for other in &choice.others {
                prop_assert!(choice.offer.total(need.uses) <= other.total(need.uses));
            }
        }
    }

    /// A device that is chosen is faster than the host, by both's own estimates.
    #[test]
    fn no_device_slower_than_the_host(
        needs in prop::collection::vec(any_need(), 0..4),
        machine in any_machine(),
        items in 1.0..1e9,
        item in prop::option::of(1e-12..1e-3),
        on_host in prop::option::of(1e-7..1e3),
        on_device in prop::option::of(1e-7..1e3),
    ) {
        let mut work = Work::new("k", items, needs);
        (work.item, work.on_host, work.on_devices) = (item, on_host, vec![on_device]);
        let decision = plan(&work, &machine);
        if decision.chosen.device.is_some() {
            let host = decision.others.iter().find(|candidate| candidate.device.is_none()).expect("asked");
            prop_assert!(decision.chosen.total.clone().expect("known") < host.total.clone().expect("known"));
        }
    }

    /// Steps add up to the total, and no time is negative.
    #[test]
    fn steps_add_up(needs in prop::collection::vec(any_need(), 0..4), machine in any_machine(), items in 1.0..1e9) {
        let mut work = Work::new("k", items, needs);
        work.item = Some(1e-9);
        let decision = plan(&work, &machine);
        for candidate in std::iter::once(&decision.chosen).chain(&decision.others) {
            if let Ok(total) = candidate.total {
                let sum: f64 = candidate.steps.iter().map(|step| step.seconds).sum();
                prop_assert!((sum - total).abs() <= 1e-9 * total);
                prop_assert!(candidate.steps.iter().all(|step| step.seconds >= 0.0));
            }
        }
    }

    /// A longer argument never costs less, whatever the strategy.
    #[test]
    fn more_bytes_never_cost_less(need in any_need(), machine in any_machine(), more in 1.0..100.0) {
        let longer = Need { bytes: need.bytes * more, ..need };
        let device = Computer { memory: None, ..machine.devices[0].clone() };
        for (short, long) in offers(&need, &device).into_iter().zip(offers(&longer, &device)) {
            if let (Ok(short), Ok(long)) = (short, long) {
                prop_assert!(short.total(need.uses) <= long.total(need.uses) * (1.0 + 1e-9));
            }
        }
    }
}
