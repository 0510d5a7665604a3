//! Google Gemini: Takeout's *My Activity* (JSON or HTML), the Workspace export of conversations, AI Studio's prompts.
//!
//! My Activity is a log of single prompts with their replies, newest first, and of other things done; what is no prompt is
//! counted, and prompts are grouped into conversations by their links or by silence.

use std::sync::Arc;

use super::catalog::{Catalog, Content, Entry};
use super::{Format, How, Sink, Task};
use crate::error::Result;
use crate::input::Member;

mod activity;
mod activity_html;
mod activity_json;
mod studio;
mod title;
mod workspace;

/// Takeout's My Activity and Workspace's conversations.
#[derive(Debug)]
pub(crate) struct Gemini;

/// AI Studio's prompt files.
#[derive(Debug)]
pub(crate) struct AiStudio;

/// Whether a product's name (or a header) is Gemini's, under its old name too.
fn is_ours(product: &str) -> bool {
    product.contains("Gemini") || product.contains("Bard")
}

impl Format for Gemini {
    fn id(&self) -> &'static str {
        "gemini"
    }

    fn about(&self) -> &'static str {
        "Google Gemini: Takeout My Activity (MyActivity.json or .html) and Workspace conversation_N.txt"
    }

    fn plan(&self, catalog: &mut Catalog) -> Vec<Task> {
        let mut tasks = Vec::new();
        let forced = catalog.forces(self.id());
        for i in catalog.free(|entry| reader(entry, forced).is_some()) {
            let Some(read) = reader(&catalog.entries[i], forced) else { continue };
            let members = vec![catalog.claim(i, self.id())];
            let stream = move |members: &[Member], sink: &mut dyn Sink| members.iter().try_for_each(|m| read(m, sink));
            tasks.push(Task { format: self.id(), members, how: How::Stream(Arc::new(stream)) });
        }
        for i in catalog.free(is_side_file) {
            catalog.skip(i, "not_chat", "");
        }
        tasks
    }
}

type Read = fn(&Member, &mut dyn Sink) -> Result<()>;

fn reader(entry: &Entry, forced: bool) -> Option<Read> {
    match entry.content {
        Content::Json if is_activity(entry) => (forced || ours(entry)).then_some(activity_json::read as Read),
        Content::Json if entry.shape().has("conversation_turns[].user_turn") => Some(workspace::read),
        Content::Json if entry.shape().has("conversation_turns[].system_turn") => Some(workspace::read),
        Content::Html if is_activity_page(entry) => (forced || ours(entry)).then_some(activity_html::read as Read),
        _ => None,
    }
}

fn is_activity(entry: &Entry) -> bool {
    let shape = entry.shape();
    ["title", "time"].into_iter().all(|key| shape.has_record(key))
        && ["header", "products"].into_iter().any(|key| shape.has_record(key))
}

fn is_activity_page(entry: &Entry) -> bool {
    entry.head.contains("outer-cell") && entry.head.contains("content-cell")
}

/// Other products keep their activity in files of the same shape; a long file can name Gemini after its head.
fn ours(entry: &Entry) -> bool {
    !entry.whole || is_ours(&entry.head)
}

/// Other products' activity, Gems, and Takeout's table of contents.
fn is_side_file(entry: &Entry) -> bool {
    let activity = entry.content == Content::Json && is_activity(entry)
        || entry.content == Content::Html && is_activity_page(entry);
    let takeout = entry.member.path.contains("Takeout/")
        && matches!(entry.content, Content::Html | Content::Json)
        && !is_studio(entry);
    activity || takeout || matches!(entry.name(), "archive_browser.html" | "gemini_gems_data.html")
}

fn is_studio(entry: &Entry) -> bool {
    entry.content == Content::Json && entry.shape().has("chunkedPrompt.chunks")
}

impl Format for AiStudio {
    fn id(&self) -> &'static str {
        "ai_studio"
    }

    fn about(&self) -> &'static str {
        "Google AI Studio prompts from Drive (files without an extension): chunkedPrompt with chunks"
    }

    fn plan(&self, catalog: &mut Catalog) -> Vec<Task> {
        let found = catalog.free(is_studio);
        let task = |i| {
            let members = vec![catalog.claim(i, self.id())];
            let stream =
                |members: &[Member], sink: &mut dyn Sink| members.iter().try_for_each(|m| studio::read(m, sink));
            Task { format: self.id(), members, how: How::Stream(Arc::new(stream)) }
        };
        found.into_iter().map(task).collect()
    }
}
