//! Zip archives as lists of byte ranges, and streams that check what they inflate.

use std::io::{self, Read};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use flate2::Crc;
use zip::{CompressionMethod, ZipArchive};

use super::blob::Blob;
use crate::error::{Error, ErrorKind, Result};

/// More entries than this in one input are refused.
pub(crate) const MAX_ENTRIES: usize = 1_000_000;
/// A member that inflates to more than this is cut with an error.
pub(crate) const MAX_MEMBER: u64 = 8 << 30;

/// One file of a zip, found in its table of contents.
#[derive(Debug)]
pub(crate) struct ZipMember {
    /// The path inside, with `/` as the separator.
    pub(crate) path: String,
    /// Where its bytes are, or why they cannot be read: a reason code and words.
    pub(crate) bytes: std::result::Result<Packed, (&'static str, String)>,
}

/// A file's bytes inside a zip.
#[derive(Debug, Clone)]
pub(crate) struct Packed {
    blob: Blob,
    deflated: bool,
    /// Length after inflating, as the table of contents says.
    pub(crate) size: u64,
    crc: u32,
}

impl Packed {
    /// The bytes themselves when they are not compressed.
    pub(crate) fn stored(&self) -> Option<&Blob> {
        (!self.deflated).then_some(&self.blob)
    }

    /// A stream of the inflated bytes; ends in an error when they are not what the table of contents promised.
    pub(crate) fn open(&self) -> Box<dyn Read + Send> {
        let raw = io::BufReader::with_capacity(64 << 10, self.blob.reader());
        if self.deflated {
            Box::new(Checked::new(flate2::bufread::DeflateDecoder::new(raw), self.size, self.crc))
        } else {
            Box::new(Checked::new(raw, self.size, self.crc))
        }
    }
}

/// Lists a zip's files. Directories are left out.
pub(crate) fn list(blob: &Blob) -> Result<Vec<ZipMember>> {
    let mut archive = ZipArchive::new(blob.reader()).map_err(|error| why_not(blob, &error))?;
    if archive.len() > MAX_ENTRIES {
        return Err(Error::new(ErrorKind::Limit, format!("the zip lists more than {MAX_ENTRIES} files")));
    }
    let mut members = Vec::with_capacity(archive.len());
    let mut packed_bytes = 0u64;
    for index in 0..archive.len() {
        let (path, is_dir, encrypted) = {
            let entry = archive.by_index_data(index).map_err(|error| why_not(blob, &error))?;
            let path = match std::str::from_utf8(entry.name_raw()) {
                Ok(name) => name.to_owned(),
                // Apple's archiver writes UTF-8 without saying so; only other names are old code pages.
                Err(_) => entry
                    .name()
                    .map_or_else(|_| String::from_utf8_lossy(entry.name_raw()).into_owned(), |n| n.into_owned()),
            };
            packed_bytes = packed_bytes.saturating_add(entry.compressed_size());
            (path.replace('\\', "/").trim_start_matches('/').to_owned(), entry.is_dir(), entry.encrypted())
        };
        if is_dir || path.is_empty() || path.ends_with('/') {
            continue;
        }
        let bytes = if encrypted {
            Err(("encrypted", "unpack it with its password first".to_owned()))
        } else {
            locate(&mut archive, index, blob)
        };
        members.push(ZipMember { path, bytes });
    }
    // Entries that share bytes are the trick of zip bombs; without them the work is bounded by the archive's own length.
    if packed_bytes > blob.len() {
        return Err(Error::new(ErrorKind::Limit, "the zip's files overlap each other"));
    }
    Ok(members)
}

fn locate(
    archive: &mut ZipArchive<super::blob::BlobReader>,
    index: usize,
    blob: &Blob,
) -> std::result::Result<Packed, (&'static str, String)> {
    let unreadable = |words: &str| ("unreadable", words.to_owned());
    let entry = archive.by_index_raw(index).map_err(|_| unreadable("its place in the zip is damaged"))?;
    let deflated = match entry.compression() {
        CompressionMethod::Stored => false,
        CompressionMethod::Deflated => true,
        other => {
            return Err((
                "unreadable",
                format!("packed with a method that is not supported ({other}); unpack it first"),
            ));
        }
    };
    let start = entry.data_start().ok_or_else(|| unreadable("its place in the zip is damaged"))?;
    let part = blob.slice(start, entry.compressed_size()).ok_or_else(|| unreadable("the zip is cut short"))?;
    Ok(Packed { blob: part, deflated, size: entry.size(), crc: entry.crc32() })
}

fn why_not(blob: &Blob, error: &zip::result::ZipError) -> Error {
    use zip::result::ZipError;
    match error {
        ZipError::Io(error) if error.kind() != io::ErrorKind::UnexpectedEof => {
            Error::new(ErrorKind::Io, error.to_string())
        }
        ZipError::UnsupportedArchive(words) => {
            Error::new(ErrorKind::Malformed, format!("the zip is of a kind that cannot be read: {words}"))
        }
        _ => Error::new(
            ErrorKind::Malformed,
            format!(
                "the zip is cut short: its table of contents is missing or damaged ({} bytes are there); download it again",
                blob.len()
            ),
        ),
    }
}

/// Reads on until the promised length, and compares length and checksum at the end.
struct Checked<R> {
    inner: R,
    left: u64,
    crc: Crc,
    wanted: u32,
}

impl<R: Read> Checked<R> {
    fn new(inner: R, size: u64, wanted: u32) -> Self {
        Checked { inner, left: size, crc: Crc::new(), wanted }
    }

    fn finish(&mut self) -> io::Result<usize> {
        if self.left > 0 {
            return Err(io::Error::new(io::ErrorKind::UnexpectedEof, "the file in the zip is cut short"));
        }
        if self.inner.read(&mut [0])? > 0 {
            return Err(damaged("the file in the zip is longer than its table of contents says"));
        }
        if self.crc.sum() != self.wanted {
            return Err(damaged("the file in the zip is damaged (its checksum is wrong)"));
        }
        Ok(0)
    }
}

impl<R: Read> Read for Checked<R> {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        if out.is_empty() {
            return Ok(0);
        }
        let wanted = usize::try_from(self.left).unwrap_or(usize::MAX).min(out.len());
        let count = if wanted == 0 { 0 } else { self.inner.read(&mut out[..wanted])? };
        if count == 0 {
            return self.finish();
        }
        self.left -= count as u64;
        self.crc.update(&out[..count]);
        Ok(count)
    }
}

/// Cuts a stream with an error at a limit, and counts what goes through.
pub(crate) struct Capped<R> {
    inner: R,
    left: u64,
    meter: Option<Arc<AtomicU64>>,
}

impl<R> Capped<R> {
    /// A stream that may yield `limit` bytes.
    pub(crate) fn new(inner: R, limit: u64, meter: Option<Arc<AtomicU64>>) -> Self {
        Capped { inner, left: limit, meter }
    }
}

impl<R: Read> Read for Capped<R> {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        let count = self.inner.read(out)?;
        if let Some(meter) = &self.meter {
            meter.fetch_add(count as u64, Ordering::Relaxed);
        }
        self.left =
            self.left.checked_sub(count as u64).ok_or_else(|| damaged("the file is over the limit of 8 GiB"))?;
        Ok(count)
    }
}

/// An error about the bytes, in words.
pub(crate) fn damaged(words: &str) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, words.to_owned())
}
