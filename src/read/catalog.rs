//! The members of one input, with their heads, as the formats see them while planning.

use std::cell::OnceCell;

use super::Shape;
use crate::input::Member;

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
    /// Apache Parquet (`PAR1`).
    Parquet,
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

/// Everything that one input holds.
#[derive(Debug, Default)]
pub struct Catalog {
    /// The input's path as the user gave it.
    pub input: String,
    /// Members in archive order (folders: sorted by path).
    pub entries: Vec<Entry>,
}

impl Catalog {
    /// The places in `entries` that nobody has claimed or skipped, and whose content `wanted` accepts.
    pub fn free(&self, wanted: impl Fn(&Entry) -> bool) -> Vec<usize> {
        (0..self.entries.len()).filter(|&i| self.entries[i].state == State::Free && wanted(&self.entries[i])).collect()
    }

    /// Claims a member for a format.
    pub fn claim(&mut self, entry: usize, format: &'static str) -> Member {
        self.entries[entry].state = State::Claimed(format);
        self.entries[entry].member.clone()
    }

    /// Leaves a member out, with a reason code and a word of detail.
    pub fn skip(&mut self, entry: usize, reason: &'static str, detail: impl Into<String>) {
        self.entries[entry].state = State::Skipped(reason, detail.into());
    }
}
