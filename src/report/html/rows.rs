//! Rows of the page's tables and lists.

use super::super::chart;
use super::super::view::{CategoryRow, View};
use super::super::view_left::{DeletionRow, TopicRow};
use super::super::words::Words;
use super::super::{quality, settings};
use super::Extras;
use crate::finding::Disclosure;
use crate::policy::{Known, Uses};

/// A number beside its bar, under a name.
pub(super) struct Bar {
    pub(super) name: String,
    /// A line below the name.
    pub(super) note: String,
    pub(super) svg: String,
    pub(super) numbers: Vec<String>,
}

pub(super) struct Fact<'a> {
    pub(super) says: &'a str,
    pub(super) mark: &'static str,
    pub(super) sources: String,
}

pub(super) struct Disagreement<'a> {
    pub(super) question: &'a str,
    pub(super) state: &'a str,
    pub(super) holds: String,
    pub(super) against: String,
}

pub(super) struct Chat {
    pub(super) id: String,
    pub(super) title: Option<String>,
    pub(super) link: Option<String>,
    pub(super) platform: String,
    pub(super) days: String,
    pub(super) numbers: [String; 2],
    pub(super) categories: String,
    pub(super) ends: Option<String>,
}

/// A topic's estimate, part by part, and its segments.
pub(super) struct Sold {
    pub(super) name: String,
    pub(super) parts: Vec<String>,
    pub(super) segments: [String; 3],
}

/// Where a platform's chats are looked over and deleted.
pub(super) struct Setting {
    pub(super) platform: String,
    pub(super) url: &'static str,
    pub(super) way: &'static str,
    pub(super) source: String,
}

/// How well a language of the archive is judged.
pub(super) struct Quality {
    pub(super) language: String,
    pub(super) messages: String,
    pub(super) rows: String,
    pub(super) f1: String,
    pub(super) alarms: String,
}

/// The three parts of all messages: on excluded topics, left for ads, neither.
fn parts(view: &View) -> [(u64, &'static str); 3] {
    let summary = view.summary();
    let rest = summary.messages - summary.off_limits - summary.left;
    [(summary.off_limits, "limit"), (summary.left, "left"), (rest, "rest")]
}

pub(super) fn strip(view: &View) -> String {
    chart::bar(&parts(view), view.summary().messages)
}

pub(super) fn strip_rows(view: &View) -> Vec<(&'static str, &'static str, String, String)> {
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

pub(super) fn category_bars(view: &View, rows: &[CategoryRow]) -> Vec<Bar> {
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

pub(super) fn topic_bars(view: &View, rows: &[TopicRow]) -> Vec<Bar> {
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

pub(super) fn sold(view: &View, row: &TopicRow) -> Sold {
    let parts = row.potential.map_or_else(Vec::new, |one| {
        let parts = [one.strength, one.recurrence, one.recency, one.intent, one.value];
        let mut cells = vec![one.points.to_string()];
        cells.extend(parts.map(|part| view.words.decimal(part)));
        cells
    });
    Sold { name: row.name.clone(), parts, segments: row.segments.clone() }
}

/// A number in a table; nothing is a dash of its own, easier to pass over than a 0.
pub(super) fn number(words: Words, number: u64) -> String {
    if number == 0 { "–".to_owned() } else { words.number(number) }
}

pub(super) fn chat(view: &View, row: &DeletionRow, extras: &Extras) -> Chat {
    let (words, exposure) = (view.words, row.exposure);
    Chat {
        title: extras.title(exposure).map(str::to_owned),
        link: row.link.clone(),
        id: exposure.conversation_id.clone(),
        platform: words.platform(exposure.platform).to_owned(),
        days: view.exposure_days(exposure),
        numbers: [number(words, exposure.about_oneself), row.removed.clone()],
        categories: view.exposure_categories(exposure),
        ends: row.ends.clone(),
    }
}

pub(super) fn advice(view: &View) -> Vec<String> {
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

pub(super) fn manifest(view: &View) -> Vec<(&'static str, String)> {
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

pub(super) fn facts<'a>(view: &View<'a>) -> Vec<Fact<'a>> {
    let fact = |fact: &'a crate::policy::Fact| Fact {
        says: view.words.of(&fact.says),
        mark: fact.mark.name(),
        sources: fact.sources.join("; "),
    };
    view.report.policy.profile.facts.iter().map(fact).collect()
}

pub(super) fn disagreements<'a>(view: &View<'a>) -> Vec<Disagreement<'a>> {
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

/// Who, category by category, is given away by something else.
pub(super) fn proxy_bars(view: &View) -> Vec<Bar> {
    let mut rows: Vec<_> = view.summary().proxies.iter().filter(|(_, proxy)| proxy.messages > 0).collect();
    rows.sort_by_key(|(_, proxy)| std::cmp::Reverse((proxy.left, proxy.messages)));
    let most = rows.iter().map(|(_, proxy)| proxy.messages).max().unwrap_or(0);
    let bar = |(id, proxy): (&crate::finding::CategoryId, &crate::tally::Proxy)| Bar {
        name: view.names().category(*id, view.words).to_owned(),
        note: String::new(),
        svg: chart::bar(&[(proxy.left, "one"), (proxy.messages - proxy.left, "three")], most),
        numbers: [proxy.messages, proxy.left].map(|n| number(view.words, n)).into(),
    };
    rows.into_iter().map(bar).collect()
}

/// Messages by platform and app; empty where there is only one.
pub(super) fn place_bars(view: &View) -> Vec<Bar> {
    let (words, surfaces) = (view.words, &view.summary().surfaces);
    let mut rows: Vec<_> = surfaces.iter().filter(|(_, messages)| **messages > 0).collect();
    if rows.len() < 2 {
        return Vec::new();
    }
    rows.sort_by_key(|(_, messages)| std::cmp::Reverse(**messages));
    let most = rows.first().map_or(0, |(_, messages)| **messages);
    let bar = |((platform, surface), messages): (&(&'static str, &'static str), &u64)| {
        let platform = words.platform(platform);
        let name = match words.coded("surface-", surface).unwrap_or(surface) {
            "" => platform.to_owned(),
            surface => format!("{platform}, {surface}"),
        };
        let share = words.percent(*messages, view.summary().messages);
        let svg = chart::bar(&[(*messages, "all")], most);
        Bar { name, note: String::new(), svg, numbers: vec![words.number(*messages), share] }
    };
    rows.into_iter().map(bar).collect()
}

/// The settings of the platforms that the messages are from.
pub(super) fn settings(view: &View) -> Vec<Setting> {
    let words = view.words;
    let setting = |platform: &&'static str| {
        let setting = settings::of(platform)?;
        let source = format!("{} {}", setting.mark, setting.sources.join("; "));
        let way = words.of(&setting.way);
        Some(Setting { platform: words.platform(platform).to_owned(), url: &setting.url, way, source })
    };
    view.summary().platforms.keys().filter_map(setting).collect()
}

/// Which languages have a lexicon for leaks, where some message is in another one.
pub(super) fn leaks_languages(view: &View) -> Option<String> {
    let known: Vec<&quality::Score> = quality::scores().iter().filter(|score| score.leaks).collect();
    let elsewhere = |tag: &String| !known.iter().any(|score| score.tag == *tag);
    let name = |score: &&quality::Score| view.words.coded("lang-", &score.tag).unwrap_or(&score.tag).to_owned();
    let names: Vec<String> = known.iter().map(name).collect();
    let list = view.words.list(&names);
    view.summary().languages.keys().any(elsewhere).then(|| view.words.fill("leaks-languages", &[("list", &list)]))
}

/// The quality card: the archive's languages, most messages first; all of them where it has none.
pub(super) fn quality(view: &View) -> Vec<Quality> {
    let (words, languages) = (view.words, &view.summary().languages);
    let count = |tag: &str| languages.get(tag).copied().unwrap_or(0);
    let mut scores: Vec<&quality::Score> = quality::scores().iter().collect();
    if scores.iter().any(|score| count(&score.tag) > 0) {
        scores.retain(|score| count(&score.tag) > 0);
    }
    scores.sort_by_key(|score| std::cmp::Reverse(count(&score.tag)));
    let row = |score: &quality::Score| Quality {
        language: words.coded("lang-", &score.tag).unwrap_or(&score.tag).to_owned(),
        messages: number(words, count(&score.tag)),
        rows: words.number(score.rows),
        f1: words.decimal(score.f1),
        alarms: words.fill("quality-of", &[("n", &words.number(score.alarms)), ("m", &words.number(score.clean))]),
    };
    scores.into_iter().map(row).collect()
}
