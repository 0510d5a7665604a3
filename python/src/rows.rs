//! Rows of a table become conversations, as the command line's reader of rows makes them: by their conversation's id where
//! they have one, else as a long run of unrelated rows. Records come back in the order of the rows.

use std::borrow::Cow;
use std::collections::HashMap;

use arrow_array::RecordBatch;
use arrow_schema::ArrowError;
use offlimits::chat::{Conversation, Message, Role};
use offlimits::classify::Scratch;
use offlimits::read::roles::{Speaker, speaker};
use offlimits::read::sink::settle_message;
use offlimits::read::{PIECE_BYTES, PIECE_MESSAGES};
use offlimits::report::Names;
use offlimits::report::reread::SURFACES;
use offlimits::report::words::platform_id;
use offlimits::scan::{Event, Scanner};
use pyo3::prelude::*;
use rayon::ThreadPool;
use rayon::prelude::*;

use crate::capsule::Chunk;
use crate::column::Column;
use crate::error;
use crate::record::{self, Outcome, Shape};

/// Rows that one thread works on at once, about: enough for long columns, few enough to share out.
const UNIT_ROWS: usize = 8_192;

/// Bytes of the rows that one thread works on at once, about.
const UNIT_BYTES: usize = 2 << 20;

/// The names of the columns that mean something; the text alone must be there.
#[derive(Debug, Clone, Default, FromPyObject)]
#[pyo3(from_item_all)]
pub(crate) struct Columns {
    pub(crate) text: String,
    pub(crate) conversation: Option<String>,
    pub(crate) role: Option<String>,
    pub(crate) timestamp: Option<String>,
    pub(crate) id: Option<String>,
    pub(crate) lang: Option<String>,
    pub(crate) platform: Option<String>,
    pub(crate) surface: Option<String>,
    pub(crate) index: Option<String>,
}

/// One piece of the table, with its columns found.
struct Piece {
    first: usize,
    rows: usize,
    text: Column,
    conversation: Option<Column>,
    role: Option<Column>,
    timestamp: Option<Column>,
    id: Option<Column>,
    lang: Option<Column>,
    platform: Option<Column>,
    surface: Option<Column>,
    index: Option<Column>,
}

impl Piece {
    fn of(chunk: &Chunk, columns: &Columns, first: usize) -> Result<Piece, PyErr> {
        let find = |name: &str| -> Result<Column, PyErr> {
            let alone = chunk.names.len() == 1 && chunk.names[0].is_empty();
            let place = if alone { Some(0) } else { chunk.names.iter().position(|known| known == name) };
            let Some(place) = place else {
                return Err(error::usage(format!("no column `{name}`; there are {}", chunk.names.join(", "))));
            };
            let array = &chunk.columns[place];
            let kind = array.data_type();
            Column::of(array).ok_or_else(|| error::usage(format!("column `{name}` holds no text but {kind}")))
        };
        let maybe = |name: &Option<String>| name.as_deref().map(find).transpose();
        Ok(Piece {
            first,
            rows: chunk.rows,
            text: find(&columns.text)?,
            conversation: maybe(&columns.conversation)?,
            role: maybe(&columns.role)?,
            timestamp: maybe(&columns.timestamp)?,
            id: maybe(&columns.id)?,
            lang: maybe(&columns.lang)?,
            platform: maybe(&columns.platform)?,
            surface: maybe(&columns.surface)?,
            index: maybe(&columns.index)?,
        })
    }

    /// Platform and surface of a row: rows of different ones never make a conversation.
    fn key(&self, row: usize, key: &mut String) {
        key.clear();
        for column in [&self.platform, &self.surface].into_iter().flatten() {
            key.push_str(column.text(row).as_deref().unwrap_or_default());
            key.push('\0');
        }
    }

    /// Whether the row makes a message.
    fn is_message(&self, row: usize) -> bool {
        let name = self.role.as_ref().and_then(|column| column.text(row));
        let left_out = name.is_some_and(|name| matches!(speaker(&name), Speaker::LeftOut(_)));
        !left_out && self.text.text(row).is_some()
    }

    /// Bytes of all cells of a row, as the reader of rows counts them.
    fn size(&self, row: usize) -> usize {
        let cells =
            [Some(&self.text), self.role.as_ref(), self.timestamp.as_ref(), self.id.as_ref(), self.lang.as_ref()];
        cells.into_iter().flatten().filter_map(|column| column.text(row)).map(|text| text.len()).sum()
    }

    /// The row's message, or why there is none.
    fn message(&self, row: usize) -> Result<Message, &'static str> {
        let name = cell(&self.role, row);
        let (role, author) = match name.as_deref().map(speaker) {
            None => (Role::User, None),
            Some(Speaker::Known(role)) => (role, None),
            Some(Speaker::Unknown) => (Role::Participant, name.map(Cow::into_owned)),
            Some(Speaker::LeftOut(reason)) => return Err(reason),
        };
        let mut message = Message::new(role, self.text.text(row).unwrap_or_default());
        let sent = self.timestamp.as_ref().and_then(|column| column.time(row));
        message.author = author;
        message.id = cell(&self.id, row).map(Cow::into_owned);
        message.sent_at = sent.map(|(at, _)| at);
        message.local_time = sent.is_some_and(|(_, local)| local);
        message.language = cell(&self.lang, row).map(Cow::into_owned);
        settle_message(&mut message);
        if message.is_empty() { Err("no_text") } else { Ok(message) }
    }
}

/// A file's name without folder and extension.
fn stem(source: &str) -> &str {
    let name = source.rsplit(['/', '\\']).next().unwrap_or(source);
    name.rsplit_once('.').map_or(name, |(stem, _)| if stem.is_empty() { name } else { stem })
}

/// The text of a cell, where there is such a column.
fn cell(column: &Option<Column>, row: usize) -> Option<Cow<'_, str>> {
    column.as_ref()?.text(row)
}

/// The whole table.
pub(crate) struct Table {
    pieces: Vec<Piece>,
    rows: usize,
    /// Where no column tells it.
    platform: &'static str,
    surface: Option<&'static str>,
    source: String,
}

/// Rows that make a conversation, or a piece of a run of unrelated rows.
struct Group {
    /// None: unrelated rows.
    id: Option<String>,
    first_index: u64,
    rows: Vec<usize>,
}

/// The rows without a conversation: one run, in the pieces in which the reader of rows hands them on.
#[derive(Default)]
struct Run {
    /// Where the piece stands that is being filled.
    open: Option<usize>,
    /// Platform and surface of its rows.
    key: String,
    messages: usize,
    bytes: u64,
    index: u64,
}

impl Run {
    fn add(&mut self, groups: &mut Vec<Group>, piece: &Piece, row: usize, key: &str) {
        if self.key != key {
            self.open = None;
            self.key = key.to_owned();
        }
        let place = *self.open.get_or_insert_with(|| {
            groups.push(Group { id: None, first_index: self.index, rows: Vec::new() });
            (self.messages, self.bytes) = (0, 0);
            groups.len() - 1
        });
        groups[place].rows.push(piece.first + row);
        self.bytes += piece.size(row) as u64;
        if piece.is_message(row) {
            self.messages += 1;
            self.index += 1;
        }
        if self.messages >= PIECE_MESSAGES || self.bytes >= PIECE_BYTES {
            self.open = None;
        }
    }
}

/// A platform's id that is kept for good; a wrong one would be taken for another company's.
pub(crate) fn platform(name: &str) -> Result<&'static str, PyErr> {
    platform_id(name).ok_or_else(|| {
        error::usage(format!("no platform `{name}`: records name them as chatgpt, claude, meta_ai, gemini or generic"))
    })
}

/// A surface's name that is kept for good.
pub(crate) fn surface(name: &str) -> Result<&'static str, PyErr> {
    let known = SURFACES.iter().copied().find(|known| *known == name);
    known.ok_or_else(|| error::usage(format!("no surface `{name}`; there are {}", SURFACES.join(", "))))
}

impl Table {
    pub(crate) fn new(
        chunks: &[Chunk],
        columns: &Columns,
        platform: &'static str,
        surface: Option<&'static str>,
        source: &str,
    ) -> Result<Table, PyErr> {
        let mut rows = 0;
        let mut pieces = Vec::with_capacity(chunks.len());
        for chunk in chunks {
            pieces.push(Piece::of(chunk, columns, rows)?);
            rows += chunk.rows;
        }
        Ok(Table { pieces, rows, platform, surface, source: source.to_owned() })
    }

    fn at(&self, row: usize) -> (&Piece, usize) {
        let place = self.pieces.partition_point(|piece| piece.first <= row) - 1;
        (&self.pieces[place], row - self.pieces[place].first)
    }

    /// The groups, by their first rows.
    fn groups(&self) -> Vec<Group> {
        let mut groups: Vec<Group> = Vec::new();
        let mut places: HashMap<String, usize> = HashMap::new();
        let (mut key, mut last) = (String::new(), (String::new(), 0));
        let mut run = Run::default();
        for piece in &self.pieces {
            for row in 0..piece.rows {
                piece.key(row, &mut key);
                let id = piece.conversation.as_ref().and_then(|column| column.text(row));
                let Some(id) = id else {
                    run.add(&mut groups, piece, row, &key);
                    continue;
                };
                key.push_str(id.trim());
                if last.0 != key || places.is_empty() {
                    let next = groups.len();
                    let place = *places.entry(key.clone()).or_insert(next);
                    if place == next {
                        groups.push(Group { id: Some(id.trim().to_owned()), first_index: 0, rows: Vec::new() });
                    }
                    last = (key.clone(), place);
                }
                groups[last.1].rows.push(piece.first + row);
            }
        }
        groups
    }

    /// Groups shared out: runs of groups that one thread works on.
    fn units(&self, groups: Vec<Group>, threads: usize) -> Vec<Vec<Group>> {
        let most = UNIT_ROWS.min(self.rows / (threads * 4) + 1);
        let (mut units, mut unit, mut rows, mut bytes) = (Vec::new(), Vec::new(), 0, 0);
        for group in groups {
            rows += group.rows.len();
            bytes +=
                group.rows.iter().map(|row| self.at(*row)).map(|(piece, row)| piece.text.bytes(row)).sum::<usize>();
            unit.push(group);
            if rows >= most || bytes >= UNIT_BYTES {
                units.push(std::mem::take(&mut unit));
                (rows, bytes) = (0, 0);
            }
        }
        units.push(unit);
        units
    }

    /// The conversation of a group with its messages' rows, and what was left out of it.
    fn conversation(
        &self,
        group: &Group,
        out: &mut Vec<(usize, Outcome)>,
    ) -> Result<(Conversation, Vec<usize>), PyErr> {
        let id = group.id.clone().unwrap_or_else(|| stem(&self.source).to_owned());
        let mut conversation = Conversation::new(self.platform, self.surface, id);
        conversation.threaded = group.id.is_some();
        conversation.id_is_local = true;
        conversation.first_index = group.first_index;
        let mut rows = Vec::with_capacity(group.rows.len());
        for &row in &group.rows {
            let (piece, at) = self.at(row);
            match piece.message(at) {
                Ok(message) => {
                    conversation.messages.push(message);
                    rows.push(row);
                }
                Err(reason) => out.push((row, Outcome::LeftOut(reason))),
            }
        }
        if let Some(&row) = group.rows.first() {
            let (piece, at) = self.at(row);
            if let Some(name) = cell(&piece.platform, at) {
                conversation.platform = platform(name.trim())?;
            }
            if let Some(name) = cell(&piece.surface, at) {
                conversation.surface = Some(surface(name.trim())?);
            }
        }
        Ok((conversation, rows))
    }

    fn work(&self, scanner: &Scanner, scratch: &mut Scratch, unit: &[Group]) -> Result<Vec<(usize, Outcome)>, PyErr> {
        let mut out = Vec::new();
        for group in unit {
            let (conversation, rows) = self.conversation(group, &mut out)?;
            let mut place = 0;
            scanner.scan(scratch, &self.source, &conversation, &mut |event| {
                let row = rows[place];
                place += 1;
                let outcome = match event {
                    Event::PassedOver(reason) => Outcome::LeftOut(reason),
                    Event::Found(mut finding, message) => {
                        let (piece, at) = self.at(row);
                        if let Some(index) = piece.index.as_ref().and_then(|column| column.number(at)) {
                            finding.index = index;
                        }
                        Outcome::Found(Box::new(finding), scanner.evidence.then(|| Box::new(message.clone())))
                    }
                };
                out.push((row, outcome));
            });
        }
        out.sort_unstable_by_key(|(row, _)| *row);
        Ok(out)
    }
}

/// How a table is worked on.
pub(crate) struct Job<'a> {
    pub(crate) scanner: &'a Scanner,
    pub(crate) names: &'a Names,
    /// None: on this thread.
    pub(crate) pool: Option<&'a ThreadPool>,
    pub(crate) shape: Shape,
}

impl Job<'_> {
    /// The records of a table, in the order of its rows.
    pub(crate) fn run(&self, table: &Table) -> Result<Vec<RecordBatch>, PyErr> {
        let groups = table.groups();
        let ordered = groups.iter().flat_map(|group| &group.rows).is_sorted();
        let units = table.units(groups, self.pool.map_or(1, ThreadPool::current_num_threads));
        let work = |scratch: &mut Scratch, unit: &Vec<Group>| table.work(self.scanner, scratch, unit);
        let batch = |rows: &[(usize, Outcome)]| self.batch(rows);
        let batches = if ordered {
            self.each(&units, |scratch, unit| batch(&work(scratch, unit)?))?
        } else {
            let mut rows: Vec<(usize, Outcome)> = self.each(&units, work)?.into_iter().flatten().collect();
            rows.sort_unstable_by_key(|(row, _)| *row);
            let chunks: Vec<&[(usize, Outcome)]> = rows.chunks(UNIT_ROWS).collect();
            self.each(&chunks, |_, chunk| batch(chunk))?
        };
        Ok(batches.into_iter().filter(|batch| batch.num_rows() > 0).collect())
    }

    fn batch(&self, rows: &[(usize, Outcome)]) -> Result<RecordBatch, PyErr> {
        let outcomes = rows.iter().map(|(_, outcome)| outcome);
        record::batch(outcomes, self.names, self.shape).map_err(|error: ArrowError| error::of_arrow(error))
    }

    /// Works on every item, on all threads of the pool; the results are in the order of the items.
    fn each<T: Sync, R: Send>(
        &self,
        items: &[T],
        work: impl Fn(&mut Scratch, &T) -> Result<R, PyErr> + Sync + Send,
    ) -> Result<Vec<R>, PyErr> {
        match self.pool {
            Some(pool) => pool.install(|| items.par_iter().map_init(Scratch::default, work).collect()),
            None => {
                let mut scratch = Scratch::default();
                items.iter().map(|item| work(&mut scratch, item)).collect()
            }
        }
    }
}
