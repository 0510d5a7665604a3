//! HTML to text, by one rule for every format.
//!
//! `<br>` and the end of `p`, `div`, `li`, `tr`, headings, `pre` and `table` are line breaks; no-break spaces are spaces;
//! lines are trimmed and empty ones dropped. Scripts, styles and players are no text.

use std::collections::HashMap;

use scraper::{ElementRef, Html, Node};

use crate::error::{Error, ErrorKind, Result};

/// Elements whose end is a line break.
const BREAKS: &[&str] = &["p", "div", "li", "tr", "h1", "h2", "h3", "h4", "h5", "h6", "pre", "table"];

/// Elements whose content nobody wrote.
const SILENT: &[&str] = &["script", "style", "template", "video", "audio", "head"];

/// Elements nested deeper than this make a page hostile: the parser's time grows with the square of the depth.
const MAX_DEPTH: usize = 2_000;

/// Parses a page.
pub(crate) fn parse_page(html: &str) -> Result<Html> {
    if depth(html) > MAX_DEPTH {
        return Err(Error::new(ErrorKind::Limit, format!("elements nested deeper than {MAX_DEPTH}")));
    }
    Ok(Html::parse_document(html))
}

/// Parses a piece of a page.
pub(crate) fn parse_part(html: &str) -> Result<Html> {
    if depth(html) > MAX_DEPTH {
        return Err(Error::new(ErrorKind::Limit, format!("elements nested deeper than {MAX_DEPTH}")));
    }
    Ok(Html::parse_fragment(html))
}

/// The text of an HTML fragment; one that is nested too deep is taken as plain text.
pub(crate) fn fragment_text(html: &str) -> String {
    if depth(html) > MAX_DEPTH {
        return tidy(html);
    }
    text_of(Html::parse_fragment(html).root_element())
}

/// A plain text with its character references decoded; tags are text here.
pub(crate) fn decoded(text: &str) -> String {
    if !text.contains('&') {
        return text.to_owned();
    }
    let fragment = Html::parse_fragment(&text.replace('<', "&lt;"));
    fragment.root_element().text().collect()
}

/// The greatest number of elements open at once, not counting those that may be left unclosed.
fn depth(html: &str) -> usize {
    const OPTIONAL: &[&str] =
        &["br", "p", "li", "img", "td", "tr", "th", "meta", "link", "hr", "input", "wbr", "option", "col"];
    let mut counts: HashMap<String, usize> = HashMap::new();
    let (mut depth, mut deepest) = (0_usize, 0);
    for tag in html.split('<').skip(1) {
        let (closes, tag) = tag.strip_prefix('/').map_or((false, tag), |tag| (true, tag));
        let name = tag.split(|c: char| !c.is_ascii_alphanumeric()).next().unwrap_or_default().to_ascii_lowercase();
        if name.is_empty() || OPTIONAL.contains(&name.as_str()) {
            continue;
        }
        let count = counts.entry(name).or_default();
        match (closes, *count) {
            // The parser ignores the end of what is not open.
            (true, 0) => {}
            (true, _) => (*count, depth) = (*count - 1, depth - 1),
            (false, _) => (*count, depth) = (*count + 1, depth + 1),
        }
        deepest = deepest.max(depth);
    }
    deepest
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
    use super::{fragment_text, parse_page};

    #[test]
    fn blocks_end_lines_and_entities_are_decoded() {
        assert_eq!(
            fragment_text("<p>Riesling &amp; rice.</p><ul><li>dry</li><li>cold</li></ul>"),
            "Riesling & rice.\ndry\ncold"
        );
        assert_eq!(fragment_text("a<br>b<br/> c&nbsp;d"), "a\nb\nc d");
        assert_eq!(fragment_text("<b>x</b>y<script>alert(1)</script>"), "xy");
        assert_eq!(fragment_text(""), "");
    }

    #[test]
    fn deep_nesting_is_refused() {
        assert_eq!(fragment_text(&("<div>".repeat(1_000) + "x")), "x");
        assert!(parse_page(&"<div>".repeat(20_000)).is_err());
        assert!(parse_page(&"<div><br></div>".repeat(20_000)).is_ok());
    }
}
