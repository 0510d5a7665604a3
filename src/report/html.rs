//! The report as one self-contained page: nothing loaded from anywhere, light and dark, screen and paper. Without `--quote`
//! there is no script in it, and none of the messages' words.

use askama::Template;

use super::view::{ScopeRow, View};
use super::view_left::{ListedRows, ProxyReason};
use super::words::Words;
use super::{Extras, InputFile, Report, csp, quality};
use crate::error::{Error, ErrorKind, Result};
use crate::finding::Intent;

mod browse;
mod flow;
mod rows;
mod time;

use browse::Browse;
use rows::{Bar, Chat, Disagreement, Fact, Quality, Setting, Sold, number};
use time::Time;

/// Rows that a table shows at once; the others wait behind a fold.
const FIRST: usize = 10;
const STYLE: &str = include_str!("page.css");

/// The page in the words of a language.
pub fn write(report: &Report, words: Words) -> Result<String> {
    write_with(report, words, &Extras::default())
}

/// The page, with what was made besides the report.
pub fn write_with(report: &Report, words: Words, extras: &Extras) -> Result<String> {
    let page = Page::new(&View { report, words }, extras);
    page.render().map_err(|error| Error::new(ErrorKind::Data, error.to_string()).at("page.html"))
}

#[derive(Template)]
#[template(path = "page.html", config = "src/report/askama.toml")]
struct Page<'a> {
    words: Words,
    policy: String,
    style: &'static str,
    script: Option<&'static str>,
    about: String,
    vow: Vec<String>,
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
    nothing: String,
    unlisted: Vec<Bar>,
    flow: Option<String>,
    scopes: Vec<ScopeRow>,
    places: Vec<Bar>,
    told: Option<String>,
    topics: Vec<Bar>,
    more_topics: Vec<Bar>,
    more_topics_label: String,
    intent: String,
    estimate: Option<String>,
    sold: Vec<Sold>,
    listed: Option<ListedRows>,
    proxies: Option<String>,
    proxy_rows: Vec<Bar>,
    proxy_reasons: Vec<ProxyReason<'a>>,
    time: Time,
    undated: Option<String>,
    advice: Vec<String>,
    settings: Vec<Setting>,
    deletion_sum: Option<String>,
    titled: bool,
    chats: Vec<Chat>,
    more_chats: Vec<Chat>,
    more_chats_label: String,
    browse: Option<Browse>,
    quality: Vec<Quality>,
    quality_lead: String,
    unjudged: Option<String>,
    leaks_languages: Option<String>,
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
    fn new(view: &View<'a>, extras: &Extras) -> Self {
        let (words, report, summary) = (view.words, view.report, view.summary());
        let profile = &report.policy.profile;
        let (read, days) = view.extent();
        let topic_rows = view.topics();
        let mut topics = rows::topic_bars(view, &topic_rows);
        let more_topics = topics.split_off(topics.len().min(FIRST));
        let deletions = view.deletions();
        let mut chats: Vec<Chat> = deletions.iter().map(|one| rows::chat(view, one, extras)).collect();
        let more_chats = chats.split_off(chats.len().min(FIRST));
        let buying = words.number(summary.intents[Intent::Purchase as usize]);
        let interested = words.number(summary.intents[Intent::Interest as usize]);
        let thresholds: Vec<String> =
            report.manifest.thresholds.iter().map(|(category, value)| format!("{category} {value:.2}")).collect();
        let script = extras.quotes.is_some().then_some(browse::SCRIPT);
        Page {
            words,
            policy: csp::policy(STYLE, script),
            style: STYLE,
            script,
            about: words.fill(
                "page-about",
                &[("colon", words.get("colon")), ("policy", words.of(&profile.name)), ("version", &profile.version)],
            ),
            vow: view.vow(extras),
            extent: [Some(read), days].into_iter().flatten().collect::<Vec<_>>().join(" · "),
            sentences: view.sum_up(),
            strip: rows::strip(view),
            strip_rows: rows::strip_rows(view),
            cover: view.cover(),
            condition: view.condition(),
            some: summary.messages > 0,
            limits_title: view.of_list(if view.has_list() { "limits-title" } else { "limits-title-none" }),
            limits_lead: view.of_list(if view.has_list() { "limits-lead" } else { "limits-lead-none" }),
            limits_condition: view.condition().filter(|_| view.has_list() && report.list.is_none()),
            unlisted_title: view.of_list("unlisted-title"),
            unlisted_lead: view.of_list(if view.has_list() { "unlisted-lead" } else { "unlisted-lead-none" }),
            placement: report.list.is_none() && profile.exclusion_kind.as_deref() == Some("placement"),
            limits: rows::category_bars(view, &view.limits()),
            zero: view.zero(),
            nothing: view.nothing(),
            unlisted: rows::category_bars(view, &view.unlisted()),
            flow: flow::flow(view),
            scopes: view.scopes(),
            places: rows::place_bars(view),
            told: view.told(),
            more_topics_label: words.count("left-rest", more_topics.len() as u64, &[]),
            topics,
            more_topics,
            intent: words.fill("left-intent", &[("buy", &buying), ("interest", &interested)]),
            estimate: view.archive(),
            sold: topic_rows.iter().map(|row| rows::sold(view, row)).collect(),
            listed: view.listed(),
            proxies: view.proxies(),
            proxy_rows: rows::proxy_bars(view),
            proxy_reasons: view.proxy_reasons(),
            time: Time::of(view),
            undated: (summary.undated > 0).then(|| words.count("time-undated", summary.undated, &[])),
            advice: rows::advice(view),
            settings: rows::settings(view),
            more_chats_label: words.count("more_chats", more_chats.len() as u64, &[]),
            deletion_sum: view.deletion_sum(&deletions[..deletions.len().min(FIRST)]),
            titled: extras.titles.is_some(),
            chats,
            more_chats,
            browse: extras.quotes.map(|quotes| Browse::of(view, quotes)),
            quality: rows::quality(view),
            quality_lead: words.fill("quality-lead", &[("version", quality::version())]),
            unjudged: view.unjudged(),
            leaks_languages: rows::leaks_languages(view),
            thresholds: thresholds.join(", "),
            ledger: view.ledger(),
            trouble: view.trouble(),
            manifest: rows::manifest(view),
            inputs: &report.manifest.inputs,
            facts: rows::facts(view),
            facts_label: words.count("facts", profile.facts.len() as u64, &[]),
            disagreements: rows::disagreements(view),
            checked: words.fill("sure-checked", &[("date", &profile.checked_until)]),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::write;
    use crate::report::words::LANGUAGES;
    use crate::report::{Words, sample};

    #[test]
    fn every_page_is_whole_and_holds_no_text() {
        for (name, report) in sample::reports() {
            for language in LANGUAGES {
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
