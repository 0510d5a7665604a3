//! What is wrong with a JSON document, in this crate's words.

use crate::error::{Error, ErrorKind};

impl From<serde_json::Error> for Error {
    fn from(source: serde_json::Error) -> Self {
        // serde_json wraps I/O failures (a cut gzip stream, a vanished disk): keep them apart from bad JSON. Its own words
        // can quote the document, so only the place is kept.
        use serde_json::error::Category;
        let (line, column) = (source.line(), source.column());
        let (kind, message) = match source.classify() {
            Category::Io => (ErrorKind::Io, source.to_string()),
            Category::Eof => (ErrorKind::Malformed, "the JSON is cut short".to_owned()),
            Category::Syntax => (ErrorKind::Malformed, format!("not JSON at line {line}, column {column}")),
            Category::Data => (ErrorKind::Malformed, format!("unexpected JSON at line {line}, column {column}")),
        };
        Error::new(kind, message)
    }
}
