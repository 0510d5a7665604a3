//! Grok's data export: `prod-grok-backend.json`, deep in its zip.

use std::sync::Arc;

use serde::Deserialize;

use super::branch::{self, Node};
use super::catalog::Content;
use super::json::{self, Id, Lax, List, Text};
use super::roles::{Speaker, speaker};
use super::{Catalog, Entry, Format, How, Sink, Split, Task, time};
use crate::chat::{Conversation, Message, Role, Timestamp};
use crate::error::Result;

/// The format.
pub(crate) struct Grok;

impl Format for Grok {
    fn id(&self) -> &'static str {
        "grok"
    }

    fn about(&self) -> &'static str {
        "Grok data export (prod-grok-backend.json): conversations with responses"
    }

    fn plan(&self, catalog: &mut Catalog) -> Vec<Task> {
        let forced = catalog.forces(self.id());
        let found = catalog.free(|e| e.content == Content::Json && (forced || layout(e).is_some()));
        if found.is_empty() {
            return Vec::new();
        }
        // Account and billing stand beside the chats.
        for entry in catalog.free(|e| e.content == Content::Json && e.name().starts_with("prod-mc-")) {
            catalog.skip(entry, "not_chat", "");
        }
        let task = |entry: usize| {
            let split = layout(&catalog.entries[entry]).unwrap_or(Split::Elements(Some("conversations")));
            let members = vec![catalog.claim(entry, self.id())];
            Task { format: self.id(), members, how: How::Records(split, Arc::new(parse)) }
        };
        found.into_iter().map(task).collect()
    }
}

/// How conversations lie in a member, if it has any: in one list, or each by itself.
fn layout(entry: &Entry) -> Option<Split> {
    let shape = entry.shape();
    if shape.has("conversations[].responses") && shape.has("conversations[].conversation") {
        return Some(Split::Elements(Some("conversations")));
    }
    let single = shape.has_record("responses") && shape.has_record("conversation.id");
    single.then(|| shape.split())
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct Chat {
    conversation: Lax<About>,
    responses: List<Lax<Wrapped>>,
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct About {
    id: Id,
    #[serde(rename = "_id")]
    mongo_id: MongoId,
    title: Text,
    modify_time: Stamp,
}

/// A response, in an object of its own or flat.
#[derive(Deserialize, Default)]
#[serde(default)]
struct Wrapped {
    response: Option<Lax<Response>>,
    #[serde(flatten)]
    flat: Lax<Response>,
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct Response {
    #[serde(rename = "_id")]
    id: MongoId,
    #[serde(rename = "id")]
    plain_id: MongoId,
    message: Text,
    sender: Text,
    create_time: Stamp,
    parent_response_id: MongoId,
    file_attachments: List<serde::de::IgnoredAny>,
}

impl Response {
    fn id(&self) -> Option<&str> {
        self.id.0.as_deref().or(self.plain_id.0.as_deref())
    }
}

/// An id, plain or as `{"$oid": …}`.
#[derive(Deserialize, Default)]
#[serde(from = "serde_json::Value")]
struct MongoId(Option<String>);

impl From<serde_json::Value> for MongoId {
    fn from(value: serde_json::Value) -> Self {
        let id = value.get("$oid").unwrap_or(&value).as_str();
        MongoId(id.filter(|id| !id.is_empty()).map(str::to_owned))
    }
}

/// A time: `{"$date": {"$numberLong": "ms"}}`, `{"$date": …}`, a number or a text.
#[derive(Deserialize, Default, Clone, Copy)]
#[serde(from = "serde_json::Value")]
struct Stamp(Option<(Timestamp, bool)>);

impl From<serde_json::Value> for Stamp {
    fn from(value: serde_json::Value) -> Self {
        let value = value.get("$date").unwrap_or(&value);
        let value = value.get("$numberLong").unwrap_or(value);
        Stamp(match value {
            serde_json::Value::String(text) => time::from_text(text),
            other => other.as_f64().and_then(time::from_number).map(|at| (at, false)),
        })
    }
}

fn parse(record: &[u8], number: u64, sink: &mut dyn Sink) -> Result<()> {
    let Lax(chat): Lax<Chat> = json::parse(record)?;
    let about = chat.conversation.0;
    let id = about.id.0.or(about.mongo_id.0);
    let is_local = id.is_none();
    let mut conversation = Conversation::new("grok", Some("web"), id.unwrap_or_else(|| format!("line-{number}")));
    conversation.id_is_local = is_local;
    conversation.title = about.title.0.filter(|title| !title.is_empty());
    conversation.updated_at = about.modify_time.0.map(|(at, _)| at);
    let unwrap = |Lax(wrapped): Lax<Wrapped>| wrapped.response.map_or(wrapped.flat.0, |Lax(response)| response);
    let mut responses: Vec<Response> = chat.responses.0.into_iter().map(unwrap).collect();
    if responses.iter().all(|response| response.parent_response_id.0.is_none()) {
        responses.sort_by_key(|response| response.create_time.0.map(|(at, _)| at));
    } else {
        responses = current_branch(responses, sink);
    }
    for response in responses {
        match speaker(response.sender.0.as_deref().unwrap_or_default()) {
            Speaker::Known(role) => conversation.messages.push(message(role, response, sink)),
            Speaker::LeftOut(reason) => sink.skip(reason, 1),
            Speaker::Unknown => sink.skip("system", 1),
        }
    }
    sink.conversation(conversation)
}

fn current_branch(responses: Vec<Response>, sink: &mut dyn Sink) -> Vec<Response> {
    let branch = branch::best(&responses.iter().map(node).collect::<Vec<_>>());
    sink.skip("other_branch", (responses.len() - branch.len()) as u64);
    let mut responses: Vec<Option<Response>> = responses.into_iter().map(Some).collect();
    branch.into_iter().filter_map(|at| responses[at].take()).collect()
}

fn node(response: &Response) -> Node<'_, Option<Timestamp>> {
    Node {
        id: response.id(),
        parent: response.parent_response_id.0.as_deref(),
        rank: response.create_time.0.map(|(at, _)| at),
    }
}

fn message(role: Role, response: Response, sink: &mut dyn Sink) -> Message {
    sink.skip("attachment", response.file_attachments.0.len() as u64);
    let mut message = Message::new(role, response.message.0.unwrap_or_default());
    message.id = response.id.0.or(response.plain_id.0);
    message.sent_at = response.create_time.0.map(|(at, _)| at);
    message.local_time = response.create_time.0.is_some_and(|(_, local)| local);
    message
}
