//! Panics of kernels: caught piece by piece, with message and place, and not printed.
use std::any::Any;
use std::cell::{Cell, RefCell};
use std::panic::{self, AssertUnwindSafe, PanicHookInfo};
use std::sync::Once;

use landbridge_core::Error;
use landbridge_core::launch::{Definition, take_failed_item};

thread_local! {
    static IN_KERNEL: Cell<bool> = const { Cell::new(false) };
    static LAST: RefCell<Option<Place>> = const { RefCell::new(None) };
}

/// Where a panic happened.
struct Place {
    file: String,
    line: u32,
}

/// A panic of a work-item.
pub(super) struct Failure {
    /// Unknown if the program has replaced our hook.
    place: Option<Place>,
    message: String,
    pub(super) work_item: usize,
}

/// Puts our panic hook in front of the one that is there, once in a process.
pub(super) fn install_hook() {
    static INSTALLED: Once = Once::new();
    if std::thread::panicking() {
        return; // hooks cannot be changed now; another `Host` will
    }
    INSTALLED.call_once(|| {
        let previous = panic::take_hook();
        panic::set_hook(Box::new(move |info| {
            let in_kernel = IN_KERNEL.try_with(Cell::get).unwrap_or(false);
            if in_kernel && cfg!(panic = "unwind") {
                record(info);
            } else {
                previous(info);
            }
        }));
    });
}

fn record(info: &PanicHookInfo<'_>) {
    let place = info.location().map(|place| Place { file: place.file().to_owned(), line: place.line() });
    LAST.set(place);
}

/// Runs something that runs items of a kernel from `first` on; its panics are the kernel's.
#[inline(always)]
pub(super) fn caught(first: usize, run: impl FnOnce()) -> Result<(), Box<Failure>> {
    let outer = IN_KERNEL.replace(true);
    // After a panic nobody looks at what the kernel left behind but the user, who knows of it from the error.
    let outcome = panic::catch_unwind(AssertUnwindSafe(run));
    IN_KERNEL.set(outer);
    outcome.map_err(|payload| failure(&*payload, first))
}

#[cold]
fn failure(payload: &(dyn Any + Send), first: usize) -> Box<Failure> {
    let message = match (payload.downcast_ref::<&str>(), payload.downcast_ref::<String>()) {
        (Some(text), _) => (*text).to_owned(),
        (_, Some(text)) => text.clone(),
        _ => "a panic without a message".to_owned(),
    };
    let work_item = first + take_failed_item().unwrap_or(0);
    Box::new(Failure { place: LAST.take(), message, work_item })
}

impl Failure {
    /// The error that the launch returns.
    #[cold]
    pub(super) fn into_error(self, definition: &'static Definition) -> Error {
        let kernel = || Place { file: definition.file.to_owned(), line: definition.line };
        let Place { file, line } = self.place.unwrap_or_else(kernel);
        let (index, length) = index_and_length(&self.message).unzip();
        let Failure { message, work_item, .. } = self;
        Error::KernelPanic { kernel: definition.name, message, file, line, work_item, index, length }
    }
}

/// The numbers in Rust's message for an index out of bounds.
fn index_and_length(message: &str) -> Option<(u64, u64)> {
    let numbers = message.strip_prefix("index out of bounds: the len is ")?;
    let (length, index) = numbers.split_once(" but the index is ")?;
    Some((index.parse().ok()?, length.parse().ok()?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_come_out_of_rusts_own_message() {
        let (slice, index) = (&[0_u8; 3][..], std::hint::black_box(7));
        let payload = panic::catch_unwind(|| slice[index]).unwrap_err();
        let message = payload.downcast_ref::<String>().unwrap();
        assert_eq!(index_and_length(message), Some((7, 3)));
        assert_eq!(index_and_length("index out of bounds: the len is x but the index is 1"), None);
        assert_eq!(index_and_length("no index"), None);
    }
}
