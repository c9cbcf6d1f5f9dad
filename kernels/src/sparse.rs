//! Sparse matrices by rows (CSR), and breadth-first search in graphs that are stored in the same way.

use std::collections::VecDeque;
use std::sync::atomic::{AtomicU32, Ordering};

use landbridge::{Device, Index, InputFault, Result, kernel};

use crate::host::is_host;
use crate::operator::Number;

/// A sparse matrix: of each row the columns of its entries, and their values. 4 bytes a row, and 4 and a value an entry.
#[derive(Clone, Debug, PartialEq)]
pub struct Csr<T> {
    columns: usize,
    offsets: Vec<u32>,
    indices: Vec<u32>,
    values: Vec<T>,
}

/// The product of a row and a vector: entries are added in their order.
#[kernel]
pub fn row_product<T: Number>(offsets: &[u32], indices: &[u32], values: &[T], x: &[T], i: Index, y: &mut T) {
    let mut sum = T::ZERO;
    for k in offsets[i] as usize..offsets[i + 1] as usize {
        sum = sum.plus(values[k].times(x[indices[k] as usize]));
    }
    *y = sum;
}

/// Lets the vertices that are `level` links away reach their neighbours.
#[kernel]
pub fn expand(level: u32, offsets: &[u32], targets: &[u32], i: Index, levels: &[AtomicU32], reached: &[AtomicU32]) {
    if levels[i].load(Ordering::Relaxed) == level {
        for &target in &targets[offsets[i] as usize..offsets[i + 1] as usize] {
            let target = target as usize;
            if levels[target].load(Ordering::Relaxed) == UNREACHED {
                levels[target].store(level + 1, Ordering::Relaxed);
                reached[0].store(1, Ordering::Relaxed);
            }
        }
    }
}

/// The level of a vertex that no way leads to.
pub const UNREACHED: u32 = u32::MAX;

impl<T: Number> Csr<T> {
    /// A matrix from its parts: row `r` has the entries `offsets[r]..offsets[r + 1]`, entry `k` is in column `indices[k]`.
    ///
    /// # Errors
    /// `BadInput` where offsets do not begin at 0, fall, or do not end at the number of entries, where there are not as many values as
    /// indices, and where an index is not below `columns`.
    pub fn from_parts(columns: usize, offsets: Vec<u32>, indices: Vec<u32>, values: Vec<T>) -> Result<Self> {
        check(columns, &offsets, &indices).map_err(|fault| fault.of("Csr::from_parts"))?;
        let (found, expected) = (values.len(), indices.len());
        if found != expected {
            return Err(InputFault::Length { what: "values", found, expected }.of("Csr::from_parts"));
        }
        Ok(Self { columns, offsets, indices, values })
    }

    /// A matrix from entries `(row, column, value)` in any order; several at one place are added in their order. Entries of a row
    /// are in the order of their columns. `n log n` steps.
    ///
    /// # Errors
    /// `BadInput` where a row or column is out of range, or there are more than `u32::MAX` entries.
    pub fn from_triplets(rows: usize, columns: usize, entries: &[(u32, u32, T)]) -> Result<Self> {
        let (name, limit) = ("Csr::from_triplets", u32::MAX as usize);
        if entries.len() > limit {
            return Err(InputFault::TooMany { what: "entries", found: entries.len(), limit }.of(name));
        }
        for (position, (row, column, _)) in entries.iter().enumerate() {
            for (what, index, length) in [("rows of entries", *row, rows), ("columns of entries", *column, columns)] {
                if index as usize >= length {
                    return Err(InputFault::Index { what, position, index: u64::from(index), length }.of(name));
                }
            }
        }
        let mut sorted = entries.to_vec();
        sorted.sort_by_key(|(row, column, _)| (*row, *column));
        let (mut offsets, mut indices, mut values): (_, Vec<u32>, Vec<T>) = (vec![0_u32; rows + 1], vec![], vec![]);
        let mut last = None;
        for (row, column, value) in sorted {
            if last == Some((row, column)) {
                let sum = values.last_mut().expect("there was an entry");
                *sum = sum.plus(value);
                continue;
            }
            last = Some((row, column));
            indices.push(column);
            values.push(value);
            offsets[row as usize + 1] = indices.len() as u32;
        }
        for row in 1..offsets.len() {
            offsets[row] = offsets[row].max(offsets[row - 1]); // empty rows end where the row before does
        }
        Ok(Self { columns, offsets, indices, values })
    }

    /// Number of rows.
    pub fn rows(&self) -> usize {
        self.offsets.len() - 1
    }

    /// Number of columns.
    pub fn columns(&self) -> usize {
        self.columns
    }

    /// Where each row begins among the entries, and where the last one ends.
    pub fn offsets(&self) -> &[u32] {
        &self.offsets
    }

    /// The column of each entry.
    pub fn indices(&self) -> &[u32] {
        &self.indices
    }

    /// The value of each entry.
    pub fn values(&self) -> &[T] {
        &self.values
    }

    /// `y = self * x`: a multiplication and an addition an entry, which is read once. For many products attach the parts to a scope
    /// and launch [`row_product`].
    ///
    /// # Errors
    /// `BadInput` where `x` has not as many elements as there are columns, or `y` not as many as there are rows, and as [`Device::run`].
    pub fn multiply(&self, device: &Device, x: &[T], y: &mut [T]) -> Result<()> {
        for (what, found, expected) in [("x", x.len(), self.columns), ("y", y.len(), self.rows())] {
            if found != expected {
                return Err(InputFault::Length { what, found, expected }.of("Csr::multiply"));
            }
        }
        device.run(row_product(&self.offsets, &self.indices, &self.values, x, y)).map(drop)
    }
}

fn check(columns: usize, offsets: &[u32], indices: &[u32]) -> Result<(), InputFault> {
    let wrong =
        |position, found, wanted: String| Err(InputFault::Offsets { position, found: u64::from(found), wanted });
    let (Some(first), Some(last)) = (offsets.first(), offsets.last()) else {
        return Err(InputFault::Length { what: "offsets", found: 0, expected: 1 });
    };
    if *first != 0 {
        return wrong(0, *first, "0".into());
    }
    if let Some(k) = offsets.windows(2).position(|pair| pair[0] > pair[1]) {
        return wrong(k + 1, offsets[k + 1], format!("at least {}, the one before", offsets[k]));
    }
    if *last as usize != indices.len() {
        return wrong(offsets.len() - 1, *last, format!("{}, the number of entries", indices.len()));
    }
    match indices.iter().position(|index| *index as usize >= columns) {
        Some(position) => {
            let index = u64::from(indices[position]);
            Err(InputFault::Index { what: "indices", position, index, length: columns })
        }
        None => Ok(()),
    }
}

/// For each vertex how many links away from `source` it is, or [`UNREACHED`]. The links of vertex `v` lead to
/// `targets[offsets[v]..offsets[v + 1]]`. The host follows a queue: every link once. Devices take a launch a level over all
/// vertices (level-synchronous, as Harish and Narayanan, "Accelerating Large Graph Algorithms on the GPU", 2007).
///
/// # Errors
/// `BadInput` where the graph or the source is not valid, as [`Csr::from_parts`] has it, and as [`Device::scope`].
pub fn bfs(device: &Device, offsets: &[u32], targets: &[u32], source: u32) -> Result<Vec<u32>> {
    let vertices = offsets.len().saturating_sub(1);
    check(vertices, offsets, targets).map_err(|fault| fault.of("bfs"))?;
    if source as usize >= vertices {
        let (index, length) = (u64::from(source), vertices);
        return Err(InputFault::Index { what: "source", position: 0, index, length }.of("bfs"));
    }
    let mut levels = vec![UNREACHED; vertices];
    levels[source as usize] = 0;
    if is_host(device) {
        let mut queue = VecDeque::from([source]);
        while let Some(from) = queue.pop_front() {
            let from = from as usize;
            for target in &targets[offsets[from] as usize..offsets[from + 1] as usize] {
                if levels[*target as usize] == UNREACHED {
                    levels[*target as usize] = levels[from] + 1;
                    queue.push_back(*target);
                }
            }
        }
        return Ok(levels);
    }
    let mut reached = [1];
    device.scope(|s| {
        let (offsets, targets) = (s.attach(offsets), s.attach(targets));
        let (mut levels, mut reached) = (s.attach_mut(&mut levels), s.attach_mut(&mut reached));
        for level in 0.. {
            s.write(&mut reached, 0, &[0])?;
            s.launch(expand(level, &offsets, &targets, vertices, &mut levels, &mut reached))?;
            if s.read(&reached, ..)? == [0] {
                break;
            }
        }
        Ok(())
    })?;
    Ok(levels)
}
