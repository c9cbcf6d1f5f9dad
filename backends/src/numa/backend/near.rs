//! The CPUs that kernels run on, and the threads there.

use std::sync::{Arc, OnceLock};

use landbridge_core::backend::DeviceInfo;
use landbridge_core::launch::Launch;
use landbridge_core::text::Numbers;
use landbridge_core::{Error, Result, Topology};
use rayon::ThreadPool;

use super::super::pool;
use crate::host::Host;

/// The CPUs of a node device.
pub(super) struct Near {
    /// Their numbers, rising.
    pub(super) cpus: Vec<u32>,
    /// Why these.
    pub(super) why: String,
    /// Whether they are all that the process may use.
    all: bool,
    threads: OnceLock<Result<Threads>>,
}

/// The threads on these CPUs; started when first needed.
pub(super) struct Threads {
    host: Host,
    /// Where the launch has to go to run on the right CPUs.
    pool: Option<Arc<ThreadPool>>,
}

impl Near {
    /// The CPUs that were asked for, or the nearest; of the latter those that the process may use.
    pub(super) fn find(topology: &Topology, node: u32, asked: Option<&[u32]>) -> Result<Self, String> {
        let allowed = pool::allowed().map_err(|error| format!("the CPUs of this process are not known: {error}"))?;
        let (mut cpus, why) = match asked {
            Some(cpus) => (cpus.to_vec(), "asked for".to_string()),
            None => {
                let near = topology.nearest_cpus(node).ok_or("no node has CPUs")?;
                (near.cpus.into_iter().filter(|cpu| allowed.contains(cpu)).collect(), near.why)
            }
        };
        cpus.sort_unstable();
        cpus.dedup();
        let others: Vec<u32> = cpus.iter().filter(|cpu| !allowed.contains(cpu)).copied().collect();
        if cpus.is_empty() || !others.is_empty() {
            let may = format!("this process may run on CPUs {}", Numbers(&allowed));
            return Err(if others.is_empty() { may } else { format!("{may}, not on {}", Numbers(&others)) });
        }
        let all = cpus == allowed;
        Ok(Near { cpus, why, all, threads: OnceLock::new() })
    }

    pub(super) fn threads(&self, device: &DeviceInfo) -> Result<&Threads> {
        self.threads.get_or_init(|| self.start(device)).as_ref().map_err(Clone::clone)
    }

    fn start(&self, device: &DeviceInfo) -> Result<Threads> {
        if self.all {
            return Ok(Threads { host: Host::new(), pool: None });
        }
        let pool = pool::pinned(&self.cpus, &device.id).map_err(|error| Error::Driver {
            device: device.to_string(),
            operation: format!("starting threads on CPUs {}", Numbers(&self.cpus)),
            why: error.to_string(),
        })?;
        let pool = Arc::new(pool);
        Ok(Threads { host: Host::with_pool(pool.clone()), pool: Some(pool) })
    }
}

impl Threads {
    pub(super) fn host(&self) -> &Host {
        &self.host
    }

    /// Runs all items here, and waits.
    pub(super) fn run(&self, launch: &dyn Launch) -> Result<()> {
        self.install(|| self.host.run(launch).map(drop))
    }

    /// Does something here, and waits.
    pub(super) fn install<R: Send>(&self, work: impl FnOnce() -> R + Send) -> R {
        match &self.pool {
            Some(pool) => pool.install(work),
            None => work(),
        }
    }
}
