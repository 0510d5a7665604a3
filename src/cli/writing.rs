//! Files that appear whole or not at all.

use std::fs::{self, File};
use std::io::{BufWriter, Read, Write};
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};
use sha2::{Digest, Sha256};

use super::{DrawingArgs, PolicyArgs, interrupt, output};
use crate::chat::Timestamp;
use crate::policy::{self, Account, Policy};
use crate::report;

impl PolicyArgs {
    /// The profile that was asked for.
    pub(super) fn policy(&self) -> crate::Result<Policy> {
        Policy::builtin(&self.policy)
    }

    /// What is known of the account.
    pub(super) fn account(&self) -> crate::Result<Account> {
        let tidy = |name: &String| name.trim().to_ascii_lowercase();
        Ok(Account {
            region: self.region.as_deref().map(policy::region).transpose()?,
            plan: self.plan.as_ref().map(tidy),
            linked: self.linked.iter().map(tidy).collect(),
            unlinked: self.unlinked.iter().map(tidy).collect(),
            as_if: self.as_if,
        })
    }
}

/// The value bands set by hand, as the manifest names them.
pub(super) fn drawn_values(drawing: &DrawingArgs) -> Vec<(String, String)> {
    drawing.value.iter().map(|(topic, band)| (topic.clone(), band.name().to_owned())).collect()
}

/// The form of the records.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Shape {
    Lines,
    Table,
}

pub(super) fn is_stdout(path: &Path) -> bool {
    path.as_os_str() == "-"
}

pub(super) fn save(path: &Path, bytes: &[u8]) -> Result<()> {
    if is_stdout(path) {
        output::write(bytes)?;
        return Ok(());
    }
    let mut records = Records::create(path)?;
    records.write(bytes)?;
    records.finish()
}

/// A file that appears under its name only when it is complete, or standard output.
pub(super) struct Records {
    out: Out,
    rename: Option<(tempfile::TempPath, PathBuf)>,
}

/// A sink of bytes, or of records that become columns.
enum Out {
    Bytes(BufWriter<Box<dyn Write + Send>>),
    Columns(Box<report::parquet::Writer<BufWriter<Box<dyn Write + Send>>>>),
}

impl Records {
    pub(super) fn create(path: &Path) -> Result<Records> {
        if is_stdout(path) {
            let out: Box<dyn Write + Send> = Box::new(std::io::stdout());
            return Ok(Records { out: Out::Bytes(BufWriter::new(out)), rename: None });
        }
        let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
        let place = || path.display().to_string();
        // A device or a pipe cannot be replaced by renaming.
        if fs::metadata(path).is_ok_and(|meta| !meta.is_file()) {
            let out: Box<dyn Write + Send> = Box::new(File::create(path).with_context(place)?);
            return Ok(Records { out: Out::of(path, out), rename: None });
        }
        let (file, temporary) =
            tempfile::Builder::new().prefix(".offlimits-").tempfile_in(folder).with_context(place)?.into_parts();
        interrupt::begin(&temporary);
        let out: Box<dyn Write + Send> = Box::new(file);
        Ok(Records { out: Out::of(path, out), rename: Some((temporary, path.to_owned())) })
    }

    pub(super) fn write(&mut self, bytes: &[u8]) -> std::io::Result<()> {
        match &mut self.out {
            Out::Bytes(out) => out.write_all(bytes),
            Out::Columns(out) => out.write(bytes),
        }
    }

    pub(super) fn finish(self) -> Result<()> {
        match self.out {
            Out::Bytes(mut out) => out.flush()?,
            Out::Columns(out) => out.finish()?.flush()?,
        }
        if let Some((temporary, path)) = self.rename {
            let name = temporary.to_path_buf();
            interrupt::end(&name, || temporary.persist(&path)).with_context(|| path.display().to_string())?;
        }
        Ok(())
    }
}

impl Out {
    fn of(path: &Path, out: Box<dyn Write + Send>) -> Out {
        let out = BufWriter::with_capacity(1 << 16, out);
        match extension(path) {
            Some("parquet") => Out::Columns(Box::new(report::parquet::Writer::new(out))),
            _ => Out::Bytes(out),
        }
    }
}

fn extension(path: &Path) -> Option<&str> {
    path.extension().and_then(|extension| extension.to_str())
}

pub(super) fn record_shape(path: &Path) -> Result<Shape> {
    if is_stdout(path) {
        return Ok(Shape::Lines);
    }
    match extension(path) {
        // Columns are cut from the lines.
        Some("jsonl" | "ndjson" | "parquet") => Ok(Shape::Lines),
        Some("csv") => Ok(Shape::Table),
        _ => bail!("{}: the ending says the form of the records: .jsonl, .csv or .parquet", path.display()),
    }
}

/// Size and digest of a plain file. A digest of what comes through a pipe, or of a folder, cannot be had again.
pub(super) fn input_file(path: &str) -> report::InputFile {
    let mut input = report::InputFile { path: path.to_owned(), bytes: 0, sha256: None };
    let Ok(mut file) = File::open(path) else { return input };
    if !file.metadata().is_ok_and(|meta| meta.is_file()) {
        return input;
    }
    let (mut digest, mut buffer) = (Sha256::new(), vec![0; 1 << 16]);
    while let Ok(length) = file.read(&mut buffer) {
        if length == 0 {
            input.sha256 = Some(digest.finalize().iter().map(|byte| format!("{byte:02x}")).collect());
            break;
        }
        input.bytes += length as u64;
        digest.update(&buffer[..length]);
    }
    input
}

/// The first moment of a day, in UTC.
pub(super) fn first_moment(day: &str, option: &str) -> Result<Timestamp> {
    let date: jiff::civil::Date = day.parse().map_err(|_| anyhow::anyhow!("{option}: write the day as YYYY-MM-DD"))?;
    let start = date.to_zoned(jiff::tz::TimeZone::UTC)?;
    Ok(Timestamp(start.timestamp().as_millisecond()))
}
