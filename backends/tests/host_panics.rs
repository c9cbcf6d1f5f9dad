//! A panicking work-item becomes an error that names it, wherever it is and however the results are taken.

use std::sync::Arc;

use landbridge_backends::host::Host;
use landbridge_core::argument::{IndexArg, Item, ItemMut, Whole};
use landbridge_core::ast::FunctionTree;
use landbridge_core::launch::{Call, Definition};
use landbridge_core::{Device, Error, Sum};

fn no_tree() -> FunctionTree {
    unreachable!("the host never asks for the tree")
}

static LOOKUP: Definition = Definition::new("lookup", file!(), line!(), &["table", "i"], no_tree);
static REFUSE: Definition = Definition::new("refuse", file!(), line!(), &["x", "y"], no_tree);

/// The host as it is, and with so many threads that pieces run at the same time even on a small machine.
fn devices() -> [Device; 2] {
    let pool = rayon::ThreadPoolBuilder::new().num_threads(4).build().unwrap();
    [Host::new(), Host::with_pool(Arc::new(pool))].map(|host| Device::from_backend(Arc::new(host), None))
}

const ITEMS: usize = 200_000;

/// Item `i` panics if entry `i` of the table is past its end.
fn double_lookup(table: &[usize], i: usize) -> usize {
    table[table[i]]
}

const LOOKUP_LINE: u32 = line!() - 3;

type Lookup<'t> = Call<'static, (Whole<'t, usize>, IndexArg), fn(&[usize], usize) -> usize>;

fn lookup(table: &[usize]) -> Lookup<'_> {
    Call::new(&LOOKUP, (Whole::new(table), IndexArg::items(table.len())), double_lookup)
}

fn table(failing: &[usize]) -> Vec<usize> {
    let mut table: Vec<usize> = (0..ITEMS).collect();
    failing.iter().for_each(|i| table[*i] = ITEMS + i);
    table
}

#[track_caller]
fn assert_one_of(error: &Error, failing: &[usize]) {
    let Error::KernelPanic { kernel, message, file, line, work_item, index, length } = error else {
        panic!("{error}");
    };
    assert!(failing.contains(work_item), "{work_item} of {failing:?}");
    assert_eq!((*kernel, file.as_str(), *line), ("lookup", file!(), LOOKUP_LINE));
    assert_eq!((*index, *length), (Some((ITEMS + work_item) as u64), Some(ITEMS as u64)));
    assert_eq!(*message, format!("index out of bounds: the len is {ITEMS} but the index is {}", ITEMS + work_item));
}

#[test]
fn first_middle_last_and_several_items() {
    for device in devices() {
        let several: Vec<usize> = (0..ITEMS).step_by(97).collect();
        for failing in [&[0][..], &[ITEMS / 2], &[ITEMS - 1], &[12_345, 123_456], &several] {
            let table = table(failing);
            for _ in 0..5 {
                assert_one_of(&device.run(lookup(&table)).unwrap_err(), failing);
                assert_one_of(&device.collect(lookup(&table)).unwrap_err(), failing);
                assert_one_of(&device.reduce(lookup(&table), Sum).unwrap_err(), failing);
            }
        }
        let whole = table(&[]);
        assert_eq!(device.collect(lookup(&whole)).unwrap(), whole, "a launch after failures is as any other");
    }
}

#[test]
fn a_launch_of_one_item_panics_too() {
    for device in devices() {
        let error = device.collect(lookup(&[1])).unwrap_err();
        assert!(matches!(error, Error::KernelPanic { work_item: 0, index: Some(1), length: Some(1), .. }), "{error}");
    }
}

#[test]
fn other_messages_have_no_index_and_elements_are_old_or_new() {
    for device in devices() {
        let x: Vec<u32> = (0..ITEMS as u32).collect();
        let mut y = vec![u32::MAX; ITEMS];
        let body = |x: &u32, y: &mut u32| {
            assert!(*x != 777, "item {x} is refused");
            *y = *x;
        };
        let error = device.run(Call::new(&REFUSE, (Item::new(&x), ItemMut::new(&mut y)), body)).unwrap_err();
        let Error::KernelPanic { message, work_item, index, length, .. } = error else { panic!("{error}") };
        assert_eq!((message.as_str(), work_item, index, length), ("item 777 is refused", 777, None, None));
        assert!(y.iter().enumerate().all(|(i, y)| *y == i as u32 || *y == u32::MAX));
        assert_eq!(y[777], u32::MAX);
    }
}

#[test]
fn other_panics_on_the_same_thread_are_not_ours() {
    let device = &devices()[0];
    let panic = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| {
        let error = device.collect(lookup(&[9])).unwrap_err();
        panic!("{error}");
    }));
    let message = panic.unwrap_err().downcast::<String>().unwrap();
    assert!(message.starts_with("kernel `lookup` panicked at "), "{message}");
}

#[test]
fn a_launch_while_the_thread_unwinds_reports_its_own_panic() {
    struct LaunchOnDrop<'d>(&'d Device, &'d mut Option<Error>);
    impl Drop for LaunchOnDrop<'_> {
        fn drop(&mut self) {
            *self.1 = self.0.collect(lookup(&[0, 5])).err();
        }
    }
    let (device, mut found) = (&devices()[0], None);
    let outer = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| {
        let _guard = LaunchOnDrop(device, &mut found);
        std::panic::resume_unwind(Box::new(()));
    }));
    assert!(outer.is_err());
    assert!(matches!(found, Some(Error::KernelPanic { work_item: 1, index: Some(5), .. })), "{found:?}");
}
