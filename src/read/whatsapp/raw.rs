//! A chat's lines put together into its messages, one at a time.

use std::io::{BufRead, BufReader, Read};

use super::dates::Written;
use super::header::Header;
use crate::error::{Error, ErrorKind, Result};
use crate::input::Member;

/// A longer line, or message, is not one.
const LONGEST: usize = 128 << 20;

/// A message as the file holds it.
pub(crate) struct Raw {
    /// Date and time as written.
    pub(crate) date: Written,
    /// The author; none for a line of the app.
    pub(crate) author: Option<String>,
    /// The text, its lines joined.
    pub(crate) text: String,
}

/// Hands on a chat's messages in order; also those before a trouble.
pub(crate) fn each(member: &Member, take: &mut dyn FnMut(Raw) -> Result<()>) -> Result<()> {
    let mut lines = Lines::new(member.open()?);
    let mut open: Option<Raw> = None;
    let outcome = loop {
        let line = match lines.next() {
            Ok(Some(line)) => line,
            Ok(None) => break Ok(()),
            Err(error) => break Err(error.at(member.place())),
        };
        match (Header::parse(line), &mut open) {
            (Some(Header { date, author, text }), _) => {
                let next = Raw { date, author, text: text.to_owned() };
                if let Some(raw) = open.replace(next) {
                    take(raw)?;
                }
            }
            (None, Some(raw)) if raw.text.len() + line.len() > LONGEST => {
                break Err(too_long().at(member.place()));
            }
            (None, Some(raw)) => {
                raw.text.push('\n');
                raw.text.push_str(line);
            }
            (None, None) => {}
        }
    };
    open.map_or(Ok(()), take)?;
    outcome
}

/// The lines of a text, without their ends.
pub(crate) struct Lines {
    bytes: BufReader<Box<dyn Read + Send>>,
    line: Vec<u8>,
    text: String,
}

impl Lines {
    /// Over UTF-8 bytes.
    pub(crate) fn new(bytes: Box<dyn Read + Send>) -> Lines {
        Lines { bytes: BufReader::with_capacity(64 << 10, bytes), line: Vec::new(), text: String::new() }
    }

    /// The next line; none at the end.
    pub(crate) fn next(&mut self) -> Result<Option<&str>> {
        self.line.clear();
        let read = (&mut self.bytes).take(LONGEST as u64 + 1).read_until(b'\n', &mut self.line)?;
        if read == 0 {
            return Ok(None);
        }
        if self.line.len() > LONGEST {
            return Err(too_long());
        }
        let line = self.line.strip_suffix(b"\n").unwrap_or(&self.line);
        let line = line.strip_suffix(b"\r").unwrap_or(line);
        self.text.clear();
        self.text.push_str(&String::from_utf8_lossy(line));
        Ok(Some(&self.text))
    }
}

fn too_long() -> Error {
    Error::new(ErrorKind::Limit, "a message is over the limit of 128 MiB")
}
