//! Where records go: standard output, a file, or a folder of parts.
//!
//! Law: files and folders appear under their names when they are whole, or not at all. What is written is the same bytes
//! whether a run was interrupted in between or not, and at any number of threads.

use std::fs::{self, File, OpenOptions};
use std::io::{self, BufReader, BufWriter, Read, Write};
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};
use serde::{Deserialize, Serialize};

use super::digest::{Digested, of_file};
use super::interrupt;
use crate::report::{WrittenPart as Part, parquet};

/// Rows in a part of a folder, where nothing else is asked for.
const PART_ROWS: u64 = 1_000_000;

/// The form of the records.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Form {
    /// JSON lines.
    Lines,
    /// CSV.
    Table,
    /// Parquet, cut from the JSON lines.
    Columns,
}

impl Form {
    /// Its name, and the ending of its files.
    pub(super) fn name(self) -> &'static str {
        match self {
            Form::Lines => "jsonl",
            Form::Table => "csv",
            Form::Columns => "parquet",
        }
    }
}

/// What is to be written, and where.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Target {
    pub(super) path: PathBuf,
    pub(super) form: Form,
    /// Rows in a part, where the records are a folder of parts.
    pub(super) part_rows: Option<u64>,
    /// What stands at the head of every file.
    pub(super) header: Vec<u8>,
}

/// How far an interrupted run had come with its records.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Reached {
    /// Parts that are whole.
    pub(super) parts: Vec<Part>,
    /// Rows and bytes in the one that is not, and their digest.
    pub(super) rows: u64,
    pub(super) bytes: u64,
    pub(super) sha256: String,
}

pub(super) fn is_stdout(path: &Path) -> bool {
    path.as_os_str() == "-"
}

impl Target {
    /// The form by the ending; a folder holds Parquet unless its name says otherwise.
    pub(super) fn new(path: &Path, part_rows: Option<u64>) -> Result<Target> {
        let ending = path.extension().and_then(|extension| extension.to_str());
        let named_folder = path.as_os_str().to_string_lossy().ends_with(['/', std::path::MAIN_SEPARATOR]);
        let folder = named_folder || path.is_dir() || part_rows.is_some();
        let form = match ending {
            _ if is_stdout(path) => Form::Lines,
            Some("jsonl" | "ndjson") => Form::Lines,
            Some("csv") => Form::Table,
            Some("parquet") => Form::Columns,
            _ if folder => Form::Columns,
            _ => bail!("{}: the ending says the form of the records: .jsonl, .csv or .parquet", path.display()),
        };
        if part_rows == Some(0) {
            bail!("--partition-rows must be at least 1");
        }
        if folder && is_stdout(path) {
            bail!("--partition-rows: standard output has no parts");
        }
        let part_rows = folder.then(|| part_rows.unwrap_or(PART_ROWS));
        Ok(Target { path: path.to_owned(), form, part_rows, header: Vec::new() })
    }

    fn part_name(&self, number: usize) -> String {
        match self.part_rows {
            Some(_) => format!("part-{number:05}.{}", self.form.name()),
            None => self.path.file_name().map_or_else(String::new, |name| name.to_string_lossy().into_owned()),
        }
    }

    /// The folder that the path stands in.
    fn above(&self) -> &Path {
        self.path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."))
    }

    /// The path with something behind its name.
    pub(super) fn beside(&self, ending: &str) -> PathBuf {
        let name = self.path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
        self.above().join(format!("{name}.{ending}"))
    }
}

/// Where the bytes go.
enum Place {
    /// Standard output, a pipe or a device.
    Stream(Option<Box<dyn Write + Send>>),
    /// Nowhere: only the digest is wanted.
    Nowhere,
    /// Temporary files, renamed at the end; nothing is kept of a run that fails.
    Temporary(Option<tempfile::TempDir>),
    /// `.partial` files, kept when a run fails.
    Kept,
}

enum Out {
    Bytes(BufWriter<Digested>),
    Columns(Box<parquet::Writer<BufWriter<Digested>>>),
}

/// Takes records and writes them.
pub(super) struct Records {
    target: Target,
    place: Place,
    open: Option<Out>,
    rows: u64,
    parts: Vec<Part>,
    /// The file that a run without parts writes.
    single: Option<tempfile::TempPath>,
    /// Somebody will ask for the digests.
    digested: bool,
}

impl Records {
    pub(super) fn create(target: Target) -> Result<Records> {
        let special = || fs::metadata(&target.path).is_ok_and(|meta| !meta.is_file() && !meta.is_dir());
        let place = if is_stdout(&target.path) {
            Place::Stream(Some(Box::new(io::stdout())))
        } else if special() {
            // A device or a pipe cannot be replaced by renaming.
            let file = File::create(&target.path).with_context(|| target.path.display().to_string())?;
            Place::Stream(Some(Box::new(file)))
        } else if target.part_rows.is_some() {
            replaceable(&target.path)?;
            let folder = tempfile::Builder::new().prefix(".offlimits-").tempdir_in(target.above());
            let folder = folder.with_context(|| target.path.display().to_string())?;
            interrupt::begin(folder.path());
            Place::Temporary(Some(folder))
        } else {
            Place::Temporary(None)
        };
        Ok(Records::at(target, place))
    }

    /// The same, where nobody will ask for digests.
    pub(super) fn undigested(self) -> Records {
        Records { digested: false, ..self }
    }

    /// Records of which only the digest is wanted.
    pub(super) fn nowhere(target: Target) -> Records {
        Records::at(target, Place::Nowhere)
    }

    /// Records that outlive a run that fails; `reached`: go on from there.
    pub(super) fn kept(target: Target, reached: Option<Reached>) -> Result<Records> {
        if is_stdout(&target.path) || fs::metadata(&target.path).is_ok_and(|meta| !meta.is_file() && !meta.is_dir()) {
            bail!("--resume needs --records FILE: what went to a pipe cannot be taken back");
        }
        let mut records = Records::at(target, Place::Kept);
        if records.target.part_rows.is_some() {
            replaceable(&records.target.path)?;
            let stage = records.stage();
            if reached.is_none() && stage.exists() {
                fs::remove_dir_all(&stage).with_context(|| stage.display().to_string())?;
            }
            if reached.is_some() && !stage.exists() && records.target.path.is_dir() {
                // Stopped between its last name and the end of the run.
                fs::rename(&records.target.path, &stage).with_context(|| stage.display().to_string())?;
            }
            fs::create_dir_all(&stage).with_context(|| stage.display().to_string())?;
        }
        if let Some(reached) = reached {
            records.reopen(reached)?;
        }
        Ok(records)
    }

    fn at(target: Target, place: Place) -> Records {
        Records { target, place, open: None, rows: 0, parts: Vec::new(), single: None, digested: true }
    }

    /// The folder that parts are gathered in until all are there.
    fn stage(&self) -> PathBuf {
        match &self.place {
            Place::Temporary(Some(folder)) => folder.path().to_owned(),
            _ => self.target.beside("partial"),
        }
    }

    /// Where the part that is being written will stand when it is whole.
    fn whole(&self) -> PathBuf {
        match self.target.part_rows {
            Some(_) => self.stage().join(self.target.part_name(self.parts.len())),
            None => self.target.path.clone(),
        }
    }

    /// Where it stands until then.
    fn partial(&self) -> PathBuf {
        match self.target.part_rows {
            Some(_) => self.stage().join(format!("{}.partial", self.target.part_name(self.parts.len()))),
            None => self.target.beside("partial"),
        }
    }

    /// Goes on with what an earlier run has left, cut back to what its journal vouches for.
    fn reopen(&mut self, reached: Reached) -> Result<()> {
        (self.parts, self.rows) = (reached.parts, reached.rows);
        for part in &self.parts {
            let path =
                if self.target.part_rows.is_some() { self.stage().join(&part.name) } else { self.target.path.clone() };
            if !fs::metadata(&path).is_ok_and(|meta| meta.len() == part.bytes) {
                bail!("{}: is not what the interrupted run wrote; delete its journal to begin anew", path.display());
            }
        }
        let (partial, whole) = (self.partial(), self.whole());
        if !partial.exists() && whole.exists() && reached.bytes > 0 {
            // Stopped between its name and the journal's knowing of it.
            fs::rename(&whole, &partial).with_context(|| whole.display().to_string())?;
        }
        if reached.bytes == 0 {
            return Ok(());
        }
        let place = || partial.display().to_string();
        let mut file = OpenOptions::new().read(true).write(true).open(&partial).with_context(place)?;
        let digest = of_file((&mut file).take(reached.bytes))?;
        if (digest.bytes, digest.hex()) != (reached.bytes, reached.sha256) {
            bail!("{}: is not what the interrupted run wrote; delete it and its journal to begin anew", place());
        }
        file.set_len(reached.bytes).with_context(place)?;
        self.open = Some(Out::Bytes(BufWriter::with_capacity(1 << 16, digest.go_on(Box::new(file)))));
        Ok(())
    }

    /// How far the records have come, with everything on the disk.
    pub(super) fn reached(&mut self) -> Result<Reached> {
        let place = self.partial();
        let mut reached = Reached { parts: self.parts.clone(), rows: self.rows, ..Reached::default() };
        if let Some(Out::Bytes(out)) = &mut self.open {
            out.flush().with_context(|| place.display().to_string())?;
            File::open(&place).and_then(|file| file.sync_data()).with_context(|| place.display().to_string())?;
            (reached.bytes, reached.sha256) = (out.get_ref().bytes, out.get_ref().hex());
        }
        // Lines whose part is whole, and known to be, are needed no longer.
        if self.target.part_rows.is_some() {
            for number in 0..self.parts.len() {
                let _ = fs::remove_file(self.stage().join(format!("{}.partial", self.target.part_name(number))));
            }
        }
        Ok(reached)
    }

    /// Takes records; `ends` says where each ends.
    pub(super) fn write(&mut self, bytes: &[u8], ends: &[usize]) -> Result<()> {
        let (mut from, mut done) = (0, 0);
        while done < ends.len() {
            let room = self.target.part_rows.map_or(u64::MAX, |most| most - self.rows);
            let take = usize::try_from(room).unwrap_or(usize::MAX).min(ends.len() - done);
            let to = ends[done + take - 1];
            self.bytes(&bytes[from..to])?;
            self.rows += take as u64;
            (from, done) = (to, done + take);
            if self.target.part_rows == Some(self.rows) {
                self.close()?;
            }
        }
        Ok(())
    }

    fn bytes(&mut self, bytes: &[u8]) -> Result<()> {
        if self.open.is_none() {
            self.open()?;
        }
        let written = match &mut self.open {
            Some(Out::Bytes(out)) => out.write_all(bytes),
            Some(Out::Columns(out)) => out.write(bytes),
            None => Ok(()),
        };
        written.with_context(|| self.target.path.display().to_string())
    }

    /// Begins a part.
    fn open(&mut self) -> Result<()> {
        let path = self.target.path.display().to_string();
        let place = || path.clone();
        let (partial, whole) = (self.partial(), self.whole());
        let out: Box<dyn Write + Send> = match &mut self.place {
            Place::Stream(out) => out.take().context("standard output was closed")?,
            Place::Nowhere => Box::new(io::sink()),
            Place::Temporary(Some(_)) => Box::new(private(&whole).with_context(place)?),
            Place::Temporary(None) => {
                let file = tempfile::Builder::new().prefix(".offlimits-").tempfile_in(self.target.above());
                let (file, temporary) = file.with_context(place)?.into_parts();
                interrupt::begin(&temporary);
                self.single = Some(temporary);
                Box::new(file)
            }
            Place::Kept => Box::new(private(&partial).with_context(place)?),
        };
        let out = if self.digested { Digested::new(out) } else { Digested::without(out) };
        let out = BufWriter::with_capacity(1 << 16, out);
        let lines = matches!(self.place, Place::Kept) || self.target.form != Form::Columns;
        self.open = Some(if lines { Out::Bytes(out) } else { Out::Columns(Box::new(parquet::Writer::new(out))) });
        let header = self.target.header.clone();
        self.bytes(&header)
    }

    /// Ends a part.
    fn close(&mut self) -> Result<()> {
        let Some(out) = self.open.take() else { return Ok(()) };
        let path = self.target.path.display().to_string();
        let place = || path.clone();
        let mut out = match out {
            Out::Bytes(out) => out,
            Out::Columns(out) => out.finish().with_context(place)?,
        };
        out.flush().with_context(place)?;
        let mut digested = out.into_inner().map_err(|error| error.into_error()).with_context(place)?;
        if matches!(self.place, Place::Kept) {
            let (partial, whole) = (self.partial(), self.whole());
            if self.target.form == Form::Columns {
                digested = self.columns(&partial, &whole).with_context(place)?;
            } else {
                drop(std::mem::replace(&mut digested.out, Box::new(io::sink())));
                fs::rename(&partial, &whole).with_context(place)?;
            }
        }
        let name = self.target.part_name(self.parts.len());
        self.parts.push(Part { name, rows: self.rows, bytes: digested.bytes, sha256: digested.hex() });
        self.rows = 0;
        Ok(())
    }

    /// Cuts the lines that were kept into columns.
    fn columns(&self, lines: &Path, whole: &Path) -> Result<Digested> {
        // Always the same name, so that a run that goes on writes over what was left.
        let new = lines.with_extension("new");
        let out = BufWriter::with_capacity(1 << 16, Digested::new(Box::new(private(&new)?)));
        let mut writer = parquet::Writer::new(out);
        let mut lines = BufReader::with_capacity(1 << 20, File::open(lines)?);
        let mut buffer = vec![0; 1 << 20];
        loop {
            match lines.read(&mut buffer)? {
                0 => break,
                length => writer.write(&buffer[..length])?,
            }
        }
        let mut out = writer.finish()?;
        out.flush()?;
        let digested = out.into_inner().map_err(|error| error.into_error())?;
        fs::rename(&new, whole)?;
        Ok(digested)
    }

    /// Ends the last part; without a record, there is one empty part.
    pub(super) fn seal(&mut self) -> Result<()> {
        if self.open.is_none() && self.parts.is_empty() {
            self.open()?;
        }
        self.close()
    }

    /// Ends the last part, and gives everything its name.
    pub(super) fn finish(mut self) -> Result<Vec<Part>> {
        self.seal()?;
        let path = self.target.path.clone();
        let place = || path.display().to_string();
        if let Some(temporary) = self.single {
            let name = temporary.to_path_buf();
            interrupt::end(&name, || temporary.persist(&path)).with_context(place)?;
        }
        match self.place {
            Place::Temporary(Some(folder)) => {
                let stage = folder.keep();
                interrupt::end(&stage, || exchange(&stage, &path)).with_context(place)?;
            }
            Place::Kept if self.target.part_rows.is_some() => {
                let stage = self.target.beside("partial");
                for number in 0..self.parts.len() {
                    let _ = fs::remove_file(stage.join(format!("{}.partial", self.target.part_name(number))));
                }
                exchange(&stage, &path).with_context(place)?;
            }
            _ => {}
        }
        Ok(self.parts)
    }
}

/// A new file that is its owner's alone, as temporary files are: records are sensitive.
pub(super) fn private(path: &Path) -> io::Result<File> {
    let mut options = OpenOptions::new();
    options.write(true).create(true).truncate(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(path)
}

/// Whether a folder may be replaced: it is not there, or holds nothing but parts.
fn replaceable(path: &Path) -> Result<()> {
    let Ok(entries) = fs::read_dir(path) else {
        if path.is_file() {
            bail!("{}: is a file; records in parts need a folder", path.display());
        }
        return Ok(());
    };
    for entry in entries {
        let name = entry?.file_name().to_string_lossy().into_owned();
        if !name.starts_with("part-") {
            bail!("{}: holds other things than parts of records ({name})", path.display());
        }
    }
    Ok(())
}

/// Puts the finished folder in the place of an old one.
fn exchange(stage: &Path, path: &Path) -> io::Result<()> {
    if path.exists() {
        fs::remove_dir_all(path)?;
    }
    fs::rename(stage, path)
}
