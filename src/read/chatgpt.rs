//! ChatGPT's data export: `conversations.json`, whole or in shards, and `chat.html` where there is nothing else.
//!
//! A conversation is a tree of nodes (`mapping`); what the person last saw is the path from `current_node` to the root.

use std::collections::HashMap;
use std::io::Read;
use std::sync::Arc;

use serde::Deserialize;

use super::catalog::Content;
use super::json::{self, Flag, Id, Key, Lax, List, Members, Number, Text, Time, Word};
use super::split::Splitter;
use super::{Catalog, Entry, Format, How, Shape, Sink, Split, Task};
use crate::chat::{Conversation, Message, Role};
use crate::error::{Error, ErrorKind, Result};
use crate::input::Member;

/// Files of the download that hold no chats, beside the conversations.
const SIDE_FILES: &[&str] = &[
    "user.json",
    "message_feedback.json",
    "shared_conversations.json",
    "model_comparisons.json",
    "group_chats.json",
    "shopping.json",
    "sora.json",
    "user_settings.json",
    "export_manifest.json",
];
/// So far into `chat.html` its data begins at the latest: before it stand styles only.
const PAGE_HEAD: usize = 4 << 20;

/// The format.
pub(crate) struct ChatGpt;

impl Format for ChatGpt {
    fn id(&self) -> &'static str {
        "chatgpt"
    }

    fn about(&self) -> &'static str {
        "ChatGPT data export (zip, conversations.json, its shards, chat.html): conversations with a mapping of messages"
    }

    fn id_keys(&self) -> &'static [&'static str] {
        &["conversation_id", "id"]
    }

    fn plan(&self, catalog: &mut Catalog) -> Vec<Task> {
        let forced = catalog.forces(self.id());
        let mut found = catalog.free(|e| e.content == Content::Json && (forced || layout(e.shape()).is_some()));
        found.sort_by(|&a, &b| catalog.entries[a].member.path.cmp(&catalog.entries[b].member.path));
        let mut tasks: Vec<Task> = Vec::new();
        for entry in found {
            let split = layout(catalog.entries[entry].shape()).unwrap_or(Split::Elements(Some("conversations")));
            let member = catalog.claim(entry, self.id());
            match tasks.last_mut() {
                Some(Task { members, how: How::Records(same, _), .. }) if *same == split => members.push(member),
                _ => tasks.push(Task {
                    format: self.id(),
                    members: vec![member],
                    how: How::Records(split, Arc::new(parse)),
                }),
            }
        }
        self.pages(catalog, &mut tasks);
        if !tasks.is_empty() {
            side_files(catalog, &tasks);
        }
        tasks
    }
}

impl ChatGpt {
    fn pages(&self, catalog: &mut Catalog, tasks: &mut Vec<Task>) {
        let pages = catalog.free(|e| e.content == Content::Html && is_page(e));
        let have_json = !tasks.is_empty();
        for entry in pages {
            if have_json {
                catalog.skip(entry, "duplicate_rendering", "");
                continue;
            }
            let member = catalog.claim(entry, self.id());
            tasks.push(Task { format: self.id(), members: vec![member], how: How::Stream(Arc::new(read_pages)) });
        }
    }
}

/// How conversations lie in a document, if it has any.
fn layout(shape: &Shape) -> Option<Split> {
    let conversation = |path: &dyn Fn(&str) -> bool| {
        path("mapping")
            && (path("mapping.*.message") || path("mapping.*.children") || path("current_node"))
            && !path("mapping.*.message.fragments")
    };
    if conversation(&|path| shape.has_record(path)) {
        Some(shape.split())
    } else if conversation(&|path| shape.has(&format!("conversations[].{path}"))) {
        Some(Split::Elements(Some("conversations")))
    } else {
        None
    }
}

fn is_page(entry: &Entry) -> bool {
    entry.head.contains("var jsonData") || (entry.head.contains("<title>ChatGPT Data Export") && !entry.whole)
}

fn side_files(catalog: &mut Catalog, tasks: &[Task]) {
    let folders: Vec<String> = tasks.iter().flat_map(|t| &t.members).map(|m| m.folder().to_owned()).collect();
    let side = catalog.free(|e| {
        let folder = e.member.folder();
        let beside = SIDE_FILES.contains(&e.name()) && folders.iter().any(|f| f == folder);
        beside
            || folders.iter().any(|f| folder.strip_prefix(f.as_str()).is_some_and(|rest| rest.starts_with("textdocs/")))
    });
    for entry in side {
        catalog.skip(entry, "not_chat", "");
    }
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct Tree<'a> {
    id: Id,
    conversation_id: Id,
    title: Text,
    update_time: Time,
    #[serde(borrow)]
    current_node: Key<'a>,
    #[serde(borrow)]
    mapping: Members<'a, Lax<Node<'a>>>,
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct Node<'a> {
    #[serde(borrow)]
    parent: Key<'a>,
    #[serde(borrow)]
    children: List<Key<'a>>,
    #[serde(borrow)]
    message: Option<Lax<Said<'a>>>,
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct Said<'a> {
    #[serde(borrow)]
    id: Key<'a>,
    #[serde(borrow)]
    author: Lax<Author<'a>>,
    create_time: Time,
    #[serde(borrow)]
    content: Lax<Body<'a>>,
    weight: Number,
    #[serde(borrow)]
    recipient: Word<'a>,
    metadata: Lax<Metadata>,
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct Author<'a> {
    #[serde(borrow)]
    role: Word<'a>,
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct Metadata {
    is_visually_hidden_from_conversation: Flag,
    is_user_system_message: Flag,
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct Body<'a> {
    #[serde(borrow)]
    content_type: Word<'a>,
    parts: List<Part>,
    text: Text,
}

/// A part of a message: a text, or something with a type (a picture, a transcript of what was said).
type Part = json::TextOr<Lax<TypedPart>>;

#[derive(Deserialize, Default)]
#[serde(default)]
struct TypedPart {
    content_type: Text,
    text: Text,
}

/// A tree has a dozen names a node that are looked at once: borrowed, they cost nothing.
fn parse(record: &[u8], number: u64, sink: &mut dyn Sink) -> Result<()> {
    json::parse_with(record, |record| {
        let Lax(tree) = serde_json::from_slice::<Lax<Tree<'_>>>(record)?;
        Ok(take(tree, number, sink))
    })?
}

fn take(tree: Tree<'_>, number: u64, sink: &mut dyn Sink) -> Result<()> {
    let branch = current_branch(&tree);
    let mut on_branch = vec![false; tree.mapping.0.len()];
    branch.iter().for_each(|&node| on_branch[node] = true);
    let abandoned = (0..on_branch.len()).filter(|&n| !on_branch[n] && verdict(&tree.mapping.0[n].1.0).is_ok()).count();
    sink.skip("other_branch", abandoned as u64);

    let (id, is_local) = match tree.conversation_id.0.or(tree.id.0) {
        Some(id) => (id, false),
        None => (format!("line-{number}"), true),
    };
    let mut conversation = Conversation::new("chatgpt", Some("web"), id);
    conversation.id_is_local = is_local;
    conversation.title = tree.title.0;
    conversation.updated_at = tree.update_time.at();
    let mut nodes: Vec<Option<Node<'_>>> = tree.mapping.0.into_iter().map(|(_, node)| Some(node.0)).collect();
    for node in branch.into_iter().filter_map(|n| nodes[n].take()) {
        match verdict(&node) {
            Err("") => {}
            Err(reason) => sink.skip(reason, 1),
            Ok(role) => conversation.messages.extend(node.message.map(|said| message(said.0, role, sink))),
        }
    }
    sink.conversation(conversation)
}

/// The current branch, oldest first, as places in the mapping.
fn current_branch(tree: &Tree<'_>) -> Vec<usize> {
    let nodes = &tree.mapping.0;
    let places: HashMap<&str, usize> =
        nodes.iter().enumerate().map(|(at, (id, _))| (id.0.as_deref().unwrap_or_default(), at)).collect();
    let place = |id: &Key<'_>| id.0.as_deref().and_then(|id| places.get(id).copied());
    let mut seen = vec![false; nodes.len()];
    let mut branch = Vec::new();
    if let Some(current) = place(&tree.current_node) {
        let mut next = Some(current);
        while let Some(node) = next.filter(|&node| !std::mem::replace(&mut seen[node], true)) {
            branch.push(node);
            next = place(&nodes[node].1.0.parent);
        }
        branch.reverse();
        return branch;
    }
    // Without a current node the last child is the newest version of each turn; where no children are listed, the parents
    // tell them.
    let parents: Vec<Option<usize>> = nodes.iter().map(|(_, node)| place(&node.0.parent)).collect();
    let last_child: HashMap<usize, usize> =
        parents.iter().enumerate().filter_map(|(child, parent)| Some(((*parent)?, child))).collect();
    let mut next = parents.iter().position(Option::is_none);
    while let Some(node) = next.filter(|&node| !std::mem::replace(&mut seen[node], true)) {
        branch.push(node);
        let listed = nodes[node].1.0.children.0.iter().rev().find_map(place);
        next = listed.or_else(|| last_child.get(&node).copied());
    }
    branch
}

/// The role of a node's message, or the reason for leaving it out; an empty reason where there is no message at all.
fn verdict(node: &Node<'_>) -> std::result::Result<Role, &'static str> {
    let Some(Lax(said)) = &node.message else { return Err("") };
    let role = match said.author.0.role.0.as_deref() {
        Some("user") => Role::User,
        Some("assistant") => Role::Assistant,
        Some("tool") => return Err("tool"),
        _ => return kind_of_hidden(said).map_or(Err("system"), Err),
    };
    if let Some(reason) = kind_of_hidden(said) {
        return Err(reason);
    }
    if said.recipient.0.as_deref().is_some_and(|recipient| recipient != "all") {
        return Err("tool");
    }
    let metadata = &said.metadata.0;
    if metadata.is_visually_hidden_from_conversation.0 || said.weight.0 == Some(0.0) {
        return Err("hidden");
    }
    if metadata.is_user_system_message.0 {
        return Err("profile");
    }
    Ok(role)
}

/// The reason that a content type alone gives.
fn kind_of_hidden(said: &Said<'_>) -> Option<&'static str> {
    match said.content.0.content_type.0.as_deref() {
        None | Some("text" | "multimodal_text") => None,
        Some("user_editable_context" | "model_editable_context") => Some("profile"),
        Some("thoughts" | "reasoning_recap") => Some("reasoning"),
        Some(_) => Some("tool"),
    }
}

fn message(said: Said<'_>, role: Role, sink: &mut dyn Sink) -> Message {
    let mut texts = Vec::new();
    let mut attachments = 0;
    for part in said.content.0.parts.0 {
        match part {
            json::TextOr::Text(text) => texts.push(text),
            json::TextOr::Other(Lax(part)) => match (part.content_type.0.as_deref(), part.text.0) {
                // What was spoken in voice mode is only here.
                (Some("audio_transcription"), Some(text)) => texts.push(text),
                _ => attachments += 1,
            },
        }
    }
    if texts.is_empty() {
        texts.extend(said.content.0.text.0);
    }
    sink.skip("attachment", attachments);
    texts.retain(|text| !text.trim().is_empty());
    let text = if texts.len() == 1 { texts.swap_remove(0) } else { texts.join("\n") };
    let mut message = Message::new(role, without_citations(text));
    message.id = said.id.owned();
    message.sent_at = said.create_time.at();
    message.local_time = said.create_time.is_local();
    message
}

/// Citations stand between private-use characters (U+E200 … U+E201) that only the web page understands.
fn without_citations(text: String) -> String {
    if !text.contains('\u{E200}') {
        return text;
    }
    let mut kept = String::with_capacity(text.len());
    let mut rest = text.as_str();
    while let Some(start) = rest.find('\u{E200}') {
        kept.push_str(&rest[..start]);
        let Some(end) = rest[start..].find('\u{E201}') else {
            rest = &rest[start + '\u{E200}'.len_utf8()..];
            continue;
        };
        rest = &rest[start + end + '\u{E201}'.len_utf8()..];
    }
    kept.push_str(rest);
    kept
}

/// `chat.html` holds the same array as the value of a script's variable.
fn read_pages(members: &[Member], sink: &mut dyn Sink) -> Result<()> {
    for member in members {
        let mut page = member.open()?;
        let mut head = Vec::new();
        let start = loop {
            if let Some(start) = data_start(&head) {
                break start;
            }
            let before = head.len();
            (&mut page).take(64 << 10).read_to_end(&mut head)?;
            if head.len() == before || before > PAGE_HEAD {
                return Err(Error::new(ErrorKind::Malformed, "the page holds no conversations").at(member.place()));
            }
        };
        let data = std::io::Cursor::new(head.split_off(start)).chain(page);
        let mut splitter = Splitter::of_first_value(data);
        while let Some(batch) = splitter.next_batch() {
            for (number, record) in batch.map_err(|e| e.at(member.place()))?.iter() {
                if let Err(error) = parse(record, number, sink) {
                    sink.trouble(&format!("record {number}"), error.message());
                }
            }
        }
    }
    Ok(())
}

fn data_start(head: &[u8]) -> Option<usize> {
    let name = memchr::memmem::find(head, b"jsonData")?;
    memchr::memchr(b'[', &head[name..]).map(|bracket| name + bracket)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::read::sink::Collector;

    fn texts(record: &str) -> Vec<String> {
        let mut sink = Collector::new("f", "chatgpt");
        parse(record.as_bytes(), 1, &mut sink).expect("parses");
        sink.conversations.into_iter().flat_map(|c| c.messages).map(|m| m.text).collect()
    }

    #[test]
    fn odd_nodes_loops_and_missing_parents_cost_nothing_else() {
        let node = |parent: &str, text: &str| {
            format!(
                r#"{{"parent":{parent},"children":[],"message":{{"author":{{"role":"user"}},"content":{{"content_type":"text","parts":[{text}]}}}}}}"#
            )
        };
        let record = format!(
            r#"{{"id":"c","current_node":"d","mapping":{{"a":null,"b":{},"c":[],"d":{},"e":{{"message":7,"parent":{{}}}}}}}}"#,
            node(r#""gone""#, r#""one",null,3"#),
            node(r#""b""#, r#""two","#.trim_end_matches(',')),
        );
        assert_eq!(texts(&record), ["one", "two"]);
        let looped = format!(
            r#"{{"id":"c","current_node":"x","mapping":{{"x":{},"y":{}}}}}"#,
            node(r#""y""#, r#""2""#),
            node(r#""x""#, r#""1""#)
        );
        assert_eq!(texts(&looped), ["1", "2"]);
    }

    #[test]
    fn citations_go() {
        assert_eq!(without_citations("a \u{E200}cite\u{E202}t0\u{E201}. b\u{E200}".into()), "a . b");
    }
}
