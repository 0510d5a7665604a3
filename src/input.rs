//! Named bytes: files, folders, archives in archives, compressed streams and standard input.
//!
//! Everything is told apart by its first bytes, never by its name, and reached lazily: a member is opened as often as a
//! reader wants it, without unpacking anything else. Law: sizes, depths and counts are bounded on any input.

use std::io::Read;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::AtomicU64;

use crate::error::{Error, ErrorKind, Result};

mod archive;
mod blob;
mod columns;
mod decode;
mod parquet;
mod tar;
mod walk;
mod zstd;

pub use columns::Columns;
pub(crate) use decode::text_of;
pub(crate) use walk::{Found, Kind, walk, walk_memory};

use archive::{Capped, MAX_MEMBER, Packed};
use blob::Blob;

/// A text that a format needs whole may have this many bytes.
const MAX_TEXT: u64 = 1 << 30;

/// One file of an input: opened as often as it is needed, decoded to UTF-8.
#[derive(Debug, Clone)]
pub struct Member {
    /// The input's path as the user gave it.
    pub input: String,
    /// The path inside the input (`folder/file.json`, `outer.zip!inner.json`); for a plain file its file name. A last
    /// `.gz` or `.zst` that was inflated is left off.
    pub path: String,
    /// The place as records and ledgers write it.
    place: String,
    /// Bytes after inflating, where that is known.
    size: Option<u64>,
    /// Counts the bytes that are read.
    meter: Option<Arc<AtomicU64>>,
    /// Where the bytes are.
    pub(crate) at: At,
}

/// Where a member's bytes are.
#[derive(Debug, Clone)]
pub(crate) enum At {
    /// A file of its own.
    Path(PathBuf),
    /// Shared bytes.
    Blob(Blob),
    /// A file in a zip.
    Zip(Box<Packed>),
    /// Inside gzip.
    Gzip(Arc<At>),
    /// Inside Zstandard.
    Zstd(Arc<At>),
    /// The rows of a Parquet file, as JSON lines, with these columns.
    Parquet(Blob, Columns),
}

impl At {
    /// Opens the bytes as they are.
    pub(crate) fn open(&self) -> Result<Box<dyn Read + Send>> {
        Ok(match self {
            At::Path(path) => Box::new(std::fs::File::open(path)?),
            At::Blob(blob) => Box::new(blob.reader()),
            At::Zip(packed) => packed.open(),
            At::Gzip(inner) => {
                let packed = std::io::BufReader::with_capacity(64 << 10, inner.open()?);
                Box::new(flate2::bufread::MultiGzDecoder::new(packed))
            }
            At::Zstd(inner) => Box::new(zstd::Zstd::new(inner.open()?)),
            At::Parquet(blob, columns) => Box::new(parquet::Lines::new(blob, *columns)?),
        })
    }

    /// Whether the bytes are inflated: then what comes out may be far more than what is there.
    fn is_packed(&self) -> bool {
        matches!(self, At::Zip(_) | At::Gzip(_) | At::Zstd(_) | At::Parquet(..))
    }

    /// Bytes after inflating, where that is known without reading.
    fn size(&self) -> Option<u64> {
        match self {
            At::Path(path) => std::fs::metadata(path).ok().map(|m| m.len()),
            At::Blob(blob) => Some(blob.len()),
            At::Zip(packed) => Some(packed.size),
            At::Gzip(_) | At::Zstd(_) | At::Parquet(..) => None,
        }
    }
}

impl At {
    /// About so many bytes come out, for progress: known, or told by the container, or guessed from the packed size.
    fn expected(&self) -> Option<u64> {
        /// Text packs to about a quarter.
        const PACKING: u64 = 4;
        match self {
            At::Gzip(inner) => {
                let packed = inner.size()?;
                // The last four bytes tell the size, up to 4 GiB and where nothing was appended.
                let told = inner.last_four().map(|bytes| u64::from(u32::from_le_bytes(bytes)));
                Some(told.filter(|size| *size >= packed).unwrap_or(packed * PACKING))
            }
            At::Zstd(inner) => Some(inner.size()? * PACKING),
            At::Parquet(blob, columns) => parquet::Lines::expected(blob, *columns),
            _ => self.size(),
        }
    }

    fn last_four(&self) -> Option<[u8; 4]> {
        use std::io::{Seek, SeekFrom};
        fn last(mut bytes: impl Read + Seek) -> std::io::Result<[u8; 4]> {
            let mut four = [0; 4];
            bytes.seek(SeekFrom::End(-4))?;
            bytes.read_exact(&mut four)?;
            Ok(four)
        }
        match self {
            At::Path(path) => last(std::fs::File::open(path).ok()?).ok(),
            At::Blob(blob) => last(blob.reader()).ok(),
            _ => None,
        }
    }
}

impl Member {
    /// A member of bytes in memory, for callers that have no file, and for tests.
    pub fn from_bytes(input: &str, path: &str, bytes: Vec<u8>) -> Member {
        Member::new(input, path.to_owned(), format!("{input}!{path}"), At::Blob(Blob::memory(bytes)))
    }

    pub(crate) fn new(input: &str, path: String, place: String, at: At) -> Member {
        Member { input: input.to_owned(), path, place, size: at.size(), meter: None, at }
    }

    /// The same member, read only as far as these columns go, where it has columns.
    #[must_use]
    pub fn with_columns(mut self, wanted: Columns) -> Member {
        if let At::Parquet(_, columns) = &mut self.at {
            *columns = wanted;
        }
        self
    }

    /// The same member, counting what is read from it.
    pub(crate) fn metered(mut self, meter: &Arc<AtomicU64>) -> Member {
        self.meter = Some(meter.clone());
        self
    }

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

    /// The folder that holds the member, with its `/` or `!` at the end; empty at the top.
    pub fn folder(&self) -> &str {
        &self.path[..self.path.len() - self.name().len()]
    }

    /// The place for records and ledgers: the input alone for a plain file, `input!path` in an archive, and the joined
    /// path in a folder.
    pub fn place(&self) -> String {
        self.place.clone()
    }

    /// Bytes after inflating, where that is known without reading.
    pub fn size(&self) -> Option<u64> {
        self.size
    }

    /// About so many bytes will be read, for progress; none where nothing is known.
    pub fn expected(&self) -> Option<u64> {
        self.size.or_else(|| self.at.expected())
    }

    /// Opens the bytes: inflated, byte-order mark gone, UTF-16 and Windows-1252 turned into UTF-8.
    pub fn open(&self) -> Result<Box<dyn Read + Send>> {
        let raw = self.at.open().map_err(|e| e.at(&self.place))?;
        let limit = if self.at.is_packed() { MAX_MEMBER } else { u64::MAX };
        let raw = Capped::new(raw, limit, self.meter.clone());
        Ok(Box::new(decode::Utf8Reader::new(raw).map_err(|e| Error::from(e).at(&self.place))?))
    }

    /// The whole member as text. For formats that need it whole; refuses members over 1 GiB.
    pub fn text(&self) -> Result<String> {
        let mut text = String::new();
        self.open()?.take(MAX_TEXT + 1).read_to_string(&mut text).map_err(|e| Error::from(e).at(&self.place))?;
        if text.len() as u64 > MAX_TEXT {
            return Err(Error::new(ErrorKind::Limit, "too large to be read as a whole (over 1 GiB)").at(&self.place));
        }
        Ok(text)
    }
}
