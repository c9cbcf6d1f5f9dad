//! Charts with two logarithmic axes.

use std::error::Error;
use std::ops::Range;

use plotters::coord::combinators::LogCoord;
use plotters::prelude::*;

use super::{Area, Axes, Drawn, SIDE, SIZE, Side, TITLE, colour, draw, font, mark};

/// A method's line.
pub(crate) struct Line {
    pub(crate) name: String,
    /// Of the method, for its colour.
    pub(crate) number: usize,
    pub(crate) points: Vec<(f64, f64)>,
    /// Dashed in spirit: thin, for bounds.
    pub(crate) thin: bool,
}

/// Where something happens on the x axis.
pub(crate) struct Mark {
    pub(crate) x: f64,
    /// What, for the side.
    pub(crate) text: String,
}

/// Pixels between the edges of marks' numbers.
const APART: i32 = 17;
/// Rows of numbers above the plot: close marks take different ones.
const ROWS: usize = 3;
const ROW: i32 = 14;

type Plot<'a, 's> = ChartContext<'a, SVGBackend<'s>, Cartesian2d<LogCoord<f64>, LogCoord<f64>>>;

/// The least and the greatest of positive values, a little widened; nothing for none.
fn range(values: impl Iterator<Item = f64>) -> Option<Range<f64>> {
    let (low, high) = values
        .filter(|value| value.is_finite() && *value > 0.0)
        .fold((f64::INFINITY, 0.0_f64), |(low, high), value| (low.min(value), high.max(value)));
    (low <= high).then_some(low * 0.8..high * 1.25)
}

fn with_plot(
    axes: &Axes<'_>,
    (xs, ys): (Range<f64>, Range<f64>),
    rows: i32,
    paint: impl FnOnce(&mut Plot<'_, '_>, &Area<'_>) -> Result<(), Box<dyn Error>>,
) -> Drawn {
    draw(SIZE, axes.title, |area| {
        let (left, _) = area.split_horizontally(SIDE);
        let left = left.margin(TITLE + rows * ROW, 0, 0, 0);
        let mut plot = ChartBuilder::on(&left)
            .margin(8)
            .x_label_area_size(38)
            .y_label_area_size(72)
            .build_cartesian_2d(xs.log_scale(), ys.log_scale())?;
        plot.configure_mesh()
            .x_desc(axes.x)
            .y_desc(axes.y)
            .x_label_formatter(&|x| (axes.unit)(*x))
            .light_line_style(WHITE)
            .draw()?;
        paint(&mut plot, area)
    })
}

/// Lines, with upright numbered marks; what they are is beside the plot.
pub(crate) fn lines(axes: &Axes<'_>, all: &[Line], marks: &[Mark]) -> Drawn {
    let points = || all.iter().flat_map(|line| &line.points);
    let (Some(xs), Some(ys)) = (range(points().map(|p| p.0)), range(points().map(|p| p.1))) else {
        return Ok(String::new());
    };
    let rows = if marks.is_empty() { 0 } else { ROWS as i32 };
    with_plot(axes, (xs, ys.clone()), rows, |plot, area| {
        let mut side = Side::new(area);
        for line in all.iter().filter(|line| !line.points.is_empty()) {
            let style = colour(line.number).stroke_width(if line.thin { 1 } else { 2 });
            plot.draw_series(LineSeries::new(line.points.iter().copied(), style))?;
            for point in line.points.iter().filter(|_| !line.thin) {
                mark(area, plot.backend_coord(point), line.number)?;
            }
            side.method(&line.name, line.number, line.thin)?;
        }
        side.space();
        let mut placed = Numbers::default();
        for (number, mark) in marks.iter().enumerate() {
            let (x, top) = plot.backend_coord(&(mark.x, ys.end));
            plot.draw_series([PathElement::new([(mark.x, ys.start), (mark.x, ys.end)], BLACK.mix(0.4))])?;
            let row = placed.row(x);
            let y = top - ROW * (row as i32 + 1);
            area.draw(&PathElement::new([(x, y + ROW), (x, top)], BLACK.mix(0.4)))?;
            area.draw(&Text::new((number + 1).to_string(), (x - 4, y), font(12)))?;
            side.text(&format!("{}: {}", number + 1, mark.text), 0)?;
        }
        Ok(())
    })
}

/// Where numbers are already, row by row.
#[derive(Default)]
struct Numbers {
    taken: [Vec<i32>; ROWS],
}

impl Numbers {
    /// The lowest row that has room there, and takes it; the highest if none has. A line that leads down from a row above goes
    /// beside the numbers of the rows below.
    fn row(&mut self, x: i32) -> usize {
        let free = |row: &Vec<i32>| row.iter().all(|other| (other - x).abs() >= APART);
        let row = self.taken.iter().position(free).unwrap_or(ROWS - 1);
        self.taken[row].push(x);
        row
    }
}

/// Predicted against measured, a point a case and method; on the diagonal they agree.
pub(crate) fn agreement(title: &str, series: &[Line]) -> Drawn {
    let both = || series.iter().flat_map(|one| &one.points).flat_map(|point| [point.0, point.1]);
    let Some(range) = range(both()) else { return Ok(String::new()) };
    let axes = Axes::plain(title, "measured, s", "predicted, s");
    with_plot(&axes, (range.clone(), range.clone()), 0, |plot, area| {
        let mut side = Side::new(area);
        for factor in [0.5, 1.0, 2.0] {
            let ends = [range.start.max(range.start / factor), range.end.min(range.end / factor)];
            let ends = ends.map(|end| (end, end * factor));
            plot.draw_series(LineSeries::new(ends, BLACK.mix(if factor == 1.0 { 0.6 } else { 0.25 })))?;
        }
        for one in series.iter().filter(|one| !one.points.is_empty()) {
            for point in &one.points {
                mark(area, plot.backend_coord(point), one.number)?;
            }
            side.method(&one.name, one.number, false)?;
        }
        side.space();
        side.text("dark line: as predicted; light lines: half and twice", 0)
    })
}
