//! `prevalence`: how common each category is, corrected for the classifier's errors.

use std::collections::BTreeMap;
use std::path::PathBuf;

use anyhow::{Result, bail};
use clap::Args;
use serde::Serialize;

use super::form::{FormArgs, Pages};
use super::{LexiconArgs, eval as gold, lexicon, output};
use crate::audit::count::{Counted, Counter, Question};
use crate::audit::errors::{GoldErrors, Known};
use crate::audit::join::Join;
use crate::audit::prevalence::{Row, Unit, Wanted, rows};
use crate::audit::{lines, shares};
use crate::eval;
use crate::stats::prevalence::Errors;

const EXAMPLES: &str = "\
Examples:
  offlimits scan corpus.jsonl --records records.parquet --quiet
  offlimits prevalence records.parquet --gold gold.jsonl              by category, corrected
  offlimits prevalence records.parquet --gold gold.jsonl --by month,lang --min-cell 10
  offlimits prevalence records.jsonl --gold gold.jsonl --join wildchat.jsonl --by model,country --user hashed_ip
  offlimits prevalence records.jsonl --gold gold.jsonl --about self --csv > shares.csv

Gold rows must be like the corpus: same language, same kind of chat. Best are rows drawn from the corpus itself (`offlimits
sample`, then `adjudicate`), which come with weights. Give --lexicon and --threshold as in the scan.";

#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(super) struct PrevalenceArgs {
    /// Records that scan wrote: JSON lines or Parquet, plain or compressed; - for standard input
    #[arg(required = true, value_name = "RECORDS")]
    paths: Vec<String>,
    /// Labelled rows that tell the classifier's errors (as for eval; repeatable)
    #[arg(long, value_name = "GOLD", num_args = 1..)]
    gold: Vec<PathBuf>,
    /// Group by month, year, lang, platform, surface, source, role, or a column of the joined file (model, country …)
    #[arg(long, value_name = "COLUMN,...", value_delimiter = ',', help_heading = "Groups")]
    by: Vec<String>,
    /// The column that names a person (source where every file is a person's)
    #[arg(long, value_name = "COLUMN", help_heading = "Groups")]
    user: Option<String>,
    /// A file with a line a conversation (JSON lines or CSV; the corpus itself, too): its columns can be grouped by
    #[arg(long, value_name = "FILE", help_heading = "Groups")]
    join: Option<String>,
    /// Only these categories, and `any`
    #[arg(long, value_name = "LIST", value_delimiter = ',', help_heading = "Groups")]
    category: Vec<String>,
    /// Count only what is about the writer (self), somebody else (other), or nobody in particular (topic)
    #[arg(long, value_name = "WHOM", value_parser = ["self", "other", "topic"], help_heading = "Groups")]
    about: Option<String>,
    /// Hide what rests on fewer people (or conversations) than this
    #[arg(long, default_value_t = 0, value_name = "K", help_heading = "Output")]
    min_cell: u64,
    /// Draws for the intervals of corrected shares
    #[arg(long, default_value_t = 2000, value_name = "N", help_heading = "Output")]
    bootstrap: u32,
    #[command(flatten)]
    form: FormArgs,
    #[command(flatten, next_help_heading = "Lexicon")]
    lexicon: LexiconArgs,
}

/// What JSON shows.
#[derive(Debug, Serialize)]
struct Whole {
    about: Option<String>,
    min_cell: u64,
    bootstrap: u32,
    errors: Vec<CategoryErrors>,
    unjudged: BTreeMap<String, u64>,
    shares: Vec<Row>,
}

#[derive(Debug, Serialize)]
struct CategoryErrors {
    category: String,
    gold: f64,
    not_gold: f64,
    sensitivity: f64,
    specificity: f64,
    weighted: bool,
    outcomes: Errors,
}

pub(super) fn run(arguments: &PrevalenceArgs) -> Result<u8> {
    let classifier = lexicon::load(&arguments.lexicon)?;
    let listed = eval::listed(&classifier);
    if let Some(wrong) = arguments.category.iter().find(|id| *id != "any" && !listed.contains(id)) {
        bail!("--category: `{wrong}` is none of {}, any", listed.join(", "));
    }
    // Fewer cannot tell where 2.5 % end.
    let draws = arguments.bootstrap.max(100);
    let errors = if arguments.gold.is_empty() {
        None
    } else {
        let mut rows = gold::gold(&arguments.gold, &listed)?;
        // What the scan itself said, with the conversation before its eyes, is what the records hold.
        rows.iter_mut().filter(|row| row.said.is_some()).for_each(|row| row.text.clear());
        let answers = eval::answers(&classifier, &rows);
        Some(GoldErrors::of(&rows, &answers, &listed, arguments.about.as_deref(), draws))
    };
    let tags: Vec<String> = classifier.lexicon().tags().map(str::to_owned).collect();
    let Counted { groups, mut unjudged } = count(arguments, &listed, tags)?;
    unjudged.retain(|_, messages| *messages >= arguments.min_cell);
    let wanted =
        Wanted { categories: listed.clone(), only: arguments.category.clone(), draws, min_cell: arguments.min_cell };
    let found = rows(&groups, errors.as_ref(), &wanted);
    if !found.iter().any(|row| row.unit == Unit::Messages) {
        bail!("no records");
    }
    let mut pages = Pages::new(shares::tables(&found, errors.is_some()));
    pages.tidy = Some(shares::tidy(&found));
    let errors = errors.as_ref().map(|errors| of_categories(errors, &listed)).unwrap_or_default();
    if errors.is_empty() {
        pages.note(
            "These are shares of what the classifier flags, not of what is there: it misses some and flags others wrongly. \
             --gold corrects for that.",
        );
    }
    if let Some(note) = shares::unjudged(&unjudged) {
        pages.note(note);
    }
    for note in shares::notes(&found) {
        pages.note(note);
    }
    if arguments.min_cell > 1 && arguments.user.is_none() {
        output::note("offlimits: no --user is given, so --min-cell counts conversations, not people");
    }
    let (about, min_cell, bootstrap) = (arguments.about.clone(), arguments.min_cell, wanted.draws);
    pages.write(&arguments.form, &Whole { about, min_cell, bootstrap, errors, unjudged, shares: found })
}

fn count(arguments: &PrevalenceArgs, listed: &[String], languages: Vec<String>) -> Result<Counted> {
    let fields: Vec<String> = arguments.by.iter().chain(&arguments.user).cloned().collect();
    let join = arguments.join.as_deref().map(|path| Join::read(path, &fields)).transpose()?;
    let mut counter = Counter::new(Question {
        categories: listed.to_vec(),
        languages,
        about: arguments.about.clone(),
        by: arguments.by.clone(),
        user: arguments.user.clone(),
        join,
    });
    for path in &arguments.paths {
        lines::each_line(path, &mut |line, _| counter.add(&lines::record(line)?, line))?;
    }
    Ok(counter.finish()?)
}

fn of_categories(errors: &GoldErrors, listed: &[String]) -> Vec<CategoryErrors> {
    let names = listed.iter().map(String::as_str).chain(["any"]);
    let of = |(category, known): (&str, &Known)| {
        let (outcomes, (gold, not_gold)) = (known.errors(), known.rows());
        CategoryErrors {
            category: category.to_owned(),
            gold,
            not_gold,
            sensitivity: outcomes.sensitivity(),
            specificity: outcomes.specificity(),
            weighted: matches!(known, Known::Sampled(..)),
            outcomes,
        }
    };
    names.zip(errors.pooled()).map(of).collect()
}
