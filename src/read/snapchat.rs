//! Snapchat's `chat_history.json`: threads by user name, newest message first. My AI's thread is the one that counts; that
//! it stands there as `myai` is inferred, not seen.

use std::sync::Arc;

use serde::Deserialize;

use super::catalog::{Content, Entry};
use super::html::decoded;
use super::json::{self, Flag, Lax, List, Number, Pairs, Text, Time};
use super::{Catalog, Format, How, Sink, Task, time};
use crate::chat::{Conversation, Message, Role, Timestamp};
use crate::error::Result;
use crate::input::Member;

/// The format.
pub(crate) struct Snapchat;

impl Format for Snapchat {
    fn id(&self) -> &'static str {
        "snapchat"
    }

    fn about(&self) -> &'static str {
        "Snapchat My Data (json/chat_history.json): the thread with My AI"
    }

    fn plan(&self, catalog: &mut Catalog) -> Vec<Task> {
        let forced = catalog.forces(self.id());
        let found = catalog.free(|entry| entry.content == Content::Json && (forced || is_history(entry)));
        let task = |entry| {
            let members = vec![catalog.claim(entry, self.id())];
            let stream = |members: &[Member], sink: &mut dyn Sink| members.iter().try_for_each(|m| read(m, sink));
            Task { format: self.id(), members, how: How::Stream(Arc::new(stream)) }
        };
        found.into_iter().map(task).collect()
    }
}

/// The keys at the top are user names, which may hold dots, so only the ends of paths are looked at.
fn is_history(entry: &Entry) -> bool {
    let paths = &entry.shape().paths;
    let has = |end: &str| paths.iter().any(|path| path.ends_with(end) && !path.starts_with("[]"));
    has("[].Created") && (has("[].IsSender") || has("Chat History[].From") || has("Chat History[].To"))
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct Snap {
    #[serde(rename = "From")]
    from: Text,
    #[serde(rename = "To")]
    to: Text,
    #[serde(rename = "Created")]
    created: Time,
    #[serde(rename = "Created(microseconds)")]
    precise: Number,
    #[serde(rename = "Content")]
    content: Text,
    #[serde(rename = "Text")]
    text: Text,
    #[serde(rename = "IsSender")]
    is_sender: Flag,
}

impl Snap {
    fn is_with_ai(&self) -> bool {
        [&self.from, &self.to].into_iter().any(|name| name.0.as_deref().is_some_and(is_ai))
    }

    /// The time; what is called microseconds are milliseconds.
    fn at(&self) -> Option<(Timestamp, bool)> {
        let precise = self.precise.0.and_then(time::from_number).map(|at| (at, false));
        precise.or(self.created.0)
    }
}

/// Whether a user name is My AI's.
fn is_ai(name: &str) -> bool {
    name.chars().filter(|c| c.is_alphanumeric()).flat_map(char::to_lowercase).eq("myai".chars())
}

fn read(member: &Member, sink: &mut dyn Sink) -> Result<()> {
    let threads: Pairs<List<Lax<Snap>>> = json::parse(member.text()?.as_bytes())?;
    let mut older = Vec::new();
    for (name, snaps) in threads.0 {
        let snaps = snaps.0.into_iter().map(|snap| snap.0);
        if name.ends_with("Chat History") {
            older.extend(snaps.filter(Snap::is_with_ai));
        } else {
            thread(name, snaps.collect(), sink)?;
        }
    }
    // Older files have one list for all that was received and one for all that was sent.
    if older.is_empty() { Ok(()) } else { thread("myai".to_owned(), older, sink) }
}

fn thread(id: String, snaps: Vec<Snap>, sink: &mut dyn Sink) -> Result<()> {
    let from_ai = |snap: &Snap| snap.from.0.as_deref().is_some_and(is_ai);
    if !is_ai(&id) && !snaps.iter().any(from_ai) {
        sink.skip("human_only", 1);
        return Ok(());
    }
    let alone = is_ai(&id);
    let mut messages = Vec::new();
    for snap in snaps.into_iter().rev() {
        let role = if from_ai(&snap) {
            Role::Assistant
        } else if snap.is_sender.0 || alone {
            Role::User
        } else {
            Role::Participant
        };
        let text = decoded(snap.content.0.as_deref().or(snap.text.0.as_deref()).unwrap_or_default());
        if text.trim().is_empty() {
            sink.skip("attachment", 1);
            continue;
        }
        let mut message = Message::new(role, text);
        let at = snap.at();
        message.sent_at = at.map(|(at, _)| at);
        message.local_time = at.is_some_and(|(_, local)| local);
        message.author = snap.from.0.filter(|name| !name.is_empty());
        messages.push(message);
    }
    // Reversed first: messages of one second keep the file's direction.
    messages.sort_by_key(|message| message.sent_at);
    let mut conversation = Conversation::new("snapchat_my_ai", Some("snapchat"), id);
    conversation.id_is_title = !alone;
    conversation.updated_at = messages.iter().filter_map(|message| message.sent_at).max();
    conversation.messages = messages;
    sink.conversation(conversation)
}
