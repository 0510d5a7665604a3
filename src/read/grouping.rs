//! Rows become conversations: by their conversation's id where they have one, else as one long run a file.
//!
//! Memory is bounded however the rows lie. Where each conversation's rows stand together they are handed on as they come;
//! where they are mixed, the file is read several times, each time for as many conversations as fit.

use std::collections::HashMap;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::ops::Range;

use super::Sink;
use super::rows::Row;
use super::sink::settle_message;
use crate::chat::{Conversation, Message};
use crate::error::{Error, Result};

/// A run of unrelated rows is handed on in pieces of this many messages …
pub const PIECE_MESSAGES: usize = 1024;
/// … or this many bytes of cells.
pub const PIECE_BYTES: u64 = 1 << 20;
/// A conversation is cut where it grows beyond this.
const LONG_CONVERSATION: u64 = 64 << 20;
/// Mixed conversations are gathered up to this many bytes at once.
const GATHERED: u64 = 256 << 20;

/// Takes a row, or why there is none, with its number.
pub(crate) type TakeRow<'a> = dyn FnMut(Result<Row>, u64) -> Result<()> + 'a;

/// Reads all rows of a file; may be called several times.
pub(crate) type EachRow<'a> = dyn Fn(&mut TakeRow<'_>) -> Result<()> + 'a;

/// Hands on the conversations of a file's rows. `stem` is the id of rows without a conversation; `named` says that the
/// rows have a column for it.
pub(crate) fn group(stem: &str, named: bool, rows: &EachRow<'_>, sink: &mut dyn Sink) -> Result<()> {
    let index = if named { Index::of(rows)? } else { Index::default() };
    if !index.mixed {
        return in_order(stem, rows, sink);
    }
    let mut from = 0;
    while from < index.bytes.len() {
        let to = index.end_of_part(from);
        gather(stem, &index, from..to, rows, sink)?;
        from = to;
    }
    Ok(())
}

/// Where each conversation's rows are: told by a first reading.
#[derive(Default)]
struct Index {
    /// The place of a conversation in the order of first rows, by the hash of its id.
    places: HashMap<u64, usize>,
    /// Bytes of each, in that order.
    bytes: Vec<u64>,
    /// Some conversation's rows do not stand together.
    mixed: bool,
}

impl Index {
    fn of(rows: &EachRow<'_>) -> Result<Index> {
        let mut index = Index::default();
        let mut last = None;
        let mut look = |row: Result<Row>, _: u64| {
            if let Some(id) = row.as_ref().ok().and_then(Row::conversation) {
                let hash = hash(id);
                let next = index.bytes.len();
                let place = *index.places.entry(hash).or_insert(next);
                if place == next {
                    index.bytes.push(0);
                } else if last != Some(hash) {
                    index.mixed = true;
                }
                index.bytes[place] += row.as_ref().map_or(0, Row::size) + 64;
                last = Some(hash);
            }
            Ok(())
        };
        // A file that ends in trouble is grouped as far as it goes; the trouble is told by the reading proper.
        let _ = rows(&mut look);
        Ok(index)
    }

    fn end_of_part(&self, from: usize) -> usize {
        let mut sum = 0;
        let fits = |bytes: &&u64| {
            sum += **bytes;
            sum <= GATHERED
        };
        let count = self.bytes[from..].iter().take_while(fits).count();
        from + count.max(1).min(self.bytes.len() - from)
    }
}

fn hash(id: &str) -> u64 {
    let mut hasher = DefaultHasher::new();
    id.hash(&mut hasher);
    hasher.finish()
}

/// One reading for the conversations in `part`; rows without a conversation, and troubles, go with the first.
fn gather(stem: &str, index: &Index, part: Range<usize>, rows: &EachRow<'_>, sink: &mut dyn Sink) -> Result<()> {
    let is_first = part.start == 0;
    let mut gathered: Vec<Option<Conversation>> = vec![None; part.len()];
    let mut run = Run::new(stem);
    let outcome = rows(&mut |row, number| {
        let row = match row {
            Ok(row) => row,
            Err(error) if is_first => return told(&error, number, sink),
            Err(_) => return Ok(()),
        };
        let place = row.conversation().and_then(|id| index.places.get(&hash(id)).copied());
        match place {
            None if is_first => run.row(row, number, sink),
            Some(place) if part.contains(&place) => {
                let id = row.conversation().unwrap_or_default();
                let conversation = gathered[place - part.start].get_or_insert_with(|| named(id));
                conversation.messages.extend(row.messages(sink));
                Ok(())
            }
            _ => Ok(()),
        }
    });
    run.flush(sink)?;
    gathered.into_iter().flatten().try_for_each(|conversation| sink.conversation(conversation))?;
    if is_first { outcome } else { Ok(()) }
}

fn in_order(stem: &str, rows: &EachRow<'_>, sink: &mut dyn Sink) -> Result<()> {
    let mut run = Run::new(stem);
    let mut current = Growing::default();
    let outcome = rows(&mut |row, number| {
        let row = match row {
            Ok(row) => row,
            Err(error) => return told(&error, number, sink),
        };
        match row.conversation().map(str::to_owned) {
            Some(id) => current.row(&id, row, sink),
            None => {
                current.flush(sink)?;
                run.row(row, number, sink)
            }
        }
    });
    // What was read before a trouble is handed on before it is told.
    current.flush(sink)?;
    run.flush(sink)?;
    outcome
}

fn told(error: &Error, number: u64, sink: &mut dyn Sink) -> Result<()> {
    sink.trouble(&format!("record {number}"), error.message());
    Ok(())
}

fn named(id: &str) -> Conversation {
    let mut conversation = Conversation::new("generic", None, id);
    conversation.id_is_local = true;
    conversation
}

/// A conversation whose rows stand together.
#[derive(Default)]
struct Growing {
    conversation: Option<Conversation>,
    bytes: u64,
}

impl Growing {
    fn row(&mut self, id: &str, row: Row, sink: &mut dyn Sink) -> Result<()> {
        if self.conversation.as_ref().is_some_and(|c| c.id != id) {
            self.flush(sink)?;
        }
        self.bytes += row.size();
        let messages = row.messages(sink);
        let conversation = self.conversation.get_or_insert_with(|| named(id));
        messages.into_iter().filter_map(|m| filled(m, sink)).for_each(|m| conversation.messages.push(m));
        if self.bytes > LONG_CONVERSATION {
            let next = conversation.first_index + conversation.messages.len() as u64;
            let piece = std::mem::replace(conversation, Conversation { first_index: next, ..named(id) });
            self.bytes = 0;
            sink.conversation(piece)?;
        }
        Ok(())
    }

    fn flush(&mut self, sink: &mut dyn Sink) -> Result<()> {
        self.bytes = 0;
        self.conversation.take().map_or(Ok(()), |conversation| sink.conversation(conversation))
    }
}

/// The rows without a conversation: one run a file, in pieces. Questions with answers are conversations of their own.
struct Run<'a> {
    stem: &'a str,
    messages: Vec<Message>,
    bytes: u64,
    first_index: u64,
}

impl<'a> Run<'a> {
    fn new(stem: &'a str) -> Self {
        Run { stem, messages: Vec::new(), bytes: 0, first_index: 0 }
    }

    fn row(&mut self, row: Row, number: u64, sink: &mut dyn Sink) -> Result<()> {
        if row.is_pair() {
            self.flush(sink)?;
            let mut pair = named(&format!("line-{number}"));
            pair.messages = row.messages(sink);
            return sink.conversation(pair);
        }
        self.bytes += row.size();
        let messages = row.messages(sink);
        self.messages.extend(messages.into_iter().filter_map(|message| filled(message, sink)));
        if self.messages.len() >= PIECE_MESSAGES || self.bytes >= PIECE_BYTES {
            self.flush(sink)?;
        }
        Ok(())
    }

    fn flush(&mut self, sink: &mut dyn Sink) -> Result<()> {
        self.bytes = 0;
        if self.messages.is_empty() {
            return Ok(());
        }
        let mut piece = named(self.stem);
        piece.threaded = false;
        piece.first_index = self.first_index;
        piece.messages = std::mem::take(&mut self.messages);
        self.first_index += piece.messages.len() as u64;
        sink.conversation(piece)
    }
}

/// The message in its final form; none when it is empty, so that what follows is counted rightly.
fn filled(mut message: Message, sink: &mut dyn Sink) -> Option<Message> {
    settle_message(&mut message);
    if message.is_empty() {
        sink.skip("no_text", 1);
        return None;
    }
    Some(message)
}
