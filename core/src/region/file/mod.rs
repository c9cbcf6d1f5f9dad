//! Regions in files.
//!
//! A file holds the region's bytes as they are, so that loading is one read and no pointer is rewritten:
//!
//! ```text
//! magic, version, sizes, the number that handles count from        little, see `head.rs`
//! types: hash of the layout, tag                                   16 bytes each
//! the root value
//! (zeros to a page) bits of starts | data (zeros to a page)        as in memory
//! checksum
//! ```
//!
//! Nothing in a file is believed: a checksum finds accidents, and whatever passes it is checked as if somebody had made it
//! up: types by name and layout, every header, the bytes of every `bool`, the tag of every enum, and that every handle leads to a node of its type.

mod head;
mod leaves;
mod read;
mod write;

pub(super) use leaves::Handles;

use std::fs::File;
use std::io::{BufReader, Read, Write};
use std::path::Path;
use std::sync::atomic::{AtomicU64, Ordering};

use super::{Region, RegionFull};
use crate::types::KernelValue;

/// Why a region could not be saved or loaded.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum FileError {
    /// The system says so.
    #[error("the region's file: {0}")]
    Io(#[from] std::io::Error),
    /// It is no file of a region, or one of another version or of another kind of machine.
    #[error("this is no file of a region that this program can read: {0}")]
    Foreign(String),
    /// The file holds other types than the program asks for, or the same with another layout.
    #[error("the types in the region's file are not the program's: {0}")]
    Types(String),
    /// The file was damaged, or made by nobody's region.
    #[error("the region's file is damaged: {0}. Write it again")]
    Corrupt(&'static str),
    /// The region cannot be saved as it is: the caller's fault.
    #[error("the region cannot be saved: {0}")]
    Unsaveable(String),
    /// There is no room for the region.
    #[error(transparent)]
    Full(#[from] RegionFull),
}

/// # Files
impl Region {
    /// Saves the region with a root: a handle, a [`List`](super::List), a [`Tree`](super::Tree), or a tuple or struct of
    /// those, from whose type all types in the region can be reached.
    ///
    /// The file appears as a whole or not at all. Node types keep their layout from build to build if they are `#[repr(C)]`;
    /// others as long as the compiler lays them out the same, else the file is refused.
    ///
    /// ```
    /// use landbridge_core::region::{Region, Tree};
    ///
    /// let mut region = Region::new();
    /// let mut tree = Tree::new();
    /// tree.insert(&mut region, 3_u32, 1.5_f32);
    /// let path = std::env::temp_dir().join(format!("landbridge-doc-{}", std::process::id()));
    /// region.save(&path, &tree)?;
    ///
    /// let (region, tree) = Region::load::<Tree<u32, f32>>(&path)?;
    /// assert_eq!(tree.get(&region, &3), Some(&1.5));
    /// # std::fs::remove_file(path)?;
    /// # Ok::<(), landbridge_core::region::FileError>(())
    /// ```
    ///
    /// # Errors
    /// - [`FileError::Unsaveable`]: a handle in the root or in a node leads nowhere, a node's type cannot be reached from the
    ///   root's type, or a type has a field that files cannot hold;
    /// - [`FileError::Io`].
    pub fn save<R: KernelValue>(&self, path: impl AsRef<Path>, root: &R) -> Result<(), FileError> {
        let path = path.as_ref();
        let mut name = path.file_name().unwrap_or_default().to_owned();
        // Its own for each save, also of two at once.
        static SAVES: AtomicU64 = AtomicU64::new(0);
        name.push(format!(".{}-{}.part", std::process::id(), SAVES.fetch_add(1, Ordering::Relaxed)));
        let part = path.with_file_name(name);
        let result = File::create(&part).map_err(FileError::Io).and_then(|file| {
            let file = self.write_to(file, root)?;
            file.sync_all()?;
            Ok(std::fs::rename(&part, path)?)
        });
        if result.is_err() {
            let _ = std::fs::remove_file(&part);
        }
        result
    }

    /// As [`Region::save`], to anything that takes bytes; gives it back.
    ///
    /// # Errors
    /// As [`Region::save`].
    pub fn write_to<R: KernelValue, W: Write>(&self, to: W, root: &R) -> Result<W, FileError> {
        write::write(self, to, root)
    }

    /// Loads a region and its root, of the type that it was saved with. Handles are what they were, so the
    /// region and what was loaded from its file understand each other's. (Room of removed nodes is not used again.)
    ///
    /// Nothing in the file is believed, but any numbers are a value: a file that somebody made up can give any value of a
    /// node's type whose `bool`s are `bool`s, whose enums are one of their variants and whose handles lead to nodes of their
    /// types, whatever its constructor and its private fields would allow. So no `unsafe` code may rely on what private fields of a [`KernelType`](crate::KernelType)
    /// are; safe code may panic on such values, as [`Tree`](super::Tree) does on entries that are no tree.
    ///
    /// # Errors
    /// - [`FileError::Io`];
    /// - [`FileError::Foreign`], [`FileError::Types`]: a file of something else;
    /// - [`FileError::Corrupt`];
    /// - [`FileError::Full`]: there is no memory for it.
    pub fn load<R: KernelValue>(path: impl AsRef<Path>) -> Result<(Self, R), FileError> {
        Self::read_from(BufReader::new(File::open(path)?))
    }

    /// As [`Region::load`], from anything that gives bytes, which has to end with the region.
    ///
    /// # Errors
    /// As [`Region::load`].
    pub fn read_from<R: KernelValue>(from: impl Read) -> Result<(Self, R), FileError> {
        read::read(from)
    }

    /// As [`Region::load`], with the file's pages as the region's: only what is changed takes memory, and the file never
    /// changes. On systems other than Linux, or with pages larger than 4 KiB, it is loaded.
    ///
    /// # Errors
    /// As [`Region::load`].
    ///
    /// # Safety
    /// As with `memmap2`: nobody may change or truncate the file while the region lives.
    #[allow(unsafe_code)]
    pub unsafe fn map_file<R: KernelValue>(path: impl AsRef<Path>) -> Result<(Self, R), FileError> {
        let file = File::open(path)?;
        if super::memory::can_map() {
            // SAFETY: as the caller promises.
            unsafe { read::map(&file) }
        } else {
            Self::read_from(BufReader::new(file))
        }
    }
}
