//! Finding the members of an input: folders are walked in the order of their paths, archives opened in archives.

use std::fs::File;
use std::io::Read;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::archive::{self, MAX_ENTRIES};
use super::blob::{Allowance, Blob};
use super::tar::{self, Contents};
use super::{At, Columns, Member, decode};
use crate::error::{Error, ErrorKind, Result};

/// How deep archives and compressed streams may be nested.
const MAX_DEPTH: u32 = 4;

/// Extensions of files that hold no text of a chat.
const MEDIA: &[&str] = &[
    "3gp", "aac", "aif", "aiff", "amr", "apk", "avi", "avif", "bmp", "css", "dng", "docx", "eot", "epub", "flac",
    "gif", "heic", "heif", "ico", "jar", "jpeg", "jpg", "js", "m4a", "m4v", "mkv", "mov", "mp3", "mp4", "mpeg", "mpg",
    "odp", "ods", "odt", "oga", "ogg", "ogv", "opus", "otf", "pdf", "png", "pptx", "psd", "raw", "svg", "tif", "tiff",
    "ttf", "vcf", "wav", "webm", "webp", "wma", "wmv", "woff", "woff2", "xlsx",
];

/// What the first bytes are.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Kind {
    /// Text in some encoding.
    Text,
    /// Anything else.
    Binary,
    /// Not to be read: a reason code and words.
    Skipped(&'static str, String),
}

/// A member and its first bytes.
#[derive(Debug)]
pub(crate) struct Found {
    /// The member.
    pub(crate) member: Member,
    /// Its first bytes, as they are.
    pub(crate) head: Vec<u8>,
    /// Whether `head` is all of it.
    pub(crate) whole: bool,
    /// What it is.
    pub(crate) kind: Kind,
}

/// Finds everything in an input: a path, or `-` for standard input.
pub(crate) fn walk(input: &str) -> Result<Vec<Found>> {
    let mut walker = Walker::new(input);
    if input == "-" {
        let blob = Blob::spool(std::io::stdin().lock(), &mut walker.allowance)?;
        walker.probe(At::Blob(blob), "stdin".to_owned(), Place::Input, 0)?;
        return Ok(walker.found);
    }
    let path = Path::new(input);
    let about = std::fs::metadata(path).map_err(|e| Error::from(e).at(input))?;
    if about.is_dir() {
        walker.folder(path)?;
    } else {
        let name = path.file_name().map_or_else(|| input.to_owned(), |n| n.to_string_lossy().into_owned());
        let at = if about.is_file() {
            At::Path(path.to_owned())
        } else {
            let pipe = File::open(path).map_err(|e| Error::from(e).at(input))?;
            At::Blob(Blob::spool(pipe, &mut walker.allowance)?)
        };
        walker.probe(at, name, Place::Input, 0).map_err(|e| e.at(input))?;
    }
    Ok(walker.found)
}

/// Finds everything in files that are in memory, each with its path inside the input.
pub(crate) fn walk_memory(input: &str, files: Vec<(&str, Vec<u8>)>) -> Result<Vec<Found>> {
    let mut walker = Walker::new(input);
    for (path, bytes) in files {
        walker.probe_or_skip(At::Blob(Blob::memory(bytes)), path.to_owned(), Place::Archive, 0)?;
    }
    Ok(walker.found)
}

/// How a member's place is written.
#[derive(Clone, Copy)]
enum Place {
    /// The input alone.
    Input,
    /// `input/path`.
    Folder,
    /// `input!path`.
    Archive,
}

/// The beginning of the paths inside an archive, and how their places are written.
fn inside(path: &str, place: Place) -> (String, Place) {
    match place {
        Place::Input => (String::new(), Place::Archive),
        Place::Folder | Place::Archive => (format!("{path}!"), place),
    }
}

struct Walker<'a> {
    input: &'a str,
    found: Vec<Found>,
    /// Bytes of heads that are kept.
    heads: usize,
    allowance: Allowance,
}

impl<'a> Walker<'a> {
    fn new(input: &'a str) -> Self {
        let allowance = Allowance { memory: 256 << 20, total: 64 << 30, files: 256 };
        Walker { input, found: Vec::new(), heads: 0, allowance }
    }

    fn folder(&mut self, root: &Path) -> Result<()> {
        let mut files = Vec::new();
        let mut folders = vec![root.to_owned()];
        while let Some(folder) = folders.pop() {
            let entries = std::fs::read_dir(&folder).map_err(|e| Error::from(e).at(folder.to_string_lossy()))?;
            for entry in entries.flatten() {
                let path = entry.path();
                // A linked folder could lead in circles; a linked file cannot.
                match entry.file_type() {
                    Ok(kind) if kind.is_dir() => folders.push(path),
                    Ok(_) if path.is_file() => files.push((relative(root, &path), path)),
                    _ => {}
                }
            }
            if files.len() > MAX_ENTRIES {
                return Err(too_many());
            }
        }
        files.sort();
        for (name, path) in files {
            self.probe_or_skip(At::Path(path), name, Place::Folder, 0)?;
        }
        Ok(())
    }

    fn archive(&mut self, blob: &Blob, within: &str, place: Place, depth: u32) -> Result<()> {
        let members = archive::list(blob)?;
        if self.found.len() + members.len() > MAX_ENTRIES {
            return Err(too_many());
        }
        for member in members {
            let path = format!("{within}{}", member.path);
            match member.bytes {
                Ok(packed) => self.probe_or_skip(At::Zip(Box::new(packed)), path, place, depth)?,
                Err((reason, words)) => self.skipped(At::Blob(Blob::memory(Vec::new())), path, place, reason, words),
            }
        }
        Ok(())
    }

    /// Probes a member of something larger: what is wrong with it is its own affair.
    fn probe_or_skip(&mut self, at: At, path: String, place: Place, depth: u32) -> Result<()> {
        if self.found.len() >= MAX_ENTRIES {
            return Err(too_many());
        }
        if let Err(error) = self.probe(at.clone(), path.clone(), place, depth) {
            let reason = if error.kind() == ErrorKind::Limit { "limit" } else { "unreadable" };
            self.skipped(at, path, place, reason, error.message().to_owned());
        }
        Ok(())
    }

    fn probe(&mut self, at: At, path: String, place: Place, depth: u32) -> Result<()> {
        if let Some((reason, words)) = left_out(&path) {
            self.skipped(at, path, place, reason, words.to_owned());
            return Ok(());
        }
        let limit = self.head_limit();
        let mut head = Vec::new();
        let mut stream = at.open()?;
        (&mut stream).take(limit as u64 + 1).read_to_end(&mut head)?;
        drop(stream);
        let whole = head.len() <= limit;
        head.truncate(limit);
        let kind = match magic(&head) {
            Magic::None if decode::is_binary(&head) => Kind::Binary,
            Magic::None => Kind::Text,
            packed if depth >= MAX_DEPTH => {
                let words = format!("archives are nested more than {MAX_DEPTH} deep ({packed:?})");
                return Err(Error::new(ErrorKind::Limit, words));
            }
            Magic::Gzip => return self.probe(At::Gzip(Arc::new(at)), without_gz(path), place, depth + 1),
            Magic::Zstd => return self.probe(At::Zstd(Arc::new(at)), bare(path, ".zst"), place, depth + 1),
            Magic::Parquet => {
                let rows = At::Parquet(self.blob(&at)?, Columns::All);
                return self.probe(rows, path, place, depth + 1);
            }
            Magic::Zip => return self.zip(&at, &path, place, depth),
            Magic::Tar => return self.tar(&at, &path, place, depth),
        };
        if kind == Kind::Binary {
            head.clear();
        }
        self.heads += head.len();
        let member = self.member(at, path, place);
        self.found.push(Found { member, head, whole, kind });
        Ok(())
    }

    fn zip(&mut self, at: &At, path: &str, place: Place, depth: u32) -> Result<()> {
        let blob = self.blob(at)?;
        let (within, place) = inside(path, place);
        self.archive(&blob, &within, place, depth + 1)
    }

    /// The bytes for reading here and there: in place where they can be had so, else spooled.
    fn blob(&mut self, at: &At) -> Result<Blob> {
        let in_place = match at {
            At::Path(path) => Some(Blob::file(File::open(path)?)?),
            At::Blob(blob) => Some(blob.clone()),
            At::Zip(packed) => packed.stored().cloned(),
            At::Gzip(_) | At::Zstd(_) | At::Parquet(..) => None,
        };
        match in_place {
            Some(blob) => Ok(blob),
            None => Blob::spool(at.open()?, &mut self.allowance),
        }
    }

    fn tar(&mut self, at: &At, path: &str, place: Place, depth: u32) -> Result<()> {
        let mut contents = Contents::new(at.open()?, |path| left_out(path).is_none());
        let blob = Blob::spool(&mut contents, &mut self.allowance)?;
        let (within, place) = inside(path, place);
        for member in contents.members {
            let (start, length) = member.range.unwrap_or_default();
            let bytes = blob.slice(start, length).unwrap_or_else(|| Blob::memory(Vec::new()));
            self.probe_or_skip(At::Blob(bytes), format!("{within}{}", member.path), place, depth + 1)?;
        }
        Ok(())
    }

    /// How much of the next member's beginning is kept: less when there are very many members.
    fn head_limit(&self) -> usize {
        match self.heads >> 20 {
            0..128 => decode::HEAD,
            128..256 => 32 << 10,
            256..384 => 4 << 10,
            _ => 512,
        }
    }

    fn member(&self, at: At, path: String, place: Place) -> Member {
        let written = match place {
            Place::Input => self.input.to_owned(),
            Place::Folder => format!("{}/{path}", self.input.trim_end_matches('/')),
            Place::Archive => format!("{}!{path}", self.input),
        };
        Member::new(self.input, path, written, at)
    }

    fn skipped(&mut self, at: At, path: String, place: Place, reason: &'static str, words: String) {
        let member = self.member(at, path, place);
        self.found.push(Found { member, head: Vec::new(), whole: true, kind: Kind::Skipped(reason, words) });
    }
}

#[derive(Debug, PartialEq, Eq)]
enum Magic {
    None,
    Zip,
    Gzip,
    Zstd,
    Tar,
    Parquet,
}

fn magic(head: &[u8]) -> Magic {
    match head {
        [b'P', b'K', 3, 4, ..] | [b'P', b'K', 5, 6, ..] | [b'P', b'K', 7, 8, ..] => Magic::Zip,
        [0x1f, 0x8b, ..] => Magic::Gzip,
        [0x28, 0xb5, 0x2f, 0xfd, ..] | [0x50..=0x5f, 0x2a, 0x4d, 0x18, ..] => Magic::Zstd,
        [b'P', b'A', b'R', b'1', ..] => Magic::Parquet,
        _ if tar::is_tar(head) => Magic::Tar,
        _ => Magic::None,
    }
}

/// Whether the name alone says that there is nothing to read.
fn left_out(path: &str) -> Option<(&'static str, &'static str)> {
    let name = path.rsplit(['/', '!']).next().unwrap_or(path);
    let folder = path.split(['/', '!']).any(|part| part == "__MACOSX");
    if folder || name.starts_with("._") || matches!(name, ".DS_Store" | "Thumbs.db" | "desktop.ini") {
        return Some(("resource_fork", ""));
    }
    let extension = name.rsplit_once('.').map(|(_, extension)| extension.to_ascii_lowercase())?;
    MEDIA.binary_search(&extension.as_str()).is_ok().then_some(("media", ""))
}

fn relative(root: &Path, path: &Path) -> String {
    let inside: PathBuf = path.strip_prefix(root).unwrap_or(path).to_owned();
    let parts: Vec<_> = inside.components().map(|part| part.as_os_str().to_string_lossy()).collect();
    parts.join("/")
}

fn bare(mut path: String, extension: &str) -> String {
    if path.len() > extension.len() && path.ends_with(extension) {
        path.truncate(path.len() - extension.len());
    }
    path
}

fn without_gz(path: String) -> String {
    match path.strip_suffix(".tgz") {
        Some(stem) if !stem.is_empty() => format!("{stem}.tar"),
        _ => bare(path, ".gz"),
    }
}

fn too_many() -> Error {
    Error::new(ErrorKind::Limit, format!("more than {MAX_ENTRIES} files"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_that_are_left_out() {
        assert!(MEDIA.is_sorted());
        assert_eq!(left_out("a/__MACOSX/b.json").map(|r| r.0), Some("resource_fork"));
        assert_eq!(left_out("a/IMG_1.JPG").map(|r| r.0), Some("media"));
        assert_eq!(left_out("a.zip!conversations.json"), None);
        assert_eq!(left_out("jpg"), None);
    }
}
