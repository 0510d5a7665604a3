//! `scan`: read, classify, tally, write.

use std::fs::{self, File};
use std::io::{BufWriter, Read, Write};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use anyhow::{Context, Result, bail};
use sha2::{Digest, Sha256};

use super::outcome::Outcome;
use super::progress::Bar;
use super::{DONE, DrawingArgs, FOUND, ScanArgs, lexicon, output};
use crate::ErrorKind;
use crate::chat::{Conversation, Role, Timestamp};
use crate::classify::Scratch;
use crate::crosscheck;
use crate::law::{self, Law};
use crate::policy::{self, Account, Policy};
use crate::read::{self, Catalog, FORMATS, Interest, Ledger};
use crate::report::{self, Manifest, Names, Report, Words};
use crate::scan::{Event, Scanner, Selection};
use crate::tally::Tally;

pub(super) fn run(arguments: &ScanArgs) -> Result<u8> {
    if let Some(threads) = arguments.threads {
        if threads == 0 {
            bail!("--threads must be at least 1");
        }
        rayon::ThreadPoolBuilder::new().num_threads(threads).build_global().context("--threads")?;
    }
    let job = Job::new(arguments)?;
    let (report, outcome) = job.read()?;
    job.write(&report, &outcome)?;
    let found = arguments.fail_on.iter().any(|id| job.found(&report, id));
    Ok(match outcome.code() {
        DONE if found => FOUND,
        code => code,
    })
}

/// Everything that a scan needs, made from the arguments.
struct Job<'a> {
    arguments: &'a ScanArgs,
    scanner: Scanner,
    names: Names,
    list: Option<&'static Law>,
    words: Words,
    shape: Option<Shape>,
}

/// The form of the records.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Shape {
    Lines,
    Table,
}

/// What comes of one batch.
struct Worked {
    tally: Tally,
    records: Vec<u8>,
}

impl<'a> Job<'a> {
    fn new(arguments: &'a ScanArgs) -> Result<Job<'a>> {
        let classifier = lexicon::load(&arguments.lexicon)?;
        let mut names = Names::of(&classifier.lexicon().taxonomy);
        for (topic, band) in &arguments.drawing.value {
            names.set_band(topic, *band)?;
        }
        let list = arguments.drawing.by.as_deref().map(law::find).transpose()?;
        for id in &arguments.fail_on {
            if !names.categories.iter().any(|category| category.id == *id) {
                let known: Vec<&str> = names.categories.iter().map(|category| category.id.as_str()).collect();
                bail!("--fail-on: no category `{id}`; there are {}", known.join(", "));
            }
        }
        let policy = Policy::builtin(&arguments.policy)?;
        let region = arguments.region.as_deref().map(policy::region).transpose()?;
        let roles: Vec<Role> = arguments
            .roles
            .iter()
            .map(|name| {
                Role::from_name(name)
                    .with_context(|| format!("--roles: `{name}` is none of user, assistant, participant"))
            })
            .collect::<Result<_>>()?;
        let account = Account {
            region,
            plan: arguments.plan.as_ref().map(|plan| plan.trim().to_ascii_lowercase()),
            linked: arguments.linked.iter().map(|app| app.trim().to_ascii_lowercase()).collect(),
            unlinked: arguments.unlinked.iter().map(|app| app.trim().to_ascii_lowercase()).collect(),
            as_if: arguments.as_if,
        };
        let since = arguments.since.as_deref().map(|day| first_moment(day, "--since")).transpose()?;
        // The last day is meant to be inside.
        let until = arguments.until.as_deref().map(|day| first_moment(day, "--until")).transpose()?;
        let selection = Selection { roles, since, until: until.map(|Timestamp(ms)| Timestamp(ms + 86_400_000)) };
        let scanner = Scanner { classifier, policy, account, selection, evidence: arguments.quote };
        let language = arguments.ui_lang.clone().unwrap_or_else(system_language);
        let words = Words::new(&language)
            .or_else(|error| if arguments.ui_lang.is_some() { Err(error) } else { Words::new("en") })?;
        let shape = arguments.records.as_deref().map(record_shape).transpose()?;
        Ok(Job { arguments, scanner, names, list, words, shape })
    }

    /// Reads and classifies every path; records are written on the way.
    fn read(&self) -> Result<(Report, Outcome)> {
        let basis = Arc::new(self.names.basis(&self.scanner.policy, self.list));
        let only = (self.arguments.read.format != "auto").then_some(self.arguments.read.format.as_str());
        let bar = Bar::new(!self.arguments.no_progress && !self.arguments.quiet);
        let mut records = self.arguments.records.as_deref().map(Records::create).transpose()?;
        if let (Some(records), Some(Shape::Table)) = (&mut records, self.shape) {
            let mut header = Vec::new();
            report::csv::Rows::default().header(&mut header, self.arguments.quote);
            records.write(&header)?;
        }
        let mut tally = Tally::new(Arc::clone(&basis));
        let mut ledger = Ledger::default();
        let mut inputs = Vec::new();
        let mut interests: Vec<Interest> = Vec::new();
        let mut outcome = Outcome::default();
        for path in &self.arguments.read.paths {
            bar.name(path);
            let planned = Catalog::open(path).and_then(|mut catalog| {
                let plan = read::plan(&mut catalog, only)?;
                interests.extend(FORMATS.iter().flat_map(|format| format.interests(&catalog)));
                Ok(plan)
            });
            let plan = match planned {
                Ok(plan) => plan,
                Err(error) if error.kind() == ErrorKind::Usage => return Err(error.into()),
                Err(error) => {
                    ledger.files.push(outcome.failed(path, &error));
                    continue;
                }
            };
            inputs.push(input_file(path));
            let mut stopped = None;
            let work =
                |batch: read::Batch<'_>| self.work(&batch.place, &batch.conversations, Tally::new(Arc::clone(&basis)));
            let collect = |worked: Worked| {
                tally.merge(worked.tally);
                let written = records.as_mut().map_or(Ok(()), |records| records.write(&worked.records));
                written.map_err(|error| {
                    let kind = error.kind();
                    stopped = Some(error);
                    std::io::Error::from(kind).into()
                })
            };
            let read = read::drive(&plan, work, collect, |progress| bar.show(progress));
            if let Some(error) = stopped {
                return Err(error.into());
            }
            let read = read?;
            outcome.read(path, &read);
            ledger.merge(read);
        }
        bar.clear();
        if let Some(records) = records {
            records.finish()?;
        }
        let report = Report {
            summary: tally.finish(),
            ledger,
            manifest: self.manifest(inputs),
            policy: self.scanner.policy.clone(),
            names: self.names.clone(),
            list: self.list,
            listed: crosscheck::place(interests, &self.scanner.classifier),
        };
        Ok((report, outcome))
    }

    /// Classifies some conversations: the part of the work that all threads share.
    fn work(&self, source: &str, conversations: &[Conversation], mut tally: Tally) -> Worked {
        let mut scratch = Scratch::default();
        let mut records = Vec::new();
        let mut rows = report::csv::Rows::default();
        for conversation in conversations {
            self.scanner.scan(&mut scratch, source, conversation, &mut |event| match event {
                Event::PassedOver(reason) => tally.pass_over(reason, 1),
                Event::Found(finding, message) => {
                    tally.add(&finding);
                    let quote = self.arguments.quote.then_some(message);
                    match self.shape {
                        Some(Shape::Lines) => report::record::write(&mut records, &finding, &self.names, quote),
                        Some(Shape::Table) => rows.row(&mut records, &finding, &self.names, quote),
                        None => {}
                    }
                }
            });
        }
        Worked { tally, records }
    }

    fn manifest(&self, inputs: Vec<report::InputFile>) -> Manifest {
        let arguments = self.arguments;
        let taxonomy = &self.scanner.classifier.lexicon().taxonomy;
        let options = report::Options {
            region: self.scanner.account.region.clone(),
            plan: self.scanner.account.plan.clone(),
            linked: self.scanner.account.linked.clone(),
            unlinked: self.scanner.account.unlinked.clone(),
            as_if: arguments.as_if,
            since: arguments.since.clone(),
            until: arguments.until.clone(),
            roles: arguments.roles.clone(),
            language: arguments.lexicon.lang.clone(),
            lexicons: arguments.lexicon.lexicon.iter().map(|path| path.display().to_string()).collect(),
            no_builtin: arguments.lexicon.no_builtin,
            format: (arguments.read.format != "auto").then(|| arguments.read.format.clone()),
            by: arguments.drawing.by.clone(),
            values: drawn_values(&arguments.drawing),
        };
        let thresholds = taxonomy.categories.iter().zip(self.scanner.classifier.thresholds());
        Manifest {
            version: env!("CARGO_PKG_VERSION").to_owned(),
            inputs,
            lexicon_sha256: self.scanner.classifier.lexicon().sha256().to_owned(),
            options,
            thresholds: thresholds.map(|(category, threshold)| (category.id.clone(), *threshold)).collect(),
        }
    }

    /// Writes the reports that were asked for, and the summary unless it would mix with one on standard output.
    fn write(&self, report: &Report, outcome: &Outcome) -> Result<()> {
        let mut stdout_taken = self.arguments.records.as_deref().is_some_and(is_stdout);
        if let Some(path) = &self.arguments.json {
            stdout_taken |= is_stdout(path);
            save(path, report::json::write(report).as_bytes())?;
        }
        if let Some(path) = &self.arguments.html {
            stdout_taken |= is_stdout(path);
            save(path, report::html::write(report, self.words)?.as_bytes())?;
        }
        if outcome.is_failure() {
            // There is nothing to sum up.
            outcome.complain();
        } else if !self.arguments.quiet && !stdout_taken {
            // Escapes are always written; the stream takes them out where nobody sees them.
            let style = report::terminal::Style { colour: true };
            output::write(report::terminal::write(report, self.words, style).as_bytes())?;
            outcome.complain_further();
        } else {
            outcome.complain();
        }
        Ok(())
    }

    fn found(&self, report: &Report, id: &str) -> bool {
        let categories = report.summary.categories.iter();
        categories.into_iter().any(|(category, tally)| self.names.category_id(*category) == id && tally.messages > 0)
    }
}

/// The value bands set by hand, as the manifest names them.
pub(super) fn drawn_values(drawing: &DrawingArgs) -> Vec<(String, String)> {
    drawing.value.iter().map(|(topic, band)| (topic.clone(), band.name().to_owned())).collect()
}

fn is_stdout(path: &Path) -> bool {
    path.as_os_str() == "-"
}

fn save(path: &Path, bytes: &[u8]) -> Result<()> {
    if is_stdout(path) {
        output::write(bytes)?;
        return Ok(());
    }
    let mut records = Records::create(path)?;
    records.write(bytes)?;
    records.finish()
}

/// A file that appears under its name only when it is complete, or standard output.
struct Records {
    out: BufWriter<Box<dyn Write + Send>>,
    rename: Option<(tempfile::TempPath, PathBuf)>,
}

impl Records {
    fn create(path: &Path) -> Result<Records> {
        if is_stdout(path) {
            let out: Box<dyn Write + Send> = Box::new(std::io::stdout());
            return Ok(Records { out: BufWriter::new(out), rename: None });
        }
        let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
        let place = || path.display().to_string();
        // A device or a pipe cannot be replaced by renaming.
        if fs::metadata(path).is_ok_and(|meta| !meta.is_file()) {
            let out: Box<dyn Write + Send> = Box::new(File::create(path).with_context(place)?);
            return Ok(Records { out: BufWriter::new(out), rename: None });
        }
        let (file, temporary) =
            tempfile::Builder::new().prefix(".offlimits-").tempfile_in(folder).with_context(place)?.into_parts();
        let out: Box<dyn Write + Send> = Box::new(file);
        Ok(Records { out: BufWriter::with_capacity(1 << 16, out), rename: Some((temporary, path.to_owned())) })
    }

    fn write(&mut self, bytes: &[u8]) -> std::io::Result<()> {
        self.out.write_all(bytes)
    }

    fn finish(mut self) -> Result<()> {
        self.out.flush()?;
        if let Some((temporary, path)) = self.rename {
            temporary.persist(&path).with_context(|| path.display().to_string())?;
        }
        Ok(())
    }
}

fn record_shape(path: &Path) -> Result<Shape> {
    if is_stdout(path) {
        return Ok(Shape::Lines);
    }
    match path.extension().and_then(|extension| extension.to_str()) {
        Some("jsonl" | "ndjson") => Ok(Shape::Lines),
        Some("csv") => Ok(Shape::Table),
        Some("parquet") => bail!("{}: this version cannot write Parquet; use .jsonl or .csv", path.display()),
        _ => bail!("{}: the ending says the form of the records: .jsonl or .csv", path.display()),
    }
}

/// The first moment of a day, in UTC.
fn first_moment(day: &str, option: &str) -> Result<Timestamp> {
    let date: jiff::civil::Date = day.parse().map_err(|_| anyhow::anyhow!("{option}: write the day as YYYY-MM-DD"))?;
    let start = date.to_zoned(jiff::tz::TimeZone::UTC)?;
    Ok(Timestamp(start.timestamp().as_millisecond()))
}

/// Size and digest of a plain file. A digest of what comes through a pipe, or of a folder, cannot be had again.
fn input_file(path: &str) -> report::InputFile {
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

/// The language that the system speaks, as far as its environment says.
fn system_language() -> String {
    let named =
        ["LC_ALL", "LC_MESSAGES", "LANG"].iter().find_map(|name| std::env::var(name).ok().filter(|v| !v.is_empty()));
    let named = named.unwrap_or_default();
    named.split(['_', '.', '-']).next().unwrap_or_default().to_ascii_lowercase()
}
