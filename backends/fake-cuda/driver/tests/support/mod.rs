//! The library, opened as the loader opens it.
#![allow(unsafe_code, dead_code)]

use std::ffi::{CString, c_void};

/// A symbol of the library.
fn symbol(name: &str) -> *mut c_void {
    use std::sync::OnceLock;
    static LIBRARY: OnceLock<usize> = OnceLock::new();
    let library = *LIBRARY.get_or_init(|| {
        let path = std::env::current_exe().expect("this test's path").with_file_name("libfake_cuda.so");
        let path = CString::new(path.to_str().expect("a UTF-8 path")).expect("no zero");
        // SAFETY: a text that ends with a zero; the library's start-up code does nothing.
        let library = unsafe { libc::dlopen(path.as_ptr(), libc::RTLD_NOW) };
        assert!(!library.is_null(), "the library is beside the test");
        library as usize
    });
    let text = CString::new(name).expect("no zero");
    // SAFETY: an open library and a text that ends with a zero.
    let found = unsafe { libc::dlsym(library as *mut c_void, text.as_ptr()) };
    assert!(!found.is_null(), "no symbol {name}");
    found
}

/// Calls a function of the library with integers and addresses, all of which go in registers or on the stack as 64-bit words.
pub(crate) fn call(name: &str, arguments: &[u64]) -> i32 {
    let mut all = [0u64; 11];
    all[..arguments.len()].copy_from_slice(arguments);
    let [a, b, c, d, e, f, g, h, i, j, k] = all;
    type Function = extern "C" fn(u64, u64, u64, u64, u64, u64, u64, u64, u64, u64, u64) -> i32;
    // SAFETY: the C ABI of Linux passes each integer parameter in a word of its own, and more than are taken do no harm.
    let function = unsafe { std::mem::transmute::<*mut c_void, Function>(symbol(name)) };
    function(a, b, c, d, e, f, g, h, i, j, k)
}

/// The address of a variable, for results.
pub(crate) fn at<T>(value: &mut T) -> u64 {
    std::ptr::from_mut(value) as u64
}

/// Calls what must not fail.
pub(crate) fn good(name: &str, arguments: &[u64]) {
    assert_eq!(call(name, arguments), 0, "{name}");
}

/// Starts the driver and makes its first device's context current.
pub(crate) fn start() {
    good("cuInit", &[0]);
    let (mut device, mut context) = (0i32, 0u64);
    good("cuDeviceGet", &[at(&mut device), 0]);
    good("cuDevicePrimaryCtxRetain", &[at(&mut context), 0]);
    good("cuCtxSetCurrent", &[context]);
}

pub(crate) fn device_memory(bytes: usize) -> u64 {
    let mut address = 0;
    good("cuMemAlloc_v2", &[at(&mut address), bytes as u64]);
    address
}

pub(crate) fn upload<T>(to: u64, values: &[T]) {
    good("cuMemcpyHtoD_v2", &[to, values.as_ptr() as u64, size_of_val(values) as u64]);
}

pub(crate) fn download<T: Clone + Default>(from: u64, count: usize) -> Vec<T> {
    let mut values = vec![T::default(); count];
    good("cuMemcpyDtoH_v2", &[values.as_mut_ptr() as u64, from, (count * size_of::<T>()) as u64]);
    values
}

/// A text's function.
pub(crate) fn function(text: &str, name: &str) -> u64 {
    let (text, name) = (CString::new(text).expect("no zero"), CString::new(name).expect("no zero"));
    let (mut module, mut function) = (0, 0);
    good("cuModuleLoadData", &[at(&mut module), text.as_ptr() as u64]);
    good("cuModuleGetFunction", &[at(&mut function), module, name.as_ptr() as u64]);
    function
}

/// Launches `blocks` of `threads` with parameters of 64 bits (or less, in their low bytes).
pub(crate) fn launch(function: u64, blocks: u32, threads: u32, stream: u64, parameters: &[u64]) -> i32 {
    let pointers: Vec<u64> = parameters.iter().map(|value| std::ptr::from_ref(value) as u64).collect();
    let (blocks, threads) = (u64::from(blocks), u64::from(threads));
    call("cuLaunchKernel", &[function, blocks, 1, 1, threads, 1, 1, 0, stream, pointers.as_ptr() as u64, 0])
}
