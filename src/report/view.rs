//! What the terminal and the page show, worked out once: sentences and rows, not yet laid out.

use super::words::Words;
use super::{Check, Extras, Names, Report};
use crate::finding::{CategoryId, Disclosure, Intent, Scope};
use crate::policy::Policy;
use crate::read::ledger::FileLine;
use crate::tally::{CategoryTally, Summary, reasons_for};

/// How far the policy covers what was read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Coverage {
    /// Nothing was classified.
    Empty,
    /// All of it.
    Covered,
    /// None of it: other companies' chats.
    Elsewhere,
    /// None of it, for other reasons.
    Outside,
    /// It cannot be told of any message.
    Unknown,
    /// Some of each.
    Mixed,
    /// Other companies' chats, counted as the policy's own.
    AsIf,
}

/// A sensitive category.
pub(super) struct CategoryRow {
    pub(super) name: String,
    pub(super) messages: u64,
    pub(super) disclosures: [u64; 3],
    pub(super) conversations: u64,
    /// Which lists name it.
    pub(super) named_by: String,
}

/// One answer to the question of scope.
pub(super) struct ScopeRow {
    pub(super) scope: Scope,
    pub(super) name: &'static str,
    pub(super) messages: u64,
    pub(super) reasons: Vec<ReasonRow>,
}

/// Why, and what would change it.
pub(super) struct ReasonRow {
    pub(super) words: &'static str,
    pub(super) messages: u64,
    pub(super) fix: Option<String>,
}

/// A report in the words of a language.
pub(super) struct View<'a> {
    pub(super) report: &'a Report,
    pub(super) words: Words,
}

impl<'a> View<'a> {
    pub(super) fn summary(&self) -> &'a Summary {
        &self.report.summary
    }

    pub(super) fn names(&self) -> &'a Names {
        &self.report.names
    }

    pub(super) fn product(&self) -> &'a str {
        self.words.of(&self.report.policy.profile.product)
    }

    /// Whether there is a list of topics: that of a law, or those that the policy says stay out.
    pub(super) fn has_list(&self) -> bool {
        self.report.list.is_some() || self.report.policy.profile.excluded.as_ref().is_some_and(|list| !list.is_empty())
    }

    /// The name of the list that the report is drawn by, where it is not the policy's own.
    pub(super) fn list_name(&self) -> &'a str {
        self.report.list.map_or("", |law| self.words.of(&law.name))
    }

    /// The key of a sentence, in its form for a list other than the policy's own where the report is drawn by one.
    pub(super) fn by_list(&self, key: &str) -> String {
        if self.report.list.is_some() { format!("{key}-list") } else { key.to_owned() }
    }

    /// A sentence in that form.
    pub(super) fn of_list(&self, key: &str) -> String {
        self.words.fill(&self.by_list(key), &[("list", self.list_name())])
    }

    pub(super) fn coverage(&self) -> Coverage {
        let summary = self.summary();
        let all = |count: Option<&u64>| count.copied() == Some(summary.messages);
        match summary.scopes {
            _ if summary.messages == 0 => Coverage::Empty,
            _ if summary.reasons.contains_key("as_if") => Coverage::AsIf,
            [covered, ..] if covered == summary.messages => Coverage::Covered,
            [_, out, _] if out == summary.messages && all(summary.reasons.get("other_platform")) => Coverage::Elsewhere,
            [_, out, _] if out == summary.messages => Coverage::Outside,
            [.., unknown] if unknown == summary.messages => Coverage::Unknown,
            _ => Coverage::Mixed,
        }
    }

    /// `if this were Meta AI`, where the counts are an if.
    pub(super) fn condition(&self) -> Option<String> {
        let key = match self.coverage() {
            Coverage::Elsewhere => "if-elsewhere",
            Coverage::Outside => "if-outside",
            Coverage::Unknown => "if-unknown",
            Coverage::AsIf => "if-as_if",
            Coverage::Empty | Coverage::Covered | Coverage::Mixed => return None,
        };
        Some(self.words.fill(key, &[("product", self.product())]))
    }

    /// The sentences that sum it up; the first one can stand alone.
    pub(super) fn sum_up(&self) -> Vec<String> {
        let (words, summary) = (self.words, self.summary());
        if let Some(few) = self.few().filter(|_| summary.off_limits == 0) {
            return self.sum_up_few(&few);
        }
        if summary.messages == 0 {
            return vec![words.get("sum-empty").to_owned(), words.get("sum-empty-why").to_owned()];
        }
        let unjudged: u64 = summary.unjudged.values().sum();
        if unjudged == summary.messages {
            return self.unjudged().into_iter().collect();
        }
        let all = words.number(summary.messages);
        let share = words.percent(summary.off_limits, summary.messages);
        let list = ("list", self.list_name());
        let filled = [("m", all.as_str()), ("p", share.as_str()), list];
        let mut sentences = vec![match (self.has_list(), summary.off_limits) {
            (true, 0) => words.count(&self.by_list("sum-none"), summary.messages, &[list]),
            (false, 0) => words.count("sum-unlisted-none", summary.messages, &[]),
            (true, 1) if summary.messages == 1 => words.fill(&self.by_list("sum-found-single"), &[list]),
            (true, found) => words.count(&self.by_list("sum-found"), found, &filled),
            (false, found) => words.count("sum-unlisted-found", found, &filled),
        }];
        // A few messages without a lexicon are told at the end; where there are many, nobody shall think that they were clean.
        sentences.extend(self.unjudged().filter(|_| unjudged * 20 >= summary.messages));
        match (summary.off_limits, summary.disclosures[Disclosure::Oneself as usize]) {
            (0, _) => {}
            (1, 0) => {}
            (1, _) if summary.messages == 1 => sentences.push(words.get("sum-self-single").to_owned()),
            (_, 0) if self.few().is_some() => {}
            (_, 0) => sentences.push(words.get("sum-self-none").to_owned()),
            (_, oneself) => sentences.push(words.count("sum-self", oneself, &[])),
        }
        if summary.off_limits < summary.messages && (summary.left > 0 || self.few().is_none()) {
            sentences.push(self.sum_up_left());
        }
        sentences
    }

    /// The count under which none is told, as a number; none where all are.
    fn few(&self) -> Option<String> {
        self.report.manifest.options.min_cell.map(|cell| self.words.number(cell))
    }

    /// What can be said where the count of sensitive messages may not be told.
    fn sum_up_few(&self, few: &str) -> Vec<String> {
        let (words, summary) = (self.words, self.summary());
        let all = words.number(summary.messages);
        if summary.messages == 0 {
            return vec![words.fill("sum-few-all", &[("k", few)])];
        }
        let mut sentences = vec![words.fill("sum-few", &[("k", few), ("m", &all)])];
        if summary.left > 0 {
            sentences.push(self.sum_up_left());
        }
        sentences
    }

    /// What stands where a table has no row.
    pub(super) fn nothing(&self) -> String {
        match self.few() {
            Some(few) => self.words.fill("limits-few", &[("k", &few)]),
            None => self.words.get("limits-nothing").to_owned(),
        }
    }

    fn sum_up_left(&self) -> String {
        let (words, summary) = (self.words, self.summary());
        let (some, none) = match summary.off_limits {
            0 => ("sum-left-plain", "sum-left-plain-none"),
            _ => ("sum-left", "sum-left-none"),
        };
        if summary.left == 0 {
            return words.get(none).to_owned();
        }
        let mut sentence = words.count(some, summary.left, &[]);
        let buying = summary.intents[Intent::Purchase as usize];
        if buying > 0 {
            sentence += ", ";
            sentence += &words.count("sum-left-buy", buying, &[]);
        }
        sentence + "."
    }

    /// `1,204 messages in 153 conversations` and the days, where they are known.
    pub(super) fn extent(&self) -> (String, Option<String>) {
        let (words, summary) = (self.words, self.summary());
        let messages = words.count("messages", summary.messages, &[]);
        let conversations = words.count("conversations", summary.conversations, &[]);
        let read = words.fill("read_from", &[("messages", &messages), ("conversations", &conversations)]);
        let days = summary.first.zip(summary.last).map(|(first, last)| match (words.day(first), words.day(last)) {
            (first, last) if first == last => first,
            (first, last) => format!("{first}\u{a0}– {last}"),
        });
        (read, days)
    }

    /// What the page holds of the chats, and what became of its check.
    pub(super) fn vow(&self, extras: &Extras) -> Vec<String> {
        let words = self.words;
        let key = match (extras.quotes, extras.titles) {
            (Some(_), _) => "vow-quotes",
            (None, Some(_)) => "vow-titles",
            (None, None) => "vow-counts",
        };
        let check = extras.check.filter(|_| extras.quotes.is_none()).map(|check| self.checked(check));
        let cell = self.report.manifest.options.min_cell;
        let cell = cell.map(|cell| words.fill("vow-min_cell", &[("n", &words.number(cell))]));
        [Some(words.get(key).to_owned()), check, cell].into_iter().flatten().collect()
    }

    /// What became of the check.
    fn checked(&self, check: Check) -> String {
        match check {
            Check { echoes: 0, messages } => self.words.count("vow-checked", messages, &[]),
            Check { echoes, .. } => self.words.count("vow-echoes", echoes, &[]),
        }
    }

    /// Title and text on whether the policy covers this.
    pub(super) fn cover(&self) -> Option<(String, String)> {
        let (words, summary) = (self.words, self.summary());
        let key = match self.coverage() {
            Coverage::Empty => return None,
            Coverage::Covered => "covered",
            Coverage::Elsewhere => "elsewhere",
            Coverage::Outside => "outside",
            Coverage::Unknown => "unknown",
            Coverage::Mixed => "mixed",
            Coverage::AsIf if summary.scopes[Scope::Out as usize] == summary.messages => "as_if-out",
            Coverage::AsIf => "as_if",
        };
        let platforms: Vec<String> = summary.platforms.keys().map(|id| words.platform(id).to_owned()).collect();
        let scope = if self.coverage() == Coverage::Unknown { Scope::Unknown } else { Scope::Out };
        let reasons: Vec<String> = reasons_for(summary, scope)
            .iter()
            .map(|(code, count)| match *count == summary.messages {
                true => words.reason(code).to_owned(),
                false => format!("{} ({})", words.reason(code), words.number(*count)),
            })
            .collect();
        let colon = words.get("colon");
        let parts =
            ["scope-in", "scope-out", "scope-unknown"].into_iter().zip(summary.scopes).filter(|(_, count)| *count > 0);
        let parts: Vec<String> =
            parts.map(|(key, count)| format!("{}{colon}{}", words.get(key), words.number(count))).collect();
        let values = [
            ("product", self.product()),
            ("platforms", &words.list(&platforms)),
            ("reasons", &reasons.join("; ")),
            ("parts", &parts.join(". ")),
        ];
        // Nothing covered, and some that cannot be told, is no part covered.
        let title = if key == "mixed" && summary.scopes[0] == 0 { "doubtful" } else { key };
        let said = |prefix: &str, key: &str| words.fill(&format!("{prefix}{key}"), &values);
        let (title, text) = (said("cover-title-", title), said("cover-", key));
        Some((title, text))
    }

    /// The first policy of the platform that most messages are from, where it is not the one that was asked.
    pub(super) fn own_policy(&self) -> Option<(&'static str, &'static str)> {
        let (platform, _) = self.summary().platforms.iter().max_by_key(|(_, messages)| **messages)?;
        let policy = Policy::of_platform(platform).next().filter(|id| *id != self.report.policy.id())?;
        Some((platform, policy))
    }

    fn category_row(&self, category: CategoryId, tally: &CategoryTally) -> CategoryRow {
        CategoryRow {
            name: self.names().category(category, self.words).to_owned(),
            messages: tally.messages,
            disclosures: tally.disclosures,
            conversations: tally.conversations,
            named_by: self.named_by(category),
        }
    }

    fn rows(&self, excluded: bool) -> Vec<CategoryRow> {
        let wanted = |category: CategoryId| self.report.excluded(category) == excluded;
        let tallies =
            self.summary().categories.iter().filter(|(category, tally)| wanted(**category) && tally.messages > 0);
        let mut rows: Vec<CategoryRow> = tallies.map(|(category, tally)| self.category_row(*category, tally)).collect();
        rows.sort_by_key(|row| std::cmp::Reverse(row.messages));
        rows
    }

    /// Categories that the policy leaves out, most messages first.
    pub(super) fn limits(&self) -> Vec<CategoryRow> {
        self.rows(true)
    }

    /// Sensitive categories that are on no list of the policy.
    pub(super) fn unlisted(&self) -> Vec<CategoryRow> {
        self.rows(false)
    }

    /// `None on religion and union.`
    pub(super) fn zero(&self) -> Option<String> {
        let ids = (0..self.names().categories.len()).map(|place| CategoryId(place as u8));
        let none =
            |category: &CategoryId| self.summary().categories.get(category).is_none_or(|tally| tally.messages == 0);
        let names: Vec<String> = ids
            .filter(|category| self.report.excluded(*category) && none(category))
            .map(|category| self.words.lower(self.names().category(category, self.words)))
            .collect();
        let list = names.join(", ");
        (!names.is_empty()).then(|| match self.few() {
            Some(few) => self.words.fill("limits-zero-few", &[("list", &list), ("k", &few)]),
            None => self.words.fill("limits-zero", &[("list", &list)]),
        })
    }

    /// The answers to the question of scope that some message got.
    pub(super) fn scopes(&self) -> Vec<ScopeRow> {
        let keys = [(Scope::In, "scope-in"), (Scope::Out, "scope-out"), (Scope::Unknown, "scope-unknown")];
        let row = |(scope, key): (Scope, &'static str)| ScopeRow {
            scope,
            name: self.words.get(key),
            messages: self.summary().scopes[scope as usize],
            reasons: reasons_for(self.summary(), scope)
                .into_iter()
                .map(|(code, messages)| ReasonRow { words: self.words.reason(code), messages, fix: self.fix(code) })
                .collect(),
        };
        keys.into_iter().map(row).filter(|row| row.messages > 0).collect()
    }

    fn fix(&self, code: &str) -> Option<String> {
        if self.report.manifest.options.as_if && code.contains("platform") {
            return None;
        }
        let text = self.words.coded("fix-", code)?;
        Some(text.replace("{product}", self.product()))
    }

    /// `12 in German`-like list of languages of which nothing could be said.
    pub(super) fn unjudged(&self) -> Option<String> {
        let mut languages: Vec<_> = self.summary().unjudged.iter().collect();
        languages.sort_by_key(|(tag, count)| (std::cmp::Reverse(**count), *tag));
        let sum: u64 = languages.iter().map(|(_, count)| **count).sum();
        // The tag of no language is a word in German.
        let name =
            |tag: &str| if tag == "und" { self.words.get("language-unknown").to_owned() } else { tag.to_owned() };
        let mut list: Vec<String> = languages
            .iter()
            .take(6)
            .map(|(tag, count)| format!("{} {}", name(tag), self.words.number(**count)))
            .collect();
        if languages.len() > 6 {
            list.push("…".to_owned());
        }
        (sum > 0).then(|| self.words.count("sure-unjudged", sum, &[("list", &list.join(", "))]))
    }

    /// The ledger as labelled lists.
    pub(super) fn ledger(&self) -> Vec<(&'static str, Vec<String>)> {
        let (words, ledger) = (self.words, &self.report.ledger);
        let read = ledger.files.iter().filter(|file| file.format.is_some()).count() as u64;
        let text = words.fill(
            "ledger-read",
            &[
                ("read", &words.number(read)),
                ("files", &words.count("files", ledger.files.len() as u64, &[])),
                ("conversations", &words.count("conversations", ledger.conversations, &[])),
                ("messages", &words.count("messages", ledger.messages, &[])),
                ("bytes", &words.bytes(ledger.bytes)),
            ],
        );
        let mut lines = vec![(words.get("ledger-title"), vec![text])];
        let summary = self.summary();
        let passed =
            summary.not_classified.iter().map(|(code, count)| (words.coded("passed-", code).unwrap_or("?"), *count));
        let unjudged = summary.unjudged.values().sum::<u64>();
        let passed = passed.chain([(words.get("passed-lang"), unjudged)]);
        self.counted(&mut lines, "ledger-passed", passed.collect());
        let mut files: std::collections::BTreeMap<&str, u64> = std::collections::BTreeMap::new();
        for file in ledger.files.iter().filter(|file| !is_trouble(file)) {
            if let Some(reason) = file.reason {
                *files.entry(reason).or_default() += 1;
            }
        }
        self.counted(&mut lines, "ledger-files_out", files.iter().map(|(code, n)| (words.ledger(code), *n)).collect());
        let records = ledger.skipped.iter().map(|(code, count)| (words.ledger(code), *count));
        self.counted(&mut lines, "ledger-records_out", records.collect());
        lines
    }

    fn counted(
        &self,
        lines: &mut Vec<(&'static str, Vec<String>)>,
        key: &'static str,
        mut counts: Vec<(&'static str, u64)>,
    ) {
        counts.retain(|(_, count)| *count > 0);
        counts.sort_by_key(|(_, count)| std::cmp::Reverse(*count));
        if !counts.is_empty() {
            let text = |(words, count): &(&str, u64)| format!("{words} ({})", self.words.number(*count));
            lines.push((self.words.get(key), counts.iter().map(text).collect()));
        }
    }

    /// Files that could not be read, or not wholly: place and reason.
    pub(super) fn trouble(&self) -> Vec<(&'a str, String)> {
        let troubled = self.report.ledger.files.iter().filter(|file| is_trouble(file));
        troubled
            .map(|file| {
                let reason = file.reason.map_or("", |code| self.words.ledger(code));
                let parts: Vec<&str> =
                    [reason, file.detail.as_str()].into_iter().filter(|part| !part.is_empty()).collect();
                (file.place.as_str(), parts.join(self.words.get("colon")))
            })
            .collect()
    }
}

/// Whether a file's line tells of something that should have been read.
fn is_trouble(file: &FileLine) -> bool {
    let reason = file.reason.unwrap_or_default();
    matches!(reason, "encrypted" | "unreadable" | "not_opened" | "unrecognised" | "limit" | "bad_record")
}
