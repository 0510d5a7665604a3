//! `--min-cell`: reports on a group, from which no small count can be read or worked out.
//!
//! Every count is rounded down to a multiple of `k`. A count under `k` is then 0, like one that is 0. No other count needs to
//! be hidden for its sake: all counts are blurred alike, so that a total less its parts leaves a span of at least `k` values
//! for what was hidden, where hiding single cells would leave it exactly. What is about single chats or moments is left out: the
//! delete list, ids, first and last day, a download's own interests. Two reports on groups that differ by one person are not
//! protected from one another; publish one.
//!
//! Law: sums stay sound, for rounding down never makes parts exceed their whole.

use std::collections::BTreeMap;

use super::Report;
use crate::tally::{CategoryTally, Summary, TopicTally};

impl Report {
    /// The report with every count rounded down to a multiple of `k`, and nothing on single conversations.
    #[must_use]
    pub fn rounded_down(&self, k: u64) -> Report {
        let mut report = self.clone();
        let k = k.max(1);
        report.manifest.options.min_cell = Some(k);
        report.listed.clear();
        report.told.notice = None;
        let ledger = &mut report.ledger;
        [&mut ledger.conversations, &mut ledger.messages].into_iter().for_each(|count| down(count, k));
        counts(&mut ledger.skipped, k);
        summary(&mut report.summary, k);
        report
    }
}

fn down(count: &mut u64, k: u64) {
    *count -= *count % k;
}

fn counts<Key: Ord>(counts: &mut BTreeMap<Key, u64>, k: u64) {
    counts.values_mut().for_each(|count| down(count, k));
    counts.retain(|_, count| *count > 0);
}

fn summary(sums: &mut Summary, k: u64) {
    let single = [
        &mut sums.messages,
        &mut sums.conversations,
        &mut sums.chars,
        &mut sums.undated,
        &mut sums.off_limits,
        &mut sums.off_limits_conversations,
        &mut sums.unlisted,
        &mut sums.with_topic,
        &mut sums.left,
    ];
    single.into_iter().for_each(|count| down(count, k));
    let lists = sums.scopes.iter_mut().chain(&mut sums.ad_use).chain(&mut sums.disclosures).chain(&mut sums.intents);
    lists.for_each(|count| down(count, k));
    (sums.first, sums.last) = (None, None);
    sums.exposures.clear();
    [&mut sums.roles, &mut sums.platforms, &mut sums.not_classified, &mut sums.reasons]
        .into_iter()
        .for_each(|map| counts(map, k));
    counts(&mut sums.surfaces, k);
    [&mut sums.languages, &mut sums.unjudged].into_iter().for_each(|map| counts(map, k));
    sums.categories.values_mut().for_each(|tally| category(tally, k));
    sums.categories.retain(|_, tally| tally.messages > 0);
    for topics in [&mut sums.topics, &mut sums.tiers] {
        topics.values_mut().for_each(|tally| topic(tally, k));
        topics.retain(|_, tally| tally.messages > 0);
    }
    for proxy in sums.proxies.values_mut() {
        [&mut proxy.messages, &mut proxy.left].into_iter().for_each(|count| down(count, k));
        counts(&mut proxy.rules, k);
    }
    sums.proxies.retain(|_, proxy| proxy.messages > 0);
    for month in sums.months.values_mut() {
        [&mut month.messages, &mut month.off_limits, &mut month.left].into_iter().for_each(|count| down(count, k));
    }
    sums.months.retain(|_, month| month.messages > 0);
}

fn category(tally: &mut CategoryTally, k: u64) {
    [&mut tally.messages, &mut tally.conversations].into_iter().for_each(|count| down(count, k));
    let lists = tally.disclosures.iter_mut().chain(&mut tally.disclosure_conversations).chain(&mut tally.ad_use);
    lists.for_each(|count| down(count, k));
    counts(&mut tally.months, k);
}

fn topic(tally: &mut TopicTally, k: u64) {
    let before = tally.left.max(1);
    let single =
        [&mut tally.messages, &mut tally.left, &mut tally.purchase, &mut tally.interest, &mut tally.conversations];
    single.into_iter().for_each(|count| down(count, k));
    tally.ad_use.iter_mut().for_each(|count| down(count, k));
    // The mean probability stays what it was.
    tally.score = tally.score * tally.left / before;
    counts(&mut tally.months, k);
}

#[cfg(test)]
mod tests {
    use crate::report::words::LANGUAGES;
    use crate::report::{Words, html, json, sample, terminal};

    fn numbers(value: &serde_json::Value, out: &mut Vec<u64>) {
        match value {
            serde_json::Value::Number(number) => out.extend(number.as_u64()),
            serde_json::Value::Array(items) => items.iter().for_each(|item| numbers(item, out)),
            // Parameters and estimates are no counts.
            serde_json::Value::Object(members) => members
                .iter()
                .filter(|(key, _)| !["potential", "min_cell", "messages_looked_up"].contains(&key.as_str()))
                .for_each(|(_, member)| numbers(member, out)),
            _ => {}
        }
    }

    #[test]
    fn no_small_count_and_no_single_chat_is_left() {
        for (name, report) in sample::reports() {
            let rounded = report.rounded_down(10);
            let document: serde_json::Value = serde_json::from_str(&json::write(&rounded)).unwrap();
            let mut counts = Vec::new();
            numbers(&document["summary"], &mut counts);
            counts.retain(|count| count % 10 != 0);
            // Topics tell in how many months they were: a number of rounded cells.
            let months: Vec<u64> = rounded
                .summary
                .topics
                .values()
                .chain(rounded.summary.tiers.values())
                .map(|t| t.months.len() as u64)
                .collect();
            counts.retain(|count| !months.contains(count));
            assert_eq!(counts, [0; 0], "{name}");
            assert!(rounded.summary.exposures.is_empty() && rounded.summary.first.is_none());
        }
    }

    #[test]
    fn a_hidden_count_is_never_called_none() {
        let (_, report) = sample::reports().swap_remove(0);
        let rounded = report.rounded_down(1_000);
        for language in LANGUAGES {
            let words = Words::new(language).unwrap();
            let page = html::write(&rounded, words).unwrap();
            let text = terminal::write(&rounded, words, terminal::Style::default());
            for never in [
                "None of",
                "Aucun des",
                words.get("limits-nothing"),
                words.get("sum-self-none"),
                words.get("sum-left-none"),
            ] {
                assert!(!page.contains(never) && !text.contains(never), "{language}: {never}\n{text}");
            }
            sample::save(&format!("min-cell-{language}.html"), &page);
        }
    }

    #[test]
    fn a_total_less_its_parts_tells_nothing_exact() {
        // Hidden parts of 1 and of 9 give the same report where the rest is the same.
        let shown = |hidden: u64| [30 + hidden, 17, 13, hidden].map(|count| count - count % 10);
        assert_eq!(shown(1), shown(9));
    }
}
