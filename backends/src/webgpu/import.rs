//! Host pages as device buffers: `VK_EXT_external_memory_host` through wgpu's Vulkan layer.
//!
//! No copy is made: the device reads and writes the pages where they are. So the pages must stay
//! borrowed until the [`Imported`] has been dropped, which waits for the device.
#![allow(unsafe_code)]

use std::ops::Range;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use ash::vk;
use wgpu::hal::{api::Vulkan, vulkan as hal};

use super::caught::in_scope;
use super::device::{Gpu, lock};

const EXTENSION: &std::ffi::CStr = ash::ext::external_memory_host::NAME;
const HANDLE: vk::ExternalMemoryHandleTypeFlags = vk::ExternalMemoryHandleTypeFlags::HOST_ALLOCATION_EXT;
const USAGE: wgpu::BufferUsages =
    wgpu::BufferUsages::STORAGE.union(wgpu::BufferUsages::COPY_SRC).union(wgpu::BufferUsages::COPY_DST);

/// How this device imports host pages.
#[derive(Clone)]
pub(crate) struct ImportSupport {
    /// Imported ranges start and end at multiples of this, bytes.
    pub(crate) page: usize,
    functions: ash::ext::external_memory_host::Device,
    /// Memory types that host and device see alike without flushes.
    coherent: u32,
}

/// Opens the device with the extension enabled, or says why that cannot be.
pub(crate) fn open(
    adapter: &wgpu::Adapter,
    descriptor: &wgpu::DeviceDescriptor<'_>,
) -> Result<(wgpu::Device, wgpu::Queue, ImportSupport), String> {
    let (opened, support) = open_hal(adapter, descriptor)?;
    // SAFETY:
    // - `opened` was just made from this adapter and has no other owner.
    // - it was opened with the same features and limits as `descriptor` names.
    let created = unsafe { adapter.create_device_from_hal::<Vulkan>(opened, descriptor) };
    let (device, queue) = created.map_err(|error| error.to_string())?;
    Ok((device, queue, support))
}

fn open_hal(
    adapter: &wgpu::Adapter,
    descriptor: &wgpu::DeviceDescriptor<'_>,
) -> Result<(wgpu::hal::OpenDevice<Vulkan>, ImportSupport), String> {
    // SAFETY: the guard is used to query and to open, never to destroy anything.
    let hal = unsafe { adapter.as_hal::<Vulkan>() };
    let hal = hal.ok_or("only Vulkan devices import host memory")?;
    if !hal.physical_device_capabilities().supports_extension(EXTENSION) {
        return Err("the driver lacks VK_EXT_external_memory_host".to_owned());
    }
    let instance = hal.shared_instance().raw_instance();
    let physical = hal.raw_physical_device();
    let page = alignment(instance, physical)?;
    // SAFETY: the callback only adds an extension that the adapter was just seen to support.
    let opened = unsafe {
        hal.open_with_callback(
            descriptor.required_features,
            &descriptor.required_limits,
            &descriptor.memory_hints,
            Some(Box::new(|args: hal::CreateDeviceCallbackArgs<'_, '_, '_>| {
                args.extensions.push(EXTENSION);
            })),
        )
    };
    let opened = opened.map_err(|error| error.to_string())?;
    let functions = ash::ext::external_memory_host::Device::new(instance, opened.device.raw_device());
    let coherent = coherent_types(instance, physical);
    let support = ImportSupport { page, functions, coherent };
    Ok((opened, support))
}

/// The import granule, which must not be coarser than a page: rounding outwards would otherwise
/// reach into pages that nobody has mapped.
fn alignment(instance: &ash::Instance, physical: vk::PhysicalDevice) -> Result<usize, String> {
    let mut host = vk::PhysicalDeviceExternalMemoryHostPropertiesEXT::default();
    let mut all = vk::PhysicalDeviceProperties2::default().push_next(&mut host);
    // SAFETY: both handles are alive, and the chain holds a structure of a supported extension.
    unsafe { instance.get_physical_device_properties2(physical, &mut all) };
    let granule = usize::try_from(host.min_imported_host_pointer_alignment).unwrap_or(usize::MAX);
    let page = page_bytes();
    if granule > page {
        return Err(format!("the driver imports blocks of {granule} bytes, more than a page ({page})"));
    }
    Ok(page)
}

#[cfg(unix)]
fn page_bytes() -> usize {
    // SAFETY: sysconf has no preconditions.
    let bytes = unsafe { libc::sysconf(libc::_SC_PAGESIZE) };
    usize::try_from(bytes).unwrap_or(4096)
}

#[cfg(not(unix))]
fn page_bytes() -> usize {
    4096
}

/// Bytes of the adapter's own memory, where the driver tells.
pub(crate) fn device_memory(adapter: &wgpu::Adapter) -> Option<u64> {
    // SAFETY: the guard is used to query, never to destroy anything.
    let hal = unsafe { adapter.as_hal::<Vulkan>() }?;
    let instance = hal.shared_instance().raw_instance();
    // SAFETY: both handles are alive.
    let memory = unsafe { instance.get_physical_device_memory_properties(hal.raw_physical_device()) };
    let heaps = &memory.memory_heaps[..memory.memory_heap_count as usize];
    let local = heaps.iter().filter(|heap| heap.flags.contains(vk::MemoryHeapFlags::DEVICE_LOCAL));
    Some(local.map(|heap| heap.size).sum())
}

fn coherent_types(instance: &ash::Instance, physical: vk::PhysicalDevice) -> u32 {
    let want = vk::MemoryPropertyFlags::HOST_VISIBLE | vk::MemoryPropertyFlags::HOST_COHERENT;
    // SAFETY: both handles are alive.
    let memory = unsafe { instance.get_physical_device_memory_properties(physical) };
    let types = &memory.memory_types[..memory.memory_type_count as usize];
    let coherent = (0..).zip(types).filter(|(_, t)| t.property_flags.contains(want));
    coherent.fold(0, |bits, (index, _)| bits | (1_u32 << index))
}

/// Host pages as a buffer. Dropping it waits until wgpu has let go of the pages or, where wgpu or this library has given
/// the device up, until the driver says that nothing runs on it.
pub(crate) struct Imported {
    buffer: Option<wgpu::Buffer>,
    pages: Range<usize>,
    freed: Arc<AtomicBool>,
    gpu: Arc<Gpu>,
}

impl Imported {
    /// Imports `pages`.
    ///
    /// # Safety
    /// - `pages` is mapped memory from the first byte to the last, and stays so until the value is
    ///   dropped (leaking it leaks the obligation).
    /// - Kernels touch only bytes of it that the launch has borrowed, and write only bytes that it
    ///   has borrowed exclusively, in whole words.
    ///
    /// # Errors
    /// Why the driver or this device refuses; nothing is imported then.
    pub(crate) unsafe fn new(gpu: &Arc<Gpu>, pages: Range<usize>) -> Result<Self, String> {
        let support = gpu.import.as_ref().map_err(Clone::clone)?;
        if pages.is_empty() || !pages.start.is_multiple_of(support.page) {
            return Err("not a range of whole pages".to_owned());
        }
        if pages.len() as u64 > gpu.facts.limits.buffer_bytes {
            return Err(format!("{} bytes are more than one buffer holds", pages.len()));
        }
        let freed = Arc::new(AtomicBool::new(false));
        // SAFETY: the caller promises that the pages are and stay mapped.
        let raw = unsafe { RawImport::new(gpu, support, &pages) }?;
        let buffer = raw.into_wgpu(gpu, Arc::clone(&freed))?;
        Ok(Self { buffer: Some(buffer), pages, freed, gpu: Arc::clone(gpu) })
    }

    /// The buffer; its first byte is the first byte of [`Imported::pages`].
    pub(crate) fn buffer(&self) -> &wgpu::Buffer {
        self.buffer.as_ref().expect("present until the value is dropped")
    }

    /// The imported addresses.
    pub(crate) fn pages(&self) -> &Range<usize> {
        &self.pages
    }
}

impl Drop for Imported {
    fn drop(&mut self) {
        let _span = tracing::debug_span!("release pages").entered();
        self.buffer = None;
        let mut waiting = Waiting::new(&self.gpu);
        let mut tries = 0_u32;
        while !self.freed.load(Ordering::Acquire) {
            self.gpu.tick();
            tries += 1;
            if tries > 1000 && self.gpu.check_alive().is_err() {
                // That may say no more than that somebody gave up on the device, while it still runs and writes; and
                // wgpu may never count its work as ended. Only the driver knows.
                wait_until_idle(&self.gpu, &mut waiting);
                // What may remain is the driver's own reference to the pages, through which nobody reaches them.
                return;
            }
            if tries > 16 {
                std::thread::sleep(Duration::from_micros(50));
                waiting.warn();
            }
        }
    }
}

/// Warns once a second that the user's pages are waited for.
struct Waiting<'g> {
    gpu: &'g Gpu,
    start: Instant,
    warned: u64,
}

impl<'g> Waiting<'g> {
    fn new(gpu: &'g Gpu) -> Self {
        Self { gpu, start: Instant::now(), warned: 0 }
    }

    fn warn(&mut self) {
        let seconds = self.start.elapsed().as_secs();
        if seconds > self.warned {
            self.warned = seconds;
            tracing::warn!(
                device = %self.gpu.facts.name,
                seconds,
                "a device still holds mapped memory: the launch cannot return before it lets go"
            );
        }
    }
}

/// Returns when the driver says that nothing runs on the device, or that the device is lost.
fn wait_until_idle(gpu: &Gpu, waiting: &mut Waiting<'_>) {
    // SAFETY: the guard is used to copy the handle; `gpu` keeps the device alive.
    let Some(device) = unsafe { gpu.raw.as_hal::<Vulkan>() }.map(|hal| hal.raw_device().clone()) else {
        return; // Pages are imported on Vulkan alone.
    };
    let idle = || {
        // Vulkan wants that nobody submits meanwhile. (Nobody new does: the device is given up.)
        let _nobody_submits = lock(&gpu.submitting);
        // SAFETY: the device is alive, and its one queue is used by `submit` alone, which holds the lock.
        unsafe { device.device_wait_idle() }
    };
    loop {
        let ended = std::thread::scope(|threads| {
            let Ok(driver) = std::thread::Builder::new().spawn_scoped(threads, idle) else {
                return idle(); // As good, but without warnings.
            };
            while !driver.is_finished() {
                std::thread::sleep(Duration::from_millis(1));
                waiting.warn();
            }
            driver.join().unwrap_or(Err(vk::Result::ERROR_UNKNOWN))
        });
        match ended {
            Ok(()) => return,
            Err(vk::Result::ERROR_DEVICE_LOST) => {
                tracing::error!("the driver has lost the device; it may keep its reference to mapped pages");
                return;
            }
            Err(why) => {
                tracing::error!(%why, "the driver does not say whether it still uses mapped pages; asking again");
                std::thread::sleep(Duration::from_millis(100));
            }
        }
    }
}

/// A Vulkan buffer bound to imported memory; freed on drop unless wgpu took it.
struct RawImport {
    device: ash::Device,
    buffer: vk::Buffer,
    memory: vk::DeviceMemory,
    bytes: u64,
}

impl RawImport {
    /// # Safety
    /// `pages` are mapped, and stay so until the value, or the wgpu buffer made of it, is gone.
    unsafe fn new(gpu: &Gpu, support: &ImportSupport, pages: &Range<usize>) -> Result<Self, String> {
        // SAFETY: the guard is used to create objects, never to destroy what wgpu owns.
        let hal = unsafe { gpu.raw.as_hal::<Vulkan>() }.ok_or("not a Vulkan device")?;
        let device = hal.raw_device().clone();
        let bytes = pages.len() as u64;
        let mut external = vk::ExternalMemoryBufferCreateInfo::default().handle_types(HANDLE);
        let info = vk::BufferCreateInfo::default()
            .size(bytes)
            .usage(
                vk::BufferUsageFlags::STORAGE_BUFFER
                    | vk::BufferUsageFlags::TRANSFER_SRC
                    | vk::BufferUsageFlags::TRANSFER_DST,
            )
            .sharing_mode(vk::SharingMode::EXCLUSIVE)
            .push_next(&mut external);
        // SAFETY: the device is alive (`gpu` holds it) and the structure is complete.
        let buffer = unsafe { device.create_buffer(&info, None) }.map_err(refused("buffer"))?;
        let mut raw = Self { device, buffer, memory: vk::DeviceMemory::null(), bytes };
        // SAFETY: forwarded to the caller.
        raw.memory = unsafe { raw.import_memory(support, pages) }?;
        // SAFETY: both are fresh, of this device, and the memory is as large as the buffer needs.
        unsafe { raw.device.bind_buffer_memory(raw.buffer, raw.memory, 0) }.map_err(refused("binding"))?;
        Ok(raw)
    }

    /// # Safety
    /// As for [`RawImport::new`].
    unsafe fn import_memory(&self, support: &ImportSupport, pages: &Range<usize>) -> Result<vk::DeviceMemory, String> {
        let pointer = pages.start as *mut std::ffi::c_void;
        let mut properties = vk::MemoryHostPointerPropertiesEXT::default();
        let query = support.functions.fp().get_memory_host_pointer_properties_ext;
        // SAFETY: the function belongs to this device, the pointer to mapped and aligned memory,
        // and ash has no wrapper for it.
        unsafe { query(self.device.handle(), HANDLE, pointer, &mut properties) }.result().map_err(refused("pages"))?;
        // SAFETY: the buffer is alive.
        let needs = unsafe { self.device.get_buffer_memory_requirements(self.buffer) };
        if needs.size > self.bytes {
            return Err("the driver wants more memory than the pages are".to_owned());
        }
        let types = needs.memory_type_bits & properties.memory_type_bits & support.coherent;
        if types == 0 {
            return Err("no host-coherent memory type takes these pages".to_owned());
        }
        let mut import = vk::ImportMemoryHostPointerInfoEXT::default().handle_type(HANDLE).host_pointer(pointer);
        let info = vk::MemoryAllocateInfo::default()
            .allocation_size(self.bytes)
            .memory_type_index(types.trailing_zeros())
            .push_next(&mut import);
        // SAFETY: pointer and size are multiples of the granule, mapped (the caller's promise),
        // and the type is one that the driver named for this pointer.
        unsafe { self.device.allocate_memory(&info, None) }.map_err(refused("import"))
    }

    /// Hands the buffer to wgpu, which frees it after its last use and then sets `freed`.
    fn into_wgpu(self, gpu: &Gpu, freed: Arc<AtomicBool>) -> Result<wgpu::Buffer, String> {
        let bytes = self.bytes;
        let handle = self.buffer;
        let callback = Box::new(move || {
            drop(self);
            freed.store(true, Ordering::Release);
        });
        // SAFETY: the callback owns handle and memory, and wgpu runs it when it has let go of them.
        let buffer = unsafe { hal::Buffer::from_raw_externally_owned(handle, callback) };
        let descriptor = wgpu::BufferDescriptor {
            label: Some("imported pages"),
            size: bytes,
            usage: USAGE,
            mapped_at_creation: false,
        };
        in_scope("importing pages", || {
            // SAFETY:
            // - the buffer was made from this device's own handle, with this size and usage.
            // - its memory is ordinary, initialised pages, and not empty.
            unsafe { gpu.raw.create_buffer_from_hal::<Vulkan>(buffer, &descriptor) }
        })
        .map_err(|failure| failure.to_string())
    }
}

impl Drop for RawImport {
    fn drop(&mut self) {
        // SAFETY: nobody else owns the two, nothing that uses them runs any more (wgpu's promise
        // once it has them, never submitted before), and null memory may be freed.
        unsafe {
            self.device.destroy_buffer(self.buffer, None);
            self.device.free_memory(self.memory, None);
        }
    }
}

fn refused(what: &'static str) -> impl Fn(vk::Result) -> String {
    move |result| format!("the driver refused the {what}: {result}")
}
