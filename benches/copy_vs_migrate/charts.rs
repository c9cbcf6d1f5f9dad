//! The charts, as SVG texts.

use std::error::Error;

use plotters::coord::Shift;
use plotters::prelude::*;

type Drawn = Result<String, Box<dyn Error>>;
type Area<'s> = DrawingArea<SVGBackend<'s>, Shift>;

const SIZE: (u32, u32) = (760, 440);

/// A named line.
pub(crate) struct Line {
    pub(crate) name: String,
    pub(crate) points: Vec<(f64, f64)>,
    /// Dashed in spirit: thin, for bounds.
    pub(crate) thin: bool,
}

/// What the axes say.
pub(crate) struct Axes<'t> {
    pub(crate) title: &'t str,
    pub(crate) x: &'t str,
    pub(crate) y: &'t str,
}

/// The colour of the method of this number: told apart also by those who see few colours.
fn colour(number: usize) -> RGBColor {
    const COLOURS: [RGBColor; 8] = [
        RGBColor(0, 114, 178),
        RGBColor(230, 159, 0),
        RGBColor(0, 158, 115),
        RGBColor(204, 121, 167),
        RGBColor(213, 94, 0),
        RGBColor(86, 180, 233),
        RGBColor(120, 94, 240),
        RGBColor(90, 90, 90),
    ];
    COLOURS[number % COLOURS.len()]
}

fn draw(size: (u32, u32), paint: impl FnOnce(&Area<'_>) -> Result<(), Box<dyn Error>>) -> Drawn {
    let mut text = String::new();
    {
        let area = SVGBackend::with_string(&mut text, size).into_drawing_area();
        area.fill(&WHITE)?;
        paint(&area)?;
        area.present()?;
    }
    Ok(text)
}

/// The least and the greatest of positive values, a little widened; nothing for none.
fn range(values: impl Iterator<Item = f64>) -> Option<std::ops::Range<f64>> {
    let (low, high) = values
        .filter(|value| value.is_finite() && *value > 0.0)
        .fold((f64::INFINITY, 0.0_f64), |(low, high), value| (low.min(value), high.max(value)));
    (low <= high).then_some(low * 0.8..high * 1.25)
}

/// Lines on logarithmic axes, with upright marks where one method overtakes another.
pub(crate) fn lines(axes: &Axes<'_>, all: &[Line], marks: &[(f64, String)]) -> Drawn {
    let points = || all.iter().flat_map(|line| &line.points);
    let (Some(xs), Some(ys)) = (range(points().map(|p| p.0)), range(points().map(|p| p.1))) else {
        return Ok(String::new());
    };
    draw(SIZE, |area| {
        let mut chart = ChartBuilder::on(area)
            .caption(axes.title, ("sans-serif", 17))
            .margin(8)
            .x_label_area_size(38)
            .y_label_area_size(72)
            .build_cartesian_2d(xs.clone().log_scale(), ys.clone().log_scale())?;
        chart.configure_mesh().x_desc(axes.x).y_desc(axes.y).light_line_style(WHITE).draw()?;
        for (number, line) in all.iter().enumerate() {
            let colour = colour(number);
            let style = colour.stroke_width(if line.thin { 1 } else { 2 });
            chart
                .draw_series(LineSeries::new(line.points.iter().copied(), style))?
                .label(line.name.as_str())
                .legend(move |(x, y)| PathElement::new([(x, y), (x + 18, y)], style));
            if !line.thin {
                chart.draw_series(line.points.iter().map(|&point| Circle::new(point, 3, colour.filled())))?;
            }
        }
        for (x, name) in marks.iter().filter(|mark| xs.contains(&mark.0)) {
            chart.draw_series([PathElement::new([(*x, ys.start), (*x, ys.end)], BLACK.mix(0.5))])?;
            chart.draw_series([Text::new(name.clone(), (*x, ys.end * 0.93), ("sans-serif", 11))])?;
        }
        let labels = &mut chart.configure_series_labels();
        labels.position(SeriesLabelPosition::UpperLeft).background_style(WHITE.mix(0.85)).border_style(BLACK.mix(0.3));
        labels.draw()?;
        Ok(())
    })
}

/// Which method wins, over two things that are swept: a coloured cell each, with the name in it.
pub(crate) fn winners(axes: &Axes<'_>, columns: &[String], rows: &[String], cells: &[Vec<(usize, String)>]) -> Drawn {
    let (wide, high) = (columns.len() as i32, rows.len() as i32);
    let (left, top, bottom) = (110, 40, 46);
    let (cell_wide, cell_high) =
        ((SIZE.0 as i32 - left - 16) / wide.max(1), (SIZE.1 as i32 - top - bottom) / high.max(1));
    let font = ("sans-serif", 13).into_font();
    draw(SIZE, |area| {
        area.draw(&Text::new(axes.title, (left, 10), ("sans-serif", 17)))?;
        for (row, line) in cells.iter().enumerate() {
            let y = top + (high - 1 - row as i32) * cell_high;
            area.draw(&Text::new(rows[row].clone(), (12, y + cell_high / 2 - 6), font.clone()))?;
            for (column, (method, text)) in line.iter().enumerate() {
                let x = left + column as i32 * cell_wide;
                let corners = [(x, y), (x + cell_wide - 2, y + cell_high - 2)];
                area.draw(&Rectangle::new(corners, colour(*method).mix(0.55).filled()))?;
                for (number, part) in text.lines().enumerate() {
                    let place = (x + 6, y + cell_high / 2 - 14 + 15 * number as i32);
                    area.draw(&Text::new(part.to_owned(), place, font.clone()))?;
                }
            }
        }
        for (column, name) in columns.iter().enumerate() {
            let place = (left + column as i32 * cell_wide + 6, top + high * cell_high + 4);
            area.draw(&Text::new(name.clone(), place, font.clone()))?;
        }
        area.draw(&Text::new(axes.x, (SIZE.0 as i32 / 2, SIZE.1 as i32 - 20), font.clone()))?;
        area.draw(&Text::new(axes.y, (12, 22), font))?;
        Ok(())
    })
}

/// One bar a method, its parts beside each other.
pub(crate) fn stacked(title: &str, bars: &[(String, Vec<(&'static str, f64)>)], unit: f64, unit_name: &str) -> Drawn {
    let total = |parts: &[(&str, f64)]| parts.iter().map(|part| part.1).sum::<f64>();
    let longest = bars.iter().map(|bar| total(&bar.1)).fold(0.0, f64::max);
    let mut names: Vec<&str> = vec![];
    for (name, _) in bars.iter().flat_map(|bar| &bar.1) {
        if !names.contains(name) {
            names.push(name);
        }
    }
    let (left, top, step) = (170, 62, 30);
    let size = (SIZE.0, (top + step * bars.len() as i32 + 14) as u32);
    let scale = f64::from(SIZE.0 as i32 - left - 110) / longest.max(f64::MIN_POSITIVE);
    let font = ("sans-serif", 13).into_font();
    draw(size, |area| {
        area.draw(&Text::new(title, (12, 10), ("sans-serif", 17)))?;
        for (number, name) in names.iter().enumerate() {
            let x = left + 110 * number as i32;
            area.draw(&Rectangle::new([(x, 36), (x + 12, 48)], colour(number).filled()))?;
            area.draw(&Text::new((*name).to_owned(), (x + 18, 36), font.clone()))?;
        }
        for (row, (name, parts)) in bars.iter().enumerate() {
            let y = top + row as i32 * step;
            area.draw(&Text::new(name.clone(), (12, y + 5), font.clone()))?;
            let mut x = f64::from(left);
            for (part, seconds) in parts {
                let number = names.iter().position(|name| name == part).unwrap_or(0);
                let end = x + seconds * scale;
                let corners = [(x as i32, y), (end as i32, y + step - 8)];
                area.draw(&Rectangle::new(corners, colour(number).filled()))?;
                x = end;
            }
            let text = format!("{:.3} {unit_name}", total(parts) / unit);
            area.draw(&Text::new(text, (x as i32 + 6, y + 5), font.clone()))?;
        }
        Ok(())
    })
}

/// Predicted against measured, a point a case and method; on the diagonal they agree.
pub(crate) fn agreement(title: &str, series: &[(String, Vec<(f64, f64)>)]) -> Drawn {
    let both = || series.iter().flat_map(|one| &one.1).flat_map(|point| [point.0, point.1]);
    let Some(range) = range(both()) else { return Ok(String::new()) };
    draw(SIZE, |area| {
        let mut chart = ChartBuilder::on(area)
            .caption(title, ("sans-serif", 17))
            .margin(8)
            .x_label_area_size(38)
            .y_label_area_size(72)
            .build_cartesian_2d(range.clone().log_scale(), range.clone().log_scale())?;
        chart.configure_mesh().x_desc("measured, s").y_desc("predicted, s").light_line_style(WHITE).draw()?;
        let ends = [(range.start, range.start), (range.end, range.end)];
        chart.draw_series(LineSeries::new(ends, BLACK.mix(0.4)))?;
        for (number, (name, points)) in series.iter().enumerate() {
            let colour = colour(number);
            chart
                .draw_series(points.iter().map(|&point| Circle::new(point, 4, colour.mix(0.7).filled())))?
                .label(name.as_str())
                .legend(move |(x, y)| Circle::new((x + 9, y), 4, colour.filled()));
        }
        let labels = &mut chart.configure_series_labels();
        labels.position(SeriesLabelPosition::UpperLeft).background_style(WHITE.mix(0.85)).border_style(BLACK.mix(0.3));
        labels.draw()?;
        Ok(())
    })
}
