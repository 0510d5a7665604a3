//! DevGPT: chats with ChatGPT that developers shared, by the place where they shared them.

use std::sync::Arc;

use serde::Deserialize;

use super::catalog::Content;
use super::json::{self, Id, Lax, List, Text};
use super::{Catalog, Format, How, Sink, Split, Task};
use crate::chat::{Conversation, Message, Role};
use crate::error::Result;

/// The format.
pub(crate) struct DevGpt;

impl Format for DevGpt {
    fn id(&self) -> &'static str {
        "devgpt"
    }

    fn about(&self) -> &'static str {
        "DevGPT (JSON): Sources with ChatgptSharing, whose Conversations are of Prompt and Answer"
    }

    fn plan(&self, catalog: &mut Catalog) -> Vec<Task> {
        let forced = catalog.forces(self.id());
        let known = "Sources[].ChatgptSharing[].Conversations[].Prompt";
        let found = catalog.free(|e| e.content == Content::Json && (forced || e.shape().has(known)));
        let task = |entry| {
            let members = vec![catalog.claim(entry, self.id())];
            let how = How::Records(Split::Elements(Some("Sources")), Arc::new(parse));
            Task { format: self.id(), members, how }
        };
        found.into_iter().map(task).collect()
    }
}

#[derive(Deserialize, Default)]
#[serde(default, rename_all = "PascalCase")]
struct Source {
    chatgpt_sharing: List<Lax<Shared>>,
}

#[derive(Deserialize, Default)]
#[serde(default, rename_all = "PascalCase")]
struct Shared {
    #[serde(rename = "URL")]
    url: Id,
    title: Text,
    conversations: List<Lax<Turn>>,
}

#[derive(Deserialize, Default)]
#[serde(default, rename_all = "PascalCase")]
struct Turn {
    prompt: Text,
    answer: Text,
}

fn parse(record: &[u8], number: u64, sink: &mut dyn Sink) -> Result<()> {
    let Lax(source): Lax<Source> = json::parse(record)?;
    for (count, Lax(shared)) in (1..).zip(source.chatgpt_sharing.0) {
        let is_local = shared.url.0.is_none();
        let id = shared.url.0.unwrap_or_else(|| format!("line-{number}:{count}"));
        let mut conversation = Conversation::new("devgpt", None, id);
        conversation.id_is_local = is_local;
        conversation.title = shared.title.0;
        for Lax(turn) in shared.conversations.0 {
            let said = [(Role::User, turn.prompt.0), (Role::Assistant, turn.answer.0)];
            let messages = said.into_iter().filter_map(|(role, text)| Some(Message::new(role, text?)));
            conversation.messages.extend(messages);
        }
        sink.conversation(conversation)?;
    }
    Ok(())
}
