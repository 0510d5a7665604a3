//! The members of one input, with their heads, as the formats see them while planning.

use std::cell::OnceCell;
use std::sync::Arc;

use super::{How, Shape, Sink, Task};
use crate::error::Result;
use crate::input::{self, Found, Kind, Member};

/// What became of a member while planning.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum State {
    /// Nobody has claimed it yet.
    Free,
    /// A format reads it.
    Claimed(&'static str),
    /// Left out, with a reason code of [`super::ledger::REASONS`].
    Skipped(&'static str, String),
}

/// What the bytes are, judged by the first ones.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Content {
    /// First non-blank character is `[` or `{`.
    Json,
    /// First non-blank character is `<`.
    Html,
    /// Other text.
    Text,
    /// Anything else.
    Binary,
    /// No bytes, or only white space.
    Empty,
}

/// A member and what is known of it.
#[derive(Debug)]
pub struct Entry {
    /// The member; `member.path` is its path inside the input with `/` as the separator.
    pub member: Member,
    /// The first bytes (up to 256 KiB) as text: BOM gone, UTF-16 and Windows-1252 decoded, cut at a character.
    pub head: String,
    /// Whether `head` is the whole member.
    pub whole: bool,
    /// What it is.
    pub content: Content,
    /// What became of it.
    pub state: State,
    /// The shape, read on first use.
    pub shape: OnceCell<Shape>,
}

impl Entry {
    /// The key paths at the start of a JSON member (for JSON lines: of the first lines, each an element: `[].key`).
    pub fn shape(&self) -> &Shape {
        self.shape.get_or_init(|| Shape::of(&self.head))
    }

    /// The file name without folders.
    pub fn name(&self) -> &str {
        self.member.name()
    }
}

impl From<Found> for Entry {
    fn from(found: Found) -> Self {
        let head = input::text_of(&found.head, !found.whole);
        let (content, state) = match found.kind {
            Kind::Text => (content_of(&head), State::Free),
            Kind::Binary => (Content::Binary, State::Free),
            Kind::Skipped(reason, words) => (Content::Binary, State::Skipped(reason, words)),
        };
        Entry { member: found.member, head, whole: found.whole, content, state, shape: OnceCell::new() }
    }
}

fn content_of(head: &str) -> Content {
    match head.trim_start().chars().next() {
        None => Content::Empty,
        Some('[' | '{') => Content::Json,
        Some('<') => Content::Html,
        Some(_) => Content::Text,
    }
}

/// Everything that one input holds.
#[derive(Debug, Default)]
pub struct Catalog {
    /// The input's path as the user gave it.
    pub input: String,
    /// Members in archive order (folders: sorted by path).
    pub entries: Vec<Entry>,
    /// The format that the user named: it may claim whatever it can read at all, recognised or not.
    pub forced: Option<&'static str>,
}

impl Catalog {
    /// Opens an input: a file, a folder, an archive, a compressed file, or `-` for standard input.
    pub fn open(input: &str) -> Result<Catalog> {
        let entries = input::walk(input)?.into_iter().map(Entry::from).collect();
        Ok(Catalog { input: input.to_owned(), entries, forced: None })
    }

    /// A catalog of bytes in memory, each with its path inside the input.
    pub fn from_bytes(input: &str, files: Vec<(&str, Vec<u8>)>) -> Result<Catalog> {
        let entries = input::walk_memory(input, files)?.into_iter().map(Entry::from).collect();
        Ok(Catalog { input: input.to_owned(), entries, forced: None })
    }

    /// Whether the user named this format.
    pub fn forces(&self, format: &str) -> bool {
        self.forced == Some(format)
    }

    /// The places in `entries` that nobody has claimed or skipped, and whose content `wanted` accepts.
    pub fn free(&self, wanted: impl Fn(&Entry) -> bool) -> Vec<usize> {
        (0..self.entries.len()).filter(|&i| self.entries[i].state == State::Free && wanted(&self.entries[i])).collect()
    }

    /// Claims a member for a format.
    pub fn claim(&mut self, entry: usize, format: &'static str) -> Member {
        self.entries[entry].state = State::Claimed(format);
        self.entries[entry].member.clone()
    }

    /// Claims the JSON members that are `known` (any JSON, when the user named the format) as records of their own.
    pub fn claim_records(
        &mut self,
        format: &'static str,
        known: impl Fn(&Entry) -> bool,
        parse: fn(&[u8], u64, &mut dyn Sink) -> Result<()>,
    ) -> Vec<Task> {
        let forced = self.forces(format);
        let found = self.free(|e| e.content == Content::Json && (forced || known(e)));
        let task = |entry: usize| {
            let split = self.entries[entry].shape().split();
            let how = How::Records(split, Arc::new(parse));
            Task { format, members: vec![self.claim(entry, format)], how }
        };
        found.into_iter().map(task).collect()
    }

    /// Claims these members, each as a stream of its own.
    pub fn claim_streams(
        &mut self,
        format: &'static str,
        entries: Vec<usize>,
        read: fn(&Member, &mut dyn Sink) -> Result<()>,
    ) -> Vec<Task> {
        let all = move |members: &[Member], sink: &mut dyn Sink| members.iter().try_for_each(|m| read(m, sink));
        let how = How::Stream(Arc::new(all));
        let task = |entry| Task { format, members: vec![self.claim(entry, format)], how: how.clone() };
        entries.into_iter().map(task).collect()
    }

    /// Leaves a member out, with a reason code and a word of detail.
    pub fn skip(&mut self, entry: usize, reason: &'static str, detail: impl Into<String>) {
        self.entries[entry].state = State::Skipped(reason, detail.into());
    }
}
