//! Named bytes: files, folders, archives in archives, compressed streams and standard input.

use std::io::Read;
use std::path::PathBuf;

use crate::error::Result;

/// One file of an input: opened as often as it is needed, decoded to UTF-8.
#[derive(Debug, Clone)]
pub struct Member {
    /// The input's path as the user gave it.
    pub input: String,
    /// The path inside the input (`folder/file.json`, `outer.zip!inner.json`); for a plain file its file name.
    pub path: String,
    /// Where the bytes are.
    pub(crate) at: PathBuf,
}

impl Member {
    /// The file name without folders.
    pub fn name(&self) -> &str {
        let path = self.path.rsplit(['/', '!']).next();
        path.unwrap_or(&self.path)
    }

    /// The file name without folders and extension; for a member whose name says nothing, see the format.
    pub fn stem(&self) -> &str {
        let name = self.name();
        name.rsplit_once('.').map_or(name, |(stem, _)| if stem.is_empty() { name } else { stem })
    }

    /// The place for records and ledgers: the input alone for a plain file, else `input!path`.
    pub fn place(&self) -> String {
        self.input.clone()
    }

    /// Opens the bytes: inflated, byte-order mark gone, UTF-16 and Windows-1252 turned into UTF-8.
    pub fn open(&self) -> Result<Box<dyn Read + Send>> {
        Ok(Box::new(std::fs::File::open(&self.at)?))
    }

    /// The whole member as text. For formats that need it whole; refuses members over 1 GiB.
    pub fn text(&self) -> Result<String> {
        let mut text = String::new();
        self.open()?.read_to_string(&mut text)?;
        Ok(text)
    }
}
