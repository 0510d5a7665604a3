//! Cutting a stream of bytes into records without parsing them.
//!
//! Law: memory is bounded by one batch and one record; where batches end depends on the bytes alone; what comes before a
//! cut is still yielded.

use std::io::Read;

use super::Split;
use crate::error::{Error, ErrorKind, Result};
use crate::input::Member;

mod blocks;
mod elements;

use elements::Elements;

/// A batch is closed when it holds this many bytes …
const BATCH_BYTES: usize = 1 << 20;
/// … or this many records.
const BATCH_RECORDS: usize = 4096;
/// A record over this size is refused.
const MAX_RECORD: usize = 512 << 20;
/// How much is read at once.
const READ: usize = 1 << 20;

/// Records in one piece of memory.
#[derive(Debug, Default)]
pub struct Records {
    bytes: Vec<u8>,
    ends: Vec<usize>,
    first: u64,
}

impl Records {
    /// The records with their numbers, counted from 1 over the member.
    pub fn iter(&self) -> impl Iterator<Item = (u64, &[u8])> {
        let starts = std::iter::once(0).chain(self.ends.iter().copied());
        let pairs = starts.zip(&self.ends).map(|(start, &end)| &self.bytes[start..end]);
        (self.first..).zip(pairs)
    }

    /// Bytes of all records.
    pub fn size(&self) -> usize {
        self.bytes.len()
    }

    /// How many records.
    pub fn len(&self) -> usize {
        self.ends.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.ends.is_empty()
    }

    fn close(&mut self) {
        self.ends.push(self.bytes.len());
    }

    /// Bytes of the records that are complete; behind them may stand the beginning of one.
    fn complete(&self) -> usize {
        self.ends.last().copied().unwrap_or(0)
    }

    fn is_full(&self) -> bool {
        self.complete() >= BATCH_BYTES || self.ends.len() >= BATCH_RECORDS
    }
}

/// Yields a stream's records in batches.
pub struct Splitter<R> {
    reader: R,
    machine: Machine,
    buffer: Vec<u8>,
    from: usize,
    to: usize,
    at_end: bool,
    read: u64,
    next: u64,
    failed: bool,
}

impl<R: Read> Splitter<R> {
    /// Over UTF-8 bytes.
    pub fn new(reader: R, split: Split) -> Self {
        let machine = match split {
            Split::Lines => Machine::Lines { inside: false },
            Split::Elements(name) => Machine::Elements(Elements::new(name)),
        };
        Splitter {
            reader,
            machine,
            buffer: vec![0; READ],
            from: 0,
            to: 0,
            at_end: false,
            read: 0,
            next: 1,
            failed: false,
        }
    }

    /// Over bytes that begin with a JSON document, whatever follows it (a script, a page).
    pub fn of_first_value(reader: R) -> Self {
        let mut splitter = Splitter::new(reader, Split::Elements(None));
        splitter.machine = Machine::Elements(Elements::first());
        splitter
    }

    /// Bytes read so far.
    pub fn bytes_read(&self) -> u64 {
        self.read
    }

    /// The next batch, none at the end. After an error the stream is over; the records before it come first.
    pub fn next_batch(&mut self) -> Option<Result<Records>> {
        let mut records = Records { first: self.next, ..Records::default() };
        let mut outcome = Ok(());
        while !self.failed && !records.is_full() {
            if self.from == self.to && !self.at_end {
                outcome = self.fill();
            }
            if outcome.is_ok() {
                outcome = self.step(&mut records);
            }
            if outcome.is_err() || (self.at_end && self.from == self.to) {
                self.failed = true;
            }
        }
        records.bytes.truncate(records.complete());
        self.next += records.ends.len() as u64;
        match (records.is_empty(), outcome) {
            (false, Ok(())) => Some(Ok(records)),
            (true, Ok(())) => None,
            (true, Err(error)) => Some(Err(error)),
            (false, Err(error)) => {
                // The complete records first, the trouble with the next call.
                self.machine = Machine::Failed(Some(error));
                self.failed = false;
                Some(Ok(records))
            }
        }
    }

    fn fill(&mut self) -> Result<()> {
        self.from = 0;
        self.to = 0;
        loop {
            match self.reader.read(&mut self.buffer) {
                Ok(count) => {
                    self.to = count;
                    self.at_end = count == 0;
                    self.read += count as u64;
                    return Ok(());
                }
                Err(error) if error.kind() == std::io::ErrorKind::Interrupted => {}
                Err(error) => return Err(error.into()),
            }
        }
    }

    /// Feeds what is in the buffer to the machine, up to the end of the next record.
    fn step(&mut self, records: &mut Records) -> Result<()> {
        if self.at_end && self.from == self.to {
            return self.machine.finish(records);
        }
        let bytes = &self.buffer[self.from..self.to];
        self.from += match &mut self.machine {
            Machine::Lines { inside } => line(bytes, inside, records),
            Machine::Elements(json) => json.feed(bytes, records)?,
            Machine::Failed(error) => return Err(error.take().unwrap_or_else(cut_short)),
        };
        let open = records.bytes.len() - records.complete();
        if open > MAX_RECORD {
            return Err(Error::new(ErrorKind::Limit, "a record is over the limit of 512 MiB"));
        }
        Ok(())
    }
}

enum Machine {
    Lines { inside: bool },
    Elements(Elements),
    Failed(Option<Error>),
}

impl Machine {
    fn finish(&mut self, records: &mut Records) -> Result<()> {
        match self {
            Machine::Lines { inside: true } => {
                *self = Machine::Lines { inside: false };
                close_line(records);
                Ok(())
            }
            Machine::Lines { inside: false } => Ok(()),
            Machine::Elements(json) => json.finish(records),
            Machine::Failed(error) => error.take().map_or(Ok(()), Err),
        }
    }
}

/// Takes one line, or what there is of it. Blank lines are no records.
fn line(bytes: &[u8], inside: &mut bool, records: &mut Records) -> usize {
    match memchr::memchr(b'\n', bytes) {
        Some(end) => {
            records.bytes.extend_from_slice(&bytes[..end]);
            *inside = false;
            close_line(records);
            end + 1
        }
        None => {
            records.bytes.extend_from_slice(bytes);
            *inside = true;
            bytes.len()
        }
    }
}

fn close_line(records: &mut Records) {
    let start = records.complete();
    let line = &records.bytes[start..];
    let kept = line.trim_ascii_end().len();
    let blank = kept == 0;
    records.bytes.truncate(start + kept);
    if !blank {
        records.close();
    }
}

fn cut_short() -> Error {
    Error::new(ErrorKind::Malformed, "the file is cut short")
}

/// Hands a member's records to `take` one by one, with their numbers. For streams; records that can be parsed by
/// themselves are better left to [`super::How::Records`].
pub fn each_record(member: &Member, split: Split, take: &mut dyn FnMut(&[u8], u64) -> Result<()>) -> Result<()> {
    let mut splitter = Splitter::new(member.open()?, split);
    while let Some(batch) = splitter.next_batch() {
        for (number, record) in batch.map_err(|e| e.at(member.place()))?.iter() {
            take(record, number)?;
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The records and the trouble, with the bytes coming in small pieces.
    fn split(text: &str, split: Split, piece: usize) -> (Vec<String>, Option<String>) {
        let pieces = Pieces(text.as_bytes(), piece);
        let mut splitter = Splitter::new(pieces, split);
        let (mut records, mut trouble) = (Vec::new(), None);
        while let Some(batch) = splitter.next_batch() {
            match batch {
                Ok(batch) => records.extend(batch.iter().map(|(_, r)| String::from_utf8_lossy(r).into_owned())),
                Err(error) => trouble = Some(error.to_string()),
            }
        }
        (records, trouble)
    }

    struct Pieces<'a>(&'a [u8], usize);

    impl Read for Pieces<'_> {
        fn read(&mut self, out: &mut [u8]) -> std::io::Result<usize> {
            let count = self.1.min(out.len()).min(self.0.len());
            out[..count].copy_from_slice(&self.0[..count]);
            self.0 = &self.0[count..];
            Ok(count)
        }
    }

    #[test]
    fn documents_fall_into_their_records() {
        let cut = Some("the file is cut short".to_owned());
        let cases: &[(&str, Split, &[&str], &Option<String>)] = &[
            ("{\"a\":1}\r\n\n {\"b\n", Split::Lines, &["{\"a\":1}", " {\"b"], &None),
            ("x", Split::Lines, &["x"], &None),
            (
                "[{\"a\":\"}]\\\"\"}, [1,2],\n3 ,\"s\",null]",
                Split::Elements(None),
                &["{\"a\":\"}]\\\"\"}", "[1,2]", "3", "\"s\"", "null"],
                &None,
            ),
            ("{\"x\":[{}]}\n{\"y\":1}", Split::Elements(None), &["{\"x\":[{}]}", "{\"y\":1}"], &None),
            (
                "{\"n\":{\"list\":[0]},\"m\":2,\"list\":[{\"a\":1},{}],\"z\":[9]}",
                Split::Elements(Some("list")),
                &["{\"a\":1}", "{}"],
                &None,
            ),
            ("[{\"a\":1}]", Split::Elements(Some("list")), &["{\"a\":1}"], &None),
            ("[{\"a\":1},{\"b\":", Split::Elements(None), &["{\"a\":1}"], &cut),
            ("[{\"a\":1}", Split::Elements(None), &["{\"a\":1}"], &cut),
            ("{\"list\":[{\"a\":1},", Split::Elements(Some("list")), &["{\"a\":1}"], &cut),
            ("[]", Split::Elements(None), &[], &None),
            ("", Split::Elements(None), &[], &None),
        ];
        for (text, how, records, trouble) in cases {
            for piece in [1, 2, 3, 7, 1000] {
                let got = split(text, *how, piece);
                assert_eq!(
                    (&got.0.iter().map(String::as_str).collect::<Vec<_>>()[..], &got.1),
                    (*records, *trouble),
                    "{text}"
                );
            }
        }
        assert!(split("[1] x", Split::Elements(None), 9).1.is_some());
        assert!(split("{\"list\":[1]], 2}", Split::Elements(Some("list")), 9).1.is_some());
        let long = format!("\"{}\"", "a".repeat(3 << 20));
        assert_eq!(split(&format!("[{long},1]"), Split::Elements(None), 1 << 20).0, [&long, "1"]);
        assert_eq!(split(&format!("{long}\n1"), Split::Lines, 1 << 20).0, [&long, "1"]);
    }
}
