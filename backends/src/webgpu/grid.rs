//! How work-items become workgroups, dispatches and pieces. Pure arithmetic.

use super::adapters::AdapterLimits;

/// Work-item numbers inside one dispatch are 32-bit in the kernel; half of that is left as room
/// for the items behind the last that fill up the grid.
const MOST_ITEMS: u64 = 1 << 31;

/// Workgroups of one dispatch: x times y of them, numbered row by row.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Grid {
    pub(crate) x: u32,
    pub(crate) y: u32,
}

impl Grid {
    /// The smallest grid of at least `items` work-items.
    ///
    /// `items` is at most what [`most_items`] allows.
    pub(crate) fn new(items: u64, group_items: u32, limits: &AdapterLimits) -> Self {
        let groups = items.div_ceil(u64::from(group_items)).max(1);
        let rows = groups.div_ceil(u64::from(limits.groups_per_dimension));
        let row = groups.div_ceil(rows);
        debug_assert!(rows <= u64::from(limits.groups_per_dimension));
        Self { x: row as u32, y: rows as u32 }
    }
}

/// The most work-items that one dispatch runs, a multiple of the workgroup.
pub(crate) fn most_items(group_items: u32, limits: &AdapterLimits) -> u64 {
    let per_dimension = u64::from(limits.groups_per_dimension);
    let groups = per_dimension.saturating_mul(per_dimension);
    let group = u64::from(group_items);
    let items = groups.saturating_mul(group).min(MOST_ITEMS);
    (items / group * group).max(group)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn limits(groups_per_dimension: u32) -> AdapterLimits {
        AdapterLimits {
            binding_bytes: 1 << 27,
            buffer_bytes: 1 << 30,
            bindings: 8,
            offset_alignment: 256,
            groups_per_dimension,
            group_items: 256,
        }
    }

    #[test]
    fn a_grid_holds_all_items_and_few_more() {
        let limits = limits(65_535);
        for items in [1, 64, 65, 65_535 * 64, 65_535 * 64 + 1, 1 << 24, MOST_ITEMS] {
            let grid = Grid::new(items, 64, &limits);
            let room = u64::from(grid.x) * u64::from(grid.y) * 64;
            assert!(room >= items && room < 1 << 32, "{items} in {grid:?}");
            assert!(room - items < 64 * u64::from(grid.y) + 64, "{items} in {grid:?}");
            assert!(grid.x <= 65_535 && grid.y <= 65_535);
        }
    }

    #[test]
    fn small_launches_stay_in_one_row() {
        assert_eq!(Grid::new(1000, 64, &limits(65_535)), Grid { x: 16, y: 1 });
        assert_eq!(Grid::new(1, 64, &limits(65_535)), Grid { x: 1, y: 1 });
    }

    #[test]
    fn a_poor_device_takes_fewer_items_at_once() {
        assert_eq!(most_items(64, &limits(2)), 256);
        assert_eq!(Grid::new(256, 64, &limits(2)), Grid { x: 2, y: 2 });
        assert_eq!(most_items(64, &limits(65_535)), MOST_ITEMS);
        assert_eq!(most_items(96, &limits(65_535)) % 96, 0);
    }
}
