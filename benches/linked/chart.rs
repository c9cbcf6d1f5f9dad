//! The chart: time a node over the number of nodes, of what the library does and of what is done by hand.

use crate::charts::{self, Axes, Line};
use crate::support::{Entry, results_folder};

/// Draws `linked-KIND-ORDER.svg` for each kind of structure and order that was measured, and says where.
pub(crate) fn write(entries: &[Entry]) {
    for kind in ["list", "tree", "graph"] {
        for order in ["in order", "shuffled"] {
            let lines = lines(entries, &format!("{kind}/{order}/"));
            if lines.iter().all(|line| line.points.len() < 2) {
                continue; // nothing that a line could show
            }
            let title = format!("A {kind}, allocated {order}: time a node to get it ready, copied or walked");
            let axes = Axes { title: &title, x: "nodes", y: "seconds a node", unit: |x| format!("{x:.0}") };
            let file = results_folder().join(format!("linked-{kind}-{}.svg", order.replace(' ', "-")));
            let drawn = charts::lines(&axes, &lines, &[]).and_then(|svg| Ok(std::fs::write(&file, svg)?));
            match drawn {
                Ok(()) => println!("{}", file.display()),
                Err(error) => eprintln!("the chart was not written: {error}"),
            }
        }
    }
}

/// A line for each row, and for what it is compared with by hand.
fn lines(entries: &[Entry], begin: &str) -> Vec<Line> {
    let mut lines: Vec<Line> = Vec::new();
    let mut add = |name: String, x: f64, seconds: f64| {
        let number = lines.iter().position(|line| line.name == name).unwrap_or_else(|| {
            lines.push(Line { name, number: lines.len(), points: Vec::new(), thin: false });
            lines.len() - 1
        });
        lines[number].points.push((x, seconds / x));
    };
    for entry in entries {
        let Some((count, row)) = entry.case.strip_prefix(begin).and_then(|rest| rest.split_once('/')) else { continue };
        let Ok(count) = count.parse::<f64>() else { continue };
        if matches!(row, "again" | "offload") {
            continue; // nanoseconds, and nothing new
        }
        add(row.to_owned(), count, entry.ours_s);
        if matches!(row, "flatten" | "direct") {
            add(entry.other.clone(), count, entry.other_s);
        }
    }
    lines
}
