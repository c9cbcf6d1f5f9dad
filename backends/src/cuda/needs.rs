//! What a driver must have: functions that every launch needs, and those that some ways of sharing memory need.

use landbridge_cuda_loader as loader;

/// Without one of these a card is of no use. The youngest are of CUDA 7.
const ALWAYS: &[&str] = &[
    "cuInit",
    "cuDriverGetVersion",
    "cuDeviceGet",
    "cuDeviceGetCount",
    "cuDeviceGetName",
    "cuDeviceGetAttribute",
    "cuDeviceTotalMem_v2",
    "cuDevicePrimaryCtxRetain",
    "cuDevicePrimaryCtxRelease_v2",
    "cuCtxSetCurrent",
    "cuCtxSynchronize",
    "cuStreamCreateWithPriority",
    "cuStreamDestroy_v2",
    "cuStreamQuery",
    "cuStreamSynchronize",
    "cuStreamWaitEvent",
    "cuEventCreate",
    "cuEventDestroy_v2",
    "cuEventRecord",
    "cuEventQuery",
    "cuMemAlloc_v2",
    "cuMemFree_v2",
    "cuMemAllocHost_v2",
    "cuMemFreeHost",
    "cuMemGetInfo_v2",
    "cuMemcpyHtoDAsync_v2",
    "cuMemcpyDtoHAsync_v2",
    "cuMemsetD8Async",
    "cuModuleLoadDataEx",
    "cuModuleGetFunction",
    "cuLaunchKernel",
];

/// What moves pages where the card's memory is no memory node.
const PREFETCH: &[&str] = &["cuMemPrefetchAsync", "cuMemAdvise"];

/// Why the driver cannot be used: the functions that it lacks.
pub(super) fn lacking() -> Option<String> {
    lacks(ALWAYS).map(|lacks| format!("the driver has {lacks}, which every launch needs: it is too old"))
}

/// Why the driver moves no pages of system memory, as far as its functions tell.
pub(super) fn no_prefetch() -> Option<String> {
    lacks(PREFETCH).map(|lacks| format!("the driver has {lacks}: it is too old to move pages"))
}

/// ``no `a`, no `b` ``, for those of the functions that the driver lacks.
fn lacks(functions: &[&str]) -> Option<String> {
    let missing = loader::missing();
    let of_these: Vec<_> = functions.iter().filter(|name| missing.contains(name)).collect();
    match of_these.as_slice() {
        [] => None,
        [first] => Some(format!("no `{first}`")),
        [first, second] => Some(format!("no `{first}` and no `{second}`")),
        [first, second, more @ ..] => Some(format!("no `{first}`, no `{second}` and {} more not", more.len())),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_loader_knows_all_of_them() {
        let unknown: Vec<_> = ALWAYS.iter().chain(PREFETCH).filter(|name| !loader::SYMBOLS.contains(name)).collect();
        assert!(unknown.is_empty(), "{unknown:?}");
    }
}
