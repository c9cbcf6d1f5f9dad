//! A kernel that never ends, in a process of its own: it keeps a software driver's threads busy.
#![allow(unsafe_code)]

use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use landbridge_core::Error;
use landbridge_core::argument::{Atomics, Item, ItemMut};
use landbridge_core::convert::{AtomicArg, SliceMutArg};
use landbridge_core::launch::Call;
use std::sync::atomic::{AtomicU32, Ordering::Relaxed};

use super::*;

/// What the child prints when all went as it should.
const MARK: &str = "given up, as it should be";
/// Set for the child process.
const CHILD: &str = "LANDBRIDGE_TEST_ENDLESS";

#[test]
fn a_kernel_that_never_ends_times_out_and_the_process_still_ends() {
    in_a_process("a_kernel_that_never_ends_times_out_and_the_process_still_ends", give_up);
}

#[test]
fn a_launch_behind_a_scope_that_never_ends_times_out_too() {
    in_a_process("a_launch_behind_a_scope_that_never_ends_times_out_too", give_up_behind_a_scope);
}

#[test]
fn a_scope_that_never_ends_brings_nothing_home_and_the_process_still_ends() {
    in_a_process("a_scope_that_never_ends_brings_nothing_home_and_the_process_still_ends", give_up_in_a_scope);
}

/// Runs `work` in a process of its own, which runs this very test.
fn in_a_process(test: &str, work: fn(&Arc<WgpuBackend>)) {
    let Some(backend) = backend() else { return };
    if std::env::var_os(CHILD).is_some() {
        work(&backend);
        drop(backend); // which must not wait for the kernel
        leave()
    }
    let name = format!("endless::{test}");
    let mut child = Command::new(std::env::current_exe().expect("this test's program"))
        .args(["--exact", &name, "--nocapture"])
        .env(CHILD, "1")
        .stdout(Stdio::piped())
        .spawn()
        .expect("started");
    let start = Instant::now();
    while start.elapsed() < Duration::from_secs(60) {
        if child.try_wait().expect("waited for").is_some() {
            let output = child.wait_with_output().expect("read");
            let said = String::from_utf8_lossy(&output.stdout);
            assert!(said.contains(MARK) && output.status.success(), "{}: {said}", output.status);
            return;
        }
        std::thread::sleep(Duration::from_millis(20));
    }
    child.kill().and_then(|()| child.wait()).expect("killed");
    panic!("the process hangs on the kernel that it gave up");
}

fn give_up(backend: &Arc<WgpuBackend>) {
    backend.set_timeout(Duration::from_millis(100));
    // Lavapipe ends any loop after 65535 rounds: so many items that it takes long all the same.
    let (x, mut h) = (vec![0_u32; 1 << 22], [0_u32; 2]);
    let launch = |h: &mut [u32]| {
        let h = Atomics::<'_, AtomicU32>::from(h);
        let body = |_: &u32, h: &[AtomicU32]| while h[0].fetch_or(2, Relaxed) != 1 {};
        device(backend).run(Call::new(&kernels::ENDLESS, (Item::new(&x), h), body).strategy(Strategy::Copy))
    };
    let error = launch(&mut h).expect_err("does not end");
    assert!(matches!(error, Error::Timeout { seconds, .. } if seconds >= 0.1), "{error}");
    assert_eq!(h, [0, 0], "under Copy nothing changes");
    let error = launch(&mut h).expect_err("the device is given up");
    assert!(matches!(error, Error::DeviceLost { .. }) && backend.is_lost(), "{error}");
    let error = device(backend).scope(|_| Ok(())).expect_err("nor does a scope begin");
    assert!(matches!(error, Error::DeviceLost { .. }), "{error}");
}

/// A launch of a scope that does not end: nothing comes home, and the error says what.
fn give_up_in_a_scope(backend: &Arc<WgpuBackend>) {
    backend.set_timeout(Duration::from_millis(100));
    let (x, mut h, mut y) = (vec![0_u32; 1 << 22], [0_u32; 2], [7_u8; 4]);
    let error = device(backend)
        .scope(|s| {
            let mut h = s.attach_mut(&mut h);
            let mut y = s.attach_mut(&mut y);
            let mut increment = || {
                let y = SliceMutArg::into_elements_mut(&mut y).item();
                s.launch(Call::new(&kernels::INCREMENT, (y,), |y: &mut u8| *y = y.wrapping_add(1)))
            };
            increment()?;
            let h = AtomicArg::<'_, '_, AtomicU32>::into_atomics(&mut h);
            let body = |_: &u32, h: &[AtomicU32]| while h[0].fetch_or(2, Relaxed) != 1 {};
            s.launch(Call::new(&kernels::ENDLESS, (Item::new(&x), h), body))?;
            // What queues up behind it does not hang either.
            (0..20).try_for_each(|_| increment())
        })
        .expect_err("does not end");
    let Error::NotHome { cause, arrays } = &error else { panic!("{error}") };
    assert!(matches!(**cause, Error::Timeout { .. }), "{error}");
    assert_eq!(arrays.matches("attached at").count(), 2, "{error}");
    assert_eq!((h, y), ([0, 0], [7; 4]), "as before");
}

/// Launches of other threads, which the driver queues behind a scope's.
fn give_up_behind_a_scope(backend: &Arc<WgpuBackend>) {
    backend.set_timeout(Duration::from_millis(100));
    let (x, mut h) = (vec![0_u32; 1 << 22], [0_u32; 2]);
    let plain = || {
        let mut y = vec![7_u8; 4];
        let call = Call::new(&kernels::INCREMENT, (ItemMut::new(&mut y),), |y: &mut u8| *y = y.wrapping_add(1));
        let error = device(backend).run(call.strategy(Strategy::Copy)).expect_err("behind what does not end");
        assert!(matches!(error, Error::Timeout { .. } | Error::DeviceLost { .. }), "{error}");
        assert_eq!(y, [7; 4]);
    };
    let error = device(backend)
        .scope(|s| {
            let mut h = s.attach_mut(&mut h);
            let h = AtomicArg::<'_, '_, AtomicU32>::into_atomics(&mut h);
            let body = |_: &u32, h: &[AtomicU32]| while h[0].fetch_or(2, Relaxed) != 1 {};
            s.launch(Call::new(&kernels::ENDLESS, (Item::new(&x), h), body))?;
            std::thread::scope(|threads| {
                let others = [threads.spawn(plain), threads.spawn(plain)];
                for other in others {
                    other.join().expect("it ends");
                }
            });
            Ok(())
        })
        .expect_err("does not end");
    assert!(matches!(error, Error::NotHome { .. }), "{error}");
}

/// Ends the process without its exit handlers: those of drivers tear down what a kernel that was given up still uses. (Seen
/// in core dumps: LLVM's `~PassRegistry` on the main thread, while lavapipe's thread still compiled the kernel with it.)
fn leave() -> ! {
    // Long enough for a kernel that writes to freed memory to be noticed.
    std::thread::sleep(Duration::from_secs(1));
    println!("{MARK}");
    #[cfg(unix)]
    // SAFETY: it only ends the process, and what was printed was flushed at the end of its line.
    unsafe {
        libc::_exit(0)
    }
    #[cfg(not(unix))]
    std::process::exit(0)
}
