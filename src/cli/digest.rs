//! Digests of what is read and written, so that a run can be told from another.

use std::fs::{self, File};
use std::io::{self, Read, Write};
use std::path::Path;

use sha2::{Digest, Sha256};

use crate::report::InputFile;

/// Bytes on their way to a file, with their number and, where it is wanted, their digest.
pub(super) struct Digested {
    pub(super) out: Box<dyn Write + Send>,
    sha: Option<Sha256>,
    pub(super) bytes: u64,
}

impl Digested {
    pub(super) fn new(out: Box<dyn Write + Send>) -> Digested {
        Digested { out, sha: Some(Sha256::new()), bytes: 0 }
    }

    /// Only the number is wanted: digesting takes a tenth of a scan.
    pub(super) fn without(out: Box<dyn Write + Send>) -> Digested {
        Digested { out, sha: None, bytes: 0 }
    }

    /// The same digest, going on into another file.
    pub(super) fn go_on(self, out: Box<dyn Write + Send>) -> Digested {
        Digested { out, ..self }
    }

    /// SHA-256 of the bytes so far; empty where it was not wanted.
    pub(super) fn hex(&self) -> String {
        self.sha.clone().map_or_else(String::new, |sha| hex(&sha.finalize()))
    }
}

impl Write for Digested {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let written = self.out.write(bytes)?;
        if let Some(sha) = &mut self.sha {
            sha.update(&bytes[..written]);
        }
        self.bytes += written as u64;
        Ok(written)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.out.flush()
    }
}

/// SHA-256 of a text.
pub(super) fn of_text(text: &str) -> String {
    hex(&Sha256::digest(text.as_bytes()))
}

/// Reads to the end.
pub(super) fn of_file(mut file: impl Read) -> io::Result<Digested> {
    let mut digested = Digested::new(Box::new(io::sink()));
    let mut buffer = vec![0; 1 << 20];
    loop {
        match file.read(&mut buffer) {
            Ok(0) => return Ok(digested),
            Ok(length) => digested.write_all(&buffer[..length])?,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
}

/// Size and digest of an input: of a file, its bytes; of a folder, the list of its files with their digests, which tells
/// nothing of their names. What comes through a pipe cannot be had again, and has none.
pub(super) fn of_input(path: &str) -> InputFile {
    let mut input = InputFile { path: path.to_owned(), bytes: 0, sha256: None };
    let place = Path::new(path);
    if path == "-" {
        return input;
    }
    if let Some((bytes, sha256)) = of_plain_file(place) {
        (input.bytes, input.sha256) = (bytes, Some(sha256));
    } else if place.is_dir() {
        let mut lines = Vec::new();
        folder(place, place, &mut lines);
        lines.sort();
        input.bytes = lines.iter().map(|(_, bytes, _)| bytes).sum();
        let list: Vec<String> = lines.iter().map(|(name, bytes, sha)| format!("{name}\0{bytes}\0{sha}\n")).collect();
        input.sha256 = Some(of_text(&list.concat()));
    }
    input
}

fn of_plain_file(path: &Path) -> Option<(u64, String)> {
    fs::metadata(path).ok().filter(fs::Metadata::is_file)?;
    let digested = of_file(File::open(path).ok()?).ok()?;
    Some((digested.bytes, digested.hex()))
}

fn folder(root: &Path, path: &Path, lines: &mut Vec<(String, u64, String)>) {
    let Ok(entries) = fs::read_dir(path) else { return };
    for entry in entries.flatten() {
        let path = entry.path();
        if entry.file_type().is_ok_and(|kind| kind.is_dir()) {
            folder(root, &path, lines);
        } else if let Some((bytes, sha)) = of_plain_file(&path) {
            let inside = path.strip_prefix(root).unwrap_or(&path);
            let parts: Vec<_> = inside.components().map(|part| part.as_os_str().to_string_lossy()).collect();
            lines.push((parts.join("/"), bytes, sha));
        }
    }
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}
