//! `eval`: scores against labelled rows.

use std::path::PathBuf;

use anyhow::{Result, bail};
use clap::Args;

use super::form::{FormArgs, Pages};
use super::{LexiconArgs, lexicon};
use crate::eval::{self, Gold, Question, tables};

const EXAMPLES: &str = "\
Examples:
  offlimits eval tests/gold/en.jsonl                        the scores, with 95 % intervals
  offlimits eval gold.jsonl --calibration --thresholds      are scores probabilities; which thresholds
  offlimits eval gold.jsonl --thresholds --precision 0.95   the thresholds for a wanted precision
  offlimits eval gold.csv --mistakes --quote                what was judged wrongly, with its text
  offlimits eval gold.jsonl --csv > scores.csv              one row a language x category x disclosure

A row: {\"id\",\"lang\",\"role\",\"text\",\"labelled\":[…],\"sensitive\":[…],\"disclosure\":{…},\"topics\":[…],\"intent\"}.
`labelled` names what is known of it (\"disclosure\", \"topics\", \"intent\" too); all else is unknown, never a negative. A .csv has the columns
id, lang, text, labelled (a;b, or all) and sensitive (health:self;union:topic). Rows of a stratified sample (`offlimits
sample`, `adjudicate`) carry weights, and are scored for the corpus as well.";

#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(super) struct EvalArgs {
    /// Files of labelled rows (JSON lines or CSV)
    #[arg(required = true, value_name = "GOLD")]
    gold: Vec<PathBuf>,
    /// Bootstrap draws for the intervals of F1; 0 for none
    #[arg(long, default_value_t = 1000, value_name = "N")]
    bootstrap: u32,
    /// By whom a message is about: self, other, topic
    #[arg(long, help_heading = "Tables")]
    disclosure: bool,
    /// Which category is taken for which
    #[arg(long, help_heading = "Tables")]
    confusion: bool,
    /// Reliability table, Brier score and calibration error of the scores
    #[arg(long, help_heading = "Tables")]
    calibration: bool,
    /// Suggest a threshold for each category, for the highest F1
    #[arg(long, help_heading = "Tables")]
    thresholds: bool,
    /// Suggest the threshold with the highest recall at this precision instead
    #[arg(long, value_name = "P", requires = "thresholds", help_heading = "Tables")]
    precision: Option<f64>,
    /// List the ids of wrongly judged rows
    #[arg(long, help_heading = "Tables")]
    mistakes: bool,
    /// Show the text of wrongly judged rows
    #[arg(long, requires = "mistakes", help_heading = "Tables")]
    quote: bool,
    #[command(flatten)]
    form: FormArgs,
    #[command(flatten, next_help_heading = "Lexicon")]
    lexicon: LexiconArgs,
}

/// Reads the gold rows of several files.
pub(super) fn gold(paths: &[PathBuf], listed: &[String]) -> Result<Vec<Gold>> {
    let mut rows = Vec::new();
    for path in paths {
        let place = path.display().to_string();
        let text = std::fs::read_to_string(path).map_err(|e| crate::Error::from(e).at(&place))?;
        rows.extend(eval::read_gold(&place, &text)?);
    }
    if rows.is_empty() {
        bail!("no rows");
    }
    eval::spell_out(&mut rows, listed);
    Ok(rows)
}

pub(super) fn run(arguments: &EvalArgs) -> Result<u8> {
    if arguments.precision.is_some_and(|precision| !(0.0..=1.0).contains(&precision)) {
        bail!("--precision must be within 0..1");
    }
    let classifier = lexicon::load(&arguments.lexicon)?;
    let rows = gold(&arguments.gold, &eval::listed(&classifier))?;
    let question = Question { resamples: arguments.bootstrap, precision: arguments.precision };
    let evaluation = eval::evaluate_with(&classifier, &rows, &question);
    let sections = tables::Sections {
        disclosure: arguments.disclosure,
        confusion: arguments.confusion,
        calibration: arguments.calibration,
        thresholds: arguments.thresholds,
    };
    let mut pages = Pages::new(tables::tables(&evaluation, sections));
    let text = |row: usize| rows[row].text.clone();
    let mistakes = tables::mistakes(&evaluation, arguments.quote.then_some(&text));
    if arguments.mistakes {
        pages.tables.push(mistakes);
        pages.tidy = pages.tables.last().cloned();
    } else {
        pages.tidy = Some(tables::tidy(&evaluation));
    }
    pages.note("Intervals are 95 %: Wilson for shares, bootstrap over rows for F1.");
    if !(arguments.calibration || arguments.thresholds || arguments.mistakes) {
        pages.note("See also --disclosure, --confusion, --calibration, --thresholds, --mistakes.");
    }
    pages.write(&arguments.form, &evaluation)
}
