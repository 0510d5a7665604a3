//! Perplexity threads, as third-party exporters write them; no official export was seen.

use std::sync::Arc;

use serde::Deserialize;

use super::catalog::Content;
use super::json::{self, Id, Lax, List, Text, TextOr, Time};
use super::{Catalog, Format, How, Shape, Sink, Task};
use crate::chat::{Conversation, Message, Role};
use crate::error::Result;
use crate::input::Member;

/// The format.
pub(crate) struct Perplexity;

impl Format for Perplexity {
    fn id(&self) -> &'static str {
        "perplexity"
    }

    fn about(&self) -> &'static str {
        "Perplexity threads of third-party exporters: conversations with query and answer, or entries with query_str"
    }

    fn plan(&self, catalog: &mut Catalog) -> Vec<Task> {
        let forced = catalog.forces(self.id());
        let known = |shape: &Shape| {
            shape.has("conversations[].query") && shape.has("conversations[].answer")
                || shape.has("entries[].query_str")
        };
        let found = catalog.free(|e| e.content == Content::Json && (forced || known(e.shape())));
        let task = |entry| {
            let members = vec![catalog.claim(entry, self.id())];
            let stream = |members: &[Member], sink: &mut dyn Sink| members.iter().try_for_each(|m| read(m, sink));
            Task { format: self.id(), members, how: How::Stream(Arc::new(stream)) }
        };
        found.into_iter().map(task).collect()
    }
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct Thread {
    metadata: Lax<About>,
    thread_metadata: Lax<About>,
    conversations: List<Lax<Turn>>,
    entries: List<Lax<Turn>>,
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct About {
    thread_id: Id,
    id: Id,
    uuid: Id,
    context_uuid: Id,
    thread_title: Text,
    title: Text,
}

impl About {
    fn id(&self) -> Option<String> {
        [&self.thread_id, &self.context_uuid, &self.uuid, &self.id].into_iter().find_map(|id| id.0.clone())
    }
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct Turn {
    uuid: Id,
    query: Text,
    query_str: Text,
    answer: Text,
    blocks: List<Lax<Block>>,
    timestamp: Time,
    entry_created_datetime: Time,
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct Block {
    markdown_block: Lax<Markdown>,
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct Markdown {
    answer: Text,
    chunks: List<TextOr<serde::de::IgnoredAny>>,
}

fn read(member: &Member, sink: &mut dyn Sink) -> Result<()> {
    let thread: Thread = json::parse(member.text()?.as_bytes())?;
    let abouts = [thread.metadata.0, thread.thread_metadata.0];
    let id = abouts.iter().find_map(About::id);
    let is_local = id.is_none();
    let id = id.unwrap_or_else(|| member.stem().to_owned());
    let mut conversation = Conversation::new("perplexity", Some("web"), id);
    conversation.id_is_local = is_local;
    let titles = abouts.into_iter().flat_map(|about| [about.thread_title.0, about.title.0]);
    conversation.title = titles.flatten().find(|title| !title.is_empty());
    for Lax(turn) in thread.conversations.0.into_iter().chain(thread.entries.0) {
        let time = Time(turn.timestamp.0.or(turn.entry_created_datetime.0));
        let query = turn.query.0.or(turn.query_str.0).unwrap_or_default();
        let answer = turn.answer.0.filter(|answer| !answer.trim().is_empty()).unwrap_or_else(|| blocks(turn.blocks));
        for (role, text) in [(Role::User, query), (Role::Assistant, answer)] {
            let mut message = Message::new(role, text);
            message.id = turn.uuid.0.clone();
            message.sent_at = time.at();
            message.local_time = time.is_local();
            conversation.messages.push(message);
        }
    }
    conversation.updated_at = conversation.messages.iter().filter_map(|message| message.sent_at).max();
    sink.conversation(conversation)
}

/// The answer out of its blocks: whole, or in the chunks in which it was streamed.
fn blocks(blocks: List<Lax<Block>>) -> String {
    let texts = blocks.0.into_iter().map(|Lax(block)| {
        let markdown = block.markdown_block.0;
        let chunks = markdown.chunks.0.into_iter().filter_map(|chunk| match chunk {
            TextOr::Text(text) => Some(text),
            TextOr::Other(_) => None,
        });
        markdown.answer.0.filter(|answer| !answer.trim().is_empty()).unwrap_or_else(|| chunks.collect())
    });
    texts.filter(|text| !text.trim().is_empty()).collect::<Vec<_>>().join("\n")
}
