//! `prevalence`: how common each category is, corrected for the classifier's errors.

use std::collections::BTreeMap;
use std::path::PathBuf;

use anyhow::Result;
use clap::Args;
use serde::Serialize;

use super::form::{FormArgs, Pages};
use super::{LexiconArgs, eval as gold, lexicon, output};
use crate::audit::count::Counter;
use crate::audit::errors::{GoldErrors, Known};
use crate::audit::prevalence::Row;
use crate::audit::survey::{Found, Survey};
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
    /// Only these categories; `any`: any listed one. Those on no policy's list count only where they are named here
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
    let survey = Survey {
        only: arguments.category.clone(),
        about: arguments.about.clone(),
        by: arguments.by.clone(),
        user: arguments.user.clone(),
        join: arguments.join.clone(),
        min_cell: arguments.min_cell,
        draws: arguments.bootstrap,
    };
    let labelled = (!arguments.gold.is_empty()).then(|| gold::gold(&arguments.gold, &eval::listed(&classifier)));
    let count = |counter: &mut Counter| {
        let add = &mut |line: &[u8], _| counter.add(&lines::record(line)?, line);
        arguments.paths.iter().try_for_each(|path| lines::each_line(path, add))
    };
    let Found { categories, errors, unjudged, shares: found, draws } =
        survey.take(&classifier, labelled.transpose()?, count)?;
    let mut pages = Pages::new(shares::tables(&found, errors.is_some()));
    pages.tidy = Some(shares::tidy(&found));
    let errors = errors.as_ref().map(|errors| of_categories(errors, &categories)).unwrap_or_default();
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
    let (about, min_cell, bootstrap) = (arguments.about.clone(), arguments.min_cell, draws);
    pages.write(&arguments.form, &Whole { about, min_cell, bootstrap, errors, unjudged, shares: found })
}

fn of_categories(errors: &GoldErrors, categories: &[String]) -> Vec<CategoryErrors> {
    let names = categories.iter().map(String::as_str).chain(["any"]);
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
