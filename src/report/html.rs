//! The report as one self-contained page: no script, nothing loaded from anywhere, light and dark, screen and paper.

use askama::Template;

use super::chart;
use super::view::{CategoryRow, ScopeRow, View};
use super::view_left::{DeletionRow, ListedRows, TopicRow};
use super::words::Words;
use super::{InputFile, Report};
use crate::error::{Error, ErrorKind, Result};
use crate::finding::{Disclosure, Intent};
use crate::policy::{Known, Uses};
use crate::tally::{Month, MonthTally};

/// Rows that a table shows at once; the others wait behind a fold.
const FIRST: usize = 10;
/// Months that a chart shows one by one; more are joined to years.
const MONTHS: usize = 48;

/// The page in the words of a language.
pub fn write(report: &Report, words: Words) -> Result<String> {
    let page = Page::new(&View { report, words });
    page.render().map_err(|error| Error::new(ErrorKind::Data, error.to_string()).at("page.html"))
}

/// A number beside its bar, under a name.
struct Bar {
    name: String,
    /// A line below the name.
    note: String,
    svg: String,
    numbers: Vec<String>,
}

struct Fact<'a> {
    says: &'a str,
    mark: &'static str,
    sources: String,
}

struct Disagreement<'a> {
    question: &'a str,
    state: &'a str,
    holds: String,
    against: String,
}

struct Step {
    name: String,
    numbers: [String; 4],
}

struct Chat {
    id: String,
    link: Option<String>,
    platform: String,
    days: String,
    numbers: [String; 2],
    categories: String,
    ends: Option<String>,
}

/// A topic's estimate, part by part, and its segments.
struct Sold {
    name: String,
    parts: Vec<String>,
    segments: [String; 3],
}

#[derive(Template)]
#[template(path = "page.html", config = "src/report/askama.toml")]
struct Page<'a> {
    words: Words,
    about: String,
    extent: String,
    sentences: Vec<String>,
    strip: String,
    strip_rows: Vec<(&'static str, &'static str, String, String)>,
    cover: Option<(String, String)>,
    condition: Option<String>,
    some: bool,
    limits_title: String,
    limits_lead: String,
    limits_condition: Option<String>,
    unlisted_title: String,
    unlisted_lead: String,
    placement: bool,
    limits: Vec<Bar>,
    zero: Option<String>,
    unlisted: Vec<Bar>,
    scopes: Vec<ScopeRow>,
    told: Option<String>,
    topics: Vec<Bar>,
    more_topics: Vec<Bar>,
    more_topics_label: String,
    intent: String,
    estimate: Option<String>,
    sold: Vec<Sold>,
    listed: Option<ListedRows>,
    proxies: Option<String>,
    columns: Option<String>,
    span: [String; 2],
    yearly: bool,
    steps: Vec<Step>,
    undated: Option<String>,
    advice: Vec<String>,
    deletion_sum: Option<String>,
    chats: Vec<Chat>,
    more_chats: Vec<Chat>,
    more_chats_label: String,
    unjudged: Option<String>,
    thresholds: String,
    ledger: Vec<(&'static str, Vec<String>)>,
    trouble: Vec<(&'a str, String)>,
    manifest: Vec<(&'static str, String)>,
    inputs: &'a [InputFile],
    facts: Vec<Fact<'a>>,
    facts_label: String,
    disagreements: Vec<Disagreement<'a>>,
    checked: String,
}

impl<'a> Page<'a> {
    fn new(view: &View<'a>) -> Self {
        let (words, report, summary) = (view.words, view.report, view.summary());
        let profile = &report.policy.profile;
        let (read, days) = view.extent();
        let rows = view.topics();
        let mut topics = topic_bars(view, &rows);
        let more_topics = topics.split_off(topics.len().min(FIRST));
        let deletions = view.deletions();
        let mut chats: Vec<Chat> = deletions.iter().map(|one| chat(view, one)).collect();
        let more_chats = chats.split_off(chats.len().min(FIRST));
        let (columns, span, yearly, steps) = time(view);
        let buying = words.number(summary.intents[Intent::Purchase as usize]);
        let interested = words.number(summary.intents[Intent::Interest as usize]);
        let thresholds: Vec<String> =
            report.manifest.thresholds.iter().map(|(category, value)| format!("{category} {value:.2}")).collect();
        Page {
            words,
            about: words.fill(
                "page-about",
                &[
                    ("colon", words.get("colon")),
                    ("policy", profile.name.get(words.language())),
                    ("version", &profile.version),
                ],
            ),
            extent: [Some(read), days].into_iter().flatten().collect::<Vec<_>>().join(" · "),
            sentences: view.sum_up(),
            strip: strip(view),
            strip_rows: strip_rows(view),
            cover: view.cover(),
            condition: view.condition(),
            some: summary.messages > 0,
            limits_title: view.of_list(if view.has_list() { "limits-title" } else { "limits-title-none" }),
            limits_lead: view.of_list(if view.has_list() { "limits-lead" } else { "limits-lead-none" }),
            limits_condition: view.condition().filter(|_| view.has_list() && report.list.is_none()),
            unlisted_title: view.of_list("unlisted-title"),
            unlisted_lead: view.of_list(if view.has_list() { "unlisted-lead" } else { "unlisted-lead-none" }),
            placement: report.list.is_none() && profile.exclusion_kind.as_deref() == Some("placement"),
            limits: category_bars(view, &view.limits()),
            zero: view.zero(),
            unlisted: category_bars(view, &view.unlisted()),
            scopes: view.scopes(),
            told: view.told(),
            more_topics_label: words.count("left-rest", more_topics.len() as u64, &[]),
            topics,
            more_topics,
            intent: words.fill("left-intent", &[("buy", &buying), ("interest", &interested)]),
            estimate: view.archive(),
            sold: rows.iter().map(|row| sold(view, row)).collect(),
            listed: view.listed(),
            proxies: view.proxies(),
            columns,
            span,
            yearly,
            steps,
            undated: (summary.undated > 0).then(|| words.count("time-undated", summary.undated, &[])),
            advice: advice(view),
            more_chats_label: words.count("more_chats", more_chats.len() as u64, &[]),
            deletion_sum: view.deletion_sum(&deletions[..deletions.len().min(FIRST)]),
            chats,
            more_chats,
            unjudged: view.unjudged(),
            thresholds: thresholds.join(", "),
            ledger: view.ledger(),
            trouble: view.trouble(),
            manifest: manifest(view),
            inputs: &report.manifest.inputs,
            facts: facts(view),
            facts_label: words.count("facts", profile.facts.len() as u64, &[]),
            disagreements: disagreements(view),
            checked: words.fill("sure-checked", &[("date", &profile.checked_until)]),
        }
    }
}

/// The three parts of all messages: on excluded topics, left for ads, neither.
fn parts(view: &View) -> [(u64, &'static str); 3] {
    let summary = view.summary();
    let rest = summary.messages - summary.off_limits - summary.left;
    [(summary.off_limits, "limit"), (summary.left, "left"), (rest, "rest")]
}

fn strip(view: &View) -> String {
    chart::bar(&parts(view), view.summary().messages)
}

fn strip_rows(view: &View) -> Vec<(&'static str, &'static str, String, String)> {
    let words = view.words;
    let first = match view.report.list {
        Some(_) => words.get("strip-limits-list"),
        None if view.has_list() => words.get("strip-limits"),
        None => words.get("strip-limits-none"),
    };
    let labels = [first, words.get("strip-left"), words.get("strip-rest")];
    let row = |((count, class), label): ((u64, &'static str), &'static str)| {
        (class, label, words.number(count), words.percent(count, view.summary().messages))
    };
    parts(view).into_iter().zip(labels).map(row).collect()
}

fn category_bars(view: &View, rows: &[CategoryRow]) -> Vec<Bar> {
    let most = view.limits().iter().chain(&view.unlisted()).map(|row| row.messages).max().unwrap_or(0);
    let bar = |row: &CategoryRow| {
        let [oneself, another, general] = row.disclosures;
        Bar {
            name: row.name.clone(),
            note: row.named_by.clone(),
            svg: chart::bar(&[(oneself, "one"), (another, "two"), (general, "three")], most),
            numbers: [row.messages, oneself, another, general, row.conversations].map(|n| number(view.words, n)).into(),
        }
    };
    rows.iter().map(bar).collect()
}

fn topic_bars(view: &View, rows: &[TopicRow]) -> Vec<Bar> {
    let most = rows.iter().map(|row| row.messages).max().unwrap_or(0);
    let bar = |row: &TopicRow| {
        let rest = row.messages - row.purchase - row.interest;
        let points = row.potential.map_or(0, |potential| u64::from(potential.points));
        Bar {
            svg: chart::bar(&[(row.purchase, "one"), (row.interest, "two"), (rest, "three")], most),
            numbers: [row.messages, row.purchase, row.interest, points, row.conversations]
                .map(|n| number(view.words, n))
                .into(),
            name: row.name.clone(),
            note: String::new(),
        }
    };
    rows.iter().map(bar).collect()
}

fn sold(view: &View, row: &TopicRow) -> Sold {
    let parts = row.potential.map_or_else(Vec::new, |one| {
        let parts = [one.strength, one.recurrence, one.recency, one.intent, one.value];
        let mut cells = vec![one.points.to_string()];
        cells.extend(parts.map(|part| view.words.decimal(part)));
        cells
    });
    Sold { name: row.name.clone(), parts, segments: row.segments.clone() }
}

/// A number in a table; nothing is a dash of its own, easier to pass over than a 0.
fn number(words: Words, number: u64) -> String {
    if number == 0 { "–".to_owned() } else { words.number(number) }
}

/// The chart over time, its ends, whether its steps are years, and the table behind it.
fn time(view: &View) -> (Option<String>, [String; 2], bool, Vec<Step>) {
    let (words, months) = (view.words, &view.summary().months);
    let Some((first, last)) = months.keys().next().zip(months.keys().next_back()) else {
        return (None, [String::new(), String::new()], false, Vec::new());
    };
    let all: Vec<Month> =
        std::iter::successors(Some(*first), |month| Some(month.next())).take_while(|month| month <= last).collect();
    let yearly = all.len() > MONTHS;
    let mut steps: Vec<(String, MonthTally)> = Vec::new();
    for month in all {
        let name = if yearly { month.year().to_string() } else { words.month(month) };
        let sums = months.get(&month).copied().unwrap_or_default();
        match steps.last_mut().filter(|(last, _)| *last == name) {
            Some((_, year)) => {
                year.messages += sums.messages;
                year.off_limits += sums.off_limits;
                year.left += sums.left;
            }
            None => steps.push((name, sums)),
        }
    }
    let rest = |sums: &MonthTally| sums.messages - sums.off_limits - sums.left;
    let columns: Vec<[u64; 3]> = steps.iter().map(|(_, sums)| [sums.off_limits, sums.left, rest(sums)]).collect();
    let ends = [steps.first(), steps.last()].map(|step| step.map_or_else(String::new, |(name, _)| name.clone()));
    let peak = steps.iter().rev().max_by_key(|(_, sums)| sums.messages);
    let (peak, most) = peak.map_or(("", 0), |(name, sums)| (name.as_str(), sums.messages));
    let label =
        words.fill("time-desc", &[("first", &ends[0]), ("last", &ends[1]), ("peak", peak), ("n", &words.number(most))]);
    let svg = chart::columns(&columns, ["limit", "left", "rest"], &label);
    let row = |(name, sums): &(String, MonthTally)| Step {
        name: name.clone(),
        numbers: [sums.messages, sums.off_limits, sums.left, rest(sums)].map(|n| number(words, n)),
    };
    (Some(svg), ends, yearly, steps.iter().map(row).collect())
}

fn chat(view: &View, row: &DeletionRow) -> Chat {
    let (words, exposure) = (view.words, row.exposure);
    Chat {
        link: row.link.clone(),
        id: exposure.conversation_id.clone(),
        platform: words.platform(exposure.platform).to_owned(),
        days: view.exposure_days(exposure),
        numbers: [number(words, exposure.about_oneself), row.removed.clone()],
        categories: view.exposure_categories(exposure),
        ends: row.ends.clone(),
    }
}

fn advice(view: &View) -> Vec<String> {
    let (words, profile) = (view.words, &view.report.policy.profile);
    let product = [("product", view.product())];
    let mut advice = Vec::new();
    match profile.choice.opt_out {
        Known::No => advice.push(words.fill("do-opt_out-no", &product)),
        Known::Yes => advice.push(words.fill("do-opt_out-yes", &product)),
        Known::Unknown => {}
    }
    if profile.linkage.as_ref().is_some_and(|linkage| !linkage.requires_added.is_empty()) {
        advice.push(words.get("do-linkage").to_owned());
    }
    if profile.deletion_withdraws == Known::Unknown && matches!(profile.uses, Uses::Yes | Uses::Unknown) {
        advice.push(words.get("do-deletion-unknown").to_owned());
    }
    if profile.choice.controls.iter().any(|control| control == "ads-preferences") {
        advice.push(words.get("do-preferences").to_owned());
    }
    if view.summary().disclosures[Disclosure::Oneself as usize] > 0 {
        advice.push(words.get("do-not_tell").to_owned());
    }
    advice.push(words.get("do-here").to_owned());
    advice
}

fn manifest(view: &View) -> Vec<(&'static str, String)> {
    let (words, manifest) = (view.words, &view.report.manifest);
    let arguments = manifest.options.arguments();
    let options = if arguments.is_empty() { words.get("manifest-defaults").to_owned() } else { arguments.join(" ") };
    let profile = &view.report.policy.profile;
    let mut rows = vec![
        (words.get("manifest-version"), manifest.version.clone()),
        (words.get("manifest-policy"), format!("{} ({})", profile.id, profile.version)),
        (words.get("manifest-options"), options),
        (words.get("manifest-lexicon"), manifest.lexicon_sha256.clone()),
    ];
    // Records that were read back do not say with which lexicon they were made.
    rows.retain(|(_, value)| !value.is_empty());
    rows
}

fn facts<'a>(view: &View<'a>) -> Vec<Fact<'a>> {
    let fact = |fact: &'a crate::policy::Fact| Fact {
        says: fact.says.get(view.words.language()),
        mark: fact.mark.name(),
        sources: fact.sources.join("; "),
    };
    view.report.policy.profile.facts.iter().map(fact).collect()
}

fn disagreements<'a>(view: &View<'a>) -> Vec<Disagreement<'a>> {
    let words = view.words;
    let side = |side: &crate::policy::Side| format!("{} ({})", side.says, side.sources.join("; "));
    let one = |one: &'a crate::policy::Contradiction| Disagreement {
        question: &one.question,
        state: if one.resolved { words.get("sure-resolved") } else { words.get("sure-open") },
        holds: side(&one.holds),
        against: side(&one.against),
    };
    view.report.policy.profile.contradictions.iter().map(one).collect()
}

#[cfg(test)]
mod tests {
    use super::write;
    use crate::report::{Words, sample};

    #[test]
    fn every_page_is_whole_and_holds_no_text() {
        for (name, report) in sample::reports() {
            for language in ["en", "fr"] {
                let page = write(&report, Words::new(language).unwrap()).unwrap();
                sample::save(&format!("{name}-{language}.html"), &page);
                assert!(page.starts_with("<!DOCTYPE html>") && page.trim_end().ends_with("</html>"));
                for bad in ["SECRET", "<script", "@import", "url(", "src=", "{n}", "{{"] {
                    assert!(!page.contains(bad), "{name}-{language}: {bad}");
                }
                for tag in ["table", "section", "details", "svg", "p", "td", "th", "tr", "ul", "li", "div", "dl"] {
                    let opened = page.matches(&format!("<{tag}>")).count() + page.matches(&format!("<{tag} ")).count();
                    assert_eq!(opened, page.matches(&format!("</{tag}>")).count(), "{name}-{language}: {tag}");
                }
            }
        }
    }
}
