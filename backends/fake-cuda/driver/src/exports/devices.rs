//! Start, versions, devices, and the texts of errors.

use std::ffi::{c_char, c_int, c_uint};

use super::driver;
use crate::code::{self, INVALID_VALUE};
use crate::pointer::{Out, put_text};
use crate::state::{initialize, state};

driver! {
    fn cuInit(flags: c_uint) {
        if flags != 0 {
            return Err(INVALID_VALUE);
        }
        initialize()
    }

    fn cuDriverGetVersion(version: Out<c_int>) {
        version.put(13000)
    }

    fn cuDeviceGetCount(count: Out<c_int>) {
        count.put(state()?.profile.devices as c_int)
    }

    fn cuDeviceGet(device: Out<c_int>, ordinal: c_int) {
        state()?.device(ordinal)?;
        device.put(ordinal)
    }

    fn cuDeviceGetName(name: Out<c_char>, size: c_int, device: c_int) {
        let state = state()?;
        state.device(device)?;
        put_text(name, size.max(0) as usize, &state.profile.name(device));
        Ok(())
    }

    fn cuDeviceGetUuid(uuid: Out<[u8; 16]>, device: c_int) {
        state()?.device(device)?;
        let mut bytes = *b"fake-cuda-gpu-00";
        bytes[15] += device as u8;
        uuid.put(bytes)
    }

    fn cuDeviceGetUuid_v2(uuid: Out<[u8; 16]>, device: c_int) {
        state()?.device(device)?;
        let mut bytes = *b"fake-cuda-gpu-00";
        bytes[15] += device as u8;
        uuid.put(bytes)
    }

    fn cuDeviceGetPCIBusId(text: Out<c_char>, size: c_int, device: c_int) {
        state()?.device(device)?;
        put_text(text, size.max(0) as usize, &format!("0000:{:02x}:00.0", 1 + device));
        Ok(())
    }

    fn cuDeviceTotalMem_v2(bytes: Out<usize>, device: c_int) {
        let state = state()?;
        state.device(device)?;
        bytes.put(state.profile.memory as usize)
    }

    fn cuDeviceGetAttribute(value: Out<c_int>, attribute: c_int, device: c_int) {
        let state = state()?;
        state.device(device)?;
        value.put(state.profile.attribute(attribute, device)?)
    }

    fn cuDeviceComputeCapability(major: Out<c_int>, minor: Out<c_int>, device: c_int) {
        let state = state()?;
        state.device(device)?;
        major.put(state.profile.attribute(75, device)?)?;
        minor.put(state.profile.attribute(76, device)?)
    }

    fn cuGetErrorName(code: c_int, text: Out<*const c_char>) {
        let name = code::name(code);
        text.put(name.map_or(std::ptr::null(), |name| name.as_ptr()))?;
        name.map(|_| ()).ok_or(INVALID_VALUE)
    }

    fn cuGetErrorString(code: c_int, text: Out<*const c_char>) {
        let meaning = code::text(code);
        text.put(meaning.map_or(std::ptr::null(), |meaning| meaning.as_ptr()))?;
        meaning.map(|_| ()).ok_or(INVALID_VALUE)
    }
}
