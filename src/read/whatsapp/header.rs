//! The dated line that begins a message, in the layouts of many locales.
//!
//! `[marks] "["? date ("," | word)? time half? ("]" | " -") " " author ": " text`

use std::sync::LazyLock;

use regex::Regex;

use super::dates::Written;
use super::words;
use crate::read::written_time::hour_of;

/// Longer "authors" are sentences of the app with a colon in them.
const LONGEST_AUTHOR: usize = 80;

/// Date, time and what may stand around them have at most so many characters.
const LONGEST_HEAD: usize = 60;

/// A header and the text behind it on its line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Header<'a> {
    /// Date and time as written.
    pub(crate) date: Written,
    /// The author; none for a line of the app.
    pub(crate) author: Option<String>,
    /// The rest of the line.
    pub(crate) text: &'a str,
}

/// The date, in three numbers.
const DATE: &str = r"(?P<a>\d{1,4}) \s? [./\-] \s? (?P<b>\d{1,2}) \s? [./\-] \s? (?P<c>\d{1,4}) \.? (?: \s? г\.? )?";

/// The time, with the words for the half of the day on either side, as the pattern wants them.
fn time(halves: &str) -> String {
    format!(
        r"(?P<before> {halves} )? \s*
        (?P<h>\d{{1,2}}) (?: [:.] | \s? h \s? ) (?P<m>\d{{2}}) (?: [:.] (?P<s>\d{{2}}) )?
        (?: \s* (?P<after> {halves} ) )? (?: \s (?: Uhr | h | ч\.? ) )?"
    )
}

/// The date and time up to the separator. Between date and time stands a comma, a short word (`à`, `klo`, `um`) or nothing;
/// in Vietnam the time comes first.
static LAYOUTS: LazyLock<Vec<Regex>> = LazyLock::new(|| {
    let mut halves: Vec<String> = words::all("am").iter().chain(words::all("pm")).map(|w| regex::escape(w)).collect();
    // The longer of two that begin alike first; the blanks inside are as odd as those around.
    halves.sort_by_key(|word| std::cmp::Reverse(word.len()));
    let halves = format!("(?: (?i: {} ) )", halves.join("|").replace(' ', r"\s"));
    let end = r"(?P<close> \] | \s [-–] ) (?: \s | $ )";
    let time = time(&halves);
    let layouts = [
        format!(r"(?x) ^ (?P<open>\[)? {DATE} (?: \s? [,،、] )? (?: \s \p{{L}}{{1,4}} \.? )?? \s+ {time} {end}"),
        format!(r"(?x) ^ (?P<open>\[)? {time} (?: \s? [,،、] )? \s+ {DATE} {end}"),
    ];
    layouts.iter().filter_map(|layout| Regex::new(layout).ok()).collect()
});

impl<'a> Header<'a> {
    /// Reads the header of a line; none when the line continues a message.
    pub(crate) fn parse(line: &'a str) -> Option<Header<'a>> {
        let bare = line.trim_start_matches(is_mark);
        let starts = bare.chars().find(|c| *c != '[' && !is_mark(*c))?;
        if !starts.is_numeric() {
            return None;
        }
        // The line may be long, and the header is not.
        let head = match bare.char_indices().nth(LONGEST_HEAD) {
            Some((end, _)) => &bare[..end],
            None => bare,
        };
        let western = plain_head(head);
        let plain = western.as_deref().unwrap_or(head);
        let found = LAYOUTS.iter().find_map(|layout| layout.captures(plain))?;
        let bracketed = found.name("open").is_some();
        if bracketed != (&found["close"] == "]") {
            return None;
        }
        let number = |name: &str| found.name(name).and_then(|m| m.as_str().parse::<i64>().ok());
        let half =
            ["before", "after"].into_iter().find_map(|name| found.name(name)).map(|half| is_afternoon(half.as_str()));
        let clock = (hour_of(number("h")?, half), number("m")?, number("s").unwrap_or(0));
        let date = [number("a")?, number("b")?, number("c")?];
        let year_first = found["a"].len() == 4;
        if clock.0 > 24
            || clock.1 > 59
            || year_first && date[2] > 31
            || !year_first && (found["a"].len() > 2 || !matches!(found["c"].len(), 2 | 4))
        {
            return None;
        }
        // What follows is the same in both forms of the line.
        let behind = plain.len() - found.get(0).map_or(0, |all| all.end());
        let rest = &bare[head.len() - behind..];
        let (author, text) = split_author(rest);
        Some(Header { date: Written { date, year_first, clock }, author, text })
    }
}

/// Marks of direction, and the byte-order mark.
pub(crate) fn is_mark(c: char) -> bool {
    matches!(c, '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{feff}')
}

fn is_afternoon(half: &str) -> bool {
    let half: String = half.to_lowercase().replace(['\u{a0}', '\u{202f}'], " ");
    words::is("pm", &half)
}

/// The line with western digits and without marks in its date and time, when it has others.
fn plain_head(line: &str) -> Option<String> {
    const ZEROS: [char; 4] = ['\u{660}', '\u{6f0}', '\u{966}', '\u{9e6}'];
    let western = |c: char| {
        let zero = ZEROS
            .iter()
            .find(|zero| (**zero..=char::from_u32(u32::from(**zero) + 9).unwrap_or(**zero)).contains(&c))?;
        char::from_digit(u32::from(c) - u32::from(*zero), 10)
    };
    // Author and text stay as they are.
    let dash = || {
        let mut pairs = line.char_indices().zip(line.chars().skip(1));
        pairs.find(|((_, before), c)| before.is_whitespace() && matches!(c, '-' | '–')).map(|((at, _), _)| at)
    };
    let end = if line.starts_with('[') { line.find(']') } else { dash() }.unwrap_or(line.len());
    let odd = |c: char| is_mark(c) || western(c).is_some();
    line[..end].contains(odd).then_some(())?;
    let head: String = line[..end].chars().filter(|c| !is_mark(*c)).map(|c| western(c).unwrap_or(c)).collect();
    Some(head + &line[end..])
}

/// The author is what stands before the first `: `, unless that is a sentence.
fn split_author(rest: &str) -> (Option<String>, &str) {
    let Some((author, text)) = rest.split_once(": ").or_else(|| rest.strip_suffix(':').map(|author| (author, "")))
    else {
        return (None, rest);
    };
    let plain: String = author.chars().filter(|c| !is_mark(*c)).collect();
    let plain = plain.trim();
    let name = plain.strip_prefix('~').map_or(plain, str::trim_start);
    let quoted = ["\"", "“", "„", "«"].iter().any(|mark| name.matches(mark).count() % 2 == 1 && !closed(name, mark));
    if name.is_empty() || quoted || name.chars().count() > LONGEST_AUTHOR {
        return (None, rest);
    }
    (Some(name.to_owned()), text)
}

/// `Asha changed the group name to “Trip: Rome”` has an open quotation before its colon.
fn closed(name: &str, open: &str) -> bool {
    let close = match open {
        "“" => "”",
        "„" => "“",
        "«" => "»",
        _ => return false,
    };
    name.contains(close)
}

#[cfg(test)]
mod tests {
    use super::super::dates::Order;
    use super::Header;

    #[track_caller]
    fn reads(line: &str, time: &str, author: Option<&str>, text: &str) {
        let header = Header::parse(line).unwrap_or_else(|| panic!("no header: {line:?}"));
        let order = if line.contains("2/13") { Order::MonthFirst } else { Order::DayFirst };
        let at = header.date.resolve(order).map(|at| at.to_string()).unwrap_or_default();
        assert_eq!((at.as_str(), header.author.as_deref(), header.text), (time, author, text), "{line:?}");
    }

    #[test]
    fn locales() {
        let evening = "2025-02-13T21:04:00Z";
        for head in [
            "13/02/2025, 21:04 -",
            "2/13/25, 9:04 PM -",
            "2/13/25, 9:04\u{202f}PM -",
            "2/13/25, 9:04\u{a0}p.m. -",
            "13/2/25, 9:04 p.\u{a0}m. -",
            "13.02.25, 21:04 -",
            "13/02/2025 21:04 -",
            "13/02/2025 à 21:04 -",
            "13-02-2025 21:04 -",
            "2025-02-13 21:04 -",
            "13.2.2025 klo 21.04 -",
            "2025/02/13 21:04 -",
            "2025. 2. 13. 오후 9:04 -",
            "[13/02/2025, 21:04:00]",
            "\u{200e}[2/13/25, 9:04:00\u{202f}PM]",
            "[2025/02/13 午後9:04:00]",
            "\u{200f}١٣/٢/٢٠٢٥، ٩:٠٤ م -",
            "13\u{200f}/2\u{200f}/2025, 9:04 م -",
            "\u{200e}[\u{200e}13.02.25 г., 21:04:00 ч.]",
            "13/02/25, 9:04 PTG -",
            "2025-02-13 21 h 04 -",
            "21:04, 13/02/2025 -",
            "13/2/2568 21:04 -",
            "\u{200e}13/02/2025, 21\u{200e}:04\u{a0}–",
        ] {
            reads(&format!("{head} Asha: hi: 12"), evening, Some("Asha"), "hi: 12");
        }
        reads("2/13/25, 12:00 AM - A: x", "2025-02-13T00:00:00Z", Some("A"), "x");
        reads("2/13/25, 12:30 PM - A: x", "2025-02-13T12:30:00Z", Some("A"), "x");
    }

    #[test]
    fn authors_and_lines_of_the_app() {
        let head = "13/02/2025, 21:04 - ";
        for (rest, author, text) in [
            ("+49 151 0000000: a", Some("+49 151 0000000"), "a"),
            ("~\u{a0}Asha: a", Some("Asha"), "a"),
            ("\u{202a}+49 1\u{202c}: a", Some("+49 1"), "a"),
            ("Asha:", Some("Asha"), ""),
            ("Asha left", None, "Asha left"),
            ("Asha named it \"Trip: Rome\"", None, "Asha named it \"Trip: Rome\""),
        ] {
            reads(&format!("{head}{rest}"), "2025-02-13T21:04:00Z", author, text);
        }
    }

    #[test]
    fn continuations_have_no_header() {
        for line in [
            "",
            "13/02/2025 was the worst day",
            "21:04 - x",
            "[1] a: b",
            "13/02/2025, 21:04",
            "- 13/02/2025, 21:04 - a: b",
        ] {
            assert_eq!(Header::parse(line), None, "{line:?}");
        }
    }
}
