//! A process with a driver of our own.
#![allow(unsafe_code)]

use std::ffi::{CString, c_char, c_int, c_void};
use std::path::PathBuf;
use std::process::Command;

use landbridge::{Device, kernel};
use landbridge_backends::devices::Devices;

const ROLE: &str = "LANDBRIDGE_CUDA_TEST";

#[kernel]
pub(crate) fn saxpy(a: f32, x: &f32, y: &mut f32) {
    *y += a * x;
}

/// Numbers whose sums are exact.
pub(crate) fn numbers(count: usize) -> Vec<f32> {
    (0..count).map(|i| (i % 1000) as f32).collect()
}

/// `saxpy(2.0, ..)` of [`numbers`] on ones.
pub(crate) fn expected(count: usize) -> Vec<f32> {
    numbers(count).iter().map(|x| 1.0 + 2.0 * x).collect()
}

/// The card, which has to be there; nothing falls back.
pub(crate) fn card() -> Device {
    Device::cuda(0).expect("the driver of the tests has a card").without_fallback()
}

/// The driver of the tests: `LANDBRIDGE_LIBCUDA`, or where cargo puts the library that the dev-dependency builds.
fn library() -> PathBuf {
    if let Some(path) = std::env::var_os("LANDBRIDGE_LIBCUDA") {
        return path.into();
    }
    let this = std::env::current_exe().expect("a test is a program");
    this.parent().expect("it is in a folder").join("libfake_cuda.so")
}

/// Runs a test with this library as the driver, in a process of its own. True there.
pub(crate) fn in_process(test: &str, driver: &str, environment: &[(&str, &str)]) -> bool {
    if std::env::var_os(ROLE).is_some() {
        return true;
    }
    let this = std::env::current_exe().expect("a test is a program");
    let child = Command::new(this)
        .args(["--exact", test, "--nocapture"])
        .envs(environment.iter().copied())
        .env(ROLE, "child")
        .env("LANDBRIDGE_LIBCUDA", driver)
        .output()
        .expect("it runs");
    let text = format!("{}{}", String::from_utf8_lossy(&child.stdout), String::from_utf8_lossy(&child.stderr));
    assert!(child.status.success() && text.contains("1 passed"), "{text}");
    false
}

/// The same with the tests' driver and one of its profiles. `None` in the parent, and where there is no such driver.
pub(crate) fn with_driver(test: &str, profile: &str) -> Option<Driver> {
    with_driver_in(test, profile, &[])
}

/// The same with more in the environment.
pub(crate) fn with_driver_in(test: &str, profile: &str, more: &[(&str, &str)]) -> Option<Driver> {
    let environment = [&[("FAKE_CUDA_PROFILE", profile)], more].concat();
    let library = library();
    let path = library.to_str().expect("a path in UTF-8");
    if !Driver::is_at(path) {
        let required = std::env::var("LANDBRIDGE_REQUIRE_CUDA").is_ok_and(|value| value == "1");
        assert!(!required, "no driver at {path}");
        println!("skipped: {test}: there is no driver of the tests at {path}");
        return None;
    }
    in_process(test, path, &environment).then(|| Driver::open(path))
}

/// The same with a driver that lacks functions.
pub(crate) fn with_driver_lacking(test: &str, profile: &str, functions: &[&str]) -> Option<Driver> {
    if std::env::var_os(ROLE).is_some() {
        return with_driver(test, profile);
    }
    let library = library();
    let Ok(mut bytes) = std::fs::read(&library) else { return with_driver(test, profile) };
    for function in functions {
        // In the table of the names it exports, each between two zeros: under another name nobody finds it.
        let name = format!("\0{function}\0");
        let places: Vec<usize> =
            (0..bytes.len() - name.len()).filter(|&k| bytes[k..].starts_with(name.as_bytes())).collect();
        assert!(!places.is_empty(), "the driver has {function}");
        places.into_iter().for_each(|place| bytes[place + 1] = b'X');
    }
    let folder = std::env::temp_dir().join(format!("landbridge-{}-{}", std::process::id(), test.replace("::", "-")));
    std::fs::create_dir_all(&folder).expect("a folder of its own");
    let path = folder.join("libcuda.so.1");
    std::fs::write(&path, bytes).expect("it is written");
    let environment = [("FAKE_CUDA_PROFILE", profile)];
    let in_child = in_process(test, path.to_str().expect("a path in UTF-8"), &environment);
    std::fs::remove_dir_all(&folder).expect("it is ours");
    assert!(!in_child, "this is the parent");
    None
}

/// What the tests ask of their driver beside CUDA.
pub(crate) struct Driver(*mut c_void);

impl Driver {
    fn open(path: &str) -> Self {
        let path = CString::new(path).expect("no zeros");
        // SAFETY: the name ends with a zero; it is the library that the loader opens, too.
        let library = unsafe { libc::dlopen(path.as_ptr(), libc::RTLD_NOW | libc::RTLD_LOCAL) };
        assert!(!library.is_null(), "it opens");
        Driver(library)
    }

    /// Whether the library is there, and is a driver.
    fn is_at(path: &str) -> bool {
        let path = CString::new(path).expect("no zeros");
        // SAFETY: the names end with a zero; the library has no initialisers that do anything.
        unsafe {
            let library = libc::dlopen(path.as_ptr(), libc::RTLD_NOW | libc::RTLD_LOCAL);
            !library.is_null() && !libc::dlsym(library, c"cuInit".as_ptr()).is_null()
        }
    }

    fn symbol(&self, name: &str) -> *mut c_void {
        let name_z = CString::new(name).expect("no zeros");
        // SAFETY: the library is open, the name ends with a zero.
        let symbol = unsafe { libc::dlsym(self.0, name_z.as_ptr()) };
        assert!(!symbol.is_null(), "it has {name}");
        symbol
    }

    /// The call of this name, after so many good ones, answers with this code.
    pub(crate) fn fail(&self, name: &str, after: u64, code: c_int) {
        type Fail = unsafe extern "C" fn(*const c_char, u64, c_int) -> c_int;
        // SAFETY: backends/fake-cuda says that it is this function.
        let fail: Fail = unsafe { std::mem::transmute(self.symbol("fake_cuda_fail_after")) };
        let name = CString::new(name).expect("no zeros");
        // SAFETY: the name ends with a zero and is copied inside the call.
        unsafe { fail(name.as_ptr(), after, code) };
    }

    /// Kernels stop, and every context is dead.
    pub(crate) fn lose_context(&self) {
        // SAFETY: backends/fake-cuda says that it is this function.
        let lose: unsafe extern "C" fn() = unsafe { std::mem::transmute(self.symbol("fake_cuda_lose_context")) };
        // SAFETY: as above.
        unsafe { lose() };
    }

    /// Memory that each card has, of which others may have some.
    pub(crate) fn set_memory(&self, bytes: u64) {
        // SAFETY: backends/fake-cuda says that it is this function.
        let set: unsafe extern "C" fn(u64) = unsafe { std::mem::transmute(self.symbol("fake_cuda_set_memory")) };
        // SAFETY: as above.
        unsafe { set(bytes) };
    }

    /// Sends this thread's calls to another context; null for none.
    pub(crate) fn go_to(&self, context: *mut c_void) {
        type SetCurrent = unsafe extern "C" fn(*mut c_void) -> c_int;
        // SAFETY: it is this function of CUDA's.
        let set: SetCurrent = unsafe { std::mem::transmute(self.symbol("cuCtxSetCurrent")) };
        // SAFETY: the context is none, or one that `here` gave.
        assert_eq!(unsafe { set(context) }, 0);
    }

    /// Where this thread's calls go.
    pub(crate) fn here(&self) -> *mut c_void {
        type GetCurrent = unsafe extern "C" fn(*mut *mut c_void) -> c_int;
        // SAFETY: it is this function of CUDA's.
        let get: GetCurrent = unsafe { std::mem::transmute(self.symbol("cuCtxGetCurrent")) };
        let mut context = std::ptr::null_mut();
        // SAFETY: there is room for the answer.
        assert_eq!(unsafe { get(&raw mut context) }, 0);
        context
    }

    /// Calls of this name so far; of all for `*`.
    pub(crate) fn count(&self, name: &str) -> u64 {
        type Count = unsafe extern "C" fn(*const c_char) -> u64;
        // SAFETY: backends/fake-cuda says that it is this function.
        let count: Count = unsafe { std::mem::transmute(self.symbol("fake_cuda_count")) };
        let name = CString::new(name).expect("no zeros");
        // SAFETY: the name ends with a zero.
        unsafe { count(name.as_ptr()) }
    }
}
