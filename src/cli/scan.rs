//! `scan`: read, classify, tally, write.

use std::sync::Arc;

use anyhow::{Context, Result, bail};

use super::outcome::Outcome;
use super::progress::Bar;
use super::writing::{Records, Shape, drawn_values, first_moment, input_file, record_shape};
use super::{DONE, FOUND, ScanArgs, lexicon};
use crate::ErrorKind;
use crate::chat::{Conversation, Role, Timestamp};
use crate::classify::Scratch;
use crate::crosscheck;
use crate::law::{self, Law};
use crate::read::{self, Catalog, FORMATS, Interest, Ledger};
use crate::report::{self, Manifest, Names, Report, Told, Words};
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
    arguments.report.write(&report, job.words, &outcome)?;
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
        let shape = arguments.report.records.as_deref().map(record_shape).transpose()?;
        Ok(Job { arguments, scanner, names, list, words, shape })
    }

    /// Reads and classifies every path; records are written on the way.
    fn read(&self) -> Result<(Report, Outcome)> {
        let basis = Arc::new(self.names.basis(&self.scanner.policy, self.list));
        let only = (self.arguments.read.format != "auto").then_some(self.arguments.read.format.as_str());
        let bar = Bar::new(!self.arguments.no_progress && !self.arguments.report.quiet);
        let mut records = self.arguments.report.records.as_deref().map(Records::create).transpose()?;
        if let (Some(records), Some(Shape::Table)) = (&mut records, self.shape) {
            let mut header = Vec::new();
            report::csv::Rows::default().header(&mut header, self.arguments.quote);
            records.write(&header)?;
        }
        let mut tally = Tally::new(Arc::clone(&basis));
        let mut ledger = Ledger::default();
        let mut inputs = Vec::new();
        let mut interests: Vec<Interest> = Vec::new();
        let mut account = Told::default();
        let mut outcome = Outcome::default();
        for path in &self.arguments.read.paths {
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
            inputs.push(input_file(path));
            let mut stopped = None;
            // What a download says holds for its own chats, and never against what was given.
            let mut scanner = self.scanner.clone();
            scanner.account.region = scanner.account.region.or_else(|| by_download.region.clone());
            account.region = account.region.or(by_download.region);
            account.notice = account.notice.or(by_download.notice);
            let work = |batch: read::Batch<'_>| {
                self.work(&scanner, &batch.place, &batch.conversations, Tally::new(Arc::clone(&basis)))
            };
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
            outcome.read(path, &read, plan.advice);
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
            told: account,
        };
        Ok((report, outcome))
    }

    /// Classifies some conversations: the part of the work that all threads share.
    fn work(&self, scanner: &Scanner, source: &str, conversations: &[Conversation], mut tally: Tally) -> Worked {
        let mut scratch = Scratch::default();
        let mut records = Vec::new();
        let mut rows = report::csv::Rows::default();
        for conversation in conversations {
            scanner.scan(&mut scratch, source, conversation, &mut |event| match event {
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

    fn found(&self, report: &Report, id: &str) -> bool {
        let categories = report.summary.categories.iter();
        categories.into_iter().any(|(category, tally)| self.names.category_id(*category) == id && tally.messages > 0)
    }
}
