//! The driver through its C functions, as programs use it. One process, one driver: the tests take turns.

mod support;

use std::ffi::CString;
use std::sync::{Mutex, MutexGuard};

use support::{at, call, device_memory, download, function, good, launch, start, upload};

static TURN: Mutex<()> = Mutex::new(());

fn turn() -> MutexGuard<'static, ()> {
    let turn = TURN.lock().unwrap_or_else(|e| e.into_inner());
    start();
    turn
}

fn reset() {
    good("cuDevicePrimaryCtxReset_v2", &[0]);
}

const SAXPY: &str = include_str!("ptx/saxpy.ptx");
const LIST: &str = include_str!("ptx/list.ptx");
const DOT: &str = include_str!("ptx/dot.ptx");

const ENDLESS: &str = ".version 7.0\n.target sm_70\n.address_size 64\n.visible .entry endless() { A: bra.uni A; }";
const TRAP: &str = ".version 7.0\n.target sm_70\n.address_size 64\n.visible .entry end() { trap; }";
const WRITE: &str = ".version 7.0\n.target sm_70\n.address_size 64\n.visible .entry put(.param .u64 p) {
    .reg .b64 %rd; ld.param.u64 %rd, [p]; st.global.u32 [%rd], 7; ret; }";

#[test]
fn saxpy_computes_and_reports_what_is_out_of_bounds() {
    let _turn = turn();
    let kernel = function(SAXPY, "saxpy");
    let x: Vec<f32> = (0..1000).map(|k| k as f32).collect();
    let (dx, dy, errors) = (device_memory(4000), device_memory(4000), device_memory(24));
    upload(dx, &x);
    upload(dy, &vec![1.0f32; 1000]);
    upload(errors, &[0u64; 3]);
    let a = u64::from(2.5f32.to_bits());
    assert_eq!(launch(kernel, 4, 256, 0, &[a, dx, 1000, dy, 1000, 1000, errors]), 0);
    let y: Vec<f32> = download(dy, 1000);
    assert!(y.iter().zip(&x).all(|(y, x)| *y == 2.5f32.mul_add(*x, 1.0)));
    assert_eq!(download::<u64>(errors, 3), [0; 3]);
    assert_eq!(launch(kernel, 4, 256, 0, &[a, dx, 1000, dy, 999, 1000, errors]), 0);
    assert_eq!(download::<u64>(errors, 3), [2, 999, 999]);
    for address in [dx, dy, errors] {
        good("cuMemFree_v2", &[address]);
    }
    assert_eq!(call("fake_cuda_live", &[]), 0);
}

#[test]
fn dot_and_list_compute() {
    let _turn = turn();
    let (a, b, out) = (device_memory(12 * 4), device_memory(4 * 4), device_memory(3 * 4));
    upload(a, &(0..12).map(|k| k as f32).collect::<Vec<_>>());
    upload(b, &[1.0f32, 2.0, 3.0, 4.0]);
    assert_eq!(launch(function(DOT, "dot"), 1, 32, 0, &[a, b, out, 3, 4]), 0);
    assert_eq!(download::<f32>(out, 3), [20.0, 60.0, 100.0]);
    // Nodes: next, value.
    let nodes = device_memory(4 * 16);
    upload(nodes, &[nodes + 16, 5, nodes + 32, 6, 0, 7, 0, 100]);
    let (heads, sums, errors) = (device_memory(16), device_memory(16), device_memory(16));
    upload(heads, &[nodes, nodes + 48]);
    upload(errors, &[0u64; 2]);
    assert_eq!(launch(function(LIST, "list"), 1, 32, 0, &[heads, sums, 2, 10, errors]), 0);
    assert_eq!(download::<u64>(sums, 2), [18, 100]);
    reset();
}

#[test]
fn texts_that_are_not_known_are_refused_with_a_log() {
    let _turn = turn();
    let text = ".version 7.0\n.target sm_70\n.address_size 64\n.visible .entry k() {\n  frobnicate.u32;\n  ret;\n}";
    let text = CString::new(text).expect("no zero");
    let mut log = vec![0u8; 200];
    let (options, mut values) = ([5i32, 6], [log.as_mut_ptr() as u64, 200u64]);
    let mut module = 0u64;
    let arguments = [at(&mut module), text.as_ptr() as u64, 2, options.as_ptr() as u64, values.as_mut_ptr() as u64];
    assert_eq!(call("cuModuleLoadDataEx", &arguments), 218);
    let written = values[1] as usize;
    let log = String::from_utf8(log[..written].to_vec()).expect("text");
    assert!(log.contains("line 5") && log.contains("frobnicate"), "{log}");
    for (text, code) in [(WRITE.replace("7.0", "9.9"), 222), (WRITE.replace("sm_70", "sm_120"), 209)] {
        let text = CString::new(text).expect("no zero");
        assert_eq!(call("cuModuleLoadData", &[at(&mut module), text.as_ptr() as u64]), code);
    }
}

#[test]
fn wild_addresses_stick_until_the_context_is_reset() {
    let _turn = turn();
    for (wild, code) in [(64, 700), (0, 700), (2, 716)] {
        let put = function(WRITE, "put");
        let memory = device_memory(4);
        // Just past the end, nowhere, and not aligned.
        let address = if wild == 64 { memory + 4 } else { memory * (wild / 2) + wild };
        assert_eq!(launch(put, 1, 1, 0, &[address]), 0);
        assert_eq!(call("cuCtxSynchronize", &[]), code);
        let mut other = 0u64;
        assert_eq!(call("cuMemAlloc_v2", &[at(&mut other), 4]), code);
        assert_eq!(launch(put, 1, 1, 0, &[memory]), code);
        reset();
    }
    let end = function(TRAP, "end");
    assert_eq!(launch(end, 1, 1, 0, &[]), 0);
    assert_eq!(call("cuCtxSynchronize", &[]), 719);
    reset();
    let (put, memory) = (function(WRITE, "put"), device_memory(4));
    assert_eq!(launch(put, 1, 1, 0, &[memory]), 0);
    assert_eq!(download::<u32>(memory, 1), [7]);
    reset();
}

#[test]
fn endless_kernels_run_on_while_others_work_until_the_context_is_lost() {
    let _turn = turn();
    let endless = function(ENDLESS, "endless");
    let (mut stream, mut event) = (0u64, 0u64);
    good("cuStreamCreate", &[at(&mut stream), 1]);
    good("cuEventCreate", &[at(&mut event), 2]);
    assert_eq!(launch(endless, 1, 1, stream, &[]), 0);
    good("cuEventRecord", &[event, stream]);
    assert_eq!(call("cuStreamQuery", &[stream]), 600);
    assert_eq!(call("cuEventQuery", &[event]), 600);
    // The default stream goes on.
    let memory = device_memory(4);
    assert_eq!(launch(function(WRITE, "put"), 1, 1, 0, &[memory]), 0);
    assert_eq!(download::<u32>(memory, 1), [7]);
    good("fake_cuda_fail_next", &[c"cuStreamQuery".as_ptr() as u64, 999]);
    assert_eq!(call("cuStreamQuery", &[stream]), 999);
    assert_eq!(call("cuStreamQuery", &[stream]), 600);
    call("fake_cuda_lose_context", &[]);
    assert_eq!(call("cuStreamQuery", &[stream]), 719);
    reset();
    assert_eq!(call("cuStreamQuery", &[stream]), 400);
}

#[test]
fn streams_keep_their_order_and_wait_for_events() {
    let _turn = turn();
    let (mut first, mut second, mut event) = (0u64, 0u64, 0u64);
    good("cuStreamCreate", &[at(&mut first), 1]);
    good("cuStreamCreate", &[at(&mut second), 1]);
    good("cuEventCreate", &[at(&mut event), 2]);
    let memory = device_memory(4);
    let put = function(WRITE, "put");
    call("fake_cuda_hold", &[1]);
    good("cuMemsetD32Async", &[memory, 1, 1, first]);
    assert_eq!(launch(put, 1, 1, first, &[memory]), 0);
    good("cuEventRecord", &[event, first]);
    good("cuStreamWaitEvent", &[second, event, 0]);
    good("cuMemsetD8Async", &[memory + 1, 1, 1, second]);
    assert_eq!(call("cuEventQuery", &[event]), 600);
    call("fake_cuda_hold", &[0]);
    good("cuStreamSynchronize", &[second]);
    good("cuEventSynchronize", &[event]);
    assert_eq!(download::<u32>(memory, 1), [0x107]);
    reset();
}

#[test]
fn memory_ends_and_failures_are_asked_for() {
    let _turn = turn();
    let mut address = 0u64;
    assert_eq!(call("cuMemAlloc_v2", &[at(&mut address), 2 << 30]), 2);
    good("fake_cuda_fail_after", &[c"cuMemAlloc_v2".as_ptr() as u64, 1, 2]);
    good("cuMemAlloc_v2", &[at(&mut address), 64]);
    let mut other = 0u64;
    assert_eq!(call("cuMemAlloc_v2", &[at(&mut other), 64]), 2);
    good("cuMemAlloc_v2", &[at(&mut other), 64]);
    assert_eq!(call("cuMemFree_v2", &[address + 1]), 1);
    // Registered memory of the host is the kernel's too; any other is not.
    let mut host = vec![0u32; 16];
    let put = function(WRITE, "put");
    good("cuMemHostRegister_v2", &[host.as_mut_ptr() as u64, 64, 2]);
    assert_eq!(call("cuMemHostRegister_v2", &[host.as_mut_ptr() as u64, 4, 2]), 712);
    assert_eq!(launch(put, 1, 1, 0, &[host.as_mut_ptr() as u64]), 0);
    good("cuCtxSynchronize", &[]);
    good("cuMemHostUnregister", &[host.as_mut_ptr() as u64]);
    assert_eq!(host[0], 7);
    assert_eq!(call("cuMemHostUnregister", &[host.as_mut_ptr() as u64]), 713);
    assert_eq!(launch(put, 1, 1, 0, &[host.as_mut_ptr() as u64]), 0);
    assert_eq!(call("cuCtxSynchronize", &[]), 700);
    reset();
    assert_eq!(call("cuMemcpyDtoH_v2", &[host.as_mut_ptr() as u64, address, 64]), 1);
}
