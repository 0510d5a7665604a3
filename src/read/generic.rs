//! Rows that no vendor wrote: JSON lines or arrays of row objects, and tables in CSV or TSV.

use std::cell::Cell;
use std::collections::HashSet;
use std::io::{BufRead, BufReader, Read};
use std::sync::Arc;

use super::catalog::{Content, State};
use super::grouping::{TakeRow, group};
use super::rows::{self, Column, Row};
use super::split::each_record;
use super::{Catalog, Entry, Format, How, Sink, Split, Task, json};
use crate::error::{Error, ErrorKind, Result};
use crate::input::Member;

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
        let found = free_of_vendors(catalog, |e| e.content == Content::Json && (forced || rows::are_rows(e.shape())));
        let task = |entry: usize| {
            let shape = catalog.entries[entry].shape();
            let (split, named) = (shape.split(), rows::have_conversations(shape));
            let read = move |members: &[Member], sink: &mut dyn Sink| {
                members.iter().try_for_each(|member| read_json(member, split, named, sink))
            };
            Task { format: self.id(), members: vec![catalog.claim(entry, self.id())], how: How::Stream(Arc::new(read)) }
        };
        found.into_iter().map(task).collect()
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

/// A table's first line.
struct Header {
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
    let parse = |delimiter: u8| {
        let mut reader = builder(delimiter).from_reader(head.as_bytes());
        let mut record = csv::StringRecord::new();
        reader.read_record(&mut record).ok().filter(|read| *read)?;
        Some(Header { delimiter, columns: record.iter().map(rows::column).collect() })
    };
    let known = |header: &Header| header.columns.iter().flatten().count();
    let candidates = [b',', b';', b'\t', b'|'].into_iter().rev().filter_map(parse);
    candidates.max_by_key(|h| (known(h), h.columns.len())).filter(|h| known(h) > 0)
}

fn builder(delimiter: u8) -> csv::ReaderBuilder {
    let mut builder = csv::ReaderBuilder::new();
    builder.delimiter(delimiter).has_headers(false).flexible(true);
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
    BufReader::new(member.open()?.take(1 << 20)).read_until(b'\n', &mut head)?;
    let header = header(&String::from_utf8_lossy(&head))
        .ok_or_else(|| Error::new(ErrorKind::Malformed, "no column of this table is known").at(member.place()))?;
    let since_row = Cell::new(0);
    let each = |take: &mut TakeRow<'_>| {
        let mut table =
            builder(header.delimiter).from_reader(Rationed { bytes: member.open()?, since_row: &since_row });
        let mut record = csv::StringRecord::new();
        let mut number = 0;
        loop {
            since_row.set(0);
            match table.read_record(&mut record) {
                Ok(false) => return Ok(()),
                Ok(true) if number > 0 => take(Ok(row(&header, &record)), number)?,
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
