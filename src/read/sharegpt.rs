//! ShareGPT and the many data sets in its form: records with `conversations` of `from` and `value`.

use serde::Deserialize;

use super::json::{self, Id, Lax, List, Text};
use super::openai::{Parts, id_or_line, text_of};
use super::roles::{Speaker, speaker};
use super::{Catalog, Entry, Format, Sink, Task};
use crate::chat::{Conversation, Message};
use crate::error::Result;

/// The format.
pub(crate) struct ShareGpt;

impl Format for ShareGpt {
    fn id(&self) -> &'static str {
        "sharegpt"
    }

    fn about(&self) -> &'static str {
        "ShareGPT (an array or JSON lines): records with conversations of from and value"
    }

    fn id_keys(&self) -> &'static [&'static str] {
        &["id", "conversation_id"]
    }

    fn plan(&self, catalog: &mut Catalog) -> Vec<Task> {
        let both = |e: &Entry, a: &str, b: &str| {
            e.shape().has_record(&format!("conversations[].{a}"))
                && e.shape().has_record(&format!("conversations[].{b}"))
        };
        catalog.claim_records(self.id(), |e| both(e, "from", "value") || both(e, "role", "content"), parse)
    }
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct Chat {
    id: Id,
    conversation_id: Id,
    conversations: List<Lax<Said>>,
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct Said {
    from: Text,
    role: Text,
    value: Option<Parts>,
    content: Parts,
}

fn parse(record: &[u8], number: u64, sink: &mut dyn Sink) -> Result<()> {
    let Lax(chat): Lax<Chat> = json::parse(record)?;
    let (id, local) = id_or_line(chat.id.0.or(chat.conversation_id.0), number);
    let mut conversation = Conversation::new("sharegpt", None, id);
    conversation.id_is_local = local;
    for Lax(said) in chat.conversations.0 {
        let name = said.from.0.or(said.role.0).unwrap_or_default();
        match speaker(&name) {
            Speaker::Known(role) => {
                let text = text_of(said.value.unwrap_or(said.content), sink);
                conversation.messages.push(Message::new(role, text));
            }
            Speaker::LeftOut(reason) => sink.skip(reason, 1),
            Speaker::Unknown => sink.skip("system", 1),
        }
    }
    sink.conversation(conversation)
}
