//! What has been measured of the devices of this machine: shared by all who measure and all who predict, and kept on disk for
//! the next process.
//!
//! One [`Shared`] for each hardware and driver (the key). What cannot be read or written is not there: then nothing is
//! known of a device until something is measured, and the planner stays on the host.

mod json;
mod store;

use std::path::PathBuf;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant, SystemTime};

use landbridge_core::DeviceInfo;
use landbridge_core::planner::{Origin, Quantity, Rates};

use crate::cache_folder;

/// Rates of one device, shared by everything in this process.
#[derive(Debug)]
pub struct Shared {
    state: Mutex<State>,
    folder: Option<PathBuf>,
}

#[derive(Debug)]
struct State {
    rates: Rates,
    saved: Instant,
}

/// What launches teach is saved at most this often; what probes found, at once.
const PAUSE: Duration = Duration::from_secs(10);

/// The rates of a device, from this process or from an earlier one.
pub fn of(info: &DeviceInfo) -> Arc<Shared> {
    static ALL: Mutex<Vec<Arc<Shared>>> = Mutex::new(vec![]);
    let key = key(info);
    let mut all = ALL.lock().unwrap_or_else(PoisonError::into_inner);
    if let Some(known) = all.iter().find(|shared| shared.lock().rates.key == key) {
        return known.clone();
    }
    let shared = Arc::new(Shared::open(cache_folder::directory(), key));
    all.push(shared.clone());
    shared
}

/// What rates hold for: the hardware and its driver, and the system that runs them. With its number, for two equal cards
/// may be in slots of different width.
fn key(info: &DeviceInfo) -> String {
    let system = std::fs::read_to_string("/proc/sys/kernel/osrelease").unwrap_or_default();
    let DeviceInfo { id, name, driver, kind, memory: _, units, capabilities: _, strategies: _ } = info;
    // Without optimisation the host is another machine.
    let build = if cfg!(debug_assertions) { "; debug" } else { "" };
    format!("{id}; {kind}; {name}; {driver}; {units} units; {} {}{build}", std::env::consts::ARCH, system.trim())
}

impl Shared {
    fn open(folder: Option<PathBuf>, key: String) -> Self {
        let found = folder.as_deref().and_then(|folder| store::load(folder, &key));
        let state = State { rates: found.unwrap_or_else(|| Rates::new(key)), saved: Instant::now() };
        Shared { state: Mutex::new(state), folder }
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Looks at them.
    pub fn with<T>(&self, look: impl FnOnce(&Rates) -> T) -> T {
        look(&self.lock().rates)
    }

    /// Whether all of these are known.
    pub fn knows(&self, quantities: &[Quantity]) -> bool {
        self.with(|rates| quantities.iter().all(|&quantity| rates.get(quantity).is_some()))
    }

    /// Adds measurements.
    pub fn note(&self, origin: Origin, measured: &[(Quantity, f64)]) {
        if measured.is_empty() {
            return;
        }
        let mut state = self.lock();
        let when = now();
        for &(quantity, value) in measured {
            state.rates.note(quantity, value, origin, when);
        }
        if origin == Origin::Probe || state.saved.elapsed() >= PAUSE {
            self.save(&mut state);
        }
    }

    /// Replaces what is known of these by what a thorough probe found.
    pub fn renew(&self, measured: &[(Quantity, f64)]) {
        let mut state = self.lock();
        let mut fresh = Rates::new("");
        for &(quantity, value) in measured {
            fresh.note(quantity, value, Origin::Probe, now());
        }
        for (quantity, rate) in fresh.iter() {
            state.rates.set(quantity, *rate);
        }
        self.save(&mut state);
    }

    fn save(&self, state: &mut State) {
        state.saved = Instant::now();
        if let Some(folder) = &self.folder {
            store::save(folder, &state.rates);
        }
    }

    /// Where they are kept; `None` where nothing is.
    pub fn file(&self) -> Option<PathBuf> {
        let state = self.lock();
        self.folder.as_ref().map(|folder| store::file(folder, &state.rates.key))
    }
}

/// Seconds since 1970.
fn now() -> u64 {
    SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).map_or(0, |since| since.as_secs())
}

#[cfg(test)]
mod tests {
    use landbridge_core::DeviceKind;

    use super::*;

    fn info(driver: &str) -> DeviceInfo {
        DeviceInfo {
            id: "wgpu:0".into(),
            name: "made up for a test".into(),
            driver: driver.into(),
            kind: DeviceKind::Other,
            memory: 0,
            units: 1,
            capabilities: vec![],
            strategies: vec![],
        }
    }

    #[test]
    fn a_new_driver_or_an_equal_card_has_rates_of_its_own() {
        assert_eq!(key(&info("1")), key(&DeviceInfo { memory: 7, ..info("1") }));
        assert_ne!(key(&info("1")), key(&DeviceInfo { id: "wgpu:7".into(), ..info("1") }));
        assert_ne!(key(&info("1")), key(&info("2")));
        assert_ne!(key(&info("1")), key(&DeviceInfo { kind: DeviceKind::DiscreteGpu, ..info("1") }));
    }

    #[test]
    fn probes_are_kept_for_the_next_process() {
        let folder = std::env::temp_dir().join(format!("landbridge-shared-{}", std::process::id()));
        let open = || Shared::open(Some(folder.clone()), "k".into());
        let first = open();
        assert!(!first.knows(&[Quantity::CopyIn]));
        first.note(Origin::Probe, &[(Quantity::CopyIn, 3e9)]);
        let second = open();
        assert!(second.knows(&[Quantity::CopyIn]) && !second.knows(&[Quantity::CopyIn, Quantity::CopyOut]));
        second.renew(&[(Quantity::CopyIn, 9e9)]);
        assert_eq!(open().with(|rates| rates.get(Quantity::CopyIn)), Some(9e9));
        assert!(second.file().is_some_and(|file| file.starts_with(&folder)));
        std::fs::remove_dir_all(&folder).expect("removed");
    }

    #[test]
    fn where_nothing_may_be_kept_they_last_as_long_as_the_process() {
        let shared = Shared::open(None, "k".into());
        shared.note(Origin::Launches, &[(Quantity::Launch, 1e-4)]);
        assert!(shared.knows(&[Quantity::Launch]));
        assert_eq!(shared.file(), None);
    }
}
