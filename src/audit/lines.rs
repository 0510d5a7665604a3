//! Records that a scan wrote, line by line: JSON lines or Parquet, plain or compressed. Memory does not grow with them.

use std::borrow::Cow;
use std::io::{BufRead, BufReader, Read};

use serde::Deserialize;

use crate::error::{Error, ErrorKind, Result};
use crate::read::{Catalog, begins_like_records};

/// A longer line is no record: memory stays bounded whatever is given.
const LONGEST: u64 = 64 << 20;

/// What a record says, as far as an audit needs it.
#[derive(Debug, Clone, Deserialize)]
pub struct Record<'a> {
    /// The file.
    #[serde(borrow)]
    pub source: Cow<'a, str>,
    /// The platform.
    #[serde(borrow)]
    pub platform: Cow<'a, str>,
    /// The door.
    #[serde(borrow, default)]
    pub surface: Option<Cow<'a, str>>,
    /// The conversation.
    #[serde(borrow)]
    pub conversation_id: Cow<'a, str>,
    /// The message, where it has an id.
    #[serde(borrow, default)]
    pub message_id: Option<Cow<'a, str>>,
    /// Its place in the conversation.
    pub index: u64,
    /// Who wrote it.
    #[serde(borrow)]
    pub role: Cow<'a, str>,
    /// When.
    #[serde(borrow, default)]
    pub timestamp: Option<Cow<'a, str>>,
    /// Its language.
    #[serde(borrow)]
    pub lang: Cow<'a, str>,
    /// The listed categories that it was flagged for.
    #[serde(borrow)]
    pub sensitive: Vec<Said<'a>>,
    /// The unlisted ones.
    #[serde(borrow, default)]
    pub unlisted: Vec<Said<'a>>,
    /// The message itself, in records that quote.
    #[serde(borrow, default)]
    pub text: Option<Cow<'a, str>>,
}

/// A category that was flagged.
#[derive(Debug, Clone, Deserialize)]
pub struct Said<'a> {
    /// Its id.
    #[serde(borrow)]
    pub category: Cow<'a, str>,
    /// Its probability.
    pub score: f64,
    /// Whom it is about.
    #[serde(borrow)]
    pub disclosure: Cow<'a, str>,
}

/// Whether the first line of an input is a record, so that it is read as such and not scanned.
pub fn are_records(path: &str) -> Result<bool> {
    let catalog = Catalog::open(path)?;
    let Some(entry) = catalog.entries.first() else { return Ok(false) };
    Ok(begins_like_records(&entry.head))
}

/// Hands on every line of an input that is not blank, with its number.
pub fn each_line(path: &str, each: &mut dyn FnMut(&[u8], u64) -> Result<()>) -> Result<()> {
    let catalog = Catalog::open(path)?;
    if catalog.entries.is_empty() {
        return Err(Error::new(ErrorKind::Unrecognised, "there is no file in it").at(path));
    }
    for entry in &catalog.entries {
        let place = entry.member.place();
        each_line_of(entry.member.open()?, &place, each)?;
    }
    Ok(())
}

/// The same of a stream, as it comes.
pub fn each_line_of(input: impl Read, place: &str, each: &mut dyn FnMut(&[u8], u64) -> Result<()>) -> Result<()> {
    let mut input = BufReader::with_capacity(1 << 16, input);
    let (mut line, mut number) = (Vec::new(), 0);
    loop {
        line.clear();
        let length = (&mut input).take(LONGEST).read_until(b'\n', &mut line);
        if length.map_err(|error| Error::from(error).at(place))? == 0 {
            return Ok(());
        }
        number += 1;
        if !line.iter().all(u8::is_ascii_whitespace) {
            each(&line, number).map_err(|error| error.at(format!("{place}:{number}")))?;
        }
    }
}

/// Reads one line as a record.
pub fn record(line: &[u8]) -> Result<Record<'_>> {
    // The words of a JSON error can quote the line.
    serde_json::from_slice(line).map_err(|_| {
        Error::new(ErrorKind::Malformed, "not a record (JSON lines or Parquet that `offlimits scan --records` wrote)")
    })
}
