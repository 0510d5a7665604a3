//! AI Studio's prompt files, as they lie in Google Drive.

use serde::Deserialize;

use crate::chat::{Conversation, Message, Role};
use crate::error::Result;
use crate::input::Member;
use crate::read::Sink;
use crate::read::json::{self, Flag, Lax, List, Text, Time};

#[derive(Deserialize, Default)]
#[serde(default)]
struct Prompt {
    #[serde(rename = "chunkedPrompt")]
    chunked: Lax<Chunked>,
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct Chunked {
    chunks: List<Lax<Chunk>>,
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct Chunk {
    role: Text,
    text: Text,
    #[serde(rename = "isThought")]
    is_thought: Flag,
    #[serde(rename = "createTime")]
    created: Time,
}

/// Reads one prompt file.
pub(crate) fn read(member: &Member, sink: &mut dyn Sink) -> Result<()> {
    let prompt: Prompt = json::parse(member.text()?.as_bytes())?;
    let mut conversation = Conversation::new("ai_studio", Some("web"), member.stem());
    conversation.id_is_title = true;
    conversation.id_is_local = true;
    conversation.title = Some(member.stem().to_owned());
    for Lax(chunk) in prompt.chunked.0.chunks.0 {
        match message(chunk) {
            Ok(message) => conversation.messages.push(message),
            Err(reason) => sink.skip(reason, 1),
        }
    }
    if conversation.messages.is_empty() { Ok(()) } else { sink.conversation(conversation) }
}

fn message(chunk: Chunk) -> std::result::Result<Message, &'static str> {
    if chunk.is_thought.0 {
        return Err("reasoning");
    }
    let role = match chunk.role.0.as_deref() {
        Some("user") => Role::User,
        Some("model") => Role::Assistant,
        _ => return Err("system"),
    };
    let text = chunk.text.0.unwrap_or_default().replace("\r\n", "\n");
    if text.trim().is_empty() {
        return Err("attachment");
    }
    let mut message = Message::new(role, text.trim());
    message.sent_at = chunk.created.at();
    message.local_time = chunk.created.is_local();
    Ok(message)
}
