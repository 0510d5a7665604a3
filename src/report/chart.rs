//! Charts as inline SVG: pure functions from numbers to markup.
//!
//! No part is told by its colour alone: the parts of a bar differ in height, those of a column in fill and outline, and
//! everything stands in the same order as its key. A bar stands beside a table with the same numbers and is hidden from screen
//! readers; other charts carry a label that says what they show.

use std::fmt::Write;

/// A horizontal bar of parts on a common scale; each part has a class for its look.
pub(super) fn bar(parts: &[(u64, &str)], most: u64) -> String {
    let mut svg = String::from(
        r#"<svg class="bar" viewBox="0 0 1000 12" preserveAspectRatio="none" aria-hidden="true" focusable="false">"#,
    );
    let mut from = 0.0;
    for (value, class) in parts.iter().filter(|(value, _)| *value > 0) {
        // Something is never shown as nothing.
        let width = (*value as f64 * 1000.0 / most.max(1) as f64).max(4.0);
        let height = match *class {
            "two" => 8,
            "three" => 4,
            _ => 12,
        };
        let top = 12 - height;
        let _ = write!(svg, r#"<rect class="{class}" x="{from:.1}" y="{top}" width="{width:.1}" height="{height}"/>"#);
        from += width;
    }
    svg + "</svg>"
}

/// A column: its name with its numbers, and its parts from below.
pub(super) struct Column {
    pub(super) title: String,
    pub(super) parts: [u64; 3],
}

/// Upright columns of stacked parts, one column a step of time.
pub(super) fn columns(columns: &[Column], classes: [&str; 3], label: &str) -> String {
    let most = columns.iter().map(|column| column.parts.iter().sum::<u64>()).max().unwrap_or(0).max(1) as f64;
    let step = 1000.0 / columns.len().max(1) as f64;
    let gap = if columns.len() > 1 { step * 0.22 } else { step * 0.7 };
    let mut svg = String::from(
        r#"<svg class="columns" viewBox="0 0 1000 200" preserveAspectRatio="none" role="img" aria-label=""#,
    );
    escape(&mut svg, label);
    svg.push_str(r#"">"#);
    for (place, column) in columns.iter().enumerate() {
        svg.push_str("<g><title>");
        escape(&mut svg, &column.title);
        svg.push_str("</title>");
        let mut top = 200.0;
        for (value, class) in column.parts.iter().zip(classes).filter(|(value, _)| **value > 0) {
            let height = (*value as f64 * 196.0 / most).max(1.5);
            top -= height;
            let (x, width) = (place as f64 * step + gap / 2.0, step - gap);
            let _ = write!(
                svg,
                r#"<rect class="{class}" x="{x:.1}" y="{top:.1}" width="{width:.1}" height="{height:.1}"/>"#
            );
        }
        svg.push_str("</g>");
    }
    svg + "</svg>"
}

/// A stop on the way of all messages: what it is called, how many arrive, and its look.
pub(super) struct Stop {
    pub(super) name: String,
    pub(super) count: String,
    pub(super) value: u64,
    pub(super) class: &'static str,
}

const FLOW_WIDTH: f64 = 360.0;
/// Where the three stations begin.
const STATIONS: [f64; 3] = [0.0, 124.0, 250.0];
const POST: f64 = 7.0;
/// The height of all messages together.
const STREAM: f64 = 150.0;
/// The height that a stop's two lines of text take.
const SLOT: f64 = 36.0;

/// All messages, parted by whether the policy covers them (`middle`), and the first of these stops parted again (`last`).
pub(super) fn flow(all: &Stop, middle: &[Stop], last: &[Stop], label: &str) -> String {
    let scale = STREAM / all.value.max(1) as f64;
    let tall = |stop: &Stop| (stop.value as f64 * scale).max(3.0);
    let places = |stops: &[Stop]| -> Vec<f64> {
        let mut top = 4.0;
        let place = |stop: &Stop| {
            let at = top;
            top += tall(stop).max(SLOT) + 6.0;
            at
        };
        stops.iter().map(place).collect()
    };
    let stations: [(&[Stop], Vec<f64>); 3] =
        [(std::slice::from_ref(all), vec![4.0]), (middle, places(middle)), (last, places(last))];
    let ends = stations.iter().flat_map(|(stops, tops)| stops.iter().zip(tops).map(|(s, top)| top + tall(s).max(SLOT)));
    let height = ends.fold(0.0, f64::max) + 4.0;
    let mut svg = format!(r#"<svg class="flow" viewBox="0 0 {FLOW_WIDTH} {height:.0}" role="img" aria-label=""#);
    escape(&mut svg, label);
    svg.push_str(r#"">"#);
    let mut bands = |from: usize, tops: &[f64], stops: &[Stop]| {
        let mut leaving = stations[from].1.first().copied().unwrap_or(4.0);
        for (stop, top) in stops.iter().zip(tops) {
            let thick = tall(stop);
            band(&mut svg, stop.class, (STATIONS[from] + POST, leaving), (STATIONS[from + 1], *top), thick);
            leaving += thick;
        }
    };
    bands(0, &stations[1].1, middle);
    bands(1, &stations[2].1, last);
    for (place, (stops, tops)) in stations.iter().enumerate() {
        for (stop, top) in stops.iter().zip(tops) {
            post(&mut svg, stop, STATIONS[place], *top, tall(stop));
        }
    }
    svg + "</svg>"
}

fn band(svg: &mut String, class: &str, from: (f64, f64), to: (f64, f64), thick: f64) {
    let ((x1, y1), (x2, y2)) = (from, to);
    let middle = f64::midpoint(x1, x2);
    let (y3, y4) = (y2 + thick, y1 + thick);
    let _ = write!(
        svg,
        r#"<path class="band {class}" d="M{x1:.1} {y1:.1}C{middle:.1} {y1:.1} {middle:.1} {y2:.1} {x2:.1} {y2:.1}V{y3:.1}C{middle:.1} {y3:.1} {middle:.1} {y4:.1} {x1:.1} {y4:.1}Z"/>"#
    );
}

fn post(svg: &mut String, stop: &Stop, x: f64, top: f64, height: f64) {
    let _ =
        write!(svg, r#"<rect class="{}" x="{x:.1}" y="{top:.1}" width="{POST}" height="{height:.1}"/>"#, stop.class);
    let (x, first) = (x + POST + 5.0, top + (height / 2.0 - 4.0).max(12.0));
    for (text, class, y) in [(&stop.name, "", first), (&stop.count, r#" class="strong""#, first + 16.0)] {
        let _ = write!(svg, r#"<text{class} x="{x:.1}" y="{y:.1}">"#);
        escape(svg, text);
        svg.push_str("</text>");
    }
}

fn escape(out: &mut String, text: &str) {
    for char in text.chars() {
        match char {
            '<' => out.push_str("&lt;"),
            '&' => out.push_str("&amp;"),
            '"' => out.push_str("&quot;"),
            _ => out.push(char),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{Column, Stop, bar, columns, flow};

    #[test]
    fn charts_are_drawn_to_scale() {
        assert!(bar(&[(5, "a"), (0, "b"), (5, "c")], 10).contains(r#"<rect class="c" x="500.0" y="0" width="500.0""#));
        assert!(!bar(&[(0, "a")], 0).contains("rect"));
        let steps = [[1, 1, 0], [0, 0, 4]].map(|parts| Column { title: "<one>".into(), parts });
        let svg = columns(&steps, ["a", "b", "c"], "from <1> & \"2\"");
        assert!(svg.contains("from &lt;1> &amp; &quot;2&quot;") && svg.contains("<title>&lt;one>"), "{svg}");
        assert_eq!(svg.matches("<rect").count(), 3);
        assert!(columns(&[], ["a", "b", "c"], "").ends_with("</svg>"));
    }

    #[test]
    fn a_flow_keeps_its_stops_apart() {
        let stop = |value: u64, name: &str| Stop { name: name.into(), count: value.to_string(), value, class: "in" };
        let svg =
            flow(&stop(100, "all"), &[stop(99, "a"), stop(1, "b")], &[stop(98, "c"), stop(1, "d")], "100 of <all>");
        assert_eq!((svg.matches("<path").count(), svg.matches("<text").count()), (4, 10));
        assert!(svg.contains(r#"aria-label="100 of &lt;all>""#));
        // The first is 148.5 high from 4 on; the second begins below it.
        assert!(svg.contains(r#"x="124.0" y="158.5""#), "{svg}");
        assert!(flow(&stop(0, ""), &[], &[], "").ends_with("</svg>"));
    }
}
