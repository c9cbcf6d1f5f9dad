//! Constant memory as private variables.

use landbridge_core::ir::{Constant, Module};

use super::buffers::{Buffer, Unit};
use super::emit::{Emitter, Result};
use super::target::WgslError;
use super::text::{Rep, Text, float, integer};

/// Whether every element can be written as a literal.
pub(super) fn is_plain(buffer: &Buffer, bytes: &[u8]) -> bool {
    let Unit::Native(rep) = buffer.unit else {
        return false;
    };
    let stride = buffer.array_stride() as usize;
    bytes.chunks_exact(stride).all(|b| literal(rep, b).is_some())
}

fn literal(rep: Rep, bytes: &[u8]) -> Option<Text> {
    let mut wide = [0; 8];
    wide[..bytes.len()].copy_from_slice(bytes);
    let bits = u64::from_le_bytes(wide);
    match rep {
        Rep::F32 => float(Constant::F32(bits as u32)),
        Rep::F64 => float(Constant::F64(bits)),
        Rep::I32 => Some(integer(i128::from(bits as u32 as i32), rep)),
        Rep::I64 => Some(integer(i128::from(bits as i64), rep)),
        Rep::U32 | Rep::U64 => Some(integer(i128::from(bits), rep)),
        Rep::Bool => None,
    }
}

impl Emitter<'_> {
    /// The declarations of all constant memory that is used.
    pub(super) fn data_text(buffers: &[Buffer], first_data: usize, module: &Module, used: &str) -> Result<String> {
        let mut text = String::new();
        for (data, buffer) in module.data.iter().zip(&buffers[first_data..]) {
            if data.bytes.is_empty() || !used.contains(&format!("{}[", buffer.name)) {
                continue;
            }
            let mut bytes = data.bytes.clone();
            bytes.resize(bytes.len().next_multiple_of(4), 0);
            let (of, rep) = match buffer.unit {
                Unit::Native(rep) => (rep.name(), rep),
                _ => ("u32", Rep::U32),
            };
            let stride = if rep.bits() == 64 { 8 } else { 4 };
            let list: Option<Vec<String>> =
                bytes.chunks_exact(stride).map(|b| literal(rep, b).map(|t| t.bare().to_owned())).collect();
            let Some(list) = list else {
                return Err(WgslError::new("constant memory", "it has no literal: a defect of the generator"));
            };
            let (name, count) = (&buffer.name, list.len());
            text.push_str(&format!(
                "var<private> {name}: array<{of}, {count}> = array<{of}, {count}>({});\n",
                list.join(", ")
            ));
        }
        Ok(text)
    }
}
