//! A program with `cust` in it on a machine without a driver. Each case runs in a process of its own: a library is opened once.
#![cfg(target_os = "linux")]
#![allow(unsafe_code)]

use std::process::Command;

use cust::error::CudaError;
use landbridge_cuda_loader as loader;

const ROLE: &str = "LANDBRIDGE_LOADER_TEST";

/// Runs this test once more in a process that finds `library` in the driver's place; true in that process.
fn in_child(test: &str, library: &str) -> bool {
    if std::env::var_os(ROLE).is_some() {
        return true;
    }
    let this = std::env::current_exe().expect("a test is a program");
    let child = Command::new(this)
        .args(["--exact", test, "--nocapture"])
        .env(ROLE, "child")
        .env(loader::VARIABLE, library)
        .output()
        .expect("it runs");
    let text = String::from_utf8_lossy(&child.stdout);
    assert!(child.status.success() && text.contains("1 passed"), "{text}{}", String::from_utf8_lossy(&child.stderr));
    false
}

#[test]
fn without_a_driver_every_answer_is_an_error_that_says_why() {
    let library = "/nowhere/libcuda.so.1";
    if !in_child("without_a_driver_every_answer_is_an_error_that_says_why", library) {
        return;
    }
    assert_eq!(cust::init(cust::CudaFlags::empty()), Err(CudaError::SharedObjectInitFailed));
    assert_eq!(cust::device::Device::num_devices(), Err(CudaError::NotInitialized));
    let why = loader::probe().unwrap_err();
    assert_eq!(why.library, library);
    assert!(why.to_string().contains("does not open") && why.to_string().contains(library), "{why}");
    assert_eq!(loader::error_text(3), why.to_string());
    // cust's own text asks the driver too, and must not crash.
    assert!(std::panic::catch_unwind(|| format!("{:?}", CudaError::NotInitialized)).is_ok());
    let last = loader::last_failure().expect("calls have failed");
    assert!(last.missing, "{last:?}");
    assert_eq!(loader::missing().len(), loader::SYMBOLS.len());
    assert_eq!(loader::device_attribute(88, 0), Err(loader::NOT_INITIALIZED));
}

#[test]
fn a_function_that_the_driver_lacks_is_not_found_and_named() {
    // Any library that opens and is no driver.
    if !in_child("a_function_that_the_driver_lacks_is_not_found_and_named", "libc.so.6") {
        return;
    }
    assert_eq!(loader::probe(), Ok(()));
    assert_eq!(cust::init(cust::CudaFlags::empty()), Err(CudaError::NotFound));
    let expected = loader::Failure { function: "cuInit", code: loader::NOT_FOUND, missing: true };
    assert_eq!(loader::last_failure(), Some(expected));
    assert_eq!(loader::missing().len(), loader::SYMBOLS.len());
    assert_eq!(loader::error_text(2), "error 2");
}

#[test]
fn the_driver_is_not_loaded_until_it_is_asked_for() {
    if !in_child("the_driver_is_not_loaded_until_it_is_asked_for", "") {
        return;
    }
    let mapped = || std::fs::read_to_string("/proc/self/maps").expect("Linux has it").contains("libcuda.so");
    // A `DT_NEEDED` would have loaded it before `main`, or, where there is none, kept the program from starting.
    assert!(!mapped());
    let opens = loader::probe().is_ok();
    assert_eq!(mapped(), opens);
}

#[test]
fn all_that_cust_raw_declares_is_forwarded_once() {
    let mut names = loader::SYMBOLS.to_vec();
    names.sort_unstable();
    names.dedup();
    assert_eq!(names.len(), 353);
}
