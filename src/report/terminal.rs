//! The summary on the terminal: 80 columns, about one screen, the same words as the page.

use std::fmt::Write;

use super::view::{CategoryRow, Coverage, View};
use super::words::Words;
use super::{Extras, Report};
use crate::finding::Scope;

/// How the summary looks.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Style {
    /// Bold, dim and one colour, as ANSI escapes.
    pub colour: bool,
    /// Bars beside the numbers.
    pub bars: Bars,
    /// Everything, instead of what fits on one screen.
    pub all: bool,
}

/// Which bars a terminal can show.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Bars {
    /// None: nobody looks.
    #[default]
    None,
    /// Of `#`.
    Plain,
    /// Of block characters.
    Blocks,
}

const WIDTH: usize = 78;
/// Where numbers begin in the tables.
const NAME: usize = 26;
const BAR: usize = 15;
/// The same where there are no bars.
const WIDE_NAME: usize = 38;

/// The summary in the words of a language.
pub fn write(report: &Report, words: Words, style: Style) -> String {
    write_with(report, words, style, &Extras::default())
}

/// The summary, with what was made besides the report.
pub fn write_with(report: &Report, words: Words, style: Style, extras: &Extras) -> String {
    let page = Page { view: View { report, words }, words, style };
    let mut out = String::new();
    page.head(&mut out);
    if report.summary.messages > 0 {
        page.cover(&mut out);
        page.limits(&mut out);
        page.left(&mut out);
        page.unknown(&mut out);
        page.listed(&mut out);
        page.review(&mut out, extras);
        page.next(&mut out);
    }
    page.ledger(&mut out, extras);
    out
}

struct Page<'a> {
    view: View<'a>,
    words: Words,
    style: Style,
}

/// Writing into a `String` cannot fail.
macro_rules! line {
    ($out:expr) => { $out.push('\n') };
    ($out:expr, $($text:tt)*) => {{ let _ = writeln!($out, $($text)*); }};
}

impl Page<'_> {
    fn head(&self, out: &mut String) {
        let name = self.words.of(&self.view.report.policy.profile.name);
        let mut parts = vec![format!("offlimits · {name}")];
        if self.view.summary().messages > 0 {
            let (read, days) = self.view.extent();
            parts.push(read);
            parts.extend(days);
        }
        self.wrap(out, "", &parts.join(" · "), |text| self.dim(text));
        line!(out);
        let sentences = self.view.sum_up();
        self.wrap(out, "", &sentences[0], |text| self.bold(text));
        if sentences.len() > 1 {
            self.wrap(out, "", &sentences[1..].join(" "), str::to_owned);
        }
    }

    fn cover(&self, out: &mut String) {
        if let Some((title, text)) = self.view.cover() {
            line!(out);
            line!(out, "{}", self.accent(&title));
            match self.view.coverage() {
                Coverage::Covered => {}
                Coverage::Unknown => self.reasons(out),
                _ => self.wrap(out, "  ", &text, str::to_owned),
            }
            self.view.told().iter().for_each(|told| self.wrap(out, "  ", told, str::to_owned));
        }
    }

    /// Why it cannot be told, and what would settle it.
    fn reasons(&self, out: &mut String) {
        let unknown = self.view.scopes().into_iter().find(|row| row.scope == Scope::Unknown);
        let all = self.view.summary().messages;
        for reason in unknown.iter().flat_map(|row| &row.reasons).take(self.most(3)) {
            let count = match reason.messages {
                some if some == all => String::new(),
                some => format!(" ({})", self.words.count("messages", some, &[])),
            };
            let fix = reason.fix.as_ref().map_or_else(String::new, |fix| format!(" → {fix}"));
            self.wrap(out, "  ", &format!("{}{count}{fix}", reason.words), str::to_owned);
        }
    }

    /// How many rows are shown: `few`, or all of them.
    fn most(&self, few: usize) -> usize {
        if self.style.all { usize::MAX } else { few }
    }

    /// Cells for a name, and for the bar behind it.
    fn widths(&self) -> (usize, usize) {
        if self.style.bars == Bars::None { (WIDE_NAME, 0) } else { (NAME, BAR + 1) }
    }

    fn title(&self, out: &mut String, title: &str, condition: Option<String>, columns: &[&str]) {
        let plain = condition.as_ref().map_or_else(|| title.to_owned(), |condition| format!("{title} — {condition}"));
        line!(out);
        let mut heads = String::new();
        for column in columns {
            let _ = write!(heads, "{column:>9}");
        }
        let (name, bar) = self.widths();
        let pad = (2 + name + bar + columns.len() * 9).saturating_sub(heads.chars().count() + plain.chars().count());
        match pad {
            // No room on one line.
            0 => {
                line!(out, "{}", self.bold(&plain));
                line!(out, "{}{}", " ".repeat(2 + name + bar), self.dim(&heads));
            }
            pad => line!(out, "{}{}{}", self.bold(&plain), " ".repeat(pad), self.dim(&heads)),
        }
    }

    fn limits(&self, out: &mut String) {
        let heads = ["col-short-messages", "col-short-self", "col-short-other", "col-short-topic"];
        let title = if self.view.has_list() { "limits-title" } else { "limits-title-none" };
        let condition = self.view.condition().filter(|_| self.view.report.list.is_none());
        self.title(out, &self.view.of_list(title), condition, &heads.map(|key| self.words.get(key)));
        let (rows, unlisted) = (self.view.limits(), self.view.unlisted());
        let most = rows.iter().map(|row| row.messages).max().unwrap_or(0);
        if rows.is_empty() {
            line!(out, "  {}", self.view.nothing());
        }
        rows.iter().for_each(|row| self.category(out, row, most));
        if let Some(zero) = self.view.zero().filter(|_| !rows.is_empty()) {
            self.wrap(out, "  ", &zero, |text| self.dim(text));
        }
        let short = if self.view.has_list() { "unlisted-short" } else { "unlisted-short-none" };
        let one = |row: &CategoryRow| format!("{} {}", self.words.lower(&row.name), self.words.number(row.messages));
        let mut list: Vec<String> = unlisted.iter().take(self.most(4)).map(one).collect();
        if list.is_empty() {
            list.push(self.words.lower(self.view.nothing().trim_end_matches('.')));
        } else if list.len() < unlisted.len() {
            list.push("…".to_owned());
        }
        self.wrap(out, "  ", &format!("{} {}", self.view.of_list(short), list.join(", ")), str::to_owned);
    }

    fn category(&self, out: &mut String, row: &CategoryRow, most: u64) {
        let [oneself, another, general] = row.disclosures;
        self.row(out, &row.name, row.messages, most, &[oneself, another, general]);
    }

    fn row(&self, out: &mut String, name: &str, messages: u64, most: u64, numbers: &[u64]) {
        let (width, _) = self.widths();
        let name: String = if name.chars().count() > width {
            name.chars().take(width - 1).chain(['…']).collect()
        } else {
            name.to_owned()
        };
        let _ = write!(out, "  {name:<width$}");
        if self.style.bars != Bars::None {
            let bar = bar(messages, most, self.style.bars);
            let _ = write!(out, " {}", self.accent(&format!("{bar:<BAR$}")));
        }
        for number in [messages].iter().chain(numbers) {
            let number = if *number == 0 { "·".to_owned() } else { self.words.number(*number) };
            let _ = write!(out, "{number:>9}");
        }
        out.push('\n');
    }

    fn left(&self, out: &mut String) {
        let heads = ["col-short-messages", "col-short-purchase", "col-short-interest", "col-short-estimate"];
        let title = self.words.get("left-title");
        self.title(out, title, self.view.condition(), &heads.map(|key| self.words.get(key)));
        let rows = self.view.topics();
        if rows.is_empty() {
            line!(out, "  {}", self.view.nothing());
        }
        let most = rows.iter().map(|row| row.messages).max().unwrap_or(0);
        for row in rows.iter().take(self.most(3)) {
            let points = row.potential.map_or(0, |potential| u64::from(potential.points));
            self.row(out, &row.name, row.messages, most, &[row.purchase, row.interest, points]);
        }
        let rest = rows.len().saturating_sub(self.most(3)) as u64;
        if rest > 0 {
            line!(out, "  {}", self.dim(&self.words.count("left-rest", rest, &[])));
        }
        if let Some(estimate) = self.view.archive() {
            self.wrap(out, "  ", &estimate, str::to_owned);
        }
        if let Some(proxies) = self.view.proxies() {
            self.wrap(out, "  ", &proxies, str::to_owned);
        }
    }

    fn unknown(&self, out: &mut String) {
        let unknown = self.view.summary().scopes[Scope::Unknown as usize];
        if unknown > 0 && self.view.coverage() != Coverage::Unknown {
            line!(out);
            line!(out, "{}", self.bold(self.words.get("scope-unknown")));
            self.reasons(out);
        }
    }

    /// The download's own lists beside the chats.
    fn listed(&self, out: &mut String) {
        let Some(listed) = self.view.listed() else { return };
        line!(out);
        line!(out, "{}", self.bold(self.words.get("listed-title")));
        self.wrap(out, "  ", &listed.counts, str::to_owned);
        if self.style.all {
            let more = [listed.absent, listed.sensitive].into_iter().flatten();
            more.for_each(|sentence| self.wrap(out, "  ", &sentence, str::to_owned));
            self.wrap(out, "  ", self.words.get("listed-association"), |text| self.dim(text));
        }
    }

    fn review(&self, out: &mut String, extras: &Extras) {
        let mut rows = self.view.deletions();
        rows.truncate(if self.style.all { 20 } else { 3 });
        if rows.is_empty() {
            return;
        }
        let sum = self.view.deletion_sum(&rows);
        line!(out);
        line!(out, "{}", self.bold(self.words.get("do-review")));
        for row in rows {
            let id: String = row.exposure.conversation_id.chars().filter(|c| !c.is_control()).take(36).collect();
            let day = row.exposure.first.map_or_else(String::new, |first| format!("  {}", first.day()));
            let room = WIDTH.saturating_sub(2 + id.chars().count() + day.len() + 2);
            let text = self.view.exposure_categories(row.exposure);
            let text: String = if text.chars().count() > room {
                text.chars().take(room.saturating_sub(1)).chain(['…']).collect()
            } else {
                text
            };
            line!(out, "  {id}{day}  {}", self.dim(&text));
            if let Some(title) = extras.title(row.exposure) {
                self.wrap(out, "    ", &clean(title), str::to_owned);
            }
        }
        let sentences: Vec<&str> = sum.iter().map(String::as_str).chain([self.words.get("do-no-undo")]).collect();
        self.wrap(out, "  ", &sentences.join(" "), str::to_owned);
    }

    fn next(&self, out: &mut String) {
        line!(out);
        line!(out, "{}", self.bold(self.words.get("do-next")));
        let step = |out: &mut String, option: &str, text: &str| line!(out, "  {option:<23} {}", self.dim(text));
        step(out, "--html page.html", self.words.get("do-html"));
        if !self.style.all {
            step(out, "-v", self.words.get("do-all"));
        } else {
            step(out, "--html me.html --quote", self.words.get("do-quote"));
            step(out, "--records out.jsonl", self.words.get("do-records"));
        }
        if self.view.coverage() == Coverage::Elsewhere {
            step(out, "--as-if --region XX", &self.words.fill("do-as_if", &[("product", self.view.product())]));
            if let Some((platform, policy)) = self.view.own_policy() {
                let text = self.words.fill("do-own_policy", &[("platform", self.words.platform(platform))]);
                step(out, &format!("--policy {policy}"), &text);
            }
        }
    }

    fn ledger(&self, out: &mut String, extras: &Extras) {
        line!(out);
        let lines = self.view.ledger();
        let trouble = self.view.trouble();
        let (checked, unread) = (self.words.get("ledger-checked"), self.words.get("ledger-trouble"));
        let labels = lines.iter().map(|(label, _)| *label).chain([checked, unread]);
        let wide = labels.map(|label| label.chars().count()).max().unwrap_or(0) + 2;
        let mut labelled = |label: &str, text: &str| {
            let mut body = String::new();
            let indent = " ".repeat(wide);
            self.wrap(&mut body, &indent, text, str::to_owned);
            let body = body.strip_prefix(&indent).unwrap_or(&body);
            let _ = write!(out, "{}{body}", self.dim(&format!("{label:<wide$}")));
        };
        for (label, parts) in &lines {
            let shown = parts.len().min(self.most(1));
            let rest = if shown < parts.len() { "; …" } else { "" };
            labelled(label, &(parts[..shown].join("; ") + rest));
        }
        for (place, reason) in trouble.iter().take(self.most(3)) {
            labelled(unread, &format!("{}{}{}", clean(place), self.words.get("colon"), clean(reason)));
        }
        let rest = trouble.len().saturating_sub(self.most(3)) as u64;
        if rest > 0 {
            labelled("", &self.words.fill("more", &[("n", &self.words.number(rest))]));
        }
        if let Some(check) = extras.check {
            let text = match check.echoes {
                // The page holds the messages; only the other reports were looked through.
                _ if extras.quotes.is_some() => self.words.get("vow-quotes").to_owned(),
                0 => self.words.count("told-checked", check.messages, &[]),
                echoes => self.words.count("told-echoes", echoes, &[]),
            };
            labelled(checked, &text);
        }
        if let Some(cell) = self.view.report.manifest.options.min_cell {
            labelled("--min-cell", &self.words.fill("vow-min_cell", &[("n", &self.words.number(cell))]));
        }
    }

    /// Writes a paragraph, broken at blanks, each line styled by itself.
    fn wrap(&self, out: &mut String, indent: &str, text: &str, styled: impl Fn(&str) -> String) {
        let mut line = String::new();
        let room = WIDTH.saturating_sub(indent.chars().count());
        for word in text.split(' ') {
            if !line.is_empty() && line.chars().count() + 1 + word.chars().count() > room {
                line!(out, "{indent}{}", styled(&line));
                line.clear();
            }
            if !line.is_empty() {
                line.push(' ');
            }
            line.push_str(word);
        }
        line!(out, "{indent}{}", styled(&line));
    }

    fn escaped(&self, code: &str, text: &str) -> String {
        if self.style.colour { format!("\u{1b}[{code}m{text}\u{1b}[0m") } else { text.to_owned() }
    }

    fn bold(&self, text: &str) -> String {
        self.escaped("1", text)
    }

    fn dim(&self, text: &str) -> String {
        self.escaped("2", text)
    }

    fn accent(&self, text: &str) -> String {
        self.escaped("33", text)
    }
}

/// A bar of at most [`BAR`] cells, in half cells; something is never shown as nothing.
fn bar(part: u64, most: u64, bars: Bars) -> String {
    if part == 0 || most == 0 || bars == Bars::None {
        return String::new();
    }
    let halves = ((part as f64 / most as f64) * (BAR as f64 - 1.0) * 2.0).round().max(1.0) as usize;
    match bars {
        Bars::Blocks => "█".repeat(halves / 2) + if halves % 2 == 1 { "▌" } else { "" },
        _ => "#".repeat(halves.div_ceil(2)),
    }
}

/// A path or an error on one line: no control characters, so that no file name can steer the terminal.
fn clean(text: &str) -> String {
    text.chars().map(|c| if c.is_control() { '\u{fffd}' } else { c }).collect()
}

#[cfg(test)]
mod tests {
    use super::{Bars, Style, WIDTH, bar, write, write_with};
    use crate::report::words::LANGUAGES;
    use crate::report::{Check, Extras, Words, sample};

    fn show(report: &crate::report::Report, language: &str, style: Style) -> String {
        let check = Some(Check { messages: 2_400, echoes: 0 });
        let text = write_with(report, Words::new(language).unwrap(), style, &Extras { check, ..Extras::default() });
        for line in text.lines() {
            assert!(line.chars().count() <= WIDTH + 2, "too wide: {line}");
        }
        assert!(!text.contains('\u{1b}') && !text.contains('{'), "{text}");
        text
    }

    #[test]
    fn every_case_reads_well() {
        for (name, report) in sample::reports() {
            for language in LANGUAGES {
                let style = Style { bars: Bars::Blocks, ..Style::default() };
                let text = show(&report, language, style);
                sample::save(&format!("{name}-{language}.txt"), &text);
                assert!(text.lines().count() <= 54, "{name} is {} lines long", text.lines().count());
                let all = show(&report, language, Style { all: true, ..Style::default() });
                assert!(!all.contains('█') && all.lines().count() + 4 >= text.lines().count());
                if *language == "en" || name == "many" {
                    insta::assert_snapshot!(format!("terminal-{name}-{language}"), text);
                }
            }
        }
    }

    #[test]
    fn colour_and_bars_only_where_asked() {
        let report = &sample::reports()[0].1;
        let text = write(report, Words::new("en").unwrap(), Style { colour: true, ..Style::default() });
        assert!(text.contains("\u{1b}[1m") && !text.contains('█'));
        let lengths = |bars| [bar(0, 9, bars), bar(1, 1000, bars), bar(9, 9, bars)].map(|bar| bar.chars().count());
        assert_eq!(
            [lengths(Bars::Blocks), lengths(Bars::Plain), lengths(Bars::None)],
            [[0, 1, 14], [0, 1, 14], [0; 3]]
        );
    }
}
