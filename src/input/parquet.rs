//! Apache Parquet as JSON lines: one object a row, so that every reader of rows reads tables as well.
//!
//! Read row by row through the record interface, which needs no Arrow (that would add minutes to a fresh build). Nested
//! columns become nested JSON; times become RFC 3339 in UTC where the schema says that they are times.

use std::io::{self, BufReader, Read, Seek, SeekFrom};
use std::panic::{AssertUnwindSafe, catch_unwind};

use parquet::errors::ParquetError;
use parquet::file::reader::{ChunkReader, Length, SerializedFileReader};
use parquet::record::reader::RowIter;
use parquet::record::{Field, Row};

use super::archive::damaged;
use super::blob::{Blob, BlobReader};
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

/// The rows of a Parquet file as a stream of JSON lines.
pub(crate) struct Lines {
    rows: Option<RowIter<'static>>,
    line: Vec<u8>,
    at: usize,
}

impl Lines {
    /// Opens the file's footer.
    pub(crate) fn new(blob: &Blob) -> Result<Lines> {
        let opened = guarded(|| {
            let reader = SerializedFileReader::new(blob.clone())?;
            Ok(RowIter::from_file_into(Box::new(reader)))
        });
        let rows = opened.map_err(|words| Error::new(ErrorKind::Malformed, words))?;
        Ok(Lines { rows: Some(rows), line: Vec::new(), at: 0 })
    }
}

impl Read for Lines {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        if self.at == self.line.len() {
            self.line.clear();
            self.at = 0;
            let Some(rows) = &mut self.rows else { return Ok(0) };
            match guarded(|| rows.next().transpose()) {
                Ok(Some(row)) => {
                    object(&mut self.line, &row);
                    self.line.push(b'\n');
                }
                Ok(None) => self.rows = None,
                Err(words) => {
                    self.rows = None;
                    return Err(damaged(&words));
                }
            }
        }
        let count = out.len().min(self.line.len() - self.at);
        out[..count].copy_from_slice(&self.line[self.at..self.at + count]);
        self.at += count;
        Ok(count)
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
