//! Process 1 of the virtual machine of `scripts/vm-test`: mounts what programs expect, runs `/test` with the arguments
//! after ` -- ` on the kernel's command line, and tells QEMU how it ended. Compiled by rustc alone, without crates.

use std::ffi::{CStr, CString, c_char, c_int, c_ulong, c_void};
use std::os::unix::process::ExitStatusExt;
use std::process::Command;
use std::{fs, io, ptr};

// Of the C library, which is linked statically.
unsafe extern "C" {
    fn mount(
        source: *const c_char,
        target: *const c_char,
        kind: *const c_char,
        flags: c_ulong,
        data: *const c_void,
    ) -> c_int;
    fn tcdrain(descriptor: c_int) -> c_int;
    fn ioperm(from: c_ulong, count: c_ulong, on: c_int) -> c_int;
    fn reboot(command: c_int) -> c_int;
}

const POWER_OFF: c_int = 0x4321_fedc;
/// Where `-device isa-debug-exit` listens: QEMU exits with twice the byte, plus one.
const EXIT_PORT: u16 = 0xf4;

fn main() {
    for (folder, kind) in [("/proc", c"proc"), ("/sys", c"sysfs"), ("/dev", c"devtmpfs"), ("/tmp", c"tmpfs")] {
        if let Err(error) = mount_at(folder, kind) {
            println!("vm: {folder} is not mounted: {error}");
        }
    }
    println!("vm: begins"); // from here on a machine that stops is the test's matter
    let code = run();
    println!(
        "vm: kernel {}, up {} s, exit code {code}",
        first_word("/proc/sys/kernel/osrelease"),
        first_word("/proc/uptime")
    );
    power_off(if code == 0 { 0x10 } else { 0x11 });
}

fn mount_at(folder: &str, kind: &CStr) -> io::Result<()> {
    fs::create_dir_all(folder)?;
    let target = CString::new(folder)?;
    // SAFETY: three strings that end in zero, and no data, which these file systems allow.
    let done = unsafe { mount(kind.as_ptr(), target.as_ptr(), kind.as_ptr(), 0, ptr::null()) };
    if done == 0 { Ok(()) } else { Err(io::Error::last_os_error()) }
}

/// The exit code of the test: as a shell gives it, 128 and the signal that ended it.
fn run() -> i32 {
    // The kernel gives parameters that it does not know to process 1 too, so the arguments are taken from the whole line.
    let line = fs::read_to_string("/proc/cmdline").unwrap_or_default();
    let arguments = line.trim().split_once(" -- ").map_or("", |(_, arguments)| arguments);
    match Command::new("/test").args(arguments.split_whitespace()).current_dir("/tmp").status() {
        Ok(status) => status.code().unwrap_or_else(|| 128 + status.signal().unwrap_or(0)),
        Err(error) => {
            println!("vm: /test does not start: {error}");
            126
        }
    }
}

fn first_word(file: &str) -> String {
    let text = fs::read_to_string(file).unwrap_or_default();
    text.split_whitespace().next().unwrap_or("?").to_string()
}

fn power_off(code: u8) {
    // SAFETY: process 1 is root. The last lines wait in the serial port, hence `tcdrain`; the byte goes to a port that
    // only QEMU's exit device listens to; where that is missing, the machine powers off.
    unsafe {
        tcdrain(1);
        ioperm(EXIT_PORT.into(), 4, 1);
        std::arch::asm!("out dx, al", in("dx") EXIT_PORT, in("al") code, options(nomem, nostack));
        reboot(POWER_OFF);
    }
}
