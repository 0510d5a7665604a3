//! Cutting a stream of bytes into records without parsing them.
//!
//! Law: memory is bounded by one batch and one record; where batches end depends on the bytes alone; what comes before a
//! cut is still yielded.

use std::io::Read;

use super::Split;
use crate::error::{Error, ErrorKind, Result};

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
            Split::Elements(name) => Machine::Json(Json::new(name)),
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
        splitter.machine = Machine::Json(Json { once: true, ..Json::new(None) });
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
            Machine::Json(json) => json.feed(bytes, records)?,
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
    Json(Json),
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
            Machine::Json(json) => json.finish(records),
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

/// Where in the document the next byte is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum State {
    /// Before a value at the top.
    Top,
    /// In the array of records, before a record; the flag says whether an object encloses the array.
    Elements(bool),
    /// In the enclosing object, before a key.
    Key,
    /// After the key: before the colon or the value.
    Value,
    /// Inside a record (or a member that is stepped over).
    Inside,
    /// After the wanted array of the enclosing object: the rest is stepped over.
    Rest,
    /// After the only document that is wanted.
    Done,
}

/// Finds the records of a JSON document: brackets and strings are tracked, nothing is parsed.
struct Json {
    wanted: Option<&'static str>,
    /// Stop after the first value at the top.
    once: bool,
    state: State,
    /// Where to go on after the value that is being scanned.
    back: State,
    /// Whether the value that is being scanned is a record.
    keep: bool,
    depth: u32,
    in_string: bool,
    escaped: bool,
    /// The value is a number or a word: it ends before the next separator.
    bare: bool,
    key: Vec<u8>,
    key_open: bool,
}

impl Json {
    fn new(wanted: Option<&'static str>) -> Self {
        Json {
            wanted,
            once: false,
            state: State::Top,
            back: State::Top,
            keep: false,
            depth: 0,
            in_string: false,
            escaped: false,
            bare: false,
            key: Vec::new(),
            key_open: false,
        }
    }

    /// Takes bytes up to the end of one record at most; answers how many.
    fn feed(&mut self, bytes: &[u8], records: &mut Records) -> Result<usize> {
        let mut at = 0;
        while at < bytes.len() {
            if self.state == State::Inside {
                let taken = self.inside(&bytes[at..]);
                if self.keep {
                    records.bytes.extend_from_slice(&bytes[at..at + taken]);
                }
                at += taken;
                if self.state != State::Inside && self.keep {
                    records.close();
                    return Ok(at);
                }
                continue;
            }
            if self.key_open {
                at += self.key(&bytes[at..]);
                continue;
            }
            if bytes[at].is_ascii_whitespace() || bytes[at] == b',' {
                at += 1;
                continue;
            }
            at += self.between(bytes[at])?;
        }
        Ok(at)
    }

    /// A byte outside of records; answers 0 when it is the first byte of a value.
    fn between(&mut self, byte: u8) -> Result<usize> {
        match (self.state, byte) {
            (State::Done, _) => {}
            (State::Top, b'[') => self.state = State::Elements(false),
            (State::Top, b'{') if self.wanted.is_some() => self.state = State::Key,
            (State::Top, b'{') => return Ok(self.begin(State::Top, true, byte)),
            (State::Top, _) => return Err(Error::new(ErrorKind::Malformed, "something else follows the JSON")),
            (State::Elements(wrapped), b']') => self.state = self.after_array(wrapped),
            (State::Elements(_), b'}') => {
                return Err(Error::new(ErrorKind::Malformed, "the JSON's brackets do not match"));
            }
            (State::Elements(wrapped), _) => return Ok(self.begin(State::Elements(wrapped), true, byte)),
            (State::Key | State::Rest, b'}') => self.state = State::Top,
            (State::Key, b'"') => {
                self.key.clear();
                self.key_open = true;
            }
            (State::Key, _) => return Err(Error::new(ErrorKind::Malformed, "the JSON's brackets do not match")),
            (State::Value, b':') => {}
            (State::Value, b'[') if self.wanted.is_some_and(|name| name.as_bytes() == self.key) => {
                self.state = State::Elements(true);
            }
            (State::Value, _) => return Ok(self.begin(State::Key, false, byte)),
            (State::Rest, b':') => {}
            (State::Rest, _) => return Ok(self.begin(State::Rest, false, byte)),
            (State::Inside, _) => {}
        }
        Ok(1)
    }

    fn after_array(&self, wrapped: bool) -> State {
        match (wrapped, self.once) {
            (true, _) => State::Rest,
            (false, true) => State::Done,
            (false, false) => State::Top,
        }
    }

    fn begin(&mut self, back: State, keep: bool, byte: u8) -> usize {
        self.state = State::Inside;
        self.back = back;
        self.keep = keep;
        self.depth = 0;
        self.bare = !matches!(byte, b'{' | b'[' | b'"');
        0
    }

    fn key(&mut self, bytes: &[u8]) -> usize {
        for (at, &byte) in bytes.iter().enumerate() {
            match byte {
                _ if self.escaped => self.escaped = false,
                b'\\' => self.escaped = true,
                b'"' => {
                    self.key_open = false;
                    self.state = State::Value;
                    return at + 1;
                }
                _ => {}
            }
            // Names that are asked for are short; a longer key is none of them.
            if self.key.len() < 64 {
                self.key.push(byte);
            }
        }
        bytes.len()
    }

    /// Scans inside a value; answers how many bytes belong to it.
    fn inside(&mut self, bytes: &[u8]) -> usize {
        let mut at = 0;
        while at < bytes.len() {
            if self.in_string {
                if self.escaped {
                    self.escaped = false;
                    at += 1;
                    continue;
                }
                let Some(found) = memchr::memchr2(b'"', b'\\', &bytes[at..]) else { return bytes.len() };
                at += found + 1;
                self.escaped = bytes[at - 1] == b'\\';
                self.in_string = self.escaped;
                if !self.in_string && self.depth == 0 {
                    self.state = self.back;
                    return at;
                }
                continue;
            }
            match bytes[at] {
                b'"' => self.in_string = true,
                b'{' | b'[' => self.depth += 1,
                b'}' | b']' if self.bare && self.depth == 0 => {
                    self.state = self.back;
                    return at;
                }
                b'}' | b']' => {
                    self.depth = self.depth.saturating_sub(1);
                    if self.depth == 0 {
                        self.state = self.back;
                        return at + 1;
                    }
                }
                byte if self.bare && self.depth == 0 && (byte == b',' || byte.is_ascii_whitespace()) => {
                    self.state = self.back;
                    return at;
                }
                _ => {}
            }
            at += 1;
        }
        at
    }

    fn finish(&mut self, records: &mut Records) -> Result<()> {
        records.bytes.truncate(records.complete());
        let complete = matches!(self.state, State::Top | State::Done) && !self.key_open;
        *self = Json::new(self.wanted);
        if complete { Ok(()) } else { Err(cut_short()) }
    }
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
        let long = format!("\"{}\"", "a".repeat(3 << 20));
        assert_eq!(split(&format!("[{long},1]"), Split::Elements(None), 1 << 20).0, [&long, "1"]);
        assert_eq!(split(&format!("{long}\n1"), Split::Lines, 1 << 20).0, [&long, "1"]);
    }
}
