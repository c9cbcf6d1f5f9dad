//! What the driver says of a card before it is opened.

use cust::device::Device;
use cust::error::CudaResult;
use landbridge_cuda_loader as loader;

use super::needs;

/// Attributes by number: `cust` knows those up to 91.
pub(crate) mod attribute {
    pub(crate) const MULTIPROCESSORS: i32 = 16;
    pub(crate) const INTEGRATED: i32 = 18;
    pub(crate) const MAJOR: i32 = 75;
    pub(crate) const MINOR: i32 = 76;
    pub(crate) const PAGEABLE_MEMORY_ACCESS: i32 = 88;
    pub(crate) const CONCURRENT_MANAGED_ACCESS: i32 = 89;
    pub(crate) const HOST_PAGE_TABLES: i32 = 100;
    pub(crate) const DIRECT_MANAGED_FROM_HOST: i32 = 101;
    pub(crate) const NUMA_CONFIG: i32 = 130;
    pub(crate) const NUMA_ID: i32 = 131;
    pub(crate) const HOST_NUMA_ID: i32 = 134;
}

/// A card as the driver describes it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Facts {
    pub(crate) name: String,
    /// Bytes.
    pub(crate) memory: u64,
    /// Compute capability.
    pub(crate) capability: (u32, u32),
    pub(crate) multiprocessors: u32,
    /// It computes in the host's memory.
    pub(crate) integrated: bool,
    pub(crate) coherence: Coherence,
    /// The driver's version, as (13, 0).
    pub(crate) driver: (u32, u32),
}

/// What the card says about sharing addresses and memory with the host. `None`: the driver does not know the question.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Coherence {
    /// It reads memory of `malloc` (88).
    pub pageable: Option<bool>,
    /// Host and card use managed memory at the same time (89).
    pub concurrent: Option<bool>,
    /// It does so through the host's page tables: ATS (100).
    pub host_page_tables: Option<bool>,
    /// The host reaches managed memory on the card without moving it (101).
    pub from_host: Option<bool>,
    /// The card's memory is a memory node of the system (130).
    pub numa_config: Option<i32>,
    /// Which (131).
    pub numa_id: Option<i32>,
    /// The host's node nearest to the card (134).
    pub host_numa_id: Option<i32>,
}

impl Coherence {
    fn of(device: i32) -> Self {
        let number = |attribute| loader::device_attribute(attribute, device).ok();
        let truth = |attribute| number(attribute).map(|value| value != 0);
        Self {
            pageable: truth(attribute::PAGEABLE_MEMORY_ACCESS),
            concurrent: truth(attribute::CONCURRENT_MANAGED_ACCESS),
            host_page_tables: truth(attribute::HOST_PAGE_TABLES),
            from_host: truth(attribute::DIRECT_MANAGED_FROM_HOST),
            numa_config: number(attribute::NUMA_CONFIG),
            numa_id: number(attribute::NUMA_ID),
            host_numa_id: number(attribute::HOST_NUMA_ID),
        }
    }

    /// The memory node that is the card's memory, if there is one.
    pub fn node(&self) -> Option<u32> {
        let is_node = self.numa_config == Some(1);
        self.numa_id.filter(|_| is_node).and_then(|id| u32::try_from(id).ok())
    }

    /// Why the card cannot work on the host's memory where it is, as far as the driver says.
    pub(crate) fn obstacle(&self) -> Option<String> {
        match self.pageable {
            Some(true) => None,
            Some(false) => Some(
                "the device does not read pageable memory (attribute 88): that takes ATS, or HMM with the open kernel \
                 modules of driver 535 or later, Linux 6.1.24 or later and a GPU of Turing or later"
                    .to_owned(),
            ),
            None => Some("the driver does not say whether the device reads pageable memory".to_owned()),
        }
    }

    /// What the card says, and what it means: a line for each answer.
    pub fn lines(&self) -> Vec<String> {
        let truth = |value: Option<bool>| value.map_or("unknown", |value| if value { "yes" } else { "no" });
        let number = |value: Option<i32>| value.map_or("unknown".to_owned(), |value| value.to_string());
        vec![
            format!("reads pageable memory (88): {}", truth(self.pageable)),
            format!("through the host's page tables, ATS (100): {}", truth(self.host_page_tables)),
            format!("managed memory at the same time as the host (89): {}", truth(self.concurrent)),
            format!("host reaches managed memory on the card (101): {}", truth(self.from_host)),
            format!(
                "its memory is a memory node (130): {}; which (131): {}; the host's nearest (134): {}",
                number(self.numa_config),
                number(self.numa_id),
                number(self.host_numa_id)
            ),
            self.meaning().to_owned(),
        ]
    }

    /// What it means for a user.
    pub fn meaning(&self) -> &'static str {
        match (self.pageable, self.host_page_tables) {
            (Some(true), Some(true)) => {
                "one address space in hardware: kernels work on ordinary memory where it is, pointers stay valid"
            }
            (Some(true), _) => {
                "one address space in software (HMM): kernels work on ordinary memory, and the driver moves pages as they are touched"
            }
            _ => "memory of its own: arguments are copied, or mapped, and linked data is rebuilt for the device",
        }
    }
}

impl Facts {
    /// Why the host's pages cannot move to the card's memory. `no_direct`: why it cannot work on the host's memory.
    pub(crate) fn no_migrate(&self, no_direct: Option<&str>) -> Option<String> {
        if let Some(why) = no_direct {
            return Some(format!("pages that move keep the host's addresses, which the device does not use: {why}"));
        }
        if self.integrated {
            return Some("the device computes in the host's memory: there is nowhere to move pages to".to_owned());
        }
        let has_node = cfg!(feature = "numa") && self.coherence.node().is_some();
        if has_node {
            return None;
        }
        if self.coherence.concurrent == Some(true) {
            return needs::no_prefetch();
        }
        let why = "the card's memory is no memory node (attribute 130), and the driver moves no pages of system memory (attribute 89)";
        Some(why.to_owned())
    }
}

/// Facts of all cards, in the driver's order.
pub(crate) fn all() -> CudaResult<Vec<Facts>> {
    cust::init(cust::CudaFlags::empty())?;
    let version = cust::CudaApiVersion::get()?;
    let driver = (version.major() as u32, version.minor() as u32);
    (0..Device::num_devices()?).map(|number| of(Device::get_device(number)?, driver)).collect()
}

fn of(device: Device, driver: (u32, u32)) -> CudaResult<Facts> {
    let number = |attribute| loader::device_attribute(attribute, device.as_raw()).unwrap_or(0);
    Ok(Facts {
        name: device.name()?,
        memory: device.total_memory()? as u64,
        capability: (number(attribute::MAJOR) as u32, number(attribute::MINOR) as u32),
        multiprocessors: number(attribute::MULTIPROCESSORS) as u32,
        integrated: number(attribute::INTEGRATED) != 0,
        coherence: Coherence::of(device.as_raw()),
        driver,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_card_says_becomes_what_it_means() {
        let plain = Coherence { pageable: Some(false), ..Coherence::default() };
        assert!(plain.obstacle().is_some_and(|why| why.contains("HMM")) && plain.meaning().contains("copied"));
        let hmm = Coherence { pageable: Some(true), host_page_tables: Some(false), ..plain };
        assert!(hmm.obstacle().is_none() && hmm.meaning().contains("HMM"));
        let ats = Coherence { host_page_tables: Some(true), numa_config: Some(1), numa_id: Some(2), ..hmm };
        assert!(ats.meaning().contains("hardware"));
        assert_eq!((ats.node(), hmm.node(), Coherence { numa_config: Some(0), ..ats }.node()), (Some(2), None, None));
        assert!(Coherence::default().obstacle().is_some_and(|why| why.contains("does not say")));
        assert_eq!(ats.lines().len(), 6);
    }
}
