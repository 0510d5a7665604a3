//! `scan`: read, classify, tally, write.

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context, Result, bail};

use super::journal::{Entry, Journal};
use super::outcome::Outcome;
use super::progress::Bar;
use super::records::{Form, Records, Target, is_stdout};
use super::reports::Made;
use super::second::Inputs;
use super::writing::{drawn_values, first_moment, save};
use super::{DONE, FOUND, ScanArgs, digest, lexicon};
use crate::ErrorKind;
use crate::chat::{Role, Timestamp};
use crate::classify::Scratch;
use crate::crosscheck;
use crate::law::{self, Law};
use crate::policy::Policy;
use crate::read::{self, Catalog, FORMATS, Interest, Ledger};
use crate::report::quote::{Quote, Quotes};
use crate::report::{self, InputFile, Manifest, Names, Report, Told, Words};
use crate::scan::{Event, Scanner, Selection};
use crate::tally::Tally;

pub(super) fn run(arguments: &ScanArgs) -> Result<u8> {
    use_threads(arguments.threads)?;
    let mut job = Job::new(arguments)?;
    let (report, outcome, made) = job.read()?;
    arguments.report.write(&report, job.words, &outcome, &made)?;
    if let Some(path) = &arguments.run.manifest {
        let rounded = arguments.report.min_cell.map(|cell| report.rounded_down(cell));
        let shown = report::json::manifest(rounded.as_ref().unwrap_or(&report));
        let manifest = serde_json::to_string_pretty(&shown)? + "\n";
        save(path, manifest.as_bytes())?;
    }
    // Not before the last file stands: until then, an interrupted run can be gone on with.
    if let (Some(journal), Some(target)) = (job.journal.take(), &job.target) {
        journal.close(target);
    }
    let found = arguments.fail_on.iter().any(|id| job.found(&report, id));
    Ok(match outcome.code() {
        DONE if found => FOUND,
        code => code,
    })
}

/// Sets the number of threads, where one is asked for.
pub(super) fn use_threads(threads: Option<usize>) -> Result<()> {
    match threads {
        None => Ok(()),
        Some(0) => bail!("--threads must be at least 1"),
        Some(threads) => rayon::ThreadPoolBuilder::new().num_threads(threads).build_global().context("--threads"),
    }
}

/// Everything that a scan needs, made from the arguments.
pub(super) struct Job<'a> {
    arguments: &'a ScanArgs,
    scanner: Scanner,
    names: Names,
    list: Option<&'static Law>,
    words: Words,
    target: Option<Target>,
    tidy: Option<Target>,
    journal: Option<Journal>,
    /// Somebody will ask for the digests of inputs and records.
    pub(super) digests: bool,
    /// Only the digests of the records are wanted, not the records.
    pub(super) nowhere: bool,
    /// What the inputs are called in the records, where that is not what they are read from.
    pub(super) labels: Vec<String>,
}

/// What comes of one batch.
struct Worked {
    position: (usize, u32),
    tally: Tally,
    messages: u64,
    records: Vec<u8>,
    /// Where each record ends.
    ends: Vec<usize>,
    tidy: Vec<u8>,
    quotes: Quotes,
}

/// A batch in its input: both count up along the whole run.
type Position = (usize, (usize, u32));

impl<'a> Job<'a> {
    pub(super) fn new(arguments: &'a ScanArgs) -> Result<Job<'a>> {
        arguments.report.check_group(&[
            ("--records", arguments.report.records.is_some()),
            ("--tidy", arguments.tidy.is_some()),
            ("--quote", arguments.quote),
            ("--titles", arguments.titles),
        ])?;
        let tidy = arguments.tidy.as_deref().map(tidy_target).transpose()?;
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
        let (policy, account) = (arguments.policy.policy()?, arguments.policy.account()?);
        let roles: Vec<Role> = arguments
            .roles
            .iter()
            .map(|name| {
                Role::from_name(name)
                    .with_context(|| format!("--roles: `{name}` is none of user, assistant, participant"))
            })
            .collect::<Result<_>>()?;
        let since = arguments.since.as_deref().map(|day| first_moment(day, "--since")).transpose()?;
        // The last day is meant to be inside.
        let until = arguments.until.as_deref().map(|day| first_moment(day, "--until")).transpose()?;
        let selection = Selection { roles, since, until: until.map(|Timestamp(ms)| Timestamp(ms + 86_400_000)) };
        let scanner = Scanner { classifier, policy, account, selection, evidence: arguments.quote };
        let words = arguments.report.words()?;
        let run = &arguments.run;
        let records = arguments.report.records.as_deref();
        let mut target = records.map(|path| Target::new(path, run.partition_rows)).transpose()?;
        if let Some(target) = target.as_mut().filter(|target| target.form == Form::Table) {
            report::csv::Rows::default().header(&mut target.header, arguments.quote);
        }
        let job = Job {
            arguments,
            scanner,
            names,
            list,
            words,
            target,
            tidy,
            journal: None,
            digests: run.manifest.is_some() || run.resume || arguments.report.json.is_some(),
            nowhere: false,
            labels: Vec::new(),
        };
        if run.resume && job.target.is_none() {
            bail!("--resume needs --records FILE, beside which it keeps its journal");
        }
        if run.resume && job.tidy.is_some() {
            bail!("--resume writes records alone; --tidy can be made of them by a run without it");
        }
        if run.resume && arguments.read.paths.iter().any(|path| path == "-") {
            bail!("--resume: standard input cannot be read again");
        }
        Ok(job)
    }

    /// Where the records go, and how far an interrupted run has come.
    fn open(&mut self) -> Result<(Option<Records>, Option<Entry>)> {
        let Some(target) = self.target.clone() else { return Ok((None, None)) };
        if self.nowhere {
            return Ok((Some(Records::nowhere(target)), None));
        }
        if !self.arguments.run.resume {
            let records = Records::create(target)?;
            return Ok((Some(if self.digests { records } else { records.undigested() }), None));
        }
        let mut asked = report::json::asked(&self.manifest(Vec::new()), &self.scanner.policy);
        asked["paths"] = serde_json::json!(self.arguments.read.paths);
        asked["form"] = serde_json::json!((target.form.name(), target.part_rows));
        let every = Duration::try_from_secs_f64(self.arguments.run.checkpoint).context("--checkpoint")?;
        let (journal, left) = Journal::open(&target, asked, every)?;
        self.journal = Some(journal);
        let records = Records::kept(target, left.as_ref().map(|left| left.records.clone()))?;
        Ok((Some(records), left))
    }

    /// Reads and classifies every path; records are written on the way.
    pub(super) fn read(&mut self) -> Result<(Report, Outcome, Made)> {
        let (mut records, left) = self.open()?;
        let mut journal = self.journal.take();
        let basis = Arc::new(self.names.basis(&self.scanner.policy, self.list));
        let only = (self.arguments.read.format != "auto").then_some(self.arguments.read.format.as_str());
        let mut tidy = self.tidy.clone().map(Records::create).transpose()?.map(Records::undigested);
        let visible = !self.arguments.no_progress && !self.arguments.report.quiet;
        let bar = Bar::new(visible);
        let mut second = Inputs::new(visible);
        let (mut quotes, mut messages) = (Quotes::default(), 0);
        let counted = std::cell::Cell::new(0);
        let (done, before) = left.map_or((None, Vec::new()), |left| (Some((left.last, left.tally)), left.inputs));
        let (done, mut tally) = match done {
            Some((last, saved)) => (Some(last), Tally::load(Arc::clone(&basis), saved)),
            None => (None, Tally::new(Arc::clone(&basis))),
        };
        let mut last = done.unwrap_or_default();
        let mut ledger = Ledger::default();
        let mut inputs = Vec::new();
        let mut interests: Vec<Interest> = Vec::new();
        let mut account = Told::default();
        let mut outcome = Outcome::default();
        for (number, path) in self.arguments.read.paths.iter().enumerate() {
            bar.name(path);
            let planned = Catalog::open(path).and_then(|mut catalog| {
                let plan = read::plan(&mut catalog, only)?;
                interests.extend(FORMATS.iter().flat_map(|format| format.interests(&catalog)));
                Ok((plan, Told::of(&catalog)))
            });
            let (plan, by_download) = match planned {
                Ok(plan) => plan,
                Err(error) if error.kind() == ErrorKind::Usage => return Err(error.into()),
                Err(error) => {
                    ledger.files.push(outcome.failed(path, &error));
                    continue;
                }
            };
            let label = self.labels.get(number).unwrap_or(path);
            let input = if self.digests { digest::of_input(path) } else { InputFile::default() };
            let input = InputFile { path: label.clone(), ..input };
            if before.get(inputs.len()).is_some_and(|before| *before != input) {
                bail!("{path}: is not what it was when the run was interrupted; delete the journal to begin anew");
            }
            let place = inputs.len();
            inputs.push(input);
            let mut stopped = None;
            // What a download says holds for its own chats, and never against what was given.
            let mut scanner = self.scanner.clone();
            scanner.account.region = scanner.account.region.or_else(|| by_download.region.clone());
            account.region = account.region.or(by_download.region);
            account.notice = account.notice.or(by_download.notice);
            let is_done = |position| done.is_some_and(|done: Position| (place, position) <= done);
            let work = |batch: read::Batch<'_>| {
                if is_done(batch.position) {
                    return None;
                }
                let source = batch.place.strip_prefix(path.as_str()).map(|inside| format!("{label}{inside}"));
                let source = source.as_deref().unwrap_or(&batch.place);
                Some(self.work(&scanner, source, &batch, Tally::new(Arc::clone(&basis))))
            };
            let collect = |worked: Option<Worked>| {
                let Some(worked) = worked else { return Ok(()) };
                last = (place, worked.position);
                tally.merge(worked.tally);
                quotes.merge(worked.quotes);
                messages += worked.messages;
                counted.set(messages);
                let mut keep = || -> Result<()> {
                    if let Some(tidy) = &mut tidy {
                        tidy.write(&worked.tidy, &[worked.tidy.len()])?;
                    }
                    let Some(records) = &mut records else { return Ok(()) };
                    records.write(&worked.records, &worked.ends)?;
                    match &mut journal {
                        Some(journal) if journal.is_due() => journal.note(&inputs, last, records, tally.save()),
                        _ => Ok(()),
                    }
                };
                keep().map_err(|error| {
                    stopped = Some(error);
                    std::io::Error::other("the records could not be written").into()
                })
            };
            let read = read::drive(&plan, work, collect, |progress| bar.show(progress, counted.get()));
            if let Some(error) = stopped {
                bar.clear();
                return Err(if journal.is_some() {
                    error.context("stopped; --resume will go on from here")
                } else {
                    error
                });
            }
            let read = read?;
            outcome.read(path, &read, plan.advice);
            second.add(plan);
            ledger.merge(read);
        }
        bar.clear();
        let mut manifest = self.manifest(inputs);
        if let (Some(mut records), Some(target)) = (records, &self.target) {
            records.seal()?;
            if let Some(journal) = &mut journal {
                journal.note(&manifest.inputs, last, &mut records, tally.save())?;
            }
            manifest.records = Some(report::WrittenRecords {
                path: target.path.display().to_string(),
                form: target.form.name().to_owned(),
                part_rows: target.part_rows,
                parts: records.finish()?,
            });
        }
        if let Some(tidy) = tidy {
            tidy.finish()?;
        }
        self.journal = journal;
        let report = Report {
            summary: tally.finish(),
            ledger,
            manifest,
            policy: self.scanner.policy.clone(),
            names: self.names.clone(),
            list: self.list,
            listed: crosscheck::place(interests, &self.scanner.classifier),
            told: account,
        };
        let quotes = self.browsable().then_some(quotes);
        let stdout_taken = self.arguments.tidy.as_deref().is_some_and(is_stdout);
        Ok((report, outcome, Made { inputs: Some(second), quotes, titles: self.arguments.titles, stdout_taken }))
    }

    /// Whether messages go into the page.
    fn browsable(&self) -> bool {
        self.arguments.quote && self.arguments.report.html.is_some()
    }

    /// Classifies some conversations: the part of the work that all threads share.
    fn work(&self, scanner: &Scanner, source: &str, batch: &read::Batch<'_>, mut tally: Tally) -> Worked {
        let mut scratch = Scratch::default();
        let (mut records, mut ends, mut tidy, mut quotes) = (Vec::new(), Vec::new(), Vec::new(), Quotes::default());
        let mut rows = report::csv::Rows::default();
        let form = self.target.as_ref().map(|target| target.form);
        let messages = batch.conversations.iter().map(|one| one.messages.len() as u64).sum();
        for conversation in &batch.conversations {
            scanner.scan(&mut scratch, source, conversation, &mut |event| match event {
                Event::PassedOver(reason) => tally.pass_over(reason, 1),
                Event::Found(finding, message) => {
                    tally.add(&finding);
                    if self.arguments.tidy.is_some() {
                        report::tidy::rows(&mut tidy, &finding, &self.names);
                    }
                    if self.browsable() {
                        Quote::of(&finding, message, &self.names).into_iter().for_each(|quote| quotes.add(quote));
                    }
                    let quote = self.arguments.quote.then_some(message);
                    match form {
                        Some(Form::Lines | Form::Columns) => {
                            report::record::write(&mut records, &finding, &self.names, quote);
                        }
                        Some(Form::Table) => rows.row(&mut records, &finding, &self.names, quote),
                        None => return,
                    }
                    ends.push(records.len());
                }
            });
        }
        Worked { position: batch.position, tally, messages, records, ends, tidy, quotes }
    }

    pub(super) fn manifest(&self, inputs: Vec<report::InputFile>) -> Manifest {
        let arguments = self.arguments;
        let lexicon = self.scanner.classifier.lexicon();
        let taxonomy = &lexicon.taxonomy;
        let options = report::Options {
            region: self.scanner.account.region.clone(),
            plan: self.scanner.account.plan.clone(),
            linked: self.scanner.account.linked.clone(),
            unlinked: self.scanner.account.unlinked.clone(),
            as_if: arguments.policy.as_if,
            since: arguments.since.clone(),
            until: arguments.until.clone(),
            roles: arguments.roles.clone(),
            language: arguments.lexicon.lang.clone(),
            lexicons: arguments.lexicon.lexicon.iter().map(|path| path.display().to_string()).collect(),
            no_builtin: arguments.lexicon.no_builtin,
            format: (arguments.read.format != "auto").then(|| arguments.read.format.clone()),
            by: arguments.drawing.by.clone(),
            values: drawn_values(&arguments.drawing),
            thresholds: arguments.lexicon.threshold.clone(),
            quote: arguments.quote,
            min_cell: arguments.report.min_cell,
        };
        let thresholds = taxonomy.categories.iter().zip(self.scanner.classifier.thresholds());
        Manifest {
            version: env!("CARGO_PKG_VERSION").to_owned(),
            build: format!("{} {}", std::env::consts::ARCH, std::env::consts::OS),
            inputs,
            lexicon_sha256: lexicon.sha256().to_owned(),
            lexicon_parts: if self.digests { lexicon.digests() } else { Vec::new() },
            policy_sha256: Policy::sha256(self.scanner.policy.id()),
            options,
            thresholds: thresholds.map(|(category, threshold)| (category.id.clone(), *threshold)).collect(),
            records: None,
        }
    }

    /// The policy that is asked.
    pub(super) fn policy(&self) -> &Policy {
        &self.scanner.policy
    }

    fn found(&self, report: &Report, id: &str) -> bool {
        let categories = report.summary.categories.iter();
        categories.into_iter().any(|(category, tally)| self.names.category_id(*category) == id && tally.messages > 0)
    }
}

/// Where the tidy table goes.
fn tidy_target(path: &Path) -> Result<Target> {
    if !is_stdout(path) && Target::new(path, None).ok().map(|target| target.form) != Some(Form::Table) {
        bail!("--tidy: {}: the table is written as CSV; let the name end in .csv", path.display());
    }
    let mut header = Vec::new();
    report::tidy::header(&mut header);
    Ok(Target { path: path.to_owned(), form: Form::Table, part_rows: None, header })
}
