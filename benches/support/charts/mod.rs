//! The charts, as SVG texts: a plot, and beside it what its colours and marks mean.

mod cells;
mod lines;

use std::error::Error;

use plotters::coord::Shift;
use plotters::prelude::*;
use plotters::style::FontFamily;

pub(crate) use cells::{Bar, Cell, grid, stacked, winners};
pub(crate) use lines::{Line, Mark, agreement, lines};

/// An SVG text, empty if there is nothing to draw.
type Drawn = Result<String, Box<dyn Error>>;
type Area<'s> = DrawingArea<SVGBackend<'s>, Shift>;

/// Pixels of a chart with its side.
const SIZE: (u32, u32) = (1000, 460);
/// Where the side begins.
const SIDE: i32 = 720;
/// Pixels of the title's line.
const TITLE: i32 = 30;

/// What the axes say.
pub(crate) struct Axes<'t> {
    pub(crate) title: &'t str,
    pub(crate) x: &'t str,
    pub(crate) y: &'t str,
    /// How values of the x axis are written.
    pub(crate) unit: fn(f64) -> String,
}

impl<'t> Axes<'t> {
    /// Values as they are.
    pub(crate) fn plain(title: &'t str, x: &'t str, y: &'t str) -> Self {
        Axes { title, x, y, unit: |x| x.to_string() }
    }
}

/// The colour of the method of this number: told apart also by those who see few colours, together with its shape.
fn colour(number: usize) -> RGBColor {
    const COLOURS: [RGBColor; 12] = [
        RGBColor(0, 114, 178),
        RGBColor(230, 159, 0),
        RGBColor(0, 158, 115),
        RGBColor(204, 121, 167),
        RGBColor(213, 94, 0),
        RGBColor(90, 90, 90),
        RGBColor(120, 94, 240),
        RGBColor(86, 180, 233),
        RGBColor(150, 110, 40),
        RGBColor(190, 30, 45),
        RGBColor(70, 130, 60),
        RGBColor(20, 30, 110),
    ];
    COLOURS[number % COLOURS.len()]
}

fn font(pixels: u32) -> TextStyle<'static> {
    (FontFamily::SansSerif, pixels).into_font().color(&BLACK)
}

fn draw(size: (u32, u32), title: &str, paint: impl FnOnce(&Area<'_>) -> Result<(), Box<dyn Error>>) -> Drawn {
    let mut text = String::new();
    {
        let area = SVGBackend::with_string(&mut text, size).into_drawing_area();
        area.fill(&WHITE)?;
        area.draw(&Text::new(title, (12, 8), font(17)))?;
        paint(&area)?;
        area.present()?;
    }
    Ok(text)
}

/// The mark of a method: every third one is a circle, a square, or a triangle.
fn mark(area: &Area<'_>, (x, y): (i32, i32), number: usize) -> Result<(), Box<dyn Error>> {
    let style = colour(number).filled();
    match number % 3 {
        0 => area.draw(&Circle::new((x, y), 4, style))?,
        1 => area.draw(&Rectangle::new([(x - 3, y - 3), (x + 4, y + 4)], style))?,
        _ => area.draw(&Polygon::new(vec![(x - 4, y + 3), (x + 5, y + 3), (x, y - 5)], style))?,
    }
    Ok(())
}

/// The side's text, line by line from the top.
struct Side<'a, 's> {
    area: &'a Area<'s>,
    y: i32,
}

impl<'a, 's> Side<'a, 's> {
    const STEP: i32 = 17;
    /// Characters in a line.
    const WIDE: usize = 40;

    fn new(area: &'a Area<'s>) -> Self {
        Side { area, y: TITLE + 8 }
    }

    fn text(&mut self, text: &str, indent: i32) -> Result<(), Box<dyn Error>> {
        for line in wrapped(text, Self::WIDE) {
            self.area.draw(&Text::new(line, (SIDE + 12 + indent, self.y - 6), font(12)))?;
            self.y += Self::STEP;
        }
        Ok(())
    }

    /// A method's name with its mark.
    fn method(&mut self, name: &str, number: usize, thin: bool) -> Result<(), Box<dyn Error>> {
        let (x, y) = (SIDE + 12, self.y);
        let style = colour(number).stroke_width(if thin { 1 } else { 2 });
        self.area.draw(&PathElement::new([(x, y), (x + 20, y)], style))?;
        if !thin {
            mark(self.area, (x + 10, y), number)?;
        }
        self.text(name, 28)
    }

    fn space(&mut self) {
        self.y += Self::STEP / 2;
    }
}

/// The text in lines of at most so many characters, as far as its words allow.
fn wrapped(text: &str, wide: usize) -> Vec<String> {
    let mut lines = vec![String::new()];
    for word in text.split_whitespace() {
        let last = lines.len() - 1;
        if !lines[last].is_empty() && lines[last].chars().count() + 1 + word.chars().count() > wide {
            lines.push(word.to_owned());
        } else {
            let gap = if lines[last].is_empty() { "" } else { " " };
            lines[last].extend([gap, word]);
        }
    }
    lines
}
