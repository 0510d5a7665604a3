//! HTML to text, by one rule for every format.
//!
//! `<br>` and the end of `p`, `div`, `li`, `tr`, headings, `pre` and `table` are line breaks; no-break spaces are spaces;
//! lines are trimmed and empty ones dropped. Scripts, styles and players are no text.

use scraper::{ElementRef, Html, Node};

/// Elements whose end is a line break.
const BREAKS: &[&str] = &["p", "div", "li", "tr", "h1", "h2", "h3", "h4", "h5", "h6", "pre", "table"];

/// Elements whose content nobody wrote.
const SILENT: &[&str] = &["script", "style", "template", "video", "audio", "head"];

/// The text of an HTML fragment.
pub(crate) fn fragment_text(html: &str) -> String {
    text_of(Html::parse_fragment(html).root_element())
}

/// The text of an element.
pub(crate) fn text_of(element: ElementRef<'_>) -> String {
    text_without(element, |_| false)
}

/// The text of an element without the elements below it that `leave_out` names.
pub(crate) fn text_without(element: ElementRef<'_>, leave_out: impl Fn(ElementRef<'_>) -> bool) -> String {
    let mut raw = String::new();
    // A stack of nodes and of block ends, not recursion: a hostile page can nest deeper than the call stack.
    let mut open = vec![Some(*element)];
    while let Some(next) = open.pop() {
        let Some(node) = next else {
            raw.push('\n');
            continue;
        };
        match (node.value(), ElementRef::wrap(node)) {
            (Node::Text(text), _) => raw.push_str(&text.text),
            (_, Some(child)) => {
                let name = child.value().name();
                if node.id() != element.id() && (SILENT.contains(&name) || leave_out(child)) {
                    continue;
                }
                if name == "br" || BREAKS.contains(&name) {
                    open.push(None);
                }
                open.extend(node.children().rev().map(Some));
            }
            (_, None) => open.extend(node.children().rev().map(Some)),
        }
    }
    tidy(&raw)
}

/// Lines trimmed, empty lines dropped, no-break spaces as spaces.
pub(crate) fn tidy(raw: &str) -> String {
    let spaced = raw.replace("\r\n", "\n").replace('\r', "\n").replace('\u{a0}', " ");
    let lines: Vec<&str> = spaced.split('\n').map(str::trim).filter(|line| !line.is_empty()).collect();
    lines.join("\n")
}

/// Whether an element has a class.
pub(crate) fn has_class(element: ElementRef<'_>, class: &str) -> bool {
    element.value().classes().any(|c| c == class)
}

#[cfg(test)]
mod tests {
    use super::fragment_text;

    #[test]
    fn blocks_end_lines_and_entities_are_decoded() {
        assert_eq!(fragment_text("<p>Riesling &amp; rice.</p><ul><li>dry</li><li>cold</li></ul>"), "Riesling & rice.\ndry\ncold");
        assert_eq!(fragment_text("a<br>b<br/> c&nbsp;d"), "a\nb\nc d");
        assert_eq!(fragment_text("<b>x</b>y<script>alert(1)</script>"), "xy");
        assert_eq!(fragment_text(""), "");
    }

    #[test]
    fn deep_nesting_does_not_overflow() {
        assert_eq!(fragment_text(&("<div>".repeat(20_000) + "x")), "x");
    }
}
