//! Charts of cells and bars.

use plotters::prelude::*;

use super::{Axes, Drawn, SIZE, TITLE, colour, draw, font, wrapped};
use crate::support::seconds;

/// A cell of a table.
#[derive(Clone)]
pub(crate) struct Cell {
    pub(crate) text: String,
    /// Its time over that of the best in its column.
    pub(crate) ratio: f64,
    /// The planner chooses it.
    pub(crate) chosen: bool,
}

/// Which method wins, over two things that are swept: a cell each, in the winner's colour and with its name. None where a case is
/// missing.
pub(crate) fn winners(
    axes: &Axes<'_>,
    columns: &[String],
    rows: &[String],
    cells: &[Vec<Option<(usize, String)>>],
) -> Drawn {
    let (wide, high) = (columns.len() as i32, rows.len() as i32);
    if wide == 0 || high == 0 {
        return Ok(String::new());
    }
    let (left, top, bottom) = (110, TITLE + 14, 46);
    let (cell_wide, cell_high) = ((SIZE.0 as i32 - left - 16) / wide, (SIZE.1 as i32 - top - bottom) / high);
    draw(SIZE, axes.title, |area| {
        for (row, line) in cells.iter().enumerate() {
            let y = top + (high - 1 - row as i32) * cell_high;
            area.draw(&Text::new(rows[row].clone(), (12, y + cell_high / 2 - 6), font(13)))?;
            for (column, cell) in line.iter().enumerate() {
                let Some((method, text)) = cell else { continue };
                let x = left + column as i32 * cell_wide;
                let corners = [(x, y), (x + cell_wide - 2, y + cell_high - 2)];
                area.draw(&Rectangle::new(corners, colour(*method).mix(0.45).filled()))?;
                let characters = (cell_wide as usize - 8) / 7;
                let parts: Vec<String> = text.lines().flat_map(|line| wrapped(line, characters)).collect();
                let first = y + cell_high / 2 - 8 * parts.len() as i32;
                for (number, part) in parts.into_iter().enumerate() {
                    area.draw(&Text::new(part, (x + 6, first + 15 * number as i32), font(13)))?;
                }
            }
        }
        for (column, name) in columns.iter().enumerate() {
            let place = (left + column as i32 * cell_wide + 6, top + high * cell_high + 4);
            area.draw(&Text::new(name.clone(), place, font(13)))?;
        }
        area.draw(&Text::new(axes.x, (SIZE.0 as i32 / 2, SIZE.1 as i32 - 20), font(13)))?;
        area.draw(&Text::new(axes.y, (12, TITLE), font(13)))?;
        Ok(())
    })
}

/// Methods against kinds of cases: the darker, the further from the best of the column, which has a frame.
pub(crate) fn grid(title: &str, columns: &[String], rows: &[(String, Vec<Option<Cell>>)]) -> Drawn {
    if columns.is_empty() || rows.is_empty() {
        return Ok(String::new());
    }
    let (left, top, high) = (220, TITLE + 26, 24);
    let wide = (SIZE.0 as i32 - left - 16) / columns.len() as i32;
    let size = (SIZE.0, (top + high * rows.len() as i32 + 26) as u32);
    draw(size, title, |area| {
        for (column, name) in columns.iter().enumerate() {
            area.draw(&Text::new(name.clone(), (left + column as i32 * wide + 6, TITLE + 6), font(13)))?;
        }
        for (row, (name, cells)) in rows.iter().enumerate() {
            let y = top + row as i32 * high;
            area.draw(&Text::new(name.clone(), (12, y + 5), font(13)))?;
            for (column, cell) in cells.iter().enumerate() {
                let x = left + column as i32 * wide;
                let corners = [(x, y), (x + wide - 3, y + high - 3)];
                let Some(cell) = cell else {
                    area.draw(&Text::new("-", (x + 6, y + 5), font(13)))?;
                    continue;
                };
                let shade = (cell.ratio.max(1.0).log2() / 10.0).min(0.7);
                area.draw(&Rectangle::new(corners, RGBColor(213, 94, 0).mix(shade).filled()))?;
                if cell.ratio <= 1.0 {
                    area.draw(&Rectangle::new(corners, RGBColor(0, 114, 178).stroke_width(2)))?;
                }
                let text = format!("{}{}", cell.text, if cell.chosen { " (planner)" } else { "" });
                area.draw(&Text::new(text, (x + 6, y + 5), font(13)))?;
            }
        }
        let about = "frame: the fastest that can be chosen; (planner): what it would choose; -: not possible there";
        area.draw(&Text::new(about, (12, top + high * rows.len() as i32 + 6), font(12)))?;
        Ok(())
    })
}

/// A method's bar.
pub(crate) struct Bar {
    pub(crate) name: String,
    /// Seconds by what they were for, beside each other.
    pub(crate) parts: Vec<(&'static str, f64)>,
    /// Said behind its total.
    pub(crate) note: String,
}

/// One bar a method.
pub(crate) fn stacked(title: &str, bars: &[Bar]) -> Drawn {
    if bars.is_empty() {
        return Ok(String::new());
    }
    let total = |parts: &[(&str, f64)]| parts.iter().map(|part| part.1).sum::<f64>();
    let longest = bars.iter().map(|bar| total(&bar.parts)).fold(0.0, f64::max);
    let mut names: Vec<&str> = vec![];
    for (name, _) in bars.iter().flat_map(|bar| &bar.parts) {
        if !names.contains(name) {
            names.push(name);
        }
    }
    let (left, top, step) = (220, TITLE + 32, 26);
    let size = (SIZE.0, (top + step * bars.len() as i32 + 14) as u32);
    let scale = f64::from(SIZE.0 as i32 - left - 240) / longest.max(f64::MIN_POSITIVE);
    draw(size, title, |area| {
        let mut x = left;
        for (number, name) in names.iter().enumerate() {
            area.draw(&Rectangle::new([(x, TITLE + 6), (x + 12, TITLE + 18)], colour(number).filled()))?;
            area.draw(&Text::new((*name).to_owned(), (x + 18, TITLE + 6), font(13)))?;
            x += 40 + 7 * name.len() as i32;
        }
        for (row, Bar { name, parts, note }) in bars.iter().enumerate() {
            let y = top + row as i32 * step;
            area.draw(&Text::new(name.clone(), (12, y + 4), font(13)))?;
            let mut x = f64::from(left);
            for (part, time) in parts {
                let number = names.iter().position(|name| name == part).unwrap_or(0);
                let end = x + time * scale;
                let corners = [(x as i32, y), (end as i32, y + step - 6)];
                area.draw(&Rectangle::new(corners, colour(number).filled()))?;
                x = end;
            }
            let text = format!("{}{note}", seconds(total(parts)));
            area.draw(&Text::new(text, (x as i32 + 6, y + 4), font(13)))?;
        }
        Ok(())
    })
}
