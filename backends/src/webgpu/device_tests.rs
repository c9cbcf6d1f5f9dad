//! The device layer with hand-written kernels: what the launch layer relies on.
#![allow(unsafe_code)]

use std::sync::Arc;
use std::time::Duration;

use super::device::Gpu;
use super::failure::Failure;
use super::grid::{Grid, most_items};
use super::import::Imported;
use super::pages;
use super::pipeline::{Pipeline, Shader, Window};
use super::pool::Kind;
use super::staging::{Download, Layout, Upload};
use super::submit::{CopyStep, Dispatch, Steps, submit};
use super::testing;
use smallvec::smallvec;

/// y[first + i] += 1 for each of `count` items.
const INCREMENT: &str = "
struct Parameters { first: u32, count: u32 }
@group(0) @binding(0) var<storage, read_write> y: array<u32>;
var<immediate> p: Parameters;
@compute @workgroup_size(64)
fn main(@builtin(global_invocation_id) id: vec3<u32>, @builtin(num_workgroups) groups: vec3<u32>) {
    let i = id.x + id.y * groups.x * 64u;
    if i < p.count { y[p.first + i] += 1u; }
}";

fn increment(gpu: &Gpu) -> Pipeline {
    let shader = Shader {
        name: "increment",
        source: INCREMENT,
        entry: "main",
        read_only: &[false],
        immediate_bytes: 8,
        proved: Default::default(),
    };
    Pipeline::compile(gpu, &shader, None).expect("compiles")
}

fn submit_scoped(gpu: &Gpu, steps: &Steps<'_>) -> Result<wgpu::SubmissionIndex, Failure> {
    gpu.scoped("submitting", || submit(gpu, steps))
}

fn immediates(words: &[u32]) -> Vec<u8> {
    words.iter().flat_map(|word| word.to_ne_bytes()).collect()
}

/// A device with immediates, which these kernels take their parameters from.
fn gpu() -> Option<Arc<Gpu>> {
    let gpu = testing::gpu()?;
    if gpu.facts.immediate_bytes < 8 {
        testing::skipped("the driver has no immediates");
        return None;
    }
    Some(gpu)
}

/// Uploads, increments `count` items from `first`, downloads.
fn increment_by_copy(gpu: &Arc<Gpu>, pipeline: &Pipeline, data: &mut [u32], first: u32, count: u32) {
    let bytes = size_of_val(data);
    let storage = gpu.pool.lend(Kind::Storage, bytes as u64).expect("storage");
    let upload = Upload::new(gpu, bytes as u64).expect("upload");
    let download = Download::new(gpu, bytes as u64).expect("download");
    // SAFETY: the slice is valid for reads of its size.
    unsafe { upload.write(0, data.as_ptr().cast(), bytes) }.expect("written");
    upload.close();
    let window = Window { buffer: storage.buffer(), pooled: Some(storage.id()), offset: 0, bytes: bytes as u64 };
    let group = gpu.scoped("binding", || gpu.bind_groups.get(gpu, pipeline, &[window])).expect("bound");
    let parameters = immediates(&[first, count]);
    let step = |from, to| CopyStep { from, from_offset: 0, to, to_offset: 0, bytes: bytes as u64 };
    let steps = Steps {
        uploads: smallvec![step(upload.buffer(), storage.buffer())],
        dispatches: smallvec![Dispatch {
            pipeline,
            group,
            immediates: &parameters,
            grid: Grid::new(count.into(), 64, &gpu.facts.limits),
        }],
        downloads: smallvec![step(storage.buffer(), download.buffer())],
        ..Steps::default()
    };
    let submission = submit_scoped(gpu, &steps).expect("submitted");
    upload.submitted();
    download.submitted();
    gpu.wait(&submission, Duration::from_secs(60)).expect("ends");
    // SAFETY: the slice is borrowed exclusively.
    unsafe { download.copy_to(0, data.as_mut_ptr().cast(), bytes) }.expect("read");
}

#[test]
fn data_goes_there_and_back_and_the_second_launch_allocates_nothing() {
    let Some(gpu) = gpu() else { return };
    let pipeline = increment(&gpu);
    let mut data: Vec<u32> = (0..10_000).collect();
    increment_by_copy(&gpu, &pipeline, &mut data, 100, 5000);
    let allocations = gpu.pool.in_use().allocations;
    for _ in 0..10 {
        increment_by_copy(&gpu, &pipeline, &mut data, 100, 5000);
    }
    assert_eq!(gpu.pool.in_use().allocations, allocations);
    for (i, value) in (0..).zip(data) {
        assert_eq!(value, if (100..5100).contains(&i) { i + 11 } else { i });
    }
    assert_eq!(gpu.take_stray(), None);
}

#[test]
fn more_groups_than_one_dimension_holds_are_all_run() {
    let Some(gpu) = gpu() else { return };
    let pipeline = increment(&gpu);
    let count = 65_535 * 64 + 1000;
    assert!(most_items(64, &gpu.facts.limits) >= count as u64);
    let mut data = vec![7_u32; count + 50];
    increment_by_copy(&gpu, &pipeline, &mut data, 0, count as u32);
    assert!(data[..count].iter().all(|&value| value == 8));
    assert!(data[count..].iter().all(|&value| value == 7));
}

/// Runs the increment on `data`'s own pages.
fn increment_in_place(gpu: &Arc<Gpu>, pipeline: &Pipeline, data: &mut [u32]) -> Result<(), String> {
    let page = gpu.import.as_ref().map_err(Clone::clone)?.page;
    let range = data.as_mut_ptr_range();
    let range = range.start as usize..range.end as usize;
    let pages = pages::outward(&range, page).expect("not at the end of memory");
    // SAFETY: the pages around a live slice are mapped; only the slice's words are touched.
    let imported = unsafe { Imported::new(gpu, pages) }?;
    let lead = (range.start - imported.pages().start) / 4;
    let window = Window { buffer: imported.buffer(), pooled: None, offset: 0, bytes: imported.pages().len() as u64 };
    let parameters = immediates(&[lead as u32, data.len() as u32]);
    let steps = Steps {
        dispatches: smallvec![Dispatch {
            pipeline,
            group: gpu
                .scoped("binding", || gpu.bind_groups.get(gpu, pipeline, &[window]))
                .map_err(|failure| failure.to_string())?,
            immediates: &parameters,
            grid: Grid::new(data.len() as u64, 64, &gpu.facts.limits),
        }],
        host_reads: smallvec![imported.buffer()],
        ..Steps::default()
    };
    let submission = submit_scoped(gpu, &steps).map_err(|failure| failure.to_string())?;
    gpu.wait_for_ever(&submission).map_err(|failure| failure.to_string())
}

#[test]
fn a_vecs_pages_are_computed_on_in_place() {
    let Some(gpu) = gpu() else { return };
    if let Err(why) = &gpu.import {
        return testing::skipped(why);
    }
    let pipeline = increment(&gpu);
    for len in [1, 3, 1000, 1 << 20] {
        let mut data = vec![5_u32; len + 2];
        for round in 0..20 {
            increment_in_place(&gpu, &pipeline, &mut data[1..=len]).expect("imported");
            assert!(data[1..=len].iter().all(|&value| value == 6 + round));
        }
        assert_eq!((data[0], data[len + 1]), (5, 5), "neighbours stay as they were");
    }
    assert_eq!(gpu.take_stray(), None);
}

#[test]
fn pages_are_given_back_before_the_memory_is_freed() {
    let Some(gpu) = gpu() else { return };
    if let Err(why) = &gpu.import {
        return testing::skipped(why);
    }
    let pipeline = increment(&gpu);
    // Each round frees its Vec; the allocator hands the same pages out again.
    for round in 0..200 {
        let mut data = vec![round; 5000];
        increment_in_place(&gpu, &pipeline, &mut data).expect("imported");
        assert!(data.iter().all(|&value| value == round + 1));
    }
}

/// As many groups as `p.count` each take a while; the last word of each says that it has ended.
const SLOW: &str = "
struct Parameters { first: u32, count: u32 }
@group(0) @binding(0) var<storage, read_write> y: array<atomic<u32>>;
var<immediate> p: Parameters;
@compute @workgroup_size(1)
fn main(@builtin(workgroup_id) id: vec3<u32>) {
    var n = 0u;
    while n < 60000u { n += 1u + (atomicLoad(&y[p.first]) >> 31u); }
    if n >= 60000u { atomicAdd(&y[p.first + 1u], 1u); }
}";

#[test]
fn pages_are_waited_for_though_the_device_was_given_up() {
    const GROUPS: u32 = 2000;
    let Some(gpu) = gpu() else { return };
    if let Err(why) = &gpu.import {
        return testing::skipped(why);
    }
    let proved = super::pipeline::Proved { loops: true, ..Default::default() };
    let shader = Shader { name: "slow", source: SLOW, entry: "main", read_only: &[false], immediate_bytes: 8, proved };
    let pipeline = Pipeline::compile(&gpu, &shader, None).expect("compiles");
    let mut data = [0_u32; 64];
    let address = data.as_mut_ptr() as usize;
    let page = gpu.import.as_ref().map_or(0, |support| support.page);
    let pages = pages::outward(&(address..address + size_of_val(&data)), page).expect("not at the end of memory");
    // SAFETY: the pages around a live array are mapped; only the array's words are touched.
    let imported = unsafe { Imported::new(&gpu, pages) }.expect("imported");
    let lead = (address - imported.pages().start) / 4;
    let window = Window { buffer: imported.buffer(), pooled: None, offset: 0, bytes: imported.pages().len() as u64 };
    let parameters = immediates(&[lead as u32, GROUPS]);
    let dispatch = Dispatch {
        pipeline: &pipeline,
        group: gpu.bind_groups.get(&gpu, &pipeline, &[window]),
        immediates: &parameters,
        grid: Grid { x: GROUPS, y: 1 },
    };
    let steps = Steps { dispatches: smallvec![dispatch], host_reads: smallvec![imported.buffer()], ..Steps::default() };
    submit_scoped(&gpu, &steps).expect("submitted");
    drop(steps);
    // As another thread does whose launch took too long: the kernel runs on.
    gpu.mark_lost("a test said so".to_owned());
    drop(imported);
    let ended = std::hint::black_box(&mut data)[1];
    assert_eq!(ended, GROUPS, "the launch returned while the device wrote the user's pages");
}

#[test]
fn a_refused_import_says_why() {
    let Some(gpu) = gpu() else { return };
    if let Err(why) = &gpu.import {
        return testing::skipped(why);
    }
    // SAFETY: refused before anything is imported.
    let error = unsafe { Imported::new(&gpu, 8..4104) }.err().expect("not a page");
    assert!(error.contains("whole pages"));
    // SAFETY: refused before anything is imported.
    let error = unsafe { Imported::new(&gpu, 4096..1 << 46) }.err().expect("too large");
    assert!(error.contains("more than one buffer"));
}

#[test]
fn a_wrong_kernel_is_an_error_with_nagas_explanation() {
    let Some(gpu) = gpu() else { return };
    let shader = Shader {
        name: "wrong",
        source: "@compute @workgroup_size(1) fn main() { let x: f32 = 1u; }",
        entry: "main",
        read_only: &[],
        immediate_bytes: 0,
        proved: Default::default(),
    };
    let error = Pipeline::compile(&gpu, &shader, None).expect_err("does not compile");
    assert!(matches!(error, Failure::Invalid { .. }));
    assert!(error.to_string().contains("f32"), "{error}");
    assert_eq!(gpu.take_stray(), None);
}

#[test]
fn a_wrong_submission_is_an_error() {
    let Some(gpu) = gpu() else { return };
    let small = gpu.pool.lend(Kind::Storage, 256).expect("lent");
    let steps = Steps {
        uploads: smallvec![CopyStep {
            from: small.buffer(),
            from_offset: 0,
            to: small.buffer(),
            to_offset: 0,
            bytes: 1 << 20,
        }],
        ..Steps::default()
    };
    let error = submit_scoped(&gpu, &steps).expect_err("out of the buffer's bounds");
    assert!(matches!(error, Failure::Invalid { .. }), "{error}");
    assert_eq!(gpu.take_stray(), None);
    gpu.check_alive().expect("the device is not to blame");
}

#[test]
fn a_lost_device_stays_an_error() {
    let Some(gpu) = gpu() else { return };
    gpu.mark_lost("a test said so".to_owned());
    let error = gpu.scoped("anything", || ()).expect_err("lost");
    assert!(error.to_string().contains("a test said so"));
    assert!(Upload::new(&gpu, 16).is_err());
}

#[test]
fn pieces_of_a_staging_buffer_do_not_overlap() {
    let mut layout = Layout::default();
    let starts = [5, 16, 0, 17].map(|bytes| layout.push(bytes));
    assert_eq!(starts, [0, 16, 32, 32]);
    assert_eq!(layout.bytes(), 64);
}
