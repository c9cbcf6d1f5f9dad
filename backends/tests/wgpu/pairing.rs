//! Nothing in Rust's types says that a definition belongs to the arguments and the function beside it. `Call::new` is safe,
//! so a wrong pair must be an error before a device touches anything: run it as IR says, and memory would be overwritten.

use std::sync::LazyLock;

use landbridge_core::argument::{Item, ItemMut, Uniform, Whole};
use landbridge_core::launch::{Arguments, Body, Call, Definition};
use landbridge_core::reduction::Sum;
use landbridge_core::{Error, KernelValue};

use super::*;

fn refused<T>(result: Result<T>, told: &str) {
    match result {
        Err(Error::Untranslatable { what, .. }) => assert!(what.contains(told), "{what}"),
        Err(other) => panic!("{other}"),
        Ok(_) => panic!("it ran, although {told}"),
    }
}

/// Neither runs, nor is planned.
fn refused_to_run<A: Arguments, F: Body<A>>(device: &Device, call: impl Fn() -> Call<'static, A, F>, told: &str) {
    for strategy in [Strategy::Auto, Strategy::Copy, Strategy::Map] {
        refused(device.run(call().strategy(strategy)), told);
    }
    refused(device.plan(&call()), told);
}

fn refused_to_collect<A: Arguments, F: Body<A, Output: KernelValue>>(
    device: &Device,
    call: impl Fn() -> Call<'static, A, F>,
    told: &str,
) {
    refused(device.collect(call()), told);
}

#[test]
fn arguments_have_the_types_of_the_ir() {
    let Some(backend) = backend() else { return };
    let device = device(&backend);
    let x = [1_u8; 100];
    // `count_to` writes four bytes for each item: three quarters of them behind the slice.
    let call = || Call::new(&kernels::COUNT_TO, (Item::new(&x), Item::new(&x)), |_: &u8, _: &u8| ());
    refused_to_run(&device, call, "`n` is Item { exclusive: false } of `u32`");
    let n = [1_i32; 100];
    let call = || Call::new(&kernels::COUNT_TO, (Item::new(&n), Item::new(&n)), |_: &i32, _: &i32| ());
    refused_to_run(&device, call, "of `i32`");
    let mut flags = [true; 8];
    let call = Call::new(&kernels::INCREMENT, (ItemMut::new(&mut flags),), |_: &mut bool| ());
    refused(
        device.run(call),
        "`y` is Item { exclusive: true } of `u8`, its argument Item { exclusive: true } of `bool`",
    );
    assert_eq!(flags, [true; 8]);
}

#[test]
fn arguments_have_the_roles_of_the_ir() {
    let Some(backend) = backend() else { return };
    let device = device(&backend);
    let n = [1_u32; 100];
    let call = || Call::new(&kernels::COUNT_TO, (Item::new(&n), Item::new(&n)), |_: &u32, _: &u32| ());
    refused_to_run(&device, call, "`y` is Item { exclusive: true }");
    let call = || Call::new(&kernels::COUNT_TO, (Item::new(&n), Whole::new(&n[..1])), |_: &u32, _: &[u32]| ());
    refused_to_run(&device, call, "its argument Whole");
    let call = || Call::new(&kernels::COUNT_TO, (Item::new(&n), Uniform(1_u32)), |_: &u32, _: u32| ());
    refused_to_run(&device, call, "its argument Uniform");
    let call = || Call::new(&kernels::COUNT_TO, (Item::new(&n),), |_: &u32| ());
    refused_to_run(&device, call, "it has 2 parameters, the call 1 arguments");
    assert_eq!(n, [1; 100]);
}

#[test]
fn results_have_the_type_of_the_ir() {
    let Some(backend) = backend() else { return };
    let device = device(&backend);
    let x = [1_u32; 100];
    let index = landbridge_core::argument::IndexArg::implied;
    let call = || Call::new(&kernels::PLUS_INDEX, (index(), Item::new(&x)), |_: usize, _: &u32| 7_u8);
    refused_to_collect(&device, call, "it returns `u32`, the function `u8`");
    let call = || Call::new(&kernels::PLUS_INDEX, (index(), Item::new(&x)), |_: usize, _: &u32| [7_u32; 4]);
    refused_to_collect(&device, call, "it returns `u32`, the function `[u32; 4]`");
    let call = || Call::new(&kernels::PLUS_INDEX, (index(), Item::new(&x)), |_: usize, _: &u32| 7_u64);
    refused(device.reduce(call(), Sum), "the function `u64`");
    // Nobody wants what this one does not return.
    refused_to_collect(
        &device,
        || Call::new(&kernels::COUNT_TO, (Item::new(&x), Item::new(&x)), |_: &u32, _: &u32| true),
        "exclusive",
    );
}

#[test]
fn the_host_runs_the_function_where_the_ir_is_of_another() {
    let Some(backend) = backend() else { return };
    let device = Device::from_backend(backend, Some(Arc::new(landbridge_backends::host::Host::new())));
    let (x, mut y) = ([3_u8; 5], [0_u8; 5]);
    let call = Call::new(&kernels::COUNT_TO, (Item::new(&x), ItemMut::new(&mut y)), |x: &u8, y: &mut u8| *y = *x);
    let report = device.run(call).expect("the host runs it");
    assert_eq!((y, &*report.device.id), ([3; 5], "host"));
    assert!(report.why.contains("of another kernel"), "{}", report.why);
}

#[test]
fn ir_that_is_not_well_formed_runs_nowhere() {
    static BROKEN: LazyLock<Definition> = LazyLock::new(|| {
        let mut module = kernels::COUNT_TO.module().expect("it is well-formed").clone();
        module.parameters[1].role = landbridge_core::ir::Role::Whole;
        Definition::from_module("broken", &["n", "y"], module)
    });
    let Some(backend) = backend() else { return };
    let n = [1_u32; 100];
    let call = || Call::new(&BROKEN, (Item::new(&n), Whole::new(&n)), |_: &u32, _: &[u32]| ());
    refused_to_run(&device(&backend), call, "does not fit a parameter");
}
