//! Chats as OpenAI's API takes them: records with `messages` of `role` and `content`.

use serde::Deserialize;

use super::json::{self, Id, Lax, List, Role, Text, TextOr, Time};
use super::roles::Speaker;
use super::{Catalog, Entry, Format, Sink, Task};
use crate::chat::{Conversation, Message};
use crate::error::Result;

/// The format.
pub(crate) struct OpenAi;

impl Format for OpenAi {
    fn id(&self) -> &'static str {
        "openai_jsonl"
    }

    fn about(&self) -> &'static str {
        "Chats as the OpenAI API takes them (JSON lines or an array): records with messages of role and content"
    }

    fn id_keys(&self) -> &'static [&'static str] {
        &["id", "conversation_id"]
    }

    fn plan(&self, catalog: &mut Catalog) -> Vec<Task> {
        let known = |e: &Entry| e.shape().has_record("messages[].role") && e.shape().has_record("messages[].content");
        catalog.claim_records(self.id(), known, parse)
    }
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct Chat {
    id: Id,
    conversation_id: Id,
    title: Text,
    messages: List<Lax<Said>>,
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct Said {
    id: Id,
    role: Role,
    content: Parts,
    timestamp: Time,
    created_at: Time,
}

/// A message's content: a text, or a list of typed parts.
pub(crate) type Parts = TextOr<List<TextOr<Lax<Part>>>>;

/// One part of a content list.
#[derive(Deserialize, Default)]
#[serde(default)]
pub(crate) struct Part {
    r#type: Text,
    text: Text,
}

/// The text of a content, its parts joined; other parts are counted as attachments or tool calls.
pub(crate) fn text_of(content: Parts, sink: &mut dyn Sink) -> String {
    let parts = match content {
        TextOr::Text(text) => return text,
        TextOr::Other(parts) => parts.0,
    };
    let mut texts = Vec::new();
    for part in parts {
        match part {
            TextOr::Text(text) => texts.push(text),
            TextOr::Other(Lax(part)) => match (part.r#type.0.as_deref(), part.text.0) {
                (None | Some("text" | "input_text" | "output_text"), Some(text)) => texts.push(text),
                (Some("thinking" | "reasoning" | "redacted_thinking"), _) => sink.skip("reasoning", 1),
                (Some("tool_use" | "tool_result" | "function_call"), _) => sink.skip("tool", 1),
                (Some(_), _) => sink.skip("attachment", 1),
                (None, None) => {}
            },
        }
    }
    texts.join("\n")
}

/// The id of a record in a corpus: its own, or `line-N`. Whether it only counts within the file: a bare number does.
pub(crate) fn id_or_line(id: Option<String>, number: u64) -> (String, bool) {
    match id {
        Some(id) => {
            let local = id.bytes().all(|b| b.is_ascii_digit());
            (id, local)
        }
        None => (format!("line-{number}"), true),
    }
}

fn parse(record: &[u8], number: u64, sink: &mut dyn Sink) -> Result<()> {
    let Lax(chat): Lax<Chat> = json::parse(record)?;
    let (id, local) = id_or_line(chat.id.0.or(chat.conversation_id.0), number);
    let mut conversation = Conversation::new("openai_jsonl", None, id);
    conversation.id_is_local = local;
    conversation.title = chat.title.0;
    for Lax(said) in chat.messages.0 {
        match said.role.0 {
            Speaker::Known(role) => {
                let mut message = Message::new(role, text_of(said.content, sink));
                message.id = said.id.0;
                let time = Time(said.timestamp.0.or(said.created_at.0));
                message.sent_at = time.at();
                message.local_time = time.is_local();
                conversation.messages.push(message);
            }
            Speaker::LeftOut(reason) => sink.skip(reason, 1),
            Speaker::Unknown => sink.skip("system", 1),
        }
    }
    sink.conversation(conversation)
}
