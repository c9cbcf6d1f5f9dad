//! Where things are kept for the next process: `LANDBRIDGE_CACHE_DIR` or the user's cache folder.
//! `LANDBRIDGE_CACHE_DIR=off` keeps nothing.

use std::io::{self, Write};
use std::path::{Path, PathBuf};

/// Where caches are kept: `None` when turned off or when the user has no folder for it.
pub(crate) fn directory() -> Option<PathBuf> {
    choose_directory(|name| std::env::var_os(name).map(PathBuf::from))
}

fn choose_directory(var: impl Fn(&str) -> Option<PathBuf>) -> Option<PathBuf> {
    let absolute = |path: &PathBuf| path.is_absolute();
    match var("LANDBRIDGE_CACHE_DIR") {
        Some(off) if off.as_os_str() == "off" => return None,
        Some(chosen) if !chosen.as_os_str().is_empty() => return Some(chosen),
        _ => {}
    }
    // The XDG specification has relative paths ignored.
    let base = var("XDG_CACHE_HOME").filter(absolute).or_else(|| {
        let home = var("HOME").or_else(|| var("USERPROFILE"));
        Some(home.filter(absolute)?.join(".cache"))
    })?;
    Some(base.join("landbridge"))
}

/// FNV-1a: finds damage, not malice.
pub(crate) fn checksum(bytes: &[u8]) -> u64 {
    let step = |sum: u64, &byte: &u8| (sum ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3);
    bytes.iter().fold(0xcbf2_9ce4_8422_2325, step)
}

/// Readers see the old file or the new one, never a half: write beside it, then rename.
pub(crate) fn write_atomically(file: &Path, bytes: &[u8]) -> io::Result<()> {
    let folder = file.parent().ok_or(io::ErrorKind::InvalidInput)?;
    create_private(folder)?;
    let beside = file.with_extension(format!("{}.tmp", std::process::id()));
    let written = std::fs::File::create(&beside)
        .and_then(|mut file| file.write_all(bytes))
        .and_then(|()| std::fs::rename(&beside, file));
    if written.is_err() {
        let _ = std::fs::remove_file(&beside);
    }
    written
}

/// Nobody else may plant compiled code or rates here.
fn create_private(folder: &Path) -> io::Result<()> {
    let mut builder = std::fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(folder)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn with(vars: &'static [(&str, &str)]) -> Option<PathBuf> {
        choose_directory(|name| {
            let found = vars.iter().find(|(key, _)| *key == name)?;
            Some(PathBuf::from(found.1))
        })
    }

    #[test]
    fn the_folder_follows_the_environment() {
        assert_eq!(with(&[("LANDBRIDGE_CACHE_DIR", "/c"), ("HOME", "/h")]), Some("/c".into()));
        assert_eq!(with(&[("LANDBRIDGE_CACHE_DIR", "off"), ("HOME", "/h")]), None);
        assert_eq!(with(&[("HOME", "/h")]), Some("/h/.cache/landbridge".into()));
        assert_eq!(with(&[("XDG_CACHE_HOME", "/x"), ("HOME", "/h")]), Some("/x/landbridge".into()));
        assert_eq!(with(&[("XDG_CACHE_HOME", "rel"), ("HOME", "/h")]), Some("/h/.cache/landbridge".into()));
        assert_eq!(with(&[]), None);
    }
}
