//! Open Assistant: trees of messages, whole or as a flat list of messages with parents. The best-ranked branch is read.

use std::collections::HashMap;

use serde::Deserialize;

use super::json::{self, Flag, Id, Lax, List, Number, Text, Time};
use super::roles::{Speaker, speaker};
use super::split::each_record;
use super::{Catalog, Entry, Format, Sink, Split, Task};
use crate::chat::{Conversation, Message};
use crate::error::{Error, ErrorKind, Result};
use crate::input::Member;

/// The flat list has to be held whole: its rows come in any order.
const MAX_FLAT: u64 = 1 << 30;

/// The format.
pub(crate) struct Oasst;

impl Format for Oasst {
    fn id(&self) -> &'static str {
        "oasst"
    }

    fn about(&self) -> &'static str {
        "Open Assistant (JSON lines): trees with a prompt and replies, or messages with message_id and parent_id"
    }

    fn plan(&self, catalog: &mut Catalog) -> Vec<Task> {
        let flat = |e: &Entry| ["message_id", "text", "role"].iter().all(|key| e.shape().has_record(key));
        let related = |e: &Entry| e.shape().has_record("parent_id") || e.shape().has_record("message_tree_id");
        let found = catalog.free(|e| flat(e) && related(e));
        let mut tasks = catalog.claim_streams(self.id(), found, read_flat);
        tasks.extend(catalog.claim_records(self.id(), |e| e.shape().has_record("prompt.message_id"), tree));
        tasks
    }
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct Tree {
    message_tree_id: Id,
    prompt: Lax<Node>,
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct Node {
    message_id: Id,
    parent_id: Id,
    message_tree_id: Id,
    text: Text,
    role: Text,
    lang: Text,
    rank: Number,
    deleted: Flag,
    created_date: Time,
    replies: List<Lax<Node>>,
}

impl Node {
    /// Lowest rank first, unranked last.
    fn rank(&self) -> f64 {
        self.rank.0.unwrap_or(f64::INFINITY)
    }

    fn message(self, sink: &mut dyn Sink) -> Option<Message> {
        if self.deleted.0 {
            sink.skip("deleted", 1);
            return None;
        }
        let Speaker::Known(role) = speaker(self.role.0.as_deref().unwrap_or_default()) else {
            sink.skip("system", 1);
            return None;
        };
        let mut message = Message::new(role, self.text.0.unwrap_or_default());
        message.id = self.message_id.0;
        message.language = self.lang.0;
        message.sent_at = self.created_date.at();
        message.local_time = self.created_date.is_local();
        Some(message)
    }
}

fn tree(record: &[u8], number: u64, sink: &mut dyn Sink) -> Result<()> {
    let Lax(tree): Lax<Tree> = json::parse(record)?;
    let id = tree.message_tree_id.0.or_else(|| tree.prompt.0.message_id.0.clone());
    let mut conversation = Conversation::new("oasst", None, id.unwrap_or_else(|| format!("line-{number}")));
    let mut next = Some(tree.prompt.0);
    while let Some(mut node) = next {
        let replies = std::mem::take(&mut node.replies.0);
        sink.skip("other_branch", replies.len().saturating_sub(1) as u64);
        next = replies.into_iter().map(|reply| reply.0).min_by(|a, b| a.rank().total_cmp(&b.rank()));
        conversation.messages.extend(node.message(sink));
    }
    sink.conversation(conversation)
}

fn read_flat(member: &Member, sink: &mut dyn Sink) -> Result<()> {
    let mut nodes: Vec<Node> = Vec::new();
    let mut bytes = 0;
    each_record(member, Split::Elements(None), &mut |record, number| {
        bytes += record.len() as u64;
        if bytes > MAX_FLAT {
            return Err(Error::new(ErrorKind::Limit, "a list of messages over 1 GiB").at(member.place()));
        }
        let node: Node = match json::parse::<Lax<Node>>(record) {
            Ok(Lax(node)) => node,
            Err(error) => {
                sink.trouble(&format!("record {number}"), error.message());
                return Ok(());
            }
        };
        nodes.push(node);
        Ok(())
    })?;
    let mut trees: Vec<(String, Vec<Node>)> = Vec::new();
    let mut places: HashMap<String, usize> = HashMap::new();
    let names: Vec<String> = roots(&nodes);
    for (node, tree) in nodes.into_iter().zip(names) {
        let place = *places.entry(tree.clone()).or_insert(trees.len());
        if place == trees.len() {
            trees.push((tree, Vec::new()));
        }
        trees[place].1.push(node);
    }
    trees.into_iter().try_for_each(|(id, nodes)| flat_tree(id, nodes, sink))
}

/// The tree of each node: as it says itself, else the first of its ancestors.
fn roots(nodes: &[Node]) -> Vec<String> {
    let parents: HashMap<&str, &str> =
        nodes.iter().filter_map(|node| Some((node.message_id.0.as_deref()?, node.parent_id.0.as_deref()?))).collect();
    let mut known: HashMap<&str, &str> = HashMap::new();
    for id in nodes.iter().filter_map(|node| node.message_id.0.as_deref()) {
        let (mut at, mut path) = (id, Vec::new());
        // Each node is walked over once: what is known ends the walk, and a circle ends where it began.
        while let (None, Some(parent)) = (known.get(at), parents.get(at)) {
            path.push(at);
            known.insert(at, id);
            at = parent;
        }
        let root = known.get(at).copied().unwrap_or(at);
        known.extend(path.into_iter().map(|step| (step, root)));
    }
    let root = |node: &Node| {
        let id = node.message_id.0.as_deref().unwrap_or_default();
        known.get(id).copied().unwrap_or(id).to_owned()
    };
    nodes.iter().map(|node| node.message_tree_id.0.clone().unwrap_or_else(|| root(node))).collect()
}

fn flat_tree(id: String, nodes: Vec<Node>, sink: &mut dyn Sink) -> Result<()> {
    let mut best: HashMap<Option<String>, usize> = HashMap::new();
    for (at, node) in nodes.iter().enumerate() {
        let slot = best.entry(node.parent_id.0.clone()).or_insert(at);
        if node.rank() < nodes[*slot].rank() {
            *slot = at;
        }
    }
    let mut conversation = Conversation::new("oasst", None, id);
    let count = nodes.len();
    let mut nodes: Vec<Option<Node>> = nodes.into_iter().map(Some).collect();
    let mut parent = None;
    let mut read = 0;
    // Taking each node once ends any loop.
    while let Some(node) = best.get(&parent).and_then(|&at| nodes[at].take()) {
        read += 1;
        parent = node.message_id.0.clone();
        conversation.messages.extend(node.message(sink));
        if parent.is_none() {
            break;
        }
    }
    sink.skip("other_branch", (count - read) as u64);
    sink.conversation(conversation)
}
