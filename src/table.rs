//! Small tables of text and numbers: aligned for people, as Markdown for a paper's appendix, as CSV for programs.
//!
//! Numbers are written the way statistics are read: three decimals, without the nought before the point.

use crate::stats::Interval;

/// A table.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Table {
    /// What it shows.
    pub title: String,
    /// Names of its columns. The first column is aligned to the left, the others to the right.
    pub header: Vec<String>,
    /// Its rows.
    pub rows: Vec<Vec<String>>,
    /// What must be said below it, a paragraph each.
    pub notes: Vec<String>,
}

/// The width that notes are wrapped to.
pub const WIDTH: usize = 80;

impl Table {
    /// An empty table.
    pub fn new<'a>(title: impl Into<String>, header: impl IntoIterator<Item = &'a str>) -> Table {
        let header = header.into_iter().map(str::to_owned).collect();
        Table { title: title.into(), header, rows: Vec::new(), notes: Vec::new() }
    }

    /// Adds a row.
    pub fn row(&mut self, cells: impl IntoIterator<Item = String>) {
        self.rows.push(cells.into_iter().collect());
    }

    /// Adds a note.
    pub fn note(&mut self, words: impl Into<String>) {
        self.notes.push(words.into());
    }

    fn lines(&self) -> impl Iterator<Item = &Vec<String>> {
        std::iter::once(&self.header).filter(|header| !header.is_empty()).chain(&self.rows)
    }

    /// Aligned with spaces.
    pub fn text(&self, out: &mut String) {
        let mut widths: Vec<usize> = Vec::new();
        for line in self.lines() {
            widths.resize(widths.len().max(line.len()), 0);
            widths.iter_mut().zip(line).for_each(|(width, cell)| *width = (*width).max(cell.chars().count()));
        }
        if !self.title.is_empty() {
            wrap(out, &self.title);
        }
        for line in self.lines() {
            let start = out.len();
            for (place, (cell, width)) in line.iter().zip(&widths).enumerate() {
                let padding = " ".repeat(width - cell.chars().count());
                match place {
                    0 => out.extend([cell.as_str(), padding.as_str()]),
                    _ => out.extend(["  ", padding.as_str(), cell.as_str()]),
                }
            }
            out.truncate(start + out[start..].trim_end().len());
            out.push('\n');
        }
        self.notes.iter().for_each(|note| wrap(out, note));
    }

    /// As Markdown.
    pub fn markdown(&self, out: &mut String) {
        if !self.title.is_empty() {
            out.extend(["### ", self.title.as_str(), "\n\n"]);
        }
        for (place, line) in self.lines().enumerate() {
            let cells: Vec<String> = line.iter().map(|cell| cell.replace('|', "\\|").replace('\n', " ")).collect();
            out.extend(["| ", &cells.join(" | "), " |\n"]);
            if place == 0 {
                out.extend(["|", "---|", &"--:|".repeat(line.len().saturating_sub(1)), "\n"]);
            }
        }
        self.notes.iter().for_each(|note| out.extend(["\n", note.as_str(), "\n"]));
    }

    /// As CSV, without title and notes.
    pub fn csv(&self, out: &mut String) {
        for line in self.lines() {
            let cells: Vec<String> = line.iter().map(|cell| quoted(cell)).collect();
            out.extend([cells.join(","), "\n".to_owned()]);
        }
    }
}

/// A CSV cell, in quotes where it must be.
pub fn quoted(cell: &str) -> String {
    if cell.contains([',', '"', '\n', '\r']) { format!("\"{}\"", cell.replace('"', "\"\"")) } else { cell.to_owned() }
}

/// Appends a paragraph broken at [`WIDTH`]; further lines keep the indent of the first.
pub fn wrap(out: &mut String, words: &str) {
    let indent = &words[..words.len() - words.trim_start().len()];
    let mut width = 0;
    for word in words.split_whitespace() {
        let length = word.chars().count();
        if width > 0 && width + 1 + length > WIDTH {
            out.push('\n');
            width = 0;
        }
        if width == 0 {
            out.push_str(indent);
            width = indent.len();
        } else {
            out.push(' ');
            width += 1;
        }
        out.push_str(word);
        width += length;
    }
    out.push('\n');
}

/// A share with three decimals: `.912`, `1.00`.
pub fn decimal(value: f64) -> String {
    let text = format!("{value:.3}");
    match text.strip_prefix("0.") {
        Some(rest) => format!(".{rest}"),
        None if value < 0.0 => text.replacen("-0.", "-.", 1),
        None => format!("{value:.2}"),
    }
}

/// An interval: `.870–.941`.
pub fn range(interval: Interval) -> String {
    format!("{}–{}", decimal(interval.low), decimal(interval.high))
}

/// A value with its interval: `.912 .870–.941`.
pub fn with_range(value: f64, interval: Interval) -> String {
    format!("{} {}", decimal(value), range(interval))
}

/// A share in percent with as many decimals as a small one needs: `12.3 %`, `0.21 %`.
pub fn percent(value: f64) -> String {
    let percent = 100.0 * value;
    if percent == 0.0 || percent >= 9.95 { format!("{percent:.1}") } else { format!("{percent:.2}") }
}

/// A count with its thousands apart: `582,512`.
pub fn thousands(count: u64) -> String {
    let digits = count.to_string();
    let first = digits.len() % 3;
    let mut out = String::new();
    for (place, digit) in digits.chars().enumerate() {
        if place > 0 && place % 3 == first {
            out.push(',');
        }
        out.push(digit);
    }
    out
}

#[cfg(test)]
mod tests {
    use super::{Table, decimal, percent, thousands, wrap};

    #[test]
    fn a_table_in_three_forms() {
        let mut table = Table::new("Shares", ["category", "share"]);
        table.row(["health".to_owned(), ".9".to_owned()]);
        table.row(["a, \"b\"".to_owned(), ".12".to_owned()]);
        table.note("One note.");
        let (mut text, mut markdown, mut csv) = (String::new(), String::new(), String::new());
        table.text(&mut text);
        table.markdown(&mut markdown);
        table.csv(&mut csv);
        assert_eq!(text, "Shares\ncategory  share\nhealth       .9\na, \"b\"      .12\nOne note.\n");
        assert!(markdown.starts_with("### Shares\n\n| category | share |\n|---|--:|\n| health | .9 |\n"));
        assert_eq!(csv, "category,share\nhealth,.9\n\"a, \"\"b\"\"\",.12\n");
    }

    #[test]
    fn numbers_as_statistics_are_read() {
        let decimals = [0.912, 1.0, 0.0, -0.25, 0.9996].map(decimal);
        assert_eq!(decimals, [".912", "1.00", ".000", "-.250", "1.00"]);
        assert_eq!([0.123, 0.002_1, 0.0].map(percent), ["12.3", "0.21", "0.0"]);
        assert_eq!([7, 999, 1_000, 582_512, 1_234_567].map(thousands), ["7", "999", "1,000", "582,512", "1,234,567"]);
        let mut out = String::new();
        wrap(&mut out, &format!("  {}", "word ".repeat(20)));
        assert!(out.lines().all(|line| line.starts_with("  word") && line.len() <= 80) && out.lines().count() == 2);
    }
}
