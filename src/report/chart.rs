//! Charts as inline SVG: pure functions from numbers to markup, without text, so that nothing needs escaping.
//!
//! Every chart stands beside a table with the same numbers and is hidden from screen readers, or carries a label.

use std::fmt::Write;

/// A horizontal bar of parts on a common scale; each part has a class for its look.
pub(super) fn bar(parts: &[(u64, &str)], most: u64) -> String {
    let mut svg = String::from(
        r#"<svg class="bar" viewBox="0 0 1000 10" preserveAspectRatio="none" aria-hidden="true" focusable="false">"#,
    );
    let mut from = 0.0;
    for (value, class) in parts.iter().filter(|(value, _)| *value > 0) {
        // Something is never shown as nothing.
        let width = (*value as f64 * 1000.0 / most.max(1) as f64).max(4.0);
        let _ = write!(svg, r#"<rect class="{class}" x="{from:.1}" width="{width:.1}" height="10"/>"#);
        from += width;
    }
    svg + "</svg>"
}

/// Upright columns of stacked parts, one column a step of time.
pub(super) fn columns(columns: &[[u64; 3]], classes: [&str; 3], label: &str) -> String {
    let most = columns.iter().map(|parts| parts.iter().sum::<u64>()).max().unwrap_or(0).max(1) as f64;
    let step = 1000.0 / columns.len().max(1) as f64;
    let gap = if columns.len() > 1 { step * 0.18 } else { step * 0.7 };
    let mut svg = String::from(
        r#"<svg class="columns" viewBox="0 0 1000 200" preserveAspectRatio="none" role="img" aria-label=""#,
    );
    escape(&mut svg, label);
    svg.push_str(r#"">"#);
    for (place, parts) in columns.iter().enumerate() {
        let mut top = 200.0;
        for (value, class) in parts.iter().zip(classes).filter(|(value, _)| **value > 0) {
            let height = (*value as f64 * 196.0 / most).max(1.5);
            top -= height;
            let (x, width) = (place as f64 * step + gap / 2.0, step - gap);
            let _ = write!(
                svg,
                r#"<rect class="{class}" x="{x:.1}" y="{top:.1}" width="{width:.1}" height="{height:.1}"/>"#
            );
        }
    }
    svg + "</svg>"
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
    use super::{bar, columns};

    #[test]
    fn charts_are_drawn_to_scale() {
        assert!(bar(&[(5, "a"), (0, "b"), (5, "c")], 10).contains(r#"<rect class="c" x="500.0" width="500.0""#));
        assert!(!bar(&[(0, "a")], 0).contains("rect"));
        let svg = columns(&[[1, 1, 0], [0, 0, 4]], ["a", "b", "c"], "from <1> & \"2\"");
        assert!(svg.contains("from &lt;1> &amp; &quot;2&quot;"), "{svg}");
        assert_eq!(svg.matches("<rect").count(), 3);
        assert!(columns(&[], ["a", "b", "c"], "").ends_with("</svg>"));
    }
}
