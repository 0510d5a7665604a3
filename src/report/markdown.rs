//! The summary as Markdown, for issue trackers and notebooks: the page's sentences and its main tables, without ids.

use std::fmt::Write;

use super::view::View;
use super::words::Words;
use super::{Extras, Report};

/// The summary in the words of a language.
pub fn write(report: &Report, words: Words, extras: &Extras) -> String {
    let page = Page { view: View { report, words }, words };
    let mut out = String::new();
    page.head(&mut out, extras);
    if report.summary.messages > 0 {
        page.limits(&mut out);
        page.scope(&mut out);
        page.left(&mut out);
        page.leaks(&mut out);
    }
    page.sure(&mut out);
    out
}

struct Page<'a> {
    view: View<'a>,
    words: Words,
}

/// Writing into a `String` cannot fail.
macro_rules! line {
    ($out:expr) => { $out.push('\n') };
    ($out:expr, $($text:tt)*) => {{ let _ = writeln!($out, $($text)*); }};
}

impl Page<'_> {
    fn head(&self, out: &mut String, extras: &Extras) {
        let sentences = self.view.sum_up();
        line!(out, "# {}\n", self.words.get("title"));
        line!(out, "**{}** {}\n", sentences[0], sentences[1..].join(" "));
        if self.view.summary().messages > 0 {
            let (read, days) = self.view.extent();
            line!(out, "{}\n", [Some(read), days].into_iter().flatten().collect::<Vec<_>>().join(" · "));
        }
        if let Some((title, text)) = self.view.cover() {
            line!(out, "> **{title}.** {text}\n");
        }
        // This document never holds messages or titles.
        let vow = self.view.vow(&Extras { check: extras.check, ..Extras::default() });
        line!(out, "{}\n", vow.join(" "));
    }

    fn title(&self, out: &mut String, title: &str) {
        match self.view.condition() {
            Some(condition) => line!(out, "## {title} ({condition})\n"),
            None => line!(out, "## {title}\n"),
        }
    }

    fn table(&self, out: &mut String, heads: &[&str], rows: impl Iterator<Item = (String, Vec<u64>)>) {
        // Where a heading may break is for narrow pages.
        let heads: Vec<String> = heads.iter().map(|key| self.words.get(key).replace('\u{ad}', "")).collect();
        line!(out, "| {} |", heads.join(" | "));
        line!(out, "|---|{}", "---:|".repeat(heads.len() - 1));
        for (name, numbers) in rows {
            let numbers: Vec<String> = numbers.into_iter().map(|number| self.words.number(number)).collect();
            line!(out, "| {} | {} |", cell(&name), numbers.join(" | "));
        }
        line!(out);
    }

    fn limits(&self, out: &mut String) {
        let title = if self.view.has_list() { "limits-title" } else { "limits-title-none" };
        self.title(out, &self.view.of_list(title));
        self.categories(out, self.view.limits());
        if let Some(zero) = self.view.zero() {
            line!(out, "{zero}\n");
        }
    }

    fn categories(&self, out: &mut String, rows: Vec<super::view::CategoryRow>) {
        if rows.is_empty() {
            line!(out, "{}\n", self.view.nothing());
            return;
        }
        let heads = ["col-category", "col-messages", "col-self", "col-other", "col-topic", "col-conversations"];
        let row = |row: super::view::CategoryRow| {
            let [oneself, another, general] = row.disclosures;
            (row.name, vec![row.messages, oneself, another, general, row.conversations])
        };
        self.table(out, &heads, rows.into_iter().map(row));
    }

    fn scope(&self, out: &mut String) {
        line!(out, "## {}\n", self.words.get("scope-title"));
        for row in self.view.scopes() {
            line!(out, "- **{}{}{}**", row.name, self.words.get("colon"), self.words.number(row.messages));
            for reason in row.reasons {
                let fix = reason.fix.map(|fix| format!(" → {fix}")).unwrap_or_default();
                line!(out, "  - {} ({}){fix}", reason.words, self.words.number(reason.messages));
            }
        }
        line!(out);
    }

    fn left(&self, out: &mut String) {
        self.title(out, self.words.get("left-title"));
        let rows = self.view.topics();
        if rows.is_empty() {
            line!(out, "{}\n", self.view.nothing());
            return;
        }
        let heads = ["col-interest_topic", "col-messages", "col-purchase", "col-interest", "col-estimate"];
        let row = |row: super::view_left::TopicRow| {
            let points = row.potential.map_or(0, |potential| u64::from(potential.points));
            (row.name, vec![row.messages, row.purchase, row.interest, points])
        };
        self.table(out, &heads, rows.into_iter().map(row));
        if let Some(estimate) = self.view.archive() {
            line!(out, "{estimate}\n");
        }
    }

    fn leaks(&self, out: &mut String) {
        self.title(out, self.words.get("leaks-title"));
        if let Some(proxies) = self.view.proxies() {
            line!(out, "{proxies}\n");
        }
        let reasons = self.view.proxy_reasons();
        if !reasons.is_empty() {
            line!(out, "### {}\n\n{}\n", self.words.get("proxies-reasons"), self.words.get("proxies-likely"));
            for reason in reasons {
                let source = if reason.source.is_empty() { String::new() } else { format!(" [{}]", reason.source) };
                let (given, colon) = (reason.given, self.words.get("colon"));
                line!(out, "- **{given}**, {} ({}){colon}{}{source}", reason.likely, reason.messages, reason.why);
            }
            line!(out);
        }
        line!(out, "### {}\n", self.view.of_list("unlisted-title"));
        self.categories(out, self.view.unlisted());
    }

    fn sure(&self, out: &mut String) {
        line!(out, "## {}\n", self.words.get("sure-title"));
        line!(out, "{}\n", self.words.get("sure-method"));
        for (label, parts) in self.view.ledger() {
            line!(out, "- {label}{}{}", self.words.get("colon"), parts.join("; "));
        }
        for (place, reason) in self.view.trouble() {
            line!(out, "- {}{}{}, {reason}", self.words.get("ledger-trouble"), self.words.get("colon"), cell(place));
        }
        let profile = &self.view.report.policy.profile;
        let values = [
            ("colon", self.words.get("colon")),
            ("policy", self.words.of(&profile.name)),
            ("version", profile.version.as_str()),
        ];
        line!(out, "\n{}", self.words.fill("page-about", &values));
    }
}

/// A name that can neither end a table's cell nor begin markup.
fn cell(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for character in text.chars() {
        match character {
            '|' | '\\' | '`' | '*' | '_' | '<' | '[' | ']' | '#' => out.extend(['\\', character]),
            _ if character.is_control() => out.push(' '),
            _ => out.push(character),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::{cell, write};
    use crate::report::words::LANGUAGES;
    use crate::report::{Extras, Words, sample};

    #[test]
    fn every_summary_is_whole() {
        for (name, report) in sample::reports() {
            for language in LANGUAGES {
                let text = write(&report, Words::new(language).unwrap(), &Extras::default());
                sample::save(&format!("{name}-{language}.md"), &text);
                assert!(text.starts_with("# ") && !text.contains("{n}") && !text.contains("SECRET"), "{text}");
                assert!(!text.contains("0000-4000"), "no ids: it is meant to be passed on");
                for table in text.split("\n\n").filter(|block| block.starts_with('|')) {
                    let cells: Vec<usize> = table.lines().map(|line| line.matches('|').count()).collect();
                    assert!(cells.iter().all(|count| *count == cells[0]), "{table}");
                }
            }
        }
        assert_eq!(cell("a|b\n*c*"), "a\\|b \\*c\\*");
    }
}
