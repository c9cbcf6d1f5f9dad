//! Arguments in memory of all kinds: each strategy computes the same on it, moves what it can, and leaves it as it was.
#![allow(unsafe_code)]

use std::fs::{self, File};
use std::io::{Seek, SeekFrom, Write};
use std::ops::Range;
use std::os::fd::AsRawFd;

use landbridge::{Device, Report, Strategy, kernel};
use landbridge_backends::devices::Devices;
use landbridge_backends::numa::mover::{MoveOptions, MoveSpan, migrate};

use crate::migrate::turn;
use crate::numa_support::several_nodes;

#[kernel]
fn add(x: &u64, y: &mut u64) {
    *y += *x;
}

const PAGE: usize = 4096;
const PAGES: usize = 64;
const WORDS: usize = PAGES * PAGE / 8;
const STRATEGIES: [Strategy; 3] = [Strategy::Direct, Strategy::Migrate, Strategy::Copy];

/// The first node, one without CPUs where there is one, and the latter with remapping allowed.
fn devices() -> Vec<Device> {
    let other = several_nodes().map(|topology| topology.device_nodes()[0].id);
    let remapping = Device::options().allow_remap(true).node(other.unwrap_or(0)).unwrap();
    let others = other.map(|node| Device::node(node).unwrap());
    [Device::node(0).unwrap(), remapping].into_iter().chain(others).collect()
}

/// A mapping of its own; unmapped at its end.
struct Mapped(Range<usize>);

impl Mapped {
    fn new(flags: i32, access: i32, file: i32) -> Self {
        // SAFETY: a new mapping where the kernel finds room.
        let start = unsafe { libc::mmap(std::ptr::null_mut(), PAGES * PAGE, access, flags, file, 0) };
        assert!(start != libc::MAP_FAILED, "{}", std::io::Error::last_os_error());
        Self(start as usize..start as usize + PAGES * PAGE)
    }

    fn anonymous() -> Self {
        Self::new(libc::MAP_PRIVATE | libc::MAP_ANONYMOUS, libc::PROT_READ | libc::PROT_WRITE, -1)
    }

    fn words(&self) -> &[u64] {
        // SAFETY: mapped, readable, and as long as that; the kernel has initialised it.
        unsafe { std::slice::from_raw_parts(self.0.start as *const u64, WORDS) }
    }

    fn words_mut(&mut self) -> &mut [u64] {
        // SAFETY: as above, and writable where tests call this.
        unsafe { std::slice::from_raw_parts_mut(self.0.start as *mut u64, WORDS) }
    }

    fn protect(&self, pages: Range<usize>, access: i32) {
        let start = self.0.start + pages.start * PAGE;
        // SAFETY: our own pages, which nobody uses in another way until the test ends.
        assert_eq!(unsafe { libc::mprotect(start as *mut _, pages.len() * PAGE, access) }, 0);
    }
}

impl Drop for Mapped {
    fn drop(&mut self) {
        // SAFETY: our own, and no reference outlives it.
        unsafe { libc::munmap(self.0.start as *mut _, self.0.len()) };
    }
}

/// A file of numbers, deleted at its end.
struct Numbers {
    path: std::path::PathBuf,
    file: File,
}

impl Numbers {
    fn new(name: &str, factor: u64) -> Self {
        let path = std::env::temp_dir().join(format!("landbridge-{name}-{}", std::process::id()));
        let file = File::options().read(true).write(true).create(true).truncate(true).open(&path).unwrap();
        let mut numbers = Self { path, file };
        numbers.write(factor);
        numbers
    }

    fn write(&mut self, factor: u64) {
        let bytes: Vec<u8> = (0..WORDS as u64).flat_map(|i| (i * factor).to_ne_bytes()).collect();
        self.file.seek(SeekFrom::Start(0)).unwrap();
        self.file.write_all(&bytes).unwrap();
    }

    fn map(&self, flags: i32, access: i32) -> Mapped {
        Mapped::new(flags, access, self.file.as_raw_fd())
    }
}

impl Drop for Numbers {
    fn drop(&mut self) {
        let _ = fs::remove_file(&self.path);
    }
}

fn run(device: &Device, strategy: Strategy, x: &[u64], y: &mut [u64]) -> Report {
    device.run(add(x, y).strategy(strategy)).unwrap_or_else(|error| panic!("{device} by {strategy}: {error}"))
}

fn is(values: &[u64], factor: u64) -> bool {
    values.iter().zip(0..).all(|(value, i)| *value == factor * i)
}

/// Runs over `x` and `y` on all devices by all strategies: `y` grows by `x` each time, from 0.
fn on_all(x: &[u64], y: &mut [u64]) {
    let mut rounds = 0;
    for device in devices() {
        for strategy in STRATEGIES {
            let report = run(&device, strategy, x, y);
            rounds += 1;
            assert!(is(x, 1) && is(y, rounds), "{report}");
        }
    }
}

fn numbers() -> Vec<u64> {
    (0..WORDS as u64).collect()
}

#[test]
fn pages_of_a_file_among_others() {
    let _turn = turn();
    let file = Numbers::new("among", 0);
    let mut y = Mapped::anonymous();
    let middle = y.0.start + 7 * PAGE;
    let (access, flags) = (libc::PROT_READ | libc::PROT_WRITE, libc::MAP_PRIVATE | libc::MAP_FIXED);
    // SAFETY: replaces pages of our own mapping, of which no reference lives, by a file's.
    let mapped = unsafe { libc::mmap(middle as *mut _, 9 * PAGE, access, flags, file.file.as_raw_fd(), 0) };
    assert_eq!(mapped as usize, middle);
    on_all(&numbers(), y.words_mut());
}

#[test]
fn read_only_pages_are_read() {
    let _turn = turn();
    let mut x = Mapped::anonymous();
    x.words_mut().iter_mut().zip(0..).for_each(|(x, i)| *x = i);
    x.protect(0..PAGES / 2, libc::PROT_READ);
    on_all(x.words(), &mut vec![0; WORDS]);
}

#[test]
fn locked_pages_stay_locked() {
    let _turn = turn();
    let mut y = Mapped::anonymous();
    // SAFETY: locking our own pages changes no content.
    assert_eq!(unsafe { libc::mlock(y.0.start as *const _, y.0.len()) }, 0);
    on_all(&numbers(), y.words_mut());
    let text = fs::read_to_string("/proc/self/smaps").unwrap();
    let mapping = text.split("VmFlags:").find(|mapping| mapping.contains(&format!("{:x}-", y.0.start))).unwrap();
    let locked = mapping.lines().find(|line| line.starts_with("Locked:")).unwrap();
    assert!(!locked.contains(" 0 kB"), "{locked}");
}

#[test]
fn shared_memory_and_files_mapped_shared() {
    let _turn = turn();
    let access = libc::PROT_READ | libc::PROT_WRITE;
    let mut y = Mapped::new(libc::MAP_SHARED | libc::MAP_ANONYMOUS, access, -1);
    on_all(&numbers(), y.words_mut());
    let file = Numbers::new("shared", 0);
    let mut y = file.map(libc::MAP_SHARED, access);
    on_all(&numbers(), y.words_mut());
    let bytes = fs::read(&file.path).unwrap();
    let words: Vec<u64> = bytes.chunks(8).map(|word| u64::from_ne_bytes(word.try_into().unwrap())).collect();
    assert_eq!(words, y.words(), "the file has what kernels wrote");
}

/// What changes a file while it is mapped changes what a program reads from the mapping: not ours to prevent, and the same
/// before and after its pages have moved. A copy is what was there when it was made.
#[test]
fn a_mapped_file_that_is_changed_underneath() {
    let _turn = turn();
    for device in devices() {
        let mut file = Numbers::new("changed", 1);
        let x = file.map(libc::MAP_SHARED, libc::PROT_READ);
        let mut y = vec![0; WORDS];
        let report = run(&device, Strategy::Migrate, x.words(), &mut y);
        assert!(is(&y, 1), "{report}");
        file.write(10);
        let report = run(&device, Strategy::Migrate, x.words(), &mut y);
        assert!(is(&y, 11), "{report}");
        let report = run(&device, Strategy::Copy, x.words(), &mut y);
        assert!(is(&y, 21), "{report}");

        // In a scope the copy stays, whatever happens to the file; the mapping itself sees it.
        let mut z = vec![0; WORDS];
        let words = x.words();
        device
            .scope(|s| {
                let (x, mut z) = (s.attach(words), s.attach_mut(&mut z));
                s.launch(add(&x, &mut z).strategy(Strategy::Copy))?;
                file.write(100);
                s.launch(add(&x, &mut z).strategy(Strategy::Copy))?;
                s.launch(add(&x, &mut z).strategy(Strategy::Direct))
            })
            .unwrap();
        assert!(is(&z, 10 + 10 + 100));
    }
}

/// Pages behind a file's new end are no pages any more. To read them ends the program (SIGBUS), so the mover never does.
#[test]
fn a_mapped_file_that_is_cut_underneath() {
    let _turn = turn();
    let other = several_nodes().map_or(0, |topology| topology.device_nodes()[0].id);
    for flags in [libc::MAP_SHARED, libc::MAP_PRIVATE] {
        let file = Numbers::new("cut", 1);
        let x = file.map(flags, libc::PROT_READ | libc::PROT_WRITE);
        assert!(is(x.words(), 1));
        file.file.set_len((PAGES / 2 * PAGE) as u64).unwrap();
        for options in [MoveOptions::default(), MoveOptions::default().allow_remap(true).remap_from(0)] {
            let report = migrate(&[MoveSpan::at(x.0.clone())], other, &options);
            assert_eq!(report.asked, report.moved + report.already_there + report.bytes_stayed(), "{report}");
            assert!(is(&x.words()[..WORDS / 2], 1), "{report}");
        }
        let mut y = vec![0; WORDS / 2];
        let report = run(&Device::node(other).unwrap(), Strategy::Migrate, &x.words()[..WORDS / 2], &mut y);
        assert!(is(&y, 1), "{report}");
    }
}

#[test]
fn ends_in_the_middle_of_pages_and_single_bytes() {
    let _turn = turn();
    let each = |part: &mut [u8], device: &Device, strategy| {
        device.run(landbridge::each!(|x: &mut u8| *x += 1)(part).strategy(strategy)).unwrap()
    };
    for device in devices() {
        for strategy in STRATEGIES {
            let mut bytes = vec![0_u8; 10 * PAGE];
            for range in [0..0, 5..6, 100..PAGE + 1, 3 * PAGE - 1..3 * PAGE + 1, 4 * PAGE + 7..9 * PAGE - 3] {
                bytes.fill(0);
                let report = each(&mut bytes[range.clone()], &device, strategy);
                assert!(
                    bytes.iter().enumerate().all(|(i, x)| *x == u8::from(range.contains(&i))),
                    "{range:?} {report}"
                );
            }
        }
    }
}

/// A scope over 10,000 small arrays.
#[test]
fn ten_thousand_small_arrays() {
    let _turn = turn();
    for device in devices() {
        let mut values = vec![0_u32; 40_000];
        for strategy in STRATEGIES {
            values.fill(0);
            let (_, report) = device
                .scope_reported(|s| {
                    let mut parts: Vec<_> = values.chunks_mut(4).map(|part| s.attach_mut(&mut part[..3])).collect();
                    for part in parts.iter_mut().step_by(10) {
                        s.launch(landbridge::each!(|x: &mut u32| *x += 1)(part).strategy(strategy))?;
                    }
                    Ok(())
                })
                .unwrap();
            let expected = |i: usize| u32::from(i % 4 < 3 && (i / 4).is_multiple_of(10));
            assert!(values.iter().enumerate().all(|(i, x)| *x == expected(i)), "{strategy}");
            assert_eq!((report.launches, report.arrays.len()), (1000, 10_000));
        }
    }
}
