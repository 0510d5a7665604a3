//! Apache Parquet as JSON lines: one object a row, so that every reader of rows reads tables as well.
//!
//! Read row by row through the record interface, which needs no Arrow (that would add minutes to a fresh build). Nested
//! columns become nested JSON; times become RFC 3339 in UTC where the schema says that they are times. Law: the lines are
//! the same at any number of threads.

use std::collections::VecDeque;
use std::io::{self, BufReader, Read, Seek, SeekFrom};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};

use parquet::errors::ParquetError;
use parquet::file::reader::{ChunkReader, FileReader, Length, SerializedFileReader};
use parquet::record::reader::RowIter;
use parquet::record::{Field, Row};
use parquet::schema::types::{SchemaDescriptor, Type};

use super::archive::damaged;
use super::blob::{Blob, BlobReader};
use super::columns::{self, Columns};
use crate::error::{Error, ErrorKind, Result};

impl Length for Blob {
    fn len(&self) -> u64 {
        Blob::len(self)
    }
}

impl ChunkReader for Blob {
    type T = BufReader<BlobReader>;

    fn get_read(&self, start: u64) -> parquet::errors::Result<Self::T> {
        let mut reader = self.reader();
        reader.seek(SeekFrom::Start(start))?;
        Ok(BufReader::with_capacity(64 << 10, reader))
    }

    fn get_bytes(&self, start: u64, length: usize) -> parquet::errors::Result<bytes::Bytes> {
        if start.checked_add(length as u64).is_none_or(|end| end > Blob::len(self)) {
            return Err(ParquetError::EOF("a column reaches beyond the file".into()));
        }
        let mut out = Vec::new();
        self.get_read(start)?.take(length as u64).read_to_end(&mut out)?;
        Ok(out.into())
    }
}

/// Row groups are decoded at the same time, each into pieces of about this many bytes …
const PIECE: usize = 1 << 20;

/// … of which so many may wait to be taken.
const WAITING: usize = 2;

/// What a row group yields: lines, or what is wrong with it.
type Piece = std::result::Result<Vec<u8>, String>;

/// The rows of a Parquet file as a stream of JSON lines, in the order of the file.
///
/// Every row group is decoded by a thread of its own, as many at a time as there are workers. Only one begins before the
/// first piece is taken: whoever looks at the head alone pays for one.
pub(crate) struct Lines {
    file: Arc<SerializedFileReader<Blob>>,
    projection: Option<Type>,
    /// Row groups under way, in their order.
    active: VecDeque<Receiver<Piece>>,
    next: usize,
    begun: bool,
    piece: Vec<u8>,
    at: usize,
}

impl Lines {
    /// Opens the file's footer. Columns that are not wanted are never read.
    pub(crate) fn new(blob: &Blob, columns: Columns) -> Result<Lines> {
        let opened = guarded(|| {
            let file = SerializedFileReader::new(blob.clone())?;
            let projection = columns::projection(file.metadata().file_metadata().schema(), columns);
            Ok(Lines {
                file: Arc::new(file),
                projection,
                active: VecDeque::new(),
                next: 0,
                begun: false,
                piece: Vec::new(),
                at: 0,
            })
        });
        opened.map_err(|words| Error::new(ErrorKind::Malformed, words))
    }

    /// About so many bytes of lines: what the columns hold before they were packed.
    pub(crate) fn expected(blob: &Blob, columns: Columns) -> Option<u64> {
        let lines = Lines::new(blob, columns).ok()?;
        let wanted = lines.projection.map(|projection| SchemaDescriptor::new(Arc::new(projection)));
        let is_wanted = |path: &str| match &wanted {
            None => true,
            Some(wanted) => wanted.columns().iter().any(|column| column.path().string() == path),
        };
        let groups = lines.file.metadata().row_groups().iter();
        let columns = groups.flat_map(|group| group.columns());
        let sizes = columns.filter(|column| is_wanted(&column.column_path().string()));
        Some(sizes.map(|column| u64::try_from(column.uncompressed_size()).unwrap_or_default()).sum())
    }

    /// Begins row groups until as many are under way as may be.
    fn begin(&mut self) -> io::Result<()> {
        let at_once = if self.begun { rayon::current_num_threads() } else { 1 };
        while self.active.len() < at_once && self.next < self.file.num_row_groups() {
            let (out, pieces) = sync_channel(WAITING);
            let (file, projection, group) = (Arc::clone(&self.file), self.projection.clone(), self.next);
            std::thread::Builder::new().name("parquet".into()).spawn(move || decode(&file, group, projection, &out))?;
            self.active.push_back(pieces);
            self.next += 1;
        }
        Ok(())
    }

    fn next_piece(&mut self) -> io::Result<Option<Vec<u8>>> {
        loop {
            self.begin()?;
            let Some(first) = self.active.front() else { return Ok(None) };
            match first.recv() {
                Ok(Ok(piece)) => {
                    self.begun = true;
                    return Ok(Some(piece));
                }
                Ok(Err(words)) => {
                    self.active.clear();
                    self.next = self.file.num_row_groups();
                    return Err(damaged(&words));
                }
                Err(_) => drop(self.active.pop_front()),
            }
        }
    }
}

impl Read for Lines {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        while self.at == self.piece.len() {
            match self.next_piece()? {
                Some(piece) => (self.piece, self.at) = (piece, 0),
                None => return Ok(0),
            }
        }
        let count = out.len().min(self.piece.len() - self.at);
        out[..count].copy_from_slice(&self.piece[self.at..self.at + count]);
        self.at += count;
        Ok(count)
    }
}

/// Decodes a row group until nobody takes its pieces any more.
fn decode(file: &SerializedFileReader<Blob>, group: usize, projection: Option<Type>, out: &SyncSender<Piece>) {
    let mut lines = Vec::new();
    let decoded = guarded(|| {
        let group = file.get_row_group(group)?;
        for row in RowIter::from_row_group(projection, &*group)? {
            object(&mut lines, &row?);
            lines.push(b'\n');
            if lines.len() >= PIECE && out.send(Ok(std::mem::take(&mut lines))).is_err() {
                break;
            }
        }
        Ok(())
    });
    // What came before the damage is still good. That nobody listens any more is no trouble.
    if !lines.is_empty() {
        let whole = lines.iter().rposition(|byte| *byte == b'\n').map_or(0, |end| end + 1);
        lines.truncate(whole);
        let _ = out.send(Ok(lines));
    }
    if let Err(words) = decoded {
        let _ = out.send(Err(words));
    }
}

/// The Parquet crate reports most damage as errors, but asserts in a few places that a forged file can reach.
fn guarded<T>(read: impl FnOnce() -> parquet::errors::Result<T>) -> std::result::Result<T, String> {
    match catch_unwind(AssertUnwindSafe(read)) {
        Ok(Ok(value)) => Ok(value),
        Ok(Err(error)) => Err(format!("the Parquet file is damaged or of an unknown kind: {error}")),
        Err(_) => Err("the Parquet file is damaged".to_owned()),
    }
}

fn object(out: &mut Vec<u8>, row: &Row) {
    out.push(b'{');
    for (place, (name, field)) in row.get_column_iter().enumerate() {
        if place > 0 {
            out.push(b',');
        }
        string(out, name);
        out.push(b':');
        value(out, field);
    }
    out.push(b'}');
}

fn value(out: &mut Vec<u8>, field: &Field) {
    match field {
        Field::Null => out.extend_from_slice(b"null"),
        Field::Bool(value) => number(out, value),
        Field::Byte(value) => number(out, value),
        Field::Short(value) => number(out, value),
        Field::Int(value) => number(out, value),
        Field::Long(value) => number(out, value),
        Field::UByte(value) => number(out, value),
        Field::UShort(value) => number(out, value),
        Field::UInt(value) => number(out, value),
        Field::ULong(value) => number(out, value),
        Field::Float16(value) => real(out, f64::from(value.to_f32())),
        Field::Float(value) => real(out, f64::from(*value)),
        Field::Double(value) => real(out, *value),
        Field::Str(text) => string(out, text),
        Field::Bytes(bytes) => string(out, &String::from_utf8_lossy(bytes.data())),
        Field::TimestampMillis(ms) => time(out, i128::from(*ms) * 1_000),
        Field::TimestampMicros(us) => time(out, i128::from(*us)),
        Field::Date(days) => time(out, i128::from(*days) * 86_400_000_000),
        Field::Group(row) => object(out, row),
        Field::ListInternal(list) => {
            out.push(b'[');
            for (place, element) in list.elements().iter().enumerate() {
                if place > 0 {
                    out.push(b',');
                }
                value(out, element);
            }
            out.push(b']');
        }
        Field::MapInternal(map) => {
            out.push(b'{');
            for (place, (key, element)) in map.entries().iter().enumerate() {
                if place > 0 {
                    out.push(b',');
                }
                string(out, &key.to_string());
                out.push(b':');
                value(out, element);
            }
            out.push(b'}');
        }
        // Decimals and times of day: as the crate prints them.
        other => string(out, &other.to_string()),
    }
}

fn number(out: &mut Vec<u8>, number: &impl std::fmt::Display) {
    out.extend_from_slice(number.to_string().as_bytes());
}

fn real(out: &mut Vec<u8>, number: f64) {
    if number.is_finite() {
        out.extend_from_slice(number.to_string().as_bytes());
    } else {
        out.extend_from_slice(b"null");
    }
}

/// Microseconds since 1970 as RFC 3339. Beyond the calendar there is no time.
fn time(out: &mut Vec<u8>, micros: i128) {
    let written = i64::try_from(micros).ok().and_then(|us| jiff::Timestamp::from_microsecond(us).ok());
    match written {
        Some(time) => string(out, &time.to_string()),
        None => out.extend_from_slice(b"null"),
    }
}

fn string(out: &mut Vec<u8>, text: &str) {
    // Writing a string into memory cannot fail.
    let _ = serde_json::to_writer(out, text);
}
