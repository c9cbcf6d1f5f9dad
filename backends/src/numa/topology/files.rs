//! Small files below a root, and how the kernel writes numbers into them.

use std::fs;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};

/// A folder with `sys` and `proc`, and what was odd there.
pub(super) struct Root {
    folder: PathBuf,
    notes: Vec<String>,
}

impl Root {
    pub(super) fn new(folder: &Path) -> Self {
        Root { folder: folder.to_path_buf(), notes: vec![] }
    }

    pub(super) fn into_notes(self) -> Vec<String> {
        self.notes
    }

    pub(super) fn note(&mut self, text: String) {
        self.notes.push(text);
    }

    pub(super) fn path(&self, path: &str) -> PathBuf {
        self.folder.join(path)
    }

    /// A file's text without the space around it. A file that is there and cannot be read is noted.
    pub(super) fn text(&mut self, path: &str) -> Option<String> {
        match fs::read(self.path(path)) {
            Ok(bytes) => Some(String::from_utf8_lossy(&bytes).trim().to_string()),
            Err(error) if matches!(error.kind(), ErrorKind::NotFound | ErrorKind::NotADirectory) => None,
            Err(error) => {
                self.note(format!("/{path} cannot be read: {error}"));
                None
            }
        }
    }

    /// What a file says, by `parse`. Text that it does not understand is noted.
    pub(super) fn parsed<T>(&mut self, path: &str, parse: impl FnOnce(&str) -> Option<T>) -> Option<T> {
        let text = self.text(path)?;
        let parsed = parse(&text);
        if parsed.is_none() {
            let shown: String = text.chars().take(40).collect();
            self.note(format!("/{path} is not understood: {shown:?}"));
        }
        parsed
    }

    /// Names in a folder, sorted; none if it is not there.
    pub(super) fn names(&self, path: &str) -> Vec<String> {
        let entries = fs::read_dir(self.path(path)).into_iter().flatten().flatten();
        let mut names: Vec<_> = entries.filter_map(|entry| entry.file_name().into_string().ok()).collect();
        names.sort();
        names
    }

    /// The numbers of a folder's entries with this prefix, such as 0 and 1 for `node0`, `node1`, rising.
    pub(super) fn numbered(&self, path: &str, prefix: &str) -> Vec<u32> {
        let names = self.names(path);
        let mut numbers: Vec<u32> = names.iter().filter_map(|name| name.strip_prefix(prefix)?.parse().ok()).collect();
        numbers.sort_unstable();
        numbers
    }
}

/// The longest list that is taken at its word: beyond what any kernel allows.
const MOST: u32 = 1 << 16;

/// Numbers in a list such as `0-3,8`, rising; none if it is empty.
pub(super) fn list(text: &str) -> Option<Vec<u32>> {
    let mut numbers = vec![];
    for part in text.split(',').map(str::trim).filter(|part| !part.is_empty()) {
        let (first, last) = part.split_once('-').unwrap_or((part, part));
        let (first, last): (u32, u32) = (first.parse().ok()?, last.parse().ok()?);
        if last < first || last >= MOST {
            return None;
        }
        numbers.extend(first..=last);
    }
    numbers.sort_unstable();
    numbers.dedup();
    Some(numbers)
}

/// Bytes of a line such as `Node 0 MemTotal:  17393868 kB` or `MemTotal: 17393868 kB`.
pub(super) fn kilobytes(text: &str, key: &str) -> Option<u64> {
    let line = text.lines().find(|line| line.split_whitespace().any(|word| word.strip_suffix(':') == Some(key)))?;
    let value: u64 = line.split_once(':')?.1.split_whitespace().next()?.parse().ok()?;
    value.checked_mul(1024)
}

/// What follows `key:` in a text of such lines, without quotes.
pub(super) fn field<'t>(text: &'t str, key: &str) -> Option<&'t str> {
    let value = text.lines().find_map(|line| line.trim().strip_prefix(key)?.trim_start().strip_prefix(':'))?;
    Some(value.trim().trim_matches('"'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lists_as_the_kernel_writes_them() {
        assert_eq!(list("0-3,8").unwrap(), [0, 1, 2, 3, 8]);
        assert_eq!(list("").unwrap(), [] as [u32; 0]);
        assert_eq!(list("5,1-1").unwrap(), [1, 5]);
        for odd in ["a", "3-1", "1-", "-1", "0-99999999", "1 2"] {
            assert_eq!(list(odd), None, "{odd}");
        }
    }

    #[test]
    fn sizes_and_fields() {
        let text = "Node 3 MemTotal:       262144 kB\nNode 3 MemFree:   0 kB\nNode 3 MemUsed: x kB";
        assert_eq!(kilobytes(text, "MemTotal"), Some(256 << 20));
        assert_eq!(kilobytes(text, "MemFree"), Some(0));
        assert_eq!((kilobytes(text, "MemUsed"), kilobytes(text, "Mem")), (None, None));
        let text = "Model: \t\t GH200\nCoherentGPUMemoryMode: \"driver\"";
        assert_eq!((field(text, "Model"), field(text, "CoherentGPUMemoryMode")), (Some("GH200"), Some("driver")));
        assert_eq!(field(text, "Mod"), None);
    }
}
