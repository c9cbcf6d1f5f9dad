//! The cards that there are, as the environment says.

use std::ffi::c_int;

use crate::code::{Answer, INVALID_VALUE};

/// How a card and the host share memory.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Coherence {
    /// Not at all.
    Discrete,
    /// By the operating system's page faults.
    Hmm,
    /// By common page tables.
    Ats,
    /// It is the same memory.
    Integrated,
}

/// What all cards of this driver are.
#[derive(Clone, Debug)]
pub(crate) struct Profile {
    pub(crate) coherence: Coherence,
    pub(crate) devices: u32,
    pub(crate) memory: u64,
    /// 80 for 8.0.
    pub(crate) capability: u32,
    pub(crate) steps: Option<u64>,
    pub(crate) host_threads: usize,
    pub(crate) verbose: bool,
    numa_node: c_int,
}

fn number<T: std::str::FromStr>(name: &str) -> Option<T> {
    std::env::var(name).ok()?.parse().ok()
}

impl Profile {
    /// As the environment says; an unknown profile has no devices.
    pub(crate) fn from_environment() -> Profile {
        use Coherence::*;
        const GIB: u64 = 1 << 30;
        let name = std::env::var("FAKE_CUDA_PROFILE").unwrap_or_else(|_| "discrete".into());
        let (coherence, devices, memory, capability) = match name.as_str() {
            "discrete" => (Discrete, 1, GIB, 80),
            "small" => (Discrete, 1, GIB / 16, 80),
            "two" => (Discrete, 2, GIB, 80),
            "old" => (Discrete, 1, GIB, 60),
            "hmm" => (Hmm, 1, GIB, 86),
            "ats" => (Ats, 1, GIB, 90),
            "integrated" => (Integrated, 1, GIB, 87),
            _ => (Discrete, 0, GIB, 80),
        };
        Profile {
            coherence,
            devices,
            memory: number("FAKE_CUDA_MEMORY").unwrap_or(memory),
            capability,
            steps: number("FAKE_CUDA_STEPS"),
            host_threads: number("FAKE_CUDA_THREADS").unwrap_or(2).max(1),
            verbose: std::env::var_os("FAKE_CUDA_VERBOSE").is_some(),
            numa_node: number("FAKE_CUDA_NUMA_NODE").unwrap_or(-1),
        }
    }

    /// Device memory has addresses that mean nothing to the host.
    pub(crate) fn is_apart(&self) -> bool {
        matches!(self.coherence, Coherence::Discrete | Coherence::Hmm)
    }

    /// Kernels may touch whatever the process has mapped.
    pub(crate) fn reads_pageable(&self) -> bool {
        self.coherence != Coherence::Discrete
    }

    pub(crate) fn name(&self, device: c_int) -> String {
        format!("Fake {:?} GPU {device}", self.coherence)
    }

    /// The value of an attribute, by the number that cuda.h gives it.
    pub(crate) fn attribute(&self, attribute: c_int, device: c_int) -> Answer<c_int> {
        let coherence = self.coherence;
        let (ats, integrated) = (coherence == Coherence::Ats, coherence == Coherence::Integrated);
        let node = if ats { self.numa_node } else { -1 };
        Ok(match attribute {
            1..=3 => 1024,
            4 => 64,
            5 => c_int::MAX,
            6 | 7 => 65535,
            8 => 48 << 10,
            9 => 64 << 10,
            10 => 32,
            11 => c_int::MAX,
            12 | 82 => 65536,
            13 => 1_410_000,
            14 => 512,
            // Copies overlap with kernels; host memory can be mapped; kernels overlap; one address space.
            15 | 19 | 31 | 41 => 1,
            16 => 4,
            17 | 20 | 32 | 34 | 35 | 50 => 0,
            18 => c_int::from(integrated),
            33 => 1 + device,
            36 => 1_215_000,
            37 => 5120,
            38 => 4 << 20,
            39 => 2048,
            40 => {
                if integrated {
                    1
                } else {
                    2
                }
            }
            75 => (self.capability / 10) as c_int,
            76 => (self.capability % 10) as c_int,
            // Stream priorities, caches, managed memory, preemption, host pointers of registered memory as they are.
            78 | 79 | 80 | 83 | 90 | 91 | 95 | 99 => 1,
            81 => 164 << 10,
            84 | 85 | 98 | 102 => 0,
            86 => c_int::from(ats || integrated),
            87 => 2,
            88 => c_int::from(self.reads_pageable()),
            89 => 1,
            96 => 0,
            97 => 163 << 10,
            100 => c_int::from(ats || integrated),
            101 => c_int::from(ats),
            106 => 16,
            111 => 1 << 10,
            115 => 1,
            130 => c_int::from(node >= 0),
            131 => node,
            134 => 0,
            _ => return Err(INVALID_VALUE),
        })
    }
}
