//! `sample`: messages to be coded by hand.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};
use clap::Args;

use super::outcome::Outcome;
use super::progress::Bar;
use super::{LexiconArgs, agreement, lexicon, output, writing};
use crate::ErrorKind;
use crate::audit::lines;
use crate::audit::sample::{Candidate, Cut, NEAR, Pool};
use crate::audit::sheet;
use crate::chat::{Conversation, Message};
use crate::classify::{Classifier, Request, Scratch};
use crate::finding::Finding;
use crate::policy::{Account, Policy};
use crate::read::{self, Catalog};
use crate::scan::{Event, Scanner, Selection};
use crate::table::{Table, thousands};

const EXAMPLES: &str = "\
Examples:
  offlimits sample corpus.jsonl --n 300 --quote --out coding      two sheets with text, and the key
  offlimits sample corpus.jsonl --n 600 --coders 3 --sheets jsonl --quote --out coding
  offlimits sample records.parquet --n 300 --out coding           ids only; no near misses in records

Writes coder-1.csv, coder-2.csv … (each in an order of its own, without scores) and key.jsonl (strata, probabilities, what
the scan said: not for coders). Then: offlimits agreement, adjudicate, prevalence.";

#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(super) struct SampleArgs {
    /// Exports and corpora, as for scan; or records that scan wrote
    #[arg(required = true, value_name = "RECORDS|PATH")]
    paths: Vec<String>,
    /// How many messages
    #[arg(long, short, value_name = "N")]
    n: usize,
    /// What strata are cut by: category, score, lang
    #[arg(long, value_name = "LIST", value_delimiter = ',', default_value = "category,score")]
    by: Vec<String>,
    /// The seed: another one draws another sample
    #[arg(long, default_value_t = 1, value_name = "N")]
    seed: u64,
    /// Put the text into the sheets, because coding needs it; without it they hold ids only
    #[arg(long, help_heading = "Output")]
    quote: bool,
    /// The folder to write to; must not hold a sample already
    #[arg(long, value_name = "FOLDER", help_heading = "Output")]
    out: PathBuf,
    /// How many coders, a sheet each
    #[arg(long, default_value_t = 2, value_name = "N", help_heading = "Output")]
    coders: u64,
    /// Form of the sheets
    #[arg(long, default_value = "csv", value_name = "FORM", value_parser = ["csv", "jsonl"], help_heading = "Output")]
    sheets: String,
    #[command(flatten, next_help_heading = "Lexicon")]
    lexicon: LexiconArgs,
}

pub(super) fn run(arguments: &SampleArgs) -> Result<u8> {
    let mut cuts = Vec::new();
    for name in &arguments.by {
        cuts.push(Cut::from_name(name).with_context(|| format!("--by: `{name}` is none of category, score, lang"))?);
    }
    let key = arguments.out.join("key.jsonl");
    if key.exists() {
        bail!("{}: holds a sample already; coded sheets must not be overwritten", arguments.out.display());
    }
    let drawer = Drawer::new(&lexicon::load(&arguments.lexicon)?, arguments.quote)?;
    let mut pool = Pool::new(&cuts, arguments.seed, arguments.n);
    let mut outcome = Outcome::default();
    for path in &arguments.paths {
        match lines::are_records(path) {
            Ok(true) => {
                drawer.records(path, &mut pool)?;
                outcome.good();
            }
            Ok(false) => drawer.corpus(path, &mut pool, &mut outcome)?,
            Err(error) => {
                outcome.failed(path, &error);
            }
        }
    }
    let offered = pool.offered();
    if offered > 0 {
        let sample = pool.draw();
        write(arguments, &sample, &key)?;
        output::write(summary(&sample, offered, arguments).as_bytes())?;
    }
    outcome.complain();
    Ok(outcome.code())
}

/// Writes the sheets and the key.
fn write(arguments: &SampleArgs, sample: &[Candidate], key: &Path) -> Result<()> {
    std::fs::create_dir_all(&arguments.out).with_context(|| arguments.out.display().to_string())?;
    let categories = agreement::categories()?;
    for coder in 1..=arguments.coders {
        let name = format!("coder-{coder}.{}", arguments.sheets);
        let text = sheet::blank(sample, &categories, arguments.sheets == "jsonl", arguments.seed.wrapping_add(coder));
        writing::save(&arguments.out.join(name), text.as_bytes())?;
    }
    let mut lines = String::new();
    for candidate in sample {
        writeln!(lines, "{}", serde_json::to_string(candidate)?)?;
    }
    writing::save(key, lines.as_bytes())
}

fn summary(sample: &[Candidate], offered: u64, arguments: &SampleArgs) -> String {
    let mut strata: BTreeMap<&str, (u64, u64)> = BTreeMap::new();
    for candidate in sample {
        strata.insert(&candidate.stratum, (candidate.stratum_size, candidate.stratum_drawn));
    }
    let title = format!("{} of {} messages, {} strata", sample.len(), thousands(offered), strata.len());
    let mut table = Table::new(title, ["stratum", "messages", "drawn", "each stands for"]);
    for (name, (size, drawn)) in strata {
        let weight = format!("{:.1}", size as f64 / drawn.max(1) as f64);
        table.row([name.to_owned(), thousands(size), drawn.to_string(), weight]);
    }
    table.note(format!(
        "Bands: near (a score of {NEAR} up to the threshold), low (from the threshold), 0.7+, 0.9+; none: no score. Sheets and \
         key are in {}. Coders should not see the key. Messages in languages without a lexicon are left out.",
        arguments.out.display()
    ));
    if !arguments.quote {
        table.note("The sheets hold ids only; --quote puts the text in.");
    }
    let mut out = String::new();
    table.text(&mut out);
    out
}

/// Offers messages to a pool.
struct Drawer {
    scanner: Scanner,
    /// Reports near misses as well.
    near: Classifier,
    quote: bool,
}

impl Drawer {
    fn new(classifier: &Classifier, quote: bool) -> Result<Drawer> {
        let mut near = classifier.clone();
        for (category, threshold) in classifier.lexicon().taxonomy.categories.iter().zip(classifier.thresholds()) {
            near.set_threshold(&category.id, threshold.min(NEAR))?;
        }
        let scanner = Scanner {
            classifier: classifier.clone(),
            policy: Policy::builtin("meta-ai-ads")?,
            account: Account::default(),
            selection: Selection::default(),
            evidence: false,
        };
        Ok(Drawer { scanner, near, quote })
    }

    fn records(&self, path: &str, pool: &mut Pool) -> Result<()> {
        lines::each_line(path, &mut |line, _| {
            let record = lines::record(line)?;
            let judged = record.lang == "und" || self.near.lexicon().tags().any(|tag| tag == record.lang);
            if !judged && record.sensitive.is_empty() {
                return Ok(());
            }
            let said = record.sensitive.iter();
            let candidate = Candidate {
                source: record.source.as_ref().to_owned(),
                conversation_id: record.conversation_id.as_ref().to_owned(),
                message_id: record.message_id.as_deref().map(str::to_owned),
                index: record.index,
                role: record.role.as_ref().to_owned(),
                lang: record.lang.as_ref().to_owned(),
                said: said.clone().map(|said| (said.category.to_string(), said.disclosure.to_string())).collect(),
                scores: said.map(|said| (said.category.to_string(), said.score)).collect(),
                ..Candidate::default()
            };
            pool.offer(candidate, &|| record.text.as_deref().filter(|_| self.quote).map(str::to_owned));
            Ok(())
        })?;
        Ok(())
    }

    fn corpus(&self, path: &str, pool: &mut Pool, outcome: &mut Outcome) -> Result<()> {
        let planned = Catalog::open(path).and_then(|mut catalog| read::plan(&mut catalog, None));
        let plan = match planned {
            Ok(plan) => plan,
            Err(error) if error.kind() == ErrorKind::Usage => return Err(error.into()),
            Err(error) => {
                outcome.failed(path, &error);
                return Ok(());
            }
        };
        let bar = Bar::new(true);
        bar.name(path);
        let rules = pool.rules();
        let work = |batch: read::Batch<'_>| {
            let (mut scratch, mut spare, mut own) = (Scratch::default(), Scratch::default(), rules.clone());
            for conversation in &batch.conversations {
                self.conversation((&mut scratch, &mut spare), &batch.place, conversation, &mut own);
            }
            own
        };
        let ledger = read::drive(
            &plan,
            work,
            |own| {
                pool.merge(own);
                Ok(())
            },
            |progress| bar.show(progress, 0),
        )?;
        bar.clear();
        outcome.read(path, &ledger, plan.advice);
        Ok(())
    }

    fn conversation(
        &self,
        (scratch, spare): (&mut Scratch, &mut Scratch),
        source: &str,
        conversation: &Conversation,
        pool: &mut Pool,
    ) {
        self.scanner.scan(scratch, source, conversation, &mut |event| {
            let Event::Found(finding, message) = event else { return };
            // Nobody asked the classifier, so it has no errors to be measured.
            if !finding.assessment.judged {
                return;
            }
            let candidate = self.candidate(spare, finding, message);
            pool.offer(candidate, &|| self.quote.then(|| whole_text(message)));
        });
    }

    fn candidate(&self, scratch: &mut Scratch, finding: Finding, message: &Message) -> Candidate {
        let taxonomy = &self.near.lexicon().taxonomy;
        let mut parts: Vec<&str> = vec![&message.text];
        parts.extend(message.attachments.iter().map(String::as_str));
        let stated = Some(finding.assessment.language.as_str());
        let request =
            Request { parts: &parts, role: message.role, stated, context: None, before: &[], evidence: false };
        let near = self.near.assess(scratch, &request);
        let mut scores: BTreeMap<String, f64> = BTreeMap::new();
        // A near miss is one of the message itself; what it was flagged for counts as the scan has it.
        for verdict in near.sensitive.iter().chain(&finding.assessment.sensitive) {
            scores
                .insert(taxonomy.category(verdict.category).id.clone(), (f64::from(verdict.score) * 1e4).round() / 1e4);
        }
        let said = finding.assessment.sensitive.iter();
        Candidate {
            source: finding.source.as_ref().to_owned(),
            conversation_id: finding.conversation_id.as_ref().to_owned(),
            message_id: finding.message_id,
            index: finding.index,
            role: finding.role.name().to_owned(),
            lang: finding.assessment.language.clone(),
            said: said.map(|v| (taxonomy.category(v.category).id.clone(), v.disclosure.name().to_owned())).collect(),
            scores,
            ..Candidate::default()
        }
    }
}

/// What was classified: the text, then the attachments.
fn whole_text(message: &Message) -> String {
    let mut text = message.text.clone();
    for attachment in &message.attachments {
        text.push_str("\n\n");
        text.push_str(attachment);
    }
    text
}
