//! Rows that no vendor wrote: JSON lines or arrays of row objects, and tables in CSV or TSV.

use std::cell::Cell;
use std::collections::HashSet;
use std::io::Read;
use std::sync::Arc;

use super::catalog::{Content, State};
use super::grouping::{TakeRow, group};
use super::rows::{self, Column, Row};
use super::split::each_record;
use super::{Catalog, Entry, Format, How, Sink, Split, Task, json};
use crate::chat::Conversation;
use crate::error::{Error, ErrorKind, Result};
use crate::input::{Columns, Member};

/// Formats of corpora and rows: beside their files, other files of rows may lie.
const NOT_VENDORS: &[&str] = &[
    "openai_jsonl",
    "sharegpt",
    "wildchat",
    "lmsys",
    "oasst",
    "ultrachat",
    "hh_rlhf",
    "prism",
    "generic_jsonl",
    "generic_csv",
    "generic_text",
];

/// Row objects in JSON.
pub(crate) struct GenericRows;

/// Tables.
pub(crate) struct GenericTable;

impl Format for GenericRows {
    fn id(&self) -> &'static str {
        "generic_jsonl"
    }

    fn about(&self) -> &'static str {
        "JSON rows (lines or an array): objects with a column of text; role, id, lang, timestamp, conversation_id are used"
    }

    fn ids_are_global(&self) -> bool {
        false
    }

    fn plan(&self, catalog: &mut Catalog) -> Vec<Task> {
        let forced = catalog.forces(self.id());
        let flat = |e: &Entry| rows::are_rows(e.shape());
        let inside = |e: &Entry| !flat(e) && rows::have_rows_inside(e.shape());
        let nested = free_of_vendors(catalog, |e| e.content == Content::Json && inside(e));
        let mut tasks = catalog.claim_streams(self.id(), nested, read_nested);
        let found = free_of_vendors(catalog, |e| e.content == Content::Json && (forced || flat(e)));
        let task = |entry: usize| {
            let shape = catalog.entries[entry].shape();
            let (split, named) = (shape.split(), rows::have_conversations(shape));
            let read = move |members: &[Member], sink: &mut dyn Sink| {
                members.iter().try_for_each(|member| read_json(member, split, named, sink))
            };
            let task = Task {
                format: self.id(),
                members: vec![catalog.claim(entry, self.id())],
                how: How::Stream(Arc::new(read)),
            };
            task.reading(Columns::Like(|name| rows::column(name).is_some()))
        };
        tasks.extend(found.into_iter().map(task));
        tasks
    }
}

impl Format for GenericTable {
    fn id(&self) -> &'static str {
        "generic_csv"
    }

    fn about(&self) -> &'static str {
        "Tables (CSV, TSV, semicolons): a header with a column of text, or of prompts and responses"
    }

    fn ids_are_global(&self) -> bool {
        false
    }

    fn plan(&self, catalog: &mut Catalog) -> Vec<Task> {
        let forced = catalog.forces(self.id());
        let found = free_of_vendors(catalog, |e| {
            e.content == Content::Text && header(&e.head).is_some_and(|header| forced || header.is_chat(e.name()))
        });
        catalog.claim_streams(self.id(), found, read_table)
    }
}

/// Free members that are not the odds and ends of a vendor's download: in the folders where a vendor's chats were found,
/// only files that are rows by their very name are looked at.
pub(crate) fn free_of_vendors(catalog: &Catalog, wanted: impl Fn(&Entry) -> bool) -> Vec<usize> {
    let vendors = catalog.entries.iter().filter(|e| matches!(e.state, State::Claimed(f) if !NOT_VENDORS.contains(&f)));
    let folders: HashSet<&str> = vendors.map(|e| e.member.folder()).collect();
    let within_vendors = |e: &Entry| {
        let folder = e.member.folder();
        let mut ends = folder.match_indices(['/', '!']).map(|(at, _)| at + 1).chain([0]);
        ends.any(|end| folders.contains(&folder[..end]))
    };
    let named_rows = |e: &Entry| {
        let extension = e.name().rsplit_once('.').map_or("", |(_, extension)| extension);
        ["jsonl", "ndjson", "csv", "tsv"].iter().any(|known| extension.eq_ignore_ascii_case(known))
    };
    catalog.free(|e| (named_rows(e) || !within_vendors(e)) && wanted(e))
}

fn read_json(member: &Member, split: Split, named: bool, sink: &mut dyn Sink) -> Result<()> {
    let each =
        |take: &mut TakeRow<'_>| each_record(member, split, &mut |record, number| take(json::parse(record), number));
    group(member.stem(), named, &each, sink)
}

/// A record that holds a list of rows is taken apart whole, so it must not be too long.
const MAX_NESTED: usize = 64 << 20;

/// Records that hold their rows in lists, wherever: `{"chat": {"turns": [{"speaker": …, "utterance": …}]}}`.
fn read_nested(member: &Member, sink: &mut dyn Sink) -> Result<()> {
    let mut records = 0;
    let mut nameless: Vec<Vec<Row>> = Vec::new();
    let outcome = each_record(member, Split::Elements(None), &mut |record, number| {
        records = number;
        let document = match json::parse::<serde_json::Value>(record) {
            Ok(document) if record.len() <= MAX_NESTED => document,
            Ok(_) => {
                sink.trouble(&format!("record {number}"), "over the limit of 64 MiB for a record of no known format");
                return Ok(());
            }
            Err(error) => {
                sink.trouble(&format!("record {number}"), error.message());
                return Ok(());
            }
        };
        for (id, rows) in rows::rows_inside(&document) {
            match id {
                Some(id) => hand_on(&id, rows, sink)?,
                // The only list of a file is named after it, so it has to wait for the end.
                None if number == 1 => nameless.push(rows),
                None => hand_on(&format!("line-{number}"), rows, sink)?,
            }
        }
        Ok(())
    });
    let alone = records == 1 && nameless.len() == 1;
    for (count, rows) in (1..).zip(nameless) {
        let id = if alone { member.stem().to_owned() } else { format!("line-{count}") };
        hand_on(&id, rows, sink)?;
    }
    outcome
}

fn hand_on(id: &str, rows: Vec<Row>, sink: &mut dyn Sink) -> Result<()> {
    let mut conversation = Conversation::new("generic", None, id);
    conversation.id_is_local = true;
    for row in rows {
        conversation.messages.extend(row.messages(sink));
    }
    sink.conversation(conversation)
}

/// A table's first line.
struct Header {
    /// The line `sep=;` stands before it, which Excel writes for itself.
    announced: bool,
    /// Quotes mean nothing in this table.
    unquoted: bool,
    delimiter: u8,
    columns: Vec<Option<(Column, usize)>>,
}

impl Header {
    fn has(&self, wanted: Column) -> bool {
        self.columns.iter().flatten().any(|(column, _)| *column == wanted)
    }

    /// A text file with commas in its first line is no table: there must be a column of text and another that is known,
    /// or the name must say that it is one.
    fn is_chat(&self, name: &str) -> bool {
        let text = self.has(Column::Text) || self.has(Column::Question);
        let known = self.columns.iter().flatten().count();
        let lower = name.to_ascii_lowercase();
        text && (lower.ends_with(".csv") || lower.ends_with(".tsv") || (known >= 2 && known == self.columns.len()))
    }
}

/// The delimiter is the one that makes the most known columns of the first line.
fn header(head: &str) -> Option<Header> {
    let rest = head.strip_prefix("sep=").and_then(|rest| rest.split_once('\n')).map(|(_, rest)| rest);
    let announced = rest.is_some();
    let table = rest.unwrap_or(head);
    let parse = |delimiter: u8| {
        let mut reader = builder(delimiter, false).from_reader(table.as_bytes());
        let mut record = csv::StringRecord::new();
        reader.read_record(&mut record).ok().filter(|read| *read)?;
        let unquoted = delimiter == b'\t' && swallows_rows(table);
        Some(Header { announced, unquoted, delimiter, columns: record.iter().map(rows::column).collect() })
    };
    let known = |header: &Header| header.columns.iter().flatten().count();
    let candidates = [b',', b';', b'\t', b'|'].into_iter().rev().filter_map(parse);
    candidates.max_by_key(|h| (known(h), h.columns.len())).filter(|h| known(h) > 0)
}

/// In tables with tabs quotes are often just quotes: a field that holds both a tab and a line break is two rows that a quote
/// made one.
fn swallows_rows(table: &str) -> bool {
    let mut reader = builder(b'\t', false).from_reader(table.as_bytes());
    reader.records().flatten().any(|row| row.iter().any(|field| field.contains('\t') && field.contains('\n')))
}

fn builder(delimiter: u8, unquoted: bool) -> csv::ReaderBuilder {
    let mut builder = csv::ReaderBuilder::new();
    builder.delimiter(delimiter).quoting(!unquoted).has_headers(false).flexible(true);
    builder
}

/// A row longer than this ends the reading: a quote that is never closed would take the whole file into memory.
const MAX_ROW: u64 = 512 << 20;

/// A stream that ends in an error when a row takes too much of it.
struct Rationed<'a, R> {
    bytes: R,
    since_row: &'a Cell<u64>,
}

impl<R: Read> Read for Rationed<'_, R> {
    fn read(&mut self, out: &mut [u8]) -> std::io::Result<usize> {
        let count = self.bytes.read(out)?;
        self.since_row.set(self.since_row.get() + count as u64);
        if self.since_row.get() > MAX_ROW {
            return Err(std::io::Error::other("a row is over the limit of 512 MiB: a quote that is never closed?"));
        }
        Ok(count)
    }
}

fn read_table(member: &Member, sink: &mut dyn Sink) -> Result<()> {
    let mut head = Vec::new();
    member.open()?.take(1 << 18).read_to_end(&mut head)?;
    let header = header(&String::from_utf8_lossy(&head))
        .ok_or_else(|| Error::new(ErrorKind::Malformed, "no column of this table is known").at(member.place()))?;
    let since_row = Cell::new(0);
    let each = |take: &mut TakeRow<'_>| {
        let mut table = builder(header.delimiter, header.unquoted)
            .from_reader(Rationed { bytes: member.open()?, since_row: &since_row });
        let mut record = csv::StringRecord::new();
        let (mut number, mut announced) = (0, header.announced);
        loop {
            since_row.set(0);
            match table.read_record(&mut record) {
                Ok(false) => return Ok(()),
                Ok(true) if number > 0 => take(Ok(row(&header, &record)), number)?,
                Ok(true) if announced => {
                    announced = false;
                    continue;
                }
                Ok(true) => {}
                Err(error) if error.is_io_error() => {
                    return Err(Error::new(ErrorKind::Malformed, error.to_string()).at(member.place()));
                }
                Err(_) => take(Err(Error::new(ErrorKind::Malformed, "not a row of this table")), number)?,
            }
            number += 1;
        }
    };
    group(member.stem(), header.has(Column::Conversation), &each, sink)
}

fn row(header: &Header, record: &csv::StringRecord) -> Row {
    let mut row = Row::default();
    for (column, cell) in header.columns.iter().zip(record) {
        if let Some(column) = column {
            row.put(*column, cell.to_owned());
        }
    }
    row
}
