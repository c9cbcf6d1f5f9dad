//! Compiled pipelines on disk, where the driver offers it.
//!
//! One file per adapter and driver version, in `LANDBRIDGE_CACHE_DIR` or the user's cache folder;
//! `LANDBRIDGE_CACHE_DIR=off` turns it off. A file that is cut short or damaged is ignored.
#![allow(unsafe_code)]

use std::path::{Path, PathBuf};
use std::sync::Mutex;
use std::time::{Duration, Instant};

use super::adapters::AdapterFacts;
use super::caught::in_scope;
use super::device::{Gpu, lock};
use crate::cache_folder::{checksum, directory, write_atomically};

const MAGIC: &[u8; 8] = b"lbpipe1\n";
/// Saving after each of many kernels in a row would write the same file again and again.
const PAUSE: Duration = Duration::from_secs(2);

/// The pipeline cache of one opened device.
pub(crate) struct DiskCache {
    raw: wgpu::PipelineCache,
    file: PathBuf,
    saving: Mutex<Saving>,
}

struct Saving {
    last: Option<Instant>,
    unsaved: bool,
}

impl DiskCache {
    /// Opens the cache of this device, or `None` where it is off, not offered, or there is no folder.
    pub(crate) fn open(device: &wgpu::Device, facts: &AdapterFacts, info: &wgpu::AdapterInfo) -> Option<Self> {
        if !facts.pipeline_cache {
            return None;
        }
        let key = wgpu::util::pipeline_cache_key(info)?;
        Self::open_in(device, &directory()?, &key, &facts.driver)
    }

    fn open_in(device: &wgpu::Device, directory: &Path, adapter: &str, driver: &str) -> Option<Self> {
        let file = directory.join(format!("{adapter}_{:016x}.bin", checksum(driver.as_bytes())));
        let data = std::fs::read(&file).ok().and_then(|bytes| unpack(&bytes));
        tracing::debug!(file = %file.display(), found = data.is_some(), "pipeline cache");
        let descriptor = wgpu::PipelineCacheDescriptor { label: None, data: data.as_deref(), fallback: true };
        let raw = in_scope("opening the pipeline cache", || {
            // SAFETY: the data came from `get_data` of a cache for the same adapter and driver
            // version: the file name holds both, magic and checksum show that this module wrote it
            // whole, and the folder is the user's own.
            unsafe { device.create_pipeline_cache(&descriptor) }
        });
        Some(Self { raw: raw.ok()?, file, saving: Mutex::new(Saving { last: None, unsaved: false }) })
    }

    /// What pipelines are to be created with.
    pub(crate) fn raw(&self) -> &wgpu::PipelineCache {
        &self.raw
    }

    /// A pipeline was compiled: saves, unless that was just done (dropping saves the rest).
    pub(crate) fn compiled(&self) {
        let mut saving = lock(&self.saving);
        saving.unsaved = true;
        if saving.last.is_none_or(|last| last.elapsed() >= PAUSE) {
            self.save(&mut saving);
        }
    }

    fn save(&self, saving: &mut Saving) {
        saving.last = Some(Instant::now());
        saving.unsaved = false;
        let Some(data) = self.raw.get_data() else {
            return;
        };
        // A cache that cannot be written costs the next process some time, nothing else.
        if let Err(error) = write_atomically(&self.file, &pack(&data)) {
            tracing::debug!(file = %self.file.display(), %error, "pipeline cache not saved");
        }
    }
}

impl Drop for DiskCache {
    fn drop(&mut self) {
        let mut saving = Saving { last: None, unsaved: lock(&self.saving).unsaved };
        if saving.unsaved {
            self.save(&mut saving);
        }
    }
}

impl Gpu {
    /// Tells the disk cache, if there is one, that a pipeline was compiled.
    pub(crate) fn pipeline_compiled(&self) {
        if let Some(cache) = &self.disk_cache {
            cache.compiled();
        }
    }
}

fn pack(data: &[u8]) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(data.len() + 24);
    bytes.extend_from_slice(MAGIC);
    bytes.extend_from_slice(&(data.len() as u64).to_le_bytes());
    bytes.extend_from_slice(&checksum(data).to_le_bytes());
    bytes.extend_from_slice(data);
    bytes
}

fn unpack(bytes: &[u8]) -> Option<Vec<u8>> {
    let rest = bytes.strip_prefix(MAGIC)?;
    let (length, rest) = rest.split_first_chunk::<8>()?;
    let (sum, data) = rest.split_first_chunk::<8>()?;
    let whole = u64::from_le_bytes(*length) == data.len() as u64 && u64::from_le_bytes(*sum) == checksum(data);
    whole.then(|| data.to_vec())
}

#[cfg(test)]
mod tests {
    use super::super::pipeline::{Pipeline, Shader};
    use super::super::testing;
    use super::*;

    #[test]
    fn a_damaged_file_is_ignored() {
        let good = pack(b"compiled");
        assert_eq!(unpack(&good).as_deref(), Some(&b"compiled"[..]));
        for end in 0..good.len() {
            assert_eq!(unpack(&good[..end]), None, "cut at {end}");
        }
        for byte in 0..good.len() {
            let mut bad = good.clone();
            bad[byte] ^= 0x10;
            assert_eq!(unpack(&bad), None, "flipped in byte {byte}");
        }
    }

    #[test]
    fn what_one_device_compiled_the_next_finds() {
        let Some(gpu) = testing::gpu() else { return };
        if !gpu.facts.pipeline_cache {
            return testing::skipped("the driver offers no pipeline cache");
        }
        let folder = std::env::temp_dir().join(format!("landbridge-test-{}", std::process::id()));
        let cache = DiskCache::open_in(&gpu.raw, &folder, "test", "1").expect("opened");
        let shader = Shader {
            name: "nothing",
            source: "@compute @workgroup_size(1) fn main() {}",
            entry: "main",
            read_only: &[],
            immediate_bytes: 0,
            proved: Default::default(),
        };
        Pipeline::compile(&gpu, &shader, Some(cache.raw())).expect("compiles");
        cache.compiled();
        let bytes = std::fs::read(&cache.file).expect("saved");
        assert!(unpack(&bytes).is_some_and(|data| !data.is_empty()));
        drop(cache);
        let again = DiskCache::open_in(&gpu.raw, &folder, "test", "1").expect("opened");
        Pipeline::compile(&gpu, &shader, Some(again.raw())).expect("compiles from the cache");
        drop(again);
        std::fs::remove_dir_all(&folder).expect("removed");
    }
}
