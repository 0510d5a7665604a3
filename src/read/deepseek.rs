//! DeepSeek's data export: a tree of messages made of fragments, without roles and without a current node.

use serde::Deserialize;

use super::branch::{self, Node};
use super::catalog::Content;
use super::json::{self, Id, Lax, List, Pairs, Text, Time};
use super::{Catalog, Entry, Format, Sink, Task};
use crate::chat::{Conversation, Message, Role};
use crate::error::Result;

/// The format.
pub(crate) struct DeepSeek;

impl Format for DeepSeek {
    fn id(&self) -> &'static str {
        "deepseek"
    }

    fn about(&self) -> &'static str {
        "DeepSeek data export (zip, conversations.json): a mapping of messages with fragments"
    }

    fn id_keys(&self) -> &'static [&'static str] {
        &["id"]
    }

    fn plan(&self, catalog: &mut Catalog) -> Vec<Task> {
        let known = |entry: &Entry| {
            let shape = entry.shape();
            shape.has_record("mapping") && shape.paths.iter().any(|path| path.ends_with(".message.fragments"))
        };
        let tasks = catalog.claim_records(self.id(), known, parse);
        if !tasks.is_empty() {
            for entry in catalog.free(|e| e.content == Content::Json && e.name() == "user.json") {
                catalog.skip(entry, "not_chat", "");
            }
        }
        tasks
    }
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct Chat {
    id: Id,
    title: Text,
    updated_at: Time,
    mapping: Pairs<Lax<Branching>>,
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct Branching {
    parent: Id,
    message: Option<Lax<Said>>,
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct Said {
    inserted_at: Time,
    files: List<serde::de::IgnoredAny>,
    fragments: List<Lax<Fragment>>,
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct Fragment {
    r#type: Text,
    content: Text,
}

fn parse(record: &[u8], number: u64, sink: &mut dyn Sink) -> Result<()> {
    let Lax(chat): Lax<Chat> = json::parse(record)?;
    let is_local = chat.id.0.is_none();
    let id = chat.id.0.unwrap_or_else(|| format!("line-{number}"));
    let mut conversation = Conversation::new("deepseek", Some("web"), id);
    conversation.id_is_local = is_local;
    conversation.title = chat.title.0.filter(|title| !title.is_empty());
    conversation.updated_at = chat.updated_at.at();
    let mut nodes = chat.mapping.0;
    for at in current_branch(&nodes) {
        if let Some(Lax(said)) = nodes[at].1.0.message.take() {
            conversation.messages.extend(messages(said, sink));
        }
    }
    let left = nodes.iter().filter(|(_, node)| node.0.message.is_some()).count();
    sink.skip("other_branch", left as u64);
    sink.conversation(conversation)
}

/// The branch of the newest leaf. An answer can be stamped before its question: times choose the leaf, the tree the order.
fn current_branch(nodes: &[(String, Lax<Branching>)]) -> Vec<usize> {
    let node = |(id, Lax(node)): &'_ (String, Lax<Branching>)| {
        let at = node.message.as_ref().and_then(|said| said.0.inserted_at.at());
        (id.clone(), node.parent.0.clone(), at)
    };
    let known: Vec<_> = nodes.iter().map(node).collect();
    let tree = known.iter().map(|(id, parent, rank)| Node { id: Some(id), parent: parent.as_deref(), rank: *rank });
    branch::best(&tree.collect::<Vec<_>>())
}

/// The message of a node. Fragments tell the role; reasoning, searches and tools are between them.
fn messages(said: Said, sink: &mut dyn Sink) -> Vec<Message> {
    sink.skip("attachment", said.files.0.len() as u64);
    let mut messages: Vec<Message> = Vec::new();
    for Lax(fragment) in said.fragments.0 {
        let kind = fragment.r#type.0.map(|kind| kind.to_ascii_uppercase());
        let role = match kind.as_deref() {
            Some("REQUEST") => Role::User,
            Some("RESPONSE") => Role::Assistant,
            Some("THINK") => {
                sink.skip("reasoning", 1);
                continue;
            }
            Some("FILE") => {
                sink.skip("attachment", 1);
                continue;
            }
            _ => {
                sink.skip("tool", 1);
                continue;
            }
        };
        let text = fragment.content.0.unwrap_or_default();
        match messages.last_mut().filter(|last| last.role == role) {
            Some(last) => {
                last.text.push('\n');
                last.text.push_str(&text);
            }
            None => messages.push(Message::new(role, text)),
        }
    }
    for message in &mut messages {
        message.sent_at = said.inserted_at.at();
        message.local_time = said.inserted_at.is_local();
    }
    messages
}
