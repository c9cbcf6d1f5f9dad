//! Scopes keep data on the card.

use landbridge::{Error, kernel};

use crate::support::{card, with_driver};

#[kernel]
fn grown(by: u32, x: &mut u32) {
    *x += by;
}

#[kernel]
fn looked_up(table: &[u32], x: &mut u32) {
    *x = table[*x as usize];
}

#[test]
fn data_stays_on_the_card_between_launches() {
    let Some(driver) = with_driver("scopes::data_stays_on_the_card_between_launches", "discrete") else { return };
    let (device, mut x) = (card(), vec![1_u32; 100_000]);
    let copies = driver.count("cuMemcpyHtoDAsync_v2");
    device
        .scope(|scope| {
            let mut x = scope.attach_mut(&mut x);
            for _ in 0..1000 {
                scope.launch(grown(2, &mut x))?;
            }
            Ok(())
        })
        .expect("it runs");
    assert!(x.iter().all(|&x| x == 2001));
    let copied = driver.count("cuMemcpyHtoDAsync_v2") - copies;
    assert!(copied <= 2, "{copied} copies of 400000 bytes");
    assert!(driver.count("cuLaunchKernel") >= 1000);
}

#[test]
fn a_panic_on_the_way_is_found_and_names_what_is_not_home() {
    let Some(_driver) = with_driver("scopes::a_panic_on_the_way_is_found_and_names_what_is_not_home", "discrete")
    else {
        return;
    };
    let (device, table, mut x) = (card(), vec![1_u32, 2, 3, 9], vec![0_u32; 5000]);
    let done = device.scope(|scope| {
        let mut x = scope.attach_mut(&mut x);
        for _ in 0..8 {
            scope.launch(looked_up(&table, &mut x))?;
        }
        Ok(())
    });
    let error = done.expect_err("the fifth look-up is out of bounds");
    assert!(matches!(error.root(), Error::KernelPanic { index: Some(9), length: Some(4), .. }), "{error}");
    // As before the scope; and the next scope works.
    assert_eq!(x, vec![0; 5000]);
    device
        .scope(|scope| {
            let mut x = scope.attach_mut(&mut x);
            scope.launch(looked_up(&table, &mut x))
        })
        .expect("in bounds");
    assert_eq!(x, vec![1; 5000]);
}
