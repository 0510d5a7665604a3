//! Mistral's Le Chat: a zip of `chat-<uuid>.json`, each an array of messages in no order.

use std::collections::HashMap;
use std::sync::Arc;

use serde::Deserialize;

use super::catalog::Content;
use super::json::{self, Id, Lax, List, Number, Text, Time};
use super::roles::{Speaker, speaker};
use super::split::each_record;
use super::{Catalog, Format, How, Shape, Sink, Split, Task};
use crate::chat::{Conversation, Message, Role};
use crate::error::Result;
use crate::input::Member;

/// The format.
pub(crate) struct Mistral;

impl Format for Mistral {
    fn id(&self) -> &'static str {
        "mistral"
    }

    fn about(&self) -> &'static str {
        "Mistral Le Chat export (zip of chat-….json): arrays of messages with chatId"
    }

    fn plan(&self, catalog: &mut Catalog) -> Vec<Task> {
        let forced = catalog.forces(self.id());
        let known = |shape: &Shape| shape.has_record("chatId") && shape.has_record("role");
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
#[serde(rename_all = "camelCase")]
struct Said {
    id: Id,
    chat_id: Id,
    version: Number,
    role: Text,
    content: Text,
    content_chunks: List<Lax<Chunk>>,
    created_at: Time,
    files: List<serde::de::IgnoredAny>,
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct Chunk {
    r#type: Text,
    text: Text,
}

fn read(member: &Member, sink: &mut dyn Sink) -> Result<()> {
    let mut chats: Vec<(String, Vec<Said>)> = Vec::new();
    let mut places: HashMap<String, usize> = HashMap::new();
    let mut versions: HashMap<(usize, String), usize> = HashMap::new();
    each_record(member, Split::Elements(None), &mut |record, number| {
        let said = match json::parse::<Lax<Said>>(record) {
            Ok(Lax(said)) => said,
            Err(error) => {
                sink.trouble(&format!("record {number}"), error.message());
                return Ok(());
            }
        };
        let id = said.chat_id.0.clone().unwrap_or_else(|| member.stem().to_owned());
        let place = *places.entry(id).or_insert_with_key(|id| {
            chats.push((id.clone(), Vec::new()));
            chats.len() - 1
        });
        let chat = &mut chats[place].1;
        let known = said.id.0.clone().map(|id| *versions.entry((place, id)).or_insert(chat.len()));
        match known.and_then(|at| chat.get_mut(at)) {
            None => chat.push(said),
            Some(same) => {
                // Of two versions of one message, the greater stays.
                sink.skip("other_branch", 1);
                if said.version.0 >= same.version.0 {
                    *same = said;
                }
            }
        }
        Ok(())
    })?;
    for (id, mut chat) in chats {
        chat.sort_by_key(|said| said.created_at.at());
        let mut conversation = Conversation::new("mistral", Some("web"), id);
        conversation.updated_at = chat.iter().filter_map(|said| said.created_at.at()).max();
        for said in chat {
            match speaker(said.role.0.as_deref().unwrap_or_default()) {
                Speaker::Known(role) => conversation.messages.push(message(role, said, sink)),
                Speaker::LeftOut(reason) => sink.skip(reason, 1),
                Speaker::Unknown => sink.skip("system", 1),
            }
        }
        sink.conversation(conversation)?;
    }
    Ok(())
}

/// Chunks repeat the content, with tools and references between their texts.
fn message(role: Role, said: Said, sink: &mut dyn Sink) -> Message {
    sink.skip("attachment", said.files.0.len() as u64);
    let mut text = String::new();
    for Lax(chunk) in said.content_chunks.0 {
        match chunk.r#type.0.as_deref() {
            Some("text") => text.push_str(chunk.text.0.as_deref().unwrap_or_default()),
            Some("tool_call") => sink.skip("tool", 1),
            Some("image_url") => sink.skip("attachment", 1),
            _ => sink.skip("tool", 1),
        }
    }
    if text.trim().is_empty() {
        text = said.content.0.unwrap_or_default();
    }
    let mut message = Message::new(role, text);
    message.id = said.id.0;
    message.sent_at = said.created_at.at();
    message.local_time = said.created_at.is_local();
    message
}
