//! Bytes at rest that several readers share: an open file, or memory, or a slice of either.
//!
//! Reads carry their own position, so that many members of one archive can be read at the same time.

use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom, Write};
use std::sync::Arc;

use crate::error::{Error, ErrorKind, Result};

/// Up to here, spooled bytes stay in memory; beyond, they go to an unlinked temporary file.
const IN_MEMORY: u64 = 64 << 20;

/// Shared bytes.
#[derive(Debug, Clone)]
pub(crate) struct Blob {
    source: Source,
    start: u64,
    len: u64,
}

#[derive(Debug, Clone)]
enum Source {
    File(Arc<File>),
    Memory(Arc<[u8]>),
}

/// How much may still be spooled for one input.
#[derive(Debug)]
pub(crate) struct Allowance {
    /// Bytes that may still be kept in memory.
    pub(crate) memory: u64,
    /// Bytes that may still be spooled at all.
    pub(crate) total: u64,
    /// Temporary files that may still be opened.
    pub(crate) files: u32,
}

impl Blob {
    /// The bytes of an open file.
    pub(crate) fn file(file: File) -> io::Result<Blob> {
        let len = file.metadata()?.len();
        Ok(Blob { source: Source::File(Arc::new(file)), start: 0, len })
    }

    /// Bytes in memory.
    pub(crate) fn memory(bytes: impl Into<Arc<[u8]>>) -> Blob {
        let bytes = bytes.into();
        Blob { len: bytes.len() as u64, start: 0, source: Source::Memory(bytes) }
    }

    /// Reads a stream to its end, into memory or a temporary file.
    pub(crate) fn spool(mut stream: impl Read, allowance: &mut Allowance) -> Result<Blob> {
        let in_memory = IN_MEMORY.min(allowance.memory);
        let mut head = Vec::new();
        (&mut stream).take(in_memory + 1).read_to_end(&mut head)?;
        let blob = if head.len() as u64 <= in_memory {
            allowance.memory -= head.len() as u64;
            Blob::memory(head)
        } else if allowance.files == 0 {
            return Err(Error::new(ErrorKind::Limit, "too many archives inside one another"));
        } else {
            allowance.files -= 1;
            let mut file = tempfile::tempfile()?;
            file.write_all(&head)?;
            drop(head);
            io::copy(&mut stream.take(allowance.total), &mut file)?;
            Blob::file(file)?
        };
        if blob.len > allowance.total {
            return Err(Error::new(ErrorKind::Limit, "the archives inside are over the size limit"));
        }
        allowance.total -= blob.len;
        Ok(blob)
    }

    /// A part of these bytes; none when it reaches beyond them.
    pub(crate) fn slice(&self, start: u64, len: u64) -> Option<Blob> {
        let end = start.checked_add(len)?;
        (end <= self.len).then(|| Blob { source: self.source.clone(), start: self.start + start, len })
    }

    /// How many bytes.
    pub(crate) fn len(&self) -> u64 {
        self.len
    }

    /// A reader from the start.
    pub(crate) fn reader(&self) -> BlobReader {
        BlobReader { blob: self.clone(), at: 0 }
    }
}

/// A positioned reader over a [`Blob`].
#[derive(Debug, Clone)]
pub(crate) struct BlobReader {
    blob: Blob,
    at: u64,
}

impl Read for BlobReader {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        let left = self.blob.len.saturating_sub(self.at);
        let wanted = usize::try_from(left).unwrap_or(usize::MAX).min(out.len());
        if wanted == 0 {
            return Ok(0);
        }
        let from = self.blob.start + self.at;
        let got = match &self.blob.source {
            Source::File(file) => read_at(file, &mut out[..wanted], from)?,
            Source::Memory(bytes) => {
                let from = from as usize;
                out[..wanted].copy_from_slice(&bytes[from..from + wanted]);
                wanted
            }
        };
        self.at += got as u64;
        Ok(got)
    }
}

impl Seek for BlobReader {
    fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
        let at = match to {
            SeekFrom::Start(at) => Some(at),
            SeekFrom::End(by) => self.blob.len.checked_add_signed(by),
            SeekFrom::Current(by) => self.at.checked_add_signed(by),
        };
        self.at = at.ok_or_else(|| io::Error::new(io::ErrorKind::InvalidInput, "seek before the start"))?;
        Ok(self.at)
    }
}

#[cfg(unix)]
fn read_at(file: &File, out: &mut [u8], at: u64) -> io::Result<usize> {
    std::os::unix::fs::FileExt::read_at(file, out, at)
}

#[cfg(windows)]
fn read_at(file: &File, out: &mut [u8], at: u64) -> io::Result<usize> {
    std::os::windows::fs::FileExt::seek_read(file, out, at)
}

#[cfg(not(any(unix, windows)))]
fn read_at(mut file: &File, out: &mut [u8], at: u64) -> io::Result<usize> {
    static ONE_AT_A_TIME: std::sync::Mutex<()> = std::sync::Mutex::new(());
    let _guard = ONE_AT_A_TIME.lock();
    file.seek(SeekFrom::Start(at))?;
    file.read(out)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn slices_and_seeks_stay_inside() {
        let blob = Blob::memory(&b"0123456789"[..]);
        let part = blob.slice(2, 5).and_then(|b| b.slice(1, 3)).expect("inside");
        let mut text = String::new();
        part.reader().read_to_string(&mut text).expect("memory");
        assert_eq!(text, "345");
        assert!(blob.slice(8, 3).is_none());
        let mut reader = part.reader();
        reader.seek(SeekFrom::End(-1)).expect("seek");
        text.clear();
        reader.read_to_string(&mut text).expect("memory");
        assert_eq!(text, "5");
    }

    #[test]
    fn spooling_beyond_memory_uses_a_file_and_respects_the_total() {
        let mut allowance = Allowance { memory: 4, total: 20, files: 2 };
        let blob = Blob::spool(&b"0123456789"[..], &mut allowance).expect("fits");
        assert!(matches!(blob.source, Source::File(_)));
        let mut text = String::new();
        blob.reader().read_to_string(&mut text).expect("file");
        assert_eq!(text, "0123456789");
        assert!(Blob::spool(&b"0123456789abc"[..], &mut allowance).is_err());
    }
}
