//! Claude's data export: `conversations.json`, or one file a conversation.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use serde::Deserialize;

use super::catalog::Content;
use super::json::{self, Id, Lax, List, Text, TextOr, Time};
use super::roles::{Speaker, speaker};
use super::{Catalog, Entry, Format, How, Sink, Split, Task};
use crate::chat::{Conversation, Message};
use crate::error::Result;

/// The format.
pub(crate) struct Claude;

impl Format for Claude {
    fn id(&self) -> &'static str {
        "claude"
    }

    fn about(&self) -> &'static str {
        "Claude data export (zip, conversations.json, one file a conversation): conversations with chat_messages"
    }

    fn id_keys(&self) -> &'static [&'static str] {
        &["uuid"]
    }

    fn plan(&self, catalog: &mut Catalog) -> Vec<Task> {
        let forced = catalog.forces(self.id());
        let wanted = |e: &Entry| e.content == Content::Json && (forced || layout(e).is_some());
        let found: Vec<(usize, Split)> = catalog
            .free(wanted)
            .into_iter()
            .map(|i| (i, layout(&catalog.entries[i]).unwrap_or(Split::Elements(None))))
            .collect();
        if found.is_empty() {
            return Vec::new();
        }
        // Whole documents and lines are split differently; within one export all files are of one kind.
        let mut tasks = Vec::new();
        for split in [Split::Elements(None), Split::Elements(Some("conversations")), Split::Lines] {
            let entries = found.iter().filter(|(_, own)| *own == split);
            let members: Vec<_> = entries.map(|&(entry, _)| catalog.claim(entry, self.id())).collect();
            if !members.is_empty() {
                tasks.push(Task { format: self.id(), members, how: How::Records(split, Arc::new(parse)) });
            }
        }
        let members = tasks.iter().flat_map(|task| &task.members);
        let roots: HashSet<String> = members.map(|m| root(m.folder(), "conversations/").to_owned()).collect();
        // What Claude remembers of the person may lie in a zip of its own.
        for entry in catalog.free(|e| e.content == Content::Json && e.shape().has_record("conversations_memory")) {
            catalog.skip(entry, "profile", "");
        }
        for entry in catalog.free(|e| e.content == Content::Json && is_side_file(e, &roots)) {
            catalog.skip(entry, "not_chat", "");
        }
        tasks
    }
}

/// How conversations lie in a member, if it has any.
fn layout(entry: &Entry) -> Option<Split> {
    let shape = entry.shape();
    if shape.has_record("chat_messages") {
        Some(shape.split())
    } else {
        shape.has("conversations[].chat_messages").then_some(Split::Elements(Some("conversations")))
    }
}

/// The folder that a download begins in, seen from one of its sub-folders.
fn root<'a>(folder: &'a str, inside: &str) -> &'a str {
    folder.strip_suffix(inside).unwrap_or(folder)
}

/// Account, projects and memories, and the bare index that stands beside single conversation files.
fn is_side_file(entry: &Entry, roots: &HashSet<String>) -> bool {
    let folder = entry.member.folder();
    if roots.contains(folder) {
        let is_index = entry.name() == "conversations.json" && entry.shape().has_record("uuid");
        return is_index || matches!(entry.name(), "users.json" | "projects.json" | "memories.json");
    }
    ["projects/", "memories/", "design_chats/"].iter().any(|f| folder.ends_with(f) && roots.contains(root(folder, f)))
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct Chat {
    uuid: Id,
    name: Text,
    updated_at: Time,
    current_leaf_message_uuid: Id,
    chat_messages: List<Lax<Said>>,
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct Said {
    uuid: Id,
    text: Text,
    sender: TextOr<Lax<Sender>>,
    role: Text,
    created_at: Time,
    parent_message_uuid: Id,
    content: TextOr<List<Lax<Block>>>,
    attachments: List<Lax<Attachment>>,
    files: List<serde::de::IgnoredAny>,
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct Sender {
    role: Text,
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct Block {
    r#type: Text,
    text: Text,
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct Attachment {
    extracted_content: Text,
}

impl Said {
    fn speaker(&self) -> Speaker {
        match &self.sender {
            TextOr::Text(name) => speaker(name),
            TextOr::Other(sender) => {
                let role = sender.0.role.0.as_deref().or(self.role.0.as_deref());
                role.map_or(Speaker::Unknown, speaker)
            }
        }
    }
}

fn parse(record: &[u8], number: u64, sink: &mut dyn Sink) -> Result<()> {
    let chat: Lax<Chat> = json::parse(record)?;
    let chat = chat.0;
    let branch = current_branch(&chat);
    sink.skip("other_branch", (chat.chat_messages.0.len() - branch.len()) as u64);
    let is_local = chat.uuid.0.is_none();
    let id = chat.uuid.0.unwrap_or_else(|| format!("line-{number}"));
    let mut conversation = Conversation::new("claude", Some("web"), id);
    conversation.id_is_local = is_local;
    conversation.title = chat.name.0.filter(|name| !name.is_empty());
    conversation.updated_at = chat.updated_at.at();
    let mut said: Vec<Option<Said>> = chat.chat_messages.0.into_iter().map(|said| Some(said.0)).collect();
    for said in branch.into_iter().filter_map(|at| said[at].take()) {
        match said.speaker() {
            Speaker::Known(role) => {
                let mut message = Message::new(role, String::new());
                fill(&mut message, said, sink);
                conversation.messages.push(message);
            }
            Speaker::LeftOut(reason) => sink.skip(reason, 1),
            Speaker::Unknown => sink.skip("system", 1),
        }
    }
    sink.conversation(conversation)
}

/// The current branch, oldest first. Exports of 2023 and 2024 have no parents: there the order of the file is all.
fn current_branch(chat: &Chat) -> Vec<usize> {
    let all = &chat.chat_messages.0;
    if all.iter().all(|said| said.0.parent_message_uuid.0.is_none()) {
        return (0..all.len()).collect();
    }
    let places: HashMap<&str, usize> =
        all.iter().enumerate().filter_map(|(at, said)| Some((said.0.uuid.0.as_deref()?, at))).collect();
    let place = |id: &Id| id.0.as_deref().and_then(|id| places.get(id).copied());
    let parents: HashSet<&str> = all.iter().filter_map(|said| said.0.parent_message_uuid.0.as_deref()).collect();
    let is_leaf = |said: &Said| said.uuid.0.as_deref().is_none_or(|id| !parents.contains(id));
    let newest = || {
        let leaves = all.iter().enumerate().filter(|(_, said)| is_leaf(&said.0));
        leaves.max_by_key(|(at, said)| (said.0.created_at.at(), *at)).map(|(at, _)| at)
    };
    let mut next = place(&chat.current_leaf_message_uuid).or_else(newest).or(all.len().checked_sub(1));
    let mut seen = vec![false; all.len()];
    let mut branch = Vec::new();
    while let Some(at) = next.filter(|&at| !std::mem::replace(&mut seen[at], true)) {
        branch.push(at);
        next = place(&all[at].0.parent_message_uuid);
    }
    branch.reverse();
    branch
}

/// The flat text without what stands in it for blocks that are not text.
fn without_placeholders(text: String) -> String {
    const PLACEHOLDER: &str = "This block is not supported on your current device yet.";
    if !text.contains(PLACEHOLDER) {
        return text;
    }
    text.replace(&format!("```\n{PLACEHOLDER}\n```"), "").replace(PLACEHOLDER, "")
}

fn fill(message: &mut Message, said: Said, sink: &mut dyn Sink) {
    let mut texts = Vec::new();
    let mut thought = false;
    let blocks = match said.content {
        TextOr::Text(text) => {
            texts.push(text);
            Vec::new()
        }
        TextOr::Other(blocks) => blocks.0,
    };
    for Lax(block) in blocks {
        let reason = match block.r#type.0.as_deref() {
            None | Some("text" | "voice_note") => {
                texts.extend(block.text.0);
                continue;
            }
            Some("thinking" | "redacted_thinking") => "reasoning",
            Some("token_budget") => "system",
            Some("image" | "document" | "file") => "attachment",
            Some(_) => "tool",
        };
        thought |= reason == "reasoning";
        sink.skip(reason, 1);
    }
    texts.retain(|text| !text.trim().is_empty());
    message.text = texts.join("\n");
    // The flat text repeats the blocks, with a placeholder for each block that is not text.
    if message.text.is_empty() && !thought {
        message.text = without_placeholders(said.text.0.unwrap_or_default());
    }
    let unread = said.files.0.len();
    let (read, unread_attachments): (Vec<_>, Vec<_>) =
        said.attachments.0.into_iter().map(|a| a.0.extracted_content.0).partition(Option::is_some);
    message.attachments = read.into_iter().flatten().collect();
    sink.skip("attachment", (unread + unread_attachments.len()) as u64);
    message.id = said.uuid.0;
    message.sent_at = said.created_at.at();
    message.local_time = said.created_at.is_local();
}
