//! `rescope`: another question to records that were saved.

use std::sync::Arc;

use anyhow::{Result, bail};

use super::outcome::Outcome;
use super::records::{Form, Records, Target};
use super::reports::Made;
use super::writing::{drawn_values, first_moment};
use super::{RescopeArgs, digest, output};
use crate::audit::lines;
use crate::error::{Error, ErrorKind};
use crate::law;
use crate::lexicon::Lexicon;
use crate::policy::Account;
use crate::read::Ledger;
use crate::read::ledger::FileLine;
use crate::report::reread::{Changes, Reader};
use crate::report::{self, Manifest, Names, Report};
use crate::tally::Tally;

pub(super) fn run(arguments: &RescopeArgs) -> Result<u8> {
    arguments.report.check_group(&[("--records", arguments.report.records.is_some())])?;
    if let Some(path) = arguments.paths.iter().find(|path| path.to_lowercase().ends_with(".csv")) {
        bail!(
            "{path}: records in CSV cannot be asked again; write them with `scan --records FILE.jsonl` or FILE.parquet"
        );
    }
    let lexicon = Lexicon::builtin()?;
    let mut names = Names::of(&lexicon.taxonomy);
    for (topic, band) in &arguments.drawing.value {
        names.set_band(topic, *band)?;
    }
    let list = arguments.drawing.by.as_deref().map(law::find).transpose()?;
    let (policy, account) = (arguments.policy.policy()?, arguments.policy.account()?);
    let words = arguments.report.words()?;
    let sent = arguments.sent.as_deref().map(|day| first_moment(day, "--sent")).transpose()?;
    let mut work = Work {
        reader: Reader::new(&policy, &account, &names, lexicon.tags().collect()).sent(sent),
        names: &names,
        tally: Tally::new(Arc::new(names.basis(&policy, list))),
        records: Output::new(arguments)?,
        changes: Changes::default(),
        ledger: Ledger::default(),
        outcome: Outcome::default(),
        unwritten: None,
    };
    for path in &arguments.paths {
        work.file(path)?;
    }
    let Work { tally, records, changes, ledger, outcome, .. } = work;
    records.finish()?;
    let summary = tally.finish();
    let ledger = Ledger { conversations: summary.conversations, ..ledger };
    let manifest = manifest(arguments, &account);
    let report = Report {
        summary,
        ledger,
        manifest,
        policy: policy.clone(),
        names: names.clone(),
        list,
        listed: Vec::new(),
        told: Default::default(),
    };
    arguments.report.write(&report, words, &outcome, &Made::default())?;
    if let Some(changes) = changes.line().filter(|_| !arguments.report.quiet) {
        output::note(&words.fill("rescope-changes", &[("list", &changes)]));
    }
    Ok(outcome.code())
}

fn manifest(arguments: &RescopeArgs, account: &Account) -> Manifest {
    Manifest {
        version: env!("CARGO_PKG_VERSION").to_owned(),
        inputs: arguments.paths.iter().map(|path| digest::of_input(path)).collect(),
        options: report::Options {
            region: account.region.clone(),
            plan: account.plan.clone(),
            linked: account.linked.clone(),
            unlinked: account.unlinked.clone(),
            as_if: account.as_if,
            roles: vec!["user".to_owned()],
            by: arguments.drawing.by.clone(),
            values: drawn_values(&arguments.drawing),
            ..report::Options::default()
        },
        ..Manifest::default()
    }
}

/// New records, where they are asked for.
struct Output {
    file: Option<(Records, Form)>,
    rows: report::csv::Rows,
    buffer: Vec<u8>,
}

impl Output {
    fn new(arguments: &RescopeArgs) -> Result<Output> {
        let mut output = Output { file: None, rows: report::csv::Rows::default(), buffer: Vec::new() };
        if let Some(path) = &arguments.report.records {
            if arguments.paths.iter().any(|input| std::path::Path::new(input) == path) && path.as_os_str() != "-" {
                bail!("{}: would replace the records that are read", path.display());
            }
            let mut target = Target::new(path, None)?;
            if target.form == Form::Table {
                output.rows.header(&mut target.header, false);
            }
            let form = target.form;
            output.file = Some((Records::create(target)?, form));
        }
        Ok(output)
    }

    fn write(&mut self, finding: &crate::finding::Finding, names: &Names) -> Result<()> {
        match &self.file {
            Some((_, Form::Lines | Form::Columns)) => report::record::write(&mut self.buffer, finding, names, None),
            Some((_, Form::Table)) => self.rows.row(&mut self.buffer, finding, names, None),
            None => {}
        }
        if let Some((file, _)) = &mut self.file {
            file.write(&self.buffer, &[self.buffer.len()])?;
            self.buffer.clear();
        }
        Ok(())
    }

    fn finish(self) -> Result<()> {
        self.file.map_or(Ok(()), |(file, _)| file.finish().map(drop))
    }
}

struct Work<'a> {
    reader: Reader<'a>,
    names: &'a Names,
    tally: Tally,
    records: Output,
    changes: Changes,
    ledger: Ledger,
    outcome: Outcome,
    /// Why a record could not be written.
    unwritten: Option<anyhow::Error>,
}

impl Work<'_> {
    fn file(&mut self, path: &str) -> Result<()> {
        let (mut ledger, mut trouble) = (Ledger::default(), None);
        let each = &mut |line: &[u8], number| self.line(line, number, &mut ledger, &mut trouble);
        let read = match path {
            // As it comes: a scan may still be writing it.
            "-" => lines::each_line_of(std::io::stdin(), path, each),
            _ => lines::each_line(path, each),
        };
        if let Some(error) = self.unwritten.take() {
            return Err(error);
        }
        if let Err(error) = read {
            if ledger.bytes == 0 {
                let line = self.outcome.failed(path, &error);
                self.ledger.files.push(line);
                return Ok(());
            }
            return Err(error.into());
        }
        let line =
            |reason, detail: String| FileLine { place: path.to_owned(), format: Some("records"), reason, detail };
        ledger.files.push(match trouble {
            Some(detail) => line(Some("unreadable"), detail),
            None => line(None, String::new()),
        });
        self.outcome.read(path, &ledger, None);
        self.ledger.merge(ledger);
        Ok(())
    }

    /// One line; notes what went wrong first.
    fn line(
        &mut self,
        line: &[u8],
        number: u64,
        ledger: &mut Ledger,
        trouble: &mut Option<String>,
    ) -> crate::Result<()> {
        ledger.bytes += line.len() as u64;
        match self.reader.read(line) {
            Ok(finding) => {
                ledger.messages += 1;
                self.changes.add(line, &finding.scope);
                self.tally.add(&finding);
                if let Err(error) = self.records.write(&finding, self.names) {
                    self.unwritten = Some(error);
                    return Err(Error::new(ErrorKind::Io, "the new records cannot be written"));
                }
            }
            Err(error) => {
                ledger.skip("bad_record", 1);
                trouble.get_or_insert_with(|| format!("line {number}: {}", error.message()));
            }
        }
        Ok(())
    }
}
