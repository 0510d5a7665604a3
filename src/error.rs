//! One opaque error for the library: what went wrong, and where.
//!
//! A single bad record is *not* an error: readers count it in the [`Ledger`](crate::read::Ledger) and go on.

use std::fmt;

/// The result of a library call.
pub type Result<T> = std::result::Result<T, Error>;

/// What kind of thing went wrong.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum ErrorKind {
    /// The operating system could not read or write something.
    Io,
    /// An archive or a file is password-protected.
    Encrypted,
    /// Bytes do not have the structure that they claim to have.
    Malformed,
    /// The input is readable, but no known chat export.
    Unrecognised,
    /// A safety limit was reached (depth, size, number of entries).
    Limit,
    /// Lexicon, taxonomy or policy data is wrong; the place is `file:line`.
    Data,
    /// The caller asked for something that does not exist (an option's value, a format's name).
    Usage,
}

/// Why a call failed, and the place: `file`, `zip!member` or `file:line`.
#[derive(Debug)]
pub struct Error {
    kind: ErrorKind,
    place: String,
    message: String,
    source: Option<Box<dyn std::error::Error + Send + Sync>>,
}

impl Error {
    /// An error of `kind`, told in `message`.
    pub fn new(kind: ErrorKind, message: impl Into<String>) -> Self {
        Error { kind, place: String::new(), message: message.into(), source: None }
    }

    /// The same error with the place where it happened.
    #[must_use]
    pub fn at(mut self, place: impl Into<String>) -> Self {
        let place = place.into();
        if self.place.is_empty() {
            self.place = place;
        }
        self
    }

    /// What kind of error this is.
    pub fn kind(&self) -> ErrorKind {
        self.kind
    }

    /// The place, empty where there is none.
    pub fn place(&self) -> &str {
        &self.place
    }

    /// The message without the place.
    pub fn message(&self) -> &str {
        &self.message
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.place.is_empty() { f.write_str(&self.message) } else { write!(f, "{}: {}", self.place, self.message) }
    }
}

impl std::error::Error for Error {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        self.source.as_ref().map(|s| s.as_ref() as _)
    }
}

impl From<std::io::Error> for Error {
    fn from(source: std::io::Error) -> Self {
        Error { kind: ErrorKind::Io, place: String::new(), message: source.to_string(), source: Some(Box::new(source)) }
    }
}
