//! Threads in JSON: `message_N.json`, and the end-to-end encrypted chats of Messenger's own download.

use super::people::{Kind, Owner};
use super::place;
use super::thread::{Line, Order, Thread};
use super::tree::Tree;
use crate::error::Result;
use crate::input::Member;
use crate::read::{Sink, time};

/// Kinds of lines in downloads of before 2022 that the app wrote.
const APP_TYPES: &[&str] = &["Call", "Subscribe", "Unsubscribe", "Plan", "placeholder"];

/// What something other than text that was sent is called.
const SHARES: &[&str] = &["photos", "videos", "audio_files", "gifs", "files", "share", "sticker", "media"];

/// Reads the parts of a thread, in their order, and hands it on. Parts that name another thread become threads of their
/// own: a folder can hold loose files of several.
pub(crate) fn read(parts: &[Member], surface: &'static str, owner: &Owner, sink: &mut dyn Sink) -> Result<()> {
    let mut threads: Vec<Thread> = Vec::new();
    for part in parts {
        let text = part.text()?;
        let tree = match Tree::parse_repaired(&text) {
            Ok(tree) => tree,
            Err(error) if parts.len() > 1 => {
                sink.trouble(&part.path, error.message());
                continue;
            }
            Err(error) => return Err(error),
        };
        let id = id_of(&tree, part);
        let place = if threads.iter().any(|thread| thread.id == id) {
            None
        } else {
            Some(start(&tree, id.clone(), part, surface))
        };
        threads.extend(place);
        if let Some(thread) = threads.iter_mut().find(|thread| thread.id == id) {
            take(thread, &tree);
        }
    }
    threads.into_iter().try_for_each(|thread| thread.conclude(owner, sink))
}

fn id_of(tree: &Tree, part: &Member) -> String {
    let named = ["thread_path", "title"].into_iter().find_map(|key| tree.id(key));
    named.unwrap_or_else(|| part.stem().to_owned())
}

fn start(tree: &Tree, id: String, part: &Member, surface: &'static str) -> Thread {
    let kind = if id.starts_with("ai_conversations/") { Kind::WithAi } else { place::kind(&part.path) };
    let mut thread = Thread::new(id, surface, kind);
    thread.id_is_local = tree.id("thread_path").is_none();
    thread.title = tree.text("title").map(str::to_owned);
    thread
}

fn take(thread: &mut Thread, tree: &Tree) {
    let names = tree.list("participants").iter().filter_map(|one| one.text("name").or(one.as_text()));
    thread.participants.extend(names.map(str::to_owned));
    for message in tree.list("messages") {
        let Some(author) = message.text("sender_name") else {
            thread.skip("bad_record");
            continue;
        };
        if message.is_true("is_unsent") {
            thread.skip("deleted");
        } else if message.text("type").is_some_and(|kind| APP_TYPES.contains(&kind)) {
            thread.skip("app_line");
        } else {
            let at = message.number("timestamp_ms").or_else(|| message.number("timestamp")).and_then(time::from_number);
            let text = message.text("content").unwrap_or_default().to_owned();
            let shares = SHARES.iter().any(|key| message.get(key).is_some());
            thread.push(Line { author: author.to_owned(), at, local: false, text }, shares);
        }
    }
}

/// Reads an end-to-end encrypted chat: other keys, proper UTF-8.
pub(crate) fn read_encrypted(member: &Member, owner: &Owner, sink: &mut dyn Sink) -> Result<()> {
    let tree = Tree::parse(&member.text()?)?;
    let id = tree.id("threadName").unwrap_or_else(|| member.stem().to_owned());
    let mut thread = Thread::new(id, "messenger", place::kind(&member.path));
    thread.order = Order::OldestFirst;
    thread.title = tree.text("threadName").map(str::to_owned);
    let names = tree.list("participants").iter().filter_map(|one| one.as_text().or(one.text("name")));
    thread.participants.extend(names.map(str::to_owned));
    for message in tree.list("messages") {
        let Some(author) = message.text("senderName") else {
            thread.skip("bad_record");
            continue;
        };
        if message.is_true("isUnsent") {
            thread.skip("deleted");
        } else if message.text("type").is_some_and(|kind| APP_TYPES.contains(&kind)) {
            thread.skip("app_line");
        } else {
            let at = message.number("timestamp").and_then(time::from_number);
            let text = message.text("text").unwrap_or_default().to_owned();
            thread.push(Line { author: author.to_owned(), at, local: false, text }, !message.list("media").is_empty());
        }
    }
    thread.conclude(owner, sink)
}
