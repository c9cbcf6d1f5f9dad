//! Pages that walk to the card for a launch, and home again.

use landbridge::plan::StepKind;
use landbridge::{Error, Strategy, Sum};

use crate::memory::{list, sum_of_list};
use crate::support::{Driver, card, expected, numbers, saxpy, with_driver, with_driver_in};

const COUNT: usize = 100_000;

/// The text of the error with which a forced `Migrate` is refused.
fn refused() -> String {
    let (x, mut y) = (numbers(COUNT), vec![1.0; COUNT]);
    let error = card().run(saxpy(2.0, &x, &mut y).strategy(Strategy::Migrate)).map(drop).expect_err("not possible");
    assert!(matches!(error, Error::StrategyUnavailable { strategy: Strategy::Migrate, .. }), "{error}");
    assert_eq!(y, vec![1.0; COUNT]);
    error.to_string()
}

fn prefetched_both_ways(driver: &Driver) {
    let (x, mut y, device) = (numbers(COUNT), vec![1.0; COUNT], card());
    assert!(device.info().supports(Strategy::Migrate));
    let copies = driver.count("cuMemcpyHtoDAsync_v2");
    let before = driver.count("cuMemPrefetchAsync");
    let report = device.run(saxpy(2.0, &x, &mut y).strategy(Strategy::Migrate)).expect("it runs");
    assert_eq!(y, expected(COUNT));
    assert_eq!(driver.count("cuMemcpyHtoDAsync_v2"), copies);
    // Two arguments, there and back.
    assert_eq!(driver.count("cuMemPrefetchAsync"), before + 4);
    for argument in &report.arguments {
        assert_eq!(argument.strategy, Strategy::Migrate, "{report}");
        assert!(argument.why.contains("confirms") && argument.bytes_in >= 4 * COUNT as u64, "{report}");
    }
    for step in [StepKind::Migrate, StepKind::Return] {
        assert!(report.steps.get(step).is_some(), "{step} in {report}");
    }
}

#[test]
fn the_driver_moves_pages_there_and_back() {
    let Some(driver) = with_driver("migrate::the_driver_moves_pages_there_and_back", "hmm") else { return };
    prefetched_both_ways(&driver);
}

#[test]
fn a_coherent_card_without_a_node_takes_prefetches_too() {
    let Some(driver) = with_driver("migrate::a_coherent_card_without_a_node_takes_prefetches_too", "ats") else {
        return;
    };
    prefetched_both_ways(&driver);
}

#[test]
fn linked_data_walks_by_its_distinct_pages() {
    let Some(driver) = with_driver("migrate::linked_data_walks_by_its_distinct_pages", "hmm") else { return };
    let (nodes, device) = (list(2000), card());
    let before = driver.count("cuMemPrefetchAsync");
    let call = sum_of_list(nodes.as_deref(), &[1, 2, 3]).strategy(Strategy::Migrate);
    assert_eq!(device.reduce(call, Sum).expect("it runs"), 2_001_000 * 6);
    let calls = driver.count("cuMemPrefetchAsync") - before;
    assert!((4..400).contains(&calls) && calls.is_multiple_of(2), "{calls} prefetches for pages of 2000 nodes");
}

#[test]
fn what_the_driver_refuses_is_an_error_and_everything_goes_home() {
    let Some(driver) = with_driver("migrate::what_the_driver_refuses_is_an_error_and_everything_goes_home", "hmm")
    else {
        return;
    };
    card();
    // The first argument's pages move, the second's do not.
    let before = driver.count("cuMemPrefetchAsync");
    driver.fail("cuMemPrefetchAsync", 1, 801);
    let text = refused();
    assert!(text.contains("cuMemPrefetchAsync") && text.contains("801") && text.contains("`y`"), "{text}");
    assert_eq!(driver.count("cuMemPrefetchAsync"), before + 4);
    // Advice is only advice, and a driver that does not tell where pages are is said not to.
    for call in ["cuMemAdvise", "cuMemRangeGetAttribute"] {
        driver.fail(call, 0, 1);
        let (x, mut y) = (numbers(COUNT), vec![1.0; COUNT]);
        let report = card().run(saxpy(2.0, &x, &mut y).strategy(Strategy::Migrate)).expect("it runs");
        assert_eq!(y, expected(COUNT));
        let unsure = report.arguments.iter().filter(|a| a.why.contains("of which the driver confirms")).count();
        assert_eq!(unsure, usize::from(call == "cuMemRangeGetAttribute"), "{report}");
    }
}

#[test]
fn cards_that_pages_cannot_move_to_say_why() {
    let Some(_driver) = with_driver("migrate::cards_that_pages_cannot_move_to_say_why", "integrated") else { return };
    assert!(refused().contains("nowhere to move pages to"));
}

#[test]
fn a_node_that_is_not_there_takes_no_pages() {
    let node = [("FAKE_CUDA_NUMA_NODE", "60")];
    let Some(driver) = with_driver_in("migrate::a_node_that_is_not_there_takes_no_pages", "ats", &node) else { return };
    let text = refused();
    assert!(text.contains("node 60"), "{text}");
    assert_eq!(driver.count("cuMemPrefetchAsync"), 0);
}

#[test]
fn pages_move_to_the_cards_node() {
    let node = [("FAKE_CUDA_NUMA_NODE", "0")];
    let Some(driver) = with_driver_in("migrate::pages_move_to_the_cards_node", "ats", &node) else { return };
    let (x, mut y) = (numbers(COUNT), vec![1.0; COUNT]);
    let report = card().run(saxpy(2.0, &x, &mut y).strategy(Strategy::Migrate)).expect("it runs");
    assert_eq!(y, expected(COUNT));
    let by_mover = |a: &landbridge::plan::ArgumentPlan| a.strategy == Strategy::Migrate && a.why.contains("node 0");
    assert!(report.arguments.iter().all(by_mover), "{report}");
    assert_eq!(driver.count("cuMemPrefetchAsync"), 0);
}

/// The pages stay with the card from launch to launch, and go home when the scope ends.
#[test]
fn in_a_scope_pages_move_once() {
    let Some(driver) = with_driver("migrate::in_a_scope_pages_move_once", "hmm") else { return };
    let (x, mut y, device) = (numbers(COUNT), vec![1.0; COUNT], card());
    let (copies, before) = (driver.count("cuMemcpyHtoDAsync_v2"), driver.count("cuMemPrefetchAsync"));
    let ((), report) = device
        .scope_reported(|scope| {
            let (x, mut y) = (scope.attach(&x), scope.attach_mut(&mut y));
            for _ in 0..5 {
                scope.launch(saxpy(0.25, &x, &mut y).strategy(Strategy::Migrate))?;
                assert_eq!(driver.count("cuMemPrefetchAsync"), before + 2);
            }
            assert_eq!(driver.count("cuMemcpyHtoDAsync_v2"), copies);
            // What is kept on the card takes it from there, and gives it back.
            scope.launch(saxpy(0.5, &x, &mut y))?;
            scope.launch(saxpy(0.25, &x, &mut y).strategy(Strategy::Direct))?;
            Ok(())
        })
        .expect("it runs");
    assert_eq!(y, expected(COUNT));
    assert_eq!(driver.count("cuMemPrefetchAsync"), before + 4);
    assert_eq!(report.launches, 7, "{report}");
}

#[test]
fn in_a_scope_pages_that_do_not_go_home_are_told_of() {
    let Some(driver) = with_driver("migrate::in_a_scope_pages_that_do_not_go_home_are_told_of", "hmm") else { return };
    let (x, mut y, device) = (numbers(COUNT), vec![1.0; COUNT], card());
    let ((), report) = device
        .scope_reported(|scope| {
            let (x, mut y) = (scope.attach(&x), scope.attach_mut(&mut y));
            scope.launch(saxpy(2.0, &x, &mut y).strategy(Strategy::Migrate))?;
            driver.fail("cuMemPrefetchAsync", 0, 801);
            Ok(())
        })
        .expect("it runs");
    assert_eq!(y, expected(COUNT));
    assert!(report.to_string().contains("cuMemPrefetchAsync"), "{report}");
}

#[test]
fn in_a_scope_what_a_card_cannot_do_is_an_error_too() {
    let Some(_driver) = with_driver("migrate::in_a_scope_what_a_card_cannot_do_is_an_error_too", "discrete") else {
        return;
    };
    let (x, mut y) = (numbers(COUNT), vec![1.0; COUNT]);
    let done = card().scope(|scope| {
        let (x, mut y) = (scope.attach(&x), scope.attach_mut(&mut y));
        for strategy in [Strategy::Migrate, Strategy::Direct] {
            let error = scope.launch(saxpy(2.0, &x, &mut y).strategy(strategy)).expect_err("not possible");
            assert!(matches!(error, Error::StrategyUnavailable { .. }), "{error}");
        }
        scope.launch(saxpy(2.0, &x, &mut y).strategy(Strategy::Map))
    });
    done.expect("mapped memory is there");
    assert_eq!(y, expected(COUNT));
}
