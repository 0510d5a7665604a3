//! What will be read: every member of an input either belongs to a task or has a line that says why not.

use std::collections::BTreeSet;

use super::catalog::{Content, Entry, State};
use super::ledger::FileLine;
use super::{Catalog, FORMATS, Format, Task, strangers};
use crate::error::{Error, ErrorKind, Result};
use crate::input::Member;

/// The tasks of one input, and what is left out.
#[derive(Clone, Default)]
pub struct Plan {
    /// The input's path as the user gave it.
    pub input: String,
    /// What is read, in this order.
    pub tasks: Vec<Task>,
    /// One line a member that no task reads.
    pub left_out: Vec<FileLine>,
    /// What the input seems to be when nothing in it is read, and what to ask for instead.
    pub advice: Option<&'static str>,
}

impl Plan {
    /// About so many bytes the tasks will read, where something is known of all members beforehand.
    pub fn bytes(&self) -> Option<u64> {
        self.tasks.iter().flat_map(|task| &task.members).map(Member::expected).sum()
    }

    /// The formats that were recognised.
    pub fn formats(&self) -> BTreeSet<&'static str> {
        self.tasks.iter().map(|task| task.format).collect()
    }
}

/// How the page of an earlier run is told, which may lie in the folder that is read.
const OWN_PAGE: &str = r#"<meta name="generator" content="offlimits">"#;

/// Whether a text begins with a record as a scan writes it.
pub fn begins_like_records(head: &str) -> bool {
    let first = head.lines().find(|line| !line.trim().is_empty()).unwrap_or_default();
    let keys = [r#""conversation_id":"#, r#""sensitive":["#, r#""scope_reasons":["#, r#""ad_use":"#];
    keys.iter().all(|key| first.contains(key))
}

/// The format of that name.
pub fn format_named(name: &str) -> Option<&'static dyn Format> {
    FORMATS.iter().copied().find(|format| format.id() == name)
}

/// Offers the members to the formats, in their order; with `only`, to that one alone, which may then claim whatever it can
/// read at all.
pub fn plan(catalog: &mut Catalog, only: Option<&str>) -> Result<Plan> {
    let mut plan = Plan { input: catalog.input.clone(), ..Plan::default() };
    for page in catalog.free(|entry| entry.content == Content::Html && entry.head.contains(OWN_PAGE)) {
        catalog.skip(page, "not_chat", "a page that offlimits made");
    }
    // By themselves they are read as chats, where they quote; beside chats they would count these twice.
    if only.is_none() && catalog.entries.len() > 1 {
        for records in catalog.free(|entry| entry.content == Content::Json && begins_like_records(&entry.head)) {
            catalog.skip(records, "not_chat", "records that offlimits made");
        }
    }
    match only {
        None => {
            for format in FORMATS {
                plan.tasks.extend(format.plan(catalog));
            }
        }
        Some(name) => {
            let format = format_named(name).ok_or_else(|| {
                Error::new(ErrorKind::Usage, format!("there is no format named {name}; see `offlimits formats`"))
            })?;
            catalog.forced = Some(format.id());
            plan.tasks.extend(format.plan(catalog));
        }
    }
    let read = !plan.tasks.is_empty();
    if !read {
        plan.advice = strangers::download(catalog);
    }
    plan.left_out = catalog.entries.iter().filter_map(|entry| left_out(entry, read)).collect();
    Ok(plan)
}

/// `read`: the input holds chats that are read. What lies beside them in a download and is no chat is nothing to worry
/// about.
fn left_out(entry: &Entry, read: bool) -> Option<FileLine> {
    let (reason, detail) = match &entry.state {
        State::Claimed(_) => return None,
        State::Skipped(reason, detail) => (*reason, detail.clone()),
        State::Free if read => ("beside", seen(entry)),
        State::Free if entry.content == Content::Empty => ("empty", String::new()),
        State::Free if entry.whole && matches!(entry.head.trim(), "[]" | "{}") => ("empty", String::new()),
        State::Free => ("unrecognised", seen(entry)),
    };
    Some(FileLine { place: entry.member.place(), format: None, reason: Some(reason), detail })
}

/// What an unrecognised member is, or looks like: its keys, never its values.
fn seen(entry: &Entry) -> String {
    if let Some(words) = strangers::name(entry) {
        return words.to_owned();
    }
    match entry.content {
        Content::Json => match entry.shape().top_keys() {
            [] => "begins like JSON, but has no keys".to_owned(),
            keys => format!("JSON with the keys {}", keys.join(", ")),
        },
        Content::Html => "HTML".to_owned(),
        Content::Text => "text without speakers".to_owned(),
        Content::Binary => "no text".to_owned(),
        Content::Empty => String::new(),
    }
}
